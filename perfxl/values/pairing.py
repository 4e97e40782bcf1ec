"""One indicator row: target and actual in one unit, the operator and where it came from, and what is wrong.

`pair` holds the records, `deadlines` the rows with dates, `measures` the units, `operators` the direction; here they are joined.
"""

from __future__ import annotations

import math

from msgspec.structs import replace

from perfxl.values import Reading, ReadingKind, cell_text, read_unit_column, read_value, same_dimension, with_unit
from perfxl.values.deadlines import deadline
from perfxl.values.direction import UNKNOWN, column_operator, named_direction
from perfxl.values.fitting import fitting
from perfxl.values.measures import (
    IMPLAUSIBLE_RATIO,
    Borrowed,
    alias_of_column,
    divisor_of,
    in_pieces,
    in_unit_of,
    in_units,
    strange_unit,
    suspicion,
    unit_text,
    with_divisor,
    without_borrowed,
)
from perfxl.values.numerals import normalised, spelled
from perfxl.values.operators import DOWN, in_direction_of, operator_of, unknown_operator
from perfxl.values.pair import NUMERIC, ActualKind, Pair, PairKind, Problem, RowWords, Side, actual_kind, actual_of, missing_actual, unclear
from perfxl.values.partners import by_their_partner
from perfxl.values.vocabulary import DEFAULT_LOWER_NAMES, RATES_TO_100
from perfxl.values.zeros import says_nothing_happened


def read_pair(
    target: object,
    actual: object,
    *,
    operator: object = "",
    unit: object = "",
    name: object = "",
    level2: object = "",
    fiscal_year: int | None = None,
    lower_is_better: tuple[str, ...] | frozenset[str] = DEFAULT_LOWER_NAMES,
    implausible: float = IMPLAUSIBLE_RATIO,
    original: object = "",
) -> Pair:
    """What one indicator row compares. Never raises.

    Args:
        target: The cell 年度指标值 (or 调整后指标值).
        actual: The cell 实际完成值.
        operator: The column 指标性质: ≥ ≤ = > < 定性 期限, or blank.
        unit: The column 计量单位.
        name: 三级指标, which may hold operator and unit (`公猪舍(≥**平方米)`) and tells what is better low.
        level2: 二级指标; under 成本 less is better.
        fiscal_year: The year of dates without one.
        lower_is_better: Parts of names whose number should stay low.
        implausible: How many times the target a bare actual must be (or how small a part) to be doubted.
        original: The cell 年度指标值 where the target is 调整后指标值.

    >>> pair = read_pair("≤90万元", "90")
    >>> pair.operator, pair.target_high, pair.actual_low, pair.met
    ('≤', 900000.0, 900000.0, True)
    >>> read_pair("≥95%", "95%以上").met, read_pair("≥98%", "95%以上").problems[0].code
    (True, 'actual-bound-unproven')
    """
    typed, called = cell_text(operator), cell_text(name)
    row = RowWords(
        column_operator(typed),
        read_unit_column(cell_text(unit)),
        spelled(called),
        spelled(cell_text(level2)),
        fiscal_year,
        lower_is_better,
        typed,
        implausible,
    )
    goal = read_value(target, fiscal_year=fiscal_year, name=called)
    done = read_value(actual, fiscal_year=fiscal_year, name=called)
    if original and _is_amendment(row.name, goal, read_value(original, fiscal_year=fiscal_year, name=called)):
        goal = replace(goal, kind=ReadingKind.AMBIGUOUS, words=normalised(goal.text), notes=(*goal.notes, "amended"))
    return _pair(row, *by_their_partner(row, goal, done))


def _is_amendment(name: str, goal: Reading, original: Reading) -> bool:
    """Whether an adjusted target says by how much it was adjusted (增加5场, +5) and not the target that holds now."""
    if original.direction is not None or named_direction(name) is not None or (original.low or 0) < 0:
        return False
    return goal.kind in NUMERIC and (goal.direction is not None or normalised(goal.text)[:1] in {"+", "-"})


