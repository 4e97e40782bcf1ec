"""Where a scored workbook goes, and writing it whole: the last step of `perfxl score`."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from perfxl.model.version import __version__
from perfxl.output import make_folder, may_replace, seal, write_whole
from perfxl.workbook.scored import SourceInfo, scored_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.intake.discover import Found
    from perfxl.intake.tables import Submission
    from perfxl.rules.results import Results
    from perfxl.scoring.batch import Outcome

RESULT_TAIL = "_评分结果"


def write_result(outcome: Outcome, target: Path, inputs: Sequence[Path], *, force: bool = False) -> Path:
    """Write the scored workbook of one outcome; see `write_scored_workbook`."""
    assert outcome.submission is not None  # noqa: S101  # only scored outcomes are written
    return write_scored_workbook(outcome.results, outcome.submission, target, inputs, force=force)


def write_scored_workbook(
    results: Sequence[Results], submission: Submission, target: Path, inputs: Sequence[Path] = (), *, force: bool = False
) -> Path:
    """Write one scored workbook, whole or not at all, and never over an input.

    Raises:
        PerfxlError: the target is an input, or a file that is not an untouched result of ours and `force` is off.
    """
    may_replace(target, inputs=inputs, force=force)
    first, *others = results
    source = SourceInfo(PurePath(submission.source).name, submission.sha256)
    data = scored_bytes(first, submission.number, source=source, others=others)
    make_folder(target.parent)
    write_whole(target, seal(data, "scored", __version__, submission.sha256))
    return target


def _short_enough(base: str, tail: str) -> str:
    """`base` cut so that `base` + `tail` is a name every file system takes; where it is cut, 8 digits of its SHA-256 tell two apart."""
    room = 255 - len(os.fsencode(tail))
    whole = os.fsencode(base)
    if len(whole) <= room:
        return base
    digits = hashlib.sha256(whole).hexdigest()[:8]
    while len(os.fsencode(base)) > room - 9:
        base = base[:-1]
    return f"{base}-{digits}"


_RESULT_NAME = re.compile(rf"^(?P<base>.*){RESULT_TAIL}(?:_(?P<n>\d+))?$")


def result_path(found: Found, submission: Submission, output: Path | None, *, single: bool) -> Path:
    """Where the scored workbook goes: beside the intake, into `output` (sub-folders kept), or to the file named.

    A result scored again gets the next number: `intake_评分结果_2.xlsx`.
    """
    if output is not None and single and output.suffix.lower() == ".xlsx" and not output.is_dir():
        return output
    stem = found.path.stem
    match = _RESULT_NAME.match(stem) if submission.origin else None
    base, tail = (match["base"], f"{RESULT_TAIL}_{int(match['n'] or 1) + 1}.xlsx") if match else (stem, f"{RESULT_TAIL}.xlsx")
    name = f"{_short_enough(base, tail)}{tail}"
    if output is None:
        return found.path.with_name(name)
    folder = found.path.parent.relative_to(found.root) if found.root is not None else Path()
    return output / folder / name
