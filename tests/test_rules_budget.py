from __future__ import annotations

import math

import pytest
from building import scored, variant

from perfxl.rules.budget import rate_share
from perfxl.rules.expression import C
from perfxl.schemes import load_scheme
from perfxl.scoring.document import score_document

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
