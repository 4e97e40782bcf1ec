"""What the raw XML of one worksheet says that a reader hides: formulas, errors, merges, cells outside the window."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from msgspec import Struct, field

from perfxl.values import PercentNumber

from . import xml
from .formats import CellError, NumberFormat, YuanNumber, exact, number_format, plain, stored_number
from .limits import Limits, RefusalError, too_large
from .moments import serial_of
from .texts import ESCAPE, PICTURE, PICTURE_FORMULA, RichText, TextRun, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
OTHER_FILE = re.compile(r"""\[[^\[\]]+\](?:[^\[\]!'"*+/&<>=,();^\s-]*!|(?:[^\[\]']|'')*'!)""")
"""A reference like `[1]Sheet1!A1`, `[1]!name` or `'C:\\x\\[book.xlsx]S 1'!A1`; `Table1[column]` is none.

No part of it passes a bracket, so that a formula of any length is looked through once."""

LONGEST_NUMBER: Final = 330
"""Characters of a number: a plain double never needs more; Excel writes at most 24."""

_TYPES = frozenset(("n", "s", "b", "str", "e", "inlineStr", "d"))


class SheetFacts(Struct):
    """One worksheet as its XML has it. Cells are named as Excel shows them (`B7`); ranges as stored, not expanded."""

    name: str
    part: str
    hidden: bool = False
    date1904: bool = False
    formulas: dict[str, bool] = {}
    """Cells with a formula: whether a calculated value is stored beside it."""
    errors: dict[str, str] = {}
    """Cells that hold an error value: `#DIV/0!`, `#REF!` …"""
    other_files: tuple[str, ...] = ()
    """Cells whose formula refers to another workbook."""
    pictures: tuple[str, ...] = ()
    """Cells that hold a picture pasted into the cell by WPS (`DISPIMG`)."""
    unknown_types: tuple[str, ...] = ()
    """Cells with a type no standard knows: `cell-type-unknown`; their value reads as text."""
    rows: list[tuple[int, tuple[object, ...]]] = []
    """The rows that hold any value, by number, each from column A on: what is stored, as the reader of record finds it."""
    said: dict[int, dict[int, object]] = {}
    """By row and column: what a cell says where that is not the value stored, None for a blank."""
    shown: dict[str, tuple[str, str]] = {}
    """Cells that show something else than they say: what is shown, what is stored; more of them are among `rounded`."""
    rounded: dict[str, tuple[str, NumberFormat]] = {}
    """Cells whose display is perhaps rounded, and the format that rounds them: looked into only where somebody asks."""
    doubts: dict[str, str] = {}
    """Cells whose format hides or changes the number so that it is not certain: `hidden`, `sign`, `worded`, `size`, `year`."""
    struck: tuple[str, ...] = ()
    """Cells with a text or a part of it struck through."""
    zeros_off: bool = False
    """The sheet shows no zeros."""
    merges: tuple[str, ...] = ()
    cells: int = 0
    """`<c>` elements, empty ones included."""
    texts: int = 0
    """Cells that point into the string table."""
    outside: int = 0
    """Cells with a value outside the read window."""
    last_row: int = 0
    """The last row with a value or a formula, 0 in an empty sheet."""
    last_column: int = 0
    """The rightmost column of any cell, empty ones included."""
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    """Rows and columns nobody sees, counted from 1."""
    plain: bool = False
    """Every cell has the common shape, and the rows are handed on as they stand."""

    def display(self, address: str) -> tuple[str, str] | None:
        """What a cell shows and what is stored, where these differ."""
        if address in self.rounded:
            stored, shown_as = self.rounded[address]
            said = shown_as.say(stored)
            return (said.shown, plain(exact(stored))) if said.differs(stored) else None
        return self.shown.get(address)

    def say(self, row: int, column: int, value: object) -> None:
        """The cell says `value`, whatever an engine finds stored."""
        self.said.setdefault(row, {})[column] = value

    def strike(self, row: int, column: int) -> None:
        """The cell is struck through as a whole and says nothing."""
        self.struck += (f"{column_letters(column)}{row}",)
        self.say(row, column, None)

    def say_number(self, row: int, column: int, stored: str, shown_as: NumberFormat) -> None:
        """The cell says what its format makes of the number."""
        address = f"{column_letters(column)}{row}"
        if shown_as.decimals is not None or shown_as.percent_only:
            self.rounded[address] = (stored, shown_as)
            if shown_as.percent_only:
                self.say(row, column, PercentNumber(stored))
            elif shown_as.yuan:
                self.say(row, column, YuanNumber(stored))
            return
        said = shown_as.say(stored, date1904=self.date1904)
        if said.value is not None:
            self.say(row, column, said.value)
        if said.doubt:
            self.doubts[address] = said.doubt
        if said.differs(stored):
            self.shown[address] = (said.shown, plain(exact(stored)))

    def say_runs(self, row: int, column: int, runs: tuple[TextRun, ...], shown_as: NumberFormat | None, *, struck_cell: bool) -> None:
        """The cell says a text: struck runs are not read, escapes are resolved, and its format may add words."""
        text = spoken(runs, struck_cell=struck_cell)
        address = f"{column_letters(column)}{row}"
        if text.struck:
            self.struck += (address,)
        said: object = text.text or None
        if PICTURE_FORMULA in text.text:
            self.pictures += (address,)
        elif said and shown_as and not shown_as.text_silent:
            worded = shown_as.say_text(text.text)
            said = worded.value
            if worded.doubt:
                self.doubts[address] = worded.doubt
            if worded.shown != text.text:
                self.shown[address] = (worded.shown, text.text)
        self.say(row, column, said)


