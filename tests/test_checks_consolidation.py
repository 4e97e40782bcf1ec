from __future__ import annotations

import pandas as pd
import pytest
from frames_of import NAN, budget, consolidation, files, indicators, roster, units

from perfxl.catalogue import CATALOGUE, fix, message
from perfxl.consolidation.checks import PASSAGES, anchors, consolidation_issues, copied_passages, passages
from perfxl.consolidation.crosswise import _status
from perfxl.intake.submission import Place, SheetRow, Submission
from perfxl.jobs.api import read_intake
from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme

SCHEME = load_scheme("national-2020")


def found(c, **given) -> list[tuple[str, int]]:
    c.status = _status(c)
    return [(issue.code, issue.submission) for issue in consolidation_issues(c, **given)]


def details(c, code: str, **given) -> list[dict]:
    c.status = _status(c)
    return [dict(i.details) for i in consolidation_issues(c, **given) if i.code == code]


# who sent what


def test_workbooks_that_cannot_be_told_apart_are_an_issue_each():
    sent = files(
        {"shown": "a.xlsx", "fate": "rejected", "undecided": True, "unit_name": "甲", "details": {"n": 2, "files": "a.xlsx、b.xlsx"}},
        {"shown": "b.xlsx", "fate": "rejected", "undecided": True, "unit_name": "甲", "details": {"n": 2, "files": "a.xlsx、b.xlsx"}},
        {"shown": "c.xlsx", "fate": "rejected"},
    )
    assert found(consolidation(files=sent)) == [("duplicate-submission", -1)] * 2


def test_units_of_the_roster_that_sent_nothing_and_units_nobody_expected():
    listed = roster({"name": "甲"}, {"name": "乙"}, {"name": "丙馆"})
    c = consolidation(roster=listed, units=units({"name": "甲"}, {"name": "丁"}), files=files({"shown": "丙馆.pdf", "fate": "rejected"}))
    assert found(c) == [("unexpected-unit", 1), ("not-submitted", -1)]


def test_without_a_roster_nobody_is_missing_or_unexpected():
    assert found(consolidation(units=units({"name": "甲"}))) == []


@pytest.mark.parametrize(("years", "bad"), [([2020, 2020, 2021], [2]), ([2020, 2020, NAN], []), ([2021, 2019], [0, 1]), ([2020], [])])
def test_a_year_other_than_the_runs_is_an_error(years, bad):
    c = consolidation(units=units(*({"name": f"u{i}", "year": float(y)} for i, y in enumerate(years))))
    assert found(c) == [("other-year", n) for n in bad]
    assert CATALOGUE["other-year"].severity == "error"


def test_a_unit_that_sent_only_a_project_still_owes_the_whole():
    listed = roster({"name": "甲"}, {"name": "甲", "due": "项目", "project": "一"}, {"name": "乙"})
    c = consolidation(roster=listed, units=units({"name": "甲", "evaluation": "项目", "project": "一"}))
    assert found(c) == [("due-missing", -1), ("not-submitted", -1)]
    assert details(c, "due-missing") == [{"unit": "甲", "item": "部门整体"}]


@pytest.mark.parametrize(("day", "bad"), [("2021-03-31", []), ("2021-04-01", [("late", 0)]), ("", [])])
def test_a_submission_after_the_deadline_is_late(day, bad):
    c = consolidation(units=units({"name": "甲", "filled_on": day}))
    c.deadline = "2021年3月31日"
    assert found(c) == bad


# amounts


def test_a_budget_that_differs_from_the_roster_and_one_in_another_unit():
    listed = roster({"name": "甲", "full_year": 100.0}, {"name": "乙", "full_year": 100.0}, {"name": "丙", "full_year": 100.0}, {"name": "丁"})
    c = consolidation(
        roster=listed, units=units({"name": "甲", "full_year": 120.0}, {"name": "乙", "full_year": 1e6}, {"name": "丙"}, {"name": "丁"})
    )
    assert found(c) == [("budget-differs-from-roster", 0), ("unit-magnitude-suspect", 1)]
    assert details(c, "unit-magnitude-suspect")[0]["factor"] == "10000倍"


def test_totals_of_one_unit_that_are_a_power_of_ten_apart():
    lines = budget(
        {"full_year": 641.76},
        {"line": "合计", "item": "年度资金总额", "full_year": 6417600.0, "sheet_row": 4},
        {"submission": 1, "full_year": 641.76},
        {"submission": 1, "line": "按支出类型", "full_year": 641.76},
    )
    c = consolidation(units=units({"name": "甲"}, {"name": "乙"}), budget=lines)
    assert found(c) == [("unit-magnitude-suspect", 0)]
    assert details(c, "unit-magnitude-suspect")[0]["factor"] == "10000分之一"


@pytest.mark.parametrize(("amount", "bad"), [(1e5, True), (99_999.0, False), (0.1, True), (0.11, False), (0.0, False), (NAN, False)])
def test_a_budget_out_of_proportion_to_its_peers(amount, bad):
    c = consolidation(units=units(*({"name": f"u{i}", "authority": "局"} for i in range(6)), {"name": "甲", "authority": "局", "full_year": amount}))
    assert found(c) == ([("unit-magnitude-suspect", 6)] if bad else [])


def test_peers_are_not_compared_where_there_are_too_few():
    c = consolidation(units=units(*({"name": f"u{i}"} for i in range(4)), {"name": "甲", "full_year": 1e6}))
    assert found(c) == []


# the same rows, the same words