def _pair(row: RowWords, goal: Reading, done: Reading) -> Pair:
    if goal.kind is ReadingKind.BLANK:
        return _without_target(row, goal, done)
    if row.column == "定性":
        return _words(PairKind.QUALITATIVE, goal, done)
    done = fitting(row, goal, _result(done))
    if row.column == "期限" or goal.kind is ReadingKind.DATE:
        return deadline(row, goal, done)
    if goal.kind is ReadingKind.QUALITATIVE:
        if row.column in {None, UNKNOWN}:
            problems = () if row.column is None else (unknown_operator(row),)
            return _words(PairKind.QUALITATIVE, goal, done, *problems)
        return _words(PairKind.AMBIGUOUS, goal, done, Problem("target-not-a-number", "target", (("reason", "words"),)))
    if "company" in goal.notes:  # 270场,参与8000人次: two targets in one cell
        goal = replace(goal, kind=ReadingKind.AMBIGUOUS, notes=(*goal.notes, "several"))
    if goal.kind is ReadingKind.AMBIGUOUS:
        return _words(PairKind.AMBIGUOUS, goal, done, unclear(goal, "target"))
    return _numbers(row, goal, done)


def _result(done: Reading) -> Reading:
    """An actual that is a plan (计划270场, 95%(目标值)) is no result."""
    if "planned" not in done.notes or done.kind in {ReadingKind.BLANK, ReadingKind.QUALITATIVE}:
        return done
    return Reading(done.text, ReadingKind.AMBIGUOUS, words=normalised(done.text), notes=done.notes)


def _words(kind: PairKind, goal: Reading, done: Reading, *problems: Problem) -> Pair:
    return replace(actual_of(done, kind, goal), problems=(*problems, *missing_actual(done)))


def _without_target(row: RowWords, goal: Reading, done: Reading) -> Pair:
    label = row.unit.label if row.unit else None
    if done.kind in {ReadingKind.QUANTITY, ReadingKind.RANGE} and done.unit is None and row.unit is not None:
        done = with_unit(done, row.unit, "unit-column")
    problems = () if goal.not_applicable else (Problem("target-missing", "target"), *missing_actual(done))
    return replace(actual_of(done, PairKind.BLANK, goal), unit=label, problems=problems)


def _numbers(row: RowWords, goal: Reading, done: Reading) -> Pair:
    """A target that is a number or a range."""
    numeric = done.kind in NUMERIC
    done = _reported(done)
    strange = strange_unit(row, goal, done)
    goal, done, borrowed = in_units(row, goal, done, numeric=numeric)
    problems: list[Problem] = []
    operator, source, kind = operator_of(row, goal, problems)
    pair = _with_target(actual_of(done, kind, goal), goal, operator, source)
    reason = _no_target_reason(row, goal)
    if reason is not None:
        problems.append(Problem("target-not-a-number", "target", (("reason", reason),)))
        return replace(_no_target_number(pair), problems=(*problems, *missing_actual(done)))
    if strange is not None:
        problems.append(strange)
        return (
            _no_target_number(replace(pair, problems=tuple(problems)))
            if strange.side == "target"
            else replace(_no_actual_number(pair), problems=tuple(problems))
        )
    problems += missing_actual(done)
    if done.kind is ReadingKind.AMBIGUOUS or "number-in-text" in done.notes:
        problems.append(unclear(done, "actual"))
    elif numeric:
        pair = _compared(row, pair, goal, done, borrowed, problems)
    elif done.kind is not ReadingKind.BLANK:
        nothing = goal.exact == 0 and says_nothing_happened(done.words or "")
        problems.append(Problem("actual-not-a-number", "actual", (("reason", "nothing"),) if nothing else ()))
    return replace(pair, problems=tuple(problems)) if problems else pair


def _reported(done: Reading) -> Reading:
    """达到98% and 降至5% ask for a bound in a target; in an actual they report the number."""
    if "reached" not in done.notes or done.kind is not ReadingKind.QUANTITY:
        return done
    value = done.low if done.low is not None else done.high
    return replace(done, low=value, high=value, low_open=False, high_open=False)


def _no_target_number(pair: Pair) -> Pair:
    """`pair` without any number or direction for its target: a doubted number is no number."""
    return replace(
        pair,
        kind=PairKind.AMBIGUOUS,
        operator=None,
        operator_from=None,
        unit=None,
        target_low=None,
        target_high=None,
        target_low_open=False,
        target_high_open=False,
    )


def _no_actual_number(pair: Pair) -> Pair:
    return replace(pair, actual_kind=ActualKind.AMBIGUOUS, actual_low=None, actual_high=None, actual_low_open=False, actual_high_open=False)


