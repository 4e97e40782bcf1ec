"""From bytes to `Opened`: the order in which a package is looked at."""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from . import xml
from .hidden import hidden_in
from .limits import DEFAULT_LIMITS, Limits, Refusal, RefusalError, too_large
from .package import Package, pack
from .scan import read_sheet
from .sheet import BookFacts, SheetFacts, with_sound_dimension
from .sniff import sniff
from .workbook import Strings, Workbook, custom_properties, find_workbook, percent_styles, read_strings, read_workbook, relations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STYLES: Final = "xl/styles.xml"
_CUSTOM: Final = "docProps/custom.xml"
_CORE: Final = "docProps/core.xml"
_THEME: Final = "xl/theme/theme1.xml"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."

CALAMINE_CELLS: Final = 2_000_000
"""calamine stores the whole rectangle of a sheet: 32 bytes a cell."""
CALAMINE_TEXT: Final = 128 << 20
"""calamine copies a shared string into every cell that points to it."""


@dataclass(slots=True)
class Opened:
    """A workbook that may be read, and what its XML says beside the values."""

    data: bytes
    """What a reader may open: the file as received, or a plain package of the same sheets where the file is odd."""
    sha256: str
    """Of the file as received."""
    sheets: tuple[SheetFacts, ...] = ()
    """Worksheets in the order of the tabs; chart sheets are left out."""
    has_macros: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    """The custom document properties (docProps/custom.xml)."""
    strict: bool = False
    """Saved as Strict Open XML; `data` is already the transitional form."""
    date1904: bool = False
    full_calc_on_load: bool = False
    """Excel will calculate everything again: stored results may be old."""
    calamine_ok: bool = False
    """A fast reader gives the same cells and cannot be made to abort or to take much memory."""
    warnings: tuple[tuple[str, Mapping[str, str | float]], ...] = ()
    """Accepted, but to be said: (code, details)."""
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """The parts that were looked at, inflated, in UTF-8 and with the namespaces of the transitional standard."""
    strings_part: str = ""
    """The name of the string table among `parts`; empty in a workbook without one."""


