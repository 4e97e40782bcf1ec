"""Small faults put into the code of the rules, one at a time: `python tests/long/code_mutants.py --mutants 150 [--seed N] [--minutes M]`.

Each is drawn by seed (a comparison, an operator, a number, a branch), put in place and run against the fast tests of the rules. Prints killed or survived, and the survivors once more at the end; exit code 1 below the wanted share.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import functools
import gc
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import pytest
from _pytest.runner import runtestprotocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    "test_scoring_parts",
    "test_numbers",
    "test_terminal",
    "test_edges",
)
WANTED = 0.85
TIMES = 3
"""A mutant that takes so many times the processor time of the clean run has no end and counts as killed."""
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


def target_files() -> list[Path]:
    """The modules that are to be faulty."""
    return [path for target in TARGETS for path in ([ROOT / target] if target.endswith(".py") else sorted((ROOT / target).rglob("*.py")))]


def all_faults() -> list[Fault]:
    """Those of every target, sorted, each once."""
    return sorted({fault for path in target_files() for fault in faults(path)}, key=lambda f: (f.path, f.line, f.column, f.new))


class Loop:
    """Stands in for pytest's own loop: all tests are collected once, and each fault is tried in a fork of that.

    A fault inside functions is put into these as they are (their importers hold the same objects), what is cached is
    forgotten, and the tests that call them are run; one in what a module does when it is imported is tried in a copy.
    """

    def __init__(self, chosen: list[Fault], minutes: float) -> None:
        self.chosen, self.until = chosen, time.monotonic() + minutes * 60
        self.took: dict[str, float] = {}
        self.callers: dict[str, set[str]] = {}
        self.killers: list[str] = []
        self.killed: list[Fault] = []
        self.survivors: list[Fault] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """A clean run to know the cost of each test, then the faults."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        code, lines = forked(lambda told: noting(session.items, told), 3600)
        assert code == 0, ("the fast tests fail without a fault", lines[-1:])
        seconds = TIMES * (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before) + 10
        for _, duration, called, name in (line.split(" ", 3) for line in lines):
            self.took[name] = float(duration)
            for function in called.split(","):
                self.callers.setdefault(function, set()).add(name)
        for fault in self.chosen:
            if time.monotonic() > self.until:
                break
            by = self.killer(fault, session.items, seconds)
            (self.killed if by else self.survivors).append(fault)
            print(f"killed   {fault}   by {by}" if by else f"survived {fault}", flush=True)
        return True

    def killer(self, fault: Fault, items: list[pytest.Item], seconds: float) -> str:
        """The first test that fails with the fault in place; "" when all pass."""
        whole = (ROOT / fault.path).read_text("utf-8")
        changed = changed_functions(ROOT / fault.path, whole, fault.applied(whole))
        around = [f for f in functions(ast.parse(whole)) if f.lineno <= fault.line <= (f.end_lineno or 0)]
        callers = self.callers.get(name_of(fault.path, around[-1]), set()) if around else self.took.keys()
        if not changed:
            return copied(fault)
        if not callers:
            return ""
        last, module = {name: place for place, name in enumerate(self.killers)}, Path(fault.path).stem
        order = sorted(
            (item for item in items if item.nodeid in callers),
            key=lambda item: (-last.get(item.nodeid, -1), module not in item.nodeid, self.took[item.nodeid]),
        )

        def run(told: int) -> int:
            for function, code in changed:
                function.__code__ = code
            return tests_from(order, told, None)

        code, lines = forked(run, seconds)
        if code == 0:
            return ""
        failed = [line.split(" ", 3)[3] for line in lines if line.startswith("1 ")]
        self.killers = [name for name in self.killers if name not in failed] + failed
        return failed[0] if failed else "no end"


