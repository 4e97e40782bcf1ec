"""问题清单: every issue with its gravity, place as a link, what is there and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.catalogue import SEVERITY_WORDS, entry, fix, message
from perfxl.model import Severity
from perfxl.model.columns import ISSUES_SHEET
from perfxl.workbook.scored.page import height_of
from perfxl.workbook.scored.tables import field_links, footer, link_target

if TYPE_CHECKING:
    from perfxl.workbook.scored.case import Case
    from perfxl.workbook.scored.page import Book

COLUMNS = (("序号", 6), ("轻重", 10), ("问题类型", 16), ("工作表", 11), ("单元格", 8), ("原填内容", 18), ("问题", 42), ("怎样改", 38))
HEADER = 3


def write_issues(book: Book, case: Case) -> None:
    """The sheet; rows in the order a clerk works through them."""
    page = book.page(ISSUES_SHEET)
    page.widths(*(width for _, width in COLUMNS))
    counts = case.summary.counts
    page.text(1, 0, f"{case.unit['name']} {ISSUES_SHEET}", "sheet_title")
    page.sentence(2, 0, 0, "，".join(f"{SEVERITY_WORDS[s]}{counts[s]}项" for s in Severity), "remark")
    for i, (title, _) in enumerate(COLUMNS):
        page.text(HEADER, i, title, "head")
    fields = field_links(case)
    for n, issue in enumerate(case.issues, start=1):
        line = HEADER + n
        found = entry(issue.code)
        style = "error" if found.severity is Severity.ERROR else "center"
        page.text(line, 0, str(n), "center")
        page.text(line, 1, SEVERITY_WORDS[found.severity], style)
        page.text(line, 2, found.kind, "text")
        page.text(line, 3, issue.sheet or "", "center")
        target = link_target(case, issue.sheet, issue.cell, fields)
        if target is not None:
            page.link(line, 4, target, issue.cell or "查看")
        else:
            page.text(line, 4, issue.cell or "", "center")
        shown = (issue.value or "", message(issue), fix(issue))
        page.text(line, 5, shown[0], "typed_text")
        for i in (6, 7):
            page.sentence(line, i, i, shown[i - 5], "text")
        page.height(line, height_of((found.kind, 16), (issue.sheet or "", 11), *zip(shown, (18, 42, 38), strict=True)))
    last = HEADER + max(1, len(case.issues))
    if not case.issues:
        page.merged(last, 0, len(COLUMNS) - 1, "没有发现问题。", "center")
    page.sheet.autofilter(HEADER - 1, 0, last - 1, len(COLUMNS) - 1)
    page.sheet.freeze_panes(HEADER, 0)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.sheet.repeat_rows(HEADER - 1)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))
