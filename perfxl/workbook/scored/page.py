"""One sheet of a result being written: rows counted from 1 as Excel shows them, formats by meaning."""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING, Any

from perfxl.model.addresses import letters
from perfxl.output import clean
from perfxl.workbook import writing
from perfxl.workbook.scored.changes import Watch
from perfxl.workbook.style import AUTO_FILL, GREY, HEADER_FILL, HEADING_FONT, LINE, MONEY_FORMAT
from perfxl.workbook.writing import LONGEST_TEXT, checked, new_workbook, parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_BOXED: dict[str, Any] = {"border": 1, "border_color": LINE, "font_size": 10}
_CELL: dict[str, Any] = {**_BOXED, "text_wrap": True}
SMALL = 10
"""Points of the smallest script."""
_READ: dict[str, Any] = {"font_color": GREY, "font_size": SMALL}
_MONEY, _POINTS, _RATE, _GENERAL = f"{MONEY_FORMAT}_ ", "0.00_ ", "0.00%_ ", "General_ "
"""Number formats with a blank before the border."""
_HEADING: dict[str, Any] = {"font_name": HEADING_FONT, "bold": True}

_STYLES: Mapping[str, dict[str, Any]] = {
    "title": {**_HEADING, "font_size": 16, "align": "center"},
    "subtitle": {"align": "center"},
    "sheet_title": {**_HEADING, "font_size": 13},
    "verdict": {"bold": True, "border": 2, "text_wrap": True, "indent": 1},
    "section": {**_HEADING, "bottom": 1},
    "plain": {"text_wrap": True, "font_size": 10},
    "note": {"font_size": SMALL, "font_color": GREY, "text_wrap": True, "valign": "top"},
    "head": {**_CELL, **_HEADING, "align": "center", "bg_color": HEADER_FILL},
    "reading_head": {**_CELL, **_READ, "align": "center"},
    "remark": {"font_size": SMALL, "font_color": GREY},
    "own_head": {**_CELL, "italic": True, "align": "center"},
    "label": {**_CELL, "align": "center"},
    "label_bold": {**_CELL, "align": "center", "bold": True, "bg_color": AUTO_FILL},
    "text": {**_CELL, "align": "left"},
    "text_top": {**_CELL, "align": "left", "valign": "top"},
    "center": {**_CELL, "align": "center"},
    "typed_text": {**_CELL, "align": "left", "num_format": "@"},
    "typed_center": {**_CELL, "align": "center", "num_format": "@"},
    "typed_right": {**_CELL, "align": "right", "num_format": "@"},
    "number": {**_CELL, "align": "right", "num_format": _GENERAL},
    "money": {**_BOXED, "align": "right", "num_format": _MONEY},
    "points": {**_CELL, "align": "right", "num_format": _POINTS},
    "points_bold": {**_CELL, "align": "right", "num_format": _POINTS, "bold": True},
    "weight": {**_CELL, "align": "right", "num_format": _GENERAL},
    "weight_bold": {**_CELL, "align": "right", "bold": True, "num_format": _GENERAL},
    "rate": {**_BOXED, "align": "right", "num_format": _RATE},
    "date": {**_BOXED, "align": "center", "num_format": "yyyy-mm-dd"},
    "big": {**_CELL, "align": "center", "bold": True, "font_size": 16, "num_format": _POINTS},
    "big_text": {**_CELL, "align": "center", "bold": True, "font_size": 13},
    "reading": {**_BOXED, **_READ, "align": "right"},
    "reading_date": {**_BOXED, **_READ, "align": "right", "num_format": "yyyy-mm-dd"},
    "reading_text": {**_CELL, **_READ, "align": "center"},
    "link": {**_CELL, "align": "center", "font_color": "#1F3864", "underline": 1},
    "factor": {**_BOXED, "align": "right", "num_format": "0.000000"},
    "error": {**_CELL, "align": "center", "bold": True},
}


