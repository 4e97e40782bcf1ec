"""Budget execution: which amounts count, the rate, and what it is worth (contract §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.model.columns import SOURCE_KIND, TOTAL_KIND, TYPE_KIND
from perfxl.model.rounding import round_one, snap
from perfxl.rules.wording import cited, number, percent, points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.schemes import Scheme

    Floats = NDArray[np.float64]

AMOUNTS = ("initial", "full_year", "executed")


class Sums:
    """Per submission, over the lines of one 资金类别: three sums, lines with both numbers (`both`), with one only or one unread (`half`).

    Sums are snapped to 9 decimals; a sum over no number is NaN, not 0.
    """

    def __init__(self, budget: Mapping[str, Floats], unread: NDArray[np.bool_], at: NDArray[np.intp], chosen: NDArray[np.bool_], count: int) -> None:
        place = at[chosen]
        for name in AMOUNTS:
            values = budget[name][chosen]
            known = ~np.isnan(values)
            total = np.bincount(place, np.where(known, values, 0.0), minlength=count)
            setattr(self, name, np.where(np.bincount(place, known, minlength=count) > 0, snap(total), np.nan))
        planned, spent = (~np.isnan(budget[name][chosen]) for name in ("full_year", "executed"))
        self.both = np.bincount(place, planned & spent, minlength=count)
        self.half = np.bincount(place, (planned ^ spent) | unread[chosen], minlength=count)
        self.lines = np.bincount(place, minlength=count)

    initial: Floats
    full_year: Floats
    executed: Floats


def sums_by_kind(budget: pd.DataFrame, submissions: pd.Index, kind: str) -> Sums:
    """The sums over the lines of one 资金类别, in the order of `submissions`."""
    amounts = {name: np.asarray(budget[name], dtype="float64") for name in AMOUNTS}
    chosen = np.asarray(budget["line"], dtype=object) == kind
    return Sums(amounts, _unread(budget), submissions.get_indexer(pd.Index(budget["submission"])), chosen, len(submissions))


def _unread(budget: pd.DataFrame) -> NDArray[np.bool_]:
    """Lines with an amount that is there and was not read."""
    return np.asarray(budget["unread"], dtype=object).astype(bool)


def execution(budget: pd.DataFrame, submissions: pd.Index, scheme: Scheme) -> pd.DataFrame:
    """One row per submission: the amounts that count (万元), where they come from, the rate and the points.

    Columns: `initial`, `full_year`, `executed`, `basis` (按来源, 按支出类型, 合计, ""), `half` (lines with only one number),
    `rate` (share; NaN unless the budget is positive), `weight`, `points` (not rounded, NaN: not scorable), `other_points`
    (what the second total would give, NaN: agrees), `source_type_gap`, `total_gap` (万元, NaN: nothing to compare).
    The line is Σ 按来源 if any source line has both numbers, else Σ 按支出类型, else the typed total row.
    """
    count = len(submissions)
    at = submissions.get_indexer(pd.Index(budget["submission"]))
    amounts = {name: np.asarray(budget[name], dtype="float64") for name in AMOUNTS}
    line = np.asarray(budget["line"], dtype=object)
    source, kind, typed = (Sums(amounts, _unread(budget), at, line == name, count) for name in (SOURCE_KIND, TYPE_KIND, TOTAL_KIND))
    by_source, by_type = source.both > 0, kind.both > 0
    ways = (by_source, by_type)

    def chosen(name: str) -> Floats:
        return np.select(ways, [getattr(source, name), getattr(kind, name)], default=getattr(typed, name))

    weight, claimed, computed = _total_row(budget, at, line, count)
    result = {
        **{name: chosen(name) for name in AMOUNTS},
        "basis": np.select([*ways, typed.lines > 0], [SOURCE_KIND, TYPE_KIND, TOTAL_KIND], default="").astype(object),
        "half": chosen("half"),
        "weight": np.where(weight > 0, weight, scheme.budget.weight),
        "typed_weight": weight,
        "claimed": claimed,
    }
    result["rate"], result["points"] = _scored(result, result["half"] == 0, scheme)
    tolerance = scheme.budget.tolerance * np.maximum(np.maximum(source.lines, kind.lines), 1)
    result["source_type_gap"] = _gap((source.full_year, source.executed), kind, by_source & by_type, tolerance)
    typed_total = (by_source | by_type) & ~computed & (typed.lines > 0)
    result["total_gap"] = _gap((result["full_year"], result["executed"]), typed, typed_total, tolerance)
    types_differ, total_differs = ~np.isnan(result["source_type_gap"]), ~np.isnan(result["total_gap"])
    other = {n: np.where(types_differ, getattr(kind, n), getattr(typed, n)) for n in AMOUNTS} | {"weight": result["weight"]}
    result["other_points"] = _scored(other, types_differ | total_differs, scheme)[1]
    return pd.DataFrame(result, index=submissions)


def _total_row(budget: pd.DataFrame, at: NDArray[np.intp], line: NDArray[np.object_], count: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """分值, 自评得分 and whether the amounts are formulas, of each submission's first total row."""
    weight, claimed, computed = np.full(count, np.nan), np.full(count, np.nan), np.zeros(count, dtype=bool)
    rows = np.flatnonzero(line == TOTAL_KIND)[::-1]
    weight[at[rows]] = np.asarray(budget["weight"], dtype="float64")[rows]
    claimed[at[rows]] = np.asarray(budget["claimed_score"], dtype="float64")[rows]
    computed[at[rows]] = np.asarray(budget["computed"], dtype=object)[rows].astype(bool)
    return weight, claimed, computed


def _gap(first: tuple[Floats, Floats], second: Sums, comparable: NDArray[np.bool_], tolerance: Floats) -> Floats:
    """The larger difference of 全年预算数 and 全年执行数 where it exceeds the tolerance; else NaN."""
    apart = np.fmax(np.abs(first[0] - second.full_year), np.abs(first[1] - second.executed))
    differences = snap(np.nan_to_num(apart))
    return np.where(comparable & (differences > tolerance), differences, np.nan)


def _scored(amounts: Mapping[str, Floats], ready: NDArray[np.bool_], scheme: Scheme) -> tuple[Floats, Floats]:
    base, executed = amounts["initial" if scheme.budget.base == "initial" else "full_year"], amounts["executed"]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where((base > 0) & ready, executed / base, np.nan)
    share = np.where(executed >= 0, rate_share(rate, scheme), np.nan)
    empty = (base == 0) & ready & (executed >= 0)
    if scheme.budget.zero_budget == "zero":
        share = np.where(empty, 0.0, share)
    elif scheme.budget.zero_budget == "full-if-unspent":
        share = np.where(empty, np.where(executed == 0, 1.0, 0.0), share)
    return rate, amounts["weight"] * share


def rate_share(rate: Floats, scheme: Scheme) -> Floats:
    """The share of the weight a rate earns (national: the rate itself, at most 1); NaN where the rate is NaN.

    >>> from perfxl.schemes import load_scheme
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
