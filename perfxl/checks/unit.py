"""Checks of 基本信息."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check
from perfxl.checks.masks import each, is_, kept, numbers, per_submission, place, texts, where
from perfxl.checks.words import GRADES
from perfxl.model.columns import EVALUATIONS, MONEY_UNITS, UNIT
from perfxl.model.columns import GRADES as COLUMN_GRADES
from perfxl.model.rounding import round_points, snap
from perfxl.rules.deadline import day, day_number
from perfxl.rules.expression import C
from perfxl.rules.frames import EXECUTION, INDICATOR
from perfxl.rules.totals import NO_GRADE, grade
from perfxl.rules.typed import day_of, evaluation_of, money_unit
from perfxl.rules.wording import number
from perfxl.values.numerals import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from perfxl.checks.engine import Mask
    from perfxl.checks.masks import Bools, Floats, Texts
    from perfxl.rules.results import Results


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


def year_implausible(results: Results) -> Bools:
    """A year that has not come, or is long gone, is a slip; a blank or unread one is said by other codes."""
    year, now = numbers(results.frames.unit, "year"), results.today.year
    far: Bools = (year > now) | (year < now - results.scheme.checks.years_back)
    return far


def date_in_future(results: Results) -> Bools:
    """填报日期 is not after today; a blank says nothing."""
    later: Bools = numbers(results.frames.unit, "filled_day") > day_number(results.today)
    return later


def of_today(results: Results) -> Bools:
    """Whether a later day of the same calendar year might find otherwise: only over a year or a date that has not come, or a year long gone."""
    return year_implausible(results) | date_in_future(results)


def date_before_year(results: Results) -> Bools:
    """填报日期 is not before the year it reports on; a blank of either says nothing."""
    unit = results.frames.unit
    begins = np.array([np.nan if np.isnan(year) else day_number(date(int(year), 1, 1)) for year in numbers(unit, "year")])
    earlier: Bools = numbers(unit, "filled_day") < begins
    return earlier


# 自评总分 and 自评等级


def grade_without_total(results: Results) -> Bools:
    """自评等级 stands for a 自评总分; a blank grade claims nothing."""
    unit = results.frames.unit
    return ~is_(texts(unit, "claimed_grade"), "") & is_(texts(unit, "claimed_total"), "")


def expected_grade(results: Results, at: int) -> tuple[str, str, str] | None:
    """The grade a claim contradicts, and by what: the claimed total, else what the rules allow; None if it does not."""
    unit, scheme = results.frames.unit, results.scheme
    claimed = str(texts(unit, "claimed_grade")[at])
    names = [band.name for band in scheme.grades.bands]
    claimed = claimed if claimed in names else GRADES.get(claimed, "")
    if claimed not in names:
        return None
    by_total, best, worst = (str(grades[at]) for grades in _grades(results))
    if not np.isnan(numbers(unit, "claimed_total_value")[at]):
        return None if by_total == claimed else (by_total, "自评总分", "by the claimed total")
    if best in names and worst in names and names.index(best) <= names.index(claimed) <= names.index(worst):
        return None
    return best if best == worst else f"{worst}～{best}", "规则测算得分", "by the rules"


def _grades(results: Results) -> list[Texts]:
    """The grades of the claimed totals, and of the highest and the lowest that the rules allow; "" for none."""
    unit, totals = results.frames.unit, results.totals

    def take() -> list[Texts]:
        by = grade(C("total"), results.scheme)
        said = (
            by.values({"total": round_points(of)}) for of in (numbers(unit, "claimed_total_value"), numbers(totals, "high"), numbers(totals, "low"))
        )
        return [np.where(grades == NO_GRADE, "", grades) for grades in said]

    return kept(unit, "grades", take)


def grade_differs(results: Results) -> Bools:
    """自评等级 must be that of 自评总分, or without one lie within what the rules allow; a blank or unknown word is skipped."""
    result = ~is_(texts(results.frames.unit, "claimed_grade"), "")
    for at in np.flatnonzero(result):
        result[at] = expected_grade(results, int(at)) is not None
    return result


def _grade_facts(row: Mapping[str, Any], results: Results) -> dict[str, str]:
    expected, basis, basis_en = expected_grade(results, place(results, row)) or ("", "", "")
    return {"expected": expected, "basis": basis, "basis_en": basis_en}


def written(texts_: Texts, tolerance: float) -> Floats:
    """How far a claim may be from what it claims: the scheme's tolerance, or half of the last decimal written (98.9: 0.05)."""
    return np.array([_half_unit(text, tolerance) for text in texts_], dtype="float64")


