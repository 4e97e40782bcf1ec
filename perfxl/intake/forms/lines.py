"""Funds and goals of a form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms import words
from perfxl.intake.forms.blocks import FACTS, FUNDS
from perfxl.intake.forms.grid import head_text, plain
from perfxl.intake.forms.kinds import LEAD, fund_kind, settle_kinds
from perfxl.intake.forms.marks import split_kind
from perfxl.intake.forms.rows import points_of
from perfxl.intake.submission import SheetRow, text_of
from perfxl.model.columns import TOTAL_KIND

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form

_AMOUNTS = ("initial", "full_year", "executed")
_AMOUNT_IN_LABEL = re.compile(r"^(?P<item>[^\d:：]{2,30})[:：]\s*(?P<amount>\d[\d,.]*)\s*(?:亿元|万元|元|万)?$")
_POINTS = re.compile(r"\((\d+(?:\.\d+)?)分(?:[*×xX]执行率)?\)")
_WORDS = re.compile(r"(?:(?![亿万元])[\u4e00-\u9fff]){2}")
_GOAL_NUMBER = re.compile(r"^(?:目标(?:\d{1,2}|[一二三四五六七八九十])|\d{1,2}[.、])(?=[.…/*\-—]|$)")
"""`目标3：……` of a blank form, before which no goal stands; colons are gone already."""
_BARE = re.compile(r"-?\d+(?:\.\d+)?")


class Funds:
    """The lines of the funds block, and what of it could not be read into a column."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.rows: list[SheetRow] = []
        self.unread: list[tuple[int, int]] = []
        """Cells with an amount behind the colon of a label: not said whether budget or spending."""
        self.total: SheetRow | None = None
        self.notes: list[str] = []
        """Texts written over the columns of amounts: why the money was not spent or was changed."""
        self.marked: set[int] = set()
        """Rows whose 资金类别 is said before their name."""
        self.initial_only = False
        """There is no column of 全年预算数: 年初预算数 is the budget."""
        self.last = 0
        if form.funds is not None:
            self._read()

    def _read(self) -> None:
        form, head = self.form, self.form.funds
        assert head is not None  # noqa: S101  # asked before
        for row in range(head.last + 1, form.last + 1):
            if self._ends(row):
                break
            self._line(row)
        self.last = self.rows[-1].number if self.rows else head.last
        if self.total is None and len(self.rows) == 1:
            self.total = self.rows[0]
            self.total.values["kind"] = TOTAL_KIND
            if head.last < head.first:
                self.total.values["item"] = TOTAL_KIND
        if self.total is not None and self.total.values.get("weight") is None and (points := self._points_in_heads()):
            self.total.values["weight"] = points
        if self.total is not None and self.total.values.get("reason") is None and self.notes:
            self.total.values["reason"] = "\n".join(self.notes)
        settle_kinds(self.rows, self.total, self.marked)
        self.rows = [r for r in self.rows if r is self.total or any(r.values.get(n) is not None for n in _AMOUNTS)]

    def _ends(self, row: int) -> bool:
        form, head = self.form, self.form.funds
        assert head is not None  # noqa: S101  # asked before
        if any(h.first <= row <= h.last for h in (form.goals, *form.heads) if h):
            return True
        first = next((v for a, v in form.grid.row(row, form.left, form.right) if a[0] == row), None)
        label = form.grid.area(head.first, form.left)
        inside = label[0] <= row <= label[2] and label[2] > head.last
        if inside or (row == head.last + 1 and any(form.grid.own(row, head.columns[n]) is not None for n in _AMOUNTS if n in head.columns)):
            return False
        if label[2] > head.last or first is None:
            return True
        return isinstance(first, str) and (
            head_text(first) in words.BLOCK_LABELS or head_text(first) in words.AFTER or FACTS.field(first) is not None
        )

    def _line(self, row: int) -> None:
        form, head = self.form, self.form.funds
        assert head is not None  # noqa: S101  # asked before
        grid, named = form.grid, head.columns
        amounts = [named[n] for n in _AMOUNTS if n in named]
        label_at = grid.area(head.first, form.left)
        texts = [(a, v) for a, v in grid.row(row, form.left, form.right) if a[:2] != label_at[:2] and isinstance(v, str) and a[0] == row]
        item_at = next(
            ((a, v) for a, v in texts if a[1] < min(amounts) and plain(v) not in words.PLACEHOLDERS and head_text(v) not in words.BLOCK_LABELS), None
        )
        if note := next((v for a, v in texts if sum(a[1] <= c <= a[3] for c in amounts) > 1 and _WORDS.search(v)), None):
            self.notes.append(note)
            return
        values: dict[str, object] = {}
        for name in (*_AMOUNTS, "weight", "claimed_score", "reason"):
            column = named.get("score" if name == "claimed_score" else name)
            value = grid.own(row, column) if column else None
            if isinstance(value, str) and name in _AMOUNTS and grid.word and (bare := _BARE.fullmatch(plain(value))):
                value = float(bare[0])  # every number of a Word table is text
            values[name] = None if value is None or plain(text_of(value)) in words.PLACEHOLDERS else value
        if "full_year" not in named:
            values["full_year"] = values["initial"]  # 历城's form divides by 年初预算数
            self.initial_only |= values["initial"] is not None
        for name in ("weight", "claimed_score"):
            values[name] = points_of(values[name])
        labelled = [
            (a, m)
            for a, v in texts
            if (m := _AMOUNT_IN_LABEL.match(v.strip()) or _AMOUNT_IN_LABEL.match(LEAD.sub("", v.strip()))) and FUNDS.field(m["item"]) is None
        ]
        if labelled:
            self.unread.extend(a[:2] for a, _ in labelled)
            return
        item = item_at[1].strip() if item_at else ""
        if not item and all(values[n] is None for n in _AMOUNTS):
            return
        if head_text(LEAD.sub("", item)) in words.FUND_GROUPS and all(values[n] is None for n in _AMOUNTS):
            return
        made = self._made(row, item, values)
        self.rows.append(made)
        if made.values["kind"] == TOTAL_KIND and self.total is None:
            self.total = made

    def _made(self, row: int, item: str, values: dict[str, object]) -> SheetRow:
        item, said = split_kind(item)
        kind = fund_kind(item) if said is None else said
        if said is not None:
            self.marked.add(row)
        shown = re.sub(r"[:：]$", "", item.strip())
        shown = re.sub(r"^其中[:：]?\s*", "", shown)
        return SheetRow(row, {"kind": kind, "item": shown or TOTAL_KIND, **values})

    def _points_in_heads(self) -> float | None:
        """Points in the head `得分（20分*执行率）` or in the label of the block, `预算执行情况（10分）`."""
        form, head = self.form, self.form.funds
        assert head is not None  # noqa: S101  # asked before
        texts = [*head.titles.values(), form.grid.text(head.first, form.left)]
        found = next((m for t in texts if (m := _POINTS.search(plain(t)))), None)
        return float(found[1]) if found else None


def goals(form: Form) -> list[SheetRow]:
    """One row per filled row of goals: expected (the adjusted goal where there is one) and achieved."""
    head = form.goals
    if head is None:
        return []
    grid = form.grid
    if head.rows:
        return [SheetRow(head.rows["expected"], {name: grid.own(row, head.columns[name]) for name, row in head.rows.items()})]
    stop = min([h.first for h in (form.funds, *form.heads) if h and h.first > head.last])
    rows = []
    for row in range(head.last + 1, stop):
        expected, achieved = (grid.own(row, head.columns[n]) if n in head.columns else None for n in ("expected", "achieved"))
        adjusted = grid.own(row, head.columns["adjusted"]) if "adjusted" in head.columns else None
        texts = [None if _GOAL_NUMBER.sub("", plain(text_of(v))) in words.PLACEHOLDERS else v for v in (adjusted, expected, achieved)]
        if any(t is not None for t in texts):
            rows.append(SheetRow(row, {"expected": texts[0] if texts[0] is not None else texts[1], "achieved": texts[2]}))
    return rows
