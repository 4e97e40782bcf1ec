"""How rows become points: one file per family, each with points, Excel formula and explanation side by side.

A rule is pure. `applies` and `points` take the indicator frame with its readings (see `perfxl.scoring.score.interpret`) and the
scheme, and return a Series on the frame's index; points are not rounded, NaN is "not scored". `formula` builds the Excel
expression of the same points from cell addresses; `explain` the sentence behind one row.

The columns of a reading that rules use: `kind`, `op`, `t_low`, `t_high`, `a_low`, `a_high` (base magnitude), `t_end`,
`a_end` (Excel day numbers), `met` (1, 0, NaN: not comparable), `weight`, `tier_used`, `claimed_score`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perfxl.schemes import Scheme

    Points = Callable[[pd.DataFrame, Scheme], pd.Series]
    Formula = Callable[[Mapping[str, str], Mapping[str, object], Scheme], str]
    Explain = Callable[[Mapping[str, object], Scheme], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of scoring a row.

    `applies(frame, scheme)` is a boolean Series; `points(frame, scheme)` gets only the rows it applies to.
    `formula(cells, row, scheme)` gets addresses (or number literals) by name: weight, claimed, t_low, t_high, a_low,
    a_high, t_end, a_end; it returns the unrounded points as an Excel expression, without "=".
    """

    id: str
    title: str
    applies: Points
    points: Points
    formula: Formula
    explain: Explain
