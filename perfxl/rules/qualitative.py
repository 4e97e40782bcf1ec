"""Qualitative indicators: the tier decides a window, the unit's own score counts inside it (contract §3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.model.rounding import round_one, round_points
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number, percent, points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.schemes import QualitativeTier, Scheme

    Floats = NDArray[np.float64]


def window(tier: QualitativeTier, weight: Floats) -> tuple[Floats, Floats]:
    """The tier's bounds in points, each rounded to 2 decimals as the systems do (rules §1.4)."""
    return round_points(weight * tier.low), round_points(weight * tier.high)


def inside(tier: QualitativeTier, score: Floats, weight: Floats) -> NDArray[np.bool_]:
    """Whether a score lies in the tier's window: low included, high only where no better tier begins there."""
    low, high = window(tier, weight)
    rounded = round_points(score)
    below_top = rounded <= weight if tier.high == 1 else rounded < high
    result: NDArray[np.bool_] = (rounded >= low) & below_top
    return result


def tier_points(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Points of rows by `tier_used` and `claimed_score`; NaN where no tier is known or the claim is outside."""
    weight = np.asarray(frame["weight"], dtype="float64")
    claimed = np.asarray(frame["claimed_score"], dtype="float64")
    chosen = np.asarray(frame["tier_used"], dtype=object)
    result = np.full(len(frame), np.nan)
    for tier in scheme.qualitative.tiers:
        own = np.where(inside(tier, claimed, weight), claimed, np.nan)
        if scheme.qualitative.score == "default":
            own = weight * tier.default
        result = np.where(chosen == tier.name, np.where(np.isnan(claimed), weight * tier.default, own), result)
    return pd.Series(result, index=frame.index)


def tier_window(name: str, weight: float, scheme: Scheme) -> tuple[float, float]:
    """Lowest and highest points of a tier; the whole weight where the tier is not known."""
    tier = next((t for t in scheme.qualitative.tiers if t.name == name), None)
    if tier is None:
        return 0.0, weight
    low, high = window(tier, np.array([weight]))
    return float(low[0]), float(high[0])


def tier_formula(cells: Mapping[str, str], row: Mapping[str, object], scheme: Scheme) -> str:
    """Excel of `tier_points` for the row's own tier; an own score outside the window gives an empty text."""
    tier = next(t for t in scheme.qualitative.tiers if t.name == row["tier_used"])
    w, claimed = cells["weight"], cells["claimed"]
    default = f"{w}*{tier.default:g}"
    if scheme.qualitative.score == "default":
        return default
    top = f"ROUND({claimed},2)<={w}" if tier.high == 1 else f"ROUND({claimed},2)<ROUND({w}*{tier.high:g},2)"
    return f'IF({claimed}="",{default},IF(AND(ROUND({claimed},2)>=ROUND({w}*{tier.low:g},2),{top}),{claimed},""))'


def explain_tier(row: Mapping[str, object], scheme: Scheme) -> str:
    """The sentence of a row scored by its tier."""
    tier = next(t for t in scheme.qualitative.tiers if t.name == row["tier_used"])
    source = scheme.qualitative.source_of("tiers")
    weight, score = float(row["weight"]), float(row["score"])  # type: ignore[arg-type]  # floats in an object mapping
    how = "按实际完成情况的文字推定为" if row["tier_inferred"] else "完成等级为"
    bounds = f"{percent(tier.low)}~{percent(tier.high)}"
    claimed = float(row["claimed_score"])  # type: ignore[arg-type]  # the same
    if np.isnan(claimed) or scheme.qualitative.score == "default":
        share = f"，按本档默认比例{percent(tier.default)}：{number(weight)}×{percent(tier.default)}={points(score)}分"
        if tier.default == 1 and score == round_one(weight):
            share = f"，得满分{number(weight)}分"
        return f"{how}“{tier.name}”（分值的{bounds}）{share}{cited(scheme.cite(source))}"
    return f"{how}“{tier.name}”（分值的{bounds}），单位自评{points(claimed)}分在本档之内，采用{points(score)}分{cited(scheme.cite(source))}"


def _applies(frame: pd.DataFrame, _scheme: Scheme) -> pd.Series:
    return frame["kind"] == "qualitative"


QUALITATIVE = Rule("qualitative", "定性", _applies, tier_points, tier_formula, explain_tier)
