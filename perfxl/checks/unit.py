"""Checks of 基本信息."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check
from perfxl.checks.masks import each, is_, numbers, per_submission, place, texts
from perfxl.checks.words import GRADES
from perfxl.model.columns import UNIT
from perfxl.model.rounding import round_points, snap
from perfxl.rules.frames import EXECUTION, INDICATOR
from perfxl.rules.totals import grade_of
from perfxl.rules.wording import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perfxl.checks.masks import Bools, Floats
    from perfxl.rules.results import Results
    from perfxl.schemes import Scheme


def name_missing(results: Results) -> Bools:
    """单位名称 must be filled in; a blank is what it looks for."""
    return is_(texts(results.frames.unit, "name"), "")


def year_missing(results: Results) -> Bools:
    """预算年度 must be filled in; a blank is what it looks for."""
    return is_(texts(results.frames.unit, "fiscal_year"), "")


def year_invalid(results: Results) -> Bools:
    """预算年度 must name a year; a blank is `fiscal-year-missing`."""
    unit = results.frames.unit
    return ~is_(texts(unit, "fiscal_year"), "") & np.isnan(numbers(unit, "year"))


# 自评总分 and 自评等级


def grade_without_total(results: Results) -> Bools:
    """自评等级 stands for a 自评总分; a blank grade claims nothing."""
    unit = results.frames.unit
    return ~is_(texts(unit, "claimed_grade"), "") & is_(texts(unit, "claimed_total"), "")


def expected_grade(results: Results, at: int) -> tuple[str, str, str] | None:
    """The grade a claim contradicts, and by what: the claimed total, else what the rules allow; None if it does not."""
    unit, totals, scheme = results.frames.unit, results.totals, results.scheme
    claimed = str(texts(unit, "claimed_grade")[at])
    names = [band.name for band in scheme.grades.bands]
    claimed = claimed if claimed in names else GRADES.get(claimed, "")
    if claimed not in names:
        return None
    total = float(numbers(unit, "claimed_total_value")[at])
    if not np.isnan(total):
        by_total = _grade(total, scheme)
        return None if by_total == claimed else (by_total, "自评总分", "by the claimed total")
    best, worst = _grade(numbers(totals, "high")[at], scheme), _grade(numbers(totals, "low")[at], scheme)
    if best in names and worst in names and names.index(best) <= names.index(claimed) <= names.index(worst):
        return None
    return best if best == worst else f"{worst}～{best}", "规则测算得分", "by the rules"


def _grade(total: float, scheme: Scheme) -> str:
    return grade_of(float(round_points(total)), scheme) or ""


def grade_differs(results: Results) -> Bools:
    """自评等级 must be that of 自评总分, or without one lie within what the rules allow; a blank or unknown word is skipped."""
    result = ~is_(texts(results.frames.unit, "claimed_grade"), "")
    for at in np.flatnonzero(result):
        result[at] = expected_grade(results, int(at)) is not None
    return result


def _grade_facts(row: Mapping[str, Any], results: Results) -> dict[str, str]:
    expected, basis, basis_en = expected_grade(results, place(results, row)) or ("", "", "")
    return {"expected": expected, "basis": basis, "basis_en": basis_en}


def total_differs(results: Results) -> Bools:
    """自评总分 must lie within what the rules allow (one number when nothing is open); a blank claims nothing.

    Skipped where the points do not add up: the total then means nothing to compare with.
    """
    claimed, tolerance = numbers(results.frames.unit, "claimed_total_value"), results.scheme.checks.claim_tolerance
    far = outside(claimed, numbers(results.totals, "low"), numbers(results.totals, "high"), tolerance)
    return far & ~points_not_full(results)


def all_points(results: Results) -> Floats:
    """The points of indicators and execution together; rows without points count as 0."""
    return snap(numbers(results.totals, "weights") + numbers(results.execution, "weight"))


def points_not_full(results: Results) -> Bools:
    """Indicators and execution add up to the scheme's full points; rows without points are counted as 0."""
    apart: Bools = snap(np.abs(all_points(results) - results.scheme.full)) > results.scheme.checks.claim_tolerance
    return apart


