from __future__ import annotations

import math
from io import BytesIO

import pytest
from building import scored, variant
from openpyxl import load_workbook

from perfxl.rules.budget import rate_share
from perfxl.rules.expression import C
from perfxl.schemes import Tier, load_scheme
from perfxl.scoring.document import score_document
from perfxl.workbook.scored import SourceInfo, scored_bytes

TOTAL = {"kind": "合计", "item": "年度资金总额"}


def source(full_year=None, executed=None, item="当年财政拨款"):
    return {"kind": "按来源", "item": item, "full_year": full_year, "executed": executed}


def by_type(full_year=None, executed=None, item="基本支出"):
    return {"kind": "按支出类型", "item": item, "full_year": full_year, "executed": executed}


def execution(budget, scheme="national-2020", unit=None):
    return scored(budget=budget, scheme=scheme, unit=unit).execution.loc[0]


def test_the_seed_libraries_money_gives_its_rates_and_score():
    row = execution([TOTAL, source(640.84, 555.83), source(0.92, 0.92, "其他资金"), by_type(641.76, 556.75)])
    assert (row["full_year"], row["executed"], row["score"], row["basis"]) == (641.76, 556.75, 8.68, "按来源")
    assert round(row["rate"], 6) == 0.867536
    assert math.isnan(row["source_type_gap"])


@pytest.mark.parametrize(("full_year", "executed", "rate"), [(0.0001, 0.0001, 1), (0.5, 0.4, 0.8), (1, 0.8, 0.8), (100, 80, 0.8)])
def test_any_budget_above_nothing_has_a_rate(full_year, executed, rate):
    row = execution([TOTAL, source(full_year, executed)])
    assert (row["rate"], row["score"]) == (rate, 10 * rate)


@pytest.mark.parametrize(
    ("budget", "basis", "full_year"),
    [
        ([TOTAL, source(10, 5), by_type(99, 9)], "按来源", 10),
        ([TOTAL, source(10, None), by_type(20, 9)], "按支出类型", 20),
        ([{**TOTAL, "full_year": 30, "executed": 3}], "合计", 30),
        ([TOTAL, source(10, 5), source(7, 7, "捐赠收入")], "按来源", 17),
        ([TOTAL, source(10, 5), {"kind": "其中", "item": "一般公共预算拨款", "full_year": 8, "executed": 4}], "按来源", 10),
    ],
)
def test_the_line_is_sources_else_types_else_the_typed_total(budget, basis, full_year):
    row = execution(budget)
    assert (row["basis"], row["full_year"]) == (basis, full_year)


@pytest.mark.parametrize(
    ("full_year", "executed", "expected"),
    [
        (100, 100, 10),
        (100, 0, 0),
        (100, 120, 10),
        (0, 0, None),
        (None, 5, None),
        (100, None, None),
        (100, -1, None),
        (-100, 50, None),
        (None, None, None),
    ],
)
def test_linear_execution_points(full_year, executed, expected):
    score = execution([TOTAL, source(full_year, executed)])["score"]
    assert (None if math.isnan(score) else score) == expected


def test_a_line_with_one_number_only_makes_the_total_unknown_never_zero():
    row = execution([TOTAL, source(100, 90), source(50, None, "其他资金")])
    assert math.isnan(row["score"])
    assert (row["low"], row["high"]) == (0, 10)


def test_sources_and_types_that_disagree_span_both_scores():
    row = execution([TOTAL, source(100, 90), by_type(100, 80)])
    assert (row["score"], row["low"], row["high"], row["source_type_gap"]) == (9, 8, 9, 10)


def test_a_typed_total_that_disagrees_spans_both_scores():
    row = execution([{**TOTAL, "full_year": 100, "executed": 95}, source(100, 90)])
    assert (row["score"], row["low"], row["high"], row["total_gap"]) == (9, 9, 9.5, 5)


def test_the_tolerance_grows_with_the_lines():
    row = execution([TOTAL, source(100, 90), source(1, 1, "其他资金"), by_type(101.02, 91.0)])
    assert math.isnan(row["source_type_gap"])
    row = execution([TOTAL, source(100, 90), source(1, 1, "其他资金"), by_type(101.03, 91.0)])
    assert row["source_type_gap"] == 0.03


@pytest.mark.parametrize(("rate", "expected"), [(1, 10), (0.99995, 10), (0.99994, 7), (0.8, 7), (0.7999, 5), (0.6, 5), (0.5999, 0), (1.2, 10)])
def test_jiangxi_tiers_on_the_rate_rounded_to_two_decimals(rate, expected):
    assert round(rate_share(C("rate"), load_scheme("jiangxi")).number(rate=rate) * 10, 9) == expected


