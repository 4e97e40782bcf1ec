"""What the names and columns beside the cells say: operator, unit, and whether more or less is better."""

from __future__ import annotations

import re
from functools import lru_cache

from perfxl.values import ReadingKind, Unit, read_unit_column, read_value
from perfxl.values.expressions import Expression
from perfxl.values.numerals import normalised
from perfxl.values.phrases import claim_at_end
from perfxl.values.units import unit_at_start
from perfxl.values.vocabulary import (
    COST_NAMES,
    DOWN_NAMES,
    HANDLING_NAMES,
    HIGHER_CONTROL,
    HIGHER_RATES,
    OPERATOR_BEFORE,
    OPERATOR_COLUMN,
    OPERATOR_COLUMN_SILENT,
    REDUCTION_NAMES,
    TIME_NAMES,
    UP_NAMES,
)

UNKNOWN = "?"
"""An operator column that holds a word perfxl does not know."""

_FIRST_NUMBER = Expression(r"\d+(?:\.\d+)?")
_ANY_BRACKET = Expression(r"\([^()]*\)")
_NOT_GOOD = Expression(r"不(?:满意|合格|达标)[率度]\Z")
_OPERATOR_WORDS = "|".join(sorted(OPERATOR_BEFORE, key=len, reverse=True))
_TEMPLATE = Expression(rf"(?P<operator>[≥≤<>=]|{_OPERATOR_WORDS})(?:[*xX_]+|…+|\.\.+)?(?P<unit>[^\d*()≥≤<>=]{{0,8}})(?=\)|\Z|[-(])")
_IN_BRACKETS = Expression(r"[(](?:单位:)?([^()\d]{1,8})[)]")


@lru_cache(maxsize=1024)
def column_operator(text: str) -> str | None:
    """What 指标性质 says: ≥ > ≤ < =, 定性, 期限, `UNKNOWN`, or None for nothing (also 定量).

    >>> column_operator("﹥="), column_operator("定性"), column_operator(""), column_operator("W")
    ('≥', '定性', None, '?')
    """
    if not text:
        return None
    word = normalised(text)
    if word in OPERATOR_COLUMN:
        return OPERATOR_COLUMN[word]
    if word in OPERATOR_COLUMN_SILENT or read_value(text).kind is ReadingKind.BLANK:
        return None
    if word.startswith("定性"):
        return "定性"
    return UNKNOWN


@lru_cache(maxsize=16_384)
def is_lower(name: str, lower_is_better: tuple[str, ...]) -> bool:
    """Whether the name is of something better low (成本, 投诉), not what is done about it (投诉办结率)."""
    if not _any_of(lower_is_better).search(name):
        return False
    words = [word for word in lower_is_better if word in name]
    if any(word in name for word in HIGHER_CONTROL):
        words = [word for word in words if not word.startswith("控制")]
    if not words or is_higher(name):
        return False
    if any(word in name for word in REDUCTION_NAMES):
        return False
    if any(cost in word for word in words for cost in COST_NAMES) or any(word.endswith(TIME_NAMES) for word in words):
        return True
    if "率" in name and any(word.endswith(("控制率", "调整率", "变动率", "流失率", "不合格", "不满意")) for word in words):
        return True
    return bool(words) and not any(word in name for word in HANDLING_NAMES)


@lru_cache(maxsize=64)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """One of the words: most names hold none, and one search says so sooner than asking for each."""
    return re.compile("|".join(map(re.escape, words)))


def is_higher(name: str) -> bool:
    """Whether the name ends as a rate that is better high (完成率, 满意度), whatever else it holds."""
    bare = _ANY_BRACKET.sub("", name)
    return bare.endswith(HIGHER_RATES) and not _NOT_GOOD.search(bare)


def named_direction(name: str) -> str | None:
    """`down` for 降低率, `up` for 增长率, None where the name says neither or both."""
    down, up = any(word in name for word in DOWN_NAMES), any(word in name for word in UP_NAMES)
    return None if down == up else "down" if down else "up"


@lru_cache(maxsize=16_384)
def template_in_name(name: str) -> tuple[str | None, Unit | None]:
    """Operator and unit of `公猪舍(≥**平方米)`; of `兑付率(%)` only the unit.

    >>> template_in_name("排污沟(≥米)")
    ('≥', Unit(label='米', power=0, known=True))
    """
    for found in reversed(list(_TEMPLATE.finditer(name))):
        unit = read_unit_column(found["unit"]) if found["unit"] else None
        if unit is not None and unit.known:
            sign = found["operator"]
            return OPERATOR_BEFORE.get(sign, sign), unit
    for inside in reversed(_IN_BRACKETS.findall(name)):
        unit = read_unit_column(inside)
        if unit is not None and unit.known:
            return None, unit
    return None, None


def operator_in_name(name: str, number: str) -> str | None:
    """The operator of a template in the name, or the one beside the target's own number (收入达到5亿元)."""
    operator, _ = template_in_name(name)
    if operator is not None:
        return operator
    return next((claim for before, _ in _around(name, number) if (claim := claim_at_end(before))), None)


def unit_in_name(name: str, number: str) -> Unit | None:
    """The unit in the name's template or brackets, or behind the target's own number (38.75万元)."""
    _, unit = template_in_name(name)
    if unit is not None:
        return unit
    for before, after in _around(name, number):
        magnitude = after[: len(after) - len(after.lstrip("十百千万亿"))]
        known = unit_at_start(after[len(magnitude) :])
        if known and not before.endswith(".") and not known[1][:1].isalpha():
            return read_unit_column(magnitude + after[len(magnitude) : len(after) - len(known[1])])
    return None


@lru_cache(maxsize=16_384)
def written_number(text: str) -> str:
    """The first digits of a cell as they stand in it; empty if there are none."""
    found = _FIRST_NUMBER.search(normalised(text))
    return found[0] if found else ""


def _around(name: str, number: str) -> list[tuple[str, str]]:
    """What stands before and after each place where exactly `number` is written in the name."""
    if not number or number not in name:
        return []
    pieces = name.split(number)
    places = [(number.join(pieces[:place]), number.join(pieces[place:])) for place in range(1, len(pieces))]
    return [(before, after) for before, after in places if not (before[-1:].isdigit() or after[:1].isdigit())]
