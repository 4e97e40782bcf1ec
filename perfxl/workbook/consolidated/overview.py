"""总览: one portrait page of figures and charts for the director, then the figures behind the charts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from perfxl.catalogue import CATALOGUE, SEVERITY_WORDS
from perfxl.consolidation.counting import left_out
from perfxl.consolidation.differences import Category
from perfxl.consolidation.items import Matter
from perfxl.consolidation.records import Missing
from perfxl.consolidation.reviews import ReviewState
from perfxl.consolidation.roster import PROJECT
from perfxl.consolidation.status import REPORTED, State
from perfxl.model import FileFate, Severity
from perfxl.output import clean
from perfxl.workbook.consolidated.table import in_formula
from perfxl.workbook.consolidated.units import OWN_INDICATORS, level_names
from perfxl.workbook.consolidated.view import (
    ABOVE,
    BY_FINAL,
    MATTERS,
    OFF_ROSTER,
    PROVISIONAL,
    Figures,
    SummedUp,
    bands,
    is_reviewed,
    money,
    of_matter,
)
from perfxl.workbook.writing import EMPTY, checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from perfxl.consolidation.records import Consolidation
    from perfxl.workbook.consolidated.table import Moved, PrintedTable
    from perfxl.workbook.style import Style

OVERVIEW = "总览"
COLUMNS = 8
CHART_ROWS = 20
MOST_BARS, MOST_ISSUES = 12, 10
FEWEST_BARS = 3
"""With fewer 主管部门 a chart of them compares nothing: their units are shown."""
NARROWEST_GAP, WIDEST_GAP = 60, 500
"""What stands between the bars of a chart, in percent of a bar; the widest that spreadsheet programs take."""
FILLS, DARK = ("#8C8C8C", "#D9D9D9", "#FFFFFF"), "#404040"
WIDTHS = (12, 16)
"""Of columns with labels and with figures: a sum of thousands of millions shows its digits."""
_CHART_WIDTH = 2 * (12 * 7 + 5 + 16 * 7 + 5) - 8
_TO_PRINT = "打印：上会用“总览”“主管部门汇总”，催报用“报送情况”，退回用“退回修改清单”，裁定用“待裁定”；其余各表供查阅，行数多，不必全部打印。"


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The sheet of the overview; what a cell holds decides how it is written."""

    worksheet: Worksheet

    def put(self, row: int, column: int, value: object, look: Format, *, to: int | None = None) -> None:
        """A text, a number or an empty cell, joined with the cells up to column `to`."""
        sheet = self.worksheet
        shown = clean(value) if isinstance(value, str) else value
        if to is not None and to > column:
            self._require(sheet.merge_range(row, column, row, to, "", look), row)
        if isinstance(shown, str) and shown:
            self._require(sheet.write_string(row, column, shown, look), row)
        elif isinstance(shown, int | float) and math.isfinite(shown):
            self._require(sheet.write_number(row, column, shown, look), row)
        else:
            self._require(sheet.write_blank(row, column, None, look), row)

    def warn(self, row: int, column: int, moved: Moved, look: Format, *, to: int) -> None:
        """A sentence that shows once a number is changed by hand."""
        self._require(self.worksheet.merge_range(row, column, row, to, "", look), row)
        self._require(self.worksheet.write_formula(row, column, f'=IF({moved.when},{in_formula(moved.said)},"")', look, EMPTY), row)

    def link(self, row: int, column: int, target: str, shown: str, look: Format) -> None:
        """A jump to a cell of this workbook."""
        self._require(self.worksheet.write_url(row, column, f"internal:{target}", look, shown), row)

    def height(self, row: int, points: float) -> None:
        """The height of a row."""
        self._require(self.worksheet.set_row(row, points), row)

    @staticmethod
    def _require(code: object, row: int) -> None:
        checked(code, f"{OVERVIEW} 第{row + 1}行")


