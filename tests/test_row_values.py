"""Cells beside their row's name and target: what everyday clerks write is read, what answers another question is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfxl.values.denials import denies
from perfxl.values.direction import Lean, costs, sense_of
from perfxl.values.pair import PairKind
from perfxl.values.pairing import read_pair
from perfxl.values.reading import read_value
from perfxl.values.vocabulary import DEFAULT_LOWER_NAMES

DATA = Path(__file__).parent / "data"
READ = [line.split("|") for line in (DATA / "row_values_read.txt").read_text("utf-8").splitlines()]
ASKED = [line.split("|") for line in (DATA / "row_values_asked.txt").read_text("utf-8").splitlines()]


def codes(pair):
    return [problem.code for problem in pair.problems]


def test_there_are_enough_of_both():
    assert len(READ) >= 300
    assert sum(len(cells.split()) for *_, cells in ASKED) >= 800


@pytest.mark.parametrize("row", READ[:: len(READ) // 8], ids=lambda row: row[-1])
def test_the_first_number_or_the_one_in_the_targets_unit_is_read(row):
    name, target, unit, actual = row
    assert read_pair(target, actual, unit=unit, name=name, fiscal_year=2022).met is not None


def test_every_everyday_cell_is_read():
    asked = [row for row in READ if read_pair(row[1], row[3], unit=row[2], name=row[0], fiscal_year=2022).met is None]
    assert asked == []


@pytest.mark.parametrize(("name", "target", "cells"), ASKED)
def test_no_doubtful_cell_is_scored_and_each_is_named(name, target, cells):
    pairs = {cell: read_pair(target, cell, name=name, fiscal_year=2022) for cell in cells.split()}
    assert [cell for cell, pair in pairs.items() if pair.met is not None] == []
    unnamed = [cell for cell, pair in pairs.items() if not codes(pair) and pair.kind is not PairKind.DEADLINE]
    assert unnamed == []  # a deadline without a date has a check of its own


# name, target, actual, the number read
NUMBERS = [
    ("补贴人数", "≥270人", "发放补贴3批270人", 270),
    ("补贴批次", "≥3批", "发放补贴3批270人", 3),
    ("观众人数", "≥5万人", "送戏下乡演出86场,观众5.2万人", 52_000),
    ("演出场次", "≥80场", "送戏下乡演出86场,观众5.2万人", 86),
    ("检查次数", "≥120次", "开展安全生产检查126次,检查企业860家", 126),
    ("活动场次", "≥270场", "281场,完成率104%", 281),
    ("活动场次", "≥270场", "281场(目标270场)", 281),
    ("活动场次", "≥270场", "计划270场,实际完成281场", 281),
    ("活动场次", "≥270场", "281场,超额完成11场", 281),
    ("活动场次", "≥270场", "220场(未完成50场)", 220),
    ("活动场次", "≥270场", "仅完成135场", 135),
    ("活动场次", "≥270场", "线上60场、线下210场,共270场", 270),
    ("自助图书馆", "≥6座", "建成24小时自助图书馆6座", 6),
    ("老年人体检人数", "≥12000人", "65岁以上老年人体检12600人", 12_600),
    ("每周开放时长", "≥56小时", "每周开放63小时", 63),
    ("高标准示范片", "≥5个", "建成高标准示范片5个", 5),
]


@pytest.mark.parametrize(("name", "target", "actual", "number"), NUMBERS)
def test_the_number_that_answers_the_row(name, target, actual, number):
    assert read_pair(target, actual, name=name, fiscal_year=2022).actual_value == number


@pytest.mark.parametrize(
    "actual",
    [
        "281场,超额完成12场",
        "281场(目标260场)",
        "计划260场,实际完成281场",
        "280场(未完成50场)",
        "仅完成270场",
        "线上60场、线下200场,共270场",
        "270场,三年",
    ],
)
def test_what_is_said_of_the_target_must_be_true(actual):
    pair = read_pair("≥270场", actual, name="活动场次", fiscal_year=2022)
    assert (pair.met, pair.actual_low) == (None, None)


@pytest.mark.parametrize("target", ["270场,参与8000人次", "270场,惠及8000人次", "270场,覆盖12个乡镇"])
def test_two_targets_in_one_cell_are_a_question(target):
    pair = read_pair(target, "280场", name="演出场次")
    assert (pair.kind, codes(pair)) == (PairKind.AMBIGUOUS, ["target-not-understood"])
    assert read_pair("≥95%(样本200份)", "96%").met is True


@pytest.mark.parametrize(("target", "actual"), [("≥270场", "270万场"), ("≤270万元", "270元"), ("≤270万元", "270千元"), ("≥1.2万亩", "1.2亩")])
def test_the_same_digits_under_another_magnitude_are_a_question(target, actual):
    assert codes(read_pair(target, actual)) == ["actual-ambiguous"]
    assert read_pair("25万人次", "253100人次").met is True


def test_the_words_of_the_target_are_known_in_the_actual():
    assert read_value("建成咕噜示范片5个").unread == "咕噜示范片"
    assert read_pair("建成5个咕噜示范片", "建成咕噜示范片6个", name="示范片").met is None  # the target itself is not understood
    assert read_pair("≥5个(示范片)", "建成示范片6个", name="数量").met is True


DATES = [
    ("2022年11月30日（约）", ["actual-bound-unproven"]),
    ("2021年11月30日", ["actual-not-understood"]),
    ("2022年11月30日支付", ["actual-not-understood"]),
    ("2022年11月30日（合同）", ["actual-not-understood"]),
    ("2022年11月30日完成改造", []),
    ("2022年11月30日竣工验收", []),
]


@pytest.mark.parametrize(("actual", "expected"), DATES)
def test_a_date_is_of_what_the_row_asks(actual, expected):
    assert codes(read_pair("2022年12月底前", actual, name="馆舍改造完成时间", fiscal_year=2022)) == expected


# --- 达成 beside the text -------------------------------------------------------------------------------------------------

DENIED = {
    "完善管理制度": "制度未完善 制度不健全 仍需改进 已取消 下一年开展 效果较差 不理想 有待提高 因故推迟 完成50% 进度滞后 在建",
    "明显提升": "效果不明显 下降 恶化",
    "有效减少污染": "污染加重 污染增加",
    "≥95%": "80%",
    "270场": "200场",
    "2022年12月底前": "2023年2月 未完工 延期",
    "全覆盖": "覆盖80%",
    "零事故": "发生1起",
    "无投诉": "收到投诉3件",
}
GRANTED = {
    "完善管理制度": "制度已完善 管理制度不断完善 已完成 按计划完成 已建立健全12项制度",
    "明显提升": "服务水平明显提升 基本公共服务水平明显提升",
    "有效减少污染": "污染有效减少 污染明显下降",
    "≥95%": "96%",
    "全覆盖": "已全覆盖 覆盖率100%",
    "零事故": "未发生事故 全年未发生安全事故 0起",
    "关爱未成年人": "未成年人权益得到保障",
    "在建": "在建",
}


@pytest.mark.parametrize(("listed", "expected"), [(DENIED, True), (GRANTED, False)])
def test_a_text_denies_or_grants_its_target(listed, expected):
    wrong = [(target, text) for target, texts in listed.items() for text in texts.split() if denies(text, target) is not expected]
    assert wrong == []


# --- directions -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["未达标率", "未完成率", "未办结率", "未及时率", "未覆盖率", "未回复率", "未按时办结率", "任务未完成数"])
def test_a_rate_of_what_was_not_done_is_better_low(name):
    assert sense_of(name, DEFAULT_LOWER_NAMES).lean is Lean.LOWER


@pytest.mark.parametrize("name", ["未成年人服务覆盖率", "未来社区建成率", "未发生事故天数达标率"])
def test_names_that_only_hold_that_sign_are_not(name):
    assert sense_of(name, DEFAULT_LOWER_NAMES).lean is not Lean.LOWER


@pytest.mark.parametrize("name", ["参保人员流失控制率", "污染控制率", "辍学控制率", "事故控制率"])
def test_a_control_rate_of_something_unwanted_is_unclear(name):
    assert sense_of(name, DEFAULT_LOWER_NAMES).lean is Lean.UNCLEAR
    assert sense_of("公用经费控制率", DEFAULT_LOWER_NAMES).lean is Lean.LOWER


@pytest.mark.parametrize("name", ["资金使用合规率", "节支率", "配套资金到位额", "带动社会投资", "投入产出比", "成本控制有效性"])
def test_the_level_alone_makes_no_cost_of_another_head(name):
    assert not costs(name, sense_of(name, DEFAULT_LOWER_NAMES))
    assert costs("印刷费用", sense_of("印刷费用", DEFAULT_LOWER_NAMES))
