"""Where each review stands now: on the row it was made of, on that row as it was changed, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from perfxl.consolidation.items import Matter
from perfxl.consolidation.names import name_key
from perfxl.consolidation.reviews.record import CELLS, TITLES, Review, content_of, same
from perfxl.consolidation.reviews.rows import Reviewable
from perfxl.consolidation.submissions import code_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.settlement import Settlement


T = TypeVar("T", Review, Reviewable)


class Moves:
    """The item of today for the item of then.

    A review follows the content it was made of (the office may have said whose that is), else its item, else its unit by code or
    any of its names and its project by code or name.
    """

    def __init__(self, c: Consolidation, settled: Settlement) -> None:
        units = c.units
        self.items = dict(zip(units["unit_key"].tolist(), units["submission"].tolist(), strict=True))
        contents = map(content_of, units["sha256"].tolist(), units["part"].tolist())
        self.contents = dict(zip(contents, units["unit_key"].tolist(), strict=True))
        self.files = dict(zip(self.contents, units["sha256"].tolist(), strict=False))
        self.directory = settled.directory
        self._units: dict[str, set[str]] = {}
        self._projects: dict[tuple[str, str], set[str]] = {}
        for number, header in settled.headers.items():
            key = settled.keys[number]
            for word in filter(None, (code_key(header.code), name_key(header.name))):
                self._units.setdefault(word, set()).add(key.unit)
            for word in filter(None, (code_key(header.project_code), name_key(header.project))):
                self._projects.setdefault((key.unit, word), set()).add(key.project)
        self._known: dict[str, str] = {}

    def __call__(self, item: str, content: str) -> str:
        """The item now."""
        if content in self.contents:
            return str(self.contents[content])
        if item in self.items:
            return item
        if item not in self._known:
            self._known[item] = self._looked_up(item)
        return self._known[item]

    def _looked_up(self, item: str) -> str:
        unit, _, rest = item.partition("|")
        year, _, rest = rest.partition("|")
        matter, _, project = rest.partition("|")
        unit = self._unit(unit)
        if matter != Matter.WHOLE and project:
            found = self._projects.get((unit, project), set())
            project = next(iter(found)) if len(found) == 1 else project
        return f"{unit}|{year}|{matter}|{project}"

    def _unit(self, unit: str) -> str:
        code, _, name = unit.rpartition("·")
        for word in filter(None, (unit, code, name)):
            at = self.directory.looked_up(word)
            if len(at) == 1:
                return self.directory.members[at[0]].key
        found = set().union(*(self._units.get(word, set()) for word in filter(None, (unit, code, name))))
        return next(iter(found)) if len(found) == 1 else unit

    def taken_over(self, review: Review, row: Reviewable) -> str:
        """Whose name the row bears now, where the unit that was reviewed sends something of its own under its name; "" where it was renamed."""
        then, now = name_key(review.unit_name), name_key(row.unit_name)
        others = self._units.get(then, set()) - {row.item.partition("|")[0]}
        return f"单位原为“{review.unit_name}”，现为“{row.unit_name}”" if then != now and others and review.content != row.content else ""

    def expected(self, item: str, year: int) -> bool:
        """Whether this run should have the item: of its year, and of a unit that is on the roster or sent something."""
        unit, _, rest = item.partition("|")
        own_year = rest.partition("|")[0]
        if own_year and year and own_year != str(year):
            return False
        known = not self.directory.members or any(member.key == unit for member in self.directory.members)
        return known or any(unit in found for found in self._units.values())


@dataclass(slots=True)
class Placed:
    """A review and the row it stands on; `changed` says what differs from what the reviewer saw, "" where nothing does."""

    review: Review
    row: Reviewable | None
    changed: str = ""


def placed(reviews: Sequence[Review], rows: Sequence[Reviewable]) -> Iterator[Placed]:
    """Each review of one item on a row of its own, as far as there is one; by content, else by what is still the same."""
    free = {row.place: row for row in rows}
    left: list[Review] = []
    for review in reviews:
        row = free.get(review.place)
        if row is None:
            left.append(review)
        elif row.of != review.of:
            yield Placed(review, free.pop(review.place), f"内容相同的指标原有{review.of}行，现有{row.of}行")
        else:
            yield Placed(review, free.pop(review.place))
    for names in _ALIKE:
        rivals, rows_alike = _groups(left, names), _groups(free.values(), names)
        left = []
        for alike, same_reviews in rivals.items():
            same_rows = rows_alike.get(alike, [])
            if all(alike) and len(same_reviews) == len(same_rows) == 1:
                row = free.pop(same_rows[0].place)
                yield Placed(same_reviews[0], row, _differences(same_reviews[0], row))
            else:
                left.extend(same_reviews)
    yield from (Placed(review, None) for review in left)


_ALIKE = (
    ("level3", "level2", "target_text", "unit"),
    ("level3", "level2", "actual"),
    ("level3", "level2"),
    ("level3",),
    ("level2", "target_text", "unit", "actual"),
    ("level2", "target_text", "weight"),
)
"""What tells a changed row: from much that is still the same to little; a review is never put on one of several."""


def _groups(things: Iterable[T], names: Sequence[str]) -> dict[tuple[str, ...], list[T]]:
    found: dict[tuple[str, ...], list[T]] = {}
    for thing in things:
        cells = thing.cells
        found.setdefault(tuple(same(cells[name]) or name if name == "level2" else same(cells[name]) for name in names), []).append(thing)
    return found


def _differences(review: Review, row: Reviewable) -> str:
    """What the row says now, and what it said."""
    then, now = review.cells, row.cells
    changed = [
        f"{TITLES[name]}原为“{then[name]}”，现为“{now[name]}”"
        for name in CELLS
        if name not in ("unit_name", "project") and same(then[name]) != same(now[name])
    ]
    return "；".join(changed) or "完成等级有改动"
