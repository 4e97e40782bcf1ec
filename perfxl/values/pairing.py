"""One indicator row: target and actual in one unit, the operator and where it came from, and what is wrong.

No points here: a `Pair` says whether the actual proves the target, and a `Problem` names every reason why it cannot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from perfxl.values import Reading, ReadingKind, Unit, cell_text, converted, read_unit_column, read_value, same_dimension, with_unit
from perfxl.values.direction import UNKNOWN, Lean, column_operator, costs, named_direction, operator_in_name, sense_of, unit_in_name, written_number
from perfxl.values.expressions import Expression
from perfxl.values.lexicon import COLUMN_ALIASES
from perfxl.values.numerals import normalised, times_ten_to
from perfxl.values.sentences import dated_sentence, verb_first
from perfxl.values.vocabulary import DEFAULT_LOWER_NAMES, RATES_TO_100
from perfxl.values.zeros import says_nothing_happened

Side = Literal["target", "actual", "unit", "operator"]
IMPLAUSIBLE_RATIO = 50
"""Contract §3.11: a bare actual this many times the target, or this small a part of it, is doubted."""
ALIKE = 3
"""Contract §3.11: within a third and three times the target a number is taken for the same measure."""
BEYOND = 300
"""Contract §3.11: beyond this many times the target, or below that part of it, a reading is out of the question."""
SHARED_SCALE_TO = 5
"""Contract §3.11: bare numbers under one unit % share its scale where the target is at most this."""
FIRST_SERIAL, LAST_SERIAL = 32_874, 73_415
"""Excel day numbers of 1990-01-01 and 2100-12-31; a bare number between them in a deadline row is a date."""


class PairKind(StrEnum):
    """What kind of comparison the row asks for."""

    QUANTITY = "quantity"
    RANGE = "range"
    DEADLINE = "deadline"
    QUALITATIVE = "qualitative"
    BLANK = "blank"
    """No target."""
    AMBIGUOUS = "ambiguous"
    """A target that cannot be read as one number with certainty."""


class ActualKind(StrEnum):
    """What the actual turned out to be."""

    QUANTITY = "quantity"
    BOUND = "bound"
    RANGE = "range"
    DATE = "date"
    QUALITATIVE = "qualitative"
    BLANK = "blank"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one side of the row: a code of the catalogue, and the scalars of its message."""

    code: str
    side: Side
    details: tuple[tuple[str, str | float], ...] = ()

    @property
    def mild(self) -> bool:
        """An `operator-conflict` that is only worth a warning (= against ≥): the text won."""
        return ("mild", 1) in self.details


class Pair(Struct, frozen=True):
    """Target and actual of one row in one unit.

    Bounds are in base magnitude of `unit`: ≥270 has `target_low` 270 and no `target_high`, ≤ the other way round, = has
    both. `operator` is ≥ > ≤ < = for QUANTITY, None otherwise; `operator_from` is
    text, column, name, level2 or assumed. `target_date` is the last day in time (None: no date, or no year known).
    `met` is whether the whole actual proves the target: None where that cannot be said.
    """

    kind: PairKind
    target: Reading
    actual: Reading
    actual_kind: ActualKind
    operator: str | None = None
    operator_from: str | None = None
    target_low: float | None = None
    target_high: float | None = None
    target_low_open: bool = False
    target_high_open: bool = False
    unit: str | None = None
    target_date: date | None = None
    actual_low: float | None = None
    actual_high: float | None = None
    actual_low_open: bool = False
    actual_high_open: bool = False
    actual_unit: str | None = None
    actual_end: date | None = None
    met: bool | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def actual_value(self) -> float | None:
        """The actual as one exact number in `unit`; None for bounds, ranges, estimates and everything else."""
        exact = self.actual_kind is ActualKind.QUANTITY and not self.actual.approximate
        return self.actual_low if exact and self.actual_low == self.actual_high else None


