"""Scored batches as the frames of a consolidation: plain columns, words looked up, nothing a writer does not print."""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING

import pandas as pd

from perfxl.catalogue import CATALOGUE, fix, message, severity_of
from perfxl.consolidation.checks import anchors, passages
from perfxl.consolidation.decisions import Reason
from perfxl.consolidation.differences import indicator_differences
from perfxl.consolidation.facts import answered, facts, kinds, tally
from perfxl.consolidation.shelf import LONG
from perfxl.model import GRAVITY, Severity
from perfxl.model.columns import UNIT
from perfxl.rules.frames import INDICATOR, records
from perfxl.scoring.explain import EXPLAINED, error_kinds, row_explanation

if TYPE_CHECKING:
    from perfxl.rules.results import Results

_TOTALS = ("total", "low", "high", "provisional", "grade", "grade_low", "grade_high", "rescale", "inferred")
_EXECUTION = {
    "rate": "execution_rate",
    "full_year": "full_year",
    "executed": "executed",
    "initial": "initial",
    "score": "execution_score",
    "weight": "execution_weight",
    "claimed": "execution_claimed",
    "low": "execution_low",
    "high": "execution_high",
    "other_rate": "execution_other_rate",
}


def compact(results: Results) -> dict[str, pd.DataFrame]:
    """The tables of one scored batch, rows by submission as numbered in the batch.

    Those of `LONG` go to the shelf. The others, short tables with a few lines a submission, are named here alone: they are
    brought back by every chunk, renumbered and stacked, and stand in `Consolidation.short` under their names.
    """
    budget, indicators, issues = _budget(results), _indicators(results), issue_frame(results)
    review = indicator_differences(indicators, results.scheme)
    copied = passages(results.frames, results.scheme)
    return {
        "units": _units(results, issues),
        "levels": _levels(results, indicators),
        "anchors": anchors(results.frames),
        "facts": facts(results.frames.unit["submission"], budget, indicators, review),
        "tally": tally(issues),
        "kinds": kinds(review),
        "sentences": copied[["submission", "hash"]],
        "budget": budget,
        "indicators": indicators,
        "issues": issues,
        "review": review,
        "passages": copied,
    }


def _units(results: Results, issues: pd.DataFrame) -> pd.DataFrame:
    unit = results.frames.unit.set_index("submission")
    typed = [c.name for c in UNIT.columns if c.name not in ("scheme", "fiscal_year", "claimed_total")]
    counts = Counter(zip(issues["submission"].tolist(), issues["severity"].tolist(), strict=True))
    # One frame from all columns: setting thirty of them one by one takes twice as long.
    return pd.DataFrame(
        {
            **{name: unit[name] for name in typed},
            "year": unit["year"],
            "claimed_total": unit["claimed_total_value"],
            "source": "",  # whatever path it came by, the rows are the same; `assembly` knows it
            "part": unit["part"],
            "sha256": unit["sha256"],
            "amounts_unknown": unit["amounts_unknown"],
            "scheme": results.scheme.id,
            "scheme_title": results.scheme.title,
            "full": results.scheme.full,
            **{name: results.totals[name] for name in _TOTALS},
            **{kept: results.execution[name] for name, kept in _EXECUTION.items()},
            "errors": [counts[n, str(Severity.ERROR)] for n in unit.index.tolist()],
            "warnings": [counts[n, str(Severity.WARNING)] for n in unit.index.tolist()],
        }
    ).reset_index()


def _budget(results: Results) -> pd.DataFrame:
    lines = results.frames.budget
    rate = (lines["executed"] / lines["full_year"]).where(lines["full_year"] > 0)
    return lines.assign(rate=rate)[list(LONG["budget"])]


def _indicators(results: Results) -> pd.DataFrame:
    rows = results.frames.indicators
    kept = [column for column in LONG["indicators"] if column != "explanation"]
    counted = rows.loc[rows["role"] == INDICATOR, list(dict.fromkeys((*kept, *EXPLAINED)))]
    found = cache(partial(error_kinds, results))
    sentences = [row_explanation(row, results, found(row["submission"]).get(row["sheet_row"], ())) for row in records(counted[list(EXPLAINED)])]
    return counted[kept].assign(explanation=sentences, status=list(map(str, counted["status"].tolist())))[list(LONG["indicators"])]


def _levels(results: Results, indicators: pd.DataFrame) -> pd.DataFrame:
    levels = results.levels.rename(columns={"block": "level1"})
    return levels.merge(answered(indicators), on=["submission", "level1"], how="left").fillna({"answered": 0.0})


def issue_frame(results: Results) -> pd.DataFrame:
    """Issues with severity, 问题类型, words and the 三级指标 of their row, by submission and gravity."""
    rows = results.frames.indicators
    names = dict(zip(zip(rows["submission"].tolist(), rows["sheet_row"].tolist(), strict=True), rows["level3"].tolist(), strict=True))
    sheet = {n: p["indicators"].sheet for n, p in results.frames.places.items() if "indicators" in p}
    listed: list[tuple[int, int, tuple[object, ...]]] = []
    for issue in results.issues:
        if issue.code == Reason.UNNAMED:
            continue  # asked about while it waits; settled where it counts
        entry = CATALOGUE[issue.code]
        severity = severity_of(issue, folder=True)
        level3 = names.get((issue.submission, issue.row), "") if len(issue.rows) == 1 and issue.sheet == sheet.get(issue.submission) else ""
        shown = (
            issue.submission,
            issue.code,
            str(severity),
            entry.kind,
            issue.sheet or "",
            issue.cell or "",
            issue.value or "",
            message(issue),
            fix(issue),
            level3,
            "",
            "",
        )
        listed.append((issue.submission, GRAVITY[severity], shown))
    listed.sort(key=lambda row: row[:2])
    columns = zip(*(row for _, _, row in listed), strict=True) if listed else [()] * len(LONG["issues"])
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype="int64" if kind == "whole" else object)
            for (name, kind), values in zip(LONG["issues"].items(), columns, strict=True)
        }
    )
