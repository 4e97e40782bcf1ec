"""A workbook of tables whose rows come packed and a piece at a time, so that no process ever holds them.

Usually they go as they are where xlsxwriter's sheets have left room. That asks of xlsxwriter what it promises nobody;
where it does not do so, the same rows are written by its public calls, row by row (`constant_memory`).
"""

from __future__ import annotations

import re
import zlib
from abc import ABC, abstractmethod
from contextlib import ExitStack
from functools import cache, partial
from html import unescape
from io import BytesIO
from itertools import chain
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any, Self
from zipfile import ZipFile

from perfxl.consolidation.remarks import own_sheets
from perfxl.output import clean
from perfxl.workbook.consolidated.contents import in_sheets
from perfxl.workbook.consolidated.table import FIRST_ROW, LAST_ROW, inks, open_table, packed_table
from perfxl.workbook.rows import ROOM, LongSheet
from perfxl.workbook.splicing import SpooledRows, splice
from perfxl.workbook.writing import EMPTY, PlainBook, WritingError, checked, new_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from perfxl.consolidation.records import Map
    from perfxl.workbook.consolidated.contents import Contents
    from perfxl.workbook.consolidated.table import PrintedTable
    from perfxl.workbook.rows import Ink, PackedRows


def tables_in(target: IO[bytes], properties: Mapping[str, str]) -> Tables:
    """A new workbook, to be used in a `with` block."""
    return (SplicedTables if leaves_room() else CalledTables)(target, properties)


@cache
def leaves_room() -> bool:
    """Whether xlsxwriter does within what spliced rows need: room between two rows, and formats by their numbers."""
    stream = BytesIO()
    try:
        workbook, style = new_workbook(stream)
        sheet = workbook.add_worksheet("A", LongSheet)
        sheet.leave_room(1, 2, 1)
        number = number_of(style.missing)
        for row in (0, 3):
            sheet.write_blank(row, 0, None, style.missing)
        workbook.close()
    except (AttributeError, TypeError):
        return False
    with ZipFile(stream) as package:
        written = package.read("xl/worksheets/sheet1.xml").decode()
    return re.search(f'<c r="A1" s="{number}"/></row>{re.escape(ROOM)}<row r="4"[^>]*><c r="A4" s="{number}"/></row>', written) is not None


def number_of(look: Format) -> int:
    """The number of a format in its workbook, as xlsxwriter's worksheet asks it."""
    number: int = look._get_xf_index()  # noqa: SLF001  # nothing public says it; `leaves_room` looks whether it is true
    return number


