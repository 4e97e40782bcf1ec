"""From file to submissions: sheets by title or header, sets of sheets, what stands twice, hidden, or without a title."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from inbox import folder
from sheets_of import INDICATOR_ROWS, LINES, budget, indicators, read, unit, whole, without, workbook

from perfxl.catalogue import severity_of
from perfxl.cli import run
from perfxl.intake.reading import Refused, read_workbook
from perfxl.intake.submission import FURTHER, Submission
from perfxl.scoring.batch import score_submissions
from perfxl.scoring.document import score_document

CELLS = Path(__file__).parent / "data" / "cells"
QUIET = {"template-version-unknown", "evidence-missing"}


def scored(data: bytes, number: int = 0) -> dict[str, object]:
    """The document of the only submission of a workbook."""
    found = read_workbook(data, source="甲.xlsx", number=number)
    assert not isinstance(found, Refused), found
    (submission,) = found
    return score_document(score_submissions([submission])[number][0], number)


def told(submissions: list[Submission] | Refused) -> list[tuple[str, str | None, str | None]]:
    """Code, sheet and cell of what reading said of the first submission."""
    assert not isinstance(submissions, Refused), submissions
    return [(i.code, i.sheet, i.cell) for i in submissions[0].issues if i.code not in QUIET]


def actuals(submission: Submission) -> list[object]:
    return [row.values.get("actual") for row in submission.rows.get("indicators", [])]


# sheets


@pytest.mark.parametrize(
    "title",
    [
        "1.绩效指标",
        "一、绩效指标",
        "附件3：绩效指标",
        "绩效指标（终稿）",
        "绩效指标 (2)",
        "绩效指标-甲馆",
        "Sheet4",
        "表3",
        "甲馆绩效指标",
        "指标情况",
    ],
)
def test_a_sheet_of_another_title_is_read_by_its_header_and_said(title):
    sheets = whole()
    sheets = {**{k: v for k, v in sheets.items() if k != "绩效指标"}, title: indicators()}
    assert told(read(sheets)) == [("sheet-by-header", title, None)]
    assert scored(workbook(sheets))["total"] == 99.5


@pytest.mark.parametrize("title", ["绩效指标", "绩 效 指 标", "\u200b绩效指标", "指标完成情况"])
def test_a_title_that_is_the_templates_or_an_alias_needs_no_word(title):
    sheets = {k: v for k, v in whole().items() if k != "绩效指标"} | {title: indicators()}
    assert told(read(sheets)) == []


def test_all_sheets_renamed_are_still_an_intake():
    sheets = {"Sheet1": unit(), "Sheet2": budget(), "Sheet3": indicators()}
    assert told(read(sheets)) == [("sheet-by-header", f"Sheet{n}", None) for n in (1, 2, 3)]
    assert scored(workbook(sheets))["total"] == 99.5


def test_a_header_in_row_twenty_is_found_and_one_below_is_not():
    blank = [[None]]
    assert [row.number for row in read(whole(绩效指标=blank * 19 + indicators()))[0].rows["indicators"]] == [21, 22, 23]
    assert ("column-missing", "绩效指标", None) in told(read(whole(绩效指标=blank * 20 + indicators())))


def test_a_header_repeated_inside_the_table_is_no_row():
    rows = indicators()
    assert [row.number for row in read(whole(绩效指标=[*rows[:2], rows[0], *rows[2:]]))[0].rows["indicators"]] == [2, 4, 5]


def test_columns_stand_in_any_order():
    rows = [list(reversed(row + [None] * (16 - len(row)))) for row in indicators()]
    assert actuals(read(whole(绩效指标=rows))[0]) == ["21场", "41000", "95%"]


def test_foreign_sheets_are_named_once_and_empty_ones_not_at_all():
    sheets = whole(**{"说明(1)": [["随便"]], "通讯录": [["姓名", "电话"], ["张三", "1"]], "空表": []})
    found = read(sheets)
    assert told(found) == [("sheet-foreign", None, None)]
    assert found[0].issues[-2].details["sheets"] == "说明(1)、通讯录"


def test_a_sheet_that_looks_like_ours_and_cannot_be_read_is_named():
    half = [["一级指标", "二级指标", "三级指标", "指标说明"], ["产出指标", "数量指标", "讲座", "x"]]
    assert told(read(whole(绩效指标补充=half))) == [("sheet-unread", "绩效指标补充", None)]


def test_a_form_beside_an_intake_is_no_second_table():
    form = [["项目支出绩效自评表"], ["资金情况", None, "年初预算数", "全年预算数", "全年执行数"], ["年度资金总额", None, 1, 100, 95], *indicators()]
    assert told(read(whole(自评表2=form))) == [("sheet-unread", "自评表2", None)]


@pytest.mark.parametrize(
    "sheets",
    [{"Sheet1": [["姓名", "电话"], ["张三", "1"]]}, {"基本情况": [["本单位共有在编人员26人。"]]}, {"通讯录": [["x"]], "说明": [["y"]]}],
    ids=["address book", "a title alone", "two"],
)
def test_what_is_neither_intake_nor_form_is_refused_and_says_what_it_saw(sheets):
    refused = read(sheets)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.details["saw"]) == ("not-an-intake", "、".join(sheets))


def test_not_an_intake_alone_exits_two(tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook({"名单": [["x"]]}))
    assert run(["score", str(path), "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["rejected"], "名单" in document["issues"][0]["message"]) == ("not-an-intake", True)
    assert run(["check", str(path)]) == 2


def test_without_a_sheet_of_the_unit_amounts_belong_in_no_sum():
    sheets = {k: v for k, v in whole().items() if k != "基本信息"}
    found = read(sheets)
    assert told(found) == [("sheet-missing", "基本信息", None)]
    assert found[0].without_unit
    assert not read(whole())[0].without_unit
    frames = score_submissions(found)[0][0].frames.unit
    assert frames["amounts_unknown"].tolist() == [True]


# the same table twice


def test_two_filled_sheets_of_one_table_are_an_error_naming_both_and_neither_is_read():
    other = [(*row[:6], "1", *row[7:]) for row in INDICATOR_ROWS]
    found = read(whole(**{"绩效指标 (2)": indicators(*other)}))
    issue = next(i for i in found[0].issues if i.code == "sheet-repeated")
    assert (issue.sheet, issue.details["sheets"]) == ("绩效指标", "绩效指标”和“绩效指标 (2)")
    assert found[0].rows["indicators"] == []
    document = scored(workbook(whole(**{"绩效指标 (2)": indicators(*other)})))
    assert [i["code"] for i in document["issues"] if i["severity"] == "error"] == ["sheet-repeated"]
    assert (document["provisional"], document["total"]) == (True, 9.5)


def test_an_equal_copy_is_told_and_read():
    found = read(whole(**{"绩效指标 (2)": indicators()}))
    assert ("sheet-repeated", "绩效指标", None) in told(found)
    assert actuals(found[0]) == ["21场", "41000", "95%"]


@pytest.mark.parametrize("blank", ["绩效指标", "绩效指标 (2)"])
def test_a_blank_copy_of_a_table_is_none(blank):
    sheets = whole(**{"绩效指标 (2)": indicators()}) | {blank: indicators()[:1]}
    assert "sheet-repeated" not in [code for code, *_ in told(read(sheets))]
    assert actuals(read(sheets)[0]) == ["21场", "41000", "95%"]


def test_a_repeated_column_names_both_and_only_what_agrees_is_read():
    rows = [[*row[:6], actual, *row[6:]] for row, actual in zip(indicators(), ["实际完成值", "21场", "1", None], strict=True)]
    data = workbook(whole(绩效指标=rows))
    found = read_workbook(data)
    issue = next(i for i in found[0].issues if i.code == "column-repeated")
    assert (issue.details["column"], issue.details["cells"], severity_of(issue)) == ("实际完成值", "G1、H1", "error")
    assert actuals(found[0]) == ["21场", None, None]
    document = scored(data)
    assert [i["code"] for i in document["issues"] if i["severity"] == "error"] == ["column-repeated"]


def test_a_repeated_column_without_content_is_none():
    rows = [[*row[:6], "实际完成值" if i == 0 else None, *row[6:]] for i, row in enumerate(indicators())]
    assert told(read(whole(绩效指标=rows))) == []
    assert actuals(read(whole(绩效指标=rows))[0]) == ["21场", "41000", "95%"]


def test_an_exact_title_beats_an_alias_which_stays_the_clerks_own():
    rows = [[*row, *[None] * (16 - len(row)), extra] for row, extra in zip(indicators(), ["完成值", "1", "2", "3"], strict=True)]
    found = read(whole(绩效指标=rows))
    assert actuals(found[0]) == ["21场", "41000", "95%"]
    assert found[0].own_columns == {"indicators": {"完成值": {2: "1", 3: "2", 4: "3"}}}


def test_points_of_a_result_are_never_the_claim():
    rows = [["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "状态", "评分说明"]]
    rows += [[a, b, c, e, g, i, 1, "已评分", "x"] for a, b, c, _, e, _, g, _, i in INDICATOR_ROWS]
    assert all("claimed_score" not in row.values for row in read(whole(绩效指标=rows))[0].rows["indicators"])
    plain = [row[:7] for row in rows]
    assert [row.values["claimed_score"] for row in read(whole(绩效指标=plain))[0].rows["indicators"]] == [1, 1, 1]


# columns without a title


def test_a_column_whose_title_is_gone_is_named():
    rows = indicators()
    rows[0][5] = None
    assert told(read(whole(绩效指标=rows))) == [("column-unnamed", "绩效指标", "F2")]
    rows[0][5] = "次"
    assert told(read(whole(绩效指标=rows))) == [("column-unnamed", "绩效指标", "F1")]


def test_own_columns_beside_a_whole_table_need_no_word():
    rows = [[*row[:3], own, *row[3:]] for row, own in zip(indicators(), ["科室", "采编部", "流通部", None], strict=True)]
    assert told(read(whole(绩效指标=rows))) == []


def test_an_own_column_that_speaks_of_one_that_decides_is_named():
    for title, found in (("实际完成值（修改后）", [("column-unnamed", "绩效指标", "D1")]), ("科室（盖章）", [])):
        rows = [[*row[:3], own, *row[3:]] for row, own in zip(indicators(), [title, "220", "3", None], strict=True)]
        assert told(read(whole(绩效指标=rows))) == found


def test_notes_to_the_right_without_a_title_are_named():
    rows = indicators()
    rows[1] = [*rows[1], *[None] * 9, "这一行请看附件"]
    assert told(read(whole(绩效指标=rows))) == [("column-unnamed", "绩效指标", "S2")]


def test_a_label_of_the_unit_that_was_typed_over_is_named():
    rows = unit(money_unit="元")
    at = next(i for i, row in enumerate(rows) if row[0] == "金额单位")
    rows[at][0] = "单价"
    assert told(read(whole(基本信息=rows))) == [("column-unnamed", "基本信息", f"A{at + 1}")]


def test_a_field_with_two_values_is_an_error_and_neither_counts_twice():
    rows = [*unit(), ["单位名称", "乙馆"]]
    found = read(whole(基本信息=rows))
    assert ("column-repeated", "基本信息", f"B{len(rows)}") in told(found)
    assert told(read(whole(基本信息=[*unit(), ["单位名称", "甲馆"]]))) == []


def test_labels_beside_each_other_and_merged_are_all_read():
    rows = [["单位名称", None, "甲馆", "预算年度", 2020], ["金额单位", None, "元", "填报人", "张三"]]
    book = openpyxl.load_workbook(BytesIO(workbook(whole(基本信息=rows))))
    book["基本信息"].merge_cells("A1:B1")
    book["基本信息"].merge_cells("A2:B2")
    stream = BytesIO()
    book.save(stream)
    (found,) = read_workbook(stream.getvalue())
    assert found.fields == {"name": "甲馆", "fiscal_year": 2020, "money_unit": "元", "filled_by": "张三"}


# hidden


def test_hidden_rows_and_columns_with_content_are_read_and_named_once():
    book = openpyxl.load_workbook(BytesIO(workbook(whole())))
    book["绩效指标"].row_dimensions[3].hidden = True
    book["绩效指标"].column_dimensions["G"].hidden = True
    book["绩效指标"].column_dimensions["P"].hidden = True
    book["绩效指标"].row_dimensions[90].hidden = True
    stream = BytesIO()
    book.save(stream)
    found = read_workbook(stream.getvalue())
    assert told(found) == [("rows-hidden", "绩效指标", "A3")]
    assert [i.details["what"] for i in found[0].issues if i.code == "rows-hidden"] == ["第3行、G列"]
    assert actuals(found[0]) == ["21场", "41000", "95%"]


# several submissions


def department(count: int) -> dict[str, list[list[object]]]:
    sheets = {}
    for n in range(1, count + 1):
        suffix = f" ({n})" if n > 1 else ""
        sheets |= {
            f"基本信息{suffix}": unit(f"第{n}馆"),
            f"预算执行{suffix}": budget(LINES[0], ("按来源", "当年财政拨款", None, 100 + n, 90)),
            f"绩效指标{suffix}": indicators((*INDICATOR_ROWS[0][:6], f"{n}场", None, 50), *INDICATOR_ROWS[1:]),
        }
    return sheets


def test_a_departments_workbook_of_thirty_units_is_thirty_submissions(tmp_path, capsys):
    found = read(department(30))
    assert [s.fields["name"] for s in found] == [f"第{n}馆" for n in range(1, 31)]
    assert [s.part for s in found] == ["绩效指标", *(f"绩效指标 ({n})" for n in range(2, 31))]
    assert [s.number for s in found] == [n * FURTHER for n in range(30)]
    assert [actuals(s)[0] for s in found] == [f"{n}场" for n in range(1, 31)]
    inbox = folder(tmp_path / "收件", {"局/部门.xlsx": workbook(department(30)), "另一馆.xlsx": workbook(whole(基本信息=unit("另一馆")))})
    assert run(["consolidate", str(inbox), "-o", str(tmp_path / "汇总.xlsx"), "--workers", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [document[k] for k in ("found", "accepted", "rejected", "superseded", "ignored", "undecided")] == [2, 2, 0, 0, 0, 0]
    assert document["submissions"] == {"found": 31, "accepted": 31, "superseded": 0, "undecided": 0}
    assert len({(u["name"], u["part"]) for u in document["units"]}) == 31
    (file,) = (f for f in document["files"] if f["file"] == "局/部门.xlsx")
    assert [part["unit"] for part in file["parts"]] == [f"第{n}馆" for n in range(1, 31)]
    totals = {u["name"]: u["total"] for u in document["units"]}
    assert totals["第1馆"] == 2.5 + 30 + 10 + round(10 * 90 / 101 + 1e-9, 2)


def test_one_file_of_several_gives_a_result_each(tmp_path, capsys):
    sheets = department(2) | {"基本信息 (3)": unit("第2馆", project="免费开放", evaluation="项目"), "绩效指标 (3)": indicators()}
    path = tmp_path / "局.xlsx"
    path.write_bytes(workbook(sheets))
    assert run(["score", str(path), "--json"]) == 0
    documents = json.loads(capsys.readouterr().out)
    assert [(d["unit"]["name"], d["source"]["part"]) for d in documents] == [
        ("第1馆", "绩效指标"),
        ("第2馆", "绩效指标 (2)"),
        ("第2馆", "绩效指标 (3)"),
    ]
    assert documents[1]["indicators"][0]["sheet"] == "绩效指标 (2)"
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "局.xlsx",
        "局_第1馆_评分结果.xlsx",
        "局_第2馆_免费开放_评分结果.xlsx",
        "局_第2馆_评分结果.xlsx",
    ]
    assert run(["score", str(path), "-o", str(tmp_path / "一个.xlsx")]) == 2
    assert not (tmp_path / "一个.xlsx").exists()
    assert run(["report", str(path)]) == 2
    assert "3份" in capsys.readouterr().err
    assert run(["score", str(tmp_path), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


@pytest.mark.parametrize(
    ("second", "parts"),
    [(unit("乙馆"), 2), (unit(year=2021), 2), (unit(project="免费开放"), 2), (unit(filled_by="张三"), 1), (unit(code="001"), 1), (unit("", None), 1)],
    ids=["unit", "year", "project", "another clerk", "a code", "nobody"],
)
def test_a_second_unit_sheet_begins_a_set_only_if_it_names_another(second, parts):
    sheets = whole(**{"基本信息 (2)": second, "预算执行 (2)": budget(), "绩效指标 (2)": indicators()})
    found = read(sheets)
    assert len(found) == parts
    assert ("sheet-repeated" in [code for code, *_ in told(found)]) == (parts == 1)


def test_a_blank_first_set_is_none():
    sheets = {"基本信息": unit("", None, evaluation=None, money_unit=None), "绩效指标": indicators()[:1]} | {
        k: v for k, v in department(3).items() if k.endswith(")")
    }
    assert [s.fields["name"] for s in read(sheets)] == ["第2馆", "第3馆"]


def test_sets_share_what_stands_beside_the_title():
    sheets = {f"{who}-{title}": rows for who in ("甲馆", "乙馆") for title, rows in whole(基本信息=unit(who)).items()}
    assert [(s.fields["name"], len(s.places)) for s in read(sheets)] == [("甲馆", 3), ("乙馆", 3)]


def test_a_set_lacks_its_own_sheets_not_those_of_others():
    sheets = whole(**{"基本信息 (2)": unit("乙馆"), "绩效指标 (2)": indicators()})
    found = read(sheets)
    assert [[i.code for i in s.issues if i.code == "sheet-missing"] for s in found] == [[], ["sheet-missing"]]


# workbooks one edit away from a full score


def cell_case(name: str) -> dict[str, object]:
    return scored((CELLS / name).read_bytes())


def test_money_units_in_words_are_read():
    budget_read = cell_case("R03_money_unit_yuan_words.xlsx")["budget"]
    assert (budget_read["full_year"], budget_read["rate"]) == (640.84, 0.867346)


@pytest.mark.parametrize("name", ["R06_zwsp_header.xlsx", "R09_blank_sheet_name.xlsx", "R15_foreign_sheet_names.xlsx"])
def test_what_nobody_sees_changes_nothing(name):
    document = cell_case(name)
    assert (document["total"], document["provisional"], document["grade"]) == (100, False, "优")


def test_a_copied_sheet_is_an_error_naming_both():
    document = cell_case("R14_copied_sheet.xlsx")
    (issue,) = (i for i in document["issues"] if i["severity"] == "error")
    assert issue["code"] == "sheet-repeated"
    assert "“绩效指标”和“绩效指标 (2)”" in issue["message"]
    assert document["provisional"]


def test_a_hidden_duplicate_column_is_an_error_naming_both():
    document = cell_case("R16_hidden_duplicate_column.xlsx")
    (issue,) = (i for i in document["issues"] if i["severity"] == "error")
    assert issue["code"] == "column-repeated"
    assert "G3、H3（G3被隐藏）" in issue["message"]
    assert document["provisional"]


def test_a_table_without_its_values_keeps_its_rows():
    assert actuals(read(whole(绩效指标=without(indicators(), "实际完成值")))[0]) == [None, None, None]
