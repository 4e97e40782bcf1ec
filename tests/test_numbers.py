"""Numbers typed into numeric columns: what is a number, and what only looks like one."""

from __future__ import annotations

import math

import pytest
from building import scored
from scored_cases import submission

from perfxl.rules.frames import build_frames, records
from perfxl.rules.typed import money_of, number_of


@pytest.mark.parametrize(("typed", "number"), [
    ("5", 5), ("５", 5), (" 5 ", 5), ("5分", 5), ("1,234.5", 1234.5), ("1，234", 1234), ("-3", -3), ("+3", 3), ("5.", 5), (".5", 0.5), ("1e3", 1000),
    ("95%", 0.95), ("９５％", 0.95), (5, 5), (0.1, 0.1), ("999999999999999", 999999999999999),
])  # fmt: skip
def test_what_is_a_number(typed, number):
    assert number_of(typed) == number


@pytest.mark.parametrize("typed", [
    "", "5*3", "2**999", "1_000", "100 200", "10²", "①", "½", "1.2.3", "1,23", "--5", "e5", ".", "+", "1e", "0x10", "nan", "inf", "Infinity", "٣", "五", "5~6",
    "9" * 400, "9" * 16, "1e308", "1e15", 1e15, -1e308, 10**400, True, None,
])  # fmt: skip
def test_what_is_none(typed):
    assert math.isnan(number_of(typed))


def test_amounts_are_read_as_strictly():
    assert [money_of(v, 1) for v in ("640.84万元", "1,234.50", "2亿元", "100元", 5)] == [640.84, 1234.5, 20000, 0.01, 5]
    assert all(math.isnan(money_of(v, 0.0001)) for v in ("2**999", "1 2", "5*3万元", "9" * 30, "1e300亿元", 1e300, 10**400, float("1e15")))


def test_absurd_points_and_amounts_are_named_and_never_become_a_score():
    rows = [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "level3": "场数",
            "operator": "≥",
            "unit": "场",
            "target": "5场",
            "actual": "5场",
            "weight": 1e308,
        }
    ]
    results = scored(rows, budget=[{"kind": "按来源", "item": "当年财政拨款", "full_year": 100, "executed": "1e308"}])
    codes = {issue.code for issue in results.issues}
    assert {"weight-not-a-number", "budget-not-a-number"} <= codes
    assert results.totals[["total", "low"]].values.tolist() == [[0, 0]]
    assert math.isfinite(results.totals.loc[0, "high"])


def test_points_claimed_in_per_cent_are_no_points_and_other_fields_are_numbers():
    fields = {"name": "甲馆", "claimed_total": "8%", "posts": "8%", "submission_count": "第2次"}
    (unit,) = records(build_frames([submission(0, fields)]).unit)
    assert math.isnan(unit["claimed_total_value"])
    assert (unit["posts_value"], unit["submission_count_value"]) == (0.08, 2)
