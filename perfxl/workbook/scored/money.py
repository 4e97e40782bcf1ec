"""预算执行: the lines as typed, their readings in 万元, rates, and the execution points as live formulas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from perfxl.model import Kind
from perfxl.model.columns import BUDGET, BUDGET_READINGS, EXPLANATION, RESULTS_OF_LINES, SOURCE_KIND, TOTAL_KIND, TYPE_KIND
from perfxl.model.rounding import rounded_formula
from perfxl.rules.budget import points_formula
from perfxl.rules.results import Status
from perfxl.rules.wording import number
from perfxl.scoring.explain import execution_explanation
from perfxl.workbook.scored.case import DEFAULT_HEADER, Layout, all_columns
from perfxl.workbook.scored.page import address, height_of, literal
from perfxl.workbook.scored.tables import hide_gaps, open_table, write_own, write_typed

if TYPE_CHECKING:
    from perfxl.model import Column
    from perfxl.workbook.scored.case import Case, Row
    from perfxl.workbook.scored.page import Book, Page

CHANGED = "已改动，请重新评分"
_READ_OF = {"initial": "initial_read", "full_year": "full_year_read", "executed": "executed_read"}


def shown_columns(case: Case) -> tuple[list[Column], list[str]]:
    """The sheet's columns and the clerk's own."""
    return all_columns(case, BUDGET, case.budget, [*RESULTS_OF_LINES, *BUDGET_READINGS])


def with_total(case: Case) -> list[Row]:
    """The lines, and a total row below them where the intake has none."""
    if any(row["line"] == TOTAL_KIND for row in case.budget):
        return case.budget
    last = max((int(row["sheet_row"]) for row in case.budget), default=DEFAULT_HEADER)
    blank: Row = {"submission": case.submission, "sheet_row": last + 1, "line": TOTAL_KIND, "computed": True}
    for column in BUDGET.columns:
        numeric = column.kind in (Kind.MONEY, Kind.POINTS)
        blank[column.name] = math.nan if numeric else ""
        blank[f"{column.name}_text"] = ""
    return [*case.budget, blank | {"kind": TOTAL_KIND, "item": "年度资金总额"}]


def total_row(case: Case) -> Row | None:
    """The row that carries the total, 分值 and 得分: the first 合计."""
    return next((row for row in with_total(case) if row["line"] == TOTAL_KIND), None)


def total_is_live(case: Case) -> bool:
    """Whether the total row shows sums; a typed total that counts or contradicts stays as typed."""
    row = total_row(case)
    if row is None or case.execution["basis"] not in (SOURCE_KIND, TYPE_KIND):
        return False
    texts = any(case.is_text(BUDGET, name, row) or case.is_date(BUDGET, name, row) for name in _READ_OF)
    unread = any(row[f"{name}_text"] and math.isnan(row[name]) for name in _READ_OF)
    return math.isnan(case.execution["total_gap"]) and not texts and not unread


def write_budget(book: Book, case: Case, basis: Basis) -> None:
    """The sheet."""
    shown, own = shown_columns(case)
    layout = case.layouts[BUDGET.name]
    readings = [c for c in shown if c in BUDGET_READINGS]
    page = open_table(book, case, layout, shown, own, readings=readings)
    live, total = total_is_live(case), total_row(case)
    for row in with_total(case):
        line = layout.rows[int(row["sheet_row"])]
        is_total = row is total
        for i, column in enumerate(shown[: len(BUDGET.columns)]):
            if column.kind is Kind.RATE:
                continue
            if is_total and live and column.name in _READ_OF:
                _live_amount(page, case, column, (line, i), basis)
            else:
                write_typed(page, case, BUDGET, column, row, (line, i))
        _readings(page, case, layout, row, live=live and is_total)
        if is_total:
            _total_results(page, case, layout, row, basis)
        else:
            _line_results(page, layout, row)
        texts = [(str(row[c.name]), c.result_width) for c in BUDGET.columns if c.kind is Kind.TEXT]
        if is_total:
            texts.append((execution_explanation(case.results, case.submission), EXPLANATION.result_width))
        page.height(line, height_of(*texts))
    write_own(page, case, BUDGET, layout, own)
    hide_gaps(page, layout)


def _live_amount(page: Page, case: Case, column: Column, at: tuple[int, int], basis: Basis) -> None:
    value = case.execution[column.name]
    if math.isnan(value):
        page.blank(*at, "money")
        return
    cell = basis.far(f"adopted_{column.name}")
    if case.money_factor == 1:
        page.formula(*at, cell, value, "money")
    else:
        page.formula(*at, f"ROUND({cell}*10000,6)", round(value * 10000, 6), "money")


def _readings(page: Page, case: Case, layout: Layout, row: Row, *, live: bool) -> None:
    """资金类别 as understood, and amounts in 万元; a live total has none (it would count itself)."""
    line = layout.rows[int(row["sheet_row"])]
    page.text(line, layout.columns["kind_read"], row["line"] or "（未识别）", "reading_text")
    for name, read in _READ_OF.items():
        at = (line, layout.columns[read])
        if live:
            page.blank(*at, "reading")
            continue
        cell = layout.cell(name, line)
        page.formula(*at, amount_read(cell, case, row, name), row[name], "reading")


def amount_read(cell: str, case: Case, row: Row, name: str) -> str:
    """Excel of an amount in 万元: the number of the cell, or the constant read while the text is the one that was read."""
    as_number = cell if case.money_factor == 1 else f"{cell}/10000"
    value = row[name]
    otherwise = '""'
    if case.is_text(BUDGET, name, row) and not math.isnan(value):
        otherwise = text_read(cell, row[f"{name}_text"], value)
    elif row[f"{name}_text"].endswith("%") and math.isnan(value):
        return '""'
    return f"IF(ISNUMBER({cell}),{as_number},{otherwise})"


def text_read(cell: str, text: str, value: float) -> str:
    """Excel of a number typed as text: what was read from it, as long as it is that text."""
    plain = len(text) <= 200 and text.isprintable()
    return f"IF(EXACT({cell},{literal(text)}),{value!r},{literal(CHANGED)})" if plain else repr(value)


def _line_results(page: Page, layout: Layout, row: Row) -> None:
    line = layout.rows[int(row["sheet_row"])]
    f, x = layout.cell("full_year_read", line), layout.cell("executed_read", line)
    full, executed = row["full_year"], row["executed"]
    rate = executed / full if full > 0 and not math.isnan(executed) else math.nan
    page.formula(line, layout.columns["rate"], f'IF(AND(ISNUMBER({f}),ISNUMBER({x})),IF({f}>0,{x}/{f},""),"")', rate, "rate")
    page.formula(line, layout.columns["balance"], f'IF(AND(ISNUMBER({f}),ISNUMBER({x})),ROUND({f}-{x},6),"")', round(full - executed, 6), "money")
    for name in ("score", "status", "explanation"):
        page.blank(line, layout.columns[name], "center")


def _total_results(page: Page, case: Case, layout: Layout, row: Row, basis: Basis) -> None:
    line = layout.rows[int(row["sheet_row"])]
    own = case.execution
    page.formula(line, layout.columns["rate"], basis.far("rate"), own["rate"], "rate")
    page.formula(line, layout.columns["score"], basis.far("execution_score"), own["score"], "points_bold")
    status = Status.UNSCORABLE if math.isnan(own["score"]) else Status.SCORED
    page.text(line, layout.columns["status"], status.zh, "center")
    full, executed = basis.far("adopted_full_year"), basis.far("adopted_executed")
    page.formula(
        line,
        layout.columns["balance"],
        f'IF(AND(ISNUMBER({full}),ISNUMBER({executed})),ROUND({full}-{executed},6),"")',
        round(own["full_year"] - own["executed"], 6),
        "money",
    )
    page.text(line, layout.columns["explanation"], execution_explanation(case.results, case.submission), "text")


# the calculation, on 评分依据


class Basis:
    """Where 评分依据 keeps the live steps between the lines and the total; cells by name."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.cells: dict[str, str] = {}

    def put(self, name: str, row: int, column: int) -> str:
        """Remember a named cell and return its address."""
        self.cells[name] = address(row, column, fixed=True).replace("$", "")
        return self.cells[name]

    def near(self, name: str) -> str:
        """The cell as formulas on 评分依据 write it."""
        return self.cells[name]

    def far(self, name: str) -> str:
        """The cell as other sheets write it."""
        return f"{self.sheet}!{self.cells[name]}"


