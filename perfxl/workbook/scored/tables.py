"""Sheets of the intake copied as typed: every table's header, cells, own columns, widths and printing."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from perfxl.model import Kind
from perfxl.model.addresses import letters, split
from perfxl.model.columns import FIELD_TITLES, GOALS, MANAGEMENT, REPORT, RESULT_COLUMNS, UNIT
from perfxl.workbook.scored.case import DEFAULT_HEADER, Layout, all_columns
from perfxl.workbook.scored.page import SMALL, height_of
from perfxl.workbook.style import WIDE_DIGIT, paper_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perfxl.model import Column, Table
    from perfxl.workbook.scored.case import Case, Row
    from perfxl.workbook.scored.page import Book, Page

OWN_WIDTH = 16.0
LOCKED = "结果列已锁定（没有密码），填报列可以改；要排序或删除行，请先撤销工作表保护。改动后请重新运行 perfxl score。"
SPARE = 40
"""Rows below a table that are watched too: there somebody may go on writing."""
_NUMBERS = (Kind.MONEY, Kind.POINTS, Kind.NUMBER)
_STYLE_OF_KIND = {
    Kind.MONEY: "money",
    Kind.POINTS: "weight",
    Kind.NUMBER: "number",
    Kind.CHOICE: "typed_center",
    Kind.TEXT: "typed_text",
    Kind.RATE: "rate",
}


def open_table(book: Book, case: Case, layout: Layout, shown: Sequence[Column], own: Sequence[str], *, readings: Sequence[Column] = ()) -> Page:
    """The sheet of a table with title, header, column widths and print set-up."""
    page = book.page(layout.sheet)
    if readings:
        typed = (i for i, c in enumerate(shown) if c not in RESULT_COLUMNS and c.kind is not Kind.RATE)
        page.protect(*typed, *range(len(shown), len(shown) + len(own)))
    page.widths(*(c.result_width for c in shown), *[OWN_WIDTH] * len(own))
    if layout.header > 1:
        page.text(1, 0, f"{case.unit['name']} {layout.sheet}", "sheet_title")
    if readings and layout.header > 2:
        page.text(2, 0, LOCKED, "remark")
    grey = {c.name for c in readings}
    for i, column in enumerate(shown):
        page.text(layout.header, i, column.title, "reading_head" if column.name in grey else "head")
    for i, title in enumerate(own):
        page.text(layout.header, len(shown) + i, title, "own_head")
    page.height(layout.header, 30)
    page.sheet.freeze_panes(layout.header, 0)
    printed = len(shown) - len(readings) - 1
    page.sheet.set_landscape()
    page.sheet.set_paper(paper_for([c.result_width for c in shown[: printed + 1]], SMALL, WIDE_DIGIT))
    page.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.sheet.repeat_rows(layout.header - 1)
    page.sheet.print_area(0, 0, layout.last - 1, printed)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))
    return page


def footer(case: Case) -> str:
    """Scheme, version, source and page numbers, at the foot of every page."""
    from perfxl.model.version import __version__

    title = case.scheme.title.replace("&", "&&")
    return f"&L&10{title} · perfxl {__version__} · {case.source.sha256[:8]}&R&10第&P页 共&N页"


def watch_table(page: Page, layout: Layout, named: int, own: int, said: str = "") -> None:
    """Watch every cell of a table, the clerk's own columns included; `said` is the column of its sentences."""
    last, right = layout.last + SPARE, len(layout.columns) + own - 1
    column = layout.columns[said] if said else right + 1
    page.book.watch.block(page, layout.header, 0, last, column - 1)
    if column < right:
        page.book.watch.block(page, layout.header, column + 1, last, right)
    if said:
        page.book.watch.said(page, layout.first, column, layout.last)
    page.book.watch.table(page, layout.header, layout.last, named)


def watch_texts(page: Page, layout: Layout, names: Iterable[str], rows: Sequence[tuple[int, int]] = ()) -> None:
    """Watch the texts of the columns that decide points, in the rows of a table or the spans of `rows`."""
    columns = sorted(layout.columns[name] for name in names if name in layout.columns)
    for _, run in groupby(enumerate(columns), lambda found: found[1] - found[0]):
        beside = [column for _, column in run]
        for first, last in rows or ((layout.first, layout.last),):
            if first <= last:
                page.book.watch.texts(page, first, beside[0], last, beside[-1])


def hide_gaps(page: Page, layout: Layout) -> None:
    """Rows of the intake that carry nothing keep their numbers and are not shown."""
    used = set(layout.rows.values())
    for row in range(layout.first, layout.last):
        if row not in used:
            page.hide_row(row)


def write_typed(page: Page, case: Case, table: Table, column: Column, row: Row, at: tuple[int, int]) -> None:
    """One declared cell as typed: texts as text, numbers as numbers of the sheet's own unit."""
    line, index = at
    style = _STYLE_OF_KIND[column.kind]
    if column.kind not in _NUMBERS:
        page.text(line, index, row[f"{column.name}_typed"] if f"{column.name}_typed" in row else row[column.name], style)
        return
    text, read = row[f"{column.name}_text"], row[column.name]
    if not text:
        page.blank(line, index, style)
    elif case.is_date(table, column.name, row):
        page.number(line, index, _serial(text), "date")
    elif read != read or case.is_text(table, column.name, row):
        page.text(line, index, text, "typed_right")
    elif text.endswith("%"):
        page.number(line, index, read, "rate")
    else:
        page.number(line, index, float(text), style)


