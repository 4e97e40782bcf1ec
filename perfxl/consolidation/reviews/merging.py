"""What holds of all that was ever said in a review: what is kept, and the lines handed in now.

A line says something where it differs from what was filled in when its sheet was written. So a sheet that comes back untouched, or
an old one that comes back once more, changes nothing; a blank where something stood takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from perfxl.consolidation.reviews.record import CELLS, NO, NUMBERS, TITLES, TYPED, YES, Change, Doubt, Review, figure, same, typed_digest
from perfxl.consolidation.submissions import day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from perfxl.consolidation.reviews.record import Line, Place

ASKED = "?"
"""What stands for the digest of what was filled in where the sheet asks which of two numbers holds."""
NEW, CHANGED, TAKEN_BACK, CONFIRMED, CONTRADICTED = "新增", "修改", "撤回", "确认", "冲突"


@dataclass(slots=True)
class Standing:
    """Reviews by what they are bound to, withdrawn ones too (all blank), and each change in order."""

    reviews: dict[Place, Review] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    problems: list[Doubt] = field(default_factory=list)
    fresh: int = 0
    """Changes that this run brought."""


def merged(
    kept: Iterable[Review], log: Sequence[Change], lines: Iterable[Line], moved: Callable[[str, str], str], files: Callable[[str], str] = lambda _: ""
) -> Standing:
    """What holds now. `moved` gives the item of today for the item and content of then, `files` the SHA-256 of a content."""
    held = Standing(log=list(log))
    for review in kept:
        _keep(held, replace(review, item=moved(review.item, review.content)))
    groups: dict[Place, list[Line]] = {}
    for line in lines:
        item = moved(line.key.item, line.key.content)
        key = replace(line.key, item=item)
        groups.setdefault(key.place, []).append(replace(line, key=key))
    seen: dict[Place, set[str]] = {}
    for change in log:
        seen.setdefault((moved(change.item, ""), change.identity, change.nth), set()).update(change.said.split())
    for place, group in groups.items():
        _Merging(held, place, group, seen.get(place, set()), files).decide()
    held.fresh = len(held.log) - len(log)
    return held


def _keep(held: Standing, review: Review) -> None:
    """Put a review where it belongs; two that have come to stand on one row and differ contradict each other."""
    before = held.reviews.get(review.place)
    if before is None or before.blank:
        held.reviews[review.place] = review
    elif not review.blank and review.numbers != before.numbers:
        why = f"{before.file or '台账'}：{before.words}；{review.file or '台账'}：{review.words}"
        held.reviews[review.place] = replace(before, conflict=why)


class _Merging:
    """The lines about one row."""

    def __init__(self, held: Standing, place: Place, lines: Sequence[Line], seen: set[str], files: Callable[[str], str]) -> None:
        self.held, self.place, self.lines, self.seen, self.files = held, place, lines, seen, files
        standing = [at for line in lines if (at := line.key.origin_place) is not None and at in held.reviews and not held.reviews[at].blank]
        self.at: Place = standing[0] if standing and place not in held.reviews else place
        self.current = held.reviews.get(self.at)

    def decide(self) -> None:
        """Take in what they say, unless they contradict each other."""
        if self.current is not None and self.current.conflict:
            asked = [line for line in self.lines if line.key.base == ASKED]
            answered = [line for line in asked if any(line.typed.get(name) for name in NUMBERS)]
            if asked and not answered:
                return
            self.lines = answered or self.lines
        said = [(line, values) for line in self.lines if (values := self._values(line)) and self._says(line, values)]
        bases = {line.key.base for line, values in said if typed_digest(values) != line.key.base}
        # A line whose sheet was written from what another line says comes after it.
        said = [(line, values) for line, values in said if typed_digest(values) not in bases or typed_digest(values) == line.key.base]
        numbered = {_figures(values) for _, values in said if any(values[name] for name in NUMBERS)}
        if len(numbered) > 1:
            self._contradicted([(line, values) for line, values in said if any(values[name] for name in NUMBERS)])
        elif said:
            self._taken(said, numbered)
        self._confirm()

    def _values(self, line: Line) -> dict[str, str]:
        """What is typed; a column that the sheet lacks says what is kept."""
        kept = {name: getattr(self.current, name) if self.current is not None else "" for name in TYPED}
        return kept | dict(line.typed)

    def _says(self, line: Line, values: Mapping[str, str]) -> bool:
        """Whether a line is a statement at all."""
        current, digest = self.current, typed_digest(values)
        if current is None:
            untouched = digest == line.key.base
            return digest != "-" and not (untouched and self.seen) and f"{line.key.book}:{digest}" not in self.seen
        if current.book == line.key.book:
            # The sheet this was last typed into: what it says now holds, blanks too; only a copy that nobody touched says nothing.
            return digest in ("-", current.digest) or digest != line.key.base or current.home == line.home
        if f"{line.key.book}:{digest}" in self.seen:
            return False
        return digest != line.key.base

    def _taken(self, said: Sequence[tuple[Line, dict[str, str]]], numbered: set[tuple[str, ...]]) -> None:
        """One statement: of those with the number the one that says something new, the latest, the first."""
        wanted = [(line, values) for line, values in said if not numbered or _figures(values) in numbered]
        digest = self.current.digest if self.current is not None and not self.current.conflict else ""
        new = [(line, values) for line, values in wanted if typed_digest(values) != digest]
        if not new:
            return
        line, values = max(new, key=lambda pair: (day_of(pair[1]["day"]), sum(map(bool, pair[1].values()))))
        if self._older(line, values):
            return
        self._put(line, values)

    def _older(self, line: Line, values: Mapping[str, str]) -> bool:
        """A sheet that was not written from what holds now does not replace a later date."""
        current = self.current
        if current is None or current.conflict or current.book == line.key.book or line.key.base == current.digest:
            return False
        day, standing = day_of(values["day"]), day_of(current.day)
        if not (day and standing and day < standing):
            return False
        details = {"day": day, "standing": standing, "level3": line.cells.get("level3", "")}
        value = values["review_score"] or values["review_actual"]
        self.held.problems.append(Doubt("review-older", line.file, line.cell("day"), value, line.cells.get("unit_name", ""), details))
        return True

    def _put(self, line: Line, values: Mapping[str, str], conflict: str = "") -> None:
        before = self.current
        moves = self.at == self.place or before is None
        texts: dict[str, Any] = {name: line.cells.get(name, "") if moves else getattr(before, name) for name in CELLS}
        texts |= {name: values[name] for name in TYPED}
        item, identity, nth = self.at
        review = Review(
            item=item,
            identity=identity,
            nth=nth,
            of=line.key.of if moves or before is None else before.of,
            content=line.key.content,
            **texts,
            conflict=conflict,
            book=line.key.book,
            file=line.file,
            line=line.number,
            columns=line.columns,
        )
        self.held.reviews[self.at] = self.current = review
        state = CONTRADICTED if conflict else TAKEN_BACK if not review.reviewed else CHANGED if before is not None and before.reviewed else NEW
        if review.reviewed or (before is not None and before.reviewed) or conflict:
            self._note(f"{line.key.book}:{review.digest}", before, review, state)

    def _note(self, said: str, before: Review | None, after: Review, state: str) -> None:
        self.held.log.append(
            Change(
                len(self.held.log) + 1,
                *after.place,
                said,
                day_of(after.day) or after.day,
                self.files(after.content),
                after.unit_name,
                after.project,
                after.level3,
                "" if before is None else before.conflict or before.words,
                after.conflict or after.words,
                after.reason,
                after.by,
                state,
            )
        )

    def _contradicted(self, said: Sequence[tuple[Line, dict[str, str]]]) -> None:
        ordered = sorted(said, key=lambda pair: (pair[0].file, pair[0].number))
        why = "；".join(f"{line.file} 第{line.number}行：{_words(values)}" for line, values in ordered)
        if self.current is None or self.current.conflict != why:
            self._put(*ordered[0], conflict=why)
            said_by = " ".join(f"{line.key.book}:{typed_digest(values)}" for line, values in ordered)
            self.held.log[-1] = replace(self.held.log[-1], said=said_by)

    def _confirm(self) -> None:
        """Bind the review of an earlier content of the row to what it is now, where a person said 是."""
        for line in self.lines:
            if line.key.origin and same(line.confirm) not in ("", YES, NO):
                details = {"level3": line.cells.get("level3", ""), "column": TITLES["confirm"], "words": YES}
                where = (line.file, line.cell("confirm"), line.confirm, line.cells.get("unit_name", ""))
                self.held.problems.append(Doubt("review-word-unknown", *where, details))
            if same(line.confirm) == YES and self.current is not None and not self.current.blank and line.key.origin_place == self.at:
                before = self.current
                cells = {name: line.cells.get(name, getattr(before, name)) for name in CELLS}
                if self.at == self.place and cells == before.cells and line.key.of == before.of:
                    continue
                item, identity, nth = self.place
                review = replace(
                    before,
                    item=item,
                    identity=identity,
                    nth=nth,
                    of=line.key.of,
                    content=line.key.content,
                    **cells,
                    book=line.key.book,
                    file=line.file,
                    line=line.number,
                    columns=line.columns,
                )
                del self.held.reviews[self.at]
                self.held.reviews[self.place] = self.current = review
                self.at = self.place
                self._note(f"{line.key.book}:{review.digest}", before, review, CONFIRMED)


def _figures(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(figure(values[name]) for name in NUMBERS)


def _words(values: Mapping[str, str]) -> str:
    return "，".join(f"{word}{values[name]}" for name, word in zip(NUMBERS, ("完成值", "得分"), strict=True) if values[name])
