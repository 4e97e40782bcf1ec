"""The long sheets a piece at a time: how many rows each will have, where a piece's rows begin, and the rows as packed XML."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from perfxl.consolidation.facts import goes_back
from perfxl.consolidation.records import PIECE, Piece
from perfxl.consolidation.remarks import RETURNED
from perfxl.consolidation.shelf import LONG
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
from perfxl.workbook.consolidated.table import Field, PrintedTable, packed_spans
from perfxl.workbook.consolidated.view import authorities
from perfxl.workbook.rows import PackedRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from perfxl.consolidation.ledger import Ledger
    from perfxl.consolidation.records import Consolidation, Map
    from perfxl.consolidation.remarks import Remark
    from perfxl.workbook.consolidated.reviews import Said
    from perfxl.workbook.rows import Ink


Pages = list[tuple[str, PackedRows]]
"""Packed rows, each with the title of the sheet they go to."""


@dataclass(frozen=True, slots=True)
class Bunch:
    """Consecutive submissions whose rows are packed together: `spans` says for each sheet how many rows stand above and how many are theirs."""

    numbers: range
    spans: list[tuple[int, int]]
    key: str
    """A fingerprint of all that their rows are made of, but for the place."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Groups that are to be made into rows, with all that takes; it can be sent to another process.

    `piece` holds their long tables, `units` `UNIT_COLUMNS` by submission, `reviewed` what is said of reviewed rows, and `remarks`
    what was typed into their rows of 退回修改清单.
    """

    groups: Sequence[Bunch]
    piece: Piece
    units: Mapping[int, tuple[str, ...]]
    reviewed: Said | None
    remarks: Mapping[int, Mapping[int, Remark]]
    sheets: Sequence[PrintedTable]
    inks: Mapping[str, Ink]


def sheets(c: Consolidation) -> list[PrintedTable]:
    """预算执行, 指标明细, 复核差异, 问题清单 and 退回修改清单, without their values."""
    nothing = Piece([], [], c.between.iloc[:0], c.claims.iloc[:0])
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rows of the long sheets are made of, and who may remember them."""

    c: Consolidation
    sheets: Sequence[PrintedTable]
    inks: Mapping[str, Ink]
    remarks: Mapping[int, Mapping[int, Remark]]
    ledger: Ledger | None = None


def rows(asked: Asked, run: Map) -> Iterator[tuple[int, Pages]]:
    """The rows of the long sheets in order, group by group, each with how many submissions are done; shared out by `run`.

    A group whose rows the ledger knows is not made again, wherever it stands now.
    """
    handed: deque[list[tuple[Bunch, Pages | None]]] = deque()

    def plans() -> Iterator[Plan]:
        units, said = _unit_rows(asked.c), said_of_rows(asked.c)
        for batch in _batches((group, _known(asked, group)) for group in _bunches(asked, units, said)):
            handed.append(batch)
            yield _plan(asked, units, said, [group for group, known in handed[-1] if known is None])

    for made in run(rows_of_plan, plans()):
        following, fresh = iter(made), {}
        for group, known in handed.popleft():
            pages = known
            if pages is None:
                pages = fresh[group.key] = next(following)
            yield group.numbers.stop, pages
        _keep(asked, fresh)


def _unit_rows(c: Consolidation) -> list[tuple[str, ...]]:
    shown = c.units.assign(authority=authorities(c))
    return list(zip(*(shown[name].tolist() for name in UNIT_COLUMNS), strict=True))


FURTHEST = 3 * PIECE
"""Submissions that are gone through for one plan: the rows of those that are known wait in memory for it."""
BUNCH = 4
"""Submissions of a group on average: many cost more when one of them changes, few cost space in the file."""


def _bunches(asked: Asked, units: Sequence[tuple[str, ...]], said: Said | None) -> Iterator[Bunch]:
    """All submissions in groups, cut where an item's key says so: one submission more or less moves no other cut."""
    c, counts = asked.c, _counts(asked.c)
    above = [list(accumulate(of_sheet, initial=0)) for of_sheet in counts]
    titles, place = [sheet.title for sheet in asked.sheets], asked.ledger.place if asked.ledger is not None else ""
    facts = hashlib.sha256(repr([place, titles, sorted(asked.inks.items()), said is None]).encode())
    between, claims = _lines_of(c.between, len(units)), _lines_of(c.claims, len(units))
    first, last = 0, len(units)
    for end in range(1, max(last, 1) + 1):
        if end < last and zlib.crc32(units[end - 1][-1].encode("utf-8", "replace")) % BUNCH:
            continue
        numbers, digest = range(first, min(end, last)), facts.copy()
        for n in numbers:
            digest.update(c.rows.take(c.order[n]))
            reviewed = sorted((said or {}).get(n, {}).items())
            digest.update(repr((units[n], between[n], claims[n], reviewed, asked.remarks.get(n))).encode("utf-8", "surrogatepass"))
        # What has no submission stands behind the last of them.
        behind = 1 if end >= last else 0
        digest.update(repr(between[last] if behind else None).encode("utf-8", "surrogatepass"))
        yield Bunch(numbers, [(starts[first], starts[numbers.stop + behind] - starts[first]) for starts in above], f"rows {digest.hexdigest()}")
        first = end


