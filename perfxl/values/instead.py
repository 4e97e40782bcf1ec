"""Whether a known word of a cell stands where its row's name has another: 草原覆盖率 is no 森林覆盖率, 鉴定水库 no 除险加固 of them.

A word beside the name's own is harmless where nothing of the name that could stand in its place is missing (社区公厕 of 新建公厕).
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from perfxl.values import lexicon, nouns
from perfxl.values import result_words as lists
from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    Words = tuple[tuple[str, str], ...]

_SAME = [frozenset(line.partition(" | ")[0].split()) for line in lexicon.RESULTS.strip().split("\n")]
_LIKE = [frozenset(line.split()) for line in lists.LIKE_NOUNS.strip().split("\n")]
_OPENING = tuple(sorted([*lexicon.LIGHT.split(), *lexicon.GENERIC.split()], key=len, reverse=True))
_ACTS = frozenset(word for word in [*lexicon.VERBS.split(), *frozenset().union(*_SAME), *lists.LAST_ACTS.split()] if len(word) > 1)
_ACTING = _ACTS | frozenset(lists.ACTING_NOUNS.split())
_HOLDING, _PART = tuple(lists.HOLDING.split()), frozenset(lists.TAKING_PART.split())
_PEOPLE = frozenset({"人", "人次", "名", "位"})
_BROAD = frozenset([*lexicon.GENERAL_NOUNS.split(), *lists.BROAD.split(), *lexicon.MEASURE_ENDS.split(), *lexicon.GENERIC.split()])
_OF_MANY = frozenset(lists.OF_MANY.split())
_BROAD_IN_SHARES = _BROAD - frozenset(lists.PEOPLE.split())
_BROAD_OWN = _BROAD - frozenset(lexicon.GENERIC.split())
_COUNTS = [word for word in lexicon.GENERAL_NOUNS.split() if word.endswith(("数", "量", "次"))]
_MEASURES = tuple(sorted([*lexicon.MEASURE_ENDS.split(), *_COUNTS], key=len, reverse=True))
_BROAD_FIRST = sorted((word for word in [*_BROAD, *lexicon.SCOPES.split(), *lexicon.ADVERBS.split()] if len(word) > 1), key=len, reverse=True)
_SCOPES, _PLACES = frozenset(lexicon.SCOPES.split()), tuple(lexicon.PLACES.split())
_WORDS = LazyPattern(r"[\u4e00-\u9fffA-Za-z]+")


@cache
def _only_acts() -> list[str]:
    return sorted(_ACTING - (frozenset(nouns.NOUNS.split()) - frozenset().union(*_SAME)), key=len, reverse=True)


@cache
def _of_things() -> frozenset[str]:
    return frozenset([*nouns.NOUNS.split(), *lexicon.PLACES.split(), *lexicon.SORTS.split(), *lexicon.SCOPES.split()]) - _ACTING


@lru_cache(maxsize=16384)
def instead(words: Words, told: str, name: str, unit: str) -> str:
    """The word of `words` in the place of one that the name has and `told` has not; empty if there is none.

    >>> [instead((("noun", one), ("noun", "覆盖率")), f"{one}覆盖率63%", "森林覆盖率", "%") for one in ("草原", "森林", "全域")]
    ['草原', '', '']
    """
    pieces = [piece for kind, text in words for piece in _pieces(kind, text, name)]
    return _before_own(pieces, told, name) or _behind_own(pieces, told, name) or _taking_part(words, name, unit)


def _taking_part(words: Words, name: str, unit: str) -> str:
    """参加赛事16场 in a row of 举办赛事: of what others held."""
    if unit in _PEOPLE or not name.startswith(_HOLDING) or any(text.startswith(_HOLDING) for _, text in words):
        return ""
    return next((text for _, text in words if text in _PART and text not in name), "")


def _before_own(pieces: list[tuple[str, str]], told: str, name: str) -> str:
    """草原 before 覆盖率, 鉴定 before 小型水库."""
    passed: list[str] = []
    strange: list[tuple[str, str]] = []
    for kind, text in pieces:
        if text not in name:
            strange.append((kind, text))
            continue
        strange = [(kind_of, word) for kind_of, word in strange if not _act_of(word, name)]
        run = "".join(word for _, word in strange) + text
        if strange and text not in _BROAD_OWN and run in told:
            before = name[: name.find(text)]
            for word in passed:
                before = before.replace(word, ";")
            broad = _BROAD_IN_SHARES if text[-1] in "率度" else _BROAD
            for kind_of, other in strange:
                missing = "" if other in broad else _place_of(before, told, act=kind_of == "lead" or other in _ACTING)
                if missing and not _alike(other, missing) and (other not in _SCOPES or missing.startswith(_PLACES)):
                    return other
        passed.append(text)
        strange = []
    return ""


def _behind_own(pieces: list[tuple[str, str]], told: str, name: str) -> str:
    """锅炉 behind 老旧 in a row of 老旧车辆, 推介会 behind 举办 in one of 招聘会."""
    for (_, own), (kind, other) in pairwise(piece for piece in pieces if piece[1] not in _BROAD or piece[1] in _OPENING):
        light = own in _OPENING and name.startswith(_OPENING)
        if not (light or (own in name and own not in _BROAD)) or (kind == "lead" and other not in _ACTS):
            continue
        if _overlaps(other, name) or other in _BROAD or other.endswith(_MEASURES):
            continue
        if any(text in name and text not in _BROAD for _, text in pieces if text != own):
            continue
        missing = _behind(name, "" if light else own, told)
        if missing and (light or (missing in _ACTING) == (other in _ACTING)) and not _alike(other, missing):
            return other
    return ""


@lru_cache(maxsize=16384)
def _behind(name: str, own: str, told: str) -> str:
    """What a name has behind a word of its own, without its measure, if no part of it is told."""
    rest = name[name.find(own) + len(own) :] if own else name.removeprefix(next((word for word in _OPENING if name.startswith(word)), ""))
    rest = rest.partition("(")[0]
    for word in (*_MEASURES, *_BROAD_FIRST):
        rest = rest.removesuffix(word)
    return "" if len(rest) < 2 or rest in _OF_MANY or _overlaps(rest, told) else rest


def _pieces(kind: str, text: str, name: str) -> list[tuple[str, str]]:
    """A word cut where the name's own words begin or end in it: 治安|案件, 人工|种草."""
    if text in name:
        return [(kind, text)]
    cuts = range(2, len(text) - 1)
    at = next((at for at in cuts if text[at:] in name), 0) or next((at for at in reversed(cuts) if text[:at] in name), 0)
    return [(kind, text[:at]), (kind, text[at:])] if at else [(kind, text)]


