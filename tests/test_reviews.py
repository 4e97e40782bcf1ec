"""人工复核 from sheet to rank: what a reviewer types counts, nothing of it is lost, none of it counts for another row (contract §5)."""

from __future__ import annotations

import hashlib
import math
import random
import shutil
import sqlite3
from datetime import date, datetime
from io import BytesIO

import inbox
import pytest
from inbox import folder
from office import office, recalculate
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from paper_samples import FACTS, ROWS, TOTAL, document
from paper_samples import HEAD as HEAD_OF_FORM
from reviewing import ALL, HEAD, RATE, READERS, VISITS, Bureau, codes, finals, intake, lines, states, typed

from perfxl.consolidation.decisions import Ruling
from perfxl.consolidation.ledger import Ledger
from perfxl.consolidation.records import Missing
from perfxl.consolidation.reviews import FINAL, LOG, REVIEWED
from perfxl.consolidation.reviews.record import Change, Review
from perfxl.model import PerfxlError
from perfxl.output import sealed_state
from perfxl.schemes import load_scheme
from perfxl.workbook import consolidated
from perfxl.workbook.consolidated import write_consolidated

BOOK = "复核_未填主管部门.xlsx"
CUT = {"复核得分": 40, "扣分理由": "佐证材料不足"}


@pytest.fixture
def bureau(tmp_path, monkeypatch):
    return Bureau(tmp_path, monkeypatch)


@pytest.fixture
def two(bureau):
    """Two units, review sheets written."""
    bureau.sent(a=intake("甲馆", code="001"), b=intake("乙馆", code="002", actual=None))
    bureau.run(sheets="复核")
    return bureau


# the reasons that are offered


def test_the_fourteen_public_reasons_are_data_and_every_pack_has_them():
    offered = {clause.title: [] for clause in load_scheme("national-2020").review.clauses}
    for clause in load_scheme("national-2020").review.clauses:
        offered[clause.title].append(clause.share)
    assert len(offered) == 14
    assert [shares for shares in offered.values() if shares != [None]] == [[1], [1], [1, 0.6, 0.3], [1], [0], [0], [0.3], [0], [1], [1]]
    assert load_scheme("hubei").review == load_scheme("national-2020").review
    assert [c.offered for c in load_scheme("jiangxi").review.clauses[2:4]] == ["指标不具考核性（严重）：扣100%", "指标不具考核性（中等）：扣60%"]


# the sheet


def test_a_sheet_has_a_line_per_indicator_and_one_for_execution_with_the_columns_of_the_contract(two):
    found = lines(two.sheet())
    assert tuple(found[0])[1:] == ALL
    assert [(line["单位"], line["三级指标"], line["分值"], line["规则测算得分"]) for line in found] == [
        (unit, name, weight, score)
        for unit, visits in (("甲馆", 50), ("乙馆", None))
        for name, weight, score in (("预算执行率", 10, 9.5), (VISITS, 50, visits), (READERS, 30, 29.25), (RATE, 10, 10))
    ]
    assert {line["复核得分"] for line in found} == {None}


def test_only_yellow_cells_take_typing_and_sorting_is_not_locked(two):
    book = load_workbook(two.sheet())
    sheet = book["复核"]
    assert (sheet.protection.sheet, sheet.protection.password, sheet.protection.sort, sheet.protection.autoFilter) == (True, None, False, False)
    titles = [cell.value for cell in sheet[HEAD]]
    assert all(cell.protection.locked for cell in sheet[HEAD])
    assert not any(cell.protection.locked for row in sheet.iter_rows(min_row=HEAD + 1, max_col=len(titles)) for cell in row)
    yellow = {titles[c.column - 1] for c in sheet[HEAD + 1] if c.fill.start_color.rgb == "FFFFF9DB"}
    assert yellow == {"复核完成值", "复核得分", "扣分理由", "依据条款", "佐证材料核对", "复核人", "复核日期", "确认", "单位意见"}
    guarded = {
        titles[next(iter(rule.sqref.ranges)).min_col - 1] for rule in sheet.data_validations.dataValidation if rule.formula1 in ("FALSE", "=FALSE")
    }
    assert guarded == set(titles) - yellow
    lists = {titles[next(iter(r.sqref.ranges)).min_col - 1]: r.formula1 for r in sheet.data_validations.dataValidation if r.type == "list"}
    assert lists == {"佐证材料核对": '"有,无,不符"', "确认": '"是"', "依据条款": "条款!$A$1:$A$16"}
    assert (book["条款"].sheet_state, book["条款"]["A1"].value) == ("hidden", "没有佐证材料：扣100%")
    assert (sheet.column_dimensions["W"].hidden, sheet.auto_filter.ref, sheet.freeze_panes) == (True, "A2:W10", "F3")
    assert (int(sheet.page_setup.paperSize), sheet.page_setup.orientation, sheet.print_title_rows) == (8, "landscape", "$1:$2")


def test_a_sheet_is_ours_and_no_submission_where_it_lies_among_them(two):
    shutil.copy(two.sheet(), two.home / "收件" / "复核表.xlsx")
    typed(two.home / "收件" / "复核表.xlsx", {("甲馆", VISITS): CUT})
    c = two.run()
    assert dict(zip(c.files["shown"], c.files["code"], strict=True))["复核表.xlsx"] == "ignored-own-result"


def test_departments_have_a_workbook_each_and_another_year_none(bureau):
    bureau.listed(("甲馆", "001", "市文旅局", ""), ("乙馆", "002", "市教育局", ""))
    bureau.sent(a=intake("甲馆", code="001"), b=intake("乙馆", code="002"), c=intake("乙馆", code="002", year=2019))
    bureau.run(sheets="复核", year=2020)
    assert sorted(path.name for path in (bureau.home / "复核").iterdir()) == ["复核_市教育局.xlsx", "复核_市文旅局.xlsx"]
    assert len(lines(bureau.sheet("复核/复核_市教育局.xlsx"))) == 4


# what counts


def test_what_a_reviewer_types_enters_rows_totals_ranks_and_the_log(two):
    typed(two.sheet(), {("甲馆", VISITS): {**CUT, "复核人": "李", "复核日期": "2021-03-05", "单位意见": "同意"}, ("乙馆", VISITS): {"复核得分": 50}})
    c = two.run("复核")
    assert finals(c) == {"甲馆": (98.75, 88.75, False), "乙馆": (48.75, 98.75, False)}
    assert c.units["rank"].tolist() == [2.0, 1.0]
    assert c.units["authority_rank"].tolist() == [2.0, 1.0]
    assert (c.units["computed_rank"].iloc[0], math.isnan(c.units["computed_rank"].iloc[1])) == (1.0, True)
    assert list(zip(c.units["reviewed"], c.units["reviewable"], c.units["deductions"], c.units["final_grade"], strict=True)) == [
        (1, 4, "佐证材料不足", "良"),
        (1, 4, "", "优"),
    ]
    first = c.reviewed.iloc[0]
    assert (first.state, first.review_score, first.final, first.share, first.score, first.claimed, first.answer, first.by) == (
        "已计入",
        40.0,
        40.0,
        0.2,
        50.0,
        50.0,
        "同意",
        "李",
    )
    assert (first.sheet, first.sheet_row, first.sha256) == ("绩效指标", 2, c.units["sha256"].iloc[0])
    assert [(r.day, r.unit_name, r.before, r.after, r.reason, r.by, r.state) for r in c.review_log.itertuples()] == [
        ("", "乙馆", "", "50分", "", "", "新增"),
        ("2021-03-05", "甲馆", "", "40分", "佐证材料不足", "李", "新增"),
    ]
    assert (tuple(c.reviewed), tuple(c.review_log), [name in c.units for name in FINAL]) == (tuple(REVIEWED), tuple(LOG), [True] * len(FINAL))
    assert codes(c) == []


