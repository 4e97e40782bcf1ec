"""The common worksheet, read at the speed of a compiled pattern; anything else goes to `read_exactly`.

The rows of a sheet are cut into cells by one pattern that allows only the shape Excel, WPS, LibreOffice, XlsxWriter and
openpyxl write. What the pattern does not take entirely (a comment, an unusual attribute, an odd number) is read again
element by element, so the pattern never decides that a file is bad. Both ways give equal facts; a test holds them so.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import compress, count
from operator import lt
from typing import TYPE_CHECKING, Final

from . import xml
from .limits import too_large
from .sheet import LAST_COLUMN, LAST_ROW, ROUNDED, SHEET_END, BookFacts, Exact, SheetFacts, column_number, read_exactly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .limits import Limits

_REF = rb"[A-Z]{1,3}+[1-9][0-9]{0,6}+"
_FORMULA = rb"<f(?: [^<>]{0,1000})?(?<!/)>[^<\[]*</f>|<f(?: [^<>]{0,1000})?/>"
_CELL = re.compile(
    rb'<c r="(' + _REF + rb')"([^<>/]*+)(?:>(?:' + _FORMULA + rb")?+"
    rb'(?:(?:<v>|<is><t(?: xml:space="preserve")?+>)([^<]*+)(?:</v>|</t></is>)|<v ?/>)?+'
    rb"</c>|/>)"
)
"""Nothing in it can match in two ways, so nothing needs to be tried again: possessive throughout, 0.85 of the time."""
_STRIDE: Final = 4
"""What `_CELL.split` yields per cell: the bytes before it, address, other attributes, stored value."""
_ATTRIBUTES = re.compile(rb'(?: s="([0-9]{1,5})")?(?: t="(s|str|n|e|b|inlineStr)")? ?')
_CELL_WITH_FORMULA = re.compile(rb'<c r="(' + _REF + rb')"(?: s="[0-9]+")?(?: t="(\w+)")?>(?:' + _FORMULA + rb")(<v[ >/])?([^<])?")
_ROW_TAGS = re.compile(rb'(?:<row r="[0-9]{1,7}"(?: [^<>/]{0,1000})?(?:/>|></row>))*+')
_ROW_NUMBERS = re.compile(rb'<row r="([0-9]{1,7})"')
_NUMBERS = re.compile(rb"(?:-?[0-9]{1,20}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?<)*+")
_PATTERNS: Final = {None: _NUMBERS, b"n": _NUMBERS, b"e": re.compile(rb"(?:#[A-Z0-9/!?_]{1,18}<)*+"), b"b": re.compile(rb"(?:[01]<)*+")}
"""What the values of a type look like, each with a `<` behind it, which no value can hold."""
_NUMERIC: Final = (None, b"n")
_ROOT = re.compile(rb"<worksheet(?:\s[^<>]*)?>")
_SPECIAL = re.compile(rb"DISPIMG|_x[0-9A-Fa-f]{4}_")
"""What makes a text say something else than its characters."""
_EMPTY_CELL = re.compile(rb'<c r="[A-Za-z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,6}")?(?: t="n")? ?/>')
_EMPTY_ROW = re.compile(rb'<row r="[1-9][0-9]{0,6}"(?: [^<>/]{0,1000})?(?:/>|></row>)')
_MANY_EMPTY: Final = 5_000
_DEPTH: Final = 6
"""Of the text of a cell, the deepest element the pattern takes."""
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CACHED: Final = 1 << 16
"""Bytes above which a part is not remembered."""
_CACHED_CELLS: Final = 2_000
"""Cells above which the order of a block is not remembered."""
_BLOCK: Final = 1 << 18
"""Bytes of rows cut at a time: bounds the memory of the pieces."""


class _Unusual(Exception):  # noqa: N818 - a way out, not an error
    """The sheet has something the pattern does not know."""


def read_sheet(content: bytes, facts: SheetFacts, book: BookFacts, cells_so_far: int) -> tuple[SheetFacts, bytes]:
    """`facts` filled from one worksheet, and its rows as every engine gets them; raises `RefusalError`."""
    content = without_empty_cells(content)
    try:
        found = SheetFacts(facts.name, facts.part, facts.hidden, facts.date1904)
        return found, _scan(content, found, book, cells_so_far)
    except _Unusual:
        return facts, read_exactly(content, facts, book, cells_so_far)


def without_empty_cells(content: bytes) -> bytes:
    """`content` without its formatted empty cells and rows where there are many.

    They say nothing, and a column formatted to its end is a million of them.
    """
    if content.count(b"/>", content.find(b"<sheetData")) < _MANY_EMPTY or b"<!" in content:
        return content
    return _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", content))


def _scan(content: bytes, facts: SheetFacts, book: BookFacts, cells_so_far: int) -> bytes:
    first, last = content.find(b"<sheetData>") + 11, content.rfind(b"</sheetData>")
    if first < 11 or last < first:
        first = last = len(content)
        if b"<sheetData/>" not in content:
            raise _Unusual
    around = content[:first] + content[last:]
    root = _ROOT.search(content, 0, first)
    if root is None or book.limits.depth < _DEPTH:
        raise _Unusual
    look = _look_around if len(around) < _CACHED else _look_around.__wrapped__
    facts.merges, facts.zeros_off = look(around, facts.name, facts.part, book.limits)
    rows = _Rows(facts, book)
    for block in _blocks(content, first, last):
        rows.add(block)
        if facts.cells + cells_so_far > book.limits.cells:
            raise too_large("cells", f">{book.limits.cells}", book.limits.cells)
    if rows.free_text:
        if _SPECIAL.search(content, first, last):
            raise _Unusual
        xml.prove(content, facts.part)
    elif first < last:
        prove = _prove if len(around) < _CACHED and facts.cells <= _CACHED_CELLS else _prove.__wrapped__
        prove(b"".join((content[:first], *rows.between, content[last:])), facts.part)
    facts.plain = True
    return b"".join((root[0], b"<sheetData>", content[first:last], SHEET_END))


@lru_cache(maxsize=256)
def _look_around(around: bytes, name: str, part: str, limits: Limits) -> tuple[tuple[str, ...], bool]:
    """The merged areas of a worksheet whose rows were cut out, and whether it shows no zeros.

    Files made from one template share all of that to the byte.
    """
    if b"<!" in around or around.count(b"<?") > 1 or around.count(b"sheetData") > 2:
        raise _Unusual
    facts = SheetFacts(name, part)
    exact = Exact(facts, BookFacts(limits), 0)
    xml.parse(around, part, limits, exact.start, exact.end)
    if facts.cells or exact.row or not exact.sheet_data:
        raise _Unusual
    exact.finish()
    return facts.merges, facts.zeros_off


@lru_cache(maxsize=256)
def _prove(hollow: bytes, part: str) -> None:
    """Raise unless a worksheet without its cells is well-formed; nothing is remembered of one that is not."""
    xml.prove(hollow, part)


def _blocks(content: bytes, first: int, last: int) -> Iterator[bytes]:
    """The rows of a sheet, a few thousand cells at a time, each block ending with a whole row."""
    while first < last:
        end = content.find(b"</row>", min(first + _BLOCK, last), last)
        end = last if end < 0 else end + 6
        yield content[first:end]
        first = end


class _Rows:
    """Collects the facts of the rows, block after block."""

    def __init__(self, facts: SheetFacts, book: BookFacts) -> None:
        self.facts, self.book = facts, book
        self.row = 0
        self.between: list[bytes] = []
        """The row tags, without the cells."""
        self.free_text = False
        """There is text the pattern lets pass unseen: only the XML parser can say whether it is well-formed."""

    def add(self, block: bytes) -> None:
        """Take whole rows."""
        pieces = _CELL.split(block)
        cells, attributes, values = pieces[1::_STRIDE], pieces[2::_STRIDE], pieces[3::_STRIDE]
        types = {text: _type_and_style(text) for text in set(attributes)}
        self.check_order(pieces[::_STRIDE], cells)
        self.check_values(block, types, attributes, values)
        facts, limits = self.facts, self.book.limits
        facts.cells += len(cells)
        for index in range(len(cells) - 1, -1, -1):
            if values[index]:
                facts.last_row = int(cells[index].lstrip(_LETTERS))
                break
        if b"<f" in block:
            self.free_text = True
            self.add_formulas(block)
        self.add_said(types, cells, attributes, values)
        if facts.last_row > limits.window_rows or facts.last_column > limits.window_columns:
            raise _Unusual

    def add_said(
        self, types: Mapping[bytes, tuple[bytes | None, int]], cells: list[bytes], attributes: list[bytes], values: list[bytes | None]
    ) -> None:
        """Take what cells say beside or instead of the value stored: by their format, by their text's fonts."""
        numbers, texts = self.telling(types, attributes, values)
        if not (numbers or texts):
            return
        facts, formats, odd = self.facts, self.book.styles.formats, self.book.strings.odd if self.book.strings else {}
        for cell, text, value in zip(cells, attributes, values, strict=True):
            if not value:
                continue
            if text in numbers:
                style, decimals = numbers[text]
                if decimals is None:
                    facts.say_number(*_place(cell), value.decode(), formats[style])
                elif len(value.partition(b".")[2]) > decimals or b"e" in value or b"E" in value:
                    facts.say_number(*_place(cell), value.decode(), ROUNDED[min(decimals, 30)])
            elif text in texts and int(value) in odd:
                raise _Unusual

    def telling(
        self, types: Mapping[bytes, tuple[bytes | None, int]], attributes: list[bytes], values: list[bytes | None]
    ) -> tuple[dict[bytes, tuple[int, int | None]], set[bytes]]:
        """The attributes of numbers whose format says something, with style and decimals, and of texts that may."""
        styles, odd = self.book.styles, self.book.strings is not None and self.book.strings.odd
        numbers: dict[bytes, tuple[int, int | None]] = {}
        texts: set[bytes] = set()
        exactly: set[bytes] = set()
        for text, (kind, style) in types.items():
            number = kind in _NUMERIC
            shown_as = styles.formats.get(style)
            if kind == b"e" or style in styles.struck or (not number and shown_as is not None and not shown_as.text_silent):
                exactly.add(text)
            elif number and (shown_as is not None or style in styles.decimals):
                numbers[text] = style, styles.decimals.get(style)
            elif kind == b"s" and odd:
                texts.add(text)
        if exactly and any(value and text in exactly for text, value in zip(attributes, values, strict=True)):
            raise _Unusual
        return numbers, texts

    def add_formulas(self, block: bytes) -> None:
        """Take the cells that hold a formula, and whether a result stands beside it."""
        found = _CELL_WITH_FORMULA.findall(block)
        if len(found) != block.count(b"<f>") + block.count(b"<f "):
            raise _Unusual
        for cell, kind, stored, filled in found:
            self.facts.formulas[cell.decode()] = bool(filled) or (kind == b"str" and bool(stored))
        if found:
            self.facts.last_row = max(self.facts.last_row, int(found[-1][0].lstrip(_LETTERS)))

    def check_order(self, between: list[bytes], cells: list[bytes]) -> None:
        """Every cell stands in the row that its address names; rows and columns ascend."""
        starts = tuple(compress(count(), between))
        tags = tuple(filter(None, between))
        self.between += tags
        small = len(cells) <= _CACHED_CELLS and sum(map(len, tags)) < _CACHED
        look = _last_cell if small else _last_cell.__wrapped__
        self.row, widest = look(self.row, starts, tags, b" ".join((*cells, b"")))
        self.facts.last_column = max(widest, self.facts.last_column)

    def check_values(
        self, block: bytes, types: Mapping[bytes, tuple[bytes | None, int]], attributes: list[bytes], values: list[bytes | None]
    ) -> None:
        """Every stored value is one that its type allows."""
        texts: list[bytes] = []
        given, filled = list(compress(attributes, values)), list(filter(None, values))
        for wanted in {kind for kind, _ in types.values()}:
            alike = {text for text, (kind, _) in types.items() if kind == wanted}
            stored = list(compress(filled, map(alike.__contains__, given)))
            if wanted == b"s":
                self.check_indexes(stored)
            elif wanted in _PATTERNS:
                if not _PATTERNS[wanted].fullmatch(b"<".join((*stored, b""))):
                    raise _Unusual
            else:
                texts += stored
        if texts:
            self.free_text = True
            if max(map(len, texts)) > self.book.limits.text_length // 2:
                raise _Unusual
        if b"<is>" in block or b"inlineStr" in block:
            self.free_text = True
            cells = sum(types[text][0] == b"inlineStr" for text in attributes)
            if not block.count(b"<is>") == cells == block.count(b't="inlineStr"><is><t'):
                raise _Unusual

    def check_indexes(self, stored: list[bytes]) -> None:
        """The cells of the string table point into it."""
        if stored:
            short = max(map(len, stored)) < 8 and b"".join(stored).isdigit()
            if not short or self.book.strings is None or max(map(int, stored)) >= self.book.strings.count:
                raise _Unusual
            self.facts.texts += len(stored)


