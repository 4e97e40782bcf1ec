"""How large the house is and how its parts lean on each other: `python tests/house.py [PACKAGE]`.

Prints entries at the top of the package, modules, arrows (pairs of modules of which one imports the other, wherever the
import stands) and arrows between entries, lines, and the longest modules and functions.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path


def modules(package: Path) -> dict[str, Path]:
    """Dotted name to file, for every module of a package."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def arrows(package: Path) -> set[tuple[str, str]]:
    """(importing, imported) modules of the package."""
    known, found = modules(package), set()
    for name, path in known.items():
        inside = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            targets: list[str] = []
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = ".".join([*inside[: len(inside) - node.level + 1], node.module or ""]).strip(".") if node.level else node.module or ""
                targets = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base for alias in node.names]
            found |= {(name, target) for target in targets if target in known and target != name}
    return found


def measured(package: Path) -> dict[str, object]:
    """The figures."""
    known, drawn = modules(package), arrows(package)
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in known.items()}
    top = {(a.split(".")[1], b.split(".")[1]) for a, b in drawn if "." in a and "." in b}
    spans = [
        (node.end_lineno - node.lineno + 1, f"{name}.{node.name}")
        for name, path in known.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno
    ]
    return {
        "entries": len([p for p in package.iterdir() if p.name not in ("__pycache__", "py.typed")]),
        "modules": len(known),
        "lines": sum(lines.values()),
        "arrows": len(drawn),
        "arrows between entries": len({(a, b) for a, b in top if a != b}),
        "modules over 400 lines": {name: n for name, n in sorted(lines.items(), key=lambda item: -item[1]) if n > 400},
        "functions over 50 lines": [f"{name} {n}" for n, name in sorted(spans, reverse=True) if n > 50],
    }


if __name__ == "__main__":
    for title, figure in measured(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "perfxl")).items():
        print(f"{title}: {figure}")
