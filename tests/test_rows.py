from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from perfxl.output import clean
from perfxl.workbook.crc import crc_of_both, shift_of
from perfxl.workbook.rows import Ink, LongSheet, cells, joined_rows, jump_cell, packed_rows
from perfxl.workbook.splicing import SpooledRows, splice
from perfxl.workbook.writing import WritingError, new_workbook

TEXTS = ["甲馆", "", " 两边 ", 'a<b>&"c"', "第一行\n第二行", "=1+1", "甲馆", "http://x", "😀", "<r>富</r>"]
NUMBERS = [0.0, 1.0, -2.5, 0.1, 1e15, 123456.789, 1 / 3, 1e-7, 95.0, 2]
HEIGHTS = [18.5, 33.0] * 5
PLAIN = Ink(0, 0, 0)


def ink(style, look, jump) -> Ink:
    return Ink(*(made._get_xf_index() for made in (look, style.quoted(look), jump)))


def started():
    stream = BytesIO()
    book, style = new_workbook(stream)
    sheet = book.add_worksheet("表", LongSheet)
    sheet.set_default_row(18.5)
    sheet.write_string(0, 0, "标题", style.title)
    sheet.write_string(1, 0, "甲馆", style.header)
    sheet.write_string(2 + len(TEXTS), 0, "合计", style.header)
    return stream, book, style, sheet


def by_xlsxwriter() -> bytes:
    stream, book, style, sheet = started()
    for row, (text, number, height) in enumerate(zip(TEXTS, NUMBERS, HEIGHTS, strict=True), 2):
        sheet.set_row(row, height)
        if text:
            sheet.write_string(row, 0, clean(text), style.quoted(style.text) if text[0] == "=" else style.text)
        else:
            sheet.write_blank(row, 0, None, style.text)
        sheet.write_number(row, 1, number, style.points)
        sheet.write_formula(row, 2, 'HYPERLINK("#\'表\'!A1","看""这里""<")', style.link, '看"这里"<')
    book.close()
    return stream.getvalue()


def by_pieces(*ends: int) -> bytes:
    stream, book, style, sheet = started()
    sheet.leave_room(2, len(TEXTS), 3)
    text, number = ink(style, style.text, style.link), ink(style, style.points, style.link)
    jumps = [jump_cell("'表'!A1", '看"这里"<', text)] * len(TEXTS)
    columns = [cells([clean(t) or None for t in TEXTS], text), cells(NUMBERS, number), jumps]
    book.close()
    target = BytesIO()
    with SpooledRows() as rows:
        for start, end in zip((0, *ends), (*ends, len(TEXTS)), strict=True):
            rows.add(packed_rows(joined_rows([column[start:end] for column in columns], HEIGHTS[start:end]), 2 + start))
        splice(stream, target, {"xl/worksheets/sheet1.xml": rows})
    return target.getvalue()


def shown(data: bytes) -> list[list[tuple[object, ...]]]:
    found = []
    for values_only in (True, False):
        sheet = load_workbook(BytesIO(data), data_only=values_only)["表"]
        found.append(
            [
                (c.coordinate, c.value, c.data_type, c.number_format, c.font.b, c.fill.fgColor.rgb, c.quotePrefix, sheet.row_dimensions[c.row].height)
                for row in sheet.iter_rows()
                for c in row
            ]
        )
    return found


def test_packed_rows_are_the_cells_of_xlsxwriters_own_calls() -> None:
    assert shown(by_pieces()) == shown(by_xlsxwriter())


def test_a_text_that_looks_like_a_code_of_a_character_stays_what_was_typed() -> None:
    """As xlsxwriter spells it, in texts within their cells too; Excel reads it back (openpyxl does so only in shared texts)."""
    assert cells(["_x0041_"], PLAIN) == [b'<c s="0" t="inlineStr"><is><t>_x005F_x0041_</t></is></c>']


def test_pieces_make_the_same_rows_as_one() -> None:
    assert shown(by_pieces(1, 4, 4, 9)) == shown(by_pieces())


@given(st.binary(), st.binary())
def test_the_checksum_of_both_is_that_of_the_whole(first: bytes, second: bytes) -> None:
    assert crc_of_both(zlib.crc32(first), zlib.crc32(second), shift_of(len(second))) == zlib.crc32(first + second)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(WritingError):
        cells([float("nan")], PLAIN)


@pytest.mark.parametrize(("text", "kept"), [("甲\x07馆\ud800", "甲馆"), ("\x07", None), ("字" * 40_000, "字" * 32_767)])
def test_a_text_no_cell_holds_is_cut_to_one_that_it_can(text: str, kept: str | None) -> None:
    assert cells([text], PLAIN) == cells([kept], PLAIN)


def test_rows_beyond_the_sheet_are_refused() -> None:
    book, _ = new_workbook(BytesIO())
    sheet = book.add_worksheet("表", LongSheet)
    with pytest.raises(WritingError):
        sheet.leave_room(1_048_575, 2, 2)
    book.close()


def test_a_sheet_without_room_is_refused() -> None:
    stream, book, _, _ = started()
    book.close()
    with SpooledRows() as rows, pytest.raises(WritingError):
        splice(stream, BytesIO(), {"xl/worksheets/sheet1.xml": rows})
