"""The long sheets a piece at a time: how many rows each will have, where a piece's rows begin, and the rows as packed XML."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from perfxl.consolidation.facts import goes_back
from perfxl.consolidation.records import Piece
from perfxl.consolidation.remarks import RETURNED
from perfxl.model.columns import EXPLANATION
from perfxl.workbook.consolidated.details import (
    BUDGET_ROWS,
    DIFFERENCES,
    INDICATOR_ROWS,
    ISSUES,
    UNIT_COLUMNS,
    Units,
    budget_fields,
    indicator_fields,
    issue_fields,
    returned_fields,
    review_fields,
)
from perfxl.workbook.consolidated.reviews import said_of_rows
from perfxl.workbook.consolidated.table import Field, PrintedTable, packed_pages
from perfxl.workbook.consolidated.view import authorities

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.remarks import Remark
    from perfxl.workbook.consolidated.reviews import Said
    from perfxl.workbook.rows import Ink, PackedRows


@dataclass(frozen=True, slots=True)
class Plan:
    """A piece of the long tables that is to be made into rows, with all that takes; it can be sent to another process.

    `units` holds `UNIT_COLUMNS` by submission, `reviewed` what is said of reviewed rows, `remarks` what was typed into its
    rows of 退回修改清单; `first` says, for each of `sheets`, how many rows stand above.
    """

    piece: Piece
    units: Mapping[int, tuple[str, ...]]
    reviewed: Said | None
    remarks: Mapping[int, Mapping[int, Remark]]
    sheets: Sequence[PrintedTable]
    first: Sequence[int]
    inks: Mapping[str, Ink]


def sheets(c: Consolidation) -> list[PrintedTable]:
    """预算执行, 指标明细, 复核差异, 问题清单 and 退回修改清单, without their values."""
    nothing = Piece(0, [], c.between.iloc[:0], c.claims.iloc[:0])
    hints = {
        BUDGET_ROWS: "合计行是单位填的合计；“其中”各行已含在上一行里，不再相加。",
        DIFFERENCES: "差异说明自评与规则不一致，不等于自评有错；由复核人员判断。",
    }
    return [
        PrintedTable(
            title, fields, count=int(sum(count)), hint=hints.get(title, ""), frozen=2 if title == RETURNED else 1, printed=_printed(title, fields)
        )
        for (title, fields), count in zip(_fields(nothing, {}, said_of_rows(c), {}), _counts(c), strict=True)
    ]


def _printed(title: str, fields: Sequence[Field]) -> int:
    """指标明细 goes on paper up to the sentence behind the score; what else a row says is read on the screen."""
    return 1 + [field.title for field in fields].index(EXPLANATION.title) if title == INDICATOR_ROWS else 0


def _counts(c: Consolidation) -> list[list[int]]:
    """How many rows of each long sheet each submission has, in order; those without a submission come behind the last."""
    issues, back = c.tally, c.tally[goes_back(c.tally)]
    tables = [
        (c.facts["submission"], c.facts["budget_rows"]),
        (c.facts["submission"], c.facts["indicator_rows"]),
        (c.kinds["submission"], c.kinds["count"]),
        (issues["submission"], issues["count"]),
        (back["submission"], back["count"]),
    ]
    last = len(c.units)
    return [
        np.bincount(np.where(n < 0, last, n).astype("int64"), counts.astype("float64"), minlength=last + 1).astype("int64").tolist()
        for n, counts in tables
    ]


def links(c: Consolidation, sheets: Sequence[PrintedTable]) -> dict[str, list[str]]:
    """Per submission the cell of its first row in 指标明细 and in 问题清单; "" without one."""
    found = {}
    for sheet, counts in zip(sheets, _counts(c), strict=True):
        above = accumulate(counts, initial=0)
        found[sheet.title] = [sheet.cell(first) if count else "" for first, count in zip(above, counts[:-1], strict=False)]
    return {"indicators": found[INDICATOR_ROWS], "issues": found[ISSUES]}


def plans(c: Consolidation, sheets: Sequence[PrintedTable], inks: Mapping[str, Ink], remarks: Mapping[int, Mapping[int, Remark]]) -> Iterator[Plan]:
    """The long tables piece by piece."""
    above = [list(accumulate(counts, initial=0)) for counts in _counts(c)]
    shown = c.units.assign(authority=authorities(c))
    units = list(zip(*(shown[name].tolist() for name in UNIT_COLUMNS), strict=True))
    said = said_of_rows(c)
    for piece in c.pieces():
        own = {piece.first + i: unit for i, unit in enumerate(units[piece.first : piece.first + len(piece.rows)])}
        typed = {n: remarks[n] for n in own if n in remarks}
        reviewed = None if said is None else {n: said[n] for n in own if n in said}
        yield Plan(piece, own, reviewed, typed, sheets, [starts[piece.first] for starts in above], inks)


def rows_of_piece(plan: Plan) -> list[tuple[str, PackedRows]]:
    """The packed rows of a piece, each with the title of the sheet they go to."""
    made: list[tuple[str, PackedRows]] = []
    for sheet, (_, fields), first in zip(plan.sheets, _fields(plan.piece, plan.units, plan.reviewed, plan.remarks), plan.first, strict=True):
        made.extend(packed_pages(sheet, fields, first, plan.inks))
    return made


def _fields(
    piece: Piece, units: Mapping[int, tuple[str, ...]], reviewed: Said | None, remarks: Mapping[int, Mapping[int, Remark]]
) -> list[tuple[str, list[Field]]]:
    """The long sheets in order: title and columns with the values of a piece."""
    budget, indicators, review, issues = piece.tables("budget", "indicators", "review", "issues")
    of = Units(units)
    return [
        (BUDGET_ROWS, budget_fields(budget, of)),
        (INDICATOR_ROWS, indicator_fields(indicators, of)),
        (DIFFERENCES, review_fields(review, of, reviewed)),
        (ISSUES, issue_fields(issues, of)),
        (RETURNED, returned_fields(issues[goes_back(issues)], of, reviewed, remarks)),
    ]