def open_bytes(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Opened | Refusal:
    """Look at a whole file in memory: `Opened` if a reader may have it, else the `Refusal`. Bad input never raises."""
    refusal = sniff(data, limits)
    if refusal is not None:
        return refusal
    try:
        return _open(data, limits)
    except RefusalError as refused:
        return refused.refusal


def _open(data: bytes, limits: Limits) -> Opened:
    package = Package(data, limits)
    parts = _Parts(package)
    part, strings_by_type = find_workbook(package, limits)
    workbook = read_workbook(parts.take(part), part, limits)
    links = relations(package, part, limits)
    strings_part = next((target for kind, target in links.values() if kind == "sharedStrings"), strings_by_type)
    strings = None
    if strings_part and strings_part in package:
        strings = read_strings(parts.take(strings_part), strings_part, limits)
    book = BookFacts(limits)
    if strings:
        book = BookFacts(limits, strings.count, has_strings=True, picture_strings=strings.pictures)
    if _STYLES in package:
        book = replace(book, percent_styles=percent_styles(parts.take(_STYLES), _STYLES, limits))
    sheets = _read_sheets(workbook, links, parts, book)
    properties = custom_properties(parts.take(_CUSTOM), _CUSTOM, limits) if _CUSTOM in package else {}
    for companion in _companions(package, sheets):
        content = package.read(companion)
        if companion != _THEME:
            xml.parse(xml.normalised(content, companion), companion, limits)
    odd = parts.changed or package.renamed or strings_part != strings_by_type or len(sheets) != len(workbook.sheets)
    opened = Opened(
        _repacked(links, part, strings_part, parts.kept) if odd else data,
        hashlib.sha256(data).hexdigest(),
        sheets,
        has_macros=any(name.lower().endswith("vbaproject.bin") for name in package.entries),
        properties=properties,
        strict=workbook.strict or parts.strict,
        date1904=workbook.date1904,
        full_calc_on_load=workbook.full_calc_on_load,
        calamine_ok=not odd and part == "xl/workbook.xml" and _calamine_ok(sheets, strings),
        parts=parts.kept,
        strings_part=strings_part if strings and strings_part else "",
    )
    if package.ratio > limits.unusual_ratio:
        opened.warnings += (("compression-unusual", {"n": package.ratio}),)
    if opened.has_macros:
        opened.warnings += (("file-has-macros", {}),)
    return opened


class _Parts:
    """The parts a reader will parse, as it should see them."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.kept: dict[str, bytes] = {}
        self.changed = False
        """Some part had to be brought into another encoding or namespace."""
        self.strict = False

    def take(self, part: str) -> bytes:
        content = self.package.read(part)
        plain = xml.normalised(content, part)
        if plain is not content:
            self.changed = True
            self.strict = self.strict or b"purl.oclc.org/ooxml" in content
        self.kept[part] = plain
        return plain

    def take_sheet(self, part: str) -> bytes:
        content = self.take(part)
        sound = with_sound_dimension(content)
        if sound is not content:
            self.changed = True
            self.kept[part] = sound
        return sound


def _read_sheets(workbook: Workbook, links: Mapping[str, tuple[str, str]], parts: _Parts, book: BookFacts) -> tuple[SheetFacts, ...]:
    """The worksheets in the order of the tabs, chart and macro sheets left out."""
    sheets = []
    cells = merges = 0
    for name, relation, hidden in workbook.sheets:
        kind, target = links.get(relation, ("", ""))
        if kind and kind != "worksheet":
            continue
        if target not in parts.package:
            raise RefusalError("file-part-missing", part=target or name)
        facts = SheetFacts(name, target, hidden, workbook.date1904)
        content = parts.take_sheet(target)
        read_sheet(content, facts, book, cells)
        facts.hidden_rows, facts.hidden_columns = hidden_in(content, facts.last_column)
        cells += facts.cells
        merges += len(facts.merges)
        if merges > book.limits.merges:
            raise too_large("merges", merges, book.limits.merges)
        sheets.append(facts)
    if not sheets:
        raise RefusalError("file-no-sheet")
    return tuple(sheets)


def _companions(package: Package, sheets: Sequence[SheetFacts]) -> list[str]:
    """Parts that openpyxl reads although nothing of them is needed."""
    links = [f"{posixpath.dirname(s.part)}/_rels/{posixpath.basename(s.part)}.rels" for s in sheets]
    return [part for part in dict.fromkeys((_CORE, _THEME, *links)) if part in package]


def _calamine_ok(sheets: Sequence[SheetFacts], strings: Strings | None) -> bool:
    if not all(sheet.plain and not sheet.errors for sheet in sheets):
        return False
    if sum(sheet.last_row * sheet.last_column for sheet in sheets) > CALAMINE_CELLS:
        return False
    if strings is None:
        return True
    copied = sum(sheet.texts for sheet in sheets) * strings.longest
    return strings.plain and strings.declared <= strings.count + 1000 and copied <= CALAMINE_TEXT


def _repacked(links: Mapping[str, tuple[str, str]], workbook: str, strings: str | None, kept: Mapping[str, bytes]) -> bytes:
    """A package of the parts that were looked at and no others, under the names by which a reader looks for them."""
    from xml.sax.saxutils import quoteattr  # brings urllib and ssl along, and odd files are rare

    types = {workbook: "sheet.main"}
    links_out = []
    for name, (kind, target) in links.items():
        if kind in ("worksheet", "chartsheet", "dialogsheet", "sharedStrings", "styles"):
            where = f"Id={quoteattr(name)} Target={quoteattr('/' + target)}"
            links_out.append(f'<Relationship {where} Type="{_RELATION}{kind}"/>')
            types.setdefault(target, {"sharedStrings": "sharedStrings", "styles": "styles"}.get(kind, "worksheet"))
    if strings:
        types[strings] = "sharedStrings"
    overrides = "".join(
        f'<Override PartName={quoteattr("/" + part)} ContentType="{_CONTENT}{kind}+xml"/>' for part, kind in types.items() if part in kept
    )
    folder, name = posixpath.split(workbook)
    return pack(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}content-types"><Default Extension="xml" ContentType="application/xml"/>'
                f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f"{overrides}</Types>"
            ).encode(),
            f"{folder}/_rels/{name}.rels".lstrip("/"): (
                f'<Relationships xmlns="{_PACKAGE}relationships">{"".join(links_out)}</Relationships>'
            ).encode(),
            **kept,
        }
    )
