"""复核意见: what people at the bureau found, told to the unit row by row, with the reason and the clause (contract §5, Review)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perfxl.consolidation.reviews import ReviewState
from perfxl.model.digits import plain
from perfxl.rules.frames import records
from perfxl.word.material import deadline_words, material_of, matter_of
from perfxl.word.official import Letter, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


def told(reviewed: pd.DataFrame) -> pd.DataFrame:
    """The reviews that a letter quotes: those that count, of submissions in which one has a 扣分理由 or settles what could not be computed."""
    counted = reviewed[(reviewed["state"] == ReviewState.COUNTS) & (reviewed["submission"] >= 0)]
    moved = (counted["reason"] != "") | counted["score"].isna()
    return counted[counted["submission"].isin(counted.loc[moved, "submission"])]


def opinion_letter(name: str, submissions: Sequence[Mapping[str, Any]], reviewed: pd.DataFrame, deadline: str) -> bytes:
    """To a unit that has nothing to correct."""
    matter = matter_of(submissions[0]) if len(submissions) == 1 else "绩效自评材料"
    letter = Letter(f"关于反馈{matter}复核意见的通知")
    letter.head(name or "（未填单位名称）")
    letter.text(f"你单位报送的{matter}已经复核，现将复核意见反馈如下。")
    opinion_items(letter, submissions, reviewed, "附件", f"于{deadline_words(deadline)}前反馈；没有意见的，不必回复")
    letter.signature()
    opinion_annex(letter, submissions, reviewed, "附件")
    return letter.finished()


def opinion_items(letter: Letter, submissions: Sequence[Mapping[str, Any]], reviewed: pd.DataFrame, annex: str, back: str) -> None:
    """What the review made of each submission, one paragraph each, and how the unit can answer (`back`: when or with what)."""
    for number, submission in enumerate(submissions, 1):
        rows = reviewed[reviewed["submission"] == submission["submission"]]
        taken = int((rows["final"] < rows["score"]).sum())
        moved = f"其中{taken}行比规则测算少，" if taken else ""
        answered = "你单位上一轮的意见已附在后面。" if (rows["answer"] != "").any() else ""
        final = _total(submission["final_total"], submission["final_low"], submission["final_high"], open_=submission["final_provisional"])
        computed = _total(submission["total"], submission["low"], submission["high"], open_=submission["provisional"])
        said = f"复核了{len(rows)}行，{moved}规则测算得分{computed}，复核后得分{final}，逐行理由见{annex}。{answered}"
        letter.item(number, f"{material_of(submission)}：", said)
    letter.text(f"对复核有不同意见的，请在{annex}的“单位意见”栏写明理由，附上佐证材料，{back}。")


def _total(total: float, low: float, high: float, *, open_: bool) -> str:
    """A total, or the span of one that is open."""
    return f"暂定{plain(low)}～{plain(high)}分" if open_ else f"{plain(total)}分"


_ANNEX = {
    "序号": 1.1,
    "指标": 4.2,
    "分值": 1.3,
    "自评得分": 1.5,
    "测算得分": 1.5,
    "复核得分": 1.5,
    "扣分理由": 5.2,
    "依据条款": 3.6,
    "佐证材料": 1.6,
    "单位意见": 3.8,
}  # fmt: skip
"""The columns of the annex of a review, in centimetres; in the last one the unit answers, or reads what it answered before."""


def opinion_annex(letter: Letter, submissions: Sequence[Mapping[str, Any]], reviewed: pd.DataFrame, number: str) -> None:
    """The reviewed rows with their reasons, on a page of its own."""
    rows: list[tuple[str, ...]] = []
    for submission in submissions:
        own = reviewed[reviewed["submission"] == submission["submission"]]
        if len(submissions) > 1:
            rows.append((material_of(submission),))
        rows += [_row(n, row) for n, row in enumerate(records(own), 1)]
    letter.annex(
        "复核意见", "“单位意见”由单位填写；已有文字的，是上一轮反馈的意见。测算得分为空的，是按规则算不出、由复核确定得分的。", number=number
    )
    letter.table(tuple(_ANNEX), tuple(_ANNEX.values()), rows, centered=(0, 2, 3, 4, 5, 8))


def _row(number: int, row: Mapping[str, Any]) -> tuple[str, ...]:
    points = ("" if row[name] != row[name] else plain(row[name]) for name in ("weight", "claimed", "score", "final"))
    words = (one_line(row[name]) for name in ("reason", "clause", "evidence", "answer"))
    return (str(number), one_line(row["level3"] or row["level1"] or row["sheet"]), *points, *words)
