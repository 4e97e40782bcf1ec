"""单位对比, 指标对比, 未配对 and 方案差别; differences are live formulas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name

from perfxl.consolidation.comparing import ComparisonKind
from perfxl.consolidation.comparing.figures import OPEN
from perfxl.consolidation.items import Matter
from perfxl.model.digits import plain
from perfxl.model.rounding import round_one
from perfxl.workbook.consolidated.table import Field, PrintedTable, numbers, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from perfxl.consolidation.comparing import Comparison

UNITS, ROWS, LONE, CLAUSES = "单位对比", "指标对比", "未配对", "方案差别"
SIDES = {ComparisonKind.YEARS: ("上年", "本年"), ComparisonKind.SCHEMES: ("A", "B")}


def tables(c: Comparison) -> list[PrintedTable]:
    """The sheets behind the first page, in their order."""
    units = unit_sheet(c)
    return [units, indicator_sheet(c), lone_sheet(c), *([clause_sheet(c)] if c.kind is ComparisonKind.SCHEMES else [])]


def legend(c: Comparison) -> str:
    """What the two words for the sides mean."""
    return "，".join(f"{word}＝{side.title}" for word, side in zip(SIDES[c.kind], c.sides, strict=True))


class _Fields:
    """Fields in their order, each under a name by which a difference finds its two columns."""

    def __init__(self) -> None:
        self.listed: list[Field] = []
        self._at: dict[str, int] = {}

    def add(self, name: str, title: str, look: str, values: Sequence[object], width: float) -> None:
        self._at[name] = len(self.listed)
        self.listed.append(Field(title, look, values, width))

    def difference(self, title: str, look: str, width: float, first: str, second: str, decimals: int) -> None:
        """`second` − `first`, live, empty where one of them is."""
        a, b = (self.listed[self._at[name]].values for name in (first, second))
        letters = [xl_col_to_name(self._at[name]) for name in (second, first)]
        values = [None if x is None or y is None else _minus(y, x, decimals) for x, y in zip(a, b, strict=True)]
        formula = f"ROUND({letters[0]}{{r}}-{letters[1]}{{r}},{decimals})"
        self.listed.append(Field(title, look, values, width, formulas=[formula] * len(values)))


def _minus(b: object, a: object, decimals: int) -> float:
    return round_one(float(b) - float(a), decimals)  # type: ignore[arg-type]  # numbers of a column


def unit_order(c: Comparison) -> pd.DataFrame:
    """Wholes, then projects, then what is neither, as they come."""
    matter = c.units["matter"].map({str(Matter.WHOLE): 0, str(Matter.PROJECT): 1}).fillna(2)
    return c.units.loc[matter.sort_values(kind="stable").index]


def graded(units: pd.DataFrame, side: str, *, final: bool) -> list[str | None]:
    """The grade in words: of what is 暂定 its span."""
    prefix = "final_" if final else ""
    scores = units["final" + f"_{side}" if final else f"total_{side}"].tolist()
    columns = (units[name].tolist() for name in (f"{prefix}grade_{side}", f"low_{side}", f"high_{side}"))
    return [
        (grade or None) if score == score or grade == "合并" else _open(low, high) for score, grade, low, high in zip(scores, *columns, strict=True)
    ]


def _open(low: float, high: float) -> str:
    span = [plain(end) for end in (low, high) if math.isfinite(end)]
    return " ".join([OPEN, "～".join(dict.fromkeys(span))]).rstrip()


def unit_sheet(c: Comparison) -> PrintedTable:
    """单位对比: an item a row. What is printed first, what is for looking up behind it."""
    units = unit_order(c)
    first, second = SIDES[c.kind]
    years = c.kind is ComparisonKind.YEARS
    f = _Fields()
    f.add("name", "单位名称", "text", texts(units["unit"]), 24)
    f.add("matter", "自评类型", "centered", texts(units["matter"]), 6)
    f.add("project", "项目名称", "text", texts(units["project_b"]), 16)
    kinds = (("total", "测算得分"), ("final", "最终得分")) if years else (("total", "得分"),)
    for name, word in kinds:
        f.add(f"{name}_a", f"{first}{word}", "score" if name == "final" else "points", numbers(units[f"{name}_a"]), 8)
        f.add(f"{name}_b", f"{second}{word}", "score" if name == "final" else "points", numbers(units[f"{name}_b"]), 8)
        f.difference(f"{word.removesuffix('得分') or '得分'}差", "difference", 8, f"{name}_a", f"{name}_b", 2)
    f.add("grade_a", f"{first}等级", "centered", graded(units, "a", final=True), 10)
    f.add("grade_b", f"{second}等级", "centered", graded(units, "b", final=True), 10)
    f.add("rank_a", f"{first}排名", "centered_count", numbers(units["rank_a"]), 6)
    f.add("rank_b", f"{second}排名", "centered_count", numbers(units["rank_b"]), 6)
    f.difference("名次上升", "move", 6, "rank_b", "rank_a", 0)
    if years:
        f.add("rate_a", f"{first}执行率", "rate", numbers(units["rate_a"]), 8.5)
        f.add("rate_b", f"{second}执行率", "rate", numbers(units["rate_b"]), 8.5)
        f.difference("执行率差", "rate_move", 8.5, "rate_a", "rate_b", 6)
        for name, word in (("full_year", "全年预算数"), ("executed", "全年执行数")):
            f.add(f"{name}_a", f"{first}{word}", "total", numbers(units[f"{name}_a"]), 14)
            f.add(f"{name}_b", f"{second}{word}", "total", numbers(units[f"{name}_b"]), 14)
            f.difference(f"{word[2:4]}增减", "money_move", 14, f"{name}_a", f"{name}_b", 6)
    else:
        f.add("rate", "执行率", "rate", numbers(units["rate_a"]), 8.5)
        f.add("full_year", "全年预算数", "total", numbers(units["full_year_a"]), 14)
    f.add("why", "差别的由来", "text", texts(units["why"]), 48)
    f.add("noted", "说明" if years else "分值折算", "text", texts(units["noted"]), 18 if years else 30)
    printed = len(f.listed)
    _looked_up(f, c, units)
    hint = f"{legend(c)}。金额单位：万元。差为后者减前者；暂定的不相比，未计入的不排名。"
    return PrintedTable(UNITS, f.listed, hint=hint, frozen=1, printed=printed)


def _looked_up(f: _Fields, c: Comparison, units: pd.DataFrame) -> None:
    """Columns behind the printed ones: where the difference comes from, points by 一级指标, identity."""
    first, second = SIDES[c.kind]
    parts = {"by_execution": "预算执行", "by_rows": "指标", "by_other_rows": "增减的指标", "by_review": "人工复核", "by_rest": "其他"}
    for name, word in parts.items():
        if c.kind is ComparisonKind.YEARS or name not in ("by_other_rows", "by_review"):
            f.add(name, f"其中：{word}", "difference", numbers(units[name]), 8)
    f.add("execution_a", f"{first}预算执行得分", "points", numbers(units["execution_a"]), 9)
    f.add("execution_b", f"{second}预算执行得分", "points", numbers(units["execution_b"]), 9)
    for name in dict.fromkeys(c.levels["level1"]):
        own = c.levels[c.levels["level1"] == name].drop_duplicates("at").set_index("at").reindex(units.index)
        for side, word in zip("ab", (first, second), strict=True):
            f.add(f"{name}_{side}", f"{word}{name or '（空）'}", "points", numbers(own[f"score_{side}"]), 9)
        f.difference(f"{name or '（空）'}差", "difference", 8, f"{name}_a", f"{name}_b", 2)
    if c.kind is ComparisonKind.YEARS:
        f.add("name_a", "上年单位名称", "text", texts(units["name_a"]), 24)
        f.add("project_a", "上年项目名称", "text", texts(units["project_a"]), 16)
        f.add("basis", "配对依据", "centered", texts(units["basis"]), 10)
    f.add("code", "预算单位编码", "centered", texts(units["code"]), 13)
    f.add("authority", "主管部门", "text", texts(units["authority"]), 20)
    f.add("counted_a", f"{first}未计入", "centered", texts(units["not_counted_a"]), 8)
    f.add("counted_b", f"{second}未计入", "centered", texts(units["not_counted_b"]), 8)
    f.add("file_a", f"{first}文件", "text", texts(units["file_a"]), 24)
    f.add("file_b", f"{second}文件", "text", texts(units["file_b"]), 24)


def indicator_sheet(c: Comparison) -> PrintedTable:
    """指标对比: an indicator a row, in the order of 单位对比."""
    places = {at: place for place, at in enumerate(unit_order(c).index)}
    rows = c.rows.loc[c.rows["at"].map(places).sort_values(kind="stable").index] if len(c.rows) else c.rows
    first, second = SIDES[c.kind]
    years = c.kind is ComparisonKind.YEARS
    f = _Fields()
    f.add("unit", "单位名称", "text", texts(rows["unit_name"]), 20)
    f.add("project", "项目名称", "text", texts(rows["project"]), 12)
    f.add("level1", "一级指标", "centered", texts(rows["level1"]), 11)
    f.add("level2", "二级指标", "centered", texts(rows["level2"]), 15)
    f.add("level3", "三级指标", "text", texts(rows["level3"]), 22)
    f.add("measure", "计量单位", "centered", texts(rows["measure"]), 8)
    for side, word in zip("ab", (first, second), strict=True):
        if years:
            f.add(f"target_{side}", f"{word}指标值", "text", texts(rows[f"target_{side}"]), 13)
            f.add(f"actual_{side}", f"{word}实际", "text", texts(rows[f"actual_{side}"]), 13)
        elif side == "a":
            f.add("target", "指标值", "text", texts(rows["target_a"]), 14)
            f.add("actual", "实际完成值", "text", texts(rows["actual_a"]), 14)
        f.add(f"weight_{side}", f"{word}分值", "points", numbers(rows[f"weight_{side}"]), 7)
        f.add(f"score_{side}", f"{word}得分", "points", numbers(rows[f"score_{side}"]), 7)
        f.add(f"status_{side}", f"{word}状态", "centered", texts(rows[f"status_{side}"]), 9)
    f.difference("得分差", "difference", 8, "score_a", "score_b", 2)
    if years:
        f.add("verdict", "判断", "centered", texts(rows["verdict"]), 14)
        f.add("verdict_why", "不可比的原因", "text", texts(rows["verdict_why"]), 20)
    f.add("why", "变动原因" if years else "差别的由来", "text", texts(rows["why"]), 44)
    said = "判断：本年指标值与上年实际完成值相比，按本行的方向；按三级指标名称和计量单位配对，没配上的在“未配对”。" if years else "分值已按比例折算。"
    return PrintedTable(ROWS, f.listed, hint=f"{legend(c)}。{said}", frozen=5)


def lone_sheet(c: Comparison) -> PrintedTable:
    """未配对: units and projects first, then indicators, those of the first side before those of the second."""
    rank = c.lone["what"].map({"单位": 0, "项目": 1}).fillna(2)
    lone = c.lone.loc[rank.sort_values(kind="stable").index]
    titles = {side: about.title for side, about in zip("ab", c.sides, strict=True)}
    where = texts(lone["side"].map(titles)) if c.kind is ComparisonKind.YEARS else ["最后一次汇总"] * len(lone)
    f = _Fields()
    f.add("side", "只在", "centered", where, 12)
    f.add("what", "类别", "centered", texts(lone["what"]), 7)
    f.add("unit", "单位名称", "text", texts(lone["unit"]), 24)
    f.add("code", "预算单位编码", "centered", texts(lone["code"]), 13)
    f.add("project", "项目名称", "text", texts(lone["project"]), 18)
    f.add("level3", "三级指标", "text", texts(lone["level3"]), 22)
    f.add("measure", "计量单位", "centered", texts(lone["measure"]), 8)
    f.add("target", "指标值", "text", texts(lone["target"]), 13)
    f.add("actual", "实际完成值", "text", texts(lone["actual"]), 13)
    f.add("weight", "分值", "points", numbers(lone["weight"]), 7)
    f.add("score", "得分", "points", numbers(lone["score"]), 8)
    f.add("full_year", "全年预算数", "total", numbers(lone["full_year"]), 14)
    f.add("executed", "全年执行数", "total", numbers(lone["executed"]), 14)
    f.add("why", "原因", "text", texts(lone["why"]), 44)
    return PrintedTable(LONE, f.listed, hint="单位、项目和指标只在一边有的；金额单位：万元。", frozen=3)


def clause_sheet(c: Comparison) -> PrintedTable:
    """方案差别: the clauses in which the packs differ, with the sources of both."""
    f = _Fields()
    f.add("group", "类别", "text", texts(c.clauses["group"]), 20)
    f.add("clause", "条款", "text", texts(c.clauses["clause"]), 22)
    f.add("a", "A", "text", texts(c.clauses["a"]), 40)
    f.add("b", "B", "text", texts(c.clauses["b"]), 40)
    f.add("source_a", "A的依据", "text", texts(c.clauses["source_a"]), 40)
    f.add("source_b", "B的依据", "text", texts(c.clauses["source_b"]), 40)
    return PrintedTable(CLAUSES, f.listed, hint=f"{legend(c)}。", frozen=2)
