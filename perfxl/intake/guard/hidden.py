"""Rows and columns that nobody sees when the sheet is opened: hidden, filtered away, or without height or width."""

from __future__ import annotations

import re
from typing import Final

_HIDDEN: Final = re.compile(rb"""\b(?:hidden\s*=\s*["'](?:1|true)|(?:ht|width)\s*=\s*["']0(?:\.0*)?)["']""")
_TAG: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,20}:)?(row|col)\s([^<>]{0,1000})>")
_NUMBER: Final = re.compile(rb"""\br\s*=\s*["']([0-9]{1,7})["']""")
_SPAN: Final = re.compile(rb"""\b(min|max)\s*=\s*["']([0-9]{1,5})["']""")
_MARKS: Final = (b"hidden", b'ht="0', b"ht='0", b'width="0', b"width='0")


def hidden_in(content: bytes, last_column: int) -> tuple[frozenset[int], frozenset[int]]:
    """The hidden rows and columns of a worksheet, counted from 1, columns up to `last_column`.

    Only the tags around a mark are looked at: few sheets have one, and none has many.
    """
    content = content.replace(b' hidden="false"', b"").replace(b' hidden="0"', b"")  # on every row, where LibreOffice writes
    rows: set[int] = set()
    columns: set[int] = set()
    for mark in _MARKS:
        at = content.find(mark)
        while at >= 0:
            tag = _TAG.match(content, content.rfind(b"<", 0, at))
            if tag is not None and tag.end() > at and _HIDDEN.search(tag[2]):
                if tag[1] == b"row":
                    rows.update(int(number) for number in _NUMBER.findall(tag[2])[:1])
                else:
                    span = {name: int(value) for name, value in _SPAN.findall(tag[2])}
                    columns.update(range(max(span.get(b"min", 1), 1), min(span.get(b"max", 0), last_column) + 1))
            at = content.find(mark, at + len(mark))
    return frozenset(rows), frozenset(columns)
