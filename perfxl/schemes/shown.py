"""A scheme as people read it, and a commented file to start one from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.model.columns import MANAGEMENT
from perfxl.schemes import SCHEME_FOLDER, Management, Scheme, SchemeError, Source, Sourced, data_items
from perfxl.schemes.keys import SOURCES, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKS = keys_of(Source)["mark"].words


def basis_rows(scheme: Scheme) -> Iterator[tuple[str, str, str, str, str]]:
    """Every value of a scheme: group, key in words, value, source title and place, evidence mark."""
    for table_key in keys_of(Scheme).values():
        if table_key.record is None or not issubclass(table_key.record, Sourced):
            continue
        tables = getattr(scheme, table_key.name)
        for table in tables if isinstance(tables, tuple) else (tables,):
            group = f"{table_key.title}：{table.name}" if hasattr(table, "name") else table_key.title
            yield from ((group, *row) for row in _table_rows(table, scheme))


def _table_rows(table: Sourced, scheme: Scheme) -> Iterator[tuple[str, str, str, str]]:
    for key in keys_of(type(table)).values():
        if key.name in SOURCES or key.name == "name" or not key.in_use(table):
            continue
        value = getattr(table, key.name)
        source = scheme.sources.get(table.source_of(key.name))
        shown = worded_expression(value) if isinstance(table, Management) and key.name == "value" else key.shown(value)
        yield key.title, shown, f"{source.title}：{source.place}" if source else "", source.mark if source else ""


def worded_expression(text: str) -> str:
    """An expression over 管理指标数据 as people read it.

    >>> worded_expression("abs(预算调整数.actual) / 支出预算.budgeted")
    '绝对值(预算调整数（本年实际数）)÷支出预算（本年预算数）'
    """
    worded = text.replace(" / ", "÷").replace(" * ", "×").replace(" - ", "－").replace(" + ", "＋").replace("abs(", "绝对值(")
    for item, column in data_items(text):
        worded = worded.replace(f"{item}.{column}", f"{item}（{MANAGEMENT.title(column)}）")
    return worded


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

# 每低于5%扣2分的写法（只数整档，扣完为止；预算执行、越少越好的指标和管理指标同样可用，键名相同）；
# 档次的界限不含本数的，写 above = 0.9，代替 at_least = 0.9：
# [quantitative]
# sources = {{ shortfall = "local", deduct_step = "local", deduct_points = "local" }}
# shortfall = "deduct_per_step"
# deduct_step = 0.05
# deduct_points = 2

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
    if path.suffix.lower() != ".toml":
        raise SchemeError(f"{path.name}：方案文件的名称应以 .toml 结尾。", en=f"{path.name}: a scheme file ends in .toml.")
    if path.exists():
        raise SchemeError(f"{path.name}：文件已存在，没有改动。请换一个名称。", en=f"{path.name} exists and was not touched. Choose another name.")
    base = (SCHEME_FOLDER / "national-2020.toml").read_text("utf-8")
    commented = "\n".join(f"# {line}" if line else "#" for line in base.splitlines())
    path.write_text(_NEW_HEAD.format(name=path.name, id=path.stem) + commented + "\n", "utf-8")
