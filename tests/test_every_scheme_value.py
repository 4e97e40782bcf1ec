"""Every value of every key of a scheme, over every kind of actual: a row has its sentence, its document and its cells."""

from __future__ import annotations

import itertools
import json

import pytest
from building import indicator, replace_tables, submission
from msgspec import structs
from scored_cases import scheme_variants

from perfxl.consolidation.compact import compact
from perfxl.rules.frames import INDICATOR, build_frames, records
from perfxl.rules.results import NO_RULE, Status
from perfxl.schemes import Scheme, load_scheme
from perfxl.schemes.keys import keys_of
from perfxl.scoring.document import score_document
from perfxl.scoring.explain import row_explanation, row_source
from perfxl.scoring.score import RULE_OF, score
from perfxl.workbook.scored import SourceInfo, scored_bytes

ACTUALS = (None, "无", "—", "不涉及", "270场", "95%", "已完成", "2021年2月1日")
TARGETS = {
    "more": {"operator": "≥", "target": "270场"},
    "less": {"level2": "成本指标", "level3": "采购成本", "operator": "≤", "target": "300", "unit": "万元"},
    "equal": {"operator": "=", "target": "270"},
    "none": {"operator": "≤", "level3": "安全事故次数", "unit": "次", "target": "0次"},
    "range": {"operator": None, "target": "90%~95%", "unit": "%"},
    "deadline": {"operator": "期限", "level2": "时效指标", "level3": "完成时间", "unit": None, "target": "2020年12月31日前"},
    "quality": {"operator": "定性", "level3": "馆藏结构", "unit": None, "target": "明显改善"},
    "blank": {"target": None},
    "words": {"target": "若干"},
}
_VARIANTS = scheme_variants()
_STEP = {"deduct_step": 0.1, "deduct_points": 1.5}
BESIDE = {
    "budget": {"tiers": _VARIANTS["budget-tiers"].budget.tiers, "deduct_per_point": 0.2, **_STEP},
    "quantitative": {
        "steps": _VARIANTS["shortfall-steps"].quantitative.steps,
        "over_steps": _VARIANTS["over-ladder"].quantitative.over_steps,
        "over_minus": 0.2,
        **_STEP,
    },
    "reverse": _STEP,
}
"""What the other keys of a table must hold for a value to mean anything."""
CHOICES = [
    (table.name, key.name, value)
    for table in keys_of(Scheme).values()
    if table.record and not isinstance(getattr(load_scheme("national-2020"), table.name), tuple | dict)
    for key in keys_of(table.record).values()
    for value in key.words
]


def rows():
    """Every target with every actual; every third row with a tier, so that all meet in turn."""
    tiers = itertools.cycle((None, None, "达成", None, None, "不适用", None))
    return [
        indicator(**{"weight": 1, "actual": actual, "tier": next(tiers), **target}) for target, actual in itertools.product(TARGETS.values(), ACTUALS)
    ]


def told(results):
    """Every output of one submission; the rows with the rule that gave them their points."""
    document = score_document(results, 0)
    json.dumps(document, allow_nan=False)
    if results.scheme.quantitative.missing_actual == "zero":
        compact(results)
        scored_bytes(results, 0, source=SourceInfo("填报表.xlsx", "0" * 64))
    found = records(results.frames.indicators)
    assert all(row_explanation(row, results) for row in found if row["role"] == INDICATOR)
    assert all(row_source(row, results) for row in found if row["status"] == Status.SCORED)
    return {row["rule"] for row in found if row["status"] == Status.SCORED}


@pytest.mark.parametrize(("table", "key", "value"), CHOICES)
def test_every_value_of_a_scheme_tells_of_every_kind_of_actual(table, key, value):
    frames = build_frames([submission(rows())])
    for missing in {"open", "zero"} if key != "missing_actual" else {value}:
        scheme = replace_tables(load_scheme("national-2020"), **{table: {**BESIDE.get(table, {}), key: value}})
        rules = told(score(frames, replace_tables(scheme, quantitative={"missing_actual": missing})))
        assert rules <= set(RULE_OF) - {NO_RULE}
        assert ("missing-as-zero" in rules) is (missing == "zero")


@pytest.mark.parametrize("mode", ["deduct", "bands", "ratio", "checklist", "deduct_per_step"])
def test_every_way_of_a_management_indicator_tells_of_every_kind_of_actual(mode):
    scheme = load_scheme("department-2013")
    bands = next(m.bands for m in scheme.management if m.bands)
    managed = tuple(structs.replace(m, mode=mode, bands=bands, **_STEP) for m in scheme.management if m.value)
    scheme = structs.replace(replace_tables(scheme, quantitative={"missing_actual": "zero"}), management=managed)
    made = [indicator(level1=m.level1, level2=m.level2, level3=m.name, weight=m.weight, operator=None, actual=a) for m in managed for a in ACTUALS]
    items = [{"item": "编制数", "last_year": 10, "budgeted": 10, "actual": 10}, {"item": "在职人员数", "last_year": 9, "budgeted": 9, "actual": 11}]
    assert told(score(build_frames([submission([*made, *rows()], management=items)]), scheme)) <= set(RULE_OF)


@pytest.mark.parametrize("actual", [None, "无", "—", "不涉及"])
@pytest.mark.parametrize("target", ["more", "range", "deadline"])
def test_no_actual_is_nothing_done_where_the_scheme_says_so(target, actual):
    frames = build_frames([submission([indicator(**{"actual": actual, **TARGETS[target]})])])
    results = score(frames, replace_tables(load_scheme("national-2020"), quantitative={"missing_actual": "zero"}))
    (row,) = records(results.frames.indicators)
    assert (row["rule"], row["score"], row_explanation(row, results)) == ("missing-as-zero", 0, "没有填写实际完成值，按方案计0分（本方案默认值）")
