"""Workbook to rows: find sheets and columns by their text, take what was typed, name what cannot be taken.

Tolerant, never guessing in silence: everything that could not be read as expected becomes an issue with its cell.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from perfxl.intake.readers import CellError, PercentNumber, Sheet
from perfxl.model import Issue, Kind, Table, columns
from perfxl.model.addresses import joined, letters
from perfxl.model.columns import BUDGET, INDICATORS, TABLES, UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perfxl.intake.guard import Opened, SheetFacts

MAX_ROW = 20_000
MAX_COLUMN = 512
HEADER_WINDOW = 20


@dataclass(slots=True)
class Place:
    """Where a table stands in one workbook.

    The sheet's own title, the header row, and a column letter (in 基本信息 a cell) for each declared column found.
    """

    sheet: str
    header_row: int = 1
    cells: dict[str, str] = field(default_factory=dict)
    other: dict[int, dict[str, str]] = field(default_factory=dict)
    """Columns of rows that stand in another block of a form, by row."""

    def cell(self, column: str, row: int | None = None) -> str | None:
        """The A1 address of a column in a row; of a field of 基本信息 when no row is given."""
        at = self.other[row].get(column) if row in self.other else self.cells.get(column)
        if at is None:
            return None
        return at if row is None else joined(row, at)

    def at(self, column: str, row: int) -> tuple[int, str | None]:
        """Row and column of a cell, for an `Issue`."""
        return row, self.other[row].get(column) if row in self.other else self.cells.get(column)


@dataclass(slots=True)
class SheetRow:
    """One filled row: its Excel row number and raw values by column name.

    `shares_weight`: 分值 hangs on the row above. `computed`: an amount is a formula, a total that is not typed.
    """

    number: int
    values: dict[str, object]
    shares_weight: bool = False
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    """One row of 表格识别: what was found where in a form, how its head reads, what it was read as and why."""

    block: str
    area: str
    column: str
    printed: str
    read_as: str
    because: str
    rows: int
    unread: str


@dataclass(frozen=True, slots=True)
class FormRead:
    """How an official form was read: its title and heads, what was assumed, and the rows of 表格识别."""

    title: str
    layout: str
    assumed: tuple[str, ...] = ()
    recognised: tuple[Recognised, ...] = ()


@dataclass(slots=True)
class Submission:
    """One workbook as read: raw values only; nothing is computed or judged here."""

    number: int
    source: str
    sha256: str
    fields: dict[str, object] = field(default_factory=dict)
    rows: dict[str, list[SheetRow]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    own_columns: dict[str, dict[str, dict[int, str]]] = field(default_factory=dict)
    """Columns the clerk added: table name, then title, then text by Excel row."""
    issues: list[Issue] = field(default_factory=list)
    origin: str = ""
    """SHA-256 of the intake a scored workbook was made from; empty for an intake."""
    template_version: str = ""
    part: str = ""
    """Where in its file the submission stands, where a file may hold several or is no intake: `Sheet1!A1:H40`, `表格2`."""
    form: FormRead | None = None
    """How it was read, for an official form."""
    lacks: str = ""
    """The system of points of a form that no scheme of ours scores."""


_UNTOLD = re.compile(r"[\s*_]+")


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """A title reduced to what identifies it: NFKC, no spaces, no required mark, half-width brackets.

    Remembers the 4,000 or so names of a chunk's indicators, which are asked for here and again by rules and checks.
    """
    return _UNTOLD.sub("", unicodedata.normalize("NFKC", text)).casefold()


@lru_cache(maxsize=1)
def _sheet_index() -> dict[str, tuple[Table, int]]:
    """Folded sheet title to table and rank (0 exact, 1 alias)."""
    index: dict[str, tuple[Table, int]] = {}
    for table in TABLES:
        for alias in table.aliases:
            index[folded(alias)] = (table, 1)
    for table in TABLES:
        index[folded(table.sheet)] = (table, 0)
    return index


def is_intake_sheet(title: str) -> bool:
    """Whether a sheet of this title carries something perfxl reads."""
    return folded(title) in _sheet_index() or folded(title) == folded(columns.GUIDE_SHEET)


def parse_submission(sheets: Sequence[Sheet], opened: Opened, source: str, number: int = 0) -> Submission:
    """The rows of one workbook, each table found by its sheet and header text.

    `source` is the file's name for messages; `number` identifies the submission in every frame.
    """
    found = Submission(number, source, opened.sha256)
    facts = {sheet.name: sheet for sheet in opened.sheets}
    chosen = _choose_sheets(sheets)
    for code, details in opened.warnings:
        found.issues.append(Issue(number, code, details=dict(details)))
    for table in TABLES:
        sheet = chosen.get(table.name)
        if sheet is None:
            if table.required:
                found.issues.append(Issue(number, "sheet-missing", sheet=table.sheet, details={"sheet": table.sheet}))
            continue
        reader = _TableReader(found, table, sheet, facts.get(sheet.title))
        if table is UNIT:
            reader.read_fields()
        else:
            reader.read_rows()
    _read_version(sheets, opened, found)
    return found


def _choose_sheets(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    best: dict[str, tuple[int, Sheet]] = {}
    index = _sheet_index()
    for sheet in sheets:
        table, rank = index.get(folded(sheet.title), (None, 9))
        if table is not None and (table.name not in best or rank < best[table.name][0]):
            best[table.name] = (rank, sheet)
    return {name: sheet for name, (_, sheet) in best.items()}


def _read_version(sheets: Sequence[Sheet], opened: Opened, found: Submission) -> None:
    """模板版本 from the file's properties, else from 填报说明; a form of our layout with another version is named."""
    version = opened.properties.get("perfxl-template", "")
    if not version:
        guide = next((s for s in sheets if folded(s.title) == folded(columns.GUIDE_SHEET)), None)
        for _, values in guide.rows if guide else ():
            texts = [str(v) for v in values if v is not None]
            at = next((i for i, t in enumerate(texts) if folded(t).startswith("模板版本")), None)
            if at is not None:
                version = texts[at + 1] if at + 1 < len(texts) else ""
    found.template_version = version
    wanted = f"{columns.TEMPLATE_ID} {columns.TEMPLATE_VERSION}"
    if version != wanted:
        shown = version or "未注明"
        found.issues.append(Issue(found.number, "template-version-unknown", value=version or None, details={"got": shown, "want": wanted}))


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


