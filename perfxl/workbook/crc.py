"""CRC-32 of texts behind each other, from those of each (as zlib's crc32_combine, which Python does not offer)."""

from __future__ import annotations

from functools import cache

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31
"""The polynomial 1: the highest bit is the lowest power."""


def crc_of_both(first: int, second: int, shift: int) -> int:
    """The CRC-32 of two texts behind each other, from those of each and the shift of the second.

    >>> from zlib import crc32
    >>> crc_of_both(crc32(b"perf"), crc32(b"xl"), shift_of(2)) == crc32(b"perfxl")
    True
    """
    return _times(shift, first) ^ second


def shift_of(size: int) -> int:
    """What `size` bytes behind a text do to its CRC-32, as a factor; worth keeping, for it takes longer than `crc_of_both`."""
    return _power_of_x(8 * size)


def _times(a: int, b: int) -> int:
    """The product of two polynomials modulo that of CRC-32."""
    product, bit = 0, _ONE
    while bit:
        if a & bit:
            product ^= b
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
        bit >>= 1
    return product


_SQUARES = [_ONE >> 1]
"""x, x², x⁴, x⁸ …, as far as they were needed."""


def _power_of_x(n: int) -> int:
    """X to the power of n."""
    power, at = _ONE, 0
    while n:
        power = _times(_power_of_digit(n & 255, at), power)
        n >>= 8
        at += 8
    return power


@cache
def _power_of_digit(digit: int, at: int) -> int:
    """X to the power of a number of 8 bits, shifted by `at`."""
    power = _ONE
    for bit in range(8):
        while at + bit >= len(_SQUARES):
            _SQUARES.append(_times(_SQUARES[-1], _SQUARES[-1]))
        if digit >> bit & 1:
            power = _times(_SQUARES[at + bit], power)
    return power
