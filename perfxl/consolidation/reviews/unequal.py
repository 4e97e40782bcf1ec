"""同类问题扣分不一: one clause, different shares deducted at different units (contract §5, Review)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.consolidation.reviews import ReviewState
from perfxl.model.rounding import snap

if TYPE_CHECKING:
    import pandas as pd

ALIKE = 0.01
"""Shares that differ by no more are the same: points have two decimals."""


def unequal_shares(reviewed: pd.DataFrame) -> pd.DataFrame:
    """The reviews that count of every clause whose deducted share is not the same at all units, by clause, the largest share first.

    `reviewed` is `Consolidation.reviewed`; the result has its columns, and `least` and `most`, the shares of the clause.
    A review without a clause, or on a row without computed points, has nothing to be held against.
    """
    rows = reviewed[(reviewed["state"] == ReviewState.COUNTS) & (reviewed["clause"] != "") & reviewed["share"].notna()]
    by_clause = rows.groupby("clause")
    rows = rows.assign(least=by_clause["share"].transform("min"), most=by_clause["share"].transform("max"))
    differs = (snap(rows["most"] - rows["least"]) > ALIKE) & (by_clause["item"].transform("nunique") > 1)
    order = ["clause", "share", "unit_name", "project", "sheet", "sheet_row"]
    return rows[differs].sort_values(order, ascending=[True, False, True, True, True, True], kind="stable", ignore_index=True)
