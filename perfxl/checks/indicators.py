"""Checks of the rows of 绩效指标. What is wrong with a value itself comes from reading it, not from here."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check
from perfxl.checks.masks import counted, each, flags, is_, kept, numbers, place, position, texts, unanswered, where
from perfxl.checks.words import (
    COST_LEVELS,
    EARNINGS,
    MAY_BE_NEGATIVE,
    MONEY_NAMES,
    MONEY_UNITS,
    RATES_OF_A_WHOLE,
    last_year,
    not_assessable,
    proper_level2,
)
from perfxl.intake.submission import folded
from perfxl.model.columns import INDICATORS, TIERS, YES_NO
from perfxl.model.levels import COST, EFFECT, LEVEL1, LEVEL1_OF_LEVEL2, OUTPUT, SATISFACTION
from perfxl.model.rounding import round_points, snap
from perfxl.rules.deadline import DEADLINE, day_number, late
from perfxl.rules.frames import EXECUTION
from perfxl.rules.qualitative import QUALITATIVE, tier_window
from perfxl.rules.quantitative import over_completed
from perfxl.rules.results import Status
from perfxl.rules.wording import number, percent
from perfxl.schemes import data_items
from perfxl.values.direction import is_lower
from perfxl.values.vocabulary import HANDLING_NAMES, REDUCTION_NAMES, YES_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perfxl.checks.engine import Tell
    from perfxl.checks.masks import Bools
    from perfxl.rules.results import Results

    Row = Mapping[str, Any]


def _kind(results: Results, *kinds: str) -> Bools:
    return is_(texts(results.frames.indicators, "kind"), *kinds)


def _silent(results: Results, candidates: Bools, name: str) -> Bools:
    """The candidates whose cell says nothing: blank, 无, /, 0."""
    return unanswered(candidates, texts(results.frames.indicators, name))


# what the row is


def level_unknown(results: Results) -> Bools:
    """一级指标 must be one of the scheme's; a blank that nothing tells is unknown too."""
    names = [level.name for level in results.scheme.levels]
    return counted(results) & ~is_(texts(results.frames.indicators, "block"), *names)


def _level_facts(row: Row, results: Results) -> dict[str, str]:
    shown = row["level1_typed"] or row["block"]
    return {
        "level1": f"“{shown}”" if shown else "空白",
        "level1_en": f"“{shown}”" if shown else "blank",
        "levels": "、".join(level.name for level in results.scheme.levels),
    }


def name_missing(results: Results) -> Bools:
    """A row that counts has a 三级指标; a blank is what it looks for."""
    return counted(results) & is_(texts(results.frames.indicators, "name"), "")


def execution_row(results: Results) -> Bools:
    """预算执行率 is scored on its own sheet; a printed row without anything filled in is nothing."""
    frame = results.frames.indicators
    rows = is_(texts(frame, "role"), EXECUTION)
    return rows & ~(is_(texts(frame, "weight_text"), "") & is_(texts(frame, "actual"), "") & is_(texts(frame, "claimed_score_text"), ""))


def level2_mismatch(results: Results) -> Bools:
    """A 三级指标 stands under the 二级指标 its name speaks of; blanks and levels of one's own say nothing."""
    frame = results.frames.indicators
    return where(counted(results), lambda *row: bool(proper_level2(*row)), texts(frame, "name"), texts(frame, "level2"))


def levels_disagree(results: Results) -> Bools:
    """A 二级指标 stands under its own 一级指标; blanks and levels of one's own say nothing."""
    frame = results.frames.indicators
    return where(counted(results), lambda *row: bool(_own_level1(*row)), texts(frame, "level2"), texts(frame, "level1"))


def _own_level1(level2: str, level1: str) -> str:
    """The first level a second level belongs to where it stands under another one; "" where it may stand."""
    home = LEVEL1_OF_LEVEL2.get(level2, "")
    tolerated = (level2 == "成本指标" and level1 in (OUTPUT, COST)) or (home == SATISFACTION and level1 == EFFECT)  # forms before 2020
    return "" if not home or level1 not in LEVEL1 or tolerated or home == level1 else home


