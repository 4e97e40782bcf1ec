"""Days and times in the notation of ISO 8601 (cells of type `d`) as Excel's serial numbers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

from perfxl.values.expressions import LazyPattern

from .formats import EPOCH, EPOCH_1904

_MOMENT = LazyPattern(
    r"(?:(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?P<part>\.\d{1,30})?)?|(?P<only>\d\d:\d\d(?::\d\d)?)(?P<rest>\.\d{1,30})?)"
    r"(?:Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_SPAN = LazyPattern(
    r"P(?=[\dT])(?:(?P<days>\d{1,7})D)?(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,30})?)S)?)?",
    re.ASCII,
)
_DAY = Decimal(86_400)


def serial_of(text: str, *, date1904: bool = False) -> Decimal | None:
    """The serial number; None where the text is no day, time or span. A zone is left out: the clock on the wall counts.

    >>> serial_of("2020-12-31"), serial_of("2020-13-01"), serial_of("PT36H")
    (Decimal('44196'), None, Decimal('1.5'))
    """
    if span := _SPAN.fullmatch(text):
        days, hours, minutes, seconds = (Decimal(span[part] or 0) for part in ("days", "hours", "minutes", "seconds"))
        return days + (hours * 3600 + minutes * 60 + seconds) / _DAY
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    clock, part = match["time"] or match["only"], match["part"] or match["rest"]
    try:
        start = datetime.fromisoformat(match["day"]) if match["day"] else None
        time = datetime.fromisoformat(f"1900-01-01 {clock}") - datetime(1900, 1, 1) if clock else timedelta()  # noqa: DTZ001  # no zone
    except ValueError:
        return None
    epoch = EPOCH_1904 if date1904 else EPOCH
    days_on = 0 if start is None else (start - epoch).days
    if start is not None and not date1904 and days_on <= 60:  # Excel has a 29 February 1900
        days_on -= 1
    return days_on + (Decimal(int(time.total_seconds())) + Decimal(part or 0)) / _DAY
