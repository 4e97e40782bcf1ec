from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from frames_of import files, roster, sent, units
from openpyxl import Workbook, load_workbook

from perfxl.consolidation.items import Matter
from perfxl.consolidation.names import name_key
from perfxl.consolidation.roster import budget_differences, read_roster, suspected_factor
from perfxl.consolidation.status import DueRows
from perfxl.model import PerfxlError
from perfxl.schemes import load_scheme

SCHEMES = {"national-2020": load_scheme("national-2020")}


def workbook(tmp_path, *rows, title="名单"):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    target = BytesIO()
    book.save(target)
    path = tmp_path / "应报单位名单.xlsx"
    path.write_bytes(target.getvalue())
    return path


def test_a_roster_is_read_by_its_headers_in_any_order(tmp_path):
    path = workbook(
        tmp_path,
        ["2020年度应报单位名单"],
        ["电话", "主管单位", "单位全称", "单位编码", "全年预算数（元）"],
        ["0799-1", "市文旅局", "甲 图书馆", "0012", 6417600],
        [None, None, "合计", None, 1],
    )
    frame = read_roster(path).frame
    assert frame[["sheet_row", "name", "code", "authority", "phone", "full_year"]].values.tolist() == [
        [3, "甲 图书馆", "0012", "市文旅局", "0799-1", 641.76]
    ]
    assert np.isnan(frame["executed"][0])


def test_bad_rows_are_named_with_their_cells_and_the_rest_is_kept(tmp_path):
    path = workbook(
        tmp_path,
        ["单位名称", "预算单位编码", "全年预算数"],
        ["甲", "1", "五十"],
        [None, "2", 5],
        ["甲", "1", 7],
        ["甲", "3", 8],
        ["乙", None, "10万元"],
    )
    found = read_roster(path)
    assert list(found.frame["name"]) == ["甲", "甲", "乙"]
    assert list(found.frame["code"]) == ["1", "3", ""]
    assert found.frame["full_year"].tolist()[1:] == [8.0, 10.0]
    assert [(i.code, i.cell) for i in found.issues] == [("budget-not-a-number", "C2"), ("unit-name-missing", "A3"), ("roster-unit-twice", "A4")]


def test_a_row_per_item_that_is_due(tmp_path):
    path = workbook(
        tmp_path,
        ["单位名称", "预算单位编码", "应报事项", "项目名称", "项目编码", "曾用名"],
        ["甲", "1", None, None, None, "老甲"],
        ["甲", "1", "项目", "一", "P1"],
        ["甲", None, "项目", "二", None],
        ["乙", "1", "单位整体"],
        ["丙", None, None, "三"],
        ["丁", None, "随便"],
        ["甲", "1", "部门整体支出"],
    )
    found = read_roster(path)
    assert found.frame[["unit", "name", "due", "project", "former"]].values.tolist() == [
        [0, "甲", "部门整体", "", "老甲"],
        [0, "甲", "项目", "一", ""],
        [0, "甲", "项目", "二", ""],
        [1, "乙", "单位整体", "", ""],
        [2, "丙", "项目", "三", ""],
        [3, "丁", "部门整体", "", ""],
    ]
    assert [(i.code, i.cell) for i in found.issues] == [("roster-due-unknown", "C6"), ("roster-due-unknown", "C7"), ("roster-unit-twice", "A8")]


def test_what_is_merged_down_belongs_to_every_row_and_amounts_count_once(tmp_path):
    rows = [
        ["单位名称（全称）", "预算单位编码", "主管部门（盖章）", "应报事项", "项目名称", "全年预算数"],
        ["甲", 101, "文旅局", None, None, 10],
        [None, None, None, "项目", "讲座", None],
        ["乙", 102, None, None, None, 20],
        ["丙", 1103, "教育局", None, None, 30],
        ["丁", None, None, None, None, None],
    ]
    path = workbook(tmp_path, *rows)
    book = load_workbook(path)
    for area in ("A2:A3", "B2:B3", "C2:C4", "F2:F3", "A1:A1"):
        book.active.merge_cells(area)
    for cell in book.active["B"]:
        cell.number_format = "0000"
    book.save(path)
    found = read_roster(path)
    assert found.frame[["unit", "name", "code", "authority", "project", "full_year"]].fillna(0).values.tolist() == [
        [0, "甲", "0101", "文旅局", "", 10],
        [0, "甲", "0101", "文旅局", "讲座", 0],
        [1, "乙", "0102", "文旅局", "", 20],
        [2, "丙", "1103", "教育局", "", 30],
        [3, "丁", "", "", "", 0],
    ]
    assert found.issues == []


@pytest.mark.parametrize(
    ("second", "said"),
    [([["单位名称", "主管部门"], ["甲", "局"], ["乙", "局"]], ["乙"]), ([["单位名称", "电话"], ["甲", "1"]], []), ([["单位名称", "电话"]], [])],
    ids=["other units", "the same", "empty"],
)
def test_a_second_sheet_of_units_is_read_or_named(tmp_path, second, said):
    path = workbook(tmp_path, ["单位名称", "主管部门"], ["甲", "局"])
    book = load_workbook(path)
    for row in second:
        (book["二"] if "二" in book.sheetnames else book.create_sheet("二")).append(row)
    book.save(path)
    found = read_roster(path)
    assert list(found.frame["name"]) == ["甲"]
    assert [(issue.code, issue.sheet, issue.value) for issue in found.issues] == [("roster-sheet-unread", "二", unit) for unit in said]


