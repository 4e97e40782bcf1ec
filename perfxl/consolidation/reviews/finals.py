"""Totals with reviews in the place of computed points: the same steps from rows to a total, and what is then still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.catalogue import CATALOGUE
from perfxl.consolidation import shelf
from perfxl.model import Severity, Status
from perfxl.model.addresses import split
from perfxl.rules.expression import Rows
from perfxl.rules.totals import NO_GRADE, OPEN_GRADE, followed, points_steps, total_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.reviews.applying import Applied
    from perfxl.consolidation.reviews.rows import Sheets

OF_EXECUTION = range(300, 400)
"""Numbers of the codes about the execution of the budget: points given by hand settle them."""
REASONS_SHOWN = 3


def finals(c: Consolidation, applied: Sequence[Applied], sheets: Sheets) -> None:
    """Fill the columns `reviews.FINAL` of the units; where nothing is reviewed they equal the computed ones."""
    units = c.units
    units["reviewable"] = c.facts.set_index("submission")["indicator_rows"].reindex(units["submission"]).fillna(0).to_numpy(dtype="int64") + 1
    units["reviewed"] = 0
    for name in ("total", "low", "high", "grade", "provisional"):
        units[f"final_{name}"] = units[name]
    units["deductions"] = pd.Series("", index=units.index, dtype=object)
    counted: dict[int, dict[int, Applied]] = {}
    for a in applied:
        if a.counts and a.row is not None:
            counted.setdefault(a.row.submission, {})[a.row.sheet_row] = a
    by_scheme: dict[str, list[int]] = {}
    for at in counted:
        by_scheme.setdefault(str(units["scheme"].iat[at]), []).append(at)
    for scheme, numbers in by_scheme.items():
        _totals(c, scheme, sorted(numbers), counted)
    for at, reviews in counted.items():
        units.loc[at, "reviewed"] = len(reviews)
        units.loc[at, "deductions"] = deductions(reviews.values())
        if units["provisional"].iat[at]:
            units.loc[at, "final_provisional"] = _still_open(c, at, reviews, sheets)


def deductions(reviews: Iterable[Applied]) -> str:
    """The first three reasons, by points lost."""
    lost: dict[str, float] = {}
    for a in reviews:
        if a.row is not None and a.share > 0:
            said = a.review.reason or a.review.clause or f"{a.review.level3}：复核完成值{a.review.review_actual}"
            said = " ".join(said.split())
            lost[said] = lost.get(said, 0.0) + a.row.score - a.points
    return "；".join(sorted(lost, key=lambda reason: (-lost[reason], reason))[:REASONS_SHOWN])


_COLUMNS = ("weight", "score", "low", "high")


def _totals(c: Consolidation, scheme_id: str, numbers: Sequence[int], counted: Mapping[int, Mapping[int, Applied]]) -> None:
    """The totals of the reviewed submissions under one scheme."""
    scheme, units = c.schemes[scheme_id], c.units.iloc[list(numbers)]
    listed: list[tuple[int, float, float, float, float, bool, bool]] = []
    for group, at in enumerate(numbers):
        columns = shelf.unpacked(c.rows.take(c.order[at]), "indicators").get("indicators", {})
        names = ("sheet_row", *_COLUMNS, "status")
        for row, weight, score, low, high, status in zip(*(columns.get(name, []) for name in names), strict=True):
            review = counted[at].get(row)
            if review is not None:
                listed.append((group, weight, review.points, review.points, review.points, False, False))
            else:
                is_open = status in (Status.MISSING, Status.UNSCORABLE)
                listed.append((group, weight, score, low, high, status == Status.NOT_APPLICABLE, is_open))
    own = {
        f"execution_{name}": units[f"execution_{name}"].to_numpy(dtype="float64").copy()
        for name in ("weight", "score", "low", "high", "rate", "other_rate")
    }
    for group, at in enumerate(numbers):
        review = counted[at].get(0)
        if review is not None:
            for name in ("score", "low", "high"):
                own[f"execution_{name}"][group] = review.points
    groups, *values = (np.array(column) for column in zip(*listed, strict=True)) if listed else (np.array([], dtype="int64"), *[np.array([])] * 6)
    frame = dict(zip((*_COLUMNS, "not_applicable", "open"), values, strict=True))
    rows = Rows(
        {name: v.astype(bool if name in ("not_applicable", "open") else "float64") for name, v in frame.items()}, groups.astype("int64"), len(numbers)
    )
    points = followed(points_steps(scheme), own, rows)
    totals: dict[str, Any] = followed(total_steps(scheme), own | points, rows)
    low, high = ([None if g in (NO_GRADE, OPEN_GRADE) else g for g in totals[f"{end}_grade"].tolist()] for end in ("low", "high"))
    for name in ("total", "low", "high"):
        c.units.loc[list(numbers), f"final_{name}"] = totals[name]
    c.units.loc[list(numbers), "final_grade"] = pd.Series(
        [a if a == b else None for a, b in zip(low, high, strict=True)], index=list(numbers), dtype=object
    )


def _still_open(c: Consolidation, at: int, reviews: Mapping[int, Applied], sheets: Sheets) -> bool:
    """Whether an error stands that no review has settled."""
    issues = shelf.unpacked(c.rows.take(c.order[at]), "issues").get("issues", {})
    own = zip(*(issues.get(name, []) for name in ("code", "severity", "sheet", "cell")), strict=True)
    between = c.between[c.between["submission"] == at]
    other = zip(*(between[name].tolist() for name in ("code", "severity", "sheet", "cell")), strict=True)
    indicators = sheets.indicators.get(at, "绩效指标")
    for code, severity, sheet, cell in (*own, *other):
        if severity != Severity.ERROR:
            continue
        settled_here = 0 in reviews and CATALOGUE[code].number in OF_EXECUTION
        row, _ = split(cell)
        settled_row = sheet == indicators and row in reviews
        if not (settled_here or settled_row):
            return True
    return False
