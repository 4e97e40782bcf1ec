from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pandas as pd
import pytest
from folder_samples import INBOX, ROSTER_FILE
from frames_of import NAN, consolidation, files, indicators, issues, roster, units
from openpyxl import load_workbook

from perfxl.consolidation import records
from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.pool import Pool
from perfxl.consolidation.records import Missing
from perfxl.consolidation.roster import Roster
from perfxl.intake.guard import Limits
from perfxl.workbook.consolidated import SHEETS, table, write_consolidated
from perfxl.workbook.consolidated.overview import beside_the_sums, figures, largest, title
from perfxl.workbook.consolidated.units import authority_table
from perfxl.workbook.style import SIZE, SMALLEST, printed_scale


@pytest.fixture(scope="module")
def sample():
    return consolidate([INBOX], ConsolidateOptions(roster=ROSTER_FILE))


def written(c) -> bytes:
    target = BytesIO()
    write_consolidated(target, c)
    return target.getvalue()


def opened(data: bytes):
    return load_workbook(BytesIO(data))


def column(sheet, heading: str) -> list[object]:
    at = [cell.value for cell in sheet[2]].index(heading)
    return [row[at].value for row in sheet.iter_rows(min_row=3)]


def completed(**parts):
    c = consolidation(**parts)
    complete(c, Roster(c.roster) if len(c.roster) else None)
    return c


def test_the_workbook_has_the_sheets_of_the_contract_in_order(sample):
    assert opened(written(sample)).sheetnames == list(SHEETS)
    assert list(SHEETS) == [
        "总览",
        "单位得分",
        "主管部门汇总",
        "报送情况",
        "预算执行",
        "指标明细",
        "复核差异",
        "问题清单",
        "退回修改清单",
        "文件清单",
        "待裁定",
    ]


def test_every_table_is_frozen_filtered_and_ready_to_print(sample):
    book = opened(written(sample))
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes is not None, sheet.title
        assert sheet.auto_filter.ref.startswith("A2:"), sheet.title
        assert sheet.print_title_rows == "$1:$2", sheet.title
        assert (sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)
        assert sheet.page_setup.paperSize in (8, 9)
    assert book["总览"].page_setup.orientation == "portrait"


def test_nothing_is_printed_smaller_than_seven_points(sample):
    from perfxl.workbook.consolidated import details, long
    from perfxl.workbook.consolidated import units as unit_sheets

    tables = [
        unit_sheets.scores(sample, long.links(sample, long.sheets(sample))),
        unit_sheets.authority_sheet(sample, authority_table(sample)),
        unit_sheets.status_sheet(sample),
        *long.sheets(sample),
        details.file_sheet(sample),
        details.question_sheet(sample),
        details.settled_sheet([]),
    ]
    assert {t.title: printed_scale(table.printed_widths(t), table.paper(t)) * SIZE >= SMALLEST for t in tables} == {t.title: True for t in tables}


