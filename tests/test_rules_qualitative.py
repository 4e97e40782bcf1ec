from __future__ import annotations

import pytest
from building import indicator, points, scored, variant
from msgspec import structs

from perfxl.schemes import load_scheme

WORDS = {"operator": "定性", "target": "制度健全", "actual": "制度基本健全", "unit": None}


def row(**values):
    return indicator(**{**WORDS, **values})


@pytest.mark.parametrize(
    ("tier", "claimed", "expected"),
    [
        ("达成", None, 10),
        ("达成", 8, 8),
        ("达成", 10, 10),
        ("达成", 7.99, None),
        ("达成", 10.01, None),
        ("部分达成", None, 6),
        ("部分达成", 6, 6),
        ("部分达成", 7.99, 7.99),
        ("部分达成", 8, None),
        ("部分达成", 5.99, None),
        ("未达成", None, 0),
        ("未达成", 0, 0),
        ("未达成", 5.99, 5.99),
        ("未达成", 6, None),
        ("未达成", -1, None),
        ("达成年度指标", None, 10),
        ("部分达成年度指标并具有一定效果", None, 6),
        ("未达成年度指标且效果较差", None, 0),
        (None, None, None),
        (None, 9, None),
        ("不知道", 9, None),
    ],
)
def test_the_tier_decides_the_window_and_the_own_score_counts_inside_it(tier, claimed, expected):
    assert points(scored([row(tier=tier, claimed_score=claimed)])) == [expected]


def test_the_hubei_windows_meet_at_fifty_percent():
    got = points(scored([row(level3=f"制度{c}", tier="部分达成", claimed_score=c) for c in (5, 4.99, 7.99, 8)], "hubei"))
    assert got == [5, None, 7.99, None]


def test_default_shares_always_count_where_the_scheme_says_so():
    assert points(scored([row(tier="达成", claimed_score=3)], variant(qualitative={"score": "default"}))) == [10]


@pytest.mark.parametrize(
    ("target", "actual", "expected"),
    [
        ("制度健全", "制度健全", 10),
        ("制度健全", "已完成", 10),
        ("制度健全", "达到预期目标", 10),
        ("制度健全", "制度比较健全", None),
        ("制度健全", "基本完成", None),
        ("制度健全", "部分达成", None),
        ("制度未健全", "制度未健全", None),
        ("建成3项制度", "建成3项制度", None),
    ],
)
def test_a_tier_is_inferred_only_from_the_same_words_or_a_known_phrase(target, actual, expected):
    results = scored([row(target=target, actual=actual)])
    assert points(results) == [expected]
    assert results.totals.loc[0, "inferred"] == (expected or 0)


def test_a_score_outside_its_tier_leaves_the_window_open():
    results = scored([row(tier="部分达成", claimed_score=9.5)])
    assert results.frames.indicators.loc[0, ["low", "high"]].tolist() == [6, 8]


@pytest.mark.parametrize(
    ("target", "actual", "tier", "claimed", "expected"),
    [
        ("2020年12月底前", "2020年12月31日", None, None, 10),
        ("2020年12月底前", "2021年1月1日", None, None, None),
        ("2020年12月底前", "2021年1月1日", "部分达成", None, 6),
        ("2020年12月底前", "2021年1月1日", "未达成", 3, 3),
        ("2020年12月底前", "2021年1月1日", "达成", None, None),
        ("9月前", "9月30日", None, None, 10),
        ("9月前", "10月1日", None, None, None),
        ("2020年第四季度", "2020年11月", None, None, 10),
        ("2020-12-31", "2020年12月", None, None, 10),
        ("2020年11月底前", "2020年第四季度", None, None, None),
        ("2020年12月底前", None, None, None, None),
        ("2020年1月底前", "2020年1月31日", None, None, 10),
        ("2020年1月31日前", "2020年2月1日", None, None, None),
        ("2020年10月31日前", "2020-10-31", None, None, 10),
    ],
)
def test_a_deadline_is_met_by_its_last_day_and_later_the_tier_decides(target, actual, tier, claimed, expected):
    assert points(scored([row(operator="期限", target=target, actual=actual, tier=tier, claimed_score=claimed)])) == [expected]


@pytest.mark.parametrize(
    ("tier", "claimed", "span"),
    [("达成", None, [0, 8]), (None, None, [0, 8]), ("部分达成", 9, [6, 8]), ("未达成", 9, [0, 6]), ("部分达成", 7, [7, 7])],
)
def test_a_late_date_can_reach_no_more_than_the_second_window(tier, claimed, span):
    results = scored([row(operator="期限", target="2020年12月底前", actual="2021年1月5日", tier=tier, claimed_score=claimed)])
    assert results.frames.indicators.loc[0, ["low", "high"]].tolist() == span


def test_a_sentence_keeps_the_digits_that_were_typed_and_those_of_the_scheme():
    from perfxl.scoring.document import score_document

    tiers = load_scheme("national-2020").qualitative.tiers
    bounds = ((0.6666666, 1, 1), (0.3333333, 0.6666666, 0.5), (0, 0.3333333, 0))
    scheme = variant(qualitative={"tiers": tuple(structs.replace(t, low=a, high=b, default=c) for t, (a, b, c) in zip(tiers, bounds, strict=True))})
    rows = [row(tier="达成", claimed_score=2.675, weight=3), row(level3="制度", tier="部分达成", weight=3)]
    said = [r["explanation"] for r in score_document(scored(rows, scheme), 0)["indicators"]]
    assert said == [
        "完成等级为“达成”（分值的66.66666%~100%），单位自评2.675分在本档之内，采用2.68分（参照财预〔2020〕10号）",
        "完成等级为“部分达成”（分值的33.33333%~66.66666%），按本档默认比例50%：3×50%=1.5分（参照财预〔2020〕10号）",
    ]


def test_full_marks_of_a_weight_with_three_decimals_lie_in_the_best_window():
    assert points(scored([row(tier="达成", claimed_score=12.345, weight=12.345)])) == [12.35]
