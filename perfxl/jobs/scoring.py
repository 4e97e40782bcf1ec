"""Where a scored workbook goes, and writing it whole: the last step of `perfxl score`."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from perfxl.intake.submission import text_of
from perfxl.model.version import __version__
from perfxl.output import OutputError, OutputPlan, may_replace, read_seal, safe_name, seal
from perfxl.workbook.scored import SourceInfo, scored_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.intake.discover import Found
    from perfxl.intake.submission import Submission
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
    plan = OutputPlan(inputs, force=force)
    plan.replace(target, "scored")
    first, *others = results
    source = SourceInfo(PurePath(submission.source).name, submission.sha256)
    data = scored_bytes(first, submission.number, source=source, others=others)
    plan.write(target, seal(data, "scored", __version__, submission.sha256))
    return plan.went(target)


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
_FILES = frozenset({".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".et", ".ods", ".csv", ".txt", ".json", ".pdf", ".doc", ".docx", ".zip"})
"""How the name of a file ends, not that of a folder."""
MOST_RESULTS = 1000
"""Numbers tried for a result beside others that may not be replaced."""


def names_a_file(output: Path) -> bool:
    """Whether `-o` names a file, one that is there or one to be written, and no folder."""
    return not output.is_dir() and (output.suffix.lower() in _FILES or output.exists())


def result_path(found: Found, submission: Submission, output: Path | None) -> Path:
    """Where the scored workbook goes: beside the intake, into the folder `output` (sub-folders kept), or to the file it names.

    A result scored again gets the next number: `intake_评分结果_2.xlsx`. Of a file that holds several submissions each result
    is named after its unit and project too.
    """
    if output is not None and names_a_file(output):
        return output
    stem = found.stem
    match = _RESULT_NAME.match(stem) if submission.origin else None
    base, tail = (match["base"], f"{RESULT_TAIL}_{int(match['n'] or 1) + 1}.xlsx") if match else (stem, f"{RESULT_TAIL}.xlsx")
    if submission.part:
        who = [text_of(submission.fields.get(name)) for name in ("name", "project")]
        base = "_".join((base, *(safe_name(text) for text in who if text))) if any(who) else f"{base}_{safe_name(submission.part)}"
    name = f"{_short_enough(base, tail)}{tail}"
    if output is None:
        return found.path.with_name(name)
    folder = found.path.parent.relative_to(found.root) if found.root is not None else Path()
    return output / folder / name


def apart(target: Path, part: str) -> Path:
    """Another name for the result of a submission whose unit and project are those of another one in its file."""
    base = target.name.removesuffix(f"{RESULT_TAIL}.xlsx")
    return target.with_name(f"{_short_enough(f'{base}_{safe_name(part)}', f'{RESULT_TAIL}.xlsx')}{RESULT_TAIL}.xlsx")


def free_path(target: Path, submission: Submission, inputs: Sequence[Path]) -> Path:
    """`target`, or where a file lies there that is no input and may not be replaced, the next free number behind its name.

    A result that somebody opened and saved is kept; a later run replaces the one it wrote beside it.

    Raises:
        PerfxlError: something lies there that is no file.
    """
    base, number = target.stem, 1
    if found := re.fullmatch(rf"(.*{RESULT_TAIL})_(\d+)", base):
        base, number = found[1], int(found[2])
    path = target
    for following in range(number + 1, number + MOST_RESULTS):
        try:
            may_replace(path, inputs=inputs)
        except OutputError:
            if path.is_symlink() or not path.is_file():
                raise
        else:
            seal_there = read_seal(path) if path.exists() else None
            if path == target or seal_there is None or seal_there.source == submission.sha256:
                return path
        path = target.with_name(f"{_short_enough(base, f'_{following}.xlsx')}_{following}.xlsx")
    return target