def indicator_duplicated(results: Results) -> Bools:
    """The same name twice, under one 二级指标 or with one target, counts one thing twice; blank names are skipped."""
    frame = results.frames.indicators
    names, rows = texts(frame, "name"), counted(results)
    result: Bools = np.zeros(len(rows), dtype=bool)
    levels, targets = texts(frame, "level2"), texts(frame, "target_text")
    for alike in _rows_by_name(results).values():
        seen: set[str] = set()
        for at in alike if len(alike) > 1 else ():
            if rows[at] and names[at]:
                said = {f"2{levels[at]}", f"t{folded(targets[at])}"}
                result[at] = not seen.isdisjoint(said)
                seen |= said
    return result


def _rows_by_name(results: Results) -> dict[tuple[int, str], list[int]]:
    """The places of the rows of one submission that have one name; in order."""
    frame = results.frames.indicators

    def take() -> dict[tuple[int, str], list[int]]:
        places: dict[tuple[int, str], list[int]] = {}
        for at, key in enumerate(zip(frame["submission"].tolist(), map(folded, texts(frame, "name")), strict=True)):
            places.setdefault(key, []).append(at)
        return places

    return kept(frame, "rows by name", take)


def _first_row(results: Results) -> Callable[[Row], dict[str, str]]:
    frame = results.frames.indicators
    places, numbered = _rows_by_name(results), frame["sheet_row"].to_numpy()
    return lambda row: {"first": str(numbered[places[row["submission"], folded(row["name"])][0]])}


# target and operator


def target_beyond_year(results: Results) -> Bools:
    """A target's time ends within the fiscal year; no time or no year says nothing."""
    frame = results.frames.indicators
    at = position(results, frame)
    years = numbers(results.frames.unit, "year")
    beyond = numbers(frame, "t_end") >= np.array([_new_year(year) for year in years])[at]
    beyond |= np.array([last_year(text) for text in texts(frame, "target_text")], dtype="float64") > years[at]
    result: Bools = counted(results) & beyond
    return result


def _new_year(year: float) -> float:
    return float("nan") if np.isnan(year) else day_number(date(int(year) + 1, 1, 1))


def _year(results: Results) -> Callable[[Row], dict[str, str]]:
    years = numbers(results.frames.unit, "year")
    return lambda row: {"year": number(years[place(results, row)])}


def _compared(results: Results) -> Bools:
    """Rows that compare one exact number with a bound."""
    frame = results.frames.indicators
    return counted(results) & _kind(results, "quantity", "range") & flags(frame, "exact")


def target_not_positive(results: Results) -> Bools:
    """A target of 0 or less that is missed earns nothing; an actual not given says nothing."""
    frame = results.frames.indicators
    low, high = numbers(frame, "t_low"), numbers(frame, "t_high")
    bound = np.where(np.isnan(low), high, low)
    missed: Bools = _compared(results) & (numbers(frame, "met") == 0) & (bound <= 0)
    return missed


def strict_bound_touched(results: Results) -> Bools:
    """> and < with the actual at the bound itself; an actual not given is not."""
    frame = results.frames.indicators
    op, actual = texts(frame, "op"), numbers(frame, "a_low")
    touched = (is_(op, ">") & (actual == numbers(frame, "t_low"))) | (is_(op, "<") & (actual == numbers(frame, "t_high")))
    result: Bools = _compared(results) & touched
    return result


def _bound(row: Row, _: Results) -> dict[str, str]:
    return {"op": str(row["op"]), "bound": number(row["t_low"] if row["op"] == ">" else row["t_high"]) + str(row["t_unit"])}


def operator_direction(results: Results) -> Bools:
    """成本 and 投诉 with ≥, 满意度 with ≤: the written direction contradicts the name; an assumed one does not."""
    frame = results.frames.indicators
    written = counted(results) & _kind(results, "quantity") & is_(texts(frame, "op_from"), "text", "column")
    judge = partial(_usual_direction, names=results.scheme.reverse.names)
    return where(
        written & ~is_(texts(frame, "op"), "="),
        lambda *row: judge(*row) != "",
        texts(frame, "name"),
        texts(frame, "level2"),
        texts(frame, "t_unit"),
        texts(frame, "op"),
    )


def _usual_direction(name: str, level2: str, unit: str, op: str, names: tuple[str, ...]) -> str:
    """≤ or ≥ where the name asks for the other direction than the row's; "" where it agrees or says nothing."""
    if op in ("≥", ">"):
        spending = level2 in COST_LEVELS and unit in MONEY_UNITS and not any(word in name for word in (*REDUCTION_NAMES, *HANDLING_NAMES, "收"))
        return "≤" if is_lower(name, names) or spending else ""
    return "≥" if name.endswith(RATES_OF_A_WHOLE) and not is_lower(name, names) and "不" not in name else ""


