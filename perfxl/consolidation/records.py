"""What a consolidation holds: the frames that the workbook, the letters, Parquet and `--json` are written from.

Everything is sorted by content (unit key, then sheet row), never by arrival, so that equal inputs give equal bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

from perfxl.consolidation.reviews import LOG, REVIEWED
from perfxl.model import FileFate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from perfxl.consolidation.decisions import Question, Ruling, Unfit
    from perfxl.consolidation.remarks import Remark
    from perfxl.consolidation.reviews.reviewing import Reviews
    from perfxl.consolidation.shelf import Columns, Shelf
    from perfxl.model import Issue
    from perfxl.schemes import Scheme

T = TypeVar("T")
R = TypeVar("R")

__all__ = ["PIECE", "Consolidation", "FileFate", "Map", "Missing", "Piece"]


class Map(Protocol):
    """What `map` does: in this process, or in several."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
        """What `function` makes of each item, in their order."""
        ...


class Missing(StrEnum):
    """The closing rule for what was not reported by the deadline, recorded in the output."""

    PROVISIONAL = "provisional"
    """Open rows stay open; the total is 暂定 (the default)."""
    ZERO = "zero"
    """Open rows count 0 points and the total is final."""
    EXCLUDE = "exclude"
    """Submissions with open rows are listed but left out of ranks and means."""


def _no_reviews() -> pd.DataFrame:
    from perfxl.consolidation.status import framed

    return framed(REVIEWED, ())


def _no_log() -> pd.DataFrame:
    from perfxl.consolidation.status import framed

    return framed(LOG, ())


def _nothing_reviewed() -> Reviews:
    from perfxl.consolidation.reviews.reviewing import Reviews

    return Reviews()


@dataclass(slots=True)
class Consolidation:
    """One consolidated inbox.

    files: one row per file found, sorted by shown path. shown, sha256 ("" when not read), size, fate (FileFate), code
        (of the catalogue; "" when accepted), details (mapping), undecided (bool: the office must decide), unit_key,
        unit_name, submission (number of its first accepted submission, -1), replaced_by (shown path or ""),
        submission_count, filled_on, paper (its kind in words), container (the suffix).
    sent: one row per submission that was read, whatever became of it (`status.SENT`); suspects: files that may be a
        unit's; unreadable: files of units of the roster of which nothing can be read.
    units: one row per accepted submission, sorted by unit_key. submission (renumbered 0…n-1 in that order), unit_key
        (its item), unit, listed (unit of the roster, -1), due_row (row of the roster, -1), matter, in_year, counted (it stands
        in sums, means and ranks), not_counted (why not), name and code (as the roster has them), authority (the roster's
        where there is one), region, year, evaluation, project, project_code, part, source (shown path), sha256, scheme,
        scheme_title, total, low, high, provisional, grade, grade_low, grade_high, full, execution_rate, full_year, executed,
        initial, execution_score, execution_weight, claimed_total, claimed_grade, errors, warnings, submission_count,
        filled_on, rank, authority_rank (float, NaN unless final and counted; whole and project apart), excluded (bool,
        --missing exclude), contact fields.
    levels: points by first level; facts, tally, kinds: see `perfxl.consolidation.facts`; `submission` as in `units`.
    rows, order: the long tables (`LONG`) by the numbers in `order`, one per submission. Nobody holds them whole: a writer
        takes them by `pieces` or `parts`; `budget`, `indicators`, `issues` and `review` are for folders that fit in memory.
    between: the issues that only show between units, as rows of `issues`; those without a submission (−1) come last.
    claims: the rows of `review` about execution lines and totals.
    roster: the 应报单位名单 as read (empty frame without one); status: one row per item of the roster or seen.
    year: the 预算年度 of the run, 0 where nobody names one.
    """

    files: pd.DataFrame
    units: pd.DataFrame
    levels: pd.DataFrame
    facts: pd.DataFrame
    tally: pd.DataFrame
    kinds: pd.DataFrame
    rows: Shelf
    order: Sequence[int]
    roster: pd.DataFrame
    status: pd.DataFrame
    sent: pd.DataFrame
    suspects: pd.DataFrame
    unreadable: pd.DataFrame
    between: pd.DataFrame
    claims: pd.DataFrame
    schemes: dict[str, Scheme]
    missing: Missing = Missing.PROVISIONAL
    deadline: str = ""
    short: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Further short tables of `compact`, by their names."""
    today: str = ""
    """The day of the run, as printed."""
    year: int = 0
    amounts_right: frozenset[int] = frozenset()
    """Submissions whose doubted amounts the office found right."""
    doubts: list[tuple[int, str, Mapping[str, str | float]]] = field(default_factory=list)
    """What deciding found out: submission (−1 for none), code, details."""
    questions: list[Question] = field(default_factory=list)
    unfit: list[Unfit] = field(default_factory=list)
    """Answers that could not be applied, or that fit nothing any more."""
    rulings: list[Ruling] = field(default_factory=list)
    """The office's answers that were applied."""
    earlier_rulings: list[Ruling] = field(default_factory=list)
    """All that are known, to propose an answer again."""
    returned: frozenset[str] = frozenset()
    """SHA-256 of what an earlier run sent back."""
    roster_issues: list[Issue] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    """What was typed into 退回修改清单 so far."""
    reviewed: pd.DataFrame = field(default_factory=_no_reviews)
    """Reviews and the rows they stand on: `reviews.REVIEWED`."""
    review_log: pd.DataFrame = field(default_factory=_no_log)
    """Every change of a review: `reviews.LOG`."""
    reviews: Reviews = field(default_factory=_nothing_reviewed)
    """What is behind `reviewed`: what the ledger keeps, and what the review sheets are written from."""
    notes: list[str] = field(default_factory=list)
    """What must be said aloud, e.g. that a sheet was split."""

    def pieces(self) -> Iterator[Piece]:
        """All submissions with their long rows, some hundred at a time, in order; at least one piece."""
        between, claims = _starts(self.between, len(self.order)), _starts(self.claims, len(self.order))
        last = max(len(self.order), 1)
        for first in range(0, last, PIECE):
            end = min(first + PIECE, len(self.order))
            # What has no submission stands behind the last of them.
            whole = first + PIECE >= last
            yield Piece(
                range(first, end),
                [self.rows.take(index) for index in self.order[first:end]],
                self.between.iloc[between[first] : None if whole else between[end]],
                self.claims.iloc[claims[first] : claims[end]],
            )

    def parts(self, name: str) -> Iterator[pd.DataFrame]:
        """One of budget, indicators, levels, issues, review in pieces, in order one after another."""
        if name == "levels":
            yield self.levels
            return
        for piece in self.pieces():
            yield piece.table(name)

    def _whole(self, name: str) -> pd.DataFrame:
        import pandas as pd

        parts = list(self.parts(name))
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

    @property
    def budget(self) -> pd.DataFrame:
        """All lines of 预算执行."""
        return self._whole("budget")

    @property
    def indicators(self) -> pd.DataFrame:
        """All indicator rows with their readings and points."""
        return self._whole("indicators")

    @property
    def issues(self) -> pd.DataFrame:
        """All issues, those between units included; `unit` and `file` name what has no submission (−1)."""
        return self._whole("issues")

    @property
    def review(self) -> pd.DataFrame:
        """自评得分 against 规则测算得分: one row per indicator, execution line and total that differ, with `category`."""
        return self._whole("review")


