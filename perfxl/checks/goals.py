"""Checks of 年度目标."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks import Check
from perfxl.checks.masks import is_, numbers, position, texts, unanswered
from perfxl.checks.words import GOAL_UNITS, ITEMS, quantities
from perfxl.frames import INDICATOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from perfxl.checks.masks import Bools
    from perfxl.results import Results

_LEFTOVER = re.compile(r"^(?:目标\s*\d*\s*[:：.、]?|[.…·]+|\d+\s*[.、]?)?$")


def _stated(goals: pd.DataFrame) -> Bools:
    """Rows with a goal; leftovers of the form (目标1: ……) are none."""
    expected = texts(goals, "expected")
    stated = ~is_(expected, "")
    stated &= ~unanswered(stated, expected)
    for at in np.flatnonzero(stated):
        stated[at] = not _LEFTOVER.match(str(expected[at]).strip())
    return stated


def actual_missing(results: Results) -> Bools:
    """A stated goal needs 实际完成情况; one answer with several items, beside the first goal, answers all of them."""
    goals = results.frames.goals
    if not len(goals):
        return np.zeros(0, dtype=bool)
    achieved = texts(goals, "achieved")
    stated = _stated(goals)
    silent = unanswered(stated, achieved)
    if silent.any():
        at = position(results, goals)
        for place in np.unique(at[silent]):
            said = np.flatnonzero((at == place) & stated & ~silent)
            first = np.flatnonzero((at == place) & stated)[0]
            if len(said) == 1 and said[0] == first and ITEMS.search(str(achieved[first])):
                silent[at == place] = False
    return silent


def quantity_unreported(results: Results) -> Bools:
    """A number with a unit in 预期目标 needs an actual number, there or in a filled indicator; no number asks for nothing."""
    goals = results.frames.goals
    result: Bools = np.zeros(len(goals), dtype=bool)
    if not len(goals):
        return result
    stated, expected = _stated(goals), texts(goals, "expected")
    for at in np.flatnonzero(stated):
        result[at] = bool(quantities(str(expected[at])))
    for at in np.flatnonzero(result):
        result[at] = any(_unreported(goals.iloc[at], results))
    return result


def _unreported(goal: Mapping[str, Any], results: Results) -> Iterator[str]:
    """The quantities of one goal that nothing answers: same family of unit in any achieved text or filled indicator."""
    goals = results.frames.goals
    mine = goals["submission"].to_numpy() == goal["submission"]
    told = {family for text in texts(goals, "achieved")[mine] for _, _, family in quantities(str(text))}
    shares = {value for text in texts(goals, "achieved")[mine] for _, value, family in quantities(str(text)) if family == "%"}
    families, values = _reported(int(goal["submission"]), results)
    for words, value, family in quantities(str(goal["expected"])):
        answered = (shares or value in values) if family == "%" else family in told | families
        if not answered:
            yield words


def _reported(submission: int, results: Results) -> tuple[set[str], set[float]]:
    """Unit families of the filled indicators, and the percentages they aim at or report."""
    frame = results.frames.indicators
    filled = (frame["submission"].to_numpy() == submission) & is_(texts(frame, "role"), INDICATOR) & ~np.isnan(_known(frame))
    families, values = set(), set()
    for at in np.flatnonzero(filled):
        unit = str(frame["a_unit"].iloc[at])
        families.add(GOAL_UNITS.get(unit, unit))
        if unit == "%":
            values.update(float(frame[name].iloc[at]) for name in ("t_low", "t_high", "a_low", "a_high"))
    return families, values


def _known(frame: pd.DataFrame) -> Any:
    return np.where(np.isnan(numbers(frame, "a_low")), numbers(frame, "a_high"), numbers(frame, "a_low"))


def _quantity_facts(row: Mapping[str, Any], results: Results) -> dict[str, str]:
    return {"quantities": "、".join(dict.fromkeys(_unreported(row, results)))}


CHECKS: tuple[Check, ...] = (
    Check("goal-actual-missing", "goals", "achieved", ("expected", "achieved"), actual_missing),
    Check("goal-quantity-unreported", "goals", "achieved", ("expected", "achieved"), quantity_unreported, tell=_quantity_facts),
)
