"""Every refusal says what to do: whoever reads it knows what to type, to change or to look at."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from perfxl.cli import run
from perfxl.output.errors import MESSAGES

ROOT = Path(__file__).parents[1] / "perfxl"
REFUSALS = re.compile(r"PerfxlError|SchemeError|UsageError|BadParameter")
DO = re.compile(r"请|可用：|要(?:写成|以|给|不同)|应以|只能用一个|\{(?:fix|why|message|toml_words|structure_words|hint)|_as_typed\(")
"""How a sentence says what to do, or the call that does."""
OWN = ("内部错误", "read_intake(", "{_CUSTOM}")
"""Refusals that only who changes perfxl can meet."""


def refusals():
    """Place and words of every refusal in the source."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and REFUSALS.fullmatch(getattr(node.func, "attr", getattr(node.func, "id", ""))):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node.args[0])


def test_every_refusal_says_what_to_do():
    found = dict(refusals())
    assert len(found) > 60
    assert {place: words for place, words in found.items() if not DO.search(words) and not any(own in words for own in OWN)} == {}


def test_every_word_about_outputs_says_what_to_do():
    assert [code for code, (chinese, _) in MESSAGES.items() if "请" not in chinese] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["checks", "show", "没有这个"], "请看 perfxl checks list"),
        (["schemes", "show", "没有这个"], "可用："),
        (["history", "甲", "--ledger", "没有.sqlite"], "先用 perfxl consolidate 汇总"),
        (["ledger", "export", "没有.sqlite"], "先用 perfxl consolidate 汇总"),
        (["ledger", "import", "没有.xlsx", "--ledger", "新.sqlite"], "perfxl ledger export"),
        (["compare", "没有.sqlite", "--years", "2020", "2021", "-o", "o.xlsx"], "先用 perfxl consolidate 汇总"),
        (["score", "没有/这个"], "请检查路径"),
        (["没有/这个"], "请检查路径"),
        (["没有这个"], "perfxl --help"),
        (["report", "没有.xlsx"], "请检查路径"),
        (["template", "--roster", "没有.xlsx"], "请检查文件还在不在"),
        (["consolidate", "没有", "-o", "o.xlsx"], "请检查路径"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_there_is_told_with_the_next_step(tmp_path, monkeypatch, capsys, line, told):
    monkeypatch.chdir(tmp_path)
    assert run(line) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
