"""The last step of a consolidation: roster, differences of points, and the issues that only show between units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from perfxl.catalogue import CATALOGUE, fix, message
from perfxl.consolidation.checks import RAISED, consolidation_issues
from perfxl.consolidation.review import review_frame
from perfxl.roster import empty_roster, status_frame

if TYPE_CHECKING:
    from perfxl.consolidation.records import Consolidation
    from perfxl.model import Issue
    from perfxl.roster import Roster

ISSUE_COLUMNS = ("submission", "code", "severity", "kind", "sheet", "cell", "value", "message", "fix", "level3", "unit", "file")


def complete(c: Consolidation, roster: Roster | None = None, anchors: pd.DataFrame | None = None, passages: pd.DataFrame | None = None) -> None:
    """Fill `roster`, `status` and `review`, add the issues between units, and count them into `units`.

    `anchors` and `passages` are those of `perfxl.consolidation.checks`, stacked over the accepted submissions and
    renumbered; without them issues name sheets instead of cells, and texts are not compared. Issues gain `unit` and
    `file`, which name what has no submission (−1): units that sent nothing, workbooks that cannot be told apart.
    """
    c.roster = roster.frame if roster is not None else empty_roster()
    c.review = review_frame(c.units, c.indicators, c.schemes)
    c.status = status_frame(c.roster, c.units, c.files)
    issues = c.issues.assign(severity=c.issues["code"].map(RAISED).fillna(c.issues["severity"]), unit="", file="")
    between = [_row(issue) for issue in (*consolidation_issues(c, anchors, passages), *(roster.issues if roster else ()))]
    added = pd.DataFrame(between, columns=list(ISSUE_COLUMNS), dtype=object).astype({"submission": "int64"})
    parts = [part for part in (issues, added) if len(part)]
    c.issues = _sorted(pd.concat(parts, ignore_index=True) if parts else added)
    for name, severity in (("errors", "error"), ("warnings", "warning")):
        counted = c.issues.loc[c.issues["severity"] == severity, "submission"].value_counts()
        c.units[name] = c.units["submission"].map(counted).fillna(0).astype("int64")
    c.status = status_frame(c.roster, c.units, c.files)


def _row(issue: Issue) -> tuple[object, ...]:
    entry = CATALOGUE[issue.code]
    unit, file = (str(issue.details.get(name, "")) for name in ("unit", "file"))
    own = issue.submission < 0
    return (issue.submission, issue.code, str(entry.severity), entry.kind, issue.sheet or "", issue.cell or "", issue.value or "",
            message(issue), fix(issue), "", unit if own else "", file if own else "")


_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def _sorted(issues: pd.DataFrame) -> pd.DataFrame:
    """By submission, then gravity; what has no submission comes last. Within both the order they were found in."""
    order = pd.DataFrame({"last": issues["submission"] < 0, "submission": issues["submission"],
                          "gravity": issues["severity"].map(_GRAVITY)})
    return issues.loc[order.sort_values(["last", "submission", "gravity"], kind="stable").index].reset_index(drop=True)
