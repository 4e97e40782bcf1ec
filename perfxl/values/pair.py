"""What a row of indicators compares, and every reason why it cannot: the records of a pair.

No points here: a `Pair` says whether the actual proves the target, and a `Problem` names what is wrong with one side.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from perfxl.values import Reading, ReadingKind, Unit
from perfxl.values.numerals import as_typed

Side = Literal["target", "actual", "unit", "operator"]


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


class Problem(Struct, frozen=True):
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


class RowWords(Struct, frozen=True):
    """The texts beside target and actual, in one spelling."""

    column: str | None
    """≥ > ≤ < = 定性 期限, None for none, `?` for a word perfxl does not know."""
    unit: Unit | None
    name: str
    level2: str
    fiscal_year: int | None
    lower_is_better: tuple[str, ...] | frozenset[str]
    operator_text: str
    implausible: float


NUMERIC = frozenset({ReadingKind.QUANTITY, ReadingKind.RANGE})


def actual_of(done: Reading, kind: PairKind, goal: Reading) -> Pair:
    """A pair with the actual's own bounds, unit and days, and nothing said about the target."""
    return Pair(
        kind,
        goal,
        done,
        actual_kind(done),
        actual_low=done.low,
        actual_high=done.high,
        actual_low_open=done.low_open,
        actual_high_open=done.high_open,
        actual_unit=done.unit,
        actual_end=done.end if done.kind is ReadingKind.DATE else None,
    )


_ACTUAL_KINDS = {kind: ActualKind(kind.value) for kind in ReadingKind}


def actual_kind(done: Reading) -> ActualKind:
    """What an actual turned out to be; a number with one end only is a bound."""
    if done.kind is ReadingKind.QUANTITY and (done.low is None or done.high is None):
        return ActualKind.BOUND
    return _ACTUAL_KINDS[done.kind]


def missing_actual(done: Reading) -> tuple[Problem, ...]:
    """A blank actual; not where 不适用 is written, which counts or not by its reason, and that is a rule's matter."""
    blank = done.kind is ReadingKind.BLANK and not done.not_applicable
    return (Problem("actual-missing", "actual"),) if blank else ()


def unclear(reading: Reading, side: Literal["target", "actual"]) -> Problem:
    """Why a text with a number in it gives none: several numbers, a plan, a word on no list, or nothing certain."""
    if "several" in reading.notes:
        return Problem(f"{side}-not-understood", side, (("reason", "several"),))
    if "amended" in reading.notes:
        return Problem(f"{side}-not-understood", side, (("reason", "amended"),))
    if "planned" in reading.notes:
        return Problem(f"{side}-not-understood", side, (("reason", "planned"),))
    if reading.unread is not None:
        return Problem(f"{side}-not-understood", side, (("reason", "unread"), ("words", f"“{as_typed(reading.unread, reading.text)}”")))
    return Problem("actual-ambiguous", side) if side == "actual" else Problem("target-not-a-number", side, (("reason", "ambiguous"),))
