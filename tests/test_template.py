from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree as ET

import msgspec
import pytest
from filling import fill, header
from office import office, pages, recalculate, smallest, to_pdf
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from papers import read_workbook

from perfxl.intake.submission import text_of
from perfxl.model import columns
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT
from perfxl.rules.frames import build_frames
from perfxl.schemes import Management, data_items, load_scheme, scheme_files
from perfxl.scoring.score import score
from perfxl.workbook.prefill import Prefill, prefill_from
from perfxl.workbook.scored import SourceInfo, scored_bytes
from perfxl.workbook.template import management_items, template_bytes
from samples import PINGXIANG_2020, SAMPLE, written

NATIONAL = load_scheme("national-2020")
MANAGED = msgspec.structs.replace(
    NATIONAL,
    management=(
        Management(name="在职人员控制率", level1="投入", level2="预算配置", weight=5, value="年末在职人数.actual / 编制人数.actual"),
        Management(
            name="三公经费变动率", level1="投入", level2="预算配置", weight=5, value="(三公经费.actual - 三公经费.last_year) / 三公经费.last_year"
        ),
    ),
)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def blank() -> bytes:
    return template_bytes(NATIONAL)


@pytest.fixture(scope="module")
def book(blank):
    return load_workbook(BytesIO(blank))


def part(workbook: bytes, sheet: str) -> ET.Element:
    """The XML of a sheet, found by its title."""
    titles = load_workbook(BytesIO(workbook), read_only=True).sheetnames
    with zipfile.ZipFile(BytesIO(workbook)) as package:
        return ET.fromstring(package.read(f"xl/worksheets/sheet{titles.index(sheet) + 1}.xml"))


def column_locked(sheet, number: int) -> bool:
    """Whether a blank cell of a column is locked (openpyxl's cells do not show it: the column does)."""
    dimension = next((d for d in sheet.column_dimensions.values() if d.min <= number <= d.max), None)
    return True if dimension is None else dimension.protection.locked


def rows_of(workbook: bytes, table: str):
    found = read_workbook(workbook)
    return [{name: value for name, value in row.values.items() if value is not None} for row in found.rows[table]]


# what is in it


def test_sheets_are_those_of_the_contract_in_order(book):
    assert book.sheetnames == ["填报说明", "基本信息", "预算执行", "年度目标", "绩效指标", "报告文字", "选项"]
    assert [s.title for s in book if s.sheet_state == "hidden"] == ["选项"]


def test_management_sheet_stands_between_indicators_and_report_when_the_scheme_scores_it():
    sheets = load_workbook(BytesIO(template_bytes(MANAGED))).sheetnames
    assert sheets == ["填报说明", "基本信息", "预算执行", "年度目标", "绩效指标", "管理指标数据", "报告文字", "选项"]


def test_management_rows_are_the_data_the_scheme_names():
    assert list(management_items(MANAGED)) == ["年末在职人数", "编制人数", "三公经费"]
    assert (
        management_items(load_scheme("department-2013"))["三公经费"] == "填上年数、本年预算数、本年实际数；用于“三公经费”变动率、“三公经费”控制率。"
    )
    assert [row["item"] for row in rows_of(template_bytes(MANAGED), "management")] == ["年末在职人数", "编制人数", "三公经费"]


@pytest.mark.parametrize("table", [BUDGET, GOALS, INDICATORS, REPORT], ids=lambda t: t.sheet)
def test_header_carries_every_declared_title_in_order(book, table):
    row, found = header(book[table.sheet], table)
    assert row <= 20
    assert [cell.value for cell in book[table.sheet][row]][: len(table.columns)] == [c.title for c in table.columns]
    assert list(found) == [column.name for column in table.columns]


def test_basic_information_lists_every_field_with_required_ones_marked(book):
    sheet = book[UNIT.sheet]
    labels = [sheet.cell(row, 1).value for row in range(4, 4 + len(UNIT.columns))]
    assert labels == [c.title + ("*" if c.required else "") for c in UNIT.columns]
    assert [cell.value for cell in sheet[3]][:3] == list(columns.FIELD_TITLES)


