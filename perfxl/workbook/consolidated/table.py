"""Long tables: header, rows in order, column by column, on as many sheets as they need."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from perfxl.consolidation.remarks import RETURNED
from perfxl.output import clean
from perfxl.rules.expression import literal
from perfxl.workbook.consolidated.contents import ANSWERS, CellTexts, digests, sum_of
from perfxl.workbook.rows import Ink, cells_by_value, formula_cell, joined_rows, jump_cell, packed_rows
from perfxl.workbook.style import INPUT_FILL, SIZE, TEXT_FORMAT, paper_for
from perfxl.workbook.writing import WritingError, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from perfxl.workbook.rows import PackedRows
    from perfxl.workbook.style import Style

LAST_ROW = 1_048_576
"""Rows of a worksheet; what does not fit goes to further sheets."""
HEADER_ROW = 1
FIRST_ROW = 2


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table: its title, its width, the name of its look, and its values, None or "" for an empty cell.

    `links` turns the cells into jumps within the workbook: one target such as `指标明细!A5` per value, "" for none.
    `formulas` holds, per value, the formula that gives it, `{r}` being its row, "" for none.
    """

    title: str
    look: str
    values: Sequence[object]
    width: float = 12
    links: Sequence[str] | None = None
    formulas: Sequence[str] | None = None
    hidden: bool = False
    """A column for the program alone."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A formula that is true once a number has been changed by hand, and what is said then."""

    when: str
    said: str


@dataclass(slots=True)
class PrintedTable:
    """A table that is to be written: titles of its sheets, its fields, and how it is printed.

    The fields of a long table stand here without values; `count` says how many rows it will have.
    """

    title: str
    fields: list[Field]
    count: int | None = None
    hint: str = ""
    frozen: int = 1
    printed: int = 0
    """Columns that go on paper, 0 for all: a sheet of thirty columns on one page cannot be read."""
    second_page: int = 0
    """The column with which a second page across begins, 0 for one page; the first column stands on both."""
    choices: Sequence[tuple[int, int, int, Sequence[str]]] = ()
    """Drop-downs: first and last row of the table, column, words."""
    total: Sequence[object] | None = None
    """Values of a last row that sums up; it stands below the filter's range."""
    moved: Moved | None = None
    """What takes the place of the hint once somebody changes a number."""
    conditions: Sequence[tuple[int, str, str]] = ()
    """Conditional formats: column (−1 for the whole row), formula over the first row, name of the look."""
    guards: Sequence[tuple[int, str, str]] = ()
    """What may be typed: column, formula over the first row that must hold, and what is said where it does not."""

    @property
    def rows(self) -> int:
        """How many rows the table has, without its total."""
        return len(self.fields[0].values) if self.count is None else self.count

    def pages(self) -> dict[str, int]:
        """The titles of the sheets it takes, and how many rows stand on each."""
        firsts = range(0, max(self.rows, 1), capacity())
        return {f"{self.title}({n})" if n > 1 else self.title: min(self.rows - first, capacity()) for n, first in enumerate(firsts, 1)}

    def cell(self, row: int) -> str:
        """The first cell of a row of the table, as links name it."""
        page, at = divmod(row, capacity())
        return f"'{list(self.pages())[page]}'!A{FIRST_ROW + at + 1}"


def capacity() -> int:
    """Rows of a table that one sheet takes; one row is kept for a total."""
    return LAST_ROW - FIRST_ROW - 1


_VARIED: dict[str, tuple[str, dict[str, Any]]] = {
    "centered_count": ("centered", {"num_format": "#,##0"}),
    "year": ("centered", {"num_format": "0"}),
    "total": ("money", {"num_format": "#,##0.00"}),
    "score": ("points", {"bold": True}),
    "difference": ("points", {"num_format": "+0.00;-0.00;0.00"}),
    "move": ("centered", {"num_format": "+0;-0;0"}),
    "rate_move": ("rate", {"num_format": "+0.00%;-0.00%;0.00%"}),
    "money_move": ("money", {"num_format": "+#,##0.00;-#,##0.00;0.00"}),
    "state": ("centered", {}),
    "severity": ("centered", {}),
    "kept": ("text", {"text_wrap": False, "num_format": TEXT_FORMAT}),
    "answer": ("text", {"bg_color": INPUT_FILL, "num_format": TEXT_FORMAT}),
}
_ALARMING = ("待确认", "未报", "未报（裁定不采用）", "读不出", "重复待定", "待裁定", "必须改正")
"""Words of `state` and `severity` columns that stand out."""


