"""The consolidated workbook: 总览, then every sheet of contract §5, from one `Consolidation`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.consolidation.decisions import QUESTIONS
from perfxl.consolidation.remarks import RETURNED, carried
from perfxl.workbook.consolidated import details, long, units
from perfxl.workbook.consolidated.books import tables_in
from perfxl.workbook.consolidated.overview import OVERVIEW, write_overview
from perfxl.workbook.consolidated.reviews import NOT_FOLLOWED, review_sheets
from perfxl.workbook.consolidated.table import Moved

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from perfxl.consolidation.ledger import Ledger
    from perfxl.consolidation.records import Consolidation, Map
    from perfxl.workbook.consolidated.contents import Contents

SHEETS = (
    OVERVIEW,
    units.SCORES,
    units.AUTHORITIES,
    units.STATUS,
    details.BUDGET_ROWS,
    details.INDICATOR_ROWS,
    details.DIFFERENCES,
    details.ISSUES,
    RETURNED,
    details.FILES,
    QUESTIONS,
)
"""Always there; 办理台账 follows where something typed into 退回修改清单 is settled, and behind 主管部门汇总 come the sheets of
`reviews` where somebody has reviewed anything."""


def write_consolidated(
    target: IO[bytes], c: Consolidation, run: Map = map, progress: Callable[[int, int], None] | None = None, ledger: Ledger | None = None
) -> Contents:
    """Write the workbook. Equal consolidations give equal bytes, whoever makes the rows, and whether a ledger keeps them or not.

    xlsxwriter writes everything but the rows of the tables; those are made a piece at a time, by `run`, and put where
    their sheets have left room, so that no process ever holds them. A table of more rows than a sheet holds continues on
    further sheets (`指标明细(2)`), which 总览 says. The property `perfxl` is there for the seal of `perfxl.output`.
    `progress` is told of how many submissions of how many the rows are made.

    Raises:
        WritingError: a cell could not be written; nothing is dropped unsaid.
    """
    with tables_in(target, {"perfxl": "consolidated"}) as book:
        authorities = units.authority_table(c)
        long_sheets = long.sheets(c)
        remarks = carried(c)
        reviewed = review_sheets(c, units.score_order(c))
        before = [units.scores(c, long.links(c, long_sheets)), units.authority_sheet(c, authorities), *reviewed.sheets, units.status_sheet(c)]
        for sheet in before[:2]:
            sheet.moved = Moved(reviewed.moved, NOT_FOLLOWED) if reviewed.moved else None
        behind = [details.file_sheet(c), details.question_sheet(c), *([details.settled_sheet(remarks.settled)] if remarks.settled else [])]
        sheets = [*before, *long_sheets, *behind]
        write_overview(book.workbook, book.style, c, authorities, sheets, before[0].moved)
        formats = book.open(sheets)
        book.add_all([*before, *behind], formats, run)
        del before, behind, sheets, reviewed  # a kilobyte for each unit
        for done, made in long.rows(long.Asked(c, long_sheets, formats, remarks.rows, ledger), run):
            for title, packed in made:
                book.add(title, packed)
            if progress:
                progress(done, len(c.units))
        return book.close()