def _place(cell: bytes) -> tuple[int, int]:
    """Row and column of an address."""
    row = cell.lstrip(_LETTERS)
    return int(row), column_number(cell[: -len(row)].decode())


@lru_cache(maxsize=1024)
def _type_and_style(attributes: bytes) -> tuple[bytes | None, int]:
    """What the attributes of a cell behind its address say."""
    match = _ATTRIBUTES.fullmatch(attributes)
    if match is None:
        raise _Unusual
    return match[2], int(match[1] or 0)


@lru_cache(maxsize=256)
def _last_cell(row: int, starts: tuple[int, ...], tags: tuple[bytes, ...], addresses: bytes) -> tuple[int, int]:
    """The last row and the widest column of a block of rows that ascend from `row`, as do the cells in each.

    `tags` stand before the cells numbered `starts`; behind each address is a blank. Files made from one template mostly
    share all of it, whatever was typed.
    """
    cells = addresses.split(b" ")[:-1]
    if cells and (not starts or starts[0]):
        raise _Unusual
    row, widest = _last_row(row, b"".join(tags)), 0
    for tag, start, end in zip(tags, starts, (*starts[1:], len(cells)), strict=True):
        if start < end:
            opened = tag[tag.rfind(b'<row r="') + 8 :].partition(b'"')[0]
            last = _last_column(b" ".join((*cells[start:end], b"")).replace(opened + b" ", b" "))
            if not last or tag.endswith((b"/>", b"</row>")):
                raise _Unusual
            widest = max(last, widest)
    return row, widest


def _last_row(row: int, tags: bytes) -> int:
    """The last number of row tags that ascend from `row`."""
    if not _ROW_TAGS.fullmatch(tags) or b"xmlns" in tags:
        raise _Unusual
    numbers = [row, *map(int, _ROW_NUMBERS.findall(tags))]
    if not all(map(lt, numbers, numbers[1:])) or numbers[-1] > LAST_ROW:
        raise _Unusual
    return numbers[-1]


@lru_cache(maxsize=256)
def _last_column(columns: bytes) -> int:
    """The last of ascending column letters, each with a blank behind it; 0 if they are no such thing."""
    if columns.translate(None, _LETTERS).strip(b" "):
        return 0
    numbers = [column_number(letters.decode()) for letters in columns.split()]
    return numbers[-1] if all(map(lt, numbers, numbers[1:])) and numbers[-1] <= LAST_COLUMN else 0
