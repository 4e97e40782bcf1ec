"""Quantitative indicators: ≥ > (higher), ≤ < (lower), = and ranges (contract §3.2 to §3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.model.rounding import round_one, snap
from perfxl.rules.expression import BLANK, Abs, And, C, Clip, If, Known, N, Or, Snap, Trunc, choose
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number, percent, quantity, threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from perfxl.rules.expression import Expression
    from perfxl.schemes import Scheme, ShareStep, Tier

    Row = Mapping[str, Any]

WEIGHT = C("weight")
_TARGET_LOW, _TARGET_HIGH, _ACTUAL_LOW, _ACTUAL_HIGH = C("t_low"), C("t_high"), C("a_low"), C("a_high")


# shares of the weight


def reached(share: Expression, edge: ShareStep | Tier) -> Expression:
    """Whether a snapped share reaches a bound, which is included (`at_least`) or not (`above`)."""
    bound, left_out = edge.edge
    return Snap(share) > N(bound) if left_out else Snap(share) >= N(bound)


def stepped(completion: Expression, steps: tuple[ShareStep, ...]) -> Expression:
    """The share of the highest step reached; 0 below the lowest."""
    return choose(((reached(completion, step), N(step.share)) for step in steps), 0)


def whole_steps(short: Expression, step: float | None, points: float | None, weight: Expression) -> Expression:
    """The share left when `points` are lost for every whole `step` (a share) that something is short; not below 0."""
    return Clip(1 - Trunc(short / N(step or 1)) * N(points or 0) / weight)


def shortfall(actual: Expression, target: Expression, scheme: Scheme) -> Expression:
    """≥ not met: share of the weight for actual < target.

    Source: points × actual/target, at least 0 (scheme `quantitative`, 财预〔2020〕10号 form notes); a target ≤ 0 earns
    nothing, or 1 − (target − actual)/|target| where the scheme says `linear`.
    """
    rule = scheme.quantitative
    completion = actual / target
    if rule.shortfall == "steps":
        share = stepped(completion, rule.steps)
    elif rule.shortfall == "deduct_per_step":
        share = whole_steps(1 - completion, rule.deduct_step, rule.deduct_points, WEIGHT)
    else:
        share = Clip(completion)
    if rule.pass_threshold:
        share = If(Snap(completion) >= N(rule.pass_threshold), share, 0)
    return If(target > 0, share, _beyond(target - actual, target, scheme))


def excess(actual: Expression, target: Expression, scheme: Scheme) -> Expression:
    """≤ not met: share of the weight for actual > target.

    Source: target/actual, or 1 − (actual − target)/target with 0 at twice the target (scheme `reverse`); not scored
    where the scheme leaves it to a person.
    """
    rule = scheme.reverse
    if rule.shortfall == "manual":
        return BLANK
    over = (actual - target) / target
    if rule.shortfall == "linear":
        share = Clip(1 - over)
    elif rule.shortfall == "deduct_per_step":
        share = whole_steps(over, rule.deduct_step, rule.deduct_points, WEIGHT)
    else:
        share = Clip(target / actual)
    return If(target > 0, share, _beyond(actual - target, target, scheme))


def _beyond(distance: Expression, target: Expression, scheme: Scheme) -> Expression:
    """The share of a target ≤ 0 that is missed."""
    if scheme.quantitative.not_positive_target != "linear":
        return N(0)
    return If(target < 0, Clip(1 - distance / Abs(target)), 0)


def over_completed(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Rows of ≥ > and = whose completion reaches the scheme's over-completion threshold; blank is False."""
    return frame["op"].isin(("≥", ">", "=")) & ~frame["mirrored"].astype(bool) & (snap(frame["completion"]) >= scheme.quantitative.over_at)


def _over_share(actual: Expression, target: Expression, scheme: Scheme) -> Expression:
    """Share of the weight a met ≥ indicator keeps under the scheme's over-completion policy."""
    rule = scheme.quantitative
    if rule.over_completion == "ladder":
        step = stepped(actual / target, rule.over_steps)
        kept = If(step > 0, step, 1)
    elif rule.over_completion == "minus":
        kept = Clip(1 - N(rule.over_minus) / WEIGHT)
    else:
        return N(1)
    return If(target > 0, If(Snap(actual / target) >= N(rule.over_at), kept, 1), 1)


def _upward(actual: Expression, target: Expression, scheme: Scheme) -> Expression:
    return If(actual >= target, _over_share(actual, target, scheme), shortfall(actual, target, scheme))


def _downward(actual: Expression, target: Expression, scheme: Scheme) -> Expression:
    return If(actual <= target, 1, excess(actual, target, scheme))


# points


