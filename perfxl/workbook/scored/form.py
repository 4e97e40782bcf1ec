"""自评表: the official one-table form, ready to print, stamp and scan (the annex form of 财预〔2020〕10号)."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from perfxl.intake.forms.kinds import fund_kind, settle_kinds
from perfxl.intake.forms.marks import marked_kind, origin_mark
from perfxl.intake.submission import SheetRow
from perfxl.model import Kind
from perfxl.model.columns import BUDGET, EVALUATIONS, FORM_SHEET, INDICATORS, MANAGEMENT, OF_WHICH_KIND, STALE, TOTAL_KIND
from perfxl.model.levels import LEVEL1_WORDS
from perfxl.rules.expression import C, Rounded, literal
from perfxl.rules.frames import DETAIL, EXECUTION, INDICATOR
from perfxl.schemes import DEFAULT_SCHEME
from perfxl.workbook.scored import money
from perfxl.workbook.scored.case import evaluation_words, year_words
from perfxl.workbook.scored.changes import CHANGED, whole
from perfxl.workbook.scored.form_row import TWICE, Shown, open_words, texts_of
from perfxl.workbook.scored.page import height_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.workbook.scored.case import Case, Row
    from perfxl.workbook.scored.money import Basis
    from perfxl.workbook.scored.page import Book, Page

WIDTHS = (6.0, 7.5, 17.0, 13.5, 16.0, 6.0, 7.0, 7.0, 8.0, 6.0)
LAST = len(WIDTHS) - 1
_ORIGIN = LAST + 2
"""A hidden column beside what is printed, which says what the form was made from; it goes with the sheet wherever it is sent."""
ONE_PAGE = 1010.0
"""Points of height that still print legibly on one A4 page, signatures included: at a scale of 0.74 the letters have 7.4 points."""
SCALE = 75
"""Percent, where the form takes several pages: as wide as the page."""
PAGE = 960.0
"""Points of height that one page of those holds."""


AMOUNTS = ("initial", "full_year", "executed")
UNKNOWN_KIND = "资金类别未识别"
_MONEY = {1.0: "万元", 0.0001: "元", 0.1: "千元", 100.0: "百万元", 10000.0: "亿元"}


def _width(first: int, last: int) -> float:
    return sum(WIDTHS[first : last + 1])


def write_form(book: Book, case: Case, basis: Basis) -> None:
    """The sheet."""
    page = book.page(FORM_SHEET)
    page.protect()
    page.widths(*WIDTHS)
    page.merged(1, 0, LAST, f"{evaluation_words(case)}绩效自评表", "title")
    page.height(1, 28)
    page.merged(2, 0, LAST, f"（{year_words(case)}年度）", "subtitle")
    page.height(2, 18)
    line = _head(page, case, 3)
    line = _funds(page, case, basis, line)
    if case.management:
        line = _management(page, case, line)
    line = _goals(page, case, line)
    header = line
    total = _indicators(page, case, line)
    book.watch.block(page, 3, 0, total - 1, LAST)
    line = _total(page, case, basis, total)
    _signatures(page, case, line)
    page.sheet.print_area(0, 0, line + 1, LAST)
    page.text(1, _ORIGIN, origin_mark(case.source.sha256), "plain")
    page.hide_columns(_ORIGIN, _ORIGIN)
    breaks = _print(page, header, total)
    _levels(page, case, header + 1, breaks)


def _print(page: Page, header: int, total: int) -> list[int]:
    """The printing of the form: one page if that stays legible, else pages broken where the signatures have company."""
    sheet = page.sheet
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.set_start_page(1)
    heights = [page.heights[row] for row in range(1, max(page.heights) + 1)]
    breaks: list[int] = []
    if sum(heights) <= ONE_PAGE:
        sheet.fit_to_pages(1, 1)
    else:
        sheet.set_print_scale(SCALE)
        sheet.repeat_rows(header - 1)
        breaks = page_breaks(heights, header, total)
        sheet.set_h_pagebreaks(breaks)
    sheet.set_footer(f"&C&10第&P页 共{len(breaks) + 1}页")
    return breaks


def page_breaks(heights: Sequence[float], header: int, total: int) -> list[int]:
    """The rows after which a page ends; `heights` of the rows from 1, `header` is repeated on every later page.

    The header row keeps its first indicator, total and signatures keep the last two rows above them.
    """
    ends = [row for row in range(1, len(heights)) if row != header and row < total - 2]
    breaks, used, start = [], 0.0, 0
    for end in [*ends, len(heights)]:
        piece = sum(heights[start:end])
        if used and used + piece > PAGE:
            breaks.append(start)
            used = heights[header - 1] if start > header else 0.0
        used += piece
        start = end
    return breaks


def _head(page: Page, case: Case, line: int) -> int:
    unit = case.unit
    pairs = [("单位名称", unit["name"], "主管部门", unit["authority"]), ("预算单位编码", unit["code"], "所在地区", unit["region"])]
    if unit["evaluation"] == "项目" or unit["project"]:
        pairs.insert(0, ("项目名称", unit["project"], "项目编码", unit["project_code"]))
    pairs.extend(_further(case))
    for left, value, right, other in pairs:
        page.merged(line, 0, 1, left, "label_bold")
        page.merged(line, 2, 4 if right else LAST, value, "typed_center")
        if right:
            page.merged(line, 5, 6, right, "label_bold")
            page.merged(line, 7, LAST, other, "typed_center")
        page.height(line, height_of((str(value), _width(2, 4)), (str(other), _width(7, LAST)), least=19))
        line += 1
    return line


def _further(case: Case) -> list[tuple[str, str, str, str]]:
    """What decides how the form is read and stands in no title or head: the scheme, an unknown 自评类型 or 金额单位, 报送次数."""
    unit, scheme = case.unit, case.scheme
    named = unit["scheme"] or scheme.id != DEFAULT_SCHEME or any(row["block"] not in LEVEL1_WORDS for row in _form_rows(case))
    facts = (
        ("评分方案", scheme.title if named else ""),
        ("自评类型", unit["evaluation"] if unit["evaluation"] not in ("", *EVALUATIONS) else ""),
        ("金额单位", unit["money_unit"] if unit["amounts_unknown"] else ""),
        ("报送次数", unit["submission_count"]),
    )
    said = [fact for fact in facts if fact[1]]
    return [(*left, *right) for left, right in itertools.zip_longest(said[::2], said[1::2], fillvalue=("", ""))]


# 资金


def _funds(page: Page, case: Case, basis: Basis, line: int) -> int:
    layout = case.layouts[BUDGET.name]
    rows = sorted(money.with_total(case), key=lambda row: row["line"] != TOTAL_KIND)
    unit = _MONEY.get(case.money_factor, "万元")
    reasons = _reasons(rows)
    page.merged(line, 0, 0, f"年度资金（{unit}）", "label_bold", rows=len(rows) + 1 + bool(reasons))
    titles = ((1, 2, "资金项目"), (3, 3, "年初预算数"), (4, 4, "全年预算数"), (5, 6, "全年执行数"), (7, 7, "分值"), (8, 8, "执行率"), (9, 9, "得分"))
    for first, last, title in titles:
        page.merged(line, first, last, title, "label_bold")
    page.height(line, 19)
    total = money.total_row(case)
    for row, label in zip(rows, _labels(rows), strict=True):
        line += 1
        own = layout.rows[int(row["sheet_row"])]
        page.merged(line, 1, 2, label, "text")
        live = row is total and money.total_is_live(case)
        for (first, last), name in (((3, 3), "initial"), ((4, 4), "full_year"), ((5, 6), "executed")):
            _amount(page, case, row, name, (line, first, last), layout.far(name, own), live=live)
        if row is total:
            _execution(page, case, basis, line, own)
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


def _labels(rows: list[Row]) -> list[str]:
    """The names of the lines; all with their 资金类别 before them where the names alone would be read otherwise."""
    labels = [f"　其中：{row['item']}" if row["line"] == OF_WHICH_KIND else row["item"] or row["kind"] for row in rows]
    named = list(zip(rows, labels, strict=True))
    read = [SheetRow(n, {"kind": fund_kind(label), **{c: row[c] for c in ("item", *AMOUNTS)}}) for n, (row, label) in enumerate(named)]
    total = next((line for line in read if line.values["kind"] == TOTAL_KIND), None)
    settle_kinds(read, total)
    if [line.values["kind"] for line in read] == [row["line"] for row in rows]:
        return labels
    return [marked_kind(row["item"] or row["kind"], row["line"] or row["kind"] or UNKNOWN_KIND) for row in rows]


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


def _execution(page: Page, case: Case, basis: Basis, line: int, own: int) -> None:
    layout = case.layouts[BUDGET.name]
    page.formula(line, 7, basis.far("execution_weight"), case.execution["weight"], "weight")
    _linked(page, line, 8, layout.far("rate", own), case.execution["rate"], "rate")
    _linked(page, line, 9, layout.far("score", own), case.execution["score"], "points_bold")


def _linked(page: Page, line: int, column: int, cell: str, value: float, style: str) -> None:
    page.formula(line, column, cell, value, style)


# 管理指标数据

_DATA = (("item", 1, 2), ("last_year", 3, 3), ("budgeted", 4, 4), ("actual", 5, 6), ("note", 7, LAST))


def _management(page: Page, case: Case, line: int) -> int:
    """What management indicators are computed from, where a scheme scores them."""
    layout, rows = case.layouts[MANAGEMENT.name], case.management
    page.merged(line, 0, 0, MANAGEMENT.sheet, "label_bold", rows=len(rows) + 1)
    for name, first, last in _DATA:
        page.merged(line, first, last, MANAGEMENT.title(name), "label_bold")
    page.height(line, 19)
    for row in rows:
        line += 1
        own = layout.rows[int(row["sheet_row"])]
        for name, first, last in _DATA:
            number = MANAGEMENT.by_name[name].kind is Kind.NUMBER
            page.merged(line, first, last, "", "number" if number else "text")
            if row[f"{name}_text" if number else name]:
                value = row[f"{name}_text"] if number and (math.isnan(row[name]) or case.is_text(MANAGEMENT, name, row)) else row[name]
                page.formula(line, first, layout.far(name, own), value, "number" if number else "text")
        page.height(line, height_of((row["item"], _width(1, 2)), (row["note"], _width(7, LAST)), least=18))
    return line + 1


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
    first = line + 1
    for row in _form_rows(case):
        line += 1
        _indicator(page, case, row, line)
    _weights(page, case, first)
    return line + 1


def _form_rows(case: Case) -> list[Row]:
    return [row for row in case.indicators if row["role"] in (INDICATOR, DETAIL, EXECUTION)]


def _weights(page: Page, case: Case, first: int) -> None:
    """分值, over the details that share it; they name none of their own."""
    layout, rows = case.layouts[INDICATORS.name], _form_rows(case)
    at = 0
    while at < len(rows):
        row, line = rows[at], first + at
        details = 0 if row["role"] == DETAIL else sum(1 for _ in itertools.takewhile(lambda r: r["role"] == DETAIL, rows[at + 1 :]))
        page.merged(line, 5, 5, "", "weight", rows=details + 1)
        if row["role"] != DETAIL:
            page.formula(line, 5, layout.far("weight_read", layout.rows[int(row["sheet_row"])]), row["weight"], "weight")
        at += details + 1


def _levels(page: Page, case: Case, first: int, breaks: Sequence[int]) -> None:
    """一级指标 and 二级指标 over the rows they belong to, begun anew on every page."""
    rows = _form_rows(case)
    pages = [sum(end < first + i for end in breaks) for i in range(len(rows))]
    for column, keys in ((0, ("block",)), (1, ("block", "level2"))):
        at = first
        groups = itertools.groupby(range(len(rows)), key=lambda i: (pages[i], *(rows[i][k] for k in keys)))  # used at once
        for values, group in groups:
            count = len(list(group))
            page.merged(at, column, column, values[-1], "label", rows=count)
            at += count


def _indicator(page: Page, case: Case, row: Row, line: int) -> None:
    """One row, every text and every number by formula from the same row of 绩效指标."""
    layout = case.layouts[INDICATORS.name]
    own = layout.rows[int(row["sheet_row"])]
    target, actual = texts_of(case, row, layout, own)
    for column, shown, style in (
        (2, Shown.of(layout, own, "level3", row["level3"]), "typed_text"),
        (3, target, "typed_center"),
        (4, actual, "typed_center"),
        (7, Shown.of(layout, own, "reason", row["reason"]), "typed_text"),
    ):
        page.merged(line, column, LAST if column == 7 else column, "", style)
        page.formula(line, column, f'{shown.expression}&""', shown.value, style)
    if row["role"] == DETAIL:
        page.blank(line, 6, "points")
    else:
        _score(page, case, row, line, own)
    texts = ((row["level2"], 1), (row["level3"], 2), (target.value, 3), (actual.value, 4), (str(page.cells.get((line, 6), "")), 6))
    page.height(line, height_of(*((text, WIDTHS[i]) for text, i in texts), (row["reason"], _width(7, LAST)), least=18))


def _score(page: Page, case: Case, row: Row, line: int, own: int) -> None:
    """The points of a row; of an open one that it is open, unless 绩效指标 now says otherwise."""
    cell = case.layouts[INDICATORS.name].far("score", own)
    words = TWICE if row["role"] == EXECUTION else open_words(row)
    if not words:
        page.formula(line, 6, cell, row["score"], "points_bold")
    else:
        page.formula(line, 6, f'IF({cell}="",{literal(words)},{cell})', words, "center")


def _total(page: Page, case: Case, basis: Basis, line: int) -> int:
    page.merged(line, 0, 4, "总分", "label_bold")
    weights = Rounded(C("weights") + C("execution"))
    value = weights.number(weights=case.totals["weights"], execution=case.execution["weight"])
    cells = {"weights": basis.far("weights"), "execution": basis.far("execution_weight")}
    page.formula(line, 5, whole(weights.formula(cells)), value, "weight_bold")
    page.formula(line, 6, whole(basis.far("total")), case.totals["total"], "points_bold")
    words = f"　{case.summary.provisional}" if case.summary.provisional else ""
    page.merged(line, 7, LAST, "", "label_bold")
    grade = f'"等级："&{basis.far("grade_words")}'
    shown = f"IF({CHANGED},{grade},{grade}&{literal(words)})" if words else grade
    page.formula(line, 7, whole(shown), f"等级：{case.summary.grade}{words}", "label_bold")
    page.height(line, height_of((f"等级：{case.summary.grade}{words}", _width(7, LAST) - 3), least=22))
    if case.totals["rescale"] != 1:
        line += 1
        page.sentence(line, 0, LAST, f"注：不适用的指标不参评，总分=得分合计×折算系数{case.totals['rescale']:.6f}。", "plain")
        page.height(line, 18)
    line += 1
    page.merged(line, 0, LAST, "", "plain")
    page.formula(line, 0, f"IF({CHANGED},{literal(STALE)},{literal('')})", "", "plain")
    page.height(line, 16)
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
