"""Frames to results: give each row to its rule, add up, grade, and say how far the total can move.

A batch of one and a batch of thousands take the same way: everything is computed over the stacked frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.catalogue import severity_of
from perfxl.checks.engine import run_checks
from perfxl.model import Severity
from perfxl.model.rounding import round_points, snap
from perfxl.rules import budget
from perfxl.rules.deadline import DEADLINE, late
from perfxl.rules.frames import INDICATOR, Frames
from perfxl.rules.management import MANAGEMENT_RULE
from perfxl.rules.qualitative import QUALITATIVE, tier_window
from perfxl.rules.quantitative import EQUAL, HIGHER, LOWER, RANGE
from perfxl.rules.readings import interpret
from perfxl.rules.results import NO_RULE, Results, Status
from perfxl.rules.rule import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perfxl.schemes import Scheme

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

RULES: tuple[Rule, ...] = (HIGHER, LOWER, EQUAL, RANGE, QUALITATIVE, DEADLINE, MANAGEMENT_RULE)


def score(frames: Frames, scheme: Scheme) -> Results:
    """Score every submission of a batch under one scheme. The frames given are not changed."""
    submissions = pd.Index(frames.unit["submission"], name="submission")
    indicators = apply_rules(interpret(frames, scheme), scheme)
    execution = budget.execution(frames.budget, submissions, scheme)
    execution = _span_execution(execution.assign(score=round_points(execution["points"], scheme.rounding.decimals, scheme.rounding.mode)))
    indicators = _span_rows(indicators, execution, scheme)
    levels = _levels(indicators, submissions, scheme)
    totals = _totals(indicators, execution, scheme)
    scored = Frames(
        unit=frames.unit,
        budget=frames.budget,
        goals=frames.goals,
        indicators=indicators,
        management=frames.management,
        report=frames.report,
        places=frames.places,
        own_columns=frames.own_columns,
        issues=frames.issues,
    )
    results = Results(scheme, scored, execution, totals, levels, [])
    results.issues = run_checks(results)
    _decide(results)
    return results


# rules


RULE_COLUMNS = (
    "weight",
    "claimed_score",
    "tier_used",
    "tier_inferred",
    "op",
    "kind",
    "met",
    "mirrored",
    "t_low",
    "t_high",
    "a_low",
    "a_high",
    "t_end",
    "a_end",
    "management",
    "data_value",
)
"""What rules may look at; a narrow frame is several times cheaper to cut than the whole one."""


def apply_rules(frame: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Points of every row by the one rule that applies to it; rows of no rule keep NaN.

    Adds `rule`, `points` (not rounded), `score`, `completion`, `status`.
    """
    weight, blank = frame["weight"].to_numpy(), frame["a_kind"].to_numpy() == "blank"
    none, unexplained = frame["not_applicable"].to_numpy(), frame["not_applicable_unexplained"].to_numpy()
    is_row = frame["role"].to_numpy() == INDICATOR
    usable = is_row & ~none & ~unexplained & (weight > 0)
    unproven = _unproven(frame) | _by_hand(frame, scheme)
    rule_ids = np.full(len(frame), NO_RULE, dtype=object)
    points = np.full(len(frame), np.nan)
    narrow = frame[list(RULE_COLUMNS)]
    for rule in RULES:
        applies = np.asarray(rule.applies(narrow, scheme), dtype=bool) & usable
        if applies.any():
            rule_ids[applies] = rule.id
            # A bound or span that does not prove the target has no honest number.
            points[applies] = np.where(unproven[applies], np.nan, rule.points(narrow[applies], scheme))
    if scheme.quantitative.missing_actual == "zero":
        numeric = np.isin(frame["kind"].to_numpy().astype(str), ("quantity", "range", "deadline"))
        points[usable & blank & numeric & np.isnan(points)] = 0.0
    status = np.select(
        [~is_row, none, ~np.isnan(points), blank | unexplained], ["", Status.NOT_APPLICABLE, Status.SCORED, Status.MISSING], default=Status.UNSCORABLE
    ).astype(object)
    score = round_points(points, scheme.rounding.decimals, scheme.rounding.mode)
    return frame.assign(rule=rule_ids, points=points, score=score, completion=_completion(frame), status=status)


