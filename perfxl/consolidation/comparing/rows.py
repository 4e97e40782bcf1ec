"""The indicators of two years put together, 本年指标值 held against 上年实际, and what moved the points of each."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from perfxl.consolidation.comparing import TargetVerdict
from perfxl.consolidation.names import name_key
from perfxl.model import Status
from perfxl.model.digits import plain
from perfxl.model.rounding import round_one, snap
from perfxl.rules.roles import indicator_name
from perfxl.values import read_value
from perfxl.values.measures import IMPLAUSIBLE_RATIO
from perfxl.values.units import converted, dimension_of, read_magnitude_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

Row = dict[str, Any]
"""An indicator as the ledger keeps it."""

NAN = float("nan")


def real(value: object) -> float:
    """A kept number; NaN where there is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else NAN


def title(row: Row) -> str:
    """三级指标 without the leftovers of forms."""
    return indicator_name(str(row["level3"] or "")) or str(row["level3"] or "")


def target(row: Row) -> str:
    """指标值 that counts: the adjusted one where it is filled."""
    return str(row["adjusted_target"] or row["target"] or "")


def measure(row: Row) -> str | None:
    """The unit its values are compared in, as read; None where it has none (words, a date)."""
    label = row["t_unit"] or row["a_unit"]
    if label:
        return str(label)
    typed = read_magnitude_unit(name_key(str(row["unit"] or ""))) if row["unit"] else None
    return typed.label if typed else None


def _shown_measure(row: Row) -> str:
    return str(row["unit"] or measure(row) or "")


# matching


def matched(before: Sequence[Row], after: Sequence[Row]) -> tuple[list[tuple[Row, Row]], list[tuple[Row, str]], list[tuple[Row, str]]]:
    """Rows of one name and one kind of unit, in the order of the second list; then those left on each side, with why.

    Of several with one name what stands before it (指标1) tells, or the second level; what still is not told apart is left.
    """
    old, new = dict(enumerate(before)), dict(enumerate(after))
    names: tuple[list[str], list[str]] = tuple([name_key(title(row)) for row in rows] for rows in (before, after))  # type: ignore[assignment]  # two lists
    kinds = tuple([dimension_of(measure(row)) or "" for row in rows] for rows in (before, after))
    partner: dict[int, int] = {}
    typed = tuple([name_key(str(row["level3"] or "")) for row in rows] for rows in (before, after))
    steps: tuple[Callable[[int, int, Row], Hashable], ...] = (
        lambda side, at, row: (typed[side][at], kinds[side][at], row["level2"]),
        lambda side, at, row: (names[side][at], kinds[side][at], row["level2"]),
        lambda side, at, _: (names[side][at], kinds[side][at]),
        lambda side, at, _: names[side][at],
    )
    for step, key in enumerate(steps):
        sides = [{at: key(side, at, row) for at, row in rows.items()} for side, rows in enumerate((old, new))]
        counts = [Counter(keys.values()) for keys in sides]
        places = {wanted: at for at, wanted in sides[0].items()}
        for at, wanted in sides[1].items():
            if counts[0][wanted] != 1 or counts[1][wanted] != 1 or not names[1][at]:
                continue
            found = places[wanted]
            if step < len(steps) - 1 or not (kinds[0][found] and kinds[1][at]):
                partner[at] = found
        for at, found in partner.items():
            new.pop(at, None)
            old.pop(found, None)
    pairs = [(before[partner[at]], row) for at, row in enumerate(after) if at in partner]
    return pairs, _left(old, names, kinds, 0), _left(new, names, kinds, 1)


def _left(rows: Mapping[int, Row], names: tuple[list[str], list[str]], kinds: tuple[list[str], ...], side: int) -> list[tuple[Row, str]]:
    other = 1 - side
    said = ("后一年", "前一年")[side]
    result = []
    for at, row in rows.items():
        name = names[side][at]
        there = [kinds[other][i] for i, key in enumerate(names[other]) if key == name and name]
        if not name:
            why = "没有三级指标名称"
        elif not there:
            why = f"{said}没有同名指标"
        elif len(there) > 1 or names[side].count(name) > 1:
            why = f"同名指标有{names[side].count(name)}行，{said}{len(there)}行，分不清"
        else:
            why = f"计量单位不同（{said}是{there[0]}）"
        result.append((row, why))
    return result


# 判断

_UP, _DOWN = frozenset("≥>"), frozenset("≤<")
_NO_NUMBER = {"qualitative": "定性指标", "deadline": "期限", "range": "指标值是区间", "missing-as-zero": "指标值是区间或期限"}
"""By the rule of a row: why its target has no bound to compare."""


