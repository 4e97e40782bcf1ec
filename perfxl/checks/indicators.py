"""Checks of the rows of 绩效指标. What is wrong with a value itself comes from reading it, not from here."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check
from perfxl.checks.masks import (
    compared,
    counted,
    each,
    flags,
    is_,
    kept,
    name_alone,
    numbers,
    of_kind,
    place,
    position,
    silent,
    texts,
    where,
    whole_sheet,
)
from perfxl.checks.words import (
    COST_LEVELS,
    DIRECTION_BY,
    EARNINGS,
    MONEY_NAMES,
    MONEY_UNITS,
    RATES_OF_A_WHOLE,
    last_year,
    not_assessable,
    proper_level2,
)
from perfxl.intake.submission import folded
from perfxl.model.columns import INDICATORS, YES_NO
from perfxl.model.levels import COST, EFFECT, LEVEL1, LEVEL1_OF_LEVEL2, OUTPUT, SATISFACTION
from perfxl.rules.deadline import day_number
from perfxl.rules.frames import DETAIL, EXECUTION
from perfxl.rules.readings import Direction
from perfxl.rules.results import Status
from perfxl.rules.wording import number
from perfxl.values.direction import Unwanted, is_lower, unwanted
from perfxl.values.vocabulary import HANDLING_NAMES, REDUCTION_NAMES, YES_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perfxl.checks.masks import Bools
    from perfxl.rules.results import Results

    Row = Mapping[str, Any]


# what the row is


def level_unknown(results: Results) -> Bools:
    """一级指标 must be one of the scheme's; a blank that nothing tells is unknown too."""
    names = [level.name for level in results.scheme.levels]
    return counted(results) & ~is_(texts(results.frames.indicators, "block"), *names) & ~name_alone(results)


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


def points_on_parent(results: Results) -> Bools:
    """Points stand one row above the values they are for; a row with a value of its own is an indicator."""
    frame = results.frames.indicators
    valued = ~is_(texts(frame, "target_text"), "") | ~is_(texts(frame, "actual"), "")
    child = is_(texts(frame, "role"), DETAIL) & valued
    parent = counted(results) & ~valued & (numbers(frame, "weight") > 0)
    owner = numbers(frame, "submission")
    result: Bools = np.zeros(len(parent), dtype=bool)
    result[:-1] = parent[:-1] & child[1:] & (owner[:-1] == owner[1:])
    return result


def _children(results: Results) -> Callable[[Row], dict[str, str]]:
    frame = results.frames.indicators
    details = frame[is_(texts(frame, "role"), DETAIL)]
    last = dict(zip(frame["submission"], frame["sheet_row"], strict=True))
    others = frame[~is_(texts(frame, "role"), DETAIL)]

    def facts(row: Row) -> dict[str, str]:
        own = row["submission"]
        later = others["sheet_row"][(others["submission"] == own) & (others["sheet_row"] > row["sheet_row"])]
        until = int(later.min()) if len(later) else int(last[own]) + 1
        inside = (details["submission"] == own) & details["sheet_row"].between(row["sheet_row"], until)
        return {"weight": number(row["weight"]), "n": str(int(inside.sum()))}

    return facts


def level2_mismatch(results: Results) -> Bools:
    """A 三级指标 stands under the 二级指标 its name speaks of; blanks and levels of one's own say nothing."""
    frame = results.frames.indicators
    return where(counted(results), proper_level2, texts(frame, "name"), texts(frame, "level2"))


def levels_disagree(results: Results) -> Bools:
    """A 二级指标 stands under its own 一级指标; blanks and levels of one's own say nothing."""
    frame = results.frames.indicators
    return where(counted(results), _own_level1, texts(frame, "level2"), texts(frame, "level1"))


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
    for alike in (places for places in _rows_by_name(results).values() if len(places) > 1):
        seen: set[str] = set()
        for at in alike:
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
    beyond |= np.array(list(map(last_year, texts(frame, "target_text"))), dtype="float64") > years[at]
    result: Bools = counted(results) & beyond
    return result


def _new_year(year: float) -> float:
    return float("nan") if np.isnan(year) else day_number(date(int(year) + 1, 1, 1))


def _year(results: Results) -> Callable[[Row], dict[str, str]]:
    years = numbers(results.frames.unit, "year")
    return lambda row: {"year": number(years[place(results, row)])}