def _direction(row: Row, results: Results) -> dict[str, str]:
    low = _usual_direction(row["name"], row["level2"], row["t_unit"], row["op"], results.scheme.reverse.names) == "≤"
    return {"op": str(row["op"]), "expected": "越少越好" if low else "越高越好", "expected_en": "better low" if low else "better high"}


def money_as_quantity(results: Results) -> Bools:
    """A 数量指标 counts what was done, not money; a target without a unit is judged by its name."""
    frame = results.frames.indicators
    rows = counted(results) & is_(texts(frame, "level2"), "数量指标") & _kind(results, "quantity", "range")
    return where(rows, _is_money, texts(frame, "t_unit"), texts(frame, "a_unit"), texts(frame, "unit"), texts(frame, "name"))


def _is_money(target: str, actual: str, unit: str, name: str) -> bool:
    known = target or actual or unit
    return not any(word in name for word in EARNINGS) and (known in MONEY_UNITS if known else name.endswith(MONEY_NAMES))


def benefit_not_assessable(results: Results) -> Bools:
    """A 效益指标 in words needs a standard, a number in its actual, or evidence; a blank target is `target-missing`."""
    frame = results.frames.indicators
    rows = counted(results) & is_(texts(frame, "block"), EFFECT) & _kind(results, "qualitative")
    vague = where(rows, not_assessable, texts(frame, "target_text"))
    counts = where(vague, lambda actual: any(ch.isdigit() for ch in actual), texts(frame, "actual"))
    return _silent(results, vague & ~counts, "evidence")


# points and claims


def weight_missing(results: Results) -> Bools:
    """A row that counts has points; a blank or a placeholder is what it looks for."""
    rows = counted(results) & np.isnan(numbers(results.frames.indicators, "weight"))
    return _silent(results, rows, "weight_text")


def weight_not_a_number(results: Results) -> Bools:
    """Points are a number; a blank is `weight-missing`."""
    rows = counted(results) & np.isnan(numbers(results.frames.indicators, "weight"))
    return rows & ~_silent(results, rows, "weight_text")


def weight_not_positive(results: Results) -> Bools:
    """Points are above 0; a blank is `weight-missing`."""
    low: Bools = counted(results) & (numbers(results.frames.indicators, "weight") <= 0)
    return low


def claim_not_a_number(results: Results) -> Bools:
    """自评得分 is a number; a blank claims nothing."""
    rows = counted(results) & np.isnan(numbers(results.frames.indicators, "claimed_score"))
    rows &= ~is_(texts(results.frames.indicators, "claimed_score_text"), "")
    return rows & ~_silent(results, rows, "claimed_score_text")


def claim_differs(results: Results) -> Bools:
    """自评得分 is the computed score within the scheme's tolerance; a blank claims nothing, an open row has none to differ from."""
    frame = results.frames.indicators
    apart = snap(np.abs(numbers(frame, "claimed_score") - numbers(frame, "score")))
    differs: Bools = counted(results) & (apart > results.scheme.checks.claim_tolerance)
    return differs


def claim_over_weight(results: Results) -> Bools:
    """自评得分 is at most 分值; a blank claims nothing."""
    frame = results.frames.indicators
    over = snap(numbers(frame, "claimed_score") - numbers(frame, "weight")) > results.scheme.checks.claim_tolerance
    above: Bools = counted(results) & over & (numbers(frame, "weight") > 0)
    return above


def _claim(row: Row, _: Results) -> dict[str, str]:
    return {"claimed": number(row["claimed_score"]), "computed": number(row["score"]), "weight": number(row["weight"])}


def deviation_unexplained(results: Results) -> Bools:
    """Less than all points, computed or claimed, needs a reason; an open row is asked for its value first."""
    frame = results.frames.indicators
    least = np.fmin(numbers(frame, "score"), np.where(np.isnan(numbers(frame, "score")), np.nan, numbers(frame, "claimed_score")))
    lost = snap(round_points(numbers(frame, "weight")) - least)
    return _silent(results, counted(results) & (lost > results.scheme.checks.deviation_reason_below_full), "reason")


def _lost(row: Row, _: Results) -> dict[str, str]:
    claimed = float(row["claimed_score"])
    return {"score": number(row["score"] if np.isnan(claimed) else min(row["score"], claimed)), "weight": number(row["weight"])}


