from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from published_cases import CASES, Compared, aggregate, case, compared, intake_of, is_error

OUTPUT = Path(__file__).parent / "output"


@pytest.fixture(scope="module")
def table() -> list[Compared]:
    return [row for name in CASES for row in compared(name)]


def test_every_published_score_is_reproduced_or_its_difference_has_a_code(table):
    differ = [(row.case, row.what) for row in table if row.fate == "differs" and "score-claimed-differs" not in row.codes]
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


def test_a_case_becomes_the_same_workbook_content_every_time():
    name = CASES[0]
    first, second = (load_workbook(BytesIO(intake_of(case(name)))) for _ in range(2))
    for sheet in first.worksheets:
        assert list(sheet.values) == list(second[sheet.title].values)
