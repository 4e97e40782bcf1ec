"""What stands before and after the one number of a cell, read whole. Both vocabularies are small, so both readings are cached."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from perfxl.values import lexicon
from perfxl.values.expressions import LazyPattern
from perfxl.values.units import KNOWN_UNITS, MAGNITUDE, Unit, is_counting_word, power_of, read_magnitude_unit, read_unit
from perfxl.values.vocabulary import (
    APPROXIMATELY,
    CHANGE_DOWN,
    CHANGE_UP,
    COMPARED_WITH,
    LEVEL_BEFORE,
    NEAR_BEFORE,
    OPERATOR_AFTER,
    OPERATOR_BEFORE,
    REACHED_BEFORE,
)
from perfxl.values.words import HARMLESS, Words, changing_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.values.words import Word


class Around(Struct, frozen=True):
    """The meaning of the text on one side of the number.

    `operator` is one of ≥ > ≤ < = or None; `per` a denominator (每周 → 周); `direction` up or down for a change;
    `strict` that only a known unit makes the cell a measure (there is a noun beside it).
    """

    operator: str | None = None
    unit: Unit | None = None
    power: int = 0
    per: str | None = None
    direction: str | None = None
    approximate: bool = False
    strict: bool = False
    notes: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()


NOTHING = Around()

_PER = {"周开放": "周", "月开放": "月"} | {f"每{word}": word for word in KNOWN_UNITS} | {f"{word}均": word for word in "人户日周月季年场"}
_CLAIMED = (
    ("sign", "≥ ≤ > < ="),
    ("exact", {"高达": "="}),
    ("operator", OPERATOR_BEFORE),
    ("reached", dict.fromkeys(REACHED_BEFORE, "≥") | dict.fromkeys(LEVEL_BEFORE, "≤")),
    ("near", dict.fromkeys(NEAR_BEFORE, "<")),
    ("about", APPROXIMATELY),
)
_BEFORE_END = Words(*_CLAIMED)
_BEFORE = Words(
    *_CLAIMED,
    ("yuan", {"¥": "元", "人民币": "元"}),
    ("weak", ": 为 是 在 范围"),
    ("down", CHANGE_DOWN),
    ("up", CHANGE_UP),
    ("compared", COMPARED_WITH),
    ("per", _PER),
    beside=HARMLESS,
)
_AFTER = Words(("operator", OPERATOR_AFTER), ("about", APPROXIMATELY), ("word", lexicon.AFTER), beside=HARMLESS)
_REMARK = Words(
    ("period", lexicon.PERIODS),
    ("clause", lexicon.CLAUSES),
    ("about", [*APPROXIMATELY, "估算", "估算数"]),
    ("source", "见 详见 附 依据 根据 来源 来源于 数据来源 数据来自 口径"),
    ("formula", "计算方法 计算公式 计算公式为 计算方法为 结余数 预算数 支出数 执行数 / ÷ *"),
    beside=HARMLESS,
)
_EACH = frozenset(lexicon.EACH.split())
_JOINED_WITH = frozenset({"与", "和", "及", "以及", "暨", "并", "且", "及其"})
_FORMULA = ("计算方法", "计算公式")
_INCLUSIVE = {">": "≥", "<": "≤"}
_CLAIMS = frozenset({"sign", "exact", "operator", "reached", "near"})
_CLOSE = _CLAIMS | {"about", "per", "yuan", "weak"}
"""What may stand between a claim and its number."""
_NOTED = {
    "exact": "reached",
    "reached": "reached",
    "near": "near",
    "yuan": "yuan",
    "planned": "planned",
    "lead": "verb-prefix",
    "adverb": "verb-prefix",
    "noun": "name-prefix",
}
_MEASURED_AGAINST = frozenset(word for word in COMPARED_WITH if word[0] in "同环比较与")
_PROOF = ("附", "见", "详见")
_TOLD = frozenset({"lead", "noun", "scope", "place", "sort"})
_AT = "在"
_DOING = frozenset(lexicon.VERBS.split()).union(*(line.partition(" | ")[0].split() for line in lexicon.RESULTS.split("\n")))
_VERBAL = frozenset({"lead", "adverb"})
_ON_PAPER = frozenset(lexicon.SORT_UNITS.split())
_TIMES = frozenset(lexicon.TIME_LABELS.split())


def joined_operator(one: str | None, other: str | None) -> str | None:
    """Two operators of one cell (控制在…以内, 超过…以上): the weaker claim. ValueError if they point apart."""
    if one is None or other is None or one == other:
        return one or other
    if "=" in (one, other):
        return one if other == "=" else other
    if (one in "≥>") != (other in "≥>"):
        raise ValueError
    return _INCLUSIVE.get(one, one)


def claim_at_end(text: str) -> str | None:
    """The operator that the last words of `text` state, None if they state none."""
    found = _BEFORE_END.ending(text)
    return found.meaning if found and found.kind in _CLAIMS else None


@lru_cache(maxsize=16384)
def read_head(head: str, name: str = "") -> Around | None:
    """The text before the number; None where a word of it is not known or its meaning is not certain.

    >>> read_head("全年共举办不少于").operator, read_head("取消")
    ('≥', None)
    """
    words = _BEFORE.split(head, name)
    return None if words is None or _going_on(words) else _head_of(words)


def _going_on(words: Sequence[Word]) -> bool:
    """在修缮, 在改造: still being done; 在校 and 在册 are words of their own."""
    return any(first.text == _AT and (then.kind == "lead" or then.text in _DOING) for first, then in pairwise(words))


def _head_of(words: tuple[Word, ...]) -> Around | None:
    if words[-1].text in _EACH:
        return None
    close = len(words)
    while close and words[close - 1].kind in _CLOSE:
        close -= 1
    operator = None
    for word in words:
        if word.kind in _CLAIMS:
            try:
                operator = joined_operator(operator, word.meaning)
            except ValueError:
                return None
    if any(word.kind in _CLAIMS for word in words[:close]):
        return None  # 超过…270: what is said to be exceeded is not the number
    kinds = [word.kind for word in words]
    directions = [kind for kind in kinds if kind in {"up", "down"}]
    signed = "sign" in kinds
    if len(directions) > 1 or (not directions and any(word.text in _MEASURED_AGAINST for word in words)):
        return None
    per = "·".join(word.meaning for word in words if word.kind == "per") or None
    named = "noun" in kinds
    return Around(
        operator,
        per=per,
        direction=directions[0] if directions and not (signed and named) else None,
        approximate="about" in kinds,
        strict=named and not signed,
        notes=tuple(dict.fromkeys(_NOTED[kind] for kind in kinds if kind in _NOTED)),
        said=_told(words),
    )


def _told(words: Sequence[Word]) -> tuple[tuple[str, str], ...]:
    """The verbs and nouns among known words; a noun with the sign that ends it (回收率)."""
    told: list[tuple[str, str]] = []
    for before, word in zip((None, *words), words, strict=False):
        if word.kind in _TOLD:
            told.append((word.kind, word.text))
        elif word.kind == "suffix" and told and before is not None and (before.kind in _TOLD or before.kind == "suffix"):
            told[-1] = ("noun", told[-1][1] + word.text)
    return tuple(told)


_MORE = r"余|多|来"
_TAIL = LazyPattern(rf"(?P<more>{_MORE})?(?P<magnitude>{MAGNITUDE})?(?P<more2>{_MORE})?(?P<rest>(?s:.*))\Z")
_LONGEST_UNIT = 14


@lru_cache(maxsize=16384)
def read_tail(tail: str, name: str = "") -> Around | None:
    """The text after the number: 余, 万, the unit, 以上, a word such as 完成, what is counted; None where it is not certain."""
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
    return _after(found["rest"], power, ">" if more else None, name) or (
        # the magnitude may be the first sign of a unit or a word after all
        _after(found["magnitude"] + found["rest"], 0, None, name) if found["magnitude"] and not more else None
    )


_PERCENT = Around(unit=Unit("%"))


def _after(rest: str, power: int, operator: str | None, name: str) -> Around | None:
    """`rest` as a unit and what follows: the longest unit that leaves only known words; else words alone; else a unit of its own."""
    begun = Around(operator, None, power, notes=("more-than",) if operator else ())
    for length in range(min(_LONGEST_UNIT, len(rest)), 0, -1):
        unit = read_unit(rest[:length])
        if unit is not None and unit.known and (found := _with_rest(begun, unit, rest[length:], name)):
            return found
    if found := _with_rest(begun, None, rest, name):
        return found
    for length in range(len(rest), 0, -1):
        unit = read_unit(rest[:length])
        if unit is not None and not unit.known and changing_word(rest[:length]) is None and (found := _with_rest(begun, unit, rest[length:], name)):
            return replace(found, notes=(*found.notes, "unit-unknown"))
    return None


def _with_rest(begun: Around, unit: Unit | None, rest: str, name: str) -> Around | None:
    before = "" if unit is None else "lead" if unit.label in _ON_PAPER else "noun"
    words = _AFTER.split(rest, name, before) if rest else ()
    if words is None or _going_on(words):
        return None
    if words and words[-1].text in _EACH:
        return None
    kinds = [word.kind for word in words]
    operator = begun.operator
    for at, word in enumerate(words):
        if word.kind == "operator":
            if any(kind not in {"operator", "about"} for kind in kinds[:at]) and not (at == len(words) - 1 and len(word.text) > 1):
                return None
            try:
                operator = joined_operator(operator, word.meaning)
            except ValueError:
                return None
    counted = any(kind in {"noun", "suffix"} for kind in kinds)
    if counted and not _may_be_counted(unit, words):
        return None
    if unit is not None and unit.label in _TIMES and not _VERBAL.isdisjoint(kinds):
        return None
    notes = [*begun.notes]
    notes += ["planned"] if "planned" in kinds else []
    notes += ["text-suffix"] if counted else ["word-after"] if "word" in kinds or not _VERBAL.isdisjoint(kinds) else []
    power = begun.power + (unit.power if unit else 0)
    return Around(operator, unit, power, approximate="about" in kinds, strict=counted, notes=tuple(notes), said=_told(words))


def _may_be_counted(unit: Unit | None, words: tuple[Word, ...]) -> bool:
    """Whether the thing counted may follow the unit: 1个平台, 3000亩农田, 95%的读者, but not 15分钟阅读圈."""
    if unit is None or not unit.known or unit.label in _TIMES:
        return False
    return is_counting_word(unit) or unit.label not in {"%", "‰"} or words[0].text == "的"


def _remark(text: str, name: str, behind: str = "") -> tuple[Word, ...] | None:
    words = _REMARK.split(text, name, behind=behind)
    if not words or (any(word.kind == "formula" for word in words) and not text.startswith(_FORMULA)):
        return None  # strokes and stars belong to 计算方法: … alone
    if words[0].kind == "glue" and words[0].text in _JOINED_WITH:
        return None  # 与展览合计: the number is of something else too
    return words


@lru_cache(maxsize=16384)
def understood(text: str, name: str = "", behind: str = "") -> tuple[str, ...] | None:
    """The kinds of the words that are all of `text`; None if a word of it is not known. For brackets, clauses and labels without a number.

    `behind` is the kind of what stands behind: a part may be named by its place alone (城区120场,农村150场).
    """
    words = _remark(text, name, behind)
    return None if words is None else tuple(word.kind for word in words)


def not_understood(text: str, name: str = "") -> str:
    """The part of a text beside a number that no list holds; empty if every word is known."""
    return _BEFORE.rest(text, name) and _AFTER.rest(text, name)


_PER_UNIT = LazyPattern(r"(?:每|均)(.+)\Z")


@lru_cache(maxsize=16384)
def read_bracket(inside: str, name: str = "") -> Around | None:
    """What a bracket without a number adds: a unit, 每周, 约, a plan, or nothing; None if it is not understood.

    >>> read_bracket("线上").notes, read_bracket("取消")
    ((), None)
    """
    if (per := _PER_UNIT.match(inside)) and read_unit(per[1]) is not None:
        return Around(per=per[1])
    if (unit := read_magnitude_unit(inside)) and unit.known:
        return Around(unit=unit, power=unit.power)
    return read_clause(inside, name)


def read_clause(clause: str, name: str = "") -> Around | None:
    """What words behind a comma add: a plan, an estimate, or nothing; None if one is on no list."""
    words = _remark(clause, name)
    kinds = {word.kind for word in words or ()}
    if words is None or "period" in kinds:
        return None
    said = () if kinds & {"source", "formula"} or words[0].text.startswith(_PROOF) else _told(words)
    return Around(approximate="about" in kinds, notes=("planned",) if "planned" in kinds else (), said=said)
