from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from perfxl.workbook.rows import LongSheet
from perfxl.workbook.writing import WritingError, new_workbook

TEXTS = ["甲馆", "", " 两边 ", "a<b>&\"c\"", "第一行\n第二行", "_x0041_", "=1+1", "甲馆", "http://x", "😀"]
NUMBERS = [0.0, 1.0, -2.5, 0.1, 1e15, 123456.789, 1 / 3, 1e-7, 95.0, 2.0]
HEIGHTS = [18.5, 33.0] * 5


def written(*, constant_memory: bool, long_rows: bool) -> bytes:
    stream = BytesIO()
    book, style = new_workbook(stream, constant_memory=constant_memory)
    sheet = book.add_worksheet("表", LongSheet)
    sheet.set_default_row(18.5)
    sheet.write_string(0, 0, "标题", style.title)
    sheet.write_string(1, 0, "甲馆", style.header)
    if long_rows:
        texts = sheet.cells([t or None for t in TEXTS], style.text, lambda _: True, str)
        numbers = sheet.cells(NUMBERS, style.points, lambda _: True, str)
        jumps = [sheet.jump_cell("'表'!A1", "看\"这里\"<", style.link)] * len(TEXTS)
        assert sheet.add_rows(2, [texts, numbers, jumps], HEIGHTS) == len(TEXTS)
    else:
        for row, (text, number, height) in enumerate(zip(TEXTS, NUMBERS, HEIGHTS, strict=True), 2):
            sheet.set_row(row, height)
            if text:
                sheet.write_string(row, 0, text, style.text)
            else:
                sheet.write_blank(row, 0, None, style.text)
            sheet.write_number(row, 1, number, style.points)
            sheet.write_formula(row, 2, 'HYPERLINK("#\'表\'!A1","看""这里""<")', style.link, '看"这里"<')
    sheet.write_string(2 + len(TEXTS), 0, "合计", style.header)
    book.close()
    return stream.getvalue()


def cells(data: bytes) -> list[list[tuple[object, ...]]]:
    found = []
    for values_only in (True, False):
        sheet = load_workbook(BytesIO(data), data_only=values_only)["表"]
        found.append([(c.coordinate, c.value, c.data_type, c.number_format, c.font.b, c.fill.fgColor.rgb, sheet.row_dimensions[c.row].height)
                      for row in sheet.iter_rows() for c in row])
    return found


@pytest.mark.parametrize("constant_memory", [False, True])
def test_long_rows_are_the_cells_of_xlsxwriters_own_calls(*, constant_memory: bool) -> None:
    long, own = (written(constant_memory=constant_memory, long_rows=rows) for rows in (True, False))
    assert cells(long) == cells(own)
    with ZipFile(BytesIO(long)) as a, ZipFile(BytesIO(own)) as b:
        assert a.namelist() == b.namelist()
        rest = [name for name in a.namelist() if "worksheets/sheet" not in name]
        assert [a.read(name) for name in rest if "styles" not in name] == [b.read(name) for name in rest if "styles" not in name]


def test_numbers_that_are_none_are_refused() -> None:
    book, style = new_workbook(BytesIO())
    sheet = book.add_worksheet("表", LongSheet)
    with pytest.raises(WritingError):
        sheet.cells([float("nan")], style.points, lambda _: True, str)
    book.close()


def test_rows_beyond_the_sheet_are_refused() -> None:
    book, style = new_workbook(BytesIO())
    sheet = book.add_worksheet("表", LongSheet)
    with pytest.raises(WritingError):
        sheet.add_rows(1_048_575, [[sheet.blank_cell(style.text)] * 2], [15.0] * 2)
    book.close()
