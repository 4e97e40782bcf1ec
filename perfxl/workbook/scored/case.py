"""One submission taken out of a scored batch as plain records, and where each of them will stand in the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from perfxl.intake.submission import FormRead, Place
from perfxl.model import columns
from perfxl.model.addresses import letters
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT
from perfxl.rules.frames import record, records
from perfxl.scoring.explain import Summary, issues_of, summarize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perfxl.model import Column, Issue, Table
    from perfxl.rules.results import Results
    from perfxl.schemes import Scheme

    Row = dict[str, Any]

MAX_GAP = 200
"""Blank rows kept (hidden) so that row numbers stay those of the intake; beyond, rows are closed up."""
DEFAULT_HEADER = 3


class SourceInfo(Struct, frozen=True):
    """The file a result was made from."""

    name: str
    sha256: str


class Layout(Struct):
    """Where a table stands in the result: the sheet, the header row, the columns in order, each intake row's own row."""

    sheet: str
    header: int
    columns: dict[str, int]
    rows: dict[int, int]

    @property
    def first(self) -> int:
        """The first row below the header."""
        return self.header + 1

    @property
    def last(self) -> int:
        """The last row of the table, at least the first."""
        return max([self.first, *self.rows.values()])

    def cell(self, name: str, row: int) -> str:
        """A cell of this sheet by column name and own row."""
        return f"{letters(self.columns[name])}{row}"

    def far(self, name: str, row: int) -> str:
        """The same, as other sheets write it: by its number, so that a row moved or deleted leaves a cell to show."""
        letter = letters(self.columns[name])
        return f"INDEX({self.sheet}!${letter}:${letter},{row})"

    def span(self, name: str) -> str:
        """The whole column of the table and a row below it (a table whose rows are all deleted is no error), fixed, as this sheet writes it."""
        letter = letters(self.columns[name])
        return f"${letter}${self.first}:${letter}${self.last + 1}"

    def far_span(self, name: str) -> str:
        """The same, as other sheets write it."""
        return f"{self.sheet}!{self.span(name)}"


class Case(Struct):
    """Everything the writers of one result need, as plain records."""

    results: Results
    submission: int
    source: SourceInfo
    scheme: Scheme
    unit: Row
    budget: list[Row]
    goals: list[Row]
    indicators: list[Row]
    management: list[Row]
    report: list[Row]
    execution: Row
    totals: Row
    levels: list[Row]
    issues: list[Issue]
    places: Mapping[str, Place]
    own: Mapping[str, Mapping[str, Mapping[int, str]]]
    summary: Summary
    form: FormRead | None
    """How it was read, for an official form."""
    typed_texts: frozenset[tuple[str, str]]
    """Number cells that hold a text, as (sheet, cell) of the intake."""
    typed_dates: frozenset[tuple[str, str]]
    layouts: dict[str, Layout] = field(default_factory=dict)

    @property
    def money_factor(self) -> float:
        """What an amount of the sheet is multiplied by to be in 万元: 1 or 0.0001."""
        return float(self.unit["money_factor"])

    def lay_out(self, table: Table, shown: Sequence[Column], rows: Iterable[Row]) -> Layout:
        """Keep header row and row numbers of the intake where it has them, so that cells keep their addresses."""
        place = self.places.get(table.name)
        header = place.header_row if place is not None and place.cells else DEFAULT_HEADER
        numbers = [int(row["sheet_row"]) for row in rows]
        if not numbers:
            kept = {}
        elif numbers[0] > header and numbers[-1] - header - len(numbers) <= MAX_GAP and numbers == sorted(numbers):
            kept = {number: number for number in numbers}
        else:
            kept = {number: header + 1 + i for i, number in enumerate(numbers)}
        layout = Layout(table.sheet, header, {c.name: i for i, c in enumerate(shown)}, kept)
        self.layouts[table.name] = layout
        return layout

    def is_text(self, table: Table, column: str, row: Row) -> bool:
        """Whether a number cell of the intake holds a text."""
        return self._typed(table, column, row) in self.typed_texts

    def is_date(self, table: Table, column: str, row: Row) -> bool:
        """Whether a number cell of the intake holds a date."""
        return self._typed(table, column, row) in self.typed_dates

    def _typed(self, table: Table, column: str, row: Row) -> tuple[str, str]:
        place = self.places.get(table.name)
        cell = place.cell(column, int(row["sheet_row"])) if place else None
        return (place.sheet if place else "", cell or "")


def take_case(results: Results, submission: int, source: SourceInfo) -> Case:
    """One submission of a scored batch as plain records."""
    frames = results.frames

    def mine(name: str) -> list[Row]:
        frame = frames.table(name)
        return records(frame[frame["submission"] == submission])

    def cells(code: str) -> frozenset[tuple[str, str]]:
        return frozenset(
            (issue.sheet or "", issue.cell or "") for issue in frames.issues if issue.submission == submission and issue.code == code and issue.cell
        )

    levels = results.levels
    return Case(
        results=results,
        submission=submission,
        source=source,
        scheme=results.scheme,
        unit=mine(UNIT.name)[0],
        budget=mine(BUDGET.name),
        goals=mine(GOALS.name),
        indicators=mine(INDICATORS.name),
        management=mine(MANAGEMENT.name),
        report=mine(REPORT.name),
        execution=record(results.execution, submission),
        totals=record(results.totals, submission),
        levels=records(levels[levels["submission"] == submission]),
        issues=issues_of(results, submission),
        places=frames.places.get(submission, {}),
        own=frames.own_columns.get(submission, {}),
        summary=summarize(results, submission),
        form=frames.forms.get(submission),
        typed_texts=cells("number-as-text"),
        typed_dates=cells("date-for-number"),
    )


def shown_columns(table: Table, rows: Sequence[Row]) -> list[Column]:
    """The declared columns, without the optional ones nobody filled."""
    return [c for c in table.columns if not c.optional or any(row[c.name] not in ("", None) for row in rows)]


def all_columns(case: Case, table: Table, rows: Sequence[Row], extra: Sequence[Column]) -> tuple[list[Column], list[str]]:
    """Declared columns, those a result adds, and the titles of the clerk's own columns."""
    own = list(case.own.get(table.name, {}))
    return [*shown_columns(table, rows), *extra], own


def evaluation_words(case: Case) -> str:
    """部门整体支出, 单位整体支出 or 项目支出."""
    typed = str(case.unit["evaluation"])
    return f"{typed if typed in columns.EVALUATIONS else columns.EVALUATIONS[0]}支出"


def year_words(case: Case) -> str:
    """The fiscal year as typed or read: 2020."""
    year = case.unit["year"]
    return str(int(year)) if year == year else "____"
