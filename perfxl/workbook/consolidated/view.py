"""A consolidation as its sheets look at it: who a row belongs to, how a unit is named, what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.consolidation.counting import final, left_out, waiting
from perfxl.consolidation.items import Matter
from perfxl.consolidation.status import REPORTED

if TYPE_CHECKING:
    from perfxl.consolidation.records import Consolidation

NO_AUTHORITY = "（未填主管部门）"
OFF_ROSTER = "名单外"
PROVISIONAL, EXCLUDED, FINAL, NOT_COUNTED = "暂定", "不参评", "正式", "未计入"

ABOVE = "自评高于测算：正式得分里，自评总分比规则测算得分高0.005分以上的份数。"
"""The definition of a figure that is printed beside it."""
BY_FINAL = (
    "有人工复核：平均得分、等级、排名都按最终得分（有复核的用复核得分，没有的用规则测算得分），旁边的“测算”是没有复核时的数，只算测算就有正式得分的。"
)
"""Which of two scores counts, where somebody has reviewed anything."""


def is_reviewed(c: Consolidation) -> bool:
    """Whether anybody has reviewed anything; without, nothing is said of reviews anywhere."""
    return len(c.reviewed) > 0


def authorities(c: Consolidation) -> pd.Series:
    """The 主管部门 of each submission: as the roster has it, else as the unit wrote it."""
    own = c.units["authority"].astype(object)
    return own.where(own != "", NO_AUTHORITY)


def standing(units: pd.DataFrame) -> pd.Series:
    """正式, 暂定, 不参评 or 未计入 for each submission, by its 最终得分."""
    provisional, excluded = units["final_provisional"].astype(bool), units["excluded"].astype(bool)
    left = ~units["counted"].astype(bool)
    return pd.Series(np.select([left, excluded, provisional], [NOT_COUNTED, EXCLUDED, PROVISIONAL], FINAL), index=units.index, dtype=object)


def bands(c: Consolidation) -> list[str]:
    """The grades of all schemes in their order, and 暂定."""
    return [*dict.fromkeys(band.name for scheme in c.schemes.values() for band in scheme.grades.bands), PROVISIONAL]


@dataclass(frozen=True, slots=True)
class Money:
    """SummedUp in 万元 over submissions whose budget can be read; the rate is executed/full_year."""

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


SUMMED = (
    "unit", "matter", "listed", "counted", "not_counted", "excluded", "reviewed", "full_year", "executed", "claimed_total",
    "total", "grade", "provisional", "final_total", "final_grade", "final_provisional",
)  # fmt: skip
"""The columns of units that sums are made of: cutting all sixty into groups takes most of the time."""


class SummedUp:
    """Submissions on one kind of matter — wholes, or projects — of one 主管部门 or of all: everything that is summed up of them.

    `due` are the rows of 报送情况 they belong to. What does not count is in no figure; `left_out` says how many and why,
    with so many that are `undecided`.
    """

    def __init__(self, units: pd.DataFrame, due: pd.DataFrame, grades: list[str], undecided: int = 0) -> None:
        self.units = units[units["counted"].astype(bool)]
        self.left_out = left_out(units, undecided)
        self.due = due
        self._grades = grades

    @cached_property
    def reported(self) -> int:
        """Items due that came in."""
        return int(self.due["state"].isin(REPORTED).sum())

    @cached_property
    def share(self) -> float:
        """报送率 per item; NaN where nothing is due."""
        return self.reported / len(self.due) if len(self.due) else float("nan")

    @cached_property
    def money(self) -> Money:
        """What they had and spent."""
        return money(self.units)

    @cached_property
    def final(self) -> pd.DataFrame:
        """Those with a final score."""
        return self.units[final(self.units)]

    @cached_property
    def computed(self) -> SummedUp:
        """The same submissions as they were computed, without any review; these themselves where nothing is reviewed."""
        if not self.reviewed:
            return self
        own = {f"final_{name}": self.units[name] for name in ("total", "grade", "provisional")}
        return SummedUp(self.units.assign(**own), self.due, self._grades)

    @cached_property
    def mean(self) -> float:
        """The mean of the final scores; NaN without any."""
        return float(self.final["final_total"].mean()) if len(self.final) else float("nan")

    @cached_property
    def weighted(self) -> float:
        """The mean weighted by 全年预算数; NaN without any."""
        weights = self.final["full_year"].where(self.final["full_year"] > 0)
        known = weights.notna()
        return float((self.final["final_total"] * weights)[known].sum() / weights[known].sum()) if known.any() else float("nan")

    @cached_property
    def grades(self) -> dict[str, int]:
        """Submissions by grade and 暂定; 不参评 count nowhere."""
        state = standing(self.units)
        counted = self.units["final_grade"].astype(object).where(state == FINAL, state).value_counts()
        return {grade: int(counted.get(grade, 0)) for grade in self._grades}

    @cached_property
    def above(self) -> int:
        """Computed scores below the unit's own (`ABOVE`), whatever a review says."""
        computed = self.units[final(self.units.assign(final_provisional=self.units["provisional"]))]
        return int((computed["claimed_total"] > computed["total"] + 0.005).sum())

    @cached_property
    def reviewed(self) -> int:
        """Submissions of which at least one row is reviewed and counts."""
        return int((self.units["reviewed"] > 0).sum())


MATTERS = (Matter.WHOLE, Matter.PROJECT)


def of_matter(frame: pd.DataFrame, matter: Matter) -> pd.DataFrame:
    """The rows of one kind of matter: of units by `matter`, of 报送情况 by `due`."""
    if "matter" in frame:
        return frame[frame["matter"] == matter]
    return frame[(frame["due"] == "项目") == (matter is Matter.PROJECT)]


class Figures:
    """Figures of 总览 that are also asserted in tests."""

    def __init__(self, c: Consolidation) -> None:
        self.c = c

    @cached_property
    def due(self) -> pd.DataFrame:
        """The rows of 报送情况 that are due in the run's year; without a roster what came in."""
        return self.c.status[self.c.status["expected"] & self.c.status["in_year"]]

    @cached_property
    def units_due(self) -> int:
        """Units of the roster."""
        return int(self.c.roster["unit"].nunique()) if len(self.c.roster) else 0

    def group(self, matter: Matter) -> SummedUp:
        """All submissions on a kind of matter."""
        return SummedUp(of_matter(self.c.units, matter), of_matter(self.due, matter), bands(self.c), len(of_matter(waiting(self.c), matter)))

    @cached_property
    def states(self) -> dict[str, int]:
        """Items due by 报送情况."""
        counted = self.due["state"].value_counts()
        return {str(name): int(count) for name, count in counted.items()}

    @cached_property
    def fates(self) -> dict[str, int]:
        """Files by fate."""
        counted = self.c.files["fate"].astype(str).value_counts()
        return {str(name): int(count) for name, count in counted.items()}

    @cached_property
    def strangers(self) -> int:
        """Units seen that are not on the roster."""
        if not len(self.c.roster):
            return 0
        return int(self.c.units.loc[self.c.units["listed"] < 0, "unit"].nunique())
