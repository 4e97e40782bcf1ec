"""Engines that turn an opened workbook into plain rows; every engine gives equal rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from perfxl.model import PerfxlError
from perfxl.model.addresses import letters
from perfxl.values import PercentNumber

if TYPE_CHECKING:
    from collections.abc import Callable

    from perfxl.intake.guard import Opened, SheetFacts

__all__ = ["CellError", "PercentNumber", "Reader", "Sheet", "letters", "marked", "read_sheets"]

Reader = Literal["auto", "openpyxl", "calamine"]
"""Which engine reads: `auto` is calamine where it is installed and the workbook is plain, else openpyxl."""


@dataclass(frozen=True, slots=True)
class CellError:
    """An Excel error value (`#DIV/0!`) found in a cell: its own kind, never text, never 0."""

    text: str


@dataclass(slots=True)
class Sheet:
    """One worksheet: its title and its non-empty rows as (Excel row number, values from column A on).

    A value is None, str, float, int, bool, a date or datetime, `PercentNumber` (shown as a percentage) or `CellError`.
    """

    title: str
    rows: list[tuple[int, tuple[object, ...]]] = field(default_factory=list)


def marked(values: tuple[object, ...], row: int, facts: SheetFacts) -> tuple[object, ...]:
    """A row's values with percentages and error values as kinds of their own, as the sheet's XML has them."""
    if not facts.percent and not facts.errors:
        return values
    marked_values = list(values)
    for i, value in enumerate(values):
        if isinstance(value, int | float) and not isinstance(value, bool):
            if f"{letters(i)}{row}" in facts.percent:
                marked_values[i] = PercentNumber(value)
        elif isinstance(value, str) and value.startswith("#") and (error := facts.errors.get(f"{letters(i)}{row}")):
            marked_values[i] = CellError(error)
    return tuple(marked_values)


def read_sheets(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int, reader: Reader = "openpyxl") -> list[Sheet]:
    """The wanted sheets of an opened workbook, in workbook order, cut to the window and to the last value.

    Raises:
        PerfxlError: calamine is asked for and not installed.
    """
    from perfxl.intake.readers import openpyxl_reader

    if reader != "openpyxl":
        from perfxl.intake.readers import calamine_reader

        if calamine_reader.installed():
            sheets = calamine_reader.read_sheets(opened, wanted, max_row=max_row, max_column=max_column)
            if sheets is not None:
                return sheets
        elif reader == "calamine":
            raise PerfxlError("没有安装 calamine。请运行 pip install 'perfxl[fast]'，或改用 --reader openpyxl。")
    return openpyxl_reader.read_sheets(opened, wanted, max_row=max_row, max_column=max_column)
