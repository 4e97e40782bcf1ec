"""Official forms of one file, whatever it came in: grids to submissions, or the words why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from perfxl.intake.forms import Grid, find_forms, submission_of
from perfxl.intake.forms.blocks import FACTS, has_funds_head, is_title
from perfxl.intake.forms.rows import has_total
from perfxl.intake.forms.words import MOST_FORMS
from perfxl.intake.guard.limits import too_large
from perfxl.intake.submission import FURTHER
from perfxl.model import Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from perfxl.intake.forms import Form
    from perfxl.intake.submission import Submission

KINDS = {"goals": "绩效目标表", "monitoring": "绩效监控表"}


class Papers(Struct):
    """The forms of a file: those to score as submissions, and those of other kinds."""

    submissions: list[Submission] = field(default_factory=list)
    others: list[Form] = field(default_factory=list)

    @property
    def other_kind(self) -> dict[str, str | float]:
        """What fills the words of `form-other-kind`."""
        first = self.others[0]
        return {"kind": KINDS[first.kind], "title": first.title.strip() or "无标题"}


def read_forms(grids: Iterable[Grid], source: str, sha256: str, number: int = 0) -> Papers:
    """Every form of the grids, from the first to the last; each self-evaluation is a submission with a number of its own.

    Raises:
        RefusalError: more forms than a file may hold.
    """
    forms = [form for grid in grids for form in find_forms(grid)]
    if len(forms) > MOST_FORMS:
        raise too_large("submissions", len(forms), MOST_FORMS)
    found = Papers(others=[form for form in forms if form.kind != "self-evaluation"])
    for form in forms:
        if form.kind == "self-evaluation":
            found.submissions.append(submission_of(form, source, sha256, number + len(found.submissions) * FURTHER))
    if not found.submissions:
        return found
    first, *more = found.submissions
    if more:
        first.issues.append(Issue(number, "form-several", details={"n": len(more) + 1}))
    else:
        first.part = ""
    for other in found.others:
        details = {"kind": KINDS[other.kind], "title": other.title.strip() or "无标题"}
        first.issues.append(Issue(number, "form-other-kind", other.grid.name, value=other.title.strip() or None, details=details))
    return found


def joined_tables(grids: Sequence[Grid]) -> list[Grid]:
    """The tables of a document, those that are one form in two pieces as one.

    A table without heads below a form's goes on with its rows; a table with the facts and funds of a form, and one below it with the
    indicators and no title or facts of its own, are one form.
    """
    made: list[Grid] = []
    for grid in grids:
        above = made[-1] if made else None
        if above is not None and _goes_on(above, grid):
            made[-1] = _below(above, grid)
        else:
            made.append(grid)
    return made


def _goes_on(above: Grid, grid: Grid) -> bool:
    if any(is_title(line) for line in grid.before) or _own_facts(grid):
        return False
    heads = bool(find_forms(grid))
    if heads and (first := find_forms(above)):
        lines = any(FACTS.field(line.replace(":", "：").partition("：")[0]) in ("name", "project") for line in grid.before)
        return not lines and not has_funds_head(grid) and not has_total(first[-1])
    if find_forms(above):
        return not heads and above.last_column // 2 < grid.last_column <= above.last_column
    return heads and (_own_facts(above) or has_funds_head(above))


def _own_facts(grid: Grid) -> bool:
    """Whether a table names a unit or a project, or has a title."""
    return any(isinstance(v, str) and (FACTS.field(v) in ("name", "project") or is_title(v)) for v in grid.cells.values())


def _below(above: Grid, grid: Grid) -> Grid:
    """Two tables as one, the rows counted through both."""
    shift = above.last_row
    return replace(
        above,
        name=f"{above.name}+{grid.name.removeprefix('表格')}",
        cells=above.cells | {(row + shift, column): value for (row, column), value in grid.cells.items()},
        areas=above.areas | {(r + shift, c): (a[0] + shift, a[1], a[2] + shift, a[3]) for (r, c), a in grid.areas.items()},
        nested=(*above.nested, *((row + shift, column) for row, column in grid.nested)),
        last_row=shift + grid.last_row,
        last_column=max(above.last_column, grid.last_column),
    )
