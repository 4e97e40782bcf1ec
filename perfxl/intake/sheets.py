"""Which sheets of a workbook belong together: one set of intake sheets, or one for each of several submissions.

A sheet is known by its title, else by its header row. A further set begins with a second 基本信息 that names another
unit, project or year; its sheets share what stands beside the title (`基本信息 (2)`, `绩效指标 (2)`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from perfxl.intake import heading
from perfxl.intake.readers import Sheet
from perfxl.intake.submission import Submission, folded, text_of
from perfxl.intake.tables import has_content, read_table
from perfxl.model import Issue, columns
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, TABLES, UNIT
from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perfxl.intake.guard import Opened, SheetFacts
    from perfxl.model import Table

MOST_PARTS = 1000
"""Submissions of one file; the next one of a batch is numbered from here on."""

_HELPERS = frozenset(map(folded, (columns.GUIDE_SHEET, columns.OPTIONS_SHEET)))
"""Sheets that a template brings along: nobody fills them in."""
_RESULTS = frozenset(
    folded(title)
    for title in (
        columns.SUMMARY_SHEET,
        columns.FORM_SHEET,
        columns.ISSUES_SHEET,
        columns.READINGS_SHEET,
        columns.RECOGNISED_SHEET,
        columns.BASIS_SHEET,
        columns.COMPARISON_SHEET,
    )
)
"""Sheets that a scored workbook brings along; in any other workbook these titles are a person's."""
_SURELY_SCORED = frozenset(map(folded, (columns.SUMMARY_SHEET, columns.READINGS_SHEET, columns.BASIS_SHEET)))
"""Sheets that together make a scored workbook of one whose seal a program has lost."""
_NUMBERING = LazyPattern(r"(?:附?(?:件|表))?[\(\[【]?(?:\d+|[一二三四五六七八九十]+)?[\)\]】]?[.、:,\-—_]*")
_IDENTITY = ("name", "code", "fiscal_year", "project", "project_code")
"""Fields of which one must differ for a second 基本信息 to begin a further set."""
_LABELS = 3
"""Labels of 基本信息 that make a sheet of another title one."""
_LOOKS_LIKE_OURS = 0.5
"""Share of the required titles from which a sheet that cannot be read as a table is named for itself."""
_POINTS = (BUDGET, INDICATORS, MANAGEMENT)
"""Tables that decide points: of two versions none is read."""


class SheetSet(Struct):
    """The sheets of one submission: for each table those that could be it."""

    mark: str = ""
    """What its sheets have beside the table's title."""
    tables: dict[str, list[Sheet]] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """The sheet that names the submission among others."""
        listed = self.tables.get(INDICATORS.name) or self.tables.get(UNIT.name) or next(iter(self.tables.values()))
        return listed[0].title