ANSWERS = (
    ({"复核得分": 0, "扣分理由": "没有活动"}, 48.75, None, ""),
    ({"复核得分": 50}, 98.75, None, ""),
    ({"复核得分": "40", "扣分理由": "不足"}, 88.75, None, ""),
    ({"复核得分": "40分", "扣分理由": "不足"}, 88.75, None, ""),
    ({"复核得分": "４０．５", "扣分理由": "不足"}, 89.25, None, ""),
    ({"复核得分": 40.126, "扣分理由": "不足"}, 88.88, None, ""),
    ({"复核得分": "扣2分", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "40人", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "40次", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "60%", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "约40", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "40/50", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "无"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "*"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "#DIV/0!", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": True, "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": datetime(2021, 3, 4), "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": "=20+20", "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": -1, "扣分理由": "不足"}, 98.75, "review-invalid", "N"),
    ({"复核得分": 50.01}, 98.75, "review-invalid", "N"),
    ({"复核得分": 1e300}, 98.75, "review-invalid", "N"),
    ({"复核得分": 40}, 98.75, "review-invalid", "O"),
    ({"复核得分": 40, "扣分理由": "  "}, 98.75, "review-invalid", "O"),
    ({"复核得分": 40, "扣分理由": "无"}, 98.75, "review-invalid", "O"),
    ({"复核得分": 40, "扣分理由": "/"}, 98.75, "review-invalid", "O"),
    ({"复核得分": 40, "扣分理由": 0}, 98.75, "review-invalid", "O"),
    ({"复核得分": 40, "扣分理由": "不足", "依据条款": "/"}, 88.75, None, ""),
    ({"复核得分": 40, "扣分理由": "不足", "复核日期": "不知道"}, 88.75, "review-word-unknown", "S"),
    ({"复核得分": 40, "扣分理由": "不足", "复核日期": "2021-03"}, 88.75, "review-word-unknown", "S"),
    ({"规则测算得分": 40}, 98.75, "review-invalid", "L"),
    ({"自评得分": 40, "复核得分": 50}, 98.75, "review-invalid", "K"),
    ({"最终得分": 40}, 98.75, "review-invalid", "V"),
    ({"最终得分": 40, "复核得分": 40.004, "扣分理由": "不足"}, 88.75, None, ""),
    ({"最终得分": 50}, 98.75, None, ""),
    ({"最终得分": "待核"}, 98.75, None, ""),
    ({"复核得分": 40, "依据条款": "没有佐证材料：扣100%"}, 98.75, "review-invalid", "O"),
    ({"复核完成值": "10场"}, 73.75, None, ""),
    ({"复核完成值": 10}, 73.75, None, ""),
    ({"复核完成值": "30"}, 98.75, None, ""),
    ({"复核完成值": "不清楚"}, 98.75, "review-invalid", "M"),
    ({"复核完成值": "大约10场"}, 98.75, "review-invalid", "M"),
    ({"复核完成值": "10场", "复核得分": 45, "扣分理由": "酌情"}, 93.75, None, ""),
    ({"扣分理由": "忘了填分"}, 98.75, "review-without-score", "O"),
    ({"扣分理由": "无", "依据条款": "—"}, 98.75, None, ""),
    ({"佐证材料核对": "有", "复核人": "李"}, 98.75, None, ""),
    ({"复核得分": " "}, 98.75, None, ""),
)  # fmt: skip
"""What is typed into a line of 50 points, the total then, the code, its cell's column."""
AMOUNTS = (("50", 94.25), ("500000元", 94.25), (100, 99.25), ("80%", 98.75), ("很多", 98.75))
"""What is typed into 复核完成值 of the execution, and the total then."""


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """A unit for each answer, all in one run."""
    with pytest.MonkeyPatch.context() as patch:
        bureau = Bureau(tmp_path_factory.mktemp("answers"), patch)
        bureau.sent(
            **{f"u{n}": intake(f"单位{n}", code=f"{n:03}") for n in range(len(ANSWERS))},
            **{f"m{n}": intake(f"金额{n}", code=f"9{n}") for n in range(len(AMOUNTS))},
        )
        bureau.run(sheets="复核")
        answers = {(f"单位{n}", VISITS): answer for n, (answer, *_) in enumerate(ANSWERS)}
        typed(bureau.sheet(), answers | {(f"金额{n}", "预算执行率"): {"复核完成值": value} for n, (value, _) in enumerate(AMOUNTS)})
        return bureau.run("复核")


@pytest.mark.parametrize("number", range(len(ANSWERS)), ids=[str(answer) for answer, *_ in ANSWERS])
def test_each_kind_of_answer(answered, number):
    _, final, code, column = ANSWERS[number]
    unit = f"单位{number}"
    assert finals(answered)[unit] == (98.75, pytest.approx(final), False)
    said = answered.between[answered.between["unit"] == unit]
    row = answered.units["name"].tolist().index(unit) * 4 + HEAD + 2
    assert list(zip(said["code"], said["cell"], said["sheet"], said["file"], strict=True)) == (
        [(code, f"{column}{row}", "复核", BOOK)] if code else []
    )


def test_the_execution_of_the_budget_is_computed_anew_from_an_amount(answered):
    assert [finals(answered)[f"金额{n}"][1] for n in range(len(AMOUNTS))] == [total for _, total in AMOUNTS]


def test_execution_points_given_by_hand_settle_what_was_open(bureau):
    bureau.sent(a=intake("甲馆", code="001", money=(None, 95)))
    assert finals(bureau.run(sheets="复核")) == {"甲馆": (89.25, 89.25, True)}
    typed(bureau.sheet(), {("", "预算执行率"): {"复核得分": 8}})
    assert finals(bureau.run("复核")) == {"甲馆": (89.25, 97.25, False)}


def test_an_open_row_among_several_stays_open(bureau):
    bureau.sent(a=intake("甲馆", code="001", actual=None, fiscal_year_text=""), b=intake("乙馆", code="", actual=None, money=(None, None)))
    bureau.run(sheets="复核")
    typed(bureau.sheet(), {("", VISITS): {"复核得分": 30}})
    c = bureau.run("复核")
    assert finals(c) == {"甲馆": (48.75, 78.75, False), "乙馆": (39.25, 69.25, True)}
    low, high = c.units.set_index("name").loc["乙馆", ["final_low", "final_high"]]
    assert (low, high) == (69.25, 79.25)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"复核得分": 30, "扣分理由": "自评偏高", "依据条款": "自定条款"}, "review-clause-unknown"),
        ({"复核得分": 12, "扣分理由": "中等", "依据条款": "指标不具考核性（中等）：扣60%"}, "review-share-differs"),
        ({"复核得分": 20, "扣分理由": "中等", "依据条款": "指标不具考核性（中等）：扣60%"}, None),
        ({"复核得分": 0, "扣分理由": "没有", "依据条款": "没有佐证材料"}, None),
        ({"复核得分": 50, "佐证材料核对": "齐全"}, "review-word-unknown"),
    ],
)  # fmt: skip
def test_what_counts_with_a_warning(bureau, answer, code):
    bureau.sent(a=intake("甲馆", code="001"))
    bureau.run(sheets="复核")
    typed(bureau.sheet(), {("", VISITS): answer})
    c = bureau.run("复核", ledger=False)
    assert (codes(c), states(c)) == ([code] if code else [], {("甲馆", VISITS): "已计入"})


