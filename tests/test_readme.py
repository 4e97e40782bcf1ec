"""The README's tour runs as printed, in order, and its layout names what is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
MANUAL = (ROOT / "README.zh-CN.md").read_text("utf-8")


def tour(text: str) -> list[str]:
    return [line for block in re.findall(r"<!-- tour -->\n```bash\n(.*?)```", text, re.DOTALL) for line in block.strip().splitlines()]


TOUR = tour(README)
FINDS = re.compile(r"perfxl check ")
"""The commands that may return 1: the samples have something to be found."""
PLAIN = re.compile(r"perfxl(?: [\w./()\u4e00-\u9fff-]+)+")
"""A line that means the same to every shell, that of Windows included."""


def run_line(line, folder, environment):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == (1 if FINDS.match(line) else 0), f"{line}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr


PYTHON = re.findall(r"<!-- tour-python -->\n```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tour")
    shutil.copytree(ROOT / "samples", folder / "samples")
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    command = bin_folder / "perfxl"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m perfxl \"$@\"\n")
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return folder, environment


def test_every_command_of_the_tour_runs_in_order(checkout):
    folder, environment = checkout
    assert len(TOUR) >= 14
    for line in TOUR:
        run_line(line, folder, environment)
    for made in (
        "out/pingxiang_library_2020_评分结果.xlsx",
        "out/compared.xlsx",
        "out/intake.xlsx",
        "out/intake_2021.xlsx",
        "out/汇总.xlsx",
        "out/report.docx",
    ):
        assert (folder / made).exists(), made
    assert list((folder / "out" / "letters").glob("*/*.docx"))
    assert list((folder / "out" / "blank").glob("*.xlsx"))


def test_every_command_of_the_manual_runs_in_order(checkout):
    folder, environment = checkout
    assert len(tour(MANUAL)) >= 9
    for line in tour(MANUAL):
        run_line(line, folder, environment)
    made = {p.name for p in (folder / "试用").iterdir()}
    assert {"空白填报表.xlsx", "问题.xlsx", "pingxiang_library_2020_评分结果.xlsx", "自评报告.docx", "下发", "汇总.xlsx", "通知"} <= made


def test_every_command_of_the_manual_can_be_typed_on_windows():
    assert [line for line in tour(MANUAL) if not PLAIN.fullmatch(line)] == []
    windows = [line for block in re.findall(r"```bat\n(.*?)```", MANUAL, re.DOTALL) for line in block.strip().splitlines()]
    assert windows
    assert [line for line in windows if not re.fullmatch(r"[\w.\\ \u4e00-\u9fff-]+", line)] == []


def test_the_manual_names_only_what_there_is():
    """Its messages are the catalogue's words with their severity, its options exist, its links and pictures lead somewhere."""
    from perfxl.catalogue import CATALOGUE

    words = {entry.kind: entry for entry in CATALOGUE.values()}
    table = MANUAL.partition("## 五、")[2].partition("## 六、")[0]
    rows = re.findall(r"^\| (\S+) \| (必须改正|需要说明) \|", table, re.MULTILINE)
    assert len(rows) == 10
    assert [(kind, severity) for kind, severity in rows if kind not in words or words[kind].severity.zh != severity] == []
    for target in re.findall(r"\]\(([^)#]+)\)", MANUAL):
        assert (ROOT / target).exists(), target
    anchors = {re.sub(r"[、 　-]", lambda m: "-" if m[0] in " 　-" else "", h).lower() for h in re.findall(r"^#+ (.*)$", MANUAL, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", MANUAL)) <= anchors
    assert "(README.zh-CN.md)" in README.partition("## Two commands")[0]


@pytest.mark.parametrize("code", PYTHON)
def test_the_library_example_runs(checkout, code):
    folder, environment = checkout
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "88.68" in done.stdout
    assert "绩效指标 G4" in done.stdout


def test_the_layout_names_only_what_exists_and_everything_there_is():
    table = README.partition("## Layout")[2].partition("## Write a scheme")[0]
    named = {
        name.rstrip("/").removesuffix(".py")
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`([^`*]+?)(?:/\*\.toml)?`", row)
    }
    there = {p.name.removesuffix(".py") for p in (ROOT / "perfxl").iterdir() if not p.name.startswith("__") and p.name != "py.typed"}
    assert named - there == set()
    assert there - named == set()


def test_the_scheme_example_loads(tmp_path):
    from perfxl.schemes import load_scheme

    text = re.search(r"## Write a scheme.*?```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "ours.toml"
    path.write_text(text[1], "utf-8")
    assert load_scheme(str(path)).budget.tiers[0].points == 10
