"""Writing cells that are what they should be: text stays text, a number is finite, nothing is dropped unsaid.

xlsxwriter reports a cell it did not write by a return code; here every code is looked at. Only the typed calls are used,
so nothing a user typed becomes a formula or a link.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from perfxl.model import PerfxlError
from perfxl.output import PROPERTY, clean
from perfxl.workbook.style import BASE_FONT, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import IO

    from xlsxwriter.format import Format

CREATED = datetime(2021, 1, 1, tzinfo=UTC)
"""No clock in the output: equal input gives equal bytes."""
LONGEST_TEXT = 32_767
"""Excel's limit of one cell, in UTF-16 units."""

LAST_COLUMN = 16_383


class WritingError(PerfxlError):
    """A cell that Excel cannot hold: outside the sheet, too long, not finite."""


class PlainBook(Workbook):  # type: ignore[misc]  # xlsxwriter has no types
    """A workbook that says of a full disk what the system said: `whole_file` knows the words for that."""

    memory = "in_memory"
    """xlsxwriter's option for where the cells are until the workbook is closed."""

    def _extract_named_ranges(self, _: Any) -> list[str]:
        """No second list of the names among the file's properties, where no program looks for them."""
        return []

    def close(self) -> None:
        """Write the file. Raises `OSError`."""
        try:
            super().close()
        except FileCreateError as error:
            if isinstance(error.__context__, OSError):
                raise error.__context__ from error
            raise


def new_workbook(
    target: IO[bytes] | Path, *, properties: Mapping[str, str] | None = None, book: type[PlainBook] = PlainBook
) -> tuple[Workbook, Style]:
    """An empty workbook with its styles. `properties` become custom properties (text), in the given order.

    The property that `perfxl.output.seal` fills is there, unfilled.
    """
    workbook = book(
        target if hasattr(target, "write") else str(target),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
            book.memory: True,
            "default_format_properties": BASE_FONT,
        },
    )
    workbook.set_properties({"created": CREATED.replace(tzinfo=None), "author": "perfxl"})
    for name, value in {PROPERTY: "-", "Language": "zh-CN", **(properties or {})}.items():
        workbook.set_custom_property(name, value, "text")
    return workbook, Style(workbook)


_CODE = re.compile("_(?=x[0-9a-fA-F]{4}_)")
_CODES_THAT_SHARE = re.compile("_x[0-9a-fA-F]{4}_x[0-9a-fA-F]{4}_")
"""Two codes of which the second begins with the end of the first: xlsxwriter escapes the first alone. Written as runs that hold none."""


def literal(text: str) -> str:
    """A text as a file holds it, in which `_x0041_` stays what was typed: Excel would read it as the character A."""
    return _CODE.sub("_x005F_", text) if "_x" in text else text


def utf16_length(value: str) -> int:
    """The length Excel counts: characters beyond the basic plane are two."""
    return len(value) + sum(character > "\uffff" for character in value)


def parts(value: str, limit: int = LONGEST_TEXT) -> list[str]:
    """A text in pieces that fit one cell each; the pieces joined are the text.

    >>> parts("abcde", 2)
    ['ab', 'cd', 'e']
    """
    pieces, start, length = [], 0, 0
    for at, character in enumerate(value):
        width = 2 if character > "\uffff" else 1
        if length + width > limit:
            pieces.append(value[start:at])
            start, length = at, 0
        length += width
    return [*pieces, value[start:]]


CJK_WIDTH = 1.85
"""A Chinese character of 宋体 11 in widths of a digit (15 pixels against 8)."""
LINE_HEIGHT = 15.6


def text_lines(text: str, width: float) -> int:
    """Lines that a wrapped text takes in a column of `width` digits, rather one too many than one too few."""
    room = max(1.0, width - 1)
    wide = (sum(CJK_WIDTH if ord(character) > 0x2E7F else 1.0 for character in line) for line in text.split("\n"))
    return sum(max(1, math.ceil(line / room)) for line in wide)


