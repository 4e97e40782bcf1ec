"""What a workbook stores beside the values of an intake's cells, and would otherwise be taken in silence.

Formulas that refer to another file or may be old, types nobody knows, content hidden under a merged area.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from perfxl.intake.guard.formats import EPOCH, EPOCH_1904
from perfxl.intake.submission import text_of
from perfxl.model import Issue, Kind
from perfxl.model.addresses import column_number, split
from perfxl.model.columns import BUDGET, TABLES, UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from perfxl.intake.guard import Opened, SheetFacts
    from perfxl.intake.submission import Place, Submission
    from perfxl.model import Table

_SIGNS = frozenset("=@+-")
_LIKE_FORMULA = re.compile(r"[=@].|[+-][^\d.\s+-][^()|!]*[(|!]")
"""Text that another program could run: = or @ and more, or + - before a name with brackets; `-5%` and `--` are none."""


YEARS = (1990, 2100)
"""Numbers that are a fiscal year, also where a cell shows them as a day."""
_DATED = frozenset(("target", "adjusted_target", "actual"))
"""Columns where the year of a date decides."""


def say_what_is_stored(submission: Submission, opened: Opened) -> None:
    """Add the issues of one workbook to its submission; content under a merged area is taken out of its rows."""
    facts = {sheet.name: sheet for sheet in opened.sheets}
    for table in TABLES:
        place = submission.places.get(table.name)
        sheet = facts.get(place.sheet) if place is not None else None
        if place is None or sheet is None:
            continue
        if sheet.merges and table is not UNIT and submission.form is None:
            submission.issues.extend(_take_out_covered(submission, table, place, sheet))
        submission.issues.extend(_of_formulas(submission, table, place, sheet, stale=opened.full_calc_on_load))
        submission.issues.extend(_of_texts(submission, table, place))
        if table is UNIT:
            submission.issues.extend(_of_year(submission, place, opened))
        if sheet.shown or sheet.rounded or sheet.doubts or sheet.struck or sheet.zeros_off:
            submission.issues.extend(_of_display(submission, table, place, sheet))


def _rows(submission: Submission, table: Table) -> list[tuple[int | None, dict[str, object]]]:
    """Row and values by column of everything filled in a table; 基本信息 has no rows."""
    if table is UNIT:
        return [(None, {name: value for name, value in submission.fields.items() if value is not None})]
    return [(row.number, row.values) for row in submission.rows.get(table.name, ())]


def _filled(submission: Submission, table: Table, place: Place) -> Iterator[tuple[str, str, object]]:
    """Cell, column and value of everything filled in a table."""
    for number, values in _rows(submission, table):
        for name, value in values.items():
            if cell := place.cell(name, number):
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


def _of_year(submission: Submission, place: Place, opened: Opened) -> Iterator[Issue]:
    """A year typed into a cell formatted as a date: 2022 shows as a day of 1905; the number is the year."""
    value, cell = submission.fields.get("fiscal_year"), place.cell("fiscal_year")
    if not isinstance(value, datetime) or cell is None:
        return
    serial = (value - (EPOCH_1904 if opened.date1904 else EPOCH)).days
    if YEARS[0] <= serial <= YEARS[1]:
        submission.fields["fiscal_year"] = serial
        details = {"column": UNIT.title("fiscal_year"), "shown": text_of(value), "stored": str(serial), "reason": "serial"}
        yield Issue.at(submission.number, "shown-differs", place.sheet, cell, str(serial), details)


def _of_display(submission: Submission, table: Table, place: Place, sheet: SheetFacts) -> Iterator[Issue]:
    """Cells that show something else than they store, and what is struck through; the facts are kept on the place."""
    names = {cell: name for name, cell in place.cells.items()}
    said = (*sheet.shown, *sheet.rounded, *sheet.doubts, *sheet.struck)
    cells = dict(_declared(names, place, said) if submission.form is None else _of_rows(submission, table, place, said))
    shown = {address: sheet.display(address) for address, name in cells.items() if table.by_name[name].kind is not Kind.RATE}
    place.shown = {address: pair for address, pair in shown.items() if pair}
    year = text_of(submission.fields.get("fiscal_year"))
    filled = {cell: value for cell, _, value in _filled(submission, table, place)} if sheet.doubts else {}
    for address, name in cells.items():
        reason = sheet.doubts.get(address)
        value = filled.get(address)
        if reason is None or value is None or table.by_name[name].kind is Kind.RATE:
            continue
        if reason == "year" and (name not in _DATED or not isinstance(value, datetime) or str(value.year) in year):
            continue
        yield _shown_differs(submission, table, place, (address, name), (*sheet.shown.get(address, ("", text_of(value))), reason))
    if sheet.zeros_off:
        for cell, name, value in _filled(submission, table, place):
            if value == 0 and not isinstance(value, bool | str) and cell not in sheet.doubts and table.by_name[name].kind is not Kind.RATE:
                yield _shown_differs(submission, table, place, (cell, name), ("", "0", "hidden"))
    yield from _of_struck(submission, table, place, [address for address in sheet.struck if address in cells])


def _shown_differs(submission: Submission, table: Table, place: Place, at: tuple[str, str], said: tuple[str, str, str]) -> Issue:
    (cell, name), (shown, stored, reason) = at, said
    details = {"column": table.title(name), "shown": shown, "stored": stored, "reason": reason}
    return Issue.at(submission.number, "shown-differs", place.sheet, cell, stored, details)


def _of_struck(submission: Submission, table: Table, place: Place, struck: list[str]) -> Iterator[Issue]:
    """One hint per cell; one per row where a whole row is struck and so is none."""
    rows = {row.number for row in submission.rows.get(table.name, ())}
    told: set[int] = set()
    for address in struck:
        row, _ = split(address)
        if table is UNIT or row in rows:
            yield Issue.at(submission.number, "text-struck", place.sheet, address)
        elif row is not None and row not in told:
            told.add(row)
            yield Issue(submission.number, "text-struck", place.sheet, row)


def _declared(names: dict[str, str], place: Place, addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The addresses that belong to a declared column (or a field of 基本信息), with its name."""
    for address in addresses:
        if address in names:
            yield address, names[address]
            continue
        row, column = split(address)
        if column in names and row is not None and row > place.header_row:
            yield address, names[column]


def _of_rows(submission: Submission, table: Table, place: Place, addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The same for a form, whose blocks share their columns: only the rows of the table's own block are its."""
    if table is UNIT:
        own = {cell: name for name, cell in place.cells.items()}
    else:
        own = {cell: name for row in submission.rows.get(table.name, ()) for name in table.by_name if (cell := place.cell(name, row.number))}
    return ((address, own[address]) for address in addresses if address in own)


def _recomputed(table: Table, name: str) -> bool:
    """Rates and amounts: perfxl computes rates itself, and holds totals against their lines."""
    kind = table.by_name[name].kind
    return kind is Kind.RATE or (table is BUDGET and kind is Kind.MONEY)


def _of_texts(submission: Submission, table: Table, place: Place) -> Iterator[Issue]:
    """Texts that begin like a formula; they stay text."""
    for number, values in _rows(submission, table):
        for name, value in values.items():
            if isinstance(value, str) and value[:1] in _SIGNS and _LIKE_FORMULA.match(value) and (cell := place.cell(name, number)):
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
