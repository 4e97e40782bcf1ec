"""The office's decisions are a file (contract §5)."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from inbox import folder, intake
from openpyxl import Workbook, load_workbook
from settling import codes, fates, ruling, sent, settled, units

from perfxl.cli import run
from perfxl.consolidation.decisions import TITLES, Question, Reason, Ruling, earlier, merged, read_rulings
from perfxl.model import PerfxlError
from perfxl.workbook.consolidated.table import FIRST_ROW

BOTH = [{"name": "市图书馆", "code": "010001"}, {"name": "市文化馆", "code": "010002"}]
CONFLICT = [sent("市图书馆", code="010001"), sent("市文化馆", code="010001", count=2)]


def test_a_submission_in_conflict_goes_where_the_office_says():
    s = settled(*CONFLICT, listed=BOTH, rulings=[ruling(1, "identity-conflict", "属于", unit="010002")])
    assert (codes(s), units(s)) == (["accepted", "accepted"], ["010001", "010002"])
    assert (s.questions, s.suspects, [r.word for r in s.used]) == ([], [], ["属于"])


def test_a_submission_the_office_does_not_use_is_ignored():
    s = settled(*CONFLICT, listed=BOTH, rulings=[ruling(1, "identity-conflict", "不采用")])
    assert codes(s) == ["accepted", "ignored-by-decision"]
    assert s.suspects == []


def test_what_is_to_be_corrected_stands_in_the_columns_behind():
    rows = [sent("市图书馆", year=2019), sent("市文化馆"), sent("市文化馆", year=2020), sent("市图书馆", evaluation="项目")]
    answers = [ruling(0, "other-year", "属于", year="2020年", evaluation="单位整体"), ruling(3, "project-unnamed", "属于", project="免费开放")]
    s = settled(*rows, listed=BOTH, year=2020, rulings=answers)
    assert [str(s.keys[n]) for n in (0, 3)] == ["010001|2020|整体|", "010001|2020|项目|免费开放"]
    assert codes(s)[0] == "accepted"
    assert codes(s)[3] == "accepted"


def test_of_duplicates_the_chosen_one_counts():
    s = settled(sent(), sent(), rulings=[ruling(0, "duplicate-submission", "采用")])
    assert codes(s) == ["accepted", "superseded"]


def test_two_chosen_for_one_item_are_errors_and_none_counts():
    s = settled(sent(), sent(), rulings=[ruling(0, "duplicate-submission", "采用"), ruling(1, "duplicate-submission", "采用")])
    assert codes(s) == ["duplicate-submission"] * 2
    assert [u.unused for u in s.unfit] == [False, False]


def test_not_using_all_but_one_leaves_the_one():
    assert codes(settled(sent(), sent(), rulings=[ruling(0, "duplicate-submission", "不采用")])) == ["ignored-by-decision", "accepted"]


@pytest.mark.parametrize(("word", "rest", "fate"), [("非填报表", {}, "ignored"), ("属于", {"unit": "市文化馆"}, "rejected")])
def test_a_file_nobody_reads_is_no_form_or_somebodys(word, rest, fate):
    answer = Ruling(f"{1000:064x}", "", "file-unreadable", word, row=3, file="市图书馆.pdf", **rest)
    s = settled(listed=BOTH, unread={"市图书馆.pdf": "file-damaged"}, rulings=[answer])
    assert fates(s)["市图书馆.pdf"][0] == fate
    assert [unit for unit, _ in s.unreadable] == ([1] if word == "属于" else [])
    assert (s.questions, len(s.used)) == ([], 1)


def test_an_amount_found_right_counts():
    s = settled(sent(), rulings=[ruling(0, "unit-magnitude-suspect", "金额无误")])
    assert s.amounts_right == {0}


def test_a_suspect_that_is_confirmed_is_asked_about_no_more():
    rows = [sent("市图书馆", code="010001", file="市文化馆.xlsx")]
    assert settled(*rows, listed=BOTH, rulings=[ruling(0, "identity-suspect", "属于")]).suspects == []
    moved = settled(*rows, listed=BOTH, rulings=[ruling(0, "identity-suspect", "属于", unit="市文化馆")])
    assert units(moved) == ["010002"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [(ruling(1, "identity-conflict", "属于"), "没有写属于的单位"), (ruling(1, "identity-conflict", "属于", unit="不存在"), "名单里没有")],
)
def test_a_row_that_cannot_be_applied_is_an_error_row(answer, why):
    s = settled(*CONFLICT, listed=BOTH, rulings=[answer])
    assert codes(s) == ["identity-conflict"] * 2
    assert [(why in u.why, u.unused) for u in s.unfit] == [(True, False)]


def test_another_year_needs_its_year_to_be_said():
    rows = [sent("市图书馆", year=2019), sent("市文化馆")]
    for year, open_, unfit in (("", ["other-year"], ["没有写预算年度"]), ("2019", [], []), ("2020", [], [])):
        s = settled(*rows, listed=BOTH, year=2020, rulings=[ruling(0, "other-year", "属于", unit="市图书馆", year=year)])
        assert [str(q.reason) for q in s.questions] == open_, year
        assert [u.why[:7] for u in s.unfit] == unfit, year


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"word": "采用"}, "只能填"),
        ({"word": "好的"}, "只能填"),
        ({"reason": "随便"}, "原因"),
        ({"sha256": ""}, "SHA-256"),
        ({"year": "去年"}, "不是年份"),
        ({"evaluation": "随便"}, "自评类型"),
    ],
)
def test_a_row_nobody_understands_is_an_error_row_and_the_others_apply(change, why):
    good = ruling(0, "identity-conflict", "不采用")
    fields = {"sha256": f"{1:064x}", "part": "", "reason": "identity-conflict", "word": "属于", "row": 4, **change}
    holding, unfit = merged([], [good, Ruling(**fields)])
    assert holding == [good]
    assert [why in u.why for u in unfit] == [True]


def test_an_answer_typed_by_halves_is_an_error_row_and_a_blank_one_revokes():
    half = Ruling(f"{0:064x}", "", "other-year", "", unit="市图书馆", row=4)
    holding, unfit = merged([], [half])
    assert (holding, [u.why for u in unfit]) == ([], ["填了别的栏，没有填裁定"])
    assert merged([ruling(0, "other-year", "不采用")], [half]) == ([], [])


def test_what_fits_nothing_any_more_is_said():
    s = settled(sent(), rulings=[ruling(9, "other-year", "不采用")])
    assert [(u.ruling.word, u.unused) for u in s.unfit] == [("不采用", True)]


def test_a_file_given_replaces_what_it_names_and_a_blank_revokes():
    old, other = ruling(0, "other-year", "不采用"), ruling(1, "other-year", "不采用")
    new = ruling(0, "other-year", "属于", year="2020")
    assert {r.word for r in merged([old, other], [new])[0]} == {"属于", "不采用"}
    assert merged([old, other], [ruling(0, "other-year", "")])[0] == [other]
    assert merged([old], [ruling(0, "identity-suspect", "")])[0] == [old]
    assert len(merged([], [old, new])[0]) == 0


@pytest.mark.parametrize(
    ("file", "asked", "expected"),
    [
        ("终稿.xlsx", {("终稿.xlsx", ""), ("甲.xlsx", "")}, "采用"),  # the corrected file itself
        ("甲.xlsx", {("终稿.xlsx", ""), ("甲.xlsx", "")}, None),  # the one that was not chosen, asked about beside it
        ("更正.xlsx", {("更正.xlsx", "")}, "采用"),  # the unit's only other one
    ],
)
def test_an_earlier_answer_is_proposed_for_the_file_it_was_about(file, asked, expected):
    question = Question(Reason.DUPLICATE, "b" * 64, "", file, "甲馆", "1", "")
    before = replace(ruling(1, "duplicate-submission", "采用"), file="终稿.xlsx", name="甲馆", code="1")
    found = earlier(question, [before], asked)
    assert (found.word if found else None) == expected


# on the command line


@pytest.fixture
def office(tmp_path: Path) -> Path:
    folder(tmp_path / "收件", {"a.xlsx": intake("甲馆", code="0012"), "b.xlsx": intake("乙馆", code="0012", actual="19场"), "c.xlsx": intake("丙馆")})
    book = Workbook()
    for row in (["单位名称", "预算单位编码"], ["甲馆", "0012"], ["乙馆", "0013"], ["丙馆", "0014"], ["丁馆", "0015"]):
        book.active.append(row)
    book.save(tmp_path / "名单.xlsx")
    return tmp_path


def consolidated(office: Path, capsys: pytest.CaptureFixture[str], *more: str, out: str = "汇总.xlsx") -> dict:
    command = ["consolidate", str(office / "收件"), "-o", str(office / out), "--roster", str(office / "名单.xlsx"), "--workers", "1", "--json"]
    assert run([*command, *more]) == 0
    return json.loads(capsys.readouterr().out)


def states(document: dict) -> dict[str, str]:
    return {row["name"]: row["state"] for row in document["due"]}


def answered(path: Path, target: Path, answers: dict[str, dict[str, str]]) -> Path:
    """The consolidated workbook with answers typed into 待裁定, by file."""
    book = load_workbook(path)
    sheet = book["待裁定"]
    titles = [cell.value for cell in sheet[FIRST_ROW]]
    for row in sheet.iter_rows(min_row=FIRST_ROW + 1):
        for title, value in answers.get(row[titles.index("文件")].value, {}).items():
            row[titles.index(title)].value = value
    book.save(target)
    return target


def test_decisions_are_written_read_kept_applied_again_and_opened_by_a_corrected_file(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = consolidated(office, capsys)
    assert states(first) == {"甲馆": "待确认", "乙馆": "待确认", "丙馆": "已报", "丁馆": "未报"}
    assert first["undecided"] == 2
    sheet = load_workbook(office / "汇总.xlsx")["待裁定"]
    assert [cell.value for cell in sheet[FIRST_ROW]] == list(TITLES.values())
    assert sheet.column_dimensions["P"].hidden
    filled = answered(office / "汇总.xlsx", office / "裁定.xlsx", {"b.xlsx": {"裁定": "属于", "属于的单位": "乙馆", "裁定人": "李"}})
    second = consolidated(office, capsys, "--decisions", str(filled))
    assert states(second) == {"甲馆": "已报", "乙馆": "已报(待改)", "丙馆": "已报", "丁馆": "未报"} or states(second)["乙馆"] == "已报"
    assert [q["word"] for q in second["questions"]] == ["属于"]
    (office / "汇总.xlsx").unlink()
    assert states(consolidated(office, capsys)) == states(second)
    assert states(consolidated(office, capsys, "--no-ledger", out="另.xlsx"))["乙馆"] == "待确认"
    folder(office / "收件", {"b.xlsx": intake("乙馆", code="0012", actual="20场")})
    again = consolidated(office, capsys)
    assert states(again)["乙馆"] == "待确认"
    asked = next(q for q in again["questions"] if q["file"] == "b.xlsx")
    assert (asked["suggested"], asked["note"], asked["word"]) == ("乙馆", "上次裁定：属于乙馆", None)


def test_a_decision_taken_back_by_a_blank_opens_the_question(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    consolidated(office, capsys)
    filled = answered(office / "汇总.xlsx", office / "裁定.xlsx", {"b.xlsx": {"裁定": "不采用"}})
    kept = consolidated(office, capsys, "--decisions", str(filled))
    assert (states(kept)["甲馆"], states(kept)["乙馆"]) == ("已报", "未报")
    assert load_workbook(office / "汇总.xlsx")["报送情况"]["F3"].value is not None
    shown = {row[0].value: row[5].value for row in load_workbook(office / "汇总.xlsx")["报送情况"].iter_rows(min_row=3)}
    assert shown["乙馆"] == "未报（裁定不采用）"
    assert [row["suspects"] for row in kept["due"] if row["name"] == "乙馆"] == [None]
    taken_back = answered(office / "汇总.xlsx", office / "撤.xlsx", {"b.xlsx": {"裁定": None}})
    assert states(consolidated(office, capsys, "--decisions", str(taken_back)))["乙馆"] == "待确认"


def test_error_rows_and_unused_rows_are_issues(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    consolidated(office, capsys)
    filled = answered(office / "汇总.xlsx", office / "裁定.xlsx", {"a.xlsx": {"裁定": "采用"}, "b.xlsx": {"裁定": "不采用"}})
    (office / "收件" / "b.xlsx").unlink()
    document = consolidated(office, capsys, "--decisions", str(filled))
    assert (document["issues"]["decision-invalid"], document["issues"]["decision-unused"]) == (1, 1)


def test_an_answer_that_cannot_be_applied_is_told_and_stays_where_it_was_typed(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    consolidated(office, capsys)
    typed = {"裁定": "属于", "属于的单位": "没有的馆", "预算年度": "2020", "裁定人": "李", "备注": "电话核实"}
    filled = answered(office / "汇总.xlsx", office / "裁定.xlsx", {"b.xlsx": typed})
    command = ["consolidate", str(office / "收件"), "-o", str(office / "新.xlsx"), "--roster", str(office / "名单.xlsx"), "--no-ledger"]
    assert run([*command, "--workers", "1", "--decisions", str(filled)]) == 0
    told = capsys.readouterr().err
    assert "裁定有1行填得不能用，0行没有对应的文件或问题" in told
    assert "待裁定2项" in told
    sheet = load_workbook(office / "新.xlsx")["待裁定"]
    titles = [cell.value for cell in sheet[FIRST_ROW]]
    (row,) = (dict(zip(titles, line, strict=True)) for line in sheet.iter_rows(min_row=FIRST_ROW + 1, values_only=True) if "b.xlsx" in line)
    assert {title: row[title] for title in typed} == typed
    assert "填的裁定没有用上：名单里没有“没有的馆”" in row["原因"]
    (again,) = (found for found in read_rulings(office / "新.xlsx") if found.file == "b.xlsx")
    assert (again.reason, again.word, again.note) == ("identity-conflict", "属于", "电话核实")


def test_a_project_the_office_has_named_has_nothing_left_to_correct(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(office / "收件", {"b.xlsx": intake("乙馆", evaluation="项目"), "c.xlsx": intake("丙馆", evaluation="项目")})
    assert consolidated(office, capsys)["issues"]["project-unnamed"] == 2
    answers = {"b.xlsx": {"裁定": "属于", "项目": "讲座"}, "c.xlsx": {"裁定": "属于", "自评类型": "部门整体"}}
    document = consolidated(office, capsys, "--decisions", str(answered(office / "汇总.xlsx", office / "裁定.xlsx", answers)))
    sent = {row["name"]: (row["state"], row["due"], row["project"], row["errors"]) for row in document["due"] if row["file"]}
    assert (sent["乙馆"], sent["丙馆"]) == (("已报", "项目", "讲座", 0), ("已报", "部门整体", None, 0))
    assert "project-unnamed" not in document["issues"]


def test_what_is_on_no_roster_and_not_used_is_no_line_of_its_own(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(office / "收件", {"外.xlsx": intake("外馆", year=2019), "b.xlsx": intake("乙馆")})
    assert "外馆" in states(consolidated(office, capsys))
    filled = answered(office / "汇总.xlsx", office / "裁定.xlsx", {"外.xlsx": {"裁定": "不采用"}})
    assert "外馆" not in states(consolidated(office, capsys, "--decisions", str(filled)))


def test_what_came_in_after_a_return_is_proposed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = folder(tmp_path / "i", {"a.xlsx": intake("甲馆", actual=None)})
    command = ["consolidate", str(inbox), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--json"]
    assert run(command) == 0
    folder(inbox, {"b.xlsx": intake("甲馆")})
    capsys.readouterr()
    for _ in range(2):
        assert run(command) == 0
        questions = json.loads(capsys.readouterr().out)["questions"]
        assert [(q["file"], q["note"]) for q in questions] == [("a.xlsx", None), ("b.xlsx", "建议采用：别的一份退回后才报来")]


@pytest.mark.parametrize("rows", [[["文件"]], [["文件", "原因", "裁定"]]])
def test_a_sheet_that_binds_no_answer_is_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    book = Workbook()
    book.active.title = "待裁定"
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(PerfxlError, match="SHA-256"):
        read_rulings(tmp_path / "x.xlsx")
    book.active.title = "别的"
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(PerfxlError, match="待裁定"):
        read_rulings(tmp_path / "x.xlsx")


# what is typed into 退回修改清单


def typed(path: Path, unit: str, **answers: str) -> int:
    """Type into the rows of a unit; how many there are."""
    book = load_workbook(path)
    sheet = book["退回修改清单"]
    titles = [cell.value for cell in sheet[FIRST_ROW]]
    rows = [row for row in sheet.iter_rows(min_row=FIRST_ROW + 1) if row[titles.index("单位名称")].value == unit]
    for row in rows:
        for title, value in answers.items():
            row[titles.index(title)].value = value
    book.save(path)
    return len(rows)


def remarks(path: Path, sheet: str = "退回修改清单") -> list[tuple[str, str]]:
    book = load_workbook(path)
    if sheet not in book.sheetnames:
        return []
    titles = [cell.value for cell in book[sheet][FIRST_ROW]]
    at = [titles.index(title) for title in ("单位名称", "办理结果")]
    return [tuple(row[i].value for i in at) for row in book[sheet].iter_rows(min_row=FIRST_ROW + 1) if row[at[1]].value]


def test_notes_are_kept_carried_over_and_settled(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(office / "收件", {"c.xlsx": intake("丙馆", actual=None)})
    consolidated(office, capsys)
    count = typed(office / "汇总.xlsx", "丙馆", 单位回复="月底补", 办理结果="已催")
    assert count >= 1
    folder(office / "收件", {"d.xlsx": intake("丁馆")})
    consolidated(office, capsys, "--force")
    assert remarks(office / "汇总.xlsx") == [("丙馆", "已催")] * count
    (office / "汇总.xlsx").unlink()
    consolidated(office, capsys)
    assert remarks(office / "汇总.xlsx") == [("丙馆", "已催")] * count
    folder(office / "收件", {"c.xlsx": intake("丙馆")})
    consolidated(office, capsys)
    left = len(remarks(office / "汇总.xlsx"))
    assert 0 < left < count
    assert remarks(office / "汇总.xlsx", "办理台账") == [("丙馆", "已催")] * (count - left)


def test_a_damaged_ledger_costs_no_decision_that_the_last_workbook_prints(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    consolidated(office, capsys)
    filled = answered(office / "汇总.xlsx", office / "裁定.xlsx", {"b.xlsx": {"裁定": "属于", "属于的单位": "乙馆", "裁定人": "李"}})
    before = consolidated(office, capsys, "--decisions", str(filled))
    ledger = office / "汇总.ledger.sqlite"
    ledger.write_bytes(ledger.read_bytes()[:100])
    command = [
        "consolidate",
        str(office / "收件"),
        "-o",
        str(office / "汇总.xlsx"),
        "--roster",
        str(office / "名单.xlsx"),
        "--workers",
        "1",
        "--json",
    ]
    assert run(command) == 0
    told = capsys.readouterr()
    after = json.loads(told.out)
    assert (states(after), after["questions"]) == (states(before), before["questions"])
    assert "从“汇总.xlsx”的“待裁定”取回1条裁定" in told.err
    assert "另一版本" not in told.err


def test_empty_files_of_several_units_are_each_a_question(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(office / "收件")
    with ZipFile(folder(office / "收件", {f"{name}.xlsx": b"" for name in ("甲馆", "乙馆")}) / "丙馆.zip", "w"):
        pass
    first = consolidated(office, capsys)
    assert states(first) == {"甲馆": "读不出", "乙馆": "读不出", "丙馆": "读不出", "丁馆": "未报"}
    assert [(q["file"], q["suggested"]) for q in first["questions"]] == [("丙馆.zip", "丙馆"), ("乙馆.xlsx", "乙馆"), ("甲馆.xlsx", "甲馆")]
    filled = answered(office / "汇总.xlsx", office / "裁定.xlsx", {"乙馆.xlsx": {"裁定": "非填报表"}})
    second = consolidated(office, capsys, "--decisions", str(filled))
    assert states(second) == {"甲馆": "读不出", "乙馆": "未报", "丙馆": "读不出", "丁馆": "未报"}
    assert [(q["file"], q["word"]) for q in second["questions"]] == [("丙馆.zip", None), ("甲馆.xlsx", None), ("乙馆.xlsx", "非填报表")]
