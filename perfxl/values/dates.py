"""Dates and periods as clerks write them: first and last day, never a guess at a missing part."""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from perfxl.values.expressions import LazyPattern, OneOf, RarePattern
from perfxl.values.numerals import with_digits
from perfxl.values.vocabulary import DATE_AFTER, DATE_BEFORE, DATE_PLANNED, DEADLINE_BEFORE

FIRST_YEAR, LAST_YEAR = 1949, 2100


class Period(Struct, frozen=True):
    """First and last day, both inclusive. `start` None: anything up to `end`. Both None: the year is unknown."""

    start: date | None
    end: date | None
    notes: tuple[str, ...] = ()


_Days = tuple[int, int, int, int]  # first month, first day, last month, last day (0: the last of the month)

_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "三": 3, "四": 4}
_POINT = (
    r"(?:(?P<year>\d{4})年度?|(?P<relative>今年|当年|本年度?|次年|明年))?"
    r"(?:(?P<month>\d{1,2})月份?(?:(?P<day>\d{1,2})[日号]?|(?P<part>底|末|初|上旬|中旬|下旬))?"
    r"|第?(?P<quarter>[1-4一二三四])季度(?:末|底)?|(?P<half>上半年|下半年)|(?P<whole>全年度?|年底|年末|年内|底|末|内|初))?"
)
_ISO = r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})日?|(?P<y2>\d{4})[-/](?P<m2>\d{1,2})"
_POINT_RE = LazyPattern(rf"(?:{_ISO}|{_POINT})\Z")
_SPAN = LazyPattern(r"(?P<first>.+?)(?:-|~|至|到)(?P<second>[^-~至到]+)\Z")
_ISO_SPAN = LazyPattern(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:~|至|到|--|(?<=\d{2})-|-)(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?\Z")
_YEARS = LazyPattern(r"(\d{4})年?[-~至到](\d{4})年度?\Z")
_BEFORE = ("之前", "以前", "前", "之内", "以内", "内", "止")
_ENDS = frozenset("年度月份日号底末初旬前内止")
"""Besides a digit, the signs that a date may end with."""


_DATE_LIKE = LazyPattern(r"[年月季]|\d[-/.]\d{1,2}[-/.]\d|(?:19|20)\d\d[-/](?:0?[1-9]|1[0-2])\Z")
DATE_IN_TEXT = LazyPattern(
    r"(?:\d{4}年?[-~至到]\d{4}年|(?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?[-~至到](?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}[日号]|(?<=月))"
    r"|\d{4}年(?:\d{1,2}月份?(?:\d{1,2}[日号]|底|末|初|上旬|中旬|下旬)?|底|末|第?[1-4一二三四]季度|上半年|下半年)?"
    r"|(?<!\d)\d{1,2}月份?(?:\d{1,2}[日号]|底|末|初|上旬|中旬|下旬)?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|第[1-4一二三四]季度|年底|年末)(?:之前|以前|前)?"
)


_BEFORE_DATE = DATE_BEFORE + DEADLINE_BEFORE + DATE_PLANNED
_NUMERAL = RarePattern(r"[〇零一二三四五六七八九十]{1,4}[年月日]", OneOf("〇 零 一 二 三 四 五 六 七 八 九 十"))


_IN_WORDS = RarePattern(
    r"[一二][〇○零一二三四五六七八九Oo0]{3}(?=年)|(?:(?:二十|三十|十)[一二三四五六七八九]?|[一二三四五六七八九])(?=[月日号])",
    OneOf("一 二 三 四 五 六 七 八 九 十"),
)
_NUMERALS = {sign: str(digit) for digit, sign in enumerate("零一二三四五六七八九")} | dict.fromkeys("〇○Oo0", "0")


def in_digits(text: str) -> str:
    """A date in words with its numbers in digits; any other text as it is.

    >>> in_digits("二〇二四年三月二十五日"), in_digits("第四季度"), in_digits("二十日")
    ('2024年3月25日', '第四季度', '20日')
    """
    if text.isascii() or not _IN_WORDS.search(text):
        return text

    def digits(found: re.Match[str]) -> str:
        words = found[0]
        if len(words) == 4 and "十" not in words:
            return "".join(_NUMERALS[sign] for sign in words)
        tens, mark, ones = words.rpartition("十")
        return str((int(_NUMERALS[tens]) if tens else 1) * 10 + int(_NUMERALS.get(ones, "0"))) if mark else _NUMERALS[ones]

    return _IN_WORDS.sub(digits, text)


@lru_cache(maxsize=4096)
def read_period(text: str, fiscal_year: int | None) -> Period | None:
    """The date or period that is all `text` says (a completion word may stand beside it); None if there is none.

    A plan (预计12月完成) has the note `planned`.

    >>> read_period("2020年12月底前", None).end.isoformat(), read_period("二〇二四年三月二十五日", None).end.isoformat()
    ('2020-12-31', '2024-03-25')
    """
    text = in_digits(text)
    if not _DATE_LIKE.search(text):
        return None
    if _NUMERAL.search(text) and (digits := with_digits(text)):
        text = digits
    notes: tuple[str, ...] = ()
    deadline = False
    while text.startswith(_BEFORE_DATE):
        lead = max((word for word in _BEFORE_DATE if text.startswith(word)), key=len)
        deadline = deadline or lead in DEADLINE_BEFORE
        notes = ("planned",) if lead in DATE_PLANNED else notes
        text = text[len(lead) :]
    while True:
        if found := _whole(text, fiscal_year, deadline=deadline):
            return replace(found, notes=(*found.notes, *notes)) if notes else found
        if not text.endswith(DATE_AFTER):
            return None
        text = text[: -max(len(word) for word in DATE_AFTER if text.endswith(word))]


def _whole(text: str, fiscal_year: int | None, *, deadline: bool) -> Period | None:
    """`text` as a period of years, an ISO period, a point with or without 前, or two points."""
    if not text or not (text[-1] in _ENDS or text[-1].isdecimal()):
        return None
    if found := _YEARS.match(text):
        return _between(*_year(int(found[1])), *_year(int(found[2])))
    before = next((word for word in _BEFORE if text.endswith(word)), "")
    if before and _point(text, fiscal_year):  # 年内 is the year, not what comes before it
        before = ""
    body = text.removesuffix(before)
    if point := _point(body, fiscal_year):
        period, kind = point
        if not (before or deadline):
            return period
        if before in {"内", "以内", "之内"}:
            return period
        note = (f"before-{kind}",) if kind in {"month", "year", "quarter"} and before else ()
        return Period(None, period.end, period.notes + note)
    return None if deadline or before else _iso_span(text) or _two_points(text, fiscal_year)


def _iso_span(text: str) -> Period | None:
    found = _ISO_SPAN.match(text)
    if found is None or (found[3] is None) != (found[6] is None):
        return None
    first = _days(int(found[1]), int(found[2]), int(found[3] or 1), int(found[2]), int(found[3] or 1))
    second = _days(int(found[4]), int(found[5]), int(found[6] or 1), int(found[5]), int(found[6] or 0))
    return _between(*first, *second) if first and second else None


def _two_points(text: str, fiscal_year: int | None) -> Period | None:
    """`2020年1月至12月`, `1-12月`, `3月1日至5日`: one point takes over what only the other names."""
    found = _SPAN.match(text)
    if found is None:
        return None
    first, second = found["first"], found["second"]
    if year := re.match(r"\d{4}年", first):
        if not re.match(r"\d{4}年", second):
            second = year[0] + second
        if first[year.end() :].isdigit() and (unit := re.search(r"月|季度", second)):
            first += unit[0]
    elif first.isdigit() and len(first) <= 2 and (unit := re.search(r"月|季度", second)):
        first += unit[0]
    elif re.fullmatch(r"\d{1,2}月\d{1,2}[日号]", first) and re.fullmatch(r"\d{1,2}[日号]", second):
        second = first.partition("月")[0] + "月" + second
    if not _DATE_LIKE.search(first) or not _DATE_LIKE.search(second):
        return None
    start, end = _point(first, fiscal_year), _point(second, fiscal_year)
    if start is None or end is None:
        return None
    if start[0].start is None or end[0].end is None:
        return Period(None, None, ("year-missing",)) if start[0].end is None and end[0].end is None else None
    return _between(start[0].start, start[0].end, end[0].start, end[0].end, end[0].notes)


def _between(start: date | None, _first_end: date | None, _second_start: date | None, end: date | None, notes: tuple[str, ...] = ()) -> Period | None:
    return Period(start, end, notes) if start and end and start <= end else None


def _point(text: str, fiscal_year: int | None) -> tuple[Period, str] | None:
    """One date expression and its kind (day, month, quarter, half, year); None if `text` is anything more or less."""
    found = _POINT_RE.match(text)
    if found is None or not text:
        return None
    if found["y"] or found["y2"]:
        year, month = int(found["y"] or found["y2"]), int(found["m"] or found["m2"])
        day = int(found["d"]) if found["d"] else None
        span = _days(year, month, day or 1, month, day or 0)
        return (Period(*span), "day" if day else "month") if span else None
    days = _days_of(found)
    if days is None:
        return None
    year_number, notes = _year_of(found, fiscal_year)
    if year_number is None:
        # the place in the year is checked, so that 13月 is no date with or without a year
        return (Period(None, None, notes), days[1]) if _days(2000, *days[0]) else None
    span = _days(year_number, *days[0])
    return (Period(*span, notes), days[1]) if span else None


def _days_of(found: re.Match[str]) -> tuple[_Days, str] | None:
    if found["month"]:
        month = int(found["month"])
        if found["day"]:
            return (month, int(found["day"]), month, int(found["day"])), "day"
        first, last = {"初": (1, 10), "上旬": (1, 10), "中旬": (11, 20)}.get(found["part"] or "", (1, 0))
        if found["part"] in {"底", "末", "下旬"}:
            first = 21
        return (month, first, month, last), "part" if found["part"] else "month"
    if found["quarter"]:
        last_month = 3 * _QUARTERS[found["quarter"]]
        return (last_month - 2, 1, last_month, 0), "quarter"
    if found["half"]:
        return ((1, 1, 6, 0) if found["half"] == "上半年" else (7, 1, 12, 0)), "half"
    dated = found["year"] or found["relative"]
    match found["whole"]:
        case None:
            return ((1, 1, 12, 0), "year") if dated else None
        case "底" | "末" | "初" | "内" if not dated:
            return None
        case "年底" | "年末" | "底" | "末":
            return (12, 1, 12, 0), "part"
        case "初":
            return (1, 1, 1, 0), "part"
        case _:
            return (1, 1, 12, 0), "part"


def _year_of(found: re.Match[str], fiscal_year: int | None) -> tuple[int | None, tuple[str, ...]]:
    if found["year"]:
        return int(found["year"]), ()
    if fiscal_year is None:
        return None, ("year-missing",)
    return fiscal_year + (found["relative"] in {"次年", "明年"}), ("year-assumed",)


def _year(year: int) -> tuple[date | None, date | None]:
    return _days(year, 1, 1, 12, 0) or (None, None)


def _days(year: int, first_month: int, first_day: int, last_month: int, last_day: int) -> tuple[date, date] | None:
    """The two days, or None if one of them does not exist. `last_day` 0 is the last of its month."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= first_month <= 12 and 1 <= last_month <= 12):
        return None
    month_end = calendar.monthrange(year, last_month)[1]
    if not (1 <= first_day <= calendar.monthrange(year, first_month)[1] and 0 <= last_day <= month_end):
        return None
    return date(year, first_month, first_day), date(year, last_month, last_day or month_end)


@lru_cache(maxsize=4096)
def period_in_text(text: str, fiscal_year: int | None) -> Period | None:
    """The one date or period inside a sentence; None if there is none or more than one."""
    found = DATE_IN_TEXT.findall(text)
    return _whole(found[0], fiscal_year, deadline=False) if len(found) == 1 else None