def _overlaps(word: str, text: str) -> bool:
    return word in text or any(word[at : at + 2] in text for at in range(len(word) - 1))


@lru_cache(maxsize=16384)
def _place_of(before: str, told: str, *, act: bool) -> str:
    """What the name has before its own word, if it is of the kind asked for and no part of it is told."""
    before = before.removeprefix(next((word for word in _OPENING if before.startswith(word)), ""))
    for word in _BROAD_FIRST if act else [*_BROAD_FIRST, *_only_acts()]:
        before = before.replace(word, ";")
    place = next(reversed(_WORDS.findall(before)), "")
    while act and (thing := next((end for at in range(len(place)) if (end := place[at:]) in _of_things()), "")):
        place = place.removesuffix(thing)
    if len(place) < 2:
        return ""
    return "" if _overlaps(place, told) else place


def _act_of(word: str, name: str) -> bool:
    """Whether a name has the act or one of its line: 新建 of 中心建设数."""
    return any(word in line and any(act in name for act in line) for line in _SAME)


def _alike(other: str, missing: str) -> bool:
    """Whether two words are of one line, or one is short for the other: 采购 of 购置, 文献 of 图书, 辅具 of 辅助器具."""
    rest = iter(missing)
    return all(sign in rest for sign in other) or any(other in line and any(word in missing for word in line) for line in (*_SAME, *_LIKE))
