"""Two years, or two rule packs, side by side, out of what the ledger kept (contract §5, Compare)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd


class ComparisonKind(StrEnum):
    """What is compared."""

    YEARS = "years"
    SCHEMES = "schemes"


class TargetVerdict(StrEnum):
    """本年指标值 against 上年实际, in the row's own direction."""

    LOOSER = "松于上年实际"
    EQUAL = "与上年实际相同"
    STRICTER = "严于上年实际"
    NONE = "不可比"


NAN = float("nan")

_SIDE: Mapping[str, object] = {
    "name": "",
    "project": "",
    "total": NAN,
    "low": NAN,
    "high": NAN,
    "grade": "",
    "provisional": False,
    "final": NAN,
    "final_grade": "",
    "rank": NAN,
    "counted": False,
    "not_counted": "",
    "rate": NAN,
    "execution_weight": NAN,
    "execution": NAN,
    "full_year": NAN,
    "executed": NAN,
    "file": "",
}
"""Each side of a compared item: `total` and `final` NaN while 暂定, or where units were merged."""
UNITS: Mapping[str, object] = {
    "unit": "",
    "code": "",
    "authority": "",
    "matter": "",
    "basis": "",
    "noted": "",
    **{f"{name}_{side}": blank for side in "ab" for name, blank in _SIDE.items()},
    "by_execution": NAN,
    "by_rows": NAN,
    "by_other_rows": NAN,
    "by_review": NAN,
    "by_rest": NAN,
    "why": "",
}
"""One row per item that stands on both sides.

`basis` says how the two were found to be one, `noted` what is to be known (合并, 改名). What moved 最终得分 is `by_execution` + `by_rows`
(indicators on both sides) + `by_other_rows` (on one side alone) + `by_review` + `by_rest` (折算, 上限); `why` the largest of it in words.
"""
ROWS: Mapping[str, object] = {
    "at": 0,
    "unit_name": "",
    "project": "",
    "level1": "",
    "level2": "",
    "level3": "",
    "measure": "",
    **{
        f"{name}_{side}": blank
        for side in "ab"
        for name, blank in {"weight": NAN, "target": "", "actual": "", "score": NAN, "status": "", "sheet_row": 0}.items()
    },
    "verdict": "",
    "verdict_why": "",
    "why": "",
}
"""One row per indicator that stands on both sides; `at` is the place of its item in `UNITS`."""
LONE: Mapping[str, object] = {
    "side": "",
    "what": "",
    "unit": "",
    "code": "",
    "matter": "",
    "project": "",
    "level3": "",
    "measure": "",
    "target": "",
    "actual": "",
    "weight": NAN,
    "score": NAN,
    "full_year": NAN,
    "executed": NAN,
    "why": "",
}
"""What stands on one side alone: `what` is 单位, 项目 or 指标."""
CLAUSES: Mapping[str, object] = {"group": "", "clause": "", "a": "", "b": "", "source_a": "", "source_b": ""}
"""The clauses in which two rule packs differ."""


@dataclass(frozen=True, slots=True)
class About:
    """What stands on one side, as the first page says it."""

    title: str
    output: str = ""
    day: str = ""
    schemes: str = ""
    submissions: int = 0


@dataclass(slots=True)
class Comparison:
    """Everything a comparison shows. `levels` has the points of each first level (`at`, `level1`, `weight_a`, `score_a`, …)."""

    kind: ComparisonKind
    sides: tuple[About, About]
    units: pd.DataFrame
    levels: pd.DataFrame
    rows: pd.DataFrame
    lone: pd.DataFrame
    clauses: pd.DataFrame
    bands: Sequence[str] = ()
    """Grades, best first."""
    notes: list[str] = field(default_factory=list)


LEVELS: Mapping[str, object] = {"at": 0, "level1": "", "weight_a": NAN, "score_a": NAN, "weight_b": NAN, "score_b": NAN}


_KINDS = {bool: "bool", int: "int64", float: "float64", str: "object"}


class Gathered:
    """Rows of a table on their way into a frame, column by column: a hundred thousand mappings would take several times the room."""

    def __init__(self, columns: Mapping[str, object]) -> None:
        self._columns = columns
        self._values: dict[str, list[object]] = {name: [] for name in columns}
        self._texts: dict[str, str] = {}

    def add(self, row: Mapping[str, object]) -> None:
        """Take in a row; what it does not name is blank, equal texts are kept once."""
        for name, blank in self._columns.items():
            value = row.get(name, blank)
            self._values[name].append(self._texts.setdefault(value, value) if type(value) is str else value)

    def frame(self) -> pd.DataFrame:
        """The rows as a frame of these columns; they are given away."""
        import pandas as pd

        kinds = {name: _KINDS[type(blank)] for name, blank in self._columns.items()}
        return pd.DataFrame({name: pd.Series(self._values.pop(name), dtype=kind) for name, kind in kinds.items()})


def table(columns: Mapping[str, object], rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a frame of these columns, taken in one after another; what a row does not name is blank."""
    found = Gathered(columns)
    for row in rows:
        found.add(row)
    return found.frame()
