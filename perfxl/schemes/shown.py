"""A scheme as people read it, and a commented file to start one from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from perfxl.model.columns import MANAGEMENT
from perfxl.schemes import SCHEME_FOLDER, Band, Cap, Grade, Management, QualitativeTier, Scheme, SchemeError, Sourced, Step, Tier, data_items

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKS = {
    "C": "已在公布的文本或表格中核实",
    "C-form": "见于公布的填报表",
    "C-impl": "见于已使用的系统",
    "U": "未能核实原文，只作可修改的默认值",
    "D": "设计选择，可按本地要求修改",
}

_KEY_WORDS = {
    "weight": "分值",
    "mode": "计分方式",
    "base": "分母",
    "tiers": "档次",
    "rate_decimals": "执行率保留小数",
    "over_full": "超过100%",
    "zero_budget": "预算为0",
    "deduct_per_point": "每百分点扣分",
    "tolerance": "允许尾差（万元）",
    "name": "名称",
    "level2": "二级指标",
    "gives_to": "没有时分值归入",
    "shortfall": "未完成",
    "steps": "未完成档次",
    "pass_threshold": "及格门槛",
    "not_positive_target": "指标值不是正数",
    "over_completion": "超额完成",
    "over_at": "超额起点",
    "over_steps": "超额档次",
    "over_minus": "超额扣分",
    "names": "越少越好的名称",
    "roster_tolerance": "与名单金额允许差（万元）",
    "usual_share": "本批年度的单位占比",
    "peer_factor": "与同类单位相差倍数",
    "peer_count": "同类单位至少多于",
    "copied_sentence": "雷同句子的字数",
    "copied_units": "统一口径的单位数",
    "copied_rows": "照抄指标值的行数",
    "years_back": "预算年度最早在几年前",
    "staff_over_posts": "在职为编制的倍数",
    "money_per_head": "人均预算上限（万元）",
    "money_fen_from": "写到分的金额上限（万元）",
    "score": "得分取自",
    "policy": "处理",
    "max_points": "最多分值",
    "bands": "等级",
    "lower_bound": "下限",
    "caps": "总分上限",
    "claim_tolerance": "自评得分允许差",
    "execution_reason_below": "执行率低于此须说明",
    "adjustment_reason": "预算调整说明",
    "budget_lines": "合计以外的明细",
    "deviation_reason_below_full": "失分超过此须说明",
    "outrun_share": "指标得分率超出执行",
    "evidence_points": "高分值指标起点",
    "magnitude_factor": "数量级可疑倍数",
    "budget_unit_factor": "金额单位可疑倍数",
    "level1": "一级指标",
    "value": "算式",
    "equal": "“=”不相等时",
    "missing_actual": "缺实际完成值",
    "decimals": "保留小数",
    "asks": "评价内容",
    "direction": "方向",
    "line": "标准",
    "per_point": "每百分点扣分",
}

_TABLES = (
    ("budget", "预算执行"),
    ("levels", "一级指标"),
    ("quantitative", "定量指标"),
    ("reverse", "越少越好的指标"),
    ("qualitative", "定性指标"),
    ("not_applicable", "不适用"),
    ("rounding", "四舍五入"),
    ("grades", "等级"),
    ("total_caps", "总分上限"),
    ("checks", "检查"),
    ("management", "管理指标"),
)


def basis_rows(scheme: Scheme) -> Iterator[tuple[str, str, str, str, str]]:
    """Every value of a scheme: group, key in words, value, source title and place, evidence mark."""
    for name, title in _TABLES:
        tables = getattr(scheme, name)
        for table in tables if isinstance(tables, tuple) else (tables,):
            group = f"{title}：{table.name}" if hasattr(table, "name") else title
            yield from ((group, *row) for row in _table_rows(table, scheme))


def _table_rows(table: Sourced, scheme: Scheme) -> Iterator[tuple[str, str, str, str]]:
    for field in msgspec.structs.fields(table):
        value = getattr(table, field.name)
        if field.name in ("source", "sources", "name") or value in ("", (), {}, None):
            continue
        source = scheme.sources.get(table.source_of(field.name))
        text = f"{source.title}：{source.place}" if source else ""
        key = "档次" if isinstance(table, Management) and field.name == "bands" else _KEY_WORDS.get(field.name, field.name)
        shown = worded_expression(value) if isinstance(table, Management) and field.name == "value" else _shown(value)
        yield key, shown, text, source.mark if source else ""


def worded_expression(text: str) -> str:
    """An expression over 管理指标数据 as people read it.

    >>> worded_expression("abs(预算调整数.actual) / 支出预算.budgeted")
    '绝对值(预算调整数（本年实际数）)÷支出预算（本年预算数）'
    """
    worded = text.replace(" / ", "÷").replace(" * ", "×").replace(" - ", "−").replace(" + ", "＋").replace("abs(", "绝对值(")
    for item, column in data_items(text):
        worded = worded.replace(f"{item}.{column}", f"{item}（{MANAGEMENT.title(column)}）")
    return worded


_VALUE_WORDS = {
    "linear": "按比例",
    "tiers": "按档",
    "deduct": "按百分点扣分",
    "full_year": "全年预算数",
    "initial": "年初预算数",
    "cap": "得满分",
    "zero": "得0分",
    "refuse": "不评分",
    "unscorable": "不评分",
    "full-if-unspent": "未支出得满分",
    "ratio": "按比例",
    "steps": "按档",
    "none": "不处理",
    "flag": "提示",
    "reason": "没有说明原因的提示",
    "ladder": "按档",
    "minus": "扣分",
    "claimed": "单位自评得分（在本档之内）",
    "default": "本档默认比例",
    "rescale": "其余指标折算为满分",
    "exclude": "不折算",
    "inclusive": "含本数",
    "exclusive": "不含本数",
    "manual": "由人确定",
    "open": "暂不计分",
    "half-up": "四舍五入",
    "truncate": "截尾",
    "bands": "按档",
    "required": "须说明",
    "optional": "不要求",
    "checklist": "按完成等级",
    "higher": "越高越好",
    "lower": "越低越好",
}


def _shown(value: object) -> str:
    """A value of a scheme in Chinese."""
    match value:
        case Tier():
            return f"{value.at_least * 100:g}%及以上得{value.points:g}分"
        case Step():
            return f"{value.at_least * 100:g}%及以上得分值的{value.share * 100:g}%"
        case Grade():
            return f"{value.name} {value.at_least:g}"
        case Cap():
            return f"执行率低于{value.rate_below * 100:g}%的总分不超过{value.at_most:g}"
        case QualitativeTier():
            return f"{value.name} {value.low * 100:g}%~{value.high * 100:g}%（没有自评得分的按{value.default * 100:g}%）"
        case Band():
            return f"{value.bound * 100:g}%得{value.points:g}分"
        case dict():
            return "、".join(f"{name} {points:g}" for name, points in value.items())
        case tuple():
            return "；".join(_shown(item) for item in value) if value and isinstance(value[0], msgspec.Struct) else "、".join(map(str, value))
        case bool():
            return "是" if value else "否"
        case float() | int():
            return f"{value:g}"
    return _VALUE_WORDS.get(str(value), str(value))


def scheme_lines(scheme: Scheme) -> Iterator[str]:
    """A scheme for the terminal: group by group, every value with the number of its source; the sources follow, once each."""
    yield f"{scheme.title}  [{scheme.id}]"
    yield scheme.note
    last = ""
    numbers: dict[tuple[str, str], int] = {}
    for group, key, value, source, mark in basis_rows(scheme):
        if group != last:
            yield f"\n{group}"
            last = group
        note = f"  [{numbers.setdefault((source, mark), len(numbers) + 1)}]" if source else ""
        yield f"  {key}：{value}{note}"
    yield "\n依据"
    for (source, mark), number in numbers.items():
        yield f"  [{number}] {source}（{mark}：{MARKS[mark]}）"


_NEW_HEAD = """# 本地评分方案。只写与基础方案不同的地方；没有写的都沿用 extends 所指的方案。
# 检查：perfxl schemes show {name}    使用：perfxl score 填报表.xlsx --scheme {name}
# 改了哪个数，就在那张表的 sources 里写它的依据；依据在 [sources.…] 里写清标题、位置和把握程度（mark）：
#   C 已核实的公布文本 · C-form 公布的填报表 · C-impl 已使用的系统 · U 未核实 · D 自定
id = "{id}"
title = "{id}"
note = "在全国通用(2020)的基础上按本地通知修改。"
extends = "national-2020"

