"""From bytes to `Opened`: the order in which a package is looked at, and the one package that every engine gets."""

from __future__ import annotations

import hashlib
import math
import posixpath
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from . import xml
from .glance import Glance
from .limits import DEFAULT_LIMITS, Limits, Refusal, RefusalError, too_large
from .package import Package, pack
from .scan import read_sheet, without_live_cells
from .sheet import BookFacts, SheetFacts, Styles
from .sniff import sniff
from .workbook import (
    LONGEST_FORMAT,
    REPEATED,
    STRINGS_TYPE,
    STYLES_TYPE,
    Workbook,
    custom_properties,
    find_workbook,
    part_of_kind,
    read_strings,
    read_styles,
    read_workbook,
    relations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Wanted = Callable[[str, Glance], bool]

_CUSTOM: Final = "docProps/custom.xml"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."
STRINGS: Final = "xl/sharedStrings.xml"
"""The string table among the parts."""

CALAMINE_CELLS: Final = 2_000_000
"""calamine stores the whole rectangle of a sheet: 32 bytes a cell."""
CALAMINE_TEXT: Final = 128 << 20
"""calamine copies a shared string into every cell that points to it."""


class Opened(Struct, dict=True):
    """A workbook that may be read, and what its XML says beside the values."""

    sha256: str
    """Of the file as received."""
    sheets: tuple[SheetFacts, ...] = ()
    """The worksheets that were asked for, in the order of the tabs; chart sheets are left out."""
    unread: tuple[str, ...] = ()
    """The titles of the others; nothing of them was looked at but their names."""
    has_macros: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    """The custom document properties (docProps/custom.xml)."""
    strict: bool = False
    """Saved as Strict Open XML; the parts are already in the transitional form."""
    date1904: bool = False
    full_calc_on_load: bool = False
    """Excel will calculate everything again: stored results may be old."""
    calamine_ok: bool = False
    """A fast reader cannot be made to abort or to take much memory."""
    most_text: float = math.inf
    """Its cells say no more characters together, if that is known."""
    warnings: tuple[tuple[str, Mapping[str, str | float]], ...] = ()
    """Accepted, but to be said: (code, details)."""
    parts: Mapping[str, bytes] = field(default_factory=dict)
    """What the guard approved, under standard names: the rows of each sheet as `part_of(i)`, and the string table."""

    @cached_property
    def data(self) -> bytes:
        """The package that every engine gets, written anew: the approved rows and texts, one plain style, nothing else.

        A sheet's title there is its number, from 1, in the order of `sheets`.
        """
        return pack({**_frame(len(self.sheets), STRINGS in self.parts), **self.parts})


def part_of(index: int) -> str:
    """The standard name of the sheet with this index among those that were asked for."""
    return f"xl/worksheets/sheet{index + 1}.xml"


def open_bytes(data: bytes, limits: Limits = DEFAULT_LIMITS, wanted: Wanted | None = None) -> Opened | Refusal:
    """Look at a whole file in memory: `Opened` if a reader may have it, else the `Refusal`. Bad input never raises.

    `wanted(title, glance)` says which sheets are read; by default all are. Of the others nothing is inflated, unless
    `wanted` itself calls `glance` for the first texts of one: they cannot make a file be refused. A sheet that nobody reads
    decides nothing, so an honest file is not refused for it, and an attacker gains nothing by it.
    """
    refusal = sniff(data, limits)
    if refusal is not None:
        return refusal
    try:
        return _open(data, limits, wanted)
    except RefusalError as refused:
        return refused.refusal


def _open(data: bytes, limits: Limits, wanted: Wanted | None) -> Opened:
    package = Package(data, limits)
    parts = _Parts(package)
    part, types = find_workbook(package, limits)
    workbook = read_workbook(parts.take(part), part, limits)
    links = relations(package, part, limits)
    styles = Styles()
    if (style_part := part_of_kind(links, "styles", types, STYLES_TYPE) or posixpath.join(posixpath.dirname(part), "styles.xml")) in package:
        styles = read_styles(parts.take(style_part), style_part, limits)
    strings, string_part = None, part_of_kind(links, "sharedStrings", types, STRINGS_TYPE)
    if string_part and string_part in package:
        strings = read_strings(parts.take(string_part), string_part, limits, every_run=bool(styles.struck))
    kept = {STRINGS: strings.content} if strings else {}
    sheets, unread = _read_sheets(workbook, links, parts, BookFacts(limits, strings, styles), wanted, kept)
    shared = sum(sheet.texts for sheet in sheets) * (strings.longest if strings else 0)
    opened = Opened(
        hashlib.sha256(data).hexdigest(),
        sheets,
        unread,
        has_macros=any(name.lower().endswith("vbaproject.bin") for name in package.entries),
        properties=custom_properties(parts.take(_CUSTOM), _CUSTOM, limits) if _CUSTOM in package else {},
        strict=workbook.strict or parts.strict,
        date1904=workbook.date1904,
        full_calc_on_load=workbook.full_calc_on_load,
        calamine_ok=sum(min(s.last_row, limits.window_rows) * min(s.last_column, limits.window_columns) for s in sheets) <= CALAMINE_CELLS
        and shared <= CALAMINE_TEXT,
        most_text=_most_text(sheets, kept, shared),
        parts=kept,
    )
    if package.ratio > limits.unusual_ratio:
        opened.warnings += (("compression-unusual", {"n": package.ratio}),)
    if opened.has_macros:
        opened.warnings += (("file-has-macros", {}),)
    return opened


def _most_text(sheets: tuple[SheetFacts, ...], kept: Mapping[str, bytes], shared: int) -> float:
    """No fewer characters than all cells say: where they are plain, those of the parts and the words of formats."""
    worded = LONGEST_FORMAT * sum(sheet.cells for sheet in sheets)
    return sum(map(len, kept.values())) + shared + worded if all(sheet.plain for sheet in sheets) else math.inf


class _Parts:
    """The parts that are looked at, in UTF-8 and with the namespaces of the transitional standard."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.strict = False

    def take(self, part: str) -> bytes:
        content = self.package.read(part)
        plain = xml.normalised(content, part)
        self.strict = self.strict or (plain is not content and b"purl.oclc.org/ooxml" in content)
        return plain


def _read_sheets(
    workbook: Workbook, links: Mapping[str, tuple[str, str]], parts: _Parts, book: BookFacts, wanted: Wanted | None, kept: dict[str, bytes]
) -> tuple[tuple[SheetFacts, ...], tuple[str, ...]]:
    """The worksheets that are wanted, in the order of the tabs, and the titles of the others; chart sheets are left out.

    The rows of each are added to `kept`.
    """
    sheets: list[SheetFacts] = []
    unread: list[str] = []
    cells = merges = worksheets = 0
    for name, relation, hidden in workbook.sheets:
        kind, target = links.get(relation, ("", ""))
        if kind and kind not in ("worksheet", REPEATED):
            continue
        worksheets += 1
        if wanted is not None and not wanted(name, Glance(parts.package, target, book)):
            unread.append(name)
            continue
        if kind == REPEATED:
            raise RefusalError("file-duplicate-parts")
        if target not in parts.package:
            raise RefusalError("file-part-missing", part=target or name)
        facts, rows = read_sheet(without_live_cells(parts.take(target)), SheetFacts(name, target, hidden, workbook.date1904), book, cells)
        kept[part_of(len(sheets))] = rows
        cells += facts.cells
        merges += len(facts.merges)
        if merges > book.limits.merges:
            raise too_large("merges", merges, book.limits.merges)
        sheets.append(facts)
    names = [sheet.name.casefold() for sheet in sheets]
    if not all(names) or len(set(names)) != len(names):
        raise RefusalError("sheet-name-repeated")
    if not worksheets:
        raise RefusalError("file-no-sheet")
    return tuple(sheets), tuple(unread)


_frames: dict[tuple[int, bool], dict[str, bytes]] = {}


def _frame(sheets: int, has_strings: bool) -> dict[str, bytes]:  # noqa: FBT001  # part of the key
    """What stands around the approved parts; the same for every workbook of so many sheets."""
    if (sheets, has_strings) not in _frames:
        links = [(f"s{i}", "worksheet", part_of(i).removeprefix("xl/")) for i in range(sheets)] + [("style", "styles", "styles.xml")]
        types = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles"), *((part_of(i), "worksheet") for i in range(sheets))]
        if has_strings:
            links.append(("texts", "sharedStrings", "sharedStrings.xml"))
            types.append((STRINGS, "sharedStrings"))
        tabs = "".join(f'<sheet name="{i + 1}" sheetId="{i + 1}" r:id="s{i}"/>' for i in range(sheets))
        main = xml.MAIN.rstrip("}")
        _frames[sheets, has_strings] = {
            name: f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}'.encode()
            for name, content in {
                "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}content-types"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
                + "".join(f'<Override PartName="/{name}" ContentType="{_CONTENT}{kind}+xml"/>' for name, kind in types)
                + "</Types>",
                "_rels/.rels": _links([("rId1", "officeDocument", "xl/workbook.xml")]),
                "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{_RELATION.rstrip("/")}"><sheets>{tabs}</sheets></workbook>',
                "xl/_rels/workbook.xml.rels": _links(links),
                "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
                '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs></styleSheet>',
            }.items()
        }
    return _frames[sheets, has_strings]


def _links(links: list[tuple[str, str, str]]) -> str:
    listed = "".join(f'<Relationship Id="{i}" Type="{_RELATION}{kind}" Target="{target}"/>' for i, kind, target in links)
    return f'<Relationships xmlns="{_PACKAGE}relationships">{listed}</Relationships>'