def look_of(style: Style, name: str) -> Format:
    """The format of a column's look: one of `Style`, or a variation that only long tables need."""
    if name in _VARIED:
        base, changes = _VARIED[name]
        return style.on(getattr(style, base), **changes)
    found: Format = getattr(style, name)
    return found


def texts(values: Iterable[Any]) -> list[str]:
    """Values as texts, blanks as ""."""
    listed = values.tolist() if hasattr(values, "tolist") else list(values)  # an Arrow column is slow to iterate
    with suppress(TypeError):  # joining is the fastest way to see that all are texts
        "".join(listed)
        return listed
    return [v if type(v) is str else str(v) if v is not None and v == v else "" for v in listed]


def numbers(values: pd.Series | list[float]) -> list[float | None]:
    """Numbers as Python floats, NaN and infinities as None."""
    return [v if math.isfinite(v) else None for v in (values if isinstance(values, list) else values.astype("float64").tolist())]


def open_table(workbook: Workbook, style: Style, sheet: PrintedTable) -> None:
    """Write all of a table but its rows: frozen header, filter, print set-up, last row of sums."""
    for title, rows in sheet.pages().items():
        worksheet = workbook.get_worksheet_by_name(title)
        _open(worksheet, style, sheet, rows)
    if sheet.total is not None:
        _total(worksheet, style, sheet, FIRST_ROW + rows)


def _open(worksheet: Worksheet, style: Style, sheet: PrintedTable, rows: int) -> None:
    last = len(sheet.fields) - 1
    for i, column in enumerate(sheet.fields):
        worksheet.set_column(i, i, column.width, None, {"hidden": column.hidden})
    worksheet.set_default_row(LINE + 4)
    worksheet.set_row(0, 24)
    worksheet.set_row(HEADER_ROW, max(32, LINE * max(_lines_of(field.title, field.width) for field in sheet.fields) + 4))
    worksheet.freeze_panes(FIRST_ROW, sheet.frozen)
    worksheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(rows, 1), last)
    worksheet.set_landscape()
    worksheet.set_paper(paper(sheet))
    worksheet.fit_to_pages(2 if sheet.second_page else 1, 0)
    worksheet.repeat_rows(0, HEADER_ROW)
    if sheet.second_page:
        worksheet.set_v_pagebreaks([sheet.second_page])
        checked(worksheet.repeat_columns(0, 0), worksheet.get_name())
    for column_at, formula, look in sheet.conditions if rows else ():
        at = (FIRST_ROW, max(column_at, 0), FIRST_ROW + rows - 1, column_at if column_at >= 0 else last)
        condition = {"type": "formula", "criteria": f"={formula}", "format": getattr(style, look)}
        checked(worksheet.conditional_format(*at, condition), worksheet.get_name())
    for column_at, formula, message in sheet.guards if rows else ():
        guard = {"validate": "custom", "value": f"={formula}", "error_message": message}
        checked(worksheet.data_validation(FIRST_ROW, column_at, FIRST_ROW + rows - 1, column_at, guard), worksheet.get_name())
    for first, end, column_at, words in sheet.choices:
        if end < rows:
            rule = {
                "validate": "list",
                "source": list(words),
                "error_type": "warning",
                "error_title": "裁定",
                "error_message": f"请填：{'、'.join(words)}",
            }
            checked(worksheet.data_validation(FIRST_ROW + first, column_at, FIRST_ROW + end, column_at, rule), worksheet.get_name())
    if sheet.printed:
        checked(worksheet.print_area(0, 0, FIRST_ROW + max(rows, 1), sheet.printed - 1), worksheet.get_name())
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    checked(worksheet.set_footer("&L&A&R第 &P 页 共 &N 页"), worksheet.get_name())
    worksheet.hide_gridlines(2)
    worksheet.write_string(0, 0, worksheet.get_name(), style.title)
    _hint(worksheet, style, sheet, min(sheet.frozen + 1, last))
    for i, column in enumerate(sheet.fields):
        worksheet.write_string(HEADER_ROW, i, column.title, style.header)
        if column.look in ("state", "severity") and rows:
            area = (FIRST_ROW, i, FIRST_ROW + rows - 1, i)
            for word in _ALARMING:
                rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": style.when_wrong}
                checked(worksheet.conditional_format(*area, rule), worksheet.get_name())


