"""Submissions made without files, for tests of results: the seed library's year and seeded random ones."""

from __future__ import annotations

import hashlib
import random
from datetime import date

import msgspec

from perfxl.intake.submission import Place, SheetRow, Submission
from perfxl.model.addresses import letters
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT
from perfxl.schemes import Band, Cap, Grade, ShareStep, Tier, data_items, load_scheme

HEADER = 3


def submission(number, fields, *, budget=(), goals=(), indicators=(), management=(), report=(), own=None, name="填报表.xlsx"):
    """Raw rows at the template's places: header in row 3, columns in declared order."""
    made = Submission(number, name, hashlib.sha256(f"{name}{number}".encode()).hexdigest())
    made.fields = dict(fields)
    made.places["unit"] = Place(UNIT.sheet, 3, {c.name: f"B{4 + i}" for i, c in enumerate(UNIT.columns)})
    for table, rows in ((BUDGET, budget), (GOALS, goals), (INDICATORS, indicators), (MANAGEMENT, management), (REPORT, report)):
        if rows:
            made.places[table.name] = Place(table.sheet, HEADER, {c.name: letters(i) for i, c in enumerate(table.columns)})
            made.rows[table.name] = [SheetRow(HEADER + 1 + i, dict(row)) for i, row in enumerate(rows) if row is not None]
    made.own_columns = own or {}
    return made


def indicator(level1, level2, level3, operator, target, unit, actual, weight, tier=None, claimed=None, reason=None, **more):
    return {
        "level1": level1,
        "level2": level2,
        "level3": level3,
        "operator": operator,
        "target": target,
        "unit": unit,
        "actual": actual,
        "tier": tier,
        "weight": weight,
        "claimed_score": claimed,
        "reason": reason,
        **more,
    }


def seed_library(number=0, visitors=None, **fields):
    """The year of `samples/`, short of the texts: one actual is missing unless `visitors` says it."""
    unit = {
        "name": "萍乡图书馆",
        "authority": "市文广新旅局",
        "region": "萍乡市",
        "fiscal_year": "2020",
        "evaluation": "部门整体",
        "scheme": "全国通用(2020)",
        "money_unit": "万元",
        "staff": 26.0,
        "new_staff": 3.0,
        "claimed_grade": "优",
        **fields,
    }
    budget = [
        {"kind": "合计", "item": "年度资金总额"},
        {"kind": "按来源", "item": "当年财政拨款", "full_year": 640.84, "executed": 555.83},
        None,
        None,
        None,
        None,
        None,
        None,
        {"kind": "按来源", "item": "其他资金", "full_year": 0.92, "executed": 0.92},
        {"kind": "按支出类型", "item": "基本支出", "full_year": 641.76, "executed": 556.75},
    ]
    goals = [
        {"number": "1", "expected": "做好古籍保护，建设红色文献主题馆。", "achieved": "建设红色文献主题馆1个"},
        {"number": "2", "expected": "全年免费服务读者40万人次。"},
        {"number": "3", "expected": "构建公共数字文化服务平台。", "achieved": "平台1个"},
        {"number": "4", "expected": "开展各类阅读推广活动270场。", "achieved": "开展各类阅读推广活动270场"},
    ]
    out, effect, pleased = "产出指标", "效益指标", "满意度指标"
    quality = "符合国家公共文化服务体系示范区验收标准"
    rows = [
        indicator(out, "数量指标", "免费服务读者人次", "≥", "40万人次", "人次", visitors, 10.0),
        indicator(out, "数量指标", "开展各类阅读推广活动场数", "≥", "270场", "场", "270场", 10.0),
        indicator(out, "数量指标", "建设红色文献主题馆", "≥", "1个", "个", "1个", 5.0),
        indicator(out, "数量指标", "构建公共数字文化服务平台", "≥", "1个", "个", "1个", 5.0),
        indicator(out, "质量指标", "红色文献主题馆建设质量", "定性", "符合国家质量体系要求", None, "符合国家质量体系要求", 5.0, "达成"),
        indicator(out, "质量指标", "公共数字文化服务平台建设质量", "定性", quality, None, quality, 5.0, "达成"),
        indicator(out, "时效指标", "阅读推广活动完成及时性", "定性", "按期完成", None, "都按期完成", 5.0, "达成"),
        indicator(out, "时效指标", "公共文化云建设与对接", "定性", "2020—2021年实现对接", None, "2020—2021年实现对接", 5.0, "达成"),
        indicator(
            effect, "社会效益", "丰富群众文化生活、保护文化遗产、传承优秀文化", "定性", "丰富群众文化生活", None, "丰富了群众文化生活", 10.0, "达成"
        ),
        indicator(effect, "经济效益", "群众从公共文化服务中得到实惠", "定性", "得到实惠", None, "得到实惠", 5.0, "达成"),
        indicator(effect, "生态效益", "水、电消耗降低率", "≥", "1%", "%", "降低水、电消耗1%", 5.0),
        indicator(effect, "生态效益", "节能灯具使用率", "=", "100%", "%", "高达100%", 5.0),
        indicator(effect, "可持续影响", "引领社会公众意识和文化走向", "定性", "长期向读者免费开放", None, "长期免费开放", 5.0, "达成"),
        indicator(pleased, "服务对象满意度", "读者使用满意度", "≥", "95%", "%", "95%以上", 5.0),
        indicator(pleased, "服务对象满意度", "读者投诉率", "<", "1%", "%", "小于1%", 5.0),
    ]
    return submission(number, unit, budget=budget, goals=goals, indicators=rows, name="萍乡图书馆2020.xlsx")


