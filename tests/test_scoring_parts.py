"""Parts of scoring by whole values: documents, batches, what would raise a grade. Where documents are to change: run this file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from building import indicator, scored, submission, variant
from msgspec import to_builtins
from scored_cases import seed_library

from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.batch import in_halves, score_submissions
from perfxl.scoring.document import schemes_document, score_document
from perfxl.scoring.explain import _next_grade, summarize
from perfxl.scoring.score import score

DOCUMENTS = Path(__file__).parent / "data" / "scored_documents.json"
ROWS = [
    indicator(level3="接待读者", target="40万人次", actual="41万人次", unit="万人次", weight=10, claimed_score=10),
    indicator(level3="举办讲座", target="20", actual="15", weight=10, claimed_score=9, reason="场馆维修"),
    indicator(level3="举办展览", target="20", actual=None, weight=10),
    indicator(level3="流动服务", target="2", tier="不适用", reason="车辆报废，主管部门已批准取消", weight=5),
    indicator(level2="质量指标", level3="图书合格率", target="95%-98%", actual="96%", operator="=", unit="%", weight=5),
    indicator(level2="时效指标", level3="完工时间", target="2020年12月31日", actual="2020年11月30日", operator="≤", unit="日期", weight=5),
    indicator(level2="成本指标", level3="培训成本", target="100元", actual="120元", operator="≤", unit="元", weight=5),
    indicator(level1="效益指标", level2="社会效益", level3="到馆增长率", target="5%", actual="20%", unit="%", weight=15),
    indicator(
        level1="效益指标",
        level2="可持续影响",
        level3="制度健全",
        target="健全",
        actual="基本健全",
        operator="定性",
        unit=None,
        tier="基本达成",
        weight=15,
    ),
    indicator(level1="满意度指标", level2="服务对象满意度", level3="读者满意度", target="≥95%", actual="90%", unit="%", weight=10),
]
BUDGET = [
    {"kind": "合计", "item": "年度资金总额", "weight": 10, "claimed_score": 9.5},
    {"kind": "按来源", "item": "当年财政拨款", "initial": 100, "full_year": 120, "executed": 110.5, "adjust_reason": "追加"},
    {"kind": "按来源", "item": "其他资金", "initial": 10, "full_year": 10, "executed": 8},
]


def bare(said: Any) -> Any:
    """Without what is blank, and without the version."""
    if isinstance(said, dict):
        return {name: bare(value) for name, value in said.items() if name != "perfxl" and value not in (None, "", False, [], {})}
    return [bare(value) for value in said] if isinstance(said, list | tuple) else said


def documents() -> dict[str, Any]:
    """What scoring says of two submissions: the JSON, and what stands at the head of the scored workbook."""
    frames = build_frames([submission(ROWS, BUDGET, unit={"fiscal_year": 2020}, number=0), seed_library(1)])
    said: dict[str, Any] = {}
    for scheme in ("national-2020", "jiangxi", "national-2021"):
        results = score(frames, load_scheme(scheme), date(2021, 3, 1))
        for number in (0, 1) if scheme == "national-2020" else (0,):
            said[f"{scheme} {number}"] = {
                **bare(score_document(results, number)),
                "summary": bare(to_builtins(summarize(results, number), enc_hook=str)),
            }
    return json.loads(json.dumps(said, ensure_ascii=False, default=str))


def test_submissions_are_scored_and_explained_as_written():
    assert documents() == json.loads(DOCUMENTS.read_text("utf-8"))


def test_numbers_of_a_unit_are_numbers_also_where_nothing_is_filled():
    unit = build_frames(
        [submission(unit={"fiscal_year": None}), submission(unit={"staff": 26, "claimed_total": "98.5", "submission_count": "第2次"})]
    ).unit
    named = unit[["year", "filled_day", "staff_value", "claimed_total_value", "submission_count_value"]]
    assert set(named.dtypes.astype(str)) == {"float64"}
    assert named.fillna(-1).to_numpy().tolist() == [[-1, -1, -1, -1, -1], [2020, -1, 26, 98.5, 2]]


def test_a_batch_falls_into_halves_until_what_fails_stands_alone():
    tried, failed = [], []

    def work(items):
        tried.append("".join(items))
        if "x" in items:
            raise ValueError
        return len(items)

    assert in_halves("abcxde", work, lambda item, trace: failed.append((item, "ValueError" in trace))) == [3, 2]
    assert tried == ["abcxde", "abc", "xde", "x", "de"]
    assert failed == [("x", True)]
    assert in_halves("", work, lambda *said: failed.append(said)) == []


@pytest.mark.parametrize(
    ("asked", "used"), [((), [["national-2020"], ["jiangxi"], ["national-2020"]]), (("hubei", load_scheme("jiangxi")), [["hubei", "jiangxi"]] * 3)]
)
def test_a_batch_is_scored_by_the_schemes_asked_for_or_each_by_its_own(asked, used):
    batch = [submission(ROWS, number=n, unit={"scheme": scheme}) for n, scheme in enumerate((None, "江西（预算执行按档）", "全国通用(2020)"))]
    found = score_submissions(batch, asked)
    assert [[results.scheme.id for results in found[n]] for n in range(3)] == used
    alone = [[score_document(score_submissions([one], asked)[one.number][at], one.number) for at in range(len(found[one.number]))] for one in batch]
    documents = [[score_document(results, n) for results in found[n]] for n in range(3)]
    assert documents == alone
    assert [schemes_document(found[n], n) for n in range(3)] == [{**d[0], **({"schemes": d} if len(d) > 1 else {})} for d in documents]


def test_of_a_form_with_points_of_its_own_nothing_is_scored_under_heads_that_the_scheme_has_not():
    cases = [("表", "产出指标"), ("表", "过程"), ("", "过程"), ("表", None)]
    forms = [
        submission([indicator(level1=level1, level2=None, target="2", actual="2"), indicator(target="2", actual="2")], number=n)
        for n, (_, level1) in enumerate(cases)
    ]
    for form, (lacks, _) in zip(forms, cases, strict=True):
        form.lacks = lacks
    frames = score(build_frames(forms), load_scheme("national-2020")).frames.indicators
    assert [frames.loc[frames["submission"] == n, "status"].eq("scored").tolist() for n in range(4)] == [
        [True] * 2,
        [False] * 2,
        [True] * 2,
        [True] * 2,
    ]


@pytest.mark.parametrize(
    ("name", "target", "actual", "level2", "unit", "said"),
    [
        ("读者投诉率", "5%", "6%", "社会效益", "%", ("≤", "assumed", "word", "投诉", "")),
        ("举办展览", "20", "15", "数量指标", "场", ("≥", "assumed", "default", "", "")),
        ("举办展览", "20", "20", "数量指标", "场", ("≥", "idle", "default", "", "")),
        ("举办展览", "≤20", "15", "数量指标", "场", ("≤", "", "", "", "")),
        ("采购支出", "10万元", "12万元", "成本指标", "万元", ("≤", "assumed", "level", "成本指标", "")),
        ("藏书增长率", "5%", "4%", "数量指标", "%", ("≥", "unclear", "default", "", "")),
        ("投诉热线接听量", "50", "40", "数量指标", "次", ("≥", "unclear", "default", "投诉", "热线接听量")),
        ("借阅≥100册", "100", "90", "数量指标", "册", ("≥", "", "", "", "")),
        ("投诉率不超过5%", "5%", "6%", "质量指标", "%", ("≤", "", "", "", "")),
    ],
)
def test_a_direction_that_nobody_wrote_says_what_decided_it(name, target, actual, level2, unit, said):
    row = indicator(operator=None, level2=level2, level3=name, target=target, actual=actual, unit=unit)
    found = scored([row]).frames.indicators
    assert tuple(found.loc[0, ["op", "direction", "direction_by", "direction_word", "direction_head"]]) == said


@pytest.mark.parametrize(
    ("bound", "expected"), [("inclusive", [("优", 0.01), ("", 0.0), ("", 0.0)]), ("exclusive", [("优", 0.01), ("优", 0.0), ("", 0.0)])]
)
def test_the_next_grade_is_the_lowest_bound_not_reached(bound, expected):
    scheme = variant(grades={"lower_bound": bound})
    found = [_next_grade(total, scheme) for total in (89.99, 90.0, 90.01)]
    assert [(grade.grade, grade.gap) for grade in found] == expected


if __name__ == "__main__":
    DOCUMENTS.write_text(json.dumps(documents(), ensure_ascii=False, indent=1) + "\n", "utf-8")
