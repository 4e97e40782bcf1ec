"""Which cells say nothing: blank, or one of the marks and words that stand for it."""

from __future__ import annotations

from functools import lru_cache

from perfxl.model.invisible import compatible
from perfxl.values.vocabulary import PLACEHOLDERS

_MARKS = " .。,，-—_*/\\"


@lru_cache(maxsize=16_384)
def is_blank(text: str) -> bool:
    """Whether a cell is empty or holds a placeholder only (无, /, —, 不涉及).

    >>> is_blank(""), is_blank("——"), is_blank("无"), is_blank("0")
    (True, True, True, False)
    """
    short = compatible(text).strip().lower()
    return short in PLACEHOLDERS or not short.strip(_MARKS)


@lru_cache(maxsize=16_384)
def says_nothing(text: str) -> bool:
    """Whether a reason, a name of evidence or a paragraph says nothing: blank, a placeholder, or 0."""
    return is_blank(text) or compatible(text).strip(_MARKS) == "0"
