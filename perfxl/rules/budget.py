"""Budget execution: which amounts count, the rate, and what it is worth (contract §3.1)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.model import Status
from perfxl.model.columns import SOURCE_KIND, TOTAL_KIND, TYPE_KIND
from perfxl.model.rounding import round_one, snap
from perfxl.rules.expression import BLANK, And, C, Clip, Count, If, Known, Max, Min, N, Rounded, Rows, Snap, Sum, as_scored, choose
from perfxl.rules.quantitative import reached, whole_steps
from perfxl.rules.wording import cited, number, percent, threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.rules.expression import Expression
    from perfxl.schemes import Scheme

    Floats = NDArray[np.float64]
    Row = Mapping[str, Any]

AMOUNTS = ("initial", "full_year", "executed")
KINDS = {"source": SOURCE_KIND, "type": TYPE_KIND, "typed": TOTAL_KIND}
ADOPTED = "adopted"
UNREAD = "（有未读的金额）"
"""Behind the 资金类别 of a line with an amount that is there and was not read: it counts as half filled, and in no sum.

Alone it stands for a line of unknown 资金类别 with an amount, which may belong to any sum.
"""


# the amounts: expressions over the lines of a submission


def _sums(kind: str) -> dict[str, Expression]:
    """Over the lines of one 资金类别: three sums, lines with both numbers (`both`), with one only or one unread (`half`).

    Sums are snapped to 9 decimals; a sum over no number is NaN, not 0.
    """
    line, planned, spent = C("line").equals(kind), Known(C("full_year")), Known(C("executed"))
    unread = Count(C("line").equals(kind + UNREAD)) + Count(C("line").equals(UNREAD))
    amounts = {name: If(Count(line, Known(C(name))) > 0, Snap(Sum(C(name), line)), BLANK) for name in AMOUNTS}
    return amounts | {"both": Count(line, planned, spent), "half": Count(line, planned.differs(spent)) + unread}


@lru_cache(maxsize=1)
def amount_steps() -> Mapping[str, Expression]:
    """From the lines to the amounts that count, step by step; later steps use earlier ones by name.

    The line is Σ 按来源 if any source line has both numbers, else Σ 按支出类型, else the typed total row.
    """
    steps = {f"{key}_{name}": step for key, kind in KINDS.items() for name, step in _sums(kind).items()}
    for name in (*AMOUNTS, "half"):
        source, kind, typed = (C(f"{key}_{name}") for key in KINDS)
        steps[f"{ADOPTED}_{name}"] = If(C("source_both") > 0, source, If(C("type_both") > 0, kind, typed))
    return steps


def amounts_of(rows: Rows) -> dict[str, Floats]:
    """Every step of `amount_steps` for the lines given (columns `line` and `AMOUNTS`), per submission."""
    found: dict[str, Floats] = {}
    for name, step in amount_steps().items():
        found[name] = np.asarray(step.values(found, rows), dtype="float64")
    return found


def sums_by_kind(budget: pd.DataFrame, submissions: pd.Index, kind: str) -> dict[str, Floats]:
    """The sums over the lines of one 资金类别, in the order of `submissions`."""
    rows = _lines(budget, submissions)
    return {name: np.asarray(step.values({}, rows), dtype="float64") for name, step in _sums(kind).items()}


def _lines(budget: pd.DataFrame, submissions: pd.Index) -> Rows:
    columns = {name: np.asarray(budget[name], dtype="float64") for name in AMOUNTS} | {"line": lines_read(budget)}
    return Rows(columns, submissions.get_indexer(pd.Index(budget["submission"])), len(submissions))


def lines_read(budget: pd.DataFrame) -> NDArray[np.object_]:
    """资金类别 of each line, marked where an amount was not read."""
    line, unread = (np.asarray(budget[name], dtype=object) for name in ("line", "unread"))
    return np.where(unread.astype(bool), line + UNREAD, line)


# the points: expressions over `base`, `executed`, `half` (lines with one number only) and `weight`

_BASE, _EXECUTED, _WEIGHT = C("base"), C("executed"), C("weight")
_READY = And(C("half").equals(0), Known(_BASE), Known(_EXECUTED))
RATE = If(_READY, If(_BASE > 0, _EXECUTED / _BASE, BLANK), BLANK)
"""The share of the budget that was spent; NaN unless the budget is positive and no line is half filled."""


def base_of(scheme: Scheme) -> str:
    """The amount that the rate divides by."""
    return "initial" if scheme.budget.base == "initial" else "full_year"


def weight(scheme: Scheme) -> Expression:
    """The typed 分值 (`typed_weight`) if positive, else the scheme's."""
    own, typed = N(scheme.budget.weight), C("typed_weight")
    return If(Known(typed), If(typed > 0, typed, own), own)


