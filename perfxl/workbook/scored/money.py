"""预算执行: the lines as typed, their readings in 万元, rates, and the execution points as live formulas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from perfxl.model import Kind
from perfxl.model.columns import BUDGET, BUDGET_READINGS, EXPLANATION, RESULTS_OF_LINES, SOURCE_KIND, STALE_TOTAL, TOTAL_KIND, TYPE_KIND
from perfxl.rules.budget import AMOUNTS, RATE, UNREAD, amounts_of, base_of, score, weight
from perfxl.rules.expression import BLANK, And, C, If, Known, N, Rounded, Rows, literal
from perfxl.rules.results import Status
from perfxl.scoring.explain import execution_explanation
from perfxl.workbook.scored.case import DEFAULT_HEADER, Layout, all_columns
from perfxl.workbook.scored.changes import whole
from perfxl.workbook.scored.page import address, height_of
from perfxl.workbook.scored.tables import hide_gaps, open_table, watch_table, watch_texts, write_own, write_typed

if TYPE_CHECKING:
    from perfxl.model import Column
    from perfxl.rules.expression import Expression
    from perfxl.workbook.scored.case import Case, Row
    from perfxl.workbook.scored.page import Book, Page

CHANGED = STALE_TOTAL
_READ_OF = {"initial": "initial_read", "full_year": "full_year_read", "executed": "executed_read"}


def shown_columns(case: Case) -> tuple[list[Column], list[str]]:
    """The sheet's columns and the clerk's own."""
    return all_columns(case, BUDGET, case.budget, [*RESULTS_OF_LINES, *BUDGET_READINGS])


def with_total(case: Case) -> list[Row]:
    """The lines, and a total row below them where the intake has none."""
    if any(row["line"] == TOTAL_KIND for row in case.budget):
        return case.budget
    last = max((int(row["sheet_row"]) for row in case.budget), default=DEFAULT_HEADER)
    blank: Row = {"submission": case.submission, "sheet_row": last + 1, "line": TOTAL_KIND, "computed": True, "unread": False}
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
    watch_table(page, layout, layout.columns["item"] + 1, len(own), "explanation")
    watch_texts(page, layout, ("kind", "item", "weight"))
    summed = layout.rows[int(total["sheet_row"])] if live and total is not None else 0
    watch_texts(page, layout, _READ_OF, ((layout.first, summed - 1), (max(layout.first, summed + 1), layout.last)))


def _live_amount(page: Page, case: Case, column: Column, at: tuple[int, int], basis: Basis) -> None:
    value = case.execution[column.name]
    if math.isnan(value):
        page.blank(*at, "money")
        return
    amount = as_typed(case)
    page.formula(*at, whole(amount.formula({"amount": basis.far(f"adopted_{column.name}")})), amount.number(amount=value), "money")


def as_typed(case: Case) -> Expression:
    """An `amount` of 万元 in the unit of the sheet."""
    return C("amount") if case.money_factor == 1 else Rounded(C("amount") * N(round(1 / case.money_factor, 9)), 6)


def _readings(page: Page, case: Case, layout: Layout, row: Row, *, live: bool) -> None:
    """资金类别 as understood, and amounts in 万元; a live total has none (it would count itself)."""
    line = layout.rows[int(row["sheet_row"])]
    page.text(line, layout.columns["kind_read"], _kind_read(row) or "（未识别）", "reading_text")
    for name, read in _READ_OF.items():
        at = (line, layout.columns[read])
        if live:
            page.blank(*at, "reading")
            continue
        cell = layout.cell(name, line)
        page.formula(*at, amount_read(cell, case, row, name), row[name], "reading")


def _kind_read(row: Row) -> str:
    """资金类别 as understood, marked where an amount of the line was not read."""
    return f"{row['line']}{UNREAD if row['unread'] else ''}"


def amount_read(cell: str, case: Case, row: Row, name: str) -> str:
    """Excel of an amount in 万元: the number of the cell, or the constant read while the text is the one that was read."""
    factor = case.money_factor
    as_number = cell if factor == 1 else f"{cell}/{literal(round(1 / factor))}" if factor < 1 else f"{cell}*{literal(factor)}"
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
    return f"IF(EXACT({cell},{literal(text)}),{literal(value)},{literal(CHANGED)})" if plain else literal(value)


LINE_RATE = RATE.given({"half": 0.0})
"""The rate of one line, `executed` over `base`."""
BALANCE = If(And(Known(C("base")), Known(C("executed"))), Rounded(C("base") - C("executed"), 6), BLANK)


def _line_results(page: Page, layout: Layout, row: Row) -> None:
    line = layout.rows[int(row["sheet_row"])]
    cells = {"base": layout.cell("full_year_read", line), "executed": layout.cell("executed_read", line)}
    known = {"base": row["full_year"], "executed": row["executed"]}
    for name, figure, style in (("rate", LINE_RATE, "rate"), ("balance", BALANCE, "money")):
        page.formula(line, layout.columns[name], figure.formula(cells), figure.number(**known), style)
    for name in ("score", "status", "explanation"):
        page.blank(line, layout.columns[name], "center")


def _total_results(page: Page, case: Case, layout: Layout, row: Row, basis: Basis) -> None:
    line = layout.rows[int(row["sheet_row"])]
    own = case.execution
    page.formula(line, layout.columns["rate"], whole(basis.far("rate")), own["rate"], "rate")
    page.formula(line, layout.columns["score"], whole(basis.far("execution_score")), own["score"], "points_bold")
    status = Status.UNSCORABLE if math.isnan(own["score"]) else Status.SCORED
    page.text(line, layout.columns["status"], status.zh, "center")
    cells = {"base": basis.far("adopted_full_year"), "executed": basis.far("adopted_executed")}
    balance = BALANCE.number(base=own["full_year"], executed=own["executed"])
    page.formula(line, layout.columns["balance"], whole(BALANCE.formula(cells)), balance, "money")
    at = layout.columns["explanation"]
    page.sentence(line, at, at, execution_explanation(case.results, case.submission), "text")


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
        at = self.cells[name]
        return f"{self.sheet}!${at[0]}${at[1:]}"


def line_cells(layout: Layout) -> dict[str, str]:
    """The columns of the lines as the steps of 评分依据 see them."""
    return {"line": layout.far_span("kind_read")} | {name: layout.far_span(read) for name, read in _READ_OF.items()}


def shown_amounts(case: Case) -> dict[str, float]:
    """What those steps come to over the lines as the sheet shows them: a live total has no reading (it would count itself)."""
    lines = [row for row in case.budget if not (total_is_live(case) and row is total_row(case))]
    columns = {name: np.array([row[name] for row in lines], dtype="float64") for name in AMOUNTS}
    kinds = np.empty(len(lines), dtype=object)
    kinds[:] = [_kind_read(row) for row in lines]
    found = amounts_of(Rows(columns | {"line": kinds}, np.zeros(len(lines), dtype=np.intp), 1))
    return {name: float(value[0]) for name, value in found.items()}


def weight_formula(case: Case, layout: Layout) -> str:
    """Excel of the weight of 预算执行: the typed one if positive, else the scheme's."""
    row = total_row(case)
    if row is None:
        return literal(case.scheme.budget.weight)
    cell = layout.far("weight", layout.rows[int(row["sheet_row"])])
    if case.is_text(BUDGET, "weight", row) and not math.isnan(row["weight"]):
        cell = f"IF(ISNUMBER({cell}),{cell},{literal(row['weight'])})"
    return weight(case.scheme).formula({"typed_weight": cell})


def execution_cells(case: Case, basis: Basis, of: str) -> dict[str, str]:
    """The cells that rate and points of an amount line (adopted, type, typed) are computed from."""
    half = basis.near("adopted_half") if of == "adopted" else literal(0)
    return {
        "base": basis.near(f"{of}_{base_of(case.scheme)}"),
        "executed": basis.near(f"{of}_executed"),
        "half": half,
        "weight": basis.near("execution_weight"),
    }


def score_formula(case: Case, basis: Basis, of: str) -> str:
    """Excel of the execution points from the adopted amounts, or from the other total that disagrees."""
    if case.execution["foreign"]:
        return '""'
    expression = score(case.scheme).formula(execution_cells(case, basis, of))
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
