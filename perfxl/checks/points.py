"""Checks of what the rows of 绩效指标 earn: points and claims, tiers and dates, actuals and evidence."""

from __future__ import annotations

import re
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
    per_submission,
    place,
    position,
    silent,
    texts,
    where,
    whole_sheet,
)
from perfxl.checks.unit import written
from perfxl.checks.words import MAY_BE_NEGATIVE, MONEY_UNITS, RATES_OF_A_WHOLE
from perfxl.intake.submission import folded
from perfxl.model.columns import INDICATORS, TIERS
from perfxl.model.levels import EFFECT, SATISFACTION
from perfxl.model.rounding import round_points, snap
from perfxl.rules.deadline import DEADLINE, late
from perfxl.rules.qualitative import QUALITATIVE, tier_window
from perfxl.rules.quantitative import over_completed
from perfxl.rules.results import Status
from perfxl.rules.wording import number, percent
from perfxl.schemes import data_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perfxl.checks.engine import Tell
    from perfxl.checks.masks import Bools
    from perfxl.rules.results import Results

    Row = Mapping[str, Any]


# points and claims


def weight_missing(results: Results) -> Bools:
    """A row that counts has points; a blank or a placeholder is what it looks for. A name alone has no target first of all."""
    frame = results.frames.indicators
    rows = counted(results) & np.isnan(numbers(frame, "weight"))
    return silent(results, rows & ~name_alone(results), "weight_text")


def weight_not_a_number(results: Results) -> Bools:
    """Points are a number; a blank is `weight-missing`."""
    rows = counted(results) & np.isnan(numbers(results.frames.indicators, "weight"))
    return rows & ~silent(results, rows, "weight_text")


def weight_not_positive(results: Results) -> Bools:
    """Points are above 0; a blank is `weight-missing`."""
    low: Bools = counted(results) & (numbers(results.frames.indicators, "weight") <= 0)
    return low


def claim_not_a_number(results: Results) -> Bools:
    """自评得分 is a number; a blank claims nothing."""
    rows = counted(results) & np.isnan(numbers(results.frames.indicators, "claimed_score"))
    rows &= ~is_(texts(results.frames.indicators, "claimed_score_text"), "")
    return rows & ~silent(results, rows, "claimed_score_text")


def claim_differs(results: Results) -> Bools:
    """自评得分 is the computed score within the scheme's tolerance; a blank claims nothing, an open row has none to differ from."""
    frame = results.frames.indicators
    apart = snap(np.abs(numbers(frame, "claimed_score") - numbers(frame, "score")))
    differs: Bools = counted(results) & (apart > written(texts(frame, "claimed_score_text"), results.scheme.checks.claim_tolerance))
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
    """Less than all points by the rules needs a reason; an open row is asked for its value first, a claim alone is `score-claimed-differs`."""
    frame = results.frames.indicators
    lost = snap(round_points(numbers(frame, "weight")) - numbers(frame, "score"))
    return silent(results, counted(results) & (lost > results.scheme.checks.deviation_reason_below_full), "reason")


def _lost(row: Row, _: Results) -> dict[str, str]:
    return {"score": number(row["score"]), "weight": number(row["weight"])}


def over_completion(results: Results) -> Bools:
    """Completion from the scheme's threshold on needs a reason (or is always said, as the scheme wants); a blank is not over."""
    policy, frame = results.scheme.quantitative.over_completion, results.frames.indicators
    if policy == "none" or not len(frame):
        return np.zeros(len(frame), dtype=bool)
    over = counted(results) & is_(texts(frame, "status"), Status.SCORED) & np.asarray(over_completed(frame, results.scheme), dtype=bool)
    return over if policy == "flag" else silent(results, over, "reason")


def _over(row: Row, results: Results) -> dict[str, str]:
    return {"completion": percent(row["completion"]), "threshold": percent(results.scheme.quantitative.over_at)}


def cost_unspent(results: Results) -> Bools:
    """A ceiling of money that is kept by spending nothing says nothing about the work; a blank actual or a target of 0 is not kept so."""
    frame = results.frames.indicators
    unspent = (numbers(frame, "a_low") == 0) & (numbers(frame, "t_high") > 0) & (numbers(frame, "met") == 1)
    money = is_(texts(frame, "t_unit"), *MONEY_UNITS)
    result: Bools = compared(results) & is_(texts(frame, "op"), "≤", "<") & unspent & money
    return silent(results, result, "reason")


