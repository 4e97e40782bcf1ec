"""Long tables at the speed of joined text: xlsxwriter keeps everything of a sheet but the cells of its long rows.

A consolidated workbook has two thousand cells a unit; xlsxwriter's way of one call, one record and a dozen string
operations a cell takes most of a run. Here a column becomes the XML of its cells at once, each distinct text once, and
rows are joined by a template. Strings, formats and everything around the rows stay xlsxwriter's own. A test holds the
cells equal to those of its public calls.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from perfxl.workbook.writing import WritingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlsxwriter.format import Format

ROW = "\0"
"""Stands for the row number until a row is joined; no text can hold it."""
_BLOCK = 2000


class _Cells(dict[Any, str]):
    """A value to the XML of its cell from after the row number, made when first met."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: object) -> str:
        made = self[value] = self._make(value)
        return made


class LongSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter carries no types that mypy may read
    """A worksheet that takes rows column by column, one block below the other, between rows of xlsxwriter's own calls."""

    dim_rowmin: int
    dim_rowmax: int

    def __init__(self) -> None:
        super().__init__()
        self.dim_rowmin: int
        self.dim_rowmax: int
        self._rows_from = self._rows_to = -1
        self._rows_file: IO[str] | None = None

    # cells as XML from after the row number

    def cells(self, values: Sequence[object], look: Format, usual: Callable[[str], bool], odd: Callable[[str], str]) -> list[str]:
        """One cell per row: a text, a finite number, or None for a blank that carries the look.

        A text that is not `usual` becomes the cell that `odd` makes of it.
        """
        style = look._get_xf_index()  # noqa: SLF001  # as xlsxwriter's worksheet asks it
        text, blank = self._inline(style) if self.constant_memory else self._shared(style), self.blank_cell(look)

        def make(value: object) -> str:
            if value is None:
                return blank
            if isinstance(value, str):
                return text(value) if usual(value) else odd(value)
            return self.number_cell(value, look)  # type: ignore[arg-type]  # it looks itself

        made = _Cells(make)
        cells = list(map(made.__getitem__, values))
        if not self.constant_memory:
            self.str_table.count += sum(type(v) is str for v in values) - sum(type(v) is str for v in made)
        return cells

    def text_cell(self, text: str, look: Format) -> str:
        """A text."""
        style = look._get_xf_index()  # noqa: SLF001  # as above
        return (self._inline(style) if self.constant_memory else self._shared(style))(text)

    def _shared(self, style: int) -> Callable[[str], str]:
        index = self.str_table._get_shared_string_index  # noqa: SLF001  # as above
        return lambda text: f'" s="{style}" t="s"><v>{index(text)}</v></c>'

    def _inline(self, style: int) -> Callable[[str], str]:
        def cell(text: str) -> str:
            space = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
            shown = _escaped(self._escape_control_characters(text) if "_x" in text else text)
            return f'" s="{style}" t="inlineStr"><is><t{space}>{shown}</t></is></c>'

        return cell

    @staticmethod
    def number_cell(value: float, look: Format) -> str:
        """A finite number."""
        if not math.isfinite(value):
            raise WritingError(f"{value} 不是可以写入的数。")
        return f'" s="{look._get_xf_index()}"><v>{value:.16G}</v></c>'  # noqa: SLF001  # as above

    @staticmethod
    def blank_cell(look: Format) -> str:
        """A cell that only carries a format."""
        return f'" s="{look._get_xf_index()}"/>'  # noqa: SLF001  # as above

    @staticmethod
    def jump_cell(target: str, shown: str, look: Format) -> str:
        """A jump within the workbook, `target` being made of our own sheet titles."""
        text = shown.replace('"', '""')
        return (f'" s="{look._get_xf_index()}" t="str"><f>{_escaped(f"""HYPERLINK("#{target}","{text}")""")}</f>'  # noqa: SLF001  # as above
                f"<v>{_escaped(shown)}</v></c>")

    # rows

    def add_rows(self, first: int, columns: Sequence[Iterable[str]], heights: Sequence[float]) -> int:
        """Write rows from row `first` (counted from 0) on, each column a cell per row; the number of rows written.

        `heights` in points, one per row.

        Raises:
            WritingError: outside the sheet, or not below what was written before.
        """
        template = f'<row r="{ROW}"%s>' + "".join(f'<c r="{xl_col_to_name(i)}{ROW}%s' for i in range(len(columns))) + "</row>"
        # Whole pixels, as xlsxwriter stores a height.
        tall = {height: f' ht="{int(height * 4 / 3 + 0.5) * 0.75:.16g}" customHeight="1"' for height in set(heights)}
        target = self._open_rows(first)
        row, block = first, []
        for cells in zip(map(tall.__getitem__, heights), *columns, strict=True):
            row += 1
            block.append((template % cells).replace(ROW, str(row)))
            if len(block) >= _BLOCK:
                target.write("".join(block))
                block.clear()
        target.write("".join(block))
        if row > first:
            if self._check_dimensions(first, 0) or self._check_dimensions(row - 1, len(columns) - 1):
                raise WritingError(f"{self.get_name()}：超出工作表的范围。")
            self._rows_to = row - 1
            if self.constant_memory:
                self.previous_row = row
        return row - first

    def _open_rows(self, first: int) -> IO[str]:
        """Where the rows go: with `constant_memory` into xlsxwriter's own file of rows, after what stands above."""
        if self.constant_memory:
            if first < self.previous_row:
                raise WritingError(f"{self.get_name()}：行的次序不对。")
            self._write_single_row(first)
            held: IO[str] = self.row_data_fh
            return held
        if self._rows_file is not None:
            if first != self._rows_to + 1:
                raise WritingError(f"{self.get_name()}：行的次序不对。")
            return self._rows_file
        self._rows_from = first
        self._rows_file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115  # closed when the sheet is assembled
        return self._rows_file

    def _write_rows(self) -> None:
        """Xlsxwriter's rows above, the long rows, xlsxwriter's rows below."""
        if self._rows_file is None:
            super()._write_rows()
            return
        low, high = self.dim_rowmin, self.dim_rowmax
        for start, end, between in ((low, self._rows_from - 1, True), (self._rows_to + 1, high, False)):
            if start <= end:
                self.dim_rowmin, self.dim_rowmax = start, end
                super()._write_rows()
            if between:
                self._rows_file.seek(0)
                while piece := self._rows_file.read(1 << 20):
                    self.fh.write(piece)
                self._rows_file.close()
        self.dim_rowmin, self.dim_rowmax = low, high


def _escaped(text: str) -> str:
    """A text as XML content."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text
