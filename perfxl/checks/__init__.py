"""Checks: one code, one function, a mask of bad rows. `run_checks` turns masks into issues with their cells.

A check sees the scored batch and returns a boolean Series on the index of the frame it is `on`; True is a bad row. It
never loops over rows, never writes, never words anything: the catalogue does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfxl.catalogue import CATALOGUE
from perfxl.columns import BY_NAME, TOTAL_KIND
from perfxl.frames import INDICATOR, records
from perfxl.model import Issue
from perfxl.results import Results, Status
from perfxl.rules.wording import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pandas as pd

    Mask = Callable[[Results], "pd.Series"]


@dataclass(frozen=True, slots=True)
class Check:
    """One code and the rows it is about.

    `on` names the frame: a table of `perfxl.columns` (unit, budget, goals, indicators, management, report) or one with a
    row per submission (`execution`, `totals`). `at` is the column whose cell is shown; for `execution` it is a column of
    the total row of 预算执行, for `totals` a field of 基本信息. `needs` are the columns of the frame the check reads, and
    `details` those that fill the placeholders of its message.
    """

    code: str
    on: str
    at: str
    needs: tuple[str, ...]
    run: Mask
    details: tuple[str, ...] = ()


def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of the catalogue's groups."""
    from perfxl.checks import budget, goals, indicators, sheet, unit

    return (*unit.CHECKS, *budget.CHECKS, *goals.CHECKS, *indicators.CHECKS, *sheet.CHECKS)


def run_checks(results: Results) -> list[Issue]:
    """All issues of a scored batch: those of the readers, of the values and of the checks, sorted, follow-ons dropped."""
    issues = list(results.frames.issues)
    issues.extend(_value_issues(results))
    for check in all_checks():
        issues.extend(_issues_of(check, results))
    return sorted_issues(_without_follow_ons(issues), results)


def _issues_of(check: Check, results: Results) -> Iterator[Issue]:
    mask = check.run(results)
    if not mask.any():
        return
    frame = _frame(check.on, results)
    bad = frame[mask.reindex(frame.index, fill_value=False).astype(bool)]
    names = [n for n in check.details if n in bad.columns]
    shown = f"{check.at}_text" if f"{check.at}_text" in bad.columns else check.at
    for row in records(bad):
        submission = int(row["submission"])
        sheet, cell = _location(check, submission, row, results)
        yield Issue(submission, check.code, sheet, cell, _text(row.get(shown)), {n: _text(row[n]) or "" for n in names})


def _frame(on: str, results: Results) -> pd.DataFrame:
    if on in ("execution", "totals"):
        frame: pd.DataFrame = getattr(results, on)
        return frame
    return results.frames.table(on)


def _location(check: Check, submission: int, row: dict[str, object], results: Results) -> tuple[str | None, str | None]:
    table = {"execution": "budget", "totals": "unit"}.get(check.on, check.on)
    place = results.frames.places.get(submission, {}).get(table)
    if place is None:
        return BY_NAME[table].sheet, None
    if table == "unit":
        return place.sheet, place.cell(check.at)
    if check.on == "execution":
        lines = results.frames.budget
        total = lines[(lines["submission"] == submission) & (lines["line"] == TOTAL_KIND)]
        return place.sheet, place.cell(check.at, int(total["sheet_row"].iloc[0])) if len(total) else None
    at = str(row["target_column"]) if check.at == "target" and "target_column" in row else check.at
    sheet_row = row["sheet_row"]
    assert isinstance(sheet_row, int)  # noqa: S101  # frames carry the Excel row in every table
    return place.sheet, place.cell(at, sheet_row)


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        return number(value) or None
    return str(value)


_SIDE_COLUMN = {"target": "target", "actual": "actual", "unit": "unit", "operator": "operator"}


def _value_issues(results: Results) -> Iterator[Issue]:
    """What reading targets and actuals found, for rows that count and are not 不适用."""
    frame = results.frames.indicators
    counted = frame["role"].eq(INDICATOR) & ~frame["status"].eq(Status.NOT_APPLICABLE) & frame["management"].isna()
    rows = frame[counted & frame["pair"].map(lambda pair: bool(pair.problems))]
    for row in records(rows):
        place = results.frames.places.get(row["submission"], {}).get("indicators")
        for problem in row["pair"].problems:
            column = _SIDE_COLUMN.get(problem.side, "actual")
            at = row["target_column"] if column == "target" else column
            texts = {"target_text": row["target_text"], "actual": row["actual"], "name": row["name"], "unit": row["unit"],
                     "operator": row["operator"]}
            yield Issue(row["submission"], problem.code, place.sheet if place else None,
                        place.cell(at, row["sheet_row"]) if place else None,
                        row["target_text"] if column == "target" else row[column] or None, {**texts, **dict(problem.details)})


def _without_follow_ons(issues: Iterable[Issue]) -> list[Issue]:
    """Issues that only repeat the consequence of another one on the same row (or sheet) are dropped, and doubles with them."""
    listed = list(dict.fromkeys(_key(issue) for issue in issues))
    by_key = {_key(issue): issue for issue in issues}
    hidden: set[tuple[int, str | None, str | None, str]] = set()
    for key in listed:
        issue = by_key[key]
        hidden.update((issue.submission, issue.sheet, _row(issue), code) for code in CATALOGUE[issue.code].hides)
    return [by_key[k] for k in listed if (k[0], k[2], _row(by_key[k]), k[1]) not in hidden]


def _key(issue: Issue) -> tuple[int, str, str | None, str | None]:
    return issue.submission, issue.code, issue.sheet, issue.cell


def _row(issue: Issue) -> str | None:
    return "".join(ch for ch in issue.cell if ch.isdigit()) if issue.cell else None


def sorted_issues(issues: Sequence[Issue], results: Results) -> list[Issue]:
    """By submission, then gravity, sheet order, row and column: the order a clerk works through them."""
    from perfxl.model import Severity

    gravity = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    sheets = {table.sheet: i for i, table in enumerate(BY_NAME.values())}

    def key(issue: Issue) -> tuple[int, int, int, int, str, int]:
        cell = issue.cell or ""
        letters = cell.rstrip("0123456789")
        entry = CATALOGUE[issue.code]
        return (issue.submission, gravity[entry.severity], sheets.get(issue.sheet or "", 99), int(_row(issue) or 0),
                letters.rjust(3), entry.number)

    return sorted(issues, key=key)
