"""The house as it is drawn in the README: dependencies point one way, click and xlsxwriter live in one place each."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "perfxl"

# The house: a room imports only rooms to its left.
ROOMS = (
    "model",
    "values",
    "schemes",
    "output",
    "intake",
    "catalogue",
    "rules",
    "checks",
    "scoring",
    "consolidation",
    "word",
    "workbook",
    "jobs",
    "cli",
)
HEAVY = {"click": "cli", "xlsxwriter": "workbook"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    """Everything a module imports, wherever in it the import stands; relative imports by their full name."""
    package = ("perfxl", *path.relative_to(PACKAGE).parent.parts)
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], node.module or ""] if node.level else [node.module or ""]
            found += [".".join(filter(None, (*base, alias.name))) for alias in node.names]
    return found


def test_the_house_has_fourteen_rooms_and_nothing_beside_them():
    entries = {path.stem for path in PACKAGE.iterdir() if path.name not in ("__pycache__", "py.typed")}
    assert entries == {*ROOMS, "__init__", "__main__"}


@pytest.mark.parametrize("path", [p for p in modules() if part(p) in ROOMS], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_itself_and_rooms_to_its_left(path):
    allowed = {"perfxl." + room for room in ROOMS[: ROOMS.index(part(path)) + 1]}
    ours = [name for name in imports(path) if name.split(".")[0] == "perfxl"]
    assert [name for name in ours if ".".join(name.split(".")[:2]) not in allowed] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_comes_in_and_goes_out_and_what_holds_it(room):
    said = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text("utf-8"))) or ""
    assert [word for word in ("In:", "Out:", "Touch without asking:", "Held by:") if word not in said] == []


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


def test_a_name_stands_for_one_class():
    named = [
        (node.name, str(path.relative_to(PACKAGE)))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    homes: dict[str, list[str]] = {}
    for name, home in named:
        homes.setdefault(name, []).append(home)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
