"""Where a form's blocks stand: title, heads of funds, goals and indicators, found by their words."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from perfxl.intake.forms import words
from perfxl.intake.forms.grid import HeadWords, head_text, plain
from perfxl.intake.submission import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from perfxl.intake.forms.grid import Area, Grid

INDICATORS, FUNDS, GOALS = HeadWords(words.INDICATOR_HEADS), HeadWords(words.FUNDS_HEADS), HeadWords(words.GOAL_HEADS)
FACTS = HeadWords(words.FACTS)
_NAMES = re.compile("|".join(sorted(map(re.escape, map(plain, words.INDICATOR_HEADS["level3"])), key=len)))
"""Without one of these words no row is the head of indicators."""
_NAMING = frozenset({"project", "name", "authority"})
"""Facts with which a form begins."""
_AMOUNTS = frozenset({"initial", "full_year", "executed", "received"})
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_YEAR_ALONE = re.compile(r"((?:19|20)\d{2})年?度?")
_AMOUNT = re.compile(r"-?\d[\d,.]*(?:%|元|万元|分)?")
UNTITLED = 3
"""Rows that are looked at below a head without a title."""
LONGEST_HEAD = 40
LONGEST_TITLE = 80


class Head(Struct):
    """One head of a block: its rows, the column of each field, the titles as printed, and heads that are no field's."""

    first: int
    last: int
    columns: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    left: int = 0
    right: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    """The last column of each field's head: beyond its first where the head is merged over several."""
    rows: dict[str, int] = field(default_factory=dict)
    """Of fields that stand in rows of their own, `年度目标 | …` over `完成情况 | …`, the row of each."""
    dated: dict[str, dict[int, int]] = field(default_factory=dict)
    """Of fields whose heads name a year, year to column."""

    def put(self, name: str, column: int, last: int, title: str) -> None:
        """A field's column."""
        self.columns[name], self.ends[name], self.titles[name] = column, last, title


class Form(Struct):
    """One form of a grid: the rows and columns it takes, its title, its heads. `kind`: self-evaluation, goals, monitoring."""

    grid: Grid
    first: int
    last: int
    left: int
    right: int
    title: str = ""
    title_at: tuple[int, int] | None = None
    heads: list[Head] = field(default_factory=list)
    """The head of the indicators, and where it is repeated."""
    funds: Head | None = None
    goals: Head | None = None
    kind: str = "self-evaluation"
    alone: bool = True
    """No other form stands in the grid."""

    @property
    def around(self) -> tuple[int, int]:
        """The columns where something about the form may stand: all of them, unless another form has its own."""
        return (1, max(self.right, self.grid.last_column)) if self.alone else (self.left, self.right)

    @property
    def part(self) -> str:
        """Where the form stands: `Sheet1!A1:H40`, `表格2`."""
        if self.grid.word:
            return self.grid.name
        return f"{self.grid.name}!{self.grid.address(self.first, self.left)}:{self.grid.address(self.last, self.right)}"


def is_title(text: str) -> bool:
    """Whether a line is the title of a form, of whichever kind."""
    said = plain(text)
    return len(said) <= LONGEST_TITLE and bool(words.TITLE.search(said) or words.NOT_A_SELF_EVALUATION.search(said)) and "填表说明" not in said


def _labels(grid: Grid, row: int, depth: int) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
    """First and last column of each cell of a head of one row or two, its text, and the texts it may be known by, the surest first.

    What reaches below the head is the label of a block, never a head.
    """
    column = 1
    while column <= grid.last_column:
        top = grid.area(row, column)
        low = grid.area(row + depth - 1, column)
        above, below = grid.text(row, column), grid.text(row + 1, column) if depth == 2 and low != top else ""
        if low[2] > row + depth - 1:
            yield column, low[3], below or above, ()
        elif not below:
            yield column, low[3], above, (above,)
        else:
            narrow = top[3] - top[1] <= low[3] - low[1]
            yield column, low[3], f"{above}{below}", (f"{above}{below}", below, above if narrow else "")
        column = max(low[3], column) + 1


