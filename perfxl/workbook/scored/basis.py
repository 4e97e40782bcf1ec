"""评分依据: the live steps from lines and rows to the total, every value of the scheme with its source, and provenance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfxl.model.columns import BUDGET, INDICATORS
from perfxl.model.rounding import round_one, rounded_formula
from perfxl.rules.deadline import day, day_number
from perfxl.rules.wording import number
from perfxl.schemes import scheme_files
from perfxl.schemes.shown import MARKS, basis_rows
from perfxl.scoring.explain import NO_GRADE
from perfxl.workbook.scored import money
from perfxl.workbook.scored.page import height_of, literal
from perfxl.workbook.scored.tables import footer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.schemes import Scheme
    from perfxl.workbook.scored.case import Case
    from perfxl.workbook.scored.money import Basis
    from perfxl.workbook.scored.page import Book, Page

WIDTHS = (34.0, 20.0, 36.0, 46.0, 26.0)
FIRST = 4
_AMOUNT_TITLES = {"initial": "年初预算数", "full_year": "全年预算数", "executed": "全年执行数"}
_KIND_TITLES = {"source": "按来源各行合计", "type": "按支出类型各行合计", "typed": "合计行所填", "adopted": "采用"}
_COUNT_TITLES = {"both": "两项齐全的行数", "half": "只填一项的行数"}
_REACH = {"total": "已得", "low": "最低", "high": "最高"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the calculation: a named cell with its formula and the engine's value."""

    name: str
    title: str
    expression: str
    value: float | str
    style: str = "points"


def lay_out_basis(basis: Basis) -> None:
    """Name every cell of the calculation before anything is written."""
    names = [f"{key}_{name}" for key, _ in money.AMOUNT_ROWS for name in (*money.AMOUNTS, *_COUNT_TITLES)]
    names.remove("adopted_both")
    names += [
        "execution_weight",
        "rate",
        "execution_score",
        "other_score",
        "execution_low",
        "execution_high",
        "weights",
        "dropped",
        "applicable",
        "rescale",
        "cap",
    ]
    names += [f"{name}{tail}" for tail in ("_items", "", "_grade") for name in _REACH]
    for i, name in enumerate([*names, "grade"]):
        basis.put(name, FIRST + i, 1)


def write_basis(book: Book, case: Case, basis: Basis) -> None:
    """The sheet."""
    page = book.page(basis.sheet)
    page.widths(*WIDTHS)
    page.text(1, 0, f"{case.unit['name']} {basis.sheet}", "sheet_title")
    page.merged(2, 0, len(WIDTHS) - 1, "一、得分的计算（均为公式，随“预算执行”“绩效指标”变化；金额为万元）", "section")
    page.text(FIRST - 1, 0, "步骤", "head")
    page.text(FIRST - 1, 1, "数值", "head")
    line = FIRST - 1
    for step in (*_amounts(case, basis), *_execution(case, basis), *_totals(case, basis)):
        line += 1
        assert basis.near(step.name) == f"B{line}"  # noqa: S101  # the order `lay_out_basis` gave
        page.text(line, 0, step.title, "label")
        page.formula(line, 1, step.expression, step.value, step.style)
    line = _scheme(page, case.scheme, line + 2)
    line = _provenance(page, case, line + 1)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.sheet.print_area(0, 0, line - 1, len(WIDTHS) - 1)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))


def _amounts(case: Case, basis: Basis) -> Iterator[Step]:
    layout = case.layouts[BUDGET.name]
    values = {key: money.kind_values(case, kind) for key, kind in money.AMOUNT_ROWS[:3]}
    values["adopted"] = values["source" if values["source"]["both"] else "type" if values["type"]["both"] else "typed"]
    for key, kind in money.AMOUNT_ROWS:
        for name, title in (_AMOUNT_TITLES | _COUNT_TITLES).items():
            if key == "adopted" and name == "both":
                continue
            if key == "adopted":
                expression = money.adopted_formula(basis, name)
            elif name in _AMOUNT_TITLES:
                expression = money.sum_formula(layout, kind, name)
            else:
                expression = money.count_formula(layout, kind, name)
            style = "money" if name in _AMOUNT_TITLES else "number"
            yield Step(f"{key}_{name}", f"{_KIND_TITLES[key]}：{title}", expression, values[key][name], style)


