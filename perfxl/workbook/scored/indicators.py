"""绩效指标 with completion, points and readings as live formulas, and 数值解读, which keeps the texts that were read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from perfxl.model import Kind
from perfxl.model.addresses import letters
from perfxl.model.columns import EXPLANATION, INDICATOR_READINGS, INDICATORS, MANAGEMENT, READINGS_SHEET, RESULTS_OF_ROWS
from perfxl.rules.deadline import DEADLINE, day
from perfxl.rules.expression import BLANK, C, If, Known, as_scored, literal
from perfxl.rules.frames import DETAIL, INDICATOR
from perfxl.rules.management import MANAGEMENT_RULE, item_key, shown_value, value_of
from perfxl.rules.qualitative import QUALITATIVE
from perfxl.rules.quantitative import COMPLETION
from perfxl.rules.results import Status
from perfxl.rules.wording import number, quantity
from perfxl.schemes import data_items
from perfxl.scoring.explain import UNKNOWN_BLOCK, error_kinds, row_explanation
from perfxl.scoring.score import RULE_OF, open_span
from perfxl.workbook.scored.case import Layout, all_columns
from perfxl.workbook.scored.money import CHANGED, text_read
from perfxl.workbook.scored.page import SMALL, height_of
from perfxl.workbook.scored.tables import footer, hide_gaps, open_table, watch_table, watch_texts, write_own, write_typed
from perfxl.workbook.style import WIDE_DIGIT, paper_for

if TYPE_CHECKING:
    from perfxl.model import Column
    from perfxl.workbook.scored.case import Case, Row
    from perfxl.workbook.scored.money import Basis
    from perfxl.workbook.scored.page import Book, Page

SAME = "一致"
READ_FIRST = 4
COMPARED = ("operator", "target", "adjusted_target", "unit", "actual", "tier")
"""The texts that decide the points of a row; a change in one of them makes the points stale."""
_DECIDING = ("level1", "level2", "level3", *COMPARED, "weight", "claimed_score")
"""The columns of which a changed text leaves no total: names decide direction and block."""
READINGS = (
    ("row", "所在行", 7),
    ("name", "三级指标", 24),
    ("operator", "指标性质（原文）", 9),
    ("target", "年度指标值（原文）", 18),
    ("adjusted_target", "调整后指标值（原文）", 14),
    ("unit", "计量单位（原文）", 9),
    ("actual", "实际完成值（原文）", 18),
    ("tier", "完成等级（原文）", 10),
    ("target_as", "指标值读作", 20),
    ("actual_as", "完成值读作", 20),
    ("rule", "评分方法", 10),
    ("assumed", "推定", 27),
    ("shown", "显示为", 15),
    ("stored", "存的是", 15),
)
_READING_AT = {name: i for i, (name, _, _) in enumerate(READINGS)}
_FROM_WORDS = {"name": "比较方向按三级指标的名称确定", "level2": "比较方向按二级指标确定", "assumed": "没有写比较方向，按≥读"}


def shown_columns(case: Case) -> tuple[list[Column], list[str]]:
    """The sheet's columns and the clerk's own."""
    return all_columns(case, INDICATORS, case.indicators, [*RESULTS_OF_ROWS, *INDICATOR_READINGS])


def scored_rows(case: Case) -> list[Row]:
    """The rows that count as indicators."""
    return [row for row in case.indicators if row["role"] == INDICATOR]


def write_indicators(book: Book, case: Case, basis: Basis) -> None:
    """The sheet 绩效指标."""
    shown, own = shown_columns(case)
    layout = case.layouts[INDICATORS.name]
    page = open_table(book, case, layout, shown, own, readings=INDICATOR_READINGS)
    kinds = error_kinds(case.results, case.submission)
    read_row = READ_FIRST
    declared = [c for c in shown if c in INDICATORS.columns]
    for row in case.indicators:
        line = layout.rows[int(row["sheet_row"])]
        for i, column in enumerate(declared):
            write_typed(page, case, INDICATORS, column, row, (line, i))
        explanation = row_explanation(row, case.results, kinds.get(int(row["sheet_row"]), ()))
        at = layout.columns["explanation"]
        page.sentence(line, at, at, explanation, "text")
        if row["role"] == INDICATOR:
            _results(page, case, layout, basis, row, read_row)
            read_row += 1
        else:
            for column in (*RESULTS_OF_ROWS[:3], *INDICATOR_READINGS):
                page.blank(line, layout.columns[column.name], "reading_text")
        texts = [(str(row[c.name]), c.result_width) for c in declared if c.kind is Kind.TEXT]
        page.height(line, height_of(*texts, (explanation, EXPLANATION.result_width)))
    _merge_shared_weights(page, case, layout)
    write_own(page, case, INDICATORS, layout, own)
    hide_gaps(page, layout)
    watch_table(page, layout, layout.columns["level3"] + 1, len(own), "explanation")
    explains = any(row["not_applicable"] or row["not_applicable_unexplained"] for row in case.indicators)
    watch_texts(page, layout, (*_DECIDING, "reason") if explains else _DECIDING)


def _merge_shared_weights(page: Page, case: Case, layout: Layout) -> None:
    """Detail rows share the 分值 of the row above through a merged cell, as in the intake."""
    anchor: Row | None = None
    groups: list[tuple[Row, int]] = []
    for row in case.indicators:
        if row["role"] != DETAIL:
            anchor = row
        elif anchor is not None and not row["name"].startswith("其中"):
            if groups and groups[-1][0] is anchor:
                groups.pop()
            groups.append((anchor, layout.rows[int(row["sheet_row"])]))
    column = layout.columns["weight"]
    for first, last in groups:
        line = layout.rows[int(first["sheet_row"])]
        page.merged(line, column, column, "", "weight", rows=last - line + 1)
        write_typed(page, case, INDICATORS, INDICATORS.by_name["weight"], first, (line, column))


# one row


def _results(page: Page, case: Case, layout: Layout, basis: Basis, row: Row, read_row: int) -> None:
    line = layout.rows[int(row["sheet_row"])]
    at = layout.columns
    page.text(line, at["block_read"], row["block"] or UNKNOWN_BLOCK, "reading_text")
    page.formula(line, at["weight_read"], _weight_read(case, layout, row, line), row["weight"], "reading")
    cells = _write_readings(page, layout, row, line)
    cells |= {
        "weight": layout.cell("weight_read" if case.is_text(INDICATORS, "weight", row) else "weight", line),
        "claimed_score": _claimed(case, layout, row, line),
        "score": layout.cell("score", line),
        "left": basis.far("left"),
    }
    page.formula(line, at["unchanged"], _unchanged(case, layout, row, line, read_row), SAME, "reading_text")
    if row["rule"] == MANAGEMENT_RULE.id and row["status"] == Status.SCORED:  # else some item has no row to point to
        cells["data_value"] = value_of(row["management"].value).excel(data_cells(case, row))
    expression = _points(case, cells, row)
    same = layout.cell("unchanged", line)
    page.formula(line, at["score"], f'IF({same}="{SAME}",{expression},"{CHANGED}")', row["score"], "points_bold")
    page.text(line, at["status"], Status(row["status"]).zh, "center")
    if math.isnan(row["completion"]):
        page.blank(line, at["completion"], "rate")
    else:
        page.formula(line, at["completion"], COMPLETION.given(_facts(row)).formula(cells), row["completion"], "rate")
    _write_span(page, case, layout, row, line, cells)


def _facts(row: Row) -> dict[str, object]:
    """What a rule looks at and no cell shows, and the ends that a bound leaves open."""
    open_ends = [name for name in ("t_low", "t_high", "a_low", "a_high") if math.isnan(row[name])]
    return {name: row[name] for name in ("op", "met", "mirrored", "tier_used", "management_at", *open_ends)}


def _points(case: Case, cells: dict[str, str], row: Row) -> str:
    """Excel of the rounded points of a row; an empty text for one that is not scored."""
    if row["status"] != Status.SCORED:
        return literal("")
    points = as_scored(RULE_OF[row["rule"]].expression(case.scheme), case.scheme).given(_facts(row))
    return f'IFERROR({points.excel(cells)},"")'


def data_cells(case: Case, row: Row) -> dict[str, str]:
    """Where the data items of a management indicator stand, by the names its formula uses."""
    layout = case.layouts[MANAGEMENT.name]
    rows: dict[str, Row] = {}
    for line in case.management:
        rows.setdefault(item_key(line["item"]), line)
    cells: dict[str, str] = {}
    for item, column in data_items(row["management"].value):
        found = rows[item]
        cell = layout.far(column, layout.rows[int(found["sheet_row"])])
        if case.is_text(MANAGEMENT, column, found) and not math.isnan(found[column]):
            cell = text_read(cell, found[f"{column}_text"], found[column])
        cells[f"{item}.{column}"] = cell
    return cells


def _weight_read(case: Case, layout: Layout, row: Row, line: int) -> str:
    cell = layout.cell("weight", line)
    otherwise = '""'
    if case.is_text(INDICATORS, "weight", row) and not math.isnan(row["weight"]):
        otherwise = text_read(cell, row["weight_text"], row["weight"])
    return f"IF(ISNUMBER({cell}),{cell},{otherwise})"


def _claimed(case: Case, layout: Layout, row: Row, line: int) -> str:
    """The unit's own score as formulas see it: the cell, or what was read of a text; a text without a number is a blank."""
    cell = layout.cell("claimed_score", line)
    if not row["claimed_score_text"] or not (math.isnan(row["claimed_score"]) or case.is_text(INDICATORS, "claimed_score", row)):
        return cell
    read = literal("" if math.isnan(row["claimed_score"]) else row["claimed_score"])
    return f"IF(ISNUMBER({cell}),{cell},{read})"


