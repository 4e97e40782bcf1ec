"""Files in, results out, every file accounted for; a single file is a batch of one, and a folder is read the same way."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field

from perfxl.intake.discover import Fate, Found
from perfxl.intake.reading import IGNORED, Refused, read_found_file
from perfxl.intake.submission import Submission, folded
from perfxl.model import Issue
from perfxl.rules.frames import build_frames
from perfxl.schemes import DEFAULT_SCHEME, Scheme, load_scheme, scheme_titles
from perfxl.scoring.score import score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from perfxl.intake.guard import Limits
    from perfxl.rules.results import Results

T = TypeVar("T")
R = TypeVar("R")


class Outcome(Struct):
    """What became of one submission, with one `Results` per scheme; or of a file that gave none: refused, or ignored with a code.

    A file that holds several submissions has an outcome for each.
    """

    found: Found
    submission: Submission | None = None
    refused: Refused | None = None
    ignored: str = ""
    results: list[Results] = field(default_factory=list)
    trace: str = ""
    """The traceback of a bug of ours around this file of a batch: for the log, never for a workbook."""

    def give_up(self, trace: str = "") -> None:
        """Refuse it for the bug that is being handled, so that the rest of its batch goes on (house style 8)."""
        self.refused, self.submission, self.results = Refused(self.found.shown, "file-unreadable"), None, []
        self.trace = trace or traceback.format_exc()


def read_found(found: Sequence[Found], limits: Limits | None = None) -> list[Outcome]:
    """Read every candidate; a result of ours is ignored where the intake it came from is in the same input."""
    outcomes: list[Outcome] = []
    for number, item in enumerate(found):
        if item.fate is Fate.IGNORED:
            outcomes.append(Outcome(item, ignored=item.code))
        elif item.fate is Fate.REJECTED:
            outcomes.append(Outcome(item, refused=Refused(item.shown, item.code, item.details)))
        else:
            outcomes.extend(_read(item, number, limits, alone=len(found) == 1))
    _ignore_results_of_present_intakes(outcomes)
    _ignore_attachments(outcomes)
    return outcomes


def _read(item: Found, number: int, limits: Limits | None, *, alone: bool) -> list[Outcome]:
    try:
        read = read_found_file(item, number=number, limits=limits)
    except Exception:  # one file of a batch; alone, a bug may crash
        if alone:
            raise
        outcome = Outcome(item)
        outcome.give_up()
        return [outcome]
    if not isinstance(read, Refused):
        return [Outcome(item, submission) for submission in read]
    return [Outcome(item, ignored=read.code) if read.code.startswith(IGNORED) else Outcome(item, refused=read)]


def _ignore_results_of_present_intakes(outcomes: Sequence[Outcome]) -> None:
    present = {o.submission.sha256 for o in outcomes if o.submission}
    for outcome in outcomes:
        if outcome.submission is None or not outcome.submission.origin:
            continue
        if outcome.submission.origin in present and len(present) > 1:
            outcome.submission, outcome.ignored = None, "ignored-own-result"
        else:
            tell_of_scored_workbook(outcome.submission)


def _ignore_attachments(outcomes: Sequence[Outcome]) -> None:
    """Files of kinds that are not read, beside the intake of the unit that their name or their folder speaks of."""
    read = [(o.found, folded(str(o.submission.fields.get("name") or ""))) for o in outcomes if o.submission]
    names = {name for _, name in read if len(name) > 1}
    folders: dict[Path, set[str]] = {}
    for found, name in read:
        folders.setdefault(found.path.parent, set()).add(name)
    for outcome in outcomes:
        if outcome.refused is None or outcome.refused.code != "file-extension" or outcome.found.root is None:
            continue
        folder = outcome.found.path.parent
        spoken = folded(outcome.found.stem), *(folded(part) for part in folder.relative_to(outcome.found.root).parts)
        own = folder != outcome.found.root and len(folders.get(folder, ())) == 1
        if own or any(name in text for name in names for text in spoken):
            outcome.refused, outcome.ignored = None, "ignored-attachment"


def tell_of_scored_workbook(submission: Submission) -> None:
    """Say that what was sent is a result of ours."""
    if submission.origin:
        submission.issues.append(Issue(submission.number, "scored-workbook-submitted"))


def scheme_of(submission: Submission) -> tuple[str, Issue | None]:
    """The scheme a workbook names in 评分方案, else the default; an unknown name is an issue."""
    typed = submission.fields.get("scheme")
    if not typed:
        return DEFAULT_SCHEME, None
    titles = {folded(title): scheme_id for title, scheme_id in scheme_titles().items()}
    wanted = folded(str(typed))
    if wanted in titles:
        return titles[wanted], None
    place = submission.places.get("unit")
    known = "、".join(dict.fromkeys(load_scheme(i).title for i in titles.values()))
    issue = Issue.at(
        submission.number,
        "scheme-unknown",
        place.sheet if place else None,
        place.cell("scheme") if place else None,
        str(typed),
        {"schemes": known, "v": str(typed)},
    )
    return DEFAULT_SCHEME, issue


def score_submissions(submissions: Sequence[Submission], schemes: Sequence[str | Scheme] = (), today: date | None = None) -> dict[int, list[Results]]:
    """Score a batch: under each scheme given, else each submission under its own. By submission number.

    One `Results` holds all submissions scored together; it is shared by their lists.
    """
    groups: dict[str, list[Submission]] = {}
    by_number: dict[int, list[Results]] = {s.number: [] for s in submissions}
    if schemes:
        frames = build_frames(submissions)
        for wanted in schemes:
            scheme = wanted if isinstance(wanted, Scheme) else load_scheme(wanted)
            results = score(frames, scheme, today)
            for submission in submissions:
                by_number[submission.number].append(results)
        return by_number
    for submission in submissions:
        scheme_id, issue = scheme_of(submission)
        if issue is not None and issue not in submission.issues:
            submission.issues.append(issue)
        groups.setdefault(scheme_id, []).append(submission)
    for scheme_id, members in groups.items():
        results = score(build_frames(members), load_scheme(scheme_id), today)
        for member in members:
            by_number[member.number].append(results)
    return by_number


def in_halves(items: Sequence[T], work: Callable[[Sequence[T]], R], failed: Callable[[T, str], None]) -> list[R]:
    """What `work` makes of all items at once; where it fails, of their halves, until what fails stands alone.

    `failed` is told that item, with the traceback: a bug around one file of a batch is that file's code (house style 8).
    """
    if not items:
        return []
    try:
        return [work(items)]
    except Exception:  # noqa: BLE001 - as said
        if len(items) == 1:
            failed(items[0], traceback.format_exc())
            return []
    half = len(items) // 2
    return [*in_halves(items[:half], work, failed), *in_halves(items[half:], work, failed)]


def score_outcomes(outcomes: Sequence[Outcome], schemes: Sequence[str | Scheme] = (), today: date | None = None) -> None:
    """Fill in the results of every outcome that was read; of several, one that cannot be scored is refused alone."""

    def work(some: Sequence[Outcome]) -> None:
        scored = score_submissions([o.submission for o in some if o.submission], schemes, today)
        for outcome in some:
            if outcome.submission:
                outcome.results = scored[outcome.submission.number]

    read = [outcome for outcome in outcomes if outcome.submission]
    if len(outcomes) == 1:
        work(read)
    else:
        in_halves(read, work, Outcome.give_up)
