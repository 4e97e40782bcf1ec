"""The issues of a check as a workbook: one sheet to work through, one line an issue."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from perfxl.catalogue import CATALOGUE, SEVERITY_WORDS
from perfxl.model import Severity
from perfxl.workbook.writing import SheetWriter, checked, new_workbook, parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHEET = "问题清单"
COLUMNS = (
    ("序号", 6),
    ("文件", 30),
    ("严重程度", 10),
    ("编号", 7),
    ("问题类型", 16),
    ("工作表", 14),
    ("单元格", 9),
    ("原填内容", 24),
    ("问题", 52),
    ("改法", 40),
)
_LONGEST = 2_000


def issues_workbook(documents: Sequence[Mapping[str, Any]]) -> bytes:
    """What `check` says of some files as a workbook in memory; equal input, equal bytes."""
    target = BytesIO()
    workbook, style = new_workbook(target, properties={"perfxl": ""})
    page = SheetWriter(workbook, SHEET, style)
    sheet = page.worksheet
    looks = {Severity.ERROR: style.error, Severity.WARNING: style.warning, Severity.INFO: style.text}
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        page.text(0, column, title, style.header)
    row = 0
    for document in documents:
        source = document["source"]
        file = f"{source['file']} › {source['part']}" if source.get("part") else source["file"]
        for issue in document["issues"]:
            row += 1
            entry, severity = CATALOGUE[issue["code"]], Severity(issue["severity"])
            values = (
                file,
                SEVERITY_WORDS[severity],
                str(entry.number),
                entry.kind,
                issue["sheet"] or "",
                issue["cell"] or "",
                parts(issue["value"] or "", _LONGEST)[0],
                issue["message"],
                issue["fix"],
            )
            page.number(row, 0, row, style.count)
            page.fit(row, [(value, width) for value, (_, width) in zip(values, COLUMNS[1:], strict=True)])
            for column, value in enumerate(values, 1):
                page.text(row, column, value, looks[severity] if column == 2 else style.text)
    checked(sheet.autofilter(0, 0, max(row, 1), len(COLUMNS) - 1), "筛选")
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C第 &P 页 共 &N 页")
    workbook.close()
    return target.getvalue()
