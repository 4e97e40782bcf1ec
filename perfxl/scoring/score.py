"""Frames to results: give each row to its rule, add up, grade, and say how far the total can move.

A batch of one and a batch of thousands take the same way: everything is computed over the stacked frames.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from msgspec.structs import replace

from perfxl.catalogue import severity_of
from perfxl.checks.engine import run_checks
from perfxl.model import Severity
from perfxl.model.rounding import round_points
from perfxl.rules import budget
from perfxl.rules.deadline import DEADLINE
from perfxl.rules.expression import C, If, Known, Rows
from perfxl.rules.frames import INDICATOR, Frames
from perfxl.rules.management import MANAGEMENT_RULE
from perfxl.rules.qualitative import QUALITATIVE
from perfxl.rules.quantitative import COMPLETION, EQUAL, HIGHER, LOWER, MISSING_AS_ZERO, RANGE
from perfxl.rules.readings import interpret
from perfxl.rules.results import NO_RULE, Results, Status
from perfxl.rules.rule import Rule, whole_weight
from perfxl.rules.totals import INFERRED, NO_GRADE, OPEN_GRADE, add_up, block_steps, followed, points_steps, total_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perfxl.rules.expression import Expression
    from perfxl.schemes import Scheme

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

RULES: tuple[Rule, ...] = (HIGHER, LOWER, EQUAL, RANGE, QUALITATIVE, DEADLINE, MANAGEMENT_RULE)
RULE_OF = {rule.id: rule for rule in (*RULES, MISSING_AS_ZERO)}
"""Every rule a scored row can have: points come from no other place."""


def score(frames: Frames, scheme: Scheme, today: date | None = None) -> Results:
    """Score every submission of a batch under one scheme, as of `today` (the system's date). The frames given are not changed."""
    submissions = pd.Index(frames.unit["submission"], name="submission")

    foreign = _foreign(frames, scheme)
    execution = budget.execution(frames.budget, submissions, scheme, foreign)
    rows = interpret(frames, scheme, execution["rate"])
    closed = foreign[submissions.get_indexer(pd.Index(rows["submission"]))] if foreign.any() else np.zeros(len(rows), dtype=bool)
    scored_rows = apply_rules(rows, scheme, closed)
    indicators, totals = _total(scored_rows, execution, scheme)
    levels = _levels(indicators, submissions, scheme)
    results = Results(scheme, replace(frames, indicators=indicators), execution, totals, levels, [], today or date.today())  # noqa: DTZ011  # the office's day
    results.issues = run_checks(results)
    errors = _error_counts(results)
    counts = np.array([errors.get(n, 0) for n in totals.index], dtype="int64")
    results.totals = totals.assign(provisional=counts > 0, errors=counts)
    return results


def _foreign(frames: Frames, scheme: Scheme) -> Bools:
    """The submissions whose points are a system of their own with a first level that the scheme does not know: nothing of them is scored."""
    named = frames.unit["lacks"].to_numpy() != ""
    if not named.any():
        return np.asarray(named, dtype=bool)
    rows = frames.indicators
    names = {level.name for level in scheme.levels}
    unknown = np.array([level != "" and level not in names for level in rows["level1"]], dtype=bool)
    return np.asarray(named & frames.unit["submission"].isin(rows["submission"].to_numpy()[unknown]).to_numpy(), dtype=bool)


# rules


RULE_COLUMNS = (
    "weight",
    "claimed_score",
    "tier_used",
    "tier_inferred",
    "op",
    "kind",
    "a_kind",
    "met",
    "mirrored",
    "t_low",
    "t_high",
    "a_low",
    "a_high",
    "t_end",
    "a_end",
    "management_at",
    "data_value",
)
"""What rules may look at; a narrow frame is several times cheaper to cut than the whole one."""


def apply_rules(frame: pd.DataFrame, scheme: Scheme, closed: Bools) -> pd.DataFrame:
    """Points of every row by the one rule that applies to it; rows of no rule, and those that are `closed` to the scheme, keep NaN.

    Adds `rule`, `points` (not rounded), `score`, `completion`, `status`.
    """
    weight, blank = frame["weight"].to_numpy(), frame["a_kind"].to_numpy() == "blank"
    none, unexplained = frame["not_applicable"].to_numpy(), frame["not_applicable_unexplained"].to_numpy()
    is_row = frame["role"].to_numpy() == INDICATOR
    usable = is_row & ~none & ~unexplained & ~closed & (weight > 0)
    unproven = _unproven(frame)
    rule_ids = np.full(len(frame), NO_RULE, dtype=object)
    points = np.full(len(frame), np.nan)
    narrow = frame[list(RULE_COLUMNS)]
    for rule in RULES:
        applies = np.asarray(rule.applies(narrow), dtype=bool) & usable
        if applies.any():
            rule_ids[applies] = rule.id
            # A bound or span that does not prove the target has no honest number.
            points[applies] = np.where(unproven[applies], np.nan, rule.expression(scheme).values(narrow[applies]))
    if scheme.quantitative.missing_actual == "zero":
        zero = np.asarray(MISSING_AS_ZERO.applies(narrow), dtype=bool) & usable & np.isnan(points)
        rule_ids[zero], points[zero] = MISSING_AS_ZERO.id, 0.0
    status = np.select(
        [~is_row, closed, none, ~np.isnan(points), blank | unexplained],
        ["", Status.UNSCORABLE, Status.NOT_APPLICABLE, Status.SCORED, Status.MISSING],
        default=Status.UNSCORABLE,
    ).astype(object)
    score = round_points(points, scheme.rounding.decimals, scheme.rounding.mode)
    return frame.assign(rule=rule_ids, points=points, score=score, completion=COMPLETION.values(frame), status=status)


def _unproven(frame: pd.DataFrame) -> Bools:
    """Bounds and spans that do not prove the target; an exact number is always proof of itself."""
    kind = frame["kind"].to_numpy()
    quantities = (kind == "quantity") | (kind == "range")
    unproven: Bools = quantities & (frame["met"].to_numpy() == 0) & ~frame["exact"].to_numpy()
    return unproven


# what can still change, and totals


def _total(frame: pd.DataFrame, execution: pd.DataFrame, scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with `low` and `high` (the score, or what an open row could still earn), and the totals per submission.

    Totals: the figures of `perfxl.rules.totals` by name, `inferred`, `adds_up`, and the grades: `grade` where nothing
    that is open could change it, `grade_low` and `grade_high`; all None while 分值 do not add up.
    """
    at, count = execution.index.get_indexer(pd.Index(frame["submission"])), len(execution)
    counted = frame["role"].to_numpy() == INDICATOR
    status = frame["status"].to_numpy()
    is_open = (status == Status.MISSING) | (status == Status.UNSCORABLE)
    marks = {"not_applicable": status == Status.NOT_APPLICABLE, "open": is_open, "inferred": frame["tier_inferred"].to_numpy()}
    own: dict[str, Any] = {f"execution_{name}": execution[name].to_numpy() for name in ("weight", "score", "low", "high", "rate", "other_rate")}

    def rows(**columns: Floats) -> Rows:
        chosen = {"weight": frame["weight"].to_numpy(), "score": frame["score"].to_numpy(), **marks, **columns}
        return Rows({name: values[counted] for name, values in chosen.items()}, at[counted], count)

    points = followed(points_steps(scheme), own, rows())
    low, high = _spans(frame, is_open, points["left"][at], scheme)
    totals = followed(total_steps(scheme) | {"inferred": INFERRED}, own | points, rows(low=low, high=high))
    table = pd.DataFrame({**points, **totals, "adds_up": add_up(scheme).values(points)}, index=execution.index)
    return frame.assign(low=low, high=high), table.assign(**_grades(table))


def _spans(frame: pd.DataFrame, is_open: Bools, left: Floats, scheme: Scheme) -> tuple[Floats, Floats]:
    known = np.nan_to_num(frame["score"].to_numpy())
    low, high = known.copy(), known.copy()
    rule_ids = frame["rule"].to_numpy()
    narrow = frame[["weight", "tier_used", "t_end", "a_end"]].assign(left=left)
    for rule_id in set(rule_ids[is_open]):
        chosen = is_open & (rule_ids == rule_id)
        for target, end in zip((low, high), open_span(rule_id, scheme), strict=True):
            target[chosen] = end.values(narrow[chosen])
    return low, high


def open_span(rule_id: str, scheme: Scheme) -> tuple[Expression, Expression]:
    """Lowest and highest points of a row without a score; without 分值, what the others `left` of the full total."""
    low, high = RULE_OF[rule_id].open(scheme) if rule_id in RULE_OF else whole_weight(scheme)
    known = Known(C("weight"))
    return If(known, low, 0), If(known, high, C("left"))


def _grades(totals: pd.DataFrame) -> dict[str, pd.Series]:
    """The grades as records hold them: None for no grade, and for all while 分值 do not add up."""
    low, high = ([None if g in (NO_GRADE, OPEN_GRADE) else g for g in totals[f"{end}_grade"].tolist()] for end in ("low", "high"))
    both = [a if a == b else None for a, b in zip(low, high, strict=True)]
    return {name: pd.Series(grades, index=totals.index, dtype=object) for name, grades in (("grade", both), ("grade_low", low), ("grade_high", high))}


def _levels(frame: pd.DataFrame, submissions: pd.Index, scheme: Scheme) -> pd.DataFrame:
    """Points by first level: one row per submission and block present, in the scheme's order."""
    counted = (frame["role"].to_numpy() == INDICATOR) & (frame["status"].to_numpy() != Status.NOT_APPLICABLE)
    at = submissions.get_indexer(pd.Index(frame["submission"]))[counted]
    blocks = frame["block"].to_numpy()[counted]
    own = {level.name: i for i, level in enumerate(scheme.levels)}
    names = [*own, *sorted(set(blocks) - set(own))]
    code = {name: i for i, name in enumerate(names)}
    key = at * len(names) + np.array([code[block] for block in blocks], dtype=np.intp)
    groups, inverse = np.unique(key, return_inverse=True)
    columns = {name: frame[name].to_numpy()[counted] for name in ("weight", "score", "low", "high")} | {"in_block": np.ones(len(at), dtype=bool)}
    figures = followed(block_steps(), {}, Rows(columns, inverse, len(groups)), "block_")
    return pd.DataFrame(
        {
            "submission": submissions.to_numpy()[groups // len(names)] if len(groups) else np.array([], dtype="int64"),
            "block": pd.Series([names[i] for i in groups % len(names)], dtype=object) if len(groups) else np.array([], dtype=object),
            **figures,
        }
    )


def _error_counts(results: Results) -> dict[int, int]:
    """必须改正 issues by submission; 暂定 ⇔ there is one."""
    counts: dict[int, int] = {}
    for issue in results.issues:
        if severity_of(issue) is Severity.ERROR:
            counts[issue.submission] = counts.get(issue.submission, 0) + 1
    return counts
