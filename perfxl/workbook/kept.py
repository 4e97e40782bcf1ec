"""The ledger as a workbook: a sheet for each table that is kept, as `consolidation.exchange` reads it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.consolidation.exchange import LONG, LONG_COLUMNS, cell_of, digest_of, sheet_title, title_of
from perfxl.consolidation.ledger import kept_tables
from perfxl.workbook.consolidated.books import tables_in
from perfxl.workbook.consolidated.table import Field, PrintedTable
from perfxl.workbook.writing import LONGEST_TEXT, parts, utf16_length

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

    from perfxl.consolidation.ledger import KeptColumn, Ledger

HINT = "perfxl 台账的备份：可以筛选和查看，用 perfxl ledger import 读回；同一键的两行以记录时间晚的为准"
_WIDE = frozenset({"name", "unit_name", "unit_key", "source", "file", "key", "problem", "reply", "result", "value", "note", "reason"})
SHORT = LONGEST_TEXT // 2
"""A text of no more characters fits a cell, whatever they are."""


def write_kept(target: IO[bytes], book: Ledger) -> dict[str, int]:
    """Write the tables; equal ledgers give equal bytes. The rows of each, by its sheet."""
    further: list[tuple[object, ...]] = []
    sheets = [sheet_of(table, columns, book, further) for table, columns in kept_tables().items()]
    if further:
        columns = zip(LONG_COLUMNS, zip(*further, strict=True), strict=True)
        sheets.append(PrintedTable(LONG, [Field(title, "kept", list(values), 16) for title, values in columns]))
    with tables_in(target, {"perfxl": "ledger"}) as tables:
        tables.write(sheets)
    return {sheet.title: sheet.rows for sheet in sheets if sheet.title != LONG}


def _width(column: KeptColumn) -> float:
    """Narrow enough that every table can be read on a page across."""
    return 20 if column.name in _WIDE else 10 if column.kind == "TEXT" else 7


def sheet_of(table: str, columns: Sequence[KeptColumn], book: Ledger, further: list[tuple[object, ...]]) -> PrintedTable:
    """A table with the cells of its rows; what is longer than a cell goes on in `further`."""
    rows = book.kept_rows(table, columns)
    values: list[list[object]] = [[cell_of(column.name, row[at]) for row in rows] for at, column in enumerate(columns)]
    rest = [
        (row, at, parts(value))
        for at, cells in enumerate(values)
        for row, value in enumerate(cells)
        if isinstance(value, str) and len(value) > SHORT and utf16_length(value) > LONGEST_TEXT
    ]
    for row, at, pieces in rest:
        values[at][row] = pieces[0]
    keys = [at for at, column in sorted(enumerate(columns), key=lambda pair: pair[1].key) if column.key]
    for row, at, pieces in rest:
        place = sheet_title(table), digest_of([values[key][row] for key in keys]), title_of(table, columns[at].name)
        further += [(*place, number, piece) for number, piece in enumerate(pieces[1:], 1)]
    return PrintedTable(
        sheet_title(table),
        [Field(title_of(table, column.name), "kept", cells, _width(column)) for column, cells in zip(columns, values, strict=True)],
        hint=HINT,
    )
