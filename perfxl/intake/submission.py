"""What one paper says: rows as typed, with the place of each cell. A file holds one submission or more."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from perfxl.model import Issue
from perfxl.model.addresses import joined
from perfxl.model.invisible import compatible, visible
from perfxl.values import PercentNumber


class Place(Struct, array_like=True):
    """Where a table stands in one workbook.

    The sheet's own title, the header row, and a column letter (in 基本信息 a cell) for each declared column found.
    """

    sheet: str
    header_row: int = 1
    cells: dict[str, str] = field(default_factory=dict)
    shown: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By address, where a cell's format shows something else than is stored: what is shown, what is stored."""

    other: dict[int, dict[str, str]] = field(default_factory=dict)
    """Columns of rows that stand in another block of a form, by row."""

    money: tuple[str, str] = ("", "")
    """The unit of money that the sheet itself names, in a title or above its table, and the cell that does."""

    def cell(self, column: str, row: int | None = None) -> str | None:
        """The address of a column in a row; of a field of 基本信息 when no row is given."""
        at = self.other[row].get(column) if row in self.other else self.cells.get(column)
        if at is None:
            return None
        return at if row is None else joined(row, at)

    def at(self, column: str, row: int) -> tuple[int, str | None]:
        """Row and column of a cell, for an `Issue`."""
        return row, self.other[row].get(column) if row in self.other else self.cells.get(column)


class SheetRow(Struct, array_like=True):
    """One filled row: its Excel row number and the raw values that are not blank, by column name.

    `shares_weight`: 分值 hangs on the row above. `computed`: an amount is a formula, a total that is not typed. `unread`: an amount
    is there and says nothing (a formula without a result, an error value, a picture).
    """

    number: int
    values: dict[str, Any]
    shares_weight: bool = False
    computed: bool = False
    unread: bool = False


class Recognised(Struct, array_like=True, frozen=True):
    """One row of 表格识别: what was found where in a form, how its head reads, what it was read as and why."""

    block: str
    area: str
    column: str
    printed: str
    read_as: str
    because: str
    rows: int
    unread: str


class FormRead(Struct, array_like=True, frozen=True):
    """How an official form was read: its title and heads, what was assumed, and the rows of 表格识别."""

    title: str
    layout: str
    assumed: tuple[str, ...] = ()
    recognised: tuple[Recognised, ...] = ()
    in_report: bool = False
    """The form is a table in a report's text."""


FURTHER = 1 << 24
"""The first submission of a file has the file's number; each further one of the same file this much more."""


def file_of(number: int) -> int:
    """The number of the file that a submission stands in."""
    return number % FURTHER


class Submission(Struct, array_like=True):
    """What one set of sheets or one form says: raw values only; nothing is computed or judged here."""

    number: int
    source: str
    """The file, as it is shown."""
    sha256: str
    fields: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[SheetRow]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    own_columns: dict[str, dict[str, dict[int, str]]] = field(default_factory=dict)
    """Columns the clerk added: table name, then title, then text by Excel row."""
    issues: list[Issue] = field(default_factory=list)
    origin: str = ""
    """SHA-256 of the intake a scored workbook was made from; empty for an intake."""
    template_version: str = ""
    part: str = ""
    """Which of several submissions of its file: `绩效指标 (2)`, `Sheet1!A1:H40`, `表格2`; empty for the only one."""
    form: FormRead | None = None
    """How it was read, for an official form."""
    lacks: str = ""
    """The system of points of a form that is another one than 产出、效益、满意度; only a scheme that knows all its levels scores it."""

    @property
    def without_unit(self) -> bool:
        """Nobody and no unit of money stands behind its amounts: they belong in no sum."""
        return "unit" not in self.places

    @property
    def shown(self) -> str:
        """The file, and which of its submissions."""
        return shown_part(self.source, self.part)


def shown_part(source: str, part: str) -> str:
    """A submission by its file and, where the file holds several, its part."""
    return f"{source} › {part}" if part else source


_UNTOLD = re.compile(r"[\s*_]+")


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """A title reduced to what identifies it: NFKC, nothing invisible, no spaces, no required mark, half-width brackets.

    Remembers the 4,000 or so names of a chunk's indicators, which are asked for here and again by rules and checks.
    """
    plain = text if text.isascii() else visible(compatible(text))
    return _UNTOLD.sub("", plain).casefold()


def text_of(value: object) -> str:
    """A cell's value as the text a person saw: 270, 95%, 2020-12-31; blank is the empty string.

    >>> text_of(270.0), text_of(PercentNumber(0.95)), text_of(None), text_of(0.1)
    ('270', '95%', '', '0.1')
    """
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is float:
        return _plain(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, PercentNumber):
        return f"{_plain(round(float(value) * 100, 10))}%"
    if isinstance(value, int | float):
        return _plain(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@lru_cache(maxsize=16_384, typed=True)
def _plain(value: float) -> str:
    """A number without a needless fraction or exponent."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = repr(float(value)) if isinstance(value, float) else str(value)
    return f"{value:.10f}".rstrip("0").rstrip(".") if "e" in text and 1e-9 < abs(value) < 1e15 else text
