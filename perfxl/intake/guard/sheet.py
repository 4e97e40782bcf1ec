"""What the raw XML of one worksheet says that a reader hides: formulas, errors, merges, cells outside the window."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time
from math import isfinite
from typing import TYPE_CHECKING, Final

from . import xml
from .limits import Limits, RefusalError, too_large

if TYPE_CHECKING:
    from collections.abc import Mapping

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z?)?|\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z?", re.ASCII)
RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_DIMENSION = re.compile(rb"""dimension\s[^<>]{0,100}?\bref\s*=\s*(["'])([^<>"']*)\1""")
_HEAD: Final = 1 << 14
"""Bytes of a sheet within which its dimension is stated."""
OTHER_FILE = re.compile(r"""\[[^\[\]]+\](?:[^\[\]!'"*+/&<>=,();^\s-]*!|(?:[^\[\]']|'')*'!)""")
"""A reference like `[1]Sheet1!A1`, `[1]!name` or `'C:\\x\\[book.xlsx]S 1'!A1`; `Table1[column]` is none.

No part of it passes a bracket, so that a formula of any length is looked through once."""

LONGEST_NUMBER: Final = 330
"""Characters of a number: a plain double never needs more; Excel writes at most 24."""

_TYPES = frozenset(("n", "s", "b", "str", "e", "inlineStr", "d"))


@dataclass(slots=True)
class SheetFacts:
    """One worksheet as its XML has it. Cells are named as Excel shows them (`B7`); ranges as stored, not expanded."""

    name: str
    part: str
    hidden: bool = False
    date1904: bool = False
    formulas: dict[str, bool] = field(default_factory=dict)
    """Cells with a formula: whether a calculated value is stored beside it."""
    errors: dict[str, str] = field(default_factory=dict)
    """Cells that hold an error value: `#DIV/0!`, `#REF!` …"""
    other_files: tuple[str, ...] = ()
    """Cells whose formula refers to another workbook."""
    pictures: tuple[str, ...] = ()
    """Cells that hold a picture pasted into the cell by WPS (`DISPIMG`)."""
    unknown_types: tuple[str, ...] = ()
    """Cells with a type no standard knows: `cell-type-unknown`; their value reads as text."""
    percent: frozenset[str] = frozenset()
    """Cells with a stored number that is shown as a percentage."""
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
    """Every cell has the common shape; only then may a reader other than the one of record open the workbook."""

    def forget(self) -> None:
        """Back to the state before any cell was read."""
        for name in self.__slots__[4:]:
            setattr(self, name, getattr(_EMPTY, name))
        self.formulas, self.errors = {}, {}


_EMPTY: Final = SheetFacts("", "")


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What a sheet's cells may point to."""

    limits: Limits
    strings: int = 0
    has_strings: bool = False
    picture_strings: frozenset[int] = frozenset()
    percent_styles: frozenset[int] = frozenset()


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


def read_exactly(content: bytes, facts: SheetFacts, book: BookFacts, cells_so_far: int) -> None:
    """Fill `facts` from any worksheet XML, element by element; refuses what two programs could read differently."""
    reader = Exact(facts, book, cells_so_far)
    xml.parse(content, facts.part, book.limits, reader.start, reader.end, reader.text)
    reader.finish()


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
        self.formula: str | None = None
        self.group = ""
        self.value: str | None = None
        self.inline: list[str] = []
        self.taking: list[str] | None = None
        self.merges: list[str] = []
        self.other_files: list[str] = []
        self.other_file_groups: set[str] = set()
        self.pictures: list[str] = []
        self.unknown: list[str] = []
        self.percent: list[str] = []

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
        elif depth >= 5 and path[3] == "c" and (local in ("v", "f", "t")):
            self._start_content(local, attributes)
        elif depth == 1:
            if local != "worksheet":
                raise RefusalError("file-part-missing", part=self.facts.part)
        elif local == "sheetData":
            if self.sheet_data or depth != 2:
                raise self.refused("cells-out-of-order")
            self.sheet_data = True
        elif local == "mergeCell":
            self.merges.append(checked_range(attributes.get("ref", ""), self.facts))

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        stated = attributes.get("r")
        row = self.row + 1
        if stated is not None:
            if not (stated.isascii() and stated.isdigit()):
                raise RefusalError("cell-address-illegal", sheet=self.facts.name, cell=stated[:20])
            row = int(stated) if len(stated) < 9 else LAST_ROW + 1
        if not self.row < row <= LAST_ROW:
            raise RefusalError("cells-out-of-order", sheet=self.facts.name, cell=f"{stated or row}"[:20])
        self.row, self.column = row, 0

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        facts = self.facts
        facts.cells += 1
        if facts.cells > self.budget:
            raise too_large("cells", f">{self.book.limits.cells}", self.book.limits.cells)
        address = attributes.get("r")
        column, row = self.column + 1, self.row
        if address is not None:
            match = ADDRESS.fullmatch(address)
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
        self.type, self.style = attributes.get("t", "n"), int(style)
        self.formula = self.value = self.taking = None
        self.inline = []

    def _start_content(self, local: str, attributes: Mapping[str, str]) -> None:
        parent = self.path[-2]
        if local == "t":
            if parent == "is" or (parent == "r" and self.path[-3] == "is"):
                self.taking = []
        elif parent == "c":
            self.taking = []
            if local == "f":
                self.formula = ""
                self.group = attributes.get("si", "")

    def text(self, characters: str) -> None:
        """Characters of the element that was begun last."""
        if self.taking is not None:
            self.taking.append(characters)

    def end(self, _name: str, depth: int) -> None:
        """An element ends."""
        local = self.path.pop()
        if self.taking is not None and depth >= 5:
            self._end_content(local)
        if depth == 4 and local == "c":
            self._end_cell()

    def _end_content(self, local: str) -> None:
        taken = "".join(self.taking or ())
        if local == "v":
            self.value = taken if self.value is None else self.value
        elif local == "f":
            self.formula = taken
        elif local == "t":
            self.inline.append(taken)
        else:
            return
        self.taking = None

    def _end_cell(self) -> None:
        facts = self.facts
        value = "".join(self.inline) if self.type == "inlineStr" else self.value
        filled = bool(value)
        if filled or self.formula is not None:
            facts.last_row = self.row
            if self.row > self.book.limits.window_rows or self.column > self.book.limits.window_columns:
                facts.outside += 1
        if value:
            self._check_value(value)
        if self.formula is not None:
            address = self.address()
            facts.formulas[address] = filled or (self.type == "str" and self.value is not None)
            if OTHER_FILE.search(self.formula):
                self.other_file_groups.add(self.group)
                self.other_files.append(address)
            elif self.group and self.group in self.other_file_groups:
                self.other_files.append(address)
        if "DISPIMG(" in (self.formula or "") or (self.type in ("str", "inlineStr") and "DISPIMG(" in (value or "")):
            self.pictures.append(self.address())

    def _check_value(self, value: str) -> None:
        kind, book = self.type, self.book
        if kind == "n":
            check_number(value, self)
            if self.style in book.percent_styles:
                self.percent.append(self.address())
        elif kind == "s":
            self._check_index(value)
        elif kind == "e":
            self.facts.errors[self.address()] = value[:20]
        elif kind == "b" or kind == "d":
            if not (is_date(value) if kind == "d" else value in ("0", "1")):
                raise self.refused("cell-number-illegal")
        else:
            if kind not in _TYPES:
                self.unknown.append(self.address())
            if len(value) > book.limits.text_length // 2:
                check_text_length(value, book.limits)

    def _check_index(self, value: str) -> None:
        self.facts.texts += 1
        if not self.book.has_strings:
            raise RefusalError("file-part-missing", part="xl/sharedStrings.xml")
        if not (value.isascii() and value.isdigit() and len(value) < 9 and int(value) < self.book.strings):
            raise self.refused("string-index-illegal")
        if int(value) in self.book.picture_strings:
            self.pictures.append(self.address())

    def address(self) -> str:
        """The cell as Excel shows it."""
        return f"{column_letters(self.column)}{self.row}"

    def refused(self, code: str) -> RefusalError:
        """A refusal that names the cell."""
        return RefusalError(code, sheet=self.facts.name, cell=self.address() if self.column else "")

    def finish(self) -> None:
        """Hand over what was collected."""
        facts = self.facts
        facts.merges = tuple(self.merges)
        facts.other_files = tuple(dict.fromkeys(self.other_files))
        facts.pictures = tuple(self.pictures)
        facts.unknown_types = tuple(self.unknown)
        facts.percent = frozenset(self.percent)


def check_number(value: str, cell: Exact) -> None:
    """Refuse what Excel never writes into a numeric cell: nan, infinity, `1_000`, full-width digits, 5,000 digits."""
    plain = value.strip(" \t\r\n")
    if len(plain) > LONGEST_NUMBER or not NUMBER.fullmatch(plain) or not isfinite(float(plain)):
        raise cell.refused("cell-number-illegal")


def is_date(value: str) -> bool:
    """Whether a cell of type `d` holds a day, a time or both, in the notation of ISO 8601.

    >>> is_date("2020-12-31"), is_date("2020-13-01")
    (True, False)
    """
    if not DATE.fullmatch(value):
        return False
    try:
        (time if value[2] == ":" else datetime).fromisoformat(value)
    except ValueError:
        return False
    return True


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


def with_sound_dimension(content: bytes) -> bytes:
    """`content`, with `A1` for a stated dimension that is no area: nobody uses it, but openpyxl stumbles over it."""
    at = content.find(b"dimension", 0, _HEAD)
    if at < 0:
        return content
    match = _DIMENSION.match(content, at)
    if match is None or RANGE.fullmatch(match[2].decode("latin-1")):
        return content
    return content[: match.start(2)] + b"A1" + content[match.end(2) :]