def test_budget_prints_its_lines_with_the_schemes_points_on_the_total(book):
    sheet = book[BUDGET.sheet]
    row, at = header(sheet, BUDGET)
    printed = [(sheet.cell(r, at["kind"]).value, sheet.cell(r, at["item"]).value) for r in range(row + 1, row + 12)]
    assert tuple(printed) == BUDGET.rows
    assert [sheet.cell(r, at["weight"]).value for r in range(row + 1, row + 12)] == [10] + [None] * 10


def test_version_stands_in_two_cells_and_in_the_properties(book):
    guide = book[columns.GUIDE_SHEET]
    at = next(cell for row in guide.iter_rows() for cell in row if cell.value == "模板版本")
    assert guide.cell(at.row, at.column + 1).value == "perfxl-intake 1"
    properties = {p.name: p.value for p in book.custom_doc_props.props}
    assert (properties["perfxl-template"], properties["perfxl-scheme"]) == ("perfxl-intake 1", "national-2020")


def test_blank_template_reads_without_an_issue_and_holds_nothing_but_its_own_values(blank):
    found = read_workbook(blank)
    assert [issue.code for issue in found.issues] == []
    filled = {name: value for name, value in found.fields.items() if value is not None}
    assert filled == {"scheme": NATIONAL.title, "money_unit": "万元", "submission_count": "1"}
    assert (found.rows["goals"], found.rows["indicators"]) == ([], [])


@pytest.mark.parametrize("scheme", list(scheme_files()))
def test_scheme_drop_down_offers_every_title_and_the_templates_own_is_chosen(scheme):
    workbook = template_bytes(load_scheme(scheme))
    assert read_workbook(workbook).fields["scheme"] == load_scheme(scheme).title
    options = load_workbook(BytesIO(workbook))[columns.OPTIONS_SHEET]
    listed = next(column for column in options.iter_cols(values_only=True) if column[0] == "评分方案")
    assert {title for title in listed[1:] if title} == {load_scheme(name).title for name in scheme_files()}


# what it lets a clerk do


def test_messages_keep_excels_limits(book):
    for sheet in book:
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.prompt or "") <= 255, rule.prompt
            assert len(rule.promptTitle or "") <= 32, rule.promptTitle
            assert len(rule.error or "") <= 255, rule.error
            assert len(rule.formula1 or "") <= 257, rule.formula1


@pytest.mark.parametrize(
    ("table", "name", "choices"),
    [
        (INDICATORS, "operator", columns.OPERATORS),
        (INDICATORS, "tier", columns.TIERS),
        (INDICATORS, "core", columns.YES_NO),
        (INDICATORS, "level1", ("产出指标", "效益指标", "满意度指标")),
        (INDICATORS, "level2", ("数量指标", "质量指标", "时效指标", "成本指标", "经济效益", "社会效益", "生态效益", "可持续影响", "服务对象满意度")),
        (BUDGET, "kind", columns.BUDGET_KINDS),
    ],
)
def test_choices_are_drop_downs_over_every_row_that_may_be_filled(book, table, name, choices):
    sheet = book[table.sheet]
    row, at = header(sheet, table)
    rule = next(r for r in sheet.data_validations.dataValidation if r.type == "list" and covers(r, row + 5, at[name]))
    assert offered(book, rule) == choices


@pytest.mark.parametrize(
    ("name", "choices"), [("evaluation", columns.EVALUATIONS), ("money_unit", columns.MONEY_UNITS), ("claimed_grade", columns.GRADES)]
)
def test_fields_with_choices_are_drop_downs(book, name, choices):
    row = 4 + list(UNIT.by_name).index(name)
    rule = next(r for r in book[UNIT.sheet].data_validations.dataValidation if covers(r, row, 2))
    assert offered(book, rule) == choices


def covers(rule, row: int, column: int) -> bool:
    return any(a.min_row <= row <= a.max_row and a.min_col <= column <= a.max_col for a in rule.sqref.ranges)


def offered(book, rule) -> tuple[str, ...]:
    if rule.formula1.startswith('"'):
        return tuple(rule.formula1.strip('"').split(","))
    sheet, area = rule.formula1.split("!")
    return tuple(cell.value for (cell,) in book[sheet][area.replace("$", "")])


def test_every_sheet_is_protected_without_a_password_and_rows_may_be_inserted_formatted_sorted_and_filtered(book):
    for sheet in book:
        protection = sheet.protection
        assert protection.sheet, sheet.title
        assert protection.password is None
        forbidden = [
            protection.insertRows,
            protection.insertColumns,
            protection.formatRows,
            protection.formatColumns,
            protection.deleteRows,
            protection.sort,
            protection.autoFilter,
        ]
        assert forbidden == [False] * 7, sheet.title