def _hint(worksheet: Worksheet, style: Style, sheet: PrintedTable, column: int) -> None:
    if sheet.hint and sheet.moved is not None:
        formula = f"=IF({sheet.moved.when},{in_formula(sheet.moved.said)},{in_formula(sheet.hint)})"
        checked(worksheet.write_formula(0, column, formula, style.subtitle, sheet.hint), worksheet.get_name())
    elif sheet.hint:
        worksheet.write_string(0, column, sheet.hint, style.subtitle)


def in_formula(text: str) -> str:
    """A sentence inside a formula, which holds no text of more than 255 characters in one piece."""
    return "&".join(literal(text[at : at + 250]) for at in range(0, len(text), 250))


def paper(sheet: PrintedTable) -> int:
    """A4 where it can be read on that, else A3."""
    return paper_for(printed_widths(sheet), SIZE)


def printed_widths(sheet: PrintedTable) -> list[float]:
    """Of the columns that go on paper; of the wider page where they go on two."""
    columns = sheet.fields[: sheet.printed or len(sheet.fields)]
    pages = [columns[: sheet.second_page], [columns[0], *columns[sheet.second_page :]]] if sheet.second_page else [columns]
    return max(([column.width for column in page if not column.hidden] for page in pages), key=sum)


# rows, made without the workbook


def inks(style: Style, sheets: Sequence[PrintedTable], number: Callable[[Format], int]) -> dict[str, Ink]:
    """The formats of every look the sheets use, as numbers."""
    found = {}
    for name in dict.fromkeys(column.look for sheet in sheets for column in sheet.fields):
        look = look_of(style, name)
        jump = style.on(look, font_color="#1F3864", underline=1)
        found[name] = Ink(*map(number, (look, style.quoted(look), jump)))
    return found


def packed_table(sheet: PrintedTable, colours: Mapping[str, Ink]) -> list[tuple[str, PackedRows]]:
    """The rows of a table, each piece with the title of the sheet it goes to."""
    return packed_spans(sheet, sheet.fields, colours, [(0, sheet.rows)])[0]


def packed_spans(
    sheet: PrintedTable, fields: Sequence[Field], colours: Mapping[str, Ink], spans: Sequence[tuple[int, int]]
) -> list[list[tuple[str, PackedRows]]]:
    """Rows of a table, values in `fields` one span behind the other: per span (first row, how many) its pieces, each with its sheet."""
    pieces = [(at, *piece) for at, span in enumerate(spans) for piece in _pieces(*span)]
    made: list[list[tuple[str, PackedRows]]] = [[] for _ in spans]
    titles, done, begun = list(sheet.pages()), 0, 0
    said, aside = CellTexts(), ANSWERS if sheet.title == RETURNED else ()
    while begun < len(pieces):
        block, rows = [], 0
        while begun < len(pieces) and (not rows or rows + pieces[begun][2] <= BLOCK):
            block.append(pieces[begun])
            rows, begun = rows + pieces[begun][2], begun + 1
        columns, shown = [], []
        lines: list[Iterable[int]] = [repeat(1, rows)]
        for field in fields:
            cells, texts, needed = _column(field, colours[field.look], said, slice(done, done + rows))
            columns.append(cells)
            shown.append([b""] * rows if field.title in aside else texts)
            if needed is not None:
                lines.append(needed)
        xml = joined_rows(columns, [LINE * needed + 4 for needed in map(max, repeat(0), *lines)])
        contents = digests(map(b"\x1f".join, zip(*shown, strict=True)))
        start = 0
        for at, first, count in block:
            page, row = divmod(first, capacity())
            cut = slice(start, start + count)
            made[at].append((titles[page], packed_rows(xml[cut], FIRST_ROW + row, sum_of(contents[cut]))))
            start += count
        done += rows
    return made


