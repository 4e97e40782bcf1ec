"""The rows of a submission that can be reviewed: its indicators, and the execution of its budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perfxl.consolidation import shelf
from perfxl.consolidation.reviews.record import CELLS, COMPUTED, Place, content_of, short
from perfxl.model.columns import BUDGET, INDICATORS
from perfxl.model.digits import plain
from perfxl.rules.budget import base_of
from perfxl.rules.frames import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from perfxl.consolidation.records import Consolidation

EXECUTION, EXECUTION_NAME = "预算执行", "预算执行率"


@dataclass(slots=True)
class Reviewable:
    """One row as it is now. `sheet_row` 0 is the execution of the budget; numbers are NaN where there is none."""

    submission: int
    item: str
    content: str
    unit_name: str
    project: str
    scheme: str
    sheet: str
    sheet_row: int
    level1: str
    level2: str
    level3: str
    operator: str
    target_text: str
    unit: str
    weight: float
    actual: str
    tier: str
    claimed: float
    score: float
    rule: str
    identity: str = ""
    nth: int = 1
    of: int = 1

    @property
    def place(self) -> Place:
        """What a review of it is bound to."""
        return self.item, self.identity, self.nth

    @property
    def cells(self) -> dict[str, str]:
        """The printed cells that tell the row, as texts."""
        return {name: number(self.weight) if name == "weight" else getattr(self, name) for name in CELLS}

    @property
    def points(self) -> dict[str, str]:
        """The printed points, as texts."""
        return {name: number(getattr(self, name)) for name in COMPUTED}


def number(value: float) -> str:
    """A number as the sheet shows it; "" where there is none."""
    return "" if value != value else plain(value)


@dataclass(slots=True)
class Sheets:
    """Whose sheets are called what: the titles of 预算执行 and 绩效指标 by submission; forms have one sheet for both."""

    budget: Mapping[int, str]
    indicators: Mapping[int, str]


def sheets_of(anchors: Any) -> Sheets:
    """The titles as the workbooks have them."""
    if anchors is None or not len(anchors):
        return Sheets({}, {})
    numbers = anchors["submission"].tolist()
    return Sheets(*(dict(zip(numbers, anchors[name].tolist(), strict=True)) for name in ("budget_sheet", "indicators_sheet")))


def rows_of(c: Consolidation, numbers: Sequence[int], sheets: Sheets) -> Iterator[tuple[int, list[Reviewable]]]:
    """The rows of some submissions, execution first, each with its identity; `numbers` are those of `c.units`."""
    for unit in records(c.units.iloc[list(numbers)]):
        at = int(unit["submission"])
        rows = [_execution(unit, c, sheets), *_indicators(unit, shelf.unpacked(c.rows.take(c.order[at]), "indicators"), sheets)]
        _tell_apart(rows)
        yield at, rows


def _own(unit: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "submission": int(unit["submission"]),
        "item": str(unit["unit_key"]),
        "content": content_of(str(unit["sha256"]), str(unit["part"])),
        "unit_name": str(unit["name"]),
        "project": str(unit["project"] or unit["project_code"]),
        "scheme": str(unit["scheme"]),
    }


def _execution(unit: Mapping[str, Any], c: Consolidation, sheets: Sheets) -> Reviewable:
    base = float(unit[base_of(c.schemes[unit["scheme"]])])
    return Reviewable(
        **_own(unit),
        sheet=sheets.budget.get(int(unit["submission"]), BUDGET.sheet),
        sheet_row=0,
        level1=EXECUTION,
        level2="",
        level3=EXECUTION_NAME,
        operator="",
        target_text=number(base),
        unit="万元",
        weight=float(unit["execution_weight"]),
        actual=number(float(unit["executed"])),
        tier="",
        claimed=float(unit["execution_claimed"]),
        score=float(unit["execution_score"]),
        rule=EXECUTION,
    )


def _indicators(unit: Mapping[str, Any], tables: Mapping[str, Any], sheets: Sheets) -> Iterator[Reviewable]:
    columns = tables.get("indicators", {})
    own = _own(unit)
    sheet = sheets.indicators.get(own["submission"], INDICATORS.sheet)
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        yield Reviewable(
            **own,
            sheet=sheet,
            sheet_row=int(row["sheet_row"]),
            level1=row["block"] or row["level1"],
            level2=row["level2"],
            level3=row["level3"],
            operator=row["operator"],
            target_text=row["adjusted_target"] or row["target"],
            unit=row["unit"],
            weight=row["weight"],
            actual=row["actual"],
            tier=row["tier"],
            claimed=row["claimed_score"],
            score=row["score"],
            rule=row["rule"],
        )


def _tell_apart(rows: Sequence[Reviewable]) -> None:
    """The identity of each row; of equal ones, which it is, counted level by level so that moving rows about changes nothing."""
    equal: dict[str, list[Reviewable]] = {}
    for row in rows:
        row.identity = short(
            row.rule if row.rule == EXECUTION else "", row.level3, row.operator, row.target_text, row.unit, row.actual, row.tier, number(row.weight)
        )
        equal.setdefault(row.identity, []).append(row)
    for same in equal.values():
        for nth, row in enumerate(sorted(same, key=lambda r: (r.level1, r.level2, r.sheet_row)), 1):
            row.nth, row.of = nth, len(same)
