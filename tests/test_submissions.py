from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.consolidation.submissions import Header, day_of, decide, unit_keys


def header(
    content: str,
    *,
    code: str = "",
    name: str = "甲馆",
    year: int = 2020,
    evaluation: str = "单位整体",
    project: str = "",
    count: int = 1,
    filled_on: str = "",
) -> Header:
    return Header(f"sha-{content}", code, name, year, evaluation, project, count, filled_on, content)


def fates(*headers: Header) -> list[tuple[str, int]]:
    decided = decide(dict(enumerate(headers)), {i: f"{i}.xlsx" for i in range(len(headers))})
    return [(str(decided[i].fate), decided[i].winner) for i in range(len(headers))]


ACCEPTED, UNDECIDED = ("accepted", -1), ("rejected", -1)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param([header("x")], [ACCEPTED], id="one"),
        pytest.param([header("x"), header("x")], [ACCEPTED, ("ignored", 0)], id="equal content counts once"),
        pytest.param([header("x", count=1), header("y", count=2)], [("superseded", 1), ACCEPTED], id="higher 报送次数"),
        pytest.param([header("x", count=10), header("y", count=9)], [ACCEPTED, ("superseded", 0)], id="报送次数 is a number"),
        pytest.param([header("x", filled_on="2021-03-02"), header("y", filled_on="2021-03-01")], [ACCEPTED, ("superseded", 0)], id="later 填报日期"),
        pytest.param(
            [header("x", count=2, filled_on="2021-03-01"), header("y", count=1, filled_on="2021-04-01")],
            [ACCEPTED, ("superseded", 0)],
            id="报送次数 before 填报日期",
        ),
        pytest.param([header("x"), header("y")], [UNDECIDED, UNDECIDED], id="neither decides"),
        pytest.param([header("x", filled_on="2021-03-01"), header("y", filled_on="2021-03-01")], [UNDECIDED, UNDECIDED], id="same day"),
        pytest.param([header("x", filled_on="2021-03-01"), header("y")], [UNDECIDED, UNDECIDED], id="a blank day is not earlier"),
        pytest.param([header("x", count=2), header("y", count=2), header("z")], [UNDECIDED] * 3, id="a tie at the top: none counts"),
        pytest.param([header("x"), header("y", year=2021)], [ACCEPTED, ACCEPTED], id="another year"),
        pytest.param([header("x", project="一"), header("y", project="二")], [ACCEPTED, ACCEPTED], id="a second project"),
        pytest.param([header("x", code="1"), header("y", code="2")], [ACCEPTED, ACCEPTED], id="same name, two codes"),
        pytest.param([header("x", code="1", count=1), header("y", count=2)], [("superseded", 1), ACCEPTED], id="the code was left out once"),
        pytest.param([header("x", name=""), header("y", name="")], [ACCEPTED, ACCEPTED], id="no name: units of their own"),
    ],
)
def test_submissions_of_a_unit_decided(headers: list[Header], expected: list[tuple[str, int]]) -> None:
    assert fates(*headers) == expected


def test_decision_does_not_depend_on_the_order_of_files() -> None:
    headers = [header("x", count=1), header("y", count=2), header("z", count=2, filled_on="2021-01-01"), header("w", name="乙馆")]
    results = set()
    for order in permutations(range(4)):
        decided = decide(dict(enumerate(headers[i] for i in order)), dict.fromkeys(range(4), "f"))
        results.add(tuple(sorted((headers[order[i]].content, str(decided[i].fate)) for i in range(4))))
    assert len(results) == 1


@given(
    st.lists(
        st.builds(
            header,
            st.sampled_from("xyz"),
            code=st.sampled_from(["", "1", "2"]),
            name=st.sampled_from(["甲", "乙"]),
            count=st.integers(1, 2),
            filled_on=st.sampled_from(["", "2021-01-01", "2021-01-02"]),
        ),
        max_size=8,
    )
)
def test_at_most_one_submission_per_key_counts_and_every_file_is_decided(headers: list[Header]) -> None:
    decided = decide(dict(enumerate(headers)), dict.fromkeys(range(len(headers)), "f"))
    assert sorted(decided) == list(range(len(headers)))
    keys = unit_keys(headers)
    for key in set(keys):
        mine = [decided[i] for i in range(len(headers)) if keys[i] == key]
        assert sum(d.fate == "accepted" for d in mine) <= 1
        assert all(d.winner >= 0 for d in mine if d.fate in ("superseded", "ignored"))


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2021年3月15日", "2021-03-15"), ("2021-03-15", "2021-03-15"), ("2021.3.15", "2021-03-15"), ("2021年3月", ""), ("尽快", ""), (None, "")],
)
def test_day_of_filling_read(typed: object, day: str) -> None:
    assert day_of(typed) == day
