"""Checks of 年度目标."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check
from perfxl.checks.masks import each, is_, kept, numbers, per_submission, position, texts, unanswered, where
from perfxl.checks.words import GOAL_UNITS, ITEMS, quantities
from perfxl.intake.submission import folded
from perfxl.rules.frames import INDICATOR
from perfxl.values.blanks import says_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from perfxl.checks.masks import Bools
    from perfxl.rules.results import Results

_GOAL = ("submission", "expected", "achieved")
_MEASURES = ("submission", "a_unit", "t_low", "t_high", "a_low", "a_high")
_LEFTOVER = re.compile(r"^(?:目标\s*\d*\s*[:：.、]?|[.…·]+|\d+\s*[.、]?)?$")


def _stated(goals: pd.DataFrame) -> Bools:
    """Rows with a goal; leftovers of the form (目标1: ……) are none."""
    expected = texts(goals, "expected")
    stated = ~is_(expected, "")
    return stated & ~where(stated, lambda text: says_nothing(text) or _LEFTOVER.match(text.strip()), expected)


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
    return where(_stated(goals), _unreported(results), *(texts(goals, name) for name in _GOAL))


def _unreported(results: Results) -> Callable[[int, str, str], list[str]]:
    """For a goal, its quantities that nothing answers: no number of the same family of units, achieved or as an indicator."""
    families, values = kept(results.frames.goals, "reported", lambda: _reported(results))

    def unreported(submission: int, expected: str, achieved: str) -> list[str]:
        told, shares = families.get(submission, set()), values.get(submission, set())
        found = quantities(expected)
        own = any(family == "%" for _, _, family in quantities(achieved))
        missing = [words for words, value, family in found if (not own and value not in shares if family == "%" else family not in told)]
        return list(dict.fromkeys(missing))

    return unreported


def _reported(results: Results) -> tuple[dict[int, set[str]], dict[int, set[float]]]:
    """By submission: the unit families that any achieved text or filled indicator reports, and the percentages of indicators."""
    goals, frame = results.frames.goals, results.frames.indicators
    families: dict[int, set[str]] = defaultdict(set)
    values: dict[int, set[float]] = defaultdict(set)
    for submission, text in zip(goals["submission"], texts(goals, "achieved"), strict=True):
        families[submission].update(family for _, _, family in quantities(str(text)))
        if "人" in families[submission]:
            families[submission].add("人次")  # a report may say 41万人 where the goal says 人次; an indicator in 人 counts heads
    known = ~np.isnan(np.fmax(numbers(frame, "a_low"), numbers(frame, "a_high"))) & is_(texts(frame, "role"), INDICATOR)
    owners, units, *bounds = (frame[name].to_numpy()[known] for name in _MEASURES)
    for submission, unit in {*zip(owners.tolist(), units.tolist(), strict=True)}:
        families[submission].add(GOAL_UNITS.get(unit, unit))
    shares = is_(units, "%")
    for submission, *said in zip(*(column[shares].tolist() for column in (owners, *bounds)), strict=True):
        values[submission].update(said)
    return families, values


def _quantity_facts(results: Results) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    unreported = _unreported(results)
    return lambda row: {"quantities": "、".join(unreported(*(row[name] for name in _GOAL)))}


def achieved_copied(results: Results) -> Bools:
    """实际完成情况 is not the goal's own text in every row; short goals and blanks say nothing. Marks the first goal."""
    goals, least = results.frames.goals, results.scheme.checks.copied_sentence
    stated = _stated(goals)
    if not stated.any():
        return stated
    same = where(
        stated, lambda goal, done: folded(goal) == folded(done) and len(folded(goal)) >= least, texts(goals, "expected"), texts(goals, "achieved")
    )
    all_same = per_submission(results, goals, stated) == per_submission(results, goals, same)
    at = np.flatnonzero(same & all_same[position(results, goals)])
    result: Bools = np.zeros(len(goals), dtype=bool)
    result[at[np.unique(position(results, goals)[at], return_index=True)[1]]] = True
    return result


_COPIED = {"what": "各条实际完成情况都与预期目标", "what_en": "Every 实际完成情况"}

CHECKS: tuple[Check, ...] = (
    Check("goal-actual-missing", "goals", "achieved", ("expected", "achieved"), actual_missing),
    Check("goal-quantity-unreported", "goals", "achieved", ("expected", "achieved"), quantity_unreported, tell=_quantity_facts),
    Check("actual-copied", "goals", "achieved", ("expected", "achieved"), achieved_copied, tell=each(lambda *_: _COPIED)),
)
