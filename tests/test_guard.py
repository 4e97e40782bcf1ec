"""What the guard lets through, what it refuses, and what it says about a workbook."""

from __future__ import annotations

import hashlib
import os
import re
import resource
import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import hostile
import openpyxl
import pytest
import xlsxwriter
from hostile import CASES, LAUGHS, book, cell, deep, parts, relations, row, sheet, strings, with_dtd
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from often import often

from perfxl.intake import guard
from perfxl.intake.guard import CellError, Limits, Opened, Refusal, ShownText, part_of
from perfxl.intake.guard import scan as scan_module
from perfxl.intake.guard import workbook as workbook_module
from perfxl.intake.guard.formats import number_format
from perfxl.intake.guard.sheet import BookFacts, SheetFacts, Strings, Styles, read_exactly
from perfxl.intake.guard.texts import PICTURE
from perfxl.intake.readers import openpyxl_reader, read_sheets
from perfxl.values import PercentNumber

ROOT = Path(__file__).parent.parent


def opened(data: bytes, limits: Limits = guard.DEFAULT_LIMITS) -> Opened:
    result = guard.open_bytes(data, limits)
    assert isinstance(result, Opened), result
    return result


def values(data: bytes) -> list[list[tuple[object, ...]]]:
    """Every sheet as openpyxl reads it behind the guard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(BytesIO(opened(data).data), read_only=True, data_only=True, keep_links=False)
        assert workbook.sheetnames == [str(number) for number in range(1, len(opened(data).sheets) + 1)]
        result = []
        for worksheet in workbook.worksheets:
            worksheet.reset_dimensions()
            result.append([tuple(cells) for cells in worksheet.iter_rows(max_row=50, max_col=20, values_only=True)])
        return result


PLACEHOLDERS = {
    "file-too-large": {"what", "n", "max"},
    "file-extension": {"ext"},
    "file-part-missing": {"part"},
    "file-has-dtd": {"part"},
    "file-encoding": {"part"},
    "file-xml-broken": {"part"},
    "file-xml-too-deep": {"part"},
    "cell-address-illegal": {"sheet", "cell"},
    "cells-out-of-order": {"sheet", "cell"},
    "cell-number-illegal": {"sheet", "cell"},
    "string-index-illegal": {"sheet", "cell"},
    "cell-content-illegal": {"sheet", "cell"},
}


HEAVY = [name for name in CASES if re.match("bomb|1,0..,...|5,001|depth 200|257|billion|20,001 merges", name)]
"""Read in a process of their own, with little memory."""


@pytest.mark.parametrize("name", [name for name in CASES if name not in HEAVY])
def test_each_hostile_file_gets_its_code(name):
    case = CASES[name]
    result = guard.open_bytes(case.build())
    if isinstance(result, Opened):
        assert case.code is None
        return
    assert result.code == case.code
    assert set(result.details) == PLACEHOLDERS.get(result.code, set())
    assert all(len(str(detail)) < 60 for detail in result.details.values())
    assert result.details.get("what", "file") in guard.WHAT


def test_what_is_accepted_reads_in_openpyxl():
    for name, case in CASES.items():
        if case.code is None and name != "value in the last cell":
            assert values(case.build()), name


def test_strict_open_xml_reads_like_the_transitional_form():
    strict = CASES["strict open xml"].build()
    assert opened(strict).strict
    assert opened(strict).sha256 == hashlib.sha256(strict).hexdigest()
    assert values(strict)[0] == values(book(sst=strings("甲")))[0]


@pytest.mark.parametrize("name", ["backslash names", "part names in other case", "utf-16 sheet", "a chart sheet beside"])
def test_an_odd_package_is_read_whole(name):
    assert len(values(CASES[name].build())[0]) == 1


def test_the_chart_sheet_never_reaches_the_reader():
    assert len(values(CASES["a chart sheet beside"].build())) == 1


def test_engines_get_one_plain_package_and_nothing_else():
    content = parts(sheet(before='<sheetPr/><dimension ref="A1:Z9"/>', after="<drawing/>"), sst=strings("甲", counts=' uniqueCount="9"'))
    content |= {"xl/worksheets/_rels/sheet1.xml.rels": relations([("rId1", "drawing", "../drawings/d.xml")]), "xl/media/image1.png": b"x"}
    with ZipFile(BytesIO(opened(hostile.pack(content)).data)) as package:
        assert package.testzip() is None
        assert set(package.namelist()) == {
            "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml",
        }  # fmt: skip
        assert b"uniqueCount" not in package.read("xl/sharedStrings.xml")
        assert (
            re.sub(rb"<worksheet[^<>]*>", b"", package.read("xl/worksheets/sheet1.xml"))
            == b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'
        )


def test_the_string_table_is_the_one_that_is_referred_to():
    assert values(CASES["a decoy string table"].build())[0][0][0] == "真"


def test_styles_are_found_by_relation():
    assert opened(CASES["styles under another name"].build()).sheets[0].said == {1: {1: PercentNumber(0.5)}}


def test_of_a_sheet_that_nobody_wants_only_the_name_is_read():
    content = parts(sheet(), with_dtd(sheet(), LAUGHS), "no xml at all", sheet(), names=("绩效指标", " ", "说明(1)", "说明（1）"))
    del content["xl/worksheets/sheet4.xml"]
    content["xl/workbook.xml"] = str(content["xl/workbook.xml"]).replace(
        "</sheets>", '<sheet name="modMain" sheetId="9" r:id="" state="veryHidden"/></sheets>'
    )
    result = guard.open_bytes(hostile.pack(content), wanted=lambda title, _: title == "绩效指标")
    assert isinstance(result, Opened)
    assert ([s.name for s in result.sheets], result.unread) == (["绩效指标"], (" ", "说明(1)", "说明（1）", "modMain"))


def test_a_glance_shows_the_first_texts_of_a_sheet_and_never_refuses():
    looked = {}

    def wanted(title: str, glance: guard.Glance) -> bool:
        looked[title] = glance()
        return False

    rows = row(2, cell("A2", 0, ' t="s"'), '<c r="C2" t="inlineStr"><is><r><t>三级</t></r><r><t>指标&amp;</t></r></is></c>', cell("D2", 5)) + row(
        21, cell("A21")
    )
    content = parts(sheet(rows), "no xml <c r='A1'", sst=strings("_x0041_甲"), names=("Sheet4", "坏"))
    assert isinstance(guard.open_bytes(hostile.pack(content), wanted=wanted), Opened)
    assert looked == {"Sheet4": [(2, ("A甲", "三级指标&", "5"))], "坏": []}


def test_formatted_empty_cells_are_not_cells():
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}" s="2" /></row>' for n in range(2, 600_002))
    facts = opened(book(sheet(row(1, cell("A1")) + rows))).sheets[0]
    assert (facts.cells, facts.last_row, facts.last_column) == (1, 1, 1)


ODD_STYLES = {
    "an empty fill": "<fills><fill/></fills>",
    "a colour with a hash": '<fonts><font><color rgb="#FF0000"/></font></fonts>',
    "a font family of 34": '<fonts><font><family val="34"/></font></fonts>',
    "an unknown border": '<borders><border><left style="single"/></border></borders>',
    "a broken dxf": '<dxfs><dxf><font><sz val="abc"/></font><fill/><numFmt/></dxf></dxfs>',
    "no cellStyleXfs": "<cellXfs><xf xfId='7' fontId='99' fillId='-1'/></cellXfs>",
    "an alignment of another program": '<cellXfs><xf><alignment horizontal="middle" textRotation="999"/></xf></cellXfs>',
    "a format id that is no number": "<numFmts><numFmt numFmtId='x' formatCode='0'/></numFmts><cellXfs><xf numFmtId='y'/></cellXfs>",
    "60,000 named styles": "<cellStyleXfs>" + "<xf><alignment/><protection/></xf>" * 60_000 + "</cellStyleXfs><cellStyles>"
    + "".join(f'<cellStyle name="s{n}" xfId="{n}"/>' for n in range(60_000)) + "</cellStyles>",
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_STYLES)
def test_what_is_odd_in_a_style_sheet_refuses_nothing(name):
    styles = f'{hostile.HEAD}<styleSheet xmlns="{hostile.MAIN}">{ODD_STYLES[name]}</styleSheet>'
    assert values(book(sheet(row(1, cell("A1", 7, ' s="0"'))), xl__styles_xml=styles))[0][0][0] == 7


def test_facts_of_cells():
    rows = row(
        1,
        '<c r="A1"><f>1+1</f><v>2</v></c>',
        '<c r="B1"><f>1+1</f></c>',
        '<c r="C1" t="str"><f>""</f><v></v></c>',
        '<c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        cell("E1", "#N/A", ' t="e"'),
        cell("F1", "#N/A", ' t="str"'),
        '<c r="G1"><f>[1]Sheet1!A1*2</f><v>3</v></c>',
        "<c r=\"H1\"><f>'C:\\报表\\[决算.xlsx]表 1'!A1</f><v>3</v></c>",
        '<c r="I1"><f>SUM(Table1[金额])</f><v>3</v></c>',
        '<c r="J1" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>',
        '<c r="K1" s="3"/>',
        cell("L1", "x", ' t="zzz"'),
    )
    facts = opened(book(sheet(rows + row(7, '<c r="C7" s="1"/>')))).sheets[0]
    assert facts.formulas == {"A1": True, "B1": False, "C1": True, "D1": True, "G1": True, "H1": True, "I1": True, "J1": True}
    assert facts.errors == {"D1": "#DIV/0!", "E1": "#N/A"}
    assert facts.said == {1: {4: CellError("#DIV/0!"), 5: CellError("#N/A"), 10: '=DISPIMG("ID_1",1)'}}
    assert facts.other_files == ("G1", "H1")
    assert facts.pictures == ("J1",)
    assert facts.unknown_types == ("L1",)
    assert (facts.cells, facts.last_row, facts.last_column, facts.outside) == (13, 1, 12, 0)


def test_a_shared_formula_that_refers_to_another_file_names_every_cell():
    rows = row(1, '<c r="A1"><f t="shared" ref="A1:B1" si="0">[1]S!A1</f><v>1</v></c>', '<c r="B1"><f t="shared" si="0"/><v>1</v></c>')
    assert opened(book(sheet(rows))).sheets[0].other_files == ("A1", "B1")


def test_a_picture_in_the_string_table_is_found():
    data = book(sheet(row(1, cell("A1", 1, ' t="s"'), cell("B1", 0, ' t="s"'))), sst=strings("甲", '=DISPIMG("ID_1",1)'))
    assert opened(data).sheets[0].pictures == ("A1",)


def test_a_picture_that_excel_reports_as_an_error_is_a_picture():
    facts = opened(book(sheet(row(1, cell("A1", "#VALUE!", ' t="e" vm="1"'), cell("B1", "#VALUE!", ' t="e"'))))).sheets[0]
    assert (facts.pictures, facts.said) == (("A1",), {1: {1: PICTURE, 2: CellError("#VALUE!")}})


def test_cells_outside_the_window_are_counted():
    rows = row(1, cell("A1"), '<c r="SR1"/>', cell("SS1")) + row(20_000, cell("A20000")) + row(20_001, cell("A20001"))
    facts = opened(book(sheet(rows))).sheets[0]
    assert (facts.outside, facts.last_row) == (2, 20_001)


def test_merges_are_kept_as_ranges():
    facts = opened(book(sheet(after='<mergeCells><mergeCell ref="A1:C9"/><mergeCell ref="D1"/></mergeCells>'))).sheets[0]
    assert facts.merges == ("A1:C9", "D1")


def test_hidden_sheets_dates_of_1904_and_recalculation():
    extra = '<workbookPr date1904="1"/>'
    content = parts(sheet(), sheet(), names=("甲", "乙"))
    content["xl/workbook.xml"] = hostile.workbook_xml(("甲", "乙"), extra=extra, states={"乙": "veryHidden"}).replace(
        "</workbook>", '<calcPr fullCalcOnLoad="1"/></workbook>'
    )
    result = opened(hostile.pack(content))
    assert [(s.name, s.hidden, s.date1904) for s in result.sheets] == [("甲", False, True), ("乙", True, True)]
    assert (result.date1904, result.full_calc_on_load) == (True, True)


def test_percent_cells_are_known_by_their_format():
    def build(number: str) -> bytes:
        target = BytesIO()
        with xlsxwriter.Workbook(target) as workbook:
            worksheet = workbook.add_worksheet()
            worksheet.write_number(0, 0, 0.95, workbook.add_format({"num_format": number}))
            worksheet.write_number(0, 1, 0.95)
        return target.getvalue()

    said = [opened(build(n)).sheets[0].said.get(1, {}) for n in ("0%", "0.00%", "0.0%;[Red]-0.0%", '0"%"', "0.00")]
    assert said == [{1: PercentNumber(0.95)}] * 3 + [{1: ShownText("0.95%")}, {}]
    assert [type(cells.get(1)) for cells in said] == [PercentNumber] * 3 + [ShownText, type(None)]


def test_properties_and_macros_are_told():
    target = BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        workbook.add_worksheet()
        workbook.set_custom_property("perfxl", "模板 1")
    assert opened(target.getvalue()).properties == {"perfxl": "模板 1"}
    macros = opened(CASES["macros"].build())
    assert macros.has_macros
    assert macros.warnings == (("file-has-macros", {}),)


def test_an_unusual_ratio_is_said_not_refused():
    data = book(sheet(row(1, cell("A1")) + "\n" * 2_000_000))
    [(code, details)] = opened(data).warnings
    assert code == "compression-unusual"
    assert details["n"] > 200


def test_calamine_is_kept_away_from_a_rectangle_it_cannot_hold():
    facts = opened(book(sheet(row(1, cell("SR1")) + row(20_000, cell("A20000")))))
    assert not facts.calamine_ok


def test_limits_are_inclusive():
    data = book(sheet(row(1, cell("A1"), cell("B1"))), sst=strings("甲", "乙"))
    size = len(data)
    assert isinstance(guard.open_bytes(data, Limits(file_bytes=size, cells=2, shared_strings=2, sheets=1)), Opened)
    for tight in (
        Limits(file_bytes=size - 1),
        Limits(cells=1),
        Limits(shared_strings=1),
        Limits(sheets=0),
        Limits(parts=5),
        Limits(part_bytes=200),
        Limits(book_bytes=900),
        Limits(depth=4),
    ):
        refusal = guard.open_bytes(data, tight)
        assert isinstance(refusal, Refusal)
        assert refusal.code in ("file-too-large", "file-xml-too-deep")


# ── both ways of reading a sheet ──


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """One table, written by the two libraries at hand."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        percent = workbook.add_format({"num_format": "0.00%"})
        for name in ("基本信息", "绩效指标", "空表"):
            worksheet = workbook.add_worksheet(name)
            for number in range(40 if name != "空表" else 0):
                worksheet.write_string(number, 0, f"指标 {number}<&>")
                worksheet.write_number(number, 1, number * 0.1, percent)
                worksheet.write_formula(number, 2, f'=IF(B{number + 1}=0,"",1/B{number + 1})', percent, 1.5)
                worksheet.write_boolean(number, 3, number % 2)
                worksheet.write_blank(number, 30, None, percent)
            if name == "绩效指标":
                worksheet.merge_range("F1:H3", "合并")
                worksheet.write_formula(50, 0, "=1/0", None, "#DIV/0!")
    first = target.getvalue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again = BytesIO()
        openpyxl.load_workbook(BytesIO(first)).save(again)
    return {"xlsxwriter": first, "openpyxl": again.getvalue()}


