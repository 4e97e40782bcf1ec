"""What is printed of 人工复核: the sheets, the live 最终得分, JSON, and nothing of it where nobody has reviewed anything."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from io import BytesIO

import pandas as pd
import pytest
from frames_of import NAN, consolidation, frame, indicators, issues, review_log, reviewed, units, unreviewed
from msgspec import structs
from office import edited, office, recalculate
from openpyxl import load_workbook
from test_recalculation import cells_of, differences

from perfxl.cli.office_commands import _line
from perfxl.consolidation.counting import rank
from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.document import consolidation_document
from perfxl.consolidation.ledger import HistoryEntry, Ledger, Run
from perfxl.consolidation.parquet import parquet_paths, write_parquet
from perfxl.consolidation.reviews import FINAL, LOG, REVIEWED
from perfxl.consolidation.reviews.unequal import unequal_shares
from perfxl.output import OutputPlan
from perfxl.schemes import load_scheme
from perfxl.schemes.records import Cap
from perfxl.workbook.consolidated import SHEETS, long, table, write_consolidated
from perfxl.workbook.consolidated import units as unit_sheets
from perfxl.workbook.consolidated.overview import beside_the_sums, figures
from perfxl.workbook.consolidated.reviews import final_grades, review_sheets, sums
from perfxl.workbook.style import SIZE, SMALLEST, printed_scale

LEVEL = {"submission": 0, "level1": "", "weight": 0.0, "score": 0.0, "answered": 0.0}
LIBRARY, FOREST, TROUPE, TRADE = "甲图书馆", "乙林业局", "丙剧团", "丁商务局"


def settled(u, **final):
    """Units with what a review makes of them; what is not named is as it was computed."""
    unreviewed(u)
    for name, values in final.items():
        u[name] = pd.Series(values, index=u.index, dtype=object if name in ("final_grade", "deductions") else None)
    return u


def completed(c, u):
    """Completed as a run completes it, with the finals that the test gives."""
    given = {name: u[name].copy() for name in FINAL}
    complete(c)
    for name, values in given.items():
        c.units[name] = values
    rank(c.units)
    return c


@pytest.fixture(scope="module")
def some():
    """LIBRARY loses points, the open row of FOREST is settled, TROUPE is open, TRADE is rescaled; one review is stale, one lost."""
    u = units(
        {"name": LIBRARY, "authority": "文化局", "total": 91.0, "low": 91.0, "high": 91.0, "claimed_total": 99.0, "claimed_grade": "优"},
        {"name": FOREST, "total": 80.0, "low": 80.0, "high": 90.0, "provisional": True, "grade": None, "grade_low": "良", "grade_high": "优"},
        {"name": TROUPE, "total": 76.0, "low": 76.0, "high": 86.0, "provisional": True, "grade": None, "grade_low": "中", "grade_high": "良"},
        {"name": TRADE, "total": 83.33, "low": 83.33, "high": 83.33, "grade": "良", "grade_low": "良", "grade_high": "良"},
    )
    u["rescale"] = [1.0, 1.0, 1.0, 100 / 90]
    settled(
        u,
        final_total=[78.0, 88.5, 76.0, 78.89],
        final_low=[78.0, 88.5, 76.0, 78.89],
        final_high=[78.0, 88.5, 86.0, 78.89],
        final_provisional=[False, False, True, False],
        final_grade=["中", "良", None, "中"],
        reviewed=[2, 1, 0, 1],
        reviewable=[12, 9, 14, 10],
        deductions=["满意度：没有问卷（扣10分）；场次：只有268场（扣3分）", "", "", "招商：佐证不足（扣4分）"],
    )
    full = {"score": 10.0, "by": "王", "day": "2021-05-10"}
    rows = reviewed(
        {
            **full,
            "item": "a",
            "unit_name": LIBRARY,
            "level3": "场次",
            "review_score": 7.0,
            "share": 0.3,
            "final": 7.0,
            "clause": "佐证",
            "reason": "只有268场",
        },
        {
            **full,
            "item": "a",
            "unit_name": LIBRARY,
            "sheet_row": 7,
            "level3": "满意度",
            "review_score": 0.0,
            "share": 1.0,
            "final": 0.0,
            "reason": "没有问卷",
        },
        {**full, "item": "a", "unit_name": LIBRARY, "sheet_row": 8, "review_score": 4.0, "state": "复核后有改动", "why": "单位改了实际完成值"},
        {"submission": 1, "item": "b", "unit_name": FOREST, "review_actual": "85亩", "review_score": 8.5, "final": 8.5, "reason": "按验收单"},
        {
            **full,
            "submission": 3,
            "item": "d",
            "unit_name": TRADE,
            "review_score": 6.0,
            "share": 0.4,
            "final": 6.0,
            "clause": "佐证",
            "reason": "佐证不足",
        },
        {"submission": -1, "item": "z", "unit_name": "撤了的单位", "review_score": 6.0, "state": "未归位", "why": "这一行没有了"},
    )
    log = review_log(
        {"day": "2021-05-10", "sha256": "ab" * 32, "unit_name": LIBRARY, "level3": "满意度", "after": "0", "reason": "没有问卷", "by": "王"}
    )
    levels = frame(LEVEL, [{"submission": 3, "level1": "产出指标", "weight": 80.0, "score": 65.0, "answered": 80.0}])
    own = indicators({"claimed_score": 10.0, "score": 7.0})
    return completed(consolidation(units=u, reviewed=rows, review_log=log, levels=levels, indicators=own), u)


@pytest.fixture(scope="module")
def data(some):
    target = BytesIO()
    write_consolidated(target, some)
    return target.getvalue()


@pytest.fixture(scope="module")
def book(data):
    return load_workbook(BytesIO(data))


def rows_of(sheet, *titles):
    head = [cell.value for cell in sheet[2]]
    return [tuple(row[head.index(title)].value for title in titles) for row in sheet.iter_rows(min_row=3)]


# the sheets


def test_the_sheets_of_a_review_stand_behind_the_authorities(book):
    assert book.sheetnames == [*SHEETS[:3], "复核结果", "复核明细", "扣分不一", "复核台账", *SHEETS[3:]]


def test_without_a_review_no_sheet_and_no_column_speaks_of_one():
    c = consolidation(units=units({"name": LIBRARY}))
    complete(c)
    target = BytesIO()
    write_consolidated(target, c)
    plain = load_workbook(BytesIO(target.getvalue()))
    assert plain.sheetnames == list(SHEETS)
    titles = [cell.value for name in ("单位得分", "主管部门汇总", "复核差异", "退回修改清单") for cell in plain[name][2]]
    assert [title for title in titles if "最终" in title or "测算" in title or "复核" in title] == [
        "规则测算得分",
        "自评−测算",
        "自评高于测算",
        "项目自评高于测算",
        "规则测算得分",
        "自评−测算",
    ]


def test_results_name_every_submission_those_with_a_review_first(book):
    assert rows_of(book["复核结果"], "排名", "单位", "自评得分", "测算得分", "自评等级", "状态", "已核/应核", "主要扣分原因") == [
        (1, FOREST, None, 80, None, "正式", "1/9", None),
        (2, TRADE, None, 83.33, None, "正式", "1/10", "招商：佐证不足（扣4分）"),
        (3, LIBRARY, 99, 91, "优", "正式", "2/12", "满意度：没有问卷（扣10分）；场次：只有268场（扣3分）"),
        (None, TROUPE, None, 76, None, "暂定", "0/14", None),
    ]


def test_every_review_is_listed_and_what_does_not_count_says_why(book):
    assert rows_of(book["复核明细"], "序号", "单位", "复核得分", "状态", "没有计入的原因") == [
        (1, LIBRARY, 7, "已计入", None),
        (1, LIBRARY, 0, "已计入", None),
        (1, LIBRARY, 4, "复核后有改动", "单位改了实际完成值"),
        (2, FOREST, 8.5, "已计入", None),
        (4, TRADE, 6, "已计入", None),
        (None, "撤了的单位", 6, "未归位", "这一行没有了"),
    ]
    assert [bool(formula) for (formula,) in rows_of(book["复核明细"], "最终得分")] == [True, True, False, True, True, False]


def test_the_log_has_the_columns_of_the_contract(book):
    assert [cell.value for cell in book["复核台账"][2]] == ["复核日期", "文件SHA", "单位", "项目", "指标", "原", "新", "理由", "复核人", "状态"]
    assert rows_of(book["复核台账"], "复核日期", "文件SHA", "单位", "指标", "原", "新", "理由", "复核人") == [
        ("2021-05-10", "abababab", LIBRARY, "满意度", None, "0", "没有问卷", "王")
    ]


def test_a_log_alone_is_printed_alone():
    c = consolidation(units=units({"name": LIBRARY}), review_log=review_log({"day": "2021-05-10", "after": ""}))
    complete(c)
    assert [sheet.title for sheet in review_sheets(c, [0]).sheets] == ["复核台账"]


def test_reviews_of_rows_that_are_gone_alone_are_still_listed():
    c = consolidation(units=units(), reviewed=reviewed({"submission": -1, "unit_name": "没了", "state": "未归位"}))
    complete(c)
    target = BytesIO()
    write_consolidated(target, c)
    plain = load_workbook(BytesIO(target.getvalue()))
    assert rows_of(plain["复核明细"], "序号", "单位", "状态") == [(None, "没了", "未归位")]
    assert rows_of(plain["复核结果"], "单位") == []


def test_nothing_of_a_review_is_printed_smaller_than_seven_points(some):
    sheets = [
        unit_sheets.scores(some, {"indicators": [""] * 4, "issues": [""] * 4}),
        unit_sheets.authority_sheet(some, unit_sheets.authority_table(some)),
        *review_sheets(some, unit_sheets.score_order(some)).sheets,
    ]
    assert [s.title for s in sheets if printed_scale(table.printed_widths(s), table.paper(s)) * SIZE < SMALLEST] == []


# both scores side by side


def test_scores_stand_side_by_side_and_the_final_one_ranks(book):
    sheet = book["单位得分"]
    columns = ("排名", "测算排名", "单位名称", "最终得分", "规则测算得分", "最终等级", "测算等级", "状态", "已核/应核", "最低", "最高")
    assert rows_of(sheet, *columns) == [
        (1, None, FOREST, 88.5, 80, "良", "良～优", "正式", "1/9", 88.5, 88.5),
        (2, 2, TRADE, 78.89, 83.33, "中", "良", "正式", "1/10", 78.89, 78.89),
        (3, 1, LIBRARY, 78, 91, "中", "优", "正式", "2/12", 78, 78),
        (None, None, TROUPE, 76, 76, "中～良", "中～良", "暂定（缺0项）", "0/14", 76, 86),
    ]
    assert "排名按最终得分" in sheet.cell(1, 6).value


def test_means_and_grades_go_by_final_scores_with_the_computed_ones_beside(some, book):
    whole = {label: value for label, value, _ in dict(figures(some))["部门（单位）整体"]}
    assert whole == {
        "份数": 4,
        "已复核": 3,
        "正式得分": 3,
        "暂定": 1,
        "最终平均得分": pytest.approx((78 + 88.5 + 78.89) / 3),
        "测算平均得分": pytest.approx((91 + 83.33) / 2),
        "最终加权平均": pytest.approx((78 + 88.5 + 78.89) / 3),
        "测算加权平均": pytest.approx((91 + 83.33) / 2),
        "自评高于测算": 1,
        "全年预算数": 400.0,
        "全年执行数": 400.0,
        "执行率": 1.0,
    }
    assert beside_the_sums(some)[0].startswith("有人工复核：")
    columns = ("主管部门", "最终平均得分", "测算平均得分", "已复核份数", "优", "良", "中", "暂定", "测算等级")
    assert rows_of(book["主管部门汇总"], *columns) == [
        ("文化局", 78, 91, 1, 0, 0, 1, 0, "优1"),
        ("（未填主管部门）", pytest.approx(83.695), 83.33, 2, 0, 1, 1, 1, "良1、暂定2"),
        ("合计", pytest.approx(81.79667, abs=1e-4), pytest.approx(87.165), 3, 0, 1, 2, 1, "优1、良1、暂定2"),
    ]


@pytest.mark.parametrize(
    ("low", "high", "open_", "final", "said"),
    [(70.0, 95.0, True, None, "中～优"), (81.0, 82.0, True, None, "良"), (85.0, 85.0, False, "良", "良"), (85.0, 85.0, False, None, "")],
)
def test_an_open_final_score_says_which_grades_it_can_be(low, high, open_, final, said):
    c = consolidation(units=units({"name": LIBRARY, "grade_low": "差", "grade_high": "优"}))
    u = settled(c.units, reviewed=1, final_provisional=open_, final_low=low, final_high=high, final_grade=[final])
    assert final_grades(u, c.schemes) == [said]


def test_points_that_do_not_add_up_have_no_grade_with_a_review_either():
    c = consolidation(units=units({"name": LIBRARY, "grade": None, "grade_low": "", "grade_high": "", "provisional": True}))
    assert final_grades(settled(c.units, reviewed=1, final_low=70.0), c.schemes) == [""]


# 扣分不一


def shares(*rows):
    return reviewed(*({"item": str(i), "clause": "佐证", "score": 10.0, **row} for i, row in enumerate(rows)))


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        ([{"share": 0.3}, {"share": 0.6}], [0.6, 0.3]),
        ([{"share": 0.3}, {"share": 0.31}], []),
        ([{"share": 0.3}, {"share": 0.3101}], [0.3101, 0.3]),
        ([{"share": 0.3}, {"share": 0.6, "clause": "其他"}], []),
        ([{"share": 0.3, "clause": ""}, {"share": 0.6, "clause": ""}], []),
        ([{"share": 0.3}, {"share": NAN}], []),
        ([{"share": 0.3}, {"share": 0.6, "state": "复核冲突"}], []),
        ([{"share": 0.3, "item": "a|2020|整体|"}, {"share": 0.6, "item": "a|2020|项目|b"}], []),
        ([{"share": 0.0}, {"share": 1.0}, {"share": 1.0}], []),
        ([{"share": 0.3, "clause": "", "reason": "没有 问卷"}, {"share": 1.0, "clause": " ", "reason": "没有问卷"}], [1.0, 0.3]),
        ([], []),
    ],
)
def test_one_clause_with_different_shares_at_different_units_is_listed(rows, listed):
    assert unequal_shares(shares(*rows), 0.01)["share"].tolist() == listed


def test_the_listing_names_units_reasons_and_the_span(book):
    assert rows_of(book["扣分不一"], "依据条款或理由", "扣减比例从低到高", "扣减比例", "单位", "扣分理由") == [
        ("佐证", "30%～40%", 0.4, TRADE, "佐证不足"),
        ("佐证", "30%～40%", 0.3, LIBRARY, "只有268场"),
    ]


# live


@office
def test_every_formula_recalculated_gives_the_stored_value(data, tmp_path):
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(data)
    before = cells_of(path)
    (again,) = recalculate([path], tmp_path / "again")
    formulas = [place for place, (is_formula, _) in before.items() if is_formula]
    assert {sheet for sheet, _ in formulas} >= {"复核结果", "复核明细", "单位得分", "主管部门汇总", "总览"}
    assert sum(sheet == "复核结果" for sheet, _ in formulas) == 8  # three totals and grades, a difference, the hint
    assert differences(before, cells_of(again)) == []


@office
def test_a_number_changed_by_hand_moves_total_and_grade_and_the_other_sheets_say_so(data, tmp_path):
    path, typed, cleared, sorted_ = (tmp_path / f"{name}.xlsx" for name in ("汇总", "改分", "清空", "排序"))
    path.write_bytes(data)
    steps = [["sort", "复核明细", "A3:AF8", 9, True], ["sort", "复核结果", "A3:S6", 2, False]]
    edited([(path, typed, [["set", "复核明细", "L4", 9.0]]), (path, cleared, [["clear", "复核明细", "L4"]]), (path, sorted_, steps)], tmp_path)
    said = {}
    for name in (typed, cleared, sorted_):
        sheets = load_workbook(name, data_only=True)
        hints = [next(cell.value for cell in sheets[title][1][1:] if cell.value)[:11] for title in ("复核结果", "单位得分", "主管部门汇总")]
        said[name.stem] = (
            dict(rows_of(sheets["复核结果"], "单位", "最终得分")),
            dict(rows_of(sheets["复核结果"], "单位", "最终等级"))[LIBRARY],
            hints,
            sheets["总览"]["A3"].value,
        )
    kept = {LIBRARY: 78, FOREST: 88.5, TROUPE: 76, TRADE: 78.89}
    moved = ["“复核明细”里改过分数"] * 3
    assert said["改分"][:2] == ({**kept, LIBRARY: 87}, "良")
    assert said["清空"][:2] == ({**kept, LIBRARY: 88}, "良")
    assert said["排序"][:2] == (kept, "中")
    assert [said[name][2] == moved or said[name][2] for name in ("改分", "清空")] == [True, True]
    assert not any("改过" in hint for hint in said["排序"][2])
    assert [bool(said[name][3]) for name in ("改分", "清空", "排序")] == [True, True, False]


def test_a_total_that_does_not_add_up_this_way_stays_a_number(some):
    """The cap of a scheme, a rule nobody here knows of: no formula is better than one that gives another number."""
    assert sorted(sums(some)) == [0, 1, 3]
    some.units.loc[3, "final_total"] += 1
    assert sorted(sums(some)) == [0, 1]
    some.units.loc[3, "final_total"] -= 1


# JSON, Parquet, the ledger


def test_json_has_final_scores_and_every_review(some):
    document = consolidation_document(some)
    keys = ("name", "total", "reviewed_total", "final", "reviewed", "reviewable", "rank", "computed_rank")
    assert [tuple(unit[key] for key in keys) for unit in document["units"]] == [
        (LIBRARY, 91, 78, {"total": 78, "possible": [78, 78], "grade": "中", "provisional": False}, 2, 12, 3, 1),
        (FOREST, 80, 88.5, {"total": 88.5, "possible": [88.5, 88.5], "grade": "良", "provisional": False}, 1, 9, 1, None),
        (TROUPE, 76, None, {"total": 76, "possible": [76, 86], "grade": None, "provisional": True}, 0, 14, None, None),
        (TRADE, 83.33, 78.89, {"total": 78.89, "possible": [78.89, 78.89], "grade": "中", "provisional": False}, 1, 10, 2, 2),
    ]
    assert [(row["name"], row["state"], row["score"], row["review_score"], row["final"], row["why"]) for row in document["reviews"]] == [
        (LIBRARY, "counts", 10, 7, 7, None),
        (LIBRARY, "counts", 10, 0, 0, None),
        (LIBRARY, "stale", 10, 4, None, "单位改了实际完成值"),
        (FOREST, "counts", None, 8.5, 8.5, None),
        (TRADE, "counts", 10, 6, 6, None),
        ("撤了的单位", "lost", None, 6, None, "这一行没有了"),
    ]
    assert (
        document["reviews"][0] | {"reason": "只有268场", "clause": "佐证", "by": "王", "day": "2021-05-10", "share": 0.3, "row": 4}
        == document["reviews"][0]
    )


def test_json_of_a_run_nobody_has_reviewed_says_so():
    c = consolidation(units=units({"name": LIBRARY}))
    complete(c)
    (unit,) = consolidation_document(c)["units"]
    assert (unit["reviewed_total"], unit["reviewed"], unit["final"]) == (
        None,
        0,
        {"total": 90, "possible": [90, 90], "grade": "优", "provisional": False},
    )
    assert consolidation_document(c)["reviews"] == []


def test_parquet_has_every_review_and_the_final_scores(some, tmp_path):
    pytest.importorskip("pyarrow")
    plan = OutputPlan()
    for path in parquet_paths(tmp_path):
        plan.replace(path, "parquet")
    write_parquet(tmp_path, some, plan)
    reviews, log, own = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("reviews", "review_log", "units"))
    assert (list(reviews.columns), list(log.columns)) == (list(REVIEWED), list(LOG))
    assert reviews[["submission", "state", "final"]].fillna(-1).values.tolist()[2:] == [
        [0, "复核后有改动", -1],
        [1, "已计入", 8.5],
        [3, "已计入", 6.0],
        [-1, "未归位", -1],
    ]
    assert own[["final_total", "final_grade", "reviewed", "final_provisional"]].values.tolist() == [
        [78.0, "中", 2, False],
        [88.5, "良", 1, False],
        [76.0, "", 0, True],
        [78.89, "中", 1, False],
    ]


@pytest.mark.parametrize(
    ("scored", "said"),
    [
        ({}, "90 优"),
        ({"final_total": 90.0, "final_grade": "优"}, "90 优"),
        ({"final_total": 78.5, "final_grade": "中"}, "最终78.5 中（测算90 优）"),
        ({"final_total": 88.5, "final_grade": "良", "provisional": True, "low": 80.0, "high": 90.0}, "最终88.5 良（测算暂定80～90）"),
        ({"final_total": 85.0, "provisional": True, "low": 80.0, "high": 90.0}, "最终暂定85（测算暂定80～90）"),
    ],
)
def test_history_shows_the_final_score_where_a_review_moved_it(scored, said):
    own = {"total": 90.0, "grade": "优", "provisional": False, "name": LIBRARY, "year": 2020, "submission_count": 1, "fate": "accepted"}
    blank = dict.fromkeys(("unit_key", "code", "evaluation", "project", "sha256", "source", "filled_on"), "")
    assert _line(HistoryEntry(**{**blank, **own, **scored}))[5].strip() == said


def test_a_ledger_without_final_scores_keeps_its_results_and_has_none(tmp_path):
    path = tmp_path / "l.sqlite"
    blank = dict.fromkeys(("unit_key", "code", "evaluation", "project", "source", "filled_on"), "")
    entry = HistoryEntry(**{**blank, "name": LIBRARY, "year": 2020, "submission_count": 1, "fate": "accepted", "sha256": "s", "total": 90.0})
    with Ledger(path) as ledger:
        ledger.finish("o", Run("f"), [dataclasses.replace(entry, final_total=78.0, final_grade="中")])
        assert [(row["final_total"], row["final_grade"]) for row in ledger.results()] == [(78.0, "中")]
    with closing(sqlite3.connect(path)) as base:
        for name in ("history", "results"):
            for column in ("final_total", "final_grade"):
                base.execute(f"ALTER TABLE {name} DROP COLUMN {column}")
        base.execute("PRAGMA user_version = 2")
        base.execute("UPDATE meta SET value = '2' WHERE name = 'schema'")
        base.commit()
    with Ledger(path) as ledger:
        assert [(row["total"], row["final_total"]) for row in ledger.results()] == [(90.0, None)]
        assert [(e.total, e.final_total, e.final_grade) for e in ledger.history(LIBRARY)] == [(90.0, None, None)]


# where the rows stand elsewhere


def test_differences_and_the_returned_list_say_what_a_review_made_of_the_row():
    u = units({"name": LIBRARY, "claimed_total": 99.0, "total": 80.0})
    rows = reviewed(
        {"score": 7.0, "review_score": 5.0, "final": 5.0},
        {"sheet_row": 6, "state": "复核后有改动"},
        {"sheet": "预算执行", "sheet_row": 0, "final": 8.5},
    )
    said = issues(
        {"cell": "G4"},
        {"cell": "G6"},
        {"cell": "G7"},
        {"sheet": "预算执行", "cell": "E3", "code": "budget-missing"},
        {"sheet": "基本信息", "cell": "B3"},
    )
    own = indicators({"claimed_score": 10.0, "score": 7.0}, {"sheet_row": 9, "claimed_score": 10.0, "score": 7.0})
    c = consolidation(units=u, reviewed=rows, issues=said, indicators=own)
    complete(c)
    c.units["reviewed"], c.units["final_total"] = 2, 78.5
    target = BytesIO()
    write_consolidated(target, c)
    found = load_workbook(BytesIO(target.getvalue()))
    assert rows_of(found["复核差异"], "对象", "人工复核") == [("指标", "复核得5分"), ("指标", None), ("总分", "最终78.5分")]
    assert rows_of(found["退回修改清单"], "单元格", "人工复核") == [
        ("G4", "复核得5分"),
        ("G6", "复核后有改动"),
        ("G7", None),
        ("E3", "复核得8.5分"),
        ("B3", None),
    ]
    assert [s.title for s in long.sheets(c) if printed_scale(table.printed_widths(s), table.paper(s)) * SIZE < SMALLEST] == []


@pytest.mark.parametrize(
    ("total", "rescale", "final", "kept"),
    [
        (54.49, 1.0, 57.0, 1.0),
        (60.54, 100 / 90, 63.33, 100 / 90),  # 不适用 all the same
        (60.54, 100 / 90, 57.0, 1.0),  # a row that did not apply has points now
    ],
)
def test_a_row_that_did_not_apply_and_has_points_now_brings_the_full_total_back(total, rescale, final, kept):
    """Of 54.49 points, 10 of execution, a row of 7.49 is given 10; in the last case another, worth 10 and not applicable, is given 0."""
    u = units({"name": LIBRARY, "total": total, "full": 100.0})
    u["rescale"] = rescale
    settled(u, final_total=final, reviewed=1)
    rows = [
        {"score": 7.49, "review_score": 10.0, "final": 10.0},
        *([{"sheet_row": 5, "review_score": 0.0, "final": 0.0}] if kept == 1 and rescale != 1 else []),
    ]
    levels = frame(LEVEL, [{"level1": "产出指标", "weight": 80.0, "score": 44.49, "answered": 80.0}])
    c = completed(consolidation(units=u, reviewed=reviewed(*rows), levels=levels), u)
    assert {n: (pytest.approx(s.rest), pytest.approx(s.rescale)) for n, s in sums(c).items()} == {0: (47.0, kept)}


@pytest.mark.parametrize(("rate", "final", "cap"), [(0.5, 79.0, 79.0), (0.8, 89.0, None), (0.7, 89.0, None)])
def test_a_cap_of_the_scheme_holds_in_the_formula_too(rate, final, cap):
    scheme = load_scheme("national-2020")
    capped = structs.replace(scheme, total_caps=structs.replace(scheme.total_caps, caps=(Cap(rate_below=0.7, at_most=79.0),)))
    u = settled(units({"name": LIBRARY, "execution_rate": rate, "total": final}), final_total=final, reviewed=1)
    levels = frame(LEVEL, [{"level1": "产出指标", "weight": 90.0, "score": 80.0, "answered": 90.0}])
    rows = reviewed({"score": 10.0, "review_score": 9.0, "final": 9.0})
    c = completed(consolidation(units=u, reviewed=rows, levels=levels, schemes={"national-2020": capped}), u)
    assert [(s.rest, s.cap) for s in sums(c).values()] == [(80.0, cap)]


def test_where_a_total_stays_a_number_nothing_offers_to_be_tried_out(some):
    kept = some.units["final_total"].copy()
    some.units.loc[0, "final_total"] = 12.34
    some.units.loc[0, "rescale"] = 1.2
    try:
        sheets = {sheet.title: {field.title: field for field in sheet.fields} for sheet in review_sheets(some, [0, 1, 2, 3]).sheets}
        assert sheets["复核明细"]["试算"].values == [None, None, None, "可以", "可以", None]
        assert list(map(bool, sheets["复核明细"]["最终得分"].formulas)) == [False, False, False, True, True, False]
    finally:
        some.units["final_total"] = kept
        some.units.loc[0, "rescale"] = 1.0
