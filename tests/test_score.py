from __future__ import annotations

import math

import pytest
from building import BUDGET_ROWS, indicator, points, replace_tables, scored, scored_all, submission, variant
from msgspec import structs
from scored_cases import random_submission, scheme_variants

from perfxl.model.rounding import round_one, round_points
from perfxl.rules.frames import build_frames, records
from perfxl.rules.totals import OPEN_GRADE, grade_of
from perfxl.schemes import Cap, TotalCaps, load_scheme
from perfxl.scoring.document import score_document
from perfxl.scoring.explain import EXPLAINED, row_explanation
from perfxl.scoring.score import score


def full_set(**changed):
    """50 / 30 / 10 in four rows, all met; `changed` replaces values of the first row."""
    return [
        indicator(**{"level3": "接待读者人次", "target": "40万人次", "actual": "41万人次", "unit": "人次", "weight": 30, **changed}),
        indicator(level3="举办讲座", target="20", actual="20", weight=20),
        indicator(level1="效益指标", level2="社会效益", level3="读者到馆增长率", target="5%", actual="6%", unit="%", weight=30),
        indicator(level1="满意度指标", level2="服务对象满意度", level3="读者满意度", target="95%", actual="96%", unit="%", weight=10),
    ]


def total(results, name="total"):
    return float(results.totals.loc[0, name])


def test_a_whole_form_adds_up_and_is_graded():
    results = scored(full_set())
    assert (total(results), total(results, "low"), total(results, "high")) == (99.5, 99.5, 99.5)
    assert results.totals.loc[0, "grade"] == "优"
    assert results.levels[["block", "weight", "score"]].values.tolist() == [["产出指标", 50, 50], ["效益指标", 30, 30], ["满意度指标", 10, 10]]


def test_a_missing_actual_is_never_zero_and_spans_the_total():
    results = scored(full_set(actual=None))
    assert (total(results), total(results, "low"), total(results, "high")) == (69.5, 69.5, 99.5)
    assert results.totals.loc[0, ["provisional", "grade", "grade_low", "grade_high"]].tolist() == [True, None, "中", "优"]
    assert results.frames.indicators["status"].tolist()[0] == "missing"


def test_not_applicable_with_a_reason_rescales_the_rest():
    rows = full_set()
    rows[1] = indicator(level3="举办讲座", target="20", tier="不适用", reason="讲座厅全年维修，主管部门已批准取消", weight=20)
    results = scored(rows)
    assert results.frames.indicators["status"].tolist()[1] == "not_applicable"
    assert (total(results, "rescale"), total(results)) == (1.25, 99.38)


def test_not_applicable_without_a_reason_is_missing():
    rows = full_set()
    rows[1] = indicator(level3="举办讲座", target="20", tier="不适用", weight=20)
    results = scored(rows)
    assert results.frames.indicators["status"].tolist()[1] == "missing"
    assert (total(results), total(results, "high")) == (79.5, 99.5)


def test_the_divisor_of_rescaling_keeps_its_decimals_and_negative_points_drop_nothing():
    rows = full_set()
    rows[1] = indicator(level3="举办讲座", target="20", actual="20", weight=12.5)
    rows.append(indicator(level3="流动展览", target="2", tier="不适用", reason="厅馆维修", weight=7.5))
    assert (total(scored(rows), "rescale"), total(scored(rows))) == (100 / 92.5, 99.46)
    rows[-1] = indicator(level3="流动展览", target="2", tier="不适用", reason="厅馆维修", weight=-7.5)
    assert (total(scored(rows), "rescale"), total(scored(rows), "dropped")) == (1, 0)


@pytest.mark.parametrize(("weight", "factor"), [(99.5, 200), (100, 1), (120, 1)])
def test_rescaling_needs_something_that_applies(weight, factor):
    rows = [indicator(level3="流动展览", target="2", tier="不适用", reason="厅馆维修", weight=weight)]
    assert total(scored(rows), "rescale") == factor


