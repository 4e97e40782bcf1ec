"""How rows become points: one file per family, each with its arithmetic, its source and its sentence side by side.

A rule is pure. `applies` takes the indicator frame with its readings (see `perfxl.rules.readings`) and returns a mask;
`expression` is the arithmetic of the points (not rounded, NaN: not scored) over the frame's columns, which are also the
names of the cells a live formula uses; `open` what a row that has no score yet can still earn; `source` the id of the
text in the scheme that says so; `explain` the sentence behind one row.

The columns of a reading that rules use: `kind`, `op`, `t_low`, `t_high`, `a_low`, `a_high` (base magnitude), `t_end`,
`a_end` (Excel day numbers), `met` (1, 0, NaN: not comparable), `mirrored`, `weight`, `tier_used`, `claimed_score`,
`management_at` (place of the indicator in the scheme's list, NaN: none), `data_value`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from perfxl.rules.expression import C, Expression, Max, N

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from perfxl.schemes import Scheme

    Row = Mapping[str, Any]
    Span = tuple[Expression, Expression]


def whole_weight(_scheme: Scheme) -> Span:
    """Between nothing and all points."""
    return N(0), Max(0, C("weight"))


class Rule(Struct, frozen=True):
    """One way of scoring a row."""

    id: str
    title: str
    applies: Callable[[pd.DataFrame], NDArray[Any] | pd.Series]
    expression: Callable[[Scheme], Expression]
    explain: Callable[[Row, Scheme], str]
    source: Callable[[Row, Scheme], str]
    open: Callable[[Scheme], Span] = whole_weight