def changed_functions(path: Path, old: ast.Module | str, new: ast.Module | str) -> list[tuple[FunctionType, CodeType]]:
    """Living functions of a module that a change of its text changes, each with its new code."""
    before, after = (codes(compile(text, str(path), "exec", dont_inherit=True)) for text in (old, new))
    living = [held for held in gc.get_objects() if isinstance(held, FunctionType) and held.__code__.co_filename == str(path)]
    keys = [(function, (function.__code__.co_qualname, function.__code__.co_firstlineno)) for function in living]
    return [(function, after[key]) for function, key in keys if key in after and before[key] != after[key]]


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Those of a module, inner ones behind outer ones."""
    return sorted((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), key=lambda node: node.lineno)


def name_of(path: str, function: ast.FunctionDef) -> str:
    """What a function is called in what the clean run tells."""
    return f"{path}:{function.lineno}"


def noting(items: list[pytest.Item], told: int) -> int:
    """Run all tests, each as if it were the first, and tell of each besides which functions of the targets it calls."""
    called = builtins.__dict__["_called"] = set[str]()
    for path in target_files():
        tree, noted = (ast.parse(path.read_text("utf-8")) for _ in range(2))
        for function in functions(noted):
            note = ast.parse(f"_called.add({name_of(path.relative_to(ROOT).as_posix(), function)!r})").body[0]
            function.body.insert(0, ast.copy_location(note, function.body[0]))
        for held, code in changed_functions(path, tree, ast.fix_missing_locations(noted)):
            held.__code__ = code
    return tests_from(items, told, called)


def codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """Every code inside one, by its name and line."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return {(c.co_qualname, c.co_firstlineno): c for c in inner} | {key: c for const in inner for key, c in codes(const).items()}


def forked(work: Callable[[int], int], seconds: float) -> tuple[int, list[str]]:
    """The exit code of some work in a fork, without a word of its own, and the lines that it tells."""
    with tempfile.TemporaryFile() as told:
        child = os.fork()
        if child == 0:
            try:
                resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
                silent = os.open(os.devnull, os.O_WRONLY)
                os.dup2(silent, 1)
                os.dup2(silent, 2)
                os._exit(work(told.fileno()))
            finally:  # whatever happens, the fork is no second run of this script
                os._exit(BROKEN)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told.seek(0)
        assert code != BROKEN, "the tests could not be run"
        return code, told.read().decode().splitlines()


def tests_from(items: list[pytest.Item], told: int, called: set[str] | None) -> int:
    """Run tests up to the first that fails, telling of each whether it failed, how long it took, what it `called`, its name."""
    memories = [held for held in gc.get_objects() if isinstance(held, functools._lru_cache_wrapper)]
    for memory in memories:
        memory.cache_clear()
    for item, following in zip(items, [*items[1:], None], strict=True):
        if called is not None:  # as if it were the first
            called.clear()
            for memory in memories:
                memory.cache_clear()
        reports = runtestprotocol(item, log=False, nextitem=following)
        failed = any(report.failed for report in reports)
        os.write(told, f"{int(failed)} {sum(r.duration for r in reports)} {','.join(called or '-')} {item.nodeid}\n".encode())
        if failed:
            return 1
    return 0


def copied(fault: Fault) -> str:
    """The same for a fault that only a fresh import shows."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        path = copy / fault.path
        path.write_text(fault.applied(path.read_text("utf-8")), "utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "-p", "no:cacheprovider", *tests()]
        done = subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False)
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return "" if done.returncode == 0 else failed[0] if failed else "no start"


def tests() -> list[str]:
    """The fast tests, and the examples in what is to be faulty."""
    return [*TARGETS, *(f"tests/{name}.py" for name in TESTS)]


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600)
    options = parser.parse_args()
    known = all_faults()
    loop = Loop(random.Random(options.seed).sample(known, min(options.mutants, len(known))), options.minutes)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    assert pytest.main(["-q", "-s", "-p", "no:cacheprovider", *tests()], plugins=[loop]) == 0
    tried = len(loop.killed) + len(loop.survivors)
    share = len(loop.killed) / max(tried, 1)
    print(f"{tried} of {len(known)} faults, {len(loop.killed)} killed ({share:.0%})", *loop.survivors, sep="\n  ")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