def both_ways(content: bytes, book: BookFacts) -> tuple[object, object]:
    results: list[object] = []
    for fast in (True, False):
        facts = SheetFacts("表", "part")
        try:
            if fast:
                facts, rows = scan_module.read_sheet(content, facts, book, 0)
            else:
                rows = read_exactly(content, facts, book, 0)
        except guard.limits.RefusalError as refused:
            results.append(refused.refusal)
        else:
            facts.plain = False
            package = {part_of(0): rows} | ({guard.STRINGS: book.strings.content} if book.strings else {})
            handed = Opened("", (facts,), parts=package)
            read = openpyxl_reader._read_parts(handed, lambda _: True, 20_000, 512)
            assert read_sheets(handed, lambda _: True, max_row=20_000, max_column=512, reader="auto") == read
            results.append((facts, read))
    return results[0], results[1]


STRINGS_OF_ONE = Strings(strings("甲").encode(), 1)


@pytest.mark.parametrize("writer", ["xlsxwriter", "openpyxl"])
def test_what_common_programs_write_takes_the_fast_way(made, writer):
    result = opened(made[writer])
    assert [facts.plain for facts in result.sheets] == [True, not result.sheets[1].errors, True]
    assert [facts.last_row for facts in result.sheets] == [40, 51, 0]
    assert len(result.sheets[1].formulas) == 41


