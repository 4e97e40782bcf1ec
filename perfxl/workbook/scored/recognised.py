"""表格识别: how an official form was read, block by block, so that a clerk can check it against the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.model.columns import RECOGNISED_SHEET
from perfxl.workbook.scored.page import height_of
from perfxl.workbook.scored.tables import footer

if TYPE_CHECKING:
    from perfxl.workbook.scored.case import Case
    from perfxl.workbook.scored.page import Book

COLUMNS = (("块", 10), ("区域", 18), ("栏目", 12), ("表头原文", 24), ("读作", 24), ("依据", 22), ("行数", 7), ("没有读的单元格", 24))
HEADER = 4


def write_recognised(book: Book, case: Case) -> None:
    """The sheet, one line a head, in the order of the form."""
    form = case.form
    if form is None:
        return
    page = book.page(RECOGNISED_SHEET)
    page.widths(*(width for _, width in COLUMNS))
    page.text(1, 0, f"{case.unit['name']} {RECOGNISED_SHEET}", "sheet_title")
    where = f"{case.source.name}{' › ' + case.unit['part'] if case.unit['part'] else ''}"
    page.text(2, 0, f"{form.title or '无标题'}（{where}）。请对照原表核对；读得不对的，改用填报模板：perfxl template --from 原表。", "remark")
    page.text(3, 0, f"推断得来：{'；'.join(form.assumed)}" if form.assumed else "没有推断得来的内容。", "remark")
    for i, (title, _) in enumerate(COLUMNS):
        page.text(HEADER, i, title, "head")
    for line, row in enumerate(form.recognised, HEADER + 1):
        texts = (row.block, row.area, row.column, row.printed, row.read_as, row.because, str(row.rows or ""), row.unread)
        for i, text in enumerate(texts):
            page.text(line, i, text, "center" if i in (0, 2, 6) else "text")
        page.height(line, height_of(*((text, width) for text, (_, width) in zip(texts, COLUMNS, strict=True))))
    page.sheet.freeze_panes(HEADER, 0)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.sheet.repeat_rows(HEADER - 1)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))
