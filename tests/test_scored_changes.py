"""The change detector of a result: whatever a person does to it in a spreadsheet program, it says so; untouched it says nothing."""

from __future__ import annotations

import re

import pytest
from office import edited, office
from scored_cases import random_submission, seed_library
from test_recalculation import cells_of, written

from perfxl.model.columns import STALE, STALE_TOTAL
from perfxl.schemes import load_scheme
from perfxl.workbook.scored.changes import STALE_SHORT

ROWS = "A4:Z18"
EDITS = {
    "nothing": [],
    "sort by points": [["sort", "绩效指标", ROWS, 8, False]],
    "sort the budget": [["sort", "预算执行", "A5:R13", 1, True]],
    "row inserted and filled": [["insert", "绩效指标", 8, 1], ["set", "绩效指标", "C8", "新增指标"], ["set", "绩效指标", "I8", 5]],
    "blank row inserted": [["insert", "绩效指标", 8, 1]],
    "row added below": [["set", "绩效指标", "C19", "新增指标"], ["set", "绩效指标", "I19", 5]],
    "row copied over": [["copy", "绩效指标", 5, 6]],
    "row deleted": [["delete", "绩效指标", 6, 1]],
    "last row deleted": [["delete", "绩效指标", 18, 1]],
    "all rows deleted": [["delete", "绩效指标", 4, 15]],
    "budget line added": [["insert", "预算执行", 6, 1], ["set", "预算执行", "A6", "按来源"], ["set", "预算执行", "B6", "事业收入"], ["set", "预算执行", "D6", 50]],
    "budget line below": [["copy", "预算执行", 5, 14]],
    "goal deleted": [["delete", "年度目标", 5, 1]],
    "amount corrected by a cent": [["set", "预算执行", "E5", 555.84]],
    "actual cleared": [["clear", "绩效指标", "G5"]],
    "actual corrected": [["set", "绩效指标", "G5", "135场"]],
    "tier corrected": [["set", "绩效指标", "H8", "部分达成"]],
    "name corrected": [["set", "绩效指标", "C5", "安全事故次数"]],
    "points as a text": [["set", "绩效指标", "I5", "20分"]],
    "amount as a text": [["set", "预算执行", "E5", "600万元"]],
    "kind of a line changed": [["set", "预算执行", "A12", "其中"]],
    "money unit changed": [["set", "基本信息", "B13", "元"]],
    "scheme changed": [["set", "基本信息", "B12", "江西（预算执行按档）"]],
    "reason added": [["set", "绩效指标", "K5", "受疫情影响"]],
    "points typed over": [["set", "绩效指标", "O5", 9]],
    "explanation typed over": [["set", "绩效指标", "Q5", "满分"]],
    "weight changed": [["set", "绩效指标", "I5", 6], ["set", "绩效指标", "I4", 14]],
    "total typed over": [["set", "评分汇总", "A6", 98]],
    "form points typed over": [["set", "自评表", "G21", 10]],
    "reading sheet row deleted": [["delete", "数值解读", 5, 1]],
    "step typed over": [["set", "评分依据", "B10", 1]],
    "two rows change places": [["move", "绩效指标", 5, 60], ["move", "绩效指标", 6, 5], ["move", "绩效指标", 60, 6]],
}  # fmt: skip
"""One of each kind; `tests/long/changes.py` makes the rest as well."""
MORE_EDITS = {
    "sort by name": [["sort", "绩效指标", ROWS, 2, True]],
    "sort the goals": [["sort", "年度目标", "A4:C7", 1, True]],
    "row copied below": [["copy", "绩效指标", 5, 19]],
    "row copied far below": [["copy", "绩效指标", 5, 200]],
    "first row deleted": [["delete", "绩效指标", 4, 1]],
    "budget line deleted": [["delete", "预算执行", 5, 1]],
    "amount corrected": [["set", "预算执行", "E5", 600.12]],
    "amount cleared": [["clear", "预算执行", "E5"]],
    "actual filled": [["set", "绩效指标", "G4", "41万人次"]],
    "status typed over": [["set", "绩效指标", "P4", "已评分"]],
    "reading typed over": [["set", "绩效指标", "V5", 300]],
    "grade typed over": [["set", "评分汇总", "E6", "优"]],
    "goal changed": [["set", "年度目标", "B4", "另一个目标"]],
    "unit changed": [["set", "基本信息", "B4", "别的图书馆"]],
    "reading sheet changed": [["set", "数值解读", "G5", "135场"]],
}  # fmt: skip
_NUMBER_IN_WORDS = re.compile(r"[一-鿿].*\d|\d.*[一-鿿]")


