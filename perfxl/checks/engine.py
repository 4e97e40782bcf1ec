"""Checks: one code, one function, a mask of bad rows. `run_checks` turns masks into issues with their cells.

A check sees the scored batch and returns an array of truth values over the rows of the frame it is `on`; True is a bad
row. It never writes, never words anything: the catalogue does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from perfxl.catalogue import CATALOGUE, severity_of
from perfxl.model import GRAVITY, Issue, Severity
from perfxl.model.addresses import column_number, split
from perfxl.model.columns import BY_NAME, TOTAL_KIND
from perfxl.rules.frames import INDICATOR
from perfxl.rules.results import Results, Status
from perfxl.rules.wording import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from perfxl.intake.submission import Place
    from perfxl.values.pair import Problem

    Mask = Callable[[Results], NDArray[np.bool_]]
    Tell = Callable[[Results], Callable[[Mapping[str, Any]], Mapping[str, str]]]


class _Columns(dict[str, "NDArray[Any]"]):
    """The columns of a frame as arrays, taken when first asked for; the index by its name."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__()
        self.frame = frame

    def __missing__(self, name: str) -> NDArray[Any]:
        source = self.frame.index if name == self.frame.index.name else self.frame[name]
        values: NDArray[Any] = source.to_numpy()
        self[name] = values
        return values


class Row(Mapping[str, Any]):
    """One row of a frame as a mapping, without copying the other columns."""

    __slots__ = ("_at", "_columns")

    def __init__(self, columns: _Columns, at: int) -> None:
        self._columns, self._at = columns, at

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self._at]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns.frame.columns)

    def __len__(self) -> int:
        return len(self._columns.frame.columns)


def rows_where(frame: pd.DataFrame, mask: NDArray[np.bool_]) -> Iterator[Row]:
    """The rows of a frame that a mask is true of."""
    from perfxl.checks.masks import kept

    columns = kept(frame, "columns", lambda: _Columns(frame))
    return (Row(columns, at) for at in np.flatnonzero(mask).tolist())


class Check(Struct, frozen=True):
    """One code and the rows it is about.

    `on` names the frame: a table of `perfxl.model.columns` (unit, budget, goals, indicators, management, report), `execution` or
    `totals` (a row per submission), or `levels` (a row per submission and block). `at` is the column whose cell is shown:
    of the bad row; for `execution` of the total row of 预算执行; for `totals` and `levels` of the header of `table` or of
    the row that `row_of` finds. `at_of` chooses another column for a row. `needs` are the columns of the frame the check
    reads. The placeholders of the message are filled by the columns in `details` and by `tell`, which looks at the batch
    once and answers for each bad row; so do `at_of` and `row_of`.
    """

    code: str
    on: str
    at: str
    needs: tuple[str, ...]
    run: Mask
    details: tuple[str, ...] = ()
    tell: Tell | None = None
    at_of: Callable[[Results], Callable[[Mapping[str, Any]], str]] | None = None
    table: str = ""
    row_of: Callable[[Results], Callable[[Mapping[str, Any]], int]] | None = None
    alike: Callable[[Mapping[str, Any]], object] | None = None

    def located_in(self) -> str:
        """The table of `perfxl.model.columns` whose cell is shown."""
        return self.table or {"execution": "budget", "totals": "indicators", "levels": "indicators"}.get(self.on, self.on)


@lru_cache(maxsize=1)
def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of the catalogue's groups."""
    from perfxl.checks import budget, goals, indicators, points, sheet, tiers, unit

    return (*unit.CHECKS, *budget.CHECKS, *goals.CHECKS, *indicators.CHECKS, *points.CHECKS, *tiers.CHECKS, *sheet.CHECKS)