class SortedSheets(Struct):
    """What the sheets of a workbook turned out to be."""

    sets: list[SheetSet] = field(default_factory=list)
    by_header: list[tuple[str, Table]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Sheets that look like ours and could not be read."""
    foreign: list[str] = field(default_factory=list)
    """Sheets with content that are nobody's."""
    guide: Sheet | None = None


@lru_cache(maxsize=1)
def _by_title() -> dict[str, Table]:
    """Folded sheet title to table; an exact title beats an alias."""
    aliases = {folded(alias): table for table in TABLES for alias in table.aliases}
    return aliases | {folded(table.sheet): table for table in TABLES}


@lru_cache(maxsize=4096)
def titled(title: str) -> tuple[Table, str] | None:
    """The table a sheet's title names, and what stands beside its name there; None for a title of another kind.

    >>> [(t.name, mark) for t, mark in filter(None, map(titled, ("绩效指标", "1.绩效指标", "绩效指标 (2)", "说明")))]
    [('indicators', ''), ('indicators', ''), ('indicators', '(2)')]
    """
    text, known = folded(title), _by_title()
    if text in known:
        return known[text], ""
    own = {folded(table.sheet): table for table in TABLES}
    name = max((name for name in own if name in text), key=len, default="")
    if not name:
        return None
    before, _, after = text.partition(name)
    numbering = _NUMBERING.fullmatch(before)
    return own[name], after if numbering else before + after


def is_intake_sheet(title: str) -> bool:
    """Whether a sheet's title says that it carries something perfxl reads."""
    return titled(title) is not None or folded(title) == folded(columns.GUIDE_SHEET)


def is_helper(title: str) -> bool:
    """Whether a sheet is one that a template brings along."""
    return folded(title) in _HELPERS


def is_result(title: str) -> bool:
    """Whether a sheet has the title of one that a scored workbook brings along."""
    return folded(title) in _RESULTS


def surely_scored(titles: Iterable[str]) -> bool:
    """Whether a workbook without a seal is a scored one by its sheets."""
    return set(map(folded, titles)) >= _SURELY_SCORED


def sort_sheets(sheets: Sequence[Sheet], opened: Opened, foreign: Sequence[str] = ()) -> SortedSheets:
    """Every sheet with content: to which table and which set it belongs, or that it is none of ours.

    A header alone, without a sheet of one of the template's titles or a 基本信息, makes no intake: it may be a form's.
    """
    facts = {sheet.name: sheet for sheet in opened.sheets}
    book = SortedSheets(foreign=list(foreign))
    candidates: list[tuple[Table, str, Sheet]] = []
    for sheet in sheets:
        if folded(sheet.title) == folded(columns.GUIDE_SHEET):
            book.guide = sheet
            continue
        found = titled(sheet.title)
        exact = folded(sheet.title) in _by_title()
        table = found[0] if found and exact else None if looks_like_form(sheet) else _by_header(sheet)
        if table is None:
            if sheet.rows:
                (book.unread if _looks_like_ours(sheet) else book.foreign).append(sheet.title)
            continue
        if not exact:
            book.by_header.append((sheet.title, table))
        candidates.append((table, found[1] if found else "", sheet))
    if any(table is UNIT or folded(sheet.title) in _by_title() for table, _, sheet in candidates):
        book.sets = _sets(candidates, facts)
    return book


def _looks_like_ours(sheet: Sheet) -> bool:
    return looks_like_form(sheet) or max(heading.share_found(t.name, sheet) for t in (BUDGET, INDICATORS)) >= _LOOKS_LIKE_OURS


def _by_header(sheet: Sheet) -> Table | None:
    """The table whose required titles all stand in one row near the top of a sheet; 基本信息 by its labels."""
    for table in (INDICATORS, BUDGET, GOALS, MANAGEMENT, REPORT):
        if heading.share_found(table.name, sheet) == 1:
            return table
    labels = {folded(c.title) for c in UNIT.columns}
    found: set[str] = set()
    lines: set[int] = set()
    for number, values in sheet.rows:
        words = [folded(v).rstrip(":") if isinstance(v, str) else "" for v in values]
        here = [word for word, beside in zip(words, [*words[1:], ""], strict=True) if word in labels and beside not in labels]
        found.update(here)
        lines.update([number] if here else ())
    # The titles of a list stand side by side: it is no 基本信息 of anybody.
    return UNIT if folded(UNIT.title("name")) in found and min(len(found), len(lines)) >= _LABELS else None


def looks_like_form(sheet: Sheet) -> bool:
    """Whether one sheet holds funds and indicators together, as an official form does and an intake never."""
    words = {folded(v) for _, values in sheet.rows for v in values if isinstance(v, str) and len(v) <= 40}
    amounts = {folded(text) for name in ("full_year", "executed") for text in (BUDGET.title(name), *BUDGET.by_name[name].aliases)}
    return "三级指标" in words and (len(words & amounts) > 1 or "年度资金总额" in words)


def _sets(candidates: Sequence[tuple[Table, str, Sheet]], facts: Mapping[str, SheetFacts]) -> list[SheetSet]:
    """The candidates by set; what shares its mark with no 基本信息 of its own belongs to the first."""
    units = [(mark, sheet) for table, mark, sheet in candidates if table is UNIT]
    alone = len(units) == 1 and not units[0][0]
    named = [] if alone else [(mark, who) for mark, sheet in units if any(who := _identity(sheet, facts))]
    first = "" if not named or any(mark == "" for mark, _ in named) else named[0][0]
    known: dict[str, tuple[str, ...]] = {}
    for mark, who in sorted(named, key=lambda pair: pair[0] != first):
        if mark not in known and all(_is_another(who, other) for other in known.values()):
            known[mark] = who
    sets = {mark: SheetSet(mark) for mark in known or {first: ()}}
    for table, mark, sheet in candidates:
        sets[mark if mark in sets else first].tables.setdefault(table.name, []).append(sheet)
    return [s for s in sets.values() if s.tables]


def _is_another(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two 基本信息 speak of different units, years or projects; a blank contradicts nothing, but no project is no project."""
    return any(a != b for name, a, b in zip(_IDENTITY, one, other, strict=True) if (a and b) or name == "project")


def _identity(sheet: Sheet, facts: Mapping[str, SheetFacts]) -> tuple[str, ...]:
    """Who a 基本信息 speaks of."""
    draft = Submission(0, "", "")
    read_table(draft, UNIT, sheet, facts.get(sheet.title))
    return tuple(folded(text_of(draft.fields.get(name))) for name in _IDENTITY)


# one set to one submission


def read_set(chosen: SheetSet, opened: Opened, source: str, number: int) -> Submission:
    """The rows of one set of sheets; `source` is the file's name for messages."""
    found = Submission(number, source, opened.sha256)
    facts = {sheet.name: sheet for sheet in opened.sheets}
    for table in TABLES:
        sheets = chosen.tables.get(table.name, [])
        if not sheets:
            if table.required:
                found.issues.append(Issue(number, "sheet-missing", sheet=table.sheet, details={"sheet": table.sheet}))
        elif len(sheets) == 1:
            read_table(found, table, sheets[0], facts.get(sheets[0].title))
        else:
            _read_one_of(found, table, sheets, facts)
    return found


def _read_one_of(found: Submission, table: Table, sheets: Sequence[Sheet], facts: Mapping[str, SheetFacts]) -> None:
    """The one sheet of several that has content; where two have, an error, and where their points could differ, none."""
    drafts = []
    for sheet in sheets:
        draft = Submission(found.number, found.source, found.sha256)
        read_table(draft, table, sheet, facts.get(sheet.title))
        drafts.append(draft)
    filled = [draft for draft in drafts if has_content(draft, table)]
    draft = (filled or drafts)[0]
    if len(filled) > 1:
        titles = [d.places[table.name].sheet for d in filled]
        told = Issue(found.number, "sheet-repeated", titles[0], details={"table": table.sheet, "sheets": "”和“".join(titles)})
        if table in _POINTS and any(_content(d, table) != _content(draft, table) for d in filled):
            draft.rows[table.name], draft.own_columns, draft.issues = [], {}, []
        draft.issues.append(told)
    found.fields |= draft.fields
    found.rows |= draft.rows
    found.places |= draft.places
    found.own_columns |= draft.own_columns
    found.issues += draft.issues


def _content(draft: Submission, table: Table) -> list[dict[str, str]]:
    return [{name: text_of(value) for name, value in row.values.items()} for row in draft.rows.get(table.name, ())]
