"""The digits of a number, as sentences and scheme files show them."""

from __future__ import annotations


def plain(value: float) -> str:
    """A number with the digits it has, at most 10 decimals, without needless zeros: 270, 0.95, 66.66666.

    >>> plain(270.0), plain(0.6666666 * 100), plain(-0.0)
    ('270', '66.66666', '0')
    """
    digits = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if digits in ("-0", "") else digits
