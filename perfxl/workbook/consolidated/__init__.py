"""The consolidated workbook: 总览, then every sheet of contract §5, from one `Consolidation`."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from perfxl.workbook.consolidated import details, units
from perfxl.workbook.consolidated.overview import OVERVIEW, write_overview
from perfxl.workbook.consolidated.table import Sheet, write_table
from perfxl.workbook.rows import LongSheet
from perfxl.workbook.writing import new_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from perfxl.consolidation.records import Consolidation

MANY_FILES = 2_000
"""From more files than this on, rows go straight to disk; decided by the count of inputs alone (architecture §5)."""

SHEETS = (OVERVIEW, units.SCORES, units.AUTHORITIES, units.STATUS, details.BUDGET_ROWS, details.INDICATOR_ROWS,
          details.DIFFERENCES, details.ISSUES, details.RETURNED, details.FILES)


def write_consolidated(target: Path | BinaryIO, c: Consolidation) -> None:
    """Write the workbook. Equal consolidations give equal bytes; cells do not depend on how many files there are.

    A table of more rows than a sheet holds continues on further sheets (`指标明细(2)`), which 总览 says. The property
    `perfxl` is there for the seal of `perfxl.output`.

    Raises:
        WritingError: a cell could not be written; nothing is dropped unsaid.
    """
    workbook, style = new_workbook(target, properties={"perfxl": "consolidated"}, constant_memory=len(c.files) > MANY_FILES)
    authorities = units.authority_table(c)
    budget, indicators, issues = details.budget_sheet(c), details.indicator_sheet(c), details.issue_sheet(c)
    links = {"indicators": details.first_rows(c, c.indicators, indicators), "issues": details.first_rows(c, c.issues, issues)}
    sheets: list[Sheet] = [
        units.scores(c, links), units.authority_sheet(c, authorities), units.status_sheet(c), budget, indicators,
        details.review_sheet(c), issues, details.returned_sheet(c), details.file_sheet(c),
    ]
    workbook.add_worksheet(OVERVIEW)
    for title in (page for sheet in sheets for page in sheet.pages()):
        workbook.add_worksheet(title, LongSheet)
    with _collector_off():
        write_overview(workbook, style, c, authorities, sheets)
        for sheet in sheets:
            write_table(workbook, style, sheet)
        workbook.close()


@contextmanager
def _collector_off() -> Iterator[None]:
    """Millions of cells and no cycles among them: looking for cycles takes a third of the time (measured)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
