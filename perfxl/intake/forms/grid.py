"""A sheet or a Word table as a grid: cells by row and column, merged areas as one cell that knows its corners."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from perfxl.intake.guard.limits import DEFAULT_LIMITS, too_large
from perfxl.intake.submission import text_of
from perfxl.model.addresses import column_number, joined, letters, split
from perfxl.model.invisible import compatible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from perfxl.intake.guard import SheetFacts
    from perfxl.intake.readers import Sheet

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 1."""
MARGIN = 60
"""How far merged areas are followed beyond the last filled cell."""

_UNTOLD = re.compile(r"[\s*＊★☆:：\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")
_TAIL = re.compile(r"\((?:[^()]|\([^()]*\))*\)$")
_CIRCLED = re.compile(r"^\s*[①-⑳]|[①-⑳]\s*(?:[=＝].*)?$")
"""Numbers of columns, and how one follows from others."""
_YEAR_BEFORE = re.compile(r"^(?:19|20)\d{2}年度?")
_NUMBERED = re.compile(r"^[一二三四五六七八九十]、|^\([一二三四五六七八九十]\)")


@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """A text without blanks, line breaks, stars, colons and kinds of brackets: what heads are compared by."""
    return _UNTOLD.sub("", compatible(text)).replace("〔", "(").replace("〕", ")").replace("[", "(").replace("]", ")")


@lru_cache(maxsize=16_384)
def head_text(text: str) -> str:
    r"""The words of a head or label, without what stands in brackets behind them and a number before.

    >>> head_text("全年预算数（ A ）"), head_text("年度\n指标值"), head_text("得分④=②/①×③"), head_text("二、预算执行情况")
    ('全年预算数', '年度指标值', '得分', '预算执行情况')
    """
    words = _NUMBERED.sub("", plain(_CIRCLED.sub("", text)))
    while (cut := _TAIL.sub("", words)) != words and cut:
        words = cut
    return words


