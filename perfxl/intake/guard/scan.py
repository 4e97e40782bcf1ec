"""The common worksheet, read at the speed of a compiled pattern; anything else goes to `read_exactly`.

The rows of a sheet are cut into cells by one pattern that allows only the shape Excel, WPS, LibreOffice, XlsxWriter and
openpyxl write. What the pattern does not take entirely (a comment, an unusual attribute, an odd number) is read again
element by element, so the pattern never decides that a file is bad. Both ways give equal facts and rows; a test holds them so.

XML is proved by the strict parser alone, but not letter by letter: the sheet without its cells is mostly the same in all
files of one template and proved once; what stands in the cells beside numbers is proved as one text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import compress, count
from operator import lt
from typing import TYPE_CHECKING, Final

from perfxl.model.columns import LIVE_NAMES

from . import xml
from .formats import stored_number
from .hidden import hidden_in
from .limits import too_large
from .sheet import LAST_COLUMN, LAST_ROW, ROUNDED, SHEET_END, BookFacts, Exact, SheetFacts, column_number, read_exactly, spread
from .texts import SPECIAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
_CELL_WITH_FORMULA = re.compile(
    rb'<c r="(' + _REF + rb')"(?: s="[0-9]+")?(?: t="(\w+)")?>(' + _FORMULA + rb")(?:(<v(?: [^<>/]*)?>)([^<])?|(<v ?/>))?"
)
_ROW_TAGS = re.compile(rb'(?:<row r="[0-9]{1,7}"(?: [^<>/]{0,1000})?(?:/>|></row>))*+')
_ROW_NUMBERS = re.compile(rb'<row r="([0-9]{1,7})"')
_NUMBERS = re.compile(rb"(?:-?[0-9]{1,20}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?<)*+")
_PATTERNS: Final = {None: _NUMBERS, b"n": _NUMBERS, b"b": re.compile(rb"(?:[01]<)*+")}
"""What the values of a type look like, each with a `<` behind it, which no value can hold."""
_NUMERIC: Final = (None, b"n")
_ROOT = re.compile(xml.PROLOGUE.pattern + rb"(<worksheet(?:\s[^<>]*)?>)")
_INLINE = re.compile(rb't="inlineStr"[^<>]*><is><t(?: xml:space="preserve")?>[^<]*</t></is></c>')
_EMPTY_CELL = re.compile(rb'<c r="[A-Za-z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,6}")?(?: t="n")? ?/>')
_EMPTY_ROW = re.compile(rb'<row r="[1-9][0-9]{0,6}"(?: [^<>/]{0,1000})?(?:/>|></row>)')
_MANY_EMPTY: Final = 5_000
_SHORTEST: Final = len('<c r="A1"/>')
_LIVE: Final = {
    names[0]: names[1]
    for sign in ("{0}", "&#{1};", "&#x{1:x};", "&#x{1:X};")
    for names in [[f"_{''.join(sign.format(letter, ord(letter)) for letter in name[1:])}".encode() for name in LIVE_NAMES]]
}
"""The names of the two cells in which the template itself says what is missing, the second by the first, as programs spell Chinese in XML."""
_LIVE_FORMULA: Final = re.compile(rb">(" + b"|".join(_LIVE) + rb")</f>")
_TELLING: Final = 256
"""Bytes at the end of rows that tell one program's from another's."""
_DEPTH: Final = 6
"""Of the text of a cell, the deepest element the pattern takes."""
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CACHED: Final = 1 << 16
"""Bytes above which a part is not remembered."""
_CACHED_CELLS: Final = 2_000
"""Cells above which the order of a block is not remembered."""
_LONGEST_INDEX: Final = 7
_REMEMBERED_INDEXES: Final = 1 << 14
_BLOCK: Final = 1 << 18
"""Bytes of rows cut at a time: bounds the memory of the pieces."""


_Layout = tuple[tuple[int, int, int, tuple[int, ...]], ...]
"""Of each row that has cells: its number, its first cell, the cell behind its last one, their columns."""


class _Unusual(Exception):  # noqa: N818 - a way out, not an error
    """The sheet has something the pattern does not know."""


def read_sheet(content: bytes, facts: SheetFacts, book: BookFacts, cells_so_far: int) -> tuple[SheetFacts, bytes]:
    """`facts` filled from one worksheet, and its rows as every engine gets them; raises `RefusalError`."""
    content = without_empty_cells(content)
    try:
        found = SheetFacts(facts.name, facts.part, facts.hidden, facts.date1904)
        return found, _scan(content, found, book, cells_so_far)
    except _Unusual:
        rows = read_exactly(content, facts, book, cells_so_far)
        facts.hidden_rows, facts.hidden_columns = hidden_in(content, facts.last_column)
        return facts, rows


def without_live_cells(content: bytes) -> bytes:
    """`content` without the two cells at the end of a row in which the template itself says what is missing, and rows that hold no more.

    They are nobody's input and three hundred rows of them; a formula of that name in any other cell stays.
    """
    live = _LIVE_FORMULA.search(content) if b"_" in content else None  # one letter is found fifty times as fast as two
    if live is None:
        return content
    pair, rows = _live_patterns(live[1])
    last = content.rfind(b"</sheetData>")
    kept, done, at = [], 0, live.start()
    while at >= 0:
        start = content.rfind(b"<c ", done, at)
        found = pair.match(content, start) if start >= 0 else None
        if found:
            row = content.rfind(b"<row ", done, start) if content.endswith(b'">', done, start) else -1
            end = _end_of_live_rows(content, row, last, rows) if row >= 0 else 0
            kept.append(content[done : row if end else start])
            done = end or found.end()
        at = content.find(live[0], max(at + 1, done))
    shorter = b"".join((*kept, content[done:]))
    return content if b"[" in shorter and b"<![CDATA[" in shorter else shorter


@lru_cache
def _live_patterns(name: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """The two cells, and rows that hold no more."""
    cells = (rb"<c [^<>]{0,80}><f(?: [^<>]{0,80})?>" + each + rb"</f>(?:<v>[^<>]{0,200}</v>|<v ?/>)?</c>" for each in (name, _LIVE[name]))
    pair = b"".join(cells)
    return re.compile(pair), re.compile(rb"(?:<row [^<>]{0,1000}>" + pair + rb"</row>)++")


def _end_of_live_rows(content: bytes, start: int, last: int, rows: re.Pattern[bytes]) -> int:
    """Where rows that hold no more end, 0 where none stands. The last ones, up to `last`, are the same in all files of a template."""
    size = last - start
    known = _longest_ending_with(content[max(last - _TELLING, 0) : last])
    if known and 0 < size <= len(known[0]) and content.startswith(known[0][-size:], start):
        return last
    found = rows.match(content, start)
    if found and found.end() == last and size < _CACHED:
        known[:] = [found[0]]
    return found.end() if found else 0


@lru_cache(maxsize=16)
def _longest_ending_with(end: bytes) -> list[bytes]:  # noqa: ARG001  # the key
    """Room for the rows last proved that end so."""
    return []


def without_empty_cells(content: bytes) -> bytes:
    """`content` without its formatted empty cells and rows where there are many.

    They say nothing, and a column formatted to its end is a million of them.
    """
    if len(content) < _MANY_EMPTY * _SHORTEST or content.count(b"/>", content.find(b"<sheetData")) < _MANY_EMPTY or b"<!" in content:
        return content
    return _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", content))


def _scan(content: bytes, facts: SheetFacts, book: BookFacts, cells_so_far: int) -> bytes:
    first, last = content.find(b"<sheetData>") + 11, content.rfind(b"</sheetData>")
    if first < 11 or last < first:
        first = last = len(content)
        if b"<sheetData/>" not in content:
            raise _Unusual
    around = content[:first] + content[last:]
    root = _ROOT.match(content, 0, first)
    if root is None or book.limits.depth < _DEPTH:
        raise _Unusual
    look = _look_around if len(around) < _CACHED else _look_around.__wrapped__
    facts.merges, facts.zeros_off = look(around, facts.name, facts.part, book.limits)
    rows = _Rows(content, facts, book)
    for block in _blocks(content, first, last):
        rows.add(block)
        if facts.cells + cells_so_far > book.limits.cells:
            raise too_large("cells", f">{book.limits.cells}", book.limits.cells)
    prove = _prove if len(around) < _CACHED and facts.cells <= _CACHED_CELLS else _prove.__wrapped__
    hollow = b"".join((content[:first], *rows.between, content[last:]))
    facts.hidden_rows, facts.hidden_columns = prove(hollow, facts.part, facts.last_column)
    facts.plain = True
    return b"".join((root[1], b"<sheetData>", content[first:last], SHEET_END))


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
def _prove(hollow: bytes, part: str, last_column: int) -> tuple[frozenset[int], frozenset[int]]:
    """The rows and columns that a worksheet without its cells hides; raises unless it is well-formed, and then nothing is remembered."""
    xml.prove(hollow, part)
    return hidden_in(hollow, last_column)


def _blocks(content: bytes, first: int, last: int) -> Iterator[bytes]:
    """The rows of a sheet, a few thousand cells at a time, each block ending with a whole row."""
    while first < last:
        end = content.find(b"</row>", min(first + _BLOCK, last), last)
        end = last if end < 0 else end + 6
        yield content[first:end]
        first = end


class _Rows:
    """Collects the facts of the rows, block after block."""

    def __init__(self, content: bytes, facts: SheetFacts, book: BookFacts) -> None:
        self.content, self.facts, self.book = content, facts, book
        self.row = 0
        self.between: list[bytes] = []
        """The row tags, without the cells."""

    def add(self, block: bytes) -> None:
        """Take whole rows."""
        pieces = _CELL.split(block)
        cells, attributes, values = pieces[1::_STRIDE], pieces[2::_STRIDE], pieces[3::_STRIDE]
        types = {text: _type_and_style(text) for text in set(attributes)}
        layout = self.check_order(pieces[::_STRIDE], cells)
        made = self.read_values(block, types, attributes, values)
        facts, limits = self.facts, self.book.limits
        facts.cells += len(cells)
        for index in range(len(cells) - 1, -1, -1):
            if values[index]:
                facts.last_row = int(cells[index].lstrip(_LETTERS))
                break
        if b"f" in block and b"<f" in block:  # one letter is found fifty times as fast
            self.add_formulas(block)
        self.add_said(types, cells, attributes, values)
        if facts.last_row > limits.window_rows or facts.last_column > limits.window_columns:
            raise _Unusual
        self.add_rows(layout, made)

    def add_rows(self, layout: _Layout, made: list[object]) -> None:
        """Take the values of the rows that hold any."""
        for row, start, end, columns in layout:
            values = made[start:end]
            if values.count(None) < len(values):
                dense = len(columns) == columns[-1]
                self.facts.rows.append((row, tuple(values) if dense else spread(dict(zip(columns, values, strict=True)))))

    def add_said(
        self, types: Mapping[bytes, tuple[bytes | None, int]], cells: list[bytes], attributes: list[bytes], values: list[bytes | None]
    ) -> None:
        """Take what cells say beside or instead of the value stored: by their format, by their text's fonts."""
        numbers, texts = self.telling(types, attributes, values)
        if not (numbers or texts):
            return
        facts, formats, odd = self.facts, self.book.styles.formats, self.book.strings.odd if self.book.strings else {}
        telling = map({*numbers, *texts}.__contains__, attributes)
        for cell, text, value in compress(zip(cells, attributes, values, strict=True), telling):
            if not value:
                continue
            if text in numbers:
                style, decimals = numbers[text]
                if decimals is None:
                    facts.say_number(*_place(cell), value.decode(), formats[style])
                elif len(value.partition(b".")[2]) > decimals or b"e" in value or b"E" in value:
                    facts.say_number(*_place(cell), value.decode(), ROUNDED[min(decimals, 30)])
            elif int(value) in odd:
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
            if style in styles.struck or (not number and shown_as is not None and not shown_as.text_silent):
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
        for cell, kind, _, opened, filled, empty in found:
            self.facts.formulas[cell.decode()] = bool(filled) or (kind == b"str" and bool(opened or empty))
        if found:
            self.texts([formula for _, _, formula, *_ in found])
            self.facts.last_row = max(self.facts.last_row, int(found[-1][0].lstrip(_LETTERS)))

    def check_order(self, between: list[bytes], cells: list[bytes]) -> _Layout:
        """Every cell stands in the row that its address names; rows and columns ascend."""
        starts = tuple(compress(count(), between))
        tags = tuple(filter(None, between))
        self.between += tags
        small = len(cells) <= _CACHED_CELLS and sum(map(len, tags)) < _CACHED
        look = _laid_out if small else _laid_out.__wrapped__
        self.row, last_column, layout = look(self.row, starts, tags, b" ".join((*cells, b"")))
        self.facts.last_column = max(self.facts.last_column, last_column)
        return layout

    def read_values(
        self, block: bytes, types: Mapping[bytes, tuple[bytes | None, int]], attributes: list[bytes], values: list[bytes | None]
    ) -> list[object]:
        """What each cell stores, None for nothing: every stored value is one that its type allows."""
        self.check_inline(block, types, attributes)
        made: list[object] = [None] * len(values)
        at, given, filled = list(compress(count(), values)), list(compress(attributes, values)), list(filter(None, values))
        for kind in {kind for kind, _ in types.values()}:
            alike = {text for text, (other, _) in types.items() if other == kind}
            chosen = list(map(alike.__contains__, given))
            for index, value in zip(compress(at, chosen), self.of_kind(kind, list(compress(filled, chosen))), strict=True):
                made[index] = value
        return made

    def of_kind(self, kind: bytes | None, stored: list[bytes]) -> Iterable[object]:
        """The values of the filled cells of one type."""
        if not stored:
            return ()
        if kind == b"e":
            raise _Unusual
        if kind == b"s":
            return self.shared(stored)
        if kind in _PATTERNS:
            if not _PATTERNS[kind].fullmatch(b"<".join((*stored, b""))):
                raise _Unusual
            return map(b"1".__eq__, stored) if kind == b"b" else map(stored_number, map(bytes.decode, stored))
        if max(map(len, stored)) > self.book.limits.text_length // 2:
            raise _Unusual
        return self.texts(stored)

    def texts(self, pieces: list[bytes]) -> list[str]:
        """Texts or formulas, which only the XML parser can say are well-formed."""
        read = xml.texts_of(self.content, pieces, self.facts.part)
        if read is None or SPECIAL.search("\n".join(read)):
            raise _Unusual
        return read

    def shared(self, stored: list[bytes]) -> Iterable[object]:
        """The texts of cells that point into the string table."""
        strings = self.book.strings
        if strings is None:
            raise _Unusual
        self.facts.texts += len(stored)
        try:
            return list(map(strings.values.__getitem__, map(_INDEXES.__getitem__, stored)))
        except IndexError:
            raise _Unusual from None

    def check_inline(self, block: bytes, types: Mapping[bytes, tuple[bytes | None, int]], attributes: list[bytes]) -> None:
        """Text stands in the elements of its type, and in no others."""
        if b"i" not in block:
            return
        inline = sum(types[text][0] == b"inlineStr" for text in attributes)
        if inline != len(_INLINE.findall(block)) or not block.count(b"<is>") == block.count(b"</is>") == inline:
            raise _Unusual