@lru_cache(maxsize=4096)
def _half_unit(text: str, tolerance: float) -> float:
    decimals = len(found[1]) if (found := _DECIMALS.search(normalised(text))) else 0
    return max(tolerance, 0.5 * 10.0**-decimals) if decimals else tolerance


_DECIMALS = re.compile(r"\.(\d+)(?:分|\Z)", re.ASCII)


def total_differs(results: Results) -> Bools:
    """自评总分 must lie within what the rules allow (one number when nothing is open); a blank claims nothing.

    Skipped where the points do not add up: the total then means nothing to compare with.
    """
    claimed = numbers(results.frames.unit, "claimed_total_value")
    tolerance = written(texts(results.frames.unit, "claimed_total"), results.scheme.checks.claim_tolerance)
    far = outside(claimed, numbers(results.totals, "low"), numbers(results.totals, "high"), tolerance)
    return far & ~points_not_full(results)


def all_points(results: Results) -> Floats:
    """The points of indicators and execution together; rows without points count as 0."""
    return snap(numbers(results.totals, "weights") + numbers(results.execution, "weight"))


def points_not_full(results: Results) -> Bools:
    """Indicators and execution add up to the scheme's full points; rows without points are counted as 0."""
    apart: Bools = snap(np.abs(all_points(results) - results.scheme.full)) > results.scheme.checks.claim_tolerance
    return apart


def outside(value: Floats, low: Floats, high: Floats, tolerance: Floats) -> Bools:
    """Values below low or above high by more than the tolerance; NaN is not."""
    far: Bools = (snap(low - value) > tolerance) | (snap(value - high) > tolerance)
    return far


def _total_facts(row: Mapping[str, Any], results: Results) -> dict[str, str]:
    low, high = (number(numbers(results.totals, end)[place(results, row)]) for end in ("low", "high"))
    return {"claimed_total": number(row["claimed_total_value"]), "computed": low if low == high else f"{low}～{high}"}


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
    total = numbers(results.frames.unit, "claimed_total_value")
    tolerance = written(texts(results.frames.unit, "claimed_total"), results.scheme.checks.claim_tolerance)
    whole, _ = claimed_sums(results)
    no_rescale = numbers(results.totals, "dropped") == 0
    differs: Bools = (snap(np.abs(total - whole)) > tolerance) & no_rescale
    return differs


def _sum_facts(results: Results) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    whole, _ = claimed_sums(results)
    return lambda row: {"claimed_total": number(row["claimed_total_value"]), "sum": number(whole[place(results, row)])}


# numbers of the unit


def staff_inconsistent(results: Results) -> Bools:
    """本年新增人数 is part of 年末在职人数; a blank says nothing."""
    unit = results.frames.unit
    more: Bools = numbers(unit, "new_staff_value") > numbers(unit, "staff_value")
    return more


def staff_over_posts(results: Results) -> Bools:
    """年末在职人数 is not far above 编制人数; a blank or 0 says nothing."""
    unit = results.frames.unit
    posts = numbers(unit, "posts_value")
    over: Bools = (posts > 0) & (snap(numbers(unit, "staff_value")) > snap(posts * results.scheme.checks.staff_over_posts))
    return over


def _no_number(name: str) -> Check:
    def run(results: Results) -> Bools:
        """A field for a number must hold one; a blank says nothing."""
        unit = results.frames.unit
        return ~is_(texts(unit, name), "", "无", "/", "—", "-") & np.isnan(numbers(unit, f"{name}_value"))

    return Check(
        "number-expected", "unit", name, (name, f"{name}_value"), run, tell=each(lambda row, _: {"column": UNIT.title(name), "v": str(row[name])})
    )


def _today(_: Mapping[str, Any], results: Results) -> dict[str, str]:
    return {"today": day(day_number(results.today))}


# choices


def evaluation_assumed(results: Results) -> Bools:
    """自评类型 is blank and nothing speaks of a project: the whole; a blank is what it looks for."""
    unit = results.frames.unit
    return is_(texts(unit, "evaluation"), "") & ~_speaks_of_a_project(results)


def _speaks_of_a_project(results: Results) -> Bools:
    unit = results.frames.unit
    return ~(is_(texts(unit, "project"), "") & is_(texts(unit, "project_code"), ""))


