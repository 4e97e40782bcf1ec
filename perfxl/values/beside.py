"""Numbers that stand beside a row's own: a target inside the indicator's name, a result inside a reason or a note."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from perfxl.values.expressions import LazyPattern
from perfxl.values.numerals import normalised, spelled
from perfxl.values.outcome_words import REPORTS
from perfxl.values.reading import read_value
from perfxl.values.units import converted, same_dimension, unit_at_start

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = LazyPattern(r"(?<![\d.\-~—A-Za-z第])\d[\d,]{0,12}(?:\.\d+)?(?![\d\-~—])")
_POWERS = "十百千万亿"
_YEARS = range(1900, 2100)
_PER = LazyPattern(r"(?:每|均|第)[^\d,;。]{0,10}\Z")
_QUALIFIES = LazyPattern(r"(?:及?以[上下内外]|及其以上|[至到~-])(?:的)?[^)\]】,;。]")
"""Behind a number and its unit: it says which things are meant (65岁以上老年人), not how many."""
_REPORTED = LazyPattern(
    rf"(?:实际|仅仅?|只)(?:上|仅|只|有)?(?:{'|'.join(sorted(map(re.escape, REPORTS.split()), key=len, reverse=True))})?(?:了|有|为|:)?\Z"
)
_PART = LazyPattern(r"(?:其中|含|线上|线下|部分|个别|季度|半年|月|去年|上年|前年|往年|原|应|计划)[^,;。]*\Z")
_ENDS = LazyPattern(r"\)|[,;。.!]|\Z|以来")


class Amount(NamedTuple):
    """A number with its unit as it is written, its value and label, and the text around it."""

    written: str
    value: float
    unit: str
    before: str
    after: str


def _amounts(text: str) -> Iterator[Amount]:
    for found in _NUMBER.finditer(text):
        rest = text[found.end() :]
        unit = unit_at_start(rest.lstrip(_POWERS))
        if unit is None:
            continue
        after = unit[1]
        written = text[found.start() : len(text) - len(after)]
        reading = read_value(written)
        if reading.exact is not None and reading.unit and not (reading.unit == "年" and int(reading.exact) in _YEARS):
            yield Amount(written, reading.exact, reading.unit, text[: found.start()], after)


def target_in_name(name: str, unit: str, low: float, high: float) -> str:
    """The amount that a name writes as its target where it is not the row's own (惠民演出≥300场 beside 270场); "" where they agree.

    >>> [target_in_name(name, "场", 270, 270) for name in ("惠民演出场次≥300场", "演出270场", "300场以上活动的场次", "演出场次")]
    ['300场', '', '', '']
    """
    return _other_target(name, unit, low, high) if _NUMBER.search(name := spelled(name)) else ""


@lru_cache(maxsize=16_384)
def _other_target(name: str, unit: str, low: float, high: float) -> str:
    asked = [a for a in _amounts(name) if same_dimension(unit, a.unit) and _is_target(a)]
    values = [converted(a.value, a.unit, unit) for a in asked]
    return "" if not asked or low in values or high in values else asked[0].written


def _is_target(amount: Amount) -> bool:
    """Not 每月20场, 300场以上活动, or 2%地区: a share in front of a noun says which."""
    if _PER.search(amount.before) or _QUALIFIES.match(amount.after):
        return False
    return amount.unit != "%" or _ENDS.match(amount.after.removeprefix("以上").removeprefix("以下").removeprefix("以内")) is not None


_CLAUSES = LazyPattern(r"[,;.。:()]")
_DENIES = LazyPattern(r"(?:未完成|未开展|未达标|未实施|未举办|未完成目标|未完成任务|上年数据?|去年数据?|预计数|计划数|与实际不符)\Z")
"""At the end of a clause of a note: it says the number beside is no result."""


@lru_cache(maxsize=16_384)
def result_in_note(note: str, unit: str, actual: float, low: float, high: float) -> str:
    """The result that a reason or a note reports where it is not the row's own (因疫情仅完成200场 beside 280场); "" where they agree.

    >>> [result_in_note(note, "场", 280, 270, 270) for note in ("因疫情仅完成200场", "实际完成280场", "线下只有80场观众", "因疫情取消20场")]
    ['200场', '', '', '']
    """
    for amount in _amounts(normalised(note)):
        if same_dimension(unit, amount.unit) and _REPORTED.search(amount.before) and not _PART.search(amount.before) and _ENDS.match(amount.after):
            value = converted(amount.value, amount.unit, unit)
            if value not in (actual, low, high):
                return amount.written
    met = actual >= low or actual <= high
    return next((clause for clause in _CLAUSES.split(normalised(note)) if met and _DENIES.search(clause)), "")