def title(c: Consolidation) -> str:
    """What the overview is called: with the year of the run."""
    said = f"（{c.year}年度）" if c.year else ""
    kinds = set(c.units.loc[c.units["counted"].astype(bool), "matter"]) or set(c.units["matter"])
    what = "项目支出" if kinds == {str(Matter.PROJECT)} else "部门整体支出和项目支出" if str(Matter.PROJECT) in kinds else "部门整体支出"
    return f"{what}绩效自评汇总{said}"


def write_overview(
    workbook: Workbook, style: Style, c: Consolidation, authorities: pd.DataFrame, sheets: Sequence[PrintedTable], moved: Moved | None = None
) -> None:
    """Write 总览 on a sheet of that title. `moved`: what it says first once a reviewed number is changed by hand."""
    worksheet = workbook.add_worksheet(OVERVIEW)
    canvas = _Canvas(worksheet)
    _page(worksheet)
    row = _heading(canvas, style, c, moved)
    row = _figures(canvas, style, c, row)
    charts_at = row
    row += 2 * CHART_ROWS
    row = _notes(canvas, style, c, row, sheets)
    tables = row + 1
    worksheet.set_h_pagebreaks([tables])
    row = _tables(workbook, worksheet, canvas, style, c, authorities, tables, charts_at)
    _directory(canvas, style, sheets, row + 1)


def _page(worksheet: Worksheet) -> None:
    worksheet.set_portrait()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    worksheet.hide_gridlines(2)
    worksheet.center_horizontally()
    for column in range(COLUMNS):
        worksheet.set_column(column, column, WIDTHS[column % 2])
    checked(worksheet.set_footer("&C第 &P 页 共 &N 页"), OVERVIEW)


def _heading(canvas: _Canvas, style: Style, c: Consolidation, moved: Moved | None) -> int:
    canvas.height(0, 34)
    canvas.put(0, 0, title(c), style.on(style.title, align="center", font_size=18), to=COLUMNS - 1)
    schemes = "、".join(dict.fromkeys(s.title for s in c.schemes.values()))
    said = [f"评分方案：{schemes}" if schemes else "", f"截止日期：{c.deadline}" if c.deadline else "", _RULES[c.missing]]
    said.append(f"汇总日期：{c.today}" if c.today else "")
    canvas.put(1, 0, "　".join(s for s in said if s), style.on(style.subtitle, align="center"), to=COLUMNS - 1)
    if moved is not None:
        canvas.warn(2, 0, moved, style.on(style.strong, align="center"), to=COLUMNS - 1)
    return 3


_RULES = {Missing.PROVISIONAL: "未报数的按暂定处理", Missing.ZERO: "未报数的指标计0分", Missing.EXCLUDE: "有未报数的单位不参评"}


def figures(c: Consolidation) -> list[tuple[str, list[tuple[str, object, str]]]]:
    """The figures of the first page in four blocks: heading, then label, value and look."""
    s = Figures(c)
    with_roster = len(c.roster) > 0
    due = s.due
    reported = int(due["state"].isin(REPORTED).sum())
    fates = s.fates
    return [
        (
            "报送（事项）",
            [
                ("应报单位", s.units_due if with_roster else "无名单", "count"),
                ("应报事项", len(due) if with_roster else "无名单", "count"),
                ("已报", reported, "count"),
                ("报送率", reported / len(due) if with_roster and len(due) else None, "rate"),
                *((state, s.states.get(state, 0), "count") for state in (State.TO_CONFIRM, State.MISSING, State.UNREADABLE, State.UNDECIDED)),
            ],
        ),
        (
            "文件",
            [
                ("找到", len(c.files), "count"),
                *(("未采用" if fate is FileFate.REJECTED else fate.zh, fates.get(str(fate), 0), "count") for fate in FileFate),
                ("待裁定", len(c.questions), "count"),
                ("名单外单位", s.strangers, "count"),
                ("必须改正", int(c.tally.loc[c.tally["severity"] == "error", "count"].sum()), "count"),
                ("需要说明", int(c.tally.loc[c.tally["severity"] == "warning", "count"].sum()), "count"),
            ],
        ),
        ("部门（单位）整体", _sums(s.group(Matter.WHOLE), reviewed=is_reviewed(c))),
        ("项目", _sums(s.group(Matter.PROJECT), reviewed=is_reviewed(c))),
    ]