def actual_copied(results: Results) -> Bools:
    """实际完成值 is not the target's own text from the first row to the last; a few rows, or numbers that were just met, say nothing.

    Marks the first row of the submission.
    """
    frame, least = results.frames.indicators, results.scheme.checks.copied_rows
    targets, actuals = texts(frame, "target_text"), texts(frame, "actual")
    rows = counted(results) & ~is_(targets, "")
    first = _first_of_each(results, rows)
    copies = per_submission(results, frame, where(first, _same_text, targets, actuals)) > 0
    same = where(rows & copies[position(results, frame)], _same_text, targets, actuals) if len(frame) else rows  # most end at the first row
    wordy = where(same, _more_than_a_number, actuals)
    count, copied, words = (per_submission(results, frame, mask) for mask in (rows, same, wordy))
    throughout = (count >= least) & (copied == count) & (words > 0)
    return first & throughout[position(results, frame)] if len(frame) else first


def _first_of_each(results: Results, rows: Bools) -> Bools:
    """Of the rows the first of each submission."""
    at = np.flatnonzero(rows)
    result: Bools = np.zeros(len(rows), dtype=bool)
    if len(at):
        result[at[np.unique(position(results, results.frames.indicators)[at], return_index=True)[1]]] = True
    return result


def _same_text(target: str, actual: str) -> bool:
    return folded(target) == folded(actual)


def _more_than_a_number(text: str) -> bool:
    """Whether a text says more than how much: a sign, a bound, a sentence."""
    return not _PLAIN.fullmatch(folded(text))


_PLAIN = re.compile(r"[\d.,%‰]+\D{0,4}")


def equal_exceeded(results: Results) -> Bools:
    """An = row on the good side of its target earns all points and needs a reason; a blank actual is not."""
    frame = results.frames.indicators
    differs = numbers(frame, "a_low") != numbers(frame, "t_low")
    full = snap(numbers(frame, "score") - round_points(numbers(frame, "weight"))) == 0
    return silent(results, compared(results) & is_(texts(frame, "op"), "=") & differs & full, "reason")


# tiers and dates


def _by_tier(results: Results) -> Bools:
    """Rows that only a tier can score: in words, or by a date that is missing or late."""
    frame = results.frames.indicators
    on_time = numbers(frame, "a_end") <= numbers(frame, "t_end")
    return counted(results) & (of_kind(results, QUALITATIVE.id) | (of_kind(results, DEADLINE.id) & ~on_time))


def tier_missing(results: Results) -> Bools:
    """A row in words, or done too late, needs its tier; a blank is what it looks for, a blank actual comes first."""
    frame = results.frames.indicators
    undated = of_kind(results, DEADLINE.id) & np.isnan(numbers(frame, "a_end"))
    return _by_tier(results) & is_(texts(frame, "tier"), "") & is_(texts(frame, "tier_used"), "") & ~undated


def tier_unknown(results: Results) -> Bools:
    """完成等级 is one of the three (or 不适用); a blank is `tier-missing`. Rows with a number are not asked for one."""
    frame = results.frames.indicators
    unread = is_(texts(frame, "tier_typed"), "") & is_(texts(frame, "tier_used"), "") & ~is_(texts(frame, "tier"), "")
    return _by_tier(results) & unread


def deadline_without_date(results: Results) -> Bools:
    """A deadline needs a date of completion or a tier; a blank actual is `actual-missing`."""
    frame = results.frames.indicators
    undated = counted(results) & of_kind(results, DEADLINE.id) & np.isnan(numbers(frame, "a_end"))
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
    tier, weight = str(row["tier_used"]), float(row["weight"])
    low, high = kept(results, f"window {tier} {weight}", lambda: tier_window(tier, weight, results.scheme))
    return {"tier": tier, "claimed": number(row["claimed_score"]), "window": f"（{number(low)}～{number(high)}分）"}


def tier_contradicts_date(results: Results) -> Bools:
    """达成 cannot stand beside a date after the deadline; a blank date or tier does not contradict."""
    frame = results.frames.indicators
    rows = counted(results) & of_kind(results, DEADLINE.id) & is_(texts(frame, "tier_used"), TIERS[0])
    return rows & np.asarray(late(frame), dtype=bool) if rows.any() else rows


def actual_text_missing(results: Results) -> Bools:
    """A tier needs the words behind it; blank words are what it looks for."""
    frame = results.frames.indicators
    tiered = counted(results) & of_kind(results, QUALITATIVE.id, DEADLINE.id) & is_(texts(frame, "tier_used"), *TIERS[:3])
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
    """满意度 and rows of many points name their evidence; an open row is asked for its value first, a form has no column for it."""
    frame = results.frames.indicators
    scored = counted(results) & is_(texts(frame, "status"), Status.SCORED) & ~_of_forms(results)
    return silent(results, scored & (_satisfaction(results) | (numbers(frame, "weight") >= results.scheme.checks.evidence_points)), "evidence")


def _of_forms(results: Results) -> Bools:
    """The rows of official forms."""
    forms = np.asarray(results.frames.unit["is_form"], dtype=bool)
    return forms[position(results, results.frames.indicators)] if forms.any() else np.zeros(len(results.frames.indicators), dtype=bool)


