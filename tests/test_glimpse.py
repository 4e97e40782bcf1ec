"""Which sheets of another title are opened at all."""

from __future__ import annotations

import pytest

from perfxl.intake.glimpse import to_be_read

OURS = {
    "绩效指标 by its header": [(3, ("一级指标", "三级指标", "年度指标值", "实际完成值"))],
    "预算执行 by its header": [(1, ("资金类别", "全年预算数", "全年执行数"))],
    "基本信息 by its labels": [(1, ("单位名称*", "甲")), (2, ("预算年度*", "2022")), (3, ("填报人", "乙"))],
    "a form with a two-row head": [(9, ("年度资金总额(万元)",)), (15, ("三级 指标", "年度\n指标值"))],
    "an invisible character in the title": [(1, ("三级\u200b指标",))],
}
OTHERS = {
    "nothing": [],
    "a list of books": [(1, ("序号", "书名", "单位名称", "备注")), (2, ("1", "史记", "中华书局", ""))],
    "a report in prose": [(1, ("本单位全年" * 20,))],
}


@pytest.mark.parametrize("name", OURS)
def test_a_sheet_with_a_word_that_only_our_tables_have_is_opened(name):
    assert to_be_read("Sheet4", lambda _: OURS[name])


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_sheet_stays_closed(name):
    assert not to_be_read("Sheet4", lambda _: OTHERS[name])


def test_a_sheet_of_our_title_is_opened_without_a_glance():
    assert to_be_read("绩效指标", lambda _: pytest.fail("looked at"))
