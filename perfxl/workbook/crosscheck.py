"""The findings of a crosscheck as a workbook: one sheet to work through, one line a finding."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from perfxl.model import PerfxlError, Verdict
from perfxl.word.crosscheck.findings import ORDER
from perfxl.workbook.writing import SheetWriter, checked, new_workbook, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from perfxl.intake.submission import Submission
    from perfxl.word.crosscheck.findings import Finding

SHEET = "文表核对"
COLUMNS = (("序号", 6), ("结论", 12), ("文中数", 16), ("文中原句", 52), ("工作表", 12), ("单元格", 9), ("表中数", 22), ("说明", 52), ("核对意见", 18))
_LONGEST_SENTENCE = 2_000
_SHORT = 100
"""Characters up to which a sentence is shown whole."""


def write_crosscheck(
    findings: Sequence[Finding], target: Path, *, report: str, source: Submission, inputs: Iterable[Path] = (), force: bool = False
) -> None:
    """Write the findings to `target`, whole, and never over an input or a foreign file.

    Raises:
        PerfxlError: `target` is no `.xlsx` or may not be replaced.
    """
    from perfxl.model.version import __version__
    from perfxl.output import OutputPlan, seal

    if target.suffix.lower() != ".xlsx":
        raise PerfxlError(f"核对表要写成 .xlsx：“{target.name}”。", en=f"The findings are written as .xlsx, not {target.name}.")
    plan = OutputPlan(inputs, force=force)
    plan.replace(target, "report")
    data = seal(crosscheck_workbook(findings, report=report, source=source.source), "report", __version__, source.sha256)
    plan.write(target, data)


def clauses_with(text: str, sentence: str) -> str:
    """The clauses of a long sentence that hold the number; what is left out is shown by ….

    >>> clauses_with("0.92万元", "其他资金全年预算数为0.92万元；" + "基本支出全年预算数为541.76万元；" * 6)
    '其他资金全年预算数为0.92万元；…'
    """
    pieces = sentence.replace("；", "；\n").split("\n")
    held = re.compile(rf"(?<![\d.]){re.escape(text)}")
    if len(sentence) <= _SHORT or not text or not any(held.search(piece) for piece in pieces):
        return sentence
    shown = [piece if held.search(piece) else "…" for piece in pieces if piece]
    return "".join(piece for i, piece in enumerate(shown) if piece != "…" or not i or shown[i - 1] != "…")


def crosscheck_workbook(findings: Sequence[Finding], *, report: str, source: str) -> bytes:
    """The findings as a workbook in memory: contradictions first, then in the order of the text; equal input, equal bytes."""
    target = BytesIO()
    workbook, style = new_workbook(target, properties={"perfxl": ""})
    page = SheetWriter(workbook, SHEET, style)
    sheet = page.worksheet
    sheet.set_row(0, 26)
    page.text(0, 0, "自评报告与填报表核对表", style.title)
    counts = "，".join(f"{verdict} {sum(f.verdict is verdict for f in findings)}" for verdict in ORDER)
    page.text(1, 0, f"填报表：{source}　报告：{report}　{counts}", style.subtitle)
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        page.text(3, column, title, style.header)
    looks = {Verdict.CONTRADICTS: style.error, Verdict.UNREPORTED: style.warning, Verdict.NOT_IN_TABLE: style.text, Verdict.AGREES: style.text}
    ordered = sorted(findings, key=lambda f: ORDER.index(f.verdict))
    for at, finding in enumerate(ordered, 1):
        row = 3 + at
        page.number(row, 0, at, style.count)
        values = (
            str(finding.verdict),
            finding.text,
            parts(clauses_with(finding.text, finding.sentence), _LONGEST_SENTENCE)[0],
            finding.sheet or "",
            finding.cell or "",
            finding.table_value,
            finding.message,
            "",
        )
        page.fit(row, [(value, width) for value, (_, width) in zip(values, COLUMNS[1:], strict=True)])
        for column, value in enumerate(values, 1):
            page.text(row, column, value, looks[finding.verdict] if column == 1 else style.text)
    last = 3 + max(len(ordered), 1)
    checked(sheet.autofilter(3, 0, last, len(COLUMNS) - 1), "筛选")
    sheet.freeze_panes(4, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    sheet.set_footer("&C第 &P 页 共 &N 页")
    workbook.close()
    return target.getvalue()