def heads_of(grid: Grid, row: int, depth: int, known: HeadWords) -> list[Head]:
    """The heads of one row or two by the words of one block; a second 三级指标 further right begins a second head."""
    found: list[Head] = []
    head, untitled = Head(row, row + depth - 1), list[int]()
    for column, last, shown, texts in _labels(grid, row, depth):
        if not shown and column in grid.spacers:
            continue
        if not shown and head.columns and _filled_below(grid, row + depth, column):
            untitled.append(column)
            continue
        if not shown:
            if head.columns:
                found.append(head)
            head, untitled = Head(row, row + depth - 1), []
            continue
        head.unknown.update(dict.fromkeys(untitled, ""))
        untitled = []
        name = next((n for t in texts if t and len(t) <= LONGEST_HEAD and (n := known.field(t))), None)
        if name in ("level1", "level3") and name in head.columns:
            found.append(head)
            head = Head(row, row + depth - 1)
        head.left, head.right = head.left or column, last
        if name is not None and (year := _YEAR.search(plain(shown)) or _YEAR_ALONE.fullmatch(plain(grid.text(row - 1, column)))):
            head.dated.setdefault(name, {})[int(year[1])] = column
        if name is None or name in head.columns:
            head.unknown[column] = shown
        else:
            head.put(name, column, last, shown)
    return [*found, head] if head.columns else found


def _filled_below(grid: Grid, row: int, column: int) -> bool:
    """Whether a column without a title holds something right below: then the head goes on behind it."""
    return any(grid.own(below, column) is not None for below in range(row, row + UNTITLED))


def _of_both_rows(grid: Grid, row: int, known: HeadWords) -> list[Head]:
    """Heads of two rows that say more together than the lower one alone."""
    own = [v for area, v in grid.row(row + 1) if area[0] == row + 1]
    if not own or not all(isinstance(v, str) for v in own) or any(_is_amount(v) for _, v in grid.row(row)):
        return []
    both = heads_of(grid, row, 2, known)
    alone = {h.left: len(h.columns) for h in heads_of(grid, row + 1, 1, known)} if both else {}
    return [h for h in both if len(h.columns) > max((n for at, n in alone.items() if h.left <= at <= h.right), default=0)]


def _is_amount(value: object) -> bool:
    """Whether a cell holds a number or a rate, which the upper row of a head does not; a year it may."""
    said = plain(text_of(value))
    return _AMOUNT.fullmatch(said) is not None and _YEAR_ALONE.fullmatch(said) is None


def _is_indicator_head(named: Mapping[str, int]) -> bool:
    values = [name for name in ("actual", "target", "adjusted_target", "completion") if name in named]
    return "level3" in named and bool(values or ("score" in named and "weight" in named))


def _with_names(heads: list[Head]) -> list[Head]:
    """Heads without 三级指标: the one column between 二级指标 and the values holds the indicators, else 二级指标 itself."""
    for head in heads:
        if "level3" in head.columns or not {"level1", "level2", "target", "actual"} <= head.columns.keys():
            continue
        between = [
            c for c, title in head.unknown.items() if title and head.columns["level2"] < c < min(head.columns[n] for n in ("target", "actual"))
        ]
        if len(between) == 1:  # 绩效指标, 考核内容: the third level under another title
            head.put("level3", between[0], between[0], head.unknown.pop(between[0]))
        else:
            head.put("level3", head.columns.pop("level2"), head.ends.pop("level2"), head.titles.pop("level2"))
    return heads


def indicator_heads(grid: Grid) -> list[Head]:
    """Every head of an indicator block, from top to bottom; two-row heads joined where the second row says more."""
    found: list[Head] = []
    row = 1
    while row <= grid.last_row:
        heads = [h for h in _with_names(_of_both_rows(grid, row, INDICATORS)) if _is_indicator_head(h.columns)]
        single = [h for h in _with_names(heads_of(grid, row, 1, INDICATORS)) if _is_indicator_head(h.columns)]
        if sum(len(h.columns) for h in single) >= sum(len(h.columns) for h in heads):
            heads = single
        for head in heads:
            head.first = min(head.first, *(grid.area(head.first, column)[0] for column in head.columns.values()))
            if "remark" in head.columns and "reason" not in head.columns:
                head.put("reason", head.columns.pop("remark"), head.ends.pop("remark"), head.titles.pop("remark"))
        found.extend(heads)
        row += (heads[0].last - row + 1) if heads else 1
    return found


