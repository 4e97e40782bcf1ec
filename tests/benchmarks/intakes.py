"""Realistic intakes by the thousand: 20–60 indicators, texts, every kind of value; one seed gives one folder, always."""

from __future__ import annotations

import random
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter

from perfxl.model import columns

if TYPE_CHECKING:
    from pathlib import Path

BLOCKS = (
    ("产出指标", "数量指标", ("举办展览", "新增藏书", "接待读者", "开展讲座", "数字资源更新", "流动服务点", "培训人次", "古籍修复")),
    ("产出指标", "质量指标", ("图书验收合格率", "系统可用率", "培训合格率", "采编差错率", "设备完好率")),
    ("产出指标", "时效指标", ("采购完成时间", "项目完工时间", "资金拨付及时率")),
    ("产出指标", "成本指标", ("人均培训成本", "年度运行成本", "单册采购成本")),
    ("效益指标", "社会效益指标", ("服务覆盖人次", "全民阅读氛围", "媒体报道", "志愿者人数")),
    ("效益指标", "可持续影响指标", ("制度健全", "人才队伍建设", "长效机制")),
    ("满意度指标", "服务对象满意度指标", ("读者满意度", "职工满意度")),
)
UNITS = ("场", "册", "万人次", "人次", "%", "个", "次", "万元", "天")
CREATED = datetime(2021, 3, 1)  # xlsxwriter takes no time zone
REASONS = (
    "受疫情影响，线下活动减少，已转为线上举办，下一年度提前安排。",
    "采购流程延长，合同已签订，货物于次年一月到货。",
    "全年闭馆改造三个月，读者到馆人次少于预期，改造完成后恢复。",
    "年初目标设定偏低，实际需求增长较快。",
)
CITIES = ("萍乡市", "宜春市", "黄冈市", "咸宁市", "赣州市", "孝感市")
BODIES = ("图书馆", "博物馆", "文化馆", "美术馆", "群众艺术馆", "非物质文化遗产保护中心")


POINTS = {"产出指标": (0.6, 50.0), "效益指标": (0.3, 30.0), "满意度指标": (0.1, 10.0)}
"""Share of the rows and points of each first level."""


def _indicators(rng: random.Random) -> list[list[object]]:
    """20–60 rows whose points add up to 90, block by block."""
    count = rng.randint(20, 60)
    rows = []
    for block, (share, points) in POINTS.items():
        number = max(1, round(count * share))
        each = round(points / number, 2)
        weights = [each] * (number - 1) + [round(points - each * (number - 1), 2)]
        rows.extend(_indicator(rng, block, weight) for weight in weights)
    return rows


def target_of(rng: random.Random) -> int:
    """A small target."""
    return rng.randint(1, 40)


