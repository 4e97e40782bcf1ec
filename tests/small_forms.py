"""A small form, in memory, of which one thing at a time is changed."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl

from perfxl.intake.forms import Grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from perfxl.intake.forms.grid import Area

Row = list[object]
TITLE: list[Row] = [["项目支出绩效自评表"], ["（2023年度）"]]
FACTS: list[Row] = [["项目名称", "免费开放", None, None, "实施单位", "示例县文化馆"]]
FUNDS: list[Row] = [
    ["项目资金（万元）", None, "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
    [None, "年度资金总额", 50, 50, 40, 10, "80%", 8],
]
HEAD: list[Row] = [["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"]]
ROWS: list[Row] = [
    ["产出指标", "数量指标", "开放天数", "≥270天", "300天", 40, 40],
    ["效益指标", "社会效益指标", "到馆人次", "≥5万人次", "4万人次", 30, 24],
    ["满意度指标", "服务对象满意度指标", "满意度", "≥90%", "95%", 20, 20],
]
TOTAL: list[Row] = [["总分", None, None, None, None, 100, 92]]


def small(
    *,
    name: str = "Sheet1",
    title: Sequence[Row] = TITLE,
    facts: Sequence[Row] = FACTS,
    funds: Sequence[Row] = FUNDS,
    head: Sequence[Row] = HEAD,
    rows: Sequence[Row] = ROWS,
    total: Sequence[Row] = TOTAL,
    after: Sequence[Row] = (),
    cells: dict[tuple[int, int], object] | None = None,
    merges: Iterable[Area] = (),
    **grid: object,
) -> Grid:
    """The form with other blocks, and single cells as `cells` say: title in row 1, facts 3, funds 4–5, head 6, rows 7–9, total 10."""
    lines = [list(row) + [None] * (9 - len(row)) for block in (title, facts, funds, head, rows, total, after) for row in block]
    for (row, column), value in (cells or {}).items():
        lines[row - 1][column - 1] = value
    return Grid.of(name, [(number, tuple(line)) for number, line in enumerate(lines, 1)], merges, **grid)


def in_memory(*grids: Grid) -> bytes:
    """Grids as the sheets of a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for (row, column), value in grid.cells.items():
            sheet.cell(row, column, value)
        for first, left, last, right in set(grid.areas.values()):
            sheet.merge_cells(start_row=first, start_column=left, end_row=last, end_column=right)
    target = BytesIO()
    book.save(target)
    return target.getvalue()