_BLANKS = " \t\r\n\u3000\xa0"


class _TableReader:
    """Reads one table of one workbook into its submission."""

    def __init__(self, found: Submission, table: Table, sheet: Sheet, facts: SheetFacts | None) -> None:
        self.found = found
        self.table = table
        self.sheet = sheet
        self.facts = facts
        self.place = Place(sheet.title)
        self.rates = frozenset(column.name for column in table.columns if column.kind is Kind.RATE)
        """Columns that are calculated: filled or not, they do not make a row."""
        self.total_row = -1
        self.merged: list[tuple[int, int]] | None = None
        """First and last row of the merged areas that cover 分值 in more than one row."""
        self.hollow = facts is not None and not all(facts.formulas.values())
        found.places[table.name] = self.place
        if facts is not None and facts.hidden:
            self.issue("sheet-hidden", None, details={"sheet": sheet.title})
        if facts is not None and facts.outside:
            self.issue("cells-outside-form", None, details={"n": facts.outside})

    def issue(self, code: str, cell: str | None, value: object = None, details: Mapping[str, str | float] | None = None) -> None:
        shown = None if value is None else str(value)[:200]
        self.found.issues.append(Issue.at(self.found.number, code, self.sheet.title, cell, shown, details or {}))

    # 基本信息: one labelled row per field

    def read_fields(self) -> None:
        exact = {folded(c.title): c.name for c in self.table.columns}
        alias = {folded(a): c.name for c in self.table.columns for a in c.aliases}
        ranks: dict[str, int] = {}
        for number, values in self.sheet.rows:
            for i, label in enumerate(values):
                if not isinstance(label, str):
                    continue
                text = folded(label).rstrip(":")
                name, rank = (exact[text], 0) if text in exact else (alias.get(text), 1)
                if name is None or ranks.get(name, 9) <= rank:
                    continue
                ranks[name] = rank
                value, at = self._right_of(values, i)
                cell = f"{letters(at)}{number}"
                self.place.cells[name] = cell
                taken = self.take(name, value, cell)
                self.found.fields[name] = taken
                break

    @staticmethod
    def _right_of(values: tuple[object, ...], label_at: int) -> tuple[object, int]:
        """The cell beside a label; a label may be merged over blank cells only where the next one is past the form."""
        at = label_at + 1
        return (values[at] if at < len(values) else None), at

    # tables: one header row, then rows

    def read_rows(self) -> None:
        header = self._find_header()
        rows: list[SheetRow] = []
        self.found.rows[self.table.name] = rows
        if header is None:
            self.issue("column-missing", None, details={"column": "、".join(c.title for c in self.table.columns if c.required)})
            return
        at, named, own = header
        self.place.header_row = self.sheet.rows[at][0]
        self.place.cells = {name: letters(i) for name, i in named.items()}
        for column in self.table.columns:
            if column.required and column.name not in named:
                self.issue("column-missing", None, details={"column": column.title})
        weight_at = named.get("weight")
        for number, values in self.sheet.rows[at + 1 :]:
            row = self._row(number, values, named)
            if row is None:
                continue
            if len(rows) >= self.table.max_rows:
                self.issue("cells-outside-form", f"A{number}", details={"n": self.table.max_rows})
                break
            if weight_at is not None and row.values.get("weight") is None:
                row.shares_weight = self._merged_from_above(weight_at, number)
            if self.facts is not None and self.table is BUDGET:
                row.computed = any(self.place.cell(c, number) in self.facts.formulas for c in ("full_year", "executed"))
            rows.append(row)
            for title, index in own.items():
                text = text_of(values[index]) if index < len(values) else ""
                if text:
                    self.found.own_columns.setdefault(self.table.name, {}).setdefault(title, {})[number] = text

    def _row(self, number: int, values: tuple[object, ...], named: Mapping[str, int]) -> SheetRow | None:
        taken: dict[str, object] = {}
        typed: list[str] = []
        if self.table is BUDGET and any(isinstance(v, str) and folded(v) == columns.TOTAL_KIND for v in values):
            self.total_row = number
        width, cells = len(values), self.place.cells
        for name, index in named.items():
            value = values[index] if index < width else None
            if value is None:
                if self.hollow:
                    self.take(name, None, f"{cells[name]}{number}")
            elif type(value) is str and value.isprintable() and "DISPIMG(" not in value:
                value = value.strip(_BLANKS) or None
            else:
                value = self.take(name, value, f"{cells[name]}{number}")
            taken[name] = value
            if value is not None and name not in self.rates:
                typed.append(name)
        if not typed or (self.table is BUDGET and self._is_printed_only(taken, typed)):
            return None
        if self._is_note(taken, typed):
            return None
        return SheetRow(number, taken)

    def _is_printed_only(self, taken: Mapping[str, object], typed: Sequence[str]) -> bool:
        """A budget line with its label and nothing else carries nothing (but the total row keeps its place)."""
        return set(typed) <= {"kind", "item"} and taken.get("kind") != columns.TOTAL_KIND

    def _is_note(self, taken: Mapping[str, object], typed: Sequence[str]) -> bool:
        """A footnote below the table: one long text in the first column of a table with no name in its own column."""
        if self.table is not INDICATORS or typed not in (["level1"], ["level1", "level2"]):
            return False
        first = text_of(taken.get("level1"))
        return folded(first).startswith(("注", "说明", "填表", "备注", "填报", "单位负责", "财务负责"))

    def _merged_from_above(self, column: int, row: int) -> bool:
        if self.facts is None:
            return False
        if self.merged is None:
            self.merged = [(r1, r2) for c1, r1, c2, r2 in map(_corners, self.facts.merges) if c1 <= column <= c2 and r1 < r2]
        return any(r1 < row <= r2 for r1, r2 in self.merged)

    def _find_header(self) -> tuple[int, dict[str, int], dict[str, int]] | None:
        """Index of the header among the rows, declared columns found in it, and the clerk's own columns."""
        required = [column.name for column in self.table.columns if column.required]
        enough = min(2, len(required))
        titles = _titles(self.table.name)
        best: tuple[int, int] | None = None
        for i, (number, values) in enumerate(self.sheet.rows):
            if number > HEADER_WINDOW:
                break
            if sum(1 for v in values if isinstance(v, str) and len(v) <= _LONGEST_TITLE and folded(v) in titles) < enough:
                continue
            named, _ = _match(self.table.name, values)
            hits = sum(1 for name in required if name in named)
            if hits >= enough and (best is None or hits > best[1]):
                best = (i, hits)
            if hits == len(required):
                break
        if best is None:
            return None
        return (best[0], *_match(self.table.name, self.sheet.rows[best[0]][1]))

    # one cell

    def take(self, name: str, value: object, cell: str) -> object:
        """A cell's value as the frame keeps it: text cleaned, blanks as None, errors named and taken as not filled."""
        if isinstance(value, CellError):
            self.issue(
                "cell-error" if self.table.title(name) in columns.DECIDING else "cell-error-unscored",
                cell,
                value.text,
                {"v": value.text, "column": self.table.title(name)},
            )
            return None
        if value is None:
            if self.facts is not None and self.facts.formulas.get(cell) is False and not self._recomputed(name, cell):
                self.issue("formula-without-value", cell, details={"column": self.table.title(name)})
            return None
        if isinstance(value, str):
            return self._take_text(name, value, cell)
        return value

    def _recomputed(self, name: str, cell: str) -> bool:
        """Rates, and the template's own totals: what stands there does not matter."""
        kind = self.table.by_name[name].kind
        return kind is Kind.RATE or (self.table is BUDGET and kind is Kind.MONEY and cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(self.total_row))

    def _take_text(self, name: str, value: str, cell: str) -> str | None:
        text = value
        if _CONTROL.search(text):
            text = _CONTROL.sub("", text)
            self.issue("control-characters", cell, details={"column": self.table.title(name)})
        text = text.strip(_BLANKS)
        if text.startswith("=DISPIMG("):
            self.issue("cell-is-picture", cell, details={"column": self.table.title(name)})
            return None
        return text or None


