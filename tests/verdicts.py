"""What must hold of any file whatever: it ends as scored or as refused, each with words for a clerk, never otherwise."""

from __future__ import annotations

import json
import math
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from papers import read_workbook

from perfxl.catalogue import CATALOGUE
from perfxl.consolidation.packing import pack, unpack
from perfxl.intake.discover import Fate, Found
from perfxl.intake.guard import Limits, open_bytes
from perfxl.intake.readers import calamine_reader, openpyxl_reader, read_sheets
from perfxl.intake.reading import Refused
from perfxl.intake.sheets import is_intake_sheet
from perfxl.intake.submission import Submission
from perfxl.intake.tables import MAX_COLUMN
from perfxl.scoring.batch import Outcome, score_submissions
from perfxl.scoring.document import outcome_document
from perfxl.workbook.scored import SourceInfo, scored_bytes

if TYPE_CHECKING:
    from perfxl.rules.results import Results


SPANS = {
    "tier-score-outside",
    "score-claimed-over-weight",
    "tier-contradicts-date",
    "budget-total-mismatch",
    "budget-source-type-mismatch",
    "weights-not-full",
}
"""Errors that leave more than one score possible, of which the total is one (contract §3.1, §3.5), or a total beyond the full one (§3.8)."""


def read(data: bytes, number: int = 0) -> Submission | Refused:
    """A file as perfxl takes it; what is refused has its words, what is read survives the ledger."""
    taken = read_workbook(data, number=number, source="甲.xlsx")
    if isinstance(taken, Refused):
        entry = CATALOGUE[taken.code]
        assert taken.code.startswith(("file-", "cell", "string-", "sheet-", "ignored-", "form-", "not-an-intake")), taken.code
        document = outcome_document(Outcome(Found(Path("甲.xlsx"), "甲.xlsx", Fate.CANDIDATE), refused=taken), "zh")
        assert "{" not in json.dumps(document["issues"], ensure_ascii=False)[2:-2].replace('{"', "").replace("{}", ""), document
        assert entry.words.fix_zh
        return taken
    (back,) = unpack(pack([taken]), number, "甲.xlsx")
    assert repr(back.fields) == repr(taken.fields)
    assert filled(back) == filled(taken)
    return taken


def filled(submission: Submission) -> str:
    """The rows without their blanks."""
    return repr(
        [
            (table, row.number, [(name, value) for name, value in row.values.items() if value is not None])
            for table, rows in submission.rows.items()
            for row in rows
        ]
    )


def document(submission: Submission, results: list[Results]) -> dict[str, Any]:
    """The document of a scored submission, which holds in itself: finite numbers, sums, blank never zero."""
    outcome = Outcome(Found(Path("甲.xlsx"), "甲.xlsx", Fate.CANDIDATE), submission=submission, results=results)
    made = outcome_document(outcome, "zh")
    json.dumps(made, allow_nan=False)
    low, high = made["possible"]
    assert 0 <= low <= high, made["possible"]
    codes = {issue["code"] for issue in made["issues"]}
    if not codes & SPANS:
        assert math.isclose(low, made["total"], abs_tol=0.005), (made["total"], low)
    assert made["provisional"] == any(issue["severity"] == "error" for issue in made["issues"])
    for row in made["indicators"]:
        assert (row["score"] is not None) == (row["status"] == "scored"), row
        if row["score"] is not None:
            assert row["weight"] is not None, row
            assert 0 <= row["score"] <= row["weight"] * (1 + 1e-9), row
    return made


def workbook(submission: Submission, results: list[Results]) -> bytes:
    """The scored workbook, every part of which is well-formed and none of which is active."""
    made = scored_bytes(results[0], submission.number, source=SourceInfo(submission.source, submission.sha256), others=results[1:])
    with ZipFile(BytesIO(made)) as package:
        names = package.namelist()
        assert not [name for name in names if "externalLink" in name or "vba" in name]
        assert not [name for name in names if name.endswith(".rels") and b'TargetMode="External"' in package.read(name)]
    again = read_workbook(made, source="甲.xlsx")
    assert isinstance(again, Submission), again
    return made


def scored_alone(data: bytes) -> dict[str, Any] | Refused:
    """One file by itself, as `perfxl score` would do it."""
    taken = read(data)
    if isinstance(taken, Refused):
        return taken
    results = score_submissions([taken])[0]
    made = document(taken, results)
    workbook(taken, results)
    return made


def same_by_every_reader(data: bytes) -> int:
    """Four ways to the cells give the same cells; how many ways there were."""
    opened = open_bytes(data)
    if not hasattr(opened, "sheets"):
        return 0
    window = {"max_row": Limits().window_rows, "max_column": MAX_COLUMN}
    try:
        fast = openpyxl_reader._read_parts(opened, is_intake_sheet, Limits().window_rows, MAX_COLUMN)
    except Exception:
        return 1
    assert shown(read_sheets(opened, is_intake_sheet, **window, reader="auto")) == shown(fast)
    try:
        public = openpyxl_reader.read_public(opened, is_intake_sheet, **window)
    except Exception:
        public = None
    if public is not None:
        assert shown(fast) == shown(public)
    rust = calamine_reader.read_sheets(opened, is_intake_sheet, **window)
    if rust is not None:
        assert shown(rust) == shown(fast)
    return 2 + (public is not None) + (rust is not None)


def shown(sheets: list[Any]) -> str:
    return repr([(sheet.title, [(number, _cut(values)) for number, values in sheet.rows]) for sheet in sheets])


def _cut(values: tuple[object, ...]) -> tuple[object, ...]:
    """Without the blanks at the end; 5.0 and 5 are the same number, whichever a reader makes of `<v>5.0</v>`."""
    listed = [int(value) if type(value) is float and value.is_integer() else value for value in values]
    while listed and listed[-1] is None:
        listed.pop()
    return tuple(listed)
