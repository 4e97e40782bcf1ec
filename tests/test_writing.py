from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
import python_calamine
from openpyxl import load_workbook

from perfxl.workbook.writing import LONGEST_TEXT, SheetWriter, WritingError, new_workbook, text_lines


def written(write, **options) -> bytes:
    """The workbook after `write(page)` on its one sheet."""
    target = BytesIO()
    workbook, style = new_workbook(target, **options)
    write(SheetWriter(workbook, "表", style))
    workbook.close()
    return target.getvalue()


def cell(workbook: bytes, at: str = "A1", *, data_only: bool = False):
    return load_workbook(BytesIO(workbook), data_only=data_only)["表"][at]


@pytest.mark.parametrize("text", ["=1+1", "{=1}", "http://x.cn", "internal:表!A1", r"external:\\host\share", "+1", "@x", "0012", " 空 "])
def test_text_is_stored_as_it_is(text):
    found = cell(written(lambda page: page.text(0, 0, text)))
    assert (found.value, found.data_type, found.hyperlink) == (text, "s", None)


def test_text_beginning_with_an_equals_sign_keeps_being_text_when_edited():
    found = cell(written(lambda page: page.text(0, 0, "=1+1", page.style.strong)))
    assert (found.quotePrefix, found.font.b) == (True, True)


def test_control_characters_and_lone_surrogates_are_taken_out():
    assert cell(written(lambda page: page.text(0, 0, "一\x07二\ud800\r\n三"))).value == "一二\n三"


@pytest.mark.parametrize("text", ["_x0041_", "_x005F_x0041_", "a_x000D_b", "_x005F_x005F_x0041_", "甲_x0041_x0042_"])
def test_what_looks_like_a_code_is_read_as_it_was_typed(text):
    made = written(lambda page: page.text(0, 0, text))
    assert python_calamine.CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(0).to_python() == [[text]]
    with zipfile.ZipFile(BytesIO(made)) as package:
        runs = re.findall("<t[^>]*>([^<]*)</t>", package.read("xl/sharedStrings.xml").decode())
    assert "".join(re.sub("_x([0-9A-F]{4})_", lambda code: chr(int(code[1], 16)), run) for run in runs) == text


def test_text_of_32000_characters_is_whole_and_a_longer_one_than_excel_holds_is_refused():
    assert cell(written(lambda page: page.text(0, 0, "长" * 32_000))).value == "长" * 32_000
    with pytest.raises(WritingError, match="第1行第1列"):
        written(lambda page: page.text(0, 0, "长" * (LONGEST_TEXT + 1)))


def test_characters_beyond_the_basic_plane_count_twice():
    with pytest.raises(WritingError):
        written(lambda page: page.text(0, 0, "𠮷" * 16_384))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_number_that_is_not_finite_is_refused(number):
    with pytest.raises(WritingError):
        written(lambda page: page.number(0, 0, number))


def test_cell_outside_the_sheet_is_refused():
    with pytest.raises(WritingError, match="超出"):
        written(lambda page: page.number(1_048_576, 0, 1))


def test_formula_carries_its_value():
    workbook = written(lambda page: page.formula(0, 0, "=1+1", value=2))
    assert (cell(workbook).value, cell(workbook, data_only=True).value) == ("=1+1", 2)


def test_formula_that_shows_nothing_is_stored_as_computed_not_as_never_computed():
    workbook = written(lambda page: page.formula(0, 0, '=""', value=""))
    with zipfile.ZipFile(BytesIO(workbook)) as package:
        assert '<c r="A1" t="str"><f>""</f><v></v></c>' in package.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("text", ["<r>富</r>", "<r>a & b</r>", "<r><t>x</t></r>", "<r></si><si><t>乙</t></r>"])
def test_a_text_that_looks_like_markup_is_a_text(text):
    assert cell(written(lambda page: page.text(0, 0, text))).value == f"{text} "


def test_link_leads_into_the_workbook():
    found = cell(written(lambda page: page.link(0, 0, "表", "B2", "看这里")))
    assert (found.value, found.hyperlink.location, found.hyperlink.target) == ("看这里", "'表'!B2", None)


def test_equal_writing_gives_equal_bytes():
    def write(page):
        page.text(0, 0, "甲", page.style.header)
        page.number(1, 0, 1.5, page.style.money)

    assert written(write) == written(write)


def test_fitted_row_has_a_height_that_stays_automatic():
    workbook = written(lambda page: (page.text(0, 0, "长" * 30), page.fit(0, [("长" * 30, 20)])))
    with zipfile.ZipFile(BytesIO(workbook)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "ht=" in sheet
    assert "customHeight" not in sheet


@pytest.mark.parametrize(("text", "width", "lines"), [("", 10, 1), ("一二三四", 9, 1), ("一二三四五", 9, 2), ("a\nb\n", 9, 3), ("12345678", 9, 1)])
def test_lines_of_a_wrapped_text(text, width, lines):
    assert text_lines(text, width) == lines


def test_a_format_is_made_once_per_workbook():
    def write(page):
        assert page.style.money is page.style.money
        assert page.style.on(page.style.text, bold=True) is page.style.on(page.style.text, bold=True)
        assert page.style.header is not page.style.text

    written(write)
