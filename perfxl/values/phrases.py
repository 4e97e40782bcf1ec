"""What stands before and after the one number of a cell. Both vocabularies are small, so both readings are cached."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from perfxl.values.expressions import Expression
from perfxl.values.units import KNOWN_UNITS, MAGNITUDE, Unit, is_counting_word, power_of, read_magnitude_unit, read_unit, unit_at_start
from perfxl.values.vocabulary import (
    APPROXIMATELY,
    CHANGE_DOWN,
    CHANGE_UP,
    COMPARED_WITH,
    LEADING_WORDS,
    LEVEL_BEFORE,
    NEAR_BEFORE,
    OPERATOR_AFTER,
    OPERATOR_BEFORE,
    PLANNED_BEFORE,
    REACHED_BEFORE,
    UNSURE_WORDS,
    WORDS_AFTER,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class Around(Struct, frozen=True):
    """The meaning of the text on one side of the number.

    `operator` is one of ≥ > ≤ < = or None; `per` a denominator (每周 → 周); `direction` up or down for a change;
    `strict` that only a known unit makes the cell a measure (there is prose beside it).
    """

    operator: str | None = None
    unit: Unit | None = None
    power: int = 0
    per: str | None = None
    direction: str | None = None
    approximate: bool = False
    strict: bool = False
    notes: tuple[str, ...] = ()


NOTHING = Around()


class _Words:
    """Words with a kind and a meaning, found at an end of a text, longest first.

    Slices looked up in a dict: quicker than an alternation of hundreds of words, and nothing to compile at import.
    """

    __slots__ = ("_longest", "_meanings")

    def __init__(self, *groups: tuple[str, Iterable[tuple[str, str]]]) -> None:
        self._meanings = {word: (kind, meaning) for kind, words in reversed(groups) for word, meaning in words}
        self._longest = max(map(len, self._meanings))

    def ending(self, text: str) -> tuple[str, str, int] | None:
        """Kind, meaning and length of the longest word that `text` ends with."""
        for length in range(min(self._longest, len(text)), 0, -1):
            if found := self._meanings.get(text[-length:]):
                return (*found, length)
        return None

    def beginning(self, text: str) -> tuple[str, str, int] | None:
        """Kind, meaning and length of the longest word that `text` begins with."""
        for length in range(min(self._longest, len(text)), 0, -1):
            if found := self._meanings.get(text[:length]):
                return (*found, length)
        return None


def _plain(words: Iterable[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


_PER = [(f"每{word}", word) for word in KNOWN_UNITS] + [(f"{word}均", word) for word in "人户日月年场"]
_BEFORE_END = _Words(
    ("sign", _plain("≥≤><=")),
    ("exact", [("高达", "=")]),
    ("operator", OPERATOR_BEFORE.items()),
    ("reached", [*((word, "≥") for word in REACHED_BEFORE), *((word, "≤") for word in LEVEL_BEFORE)]),
    ("near", [(word, "<") for word in NEAR_BEFORE]),
    ("about", _plain(APPROXIMATELY)),
    ("per", _PER),
    ("yuan", [("¥", "元")]),
    ("weak", _plain((*":为是在", "范围"))),
)
_BEFORE_START = _Words(
    ("down", _plain(CHANGE_DOWN)),
    ("up", _plain(CHANGE_UP)),
    ("compared", _plain(COMPARED_WITH)),
    ("planned", _plain(PLANNED_BEFORE)),
    ("lead", _plain(LEADING_WORDS)),
    ("per", _PER),
)
_AFTER_END = _Words(("operator", OPERATOR_AFTER.items()), ("about", _plain(APPROXIMATELY)), ("word", _plain(WORDS_AFTER)))
_UNSURE = Expression("|".join(UNSURE_WORDS))
_NAME = Expression(r"[\u4e00-\u9fffA-Za-z、,:()/·\-]{0,28}[\u4e00-\u9fff][\u4e00-\u9fff:)]?\Z")
_BRACKETS = Expression(r"\([^()]*\)")
_PER_UNIT = Expression(r"(?:每|均)(.+)\Z")
_INCLUSIVE = {">": "≥", "<": "≤"}


def joined_operator(one: str | None, other: str | None) -> str | None:
    """Two operators of one cell (控制在…以内, 超过…以上): the weaker claim. ValueError if they point apart."""
    if one is None or other is None or one == other:
        return one or other
    if "=" in (one, other):
        return one if other == "=" else other
    if (one in "≥>") != (other in "≥>"):
        raise ValueError
    return _INCLUSIVE.get(one, one)


_CLAIMS = frozenset({"sign", "exact", "operator", "reached", "near"})
_NOTED = {"exact": "reached", "reached": "reached", "near": "near", "yuan": "yuan"}


def claim_at_end(text: str) -> str | None:
    """The operator that the last words of `text` state, None if they state none."""
    found = _BEFORE_END.ending(text)
    return found[1] if found and found[0] in _CLAIMS else None


@lru_cache(maxsize=16384)
def read_head(head: str) -> Around | None:
    """The text before the number; None where its meaning is not certain."""
    operator: str | None = None
    per: str | None = None
    approximate = signed = False
    notes: list[str] = []
    while found := _BEFORE_END.ending(head):
        kind, meaning, length = found
        if kind in _CLAIMS:
            try:
                operator = joined_operator(operator, meaning)
            except ValueError:
                return None
            signed = signed or kind == "sign"
        if kind in _NOTED:
            notes.append(_NOTED[kind])
        if kind == "about":
            approximate = True
        elif kind == "per":
            per = meaning if per is None else f"{meaning}·{per}"
        head = head[:-length]
    return _rest_of_head(_BRACKETS.sub("", head), Around(operator, per=per, approximate=approximate, notes=tuple(notes)), signed)


def _rest_of_head(head: str, around: Around, signed: bool) -> Around | None:  # noqa: FBT001 - where the operator came from
    """What is left of the head: verbs, a direction of change, or the name of what is counted."""
    direction: str | None = None
    per = around.per
    notes = list(around.notes)
    while found := _BEFORE_START.beginning(head):
        kind, meaning, length = found
        if kind in {"down", "up"}:
            if direction is not None:
                return None
            direction = kind
        elif kind == "per":
            per = meaning if per is None else f"{meaning}·{per}"
        elif kind == "planned":
            notes.append("planned")
        elif kind == "lead" and "verb-prefix" not in notes:
            notes.append("verb-prefix")
        head = head[length:]
    if head:
        # a sign right before the number settles the reading (足额保障率=100%); words only in plain company
        if not _NAME.match(head) or (not signed and _UNSURE.search(head)):
            return None
        if signed and direction is not None:
            direction = None
        notes.append("name-prefix")
    return Around(
        around.operator, per=per, direction=direction, approximate=around.approximate, strict=bool(head) and not signed,
        notes=tuple(notes),
    )  # fmt: skip


_MORE = r"余|多|来"
_TAIL = Expression(rf"(?P<more>{_MORE})?(?P<magnitude>{MAGNITUDE})?(?P<more2>{_MORE})?(?P<rest>(?s:.*))\Z")
_NOUN = Expression(r"[\u4e00-\u9fffA-Za-z、]{2,24}\Z")
_OF = Expression(r"(?:以上|及以上|以内)?的?")


@lru_cache(maxsize=16384)
def read_tail(tail: str) -> Around | None:
    """The text after the number: 余, 万, the unit, 以上, a word such as 完成; None where it is not certain."""
    if not tail:
        return NOTHING
    if tail == "%":
        return _PERCENT
    found = _TAIL.match(tail)
    if found is None or (found["more"] and found["more2"]):
        return None
    power = power_of(found["magnitude"]) if found["magnitude"] else 0
    more = found["more"] or found["more2"]
    if more == "来":
        return None
    return _after(found["rest"], power, ">" if more else None) or (
        # the magnitude may be the first sign of a unit or a word after all
        _after(found["magnitude"] + found["rest"], 0, None) if found["magnitude"] and not more else None
    )


_PERCENT = Around(unit=Unit("%"))


def _after(rest: str, power: int, operator: str | None) -> Around | None:
    approximate, notes = False, ["more-than"] if operator else []
    core = rest
    try:
        while True:
            unit = read_unit(core) if core else None
            if unit is not None and unit.known:
                break
            ending = _AFTER_END.ending(core)
            if ending is None:
                break
            kind, meaning, length = ending
            if kind == "operator":
                operator = joined_operator(operator, meaning)
            approximate = approximate or kind == "about"
            if kind == "word":
                notes.append("word-after")
            core = core[:-length]
    except ValueError:
        return None
    if not core:
        return Around(operator, None, power, approximate=approximate, notes=tuple(notes))
    unit = read_unit(core)
    if unit is None or not unit.known:
        prose = _counted(core) if operator is None else None
        if prose is not None:
            return Around(prose.operator, prose.unit, power + prose.power, strict=True, notes=("text-suffix",))
    if unit is None:
        return None
    if not unit.known:
        notes.append("unit-unknown")
    return Around(operator, unit, power + unit.power, approximate=approximate, notes=tuple(notes))


def _counted(core: str) -> Around | None:
    """`个平台`, `场阅读推广活动`, `%的读者`: a unit that counts, and the thing counted."""
    found = unit_at_start(core)
    if found is None:
        return None
    unit, thing = found
    if not (is_counting_word(unit) or (unit.label == "%" and "的" in thing[:4])):
        return None
    operator = None
    if lead := _OF.match(thing):
        word = lead[0].removesuffix("的")
        operator = OPERATOR_AFTER.get(word)
        thing = thing[lead.end() :]
    if not _NOUN.match(thing) or _UNSURE.search(thing):
        return None
    return Around(operator, unit, unit.power)


def bracket_meaning(inside: str) -> Around:
    """What a closing bracket adds: a unit, 每周, 约; anything else is a remark and changes nothing."""
    if per := _PER_UNIT.match(inside):
        return Around(per=per[1])
    if unit := read_magnitude_unit(inside):
        return Around(unit=unit, power=unit.power) if unit.known else NOTHING
    if re.match(r"约|估|预[计估]|大约|大概|暂", inside):
        return Around(approximate=True)
    return NOTHING