def _satisfaction(results: Results) -> Bools:
    frame = results.frames.indicators
    rows = is_(texts(frame, "block"), SATISFACTION, EFFECT)
    return where(rows, lambda name: "满意" in name and "不满意" not in name, texts(frame, "name"))


def _why_evidence(row: Row, results: Results) -> dict[str, str]:
    year = number(numbers(results.frames.unit, "year")[place(results, row)])
    when, name = (f"{year}年" if year else "本年度"), str(row["name"]).removesuffix("调查")
    if "满意" in name:
        return {"example": f"{when}{name}调查报告"}
    return {"example": f"{when}“{name}”的台账或验收材料" if name else f"{when}的台账或验收材料"}


def management_data_missing(results: Results) -> Bools:
    """A management indicator is computed from 管理指标数据; a blank item there is what it looks for."""
    frame = results.frames.indicators
    return counted(results) & of_kind(results, "management") & np.isnan(numbers(frame, "points")) & (numbers(frame, "weight") > 0)


def _data_items(row: Row, _: Results) -> dict[str, str]:
    return {"name": str(row["name"]), "items": "、".join(dict.fromkeys(item for item, _ in data_items(row["management"].value)))}


def _typed(name: str) -> Tell:
    return each(lambda row, _: {"column": INDICATORS.title(name), "v": str(row[f"{name}_text"])})


_COPIED = {"what": "各行的实际完成值都与年度指标值", "what_en": "Every actual value (实际完成值)"}
_CLAIM, _SCORE, _WEIGHT = ("claimed_score",), ("score", "weight", "claimed_score"), ("weight", "weight_text")
_TIER = ("kind", "tier", "tier_used", "tier_typed")

CHECKS: tuple[Check, ...] = (
    Check("weight-missing", "indicators", "weight", _WEIGHT, weight_missing, alike=whole_sheet),
    Check("weight-not-a-number", "indicators", "weight", _WEIGHT, weight_not_a_number, tell=_typed("weight")),
    Check("weight-not-positive", "indicators", "weight", _WEIGHT, weight_not_positive, tell=_typed("weight")),
    Check("number-expected", "indicators", "claimed_score", _CLAIM, claim_not_a_number, tell=_typed("claimed_score")),
    Check("score-claimed-differs", "indicators", "claimed_score", _SCORE, claim_differs, tell=each(_claim)),
    Check("score-claimed-over-weight", "indicators", "claimed_score", _SCORE, claim_over_weight, tell=each(_claim)),
    Check("deviation-unexplained", "indicators", "reason", (*_SCORE, "reason"), deviation_unexplained, tell=each(_lost)),
    Check("over-completion-unexplained", "indicators", "reason", ("completion", "reason"), over_completion, tell=each(_over)),
    Check("cost-unspent", "indicators", "actual", ("op", "t_high", "a_low", "t_unit", "reason"), cost_unspent, ("name", "target_text")),
    Check("actual-copied", "indicators", "actual", ("target_text", "actual"), actual_copied, tell=each(lambda *_: _COPIED)),
    Check("equal-exceeded", "indicators", "actual", ("op", "a_low", "t_low", "reason"), equal_exceeded, ("target_text", "actual")),
    Check("tier-missing", "indicators", "tier", (*_TIER, "a_end", "t_end"), tier_missing, ("name",), tell=each(_lateness)),
    Check("tier-unknown", "indicators", "tier", _TIER, tier_unknown, ("tier",)),
    Check("deadline-without-date", "indicators", "actual", ("kind", "a_end", "tier_used"), deadline_without_date, ("target_text", "actual")),
    Check("tier-inferred", "indicators", "tier", ("tier_inferred",), tier_inferred, alike=whole_sheet),
    Check("tier-score-outside", "indicators", "claimed_score", (*_TIER, "points"), tier_score_outside, tell=each(_window)),
    Check("tier-contradicts-date", "indicators", "tier", ("a_end", "t_end", "tier_used"), tier_contradicts_date, ("target_text", "actual")),
    Check("actual-text-missing", "indicators", "actual", _TIER, actual_text_missing, ("tier",)),
    Check("negative-actual", "indicators", "actual", ("a_high", "name"), negative_actual, ("actual",)),
    Check("rate-over-100", "indicators", "actual", ("a_low", "a_unit", "name"), rate_over_100, ("name", "actual")),
    Check(
        "evidence-missing", "indicators", "evidence", ("evidence", "weight", "status"), evidence_missing, tell=each(_why_evidence), alike=whole_sheet
    ),
    Check("management-data-missing", "indicators", "actual", ("kind", "points", "management"), management_data_missing, tell=each(_data_items)),
)
