"""The intake workbook, generated from `perfxl.model.columns` and a scheme.

What a column *is* (text, money, locked or not) stands in column formats and what an input *looks like* (box, yellow) in
conditional formats, so a blank cell is not in the file at all: a third less to store and half the time to read.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from perfxl.intake.submission import text_of
from perfxl.model import Column, Kind, columns
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT
from perfxl.model.digits import plain
from perfxl.rules.budget import base_of
from perfxl.rules.expression import literal
from perfxl.schemes import Scheme, data_items
from perfxl.workbook import guide, live, sums
from perfxl.workbook.prefill import Prefill, prefill_from
from perfxl.workbook.style import TEXT_FORMAT
from perfxl.workbook.template_pages import (
    FIRST_ROW,
    HEADER_ROW,
    HINT_ROW,
    REPORT_HEIGHT,
    ROW_HEIGHT,
    SHORTEST_PRINT,
    TITLE_ROW,
    TemplatePages,
    custom,
    decimal,
)
from perfxl.workbook.writing import SheetWriter, new_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.workbook import Workbook

    from perfxl.workbook.prefill import Line
    from perfxl.workbook.style import Style

__all__ = ["Prefill", "prefill_from", "template_bytes"]

PROTECTION = {
    "insert_rows": True,
    "insert_columns": True,
    "format_rows": True,
    "format_columns": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}
SPARE_BUDGET_LINES = 5
SPARE_REPORT_LINES = 4
UNIT_WIDTHS = (20, 46, 66)
NARROW = 8
"""A text column for a few characters, such as 序号, is centred."""


def template_bytes(scheme: Scheme, prefill: Prefill | None = None) -> bytes:
    """The intake workbook of a scheme, blank or with `prefill` in its cells. Equal arguments give equal bytes."""
    target = BytesIO()
    workbook, style = new_workbook(
        target, properties={"perfxl-template": f"{columns.TEMPLATE_ID} {columns.TEMPLATE_VERSION}", "perfxl-scheme": scheme.id}
    )
    if theme := getattr(workbook, "theme_xml", ""):  # an older xlsxwriter shows none; the template is a kilobyte larger then
        workbook.theme_xml = re.sub("<a:font script[^>]*/>", "", theme)  # fonts of languages that no cell takes: half a theme
    _Template(workbook, style, scheme, prefill or Prefill()).write()
    workbook.close()
    return target.getvalue()


class _Template(TemplatePages):
    """One template being written, sheet by sheet."""

    def __init__(self, workbook: Workbook, style: Style, scheme: Scheme, prefill: Prefill) -> None:
        super().__init__(workbook, style, scheme, prefill)
        self.indicators = [*management_rows(scheme, prefill.indicators), *prefill.indicators]

    def write(self) -> None:
        titles = [columns.GUIDE_SHEET, UNIT.sheet, BUDGET.sheet, GOALS.sheet, INDICATORS.sheet]
        titles += [MANAGEMENT.sheet] if self.scheme.management else []
        titles += [REPORT.sheet, columns.OPTIONS_SHEET]
        self.pages = {title: SheetWriter(self.workbook, title, self.style) for title in titles}
        guide.write_guide(self.pages[columns.GUIDE_SHEET], self.scheme, self.prefill.notes)
        self._write_unit()
        self._write_budget()
        self._write_goals()
        self._write_indicators()
        if self.scheme.management:
            self._write_management()
        self._write_report()
        self._write_options()
        for page in self.pages.values():
            page.worksheet.protect("", PROTECTION)

    def _write_unit(self) -> None:
        """基本信息: one labelled row per field; its help stands beside it, so only rules bring an input message.

        The whole column is text, so codes keep their zeros and dates their words; counts are validated as the numbers
        their text spells.
        """
        page, style = self.pages[UNIT.sheet], self.style
        sheet, last = page.worksheet, FIRST_ROW + len(UNIT.columns) - 1
        for index, cell_format in enumerate((None, style.input_text, None)):
            sheet.set_column(index, index, UNIT_WIDTHS[index], cell_format)
        self.write_title(page, UNIT.sheet)
        page.text(HINT_ROW, 0, "带 * 的必须填写；黄色格子由单位填写。", style.subtitle)
        for index, title in enumerate(columns.FIELD_TITLES):
            page.text(HEADER_ROW, index, title, style.header)
        for row, column in enumerate(UNIT.columns, FIRST_ROW):
            page.text(row, 0, column.title + ("*" if column.required else ""), style.label)
            page.text(row, 2, column.help, style.boxed_note)
            filled = self.unit.get(column.name)
            if filled is not None:
                page.text(row, 1, text_of(filled), style.input_text)
            page.fit(row, [(column.help, UNIT_WIDTHS[2]), (text_of(filled or ""), UNIT_WIDTHS[1])], at_least=ROW_HEIGHT)
            rule = self._field_rule(column, xl_rowcol_to_cell(row, 1))
            if rule:
                self.validate(page, (row, 1, row, 1), column, **rule)
        self.when(page, (FIRST_ROW, 1, last, 1), "=TRUE", style.when_input)
        sheet.ignore_errors({"number_stored_as_text": f"B1:B{last + 1}", "two_digit_text_year": f"B1:B{last + 1}"})
        self.print_setup(page, UNIT_WIDTHS)
        sheet.print_area(TITLE_ROW, 0, last, 2)
        sheet.freeze_panes(FIRST_ROW, 0)

    def _field_rule(self, column: Column, cell: str) -> dict[str, Any]:
        if column.kind is Kind.CHOICE:
            return self.choice(column)
        if column.name == "fiscal_year":
            return custom(f"=AND(LEN({cell})=4,ISNUMBER({cell}*1))", column, "请填写四位数字的年度，例如：2020。")
        if column.kind is Kind.NUMBER:
            return custom(f"=AND(ISNUMBER({cell}*1),IFERROR({cell}*1,-1)>=0)", column, "请填写数字，不写单位。")
        if column.kind is Kind.POINTS:
            full = plain(self.scheme.full)
            return custom(f"=AND(IFERROR({cell}*1,-1)>=0,IFERROR({cell}*1,-1)<={full})", column, f"请填写0到{full}之间的分数。")
        return {}

    def _write_budget(self) -> None:
        style = self.style
        formats = [self.column_format(column) for column in BUDGET.columns]
        page = self.open_page(BUDGET, formats)
        at = {column.name: index for index, column in enumerate(BUDGET.columns)}
        lines = self._budget_lines()
        first, last = FIRST_ROW + 1, FIRST_ROW + len(lines) - 1
        reach = FIRST_ROW + BUDGET.max_rows - 1
        self._write_budget_total(page, at, lines)
        for row, line in enumerate(lines[1:], first):
            for name in ("kind", "item"):
                if name in line:
                    indent = 2 if line.get("kind") == columns.OF_WHICH_KIND and name == "item" else 0
                    printed = style.on(style.text, locked=False, num_format=TEXT_FORMAT, indent=indent)
                    page.text(row, at[name], str(line[name]), printed)
            self.write_values(page, row, BUDGET, line, skip=("kind", "item", "rate"))
            page.fit(row, [(str(value), BUDGET.by_name[name].width) for name, value in line.items()], at_least=ROW_HEIGHT)
            self._write_rate(page, row, at, line)
        page.fit(FIRST_ROW, [(str(lines[0].get("reason", "")), BUDGET.by_name["reason"].width)], at_least=ROW_HEIGHT)
        self._validate_budget(page, at, reach)
        kinds, rightmost = (at["initial"], at["executed"]), len(BUDGET.columns) - 1
        self.yellow(page, first, kinds[0], reach, kinds[1], ready=len(lines), across=at["item"])
        self.yellow(page, first, at["reason"], reach, rightmost, ready=len(lines), across=at["item"])
        self.yellow(page, first + len(BUDGET.rows) - 1, at["kind"], reach, at["item"], ready=len(lines), across=at["item"])
        boxed = f"=OR(ROW()<=ROW($A${HEADER_ROW + 1})+{len(lines)},COUNTA(INDEX($A:$B,ROW(),0))>0)"
        self.when(page, (first, at["rate"], reach, at["claimed_score"]), boxed, style.when_auto)
        self.when(page, (FIRST_ROW, at["weight"], FIRST_ROW, rightmost), "=TRUE", style.when_input)
        self.when(page, (FIRST_ROW, at["initial"], FIRST_ROW, at["rate"]), "=TRUE", style.when_auto)
        area = f"A1:{xl_col_to_name(rightmost)}{reach + 1}"
        page.worksheet.ignore_errors(
            {
                "number_stored_as_text": area,
                "formula_unlocked": area,
                "formula_differs": f"C1:F{reach + 1}",
                "empty_cell_reference": f"C1:F{reach + 1}",
            }
        )
        page.worksheet.print_area(TITLE_ROW, 0, last, rightmost)

    def _budget_lines(self) -> list[Line]:
        """The total, the printed lines and the prefill's own, then spare ones."""
        printed: list[dict[str, Any]] = [{"kind": kind, "item": item} for kind, item in BUDGET.rows]
        own: list[Line] = []
        for line in self.prefill.budget:
            same = next((p for p in printed if (p["kind"], p["item"]) == (line.get("kind"), line.get("item"))), None)
            if same is None:
                own.append(line)
            else:
                same.update(line)
        return [*printed, *own, *({} for _ in range(SPARE_BUDGET_LINES))]

    def _write_budget_total(self, page: SheetWriter, at: dict[str, int], lines: Sequence[Line]) -> None:
        """年度资金总额: Σ 按来源 if any source has both numbers, else Σ 按支出类型, else what somebody types over it."""
        style, total = self.style, lines[0]
        for name, formula in sums.budget_names(self.scheme).items():
            self.workbook.define_name(name, f"={formula}")
        found = sums.amounts(lines[1:])
        page.formula(HINT_ROW, 0, sums.hint(self.unit_cell("money_unit")), style.subtitle, value=found.told(str(self.unit["money_unit"])))
        told = f"$A${HINT_ROW + 1}"
        self.when(page, (HINT_ROW, 0, HINT_ROW, 0), f"=ISNUMBER(FIND({literal(sums.PENDING)},{told}))", style.when_wrong)
        for name in ("kind", "item"):
            page.text(FIRST_ROW, at[name], str(total[name]), style.total_text)
        unlocked = style.on(style.total_money, locked=False)
        for name, summed in sums.AMOUNTS.items():
            if name in total:
                page.number(FIRST_ROW, at[name], float(total[name]), unlocked)
            else:
                page.formula(FIRST_ROW, at[name], f"={summed}", unlocked, value=found.sums.get(name, ""))
        cells = {name: xl_rowcol_to_cell(FIRST_ROW, at[name]) for name in sums.AMOUNTS}
        shown = sums.PENDING if found.pending else self._rate({**found.sums, **total})
        page.formula(FIRST_ROW, at["rate"], sums.total_rate(self.scheme, cells), style.computed_rate, value=shown)
        weight = float(total.get("weight", self.scheme.budget.weight))
        page.number(FIRST_ROW, at["weight"], weight, style.input_points)
        self.write_values(page, FIRST_ROW, BUDGET, total, skip=("kind", "item", "initial", "full_year", "executed", "rate", "weight"))

    def _write_rate(self, page: SheetWriter, row: int, at: dict[str, int], line: Line) -> None:
        page.formula(row, at["rate"], f"={sums.ROW_RATE}", self.style.computed_rate, value=self._rate(line))

    def _rate(self, line: Line) -> float | str:
        base, executed = line.get(base_of(self.scheme)), line.get("executed")
        return executed / base if isinstance(base, int | float) and isinstance(executed, int | float) and base > 0 else ""

    def _validate_budget(self, page: SheetWriter, at: dict[str, int], reach: int) -> None:
        first, by = FIRST_ROW + 1, BUDGET.by_name
        self.validate(page, (first, at["kind"], reach, at["kind"]), by["kind"], **self.choice(by["kind"]))
        money = [column.name for column in BUDGET.columns if column.kind is Kind.MONEY]
        scores = [column.name for column in BUDGET.columns if column.kind is Kind.POINTS]
        for name in [name for name in at if name not in ("kind", *money, *scores)]:
            rule = self.choice(by[name]) if by[name].kind is Kind.CHOICE else {}
            self.validate(page, (first, at[name], reach, at[name]), by[name], **rule)
        for name in money:
            rule = decimal(by[name], minimum=0, message="请填写数字，不写单位；金额单位在“基本信息”里选择。")
            self.validate(page, (first, at[name], reach, at[name]), by[name], **rule)
            told = "自动合计，不用填。只有总数、没有分来源数的，可以直接在这里填写总数。"
            self.validate(page, (FIRST_ROW, at[name]) * 2, by[name], **{**rule, "input_message": told})
        full = plain(self.scheme.full)
        for name in scores:
            only_total = custom("=FALSE", by[name], "分值和自评得分只填在合计行。")
            self.validate(page, (first, at[name], reach, at[name]), by[name], **only_total, ignore_blank=False)
            rule = decimal(by[name], minimum=0, maximum=self.scheme.full, message=f"请填写0到{full}之间的分数。")
            self.validate(page, (FIRST_ROW, at[name]) * 2, by[name], **rule)

    def _write_goals(self) -> None:
        formats = [self.style.input_centered if column.width < NARROW else self.column_format(column) for column in GOALS.columns]
        page = self.open_page(GOALS, formats)
        page.text(HINT_ROW, 0, "一行一条；右边逐条对应写完成情况，目标里有数量的写出实际数量。", self.style.subtitle)
        self.write_rows(page, GOALS, self.prefill.goals)
        reach = FIRST_ROW + GOALS.max_rows - 1
        last = len(GOALS.columns) - 1
        for index, column in enumerate(GOALS.columns):
            self.validate(page, (FIRST_ROW, index, reach, index), column, **self._rule(column))
        self.yellow(page, FIRST_ROW, 0, reach, last, ready=GOALS.blank_rows, across=last)
        page.worksheet.ignore_errors({"number_stored_as_text": f"A1:{xl_col_to_name(last)}{reach + 1}"})
        self.print_ready(page, max(2 * SHORTEST_PRINT, len(self.prefill.goals)), last)

    def _write_indicators(self) -> None:
        page = self.open_page(INDICATORS, [self.column_format(column) for column in INDICATORS.columns], frozen_columns=3)
        at = {column.name: index for index, column in enumerate(INDICATORS.columns)}
        last, reach = len(INDICATORS.columns) - 1, FIRST_ROW + INDICATORS.max_rows - 1
        full = self._write_running_total(page)
        self.write_rows(page, INDICATORS, self.indicators)
        self._write_live(page, last + 1, reach, full=full)
        for name, index in at.items():
            column = INDICATORS.by_name[name]
            self.validate(page, (HEADER_ROW, index, reach, index), column, **self._rule(column))
        self.yellow(page, FIRST_ROW, 0, reach, last, ready=INDICATORS.blank_rows, across=last)
        area = f"A1:{xl_col_to_name(last)}{reach + 1}"
        page.worksheet.ignore_errors({"number_stored_as_text": area, "two_digit_text_year": area, "list_data_validation": area})
        page.worksheet.autofilter(HEADER_ROW, 0, reach, last)
        optional = next(index for index, column in enumerate(INDICATORS.columns) if column.optional)
        self.print_ready(page, self._ready_indicators, optional - 1)

    @property
    def _ready_indicators(self) -> int:
        return max(INDICATORS.blank_rows, len(self.indicators))

    def _write_live(self, page: SheetWriter, first: int, reach: int, *, full: bool) -> None:
        """还缺 and 参考得分 in every row that is read, grey; unlocked, because Excel sorts and deletes no row with a locked cell."""
        for name, formula in live.needed_names(self.scheme).items():
            self.workbook.define_name(name, f"={formula}")
        style = self.style
        looks = (style.live_text, style.live_points)
        values = live.shown(self.indicators, self.scheme, full=full)
        for index, column in enumerate(columns.LIVE_COLUMNS, first):
            page.worksheet.set_column(index, index, column.width, style.input_text)
            page.text(HEADER_ROW, index, column.title, style.header)
            told = {"input_message": column.help, **custom("=FALSE", column, column.help), "ignore_blank": False}
            self.validate(page, (FIRST_ROW, index, reach, index), column, **told)
        page.worksheet.set_rest(first + len(columns.LIVE_COLUMNS), style.input_text)
        for row in range(FIRST_ROW, reach + 1):
            shown = values[row - FIRST_ROW] if row - FIRST_ROW < len(values) else ("", "")
            for offset, name in enumerate((live.MISSING_NAME, live.REFERENCE_NAME)):
                page.formula(row, first + offset, f"={name}", looks[offset], value=shown[offset])
        claimed = list(INDICATORS.by_name).index("claimed_score")
        self.when(page, (HEADER_ROW, claimed, reach, claimed), live.claim_is_wrong(self.scheme, HEADER_ROW + 1), style.when_wrong_input)

    def _rule(self, column: Column) -> dict[str, Any]:
        """What may be typed into a column of 年度目标 or 绩效指标."""
        if column.kind is Kind.CHOICE:
            return self.choice(column, error_type="warning" if column.name == "level2" else "stop")
        if column.kind is Kind.POINTS:
            return decimal(column, minimum=0, maximum=self.scheme.full, message=f"请填写0到{plain(self.scheme.full)}之间的分数。")
        return {}

    def _write_running_total(self, page: SheetWriter) -> bool:
        """分值合计 above the header: `指标90+执行10=100`, red unless it adds up to the scheme's full total, which is returned."""
        bottom = FIRST_ROW + self._ready_indicators
        for name, formula in sums.points_names(self.scheme, self.unit_cell("scheme"), bottom).items():
            self.workbook.define_name(name, f"={formula}")
        total_line = next((line for line in self.prefill.budget if line.get("kind") == columns.TOTAL_KIND), {})
        shown, remarks = sums.points(self.indicators, float(total_line.get("weight", self.scheme.budget.weight)), self.scheme)
        page.formula(HINT_ROW, 0, sums.running(), self.style.strong, value=shown)
        cell = f"$A${HINT_ROW + 1}"
        self.when(page, (HINT_ROW, 0, HINT_ROW, 0), sums.running_is_wrong(self.scheme, cell), self.style.when_wrong)
        shares = [f"{level.name}{plain(level.weight)}" for level in self.scheme.levels]
        told = f"应为{plain(self.scheme.full)}：预算执行{plain(self.scheme.budget.weight)}、{'、'.join(shares)}"
        page.formula(HINT_ROW, 3, f'=IF({sums.REMARKS}="",{literal(told)},{sums.REMARKS})', self.style.subtitle, value=remarks or told)
        return shown.endswith(f"={plain(self.scheme.full)}")

    def _write_management(self) -> None:
        page = self.open_page(MANAGEMENT, [self.column_format(column) for column in MANAGEMENT.columns])
        page.text(HINT_ROW, 0, "没有发生的填0，不知道的留空；金额单位同“基本信息”。", self.style.subtitle)
        rows: dict[str, dict[str, Any]] = {item: {"item": item, "note": note} for item, note in management_items(self.scheme).items()}
        for line in self.prefill.management:
            rows.setdefault(str(line.get("item", "")), {}).update(line)
        for row, line in enumerate(rows.values(), FIRST_ROW):
            page.text(row, 0, str(line["item"]), self.style.label)
            self.write_values(page, row, MANAGEMENT, line, skip=("item",))
            page.fit(row, [(str(value), MANAGEMENT.by_name[name].width) for name, value in line.items()], at_least=ROW_HEIGHT)
        reach = FIRST_ROW + MANAGEMENT.max_rows - 1
        for index, column in enumerate(MANAGEMENT.columns):
            numeric = column.kind is Kind.NUMBER
            rule = decimal(column, minimum=None, message="请填写数字，不写单位。") if numeric else {}
            self.validate(page, (FIRST_ROW, index, reach, index), column, **rule)
        self.yellow(page, FIRST_ROW, 1, reach, len(MANAGEMENT.columns) - 1, ready=len(rows), across=len(MANAGEMENT.columns) - 1)
        self.print_ready(page, len(rows), len(MANAGEMENT.columns) - 1)

    def _write_report(self) -> None:
        page = self.open_page(REPORT, [self.column_format(column) for column in REPORT.columns])
        page.text(HINT_ROW, 0, "可以不填：留空的章节由表内数据生成。在单元格内换行按 Alt+Enter。", self.style.subtitle)
        rows: dict[str, dict[str, Any]] = {section: {"section": section} for (section,) in REPORT.rows}
        for line in self.prefill.report:
            rows.setdefault(str(line.get("section", "")), {}).update(line)
        for row, line in enumerate(rows.values(), FIRST_ROW):
            page.text(row, 0, str(line["section"]), self.style.label)
            self.write_values(page, row, REPORT, line, skip=("section",))
            page.fit(row, [(str(value), REPORT.by_name[name].width) for name, value in line.items()], at_least=REPORT_HEIGHT)
        ready, reach = len(rows) + SPARE_REPORT_LINES, FIRST_ROW + REPORT.max_rows - 1
        for index, column in enumerate(REPORT.columns):
            self.validate(page, (FIRST_ROW, index, reach, index), column)
        last = len(REPORT.columns) - 1
        self.yellow(page, FIRST_ROW, 1, reach, last, ready=ready, across=last)
        self.yellow(page, FIRST_ROW + len(rows), 0, reach, 0, ready=ready, across=last)
        self.print_ready(page, ready, last)

    def _write_options(self) -> None:
        page = self.pages[columns.OPTIONS_SHEET]
        for index, (title, choices) in enumerate(self.options):
            page.worksheet.set_column(index, index, 24)
            for row, shown in enumerate((title, *choices)):
                page.text(row, index, shown)
        page.worksheet.hide()