def _pieces(first: int, count: int) -> Iterator[tuple[int, int]]:
    """A span in pieces, none over the end of a sheet, none of more rows than are held at once."""
    while count:
        some = min(count, BLOCK, capacity() - first % capacity())
        yield first, some
        first, count = first + some, count - some


BLOCK = 1_000
"""Rows whose cells are held at once."""


LINE = 14.5
"""Points of one line of text."""
MOST_LINES = 8
"""Longer texts are cut on paper and whole in the cell; a row for one of them must not fill a page."""


def _column(field: Field, ink: Ink, said: CellTexts, rows: slice) -> tuple[list[bytes], list[bytes], Iterable[int] | None]:
    """The cells of some rows of a column, what they say, and the lines that each row needs if any needs more than one.

    Each distinct value is looked at once.
    """
    values = field.values[rows]
    made, own = cells_by_value(values, ink)
    needed = _lines(field, made)
    lines = map(needed.get, values, repeat(1)) if needed else None
    if len(made) == 1 == len(own) and field.formulas is field.links is None:  # most often a blank column
        return [*made.values()] * len(values), [*own.values()] * len(values), lines
    cells = list(map(made.__getitem__, values))
    if field.formulas is not None:
        listed = zip(field.formulas[rows], values, cells, strict=True)
        cells = [formula_cell(formula, value, ink) if formula and value not in _BLANK else cell for formula, value, cell in listed]  # type: ignore[arg-type]  # numbers and texts
    elif field.links is not None:
        listed = zip(field.links[rows], values, repeat(cells_by_value([None], ink)[0][None]))
        cells = [jump_cell(target, clean(str(value)), ink) if target and value not in _BLANK else blank for target, value, blank in listed]
    else:
        return cells, list(map(own.__getitem__, values) if own else map(said.__getitem__, cells)), lines
    return cells, list(map(said.__getitem__, cells)), lines


_BLANK = (None, "")


def _lines(field: Field, known: Iterable[object]) -> dict[object, int]:
    """The lines of values that need more than one. Only Excel finds them itself when it opens a file; LibreOffice and WPS may not."""
    if field.look not in WRAPPED or field.hidden:
        return {}
    room = _room(field.width)
    # Asked of the texts that are not seen to be short, all at once: most columns have none.
    half = room // 2
    long = {value: text for value in known if value is not None and (len(text := str(value)) > half or "\n" in text)}
    joined = "\n".join(long.values())
    if joined.count("\n") < len(long):
        sizes = map(len, _half_widths(joined).split(b"\n"))
        return {value: min(-(-size // room), MOST_LINES) for value, size in zip(long, sizes, strict=True) if size > room}
    return {value: _lines_of(text, field.width) for value, text in long.items()}


WRAPPED = frozenset({"text", "centered", "answer", "state"})


def _room(width: float) -> int:
    return max(int(width) - 1, 2)


def _lines_of(text: str, width: float) -> int:
    """Lines of a text in a column so many half-width characters wide; a Chinese character takes two."""
    room = _room(width)
    if 2 * len(text) <= room and "\n" not in text:
        return 1
    return min(sum([-(-len(line) // room) or 1 for line in _half_widths(text).split(b"\n")]), MOST_LINES)


def _half_widths(text: str) -> bytes:
    """A text as so many bytes as it is half-width characters wide."""
    return text.encode("gb18030", "replace")


def _total(worksheet: Worksheet, style: Style, sheet: PrintedTable, at: int) -> None:
    assert sheet.total is not None  # noqa: S101  # the caller looked
    looks = {"total": style.on(style.total_money, num_format="#,##0.00"), "rate": style.total_rate, "points": style.total_points}
    lines = max(_lines_of(value, column.width) for column, value in zip(sheet.fields, sheet.total, strict=True) if isinstance(value, str))
    checked(worksheet.set_row(at, LINE * lines + 4), worksheet.get_name())
    for i, (column, value) in enumerate(zip(sheet.fields, sheet.total, strict=True)):
        look = looks.get(column.look, style.total_text)
        if value is None:
            code = worksheet.write_blank(at, i, None, look)
        elif isinstance(value, str):
            code = worksheet.write_string(at, i, value, look)
        else:
            code = worksheet.write_number(at, i, value, look)
        if code:
            raise WritingError(f"{worksheet.get_name()}：合计行没有写入（{code}）。")
