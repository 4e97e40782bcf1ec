"""Files that hold one submission, read as that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perfxl.intake import reading

if TYPE_CHECKING:
    from perfxl.intake.reading import Refused
    from perfxl.intake.submission import Submission


def read_workbook(data: bytes, **how: Any) -> Submission | Refused:
    """The submission of a workbook, or its refusal."""
    return reading.only(reading.read_workbook(data, **how))


def read_file(path: Any, **how: Any) -> Submission | Refused:
    """The same of a path."""
    return reading.only(reading.read_file(path, **how))