class Strings(Struct, dict=True):
    """What matters of the string table: how many, how long, which say something else than their characters."""

    content: bytes = b""
    """The table as every engine gets it."""
    count: int = 0
    longest: int = 0
    odd: Mapping[int, tuple[TextRun, ...] | None] = field(default_factory=dict)
    """Entries with struck or raised runs, escapes or pictures; None is one that two programs read differently."""
    rich: bool = False
    """There are entries in several fonts."""
    read: list[str] | None = None
    """The characters of every entry, where all are one plain text."""

    @cached_property
    def texts(self) -> list[str]:
        """The characters of every entry; a table with fonts of its own is taken apart only where somebody asks."""
        if self.read is not None:
            return self.read
        root = ET.fromstring(self.content)  # noqa: S314  # the guard has refused every DTD
        text, run = (f"{{{xml.MAIN}{name}" for name in "tr")
        return ["".join(t.text or "" for part in entry for t in (part if part.tag == run else (part,)) if t.tag == text) for entry in root]

    @cached_property
    def values(self) -> list[str | None]:
        """The same as values of cells: an empty text is none."""
        return [text or None for text in self.texts]

    @cached_property
    def by_digits(self) -> dict[bytes, str | None]:
        """The same by what a cell that points to them stores."""
        return dict(zip(map(_digits, range(self.count)), self.values, strict=True))


_digits = lru_cache(maxsize=1 << 14)(b"%d".__mod__)


class Styles(Struct, frozen=True):
    """What the cell formats make of a number: only those that are not the number itself."""

    formats: Mapping[int, NumberFormat] = {}
    """By style (`s` of a cell): scale, words, date, sign, hidden."""
    decimals: Mapping[int, int] = {}
    """By style: the digits behind the point that are shown, where there may be more."""
    struck: frozenset[int] = frozenset()
    """Styles whose font is struck through."""


class BookFacts(Struct, frozen=True):
    """What a sheet's cells may point to."""

    limits: Limits
    strings: Strings | None = None
    styles: Styles = Styles()


def column_number(letters: str) -> int:
    """1 for A, 16384 for XFD.

    >>> column_number("AA")
    27
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """A for 1, XFD for 16384.

    >>> column_letters(27)
    'AA'
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def spread(values: dict[int, object]) -> tuple[object, ...]:
    """Values by column, counted from 1 and ascending, as a row from column A on."""
    row: list[object] = [None] * next(reversed(values))
    for column, value in values.items():
        row[column - 1] = value
    return tuple(row)


def read_exactly(content: bytes, facts: SheetFacts, book: BookFacts, cells_so_far: int) -> bytes:
    """Fill `facts` from any worksheet XML, element by element, and write its cells anew, in the one plain shape.

    Refuses what two programs could read differently.
    """
    reader = Exact(facts, book, cells_so_far)
    xml.parse(content, facts.part, book.limits, reader.start, reader.end, reader.text)
    reader.finish()
    return reader.written()


