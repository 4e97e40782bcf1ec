from __future__ import annotations

import math

import pytest
from building import indicator, points, scored, variant
from hypothesis import given
from hypothesis import strategies as st
from often import often


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


@pytest.mark.parametrize(
    ("row", "completions"),
    [
        ({"operator": "≥", "target": "20场"}, {"15场": 0.75, "20场": 1, "25场": 1.25, "0": 0, None: None}),
        ({"operator": "≥", "target": "0"}, {"5": None, "0": None}),
        ({"operator": "≤", "target": "10场"}, {"20场": 0.5, "8场": 1.25, "0": None}),
        ({"operator": "<", "target": "10场"}, {"20场": 0.5, "8场": 1.25}),
        ({"operator": "=", "target": "10场"}, {"9场": 0.9, "10场": 1, "11场": 1.1}),
        (
            {"operator": "=", "target": "10万元", "unit": "万元", "level2": "成本指标", "level3": "采购成本"},
            {"8万元": 1.25, "10万元": 1, "12.5万元": 0.8},
        ),
        ({"target": "90~100场"}, {"45场": 0.5, "90场": 1, "95场": 1, "100场": 1, "125场": 0.8}),
    ],
)
def test_completion_is_the_share_of_what_was_wanted(row, completions):
    found = scored([indicator(**row, actual=actual) for actual in completions]).frames.indicators["completion"].tolist()
    assert [None if math.isnan(share) else share for share in found] == list(completions.values())


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


def test_zero_on_a_lower_is_better_row_is_met_by_zero_only():
    row = {"level2": "成本指标", "level3": "采购成本", "operator": "=", "unit": "万元", "target": "0万元"}
    assert [one(**row, actual=a) for a in ("0万元", "-1万元", "1万元")] == [10, 0, 0]


@pytest.mark.parametrize(("actual", "expected"), [("95%", 10), ("94%", 9.89), ("96%", 9.9)])
def test_a_range_of_one_point_is_met_by_that_point(actual, expected):
    assert one(target="95%-95%", actual=actual, unit="%") == expected


@pytest.mark.parametrize(
    ("target", "actual", "expected"),
    [("1亿2000万元", "1.2亿元", 10), ("12亿3456万元", "123456万元", 10), ("3亿0500万元", "30500万元", 10), ("2亿元", "1亿5000万元", 7.5)],
)
def test_digits_before_and_behind_the_larger_unit_make_one_number(target, actual, expected):
    assert one(target=target, actual=actual, unit="元", level3="争取资金") == expected


@pytest.mark.parametrize("weight", [0, -5, None])
def test_a_row_without_points_of_its_own_is_not_scored(weight):
    results = scored([indicator(target="10", actual="10", weight=weight)])
    assert (points(results), results.frames.indicators["status"].tolist()) == ([None], ["unscorable"])


PER_STEP = {"shortfall": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}


@pytest.mark.parametrize(
    ("actual", "expected"),
    [("100", 10), ("95.01", 10), ("95", 8), ("92.8", 8), ("90", 6), ("75", 0), ("10", 0), ("-5", 0), ("120", 10), (None, None)],
)
def test_a_shortfall_costs_points_per_whole_step_down_to_zero(actual, expected):
    assert one(variant(quantitative=PER_STEP), target="100", actual=actual) == expected


@pytest.mark.parametrize(("actual", "expected"), [("100", 10), ("104.99", 10), ("105", 8), ("110", 6), ("300", 0)])
def test_an_excess_costs_points_per_whole_step_down_to_zero(actual, expected):
    assert one(variant(reverse=PER_STEP), operator="≤", target="100", actual=actual) == expected


def test_a_bound_can_leave_its_own_value_out():
    from perfxl.schemes import ShareStep

    steps = (ShareStep(above=0.9, share=0.9), ShareStep(at_least=0.9, share=0.8), ShareStep(above=0.5, share=0.4))
    scheme = variant(quantitative={"shortfall": "steps", "steps": steps})
    assert [one(scheme, target="100", actual=a) for a in ("90.1", "90", "89.9", "50.1", "50")] == [9, 8, 4, 4, 0]


def test_left_to_a_person_beyond_the_limit_wherever_less_is_better():
    scheme = variant(reverse={"shortfall": "manual"})
    mirrored = {"level2": "成本指标", "level3": "采购成本", "operator": "=", "unit": "万元", "target": "10万元"}
    assert [one(scheme, **mirrored, actual=a) for a in ("9万元", "10万元", "11万元")] == [10, 10, None]
    assert [one(scheme, target="90~100", actual=a) for a in ("45", "95", "125")] == [5, 10, None]