# seeded random submissions

_LEVELS = (
    ("产出指标", "数量指标"),
    ("产出指标", "质量指标"),
    ("产出指标", "时效指标"),
    ("产出指标", "成本指标"),
    ("效益指标", "社会效益"),
    ("效益指标", "经济效益"),
    ("效益指标", "生态效益"),
    ("效益指标", "可持续影响"),
    ("满意度指标", "服务对象满意度"),
    ("成本指标", "经济成本"),
)
_NAMES = ("接待读者", "举办活动", "读者投诉率", "单位成本", "图书采购", "设备完好率", "开放时间", "能耗")


def _amount(rng):
    return rng.choice([round(rng.uniform(0, 3000), 2), round(rng.uniform(0, 50), 4), float(rng.randint(0, 500)), 0.0])


def _quantity(rng, unit):
    number = rng.choice([rng.randint(1, 400), round(rng.uniform(0.1, 120), rng.randint(1, 3)), 0, -rng.randint(1, 20)])
    return f"{number}{unit}"


def _numeric(rng):
    unit = rng.choice(["场", "人次", "%", "", "万人次", "个", "万元"])
    operator = rng.choice(["≥", "≤", "=", ">", "<", None])
    target = _quantity(rng, unit)
    base = float(target.removesuffix(unit) or 0)
    near = rng.choice([base, round(base * rng.uniform(0.3, 1.9), 3), base + 1, round(base * rng.uniform(0.95, 1.05), 2)])
    actual = rng.choice([f"{near:g}{unit}", f"{near:g}", f"{near:g}{unit}以上", f"约{near:g}{unit}", None, f"{near:g}{unit}", "已完成"])
    if rng.random() < 0.15:
        target = f"{abs(base):g}~{abs(base) + rng.randint(1, 30):g}{unit}"
    return operator, target, unit or None, actual, None, None


def _worded(rng):
    weight = rng.choice([5.0, 10.0, 3.0, 7.5])
    tier = rng.choice(["达成", "部分达成", "未达成", "达成", None])
    claimed = rng.choice([None, None, weight, round(weight * rng.uniform(0, 1), 2), round(weight * 0.8, 2), round(weight * 0.6, 2), "4.5分", "良"])
    return (
        "定性",
        rng.choice(["效果明显", "按规定执行", "符合要求"]),
        None,
        rng.choice(["效果明显", "达到预期目标", "基本完成", None]),
        tier,
        (weight, claimed),
    )


def _dated(rng):
    due = date(2020, rng.randint(1, 12), rng.randint(1, 28))
    done = rng.choice([due.isoformat(), f"2020年{rng.randint(1, 12)}月", date(2021, 1, 5).isoformat(), None, "已按期完成", "2020年第三季度"])
    return (
        "期限",
        rng.choice([due.isoformat(), f"2020年{due.month}月底前", f"{due.month}月前"]),
        None,
        done,
        rng.choice([None, "部分达成", "未达成", "达成"]),
        None,
    )