def _execution(case: Case, basis: Basis) -> Iterator[Step]:
    own, layout = case.execution, case.layouts[BUDGET.name]
    score, other, weight = (basis.near(n) for n in ("execution_score", "other_score", "execution_weight"))
    which = money.other_total(case)
    points = own["other_points"]
    yield Step("execution_weight", "预算执行分值", money.weight_formula(case, layout), own["weight"])
    yield Step("rate", "执行率", money.rate_formula(case, basis), own["rate"], "rate")
    yield Step("execution_score", "预算执行得分", money.score_formula(case, basis, "adopted"), own["score"], "points_bold")
    yield Step(
        "other_score",
        "按不一致的另一口径的得分",
        money.score_formula(case, basis, which) if which else '""',
        points if math.isnan(points) else round_one(points),
    )
    low, high = (
        f"IF(ISNUMBER({score}),IF(ISNUMBER({other}),{pick}({score},{other}),{score}),{none})" for pick, none in (("MIN", "0"), ("MAX", weight))
    )
    yield Step("execution_low", "预算执行最低可得分", low, own["low"])
    yield Step("execution_high", "预算执行最高可得分", high, own["high"])


def _totals(case: Case, basis: Basis) -> Iterator[Step]:
    totals, scheme, layout, near = case.totals, case.scheme, case.layouts[INDICATORS.name], basis.near
    weights, status = layout.far_span("weight_read"), layout.far_span("status")
    yield Step("weights", "指标分值合计", f'SUMIF({weights},">0")', totals["weights"])
    yield Step("dropped", "不适用的分值", f'SUMIFS({weights},{status},"不适用",{weights},">0")', totals["dropped"])
    applicable = rounded_formula(f"{near('weights')}-{near('dropped')}+{near('execution_weight')}", 4)
    yield Step("applicable", "参评分值（含预算执行）", applicable, totals["applicable"])
    factor = f"IF(AND({near('dropped')}>0,{near('applicable')}>0),{number(scheme.full)}/{near('applicable')},1)"
    rescales = scheme.not_applicable.policy == "rescale"
    yield Step("rescale", "折算系数", factor if rescales else "1", totals["rescale"], "factor")
    yield Step("cap", "总分上限（按执行率）", _cap_formula(scheme, near("rate")), _cap_value(case))
    columns = {"total": "score", "low": "low_points", "high": "high_points"}
    own = {"total": "execution_score", "low": "execution_low", "high": "execution_high"}
    for name, word in _REACH.items():
        plus = f"IF(ISNUMBER({near(own[name])}),{near(own[name])},0)"
        items = rounded_formula(f"SUM({layout.far_span(columns[name])})+{plus}")
        yield Step(f"{name}_items", f"得分合计：{word}", items, totals[f"{name}_items"])
    for name, word in _REACH.items():
        rescaled = rounded_formula(f"{near(name + '_items')}*{near('rescale')}")
        capped = f"MIN({rescaled},IF(ISNUMBER({near('cap')}),{near('cap')},1E+99))"
        yield Step(name, f"总分（折算、封顶后）：{word}", capped, totals[name], "points_bold")
    for name, word in _REACH.items():
        yield Step(f"{name}_grade", f"等级：{word}", grade_formula(near(name), scheme), scheme.grade(totals[name]) or NO_GRADE, "center")
    low, high = near("low_grade"), near("high_grade")
    yield Step("grade", "等级（最低与最高不同的，写区间）", f'IF({low}={high},{low},{low}&"～"&{high})', case.summary.grade, "center")


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
    last = len(WIDTHS) - 1
    page.merged(line, 0, last, f"二、评分方案：{scheme.title}", "section")
    page.merged(line + 1, 0, last, scheme.note, "plain")
    for j, title in enumerate(("部分", "参数", "值", "依据", "把握程度")):
        page.text(line + 2, j, title, "head")
    line += 3
    for group, key, value, source, mark in basis_rows(scheme):
        cells = (group, key, value, source, MARKS.get(mark, ""))
        for j, text in enumerate(cells):
            page.text(line, j, text, "label" if j < 2 else "text")
        page.height(line, height_of(*zip(cells, WIDTHS, strict=True)))
        line += 1
    return line


def _provenance(page: Page, case: Case, line: int) -> int:
    from perfxl.model.version import __version__

    last = len(WIDTHS) - 1
    page.merged(line, 0, last, "三、来源", "section")
    own = f"{case.scheme.file}，" if case.scheme.file not in {path.name for path in scheme_files().values()} else ""
    facts = (
        ("评分程序", f"perfxl {__version__}"),
        ("评分方案", f"{case.scheme.title}（{own}指纹 {case.scheme.fingerprint}）"),
        ("评分日期", f"{day(day_number(case.results.today))}（只用来看年度和日期是否在将来）"),
        ("填报文件", case.source.name),
        ("填报文件 SHA-256", case.source.sha256),
    )
    for title, value in facts:
        line += 1
        page.text(line, 0, title, "label")
        page.merged(line, 1, last, value)
        page.height(line, height_of((value, sum(WIDTHS[1:]))))
    return line
