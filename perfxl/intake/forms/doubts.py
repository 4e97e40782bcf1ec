"""What of a form is in doubt, not there, or read by assumption: a code each, at the cell it is about; never a guess."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms import words
from perfxl.intake.forms.blocks import INDICATORS as HEADS
from perfxl.intake.forms.grid import plain
from perfxl.intake.forms.kinds import size_of
from perfxl.intake.levels import plain_level
from perfxl.intake.readers import CellError
from perfxl.intake.submission import text_of
from perfxl.model import Issue
from perfxl.model.addresses import split
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, UNIT
from perfxl.model.levels import LEVEL1_WORDS
from perfxl.model.parts import ACTUAL_PART, FUNDS_PART, PARTS_EN, POINTS_PART, RATE_PART, TARGET_PART, TOTAL_PART
from perfxl.values.execution import is_execution

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form
    from perfxl.intake.forms.facts import Facts
    from perfxl.intake.forms.grid import Grid
    from perfxl.intake.forms.lines import Funds
    from perfxl.intake.forms.rows import Indicators
    from perfxl.intake.submission import SheetRow, Submission

_SOURCES = {
    "标题中的名称": "the title",
    "工作表名": "the sheet's name",
    "文件名": "the file's name",
    "项目名称": "the project's name",
    "表内文字": "the form's texts",
    "填报日期的上一年": "the day it was filled in, a year before",
    "主管部门": "主管部门",
}
"""Where a fact may be taken from that no label says, in English."""
_WEAK = frozenset({"主管部门", "工作表名", "文件名"})
"""Where a unit's name is not certain to be that of the unit that reports."""
_DECIDING = frozenset({"operator", "target", "adjusted_target", "unit", "actual", "tier", "weight"})
"""Columns that stand once; a second 得分 is often the office's."""


