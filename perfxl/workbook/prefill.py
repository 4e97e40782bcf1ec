"""What a template already holds when it is handed out: a roster's unit, last year's rows, or a whole sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from perfxl.intake.submission import text_of
from perfxl.model.columns import BUDGET, INDICATORS, MANAGEMENT, TOTAL_KIND, UNIT

if TYPE_CHECKING:
    from perfxl.intake.submission import SheetRow, Submission

Value: TypeAlias = str | float
Line: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Prefill:
    """Values for a template, by the names of `perfxl.model.columns`; whatever is absent stays blank.

    `unit` holds fields of 基本信息; `budget`, `goals`, `indicators`, `management` and `report` hold rows. A row of 预算执行
    whose 资金类别 and 资金项目 are printed fills that line, any other takes a spare line; 管理指标数据 and 报告文字 likewise by their
    first column. `notes` are paragraphs for 填报说明.
    """

    unit: Line = field(default_factory=dict)
    budget: Sequence[Line] = ()
    goals: Sequence[Line] = ()
    indicators: Sequence[Line] = ()
    management: Sequence[Line] = ()
    report: Sequence[Line] = ()
    notes: Sequence[str] = ()


_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")


def prefill_from(submission: Submission, year: int | None = None) -> Prefill:
    """Next year's template from last year's workbook.

    Unit, own budget lines, indicators with operator, unit and points are carried over; last year's actuals stand in
    上年实际完成值 and, in 管理指标数据, in 上年数. Last year's number is taken out of the names (2023年购书量). Targets are left
    blank, since each year's are approved anew; so are goals, amounts, scores, reasons and texts. Rows without a 三级指标, such
    as a typed 合计, are left out. 预算年度 is `year`, by default last year's plus one; 报送次数 starts at 1.
    """
    unit: dict[str, Value] = _kept(submission.fields, [column.name for column in UNIT.columns if column.kept])
    last = _YEAR.search(text_of(submission.fields.get("fiscal_year")))
    if year is None and last is not None:
        year = int(last[1]) + 1
    if year is not None:
        unit["fiscal_year"] = str(year)
    unit["submission_count"] = "1"
    printed = set(BUDGET.rows)
    rows = [row for row in submission.rows.get(INDICATORS.name, ()) if text_of(row.values.get("level3"))]
    carried = [_last_year(row, last[1] if last else "") for row in rows]
    renamed = sum(line["level3"] != text_of(row.values.get("level3")) for line, row in zip(carried, rows, strict=True))
    return Prefill(
        unit=unit,
        budget=[
            line
            for line in (_kept(row.values, ("kind", "item")) for row in submission.rows.get(BUDGET.name, ()))
            if line.get("kind") != TOTAL_KIND and (line.get("kind"), line.get("item")) not in printed
        ],
        indicators=carried,
        management=[
            _kept({**row.values, "last_year": row.values.get("actual")}, ("item", "last_year")) for row in submission.rows.get(MANAGEMENT.name, ())
        ],
        notes=[f"三级指标名称里的“{last[1]}年”已去掉（{renamed}行），请核对。"] if last and renamed else [],
    )


def _last_year(row: SheetRow, year: str) -> dict[str, Value]:
    kept = _kept(row.values, [column.name for column in INDICATORS.columns if column.kept])
    name = str(kept["level3"])
    kept["level3"] = (year and re.sub(rf"(?<!\d){year}年度?(?!\s*[-—~至到])", "", name).strip()) or name
    if isinstance(weight := kept.get("weight"), str):
        with suppress(ValueError):
            kept["weight"] = float(weight.removesuffix("分"))
    actual = text_of(row.values.get("actual"))
    return kept | ({"last_actual": actual} if actual else {})


def _kept(values: Mapping[str, object], names: Sequence[str]) -> dict[str, Value]:
    """The filled ones of the named values: numbers as numbers, anything else as the text a person saw."""
    kept: dict[str, Value] = {}
    for name in names:
        value = values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and type(value) in (int, float):
            kept[name] = value
        elif text_of(value):
            kept[name] = text_of(value)
    return kept