PIECES = st.sampled_from(
    [
        '<c r="A1"><v>1</v></c>',
        '<c r="B1" s="1" t="s"><v>0</v></c>',
        '<c r="B1" t="s"><v>9</v></c>',
        '<c r="C1"/>',
        '<c r="C1" s="1" />',
        "</row>",
        '<row r="2">',
        '<row r="3" spans="1:3"/>',
        '<row r="4" ht="5">',
        '<c r="A2" t="b"><v>1</v></c>',
        '<c r="A2" t="n"><v>1e5</v></c>',
        '<c r="D2"><f>A1</f><v>2</v></c>',
        '<c r="D2" t="str"><f>A1</f><v></v></c>',
        '<c r="E2"><f>A1</f><v/></c>',
        '<c r="E2"><f t="shared" si="0"/><v>1</v></c>',
        '<c r="F2" t="e"><v>#N/A</v></c>',
        '<c r="F2" t="inlineStr"><is><t>文</t></is></c>',
        '<c r="G2" t="inlineStr"><v>1</v></c>',
        '<c r="G2"><is><t>1</t></is></c>',
        '<c r="A4" t="str"><v>x&amp;y</v></c>',
        '<c r="A4"><v></v></c>',
        '<c r="ZZZ4"/>',
        '<c r="AA4"><v>NaN</v></c>',
        "<!-- x -->",
        '<c r="B4"><f>[1]S!A1</f><v>1</v></c>',
        " ",
        "\n",
        "<x/>",
        '<c r="A4"><v>5</t></is></c>',
        '<c r="A4" t="d"><v>x</v></c>',
        '<c r="B4"><f a="b/"/><v>1</v></c>',
        "<?pi?>",
        "<v>1</v>",
        "</c>",
        '<c r="C4" s="1"><v>0.5</v></c>',
        '<c r="C4" s="2"><v>0.55</v></c>',
        '<c r="C4" s="3"><v>40</v></c>',
        '<c r="C4" s="4"><v>40</v></c>',
        '<c r="D4" s="4" t="s"><v>0</v></c>',
        '<c r="D4" s="3" t="s"><v>0</v></c>',
        '<c r="E4" t="str"><v>a_x0041_</v></c>',
        '<c r="F4"><v>1</v><v>2</v></c>',
        '<c r="f4"><v>1</v></c>',
        "]]>",
        '<row r="4" xmlns="x">',
        '<c r="A4" t="s"><f>x</f><v>0</v></c>',
        '<c r="D4" t="str"><v>a]]>b</v></c>',
    ]
)