def points(scheme: Scheme) -> Expression:
    """Points, not rounded; NaN where the rate says nothing or the scheme refuses."""
    zero = {"unscorable": BLANK, "zero": N(0), "full-if-unspent": If(_EXECUTED.equals(0), _WEIGHT, 0)}[scheme.budget.zero_budget]
    earned = _WEIGHT * rate_share(_EXECUTED / _BASE, scheme)
    return If(_READY, If(_EXECUTED < 0, BLANK, If(_BASE > 0, earned, If(_BASE.equals(0), zero, BLANK))), BLANK)


def score(scheme: Scheme) -> Expression:
    """Points as the scheme rounds them."""
    return as_scored(points(scheme), scheme)


def rate_share(rate: Expression, scheme: Scheme) -> Expression:
    """The share of the weight a rate earns (national: the rate itself, at most 1).

    >>> from perfxl.schemes import load_scheme
    >>> rate_share(C("rate"), load_scheme("national-2020")).values({"rate": np.array([0.8675, 1.2])}).tolist()
    [0.8675, 1.0]
    >>> rate_share(C("rate"), load_scheme("jiangxi")).values({"rate": np.array([0.8675, 0.99995, 0.59])}).tolist()
    [0.7, 1.0, 0.0]
    """
    rule = scheme.budget
    rounded = rule.rate_decimals is not None
    looked_up = Rounded(rate, (rule.rate_decimals or 0) + 2) if rounded else Snap(rate)
    scale = N(rule.weight or 1)
    if rule.mode == "tiers":
        share = choose(((reached(looked_up, tier), N(tier.points) / scale) for tier in rule.tiers), 0)
    elif rule.mode == "deduct":
        share = Clip(1 - Max(0, 1 - looked_up) * N(100) * N(rule.deduct_per_point) / scale)
    elif rule.mode == "deduct_per_step":
        share = whole_steps(Max(0, 1 - looked_up), rule.deduct_step, rule.deduct_points, scale)
    else:
        share = Clip(looked_up if rounded else rate)
    if rule.over_full == "cap":
        return share
    return If(looked_up > 1, N(0) if rule.over_full == "zero" else BLANK, share)


def _span(pick: Any, unknown: Expression) -> Expression:
    own, other = C("score"), C("other_score")
    return If(Known(own), If(Known(other), pick(own, other), own), unknown)


LOW, HIGH = _span(Min, N(0)), _span(Max, _WEIGHT)
"""What execution can still be worth: both scores where two totals disagree, nothing to all points where none is known."""


# a batch