def over_completion(results: Results) -> Bools:
    """Completion from the scheme's threshold on needs a reason (or is always said, as the scheme wants); a blank is not over."""
    policy, frame = results.scheme.quantitative.over_completion, results.frames.indicators
    if policy == "none" or not len(frame):
        return np.zeros(len(frame), dtype=bool)
    over = counted(results) & is_(texts(frame, "status"), Status.SCORED) & np.asarray(over_completed(frame, results.scheme), dtype=bool)
    return over if policy == "flag" else _silent(results, over, "reason")


def _over(row: Row, results: Results) -> dict[str, str]:
    return {"completion": percent(row["completion"]), "threshold": percent(results.scheme.quantitative.over_at)}


def equal_exceeded(results: Results) -> Bools:
    """An = row on the good side of its target earns all points and needs a reason; a blank actual is not."""
    frame = results.frames.indicators
    differs = numbers(frame, "a_low") != numbers(frame, "t_low")
    full = snap(numbers(frame, "score") - round_points(numbers(frame, "weight"))) == 0
    return _silent(results, _compared(results) & is_(texts(frame, "op"), "=") & differs & full, "reason")


# tiers and dates


def _by_tier(results: Results) -> Bools:
    """Rows that only a tier can score: in words, or by a date that is missing or late."""
    frame = results.frames.indicators
    on_time = numbers(frame, "a_end") <= numbers(frame, "t_end")
    return counted(results) & (_kind(results, QUALITATIVE.id) | (_kind(results, DEADLINE.id) & ~on_time))


def tier_missing(results: Results) -> Bools:
    """A row in words, or done too late, needs its tier; a blank is what it looks for, a blank actual comes first."""
    frame = results.frames.indicators
    undated = _kind(results, DEADLINE.id) & np.isnan(numbers(frame, "a_end"))
    return _by_tier(results) & is_(texts(frame, "tier"), "") & is_(texts(frame, "tier_used"), "") & ~undated


def core_unknown(results: Results) -> Bools:
    """是否核心指标 says yes or no; a blank is no."""
    typed = texts(results.frames.indicators, "core")
    return where(~is_(typed, ""), lambda text: text.strip().lower() not in YES_WORDS, typed)


def _core_facts(row: Row, _results: Results) -> dict[str, str]:
    return {"column": INDICATORS.title("core"), "choices": "、".join(YES_NO), "v": str(row["core"])}


def tier_unknown(results: Results) -> Bools:
    """完成等级 is one of the three (or 不适用); a blank is `tier-missing`. Rows with a number are not asked for one."""
    frame = results.frames.indicators
    unread = is_(texts(frame, "tier_typed"), "") & is_(texts(frame, "tier_used"), "") & ~is_(texts(frame, "tier"), "")
    return _by_tier(results) & unread


def deadline_without_date(results: Results) -> Bools:
    """A deadline needs a date of completion or a tier; a blank actual is `actual-missing`."""
    frame = results.frames.indicators
    undated = counted(results) & _kind(results, DEADLINE.id) & np.isnan(numbers(frame, "a_end"))
    undated &= is_(texts(frame, "tier_used"), "") & ~is_(texts(frame, "a_kind"), "blank")
    return undated


def tier_inferred(results: Results) -> Bools:
    """A tier taken from the words of 实际完成值 is said; a typed tier is not inferred."""
    frame = results.frames.indicators
    return counted(results) & flags(frame, "tier_inferred")


def tier_score_outside(results: Results) -> Bools:
    """自评得分 lies within its tier's window; a blank takes the tier's default."""
    frame = results.frames.indicators
    if results.scheme.qualitative.score != "claimed":
        return np.zeros(len(frame), dtype=bool)
    tiered = _by_tier(results) & is_(texts(frame, "tier_used"), *TIERS[:3]) & (numbers(frame, "weight") > 0)
    open_row: Bools = np.isnan(numbers(frame, "points")) & ~np.isnan(numbers(frame, "claimed_score"))
    return tiered & open_row & ~tier_contradicts_date(results)


def _lateness(row: Row, _results: Results) -> dict[str, str]:
    missed = row["kind"] == DEADLINE.id and row["a_end"] > row["t_end"]
    return {"why": "晚于期限完成，", "why_en": "was finished after its deadline and "} if missed else {"why": "", "why_en": ""}


def _window(row: Row, results: Results) -> dict[str, str]:
    low, high = tier_window(row["tier_used"], float(row["weight"]), results.scheme)
    return {"tier": str(row["tier_used"]), "claimed": number(row["claimed_score"]), "window": f"（{number(low)}～{number(high)}分）"}


