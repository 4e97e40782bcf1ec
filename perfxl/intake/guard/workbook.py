"""The parts around the sheets: manifest, relations, workbook, styles, strings, custom properties."""

from __future__ import annotations

import re
from posixpath import dirname, normpath, split
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from . import xml
from .formats import BUILT_IN, NumberFormat, number_format
from .limits import Limits, RefusalError, too_large
from .sheet import Strings, Styles, check_text_length
from .texts import ESCAPE, PICTURE_FORMULA, SPECIAL, RichText, TextRun, is_on, is_special, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .package import Package

MANIFEST: Final = "[Content_Types].xml"
REPEATED: Final = "repeated"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types}"
_LINKS: Final = "http://schemas.openxmlformats.org/package/2006/relationships}"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_WORKBOOK_TYPES: Final = frozenset(
    (
        _OFFICE + "spreadsheetml.sheet.main+xml",
        _OFFICE + "spreadsheetml.template.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "application/vnd.ms-excel.template.macroEnabled.main+xml",
    )
)
STRINGS_TYPE: Final = _OFFICE + "spreadsheetml.sharedStrings+xml"
STYLES_TYPE: Final = _OFFICE + "spreadsheetml.styles+xml"
_ROOT: Final = "_rels/.rels"
_BINARY_TYPE: Final = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
LONGEST_FORMAT: Final = 255
"""Characters of a number format: Excel's own limit. What is longer hides what it does, and is taken for a format that does."""
ELEMENTS_PER_STYLE: Final = 16
"""Elements of a style sheet per cell format that the limit allows."""
_TEXT: Final = rb'<t(?: xml:space="preserve")?>[^<]*</t>'
_SI = re.compile(
    rb"<si>(?:" + _TEXT + rb"|(?:<r>(?:<rPr>(?:<[A-Za-z]+[^<>/:]{0,200}/>)*+</rPr>)?" + _TEXT + rb"</r>)++)"
    rb"(?:<phoneticPr[^<>/:]{0,200}/>)?</si>"
)
"""An entry of the string table, plain or in several fonts."""
_ODD = re.compile(rb"<strike|<vertAlign|&#|" + SPECIAL.pattern.encode())
"""What makes an entry in fonts of its own say something else than its characters, or may."""
_PLAIN_START: Final = b"<si><t>"
_PLAIN_END: Final = b"</t></si>"
_TABLE_START: Final = f'<sst xmlns="{xml.MAIN.rstrip("}")}">'.encode()
_DEPTH: Final = 6
"""Of the deepest element in such an entry, and one to spare."""


class Workbook(Struct, frozen=True):
    """What workbook.xml says, in its order."""

    sheets: tuple[tuple[str, str, bool], ...]
    """Title, relation id, hidden."""
    date1904: bool
    strict: bool
    full_calc_on_load: bool


def find_workbook(package: Package, limits: Limits) -> tuple[str, Mapping[str, str]]:
    """The workbook part, by the package's relation and else by the manifest, and what the manifest says of each part."""
    if MANIFEST not in package:
        raise _not_ours(package)
    types, defaults = _content_types(xml.normalised(package.read(MANIFEST), MANIFEST), MANIFEST, limits)
    books = [part for part, kind in types.items() if kind in _WORKBOOK_TYPES]
    found = books[0] if books else "xl/workbook.xml" if defaults & _WORKBOOK_TYPES else None
    if found is None:
        if _BINARY_TYPE in types.values():
            raise RefusalError("file-extension", ext=".xlsb")
        raise _not_ours(package)
    if len(books) > 1 and _ROOT in package:
        root = _relations(xml.normalised(package.read(_ROOT), _ROOT), _ROOT, limits).values()
        found = next((target for kind, target in root if kind == "officeDocument" and target in books), found)
    return found, types


def part_of_kind(links: Mapping[str, tuple[str, str]], kind: str, types: Mapping[str, str], content: str) -> str:
    """The one part of a kind: by relation, else by the manifest; empty where there is none."""
    related = {target for found, target in links.values() if found == kind}
    if len(related) > 1:
        raise RefusalError("file-duplicate-parts")
    return next(iter(related), next((part for part, found in types.items() if found == content), ""))


@xml.remembered
def _content_types(content: bytes, part: str, limits: Limits) -> tuple[Mapping[str, str], frozenset[str]]:
    """Part → its content type, and the types that are given to whole extensions."""
    types: dict[str, str] = {}
    defaults: set[str] = set()

    def start(name: str, attributes: Mapping[str, str], _depth: int) -> None:
        if name == _TYPES + "Override":
            types.setdefault(attributes.get("PartName", "").lstrip("/"), attributes.get("ContentType", ""))
        elif name == _TYPES + "Default":
            defaults.add(attributes.get("ContentType", ""))

    xml.parse(content, part, limits, start)
    return MappingProxyType(types), frozenset(defaults)


