"""A consolidation as its sheets look at it: who a row belongs to, how a unit is named, what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.consolidation.roster import roster_rows

if TYPE_CHECKING:
    from perfxl.consolidation.records import Consolidation

NO_AUTHORITY = "（未填主管部门）"
PROVISIONAL, EXCLUDED, FINAL = "暂定", "不参评", "正式"


def authorities(c: Consolidation) -> pd.Series:
    """The 主管部门 of each submission: as the roster has it, else as the unit wrote it."""
    own = c.units["authority"].astype(object)
    if len(c.roster):
        at = np.array(roster_rows(c.roster, c.units["code"], c.units["name"]), dtype="int64")
        listed = np.where(at >= 0, c.roster["authority"].to_numpy()[at], "")
        own = pd.Series(np.where(listed != "", listed, own), index=own.index, dtype=object)
    return own.where(own != "", NO_AUTHORITY)


def standing(c: Consolidation) -> pd.Series:
    """正式, 暂定 or 不参评 for each submission."""
    provisional, excluded = c.units["provisional"].astype(bool), c.units["excluded"].astype(bool)
    return pd.Series(np.select([excluded, provisional], [EXCLUDED, PROVISIONAL], FINAL), index=c.units.index, dtype=object)


def grade_counts(c: Consolidation, groups: pd.Series | None = None) -> pd.DataFrame:
    """Submissions by grade (columns in the order of the bands) and 暂定, one row per group; 不参评 count nowhere."""
    bands = list(dict.fromkeys(band.name for scheme in c.schemes.values() for band in scheme.grades.bands))
    state = standing(c)
    label = c.units["grade"].astype(object).where(state == FINAL, state)
    group = groups if groups is not None else pd.Series("", index=c.units.index)
    table = pd.crosstab(group, label) if len(label) else pd.DataFrame()
    return table.reindex(columns=[*bands, PROVISIONAL], fill_value=0).astype("int64")


@dataclass(frozen=True, slots=True)
class Money:
    """Sums in 万元 over submissions whose budget can be read; the rate is executed/full_year."""

    full_year: float
    executed: float

    @property
    def rate(self) -> float:
        """The execution rate, NaN without a budget."""
        return self.executed / self.full_year if self.full_year > 0 else float("nan")


def money(units: pd.DataFrame) -> Money:
    """What a group of submissions had and spent, over those with both numbers: a half-filled line would bend the rate."""
    both = units[units["full_year"].notna() & units["executed"].notna()]
    return Money(round(float(both["full_year"].sum()), 6), round(float(both["executed"].sum()), 6))


def means(units: pd.DataFrame, final: pd.Series) -> tuple[float, float]:
    """Mean and money-weighted mean of the final scores; NaN without any."""
    rows = units[final]
    if rows.empty:
        return float("nan"), float("nan")
    weights = rows["full_year"].where(rows["full_year"] > 0)
    known = weights.notna()
    weighted = float((rows["total"] * weights)[known].sum() / weights[known].sum()) if known.any() else float("nan")
    return float(rows["total"].mean()), weighted


class Figures:
    """Figures of 总览 that are also asserted in tests."""

    def __init__(self, c: Consolidation) -> None:
        self.c = c

    @cached_property
    def states(self) -> dict[str, int]:
        """Units of the roster (or seen) by 报送情况."""
        counted = self.c.status["state"].value_counts()
        return {str(name): int(count) for name, count in counted.items()}

    @cached_property
    def fates(self) -> dict[str, int]:
        """Files by fate."""
        counted = self.c.files["fate"].astype(str).value_counts()
        return {str(name): int(count) for name, count in counted.items()}

    @cached_property
    def final(self) -> pd.Series:
        """Submissions with a final score."""
        return standing(self.c) == FINAL

    @cached_property
    def claimed_above(self) -> int:
        """Submissions whose 自评总分 is above the highest total the rules allow."""
        units = self.c.units
        return int((units["claimed_total"] > units["high"] + 0.005).sum())

    @cached_property
    def all_full(self) -> int:
        """Submissions that gave themselves full marks throughout."""
        return int(self.c.tally.loc[self.c.tally["code"] == "all-full-marks", "submission"].nunique())
