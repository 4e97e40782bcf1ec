"""Target and actual in one unit: whose unit is taken where a side has none, and what makes a bare number doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from perfxl.values import Reading, Unit, converted, same_dimension, with_unit
from perfxl.values.direction import unit_in_name, written_number
from perfxl.values.lexicon import COLUMN_ALIASES
from perfxl.values.numerals import normalised, times_ten_to
from perfxl.values.pair import Problem
from perfxl.values.vocabulary import DAILY, OF_A_WEEK, READ_AS, SHARED_OUT, SUMMED, WHOLE_UNITS

if TYPE_CHECKING:
    from perfxl.values.pair import RowWords


IMPLAUSIBLE_RATIO = 50
"""Contract §3.11: a bare actual this many times the target, or this small a part of it, is doubted."""
ALIKE = 3
"""Contract §3.11: within a third and three times the target a number is taken for the same measure."""
BEYOND = 300
"""Contract §3.11: beyond this many times the target, or below that part of it, a reading is out of the question."""
SHARED_SCALE_TO = 5
"""Contract §3.11: bare numbers under one unit % share its scale where the target is at most this."""


class Borrowed(Struct, frozen=True):
    """Which side took its unit from elsewhere, and the power of ten it took with it."""

    target: bool = False
    target_power: int = 0
    actual: bool = False
    actual_power: int = 0
    from_column: bool = False
    """Whether the row has a unit column: a side that took its unit is then written as the form asks."""


def in_units(row: RowWords, goal: Reading, done: Reading, *, numeric: bool) -> tuple[Reading, Reading, Borrowed]:
    """Both sides with a unit: the cell's own, else the unit column's, else the other side's, else the name's."""
    goal, done = _without_sign(row, goal, done), _without_sign(row, done, goal)
    column = row.unit.label if row.unit else None
    done = _in_full(done, (goal.unit, column))
    goal_bare, done_bare = goal.unit is None, numeric and done.unit is None
    goal_power, done_power = goal.power, done.power
    if goal_bare:
        source = row.unit or (_own_unit(done) if numeric and not done_bare else None) or unit_in_name(row.name, written_number(goal.text))
        goal = with_unit(goal, source, "unit-borrowed") if source else goal
    if done_bare:
        source = row.unit or (_own_unit(goal) if goal.unit is not None or goal.power else None)
        done = with_unit(done, source, "unit-borrowed") if source else done
    taken = Borrowed(
        goal_bare and not goal_power,
        goal.power - goal_power if goal_bare else 0,
        done_bare and not done_power,
        done.power - done_power if done_bare else 0,
        row.unit is not None,
    )
    return goal, done, taken


def _in_full(reading: Reading, others: tuple[str | None, ...]) -> Reading:
    """12分 beside 分钟 is no score, 20度 beside ℃ no electricity."""
    label, where = READ_AS.get(reading.unit or "", ("", ()))
    return replace(reading, unit=label) if label and any(other in where for other in others) else reading


def _without_sign(row: RowWords, reading: Reading, other: Reading) -> Reading:
    """A ¥ says what is counted and nothing of its size: ¥270 in a column of 万元 is a bare number."""
    if "yuan" not in reading.notes or reading.written_unit is not None or reading.power:
        return reading
    money = "元" in {row.unit.label if row.unit else None, None if other.written_unit is None else other.unit}
    return replace(reading, unit=None) if money else reading


def _own_unit(reading: Reading) -> Unit | None:
    return None if reading.unit is None else Unit(reading.unit, reading.power)


def divisor_of(reading: Reading) -> str | None:
    """What a number without a unit is counted per (per-月), as a note of the reading; None for a plain number."""
    for note in reading.notes:
        if note.startswith("per-"):
            return note
    return None


def unit_text(reading: Reading) -> str:
    """The unit for a message; empty if there is none."""
    return reading.unit or (divisor_of(reading) or "").replace("per-", "每")


_STRANGE = frozenset({"unit-unknown", "yuan"})
_GROUPS = [frozenset(words.split()) for words in COLUMN_ALIASES]


def alias_of_column(row: RowWords, goal: Reading, done: Reading) -> bool:
    """Whether column and text count the same in two words (台 and 套, 份 and 篇)."""
    column = row.unit.label if row.unit else None
    units = {goal.unit, done.unit}
    return column in units and any(units <= group for group in _GROUPS)


def strange_unit(row: RowWords, goal: Reading, done: Reading) -> Problem | None:
    """A counting word on no list (270取消) is a unit only where the column, the name or the other side has it; ¥ fits only a column of money."""
    if _STRANGE.isdisjoint(goal.notes) and _STRANGE.isdisjoint(done.notes):
        return None
    column = row.unit.label if row.unit else None
    for reading, other, code, side in ((done, goal, "actual-not-understood", "actual"), (goal, done, "target-not-understood", "target")):
        if "unit-unknown" in reading.notes and reading.unit not in {column, other.unit} and (reading.unit or "") not in row.name:
            return Problem(code, side, (("reason", "unread"), ("words", f"“{reading.unit}”")))  # type: ignore[arg-type]  # two literals
        if column is not None and column.partition("/")[0] != "元" and "yuan" in reading.notes and reading.written_unit is None:
            return Problem("unit-conflict", "unit", (("target", column), ("actual", "元")))
    return None


_SAME_DAY = frozenset({"天", "日"})


def with_divisor(row: RowWords, goal: Reading, done: Reading) -> tuple[Reading, Problem | None]:
    """`60元` beside `60元/月`: the actual takes the divisor that only the target writes, if it is alike in size.

    One that only the actual writes goes where the name has it: 每周开放63小时 of a 每周开放时长.
    """
    if goal.unit is not None and done.unit is not None and "/" in done.unit and "/" not in goal.unit:
        counted, _, per = done.unit.partition("/")
        alike = {per, *_SAME_DAY} if per in _SAME_DAY else {per}
        if per and same_dimension(goal.unit, counted) and any(f"每{p}" in row.name or f"{p}均" in row.name or row.name.startswith(p) for p in alike):
            return replace(done, unit=counted), None
        if per in _SAME_DAY and same_dimension(goal.unit, counted) and any(word in row.name for word in DAILY) and _alike(goal, done, counted):
            return replace(done, unit=counted), None
        if per == "周" and same_dimension(goal.unit, counted) and any(word in row.name for word in OF_A_WEEK) and _alike(goal, done, counted):
            return replace(done, unit=counted), None
    if goal.unit is None or done.unit is None:
        own = divisor_of(goal) if goal.unit is done.unit and divisor_of(done) is None else None
        return (done, None) if own is None else (replace(done, notes=(*done.notes, own)), None)
    bare, stroke, _ = goal.unit.partition("/")
    if not stroke or "/" in done.unit or not same_dimension(bare, done.unit):
        return done, None
    taken = replace(in_unit_of(replace(goal, unit=bare), done), unit=goal.unit)
    if _alike(goal, taken, goal.unit) and not normalised(done.text).startswith(SUMMED):
        return taken, Problem("divisor-assumed", "actual", (("measure", goal.unit),))
    return done, Problem("actual-ambiguous", "actual", (("reason", "divisor"),))


def _alike(goal: Reading, done: Reading, unit: str) -> bool:
    """Whether the actual, whose numbers are in `unit`, is within a third and three times the target."""
    taken, wanted = in_unit_of(goal, replace(done, unit=unit)), _either(goal)
    return all(wanted and 1 / ALIKE <= value / wanted <= ALIKE for value in (taken.low, taken.high) if value is not None)


def _either(reading: Reading) -> float | None:
    return reading.low if reading.low is not None else reading.high


def without_borrowed(goal: Reading, done: Reading, borrowed: Borrowed, problems: list[Problem]) -> Reading:
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


def in_unit_of(goal: Reading, done: Reading) -> Reading:
    """The actual in the target's unit, where both have one."""
    if goal.unit == done.unit or goal.unit is None or done.unit is None:
        return done
    return replace(
        done,
        low=None if done.low is None else converted(done.low, done.unit, goal.unit),
        high=None if done.high is None else converted(done.high, done.unit, goal.unit),
        unit=goal.unit,
    )


