"""The last step of a consolidation: roster, differences of points, and the issues that only show between units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from perfxl.catalogue import CATALOGUE, fix, message, severity_of
from perfxl.consolidation.checks import consolidation_issues
from perfxl.consolidation.counting import DOUBTED, close, count, rank
from perfxl.consolidation.decisions import Question, Reason
from perfxl.consolidation.differences import unit_differences
from perfxl.consolidation.facts import by_gravity, kinds, tally
from perfxl.consolidation.reviews.finals import finals
from perfxl.consolidation.shelf import LONG
from perfxl.consolidation.status import status_frame
from perfxl.rules.frames import records
from perfxl.rules.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.roster import Roster
    from perfxl.model import Issue


def complete(c: Consolidation, roster: Roster | None = None, anchors: pd.DataFrame | None = None, passages: pd.DataFrame | None = None) -> None:
    """Fill `status` and `claims`, add the issues between units, count them into `units` and `tally`, and say what counts.

    `anchors` and `passages` are those of `perfxl.consolidation.checks`, stacked over the accepted submissions and
    renumbered; without them issues name sheets instead of cells, and texts are not compared. `unit` and `file` of an
    issue name what has no submission (−1): units that sent nothing, workbooks that cannot be told apart.
    """
    c.roster_issues = list(roster.issues) if roster is not None else []
    c.claims = unit_differences(c.units, c.schemes)
    c.status = _status(c)
    between = [_row(issue) for issue in (*consolidation_issues(c, anchors, passages), *c.roster_issues, *c.reviews.issues())]
    c.between = by_gravity(pd.DataFrame(between, columns=list(LONG["issues"]), dtype=object).astype({"submission": "int64"}))
    c.between["authority"] = c.between["unit"].map(_authorities(c)).fillna("").astype(object)
    for name, severity in (("errors", "error"), ("warnings", "warning")):
        counted = c.between.loc[c.between["severity"] == severity, "submission"].value_counts()
        c.units[name] = c.units[name] + c.units["submission"].map(counted).fillna(0).astype("int64")
    wrong = c.units["submission"].isin(c.between.loc[c.between["severity"] == "error", "submission"])
    c.units["provisional"] = c.units["provisional"].astype(bool) | wrong
    c.tally = pd.concat([part for part in (c.tally, tally(c.between)) if len(part)] or [c.tally], ignore_index=True)
    c.kinds = pd.concat([part for part in (c.kinds, kinds(c.claims)) if len(part)] or [c.kinds], ignore_index=True)
    count(c)
    finals(c, c.reviews.applied, c.reviews.sheets)
    close(c.units, c.missing, c.schemes)
    rank(c.units)
    c.status = _status(c)
    c.questions.extend(_amounts(c))


def _status(c: Consolidation) -> pd.DataFrame:
    return status_frame(c.roster, c.sent, c.units, c.suspects, c.unreadable, c.deadline)


def _authorities(c: Consolidation) -> dict[str, str]:
    """The 主管部门 of each name on 报送情况 that only one has: of what has no submission nothing else says it."""
    known = c.status[["name", "authority"]].drop_duplicates()
    return dict(known.drop_duplicates("name", keep=False).itertuples(index=False))


def _amounts(c: Consolidation) -> Iterator[Question]:
    """The submissions whose amounts are doubted and would count otherwise."""
    for row in records(c.units[c.units["not_counted"] == DOUBTED]):
        why = f"全年预算数{number(row['full_year'])}万元，全年执行数{number(row['executed'])}万元"
        yield Question(
            Reason.AMOUNT, str(row["sha256"]), str(row["part"]), str(row["source"]), str(row["name"]), str(row["code"]), why, str(row["name"])
        )


def _row(issue: Issue) -> tuple[object, ...]:
    entry = CATALOGUE[issue.code]
    unit, file = (str(issue.details.get(name, "")) for name in ("unit", "file"))
    own = issue.submission < 0
    return (
        issue.submission,
        issue.code,
        str(severity_of(issue, folder=True)),
        entry.kind,
        issue.sheet or "",
        issue.cell or "",
        issue.value or "",
        message(issue),
        fix(issue),
        "",
        unit if own else "",
        file if own else "",
    )
