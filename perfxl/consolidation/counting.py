"""What stands in sums, means and ranks, and what does not and why (contract §5, "Sums a director can quote")."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.consolidation.items import Matter
from perfxl.consolidation.records import Missing
from perfxl.model import FileFate
from perfxl.rules.totals import grade_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perfxl.consolidation.records import Consolidation
    from perfxl.schemes import Scheme

OTHER_YEAR, NO_YEAR, NO_MATTER, OFF_ROSTER, DOUBTED = "其他年度", "年度不明", "自评类型不明", "名单外", "金额存疑"
UNDECIDED = "待裁定"
DOUBTED_BY = frozenset({"budget-unit-suspect", "unit-magnitude-suspect", "money-unit-implausible", "money-unit-differs"})
"""Codes that doubt the size of an amount."""


def count(c: Consolidation) -> None:
    """Fill `counted` and `not_counted` of the units: the first reason that holds, in the order of the words above."""
    units = c.units
    doubted = set(c.tally.loc[c.tally["code"].isin(DOUBTED_BY), "submission"].tolist()) - c.amounts_right
    year = units["year"].astype("float64")
    reasons = {
        OTHER_YEAR: year.notna() & (year != c.year),
        NO_YEAR: year.isna(),
        NO_MATTER: units["matter"] == Matter.UNKNOWN,
        OFF_ROSTER: (units["listed"] < 0) & bool(len(c.roster)),
        DOUBTED: units["submission"].isin(doubted),
    }
    said = np.select([mask.to_numpy(dtype=bool) for mask in reasons.values()], list(reasons), default="")
    units["not_counted"] = pd.Series(said, index=units.index, dtype=object)
    units["counted"] = pd.Series(said == "", index=units.index, dtype=bool)


def close(units: pd.DataFrame, missing: Missing, schemes: Mapping[str, Scheme]) -> None:
    """Apply the closing rule for what was not reported: leave it open, count it 0, or leave the unit out."""
    units["excluded"] = units["final_provisional"].astype(bool) if missing is Missing.EXCLUDE else False
    if missing is Missing.ZERO:
        for own, grade_names in (("", ("grade", "grade_low", "grade_high")), ("final_", ("final_grade",))):
            grades = [grade_of(t, schemes[s]) for s, t in zip(units["scheme"], units[f"{own}total"], strict=True)]
            for name in ("low", "high"):
                units[f"{own}{name}"] = units[f"{own}total"]
            for name in grade_names:
                units[name] = pd.Series(grades, index=units.index, dtype=object)
            units[f"{own}provisional"] = False


def final(units: pd.DataFrame) -> pd.Series:
    """Submissions whose score, with its reviews, is final and counts."""
    return units["counted"].astype(bool) & ~units["final_provisional"].astype(bool) & ~units["excluded"].astype(bool)


def rank(units: pd.DataFrame) -> None:
    """排名 and 部门内排名 among final scores that count, wholes and projects each among themselves; equal totals share the better rank.

    `computed_rank` is what `rank` would be without any review.
    """
    totals = units["final_total"].where(final(units), math.nan).astype("float64")
    units["rank"] = totals.groupby(units["matter"]).rank(method="min", ascending=False)
    standing = units["counted"].astype(bool) & ~units["provisional"].astype(bool) & ~units["excluded"].astype(bool)
    units["computed_rank"] = units["total"].where(standing, math.nan).astype("float64").groupby(units["matter"]).rank(method="min", ascending=False)
    units["authority_rank"] = totals.groupby([units["matter"], units["authority"]]).rank(method="min", ascending=False)


def waiting(c: Consolidation) -> pd.DataFrame:
    """The submissions that wait for a decision: nobody knows yet whether they count."""
    return c.sent[c.sent["fate"] == str(FileFate.REJECTED)]


def left_out(units: pd.DataFrame, undecided: int = 0) -> str:
    """What stands beside a sum: how many submissions are not in it, and why; "" where all are."""
    reasons = units.loc[~units["counted"].astype(bool), "not_counted"].value_counts().to_dict()
    if undecided:
        reasons[UNDECIDED] = undecided
    if not reasons:
        return ""
    listed = sorted(reasons.items(), key=lambda item: (-int(item[1]), str(item[0])))
    return f"另有{sum(reasons.values())}份未计入（{'、'.join(f'{word}{n}' for word, n in listed)}）"
