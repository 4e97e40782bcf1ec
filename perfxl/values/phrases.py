"""What stands before and after the one number of a cell. Both vocabularies are small, so both readings are cached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from perfxl.values.units import MAGNITUDE, Unit, is_counting_word, power_of, read_magnitude_unit, read_unit, unit_at_start
from perfxl.vocabulary import (
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


@dataclass(frozen=True, slots=True)
class Around:
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


def _any_of(words: object) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


_SIGN = "≥|≤|>|<|="
_BEFORE_END = re.compile(
    rf"(?:(?P<sign>{_SIGN})|(?P<operator>{_any_of(OPERATOR_BEFORE)})|(?P<reached>{_any_of(REACHED_BEFORE)})"
    rf"|(?P<level>{_any_of(LEVEL_BEFORE)})|(?P<near>{_any_of(NEAR_BEFORE)})|(?P<about>{_any_of(APPROXIMATELY)})"
    rf"|(?P<per>每(?:(?!每)[\u4e00-\u9fff]){{1,3}}|[人户日月年场]均)|(?P<weak>[:为是在¥]|范围))\Z"
)
_BEFORE_START = re.compile(
    rf"(?:(?P<down>{_any_of(CHANGE_DOWN)})|(?P<up>{_any_of(CHANGE_UP)})|(?P<compared>{_any_of(COMPARED_WITH)})"
    rf"|(?P<planned>{_any_of(PLANNED_BEFORE)})|每(?P<per>周|月|日|天|季度|人|户|亩|场|次|个|馆|台|平方米)|(?P<lead>{_any_of(LEADING_WORDS)}))"
)
_UNSURE = re.compile(_any_of(UNSURE_WORDS))
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z、,:()/·\-]{0,28}[\u4e00-\u9fff][\u4e00-\u9fff:)]?\Z")
_BRACKETS = re.compile(r"\([^()]*\)")
_PER_UNIT = re.compile(r"(?:每|均)(.+)")
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


@lru_cache(maxsize=16384)
def read_head(head: str) -> Around | None:
    """The text before the number; None where its meaning is not certain."""
    operator: str | None = None
    per: str | None = None
    approximate = False
    notes: list[str] = []
    signed = False
    while found := _BEFORE_END.search(head):
        kind, word = found.lastgroup, found[0]
        if kind == "sign":
            step: str | None = word
            signed = True
        elif kind == "operator":
            step = OPERATOR_BEFORE[word]
            if word == "高达":
                notes.append("reached")
        elif kind == "reached":
            step = "≥"
            notes.append("reached")
        elif kind == "level":
            step = "≤"
            notes.append("reached")
        elif kind == "near":
            step = "<"
            notes.append("near")
        else:
            step = None
        if kind == "about":
            approximate = True
        elif kind == "per":
            word = word.removeprefix("每").removesuffix("均")
            per = word if per is None else f"{word}·{per}"
        try:
            operator = joined_operator(operator, step)
        except ValueError:
            return None
        head = head[: found.start()]
    return _rest_of_head(_BRACKETS.sub("", head), Around(operator, per=per, approximate=approximate, notes=tuple(notes)), signed)


def _rest_of_head(head: str, around: Around, signed: bool) -> Around | None:  # noqa: FBT001 - where the operator came from
    """What is left of the head: verbs, a direction of change, or the name of what is counted."""
    direction: str | None = None
    per = around.per
    notes = list(around.notes)
    while found := _BEFORE_START.match(head):
        kind = found.lastgroup
        if kind in {"down", "up"}:
            if direction is not None:
                return None
            direction = kind
        elif kind == "per":
            per = found["per"] if per is None else f"{found['per']}·{per}"
        elif kind == "planned":
            notes.append("planned")
        elif kind == "lead":
            notes.append("verb-prefix")
        head = head[found.end() :]
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
_TAIL = re.compile(rf"(?P<more>{_MORE})?(?P<magnitude>{MAGNITUDE})?(?P<more2>{_MORE})?(?P<rest>.*)\Z", re.DOTALL)
_AFTER_END = re.compile(
    rf"(?:(?P<operator>{_any_of(OPERATOR_AFTER)})|(?P<about>{_any_of(APPROXIMATELY)})|(?P<word>{_any_of(WORDS_AFTER)}))\Z"
)
_NOUN = re.compile(r"[\u4e00-\u9fffA-Za-z、]{2,24}\Z")
_OF = re.compile(r"(?:以上|及以上|以内)?的?")


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
            ending = _AFTER_END.search(core)
            if ending is None:
                break
            if ending["operator"]:
                operator = joined_operator(operator, OPERATOR_AFTER[ending["operator"]])
            approximate = approximate or bool(ending["about"])
            core = core[: ending.start()]
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
    if per := _PER_UNIT.fullmatch(inside):
        return Around(per=per[1])
    if unit := read_magnitude_unit(inside):
        return Around(unit=unit, power=unit.power) if unit.known else NOTHING
    if re.match(r"约|估|预[计估]|大约|大概|暂", inside):
        return Around(approximate=True)
    return NOTHING
