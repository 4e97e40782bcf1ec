from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from published_cases import CASES, Compared, aggregate, case, compared, intake_of, is_error, issues_of

from perfxl.catalogue import message, severity_of

OUTPUT = Path(__file__).parent / "output"


@pytest.fixture(scope="module")
def table() -> list[Compared]:
    return [row for name in CASES for row in compared(name)]


def test_every_published_score_is_reproduced_or_its_difference_has_a_code(table):
    differ = [(row.case, row.what) for row in table if row.fate == "differs" and not {"score-claimed-differs", "level-unknown"} & {*row.codes}]
    still_open = [(row.case, row.what) for row in table if row.fate == "open" and not any(is_error(code) for code in row.codes)]
    assert (differ, still_open) == ([], [])


def test_the_table_of_published_and_recomputed_scores_is_written(table):
    OUTPUT.mkdir(exist_ok=True)
    lines = ["| case | what | published | recomputed | why they differ |", "|---|---|---|---|---|"]
    for row in table:
        recomputed = "—" if row.recomputed is None else f"{row.recomputed:g}"
        why = "" if row.equal else " ".join(dict.fromkeys(row.codes))
        lines.append(f"| {row.case} | {row.what} | {row.published:g} | {recomputed} | {why} |")
    counts = aggregate(table)
    codes = Counter(code for row in table if not row.equal for code in dict.fromkeys(row.codes))
    lines += ["", f"{counts}", "", *(f"- {code}: {n}" for code, n in codes.most_common())]
    (OUTPUT / "published_cases.md").write_text("\n".join(lines) + "\n", "utf-8")
    assert counts["scores"] == counts["equal"] + counts["differs"] + counts["open"]


def test_the_aggregate_of_the_published_cases_is_what_the_readme_says(table):
    assert aggregate(table) == {"cases": 16, "scores": 165, "equal": 84, "differs": 15, "open": 66}


def unraised() -> dict[tuple[str, str, str], str]:
    """Messages a careful reader of the printed table would not raise, with the reason; everything else they would."""
    lines = (Path(__file__).parent / "data" / "published_unraised.txt").read_text("utf-8").splitlines()
    return {(case, code, cell): why for case, code, cell, why in (line.split(" ", 3) for line in lines)}


def test_at_most_one_message_in_ten_would_not_be_raised_by_a_careful_reader():
    judged, shown, lines = unraised(), Counter(), ["| case | weighs | code | cell | says | a careful reader |", "|---|---|---|---|---|---|"]
    for name in CASES:
        for issue in issues_of(name):
            weighs, why = str(severity_of(issue)), judged.pop((name, issue.code, issue.cell or ""), "")
            shown[weighs] += 1
            shown["unraised"] += bool(why)
            lines.append(f"| {name} | {weighs} | {issue.code} | {issue.cell or ''} | {message(issue)} | {why or 'raises it'} |")
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "published_messages.md").write_text("\n".join([*lines, "", f"{dict(shown)}"]) + "\n", "utf-8")
    assert judged == {}, "no longer said"
    assert shown["unraised"] * 10 <= shown["error"] + shown["warning"]
    assert shown["error"] + shown["warning"] + shown["info"] <= MESSAGES


MESSAGES = 281
"""What was said over the same cases when each row of one cause had a message of its own."""


def test_a_case_becomes_the_same_workbook_content_every_time():
    name = CASES[0]
    first, second = (load_workbook(BytesIO(intake_of(case(name)))) for _ in range(2))
    for sheet in first.worksheets:
        assert list(sheet.values) == list(second[sheet.title].values)
