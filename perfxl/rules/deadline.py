"""Deadlines: done by the last day of the target's period is all points; later, the tier decides (contract §3.6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.rules.qualitative import explain_tier, tier_formula, tier_points
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perfxl.schemes import Scheme

_EPOCH = date(1899, 12, 30)


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


def on_time(frame: pd.DataFrame) -> pd.Series:
    """Rows whose last actual day is within the target's; a blank date is False."""
    return frame["a_end"] <= frame["t_end"]


def late(frame: pd.DataFrame) -> pd.Series:
    """Rows whose last actual day is after the target's; a blank date is False."""
    return frame["a_end"] > frame["t_end"]


def _applies(frame: pd.DataFrame, _scheme: Scheme) -> pd.Series:
    return frame["kind"] == "deadline"


def _points(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """In time: all points. Late: as the tier says, but 达成 contradicts the date and is not scored.

    Without a date on the actual side the tier decides alone; NaN where there is none.
    """
    by_tier = tier_points(frame, scheme).where(~(late(frame) & (frame["tier_used"] == "达成")))
    return pd.Series(np.where(on_time(frame), frame["weight"], by_tier), index=frame.index, dtype="float64")


def _formula(cells: Mapping[str, str], row: Mapping[str, object], scheme: Scheme) -> str:
    if np.isnan(float(row["a_end"])):  # type: ignore[arg-type]  # floats in an object mapping
        return tier_formula(cells, row, scheme)
    later = tier_formula(cells, row, scheme) if row["tier_used"] in ("部分达成", "未达成") else '""'
    return f"IF({cells['a_end']}<={cells['t_end']},{cells['weight']},{later})"


def _explain(row: Mapping[str, object], scheme: Scheme) -> str:
    due = f"期限{day(row['t_end'])}"
    if np.isnan(float(row["a_end"])):  # type: ignore[arg-type]  # the same
        return f"{due}，没有写完成日期；{explain_tier(row, scheme)}"
    done = f"{due}，实际{day(row['a_end'])}"
    if float(row["a_end"]) <= float(row["t_end"]):  # type: ignore[arg-type]  # the same
        source = scheme.quantitative.source_of("shortfall")
        return f"{done}；按期完成，得满分{number(row['weight'])}分{cited(scheme.cite(source))}"
    return f"{done}；逾期，{explain_tier(row, scheme)}"


DEADLINE = Rule("deadline", "按期限", _applies, _points, _formula, _explain)
