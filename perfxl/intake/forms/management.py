"""资金管理情况 of transfer-payment forms: items with a statement and points, no target; 管理指标数据, as perfxl's own form prints it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms import words
from perfxl.intake.forms.blocks import joined_head
from perfxl.intake.forms.grid import HeadWords, head_text
from perfxl.intake.forms.rows import points_of
from perfxl.intake.submission import SheetRow, text_of
from perfxl.model.columns import MANAGEMENT

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form, Head

_HEADS = HeadWords(words.MANAGEMENT_HEADS)
_DATA = HeadWords({column.name: (column.title,) for column in MANAGEMENT.columns})
BLOCK = "资金管理"


def management_head(form: Form) -> Head | None:
    """The head with 情况说明 and 得分 between the funds and the indicators."""
    for row in range(form.first, form.heads[0].first):
        head = joined_head(form, row, _HEADS)
        if "statement" in head.columns and {"weight", "score"} & set(head.columns):
            return head
    return None


def management_rows(form: Form, head: Head) -> list[SheetRow]:
    """One indicator row an item, under the level 资金管理, its statement as the actual."""
    grid, named = form.grid, head.columns
    stop = min([h.first for h in (form.goals, form.funds, *form.heads) if h and h.first > head.last])
    label = grid.area(head.first, form.left)
    if label[2] > head.last:
        stop = min(stop, label[2] + 1)
    rows = []
    for row in range(head.last + 1, stop):
        item = next(
            (v for a, v in grid.row(row, form.left, named["statement"] - 1) if a[0] == row and a[:2] != label[:2] and isinstance(v, str)), None
        )
        if item is None or head_text(item) in words.TOTALS:
            continue
        values: dict[str, object] = {"level1": BLOCK, "level2": BLOCK, "level3": re.sub(r"\s*[\r\n]+\s*", "", item).strip()}
        values["actual"] = _text(grid.own(row, named["statement"]))
        values["weight"] = points_of(grid.own(row, named["weight"])) if "weight" in named else None
        values["claimed_score"] = points_of(grid.own(row, named["score"])) if "score" in named else None
        values["reason"] = _text(grid.own(row, named["reason"])) if "reason" in named else None
        rows.append(SheetRow(row, values))
    return rows


def data_head(form: Form) -> Head | None:
    """The head with 数据项 and 本年实际数 above the indicators, as perfxl's own form prints it under schemes of 管理指标."""
    for row in range(form.first, form.heads[0].first):
        head = joined_head(form, row, _DATA)
        if {"item", "actual"} <= head.columns.keys():
            return head
    return None


def data_rows(form: Form, head: Head) -> list[SheetRow]:
    """The rows of 管理指标数据 as typed."""
    grid = form.grid
    label = grid.area(head.first, form.left)
    stop = min([h.first for h in (form.goals, form.funds, *form.heads) if h and h.first > head.last])
    rows = []
    for row in range(head.last + 1, min(stop, label[2] + 1) if label[2] > head.last else stop):
        values = {name: value for name, column in head.columns.items() if (value := grid.own(row, column)) is not None}
        if values.get("item") is not None:
            rows.append(SheetRow(row, values))
    return rows


def _text(value: object) -> str | None:
    text = text_of(value).strip()
    return None if text in words.PLACEHOLDERS else text
