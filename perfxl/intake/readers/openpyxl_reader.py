"""The reader of record: openpyxl, read-only, bounded, behind the guard. An empty text is no value.

Two ways to the same rows. `read_sheets` takes openpyxl's own worksheet parser over the parts that the guard has already
inflated, and only what perfxl needs of it: the rows of our sheets up to the last value. Where that way meets anything it
does not know, `read_public` reads the workbook through `load_workbook`, as documented; a test holds both equal.
"""

from __future__ import annotations

import os
import re
import warnings
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from perfxl.intake.guard import STRINGS, part_of
from perfxl.intake.readers import Sheet, marked
from perfxl.model.addresses import column_number

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
            filled = list(parser.filled_rows(_row_elements(_FORMAT_ONLY.sub(b"", opened.parts[part_of(index)])), last, width))
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


_FORMAT_ONLY = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?/>')
"""A cell that has a format and nothing else: most cells of a table that is not full."""
_SHORT = frozenset(("n", "s", "inlineStr"))
_T = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}t"

_made: list[Any] = []


def _parser_class() -> Any:  # noqa: C901  # a class made at run time: importing openpyxl costs 0.2 s, which only readers pay
    """The worksheet parser of openpyxl with a shorter way for the commonest cells and rows as plain values."""
    if _made:
        return _made[0]
    from openpyxl.worksheet._reader import (  # type: ignore[attr-defined]  # the stubs leave out what is not public
        INLINE_STRING,
        VALUE_TAG,
        WorkSheetParser,
        _cast_number,
    )

    class Parser(WorkSheetParser):
        """Rows of values; a cell that is neither a plain number nor a text without fonts goes openpyxl's way."""

        def filled_rows(self, elements: Iterator[Element], last: int, width: int) -> Iterator[tuple[int, tuple[object, ...]]]:
            """Row number and values of the rows that hold any, up to row `last`, cut or filled up to `width` columns.

            Dimensions and styles of rows are nobody's business here.
            """
            for row in elements:
                stated = row.get("r")
                self.row_counter = int(stated) if stated else self.row_counter + 1
                self.col_counter = 0
                if self.row_counter > last:
                    return
                values: list[object] = [None] * width
                for cell in row:
                    reference = cell.get("r")
                    if len(cell) or reference is None:  # an empty cell with an address has only a format; without one it counts as a column
                        value = self.value_of(cell, cell.get("t"), reference)
                        if value is not None and value != "" and self.col_counter <= width:
                            values[self.col_counter - 1] = value
                if values.count(None) < width:
                    yield self.row_counter, tuple(values)

        def value_of(self, cell: Element, kind: str | None, reference: str | None) -> object:
            """The value of a cell; its column is counted."""
            if reference and (kind is None or kind in _SHORT):
                self.col_counter = _column(reference)
                if kind == "inlineStr":
                    if len(cell) == len(cell[0]) == 1 and cell[0].tag == INLINE_STRING and cell[0][0].tag == _T:
                        return cell[0][0].text
                else:
                    text = cell.findtext(VALUE_TAG)
                    return None if not text else self.shared_strings[int(text)] if kind == "s" else _cast_number(text)
            parsed = self.parse_cell(cell)
            return parsed["value"]

    _made.append(Parser)
    return Parser


@lru_cache(maxsize=1 << 14)
def _column(reference: str) -> int:
    """The column number of a cell reference."""
    return column_number(reference.rstrip("0123456789"))
