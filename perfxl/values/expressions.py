"""What texts are searched for: patterns that are compiled when first used, and plain words that need no pattern.

Compiling is dear: a millisecond for a set of all Chinese signs, four for three hundred words. One file asks some thirty texts.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class LazyPattern:
    """A pattern with the methods of a compiled one; the first use of a method binds the compiled one's."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern, self._flags = pattern, flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The compiled pattern, for what is not offered here."""
        return re.compile(self.pattern, self._flags)

    @cached_property
    def fullmatch(self) -> Callable[[str], re.Match[str] | None]:
        """`re.Pattern.fullmatch`."""
        return self.compiled.fullmatch

    @cached_property
    def match(self) -> Callable[[str], re.Match[str] | None]:
        """`re.Pattern.match`."""
        return self.compiled.match

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        """`re.Pattern.search`."""
        return self.compiled.search

    @cached_property
    def finditer(self) -> Callable[[str], Iterator[re.Match[str]]]:
        """`re.Pattern.finditer`."""
        return self.compiled.finditer

    @cached_property
    def findall(self) -> Callable[[str], list[str]]:
        """`re.Pattern.findall`."""
        return self.compiled.findall

    @cached_property
    def split(self) -> Callable[[str], list[str]]:
        """`re.Pattern.split`."""
        return self.compiled.split

    @cached_property
    def sub(self) -> Callable[[str | Callable[[re.Match[str]], str], str], str]:
        """`re.Pattern.sub`."""
        return self.compiled.sub


class RarePattern:
    """A pattern that few texts can match: one without a word that it `needs` is not asked, so that most runs need not compile it."""

    def __init__(self, pattern: str, needs: OneOf) -> None:
        self._pattern, self._needs = LazyPattern(pattern), needs

    def match(self, text: str) -> re.Match[str] | None:
        """`re.Pattern.match`."""
        return self._pattern.match(text) if self._needs.search(text) else None

    def search(self, text: str) -> re.Match[str] | None:
        """`re.Pattern.search`."""
        return self._pattern.search(text) if self._needs.search(text) else None

    def finditer(self, text: str) -> Iterable[re.Match[str]]:
        """`re.Pattern.finditer`."""
        return self._pattern.finditer(text) if self._needs.search(text) else ()

    def sub(self, instead: str | Callable[[re.Match[str]], str], text: str) -> str:
        """`re.Pattern.sub`."""
        return self._pattern.sub(instead, text) if self._needs.search(text) else text


class Spot(NamedTuple):
    """A word and where it begins."""

    start: int
    word: str


class OneOf:
    """Plain words, separated by blanks: what their alternation would find, the longest at each place first, by slices in a set.

    >>> [found.word for found in OneOf("未 未发生 发生").finditer("未发生投诉,投诉未发")]
    ['未发生', '未']
    """

    def __init__(self, *texts: str) -> None:
        self.words = frozenset(word for text in texts for word in text.split())

    @cached_property
    def _lengths(self) -> dict[str, tuple[int, ...]]:
        """The lengths of the words that begin with a sign, longest first."""
        lengths: dict[str, set[int]] = {}
        for word in self.words:
            lengths.setdefault(word[0], set()).add(len(word))
        return {sign: tuple(sorted(found, reverse=True)) for sign, found in lengths.items()}

    @property
    def pattern(self) -> str:
        """The words as a part of a pattern."""
        return "|".join(sorted(map(re.escape, self.words), key=len, reverse=True))

    def finditer(self, text: str) -> Iterator[Spot]:
        """The words that stand in a text, from its beginning, none within another."""
        lengths, words, behind = self._lengths, self.words, 0
        for at, sign in enumerate(text):
            if sign in lengths and at >= behind:
                for length in lengths[sign]:
                    if (word := text[at : at + length]) in words:
                        behind = at + len(word)
                        yield Spot(at, word)
                        break

    def search(self, text: str) -> Spot | None:
        """The first word that stands in a text."""
        return next(self.finditer(text), None)

    def sub(self, instead: str, text: str) -> str:
        """A text with each word replaced."""
        pieces, behind = [], 0
        for at, word in self.finditer(text):
            pieces += [text[behind:at], instead]
            behind = at + len(word)
        return "".join((*pieces, text[behind:])) if pieces else text