def _write_readings(page: Page, layout: Layout, row: Row, line: int) -> dict[str, str]:
    """The numbers read beside the texts; the addresses rules need."""
    cells: dict[str, str] = {}
    for side, name in (("t", "target_read"), ("a", "actual_read")):
        low, high, end = row[f"{side}_low"], row[f"{side}_high"], row[f"{side}_end"]
        first, second = layout.cell(name, line), layout.cell(f"{name}_high", line)
        one = low if not math.isnan(low) else high
        two = high if not math.isnan(low) and high != low else math.nan
        is_day = row["rule"] == DEADLINE.id or (math.isnan(one) and not math.isnan(end))
        page.number(line, layout.columns[name], end if is_day else one, "reading_date" if is_day else "reading")
        page.number(line, layout.columns[f"{name}_high"], math.nan if is_day else two, "reading")
        cells |= {f"{side}_low": first, f"{side}_high": first if math.isnan(two) else second, f"{side}_end": first}
    return cells


def _unchanged(case: Case, layout: Layout, row: Row, line: int, read_row: int) -> str:
    """Excel of: every text that decides the points is still the one that was read."""
    tests = [
        f"EXACT({layout.cell(name, line)},INDEX({READINGS_SHEET}!${(at := letters(_READING_AT[name]))}:${at},{read_row}))"
        for name in COMPARED
        if name in layout.columns
    ]
    if row["status"] == Status.SCORED:
        tests.append(f"ISNUMBER({layout.cell('weight_read', line)})")
    if (
        case.is_text(INDICATORS, "claimed_score", row)
        and row["rule"] in (QUALITATIVE.id, DEADLINE.id)
        and row["claimed_score_text"].isprintable()
        and len(row["claimed_score_text"]) <= 200
    ):
        cell = layout.cell("claimed_score", line)
        tests.append(f"OR(ISNUMBER({cell}),EXACT({cell},{literal(row['claimed_score_text'])}))")
    return f'IF(AND({",".join(tests)}),"{SAME}","已改动")'


