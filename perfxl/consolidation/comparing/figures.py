"""What the first page of a comparison sums up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from perfxl.consolidation.comparing import TargetVerdict
from perfxl.consolidation.items import Matter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.consolidation.comparing import Comparison

MATTERS = (Matter.WHOLE, Matter.PROJECT)
OPEN, MERGED = "暂定", "合并"
NO_GRADE = "不评等级"


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one side of the items of a kind that stand on both: points where both are final, money where both count."""

    mean: float
    full_year: float
    executed: float

    @property
    def rate(self) -> float:
        """全年执行数 ÷ 全年预算数."""
        return self.executed / self.full_year if self.full_year > 0 else float("nan")


def of_matter(c: Comparison, matter: Matter) -> pd.DataFrame:
    """The compared items of a kind."""
    return c.units[c.units["matter"] == str(matter)]


def counting(units: pd.DataFrame) -> pd.Series:
    """Items whose amounts count on both sides and are known on both."""
    known = units[["full_year_a", "executed_a", "full_year_b", "executed_b"]].notna().all(axis=1)
    return units["counted_a"].astype(bool) & units["counted_b"].astype(bool) & known


def decided(units: pd.DataFrame) -> pd.Series:
    """Items that count and have a final score on both sides."""
    return units["final_a"].notna() & units["final_b"].notna() & units["counted_a"].astype(bool) & units["counted_b"].astype(bool)


def sums(units: pd.DataFrame) -> tuple[Sums, Sums]:
    """The figures of both sides."""
    scored, money = units[decided(units)], units[counting(units)]
    first, second = (
        Sums(
            float(scored[f"final_{side}"].mean()) if len(scored) else float("nan"),
            float(money[f"full_year_{side}"].sum()) if len(money) else float("nan"),
            float(money[f"executed_{side}"].sum()) if len(money) else float("nan"),
        )
        for side in "ab"
    )
    return first, second


def standing(units: pd.DataFrame, side: str) -> list[str]:
    """The grade of each item on one side, or why it has none."""
    grades, finals = units[f"final_grade_{side}"].tolist(), units[f"final_{side}"].tolist()
    return [grade if final == final or grade == MERGED else OPEN for grade, final in zip((g or NO_GRADE for g in grades), finals, strict=True)]


def shifts(units: pd.DataFrame, bands: Sequence[str]) -> tuple[list[str], list[str], list[list[int]]]:
    """How many items went from which grade (a row each) to which (a column each); grades nobody has are left out unless they are usual."""
    first, second = standing(units, "a"), standing(units, "b")
    order = [*bands, NO_GRADE, OPEN, MERGED]
    rows, columns = ([name for name in order if name in bands or name in set(found)] for found in (first, second))
    counts = pd.crosstab(pd.Series(first, dtype=object), pd.Series(second, dtype=object)).reindex(index=rows, columns=columns, fill_value=0)
    return rows, columns, counts.to_numpy(dtype=int).tolist()


def level_rates(c: Comparison, matter: Matter) -> list[tuple[str, float, float]]:
    """得分率 by 一级指标 on both sides over the items decided on both, execution first; blocks that only one side has are left out of the other."""
    units = of_matter(c, matter)
    units = units[decided(units)]
    levels = c.levels[c.levels["at"].isin(units.index)]
    spent = [_share(units[f"execution_{side}"], units[f"execution_weight_{side}"]) for side in "ab"]
    found = [("预算执行", spent[0], spent[1])]
    for name in dict.fromkeys(levels["level1"]):
        own = levels[levels["level1"] == name]
        first, second = (_share(own[f"score_{side}"], own[f"weight_{side}"]) for side in "ab")
        found.append((str(name), first, second))
    return [row for row in found if row[1] == row[1] or row[2] == row[2]]


def _share(scores: pd.Series, weights: pd.Series) -> float:
    known = scores.notna() & weights.notna()
    whole = float(weights[known].sum())
    return float(scores[known].sum()) / whole if whole > 0 else float("nan")


def verdicts(c: Comparison) -> list[tuple[str, int]]:
    """How many indicators set their target looser than last year's actual, equal to it, stricter, or cannot be compared."""
    counts = c.rows["verdict"].value_counts()
    return [(str(verdict), int(counts.get(str(verdict), 0))) for verdict in TargetVerdict]


def movers(c: Comparison, most: int) -> pd.DataFrame:
    """The items that lost most, then those that won most; most change first in each, equal ones in the order of units."""
    units = c.units[decided(c.units)]
    change = (units["final_b"] - units["final_a"]).round(6)
    order = change.sort_values(kind="stable").index
    down = [i for i in order if change[i] < 0][:most]
    up = [i for i in change.sort_values(ascending=False, kind="stable").index if change[i] > 0][:most]
    return c.units.loc[[*down, *up]]