def _higher(scheme: Scheme) -> Expression:
    """Higher is better. Reached: all points; otherwise points × actual/target.

    A bound proves by its guaranteed end, so `a_low` is what counts. At equality `>` has ratio 1.
    """
    return WEIGHT * _upward(_ACTUAL_LOW, _TARGET_LOW, scheme)


def _lower(scheme: Scheme) -> Expression:
    """Lower is better. Within the limit: all points; beyond it as `excess` says."""
    return WEIGHT * _downward(_ACTUAL_HIGH, _TARGET_HIGH, scheme)


def _equal(scheme: Scheme) -> Expression:
    """Equal: all points. On the good side of the target all points too; on the bad side as ≥ (or ≤ when mirrored).

    `mirrored` marks lower-is-better rows. A target of 0 is met by 0 only.
    """
    actual, target = _ACTUAL_LOW, _TARGET_LOW
    share = If(C("mirrored"), _downward(actual, target, scheme), _upward(actual, target, scheme))
    earned = WEIGHT * If(And(target.equals(0), actual.differs(0)), 0, share)
    return If(actual.equals(target), earned, BLANK) if scheme.quantitative.equal == "manual" else earned


def _range(scheme: Scheme) -> Expression:
    """Inside [low, high]: all points; outside, the ratio to the nearer bound (below as ≥ low, above as ≤ high)."""
    above = _downward(_ACTUAL_HIGH, _TARGET_HIGH, scheme)
    return WEIGHT * If(_ACTUAL_LOW < _TARGET_LOW, shortfall(_ACTUAL_LOW, _TARGET_LOW, scheme), above)


def _completion() -> Expression:
    up = If(_TARGET_LOW > 0, _ACTUAL_LOW / _TARGET_LOW, BLANK)
    down = If(_ACTUAL_HIGH > 0, _TARGET_HIGH / _ACTUAL_HIGH, BLANK)
    op = C("op")
    mirrored = And(op.equals("="), C("mirrored"), _ACTUAL_LOW.differs(_TARGET_LOW))
    within = If(Known(_ACTUAL_HIGH), If(_ACTUAL_HIGH > _TARGET_HIGH, down, 1), BLANK)
    ranged = If(Known(_ACTUAL_LOW), If(_ACTUAL_LOW < _TARGET_LOW, up, within), BLANK)
    ways = (
        (op.equals("range"), ranged),
        (Or(op.equals("≤"), op.equals("<"), mirrored), down),
        (Or(op.equals("≥"), op.equals(">"), op.equals("=")), up),
    )
    return If(Known(C("met")), choose(ways, BLANK), BLANK)


COMPLETION = _completion()
"""actual/target (≥ > =), target/actual (≤ <, mirrored =), ratio to the nearer bound (range); NaN where that says nothing."""


# sentences and sources


def _by_shortfall(_row: Row, scheme: Scheme) -> str:
    return scheme.quantitative.source_of("shortfall")


def _by_excess(_row: Row, scheme: Scheme) -> str:
    return scheme.reverse.source_of("shortfall")


def _equal_source(row: Row, scheme: Scheme) -> str:
    return (_by_excess if row["mirrored"] and row["t_low"] != 0 else _by_shortfall)(row, scheme)


def _range_source(row: Row, scheme: Scheme) -> str:
    return (_by_excess if row["a_low"] >= row["t_low"] and row["a_high"] > row["t_high"] else _by_shortfall)(row, scheme)


def _heading(row: Row, target: str) -> str:
    return f"指标值{target}{row['t_unit'] or ''}，实际完成{quantity(row, 'a_low', 'a_high', 'a_unit')}"


def _upward_outcome(row: Row, scheme: Scheme, actual: float, target: float, cite: str) -> str:
    """The second half of an explanation: reached, or what the shortfall is worth."""
    rule, score, weight = scheme.quantitative, number(row["score"]), number(row["weight"])
    share = f"，完成率{percent(actual / target)}" if target > 0 else ""
    if actual >= target:
        full = round_one(row["weight"], scheme.rounding.decimals, scheme.rounding.mode) == row["score"]
        return f"{share}；达到指标，得满分{weight}分{cite}" if full else f"{share}；超额完成按方案扣减，得{score}分{cite}"
    if target <= 0 or actual < 0:
        return f"；没有达到，指标值或完成值不是正数，得{score}分{cite}"
    if rule.pass_threshold and snap(actual / target) < rule.pass_threshold:
        return f"{share}；低于{threshold(rule.pass_threshold)}，按方案得{score}分{cite}"
    if rule.shortfall == "steps":
        return f"{share}；按方案的未完成档次，得{score}分{cite}"
    if rule.shortfall == "deduct_per_step":
        return f"{share}；每低{threshold(rule.deduct_step or 0)}扣{number(rule.deduct_points)}分（不满一档不扣），得{score}分{cite}"
    return f"{share}；得分={weight}×{number(actual)}÷{number(target)}={score}分{cite}"


