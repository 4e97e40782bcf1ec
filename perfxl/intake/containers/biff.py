"""Workbooks of Excel 97–2003 and WPS (.xls, .et), read by xlrd after their records were counted."""

from __future__ import annotations

import hashlib
import struct
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from perfxl.intake.guard import Limits, Opened, SheetFacts
from perfxl.intake.guard.formats import number_format
from perfxl.intake.guard.limits import RefusalError, too_large
from perfxl.intake.guard.texts import TextRun
from perfxl.intake.readers import CellError, Sheet
from perfxl.model.addresses import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RECORD = struct.Struct("<HH")
_FILEPASS: Final = 0x2F
_BOF: Final = 0x0809
_VALUES: Final = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6, 0x0002, 0x0003, 0x0004, 0x0005, 0x007E})
_BLANKS: Final = frozenset({0x0201, 0x0001})
_MANY_VALUES: Final = 0x00BD
"""Six bytes a cell."""
_MANY_BLANKS: Final = 0x00BE
"""Two bytes a cell."""
_HEAVIER: Final = 2
"""How much more a cell with a value costs here than in the other containers: near 300 MB and 5 s with as many as are let through."""
LAST_ROW: Final = 65_536
LAST_COLUMN: Final = 256
"""Sheets of these files have no more."""
_SUPERSCRIPT: Final = 1
STREAMS: Final = ("Workbook", "Book")


def is_biff(data: bytes) -> bool:
    """Whether bytes are a compound file that holds no Office document of another kind, and no encrypted one."""
    return data.startswith(_OLE) and not any(name.encode("utf-16-le") in data for name in ("EncryptedPackage", "WordDocument", "PowerPoint Document"))


def open_biff(data: bytes, limits: Limits | None = None) -> tuple[Opened, list[Sheet]]:
    """The worksheets of a workbook in the order of the tabs, with what the guard says of one: names, merged areas, hidden, macros.

    Raises:
        RefusalError: damaged, encrypted, too large, or no workbook.
    """
    limits = limits or Limits()
    macros = _count(data, limits)
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=StringIO(), ragged_rows=True)
        facts = tuple(_facts(sheet, limits) for sheet in book.sheets())
        sheets = [_sheet(book, sheet, fact, limits) for sheet, fact in zip(book.sheets(), facts, strict=True)]
    except (MemoryError, RefusalError):
        raise
    except xlrd.XLRDError as error:
        raise RefusalError("file-encrypted" if "encrypt" in str(error).lower() else "file-damaged") from None
    except Exception:  # noqa: BLE001  # xlrd meets a damaged record with any exception
        raise RefusalError("file-damaged") from None
    warnings: tuple[tuple[str, dict[str, str | float]], ...] = (("file-has-macros", {}),) if macros else ()
    return Opened(hashlib.sha256(data).hexdigest(), facts, has_macros=macros, date1904=bool(book.datemode), warnings=warnings), sheets


def _stream(data: bytes) -> tuple[bytes, bool]:
    """The workbook's stream of a compound file, and whether macros lie beside it; xlrd follows the allocation tables and knows loops."""
    from xlrd.compdoc import CompDoc, CompDocError

    try:
        compound = CompDoc(data, logfile=StringIO())
        for name in STREAMS:
            found = compound.get_named_stream(name)
            if found:
                return bytes(found), "_VBA_PROJECT".encode("utf-16-le") in data
    except MemoryError:
        raise
    except (CompDocError, Exception):  # noqa: BLE001  # a damaged table is met with any exception
        raise RefusalError("file-damaged") from None
    raise RefusalError("file-not-a-workbook")


def _records(stream: bytes) -> Iterator[tuple[int, int]]:
    at, end = 0, len(stream)
    while at + 4 <= end:
        kind, size = _RECORD.unpack_from(stream, at)
        yield kind, size
        at += 4 + size


