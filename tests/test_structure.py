"""The house as it is drawn in the README: dependencies point one way, click and xlsxwriter live in one place each."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "perfxl"

# From the ground up; a module may import its own layer and those below.
LAYERS = (
    ("model", "rounding", "levels", "vocabulary"),
    ("columns", "values", "direction", "pairing", "scheme", "scheme_text", "output"),
    ("guard", "catalogue", "readers", "discover", "intake", "frames", "stored", "reading", "results", "roster"),
    ("rules", "checks"),
    ("interpret", "scoring", "explain"),
    ("workbook", "document", "ledger", "letters", "parquet", "report", "jobs", "templates", "consolidation", "terminal", "api"),
    ("cli", "__main__", "__init__"),
)
LEVEL = {name: i for i, layer in enumerate(LAYERS) for name in layer}
HEAVY = {"click": "cli", "xlsxwriter": "workbook"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [f"{node.module}.{alias.name}" if node.module == "perfxl" else node.module for alias in node.names]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_import_only_their_own_layer_and_below(path):
    own = LEVEL[part(path)]
    for name in imports(path):
        if name.startswith("perfxl.") and name != "perfxl.__version__":
            target = name.split(".")[1]
            assert LEVEL[target] <= own, f"{path.name} imports {name}"


@pytest.mark.parametrize(("package", "home"), HEAVY.items())
def test_click_and_xlsxwriter_are_imported_in_one_place_only(package, home):
    users = {part(path) for path in modules() for name in imports(path) if name.split(".")[0] == package}
    assert users == {home}


def test_rules_and_checks_see_no_file_clock_or_environment():
    for path in modules():
        if part(path) in ("rules", "checks"):
            roots = {name.split(".")[0] for name in imports(path)}
            assert not roots & {"os", "pathlib", "io", "time", "random", "openpyxl", "xlsxwriter", "sqlite3"}, path


def test_no_bare_write_reaches_a_workbook():
    bare = [path.name for path in modules() if part(path) == "workbook" and re.search(r"worksheet\.write\(|sheet\.write\(", path.read_text("utf-8"))]
    assert bare == []


def test_every_suppression_names_its_rule_and_its_reason():
    for path in modules():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if "# noqa" in line or "# type: ignore" in line:
                assert re.search(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[a-z-, ]+\])\s+(#|-) \S", line), f"{path.name}:{number}"
