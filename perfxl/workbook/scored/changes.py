"""One change detector: what was scored is kept beside the calculation and compared with the cells as they stand.

Every watched block of cells is copied to hidden columns of 评分依据; a formula beside them counts the cells that differ.
Numbers are computed anew where they stand; a text that decides points is not, so that a change in one blanks the totals. A
sentence that holds a number is kept there too and shown by a formula that says `STALE` as soon as anything differs. Rows that
were added, deleted or moved make blocks of unequal size, an error the count takes for a difference: nothing shows `#REF!`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from perfxl.model.addresses import letters
from perfxl.model.columns import BASIS_SHEET, STALE, STALE_TOTAL
from perfxl.rules.expression import literal

if TYPE_CHECKING:
    from perfxl.workbook.scored.page import Page

STALE_SHORT = "已改动"
"""The same in a narrow cell of a sheet that is never read."""
FIRST_COLUMN = 26
"""AA of 评分依据: the counts; the sentences stand in AB, the copies from AC on."""
_COUNTS, _SENTENCES = (letters(FIRST_COLUMN + i) for i in range(2))
_COPIES = FIRST_COLUMN + 2
_ANY, _ROWS, _SAID, _LINES = 1, 2, 3, 4
"""Rows of the counts: anything but sentences, rows and deciding texts, sentences; from the fourth on the single counts."""
CHANGED = f"({BASIS_SHEET}!${_COUNTS}${_ANY}>0)"
ROWS_CHANGED = f"({BASIS_SHEET}!${_COUNTS}${_ROWS}>0)"
SENTENCES_CHANGED = f"({BASIS_SHEET}!${_COUNTS}${_SAID}>0)"


def whole(expression: str, said: str = STALE_TOTAL) -> str:
    """A total that turns into words when rows were added or deleted, or texts changed: it would leave one out, or be of another text."""
    return f"IF({ROWS_CHANGED},{literal(said)},{expression})"


class Area(Struct, frozen=True):
    """A rectangle of watched cells, rows from 1, columns from 0, both ends included."""

    page: Page
    first: int
    left: int
    last: int
    right: int

    @property
    def span(self) -> str:
        """The block as other sheets write it."""
        return f"{self.page.title}!${letters(self.left)}${self.first}:${letters(self.right)}${self.last}"

    @property
    def columns(self) -> str:
        """Its columns over the whole sheet, which no row added or deleted can break."""
        return f"{self.page.title}!${letters(self.left)}:${letters(self.right)}"

    def holds(self, other: Area) -> bool:
        """Whether another rectangle lies within this one."""
        inside = self.first <= other.first and other.last <= self.last and self.left <= other.left and other.right <= self.right
        return self.page is other.page and inside

    def written(self) -> dict[tuple[int, int], str | float]:
        """The cells written in it, blank ones left out."""
        inside = ((at, value) for at, value in self.page.cells.items() if self.left <= at[1] <= self.right)
        return {at: value for at, value in inside if self.first <= at[0] <= self.last}


class Watch:
    """The watched blocks and sentences of one workbook."""

    def __init__(self) -> None:
        self._blocks: list[Area] = []
        self._tables: list[Area] = []
        self._texts: list[Area] = []
        self._said: list[Area] = []
        self._sentences: list[str] = []

    def sentence(self, text: str) -> str:
        """Excel of a sentence that is shown as long as nothing was changed."""
        self._sentences.append(text)
        return f"IF({CHANGED},{literal(STALE)},INDEX({BASIS_SHEET}!${_SENTENCES}:${_SENTENCES},{len(self._sentences)}))"

    def first_line(self, text: str) -> str:
        """The same for the one sentence that tells of changed sentences too."""
        return self.sentence(text).replace(CHANGED, f"OR({CHANGED},{SENTENCES_CHANGED})", 1)

    def block(self, page: Page, first: int, left: int, last: int, right: int) -> None:
        """Watch the cells of a rectangle; none of them may be a sentence."""
        self._blocks.append(Area(page, first, left, last, right))

    def said(self, page: Page, first: int, column: int, last: int) -> None:
        """Watch sentences for being typed over."""
        self._said.append(Area(page, first, column, last, column))

    def table(self, page: Page, first: int, last: int, named: int) -> None:
        """Watch how many rows a table has, by its first `named` columns, which hold what was typed and no formula."""
        self._tables.append(Area(page, first, 0, last, named - 1))

    def texts(self, page: Page, first: int, left: int, last: int, right: int) -> None:
        """Watch the texts of a part of a block that decide points, and numbers that become texts; it holds no formula of ours."""
        self._texts.append(Area(page, first, left, last, right))

    def write(self, page: Page) -> None:
        """Copies and counts, on 评分依据; the last step, when every cell is written."""
        left, line = _COPIES, _LINES
        spans: dict[int, tuple[int, int]] = {}
        copies: list[tuple[Area, int]] = []
        for kind, blocks in ((_ANY, self._blocks), (_SAID, self._said)):
            start = line
            for block in blocks:
                self._copy(page, block, left)
                copies.append((block, left))
                page.array(line, FIRST_COLUMN, _differs(block, _copied(block, block, left)))
                left += block.right - block.left + 1
                line += 1
            spans[kind] = (start, line - 1)
        start = line
        for block in self._tables:
            page.formula(line, FIRST_COLUMN, _rows(block), 0.0, "plain")
            page.formula(line + 1, FIRST_COLUMN, _beyond(block), 0.0, "plain")
            line += 2
        for part in self._texts:
            block, left = next((block, left) for block, left in copies if block.holds(part))
            page.array(line, FIRST_COLUMN, _retyped(part, _copied(part, block, left)))
            line += 1
        spans[_ROWS] = (start, line - 1)
        for kind, (first, last) in spans.items():
            counted = f"SUM(${_COUNTS}${first}:${_COUNTS}${last})" if last >= first else "0"
            page.formula(kind, FIRST_COLUMN, f"{counted}+${_COUNTS}${_ROWS}" if kind == _ANY else counted, 0.0, "plain")
        for n, text in enumerate(self._sentences, start=1):
            page.text(n, FIRST_COLUMN + 1, text, "plain")
        page.hide_columns(FIRST_COLUMN, left)

    def _copy(self, page: Page, block: Area, left: int) -> None:
        for (row, column), value in block.written().items():
            at = (row - block.first + 1, left + column - block.left)
            if isinstance(value, str):
                page.text(*at, value, "plain")
            else:
                page.number(*at, value, "plain")


def _copied(part: Area, block: Area, left: int) -> str:
    """Where a part of a block stands in its copy, which begins in the column `left`."""
    first, last = (letters(left + column - block.left) for column in (part.left, part.right))
    return f"${first}${part.first - block.first + 1}:${last}${part.last - block.first + 1}"


def _differs(block: Area, copy: str) -> str:
    """Cells that are not what was written: numbers to the last place that counts, texts letter for letter."""
    seen = block.span
    numbers = f"IF(ABS({seen}-{copy})>0.000000001+ABS({copy})*0.000000000001,1,0)"
    return f"IFERROR(SUM(IF(ISNUMBER({seen}),IF(ISNUMBER({copy}),{numbers},1),IF(EXACT({seen},{copy}),0,1))),1)"


def _retyped(part: Area, copy: str) -> str:
    """Texts that are not what was written; a number and a blank are no text."""
    seen, written = (f'IF(ISNUMBER({span}),"",{span}&"")' for span in (part.span, copy))
    return f"IFERROR(SUM(IF(EXACT({seen},{written}),0,1)),1)"


def _rows(block: Area) -> str:
    """Rows inserted in a table or deleted from it."""
    return f"IFERROR(ABS(ROWS({block.span})-{block.last - block.first + 1}),1)"


def _beyond(block: Area) -> str:
    """Cells filled above or below a table, where nothing was."""
    outside = sum(1 for _, column in block.page.cells if block.left <= column <= block.right) - len(block.written())
    return f"IFERROR(ABS(COUNTA({block.columns})-COUNTA({block.span})-{outside}),1)"
