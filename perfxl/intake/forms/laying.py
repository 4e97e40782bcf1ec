"""A form laid out as a submission: the tables of an intake with the form's own cells, and an issue for every doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms import words
from perfxl.intake.forms.blocks import INDICATORS as HEADS
from perfxl.intake.forms.facts import read_facts
from perfxl.intake.forms.grid import plain
from perfxl.intake.forms.kinds import size_of
from perfxl.intake.forms.lines import Funds, goals
from perfxl.intake.forms.management import data_head, data_rows, management_head, management_rows
from perfxl.intake.forms.marks import origin_of
from perfxl.intake.forms.recognised import recognised
from perfxl.intake.forms.rows import FIELDS, Indicators, read_indicators
from perfxl.intake.readers import CellError
from perfxl.intake.submission import FormRead, Place, Submission, text_of
from perfxl.model import Issue, Kind
from perfxl.model.addresses import split
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, UNIT
from perfxl.model.levels import LEVEL1_WORDS

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form
    from perfxl.intake.forms.facts import Facts

_DECIDING = frozenset({"operator", "target", "adjusted_target", "unit", "actual", "tier", "weight"})
"""Columns that stand once; a second 得分 is often the office's."""


def submission_of(form: Form, source: str, sha256: str, number: int = 0) -> Submission:
    """One form as a submission. `source` is the file's name for messages; its part is where the form stands in the file."""
    return _Laying(form, Submission(number, source, sha256)).laid()


