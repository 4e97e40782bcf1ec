"""The workbook of a comparison: 总览对比, 单位对比, 指标对比, 未配对, and 方案差别 where rule packs are compared."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from perfxl.workbook.comparison.overview import OVERVIEW, write_overview
from perfxl.workbook.comparison.tables import tables
from perfxl.workbook.consolidated.books import tables_in
from perfxl.workbook.writing import SheetWriter

if TYPE_CHECKING:
    from perfxl.consolidation.comparing import Comparison


def write_comparison_workbook(target: IO[bytes], c: Comparison) -> None:
    """Write the workbook, unsealed. Equal comparisons give equal bytes.

    Raises:
        WritingError: a cell could not be written; nothing is dropped unsaid.
    """
    with tables_in(target, {"perfxl": "comparison"}) as book:
        sheets = tables(c)
        write_overview(book.workbook, SheetWriter(book.workbook, OVERVIEW, book.style), c, sheets)
        book.write(sheets)