@pytest.mark.parametrize(
    ("weights", "span"),
    [
        ((30, 14, 30, 10), (93.5, 93.5, 99.5)),  # 94 of 100: six points that no row carries
        ((30, None, 30, 10), (79.5, 79.5, 99.5)),  # a row without points carries at most what is left
        ((30, 20, 30, 9.5), (99, 99, 99.5)),
        ((30, 32, 30, 10), (111.5, 99.5, 100)),  # 112 of 100: twelve points too many
        ((30, 20, 30, 10), (99.5, 99.5, 99.5)),
    ],
)
def test_points_that_do_not_add_up_leave_the_span_open_and_give_no_grade(weights, span):
    rows = full_set()
    for row, weight in zip(rows, weights, strict=True):
        row["weight"] = weight
    results = scored(rows)
    whole = weights == (30, 20, 30, 10)
    assert (total(results), total(results, "low"), total(results, "high")) == span
    document = score_document(results, 0)
    assert (document["grade"], document["grade_span"]) == (("优", ["优", "优"]) if whole else (None, None))
    assert document["next_grade"] is None
    assert (results.totals.loc[0, "grade_words"] == OPEN_GRADE) is not whole


def test_two_rows_without_points_share_what_execution_and_the_others_leave():
    rows = [*full_set(weight=None), indicator(level3="流动展览", target="2", actual="2", weight=None)]
    results = scored(rows)
    assert results.frames.indicators["high"].tolist() == [15, 20, 30, 10, 15]
    assert (total(results, "left"), total(results, "short"), total(results, "high")) == (15, 0, 99.5)


def test_points_that_no_row_carries_count_as_applying():
    rows = full_set()
    rows[1] = indicator(level3="举办讲座", target="20", tier="不适用", reason="厅馆维修", weight=14)
    results = scored(rows)
    assert (total(results, "rescale"), total(results), total(results, "high")) == (100 / 86, 92.44, 99.42)


CAPS = {"caps": (Cap(rate_below=0.8, at_most=89), Cap(rate_below=0.7, at_most=79))}


def test_an_unknown_rate_leaves_the_cap_open():
    results = scored(full_set(), variant(total_caps=CAPS), budget=[BUDGET_ROWS[0]])
    assert (total(results), total(results, "low"), total(results, "high")) == (90, 79, 100)


def test_two_rates_that_disagree_span_their_caps():
    lines = [("按来源", 85), ("按支出类型", 75)]
    budget = [BUDGET_ROWS[0], *({"kind": k, "item": "资金", "full_year": 100, "executed": e} for k, e in lines)]
    results = scored(full_set(), variant(total_caps=CAPS), budget=budget)
    assert (total(results), total(results, "low"), total(results, "high")) == (98.5, 89, 98.5)


@pytest.mark.parametrize(
    ("value", "expected"), [(-0.125, -0.13), (0.125, 0.13), (2.675, 2.68), (-2.675, -2.68), (0.0, 0.0), (-0.0, 0.0), (1e7 + 0.125, 1e7 + 0.13)]
)
def test_rounding_keeps_the_sign_and_is_one_for_numbers_and_arrays(value, expected):
    assert (round_one(value), round_points([value]).tolist()) == (expected, [expected])
    assert str(round_one(value)) == str(expected)


@pytest.mark.parametrize(("value", "expected"), [(2.679, 2.67), (-2.679, -2.67), (2.67, 2.67)])
def test_cutting_is_one_for_numbers_and_arrays(value, expected):
    assert (round_one(value, 2, "truncate"), round_points([value], 2, "truncate").tolist()) == (expected, [expected])


@pytest.mark.parametrize(("policy", "expected"), [("rescale", 99.38), ("exclude", 79.5), ("zero", 79.5)])
def test_the_scheme_says_what_not_applicable_does_to_the_total(policy, expected):
    rows = full_set()
    rows[1] = indicator(level3="举办讲座", target="20", tier="不适用", reason="厅馆维修", weight=20)
    assert total(scored(rows, variant(not_applicable={"policy": policy}))) == expected