_ENDS_OF_SCORED = (If(Known(C("score")), C("score"), 0),) * 2


def _write_span(page: Page, case: Case, layout: Layout, row: Row, line: int, cells: dict[str, str]) -> None:
    """What the row can still come to: its score, or what an open row can earn."""
    ends = _ENDS_OF_SCORED if row["status"] == Status.SCORED else open_span(row["rule"], case.scheme)
    if row["status"] == Status.NOT_APPLICABLE:
        ends = (BLANK, BLANK)
    read = cells | {"weight": layout.cell("weight_read", line)}
    for name, end in zip(("low", "high"), ends, strict=True):
        column = layout.columns[f"{name}_points"]
        if end is BLANK:
            page.blank(line, column, "reading")
        else:
            page.formula(line, column, end.given(_facts(row)).formula(read), row[name], "reading")


# 数值解读


def write_readings(book: Book, case: Case) -> None:
    """Every target and actual: the text typed, what was read, what was assumed. 绩效指标 compares its texts with these."""
    page = book.page(READINGS_SHEET)
    page.protect()
    page.widths(*(width for _, _, width in READINGS))
    page.text(1, 0, f"{case.unit['name']} {READINGS_SHEET}", "sheet_title")
    page.text(2, 0, "数值统一为基本数量级（40万人次=400000人次，元）；“绩效指标”的文字与这里不同的，得分变为“已改动，请重新评分”。", "remark")
    for i, (_, title, _) in enumerate(READINGS):
        page.text(READ_FIRST - 1, i, title, "head")
    page.height(READ_FIRST - 1, 30)
    layout = case.layouts[INDICATORS.name]
    rows = scored_rows(case)
    for number_of, row in enumerate(rows):
        line = READ_FIRST + number_of
        own = layout.rows[int(row["sheet_row"])]
        page.link(line, 0, (layout.sheet, layout.cell("target", own)), str(own))
        page.text(line, 1, row["name"])
        for name in COMPARED:
            page.text(line, _READING_AT[name], row[name], "typed_text")
        target, actual, assumed = _target_words(row), _actual_words(row), _assumptions(row)
        page.text(line, _READING_AT["target_as"], target)
        page.text(line, _READING_AT["actual_as"], actual)
        page.text(line, _READING_AT["rule"], RULE_OF[row["rule"]].title if row["rule"] in RULE_OF else "—", "center")
        page.text(line, _READING_AT["assumed"], assumed)
        differing = _shown_otherwise(case, row)
        for n, name in enumerate(("shown", "stored")):
            page.text(line, _READING_AT[name], "\n".join(f"{cell}：{pair[n]}" for cell, pair in differing))
        page.height(
            line, height_of((row["name"], 24), (row["target"], 18), (row["actual"], 18), (assumed, 27), ("\n" * max(0, len(differing) - 1), 15))
        )
    book.watch.block(page, READ_FIRST, 1, READ_FIRST + len(rows), len(READINGS) - 1)
    page.sheet.freeze_panes(READ_FIRST - 1, 0)
    page.sheet.set_landscape()
    page.sheet.set_paper(paper_for([width for _, _, width in READINGS], SMALL, WIDE_DIGIT))
    page.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.sheet.repeat_rows(READ_FIRST - 2)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))