def _not_ours(package: Package) -> RefusalError:
    """Why a package without a workbook in its manifest is refused."""
    if "mimetype" in package and "content.xml" in package:
        return RefusalError("file-extension", ext=".ods")
    if "xl/workbook.xml" in package:
        return RefusalError("file-part-missing", part=MANIFEST)
    return RefusalError("file-not-a-workbook")


def relations(package: Package, owner: str, limits: Limits) -> Mapping[str, tuple[str, str]]:
    """Relation id → (last word of the type, part) of `owner`; targets outside the package are left out.

    An id that is given twice, to two parts, has the kind `REPEATED`: what it means depends on who reads.
    """
    folder, name = split(owner)
    part = f"{folder}/_rels/{name}.rels".lstrip("/")
    content = xml.normalised(package.read(part), part)
    return _relations(content, part, limits)


@xml.remembered
def _relations(content: bytes, part: str, limits: Limits) -> Mapping[str, tuple[str, str]]:
    folder = dirname(dirname(part))
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: Mapping[str, str], _depth: int) -> None:
        if name == _LINKS + "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            target = normpath(target.lstrip("/") if target.startswith("/") else f"{folder}/{target}")
            kind = attributes.get("Type", "").rpartition("/")[2]
            link = (kind, target.lstrip("/"))
            if found.setdefault(identity := attributes.get("Id", ""), link) != link:
                found[identity] = (REPEATED, "")

    xml.parse(content, part, limits, start)
    return MappingProxyType(found)


@xml.remembered
def read_workbook(content: bytes, part: str, limits: Limits) -> Workbook:
    """Titles, order and states of the sheets, and the flags that change how their cells are understood."""
    sheets: list[tuple[str, str, bool]] = []
    flags: dict[str, str | None] = {}

    def start(name: str, attributes: Mapping[str, str], depth: int) -> None:
        local = name.removeprefix(xml.MAIN)
        if local == "sheet" and depth == 3:
            hidden = attributes.get("state", "visible") != "visible"
            sheets.append((attributes.get("name", ""), attributes.get(xml.RELATION + "id", ""), hidden))
            if len(sheets) > limits.sheets:
                raise too_large("sheets", f">{limits.sheets}", limits.sheets)
        elif local == "workbookPr":
            flags["date1904"] = attributes.get("date1904")
        elif local == "calcPr":
            flags["fullCalcOnLoad"] = attributes.get("fullCalcOnLoad")
        elif depth == 1:
            flags["conformance"] = attributes.get("conformance")

    xml.parse(content, part, limits, start)
    strict = flags.get("conformance") == "strict"
    return Workbook(tuple(sheets), _is_true(flags.get("date1904")), strict, _is_true(flags.get("fullCalcOnLoad")))


def _is_true(flag: str | None) -> bool:
    return flag is not None and flag.lower() in ("1", "true", "on")


@xml.remembered
def read_styles(content: bytes, part: str, limits: Limits) -> Styles:
    """The cell formats that matter. No library reads the style sheet: whatever else is odd in it is nobody's business."""
    codes: dict[str, str] = {}
    fonts: list[bool] = []
    cells: list[tuple[str, str]] = []
    section, elements = "", 0

    def start(name: str, attributes: Mapping[str, str], depth: int) -> None:
        nonlocal section, elements
        elements += 1
        local = name.removeprefix(xml.MAIN)
        if depth == 2:
            section = local
        elif depth == 3 and section == "numFmts":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif depth == 3 and section == "cellXfs" and local == "xf":
            cells.append((attributes.get("numFmtId", "0"), attributes.get("fontId", "0")))
        elif section == "fonts":
            if depth == 3:
                fonts.append(False)
            elif local == "strike":
                fonts[-1] = is_on(attributes)
        if len(cells) > limits.styles or elements > ELEMENTS_PER_STYLE * limits.styles:
            raise too_large("styles", f">{limits.styles}", limits.styles)

    xml.parse(content, part, limits, start)
    return _styles(codes, fonts, cells)


def _styles(codes: Mapping[str, str], fonts: list[bool], cells: list[tuple[str, str]]) -> Styles:
    formats: dict[int, NumberFormat] = {}
    decimals: dict[int, int] = {}
    known = {number: _format(number, codes) for number in {number for number, _ in cells}}
    for index, (number, _) in enumerate(cells):
        found = known[number]
        if not (found.silent and found.text_silent):
            formats[index] = found
        elif found.decimals is not None:
            decimals[index] = found.decimals
    struck = {str(index) for index, is_struck in enumerate(fonts) if is_struck}
    return Styles(
        MappingProxyType(formats),
        MappingProxyType(decimals),
        frozenset(index for index, (_, font) in enumerate(cells) if font in struck) if struck else frozenset(),
    )


def _format(number: str, codes: Mapping[str, str]) -> NumberFormat:
    code = codes.get(number)
    if code is None:
        code = BUILT_IN.get(int(number), "") if number.isascii() and number.isdigit() and len(number) < 4 else ""
    return number_format(code if len(code) <= LONGEST_FORMAT else ";;;")


