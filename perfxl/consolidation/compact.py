"""Scored batches as the frames of a consolidation: plain columns, words looked up, nothing a writer does not print."""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING

import pandas as pd

from perfxl.catalogue import CATALOGUE, fix, message, severity_of
from perfxl.columns import BUDGET, INDICATORS, UNIT
from perfxl.consolidation.checks import anchors, passages
from perfxl.explain import EXPLAINED, error_kinds, row_explanation
from perfxl.frames import INDICATOR, records
from perfxl.model import Kind, Severity

if TYPE_CHECKING:
    from perfxl.results import Results

TABLES = ("units", "budget", "indicators", "levels", "issues", "anchors", "passages")
"""The frames of a scored batch, each with `submission` first."""

_READINGS = ("rule", "completion", "score", "low", "high", "status", "met", "op", "kind", "block", "tier_used", "tier_inferred",
             "t_low", "t_high", "t_unit", "a_low", "a_high", "a_unit")
_TOTALS = ("total", "low", "high", "provisional", "grade", "grade_low", "grade_high", "rescale", "inferred")
_EXECUTION = {"rate": "execution_rate", "full_year": "full_year", "executed": "executed", "initial": "initial",
              "score": "execution_score", "weight": "execution_weight", "claimed": "execution_claimed"}


def compact(results: Results) -> dict[str, pd.DataFrame]:
    """The frames of one scored batch, rows by submission as numbered in the batch."""
    return {"units": _units(results), "budget": _budget(results), "indicators": _indicators(results),
            "levels": _levels(results), "issues": issue_frame(results), "anchors": anchors(results.frames),
            "passages": passages(results.frames, results.scheme)}


def _units(results: Results) -> pd.DataFrame:
    unit = results.frames.unit.set_index("submission")
    typed = [c.name for c in UNIT.columns if c.name not in ("scheme", "fiscal_year", "claimed_total")]
    counts = Counter((issue.submission, severity_of(issue.code)) for issue in results.issues)
    # One frame from all columns: setting thirty of them one by one takes twice as long.
    return pd.DataFrame({
        **{name: unit[name] for name in typed},
        "year": unit["year"], "claimed_total": unit["claimed_total_value"], "source": unit["source"], "sha256": unit["sha256"],
        "scheme": results.scheme.id, "scheme_title": results.scheme.title, "full": results.scheme.full,
        **{name: results.totals[name] for name in _TOTALS},
        **{kept: results.execution[name] for name, kept in _EXECUTION.items()},
        "errors": [counts[n, Severity.ERROR] for n in unit.index.tolist()],
        "warnings": [counts[n, Severity.WARNING] for n in unit.index.tolist()],
    }).reset_index()


def _budget(results: Results) -> pd.DataFrame:
    lines = results.frames.budget
    kept = ["submission", "sheet_row", "line", *(c.name for c in BUDGET.columns if c.kind is not Kind.RATE)]
    frame = lines[kept].copy()
    frame["rate"] = (lines["executed"] / lines["full_year"]).where(lines["full_year"] > 0)
    return frame


def _indicators(results: Results) -> pd.DataFrame:
    rows = results.frames.indicators
    counted = rows["role"] == INDICATOR
    typed = [c.name for c in INDICATORS.columns]
    frame = rows.loc[counted, ["submission", "sheet_row", *typed, *(c for c in _READINGS if c not in typed)]]
    kinds = cache(partial(error_kinds, results))
    explained = records(rows.loc[counted, list(EXPLAINED)])
    sentences = [row_explanation(row, results, kinds(row["submission"]).get(row["sheet_row"], ())) for row in explained]
    return frame.assign(explanation=sentences, status=frame["status"].map(str))


def _levels(results: Results) -> pd.DataFrame:
    return results.levels.rename(columns={"block": "level1"})


def issue_frame(results: Results) -> pd.DataFrame:
    """Issues with severity, 问题类型, words and the 三级指标 of their row."""
    rows = results.frames.indicators
    names = dict(zip(zip(rows["submission"].tolist(), rows["sheet_row"].tolist(), strict=True), rows["level3"].tolist(), strict=True))
    sheet = {n: p["indicators"].sheet for n, p in results.frames.places.items() if "indicators" in p}
    columns: dict[str, list[object]] = {name: [] for name in ISSUE_COLUMNS}
    for issue in results.issues:
        entry = CATALOGUE[issue.code]
        digits = (issue.cell or "").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        level3 = names.get((issue.submission, int(digits)), "") if digits and issue.sheet == sheet.get(issue.submission) else ""
        shown = (issue.submission, issue.code, str(entry.severity), entry.kind, issue.sheet or "", issue.cell or "",
                 issue.value or "", message(issue), fix(issue), level3)
        for name, value in zip(ISSUE_COLUMNS, shown, strict=True):
            columns[name].append(value)
    return pd.DataFrame({name: pd.Series(values, dtype="int64" if name == "submission" else object)
                         for name, values in columns.items()})


ISSUE_COLUMNS = ("submission", "code", "severity", "kind", "sheet", "cell", "value", "message", "fix", "level3")