def _limit_outcome(row: Row, scheme: Scheme, actual: float, target: float, cite: str) -> str:
    rule, score, weight = scheme.reverse, number(row["score"]), number(row["weight"])
    if actual <= target:
        return f"；没有超出，得满分{weight}分{cite}"
    if target <= 0:
        return f"；超出指标值，指标值不是正数，得{score}分{cite}"
    if rule.shortfall == "linear":
        return f"；超出指标值，得分={weight}×(1−({number(actual)}−{number(target)})÷{number(target)})={score}分{cite}"
    if rule.shortfall == "deduct_per_step":
        return f"；超出指标值，每超出{threshold(rule.deduct_step or 0)}扣{number(rule.deduct_points)}分（不满一档不扣），得{score}分{cite}"
    return f"，折算比率{percent(target / actual)}；得分={weight}×{number(target)}÷{number(actual)}={score}分{cite}"


def _explain_higher(row: Row, scheme: Scheme) -> str:
    cite = cited(scheme.cite(_by_shortfall(row, scheme)))
    return _heading(row, f"{row['op']}{number(row['t_low'])}") + _upward_outcome(row, scheme, row["a_low"], row["t_low"], cite)


def _explain_lower(row: Row, scheme: Scheme) -> str:
    cite = cited(scheme.cite(_by_excess(row, scheme)))
    return _heading(row, f"{row['op']}{number(row['t_high'])}") + _limit_outcome(row, scheme, row["a_high"], row["t_high"], cite)


def _explain_equal(row: Row, scheme: Scheme) -> str:
    head, cite = _heading(row, f"={number(row['t_low'])}"), cited(scheme.cite(_equal_source(row, scheme)))
    actual, target = row["a_low"], row["t_low"]
    if target == 0 and actual != 0:
        return f"{head}；指标值为0而实际不为0，得0分{cite}"
    return head + (_limit_outcome if row["mirrored"] else _upward_outcome)(row, scheme, actual, target, cite)


def _explain_range(row: Row, scheme: Scheme) -> str:
    cite = cited(scheme.cite(_range_source(row, scheme)))
    head = _heading(row, f"{number(row['t_low'])}~{number(row['t_high'])}")
    if row["a_low"] < row["t_low"]:
        return head + _upward_outcome(row, scheme, row["a_low"], row["t_low"], cite)
    if row["a_high"] > row["t_high"]:
        return head + _limit_outcome(row, scheme, row["a_high"], row["t_high"], cite)
    return f"{head}；在范围之内，得满分{number(row['weight'])}分{cite}"


def _quantities(*operators: str) -> Callable[[pd.DataFrame], NDArray[np.bool_]]:
    def applies(frame: pd.DataFrame) -> NDArray[np.bool_]:
        op = frame["op"].to_numpy()
        found: NDArray[np.bool_] = np.logical_or.reduce([op == operator for operator in operators]) & ~np.isnan(frame["met"].to_numpy())
        return found

    return applies


HIGHER = Rule("higher-is-better", "越多越好", _quantities("≥", ">"), _higher, _explain_higher, _by_shortfall)
LOWER = Rule("lower-is-better", "越少越好", _quantities("≤", "<"), _lower, _explain_lower, _by_excess)
EQUAL = Rule("equal", "应当相等", _quantities("="), _equal, _explain_equal, _equal_source)
RANGE = Rule("range", "在范围之内", _quantities("range"), _range, _explain_range, _range_source)


# no actual, under a scheme that takes this for nothing done


def _without_actual(frame: pd.DataFrame) -> NDArray[np.bool_]:
    kinds = frame["kind"].to_numpy().astype(str)
    found: NDArray[np.bool_] = np.isin(kinds, ("quantity", "range", "deadline")) & (frame["a_kind"].to_numpy() == "blank")
    return found


def _nothing(_scheme: Scheme) -> Expression:
    return N(0)


def _by_missing_actual(_row: Row, scheme: Scheme) -> str:
    return scheme.quantitative.source_of("missing_actual")


def _explain_missing(row: Row, scheme: Scheme) -> str:
    return f"没有填写实际完成值，按方案计0分{cited(scheme.cite(_by_missing_actual(row, scheme)))}"


MISSING_AS_ZERO = Rule("missing-as-zero", "缺完成值", _without_actual, _nothing, _explain_missing, _by_missing_actual)
"""For rows that no other rule gave points, where the scheme says so (`missing_actual = "zero"`)."""
