"""What a consolidation holds: the frames that the workbook, the letters, Parquet and `--json` are written from.

Everything is sorted by content (unit key, then sheet row), never by arrival, so that equal inputs give equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from perfxl.scheme import Scheme


class FileFate(StrEnum):
    """What became of a file; accepted + rejected + superseded + ignored = files found, always."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    IGNORED = "ignored"


class Missing(StrEnum):
    """The closing rule for what was not reported by the deadline, recorded in the output."""

    PROVISIONAL = "provisional"
    """Open rows stay open; the total is 暂定 (the default)."""
    ZERO = "zero"
    """Open rows count 0 points and the total is final."""
    EXCLUDE = "exclude"
    """Submissions with open rows are listed but left out of ranks and means."""


@dataclass(slots=True)
class Consolidation:
    """One consolidated inbox.

    files: one row per file found, sorted by shown path. shown, sha256 ("" when not read), size, fate (FileFate), code
        (of the catalogue; "" when accepted), details (mapping), undecided (bool: rejected as 重复待定), unit_key,
        unit_name, submission (number of the accepted submission, -1), replaced_by (shown path or ""), submission_count,
        filled_on.
    units: one row per accepted submission, sorted by unit_key. submission (renumbered 0…n-1 in that order), unit_key,
        name, code, authority, region, year, evaluation, project, source (shown path), sha256, scheme, scheme_title,
        total, low, high, provisional, grade, grade_low, grade_high, full, execution_rate, full_year, executed, initial,
        execution_score, execution_weight, claimed_total, claimed_grade, errors, warnings, submission_count, filled_on,
        rank, authority_rank (float, NaN unless final), excluded (bool, --missing exclude), contact fields.
    budget, indicators, levels, issues: stacked over accepted submissions, `submission` as in `units`; indicators carry
        the columns of the intake, the readings, rule, completion, score, low, high, status, explanation; issues carry
        code, severity, kind, sheet, cell, value, message, fix, level3. They may be large: a writer takes them by `parts`.
    roster: the 应报单位名单 as read (empty frame without one); status: one row per unit of the roster or seen.
    review: 自评得分 against 规则测算得分, one row per indicator, execution line and total that differ, with `category`.
    """

    files: pd.DataFrame
    units: pd.DataFrame
    budget: pd.DataFrame
    indicators: pd.DataFrame
    levels: pd.DataFrame
    issues: pd.DataFrame
    roster: pd.DataFrame
    status: pd.DataFrame
    review: pd.DataFrame
    schemes: dict[str, Scheme]
    missing: Missing = Missing.PROVISIONAL
    deadline: str = ""
    notes: list[str] = field(default_factory=list)
    """What must be said aloud, e.g. that a sheet was split."""

    def parts(self, name: str) -> Iterator[pd.DataFrame]:
        """One of budget, indicators, levels, issues in pieces: whole submissions, ascending, in order one after another.

        A piece holds some hundred submissions, so that a writer never needs all rows at once.
        """
        frame: pd.DataFrame = getattr(self, name)
        yield frame
