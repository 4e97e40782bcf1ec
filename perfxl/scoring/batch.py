"""Files in, results out, every file accounted for; a single file is a batch of one."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perfxl.intake.discover import Fate, Found
from perfxl.intake.reading import Refused, read_file
from perfxl.intake.tables import Submission, folded
from perfxl.model import Issue, PerfxlError
from perfxl.rules.frames import build_frames
from perfxl.schemes import DEFAULT_SCHEME, Scheme, load_scheme, scheme_titles
from perfxl.scoring.score import score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from perfxl.intake.guard import Limits
    from perfxl.rules.results import Results


@dataclass(slots=True)
class Outcome:
    """What became of one file: a submission with one `Results` per scheme, or a refusal, or ignored with a code."""

    found: Found
    submission: Submission | None = None
    refused: Refused | None = None
    ignored: str = ""
    results: list[Results] = field(default_factory=list)
    trace: str = ""
    """The traceback of a bug of ours around this file of a batch: for the log, never for a workbook."""

    def give_up(self) -> None:
        """Refuse the file for the bug that is being handled, so that the rest of its batch goes on (house style 8)."""
        self.refused, self.submission, self.results = Refused(self.found.shown, "file-unreadable"), None, []
        self.trace = traceback.format_exc()


def read_found(found: Sequence[Found], limits: Limits | None = None) -> list[Outcome]:
    """Read every candidate; a result of ours is ignored where the intake it came from is in the same input."""
    outcomes = []
    for number, item in enumerate(found):
        outcome = Outcome(item)
        outcomes.append(outcome)
        if item.fate is Fate.IGNORED:
            outcome.ignored = item.code
        elif item.fate is Fate.REJECTED:
            outcome.refused = Refused(item.shown, item.code, {"ext": item.path.suffix})
        else:
            try:
                read = read_file(item.path, number=number, source=item.shown, limits=limits)
            except Exception:  # one file of a batch; alone, a bug may crash
                if len(found) == 1:
                    raise
                outcome.give_up()
                continue
            if isinstance(read, Submission):
                outcome.submission = read
            elif read.code.startswith("ignored-"):
                outcome.ignored = read.code
            else:
                outcome.refused = read
    _ignore_results_of_present_intakes(outcomes)
    return outcomes


def _ignore_results_of_present_intakes(outcomes: Sequence[Outcome]) -> None:
    present = {o.submission.sha256 for o in outcomes if o.submission}
    for outcome in outcomes:
        if outcome.submission is None or not outcome.submission.origin:
            continue
        if outcome.submission.origin in present and len(present) > 1:
            outcome.submission, outcome.ignored = None, "ignored-own-result"
        else:
            outcome.submission.issues.append(Issue(outcome.submission.number, "scored-workbook-submitted"))


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


def score_outcomes(outcomes: Sequence[Outcome], schemes: Sequence[str | Scheme] = (), today: date | None = None) -> None:
    """Fill in the results of every outcome that was read; of several, one that cannot be scored is refused alone."""
    read = [outcome for outcome in outcomes if outcome.submission]
    if len(outcomes) == 1:
        _score(read, schemes, today)
    elif read:
        _score_or_give_up(read, schemes, today)


def _score(read: Sequence[Outcome], schemes: Sequence[str | Scheme], today: date | None) -> None:
    scored = score_submissions([o.submission for o in read if o.submission], schemes, today)
    for outcome in read:
        if outcome.submission:
            outcome.results = scored[outcome.submission.number]


def _score_or_give_up(read: Sequence[Outcome], schemes: Sequence[str | Scheme], today: date | None) -> None:
    """Where scoring fails, the batch is halved until the file that fails stands alone."""
    try:
        _score(read, schemes, today)
    except PerfxlError:
        raise
    except Exception:  # noqa: BLE001  # a bug around one file of a batch is that file's code (house style 8)
        if len(read) == 1:
            read[0].give_up()
            return
        half = len(read) // 2
        for part in (read[:half], read[half:]):
            _score_or_give_up(part, schemes, today)
