"""A form laid out as a submission: the tables of an intake with the form's own cells, and an issue for every doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms import words
from perfxl.intake.forms.doubts import Doubts, bare
from perfxl.intake.forms.facts import read_facts
from perfxl.intake.forms.grid import plain
from perfxl.intake.forms.kinds import size_of
from perfxl.intake.forms.lines import Funds, goals
from perfxl.intake.forms.management import data_head, data_rows, management_head, management_rows
from perfxl.intake.forms.marks import origin_of
from perfxl.intake.forms.recognised import recognised
from perfxl.intake.forms.rows import FIELDS, Indicators, read_indicators, share_of
from perfxl.intake.submission import FormRead, Place, Submission, text_of
from perfxl.model import Kind
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, UNIT
from perfxl.values.execution import is_execution

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form
    from perfxl.intake.forms.facts import Facts

_TOTALS = {
    "表头的自评总分与总分行": "The total in the head and the row of totals",
    "印出的总分与各行得分之和": "The printed total and the sum of the rows",
    "两行总分": "Two rows of totals",
    "预算执行得分在两行里": "The scores of budget execution on two lines",
    "预算执行的分值在两行里": "The points of budget execution on two lines",
}


def submission_of(form: Form, source: str, sha256: str, number: int = 0) -> Submission:
    """One form as a submission. `source` is the file's name for messages; its part is where the form stands in the file."""
    return _Laying(form, Submission(number, source, sha256)).laid()