def _with_target(pair: Pair, goal: Reading, operator: str | None, source: str | None) -> Pair:
    """`pair` with the target's unit, the operator, and the bounds that the target sets under it."""
    if goal.kind is ReadingKind.RANGE:
        low, high, low_open, high_open = goal.low, goal.high, goal.low_open, goal.high_open
    else:
        value = goal.low if goal.low is not None else goal.high
        low, high = value if operator in {"≥", ">", "="} else None, value if operator in {"≤", "<", "="} else None
        low_open, high_open = operator == ">", operator == "<"
    return replace(
        pair,
        operator=operator,
        operator_from=source,
        unit=goal.unit,
        target_low=low,
        target_high=high,
        target_low_open=low_open,
        target_high_open=high_open,
    )


def _compared(row: RowWords, pair: Pair, goal: Reading, done: Reading, borrowed: Borrowed, problems: list[Problem]) -> Pair:
    """`pair` with the actual in the target's unit and `met`, or with the reason why there is none."""
    typed = done
    done, divisor = with_divisor(row, goal, done)
    problems += [divisor] if divisor else []
    if divisor is not None and divisor.code == "actual-ambiguous":
        return _no_actual_number(pair)
    if not (same_dimension(goal.unit, done.unit) or alias_of_column(row, goal, done)) or divisor_of(goal) != divisor_of(done):
        problems.append(Problem("unit-conflict", "unit", (("target", unit_text(goal)), ("actual", unit_text(done)))))
        return pair
    done = in_unit_of(goal, done)
    done = without_borrowed(goal, done, borrowed, problems)
    done, certain = in_direction_of(row, goal, done)
    if done is not typed:
        pair = replace(
            pair,
            actual_kind=actual_kind(done),
            actual_low=done.low,
            actual_high=done.high,
            actual_low_open=done.low_open,
            actual_high_open=done.high_open,
            actual_unit=done.unit,
        )
    pieces = "fraction" if in_pieces(row, goal, done) else None
    doubt = "change" if done.direction is not None else "direction"
    reason = doubt if not certain else suspicion(row.implausible, goal, done, borrowed) or pieces
    if reason is not None:
        side: Side = "target" if reason.startswith("target-") else "actual"
        if side == "target":
            problems.append(Problem("target-not-a-number", side, (("reason", reason.removeprefix("target-")),)))
            return _no_target_number(pair)
        problems.append(Problem("actual-ambiguous", side, (("reason", reason),)))
        return _no_actual_number(pair)
    if pair.operator is None and pair.kind is PairKind.QUANTITY:
        return pair  # operator-unknown
    if problems and any(problem.code == "operator-conflict" and not problem.mild for problem in problems):
        return pair
    met = None if done.approximate else _proves(pair)
    if (met is None) or (not met and pair.actual_value is None):
        problems.append(Problem("actual-bound-unproven", "actual"))
    return replace(pair, met=met)


def _proves(pair: Pair) -> bool | None:
    """True if every number the actual allows is inside the target, False if none is, None if some are."""
    low, high = _end(pair.actual_low, -math.inf), _end(pair.actual_high, math.inf)
    goal_low, goal_high = _end(pair.target_low, -math.inf), _end(pair.target_high, math.inf)
    low_inside = low > goal_low or (low == goal_low and (pair.actual_low_open or not pair.target_low_open or low == -math.inf))
    high_inside = high < goal_high or (high == goal_high and (pair.actual_high_open or not pair.target_high_open or high == math.inf))
    if low_inside and high_inside:
        return True
    below = high < goal_low or (high == goal_low and (pair.actual_high_open or pair.target_low_open))
    above = low > goal_high or (low == goal_high and (pair.actual_low_open or pair.target_high_open))
    return False if below or above else None


def _end(value: float | None, infinite: float) -> float:
    return infinite if value is None else value


def _no_target_reason(row: RowWords, goal: Reading) -> str | None:
    """Why the target's number is doubted: a share above 100 %, or ≤ beside 降低 (at most, or down to at most?)."""
    if _impossible_rate(row, goal):
        return "rate-over-100"
    if goal.direction == "down" and row.column in DOWN:
        return "direction"
    return None


def _impossible_rate(row: RowWords, goal: Reading) -> bool:
    """A satisfaction or pass rate with a target above 100 %: a misprint, such as 290% for ≥90%."""
    value = goal.low if goal.low is not None else goal.high
    return goal.unit == "%" and value is not None and value > 100 and any(word in row.name for word in RATES_TO_100)
