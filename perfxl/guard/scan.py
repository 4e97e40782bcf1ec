"""The common worksheet, read at the speed of a compiled pattern; anything else goes to `read_exactly`.

The rows of a sheet are cut into cells by one pattern that allows only the shape Excel, WPS, LibreOffice, XlsxWriter and
openpyxl write. What the pattern does not take entirely (a comment, an unusual attribute, an odd number) is read again
element by element, so the pattern never decides that a file is bad. Both ways give equal facts; a test holds them so.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import lt
from typing import TYPE_CHECKING, Final

from . import xml
from .limits import too_large
from .sheet import LAST_ROW, Exact, column_number, read_exactly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sheet import Book, SheetFacts

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="(s|str|n|e|b|inlineStr)")?'
    rb"(?: ?/>|>"
    rb"(<f(?: [^<>]*)?(?<!/)>[^<\[]*</f>|<f(?: [^<>]*)?/>)?"
    rb'(?:<v>([^<]*)</v>|<v ?/>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?'
    rb"</c>)"
)
_STRIDE: Final = 8
"""What `_CELL.split` yields per cell: the bytes before it and its seven groups."""
_BETWEEN = re.compile(rb'(?:</row>)?(?:<row r="[0-9]{1,7}"(?: [^<>/]*)?/>)*(?:<row r="([0-9]{1,7})"(?: [^<>/]*)?>)?')
_ROW_NUMBERS = re.compile(rb'<row r="([0-9]{1,7})"')
_NUMBERS = re.compile(rb"(?:-?[0-9]{1,20}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})? )*+")
_INDEXES = re.compile(rb"(?:[0-9]{1,7} )*+")
_ERRORS = re.compile(rb"(?:#[A-Z0-9/!?_]{1,18} )*+")
_BOOLEANS = re.compile(rb"(?:[01] )*+")
_BLOCK: Final = 1 << 18
"""Bytes of rows cut at a time: bounds the memory of the pieces."""


class _Unusual(Exception):  # noqa: N818 - a way out, not an error
    """The sheet has something the pattern does not know."""


def read_sheet(content: bytes, facts: SheetFacts, book: Book, cells_so_far: int) -> None:
    """Fill `facts` from one worksheet; raises `Refused`."""
    try:
        _scan(content, facts, book, cells_so_far)
    except _Unusual:
        facts.forget()
        read_exactly(content, facts, book, cells_so_far)


def _scan(content: bytes, facts: SheetFacts, book: Book, cells_so_far: int) -> None:
    first, last = content.find(b"<sheetData>") + 11, content.rfind(b"</sheetData>")
    if first < 11 or last < first:
        first = last = len(content)
        if b"<sheetData/>" not in content:
            raise _Unusual
    if b"<!" in content or b"DISPIMG" in content or book.picture_strings or content.count(b"<?") > 1:
        raise _Unusual
    if b"xmlns" in content[first:last] or content.count(b"sheetData") != 1 + (first < len(content)):
        raise _Unusual
    around = Exact(facts, book, cells_so_far)
    xml.parse(content[:first] + content[last:], facts.part, book.limits, around.start, around.end, around.text)
    if facts.cells or around.row or not around.sheet_data:
        raise _Unusual
    around.finish()
    if first == last:
        facts.plain = True
        return
    xml.prove(content, facts.part)
    percent = frozenset(str(style).encode() for style in book.percent_styles)
    row = 0
    for block in _blocks(content, first, last):
        row = _scan_rows(block, row, facts, book, percent)
        if facts.cells + cells_so_far > book.limits.cells:
            raise too_large("cells", f">{book.limits.cells}", book.limits.cells)
    facts.plain = True


def _blocks(content: bytes, first: int, last: int) -> Iterator[bytes]:
    """The rows of a sheet, a few thousand cells at a time, each block ending with a whole row."""
    while first < last:
        end = content.find(b"</row>", min(first + _BLOCK, last), last)
        end = last if end < 0 else end + 6
        yield content[first:end]
        first = end


def _scan_rows(block: bytes, row: int, facts: SheetFacts, book: Book, percent: frozenset[bytes]) -> int:
    """Add the cells of whole rows to `facts`; `row` is the last row number before the block, the result the last in it."""
    pieces = _CELL.split(block)
    between = pieces[::_STRIDE]
    columns, rows = pieces[1::_STRIDE], pieces[2::_STRIDE]
    row = _check_order(between, columns, rows, row, facts)
    types, formulas, values, inline = (pieces[group::_STRIDE] for group in (4, 5, 6, 7))
    _check_values(types, values, inline, facts, book)
    if any(formulas):
        for column, number, kind, formula, value in zip(columns, rows, types, formulas, values, strict=True):
            if formula:
                facts.formulas[(column + number).decode()] = bool(value) or (kind == b"str" and value is not None)
    if b"e" in types:
        for column, number, kind, value in zip(columns, rows, types, values, strict=True):
            if kind == b"e" and value:
                facts.errors[(column + number).decode()] = value.decode()
    if percent:
        facts.percent |= {
            (column + number).decode()
            for column, number, style, kind, value in zip(columns, rows, pieces[3::_STRIDE], types, values, strict=True)
            if style in percent and value and kind in (None, b"n")
        }
    for index in range(len(rows) - 1, -1, -1):
        if values[index] or formulas[index] or inline[index]:
            facts.last_row = int(rows[index])
            break
    facts.cells += len(rows)
    if facts.last_row > book.limits.window_rows or facts.last_column > book.limits.window_columns:
        raise _Unusual
    return row


def _check_order(between: list[bytes], columns: list[bytes], rows: list[bytes], row: int, facts: SheetFacts) -> int:
    """The number of the last row; every cell stands in the row that holds it, rows and columns ascend."""
    starts = [index for index, text in enumerate(between) if text]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        text = between[start]
        match = _BETWEEN.fullmatch(text)
        if match is None or (start < len(rows)) != (match[1] is not None) or text.startswith(b"</row>") != (start > 0):
            raise _Unusual
        for number in _ROW_NUMBERS.findall(text):
            if not row < int(number) <= LAST_ROW or number.startswith(b"0"):
                raise _Unusual
            row = int(number)
        if start < len(rows):
            if rows[start:end].count(match[1]) != end - start:
                raise _Unusual
            facts.last_column = max(facts.last_column, _last_column(tuple(columns[start:end])))
    return row


@lru_cache(maxsize=256)
def _last_column(columns: tuple[bytes, ...]) -> int:
    """The last of ascending column letters."""
    numbers = [column_number(letters.decode()) for letters in columns]
    if not all(map(lt, numbers, numbers[1:])):
        raise _Unusual
    return numbers[-1]


def _check_values(
    types: list[bytes], values: list[bytes], inline: list[bytes], facts: SheetFacts, book: Book
) -> None:
    """Every stored value is one that its type allows."""
    kinds = set(types)
    pairs = list(zip(types, values, strict=True))
    numbers = [value for kind, value in pairs if value and (kind is None or kind == b"n")]
    if not _NUMBERS.fullmatch(b" ".join((*numbers, b""))):
        raise _Unusual
    if b"s" in kinds:
        indexes = [value for kind, value in pairs if kind == b"s" and value]
        if not _INDEXES.fullmatch(b" ".join((*indexes, b""))) or max(map(int, indexes), default=-1) >= book.strings:
            raise _Unusual
        facts.texts += len(indexes)
    for kind, pattern in ((b"e", _ERRORS), (b"b", _BOOLEANS)):
        if kind in kinds and not pattern.fullmatch(b" ".join((*(v for k, v in pairs if k == kind and v), b""))):
            raise _Unusual
    texts = [text for text in inline if text]
    if texts and (set(types[i] for i, text in enumerate(inline) if text is not None) != {b"inlineStr"}):
        raise _Unusual
    if b"inlineStr" in kinds and any(value for kind, value in pairs if kind == b"inlineStr"):
        raise _Unusual
    longest = book.limits.text_length // 2
    if b"str" in kinds:
        texts += [value for kind, value in pairs if kind == b"str" and value]
    if texts and max(map(len, texts)) > longest:
        raise _Unusual
