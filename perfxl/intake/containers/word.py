"""The tables of a Word document as grids, each with the lines above it. Only `word/document.xml` is read, behind the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from perfxl.intake.forms.grid import Grid
from perfxl.intake.guard.limits import Limits, RefusalError, too_large
from perfxl.intake.guard.package import Package
from perfxl.intake.guard.texts import raised
from perfxl.intake.guard.xml import normalised, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.intake.forms.grid import Area

DOCUMENT: Final = "word/document.xml"
LINES_ABOVE: Final = 12
"""Free lines above a table that may name unit, year and title."""
WIDEST: Final = 256
"""Grid columns of one table; Word allows 63."""
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE: Final = frozenset({f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"})
_BOXES: Final = {"F052": "☑", "F0FE": "☑", "F0FC": "√", "F0A3": "□", "F0A8": "□", "F06F": "□", "F0B7": "·"}
"""Wingdings as people tick them."""


def is_word(data: bytes) -> bool:
    """Whether bytes are a zip that does not begin as a workbook: a document, or nothing else that is read."""
    return data.startswith(b"PK\x03\x04") and b"xl/workbook.xml" not in data


def has_macros(data: bytes) -> bool:
    """Whether a document brings macros along, which nobody touches: their part is named in the directory."""
    return b"word/vbaProject.bin" in data


def word_grids(data: bytes, limits: Limits | None = None) -> list[Grid]:
    """The tables of a document in reading order, named 表格1, 表格2 …; a table inside a table is named after its place, and not read.

    Raises:
        RefusalError: damaged, encrypted, too large, with a document type definition, or no Word document.
    """
    limits = limits or Limits()
    body = _body(document_part(data, limits))
    grids: list[Grid] = []
    lines: list[str] = []
    cells = 0
    for element in _children(body):
        if element.tag == f"{_W}p":
            lines.extend(line for line in _text(element).split("\n") if line.strip())
        elif element.tag == f"{_W}tbl":
            grid = _grid(element, f"表格{len(grids) + 1}", tuple(lines[-LINES_ABOVE:]))
            cells += len(grid.areas) + len(grid.cells)
            if cells > limits.cells:
                raise too_large("cells", cells, limits.cells)
            grids.append(grid)
            lines = []
    return grids


def document_part(data: bytes, limits: Limits) -> bytes:
    """The one part that is read, proved sound: no DTD, depth, attributes and elements within the limits, sizes counted while inflating."""
    package = Package(data, limits)
    if DOCUMENT not in package:
        raise RefusalError("file-part-missing", part=DOCUMENT)
    content = normalised(package.read(DOCUMENT), DOCUMENT)
    elements = 0

    def counted(*_: object) -> None:
        nonlocal elements
        elements += 1
        if elements > limits.elements:
            raise too_large("elements", f">{limits.elements}", limits.elements)

    parse(content, DOCUMENT, limits, counted)
    return content


def _body(content: bytes) -> Any:
    from docx.oxml.parser import parse_xml
    from lxml.etree import XMLSyntaxError

    try:
        root: Any = parse_xml(content)
    except XMLSyntaxError:  # what it asks for beyond the guard's parser: the names of namespaces are addresses
        raise RefusalError("file-xml-broken", part=DOCUMENT) from None
    found = root.find(f"{_W}body")
    if found is None:
        raise RefusalError("file-part-missing", part=DOCUMENT)
    return found


def _children(element: Any) -> Iterator[Any]:
    """Children, those of content controls and insertions in their place."""
    for child in element:
        if child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            if content is not None:
                yield from _children(content)
        elif child.tag in (f"{_W}ins", f"{_W}moveTo", f"{_W}customXml", f"{_W}smartTag"):
            yield from _children(child)
        elif child.tag not in _GONE:
            yield child


def _text(element: Any) -> str:
    """The words of a paragraph or cell; deleted and struck-through runs say nothing, a table inside is left out."""
    parts: list[str] = []
    for child in _children(element):
        tag = child.tag
        if tag == f"{_W}p":
            parts.append(("\n" if parts else "") + _text(child))
        elif tag == f"{_W}r" and not _struck(child):
            parts.extend(_run(child))
        elif tag in (f"{_W}hyperlink", f"{_W}fldSimple"):
            parts.append(_text(child))
    return "".join(parts)


def _run(run: Any) -> Iterator[str]:
    place = run.find(f"{_W}rPr/{_W}vertAlign")
    is_raised = place is not None and place.get(f"{_W}val") == "superscript"
    for child in run:
        if child.tag == f"{_W}t":
            yield raised(child.text or "") if is_raised else child.text or ""
        elif child.tag == f"{_W}tab":
            yield "\t"
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif child.tag == f"{_W}sym":
            yield _BOXES.get(str(child.get(f"{_W}char", "")).upper(), "")


def _struck(run: Any) -> bool:
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return False
    marks = [properties.find(f"{_W}{name}") for name in ("strike", "dstrike", "vanish")]
    return any(mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false", "off") for mark in marks)


def _number(element: Any, path: str, default: int) -> int:
    found = element.find(path)
    value = found.get(f"{_W}val") if found is not None else None
    return min(int(value), WIDEST) if value and value.isdigit() else default


def _grid(table: Any, name: str, before: tuple[str, ...]) -> Grid:
    """A table laid into a grid: gridSpan runs to the right, vMerge down from where it began; the elements are held, never their ids."""
    rows: list[tuple[int, tuple[object, ...]]] = []
    open_above: dict[int, list[int]] = {}
    areas: list[list[int]] = []
    nested: list[tuple[int, int]] = []
    for number, row in enumerate((r for r in _children(table) if r.tag == f"{_W}tr"), 1):
        column = 1 + _number(row, f"{_W}trPr/{_W}gridBefore", 0)
        values: dict[int, object] = {}
        seen: set[int] = set()
        for cell in (c for c in _children(row) if c.tag == f"{_W}tc"):
            width = max(1, _number(cell, f"{_W}tcPr/{_W}gridSpan", 1))
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            above = open_above.get(column)
            if merge is not None and merge.get(f"{_W}val", "continue") == "continue" and above is not None and above[3] == column + width - 1:
                above[2] = number
            else:
                area = [number, column, number, column + width - 1]
                areas.append(area)
                values[column] = _text(cell)
                open_above.pop(column, None)
                if merge is not None:
                    open_above[column] = area
                if cell.find(f".//{_W}tbl") is not None:
                    nested.append((number, column))
            if merge is None:
                open_above.pop(column, None)
            seen.add(column)
            column += width
            if column > WIDEST:
                raise RefusalError("file-too-large", what="cells", n=column, max=WIDEST)
        for at in [at for at in open_above if at not in seen]:
            del open_above[at]
        rows.append((number, tuple(values.get(i) for i in range(1, column))))
    merged: list[Area] = [(a[0], a[1], a[2], a[3]) for a in areas if a[0] != a[2] or a[1] != a[3]]
    return Grid.of(name, rows, merged, before=before, word=True, nested=tuple(nested))
