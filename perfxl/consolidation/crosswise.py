"""The last step of a consolidation: roster, differences of points, and the issues that only show between units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from perfxl.catalogue import CATALOGUE, fix, message, severity_of
from perfxl.consolidation.checks import consolidation_issues
from perfxl.consolidation.facts import by_gravity, kinds, tally
from perfxl.consolidation.review import unit_differences
from perfxl.consolidation.roster import empty_roster, status_frame
from perfxl.consolidation.shelf import LONG

if TYPE_CHECKING:
    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.roster import Roster
    from perfxl.model import Issue


def complete(c: Consolidation, roster: Roster | None = None, anchors: pd.DataFrame | None = None, passages: pd.DataFrame | None = None) -> None:
    """Fill `roster`, `status` and `claims`, add the issues between units, and count them into `units` and `tally`.

    `anchors` and `passages` are those of `perfxl.consolidation.checks`, stacked over the accepted submissions and
    renumbered; without them issues name sheets instead of cells, and texts are not compared. `unit` and `file` of an
    issue name what has no submission (−1): units that sent nothing, workbooks that cannot be told apart.
    """
    c.roster = roster.frame if roster is not None else empty_roster()
    c.claims = unit_differences(c.units, c.schemes)
    c.status = status_frame(c.roster, c.units, c.files)
    between = [_row(issue) for issue in (*consolidation_issues(c, anchors, passages), *(roster.issues if roster else ()))]
    c.between = by_gravity(pd.DataFrame(between, columns=list(LONG["issues"]), dtype=object).astype({"submission": "int64"}))
    for name, severity in (("errors", "error"), ("warnings", "warning")):
        counted = c.between.loc[c.between["severity"] == severity, "submission"].value_counts()
        c.units[name] = c.units[name] + c.units["submission"].map(counted).fillna(0).astype("int64")
    c.tally = pd.concat([part for part in (c.tally, tally(c.between)) if len(part)] or [c.tally], ignore_index=True)
    c.kinds = pd.concat([part for part in (c.kinds, kinds(c.claims)) if len(part)] or [c.kinds], ignore_index=True)
    c.status = status_frame(c.roster, c.units, c.files)


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
