"""Times written in two units or in halves (1小时30分, 12分30秒, 2个半小时, 半小时, 一刻钟) in one: 90分钟, 750秒, 150分钟, 30分钟, 15分钟."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.values.expressions import LazyPattern
from perfxl.values.vocabulary import HALVES, TIMED

if TYPE_CHECKING:
    import re

_TIMED = LazyPattern(r"(?<![\d.每])(?:(?P<hours>\d{1,5})个?小时)?(?:(?P<minutes>\d{1,5})分钟?)?(?:(?P<seconds>\d{1,5})秒钟?)?(?![\d分秒])")
_HALF = LazyPattern(rf"(?<![\d.每])(?P<number>\d{{1,4}})(?:个半(?P<behind>{'|'.join(HALVES)})|(?P<before>小时|年)半)(?![\d年])")
_HALF_ALONE = LazyPattern(r"(?<![\d.每个半])半个?(?:小时|钟头)")
_QUARTER = LazyPattern(r"(?<![\d.每])(?P<number>[1-3])刻钟")
_ANY = LazyPattern(r"小时|\d分|刻钟|个半|年半")
_MANY, _SIXTY = 2, 60


def in_one_unit(text: str) -> str:
    """A normalised text with each of its compound times in the smallest of its units.

    >>> in_one_unit("1小时30分"), in_one_unit("12分30秒"), in_one_unit("2个半小时"), in_one_unit("12分"), in_one_unit("1个半月")
    ('90分钟', '750秒', '150分钟', '12分', '1.5个月')
    """
    if not _ANY.search(text):
        return text
    text = _QUARTER.sub(lambda found: f"{int(found['number']) * 15}分钟", _HALF_ALONE.sub("30分钟", text))
    return _TIMED.sub(_joined, _HALF.sub(_halved, text))


def _joined(found: re.Match[str]) -> str:
    parts = {unit: int(number) for unit, number in found.groupdict().items() if number is not None}
    if len(parts) < _MANY or any(number >= _SIXTY for number in list(parts.values())[1:]):
        return found[0]
    last = next(reversed(parts))
    seconds = sum(number * TIMED[unit][0] for unit, number in parts.items())
    return f"{seconds // TIMED[last][0]}{TIMED[last][1]}"


def _halved(found: re.Match[str]) -> str:
    unit = found["behind"] or found["before"]
    if unit in {"小时", "钟头"}:
        return f"{int(found['number']) * 60 + 30}分钟"
    return f"{found['number']}.5{HALVES[unit]}"