class _Laying:
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

    def issue(self, code: str, at: tuple[int, int] | None, value: object = None, **details: str | float) -> None:
        row, column = split(self.grid.address(*at)) if at else (None, None)
        shown = None if value is None else text_of(value)[:200]
        self.made.issues.append(Issue(self.made.number, code, self.grid.name, row, column, shown, details))

    @property
    def head_at(self) -> tuple[int, int]:
        return self.form.title_at or (self.form.heads[0].first, self.form.left)

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
        self._total()
        self._execution_points()
        self._execution_row()
        self._errors()
        self._hidden()
        self._repeated()
        self._doubts()
        self._scheme()
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
                row.values.update({n: size_of(v) for n in names if isinstance(v := row.values.get(n), str) and _bare(v)})

    # totals and points

    def _total(self) -> None:
        total, made = self.found.total, self.made
        claimed = made.fields.get("claimed_total")
        if total is not None and total.score is not None:
            if claimed is not None and _differ(claimed, total.score):
                self.issue(
                    "form-total-differs",
                    self.facts.cells.get("claimed_total"),
                    claimed,
                    here=text_of(claimed),
                    there=text_of(total.score),
                    what="表头的自评总分与总分行",
                )
            made.fields["claimed_total"] = total.score
            if total.score_at is not None:
                made.places[UNIT.name].cells["claimed_total"] = self.grid.address(*total.score_at)
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
                self.issue("form-total-differs", at, score, here=text_of(score), there=text_of(summed), what="印出的总分与各行得分之和")

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
            repeated = line.values.get("weight") == total.values.get("weight")
            if repeated and score is not None and own is not None and _differ(score, own) and column:
                self.issue("form-total-differs", (line.number, column), score, here=text_of(score), there=text_of(own), what="预算执行得分在两行里")
            line.values["weight"] = line.values["claimed_score"] = None

    def _execution_row(self) -> None:
        """A row of execution among the indicators whose points reach the full total with it: its points are those of 预算执行."""
        total, weights = self.funds.total, [r.values.get("weight") for r in self.found.rows]
        if total is None or total.values.get("weight") is not None or not all(isinstance(w, int | float) for w in weights if w is not None):
            return
        rows = [
            r
            for r in self.found.rows
            if plain(text_of(r.values.get("level3"))) in words.EXECUTION_ROWS and isinstance(r.values.get("weight"), int | float)
        ]
        if len(rows) == 1 and round(sum(float(w) for w in weights if isinstance(w, int | float)), 6) == 100:
            row = rows[0]
            total.values["weight"], total.values["claimed_score"] = row.values["weight"], row.values.get("claimed_score")
            self.issue(
                "form-execution-row",
                (row.number, self.form.heads[0].columns["level3"]),
                row.values.get("level3"),
                points=text_of(row.values["weight"]),
            )

    # doubts

    def _errors(self) -> None:
        """Error values and formulas without a value are no content, and are said."""
        for table, rows in self.made.rows.items():
            place = self.made.places[table]
            for row in rows:
                for name, value in row.values.items():
                    if isinstance(value, CellError):
                        row.values[name] = None
                        self.made.issues.append(
                            Issue(
                                self.made.number,
                                "cell-error",
                                self.grid.name,
                                *place.at(name, row.number),
                                value.text,
                                {"v": value.text, "column": _title(table, name)},
                            )
                        )
        for at in filter(self._inside, sorted(self.grid.hollow)):
            self.issue("formula-without-value", at, column=self._column_title(at))
        for area in sorted({self.grid.area(*at) for at in filter(self._inside, self.grid.covered)}):
            self.issue("merged-extra-content", area[:2], range=self.grid.span(area))
        for at in filter(self._inside, self.grid.nested):
            self.issue("form-nested-table", at)

    def _hidden(self) -> None:
        """Hidden rows, columns and sheets with content: read, and named."""
        grid, head = self.grid, self.form.heads[0]
        if grid.hidden:
            self.issue("sheet-hidden", None, sheet=grid.name)
        rows = [str(row.number) for row in self.found.rows if row.number in grid.hidden_rows]
        columns = [grid.column_name(c) for c in sorted({*head.columns.values(), *head.unknown} & grid.hidden_columns)]
        told = [f"第{'、'.join(rows[:8])}行" * bool(rows), f"{'、'.join(columns[:8])}列" * bool(columns)]
        if rows or columns:
            at = (int(rows[0]), self.form.left) if rows else (head.last, min({*head.columns.values(), *head.unknown} & grid.hidden_columns))
            self.issue("rows-hidden", at, what="、".join(filter(None, told)))

    def _repeated(self) -> None:
        """A deciding column that stands twice with content: where the two differ neither is read."""
        grid = self.grid
        for head in self.form.heads:
            for other, title in head.unknown.items():
                name = HEADS.field(title) or ""
                if name not in _DECIDING or name not in head.columns or name in head.dated:
                    continue
                pairs = [(row, row.values.get(name), grid.own(row.number, other)) for row in self.found.rows if row.number > head.last]
                if not any(second is not None for *_, second in pairs):
                    continue
                differ = [row for row, first, second in pairs if text_of(first) != text_of(second)]
                for row in differ:
                    row.values[name] = None
                if differ:
                    cells = [grid.address(head.last, column) for column in (head.columns[name], other)]
                    veiled = [cell for cell, column in zip(cells, (head.columns[name], other), strict=True) if column in grid.hidden_columns]
                    hidden = f"（{'、'.join(veiled)}被隐藏）" if veiled else ""
                    self.issue("column-repeated", (head.last, other), column=INDICATORS.title(name), cells="、".join(cells), hidden=hidden)

    def _inside(self, at: tuple[int, int]) -> bool:
        return self.form.first <= at[0] <= self.form.last and self.form.left <= at[1] <= self.form.right

    def _column_title(self, at: tuple[int, int]) -> str:
        for head in (*self.form.heads, self.form.funds):
            if head is not None and head.last < at[0]:
                found = next((t for n, t in head.titles.items() if head.columns[n] == at[1]), "")
                if found:
                    return re.sub(r"\s+", "", found)
        return self.grid.address(*at)

    def _doubts(self) -> None:
        form, found, head = self.form, self.found, self.form.heads[0]
        rows = found.rows
        if form.funds is None:
            self.issue("form-part-missing", self.head_at, part="资金（预算数、执行数）")
        if rows and all(r.values.get("weight") is None for r in rows):
            self.issue("form-part-missing", None, part="各行指标的分值")
        named = any({"level1", "level2"} & head.columns.keys() for head in form.heads) or any(r.values.get("level1") for r in rows)
        if rows and not named:
            self.issue("form-levels-missing", self.head_at)
        if found.total is None and self.made.fields.get("claimed_total") is None:
            self.issue("form-part-missing", (form.last, form.left), part="总分（合计）行")
        if "actual" not in head.columns:
            self.issue(
                "form-part-missing",
                (head.last, head.columns["level3"]),
                part="实际完成值" + ("（只有完成率一栏）" if "completion" in head.columns else ""),
            )
        for column, title in found.unnamed:
            numbers = sum(1 for at in found.unread if at[1] == column and isinstance(self.grid.cells.get(at), int | float))
            if numbers and ("weight" not in head.columns or "claimed_score" not in self.made.places[INDICATORS.name].cells):
                self.issue("form-column-unnamed", (head.last, column), title or None, n=numbers, title=title or "（空白）")
            elif title:
                texts = {at[0]: text_of(self.grid.cells.get(at)) for at in found.unread if at[1] == column}
                self.made.own_columns.setdefault(INDICATORS.name, {})[re.sub(r"\s+", "", title)] = texts
        if found.shared_scores:
            first = found.shared_scores[0]
            self.issue(
                "form-score-shared", first[:2], n=len(found.shared_scores), areas="、".join(self.grid.span(a) for a in found.shared_scores[:8])
            )
        self._points_in_values()
        self._unit_size()
        if (assumed := next((a for a in self.facts.assumed if a[0] == "fiscal_year"), None)) is not None:
            self.issue("form-year-assumed", self.head_at, year=assumed[1], where=assumed[2])

    def _points_in_values(self) -> None:
        """Targets that add to the points of the form, and actuals to the same: points were typed into value columns."""
        pairs = [(r.values.get("adjusted_target") or r.values.get("target"), r.values.get("actual"), r.values.get("weight")) for r in self.found.rows]
        numbers = [(t, a, w) for t, a, w in pairs if _bare(t) and _bare(a)]
        if len(numbers) < 3 or len(numbers) < len(pairs):
            return
        targets, actuals = (round(sum(size_of(p[i]) for p in numbers), 6) for i in (0, 1))
        equal_weights = all(w is not None and size_of(t) == size_of(w) for t, _, w in numbers)
        within = all(0 <= size_of(a) <= size_of(t) for t, a, _ in numbers)
        if within and (equal_weights or (targets in (80, 90, 100) and all(w is None for *_, w in numbers)) or targets == actuals in (90, 100)):
            column = self.form.heads[0].columns.get("target", self.form.heads[0].columns["level3"])
            self.issue("form-points-in-values", (self.found.rows[0].number, column), sum=text_of(targets), actual=text_of(actuals))

    def _unit_size(self) -> None:
        """Amounts of 元 under 万元: another cell of the form says the same money in 万元, or the amount is beyond any such form."""
        total = self.funds.total
        if total is None or self.made.fields.get("money_unit", "万元") != "万元" or self.form.funds is None:
            return
        for name in ("full_year", "executed", "initial"):
            value = total.values.get(name)
            size = size_of(value)
            if not _bare(value) or size < words.SMALLEST_IN_YUAN or name not in self.form.funds.columns:
                continue
            said = [
                float(m.replace(",", "")) for v in self.grid.cells.values() if isinstance(v, str) for m in re.findall(r"(\d[\d,]*(?:\.\d+)?)\s*万", v)
            ]
            if size >= words.BEYOND_IN_WAN or any(abs(s - size / 10000) <= max(0.01, size / 10000 * 0.01) for s in said):
                self.issue(
                    "form-unit-suspect",
                    (total.number, self.form.funds.columns[name]),
                    value,
                    amount=text_of(value),
                    wan=text_of(round(size / 10000, 6)),
                )
                return

    def _scheme(self) -> None:
        """The system of points a form follows, where it names none and it is not the default one: suggested, never chosen in silence."""
        if self.made.fields.get("scheme"):
            return
        blocks: dict[str, float] = {}
        for row in self.found.rows:
            name = re.sub(r"\(.*\)$", "", plain(text_of(row.values.get("level1"))))
            if name:
                blocks[name] = blocks.get(name, 0) + size_of(row.values.get("weight"))
        other = {name: points for name, points in blocks.items() if name not in LEVEL1_WORDS}
        execution = self.funds.total.values.get("weight") if self.funds.total else None
        shape = "、".join(f"{name}{text_of(round(points, 6)) if points else ''}" for name, points in blocks.items())
        if other:
            pack = next((pack for names, pack in words.SYSTEMS if names <= set(blocks)), "")
            self.made.lacks = shape
            self.issue("form-scheme-suggested", self.head_at, shape=shape, pack=pack or "没有对应的评分方案")
        elif isinstance(execution, int | float) and float(execution) in words.EXECUTION_POINTS:
            self.issue(
                "form-scheme-suggested", self.head_at, shape=f"预算执行{text_of(execution)}、{shape}", pack=words.EXECUTION_POINTS[float(execution)]
            )
        elif "成本指标" in blocks:
            self.issue("form-scheme-suggested", self.head_at, shape=shape, pack=words.COST_PACK)


_TITLES = {name: column.title for name, column in UNIT.by_name.items()}


def _title(table: str, name: str) -> str:
    found = next((t for t in (UNIT, BUDGET, GOALS, INDICATORS, MANAGEMENT) if t.name == table), INDICATORS)
    return found.title(name) if name in found.by_name else name


def _bare(value: object) -> bool:
    """A number without a unit."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return True
    return isinstance(value, str) and re.fullmatch(r"\d+(?:\.\d+)?", plain(value)) is not None


def _differ(one: object, other: object) -> bool:
    return abs(size_of(one) - size_of(other)) > 0.005


__all__ = ["submission_of"]
