"""The scored workbook: its sheets, its links, texts that stay texts, and that it can be scored again."""

from __future__ import annotations

import io
import itertools
import re
import xml.etree.ElementTree as ET
from functools import cache
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from papers import read_workbook
from scored_cases import indicator, random_submission, scheme_variants, seed_library, submission

from perfxl.cli.terminal import score_lines
from perfxl.model.columns import STALE, STALE_TOTAL
from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme, scheme_files
from perfxl.scoring.document import score_document
from perfxl.scoring.score import score
from perfxl.workbook.scored import SourceInfo, scored_bytes
from perfxl.workbook.scored.form import PAGE, page_breaks
from perfxl.workbook.style import SMALLEST, WIDE_DIGIT, printed_scale

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEETS = ["评分汇总", "自评表", "预算执行", "绩效指标", "年度目标", "问题清单", "数值解读", "评分依据", "基本信息", "报告文字"]
FUNCTIONS = {
    "ABS",
    "AND",
    "COUNTA",
    "COUNTIF",
    "EXACT",
    "IF",
    "IFERROR",
    "INDEX",
    "ISNUMBER",
    "MAX",
    "MIN",
    "NA",
    "NOT",
    "OR",
    "CHAR",
    "REPLACE",
    "SUBSTITUTE",
    "ROUND",
    "ROWS",
    "SUM",
    "SUMIF",
    "SUMIFS",
    "SUMPRODUCT",
    "TRUNC",
}


def written(one, scheme="national-2020", others=()):
    """(results, bytes) of one submission."""
    results = score(build_frames([one]), load_scheme(scheme) if isinstance(scheme, str) else scheme)
    more = [score(build_frames([one]), load_scheme(name)) for name in others]
    return results, scored_bytes(results, one.number, source=SourceInfo(one.source, one.sha256), others=more)


@cache
def of_the_sample(scheme="national-2020", others=()):
    """The same of the sample, made once."""
    return written(seed_library(), scheme, others)


def opened(data, **options):
    return openpyxl.load_workbook(io.BytesIO(data), **options)


def column(sheet, title, header=3):
    return next(cell.column for cell in sheet[header] if cell.value == title)


def facts(results, number=0):
    """What scoring says, without where it was read."""
    totals, rows = results.totals.loc[number], results.frames.indicators
    return {
        "totals": {name: totals[name] for name in ("total", "low", "high", "rescale", "applicable", "grade", "provisional")},
        "execution": results.execution.loc[number, ["full_year", "executed", "rate", "weight", "score"]].tolist(),
        "rows": [
            tuple(row) for row in rows[["sheet_row", "role", "name", "rule", "status", "weight", "score", "low", "high"]].itertuples(index=False)
        ],
        "issues": sorted((issue.code, issue.sheet or "", issue.cell or "") for issue in results.issues),
    }


def test_sheets_stand_in_the_order_of_the_contract():
    _, data = of_the_sample()
    assert opened(data).sheetnames == SHEETS


def test_comparison_sheet_comes_last_and_names_the_clause_that_differs():
    _, data = of_the_sample(others=("jiangxi",))
    book = opened(data)
    sheet = book["方案对比"]
    assert book.sheetnames == [*SHEETS, "方案对比"]
    assert [sheet.cell(4, c).value for c in (2, 4, 5)] == ["预算执行率", 8.68, 7]
    assert "档" in sheet.cell(4, 6).value
    assert sheet.cell(5, 6).value is None


@pytest.mark.parametrize("scheme", sorted(scheme_files()))
def test_a_result_speaks_of_schemes_and_their_values_by_title(scheme):
    _, data = of_the_sample(scheme)
    told = [str(cell.value) for sheet in opened(data) for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    assert [text for text in told if scheme in text or ".toml" in text or re.search(r"[a-z]+_[a-z]+", text)] == []


def test_execution_without_points_of_its_own_has_no_line_among_the_points():
    one = seed_library()
    for row in one.rows["budget"]:
        row.values.pop("weight", None)
    labels = {scheme: [c.value for c in opened(written(one, scheme)[1])["评分汇总"]["A"]] for scheme in ("national-2020", "department-2013")}
    assert ("预算执行" in labels["national-2020"], "预算执行" in labels["department-2013"]) == (True, False)
    assert "合计" in labels["department-2013"]


def test_summary_answers_first_whether_it_can_be_sent():
    _, data = of_the_sample()
    sheet = opened(data, data_only=True)["评分汇总"]
    assert sheet["A3"].value.startswith("暂不具备上报条件：缺1项完成值")
    assert (sheet["A6"].value, sheet["E6"].value, sheet["G6"].value, sheet["H6"].value) == (88.68, "良～优", 88.68, 98.68)
    assert sheet["A7"].value == "暂定（缺1项）"


def test_summary_of_a_project_names_it():
    one = seed_library()
    one.fields.update(evaluation="项目", project="图书购置项目")
    results, data = written(one)
    assert opened(data)["评分汇总"]["A2"].value == "（2020年度）　项目：图书购置项目　评分方案：全国通用(2020)"
    assert score_lines(score_document(results, one.number), lambda zh, _en: zh)[0] == "萍乡图书馆  图书购置项目  2020  评分方案：全国通用(2020)"


def test_summary_fits_one_portrait_page():
    _, data = written(random_submission(0, "page", rows=120))
    sheet = opened(data)["评分汇总"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.sheet_properties.pageSetUpPr.fitToPage) == ("portrait", 9, True)
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)


