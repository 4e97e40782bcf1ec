"""Intakes whose names and reasons speak of each other: budget lines inside indicator names, amounts inside reasons, figures inside names."""

from __future__ import annotations

import random

from scored_cases import indicator, submission

ITEMS = ("财政拨款", "其他资金", "基本支出", "项目支出", "上年结转资金", "公用经费", "人员经费", "专项资金")
NAMES = (
    "{item}支付及时率", "{item}使用合规率", "{item}监督检查次数", "{item}绩效管理培训人数", "{item}结转结余率", "{item}项目完成率", "三公经费变动率", "{item}预算编制准确率",
    "{item}补助人数", "{item}公开率", "{item}投入产出比", "预算调整率", "{item}执行进度达标率", "政府采购执行率", "人均{item}", "{item}控制数", "支持{item}项目数", "十四五{item}规划数",
    "5A级景区{item}", "2020年{item}检查批次", "预算单位覆盖率", "在编人员培训率", "编外人员培训人次", "内设机构考核个数", "新增就业人数", "得分率", "群众评分", "自评覆盖率",
)  # fmt: skip
UNITS = ("%", "%", "%", "次", "人", "个", "万元", "场", "万人次", "份", "人次")
REASONS = (
    "因调入{n}人，追加基本支出{x}万元。", "年中追加项目支出{x}万元，调整后预算为{y}万元。", "受疫情影响，少执行{x}万元，执行率只有{p}%。", "上年结转{x}万元，本年压减{p}%。",
    "完成{n}场，比上年{y}场减少{p}%。", "预算编制偏高{x}万元，下年度将执行率提高到{p}%以上。", "满意度问卷{n}份，回收率{p}%。", "年初预算{x}万元，收回{y}万元。", "自评得分{p}分。",
)  # fmt: skip
EXPECTED = (
    "{item}支出不超过{x}万元，惠及{n}人。",
    "全年{item}执行率达到{p}%以上，开展活动{n}场。",
    "完成{n}个项目，投资{x}万元。",
    "在编{n}人全部参加培训，满意度{p}%。",
)


def _amount(rng):
    return rng.choice(
        [round(rng.uniform(1, 9000), 2), float(rng.randint(1, 90000)), round(rng.uniform(0.01, 2), 4), round(rng.uniform(10000, 990000), 2)]
    )


def _words(rng, texts):
    facts = {"item": rng.choice(ITEMS), "x": _amount(rng), "y": _amount(rng), "n": rng.randint(2, 400), "p": rng.choice([100, 95, 87.5, 12.34])}
    return rng.choice(texts).format(**facts)


def speaking(number, seed="speaking"):
    """One such submission; every draw is of its seed."""
    rng = random.Random(f"{seed}-{number}")  # repeatable draws, no secret
    lines = []
    for item in rng.sample(ITEMS, rng.randint(2, 5)):
        full = _amount(rng)
        line = {
            "kind": rng.choice(["按来源", "按支出类型", "按来源"]),
            "item": item,
            "initial": rng.choice([None, full, _amount(rng)]),
            "full_year": full,
        }
        line["executed"] = round(full * rng.choice([1.0, rng.uniform(0.3, 1.0), 0.0]), 2)
        lines.append(line | {"reason": _words(rng, REASONS), "adjust_reason": rng.choice([None, _words(rng, REASONS)])})
    rows = []
    for _ in range(rng.randint(6, 14)):
        level = rng.choice(
            [
                ("产出指标", "数量指标"),
                ("产出指标", "质量指标"),
                ("产出指标", "成本指标"),
                ("效益指标", "社会效益指标"),
                ("满意度指标", "服务对象满意度指标"),
            ]
        )
        unit, target = rng.choice(UNITS), rng.choice([100, 95, 12, 300, 1, 2.5])
        actual = rng.choice([target, round(target * 1.1, 2), round(target * 0.9, 2), round(target * 0.5, 2)])
        cells = (str(target), unit, str(actual)) if rng.random() < 0.5 else (f"{target}{unit}", None, f"{actual}{unit}")
        rows.append(
            indicator(*level, _words(rng, NAMES), rng.choice(["≥", "≤", "="]), *cells, 6.0, None, None, rng.choice([None, _words(rng, REASONS)]))
        )
    goals = [
        {"number": str(i + 1), "expected": _words(rng, EXPECTED), "achieved": rng.choice([None, _words(rng, EXPECTED)])}
        for i in range(rng.randint(1, 3))
    ]
    unit = {"name": "示例单位", "fiscal_year": "2020", "evaluation": rng.choice(["部门整体", "项目"]), "money_unit": rng.choice(["万元", "元"])}
    unit |= {"staff": float(rng.randint(5, 90)), "posts": float(rng.randint(5, 90)), "departments": "办公室、财务科、业务科", "project": "示例项目"}
    unit |= {"claimed_total": str(rng.choice([88, 92.5, 97.66])), "claimed_grade": rng.choice(["优", "良", "中"])}
    report = rng.choice([(), ({"section": "预算绩效管理开展情况", "text": "按要求开展绩效自评。"},)])
    return submission(0, unit, budget=lines, goals=goals, indicators=rows, report=report, name=f"示例{number}.xlsx")
