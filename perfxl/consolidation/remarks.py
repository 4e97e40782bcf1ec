"""What the office types into 退回修改清单 — 单位回复, 办理结果 — kept and carried over from run to run (contract §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from perfxl.catalogue import CATALOGUE
from perfxl.consolidation.facts import goes_back
from perfxl.consolidation.records import Piece
from perfxl.intake.guard import Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.heading import HEADER_WINDOW
from perfxl.intake.readers import read_sheets
from perfxl.intake.submission import folded, text_of
from perfxl.intake.tables import MAX_COLUMN
from perfxl.rules.frames import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from perfxl.consolidation.records import Consolidation
    from perfxl.intake.readers import Sheet

RETURNED, SETTLED = "退回修改清单", "办理台账"


@dataclass(frozen=True, slots=True)
class Remark:
    """One row of 退回修改清单 with an answer. `key` is the item, as the hidden column holds it."""

    key: str
    number: str
    """The number of the code, as the column 编号 shows it."""
    sheet: str
    cell: str
    level3: str
    value: str
    problem: str
    unit: str
    evaluation: str
    project: str
    reply: str = ""
    result: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        """What it is about."""
        return self.key, self.number, self.sheet, self.cell, self.level3, self.problem

    @property
    def said(self) -> bool:
        """Whether anything was typed."""
        return bool(self.reply or self.result)


TITLES = {
    "unit": "单位名称",
    "evaluation": "自评类型",
    "project": "项目名称",
    "number": "编号",
    "sheet": "工作表",
    "cell": "单元格",
    "level3": "三级指标",
    "value": "原填内容",
    "problem": "问题",
    "reply": "单位回复",
    "result": "办理结果",
    "key": "键",
}
"""The columns that make a remark, in 退回修改清单 (among others) and in 办理台账."""

_ROOM = {"file_bytes": 1 << 30, "part_bytes": 1 << 30, "book_bytes": 4 << 30, "cells": 100_000_000, "window_rows": 1_048_576, "total_text": 1 << 30}
"""Limits for the office's own workbook, which is larger than any intake."""


def own_sheets(workbook: Path | bytes, limits: Limits | None = None, wanted: Callable[[str], bool] = bool) -> list[Sheet] | None:
    """Sheets of a consolidated workbook, all of them or those `wanted`; None where it cannot be read."""
    limits = replace(limits or Limits(), **_ROOM)
    data = workbook if isinstance(workbook, bytes) else read_bytes(workbook, limits)
    opened = data if isinstance(data, Refusal) else open_bytes(data, limits)
    if isinstance(opened, Refusal):
        return None
    return read_sheets(opened, wanted, max_row=limits.window_rows, max_column=MAX_COLUMN, reader="auto")


def read_remarks(path: Path, limits: Limits | None = None) -> list[Remark] | None:
    """What was typed into a consolidated workbook, also rows that are blank now; None where it cannot be read."""
    sheets = own_sheets(path, limits, lambda name: name.startswith((RETURNED, SETTLED)))
    return None if sheets is None else [remark for sheet in sheets for remark in _rows(sheet)]


def _rows(sheet: Sheet) -> Iterator[Remark]:
    titles = {folded(title): name for name, title in TITLES.items()}
    columns: dict[str, int] = {}
    for number, values in sheet.rows:
        if not columns.keys() >= TITLES.keys() and number <= HEADER_WINDOW:
            columns = {titles[folded(v)]: i for i, v in enumerate(values) if isinstance(v, str) and folded(v) in titles}
            continue
        if columns.keys() >= TITLES.keys():
            cells = {name: text_of(values[i] if i < len(values) else None).strip() for name, i in columns.items()}
            if cells["key"]:
                yield Remark(**cells)


def merged(kept: Iterable[Remark], typed: Iterable[Remark]) -> list[Remark]:
    """What holds: a row that was handed in replaces what was kept, a blank one takes it back."""
    holding = {remark.place: remark for remark in kept}
    for remark in typed:
        if remark.said:
            holding[remark.place] = remark
        else:
            holding.pop(remark.place, None)
    return sorted(holding.values(), key=lambda remark: remark.place)


@dataclass(frozen=True, slots=True)
class Carried:
    """Remarks on their way to the new sheet: by submission and ordinal of its rows, and those whose row is gone."""

    rows: dict[int, dict[int, Remark]]
    settled: list[Remark]


def carried(c: Consolidation) -> Carried:
    """Where each remark stands now: the same item, cell and code, else the same item, 三级指标 and code."""
    by_item: dict[str, list[Remark]] = {}
    for remark in c.remarks:
        by_item.setdefault(remark.key, []).append(remark)
    rows: dict[int, dict[int, Remark]] = {}
    settled: list[Remark] = []
    numbers = dict(zip(c.units["unit_key"].tolist(), c.units["submission"].tolist(), strict=True))
    for key, remarks in sorted(by_item.items()):
        if key not in numbers:
            settled.extend(remarks)
            continue
        number = int(numbers[key])
        found, left = _placed(_returned(c, number), remarks)
        if found:
            rows[number] = found
        settled.extend(left)
    return Carried(rows, settled)


def _returned(c: Consolidation, number: int) -> list[tuple[str, str, str, str]]:
    """(code number, sheet, cell, level3) of each row of 退回修改清单 of a submission, in order."""
    own = c.between[c.between["submission"] == number]
    issues = Piece([number], [c.rows.take(c.order[number])], own, c.claims.iloc[:0]).table("issues")
    return [(str(CATALOGUE[row["code"]].number), row["sheet"], row["cell"], row["level3"]) for row in records(issues[goes_back(issues)])]


def _placed(rows: Sequence[tuple[str, str, str, str]], remarks: Sequence[Remark]) -> tuple[dict[int, Remark], list[Remark]]:
    found: dict[int, Remark] = {}
    left = list(remarks)
    for same in (_same_cell, _same_indicator):
        rest = []
        for remark in left:
            at = next((i for i, row in enumerate(rows) if i not in found and same(remark, row)), None)
            if at is None:
                rest.append(remark)
            else:
                found[at] = remark
        left = rest
    return found, left


def _same_cell(remark: Remark, row: tuple[str, str, str, str]) -> bool:
    return (remark.number, remark.sheet, remark.cell) == row[:3]


def _same_indicator(remark: Remark, row: tuple[str, str, str, str]) -> bool:
    return bool(remark.level3) and (remark.number, remark.level3) == (row[0], row[3])
