"""Edges of the rules that a drawn fault once crossed without a test that noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from building import indicator, points, replace_tables, scored, scored_all, submission, variant

from perfxl.intake.discover import find_files
from perfxl.rules.expression import And, C
from perfxl.rules.frames import build_frames
from perfxl.rules.management import value_of
from perfxl.rules.roles import INDICATOR, SUBTOTAL, TOTAL
from perfxl.schemes import ShareStep, load_scheme
from perfxl.scoring.batch import read_found, score_outcomes
from perfxl.scoring.document import score_document

TOTAL_LINE = {"kind": "合计", "item": "年度资金总额"}
LINE = {"kind": "按来源", "item": "当年财政拨款", "full_year": 100, "executed": 100}


def execution(budget, scheme="national-2020"):
    return scored(budget=budget, scheme=scheme).execution.loc[0]


@pytest.mark.parametrize(("typed", "weight"), [(0.5, 0.5), (1, 1), (0, 10), (None, 10)])
def test_any_points_above_nothing_are_those_of_execution(typed, weight):
    assert execution([{**TOTAL_LINE, "weight": typed}, LINE])["score"] == weight


def test_without_a_line_of_money_there_is_nothing_to_compare():
    row = execution([])
    assert (row["basis"], bool(np.isnan(row["total_gap"]))) == ("", True)
    assert np.isnan(execution([LINE])["total_gap"])  # no total was typed
    assert execution([{**TOTAL_LINE, "full_year": 120, "executed": 120}, LINE])["total_gap"] == 20


def test_a_total_that_is_computed_is_not_compared():
    made = submission(budget=[{**TOTAL_LINE, "full_year": 120, "executed": 120}, LINE])
    made.rows["budget"][0].computed = True
    assert np.isnan(scored_all([made]).execution.loc[0, "total_gap"])


def test_all_that_was_budgeted_is_not_more_than_all():
    said = score_document(scored(budget=[TOTAL_LINE, LINE]), 0)["budget"]["explanation"]
    assert said.startswith("全年预算100万元，执行100万元，执行率100%；得分=10×100÷100=10分")


@pytest.mark.parametrize(("mode", "cited"), [("tiers", "tiers"), ("linear", "mode")])
def test_execution_cites_what_decided_it(mode, cited):
    scheme = replace_tables(load_scheme("jiangxi"), budget={"mode": mode, "sources": {"mode": "design", "tiers": "jiangxi"}})
    said = score_document(scored(budget=[TOTAL_LINE, {**LINE, "executed": 90}], scheme=scheme), 0)["budget"]["explanation"]
    assert scheme.cite({"tiers": "jiangxi", "mode": "design"}[cited]) in said
    assert scheme.cite({"tiers": "design", "mode": "jiangxi"}[cited]) not in said


@pytest.mark.parametrize(
    ("row", "completion"),
    [
        ({"operator": "≤", "target": "100", "actual": "125"}, 0.8),
        ({"operator": "=", "target": "100", "actual": "80"}, 0.8),
        ({"operator": "=", "target": "100", "actual": "125", "level2": "成本指标", "level3": "采购成本"}, 0.8),
        ({"operator": "=", "target": "100", "actual": "100", "level2": "成本指标", "level3": "采购成本"}, 1),
        ({"target": "90~100", "actual": "95"}, 1),
    ],
)
def test_completion_looks_the_way_the_row_goes(row, completion):
    assert scored([indicator(**row)]).frames.indicators["completion"].tolist() == [completion]


@pytest.mark.parametrize(("actual", "earned"), [("110", 10), ("129", 10), ("130", 9), ("199", 9), ("200", 8)])
def test_a_ladder_takes_nothing_below_its_first_step(actual, earned):
    ladder = {"over_completion": "ladder", "over_steps": (ShareStep(at_least=2, share=0.8), ShareStep(at_least=1.3, share=0.9))}
    assert points(scored([indicator(target="100", actual=actual)], variant(quantitative=ladder))) == [earned]


def test_more_than_nothing_is_beyond_every_step():
    per_step = {"shortfall": "deduct_per_step", "deduct_step": 0.05, "deduct_points": 2}
    assert points(scored([indicator(operator="≤", target="0", actual="3")], variant(reverse=per_step))) == [0]


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ({"operator": "=", "target": target, "actual": "3", "level2": "成本指标", "level3": "采购成本"}, source)
        for target, source in (("0", "quantitative"), ("1", "reverse"))
    ],
)
def test_the_source_is_that_of_the_side_that_was_missed(row, source):
    results = scored([indicator(**row)])
    said = results.scheme.sources[getattr(results.scheme, source).source_of("shortfall")]
    assert score_document(results, 0)["indicators"][0]["source"] == f"{said.title}：{said.place}"


HEAD = {"level1": "产出指标", "level2": "", "level3": "", "unit": "", "operator": ""}


@pytest.mark.parametrize(
    ("weights", "role"),
    [((20, 10, 10), SUBTOTAL), ((20, 20, 10), SUBTOTAL), ((20, 10, None, 10), SUBTOTAL), ((20, 10, 5), INDICATOR), ((0, 10), INDICATOR)],
)
def test_points_above_rows_are_a_sum_where_the_rows_make_it(weights, role):
    rows = [
        indicator(**HEAD, weight=weights[0]),
        *(indicator(level3=f"活动{i}", target="1", actual="1", weight=w) for i, w in enumerate(weights[1:])),
    ]
    assert build_frames([submission(rows)]).indicators["role"].tolist()[0] == role


@pytest.mark.parametrize(("alone", "role"), [(30, TOTAL), (29, INDICATOR)])
def test_points_alone_below_all_rows_are_their_sum(alone, role):
    rows = [*(indicator(level3=f"活动{i}", target="1", actual="1", weight=15) for i in range(2)), indicator(**{**HEAD, "level1": ""}, weight=alone)]
    assert build_frames([submission(rows), submission(rows, number=1)]).indicators["role"].tolist()[2::3] == [role, role]


def test_a_reason_in_the_actual_makes_a_row_not_applicable():
    row = indicator(target="5", actual="不适用", reason="场馆全年维修，主管部门已批准取消")
    assert scored([row]).frames.indicators["status"].tolist() == ["not_applicable"]


def test_a_long_reason_is_cut():
    row = indicator(target="5", actual="", tier="不适用", reason="甲" * 300)
    said = score_document(scored([row]), 0)["indicators"][0]["explanation"]
    assert f"不适用（理由：{'甲' * 200}）" in said


def test_a_bound_that_proves_nothing_is_open():
    assert points(scored([indicator(target="300", actual="≥200")])) == [None]


def test_execution_of_one_point_is_not_scored_twice():
    rows = [indicator(level3="预算执行率", target="100", actual="90", unit="%")]
    scheme = variant(budget={"weight": 1})
    assert scored(rows, scheme, budget=[TOTAL_LINE, LINE]).frames.indicators["role"].tolist() == ["execution"]


def test_what_is_left_of_a_condition_keeps_all_that_is_open():
    left = And(C("a"), C("b"), C("c")).given({"c": True})
    assert [bool(left.values({"a": np.array([a]), "b": np.array([b])})[0]) for a, b in ((True, True), (True, False), (False, True))] == [
        True,
        False,
        False,
    ]


def test_data_items_are_added():
    at = {"甲.actual": np.array([2.0]), "乙.actual": np.array([3.0])}
    assert [value_of(text).values(at).tolist() for text in ("甲.actual + 乙.actual", "甲.actual - 乙.actual", "甲.actual * 乙.actual")] == [
        [5],
        [-1],
        [6],
    ]


def test_errors_are_counted_and_named_in_the_row():
    results = scored([indicator(target="5", actual="6"), indicator(level3="举办展览", target="5", actual=None)])
    assert results.totals["errors"].tolist() == [
        sum(i.code == "actual-missing" for i in results.issues) + sum(i.code == "weights-not-full" for i in results.issues)
    ]
    said = [row["explanation"] for row in score_document(results, 0)["indicators"]]
    assert ["缺完成值" in text for text in said] == [False, True]


def test_an_open_row_says_what_kind_of_error_stands_on_it():
    results = scored([indicator(target="5", actual="6"), indicator(level3="举办展览", target="5", actual="5（取消）")])
    said = [row["explanation"] for row in score_document(results, 0)["indicators"]]
    assert ["完成值看不懂" in text for text in said] == [False, True]


def test_only_a_submission_among_others_names_its_part():
    assert "part" not in score_document(scored([indicator(target="5", actual="6")]), 0)["source"]


# files beside each other


def fates(folder: Path) -> dict[str, str]:
    outcomes = read_found(find_files([folder]))
    score_outcomes(outcomes)
    return {o.found.path.relative_to(folder).as_posix(): o.ignored or (o.refused.code if o.refused else "scored") for o in outcomes}


@pytest.fixture(scope="module")
def sample() -> bytes:
    return (Path(__file__).parent.parent / "samples" / "pingxiang_library_2020.xlsx").read_bytes()


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("file", "fate"),
    [
        ("甲/扫描.pdf", "ignored-attachment"),
        ("萍乡图书馆盖章.pdf", "ignored-attachment"),
        ("扫描.pdf", "file-extension"),
        ("乙/扫描.pdf", "file-extension"),
    ],
)
def test_an_attachment_stands_in_the_units_folder_or_has_its_name(tmp_path, sample, file, fate):
    assert fates(put(tmp_path, {"甲/表.xlsx": sample, file: b"%PDF-1.4"}))[file] == fate


def test_a_result_is_ignored_only_beside_its_own_intake(tmp_path, sample):
    from perfxl.cli import run

    assert run(["score", str(put(tmp_path, {"表.xlsx": sample}) / "表.xlsx"), "-o", str(tmp_path / "结果.xlsx")]) == 0
    result = (tmp_path / "结果.xlsx").read_bytes()
    other = template_of_another(sample)
    assert fates(put(tmp_path / "二", {"表.xlsx": sample, "结果.xlsx": result})) == {"表.xlsx": "scored", "结果.xlsx": "ignored-own-result"}
    assert fates(put(tmp_path / "三", {"另.xlsx": other, "结果.xlsx": result})) == {"另.xlsx": "scored", "结果.xlsx": "scored"}


def template_of_another(sample: bytes) -> bytes:
    """The sample as another unit's."""
    from io import BytesIO

    from openpyxl import load_workbook

    book, out = load_workbook(BytesIO(sample)), BytesIO()
    book["基本信息"]["B2"] = "示例图书馆"
    book.save(out)
    return out.getvalue()
