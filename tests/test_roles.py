"""What each row of 绩效指标 and 预算执行 is taken for, and the levels a blank cell has from its neighbours."""

from __future__ import annotations

import pytest
from building import BUDGET_ROWS, indicator, submission

from perfxl.rules.frames import DETAIL, EXECUTION, INDICATOR, SUBTOTAL, TOTAL, build_frames

LAST = indicator(level3="末一个", target="5场", actual="5场")


def roles(*rows, last=LAST):
    """Role by 三级指标 (else 一级指标) of rows that stand above an ordinary one; rows that are dropped are not there."""
    frame = build_frames([submission([*rows, last])]).indicators
    names = frame["level3"].where(frame["level3"] != "", frame["level1_typed"])
    return {name: role for name, role in zip(names, frame["role"], strict=True) if name != last["level3"]}


@pytest.mark.parametrize(
    ("row", "role"),
    [
        ({"level3": "活动场数", "target": "5场", "actual": "5场", "weight": 10}, INDICATOR),
        ({"level3": "活动场数"}, INDICATOR),
        ({"level1": "合计", "weight": 90}, TOTAL),
        ({"level3": "总 分", "weight": 90}, TOTAL),
        ({"level1": "产出小计", "weight": 50}, SUBTOTAL),
        ({"level2": "数量指标", "level3": "预算执行率", "weight": 10}, EXECUTION),
        ({"level1": "预算执行率", "weight": 10}, EXECUTION),
        ({"level3": "其中：讲座", "target": "2场", "actual": "2场"}, DETAIL),
        ({"level3": "其中：讲座", "target": "2场", "actual": "2场", "weight": 5}, INDICATOR),
        ({"level1": "注：本表由单位填写"}, None),
        ({"level1": "填表人：", "actual": "张三"}, None),
        ({"level3": "填表人：张三"}, None),
        ({"level1": "填表日期：", "actual": "2021年3月1日"}, None),
        ({"level1": "单位负责人：", "actual": "3"}, INDICATOR),
        ({"level3": "负责人培训", "actual": "3场"}, INDICATOR),
        ({"level3": "填表人培训", "weight": 5}, INDICATOR),
        ({"level3": "指标1："}, None),
        ({"level3": "……"}, None),
        ({"level3": "……", "weight": 5}, INDICATOR),
        ({"level3": "指标2：", "tier": "达成"}, INDICATOR),
    ],
)
def test_a_row_is_what_its_words_and_cells_say(row, role):
    assert roles(row) == ({} if role is None else {row.get("level3") or row["level1"]: role})


def test_rows_below_the_last_indicator_are_footers_and_sums_stay():
    last = indicator(level3="", level1="落款", target="某市图书馆", weight=None)
    frame = build_frames([submission([LAST, {"level1": "合计", "weight": 90}, last]), submission([LAST], number=1)]).indicators
    assert frame[["submission", "role"]].values.tolist() == [[0, INDICATOR], [0, TOTAL], [1, INDICATOR]]


def test_rows_under_one_that_has_only_points_are_its_details():
    parent = {"level3": "文化活动", "weight": 10}
    child = {"level3": "讲座", "target": "5场", "actual": "5场"}
    assert roles(parent, child, {**child, "level3": "展览"}) == {"文化活动": INDICATOR, "讲座": DETAIL, "展览": DETAIL}
    assert roles(parent, {"level3": "茶座"}, child) == {"文化活动": INDICATOR, "茶座": INDICATOR, "讲座": INDICATOR}
    assert roles({**parent, "target": "5场"}, child) == {"文化活动": INDICATOR, "讲座": INDICATOR}
    assert roles(parent, {**child, "weight": 5}) == {"文化活动": INDICATOR, "讲座": INDICATOR}
    split = build_frames([submission([parent]), submission([child, LAST], number=1)]).indicators
    assert split["role"].tolist() == [INDICATOR] * 3


def test_blank_levels_follow_from_each_other_and_from_the_row_above():
    rows = [
        {"level1": "产出指标(50分)", "level2": "数量指标", "level3": "甲", "weight": 1},
        {"level3": "乙", "weight": 1},
        {"level2": "质量指标", "level3": "丙", "weight": 1},
        {"level1": "合计", "weight": 3},
        {"level1": "效益指标", "level3": "丁", "weight": 1},
        {"level2": "某某指标", "level3": "戊", "weight": 1},
        {"level1": "/", "level2": "时效指标", "level3": "己", "weight": 1},
    ]
    frame = build_frames([submission(rows), submission([{"level3": "庚", "weight": 1}], number=1)]).indicators
    assert frame[["level3", "level1", "level2"]].values.tolist() == [
        ["甲", "产出指标", "数量指标"],
        ["乙", "产出指标", "数量指标"],
        ["丙", "产出指标", "质量指标"],
        ["", "合计", ""],
        ["丁", "效益指标", ""],
        ["戊", "效益指标", "某某指标"],
        ["己", "产出指标", "时效指标"],
        ["庚", "", ""],
    ]


@pytest.mark.parametrize(
    ("row", "line", "unread"),
    [
        ({"kind": "按来源", "item": "其他资金", "full_year": 5, "executed": 5}, "按来源", False),
        ({"item": "基本支出", "full_year": 5, "executed": 5}, "按支出类型", False),
        ({"item": "其中：某项", "full_year": 5}, "其中", False),
        ({"item": "别的", "full_year": 5}, "", True),
        ({"item": "别的", "full_year": "见附件"}, "", False),
        ({"kind": "按来源", "item": "其他资金", "full_year": "五万"}, "按来源", True),
        ({"kind": "另类", "item": "基本支出"}, "", False),
        ({"kind": "年度资金总额：", "item": ""}, "合计", False),
    ],
)
def test_a_line_of_money_is_of_a_known_kind_or_of_none(row, line, unread):
    frame = build_frames([submission([], budget=[*BUDGET_ROWS, row])]).budget
    assert frame[["line", "unread"]].values.tolist()[-1] == [line, unread]