@given(st.lists(PIECES, max_size=14))
@often(250, suppress_health_check=[HealthCheck.too_slow])
def test_both_ways_of_reading_a_sheet_agree(pieces):
    content = sheet('<row r="1">' + "".join(pieces) + "</row>").encode()
    styles = Styles({1: number_format("0%"), 3: number_format('0"人"')}, {2: 1}, frozenset({4}))
    fast, exact = both_ways(content, BookFacts(guard.DEFAULT_LIMITS, STRINGS_OF_ONE, styles))
    assert fast == exact or (isinstance(fast, Refusal) and isinstance(exact, Refusal))


@given(st.data())
@often(200)
def test_a_damaged_sheet_is_read_the_same_both_ways(data):
    content = bytearray(
        sheet(
            row(1, cell("A1", 0, ' t="s"'), cell("B1", 5), '<c r="C1" s="1"><f>A1*2</f><v>7</v></c>', cell("D1", "文", ' t="str"'))
            + row(2, cell("A2", "#N/A", ' t="e"'), '<c r="B2" t="inlineStr"><is><t>x</t></is></c>')
            + '<row r="3"/>'
            + row(4, cell("A4")),
            after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
        ).encode()
    )
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.one_of(st.integers(0, 255), st.sampled_from(list(b'<>/"&19AZ '))))
    fast, exact = both_ways(bytes(content), BookFacts(guard.DEFAULT_LIMITS, STRINGS_OF_ONE))
    assert fast == exact or (isinstance(fast, Refusal) and isinstance(exact, Refusal))


