"""Submissions to frames: one DataFrame per sheet, any number of submissions stacked.

Every frame starts with `submission` (the submission's number) and `sheet_row` (the row Excel shows), then the declared
columns. Texts are str, blank is ""; money is float64 in 万元, points and numbers float64, blank is NaN. A column that
holds a number keeps what was typed in `<name>_text`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from msgspec import Struct, field

from perfxl.intake.readers import ShownText
from perfxl.intake.submission import FormRead, Place, SheetRow, Submission, text_of
from perfxl.model import Column, Issue, Kind, Table, columns
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT
from perfxl.rules.roles import DETAIL, EXECUTION, INDICATOR, SUBTOTAL, TOTAL, budget_row, indicator_row, with_levels
from perfxl.rules.typed import NAN, day_of, fiscal_year, money_of, money_unit, number_of, points_of, times_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["DETAIL", "EXECUTION", "INDICATOR", "SUBTOTAL", "TOTAL", "Frames", "build_frames", "each_record", "record", "records"]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain mappings, an index by submission included."""
    names = [str(name) for name in frame.columns]
    columns = [frame[name].tolist() for name in frame.columns]
    if frame.index.name == "submission":
        names, columns = ["submission", *names], [frame.index.tolist(), *columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def each_record(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The same one after another, for a long frame: never all at once."""
    for first in range(0, len(frame), 1_000):
        yield from records(frame.iloc[first : first + 1_000])


def record(frame: pd.DataFrame, submission: int) -> dict[str, Any]:
    """One submission's row of a frame indexed by submission."""
    return {str(name): value for name, value in frame.loc[submission].items()}


class Frames(Struct):
    """The sheets of a batch of submissions, stacked.

    `unit` has one row per submission: the fields of 基本信息 as text, `source`, `part`, `sha256`, `amounts_unknown` (no
    基本信息 or no 金额单位 that is understood: its amounts belong in no sum), `is_form`, `lacks` (a form's own system of points),
    `money_factor` (1 for 万元, 0.0001 for 元), `year`,
    `filled_day` (Excel's day number) and `claimed_total_value` as numbers (NaN: blank or none).
    `indicators` adds `role` (indicator, detail, total, subtotal, execution; `interpret` says whether execution is scored by
    itself), `name` (三级指标 without leftovers of forms), `target_text` (调整后指标值 where filled, else 年度指标值) and
    `target_column` (which of the two it was).
    """

    unit: pd.DataFrame
    budget: pd.DataFrame
    goals: pd.DataFrame
    indicators: pd.DataFrame
    management: pd.DataFrame
    report: pd.DataFrame
    places: dict[int, dict[str, Place]] = field(default_factory=dict)
    own_columns: dict[int, dict[str, dict[str, dict[int, str]]]] = field(default_factory=dict)
    forms: dict[int, FormRead] = field(default_factory=dict)
    """How each official form was read."""
    issues: list[Issue] = field(default_factory=list)

    def table(self, name: str) -> pd.DataFrame:
        """The frame of a table of `perfxl.model.columns` by its name."""
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def select(self, submissions: Sequence[int]) -> Frames:
        """The same frames for some of the submissions; rows keep their index labels."""
        wanted = set(submissions)
        parts = {t.name: f[f["submission"].isin(wanted)] for t in columns.TABLES for f in (self.table(t.name),)}
        return Frames(
            **parts,
            places={n: p for n, p in self.places.items() if n in wanted},
            own_columns={n: p for n, p in self.own_columns.items() if n in wanted},
            forms={n: form for n, form in self.forms.items() if n in wanted},
            issues=[issue for issue in self.issues if issue.submission in wanted],
        )


def build_frames(submissions: Sequence[Submission]) -> Frames:
    """Stack submissions into frames. Numbers are unique; order of rows is that of the submissions and their sheets."""
    issues = [issue for submission in submissions for issue in submission.issues]
    factors = {s.number: _money_factor(s, issues) for s in submissions}
    frames = Frames(
        unit=_unit_frame(submissions, factors),
        budget=_frame(BUDGET, submissions, issues, factors, budget_row),
        goals=_frame(GOALS, submissions, issues, factors, None),
        indicators=_frame(INDICATORS, submissions, issues, factors, indicator_row),
        management=_frame(MANAGEMENT, submissions, issues, factors, None),
        report=_frame(REPORT, submissions, issues, factors, None),
        places={s.number: s.places for s in submissions},
        own_columns={s.number: s.own_columns for s in submissions},
        forms={s.number: s.form for s in submissions if s.form is not None},
        issues=issues,
    )
    frames.indicators = with_levels(frames.indicators)
    return frames


def _money_factor(submission: Submission, issues: list[Issue]) -> float:
    """The factor that makes amounts 万元; what is not understood is `choice-unknown`, and the amounts belong in no sum."""
    typed = text_of(submission.fields.get("money_unit"))
    place, beside = submission.places.get("unit"), submission.places.get("budget")
    said, at = beside.money if beside is not None else ("", "")
    factor = money_unit(typed or said)
    if said and (factor is not None or not typed) and (factor is None or factor != money_unit(said)):
        details = {"typed": typed or "空白", "said": said, "where": f"{beside.sheet if beside else ''}!{at}"}
        issues.append(Issue.at(submission.number, "money-unit-differs", *_money_cell(place), typed, details))
    elif factor is None and not typed:
        issues.append(Issue.at(submission.number, "money-unit-assumed", *_money_cell(place)))
    return factor or 1.0


def _money_cell(place: Place | None) -> tuple[str, str | None]:
    return (UNIT.sheet, None) if place is None else (place.sheet, place.cell("money_unit"))


def _amounts_unknown(submission: Submission) -> bool:
    """Without 基本信息, or with a 金额单位 that is not understood, nobody knows how much the amounts are."""
    typed = text_of(submission.fields.get("money_unit"))
    return submission.without_unit or bool(typed and money_unit(typed) is None)


def _unit_frame(submissions: Sequence[Submission], factors: dict[int, float]) -> pd.DataFrame:
    texts: dict[str, list[object]] = {name: [getattr(s, name) for s in submissions] for name in ("source", "part", "sha256", "origin", "lacks")}
    for column in UNIT.columns:
        texts[column.name] = [text_of(s.fields.get(column.name)) for s in submissions]
    numbers: dict[str, list[object]] = {
        "money_factor": [factors[s.number] for s in submissions],
        "year": [fiscal_year(s.fields.get("fiscal_year")) for s in submissions],
        "filled_day": [day_of(s.fields.get("filled_on")) for s in submissions],
    }
    for column in UNIT.columns:
        if column.kind in (Kind.NUMBER, Kind.POINTS):
            read_number = times_of if column.name == "submission_count" else points_of if column.kind is Kind.POINTS else number_of
            numbers[f"{column.name}_value"] = [read_number(s.fields.get(column.name)) for s in submissions]
    return pd.DataFrame(
        {
            "submission": np.array([s.number for s in submissions], dtype="int64"),
            **{name: _array(values, number=False) for name, values in texts.items()},
            **{name: _array(values, number=True) for name, values in numbers.items()},
            "is_form": np.array([s.form is not None for s in submissions], dtype=bool),
            "amounts_unknown": np.array([_amounts_unknown(s) for s in submissions], dtype=bool),
        }
    )


def _frame(
    table: Table,
    submissions: Sequence[Submission],
    issues: list[Issue],
    factors: dict[int, float],
    derive: Callable[[SheetRow], dict[str, object]] | None,
) -> pd.DataFrame:
    """One table of all submissions as a frame, built column by column from plain lists."""
    owners = [s for s in submissions for _ in s.rows.get(table.name, ())]
    rows = [row for s in submissions for row in s.rows.get(table.name, ())]
    names = [column.name for column in table.columns]
    cells = dict(zip(names, zip(*(map(row.values.get, names) for row in rows), strict=True) if rows else [()] * len(names), strict=True))
    fields: dict[str, NDArray[Any]] = {
        "submission": np.array([s.number for s in owners], dtype="int64"),
        "sheet_row": np.array([row.number for row in rows], dtype="int64"),
    }
    for column in table.columns:
        name = column.name
        if column.kind is Kind.RATE:
            continue
        typed = cells[name]
        blank = typed.count(None) == len(typed)
        texts: list[object] = [""] * len(typed) if blank else [v if type(v) is str else "" if v is None else text_of(v) for v in typed]
        if column.kind in (Kind.TEXT, Kind.CHOICE):
            fields[name] = _array(texts, number=False)
            continue
        if blank:
            read: list[object] = [NAN] * len(typed)
        elif column.kind is Kind.MONEY:
            read = [NAN if v is None else money_of(v, factors[s.number]) for v, s in zip(typed, owners, strict=True)]
        else:
            read_number = points_of if column.kind is Kind.POINTS else number_of
            read = [NAN if v is None else read_number(v) for v in typed]
        fields[name] = _array(read, number=True)
        fields[f"{name}_text"] = _array(texts, number=False)
        if not blank:
            issues.extend(_odd_numbers(table, column, zip(typed, read, rows, owners, strict=True)))
    if derive is not None:
        derived = [derive(row) for row in rows]
        for name in derive(SheetRow(0, {})):
            fields[name] = _array([values[name] for values in derived], number=False)
    return pd.DataFrame(fields)


def _odd_numbers(table: Table, column: Column, cells: Iterable[tuple[object, object, SheetRow, Submission]]) -> Iterator[Issue]:
    """Numbers stored as text, and dates where a number belongs."""
    for typed, read, row, submission in cells:
        if isinstance(typed, (str, date)) and not isinstance(typed, ShownText):
            code = "number-as-text" if isinstance(typed, str) else "date-for-number"
            place = submission.places.get(table.name)
            if place is not None and (code == "date-for-number" or read == read):
                yield Issue.at(
                    submission.number,
                    code,
                    place.sheet,
                    place.cell(column.name, row.number),
                    text_of(typed),
                    {"v": text_of(typed), "column": column.title},
                )


def _array(values: list[object], *, number: bool) -> NDArray[Any]:
    """A column from a plain list; texts stay Python objects."""
    if number:
        return np.array(values, dtype="float64")
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
