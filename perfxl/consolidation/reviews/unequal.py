"""同类问题扣分不一: one fault, different shares deducted at different units (contract §5, Review)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.consolidation.reviews import ReviewState
from perfxl.consolidation.reviews.record import same
from perfxl.model.rounding import snap

if TYPE_CHECKING:
    import pandas as pd


def unequal_shares(reviewed: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """The deductions of every fault whose share is not the same at all units, by fault, the largest share first.

    `reviewed` is `Consolidation.reviewed`; the result has its columns, and `fault` — the clause, without one the reason —,
    `least` and `most`, the shares of the fault. Shares that differ by no more than `tolerance` are the same: points have
    two decimals.
    """
    rows = reviewed[(reviewed["state"] == ReviewState.COUNTS) & (reviewed["share"] > 0)]
    rows = rows.assign(fault=[clause if same(clause) else reason for clause, reason in zip(rows["clause"], rows["reason"], strict=True)])
    rows = rows.assign(folded=rows["fault"].map(same), owner=rows["item"].str.partition("|")[0] if len(rows) else "")
    rows = rows[rows["folded"] != ""]
    of_fault = rows.groupby("folded")
    rows = rows.assign(least=of_fault["share"].transform("min"), most=of_fault["share"].transform("max"))
    differs = (snap(rows["most"] - rows["least"]) > tolerance) & (of_fault["owner"].transform("nunique") > 1)
    order = ["folded", "share", "unit_name", "project", "sheet", "sheet_row"]
    return rows[differs].sort_values(order, ascending=[True, False, True, True, True, True], kind="stable", ignore_index=True)