def _funds_head(grid: Grid, form: Form, rows: range) -> Head | None:
    for row in rows:
        for head in (*heads_of(grid, row, 1, FUNDS), *_of_both_rows(grid, row, FUNDS)):
            amounts = [n for n in ("initial", "full_year", "executed", "received") if n in head.columns]
            if len(amounts) >= 2 and form.left <= head.right and head.left <= form.right:
                return head
    return None


def _funds_in_pairs(form: Form, rows: range) -> Head | None:
    """A row with the amounts beside their labels: `预算数：| 50 | 执行数：| 40`; the row is its own line."""
    for row in rows:
        head = Head(row, row - 1)
        filled = list(form.grid.row(row, form.left, form.right))
        for (label, words_), (at, value) in itertools.pairwise(filled):
            if isinstance(words_, str) and label[3] + 1 == at[1] and not (isinstance(value, str) and FUNDS.field(value)):
                name = FUNDS.field(words_)
                if name is not None and name not in head.columns and (name not in _AMOUNTS or re.search(r"\d", text_of(value))):
                    head.put(name, at[1], at[3], words_)
        if {"full_year", "executed"} <= head.columns.keys():
            head.left, head.right = form.left, form.right
            return head
    return None


def has_funds_head(grid: Grid) -> bool:
    """Whether any row of a grid is the head of a funds block."""
    return any(len(h.columns.keys() & _AMOUNTS) >= 2 for row in range(1, grid.last_row + 1) for h in heads_of(grid, row, 1, FUNDS))


def joined_head(form: Form, row: int, known: HeadWords) -> Head:
    """All heads of a row within the form's columns as one, where blank cells stand between them."""
    parts = [h for h in heads_of(form.grid, row, 1, known) if form.left <= h.right and h.left <= form.right]
    joined = Head(row, row, left=parts[0].left if parts else 0, right=parts[-1].right if parts else 0)
    for part in reversed(parts):
        joined.columns.update(part.columns)
        joined.ends.update(part.ends)
        joined.titles.update(part.titles)
        joined.unknown.update(part.unknown)
    return joined


def _goals_head(form: Form, rows: range) -> Head | None:
    for row in rows:
        head = joined_head(form, row, GOALS)
        if "achieved" in head.columns and ("expected" in head.columns or "adjusted" in head.columns):
            return head
    return None


