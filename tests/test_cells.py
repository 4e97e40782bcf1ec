"""What a cell says: its number format, struck and raised runs, escapes, invisible characters; the same by every engine."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from papers import read_workbook
from verdicts import document

from perfxl.intake.submission import Submission
from perfxl.scoring.batch import score_submissions

CELLS = Path(__file__).parent / "data" / "cells"
BASE = CELLS / "R08_empty_fill.xlsx"
TARGET, ACTUAL, WEIGHT = "绩效指标!E4", "绩效指标!G4", "绩效指标!I4"
HIDDEN_SHEET = CELLS / "R09_blank_sheet_name.xlsx"


@lru_cache(maxsize=1)
def plain() -> bytes:
    """The workbook that scores 100."""
    return HIDDEN_SHEET.read_bytes()


def changed(changes: dict[str, object]) -> bytes:
    """The workbook that scores 100 with some cells changed: a value, or a value and its number format, or a font."""
    with pytest.warns(UserWarning, match="invalid specification"):
        book = openpyxl.load_workbook(BytesIO(plain()))
    for place, change in changes.items():
        sheet, ref = place.split("!")
        value, shown_as = change if isinstance(change, tuple) else (change, None)
        cell = book[sheet][ref]
        cell.value = value
        if isinstance(shown_as, Font):
            cell.font = shown_as
        elif shown_as is not None:
            cell.number_format = shown_as
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def read(data: bytes) -> Submission:
    """The submission, equal by every engine."""
    first, second = (read_workbook(data, source="甲.xlsx", reader=reader) for reader in ("openpyxl", "calamine"))
    assert isinstance(first, Submission), first
    assert isinstance(second, Submission), second
    assert (first.fields, first.rows, first.issues, first.places) == (second.fields, second.rows, second.issues, second.places)
    return first


def scored(data: bytes) -> dict[str, object]:
    submission = read(data)
    return document(submission, score_submissions([submission])[submission.number])


def codes(result: dict[str, object]) -> set[tuple[str, str, str | None]]:
    """Errors, and everything else that speaks of cells."""
    wanted = ("shown-differs", "text-struck")
    return {(i["code"], i["severity"], i["cell"]) for i in result["issues"] if i["severity"] == "error" or i["code"] in wanted}  # type: ignore[attr-defined]


MUST = {
    "R01_cjk_date_31": (90, {("tier-missing", "error", "H6")}),
    "R02_format_scales_money": (98.67, set()),
    "R04_struck_run": (100, {("text-struck", "info", "E4")}),
    "R05_x000D": (100, set()),
    "R06_zwsp_header": (100, set()),
    "R07_year_1905": (100, {("shown-differs", "warning", "B8")}),
    "R08_empty_fill": (100, set()),
    "R09_blank_sheet_name": (100, set()),
    "R10_strict_long_fraction": (100, set()),
    "R11_source_line_uncached": (90, {("formula-without-value", "error", "D11"), ("formula-without-value", "error", "E11")}),
    "R13_target_sign_in_format": (98, set()),
    "R15_foreign_sheet_names": (100, set()),
}


@pytest.mark.parametrize("name", MUST)
def test_a_workbook_one_edit_from_100(name):
    result = scored((CELLS / f"{name}.xlsx").read_bytes())
    assert (result["total"], codes(result)) == MUST[name]
    assert result["unit"]["fiscal_year"] == 2022


def test_a_line_whose_amounts_are_formulas_without_a_result_leaves_the_rate_open():
    result = scored((CELLS / "R11_source_line_uncached.xlsx").read_bytes())
    assert (result["budget"]["rate"], result["possible"]) == (None, [90, 100])


ACTUALS: dict[str, tuple[object, str, object, float, set[tuple[str, str, str]]]] = {
    # what is stored, its format, what the cell says, points of 20 (target 270场), issues
    "words of a unit": (270, '0"场"', "270场", 20, set()),
    "words behind General": (270, 'General"场"', "270场", 20, set()),
    "words and thousands": (1270, '#,##0"场"', "1270场", 20, set()),
    "a word before": (270, '"共"0"场"', "共270场", 20, set()),
    "never rounded up": (269.6, "0", 269.6, 19.97, set()),
    "a colour": (270, "[红色]0", 270, 20, set()),
    "a colour by number": (270, "[Color10]0.00", 270, 20, set()),
    "accounting": (270, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 270, 20, set()),
    "thousands divided away": (270000, "0,", 270, 20, set()),
    "a point of its own": (2700000, "0\\.0000", 270, 20, set()),
    "a condition that holds": (270, '[>100]0"场";0"次"', "270场", 20, set()),
    "a condition that does not": (270, '[>300]0"次";0"场"', "270场", 20, set()),
    "capital numerals": (270, '[DBNum2][$-804]General"场"', "270场", 20, set()),
    "a locale": (270, "[$-804]0", 270, 20, set()),
    "scientific": (270, "0.00E+00", 270, 20, set()),
    "a fraction": (270.5, "# ?/?", 270.5, 20, set()),
    "text format": (270, "@", 270, 20, set()),
    "leading zeros": (270, "0000", 270, 20, set()),
    "hidden": (270, ";;;", 270, 20, {("shown-differs", "warning", "G4")}),
    "a digit added": (27, '0"0"', "270", 20, {("shown-differs", "error", "G4")}),
    "a magnitude that does not fit": (2700000, '0.00,,"万"', "2.7万", 20, {("shown-differs", "error", "G4")}),
}


@pytest.mark.parametrize("name", ACTUALS)
def test_a_number_says_what_its_format_says(name):
    stored, shown_as, says, points, issues = ACTUALS[name]
    data = changed({ACTUAL: (stored, shown_as)})
    assert next(r.values["actual"] for r in read(data).rows["indicators"] if r.number == 4) == says
    result = scored(data)
    assert (result["indicators"][0]["score"], codes(result)) == (points, issues)


QUESTIONS = {
    "elapsed time": (1.5, "[h]:mm"),
    "a foreign currency": (270, "[$$-409]#,##0.00"),
    "words instead of the number": (270, '"已完成"'),
    "a day": (270, "yyyy-mm-dd"),
    "a time": (0.5, "h:mm"),
    "a day that no calendar has": (-5, "yyyy-mm-dd"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_a_format_turns_into_something_else_is_never_a_number(name):
    result = scored(changed({ACTUAL: QUESTIONS[name]}))
    assert result["indicators"][0]["score"] is None
    assert result["provisional"]


@pytest.mark.parametrize("shown_as", ['0;-0;"-"', "#,##0;-#,##0;", '0;0;"无"', "0"])
def test_a_stored_0_is_0_however_it_is_shown(shown_as):
    rows = read(changed({ACTUAL: (0, shown_as)})).rows["indicators"]
    assert next(r.values["actual"] for r in rows if r.number == 4) == 0


DATES = {
    # target 2022-12-31, actual as stored, under one format: points of 10
    "builtin 14": ("mm-dd-yy", datetime(2022, 11, 30), 10, set()),
    "long": ('yyyy"年"m"月"d"日"', datetime(2023, 1, 31), None, {("tier-missing", "error", "H6")}),
    "month of a later year": ('yyyy"年"m"月"', datetime(2023, 1, 1), None, {("tier-missing", "error", "H6")}),
    "month in time": ('yyyy"年"m"月"', datetime(2022, 11, 1), 10, set()),
    "year hidden, of the fiscal year": ('m"月"d"日"', datetime(2022, 11, 30), 10, set()),
    "year hidden, of a later one": ('m"月"d"日"', datetime(2023, 1, 31), None, {("shown-differs", "error", "G6"), ("tier-missing", "error", "H6")}),
}


@pytest.mark.parametrize("name", DATES)
def test_a_date_says_what_it_shows_and_never_hides_its_year(name):
    shown_as, stored, points, issues = DATES[name]
    result = scored(changed({"绩效指标!E6": (datetime(2022, 12, 31), "yyyy-mm-dd"), "绩效指标!G6": (stored, shown_as), "绩效指标!D6": None}))
    assert (result["indicators"][2]["score"], codes(result)) == (points, issues)


@pytest.mark.parametrize("number", [*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58])
def test_every_built_in_number_of_a_date_is_a_date(number):
    with ZipFile(BytesIO(changed({"绩效指标!G6": (44926, "0.00000")}))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    styles = parts["xl/styles.xml"]
    own = re.search(rb'<numFmt numFmtId="(\d+)" formatCode="0\.00000"', styles) or re.search(rb'formatCode="0\.00000" numFmtId="(\d+)"', styles)
    assert own
    parts["xl/styles.xml"] = styles.replace(b'numFmtId="%s" fontId' % own[1], b'numFmtId="%d" fontId' % number)
    target = BytesIO()
    with ZipFile(target, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    rows = read(target.getvalue()).rows["indicators"]
    assert next(r.values["actual"] for r in rows if r.number == 6) == datetime(2022, 12, 31)


STRUCK, RAISED = InlineFont(strike=True), InlineFont(vertAlign="superscript")
TEXTS: dict[str, tuple[object, object, float | None, set[tuple[str, str, str]]]] = {
    "a struck number before": (CellRichText(TextBlock(STRUCK, "200"), "270场"), "270场", 20, {("text-struck", "info", "G4")}),
    "a struck tail": (CellRichText("270", TextBlock(STRUCK, "0场")), "270", 20, {("text-struck", "info", "G4")}),
    "an escape": ("270场_x000D_", "270场", 20, set()),
    "invisible characters": ("\u200b2\u206070\u202c场\ufeff", "270场", 20, set()),
    "only invisible characters": ("\u200b\ufeff", None, None, {("actual-missing", "error", "G4")}),
    "a whole cell struck": (("270", Font(strike=True)), None, None, {("actual-missing", "error", "G4"), ("text-struck", "info", "G4")}),
    "a struck number": ((270, Font(strike=True)), None, None, {("actual-missing", "error", "G4"), ("text-struck", "info", "G4")}),
    "words for texts": (("270", '@"场"'), "270场", 20, set()),
    "a text hidden": (("270", ";;;"), "270", 20, {("shown-differs", "warning", "G4")}),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_says_what_can_be_read_of_it(name):
    change, says, points, issues = TEXTS[name]
    data = changed({ACTUAL: change})
    assert next(r.values.get("actual") for r in read(data).rows["indicators"] if r.number == 4) == says
    result = scored(data)
    assert (result["indicators"][0]["score"], codes(result)) == (points, issues)


def test_a_footnote_is_no_digit_of_the_number():
    result = scored(changed({ACTUAL: CellRichText("270", TextBlock(RAISED, "1"))}))
    assert (result["indicators"][0]["score"], result["indicators"][0]["actual"]["text"]) == (None, "270¹")
    assert {(severity, cell) for _, severity, cell in codes(result)} == {("error", "G4")}


def test_a_struck_row_is_no_row():
    struck = Font(strike=True)
    row = {
        f"绩效指标!{column}10": (value, struck)
        for column, value in zip("ABCDEFGI", ("产出指标", "数量指标", "另一项", "≥", "5", "场", "5", 5), strict=True)
    }
    result = scored(changed(row))
    assert (result["total"], codes(result)) == (100, {("text-struck", "info", None)})


def test_a_raised_figure_of_a_unit_stays_a_unit():
    area = CellRichText("270m", TextBlock(RAISED, "2"))
    result = scored(changed({"绩效指标!F4": "平方米", TARGET: "270", ACTUAL: area}))
    assert (result["indicators"][0]["actual"]["low"], result["indicators"][0]["actual"]["unit"], result["indicators"][0]["score"]) == (270, "㎡", 20)


def test_text_that_looks_like_an_escape_comes_back_as_typed():
    rows = read(changed({"绩效指标!M4": "_x005F_x005F_x005F_x0041_", "绩效指标!M5": "_x005F_x0041_"})).rows["indicators"]
    assert [r.values.get("remark") for r in rows][:2] == ["_x005F_x0041_", "_x0041_"]


@pytest.mark.parametrize(("place", "text"), [
    ("绩效指标!I3", "分\u200b值"), ("绩效指标!F4", "\u202d场\u202c"), ("基本信息!B13", "万\u2060元"), ("基本信息!A4", "单位\u00ad名称*"), ("绩效指标!A4", "产出\u200d指标"),
])  # fmt: skip
def test_invisible_characters_decide_nothing(place, text):
    result = scored(changed({place: text}))
    assert (result["total"], codes(result)) == (100, set())


def test_an_invisible_character_in_a_sheets_name_decides_nothing():
    with ZipFile(BytesIO(plain())) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace('name="绩效指标"'.encode(), 'name="绩效\u200b指标"'.encode())
    target = BytesIO()
    with ZipFile(target, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert scored(target.getvalue())["total"] == 100


MONEY = {
    "yuan signs": (100, "[$¥-804]#,##0.00", 100, set()),
    "its own unit": (1000000, '#,##0.00"元"', 100, set()),
    "shown in 万 by a point of its own": (1000000, "0!.0000", 100, set()),
    "shown in 万元": (1000000, '0!.0000"万元"', 100, set()),
    "red negatives": (100, "0.00_);[红色](0.00)", 100, set()),
}


@pytest.mark.parametrize("name", MONEY)
def test_an_amount_says_what_its_format_says(name):
    stored, shown_as, full_year, issues = MONEY[name]
    result = scored(changed({f"预算执行!{c}5": (stored, shown_as) for c in "CDE"}))
    assert (result["budget"]["full_year"], result["total"], codes(result)) == (full_year, 100, issues)


# columns of one row, as stored number and format; the points of the row, who is asked
SIGNS = {
    "a yuan sign on a count": ({"G": '"¥"#,##0'}, 80, {("unit-conflict", "error", "G4")}),
    "of a bookkeeper": ({"G": '_ "￥"* #,##0.00_ ;_ "￥"* "-"??_ '}, 80, {("unit-conflict", "error", "G4")}),
    "a dollar": ({"G": "[$$-409]#,##0"}, 80, {("actual-not-understood", "error", "G4")}),
    "on both sides": ({"E": '"¥"0', "G": '"¥"0'}, 80, {("unit-conflict", "error", "G4")}),
    "on the points": ({"I": '"¥"0'}, 100, set()),
    "on money": ({"E": '"¥"0.00', "F": "万元", "G": '"¥"0.00'}, 100, set()),
    "on one side of money": ({"F": "万元", "G": '"¥"0.00'}, 100, set()),
    "no sign": ({"G": '#,##0" "'}, 100, set()),
}


@pytest.mark.parametrize(("cells", "total", "asked"), SIGNS.values(), ids=SIGNS)
def test_the_sign_of_a_format_must_fit_the_unit_of_its_row(cells, total, asked):
    stored = {"E": 270, "G": 270, "I": 20}
    result = scored(changed({f"绩效指标!{c}4": (stored[c], said) if c in stored else said for c, said in cells.items()}))
    assert (result["total"], codes(result)) == (total, asked)


def test_a_code_keeps_the_zeros_of_its_format_and_a_weight_does_not():
    submission = read(changed({"基本信息!B5": (12, "0000"), WEIGHT: (20, "000")}))
    assert (submission.fields["code"], submission.rows["indicators"][0].values["weight"]) == ("0012", 20)


def test_a_sheet_that_shows_no_zeros_is_told():
    with pytest.warns(UserWarning, match="invalid specification"):
        book = openpyxl.load_workbook(BytesIO(plain()))
    book["绩效指标"].sheet_view.showZeros = False
    book["绩效指标"]["G4"].value = 0
    target = BytesIO()
    book.save(target)
    assert codes(scored(target.getvalue())) == {("shown-differs", "warning", "G4")}


@pytest.mark.parametrize("value", [2022, 2021])
def test_a_year_in_a_date_cell_is_the_year(value):
    result = scored(changed({"基本信息!B8": (value, "yyyy/m/d")}))
    assert result["unit"]["fiscal_year"] == value
    assert ("shown-differs", "warning", "B8") in codes(result)


def test_a_day_of_1905_that_is_no_year_is_an_error_and_never_1905():
    result = scored(changed({"基本信息!B8": (1500, "yyyy/m/d")}))
    assert result["unit"]["fiscal_year"] is None
    assert ("fiscal-year-invalid", "error", "B8") in codes(result)


def test_what_is_shown_and_what_is_stored_is_kept_beside_the_cells():
    submission = read(changed({ACTUAL: (269.6, "0"), TARGET: (270, '"≥"0'), "绩效指标!G5": (0.96, "0%"), WEIGHT: (20, "0.00")}))
    assert submission.places["indicators"].shown == {"G4": ("270", "269.6"), "E4": ("≥270", "270")}


def test_what_is_struck_raised_or_worded_by_its_format_is_read_alike_in_the_old_format():
    new, old = ((CELLS / f"struck_and_raised.{suffix}").read_bytes() for suffix in ("xlsx", "xls"))
    one, other = (read_workbook(data, source=f"a.{suffix}") for data, suffix in ((new, "xlsx"), (old, "xls")))
    assert (one.fields, one.rows) == (other.fields, other.rows)
    assert [(i.code, i.sheet, i.row, i.cell) for i in one.issues] == [(i.code, i.sheet, i.row, i.cell) for i in other.issues]
    assert [row.values.get("actual") for row in other.rows["indicators"]][:4] == ["≤41万人次", None, "1个", "1³"]
    assert [(i.code, i.cell, i.row) for i in other.issues if i.code == "text-struck"] == [
        ("text-struck", "G5", 5),
        ("text-struck", "G6", 6),
        ("text-struck", None, 8),
    ]


def test_raised_digits_of_a_word_form_are_none_of_the_number():
    from io import BytesIO

    from docx import Document

    from perfxl.intake.containers.word import word_grids
    from perfxl.intake.guard import Limits

    document, out = Document(), BytesIO()
    paragraph = document.add_table(1, 1).cell(0, 0).paragraphs[0]
    paragraph.add_run("13")
    paragraph.add_run("5").font.superscript = True
    paragraph.add_run("场")
    document.save(out)
    assert [list(grid.cells.values()) for grid in word_grids(out.getvalue(), Limits())] == [["13⁵场"]]
