"""Small faults put into the code of the rules, one at a time: `python tests/long/code_mutants.py --mutants 150 [--seed N] [--minutes M]`.

Each is drawn by seed (a comparison, an operator, a number, a branch), made in a copy of the package and run against the fast
tests of the rules. Prints killed or survived, and the survivors once more at the end; exit code 1 below the wanted share.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis  # noqa: F401  # the tests of every fork find these imported
import openpyxl  # noqa: F401
import pandas as pd  # noqa: F401
import pytest
import xlsxwriter  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("perfxl/rules", "perfxl/scoring", "perfxl/model/rounding.py", "perfxl/model/digits.py")
TESTS = (
    "test_rules_expression",
    "test_rules_quantitative",
    "test_rules_budget",
    "test_rules_qualitative",
    "test_rules_management",
    "test_roles",
    "test_one_cause",
    "test_score",
    "test_numbers",
    "test_terminal",
)
WANTED = 0.85
TOO_LONG = 600
"""Seconds after which a mutant that never ends counts as killed."""
BROKEN = 99

_COMPARISONS = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}
_SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_OPERATORS = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&")}
_NAMES = {"Min": "Max", "Max": "Min", "And": "Or", "Or": "And", "floor": "ceil", "fmax": "fmin", "minimum": "maximum", "maximum": "minimum"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One edit: where, what stands there, what is put in its place."""

    path: str
    line: int
    column: int
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The module with the fault."""
        lines = text.split("\n")
        row = lines[self.line - 1].encode()
        assert row[self.column :].startswith(self.old.encode()), self
        lines[self.line - 1] = (row[: self.column] + self.new.encode() + row[self.column + len(self.old.encode()) :]).decode()
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.old} -> {self.new}"


def faults(path: Path) -> Iterator[Fault]:
    """Every fault this script knows in one module; annotations, docstrings and messages are left alone."""
    text = path.read_text("utf-8")
    lines, name = [line.encode() for line in text.split("\n")], path.relative_to(ROOT).as_posix()
    for node in ast.walk(without_annotations(ast.parse(text))):
        for left, right, old, new in between(node):
            if left.end_lineno == right.lineno and left.end_col_offset is not None:
                at = lines[right.lineno - 1][left.end_col_offset : right.col_offset].find(f" {old} ".encode())
                if at >= 0:
                    yield Fault(name, right.lineno, left.end_col_offset + at + 1, old, new)
        for place, old, new in instead(node):
            if place.lineno == place.end_lineno:
                there = lines[place.lineno - 1][place.col_offset : place.end_col_offset].decode()
                yield Fault(name, place.lineno, place.col_offset, old or there, new.format(there))


def between(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr, str, str]]:
    """Operators of a node: what stands left and right of them, their sign, another one."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            yield left, right, _SIGNS[type(op)], _COMPARISONS[type(op)]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            yield left, right, *_OPERATORS[type(op)]
        case ast.BoolOp(op=op, values=[left, right, *_]):
            yield left, right, *(("and", "or") if isinstance(op, ast.And) else ("or", "and"))


def instead(node: ast.AST) -> Iterator[tuple[ast.expr, str, str]]:
    """Expressions replaced: the node, the part that goes ("": all of it), what comes ({}: what was there)."""
    match node:
        case ast.Constant(value=bool(value)):
            yield node, "", str(not value)
        case ast.Constant(value=int() | float()):
            yield node, "", "({} + 1)"
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield node, "not " if isinstance(node.op, ast.Not) else "~", ""
        case ast.Name(id=word) if word in _NAMES and isinstance(node.ctx, ast.Load):
            yield node, "", _NAMES[word]
        case ast.IfExp(test=test) | ast.If(test=test):
            yield test, "", "(not ({}))"


def without_annotations(tree: ast.Module) -> ast.Module:
    """The tree without what only a type checker or a reader looks at."""

    class Bare(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | None:  # the name ast asks for
            return None if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" else self.generic_visit(node)

        def visit_arg(self, node: ast.arg) -> ast.AST:
            return ast.arg(arg=node.arg)

        def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:  # the same
            node.annotation = ast.Constant(value=None)
            return self.generic_visit(node)

        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # the same
            node.returns, node.decorator_list = None, []
            return self.generic_visit(node)

        def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:  # the same
            node.decorator_list = []
            return self.generic_visit(node)

    bare: ast.Module = Bare().visit(tree)
    return bare


def all_faults() -> list[Fault]:
    """Those of every target, sorted, each once."""
    files = [path for target in TARGETS for path in ([ROOT / target] if target.endswith(".py") else sorted((ROOT / target).rglob("*.py")))]
    return sorted({fault for path in files for fault in faults(path)}, key=lambda f: (f.path, f.line, f.column, f.new))


def survives(fault: Fault, copy: Path) -> bool:
    """Whether the fast tests pass with the fault in place. They run in a fork: the libraries are imported once for all faults."""
    path = copy / fault.path
    whole = path.read_text("utf-8")
    path.write_text(fault.applied(whole), "utf-8")
    try:
        child = os.fork()
        if child == 0:
            try:
                os._exit(passes(copy, path.stem))
            finally:  # whatever happens, the fork is no second run of this script
                os._exit(BROKEN)
        until = time.monotonic() + TOO_LONG
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
            if time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.05)
    finally:
        path.write_text(whole, "utf-8")
    code = os.waitstatus_to_exitcode(ended[1])
    assert code != BROKEN, "pytest itself did not run"
    return code == 0


def passes(copy: Path, module: str) -> int:
    """The exit code of the fast tests of the copy, those of the module first, without a word of theirs."""
    os.chdir(copy)
    sys.path[:0] = [str(copy)]
    sys.dont_write_bytecode = True
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    return int(
        pytest.main(
            [
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-W",
                "ignore::pytest.PytestAssertRewriteWarning",
                *(f"tests/{name}.py" for name in sorted(TESTS, key=lambda name: module not in name)),
            ]
        )
    )


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600)
    options = parser.parse_args()
    known = all_faults()
    chosen = random.Random(options.seed).sample(known, min(options.mutants, len(known)))
    until, survivors, tried = time.monotonic() + options.minutes * 60, [], 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        for fault in chosen:
            if time.monotonic() > until:
                break
            tried += 1
            alive = survives(fault, copy)
            survivors += [fault] if alive else []
            print("survived" if alive else "killed  ", fault, flush=True)
    share = 1 - len(survivors) / max(tried, 1)
    print(f"{tried} of {len(known)} faults, {tried - len(survivors)} killed ({share:.0%})", *survivors, sep="\n  ")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