def _sums(group: SummedUp, *, reviewed: bool) -> list[tuple[str, object, str]]:
    means = [("平均得分", group.mean, "points"), ("按预算加权", group.weighted, "points")]
    if reviewed:
        computed = group.computed
        means = [
            ("最终平均得分", group.mean, "points"),
            ("测算平均得分", computed.mean, "points"),
            ("最终加权平均", group.weighted, "points"),
            ("测算加权平均", computed.weighted, "points"),
        ]
    return [
        ("份数", len(group.units), "count"),
        *([("已复核", group.reviewed, "count")] if reviewed else []),
        ("正式得分", len(group.final), "count"),
        ("暂定", group.grades[PROVISIONAL], "count"),
        *means,
        ("自评高于测算", group.above, "count"),
        ("全年预算数", group.money.full_year, "money"),
        ("全年执行数", group.money.executed, "money"),
        ("执行率", group.money.rate, "rate"),
    ]


def beside_the_sums(c: Consolidation) -> list[str]:
    """What stands below the sums: what they do not hold and why, and what a figure means."""
    s = Figures(c)
    left = [(word, s.group(matter).left_out) for word, matter in (("部门（单位）整体", Matter.WHOLE), ("项目", Matter.PROJECT))]
    unread = int((c.files["fate"].astype(str) == FileFate.REJECTED).sum()) - int(c.files["undecided"].astype(bool).sum())
    unknown = c.units[~c.units["matter"].isin([str(m) for m in MATTERS])]
    said = [f"{word}的合计：{text}。" for word, text in left if text]
    if len(unknown):
        said.append(f"{left_out(unknown)}，既不在整体里，也不在项目里。")
    if unread:
        said.append(f"另有{unread}个文件读不出，不在任何合计里。")
    if is_reviewed(c):
        aside = c.reviewed.loc[c.reviewed["state"] != ReviewState.COUNTS, "state"].value_counts()
        listed = "、".join(f"{state}{aside[state]}" for state in map(str, ReviewState) if state in aside)
        said.insert(0, f"{BY_FINAL}另有{int(aside.sum())}条复核没有计入（{listed}），见“复核明细”。" if listed else BY_FINAL)
    return [*said, f"金额单位：万元。部门（单位）整体和项目不能相加：项目的钱已在整体里。{ABOVE}"]


def _figures(canvas: _Canvas, style: Style, c: Consolidation, row: int) -> int:
    """Four blocks beside each other, two columns each."""
    blocks = figures(c)
    head, name = style.on(style.header, align="left", indent=1), style.on(style.label, indent=1)
    for at, (heading, lines) in enumerate(blocks):
        canvas.put(row, 2 * at, heading, head, to=2 * at + 1)
        for i, (label, value, look) in enumerate(lines, 1):
            canvas.put(row + i, 2 * at, label, name)
            base = getattr(style, look)
            canvas.put(
                row + i,
                2 * at + 1,
                value,
                style.on(base, bold=True, num_format="#,##0.00") if look == "money" else style.on(base, bold=True, align="right"),
            )
    last = row + max(len(lines) for _, lines in blocks)
    for i in range(row, last + 1):
        canvas.height(i, 20)
    for note in beside_the_sums(c):
        last += 1
        canvas.put(last, 0, note, style.note, to=COLUMNS - 1)
        canvas.height(last, 15.0 * math.ceil(len(note) / 60))
    return last + 2


def _notes(canvas: _Canvas, style: Style, c: Consolidation, row: int, sheets: Sequence[PrintedTable]) -> int:
    said = [_TO_PRINT, *c.notes, *(f"“{s.title}”有{s.rows}行，一张表放不下，分成{len(s.pages())}张。" for s in sheets if len(s.pages()) > 1)]
    said.append(OWN_INDICATORS)
    for note in said:
        canvas.put(row, 0, note, style.note, to=COLUMNS - 1)
        canvas.height(row, 15.0 * math.ceil(len(note) / 56))
        row += 1
    return row


