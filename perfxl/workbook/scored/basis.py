"""评分依据: the live steps from lines and rows to the total, every value of the scheme with its source, and provenance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from perfxl.columns import BUDGET, INDICATORS
from perfxl.explain import NO_GRADE
from perfxl.rounding import rounded_formula
from perfxl.rules.wording import number
from perfxl.scheme_text import MARKS, basis_rows
from perfxl.workbook.scored import money
from perfxl.workbook.scored.page import height_of, literal
from perfxl.workbook.scored.tables import footer

if TYPE_CHECKING:
    from perfxl.scheme import Scheme
    from perfxl.workbook.scored.case import Case
    from perfxl.workbook.scored.money import Basis
    from perfxl.workbook.scored.page import Book, Page

WIDTHS = (24.0, 22.0, 34.0, 40.0, 14.0, 14.0)
AMOUNTS_AT, STEPS_AT, TOTALS_AT = 5, 10, 17
TOTAL_COLUMNS = (("total", 1), ("low", 2), ("high", 3))
_AMOUNT_TITLES = {"initial": "年初预算数", "full_year": "全年预算数", "executed": "全年执行数"}


def lay_out_basis(case: Case, basis: Basis) -> None:
    """Name every cell of the calculation before anything is written."""
    shown = money.AMOUNTS
    for i, (key, _) in enumerate(money.AMOUNT_ROWS):
        for j, name in enumerate((*shown, "both", "half")):
            basis.put(f"{key}_{name}", AMOUNTS_AT + i, 1 + j)
    for i, name in enumerate(("execution_weight", "rate", "execution_score", "other_score", "execution_low", "execution_high")):
        basis.put(name, STEPS_AT + i, 1)
    for i, name in enumerate(("weights", "dropped", "applicable", "rescale", "cap")):
        basis.put(name, TOTALS_AT + i, 1)
    for name, column in TOTAL_COLUMNS:
        basis.put(f"{name}_items", TOTALS_AT + 6, column)
        basis.put(name, TOTALS_AT + 7, column)
        basis.put(f"{name}_grade", TOTALS_AT + 8, column)
    basis.put("grade", TOTALS_AT + 9, 1)


def write_basis(book: Book, case: Case, basis: Basis) -> None:
    """The sheet."""
    page = book.page(basis.sheet)
    page.widths(*WIDTHS)
    page.text(1, 0, f"{case.unit['name']} {basis.sheet}", "sheet_title")
    page.text(2, 0, "一、得分的计算（均为公式，随“预算执行”“绩效指标”变化）", "section")
    _amounts(page, case, basis)
    _steps(page, case, basis)
    _totals(page, case, basis)
    line = _scheme(page, case.scheme, TOTALS_AT + 11)
    line = _provenance(page, case, line + 1)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.sheet.print_area(0, 0, line - 1, len(WIDTHS) - 1)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))


def _amounts(page: Page, case: Case, basis: Basis) -> None:
    shown = money.AMOUNTS
    for j, title in enumerate(("金额（万元）", *(_AMOUNT_TITLES[n] for n in shown), "两项齐全的行数", "只填一项的行数")):
        page.text(AMOUNTS_AT - 1, j, title, "head")
    layout = case.layouts[BUDGET.name]
    values = {key: money.kind_values(case, kind) for key, kind in money.AMOUNT_ROWS[:3]}
    chosen = "source" if values["source"]["both"] else "type" if values["type"]["both"] else "typed"
    for i, (key, kind) in enumerate(money.AMOUNT_ROWS):
        line = AMOUNTS_AT + i
        page.text(line, 0, f"{kind}各行合计" if i < 2 else "合计行所填" if i == 2 else "采用", "label")
        for j, name in enumerate((*shown, "both", "half")):
            style = "money" if name in shown else "number"
            if key == "adopted":
                if name == "both":
                    page.blank(line, 1 + j, "number")
                else:
                    page.formula(line, 1 + j, money.adopted_formula(basis, name), values[chosen][name], style)
            elif name in shown:
                page.formula(line, 1 + j, money.sum_formula(layout, kind, name), values[key][name], style)
            else:
                page.formula(line, 1 + j, money.count_formula(layout, kind, name), values[key][name], style)


def _steps(page: Page, case: Case, basis: Basis) -> None:
    own, layout = case.execution, case.layouts[BUDGET.name]
    score, other, weight = (basis.near(n) for n in ("execution_score", "other_score", "execution_weight"))
    which = money.other_total(case)
    other_points = _other_points(case)
    lines = (
        ("预算执行分值", money.weight_formula(case, layout), own["weight"], "points"),
        ("执行率", money.rate_formula(case, basis), own["rate"], "rate"),
        ("预算执行得分", money.score_formula(case, basis, "adopted"), own["score"], "points_bold"),
        ("按不一致的另一口径的得分", money.score_formula(case, basis, which) if which else '""', other_points, "points"),
        ("最低可得分", f'IF(ISNUMBER({score}),IF(ISNUMBER({other}),MIN({score},{other}),{score}),0)', own["low"], "points"),
        ("最高可得分", f'IF(ISNUMBER({score}),IF(ISNUMBER({other}),MAX({score},{other}),{score}),{weight})', own["high"], "points"),
    )
    for i, (title, expression, value, style) in enumerate(lines):
        page.text(STEPS_AT + i, 0, title, "label")
        page.formula(STEPS_AT + i, 1, expression, value, style)


def _other_points(case: Case) -> float:
    from perfxl.rounding import round_one

    points = case.execution["other_points"]
    return math.nan if math.isnan(points) else round_one(points)


def _totals(page: Page, case: Case, basis: Basis) -> None:
    totals, scheme, layout = case.totals, case.scheme, case.layouts[INDICATORS.name]
    near = basis.near
    weights, status = layout.far_span("weight_read"), layout.far_span("status")
    rescales = scheme.not_applicable.policy == "rescale"
    applicable = rounded_formula(f"{near('weights')}-{near('dropped')}+{near('execution_weight')}", 4)
    factor = f"IF(AND({near('dropped')}>0,{near('applicable')}>0),{number(scheme.full)}/{near('applicable')},1)" if rescales else "1"
    cap_value = _cap_value(case)
    lines = (
        ("指标分值合计", f'SUMIF({weights},">0")', totals["weights"], "points"),
        ("不适用的分值", f'SUMIFS({weights},{status},"不适用",{weights},">0")', totals["dropped"], "points"),
        ("参评分值（含预算执行）", applicable, totals["applicable"], "points"),
        ("折算系数", factor, totals["rescale"], "factor"),
        ("总分上限", _cap_formula(scheme, near("rate")), cap_value, "points"),
    )
    for i, (title, expression, value, style) in enumerate(lines):
        page.text(TOTALS_AT + i, 0, title, "label")
        page.formula(TOTALS_AT + i, 1, expression, value, style)
    for j, title in enumerate(("总分", "已得", "最低", "最高")):
        page.text(TOTALS_AT + 5, j, title, "head")
    rows = (("得分合计", "items"), ("总分（折算、封顶后）", ""), ("等级", "grade"))
    for i, (title, _) in enumerate(rows):
        page.text(TOTALS_AT + 6 + i, 0, title, "label")
    for name, column in TOTAL_COLUMNS:
        points = layout.far_span({"total": "score", "low": "low_points", "high": "high_points"}[name])
        own = near({"total": "execution_score", "low": "execution_low", "high": "execution_high"}[name])
        plus = f"IF(ISNUMBER({own}),{own},0)"
        page.formula(TOTALS_AT + 6, column, rounded_formula(f"SUM({points})+{plus}"), totals[f"{name}_items"], "points")
        rescaled = rounded_formula(f"{near(name + '_items')}*{near('rescale')}")
        capped = f"MIN({rescaled},IF(ISNUMBER({near('cap')}),{near('cap')},1E+99))"
        page.formula(TOTALS_AT + 7, column, capped, totals[name], "points_bold")
        page.formula(TOTALS_AT + 8, column, grade_formula(near(name), scheme), scheme.grade(totals[name]) or NO_GRADE, "center")
    low, high = near("low_grade"), near("high_grade")
    page.text(TOTALS_AT + 9, 0, "等级（最低与最高不同的，写区间）", "label")
    page.formula(TOTALS_AT + 9, 1, f'IF({low}={high},{low},{low}&"～"&{high})', case.summary.grade, "center")


def _cap_value(case: Case) -> float:
    rate = case.execution["rate"]
    reached = [c.at_most for c in sorted(case.scheme.total_caps.caps, key=lambda c: c.rate_below) if round(rate, 9) < c.rate_below]
    return reached[0] if reached and not math.isnan(rate) else math.nan


def _cap_formula(scheme: Scheme, rate: str) -> str:
    text = '""'
    for cap in sorted(scheme.total_caps.caps, key=lambda c: -c.rate_below):
        text = f"IF(ROUND({rate},9)<{cap.rate_below!r},{number(cap.at_most)},{text})"
    return f'IF(ISNUMBER({rate}),{text},"")' if scheme.total_caps.caps else text


def grade_formula(total: str, scheme: Scheme) -> str:
    """Excel of the grade of a total."""
    sign = ">=" if scheme.grades.lower_bound == "inclusive" else ">"
    text = literal(NO_GRADE)
    for band in reversed(scheme.grades.bands):
        text = f"IF({total}{sign}{number(band.at_least)},{literal(band.name)},{text})"
    return text


def _scheme(page: Page, scheme: Scheme, line: int) -> int:
    page.text(line, 0, f"二、评分方案：{scheme.title}", "section")
    page.merged(line + 1, 0, 5, scheme.note, "plain")
    for j, title in enumerate(("部分", "参数", "值", "依据", "把握程度")):
        page.text(line + 2, j, title, "head")
    page.blank(line + 2, 5, "head")
    line += 3
    for group, key, value, source, mark in basis_rows(scheme):
        page.text(line, 0, group, "label")
        page.text(line, 1, key, "label")
        page.text(line, 2, value)
        page.text(line, 3, source)
        page.merged(line, 4, 5, MARKS.get(mark, ""))
        page.height(line, height_of((group, WIDTHS[0]), (key, WIDTHS[1]), (value, WIDTHS[2]), (source, WIDTHS[3]), (MARKS.get(mark, ""), 28)))
        line += 1
    return line


def _provenance(page: Page, case: Case, line: int) -> int:
    from perfxl import __version__

    page.text(line, 0, "三、来源", "section")
    facts = (("评分程序", f"perfxl {__version__}"), ("评分方案", f"{case.scheme.title}（{case.scheme.file} {case.scheme.fingerprint}）"),
             ("填报文件", case.source.name), ("填报文件 SHA-256", case.source.sha256))
    for title, value in facts:
        line += 1
        page.text(line, 0, title, "label")
        page.merged(line, 1, 5, value)
        page.height(line, height_of((title, WIDTHS[0]), (value, sum(WIDTHS[1:]))))
    return line