@pytest.mark.parametrize(
    ("evaluation", "title"), [("部门整体", "部门整体支出绩效自评表"), ("单位整体", "单位整体支出绩效自评表"), ("项目", "项目支出绩效自评表")]
)
def test_form_is_titled_by_the_kind_of_evaluation(evaluation, title):
    _, data = written(seed_library(evaluation=evaluation))
    sheet = opened(data)["自评表"]
    assert (sheet["A1"].value, sheet["A2"].value) == (title, "（2020年度）")


def test_same_input_gives_the_same_bytes():
    assert written(seed_library())[1] == of_the_sample()[1]


def test_one_of_a_batch_is_written_as_if_alone():
    both = [seed_library(0), random_submission(1, "batch")]
    results = score(build_frames(both), load_scheme("national-2020"))
    alone = written(random_submission(1, "batch"))[1]
    assert scored_bytes(results, 1, source=SourceInfo(both[1].source, both[1].sha256)) == alone


def test_every_link_is_internal_and_points_to_a_cell_of_its_sheet():
    for number in range(4):
        _, data = written(random_submission(number, "links"))
        book = opened(data)
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.hyperlink is None:
                        continue
                    assert cell.hyperlink.target is None
                    name, address = re.fullmatch(r"'([^']+)'!([A-Z]+\d+)", cell.hyperlink.location).groups()
                    assert book[name][address].row <= book[name].max_row


def test_an_issue_links_to_the_same_cell_in_the_result():
    _, data = of_the_sample()
    sheet = opened(data)["问题清单"]
    cell = next(row[4] for row in sheet.iter_rows(min_row=4) if row[2].value == "缺完成值")
    assert (cell.value, cell.hyperlink.location) == ("G4", "'绩效指标'!G4")


def formula_cells(data):
    """(kind, formula, stored value) of every cell with a formula, without the cost of a full reader."""
    with ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                for cell in ET.fromstring(package.read(name)).iter(f"{MAIN}c"):
                    if (formula := cell.find(f"{MAIN}f")) is not None:
                        yield cell.get("t", "n"), formula.text, cell.findtext(f"{MAIN}v")


def test_formulas_use_only_known_functions_and_carry_values():
    for number, scheme in enumerate(scheme_variants().values()):
        _, data = written(random_submission(number, "functions"), scheme)
        cells = list(formula_cells(data))
        assert len(cells) > 50
        for kind, formula, value in cells:
            bare = re.sub(r'"[^"]*"', "", formula)
            assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= FUNCTIONS, formula
            assert kind != "e", formula
            assert value is not None, formula


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "http://example.com/",
    "file:///etc/passwd",
    "mailto:a@b.c",
    '=HYPERLINK("http://x")',
    "长" * 32_000,
    "😀🀄𠮷",
    "a\nb\nc",
    "_x0041_",
    "<b>&amp;\"'",
    "internal:'评分汇总'!A1",
    "{=1+1}",
    "\t=1",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_of_the_intake_stay_texts_whole(text):
    row = indicator("产出指标", "数量指标", text, "≥", text, text[:200], text, 90.0, None, None, text)
    one = submission(
        0,
        {"name": text[:200], "fiscal_year": "2020", "departments": text},
        indicators=[row],
        budget=[{"kind": "合计", "item": text, "full_year": 10.0, "executed": 9.0, "reason": text}],
        goals=[{"number": "1", "expected": text, "achieved": text}],
        report=[{"section": "履职效果情况", "text": text}],
        own={"indicators": {text[:50]: {4: text}}},
    )
    _, data = written(one)
    book = opened(data)
    sheet = book["绩效指标"]
    for cell in (sheet["C4"], sheet["E4"], sheet["G4"], sheet["K4"], book["年度目标"]["B4"], book["报告文字"]["B4"], book["预算执行"]["B4"]):
        assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)
    own = sheet.cell(4, sheet.max_column)
    assert (own.data_type, own.value) == ("s", text)
    texts_that_are_formulas = [
        cell.value
        for s in book
        for r in s.iter_rows()
        for cell in r
        if cell.data_type == "f" and ("cmd" in str(cell.value) or "HYPERLINK" in str(cell.value))
    ]
    assert texts_that_are_formulas == []