# the tables behind the charts


def level_rates(c: Consolidation) -> pd.DataFrame:
    """得分率 by 一级指标 over the submissions that count, open rows left out: `name`, then the rate of wholes and of projects; execution first."""
    rates: dict[str, dict[str, float]] = {}
    for matter in MATTERS:
        units = of_matter(c.units[c.units["counted"].astype(bool)], matter)
        levels = c.levels[c.levels["submission"].isin(units["submission"])].groupby("level1")[["answered", "score"]].sum()
        executed = units[units["execution_score"].notna()]
        listed = [("预算执行", float(executed["execution_weight"].sum()), float(executed["execution_score"].sum()))]
        listed += [(name, float(levels["answered"].get(name, 0.0)), float(levels["score"].get(name, 0.0))) for name in level_names(c)]
        for name, weight, score in listed:
            if weight > 0:
                rates.setdefault(name, {})[str(matter)] = score / weight
    order = [name for name in ("预算执行", *level_names(c)) if name in rates]
    return pd.DataFrame([(name, *(rates[name].get(str(m), math.nan) for m in MATTERS)) for name in order], columns=["name", *map(str, MATTERS)])


def issue_counts(c: Consolidation) -> pd.DataFrame:
    """Issues by code as 问题清单 holds them, most frequent first, 读数提示 last of all.

    `code`, `kind`, `severity`; rows and submissions of wholes and of projects (`whole`, `whole_units`, `project`, `project_units`); `other`:
    rows of no such submission (units that sent nothing, files nobody can tell apart); `count`: all rows.
    """
    matters = _matters(c, c.tally["submission"])
    table = c.tally.groupby("code").agg(count=("count", "sum"), severity=("severity", "first")).reset_index()
    for name, matter in (("whole", Matter.WHOLE), ("project", Matter.PROJECT)):
        own = c.tally[matters == matter].groupby("code").agg(count=("count", "sum"), units=("submission", "nunique"))
        own = own.reindex(table["code"], fill_value=0)
        table[name], table[f"{name}_units"] = own["count"].to_numpy(), own["units"].to_numpy()
    table["other"] = table["count"] - table["whole"] - table["project"]
    table["kind"] = [CATALOGUE[code].kind for code in table["code"]]
    table["hint"] = (table["severity"] == "info").astype("int64")
    return table.sort_values(["hint", "count", "code"], ascending=[True, False, True], kind="stable").drop(columns="hint").reset_index(drop=True)


def category_counts(c: Consolidation) -> pd.DataFrame:
    """复核差异 of what counts by kind, in the order of the contract: `category`, then the rows of wholes and of projects."""
    counted = c.kinds[c.kinds["submission"].isin(c.units.loc[c.units["counted"].astype(bool), "submission"])]
    matters = _matters(c, counted["submission"])
    columns = {str(matter): counted[matters == matter].groupby("category")["count"].sum() for matter in MATTERS}
    return pd.DataFrame(columns).reindex([str(k) for k in Category]).fillna(0).astype("int64").rename_axis("category").reset_index()


def _matters(c: Consolidation, submissions: pd.Series) -> pd.Series:
    """Whether these submissions are of a whole or of a project; NaN for what is no submission."""
    return submissions.map(c.units.set_index("submission")["matter"])


def largest(c: Consolidation, authorities: pd.DataFrame) -> tuple[str, list[tuple[str, float, float]]]:
    """Who has the largest budgets and a rate, largest first: name, 全年预算数 and rate of each, and what they are called.

    主管部门, or where they are too few to compare, the units that count; by their wholes, where there is no whole at all by projects.
    """
    prefix = "" if authorities["rate"].notna().any() else PROJECT
    rated = authorities[(authorities["authority"] != OFF_ROSTER) & authorities[f"{prefix}rate"].notna()]
    if len(rated) >= FEWEST_BARS:
        return "主管部门", _largest(zip(rated["authority"], rated[f"{prefix}full_year"], rated[f"{prefix}rate"], strict=True))
    units = of_matter(c.units[c.units["counted"].astype(bool)], Matter.PROJECT if prefix else Matter.WHOLE)
    spent = ((own["name"].iloc[0], money(own)) for _, own in units[units["full_year"].notna()].groupby("unit", sort=False))
    return "单位", _largest((name, both.full_year, both.rate) for name, both in spent if both.full_year > 0)


