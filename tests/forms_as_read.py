"""Forms held against their careful readings: every cell that counts, as (form, row, field, read, true)."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import openpyxl

from perfxl.intake.containers.biff import open_biff
from perfxl.intake.containers.word import word_grids
from perfxl.intake.forms import Grid, find_forms, submission_of
from perfxl.intake.readers import PercentNumber
from perfxl.intake.submission import Submission, text_of

FOLDER = Path(__file__).parent / "data" / "forms"
FIELDS = {"level1": "level1", "level2": "level2", "level3": "level3", "operator": "operator", "unit": "unit", "target": "target", "actual": "actual", "weight": "weight",
          "score": "claimed_score", "note": "reason"}  # fmt: skip
MONEY = {"initial": "initial", "full_year": "full_year", "executed": "executed", "weight": "weight", "score": "claimed_score"}
FACTS = {
    "unit": "name",
    "unit_code": "code",
    "authority": "authority",
    "project": "project",
    "year": "fiscal_year",
    "kind": "evaluation",
    "money_unit": "money_unit",
}
PLACEHOLDERS = {"—", "-", "0", "——"}


def grids(path: Path) -> list[Grid]:
    """The grids of a file of any container."""
    if path.suffix == ".docx":
        return word_grids(path.read_bytes())
    if path.suffix in (".xls", ".et"):
        opened, sheets = open_biff(path.read_bytes())
        return [Grid.of_sheet(sheet, facts) for sheet, facts in zip(sheets, opened.sheets, strict=True)]
    found = []
    for sheet in openpyxl.load_workbook(path, data_only=True):
        rows = [
            (row[0].row, tuple(PercentNumber(c.value) if isinstance(c.value, int | float) and "%" in c.number_format else c.value for c in row))
            for row in sheet.iter_rows()
        ]
        found.append(Grid.of(sheet.title, rows, [(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges]))
    return found


def submissions(path: Path) -> list[Submission]:
    """Every form of a file."""
    return [submission_of(form, path.name, "0" * 64) for grid in grids(path) for form in find_forms(grid)]


def careful(name: str) -> list[dict]:
    """The true reading of a file."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["forms"]


def folded(value: object, field: str = "") -> str:
    """A cell as it is compared: no blanks, numbers without a fraction of nothing, levels without their points, fillers blank."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text_of(value)))
    if field in ("level1", "level2"):
        text = re.sub(r"\(\d+分\)$", "", text)
    if field == "level3":
        text = re.sub(r"^★+", "", text)
    if field in ("target", "actual", "note", "weight", "score") and text in (PLACEHOLDERS if field == "note" else PLACEHOLDERS - {"0"}):
        return ""
    return re.sub(r"^(-?\d+)\.0$", r"\1", text)


def differences(read: Submission, true: dict, offset: int = 0) -> tuple[list[tuple[object, ...]], int]:
    """Cells that differ, and how many were compared; `offset` is what a row of a Word table lies above its twin's."""
    found: list[tuple[object, ...]] = []
    cells = 0
    rows = {row.number + offset: row.values for row in read.rows["indicators"]}
    for row in true["indicators"]:
        values = rows.pop(row["row"], {})
        for field, column in FIELDS.items():
            if field in row:
                value = values.get(column)
                if field == "target" and values.get("adjusted_target") is not None:
                    value = values["adjusted_target"]
                cells += 1
                if folded(value, field) != folded(row[field], field):
                    found.append((true["title"], row["row"], field, value, row[field]))
    found.extend((true["title"], number, "row", values, None) for number, values in rows.items())
    for part, compared in (_money(read, true, offset), _goals(read, true, offset), _facts(read, true)):
        found += [(true["title"], *difference) for difference in part]
        cells += compared
    return found, cells


def _money(read: Submission, true: dict, offset: int) -> tuple[list[tuple[object, ...]], int]:
    lines = {row.number + offset: row.values for row in read.rows.get("budget", ())}
    pairs = [
        (line["row"], f"funds {field}", lines.get(line["row"], {}).get(column), line.get(field), field)
        for line in true["funds"]
        if "amount_in_label" not in line
        for field, column in MONEY.items()
    ]
    return [
        (row, what, value, wanted) for row, what, value, wanted, field in pairs if folded(value, field).removesuffix("万元") != folded(wanted, field)
    ], len(pairs)


def _goals(read: Submission, true: dict, offset: int) -> tuple[list[tuple[object, ...]], int]:
    goals = {row.number + offset: row.values for row in read.rows.get("goals", ())}
    pairs = [
        (goal["row"], goals.get(goal["row"], {}).get(column), goal[field])
        for goal in true["goals"]
        for field, column in (("expected", "expected"), ("actual", "achieved"))
    ]
    return [(row, "goal", value, wanted) for row, value, wanted in pairs if folded(value) != folded(wanted)], len(pairs)


def _facts(read: Submission, true: dict) -> tuple[list[tuple[object, ...]], int]:
    pairs = [(field, read.fields.get(name), true[field]) for field, name in FACTS.items() if true.get(field) is not None]
    if true.get("total"):
        pairs.append(("total", read.fields.get("claimed_total"), true["total"]["score"]))
    return [(0, field, value, wanted) for field, value, wanted in pairs if folded(value) != folded(wanted)], len(pairs)