class _Indexes(dict[bytes, int]):
    """Places in a string table by their digits; the first thousands are remembered."""

    def __missing__(self, digits: bytes) -> int:
        if len(digits) > _LONGEST_INDEX or not digits.isdigit():
            raise _Unusual
        index = int(digits)
        if len(self) < _REMEMBERED_INDEXES:
            self[digits] = index
        return index


_INDEXES: Final = _Indexes()


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
def _laid_out(row: int, starts: tuple[int, ...], tags: tuple[bytes, ...], addresses: bytes) -> tuple[int, int, _Layout]:
    """The last row, the last column and the layout of a block of rows that ascend from `row`, as do the cells in each.

    `tags` stand before the cells numbered `starts`; behind each address is a blank. Files made from one template mostly
    share all of it, whatever was typed.
    """
    cells = addresses.split(b" ")[:-1]
    if cells and (not starts or starts[0]):
        raise _Unusual
    last, layout = _last_row(row, b"".join(tags)), []
    for tag, start, end in zip(tags, starts, (*starts[1:], len(cells)), strict=True):
        if start < end:
            opened = tag[tag.rfind(b'<row r="') + 8 :].partition(b'"')[0]
            columns = _columns(b" ".join((*cells[start:end], b"")).replace(opened + b" ", b" "))
            if not columns or tag.endswith((b"/>", b"</row>")):
                raise _Unusual
            layout.append((int(opened), start, end, columns))
    return last, max((columns[-1] for *_, columns in layout), default=0), tuple(layout)


def _last_row(row: int, tags: bytes) -> int:
    """The last number of row tags that ascend from `row`."""
    if not _ROW_TAGS.fullmatch(tags) or b"xmlns" in tags:
        raise _Unusual
    numbers = [row, *map(int, _ROW_NUMBERS.findall(tags))]
    if not all(map(lt, numbers, numbers[1:])) or numbers[-1] > LAST_ROW:
        raise _Unusual
    return numbers[-1]


@lru_cache(maxsize=256)
def _columns(letters: bytes) -> tuple[int, ...]:
    """The numbers of ascending column letters, each with a blank behind it; none if they are no such thing."""
    if letters.translate(None, _LETTERS).strip(b" "):
        return ()
    numbers = tuple(column_number(each.decode()) for each in letters.split())
    return numbers if all(map(lt, numbers, numbers[1:])) and numbers[-1] <= LAST_COLUMN else ()