def _indicator(rng: random.Random, block: str, weight: float) -> list[object]:
    level1, level2, names = rng.choice([entry for entry in BLOCKS if entry[0] == block])
    name = f"{rng.choice(names)}（{rng.choice(CITIES)[:2]}第{rng.randint(1, 400)}项）"
    reason = rng.choice(REASONS) if rng.random() < 0.7 else None
    evidence = rng.choice(("统计台账", "第三方调查报告", "验收单", None))
    kind = rng.random()
    if kind < 0.45:
        target = rng.randint(5, 4000)
        unit = rng.choice(UNITS[:4])
        actual = round(target * rng.choice((0.6, 0.85, 0.95, 1, 1, 1.05, 1.2)))
        form = rng.choice((f"{target}{unit}", f"≥{target}{unit}", f"≥{target}{unit}", f"不少于{target}{unit}"))
        done = rng.choice((f"{actual}{unit}", actual, str(actual)))
        row = [level1, level2, name, rng.choice(("≥", "≥", "≥", None)), form, unit, done, None]
    elif kind < 0.65:
        share = rng.choice((80, 85, 90, 95, 98, 100))
        done = min(100, share + rng.choice((-6, -1, 0, 1, 2)))
        row = [level1, level2, name, "≥", rng.choice((f"≥{share}%", f"{share}%", share)), "%", rng.choice((f"{done}%", done, f"{done}.5%")), None]
    elif kind < 0.75:
        month = rng.randint(6, 12)
        row = [
            level1,
            level2,
            name,
            "期限",
            f"2020年{month}月底前",
            None,
            rng.choice((f"2020年{month}月10日", "按时完成", f"2020-{month:02}-20")),
            None,
        ]
    elif kind < 0.85:
        cost = rng.randint(10, 900)
        row = [level1, level2, name, "≤", f"≤{cost}万元", "万元", f"{cost * rng.choice((0.7, 0.9, 1, 1.1)):.1f}万元", None]
    elif kind < 0.97:
        words = rng.choice(("有效提升", "持续改善", "健全完善", "显著增强"))
        row = [
            level1,
            level2,
            name,
            "定性",
            words,
            None,
            rng.choice((words, "达到预期目标", "基本达到")),
            rng.choice(("达成", "达成", "部分达成", None)),
        ]
    elif kind < 0.998:
        row = [level1, level2, name, "≥", f"{target_of(rng)}次", "次", f"{target_of(rng) + 40}次", None]
    else:
        row = [level1, level2, name, None, rng.choice(("40万人次", "1-2次", "约300人")), None, None, None]
    score = rng.choice((None, None, None, weight, round(weight * 0.9, 2)))
    return [*row, weight, score, reason, evidence, None, None, None, None]


def intake(number: int, seed: int = 2020, styled: int = 60, *, corrected: bool = False, inline: bool = False) -> bytes:
    """The bytes of one intake, in the layout of the template; `corrected` as it comes back with one actual typed again.

    Its texts are shared, as Excel keeps them, or inline, as exports do.
    """
    rng = random.Random(f"{seed}-{number}")
    stream = BytesIO()
    kind = "constant_memory" if inline else "in_memory"
    book = xlsxwriter.Workbook(stream, {kind: True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED})
    text = book.add_format({"num_format": "@", "text_wrap": True, "locked": False})
    money = book.add_format({"num_format": "#,##0.00", "locked": False})
    percent = book.add_format({"num_format": "0.00%"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True})
    guide = book.add_worksheet(columns.GUIDE_SHEET)
    for row in range(25):
        guide.write_string(row, 0, f"第{row + 1}步：按表头填写，黄色单元格为填报区域。")
    guide.write_string(26, 0, "模板版本")
    guide.write_string(26, 1, f"{columns.TEMPLATE_ID} {columns.TEMPLATE_VERSION}")
    city = rng.choice(CITIES)
    facts = {
        "单位名称": f"{city}{rng.choice(BODIES)}{number:05}号",
        "预算单位编码": f"{100000 + number}",
        "主管部门": f"{city}文化广电新闻出版旅游局",
        "所在地区": city,
        "预算年度": 2020,
        "自评类型": "单位整体",
        "金额单位": "万元",
        "编制人数": rng.randint(8, 90),
        "年末在职人数": rng.randint(8, 90),
        "自评总分": rng.choice((None, 92.5, 95)),
        "自评等级": rng.choice(("优", "良", None)),
        "报送次数": 1,
        "填报人": "张三",
        "联系电话": "0799-1234567",
        "填报日期": "2021年3月15日",
    }
    _unit(book.add_worksheet(columns.UNIT.sheet), facts, head, text)
    _budget(book.add_worksheet(columns.BUDGET.sheet), rng, head, money, percent)
    goals = book.add_worksheet(columns.GOALS.sheet)
    for i, column in enumerate(columns.GOALS.columns):
        goals.write_string(0, i, column.title, head)
    for row in range(1, rng.randint(2, 6)):
        goals.write_number(row, 0, row)
        goals.write_string(row, 1, f"目标{row}：保障免费开放，全年接待读者{rng.randint(10, 90)}万人次，开展全民阅读活动。", text)
        goals.write_string(row, 2, f"全年接待读者{rng.randint(10, 90)}万人次，{rng.choice(REASONS)}", text)
    sheet = book.add_worksheet(columns.INDICATORS.sheet)
    for i, column in enumerate(columns.INDICATORS.columns):
        sheet.write_string(0, i, column.title, head)
    rows = _indicators(rng)
    if corrected:
        rows[0][6] = rows[0][4]
    for row, values in enumerate([*rows, *[[None] * 13] * (styled - len(rows))], 1):
        for i, value in enumerate(values):
            if value is not None:
                sheet.write(row, i, value, text)
            elif i < 13:
                sheet.write_blank(row, i, None, text)
    report = book.add_worksheet(columns.REPORT.sheet)
    for i, column in enumerate(columns.REPORT.columns):
        report.write_string(0, i, column.title, head)
    for row, section in enumerate(columns.REPORT_SECTIONS, 1):
        report.write_string(row, 0, section)
        report.write_string(row, 1, f"{facts['单位名称']}：{rng.choice(REASONS) * rng.randint(1, 4)}", text)
    book.close()
    return stream.getvalue()


