from __future__ import annotations

import json
from io import BytesIO

import folder_samples
import pytest
from openpyxl import load_workbook

SEALED = "_评分结果.xlsx"


def cells(data: bytes) -> dict[str, list[tuple[object, ...]]]:
    return {sheet.title: list(sheet.values) for sheet in load_workbook(BytesIO(data)).worksheets}


def test_the_committed_folder_gives_its_expected_result():
    assert folder_samples.expected() == json.loads(folder_samples.EXPECTED.read_text("utf-8"))


def test_every_file_found_is_accounted_for():
    said = json.loads(folder_samples.EXPECTED.read_text("utf-8"))
    assert said["accepted"] + said["rejected"] + said["superseded"] + said["ignored"] == said["found"] == len(said["files"])


def test_most_units_have_a_final_score_and_a_rank_and_what_is_open_is_open_for_a_reason():
    said = json.loads(folder_samples.EXPECTED.read_text("utf-8"))
    of_the_year = [unit for unit in said["units"] if unit["year"] == 2020]
    assert sorted(unit["name"] for unit in of_the_year if unit["provisional"]) == sorted([folder_samples.LIBRARY, folder_samples.OFFICE])
    assert sorted(unit["rank"] for unit in of_the_year if not unit["provisional"]) == [1, 1, 1, 2, 3]


@pytest.mark.parametrize("name", sorted(folder_samples.files()))
def test_the_generator_writes_what_is_committed(name):
    written, committed = folder_samples.files()[name], (folder_samples.INBOX / name).read_bytes()
    if name.endswith(".xlsx") and folder_samples.OPERA not in name and not name.endswith(SEALED):
        assert cells(written) == cells(committed)
    elif not name.endswith((".xlsx",)):
        assert written == committed


def test_the_committed_roster_is_the_generated_one():
    assert cells(folder_samples.roster()) == cells(folder_samples.ROSTER_FILE.read_bytes())