class Book:
    """A workbook in memory with formats made once, by meaning."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._bytes = BytesIO()
        self.workbook, self._style = new_workbook(self._bytes, properties=properties)
        self._formats: dict[str, Format] = {}

        self.watch = Watch()

    def style(self, name: str, *, unlocked: bool = False) -> Format:
        """The format of a meaning; `unlocked` where a protected sheet lets people type."""
        key = f"{name} unlocked" if unlocked else name
        found = self._formats.get(key)
        if found is None:
            found = self._formats[key] = self._style.made(**_STYLES[name], **({"locked": False} if unlocked else {}))
        return found

    def page(self, title: str) -> Page:
        """A new sheet at the end of the book."""
        out = writing.SheetWriter(self.workbook, title, self._style)
        return Page(self, out.worksheet, out)

    def finished(self) -> bytes:
        """The whole file."""
        self.workbook.close()
        return self._bytes.getvalue()


class Page:
    """One sheet. Rows are counted from 1, columns from 0."""

    def __init__(self, book: Book, sheet: Worksheet, out: writing.SheetWriter) -> None:
        self.book = book
        self.sheet = sheet
        self.out = out
        self.title: str = sheet.get_name()
        self.heights: dict[int, float] = {}
        self.cells: dict[tuple[int, int], str | float] = {}
        """What was written, by (row, column); formulas by their value."""
        self.inputs: frozenset[int] = frozenset()
        """Columns that stay unlocked when the sheet is protected."""

    def _look(self, column: int, style: str) -> Format:
        return self.book.style(style, unlocked=column in self.inputs)

    def text(self, row: int, column: int, value: object, style: str = "text") -> None:
        """A text as it is, cut where a cell ends; blank cells keep their style."""
        shown = str(value if value is not None else "")
        if len(shown) > LONGEST_TEXT // 2:
            shown = parts(shown)[0]
        if shown:
            self.cells[row, column] = clean(shown)
        self.out.text(row - 1, column, shown, self._look(column, style))

    def blank(self, row: int, column: int, style: str = "text") -> None:
        """An empty cell with its style."""
        self.out.blank(row - 1, column, self._look(column, style))

    def number(self, row: int, column: int, value: float, style: str = "number") -> None:
        """A number; NaN is a blank."""
        if math.isnan(value):
            self.blank(row, column, style)
        else:
            self.cells[row, column] = float(value)
            self.out.number(row - 1, column, float(value), self._look(column, style))

    def formula(self, row: int, column: int, expression: str, value: float | str, style: str = "points") -> None:
        """A live formula (without "=") stored with the engine's value; NaN is stored as an empty text."""
        stored: float | str = "" if isinstance(value, float) and math.isnan(value) else value
        self.cells[row, column] = stored
        self.out.formula(row - 1, column, f"={expression}", self._look(column, style), value=stored)

    def array(self, row: int, column: int, expression: str) -> None:
        """A formula over whole blocks of cells (entered with Ctrl+Shift+Enter), stored as 0."""
        done = self.sheet.write_array_formula(row - 1, column, row - 1, column, expression, self.book.style("plain"), 0)
        checked(done, f"{self.title} 公式")

    def sentence(self, row: int, first: int, last: int, text: str, style: str = "plain") -> None:
        """A text over several cells; one that holds a number gives way when anything it was written from is changed."""
        if not any(character.isdigit() for character in text):
            self.merged(row, first, last, text, style)
            return
        self.merged(row, first, last, "", style)
        self.formula(row, first, self.book.watch.sentence(text), text, style)

    def protect(self, *inputs: int) -> None:
        """Lock the sheet without a password but for these columns; rows may be added, sorted and made higher."""
        self.inputs = frozenset(inputs)
        allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter")
        self.sheet.protect("", dict.fromkeys(allowed, True))

    def link(self, row: int, column: int, target: tuple[str, str], shown: str) -> None:
        """A link to a cell (sheet, address) of this workbook."""
        self.cells[row, column] = shown
        self.out.link(row - 1, column, *target, shown, self.book.style("link"))

    def merged(self, row: int, first: int, last: int, value: object = "", style: str = "text", *, rows: int = 1) -> None:
        """A text over several cells."""
        if first == last and rows == 1:
            self.text(row, first, value, style)
            return
        checked(self.sheet.merge_range(row - 1, first, row + rows - 2, last, "", self.book.style(style)), f"{self.title} 合并单元格")
        if value not in (None, ""):
            self.text(row, first, value, style)

    def widths(self, *widths: float) -> None:
        """Column widths from the first column on."""
        for i, width in enumerate(widths):
            look = self.book.style("plain", unlocked=True) if i in self.inputs else None
            checked(self.sheet.set_column(i, i, width, look), f"{self.title} 列宽")

    def hide_columns(self, first: int, last: int) -> None:
        """Columns that carry what formulas need and nobody reads."""
        checked(self.sheet.set_column(first, last, None, None, {"hidden": True}), f"{self.title} 列宽")

    def height(self, row: int, points: float) -> None:
        """The height of a row in points, at most what Excel allows."""
        self.heights[row] = min(points, 409.0)
        checked(self.sheet.set_row(row - 1, min(points, 409.0)), f"{self.title} 行高")

    def hide_row(self, row: int) -> None:
        """A row that keeps its number and is not shown."""
        checked(self.sheet.set_row(row - 1, None, None, {"hidden": True}), f"{self.title} 行高")


def address(row: int, column: int, *, fixed: bool = False) -> str:
    """A1 address of a row counted from 1 and a column counted from 0."""
    return f"${letters(column)}${row}" if fixed else f"{letters(column)}{row}"


def shown_width(text: str) -> int:
    """Columns of the default font a line takes: the bytes of GB 18030, where Chinese characters have two."""
    return len(text.encode("gb18030", "replace"))


def lines_of(text: str, width: float) -> int:
    """Lines a wrapped text needs in a cell of this width."""
    usable = max(1.0, width - 2.0)
    return sum(max(1, math.ceil(shown_width(part) / usable)) for part in text[:4000].split("\n"))


def height_of(*texts: tuple[str, float], line: float = 13.5, least: float = 16.0) -> float:
    """The row height that shows every (text, width) whole."""
    return max(least, max((lines_of(text, width) for text, width in texts), default=1) * line + 3)
