"""Periods, times, costs, units and dates of a row: what is read in the target's measure, and what is a question (contract §3.11, §7)."""

from __future__ import annotations

import pytest

from perfxl.values.pairing import read_pair

MEASURES = """
日均接待读者人次 | ≥800人次 | | 日均860人次=860 每天860人次=860 860人次/日=860 860人次=860 全年860人次=?
每周开放时间 | ≥56小时 | | 周均60小时=60 每周60小时=60 60小时=60 全年60小时=?
每季度检查次数 | ≥2次 | | 季均3次=3 3次/季度=3 3次=3 全年3次=?
讲座场次 | ≥10 | 场/月 | 每月12场=12 12场=12 12=12 共12场=? 累计12场=? 全年12场=?
讲座场次 | ≥10场 | | 12场=12 全年12场=12 每月12场=? 日均12场=?
污水处理厂日处理能力 | ≥5万吨 | | 5.2万吨/日=52000 日均处理5.2万吨=52000 5.2万吨=52000 5.2万吨/年=? 全年5.2万吨=?
系统故障响应时间 | ≤15分钟 | | 12分=12 12分30秒=12.5 720秒=12 一刻钟=15 1小时5分=65 平均用时12分钟=12 0.2小时=12 12分90秒=? 12人=?
办理时限 | ≤2小时 | | 1小时30分钟=1.5 1小时30分=1.5 2个半小时=2.5 半小时=0.5 5400秒=1.5 2小时15分钟=2.25 2天6小时=?
工期 | ≤12个月 | | 11个月=11 一个半月=1.5 1年=12 330天=?
等级评定得分 | ≥90分 | | 95分=95 95分钟=?
室温 | ≥18℃ | | 20度=20 20℃=20 20千瓦时=?
用电量 | ≤300度 | | 280度=280 280千瓦时=280 280℃=?
PM2.5浓度 | ≤35微克/立方米 | | 30μg/m³=30 30ug/m3=30 30微克/立方米=30 30mg=?
COD排放浓度 | ≤20毫克/升 | | 18mg/L=18 18mg/l=18 18毫克/升=18 18L=?
特种设备检验台数 | ≥100 | 台 | 120台（套）=120 120台/套=120 120套=120 120台次=?
特种设备检验台数 | ≥100 | 台（套） | 120台套=120 120台=120 120=120 120人=?
造林株数 | ≥50万株 | | 56万棵=560000 56万株=560000 56万亩=?
群众满意率 | ≥40% | | 50.5%=50.5 50’5%=? 50'5%=?
藏书册数 | ≥1000册 | | 1’200册=1200 1,200册=1200 12’00册=? 1’2册=?
培训费用 | ≤50万元 | | 决算48万元=480000 总支出48万元=480000 总投资48万元=? 结算价48万元=480000 审定金额48万元=480000 实际成本48万元=480000
培训费用 | ≤50万元 | | 48万元，节约2万元=480000 48万元，节约3万元=? 48万元，超支2万元=? 预算50万元，实际48万元=480000 预算50万元，实际支出48万元=480000 预算60万元，实际48万元=?
到位资金 | ≥50万元 | | 60万元=600000 结算价60万元=? 实际成本60万元=?
"""
DATED = [
    ("年报报送时间", "2022年12月15日前", "12月10日报送 2022年12月10日报送 已于12月10日报送 12月10日完成报送", True),
    ("年报报送时间", "2022年12月15日前", "12月20日报送 已于2022年12月20日报送", False),
    ("年报报送时间", "2022年12月15日前", "计划12月10日报送 12月10日编制 12月10日未报送 12月10日审核", None),
    ("设备招标到货时间", "2022年11月30日前", "10月20日到货 2022年10月20日全部到货", True),
    ("设备招标到货时间", "2022年11月30日前", "10月20日招标 10月20日签订合同", None),
]


def rows() -> list[tuple[str, str, str, str, str]]:
    made = []
    for line in MEASURES.strip().splitlines():
        name, target, unit, cells = (part.strip() for part in line.split("|"))
        made += [(name, target, unit, *cell.rpartition("=")[::2]) for cell in cells.split()]
    return made


def test_an_actual_is_read_in_the_measure_of_its_target_or_asked_about() -> None:
    found = {}
    for name, target, unit, actual, expected in rows():
        pair = read_pair(target, actual, unit=unit, name=name, fiscal_year=2022)
        value = "?" if pair.met is None else f"{pair.actual_low:g}"
        if value != (expected if expected == "?" else f"{float(expected):g}"):
            found[name, target, unit, actual] = value
    assert found == {}


@pytest.mark.parametrize(("name", "target", "actuals", "met"), DATED)
def test_the_last_act_of_a_name_beside_a_date_is_done_on_it(name: str, target: str, actuals: str, met: object) -> None:
    found = {actual: read_pair(target, actual, name=name, fiscal_year=2022).met for actual in actuals.split()}
    assert found == dict.fromkeys(actuals.split(), met)


@pytest.mark.parametrize(
    ("name", "original", "adjusted", "reason"),
    [
        *(("讲座场次", "≥10场", adjusted, "amended") for adjusted in ("增加5场", "减少5场", "+5场", "-5", "增长5%", "上调5场")),
        *(("讲座场次", "≥10场", adjusted, None) for adjusted in ("15场", "≥5场", "增加到15场", "5")),
        ("旅游收入增长率", "≥5%", "增长4%", None),
        ("万元产值能耗", "下降5%", "下降4%", None),
        ("讲座场次", "", "减少5场", None),
    ],
)
def test_an_adjusted_target_is_the_target_that_holds_and_no_change(name: str, original: str, adjusted: str, reason: str | None) -> None:
    pair = read_pair(adjusted, "6", name=name, original=original)
    found = [dict(problem.details).get("reason") for problem in pair.problems if problem.code == "target-not-understood"]
    assert found == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("target", "unit", "actual", "problem"),
    [
        ("≤50", "万元", "48元", ("actual-ambiguous", "actual", "magnitude")),
        ("≤50万元", "", "48元", ("actual-ambiguous", "actual", "magnitude")),
        ("≤500000", "万元", "48万元", ("target-not-a-number", "target", "magnitude")),
        ("≤50", "万元", "48万元", None),
        ("≤50", "万元", "48", None),
        ("≤50", "", "比上年增加12万元", ("actual-ambiguous", "actual", "change")),
        ("≤50", "", "计划60万元，实际48万元", ("actual-not-understood", "actual", "unread“计划60万元”")),
    ],
)
def test_the_side_that_is_strange_is_the_one_that_is_named(target: str, unit: str, actual: str, problem: tuple[str, str, str] | None) -> None:
    problems = read_pair(target, actual, unit=unit, name="培训费用").problems
    said = [(found.code, found.side, "".join(str(value) for _, value in found.details)) for found in problems]
    assert said == ([problem] if problem else [])
