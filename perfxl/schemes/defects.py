"""What is right in form but cannot be meant: numbers without a source, sums, bands, values out of bounds."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from perfxl.model.digits import plain
from perfxl.schemes.expression import data_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from perfxl.schemes.records import Budget, Management, Quantitative, Reverse, Scheme

EPSILON = 1e-9


def defects(scheme: Scheme, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is structurally right but cannot be meant: key and message, worst first."""
    yield from _unsourced(scheme, raw)
    yield from _wrong_sums(scheme)
    yield from _wrong_bands(scheme)
    yield from _wrong_values(scheme)


def numeric_keys(table: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a table that hold numbers, or rows with numbers."""
    for key, value in table.items():
        if key in ("source", "sources"):
            continue
        numbers = isinstance(value, int | float) and not isinstance(value, bool)
        if numbers or (isinstance(value, list) and any(isinstance(v, dict) for v in value)):
            yield key


def _unsourced(scheme: Scheme, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    tables: list[tuple[str, Any]] = []
    for key, value in raw.items():
        if isinstance(value, dict) and key != "sources":
            tables.append((key, value))
        elif isinstance(value, list) and all(isinstance(v, dict) for v in value):
            tables.extend((f"{key}[{i}]", v) for i, v in enumerate(value))
    for name, table in tables:
        for key in numeric_keys(table):
            source = table.get("sources", {}).get(key) or table.get("source", "")
            if not source:
                yield f"{name}.{key}", '这个数没有写依据；请在本表加 source = "…"，或在 sources 里给这个键写依据。'
            elif source not in scheme.sources:
                yield f"{name}.{key}", f"依据“{source}”没有在 [sources] 里列出。可用：{'、'.join(scheme.sources)}。"


def _wrong_sums(scheme: Scheme) -> Iterator[tuple[str, str]]:
    parts = [level.weight for level in scheme.levels] + [scheme.budget.weight]
    if abs(sum(parts) - scheme.full) > EPSILON:
        shown = "+".join(plain(part) for part in parts)
        yield ("levels", f"各一级指标和预算执行的分值合计{shown}={plain(sum(parts))}，应等于 full={plain(scheme.full)}。写了 [[levels]] 的，要写全。")
    if len({level.name for level in scheme.levels}) != len(scheme.levels):
        yield "levels", "一级指标重名。"
    for i, level in enumerate(scheme.levels):
        for name in level.gives_to:
            if scheme.level(name) is None:
                yield f"levels[{i}].gives_to", f"没有一级指标“{name}”。"
        if level.gives_to and abs(sum(level.gives_to.values()) - level.weight) > EPSILON:
            yield f"levels[{i}].gives_to", f"转出的分值合计应等于本指标的分值 {plain(level.weight)}。"


def _descending(values: Sequence[float] | Sequence[tuple[float, bool]]) -> bool:
    return all(a > b for a, b in itertools.pairwise(values))  # type: ignore[operator]  # all of one kind


def _wrong_bands(scheme: Scheme) -> Iterator[tuple[str, str]]:
    bands = [band.at_least for band in scheme.grades.bands]
    if not bands or not _descending(bands):
        yield "grades.bands", "等级的下限应从高到低，不能相等或交叉。"
    elif bands[-1] > 0 or bands[0] > scheme.full:
        yield "grades.bands", f"等级的下限应在 0 到 {plain(scheme.full)} 之间，最低一等从 0 开始，否则有的得分评不出等级。"
    budget, quantitative = scheme.budget, scheme.quantitative
    ladders = (("budget.tiers", budget.tiers), ("quantitative.steps", quantitative.steps), ("quantitative.over_steps", quantitative.over_steps))
    for key, rows in ladders:
        if any((row.at_least is None) == (row.above is None) for row in rows):
            yield key, "每一档写 at_least（含本数）或 above（不含本数）中的一个。"
        if not _descending([row.edge for row in rows]):
            yield key, "at_least 应从高到低排列，不能相等或交叉。"
        if key != "quantitative.over_steps" and any(row.edge[0] > 1 for row in rows):
            yield key, "档次的界限不能超过 1；比例写成小数，例如 95% 写作 0.95。"
    tiers = scheme.budget.tiers
    if scheme.budget.mode == "tiers" and (not tiers or tiers[-1].edge != (0, False)):
        yield "budget.tiers", "档次的下限 at_least 最低一档从 0 开始。"
    if any(tier.points > scheme.budget.weight for tier in tiers):
        yield "budget.tiers", f"档次得分不能超过预算执行的分值 {plain(scheme.budget.weight)}。"
    yield from _wrong_windows(scheme)
    yield from _wrong_management(scheme)


def _wrong_windows(scheme: Scheme) -> Iterator[tuple[str, str]]:
    tiers = scheme.qualitative.tiers
    if [tier.name for tier in tiers] != ["达成", "部分达成", "未达成"]:
        yield "qualitative.tiers", "应依次为 达成、部分达成、未达成 三档。"
    elif tiers[0].high != 1 or tiers[2].low != 0 or any(a.low != b.high for a, b in itertools.pairwise(tiers)):
        yield "qualitative.tiers", "三档应首尾相接：达成到 1 为止，未达成从 0 开始，中间不留空、不重叠；80% 写作 0.8。"
    for i, tier in enumerate(tiers):
        if not tier.low <= tier.default <= tier.high:
            yield f"qualitative.tiers[{i}].default", f"默认比例 {plain(tier.default)} 不在本档 [{plain(tier.low)}, {plain(tier.high)}] 之内。"


def _wrong_management(scheme: Scheme) -> Iterator[tuple[str, str]]:
    sums: dict[str, float] = {}
    for i, indicator in enumerate(scheme.management):
        key = f"management[{i}]"
        sums[indicator.level1] = sums.get(indicator.level1, 0) + indicator.weight
        if scheme.level(indicator.level1) is None:
            yield f"{key}.level1", f"没有一级指标“{indicator.level1}”。"
        if any(band.points > indicator.weight for band in indicator.bands):
            yield f"{key}.bands", f"档次得分不能超过本指标的分值 {plain(indicator.weight)}。"
        if indicator.mode == "checklist":
            continue
        try:
            data_items(indicator.value)
        except ValueError as error:
            yield f"{key}.value", str(error)
        bounds = [band.bound for band in indicator.bands]
        ordered = bounds if indicator.direction == "higher" else bounds[::-1]
        if indicator.mode == "bands" and (not bounds or not _descending(ordered)):
            yield f"{key}.bands", "各档的界限应从最好到最差排列，不能相等或交叉。"
        if indicator.mode == "deduct" and indicator.per_point <= 0:
            yield f"{key}.per_point", "按百分点扣分时应大于 0。"
        if indicator.mode == "ratio" and indicator.line <= 0:
            yield f"{key}.line", "按比例计分时应大于 0。"
    for name, total in sums.items():
        level = scheme.level(name)
        if level is not None and total > level.weight + EPSILON:
            yield "management", f"“{name}”下管理指标的分值合计 {plain(total)}，超过该一级指标的分值 {plain(level.weight)}。"


def _modes(scheme: Scheme) -> Iterator[tuple[str, Budget | Quantitative | Reverse | Management, str]]:
    """Every table that may deduct per whole step, and how it scores."""
    yield "budget", scheme.budget, scheme.budget.mode
    yield "quantitative", scheme.quantitative, scheme.quantitative.shortfall
    yield "reverse", scheme.reverse, scheme.reverse.shortfall
    yield from ((f"management[{i}]", indicator, indicator.mode) for i, indicator in enumerate(scheme.management))


def _wrong_values(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """Keys that another key asks for."""
    if scheme.budget.mode == "deduct" and scheme.budget.deduct_per_point <= 0:
        yield "budget.deduct_per_point", "按百分点扣分时应大于 0。"
    for key, table, mode in _modes(scheme):
        if mode == "deduct_per_step" and None in (table.deduct_step, table.deduct_points):
            yield f"{key}.deduct_step", "按整档扣分时，deduct_step（一档的比例，例如 0.05）和 deduct_points（扣的分）都要写，都应大于 0。"
    if scheme.quantitative.over_completion == "ladder" and not scheme.quantitative.over_steps:
        yield "quantitative.over_steps", 'over_completion = "ladder" 时应列出各档。'
    if scheme.quantitative.over_completion == "minus" and scheme.quantitative.over_minus <= 0:
        yield "quantitative.over_minus", 'over_completion = "minus" 时应大于 0。'
    if scheme.quantitative.shortfall == "steps" and not scheme.quantitative.steps:
        yield "quantitative.steps", 'shortfall = "steps" 时应列出各档。'