def _random_row(rng, year_levels):
    level1, level2 = rng.choice(year_levels)
    operator, target, unit, actual, tier, worded = rng.choices([_numeric, _worded, _dated], [6, 2, 1])[0](rng)
    weight, claimed = worded or (rng.choice([5.0, 10.0, 4.0, 2.5, 12.34]), rng.choice([None, None, 5.0]))
    if rng.random() < 0.06:
        weight = rng.choice([None, "10分", "5", 0.0, -2.0, "十"])
    reason = rng.choice([None, None, "受疫情影响，活动减少。"])
    if rng.random() < 0.05:
        tier, reason = "不适用", rng.choice(["本年没有这项工作", "机构改革后划出", None])
    row = indicator(level1, level2, rng.choice(_NAMES) + str(rng.randint(1, 99)), operator, target, unit, actual, weight, tier, claimed, reason)
    if rng.random() < 0.05:
        row["adjusted_target"] = _quantity(rng, unit or "个")
    if rng.random() < 0.1:
        row["level1"] = None
    if rng.random() < 0.03:
        row |= {"level3": f"其中：{row['level3']}", "weight": None}
    return row


def _random_budget(rng):
    """Lines of every branch of the calculation, typed as numbers or texts."""

    def line(kind, item, *, half=False):
        full = _amount(rng)
        executed = round(full * rng.choice([1.0, 0.8, rng.uniform(0, 1), rng.uniform(0.9, 1.2)]), 2)
        row = {"kind": kind, "item": item, "initial": rng.choice([None, full, _amount(rng)]), "full_year": full, "executed": executed}
        if rng.random() < 0.08:
            row["full_year"] = rng.choice([f"{full}万元", f"{full:g}"])
        if rng.random() < 0.03:
            row["executed"] = rng.choice(["-5", "未知", -3.0])
        if half:
            row[rng.choice(["full_year", "executed"])] = None
        return row

    rows = [line("按来源", "当年财政拨款"), line("其中", "一般公共预算拨款"), line("按来源", "其他资金", half=rng.random() < 0.08)]
    if rng.random() < 0.5:
        rows.append(line("按支出类型", "基本支出"))
        if (
            rng.random() < 0.5
            and isinstance(rows[0]["full_year"], float)
            and isinstance(rows[2]["full_year"], float)
            and isinstance(rows[0]["executed"], float)
            and isinstance(rows[2]["executed"], float)
        ):
            rows[-1] |= {
                "full_year": round(rows[0]["full_year"] + rows[2]["full_year"], 4),
                "executed": round(rows[0]["executed"] + rows[2]["executed"], 4),
            }
    total = {"kind": "合计", "item": "年度资金总额", "weight": rng.choice([None, 10.0, 10.0, 20.0, "10分"])}
    if rng.random() < 0.3:
        total |= {"full_year": _amount(rng), "executed": _amount(rng)}
    if rng.random() < 0.15:
        rows = [row for row in rows if row["kind"] == rng.choice(["按支出类型", "其中"])]
    if rng.random() < 0.05:
        return rows
    return [total, *rows] if rng.random() < 0.8 else [*rows, total]


def random_submission(number, seed, *, rows=None):
    """A submission with every kind of row and mistake; the same seed gives the same one."""
    rng = random.Random(f"{seed}-{number}")
    unit = {
        "name": f"第{number}图书馆",
        "authority": "市文广新旅局",
        "fiscal_year": rng.choice(["2020", "2021年"]),
        "evaluation": rng.choice(["部门整体", "单位整体", "项目"]),
        "money_unit": rng.choice(["万元", "元", None, "万元"]),
        "claimed_total": rng.choice([None, 92.5, "95分"]),
        "claimed_grade": rng.choice([None, "优", "良"]),
    }
    levels = _LEVELS[:9] if rng.random() < 0.8 else _LEVELS
    indicators = [_random_row(rng, levels) for _ in range(rows or rng.randint(3, 14))]
    goals = [{"number": str(i), "expected": "完成全年工作目标", "achieved": rng.choice([None, "已完成"])} for i in range(rng.randint(0, 3))]
    return submission(number, unit, budget=_random_budget(rng), goals=goals, indicators=indicators, name=f"随机{number}.xlsx")


def management_submission(number, seed, scheme):
    """A row for every management indicator of a scheme and its data: numbers, texts, zeros and blanks."""
    rng = random.Random(f"{seed}-{number}")
    items = sorted({item for m in scheme.management if m.mode != "checklist" for item, _ in data_items(m.value)})

    def amount():
        return rng.choice(
            [float(rng.randint(1, 60)), round(rng.uniform(5, 50), 2), f"{rng.randint(1, 60)}", 0.0, 20.0, 20.0, 20.0, rng.choice([None, 20.0])]
        )

    data = [{"item": item, "last_year": amount(), "budgeted": amount(), "actual": amount()} for item in items]
    rows = [
        indicator(
            m.level1,
            m.level2,
            m.name,
            None,
            "按指标解释",
            None,
            "见管理指标数据",
            m.weight,
            rng.choice(["达成", "部分达成"]) if m.mode == "checklist" else None,
        )
        for m in scheme.management
    ]
    unit = {"name": f"第{number}图书馆", "fiscal_year": "2020", "money_unit": "万元"}
    return submission(number, unit, budget=_random_budget(rng), indicators=rows, management=data, name=f"管理{number}.xlsx")