class Doubts:
    """The questions about one form, once its blocks are read."""

    form: Form
    grid: Grid
    made: Submission
    facts: Facts
    funds: Funds
    found: Indicators
    of_execution: SheetRow | None
    """The row among the indicators whose points are those of 预算执行."""

    def issue(self, code: str, at: tuple[int, int] | None, value: object = None, **details: str | float) -> None:
        """Ask about a cell of the form; None: about the whole of it."""
        row, column = split(self.grid.address(*at)) if at else (None, None)
        shown = None if value is None else text_of(value)[:200]
        self.made.issues.append(Issue(self.made.number, code, self.grid.name, row, column, shown, details))

    @property
    def head_at(self) -> tuple[int, int]:
        """Where what concerns the whole form is shown: its title, else the head of its indicators."""
        return self.form.title_at or (self.form.heads[0].first, self.form.left)

    def ask(self) -> None:
        """Every doubt, as an issue of the submission."""
        self._errors()
        self._hidden()
        self._repeated()
        self._doubts()
        self._scheme()

    def _errors(self) -> None:
        """Error values and formulas without a value are no content, and are said."""
        for table, rows in self.made.rows.items():
            place = self.made.places[table]
            for row in rows:
                for name, value in row.values.items():
                    if isinstance(value, CellError):
                        row.values[name] = None
                        self.made.issues.append(
                            Issue(
                                self.made.number,
                                "cell-error",
                                self.grid.name,
                                *place.at(name, row.number),
                                value.text,
                                {"v": value.text, "column": _title(table, name)},
                            )
                        )
        for at in filter(self._inside, sorted(self.grid.hollow)):
            self.issue("formula-without-value", at, column=self._column_title(at))
        for area in sorted({self.grid.area(*at) for at in filter(self._inside, self.grid.covered)}):
            self.issue("merged-extra-content", area[:2], range=self.grid.span(area))
        for at in filter(self._inside, self.grid.nested):
            self.issue("form-nested-table", at)

    def _hidden(self) -> None:
        """Hidden rows, columns and sheets with content: read, and named."""
        grid, head = self.grid, self.form.heads[0]
        if grid.hidden:
            self.issue("sheet-hidden", None, sheet=grid.name)
        rows = [str(row.number) for row in self.found.rows if row.number in grid.hidden_rows]
        columns = [grid.column_name(c) for c in sorted({*head.columns.values(), *head.unknown} & grid.hidden_columns)]
        told = [f"第{'、'.join(rows[:8])}行" * bool(rows), f"{'、'.join(columns[:8])}列" * bool(columns)]
        if rows or columns:
            at = (int(rows[0]), self.form.left) if rows else (head.last, min({*head.columns.values(), *head.unknown} & grid.hidden_columns))
            self.issue("rows-hidden", at, what="、".join(filter(None, told)))

    def _repeated(self) -> None:
        """A deciding column that stands twice with content: where the two differ neither is read."""
        grid = self.grid
        for head in self.form.heads:
            for other, title in head.unknown.items():
                name = HEADS.field(title) or ""
                if name not in _DECIDING or name not in head.columns or name in head.dated:
                    continue
                pairs = [(row, row.values.get(name), grid.own(row.number, other)) for row in self.found.rows if row.number > head.last]
                if not any(second is not None for *_, second in pairs):
                    continue
                differ = [row for row, first, second in pairs if text_of(first) != text_of(second)]
                for row in differ:
                    row.values[name] = None
                if differ:
                    cells = [grid.address(head.last, column) for column in (head.columns[name], other)]
                    veiled = [cell for cell, column in zip(cells, (head.columns[name], other), strict=True) if column in grid.hidden_columns]
                    hidden = f"（{'、'.join(veiled)}被隐藏）" if veiled else ""
                    self.issue("column-repeated", (head.last, other), column=INDICATORS.title(name), cells="、".join(cells), hidden=hidden)

    def _inside(self, at: tuple[int, int]) -> bool:
        return self.form.first <= at[0] <= self.form.last and self.form.left <= at[1] <= self.form.right

    def _column_title(self, at: tuple[int, int]) -> str:
        for head in (*self.form.heads, self.form.funds):
            if head is not None and head.last < at[0]:
                found = next((t for n, t in head.titles.items() if head.columns[n] == at[1]), "")
                if found:
                    return re.sub(r"\s+", "", found)
        return self.grid.address(*at)

    def _doubts(self) -> None:
        form, found, head = self.form, self.found, self.form.heads[0]
        rows = found.rows
        self._parts()
        named = any({"level1", "level2"} & head.columns.keys() for head in form.heads) or any(r.values.get("level1") for r in rows)
        if rows and not named:
            self.issue("form-levels-missing", self.head_at)
        for column, title in found.unnamed:
            numbers = sum(1 for at in found.unread if at[1] == column and isinstance(self.grid.cells.get(at), int | float))
            if numbers and ("weight" not in head.columns or "claimed_score" not in self.made.places[INDICATORS.name].cells):
                self.issue("form-column-unnamed", (head.last, column), title or None, n=numbers, title=title or "（空白）")
            elif title:
                texts = {at[0]: text_of(self.grid.cells.get(at)) for at in found.unread if at[1] == column}
                self.made.own_columns.setdefault(INDICATORS.name, {})[re.sub(r"\s+", "", title)] = texts
        if found.shared_scores:
            first = found.shared_scores[0]
            self.issue(
                "form-score-shared", first[:2], n=len(found.shared_scores), areas="、".join(self.grid.span(a) for a in found.shared_scores[:8])
            )
        self._points_in_values()
        self._unit_size()
        self._assumed()

    def _parts(self) -> None:
        """What of a form is not there at all, once each and not once a row."""
        form, head, rows = self.form, self.form.heads[0], self.found.rows
        at = (head.last, head.columns["level3"])
        lacking: list[tuple[str, tuple[int, int]]] = []
        if form.funds is None:
            lacking.append((FUNDS_PART, self.head_at))
        if rows and all(r.values.get("weight") is None for r in rows):
            lacking.append((POINTS_PART, (head.last, head.columns.get("weight", at[1]))))
        if not {"target", "adjusted_target"} & head.columns.keys():
            lacking.append((TARGET_PART, at))
        if "actual" not in head.columns:
            lacking.append((RATE_PART if "completion" in head.columns else ACTUAL_PART, at))
        if self.found.total is None and self.made.fields.get("claimed_total") is None:
            lacking.append((TOTAL_PART, (form.last, form.left)))
        for part, place in lacking:
            self.issue("form-part-missing", place, part=part, part_en=PARTS_EN[part])

    def _assumed(self) -> None:
        """What no label, title or line says: the year, and the unit where only an authority, a sheet or a file is named."""
        for name, value, where in self.facts.assumed:
            if name == "fiscal_year":
                self.issue("form-year-assumed", self.head_at, year=value, where=where, where_en=_SOURCES[where])
            elif name == "name" and where in _WEAK:
                self.issue("form-unit-assumed", self.facts.cells.get("name", self.head_at), value, name=value, where=where, where_en=_SOURCES[where])
            elif name == "project" and where in _SOURCES:
                at = self.facts.cells.get("project", self.head_at)
                self.issue("form-project-assumed", at, value, name=value, where=where, where_en=_SOURCES[where])
        if self.funds.initial_only and self.form.funds is not None:
            self.issue("form-initial-as-budget", (self.form.funds.last, self.form.funds.columns["initial"]))

    def _points_in_values(self) -> None:
        """Targets that add to the points of the form, and actuals to the same: points were typed into value columns."""
        pairs = [(r.values.get("adjusted_target") or r.values.get("target"), r.values.get("actual"), r.values.get("weight")) for r in self.found.rows]
        numbers = [(t, a, w) for t, a, w in pairs if bare(t) and bare(a)]
        if len(numbers) < 3 or len(numbers) < len(pairs):
            return
        targets, actuals = (round(sum(size_of(p[i]) for p in numbers), 6) for i in (0, 1))
        equal_weights = all(w is not None and size_of(t) == size_of(w) for t, _, w in numbers)
        within = all(0 <= size_of(a) <= size_of(t) for t, a, _ in numbers)
        if within and (equal_weights or (targets in (80, 90, 100) and all(w is None for *_, w in numbers)) or targets == actuals in (90, 100)):
            column = self.form.heads[0].columns.get("target", self.form.heads[0].columns["level3"])
            self.issue("form-points-in-values", (self.found.rows[0].number, column), sum=text_of(targets), actual=text_of(actuals))

    def _unit_size(self) -> None:
        """Amounts of 元 under 万元: another cell of the form says the same money in 万元, or the amount is beyond any such form."""
        total = self.funds.total
        if total is None or self.made.fields.get("money_unit", "万元") != "万元" or self.form.funds is None:
            return
        for name in ("full_year", "executed", "initial"):
            value = total.values.get(name)
            size = size_of(value)
            if not bare(value) or size < words.SMALLEST_IN_YUAN or name not in self.form.funds.columns:
                continue
            said = [
                float(m.replace(",", "")) for v in self.grid.cells.values() if isinstance(v, str) for m in re.findall(r"(\d[\d,]*(?:\.\d+)?)\s*万", v)
            ]
            if size >= words.BEYOND_IN_WAN or any(abs(s - size / 10000) <= max(0.01, size / 10000 * 0.01) for s in said):
                self.issue(
                    "form-unit-suspect",
                    (total.number, self.form.funds.columns[name]),
                    value,
                    amount=text_of(value),
                    wan=text_of(round(size / 10000, 6)),
                )
                return

    def _scheme(self) -> None:
        """The system of points a form follows, where it names none and it is not the default one: suggested, never chosen in silence."""
        if self.made.fields.get("scheme"):
            return
        blocks: dict[str, float] = {}
        for row in self.found.rows:
            name = re.sub(r"\(.*\)$", "", plain_level(plain(text_of(row.values.get("level1")))))
            if name and not (row is self.of_execution and is_execution(name)):
                blocks[name] = blocks.get(name, 0) + size_of(row.values.get("weight"))
        other = {name: points for name, points in blocks.items() if name not in LEVEL1_WORDS}
        execution = self.funds.total.values.get("weight") if self.funds.total else None
        shape = "、".join(f"{name}{text_of(round(points, 6)) if points else ''}" for name, points in blocks.items())
        if other:
            pack = next((pack for names, pack in words.SYSTEMS if names <= set(blocks)), "")
            self.made.lacks = shape
            self.issue("form-scheme-suggested", self.head_at, shape=shape, pack=pack or "没有对应的评分方案", pack_en=pack or "there is none")
        elif isinstance(execution, int | float) and float(execution) in words.EXECUTION_POINTS:
            pack = words.EXECUTION_POINTS[float(execution)]
            self.issue("form-scheme-suggested", self.head_at, shape=f"预算执行{text_of(execution)}、{shape}", pack=pack, pack_en=pack)
        elif "成本指标" in blocks:
            self.issue("form-scheme-suggested", self.head_at, shape=shape, pack=words.COST_PACK, pack_en=words.COST_PACK)


def _title(table: str, name: str) -> str:
    found = next((t for t in (UNIT, BUDGET, GOALS, INDICATORS, MANAGEMENT) if t.name == table), INDICATORS)
    return found.title(name) if name in found.by_name else name


def bare(value: object) -> bool:
    """A number without a unit."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return True
    return isinstance(value, str) and re.fullmatch(r"\d+(?:\.\d+)?", plain(value)) is not None