def read_pair(
    target: object,
    actual: object,
    *,
    operator: object = "",
    unit: object = "",
    name: object = "",
    level2: object = "",
    fiscal_year: int | None = None,
    lower_is_better: tuple[str, ...] = DEFAULT_LOWER_NAMES,
    implausible: float = IMPLAUSIBLE_RATIO,
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

    >>> pair = read_pair("≤90万元", "90")
    >>> pair.operator, pair.target_high, pair.actual_low, pair.met
    ('≤', 900000.0, 900000.0, True)
    >>> read_pair("≥95%", "95%以上").met, read_pair("≥98%", "95%以上").problems[0].code
    (True, 'actual-bound-unproven')
    """
    typed, called = cell_text(operator), cell_text(name)
    row = _Row(
        column_operator(typed),
        read_unit_column(cell_text(unit)),
        _spelled(called),
        _spelled(cell_text(level2)),
        fiscal_year,
        lower_is_better,
        typed,
        implausible,
    )
    goal, done = (read_value(text, fiscal_year=fiscal_year, name=called) for text in (target, actual))
    return _pair(row, *_by_their_partner(row, goal, done))


_spelled = lru_cache(maxsize=16_384)(normalised)
"""Names and levels in one spelling. Rows are alike in these, in operators and in units; whole rows are not: of 12,000 rows
of 300 units a cache of pairs knew five."""


class _Row(Struct, frozen=True):
    """The texts beside target and actual, in one spelling."""

    column: str | None
    """≥ > ≤ < = 定性 期限, None for none, `?` for a word perfxl does not know."""
    unit: Unit | None
    name: str
    level2: str
    fiscal_year: int | None
    lower_is_better: tuple[str, ...]
    operator_text: str
    implausible: float


_NUMERIC = frozenset({ReadingKind.QUANTITY, ReadingKind.RANGE})


def _pair(row: _Row, goal: Reading, done: Reading) -> Pair:
    if goal.kind is ReadingKind.BLANK:
        return _without_target(row, goal, done)
    if row.column == "定性":
        return _words(PairKind.QUALITATIVE, goal, done)
    done = _result(done)
    if row.column == "期限" or goal.kind is ReadingKind.DATE:
        return _deadline(row, goal, done)
    if goal.kind is ReadingKind.QUALITATIVE:
        if row.column in {None, UNKNOWN}:
            problems = () if row.column is None else (_unknown_operator(row),)
            return _words(PairKind.QUALITATIVE, goal, done, *problems)
        return _words(PairKind.AMBIGUOUS, goal, done, Problem("target-not-a-number", "target", (("reason", "words"),)))
    if goal.kind is ReadingKind.AMBIGUOUS:
        return _words(PairKind.AMBIGUOUS, goal, done, _unclear(goal, "target"))
    return _numbers(row, goal, done)


def _by_their_partner(row: _Row, goal: Reading, done: Reading) -> tuple[Reading, Reading]:
    """Texts that are a number only because a number stands on the other side: 零投诉, 打造60条公交线路."""
    if row.column in {"定性", "期限"}:
        return goal, done
    if goal.kind is ReadingKind.QUALITATIVE and "zero" in goal.notes and (done.kind in _NUMERIC or "zero" in done.notes):
        goal = _zero(goal)
    if goal.unread is not None and (shaped := verb_first(goal.text, row.name)) is not None:
        verb, number = shaped
        if done.unread == verb and (same := verb_first(done.text, row.name)) is not None:
            goal, done = number, same[1]
        elif done.kind in _NUMERIC:
            goal = number
    if "zero" in done.notes and goal.kind in _NUMERIC:
        done = _zero(done)
    return goal, done


def _zero(reading: Reading) -> Reading:
    return Reading(reading.text, ReadingKind.QUANTITY, low=0.0, high=0.0, notes=reading.notes)


def _result(done: Reading) -> Reading:
    """An actual that is a plan (计划270场, 95%(目标值)) is no result."""
    if "planned" not in done.notes or done.kind in {ReadingKind.BLANK, ReadingKind.QUALITATIVE}:
        return done
    return Reading(done.text, ReadingKind.AMBIGUOUS, words=normalised(done.text), notes=done.notes)


def _unclear(reading: Reading, side: Literal["target", "actual"]) -> Problem:
    """Why a text with a number in it gives none: several numbers, a plan, a word on no list, or nothing certain."""
    if "several" in reading.notes:
        return Problem(f"{side}-not-understood", side, (("reason", "several"),))
    if "planned" in reading.notes:
        return Problem(f"{side}-not-understood", side, (("reason", "planned"),))
    if reading.unread is not None:
        return Problem(f"{side}-not-understood", side, (("reason", "unread"), ("words", f"“{reading.unread}”")))
    return Problem("actual-ambiguous", side) if side == "actual" else Problem("target-not-a-number", side, (("reason", "ambiguous"),))


# --- rows without a number to compare ---------------------------------------------------------------------------------


def _missing_actual(done: Reading) -> tuple[Problem, ...]:
    """A blank actual; not where 不适用 is written, which counts or not by its reason, and that is a rule's matter."""
    blank = done.kind is ReadingKind.BLANK and not done.not_applicable
    return (Problem("actual-missing", "actual"),) if blank else ()


def _words(kind: PairKind, goal: Reading, done: Reading, *problems: Problem) -> Pair:
    return replace(_actual_of(done, kind, goal), problems=(*problems, *_missing_actual(done)))


def _without_target(row: _Row, goal: Reading, done: Reading) -> Pair:
    label = row.unit.label if row.unit else None
    if done.kind in {ReadingKind.QUANTITY, ReadingKind.RANGE} and done.unit is None and row.unit is not None:
        done = with_unit(done, row.unit, "unit-column")
    problems = () if goal.not_applicable else (Problem("target-missing", "target"), *_missing_actual(done))
    return replace(_actual_of(done, PairKind.BLANK, goal), unit=label, problems=problems)


def _actual_of(done: Reading, kind: PairKind, goal: Reading) -> Pair:
    """A pair with the actual's own bounds, unit and days, and nothing said about the target."""
    return Pair(
        kind,
        goal,
        done,
        _actual_kind(done),
        actual_low=done.low,
        actual_high=done.high,
        actual_low_open=done.low_open,
        actual_high_open=done.high_open,
        actual_unit=done.unit,
        actual_end=done.end if done.kind is ReadingKind.DATE else None,
    )


_ACTUAL_KINDS = {kind: ActualKind(kind.value) for kind in ReadingKind}


def _actual_kind(done: Reading) -> ActualKind:
    if done.kind is ReadingKind.QUANTITY and (done.low is None or done.high is None):
        return ActualKind.BOUND
    return _ACTUAL_KINDS[done.kind]


# --- deadlines --------------------------------------------------------------------------------------------------------

_POINT_MONTH = Expression(r"(\d{4})\.(\d{1,2})\Z")
_MONTH_DAY = Expression(r"(\d{1,2})[-./](\d{1,2})\Z")
_COMPACT_DAY = Expression(r"(\d{4})(\d{2})(\d{2})\Z")
_NO_YEAR = 2000
"""Stands for the year of two dates that both name none, so that October can be compared with November."""


def _deadline(row: _Row, goal: Reading, done: Reading) -> Pair:
    """A row whose target is a date or a period: in time means by the last day of it."""
    years = [reading.end.year for reading in (goal, done) if reading.end is not None]
    year = row.fiscal_year or (years[0] if years else None)
    goal = _as_date(row, goal, year, target=True)
    done = _as_date(row, done, year, target=False)
    pair = replace(_actual_of(done, PairKind.DEADLINE, goal), target_date=goal.end)
    problems = _missing_actual(done)
    if goal.kind is ReadingKind.DATE and done.kind is ReadingKind.DATE:
        if goal.end is None or done.end is None:
            goal, done = _as_date(row, goal, _NO_YEAR, target=True), _as_date(row, done, _NO_YEAR, target=False)
        pair = replace(pair, met=_in_time(goal, done))
        if pair.met is None:
            problems = (Problem("actual-bound-unproven", "actual"),)
    elif done.kind in {ReadingKind.QUANTITY, ReadingKind.RANGE}:
        problems = (Problem("actual-not-a-number", "actual", (("expected", "date"),)),)
    elif done.kind is ReadingKind.AMBIGUOUS:
        problems = (_unclear(done, "actual"),)
        if problems[0].code == "actual-not-understood":  # a date beside words that are not understood: the tier must not cover it
            pair = replace(pair, kind=PairKind.AMBIGUOUS)
    if goal.kind is ReadingKind.AMBIGUOUS and goal.unread is not None:
        problems = (_unclear(goal, "target"), *problems)
        pair = replace(pair, kind=PairKind.AMBIGUOUS)
    elif goal.kind in {ReadingKind.QUANTITY, ReadingKind.RANGE, ReadingKind.AMBIGUOUS}:
        problems = (Problem("target-not-a-number", "target", (("expected", "date"),)), *problems)
        pair = replace(pair, kind=PairKind.AMBIGUOUS)
    return replace(pair, problems=problems)


def _in_time(goal: Reading, done: Reading) -> bool | None:
    if goal.end is None or done.end is None:
        return None
    if done.end <= goal.end:
        return True
    return False if done.start is not None and done.start > goal.end else None


def _as_date(row: _Row, reading: Reading, year: int | None, *, target: bool) -> Reading:
    """`reading` as the date it is in a deadline row: in `year` if it names none, a day number, or in a sentence."""
    if reading.kind is ReadingKind.DATE:
        return reading if reading.end is not None or year is None else read_value(reading.text, fiscal_year=year)
    if reading.kind is ReadingKind.QUALITATIVE:
        again = reading if reading.end is not None or year is None else read_value(reading.text, fiscal_year=year)
        return again if again.end is None else dated_sentence(again, row.name, target=target)
    text = normalised(reading.text)
    if found := _COMPACT_DAY.match(text):
        again = read_value("-".join(found.groups()))
        return again if again.kind is ReadingKind.DATE else reading
    if (found := _MONTH_DAY.match(text)) and year is not None:
        again = read_value(f"{year}-{found[1]}-{found[2]}")
        return again if again.kind is ReadingKind.DATE else reading
    if found := _POINT_MONTH.match(text):
        again = read_value(f"{found[1]}年{int(found[2])}月")
        return again if again.kind is ReadingKind.DATE else reading
    value = reading.exact
    if value is None or reading.unit is not None or reading.power or not value.is_integer():
        return reading
    if FIRST_SERIAL <= value <= LAST_SERIAL:
        day = date(1899, 12, 30) + timedelta(days=int(value))
        return Reading(reading.text, ReadingKind.DATE, start=day, end=day, notes=(*reading.notes, "excel-serial"))
    if 1990 <= value <= 2100:
        return read_value(f"{int(value)}年")
    return reading


# --- numbers ----------------------------------------------------------------------------------------------------------


def _numbers(row: _Row, goal: Reading, done: Reading) -> Pair:
    """A target that is a number or a range."""
    numeric = done.kind in _NUMERIC
    done = _reported(done)
    strange = _strange_unit(row, goal, done)
    goal, done, borrowed = _in_units(row, goal, done, numeric=numeric)
    problems: list[Problem] = []
    operator, source, kind = _operator(row, goal, problems)
    pair = replace(_actual_of(done, kind, goal), operator=operator, operator_from=source, unit=goal.unit)
    pair = _with_target(pair, goal, operator)
    reason = _no_target_reason(row, goal)
    if reason is not None:
        problems.append(Problem("target-not-a-number", "target", (("reason", reason),)))
        return replace(_no_target_number(pair), problems=(*problems, *_missing_actual(done)))
    if strange is not None:
        problems.append(strange)
        return (
            _no_target_number(replace(pair, problems=tuple(problems)))
            if strange.side == "target"
            else replace(_no_actual_number(pair), problems=tuple(problems))
        )
    problems += _missing_actual(done)
    if done.kind is ReadingKind.AMBIGUOUS or "number-in-text" in done.notes:
        problems.append(_unclear(done, "actual"))
    elif done.kind in {ReadingKind.QUALITATIVE, ReadingKind.DATE}:
        nothing = goal.exact == 0 and says_nothing_happened(done.words or "")
        problems.append(Problem("actual-not-a-number", "actual", (("reason", "nothing"),) if nothing else ()))
    elif numeric:
        pair = _compared(row, pair, goal, done, borrowed, problems)
    return replace(pair, problems=tuple(problems))


def _reported(done: Reading) -> Reading:
    """达到98% and 降至5% ask for a bound in a target; in an actual they report the number."""
    if "reached" not in done.notes or done.kind is not ReadingKind.QUANTITY:
        return done
    value = done.low if done.low is not None else done.high
    return replace(done, low=value, high=value, low_open=False, high_open=False)


def _strange_unit(row: _Row, goal: Reading, done: Reading) -> Problem | None:
    """A counting word on no list (270取消) is a unit only where the unit column, the name or the other side has it too."""
    column = row.unit.label if row.unit else None
    for reading, other, code, side in ((done, goal, "actual-not-understood", "actual"), (goal, done, "target-not-understood", "target")):
        if "unit-unknown" in reading.notes and reading.unit not in {column, other.unit} and (reading.unit or "") not in row.name:
            return Problem(code, side, (("reason", "unread"), ("words", f"“{reading.unit}”")))  # type: ignore[arg-type]  # two literals
    return None


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


def _with_target(pair: Pair, goal: Reading, operator: str | None) -> Pair:
    """`pair` with the bounds that the target sets under `operator`."""
    if goal.kind is ReadingKind.RANGE:
        return replace(pair, target_low=goal.low, target_high=goal.high, target_low_open=goal.low_open, target_high_open=goal.high_open)
    value = goal.low if goal.low is not None else goal.high
    return replace(
        pair,
        target_low=value if operator in {"≥", ">", "="} else None,
        target_high=value if operator in {"≤", "<", "="} else None,
        target_low_open=operator == ">",
        target_high_open=operator == "<",
    )


def _compared(row: _Row, pair: Pair, goal: Reading, done: Reading, borrowed: _Borrowed, problems: list[Problem]) -> Pair:
    """`pair` with the actual in the target's unit and `met`, or with the reason why there is none."""
    done, divisor = _with_divisor(goal, done)
    problems += [divisor] if divisor else []
    if divisor is not None and divisor.code == "actual-ambiguous":
        return _no_actual_number(pair)
    if not (same_dimension(goal.unit, done.unit) or _alias_of_column(row, goal, done)) or _per(goal) != _per(done):
        problems.append(Problem("unit-conflict", "unit", (("target", _unit_text(goal)), ("actual", _unit_text(done)))))
        return pair
    done = _in_unit_of(goal, done)
    done = _without_borrowed(goal, done, borrowed, problems)
    done, certain = _in_direction_of(row, goal, done)
    pair = replace(
        pair,
        actual_kind=_actual_kind(done),
        actual_low=done.low,
        actual_high=done.high,
        actual_low_open=done.low_open,
        actual_high_open=done.high_open,
        actual_unit=done.unit,
    )
    reason = "direction" if not certain else _suspicion(row.implausible, goal, done, borrowed)
    if reason is not None:
        side: Side = "target" if reason.startswith("target-") else "actual"
        if side == "target":
            problems.append(Problem("target-not-a-number", side, (("reason", reason.removeprefix("target-")),)))
            return _no_target_number(pair)
        problems.append(Problem("actual-ambiguous", side, (("reason", reason),)))
        return _no_actual_number(pair)
    if pair.operator is None and pair.kind is PairKind.QUANTITY:
        return pair  # operator-unknown
    if any(problem.code == "operator-conflict" and not problem.mild for problem in problems):
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


# --- units ------------------------------------------------------------------------------------------------------------


class _Borrowed(Struct, frozen=True):
    """Which side took its unit from elsewhere, and the power of ten it took with it."""

    target: bool = False
    target_power: int = 0
    actual: bool = False
    actual_power: int = 0


def _in_units(row: _Row, goal: Reading, done: Reading, *, numeric: bool) -> tuple[Reading, Reading, _Borrowed]:
    """Both sides with a unit: the cell's own, else the unit column's, else the other side's, else the name's."""
    goal_bare, done_bare = goal.unit is None, numeric and done.unit is None
    goal_power, done_power = goal.power, done.power
    if goal_bare:
        source = row.unit or (_own_unit(done) if numeric and not done_bare else None) or unit_in_name(row.name, written_number(goal.text))
        goal = with_unit(goal, source, "unit-borrowed") if source else goal
    if done_bare:
        source = row.unit or (_own_unit(goal) if goal.unit is not None or goal.power else None)
        done = with_unit(done, source, "unit-borrowed") if source else done
    taken = _Borrowed(
        goal_bare and not goal_power,
        goal.power - goal_power if goal_bare else 0,
        done_bare and not done_power,
        done.power - done_power if done_bare else 0,
    )
    return goal, done, taken


def _own_unit(reading: Reading) -> Unit | None:
    return None if reading.unit is None else Unit(reading.unit, reading.power)


def _per(reading: Reading) -> str | None:
    return next((note for note in reading.notes if note.startswith("per-")), None)


def _unit_text(reading: Reading) -> str:
    """The unit for a message; empty if there is none."""
    return reading.unit or (_per(reading) or "").replace("per-", "每")


_GROUPS = [frozenset(words.split()) for words in COLUMN_ALIASES]


def _alias_of_column(row: _Row, goal: Reading, done: Reading) -> bool:
    """Whether column and text count the same in two words (台 and 套, 份 and 篇)."""
    column = row.unit.label if row.unit else None
    units = {goal.unit, done.unit}
    return column in units and any(units <= group for group in _GROUPS)


def _with_divisor(goal: Reading, done: Reading) -> tuple[Reading, Problem | None]:
    """`60元` beside `60元/月`: the actual takes the divisor that only the target writes, if it is alike in size."""
    if goal.unit is None or done.unit is None:
        per = _per(goal) if goal.unit is done.unit and _per(done) is None else None
        return (done, None) if per is None else (replace(done, notes=(*done.notes, per)), None)
    measured, stroke, _ = goal.unit.partition("/")
    if not stroke or "/" in done.unit or not same_dimension(measured, done.unit):
        return done, None
    taken = replace(_in_unit_of(replace(goal, unit=measured), done), unit=goal.unit)
    wanted = _either(goal)
    alike = all(wanted and 1 / ALIKE <= value / wanted <= ALIKE for value in (taken.low, taken.high) if value is not None)
    if alike:
        return taken, Problem("divisor-assumed", "actual", (("measure", goal.unit),))
    return done, Problem("actual-ambiguous", "actual", (("reason", "divisor"),))


def _either(reading: Reading) -> float | None:
    return reading.low if reading.low is not None else reading.high


def _without_borrowed(goal: Reading, done: Reading, borrowed: _Borrowed, problems: list[Problem]) -> Reading:
    """`253100` beside `25万人次` counts persons: the one reading alike in size, where the other is beyond all size. Told."""
    target, actual = _either(goal), done.exact
    if not borrowed.actual or not borrowed.actual_power or not target or target < 0 or actual is None:
        return done
    bare = times_ten_to(actual, -borrowed.actual_power)
    ratio = actual / target
    if not (1 / ALIKE <= bare / target <= ALIKE and (ratio > BEYOND or 0 < ratio < 1 / BEYOND)):
        return done
    problems.append(Problem("magnitude-taken", "actual", (("read", bare), ("measure", goal.unit or ""))))
    return replace(done, low=bare, high=bare, power=0)


def _in_unit_of(goal: Reading, done: Reading) -> Reading:
    if goal.unit == done.unit or goal.unit is None or done.unit is None:
        return done
    return replace(
        done,
        low=None if done.low is None else converted(done.low, done.unit, goal.unit),
        high=None if done.high is None else converted(done.high, done.unit, goal.unit),
        unit=goal.unit,
    )


def _suspicion(implausible: float, goal: Reading, done: Reading, borrowed: _Borrowed) -> str | None:
    """Why a number without a unit may mean another magnitude; None if nothing speaks against it."""
    target, actual = goal.low if goal.low is not None else goal.high, done.low if done.low is not None else done.high
    if target is None or actual is None:
        return None
    ordinary = partial(_ordinary, implausible)
    shared = borrowed.actual and borrowed.target and target <= SHARED_SCALE_TO
    if goal.unit == "%" and borrowed.actual and 0 < actual <= 1 < target and not shared:
        return "share"
    if done.unit == "%" and borrowed.target and 0 < target <= 1 < actual and actual / target >= implausible:
        return "target-share"
    if target <= 0 or actual <= 0 or ordinary(actual / target):
        return None
    for side, is_bare, power, other_power in (
        ("", borrowed.actual, borrowed.actual_power, goal.power),
        ("target-", borrowed.target, borrowed.target_power, done.power),
    ):
        ratio = actual / target if not side else target / actual
        # without the borrowed 万, or with the 万 that only the other side has, the two would be alike
        if is_bare and ((power and ordinary(ratio / 10**power)) or (other_power and not power and ordinary(ratio * 10**other_power))):
            return f"{side}magnitude"
    return None


def _ordinary(implausible: float, ratio: float) -> bool:
    return 1 / implausible < ratio < implausible


def _no_target_reason(row: _Row, goal: Reading) -> str | None:
    """Why the target's number is doubted: a share above 100 %, or ≤ beside 降低 (at most, or down to at most?)."""
    if _impossible_rate(row, goal):
        return "rate-over-100"
    if goal.direction == "down" and row.column in _DOWN:
        return "direction"
    return None


def _impossible_rate(row: _Row, goal: Reading) -> bool:
    """A satisfaction or pass rate with a target above 100 %: a misprint, such as 290% for ≥90%."""
    value = goal.low if goal.low is not None else goal.high
    return goal.unit == "%" and value is not None and value > 100 and any(word in row.name for word in RATES_TO_100)


# --- direction of a change --------------------------------------------------------------------------------------------


def _in_direction_of(row: _Row, goal: Reading, done: Reading) -> tuple[Reading, bool]:
    """The actual in the direction the row speaks of (a name 降低率, a target 降低1%), and whether that is certain."""
    if done.direction is None:
        return done, True
    named = named_direction(row.name)
    sense = goal.direction or named
    if sense is None:
        # 节约 in a row that names no direction may be the amount or the change
        return done, False
    if done.direction == sense:
        return done, True
    return _negated(done), True


def _negated(reading: Reading) -> Reading:
    return replace(
        reading,
        low=None if reading.high is None else -reading.high,
        high=None if reading.low is None else -reading.low,
        low_open=reading.high_open,
        high_open=reading.low_open,
    )


# --- operator ---------------------------------------------------------------------------------------------------------

_UP, _DOWN = frozenset("≥>"), frozenset("≤<")


def _unknown_operator(row: _Row) -> Problem:
    return Problem("operator-unknown", "operator", (("operator", row.operator_text),))


def _operator(row: _Row, goal: Reading, problems: list[Problem]) -> tuple[str | None, str | None, PairKind]:
    """The direction of the row and where it stands: text, column, name, level2, or assumed."""
    if goal.kind is ReadingKind.RANGE:
        if row.column in {"≥", ">", "≤", "<"}:
            problems.append(_conflict("range", row.column, 1))
        return None, "text", PairKind.RANGE
    if goal.approximate or "near" in goal.notes:
        # a target of 近40万 or 约60次 names a number and no direction
        operator, source = _without_text(row, goal, problems)
        return operator, source, PairKind.QUANTITY
    written = goal.operator
    if written is None:
        operator, source = _without_text(row, goal, problems)
        return operator, source, PairKind.QUANTITY
    column = row.column
    if column is not None and column in "≥≤<>=" and column != written:
        opposite = (written in _UP and column in _DOWN) or (written in _DOWN and column in _UP)
        problems.append(_conflict(written, column, 0 if opposite else 1))
    return written, "text", PairKind.QUANTITY


def _conflict(written: str, column: str | None, mild: int) -> Problem:
    return Problem("operator-conflict", "operator", (("text", written), ("column", column or ""), ("mild", mild)))


def _without_text(row: _Row, goal: Reading, problems: list[Problem]) -> tuple[str | None, str | None]:
    if row.column == UNKNOWN:
        problems.append(_unknown_operator(row))
        return None, None
    if row.column is not None:
        return row.column, "column"
    if written := operator_in_name(row.name, written_number(goal.text)):
        return written, "name"
    if goal.direction == "down":
        # 降低5% of something unwanted asks for a reduction of at least that much
        return "≥", "assumed"
    sense = sense_of(row.name, row.lower_is_better)
    if sense.lean is Lean.LOWER:
        return "≤", "name"
    if "成本" in row.level2 and costs(row.name, sense):
        return "≤", "level2"
    if goal.exact == 0:
        return "≤", "assumed"  # at least 0 asks for nothing; a target of 0 names something unwanted
    return "≥", "assumed"
