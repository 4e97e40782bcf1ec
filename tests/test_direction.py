"""Names without a written direction: what decides, what is asked, and that nothing decides in silence (contract §3.10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_checks import CLEAN, submission

from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.score import score

NAMES = Path(__file__).parent / "data" / "names"


def names(file: str) -> list[str]:
    return (NAMES / f"{file}.txt").read_text("utf-8").split()


def asked(listed: list[str], target: str, actual: str) -> dict[str, tuple[str, str, str]]:
    """For each name in a row without 指标性质: the operator, what became of the row, and the codes about its direction."""
    row = {**CLEAN["indicators"][0], "operator": "", "target": target, "actual": actual, "reason": "已说明"}
    made = [submission({"row": {**row, "level3": name}}, number) for number, name in enumerate(listed)]
    results = score(build_frames(made), load_scheme("national-2020"))
    first = results.frames.indicators.drop_duplicates("submission")
    codes: dict[int, list[str]] = {}
    for issue in results.issues:
        if issue.code in ("direction-assumed", "direction-unclear", "operator-assumed") and issue.cell == "D4":
            codes.setdefault(issue.submission, []).append(issue.code)
    rows = zip(first["op"], first["status"], first["submission"], strict=True)
    return {listed[n]: (op, str(status), " ".join(codes.get(n, []))) for op, status, n in rows}


@pytest.mark.parametrize(("target", "actual"), [("100%", "80%"), ("300个", "270个"), ("60万元", "45万元")])
def test_a_shortfall_behind_a_listed_word_never_earns_full_marks_in_silence(target: str, actual: str) -> None:
    found = asked(names("listed_word_but_higher"), target, actual)
    wrong = {name: row for name, row in found.items() if row not in {("≥", "scored", "direction-assumed"), ("≥", "unscorable", "direction-unclear")}}
    assert wrong == {}


def test_a_listed_word_that_is_the_head_decides_and_says_so() -> None:
    found = asked(names("listed_word_lower"), "10%", "8%")
    assert {name: row for name, row in found.items() if row != ("≤", "scored", "direction-assumed")} == {}


@pytest.mark.parametrize(
    ("target", "actual", "status"), [("30分钟", "20分钟", "unscorable"), ("5%", "3%", "unscorable"), ("60%", "55%", "scored"), ("35", "30", "scored")]
)
def test_a_name_nobody_listed_is_asked_about_or_warned_of(target: str, actual: str, status: str) -> None:
    code = "direction-unclear" if status == "unscorable" else "direction-assumed"
    found = asked(names("unlisted_lower"), target, actual)
    listed = {"平均通勤时间"}
    assert {name: row for name, row in found.items() if row != ("≥", status, code) and row != ("≤", "scored", "direction-assumed")} == {}
    assert sum(row == ("≥", status, code) for row in found.values()) >= len(found) - len(listed) - 15


@pytest.mark.parametrize(("target", "actual"), [("80%", "85%"), ("300人次", "280人次"), ("12个", "14个")])
def test_a_plain_name_is_better_high_and_says_that_it_was_assumed(target: str, actual: str) -> None:
    found = asked(names("plain_higher"), target, actual)
    assert {name: row for name, row in found.items() if row != ("≥", "scored", "direction-assumed")} == {}


@pytest.mark.parametrize("file", ["listed_word_but_higher", "listed_word_lower", "unlisted_lower", "plain_higher"])
def test_where_the_direction_could_not_matter_nobody_is_asked(file: str) -> None:
    found = asked(names(file), "80%", "80%")
    assert len(found) >= 80
    assert {row[1:] for row in found.values()} <= {("scored", "operator-assumed"), ("scored", "")}