def _count(data: bytes, limits: Limits) -> bool:
    """Refuse before the parser runs: a password, more cells or sheets than any honest workbook has. True: there are macros."""
    stream, macros = _stream(data)
    if len(stream) > limits.part_bytes:
        raise too_large("part", len(stream), limits.part_bytes)
    values = blanks = sheets = 0
    for kind, size in _records(stream):
        if kind == _FILEPASS:
            raise RefusalError("file-encrypted")
        if kind in _VALUES:
            values += 1
        elif kind == _MANY_VALUES:
            values += max(1, size // 6)
        elif kind in _BLANKS:
            blanks += 1
        elif kind == _MANY_BLANKS:
            blanks += max(1, size // 2)
        elif kind == _BOF:
            sheets += 1
        for found, most in ((values, limits.cells // _HEAVIER), (values + blanks, limits.cells)):
            if found > most:
                raise too_large("cells", found, most)
    if sheets > limits.sheets + 1:
        raise too_large("sheets", sheets, limits.sheets)
    return macros


def _facts(sheet: Any, limits: Limits) -> SheetFacts:
    """Name, merged areas and whether the sheet is hidden."""
    if len(sheet.merged_cells) > limits.merges:
        raise too_large("merges", len(sheet.merged_cells), limits.merges)
    if any(top >= bottom or left >= right or bottom > LAST_ROW or right > LAST_COLUMN for top, bottom, left, right in sheet.merged_cells):
        raise RefusalError("file-damaged")
    covered = sum((bottom - top) * (right - left) for top, bottom, left, right in sheet.merged_cells)
    if covered > limits.cells:
        raise too_large("cells", covered, limits.cells)
    merges = tuple(f"{letters(left)}{top + 1}:{letters(right - 1)}{bottom}" for top, bottom, left, right in sheet.merged_cells)
    facts = SheetFacts(sheet.name, "", hidden=bool(sheet.visibility), merges=merges, last_row=sheet.nrows, last_column=sheet.ncols)
    facts.hidden_rows = frozenset(row + 1 for row, shown in sheet.rowinfo_map.items() if shown.hidden)
    facts.hidden_columns = frozenset(column + 1 for column, shown in sheet.colinfo_map.items() if shown.hidden)
    return facts


def _sheet(book: Any, sheet: Any, facts: SheetFacts, limits: Limits) -> Sheet:
    made = Sheet(sheet.name)
    for index in range(min(sheet.nrows, limits.window_rows)):
        values = tuple(_value(book, sheet, facts, index, column) for column in range(min(sheet.row_len(index), limits.window_columns)))
        if any(v is not None for v in values):
            made.rows.append((index + 1, values))
    return made


def _value(book: Any, sheet: Any, facts: SheetFacts, row: int, column: int) -> object:
    """One cell as the other engines give it; what it shows, and what is struck through in it, goes to the facts of its sheet."""
    import xlrd

    cell = sheet.cell(row, column)
    style = book.xf_list[cell.xf_index]
    struck, form = bool(book.font_list[style.font_index].struck_out), book.format_map.get(style.format_key)
    shown_as = number_format(form.format_str) if form is not None else None
    stored: object = None
    match cell.ctype:
        case xlrd.XL_CELL_TEXT if cell.value:
            stored = cell.value
            runs = _runs(book, cell.value, sheet.rich_text_runlist_map.get((row, column), ()))
            if struck or len(runs) > 1 or (shown_as is not None and not shown_as.text_silent):
                facts.say_runs(row + 1, column + 1, runs, shown_as, struck_cell=struck)
        case xlrd.XL_CELL_NUMBER:
            number = float(cell.value)
            stored = int(number) if number.is_integer() and abs(number) < 2**53 else number
            if struck:
                facts.strike(row + 1, column + 1)
            elif shown_as is not None and not shown_as.silent:
                facts.say_number(row + 1, column + 1, repr(stored), shown_as)
        case xlrd.XL_CELL_DATE:
            try:
                stored = xlrd.xldate.xldate_as_datetime(cell.value, book.datemode)
            except (xlrd.xldate.XLDateError, OverflowError, ValueError):
                stored = cell.value
            if struck:
                facts.strike(row + 1, column + 1)
        case xlrd.XL_CELL_BOOLEAN:
            stored = bool(cell.value)
        case xlrd.XL_CELL_ERROR:
            stored = CellError(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return facts.said.get(row + 1, {}).get(column + 1, stored)


def _runs(book: Any, text: str, starts: Sequence[tuple[int, int]]) -> tuple[TextRun, ...]:
    """The pieces of a text by the fonts that begin in it; the first, before any, has the cell's own."""
    ends = [*(at for at, _ in starts), len(text)]
    pieces = [TextRun(text[: ends[0]])] if ends[0] else []
    for (at, font), end in zip(starts, ends[1:], strict=True):
        look = book.font_list[font]
        pieces.append(TextRun(text[at:end], bool(look.struck_out), look.escapement == _SUPERSCRIPT, own=True))
    return tuple(piece for piece in pieces if piece.text)
