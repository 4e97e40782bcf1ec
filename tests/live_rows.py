"""Drawn rows of 绩效指标, devious ones among them, and what the two live columns say of them beside what the program says."""

from __future__ import annotations

import random
from io import BytesIO
from typing import TYPE_CHECKING

from filling import fill
from openpyxl import load_workbook
from papers import read_workbook

from perfxl.checks.engine import run_checks
from perfxl.checks.points import weight_missing
from perfxl.model.columns import INDICATORS
from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.score import score
from perfxl.workbook import live
from perfxl.workbook.template import template_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perfxl.schemes import Scheme

MONEY = [{"kind": "按来源", "item": "当年财政拨款", "full_year": 100, "executed": 95}]
UNIT = {"name": "甲馆", "fiscal_year": "2020"}
FIRST_ROW = 4
MISSING_COLUMN, REFERENCE_COLUMN = len(INDICATORS.columns) + 1, len(INDICATORS.columns) + 2
CODES = {"缺指标值": "target-missing", "缺完成值": "actual-missing", "缺完成等级": "tier-missing", "缺偏差原因": "deviation-unexplained"}

NAMES = (
    "开展活动场数", "读者满意度", "服务读者人次", "投诉率", "资金支付率", "预算执行率", "执 行 率", "项目完成率", "全年预算完成率", "合计", "小计",
    "其中：线上", "公用经费控制率", "★指标1：培训人次", "指标2", "单位成本", "验收合格率(%)", "建设面积（万平方米）", "水电费降低率", "总分馆数量",
    "完成及时率", "支出进度", "注：说明", "复核通过率", "新增床位", "一、活动", "……", "人均经费", "会议费公开率", "差错率", "违法案件数", "不合格率",
    "“三公经费”变动率", "占比(‰)", "降低成本(≤5万元)", "增长率≥", "增长率(≥**%)",
)  # fmt: skip
UNITS = (
    "",
    "",
    "场",
    "人次",
    "%",
    "％",
    "万人次",
    "元",
    "万元",
    "年",
    "天",
    "‰",
    "百分比",
    "床位",
    "次/年",
    "以上",
    "万",
    "个 ",
    "月",
    "成",
    "㎡",
    "无",
    "/",
    "2020年",
)
WHOLE = (
    "0",
    "1",
    "2",
    "5",
    "10",
    "95",
    "100",
    "98.5",
    "0.5",
    "0.95",
    "270",
    "269",
    "2020",
    "2019",
    "202012",
    "43831",
    "400000",
    "1234567",
    "3.14",
    "40",
)
WORDS = (
    "270场以上", "约270", "95%以上", "≥95%", "1-2次", "2020年12月31日前", "20201231", "0012", "1,234", "１２", "12.", ".5", "1e3", "-5", "+5", "1.2.3",
    "明显改善", "完成", "按期完成各项工作", "无", "/", "不适用", "不涉及", "  ", "95 %", " 270", "12.31", "￥50", "$5", "2020-12-31", "3/4", "十二", "270取消",
    "降低5%", "100%%", "50（含线上）", "=1+1", "1 2", "达标", "本年不适用", "优良中差四档",
)  # fmt: skip
TIERS = ("", "", "", "", "达成", "部分达成", "未达成", "不适用", "达成年度指标", " ", "好")
OPERATORS = ("≥", "≥", "≥", "≤", "=", ">", "<", "定性", "期限", "", ">=", "＝", "定量")
LEVELS = (("产出指标", "数量指标"), ("产出指标", "质量指标"), ("效益指标", "社会效益"), ("满意度指标", "服务对象满意度"), ("产出指标", "成本指标"))
ODD_LEVELS = (("", "数量指标"), ("产出指标", ""), ("", ""), ("合计", ""), ("产出", "数量"), ("注：", ""), ("一级", "二级"), ("产出指标", "执行率"))


def drawn(seed: int, count: int) -> list[dict[str, object]]:
    """Rows as clerks and mischief write them."""
    draw = random.Random(seed)
    return [_plain_row(draw) if draw.random() < 0.55 else _row(draw) for _ in range(count)]


