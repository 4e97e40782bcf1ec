"""What scoring a batch yields: the records that rules fill, checks read and writers print."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct, field

from perfxl.model import Status

if TYPE_CHECKING:
    import pandas as pd

    from perfxl.model import Issue
    from perfxl.rules.frames import Frames
    from perfxl.schemes import Scheme

NO_RULE = "none"

__all__ = ["NO_RULE", "Results", "Status"]


class Results(Struct):
    """A scored batch under one scheme.

    `frames.indicators` has gained the readings, `rule`, `completion`, `points` (not rounded), `score` (rounded, NaN
    unless `status` is scored), `low` and `high` (what the row can still earn); `execution` and `totals` are indexed by
    submission. `issues` are sorted by submission and place, follow-ons dropped. `today` decides only whether a year or a date
    lies in the future.
    """

    scheme: Scheme
    frames: Frames
    execution: pd.DataFrame
    totals: pd.DataFrame
    levels: pd.DataFrame
    issues: list[Issue]
    today: date = field(default_factory=date.today)