def _unit(sheet: xlsxwriter.worksheet.Worksheet, facts: dict[str, object], head: object, text: object) -> None:
    for i, title in enumerate(columns.FIELD_TITLES):
        sheet.write_string(0, i, title, head)
    for row, column in enumerate(columns.UNIT.columns, 1):
        sheet.write_string(row, 0, column.title, head)
        value = facts.get(column.title)
        if value is None:
            sheet.write_blank(row, 1, None, text)
        else:
            sheet.write(row, 1, value, text)
        sheet.write_string(row, 2, column.help)


def _budget(sheet: xlsxwriter.worksheet.Worksheet, rng: random.Random, head: object, money: object, percent: object) -> None:
    for i, column in enumerate(columns.BUDGET.columns):
        sheet.write_string(0, i, column.title, head)
    own, other = round(rng.uniform(100, 5000), 2), round(rng.uniform(0, 50), 2)
    spent = round(own * rng.uniform(0.75, 1), 2)
    lines = {
        "当年财政拨款": (own, spent),
        "单位资金": (other, other),
        "基本支出": (round(own * 0.6, 2), round(spent * 0.6, 2)),
        "项目支出": (round(own + other - round(own * 0.6, 2), 2), round(spent + other - round(spent * 0.6, 2), 2)),
    }
    for row, (kind, item) in enumerate(columns.BUDGET.rows, 1):
        sheet.write_string(row, 0, kind)
        sheet.write_string(row, 1, item)
        if row == 1:
            sheet.write_formula(row, 3, "=D3+D8", money, round(own + other, 2))
            sheet.write_formula(row, 4, "=E3+E8", money, round(spent + other, 2))
            sheet.write_formula(row, 5, "=E2/D2", percent, (spent + other) / (own + other))
            sheet.write_number(row, 6, 10)
        elif item in lines:
            sheet.write_number(row, 3, lines[item][0], money)
            sheet.write_number(row, 4, lines[item][1], money)
            sheet.write_formula(row, 5, f"=E{row + 1}/D{row + 1}", percent, lines[item][1] / lines[item][0] if lines[item][0] else 0)


def folder(target: Path, count: int, seed: int = 2020, *, inline: bool = False) -> Path:
    """A folder of `count` intakes in sub-folders of 500."""
    for number in range(count):
        path = target / f"{number // 500:03}" / f"{number:06}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(intake(number, seed, inline=inline))
    return target


def correct(target: Path, count: int, *, corrected: bool = True, inline: bool = False) -> None:
    """One in a hundred of a folder's intakes comes back corrected, or is again as it was."""
    for number in range(0, count, 100):
        (target / f"{number // 500:03}" / f"{number:06}.xlsx").write_bytes(intake(number, corrected=corrected, inline=inline))
