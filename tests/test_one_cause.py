"""One cause gives one message, on the cell to change, with the right fix (contract §4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from test_checks import CLEAN, COST, PARENT, P, codes, lines, results_of, submission

from perfxl.catalogue import fix, message
from perfxl.intake.readers import PercentNumber
from perfxl.model import Issue
from perfxl.rules.frames import build_frames
from perfxl.rules.typed import fiscal_year
from perfxl.schemes import load_scheme
from perfxl.scoring.score import score


def said(change: dict[str, Any] | None) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.cell) for issue in results_of(change).issues]


FOOTERS = [
    {"level1": "注：1.定量指标完成数填写实际数。"},
    {"level1": "（1）定性指标分三档。"},
    {"level1": "(2)得分一档最高不能超过该指标分值上限。"},
    {"level1": "①满意度须附调查报告"},
    {"level1": "填表人：李四", "level3": "联系电话：12345678", "target": "填报日期：2021年3月5日"},
    {"level1": "单位负责人（签字）：", "level2": "财务负责人："},
    {"level2": "单位（盖章）"},
    {"target": "2021年3月5日"},
    {"level3": "单位负责人：", "actual": "李四"},
    {"level1": "填表日期：", "actual": "2021年3月5日"},
    {"level1": "产出指标小计", "weight": 50, "claimed_score": 50},
    {"level1": "小计", "weight": 90},
    {"level3": "……"},
]


@pytest.mark.parametrize("row", FOOTERS, ids=lambda row: next(iter(row.values())))
def test_footers_notes_and_subtotals_are_no_indicators(row: dict[str, Any]) -> None:
    assert said({"more": [row]}) == []
    assert said({"more": [row, {"level1": "合计", "weight": 90}]}) == []


ROWS_OF_NO_FOOTER = [
    ({"level3": "（1）培训人次", "level1": P, "target": "5场", "actual": "5场", "weight": 5, "operator": "≥"}, "weights-not-full"),
    ({"level3": "说明会场次", "level1": P, "target": "5场", "weight": 5, "operator": "≥"}, "actual-missing"),
    ({"level3": "注册志愿者人数", "level1": P, "target": "5人", "actual": "5人", "operator": "≥"}, "weight-missing"),
    ({"level1": P, "level3": "审核项目数"}, "target-missing"),
    ({"level1": P, "level3": "主管部门满意度：", "actual": "96%", "operator": "≥"}, "weight-missing"),
]


@pytest.mark.parametrize(("row", "code"), ROWS_OF_NO_FOOTER)
def test_an_indicator_that_begins_like_a_note_stays_one(row: dict[str, Any], code: str) -> None:
    assert code in codes({"more": [row]})


def test_points_on_a_parent_and_values_on_its_children_are_one_message() -> None:
    results = results_of({"rows": [*PARENT, *CLEAN["indicators"][1:]]})
    assert [(i.code, i.cell) for i in results.issues] == [("points-on-parent", "I4")]
    assert "2行" in message(results.issues[0])
    assert results.totals[["low", "high"]].to_numpy().tolist() == [[69.84, 99.84]]


def test_rows_of_one_cause_are_named_together() -> None:
    made = results_of({"rows": [{**row, "weight": ""} for row in CLEAN["indicators"]]})
    assert [(i.code, i.cell, i.rows) for i in made.issues] == [("weight-missing", "I4", (4, 5, 6, 7))]
    assert message(made.issues[0]) == "第4、5、6、7行没有填写分值。"


def test_what_hides_one_row_of_a_cause_leaves_the_others() -> None:
    made = submission({"row1": {"weight": ""}, "row2": {"weight": ""}})
    made.issues.append(Issue.at(0, "formula-without-value", "绩效指标", "I5", None, {"column": "分值"}))
    found = score(build_frames([made]), load_scheme("national-2020")).issues
    assert [(i.code, i.cell, i.rows) for i in found if i.code == "weight-missing"] == [("weight-missing", "I6", (6,))]


def test_a_blank_amount_does_not_also_make_the_sums_differ() -> None:
    change = {
        "budget": [
            {"kind": "合计", "item": "年度资金总额", "full_year": 200.0, "executed": 180.0},
            *lines(("按来源", 100.0, 90.0), ("按来源", 100.0, None))[1:],
        ]
    }
    assert said(change) == [("budget-missing", "E6")]


def test_an_empty_row_is_one_message_without_empty_quotes() -> None:
    (issue,) = results_of({"row": {"target": "", "actual": ""}}).issues
    assert (issue.code, message(issue)) == ("target-missing", "这一行有指标，但没有填写年度指标值和实际完成值。")


def test_a_claim_that_is_too_low_is_not_also_asked_for_a_reason() -> None:
    assert said({"row": {"claimed_score": 20}}) == [("score-claimed-differs", "J4")]


@pytest.mark.parametrize(("unit", "actual", "cell"), [("", "270册", "G4"), ("场", "270册", "G4"), ("册", "270", "F4")])
def test_a_unit_conflict_names_the_cell_to_change(unit: str, actual: str, cell: str) -> None:
    assert said({"row": {"unit": unit, "actual": actual}}) == [("unit-conflict", cell)]


def test_the_example_of_evidence_is_of_the_row_and_its_year() -> None:
    issue = next(i for i in results_of({"row3": {"evidence": ""}, "unit": {"fiscal_year": 2022}}).issues if i.code == "evidence-missing")
    assert "2022年读者满意度调查报告" in fix(issue)


@pytest.mark.parametrize(
    ("claimed", "differs"), [("99.8", False), ("99.84", False), ("99.85", False), ("99.9", True), ("99.86", True), ("100", True), ("99.8分", False)]
)
def test_a_claim_is_compared_as_finely_as_it_is_written(claimed: str, differs: bool) -> None:  # noqa: FBT001  # a parameter of the test
    assert ("total-claimed-differs" in codes({"unit": {"claimed_total": claimed}})) is differs


@pytest.mark.parametrize("weight", ["8%", "８％", PercentNumber(0.08)])
def test_a_percentage_is_no_number_of_points(weight: object) -> None:
    results = results_of({"row": {"weight": weight}})
    assert "weight-not-a-number" in [i.code for i in results.issues]
    assert results.totals["weights"].item() == 60


@pytest.mark.parametrize(
    ("text", "year"), [("2022-2023", None), ("2022—2023年度", None), ("2022年至2023年", None), ("2022年度", 2022), ("2022-12-31", 2022)]
)
def test_two_years_are_no_year(text: str, year: int | None) -> None:
    read = fiscal_year(text)
    assert (None if read != read else read) == year


@pytest.mark.parametrize(
    ("typed", "today", "found"),
    [
        ("2021年3月5日", date(2021, 3, 5), []),
        ("2021年3月6日", date(2021, 3, 5), ["date-in-future"]),
        ("二〇二一年三月六日", date(2021, 3, 5), ["date-in-future"]),
        ("20210306", date(2021, 3, 5), ["date-in-future"]),
        ("2019.12.31", date(2021, 3, 5), ["date-before-year"]),
        ("三月份", date(2021, 3, 5), ["date-not-read"]),
        ("", date(2021, 3, 5), []),
        ("", date(2019, 3, 5), ["year-implausible"]),
        ("", date(2051, 3, 5), ["year-implausible"]),
    ],
)
def test_today_decides_what_lies_in_the_future(typed: str, today: date, found: list[str]) -> None:
    made = build_frames([submission({"unit": {"filled_on": typed}})])
    assert [i.code for i in score(made, load_scheme("national-2020"), today).issues] == found


MONEY = [
    ({"staff": 12}, (2636830.0, 2606830.0), "", True),
    ({"posts": 12, "staff": "", "new_staff": ""}, (2636830.0, 2606830.0), "", True),
    ({"staff": "", "new_staff": ""}, ("6408400.55", "6308400.50"), "", True),
    ({"staff": "", "new_staff": ""}, (2636830.0, 2606830.0), "263.68万元", True),
    ({"staff": "", "new_staff": ""}, (2636830.0, 2606830.0), "100万元", False),
    ({"staff": 300}, (263683.0, 260683.0), "", False),
    ({"staff": 12}, (263.68, 260.68), "263.68万元", False),
    ({"staff": 12, "money_unit": "元"}, (2636830.0, 2606830.0), "263.68万元", False),
]


@pytest.mark.parametrize(("unit", "amounts", "cost", "told"), MONEY)
def test_yuan_under_ten_thousand_yuan_is_told_by_the_workbooks_own_evidence(
    unit: dict[str, Any],
    amounts: tuple[Any, Any],
    cost: str,
    told: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    row = {**COST, "target": cost, "actual": cost} if cost else {}
    found = said({"unit": unit, "budget": lines(("按来源", *amounts)), "row": row})
    assert (("money-unit-implausible", "B13") in found) is told


def test_copies_throughout_are_said_once_and_exact_numbers_are_not_copies() -> None:
    exact = [{**CLEAN["indicators"][0], "level3": f"工作{i}", "weight": 15} for i in range(6)]
    assert "actual-copied" not in codes({"rows": exact})
    copied = [{**row, "operator": "", "target": "≥270场", "actual": "≥270场"} for row in exact]
    assert [cell for code, cell in said({"rows": copied}) if code == "actual-copied"] == ["G4"]
