"""What a workbook stores beside the values of an intake's cells, and would otherwise be taken in silence.

Formulas that refer to another file or may be old, types nobody knows, content hidden under a merged area.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.submission import text_of
from perfxl.model import Issue, Kind
from perfxl.model.addresses import column_number, split
from perfxl.model.columns import BUDGET, TABLES, UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.intake.guard import Opened, SheetFacts
    from perfxl.intake.submission import Place, Submission
    from perfxl.model import Table

_LIKE_FORMULA = re.compile(r"[=@].|[+-][^\d.\s+-][^()|!]*[(|!]")
"""Text that another program could run: = or @ and more, or + - before a name with brackets; `-5%` and `--` are none."""


def say_what_is_stored(submission: Submission, opened: Opened) -> None:
    """Add the issues of one workbook to its submission; content under a merged area is taken out of its rows."""
    facts = {sheet.name: sheet for sheet in opened.sheets}
    for table in TABLES:
        place = submission.places.get(table.name)
        sheet = facts.get(place.sheet) if place is not None else None
        if place is None or sheet is None:
            continue
        if sheet.merges and table is not UNIT:
            submission.issues.extend(_take_out_covered(submission, table, place, sheet))
        submission.issues.extend(_of_formulas(submission, table, place, sheet, stale=opened.full_calc_on_load))
        submission.issues.extend(_of_texts(submission, table, place))


def _filled(submission: Submission, table: Table, place: Place) -> Iterator[tuple[str, str, object]]:
    """Cell, column and value of everything filled in a table."""
    if table is UNIT:
        for name, value in submission.fields.items():
            if value is not None and (cell := place.cell(name)):
                yield cell, name, value
        return
    for row in submission.rows.get(table.name, ()):
        for name, value in row.values.items():
            if cell := place.cell(name, row.number):
                yield cell, name, value


def _of_formulas(submission: Submission, table: Table, place: Place, sheet: SheetFacts, *, stale: bool) -> Iterator[Issue]:
    """Values that stand on another file, that were perhaps never calculated, or whose type is unknown."""
    if not (sheet.other_files or sheet.unknown_types or (stale and sheet.formulas)):
        return
    elsewhere, unknown = set(sheet.other_files), set(sheet.unknown_types)
    for cell, name, _ in _filled(submission, table, place):
        column = {"column": table.title(name)}
        if cell in elsewhere:
            yield Issue.at(submission.number, "refers-to-other-file", sheet.name, cell, details=column)
        elif stale and cell in sheet.formulas and not _recomputed(table, name):
            yield Issue.at(submission.number, "formula-may-be-stale", sheet.name, cell, details=column)
        if cell in unknown:
            yield Issue.at(submission.number, "cell-type-unknown", sheet.name, cell)


def _recomputed(table: Table, name: str) -> bool:
    """Rates and amounts: perfxl computes rates itself, and holds totals against their lines."""
    kind = table.by_name[name].kind
    return kind is Kind.RATE or (table is BUDGET and kind is Kind.MONEY)


def _of_texts(submission: Submission, table: Table, place: Place) -> Iterator[Issue]:
    """Texts that begin like a formula; they stay text."""
    for cell, name, value in _filled(submission, table, place):
        if isinstance(value, str) and value[0] in "=@+-" and _LIKE_FORMULA.match(value):
            yield Issue.at(submission.number, "text-looks-like-formula", place.sheet, cell, value[:200], {"column": table.title(name)})


def _take_out_covered(submission: Submission, table: Table, place: Place, sheet: SheetFacts) -> Iterator[Issue]:
    """What stands under a merged area, where nobody sees it: only the first cell counts."""
    rows = {row.number: row for row in submission.rows.get(table.name, ())}
    names = {letter: name for name, letter in place.cells.items()}
    for area in sheet.merges:
        first, _, last = area.partition(":")
        (c1, r1), (c2, r2) = (_position(ref) for ref in (first, last or first))
        inside = {letter: name for letter, name in names.items() if c1 <= column_number(letter) <= c2}
        shown = text_of(rows[r1].values.get(names[c])) if r1 in rows and (c := split(first)[1]) in names else ""
        extra = False
        for number in [n for n in rows if r1 <= n <= r2] if inside else ():
            row = rows[number]
            for letter, name in inside.items():
                if (number, column_number(letter)) == (r1, c1) or row.values.get(name) is None:
                    continue
                extra = extra or text_of(row.values[name]) != shown or table.by_name[name].kind not in (Kind.TEXT, Kind.CHOICE)
                del row.values[name]
                row.shares_weight = row.shares_weight or (name == "weight" and number > r1)
        if extra:
            yield Issue.at(submission.number, "merged-extra-content", sheet.name, first, details={"range": area})
    if table.name in submission.rows:
        submission.rows[table.name] = [row for row in submission.rows[table.name] if row.values]


def _position(ref: str) -> tuple[int, int]:
    row, column = split(ref)
    assert row is not None and column is not None  # noqa: PT018, S101  # the guard took only areas of cells
    return column_number(column), row
