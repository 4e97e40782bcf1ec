"""The fast reader: python-calamine, behind the guard, only in workers, only for plain workbooks.

It shows no number formats and takes some cells differently from openpyxl. `read_sheets` answers None wherever its rows
might not be those of the reader of record; that one workbook is then read with openpyxl.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, time, timedelta
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from perfxl.intake.readers import Sheet, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from perfxl.intake.guard import Opened

EXACT = 1e15
"""Above this a whole number may have digits that only openpyxl's integers keep."""
_ESCAPE = re.compile(rb"_x[0-9A-Fa-f]{4}_")
"""What calamine reads as the character and openpyxl as it is written."""
_ODD_TEXT = re.compile(r"_x[0-9A-Fa-f]{4}_|\r|x005F_")


def installed() -> bool:
    """Whether python-calamine is there (`perfxl[fast]`)."""
    return find_spec("python_calamine") is not None


def read_sheets(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int) -> list[Sheet] | None:
    """The wanted sheets, equal to the reader of record's, or None where that is not certain."""
    if not opened.calamine_ok or not _formats_agree(opened.parts.get("xl/styles.xml", b"")):
        return None
    read = {opened.strings_part, *(facts.part for facts in opened.sheets if wanted(facts.name))}
    if any(_ESCAPE.search(content) for part in read if b"_x" in (content := opened.parts.get(part, b""))):
        return None
    from python_calamine import CalamineError, CalamineWorkbook

    sheets = []
    try:
        with CalamineWorkbook.from_filelike(BytesIO(opened.data)) as workbook:
            for facts in opened.sheets:
                if not wanted(facts.name):
                    continue
                sheet = Sheet(facts.name)
                sheets.append(sheet)
                last, width = min(max_row, facts.last_row), min(max_column, facts.last_column)
                rows = workbook.get_sheet_by_name(facts.name).to_python(skip_empty_area=False, nrows=last or None) if last else []
                for number, row in enumerate(rows[:last], 1):
                    values = _taken(row, width)
                    if values is None:
                        return None
                    if any(value is not None for value in values):
                        sheet.rows.append((number, marked(values, number, facts)))
    except CalamineError:
        return None
    return sheets


def _taken(row: Sequence[object], width: int) -> tuple[object, ...] | None:
    """The values of a row as openpyxl gives them; None where they might differ."""
    values: list[object] = [None] * width
    for i, value in enumerate(row[:width]):
        if isinstance(value, str):
            if value:
                if _ODD_TEXT.search(value):
                    return None
                values[i] = value
        elif isinstance(value, bool):
            values[i] = value
        elif isinstance(value, float):
            if not -EXACT < value < EXACT:
                return None
            values[i] = int(value) if value.is_integer() else value
        elif isinstance(value, int):
            values[i] = value
        elif isinstance(value, date | time | timedelta):
            return None
    return tuple(values)


_CODES = re.compile(rb'<numFmt\b[^>]*\bformatCode="([^"]*)"')
_DATE_LETTER = re.compile(r"[dmhysDMHYSeEgG]")
_KNOWN_DATE = re.compile(r"(?:[ymdhs/\-.: ,;@]|\\.|&quot;[^&]*&quot;|\[\$-[0-9A-Fa-f]+\]|AM/PM|[年月日时分秒])+")
_QUOTED = re.compile(r"&quot;[^&]*&quot;|\\.|\[[^\]]*\]|General|E\+|e\+")
_agreed: dict[bytes, bool] = {}


def _formats_agree(styles: bytes) -> bool:
    """Whether every number format is one that both readers take for a date, or both for a number."""
    key = hashlib.sha256(styles).digest()
    if key not in _agreed:
        codes = [code.decode("utf-8", "replace") for code in _CODES.findall(styles)]
        if len(_agreed) >= 1024:
            _agreed.clear()
        _agreed[key] = all(not _DATE_LETTER.search(_QUOTED.sub("", code)) or _KNOWN_DATE.fullmatch(code) for code in codes)
    return _agreed[key]