@given(st.data())
@often(200)
def test_a_damaged_file_never_raises(made, data):
    content = bytearray(made[data.draw(st.sampled_from(["xlsxwriter", "openpyxl"]))])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(content))))
    assert isinstance(guard.open_bytes(bytes(content[:cut])), Opened | Refusal)


ENTRIES = st.sampled_from(
    [
        "<si><t>甲</t></si>",
        '<si><t xml:space="preserve"> 甲 </t><phoneticPr fontId="1" type="noConversion"/></si>',
        '<si><r><rPr><b/><sz val="11"/></rPr><t>甲</t></r><r><t>乙</t></r></si>',
        "<si><t/></si>",
        "<si/>",
        "<si></si>",
        "<si><t>甲</t><rPh sb='0' eb='1'><t>jia</t></rPh></si>",
        "<si><t>a&amp;b</t></si>",
        "<si><t>=DISPIMG(1)</t></si>",
        "<!-- <si><t>x</t></si> -->",
        "<si><r><si><t>x</t></si></r></si>",
        "<t>x</t>",
    ]
)


@given(st.lists(ENTRIES, max_size=8))
@often(200)
def test_both_ways_of_reading_the_strings_agree(entries):
    content = f'{hostile.HEAD}<sst xmlns="{hostile.MAIN}">{"".join(entries)}</sst>'.encode()
    fast = workbook_module.read_strings(content, "part", guard.DEFAULT_LIMITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook_module, "_around_strings", lambda *_: None)
        exact = workbook_module.read_strings(content, "part", guard.DEFAULT_LIMITS)
    assert (fast.count, fast.odd) == (exact.count, exact.odd)
    assert fast.texts == exact.texts