_LONGEST_TITLE = 40
"""Characters of a cell that can be a column's title, required marks and spaces included."""


@lru_cache(maxsize=16)
def _titles(table: str) -> frozenset[str]:
    """Every folded title and alias of a table's columns."""
    return frozenset(folded(text) for c in columns.BY_NAME[table].columns for text in (c.title, *c.aliases))


@lru_cache(maxsize=512)
def _match(table: str, values: tuple[object, ...]) -> tuple[dict[str, int], dict[str, int]]:
    """Declared columns found in a row of titles and the clerk's own, by index; the headers of a batch are mostly the same."""
    declared = columns.BY_NAME[table].columns
    texts = {i: folded(v) for i, v in enumerate(values) if isinstance(v, str) and v.strip()}
    named: dict[str, int] = {}
    for column in declared:
        title = folded(column.title)
        at = next((i for i, text in texts.items() if text == title), None)
        if at is not None:
            named[column.name] = at
            del texts[at]
    for column in declared:
        if column.name not in named:
            wanted = {folded(a) for a in column.aliases}
            at = next((i for i, text in texts.items() if text in wanted), None)
            if at is not None:
                named[column.name] = at
                del texts[at]
    known = {folded(c.title) for c in columns.RESULT_COLUMNS}
    own = {str(values[i]).strip(): i for i, text in texts.items() if text not in known}
    return named, own


