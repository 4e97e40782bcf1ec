from __future__ import annotations

import pandas as pd
import pytest
from frames_of import NAN, indicators, units

from perfxl.consolidation.differences import in_order, indicator_differences, unit_differences
from perfxl.consolidation.shelf import LONG
from perfxl.schemes import load_scheme

SCHEME = load_scheme("national-2020")
SCHEMES = {"national-2020": SCHEME}


def category(**row: object) -> list[str]:
    return list(indicator_differences(indicators(row), SCHEME)["category"])


@pytest.mark.parametrize(
    ("weight", "claimed", "score", "expected"),
    [
        (10, 10, 10, []),
        (10, 10.02, 10, ["超出分值"]),
        (10, 9.99, 10, []),
        (10, 8.7, 8.68, ["取整"]),
        (10, 9, 8.68, ["取整"]),
        (10, 8.5, 8.68, ["取整"]),
        (10, 9, 8.5, ["取整"]),
        (10, 9, 8.49, ["其他"]),
        (10, 9.5, 10, ["达标扣分"]),
        (20, 18, 20, ["达标扣分"]),
        (10, 10, 8.62, ["未达标给满分"]),
        (5, 5, 4.84, ["取整"]),
        (10, 9.4, 8.62, ["其他"]),
        (10, 5, 5.7, ["其他"]),
        (5, 5.5, 5, ["超出分值"]),
    ],
)
def test_a_difference_of_an_indicator_has_one_kind(weight, claimed, score, expected):
    assert category(weight=float(weight), claimed_score=float(claimed), score=float(score)) == expected


@pytest.mark.parametrize(("claimed", "expected"), [(7.0, ["定性超档"]), (8.0, ["定性超档"]), (11.0, ["超出分值"])])
def test_a_claim_outside_its_tier_is_of_that_kind(claimed, expected):
    open_row = {"status": "unscorable", "tier_used": "部分达成", "score": NAN, "low": 6.0, "high": 8.0, "weight": 10.0}
    if claimed == 7.0:
        open_row |= {"tier_used": "达成", "low": 8.0, "high": 10.0}
    assert category(claimed_score=claimed, **open_row) == expected


def test_blank_claims_and_open_rows_are_no_differences():
    assert category(claimed_score=NAN) == []
    assert category(claimed_score=5.0, status="missing", score=NAN, low=0.0, high=10.0) == []


@pytest.mark.parametrize(("claimed", "score", "expected"), [(10.0, 8.04, "执行率算错"), (9.0, 8.62, "取整"), (11.0, 10.0, "超出分值")])
def test_the_execution_line_has_its_kinds(claimed, score, expected):
    found = unit_differences(units({"execution_claimed": claimed, "execution_score": score}), SCHEMES)
    assert list(found["category"]) == [expected]
    assert list(found["difference"]) == [round(claimed - score, 2)]


def test_totals_are_compared_only_where_final():
    table = units(
        {"claimed_total": 97.6, "total": 90.0}, {"claimed_total": 97.6, "total": 90.0, "provisional": True}, {"claimed_total": 90.0, "total": 90.4}
    )
    found = unit_differences(table, SCHEMES)
    assert list(zip(found["submission"], found["category"], strict=True)) == [(0, "其他"), (2, "取整")]


def test_rows_stand_in_the_order_of_the_workbook_whatever_the_order_they_come_in():
    table = units({"execution_claimed": 9.0, "execution_score": 8.0, "claimed_total": 95.0, "total": 90.0})
    rows = indicators({"sheet_row": 9, "claimed_score": 5.0}, {"sheet_row": 4, "claimed_score": 6.0})
    found = in_order(pd.concat([indicator_differences(rows, SCHEME), unit_differences(table, SCHEMES)]))
    assert list(found["what"]) == ["预算执行", "指标", "指标", "总分"]
    assert list(found["sheet_row"]) == [0, 4, 9, 0]
    pd.testing.assert_frame_equal(found, in_order(pd.concat([unit_differences(table, SCHEMES), indicator_differences(rows.iloc[::-1], SCHEME)])))


def test_nothing_to_compare_gives_the_columns():
    for found in (indicator_differences(indicators(), SCHEME), unit_differences(units({}), SCHEMES)):
        assert list(found.columns) == list(LONG["review"])
        assert found.empty
