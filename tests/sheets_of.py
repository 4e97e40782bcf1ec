"""Workbooks sheet by sheet: what a clerk does to titles, headers and copies, without a template in between."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from perfxl.intake import reading
from perfxl.model.columns import BUDGET, INDICATORS, UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perfxl.intake.reading import Refused
    from perfxl.intake.submission import Submission

Rows = list[list[Any]]

LINES = (("合计", "年度资金总额", None, None, None, None, 10), ("按来源", "当年财政拨款", None, 100, 95))
INDICATOR_ROWS = (
    ("产出指标", "数量指标", "开展活动场数", "≥", "20场", "场", "21场", None, 50),
    ("效益指标", "社会效益", "服务读者人次", "≥", "4万人次", "人次", "41000", None, 30),
    ("满意度指标", "服务对象满意度", "读者满意度", "≥", "90%", "%", "95%", None, 10),
)


def unit(name: str = "甲馆", year: object = 2020, **fields: object) -> Rows:
    """基本信息."""
    values = {"name": name, "fiscal_year": year, "evaluation": "单位整体", "money_unit": "万元", **fields}
    return [["项目", "填写内容", "填写说明"], *([c.title, values.get(c.name)] for c in UNIT.columns)]


def budget(*lines: Sequence[object]) -> Rows:
    """预算执行."""
    return [[c.title for c in BUDGET.columns], *map(list, lines or LINES)]


def indicators(*rows: Sequence[object]) -> Rows:
    """绩效指标."""
    return [[c.title for c in INDICATORS.columns], *map(list, rows or INDICATOR_ROWS)]


def without(rows: Rows, title: str) -> Rows:
    """The same table without the values under a title."""
    at = rows[0].index(title)
    return [rows[0], *([None if i == at else v for i, v in enumerate(row)] for row in rows[1:])]


def whole(**changed: Rows) -> dict[str, Rows]:
    """The sheets of a complete intake; others by their titles."""
    return {UNIT.sheet: unit(), BUDGET.sheet: budget(), INDICATORS.sheet: indicators(), **changed}


def workbook(sheets: Mapping[str, Rows], *, hidden: Sequence[str] = ()) -> bytes:
    """A workbook of these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row, 1):
                if value is not None:
                    sheet.cell(r, c, value)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(sheets: Mapping[str, Rows], **how: Any) -> list[Submission] | Refused:
    """What a workbook of these sheets says."""
    return reading.read_workbook(workbook(sheets, **how), source="甲.xlsx")
