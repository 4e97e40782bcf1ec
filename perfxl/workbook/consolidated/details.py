"""The sheets of rows: 预算执行, 指标明细, 复核差异, 问题清单, 退回修改清单, 文件清单."""

from __future__ import annotations

from collections import Counter
from itertools import repeat
from typing import TYPE_CHECKING

from perfxl.catalogue import CATALOGUE, fix, message
from perfxl.consolidation.decisions import QUESTIONS, WORDS
from perfxl.consolidation.decisions import TITLES as QUESTION_TITLES
from perfxl.consolidation.questions import question_rows
from perfxl.consolidation.remarks import SETTLED
from perfxl.consolidation.remarks import TITLES as REMARK_TITLES
from perfxl.model import FileFate, Issue, Kind, Severity, Status
from perfxl.model.addresses import split
from perfxl.model.columns import BUDGET, INDICATORS
from perfxl.model.digits import plain
from perfxl.workbook.consolidated.table import Field, PrintedTable, numbers, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.remarks import Remark
    from perfxl.consolidation.shelf import Columns
    from perfxl.model import Column
    from perfxl.workbook.consolidated.reviews import Said

BUDGET_ROWS, INDICATOR_ROWS, DIFFERENCES, ISSUES, FILES = "预算执行", "指标明细", "复核差异", "问题清单", "文件清单"

STATUS_WORDS = {str(status): status.zh for status in Status}
SEVERITY_WORDS = {str(severity): severity.zh for severity in Severity}
UNDECIDED_WORD = "待裁定"


UNIT_COLUMNS = ("name", "authority", "source", "evaluation", "project", "unit_key")


class Units:
    """What is said of a unit on each of its rows; nothing on rows without a submission. `units` holds `UNIT_COLUMNS`."""

    def __init__(self, units: Mapping[int, tuple[str, ...]]) -> None:
        self._known = {name: {n: unit[i] for n, unit in units.items()} for i, name in enumerate(UNIT_COLUMNS)}

    def of(self, column: str, rows: Columns) -> list[str]:
        """One of `UNIT_COLUMNS` for each row."""
        return list(map(self._known[column].get, rows["submission"], repeat("")))

    def names(self, rows: Columns) -> list[str]:
        """单位名称 of each row."""
        return self.of("name", rows)

    def authorities(self, rows: Columns) -> list[str]:
        """主管部门 of each row."""
        return self.of("authority", rows)

    def files(self, rows: Columns) -> list[str]:
        """The file of each row."""
        return self.of("source", rows)


_LOOKS = {Kind.MONEY: "money", Kind.POINTS: "points", Kind.NUMBER: "number", Kind.CHOICE: "centered", Kind.RATE: "rate"}
_MONEY_WIDTH = 16.5


def declared(column: Column, rows: Columns) -> Field:
    """A column of the intake as it is declared: amounts in 万元, points and counts as numbers, the rest as typed."""
    look = "number" if column.name == "weight" else _LOOKS.get(column.kind, "text")
    if column.kind in (Kind.TEXT, Kind.CHOICE):
        return Field(column.title, look, texts(rows[column.name]), column.width)
    if column.kind is Kind.MONEY:
        return Field(f"{column.title}（万元）", look, numbers(rows[column.name]), _MONEY_WIDTH)
    return Field(column.title, look, numbers(rows[column.name]), column.width)


def _whose(rows: Columns, of: Units) -> list[Field]:
    return [
        Field("单位名称", "text", of.names(rows), 26),
        Field("主管部门", "text", of.authorities(rows), 18),
        Field("自评类型", "centered", of.of("evaluation", rows), 9),
        Field("项目名称", "text", of.of("project", rows), 14),
        Field("行", "centered", list(map(float, rows["sheet_row"])), 5),
    ]


def budget_fields(b: Columns, of: Units) -> list[Field]:
    """预算执行: the lines as reported, in 万元; rates computed."""
    b["kind"] = [line or kind for line, kind in zip(b["line"], b["kind"], strict=True)]
    return [*_whose(b, of), *(declared(column, b) for column in BUDGET.columns if column.kind is not Kind.POINTS)]


def indicator_fields(r: Columns, of: Units) -> list[Field]:
    """指标明细: every indicator as reported, with its score and why."""
    r["level1"] = r["block"]
    r["target"] = [adjusted or target for adjusted, target in zip(r["adjusted_target"], r["target"], strict=True)]
    results = [
        Field("规则测算得分", "points", numbers(r["score"]), 8),
        Field("完成率", "rate", numbers(r["completion"]), 9),
        Field("状态", "centered", list(map(STATUS_WORDS.get, r["status"], repeat(""))), 11),
        Field("评分说明", "text", texts(r["explanation"]), 44),
    ]
    fields = [declared(column, r) for column in INDICATORS.columns]
    after = 1 + list(INDICATORS.by_name).index("claimed_score")
    return [*_whose(r, of), *fields[:after], *results, *fields[after:]]


