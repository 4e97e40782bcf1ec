from __future__ import annotations

import json
import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from published_cases import CASES, Compared, aggregate, case, compared, intake_of, is_error, issues_of, outcome, published_cases

from perfxl.catalogue import message, severity_of

OUTPUT = Path(__file__).parent / "output"
README_COUNTS = r"Of their (\d+) printed scores perfxl reproduces (\d+) to the cent; (\d+) differ, .*?; (\d+) cannot be scored"


@pytest.fixture(scope="module")
def table() -> list[Compared]:
    return [row for name in published_cases() for row in compared(name)]


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
    assert said_in_the_readme() == aggregate(table)


def said_in_the_readme() -> dict[str, int]:
    text = " ".join((Path(__file__).parents[1] / "README.md").read_text("utf-8").split())
    cases = int(re.search(r"found in (\d+) published self-evaluations", text)[1])
    scores, equal, differs, still_open = map(int, re.search(README_COUNTS, text).groups())
    return {"cases": cases, "scores": scores, "equal": equal, "differs": differs, "open": still_open}


@pytest.mark.parametrize("name", [name for name in CASES if case(name).get("expected")])
def test_a_scenario_gives_what_its_file_expects(name):
    expected, found = case(name)["expected"], outcome(name)
    assert {key: found[key] for key in expected if key not in ("rows", "codes")} == {k: v for k, v in expected.items() if k not in ("rows", "codes")}
    assert {row: found["rows"].get(row, "no such row") for row in expected.get("rows", {})} == expected.get("rows", {})
    assert [code for code in expected.get("codes", []) if code not in found["codes"]] == []


def test_a_scenario_is_taken_up_from_its_file_alone(tmp_path, monkeypatch):
    """No Python beside it: a file with a few keys is a case, and what it does not name is blank."""
    made = {"source_url": None, "unit": "示例馆", "title": "示例", "fiscal_year": 2020, "kind": "整体"}
    made["indicators"] = [{"level1": "产出指标", "level2": "数量指标", "level3": "讲座", "target_text": "≥10场", "actual_text": "9场", "weight": 50}]
    (tmp_path / "示例.json").write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    monkeypatch.setattr("published_cases.FOLDER", tmp_path)
    assert outcome("示例")["rows"] == {"讲座": 45}


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