def _serial(text: str) -> float:
    """Excel's day number of a date written as 2020-12-31, with or without a time."""
    span = datetime.fromisoformat(text) - datetime(1899, 12, 30)  # noqa: DTZ001  # Excel's dates have no zone
    return span.total_seconds() / 86400


def write_own(page: Page, case: Case, table: Table, layout: Layout, own: Sequence[str]) -> None:
    """The clerk's own columns as text, right of everything perfxl writes."""
    start = len(layout.columns)
    for i, title in enumerate(own):
        for intake_row, text in case.own[table.name][title].items():
            if intake_row in layout.rows:
                page.text(layout.rows[intake_row], start + i, text, "typed_text")


def write_plain_table(book: Book, case: Case, table: Table, rows: Sequence[Row]) -> None:
    """年度目标, 管理指标数据 and 报告文字: as typed."""
    shown, own = all_columns(case, table, rows, ())
    layout = case.layouts[table.name]
    page = open_table(book, case, layout, shown, own)
    for row in rows:
        line = layout.rows[int(row["sheet_row"])]
        for i, column in enumerate(shown):
            write_typed(page, case, table, column, row, (line, i))
        page.height(line, height_of(*((str(row[c.name]), c.result_width) for c in shown if c.kind is Kind.TEXT)))
    write_own(page, case, table, layout, own)
    hide_gaps(page, layout)
    watch_table(page, layout, len(shown), len(own))
    if table is MANAGEMENT:
        watch_texts(page, layout, (column.name for column in MANAGEMENT.columns if column.name != "note"))


def plain_tables(case: Case) -> dict[str, tuple[Table, list[Row]]]:
    """The tables copied without scores."""
    return {GOALS.name: (GOALS, case.goals), MANAGEMENT.name: (MANAGEMENT, case.management), REPORT.name: (REPORT, case.report)}


# 基本信息

_DECIDING_FIELDS = ("fiscal_year", "scheme", "money_unit")
"""Fields that points are computed with."""


def field_rows(case: Case) -> dict[str, int]:
    """The row of each field of 基本信息: that of the intake where all fields stand in column B, else the declared order."""
    place = case.places.get(UNIT.name)
    own = {name: cell for name, cell in place.cells.items() if cell.startswith("B") and cell[1:].isdigit()} if place else {}
    numbers = {name: int(cell[1:]) for name, cell in own.items()}
    declared = [column.name for column in UNIT.columns]
    usable = (
        set(numbers) == set(declared) and len(set(numbers.values())) == len(declared) and min(numbers.values()) > 1 and max(numbers.values()) < 200
    )
    return numbers if usable else {name: DEFAULT_HEADER + 1 + i for i, name in enumerate(declared)}


def write_unit(book: Book, case: Case) -> None:
    """基本信息: every field as typed."""
    page = book.page(UNIT.sheet)
    page.widths(22, 44, 60)
    rows = field_rows(case)
    header = min(rows.values()) - 1
    for i, title in enumerate(FIELD_TITLES):
        page.text(header, i, title, "head")
    if header > 1:
        page.text(1, 0, f"{case.unit['name']} {UNIT.sheet}", "sheet_title")
    for column in UNIT.columns:
        line = rows[column.name]
        page.text(line, 0, column.title, "label")
        page.text(line, 1, case.unit[column.name], "typed_text")
        page.text(line, 2, column.help, "note")
        page.height(line, height_of((str(case.unit[column.name]), 44.0), (column.help, 66.0)))
    page.sheet.freeze_panes(header, 0)
    page.sheet.set_paper(9)
    page.sheet.set_landscape()
    page.book.watch.block(page, header, 0, max(rows.values()) + SPARE, 1)
    for name in _DECIDING_FIELDS:
        page.book.watch.texts(page, rows[name], 1, rows[name], 1)
    page.sheet.print_area(0, 0, max(rows.values()) - 1, 2)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer(footer(case))


def field_links(case: Case) -> dict[tuple[str, str], tuple[str, str]]:
    """(sheet, cell) of each field of 基本信息 in the intake to its cell in the result."""
    place = case.places.get(UNIT.name)
    rows = field_rows(case)
    return {(place.sheet, cell): (UNIT.sheet, f"B{rows[name]}") for name, cell in place.cells.items()} if place else {}


def link_target(case: Case, sheet: str | None, cell: str | None, fields: Mapping[tuple[str, str], tuple[str, str]]) -> tuple[str, str] | None:
    """Where in the result the intake's cell stands; the sheet's first cell where the cell is not in it; None: nowhere."""
    if not sheet:
        return None
    if (sheet, cell or "") in fields:
        return fields[sheet, cell or ""]
    number, column_letters = split(cell)
    tables = [(case.layouts.get(name), name, place) for name, place in case.places.items() if place.sheet == sheet]
    # The blocks of a form share its sheet: the one that has the row comes first.
    for layout, name, place in sorted(tables, key=lambda found: found[0] is None or (number or 0) not in found[0].rows):
        if layout is None:
            return (UNIT.sheet, "A1") if name == UNIT.name else None
        row = layout.rows.get(number or 0)
        if row is None:
            return layout.sheet, f"A{layout.header}"
        own = place.other.get(number or 0, place.cells)
        column = next((c for c, at in own.items() if at == column_letters and c in layout.columns), None)
        return layout.sheet, f"{letters(layout.columns.get(column or '', 0))}{row}"
    return None