def test_indicator_rows_are_unlocked_to_the_last_column_and_headers_are_locked(book, blank):
    sheet = book[INDICATORS.sheet]
    assert not any(column_locked(sheet, number) for number in range(1, 16_385))
    row, at = header(sheet, INDICATORS)
    assert all(sheet.cell(row, number).protection.locked for number in at.values())
    assert part(blank, INDICATORS.sheet).find(f"{MAIN}dimension").get("ref") == "A1:S303"


def test_labels_total_row_labels_and_rates_are_locked(book):
    unit, budget = book[UNIT.sheet], book[BUDGET.sheet]
    assert unit["A4"].protection.locked
    assert not column_locked(unit, 2)
    row, at = header(budget, BUDGET)
    assert all(budget.cell(row + 1, at[name]).protection.locked for name in ("kind", "item", "rate"))
    assert not any(budget.cell(row + 1, at[name]).protection.locked for name in ("initial", "full_year", "executed", "weight"))
    assert column_locked(budget, at["rate"])


def test_no_blank_cell_of_a_table_is_styled_beforehand(book):
    for table in (UNIT, BUDGET, GOALS, INDICATORS, REPORT):
        styled = [c.coordinate for row in book[table.sheet].iter_rows() for c in row if c.value is None and c.has_style]
        assert styled == [], table.sheet


def test_text_columns_are_text_formatted_and_amounts_are_not(book):
    def number_format(sheet, number):
        return next(d for d in sheet.column_dimensions.values() if d.min <= number <= d.max).number_format

    indicators = book[INDICATORS.sheet]
    _, at = header(indicators, INDICATORS)
    texts = ("level3", "target", "unit", "actual", "reason", "evidence", "remark", "adjusted_target", "last_actual")
    assert {number_format(indicators, at[name]) for name in texts} == {"@"}
    assert {number_format(indicators, at[name]) for name in ("weight", "claimed_score")} == {"General"}
    assert number_format(book[UNIT.sheet], 2) == "@"


def test_green_triangles_are_switched_off_where_numbers_are_texts(blank):
    for table in (UNIT, INDICATORS, GOALS, BUDGET):
        ignored = part(blank, table.sheet).findall(f"{MAIN}ignoredErrors/{MAIN}ignoredError[@numberStoredAsText='1']")
        assert len(ignored) == 1, table.sheet


def test_yellow_is_a_conditional_format_over_the_rows_ready_to_be_filled(book):
    sheet = book[INDICATORS.sheet]
    row, at = header(sheet, INDICATORS)
    rules = [(str(a.sqref), rule) for a in sheet.conditional_formatting for rule in a.rules]
    areas = [(area, rule) for area, rule in rules if rule.dxf.fill is not None and rule.dxf.font is None]
    ((area, rule),) = areas
    assert range_boundaries(area) == (1, row, len(at), row + INDICATORS.max_rows)
    assert f"+{INDICATORS.blank_rows}" in rule.formula[0]


# how it prints


@pytest.mark.parametrize("table", [UNIT, BUDGET, GOALS, INDICATORS, REPORT], ids=lambda t: t.sheet)
def test_tables_print_on_a4_landscape_with_their_header_on_every_page_and_frozen_on_screen(book, table):
    sheet = book[table.sheet]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert sheet.print_title_rows == "$3:$3"
    assert re.fullmatch(r"[A-D]4", sheet.freeze_panes)


def test_print_areas_are_plain_areas_without_the_optional_and_the_live_columns(blank):
    areas = {sheet.title: sheet.print_area for sheet in load_workbook(BytesIO(blank)) if sheet.print_area}
    assert areas == {
        "基本信息": "'基本信息'!$A$1:$C$26",
        "预算执行": "'预算执行'!$A$1:$J$19",
        "年度目标": "'年度目标'!$A$1:$C$27",
        "绩效指标": "'绩效指标'!$A$1:$M$43",
        "报告文字": "'报告文字'!$A$1:$B$17",
    }
    many = Prefill(indicators=[{"level3": f"指标{i}", "target": "1"} for i in range(60)])
    assert load_workbook(BytesIO(template_bytes(NATIONAL, many)))["绩效指标"].print_area == "'绩效指标'!$A$1:$M$63"