def run_checks(results: Results) -> list[Issue]:
    """All issues of a scored batch: those of the readers, of the values and of the checks, sorted, follow-ons dropped."""
    from perfxl.checks.masks import columns_kept

    issues, causes = list(results.frames.issues), Causes()
    with np.errstate(invalid="ignore", divide="ignore"), columns_kept():
        issues.extend(_value_issues(results))
        for check in all_checks():
            issues.extend(_issues_of(check, results, causes))
        issues.extend(_unsaid(results, issues))
    return sorted_issues(_one_per_cause(_without_follow_ons(issues), causes))


def _issues_of(check: Check, results: Results, causes: Causes) -> Iterator[Issue]:
    frame = _frame(check.on, results)
    if not len(frame) and check.on != "totals":
        return
    mask = check.run(results)
    if not mask.any():
        return
    tell = check.tell(results) if check.tell else None
    at_of = check.at_of(results) if check.at_of else None
    row_of = _rows_shown(check, results)
    known, table = set(frame.columns), check.located_in()
    for row in rows_where(frame, mask):
        submission = int(row["submission"])
        at = at_of(row) if at_of else check.at
        if check.on == "indicators" and at == "target":
            at = str(row["target_column"])
        location = _location(table, at, submission, row_of(row), results)
        details = {name: _text(row[name]) or "" for name in check.details}
        if tell:
            details.update(tell(row))
        name = f"{at}_text" if f"{at}_text" in known else at
        issue = Issue(submission, check.code, *location, _text(row[name]) if name in known else None, details)
        if check.alike:
            causes[_key(issue)] = (check.alike(row), f"“{row['name']}”" if row["name"] else "")
        yield issue


def _frame(on: str, results: Results) -> pd.DataFrame:
    if on in ("execution", "totals", "levels"):
        frame: pd.DataFrame = getattr(results, on)
        return frame
    return results.frames.table(on)


def _rows_shown(check: Check, results: Results) -> Callable[[Mapping[str, Any]], int]:
    """The Excel row of an issue: its own, that of the total row, or 0 for the header."""
    if check.row_of:
        return check.row_of(results)
    if check.on == "execution":
        lines = results.frames.budget
        total = lines[lines["line"] == TOTAL_KIND].drop_duplicates("submission")
        at = dict(zip(total["submission"].tolist(), total["sheet_row"].tolist(), strict=True))
        return lambda row: int(at.get(int(row["submission"]), 0))
    return (lambda _: 0) if check.on in ("unit", "totals", "levels") else lambda row: int(row["sheet_row"])


def _location(table: str, at: str, submission: int, row: int, results: Results) -> tuple[str, int | None, str | None]:
    """Sheet, row and column of an issue as the user's workbook shows them."""
    place = results.frames.places.get(submission, {}).get(table)
    if place is not None and table == "unit":
        return place.sheet, *split(place.cell(at))
    return _in_row(place, table, at, row)


_NAMES = ("level3", "item", "expected")


def _in_row(place: Place | None, table: str, column: str, row: int) -> tuple[str, int | None, str | None]:
    """Sheet, row and column of a cell in a row (0: the header), or where the column is not there, of the cell of the row's name."""
    if place is None:
        return BY_NAME[table].sheet, None, None
    row, found = place.at(column, row or place.header_row)
    if found is None:
        others = (place.at(name, row)[1] for name in chain(_NAMES, place.cells))
        found = next((other for other in others if other is not None), None)
    return place.sheet, None if found is None else row, found


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)):
        return number(value) or None
    return str(value)


_ASSUMED_REASON = {"actual-not-a-number": "words", "actual-ambiguous": "unclear", "target-not-a-number": "ambiguous"}
_FALLBACK = {"operator": "target", "unit": "actual"}


