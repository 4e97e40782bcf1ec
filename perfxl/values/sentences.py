"""Sentences that hold one date or one number: known from end to end, or left as words."""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from perfxl.values.dates import DATE_IN_TEXT
from perfxl.values.expressions import LazyPattern
from perfxl.values.numerals import normalised
from perfxl.values.phrases import understood
from perfxl.values.reading import read_value
from perfxl.values.record import Reading, ReadingKind
from perfxl.values.vocabulary import DATE_AFTER, DATE_BEFORE, DATE_PLANNED, DONE_WORDS
from perfxl.values.words import changing_word

_JOINTS = LazyPattern(r"[,;.:()。]")
_VERB_FIRST = LazyPattern(r"(?P<verb>[\u4e00-\u9fff]{2})(?P<number>\d[^()]*[\u4e00-\u9fff])\Z")
_BESIDE_DATES = frozenset((*DATE_BEFORE, *DATE_AFTER))


def dated_sentence(reading: Reading, name: str, *, target: bool) -> Reading:
    """A sentence with its one date (已于2020年12月20日完成改造) as that date; as it was where it reports no completion.

    AMBIGUOUS where it is a target with a word on no list, or an actual that is a plan.
    """
    kinds = _kinds(reading.words or "", name)
    if kinds is None:
        return replace(reading, kind=ReadingKind.AMBIGUOUS, start=None, end=None, unread=reading.unread or reading.text) if target else reading
    if target:
        return replace(reading, kind=ReadingKind.DATE, words=None)
    if "planned" in kinds:
        return replace(reading, kind=ReadingKind.AMBIGUOUS, notes=(*reading.notes, "planned"))
    done = any(word in (reading.words or "") for word in DONE_WORDS)
    return replace(reading, kind=ReadingKind.DATE, words=None) if done else reading


@lru_cache(maxsize=4096)
def _kinds(text: str, name: str) -> frozenset[str] | None:
    """The kinds of the words around a date; None if one is on no list."""
    found: set[str] = set()
    for piece in _JOINTS.split(DATE_IN_TEXT.sub(",", text)):
        if not piece or piece in _BESIDE_DATES:
            continue
        kinds = ("planned",) if piece in DATE_PLANNED else understood(piece, name)
        if kinds is None:
            return None
        found.update(kinds)
    return frozenset(found)


@lru_cache(maxsize=4096)
def verb_first(text: str, name: str) -> tuple[str, Reading] | None:
    """A target in the shape verb, number, unit, noun (打造60条公交线路), whatever its verb; None for any other shape.

    The rest must be understood whole, and the verb may not hold a word that turns the sense (取消60条公交线路).
    """
    found = _VERB_FIRST.match(normalised(text))
    if found is None or changing_word(found["verb"]) is not None:
        return None
    rest = read_value(found["number"], name=name)
    if rest.kind is not ReadingKind.QUANTITY or "text-suffix" not in rest.notes:
        return None
    return found["verb"], replace(rest, text=text, notes=(*rest.notes, "verb-first"))
