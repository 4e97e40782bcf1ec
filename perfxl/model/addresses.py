"""Addresses: a row number and a column become text here and nowhere else.

A column of a workbook is its letters; one of a Word table is `第6列`, whose cell in row 5 is shown as `第5行第6列`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_A1 = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_WORD = re.compile(r"第(\d+)行(第\d+列)")


@lru_cache(maxsize=1024)
def letters(index: int) -> str:
    """The letters of a column counted from 0.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(column: str) -> int:
    """A column counted from 1, of a workbook or of a Word table.

    >>> column_number("A"), column_number("AA"), column_number("第6列")
    (1, 27, 6)
    """
    if not column.isascii():
        return int(column[1:-1])
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def split(address: str | None) -> tuple[int | None, str | None]:
    """Row and column of an address; of a row or a sheet alone, or of nothing, what there is.

    >>> split("G8"), split("第5行第6列"), split(None)
    ((8, 'G'), (5, '第6列'), (None, None))
    """
    if found := _A1.match(address or ""):
        return int(found[2]), found[1]
    if found := _WORD.match(address or ""):
        return int(found[1]), found[2]
    return None, None


def joined(row: int | None, column: str | None) -> str | None:
    """The address as a reader of the paper finds it.

    >>> joined(8, "G"), joined(5, "第6列"), joined(None, None)
    ('G8', '第5行第6列', None)
    """
    if column is None or row is None:
        return None
    return f"{column}{row}" if column.isascii() else f"第{row}行{column}"
