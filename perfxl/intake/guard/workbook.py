"""The parts around the sheets: manifest, relations, workbook, styles, strings, custom properties."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from posixpath import dirname, normpath, split
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from . import xml
from .limits import Limits, RefusalError, too_large
from .sheet import check_text_length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .package import Package

MANIFEST: Final = "[Content_Types].xml"
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
_STRINGS_TYPE: Final = _OFFICE + "spreadsheetml.sharedStrings+xml"
_BINARY_TYPE: Final = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
_PERCENT = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]')
LONGEST_FORMAT: Final = 255
"""Characters of a number format: Excel's own limit. openpyxl looks a format through for every style, in the square of its length."""
_TEXT: Final = rb'<t(?: xml:space="preserve")?>[^<]*</t>'
_SI = re.compile(
    rb"<si>(?:" + _TEXT + rb"|(?:<r>(?:<rPr>(?:<[A-Za-z]+[^<>/]{0,200}/>)*+</rPr>)?" + _TEXT + rb"</r>)++)"
    rb"(?:<phoneticPr[^<>/]{0,200}/>)?</si>"
)
"""An entry of the string table, plain or in several fonts."""
_DEPTH: Final = 6
"""Of the deepest element in such an entry, and one to spare."""
_BUILTIN_PERCENT: Final = frozenset((9, 10))


@dataclass(frozen=True, slots=True)
class Workbook:
    """What workbook.xml says, in its order."""

    sheets: tuple[tuple[str, str, bool], ...]
    """Title, relation id, hidden."""
    date1904: bool
    strict: bool
    full_calc_on_load: bool


@dataclass(slots=True)
class Strings:
    """What matters of the string table: how many, how long, which are pictures."""

    count: int = 0
    longest: int = 0
    declared: int = 0
    pictures: frozenset[int] = frozenset()
    plain: bool = False
    """Rich text at most: no comment, no section, no prefix that readers may take differently."""


def find_workbook(package: Package, limits: Limits) -> tuple[str, str | None]:
    """The workbook part and, if there is one, the string table's, by the manifest, as openpyxl looks for them."""
    if MANIFEST not in package:
        raise _not_ours(package)
    types, defaults = _content_types(xml.normalised(package.read(MANIFEST), MANIFEST), MANIFEST, limits)
    found = next((part for kind, part in types.items() if kind in _WORKBOOK_TYPES), None)
    if found is None and defaults & _WORKBOOK_TYPES:
        found = "xl/workbook.xml"
    if found is None:
        if _BINARY_TYPE in types:
            raise RefusalError("file-extension", ext=".xlsb")
        raise _not_ours(package)
    return found, types.get(_STRINGS_TYPE)


@xml.remembered
def _content_types(content: bytes, part: str, limits: Limits) -> tuple[Mapping[str, str], frozenset[str]]:
    """Content type → the first part that has it, and the types that are given to whole extensions."""
    types: dict[str, str] = {}
    defaults: set[str] = set()

    def start(name: str, attributes: Mapping[str, str], _depth: int) -> None:
        if name == _TYPES + "Override":
            types.setdefault(attributes.get("ContentType", ""), attributes.get("PartName", "").lstrip("/"))
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
    """Relation id → (last word of the type, part) of `owner`; targets outside the package are left out."""
    folder, name = split(owner)
    part = f"{folder}/_rels/{name}.rels".lstrip("/")
    content = xml.normalised(package.read(part), part)
    package.renamed = package.renamed or b"\\" in content
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
            found.setdefault(attributes.get("Id", ""), (kind, target.lstrip("/")))

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
    names = [unicodedata.normalize("NFKC", name).strip().casefold() for name, _, _ in sheets]
    if not all(names) or len(set(names)) != len(names):
        raise RefusalError("sheet-name-repeated")
    strict = flags.get("conformance") == "strict"
    return Workbook(tuple(sheets), _is_true(flags.get("date1904")), strict, _is_true(flags.get("fullCalcOnLoad")))


def _is_true(flag: str | None) -> bool:
    return flag is not None and flag.lower() in ("1", "true", "on")


@xml.remembered
def percent_styles(content: bytes, part: str, limits: Limits) -> frozenset[int]:
    """The cell styles (`s` of a cell) that show a number as a percentage."""
    formats: dict[str, str] = {}
    styles: list[str] = []
    inside, elements = False, 0

    def start(name: str, attributes: Mapping[str, str], depth: int) -> None:
        nonlocal inside, elements
        elements += 1
        if len(attributes.get("formatCode", "")) > LONGEST_FORMAT:
            raise RefusalError("file-xml-too-deep", part=part)
        if depth == 2:
            inside = name == xml.MAIN + "cellXfs"
        elif inside and depth == 3 and name == xml.MAIN + "xf":
            styles.append(attributes.get("numFmtId", "0"))
        elif name == xml.MAIN + "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        if len(styles) > limits.styles or elements > 4 * limits.styles:
            raise too_large("styles", f">{limits.styles}", limits.styles)

    xml.parse(content, part, limits, start)
    percent = {number for number, code in formats.items() if "%" in _PERCENT.sub("", code)}
    percent |= {str(number) for number in _BUILTIN_PERCENT if str(number) not in formats}
    return frozenset(index for index, number in enumerate(styles) if number in percent)


def read_strings(content: bytes, part: str, limits: Limits) -> Strings:
    """Count and measure the string table."""
    strings = Strings()
    pieces: list[str] = []
    pictures: set[int] = set()
    taking = False

    def start(name: str, attributes: Mapping[str, str], depth: int) -> None:
        nonlocal taking
        local = name.removeprefix(xml.MAIN)
        if depth == 1:
            declared = attributes.get("uniqueCount", "0")
            strings.declared = int(declared) if declared.isdigit() and len(declared) < 12 else limits.shared_strings
        elif local == "si" and depth == 2:
            strings.count += 1
            if strings.count > limits.shared_strings:
                raise too_large("strings", f">{limits.shared_strings}", limits.shared_strings)
            pieces.clear()
        taking = local == "t"

    def end(name: str, depth: int) -> None:
        nonlocal taking
        taking = False
        if depth == 2 and name == xml.MAIN + "si":
            text = "".join(pieces)
            if len(text) > limits.text_length // 2:
                check_text_length(text, limits)
            strings.longest = max(strings.longest, len(text) * 3)
            if "DISPIMG(" in text:
                pictures.add(strings.count - 1)

    def text(characters: str) -> None:
        if taking:
            pieces.append(characters)

    around = _around_strings(content, limits)
    if around is None:
        xml.parse(content, part, limits, start, end, text)
        strings.pictures = frozenset(pictures)
        strings.plain = b"<!" not in content and content.count(b"<?") <= 1 and (b"<si>" in content or not strings.count)
    else:
        outside, strings.count, strings.longest = around
        xml.prove(content, part)
        xml.parse(outside, part, limits, start)
        strings.plain = True
    return strings


def _around_strings(content: bytes, limits: Limits) -> tuple[bytes, int, int] | None:
    """A string table without its entries, their number and the longest one's bytes, if all have the common shape."""
    first, last = content.find(b"<si>"), content.rfind(b"</si>") + 5
    if not 0 <= first < last or b"DISPIMG" in content or limits.depth < _DEPTH:
        return None
    body, outside = content[first:last], content[:first] + content[last:]
    if any(between := _SI.split(body)) or b"<!" in outside or outside.count(b"<?") > 1:
        return None
    count, longest = len(between) - 1, max(map(len, body.split(b"</si>")))
    return (outside, count, longest) if count <= limits.shared_strings and longest <= limits.text_length else None


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
