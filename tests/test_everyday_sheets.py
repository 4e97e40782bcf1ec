"""What people do to a sheet that is whole: notes and signatures below it, titles in their own words, marks for nothing, a second unit of money."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sheets_of import Rows, whole, workbook

from perfxl.intake.footers import is_column_numbers
from perfxl.intake.reading import Refused, read_workbook
from perfxl.model.columns import BUDGET, INDICATORS, UNIT
from perfxl.scoring.batch import score_submissions
from perfxl.scoring.document import score_document

TABLES = {"信": UNIT, "预": BUDGET, "绩": INDICATORS}
ALIKE = {"evidence-missing", "template-version-unknown", "execution-low-unexplained"}


def scored(sheets: dict[str, Rows]) -> dict[str, Any]:
    """The document of the only submission of a workbook of these sheets."""
    found = read_workbook(workbook(sheets), source="甲.xlsx", number=0)
    assert not isinstance(found, Refused), found
    return score_document(score_submissions(found)[0][0], 0)


def edited(*edits: tuple[str, int, str, object]) -> tuple[float, list[float], set[tuple[str, str | None]]]:
    """Total, span and messages (code, cell) of a whole intake after edits: table, row counted from the header, title, value.

    The title `#n` is the n-th column, whatever stands above it.
    """
    sheets: dict[str, Rows] = copy.deepcopy(whole())
    for table, row, title, value in edits:
        rows = sheets[TABLES[table].sheet]
        at = int(title[1:]) if title.startswith("#") else [c.title for c in TABLES[table].columns].index(title)
        while len(rows) <= row:
            rows.append([])
        rows[row] = [*rows[row], *[None] * (at + 1 - len(rows[row]))]
        rows[row][at] = value
    document = scored(sheets)
    said = {(i["code"], i["cell"]) for i in document["issues"] if i["severity"] != "info" and i["code"] not in ALIKE}
    return document["total"], document["possible"], said


WHOLE = (99.5, [99.5, 99.5], set())

HARMLESS = {
    "signatures in three columns": [
        ("绩", 6, "一级指标", "填表人（签字）："),
        ("绩", 6, "三级指标", "负责人（签字）："),
        ("绩", 6, "实际完成值", "2021年3月15日"),
    ],
    "names behind them": [
        ("绩", 6, "一级指标", "填表人：示例"),
        ("绩", 6, "三级指标", "审核人：示例"),
        ("绩", 6, "实际完成值", "联系电话：0799-1234567"),
    ],
    "a seal and a day": [("绩", 6, "二级指标", "单位（盖章）"), ("绩", 6, "实际完成值", "日期：2021年3月15日")],
    "in the column of names": [("绩", 6, "三级指标", "填表人：示例"), ("绩", 6, "实际完成值", "电话：6831234")],
    "below the budget": [("预", 5, "资金类别", "制表：示例"), ("预", 5, "全年预算数", "审核：示例"), ("预", 5, "全年执行数", "2021-3-15")],
    "a day in the column of points": [("绩", 6, "一级指标", "填报人：示例"), ("绩", 6, "分值", "日期：2021年3月1日")],
    "a day alone there": [("绩", 6, "三级指标", "审核人：示例"), ("绩", 6, "分值", "2021-3-1")],
    "asides below the head": [("绩", 4, "年度指标值", "（批复数）"), ("绩", 4, "实际完成值", "（截至12月31日）")],
    "the sum of all points beside the level": [("绩", 4, "完成等级", "合计"), ("绩", 4, "分值", 90)],
    "the sum of all points behind its name": [("绩", 4, "实际完成值", "得分合计"), ("绩", 4, "分值", 90)],
    "the sum of all points alone": [("绩", 4, "分值", 90)],
    "the sum of a block with its points": [("绩", 4, "三级指标", "产出指标合计（50分）"), ("绩", 4, "分值", 50)],
    "a subtotal of money": [("预", 5, "资金类别", "小计"), ("预", 5, "全年预算数", 5), ("预", 5, "全年执行数", 5)],
    "the year of the workbook in a title": [("绩", 0, "实际完成值", "2020年实际完成值"), ("预", 0, "全年预算数", "2020年度全年预算数")],
    "who reports": [("信", 1, "#0", "填报单位")],
    "other matters": [("绩", 6, "一级指标", "其他需要说明的问题"), ("绩", 6, "三级指标", "无")],
    "an explanation": [("绩", 6, "一级指标", "说明"), ("绩", 6, "三级指标", "数据来源于年报")],
    "a grade": [("绩", 6, "一级指标", "自评等级"), ("绩", 6, "三级指标", "优")],
    "a mark": [("绩", 6, "三级指标", "※ 数据截至12月31日")],
    "a level without content": [("绩", 4, "一级指标", "效益指标"), ("绩", 4, "二级指标", "生态效益"), ("绩", 4, "三级指标", "不涉及")],
    "a level of marks": [("绩", 4, t, "/") for t in ("三级指标", "年度指标值", "实际完成值", "分值")],
    "a level without content and 0 points": [("绩", 4, "三级指标", "无"), ("绩", 4, "分值", 0)],
    "a detail": [
        ("绩", 4, "一级指标", "满意度指标"),
        ("绩", 4, "三级指标", "其中：儿童"),
        ("绩", 4, "年度指标值", "90%"),
        ("绩", 4, "实际完成值", "92%"),
        ("绩", 4, "分值", "—"),
    ],
    "not adjusted": [("绩", 1, "调整后指标值", "未调整"), ("绩", 2, "调整后指标值", "—"), ("绩", 3, "调整后指标值", "无")],
    "a source without money": [("预", 3, "资金类别", "按来源"), ("预", 3, "全年预算数", "-"), ("预", 3, "全年执行数", "无")],
    "sources by their long names": [("预", 2, "资金类别", "按资金来源")],
    "money with its sign": [("预", 2, "全年执行数", "￥95")],
    "levels with numbers and points": [
        ("绩", 1, "一级指标", "一、产出指标"),
        ("绩", 2, "一级指标", "（二）效益类指标"),
        ("绩", 3, "一级指标", "③满意度指标\n10分"),
    ],
    "titles with their units": [
        ("预", 0, "全年预算数", "全年预算数（万元）"),
        ("预", 0, "全年执行数", "2.全年执行数(万元)："),
        ("绩", 0, "分值", "分值（90分）"),
        ("绩", 0, "年度指标值", "年度指标值（必填）"),
    ],
    "titles of other forms": [("绩", 0, "年度指标值", "计划值"), ("绩", 0, "实际完成值", "实际完成情况"), ("预", 0, "全年预算数", "全年预算")],
    "labels with numbers": [("信", 1, "#0", "1.单位名称"), ("信", 5, "#0", "2.预算年度（必填）：")],
    "answers and remarks exchanged": [("信", 0, "#1", "填写说明"), ("信", 0, "#2", "填写内容"), ("信", 1, "#2", "甲馆"), ("信", 1, "#1", "写全称")]
    + [("信", row, "#2", value) for row, value in ((5, 2020), (6, "单位整体"), (10, "万元"))]
    + [("信", row, "#1", "说明") for row in (5, 6, 10)],
}


@pytest.mark.parametrize("edits", HARMLESS.values(), ids=HARMLESS)
def test_what_changes_nothing_says_nothing(edits):
    assert edited(*edits) == WHOLE


def test_the_numbers_of_the_columns_are_no_row_under_titles_of_other_forms_either():
    sheets = whole()
    head = sheets["绩效指标"][0]
    sheets["绩效指标"][0] = [{"三级指标": "指标名称", "年度指标值": "年初目标值", "分值": "权重"}.get(title, title) for title in head]
    sheets["绩效指标"].insert(1, list(range(1, 13)))
    assert scored(sheets)["total"] == 99.5


def test_the_numbers_of_the_columns_are_no_row():
    rows = [["（1）", "（2）", "（3）", None, "（4）", None, "（5）", None, "（6）"], ["栏次", "1", "2", "3", "4=3/2"]]
    assert is_column_numbers(["甲", "乙", "丙", "1", "2"])
    assert is_column_numbers(["1栏", "2栏", "3栏"])
    assert not is_column_numbers(["甲", "乙"])
    sheets = whole()
    for title, numbers in zip(("绩效指标", "预算执行"), rows, strict=True):
        sheets[title] = [sheets[title][0], numbers, *sheets[title][1:]]
    assert scored(sheets)["total"] == 99.5


@pytest.mark.parametrize(("points", "codes"), [(50, set()), (40, {"indicator-name-missing", "weights-not-full"})])
def test_points_above_the_rows_that_make_them_are_a_subtotal_and_others_are_asked(points, codes):
    sheets = whole()
    sheets["绩效指标"] = [sheets["绩效指标"][0], ["★产出指标", *[None] * 7, points], *sheets["绩效指标"][1:]]
    assert {i["code"] for i in scored(sheets)["issues"] if i["severity"] == "error"} == codes


ASKED = {
    "a row that begins like a signature": (
        [("绩", 4, "三级指标", "联系群众次数"), ("绩", 4, "年度指标值", "20次")],
        {("weight-missing", "I5"), ("actual-missing", "G5")},
    ),
    "points that are none, once": ([("绩", 2, "分值", "10%")], {("weight-not-a-number", "I3")}),
    "points below zero, once": ([("绩", 2, "分值", -10)], {("weight-not-positive", "I3")}),
    "a level of the wrong kind, once": ([("绩", 1, "一级指标", "效益指标")], {("levels-disagree", "B2")}),
    "actuals of last year": ([("绩", 0, "实际完成值", "2019年实际完成值")], {("column-missing", "G1")}),
    "actuals in ten thousands": ([("绩", 0, "实际完成值", "实际完成值（万）")], {("column-missing", "G1")}),
    "amounts to date": ([("预", 0, "全年执行数", "累计支出")], {("column-missing", "E1")}),
    "a title that names another unit": ([("预", 0, "全年预算数", "全年预算数（元）")], {("money-unit-differs", "B11")}),
    "titles in two units": (
        [("预", 0, "全年预算数", "全年预算数（万元）"), ("预", 0, "全年执行数", "全年执行数（元）")],
        {("money-unit-differs", "B11")},
    ),
    "titles in two units, none in 基本信息": (
        [("信", 10, "#1", None), ("预", 0, "全年预算数", "全年预算数（万元）"), ("预", 0, "全年执行数", "全年执行数（元）")],
        {("money-unit-differs", "B11")},
    ),
    "a group title": ([("绩", 4, "三级指标", "（一）活动类指标")], {("target-missing", "E5")}),
    "a second head": (
        [("绩", 5, f"#{i}", title) for i, title in enumerate(("一级指标", "二级指标", "三级指标", "实际完成值", "年度指标值"))],
        {("header-again", "A6")},
    ),
    "an adjusted target in words": ([("绩", 1, "调整后指标值", "同上")], {("target-not-a-number", "N2")}),
    "units that do not fit the heads": ([("信", 10, "#1", "元"), ("信", 12, "#1", 26)], {("money-unit-implausible", "B11")}),
}


@pytest.mark.parametrize(("edits", "said"), ASKED.values(), ids=ASKED)
def test_what_is_not_understood_is_one_message(edits, said):
    assert edited(*edits)[2] == said


def test_a_column_that_is_missing_names_the_title_in_its_place():
    sheets = whole()
    sheets["预算执行"][0][4] = "累计支出"
    issues = scored(sheets)["issues"]
    assert [i["message"] for i in issues if i["code"] == "column-missing"] == ["工作表里没有找到“全年执行数”这一列；E1的标题是“累计支出”。"]


def test_a_blank_unit_of_money_is_taken_from_the_table_that_names_it():
    _, _, said = edited(("信", 10, "#1", None), ("预", 0, "全年预算数", "全年预算数（元）"), ("信", 12, "#1", 26))
    assert said == {("money-unit-implausible", "B11")}


@pytest.mark.parametrize(
    ("line", "asked"),
    [("金额单位：元", True), ("（单位：美元）", True), ("单位：人民币万元", False), ("填报单位：元氏县图书馆", False), ("单位：万元", False)],
)
def test_the_line_above_the_budget_names_its_unit_or_something_else(line, asked):
    sheets = whole()
    sheets["预算执行"].insert(0, [line])
    assert ("money-unit-differs" in {i["code"] for i in scored(sheets)["issues"]}) is asked