def test_defects_of_codes_and_total_rows_are_said(tmp_path):
    path = workbook(
        tmp_path,
        ["序号", "单位名称", "预算单位编码", "全年预算数"],
        [1, "甲", "010001", 1],
        [2, "乙", 10002, 1],
        [3, "丙", "010003", 1],
        [4, "丁", 123456789012345678, 1],
        ["合计", "4个单位", None, 4],
        ["合计", None, None, 4],
    )
    found = read_roster(path)
    assert found.frame[["name", "code"]].values.tolist() == [["甲", "010001"], ["乙", "10002"], ["丙", "010003"], ["丁", ""]]
    assert sorted((i.code, i.cell) for i in found.issues) == [("roster-code-number", "C5"), ("roster-code-zeros", "C3"), ("roster-total-row", "B6")]


def test_footers_of_a_roster_are_no_units_and_units_that_sound_like_one_stay(tmp_path):
    path = workbook(
        tmp_path,
        ["单位名称", "预算单位编码", "主管部门"],
        ["市图书馆", "010001", "文旅局"],
        ["共青团市委"],
        ["说明书馆"],
        ["填表人：张三馆", "010002"],
        ["共3家"],
        ["合计三个单位。"],
        ["注：编码为六位"],
        ["联系电话: 0555-1"],
    )
    found = read_roster(path)
    assert found.frame["name"].tolist() == ["市图书馆", "共青团市委", "说明书馆", "填表人：张三馆"]
    assert [(i.code, i.cell) for i in found.issues] == [("roster-total-row", f"A{row}") for row in (6, 7, 8, 9)]


def test_a_project_that_is_due_needs_a_name_or_a_code(tmp_path):
    path = workbook(
        tmp_path, ["单位名称", "应报事项", "项目名称", "项目编码"], ["甲", "项目"], ["乙", "项目", "免费开放"], ["丙", "项目", None, "P1"], ["丁"]
    )
    found = read_roster(path)
    assert len(found.frame) == 4
    assert [(i.code, i.cell) for i in found.issues] == [("roster-project-unnamed", "B2")]


@pytest.mark.parametrize("rows", [[["甲", "乙"], [1, 2]], [], [["单位名称", "市图书馆"], ["预算单位编码", "010001"], ["主管部门", "文旅局"]]])
def test_a_workbook_without_unit_names_is_refused(tmp_path, rows):
    with pytest.raises(PerfxlError, match="单位名称"):
        read_roster(workbook(tmp_path, *rows))


def test_a_file_the_guard_refuses_is_refused(tmp_path):
    path = tmp_path / "名单.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(PerfxlError, match=r"名单\.xlsx"):
        read_roster(path)


def test_budget_figures_that_differ_are_listed_with_their_factor():
    listed = roster({"name": "甲", "full_year": 641.76, "executed": 556.75}, {"name": "乙", "full_year": 100.0}, {"name": "丙", "full_year": 100.0})
    seen = units(
        {"name": "甲", "full_year": 6417600.0, "executed": 556.75},
        {"name": "乙", "full_year": 100.01},
        {"name": "丙", "full_year": 100.02},
        {"name": "乙", "full_year": 7.0, "evaluation": "项目"},
    )
    sent(seen, listed, files())
    found = budget_differences(listed, seen, SCHEMES)
    assert found[["name", "item", "roster", "reported"]].values.tolist() == [
        ["甲", "全年预算数", 641.76, 6417600.0],
        ["丙", "全年预算数", 100.0, 100.02],
    ]
    assert found["factor"].tolist()[0] == 10000
    assert np.isnan(found["factor"].tolist()[1])


@pytest.mark.parametrize(
    ("value", "factor"), [(1e6, 1e4), (1.02e6, 1e4), (1.03e6, None), (1e5, 1e3), (1e4, 1e2), (1000, None), (0.01, 1e-4), (0, None), (-1e6, None)]
)
def test_a_power_of_ten_is_suspected_only_where_it_fits(value, factor):
    found = suspected_factor(pd.Series([float(value)]), pd.Series([100.0])).tolist()[0]
    assert found == factor if factor else np.isnan(found)


@pytest.mark.parametrize(
    ("project", "code", "expected"),
    [
        ("大修", "", 0),
        (" 大 修", "", 0),
        ("大修", "007", 0),
        ("大修", "7", 0),
        ("别的名称", "007", 0),
        ("大修", "8", -1),
        ("小修", "", 1),
        ("小修", "9", 1),
        ("没有", "", -1),
    ],
)
def test_a_project_is_found_by_its_code_else_by_its_name(project, code, expected):
    """As `items` has it: where no code is typed the name stands for it; a number has lost its zeros."""
    due = DueRows(roster({"name": "甲", "due": "项目", "project": "大修", "project_code": "007"}, {"name": "甲", "due": "项目", "project": "小修"}))
    assert due.of(0, Matter.PROJECT, project, code or name_key(project)) == expected