def tier_contradicts_date(results: Results) -> Bools:
    """达成 cannot stand beside a date after the deadline; a blank date or tier does not contradict."""
    frame = results.frames.indicators
    rows = counted(results) & _kind(results, DEADLINE.id) & is_(texts(frame, "tier_used"), TIERS[0])
    return rows & np.asarray(late(frame), dtype=bool) if rows.any() else rows


def actual_text_missing(results: Results) -> Bools:
    """A tier needs the words behind it; blank words are what it looks for."""
    frame = results.frames.indicators
    tiered = counted(results) & _kind(results, QUALITATIVE.id, DEADLINE.id) & is_(texts(frame, "tier_used"), *TIERS[:3])
    return tiered & is_(texts(frame, "a_kind"), "blank")


# actuals and evidence


def negative_actual(results: Results) -> Bools:
    """A quantity done is not negative, unless its name or target speaks of change; a blank is not."""
    frame = results.frames.indicators
    below = counted(results) & (numbers(frame, "a_high") < 0) & ~(numbers(frame, "t_low") < 0) & ~(numbers(frame, "t_high") < 0)
    return where(below, lambda name: not any(word in name for word in MAY_BE_NEGATIVE), texts(frame, "name"))


def rate_over_100(results: Results) -> Bools:
    """满意度, 合格率 and their like are at most 100 %; a blank is not above."""
    frame = results.frames.indicators
    above = counted(results) & is_(texts(frame, "a_unit"), "%") & (numbers(frame, "a_low") > 100)
    return where(above, lambda name: name.endswith(RATES_OF_A_WHOLE), texts(frame, "name"))


def evidence_missing(results: Results) -> Bools:
    """满意度 and rows of many points name their evidence; an open row is asked for its value first."""
    frame = results.frames.indicators
    scored = counted(results) & is_(texts(frame, "status"), Status.SCORED)
    return _silent(results, scored & (_satisfaction(results) | (numbers(frame, "weight") >= results.scheme.checks.evidence_points)), "evidence")


def _satisfaction(results: Results) -> Bools:
    frame = results.frames.indicators
    rows = is_(texts(frame, "block"), SATISFACTION, EFFECT)
    return where(rows, lambda name: "满意" in name and "不满意" not in name, texts(frame, "name"))


def _why_evidence(row: Row, _: Results) -> dict[str, str]:
    if "满意" in row["name"]:
        return {"why": "是满意度指标", "why_en": "is about satisfaction"}
    return {"why": f"的分值是{number(row['weight'])}分", "why_en": f"is worth {number(row['weight'])} points"}


def management_data_missing(results: Results) -> Bools:
    """A management indicator is computed from 管理指标数据; a blank item there is what it looks for."""
    frame = results.frames.indicators
    return counted(results) & _kind(results, "management") & np.isnan(numbers(frame, "points")) & (numbers(frame, "weight") > 0)


def _data_items(row: Row, _: Results) -> dict[str, str]:
    return {"name": str(row["name"]), "items": "、".join(dict.fromkeys(item for item, _ in data_items(row["management"].value)))}


# 不适用


def not_applicable(results: Results) -> Bools:
    """A row marked 不适用 with a reason is left out, and a person should see it."""
    return is_(texts(results.frames.indicators, "status"), Status.NOT_APPLICABLE)


def not_applicable_unexplained(results: Results) -> Bools:
    """A row marked 不适用 needs a reason; a blank reason is what it looks for."""
    return counted(results) & flags(results.frames.indicators, "not_applicable_unexplained")


def _typed(name: str) -> Tell:
    return each(lambda row, _: {"column": INDICATORS.title(name), "v": str(row[f"{name}_text"])})


_CLAIM, _SCORE, _WEIGHT = ("claimed_score",), ("score", "weight", "claimed_score"), ("weight", "weight_text")
_TIER = ("kind", "tier", "tier_used", "tier_typed")

