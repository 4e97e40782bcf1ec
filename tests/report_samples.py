"""The seed library's workbook, built in the tests, so that single cells can be changed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from papers import read_workbook

from perfxl.model.columns import BUDGET, FIELD_TITLES, GOALS, INDICATORS, REPORT, REPORT_SECTIONS, UNIT
from perfxl.scoring.batch import score_submissions

DATA = Path(__file__).parent / "data"
SEED_REPORT = DATA / "pingxiang_library_2020_self_evaluation_report.txt"

FIELDS = {
    "单位名称": "萍乡图书馆",
    "主管部门": "市文广新旅局",
    "所在地区": "萍乡市",
    "预算年度": "2020",
    "自评类型": "部门整体",
    "评分方案": "全国通用(2020)",
    "金额单位": "万元",
    "年末在职人数": "26",
    "其中:本年新增人数": "3",
    "内设机构": "办公室、采编室、技术部、志愿服务部、流通部、阅读推广及文创部、地方文献室、历史文献室",
    "自评等级": "优",
}
BUDGET_LINES = [
    ("按来源", "当年财政拨款", None, 640.84, 555.83),
    ("按来源", "其他资金", None, 0.92, 0.92),
    ("按支出类型", "基本支出", None, 641.76, 556.75),
]
SEED_GOALS = [
    ("建设红色文献主题馆，推进“古籍里的萍乡”创新案例工作，大力传承萍乡优秀文化。", "建设红色文献主题馆1个"),
    ("完成我市创建第四批国家公共文化服务体系示范区相关工作。", None),
    ("加强数字图书馆建设工作，构建标准统一、互联互通的公共数字文化服务平台。", "构建标准统一、互联互通的公共数字文化服务平台1个"),
    ("免费服务读者人次40万人次，开展各类阅读推广活动场数270场。", "开展各类阅读推广活动270场"),
]
SOCIAL = "通过面向市民免费开放，丰富了群众的文化生活，对保护文化遗产，传承人类优秀文化起到了重要作用"
ECONOMIC = "我馆长期免费向群众开放，进一步促进图书事业的发展，让群众在公共文化服务中得到实惠"
LASTING = "长期向读者免费开放，提供免费使用，对引领社会公众意识和文化走向起到重要作用"
SEED_INDICATORS = [
    ("产出指标", "数量指标", "免费服务读者人次", "≥", "40万人次", "人次", None, None, 10),
    ("产出指标", "数量指标", "开展各类阅读推广活动场数", "≥", "270场", "场", "270场", None, 10),
    ("产出指标", "数量指标", "建设红色文献主题馆", "≥", "1个", "个", "1个", None, 5),
    ("产出指标", "数量指标", "构建公共数字文化服务平台", "≥", "1个", "个", "1个", None, 5),
    ("产出指标", "质量指标", "红色文献主题馆建设质量", "定性", "符合国家质量体系要求", None, "符合国家质量体系要求", "达成", 5),
    (
        "产出指标",
        "质量指标",
        "公共数字文化服务平台建设质量",
        "定性",
        "符合国家公共文化服务体系示范区验收标准",
        None,
        "符合国家公共文化服务体系示范区验收标准",
        "达成",
        5,
    ),
    ("产出指标", "时效指标", "阅读推广活动完成及时性", "定性", "按期完成", None, "都按期完成", "达成", 5),
    (
        "产出指标",
        "时效指标",
        "公共文化云建设与对接",
        "定性",
        "2020—2021年实现公共文化云建设与对接",
        None,
        "2020—2021年实现公共文化云建设与对接",
        "达成",
        5,
    ),
    ("效益指标", "社会效益指标", "丰富群众文化生活、保护文化遗产、传承优秀文化", "定性", SOCIAL, None, SOCIAL, "达成", 10),
    ("效益指标", "经济效益指标", "群众从公共文化服务中得到实惠", "定性", ECONOMIC, None, ECONOMIC, "达成", 5),
    ("效益指标", "生态效益指标", "水、电消耗降低率", "≥", "1%", "%", "降低水、电消耗1%", None, 5),
    ("效益指标", "生态效益指标", "节能灯具使用率", "=", "100%", "%", "高达100%", None, 5),
    ("效益指标", "可持续影响指标", "引领社会公众意识和文化走向", "定性", "长期向读者免费开放", None, LASTING, "达成", 5),
    ("满意度指标", "服务对象满意度指标", "读者使用满意度", "≥", "95%", "%", "95%以上", None, 5),
    ("满意度指标", "服务对象满意度指标", "读者投诉率", "<", "1%", "%", "小于1%", None, 5),
]
INDICATOR_COLUMNS = ("level1", "level2", "level3", "operator", "target", "unit", "actual", "tier", "weight", "claimed_score", "reason")


def intake(fields=(), budget=None, goals=None, indicators=None, texts=(), changes=()):
    """A filled intake as bytes: the seed, with fields replaced, tables replaced, and `(三级指标, column, value)` changes."""
    book = Workbook()
    sheet = book.active
    sheet.title = UNIT.sheet
    sheet.append(FIELD_TITLES)
    for title, value in {**FIELDS, **dict(fields)}.items():
        sheet.append([title, value])
    sheet = book.create_sheet(BUDGET.sheet)
    sheet.append([c.title for c in BUDGET.columns])
    for line in BUDGET_LINES if budget is None else budget:
        kind, item, initial, full_year, executed, *reason = line
        sheet.append([kind, item, initial, full_year, executed, None, None, None, *reason])
    sheet = book.create_sheet(GOALS.sheet)
    sheet.append([c.title for c in GOALS.columns])
    for i, goal in enumerate(SEED_GOALS if goals is None else goals, 1):
        sheet.append([i, *goal])
    sheet = book.create_sheet(INDICATORS.sheet)
    sheet.append([INDICATORS.title(name) for name in INDICATOR_COLUMNS])
    changed = {(name, column): value for name, column, value in changes}
    for row in SEED_INDICATORS if indicators is None else indicators:
        values = dict(zip(INDICATOR_COLUMNS, row, strict=False))
        sheet.append([changed.get((values["level3"], c), values.get(c)) for c in INDICATOR_COLUMNS])
    sheet = book.create_sheet(REPORT.sheet)
    sheet.append([c.title for c in REPORT.columns])
    for section in REPORT_SECTIONS:
        sheet.append([section, dict(texts).get(section)])
    for sheet in book:
        for cell in (c for row in sheet.iter_rows() for c in row if c.data_type == "f"):
            cell.data_type = "s"
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def scored(**parts):
    """The results of one such intake."""
    submission = read_workbook(intake(**parts), source="填报表.xlsx")
    return score_submissions([submission])[0][0]
