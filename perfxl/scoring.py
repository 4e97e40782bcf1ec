"""Frames to results: read every value, give each row to its rule, add up, grade, and say how far the total can move.

A batch of one and a batch of thousands take the same way: everything is vectorised over the stacked frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.checks import run_checks
from perfxl.columns import NOT_APPLICABLE, TIERS
from perfxl.direction import is_lower
from perfxl.frames import INDICATOR, Frames
from perfxl.intake import folded
from perfxl.levels import COST, OUTPUT
from perfxl.pairing import PairKind, read_pair
from perfxl.results import NO_RULE, Results, Status
from perfxl.rounding import round_points
from perfxl.rules import Rule, budget, management
from perfxl.rules.deadline import DEADLINE, day_number, late
from perfxl.rules.management import MANAGEMENT_RULE
from perfxl.rules.qualitative import QUALITATIVE, tier_window
from perfxl.rules.quantitative import EQUAL, HIGHER, LOWER, RANGE
from perfxl.vocabulary import TIER_WORDS

if TYPE_CHECKING:
    from datetime import date

    from perfxl.pairing import Pair
    from perfxl.scheme import Scheme

RULES: tuple[Rule, ...] = (HIGHER, LOWER, EQUAL, RANGE, QUALITATIVE, DEADLINE, MANAGEMENT_RULE)


def score(frames: Frames, scheme: Scheme) -> Results:
    """Score every submission of a batch under one scheme. The frames given are not changed."""
    submissions = pd.Index(frames.unit["submission"], name="submission")
    indicators = interpret(frames, scheme)
    indicators = apply_rules(indicators, scheme)
    execution = budget.execution(frames.budget, submissions, scheme)
    execution["score"] = round_items(execution["points"], scheme)
    _span_execution(execution)
    indicators = _span_rows(indicators, execution, scheme)
    levels = _levels(indicators, scheme)
    totals = _totals(indicators, execution, scheme)
    scored = Frames(
        unit=frames.unit, budget=frames.budget, goals=frames.goals, indicators=indicators, management=frames.management,
        report=frames.report, places=frames.places, own_columns=frames.own_columns, issues=frames.issues,
    )
    results = Results(scheme, scored, execution, totals, levels, [])
    results.issues = run_checks(results)
    _decide(results)
    return results


def round_items(points: pd.Series, scheme: Scheme) -> pd.Series:
    """The points of items as the scheme rounds them."""
    return pd.Series(round_points(points, scheme.rounding.decimals, scheme.rounding.mode), index=points.index)


# readings


def interpret(frames: Frames, scheme: Scheme) -> pd.DataFrame:
    """The indicator frame with what its texts say: one pairing of target and actual per distinct row text.

    Adds `kind`, `op`, `op_from`, `t_low` … `a_high` (base magnitude), `t_end` and `a_end` (Excel day numbers), `t_unit`,
    `a_unit`, `met` (1, 0 or NaN), `exact` (the actual is one number), `pair` (the whole reading), `tier_used`,
    `tier_inferred`, `mirrored`, `block` (the first level under this scheme), `applicable`.
    """
    frame = frames.indicators.copy()
    years = frames.unit.set_index("submission")["year"]
    year_of = {n: None if np.isnan(y) else int(y) for n, y in years.items()}
    names = scheme.reverse.names
    pairs = [
        read_pair(target, actual, operator=operator, unit=unit, name=name, level2=level2, fiscal_year=year_of[submission],
                  lower_is_better=names)
        for target, actual, operator, unit, name, level2, submission in zip(
            frame["target_text"], frame["actual"], frame["operator"], frame["unit"], frame["name"], frame["level2"],
            frame["submission"], strict=True)
    ]
    frame["pair"] = pd.Series(pairs, dtype=object, index=frame.index)
    for name, values in _reading_columns(pairs).items():
        frame[name] = pd.Series(values, index=frame.index, dtype=object if name in _TEXT_READINGS else "float64")
    frame["exact"] = (frame["a_low"] == frame["a_high"]) & frame["a_low"].notna()
    frame["tier_typed"] = frame["tier"].map(_standard_tier).astype(object)
    inferred = _inferred(frame)
    frame["tier_inferred"] = inferred
    frame["tier_used"] = frame["tier_typed"].where(~inferred, TIERS[0]).where(frame["tier_typed"] != NOT_APPLICABLE, "")
    level2 = frame["level2"].isin(scheme.reverse.level2)
    lower = np.array([is_lower(n, names) for n in frame["name"]], dtype=bool)
    frame["mirrored"] = level2 | lower
    frame["block"] = _block(frame, scheme)
    _take_management(frame, frames.management, scheme)
    claims_none = frame["tier_typed"].eq(NOT_APPLICABLE) | frame["a_not_applicable"].eq(1)
    frame["not_applicable"] = claims_none & (frame["reason"] != "")
    frame["not_applicable_unexplained"] = claims_none & (frame["reason"] == "")
    return frame


def _take_management(frame: pd.DataFrame, data: pd.DataFrame, scheme: Scheme) -> None:
    """Rows that name a management indicator of the scheme: computed from 管理指标数据, or a checklist scored by its tier.

    Adds `management` (the indicator, or None) and `data_value` (the computed share).
    """
    frame["management"] = None
    frame["data_value"] = np.nan
    if not scheme.management or frame.empty:
        return
    found = [management.indicator_of(two, name, scheme) for two, name in zip(frame["level2"], frame["name"], strict=True)]
    frame["management"] = pd.Series(found, index=frame.index, dtype=object)
    computed = pd.Series([m is not None and m.mode != "checklist" for m in found], index=frame.index)
    listed = pd.Series([m is not None and m.mode == "checklist" for m in found], index=frame.index)
    frame.loc[computed, "kind"] = "management"
    frame.loc[listed, "kind"] = "qualitative"
    frame.loc[computed | listed, ["op", "met"]] = ("", np.nan)
    frame["data_value"] = management.data_values(frame, data.assign(item_key=data["item"].map(management.item_key)), scheme)


_TIER_OF_WORD = {word: tier for tier, words in TIER_WORDS.items() for word in words.split()} | {NOT_APPLICABLE: NOT_APPLICABLE}
_DONE_PHRASES = frozenset(TIER_WORDS[TIERS[0]].split())
_TEXT_READINGS = frozenset({"kind", "op", "op_from", "t_unit", "a_unit", "a_kind"})


def _reading_columns(pairs: list[Pair]) -> dict[str, list[object]]:
    def serial(day: date | None) -> float:
        return float("nan") if day is None else day_number(day)

    def real(value: float | None) -> float:
        return float("nan") if value is None else value

    return {
        "kind": [p.kind.value for p in pairs],
        "op": ["range" if p.kind is PairKind.RANGE else p.operator or "" for p in pairs],
        "op_from": [p.operator_from or "" for p in pairs],
        "t_low": [real(p.target_low) for p in pairs],
        "t_high": [real(p.target_high) for p in pairs],
        "t_low_open": [float(p.target_low_open) for p in pairs],
        "t_high_open": [float(p.target_high_open) for p in pairs],
        "t_unit": [p.unit or p.target.unit or "" for p in pairs],
        "t_end": [serial(p.target_date) for p in pairs],
        "a_kind": [str(p.actual_kind) for p in pairs],
        "a_low": [real(p.actual_low) for p in pairs],
        "a_high": [real(p.actual_high) for p in pairs],
        "a_low_open": [float(p.actual_low_open) for p in pairs],
        "a_high_open": [float(p.actual_high_open) for p in pairs],
        "a_unit": [p.actual_unit or p.unit or "" for p in pairs],
        "a_end": [serial(p.actual_end) for p in pairs],
        "met": [float("nan") if p.met is None else float(p.met) for p in pairs],
        "a_not_applicable": [float("not-applicable" in p.actual.notes) for p in pairs],
    }


def _standard_tier(typed: str) -> str:
    return _TIER_OF_WORD.get(folded(typed), "") if typed else ""


def _inferred(frame: pd.DataFrame) -> pd.Series:
    """Rows whose actual says 达成 in so many words: the target's own words, or a phrase of the list (contract §3.5).

    Never where the target holds a number or a date, or the actual holds 未, 基本 or 部分. A blank is False.
    """
    actual, target = frame["actual"], frame["target_text"]
    same = (actual == target) | actual.isin(_DONE_PHRASES)
    hedged = actual.str.contains("未|基本|部分|不", regex=True)
    numbered = target.str.contains(r"[\d０-９]", regex=True)
    candidates = frame["kind"].eq("qualitative") & frame["tier_typed"].eq("") & actual.ne("")
    return candidates & same & ~hedged & ~numbered


def _block(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """The scheme's first-level block of each row: 成本 is a second level of 产出 in one scheme, a first level in another."""
    names = {level.name for level in scheme.levels}
    block = frame["level1"]
    if COST not in names:
        block = block.where(block != COST, OUTPUT)
    else:
        block = block.where(~((block == OUTPUT) & frame["level2"].isin(("成本指标", "经济成本", "社会成本", "生态环境成本"))), COST)
    return block