@office
def test_pages_of_the_blank_and_of_the_filled_template_are_few_and_nothing_handed_out_is_smaller_than_seven_points(tmp_path, blank):
    sample = read_workbook(SAMPLE.read_bytes(), source=SAMPLE.name)
    scored = scored_bytes(score(build_frames([sample]), NATIONAL), sample.number, source=SourceInfo(sample.source, sample.sha256))
    for name, content in (("blank", blank), ("sample", SAMPLE.read_bytes()), ("scored", scored)):
        (tmp_path / f"{name}.xlsx").write_bytes(content)
    printed = to_pdf([tmp_path / f"{name}.xlsx" for name in ("blank", "sample", "scored")], tmp_path / "out")
    assert [pages(pdf) for pdf in printed[:2]] == [6, 7]
    assert {pdf.stem: smallest(pdf) >= 7 for pdf in printed} == {"blank": True, "sample": True, "scored": True}


# what it computes


TOTALS = [
    pytest.param([], (None, None, None, None), id="nothing filled"),
    pytest.param(
        [("按来源", "当年财政拨款", 640.84, 555.83), ("按来源", "其他资金", 0.92, 0.92), ("按支出类型", "基本支出", 700, 600)],
        (None, 641.76, 556.75, 556.75 / 641.76),
        id="sources win",
    ),
    pytest.param(
        [("按来源", "当年财政拨款", 100, None), ("按支出类型", "基本支出", 80, 60), ("按支出类型", "项目支出", 20, 15)],
        (None, 100, 75, 0.75),
        id="types while no source has both",
    ),
    pytest.param([("按来源", "当年财政拨款", 100, 90), ("其中", "一般公共预算拨款", 100, 90)], (None, 100, 90, 0.9), id="of which is not added"),
    pytest.param([("按来源", "当年财政拨款", 100, 90), ("按来源", "捐赠收入", 50, 30)], (None, 150, 120, 0.8), id="own line is added"),
    pytest.param([("合计", "年度资金总额", 200, 150)], (None, 200, 150, 0.75), id="typed total"),
    pytest.param([("按来源", "当年财政拨款", 100, None)], (None, None, None, "没填全"), id="half a line"),
    pytest.param([("按来源", "当年财政拨款", 0, 0)], (None, 0, 0, None), id="budget of zero has no rate"),
]


def without_live_columns(workbook: bytes, *, rows: int = 0) -> bytes:
    """A template with 还缺 and 参考得分 in the first rows only: the formulas of all take LibreOffice seconds a workbook."""
    book = load_workbook(BytesIO(workbook))
    for row in book[INDICATORS.sheet].iter_rows(min_row=4 + rows, min_col=len(INDICATORS.columns) + 1, max_col=len(INDICATORS.columns) + 2):
        for cell in row:
            cell.value = None
    target = BytesIO()
    book.save(target)
    return target.getvalue()


@office
def test_totals_and_rates_follow_the_branches_of_the_contract(tmp_path, blank):
    for number, case in enumerate(TOTALS):
        lines = [dict(zip(("kind", "item", "full_year", "executed"), line, strict=True)) for line in case.values[0]]
        (tmp_path / f"{number}.xlsx").write_bytes(without_live_columns(fill(blank, budget=lines)))
    computed = recalculate(sorted(tmp_path.glob("*.xlsx")), tmp_path / "out")
    for path, case in zip(computed, TOTALS, strict=True):
        sheet = load_workbook(path, data_only=True)[BUDGET.sheet]
        row, at = header(sheet, BUDGET)
        shown = [sheet.cell(row + 1, at[name]).value for name in ("initial", "full_year", "executed", "rate")]
        assert [None if value == "" else value for value in shown] == [None if value is None else pytest.approx(value) for value in case.values[1]], (
            case.id
        )