[sources.local]
title = "（本地通知的标题和文号）"
place = "（第几条或哪张附表）"
mark = "U"
cite = "参照本地通知"

# 预算执行按档计分的写法（去掉行首的 # 启用）：
# [budget]
# sources = {{ tiers = "local", rate_decimals = "local" }}
# mode = "tiers"
# rate_decimals = 2
# tiers = [
#   {{ at_least = 1, points = 10 }},
#   {{ at_least = 0.8, points = 7 }},
#   {{ at_least = 0.6, points = 5 }},
#   {{ at_least = 0, points = 0 }},
# ]

# 超额完成达到150%及以上且无原因才提示的写法：
# [quantitative]
# sources = {{ over_at = "local" }}
# over_at = 1.5

# 等级另加一等的写法（从高到低，最低一等从 0 开始）：
# [grades]
# sources = {{ bands = "local" }}
# bands = [
#   {{ name = "优秀", at_least = 95 }},
#   {{ name = "良好", at_least = 85 }},
#   {{ name = "中等", at_least = 75 }},
#   {{ name = "合格", at_least = 60 }},
#   {{ name = "不合格", at_least = 0 }},
# ]

# 定性指标另定档次的写法（比例，首尾相接）：
# [qualitative]
# sources = {{ tiers = "local" }}
# tiers = [
#   {{ name = "达成", low = 0.8, high = 1, default = 1 }},
#   {{ name = "部分达成", low = 0.5, high = 0.8, default = 0.5 }},
#   {{ name = "未达成", low = 0, high = 0.5, default = 0 }},
# ]

# 执行率低的，总分封顶的写法：
# [total_caps]
# sources = {{ caps = "local" }}
# caps = [
#   {{ rate_below = 0.8, at_most = 89 }},
#   {{ rate_below = 0.6, at_most = 69 }},
# ]

# ---------------------------------------------------------------------------
# 以下是基础方案的全部键和值，供对照；复制需要修改的一段到上面，去掉行首的 # 再改。
"""


def write_new_scheme(path: Path) -> None:
    """Write a commented scheme that extends the national one; an existing file is never touched.

    Raises:
        SchemeError: the name does not end in .toml, or the file exists.
    """
    if path.suffix != ".toml":
        raise SchemeError(f"{path.name}：方案文件的名称应以 .toml 结尾。", en=f"{path.name}: a scheme file ends in .toml.")
    if path.exists():
        raise SchemeError(f"{path.name}：文件已存在，没有改动。请换一个名称。", en=f"{path.name} exists and was not touched. Choose another name.")
    base = (SCHEME_FOLDER / "national-2020.toml").read_text("utf-8")
    commented = "\n".join(f"# {line}" if line else "#" for line in base.splitlines())
    path.write_text(_NEW_HEAD.format(name=path.name, id=path.stem) + commented + "\n", "utf-8")