# rules


def apply_rules(frame: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Points of every row by the one rule that applies to it; rows of no rule keep NaN."""
    counted = frame["role"].eq(INDICATOR) & ~frame["not_applicable"] & ~frame["not_applicable_unexplained"]
    usable = counted & (frame["weight"] > 0)
    frame["rule"] = NO_RULE
    frame["points"] = np.nan
    quantities = frame["kind"].isin(("quantity", "range"))
    unproven = (quantities & frame["met"].eq(0) & ~frame["exact"]) | _by_hand(frame, scheme)
    for rule in RULES:
        applies = rule.applies(frame, scheme) & usable
        if applies.any():
            frame.loc[applies, "rule"] = rule.id
            # A bound or span that does not prove the target has no honest number.
            rows = frame.loc[applies]
            frame.loc[applies, "points"] = rule.points(rows, scheme).where(~unproven[applies])
    if scheme.quantitative.missing_actual == "zero":
        nothing = usable & frame["actual"].eq("") & frame["kind"].isin(("quantity", "range", "deadline")) & frame["points"].isna()
        frame.loc[nothing, "points"] = 0.0
    frame["completion"] = _completion(frame)
    frame["score"] = round_items(frame["points"], scheme)
    blank = frame["actual"].eq("") | frame["not_applicable_unexplained"]
    frame["status"] = np.select(
        [frame["not_applicable"], frame["points"].notna(), blank],
        [Status.NOT_APPLICABLE, Status.SCORED, Status.MISSING], default=Status.UNSCORABLE,
    )
    frame.loc[frame["role"] != INDICATOR, "status"] = ""
    return frame


def _by_hand(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Rows the scheme leaves to a person: = off its target, ≤ beyond its limit; a blank is False."""
    missed = pd.Series(False, index=frame.index)  # noqa: FBT003  # a value, not a switch
    if scheme.quantitative.equal == "manual":
        missed |= frame["op"].eq("=") & (frame["a_low"] != frame["t_low"]) & frame["met"].notna()
    if scheme.reverse.shortfall == "manual":
        missed |= frame["op"].isin(("≤", "<")) & (frame["a_high"] > frame["t_high"])
    return missed


def _completion(frame: pd.DataFrame) -> pd.Series:
    """actual/target (≥ > =), target/actual (≤ <), ratio to the nearer bound (range); NaN where that says nothing."""
    op = frame["op"]
    with np.errstate(divide="ignore", invalid="ignore"):
        up = (frame["a_low"] / frame["t_low"]).where(frame["t_low"] > 0)
        down = (frame["t_high"] / frame["a_high"]).where(frame["a_high"] > 0)
    inside = pd.Series(1.0, index=frame.index).where(frame["met"] == 1)
    ranged = inside.fillna(up.where(frame["a_low"] < frame["t_low"], down))
    mirrored = op.eq("=") & frame["mirrored"] & (frame["a_low"] != frame["t_low"])
    result = pd.Series(np.nan, index=frame.index)
    result = result.where(~op.isin(("≥", ">", "=")), up)
    result = result.where(~(op.isin(("≤", "<")) | mirrored), down)
    result = result.where(op != "range", ranged)
    return result.where(frame["met"].notna())


# what can still change


def _span_execution(execution: pd.DataFrame) -> None:
    """Lowest and highest execution points: both totals where two disagree, the whole weight where none is known."""
    other = pd.Series(round_points(execution["other_points"]), index=execution.index).fillna(execution["score"])
    both = pd.DataFrame({"own": execution["score"], "other": other})
    execution["low"] = both.min(axis=1, skipna=False).fillna(0.0)
    execution["high"] = both.max(axis=1, skipna=False).fillna(execution["weight"])


def _span_rows(frame: pd.DataFrame, execution: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """`low` and `high` of each row: the score, or what an open row could still earn."""
    open_rows = frame["status"].isin((Status.MISSING, Status.UNSCORABLE))
    frame["low"] = frame["score"].fillna(0.0)
    frame["high"] = frame["score"].fillna(0.0)
    frame.loc[open_rows, "high"] = frame.loc[open_rows, "weight"].clip(lower=0).fillna(0.0)
    outside = open_rows & frame["rule"].isin((QUALITATIVE.id, DEADLINE.id)) & frame["tier_used"].ne("")
    is_late = late(frame)
    spans = [
        (0.0, tier_window("部分达成", weight, scheme)[1]) if too_late else tier_window(tier, weight, scheme)
        for tier, weight, too_late in zip(frame["tier_used"][outside], frame["weight"][outside], is_late[outside], strict=True)
    ]
    if spans:
        frame.loc[outside, ["low", "high"]] = np.array(spans, dtype="float64")
    unweighted = open_rows & frame["weight"].isna()
    if unweighted.any():
        # Points nobody wrote down can only be what the others leave of the full total.
        known = frame[frame["role"] == INDICATOR].groupby("submission")["weight"].sum()
        left = (scheme.full - known - execution["weight"]).clip(lower=0)
        count = unweighted.groupby(frame["submission"]).transform("sum")
        frame.loc[unweighted, "high"] = (frame["submission"].map(left) / count)[unweighted]
    return frame


# totals


def _levels(frame: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Points by first level: one row per submission and block present, in the scheme's order."""
    rows = frame[frame["role"].eq(INDICATOR)]
    applicable = rows[rows["status"] != Status.NOT_APPLICABLE]
    grouped = applicable.groupby(["submission", "block"], sort=False)
    table = pd.DataFrame({
        "weight": grouped["weight"].sum(),
        "score": round_points(grouped["score"].sum()),
        "low": round_points(grouped["low"].sum()),
        "high": round_points(grouped["high"].sum()),
    }).reset_index()
    order = {level.name: i for i, level in enumerate(scheme.levels)}
    table["order"] = table["block"].map(order).fillna(len(order))
    return table.sort_values(["submission", "order", "block"], kind="stable").drop(columns="order").reset_index(drop=True)


def _totals(frame: pd.DataFrame, execution: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Per submission: `total`, `low`, `high` (rounded, rescaled, capped), `weights`, `applicable`, `rescale`, `inferred`."""
    rows = frame[frame["role"].eq(INDICATOR)]
    index = execution.index

    def summed(values: pd.Series) -> pd.Series:
        return values.groupby(rows["submission"]).sum().reindex(index).fillna(0.0)

    weight = rows["weight"].clip(lower=0).fillna(0.0)
    dropped = rows["status"].eq(Status.NOT_APPLICABLE)
    result = pd.DataFrame({"weights": summed(weight)}, index=index)
    result["dropped"] = summed(weight.where(dropped, 0.0))
    applicable = result["weights"] - result["dropped"] + execution["weight"]
    result["applicable"] = round_points(applicable, 4)
    rescales = (result["dropped"] > 0) & (scheme.not_applicable.policy == "rescale") & (result["applicable"] > 0)
    result["rescale"] = (scheme.full / result["applicable"]).where(rescales, 1.0)
    scores = {"total": rows["score"].fillna(0.0), "low": rows["low"], "high": rows["high"]}
    own = {"total": execution["score"].fillna(0.0), "low": execution["low"], "high": execution["high"]}
    cap = _cap(execution["rate"], scheme)
    for name, values in scores.items():
        items = pd.Series(round_points(summed(values) + own[name]), index=index)
        result[f"{name}_items"] = items
        result[name] = np.minimum(round_points(items * result["rescale"]), cap)
    result["inferred"] = round_points(summed(rows["score"].where(rows["tier_inferred"], 0.0).fillna(0.0)))
    return result


def _cap(rate: pd.Series, scheme: Scheme) -> pd.Series:
    """The highest total the execution rate allows (scheme `total_caps`); infinite without caps or rate."""
    cap = pd.Series(np.inf, index=rate.index)
    for step in sorted(scheme.total_caps.caps, key=lambda c: -c.rate_below):
        cap = cap.where(~(np.round(rate, 9) < step.rate_below), step.at_most)
    return cap


def _decide(results: Results) -> None:
    """Provisional, grade and grade span: a grade only where nothing that is open could change it."""
    totals, scheme = results.totals, results.scheme
    results.totals["provisional"] = _provisional(results)
    best = [scheme.grade(t) for t in totals["high"]]
    worst = [scheme.grade(t) for t in totals["low"]]
    totals["grade"] = pd.Series([a if a == b else None for a, b in zip(worst, best, strict=True)], index=totals.index, dtype=object)
    order = [band.name for band in scheme.grades.bands]
    totals["grade_low"] = pd.Series(worst, index=totals.index, dtype=object)
    totals["grade_high"] = pd.Series(best, index=totals.index, dtype=object)
    totals["errors"] = pd.Series(_error_counts(results), dtype="int64").reindex(totals.index).fillna(0).astype("int64")
    assert set(totals["grade"].dropna()) <= set(order)  # noqa: S101  # a grade outside the scheme's bands is a bug


def _error_counts(results: Results) -> dict[int, int]:
    from perfxl.catalogue import severity_of
    from perfxl.model import Severity

    counts: dict[int, int] = {}
    for issue in results.issues:
        if severity_of(issue.code) is Severity.ERROR:
            counts[issue.submission] = counts.get(issue.submission, 0) + 1
    return counts


def _provisional(results: Results) -> pd.Series:
    """暂定 ⇔ an error-level issue stands."""
    counts = _error_counts(results)
    return pd.Series([counts.get(n, 0) > 0 for n in results.totals.index], index=results.totals.index)