def scheme_variants():
    """Every value of every axis of a scheme that changes points, as name and scheme."""
    base = load_scheme("national-2020")

    def changed(table, **values):
        return msgspec.structs.replace(base, **{table: msgspec.structs.replace(getattr(base, table), **values)})

    steps = (ShareStep(at_least=0.9, share=0.8), ShareStep(at_least=0.6, share=0.5), ShareStep(at_least=0, share=0))
    ladder = (ShareStep(at_least=2, share=0.5), ShareStep(at_least=1.5, share=0.8), ShareStep(at_least=1.3, share=0.9))
    tiers = (Tier(at_least=1, points=10), Tier(at_least=0.8, points=7), Tier(at_least=0.57, points=5), Tier(at_least=0, points=0))
    variants = {
        "national-2020": base,
        "jiangxi": load_scheme("jiangxi"),
        "budget-tiers": changed("budget", mode="tiers", tiers=tiers),
        "budget-deduct": changed("budget", mode="deduct", deduct_per_point=0.2),
        "budget-rounded-rate": changed("budget", rate_decimals=0),
        "budget-over-zero": changed("budget", over_full="zero", zero_budget="zero"),
        "budget-over-refuse": changed("budget", over_full="refuse", zero_budget="full-if-unspent"),
        "budget-initial": changed("budget", base="initial"),
        "shortfall-steps": changed("quantitative", shortfall="steps", steps=steps),
        "pass-threshold": changed("quantitative", pass_threshold=0.6),
        "not-positive-linear": changed("quantitative", not_positive_target="linear"),
        "over-ladder": changed("quantitative", over_completion="ladder", over_steps=ladder),
        "over-minus": changed("quantitative", over_completion="minus", over_minus=2.0),
        "reverse-linear": changed("reverse", shortfall="linear"),
        "tier-default": changed("qualitative", score="default"),
        "not-applicable-exclude": changed("not_applicable", policy="exclude"),
        "not-applicable-zero": changed("not_applicable", policy="zero"),
        "caps": changed("total_caps", caps=(Cap(rate_below=0.8, at_most=60), Cap(rate_below=0.6, at_most=40), Cap(rate_below=0.5, at_most=30))),
        "equal-manual": changed("quantitative", equal="manual", missing_actual="zero"),
        "reverse-manual": changed("reverse", shortfall="manual"),
        "truncate": changed("rounding", mode="truncate", decimals=1),
        "hubei": load_scheme("hubei"),
        "national-2021": load_scheme("national-2021"),
        "grades-exclusive": changed("grades", lower_bound="exclusive", bands=(Grade(name="优", at_least=60), Grade(name="良", at_least=40))),
    }
    return {name: msgspec.structs.replace(scheme, title=f"{scheme.title} {name}") for name, scheme in variants.items()}


# schemes whose every number is drawn


def _digits(rng, low, high):
    return round(rng.uniform(low, high), rng.randint(1, 9))


def _edges(rng, kind, count, top, **values):
    """Tiers or steps from the best down, each beginning at or above a drawn bound."""
    bounds = sorted({_digits(rng, 0.02, top) for _ in range(count)}, reverse=True)
    worth = sorted((_digits(rng, 0, 1) for _ in bounds), reverse=True)
    (name, scale) = next(iter(values.items()))
    rows = [kind(**{rng.choice(["at_least", "above"]): bound}, **{name: round(share * scale, 9)}) for bound, share in zip(bounds, worth, strict=True)]
    return tuple(rows)


def _steps_of(rng):
    return {"deduct_step": _digits(rng, 0.005, 0.2), "deduct_points": _digits(rng, 0.1, 3)}


