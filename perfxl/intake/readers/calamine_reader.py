"""The fast reader: python-calamine over the package the guard wrote, only in workers.

`read_sheets` answers None wherever its rows might not be those of the reader of record; that one workbook is then read
with openpyxl.
"""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from perfxl.intake.readers import Sheet, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from perfxl.intake.guard import Opened

EXACT = 1e15
"""Above this a whole number may have digits that only openpyxl's integers keep."""


def installed() -> bool:
    """Whether python-calamine is there (`perfxl[fast]`)."""
    return find_spec("python_calamine") is not None


def read_sheets(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int) -> list[Sheet] | None:
    """The wanted sheets, equal to the reader of record's, or None where that is not certain."""
    if not opened.calamine_ok:
        return None
    from python_calamine import CalamineError, CalamineWorkbook

    sheets = []
    try:
        with CalamineWorkbook.from_filelike(BytesIO(opened.data)) as workbook:
            for index, facts in enumerate(opened.sheets):
                if not wanted(facts.name):
                    continue
                last, width = min(max_row, facts.last_row), min(max_column, facts.last_column)
                rows = workbook.get_sheet_by_index(index).to_python(skip_empty_area=False, nrows=last or None) if last else []
                filled = []
                for number, row in enumerate(rows[:last], 1):
                    values = _taken(row, width)
                    if values is None:
                        return None
                    if any(value is not None for value in values):
                        filled.append((number, values))
                sheets.append(Sheet(facts.name, marked(filled, facts, last, width)))
    except CalamineError:
        return None
    return sheets


def _taken(row: Sequence[object], width: int) -> tuple[object, ...] | None:
    """The values of a row as openpyxl gives them; None where they might differ."""
    values: list[object] = [None] * width
    for i, value in enumerate(row[:width]):
        if isinstance(value, str):
            if value:
                values[i] = value
        elif isinstance(value, bool):
            values[i] = value
        elif isinstance(value, float):
            if not -EXACT < value < EXACT:
                return None
            values[i] = int(value) if value.is_integer() else value
        elif isinstance(value, int):
            values[i] = value
        else:
            return None
    return tuple(values)