PIECE = 100
"""Submissions of a piece: what one process holds of the long rows at a time."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some submissions in order, with their long rows as they are packed; can be sent to any process."""

    numbers: Sequence[int]
    rows: list[bytes]
    between: pd.DataFrame
    claims: pd.DataFrame

    def table(self, name: str) -> pd.DataFrame:
        """One of the long tables, as it is written: issues between units among the others, totals beside indicators."""
        from perfxl.consolidation import shelf

        return shelf.framed(name, self.columns(name)[0])

    def columns(self, *names: str) -> list[Columns]:
        """Several of the long tables as plain lists."""
        from perfxl.consolidation import shelf

        unpacked = (shelf.unpacked(rows, *names) for rows in self.rows)
        parts = [{name: found[name] for name in names if name in found} for found in unpacked]
        return [self._completed(name, shelf.Stacked(name, self.numbers, parts)) for name in names]

    def _completed(self, name: str, own: Columns) -> Columns:
        from perfxl.consolidation.differences import IN_SHEET
        from perfxl.consolidation.shelf import LONG
        from perfxl.model import GRAVITY

        added = {"issues": self.between, "review": self.claims}.get(name)
        if added is None or not len(added):
            return own
        blank = [""] * len(own["submission"])
        both = {column: (own[column] if column in LONG[name] else blank) + added[column].tolist() for column in dict.fromkeys((*LONG[name], *added))}
        # What has no submission comes last.
        place = [n if n >= 0 else math.inf for n in both["submission"]]
        within = [map(GRAVITY.__getitem__, both["severity"])] if name == "issues" else [map(IN_SHEET.__getitem__, both["what"]), both["sheet_row"]]
        keys = list(zip(place, *within, strict=True))
        order = sorted(range(len(keys)), key=keys.__getitem__)
        return {column: list(map(values.__getitem__, order)) for column, values in both.items()}


def _starts(frame: pd.DataFrame, count: int) -> list[int]:
    """Where the rows of each submission begin in a frame that has them in order; those without a submission come last."""
    import numpy as np

    submissions = frame["submission"].to_numpy(dtype="int64")
    return np.searchsorted(np.where(submissions < 0, count, submissions), range(count + 1)).tolist()  # type: ignore[no-any-return]  # a list of integers