def _drawn_management(rng, indicator_):
    if indicator_.mode == "checklist":
        return indicator_
    mode, direction = rng.choice(["deduct", "bands", "ratio", "deduct_per_step"]), rng.choice(["higher", "lower"])
    weight = _digits(rng, 1, 9)
    bounds = sorted({_digits(rng, 0, 2) for _ in range(4)}, reverse=direction == "higher")
    shares = sorted((_digits(rng, 0, 1) for _ in bounds), reverse=True)
    bands = tuple(Band(bound=b, points=round(s * weight, 9)) for b, s in zip(bounds, shares, strict=True))
    drawn = {"weight": weight, "line": _digits(rng, 0.1, 2), "per_point": _digits(rng, 0.01, 0.5), "bands": bands, **_steps_of(rng)}
    return msgspec.structs.replace(indicator_, mode=mode, direction=direction, **drawn)


def random_scheme(seed, base="national-2020"):
    """A scheme with a drawn value on every axis and drawn digits in every number that scoring reads; not validated."""
    rng = random.Random(f"scheme-{seed}")
    scheme = load_scheme(base)
    weight = rng.choice([scheme.budget.weight or 10.0, _digits(rng, 5, 25)])
    first, second = sorted((_digits(rng, 0.1, 0.95), _digits(rng, 0.1, 0.95)), reverse=True)
    windows = ((first, 1.0), (second, first), (0.0, second))
    tiers = tuple(
        msgspec.structs.replace(tier, low=low, high=high, default=round(rng.uniform(low, high), 8))
        for tier, (low, high) in zip(scheme.qualitative.tiers, windows, strict=True)
    )
    bounds = sorted({_digits(rng, 5, 98) for _ in range(3)}, reverse=True)
    bands = (*(Grade(name=name, at_least=bound) for name, bound in zip("优良中", bounds, strict=False)), Grade(name="差", at_least=0))
    caps = tuple(Cap(rate_below=_digits(rng, 0.2, 1), at_most=_digits(rng, 20, 95)) for _ in range(3))
    over = _digits(rng, 1.01, 2)
    ladder = _edges(rng, ShareStep, 3, 3.0, share=1)
    tables = {
        "budget": {
            "weight": weight,
            "mode": rng.choice(["linear", "tiers", "deduct", "deduct_per_step"]),
            "base": rng.choice(["full_year", "full_year", "initial"]),
            "tiers": _edges(rng, Tier, 5, 1.0, points=weight),
            "rate_decimals": rng.choice([None, None, 0, 1, 2, 3]),
            "over_full": rng.choice(["cap", "zero", "refuse"]),
            "zero_budget": rng.choice(["unscorable", "zero", "full-if-unspent"]),
            "deduct_per_point": _digits(rng, 0.05, 1),
            "tolerance": _digits(rng, 0.001, 0.5),
            **_steps_of(rng),
        },
        "quantitative": {
            "shortfall": rng.choice(["ratio", "steps", "deduct_per_step"]),
            "steps": _edges(rng, ShareStep, 4, 1.0, share=1),
            "pass_threshold": rng.choice([0, _digits(rng, 0.05, 0.9)]),
            "equal": rng.choice(["ratio", "ratio", "manual"]),
            "missing_actual": rng.choice(["open", "open", "zero"]),
            "not_positive_target": rng.choice(["zero", "linear"]),
            "over_completion": rng.choice(["reason", "ladder", "minus"]),
            "over_at": over,
            "over_steps": ladder,
            "over_minus": _digits(rng, 0.1, 3),
            **_steps_of(rng),
        },
        "reverse": {"shortfall": rng.choice(["ratio", "linear", "manual", "deduct_per_step"]), **_steps_of(rng)},
        "qualitative": {"tiers": tiers, "score": rng.choice(["claimed", "claimed", "default"])},
        "not_applicable": {"policy": rng.choice(["rescale", "rescale", "exclude", "zero"]), "max_points": _digits(rng, 5, 40)},
        "rounding": {"mode": rng.choice(["half-up", "half-up", "truncate"]), "decimals": rng.choice([2, 2, 0, 1, 3, 4])},
        "grades": {"bands": bands, "lower_bound": rng.choice(["inclusive", "exclusive"])},
        "total_caps": {"caps": rng.choice([(), caps])},
        "checks": {"claim_tolerance": _digits(rng, 0.001, 2)},
    }
    drawn = {name: msgspec.structs.replace(getattr(scheme, name), **values) for name, values in tables.items()}
    drawn["management"] = tuple(_drawn_management(rng, m) for m in scheme.management)
    full = rng.choice([scheme.full, _digits(rng, 40, 150)])
    return msgspec.structs.replace(scheme, title=f"{scheme.title} 抽取{seed}", full=full, **drawn)