class Grid(Struct):
    """The filled cells of one sheet or Word table. A merged area stands in its first cell; `areas` leads there.

    `before` are the free lines above a Word table; `word` says how its cells are addressed.
    """

    name: str
    cells: dict[tuple[int, int], object] = field(default_factory=dict)
    areas: dict[tuple[int, int], Area] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    word: bool = False
    hollow: frozenset[tuple[int, int]] = frozenset()
    """Cells with a formula that was never calculated."""
    nested: tuple[tuple[int, int], ...] = ()
    """Cells that hold a table of their own, which is not read."""
    covered: frozenset[tuple[int, int]] = frozenset()
    """Cells under a merged area that hold something nobody sees."""
    last_row: int = 0
    last_column: int = 0
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    """The whole sheet."""
    spacers: frozenset[int] = frozenset()
    """Columns without any content that heads go on beyond."""

    @classmethod
    def of(cls, name: str, rows: Iterable[tuple[int, tuple[object, ...]]], merges: Iterable[Area] = (), **more: object) -> Grid:
        """A grid from rows (number, values from the first column on) and merged areas."""
        grid = cls(name, **more)  # type: ignore[arg-type]  # the remaining fields
        for first_row, first_column, last_row, last_column in merges:
            area = (first_row, first_column, last_row, last_column)
            for row in range(first_row, last_row + 1):
                for column in range(first_column, last_column + 1):
                    grid.areas[row, column] = area
        covered: dict[tuple[int, int], str] = {}
        for number, values in rows:
            for column, value in enumerate(values, 1):
                at = (number, column)
                if value is None or value == "" or (isinstance(value, str) and not value.strip()):
                    continue
                area = grid.areas.get(at, (*at, *at))
                if area[:2] == at:
                    grid.cells[at] = value
                    grid.last_row, grid.last_column = max(grid.last_row, area[2]), max(grid.last_column, area[3])
                else:
                    covered[at] = text_of(value)
        grid.covered = frozenset(at for at, text in covered.items() if text_of(grid.value(*at)) != text)
        return grid

    @classmethod
    def of_sheet(cls, sheet: Sheet, facts: SheetFacts | None) -> Grid:
        """The grid of a worksheet, with its merged areas and its formulas that were never calculated."""
        last_row, last_column = (facts.last_row + MARGIN, facts.last_column + MARGIN) if facts else (0, 0)
        areas = [area_of(span) for span in facts.merges] if facts else []
        merges = [(a[0], a[1], min(a[2], last_row), min(a[3], last_column)) for a in areas if a[0] <= last_row and a[1] <= last_column]
        if (covered := sum((a[2] - a[0] + 1) * (a[3] - a[1] + 1) for a in merges)) > DEFAULT_LIMITS.cells:
            raise too_large("cells", covered, DEFAULT_LIMITS.cells)
        hollow = frozenset(area_of(cell)[:2] for cell, known in facts.formulas.items() if not known) if facts else frozenset()
        if facts is None:
            return cls.of(sheet.title, sheet.rows)
        seen = {"hidden": facts.hidden, "hidden_rows": frozenset(facts.hidden_rows), "hidden_columns": frozenset(facts.hidden_columns)}
        return cls.of(sheet.title, sheet.rows, merges, hollow=hollow, **seen)

    def area(self, row: int, column: int) -> Area:
        """The merged area a cell belongs to, or the cell alone."""
        return self.areas.get((row, column), (row, column, row, column))

    def value(self, row: int, column: int) -> object:
        """What stands in a cell, or in the area it belongs to."""
        return self.cells.get(self.area(row, column)[:2])

    def text(self, row: int, column: int) -> str:
        """The same as text."""
        return text_of(self.value(row, column))

    def own(self, row: int, column: int) -> object:
        """What stands in a cell itself: None where a merged area only covers it."""
        return self.cells.get((row, column)) if self.area(row, column)[:2] == (row, column) else None

    def row(self, row: int, first: int = 1, last: int | None = None) -> Iterator[tuple[Area, object]]:
        """The filled areas that touch a row, from left to right, each once."""
        column = first
        while column <= (last or self.last_column):
            area = self.area(row, column)
            value = self.cells.get(area[:2])
            if value is not None:
                yield area, value
            column = max(area[3], column) + 1

    def empty_columns(self) -> frozenset[int]:
        """Columns in which no cell begins."""
        return frozenset(range(1, self.last_column + 1)) - {column for _, column in self.cells}

    def column_name(self, column: int) -> str:
        """A column as an address names it."""
        return f"第{column}列" if self.word else letters(column - 1)

    def address(self, row: int, column: int) -> str:
        """A cell as the reader of the paper finds it."""
        return joined(row, self.column_name(column)) or ""

    def span(self, area: Area) -> str:
        """An area as the reader of the paper finds it."""
        first, last = self.address(*area[:2]), self.address(*area[2:])
        return first if first == last else f"{first}至{last}" if self.word else f"{first}:{last}"


def area_of(span: str) -> Area:
    """`B2:C5` as rows and columns.

    >>> area_of("B2:C5"), area_of("D7")
    ((2, 2, 5, 3), (7, 4, 7, 4))
    """
    (top, left), (bottom, right) = (split(part) for part in (span.partition(":")[0], span.rpartition(":")[2]))
    assert top and left and bottom and right  # noqa: PT018, S101  # the guard took only areas of cells
    return top, column_number(left), bottom, column_number(right)


class HeadWords:
    """Field to words, asked by the text of a head."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._index = {plain(word): name for name, listed in reversed(list(words.items())) for word in listed}
        self.field = lru_cache(maxsize=4096)(self._field)  # the rows of a form are asked for their heads again and again
        self._rank = {plain(word): rank for listed in words.values() for rank, word in enumerate(listed)}

    def _field(self, text: str) -> str | None:
        """The field whose words a head is, or None; brackets are tried as part of the words first, a year before them is left out."""
        return self._index.get(plain(text)) or self._index.get(bare := head_text(text)) or self._index.get(_YEAR_BEFORE.sub("", bare))

    def rank(self, text: str) -> int:
        """The place of a label among its field's: the lower the stronger."""
        return self._rank.get(plain(text), self._rank.get(head_text(text), 99))