class _Laying(Doubts):
    """One form on its way to a submission."""

    def __init__(self, form: Form, made: Submission) -> None:
        self.form, self.grid, self.made = form, form.grid, made
        self.facts: Facts = read_facts(form, made.source)
        self._of_the_year()
        self.funds = Funds(form)
        below = range(form.funds.first, self.funds.last + 1) if form.funds and form.funds.first > form.heads[0].first else range(0)
        self.found: Indicators = read_indicators(form, below)
        self.goals = goals(form)
        self.management = management_head(form)
        managed = management_rows(form, self.management) if self.management else []
        self.found.rows[:0] = managed
        self.managed = [row.number for row in managed]
        self.of_execution = None

    def _of_the_year(self) -> None:
        """Of columns that differ by their year the one of the form's year; none where no column is of it. The actual of the year before is kept."""
        year = self.facts.values.get("fiscal_year")
        for head in (*self.form.heads, *([self.form.funds] if self.form.funds else [])):
            for name, dated in head.dated.items():
                if len(dated) < 2:
                    continue
                del head.columns[name], head.ends[name]
                for said, column in dated.items():
                    head.unknown[column] = self.grid.text(head.last, column)
                    field = name if said == year else "last_actual" if (name, said + 1) == ("actual", year) else ""
                    if field and field not in head.columns:
                        head.put(field, column, column, head.unknown.pop(column))

    def laid(self) -> Submission:
        made, grid, head = self.made, self.grid, self.form.heads[0]
        made.part, made.origin = self.form.part, origin_of(grid)
        made.fields = {name: value for name, value in self.facts.values.items() if name in UNIT.by_name}
        made.places[UNIT.name] = Place(grid.name, self.form.first, {n: grid.address(*at) for n, at in self.facts.cells.items() if n in UNIT.by_name})
        cells = {FIELDS.get(n, n): grid.column_name(c) for n, c in head.columns.items() if FIELDS.get(n, n) in INDICATORS.by_name}
        if "claimed_score" not in cells and "part_score" in head.columns:
            cells["claimed_score"] = grid.column_name(head.columns["part_score"])
        made.places[INDICATORS.name] = Place(grid.name, head.last, cells)
        if self.management is not None:
            names = {"statement": "actual", "weight": "weight", "score": "claimed_score", "reason": "reason"}
            other = {names[n]: grid.column_name(c) for n, c in self.management.columns.items()} | {"level3": grid.column_name(self.form.left + 1)}
            made.places[INDICATORS.name].other = dict.fromkeys(self.managed, other)
        made.rows[INDICATORS.name] = self.found.rows
        if self.form.funds is not None:
            named = {("claimed_score" if n == "score" else n): grid.column_name(c) for n, c in self.form.funds.columns.items()}
            item = grid.column_name(min(self.form.funds.columns.values()) - 1) if min(self.form.funds.columns.values()) > 1 else ""
            cells = {n: c for n, c in named.items() if n in BUDGET.by_name} | ({"item": item, "kind": item} if item else {})
            made.places[BUDGET.name] = Place(grid.name, self.form.funds.last, cells)
            made.rows[BUDGET.name] = self.funds.rows
        if self.form.goals is not None:
            columns = self.form.goals.columns
            at = {"expected": columns.get("adjusted", columns.get("expected", 1)), "achieved": columns["achieved"]}
            made.places[GOALS.name] = Place(grid.name, self.form.goals.last, {n: grid.column_name(c) for n, c in at.items()})
            made.rows[GOALS.name] = self.goals
        if (data := data_head(self.form)) is not None:
            made.places[MANAGEMENT.name] = Place(grid.name, data.last, {n: grid.column_name(c) for n, c in data.columns.items()})
            made.rows[MANAGEMENT.name] = data_rows(self.form, data)
        if grid.word:
            self._numbers()
        self._percent_points()
        self._total()
        self._execution_points()
        self._execution_row()
        self.ask()
        made.form = FormRead(
            self.form.title.strip(),
            "、".join(re.sub(r"\s+", "", said) for said in head.titles.values()),
            tuple(f"{_TITLES.get(n, n)}：{v}（{s}）" for n, v, s in self.facts.assumed),
            recognised(self.form, self.facts, self.funds, self.goals, self.found),
        )
        self.issue(
            "form-read",
            self.head_at,
            self.form.title.strip() or None,
            title=self.form.title.strip() or "无标题",
            lines=len(self.found.rows),
            part=self.form.part,
        )
        return made

    def _numbers(self) -> None:
        """Numbers of a Word table, where every cell is a text."""
        for table in (BUDGET, INDICATORS, MANAGEMENT):
            names = [c.name for c in table.columns if c.kind in (Kind.MONEY, Kind.POINTS, Kind.NUMBER)]
            for row in self.made.rows.get(table.name, ()):
                row.values.update({n: size_of(v) for n in names if isinstance(v := row.values.get(n), str) and bare(v)})

    # totals and points

    def _percent_points(self) -> None:
        """分值 written as shares of 100 % throughout (with those of execution, or 90 % without) are points; said once."""
        lines = [*self.found.rows, *([self.funds.total] if self.funds.total else [])]
        typed = [(line, line.values.get("weight")) for line in lines if line.values.get("weight") is not None]
        shares = [(line, share) for line, said in typed if (share := share_of(said)) is not None]
        of_funds = sum(float(said) for _, said in typed if share_of(said) is None and isinstance(said, int | float))
        rows = [line for line, _ in shares if line in self.found.rows]
        points = sum(share for _, share in shares)
        if not rows or any(line in self.found.rows for line, said in typed if share_of(said) is None):
            return
        alone = self.funds.total is None or self.funds.total.values.get("weight") is None
        if round(points + of_funds, 6) != 100 and not (alone and round(points, 6) == 90):
            return
        for line, share in shares:
            line.values["weight"] = share
        if self.found.total is not None and (whole := share_of(self.found.total.weight)) is not None:
            self.found.total.weight = whole
        at = self.form.heads[0].columns.get("weight", self.form.left)
        self.issue("form-points-percent", (self.form.heads[0].last, at), total=text_of(points))

    def _total(self) -> None:
        total, made = self.found.total, self.made
        claimed = made.fields.get("claimed_total")
        if total is not None and total.score is not None:
            if claimed is not None and _differ(claimed, total.score):
                self._differs("表头的自评总分与总分行", self.facts.cells.get("claimed_total"), claimed, total.score)
            made.fields["claimed_total"] = total.score
            if total.score_at is not None:
                made.places[UNIT.name].cells["claimed_total"] = self.grid.address(*total.score_at)
        self._totals()
        if total is not None and total.grade:
            made.fields.setdefault("claimed_grade", total.grade)
        if (grade := words.GRADES.get(plain(text_of(made.fields.get("claimed_grade"))))) is not None:
            made.fields["claimed_grade"] = grade
        elif any(word in text_of(made.fields.get("claimed_grade")) for word in words.NO_GRADE):
            made.fields.pop("claimed_grade")
        score = made.fields.get("claimed_total")
        parts = [r.values.get("claimed_score") for r in self.found.rows]
        spent = self.funds.total.values.get("claimed_score") if self.funds.total else None
        whole = all(isinstance(p, int | float) for p in parts) and parts and not self.found.shared_scores
        if whole and isinstance(score, int | float) and isinstance(spent, int | float):
            summed = round(sum(float(p) for p in parts if isinstance(p, int | float)) + float(spent), 6)
            without = round(summed - float(spent), 6)
            if round(float(score), 6) != summed and not (round(float(score), 6) == without and self._points_without_execution()):
                at = total.score_at if total else self.facts.cells.get("claimed_total")
                self._differs("印出的总分与各行得分之和", at, score, summed)

    def _differs(self, what: str, at: tuple[int, int] | None, here: object, there: object) -> None:
        self.issue("form-total-differs", at, here, what=what, what_en=_TOTALS[what], here=text_of(here), there=text_of(there))

    def _totals(self) -> None:
        """Two rows that both could be the total: of the same points, or neither with any."""
        chosen = self.found.total
        for total in self.found.totals:
            if (
                chosen is not None
                and total is not chosen
                and total.score is not None
                and total.weight == chosen.weight
                and _differ(total.score, chosen.score)
            ):
                self._differs("两行总分", total.score_at, total.score, chosen.score)

    def _points_without_execution(self) -> bool:
        """Whether the rows carry the full total by themselves, as some published forms do."""
        weights = [r.values.get("weight") for r in self.found.rows]
        return all(isinstance(w, int | float) for w in weights) and round(sum(float(w) for w in weights if isinstance(w, int | float)), 6) == 100

    def _execution_points(self) -> None:
        """Points of 预算执行 stand on the total line alone: those repeated on lines below are left out, other ones are asked about."""
        total = self.funds.total
        if total is None:
            return
        lines = [r for r in self.funds.rows if r is not total]
        weighted = [r for r in lines if isinstance(r.values.get("weight"), int | float)]
        if total.values.get("weight") is None and len(weighted) == 1:
            total.values["weight"], total.values["claimed_score"] = (
                weighted[0].values["weight"],
                total.values.get("claimed_score") or weighted[0].values.get("claimed_score"),
            )
        column = self.form.funds.columns.get("score") if self.form.funds else None
        for line in lines:
            score, own = line.values.get("claimed_score"), total.values.get("claimed_score")
            points, whole = line.values.get("weight"), total.values.get("weight")
            repeated = points == whole
            if not repeated and isinstance(points, int | float) and isinstance(whole, int | float):
                at = (line.number, self.form.funds.columns["weight"]) if self.form.funds else None
                self._differs("预算执行的分值在两行里", at, points, whole)
            if repeated and score is not None and own is not None and _differ(score, own) and column:
                self._differs("预算执行得分在两行里", (line.number, column), score, own)
            line.values["weight"] = line.values["claimed_score"] = None

    def _execution_row(self) -> None:
        """A row of execution among the indicators whose points reach the full total with it: its points are those of 预算执行."""
        total, weights = self.funds.total, [r.values.get("weight") for r in self.found.rows]
        if total is None or total.values.get("weight") is not None or not all(isinstance(w, int | float) for w in weights if w is not None):
            return
        rows = [r for r in self.found.rows if is_execution(text_of(r.values.get("level3"))) and isinstance(r.values.get("weight"), int | float)]
        if len(rows) == 1 and round(sum(float(w) for w in weights if isinstance(w, int | float)), 6) == 100:
            row = rows[0]
            total.values["weight"], total.values["claimed_score"] = row.values["weight"], row.values.get("claimed_score")
            self.of_execution = row
            self.issue(
                "form-execution-row",
                (row.number, self.form.heads[0].columns["level3"]),
                row.values.get("level3"),
                points=text_of(row.values["weight"]),
            )


_TITLES = {name: column.title for name, column in UNIT.by_name.items()}


def _differ(one: object, other: object) -> bool:
    return abs(size_of(one) - size_of(other)) > 0.005


__all__ = ["submission_of"]
