"""What formulas of the template share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.rules.expression import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_LITERAL = 250
"""Characters of one text in a formula: Excel takes 255."""


def listed(words: Iterable[str]) -> str:
    """A text in which each of the words stands between bars."""
    return "|".join(("", *words, ""))


def among(cell: str, words: Iterable[str]) -> str:
    """A text is one of the words. No array: LibreOffice loses its way in an IF inside one."""
    text = listed(words)
    chunks = [text[i : i + LONGEST_LITERAL] for i in range(0, len(text), LONGEST_LITERAL)]
    return f'ISNUMBER(FIND("|"&{cell}&"|",{"&".join(map(literal, chunks))}))'
