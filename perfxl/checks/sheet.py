"""Checks of the table of indicators as a whole: points by block, full marks, 不适用, typed total rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check, rows_where
from perfxl.checks.masks import counted, each, is_, numbers, per_submission, place, position, texts
from perfxl.checks.unit import all_points, claimed_sums, points_not_full, written
from perfxl.model.rounding import snap
from perfxl.rules.frames import INDICATOR, TOTAL
from perfxl.rules.results import Status
from perfxl.rules.wording import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perfxl.checks.engine import Tell
    from perfxl.checks.masks import Bools, Floats
    from perfxl.rules.results import Results

    Row = Mapping[str, Any]


def _rows(results: Results) -> Bools:
    return is_(texts(results.frames.indicators, "role"), INDICATOR)


def _weights(row: Row, results: Results) -> dict[str, str]:
    execution = results.execution.at[row["submission"], "weight"]
    return {
        "indicators": number(row["weights"]),
        "execution": number(execution),
        "sum": number(snap(row["weights"] + execution)),
        "full": number(results.scheme.full),
    }


# blocks


def _blocks_present(results: Results) -> dict[str, Bools]:
    """For each first level of the scheme, the submissions that have a row in it."""
    frame = results.frames.indicators
    rows, block = _rows(results), texts(frame, "block")
    return {level.name: per_submission(results, frame, rows & is_(block, level.name)) > 0 for level in results.scheme.levels}


def dimension_missing(results: Results) -> Bools:
    """Every first level of the scheme has a row; skipped without rows, and where a row's own level is not known."""
    frame, present = results.frames.indicators, _blocks_present(results)
    rows, known = _rows(results), is_(texts(frame, "block"), *present)
    clear: Bools = (per_submission(results, frame, rows & ~known) == 0) & (per_submission(results, frame, rows) > 0)
    return clear & ~np.logical_and.reduce(list(present.values())) if present else clear & False


def _missing(results: Results) -> Callable[[Row], dict[str, str]]:
    present = _blocks_present(results)
    return lambda row: {"missing": "、".join(name for name, there in present.items() if not there[place(results, row)])}


def _expected(results: Results) -> Callable[[Row], float]:
    """The scheme's points of a block, with those of the optional blocks that a submission leaves to it; NaN if unknown."""
    scheme, present = results.scheme, _blocks_present(results)

    def expected(row: Row) -> float:
        level = scheme.level(row["block"])
        at = place(results, row)
        given = (other.gives_to.get(row["block"], 0.0) for other in scheme.levels if not present[other.name][at])
        return float("nan") if level is None else level.weight + sum(given)

    return expected


def block_differs(results: Results) -> Bools:
    """A block's points are the scheme's; skipped where a row is 不适用 or has no points."""
    levels = results.levels
    result: Bools = np.zeros(len(levels), dtype=bool)
    if not len(levels):
        return result
    own = {level.name: level.weight for level in results.scheme.levels}
    wanted = np.array([own.get(block, np.nan) for block in texts(levels, "block")])
    apart = snap(np.abs(numbers(levels, "weight") - wanted)) > results.scheme.checks.claim_tolerance
    if not apart.any():
        return result
    frame = results.frames.indicators
    unclear = _rows(results) & (is_(texts(frame, "status"), Status.NOT_APPLICABLE) | np.isnan(numbers(frame, "weight")))
    apart &= (per_submission(results, frame, unclear) == 0)[position(results, levels)]
    expected = _expected(results)
    for at, row in zip(np.flatnonzero(apart), rows_where(levels, apart), strict=True):
        result[at] = abs(row["weight"] - expected(row)) > results.scheme.checks.claim_tolerance
    return result


def _block(results: Results) -> Callable[[Row], dict[str, str]]:
    expected = _expected(results)
    return lambda row: {
        "block": str(row["block"]),
        "sum": number(row["weight"]),
        "expected": number(expected(row)),
        **_moved(row, results, expected(row)),
    }


def _moved(row: Row, results: Results, expected: float) -> dict[str, str]:
    """Why a block is to have more points than the scheme gives it: those of a block that is not there."""
    level = results.scheme.level(row["block"])
    more = 0 if level is None else snap(expected - level.weight)
    if not more > 0:
        return {"moved": "", "moved_en": ""}
    givers = "、".join(other.name for other in results.scheme.levels if row["block"] in other.gives_to)
    return {"moved": f"（没有{givers}，其{number(more)}分归入这里）", "moved_en": f" (with {number(more)} of {givers}, which is not there)"}


def _first_of_block(results: Results) -> Callable[[Row], int]:
    frame = results.frames.indicators
    first: dict[tuple[int, str], int] = {}
    for role, submission, block, row in zip(frame["role"], frame["submission"], frame["block"], frame["sheet_row"], strict=True):
        if role == INDICATOR:
            first.setdefault((submission, block), row)
    return lambda row: first[row["submission"], row["block"]]


# claims and comparisons


def all_full_marks(results: Results) -> Bools:
    """Every claimed score is full marks, or the claimed total is; a row without a claim says nothing, one row alone neither."""
    frame, tolerance = results.frames.indicators, results.scheme.checks.claim_tolerance
    rows = counted(results)
    lost = ~(snap(numbers(frame, "weight") - numbers(frame, "claimed_score")) <= tolerance)
    several = per_submission(results, frame, rows) > 1
    by_rows = several & (per_submission(results, frame, rows & lost) == 0)
    execution = numbers(results.execution, "claimed")
    by_rows &= np.isnan(execution) | (snap(numbers(results.execution, "weight") - execution) <= tolerance)
    full: Bools = by_rows | (snap(results.scheme.full - numbers(results.frames.unit, "claimed_total_value")) <= tolerance)
    return full