def _lines_of(frame: pd.DataFrame, count: int) -> list[list[tuple[object, ...]]]:
    """The rows of each submission in a frame, without its number; those without a submission come last."""
    found: list[list[tuple[object, ...]]] = [[] for _ in range(count + 1)]
    values = zip(*(frame[name].tolist() for name in frame if name != "submission"), strict=True)
    for number, row in zip(frame["submission"].tolist(), values, strict=False):
        found[number if number >= 0 else count].append(row)
    return found


def _batches(groups: Iterable[tuple[Bunch, Pages | None]]) -> Iterator[list[tuple[Bunch, Pages | None]]]:
    """Groups for one process at a time: a plan costs as much as the rows of four submissions, so those to be made come together."""
    batch: list[tuple[Bunch, Pages | None]] = []
    due = 0
    for group, known in groups:
        batch.append((group, known))
        due += len(group.numbers) if known is None else 0
        if due >= PIECE or group.numbers.stop - batch[0][0].numbers.start >= FURTHEST:
            yield batch
            batch, due = [], 0
    if batch:
        yield batch


def _plan(asked: Asked, units: Sequence[tuple[str, ...]], said: Said | None, groups: list[Bunch]) -> Plan:
    c, numbers = asked.c, [n for group in groups for n in group.numbers]
    whole = {*numbers, -1} if groups and groups[-1].numbers.stop == len(units) else set(numbers)
    between, claims = (frame[frame["submission"].isin(whole)] for frame in (c.between, c.claims))
    piece = Piece(numbers, [c.rows.take(c.order[n]) for n in numbers], between, claims)
    remarks = {n: asked.remarks[n] for n in numbers if n in asked.remarks}
    reviewed = None if said is None else {n: said[n] for n in numbers if n in said}
    return Plan(groups, piece, {n: units[n] for n in numbers}, reviewed, remarks, asked.sheets, asked.inks)


def rows_of_plan(plan: Plan) -> list[Pages]:
    """The packed rows of each group."""
    made: list[Pages] = [[] for _ in plan.groups]
    if plan.groups:
        for at, (sheet, (_, fields)) in enumerate(zip(plan.sheets, _fields(plan.piece, plan.units, plan.reviewed, plan.remarks), strict=True)):
            for pages, more in zip(made, packed_spans(sheet, fields, plan.inks, [group.spans[at] for group in plan.groups]), strict=True):
                pages.extend(more)
    return made


# rows of an earlier run, where every sheet has one page


def _known(asked: Asked, group: Bunch) -> Pages | None:
    packed = asked.ledger.known(group.key) if asked.ledger is not None and _short(asked.sheets) else None
    with suppress(msgspec.DecodeError):
        return msgspec.msgpack.decode(packed or b"", type=Pages)
    return None


def _keep(asked: Asked, fresh: Mapping[str, Pages]) -> None:
    if asked.ledger is not None and _short(asked.sheets):
        asked.ledger.keep({key: msgspec.msgpack.encode(pages) for key, pages in fresh.items()})


def _short(sheets: Sequence[PrintedTable]) -> bool:
    return all(len(sheet.pages()) == 1 for sheet in sheets)


def _fields(
    piece: Piece, units: Mapping[int, tuple[str, ...]], reviewed: Said | None, remarks: Mapping[int, Mapping[int, Remark]]
) -> list[tuple[str, list[Field]]]:
    """The long sheets in order: title and columns with the values of a piece."""
    budget, indicators, review, issues = piece.columns("budget", "indicators", "review", "issues")
    back, of = goes_back(issues), Units(units)
    returned = {name: list(compress(issues[name], back)) for name in LONG["issues"]}
    return [
        (BUDGET_ROWS, budget_fields(budget, of)),
        (INDICATOR_ROWS, indicator_fields(indicators, of)),
        (DIFFERENCES, review_fields(review, of, reviewed)),
        (ISSUES, issue_fields(issues, of)),
        (RETURNED, returned_fields(returned, of, reviewed, remarks)),
    ]
