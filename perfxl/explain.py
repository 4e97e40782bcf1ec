"""The sentence behind every score, and what would raise the grade."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from perfxl.frames import record
from perfxl.results import Results, Status
from perfxl.score import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perfxl.scheme import Source

RULE_BY_ID = {rule.id: rule for rule in RULES}
_TIERED = ("qualitative", "deadline")


def row_explanation(row: Mapping[str, Any], results: Results) -> str:
    """One row's sentence: rule, values, arithmetic and source; for an open row, what is missing."""
    status = row["status"]
    if status == Status.SCORED:
        return RULE_BY_ID[row["rule"]].explain(row, results.scheme)
    if status == Status.NOT_APPLICABLE:
        return f"不适用（{row['reason']}），不计分，其余指标按比例折算"
    if status == Status.MISSING:
        if row["not_applicable_unexplained"]:
            return "填了不适用，但没有写理由，暂不计分"
        return f"指标值为“{row['target_text']}”，没有填写实际完成值，暂不计分"
    if status == Status.UNSCORABLE:
        return "填写的内容得不出可靠的数，暂不计分，见问题清单"
    return ""


def _source(row: Mapping[str, Any], results: Results) -> Source | None:
    scheme = results.scheme
    if row["rule"] in _TIERED and not (row["rule"] == "deadline" and row["a_end"] <= row["t_end"]):
        key = scheme.qualitative.source_of("tiers")
    elif row["rule"] == "lower-is-better":
        key = scheme.reverse.source_of("shortfall")
    else:
        key = scheme.quantitative.source_of("shortfall")
    return scheme.sources.get(key)


def row_source(row: Mapping[str, Any], results: Results) -> str:
    """Title and place of the text a row's rule comes from; empty where no rule applied."""
    if row["rule"] == "none":
        return ""
    source = _source(row, results)
    return f"{source.title}：{source.place}" if source else ""


def losses(results: Results, submission: int) -> list[tuple[str, float]]:
    """What lost points, largest first: name and points lost (open rows count what they can still earn)."""
    frame = results.frames.indicators
    rows = frame[(frame["submission"] == submission) & frame["status"].isin((Status.SCORED, Status.MISSING, Status.UNSCORABLE))]
    found = [(str(n), round(w - s, 2)) for n, w, s in zip(rows["level3"], rows["weight"], rows["score"].fillna(0.0), strict=True)
             if w == w and w - s > 0.004]
    own = record(results.execution, submission)
    lost = own["weight"] - (0.0 if math.isnan(own["score"]) else own["score"])
    if lost > 0.004:
        found.append(("预算执行率", round(lost, 2)))
    return sorted(found, key=lambda item: (-item[1], item[0]))


def next_grade(results: Results, submission: int) -> tuple[str, float] | None:
    """The next better grade and the points to it, as arithmetic only; None at the best grade."""
    total = record(results.totals, submission)["total"]
    better = [band for band in results.scheme.grades.bands if band.at_least > total]
    if not better:
        return None
    return better[-1].name, round(better[-1].at_least - total, 2)