def suspicion(implausible: float, goal: Reading, done: Reading, borrowed: Borrowed) -> str | None:
    """Why a number without a unit may mean another magnitude; None if nothing speaks against it."""
    target, actual = goal.low if goal.low is not None else goal.high, done.low if done.low is not None else done.high
    if target is None or actual is None:
        return None
    shared = borrowed.actual and borrowed.target and target <= SHARED_SCALE_TO
    if goal.unit == "%" and borrowed.actual and 0 < actual <= 1 < target and not shared:
        return "share"
    if done.unit == "%" and borrowed.target and 0 < target <= 1 < actual and actual / target >= implausible:
        return "target-share"
    if target <= 0 or actual <= 0:
        return None
    if not (borrowed.actual or borrowed.target) and _miswritten(goal, done, actual / target):
        return "magnitude"
    if _ordinary(implausible, actual / target):
        return None
    for side, is_bare, power, other_power in (
        ("", borrowed.actual, borrowed.actual_power, goal.power),
        ("target-", borrowed.target, borrowed.target_power, done.power),
    ):
        ratio = actual / target if not side else target / actual
        # without the borrowed 万, or with the 万 that only the other side has, the two would be alike
        if not is_bare:
            continue
        if (power and _ordinary(implausible, ratio / 10**power)) or (other_power and not power and _ordinary(implausible, ratio * 10**other_power)):
            return "magnitude" if borrowed.from_column and not (borrowed.actual or done.power) else f"{side}magnitude"
    return None


def in_pieces(row: RowWords, goal: Reading, done: Reading) -> bool:
    """A fraction of things that come whole, far below a target that is whole: 2.70场 of 270场."""
    actual, target = done.exact, _either(goal)
    if actual is None or target is None or done.power or done.unit not in WHOLE_UNITS:
        return False
    return not actual.is_integer() and target.is_integer() and actual * ALIKE < target and not any(word in row.name for word in SHARED_OUT)


def _miswritten(goal: Reading, done: Reading, ratio: float) -> bool:
    """270万场 beside 270场, 270元 beside 270万元: alike in digits, beyond all size with what is written behind them."""
    if goal.power == done.power:
        return False
    written = times_ten_to(ratio, goal.power - done.power)
    return written == 1 or (1 / ALIKE <= written <= ALIKE and not 1 / BEYOND <= ratio <= BEYOND) or (goal.power > done.power and ratio < 1 / BEYOND)


def _ordinary(implausible: float, ratio: float) -> bool:
    return 1 / implausible < ratio < implausible
