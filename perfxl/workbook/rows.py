"""Long tables at the speed of joined text: rows are made as packed XML apart from the workbook that takes them in.

A consolidated workbook has two thousand cells a unit; one call, one record and a dozen string operations a cell would
take most of a run. Here a column becomes the XML of its cells at once, each distinct value once, rows are joined by a
template and packed. That needs no workbook, so any process can do it; `splicing` puts the rows where a sheet has left
room. Formats and everything around the rows stay xlsxwriter's own. A test holds the cells equal to those of its calls.

Rows and cells do not say where they stand (ECMA-376 18.3.1.4 and 18.3.1.73: each behind the one before), so rows that are
pushed down by others above them stay the same bytes, and those of an earlier run are put in as they were packed then.
"""

from __future__ import annotations

import math
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlsxwriter.worksheet import Worksheet

from perfxl.output import clean
from perfxl.workbook.crc import shift_of
from perfxl.workbook.writing import LONGEST_TEXT, WritingError, literal, parts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

ROOM = "<?perfxl-rows?>"
"""Where a sheet has left room for rows; no text of a cell can look like it."""
PACKING = 2
"""A level of zlib that takes two fifths of the time of the usual 6, for rows a quarter larger; 4 takes half as long again for a tenth less."""
_ROW = "\0"
_ROW_BYTES = _ROW.encode()
"""Stands for the row number in a formula until a row is joined; no text can hold it."""


@dataclass(frozen=True, slots=True)
class Ink:
    """The formats of a column by their numbers in the workbook: as usual, of a text that begins like a formula, of a jump."""

    usual: int
    quoted: int
    jump: int


@dataclass(frozen=True, slots=True)
class PackedRows:
    """Consecutive rows, packed so that whatever follows can be put behind them: `size`, `crc` and `shift` (`crc.shift_of`) are of the XML."""

    rows: int
    size: int
    crc: int
    shift: int
    packed: bytes
    content: int = 0
    """`contents.content_of` the rows, without the columns set aside."""


# cells as XML


def cells(values: Sequence[object], ink: Ink) -> list[bytes]:
    """One cell per value: a text as a cell can hold it, a finite number, or None for a blank."""
    return list(map(cells_by_value(values, ink)[0].__getitem__, values))


def cells_by_value(values: Sequence[object], ink: Ink) -> tuple[dict[object, bytes], dict[object, bytes]]:
    """The same of each distinct value; and what it says, where all are texts that are their own XML."""
    known, blank = dict.fromkeys(values), f'<c s="{ink.usual}"/>'.encode()
    made: dict[object, bytes] = {empty: blank for empty in ("", None) if known.pop(empty, "") is None}
    with suppress(TypeError):  # of a value that is no text
        if (stored := _own_xml(known)) is not None:  # type: ignore[arg-type]  # see above
            begin, end = text_cell(_ROW, ink).split(_ROW_BYTES)
            said = dict(zip(known, stored, strict=True))
            return made | {text: begin + own + end for text, own in said.items()}, said | dict.fromkeys(made, b"")
    for value in known:
        if not isinstance(value, str):
            made[value] = number_cell(value, ink)  # type: ignore[arg-type]  # it looks itself
        else:
            made[value] = text_cell(shown, ink) if (shown := _fitting(value)) else blank
    return made, {}


_SPECIAL = ("&", "<", ">", "_x", "\n ", " \n", "\n=", "\n\n")
"""What a text may hold that is not its own XML, in texts with a line end before and behind each."""


def _own_xml(texts: Collection[str]) -> list[bytes] | None:
    """The texts as stored, if each is its own XML: asked of all at once, since mostly all are."""
    joined = "\n".join(("", *texts, ""))
    if not joined.replace("\n", "").isprintable() or any(special in joined for special in _SPECIAL):
        return None
    if len(joined) >= LONGEST_TEXT // 2 and max(map(len, texts)) >= LONGEST_TEXT // 2:
        return None
    stored = joined.encode().split(b"\n")[1:-1]
    return stored if len(stored) == len(texts) else [text.encode() for text in texts]


_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def _fitting(text: str) -> str:
    """A text without what no cell holds, cut at Excel's limit: whole it stands in the unit's own workbook."""
    if len(text) < LONGEST_TEXT // 2 and not _ODD.search(text):
        return text
    return parts(clean(text))[0]


