"""What the steps between units need of each submission's long rows: a few numbers and cells, taken where the rows are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.model import GRAVITY, Severity
from perfxl.model.columns import SOURCE_KIND, TOTAL_KIND, TYPE_KIND
from perfxl.rules.results import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perfxl.consolidation.shelf import Columns

SUMS = {SOURCE_KIND: "source_sum", TYPE_KIND: "type_sum", TOTAL_KIND: "total_sum"}
"""Which column holds the sum of the 全年预算数 of which lines, NaN where no line of the kind has one."""

_REPORTED = ("level1", "level2", "level3", "target", "adjusted_target", "actual", "weight", "claimed_score", "reason")
_SPENT = ("line", "item", "full_year", "executed")


def facts(submissions: pd.Series, budget: pd.DataFrame, indicators: pd.DataFrame, review: pd.DataFrame) -> pd.DataFrame:
    """One row per submission, in the order given.

    `budget_rows`, `indicator_rows`, `review_rows`: how many rows it has in the long tables; `source_sum`, `type_sum`,
    `total_sum` (万元); `filled`: actuals that are filled; `rows_print`, `money_print`: equal for equal rows in any order.
    """
    index = pd.Index(submissions, name="submission")
    columns: dict[str, NDArray[Any]] = {"submission": index.to_numpy()}
    for name, rows in (("budget_rows", budget), ("indicator_rows", indicators), ("review_rows", review)):
        columns[name] = np.bincount(index.get_indexer(pd.Index(rows["submission"])), minlength=len(index))
    for line, name in SUMS.items():
        amounts = budget.loc[budget["line"] == line].groupby("submission")["full_year"].sum(min_count=1)
        columns[name] = amounts.reindex(index).to_numpy(dtype="float64")
    columns["filled"] = indicators["actual"].ne("").groupby(indicators["submission"]).sum().reindex(index).fillna(0).to_numpy(dtype="int64")
    columns["rows_print"], columns["money_print"] = _print(indicators, _REPORTED, index), _print(budget, _SPENT, index)
    return pd.DataFrame(columns)


def _print(rows: pd.DataFrame, columns: tuple[str, ...], index: pd.Index) -> NDArray[np.int64]:
    """Per submission a sum over the hashes of its rows; 0 without rows."""
    plain = pd.DataFrame({name: rows[name].to_numpy(dtype="float64" if rows[name].dtype == "float64" else object) for name in columns})
    hashes = pd.util.hash_pandas_object(plain, index=False).to_numpy()
    sums = np.zeros(len(index), dtype="uint64")
    np.add.at(sums, index.get_indexer(pd.Index(rows["submission"])), hashes)
    return sums.view("int64")


def tally(issues: pd.DataFrame) -> pd.DataFrame:
    """How many issues of which code each submission has: `submission, code, severity, count`."""
    return issues.groupby(["submission", "code"], sort=True).agg(severity=("severity", "first"), count=("code", "size")).reset_index()


def kinds(review: pd.DataFrame) -> pd.DataFrame:
    """How many differences of which kind each submission has: `submission, category, count`."""
    return review.groupby(["submission", "category"], sort=True).agg(count=("what", "size")).reset_index()


def answered(indicators: pd.DataFrame) -> pd.DataFrame:
    """The points of the rows that have a score, by first level: `submission, level1, answered`."""
    scored = indicators[indicators["status"].eq(str(Status.SCORED)) & indicators["weight"].notna()]
    return scored.groupby(["submission", "block"])["weight"].sum().rename("answered").rename_axis(index={"block": "level1"}).reset_index()


OFFICE_CODES = frozenset({"duplicate-submission", "not-submitted", "unexpected-unit", "roster-unit-twice", "file-extension"})
"""What the office itself has to settle; nothing a unit could correct in its workbook."""


_ASKED = frozenset({str(Severity.ERROR), str(Severity.WARNING)})


def goes_back(issues: pd.DataFrame | Columns) -> NDArray[np.bool_]:
    """Issues a unit must correct or explain in its workbook: 必须改正 and 需要说明 of a submission."""
    listed = zip(issues["submission"], issues["severity"], issues["code"], strict=True)
    return np.array([n >= 0 and severity in _ASKED and code not in OFFICE_CODES for n, severity, code in listed], dtype=bool)


def by_gravity(issues: pd.DataFrame) -> pd.DataFrame:
    """By submission, then gravity; what has no submission comes last. Within both the order they were found in."""
    order = pd.DataFrame({"last": issues["submission"] < 0, "submission": issues["submission"], "gravity": issues["severity"].map(GRAVITY)})
    return issues.loc[order.sort_values(["last", "submission", "gravity"], kind="stable").index].reset_index(drop=True)