def _shares(results: Results) -> tuple[Floats, Floats]:
    """The share of their points that indicators and execution earn."""
    totals, execution = results.totals, results.execution
    frame = results.frames.indicators
    earned = per_submission(results, frame, np.where(counted(results), numbers(frame, "score"), 0.0))
    applicable = numbers(totals, "weights") - numbers(totals, "dropped")
    with np.errstate(divide="ignore", invalid="ignore"):
        return earned / applicable, numbers(execution, "score") / numbers(execution, "weight")


def indicators_outrun_execution(results: Results) -> Bools:
    """Indicators do not earn a share of points above execution's by more than the scheme allows; no points say nothing."""
    indicators, execution = _shares(results)
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead: Bools = snap((indicators - execution) / indicators) > results.scheme.checks.outrun_share
    return ahead & (indicators > 0)


def _two_shares(results: Results) -> Callable[[Row], dict[str, str]]:
    indicators, execution = _shares(results)

    def facts(row: Row) -> dict[str, str]:
        at = place(results, row)
        return {"indicators": percent(float(indicators[at])), "execution": percent(float(execution[at]))}

    return facts


def not_applicable_too_much(results: Results) -> Bools:
    """不适用 takes no whole first level and no more points than the scheme allows."""
    dropped = numbers(results.totals, "dropped")
    if not (dropped > 0).any():
        return np.zeros(len(dropped), dtype=bool)
    too_many: Bools = snap(dropped) > results.scheme.not_applicable.max_points
    for emptied in _emptied(results).values():
        too_many |= emptied
    return too_many


def _emptied(results: Results) -> dict[str, Bools]:
    """For each first level, the submissions where all of its rows are 不适用."""
    frame = results.frames.indicators
    left, block = counted(results), texts(frame, "block")
    return {name: there & (per_submission(results, frame, left & is_(block, name)) == 0) for name, there in _blocks_present(results).items()}


def _too_much(results: Results) -> Callable[[Row], dict[str, str]]:
    emptied = _emptied(results)

    def facts(row: Row) -> dict[str, str]:
        at, points = place(results, row), number(row["dropped"])
        names = "、".join(name for name, there in emptied.items() if there[at])
        return {"what": f"{names}全部" if names else f"合计{points}分", "what_en": f"All of {names} are" if names else f"{points} points are"}

    return facts


# typed total rows


def _typed_total(results: Results, name: str, *sums: Floats) -> Bools:
    """The one typed total row of a submission whose number is none of the sums; blanks and several total rows are skipped."""
    frame = results.frames.indicators
    rows = is_(texts(frame, "role"), TOTAL) & ~np.isnan(numbers(frame, name))
    if not rows.any():
        return rows
    at = position(results, frame)
    typed, tolerance = numbers(frame, name), written(texts(frame, f"{name}_text"), results.scheme.checks.claim_tolerance)
    rows &= (per_submission(results, frame, rows) == 1)[at]
    for total in sums:
        rows &= snap(np.abs(typed - total[at])) > tolerance
    return rows


def total_row_weight(results: Results) -> Bools:
    """A typed 合计 of 分值 is the sum of the rows, with or without execution; a blank is skipped."""
    return _typed_total(results, "weight", numbers(results.totals, "weights"), all_points(results))


def total_row_score(results: Results) -> Bools:
    """A typed 合计 of 自评得分 is the sum of the claims, with or without execution; skipped unless every row claims."""
    with_execution, indicators = claimed_sums(results)
    execution = numbers(results.execution, "score")
    return _typed_total(results, "claimed_score", indicators, np.where(np.isnan(with_execution), indicators + execution, with_execution))


def _typed(name: str) -> Tell:
    def tell(results: Results) -> Callable[[Row], dict[str, str]]:
        total = all_points(results) if name == "weight" else claimed_sums(results)[1]
        return lambda row: {"typed": number(row[name]), "sum": number(total[place(results, row)])}

    return tell


CHECKS: tuple[Check, ...] = (
    Check("weights-not-full", "totals", "weight", ("weights",), points_not_full, tell=each(_weights), table="indicators"),
    Check("weights-block-differs", "levels", "weight", ("block", "weight"), block_differs, tell=_block, row_of=_first_of_block),
    Check("dimension-missing", "totals", "level1", ("weights",), dimension_missing, tell=_missing, table="indicators"),
    Check("all-full-marks", "totals", "claimed_score", ("weights",), all_full_marks, table="indicators"),
    Check(
        "indicators-outrun-execution", "totals", "weight", ("weights", "dropped"), indicators_outrun_execution, tell=_two_shares, table="indicators"
    ),
    Check("not-applicable-too-much", "totals", "tier", ("dropped",), not_applicable_too_much, tell=_too_much, table="indicators"),
    Check("total-row-weight-differs", "indicators", "weight", ("role", "weight"), total_row_weight, tell=_typed("weight")),
    Check("total-row-score-differs", "indicators", "claimed_score", ("role", "claimed_score"), total_row_score, tell=_typed("claimed_score")),
)
