"""总览对比: what was compared, how both sides stand, who changed grade, what moved most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name

from perfxl.consolidation.comparing import ComparisonKind
from perfxl.consolidation.comparing.figures import MATTERS, Sums, counting, decided, level_rates, movers, of_matter, shifts, sums, verdicts
from perfxl.consolidation.items import Matter
from perfxl.model.rounding import round_one
from perfxl.workbook.comparison.tables import SIDES, legend
from perfxl.workbook.writing import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

    from perfxl.consolidation.comparing import Comparison
    from perfxl.workbook.consolidated.table import PrintedTable
    from perfxl.workbook.writing import SheetWriter

OVERVIEW = "总览对比"
WIDTHS = (24, 13, 13, 13, 13, 13, 13)
LAST = len(WIDTHS) - 1
MOST_MOVERS = 10
CHART_ROWS = 15
GREY, LIGHT, DARK = "#8C8C8C", "#D9D9D9", "#404040"
_WORDS = {Matter.WHOLE: "部门（单位）整体", Matter.PROJECT: "项目"}


def write_overview(workbook: Workbook, sheet: SheetWriter, c: Comparison, sheets: Sequence[PrintedTable]) -> None:
    """Write the first page on its sheet."""
    page = _Page(workbook, sheet, c)
    page.set_up()
    page.heading()
    page.compared()
    for matter in page.matters:
        page.figures(matter)
    page.charts()
    if c.kind is ComparisonKind.YEARS:
        page.judgements()
    for matter in page.matters:
        page.shift(matter)
    sheet.worksheet.set_h_pagebreaks([page.row])
    page.directory(sheets)
    page.moved_most()


class _Page:
    """The sheet being written from top to bottom; `row` is where the next line goes."""

    def __init__(self, workbook: Workbook, sheet: SheetWriter, c: Comparison) -> None:
        self.workbook = workbook
        self.sheet = sheet
        self.style = sheet.style
        self.c = c
        self.words = SIDES[c.kind]
        self.row = 0
        self.rates: dict[Matter, tuple[int, int]] = {}
        """Where the 得分率 of each kind stand: first and last row."""
        self.matters = [m for m in MATTERS if len(of_matter(c, m))] or [Matter.WHOLE]

    def set_up(self) -> None:
        """Portrait A4, one page wide."""
        worksheet = self.sheet.worksheet
        worksheet.set_portrait()
        worksheet.set_paper(9)
        worksheet.fit_to_pages(1, 0)
        worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        worksheet.hide_gridlines(2)
        worksheet.center_horizontally()
        for column, width in enumerate(WIDTHS):
            worksheet.set_column(column, column, width)
        checked(worksheet.set_footer("&C第 &P 页 共 &N 页"), OVERVIEW)

    def heading(self) -> None:
        """Title, legend, notes."""
        what = "两年对比" if self.c.kind is ComparisonKind.YEARS else "两个方案对比（演练）"
        self.line(f"绩效自评{what}", self.style.title, 34)
        self.line(f"{legend(self.c)}。差为后者减前者。", self.style.subtitle)
        for note in self.c.notes:
            self.line(note, self.style.note)
        self.row += 1

    def line(self, text: str, look: Format, height: float = 0) -> None:
        """A text over the whole width."""
        worksheet = self.sheet.worksheet
        checked(worksheet.merge_range(self.row, 0, self.row, LAST, "", look), OVERVIEW)
        self.sheet.text(self.row, 0, text, look)
        if height:
            worksheet.set_row(self.row, height)
        else:
            self.sheet.fit(self.row, [(text, sum(WIDTHS))])
        self.row += 1

    def section(self, text: str) -> None:
        """A heading over the whole width."""
        self.line(text, self.style.section, 22)

    def head(self, titles: Sequence[str]) -> None:
        """A header row."""
        for column, text in enumerate(titles):
            self.sheet.text(self.row, column, text, self.style.header)
        self.sheet.fit(self.row, zip(titles, WIDTHS, strict=False), at_least=20)
        self.row += 1

    def compared(self) -> None:
        """Which runs, of which day, under which rules, and how much of them could be put together."""
        self.section("比的是什么")
        self.wide(("", *(side.title for side in self.c.sides)), self.style.header, self.style.header)
        alone = {side: self.c.lone[(self.c.lone["side"] == side) & (self.c.lone["what"] != "指标")] for side in "ab"}
        first, second = self.c.sides
        lines: list[tuple[str, object, object]] = [
            ("汇总文件", first.output, second.output),
            ("汇总日期", first.day, second.day),
            ("评分方案", first.schemes, second.schemes),
            ("采用的份数", first.submissions, second.submissions),
        ]
        if self.c.kind is ComparisonKind.YEARS:
            lines += [
                ("配对的事项", len(self.c.units), len(self.c.units)),
                ("没有配对的单位和项目", len(alone["a"]), len(alone["b"])),
                ("配对的指标", len(self.c.rows), len(self.c.rows)),
            ]
        for line in lines:
            self.wide(line, self.style.label, self.style.centered)
        self.row += 1

    def wide(self, line: Sequence[object], label: Format, look: Format) -> None:
        """A label and two values, each three columns wide."""
        self.sheet.value(self.row, 0, line[0] or None, label)
        for first, value in zip((1, 4), line[1:], strict=True):
            checked(self.sheet.worksheet.merge_range(self.row, first, self.row, first + 2, "", look), OVERVIEW)
            self.sheet.value(self.row, first, value or None if isinstance(value, str) else value, look)
        texts = [(value, sum(WIDTHS[1:4])) for value in line[1:] if isinstance(value, str)]
        self.sheet.fit(self.row, texts, at_least=20 if label is self.style.header else 0)
        self.row += 1

    def figures(self, matter: Matter) -> None:
        """Mean, money and 得分率 by 一级指标 of a kind of item, differences live."""
        units = of_matter(self.c, matter)
        both = int(decided(units).sum())
        first, second = sums(units)
        self.section(f"{_WORDS[matter]}：{len(units)}项，得分只算两边都是正式得分的{both}项{self._counted(units)}")
        self.head(("", *self.words, "差"))
        points, money, rate = self.style.points, self.style.on(self.style.money, num_format="#,##0.00"), self.style.rate
        kinds: list[tuple[str, float, float, Format, int]] = [
            ("平均得分", first.mean, second.mean, points, 2),
            *self._money(first, second, money, rate),
        ]
        for label, a, b, look, decimals in kinds:
            self._figure(label, a, b, look, decimals)
        start = self.row
        for name, a, b in level_rates(self.c, matter):
            self._figure(f"{name or '（空）'}得分率", a, b, rate, 6)
        self.rates[matter] = start, self.row - 1
        self.row += 1

    def _counted(self, units: pd.DataFrame) -> str:
        """What stands beside the sums: on how many items they are, where these are not all."""
        if self.c.kind is ComparisonKind.SCHEMES:
            return ""
        count = int(counting(units).sum())
        left = len(units) - count
        return f"，金额只算两边都计入的{count}项" + (f"（另有{left}项未计入）" if left else "")

    def _money(self, first: Sums, second: Sums, money: Format, rate: Format) -> list[tuple[str, float, float, Format, int]]:
        if self.c.kind is ComparisonKind.SCHEMES:
            return []
        return [
            ("全年预算数（万元）", first.full_year, second.full_year, money, 6),
            ("全年执行数（万元）", first.executed, second.executed, money, 6),
            ("执行率", first.rate, second.rate, rate, 6),
        ]

    def _figure(self, label: str, a: float, b: float, look: Format, decimals: int) -> None:
        self.sheet.text(self.row, 0, label, self.style.label)
        self.sheet.fit(self.row, [(label, WIDTHS[0])])
        a, b = (round_one(value, decimals) if math.isfinite(value) else value for value in (a, b))
        for column, value in enumerate((a, b), 1):
            self.sheet.value(self.row, column, value if math.isfinite(value) else None, look)
        r = self.row + 1
        if math.isfinite(a) and math.isfinite(b):
            self.sheet.formula(self.row, 3, f"ROUND(C{r}-B{r},{decimals})", look, value=round_one(b - a, decimals))
        else:
            self.sheet.blank(self.row, 3, look)
        self.row += 1

    def charts(self) -> None:
        """得分率 by 一级指标 of each kind of item, beside each other."""
        at = 0
        for matter in self.matters:
            first, last = self.rates[matter]
            if last < first:
                continue
            chart = self.workbook.add_chart({"type": "column"})
            for i, column in enumerate((1, 2)):
                chart.add_series(
                    {
                        "name": self.words[i],
                        "categories": [OVERVIEW, first, 0, last, 0],
                        "values": [OVERVIEW, first, column, last, column],
                        "fill": {"color": (LIGHT, GREY)[i]},
                        "border": {"color": DARK},
                        "gap": 40,
                        "data_labels": {"value": True, "num_format": "[=1]0%;0.0%", "font": {"size": 7}},
                    }
                )
            name = f"{_WORDS[matter]}：各一级指标得分率"
            chart.set_title({"name": name, "name_font": {"size": 11, "bold": True}, "overlay": False})
            chart.set_legend({"position": "bottom"})
            chart.set_x_axis({"num_font": {"size": 9}})
            chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
            chart.set_chartarea({"border": {"color": "#BFBFBF"}})
            chart.set_size({"width": 380, "height": CHART_ROWS * 20 - 10})
            place = {"x_offset": 3 + at * 385, "y_offset": 3, "description": name}
            checked(self.sheet.worksheet.insert_chart(self.row, 0, chart, place), OVERVIEW)
            at += 1
        self.row += CHART_ROWS + 1 if at else 0

    def shift(self, matter: Matter) -> None:
        """Who went from which grade to which."""
        units = of_matter(self.c, matter)
        rows, columns, counts = shifts(units, self.c.bands)
        self.section(f"等级变动：{_WORDS[matter]}（项）")
        self.head((f"{self.words[0]}＼{self.words[1]}", *columns, "合计"))
        total = f"SUM(B{{r}}:{xl_col_to_name(len(columns))}{{r}})"
        same = self.style.on(self.style.count, bold=True, bg_color="#F2F2F2")
        for name, line in zip(rows, counts, strict=True):
            self.sheet.text(self.row, 0, name, self.style.label)
            for column, (other, value) in enumerate(zip(columns, line, strict=True), 1):
                self.sheet.number(self.row, column, value, same if other == name else self.style.count)
            self.sheet.formula(self.row, len(columns) + 1, total.replace("{r}", str(self.row + 1)), self.style.count, value=sum(line))
            self.row += 1
        self.row += 1

    def judgements(self) -> None:
        """本年指标值 against 上年实际."""
        self.section("本年指标值与上年实际完成值相比（行）")
        found = verdicts(self.c)
        self.head([word for word, _ in found])
        for column, (_, count) in enumerate(found):
            self.sheet.number(self.row, column, count, self.style.count)
        self.row += 2

    def moved_most(self) -> None:
        """The items that lost and won most."""
        self.section(f"变动最大的（降、升各{MOST_MOVERS}项以内）")
        self.head(("单位", *self.words, "差", "差别的由来"))
        checked(self.sheet.worksheet.merge_range(self.row - 1, 4, self.row - 1, LAST, "差别的由来", self.style.header), OVERVIEW)
        found: pd.DataFrame = movers(self.c, MOST_MOVERS)
        columns = (found[name].tolist() for name in ("unit", "project_b", "final_a", "final_b", "why"))
        for unit, project, a, b, why in zip(*columns, strict=True):
            name = f"{unit}／{project}" if project else unit
            self.sheet.text(self.row, 0, name, self.style.text)
            for column, value in enumerate((a, b), 1):
                self.sheet.number(self.row, column, value, self.style.points)
            look = self.style.on(self.style.points, num_format="+0.00;-0.00;0.00")
            self.sheet.formula(self.row, 3, f"ROUND(C{self.row + 1}-B{self.row + 1},2)", look, value=round_one(b - a))
            checked(self.sheet.worksheet.merge_range(self.row, 4, self.row, LAST, "", self.style.boxed_note), OVERVIEW)
            self.sheet.text(self.row, 4, why, self.style.boxed_note)
            self.sheet.fit(self.row, [(name, WIDTHS[0]), (why, sum(WIDTHS[4:]))], at_least=20)
            self.row += 1

    def directory(self, sheets: Sequence[PrintedTable]) -> None:
        """The other sheets."""
        self.section("本工作簿的表")
        for sheet in sheets:
            self.sheet.link(self.row, 0, sheet.title, "A1", sheet.title)
            self.sheet.text(self.row, 1, f"{sheet.rows}行", self.style.subtitle)
            self.row += 1
        self.row += 1