def test_the_overview_has_four_native_charts_over_its_own_figures(sample):
    charts = [name for name in ZipFile(BytesIO(written(sample))).namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4
    package = ZipFile(BytesIO(written(sample)))
    headings = [package.read(name).decode() for name in charts]
    for wanted in ("等级分布（份）", "各一级指标得分率", "单位执行率（预算最大的）", "最常见的问题（条）"):
        assert any(wanted in xml for xml in headings)


def spent(*authorities: str, **more: object):
    """A unit of each of these 主管部门 with ever smaller budgets; the first has a project too."""
    sent = [{"name": f"馆{i}", "authority": a, "full_year": 100.0 - i, "executed": 50.0, **more} for i, a in enumerate(authorities)]
    return completed(units=units(*sent, {"name": "馆0", "evaluation": "项目", "project": "甲", "authority": "", "full_year": 10.0, "executed": 9.0}))


@pytest.mark.parametrize(
    ("c", "expected"),
    [
        (spent("文化局"), ("单位", ["馆0"])),
        (spent("文化局", "教育局", "文化局"), ("单位", ["馆0", "馆1", "馆2"])),
        (spent("文化局", "教育局", "水利局"), ("主管部门", ["文化局", "教育局", "水利局"])),
        (spent(*(f"{n:02}局" for n in range(30))), ("主管部门", [f"{n:02}局" for n in range(12)])),
        (spent("文化局", executed=NAN), ("单位", ["馆0"])),
        (spent(), ("单位", ["馆0"])),
    ],
)
def test_a_chart_of_one_or_two_departments_shows_their_units(c, expected):
    who, lines = largest(c, authority_table(c))
    assert (who, [name for name, *_ in lines]) == expected


def test_the_same_consolidation_gives_the_same_bytes(sample):
    assert written(sample) == written(sample)


def test_every_file_found_is_listed_with_its_fate(sample):
    sheet = opened(written(sample))["文件清单"]
    fates = column(sheet, "去向")
    assert column(sheet, "文件") == list(sample.files["shown"])
    assert {fate: fates.count(fate) for fate in set(fates)} == {"采用": 8, "读不出": 3, "已被替代": 1}


def test_a_unit_links_to_its_own_rows(sample):
    book = opened(written(sample))
    scores = book["单位得分"]
    names, links = column(scores, "单位名称"), column(scores, "指标")
    for name, link in zip(names, links, strict=True):
        row = int(link.rpartition("!A")[2].partition('"')[0])
        assert link.startswith("=HYPERLINK(\"#'指标明细'!A")
        assert book["指标明细"].cell(row, 1).value == name
        assert book["指标明细"].cell(row - 1, 1).value != name


def test_links_go_to_the_issues_too():
    c = completed(
        units=units({"name": "甲"}, {"name": "乙"}), indicators=indicators({}, {"submission": 1}), issues=issues({"submission": 1}, {"submission": 1})
    )
    links = column(opened(written(c))["单位得分"], "问题")
    assert links == [None, '=HYPERLINK("#\'问题清单\'!A3","查看")']


def test_final_scores_are_ranked_and_provisional_ones_stand_below():
    c = completed(
        units=units(
            {"name": "甲", "total": 80.0, "rank": 2.0},
            {"name": "乙", "provisional": True, "total": 99.0, "errors": 1},
            {"name": "丙", "total": 95.0, "rank": 1.0},
        ),
        issues=issues({"submission": 1}),
    )
    sheet = opened(written(c))["单位得分"]
    assert column(sheet, "单位名称") == ["丙", "甲", "乙"]
    assert column(sheet, "排名") == [1, 2, None]
    assert column(sheet, "状态") == ["正式", "正式", "暂定（缺1项）"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@x", "http://x.cn", "{=1}", '=HYPERLINK("http://x")', "0012", "1-2"])
def test_text_stays_text(text):
    c = completed(units=units({"name": text, "code": text, "source": text}), indicators=indicators({"actual": text, "level3": text}))
    package = ZipFile(BytesIO(written(c)))
    sheet = opened(written(c))["指标明细"]
    assert sheet["A3"].value == text
    assert sheet["A3"].data_type == "s"
    assert column(sheet, "实际完成值") == [text]
    assert b"<f>" not in package.read("xl/worksheets/sheet6.xml")
    assert not any("hyperlink" in package.read(name).decode() for name in package.namelist() if "sheet6" in name)


def test_control_characters_and_lone_surrogates_are_left_out():
    c = completed(units=units({"name": "甲"}))
    c.units["name"] = pd.Series(["甲\x00\x07馆\ud800"], dtype=object)
    assert column(opened(written(c))["单位得分"], "单位名称") == ["甲馆"]


def test_cells_do_not_depend_on_the_size_of_the_pieces(monkeypatch, sample):
    whole = opened(written(sample))
    monkeypatch.setattr(records, "PIECE", 2)
    parts = opened(written(sample))
    for sheet in whole.worksheets:
        other = parts[sheet.title]
        assert [[c.value for c in row] for row in sheet.iter_rows()] == [[c.value for c in row] for row in other.iter_rows()], sheet.title
        assert {k: v.height for k, v in sheet.row_dimensions.items()} == {k: v.height for k, v in other.row_dimensions.items()}


def test_worker_processes_write_the_same_bytes(sample):
    with Pool(2, Limits()) as pool:
        target = BytesIO()
        write_consolidated(target, sample, pool.map)
    assert target.getvalue() == written(sample)


def test_rows_that_do_not_fit_go_to_further_sheets_and_it_is_said(monkeypatch):
    monkeypatch.setattr(table, "LAST_ROW", 8)
    c = completed(units=units({"name": "甲"}, {"name": "乙"}), indicators=indicators(*({"sheet_row": 4 + i} for i in range(6)), {"submission": 1}))
    book = opened(written(c))
    assert [name for name in book.sheetnames if name.startswith("指标明细")] == ["指标明细", "指标明细(2)"]
    assert column(book["指标明细"], "行") + column(book["指标明细(2)"], "行") == [4, 5, 6, 7, 8, 9, 4]
    assert column(book["单位得分"], "指标") == ['=HYPERLINK("#\'指标明细\'!A3","查看")', '=HYPERLINK("#\'指标明细(2)\'!A4","查看")']
    assert any("分成2张" in str(cell.value) for row in book["总览"].iter_rows() for cell in row)


def test_nothing_at_all_is_still_a_workbook():
    book = opened(written(completed()))
    assert book.sheetnames == list(SHEETS)


def test_authorities_add_up():
    c = completed(
        units=units(
            {"name": "甲", "authority": "局", "total": 90.0, "full_year": 300.0, "executed": 150.0, "claimed_total": 95.0},
            {
                "name": "乙",
                "authority": "局",
                "total": 60.0,
                "grade": "中",
                "grade_low": "中",
                "grade_high": "中",
                "full_year": 100.0,
                "executed": 100.0,
            },
            {"name": "丙", "full_year": NAN, "executed": 5.0, "provisional": True, "errors": 1},
            {"name": "甲", "evaluation": "项目", "project": "一", "full_year": 50.0, "executed": 40.0, "total": 70.0},
            {"name": "戊", "full_year": 7.0, "executed": 7.0},
        ),
        roster=roster(
            {"name": "甲", "authority": "局"},
            {"name": "乙", "authority": "局"},
            {"name": "丁", "authority": "局"},
            {"name": "丙"},
            {"name": "甲", "authority": "局", "due": "项目", "project": "一"},
        ),
        issues=issues({"submission": 2}),
    )
    found = authority_table(c).set_index("authority")
    columns = ["units", "due", "reported", "submissions", "full_year", "executed", "rate", "mean", "weighted", "above", "优", "中", "暂定"]
    assert found.loc["局", columns].tolist() == [2, 3, 2, 2, 400, 250, 0.625, 75, 82.5, 1, 1, 1, 0]
    assert found.loc["局", ["项目due", "项目reported", "项目full_year", "项目rate", "项目mean"]].tolist() == [1, 1, 50, 0.8, 70]
    assert found.loc["（未填主管部门）", ["due", "reported", "暂定", "full_year"]].tolist() == [1, 1, 1, 0]
    assert found.index.tolist() == ["局", "（未填主管部门）", "名单外"]
    assert found.loc["名单外", ["submissions", "full_year"]].tolist() == [1, 7]
    sheet = opened(written(c))["主管部门汇总"]
    titles = [cell.value for cell in sheet[2]]
    assert titles[:6] == ["主管部门", "单位数", "应报", "已报", "报送率", "全年预算数"]
    assert [t for t in titles if t.startswith("项目")] == [f"项目{t}" for t in titles[2 : 2 + len([t for t in titles if t.startswith("项目")])]]
    total = dict(zip(titles, [cell.value for cell in sheet[sheet.max_row]], strict=True))
    assert {k: total[k] for k in ("主管部门", "单位数", "应报", "已报", "全年预算数", "项目全年预算数", "自评高于测算")} == {
        "主管部门": "合计",
        "单位数": 3,
        "应报": 4,
        "已报": 3,
        "全年预算数": 400,
        "项目全年预算数": 50,
        "自评高于测算": 1,
    }


def test_the_authority_of_the_roster_beats_the_units_own_writing():
    c = completed(units=units({"name": "甲", "authority": "文旅局"}), roster=roster({"name": "甲", "authority": "市文化广电旅游局"}))
    assert authority_table(c)["authority"].tolist() == ["市文化广电旅游局"]


def test_the_figures_of_the_first_page():
    c = completed(
        units=units({"name": "甲", "claimed_total": 95.0}, {"name": "乙", "provisional": True}),
        issues=issues({"submission": 1}),
        files=files({"shown": "a"}, {"shown": "b"}, {"shown": "丙馆.pdf", "fate": "rejected"}),
        roster=roster({"name": "甲"}, {"name": "丙馆"}, {"name": "丁"}, {"name": "甲", "due": "项目", "project": "一"}),
    )
    said = {heading: {label: value for label, value, _ in block} for heading, block in figures(c)}
    assert said["报送（事项）"] == {"应报单位": 3, "应报事项": 4, "已报": 1, "报送率": 0.25, "待确认": 0, "未报": 2, "读不出": 1, "重复待定": 0}
    assert {k: said["文件"][k] for k in ("找到", "采用", "名单外单位", "必须改正")} == {"找到": 3, "采用": 2, "名单外单位": 1, "必须改正": 1}
    assert {k: said["部门（单位）整体"][k] for k in ("份数", "正式得分", "自评高于测算", "全年预算数")} == {
        "份数": 1,
        "正式得分": 1,
        "自评高于测算": 1,
        "全年预算数": 100,
    }
    assert said["项目"]["份数"] == 0
    assert any("另有1份未计入（名单外1）" in line for line in beside_the_sums(c))


def test_one_file_of_another_year_or_in_doubt_changes_no_sum_and_no_title():
    rows = [{"name": n, "total": 80.0} for n in "甲乙丙"]
    clean = completed(units=units(*rows))
    c = completed(
        units=units(*rows, {"name": "丁", "year": 2019.0, "full_year": 9e9, "total": 99.0}, {"name": "戊", "total": 99.0}),
        issues=issues({"submission": 4, "code": "budget-unit-suspect", "severity": "warning"}),
    )
    assert title(c) == title(clean)
    assert [block for heading, block in figures(c) if heading == "部门（单位）整体"] == [b for h, b in figures(clean) if h == "部门（单位）整体"]
    assert "另有2份未计入（其他年度1、金额存疑1）" in "".join(beside_the_sums(c))
    assert c.units["rank"].tolist()[:3] == [1.0, 1.0, 1.0]
    assert c.units["rank"].isna().tolist() == [False, False, False, True, True]
    assert column(opened(written(c))["单位得分"], "状态")[3:] == ["未计入（其他年度）", "未计入（金额存疑）"]


def test_equal_totals_share_a_rank_and_projects_are_ranked_among_themselves():
    c = completed(
        units=units(
            *({"name": str(i), "total": total, "authority": "局"} for i, total in enumerate((90.0, 80.0, 80.0, 70.0))),
            {"name": "0", "evaluation": "项目", "project": "一", "total": 99.0, "authority": "局"},
        ),
        roster=roster(*({"name": str(i), "authority": "局"} for i in range(4))),
    )
    assert c.units["rank"].tolist() == [1.0, 2.0, 2.0, 4.0, 1.0]
    assert c.units["authority_rank"].tolist() == [1.0, 2.0, 2.0, 4.0, 1.0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{}], "部门整体支出绩效自评汇总（2020年度）"),
        ([{"evaluation": "项目"}], "项目支出绩效自评汇总（2020年度）"),
        ([{}, {"evaluation": "项目"}], "部门整体支出和项目支出绩效自评汇总（2020年度）"),
        ([{}, {"year": 2021.0}], "部门整体支出绩效自评汇总（2020年度）"),
    ],
)
def test_the_title_names_kind_and_year(rows, said):
    assert title(completed(units=units(*rows))) == said


@pytest.mark.parametrize("missing", list(Missing))
def test_the_closing_rule_is_said(missing):
    c = completed(units=units({"name": "甲"}))
    c.missing = missing
    assert opened(written(c))["总览"]["A2"].value


def test_what_goes_back_is_numbered_by_unit_with_room_for_an_answer():
    c = completed(
        units=units({"name": "甲"}, {"name": "乙"}),
        issues=issues(
            {}, {"severity": "warning", "code": "deviation-unexplained"}, {"severity": "info", "code": "operator-assumed"}, {"submission": 1}
        ),
    )
    sheet = opened(written(c))["退回修改清单"]
    assert list(zip(column(sheet, "单位名称"), column(sheet, "序号"), column(sheet, "单位回复"), strict=True)) == [
        ("甲", 1, None),
        ("甲", 2, None),
        ("乙", 1, None),
    ]