def test_no_formula_where_nothing_is_scored():
    one = submission(0, {"name": "空白图书馆", "fiscal_year": "2020"})
    results, data = written(one)
    assert results.totals.loc[0, "total"] == 0
    assert opened(data, data_only=True)["评分汇总"]["A6"].value == 0


def again(data):
    read = read_workbook(data, number=0, source="结果.xlsx")
    return score(build_frames([read]), load_scheme("national-2020"))


def test_a_result_scored_again_gives_the_same_result():
    results, data = of_the_sample()
    assert str(facts(again(data))) == str(facts(results))


# What only the reader of a file says, and a submission made in memory does not have.
_READER_CODES = {"template-version-unknown", "scored-workbook-submitted"}


def told(results, *, live_total):
    """Codes and cells; without the total row of 预算执行 where the result shows sums that the intake left blank."""
    rows = results.frames.budget
    totals = {f"{r}" for r in rows.loc[rows["line"] == "合计", "sheet_row"]} | {"3"} if live_total else set()
    return sorted(
        (i.code, i.sheet or "", i.cell or "")
        for i in results.issues
        if i.code not in _READER_CODES and not (i.sheet == "预算执行" and (i.cell or "").lstrip("ABCDEFGHIJ") in totals)
    )


WORDS = (STALE, STALE_TOTAL)


def saying(data, words, *, typed):
    """A result whose live cells say that it was changed, as a spreadsheet program leaves them, or as texts of an older result."""
    said = f't="str"><f>%s</f><v>{words}</v></c>' if not typed else f't="inlineStr"><is><t>{words}</t></is></c>'
    made = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(
                    r't="str"><f>([^<]*)</f><v>[^<]*</v></c>|(?<=")><f>([^<]*)</f><v>[^<]*</v></c>',
                    lambda found: (" " if found[1] is None else "") + (said if typed else said % (found[1] or found[2])),
                    content.decode(),
                )
                content = text.encode()
            new.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("typed", [False, True], ids=["formulas", "texts"])
@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("reader", ["auto", "openpyxl", "calamine"])
def test_what_a_changed_result_says_of_itself_is_nothing_that_was_typed(reader, words, typed):
    results, data = of_the_sample()
    read = read_workbook(saying(data, words, typed=typed), source="填报表.xlsx", reader=reader)
    second = score(build_frames([read]), load_scheme("national-2020"))
    assert str(facts(second)) == str(facts(results))
    book = opened(scored_bytes(second, 0, source=SourceInfo(read.source, read.sha256)))
    assert [cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.value in WORDS and sheet.title != "评分依据"] == []
    assert str(book["预算执行"]["D4"].value).startswith("=IF(")


@pytest.mark.parametrize("number", range(40))
def test_a_random_result_scored_again_gives_the_same_result(number):
    results, data = written(random_submission(0, f"again-{number}"))
    second = again(data)
    lines = results.frames.budget
    blank = lines.loc[lines["line"] == "合计", ["full_year_text", "executed_text"]].eq("").all(axis=None)
    assert told(second, live_total=blank) == told(results, live_total=blank)
    first, repeated = facts(results), facts(second)
    del first["issues"], repeated["issues"]
    assert str(repeated) == str(first)


# the form that is stamped

UNITS = [
    ("≥", "12", "万人次", "13.52", "≥12万人次", "13.52万人次"), ("≥", "12万", "人次", "13.52万", "≥12万人次", "13.52万人次"), ("≥", "12万人次", None, "13.52", "≥12万人次", "13.52万人次"),
    (None, "≥12", "万人次", "13.52以上", "≥12万人次", "13.52万人次以上"), ("≥", "95", "%", "96以上", "≥95%", "96%以上"), ("=", "90~95", "%", "93", "90~95%", "93%"),
    ("≥", "12万人次", "人次", "135200", "≥12万人次", "135200人次"), ("≥", "270", None, "281场", "≥270场", "281场"), ("≤", "5", "单位：万元", "4.8", "≤5万元", "4.8万元"),
    ("≥", "95", "（%）", "约96", "≥95%", "约96%"), ("≥", "270场", "场", "270场", "≥270场", "270场"), ("定性", "符合要求", None, "符合要求", "符合要求", "符合要求\n完成等级：达成"),
    ("≥", "40", "次", None, "≥40次", "待补"), ("≤", "1", "‰", "0.5", "≤1‰", "0.5‰"), ("≥", "1.5", "亿元", "2", "≥1.5亿元", "2亿元"), ("≥", "0.5", None, "0.6", "≥0.5", "0.6"),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "target", "unit", "actual", "target_shown", "actual_shown"), UNITS)