def _value_issues(results: Results) -> Iterator[Issue]:
    """What reading targets and actuals found, for rows that count and are not 不适用."""
    frame = results.frames.indicators
    if not len(frame):
        return
    troubled = np.array([bool(pair.problems) for pair in frame["pair"]], dtype=bool)
    troubled &= (frame["role"] == INDICATOR).to_numpy() & (frame["status"] != Status.NOT_APPLICABLE).to_numpy()
    troubled &= frame["management"].isna().to_numpy()
    if not troubled.any():
        return
    for row in rows_where(frame, troubled):
        place = results.frames.places.get(row["submission"], {}).get("indicators")
        by_tier = row["kind"] in ("qualitative", "deadline") and row["tier_used"] != ""
        for problem in row["pair"].problems:
            if by_tier and problem.side != "target":
                continue  # the tier decides the row, whatever its texts are
            column = _to_change(problem, row)
            if place is not None and column not in place.cells:
                column = _FALLBACK.get(column, column)
            at = row["target_column"] if column == "target" else column
            value = row["target_text"] if column == "target" else row[column]
            yield Issue(
                int(row["submission"]), _code(problem), *_in_row(place, "indicators", at, int(row["sheet_row"])), value or None, _facts(problem, row)
            )


def _to_change(problem: Problem, row: Mapping[str, Any]) -> str:
    """The column whose cell is to be changed: of two units that differ the one that stands in an actual, else the unit column."""
    if problem.code == "unit-conflict" and (not row["unit"] or "unit-borrowed" not in row["pair"].actual.notes):
        return "actual"
    return problem.side


def _code(problem: Problem) -> str:
    return "operator-differs" if problem.code == "operator-conflict" and problem.mild else problem.code


def _facts(problem: Problem, row: Mapping[str, Any]) -> dict[str, str | float]:
    """The placeholders of a value's message: the row's texts, what the reader said, and a word for the reason."""
    facts: dict[str, str | float] = {name: row[name] for name in ("target_text", "actual", "name", "unit", "operator")}
    facts["column"] = BY_NAME["indicators"].title(row["target_column"])
    said = dict(problem.details)
    if problem.code == "unit-conflict":
        return {**facts, "target": said.get("target") or "没有单位", "actual_unit": said.get("actual") or "没有单位"}
    if problem.code == "target-missing":
        both = not row["actual"]
        facts |= {"what": "年度指标值和实际完成值" if both else "年度指标值", "what_en": "target and actual value" if both else "target (年度指标值)"}
    if said.pop("expected", "") == "date":
        said["reason"] = "target-date" if problem.side == "target" else "date"
    if problem.code in _ASSUMED_REASON:
        said.setdefault("reason", _ASSUMED_REASON[problem.code])
    said.pop("mild", None)
    if said.get("text") == "range":
        said["text"] = "范围"
    return {**facts, **said}


def _unsaid(results: Results, issues: Iterable[Issue]) -> Iterator[Issue]:
    """An error for every row without a score that no other error stands on, so that nothing is open in silence."""
    frame = results.frames.indicators
    status = frame["status"].to_numpy()
    open_rows = np.asarray((status == Status.MISSING) | (status == Status.UNSCORABLE), dtype=bool)
    if not open_rows.any():
        return
    open_rows &= ~results.execution["foreign"].reindex(frame["submission"]).to_numpy(dtype=bool)
    told = {(issue.submission, issue.sheet, issue.row) for issue in issues if severity_of(issue) is Severity.ERROR}
    for row in rows_where(frame, open_rows):
        place = results.frames.places.get(row["submission"], {}).get("indicators")
        sheet, line, column = _in_row(place, "indicators", "actual", int(row["sheet_row"]))
        if (row["submission"], sheet, row["sheet_row"]) not in told:
            yield Issue(
                int(row["submission"]),
                "row-not-scorable",
                sheet,
                line,
                column,
                row["actual"] or None,
                {"name": row["name"], "target_text": row["target_text"], "actual": row["actual"]},
            )


EVERYTHING = "*"