def sentences(cells):
    """The formulas whose value is a sentence with a number, on the sheets that speak of the result."""
    return {
        place
        for place, (live, read) in cells.items()
        if live and isinstance(read, str) and _NUMBER_IN_WORDS.search(read) and place[0] in ("评分汇总", "预算执行", "绩效指标", "问题清单")
    }


@pytest.fixture(scope="module")
def results_edited(tmp_path_factory):
    """(cells of the result, cells after each edit)."""
    return after_edits(EDITS, tmp_path_factory.mktemp("edited"))


def after_edits(edits, folder):
    """(cells of the result, name -> cells after that edit); one start of LibreOffice for all."""
    [path] = written(folder, [(load_scheme("national-2020"), seed_library(0))])
    jobs = [(path, folder / f"e{n}.xlsx", steps) for n, steps in enumerate(edits.values())]
    edited(jobs, folder)
    return cells_of(path), {name: cells_of(target) for name, (_, target, _) in zip(edits, jobs, strict=True)}


@office
@pytest.mark.parametrize("name", [name for name in EDITS if name != "nothing"])
def test_an_edit_is_told_in_the_first_line_and_leaves_no_stale_sentence(results_edited, name):
    tells_of_an_edit(results_edited[0], results_edited[1][name], explained=name != "explanation typed over")


def tells_of_an_edit(before, after, *, explained=True):
    """The result says first that it was changed, keeps no sentence that may be wrong now, and shows no error."""
    assert after["评分汇总", "A3"][1] == STALE
    assert [(place, read) for place, (_, read) in after.items() if isinstance(read, str) and read.startswith("#")] == []
    if explained:
        words = {read for place, (_, read) in before.items() if place in sentences(before)}
        assert [(place, read) for place, (live, read) in after.items() if live and read in words and place[0] != "评分依据"] == []
    note = [read for (sheet, _), (_, read) in after.items() if sheet == "自评表" and read == STALE]
    assert note == ([STALE] if explained else [])


MOVES_ROWS = re.compile(r"row (?!copied over)|blank row|first row|last row|all rows|budget line")


@office
@pytest.mark.parametrize("name", [name for name in EDITS if MOVES_ROWS.match(name)])
def test_no_total_leaves_a_row_out_in_silence(results_edited, name):
    leaves_no_total(results_edited[0], results_edited[1][name])


def leaves_no_total(before, after):
    """Every place of the total says that rows were moved."""
    total = next(cell[1:] for (sheet, cell), (_, read) in before.items() if sheet == "自评表" and read == "总分")
    assert {after[sheet, cell][1] for sheet, cell in (("评分汇总", "A6"), ("自评表", f"G{total}"), ("自评表", f"F{total}"))} == {STALE_TOTAL}
    assert {after["评分汇总", cell][1] for cell in ("G6", "H6", "B11", "C11", "C15", "E15")} == {STALE_SHORT}


RETYPED = ("actual cleared", "actual corrected", "tier corrected", "name corrected", "points as a text", "amount as a text",
           "kind of a line changed", "money unit changed", "scheme changed", "row copied over")  # fmt: skip
RECKONED = ("nothing", "amount corrected by a cent", "weight changed", "reason added")


@office
@pytest.mark.parametrize("name", RETYPED)
def test_no_total_is_left_of_another_text(results_edited, name):
    leaves_no_total(results_edited[0], results_edited[1][name])
    assert results_edited[1][name]["评分汇总", "E6"][1] == STALE_TOTAL


@office
def test_numbers_corrected_and_reasons_given_leave_the_totals_that_a_new_run_gives(results_edited):
    totals = [results_edited[1][name]["评分汇总", "A6"][1] for name in RECKONED]
    assert totals == [88.68, 88.68, 84.68, 88.68]


@office
def test_an_untouched_result_says_nothing(results_edited):
    before, after = results_edited[0], results_edited[1]["nothing"]
    assert {
        place: (read, after[place][1]) for place, (live, read) in before.items() if live and after[place][1] != read and isinstance(read, str)
    } == {}


@office
def test_results_of_every_kind_say_nothing_when_only_opened(tmp_path):
    made = written(tmp_path, [(load_scheme("national-2020"), random_submission(n, "untouched", rows=12)) for n in range(5)])
    jobs = [(path, tmp_path / f"again-{path.name}", []) for path in made]
    edited(jobs, tmp_path)
    assert [target.name for _, target, _ in jobs if cells_of(target)["评分汇总", "A3"][1] == STALE] == []
