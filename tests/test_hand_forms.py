"""Forms of many layouts, each drawn by hand, are read as a careful person reads them."""

from __future__ import annotations

import pytest
from hand_forms import CASES

from perfxl.intake.forms import find_forms, submission_of
from perfxl.intake.submission import text_of

EXTRA = {"goals", "levels", "reasons"}
"""Parts that are compared where a drawn form says them."""


def shown(value):
    """A cell as it is compared: numbers as numbers."""
    text = text_of(value).replace("\n", "").strip()
    try:
        return float(text.removesuffix("分"))
    except ValueError:
        return text


def read(form):
    """What was read of a form, in the words of `hand_forms`."""
    made = submission_of(form, "示例.xlsx", "0" * 64)
    rows = made.rows["indicators"]
    money = next(iter(made.rows.get("budget", ())), None)
    return {
        "facts": made.fields,
        "money": money.values if money else {},
        "rows": [
            tuple(
                shown(value)
                for value in (
                    row.values.get("level3"),
                    row.values.get("adjusted_target") or row.values.get("target"),
                    *(row.values.get(name) for name in ("actual", "weight", "claimed_score")),
                )
            )
            for row in rows
        ],
        "total": shown(made.fields.get("claimed_total")),
        "goals": [(row.values["expected"], row.values["achieved"]) for row in made.rows.get("goals", ())],
        "reasons": [text_of(row.values.get("reason")) for row in rows],
        "levels": [row.values.get("level1") for row in rows],
    }


@pytest.mark.parametrize("name", CASES)
def test_a_drawn_form_is_read_as_a_careful_person_reads_it(name):
    drawn, true = CASES[name]()
    forms = find_forms(drawn)
    assert len(forms) == true["n"]
    assert {form.kind for form in forms} <= {true["kind"]}
    if not forms or true["kind"] != "self-evaluation":
        return
    found = read(forms[0])
    for part in ("facts", "money"):
        assert {key: shown(found[part].get(key)) for key in true[part]} == {key: shown(value) for key, value in true[part].items()}
    assert found["rows"] == [tuple(map(shown, row)) for row in true["rows"]]
    assert found["total"] == shown(true["total"])
    assert {part: found[part] for part in EXTRA & true.keys()} == {part: true[part] for part in EXTRA & true.keys()}