def judged(before: Row, after: Row) -> tuple[TargetVerdict, str]:
    """本年指标值 against 上年实际; why, where they are not comparable."""
    op = str(after["op"] or "")
    bound = real(after["t_low"] if op in _UP else after["t_high"] if op in _DOWN else after["t_low"])
    low, high = real(before["a_low"]), real(before["a_high"])
    reason = _incomparable(before, after, op, bound, low, high)
    if reason:
        return TargetVerdict.NONE, reason
    unit, other = measure(before), measure(after)
    if unit and other:
        low, high = (converted(value, unit, other) if value == value else value for value in (low, high))
    if op == "=":
        same = low == high and snap(low - bound) == 0
        return (TargetVerdict.EQUAL, "") if same else (TargetVerdict.NONE, "指标性质是“=”，没有高低之分")
    if op in _DOWN:
        bound, low, high = -bound, -high, -low
    if snap(bound - low) < 0:  # an unknown end compares as neither
        return TargetVerdict.LOOSER, ""
    if snap(bound - high) > 0:
        return TargetVerdict.STRICTER, ""
    if low == high or snap(low - high) == 0:
        return (TargetVerdict.STRICTER if op in "<>" else TargetVerdict.EQUAL), ""
    return TargetVerdict.NONE, f"上年实际“{before['actual']}”不是一个数"


def _incomparable(before: Row, after: Row, op: str, bound: float, low: float, high: float) -> str:
    if not target(after):
        return "本年没有指标值"
    if op not in (*_UP, *_DOWN, "=") or bound != bound:
        return _NO_NUMBER.get(str(after["rule"]), "本年指标值不是一个数")
    if after["t_low"] is not None and after["t_high"] is not None and after["t_low"] != after["t_high"]:
        return "指标值是区间"
    if not str(before["actual"] or ""):
        return "上年没有完成值"
    if low != low and high != high:
        return f"上年实际“{before['actual']}”不是一个数"
    for row, text, said in ((before, str(before["actual"]), "上年实际"), (after, target(after), "本年指标值")):
        if row["status"] == Status.UNSCORABLE and read_value(text).approximate:
            return f"{said}“{text}”不是准数"
    if _doubtful_percent(str(before["actual"]), low, high, target(after), bound, measure(after)):
        return f"上年实际“{before['actual']}”和本年指标值“{target(after)}”大小写法不同，一个像小数，一个像百分数"
    unit, other = measure(before), measure(after)
    if (unit is None) != (other is None) or (dimension_of(unit) or "") != (dimension_of(other) or ""):
        return f"计量单位不同（上年{unit or '没有'}，本年{other or '没有'}）"
    return ""


def _doubtful_percent(actual: str, low: float, high: float, wanted: str, bound: float, unit: str | None) -> bool:
    """Whether one of two percentages is a bare number up to 1 and the other far above: 0.96 may mean 96 %."""
    if unit != "%":
        return False
    last = low if low == low else high
    sides = ((actual, last, bound), (wanted, bound, last))
    return any(0 < small <= 1 and large >= IMPLAUSIBLE_RATIO * small and read_value(text).written_unit is None for text, small, large in sides)


# what moved


def score(row: Row) -> float:
    """The points of a row that is scored; NaN for others."""
    return real(row["score"]) if row["status"] == Status.SCORED else NAN


def status_word(row: Row) -> str:
    """The state of a row in words."""
    return Status(row["status"]).zh if row["status"] in set(Status) else ""


def moved(before: Row, after: Row, schemes: tuple[str, str]) -> str:
    """What differs between two rows whose points, or whose states, differ: which cell said what, and which rule applied."""
    first, second = score(before), score(after)
    if first == second or (first != first and second != second and before["status"] == after["status"]):
        return ""
    said = [f"{word}：{status_word(row)}" for word, row in (("上年", before), ("本年", after)) if score(row) != score(row)]
    cells = [
        ("分值", _number(before["weight"]), _number(after["weight"])),
        ("指标性质", before["op"] or before["operator"] or "", after["op"] or after["operator"] or ""),
        ("指标值", target(before), target(after)),
        ("实际完成值", before["actual"] or "", after["actual"] or ""),
        ("完成等级", before["tier"] or "", after["tier"] or ""),
    ]
    if "qualitative" in (before["rule"], after["rule"]):
        cells.append(("自评得分", _number(before["claimed_score"]), _number(after["claimed_score"])))
    said += [f"{word} {old or '空'}→{now or '空'}" for word, old, now in cells if str(old) != str(now)]
    if schemes[0] != schemes[1]:
        said.append(f"方案 {schemes[0]}→{schemes[1]}")
    elif not said or (before["rule"] != after["rule"] and before["status"] == after["status"]):
        said.append("计分规则变了")
    return f"{'；'.join(said)}（上年第{before['sheet_row']}行，本年第{after['sheet_row']}行）"


def _number(value: object) -> str:
    read = real(value)
    return plain(read) if math.isfinite(read) else ""


def signed(value: float) -> str:
    """A difference of points as it is written: +1.5, −3.

    >>> signed(1.5), signed(-3.0)
    ('+1.5', '−3')
    """
    return f"{'+' if value > 0 else '−'}{plain(abs(round_one(value)))}"


def shown_measure(before: Row, after: Row) -> str:
    """The unit of a pair, both where they are written differently."""
    first, second = _shown_measure(before), _shown_measure(after)
    return second if first == second or not first else f"{first}→{second}" if second else first
