"""一级指标 and 二级指标 as typed, in their standard words: without the number before them and the points printed behind them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.intake.submission import folded
from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEVEL = LazyPattern(
    r"[★☆]?(?:\([一二三四五六七八九十\d]{1,2}\)|[一二三四五六七八九十\d]{1,2}[、.,]|\d{1,2}(?=\D)|[①-⑳])?(?:年度|类)?(?P<word>.+?)"
    r":?(?:[(\[【〔](?:(?:共|满分|权重)?:?\d+(?:\.\d+)?(?:分|%)?)[)\]】〕]|(?:共|满分|权重)?\d+(?:\.\d+)?(?:分|%)?)?:?"
)

_BEGINS, _ENDS = frozenset("★☆(年类"), frozenset(":分%)]】〕")
"""Besides numbers, the signs of which a level that is more than words begins or ends with one."""


@lru_cache(maxsize=4096)
def plain_level(text: str) -> str:
    """A level's words alone.

    >>> plain_level("一、产出指标(50分)"), plain_level("（1）数量指标："), plain_level("产出类指标"), plain_level("二、效益指标【30】")
    ('产出指标', '数量指标', '产出指标', '效益指标')
    """
    text = folded(text)
    if text and not (text[0] in _BEGINS or text[0].isnumeric() or text[-1] in _ENDS or text[-1].isdecimal()):
        return text.replace("类指标", "指标")
    found = _LEVEL.fullmatch(text)
    return (found["word"] if found else text).replace("类指标", "指标")


def standard_level(typed: str, words: Mapping[str, str]) -> str:
    """The standard words of a level; as typed where they are on no list."""
    return words.get(plain_level(typed), typed)
