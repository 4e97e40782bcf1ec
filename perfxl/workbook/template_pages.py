"""What every sheet of the intake workbook has: column formats, title, header, print set-up, drop-downs and rules, values in their cells."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from perfxl.intake.submission import text_of
from perfxl.model import Column, Kind, Table, columns
from perfxl.model.columns import UNIT
from perfxl.model.levels import LEVEL2
from perfxl.schemes import Scheme, scheme_titles
from perfxl.workbook.writing import SheetWriter, checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

    from perfxl.workbook.prefill import Line, Prefill
    from perfxl.workbook.style import Style

TITLE_ROW, HINT_ROW, HEADER_ROW, FIRST_ROW = 0, 1, 2, 3
INLINE_LIST_LIMIT = 255
SHORTEST_PRINT = 12
"""Rows under the header that are printed at least."""

WHOSE = "_单位年度"
"""The name that is unit and year, as they stand in every title."""
ROW_HEIGHT, REPORT_HEIGHT = 19.5, 34.5


class TemplatePages:
    """The sheets of one template, and what they share."""

    def __init__(self, workbook: Workbook, style: Style, scheme: Scheme, prefill: Prefill) -> None:
        self.workbook = workbook
        self.style = style
        self.scheme = scheme
        self.prefill = prefill
        self.pages: dict[str, SheetWriter] = {}
        self.unit: dict[str, str | float] = {"scheme": scheme.title, "money_unit": columns.MONEY_UNITS[0], "submission_count": "1", **prefill.unit}
        self.options: list[tuple[str, tuple[str, ...]]] = []
        self.level1 = tuple(level.name for level in scheme.levels)
        self.level2 = tuple(dict.fromkeys(itertools.chain.from_iterable(level.level2 or LEVEL2.get(level.name, ()) for level in scheme.levels)))

        name, year = self.unit_cell("name"), self.unit_cell("fiscal_year")
        workbook.define_name(WHOSE, f'=IF({name}="","","　　"&{name})&IF({year}="","","　"&{year}&"年度")')

    # what every sheet has

    def open_page(self, table: Table, formats: Sequence[Format], *, frozen_columns: int = 0) -> SheetWriter:
        """Column formats, title, header row, print set-up and input messages of one table."""
        page = self.pages[table.sheet]
        sheet, last = page.worksheet, len(table.columns) - 1
        for index, (column, cell_format) in enumerate(zip(table.columns, formats, strict=True)):
            sheet.set_column(index, index, column.width, cell_format)
            page.text(HEADER_ROW, index, column.title, self.style.header)
        sheet.set_rest(last + 1, self.style.input_text)
        sheet.set_row(HEADER_ROW, 33)
        self.write_title(page, table.sheet)
        self.print_setup(page)
        sheet.freeze_panes(FIRST_ROW, frozen_columns)
        return page

    def write_title(self, page: SheetWriter, title: str) -> None:
        """The sheet's title, with unit and year once 基本信息 has them: every printed page says whose it is."""
        shown = title
        shown += f"　　{self.unit['name']}" if self.unit.get("name") else ""
        shown += f"　{self.unit['fiscal_year']}年度" if self.unit.get("fiscal_year") else ""
        page.worksheet.set_row(TITLE_ROW, 26)
        page.worksheet.set_row(HINT_ROW, 20)
        page.formula(TITLE_ROW, 0, f'="{title}"&{WHOSE}', self.style.title, value=shown)

    def unit_cell(self, name: str) -> str:
        """Where a field of 基本信息 stands."""
        row = FIRST_ROW + [column.name for column in UNIT.columns].index(name)
        return f"{UNIT.sheet}!{xl_rowcol_to_cell(row, 1, row_abs=True, col_abs=True)}"

    def print_setup(self, page: SheetWriter) -> None:
        """Landscape A4, one page across, the header on each, its number below."""
        sheet = page.worksheet
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.center_horizontally()
        sheet.repeat_rows(HEADER_ROW)
        version = f"{columns.TEMPLATE_ID} {columns.TEMPLATE_VERSION}"
        checked(sheet.set_footer(f'&L&"宋体"&9&A&C&"宋体"&9第 &P 页，共 &N 页&R&"宋体"&9{version}'), "页脚")

    def print_ready(self, page: SheetWriter, rows: int, last: int) -> None:
        """A print area of the rows ready to be filled, without a formula, which other programs drop; a row further down is told."""
        bottom = max(rows, SHORTEST_PRINT) + FIRST_ROW - 1
        page.worksheet.print_area(TITLE_ROW, 0, bottom, last)

    def yellow(self, page: SheetWriter, first_row: int, first_column: int, last_row: int, last_column: int, *, ready: int, across: int) -> None:
        """Box and yellow on the rows ready to be filled, and on any later row as soon as something stands in it."""
        row = f"INDEX($A:${xl_col_to_name(across)},ROW(),0)"  # no cell of the first row: that may be deleted
        ready_rows = f"ROW()<=ROW($A${HEADER_ROW + 1})+{ready}"
        criteria = f"=AND(ROW()>ROW($A${HEADER_ROW + 1}),OR({ready_rows},COUNTA({row})>0))"
        self.when(page, (anchored(first_row), first_column, last_row, last_column), criteria, self.style.when_input)

    @staticmethod
    def when(page: SheetWriter, area: tuple[int, int, int, int], criteria: str, cell_format: Format) -> None:
        """How an area looks where a formula over its first cell holds."""
        rule = {"type": "formula", "criteria": criteria, "format": cell_format}
        checked(page.worksheet.conditional_format(*area, rule), "条件格式")

    def validate(self, page: SheetWriter, area: tuple[int, int, int, int], column: Column, **rule: Any) -> None:
        """The column's input message, with a rule if one is given."""
        options: dict[str, Any] = {"validate": "any", "input_title": column.title, "input_message": column.help, **rule}
        if options["validate"] == "any" and not column.help:
            return
        checked(page.worksheet.data_validation(*area, options), f"“{column.title}”的数据有效性")

    def choice(self, column: Column, *, error_type: str = "stop") -> dict[str, Any]:
        """The drop-down of a column: short lists in place, long ones on the hidden sheet."""
        choices = self._choices(column)
        in_place = column.choices and len(",".join(choices)) <= INLINE_LIST_LIMIT
        return {
            "validate": "list",
            "source": list(choices) if in_place else self._option_range(column.title, choices),
            "error_type": error_type,
            "error_title": column.title,
            "error_message": "请从下拉列表中选择。",
        }

    def _choices(self, column: Column) -> tuple[str, ...]:
        if column.name == "level1":
            return self.level1
        if column.name == "level2":
            return self.level2
        if column.name == "scheme":
            titles = {scheme_id: title for title, scheme_id in reversed(scheme_titles().items())}
            return tuple(dict.fromkeys((*sorted(titles.values()), self.scheme.title)))
        return column.choices

    def _option_range(self, title: str, choices: tuple[str, ...]) -> str:
        if (title, choices) not in self.options:
            self.options.append((title, choices))
        letter = xl_col_to_name(self.options.index((title, choices)))
        return f"={columns.OPTIONS_SHEET}!${letter}$2:${letter}${len(choices) + 1}"

    # rows and cells

    def column_format(self, column: Column) -> Format:
        """How an input of a column looks, by its kind."""
        style = self.style
        if column.kind is Kind.MONEY:
            return style.input_money
        if column.kind is Kind.POINTS:
            return style.input_points
        if column.kind is Kind.NUMBER:
            return style.input_number
        if column.kind is Kind.RATE:
            return style.computed_rate
        return style.input_centered if column.kind is Kind.CHOICE else style.input_text

    def write_rows(self, page: SheetWriter, table: Table, lines: Iterable[Line]) -> None:
        """Lines below each other, each as high as its texts."""
        for row, line in enumerate(lines, FIRST_ROW):
            self.write_values(page, row, table, line)
            page.fit(row, [(str(value), table.by_name[name].width) for name, value in line.items()], at_least=ROW_HEIGHT)

    def write_values(self, page: SheetWriter, row: int, table: Table, line: Line, *, skip: Sequence[str] = ()) -> None:
        """The filled values of a row, each in the format of its column."""
        for index, column in enumerate(table.columns):
            value = line.get(column.name)
            if value is None or value == "" or column.name in skip:
                continue
            cell_format = self.column_format(column)
            if column.kind in (Kind.MONEY, Kind.POINTS, Kind.NUMBER) and not isinstance(value, str):
                page.number(row, index, value, cell_format)
            else:
                page.text(row, index, text_of(value), cell_format)


def anchored(first_row: int) -> int:
    """Where an area over the rows begins: with the head, so that a row inserted below it belongs to the area."""
    return HEADER_ROW if first_row == FIRST_ROW else first_row


def custom(formula: str, column: Column, message: str) -> dict[str, Any]:
    """A rule by formula."""
    return {"validate": "custom", "value": formula, "error_title": column.title, "error_message": message}


def decimal(column: Column, *, minimum: float | None, message: str, maximum: float | None = None) -> dict[str, Any]:
    """Any number between the bounds; without bounds, any number at all."""
    rule: dict[str, Any] = {"validate": "decimal", "error_title": column.title, "error_message": message}
    if maximum is not None:
        return {**rule, "criteria": "between", "minimum": minimum, "maximum": maximum}
    return {**rule, "criteria": ">=", "value": -1e15 if minimum is None else minimum}