# ── files ──


def test_a_file_is_read_whole(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK")
    assert guard.read_bytes(path) == b"PK"


@pytest.mark.parametrize("extension", sorted(guard.OTHER_FORMATS))
def test_other_formats_are_refused_by_extension(tmp_path, extension):
    path = tmp_path / f"自评{extension.upper()}"
    path.write_bytes(b"x")
    assert guard.read_bytes(path) == Refusal("file-extension", {"ext": extension})


def test_a_file_above_the_limit_is_not_read(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(bytes(11))
    assert guard.read_bytes(path, Limits(file_bytes=11)) == bytes(11)
    refusal = guard.read_bytes(path, Limits(file_bytes=10))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "file-too-large"


def test_only_regular_files_are_opened(tmp_path):
    (tmp_path / "real.xlsx").write_bytes(b"PK")
    (tmp_path / "folder.xlsx").mkdir()
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "link.xlsx").symlink_to("real.xlsx")
    (tmp_path / "loop.xlsx").symlink_to("loop.xlsx")
    for name in ("folder", "pipe", "link", "loop"):
        assert guard.read_bytes(tmp_path / f"{name}.xlsx") == Refusal("file-not-regular"), name
    assert guard.read_bytes(tmp_path / "link.xlsx", follow_links=True) == b"PK"


def test_reading_leaves_no_trace_on_the_input(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(book())
    path.chmod(0o400)
    before = path.stat()
    assert isinstance(guard.read_bytes(path), bytes)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_mode, before.st_size) == (after.st_mtime_ns, after.st_mode, after.st_size)


# ── bounds ──


def limited() -> None:
    limit = 700 << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def test_bombs_stay_within_memory():
    script = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "from hostile import CASES\nfrom perfxl.intake.guard import open_bytes\n"
        "for name in sys.argv[1:]:\n"
        "    print(getattr(open_bytes(CASES[name].build()), 'code', None), name)\n"
    )
    run = subprocess.run([sys.executable, "-c", script, *HEAVY], cwd=ROOT, preexec_fn=limited, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told = [line.split(" ", 1) for line in run.stdout.splitlines()]
    assert {name: code for code, name in told} == {name: str(CASES[name].code) for name in HEAVY}


def test_the_guard_imports_nothing_heavy():
    heavy = "{'openpyxl', 'pandas', 'numpy', 'xlsxwriter'}"
    script = f"import sys, perfxl.intake.guard; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# ── limits ──


def test_limits_are_set_by_name():
    assert Limits.of([]) == guard.DEFAULT_LIMITS
    changed = Limits.of(["file_bytes=5000", "seconds = 60", "file_bytes=100000000"])
    assert (changed.file_bytes, changed.seconds, changed.cells) == (100_000_000, 60.0, guard.DEFAULT_LIMITS.cells)


@pytest.mark.parametrize(
    "setting",
    [
        "bytes=1",
        "=1",
        "",
        "file_bytes",
        "file_bytes=",
        "cells=-1",
        "cells=0",
        "cells=1e9",
        "cells=1000000001",
        "cells=١",
        "seconds=nan",
        "seconds=0",
        "seconds=86401",
        "file_bytes=2147483649",
        "worker_bytes=1000000",
        "worker_bytes=1099511627777",
        "__doc__=1",
    ],
)
def test_a_limit_that_cannot_be_set_says_why(setting):
    with pytest.raises(guard.LimitError) as caught:
        Limits.of([setting])
    assert bool(caught.value.names) == (setting.partition("=")[0] not in ("file_bytes", "cells", "seconds", "worker_bytes"))


@pytest.mark.parametrize(("setting", "build", "code"), [
    ("file_bytes=1024", lambda: book(), "file-too-large"),
    ("part_bytes=1024", lambda: book(sst=strings("甲" * 999)), "file-too-large"),
    ("book_bytes=1024", lambda: book(), "file-too-large"),
    ("parts=3", lambda: book(), "file-too-large"),
    ("sheets=1", lambda: book(sheet(), sheet()), "file-too-large"),
    ("cells=1", lambda: book(sheet(row(1, cell("A1"), cell("B1")))), "file-too-large"),
    ("shared_strings=1", lambda: book(sst=strings("甲", "乙")), "file-too-large"),
    ("text_length=2", lambda: book(sheet(row(1, cell("A1", "一二三", ' t="str"')))), "file-too-large"),
    ("merges=1", lambda: book(sheet(after=hostile.merges(2))), "file-too-large"),
    ("depth=8", lambda: book(deep(9)), "file-xml-too-deep"),
    ("attributes=8", lambda: book(sheet("<row r='1' " + " ".join(f"a{n}='x'" for n in range(9)) + "/>")), "file-xml-too-deep"),
])  # fmt: skip
def test_each_limit_holds_where_it_is_set(setting, build, code):
    data = build()
    assert isinstance(guard.open_bytes(data), Opened)
    refused = guard.open_bytes(data, Limits.of([setting]))
    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_a_file_that_has_gone_or_may_not_be_read_is_refused(tmp_path, monkeypatch):
    gone = guard.read_bytes(tmp_path / "没有.xlsx")
    assert isinstance(gone, Refusal)
    assert (gone.code, bool(gone.details["reason"])) == ("file-not-readable", True)

    def closed(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.xlsx").write_bytes(book())
    monkeypatch.setattr(Path, "open", closed)
    assert guard.read_bytes(tmp_path / "a.xlsx") == Refusal("file-not-readable", {"reason": "Permission denied"})


def test_the_security_page_lists_every_limit_with_its_default():
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE))
    assert listed == {name: f"{getattr(guard.DEFAULT_LIMITS, name):.0f}" for name in Limits.__struct_fields__}