def target_not_positive(results: Results) -> Bools:
    """A target of 0 or less that is missed earns nothing; an actual not given says nothing."""
    frame = results.frames.indicators
    low, high = numbers(frame, "t_low"), numbers(frame, "t_high")
    bound = np.where(np.isnan(low), high, low)
    missed: Bools = compared(results) & (numbers(frame, "met") == 0) & (bound <= 0)
    return missed


def strict_bound_touched(results: Results) -> Bools:
    """> and < with the actual at the bound itself; an actual not given is not."""
    frame = results.frames.indicators
    op, actual = texts(frame, "op"), numbers(frame, "a_low")
    touched = (is_(op, ">") & (actual == numbers(frame, "t_low"))) | (is_(op, "<") & (actual == numbers(frame, "t_high")))
    result: Bools = compared(results) & touched
    return result


def _bound(row: Row, _: Results) -> dict[str, str]:
    return {"op": str(row["op"]), "bound": number(row["t_low"] if row["op"] == ">" else row["t_high"]) + str(row["t_unit"])}


def operator_direction(results: Results) -> Bools:
    """成本 and 投诉 with ≥, 满意度 with ≤: the written direction contradicts the name; an assumed one does not."""
    frame = results.frames.indicators
    written = counted(results) & of_kind(results, "quantity") & is_(texts(frame, "op_from"), "text", "column")
    judge = partial(_usual_direction, names=unwanted(results.scheme.reverse.names))
    return where(written & ~is_(texts(frame, "op"), "="), judge, *(texts(frame, name) for name in ("name", "level2", "t_unit", "op")))


def _usual_direction(name: str, level2: str, unit: str, op: str, names: Unwanted) -> str:
    """≤ or ≥ where the name asks for the other direction than the row's; "" where it agrees or says nothing."""
    if op in ("≥", ">"):
        spending = level2 in COST_LEVELS and unit in MONEY_UNITS
        kept_low = is_lower(name, names) or (spending and not any(word in name for word in (*REDUCTION_NAMES, *HANDLING_NAMES, "收")))
        return "≤" if kept_low else ""
    return "≥" if name.endswith(RATES_OF_A_WHOLE) and not is_lower(name, names) and "不" not in name else ""


def _by_default(results: Results, direction: Direction) -> Bools:
    """Rows for whose direction nothing but the default speaks."""
    frame = results.frames.indicators
    return counted(results) & is_(texts(frame, "direction"), direction) & is_(texts(frame, "direction_by"), "default")


def core_unknown(results: Results) -> Bools:
    """是否核心指标 says yes or no; a blank is no."""
    typed = texts(results.frames.indicators, "core")
    return where(~is_(typed, ""), lambda text: text.strip().lower() not in YES_WORDS, typed)


def _core_facts(row: Row, _results: Results) -> dict[str, str]:
    return {"column": INDICATORS.title("core"), "choices": "、".join(YES_NO), "v": str(row["core"])}


def operator_assumed(results: Results) -> Bools:
    """Targets read as ≥ where the other direction would give the same points; a blank actual says nothing."""
    return _by_default(results, Direction.IDLE)


def direction_assumed(results: Results) -> Bools:
    """A direction nobody wrote that decides the points; a written one, and a blank actual, say nothing."""
    return counted(results) & is_(texts(results.frames.indicators, "direction"), Direction.ASSUMED)


def direction_unclear(results: Results) -> Bools:
    """Signals that disagree about a direction nobody wrote leave the row open."""
    return counted(results) & is_(texts(results.frames.indicators, "direction"), Direction.UNCLEAR)


def _assumed(row: Row, _: Results) -> dict[str, str]:
    by, by_en = (text.format(row["direction_word"]) for text in DIRECTION_BY[row["direction_by"]])
    sense, sense_en = ("越多越好", "more is better") if row["op"] == "≥" else ("越少越好", "less is better")
    return {"by": by, "by_en": by_en, "op": str(row["op"]), "sense": sense, "sense_en": sense_en}


def _default(row: Row) -> str | None:
    """One cause for all rows where nothing but the default decided."""
    return "default" if row["direction_by"] == "default" else None


