"""The library: the same jobs as the command line, as functions over files, submissions and frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.intake.reading import Refused, only, read_file
from perfxl.intake.submission import Submission
from perfxl.model import PerfxlError
from perfxl.rules.frames import Frames, build_frames
from perfxl.schemes import DEFAULT_SCHEME, Scheme, load_scheme
from perfxl.scoring.score import score as score_frames

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from perfxl.model import Issue
    from perfxl.rules.results import Results


def read_intake(path: str | Path, *, number: int = 0) -> Submission | Refused:
    """Read one intake (or scored) workbook as typed; a file that cannot be taken comes back as `Refused` with its code.

    `number` identifies the submission in frames; give each file of a batch its own.

    Raises:
        FileNotFoundError: the path does not exist.
        PerfxlError: the file holds several submissions; `read_intakes` reads them.
    """
    return only(read_intakes(path, number=number))


def read_intakes(path: str | Path, *, number: int = 0) -> list[Submission] | Refused:
    """Read all submissions of one file as typed, one or more; `part` tells them apart, and each has a number of its own.

    Raises:
        FileNotFoundError: the path does not exist.
    """
    Path(path).lstat()
    return read_file(Path(path), number=number)


def score(submissions: Submission | Sequence[Submission] | Frames, scheme: str | Scheme = DEFAULT_SCHEME, *, today: date | None = None) -> Results:
    """Score one submission, several, or frames of your own, under one scheme, as of `today` (the system's date).

    Raises:
        SchemeError: no such scheme, or one that cannot be used.
        PerfxlError: two submissions with the same number.
    """
    return score_frames(_frames(submissions), scheme if isinstance(scheme, Scheme) else load_scheme(scheme), today)


def check(
    submissions: Submission | Sequence[Submission] | Frames, scheme: str | Scheme = DEFAULT_SCHEME, *, today: date | None = None
) -> list[Issue]:
    """The issues of one submission or several, in the order a person works through them."""
    return score(submissions, scheme, today=today).issues


def _frames(submissions: Submission | Sequence[Submission] | Frames) -> Frames:
    if isinstance(submissions, Frames):
        return submissions
    listed = [submissions] if isinstance(submissions, Submission) else list(submissions)
    if len({s.number for s in listed}) != len(listed):
        raise PerfxlError("每个 Submission 的 number 应各不相同：read_intake(path, number=…)。")
    return build_frames(listed)


def write_scored(results: Results, submission: Submission, path: str | Path, *, force: bool = False) -> Path:
    """Write the scored workbook of one submission, whole or not at all; other files are only replaced with `force`.

    Raises:
        PerfxlError: the target may not be replaced or cannot be written.
    """
    from perfxl.jobs.scoring import write_scored_workbook

    return write_scored_workbook([results], submission, Path(path), force=force)