def rows_of(submission: int, actual: str = "10场", count: int = 3) -> list[dict]:
    return [{"submission": submission, "sheet_row": 4 + i, "level3": f"指标{i}", "actual": actual} for i in range(count)]


@pytest.mark.parametrize(("other", "bad"), [(rows_of(1), True), (rows_of(1)[::-1], True), (rows_of(1, "11场"), False), (rows_of(1, "", 3), False)])
def test_equal_reports_under_two_names(other, bad):
    mine = rows_of(0, "" if other[0]["actual"] == "" else "10场")
    c = consolidation(units=units({"name": "甲"}, {"name": "乙"}), indicators=indicators(*mine, *other))
    assert found(c) == ([("report-equal", 0), ("report-equal", 1)] if bad else [])


def test_equal_reports_of_one_unit_or_of_two_rows_say_nothing():
    same = units({"name": "甲", "unit_key": "甲|2020||"}, {"name": "甲", "unit_key": "甲|2020|项目|一"})
    assert found(consolidation(units=same, indicators=indicators(*rows_of(0), *rows_of(1)))) == []
    assert found(consolidation(units=units({"name": "甲"}, {"name": "乙"}), indicators=indicators(*rows_of(0, count=2), *rows_of(1, count=2)))) == []


LONG = "全年开展阅读推广活动二百七十场，服务读者四十万人次，群众满意度明显提高，社会反响良好"


def submission(number: int, name: str, *achieved: str, expected: str = "完成任务") -> Submission:
    place = {"goals": Place("年度目标", 3, {"number": "A", "expected": "B", "achieved": "C"})}
    rows = [SheetRow(4 + i, {"expected": expected, "achieved": text}) for i, text in enumerate(achieved)]
    return Submission(number, f"{number}.xlsx", "", {"name": name}, {"goals": rows}, place)


def copied(*submissions: Submission) -> list[tuple[int, str, str]]:
    c = consolidation(units=units(*({"name": s.fields["name"]} for s in submissions)))
    taken = passages(build_frames(submissions), SCHEME)
    c.status = _status(c)
    return [(i.submission, i.cell, i.details["unit"]) for i in consolidation_issues(c, passages=taken) if i.code == "text-copied"]


def test_a_long_sentence_of_two_units_is_reported_at_both():
    assert copied(submission(0, "甲馆", f"{LONG}。别的一句。"), submission(1, "乙馆", "短。", f"前面不同；{LONG}")) == [
        (0, "C4", "乙馆"),
        (1, "C5", "甲馆"),
    ]


def test_blanks_and_the_units_own_names_do_not_hide_a_copy():
    assert len(copied(submission(0, "甲馆", f"甲馆{LONG}"), submission(1, "乙馆", f"乙馆{LONG.replace('，', ' ，')}"))) == 2


@pytest.mark.parametrize("texts", [(LONG, LONG.replace("四十万", "三十万")), (LONG[:29], LONG[:29]), ("", "")])
def test_different_short_or_blank_texts_are_not_copied(texts):
    assert copied(submission(0, "甲馆", texts[0]), submission(1, "乙馆", texts[1])) == []


def test_thirty_characters_are_long_enough():
    assert len(copied(submission(0, "甲馆", LONG[:30]), submission(1, "乙馆", LONG[:30]))) == 2


def test_the_goal_repeated_as_its_own_result_is_not_copied_from_anybody():
    assert copied(submission(0, "甲馆", LONG, expected=LONG), submission(1, "乙馆", LONG, expected=LONG)) == []


def test_one_unit_may_say_the_same_twice():
    assert copied(submission(0, "甲馆", LONG, LONG)) == []


def test_wording_of_many_units_is_circulated_not_copied():
    assert copied(*(submission(n, f"第{n}馆", LONG) for n in range(11))) == []
    assert len(copied(*(submission(n, f"第{n}馆", LONG) for n in range(10)))) == 10


def test_copied_passages_do_not_depend_on_the_order_of_rows():
    c = consolidation(units=units({"name": "甲"}, {"name": "乙"}, {"name": "丙"}))
    rows = pd.DataFrame([(n, "年度目标", f"C{k}", "实际完成情况", k, 30 + k, "字") for n in range(3) for k in range(4)], columns=list(PASSAGES))
    pd.testing.assert_frame_equal(copied_passages(c, rows), copied_passages(c, rows.sample(frac=1, random_state=1)))


# cells and words


def test_anchors_name_the_cells_of_the_workbook(tmp_path):
    from samples import SAMPLE

    read = read_intake(SAMPLE)
    row = anchors(build_frames([read])).iloc[0]
    assert (row["unit_sheet"], row["budget_sheet"]) == ("基本信息", "预算执行")
    assert read.places["unit"].cells["name"] == row["name_cell"]
    assert row["budget_cell"].startswith(read.places["budget"].cells["full_year"])


def test_every_code_between_units_says_something_in_both_languages():
    listed = roster({"name": "甲", "full_year": 99.0}, {"name": "乙"})
    c = consolidation(
        roster=listed, units=units({"name": "甲"}, {"name": "丙", "year": 2021.0}, {"name": "丁"}), indicators=indicators(*rows_of(0), *rows_of(2))
    )
    c.status = _status(c)
    for issue in consolidation_issues(c):
        assert issue.code in CATALOGUE
        for lang in ("zh", "en"):
            said = message(issue, lang) + fix(issue, lang)
            assert said
            assert "“”" not in said
            assert "{" not in said
