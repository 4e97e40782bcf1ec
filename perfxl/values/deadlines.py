"""Rows whose target is a date or a period: in time means by the last day of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from perfxl.values import Reading, ReadingKind, read_value
from perfxl.values.expressions import LazyPattern
from perfxl.values.fitting import done_of_another
from perfxl.values.numerals import normalised
from perfxl.values.pair import Pair, PairKind, Problem, actual_of, missing_actual, unclear
from perfxl.values.results import own_act_at_the_end
from perfxl.values.sentences import dated_sentence
from perfxl.values.vocabulary import DONE_AT_END, END_OF_DATED, HOW_DONE

if TYPE_CHECKING:
    from perfxl.values.pair import RowWords


FIRST_SERIAL, LAST_SERIAL = 32_874, 73_415
"""Excel day numbers of 1990-01-01 and 2100-12-31; a bare number between them in a deadline row is a date."""
_POINT_MONTH = LazyPattern(r"(\d{4})\.(\d{1,2})\Z")
_MONTH_DAY = LazyPattern(r"(\d{1,2})[-./](\d{1,2})\Z")
_COMPACT_DAY = LazyPattern(r"(\d{4})(\d{2})(\d{2})\Z")
_END_OF_NAME = LazyPattern(rf"(?:{'|'.join(END_OF_DATED)})+\Z")
_DONE_AT_END = LazyPattern(rf"(?:{'|'.join(DONE_AT_END)})\Z")
_HOW = LazyPattern(rf"(?:{'|'.join(HOW_DONE)})+\Z")
_LONGEST_ACT = 6
_NO_YEAR = 2000
"""Stands for the year of two dates that both name none, so that October can be compared with November."""


def deadline(row: RowWords, goal: Reading, done: Reading) -> Pair:
    """A row whose target is a date or a period: in time means by the last day of it."""
    years = [reading.end.year for reading in (goal, done) if reading.end is not None]
    year = row.fiscal_year or (years[0] if years else None)
    goal = _as_date(row, goal, year, target=True)
    done = _as_date(row, done, year, target=False)
    if done.kind is ReadingKind.DATE and row.name and (strange := done_of_another(done.text, f"{row.name};{normalised(goal.text)}")):
        done = replace(done, kind=ReadingKind.AMBIGUOUS, start=None, end=None, unread=strange)
    if (
        goal.end is not None
        and done.end is not None
        and done.kind is ReadingKind.DATE
        and goal.kind is ReadingKind.DATE
        and done.end.year < goal.end.year
    ):
        done = replace(done, kind=ReadingKind.AMBIGUOUS, unread=f"{done.end.year}年")  # another year's date proves nothing for this year's target
    pair = replace(actual_of(done, PairKind.DEADLINE, goal), target_date=goal.end)
    problems = missing_actual(done)
    if goal.kind is ReadingKind.DATE and done.kind is ReadingKind.DATE:
        if goal.end is None or done.end is None:
            goal, done = _as_date(row, goal, _NO_YEAR, target=True), _as_date(row, done, _NO_YEAR, target=False)
        pair = replace(pair, met=_in_time(goal, done))
        if pair.met is None:
            problems = (Problem("actual-bound-unproven", "actual"),)
    elif done.kind in {ReadingKind.QUANTITY, ReadingKind.RANGE}:
        problems = (Problem("actual-not-a-number", "actual", (("expected", "date"),)),)
    elif done.kind is ReadingKind.AMBIGUOUS:
        problems = (unclear(done, "actual"),)
        if problems[0].code == "actual-not-understood":  # a date beside words that are not understood: the tier must not cover it
            pair = replace(pair, kind=PairKind.AMBIGUOUS)
    if goal.kind is ReadingKind.AMBIGUOUS and goal.unread is not None:
        problems = (unclear(goal, "target"), *problems)
        pair = replace(pair, kind=PairKind.AMBIGUOUS)
    elif goal.kind in {ReadingKind.QUANTITY, ReadingKind.RANGE, ReadingKind.AMBIGUOUS}:
        problems = (Problem("target-not-a-number", "target", (("expected", "date"),)), *problems)
        pair = replace(pair, kind=PairKind.AMBIGUOUS)
    return replace(pair, problems=problems)


def _in_time(goal: Reading, done: Reading) -> bool | None:
    if goal.end is None or done.end is None or done.approximate:
        return None
    if done.end <= goal.end:
        return True
    return False if done.start is not None and done.start > goal.end else None


def _own_act(row: RowWords, reading: Reading, year: int | None) -> Reading | None:
    """The date before the last act of the name (12月10日报送 of a 年报报送时间): the act itself was done on it."""
    core = _END_OF_NAME.sub("", row.name)
    text = _DONE_AT_END.sub("", normalised(reading.text))
    for length in range(min(_LONGEST_ACT, len(core)), 1, -1):
        act = core[-length:]
        if not text.endswith(act):
            continue
        found = read_value(_HOW.sub("", text.removesuffix(act)), fiscal_year=year)
        if found.kind is ReadingKind.DATE and found.end is not None and "planned" not in found.notes:
            return replace(found, text=reading.text)
    return None


def _as_date(row: RowWords, reading: Reading, year: int | None, *, target: bool) -> Reading:
    """`reading` as the date it is in a deadline row: in `year` if it names none, a day number, or in a sentence."""
    if reading.kind is ReadingKind.DATE:
        return reading if reading.end is not None or year is None else read_value(reading.text, fiscal_year=year)
    if not target and (dated := _own_act(row, reading, year)) is not None:
        return dated
    if reading.kind is ReadingKind.QUALITATIVE:
        again = reading if reading.end is not None or year is None else read_value(reading.text, fiscal_year=year)
        return again if again.end is None else dated_sentence(again, row.name, target=target)
    text = normalised(reading.text)
    if not target and (act := own_act_at_the_end(text, row.name)):
        again = read_value(text.removesuffix(act).removesuffix("完成").removesuffix("全部"), fiscal_year=year)
        if again.kind is ReadingKind.DATE:
            return replace(again, text=reading.text)
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
