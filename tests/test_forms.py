"""Official forms: every handed form equals its careful reading, in every container."""

from __future__ import annotations

import pytest
from forms_as_read import FOLDER, careful, differences, submissions

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
