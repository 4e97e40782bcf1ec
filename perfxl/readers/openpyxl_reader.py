"""The reader of record: openpyxl, read-only, bounded, behind the guard."""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING

from perfxl.readers import Sheet, marked

if TYPE_CHECKING:
    from collections.abc import Callable

    from perfxl.guard import Opened

# The guard has refused every DTD and every encoding but UTF-8 in each part that is parsed, so the standard parser is
# safe and several times faster; lxml (brought by the report) would change which parser openpyxl takes.
os.environ.setdefault("OPENPYXL_LXML", "False")
os.environ.setdefault("OPENPYXL_DEFUSEDXML", "False")


def read_sheets(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int) -> list[Sheet]:
    """The wanted sheets of an opened workbook, in workbook order, cut to the window and to the last value.

    The stored `<dimension>` is ignored: a wrong one loses cells without a word.
    """
    from openpyxl import load_workbook

    workbook = load_workbook(BytesIO(opened.data), read_only=True, data_only=True, keep_links=False)
    sheets = []
    for facts in opened.sheets:
        if not wanted(facts.name):
            continue
        worksheet = workbook[facts.name]
        worksheet.reset_dimensions()
        sheet = Sheet(facts.name)
        last = min(max_row, facts.last_row)
        rows = worksheet.iter_rows(max_row=last, max_col=min(max_column, facts.last_column), values_only=True) if last else ()
        for number, values in enumerate(rows, 1):
            if any(value is not None for value in values):
                sheet.rows.append((number, marked(values, number, facts)))
        sheets.append(sheet)
    workbook.close()
    return sheets
