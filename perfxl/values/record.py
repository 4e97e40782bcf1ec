"""The meaning of one cell as a record, the text a cell shows, and the record written back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from perfxl.values.numerals import plain, times_ten_to
from perfxl.values.vocabulary import TIER_WORDS

if TYPE_CHECKING:
    from perfxl.values.units import Unit


class ReadingKind(StrEnum):
    """What a cell turned out to be."""

    __hash__ = str.__hash__  # an Enum's own is a call of Python, and every row asks what its cells are

    BLANK = "blank"
    """Nothing, a placeholder (`/`, `无`), or 不适用 (note `not-applicable`)."""
    QUANTITY = "quantity"
    """One number, exact or as a bound, with or without a unit."""
    RANGE = "range"
    """From `low` to `high`."""
    DATE = "date"
    """A date or a period."""
    QUALITATIVE = "qualitative"
    """Words. A number inside them is not a measure."""
    AMBIGUOUS = "ambiguous"
    """Holds a number that cannot be read with certainty."""


class PercentNumber(float):
    """A number that Excel shows as a percentage: `PercentNumber(0.95)` is read as 95 %."""

    __slots__ = ()


class Reading(Struct, frozen=True, eq=False):
    """What one cell says. Two readings are equal when they mean the same, however they were typed.

    `low` and `high` are in base magnitude (40万人次 is 400000 人次, 3万元 is 30000 元; percent stays 95);
    equal for an exact number, one of them None for a bound. `operator` is the one written (以上, 不少于 -> ≥) or None.
    A change (降低1%) is its size with a `direction`, 1 and `down`.
    `start` and `end` are the first and last day of a DATE, both inclusive; `start` None means any day up to `end`
    (12月底前), both None that no year is known. A QUALITATIVE text may carry the one period it mentions.
    `approximate` (约60次) proves nothing. `notes` are short words for what was assumed.

    A `Struct`, because reading a row changes its record several times: a frozen dataclass takes 16 µs for each
    `replace`, a quarter of all scoring, a struct 0.5.
    """

    text: str
    kind: ReadingKind
    operator: str | None = None
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    unit: str | None = None
    written_unit: str | None = None
    power: int = 0
    """The power of ten written with the unit: 4 for 40万人次."""
    direction: str | None = None
    start: date | None = None
    end: date | None = None
    approximate: bool = False
    words: str | None = None
    """QUALITATIVE and AMBIGUOUS: the text in one spelling; None otherwise."""
    notes: tuple[str, ...] = ()
    unread: str | None = None
    """The part of the text beside the number that is on no list; the cell then holds no number."""
    said: tuple[tuple[tuple[str, str], ...], ...] = ()
    """The known words around the number, then those of each bracket and clause: kind and text. Whether they are of this row's business is for
    the pair to say."""

    def __eq__(self, other: object) -> bool:
        return self._meaning() == other._meaning() if isinstance(other, Reading) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._meaning())

    def _meaning(self) -> tuple[object, ...]:
        """What two readings are compared by: all but how it was written and what was assumed."""
        bounds = (self.low, self.high, self.low_open, self.high_open)
        return (self.kind, self.operator, bounds, self.unit, self.direction, self.start, self.end, self.approximate, self.words)

    @property
    def exact(self) -> float | None:
        """The number, if it is one exact number and not a bound, a range or an estimate."""
        return self.low if self.low is not None and self.low == self.high and not self.approximate else None

    @property
    def change(self) -> float | None:
        """The signed size of a change: 降低1% is −1.0. None where no direction is written."""
        if self.direction is None or self.exact is None:
            return None
        return -self.exact if self.direction == "down" else self.exact

    @property
    def tier(self) -> str | None:
        """达成, 部分达成 or 未达成 if the whole cell is a phrase of that tier."""
        return _TIERS.get(self.words) if self.words else None

    @property
    def not_applicable(self) -> bool:
        """Whether the cell says 不适用."""
        return "not-applicable" in self.notes


_TIERS = {phrase: tier for tier, phrases in TIER_WORDS.items() for phrase in phrases.split()}


def cell_text(value: object) -> str:
    """The text that a cell holding `value` shows, stripped: 0.95 as a `PercentNumber` is `95%`, a date is ISO.

    >>> cell_text(270.0), cell_text(PercentNumber(0.57)), cell_text(None)
    ('270', '57%', '')
    """
    if isinstance(value, str):
        return value.strip()
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, PercentNumber):
        number = float(value)
        return f"{plain(times_ten_to(number, 2))}%" if abs(number) != float("inf") else str(number)
    if isinstance(value, (int, float)):
        return _number_text(value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return _any_text(value)


def _number_text(value: float) -> str:
    """Digits without a needless `.0`. An integer beyond any float is `inf`: `str` refuses the longest ones."""
    try:
        number = float(value)
    except OverflowError:
        return "inf"
    return str(number) if abs(number) == float("inf") else plain(number)


def _any_text(value: object) -> str:
    try:
        if isinstance(value, Decimal):
            return format(value, "f")
        return str(value).strip()
    except Exception:  # noqa: BLE001 - a foreign object's __str__ may raise anything, and reading never raises
        return type(value).__name__


def with_unit(reading: Reading, unit: Unit, note: str) -> Reading:
    """`reading` of a number without a unit, in `unit`. A magnitude typed with the number replaces the unit's."""
    power = 0 if reading.power else unit.power
    low = None if reading.low is None else times_ten_to(reading.low, power)
    return replace(
        reading,
        low=low,
        high=low if reading.high == reading.low else None if reading.high is None else times_ten_to(reading.high, power),
        unit=unit.label,
        power=reading.power or unit.power,
        notes=(*reading.notes, note),
    )


_DIRECTION_WORDS = {"down": "降低", "up": "增长"}


def render(reading: Reading) -> str:
    """`reading` in canonical Chinese: `read_value(render(reading)) == reading`, for a number without any column.

    Words, blanks and ambiguous cells are rendered as they were typed.

    >>> from perfxl.values import read_value
    >>> [render(read_value(text)) for text in ("8.6万余册", "80%(含)-90%", "2020年第四季度")]
    ['>86000册', '80%(含)~90%(不含)', '2020-10-01至2020-12-31']
    """
    match reading.kind:
        case ReadingKind.QUANTITY:
            return _rendered_quantity(reading)
        case ReadingKind.RANGE:
            return _rendered_range(reading)
        case ReadingKind.DATE:
            return _rendered_date(reading)
        case _:
            return reading.text


def _rendered_quantity(reading: Reading) -> str:
    value = reading.low if reading.low is not None else reading.high
    about = "约" if reading.approximate else ""
    change = _DIRECTION_WORDS.get(reading.direction or "", "")
    sign = reading.operator or ""
    return f"{change}{about}{sign}{plain(value or 0.0)}{reading.unit or ''}"


def _rendered_range(reading: Reading) -> str:
    unit, about = reading.unit or "", "约" if reading.approximate else ""
    marks = ("", "")
    if reading.low_open or reading.high_open:
        marks = ("(不含)" if reading.low_open else "(含)", "(不含)" if reading.high_open else "(含)")
    return f"{about}{plain(reading.low or 0.0)}{unit}{marks[0]}~{plain(reading.high or 0.0)}{unit}{marks[1]}"


def _rendered_date(reading: Reading) -> str:
    if reading.end is None:
        return "全年"
    if reading.start is None:
        return f"{reading.end.isoformat()}前"
    if reading.start == reading.end:
        return reading.end.isoformat()
    return f"{reading.start.isoformat()}至{reading.end.isoformat()}"
