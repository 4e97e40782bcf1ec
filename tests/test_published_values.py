"""The published cell pairs, read as a careful person reads them."""

import json
from functools import cache
from pathlib import Path

import pytest

from perfxl.values.pair import ActualKind, Pair, PairKind
from perfxl.values.pairing import read_pair

PUBLISHED = Path(__file__).parent / "data" / "published_values.jsonl"

DIFFERENCES: dict[str, str] = {}
"""Id of a line -> why perfxl reads it otherwise. Empty: every line is read as the careful reader read it."""


@cache
def published() -> tuple[dict, ...]:
    return tuple(json.loads(line) for line in PUBLISHED.read_text(encoding="utf-8").splitlines())


def pair_of(line: dict) -> Pair:
    return read_pair(line["target_text"], line["actual_text"], operator=line.get("operator"), unit=line.get("unit_text"), name=line.get("level3"))


def outcome_of(pair: Pair) -> str:
    if pair.kind is PairKind.QUALITATIVE:
        return "qualitative"
    if any(problem.code == "actual-bound-unproven" for problem in pair.problems) or pair.met is None:
        return "unscorable"
    words = {True: "deadline_met", False: "deadline_missed"} if pair.kind is PairKind.DEADLINE else {True: "met", False: "not_met"}
    return words[pair.met]


def target_of(pair):
    """The number that a quantity names, whichever way its operator points."""
    if pair.kind is not PairKind.QUANTITY:
        return None
    return pair.target_low if pair.target_low is not None else pair.target_high


def read_by_perfxl(line: dict) -> tuple:
    pair = pair_of(line)
    outcome = "budget_line" if line["outcome"] == "budget_line" else outcome_of(pair)
    return (
        pair.kind.value,
        pair.operator,
        target_of(pair),
        pair.unit,
        pair.actual_kind.value,
        pair.actual_low,
        pair.actual_high,
        pair.actual_unit,
        outcome,
    )


def read_by_a_person(line: dict) -> tuple:
    return (
        line["target_kind"],
        line["op"] or line["op_assumed"],
        line["target_value"],
        line["target_unit"],
        line["actual_kind"],
        line["actual_low"],
        line["actual_high"],
        line["actual_unit"],
        line["outcome"],
    )


def test_at_least_98_percent_are_read_as_by_a_person():
    different = {line["id"] for line in published() if read_by_perfxl(line) != read_by_a_person(line)}
    assert different == set(DIFFERENCES)
    assert len(different) <= 0.02 * len(published())


@pytest.mark.parametrize("line", published(), ids=lambda line: line["id"])
def test_no_number_is_wrong_in_silence(line):
    pair = pair_of(line)
    if pair.kind is PairKind.QUANTITY:
        assert target_of(pair) == line["target_value"]
    if pair.actual_kind in {ActualKind.QUANTITY, ActualKind.BOUND}:
        assert (pair.actual_low, pair.actual_high) == (line["actual_low"], line["actual_high"])
    if pair.met is not None and line["outcome"] != "budget_line":
        assert outcome_of(pair) == line["outcome"]


def test_ratio_of_exact_actuals_is_the_published_one():
    for line in published():
        pair = pair_of(line)
        if line["ratio"] is not None and pair.actual_value is not None and target_of(pair):
            assert pair.actual_value / target_of(pair) == pytest.approx(line["ratio"], abs=1e-6), line["id"]
