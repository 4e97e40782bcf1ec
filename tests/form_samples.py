"""Official forms from random contents, in the layouts that public bodies use: a grid, and what a careful person reads in it.

Drawn: the order and words of columns, merged levels, heads of two rows, repeated heads, vertical text, leftovers, fillers, notes, blank rows and
columns, amounts with units, points in level cells, scores merged over rows, free lines, a cover table beside the form.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from perfxl.intake.forms import Grid

NOUNS = (
    "阅读推广活动",
    "新增藏书",
    "读者满意度",
    "设备完好率",
    "培训人次",
    "项目完成时间",
    "带动就业",
    "古籍修复",
    "网站访问量",
    "资金拨付及时率",
    "WIFI覆盖率",
    "制度健全",
    "补助标准",
)
UNITS = ("示例市图书馆", "示例县林业局", "示例区第一小学", "示例镇人民政府", "示例市融媒体中心")
AUTHORITIES = ("示例市文化和旅游局", "示例县财政局", "示例区教育局")
PROJECTS = ("免费开放专项经费", "维修改造（二期）", "2024年临时救助", "委托业务")
LEVELS = (
    ("产出指标", ("数量指标", "质量指标", "时效指标", "成本指标")),
    ("效益指标", ("经济效益指标", "社会效益指标", "可持续影响指标")),
    ("满意度指标", ("服务对象满意度指标",)),
)
TARGETS = (
    ("270场", "281场"),
    ("≥95%", "97%"),
    (">=21933人", "21980人"),
    ("100", "100"),
    (12, 13),
    (0.95, 0.97),
    ("12月底前", "11月"),
    ("效果明显", "达成预期指标"),
    ("1.2万亩", "1.2万亩"),
    ("≤90万元", "90"),
)
HEADS = {
    "level1": ("一级指标", "一级\n指标"), "level2": ("二级指标", "二级\n指标"), "level3": ("三级指标", "指标名称", "三 级 指 标"),
    "operator": ("指标性质", "计算符号"), "target": ("年度指标值", "年度\n指标值", "指标值（A）", "年初目标值（A）", "预期指标值", "目标值*"), "unit": ("度量单位", "计量单位"),
    "actual": ("实际完成值", "实际\n完成值", "全年实际值（B）", "全年完成值", "实际完成指标值"), "weight": ("分值", "指标分值", "权重", "指标权重（分）"),
    "score": ("得分", "自评得分", "指标得分（分）"), "reason": ("偏差原因分析及改进措施", "未完成原因分析", "扣分原因和其他说明", "备注"),
}  # fmt: skip
FUNDS = {
    "initial": ("年初预算数", "年初\n预算数", "年初预算数（A）"), "full_year": ("全年预算数", "全年预算数（ A ）", "调整后预算数", "全年（调整）预算数"),
    "executed": ("全年执行数", "全年\n执行数", "执行数（B）", "预算执行数"), "weight": ("分值",), "rate": ("执行率", "执行率（B/A）", "执行率（%）"), "score": ("得分",),
}  # fmt: skip
SOURCES = ("其中：当年财政拨款", "      上年结转资金", "  其他资金")
LEFTOVERS = ("指标2", "指标2：", "……", "①……", "指标3：/ / /")
FILLERS = ("—", "-", "", None)


@dataclass
class Sample:
    """A form as cells with merged areas, and what stands in it."""

    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    funds: list[dict[str, Any]] = field(default_factory=list)
    goals: list[tuple[str, str]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    total: Any = None

    def grid(self, name: str = "Sheet1") -> Grid:
        """The form as the reader gets it."""
        last = max(r for r, _ in self.cells)
        wide = max([c for _, c in self.cells] + [m[3] for m in self.merges])
        rows = [(r, tuple(self.cells.get((r, c)) for c in range(1, wide + 1))) for r in range(1, last + 1)]
        return Grid.of(name, rows, self.merges)


class Draw:
    """One form drawn by its seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.made = Sample()
        self.row = self.rng.choice((1, 1, 2))
        self.left = self.rng.choice((1, 1, 1, 2, 8))
        self.label = self.rng.random() < 0.85
        self.columns = self._columns()
        self.first = self.left + (1 if self.label else 0)
        self.right = self.first + len(self.columns) - 1

    def _columns(self) -> list[str]:
        rng = self.rng
        before = ["level1", "level2", "level3"]
        values = ["target", "actual", "score"] + (["weight"] if rng.random() < 0.9 else [])
        if rng.random() < 0.3:
            values += ["operator", "unit"]
        if rng.random() < 0.8:
            values.append("reason")
        if rng.random() < 0.4:
            rng.shuffle(values)
        else:
            values = [n for n in ("operator", "target", "unit", "actual", "weight", "score", "reason") if n in values]
        return before + values

    def put(self, row: int, column: int, value: Any, last_row: int | None = None, last_column: int | None = None) -> None:
        """A value, merged where it reaches further."""
        if value is not None:
            self.made.cells[row, column] = value
        if (last_row or row) > row or (last_column or column) > column:
            self.made.merges.append((row, column, last_row or row, last_column or column))

    def drawn(self) -> Sample:
        """The form, block by block."""
        self._title()
        self._facts()
        self._funds()
        self._goals()
        self._indicators()
        self._total()
        self._after()
        return self.made

    def _title(self) -> None:
        rng, made = self.rng, self.made
        whole = rng.random() < 0.3
        kind = "部门整体" if whole else "项目"
        year = rng.choice((2019, 2020, 2021, 2022, 2023))
        made.facts |= {"evaluation": kind, "fiscal_year": year}
        if rng.random() < 0.4:
            self.put(self.row, self.left, rng.choice(("附件1", "附表2", "附件：")))
            self.row += 1
        title = {"部门整体": "部门整体支出绩效自评表", "项目": rng.choice(("项目支出绩效自评表", "项目支出绩效自评情况表"))}[kind]
        in_title = rng.random() < 0.3
        self.put(self.row, self.left, f"{year}年度{title}" if in_title else rng.choice((title, " ".join(title))), self.row, self.right)
        self.row += 1
        if not in_title:
            self.put(self.row, self.left, rng.choice((f"（{year}年度）", f"( {year} 年度)", f"{year}年度)", f"（{year}年）")), self.row, self.right)
            self.row += 1

    def _pair(self, label: str, value: Any, column: int, last: int) -> None:
        self.put(self.row, column, label)
        self.put(self.row, column + 1, value, self.row, last)

    def _facts(self) -> None:
        rng, made = self.rng, self.made
        unit, authority, project = rng.choice(UNITS), rng.choice(AUTHORITIES), rng.choice(PROJECTS)
        code = rng.choice(("", "", "219001-"))
        made.facts |= {"name": unit} | ({"code": "219001"} if code else {})
        if rng.random() < 0.2:
            line = rng.choice((f"项目单位（盖章）：{unit}          主要领导签字：", f"填报单位：{unit}"))
            self.put(self.row, self.left, line, self.row, self.right)
            made.facts.pop("code", None)
        elif made.facts["evaluation"] == "项目":
            middle = self.left + 4
            self._pair("主管部门", authority, self.left, middle - 1)
            self._pair(rng.choice(("实施单位", "项目实施单位", "资金使用单位")), code + unit, middle, self.right)
            made.facts["authority"] = authority
        else:
            self._pair(rng.choice(("部门名称", "单位名称", "一级预算单位名称")), code + unit, self.left, self.right)
        self.row += 1
        if made.facts["evaluation"] == "项目":
            self._pair(rng.choice(("项目名称", "专项名称")), project, self.left, self.right)
            made.facts["project"] = project
            self.row += 1

    def _funds(self) -> None:
        rng, made = self.rng, self.made
        names = ["initial", "full_year", "executed", "weight", "rate", "score"]
        if rng.random() < 0.3:
            names.remove("initial")
        item, start = self.left + 1, self.left + 2
        money = rng.choice(("（万元）", "（元）", "(万元)"))
        made.facts["money_unit"] = money.strip("（）()")
        lines = rng.sample(SOURCES, rng.randint(0, 3))
        last = self.row + 1 + len(lines)
        self.put(self.row, self.left, f"项目资金\n{money}", last)
        for at, name in enumerate(names):
            self.put(self.row, start + at, rng.choice(FUNDS[name]))
        spent = [round(rng.uniform(1, 900), 2) for _ in lines]
        budget = [round(v * rng.uniform(1, 1.2), 2) for v in spent]
        amounts = (round(sum(budget), 2) or 50.5, round(sum(spent), 2) or 40.25)
        worded = rng.random() < 0.15
        rows = [
            (rng.choice(("年度资金总额", "年度资金总额：", "合 计")), *amounts, 10),
            *((line, b, s, None) for line, b, s in zip(lines, budget, spent, strict=True)),
        ]
        for at, (title, b, s, weight) in enumerate(rows, 1):
            row = self.row + at
            values = {"initial": b, "full_year": b, "executed": s, "weight": weight, "rate": f"{s / b:.2%}", "score": 9 if weight else None}
            self.put(row, item, title)
            for column, name in enumerate(names, start):
                value = values[name]
                shown = f"{value:.2f}万元" if worded and name in ("initial", "full_year", "executed") else value
                self.put(row, column, rng.choice(FILLERS) if value is None else shown)
            made.funds.append({n: v for n, v in values.items() if n in names and n != "rate" and v is not None} | {"row": row, "worded": worded})
        self.row = last + 1

    def _goals(self) -> None:
        rng, made = self.rng, self.made
        if rng.random() < 0.2:
            return
        half = self.left + 3
        self.put(self.row, self.left, "年度总体目标", self.row + 1)
        self.put(self.row, self.left + 1, rng.choice(("预期目标", "年初设定目标")), self.row, half)
        self.put(self.row, half + 1, rng.choice(("实际完成情况", "全年实际完成情况")), self.row, self.right)
        goal = ("举办活动270场，服务读者40万人次。", "已举办281场，\n服务41万人次。")
        self.put(self.row + 1, self.left + 1, goal[0], self.row + 1, half)
        self.put(self.row + 1, half + 1, goal[1], self.row + 1, self.right)
        made.goals.append(goal)
        self.row += 2

    def _head(self) -> None:
        rng = self.rng
        two = rng.random() < 0.2 and "target" in self.columns
        for at, name in enumerate(self.columns, self.first):
            word = rng.choice(HEADS[name])
            if two and name in ("target", "actual"):
                above, below = {"target": ("年度", "指标值"), "actual": ("实际", "完成值")}[name]
                self.put(self.row, at, above)
                self.put(self.row + 1, at, below)
            else:
                self.put(self.row, at, word, self.row + 1 if two else self.row)
        self.row += 2 if two else 1

    def _indicators(self) -> None:
        rng = self.rng
        top = self.row
        self._head()
        points = rng.random() < 0.4
        repeat = rng.random() < 0.1
        for at, (level1, twos) in enumerate(LEVELS):
            if repeat and at == 2 and not self.label:
                self._head()
            first = self.row
            shown1 = f"{level1}\n({rng.choice((50, 30, 10))}分)" if points else rng.choice((level1, "\n".join(level1)))
            for level2 in rng.sample(twos, rng.randint(1, len(twos))):
                start = self.row
                for number in range(1, rng.randint(1, 3) + 1):
                    self._row(level1, level2, number)
                if rng.random() < 0.3:
                    self.put(self.row, self.first + 2, rng.choice(LEFTOVERS))
                    self.row += 1
                self.put(
                    start,
                    self.first + 1,
                    rng.choice((level2, f"{level2}（10分）" if points else level2, level2.replace("指标", "\n指标"))),
                    self.row - 1,
                )
            self.put(first, self.first, shown1, self.row - 1)
        if self.label:
            self.put(top, self.left, rng.choice(("绩\n效\n指\n标", "绩效指标", "绩 效 指 标")), self.row - 1)

    def _row(self, level1: str, level2: str, number: int) -> None:
        rng, made = self.rng, self.made
        target, actual = rng.choice(TARGETS)
        weight = rng.choice((2, 5, 7.5, 10, 12))
        name = f"{rng.choice(('', '★', f'指标{number}：', f'指标{number}:'))}{rng.choice(NOUNS)}{number}"
        values = {"level1": level1, "level2": level2, "level3": name, "operator": rng.choice(("≥", "≤", "=", "定性")), "target": target, "unit": rng.choice(("场", "%", "万元")),
                  "actual": actual, "weight": weight, "score": rng.choice((weight, round(weight * 0.9, 2))), "reason": rng.choice((None, "受疫情影响，活动减少。", 0))}  # fmt: skip
        for column, field_name in enumerate(self.columns, self.first):
            if field_name not in ("level1", "level2"):
                value = values[field_name]
                if field_name in ("weight", "score") and rng.random() < 0.15:
                    value = f"{value}分"
                self.put(self.row, column, value)
        made.rows.append({n: v for n, v in values.items() if n in self.columns} | {"row": self.row})
        self.row += 1

    def _total(self) -> None:
        rng, made = self.rng, self.made
        at = {name: column for column, name in enumerate(self.columns, self.first)}
        columns = sorted(at[n] for n in ("weight", "score") if n in at)
        self.put(self.row, self.left, rng.choice(("总分", "合计", "总 分")), self.row, columns[0] - 1)
        if "weight" in at:
            self.put(self.row, at["weight"], 100)
        made.total = 96.5
        self.put(self.row, at["score"], made.total)
        self.row += 1

    def _after(self) -> None:
        rng = self.rng
        for line in rng.sample(
            (
                "说明：无",
                "注：1.得分一档最高不能超过该指标分值上限。",
                "填表人：示例甲    联系电话：010-0000000    填报日期：2024.3.1",
                "其他需要说明事项",
            ),
            rng.randint(0, 3),
        ):
            if rng.random() < 0.2:
                self.row += 1
            self.put(self.row, self.left, line, self.row, self.right)
            self.row += 1


def form(seed: int) -> Sample:
    """The form of a seed; one seed gives one form, always."""
    return Draw(seed).drawn()
