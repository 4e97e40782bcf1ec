"""Numbers and phrases as explanations write them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def number(value: object) -> str:
    """A number without needless zeros: 270, 0.95, 400000; blank for NaN.

    >>> number(270.0), number(1234567.5), number(float("nan"))
    ('270', '1234567.5', '')
    """
    if value is None:
        return ""
    read = float(value)  # type: ignore[arg-type]  # frames hold floats in object columns
    if math.isnan(read):
        return ""
    return _decimals(read) if read else f"{read:.0f}"  # 0 and -0 are one key of a cache and two texts


def thousands(value: float) -> str:
    """An amount as a report writes it, its thousands apart.

    >>> thousands(64176.5), thousands(123.0)
    ('64,176.5', '123')
    """
    whole, point, rest = number(value).partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.lstrip("-") else ""


@lru_cache(maxsize=16_384)
def _decimals(read: float) -> str:
    """The same points and shares stand in most sentences: 7 numbers a row, 9 of 10 seen before."""
    return f"{read:.10f}".rstrip("0").rstrip(".") or "0"


def points(value: object) -> str:
    """Points to 2 decimals without needless zeros."""
    return number(round(float(value), 2))  # type: ignore[arg-type]  # the same


def percent(share: float) -> str:
    """A share as a percentage with 2 decimals, half away from zero: 86.75%.

    >>> percent(0.867536), percent(1.0)
    ('86.75%', '100%')
    """
    from perfxl.model.rounding import round_one

    return f"{number(round_one(share * 100))}%"


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
