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
from itertools import chain, compress, repeat
from operator import getitem, itemgetter, lt
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from perfxl.model.columns import LIVE_NAMES

from . import xml
from .formats import stored_number
from .hidden import hidden_in
from .limits import RefusalError, too_large
from .sheet import LAST_COLUMN, LAST_ROW, MOST_DECIMALS, SHEET_END, BookFacts, Exact, SheetFacts, column_number, read_exactly, rounded_to
from .texts import is_special

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .limits import Limits

_TEXT: Final = re.compile(rb">([^<]+)<")
"""What stands between two tags; the tags that are left are mostly the same in all files of one template."""
_MARK: Final = b">\0<"
"""Stands in them for a text."""
_ADDRESS: Final = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"')
_CELL: Final = re.compile(
    rb"(?P<attributes>[^<>/]*+)(?:>(?P<f><f(?: [^<>\0]{0,1000})?(?:(?<!/)>(?P<formula>\0?)</f>|/>))?+"
    rb'(?:<v>(?P<value>\0?)</v>|<is><t(?: xml:space="preserve")?+>(?P<inline>\0?)</t></is>|(?P<empty><v ?/>))?+'
    rb"</c>|/>)"
)
"""A cell behind its address."""
_ATTRIBUTES = re.compile(rb'(?: s="([0-9]{1,5})")?(?: t="(s|str|n|e|b|inlineStr)")? ?')
_ROW_TAGS = re.compile(rb'(?:<row r="[0-9]{1,7}"(?: [^<>/\0]{0,1000})?/>)*+(<row r="[0-9]{1,7}"(?: [^<>/\0]{0,1000})?>)?+')
_ROW_NUMBERS = re.compile(rb'<row r="([0-9]{1,7})"')
_NUMBER = re.compile(rb"-?[0-9]{1,20}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
_NUMERIC: Final = (None, b"n")
_OF_FORMULA: Final = b"f"
"""Instead of the attributes of a cell: the text is a formula."""
_WORDS: Final = (b"str", b"inlineStr", _OF_FORMULA)
_ROOT = re.compile(xml.PROLOGUE.pattern + rb"(<worksheet(?:\s[^<>]*)?>)")
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
_CELL_START: Final = rb'<c r="%b[1-9][0-9]{0,6}+"[^<>]{0,60}+>'
_CELL_END: Final = rb"(?:<v>[^<>]{0,200}+</v>|<v ?/>)?+</c>"
_GROUP: Final = re.compile(rb' t="shared"[^<>]* si="([0-9]{1,5})"')
_TELLING: Final = 256
"""Bytes at the end of rows that tell one program's from another's."""
_DEPTH: Final = 6
"""Of the text of a cell, the deepest element the pattern takes."""
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CACHED: Final = 1 << 16
"""Bytes above which a part is not remembered."""
_CACHED_CELLS: Final = 2_000
"""Cells above which what stands around them is not remembered."""
_CACHED_ROW: Final = 1 << 11
"""Bytes of tags above which a row is not remembered."""
_REMEMBERED_NUMBERS: Final = 1 << 14
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
    first = _first_pair(live[1]).search(content, max(content.rfind(b"<c ", 0, live.start()), 0))
    if first is None:
        return content
    groups = [found[1] if (found := _GROUP.match(tag)) and content.count(b' si="%b">' % found[1]) == 1 else b"" for tag in (first[2], first[4])]
    pair, rows = _live_patterns(live[1], first[1], first[3], *groups)
    start, last = b'<c r="' + first[1], content.rfind(b"</sheetData>")
    kept, done, at = [], 0, first.start()
    while at >= 0:
        if found := pair.match(content, at):
            row = content.rfind(b"<row ", done, at) if content.endswith(b'">', done, at) else -1
            end = _end_of_live_rows(content, row, last, rows) if row >= 0 else 0
            kept.append(content[done : row if end else at])
            done = end or found.end()
        at = content.find(start, max(at + 1, done))
    shorter = b"".join((*kept, content[done:]))
    return content if b"[" in shorter and b"<![CDATA[" in shorter else shorter


@lru_cache
def _first_pair(name: bytes) -> re.Pattern[bytes]:
    """The two cells wherever they stand: their columns, and the attributes of their formulas."""
    return re.compile(b"".join(_CELL_START % b"([A-Z]{1,3})" + rb"<f([^<>]{0,80})>" + each + b"</f>" + _CELL_END for each in (name, _LIVE[name])))


@lru_cache
def _live_patterns(name: bytes, *where: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """The two cells in their columns, and rows that hold no more; a formula may be given by its group, where only one begins it."""
    pair = b""
    for each, column, group in zip((name, _LIVE[name]), where[:2], where[2:], strict=True):
        shared = rb'|<f t="shared"(?: ca="1")? si="' + group + rb'"/>' if group else b""
        pair += _CELL_START % column + rb"(?:<f(?: [^<>]{0,80}+)?+>" + each + b"</f>" + shared + b")" + _CELL_END
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
        pieces = _TEXT.split(block)
        texts = pieces[1::2]
        *rows, rest = _MARK.join(pieces[::2]).split(b"</row>")
        look = _shape if max(map(len, rows), default=0) <= _CACHED_ROW else _shape.__wrapped__
        shapes = list(map(look, rows, repeat(True))) + ([_shape.__wrapped__(rest, False)] if rest else [])  # noqa: FBT003  # part of the key
        given = list(chain.from_iterable(shape.cells.texts for shape in shapes))
        types = {text: _type_and_style(text) for text in set(given)}
        self.add_rows(shapes, self.read_values(types, given, texts))
        self.add_said(types, shapes, given, texts)
        facts, limits = self.facts, self.book.limits
        if facts.last_row > limits.window_rows or facts.last_column > limits.window_columns:
            raise _Unusual

    def add_rows(self, shapes: list[_Shape], made: list[object]) -> None:
        """Take the values of the rows, which ascend, and which of their cells hold a formula."""
        facts, start = self.facts, 0
        for shape in shapes:
            if shape.first <= self.row:
                raise _Unusual
            self.row = shape.row
            self.between.append(shape.tags)
            cells = shape.cells
            facts.cells += cells.count
            facts.texts += cells.shared
            if cells.last_column > facts.last_column:
                facts.last_column = cells.last_column
            end = start + len(cells.texts)
            if cells.pick is not None:
                facts.last_row = shape.row
                values = cells.pick((*made[start:end], None))
                if values.count(None) < len(values):
                    facts.rows.append((shape.row, values))
            if cells.formulas:
                facts.last_row = shape.row
                facts.formulas.update((f"{letters}{shape.row}", found) for letters, found in cells.formulas)
            start = end

    def add_said(self, types: Mapping[bytes, tuple[bytes | None, int]], shapes: list[_Shape], given: list[bytes], stored: list[bytes]) -> None:
        """Take what cells say beside or instead of the value stored: by their format, by their text's fonts."""
        numbers, texts = self.telling(types)
        if not (numbers or texts):
            return
        facts, formats, odd = self.facts, self.book.styles.formats, self.book.strings.odd if self.book.strings else {}
        places = ((shape.row, column) for shape in shapes for column in shape.cells.columns)
        telling = map({*numbers, *texts}.__contains__, given)
        for (row, column), text, value in compress(zip(places, given, stored, strict=True), telling):
            if text in numbers:
                style, decimals = numbers[text]
                if decimals is None:
                    facts.say_number(row, column, value.decode(), formats[style])
                elif len(value.partition(b".")[2]) > decimals or b"e" in value or b"E" in value:
                    facts.say_number(row, column, value.decode(), rounded_to(min(decimals, MOST_DECIMALS)))
            elif int(value) in odd:
                raise _Unusual

    def telling(self, types: Mapping[bytes, tuple[bytes | None, int]]) -> tuple[dict[bytes, tuple[int, int | None]], set[bytes]]:
        """The attributes of numbers whose format says something, with style and decimals, and of texts that may."""
        styles, odd = self.book.styles, self.book.strings is not None and self.book.strings.odd
        numbers: dict[bytes, tuple[int, int | None]] = {}
        texts: set[bytes] = set()
        for text, (kind, style) in types.items():
            number = kind in _NUMERIC
            shown_as = styles.formats.get(style)
            if style in styles.struck or (not number and shown_as is not None and not shown_as.text_silent):
                raise _Unusual
            if number and (shown_as is not None or style in styles.decimals):
                numbers[text] = style, styles.decimals.get(style)
            elif kind == b"s" and odd:
                texts.add(text)
        return numbers, texts

    def read_values(self, types: Mapping[bytes, tuple[bytes | None, int]], given: list[bytes], stored: list[bytes]) -> list[object]:
        """What is stored, by what the cells' attributes say of it: every text is one that its type allows."""
        words = {text for text, (kind, _) in types.items() if kind in _WORDS}
        pieces = list(compress(stored, map(words.__contains__, given))) if words else []
        if _OF_FORMULA in words and any(b"[" in piece for piece in pieces):  # perhaps another file's
            raise _Unusual
        read = dict(zip(pieces, self.texts(pieces), strict=True)) if pieces else {}
        take: dict[bytes, Mapping[bytes, object]] = {}
        for text, (kind, _) in types.items():
            take[text] = read if text in words else self.shared() if kind == b"s" else _VALUES[kind]
        try:
            return list(map(getitem, map(take.__getitem__, given), stored))
        except KeyError:
            raise _Unusual from None

    def texts(self, pieces: list[bytes]) -> list[str]:
        """Texts or formulas, which only the XML parser can say are well-formed."""
        read = xml.texts_of(self.content, pieces, self.facts.part)
        if read is None or is_special("\n".join(read)) or max(map(len, pieces)) > self.book.limits.text_length // 2:
            raise _Unusual
        return read

    def shared(self) -> Mapping[bytes, object]:
        """The texts that cells point to in the string table."""
        if self.book.strings is None:
            raise _Unusual
        return self.book.strings.by_digits


class _StoredNumbers(dict[bytes, int | float]):
    """Numbers by their digits; the first thousands are remembered."""

    def __missing__(self, digits: bytes) -> int | float:
        if not _NUMBER.fullmatch(digits):
            raise _Unusual
        number = stored_number(digits.decode())
        if len(self) < _REMEMBERED_NUMBERS:
            self[digits] = number
        return number


_NUMBERS: Final = _StoredNumbers()
_VALUES: Final[Mapping[bytes | None, Mapping[bytes, object]]] = {None: _NUMBERS, b"n": _NUMBERS, b"b": {b"0": False, b"1": True}, b"e": {}}
"""What the texts of a type mean; of an error value, nothing that is known here."""


@lru_cache(maxsize=1024)
def _type_and_style(attributes: bytes) -> tuple[bytes | None, int]:
    """What the attributes of a cell behind its address say."""
    if attributes == _OF_FORMULA:
        return _OF_FORMULA, -1
    match = _ATTRIBUTES.fullmatch(attributes)
    if match is None:
        raise _Unusual
    return match[2], int(match[1] or 0)


class _Cells(Struct, frozen=True):
    """The cells of a row, without its number and the texts in them."""

    count: int = 0
    shared: int = 0
    """Those of them that point into the string table."""
    last_column: int = 0
    texts: tuple[bytes, ...] = ()
    """The attributes of the cell that each text stands in."""
    columns: tuple[int, ...] = ()
    """Its column."""
    pick: Callable[[tuple[object, ...]], tuple[object, ...]] | None = None
    """Makes a row from column A on of the texts and a None; None where no cell holds a value."""
    formulas: tuple[tuple[str, bool], ...] = ()
    """Columns with a formula, and whether a result stands beside it."""


class _Shape(Struct, frozen=True):
    """The tags of a row and of those without cells before it: their first and last number, and the cells."""

    tags: bytes
    first: int
    row: int
    cells: _Cells


@lru_cache(maxsize=4096)
def _shape(piece: bytes, closed: bool) -> _Shape:  # noqa: FBT001  # part of the key
    """The tags from behind a `</row>` to the next one (`closed`) or to the end taken apart; only rows stand there, and they ascend.

    Files made from one template share most of them, whatever was typed.
    """
    opened = _ROW_TAGS.match(piece)
    assert opened is not None  # noqa: S101  # the pattern takes nothing, too
    numbers = list(map(int, _ROW_NUMBERS.findall(opened[0])))
    if bool(opened[1]) != closed or not numbers or not all(map(lt, numbers, numbers[1:])) or numbers[-1] > LAST_ROW or b"xmlns" in opened[0]:
        raise _Unusual
    behind, *cells = _ADDRESS.split(piece[opened.end() :])
    if behind or (cells and not closed) or not {numbers[-1]}.issuperset(map(int, cells[1::3])):
        raise _Unusual
    return _Shape(opened[0] + b"</row>" * closed, numbers[0], numbers[-1], _cells(tuple(cells[::3]), tuple(cells[2::3])))


@lru_cache(maxsize=1024)
def _cells(letters: tuple[bytes, ...], tags: tuple[bytes, ...]) -> _Cells:
    """Cells by their columns, which ascend, and what stands behind their addresses."""
    columns = [column_number(each.decode()) for each in letters]
    cells = [cell for tag in tags if (cell := _CELL.fullmatch(tag))]
    if len(cells) < len(tags) or not all(map(lt, columns, columns[1:])) or max(columns, default=0) > LAST_COLUMN:
        raise _Unusual
    texts: list[tuple[bytes, int]] = []
    filled: dict[int, int] = {}
    formulas: list[tuple[str, bool]] = []
    shared = 0
    for letter, column, cell in zip(letters, columns, cells, strict=True):
        kind, _ = _type_and_style(cell["attributes"])
        if (kind == b"inlineStr") != (cell["inline"] is not None):
            raise _Unusual
        if cell["formula"]:
            texts.append((_OF_FORMULA, column))
        if cell["value"] or cell["inline"]:
            shared += kind == b"s"
            filled[column] = len(texts)
            texts.append((cell["attributes"], column))
        if cell["f"]:
            beside = cell["value"] is not None or cell["empty"] is not None
            formulas.append((letter.decode(), column in filled or (kind == b"str" and beside)))
    if formulas:
        _prove_cells(b"".join((b"<row><c", b"<c".join(tags), b"</row>")))
    given, places = zip(*texts, strict=True) if texts else ((), ())
    return _Cells(len(cells), shared, columns[-1] if columns else 0, given, places, _picker(filled), tuple(formulas))


def _prove_cells(row: bytes) -> None:
    """Raise unless cells are well-formed: the pattern lets any attribute of a formula pass."""
    try:
        xml.prove(row.replace(b"\0", b""), "")
    except RefusalError:
        raise _Unusual from None


def _picker(filled: dict[int, int]) -> Callable[[tuple[object, ...]], tuple[object, ...]] | None:
    """What makes a row of texts: the place of each column's text among them, counted from column A on."""
    if not filled:
        return None
    places = [filled.get(column, -1) for column in range(1, max(filled) + 1)]
    return itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