@often(30)
@given(st.lists(st.tuples(st.sampled_from("≥>≤<="), st.integers(0, 500), st.integers(-50, 900), st.integers(1, 30)), min_size=1, max_size=12))
def test_points_stay_between_zero_and_the_weight_and_do_not_depend_on_order(rows):
    made = [indicator(level3=f"活动{i}", operator=o, target=str(t), actual=str(a), weight=w) for i, (o, t, a, w) in enumerate(rows)]
    forward, backward = points(scored(made)), points(scored(made[::-1]))
    assert forward == backward[::-1]
    assert all(p is None or 0 <= p <= w for p, (_, _, _, w) in zip(forward, rows, strict=True))


@often(20)
@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_more_is_never_worse_where_more_is_better(target, one_actual, other_actual):
    low, high = sorted((one_actual, other_actual))
    got = points(scored([indicator(level3="甲活动", target=str(target), actual=str(a)) for a in (low, high)]))
    assert None in got or got[0] <= got[1]


@pytest.mark.parametrize(
    ("tables", "row", "sentence"),
    [
        (
            {"quantitative": {"pass_threshold": 0.6666666}},
            {"target": "300场", "actual": "100场", "weight": 40},
            "指标值≥300场，实际完成100场，完成率33.33%；低于66.66666%，按方案得0分（参照财预〔2020〕10号）",
        ),
        ({"rounding": {"mode": "truncate"}}, {"target": "270场", "actual": "269.9场"}, "得分=10×269.9÷270=9.99分（参照财预〔2020〕10号）"),
        ({"rounding": {"decimals": 4}}, {"target": "270场", "actual": "269.9场"}, "得分=10×269.9÷270=9.9963分（参照财预〔2020〕10号）"),
        ({"rounding": {"mode": "truncate", "decimals": 1}}, {"target": "10场", "actual": "10场", "weight": 2.55}, "达到指标，得满分2.55分"),
        ({"quantitative": PER_STEP}, {"target": "100场", "actual": "92.8场"}, "完成率92.8%；每低5%扣2分（不满一档不扣），得8分"),
        ({"reverse": PER_STEP}, {"operator": "≤", "target": "100场", "actual": "112场"}, "超出指标值，每超出5%扣2分（不满一档不扣），得6分"),
        ({"quantitative": {"over_completion": "minus", "over_minus": 2}}, {"target": "10场", "actual": "13场"}, "超额完成按方案扣减，得8分"),
        ({}, {"target": "90~100场", "actual": "125场"}, "指标值90~100场，实际完成125场，折算比率80%；得分=10×100÷125=8分"),
        ({}, {"operator": "≥", "target": "0", "actual": "-1", "unit": None}, "没有达到，指标值或完成值不是正数，得0分"),
    ],
)
def test_a_sentence_says_what_the_scheme_does_with_all_digits(tables, row, sentence):
    from perfxl.scoring.document import score_document

    results = scored([indicator(**row)], variant(**tables))
    assert sentence in score_document(results, 0)["indicators"][0]["explanation"]


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ({"target": "10", "actual": "9"}, "quantitative"),
        ({"operator": "≤", "target": "10", "actual": "12"}, "reverse"),
        ({"operator": "=", "target": "10", "actual": "9"}, "quantitative"),
        ({"operator": "=", "target": "10", "actual": "12", "level2": "成本指标", "level3": "采购成本"}, "reverse"),
        ({"target": "90~100", "actual": "125"}, "reverse"),
        ({"target": "90~100", "actual": "45"}, "quantitative"),
    ],
)
def test_a_rule_knows_the_source_of_what_decided_the_row(row, source):
    from perfxl.scoring.document import score_document

    results = scored([indicator(**row)])
    scheme = results.scheme
    said = scheme.sources[getattr(scheme, source).source_of("shortfall")]
    assert score_document(results, 0)["indicators"][0]["source"] == f"{said.title}：{said.place}"


def test_explanation_shows_arithmetic_and_source():
    from perfxl.scoring.document import score_document

    document = score_document(scored([indicator(target="214人", actual="203人", unit="人", weight=2)]), 0)
    row = document["indicators"][0]
    assert row["explanation"] == "指标值≥214人，实际完成203人，完成率94.86%；得分=2×203÷214=1.9分（参照财预〔2020〕10号）"
    assert math.isclose(row["completion"], 0.948598)
