"""Qualitative indicators: the tier decides a window, the unit's own score counts inside it (contract §3.5)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from perfxl.model.rounding import round_one
from perfxl.rules.expression import BLANK, And, C, If, Known, Max, N, Rounded, choose
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number, threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from perfxl.rules.expression import Expression
    from perfxl.rules.rule import Span
    from perfxl.schemes import Management, QualitativeTier, Scheme

    Row = Mapping[str, Any]

WEIGHT, CLAIMED, TIER = C("weight"), C("claimed_score"), C("tier_used")


def window(tier: QualitativeTier) -> Span:
    """The tier's bounds in points, each rounded to 2 decimals as the systems do (rules §1.4)."""
    return Rounded(WEIGHT * N(tier.low)), Rounded(WEIGHT * N(tier.high))


def inside(tier: QualitativeTier) -> Expression:
    """Whether the unit's own score lies in the tier's window: low included, high only where no better tier begins there."""
    low, high = window(tier)
    claimed = Rounded(CLAIMED)
    return And(claimed >= low, claimed <= high if tier.high == 1 else claimed < high)


def tier_points(scheme: Scheme) -> Expression:
    """Points by `tier_used` and `claimed_score`; NaN where no tier is known or the claim is outside."""

    def earned(tier: QualitativeTier) -> Expression:
        default = WEIGHT * N(tier.default)
        if scheme.qualitative.score == "default":
            return default
        return If(Known(CLAIMED), If(inside(tier), CLAIMED, BLANK), default)

    return choose(((TIER.equals(tier.name), earned(tier)) for tier in scheme.qualitative.tiers), BLANK)


def tier_open(scheme: Scheme) -> Span:
    """What a row can still earn: the window of its tier, the whole weight where the tier is not known."""
    tiers = [(TIER.equals(tier.name), window(tier)) for tier in scheme.qualitative.tiers]
    low, high = (choose(((chosen, ends[i]) for chosen, ends in tiers), rest) for i, rest in ((0, N(0)), (1, Max(0, WEIGHT))))
    return low, high


def tier_window(name: str, weight: float, scheme: Scheme) -> tuple[float, float]:
    """Lowest and highest points of a tier for one weight."""
    low, high = (end.number(weight=weight) for end in window(next(tier for tier in scheme.qualitative.tiers if tier.name == name)))
    return low, high


def tier_source(row: Row, scheme: Scheme) -> str:
    """The source of the tiers; of a management indicator that is scored by its tier, the indicator's own."""
    indicator: Management | None = row["management"]
    return scheme.qualitative.source_of("tiers") if indicator is None else indicator.source_of("weight")


def explain_tier(row: Row, scheme: Scheme) -> str:
    """The sentence of a row scored by its tier."""
    tier = next(t for t in scheme.qualitative.tiers if t.name == row["tier_used"])
    cite = cited(scheme.cite(tier_source(row, scheme)))
    weight, score = number(row["weight"]), number(row["score"])
    how = "按实际完成情况的文字推定为" if row["tier_inferred"] else "完成等级为"
    bounds = f"{threshold(tier.low)}~{threshold(tier.high)}"
    if math.isnan(row["claimed_score"]) or scheme.qualitative.score == "default":
        share = f"，按本档默认比例{threshold(tier.default)}：{weight}×{threshold(tier.default)}={score}分"
        if tier.default == 1 and row["score"] == round_one(row["weight"], scheme.rounding.decimals, scheme.rounding.mode):
            share = f"，得满分{weight}分"
        return f"{how}“{tier.name}”（分值的{bounds}）{share}{cite}"
    return f"{how}“{tier.name}”（分值的{bounds}），单位自评{number(row['claimed_score'])}分在本档之内，采用{score}分{cite}"


def _applies(frame: pd.DataFrame) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = frame["kind"].to_numpy() == "qualitative"
    return found


QUALITATIVE = Rule("qualitative", "定性", _applies, tier_points, explain_tier, tier_source, tier_open)
