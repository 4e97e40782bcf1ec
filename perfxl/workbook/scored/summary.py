"""评分汇总: one A4 page a director can sign; its first line says whether this can be sent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from perfxl.catalogue import SEVERITY_WORDS, entry, fix
from perfxl.model import Severity
from perfxl.model.columns import BUDGET, INDICATORS, SUMMARY_SHEET, TOTAL_KIND, UNIT
from perfxl.rules.expression import C, If, Known, Rounded, literal
from perfxl.rules.totals import PARTS, block_steps
from perfxl.rules.wording import number, points
from perfxl.scoring.explain import BUDGET_BLOCK
from perfxl.workbook.scored import money
from perfxl.workbook.scored.case import evaluation_words, year_words
from perfxl.workbook.scored.changes import STALE_SHORT, whole
from perfxl.workbook.scored.page import height_of
from perfxl.workbook.scored.tables import field_links, footer, link_target
from perfxl.workbook.writing import checked

if TYPE_CHECKING:
    from perfxl.model import Issue
    from perfxl.workbook.scored.case import Case, Row
    from perfxl.workbook.scored.money import Basis
    from perfxl.workbook.scored.page import Page

WIDTHS = (15.0, 10.0, 10.0, 12.0, 12.0, 11.0, 11.0, 12.0)
LAST = len(WIDTHS) - 1
WHOLE = sum(WIDTHS)
ERRORS_SHOWN, WARNINGS_SHOWN, LINES_SHOWN, LOSSES_SHOWN = 10, 5, 9, 5


def write_summary(page: Page, case: Case, basis: Basis) -> None:
    """The sheet; `page` is made first so that it opens first."""
    page.protect()
    page.widths(*WIDTHS)
    page.merged(1, 0, LAST, f"{case.unit['name'] or '（单位名称未填）'}{evaluation_words(case)}绩效自评评分汇总", "title")
    page.height(1, height_of((str(case.unit["name"]) + "　" * 16, WHOLE * 0.62), line=22, least=28))
    project = f"项目：{case.unit['project']}　" if case.unit["project"] else ""
    subtitle = f"（{year_words(case)}年度）　{project}评分方案：{case.scheme.title}"
    page.merged(2, 0, LAST, subtitle, "subtitle")
    page.height(2, height_of((subtitle, WHOLE * 0.9)))
    page.merged(3, 0, LAST, "", "verdict")
    page.formula(3, 0, page.book.watch.first_line(case.summary.first_line), case.summary.first_line, "verdict")
    page.height(3, height_of((case.summary.first_line, WHOLE * 0.9), line=15, least=24))
    line = _headline(page, case, basis, 5)
    line = _levels(page, case, basis, line + 1)
    line = _funds(page, case, basis, line + 1)
    line = _errors(page, case, line + 1)
    line = _warnings(page, case, line + 1)
    line = _losses(page, case, line + 1)
    _signatures(page, case, line + 1)
    page.sheet.set_portrait()
    page.sheet.set_paper(9)
    page.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    page.sheet.center_horizontally()
    page.sheet.print_area(0, 0, line + 3, LAST)
    page.sheet.fit_to_pages(1, 1)
    page.sheet.set_footer(footer(case))
    page.sheet.hide_gridlines(2)
    page.sheet.activate()


def _headline(page: Page, case: Case, basis: Basis, line: int) -> int:
    facts, unit = case.summary, case.unit
    heads = ((0, 1, "规则测算得分"), (2, 3, "自评得分"), (4, 5, "等级"), (6, 6, "最低可能"), (7, 7, "最高可能"))
    for first, last, title in heads:
        page.merged(line, first, last, title, "label_bold")
    page.merged(line + 1, 0, 1, "", "big")
    page.formula(line + 1, 0, whole(basis.far("total")), facts.total, "big")
    page.merged(line + 1, 2, 3, "", "big")
    if math.isnan(unit["claimed_total_value"]):
        page.text(line + 1, 2, unit["claimed_total"] or "未填", "big_text")
    else:
        page.number(line + 1, 2, unit["claimed_total_value"], "big")
    page.merged(line + 1, 4, 5, "", "big_text")
    page.formula(line + 1, 4, whole(basis.far("grade_words")), facts.grade, "big_text")
    page.formula(line + 1, 6, whole(basis.far("low"), STALE_SHORT), facts.low, "points_bold")
    page.formula(line + 1, 7, whole(basis.far("high"), STALE_SHORT), facts.high, "points_bold")
    page.height(line + 1, 26)
    page.sentence(line + 2, 0, 1, facts.provisional or "正式得分", "center")
    page.merged(line + 2, 2, 3, f"自评等级：{unit['claimed_grade'] or '未填'}", "center")
    inferred = f"含按文字推定{points(facts.inferred_points)}分" if facts.inferred_points else "没有推定得分"
    page.sentence(line + 2, 4, LAST, inferred, "center")
    page.book.watch.block(page, line + 1, 0, line + 1, LAST)
    return line + 3


# 得分


def _levels(page: Page, case: Case, basis: Basis, line: int) -> int:
    page.merged(line, 0, 4, "一、得分", "section")
    top = line
    for i, title in enumerate(("项目", "分值", "得分", "失分", "待补分")):
        page.text(line + 1, i, title, "head")
    first = line = line + 2
    for level in case.summary.levels:
        page.text(line, 0, level.name, "label")
        for i, value in ((1, level.weight), (2, level.score), (3, level.lost), (4, level.open)):
            expression = _expression(case, basis, line, i, own=level.name == BUDGET_BLOCK and line == first)
            page.formula(line, i, whole(expression, STALE_SHORT), value, "points")
        page.height(line, 21)
        line += 1
    page.text(line, 0, "合计", "label_bold")
    sums = [sum(getattr(level, name) for level in case.summary.levels) for name in ("weight", "score", "lost", "open")]
    for i, value in enumerate(sums, start=1):
        letter = "ABCDE"[i]
        added = Rounded(C("all"))
        page.formula(
            line, i, whole(added.formula({"all": f"SUM({letter}{first}:{letter}{line - 1})"}), STALE_SHORT), added.number(all=value), "points_bold"
        )
    page.height(line, 21)
    page.book.watch.block(page, first, 0, line, 4)
    _chart(page, top, first, line)
    notes = _adjustments(case)
    if notes:
        line += 1
        page.sentence(line, 0, LAST, notes, "note")
    return line + 1


def _adjustments(case: Case) -> str:
    """What stands between 合计 and 规则测算得分."""
    totals = case.totals
    found = []
    if totals["short"] > 0:
        found.append(f"有{number(totals['short'])}分没有指标承担，计入最高可能")
    if totals["over"] > 0:
        found.append(f"分值合计超出满分{number(totals['over'])}分，最低可能已扣除")
    if totals["rescale"] != 1:
        found.append(f"不适用的{points(totals['dropped'])}分不参评，得分合计×{totals['rescale']:.6f}折算为总分")
    rescaled = Rounded(C("items") * C("rescale")).number(items=totals["total_items"], rescale=totals["rescale"])
    if totals["total"] < rescaled:
        found.append(f"执行率较低，按方案总分不超过{points(totals['total'])}分")
    return "；".join(found) + "。" if found else ""


def _expression(case: Case, basis: Basis, line: int, column: int, *, own: bool) -> str:
    """Excel of one figure of one level; `own` is the line of 预算执行."""
    beside = {"block_weight": f"B{line}", "block_score": f"C{line}"}
    if own:
        weight, score, high = (basis.far(n) for n in ("execution_weight", "execution_score", "execution_high"))
        figures = {1: C("weight"), 2: If(Known(C("score")), C("score"), 0), 3: PARTS["lost"], 4: PARTS["open_points"]}
        return figures[column].formula(beside | {"weight": weight, "score": score, "block_high": high})
    layout = case.layouts[INDICATORS.name]
    mine = f"EXACT({layout.far_span('block_read')},$A{line})*({layout.far_span('status')}<>{literal('不适用')})"
    cells = {"in_block": mine, "weight": layout.far_span("weight_read"), "score": layout.far_span("score"), "high": layout.far_span("high_points")}
    steps = block_steps()
    high = steps["high"].excel(cells)
    return steps[{1: "weight", 2: "score", 3: "lost", 4: "open_points"}[column]].formula(beside | cells | {"block_high": high})


def _chart(page: Page, top: int, first: int, last: int) -> None:
    """Points got, lost and open by level: stacked bars in black, hatch and white, for a black-and-white printer."""
    chart: Any = page.book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    looks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("C", {"fill": {"color": "#404040"}}),
        ("D", {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#404040", "bg_color": "#FFFFFF"}}),
        ("E", {"fill": {"color": "#FFFFFF"}}),
    )
    sheet = SUMMARY_SHEET
    for letter, look in looks:
        checked(
            chart.add_series(
                {
                    "name": f"={sheet}!${letter}${first - 1}",
                    "categories": f"={sheet}!$A${first}:$A${last - 1}",
                    "values": f"={sheet}!${letter}${first}:${letter}${last - 1}",
                    "border": {"color": "#404040", "width": 0.75},
                    "gap": 45,
                    **look,
                }
            ),
            "图表",
        )
    font = {"size": 9.5}
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": font, "line": {"color": "#7F7F7F"}, "major_tick_mark": "none"})
    chart.set_x_axis(
        {"num_font": font, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}, "min": 0, "num_format": "0", "line": {"none": True}}
    )
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_chartarea({"border": {"none": True}})
    height = 28 * (last - first) + 62
    chart.set_size({"width": 255, "height": height})
    checked(
        page.sheet.insert_chart(top - 1, 5, chart, {"x_offset": 6, "y_offset": 2, "object_position": 2, "description": "各部分的得分、失分和待补分"}),
        "图表",
    )


# 资金


def _funds(page: Page, case: Case, basis: Basis, line: int) -> int:
    page.merged(line, 0, LAST, "二、资金（万元）", "section")
    line += 1
    for first, last, title in ((0, 2, "资金项目"), (3, 3, "全年预算数"), (4, 4, "全年执行数"), (5, 5, "执行率"), (6, 7, "结余")):
        page.merged(line, first, last, title, "head")
    layout = case.layouts[BUDGET.name]
    rows = sorted(money.with_total(case), key=lambda row: row["line"] != TOTAL_KIND)
    total = money.total_row(case)
    first = line + 1
    for row in rows[:LINES_SHOWN]:
        line += 1
        _fund(page, case, basis, row, (line, layout.rows[int(row["sheet_row"])]), is_total=row is total)
    page.book.watch.block(page, first, 0, line, LAST)
    if len(rows) > LINES_SHOWN:
        line += 1
        page.sentence(line, 0, LAST, f"另有{len(rows) - LINES_SHOWN}行，见“{BUDGET.sheet}”。", "note")
    return line + 1


def _fund(page: Page, case: Case, basis: Basis, row: Row, at: tuple[int, int], *, is_total: bool) -> None:
    line, own = at
    layout = case.layouts[BUDGET.name]
    label = f"{row['line'] or row['kind']} · {row['item']}"
    page.merged(line, 0, 2, label, "text")
    page.height(line, height_of((label, sum(WIDTHS[:3]))))
    full, executed = row["full_year"], row["executed"]
    cells = [layout.far(n, own) for n in ("full_year_read", "executed_read")]
    if is_total:
        full, executed = (case.execution[n] for n in ("full_year", "executed"))
        cells = [whole(basis.far(f"adopted_{n}"), STALE_SHORT) for n in ("full_year", "executed")]
    rate = case.execution["rate"] if is_total else money.LINE_RATE.number(base=full, executed=executed)
    page.formula(line, 3, cells[0], full, "money")
    page.formula(line, 4, cells[1], executed, "money")
    page.formula(line, 5, layout.far("rate", own), rate, "rate")
    page.merged(line, 6, 7, "", "money")
    page.formula(line, 6, layout.far("balance", own), money.BALANCE.number(base=full, executed=executed), "money")


# 问题


def _errors(page: Page, case: Case, line: int) -> int:
    errors = [i for i in case.issues if entry(i.code).severity is Severity.ERROR]
    page.sentence(line, 0, LAST, f"三、{SEVERITY_WORDS[Severity.ERROR]}（{len(errors)}项）", "section")
    if not errors:
        page.merged(line + 1, 0, LAST, "没有。", "plain")
        return line + 2
    if len(errors) <= ERRORS_SHOWN:
        return _issue_lines(page, case, errors, line + 1)
    return _issue_groups(page, errors, line + 1)


def _warnings(page: Page, case: Case, line: int) -> int:
    warnings = [i for i in case.issues if entry(i.code).severity is Severity.WARNING]
    shown = f"{len(warnings)}项，列前{WARNINGS_SHOWN}项" if len(warnings) > WARNINGS_SHOWN else f"{len(warnings)}项"
    page.sentence(line, 0, LAST, f"四、{SEVERITY_WORDS[Severity.WARNING]}（{shown}）", "section")
    if not warnings:
        page.merged(line + 1, 0, LAST, "没有。", "plain")
        return line + 2
    return _issue_lines(page, case, warnings[:WARNINGS_SHOWN], line + 1)


def _issue_lines(page: Page, case: Case, issues: list[Issue], line: int) -> int:
    fields = field_links(case)
    names = {int(row["sheet_row"]): row["name"] for row in case.indicators}
    place = case.places.get(INDICATORS.name)
    titles = {cell: UNIT.title(name) for name, cell in case.places[UNIT.name].cells.items()} if UNIT.name in case.places else {}
    for issue in issues:
        target = link_target(case, issue.sheet, issue.cell, fields)
        shown = f"{issue.sheet or ''}{' ' if issue.cell else ''}{issue.cell or ''}"
        if target is None:
            page.merged(line, 0, 0, shown or "—", "center")
        else:
            page.link(line, 0, target, shown)
        about = names.get(issue.rows[0], "") if len(issue.rows) == 1 and place and issue.sheet == place.sheet else titles.get(issue.cell or "", "")
        label = f"{entry(issue.code).kind}{'：' + about if about else ''}"
        page.merged(line, 1, 3, label[:120], "text")
        page.sentence(line, 4, LAST, fix(issue)[:200], "text")
        page.height(line, height_of((shown, WIDTHS[0]), (label[:120], sum(WIDTHS[1:4])), (fix(issue)[:200], sum(WIDTHS[4:]))))
        line += 1
    return line


def _issue_groups(page: Page, issues: list[Issue], line: int) -> int:
    by_code: dict[str, list[Issue]] = {}
    for issue in issues:
        by_code.setdefault(issue.code, []).append(issue)
    groups = sorted(by_code.items(), key=lambda item: -len(item[1]))
    for code, members in groups[:ERRORS_SHOWN]:
        cells = "、".join(f"{m.cell}" for m in members[:6] if m.cell) + (f"等{len(members)}处" if len(members) > 6 else "")
        sheet = members[0].sheet or ""
        page.text(line, 0, sheet, "center")
        label = f"{entry(code).kind}{len(members)}项：{cells}"
        page.sentence(line, 1, 3, label, "text")
        shown = fix(members[0])[:120]
        page.sentence(line, 4, LAST, shown, "text")
        page.height(line, height_of((label, sum(WIDTHS[1:4])), (shown, sum(WIDTHS[4:]))))
        line += 1
    rest = sum(len(members) for _, members in groups[ERRORS_SHOWN:])
    if rest:
        page.sentence(line, 0, LAST, f"另有{rest}项，见“问题清单”。", "note")
        line += 1
    return line


# 失分


def _losses(page: Page, case: Case, line: int) -> int:
    facts = case.summary
    page.merged(line, 0, LAST, "五、失分情况及距上一等级的差距（仅为算术差额）", "section")
    texts = [_gap_words(case)]
    lost = [loss for loss in facts.losses if loss.lost > 0]
    if lost:
        listed = "、".join(f"{loss.name[:30]}（{points(loss.lost)}分）" for loss in lost[:LOSSES_SHOWN])
        texts.append(f"失分{len(lost)}项：{listed}{'等' if len(lost) > LOSSES_SHOWN else ''}。")
    open_rows = [loss for loss in facts.losses if loss.open > 0]
    if open_rows:
        listed = "、".join(f"{loss.name[:30]}（{points(loss.open)}分）" for loss in open_rows[:LOSSES_SHOWN])
        texts.append(f"待补分{len(open_rows)}项：{listed}{'等' if len(open_rows) > LOSSES_SHOWN else ''}。")
    assumed = f"有{facts.assumed}项指标值或完成等级按推定读取，见“数值解读”" if facts.assumed else "没有按推定读取的指标值"
    texts.append(f"{assumed}；{SEVERITY_WORDS[Severity.INFO]}{facts.counts[Severity.INFO]}条，见“问题清单”。")
    for text in texts:
        line += 1
        page.sentence(line, 0, LAST, text, "plain")
        page.height(line, height_of((text, WHOLE)))
    return line + 1


def _gap_words(case: Case) -> str:
    facts = case.summary
    above = facts.next_grade
    if above is None:
        span = f"最低{points(facts.low)}分，最高{points(facts.high)}分"
        return f"分值合计不是{number(case.scheme.full)}分，等级未定，也不计算与上一等级的差距；{span}。"
    reach = f"；待补分全部取得时最高{points(facts.high)}分" if facts.high > facts.total else ""
    if not above.grade:
        return f"已是最高等级{reach}。"
    return f"规则测算得分{points(facts.total)}，距“{above.grade}”（{points(above.at_least)}分）差{points(above.gap)}分{reach}。"


def _signatures(page: Page, case: Case, line: int) -> None:
    unit = case.unit
    page.merged(line, 0, 2, f"填报人：{unit['filled_by']}", "plain")
    page.merged(line, 3, 5, f"财务负责人：{unit['finance_head']}", "plain")
    page.merged(line, 6, LAST, "单位负责人（签字）：", "plain")
    page.merged(line + 1, 0, 2, "", "plain")
    page.merged(line + 1, 3, 5, "单位（盖章）：", "plain")
    page.merged(line + 1, 6, LAST, "　　　　年　　月　　日", "plain")
    for n in (line, line + 1):
        page.height(n, 26)
