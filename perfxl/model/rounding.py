"""Rounding, in one place: snap to 9 decimals, then half away from zero to 2 (contract §3.12), and its Excel formula."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SNAP_DECIMALS = 9
POINT_DECIMALS = 2


def snap(values: ArrayLike) -> NDArray[np.float64]:
    """Values without the dust of binary arithmetic; what thresholds compare (0.57 × 100 ≥ 57 must hold)."""
    return np.round(np.asarray(values, dtype="float64"), SNAP_DECIMALS)


def round_points(values: ArrayLike, decimals: int = POINT_DECIMALS, mode: str = "half-up") -> NDArray[np.float64]:
    """Points as printed: half away from zero on the snapped value (or cut, `truncate`); NaN stays NaN.

    >>> round_points([8.675, 1.005, -0.125, 0.57 * 100]).tolist()
    [8.68, 1.01, -0.13, 57.0]
    """
    array = np.asarray(values, dtype="float64")
    decimals = min(decimals, SNAP_DECIMALS)
    scale = 10.0**decimals
    # Scaling first and snapping after keeps 1.005 a half: 1.005 × 100 is 100.49999999999999 in binary.
    scaled = np.round(np.abs(array) * scale, SNAP_DECIMALS - decimals)
    rounded: NDArray[np.float64] = np.sign(array) * np.floor(scaled if mode == "truncate" else scaled + 0.5) / scale
    return rounded + 0.0  # no −0


def round_one(value: float, decimals: int = POINT_DECIMALS, mode: str = "half-up") -> float:
    """`round_points` for one number, without an array: sentences round thousands of single numbers."""
    if not math.isfinite(value) or abs(value) >= 1e6 or decimals > SNAP_DECIMALS:
        return float(round_points(value, decimals, mode))
    scale, dust = 10.0**decimals, 10.0 ** (SNAP_DECIMALS - decimals)
    points = math.floor(round(abs(value) * scale * dust) / dust + (0.0 if mode == "truncate" else 0.5)) / scale
    return points if value >= 0 else 0.0 - points


def rounded_formula(expression: str, decimals: int = POINT_DECIMALS, mode: str = "half-up") -> str:
    """The Excel expression of `round_points`.

    >>> rounded_formula("A1*2")
    'ROUND(ROUND(A1*2,9),2)'
    """
    return f"{'TRUNC' if mode == 'truncate' else 'ROUND'}(ROUND({expression},{SNAP_DECIMALS}),{decimals})"