def management_items(scheme: Scheme) -> dict[str, str]:
    """The rows of 管理指标数据 a scheme needs, in the order its indicators name them: which columns to fill and for what."""
    columns: dict[str, set[str]] = {}
    indicators: dict[str, list[str]] = {}
    for indicator in scheme.management:
        if indicator.mode == "checklist":
            continue
        for item, column in data_items(indicator.value):
            columns.setdefault(item, set()).add(column)
            indicators.setdefault(item, []).append(indicator.name)
    wanted = {item: "、".join(c.title for c in MANAGEMENT.columns if c.name in names) for item, names in columns.items()}
    return {item: f"填{titles}；用于{'、'.join(dict.fromkeys(indicators[item]))}。" for item, titles in wanted.items()}


def management_rows(scheme: Scheme, given: Sequence[Line]) -> list[Line]:
    """The rows of 绩效指标 for the scheme's management indicators that are not already `given`.

    A computed one needs no value; a checklist shows what is looked at and is scored by its 完成等级.
    """
    there = {(str(line.get("level2", "")), str(line.get("level3", ""))) for line in given}
    rows: list[Line] = []
    for indicator in scheme.management:
        if (indicator.level2, indicator.name) in there:
            continue
        row: dict[str, str | float] = {"level1": indicator.level1, "level2": indicator.level2, "level3": indicator.name, "weight": indicator.weight}
        if indicator.mode == "checklist":
            rows.append({**row, "operator": "定性", "target": indicator.asks, "remark": "按完成等级评分"})
        else:
            rows.append({**row, "remark": f"由“{MANAGEMENT.sheet}”计算，完成值不用填"})
    return rows