def _plain_row(draw: random.Random) -> dict[str, object]:
    """As the template asks for it, with a gap now and then."""
    unit = draw.choice(("场", "人次", "%", "万人次", "元", "万元", "天", "床位", "", "个"))
    goal = draw.choice((draw.randrange(1, 400), round(draw.uniform(0.1, 120), draw.randrange(4))))
    done = draw.choice((goal, round(goal * draw.uniform(0.3, 1.6), draw.randrange(4))))
    texts = [f"{number}{draw.choice(('', unit, unit))}" if draw.random() > 0.06 else "" for number in (goal, done)]
    one, two = draw.choice(LEVELS)
    row = {
        "level1": one, "level2": two, "level3": draw.choice(NAMES) + str(draw.randrange(999)), "operator": draw.choice(("≥", "≤", "=", ">", "<")),
        "target": texts[0], "unit": unit, "actual": texts[1], "weight": draw.choice((10, 5, 2.5, 3.333, 7.005, 8, "")),
        "reason": draw.choice(("", "", "疫情")), "tier": draw.choice(("", "", "", "达成")),
    }  # fmt: skip
    if draw.random() < 0.2:
        row |= {
            "operator": "定性",
            "target": "服务水平明显改善",
            "unit": "",
            "actual": draw.choice(("", "达标", "举办活动覆盖12个社区", "服务水平明显改善")),
        }
    return {name: text for name, text in row.items() if text != ""}


def _row(draw: random.Random) -> dict[str, object]:
    unit = draw.choice(UNITS)

    def value() -> str:
        kind = draw.random()
        number = draw.choice(WHOLE) if kind < 0.5 else str(round(draw.uniform(0, 400), draw.randrange(3)))
        tail = draw.choice(("", "", "", "%", unit, unit, "场"))
        return "" if kind > 0.93 else draw.choice(WORDS) if kind > 0.75 else number + tail

    one, two = draw.choice(LEVELS if draw.random() < 0.85 else ODD_LEVELS)
    target = value()
    row = {
        "level1": one, "level2": two, "level3": "" if draw.random() < 0.04 else draw.choice(NAMES) + draw.choice(("", "", str(draw.randrange(99)))),
        "operator": draw.choice(OPERATORS), "target": target, "unit": unit,
        "actual": target if draw.random() < 0.15 else value(), "tier": draw.choice(TIERS),
        "weight": draw.choice((10, 5, 2.5, 3.333, 7.005, "", "", 0, -1, "8")) if draw.random() < 0.5 else draw.choice((10, 5, 6)),
        "reason": draw.choice(("", "", "疫情", "无", " ")), "adjusted_target": value() if draw.random() < 0.07 else "",
    }  # fmt: skip
    return {name: text for name, text in row.items() if text != ""}


def filled(rows: Sequence[Mapping[str, object]], scheme: Scheme) -> bytes:
    """The template with the rows typed in."""
    return fill(template_bytes(scheme), unit=UNIT, budget=MONEY, indicators=[dict(row) or {"remark": " "} for row in rows])


def said(workbook: bytes) -> dict[int, tuple[str, float | str]]:
    """What a recalculated workbook shows in the two columns, by row."""
    sheet = load_workbook(BytesIO(workbook), data_only=True)[INDICATORS.sheet]
    rows = range(FIRST_ROW, FIRST_ROW + INDICATORS.max_rows)
    cells = {row: [sheet.cell(row, column).value for column in (MISSING_COLUMN, REFERENCE_COLUMN)] for row in rows}
    return {row: (missing or "", "" if reference is None else reference) for row, (missing, reference) in cells.items()}


def contradictions(workbook: bytes, shown: Mapping[int, tuple[str, float | str]], scheme: Scheme) -> list[str]:
    """Each row whose columns say what the program does not."""
    results = score(build_frames([read_workbook(workbook)]), scheme)
    frame = results.frames.indicators
    points = dict(zip(frame["sheet_row"].tolist(), frame["score"].tolist(), strict=True))
    found: dict[str, set[int]] = {code: set() for code in CODES.values()}
    for issue in run_checks(results):
        if issue.code in found and issue.row is not None:
            found[issue.code].add(issue.row)
    found["weight-missing"] = set(frame.loc[weight_missing(results), "sheet_row"].tolist())
    wrong = []
    for row, (missing, reference) in shown.items():
        if reference not in ("", live.BY_PROGRAM) and reference != points.get(row):
            wrong.append(f"row {row}: {reference!r} but {points.get(row)!r}")
        words = filter(None, str(missing).split("、"))
        wrong += [f"row {row}: {word}" for word in words if row not in found[{**CODES, "缺分值": "weight-missing"}[word]]]
    return wrong


def in_python(rows: Sequence[Mapping[str, object]], scheme: Scheme) -> dict[int, tuple[str, float | str]]:
    """What the stored values would be."""
    return dict(enumerate(live.shown(rows, scheme), FIRST_ROW))  # type: ignore[arg-type]  # as drawn


__all__ = ["contradictions", "drawn", "filled", "in_python", "load_scheme", "said"]