def _unclear(row: Row, _: Results) -> dict[str, str]:
    if row["direction_by"] == "level":
        return {
            "why": f"在“{row['direction_word']}”下，一般越少越好，名称里的“{row['direction_head']}”却未必",
            "why_en": f"stands under “{row['direction_word']}”, mostly better low, but speaks of “{row['direction_head']}”, which may not be",
        }
    if row["direction_head"]:
        return {
            "why": f"里“{row['direction_word']}”一般越少越好，“{row['direction_head']}”却未必",
            "why_en": f"speaks of “{row['direction_word']}”, mostly better low, and of “{row['direction_head']}”, which may not be",
        }
    return {
        "why": f"的年度指标值是“{row['target_text']}”，实际是“{row['actual']}”，更少也可能是更好",
        "why_en": f"has the target “{row['target_text']}” and the actual “{row['actual']}”, and less may be better",
    }


def _direction(row: Row, results: Results) -> dict[str, str]:
    low = _usual_direction(row["name"], row["level2"], row["t_unit"], row["op"], unwanted(results.scheme.reverse.names)) == "≤"
    return {"op": str(row["op"]), "expected": "越少越好" if low else "越高越好", "expected_en": "better low" if low else "better high"}


def money_as_quantity(results: Results) -> Bools:
    """A 数量指标 counts what was done, not money; a target without a unit is judged by its name."""
    frame = results.frames.indicators
    rows = counted(results) & is_(texts(frame, "level2"), "数量指标") & of_kind(results, "quantity", "range")
    return where(rows, _is_money, texts(frame, "t_unit"), texts(frame, "a_unit"), texts(frame, "unit"), texts(frame, "name"))


def _is_money(target: str, actual: str, unit: str, name: str) -> bool:
    known = target or actual or unit
    return (known in MONEY_UNITS if known else name.endswith(MONEY_NAMES)) and not any(word in name for word in EARNINGS)


def benefit_not_assessable(results: Results) -> Bools:
    """A 效益指标 in words needs a standard, a number in its actual, or evidence; a blank target is `target-missing`."""
    frame = results.frames.indicators
    rows = counted(results) & is_(texts(frame, "block"), EFFECT) & of_kind(results, "qualitative")
    vague = where(rows, not_assessable, texts(frame, "target_text"))
    counts = where(vague, lambda actual: any(ch.isdigit() for ch in actual), texts(frame, "actual"))
    return silent(results, vague & ~counts, "evidence")


# 不适用


def not_applicable(results: Results) -> Bools:
    """A row marked 不适用 with a reason is left out, and a person should see it."""
    return is_(texts(results.frames.indicators, "status"), Status.NOT_APPLICABLE)


def not_applicable_unexplained(results: Results) -> Bools:
    """A row marked 不适用 needs a reason; a blank reason is what it looks for."""
    return counted(results) & flags(results.frames.indicators, "not_applicable_unexplained")


CHECKS: tuple[Check, ...] = (
    Check("level-unknown", "indicators", "level1", ("block",), level_unknown, tell=each(_level_facts), alike=lambda row: row["block"]),
    Check("points-on-parent", "indicators", "weight", ("role", "weight", "target_text", "actual"), points_on_parent, ("name",), tell=_children),
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
    Check("operator-assumed", "indicators", "operator", ("op", "direction", "direction_by"), operator_assumed, alike=whole_sheet),
    Check(
        "direction-assumed",
        "indicators",
        "operator",
        ("op", "direction", "direction_by", "name"),
        direction_assumed,
        tell=each(_assumed),
        alike=_default,
    ),
    Check("direction-unclear", "indicators", "operator", ("direction", "direction_head"), direction_unclear, ("name",), tell=each(_unclear)),
    Check("money-as-quantity", "indicators", "target", ("level2", "t_unit"), money_as_quantity, ("name", "target_text")),
    Check("benefit-not-assessable", "indicators", "target", ("block", "kind", "evidence"), benefit_not_assessable, ("name", "target_text")),
    Check("choice-unknown", "indicators", "core", ("core",), core_unknown, tell=each(_core_facts)),
    Check("not-applicable", "indicators", "tier", ("status",), not_applicable, ("name",)),
    Check("not-applicable-unexplained", "indicators", "reason", ("not_applicable_unexplained",), not_applicable_unexplained, ("name",)),
)
