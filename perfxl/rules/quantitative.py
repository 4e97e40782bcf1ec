"""Quantitative indicators: ≥ > (higher), ≤ < (lower), = and ranges (contract §3.2 to §3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.model.rounding import round_one, snap
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number, percent, points, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.schemes import Scheme, ShareStep

    Floats = NDArray[np.float64]
    Cells = Mapping[str, str]
    Row = Mapping[str, object]


# Shares of the weight, as arrays and as Excel expressions; the two of a pair say the same thing.


def stepped(completion: Floats, steps: tuple[ShareStep, ...]) -> Floats:
    """The share of the highest step reached; 0 below the lowest. Bounds are inclusive below."""
    shares = np.zeros_like(completion)
    for step in reversed(steps):
        shares = np.where(snap(completion) >= step.edge[0], step.share, shares)
    return shares


def stepped_formula(completion: str, steps: tuple[ShareStep, ...]) -> str:
    """Excel of `stepped`."""
    text = "0"
    for step in reversed(steps):
        text = f"IF(ROUND({completion},9)>={step.edge[0]:g},{step.share:g},{text})"
    return text


def shortfall(actual: Floats, target: Floats, scheme: Scheme) -> Floats:
    """≥ not met: share of the weight for actual < target.

    Source: points × actual/target, at least 0 (scheme `quantitative`, 财预〔2020〕10号 form notes); a target ≤ 0 earns
    nothing, or 1 − (target − actual)/|target| where the scheme says `linear`.
    """
    rule = scheme.quantitative
    with np.errstate(divide="ignore", invalid="ignore"):
        completion = np.where(target > 0, actual / target, np.nan)
        share = np.clip(completion, 0, 1)
        if rule.shortfall == "steps":
            share = stepped(completion, rule.steps)
        if rule.pass_threshold:
            share = np.where(snap(completion) >= rule.pass_threshold, share, 0.0)
        beyond = np.zeros_like(target)
        if rule.not_positive_target == "linear":
            beyond = np.where(target < 0, np.clip(1 - (target - actual) / np.abs(target), 0, 1), 0.0)
    return np.where(target > 0, share, beyond)


def shortfall_formula(actual: str, target: str, scheme: Scheme) -> str:
    """Excel of `shortfall`."""
    rule = scheme.quantitative
    ratio = f"{actual}/{target}"
    share = stepped_formula(ratio, rule.steps) if rule.shortfall == "steps" else f"MIN(1,MAX(0,{ratio}))"
    if rule.pass_threshold:
        share = f"IF(ROUND({ratio},9)>={rule.pass_threshold:g},{share},0)"
    beyond = "0"
    if rule.not_positive_target == "linear":
        beyond = f"IF({target}<0,MIN(1,MAX(0,1-({target}-{actual})/ABS({target}))),0)"
    return f"IF({target}>0,{share},{beyond})"


def excess(actual: Floats, target: Floats, scheme: Scheme) -> Floats:
    """≤ not met: share of the weight for actual > target.

    Source: target/actual, or 1 − (actual − target)/target with 0 at twice the target (scheme `reverse`).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(1 - (actual - target) / target, 0, 1) if scheme.reverse.shortfall == "linear" else np.clip(target / actual, 0, 1)
        beyond = np.zeros_like(target)
        if scheme.quantitative.not_positive_target == "linear":
            beyond = np.where(target < 0, np.clip(1 - (actual - target) / np.abs(target), 0, 1), 0.0)
    return np.where(target > 0, share, beyond)


def excess_formula(actual: str, target: str, scheme: Scheme) -> str:
    """Excel of `excess`."""
    share = f"{target}/{actual}"
    if scheme.reverse.shortfall == "linear":
        share = f"1-({actual}-{target})/{target}"
    beyond = "0"
    if scheme.quantitative.not_positive_target == "linear":
        beyond = f"IF({target}<0,MIN(1,MAX(0,1-({actual}-{target})/ABS({target}))),0)"
    return f"IF({target}>0,MIN(1,MAX(0,{share})),{beyond})"