def _shown_otherwise(case: Case, row: Row) -> list[tuple[str, tuple[str, str]]]:
    """The cells of a row whose format shows something else than is stored: (address, (shown, stored))."""
    place = case.places.get(INDICATORS.name)
    if place is None or not place.shown:
        return []
    cells = (place.cell(column.name, int(row["sheet_row"])) for column in INDICATORS.columns)
    return [(cell, place.shown[cell]) for cell in cells if cell is not None and cell in place.shown]


def _target_words(row: Row) -> str:
    if row["kind"] == "qualitative":
        return "定性"
    if row["kind"] == "management":
        return "按管理指标数据计算"
    if not math.isnan(row["t_end"]):
        return f"{day(row['t_end'])}前"
    if math.isnan(row["t_low"]) and math.isnan(row["t_high"]):
        return "没有读出数"
    if row["op"] == "range":
        return quantity(row, "t_low", "t_high", "t_unit")
    value = row["t_low"] if not math.isnan(row["t_low"]) else row["t_high"]
    return f"{row['op']} {number(value)} {row['t_unit']}".strip()


def _actual_words(row: Row) -> str:
    if row["kind"] == "management":
        return shown_value(row["data_value"]) if not math.isnan(row["data_value"]) else "数据不全"
    if not row["actual"]:
        return "未填"
    if not math.isnan(row["a_end"]):
        return day(row["a_end"])
    if row["kind"] == "qualitative":
        return f"定性：{row['tier_used']}" if row["tier_used"] else "定性：没有等级"
    if math.isnan(row["a_low"]) and math.isnan(row["a_high"]):
        return "没有读出数"
    return quantity(row, "a_low", "a_high", "a_unit")


def _assumptions(row: Row) -> str:
    found = [_FROM_WORDS[row["op_from"]]] if row["op_from"] in _FROM_WORDS else []
    if row["tier_inferred"]:
        found.append(f"完成等级按实际完成情况的文字推定为“{row['tier_used']}”")
    pair = row["pair"]
    for side, reading in (("指标值", pair.target), ("完成值", pair.actual)):
        if "unit-borrowed" in reading.notes:
            found.append(f"{side}没有写单位，按{row['t_unit'] or row['a_unit']}读")
    return "；".join(found)
