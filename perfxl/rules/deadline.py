"""Deadlines: done by the last day of the target's period is all points; later, the tier decides (contract §3.6)."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from perfxl.rules.expression import BLANK, And, C, If, Known
from perfxl.rules.qualitative import TIER, WEIGHT, explain_tier, tier_open, tier_points, tier_source, window
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from perfxl.rules.expression import Expression
    from perfxl.rules.rule import Span
    from perfxl.schemes import Scheme

    Row = Mapping[str, Any]

_EPOCH = date(1899, 12, 30)
_DUE, _DONE = C("t_end"), C("a_end")
LATE = And(Known(_DUE), Known(_DONE), _DONE > _DUE)
"""Rows whose last actual day is after the target's; a blank date is False."""
_ON_TIME = And(Known(_DUE), Known(_DONE), _DONE <= _DUE)


def day_number(day: date) -> float:
    """A date as Excel's day number (1900 system)."""
    return float((day - _EPOCH).days)


def date_of(number: float) -> date:
    """The date of Excel's day number."""
    return _EPOCH + timedelta(days=int(number))


def day(value: object) -> str:
    """An Excel day number as 2020年12月31日."""
    read = date_of(float(value))  # type: ignore[arg-type]  # floats in an object mapping
    return f"{read.year}年{read.month}月{read.day}日"


def late(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """`LATE` over a frame."""
    found: NDArray[np.bool_] = LATE.values(frame)
    return found


def _applies(frame: pd.DataFrame) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = frame["kind"].to_numpy() == "deadline"
    return found


def _best(scheme: Scheme) -> str:
    return scheme.qualitative.tiers[0].name


def _points(scheme: Scheme) -> Expression:
    """In time: all points. Late: as the tier says, but the best tier contradicts the date and is not scored.

    Without a date on the actual side the tier decides alone; NaN where there is none.
    """
    by_tier = tier_points(scheme)
    return If(_ON_TIME, WEIGHT, If(And(LATE, TIER.equals(_best(scheme))), BLANK, by_tier))


def _open(scheme: Scheme) -> Span:
    """Late: the second tier at most; else as the tier says."""
    low, high = tier_open(scheme)
    _, second = window(scheme.qualitative.tiers[1])
    undecided = And(LATE, TIER.differs(scheme.qualitative.tiers[1].name), TIER.differs(scheme.qualitative.tiers[2].name))
    return If(undecided, 0, low), If(undecided, second, high)


def _source(row: Row, scheme: Scheme) -> str:
    return scheme.quantitative.source_of("shortfall") if row["a_end"] <= row["t_end"] else tier_source(row, scheme)


def _explain(row: Row, scheme: Scheme) -> str:
    due = f"期限{day(row['t_end'])}"
    if math.isnan(row["a_end"]):
        return f"{due}，没有写完成日期；{explain_tier(row, scheme)}"
    done = f"{due}，实际{day(row['a_end'])}"
    if row["a_end"] <= row["t_end"]:
        return f"{done}；按期完成，得满分{number(row['weight'])}分{cited(scheme.cite(_source(row, scheme)))}"
    return f"{done}；逾期，{explain_tier(row, scheme)}"


DEADLINE = Rule("deadline", "按期限", _applies, _points, _explain, _source, _open)
