"""Every doubt about a form: a form that raises it in its words and at its cell, one that does not, and one where there is nothing to doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import paper_samples as papers
import pytest
from docx import Document
from paper_samples import saved
from small_forms import FUNDS, HEAD, ROWS, TITLE, TOTAL, in_memory, small

from perfxl.catalogue import CATALOGUE, fix, message
from perfxl.intake.discover import find_files
from perfxl.intake.papers import read_forms
from perfxl.intake.reading import Refused, read_workbook
from perfxl.model import Issue
from perfxl.model.parts import PARTS_EN
from perfxl.scoring.batch import score_submissions
from perfxl.values import PercentNumber

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from perfxl.intake.forms import Grid

Paper = "dict[str, Any] | Callable[[Path], list[Issue]]"


def of_grids(*grids: Grid, source: str = "示例.xlsx") -> list[Issue]:
    """The issues of a file that holds these sheets, scored."""
    read = read_forms(grids, source, "0" * 64).submissions
    return [issue for submission in read for issue in score_submissions([submission])[submission.number][0].issues]


def of_bytes(data: bytes, name: str) -> list[Issue]:
    """The issues of a file, or why it is not read."""
    read = read_workbook(data, source=name)
    if isinstance(read, Refused):
        return [Issue(0, read.code, details=read.details)]
    return [issue for submission in read for issue in score_submissions([submission])[submission.number][0].issues]


def of_zip(entries: dict[str, bytes], broken: bytes = b"") -> Callable[[Path], list[Issue]]:
    """What is said of a zip and of its entries."""

    def listed(folder: Path) -> list[Issue]:
        (folder / "包.zip").write_bytes(broken or papers.utf8_zip(entries))
        return [Issue(0, found.code, details=found.details) for found in find_files([folder / "包.zip"]) if found.code]

    return listed


def in_sheets(*sheets: dict[str, Any]) -> Callable[[Path], list[Issue]]:
    return lambda _: of_grids(*(small(name=f"Sheet{n}", **sheet) for n, sheet in enumerate(sheets, 1)))


def named(source: str, **changes: Any) -> Callable[[Path], list[Issue]]:
    return lambda _: of_grids(small(**changes), source=source)


def in_word(inner: list[list[str]] | None) -> Callable[[Path], list[Issue]]:
    """The form of `paper_samples` in Word, a table in its first reason cell."""

    def read(_: Path) -> list[Issue]:
        made = Document()
        made.add_paragraph("项目支出绩效自评表")
        rows = [papers.HEAD, *papers.ROWS, papers.TOTAL]
        table = made.add_table(len(rows), 8)
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                table.cell(i, j).text = text
        if inner is not None:
            nested = table.cell(1, 4).add_table(len(inner), len(inner[0]))
            nested.cell(0, 0).text = inner[0][0]
        return of_bytes(saved(made), "示例.docx")

    return read


def without(column: int) -> dict[str, Any]:
    """The form without one of the columns of its indicators."""
    at = column - 1
    return {part: [[*row[:at], *row[at + 1 :]] for row in rows] for part, rows in {"head": HEAD, "rows": ROWS, "total": TOTAL}.items()}


def columns(rows: list[list[object]], **changes: object) -> list[list[object]]:
    """Rows with some of their columns, by letter, all alike."""
    return [[changes.get("ABCDEFGH"[at], value) for at, value in enumerate(row)] for row in rows]


def with_total(*rows: list[object]) -> dict[str, Any]:
    return {"total": [["总分", None, None, None, None, *row] for row in rows]}


S = "Sheet1"
SOURCES = [[None, "其中：财政拨款", 30, 30, 24], [None, "其他资金", 20, 20, 16]]
POINTS_AS_VALUES = [[*row[:3], row[5], row[6], *row[5:]] for row in ROWS]
OTHER_LEVELS = [[level, level, *row[2:]] for level, row in zip(("投入", "过程", "产出"), ROWS, strict=True)]
NO_EXECUTION_POINTS = [FUNDS[0][:5], FUNDS[1][:5]]
EXECUTION_ROW = ["预算执行", "预算执行", "预算执行率", "100%", "80%", 10, 8]
NAMELESS = [["实施单位", "示例县文化馆"]]
PROJECT_TITLE = [["2023年度乡村医生补助项目支出绩效自评表"]]
INITIAL_ONLY = [["项目资金（万元）", None, "年初预算数", "全年执行数", "分值"], [None, "年度资金总额", 50, 40, 10]]
PERCENT_POINTS = {(7, 6): "40%", (8, 6): PercentNumber(0.3), (9, 6): "20%"}
YEARLESS = [TITLE[0], ["附表"]]
UNITLESS = [["项目名称", "免费开放"]]
LEVELLESS = {
    "funds": [[None, *row[1:]] for row in FUNDS],
    "head": [["序号", "指标", *HEAD[0][3:]]], "rows": [[n, *row[2:]] for n, row in enumerate(ROWS, 1)], "total": [["总分", None, None, None, 100, 92]],
}  # fmt: skip
GOALS = {"title": [["项目支出绩效目标申报表"]], "head": [HEAD[0][:4]], "rows": [row[:4] for row in ROWS], "funds": [], "total": []}

# Code: what is tried, the bad paper, what is said of it and where, a good one, one in which the thing is blank.
DOUBTS: list[tuple[str, str, Any, tuple[str | None, str | None, str], Any, Any]] = [
    ("form-read", "a form", {}, (S, "A1", "这是一张自评表（项目支出绩效自评表，Sheet1!A1:H10），共读到3行指标；各栏怎样读的见“表格识别”。"), GOALS, {"head": []}),
    ("form-several", "two sheets", in_sheets({}, {"facts": [["项目名称", "图书采购", None, None, "实施单位", "示例县文化馆"]]}),
     (None, None, "这个文件里有2张自评表，每张单独计分。"), {}, in_sheets({}, {"title": [], "facts": [], "funds": [], "head": [], "rows": [], "total": []})),
    ("form-part-missing", "funds", {"funds": []}, (S, "A1", "自评表里没有找到：资金（预算数、执行数）。"), {}, {"cells": {(5, n): None for n in range(3, 9)}}),
    ("form-part-missing", "points", {"cells": {(n, 6): None for n in (7, 8, 9)}}, (S, "F6", "自评表里没有找到：各行指标的分值。"), {}, {"cells": {(7, 6): None}}),
    ("form-part-missing", "targets", without(4), (S, "C6", "自评表里没有找到：年度指标值一栏。"), {}, {"cells": {(n, 4): None for n in (7, 8, 9)}}),
    ("form-part-missing", "actuals", without(5), (S, "C6", "自评表里没有找到：实际完成值一栏。"), {}, {"cells": {(n, 5): None for n in (7, 8, 9)}}),
    ("form-part-missing", "rates alone", {"cells": {(6, 5): "指标完成率"}}, (S, "C6", "自评表里没有找到：实际完成值一栏（只有完成率）。"), {}, {"cells": {(n, 5): None for n in (7, 8, 9)}}),
    ("form-part-missing", "total", {"total": []}, (S, "A9", "自评表里没有找到：总分（合计）行。"), {"total": [], "facts": [["自评得分", 92, None, None, "实施单位", "示例县文化馆"]]}, with_total([100, None])),
    ("form-points-in-values", "as the points", {"rows": POINTS_AS_VALUES},
     (S, "D7", "各行指标值加起来是90，实际完成值加起来是84，像是把分值和得分填进了指标值和完成值两栏。"), {"rows": [*POINTS_AS_VALUES[:2], ROWS[2]]}, {"rows": columns(POINTS_AS_VALUES, E=None)}),
    ("form-points-in-values", "no points at all", {"rows": columns(POINTS_AS_VALUES, F=None, G=None)},
     (S, "D7", "各行指标值加起来是90，实际完成值加起来是84，像是把分值和得分填进了指标值和完成值两栏。"), {"rows": columns(ROWS, F=None)}, {"rows": columns(POINTS_AS_VALUES, D=None, F=None, G=None)}),
    ("form-score-shared", "two rows", {"cells": {(7, 7): 64, (8, 7): None}, "merges": [(7, 7, 8, 7)]}, (S, "G7", "有1处得分由几行合并填写（G7:G8），合计时各计一次。"),
     {"merges": [(9, 7, 9, 8)]}, {"cells": {(7, 7): None, (8, 7): None}, "merges": [(7, 7, 8, 7)]}),
    ("form-column-unnamed", "a number", {"cells": {(6, 7): 50}}, (S, "G6", "这一栏有3个数，但表头是“50”，不能断定是分值还是得分。"), {}, {"cells": {(6, 7): 50, **{(n, 7): None for n in (7, 8, 9)}}}),
    ("form-column-unnamed", "nothing", {"cells": {(6, 6): None}}, (S, "F6", "这一栏有3个数，但表头是“（空白）”，不能断定是分值还是得分。"), {}, {"cells": {(n, 6): None for n in (6, 7, 8, 9)}}),
    ("form-column-unnamed", "other words", {"cells": {(6, 6): "某数"}}, (S, "F6", "这一栏有3个数，但表头是“某数”，不能断定是分值还是得分。"), {"cells": {(6, 8): "某数", (7, 8): 5}}, {"cells": {(6, 6): "某数", **{(n, 6): None for n in (7, 8, 9)}}}),
    ("form-unit-suspect", "said in 万元 elsewhere", {"cells": {(5, 3): 500000, (5, 4): 500000, (5, 5): 400000, (8, 8): "预算50万元"}}, (S, "D5", "表头写的是万元，这里的数是500000，像是按元填写（50万元）。"),
     {"cells": {(5, 3): 500000, (5, 4): 500000, (5, 5): 400000}}, {"cells": {(5, 3): None, (5, 4): None, (5, 5): None, (8, 8): "预算50万元"}}),
    ("form-unit-suspect", "beyond any such form", {"cells": {(5, 3): None, (5, 4): 25376950}}, (S, "D5", "表头写的是万元，这里的数是25376950，像是按元填写（2537.695万元）。"),
     {"cells": {(4, 1): "项目资金（元）", (5, 4): 25376950}}, {"cells": {(5, 3): 25376950, (5, 4): None, (4, 3): "备注"}}),
    ("form-year-assumed", "the file", named("2022年.xlsx", title=YEARLESS), (S, "A1", "表中没有写年度，按文件名读作2022年度。"), named("2022年.xlsx"), named("示例.xlsx", title=YEARLESS)),
    ("form-year-assumed", "the sheet", {"title": YEARLESS, "name": "2022"}, ("2022", "A1", "表中没有写年度，按工作表名读作2022年度。"), {"name": "2022"}, {"title": YEARLESS, "name": "表1"}),
    ("form-year-assumed", "the texts", {"title": YEARLESS, "cells": {(8, 8): "2022年闭馆"}}, (S, "A1", "表中没有写年度，按表内文字读作2022年度。"), {"cells": {(8, 8): "2022年闭馆"}}, {"title": YEARLESS, "cells": {(8, 8): "闭馆"}}),
    ("form-year-assumed", "the day it was filled", {"title": YEARLESS, "after": [["填报日期：2023.3.1"]]}, (S, "A1", "表中没有写年度，按填报日期的上一年读作2022年度。"),
     {"after": [["填报日期：2023.3.1"]]}, {"title": YEARLESS, "after": [["填报日期："]]}),
    ("form-project-assumed", "the title", {"facts": NAMELESS, "title": PROJECT_TITLE}, (S, "A1", "表中没有写项目名称，按标题中的名称读作“乡村医生补助项目”。"),
     {"title": PROJECT_TITLE}, {"facts": NAMELESS}),
    ("form-project-assumed", "the sheet", {"facts": NAMELESS, "name": "农村环境整治"}, ("农村环境整治", "A1", "表中没有写项目名称，按工作表名读作“农村环境整治”。"),
     {"name": "农村环境整治"}, {"facts": NAMELESS, "name": "定稿"}),
    ("form-initial-as-budget", "no such column", {"funds": INITIAL_ONLY}, (S, "C4", "表中没有“全年预算数”一栏，执行率按年初预算数计算。"), {}, {"funds": [INITIAL_ONLY[0], [None, "年度资金总额", None, 40, 10]]}),
    ("form-points-percent", "of 100 %", {"cells": PERCENT_POINTS}, (S, "F6", "分值写成百分数，合计90%，按90分读取。"), {}, {"cells": {**PERCENT_POINTS, (7, 6): "30%"}}),
    ("form-unit-assumed", "the authority", {"facts": [["项目名称", "免费开放", None, None, "主管部门", "示例县文旅局"]]}, (S, "F3", "表中没有写填报单位，按主管部门读作“示例县文旅局”。"),
     {"facts": [["主管部门", "示例县文旅局", None, None, "实施单位", "示例县文化馆"]]}, {"facts": [["项目名称", "免费开放", None, None, "主管部门", None]]}),
    ("form-unit-assumed", "the sheet", {"facts": UNITLESS, "name": "示例县文化馆"}, ("示例县文化馆", "A1", "表中没有写填报单位，按工作表名读作“示例县文化馆”。"), {"name": "示例县博物馆"}, {"facts": UNITLESS}),
    ("form-unit-assumed", "the file", named("示例县文化馆.xlsx", facts=UNITLESS), (S, "A1", "表中没有写填报单位，按文件名读作“示例县文化馆”。"),
     named("示例县文化馆.xlsx", facts=UNITLESS, title=[["示例县图书馆2023年度项目支出绩效自评表"]]), named("表.xlsx", facts=UNITLESS)),
    ("form-total-differs", "head and total", {"facts": [["自评得分", 90, None, None, "实施单位", "示例县文化馆"]]}, (S, "B3", "表头的自评总分与总分行不一致：90与92。"),
     {"facts": [["自评得分", 92, None, None, "实施单位", "示例县文化馆"]]}, {"facts": [["自评得分", None, None, None, "实施单位", "示例县文化馆"]]}),
    ("form-total-differs", "total and rows", {"cells": {(10, 7): 95}}, (S, "G10", "印出的总分与各行得分之和不一致：95与92。"), {}, {"cells": {(10, 7): 95, (8, 7): None}}),
    ("form-total-differs", "two totals", {**with_total([100, 92], [100, 95]), "cells": {(8, 7): None}}, (S, "G10", "两行总分不一致：92与95。"), with_total([100, 92], [100, 92]), with_total([100, None], [100, 92])),
    ("form-total-differs", "two scores of execution", {"funds": [*FUNDS, [*SOURCES[0], 10, "80%", 7]]}, (S, "H6", "预算执行得分在两行里不一致：7与8。"),
     {"funds": [*FUNDS, [*SOURCES[0], 10, "80%", 8]]}, {"funds": [*FUNDS, [*SOURCES[0], 10, "80%", None]]}),
    ("form-total-differs", "two points of execution", {"funds": [*FUNDS, [*SOURCES[0], 2, "80%", 2]]}, (S, "F6", "预算执行的分值在两行里不一致：2与10。"),
     {"funds": [*FUNDS, [*SOURCES[0], 10, "80%", 8]]}, {"funds": [*FUNDS, [*SOURCES[0], None, "80%", None]]}),
    ("form-scheme-suggested", "execution of 20", {"cells": {(5, 6): 20}}, (S, "A1", "本表的分值是预算执行20、产出指标40、效益指标30、满意度指标20，与默认方案不同，对应的评分方案：湖北。"), {}, {"cells": {(5, 6): None}}),
    ("form-scheme-suggested", "costs", {"cells": {(8, 1): "成本指标", (8, 2): "经济成本指标"}}, (S, "A1", "本表的分值是产出指标40、成本指标30、满意度指标20，与默认方案不同，对应的评分方案：全国通用(2021)。"), {}, {"cells": {(8, 1): None}}),
    ("form-scheme-suggested", "levels of another system", {"rows": OTHER_LEVELS}, (S, "A1", "本表的分值是投入40、过程30、产出20，与默认方案不同，对应的评分方案：没有对应的评分方案。"), {}, {"rows": columns(ROWS, A=None)}),
    ("form-scheme-lacking", "levels of another system", {"rows": OTHER_LEVELS},
     (S, None, "本表的分值是投入40、过程30、产出20，另成一套，“全国通用(2020)”不能给它计分，所以没有评分。"), {}, {"rows": columns(ROWS, A=None)}),
    ("form-levels-missing", "names alone", LEVELLESS, (S, "A1", "这张表没有一级指标、二级指标栏，各行按表上顺序计分，不分类别检查分值。"), {}, {**LEVELLESS, "rows": []}),
    ("form-execution-row", "points of execution there", {"funds": NO_EXECUTION_POINTS, "rows": [EXECUTION_ROW, *ROWS]},
     (S, "C7", "“预算执行率”列在指标里（10分），加上它分值才满，按预算执行计一次分。"), {"rows": [EXECUTION_ROW, *ROWS]}, {"funds": NO_EXECUTION_POINTS, "rows": [[*EXECUTION_ROW[:5]], *ROWS]}),
    ("form-other-kind", "goals", lambda _: of_bytes(in_memory(small(**GOALS)), "示例.xlsx"), (None, None, "这是绩效目标表（项目支出绩效目标申报表），没有实际完成值和得分，不能评分。"),
     lambda _: of_bytes(in_memory(small()), "示例.xlsx"), lambda _: of_bytes(in_memory(small(**{**GOALS, "head": []})), "示例.xlsx")),
    ("form-other-kind", "goals beside a form", in_sheets({}, GOALS), ("Sheet2", None, "这是绩效目标表（项目支出绩效目标申报表），没有实际完成值和得分，不能评分。"), in_sheets({}, {}), in_sheets({}, {**GOALS, "head": []})),
    ("form-nested-table", "in a value", in_word([["甲"]]), ("表格1", "第2行第5列", "这个单元格里还套着一张表，里面的内容没有读。"), in_word(None), in_word([[""]])),
    ("zip-damaged", "cut", of_zip({}, b"PK\3\4 no"), (None, None, "压缩包已损坏，或不是 .zip 格式，里面的文件没有读。"), of_zip({"表.xlsx": b"x"}), of_zip({})),
    ("zip-in-zip", "one inside", of_zip({"内.zip": papers.utf8_zip({"表.xlsx": b"x"})}), (None, None, "压缩包里面的压缩包不再打开，里面的文件没有读。"), of_zip({"表.xlsx": b"x"}), of_zip({})),
    ("ignored-archive", "of two files", of_zip({"表.xlsx": b"x", "表.docx": b"y"}), (None, None, "这是压缩包，里面的2个文件已逐个列出。"), lambda _: of_bytes(in_memory(small()), "示例.xlsx"), of_zip({}, b"PK")),
    ("ignored-empty-folder", "an empty one", of_zip({"空/": b""}), (None, None, "这是压缩包里的空文件夹。"), of_zip({"甲/": b"", "甲/表.xlsx": b"x"}), of_zip({})),
]  # fmt: skip
EACH = pytest.mark.parametrize("doubt", DOUBTS, ids=lambda doubt: f"{doubt[0]}, {doubt[1]}")
NEVER_QUIET = {"form-nested-table"}
"""Said of a table without content too: it was not read."""


def said(code: str, paper: Any, folder: Path) -> list[tuple[str | None, str | None, str]]:
    issues = paper(folder) if callable(paper) else of_grids(small(**paper))
    return [(issue.sheet, issue.cell, message(issue)) for issue in issues if issue.code == code]


@EACH
def test_a_doubt_is_said_in_its_words_at_its_cell(doubt, tmp_path):
    code, _, bad, expected, _, _ = doubt
    assert said(code, bad, tmp_path) == [expected]


@EACH
def test_a_good_paper_raises_no_doubt(doubt, tmp_path):
    assert said(doubt[0], doubt[4], tmp_path) == []


@EACH
def test_where_there_is_nothing_there_is_no_doubt(doubt, tmp_path):
    assert bool(said(doubt[0], doubt[5], tmp_path)) == (doubt[0] in NEVER_QUIET)


@EACH
def test_both_languages_and_the_fix_are_filled(doubt, tmp_path):
    code, _, bad, _, _, _ = doubt
    issues = bad(tmp_path) if callable(bad) else of_grids(small(**bad))
    texts = [words(issue, lang) for issue in issues if issue.code == code for words in (message, fix) for lang in ("zh", "en")]
    assert texts
    assert not [text for text in texts if "{" in text or "None" in text or "“”" in text or "  " in text]


def test_every_code_of_forms_stands_in_the_table():
    assert {code for code, *_ in DOUBTS} == {entry.code for entry in CATALOGUE.values() if entry.number // 100 == 7}


def test_every_part_a_form_may_lack_stands_in_the_table():
    assert {f"自评表里没有找到：{part}。" for part in PARTS_EN} == {
        expected[2] for code, _, _, expected, _, _ in DOUBTS if code == "form-part-missing"
    }


@pytest.mark.parametrize(("part", "hidden"), [("targets", "target-missing"), ("actuals", "actual-missing"), ("rates alone", "actual-missing"), ("points", "weight-missing"), ("funds", "budget-missing")])  # fmt: skip
def test_a_part_that_is_not_there_is_said_once_and_not_row_by_row(part, hidden):
    (paper,) = [bad for code, what, bad, *_ in DOUBTS if (code, what) == ("form-part-missing", part)]
    assert hidden not in {issue.code for issue in of_grids(small(**paper))}


@pytest.mark.parametrize(("item", "asked"), [("某某专户款", True), ("其中：某某款", True), ("省级资金", False), ("年度预算收支总额", False)])
def test_a_line_of_money_on_no_list_is_asked_about_at_its_cell(item, asked):
    issues = of_bytes(in_memory(small(funds=[*FUNDS, [None, item, 5, 5, 4]])), "示例.xlsx")
    assert [(i.code, i.cell) for i in issues if i.code == "budget-line-unknown"] == [("budget-line-unknown", "B6")] * asked


@pytest.mark.parametrize("typed", ["{}（{}分）", "{}{}分", "{} {}", "一、{}【{}分】", "（一）{}：{}分", "{}（权重{}%）", "{}（权重：{}%）", "{}\n({})", "1.{}〔{}〕"])  # fmt: skip
def test_points_behind_a_level_make_no_other_system(typed):
    rows = [[typed.format(row[0], points), *row[1:]] for row, points in zip(ROWS, (40, 30, 20), strict=True)]
    plain = [(i.code, i.cell) for i in of_grids(small())]
    assert [(i.code, i.cell) for i in of_grids(small(rows=rows))] == plain


@pytest.mark.parametrize("level", ["预算执行", "预算执行指标", "预算执行率", "预算执行（10分）", "一、预算执行率指标"])
@pytest.mark.parametrize("name", ["预算执行率", "资金执行率", "部门预算执行率", "全年预算执行进度"])
def test_the_row_of_execution_makes_no_other_system(level, name):
    issues = of_grids(small(funds=NO_EXECUTION_POINTS, rows=[[level, level, name, "100%", "80%", 10, 8], *ROWS]))
    assert [i.code for i in issues if i.code.startswith(("form-scheme", "form-execution"))] == ["form-execution-row"]
