"""The reader of record: openpyxl, read-only, bounded, behind the guard. An empty text is no value.

Two ways to the same rows. `read_sheets` takes openpyxl's own worksheet parser over the parts that the guard has already
inflated, and only what perfxl needs of it: the rows of our sheets up to the last value. Where that way meets anything it
does not know, `read_public` reads the workbook through `load_workbook`, as documented; a test holds both equal.
"""

from __future__ import annotations

import os
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

from perfxl.intake.guard import STRINGS, part_of
from perfxl.intake.readers import Sheet, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

    from perfxl.intake.guard import Opened

# The guard has refused every DTD and every encoding but UTF-8 in each part that is parsed, so the standard parser is
# safe and several times faster; lxml (brought by the report) would change which parser openpyxl takes.
os.environ.setdefault("OPENPYXL_LXML", "False")
os.environ.setdefault("OPENPYXL_DEFUSEDXML", "False")

TREE_BYTES = 4 << 20
"""A sheet up to this size is parsed as a whole, which is twice as fast; a larger one row by row, within little memory."""


def read_sheets(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int) -> list[Sheet]:
    """The wanted sheets of an opened workbook, in workbook order, cut to the window and to the last value.

    The stored `<dimension>` is ignored: a wrong one loses cells without a word.
    """
    try:
        return _read_parts(opened, wanted, max_row, max_column)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # whatever openpyxl's inner classes stumble over, its public interface decides
        return read_public(opened, wanted, max_row=max_row, max_column=max_column)


def read_public(opened: Opened, wanted: Callable[[str], bool], *, max_row: int, max_column: int) -> list[Sheet]:
    """The same through openpyxl's public interface."""
    from openpyxl import load_workbook

    sheets = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's words are for programmers; what matters to a clerk is an issue
        workbook = load_workbook(BytesIO(opened.data), read_only=True, data_only=True, keep_links=False)
        for index, facts in enumerate(opened.sheets):
            if not wanted(facts.name):
                continue
            worksheet = workbook.worksheets[index]
            worksheet.reset_dimensions()
            last, width = min(max_row, facts.last_row), min(max_column, facts.last_column)
            rows = worksheet.iter_rows(max_row=last, max_col=width, values_only=True) if last else ()
            told = ((number, tuple(None if value == "" else value for value in values)) for number, values in enumerate(rows, 1))
            filled: list[tuple[int, tuple[object, ...]]] = [(n, values) for n, values in told if any(value is not None for value in values)]
            sheets.append(Sheet(facts.name, marked(filled, facts, last, width)))
        workbook.close()
    return sheets


def _read_parts(opened: Opened, wanted: Callable[[str], bool], max_row: int, max_column: int) -> list[Sheet]:
    strings = _strings(opened)
    sheets = []
    for index, facts in enumerate(opened.sheets):
        if not wanted(facts.name):
            continue
        last, width = min(max_row, facts.last_row), min(max_column, facts.last_column)
        filled = []
        if last:
            parser = _parser_class()(BytesIO(b""), strings, data_only=True)
            filled = list(parser.filled_rows(_row_elements(opened.parts[part_of(index)]), last, width))
        sheets.append(Sheet(facts.name, marked(filled, facts, last, width)))
    return sheets


def _row_elements(content: bytes) -> Iterator[Element]:
    """The `<row>` elements of a worksheet; those of a large sheet are forgotten as they pass."""
    from xml.etree.ElementTree import XML, iterparse  # the guard has refused every DTD

    from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG

    if len(content) <= TREE_BYTES:
        data = XML(content).find(DATA_TAG)  # as above
        if data is None:
            raise ValueError(DATA_TAG)
        yield from data
        return
    for _, element in iterparse(BytesIO(content)):  # noqa: S314  # as above
        if element.tag == ROW_TAG:
            yield element
            element.clear()


def _strings(opened: Opened) -> list[str]:
    """The shared strings, as openpyxl reads them."""
    from xml.etree.ElementTree import XML  # the guard has refused every DTD

    from openpyxl.reader.strings import read_string_table

    content = opened.parts.get(STRINGS)
    if content is None:
        return []
    if len(content) > TREE_BYTES:
        return list(read_string_table(BytesIO(content)))
    root = XML(content)  # as above
    texts = [item[0] for item in root if len(item) == 1 and item[0].tag == _T]
    if len(texts) != len(root):
        return list(read_string_table(BytesIO(content)))
    return [text.text or "" for text in texts]


_T = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}t"

_made: list[Any] = []


def _parser_class() -> Any:  # noqa: C901  # a class made at run time: importing openpyxl costs 0.2 s, which only readers pay
    """The worksheet parser of openpyxl with a shorter way for the commonest cells and rows as plain values."""
    if _made:
        return _made[0]
    from openpyxl.worksheet._reader import (  # type: ignore[attr-defined]  # the stubs leave out what is not public
        VALUE_TAG,
        WorkSheetParser,
        _cast_number,
    )

    class Parser(WorkSheetParser):
        """Rows of values; a cell that is neither a plain number nor a shared string goes openpyxl's way."""

        def filled_rows(self, elements: Iterator[Element], last: int, width: int) -> Iterator[tuple[int, tuple[object, ...]]]:
            """Row number and values of the rows that hold any, up to row `last`, cut or filled up to `width` columns."""
            for element in elements:
                number, cells = self.row_values(element)
                if number > last:
                    return
                values: list[object] = [None] * width
                filled = False
                for column, value in cells:
                    if value is not None and value != "" and column <= width:
                        values[column - 1] = value
                        filled = True
                if filled:
                    yield number, tuple(values)

        def row_values(self, row: Element) -> tuple[int, list[tuple[int, object]]]:
            """Row number and the cells of a row; dimensions and styles of rows are nobody's business here."""
            stated = row.get("r")
            self.row_counter = int(stated) if stated else self.row_counter + 1
            self.col_counter = 0
            # An empty cell with an address has only a format; without one it still counts as a column.
            return self.row_counter, [self.cell_value(cell) for cell in row if len(cell) or cell.get("r") is None]

        def cell_value(self, element: Element) -> tuple[int, object]:
            """Column number and value of a cell."""
            kind, reference = element.get("t"), element.get("r")
            if kind == "s" and reference:
                index = element.findtext(VALUE_TAG)
                self.col_counter = _column(reference)
                return self.col_counter, self.shared_strings[int(index)] if index else None
            if (kind is None or kind == "n") and reference:
                text = element.findtext(VALUE_TAG)
                if not text:
                    self.col_counter = _column(reference)
                    return self.col_counter, None
                self.col_counter = _column(reference)
                return self.col_counter, _cast_number(text)
            cell = self.parse_cell(element)
            return cell["column"], cell["value"]

    _made.append(Parser)
    return Parser


_columns: dict[str, int] = {}


def _column(reference: str) -> int:
    """The column number of a cell reference."""
    letters = reference.rstrip("0123456789")
    number = _columns.get(letters)
    if number is None:
        from perfxl.intake.guard.sheet import column_number

        number = _columns[letters] = column_number(letters)
    return number
