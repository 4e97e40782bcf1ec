"""评分依据: the live steps from lines and rows to the total, every value of the scheme with its source, and provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from perfxl.model.columns import BUDGET, INDICATORS
from perfxl.rules.budget import HIGH, LOW, RATE, amount_steps
from perfxl.rules.deadline import day, day_number
from perfxl.rules.expression import literal
from perfxl.rules.results import Status
from perfxl.rules.totals import points_steps, total_steps
from perfxl.schemes import scheme_files
from perfxl.schemes.shown import MARKS, basis_rows
from perfxl.workbook.scored import money
from perfxl.workbook.scored.page import height_of
from perfxl.workbook.scored.tables import footer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.schemes import Scheme
    from perfxl.workbook.scored.case import Case
    from perfxl.workbook.scored.money import Basis
    from perfxl.workbook.scored.page import Book, Page

WIDTHS = (32.0, 18.0, 32.0, 44.0, 24.0)
FIRST = 4
_AMOUNT_TITLES = {"initial": "年初预算数", "full_year": "全年预算数", "executed": "全年执行数"}
_KIND_TITLES = {"source": "按来源各行合计", "type": "按支出类型各行合计", "typed": "合计行所填", "adopted": "采用"}
_COUNT_TITLES = {"both": "两项齐全的行数", "half": "只填一项的行数"}
_REACH = {"total": "已得", "low": "最低", "high": "最高"}
_POINT_TITLES = {
    "weights": "指标分值合计",
    "dropped": "不适用的分值",
    "unweighted": "没有写分值的指标数",
    "gap": "满分减分值合计",
    "left": "没有写分值的指标每项最多",
    "short": "没有指标承担的分值",
    "over": "超出满分的分值",
    "applicable": "参评分值（满分减不适用的分值）",
    "rescale": "折算系数",
    **{f"{end}_cap": f"总分上限（按执行率）：{word}" for end, word in _REACH.items()},
    **{f"{end}_items": f"得分合计：{word}" for end, word in _REACH.items()},
    **{end: f"总分（折算、封顶后）：{word}" for end, word in _REACH.items()},
    **{f"{end}_grade": f"等级：{word}" for end, word in _REACH.items()},
    "grade_words": "等级（最低与最高不同的，写区间）",
}
_STYLES = {"unweighted": "number", "rescale": "factor", "grade_words": "center"}
_STYLES |= dict.fromkeys(_REACH, "points_bold") | {f"{end}_grade": "center" for end in _REACH}
_EXECUTION = ("execution_weight", "rate", "execution_score", "other_rate", "other_score", "execution_low", "execution_high")


class Step(Struct, frozen=True):
    """One line of the calculation: a named cell with its formula and the engine's value."""

    name: str
    title: str
    expression: str
    value: float | str
    style: str = "points"


def lay_out_basis(basis: Basis, scheme: Scheme) -> None:
    """Name every cell of the calculation before anything is written."""
    for i, name in enumerate([*amount_steps(), *_EXECUTION, *points_steps(scheme), *total_steps(scheme)]):
        basis.put(name, FIRST + i, 1)


def write_basis(book: Book, case: Case, basis: Basis) -> Page:
    """The sheet, to which the copies of the change detector are added when all else is written."""
    page = book.page(basis.sheet)
    page.protect()
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
    book.watch.block(page, FIRST, 1, line, 1)
    line = _scheme(page, case.scheme, line + 2)
    line = _provenance(page, case, line + 1)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.sheet.print_area(0, 0, line - 1, len(WIDTHS) - 1)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))
    return page


def _amounts(case: Case, basis: Basis) -> Iterator[Step]:
    cells = money.line_cells(case.layouts[BUDGET.name]) | basis.cells
    values = money.shown_amounts(case)
    for name, step in amount_steps().items():
        key, _, what = name.partition("_")
        title = f"{_KIND_TITLES[key]}：{(_AMOUNT_TITLES | _COUNT_TITLES)[what]}"
        yield Step(name, title, step.formula(cells), values[name], "money" if what in _AMOUNT_TITLES else "number")


def _execution(case: Case, basis: Basis) -> Iterator[Step]:
    own, other = case.execution, money.other_total(case)
    second = money.execution_cells(case, basis, other) if other else {}
    yield Step("execution_weight", "预算执行分值", money.weight_formula(case, case.layouts[BUDGET.name]), own["weight"])
    yield Step("rate", "执行率", RATE.formula(money.execution_cells(case, basis, "adopted")), own["rate"], "rate")
    yield Step("execution_score", "预算执行得分", money.score_formula(case, basis, "adopted"), own["score"], "points_bold")
    yield Step("other_rate", "按不一致的另一口径的执行率", RATE.formula(second) if other else literal(""), own["other_rate"], "rate")
    points = money.score_formula(case, basis, other) if other else literal("")
    yield Step("other_score", "按不一致的另一口径的得分", points, own["other_score"])
    cells = {"score": basis.near("execution_score"), "other_score": basis.near("other_score"), "weight": basis.near("execution_weight")}
    yield Step("execution_low", "预算执行最低可得分", LOW.formula(cells), own["low"])
    yield Step("execution_high", "预算执行最高可得分", HIGH.formula(cells), own["high"])


def _totals(case: Case, basis: Basis) -> Iterator[Step]:
    layout = case.layouts[INDICATORS.name]
    status = layout.far_span("status")
    missing, unscorable, not_applicable = (f"({status}={literal(s.zh)})" for s in (Status.MISSING, Status.UNSCORABLE, Status.NOT_APPLICABLE))
    cells = basis.cells | {
        "weight": layout.far_span("weight_read"),
        "score": layout.far_span("score"),
        "not_applicable": not_applicable,
        "open": f"({missing}+{unscorable})",
        "execution_rate": basis.near("rate"),
        "execution_other_rate": basis.near("other_rate"),
    }
    spans = {"low": layout.far_span("low_points"), "high": layout.far_span("high_points")}
    for name, step in (points_steps(case.scheme) | total_steps(case.scheme)).items():
        seen = cells | spans if name.endswith("_items") else cells
        yield Step(name, _POINT_TITLES[name], step.formula(seen), case.totals[name], _STYLES.get(name, "points"))


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
