from __future__ import annotations

import math

import pytest
from building import indicator, points, scored, variant
from hypothesis import given, settings
from hypothesis import strategies as st


def one(scheme=None, **row) -> float | None:
    results = scored([indicator(**row)], scheme or variant())
    return points(results)[0]


@pytest.mark.parametrize(
    ("operator", "target", "actual", "expected"),
    [
        ("≥", "270场", "270场", 10),
        ("≥", "270场", "271场", 10),
        ("≥", "270场", "269场", 9.96),
        ("≥", "270场", "0", 0),
        ("≥", "270场", "-5", 0),
        ("≥", "270场", None, None),
        ("≥", "40万", "38万", 9.5),
        (">", "10场", "10场", 10),
        (">", "10场", "9场", 9),
        ("≤", "10场", "10场", 10),
        ("≤", "10场", "12场", 8.33),
        ("≤", "10场", "20场", 5),
        ("<", "10场", "10场", 10),
        ("<", "10场", "9场", 10),
        ("=", "10场", "10场", 10),
        ("=", "10场", "9场", 9),
        ("=", "10场", "11场", 10),
        ("=", "0", "0", 10),
        ("=", "0", "3", 0),
        ("≥", "0", "-1", 0),
        ("≥", "0", "0", 10),
        ("≤", "0", "2", 0),
        ("≤", "0", "0", 10),
    ],
)
def test_national_rule_gives_the_points_of_the_contract(operator, target, actual, expected):
    assert one(operator=operator, target=target, actual=actual) == expected


def test_equal_on_a_cost_row_is_mirrored():
    row = {"level2": "成本指标", "level3": "采购成本", "operator": "=", "unit": "万元", "target": "10万元"}
    assert [one(**row, actual=a) for a in ("8万元", "10万元", "12.5万元")] == [10, 10, 8]


@pytest.mark.parametrize(("actual", "expected"), [("90", 10), ("95", 10), ("100", 10), ("45", 5), ("125", 8), (None, None)])
def test_range_inside_is_full_and_outside_the_ratio_to_the_nearer_bound(actual, expected):
    assert one(target="90~100", actual=actual) == expected


@pytest.mark.parametrize(
    ("target", "actual", "expected"),
    [("≥90%", "95%以上", 10), ("≥98%", "95%以上", None), ("≤1%", "小于1%", 10), ("<1%", "小于1%", 10), ("≥360", "≥360", 10), ("≥60", "约60", None)],
)
def test_a_bound_counts_only_where_it_proves_the_target(target, actual, expected):
    assert one(operator=None, target=target, actual=actual, unit=None) == expected


@pytest.mark.parametrize(
    ("tables", "row", "expected"),
    [
        ({"reverse": {"shortfall": "linear"}}, {"operator": "≤", "target": "10", "actual": "12"}, 8),
        ({"reverse": {"shortfall": "linear"}}, {"operator": "≤", "target": "10", "actual": "20"}, 0),
        ({"reverse": {"shortfall": "manual"}}, {"operator": "≤", "target": "10", "actual": "12"}, None),
        ({"reverse": {"shortfall": "manual"}}, {"operator": "≤", "target": "10", "actual": "10"}, 10),
        ({"quantitative": {"equal": "manual"}}, {"operator": "=", "target": "10", "actual": "11"}, None),
        ({"quantitative": {"pass_threshold": 0.6}}, {"target": "10", "actual": "5.9"}, 0),
        ({"quantitative": {"pass_threshold": 0.6}}, {"target": "10", "actual": "6"}, 6),
        ({"quantitative": {"over_completion": "minus", "over_minus": 2}}, {"target": "10", "actual": "13"}, 8),
        ({"quantitative": {"over_completion": "minus", "over_minus": 2}}, {"target": "10", "actual": "12.9"}, 10),
        ({"quantitative": {"not_positive_target": "linear"}}, {"target": "-10", "actual": "-12"}, 8),
        ({"quantitative": {"missing_actual": "zero"}}, {"target": "10", "actual": None}, 0),
        ({"rounding": {"mode": "truncate"}}, {"target": "270", "actual": "269.9"}, 9.99),
    ],
)
def test_each_axis_of_a_scheme_changes_the_points(tables, row, expected):
    assert one(variant(**tables), **row) == expected


def test_steps_and_ladder_take_the_highest_step_reached():
    from perfxl.schemes import ShareStep

    steps = (ShareStep(at_least=0.8, share=0.8), ShareStep(at_least=0.6, share=0.5))
    stepped = variant(quantitative={"shortfall": "steps", "steps": steps})
    assert [one(stepped, target="10", actual=a) for a in ("10", "8", "7.9", "5.9")] == [10, 8, 5, 0]
    ladder = variant(quantitative={"over_completion": "ladder", "over_steps": (ShareStep(at_least=2, share=0.8), ShareStep(at_least=1.3, share=0.9))})
    assert [one(ladder, target="10", actual=a) for a in ("12", "13", "20")] == [10, 9, 8]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("≥>≤<="), st.integers(0, 500), st.integers(-50, 900), st.integers(1, 30)), min_size=1, max_size=12))
def test_points_stay_between_zero_and_the_weight_and_do_not_depend_on_order(rows):
    made = [indicator(level3=f"活动{i}", operator=o, target=str(t), actual=str(a), weight=w) for i, (o, t, a, w) in enumerate(rows)]
    forward, backward = points(scored(made)), points(scored(made[::-1]))
    assert forward == backward[::-1]
    assert all(p is None or 0 <= p <= w for p, (_, _, _, w) in zip(forward, rows, strict=True))


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_more_is_never_worse_where_more_is_better(target, one_actual, other_actual):
    low, high = sorted((one_actual, other_actual))
    got = points(scored([indicator(level3="甲活动", target=str(target), actual=str(a)) for a in (low, high)]))
    assert None in got or got[0] <= got[1]


def test_explanation_shows_arithmetic_and_source():
    from perfxl.scoring.document import score_document

    document = score_document(scored([indicator(target="214人", actual="203人", unit="人", weight=2)]), 0)
    row = document["indicators"][0]
    assert row["explanation"] == "指标值≥214人，实际完成203人，完成率94.86%；得分=2×203÷214=1.9分（参照财预〔2020〕10号）"
    assert math.isclose(row["completion"], 0.948598)
