"""The forms among the samples, one of each container, give their expected result."""

from __future__ import annotations

import json

import forms_folder
import pytest


def test_the_committed_forms_give_their_expected_result():
    said = forms_folder.expected()
    assert said == json.loads(forms_folder.EXPECTED.read_text("utf-8"))
    assert {name.rpartition(".")[2] for name in said} == {"xlsx", "xls", "et", "docx", "zip", "jpg"}


@pytest.mark.parametrize("name", ["huangshi_library_2022.et", "two_units.zip"])
def test_what_is_generated_is_what_is_committed(name):
    assert forms_folder.generated()[name] == (forms_folder.FOLDER / name).read_bytes()
