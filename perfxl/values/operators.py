"""Which way a row points, and where that stands: in the text, the column, the name, 二级指标, or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from perfxl.values import Reading, ReadingKind
from perfxl.values.direction import UNKNOWN, Lean, costs, named_direction, operator_in_name, sense_of, written_number
from perfxl.values.pair import PairKind, Problem

if TYPE_CHECKING:
    from perfxl.values.pair import RowWords


_UP, DOWN = frozenset("≥>"), frozenset("≤<")


def unknown_operator(row: RowWords) -> Problem:
    """The column 指标性质 holds a word perfxl does not know."""
    return Problem("operator-unknown", "operator", (("operator", row.operator_text),))


def operator_of(row: RowWords, goal: Reading, problems: list[Problem]) -> tuple[str | None, str | None, PairKind]:
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
        opposite = (written in _UP and column in DOWN) or (written in DOWN and column in _UP)
        problems.append(_conflict(written, column, 0 if opposite else 1))
    return written, "text", PairKind.QUANTITY


def _conflict(written: str, column: str | None, mild: int) -> Problem:
    return Problem("operator-conflict", "operator", (("text", written), ("column", column or ""), ("mild", mild)))


def _without_text(row: RowWords, goal: Reading, problems: list[Problem]) -> tuple[str | None, str | None]:
    if row.column == UNKNOWN:
        problems.append(unknown_operator(row))
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


def in_direction_of(row: RowWords, goal: Reading, done: Reading) -> tuple[Reading, bool]:
    """The actual in the direction the row speaks of (a name 降低率, a target 降低1%), and whether that is certain."""
    if done.direction is None and (done.high is None or done.high >= 0):
        return done, True
    sense = goal.direction or named_direction(row.name)
    if done.direction is None:
        return done, sense != "down"  # -3%: fell by 3 %, or rose
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