AMOUNTS = ("initial", "full_year", "executed")
AMOUNT_ROWS = (("source", SOURCE_KIND), ("type", TYPE_KIND), ("typed", TOTAL_KIND), ("adopted", "采用"))


def kind_values(case: Case, kind: str) -> dict[str, float]:
    """What the lines of a kind add up to, as the engine does, with the counts of complete and half lines."""
    lines = [row for row in case.budget if row["line"] == kind]
    if kind == TOTAL_KIND and total_is_live(case):
        first = total_row(case)
        lines = [row for row in lines if row is not first]
    values: dict[str, float] = {}
    for name in AMOUNTS:
        read = [row[name] for row in lines if not math.isnan(row[name])]
        values[name] = round(math.fsum(read), 9) if read else math.nan
    has = [(not math.isnan(row["full_year"]), not math.isnan(row["executed"])) for row in lines]
    values["both"] = float(sum(a and b for a, b in has))
    values["half"] = float(sum(a != b for a, b in has))
    return values


def sum_formula(layout: Layout, kind: str, name: str) -> str:
    """Excel of one amount over the lines of a kind; an empty text over no number."""
    kinds, read = layout.far_span("kind_read"), layout.far_span(_READ_OF[name])
    return f'IF(SUMPRODUCT(({kinds}="{kind}")*ISNUMBER({read}))=0,"",ROUND(SUMIF({kinds},"{kind}",{read}),9))'


