"""分值 typed for one rule pack, brought block by block to another: 按比例折算 (contract §5, Compare)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from msgspec.structs import replace

from perfxl.model.rounding import snap
from perfxl.rules.budget import execution
from perfxl.rules.frames import INDICATOR
from perfxl.rules.readings import blocks
from perfxl.rules.wording import number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from perfxl.rules.frames import Frames
    from perfxl.schemes import Scheme

    Floats = NDArray[np.float64]


@dataclass(slots=True)
class Scaled:
    """Frames with the points of a pack. `changed` says of each submission what was scaled, `refused` why nothing was."""

    frames: Frames
    changed: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def scaled(frames: Frames, scheme: Scheme, execution_weights: Collection[float] = ()) -> Scaled:
    """The submissions with each block's points in proportion to the pack's, and execution worth what the pack says.

    Points stay whole hundredths: what is left over goes to the rows that lost most by rounding. 自评得分 go along, since a tier's
    points are read from them. Points that are no whole system (they do not add up to the full total with one of
    `execution_weights`, a row has none, a first level is not the pack's) stay as they were typed.
    """
    submissions = pd.Index(frames.unit["submission"])
    spent = execution(frames.budget, submissions, scheme)
    rows = blocks(frames, scheme, spent["rate"])
    counted = rows["role"].to_numpy() == INDICATOR
    weights = rows["weight"].to_numpy(dtype="float64")
    found = Scaled(frames)
    factors, new = np.ones(len(rows)), weights.copy()
    lacks = dict(zip(frames.unit["submission"].tolist(), frames.unit["lacks"].tolist(), strict=True))
    typed = dict(zip(submissions.tolist(), spent["typed_weight"].tolist(), strict=True))
    places = pd.Series(np.flatnonzero(counted)).groupby(rows["submission"].to_numpy()[counted]).indices
    block_of = rows["block"].to_numpy()
    at_counted = np.flatnonzero(counted)
    for submission in submissions.tolist():
        at = at_counted[places.get(submission, np.array([], dtype=np.intp))]
        sums = {block: float(weights[at[block_of[at] == block]].sum()) for block in dict.fromkeys(block_of[at].tolist())}
        refused = "另有一套计分办法" if lacks[submission] else _refused(sums, typed[submission], scheme, {*execution_weights, scheme.budget.weight})
        if refused:
            found.refused[submission] = f"{refused}，没有折算"
            continue
        said = []
        for block, wanted in points_of(scheme, sums).items():
            if snap(sums[block] - wanted) == 0:
                continue
            own = at[block_of[at] == block]
            new[own] = in_hundredths(weights[own] * (wanted / sums[block]), wanted)
            factors[own] = new[own] / np.where(weights[own] > 0, weights[own], 1.0)
            said.append(f"{block}{number(sums[block])}→{number(wanted)}")
        if typed[submission] == typed[submission] and typed[submission] != scheme.budget.weight:
            said.insert(0, f"预算执行{number(typed[submission])}→{number(scheme.budget.weight)}")
        if said:
            found.changed[submission] = "、".join(said)
    found.frames = _with_points(frames, rows.index, new, factors, scheme.budget.weight, set(found.refused))
    return found


def points_of(scheme: Scheme, present: Mapping[str, float]) -> dict[str, float]:
    """What a pack gives each first level that is there, with the points of those that are not."""
    absent = [level for level in scheme.levels if level.name not in present]
    own = {level.name: level.weight for level in scheme.levels}
    return {block: own[block] + sum(level.gives_to.get(block, 0.0) for level in absent) for block in present}


def _refused(sums: Mapping[str, float], typed: float, scheme: Scheme, execution_weights: Collection[float]) -> str:
    if not sums:
        return "没有指标"
    unknown = [block or "（空）" for block in sums if scheme.level(block) is None]
    if unknown:
        return f"方案没有一级指标“{'、'.join(unknown)}”"
    if any(value != value or value <= 0 for value in sums.values()):
        return "有的指标没有分值"
    whole = sum(sums.values())
    if not any(abs(whole + (typed if typed == typed else weight) - scheme.full) <= scheme.checks.claim_tolerance for weight in execution_weights):
        return f"填报的分值合计不是{number(scheme.full)}分"
    return ""


def in_hundredths(exact: Floats, whole: float) -> Floats:
    """Points in whole hundredths that add up to `whole`.

    >>> in_hundredths(np.array([10 / 3, 10 / 3, 10 / 3]), 10).tolist()
    [3.34, 3.33, 3.33]
    """
    cents = snap(exact * 100)
    floor = np.floor(cents)
    left = round(float(snap(whole * 100) - floor.sum()))
    order = np.argsort(-(cents - floor), kind="stable")
    floor[order[: max(left, 0)]] += 1
    return snap(floor / 100)


def _with_points(frames: Frames, index: pd.Index, weights: Floats, factors: Floats, execution_weight: float, kept: Collection[int]) -> Frames:
    indicators, budget = frames.indicators, frames.budget
    at = indicators.index.get_indexer(index)
    weight, claimed = (indicators[name].to_numpy(dtype="float64").copy() for name in ("weight", "claimed_score"))
    weight[at] = weights
    claimed[at] = snap(claimed[at] * factors)
    typed, spent = (budget[name].to_numpy(dtype="float64") for name in ("weight", "claimed_score"))
    theirs = ~budget["submission"].isin(list(kept)).to_numpy() & (typed > 0)  # what is no number stays the error it is
    share = np.where(theirs, execution_weight / np.where(typed > 0, typed, 1.0), 1.0)
    return replace(
        frames,
        indicators=indicators.assign(weight=weight, claimed_score=claimed),
        budget=budget.assign(weight=np.where(theirs, execution_weight, typed), claimed_score=snap(spent * share)),
    )