def test_the_total_is_capped_by_the_execution_rate_where_the_scheme_says_so():
    caps = TotalCaps(source="design", caps=(Cap(rate_below=0.8, at_most=89), Cap(rate_below=0.7, at_most=79)))
    scheme = replace_tables(load_scheme("national-2020"), total_caps={"caps": caps.caps})
    for executed, expected in ((80, 98), (79.99, 89), (70, 89), (69, 79)):
        budget = [BUDGET_ROWS[0], {"kind": "按来源", "item": "当年财政拨款", "full_year": 100, "executed": executed}]
        assert total(scored(full_set(), scheme, budget=budget)) == expected


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "优"), (90, "优"), (89.99, "良"), (80, "良"), (79.99, "中"), (60, "中"), (59.99, "差"), (0, "差")]
)
def test_grade_bands_include_their_lower_bound(score, grade):
    assert grade_of(score, load_scheme("national-2020")) == grade


def test_exclusive_grade_bounds_leave_the_gap_the_configuration_has():
    scheme = variant(grades={"lower_bound": "exclusive"})
    assert [grade_of(v, scheme) for v in (90.01, 90, 60, 0)] == ["优", "良", "差", None]


def test_many_submissions_score_as_each_alone():
    rows = [full_set(), full_set(actual=None), full_set(actual="38万人次"), []]
    together = scored_all([submission(r, number=n) for n, r in enumerate(rows)])
    for n, r in enumerate(rows):
        alone = scored_all([submission(r, number=n)])
        assert score_document(together, n) == score_document(alone, n)


def test_detail_total_and_execution_rows_are_not_scored():
    rows = [
        indicator(level3="种植面积", target="10亩", actual="10亩", unit="亩", weight=90),
        indicator(level3="其中桃树", target="1.5亩", actual="1.5亩", unit="亩", weight=None),
        indicator(level1="合计", level2=None, level3=None, target=None, actual=None, weight=90),
        indicator(level3="预算执行率", target="100%", actual="95%", unit="%", weight=10),
        indicator(level3="指标2：", operator=None, unit=None, weight=None),
    ]
    results = scored(rows)
    assert results.frames.indicators["role"].tolist() == ["indicator", "detail", "total", "execution"]
    assert points(results) == [90, None, None, None]


def test_levels_are_filled_from_the_second_level_and_from_above():
    rows = [indicator(level1=None, level2="社会效益指标"), indicator(level1=None, level2=None), indicator(level1="产出", level2="数量")]
    frame = scored(rows).frames.indicators
    assert frame[["level1", "level2"]].values.tolist() == [["效益指标", "社会效益"], ["效益指标", "社会效益"], ["产出指标", "数量指标"]]
    assert "index" not in frame


def test_cost_is_a_second_level_in_one_scheme_and_a_first_level_in_another():
    rows = [indicator(level1="成本指标", level2="经济成本", level3="采购成本", operator="≤", target="10万元", actual="10万元", unit="万元")]
    assert scored(rows).levels["block"].tolist() == ["产出指标"]
    assert scored(rows, "national-2021").levels["block"].tolist() == ["成本指标"]


def test_an_adjusted_target_replaces_the_target():
    assert points(scored([indicator(target="100场", actual="80场", adjusted_target="80场")])) == [10]