def _without_follow_ons(issues: Sequence[Issue]) -> dict[Key, Issue]:
    """Issues that only repeat the consequence of another one are dropped, and doubles with them.

    What hides what stands in the catalogue: `hides` on the same row (`*`: whatever stands there and does not hide it in turn),
    `clears` and `clears_of` anywhere in the submission. An issue without a cell hides its follow-ons on the whole sheet.
    """
    by_key = {_key(issue): issue for issue in reversed(issues)}
    hidden: set[tuple[int, str | None, int | None, str]] = set()
    sweeping: dict[tuple[int, str | None, int | None], set[str]] = {}
    cleared: set[tuple[int, str]] = set()
    for issue in by_key.values():
        entry = CATALOGUE[issue.code]
        here = (issue.submission, issue.sheet, None if entry.of_sheet else issue.row)
        if hides := _hides(issue):
            hidden.update((*here, code) for code in hides)
            if EVERYTHING in hides:
                sweeping.setdefault(here, set()).add(issue.code)
        if entry.clears or entry.clears_of:
            cleared.update((issue.submission, code) for code in (*entry.clears, *entry.clears_of.get(str(issue.details.get("part", "")), ())))
    kept = {}
    for key, issue in reversed(by_key.items()):
        here = (issue.submission, issue.sheet, issue.row)
        places = ((*here, issue.code), (issue.submission, issue.sheet, None, issue.code))
        swept = here in sweeping and EVERYTHING not in _hides(issue) and not sweeping[here] <= set(_hides(issue))
        if not swept and hidden.isdisjoint(places) and (issue.submission, issue.code) not in cleared:
            kept[key] = issue
    return kept


def _hides(issue: Issue) -> tuple[str, ...]:
    entry = CATALOGUE[issue.code]
    return entry.hides + entry.hides_written if issue.value else entry.hides


Key = tuple[int, str, str | None, tuple[int, str] | None]


class Causes(dict[Key, tuple[object, str]]):
    """Of the issues whose check says what is alike: the cause (None: stands alone) and how a message names the row."""


def _key(issue: Issue) -> Key:
    cell = None if issue.row is None or issue.column is None else (issue.row, issue.column)
    return issue.submission, issue.code, issue.sheet, cell


def _one_per_cause(issues: Mapping[Key, Issue], causes: Causes) -> list[Issue]:
    """Of the issues of one cause the first, whose `which` names the rows of all of them."""
    groups: dict[object, list[tuple[Key, Issue]]] = {}
    for key, issue in issues.items():
        cause = causes[key][0] if key in causes else None
        groups.setdefault(key if cause is None else (issue.submission, issue.code, cause), []).append((key, issue))
    firsts = ((group[0], group) for group in groups.values())
    return [_naming([issue for _, issue in group], causes[key][1]) if key in causes else issue for (key, issue), group in firsts]


def _naming(group: Sequence[Issue], name: str) -> Issue:
    first = min(group, key=lambda issue: issue.row or 0)
    rows = sorted({issue.row or 0 for issue in group})
    runs = _runs(rows)
    which, which_en = (f"第{'、'.join(runs)}行", f"rows {', '.join(runs)}") if len(rows) > 1 else (name or "这一行", name or "this row")
    return first._replace(details={**first.details, "which": which, "which_en": which_en, "rows": ",".join(map(str, rows))})


def _runs(rows: Sequence[int]) -> list[str]:
    """Row numbers in order, ten or more that follow each other as one: 4, 6-19."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return [shown for run in runs for shown in ([f"{run[0]}-{run[-1]}"] if len(run) > 9 else map(str, run))]


_SHEETS = {table.sheet: i for i, table in enumerate(BY_NAME.values())}


def sorted_issues(issues: Iterable[Issue]) -> list[Issue]:
    """By submission, then gravity, sheet order, row and column: the order a clerk works through them."""

    def key(issue: Issue) -> tuple[int, int, int, int, int, int]:
        column = column_number(issue.column) if issue.column else 0
        number = CATALOGUE[issue.code].number
        return (issue.submission, GRAVITY[severity_of(issue)], _SHEETS.get(issue.sheet or "", 99), issue.row or 0, column, number)

    return sorted(issues, key=key)
