from __future__ import annotations

import pytest

from perfxl.consolidation.submissions import day_of
from perfxl.intake.submission import FURTHER, file_of


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2021年3月15日", "2021-03-15"), ("2021-03-15", "2021-03-15"), ("2021.3.15", "2021-03-15"), ("2021年3月", ""), ("尽快", ""), (None, "")],
)
def test_day_of_filling_read(typed: object, day: str) -> None:
    assert day_of(typed) == day


def test_the_submissions_of_one_file_know_their_file() -> None:
    assert [file_of(number) for number in (7, 7 + FURTHER, 7 + 3 * FURTHER)] == [7, 7, 7]
