"""Numbers and phrases as explanations write them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.model.digits import plain
from perfxl.model.rounding import round_one

if TYPE_CHECKING:
    from collections.abc import Mapping


def number(value: object) -> str:
    """A number with the digits it has, without needless zeros: 270, 0.95, 400000; blank for NaN.

    >>> number(270.0), number(1234567.5), number(2.675), number(float("nan"))
    ('270', '1234567.5', '2.675', '')
    """
    if value is None:
        return ""
    read = float(value)  # type: ignore[arg-type]  # frames hold floats in object columns
    return "" if math.isnan(read) else _plain(read)


def thousands(value: float) -> str:
    """An amount as a report writes it, its thousands apart.

    >>> thousands(64176.5), thousands(123.0)
    ('64,176.5', '123')
    """
    whole, point, rest = number(value).partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.lstrip("-") else ""


_plain = lru_cache(maxsize=16_384)(plain)
"""The same points and shares stand in most sentences: 7 numbers a row, 9 of 10 seen before."""


def points(value: object) -> str:
    """Points a rule computed, to 2 decimals without needless zeros; blank for NaN.

    >>> points(2.675), points(float("nan"))
    ('2.68', '')
    """
    return number(round_one(float(value)))  # type: ignore[arg-type]  # the same


def percent(share: float) -> str:
    """A share that was computed, as a percentage with 2 decimals, half away from zero: 86.75%.

    >>> percent(0.867536), percent(1.0)
    ('86.75%', '100%')
    """
    return f"{number(round_one(share * 100))}%"


def threshold(share: float) -> str:
    """A share that a scheme sets, as a percentage with all its digits.

    >>> threshold(0.6666666), threshold(0.8)
    ('66.66666%', '80%')
    """
    return f"{number(share * 100)}%"


def cited(text: str) -> str:
    """The source in brackets, or nothing."""
    return f"（{text}）" if text else ""


def quantity(row: Mapping[str, object], low: str, high: str, unit: str) -> str:
    """A value read, with its unit: 270场, 90~95%, 至少95%."""
    name = str(row[unit] or "")
    a, b = number(row[low]), number(row[high])
    if a and b:
        return f"{a}{name}" if a == b else f"{a}~{b}{name}"
    if a:
        return f"{'超过' if row.get(low + '_open') else '不少于'}{a}{name}"
    return f"{'小于' if row.get(high + '_open') else '不超过'}{b}{name}"