def outside(value: Floats, low: Floats, high: Floats, tolerance: float) -> Bools:
    """Values below low or above high by more than the tolerance; NaN is not."""
    far: Bools = (snap(low - value) > tolerance) | (snap(value - high) > tolerance)
    return far


def _total_facts(row: Mapping[str, Any], results: Results) -> dict[str, str]:
    low, high = (number(numbers(results.totals, end)[place(results, row)]) for end in ("low", "high"))
    return {"computed": low if low == high else f"{low}～{high}"}


def claimed_sums(results: Results) -> tuple[Floats, Floats]:
    """Σ 自评得分 of the indicators with and without the execution's; NaN unless every row claims a score."""
    frame = results.frames.indicators
    rows = is_(texts(frame, "role"), INDICATOR)
    twice = per_submission(results, frame, is_(texts(frame, "role"), EXECUTION)) > 0
    claimed = numbers(frame, "claimed_score")
    all_claim = (per_submission(results, frame, rows & np.isnan(claimed)) == 0) & (per_submission(results, frame, rows) > 0) & ~twice
    indicators = np.where(all_claim, snap(per_submission(results, frame, np.where(rows, claimed, 0.0))), np.nan)
    return snap(indicators + numbers(results.execution, "claimed")), indicators


def claimed_sum_differs(results: Results) -> Bools:
    """自评总分 must be the sum of all 自评得分; skipped unless total, every row and execution claim one."""
    total, tolerance = numbers(results.frames.unit, "claimed_total_value"), results.scheme.checks.claim_tolerance
    whole, _ = claimed_sums(results)
    no_rescale = numbers(results.totals, "dropped") == 0
    differs: Bools = (snap(np.abs(total - whole)) > tolerance) & no_rescale
    return differs


def _sum_facts(results: Results) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    whole, _ = claimed_sums(results)
    return lambda row: {"sum": number(whole[place(results, row)])}


# numbers of the unit


def staff_inconsistent(results: Results) -> Bools:
    """本年新增人数 is part of 年末在职人数; a blank says nothing."""
    unit = results.frames.unit
    more: Bools = numbers(unit, "new_staff_value") > numbers(unit, "staff_value")
    return more


def _no_number(name: str) -> Check:
    def run(results: Results) -> Bools:
        """A field for a number must hold one; a blank says nothing."""
        unit = results.frames.unit
        return ~is_(texts(unit, name), "", "无", "/", "—", "-") & np.isnan(numbers(unit, f"{name}_value"))

    return Check(
        "number-expected", "unit", name, (name, f"{name}_value"), run, tell=each(lambda row, _: {"column": UNIT.title(name), "v": str(row[name])})
    )


CHECKS: tuple[Check, ...] = (
    Check("unit-name-missing", "unit", "name", ("name",), name_missing),
    Check("fiscal-year-missing", "unit", "fiscal_year", ("fiscal_year",), year_missing),
    Check("fiscal-year-invalid", "unit", "fiscal_year", ("fiscal_year", "year"), year_invalid, ("fiscal_year",)),
    Check(
        "grade-claimed-differs",
        "unit",
        "claimed_grade",
        ("claimed_grade", "claimed_total_value"),
        grade_differs,
        ("claimed_grade",),
        tell=each(_grade_facts),
    ),
    Check("grade-claimed-without-total", "unit", "claimed_grade", ("claimed_grade", "claimed_total"), grade_without_total, ("claimed_grade",)),
    Check("total-claimed-differs", "unit", "claimed_total", ("claimed_total_value",), total_differs, ("claimed_total",), tell=each(_total_facts)),
    Check("claimed-sum-differs", "unit", "claimed_total", ("claimed_total_value",), claimed_sum_differs, ("claimed_total",), tell=_sum_facts),
    Check("staff-inconsistent", "unit", "new_staff", ("new_staff_value", "staff_value"), staff_inconsistent, ("staff", "new_staff")),
    *(_no_number(name) for name in ("claimed_total", "posts", "staff", "new_staff", "contract_staff", "submission_count")),
)