def _unproven(frame: pd.DataFrame) -> Bools:
    """Bounds and spans that do not prove the target; an exact number is always proof of itself."""
    kind = frame["kind"].to_numpy()
    quantities = (kind == "quantity") | (kind == "range")
    unproven: Bools = quantities & (frame["met"].to_numpy() == 0) & ~frame["exact"].to_numpy()
    return unproven


def _by_hand(frame: pd.DataFrame, scheme: Scheme) -> Bools:
    """Rows the scheme leaves to a person: = off its target, ≤ beyond its limit; a blank is False."""
    missed = np.zeros(len(frame), dtype=bool)
    op = frame["op"].to_numpy()
    if scheme.quantitative.equal == "manual":
        missed |= (op == "=") & (frame["a_low"].to_numpy() != frame["t_low"].to_numpy()) & ~np.isnan(frame["met"].to_numpy())
    if scheme.reverse.shortfall == "manual":
        missed |= ((op == "≤") | (op == "<")) & (frame["a_high"].to_numpy() > frame["t_high"].to_numpy())
    return missed


def _completion(frame: pd.DataFrame) -> Floats:
    """actual/target (≥ > =), target/actual (≤ <), ratio to the nearer bound (range); NaN where that says nothing."""
    op, met = frame["op"].to_numpy(), frame["met"].to_numpy()
    t_low, t_high, a_low, a_high = (frame[name].to_numpy() for name in ("t_low", "t_high", "a_low", "a_high"))
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(t_low > 0, a_low / t_low, np.nan)
        down = np.where(a_high > 0, t_high / a_high, np.nan)
    ranged = np.where(met == 1, 1.0, np.where(a_low < t_low, up, down))
    mirrored = (op == "=") & frame["mirrored"].to_numpy() & (a_low != t_low)
    result = np.select(
        [op == "range", (op == "≤") | (op == "<") | mirrored, (op == "≥") | (op == ">") | (op == "=")], [ranged, down, up], default=np.nan
    )
    return np.where(np.isnan(met), np.nan, result)


# what can still change


def _span_execution(execution: pd.DataFrame) -> pd.DataFrame:
    """`low` and `high` of the execution points: both totals where two disagree, the whole weight where none is known."""
    own, other = execution["score"].to_numpy(), round_points(execution["other_points"])
    other = np.where(np.isnan(other), own, other)
    low, high = np.minimum(own, other), np.maximum(own, other)
    unknown = np.isnan(low)
    return execution.assign(low=np.where(unknown, 0.0, low), high=np.where(unknown, execution["weight"], high))