def _goals_in_pairs(form: Form, rows: range) -> Head | None:
    """The goal and below it what became of it, each right of its label."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        filled = [(a, v) for a, v in form.grid.row(row, form.left, form.right) if a[0] == row]
        if len(filled) == 2 and isinstance(filled[0][1], str) and (name := GOALS.field(filled[0][1])):
            found.setdefault(name, (row, filled[1][0][1]))
    if not {"expected", "achieved"} <= found.keys():
        return None
    places = [found["expected"], found["achieved"]]
    head = Head(min(row for row, _ in places), max(row for row, _ in places), left=form.left, right=form.right)
    for name, (row, column) in zip(("expected", "achieved"), places, strict=True):
        head.put(name, column, column, form.grid.text(row, form.left))
        head.rows[name] = row
    return head


def _titles(grid: Grid) -> list[Area]:
    """Title lines: alone on their row or nearly so."""
    found = []
    for row in range(1, grid.last_row + 1):
        filled = list(grid.row(row))
        for area, value in filled:
            if (
                area[0] == row
                and isinstance(value, str)
                and (len(filled) <= 3 or area[3] - area[1] >= 3)
                and is_title(value)
                and not FACTS.field(value)
            ):
                found.append(area)
    return found


def find_forms(grid: Grid) -> list[Form]:
    """The forms of a grid, from top to bottom and left to right. A sheet without an indicator head has none.

    Where none is found, empty columns between the filled ones are looked beyond.
    """
    if not any(isinstance(value, str) and len(value) <= LONGEST_HEAD and _NAMES.search(plain(value)) for value in grid.cells.values()):
        return []
    forms = _forms(grid)
    if not forms and (empty := grid.empty_columns()):
        grid.spacers = empty
        forms = _forms(grid)
    return forms


def _forms(grid: Grid) -> list[Form]:
    forms: list[Form] = []
    titles = _titles(grid)
    for head in indicator_heads(grid):
        above = [f for f in forms if f.left <= head.right and head.left <= f.right]
        last = above[-1] if above else None
        after = last.heads[-1].last if last else 0
        title = next((a for a in reversed(titles) if after < a[0] < head.first and a[1] <= head.right and head.left <= a[3] + 1), None)
        if last is not None and title is None and not _new_facts(grid, after + 1, head.first):
            last.heads.append(head)
            continue
        first = _with_number(grid, title) if title else (_first_fact(grid, after + 1, head.first) if last else 1)
        form = Form(grid, first, grid.last_row, head.left, head.right, heads=[head])
        if title:
            form.title, form.title_at = text_of(grid.cells[title[:2]]), title[:2]
        forms.append(form)
    for form in forms:
        form.alone = len(forms) == 1
        _complete(form, forms)
    if len(forms) == 1 and not forms[0].title:
        forms[0].title = next((line for line in grid.before if is_title(line)), "")
    return forms


def _with_number(grid: Grid, title: Area) -> int:
    """The first row of a form with a title: that of the line above it where only 附件1 stands there."""
    above = [v for a, v in grid.row(title[0] - 1, title[1], title[3])] if title[0] > 1 else []
    return title[0] - 1 if above and all(isinstance(v, str) and plain(v).startswith("附") for v in above) else title[0]


def _new_facts(grid: Grid, first: int, last: int) -> bool:
    """Whether a project, a unit or a funds head stands between two heads: then the second is another form."""
    for row in range(first, last):
        if any(isinstance(v, str) and FACTS.field(v) in ("project", "name") for _, v in grid.row(row)):
            return True
    return any(
        len([n for n in h.columns if n in ("initial", "full_year", "executed")]) >= 2 for r in range(first, last) for h in heads_of(grid, r, 1, FUNDS)
    )


def _first_fact(grid: Grid, first: int, last: int) -> int:
    for row in range(first, last):
        if any(isinstance(v, str) and (FACTS.field(v) in _NAMING or is_title(v)) for _, v in grid.row(row)):
            return row
    return first


def _complete(form: Form, forms: list[Form]) -> None:
    """Width, end, funds and goals of a form, once all are known."""
    grid = form.grid
    for head in form.heads:
        while head.left > 1 and grid.text(head.first, head.left - 1):
            head.left = grid.area(head.first, head.left - 1)[1]
    form.left, form.right = min(h.left for h in form.heads), max(h.right for h in form.heads)
    later = [f.first for f in forms if f is not form and f.first > form.first and f.left <= form.right and form.left <= f.right]
    form.last = min([*(row - 1 for row in later), form.last])
    while form.last > form.heads[-1].last and not any(True for _ in grid.row(form.last, form.left, form.right)):
        form.last -= 1
    before = range(form.first, form.heads[0].first)
    below = range(form.heads[-1].last + 1, form.last + 1)
    form.funds = _funds_in_pairs(form, before) or _funds_head(grid, form, before) or _funds_head(grid, form, below)
    form.goals = _goals_head(form, before) or _goals_in_pairs(form, before)
    form.kind = _kind(form)


def _kind(form: Form) -> str:
    title = plain(form.title)
    named = set().union(*(h.columns for h in form.heads))
    if words.MONITORING.search(title):
        return "monitoring"
    if words.NOT_A_SELF_EVALUATION.search(title) and "自评" not in title:
        return "goals"
    if not named & {"actual", "score", "completion", "part_score"}:
        return "goals"
    return "self-evaluation"


__all__ = ["FACTS", "FUNDS", "GOALS", "INDICATORS", "Form", "Head", "find_forms", "head_text", "is_title"]
