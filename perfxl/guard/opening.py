"""From bytes to `Opened`: the order in which a package is looked at."""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

from . import xml
from .limits import DEFAULT_LIMITS, Limits, Refusal, Refused, too_large
from .package import Package, pack
from .scan import read_sheet
from .sheet import Book, SheetFacts
from .sniff import sniff
from .workbook import Strings, custom_properties, find_workbook, percent_styles, read_strings, read_workbook, relations

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Look at a whole file in memory; `Opened` if a reader may have it, else the `Refusal`. Never raises on bad input."""
    refusal = sniff(data, limits)
    if refusal is not None:
        return refusal
    try:
        return _open(data, limits)
    except Refused as refused:
        return refused.refusal


def _open(data: bytes, limits: Limits) -> Opened:
    package = Package(data, limits)
    opened = Opened(data, hashlib.sha256(data).hexdigest())
    kept: dict[str, bytes] = {}
    raw_is_kept = True

    def take(part: str) -> bytes:
        nonlocal raw_is_kept
        content = package.read(part)
        plain = xml.normalised(content, part)
        raw_is_kept = raw_is_kept and plain is content
        opened.strict = opened.strict or (plain is not content and b"purl.oclc.org/ooxml" in content)
        kept[part] = plain
        return plain

    part, strings_by_type = find_workbook(package, limits)
    workbook = read_workbook(take(part), part, limits)
    links = relations(package, part, limits)
    strings_part = next((target for kind, target in links.values() if kind == "sharedStrings"), strings_by_type)
    strings = read_strings(take(strings_part), strings_part, limits) if strings_part and strings_part in package else None
    percent = percent_styles(take(_STYLES), _STYLES, limits) if _STYLES in package else frozenset()
    book = Book(
        limits,
        strings.count if strings else 0,
        strings is not None,
        strings.pictures if strings else frozenset(),
        percent,
    )
    sheets = []
    charts = False
    cells = merges = 0
    for name, relation, hidden in workbook.sheets:
        kind, target = links.get(relation, ("", ""))
        if kind and kind != "worksheet":
            charts = True
            continue
        if target not in package:
            raise Refused("file-part-missing", part=target or name)
        facts = SheetFacts(name, target, hidden, workbook.date1904)
        read_sheet(take(target), facts, book, cells)
        cells += facts.cells
        merges += len(facts.merges)
        if merges > limits.merges:
            raise too_large("merges", merges, limits.merges)
        sheets.append(facts)
    if not sheets:
        raise Refused("file-no-sheet")
    opened.sheets = tuple(sheets)
    opened.parts, opened.strings_part = kept, strings_part if strings and strings_part else ""
    opened.date1904 = workbook.date1904
    opened.full_calc_on_load = workbook.full_calc_on_load
    opened.strict = opened.strict or workbook.strict
    if _CUSTOM in package:
        opened.properties = custom_properties(take(_CUSTOM), _CUSTOM, limits)
    opened.has_macros = any(name.lower().endswith("vbaproject.bin") for name in package.entries)
    for companion in _companions(package, sheets):
        content = package.read(companion)
        if companion != _THEME:
            xml.parse(xml.normalised(content, companion), companion, limits)
    odd = charts or package.renamed or not raw_is_kept or strings_part != strings_by_type
    if odd:
        opened.data = _repacked(links, part, strings_part, kept)
    opened.calamine_ok = not odd and part == "xl/workbook.xml" and _calamine_ok(sheets, strings)
    if package.ratio > limits.unusual_ratio:
        opened.warnings += (("compression-unusual", {"n": package.ratio}),)
    if opened.has_macros:
        opened.warnings += (("file-has-macros", {}),)
    return opened


def _companions(package: Package, sheets: list[SheetFacts]) -> list[str]:
    """Parts that openpyxl reads although nothing of them is needed."""
    links = [f"{posixpath.dirname(s.part)}/_rels/{posixpath.basename(s.part)}.rels" for s in sheets]
    return [part for part in dict.fromkeys((_CORE, _THEME, *links)) if part in package]


def _calamine_ok(sheets: list[SheetFacts], strings: Strings | None) -> bool:
    if not all(sheet.plain and not sheet.errors for sheet in sheets):
        return False
    if sum(sheet.last_row * sheet.last_column for sheet in sheets) > CALAMINE_CELLS:
        return False
    if strings is None:
        return True
    copied = sum(sheet.texts for sheet in sheets) * strings.longest
    return strings.plain and strings.declared <= strings.count + 1000 and copied <= CALAMINE_TEXT


def _repacked(
    links: Mapping[str, tuple[str, str]], workbook: str, strings: str | None, kept: Mapping[str, bytes]
) -> bytes:
    """A package of the parts that were looked at and no others, under the names by which a reader looks for them."""
    types = {workbook: "sheet.main"}
    relations = []
    for name, (kind, target) in links.items():
        if kind in ("worksheet", "chartsheet", "dialogsheet", "sharedStrings", "styles"):
            relations.append(f'<Relationship Id={quoteattr(name)} Type="{_RELATION}{kind}" Target={quoteattr("/" + target)}/>')
            types.setdefault(target, {"sharedStrings": "sharedStrings", "styles": "styles"}.get(kind, "worksheet"))
    if strings:
        types[strings] = "sharedStrings"
    overrides = "".join(
        f'<Override PartName={quoteattr("/" + part)} ContentType="{_CONTENT}{kind}+xml"/>'
        for part, kind in types.items()
        if part in kept
    )
    folder, name = posixpath.split(workbook)
    return pack({
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f"{overrides}</Types>"
        ).encode(),
        f"{folder}/_rels/{name}.rels".lstrip("/"): (
            f'<Relationships xmlns="{_PACKAGE}relationships">{"".join(relations)}</Relationships>'
        ).encode(),
        **kept,
    })
