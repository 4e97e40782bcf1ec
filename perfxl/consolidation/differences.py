"""复核差异: where a unit's own points and the computed ones part, and in which way (contract §5)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.consolidation.shelf import LONG
from perfxl.model.columns import BUDGET, INDICATORS, UNIT
from perfxl.model.rounding import SNAP_DECIMALS, snap
from perfxl.rules.results import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from perfxl.schemes import Scheme

ROUNDED_BY = 0.5
"""取整 is a difference of at most this; the word of the contract, not a threshold an office would move."""


class Category(StrEnum):
    """The kind of a difference between 自评得分 and 规则测算得分."""

    ROUNDED = "取整"
    FULL_UNMET = "未达标给满分"
    CUT_MET = "达标扣分"
    WRONG_RATE = "执行率算错"
    OVER_WEIGHT = "超出分值"
    OUTSIDE_TIER = "定性超档"
    OTHER = "其他"


class Part(StrEnum):
    """What a row of 复核差异 compares."""

    INDICATOR = "指标"
    EXECUTION = "预算执行"
    TOTAL = "总分"


IN_SHEET = {str(part): at for at, part in enumerate((Part.EXECUTION, Part.INDICATOR, Part.TOTAL))}
"""The order of a submission's differences."""


def indicator_differences(indicators: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """One row per indicator whose 自评得分 differs from the rule's, in the order of the rows given.

    `difference` is 自评得分 − 规则测算得分; for a claim outside its tier, which has no computed score, the distance to the
    nearer end of what the tier allows (`low`, `high`). A blank claim is no difference, nor is a claim on a row that is
    open: there is nothing to compare it with, and the row's own issue says so.
    """
    rows = indicators[indicators["claimed_score"].notna()]
    tiered = rows["status"].eq(Status.UNSCORABLE) & rows["tier_used"].ne("") & (rows["high"] - rows["low"] < rows["weight"])
    rows = rows[rows["status"].eq(Status.SCORED) | tiered]
    result = rows.assign(
        what=str(Part.INDICATOR), sheet=INDICATORS.sheet, claimed=rows["claimed_score"], level1=rows["block"], target_text=target_shown(rows)
    )
    nearest = rows["claimed_score"].clip(rows["low"], rows["high"])
    result["difference"] = snap(rows["claimed_score"] - rows["score"].fillna(nearest))
    # A claim just below the open upper end of a tier's window is as wrong as one above it.
    edge = result["score"].isna() & (result["difference"] == 0)
    result.loc[edge, "difference"] = snap(rows["claimed_score"] - rows["low"])[edge]
    result["category"] = _named(
        [over_weight(result), result["score"].isna(), rounded(result), full_unmet(result), cut_met(result)],
        [Category.OVER_WEIGHT, Category.OUTSIDE_TIER, Category.ROUNDED, Category.FULL_UNMET, Category.CUT_MET],
        Category.OTHER,
    )
    return result.loc[result["difference"].abs() > snap(scheme.checks.claim_tolerance), list(LONG["review"])]


def unit_differences(units: pd.DataFrame, schemes: Mapping[str, Scheme]) -> pd.DataFrame:
    """One row per execution line and total whose 自评得分 differs from the rule's; blanks as above."""
    rows = pd.concat([_execution(units), _totals(units)], ignore_index=True)
    tolerance = units.set_index("submission")["scheme"].map({key: scheme.checks.claim_tolerance for key, scheme in schemes.items()})
    allowed = rows["submission"].map(tolerance).astype("float64")
    return in_order(rows[rows["difference"].abs() > snap(allowed)])


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Differences by submission: the execution line, the indicators as they stand in the sheet, the total."""
    return rows.assign(order=rows["what"].map(IN_SHEET)).sort_values(["submission", "order", "sheet_row"], kind="stable", ignore_index=True)[
        list(LONG["review"])
    ]


def _named(masks: Sequence[pd.Series], kinds: Sequence[Category], otherwise: Category) -> NDArray[Any]:
    """The kind of each row: of the first mask that holds."""
    named: NDArray[Any] = np.select(masks, list(map(str, kinds)), default=str(otherwise)).astype(object)
    return named


def target_shown(indicators: pd.DataFrame) -> pd.Series:
    """The target that counts: 调整后指标值 where it is filled, else 年度指标值."""
    return indicators["adjusted_target"].where(indicators["adjusted_target"] != "", indicators["target"])


def _execution(units: pd.DataFrame) -> pd.DataFrame:
    rows = units[units["execution_claimed"].notna() & units["execution_score"].notna()]
    result = _plain(rows, Part.EXECUTION, BUDGET.sheet, rows["execution_claimed"], rows["execution_score"], rows["execution_weight"])
    result["level3"] = "预算执行率"
    result["category"] = _named([over_weight(result), rounded(result)], [Category.OVER_WEIGHT, Category.ROUNDED], Category.WRONG_RATE)
    return result


def _totals(units: pd.DataFrame) -> pd.DataFrame:
    """Totals are compared only where the computed one is final: an open row alone makes any total differ."""
    rows = units[units["claimed_total"].notna() & ~units["provisional"].astype(bool)]
    result = _plain(rows, Part.TOTAL, UNIT.sheet, rows["claimed_total"], rows["total"], rows["full"])
    result["level3"] = "总分"
    result["category"] = _named([over_weight(result), rounded(result)], [Category.OVER_WEIGHT, Category.ROUNDED], Category.OTHER)
    return result


def _plain(rows: pd.DataFrame, part: Part, sheet: str, claimed: pd.Series, score: pd.Series, weight: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "submission": rows["submission"],
            "what": str(part),
            "sheet": sheet,
            "sheet_row": 0,
            "level1": "",
            "level2": "",
            "level3": "",
            "target_text": "",
            "actual": "",
            "weight": weight.astype("float64"),
            "claimed": claimed.astype("float64"),
            "score": score.astype("float64"),
            "low": score.astype("float64"),
            "high": score.astype("float64"),
            "difference": snap(claimed.astype("float64") - score.astype("float64")),
        },
        index=rows.index,
    )


# the kinds: masks over rows with claimed, score, weight and difference


def over_weight(rows: pd.DataFrame) -> pd.Series:
    """More points claimed than the row has. A blank weight is never exceeded."""
    return rows["claimed"] > snap(rows["weight"])


def rounded(rows: pd.DataFrame) -> pd.Series:
    """At most half a point away, and written with fewer decimals than the computed score: 8.7 or 9 for 8.68, 5 for 4.9.

    10 − 0.5 = 9.5 is not 取整: nobody rounds a whole number to a fraction.
    """
    near = rows["difference"].abs() <= ROUNDED_BY
    return near & (_decimals(rows["claimed"]) < _decimals(rows["score"]))


def full_unmet(rows: pd.DataFrame) -> pd.Series:
    """All points claimed where the rule gives fewer."""
    return (rows["difference"] > 0) & (rows["claimed"] >= snap(rows["weight"]))


def cut_met(rows: pd.DataFrame) -> pd.Series:
    """Fewer points claimed although the rule gives all."""
    return (rows["difference"] < 0) & (snap(rows["score"]) >= snap(rows["weight"]))


def _decimals(values: pd.Series) -> pd.Series:
    """Decimals a number is written with, 0 to 2; two for anything finer."""
    hundredths = np.round(snap(values) * 100, SNAP_DECIMALS - 3)
    whole = hundredths % 100 == 0
    tenth = hundredths % 10 == 0
    return pd.Series(np.select([whole, tenth], [0, 1], default=2), index=values.index)
