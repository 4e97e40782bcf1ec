"""Parts of scoring by whole values: documents, batches, what would raise a grade. Where documents are to change: run this file."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from building import indicator, submission, variant
from scored_cases import seed_library

from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.batch import in_halves, score_submissions
from perfxl.scoring.document import score_document
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
            said[f"{scheme} {number}"] = {**bare(score_document(results, number)), "summary": bare(asdict(summarize(results, number)))}
    return json.loads(json.dumps(said, ensure_ascii=False, default=str))


def test_submissions_are_scored_and_explained_as_written():
    assert documents() == json.loads(DOCUMENTS.read_text("utf-8"))


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
    assert [[score_document(results, n) for results in found[n]] for n in range(3)] == alone


@pytest.mark.parametrize(
    ("bound", "expected"), [("inclusive", [("优", 0.01), ("", 0.0), ("", 0.0)]), ("exclusive", [("优", 0.01), ("优", 0.0), ("", 0.0)])]
)
def test_the_next_grade_is_the_lowest_bound_not_reached(bound, expected):
    scheme = variant(grades={"lower_bound": bound})
    found = [_next_grade(total, scheme) for total in (89.99, 90.0, 90.01)]
    assert [(grade.grade, grade.gap) for grade in found] == expected


if __name__ == "__main__":
    DOCUMENTS.write_text(json.dumps(documents(), ensure_ascii=False, indent=1) + "\n", "utf-8")
