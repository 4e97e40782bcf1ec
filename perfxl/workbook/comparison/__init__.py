"""The workbook of a comparison: 总览对比, 单位对比, 指标对比, 未配对, and 方案差别 where rule packs are compared."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING

from perfxl.workbook.comparison.overview import OVERVIEW, write_overview
from perfxl.workbook.comparison.tables import tables
from perfxl.workbook.consolidated.table import splice_tables
from perfxl.workbook.writing import SheetWriter, new_workbook

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
    write_overview(workbook, first, c, sheets)
    splice_tables(workbook, style, sheets, skeleton, target)