@lru_cache(maxsize=4096)
def _corners(span: str) -> tuple[int, int, int, int]:
    """A range such as B2:C5 as first and last column (from 0) and row."""
    first, _, last = span.partition(":")
    (c1, r1), (c2, r2) = (_position(ref) for ref in (first, last or first))
    return c1, r1, c2, r2


def _position(ref: str) -> tuple[int, int]:
    column = ref.rstrip("0123456789")
    index = 0
    for letter in column:
        index = index * 26 + ord(letter) - 64
    return index - 1, int(ref[len(column) :])


def text_of(value: object) -> str:
    """A cell's value as the text a person saw: 270, 95%, 2020-12-31; blank is the empty string.

    >>> text_of(270.0), text_of(PercentNumber(0.95)), text_of(None), text_of(0.1)
    ('270', '95%', '', '0.1')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, PercentNumber):
        return f"{_plain(round(float(value) * 100, 10))}%"
    if isinstance(value, int | float):
        return _plain(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _plain(value: float) -> str:
    """A number without a needless fraction or exponent."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = repr(float(value)) if isinstance(value, float) else str(value)
    return f"{value:.10f}".rstrip("0").rstrip(".") if "e" in text and 1e-9 < abs(value) < 1e15 else text


def used_tables(submissions: Iterable[Submission]) -> set[str]:
    """The names of the tables that at least one submission carries."""
    return {name for submission in submissions for name in submission.rows}


def display_name(source: str) -> str:
    """A file's name without its folder, for titles."""
    return PurePath(source).name


__all__ = [
    "BUDGET",
    "MAX_COLUMN",
    "MAX_ROW",
    "Place",
    "SheetRow",
    "Submission",
    "display_name",
    "folded",
    "is_intake_sheet",
    "parse_submission",
    "text_of",
    "used_tables",
]