def text_cell(text: str, ink: Ink) -> bytes:
    """A text; one that begins with `=` keeps being a text when somebody edits the cell."""
    style = ink.quoted if text[0] == "=" else ink.usual
    space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    return f'<c s="{style}" t="inlineStr"><is><t{space}>{_escaped(literal(text))}</t></is></c>'.encode()


def number_cell(value: float, ink: Ink) -> bytes:
    """A finite number; 0 has no sign, which no program would keep."""
    if not math.isfinite(value):
        raise WritingError(f"{value} 不是可以写入的数。")
    return f'<c s="{ink.usual}"><v>{value + 0.0:.16G}</v></c>'.encode()


def formula_cell(formula: str, value: float | str, ink: Ink) -> bytes:
    """A formula of ours (without `=`), in which `{r}` is the row, with the value it has, as a reader that does not compute will see it."""
    kind, shown = (' t="str"', _escaped(literal(value))) if isinstance(value, str) else ("", f"{value + 0.0:.16G}")
    return f'<c s="{ink.usual}"{kind}><f>{_escaped(formula.replace("{r}", _ROW))}</f><v>{shown}</v></c>'.encode()


def jump_cell(target: str, shown: str, ink: Ink) -> bytes:
    """A jump within the workbook, `target` being made of our own sheet titles."""
    value, text = literal(shown), literal(shown.replace('"', '""'))
    return f'<c s="{ink.jump}" t="str"><f>{_escaped(f"""HYPERLINK("#{target}","{text}")""")}</f><v>{_escaped(value)}</v></c>'.encode()


def _escaped(text: str) -> str:
    """A text as XML content."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


# rows


def joined_rows(columns: Sequence[Sequence[bytes]], heights: Sequence[float]) -> list[bytes]:
    """Rows but for their ends, each column a cell per row, `heights` in points.

    Raises:
        ValueError: columns and heights are not of one length.
    """
    # Whole pixels, as xlsxwriter stores a height.
    tall = {height: f'<row ht="{int(height * 4 / 3 + 0.5) * 0.75:.16g}" customHeight="1">'.encode() for height in set(heights)}
    return list(map(b"".join, zip(map(tall.__getitem__, heights), *columns, strict=True)))


def packed_rows(rows: Sequence[bytes], first: int = 0, content: int = 0) -> PackedRows:
    """Rows as joined; `content` goes with them. Formulas stand in row `first` (counted from 0) and below."""
    xml = b"</row>".join((*rows, b""))
    if _ROW_BYTES in xml:  # formulas name their row
        xml = b"".join([b"%b</row>" % row.replace(_ROW_BYTES, b"%d" % number) for number, row in enumerate(rows, first + 1)])
    packer = zlib.compressobj(PACKING, zlib.DEFLATED, -zlib.MAX_WBITS)
    # A full flush ends on a whole byte and refers to nothing before: pieces can be put behind each other.
    packed = packer.compress(xml) + packer.flush(zlib.Z_FULL_FLUSH)
    return PackedRows(len(rows), len(xml), zlib.crc32(xml), shift_of(len(xml)), packed, content)


class LongSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter carries no types that mypy may read
    """A worksheet that leaves room for rows, between rows of xlsxwriter's own calls."""

    dim_rowmin: int
    dim_rowmax: int

    def __init__(self) -> None:
        super().__init__()
        self.dim_rowmin: int
        self.dim_rowmax: int
        self._room: tuple[int, int] | None = None

    def leave_room(self, first: int, rows: int, columns: int) -> None:
        """Leave room for so many rows from row `first` (counted from 0) on.

        Raises:
            WritingError: outside the sheet.
        """
        if rows and (self._check_dimensions(first, 0) or self._check_dimensions(first + rows - 1, columns - 1)):
            raise WritingError(f"{self.get_name()}：超出工作表的范围。")
        self._room = (first, rows)

    def _write_rows(self) -> None:
        """Xlsxwriter's rows above, the mark, xlsxwriter's rows below."""
        if self._room is None:
            super()._write_rows()
            return
        first, rows = self._room
        low, high = self.dim_rowmin, self.dim_rowmax
        for start, end, mark in ((low, first - 1, ROOM), (first + rows, high, "")):
            if start <= end:
                self.dim_rowmin, self.dim_rowmax = start, end
                super()._write_rows()
            self.fh.write(mark)
        self.dim_rowmin, self.dim_rowmax = low, high
