"""Where xlsxwriter's insides are others than we know, the rows of long tables are written by its public calls: the same cells."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from frames_of import consolidation, indicators, issues, units
from openpyxl import load_workbook

from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.remarks import own_sheets
from perfxl.workbook.consolidated import books, table, write_consolidated
from perfxl.workbook.consolidated.books import CalledTables, SplicedTables, leaves_room
from perfxl.workbook.consolidated.contents import in_sheets
from perfxl.workbook.consolidated.table import Field, PrintedTable
from perfxl.workbook.writing import WritingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.consolidation.records import Consolidation

INSIDES = ("_write_rows", "_check_dimensions", "_get_xf_index", "dim_rowmin", "dim_rowmax", "fh")
"""What `LongSheet` and the inks ask of xlsxwriter without its having promised it."""
TEXTS = ["甲馆", None, " 两边 ", 'a<b>&"c"', "第一行\n第二行", "=1+1", "_x0041_", "http://x", "😀", "<r>富</r> ", '" s="9"', "0.10"]
NUMBERS = [0.0, 1.0, -2.5, 0.1, 1e15, 123456.789, 1 / 3, 1e-7, None, 95.0, 2, -0.0]


@pytest.fixture(autouse=True)
def asked_again() -> Iterator[None]:
    leaves_room.cache_clear()
    yield
    leaves_room.cache_clear()


def renamed(patch: pytest.MonkeyPatch, name: str) -> None:
    """Xlsxwriter, in which a method or an attribute has another name."""
    for module in map(
        import_module, ("xlsxwriter.xmlwriter", "xlsxwriter.format", "xlsxwriter.worksheet", "xlsxwriter.workbook", "xlsxwriter.styles")
    ):
        for kind in [found for found in vars(module).values() if isinstance(found, type) and found.__module__ == module.__name__]:
            for called, function in list(vars(kind).items()):
                inner = getattr(function, "__wrapped__", function)
                if isinstance(inner, FunctionType) and name in inner.__code__.co_names:
                    names = tuple("of_another_version" if n == name else n for n in inner.__code__.co_names)
                    patch.setattr(inner, "__code__", inner.__code__.replace(co_names=names))
                if called == name:
                    patch.setattr(kind, "of_another_version", function, raising=False)
                    patch.delattr(kind, name)


def shown(data: bytes) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Every cell as stored and as computed: what it says and how it looks."""
    return {
        (values, sheet.title, c.coordinate): (
            c.value,
            c.data_type,
            c.number_format,
            c.font.b,
            c.fill.fgColor.rgb,
            c.quotePrefix,
            c.hyperlink and c.hyperlink.location,
            sheet.row_dimensions[c.row].height,
        )
        for values in (True, False)
        for sheet in load_workbook(BytesIO(data), data_only=values)
        for row in sheet.iter_rows()
        for c in row
    }


def odd() -> PrintedTable:
    count = len(TEXTS)
    said = [text and f"看{text}" for text in TEXTS]
    fields = [
        Field("文字", "text", TEXTS),
        Field("数", "points", NUMBERS),
        Field("跳", "centered", said, links=["'表'!A1", ""] * (count // 2)),
        Field("式", "points", NUMBERS, formulas=["ROUND(B{r},2)", ""] * (count // 2)),
        Field("文字式", "text", TEXTS, formulas=['IF(B{r}<1,"少","")'] * count),
    ]
    return PrintedTable("表", fields, hint="提示", total=["合计", 1.5, None, None, None])


def small() -> Consolidation:
    c = consolidation(
        units=units({"name": "甲"}, {"name": "=乙"}), indicators=indicators({"sheet_row": 4}, {"submission": 1}), issues=issues({}, {"submission": 1})
    )
    complete(c, None)
    return c


def written(kind: type[books.Tables], sheets: list[PrintedTable]) -> tuple[bytes, dict[str, int]]:
    target = BytesIO()
    with kind(target, {"perfxl": "ledger"}) as book:
        contents = book.write(sheets)
    return target.getvalue(), contents


def test_this_xlsxwriter_leaves_room() -> None:
    assert leaves_room()


@pytest.mark.parametrize("name", INSIDES)
def test_without_the_insides_of_xlsxwriter_the_workbook_has_the_same_cells(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    spliced, called, c = BytesIO(), BytesIO(), small()
    before = write_consolidated(spliced, c)
    leaves_room.cache_clear()
    with monkeypatch.context() as patch:
        renamed(patch, name)
        assert not leaves_room()
        after = write_consolidated(called, c)
    assert shown(called.getvalue()) == shown(spliced.getvalue())
    assert after == before


def test_a_format_with_another_number_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = books.number_of
    monkeypatch.setattr(books, "number_of", lambda look: real(look) + 1)
    assert not leaves_room()


@pytest.mark.parametrize("last", [1_048_576, 8])
def test_odd_texts_numbers_jumps_and_formulas_are_the_same_cells(monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    monkeypatch.setattr(table, "LAST_ROW", last)
    (spliced, before), (called, after) = (written(kind, [odd()]) for kind in (SplicedTables, CalledTables))
    assert shown(called) == shown(spliced)
    assert after == before == in_sheets(own_sheets(spliced))


@pytest.mark.parametrize("kind", [SplicedTables, CalledTables])
def test_a_row_that_is_missing_is_no_workbook(kind: type[books.Tables]) -> None:
    with kind(BytesIO(), {}) as book:
        book.open([odd()])
        with pytest.raises(WritingError):
            book.close()
        if kind is CalledTables:
            book.workbook.close()