def over_completed(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Rows of ≥ > and = whose completion reaches the scheme's over-completion threshold; blank is False."""
    return frame["op"].isin(("≥", ">", "=")) & ~frame["mirrored"].astype(bool) & (snap(frame["completion"]) >= scheme.quantitative.over_at)


def _over_share(actual: Floats, target: Floats, weight: Floats, scheme: Scheme) -> Floats:
    """Share of the weight a met ≥ indicator keeps under the scheme's over-completion policy."""
    rule = scheme.quantitative
    with np.errstate(divide="ignore", invalid="ignore"):
        completion = np.where(target > 0, actual / target, np.nan)
    reached = snap(completion) >= rule.over_at
    if rule.over_completion == "ladder":
        return np.where(reached, np.where(stepped(completion, rule.over_steps) > 0, stepped(completion, rule.over_steps), 1.0), 1.0)
    if rule.over_completion == "minus":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(reached, np.clip(1 - rule.over_minus / weight, 0, 1), 1.0)
    return np.ones_like(actual)


def _over_formula(actual: str, target: str, weight: str, scheme: Scheme) -> str:
    rule = scheme.quantitative
    if rule.over_completion not in ("ladder", "minus"):
        return "1"
    ratio = f"{actual}/{target}"
    kept = f"MAX(0,1-{rule.over_minus:g}/{weight})"
    if rule.over_completion == "ladder":
        steps = stepped_formula(ratio, rule.over_steps)
        kept = f"IF({steps}>0,{steps},1)"
    return f"IF({target}>0,IF(ROUND({ratio},9)>={rule.over_at:g},{kept},1),1)"


def _column(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(frame[name], dtype="float64")


def _quantities(frame: pd.DataFrame, *operators: str) -> pd.Series:
    return frame["op"].isin(operators) & frame["met"].notna()


# ≥ and >


def _higher_applies(frame: pd.DataFrame, _scheme: Scheme) -> pd.Series:
    return _quantities(frame, "≥", ">")


def _higher_points(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Higher is better. Reached: all points; otherwise points × actual/target.

    A bound proves by its guaranteed end, so `a_low` is what counts. At equality `>` has ratio 1.
    """
    actual, target, weight = _column(frame, "a_low"), _column(frame, "t_low"), _column(frame, "weight")
    share = np.where(actual >= target, _over_share(actual, target, weight, scheme), shortfall(actual, target, scheme))
    return pd.Series(weight * share, index=frame.index)


def _higher_formula(cells: Cells, _row: Row, scheme: Scheme) -> str:
    a, t, w = cells["a_low"], cells["t_low"], cells["weight"]
    return f"{w}*IF({a}>={t},{_over_formula(a, t, w, scheme)},{shortfall_formula(a, t, scheme)})"


def _explain_higher(row: Row, scheme: Scheme) -> str:
    head = f"指标值{row['op']}{number(row['t_low'])}{row['t_unit'] or ''}，实际完成{quantity(row, 'a_low', 'a_high', 'a_unit')}"
    a, t = float(row["a_low"]), float(row["t_low"])  # type: ignore[arg-type]  # floats in an object mapping
    return head + _outcome(row, scheme, reached=a >= t, ratio=(a, t), source=scheme.quantitative.source_of("shortfall"))


def _outcome(row: Row, scheme: Scheme, *, reached: bool, ratio: tuple[float, float], source: str) -> str:
    """The second half of an explanation: reached, or the arithmetic of the shortfall."""
    weight, score = number(row["weight"]), points(row["score"])
    top, bottom = ratio
    cite = cited(scheme.cite(source))
    share = f"，完成率{percent(top / bottom)}" if bottom > 0 else ""
    full = round_one(float(row["weight"]))  # type: ignore[arg-type]  # the same
    if reached and full == round_one(float(row["score"])):  # type: ignore[arg-type]  # the same
        return f"{share}；达到指标，得满分{weight}分{cite}"
    if reached:
        return f"{share}；超额完成按方案扣减，得{score}分{cite}"
    if bottom <= 0 or top < 0:
        return f"；没有达到，指标值或完成值不是正数，得{score}分{cite}"
    if round_one(float(row["weight"]) * top / bottom) == round_one(float(row["score"])):  # type: ignore[arg-type]  # the same
        return f"{share}；得分={weight}×{number(top)}÷{number(bottom)}={score}分{cite}"
    return f"{share}；按方案的未完成档次，得{score}分{cite}"


# ≤ and <


def _lower_applies(frame: pd.DataFrame, _scheme: Scheme) -> pd.Series:
    return _quantities(frame, "≤", "<")


def _lower_points(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Lower is better. Within the limit: all points; beyond it points × target/actual, or the linear form."""
    actual, target, weight = _column(frame, "a_high"), _column(frame, "t_high"), _column(frame, "weight")
    return pd.Series(weight * np.where(actual <= target, 1.0, excess(actual, target, scheme)), index=frame.index)


def _lower_formula(cells: Cells, _row: Row, scheme: Scheme) -> str:
    a, t = cells["a_high"], cells["t_high"]
    return f"{cells['weight']}*IF({a}<={t},1,{excess_formula(a, t, scheme)})"


def _explain_lower(row: Row, scheme: Scheme) -> str:
    head = f"指标值{row['op']}{number(row['t_high'])}{row['t_unit'] or ''}，实际完成{quantity(row, 'a_low', 'a_high', 'a_unit')}"
    a, t = float(row["a_high"]), float(row["t_high"])  # type: ignore[arg-type]  # floats in an object mapping
    return head + _limit_outcome(row, scheme, a, t)


def _limit_outcome(row: Row, scheme: Scheme, actual: float, target: float) -> str:
    weight, score = number(row["weight"]), points(row["score"])
    cite = cited(scheme.cite(scheme.reverse.source_of("shortfall")))
    if actual <= target:
        return f"；没有超出，得满分{weight}分{cite}"
    if target <= 0:
        return f"；超出指标值，指标值不是正数，得{score}分{cite}"
    if scheme.reverse.shortfall == "linear":
        return f"；超出指标值，得分={weight}×(1−({number(actual)}−{number(target)})÷{number(target)})={score}分{cite}"
    return f"，折算比率{percent(target / actual)}；得分={weight}×{number(target)}÷{number(actual)}={score}分{cite}"


# =


def _equal_applies(frame: pd.DataFrame, _scheme: Scheme) -> pd.Series:
    return _quantities(frame, "=")


def _equal_points(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Equal: all points. On the good side of the target all points too; on the bad side as ≥ (or ≤ when mirrored).

    `mirrored` marks lower-is-better rows. A target of 0 is met by 0 only.
    """
    actual, target, weight = _column(frame, "a_low"), _column(frame, "t_low"), _column(frame, "weight")
    mirrored = np.asarray(frame["mirrored"], dtype=bool)
    higher = np.where(actual >= target, _over_share(actual, target, weight, scheme), shortfall(actual, target, scheme))
    lower = np.where(actual <= target, 1.0, excess(actual, target, scheme))
    share = np.where(mirrored, lower, higher)
    share = np.where((target == 0) & (actual != 0), 0.0, share)
    return pd.Series(weight * share, index=frame.index)


def _equal_formula(cells: Cells, row: Row, scheme: Scheme) -> str:
    a, t, w = cells["a_low"], cells["t_low"], cells["weight"]
    if row["mirrored"]:
        share = f"IF({a}<={t},1,{excess_formula(a, t, scheme)})"
    else:
        share = f"IF({a}>={t},{_over_formula(a, t, w, scheme)},{shortfall_formula(a, t, scheme)})"
    return f"{w}*IF(AND({t}=0,{a}<>0),0,{share})"


def _explain_equal(row: Row, scheme: Scheme) -> str:
    head = f"指标值={number(row['t_low'])}{row['t_unit'] or ''}，实际完成{quantity(row, 'a_low', 'a_high', 'a_unit')}"
    a, t = float(row["a_low"]), float(row["t_low"])  # type: ignore[arg-type]  # floats in an object mapping
    if t == 0 and a != 0:
        return f"{head}；指标值为0而实际不为0，得0分{cited(scheme.cite(scheme.quantitative.source_of('shortfall')))}"
    if row["mirrored"]:
        return head + _limit_outcome(row, scheme, a, t)
    return head + _outcome(row, scheme, reached=a >= t, ratio=(a, t), source=scheme.quantitative.source_of("shortfall"))


# a~b


def _range_applies(frame: pd.DataFrame, _scheme: Scheme) -> pd.Series:
    return _quantities(frame, "range")


def _range_points(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Inside [low, high]: all points; outside, the ratio to the nearer bound (below as ≥ low, above as ≤ high)."""
    low_a, high_a, weight = _column(frame, "a_low"), _column(frame, "a_high"), _column(frame, "weight")
    low, high = _column(frame, "t_low"), _column(frame, "t_high")
    share = np.where(low_a < low, shortfall(low_a, low, scheme), np.where(high_a > high, excess(high_a, high, scheme), 1.0))
    return pd.Series(weight * share, index=frame.index)


def _range_formula(cells: Cells, _row: Row, scheme: Scheme) -> str:
    a, b, low, high = cells["a_low"], cells["a_high"], cells["t_low"], cells["t_high"]
    outside = f"IF({b}>{high},{excess_formula(b, high, scheme)},1)"
    return f"{cells['weight']}*IF({a}<{low},{shortfall_formula(a, low, scheme)},{outside})"


def _explain_range(row: Row, scheme: Scheme) -> str:
    head = f"指标值{number(row['t_low'])}~{number(row['t_high'])}{row['t_unit'] or ''}，实际完成{quantity(row, 'a_low', 'a_high', 'a_unit')}"
    low_a, high_a = float(row["a_low"]), float(row["a_high"])  # type: ignore[arg-type]  # floats in an object mapping
    low, high = float(row["t_low"]), float(row["t_high"])  # type: ignore[arg-type]  # the same
    if low_a < low:
        return head + _outcome(row, scheme, reached=False, ratio=(low_a, low), source=scheme.quantitative.source_of("shortfall"))
    if high_a > high:
        return head + _limit_outcome(row, scheme, high_a, high)
    return f"{head}；在范围之内，得满分{number(row['weight'])}分{cited(scheme.cite(scheme.quantitative.source_of('shortfall')))}"


HIGHER = Rule("higher-is-better", "越多越好", _higher_applies, _higher_points, _higher_formula, _explain_higher)
LOWER = Rule("lower-is-better", "越少越好", _lower_applies, _lower_points, _lower_formula, _explain_lower)
EQUAL = Rule("equal", "应当相等", _equal_applies, _equal_points, _equal_formula, _explain_equal)
RANGE = Rule("range", "在范围之内", _range_applies, _range_points, _range_formula, _explain_range)
