"""The scored workbook: one submission's result with live formulas, a page to sign and the official form (contract §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.model.columns import BASIS_SHEET, BUDGET, INDICATORS, SUMMARY_SHEET, TEMPLATE_ID, TEMPLATE_VERSION
from perfxl.output import PROPERTY
from perfxl.workbook.scored import indicators, money
from perfxl.workbook.scored.basis import lay_out_basis, write_basis
from perfxl.workbook.scored.case import SourceInfo, all_columns, take_case
from perfxl.workbook.scored.comparison import write_comparison
from perfxl.workbook.scored.form import write_form
from perfxl.workbook.scored.issues import write_issues
from perfxl.workbook.scored.page import Book
from perfxl.workbook.scored.recognised import write_recognised
from perfxl.workbook.scored.summary import write_summary
from perfxl.workbook.scored.tables import plain_tables, write_plain_table, write_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.rules.results import Results

__all__ = ["SourceInfo", "scored_bytes"]


def scored_bytes(results: Results, submission: int, *, source: SourceInfo, others: Sequence[Results] = ()) -> bytes:
    """The scored workbook of one submission as a file's bytes; equal input gives equal bytes.

    Args:
        results: A batch scored under one scheme; the workbook's formulas are of this scheme.
        submission: Which submission of the batch.
        source: Name and SHA-256 of the intake.
        others: The same batch under further schemes, for the sheet 方案对比.
    """
    from perfxl.model.version import __version__

    case = take_case(results, submission, source)
    case.lay_out(BUDGET, money.shown_columns(case)[0], money.with_total(case))
    case.lay_out(INDICATORS, indicators.shown_columns(case)[0], case.indicators)
    plain = plain_tables(case)
    for table, rows in plain.values():
        case.lay_out(table, all_columns(case, table, rows, ())[0], rows)
    basis = money.Basis(BASIS_SHEET)
    lay_out_basis(basis, case.scheme)
    book = Book(
        {
            PROPERTY: "scored",
            "perfxl-kind": "scored",
            "perfxl-version": __version__,
            "perfxl-origin": source.sha256,
            "perfxl-template": f"{TEMPLATE_ID} {TEMPLATE_VERSION}",
        }
    )
    write_summary(book.page(SUMMARY_SHEET), case, basis)
    write_form(book, case, basis)
    money.write_budget(book, case, basis)
    indicators.write_indicators(book, case, basis)
    write_plain_table(book, case, *plain["goals"])
    if case.management:
        write_plain_table(book, case, *plain["management"])
    write_issues(book, case)
    write_recognised(book, case)
    indicators.write_readings(book, case)
    calculation = write_basis(book, case, basis)
    write_unit(book, case)
    write_plain_table(book, case, *plain["report"])
    if others:
        write_comparison(book, case, others)
    book.watch.write(calculation)
    return book.finished()