@office
def test_running_total_adds_up_and_stays_when_rows_are_sorted_away(tmp_path, blank):
    rows = [{"level2": "数量指标", "level3": f"指标{i}", "weight": 22.5} for i in range(4)]
    (tmp_path / "full.xlsx").write_bytes(without_live_columns(fill(blank, indicators=rows)))
    (tmp_path / "short.xlsx").write_bytes(without_live_columns(fill(blank, indicators=[*rows[:3], {"level1": "合计", "weight": 67.5}])))
    computed = recalculate([tmp_path / "full.xlsx", tmp_path / "short.xlsx"], tmp_path / "out")
    shown = [load_workbook(path, data_only=True)[INDICATORS.sheet]["A2"].value for path in computed]
    assert shown == ["分值合计：指标90+执行10=100", "分值合计：指标67.5+执行10=77.5"]


@office
def test_stored_values_of_the_sample_are_what_libreoffice_computes(tmp_path):
    (computed,) = recalculate([SAMPLE], tmp_path)
    stored, anew = (load_workbook(path, data_only=True) for path in (SAMPLE, computed))
    formulas = load_workbook(SAMPLE)
    compared = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    one, other = (book[sheet.title][cell.coordinate].value for book in (stored, anew))
                    assert one == (pytest.approx(other, abs=1e-12) if isinstance(other, float) else other), cell.coordinate
                    compared += 1
    assert compared == 3 + 16 + 1 + 1 + 5 + 1 + 2 * INDICATORS.max_rows


# filled and read back


FILLED = {
    "unit": {"name": "甲馆", "code": "0012", "fiscal_year": 2020, "phone": "0799-1234567", "staff": 26, "filled_on": "2021年3月15日"},
    "budget": [
        {"kind": "按来源", "item": "当年财政拨款", "full_year": 640.84, "executed": 555.83},
        {"kind": "按来源", "item": "捐赠收入", "full_year": 0.92, "executed": 0.92},
    ],
    "goals": [{"expected": "目标一", "achieved": "完成"}],
    "indicators": [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "level3": "服务人次",
            "operator": "≥",
            "target": "40万人次",
            "unit": "人次",
            "actual": "1-2次",
            "weight": 10,
        },
        {"level1": "效益指标", "level2": "社会效益", "level3": "满意", "operator": "=", "target": "95%", "actual": "0012", "tier": "达成"},
    ],
    "report": [{"section": "存在问题及改进措施", "text": "无"}],
}


@office
def test_filled_template_reads_back_equal_from_openpyxl_and_from_libreoffice(tmp_path, blank):
    (tmp_path / "filled.xlsx").write_bytes(fill(blank, **FILLED))
    (saved,) = recalculate([tmp_path / "filled.xlsx"], tmp_path / "out")
    plain, office_made = (read_workbook(p.read_bytes()) for p in (tmp_path / "filled.xlsx", saved))
    assert [issue.code for issue in (*plain.issues, *office_made.issues)] == []
    for found in (plain, office_made):
        assert {k: text_of(v) for k, v in found.fields.items() if k in FILLED["unit"]} == {k: str(v) for k, v in FILLED["unit"].items()}
        assert typed(found, "indicators") == FILLED["indicators"]
        assert typed(found, "goals") == FILLED["goals"]
        assert typed(found, "budget")[1:] == FILLED["budget"]


def typed(found, table):
    return [{k: v for k, v in row.values.items() if v is not None and k != "rate"} for row in found.rows[table]]


# prefilled


def test_roster_prefill_stands_in_the_cells_and_the_rest_stays_blank():
    found = read_workbook(template_bytes(NATIONAL, Prefill(unit={"name": "甲馆", "code": "0012", "region": "萍乡市"})))
    assert (found.fields["name"], found.fields["code"], found.fields["region"], found.fields["phone"]) == ("甲馆", "0012", "萍乡市", None)


def test_next_year_keeps_names_units_and_points_and_puts_actuals_beside():
    last = read_workbook(SAMPLE.read_bytes())
    found = read_workbook(template_bytes(NATIONAL, prefill_from(last)))
    assert (found.fields["name"], found.fields["fiscal_year"], found.fields["submission_count"]) == ("萍乡图书馆", "2021", "1")
    assert (found.fields["staff"], found.fields["claimed_grade"]) == (None, None)
    rows = typed(found, "indicators")
    assert rows[1] == {
        "level1": "产出指标",
        "level2": "数量指标",
        "level3": "开展各类阅读推广活动场数",
        "operator": "≥",
        "unit": "场",
        "weight": 10,
        "last_actual": "270场",
    }
    assert "last_actual" not in rows[0]
    assert len(rows) == 15
    assert typed(found, "budget") == [{"kind": "合计", "item": "年度资金总额", "weight": 10}]


