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
from .sheet import LAST_COLUMN, LAST_ROW, Book, Exact, SheetFacts, column_number, read_exactly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .limits import Limits

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="(s|str|n|e|b|inlineStr)")?'
    rb"(?: ?/>|>"
    rb"(<f(?: [^<>]*)?(?<!/)>[^<\[]*</f>|<f(?: [^<>]*)?/>)?"
    rb'(?:<v>([^<]*)</v>|<v ?/>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?'
    rb"</c>)"
)
_STRIDE: Final = 8
"""What `_CELL.split` yields per cell: the bytes before it and its seven groups."""
_ROW_TAGS = re.compile(rb'(?:<row r="[0-9]{1,7}"(?: [^<>/]*)?(?:/>|></row>))*+')
_ROW_NUMBERS = re.compile(rb'<row r="([0-9]{1,7})"')
_NUMBERS = re.compile(rb"(?:-?[0-9]{1,20}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})? )*+")
_PATTERNS: Final = (
    (None, _NUMBERS),
    (b"n", _NUMBERS),
    (b"s", re.compile(rb"(?:[0-9]{1,7} )*+")),
    (b"e", re.compile(rb"(?:#[A-Z0-9/!?_]{1,18} )*+")),
    (b"b", re.compile(rb"(?:[01] )*+")),
)
"""What the values of a type look like; anything else is looked at one by one."""
_CACHED: Final = 1 << 16
"""Bytes above which a part is not remembered."""
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
    if content.find(b"xmlns", first, last) >= 0 or content.count(b"sheetData") != 1 + (first < len(content)):
        raise _Unusual
    around = content[:first] + content[last:]
    look = _look_around if len(around) < _CACHED else _look_around.__wrapped__
    facts.merges = look(around, facts.name, facts.part, book.limits)
    rows = _Rows(facts, book)
    for block in _blocks(content, first, last):
        rows.add(block)
        if facts.cells + cells_so_far > book.limits.cells:
            raise too_large("cells", f">{book.limits.cells}", book.limits.cells)
    if rows.free_text:
        xml.prove(content, facts.part)
    elif first < last:
        xml.prove(b"".join((content[:first], *rows.between, content[last:])), facts.part)
    facts.plain = True


@lru_cache(maxsize=256)
def _look_around(around: bytes, name: str, part: str, limits: Limits) -> tuple[str, ...]:
    """The merged areas of a worksheet whose rows were cut out; files made from one template share it to the byte."""
    facts = SheetFacts(name, part)
    exact = Exact(facts, Book(limits), 0)
    xml.parse(around, part, limits, exact.start, exact.end)
    if facts.cells or exact.row or not exact.sheet_data:
        raise _Unusual
    exact.finish()
    return facts.merges


def _blocks(content: bytes, first: int, last: int) -> Iterator[bytes]:
    """The rows of a sheet, a few thousand cells at a time, each block ending with a whole row."""
    while first < last:
        end = content.find(b"</row>", min(first + _BLOCK, last), last)
        end = last if end < 0 else end + 6
        yield content[first:end]
        first = end


class _Rows:
    """Collects the facts of the rows, block after block."""

    def __init__(self, facts: SheetFacts, book: Book) -> None:
        self.facts, self.book = facts, book
        self.row = 0
        self.between: list[bytes] = []
        """The row tags, without the cells."""
        self.free_text = False
        """There is text the pattern lets pass unseen: only the XML parser can say whether it is well-formed."""
        self.percent = frozenset(str(style).encode() for style in book.percent_styles)

    def add(self, block: bytes) -> None:
        """Take whole rows."""
        pieces = _CELL.split(block)
        columns, rows, styles, types, formulas, values, inline = (pieces[n::_STRIDE] for n in range(1, _STRIDE))
        self.check_order(pieces[::_STRIDE], columns, rows)
        self.check_values(types, values, inline)
        facts = self.facts
        if any(formulas):
            self.free_text = True
            for column, row, kind, formula, value in zip(columns, rows, types, formulas, values, strict=True):
                if formula:
                    facts.formulas[(column + row).decode()] = bool(value) or (kind == b"str" and value is not None)
        if b"e" in types:
            for column, row, kind, value in zip(columns, rows, types, values, strict=True):
                if kind == b"e" and value:
                    facts.errors[(column + row).decode()] = value.decode()
        if not self.percent.isdisjoint(styles):
            facts.percent |= {
                (column + row).decode()
                for column, row, style, kind, value in zip(columns, rows, styles, types, values, strict=True)
                if style in self.percent and value and kind in (None, b"n")
            }
        for index in range(len(rows) - 1, -1, -1):
            if values[index] or formulas[index] or inline[index]:
                facts.last_row = int(rows[index])
                break
        facts.cells += len(rows)
        if facts.last_row > self.book.limits.window_rows or facts.last_column > self.book.limits.window_columns:
            raise _Unusual

    def check_order(self, between: list[bytes], columns: list[bytes], rows: list[bytes]) -> None:
        """Every cell stands in the row that its address names; rows and columns ascend."""
        starts = [index for index, text in enumerate(between) if text]
        if rows and (not starts or starts[0]):
            raise _Unusual
        tags = list(filter(None, between))
        self.between += tags
        together = b"".join(tags)
        if not _ROW_TAGS.fullmatch(together):
            raise _Unusual
        numbers = [self.row, *map(int, _ROW_NUMBERS.findall(together))]
        if not all(map(lt, numbers, numbers[1:])) or numbers[-1] > LAST_ROW:
            raise _Unusual
        self.row = numbers[-1]
        widest = self.facts.last_column
        for start, end, tag in zip(starts, [*starts[1:], len(rows)], tags, strict=True):
            if start < end:
                opened = tag[tag.rfind(b'<row r="') + 8 :].partition(b'"')[0]
                if tag.endswith((b"/>", b"</row>")) or rows[start:end].count(opened) != end - start:
                    raise _Unusual
                widest = max(widest, _last_column(tuple(columns[start:end])))
        self.facts.last_column = widest

    def check_values(self, types: list[bytes], values: list[bytes], inline: list[bytes]) -> None:
        """Every stored value is one that its type allows."""
        book, facts = self.book, self.facts
        kinds = set(types)
        if kinds == {b"s"}:
            stored = {b"s": values}
        else:
            stored = {kind: [value for k, value in zip(types, values, strict=True) if k == kind] for kind in kinds}
        for kind, pattern in _PATTERNS:
            if kind in stored:
                stored[kind] = filled = list(filter(None, stored[kind]))
                if not pattern.fullmatch(b" ".join((*filled, b""))):
                    raise _Unusual
        if b"s" in stored:
            if max(map(int, stored[b"s"]), default=-1) >= book.strings:
                raise _Unusual
            facts.texts += len(stored[b"s"])
        texts = list(filter(None, stored.get(b"str", ())))
        if b"inlineStr" in kinds or any(inline):
            if any(stored.get(b"inlineStr", ())) or any(
                text is not None and kind != b"inlineStr" for kind, text in zip(types, inline, strict=True)
            ):
                raise _Unusual
            texts += filter(None, inline)
        if texts:
            self.free_text = True
            if max(map(len, texts)) > book.limits.text_length // 2:
                raise _Unusual


@lru_cache(maxsize=256)
def _last_column(columns: tuple[bytes, ...]) -> int:
    """The last of ascending column letters; the rows of a table mostly have the same ones."""
    numbers = [column_number(letters.decode()) for letters in columns]
    if not all(map(lt, numbers, numbers[1:])) or numbers[-1] > LAST_COLUMN:
        raise _Unusual
    return numbers[-1]
