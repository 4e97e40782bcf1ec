"""The reader of record: openpyxl, read-only, bounded, behind the guard."""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING

from perfxl.readers import CellError, PercentNumber, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from perfxl.guard import Opened

# The guard has refused every DTD and every encoding but UTF-8 in each part that is parsed, so the standard parser is
# safe and several times faster; lxml (brought by the report) would change which parser openpyxl takes.
os.environ.setdefault("OPENPYXL_LXML", "False")
os.environ.setdefault("OPENPYXL_DEFUSEDXML", "False")


def read_sheets(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int) -> list[Sheet]:
    """The wanted sheets of an opened workbook, in workbook order, cut to the window.

    The stored `<dimension>` is ignored: a wrong one loses cells without a word.
    """
    from openpyxl import load_workbook

    workbook = load_workbook(BytesIO(opened.data), read_only=True, data_only=True, keep_links=False)
    facts = {sheet.name: sheet for sheet in opened.sheets}
    sheets = []
    for worksheet in workbook.worksheets:
        if not wanted(worksheet.title):
            continue
        worksheet.reset_dimensions()
        errors = facts[worksheet.title].errors if worksheet.title in facts else {}
        last_row = min(max_row, facts[worksheet.title].last_row) if worksheet.title in facts else max_row
        sheet = Sheet(worksheet.title)
        for cells in worksheet.iter_rows(max_row=max(last_row, 1), max_col=max_column):
            values = tuple([_value(cell, errors) for cell in cells])
            number = next((cell.row for cell in cells if cell.value is not None), None)
            if number is not None:
                sheet.rows.append((number, values))
        sheets.append(sheet)
    workbook.close()
    return sheets


def _value(cell: object, errors: object) -> object:
    value = cell.value  # type: ignore[attr-defined]  # openpyxl's EmptyCell and ReadOnlyCell share no typed base
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return PercentNumber(value) if "%" in cell.number_format else value  # type: ignore[attr-defined]
    if errors and isinstance(value, str) and cell.data_type == "e":  # type: ignore[attr-defined]
        return CellError(value)
    return value