def test_a_review_above_the_claim_and_the_same_fault_with_different_shares_are_said(two):
    late = "多目标任务个别未按时完成：扣30%"
    typed(
        two.sheet(),
        {
            ("甲馆", READERS): {"复核得分": 14.62, "扣分理由": "迟", "依据条款": late},
            ("乙馆", READERS): {"复核得分": 20.48, "扣分理由": "迟", "依据条款": late},
        },
    )
    c = two.run("复核")
    assert codes(c) == ["review-share-differs", "review-shares-differ"]
    said = c.between.set_index("code")["message"]["review-shares-differ"]
    assert ("甲馆“服务读者人次”扣50.02%" in said, "乙馆“服务读者人次”扣29.98%" in said) == (True, True)
    typed(two.sheet(), {("", READERS): {"复核得分": None, "扣分理由": None, "依据条款": None}})
    bureau = two
    bureau.sent(c=intake("丙馆", code="003", actual="10场"))
    bureau.run("复核", "新")
    typed(bureau.sheet("新/复核_未填主管部门.xlsx"), {("丙馆", VISITS): {"复核得分": 50}})
    assert codes(bureau.run("新")) == []


# kept and applied in every later run


def test_reviews_hold_without_being_handed_in_again_and_a_blank_takes_them_back(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核", "复核")
    assert finals(two.run(missing=two.ran[0].missing))["甲馆"][1] == 88.75
    assert finals(two.run("复核", "新"))["甲馆"][1] == 88.75
    typed(two.sheet("新/复核_未填主管部门.xlsx"), {("甲馆", VISITS): {"复核得分": None, "扣分理由": None}})
    c = two.run("新", "再")
    assert (finals(c)["甲馆"][1], len(c.reviewed)) == (98.75, 0)
    assert [(r.before, r.after, r.state) for r in c.review_log.itertuples()] == [("", "40分", "新增"), ("40分", "", "撤回")]
    assert finals(two.run("复核", "四"))["甲馆"][1] == 98.75


def test_a_missing_line_or_sheet_changes_nothing(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT, ("乙馆", VISITS): {"复核得分": 20}})
    two.run("复核", "新")
    path = two.sheet("新/复核_未填主管部门.xlsx")
    book = load_workbook(path)
    book["复核"].delete_rows(HEAD + 2, 5)
    book.save(path)
    assert finals(two.run("新"))["甲馆"][1] == 88.75
    folder(two.home / "空", {})
    (two.home / "空").mkdir(exist_ok=True)
    assert finals(two.run("空"))["乙馆"][1] == 68.75


def test_the_same_folder_for_reading_and_writing_keeps_what_was_typed_and_fills_it_in(two):
    typed(two.sheet(), {("甲馆", VISITS): {**CUT, "单位意见": "不同意，另附材料", "佐证材料核对": "不符", "复核日期": date(2021, 3, 5)}})
    assert sealed_state(two.sheet()) == "ours-edited"
    two.run("复核", "复核")
    assert (two.result.kept, two.result.failed, sealed_state(two.sheet())) == ([], [], "ours-untouched")
    line = lines(two.sheet())[1]
    assert {title: line[title] for title in ("复核得分", "扣分理由", "单位意见", "佐证材料核对", "复核日期", "确认")} == {
        "复核得分": 40, "扣分理由": "佐证材料不足", "单位意见": "不同意，另附材料", "佐证材料核对": "不符", "复核日期": "2021-03-05", "确认": None,
    }  # fmt: skip
    assert load_workbook(two.sheet(), data_only=True)["复核"]["V4"].value == 40