def test_management_indicators_are_computed_from_their_data():
    data = [
        {"item": "在职人员数", "actual": 26},
        {"item": "编制数", "actual": 25},
        {"item": "“三公经费”总额", "last_year": 2, "budgeted": 3, "actual": 2.4},
        {"item": "重点项目支出", "actual": 85},
        {"item": "项目支出", "actual": 100},
        {"item": "支出预算", "budgeted": 641.76, "actual": 556.75},
    ]
    rows = [
        indicator(level1="投入", level2="预算配置", level3="财政供养人员控制率", weight=5, operator=None, unit=None),
        indicator(level1="投入", level2="预算配置", level3="“三公经费”变动率", weight=5, operator=None, unit=None),
        indicator(level1="投入", level2="预算配置", level3="重点支出安排率", weight=5, operator=None, unit=None),
        indicator(level1="过程", level2="预算执行", level3="三公经费控制率", weight=6, operator=None, unit=None),
        indicator(level1="过程", level2="预算执行", level3="预算调整率", weight=3, operator=None, unit=None),
        indicator(
            level1="过程", level2="预算管理", level3="管理制度健全性", weight=3, operator="定性", unit=None, tier="达成", target="健全", actual="健全"
        ),
    ]
    results = scored(rows, "yueyang", management=data)
    assert points(results) == [3, 0, 4, 6, None, 3]
    assert results.frames.indicators["rule"].tolist() == ["ratio-of-data"] * 5 + ["qualitative"]
    explanation = score_document(results, 0)["indicators"][0]["explanation"]
    assert (
        explanation
        == "财政供养人员控制率=在职人员数（本年实际数）÷编制数（本年实际数）=104%；超过100%的，每1个百分点扣0.5分，得3分（参照岳阳评分表）"
    )


def test_management_indicators_and_checklists_cite_the_text_of_their_own():
    data = [{"item": "在职人员数", "actual": 25}, {"item": "编制数", "actual": 25}]
    checklist = {"operator": "定性", "unit": None, "tier": "达成", "target": "健全", "actual": "健全"}
    rows = [
        indicator(level1="投入", level2="预算配置", level3="在职人员控制率", weight=3, operator=None, unit=None),
        indicator(level1="过程", level2="预算管理", level3="管理制度健全性", weight=3, **checklist),
        indicator(level1="过程", level2="预算执行", level3="预算完成率", weight=2, operator=None, unit=None),
    ]
    document = score_document(scored(rows, "department-2013", management=data), 0)
    assert [row["status"] for row in document["indicators"]] == ["scored", "scored", "missing"]
    for row in document["indicators"]:
        assert "2020" not in f"{row['source']}{row['explanation']}"
        assert row["source"]


@pytest.mark.parametrize(
    ("direction", "values"),
    [("higher", [(1, 5), (0.9927, 5), (0.951, 5), (0.95, 3), (0.928, 3), (0.8, 0)]), ("lower", [(1, 5), (1.049, 5), (1.05, 3), (1.2, 0)])],
)
def test_a_management_indicator_can_lose_points_per_whole_step(direction, values):
    base = next(m for m in load_scheme("yueyang").management if m.name == "预算完成率")
    step = structs.replace(base, mode="deduct_per_step", direction=direction, line=1, deduct_step=0.05, deduct_points=2)
    scheme = structs.replace(load_scheme("yueyang"), management=(step,))
    row = indicator(level1="过程", level2="预算执行", level3="预算完成率", weight=5, operator=None, unit=None)
    for share, expected in values:
        results = scored([row], scheme, management=[{"item": "支出预算", "budgeted": 1000, "actual": share * 1000}])
        assert points(results) == [expected]
    assert "每5%扣2分（不满一档不扣）" in score_document(results, 0)["indicators"][0]["explanation"]


def test_an_empty_submission_scores_nothing_and_says_so():
    results = scored([], budget=[])
    assert (total(results), total(results, "low"), total(results, "high")) == (0, 0, 100)
    assert results.totals.loc[0, ["grade", "grade_low", "grade_high"]].tolist() == [None, None, None]
    assert math.isnan(results.execution.loc[0, "score"])


@pytest.mark.parametrize("scheme", scheme_variants().values(), ids=scheme_variants())
def test_an_explanation_looks_at_no_column_but_those_it_names(scheme):
    results = score(build_frames([random_submission(number, number) for number in range(12)]), scheme)
    rows = results.frames.indicators
    told = [row_explanation(row, results) for row in records(rows)]
    assert [row_explanation(row, results) for row in records(rows[list(EXPLAINED)])] == told