def _largest(rated: Iterable[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    return sorted(rated, key=lambda line: (-line[1], line[0]))[:MOST_BARS]


def _tables(
    workbook: Workbook, worksheet: Worksheet, canvas: _Canvas, style: Style, c: Consolidation, authorities: pd.DataFrame, row: int, charts_at: int
) -> int:
    """The tables, two beside each other, and the charts that show them."""
    whole, project = (Figures(c).group(matter).grades for matter in MATTERS)
    both = [i for i, matter in enumerate(MATTERS) if (c.units["matter"] == matter).any()] or [0]
    names = [("整体", "项目")[i] for i in both]
    most = issue_counts(c)
    levels, kinds = level_rates(c), category_counts(c)
    who, spenders = largest(c, authorities)
    block = _Block(canvas, style)
    reviewed = "最终" if is_reviewed(c) else ""
    grades = [(grade, whole[grade], project[grade]) for grade in bands(c)]
    titles: tuple[str, ...]
    left = block.table(row, 0, f"{reviewed}等级分布", ("等级", "整体份数", "项目份数"), grades, ("centered", "count", "count"))
    rates = list(levels[["name", *map(str, MATTERS)]].itertuples(index=False))
    rated = "各一级指标得分率（规则测算）" if reviewed else "各一级指标得分率"
    right = block.table(row, 4, rated, ("一级指标", "整体得分率", "项目得分率"), rates, ("text", "rate", "rate"))
    if reviewed:
        computed = [Figures(c).group(matter).computed.grades for matter in MATTERS]
        lines = [(grade, *(one[grade] for one in computed)) for grade in bands(c)]
        block.table(left[1] + 2, 0, "测算等级分布（没有复核时）", ("等级", "整体份数", "项目份数"), lines, ("centered", "count", "count"))
    _chart(workbook, worksheet, (charts_at, 0), f"{reviewed}等级分布（份）", left, (0, [1 + i for i in both]), kind="column", number="0", names=names)
    _chart(workbook, worksheet, (charts_at, 4), rated, right, (4, [5 + i for i in both]), kind="column", number="0.0%", names=names)
    row = max(left[1] + (len(grades) + 3 if reviewed else 0), right[1]) + 2
    left = block.table(
        row, 0, f"预算最大的{len(spenders)}个{who}的执行率", (who, "预算（万元）", "执行率"), spenders, ("text", "total", "rate"), wide=2
    )
    titles = ("类别", "整体处数", "项目处数")
    right = block.table(row, 4, "复核差异（计入的）", titles, list(kinds.itertuples(index=False)), ("text", "count", "count"), wide=2)
    _chart(workbook, worksheet, (charts_at + CHART_ROWS, 0), f"{who}执行率（预算最大的）", left, (0, [3]), kind="bar", number="0.0%")
    row = max(left[1], right[1]) + 2
    columns = ["whole", "whole_units", "project", "project_units", "other"]
    lines = [(k, SEVERITY_WORDS[Severity(str(s))], *n) for k, s, *n in most[["kind", "severity", *columns]].itertuples(index=False)]
    titles = ("问题类型", "级别", "整体条数", "整体份数", "项目条数", "项目份数", "其他条数")
    heading = "问题分类（和“问题清单”同数，先多后少，读数提示在后；“其他”不是哪一份里的）"
    issues = block.table(row, 0, heading, titles, lines, ("text", "centered", *["count"] * 5), wide=2)
    shown = (issues[0], min(issues[1], issues[0] + MOST_ISSUES - 1))
    rest = most.head(MOST_ISSUES)["other"].any()
    series, words = [*(3 + 2 * i for i in both), *([7] if rest else [])], [*names, *(["其他"] if rest else [])]
    _chart(workbook, worksheet, (charts_at + CHART_ROWS, 4), "最常见的问题（条）", shown, (0, series), kind="bar", number="0;;", names=words)
    return issues[1] + 1


class _Block:
    """Small tables of the second page."""

    def __init__(self, canvas: _Canvas, style: Style) -> None:
        self.canvas = canvas
        self.style = style

    def table(
        self, row: int, column: int, heading: str, titles: Sequence[str], lines: Sequence[Sequence[object]], looks: Sequence[str], wide: int = 1
    ) -> tuple[int, int]:
        """Write one; its first and last row of values. The first column is `wide` columns wide."""
        put, style = self.canvas.put, self.style
        put(row, column, heading, style.section, to=column + wide + len(titles) - 2)
        own = {"total": style.on(style.money, num_format="#,##0.00"), "text": style.on(style.text, indent=1)}
        formats = [own.get(look) or getattr(style, look) for look in looks]
        for at, line in enumerate([titles, *lines], row + 1):
            for i, value in enumerate(line):
                first = column + i + (wide - 1 if i else 0)
                look = style.header if at == row + 1 else formats[i]
                put(at, first, value if isinstance(value, str) else _plain(value), look, to=column + wide - 1 if i == 0 else None)
        return row + 2, row + 1 + len(lines)


def _plain(value: object) -> float | int | None:
    read = float(value)  # type: ignore[arg-type]  # numpy and Python numbers alike
    return None if math.isnan(read) else int(read) if read.is_integer() else read


def _chart(
    workbook: Workbook,
    worksheet: Worksheet,
    at: tuple[int, int],
    heading: str,
    rows: tuple[int, int],
    columns: tuple[int, Sequence[int]],
    *,
    kind: str,
    number: str,
    names: Sequence[str] = (),
) -> None:
    """A native chart over a table of this sheet, readable in black and white; nothing where the table is empty."""
    (first, last), (labels, series) = rows, columns
    bars = last - first + 1
    if bars <= 0:
        return
    chart = workbook.add_chart({"type": kind})
    for i, values in enumerate(series):
        chart.add_series(
            {
                "name": names[i] if len(series) > 1 else heading,
                "categories": [OVERVIEW, first, labels, last, labels],
                "values": [OVERVIEW, first, values, last, values],
                "fill": {"color": FILLS[i]},
                "border": {"color": DARK},
                "gap": min(WIDEST_GAP, max(NARROWEST_GAP, 1000 // bars if kind == "bar" else 500 // bars - NARROWEST_GAP)),
                "data_labels": {"value": True, "num_format": number, "font": {"size": 9}},
            }
        )
    chart.set_title({"name": heading, "name_font": {"size": 11, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
    names_axis, values_axis = {"num_font": {"size": 9}}, {"visible": False, "major_gridlines": {"visible": False}, "min": 0}
    if kind == "bar":
        chart.set_y_axis({**names_axis, "reverse": True, "major_gridlines": {"visible": False}})
        chart.set_x_axis(values_axis)
    else:
        chart.set_x_axis(names_axis)
        chart.set_y_axis(values_axis)
    chart.set_chartarea({"border": {"color": "#BFBFBF"}})
    chart.set_size({"width": _CHART_WIDTH, "height": CHART_ROWS * 20 - 10})
    checked(worksheet.insert_chart(at[0], at[1], chart, {"x_offset": 3, "y_offset": 3, "description": heading}), OVERVIEW)


def _directory(canvas: _Canvas, style: Style, sheets: Sequence[PrintedTable], row: int) -> None:
    canvas.put(row, 0, "本工作簿的表", style.section, to=COLUMNS - 1)
    for i, sheet in enumerate(sheets, 1):
        at, column = row + 1 + (i - 1) // 4, 2 * ((i - 1) % 4)
        canvas.link(at, column, f"'{sheet.title}'!A1", sheet.title, style.link)
        canvas.put(at, column + 1, f"{sheet.rows}行", style.subtitle)
