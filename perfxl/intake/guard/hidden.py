"""Rows and columns that nobody sees when the sheet is opened: hidden, filtered away, or without height or width."""

from __future__ import annotations

import re
from typing import Final

_HIDDEN: Final = re.compile(rb"""\b(?:hidden\s*=\s*["'](?:1|true)|(?:ht|width)\s*=\s*["']0(?:\.0*)?)["']""")
_ROW: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,20}:)?row\s([^<>]{0,1000})>")
_COLUMN: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,20}:)?col\s([^<>]{0,500})>")
_NUMBER: Final = re.compile(rb"""\br\s*=\s*["']([0-9]{1,7})["']""")
_SPAN: Final = re.compile(rb"""\b(min|max)\s*=\s*["']([0-9]{1,5})["']""")
_MARKS: Final = (b"hidden", b'ht="0', b"ht='0", b'width="0', b"width='0")


def hidden_in(content: bytes, last_column: int) -> tuple[frozenset[int], frozenset[int]]:
    """The hidden rows and columns of a worksheet, counted from 1, columns up to `last_column`."""
    if not any(mark in content for mark in _MARKS):
        return frozenset(), frozenset()
    rows = {int(number[1]) for found in _ROW.finditer(content) if _HIDDEN.search(found[1]) and (number := _NUMBER.search(found[1]))}
    columns: set[int] = set()
    for found in _COLUMN.finditer(content):
        if _HIDDEN.search(found[1]):
            span = {name: int(value) for name, value in _SPAN.findall(found[1])}
            columns.update(range(max(span.get(b"min", 1), 1), min(span.get(b"max", 0), last_column) + 1))
    return frozenset(rows), frozenset(columns)