def _span_rows(frame: pd.DataFrame, execution: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """`low` and `high` of each row: the score, or what an open row could still earn."""
    status, weight = frame["status"].to_numpy(), frame["weight"].to_numpy()
    open_rows = (status == Status.MISSING) | (status == Status.UNSCORABLE)
    known = np.nan_to_num(frame["score"].to_numpy())
    low, high = known.copy(), np.where(open_rows, np.nan_to_num(np.maximum(weight, 0)), known)
    rule, tier = frame["rule"].to_numpy(), frame["tier_used"].to_numpy()
    is_late = np.asarray(late(frame), dtype=bool)
    for at in np.flatnonzero(open_rows & ((rule == QUALITATIVE.id) | (rule == DEADLINE.id)) & (tier != "")):
        bottom, top = tier_window("部分达成" if is_late[at] else tier[at], float(weight[at]), scheme)
        low[at], high[at] = (0.0 if is_late[at] else bottom), top
    unweighted = open_rows & np.isnan(weight)
    if unweighted.any():
        # Points nobody wrote down can only be what the others leave of the full total.
        owner = execution.index.get_indexer(pd.Index(frame["submission"]))
        counted = frame["role"].to_numpy() == INDICATOR
        written = np.bincount(owner, np.where(counted, np.nan_to_num(weight), 0.0), minlength=len(execution))
        left = np.maximum(scheme.full - written - execution["weight"].to_numpy(), 0) / np.maximum(np.bincount(owner, unweighted, len(execution)), 1)
        high[unweighted] = left[owner][unweighted]
    return frame.assign(low=low, high=high)


# totals


def _levels(frame: pd.DataFrame, submissions: pd.Index, scheme: Scheme) -> pd.DataFrame:
    """Points by first level: one row per submission and block present, in the scheme's order."""
    counted = (frame["role"].to_numpy() == INDICATOR) & (frame["status"].to_numpy() != Status.NOT_APPLICABLE)
    at = submissions.get_indexer(pd.Index(frame["submission"]))[counted]
    blocks = frame["block"].to_numpy()[counted]
    own = {level.name: i for i, level in enumerate(scheme.levels)}
    others = sorted(set(blocks) - set(own))
    names = [*own, *others]
    code = {name: i for i, name in enumerate(names)}
    key = at * len(names) + np.array([code[block] for block in blocks], dtype=np.intp)
    groups, inverse = np.unique(key, return_inverse=True)

    def summed(name: str) -> Floats:
        return np.bincount(inverse, np.nan_to_num(frame[name].to_numpy()[counted]), minlength=len(groups)).astype("float64")

    return pd.DataFrame(
        {
            "submission": submissions.to_numpy()[groups // len(names)] if len(groups) else np.array([], dtype="int64"),
            "block": pd.Series([names[i] for i in groups % len(names)], dtype=object) if len(groups) else np.array([], dtype=object),
            "weight": summed("weight"),
            **{name: round_points(summed(name)) for name in ("score", "low", "high")},
        }
    )


def _totals(frame: pd.DataFrame, execution: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Per submission: `total`, `low`, `high` (rounded, rescaled, capped), `weights`, `applicable`, `rescale`, `inferred`."""
    counted = frame["role"].to_numpy() == INDICATOR
    at = execution.index.get_indexer(pd.Index(frame["submission"]))[counted]

    def summed(values: Floats) -> Floats:
        return np.bincount(at, np.nan_to_num(values[counted]), minlength=len(execution)).astype("float64")

    weight = np.maximum(np.nan_to_num(frame["weight"].to_numpy()), 0)
    dropped = np.where(frame["status"].to_numpy() == Status.NOT_APPLICABLE, weight, 0.0)
    result: dict[str, Floats] = {"weights": summed(weight), "dropped": summed(dropped)}
    result["applicable"] = round_points(result["weights"] - result["dropped"] + execution["weight"].to_numpy(), 4)
    rescales = (result["dropped"] > 0) & (scheme.not_applicable.policy == "rescale") & (result["applicable"] > 0)
    with np.errstate(divide="ignore"):
        result["rescale"] = np.where(rescales, scheme.full / result["applicable"], 1.0)
    cap = _cap(execution["rate"].to_numpy(), scheme)
    for name, own in (("total", "score"), ("low", "low"), ("high", "high")):
        items = round_points(summed(frame[own].to_numpy()) + np.nan_to_num(execution[own].to_numpy()))
        result[f"{name}_items"] = items
        result[name] = np.minimum(round_points(items * result["rescale"]), cap)
    result["inferred"] = round_points(summed(np.where(frame["tier_inferred"].to_numpy(), frame["score"].to_numpy(), 0.0)))
    return pd.DataFrame(result, index=execution.index)


def _cap(rate: Floats, scheme: Scheme) -> Floats:
    """The highest total the execution rate allows (scheme `total_caps`); infinite without caps or rate."""
    cap = np.full(len(rate), np.inf)
    for step in sorted(scheme.total_caps.caps, key=lambda c: -c.rate_below):
        cap = np.where(snap(rate) < step.rate_below, step.at_most, cap)
    return cap


def _decide(results: Results) -> None:
    """Provisional, grade and grade span: a grade only where nothing that is open could change it."""
    totals, scheme = results.totals, results.scheme
    best = [scheme.grade(t) for t in totals["high"].tolist()]
    worst = [scheme.grade(t) for t in totals["low"].tolist()]
    errors = _error_counts(results)
    counts = np.array([errors.get(n, 0) for n in totals.index], dtype="int64")
    results.totals = totals.assign(
        provisional=counts > 0,
        grade=pd.Series([a if a == b else None for a, b in zip(worst, best, strict=True)], index=totals.index, dtype=object),
        grade_low=pd.Series(worst, index=totals.index, dtype=object),
        grade_high=pd.Series(best, index=totals.index, dtype=object),
        errors=counts,
    )


def _error_counts(results: Results) -> dict[int, int]:
    """必须改正 issues by submission; 暂定 ⇔ there is one."""
    counts: dict[int, int] = {}
    for issue in results.issues:
        if severity_of(issue) is Severity.ERROR:
            counts[issue.submission] = counts.get(issue.submission, 0) + 1
    return counts
