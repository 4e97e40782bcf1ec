"""Rows of 绩效指标 that are budget execution under another name, and those that only look like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_checks import results_of

from perfxl.scoring.document import score_document
from perfxl.values.execution import is_execution

NAMES = Path(__file__).parent / "data" / "names"
EXECUTION = (NAMES / "execution.txt").read_text("utf-8").split()
OTHERS = (NAMES / "execution_look_alikes.txt").read_text("utf-8").split()


@pytest.mark.parametrize("name", EXECUTION)
def test_execution_under_any_name_is_listed_and_not_scored_twice(name: str) -> None:
    results = results_of({"more": [{"level1": "产出指标", "level3": name, "operator": "≥", "target": "90%", "actual": "60%", "weight": 10}]})
    row = score_document(results, 0)["indicators"][-1]
    assert [(i.code, i.cell) for i in results.issues] == [("execution-among-indicators", "C8")]
    assert (row["row"], row["status"], row["rule"], row["score"]) == (8, "unscorable", "none", None)
    assert results.totals["weights"].item() == 90


@pytest.mark.parametrize("name", OTHERS)
def test_a_look_alike_stays_an_indicator(name: str) -> None:
    assert not is_execution(name)


MORE = {"more": [{"level1": "产出指标", "level3": "项目资金执行率", "operator": "≥", "target": "90%", "actual": "60%", "weight": 10}]}


@pytest.mark.parametrize(
    ("change", "scored"),
    [
        ({}, False),
        ({"budget": [{"kind": "合计"}]}, True),  # no rate: the row is all there is
        ({"scheme": "department-2013"}, True),  # execution has no points of its own
    ],
)
def test_execution_is_an_indicator_where_nothing_else_scores_it(change: dict, scored: bool) -> None:  # noqa: FBT001  # a parameter of the test
    results = results_of({**MORE, **change})
    assert score_document(results, 0)["indicators"][-1]["status"] == ("scored" if scored else "unscorable")
    assert ("execution-among-indicators" in [i.code for i in results.issues]) is not scored
