"""人工复核: what a person at the bureau makes of a row, bound to the row it was made of, kept and applied (contract §5, Review)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REVIEW = "复核"
"""The sheet of a review workbook, and the start of its name."""


class ReviewState(StrEnum):
    """What became of a review; only the first kind enters a final score."""

    COUNTS = "已计入"
    STALE = "复核后有改动"
    LOST = "未归位"
    CONFLICT = "复核冲突"
    INVALID = "填写有误"


REVIEWED: Mapping[str, object] = {
    "submission": -1,
    "item": "",
    "unit_name": "",
    "project": "",
    "sheet": "",
    "sheet_row": 0,
    "level1": "",
    "level2": "",
    "level3": "",
    "operator": "",
    "target_text": "",
    "unit": "",
    "weight": 0.0,
    "actual": "",
    "claimed": 0.0,
    "score": 0.0,
    "review_actual": "",
    "review_score": 0.0,
    "share": 0.0,
    "reason": "",
    "clause": "",
    "evidence": "",
    "by": "",
    "day": "",
    "confirm": "",
    "answer": "",
    "state": "",
    "final": 0.0,
    "why": "",
    "file": "",
    "sha256": "",
}
"""`Consolidation.reviewed`: one row per row of a submission on which a review stands, in the order of submissions and rows, lost ones last.

`submission` −1 where the reviewed row is gone. `sheet` 预算执行 or 绩效指标 (or the form's own sheet). `claimed` 自评得分, `score`
规则测算得分, `review_score` what the reviewer's numbers give, `final` what counts, all NaN where there is none; `share` the part of 规则测算得分
deducted (0 to 1). `answer` is 单位意见. `why` says what is wrong with a review that does not count. `sha256` is of the submission's file.
"""

LOG: Mapping[str, object] = {
    "day": "",
    "sha256": "",
    "unit_name": "",
    "project": "",
    "level3": "",
    "before": "",
    "after": "",
    "reason": "",
    "by": "",
    "state": "",
}
"""`Consolidation.review_log`, the rows of 复核台账: each change of a review, by `day` (复核日期), as it is kept in the ledger."""

FINAL: Mapping[str, object] = {
    "reviewable": 0,
    "reviewed": 0,
    "final_total": 0.0,
    "final_low": 0.0,
    "final_high": 0.0,
    "final_grade": "",
    "final_provisional": False,
    "deductions": "",
}
"""Further columns of `Consolidation.units`: rows that can be reviewed (应核) and whose review counts (已核); the total with reviews in the
place of computed points, its span and grade, as `total`, `low`, `high`, `grade`, `provisional` without; the first three 扣分理由, by points lost.
Where nothing is reviewed they equal the computed ones. `rank` and `authority_rank` go by `final_total`; `computed_rank` by `total`.
"""
