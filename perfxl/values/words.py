"""A text as the known words it is made of, or nothing: no sign may be left over."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_letters
from typing import TYPE_CHECKING, NamedTuple

from perfxl.values import lexicon, nouns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORTEST, _LONGEST = 2, 20
_READABLE = 200
"""Signs beside one number; a longer text is a paragraph, no value."""
_IN_NAMES = frozenset(f"{ascii_letters}、·/-")
_CHANGING = frozenset(lexicon.CHANGES.split())
_OWN_ACTS = frozenset(lexicon.OWN_ACTS.split())
_EARLIER = frozenset({"上年", "去年", "往年", "前年"})
_COMPOUNDS = sorted((word for word in nouns.COMPOUNDS.split()), key=len, reverse=True)


class Word(NamedTuple):
    """A known word: what kind it is of, and what it means there."""

    kind: str
    meaning: str
    text: str


class Words:
    """Known words by kind. A word of several groups is of the first; the words of `beside` are known too, after these.

    A group is words that mean themselves, or a dict of words and what they mean. Slices looked up in a dict: quicker than an alternation
    of thousands of words, and nothing to compile.
    """

    __slots__ = ("_beside", "_known", "_longest")

    def __init__(self, *groups: tuple[str, str | Iterable[str] | dict[str, str]], beside: Words | None = None) -> None:
        self._known: dict[str, str | Word] = {}  # the kind alone where a word means itself: thousands of records take longer than a score asks
        for kind, words in reversed(groups):
            if isinstance(words, dict):
                self._known |= {word: Word(kind, meaning, word) for word, meaning in words.items()}
            else:
                self._known |= dict.fromkeys(words.split() if isinstance(words, str) else words, kind)
        self._beside: dict[str, str | Word] = beside._known if beside else {}  # noqa: SLF001 - of its own kind
        self._longest: int = max(*map(len, self._known), beside._longest if beside else 0)  # noqa: SLF001 - of its own kind

    def ending(self, text: str) -> Word | None:
        """The longest word that `text` ends with."""
        for length in range(min(self._longest, len(text)), 0, -1):
            if found := self._known.get(text[-length:]):
                return _word(found, text[-length:])
        return None

    def split(self, text: str, name: str = "", before: str = "", behind: str = "") -> tuple[Word, ...] | None:
        """`text` as known words, longest first; None if a sign of it belongs to none.

        `name` lends its own pieces as nouns. A `suffix` counts only behind another word; `before` is the kind of what stands before,
        `behind` of what stands behind.
        """
        found = _Split(self, text, name, behind).from_(0, before) if len(text) <= _READABLE else None
        return None if found is None else tuple(found)

    def at(self, text: str, at: int, name: str) -> Iterator[Word]:
        """The known words that `text` holds at a place, longest first."""
        for length in range(min(max(self._longest, _LONGEST if name else 0), len(text) - at), 0, -1):
            piece = text[at : at + length]
            if name and length >= _SHORTEST and piece in name and _is_own_noun(piece, name):
                yield Word("noun", piece, piece)
            elif found := self._known.get(piece) or self._beside.get(piece):
                yield _word(found, piece)

    def rest(self, text: str, name: str = "") -> str:
        """The part of `text` that no known word reaches: what a message shows as not understood."""
        if len(text) > _READABLE:
            return text
        search = _Split(self, text, name)
        if search.from_(0, "") is not None:
            return ""
        return text[search.reached :] or text


def _word(found: str | Word, piece: str) -> Word:
    return Word(found, piece, piece) if isinstance(found, str) else found


class _Split:
    """One search: depth first, longest word first, every dead end once."""

    __slots__ = ("_behind", "_name", "_text", "_words", "dead", "reached")

    def __init__(self, words: Words, text: str, name: str, behind: str = "") -> None:
        self._words, self._text, self._name, self._behind = words, text, name, behind
        self.dead: set[tuple[int, str]] = set()
        self.reached = 0

    def from_(self, at: int, before: str) -> list[Word] | None:
        text = self._text
        self.reached = max(self.reached, at)
        if at == len(text):
            return None if before in _GOES_BEFORE and self._behind not in _GOES_BEFORE[before] else []
        if (at, before) in self.dead:
            return None
        for word in self._words.at(text, at, self._name):
            kind = _kind_behind(before, word)
            if kind and (rest := self.from_(at + len(word.text), kind)) is not None:
                return [word, *rest]
        self.dead.add((at, before))
        return None


_COVERING = frozenset(lexicon.COVERING.split())
_NO_AGENT = frozenset(lexicon.NO_AGENT.split())
_ATTRIBUTES = frozenset({"scope", "place", "sort"})
_WITH_VERBS = {"noun", "suffix", "lead", "covering"} | _ATTRIBUTES
_GOES_BEFORE = {"scope": {"noun", "suffix"} | _ATTRIBUTES, "place": _WITH_VERBS | {"part"}, "sort": _WITH_VERBS}
"""What must stand behind a word that says nothing by itself."""


def _kind_behind(before: str, word: Word) -> str:
    """What `word` counts as behind a word of the kind `before`; empty where it may not stand there."""
    kind = word.kind
    if kind == "suffix" and (before not in {"noun", "suffix", "lead", "covering"} or (before in {"lead", "covering"} and word.text in _NO_AGENT)):
        return ""
    if before in _GOES_BEFORE and kind not in _GOES_BEFORE[before]:
        return ""
    if kind == "lead":
        return "covering" if word.text in _COVERING else kind
    if (kind in {"sort", "place"} and before in {"lead", "covering", "noun", "suffix"}) or (kind == "scope" and before == "covering"):
        return "noun"  # 制定标准12项, 覆盖全县270个行政村
    return kind


@lru_cache(maxsize=16384)
def _is_own_noun(piece: str, name: str) -> bool:
    """Whether a piece of the indicator's name may be taken away: no word in it changes the number.

    The name's own beginning may hold such a word (取消收费项目 in 取消收费项目数), never that word alone.
    """
    if not all("\u4e00" <= sign <= "\u9fff" or sign in _IN_NAMES for sign in piece):
        return False
    if piece in _OWN_ACTS:
        return True
    changing = changing_word(piece)
    at_an_end = name.startswith(piece) or name.partition(";")[0].endswith(piece)
    return changing is None or (at_an_end and len(piece) >= len(changing) + 2 and changing not in _EARLIER)


@lru_cache(maxsize=16384)
def changing_word(text: str) -> str | None:
    """A word in `text` that would turn the sense of a number beside it; None if there is none outside known compounds."""
    for compound in _COMPOUNDS:
        if compound in text:
            text = text.replace(compound, " ")
    pieces = {text[at : at + length] for at in range(len(text)) for length in (1, 2)}
    return max(pieces & _CHANGING, key=len, default=None)


HARMLESS = Words(
    ("planned", [*lexicon.PLANNED.split(), *(word for word in lexicon.DUE_LABELS.split() if word.startswith("应"))]),
    ("adverb", lexicon.ADVERBS),
    ("scope", lexicon.SCOPES),
    ("place", lexicon.PLACES),
    ("sort", lexicon.SORTS),
    ("lead", lexicon.GENERIC),
    ("lead", (word for line in lexicon.RESULTS.split("\n") for word in line.partition(" | ")[0].split())),
    ("lead", lexicon.VERBS),
    ("noun", nouns.NOUNS),
    ("noun", nouns.COMPOUNDS),
    ("suffix", nouns.SUFFIXES),
    ("glue", lexicon.GLUE),
)
"""The words that may stand on either side of a number."""
