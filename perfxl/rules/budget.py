"""Budget execution: which amounts count, the rate, and what it is worth (contract §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.columns import SOURCE_KIND, TOTAL_KIND, TYPE_KIND
from perfxl.rounding import round_one, snap
from perfxl.rules.wording import cited, number, percent, points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.scheme import Scheme

    Floats = NDArray[np.float64]

AMOUNTS = ("initial", "full_year", "executed")


def sums_by_kind(budget: pd.DataFrame, submissions: pd.Index, kind: str) -> pd.DataFrame:
    """Per submission, over the lines of one 资金类别: the three sums, `both` (lines with both numbers), `half` (with one).

    Sums are snapped to 9 decimals; a sum over no number is NaN, not 0.
    """
    lines = budget[budget["line"] == kind]
    has = lines[["full_year", "executed"]].notna()
    table = lines[["submission", *AMOUNTS]].assign(
        both=(has["full_year"] & has["executed"]).astype("int64"),
        half=(has["full_year"] ^ has["executed"]).astype("int64"),
        lines=1,
    )
    grouped = table.groupby("submission")
    sums = grouped[list(AMOUNTS)].sum(min_count=1)
    counts = grouped[["both", "half", "lines"]].sum()
    result = sums.join(counts).reindex(submissions)
    result[["both", "half", "lines"]] = result[["both", "half", "lines"]].fillna(0)
    result[list(AMOUNTS)] = snap(result[list(AMOUNTS)])
    return result


def execution(budget: pd.DataFrame, submissions: pd.Index, scheme: Scheme) -> pd.DataFrame:
    """One row per submission: the amounts that count (万元), where they come from, the rate and the points.

    Columns: `initial`, `full_year`, `executed`, `basis` (按来源, 按支出类型, 合计, ""), `half` (lines with only one number),
    `rate` (share; NaN unless the budget is positive), `weight`, `points` (not rounded, NaN: not scorable), `other_points`
    (what the second total would give, NaN: agrees), `source_type_gap`, `total_gap` (万元, NaN: nothing to compare).
    The line is Σ 按来源 if any source line has both numbers, else Σ 按支出类型, else the typed total row.
    """
    source = sums_by_kind(budget, submissions, SOURCE_KIND)
    kind = sums_by_kind(budget, submissions, TYPE_KIND)
    typed = sums_by_kind(budget, submissions, TOTAL_KIND)
    total_row = budget[budget["line"] == TOTAL_KIND].drop_duplicates("submission").set_index("submission").reindex(submissions)
    by_source, by_type = source["both"] > 0, kind["both"] > 0
    chosen = source.where(by_source, kind.where(by_type, typed))
    result = chosen[list(AMOUNTS)].astype("float64")
    result["basis"] = np.select([by_source, by_type, typed["lines"] > 0], [SOURCE_KIND, TYPE_KIND, TOTAL_KIND], default="")
    result["half"] = chosen["half"].fillna(0)
    weight = total_row["weight"].astype("float64")
    result["weight"] = weight.where(weight > 0, scheme.budget.weight)
    result["typed_weight"] = weight
    result["claimed"] = total_row["claimed_score"].astype("float64")
    result["rate"], result["points"] = _scored(result, result["half"] > 0, scheme)
    lines = np.maximum(source["lines"], kind["lines"])
    tolerance = pd.Series(scheme.budget.tolerance * np.maximum(lines, 1), index=submissions)
    computed = total_row["computed"].eq(True)  # noqa: FBT003  # a comparison, not a switch
    result["source_type_gap"] = _gap(source, kind, by_source & by_type, tolerance)
    result["total_gap"] = _gap(chosen, typed, (by_source | by_type) & ~computed & (typed["lines"] > 0), tolerance)
    other = kind.where(result["source_type_gap"].notna(), typed.where(result["total_gap"].notna()))
    result["other_points"] = _scored(other.assign(weight=result["weight"]), other["both"].isna(), scheme)[1]
    return result


def _gap(first: pd.DataFrame, second: pd.DataFrame, comparable: pd.Series, tolerance: pd.Series) -> pd.Series:
    """The larger difference of 全年预算数 and 全年执行数 where it exceeds the tolerance; else NaN."""
    differences = np.maximum(
        (first["full_year"] - second["full_year"]).abs().fillna(0), (first["executed"] - second["executed"]).abs().fillna(0)
    )
    snapped = pd.Series(snap(differences), index=first.index)
    return snapped.where(comparable & (snapped > tolerance))


def _scored(amounts: pd.DataFrame, incomplete: pd.Series, scheme: Scheme) -> tuple[pd.Series, pd.Series]:
    base = np.asarray(amounts["initial" if scheme.budget.base == "initial" else "full_year"], dtype="float64")
    executed = np.asarray(amounts["executed"], dtype="float64")
    weight = np.asarray(amounts["weight"], dtype="float64")
    ready = ~np.asarray(incomplete, dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where((base > 0) & ready, executed / base, np.nan)
    share = np.where(executed >= 0, rate_share(rate, scheme), np.nan)
    empty = (base == 0) & ready & (executed >= 0)
    if scheme.budget.zero_budget == "zero":
        share = np.where(empty, 0.0, share)
    elif scheme.budget.zero_budget == "full-if-unspent":
        share = np.where(empty, np.where(executed == 0, 1.0, 0.0), share)
    return pd.Series(rate, index=amounts.index), pd.Series(weight * share, index=amounts.index)


def rate_share(rate: Floats, scheme: Scheme) -> Floats:
    """The share of the weight a rate earns (national: the rate itself, at most 1); NaN where the rate is NaN.

    >>> from perfxl.scheme import load_scheme
    >>> rate_share(np.array([0.8675, 1.2]), load_scheme("national-2020")).tolist()
    [0.8675, 1.0]
    >>> rate_share(np.array([0.8675, 0.99995, 0.59]), load_scheme("jiangxi")).tolist()
    [0.7, 1.0, 0.0]
    """
    rule = scheme.budget
    looked_up = snap(rate)
    if rule.rate_decimals is not None:
        scale = 10.0 ** (rule.rate_decimals + 2)
        looked_up = np.floor(np.round(np.asarray(rate) * scale, 7) + 0.5) / scale
    if rule.mode == "tiers":
        share = np.zeros_like(rate)
        for tier in reversed(rule.tiers):
            share = np.where(looked_up >= tier.at_least, tier.points / rule.weight, share)
    elif rule.mode == "deduct":
        share = np.clip(1 - np.maximum(0, 1 - looked_up) * 100 * rule.deduct_per_point / rule.weight, 0, 1)
    else:
        share = np.clip(rate if rule.rate_decimals is None else looked_up, 0, 1)
    if rule.over_full == "zero":
        share = np.where(looked_up > 1, 0.0, share)
    elif rule.over_full == "refuse":
        share = np.where(looked_up > 1, np.nan, share)
    return np.where(np.isnan(rate), np.nan, share)


def points_formula(base: str, executed: str, weight: str, scheme: Scheme) -> str:
    """Excel of the execution points from three cells; an empty text where it cannot be scored."""
    rule = scheme.budget
    rate = f"{executed}/{base}"
    looked_up = f"ROUND({rate},9)"
    if rule.rate_decimals is not None:
        looked_up = f"ROUND(ROUND({rate},9),{rule.rate_decimals + 2})"
    if rule.mode == "tiers":
        share = "0"
        for tier in reversed(rule.tiers):
            share = f"IF({looked_up}>={tier.at_least:g},{tier.points:g}/{rule.weight:g},{share})"
    elif rule.mode == "deduct":
        share = f"MIN(1,MAX(0,1-MAX(0,1-{looked_up})*100*{rule.deduct_per_point:g}/{rule.weight:g}))"
    else:
        share = f"MIN(1,MAX(0,{rate if rule.rate_decimals is None else looked_up}))"
    earned = f"{weight}*{share}"
    if rule.over_full == "zero":
        earned = f"IF({looked_up}>1,0,{earned})"
    elif rule.over_full == "refuse":
        earned = f'IF({looked_up}>1,"",{earned})'
    zero = {"unscorable": '""', "zero": "0", "full-if-unspent": f"IF({executed}=0,{weight},0)"}[rule.zero_budget]
    return f'IF(OR({base}="",{executed}=""),"",IF({executed}<0,"",IF({base}>0,{earned},IF({base}=0,{zero},""))))'


def explain(row: Mapping[str, object], scheme: Scheme) -> str:
    """The sentence behind the execution points: amounts, rate, arithmetic and source."""
    rule = scheme.budget
    label = "年初预算" if rule.base == "initial" else "全年预算"
    base, executed = float(row["initial" if rule.base == "initial" else "full_year"]), float(row["executed"])  # type: ignore[arg-type]  # floats in an object mapping
    score, weight = row["score"], float(row["weight"])  # type: ignore[arg-type]  # the same
    head = f"{label}{number(base)}万元，执行{number(executed)}万元"
    if np.isnan(float(score)):  # type: ignore[arg-type]  # the same
        return f"{head}，执行率无法评分"
    if base == 0:
        return f"{head}；预算为0，按方案得{points(score)}分{cited(scheme.cite(rule.source_of('zero_budget')))}"
    rate = executed / base
    head = f"{head}，执行率{percent(rate)}"
    source = cited(scheme.cite(rule.source_of("tiers" if rule.mode == "tiers" else "mode")))
    if rule.mode == "tiers":
        return f"{head}；按执行率所在档次得{points(score)}分{source}"
    if rate > 1:
        return f"{head}；超过100%，按方案得{points(score)}分{source}"
    if rule.mode == "deduct":
        return f"{head}；每低1个百分点扣{number(rule.deduct_per_point)}分，得{points(score)}分{source}"
    if round_one(weight * rate) == round_one(float(score)):  # type: ignore[arg-type]  # the same
        return f"{head}；得分={number(weight)}×{number(executed)}÷{number(base)}={points(score)}分{source}"
    return f"{head}；得{points(score)}分{source}"
