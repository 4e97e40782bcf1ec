"""What a cell holds read as a number, an amount, points, a day, a year, a count or a kind; NaN or "" for what is none of it."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from perfxl.intake.readers import PercentNumber
from perfxl.intake.submission import folded, text_of
from perfxl.rules.deadline import day_number
from perfxl.values.dates import in_digits, read_period
from perfxl.values.expressions import LazyPattern
from perfxl.values.numerals import chinese_number, normalised, with_digits
from perfxl.values.vocabulary import EVALUATION_WORDS, MONEY_UNIT_NOISE, MONEY_UNITS

NAN = float("nan")
_BESIDE_MONEY = re.compile("|".join(map(re.escape, MONEY_UNIT_NOISE)) + r"|[()\[\]{}<>《》【】:、,，/。.]|整$")


@lru_cache(maxsize=1024)
def money_unit(typed: str) -> float | None:
    """How many 万元 one unit of 金额单位 is; None where it names none.

    >>> money_unit("单位：元"), money_unit("人民币（元）"), money_unit("元整"), money_unit("千元"), money_unit("美元")
    (0.0001, 0.0001, 0.0001, 0.1, None)
    """
    return MONEY_UNITS.get(_BESIDE_MONEY.sub("", folded(typed)))


_YEAR = re.compile(r"(?:fy|(?:预算|评价|自评|会计|财政)?年?度?:?)?([12]\d{3})(?:年度?|财年|财政年度|预算年度|会计年度)?")


def fiscal_year(value: object) -> float:
    """A fiscal year as typed (2020, 2020年度, 二〇二〇年, a day or months of one year); NaN when blank or not one plausible year.

    >>> fiscal_year("2022年度"), fiscal_year("2022-2023"), fiscal_year("二〇二二年")
    (2022.0, nan, 2022.0)
    >>> [fiscal_year(year) for year in (1989, 1990, 2100, 2101)]
    [nan, 1990.0, 2100.0, nan]
    """
    if isinstance(value, datetime | date):
        year = value.year
    else:
        text = in_digits(folded(text_of(value)))
        match = _YEAR.fullmatch(text)
        period = None if match else read_period(text, None)
        start, end = (period.start, period.end) if period else (None, None)
        year = int(match[1]) if match else end.year if start and end and start.year == end.year else 0
    return float(year) if 1990 <= year <= 2100 else NAN


_TIMES = re.compile(r"第?(?:报送)?(.+?)(?:次|版|稿)?(?:报送|上报)?")


def times_of(value: object) -> float:
    """报送次数 as a number; NaN for a blank and for what is no count.

    >>> times_of("第2次"), times_of("二"), times_of(2), times_of("终稿")
    (2.0, 2.0, 2.0, nan)
    """
    found = _TIMES.fullmatch(folded(text_of(value)))
    typed = found[1] if found else ""
    digits = typed if typed.isdecimal() else chinese_number(typed) or ""
    return float(int(digits)) if digits.isdecimal() and len(digits) < 5 else NAN


def evaluation_of(typed: str) -> str:
    """自评类型 as one of its choices; "" where it is none (or blank)."""
    return EVALUATION_WORDS.get(folded(typed).removesuffix("评价").removesuffix("表"), "")


_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:(?<=\d)\.\d*|\.\d+)?(?:(?<=[\d.])e[+-]?\d{1,3})?", re.ASCII)
_MONEY_TAIL = LazyPattern(r"^(?:[¥￥]|人民币|rmb|cny)?(?P<number>[^万元亿]*)(?P<unit>万元|亿元|元|万|亿)?$")
_IN_WAN = {"万元": Decimal(1), "万": Decimal(1), "亿元": Decimal(10000), "亿": Decimal(10000), "元": Decimal("0.0001")}
BEYOND = 10**15
"""From here on a number is a code or a slip: no count, amount or points, and a float could not hold its cents."""


@lru_cache(maxsize=65536)
def _decimal(text: str) -> Decimal | None:
    """A number as typed; digits that only stand side by side (`100 200`, `5*3`, `10²`) are none."""
    plain = normalised(text).lower()
    if not plain or not _AMOUNT.fullmatch(plain) or len(plain) > 60:
        return None
    try:
        return Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None


def _within(number: Decimal | float) -> float:
    return float(number) if -BEYOND < number < BEYOND else NAN


def number_of(value: object) -> float:
    """A plain number as typed or stored; NaN for blanks, words, dates, truth values and what is `BEYOND`.

    >>> number_of("1,234.5"), number_of("95%"), number_of("5*3"), number_of(1e308)
    (1234.5, 0.95, nan, nan)
    """
    if type(value) is float:  # most of them: not looked at any further
        return value if -BEYOND < value < BEYOND else NAN
    if isinstance(value, bool) or value is None:
        return NAN
    if isinstance(value, (int, float)):
        return _within(value)
    if isinstance(value, str):
        if value.endswith(("%", "％")):
            share = _decimal(value[:-1])
            return NAN if share is None else _within(share / 100)
        number = _decimal(value.removesuffix("分").removesuffix("人").removesuffix("名").removesuffix("次"))
        return NAN if number is None else _within(number)
    return NAN


def points_of(value: object) -> float:
    """Points as typed; a percentage is none (8% is not 0.08 of a point).

    >>> points_of("8分"), points_of("8%"), points_of("8人"), points_of(PercentNumber(0.08))
    (8.0, nan, nan, nan)
    """
    if not isinstance(value, str):
        return NAN if type(value) is PercentNumber else number_of(value)
    text = normalised(value)
    return NAN if text.endswith(("%", "人", "次")) else number_of(value)


_COMPACT_DAY = re.compile(r"(20\d\d)(\d\d)(\d\d)", re.ASCII)


@lru_cache(maxsize=4096)
def _day_in(text: str) -> float:
    digits = with_digits(text)
    compact = _COMPACT_DAY.fullmatch(digits or "")
    period = read_period("-".join(compact.groups()) if compact else digits or "", None)
    return day_number(period.end) if period and period.end and period.start == period.end else NAN


def day_of(value: object) -> float:
    """填报日期 as Excel's day number, also in Chinese numerals; NaN when blank, a period or no date.

    >>> day_of("2021年3月15日"), day_of("二〇二一年三月十五日"), day_of("2021年3月")
    (44270.0, 44270.0, nan)
    """
    if isinstance(value, datetime):
        return day_number(value.date())
    if isinstance(value, date):
        return day_number(value)
    return _day_in(folded(text_of(value)))


def money_of(value: object, factor: float) -> float:
    """An amount in 万元: a unit in the cell beats the sheet's unit; NaN when blank or no amount.

    >>> money_of("640.84万元", 0.0001), money_of(6408400, 0.0001), money_of("1,234.50", 1)
    (640.84, 640.84, 1234.5)
    """
    if isinstance(value, bool) or value is None or isinstance(value, PercentNumber):
        return NAN
    if isinstance(value, (int, float)):
        return _within(value) if factor == 1 or not abs(value) < BEYOND else float(Decimal(repr(value)) * Decimal(repr(factor)))
    if isinstance(value, str):
        match = _MONEY_TAIL.match(normalised(value))
        number = _decimal(match["number"]) if match else None
        if match is None or number is None:
            return NAN
        return _within(number * (_IN_WAN[match["unit"]] if match["unit"] else Decimal(repr(factor))))
    return NAN
