"""Submissions from small tables, without a workbook: what tests of rules and checks start from."""

from __future__ import annotations

from typing import Any

from perfxl.intake.submission import Place, SheetRow, Submission
from perfxl.model.addresses import letters
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, TABLES, UNIT
from perfxl.rules.frames import build_frames
from perfxl.rules.results import Results
from perfxl.schemes import Scheme, load_scheme
from perfxl.scoring.score import score

Rows = list[dict[str, Any]]

BUDGET_ROWS: Rows = [
    {"kind": "合计", "item": "年度资金总额", "weight": 10},
    {"kind": "按来源", "item": "当年财政拨款", "full_year": 100, "executed": 95},
]


def indicator(**values: Any) -> dict[str, Any]:
    """One indicator row with a sensible rest: a quantity of 10 points under 数量指标."""
    return {"level1": "产出指标", "level2": "数量指标", "level3": "开展活动场数", "operator": "≥", "unit": "场", "weight": 10, **values}


def submission(
    indicators: Rows = (),
    budget: Rows | None = None,
    unit: dict[str, Any] | None = None,
    goals: Rows = (),  # type: ignore[assignment]
    management: Rows = (),
    report: Rows = (),
    number: int = 0,
) -> Submission:  # type: ignore[assignment]
    """A submission laid out as the template lays it out: header in row 1, rows from 2 on."""
    made = Submission(number, f"示例{number}.xlsx", f"{number:064x}")
    made.fields = {"name": f"示例图书馆{number}", "fiscal_year": 2020, "evaluation": "部门整体", "money_unit": "万元", **(unit or {})}
    tables = {BUDGET: BUDGET_ROWS if budget is None else budget, GOALS: goals, INDICATORS: indicators, MANAGEMENT: management, REPORT: report}
    for table in TABLES:
        cells = {column.name: letters(i) for i, column in enumerate(table.columns)}
        if table is UNIT:
            cells = {column.name: f"B{i + 2}" for i, column in enumerate(table.columns)}
        made.places[table.name] = Place(table.sheet, 1, cells)
        made.rows[table.name] = [SheetRow(i + 2, dict(row)) for i, row in enumerate(tables.get(table, ()))]
    return made


def variant(base: str = "national-2020", **tables: dict[str, Any]) -> Scheme:
    """A built-in scheme with some values of some tables changed."""
    scheme = load_scheme(base)
    return replace_tables(scheme, **tables)


def replace_tables(scheme: Scheme, **tables: dict[str, Any]) -> Scheme:
    """A scheme with values replaced; not validated, so that a test can change one axis alone."""
    from msgspec import structs

    return structs.replace(scheme, **{name: structs.replace(getattr(scheme, name), **values) for name, values in tables.items()})


def scored(indicators: Rows = (), scheme: Scheme | str = "national-2020", **parts: Any) -> Results:  # type: ignore[assignment]
    """One submission scored."""
    return scored_all([submission(indicators, **parts)], scheme)


def scored_all(submissions: list[Submission], scheme: Scheme | str = "national-2020") -> Results:
    """Several submissions scored together."""
    return score(build_frames(submissions), load_scheme(scheme) if isinstance(scheme, str) else scheme)


def points(results: Results) -> list[float | None]:
    """The scores of the indicator rows, None where not scored."""
    return [None if value != value else value for value in results.frames.indicators["score"].tolist()]


__all__ = ["BUDGET_ROWS", "indicator", "points", "replace_tables", "scored", "scored_all", "submission", "variant"]
