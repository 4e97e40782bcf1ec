"""File to submission: guard, reader, parser, with every refusal as a code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perfxl.intake.guard import Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.readers import Reader, read_sheets
from perfxl.intake.stored import say_what_is_stored
from perfxl.intake.tables import Submission, is_intake_sheet, parse_submission
from perfxl.output import NEVER_INPUT, PROPERTY, parse_seal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken, with the code of the catalogue that says why."""

    source: str
    code: str
    details: Mapping[str, str | float] = field(default_factory=dict)
    sha256: str | None = None


def read_file(path: Path, *, number: int = 0, source: str | None = None, limits: Limits | None = None) -> Submission | Refused:
    """One workbook as typed; nothing is judged yet. `source` is the name shown, by default the file's own."""
    limits = limits or Limits()
    shown = source if source is not None else path.name
    data = read_bytes(path, limits)
    if isinstance(data, Refusal):
        return Refused(shown, data.code, data.details)
    return read_workbook(data, number=number, source=shown, limits=limits)


def read_workbook(
    data: bytes, *, number: int = 0, source: str = "", limits: Limits | None = None, reader: Reader = "openpyxl"
) -> Submission | Refused:
    """The same from bytes already in memory; every `reader` gives equal submissions.

    Raises:
        MemoryError: the workbook needs more memory than the process may have.
    """
    limits = limits or Limits()
    opened = open_bytes(data, limits)
    if isinstance(opened, Refusal):
        return Refused(source, opened.code, opened.details)
    sealed = parse_seal(opened.properties.get(PROPERTY, ""))
    if sealed is not None and sealed.kind in NEVER_INPUT:
        return Refused(source, "ignored-own-result", {}, opened.sha256)
    try:
        sheets = read_sheets(opened, is_intake_sheet, max_row=limits.window_rows, max_column=limits.window_columns, reader=reader)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl refuses honest oddities with any exception; one file must not stop a batch
        return Refused(source, "file-unreadable", {"what": type(error).__name__}, opened.sha256)
    characters = sum(len(value) for sheet in sheets for _, values in sheet.rows for value in values if isinstance(value, str))
    if characters > limits.total_text:
        return Refused(source, "file-too-large", {"what": "texts", "n": characters, "max": limits.total_text}, opened.sha256)
    submission = parse_submission(sheets, opened, source, number)
    say_what_is_stored(submission, opened)
    if sealed is not None and sealed.kind == "scored":
        submission.origin = sealed.source
    return submission