def read_strings(content: bytes, part: str, limits: Limits, *, every_run: bool = False) -> Strings:
    """Count and measure the string table; `every_run` keeps the runs of every entry in several fonts.

    A table of the common shape is handed on as it is, any other is written anew.
    """
    around = None if every_run and b"<rPr" in content else _around_strings(content, limits)
    if around is not None:
        outside, body, plain = around
        xml.parse(outside, part, limits)
        table = _TABLE_START + body + b"</sst>"
        texts = xml.texts_of(content, plain, part) if plain else None
        if texts is not None and not is_special("\n".join(texts)):
            return Strings(table, len(plain), max(map(len, plain)), read=texts)
        if not _ODD.search(body):
            xml.prove(content, part)
            entries = body.split(b"</si>")
            return Strings(table, len(entries) - 1, max(map(len, entries)))
    return _StringTable(content, part, limits, every_run=every_run).strings


class _StringTable:
    """The string table taken apart, element by element."""

    def __init__(self, content: bytes, part: str, limits: Limits, *, every_run: bool) -> None:
        if content.count(b"<si>") + content.count(b"<si/>") > limits.shared_strings:
            raise too_large("strings", f">{limits.shared_strings}", limits.shared_strings)
        self.limits, self.every_run = limits, every_run
        self.odd: dict[int, tuple[TextRun, ...] | None] = {}
        self.written: list[str] = []
        self.runs = RichText()
        self.longest = 0
        xml.parse(content, part, limits, self.start, self.end, self.text)
        texts = "".join(self.written)
        table = _TABLE_START + texts.encode() + b"</sst>"
        self.strings = Strings(table, len(self.written), self.longest, self.odd)

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """An element begins."""
        local = name.removeprefix(xml.MAIN)
        if depth == 2 and local == "si":
            if len(self.written) >= self.limits.shared_strings:
                raise too_large("strings", f">{self.limits.shared_strings}", self.limits.shared_strings)
            self.runs = RichText()
        elif depth > 2:
            self.runs.start(local, attributes, depth - 2)

    def text(self, characters: str) -> None:
        """Characters of the element that was begun last."""
        self.runs.text(characters)

    def end(self, name: str, depth: int) -> None:
        """An element ends."""
        if depth > 2:
            self.runs.end(name.removeprefix(xml.MAIN), depth - 2)
        elif depth == 2 and name == xml.MAIN + "si":
            runs = self.runs.finished()
            text = "".join(run.text for run in runs or ())
            if len(text) > self.limits.text_length // 2:
                check_text_length(text, self.limits)
            self.longest = max(self.longest, len(text) * 3)
            special = runs is None or any(run.struck or run.raised for run in runs) or (self.every_run and any(run.own for run in runs))
            if special or ESCAPE.search(text) or PICTURE_FORMULA in text:
                self.odd[len(self.written)] = runs
            self.written.append(f'<si><t xml:space="preserve">{xml.escaped(spoken(runs or ()).text)}</t></si>')


def _around_strings(content: bytes, limits: Limits) -> tuple[bytes, bytes, list[bytes]] | None:
    """What stands around the entries of a string table, the entries, and the text of each where all are one plain text.

    None unless all have the common shape.
    """
    first, last = content.find(b"<si>"), content.rfind(b"</si>") + 5
    if not 0 <= first < last or limits.depth < _DEPTH:
        return None
    body, outside = content[first:last], content[:first] + content[last:]
    if b"<!" in outside or b"<si" in outside or outside.count(b"<?") > 1:
        return None
    simple = body.replace(b'<t xml:space="preserve">', b"<t>")
    plain = simple[len(_PLAIN_START) : -len(_PLAIN_END)].split(_PLAIN_END + _PLAIN_START)
    if not (simple.startswith(_PLAIN_START) and simple.endswith(_PLAIN_END) and simple.count(b"<") == 4 * len(plain)):
        plain = []
        if any(_SI.split(body)):
            return None
    count, longest = body.count(b"<si>"), max(map(len, plain or body.split(b"</si>")))
    return (outside, body, plain) if count <= limits.shared_strings and longest <= limits.text_length else None


@xml.remembered
def custom_properties(content: bytes, part: str, limits: Limits) -> Mapping[str, str]:
    """The document's own properties by name, as text."""
    found: dict[str, str] = {}
    name_now = ""
    taken: list[str] = []

    def start(_name: str, attributes: Mapping[str, str], depth: int) -> None:
        nonlocal name_now
        if depth == 2:
            name_now = attributes.get("name", "")
            taken.clear()

    def end(_name: str, depth: int) -> None:
        if depth == 2 and name_now:
            found.setdefault(name_now, "".join(taken).strip())

    xml.parse(content, part, limits, start, end, taken.append)
    return MappingProxyType(found)
