"""The records everything else is made of: columns and tables, issues, submissions.

Nothing here knows a file, a workbook or a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, Self

from perfxl.model.addresses import joined, split


class PerfxlError(Exception):
    """A wrong call, a broken scheme or an impossible output: something the caller must change.

    Bad data never raises; it becomes an `Issue`. `en` is the same text for the English terminal.
    """

    def __init__(self, text: str, *, en: str = "") -> None:
        super().__init__(text)
        self.en = en

    def message(self, lang: str) -> str:
        """The text for the terminal; `lang` is `zh` or `en`."""
        return self.en if lang == "en" and self.en else str(self)


class Kind(StrEnum):
    """What a column holds, which decides how the template formats it and how the reader takes it."""

    TEXT = "text"
    """Kept as typed; Excel must not turn it into a date or a number."""
    MONEY = "money"
    """An amount in the sheet's unit (万元 or 元); frames carry 万元 as float64."""
    POINTS = "points"
    """A weight or a score."""
    NUMBER = "number"
    """A plain count or amount of the basic information or the management data."""
    CHOICE = "choice"
    """One of a short list, offered as a drop-down."""
    RATE = "rate"
    """A share that the template computes; never taken from the file."""


class Column(NamedTuple):
    """One column of an intake sheet (or, in 基本信息, one labelled row), declared once.

    `name` is the frame's column, `title` what the reader of the workbook sees. `aliases` are other titles met on
    published forms; an exact title beats an alias. `width` is in characters of the default font.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    help: str = ""
    width: int = 14
    required: bool = False
    """The sheet is not readable without it: `column-missing` (a column) or its own issue (a field of 基本信息)."""
    optional: bool = False
    """Not part of the official form; a workbook without it is complete."""
    in_result: int = 0
    """Its width in a result, which has twice the columns on the same paper; 0: the same."""
    kept: bool = False
    """It stays from year to year: `template --from` carries it over."""

    @property
    def result_width(self) -> float:
        """Its width on a sheet of a result."""
        return float(self.in_result or self.width)


class _Declared(NamedTuple):
    name: str
    sheet: str
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()
    required: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    """Printed row labels (预算执行: 资金类别 and 资金项目; 报告文字: 章节)."""
    blank_rows: int = 0
    """Rows ready to be filled in the template."""
    max_rows: int = 300
    apart: str = ""
    """Why a consolidation and its Parquet files leave the table out; "" for one that they hold."""


class Table(_Declared):
    """One sheet of the intake: its title, its columns, and the rows the template prints."""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Its columns by their names."""
        return {column.name: column for column in self.columns}

    def title(self, name: str) -> str:
        """The Chinese title of the column called `name`."""
        return self.by_name[name].title


_NO_DETAILS: Mapping[str, str | int | float] = {}


class Issue(NamedTuple):
    """One thing a person must know about one place of one submission.

    Scalars only. Severity, wording and fix are looked up by `code` in the catalogue at the edge; `details` fills the
    placeholders of the catalogue's message. `sheet`, `row` and `column` are as the user's paper shows them; a column is
    its letters, or `第6列` of a Word table.
    """

    submission: int
    code: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    details: Mapping[str, str | int | float] = _NO_DETAILS

    @classmethod
    def at(
        cls,
        submission: int,
        code: str,
        sheet: str | None,
        cell: str | None,
        value: str | None = None,
        details: Mapping[str, str | float] | None = None,
    ) -> Self:
        """An issue on a cell given by its address."""
        return cls(submission, code, sheet, *split(cell), value, details or _NO_DETAILS)

    @property
    def cell(self) -> str | None:
        """The address, as it is printed."""
        return joined(self.row, self.column)

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows it is about: its own, or all of those that one message stands for."""
        if listed := self.details.get("rows"):
            return tuple(map(int, str(listed).split(",")))
        return () if self.row is None else (self.row,)
