"""Official forms: every handed form equals its careful reading, in every container."""

from __future__ import annotations

import form_samples
import pytest
from forms_as_read import FIELDS, FOLDER, careful, differences, folded, submissions

from perfxl.intake.forms import find_forms, submission_of

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
EXPECTED: dict[str, list[tuple[object, ...]]] = {
    # The 其中 line repeats the points of the total line; they count once.
    "16_安徽濉溪_临时救助_2019": [("绩效目标自评表", 7, "funds weight", None, 10), ("绩效目标自评表", 7, "funds score", None, 10)],
    # 预算执行率 stands among the indicators, which are full with it: its points are those of 预算执行 (`form-execution-row`).
    "14_宁夏银川_初中公用经费_2021": [("部门项目支出绩效自评表", 6, "funds weight", 10, None), ("部门项目支出绩效自评表", 6, "funds score", 9, None)],
}
"""Every difference that remains, with its reason."""


@pytest.mark.parametrize("name", NAMES)
def test_a_form_is_read_as_a_careful_person_reads_it(name):
    path = next(p for p in FOLDER.glob(f"{name}.*") if p.suffix != ".json")
    true = careful(name)
    read = submissions(path)
    assert len(read) == len(true)
    for submission, form in zip(read, true, strict=True):
        offset = form["indicators"][0]["row"] - submission.rows["indicators"][0].number if path.suffix == ".docx" else 0
        found, cells = differences(submission, form, offset)
        assert found == EXPECTED.get(name, [])
        assert cells > 40


def shown(value: object) -> str:
    return folded(value).replace("★", "")


def misread(seed: int) -> list[tuple[object, ...]]:
    """What of a drawn form comes back otherwise than it was drawn."""
    sample = form_samples.form(seed)
    found = find_forms(sample.grid())
    if len(found) != 1:
        return [("forms", len(found))]
    read = submission_of(found[0], "示例.xlsx", "0" * 64)
    wrong: list[tuple[object, ...]] = [(n, read.fields.get(n), v) for n, v in sample.facts.items() if shown(read.fields.get(n)) != shown(v)]
    rows = {row.number: row.values for row in read.rows["indicators"]}
    for drawn in sample.rows:
        values = rows.pop(drawn["row"], None)
        if values is None:
            wrong.append((drawn["row"], "not read"))
            continue
        for name, value in drawn.items():
            if name != "row" and folded(values.get(FIELDS["note"] if name == "reason" else FIELDS.get(name, name)), name).replace("★", "") != folded(
                value if (name, value) != ("reason", 0) else None, name
            ).replace("★", ""):
                wrong.append((drawn["row"], name, values.get(FIELDS.get(name, name)), value))
    wrong.extend((number, "too many", values) for number, values in rows.items())
    lines = {row.number: row.values for row in read.rows.get("budget", ())}
    for line in sample.funds:
        values = lines.get(line["row"], {})
        wrong.extend(
            (line["row"], n, values.get(n), v)
            for n, v in line.items()
            if n in ("initial", "full_year", "executed", "weight") and float(shown(values.get(n)).removesuffix("万元") or "nan") != v
        )
    if [(shown(r.values["expected"]), shown(r.values["achieved"])) for r in read.rows.get("goals", ())] != [
        (shown(a), shown(b)) for a, b in sample.goals
    ]:
        wrong.append(("goals", read.rows.get("goals")))
    if read.fields.get("claimed_total") != sample.total:
        wrong.append(("total", read.fields.get("claimed_total")))
    return wrong


@pytest.mark.parametrize("block", range(20))
def test_drawn_forms_of_all_layouts_are_read_back_as_drawn(block):
    wrong = {seed: found for seed in range(block * 120, block * 120 + 120) if (found := misread(seed))}
    assert wrong == {}