class SheetWriter:
    """One worksheet being written; rows and columns count from 0."""

    def __init__(self, workbook: Workbook, title: str, style: Style) -> None:
        self.worksheet: FittedWorksheet = workbook.add_worksheet(title, FittedWorksheet)
        self.style = style

    def fit(self, row: int, texts: Iterable[tuple[str, float]], *, at_least: float = 0) -> None:
        """Make a row high enough for its wrapped texts, each given with the width of its column."""
        lines = max((text_lines(text, width) for text, width in texts), default=1)
        height = max(at_least, LINE_HEIGHT * lines + 4 if lines > 1 else 0)
        if height:
            self.worksheet.fit_row(row, min(height, 409))

    def text(self, row: int, column: int, value: str, cell_format: Format | None = None) -> None:
        """Write a text, whole. A text beginning with `=` keeps being one when somebody edits the cell.

        Raises:
            WritingError: longer than a cell holds (see `parts`), or outside the sheet.
        """
        shown = clean(value)
        if not shown:
            self.blank(row, column, cell_format)
            return
        if len(shown) > LONGEST_TEXT // 2 and utf16_length(shown) > LONGEST_TEXT:
            self._require(-2, row, column)
        if shown[0] == "=":
            cell_format = self.style.quoted(cell_format)
        if "_x" in shown and _CODES_THAT_SHARE.search(shown):
            pieces, look = _CODE.sub("_\0", shown).split("\0"), cell_format or self.style.text
            runs = (run for piece in pieces[1:] for run in (look, piece))
            self._require(self.worksheet.write_rich_string(row, column, pieces[0], *runs, look), row, column)
            return
        self._require(self.worksheet.write_string(row, column, shown, cell_format), row, column)

    def number(self, row: int, column: int, value: float, cell_format: Format | None = None) -> None:
        """Write a finite number."""
        if not math.isfinite(value):
            raise WritingError(f"{self._place(row, column)}：{value} 不是可以写入的数。")
        self._require(self.worksheet.write_number(row, column, value, cell_format), row, column)

    def formula(self, row: int, column: int, formula: str, cell_format: Format | None = None, *, value: float | str) -> None:
        """Write a formula with the value it has, as every reader that does not compute will see it."""
        if isinstance(value, str):
            value = clean(value) or EMPTY
        elif not math.isfinite(value):
            raise WritingError(f"{self._place(row, column)}：公式的值 {value} 不是可以写入的数。")
        self._require(self.worksheet.write_formula(row, column, formula, cell_format, value), row, column)

    def blank(self, row: int, column: int, cell_format: Format | None = None) -> None:
        """Write an empty cell that carries a format; without one nothing is written."""
        if cell_format is not None:
            self._require(self.worksheet.write_blank(row, column, None, cell_format), row, column)

    def link(self, row: int, column: int, sheet: str, cell: str, shown: str, cell_format: Format | None = None) -> None:
        """Write a link to a cell of this workbook; no other kind of link is ever written."""
        name = sheet.replace("'", "''")
        target = f"internal:'{name}'!{cell}"
        self._require(self.worksheet.write_url(row, column, target, cell_format or self.style.link, clean(shown)), row, column)

    def value(self, row: int, column: int, value: object, cell_format: Format | None = None) -> None:
        """Write a text, a number or (None) nothing, as the value's own type says."""
        if value is None:
            self.blank(row, column, cell_format)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.number(row, column, value, cell_format)
        else:
            self.text(row, column, str(value), cell_format)

    def _require(self, code: int, row: int, column: int) -> None:
        if code == 0:
            return
        why = {-1: "超出工作表的范围", -2: f"文字超过单元格的上限（{LONGEST_TEXT}字）"}.get(code, f"写入失败（{code}）")
        raise WritingError(f"{self._place(row, column)}：{why}。")

    def _place(self, row: int, column: int) -> str:
        return f"{self.worksheet.get_name()} 第{row + 1}行第{column + 1}列"


class FittedWorksheet(Worksheet):  # type: ignore[misc]  # xlsxwriter carries no types that mypy may read
    """A worksheet with three things xlsxwriter does not do.

    *Columns to the end.* Excel deletes or sorts a row of a protected sheet only if every one of its 16,384 cells is
    unlocked. xlsxwriter would keep 16,384 column records for that, and stretch the sheet's stated dimension to XFD,
    which makes every reader that believes it read 16,384 cells a row.

    *Heights that stay automatic.* A height set by xlsxwriter is fixed: a clerk's longer text is cut. Without one,
    LibreOffice shows a wrapped text on a single line. A fitted height is only stored, as Excel stores its own.

    *Formulas as they are.* xlsxwriter looks through each formula for some thirty functions of newer Excel versions; ours
    use none of them, and the search took a sixth of writing a result.
    """

    def __init__(self) -> None:
        super().__init__()
        self._open_from: int | None = None
        self._fitted: set[int] = set()

    def set_rest(self, first_column: int, cell_format: Format) -> None:
        """Format every column from `first_column` to the end."""
        self._open_from = first_column
        self.set_column(first_column, first_column, None, cell_format)

    def fit_row(self, row: int, height: float) -> None:
        """Give a row the height its text needs now; it goes on adapting when the text changes."""
        self._fitted.add(row)
        self.set_row(row, height)

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002  # xlsxwriter's signature
        return formula.removeprefix("=")

    def _write_col_info(self, col_min: int, col_max: int, col_info: Any) -> None:
        super()._write_col_info(col_min, LAST_COLUMN if col_max == self._open_from else col_max, col_info)

    def _xml_start_tag_unencoded(self, tag: str, attributes: Any = ()) -> None:
        if tag == "row" and dict(attributes)["r"] - 1 in self._fitted:
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


class _EmptyText(str):
    """An empty text as a formula's value.

    xlsxwriter takes `""` for "no value stored", which a reader cannot tell from a formula nobody ever computed. An
    empty text that does not compare equal to "" is stored as what it is, the way Excel itself stores it.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = str.__hash__


EMPTY = _EmptyText()


def checked(code: Any, what: str) -> None:
    """Raise when xlsxwriter refused a validation, a condition or a print setting (it only warns and returns)."""
    if code not in (0, None):
        raise WritingError(f"{what}：xlsxwriter 拒绝了这个设置（{code}）。")