def test_next_year_keeps_a_budget_line_of_the_clerks_own(blank):
    last = read_workbook(fill(blank, **FILLED))
    prefill = prefill_from(last, 2025)
    assert prefill.budget == [{"kind": "按来源", "item": "捐赠收入"}]
    sheet = load_workbook(BytesIO(template_bytes(NATIONAL, prefill)))[BUDGET.sheet]
    assert [cell.value for cell in sheet["B"]].count("捐赠收入") == 1
    assert prefill.unit["fiscal_year"] == "2025"


def test_text_that_looks_like_a_formula_or_a_link_stays_text():
    nasty = '=HYPERLINK("http://x")'
    workbook = template_bytes(NATIONAL, Prefill(unit={"name": nasty}, goals=[{"expected": "http://example.com"}]))
    sheet = load_workbook(BytesIO(workbook))
    assert (sheet[UNIT.sheet]["B4"].value, sheet[UNIT.sheet]["B4"].data_type, sheet[UNIT.sheet]["B4"].quotePrefix) == (nasty, "s", True)
    assert sheet[GOALS.sheet]["B4"].hyperlink is None


def test_long_report_text_comes_out_whole():
    text = "长" * 32_000
    workbook = template_bytes(NATIONAL, Prefill(report=[{"section": REPORT.rows[0][0], "text": text}]))
    assert read_workbook(workbook).rows["report"][0].values["text"] == text


# committed


def test_committed_workbooks_are_what_the_generator_makes():
    for path, content in written().items():
        with zipfile.ZipFile(BytesIO(content)) as made, zipfile.ZipFile(path) as committed:
            # Inflated, part by part: zlib builds differ in how they deflate.
            assert {n: made.read(n) for n in made.namelist()} == {n: committed.read(n) for n in committed.namelist()}, path.name


def test_same_arguments_give_the_same_bytes():
    assert template_bytes(NATIONAL, PINGXIANG_2020) == template_bytes(NATIONAL, replace(PINGXIANG_2020))


def test_sample_is_the_template_filled_by_its_headers(blank):
    """The sample as a person would make it, by sheet and column titles, reads the same as the committed one."""
    p = PINGXIANG_2020
    by_hand = read_workbook(fill(blank, unit=p.unit, budget=p.budget, goals=p.goals, indicators=p.indicators, report=p.report))
    sample = read_workbook(SAMPLE.read_bytes())
    assert (sample.issues, by_hand.issues) == ([], [])
    assert sample.fields == by_hand.fields
    for table in ("goals", "indicators", "report"):
        assert typed(sample, table) == typed(by_hand, table), table
    assert typed(sample, "budget")[1:] == typed(by_hand, "budget")[1:] == list(p.budget)
    assert [row["item"] for row in typed(sample, "budget")] == ["年度资金总额", "当年财政拨款", "其他资金", "基本支出"]


def test_template_is_small():
    assert {
        name: len(template_bytes(load_scheme(name))) < (30_000 if name == "national-2020" else 34_000) for name in scheme_files()
    } == dict.fromkeys(scheme_files(), True)
    assert MANAGEMENT.sheet not in load_workbook(BytesIO(template_bytes(NATIONAL)), read_only=True).sheetnames


@pytest.mark.parametrize("name", ["department-2013", "yueyang"])
def test_management_indicators_stand_ready_as_rows_and_score_from_their_data(name):
    scheme = load_scheme(name)
    items = {
        item: {"item": item, "last_year": 100, "budgeted": 100, "actual": 100}
        for m in scheme.management
        if m.mode != "checklist"
        for item, _ in data_items(m.value)
    }
    read = read_workbook(template_bytes(scheme, Prefill(management=list(items.values()))), source="示例.xlsx")
    frame = score(build_frames([read]), scheme).frames.indicators
    assert frame[["level1", "level2", "level3", "weight"]].values.tolist() == [[m.level1, m.level2, m.name, m.weight] for m in scheme.management]
    computed = frame[frame["rule"] == "ratio-of-data"]
    assert len(computed) == sum(m.mode != "checklist" for m in scheme.management)
    assert computed["score"].notna().all()
    checklists = frame[frame["kind"] == "qualitative"]
    assert (checklists["target_text"] != "").all()
