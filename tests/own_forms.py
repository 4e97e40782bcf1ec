"""perfxl's own 自评表 taken out of a scored workbook and read alone, held against the submission it was made from."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import python_calamine

from perfxl.intake.forms import Grid, find_forms, submission_of
from perfxl.intake.submission import Submission
from perfxl.jobs.api import score
from perfxl.model.columns import FORM_SHEET
from perfxl.rules.results import Results
from perfxl.schemes import Scheme
from perfxl.scoring.document import score_document
from perfxl.workbook.scored import SourceInfo, scored_bytes


def outcome(results: Results, number: int) -> dict[str, Any]:
    """What a score says, without where it stands."""
    document = score_document(results, number)
    said = {key: document[key] for key in ("total", "possible", "provisional", "grade", "grade_span")}
    said["budget"] = [document["budget"][key] for key in ("rate", "weight", "score", "full_year", "executed")]
    said["rows"] = [
        (row["level1"], row["level3"], row["weight"], row["status"], row["score"], row["completion"] and round(row["completion"], 9))
        for row in document["indicators"]
    ]
    return said


def scored(submission: Submission, scheme: Scheme) -> tuple[dict[str, Any], bytes]:
    """The outcome of a submission and its scored workbook."""
    results = score(submission, scheme)
    data = scored_bytes(results, submission.number, source=SourceInfo(submission.source, submission.sha256))
    return outcome(results, submission.number), data


def grid_of(data: bytes) -> Grid:
    """The form's sheet of a scored workbook, values and merged areas."""
    sheet = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name(FORM_SHEET)
    merges = [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    return Grid.of(FORM_SHEET, [(i, tuple(row)) for i, row in enumerate(sheet.to_python(skip_empty_area=False), 1)], merges)


def differences(submission: Submission, scheme: Scheme) -> dict[str, Any]:
    """What comes out otherwise when the form is read alone; empty where all is the same."""
    first, data = scored(submission, scheme)
    forms = find_forms(grid_of(data))
    if len(forms) != 1:
        return {"forms": len(forms)}
    again = submission_of(forms[0], "自评表.xlsx", "0" * 64)
    second = outcome(score(again, scheme), again.number)
    found = {key: (first[key], second[key]) for key in first if key != "rows" and first[key] != second[key]}
    if first["rows"] != second["rows"]:
        found["rows"] = [pair for pair in zip(first["rows"], second["rows"], strict=False) if pair[0] != pair[1]] or len(second["rows"])
    if again.origin != submission.sha256:
        found["origin"] = again.origin
    return found


def alone(data: bytes) -> bytes:
    """The form's sheet moved to a workbook of its own, its formulas as values."""
    old = openpyxl.load_workbook(BytesIO(data), data_only=True)[FORM_SHEET]
    book = openpyxl.Workbook()
    new = book.active
    new.title = FORM_SHEET
    for row in old.iter_rows():
        for cell in row:
            if cell.value not in (None, ""):
                new[cell.coordinate].value = cell.value
                new[cell.coordinate].number_format = cell.number_format
    for area in old.merged_cells.ranges:
        new.merge_cells(str(area))
    for letter, dimension in old.column_dimensions.items():
        new.column_dimensions[letter].hidden = dimension.hidden
    target = BytesIO()
    book.save(target)
    return target.getvalue()
