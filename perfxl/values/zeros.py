"""Zeros in words: 零投诉 is a number beside a number, 未发生 is none and asks for a 0."""

from __future__ import annotations

from functools import lru_cache

from perfxl.values import lexicon
from perfxl.values.words import changing_word

_ZERO_NOUNS = frozenset(lexicon.ZERO_NOUNS.split())
_NOTHING_HAPPENED = frozenset(lexicon.NOTHING_HAPPENED.split())


@lru_cache(maxsize=4096)
def is_zero_word(text: str, name: str) -> bool:
    """Whether a text is 零 and what was counted: 零投诉, 零.

    >>> is_zero_word("零投诉", ""), is_zero_word("零散", "")
    (True, False)
    """
    if not text.startswith("零"):
        return False
    counted = text[1:].removesuffix("率").removesuffix("发生") or "起"
    return counted in _ZERO_NOUNS or (len(counted) > 1 and counted in name and changing_word(counted) is None)


def says_nothing_happened(text: str) -> bool:
    """Whether a text says in words that nothing happened (未发生)."""
    return text in _NOTHING_HAPPENED