def test_what_was_not_read_is_not_written_over(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run(sheets="复核")
    assert [new.name for _, new in two.result.kept] == ["复核_未填主管部门_2.xlsx"]
    assert lines(two.sheet())[1]["复核得分"] == 40
    book = load_workbook(two.sheet())
    book["复核"]["X5"] = "自己记的一句话"
    book.save(two.sheet())
    c = two.run("复核", "复核")
    assert (finals(c)["甲馆"][1], load_workbook(two.sheet())["复核"]["X5"].value) == (88.75, "自己记的一句话")


def _sheet_added(book):
    book.create_sheet("笔记")["A1"] = "自己记的一句话"


def _comment(book):
    book["复核"]["N5"].comment = Comment("自己记的一句话", "李")


def _above(book):
    book["复核"]["F1"] = "自己记的一句话"


def _below(book):
    book["复核"]["A20"] = "自己记的一句话"


def _typed_over(book):
    book["复核"]["V5"] = 3


def _beyond(book):
    book["复核"]["AZ60000"] = "自己记的一句话"


@pytest.mark.parametrize("more", [_sheet_added, _comment, _above, _below, _typed_over, _beyond])
def test_a_sheet_that_holds_more_than_reviews_is_not_written_over(two, more):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    book = load_workbook(two.sheet())
    more(book)
    book.save(two.sheet())
    before = two.sheet().read_bytes()
    c = two.run("复核", "复核")
    assert (finals(c)["甲馆"][1], [new.name for _, new in two.result.kept]) == (88.75, ["复核_未填主管部门_2.xlsx"])
    assert two.sheet().read_bytes() == before


def test_a_colour_or_a_hidden_line_is_nothing_to_keep(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    book = load_workbook(two.sheet())
    book["复核"]["A4"].fill = PatternFill("solid", start_color="FFFF0000")
    book["复核"].row_dimensions[5].hidden = True
    book.save(two.sheet())
    assert (finals(two.run("复核", "复核"))["甲馆"][1], two.result.kept) == (88.75, [])


def test_an_unchanged_run_is_noticed_and_a_changed_sheet_is_too(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核", "复核")
    count = len(two.ran)
    from perfxl.consolidation.engine import ConsolidateOptions
    from perfxl.jobs import consolidate as job

    products = job.Products(two.home / "汇总.xlsx", two.home / "台账.sqlite", review_sheets=two.home / "复核")
    again = job.run([two.home / "收件"], products, ConsolidateOptions(review=two.home / "复核", today=date(2021, 3, 1)))
    assert (again.unchanged, len(two.ran)) == (True, count)
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": 30}})
    assert finals(two.run("复核", "复核"))["甲馆"][1] == 78.75


# several sheets, old sheets, copies


def copy(two, source: str, target: str) -> str:
    (two.home / target).parent.mkdir(exist_ok=True)
    shutil.copy(two.sheet(source), two.home / target)
    return target


def test_two_sheets_with_different_numbers_contradict_each_other_until_one_is_chosen(two):
    for name, score in (("甲.xlsx", 40), ("乙.xlsx", 30)):
        typed(two.home / copy(two, f"复核/{BOOK}", f"收回/{name}"), {("甲馆", VISITS): {"复核得分": score, "扣分理由": "不足"}})
    c = two.run("收回", "新")
    assert (finals(c)["甲馆"][1], states(c), codes(c)) == (98.75, {("甲馆", VISITS): "复核冲突"}, ["review-conflict"])
    assert "甲.xlsx" in c.reviewed["why"].iloc[0]
    assert "乙.xlsx" in c.reviewed["why"].iloc[0]
    assert states(two.run(sheets="另")) == {("甲馆", VISITS): "复核冲突"}
    assert lines(two.sheet(f"新/{BOOK}"))[1]["复核得分"] is None
    shutil.copy(two.sheet(f"新/{BOOK}"), two.home / "收回" / "丙.xlsx")
    assert states(two.run("收回")) == {("甲馆", VISITS): "复核冲突"}
    typed(two.home / "收回" / "丙.xlsx", {("甲馆", VISITS): {"复核得分": 35}})
    c = two.run("收回")
    assert (finals(c)["甲馆"][1], codes(c)) == (83.75, [])
    (two.home / "收回" / "丙.xlsx").unlink()
    assert finals(two.run("收回"))["甲馆"][1] == 83.75


def test_two_reviewers_may_share_the_lines_of_one_sheet(two):
    typed(two.home / copy(two, f"复核/{BOOK}", "收回/甲.xlsx"), {("甲馆", VISITS): CUT})
    typed(two.home / copy(two, f"复核/{BOOK}", "收回/乙.xlsx"), {("甲馆", READERS): {"复核得分": 20, "扣分理由": "不实"}})
    assert finals(two.run("收回"))["甲馆"][1] == 79.5
    assert finals(two.run("收回", "新"))["甲馆"][1] == 79.5


def test_an_old_sheet_that_comes_back_changes_nothing(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    copy(two, f"复核/{BOOK}", "旧/旧.xlsx")
    two.run("复核", "复核")
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": 45}})
    assert finals(two.run("复核", "复核"))["甲馆"][1] == 93.75
    assert finals(two.run("旧", "三"))["甲馆"][1] == 93.75
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": None, "扣分理由": None}})
    assert finals(two.run("复核", "复核"))["甲馆"][1] == 98.75
    c = two.run("旧", "四")
    assert (finals(c)["甲馆"][1], len(c.review_log)) == (98.75, 3)


def test_the_same_file_corrected_and_handed_in_again_counts_as_it_is_now(two):
    for score, total in ((40, 88.75), (45, 93.75), (40, 88.75), (None, 98.75), (40, 88.75)):
        typed(two.sheet(), {("甲馆", VISITS): {"复核得分": score, "扣分理由": "不足" if score else None}})
        assert finals(two.run("复核"))["甲馆"][1] == total


def test_without_a_ledger_the_sheets_alone_count(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核", "新")
    assert finals(two.run("新", ledger=False))["甲馆"][1] == 88.75
    assert finals(two.run(ledger=False))["甲馆"][1] == 98.75
    copy(two, f"复核/{BOOK}", "新/旧.xlsx")
    typed(two.sheet(f"新/{BOOK}"), {("甲馆", VISITS): {"复核得分": 45}})
    c = two.run("新", ledger=False)
    assert (finals(c)["甲馆"][1], codes(c)) == (93.75, [])


def test_what_the_ledger_has_lost_comes_back_with_the_sheets(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核", "复核")
    (two.home / "台账.sqlite").unlink()
    assert finals(two.run("复核", "复核"))["甲馆"][1] == 88.75
    assert finals(two.run(sheets="新"))["甲馆"][1] == 88.75


# a row that changed, a row that is gone


def test_a_review_of_a_row_that_changed_waits_for_a_word(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核", "复核")
    copy(two, f"复核/{BOOK}", "旧/旧.xlsx")
    two.sent(a2=intake("甲馆", code="001", actual="22场", submission_count=2))
    c = two.run(sheets="复核")
    assert (finals(c)["甲馆"][1], states(c), codes(c)) == (98.75, {("甲馆", VISITS): "复核后有改动"}, ["review-stale"])
    assert c.reviewed["why"].iloc[0] == "自评完成值原为“21场”，现为“22场”"
    line = lines(two.sheet())[1]
    assert (line["自评完成值"], line["复核得分"], line["确认"]) == ("22场", 40, None)
    typed(two.home / "旧" / "旧.xlsx", {("甲馆", VISITS): {"确认": "是"}})
    assert states(two.run("旧")) == {("甲馆", VISITS): "复核后有改动"}
    assert states(two.run("复核", "三")) == {("甲馆", VISITS): "复核后有改动"}
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": 45}})
    assert states(two.run("复核", "四")) == {("甲馆", VISITS): "复核后有改动"}
    typed(two.sheet(), {("甲馆", VISITS): {"确认": "是"}})
    c = two.run("复核", "复核")
    assert (finals(c)["甲馆"][1], codes(c)) == (93.75, [])
    assert [r.state for r in c.review_log.itertuples()] == ["新增", "修改", "确认"]
    assert finals(two.run(sheets="五"))["甲馆"][1] == 93.75


def test_a_reason_or_a_claim_that_changed_leaves_the_review_in_force(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核")
    two.sent(a2=intake("甲馆", code="001", actual="21 场", submission_count=2, contact="张三"))
    assert finals(two.run())["甲馆"][1] == 88.75


def test_a_review_whose_row_is_gone_is_listed_and_comes_back_with_the_row(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核")
    shutil.move(two.home / "收件" / "a.xlsx", two.home / "a.xlsx")
    c = two.run()
    assert (states(c), codes(c), c.reviewed["submission"].tolist()) == ({("甲馆", VISITS): "未归位"}, ["review-lost"], [-1])
    shutil.move(two.home / "a.xlsx", two.home / "收件" / "a.xlsx")
    assert finals(two.run())["甲馆"][1] == 88.75


# whose a review is


def test_a_renamed_unit_keeps_its_reviews(bureau):
    bureau.listed(("甲馆", "", "局", ""), ("乙馆", "", "局", ""))
    bureau.sent(a=intake("甲馆"), b=intake("乙馆"))
    bureau.run(sheets="复核")
    typed(bureau.sheet("复核/复核_局.xlsx"), {("甲馆", VISITS): CUT})
    bureau.run("复核")
    bureau.listed(("甲甲馆", "", "局", "甲馆"), ("乙馆", "", "局", ""))
    bureau.sent(a2=intake("甲甲馆", submission_count=2))
    c = bureau.run()
    assert finals(c) == {"甲甲馆": (98.75, 88.75, False), "乙馆": (98.75, 98.75, False)}
    assert (codes(c), c.reviewed["unit_name"].tolist()) == ([], ["甲甲馆"])
    bureau.listed(("甲甲馆", "0099", "局", "甲馆"), ("乙馆", "0098", "局", ""))
    assert finals(bureau.run("复核"))["甲甲馆"][1] == 88.75


def test_a_code_that_comes_later_and_a_roster_that_comes_later_lose_nothing(bureau):
    bureau.sent(a=intake("甲馆"), b=intake("乙馆"))
    bureau.run(sheets="复核")
    typed(bureau.sheet(), {("甲馆", VISITS): CUT})
    assert finals(bureau.run("复核"))["甲馆"][1] == 88.75
    bureau.sent(a2=intake("甲馆", code="0012", submission_count=2))
    assert finals(bureau.run())["甲馆"][1] == 88.75
    bureau.listed(("甲馆", "0012", "局", ""), ("乙馆", "", "局", ""))
    assert finals(bureau.run())["甲馆"][1] == 88.75


def test_projects_keep_their_own_reviews(bureau):
    for stem, project, code in (("a", "免费开放", ""), ("b", "设备购置", "")):
        bureau.sent(**{stem: intake("甲馆", code="001", evaluation="项目", project=project, project_code=code)})
    bureau.run(sheets="复核")
    book = load_workbook(bureau.sheet())
    for row in book["复核"].iter_rows(min_row=HEAD + 1):
        if (row[1].value, row[4].value) == ("免费开放", VISITS):
            row[13].value, row[14].value = 40, "不足"
    book.save(bureau.sheet())
    assert finals_by_project(bureau.run("复核")) == {"免费开放": 88.75, "设备购置": 98.75}
    bureau.sent(a2=intake("甲馆", code="001", evaluation="项目", project="免费开放", project_code="P01", submission_count=2))
    (bureau.home / "收件" / "a.xlsx").unlink()
    assert finals_by_project(bureau.run()) == {"免费开放": 88.75, "设备购置": 98.75}


def finals_by_project(c) -> dict[str, float]:
    return dict(zip(c.units["project"], c.units["final_total"], strict=True))


# keys


def rewritten(path, change):
    book = load_workbook(path)
    change(book["复核"])
    book.save(path)


def row_of(sheet, unit, name):
    return next(row for row in sheet.iter_rows(min_row=HEAD + 1) if (row[0].value, row[4].value) == (unit, name))


def test_a_key_that_was_cleared_or_changed_counts_for_nobody_and_is_named(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT, ("乙馆", VISITS): CUT, ("甲馆", READERS): {"复核得分": 30}})

    def change(sheet):
        row_of(sheet, "甲馆", VISITS)[22].value = None
        cell = row_of(sheet, "乙馆", VISITS)[22]
        cell.value = cell.value.replace("002", "001")

    rewritten(two.sheet(), change)
    c = two.run("复核", "复核")
    assert (finals(c)["甲馆"][1], finals(c)["乙馆"][1], codes(c)) == (99.5, 48.75, ["review-invalid", "review-invalid"])
    assert [new.name for _, new in two.result.kept] == ["复核_未填主管部门_2.xlsx"]


def test_columns_sorted_without_their_key_count_for_nobody(two):
    typed(two.sheet(), {("", VISITS): CUT})

    def change(sheet):
        a, b = row_of(sheet, "甲馆", VISITS), row_of(sheet, "乙馆", VISITS)
        a[22].value, b[22].value = b[22].value, a[22].value

    rewritten(two.sheet(), change)
    c = two.run("复核")
    assert (finals(c)["甲馆"][1], codes(c)) == (98.75, ["review-invalid", "review-invalid"])


def test_a_copied_line_is_one_review_or_a_contradiction(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})

    def doubled(sheet):
        sheet.append([cell.value for cell in row_of(sheet, "甲馆", VISITS)])

    rewritten(two.sheet(), doubled)
    assert finals(two.run("复核"))["甲馆"][1] == 88.75
    rewritten(two.sheet(), lambda sheet: sheet.cell(sheet.max_row, 14, 45))
    assert states(two.run("复核")) == {("甲馆", VISITS): "复核冲突"}


def test_any_order_of_columns_and_lines_further_columns_and_hidden_lines_read_the_same(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT, ("乙馆", VISITS): {"复核得分": 20}, ("乙馆", RATE): {"复核得分": 8, "扣分理由": "样本少"}})
    expected = finals(two.run("复核", ledger=False))
    book = load_workbook(two.sheet())
    table = [[cell.value for cell in row] for row in book["复核"].iter_rows(min_row=HEAD)]
    dice = random.Random(7)
    for number in range(3):
        order = dice.sample(range(len(ALL)), len(ALL))
        body = dice.sample(table[1:], len(table) - 1)
        fresh = load_workbook(two.sheet())
        sheet = fresh["复核"]
        sheet.delete_rows(1, sheet.max_row)
        sheet.append(["说明"])
        for row in (table[0], *body):
            sheet.append(["自己的列" if row is table[0] else number, *(row[i] for i in order)])
        sheet.auto_filter.ref = "A2:X10"
        sheet.row_dimensions[4].hidden = True
        folder(two.home / f"乱{number}", {})
        (two.home / f"乱{number}").mkdir(exist_ok=True)
        fresh.save(two.home / f"乱{number}" / "x.xlsx")
        assert finals(two.run(f"乱{number}", ledger=False)) == expected


@pytest.mark.parametrize(("title", "n"), [("复核得分", 1), ("键", 1), ("复核完成值", 1)])
def test_a_sheet_without_a_needed_column_or_with_two_of_one_takes_nothing_back(two, title, n):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核", "复核")
    at = ALL.index(title) + 1
    rewritten(two.sheet(), lambda sheet: sheet.delete_cols(at, n))
    c = two.run("复核")
    assert (finals(c)["甲馆"][1], codes(c)) == (88.75, ["review-unread"])


def test_a_column_that_was_deleted_says_nothing_about_what_stood_there(two):
    typed(two.sheet(), {("甲馆", VISITS): {**CUT, "复核人": "李"}})
    two.run("复核", "复核")
    rewritten(two.sheet(), lambda sheet: sheet.delete_cols(ALL.index("复核人") + 1))
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": 45}})
    c = two.run("复核")
    assert (finals(c)["甲馆"][1], c.reviewed["by"].iloc[0]) == (93.75, "李")


def test_what_lies_beside_the_sheets_is_said_and_what_perfxl_wrote_is_known(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    shutil.copy(two.home / "汇总.xlsx", two.home / "复核" / "汇总.xlsx")
    for name in ("旧.xls", "表.et", "包.zip", "表.ods", "说明.txt", "~$复核.xlsx", "Thumbs.db"):
        (two.home / "复核" / name).write_bytes(b"x")
    c = two.run("复核")
    assert sorted(c.between["file"][c.between["code"] == "review-unread"]) == ["包.zip", "旧.xls", "表.et", "表.ods"]
    assert [note for note in c.notes if "没有读" in note] == ["复核文件夹里有1个文件不是工作簿，没有读：说明.txt。"]
    assert finals(c)["甲馆"][1] == 88.75
    with pytest.raises(PerfxlError, match="另一种文件"):
        two.run("汇总.xlsx")


def test_a_folder_without_sheets_is_said(two):
    (two.home / "空").mkdir()
    assert two.run("空").notes == ["“空”里没有复核表（.xlsx），没有读入新的复核。"]


def test_a_sheet_is_known_by_its_titles_whatever_its_name(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    book = load_workbook(two.sheet())
    book["复核"].title = "文旅局"
    book.save(two.sheet())
    assert finals(two.run("复核"))["甲馆"][1] == 88.75


def test_a_column_with_another_title_is_said(two):
    typed(two.sheet(), {("甲馆", VISITS): {**CUT, "复核得分": 50, "单位意见": "不同意"}})
    book = load_workbook(two.sheet())
    book["复核"].cell(HEAD, ALL.index("单位意见") + 1).value = "单位反馈"
    book.save(two.sheet())
    said = "复核表“复核_未填主管部门.xlsx”没有“单位意见”一列，U列不认识，没有读。表头改了名的，请改回来。"
    assert said in two.run("复核").notes


def test_a_struck_score_is_a_question(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    book = load_workbook(two.sheet())
    book["复核"]["N4"].font = Font(strike=True)
    book.save(two.sheet())
    c = two.run("复核")
    assert (finals(c)["甲馆"][1], states(c), codes(c)) == (98.75, {("甲馆", VISITS): "填写有误"}, ["review-invalid"])


def test_a_workbook_whose_reviews_nobody_remembers_says_so(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.patch.setattr(consolidated, "write_consolidated", write_consolidated)
    two.run("复核")
    (two.home / "台账.sqlite").unlink()
    assert "原来的“汇总.xlsx”有人工复核，这次没有：台账是新的。请用 --review 再交一次复核表。" in two.run().notes
    two.run("复核")
    assert "原来的“汇总.xlsx”有人工复核，这次没有：没有用台账。请用 --review 再交一次复核表。" in two.run(ledger=False).notes


@pytest.mark.parametrize("paper", ["xlsx", "docx"])
def test_an_open_row_of_a_form_is_settled_in_a_later_run(bureau, paper):
    table = [
        ["项目支出绩效自评表"],
        ["（2020年度）"],
        ["项目名称", "免费开放", "实施单位", "甲馆"],
        *FACTS[1:],
        HEAD_OF_FORM,
        [*ROWS[0][:4], "", "50", "50", ""],
        *ROWS[1:],
        TOTAL,
    ]
    if paper == "docx":
        content = document(table)
    else:
        book, target = Workbook(), BytesIO()
        for row in table:
            book.active.append([text or None for text in row])
        book.save(target)
        content = target.getvalue()
    folder(bureau.home / "收件", {f"a.{paper}": content})
    assert finals(bureau.run(sheets="复核")) == {"甲馆": (50.0, 50.0, True)}
    typed(bureau.sheet(), {("甲馆", "开放天数"): {"复核得分": 35}})
    assert finals(bureau.run("复核")) == {"甲馆": (50.0, 85.0, False)}


def test_a_review_stays_with_its_unit_where_two_exchange_their_codes(bureau):
    bureau.sent(a=intake("甲馆", code="001"), b=intake("乙馆", code="002"))
    bureau.run(sheets="复核")
    typed(bureau.sheet(), {("甲馆", VISITS): CUT})
    bureau.run("复核")
    bureau.sent(a=intake("甲馆", code="002"), b=intake("乙馆", code="001"))
    c = bureau.run(sheets="二")
    assert (finals(c)["甲馆"][1], finals(c)["乙馆"][1], c.reviewed["why"].tolist()) == (98.75, 98.75, ["单位原为“甲馆”，现为“乙馆”"])
    typed(bureau.sheet("二/" + BOOK), {("乙馆", VISITS): {"确认": "是"}})
    c = bureau.run("二")
    assert (finals(c)["乙馆"][1], [r.state for r in c.review_log.itertuples()]) == (88.75, ["新增", "确认"])
    assert len(bureau.run("二", year=2020).review_log) == 2


@pytest.mark.parametrize(("word", "said"), [("√", ["review-stale", "review-word-unknown"]), ("否", ["review-stale"]), (" 是 ", [])])
def test_a_word_of_confirmation_is_known_or_said(two, word, said):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核")
    two.sent(a2=intake("甲馆", code="001", actual="22场", submission_count=2))
    two.run(sheets="二")
    typed(two.sheet("二/" + BOOK), {("甲馆", VISITS): {"确认": word}})
    assert codes(two.run("二")) == said


def test_a_row_of_no_points_is_reviewed_with_none(bureau):
    rows = (*inbox.INDICATORS, ("效益指标", "经济效益", "备用", "≥", "1个", "个", "1个", None, 0, 0))
    bureau.patch.setattr(inbox, "INDICATORS", rows)
    inbox._written.cache_clear()
    bureau.sent(a=intake("甲馆", code="001"))
    inbox._written.cache_clear()
    bureau.run(sheets="复核")
    typed(bureau.sheet(), {("甲馆", "备用"): {"复核得分": 0}})
    c = bureau.run("复核")
    assert (states(c), codes(c)) == ({("甲馆", "备用"): "已计入"}, [])


def test_a_file_nobody_can_read_is_named_and_the_others_count(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    folder(two.home / "复核", {"坏.xlsx": b"no workbook", "说明.txt": b"-", "~$x.xlsx": b""})
    c = two.run("复核")
    assert (finals(c)["甲馆"][1], codes(c)) == (88.75, ["review-unread"])


# a year of it


def ruled(bureau, stem, unit):
    """The office's word on a file: it belongs to `unit`."""
    book = Workbook()
    book.active.title = "待裁定"
    book.active.append(["文件", "部分", "原因", "裁定", "属于的单位", "SHA-256"])
    content = (bureau.home / "收件" / f"{stem}.xlsx").read_bytes()
    book.active.append([f"{stem}.xlsx", "", "疑似同一单位", "属于", unit, hashlib.sha256(content).hexdigest()])
    book.save(bureau.home / "裁定.xlsx")
    return bureau.home / "裁定.xlsx"


def shuffled(path, seed):
    """The same sheet with its lines in another order, as a sort in Excel leaves it: values move, formats stay."""
    book = load_workbook(path)
    sheet = book["复核"]
    table = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD + 1)]
    random.Random(seed).shuffle(table)
    for at, row in enumerate(table, HEAD + 1):
        for column, value in enumerate(row, 1):
            sheet.cell(at, column).value = value
    sheet.auto_filter.add_filter_column(0, ["甲馆"])
    book.save(path)


def test_five_rounds_lose_no_review_and_give_none_to_another_row(bureau):
    sheet = "复核/复核_局.xlsx"
    units = [("甲馆", "001", "局", ""), ("乙馆", "", "局", ""), ("丙馆", "003", "局", ""), ("丁馆", "004", "局", ""), ("己馆", "005", "局", "")]
    bureau.listed(*units)
    bureau.sent(a=intake("甲馆", code="001"), b=intake("乙馆"), c=intake("丙馆", code="003", actual=None), d=intake("戊馆", code="004"))
    bureau.run(sheets="复核")
    typed(
        bureau.sheet(sheet),
        {("甲馆", VISITS): CUT, ("乙馆", READERS): {"复核得分": 20, "扣分理由": "口径不对"}, ("丁馆", VISITS): {"复核得分": 30, "扣分理由": "重复"}},
    )
    shuffled(bureau.sheet(sheet), 1)
    one = bureau.run("复核", "复核")
    assert {name: final for name, (_, final, _) in finals(one).items()} == {"甲馆": 88.75, "乙馆": 89.5, "丙馆": 48.75, "丁馆": 78.75}

    bureau.sent(a2=intake("甲馆", code="001", actual="22场", submission_count=2), b2=intake("乙乙馆", submission_count=2))
    bureau.listed(units[0], ("乙乙馆", "0002", "局", "乙馆"), *units[2:])
    two = bureau.run("复核", "复核", decisions=ruled(bureau, "d", "己馆"))
    assert {name: final for name, (_, final, _) in finals(two).items()} == {"甲馆": 98.75, "乙乙馆": 89.5, "丙馆": 48.75, "己馆": 78.75}
    assert states(two) == {("甲馆", VISITS): "复核后有改动", ("乙乙馆", READERS): "已计入", ("己馆", VISITS): "已计入"}

    typed(bureau.sheet(sheet), {("甲馆", VISITS): {"确认": "是"}, ("丙馆", VISITS): {"复核得分": 10}})
    shuffled(bureau.sheet(sheet), 2)
    three = bureau.run("复核", "复核")
    assert {name: final for name, (_, final, _) in finals(three).items()} == {"甲馆": 88.75, "乙乙馆": 89.5, "丙馆": 58.75, "己馆": 78.75}

    (bureau.home / "收件" / "c.xlsx").rename(bureau.home / "c.xlsx")
    bureau.sent(d2=intake("己馆", code="005", submission_count=2))
    four = bureau.run("复核", "复核")
    assert states(four) == {("甲馆", VISITS): "已计入", ("乙乙馆", READERS): "已计入", ("己馆", VISITS): "已计入", ("丙馆", VISITS): "未归位"}
    assert finals(four)["己馆"][1] == 78.75

    (bureau.home / "c.xlsx").rename(bureau.home / "收件" / "c.xlsx")
    shuffled(bureau.sheet(sheet), 3)
    five = bureau.run("复核", "复核")
    assert {name: final for name, (_, final, _) in finals(five).items()} == {"甲馆": 88.75, "乙乙馆": 89.5, "丙馆": 58.75, "己馆": 78.75}
    assert set(states(five).values()) == {"已计入"}
    assert [(r.level3, r.after, r.state) for r in five.review_log.itertuples()] == [
        (VISITS, "40分", "新增"), (READERS, "20分", "新增"), (VISITS, "30分", "新增"), (VISITS, "10分", "新增"), (VISITS, "40分", "确认"),
    ] or sorted(five.review_log["state"]) == ["新增", "新增", "新增", "新增", "确认"]  # fmt: skip


@office
def test_a_sheet_that_libreoffice_saved_reads_the_same_and_gives_the_same_final_points(two, tmp_path):
    typed(
        two.sheet(),
        {("甲馆", VISITS): CUT, ("甲馆", RATE): {"复核得分": 12}, ("甲馆", READERS): {"复核得分": 1}, ("乙馆", VISITS): {"复核完成值": "10场"}},
    )
    expected = finals(two.run("复核", "复核"))
    log = two.ran[-1].review_log
    (saved,) = recalculate([two.sheet()], tmp_path / "lo")
    told = [[row[0].value, row[4].value, row[21].value] for row in load_workbook(saved, data_only=True)["复核"].iter_rows(min_row=HEAD + 1)]
    assert told == [
        [row[0].value, row[4].value, row[21].value] for row in load_workbook(two.sheet(), data_only=True)["复核"].iter_rows(min_row=HEAD + 1)
    ]
    assert [value for _, _, value in told] == [9.5, 40, "缺扣分理由", "复核得分有误", 9.5, 25, 29.25, 10]
    c = two.run("lo")
    assert (finals(c), c.review_log.equals(log)) == (expected, True)
    typed(saved, {("乙馆", RATE): {"复核得分": 7, "扣分理由": "样本少"}})
    assert finals(two.run("lo"))["乙馆"][1] == 70.75


def test_rows_of_the_same_content_keep_their_own_reviews_and_ask_when_their_number_changes(bureau):
    bureau.sent(a=twins("甲馆", 2))
    bureau.run(sheets="复核")
    book = load_workbook(bureau.sheet())
    same = [row for row in book["复核"].iter_rows(min_row=HEAD + 1) if row[4].value == VISITS]
    assert len({row[22].value for row in same}) == 2
    same[1][13].value, same[1][14].value = 5, "第二行不实"
    book.save(bureau.sheet())
    c = bureau.run("复核", "复核")
    assert (c.reviewed["sheet_row"].tolist(), c.reviewed["state"].tolist()) == ([3], ["已计入"])
    bureau.sent(a2=twins("甲馆", 1, submission_count=2))
    assert set(bureau.run("复核", "复核").reviewed["state"]) <= {"复核后有改动", "未归位"}
    bureau.sent(a3=twins("甲馆", 3, submission_count=3))
    assert bureau.run().reviewed["state"].tolist() == ["复核后有改动"]


def twins(name, count, **fields):
    """An intake in which one indicator stands several times."""
    book = load_workbook(BytesIO(intake(name, **fields)))
    sheet = book["绩效指标"]
    values = [cell.value for cell in sheet[2]]
    for _ in range(count - 1):
        sheet.insert_rows(3)
        for at, value in enumerate(values, 1):
            sheet.cell(3, at).value = value
    for row in range(2, 2 + count):
        sheet.cell(row, 9).value = sheet.cell(row, 10).value = 25
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_ledger_of_the_schema_before_reviews_is_taken_over(tmp_path):
    path = tmp_path / "l.sqlite"
    said = Ruling("a" * 64, "", "other-year", "不采用")
    with Ledger(path) as ledger:
        ledger.keep_said([said], [])
    base = sqlite3.connect(path)
    for statement in ("DROP TABLE reviews", "DROP TABLE review_log", "PRAGMA user_version = 2", "UPDATE meta SET value = '2' WHERE name = 'schema'"):
        base.execute(statement)
    base.commit()
    base.close()
    review = Review("001|2020|整体|", "f" * 16, 1, 1, "c" * 16, *[""] * 10, review_score="7", reason="不足", line=4)
    change = Change(1, "001|2020|整体|", "f" * 16, 1, "b:d", *[""] * 5, "", "7分", "不足", "", "新增")
    with Ledger(path) as ledger:
        assert (ledger.rulings(), ledger.reviews(), ledger.review_log()) == ([said], [], [])
        before = ledger.said()
        ledger.keep_reviews([review], [change])
        assert ledger.said() != before
    with Ledger(path) as ledger:
        assert (ledger.reviews(), ledger.review_log()) == ([review], [change])


def test_a_damaged_ledger_gives_back_its_reviews(tmp_path):
    path = tmp_path / "l.sqlite"
    review = Review("001|2020|整体|", "f" * 16, 1, 1, "c" * 16, *[""] * 10, review_score="7", reason="不足", line=4)
    change = Change(1, "001|2020|整体|", "f" * 16, 1, "b:d", *[""] * 5, "", "7分", "不足", "", "新增")
    with Ledger(path) as ledger:
        ledger.keep_reviews([review], [change])
    content = bytearray(path.read_bytes())
    content[100] ^= 255
    path.write_bytes(content)
    with Ledger(path) as ledger:
        assert (ledger.reviews(), ledger.review_log(), ledger.rulings()) == ([review], [change], [])


# what nobody should try, and somebody will


def test_a_line_that_was_given_another_unit_counts_for_nobody(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})

    def renamed(sheet):
        row_of(sheet, "甲馆", VISITS)[0].value = "乙馆"

    rewritten(two.sheet(), renamed)
    c = two.run("复核")
    assert (finals(c), codes(c)) == ({"甲馆": (98.75, 98.75, False), "乙馆": (48.75, 48.75, True)}, ["review-invalid"])
    assert "“单位”与隐藏的键对不上" in c.between["message"].iloc[-1]


def test_a_later_date_stands_against_an_old_sheet_nobody_has_seen(two):
    copy(two, f"复核/{BOOK}", "旧/旧.xlsx")
    typed(two.sheet(), {("甲馆", VISITS): {**CUT, "复核日期": "2021-03-05"}})
    two.run("复核", "复核")
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": 45, "复核日期": "2021-03-06"}})
    two.run("复核", "复核")
    typed(two.home / "旧" / "旧.xlsx", {("甲馆", VISITS): {"复核得分": 30, "扣分理由": "不足", "复核日期": "2021-03-01"}})
    c = two.run("旧")
    assert (finals(c)["甲馆"][1], codes(c)) == (93.75, ["review-older"])
    typed(two.home / "旧" / "旧.xlsx", {("甲馆", VISITS): {"复核日期": "2021-03-07"}})
    assert finals(two.run("旧"))["甲馆"][1] == 78.75


def test_equal_numbers_in_two_sheets_are_no_contradiction_and_the_fuller_one_stands(two):
    typed(two.home / copy(two, f"复核/{BOOK}", "收回/甲.xlsx"), {("甲馆", VISITS): {"复核得分": "40.0", "扣分理由": None}})
    typed(two.home / copy(two, f"复核/{BOOK}", "收回/乙.xlsx"), {("甲馆", VISITS): CUT})
    c = two.run("收回")
    assert (codes(c), finals(c)["甲馆"][1]) == ([], 88.75)


def test_an_invalid_answer_is_kept_as_typed_said_in_every_run_and_filled_in_again(two):
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": "扣2分", "扣分理由": "不足"}})
    assert codes(two.run("复核", "复核")) == ["review-invalid"]
    assert lines(two.sheet())[1]["复核得分"] == "扣2分"
    c = two.run(sheets="新")
    assert (codes(c), c.between["cell"].iloc[-1], states(c)) == (["review-invalid"], "N4", {("甲馆", VISITS): "填写有误"})
    typed(two.sheet(), {("甲馆", VISITS): {"复核得分": 48}})
    assert finals(two.run("复核", "复核"))["甲馆"][1] == 96.75


def test_closing_rules_rank_by_what_the_reviews_leave_open(two):
    typed(two.sheet(), {("乙馆", VISITS): {"复核得分": 30}})
    c = two.run("复核", missing=Missing.EXCLUDE)
    assert (c.units["excluded"].tolist(), c.units["rank"].tolist()) == ([False, False], [1.0, 2.0])
    c = two.run(missing=Missing.ZERO)
    assert finals(c)["乙馆"] == (48.75, 78.75, False)
    assert c.units["final_low"].tolist() == c.units["final_high"].tolist() == [98.75, 78.75]


def test_a_review_of_a_row_that_does_not_apply_brings_its_points_back(bureau):
    book = load_workbook(BytesIO(intake("甲馆", code="001")))
    sheet = book["绩效指标"]
    titles = [cell.value for cell in sheet[1]]
    for title, value in (("完成等级", "不适用"), ("实际完成值", None), ("偏差原因分析及改进措施", "本年没有调查任务"), ("自评得分", None)):
        sheet.cell(4, titles.index(title) + 1).value = value
    stream = BytesIO()
    book.save(stream)
    bureau.sent(a=stream.getvalue())
    assert finals(bureau.run(sheets="复核"))["甲馆"][:2] == (98.61, 98.61)
    typed(bureau.sheet(), {("", RATE): {"复核得分": 0}})
    assert finals(bureau.run("复核"))["甲馆"][:2] == (98.61, 88.75)


def test_a_tier_is_an_answer_for_a_row_that_is_scored_by_tiers(bureau):
    book = load_workbook(BytesIO(intake("甲馆", code="001")))
    sheet = book["绩效指标"]
    titles = [cell.value for cell in sheet[1]]
    for title, value in (("指标性质", "定性"), ("年度指标值", "显著提升"), ("实际完成值", "有所提升"), ("完成等级", "达成"), ("计量单位", None)):
        sheet.cell(3, titles.index(title) + 1).value = value
    stream = BytesIO()
    book.save(stream)
    bureau.sent(a=stream.getvalue())
    assert finals(bureau.run(sheets="复核"))["甲馆"][1] == 99.5
    typed(bureau.sheet(), {("", READERS): {"复核完成值": "部分达成"}})
    assert finals(bureau.run("复核", ledger=False))["甲馆"][1] == 87.5
    typed(bureau.sheet(), {("", READERS): {"复核完成值": "提升不多"}})
    assert codes(bureau.run("复核", ledger=False)) == ["review-invalid"]


def test_a_named_sheet_that_is_none_ends_the_run(two):
    with pytest.raises(PerfxlError, match="找不到复核表"):
        two.run("没有")
    folder(two.home, {"坏.xlsx": b"no"})
    with pytest.raises(PerfxlError, match="坏"):
        two.run("坏.xlsx")
    Workbook().save(two.home / "空表.xlsx")
    with pytest.raises(PerfxlError, match="里面没有复核表"):
        two.run("空表.xlsx")


def test_long_names_line_breaks_and_formula_like_texts_keep_their_key(bureau):
    book = load_workbook(BytesIO(intake("甲馆", code="001")))
    sheet = book["绩效指标"]
    sheet["C2"], sheet["C3"] = "活动\n场次（含线上）", "服" * 300
    stream = BytesIO()
    book.save(stream)
    bureau.sent(a=stream.getvalue())
    bureau.run(sheets="复核")
    typed(bureau.sheet(), {("", "活动\n场次（含线上）"): {"复核得分": 40, "扣分理由": "不足=5\n第二行"}, ("", "服" * 300): {"复核得分": 29.25}})
    c = bureau.run("复核", "复核")
    assert (finals(c)["甲馆"][1], codes(c)) == (88.75, [])
    assert finals(bureau.run("复核", "新"))["甲馆"][1] == 88.75
    assert len(bureau.ran[-1].review_log) == 2


def test_equal_runs_write_equal_sheets(two):
    typed(two.sheet(), {("甲馆", VISITS): CUT})
    two.run("复核", "一")
    two.run(sheets="二")
    assert (two.home / "一" / BOOK).read_bytes() == (two.home / "二" / BOOK).read_bytes()


def test_random_edits_by_rounds_agree_with_a_plain_account(bureau):
    """Typing, taking back, re-runs, old copies and shuffles in any order: what counts is what was typed last, cell by cell."""
    dice = random.Random(11)
    bureau.sent(**{f"u{n}": intake(f"单位{n}", code=f"{n:03}") for n in range(3)})
    bureau.run(sheets="复核")
    account: dict[tuple[str, str], float] = {}
    for number in range(6):
        for _ in range(3):
            place = f"单位{dice.randrange(3)}", dice.choice((VISITS, READERS))
            points = dice.choice((None, 0, dice.randrange(1, 29)))
            typed(bureau.sheet(), {place: {"复核得分": points, "扣分理由": None if points is None else "核减"}})
            account.pop(place, None)
            if points is not None:
                account[place] = points
        shuffled(bureau.sheet(), number)
        copy(bureau, f"复核/{BOOK}", f"旧{number}/x.xlsx")
        c = bureau.run("复核", "复核")
        if number > 2:
            c = bureau.run(f"旧{dice.randrange(number)}")
        assert {(r.unit_name, r.level3): r.final for r in c.reviewed.itertuples()} == account
