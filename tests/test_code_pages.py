"""What is printed can be shown by a Chinese Windows: every text of ours is in GBK, on a terminal and in a file it is sent to."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from building import indicator, scored

from perfxl.catalogue import CATALOGUE
from perfxl.cli import COMMANDS, run
from perfxl.cli.terminal import bar, score_lines
from perfxl.schemes import scheme_files
from perfxl.scoring.document import score_document

ROOT = Path(__file__).parents[1]
SAMPLE = str(ROOT / "samples" / "pingxiang_library_2020.xlsx")
HELP = [[name, "--help"] for name in COMMANDS] + [
    [group, sub, "--help"]
    for group, subs in (("schemes", ("list", "show", "new")), ("checks", ("list", "show")), ("ledger", ("export", "import")))
    for sub in subs
]
RUNS = [
    *HELP,
    ["--help"],
    ["score", SAMPLE, "--no-workbook"],
    ["score", SAMPLE, "--no-workbook", "--lang", "en"],
    ["check", SAMPLE],
    ["schemes", "list"],
    ["checks", "list"],
    *(["schemes", "show", name] for name in scheme_files()),
]


def lost(text: str) -> set[str]:
    """Characters that a Chinese code page does not have."""
    return {ch for ch in text if not ch.encode("gbk", "ignore")}


@pytest.mark.parametrize("arguments", RUNS, ids=lambda a: " ".join(Path(word).name for word in a))
def test_what_a_command_prints_is_in_gbk(arguments, capsys):
    run(arguments)
    said = capsys.readouterr()
    assert said.out + said.err
    assert lost(said.out + said.err) == set()


def test_every_message_of_the_catalogue_is_in_gbk(capsys):
    for code in CATALOGUE:
        run(["checks", "show", code])
    assert lost(capsys.readouterr().out) == set()


def test_every_bar_is_in_gbk_and_none_is_drawn_where_no_terminal_is(capsys):
    assert lost("".join(bar(share / 20) for share in range(21))) == set()
    document = score_document(scored([indicator(target="10场", actual="8场")]), 0)
    drawn, plain = (["■" in line or "□" in line for line in score_lines(document, lambda zh, _en: zh, bars=bars)] for bars in (20, 0))
    assert (any(drawn), any(plain)) == (True, False)
    run(["score", SAMPLE, "--no-workbook"])
    said = capsys.readouterr().out
    assert ("■" in said, "  预算执行       8.68／10  执行率" in said) == (False, True)


SAYING = re.compile(r"say|tell|show|answer|choice|key|fraction|\w*(?:Error|Usage|Parameter)")
"""Calls whose words reach a terminal."""


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_no_sentence_of_ours_leaves_gbk():
    found = {
        f"{path.relative_to(ROOT)}:{part.lineno}": lost(part.value)
        for path in (ROOT / "perfxl").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and SAYING.fullmatch(called(node))
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and lost(part.value)
    }
    assert found == {}