class Exact:
    """The handlers that take a worksheet apart; also used for what stands around the rows."""

    def __init__(self, facts: SheetFacts, book: BookFacts, cells_so_far: int) -> None:
        self.facts, self.book = facts, book
        self.budget = book.limits.cells - cells_so_far
        self.path: list[str] = []
        self.sheet_data = False
        self.row = self.column = 0
        self.type = ""
        self.style = 0
        self.with_picture = False
        self.formula: str | None = None
        self.group = ""
        self.value: str | None = None
        self.inline: RichText | None = None
        self.taking: list[str] | None = None
        self.merges: list[str] = []
        self.other_files: list[str] = []
        self.other_file_groups: set[str] = set()
        self.unknown: list[str] = []
        self.rows: list[bytes] = []
        self.cells: list[str] = []
        self.values: dict[int, object] = {}

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """An element begins."""
        local = name.removeprefix(xml.MAIN)
        path = self.path
        path.append(local)
        if local == "c":
            if path[1:] != ["sheetData", "row", "c"]:
                raise self.refused("cells-out-of-order")
            self._start_cell(attributes)
        elif local == "row":
            if path[1:] != ["sheetData", "row"]:
                raise self.refused("cells-out-of-order")
            self._start_row(attributes)
        elif depth == 4 and path[2] == "row":  # openpyxl takes any child of a row for a cell
            raise self.refused("cells-out-of-order")
        elif depth >= 5 and path[3] == "c":
            self._start_content(local, attributes, depth)
        elif depth == 1:
            if local != "worksheet":
                raise RefusalError("file-part-missing", part=self.facts.part)
        else:
            self._start_other(local, attributes, depth)

    def _start_other(self, local: str, attributes: Mapping[str, str], depth: int) -> None:
        if local == "sheetData":
            if self.sheet_data or depth != 2:
                raise self.refused("cells-out-of-order")
            self.sheet_data = True
        elif local == "mergeCell":
            self.merges.append(checked_range(attributes.get("ref", ""), self.facts))
        elif local == "sheetView" and attributes.get("showZeros", "1").lower() in ("0", "false"):
            self.facts.zeros_off = True

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        stated = attributes.get("r")
        row = self.row + 1
        if stated is not None:
            if not (stated.isascii() and stated.isdigit()):
                raise RefusalError("cell-address-illegal", sheet=self.facts.name, cell=stated[:20])
            row = int(stated) if len(stated) < 9 else LAST_ROW + 1
        if not self.row < row <= LAST_ROW:
            raise RefusalError("cells-out-of-order", sheet=self.facts.name, cell=f"{stated or row}"[:20])
        self.write_row()
        self.row, self.column = row, 0

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        facts = self.facts
        facts.cells += 1
        if facts.cells > self.budget:
            raise too_large("cells", f">{self.book.limits.cells}", self.book.limits.cells)
        address = attributes.get("r")
        column, row = self.column + 1, self.row
        if address is not None:
            match = ADDRESS.fullmatch(address.upper() if len(address) < 12 and address.isascii() else address)
            if match is None:
                raise RefusalError("cell-address-illegal", sheet=facts.name, cell=address[:20])
            column, row = column_number(match[1]), int(match[2])
        if row != self.row or not self.column < column <= LAST_COLUMN:
            raise RefusalError("cells-out-of-order", sheet=facts.name, cell=(address or "")[:20])
        self.column = column
        facts.last_column = max(facts.last_column, column)
        style = attributes.get("s", "0")
        if not (style.isascii() and style.isdigit() and len(style) < 7):
            raise RefusalError("file-xml-broken", part=facts.part)
        self.type, self.style, self.with_picture = attributes.get("t", "n"), int(style), "vm" in attributes
        self.formula = self.value = self.taking = self.inline = None

    def _start_content(self, local: str, attributes: Mapping[str, str], depth: int) -> None:
        if self.taking is not None:
            raise self.refused("cell-content-illegal")
        if depth == 5:
            if local == "v" and self.value is None:
                self.taking = []
            elif local == "f" and self.formula is None:
                self.taking, self.formula = [], ""
                self.group = attributes.get("si", "")
            elif local == "is" and self.inline is None:
                self.inline = RichText()
            elif local in ("v", "f", "is"):
                raise self.refused("cell-content-illegal")
        elif self.path[4] == "is" and self.inline is not None:
            self.inline.start(local, attributes, depth - 5)

    def text(self, characters: str) -> None:
        """Characters of the element that was begun last."""
        if self.taking is not None:
            self.taking.append(characters)
        elif self.inline is not None:
            self.inline.text(characters)

    def end(self, _name: str, depth: int) -> None:
        """An element ends."""
        local = self.path.pop()
        if depth == 5 and self.taking is not None:
            taken, self.taking = "".join(self.taking), None
            if local == "v":
                self.value = taken
            else:
                self.formula = taken
        elif depth > 5 and self.inline is not None and self.path[4:5] == ["is"]:
            self.inline.end(local, depth - 5)
        elif depth == 4 and local == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        facts = self.facts
        runs = self._runs()
        value = "".join(run.text for run in runs) if runs is not None else self.value
        filled = bool(value)
        if filled or self.formula is not None:
            facts.last_row = self.row
            if self.row > self.book.limits.window_rows or self.column > self.book.limits.window_columns:
                facts.outside += 1
        if value:
            self._take(value, runs)
        if self.formula is not None:
            self._take_formula(self.formula, filled=filled)

    def _runs(self) -> tuple[TextRun, ...] | None:
        """The inline text, which only a cell of its type may have, and then nothing else."""
        if self.inline is None:
            return () if self.type == "inlineStr" and not self._refuses(bool(self.value)) else None
        runs = self.inline.finished()
        inside = runs is None or any(run.text for run in runs)
        self._refuses(runs is None or (inside and self.type != "inlineStr") or (bool(self.value) and self.type == "inlineStr"))
        return runs if self.type == "inlineStr" else None

    def _refuses(self, reason: bool) -> bool:  # noqa: FBT001  # a condition, not a switch
        if reason:
            raise self.refused("cell-content-illegal")
        return False

    def _take_formula(self, formula: str, *, filled: bool) -> None:
        address = self.address()
        self.facts.formulas[address] = filled or (self.type == "str" and self.value is not None)
        if OTHER_FILE.search(formula):
            self.other_file_groups.add(self.group)
            self.other_files.append(address)
        elif self.group and self.group in self.other_file_groups:
            self.other_files.append(address)
        if PICTURE_FORMULA in formula and address not in self.facts.pictures:
            self.facts.pictures += (address,)
            self.facts.say(self.row, self.column, PICTURE)

    def _take(self, value: str, runs: tuple[TextRun, ...] | None) -> None:
        kind, book, facts = self.type, self.book, self.facts
        if kind == "n":
            check_number(value, self)
            if self.style in book.styles.struck:
                self.facts.strike(self.row, self.column)
                return
            decimals = book.styles.decimals.get(self.style, MOST_DECIMALS + 1)
            if shown_as := book.styles.formats.get(self.style) or (rounded_to(decimals) if decimals <= MOST_DECIMALS else None):
                facts.say_number(self.row, self.column, value, shown_as)
            number = stored_number(value.strip(" \t\r\n"))
            self.write(number, f"<v>{number!r}</v>" if isinstance(number, float) else f"<v>{value.strip()}</v>")
        elif kind == "s":
            self._take_shared(value)
        elif kind == "e":
            if self.with_picture and value == "#VALUE!":
                facts.pictures += (self.address(),)
                facts.say(self.row, self.column, PICTURE)
                return
            facts.errors[self.address()] = value[:20]
            facts.say(self.row, self.column, CellError(value[:20]))
        elif kind == "b":
            if value not in ("0", "1"):
                raise self.refused("cell-number-illegal")
            self.write(value == "1", f"<v>{value}</v>", ' t="b"')
        elif kind == "d":
            self._take_moment(value)
        else:
            if kind not in _TYPES:
                self.unknown.append(self.address())
            self._take_text(value, runs if runs is not None else (TextRun(value),))

    def _take_text(self, value: str, runs: tuple[TextRun, ...]) -> None:
        styles = self.book.styles
        if len(value) > self.book.limits.text_length // 2:
            check_text_length(value, self.book.limits)
        shown_as = styles.formats.get(self.style)
        special = self.style in styles.struck or any(run.struck or run.raised for run in runs) or (shown_as and not shown_as.text_silent)
        if special or ESCAPE.search(value) or PICTURE_FORMULA in value:
            self.facts.say_runs(self.row, self.column, runs, shown_as, struck_cell=self.style in styles.struck)
        else:
            self.write(value, f'<is><t xml:space="preserve">{xml.escaped(value)}</t></is>', ' t="inlineStr"')

    def _take_moment(self, value: str) -> None:
        serial = serial_of(value, date1904=self.facts.date1904)
        if serial is None:
            raise self.refused("cell-number-illegal")
        shown_as = self.book.styles.formats.get(self.style)
        if shown_as is None or not shown_as.sections[0].is_date:
            shown_as = number_format("h:mm:ss" if serial < 1 else "yyyy-mm-dd" if serial == int(serial) else "yyyy-mm-dd hh:mm:ss")
        self.facts.say_number(self.row, self.column, format(serial, "f"), shown_as)

    def _take_shared(self, value: str) -> None:
        self.facts.texts += 1
        strings, styles = self.book.strings, self.book.styles
        if strings is None:
            raise RefusalError("file-part-missing", part="xl/sharedStrings.xml")
        if not (value.isascii() and value.isdigit() and len(value) < 9 and int(value) < strings.count):
            raise self.refused("string-index-illegal")
        index = int(value)
        shown_as = styles.formats.get(self.style)
        if index in strings.odd:
            runs = strings.odd[index]
            if runs is None:
                raise self.refused("cell-content-illegal")
            self.facts.say_runs(self.row, self.column, runs, shown_as, struck_cell=self.style in styles.struck)
        elif self.style in styles.struck:
            self.facts.strike(self.row, self.column)
        elif shown_as and not shown_as.text_silent:
            self.facts.say_runs(self.row, self.column, (TextRun(strings.texts[index]),), shown_as, struck_cell=False)
        else:
            self.write(strings.texts[index], f"<v>{index}</v>", ' t="s"')

    def address(self) -> str:
        """The cell as Excel shows it."""
        return f"{column_letters(self.column)}{self.row}"

    def refused(self, code: str) -> RefusalError:
        """A refusal that names the cell."""
        return RefusalError(code, sheet=self.facts.name, cell=self.address() if self.column else "")

    def write(self, value: object, content: str, kind: str = "") -> None:
        """The cell in its one plain shape, and what it says there; what lies outside the window is only counted."""
        limits = self.book.limits
        if self.row > limits.window_rows or self.column > limits.window_columns:
            return
        self.cells.append(f'<c r="{self.address()}"{kind}>{content}</c>')
        if value != "":
            self.values[self.column] = value

    def write_row(self) -> None:
        """The row that is done."""
        if self.cells:
            self.rows.append(f'<row r="{self.row}">{"".join(self.cells)}</row>'.encode())
            self.cells = []
        if self.values:
            self.facts.rows.append((self.row, spread(self.values)))
            self.values = {}

    def written(self) -> bytes:
        """All rows, as every engine gets them."""
        self.write_row()
        return b"".join((SHEET_START, *self.rows, SHEET_END))

    def finish(self) -> None:
        """Hand over what was collected."""
        facts = self.facts
        facts.merges = tuple(self.merges)
        facts.other_files = tuple(dict.fromkeys(self.other_files))
        facts.unknown_types = tuple(self.unknown)


