"""Engines that turn an opened workbook into plain rows; every engine gives equal rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from perfxl.intake.guard import CellError, PaddedNumber, ShownText, YuanNumber
from perfxl.model import PerfxlError
from perfxl.model.addresses import letters
from perfxl.model.columns import STALE, STALE_TOTAL
from perfxl.values import PercentNumber

if TYPE_CHECKING:
    from collections.abc import Callable

    from perfxl.intake.guard import Opened, SheetFacts

__all__ = [
    "CellError",
    "PaddedNumber",
    "PercentNumber",
    "Reader",
    "Sheet",
    "ShownText",
    "YuanNumber",
    "letters",
    "marked",
    "read_sheets",
    "without_own_words",
]

Reader = Literal["auto", "openpyxl", "calamine"]
"""Who reads: `auto` takes the values that the guard's own look at the cells has found; the engines are its oracles."""


class Sheet(Struct):
    """One worksheet: its title and its non-empty rows as (Excel row number, values from column A on).

    A value is None, str, float, int, bool, a datetime or time, `PercentNumber` (shown as a percentage), `ShownText` (a number
    with the words of its format), `PaddedNumber` (with leading zeros), `YuanNumber` (behind a ¥) or `CellError`.
    """

    title: str
    rows: list[tuple[int, tuple[object, ...]]] = field(default_factory=list)


def marked(rows: list[tuple[int, tuple[object, ...]]], facts: SheetFacts, last: int, width: int) -> list[tuple[int, tuple[object, ...]]]:
    """The filled rows of a sheet with what its cells say instead of the values that are stored."""
    if not facts.said:
        return rows
    stored = dict(rows)
    for row, cells in facts.said.items():
        if row > last:
            continue
        values = list(stored.get(row, (None,) * width))
        for column, value in cells.items():
            if column <= width:
                values[column - 1] = value
        stored[row] = tuple(values)
    return [(row, values) for row, values in sorted(stored.items()) if any(value is not None for value in values)]


def read_sheets(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int, reader: Reader = "openpyxl") -> list[Sheet]:
    """The wanted sheets of an opened workbook, in workbook order, cut to the window and to the last value.

    Raises:
        PerfxlError: calamine is asked for and not installed.
    """
    if reader == "auto":
        return _as_scanned(opened, wanted, max_row, max_column)
    from perfxl.intake.readers import openpyxl_reader

    if reader == "calamine":
        from perfxl.intake.readers import calamine_reader

        if not calamine_reader.installed():
            raise PerfxlError("没有安装 calamine。请运行 pip install 'perfxl[fast]'，或改用 --reader openpyxl。")
        sheets = calamine_reader.read_sheets(opened, wanted, max_row=max_row, max_column=max_column)
        if sheets is not None:
            return sheets
    return openpyxl_reader.read_sheets(opened, wanted, max_row=max_row, max_column=max_column)


_NOT_TYPED = frozenset((STALE, STALE_TOTAL))


def without_own_words(sheets: list[Sheet]) -> list[Sheet]:
    """The sheets without what only a result of ours says in its live cells, also where it stands as plain text by now."""
    for sheet in sheets:
        if any(value in _NOT_TYPED for _, values in sheet.rows for value in values if isinstance(value, str)):
            typed = [(row, tuple(None if isinstance(v, str) and v in _NOT_TYPED else v for v in values)) for row, values in sheet.rows]
            sheet.rows = [(row, values) for row, values in typed if any(value is not None for value in values)]
    return sheets


def _as_scanned(opened: Opened, wanted: Callable[[str], bool], max_row: int, max_column: int) -> list[Sheet]:
    """The sheets as the guard has read them; no cell is parsed twice."""
    sheets = []
    for facts in opened.sheets:
        if wanted(facts.name):
            last, width = min(max_row, facts.last_row), min(max_column, facts.last_column)
            blank = (None,) * width
            rows = [(row, (values + blank[len(values) :])[:width]) for row, values in facts.rows if row <= last]
            sheets.append(Sheet(facts.name, marked(rows, facts, last, width)))
    return sheets
