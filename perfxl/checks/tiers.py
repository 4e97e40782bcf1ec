"""Checks of 完成等级, the name and the notes of a row against what stands beside them: words, numbers and dates that say otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check
from perfxl.checks.masks import compared, counted, each, flags, is_, kept, numbers, of_kind, position, texts, where
from perfxl.model.columns import INDICATORS, TIERS
from perfxl.rules.deadline import DEADLINE
from perfxl.rules.qualitative import QUALITATIVE
from perfxl.values.beside import result_in_note, target_in_name
from perfxl.values.heads import HURRIED_UNITS
from perfxl.values.outcome import Gist, outcome
from perfxl.values.pair import PairKind
from perfxl.values.pairing import read_pair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perfxl.checks.masks import Bools, Floats, Texts
    from perfxl.rules.results import Results

    Row = Mapping[str, Any]

ACHIEVED, PARTLY, MISSED = TIERS[:3]
_ROW = ("target_text", "actual", "name", "unit", "level2")
_MEASURED = "零无〇0123456789"
_A_DIGIT = re.compile("[\\d²³🄀-🄊]")
"""What may be, or become in one spelling, the digits of a number."""
_A_REPORT = re.compile("[\\d²³🄀-🄊未数不]")
"""In a note worth a look: a number, or a sign of what was not done or is not of the year."""


def _outcomes(results: Results) -> Texts:
    """What the words of each row say that a chosen tier alone decides; "" for every other row."""
    frame = results.frames.indicators

    def take() -> Texts:
        found: Texts = np.full(len(frame), "", dtype=object)
        chosen = counted(results) & is_(texts(frame, "tier_used"), *TIERS[:3]) & ~flags(frame, "tier_inferred")
        dated = of_kind(results, DEADLINE.id)
        undated = dated & np.isnan(numbers(frame, "a_end"))
        rows = np.flatnonzero(chosen & ~is_(texts(frame, "a_kind"), "blank") & (of_kind(results, QUALITATIVE.id) | undated))
        years = numbers(results.frames.unit, "year")[position(results, frame)] if len(rows) else np.zeros(0)
        columns = [texts(frame, name) for name in _ROW]
        for at in rows.tolist():
            target, actual, name, unit, level2 = (str(column[at]) for column in columns)
            found[at] = outcome(actual, target, name, dated=bool(dated[at]))
            if not dated[at] and (met := _met(target, actual, name, unit, level2, years[at])) is not None:
                found[at] = (Gist.DONE if met else Gist.DENIED) if found[at] != Gist.NOTHING else found[at]
        return found

    return kept(frame, "outcome", take)


def _met(target: str, actual: str, name: str, unit: str, level2: str, year: float) -> bool | None:
    """Whether the two texts, read as numbers or dates, meet; None where they are none, or where less may be better."""
    if not any(sign in _MEASURED for sign in target + actual):
        return None
    fiscal_year = None if np.isnan(year) else int(year)
    pair = read_pair(target, actual, unit=unit, name=name, level2=level2, fiscal_year=fiscal_year)
    if pair.actual_end is not None and (pair.kind is PairKind.DEADLINE or (fiscal_year and pair.actual_end.year > fiscal_year)):
        due = pair.target_date
        return None if due is None and fiscal_year is None else pair.actual_end <= due if due else False
    if pair.kind is PairKind.QUANTITY and pair.operator_from == "assumed" and pair.met is False and pair.unit in HURRIED_UNITS:
        return None
    return pair.met


def tier_contradicts_text(results: Results) -> Bools:
    """A chosen tier beside words, numbers or a date that say otherwise; a blank is `actual-text-missing`."""
    tier, said = texts(results.frames.indicators, "tier_used"), _outcomes(results)
    denied: Bools = is_(tier, ACHIEVED) & is_(said, Gist.DENIED, Gist.NOTHING)
    return denied | (is_(tier, PARTLY) & is_(said, Gist.NOTHING)) | (is_(tier, MISSED) & is_(said, Gist.DONE))


def tier_unproven(results: Results) -> Bools:
    """达成 beside words that show nothing done; a blank is `actual-text-missing`."""
    return is_(texts(results.frames.indicators, "tier_used"), ACHIEVED) & is_(_outcomes(results), Gist.UNSAID)


def tier_differs(results: Results) -> Bools:
    """A tier typed beside a number or a date that decides the points the other way; a row without either is judged by its tier."""
    frame = results.frames.indicators
    met = _reached(results)
    typed = texts(frame, "tier_typed")
    differs: Bools = counted(results) & ((is_(typed, ACHIEVED) & (met == 0)) | (is_(typed, PARTLY, MISSED) & (met == 1)))
    return differs


def _reached(results: Results) -> Floats:
    """1 where target and actual meet, 0 where a number misses (a late date is `tier-contradicts-date`), NaN where nothing is compared."""
    frame = results.frames.indicators
    met = np.where(of_kind(results, PairKind.QUANTITY, PairKind.RANGE), numbers(frame, "met"), np.nan)
    return np.where(of_kind(results, DEADLINE.id) & (numbers(frame, "a_end") <= numbers(frame, "t_end")), 1.0, met)


def _how(row: Row, _: Results) -> dict[str, str]:
    if row["kind"] == DEADLINE.id:
        return {"met": "按期完成了", "met_en": "say it was done in time"}
    return {"met": "达到了", "met_en": "say it was reached"} if row["met"] == 1 else {"met": "没有达到", "met_en": "say it was missed"}


def name_differs(results: Results) -> Bools:
    """An amount in the name that is not the target; none, one of another kind, and an adjusted target say nothing."""
    frame = results.frames.indicators
    rows = counted(results) & of_kind(results, PairKind.QUANTITY, PairKind.RANGE) & ~is_(texts(frame, "target_column"), "adjusted_target")
    rows &= where(rows, _A_DIGIT.search, texts(frame, "name"))
    return where(rows, target_in_name, *(texts(frame, name) for name in ("name", "t_unit", "t_low", "t_high")))


def note_contradicts(results: Results, column: str) -> Bools:
    """A result in the reason or the note that is not the actual; a blank reports none."""
    frame = results.frames.indicators
    rows = compared(results)
    rows &= where(rows, _A_REPORT.search, texts(frame, column))
    return where(rows, result_in_note, *(texts(frame, name) for name in (column, *_COMPARED)))


_COMPARED = ("a_unit", "a_low", "t_low", "t_high")


def _note(column: str) -> Check:
    def said(row: Row, _: Results) -> dict[str, str]:
        return {"column": INDICATORS.title(column), "said": result_in_note(str(row[column]), *(row[name] for name in _COMPARED))}

    return Check(
        "note-contradicts-actual",
        "indicators",
        column,
        (column, *_COMPARED),
        lambda results: note_contradicts(results, column),
        ("actual",),
        tell=each(said),
    )


def _named(row: Row, _: Results) -> dict[str, str]:
    return {"said": target_in_name(str(row["name"]), row["t_unit"], row["t_low"], row["t_high"])}


_NEEDS = ("kind", "tier_used", "tier_inferred", *_ROW)

CHECKS: tuple[Check, ...] = (
    Check("tier-contradicts-text", "indicators", "tier", _NEEDS, tier_contradicts_text, ("tier", "actual")),
    Check("tier-unproven", "indicators", "tier", _NEEDS, tier_unproven, ("tier", "actual")),
    Check(
        "tier-differs",
        "indicators",
        "tier",
        ("kind", "tier_typed", "met", "a_end", "t_end"),
        tier_differs,
        ("tier", "target_text", "actual"),
        tell=each(_how),
    ),
    Check(
        "target-differs-in-name",
        "indicators",
        "target",
        ("name", "t_unit", "t_low", "t_high"),
        name_differs,
        ("name", "target_text"),
        tell=each(_named),
    ),
    _note("reason"),
    _note("remark"),
)