SHEET_START: Final = f'<worksheet xmlns="{xml.MAIN.rstrip("}")}"><sheetData>'.encode()
SHEET_END: Final = b"</sheetData></worksheet>"
MOST_DECIMALS: Final = 30


@lru_cache(maxsize=MOST_DECIMALS + 1)
def rounded_to(decimals: int) -> NumberFormat:
    """A display with so many decimals, for cells whose format only rounds."""
    return number_format("0." + "0" * decimals if decimals else "0")


def check_number(value: str, cell: Exact) -> None:
    """Refuse what Excel never writes into a numeric cell: nan, infinity, `1_000`, full-width digits, 5,000 digits."""
    plain_number = value.strip(" \t\r\n")
    if len(plain_number) > LONGEST_NUMBER or not NUMBER.fullmatch(plain_number) or not isfinite(float(plain_number)):
        raise cell.refused("cell-number-illegal")


def check_text_length(text: str, limits: Limits) -> None:
    """Refuse a cell text above Excel's limit, in the UTF-16 units Excel counts."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > limits.text_length:
        raise too_large("text", length, limits.text_length)


def checked_range(ref: str, facts: SheetFacts) -> str:
    """`ref` if it is an area of the grid, first cell first."""
    match = RANGE.fullmatch(ref)
    if match is not None:
        left, top, right, bottom = match.groups()
        right, bottom = right or left, bottom or top
        across = column_number(left) <= column_number(right) <= LAST_COLUMN
        if across and int(top) <= int(bottom) <= LAST_ROW:
            return ref
    raise RefusalError("cell-address-illegal", sheet=facts.name, cell=ref[:20])