def evaluation_unknown(results: Results) -> Bools:
    """自评类型 is one of its choices; a blank beside a project is not known either."""
    typed = texts(results.frames.unit, "evaluation")
    return where(~is_(typed, ""), lambda text: not evaluation_of(text), typed) | (is_(typed, "") & _speaks_of_a_project(results))


def project_unnamed(results: Results) -> Bools:
    """A project has a name or a code; both blank is what it looks for."""
    typed = texts(results.frames.unit, "evaluation")
    return where(~is_(typed, "") & ~_speaks_of_a_project(results), lambda text: evaluation_of(text) == EVALUATIONS[-1], typed)


def money_unit_unknown(results: Results) -> Bools:
    """金额单位 is one that is known; a blank is `money-unit-assumed`."""
    typed = texts(results.frames.unit, "money_unit")
    return where(~is_(typed, ""), lambda text: money_unit(text) is None, typed)


def grade_unknown(results: Results) -> Bools:
    """自评等级 is a grade of the scheme, or another word for one; a blank claims nothing."""
    typed = texts(results.frames.unit, "claimed_grade")
    known = {band.name for band in results.scheme.grades.bands} | set(GRADES)
    return where(~is_(typed, ""), lambda text: text.removesuffix("级") not in known, typed)


def day_not_read(results: Results) -> Bools:
    """填报日期 names a day; a blank names none."""
    typed = texts(results.frames.unit, "filled_on")
    return where(~is_(typed, ""), lambda text: math.isnan(day_of(text)), typed)


def _choice(name: str, run: Mask, choices: Sequence[str]) -> Check:
    facts = {"column": UNIT.title(name), "choices": "、".join(choices)}
    return Check("choice-unknown", "unit", name, (name,), run, tell=each(lambda row, _: {**facts, "v": str(row[name])}))


def scheme_lacking(results: Results) -> Bools:
    """A form whose points are a system of its own needs a scheme that knows its levels; an intake, and a form of the usual levels, need none."""
    return np.asarray(results.execution["foreign"], dtype=bool)


def _lacking(row: Mapping[str, object], results: Results) -> dict[str, str]:
    return {"shape": str(row["lacks"]), "scheme": results.scheme.title}


CHECKS: tuple[Check, ...] = (
    Check("form-scheme-lacking", "unit", "scheme", ("lacks",), scheme_lacking, tell=each(_lacking)),
    _choice("evaluation", evaluation_unknown, EVALUATIONS),
    _choice("money_unit", money_unit_unknown, MONEY_UNITS),
    _choice("claimed_grade", grade_unknown, COLUMN_GRADES),
    Check("project-unnamed", "unit", "project", ("evaluation", "project", "project_code"), project_unnamed),
    Check("evaluation-assumed", "unit", "evaluation", ("evaluation", "project", "project_code"), evaluation_assumed),
    Check(
        "date-not-read",
        "unit",
        "filled_on",
        ("filled_on",),
        day_not_read,
        tell=each(lambda row, _: {"column": UNIT.title("filled_on"), "v": str(row["filled_on"])}),
    ),
    Check("unit-name-missing", "unit", "name", ("name",), name_missing),
    Check("fiscal-year-missing", "unit", "fiscal_year", ("fiscal_year",), year_missing),
    Check("fiscal-year-invalid", "unit", "fiscal_year", ("fiscal_year", "year"), year_invalid, ("fiscal_year",)),
    Check("year-implausible", "unit", "fiscal_year", ("year",), year_implausible, ("year",), tell=each(_today)),
    Check("date-in-future", "unit", "filled_on", ("filled_day",), date_in_future, ("filled_on",), tell=each(_today)),
    Check("date-before-year", "unit", "filled_on", ("filled_day", "year"), date_before_year, ("filled_on", "year")),
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
    Check("total-claimed-differs", "unit", "claimed_total", ("claimed_total_value",), total_differs, tell=each(_total_facts)),
    Check("claimed-sum-differs", "unit", "claimed_total", ("claimed_total_value",), claimed_sum_differs, tell=_sum_facts),
    Check("staff-inconsistent", "unit", "new_staff", ("new_staff_value", "staff_value"), staff_inconsistent, ("staff", "new_staff")),
    Check("staff-over-posts", "unit", "staff", ("staff_value", "posts_value"), staff_over_posts, ("staff", "posts")),
    *(_no_number(name) for name in ("claimed_total", "posts", "staff", "new_staff", "contract_staff", "submission_count")),
)
