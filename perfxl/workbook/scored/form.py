"""自评表: the official one-table form, ready to print, stamp and scan (the annex form of 财预〔2020〕10号)."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from perfxl.model.columns import BUDGET, FORM_SHEET, INDICATORS, OF_WHICH_KIND, TOTAL_KIND
from perfxl.rules.expression import C, Rounded, literal
from perfxl.rules.frames import DETAIL, INDICATOR
from perfxl.rules.results import Status
from perfxl.scoring.explain import UNKNOWN_BLOCK
from perfxl.workbook.scored import money
from perfxl.workbook.scored.case import evaluation_words, year_words
from perfxl.workbook.scored.page import height_of
from perfxl.workbook.scored.tables import footer

if TYPE_CHECKING:
    from perfxl.workbook.scored.case import Case, Row
    from perfxl.workbook.scored.money import Basis
    from perfxl.workbook.scored.page import Book, Page

WIDTHS = (6.5, 8.5, 20.0, 15.0, 15.0, 6.5, 7.5, 8.0, 9.0, 8.0)
LAST = len(WIDTHS) - 1
ONE_PAGE = 1100.0
"""Points of height that still print legibly on one A4 page, signatures included (scale about 0.7)."""


def _width(first: int, last: int) -> float:
    return sum(WIDTHS[first : last + 1])


def write_form(book: Book, case: Case, basis: Basis) -> None:
    """The sheet."""
    page = book.page(FORM_SHEET)
    page.widths(*WIDTHS)
    page.merged(1, 0, LAST, f"{evaluation_words(case)}绩效自评表", "title")
    page.height(1, 28)
    page.merged(2, 0, LAST, f"（{year_words(case)}年度）", "subtitle")
    line = _head(page, case, 3)
    line = _funds(page, case, line)
    line = _goals(page, case, line)
    header = line
    line = _indicators(page, case, line)
    line = _total(page, case, basis, line)
    _signatures(page, case, line)
    page.sheet.set_portrait()
    page.sheet.set_paper(9)
    page.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    page.sheet.center_horizontally()
    page.sheet.print_area(0, 0, line + 1, LAST)
    one_page = sum(page.heights.values()) <= ONE_PAGE
    page.sheet.fit_to_pages(1, 1 if one_page else 0)
    page.sheet.set_footer(footer(case))
    if not one_page:
        page.sheet.repeat_rows(header - 1)


def _head(page: Page, case: Case, line: int) -> int:
    unit = case.unit
    pairs = [("单位名称", unit["name"], "主管部门", unit["authority"]), ("预算单位编码", unit["code"], "所在地区", unit["region"])]
    if unit["evaluation"] == "项目" or unit["project"]:
        pairs.insert(0, ("项目名称", unit["project"], "项目编码", unit["project_code"]))
    for left, value, right, other in pairs:
        page.merged(line, 0, 1, left, "label_bold")
        page.merged(line, 2, 4, value, "typed_center")
        page.merged(line, 5, 6, right, "label_bold")
        page.merged(line, 7, LAST, other, "typed_center")
        page.height(line, height_of((str(value), _width(2, 4)), (str(other), _width(7, LAST)), least=19))
        line += 1
    return line


# 资金


def _funds(page: Page, case: Case, line: int) -> int:
    layout = case.layouts[BUDGET.name]
    rows = sorted(money.with_total(case), key=lambda row: row["line"] != TOTAL_KIND)
    unit = "元" if case.money_factor != 1 else "万元"
    reasons = _reasons(rows)
    page.merged(line, 0, 0, f"年度资金（{unit}）", "label_bold", rows=len(rows) + 1 + bool(reasons))
    titles = ((1, 2, "资金项目"), (3, 3, "年初预算数"), (4, 4, "全年预算数"), (5, 6, "全年执行数"), (7, 7, "分值"), (8, 8, "执行率"), (9, 9, "得分"))
    for first, last, title in titles:
        page.merged(line, first, last, title, "label_bold")
    page.height(line, 19)
    total = money.total_row(case)
    for row in rows:
        line += 1
        own = layout.rows[int(row["sheet_row"])]
        label = f"　其中：{row['item']}" if row["line"] == OF_WHICH_KIND else row["item"] or row["kind"]
        page.merged(line, 1, 2, label, "text")
        live = row is total and money.total_is_live(case)
        for (first, last), name in (((3, 3), "initial"), ((4, 4), "full_year"), ((5, 6), "executed")):
            _amount(page, case, row, name, (line, first, last), layout.far(name, own), live=live)
        if row is total:
            _execution(page, case, line, own)
        else:
            page.text(line, 7, "—", "center")
            rate = money.LINE_RATE.number(base=row["full_year"], executed=row["executed"])
            _linked(page, line, 8, layout.far("rate", own), rate, "rate")
            page.text(line, 9, "—", "center")
        page.height(line, height_of((label, _width(1, 2)), least=18))
    if reasons:
        line += 1
        page.merged(line, 1, 2, "偏差和调整的原因", "label")
        page.merged(line, 3, LAST, reasons, "typed_text")
        page.height(line, height_of((reasons, _width(3, LAST)), least=18))
    return line + 1


def _reasons(rows: list[Row]) -> str:
    """What the unit wrote about execution and adjustments, one line per fund."""
    said = ((row["item"] or row["kind"], "；".join(text for text in (row["reason"], row["adjust_reason"]) if text)) for row in rows)
    return "\n".join(f"{item}：{text}" for item, text in said if text)


def _amount(page: Page, case: Case, row: Row, name: str, at: tuple[int, int, int], cell: str, *, live: bool) -> None:
    """An amount as the sheet 预算执行 shows it: numbers as a reference, texts as texts."""
    line, first, last = at
    page.merged(line, first, last, "", "money")
    if live:
        value = case.execution[name]
        if not math.isnan(value):
            page.formula(line, first, cell, money.as_typed(case).number(amount=value), "money")
        return
    text = row[f"{name}_text"]
    if not text:
        return
    if math.isnan(row[name]) or case.is_text(BUDGET, name, row) or not text.replace(".", "").replace("-", "").isdigit():
        page.text(line, first, text, "typed_right")
    else:
        page.formula(line, first, cell, float(text), "money")


def _execution(page: Page, case: Case, line: int, own: int) -> None:
    layout = case.layouts[BUDGET.name]
    page.number(line, 7, case.execution["weight"], "weight")
    _linked(page, line, 8, layout.far("rate", own), case.execution["rate"], "rate")
    _linked(page, line, 9, layout.far("score", own), case.execution["score"], "points_bold")


def _linked(page: Page, line: int, column: int, cell: str, value: float, style: str) -> None:
    page.formula(line, column, cell, value, style)


# 年度总体目标


def _goals(page: Page, case: Case, line: int) -> int:
    rows = case.goals or [{"expected": "", "achieved": ""}]
    page.merged(line, 0, 0, "年度总体目标", "label_bold", rows=len(rows) + 1)
    page.merged(line, 1, 4, "预期目标", "label_bold")
    page.merged(line, 5, LAST, "实际完成情况", "label_bold")
    page.height(line, 19)
    for row in rows:
        line += 1
        expected, achieved = str(row["expected"]), str(row["achieved"])
        page.merged(line, 1, 4, expected, "text")
        page.merged(line, 5, LAST, achieved, "text")
        least = 40.0 if len(rows) == 1 else 18.0
        page.height(line, height_of((expected, _width(1, 4)), (achieved, _width(5, LAST)), least=least))
    return line + 1


# 绩效指标


def _indicators(page: Page, case: Case, line: int) -> int:
    titles = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分")
    for i, title in enumerate(titles):
        page.text(line, i, title, "label_bold")
    page.merged(line, 7, LAST, "偏差原因分析及改进措施", "label_bold")
    page.height(line, 30)
    rows = [row for row in case.indicators if row["role"] in (INDICATOR, DETAIL)]
    first = line + 1
    for row in rows:
        line += 1
        _indicator(page, case, row, line)
    for key, column in ((("block",), 0), (("block", "level2"), 1)):
        at = first
        for values, group in itertools.groupby(rows, key=lambda row: tuple(row[k] for k in key)):  # used at once
            count = len(list(group))
            page.merged(at, column, column, values[-1] or (UNKNOWN_BLOCK if column == 0 else ""), "label", rows=count)
            at += count
    return line + 1


def _indicator(page: Page, case: Case, row: Row, line: int) -> None:
    layout = case.layouts[INDICATORS.name]
    own = layout.rows[int(row["sheet_row"])]
    signed = row["operator"] in ("≥", "≤", ">", "<") and row["op"] == row["operator"] and row["target_text"][:1].isdigit()
    target = f"{row['operator']}{row['target_text']}" if signed else row["target_text"]
    page.text(line, 2, row["level3"], "typed_text")
    page.text(line, 3, target, "typed_center")
    page.text(line, 4, row["actual"] or row["tier"], "typed_center")
    if row["role"] == DETAIL:
        page.blank(line, 5, "weight")
        page.blank(line, 6, "points")
    else:
        if row["weight_text"]:
            page.formula(line, 5, layout.far("weight_read", own), row["weight"], "weight")
        else:
            page.blank(line, 5, "weight")
        if row["status"] == Status.NOT_APPLICABLE:
            page.text(line, 6, "不适用", "center")
        else:
            page.formula(line, 6, layout.far("score", own), row["score"], "points_bold")
    page.merged(line, 7, LAST, row["reason"], "typed_text")
    page.height(
        line,
        height_of(
            (row["level2"], WIDTHS[1]),
            (row["level3"], WIDTHS[2]),
            (target, WIDTHS[3]),
            (row["actual"], WIDTHS[4]),
            (row["reason"], _width(7, LAST)),
            least=18,
        ),
    )


def _total(page: Page, case: Case, basis: Basis, line: int) -> int:
    page.merged(line, 0, 4, "总分", "label_bold")
    weights = Rounded(C("weights") + C("execution"))
    value = weights.number(weights=case.totals["weights"], execution=case.execution["weight"])
    cells = {"weights": basis.far("weights"), "execution": basis.far("execution_weight")}
    page.formula(line, 5, weights.formula(cells), value, "weight_bold")
    page.formula(line, 6, basis.far("total"), case.totals["total"], "points_bold")
    words = f"　{case.summary.provisional}" if case.summary.provisional else ""
    page.merged(line, 7, LAST, "", "label_bold")
    page.formula(line, 7, f'"等级："&{basis.far("grade_words")}&{literal(words)}', f"等级：{case.summary.grade}{words}", "label_bold")
    page.height(line, 22)
    if case.totals["rescale"] != 1:
        line += 1
        page.merged(line, 0, LAST, f"注：不适用的指标不参评，总分=得分合计×折算系数{case.totals['rescale']:.6f}。", "note")
    return line + 1


def _signatures(page: Page, case: Case, line: int) -> None:
    unit = case.unit
    page.merged(line, 0, 2, f"填报人：{unit['filled_by']}", "plain")
    page.merged(line, 3, 4, f"财务负责人：{unit['finance_head']}", "plain")
    page.merged(line, 5, LAST, "单位负责人（签字）：", "plain")
    page.merged(line + 1, 0, 2, f"联系电话：{unit['phone']}", "plain")
    page.merged(line + 1, 3, 4, "单位（盖章）：", "plain")
    page.merged(line + 1, 5, LAST, f"填报日期：{unit['filled_on'] or '　　　年　　月　　日'}", "plain")
    for n in (line, line + 1):
        page.height(n, 26)
