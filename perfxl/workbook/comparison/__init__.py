"""The workbook of a comparison: 总览对比, 单位对比, 指标对比, 未配对, and 方案差别 where rule packs are compared."""

from __future__ import annotations

from contextlib import ExitStack
from io import BytesIO
from typing import IO, TYPE_CHECKING

from perfxl.workbook.comparison.overview import OVERVIEW, write_overview
from perfxl.workbook.comparison.tables import tables
from perfxl.workbook.consolidated.table import inks, open_table, packed_pages
from perfxl.workbook.rows import LongSheet
from perfxl.workbook.splicing import SpooledRows, splice
from perfxl.workbook.writing import SheetWriter, WritingError, new_workbook

if TYPE_CHECKING:
    from perfxl.consolidation.comparing import Comparison


def write_comparison_workbook(target: IO[bytes], c: Comparison) -> None:
    """Write the workbook, unsealed. Equal comparisons give equal bytes.

    Raises:
        WritingError: a cell could not be written; nothing is dropped unsaid.
    """
    skeleton = BytesIO()
    workbook, style = new_workbook(skeleton, properties={"perfxl": "comparison"})
    sheets = tables(c)
    first = SheetWriter(workbook, OVERVIEW, style)
    pages = {title: workbook.add_worksheet(title, LongSheet) for sheet in sheets for title in sheet.pages()}
    write_overview(workbook, first, c, sheets)
    for sheet in sheets:
        open_table(workbook, style, sheet)
    formats = inks(style, sheets)
    workbook.close()
    with ExitStack() as held:
        rows = {title: held.enter_context(SpooledRows()) for title in pages}
        for sheet in sheets:
            for title, packed in packed_pages(sheet, sheet.fields, 0, formats):
                rows[title].add(packed)
        if sum(r.rows for r in rows.values()) != sum(sheet.rows for sheet in sheets):
            raise WritingError("写入的行数不对。")
        splice(skeleton, target, {f"xl/worksheets/sheet{sheet.index + 1}.xml": rows[title] for title, sheet in pages.items()})