def execution(budget: pd.DataFrame, submissions: pd.Index, scheme: Scheme, foreign: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """One row per submission: the amounts that count (万元), where they come from, the rate and the points.

    `foreign` marks submissions whose points are a system of their own, which the scheme does not score.

    Columns: `initial`, `full_year`, `executed`, `basis` (按来源, 按支出类型, 合计, ""), `half` (lines with only one number),
    `rate` (share), `weight`, `score` (rounded, NaN: not scorable), `low`, `high`, `other_score` and `other_rate` (what the
    second total would give, NaN: agrees), `source_type_gap`, `total_gap` (万元, NaN: nothing to compare).
    """
    rows = _lines(budget, submissions)
    found = amounts_of(rows)
    own = {name: found[f"{ADOPTED}_{name}"] for name in (*AMOUNTS, "half")}
    typed_weight, claimed, computed = _total_row(budget, rows)
    own["weight"] = np.broadcast_to(weight(scheme).values({"typed_weight": typed_weight}), len(submissions))
    by_source, by_type = found["source_both"] > 0, found["type_both"] > 0
    lines = {key: np.bincount(rows.at[rows.columns["line"] == kind], minlength=rows.count) for key, kind in KINDS.items()}
    tolerance = scheme.budget.tolerance * np.maximum(np.maximum(lines["source"], lines["type"]), 1)
    types = _gap(found, "source", "type", by_source & by_type, tolerance)
    totals = _gap(found, ADOPTED, "typed", (by_source | by_type) & ~computed & (lines["typed"] > 0), tolerance)
    apart, base = ~np.isnan(types), base_of(scheme)
    second = {name: np.where(apart, found[f"type_{name}"], np.where(np.isnan(totals), np.nan, found[f"typed_{name}"])) for name in AMOUNTS}
    first = own | {"base": own[base]}
    second |= {"base": second[base], "half": np.zeros(rows.count), "weight": own["weight"]}
    scores = {"score": score(scheme).values(first), "other_score": score(scheme).values(second)}
    if foreign is not None and foreign.any():
        scores = {name: np.where(foreign, np.nan, found) for name, found in scores.items()}
    ends = {name: step.values(first | scores) for name, step in (("low", LOW), ("high", HIGH))}
    return pd.DataFrame(
        {
            **own,
            "basis": np.select([by_source, by_type, lines["typed"] > 0], list(KINDS.values()), default="").astype(object),
            "foreign": np.zeros(rows.count, dtype=bool) if foreign is None else foreign,
            "typed_weight": typed_weight,
            "claimed": claimed,
            "rate": RATE.values(first),
            "other_rate": RATE.values(second),
            "source_type_gap": types,
            "total_gap": totals,
            **scores,
            **ends,
        },
        index=submissions,
    )


def _total_row(budget: pd.DataFrame, lines: Rows) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """分值, 自评得分 and whether the amounts are formulas, of each submission's first total row."""
    typed, claimed, computed = np.full(lines.count, np.nan), np.full(lines.count, np.nan), np.zeros(lines.count, dtype=bool)
    rows = np.flatnonzero(lines.columns["line"] == TOTAL_KIND)[::-1]
    at = lines.at[rows]
    typed[at] = np.asarray(budget["weight"], dtype="float64")[rows]
    claimed[at] = np.asarray(budget["claimed_score"], dtype="float64")[rows]
    computed[at] = np.asarray(budget["computed"], dtype=object)[rows].astype(bool)
    return typed, claimed, computed


def _gap(found: Mapping[str, Floats], first: str, second: str, comparable: NDArray[np.bool_], tolerance: Floats) -> Floats:
    """The larger difference of 全年预算数 and 全年执行数 where it exceeds the tolerance; else NaN."""
    planned, spent = (np.abs(found[f"{first}_{name}"] - found[f"{second}_{name}"]) for name in ("full_year", "executed"))
    differences = snap(np.nan_to_num(np.fmax(planned, spent)))
    return np.where(comparable & (differences > tolerance), differences, np.nan)


# the sentence


def explain(row: Row, scheme: Scheme) -> str:
    """The sentence behind the execution points: amounts, rate, arithmetic and source."""
    label = "年初预算" if scheme.budget.base == "initial" else "全年预算"
    base, executed = row[base_of(scheme)], row["executed"]
    if math.isnan(base) or math.isnan(executed):
        return f"{Status.UNSCORABLE.zh}：没有可以计算执行率的{label}数和执行数；改正后可得{number(row['low'])}～{number(row['high'])}分"
    head = f"{label}{number(base)}万元，执行{number(executed)}万元"
    if row["foreign"]:
        return f"{head}；本表另有一套计分办法，预算执行不按本方案计分"
    if math.isnan(row["score"]):
        return f"{head}，执行率无法评分{'（有的行缺数、读不出或资金类别不明）' if row['half'] else ''}"
    if base == 0:
        return f"{head}；预算为0，按方案得{number(row['score'])}分{cited(scheme.cite(scheme.budget.source_of('zero_budget')))}"
    return f"{head}，执行率{percent(executed / base)}；{_outcome(row, scheme, executed / base, base)}"


def _outcome(row: Row, scheme: Scheme, rate: float, base: float) -> str:
    rule, earned = scheme.budget, number(row["score"])
    cite = cited(scheme.cite(rule.source_of("tiers" if rule.mode == "tiers" else "mode")))
    if rate > 1:
        return f"超过100%，按方案得{earned}分{cite}"
    if rule.mode == "tiers":
        return f"按执行率所在档次得{earned}分{cite}"
    if rule.mode == "deduct":
        return f"每低1个百分点扣{number(rule.deduct_per_point)}分，得{earned}分{cite}"
    if rule.mode == "deduct_per_step":
        return f"每低{threshold(rule.deduct_step or 0)}扣{number(rule.deduct_points)}分（不满一档不扣），得{earned}分{cite}"
    if rule.rate_decimals is not None:
        return f"得分={number(row['weight'])}×{number(round_one(rate * 100, rule.rate_decimals))}%={earned}分{cite}"
    return f"得分={number(row['weight'])}×{number(row['executed'])}÷{number(base)}={earned}分{cite}"