def test_every_number_of_the_form_carries_its_unit_by_formula_from_its_row(operator, target, unit, actual, target_shown, actual_shown):
    row = indicator("产出指标", "数量指标", "接待读者", operator, target, unit, actual, 90.0, "达成" if operator == "定性" else None)
    _, data = written(submission(0, {"name": "示例图书馆", "fiscal_year": "2020"}, indicators=[row]))
    values, formulas = opened(data, data_only=True)["自评表"], opened(data)["自评表"]
    at = next(cell.row for cell in values["C"] if cell.value == "接待读者")
    assert (values.cell(at, 4).value, values.cell(at, 5).value) == (target_shown, actual_shown)
    own = {found for c in (3, 4, 5, 6, 7, 8) for found in re.findall(r"INDEX\(绩效指标!\$[A-Z]+:\$[A-Z]+,(\d+)\)", formulas.cell(at, c).value)}
    assert own == {"4"}
    assert (values.cell(at, 7).value == "待补") is (actual in (None, "约96"))


def test_the_foot_of_the_form_holds_nothing_of_the_program():
    sheet = opened(of_the_sample()[1])["自评表"]
    assert (sheet.oddFooter.center.text, sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("第&P页 共1页", None, None)
    assert sheet.page_setup.useFirstPageNumber


@pytest.mark.parametrize("rows", [5, 20, 45, 70])
def test_signatures_never_stand_alone_and_a_page_break_never_cuts_the_header_off(rows):
    heights = [28.0, 18.0, *[19.0] * 8, 30.0, *[18.0 + 27 * (n % 3) for n in range(rows)], 22.0, 16.0, 26.0, 26.0]
    header, total = 11, 12 + rows
    breaks = page_breaks(heights, header, total)
    assert all(row != header and row <= total - 3 for row in breaks)
    pages = [sum(heights[a:b]) + (30 if a else 0) for a, b in itertools.pairwise([0, *breaks, len(heights)])]
    assert max(pages) <= PAGE


def test_readings_show_what_a_format_shows_and_what_is_stored():
    one = seed_library()
    one.places["indicators"].shown = {"E5": ("270场", "270"), "G5": ("270场", "270")}
    sheet = opened(written(one)[1])["数值解读"]
    titles = [cell.value for cell in sheet[3]]
    assert [sheet.cell(5, titles.index(title) + 1).value for title in ("显示为", "存的是")] == ["E5：270场\nG5：270场", "E5：270\nG5：270"]


def test_result_columns_are_locked_and_input_columns_are_not():
    book = opened(of_the_sample()[1])
    for name, locked in (("绩效指标", ["完成率", "得分", "状态", "评分说明", "完成值（读数）"]), ("预算执行", ["执行率", "得分", "状态"])):
        sheet = book[name]
        assert (sheet.protection.sheet, sheet.protection.password) == (True, None)
        by_title = {cell.value: sheet.cell(5, cell.column).protection.locked for cell in sheet[3]}
        assert [title for title in locked if not by_title[title]] == []
        assert not by_title["实际完成值" if name == "绩效指标" else "全年执行数"]
        assert "排序" in sheet["A2"].value


def test_nothing_is_printed_smaller_than_seven_points():
    def widths(sheet):
        hidden = {letter for letter, column in sheet.column_dimensions.items() if column.hidden}
        first, last = range_boundaries(sheet.print_area.split("!")[-1].split(",")[0])[::2] if sheet.print_area else (1, sheet.max_column)
        return [sheet.column_dimensions[get_column_letter(i)].width - 5 / 7 for i in range(first, last + 1) if get_column_letter(i) not in hidden]

    small = {}
    for sheet in opened(written(seed_library())[1]):
        if sheet.page_setup.orientation == "landscape":
            size = min(cell.font.sz for row in sheet.iter_rows() for cell in row if cell.value not in (None, ""))
            printed = printed_scale(widths(sheet), int(sheet.page_setup.paperSize), WIDE_DIGIT) * size
            if printed < SMALLEST:
                small[sheet.title] = round(printed, 1)
    assert small == {}
