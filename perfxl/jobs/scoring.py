"""Where a scored workbook goes, and writing it whole: the last step of `perfxl score`."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from perfxl.model.version import __version__
from perfxl.output import OutputError, Plan, seal
from perfxl.workbook.scored import SourceInfo, scored_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.intake.discover import Found
    from perfxl.intake.tables import Submission
    from perfxl.rules.results import Results
    from perfxl.scoring.batch import Outcome

RESULT_TAIL = "_评分结果"


FILES = frozenset(
    (".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods", ".csv", ".docx", ".doc", ".wps", ".pdf", ".ofd", ".txt", ".json", ".html", ".htm", ".zip")
)
"""What ends like this is meant as a file: no folder is made of that name."""


def planned(outcomes: Sequence[Outcome], output: Path | None, *, single: bool, force: bool = False) -> tuple[Plan, list[tuple[Outcome, Path]]]:
    """Where each scored outcome goes, allowed before the first is written; an edited result beside an intake is kept.

    Raises:
        PerfxlError: `output` ends like a file but cannot be one, two results would share a name, or one may not be replaced.
    """
    scored = [(o, o.submission) for o in outcomes if o.submission]
    alone = single and len(outcomes) == 1
    if output is not None and not output.is_dir() and output.suffix.lower() in FILES - ({".xlsx"} if alone else set()):
        raise OutputError("output-name", file=str(output), suffix=".xlsx" if alone else "文件夹")
    plan = Plan([o.found.path for o in outcomes if not o.ignored], force=force)
    targets = [(o, result_path(o.found, submission, output, single=single)) for o, submission in scored]
    if output is not None and any(target == output for _, target in targets):
        return plan, [(o, plan.replace(target, "scored")) for o, target in targets]
    return plan, [(o, plan.replace_or_lay_beside(target, "scored")) for o, target in targets]


def write_scored_workbook(results: Sequence[Results], submission: Submission, target: Path, plan: Plan) -> Path:
    """Write one scored workbook to a target of the plan, whole or not at all; where it went."""
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