def _reviewed(rows: Columns, numbers: Sequence[int], reviewed: Said | None) -> list[Field]:
    """What a review says of each row, where anybody has reviewed anything; `numbers` are the rows on their sheets."""
    if reviewed is None:
        return []
    places = zip(rows["submission"], rows["sheet"], numbers, strict=True)
    return [Field("人工复核", "centered", [reviewed.get(n, {}).get((sheet, row)) for n, sheet, row in places], 14)]


def review_fields(r: Columns, of: Units, reviewed: Said | None = None) -> list[Field]:
    """复核差异: where 自评得分 and 规则测算得分 part, by kind."""
    span = [None if s == s else f"{plain(low)}～{plain(high)}" for s, low, high in zip(r["score"], r["low"], r["high"], strict=True)]
    return [
        Field("单位名称", "text", of.names(r), 24),
        Field("主管部门", "text", of.authorities(r), 18),
        Field("差异类别", "centered", texts(r["category"]), 14),
        Field("对象", "centered", texts(r["what"]), 9),
        Field("工作表", "centered", texts(r["sheet"]), 10),
        Field("行", "centered", [float(row) if row > 0 else None for row in r["sheet_row"]], 5),
        Field("一级指标", "centered", texts(r["level1"]), 10),
        Field("三级指标", "text", texts(r["level3"]), 28),
        Field("年度指标值", "text", texts(r["target_text"]), 16),
        Field("实际完成值", "text", texts(r["actual"]), 16),
        Field("分值", "number", numbers(r["weight"]), 7),
        Field("自评得分", "points", numbers(r["claimed"]), 9),
        Field("规则测算得分", "points", numbers(r["score"]), 9),
        Field("档内范围", "centered", span, 9),
        Field("自评−测算", "difference", numbers(r["difference"]), 9),
        *_reviewed(r, r["sheet_row"], reviewed),
    ]


_NUMBERS = {code: str(entry.number) for code, entry in CATALOGUE.items()}


def issue_fields(i: Columns, of: Units) -> list[Field]:
    """问题清单: every issue, by unit, gravest first; the filter groups them by 级别 and 问题类型."""
    names = [n or u for n, u in zip(of.names(i), i["unit"], strict=True)]
    files = [f or g for f, g in zip(of.files(i), i["file"], strict=True)]
    authorities = [own or other for own, other in zip(of.authorities(i), i.get("authority") or [""] * len(names), strict=True)]
    return [
        Field("单位名称", "text", names, 24),
        Field("主管部门", "text", authorities, 18),
        Field("级别", "severity", list(map(SEVERITY_WORDS.get, i["severity"], repeat(""))), 10),
        Field("问题类型", "centered", texts(i["kind"]), 14),
        Field("编号", "centered", list(map(_NUMBERS.get, i["code"], repeat(""))), 6),
        Field("工作表", "centered", texts(i["sheet"]), 11),
        Field("单元格", "centered", texts(i["cell"]), 8),
        Field("三级指标", "text", texts(i["level3"]), 22),
        Field("原填内容", "text", texts(i["value"]), 18),
        Field("问题", "text", texts(i["message"]), 46),
        Field("修改要求", "text", texts(i["fix"]), 40),
        Field("文件", "text", files, 24),
    ]


def _row_of(sheet: str, cell: str) -> int:
    """The row that a review would stand on: 预算执行 is reviewed as a whole."""
    return 0 if sheet == BUDGET.sheet else split(cell)[0] or -1


def returned_fields(i: Columns, of: Units, reviewed: Said | None = None, remarks: Mapping[int, Mapping[int, Remark]] | None = None) -> list[Field]:
    """退回修改清单: what each unit must correct or explain, numbered, with room for its answer and with what was answered before."""
    ordinals = [at for count in Counter(i["submission"]).values() for at in range(count)]  # the rows of each stand together
    said = [(remarks or {}).get(n, {}).get(at) for n, at in zip(i["submission"], ordinals, strict=True)]
    return [
        Field("序号", "centered", [at + 1 for at in ordinals], 6),
        Field("单位名称", "text", of.names(i), 24),
        Field("主管部门", "text", of.authorities(i), 16),
        Field("自评类型", "centered", of.of("evaluation", i), 9),
        Field("项目名称", "text", of.of("project", i), 14),
        Field("级别", "severity", list(map(SEVERITY_WORDS.get, i["severity"], repeat(""))), 10),
        Field("编号", "centered", list(map(_NUMBERS.get, i["code"], repeat(""))), 6),
        Field("工作表", "centered", texts(i["sheet"]), 11),
        Field("单元格", "centered", texts(i["cell"]), 8),
        Field("三级指标", "text", texts(i["level3"]), 20),
        Field("原填内容", "text", texts(i["value"]), 16),
        Field("问题", "text", texts(i["message"]), 42),
        Field("修改要求", "text", texts(i["fix"]), 34),
        *_reviewed(i, [_row_of(sheet, cell) for sheet, cell in zip(i["sheet"], i["cell"], strict=True)], reviewed),
        Field("单位回复", "answer", [remark.reply if remark else "" for remark in said], 20),
        Field("办理结果", "answer", [remark.result if remark else "" for remark in said], 14),
        Field("键", "text", of.of("unit_key", i), 8, hidden=True),
    ]


