"""Cells beside their row's name and target: what everyday clerks write is read, what answers another question is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfxl.values.direction import Lean, sense_of
from perfxl.values.outcome import Gist, outcome
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


@pytest.mark.parametrize(
    ("name", "actual", "expected"),
    [
        ("年报报送时间", "2022年12月10日报送", []),
        ("路灯安装完成时间", "已于2022年12月20日安装", []),
        ("设备招标到货时间", "2022年10月20日到货", []),
        ("设备招标到货时间", "2022年10月20日完成招标", ["actual-not-understood"]),
        ("设计施工完成时间", "2022年12月20日设计完成", ["actual-not-understood"]),
    ],
)
def test_a_date_with_the_last_act_of_its_name_is_read_and_one_with_an_earlier_is_asked(name, actual, expected):
    assert codes(read_pair("2022年12月底前", actual, name=name, fiscal_year=2022)) == expected


@pytest.mark.parametrize(("actual", "expected"), DATES)
def test_a_date_is_of_what_the_row_asks(actual, expected):
    assert codes(read_pair("2022年12月底前", actual, name="馆舍改造完成时间", fiscal_year=2022)) == expected


# --- shapes that are read ---------------------------------------------------------------------------------------------------

DIVIDED = [
    "元/月",
    "元/人",
    "元/户",
    "元/亩",
    "元/人·月",
    "元/天",
    "元/场",
    "元/册",
    "元/次",
    "元/㎡",
    "元/平方米",
    "元/公里",
    "元/米",
    "元/吨",
    "元/台",
    "元/个",
    "元/件",
    "元/套",
    "元/年",
    "元/学期",
    "元/生",
    "元/床",
    "元/人次",
    "万元/个",
    "万元/公里",
    "万元/项",
    "次/周",
    "次/月",
    "次/季度",
    "次/年",
    "次/个",
    "次/人",
    "次/馆",
    "场/月",
    "场/周",
    "小时/周",
    "小时/天",
    "课时/周",
    "学时/人",
    "册/人",
    "册/馆",
    "本/人",
    "人/场",
    "人/班",
    "公里/天",
    "吨/天",
    "吨/日",
    "件/月",
    "件/人",
    "份/场",
    "篇/月",
    "条/天",
    "期/月",
    "天/周",
    "天/月",
    "人次/场",
    "辆/天",
    "分钟/次",
]
VERBS = [
    "打造",
    "建成",
    "新建",
    "改造",
    "培育",
    "创建",
    "靓化",
    "提升",
    "组建",
    "举办",
    "开展",
    "引进",
    "购置",
    "培训",
    "发放",
    "慰问",
    "走访",
    "修缮",
    "铺设",
    "安装",
    "种植",
    "评选",
    "表彰",
    "扶持",
    "资助",
    "编印",
    "制作",
    "开发",
    "推出",
    "建立",
    "完成",
    "整治",
    "排查",
    "检查",
    "抽检",
    "化解",
    "调解",
    "办理",
    "新增",
    "选派",
    "招聘",
    "组织",
    "承办",
    "拍摄",
    "出版",
    "更新",
    "维修",
    "清理",
    "疏通",
    "拆除",
    "硬化",
    "绿化",
    "亮化",
    "创作",
    "征集",
    "采购",
    "盘活",
    "孵化",
    "认定",
    "布设",
    "启用",
    "改扩建",
    "织密",
    "擦亮",
]
COUNTED = [
    ("条", "公交线路"),
    ("个", "示范村"),
    ("场", "文化活动"),
    ("家", "企业"),
    ("座", "公厕"),
    ("名", "志愿者"),
    ("部", "文艺作品"),
    ("项", "便民服务"),
]
NOTHING = [
    "投诉",
    "事故",
    "安全事故",
    "差错",
    "伤亡",
    "上访",
    "火灾",
    "违规",
    "失误",
    "故障",
    "感染",
    "泄密",
    "失窃",
    "纠纷",
    "举报",
    "逾期",
    "拖欠",
    "返贫",
    "辍学",
    "积压",
    "读者投诉",
    "重大安全事故",
    "生产安全事故",
    "食品安全事故",
    "溺水事故",
    "群体性事件",
    "网络安全事件",
    "疫情",
    "案件",
    "命案",
    "舆情",
]
COLUMNS = ["台套", "套台", "份篇", "篇份", "场次", "次场", "个家", "人名", "件份", "台辆", "户家", "起件", "条篇", "个项", "座个", "处个", "所个"]


def unread(rows):
    pairs = {row: read_pair(row[0], row[1], unit=row[2], name=row[3], fiscal_year=2022) for row in rows}
    return [row for row, pair in pairs.items() if not pair.met or set(codes(pair)) - {"divisor-assumed"}]


def test_an_actual_takes_the_divisor_of_its_target():
    assert unread([(f"≥60{unit}", f"66{unit.partition('/')[0]}", "", "") for unit in DIVIDED]) == []


def test_verb_number_unit_noun_is_a_target_whatever_its_verb():
    rows = [(f"{verb}60{unit}{noun}", actual, "", f"{noun}数量") for verb, (unit, noun) in zip(VERBS, COUNTED * 8, strict=False)
            for actual in ("61", f"61{unit}", f"{verb}61{unit}{noun}")]  # fmt: skip
    assert unread(rows) == []


def test_nothing_in_words_is_zero_and_not_happened_asks_for_one():
    rows = [
        (target, actual, "", f"{noun}起数") for noun in NOTHING for target, actual in ((f"零{noun}", "0"), (f"零{noun}", "0起"), ("0起", f"零{noun}"))
    ]
    assert unread(rows) == []
    assert {tuple(codes(read_pair("0起", said, name=f"{noun}起数"))) for noun in NOTHING for said in ("未发生", f"无{noun}")} == {
        ("actual-not-a-number",)
    }


def test_counting_words_of_column_and_text():
    assert unread([(str(number), f"{number + 1}{text}", column, "数量") for column, text in COLUMNS for number in (5, 20, 300)]) == []


# --- 达成 beside the text -------------------------------------------------------------------------------------------------

DENIED = {
    "完善管理制度": "制度未完善 制度不健全 仍需改进 已取消 下一年开展 效果较差 不理想 有待提高 因故推迟 完成50% 进度滞后 在建",
    "明显提升": "效果不明显 下降 恶化",
    "有效减少污染": "污染加重 污染增加",
    "2022年12月底前": "未完工 延期",
    "全覆盖": "覆盖80%",
    "零事故": "发生1起",
    "无投诉": "收到投诉3件",
}
GRANTED = {
    "完善管理制度": "制度已完善 管理制度不断完善 已完成 按计划完成 已建立健全12项制度",
    "明显提升": "服务水平明显提升 基本公共服务水平明显提升",
    "有效减少污染": "污染有效减少 污染明显下降",
    "全覆盖": "已全覆盖 覆盖率100%",
    "零事故": "未发生事故 全年未发生安全事故 0起",
    "关爱未成年人": "未成年人权益得到保障",
    "在建": "在建",
}


REFUSED = (Gist.DENIED, Gist.NOTHING)


@pytest.mark.parametrize(("listed", "expected"), [(DENIED, True), (GRANTED, False)])
def test_a_text_denies_or_grants_its_target(listed, expected):
    wrong = [(target, text) for target, texts in listed.items() for text in texts.split() if (outcome(text, target, "") in REFUSED) is not expected]
    assert wrong == []


# --- directions -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["未达标率", "未完成率", "未办结率", "未及时率", "未覆盖率", "未回复率", "未按时办结率"])
def test_a_rate_of_what_was_not_done_is_better_low(name):
    assert sense_of(name, DEFAULT_LOWER_NAMES).lean is Lean.LOWER


@pytest.mark.parametrize("name", ["未成年人服务覆盖率", "未来社区建成率", "未发生事故天数达标率"])
def test_names_that_only_hold_that_sign_are_not(name):
    assert sense_of(name, DEFAULT_LOWER_NAMES).lean is not Lean.LOWER


@pytest.mark.parametrize("name", ["参保人员流失控制率", "污染控制率", "辍学控制率", "事故控制率"])
def test_a_control_rate_of_something_unwanted_is_unclear(name):
    assert sense_of(name, DEFAULT_LOWER_NAMES).lean is Lean.UNCLEAR
    assert sense_of("公用经费控制率", DEFAULT_LOWER_NAMES).lean is Lean.LOWER
