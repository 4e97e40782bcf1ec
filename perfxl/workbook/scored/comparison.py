"""方案对比: the same submission under several schemes, row by row, and which clause makes each difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from perfxl.model import Status
from perfxl.model.columns import COMPARISON_SHEET, STALE
from perfxl.rules.expression import literal
from perfxl.rules.frames import INDICATOR, record, records
from perfxl.scoring.explain import execution_explanation, row_explanation, summarize
from perfxl.workbook.scored.changes import CHANGED
from perfxl.workbook.scored.page import height_of
from perfxl.workbook.scored.tables import footer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.rules.results import Results
    from perfxl.workbook.scored.case import Case
    from perfxl.workbook.scored.page import Book, Page

HEADER = 3


def write_comparison(book: Book, case: Case, others: Sequence[Results]) -> None:
    """Points under each scheme; formulas belong to the first scheme only, so these are values."""
    page = book.page(COMPARISON_SHEET)
    everyone = [case.results, *others]
    page.widths(11, 28, 8, *[14] * len(everyone), 60)
    page.text(1, 0, f"{case.unit['name']} {COMPARISON_SHEET}", "sheet_title")
    noted = "其他工作表按第一个方案计算；本表为各方案的得分（数值）。"
    page.formula(2, 0, f"IF({CHANGED},{literal(STALE)},{literal(noted)})", noted, "remark")
    for i, title in enumerate(("一级指标", "三级指标", "分值", *(r.scheme.title for r in everyone), "差别的由来")):
        page.text(HEADER, i, title, "head")
    page.height(HEADER, height_of(*((r.scheme.title, 14) for r in everyone), least=30))
    line = HEADER + 1
    own = [record(r.execution, case.submission) for r in everyone]
    sentences = [execution_explanation(r, case.submission) for r in everyone]
    points = [o["score"] for o in own]
    _row(page, line, ("预算执行", "预算执行率", own[0]["weight"]), points, [Status.UNSCORABLE] * len(own), _why(everyone, sentences, points))
    rows = [_rows_of(r, case.submission) for r in everyone]
    for mine in zip(*rows, strict=True):
        line += 1
        scores = [row["score"] for row in mine]
        why = ""
        if _differ(scores):
            why = _why(everyone, [row_explanation(row, r) for row, r in zip(mine, everyone, strict=True)], scores)
        _row(page, line, (mine[0]["block"], mine[0]["name"], mine[0]["weight"]), scores, [row["status"] for row in mine], why)
    totals = [record(r.totals, case.submission) for r in everyone]
    summaries = [summarize(r, case.submission) for r in everyone]
    for title, values, style in (
        ("总分", [t["total"] for t in totals], "points_bold"),
        ("最低可能", [t["low"] for t in totals], "points"),
        ("最高可能", [t["high"] for t in totals], "points"),
    ):
        line += 1
        page.merged(line, 0, 2, title, "label_bold")
        for i, value in enumerate(values):
            page.number(line, 3 + i, value, style)
        page.blank(line, 3 + len(everyone))
    line += 1
    page.merged(line, 0, 2, "等级", "label_bold")
    for i, summary in enumerate(summaries):
        page.text(line, 3 + i, f"{summary.grade}{'（暂定）' if summary.provisional else ''}", "center")
    page.blank(line, 3 + len(everyone))
    page.sheet.freeze_panes(HEADER, 0)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.repeat_rows(HEADER - 1)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))


def _rows_of(results: Results, submission: int) -> list[dict[str, object]]:
    frame = results.frames.indicators
    return records(frame[(frame["submission"] == submission) & frame["role"].eq(INDICATOR)])


def _differ(scores: Sequence[float]) -> bool:
    first = scores[0]
    return any(not (math.isnan(s) and math.isnan(first)) and s != first for s in scores[1:])


def _why(everyone: Sequence[Results], sentences: Sequence[str], scores: Sequence[float]) -> str:
    if not _differ(scores):
        return ""
    return "\n".join(f"{r.scheme.title}：{s}" for r, s in zip(everyone, sentences, strict=True))


def _row(page: Page, line: int, head: tuple[object, object, float], scores: Sequence[float], states: Sequence[str], why: str) -> None:
    page.text(line, 0, head[0], "center")
    page.text(line, 1, head[1])
    page.number(line, 2, head[2], "weight")
    for i, score in enumerate(scores):
        if math.isnan(score):
            page.text(line, 3 + i, Status(states[i]).zh, "center")
        else:
            page.number(line, 3 + i, score, "points")
    page.text(line, 3 + len(scores), why)
    page.height(line, height_of((str(head[1]), 28), (why, 60)))