def settled_sheet(settled: Sequence[Remark]) -> PrintedTable:
    """办理台账: what was answered on rows that are settled now."""
    widths = {"unit": 24, "project": 16, "level3": 20, "value": 18, "problem": 42, "reply": 24, "result": 18}
    fields = [
        Field(title, "text", [getattr(remark, name) or None for remark in settled], widths.get(name, 10), hidden=name == "key")
        for name, title in REMARK_TITLES.items()
    ]
    return PrintedTable(SETTLED, fields, hint="退回修改清单里已经改好、不再列出的问题，和当时填写的回复、办理结果。")


_ANSWERS = {"word", "unit", "year", "evaluation", "project", "by", "day", "note"}
_QUESTION_WIDTHS = {"number": 6, "file": 34, "part": 10, "name": 24, "code": 13, "suggested": 24, "why": 34, "word": 10, "unit": 24, "note": 18}


def question_sheet(c: Consolidation) -> PrintedTable:
    """待裁定: what only the office can say, the open questions first; the yellow columns are read back by `--decisions`."""
    rows = question_rows(c)
    fields = [
        Field(
            title,
            "answer" if name in _ANSWERS else "centered" if name == "number" else "text",
            [row[i] for row in rows],
            _QUESTION_WIDTHS.get(name, 11),
        )
        for i, (name, title) in enumerate(QUESTION_TITLES.items())
    ]
    fields[-1] = Field(fields[-1].title, "text", fields[-1].values, 10, hidden=True)
    hint = "在黄色格子里填写裁定（下拉选择），保存后用 --decisions 本文件 再运行；清空裁定即撤销。已裁定的排在后面。"
    choices: list[tuple[int, int, int, Sequence[str]]] = []
    column = list(QUESTION_TITLES).index("word")
    for at, question in enumerate(c.questions):
        words = [str(word) for word in WORDS[question.reason]]
        if choices and choices[-1][3] == words and choices[-1][1] == at - 1:
            choices[-1] = (choices[-1][0], at, column, words)
        else:
            choices.append((at, at, column, words))
    return PrintedTable(QUESTIONS, fields, hint=hint, frozen=2, choices=choices)


def file_sheet(c: Consolidation) -> PrintedTable:
    """文件清单: every file found and what became of it."""
    f = c.files
    fate = [UNDECIDED_WORD if undecided else FileFate(str(fate)).zh for fate, undecided in zip(f["fate"], f["undecided"], strict=True)]
    unit_names = [*texts(c.units["name"]), None]
    names = [unit_names[n] or typed for n, typed in zip(f["submission"].tolist(), texts(f["unit_name"]), strict=True)]
    said = [_said(code, details) for code, details in zip(f["code"], f["details"], strict=True)]
    fields = [
        Field("序号", "centered", list(range(1, len(f) + 1)), 6),
        Field("文件", "text", texts(f["shown"]), 44),
        Field("表种", "centered", texts(f["paper"]), 12),
        Field("格式", "centered", texts(f["container"]), 7),
        Field("去向", "state", fate, 10),
        Field("单位名称", "text", names, 24),
        Field("原因", "text", [a for a, _ in said], 44),
        Field("怎么办", "text", [b for _, b in said], 36),
        Field("由哪份代替", "text", texts(f["replaced_by"]), 28),
        Field("报送次数", "count", numbers(f["submission_count"].astype("float64").where(f["submission_count"] > 0)), 8),
        Field("填报日期", "centered", texts(f["filled_on"]), 12),
        Field("字节数", "count", numbers(f["size"].astype("float64").where(f["sha256"] != "")), 10),
        Field("内容指纹（SHA-256前16位）", "centered", texts(f["sha256"].str[:16]), 18),
    ]
    return PrintedTable(FILES, fields, hint="采用＋读不出和待裁定（未采用）＋已被替代＋不计＝找到的文件数。", frozen=2)


def _said(code: str, details: Mapping[str, str | float] | None) -> tuple[str | None, str | None]:
    if not code or code not in CATALOGUE:
        return (code or None), None
    issue = Issue(-1, code, details=details or {})
    return message(issue), fix(issue) or None