@pytest.mark.parametrize(
    ("tables", "money", "expected"),
    [
        ({"over_full": "zero"}, (100, 101), 0),
        ({"over_full": "refuse"}, (100, 101), None),
        ({"zero_budget": "zero"}, (0, 0), 0),
        ({"zero_budget": "full-if-unspent"}, (0, 0), 10),
        ({"zero_budget": "full-if-unspent"}, (0, 3), 0),
        ({"mode": "deduct", "deduct_per_point": 0.5}, (100, 95), 7.5),
        ({"mode": "deduct", "deduct_per_point": 0.5}, (100, 50), 0),
        ({"rate_decimals": 0}, (3, 2), 6.7),
        ({"mode": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}, (100, 92.8), 8),
        ({"mode": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}, (100, 95.01), 10),
        ({"mode": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}, (100, 95), 8),
        ({"mode": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}, (100, 10), 0),
        ({"mode": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}, (100, 130), 10),
        ({"mode": "tiers", "tiers": (Tier(above=0.9, points=10), Tier(at_least=0.9, points=8), Tier(at_least=0, points=1))}, (100, 90), 8),
        ({"mode": "tiers", "tiers": (Tier(above=0.9, points=10), Tier(at_least=0.9, points=8), Tier(at_least=0, points=1))}, (100, 90.01), 10),
        ({"mode": "tiers", "tiers": (Tier(above=0.9, points=10), Tier(at_least=0.9, points=8), Tier(at_least=0, points=1))}, (100, 89.99), 1),
    ],
)
def test_each_axis_of_a_scheme_changes_the_execution_points(tables, money, expected):
    score = execution([TOTAL, source(*money)], variant(budget=tables))["score"]
    assert (None if math.isnan(score) else score) == expected


def test_initial_budget_as_the_base():
    scheme = variant(budget={"base": "initial"})
    assert execution([TOTAL, {**source(100, 90), "initial": 180}], scheme)["score"] == 5


def test_hubei_counts_twenty_points():
    assert execution([{**TOTAL, "weight": 20}, source(641.76, 556.75)], "hubei")["score"] == 17.35


@pytest.mark.parametrize(
    ("unit", "typed"), [("万元", 640.84), ("元", 6408400), ("元", "640.84万元"), ("万元", "6,408,400元"), (None, "６４０．８４")]
)
def test_money_is_wan_yuan_whatever_the_sheet_or_the_cell_says(unit, typed):
    row = execution([TOTAL, source(typed, typed)], unit={"money_unit": unit})
    assert (row["full_year"], row["score"]) == (640.84, 10)


def test_explanation_is_the_sentence_of_the_contract():
    results = scored(budget=[TOTAL, source(640.84, 555.83), source(0.92, 0.92, "其他资金")])
    assert score_document(results, 0)["budget"]["explanation"] == (
        "全年预算641.76万元，执行556.75万元，执行率86.75%；得分=10×556.75÷641.76=8.68分（参照财预〔2020〕10号）"
    )


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ({}, "得分=10×91.2÷99=9.21分"),
        ({"rate_decimals": 2}, "得分=10×92.12%=9.21分"),
        ({"mode": "deduct", "deduct_per_point": 0.5}, "每低1个百分点扣0.5分，得6.06分"),
        ({"mode": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}, "每低5%扣2分（不满一档不扣），得8分"),
    ],
)
def test_each_way_of_scoring_execution_has_its_sentence(mode, said):
    results = scored(scheme=variant(budget=mode), budget=[TOTAL, source(99, 91.2)])
    assert score_document(results, 0)["budget"]["explanation"] == f"全年预算99万元，执行91.2万元，执行率92.12%；{said}（参照财预〔2020〕10号）"


@pytest.mark.parametrize(
    ("tables", "line", "sentence"),
    [
        ({}, (None, None), "无法评分：没有可以计算执行率的全年预算数和执行数；改正后可得0～10分"),
        ({}, (100, None), "无法评分：没有可以计算执行率的全年预算数和执行数；改正后可得0～10分"),
        ({}, (0, 5), "全年预算0万元，执行5万元，执行率无法评分"),
        ({"zero_budget": "zero"}, (0, 0), "全年预算0万元，执行0万元；预算为0，按方案得0分"),
        ({"over_full": "zero"}, (100, 120), "全年预算100万元，执行120万元，执行率120%；超过100%，按方案得0分"),
        ({"rate_decimals": 0}, (3, 2), "全年预算3万元，执行2万元，执行率66.67%；得分=10×67%=6.7分"),
        ({"mode": "deduct", "deduct_per_point": 0.3333333}, (100, 95), "执行率95%；每低1个百分点扣0.3333333分，得8.33分"),
        ({"mode": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}, (100, 92.8), "执行率92.8%；每低5%扣2分（不满一档不扣），得8分"),
    ],
)
def test_the_execution_sentence_is_one_in_document_and_workbook(tables, line, sentence):
    results = scored(budget=[TOTAL, source(*line)], scheme=variant(budget=tables))
    said = score_document(results, 0)["budget"]["explanation"]
    assert said.startswith(sentence) or sentence in said
    sheet = load_workbook(BytesIO(scored_bytes(results, 0, source=SourceInfo("示例.xlsx", "0" * 64))), data_only=True)["预算执行"]
    assert said in [cell.value for row in sheet.iter_rows() for cell in row]


def test_a_half_filled_line_is_named_in_the_sentence():
    results = scored(budget=[TOTAL, source(100, 90), source(50, None, "其他资金")])
    assert score_document(results, 0)["budget"]["explanation"] == "全年预算150万元，执行90万元，执行率无法评分（有的行缺数、读不出或资金类别不明）"


@pytest.mark.parametrize("kind", ["债券资金", ""])
def test_a_line_of_unknown_kind_leaves_execution_open(kind):
    line = {"kind": kind, "item": "专项债", "full_year": 50, "executed": 10}
    execution = scored(budget=[TOTAL, source(100, 95), line]).execution.iloc[0]
    assert (math.isnan(execution["score"]), execution["low"], execution["high"]) == (True, 0, 10)
    noted = scored(budget=[TOTAL, source(100, 95), {"kind": kind, "item": "注", "full_year": None, "executed": None}]).execution.iloc[0]
    assert noted["score"] == 9.5
