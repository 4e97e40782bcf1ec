"""Fill an intake the way a person does: find the sheet by its title and the column by its header, then type."""

from __future__ import annotations

from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from perfxl.model import Table

HEADER_WINDOW = 20


def fill(
    template: bytes,
    *,
    unit: Mapping[str, object] | None = None,
    budget: Sequence[Mapping[str, object]] = (),
    goals: Sequence[Mapping[str, object]] = (),
    indicators: Sequence[Mapping[str, object]] = (),
    management: Sequence[Mapping[str, object]] = (),
    report: Sequence[Mapping[str, object]] = (),
) -> bytes:
    """The template with these values typed in, keyed by the names of `perfxl.model.columns` (or by printed titles).

    Rows of 预算执行, 管理指标数据 and 报告文字 go to the printed line with the same labels, else to the first free row; other rows
    go to the rows below the header in order. openpyxl drops the stored values of formulas: recalculate where they matter.
    """
    workbook = load_workbook(BytesIO(template))
    sheet = workbook[UNIT.sheet]
    for name, value in (unit or {}).items():
        _type(sheet, _field_row(sheet, _title(UNIT, name)), 2, value)
    for table, rows, labels in (
        (BUDGET, budget, ("kind", "item")),
        (GOALS, goals, ()),
        (INDICATORS, indicators, ()),
        (MANAGEMENT, management, ("item",)),
        (REPORT, report, ("section",)),
    ):
        if rows:
            _fill_rows(workbook[table.sheet], table, rows, labels)
    target = BytesIO()
    workbook.save(target)
    return target.getvalue()


def header(sheet: Worksheet, table: Table) -> tuple[int, dict[str, int]]:
    """The row of the header and the column number of each declared column in it."""
    titles = {column.title: column.name for column in table.columns}
    for row in range(1, HEADER_WINDOW + 1):
        found = {titles[cell.value]: cell.column for cell in sheet[row] if cell.value in titles}
        if len(found) == len(titles):
            return row, found
    raise AssertionError(f"{sheet.title}: no header row with {sorted(titles)}")


def _fill_rows(sheet: Worksheet, table: Table, rows: Sequence[Mapping[str, object]], labels: tuple[str, ...]) -> None:
    at, columns = header(sheet, table)
    taken = set()
    for values in rows:
        named = {_name(table, key): value for key, value in values.items()}
        row = _row_for(sheet, at, columns, tuple(named.get(label) for label in labels), labels, taken)
        taken.add(row)
        for name, value in named.items():
            _type(sheet, row, columns[name], value)


def _row_for(sheet, at, columns, wanted, labels, taken) -> int:
    row = at + 1
    while True:
        printed = tuple(sheet.cell(row, columns[label]).value for label in labels)
        if row not in taken and (printed == wanted or not any(printed)):
            return row
        row += 1


def _type(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Put a value in a cell, in the format of its column as Excel would."""
    cell = sheet.cell(row, column)
    if not cell.has_style:
        for letter, dimension in sheet.column_dimensions.items():
            if dimension.min <= column <= dimension.max or letter == get_column_letter(column):
                cell._style = copy(dimension._style)
    cell.value = value


def _field_row(sheet: Worksheet, title: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 1).value).rstrip("*") == title)


def _title(table: Table, key: str) -> str:
    return table.by_name[key].title if key in table.by_name else key


def _name(table: Table, key: str) -> str:
    return key if key in table.by_name else next(column.name for column in table.columns if column.title == key)
