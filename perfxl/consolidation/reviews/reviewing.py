"""One run of 人工复核: what is kept and what is handed in, put on the rows of today, applied, and said."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from perfxl.consolidation.reviews import LOG, REVIEWED, ReviewState
from perfxl.consolidation.reviews.applying import Applied, applied, doubts, rescored, without_points
from perfxl.consolidation.reviews.merging import Standing, merged
from perfxl.consolidation.reviews.placing import Moves, Placed, placed
from perfxl.consolidation.reviews.record import Review
from perfxl.consolidation.reviews.rows import Sheets, rows_of, sheets_of
from perfxl.consolidation.status import framed
from perfxl.intake.submission import file_of
from perfxl.model import Issue
from perfxl.rules.budget import base_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from perfxl.consolidation.engine import ConsolidateOptions, Inbox
    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.reviews.record import Doubt, Read
    from perfxl.consolidation.settlement import Settlement
    from perfxl.intake.submission import Submission


@dataclass(slots=True)
class Reviews:
    """All about the reviews of a run: what the ledger is to keep, where each stands, what became of it, what must be said."""

    held: Standing = field(default_factory=Standing)
    places: dict[int, list[Placed]] = field(default_factory=dict)
    """By submission the reviews that stand on a row of it."""
    lost: list[Placed] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    problems: list[Doubt] = field(default_factory=list)
    files: Mapping[Path, str] = field(default_factory=dict)
    """Path to SHA-256 of every workbook of which nothing was left unread."""
    sheets: Sheets = field(default_factory=lambda: Sheets({}, {}))

    def issues(self) -> Iterator[Issue]:
        """What must be said; it is about the bureau's own sheet, so no submission and no letter carries it."""
        for p in self.problems:
            yield Issue.at(-1, p.code, "复核" if p.file else None, p.cell or None, p.value or None, {**p.details, "unit": p.unit, "file": p.file})


def review(c: Consolidation, reading: Inbox, settled: Settlement, options: ConsolidateOptions, anchors: pd.DataFrame) -> Reviews:
    """Put what is kept and what was handed in on the rows of `c`."""
    read: Read | None = reading.reviews
    kept, log = (options.ledger.reviews(), options.ledger.review_log()) if options.ledger is not None else ([], [])
    found = Reviews(sheets=sheets_of(anchors))
    if not kept and read is None:
        return found
    if read is not None:
        found.files = read.files
        c.notes.extend(read.notes)
    moves = Moves(c, settled)
    found.held = merged(kept, log, read.lines if read is not None else (), moves, lambda content: moves.files.get(content, ""))
    if found.held.fresh:
        changes = Counter(change.state for change in found.held.log[-found.held.fresh :])
        c.notes.append(f"复核：{'，'.join(f'{state}{n}处' for state, n in sorted(changes.items()))}。")
    _put_in_place(c, found, moves)
    at_hand = [p for placings in found.places.values() for p in placings]
    schemes = c.units["scheme"].tolist()
    bases = {at: float(c.units[base_of(c.schemes[schemes[at]])].tolist()[at]) for at in found.places}
    points = rescored(at_hand, lambda at: _submission(reading, c.order[at], options), c.schemes, bases, options.today)
    found.applied = sorted(applied([*at_hand, *found.lost], c.schemes, points), key=_order)
    found.problems = [*(read.problems if read is not None else ()), *found.held.problems, *doubts(found.applied, c.schemes)]
    found.problems += without_points(p.review for p in (*at_hand, *found.lost))
    found.problems.sort(key=lambda p: (p.code, p.file, p.unit, p.cell))
    c.reviewed = framed(REVIEWED, (_shown(a, c) for a in found.applied))
    log_shown = sorted(found.held.log, key=lambda change: (change.day, change.number))
    c.review_log = framed(LOG, ({name: getattr(change, name) for name in LOG} for change in log_shown))
    return found


def _order(a: Applied) -> tuple[Any, ...]:
    r = a.review
    return (a.row is None, a.row.submission if a.row else 0, a.row.sheet_row if a.row else 0, r.item, r.level3, r.identity, r.nth)


def _put_in_place(c: Consolidation, found: Reviews, moves: Moves) -> None:
    """Each review on its row; one that stands on the row it was made of is bound to the content of today."""
    by_item: dict[str, list[Review]] = {}
    for held in found.held.reviews.values():
        if not held.blank:
            by_item.setdefault(held.item, []).append(held)
    numbers = {moves.items[item]: item for item in by_item if item in moves.items}
    for at, rows in rows_of(c, sorted(numbers), found.sheets):
        found.places[at] = []
        for placing in placed(by_item.pop(numbers[at]), rows):
            if placing.row is not None:
                placing.changed = placing.changed or moves.taken_over(placing.review, placing.row)
            if placing.row is not None and not placing.changed:
                placing.review = replace(placing.review, content=placing.row.content)
                found.held.reviews[placing.review.place] = placing.review
            found.places[at].append(placing)
    found.lost = [Placed(r, None) for reviews in by_item.values() for r in reviews if moves.expected(r.item, c.year)]


def _submission(reading: Inbox, number: int, options: ConsolidateOptions) -> Submission | None:
    """A submission as it was read: out of the ledger, else read again."""
    from perfxl.consolidation.memory import known_as
    from perfxl.consolidation.packing import unpack
    from perfxl.intake.discover import content_of as bytes_of
    from perfxl.intake.reading import Refused, read_workbook

    file = reading.files[file_of(number)]
    packed = options.ledger.known(known_as(file.sha256, options.limits)) if options.ledger is not None else None
    if packed is not None:
        read = unpack(packed, file_of(number), file.found.shown)
    else:
        data = bytes_of(file.found, options.limits)
        read = read_workbook(data, number=file_of(number), source=file.found.shown, limits=options.limits) if isinstance(data, bytes) else []
    return None if isinstance(read, Refused) else next((s for s in read if s.number == number), None)


def _shown(a: Applied, c: Consolidation) -> dict[str, object]:
    """One row of `Consolidation.reviewed`."""
    r, row = a.review, a.row
    none = math.nan
    own: dict[str, object] = {
        "submission": row.submission if row else -1,
        "item": r.item,
        **{
            name: getattr(row or r, name)
            for name in ("unit_name", "project", "level1", "level2", "level3", "operator", "target_text", "unit", "actual")
        },
        "sheet": row.sheet if row else "",
        "sheet_row": row.sheet_row if row else 0,
        "weight": row.weight if row else _number(r.weight),
        "claimed": row.claimed if row else none,
        "score": row.score if row else none,
        "review_score": a.points,
        "share": a.share,
        "final": none if row is None else a.points if a.state is ReviewState.COUNTS else row.score,
        "state": str(a.state),
        "why": a.why,
        "confirm": "",
        "file": r.file,
        "sha256": str(c.units["sha256"].iat[row.submission]) if row else "",
    }
    return own | {name: getattr(r, name) for name in ("review_actual", "reason", "clause", "evidence", "by", "day", "answer")}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