def count_formula(layout: Layout, kind: str, which: str) -> str:
    """Excel of the number of lines of a kind with both amounts, or with only one."""
    kinds, full, executed = (layout.far_span(c) for c in ("kind_read", "full_year_read", "executed_read"))
    test = f"ISNUMBER({full})*ISNUMBER({executed})" if which == "both" else f"(ISNUMBER({full})<>ISNUMBER({executed}))"
    return f'SUMPRODUCT(({kinds}="{kind}")*{test})'


def adopted_formula(basis: Basis, name: str) -> str:
    """Excel of the branch of contract §3.1: 按来源, else 按支出类型, else the typed total."""
    source, kind, typed = (basis.near(f"{key}_{name}") for key in ("source", "type", "typed"))
    return f"IF({basis.near('source_both')}>0,{source},IF({basis.near('type_both')}>0,{kind},{typed}))"


def weight_formula(case: Case, layout: Layout) -> str:
    """Excel of the weight of 预算执行: the typed one if positive, else the scheme's."""
    row = total_row(case)
    own = number(case.scheme.budget.weight)
    if row is None:
        return own
    cell = layout.far("weight", layout.rows[int(row["sheet_row"])])
    if case.is_text(BUDGET, "weight", row) and row["weight"] > 0:
        return f"IF(ISNUMBER({cell}),IF({cell}>0,{cell},{own}),{row['weight']!r})"
    return f"IF(ISNUMBER({cell}),IF({cell}>0,{cell},{own}),{own})"


def rate_formula(case: Case, basis: Basis) -> str:
    """Excel of the rate that counts."""
    base = basis.near("adopted_initial" if case.scheme.budget.base == "initial" else "adopted_full_year")
    executed = basis.near("adopted_executed")
    ready = f"AND({basis.near('adopted_half')}=0,ISNUMBER({base}),ISNUMBER({executed}))"
    return f'IF({ready},IF({base}>0,{executed}/{base},""),"")'


def score_formula(case: Case, basis: Basis, of: str) -> str:
    """Excel of the execution points from the adopted amounts, or from the other total that disagrees."""
    base = basis.near(f"{of}_initial" if case.scheme.budget.base == "initial" else f"{of}_full_year")
    rounding = case.scheme.rounding
    earned = points_formula(base, basis.near(f"{of}_executed"), basis.near("execution_weight"), case.scheme)
    points = rounded_formula(earned, rounding.decimals, rounding.mode) if of == "adopted" else rounded_formula(earned)
    ready = f"{basis.near('adopted_half')}=0" if of == "adopted" else f"{basis.near(f'{of}_both')}>=0"
    expression = f'IF({ready},IFERROR({points},""),"")'
    typed = any(case.is_text(BUDGET, name, row) for row in case.budget for name in AMOUNTS)
    if of != "adopted" or not typed:
        return expression
    layout = case.layouts[BUDGET.name]
    changed = "+".join(f'COUNTIF({layout.far_span(read)},"{CHANGED}")' for read in _READ_OF.values())
    return f'IF({changed}>0,"{CHANGED}",{expression})'


def other_total(case: Case) -> str:
    """Which other total disagrees with the adopted one: type, typed, or none ("")."""
    if not math.isnan(case.execution["source_type_gap"]):
        return "type"
    return "typed" if not math.isnan(case.execution["total_gap"]) else ""