class Tables(ABC):
    """Tables behind the first sheets of a workbook: `open` them, `add` the rows of every page in order, `close`."""

    page: type[Worksheet] | None = None

    def __init__(self, target: IO[bytes], properties: Mapping[str, str], *, written: IO[bytes], book: type[PlainBook] = PlainBook) -> None:
        self.target = target
        self.workbook, self.style = new_workbook(written, properties=properties, book=book)
        self.held, self.due = ExitStack(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.held.close()

    def open(self, sheets: Sequence[PrintedTable]) -> dict[str, Ink]:
        """Write all of the tables but their rows; the inks that these are to be made with."""
        for title in (title for sheet in sheets for title in sheet.pages()):
            self.workbook.add_worksheet(title, self.page)
        for sheet in sheets:
            open_table(self.workbook, self.style, sheet)
            self.due += sheet.rows
        return inks(self.style, sheets, self.number)

    def write(self, sheets: Sequence[PrintedTable]) -> Contents:
        """Tables that hold their values, and nothing behind them."""
        self.add_all(sheets, self.open(sheets))
        return self.close()

    def add_all(self, sheets: Iterable[PrintedTable], formats: Mapping[str, Ink], run: Map = map) -> None:
        """The rows of tables that hold their values; made by `run`."""
        for title, rows in chain.from_iterable(run(partial(packed_table, colours=formats), sheets)):
            self.add(title, rows)

    def add(self, title: str, rows: PackedRows) -> None:
        """Rows more on a page."""
        self.due -= rows.rows
        self.put(title, rows)

    def close(self) -> Contents:
        """Write the workbook to the target; what its cells say.

        Raises:
            WritingError: a cell could not be written, or a row is missing; nothing is dropped unsaid.
        """
        if self.due:
            raise WritingError("写入的行数不对。")
        return self.finish()

    @abstractmethod
    def number(self, look: Format) -> int:
        """The number that stands for a format in packed rows."""

    @abstractmethod
    def put(self, title: str, rows: PackedRows) -> None:
        """Rows more on a page."""

    @abstractmethod
    def finish(self) -> Contents:
        """Write the workbook to the target; what its cells say."""


class SplicedTables(Tables):
    """The rows are spooled, and copied as they are."""

    page = LongSheet

    def __init__(self, target: IO[bytes], properties: Mapping[str, str]) -> None:
        self.written = BytesIO()
        super().__init__(target, properties, written=self.written)
        self.rows: dict[str, SpooledRows] = {}
        self.parts: dict[str, str] = {}

    def open(self, sheets: Sequence[PrintedTable]) -> dict[str, Ink]:
        """Leave room as well."""
        formats = super().open(sheets)
        for sheet in sheets:
            for title, rows in sheet.pages().items():
                page = self.workbook.get_worksheet_by_name(title)
                page.leave_room(FIRST_ROW, rows, len(sheet.fields))
                self.parts[title] = f"xl/worksheets/sheet{page.index + 1}.xml"
                self.rows[title] = self.held.enter_context(SpooledRows())
        self.workbook.close()
        return formats

    def number(self, look: Format) -> int:
        """As styles.xml counts them."""
        return number_of(look)

    def put(self, title: str, rows: PackedRows) -> None:
        """Behind those that are there."""
        self.rows[title].add(rows)

    def finish(self) -> Contents:
        """What stands around the rows is read, what they say was counted when they were packed."""
        contents = in_sheets(own_sheets(self.written.getvalue()) or ())
        for title, rows in self.rows.items():
            contents.add(title, rows.content)
        splice(self.written, self.target, {self.parts[title]: rows for title, rows in self.rows.items()})
        return contents


class CalledTables(Tables):
    """The rows are unpacked and written cell by cell: slower, and a chart shows nothing before a program has computed it."""

    def __init__(self, target: IO[bytes], properties: Mapping[str, str]) -> None:
        super().__init__(target, properties, written=target, book=_ByRows)
        self.formats: list[Format] = []
        self.done: dict[str, int] = {}

    def number(self, look: Format) -> int:
        """As they were asked for."""
        self.formats.append(look)
        return len(self.formats) - 1

    def put(self, title: str, rows: PackedRows) -> None:
        """By a call for each cell."""
        page = self.workbook.get_worksheet_by_name(title)
        first = self.done.get(title, FIRST_ROW)
        self.done[title] = first + rows.rows
        page.catch_up(before=first)
        for row, found in enumerate(_ROW.finditer(zlib.decompressobj(-zlib.MAX_WBITS).decompress(rows.packed).decode()), first):
            checked(page.sheet.set_row(row, float(found[1])), title)
            for column, (ink, kind, formula, said) in enumerate(_CELL.findall(found[2])):
                checked(_call(page.sheet, (row, column), self.formats[int(ink)], kind, formula, said), title)

    def finish(self) -> Contents:
        """The workbook is read again."""
        self.workbook.close()
        self.target.seek(0)
        return in_sheets(own_sheets(self.target.read()) or ())


_ROW = re.compile(r'<row ht="([\d.]+)" customHeight="1">(.*?)</row>', re.DOTALL)
_CELL = re.compile(r'<c s="(\d+)"(?: t="(\w+)")?(?:/>|>(?:<f>([^<]*)</f>)?<(?:is><t[^>]*|v)>([^<]*)<)')
"""A cell of `workbook.rows`: its ink, its kind, its formula, what it says."""


def _call(sheet: Worksheet, at: tuple[int, int], look: Format, kind: str, formula: str, said: str) -> Any:
    text = unescape(said)
    if formula:
        return sheet.write_formula(*at, f"={unescape(formula)}", look, (text or EMPTY) if kind else float(said))
    if kind:
        return sheet.write_string(*at, clean(text.replace("_x005F_", "_")), look)
    return sheet.write_number(*at, float(said), look) if said else sheet.write_blank(*at, None, look)


class _ByRows(PlainBook):
    """A workbook that holds one row of each sheet at a time; cells written out of turn wait for their row."""

    memory = "constant_memory"

    def __init__(self, *arguments: Any) -> None:
        self.waiting: dict[str, _Waiting] = {}
        super().__init__(*arguments)

    def add_worksheet(self, name: str, worksheet_class: type[Worksheet] | None = None) -> _Waiting:
        """A worksheet whose cells wait."""
        self.waiting[name] = _Waiting(super().add_worksheet(name, worksheet_class))
        return self.waiting[name]

    def get_worksheet_by_name(self, name: str) -> _Waiting:
        """The same."""
        return self.waiting[name]

    def close(self) -> None:
        """Write what waits, and the file."""
        for sheet in self.waiting.values():
            sheet.catch_up()
        super().close()


class _Waiting:
    """A worksheet whose cells are written once `catch_up` comes to their rows; all else is asked of it at once."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.calls: list[tuple[int, Callable[..., Any], tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.sheet, name)
        if not name.startswith(("write_", "merge_range")):
            return found

        def later(row: int, *arguments: Any) -> int:
            self.calls.append((row, found, arguments))
            return 0

        return later

    def catch_up(self, before: int = LAST_ROW) -> None:
        """Write the cells of rows above `before`, row by row."""
        now = sorted((call for call in self.calls if call[0] < before), key=itemgetter(0))
        self.calls = [call for call in self.calls if call[0] >= before]
        for row, call, arguments in now:
            checked(call(row, *arguments), f"{self.sheet.get_name()} 第{row + 1}行")
