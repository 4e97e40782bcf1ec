"""What is declared once shows everywhere: columns, keys of schemes, words of closed sets, short tables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ADDED = {
    "UNIT": 'Column("added_motto", "馆训", width=20, aliases=("口号",), help="一句话。"),',
    "BUDGET": 'Column("added_saved", "节约数", Kind.MONEY, width=13, aliases=("节约金额",), help="节约的金额。"),\n        Column("added_place", "资金去向", width=17, aliases=("去向",), help="用在哪里。"),',
    "GOALS": 'Column("added_owner", "责任科室", width=19, aliases=("责任人",), help="谁负责。"),',
    "INDICATORS": 'Column("added_basis", "取值依据", width=15, aliases=("取数依据",), kept=True, help="依据。"),',
}
"""One line per table, as somebody would add it behind the last column."""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """The package with a few columns more, and what its exits show of them."""
    pytest.importorskip("pyarrow")
    house = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "perfxl", house / "perfxl", ignore=shutil.ignore_patterns("__pycache__"))
    declared = house / "perfxl" / "model" / "columns.py"
    text = declared.read_text("utf-8")
    for table, line in ADDED.items():
        start = text.index(f"\n{table} = Table(")
        columns_end = text.index("\n    ),", text.index("columns=(", start))
        text = f"{text[:columns_end]}\n        {line}{text[columns_end:]}"
    declared.write_text(text, "utf-8")
    here = tmp_path_factory.mktemp("walk")
    path = os.pathsep.join((str(house), str(ROOT / "tests")))
    walk = [sys.executable, str(ROOT / "tests" / "walking.py"), str(here)]
    done = subprocess.run(walk, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (
            "indicators.added_basis",
            {
                "template": [None, 15],
                "scored": ["新取值依据", 15],
                "consolidated": ["新取值依据", 15],
                "parquet": ["string", "新取值依据"],
                "next year": ["新取值依据"],
            },
        ),
        ("budget.added_saved", {"template": [None, 13], "scored": [12.5, 13], "consolidated": [12.5, 17], "parquet": ["double", 12.5]}),
        (
            "budget.added_place",
            {"template": [None, 17], "scored": ["新资金去向", 17], "consolidated": ["新资金去向", 17], "parquet": ["string", "新资金去向"]},
        ),
        ("unit.added_motto", {"template": [None], "scored": ["新馆训"], "consolidated": ["新馆训", 20], "parquet": ["string", "新馆训"]}),
    ],
)
def test_a_new_column_shows_at_every_exit_from_its_declaration_alone(walked, column, shown):
    value = shown["parquet"][1]
    everywhere = {"frame": value, "by alias": value, "json": value, "held": value, "docs": True, "next year": None}
    assert walked[column] == {**everywhere, **shown}


def test_a_table_that_a_consolidation_leaves_out_says_why(walked):
    found = walked["goals.added_owner"]
    assert {name: found[name] for name in ("template", "frame", "by alias", "scored", "json", "docs")} == {
        "template": [None, 19],
        "frame": "新责任科室",
        "by alias": "新责任科室",
        "scored": ["新责任科室", 19],
        "json": "新责任科室",
        "docs": True,
    }
    assert found["consolidated"] == found["held"] == found["parquet"]
    assert found["consolidated"].endswith("。")


def test_the_page_of_columns_is_what_is_declared():
    from perfxl.workbook.guide import columns_page

    assert (ROOT / "docs" / "填报表栏目.md").read_text("utf-8") == columns_page()


# words of closed sets


def test_every_member_of_a_closed_set_has_its_words_and_keeps_its_value():
    from perfxl.model import FileFate, Severity, Status, Verdict

    assert {str(status): (status.zh, status.en) for status in Status} == {
        "scored": ("已评分", "scored"),
        "missing": ("缺完成值", "no actual value"),
        "unscorable": ("无法评分", "cannot be scored"),
        "not_applicable": ("不适用", "not applicable"),
    }
    for one in (FileFate, Severity, Status, Verdict):
        assert all(member.zh and member.en and one(str(member)) is member for member in one)
        assert len({member.zh for member in one}) == len(one)


def test_a_status_is_called_the_same_on_every_sheet_and_in_every_sentence():
    """No other word for 缺完成值 or 无法评分 stands in the package."""
    strayed = [
        f"{path.relative_to(ROOT)}:{number}: {word}"
        for path in sorted((ROOT / "perfxl").rglob("*.py"))
        if path.name != "vocabulary.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for word in ("未评分", "待核实", '"待定"', "没有可以评分的数", '"缺实际完成值"')
        if word in line
    ]
    assert strayed == []


# short tables


def test_a_short_table_of_a_consolidation_is_named_where_it_is_made_and_nowhere_else(tmp_path, monkeypatch):
    import pandas as pd
    from inbox import MIXED, folder

    from perfxl.consolidation import compact
    from perfxl.consolidation.assembly import consolidate
    from perfxl.consolidation.engine import ConsolidateOptions

    made = compact.compact

    def with_another(results):
        numbers = results.frames.unit["submission"]
        return {**made(results), "added": pd.DataFrame({"submission": numbers, "twice": results.totals["total"].to_numpy() * 2})}

    monkeypatch.setattr(compact, "compact", with_another)
    found = consolidate([folder(tmp_path / "收件", MIXED)], ConsolidateOptions(workers=1))
    assert found.short["added"]["submission"].tolist() == found.units["submission"].tolist()
    assert found.short["added"]["twice"].tolist() == (found.units["total"] * 2).tolist()