CHECKS: tuple[Check, ...] = (
    Check("level-unknown", "indicators", "level1", ("block",), level_unknown, tell=each(_level_facts)),
    Check("indicator-name-missing", "indicators", "level3", ("name",), name_missing),
    Check(
        "execution-among-indicators",
        "indicators",
        "level3",
        ("role",),
        execution_row,
        tell=each(lambda row, _: {"name": str(row["name"] or "预算执行率")}),
    ),
    Check(
        "level2-mismatch",
        "indicators",
        "level2",
        ("name", "level2"),
        level2_mismatch,
        ("name", "level2"),
        tell=each(lambda row, _: {"expected": proper_level2(row["name"], row["level2"])}),
    ),
    Check(
        "levels-disagree",
        "indicators",
        "level2",
        ("level1", "level2"),
        levels_disagree,
        ("level1", "level2"),
        tell=each(lambda row, _: {"expected": _own_level1(row["level2"], row["level1"])}),
    ),
    Check("indicator-duplicated", "indicators", "level3", ("name", "level2", "target_text"), indicator_duplicated, ("name",), tell=_first_row),
    Check("target-beyond-year", "indicators", "target", ("t_end", "target_text"), target_beyond_year, ("target_text",), tell=_year),
    Check("target-not-positive", "indicators", "target", ("t_low", "t_high", "met"), target_not_positive, ("target_text",)),
    Check("strict-bound-touched", "indicators", "actual", ("op", "t_low", "t_high", "a_low"), strict_bound_touched, tell=each(_bound)),
    Check("operator-direction", "indicators", "operator", ("op", "op_from", "name"), operator_direction, ("name",), tell=each(_direction)),
    Check("money-as-quantity", "indicators", "target", ("level2", "t_unit"), money_as_quantity, ("name", "target_text")),
    Check("benefit-not-assessable", "indicators", "target", ("block", "kind", "evidence"), benefit_not_assessable, ("name", "target_text")),
    Check("weight-missing", "indicators", "weight", _WEIGHT, weight_missing, ("name",)),
    Check("weight-not-a-number", "indicators", "weight", _WEIGHT, weight_not_a_number, tell=_typed("weight")),
    Check("weight-not-positive", "indicators", "weight", _WEIGHT, weight_not_positive, tell=_typed("weight")),
    Check("number-expected", "indicators", "claimed_score", _CLAIM, claim_not_a_number, tell=_typed("claimed_score")),
    Check("score-claimed-differs", "indicators", "claimed_score", _SCORE, claim_differs, tell=each(_claim)),
    Check("score-claimed-over-weight", "indicators", "claimed_score", _SCORE, claim_over_weight, tell=each(_claim)),
    Check("deviation-unexplained", "indicators", "reason", (*_SCORE, "reason"), deviation_unexplained, tell=each(_lost)),
    Check("over-completion-unexplained", "indicators", "reason", ("completion", "reason"), over_completion, tell=each(_over)),
    Check("equal-exceeded", "indicators", "actual", ("op", "a_low", "t_low", "reason"), equal_exceeded, ("target_text", "actual")),
    Check("tier-missing", "indicators", "tier", (*_TIER, "a_end", "t_end"), tier_missing, ("name",), tell=each(_lateness)),
    Check("tier-unknown", "indicators", "tier", _TIER, tier_unknown, ("tier",)),
    Check("choice-unknown", "indicators", "core", ("core",), core_unknown, tell=each(_core_facts)),
    Check("deadline-without-date", "indicators", "actual", ("kind", "a_end", "tier_used"), deadline_without_date, ("target_text", "actual")),
    Check("tier-inferred", "indicators", "tier", ("tier_inferred",), tier_inferred, ("actual",)),
    Check("tier-score-outside", "indicators", "claimed_score", (*_TIER, "points"), tier_score_outside, tell=each(_window)),
    Check("tier-contradicts-date", "indicators", "tier", ("a_end", "t_end", "tier_used"), tier_contradicts_date, ("target_text", "actual")),
    Check("actual-text-missing", "indicators", "actual", _TIER, actual_text_missing, ("tier",)),
    Check("negative-actual", "indicators", "actual", ("a_high", "name"), negative_actual, ("actual",)),
    Check("rate-over-100", "indicators", "actual", ("a_low", "a_unit", "name"), rate_over_100, ("name", "actual")),
    Check("evidence-missing", "indicators", "evidence", ("evidence", "weight", "status"), evidence_missing, ("name",), tell=each(_why_evidence)),
    Check("management-data-missing", "indicators", "actual", ("kind", "points", "management"), management_data_missing, tell=each(_data_items)),
    Check("not-applicable", "indicators", "tier", ("status",), not_applicable, ("name",)),
    Check("not-applicable-unexplained", "indicators", "reason", ("not_applicable_unexplained",), not_applicable_unexplained, ("name",)),
)
