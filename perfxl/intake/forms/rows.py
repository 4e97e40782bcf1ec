"""The rows of the indicator block: levels by merged areas, points and scores once, totals, what ends the block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from perfxl.intake.forms import words
from perfxl.intake.forms.blocks import FACTS, INDICATORS
from perfxl.intake.forms.grid import head_text, plain
from perfxl.intake.forms.marks import open_claim, split_marks
from perfxl.intake.levels import plain_level
from perfxl.intake.submission import SheetRow, text_of
from perfxl.model.columns import NOT_APPLICABLE
from perfxl.model.levels import LEVEL1_WORDS, LEVEL2_WORDS
from perfxl.values import PercentNumber

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form, Head
    from perfxl.intake.forms.grid import Area

_SAME = ("operator", "target", "adjusted_target", "unit", "actual", "tier", "weight", "reason", "evidence", "remark", "last_actual", "core")
FIELDS = {**{name: name for name in _SAME}, "score": "claimed_score"}
"""Head to intake column."""
LEFTOVER = re.compile(r"^(?:指标\d*[:：.、]?|\(?\d*\)?[.…·、]*|/+|指标\d+[:：]?[/…]+)?$")
_BEFORE_NAME = re.compile(r"^指标\d*[:：.、]?")
_FILLER = re.compile(r"[xX×╳_某]+|(?:指标|填写|请填写)?[xX×╳_某]*(?:指标|名称)")
"""What a blank form prints where a name is to be written."""
_ONCE = frozenset({"weight", "score"})
"""A merged one counts on its first row alone."""
_SUBTOTAL = re.compile(r"(?:小计|合计)$")
_NUMBERED = re.compile(r"^(?:\d{1,2}[.、]|[一二三四五六七八九十]{1,2}[、.]|\((?:\d{1,2}|[一二三四五六七八九十])\))")
"""`1.产出指标`, `（一）数量指标`."""
_POINTS_IN_NAME = re.compile(r"\((\d+(?:\.\d+)?)分\)$")
_GRADE_SAID = re.compile(r"^等[级次](.+)$")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")
_POINTS = re.compile(r"^(?P<n>[+-]?\d+(?:\.\d*)?)分?(?:[(（].*[)）])?$", re.DOTALL)


_LEVELS = {"level1": LEVEL1_WORDS, "level2": LEVEL2_WORDS}


class Total(Struct):
    """The printed total row: its points, score, grade, and where."""

    row: int
    weight: object = None
    score: object = None
    grade: str = ""
    score_at: tuple[int, int] | None = None


class Indicators(Struct):
    """The rows of a form's indicators and what was found about them."""

    rows: list[SheetRow] = field(default_factory=list)
    total: Total | None = None
    totals: list[Total] = field(default_factory=list)
    """Every row that could be the total."""
    shared_scores: list[Area] = field(default_factory=list)
    shared_weights: list[Area] = field(default_factory=list)
    subtotals: list[int] = field(default_factory=list)
    leftovers: list[int] = field(default_factory=list)
    unnamed: list[tuple[int, str]] = field(default_factory=list)
    """Columns with content under a head that is no field's: column, head as printed."""
    last: int = 0
    band: dict[str, str] = field(default_factory=dict)
    """The levels named on a row of their own, for the rows below it."""
    unread: list[tuple[int, int]] = field(default_factory=list)


def share_of(value: object) -> float | None:
    """A share of 100 % as points: 15 of `15%` and of 0.15 shown as a percentage; None for anything else."""
    if isinstance(value, PercentNumber):
        return round(float(value) * 100, 9)
    found = _SHARE.fullmatch(plain(value)) if isinstance(value, str) else None
    return float(found[1]) if found else None


def points_of(value: object) -> object:
    """Points or a score as typed; `10分`, `100.`, `8分（因…）` are numbers, a filler or `待补` is blank, a score beside 待补 is the unit's own.

    >>> points_of("8分（因疫情）"), points_of("—"), points_of("１０"), points_of("约8"), points_of("待补（自评4分）")
    (8.0, None, 10.0, '约8', 4.0)
    """
    if isinstance(value, str):
        is_open, claimed = open_claim(value)
        value = claimed if is_open else value
    if value is None or plain(text_of(value)) in words.PLACEHOLDERS:
        return None
    if isinstance(value, str) and (found := _POINTS.match(plain(value))):
        return float(found["n"])
    return value


def read_indicators(form: Form, skip: range = range(0)) -> Indicators:
    """All rows between the heads and the end of the block; `skip` are rows of a funds block below."""
    found = Indicators()
    heads = form.heads
    for at, head in enumerate(heads):
        stop = heads[at + 1].first - 1 if at + 1 < len(heads) else form.last
        for row in range(head.last + 1, stop + 1):
            if row in skip or (form.funds and form.funds.first <= row <= form.funds.last):
                continue
            if _is_band(form, row, found):
                continue
            if _ends(form, head, row, found):
                ended = found.total is not None or not any(_counts(form, head, r) for r in range(row + 1, stop + 1) if r not in skip)
                if ended and at + 1 == len(heads):
                    break
                continue  # a note between the rows, or above the next head
            _row(form, head, row, found)
            found.last = row
    _unnamed_columns(form, found)
    return found


def _is_band(form: Form, row: int, found: Indicators) -> bool:
    """`一、产出指标（50分）` alone on a row: the level of the rows below."""
    filled = [v for a, v in form.grid.row(row, form.left, form.right) if a[0] == row]
    said = plain_level(head_text(filled[0])) if len(filled) == 1 and isinstance(filled[0], str) else ""
    name = "level1" if said in LEVEL1_WORDS else "level2" if said in LEVEL2_WORDS else ""
    if name:
        found.band = {name: said} if name == "level1" else found.band | {name: said}
    return bool(name)


def _counts(form: Form, head: Head, row: int) -> bool:
    """Whether a row below a note is still of the block: an indicator with points and a value, or the total."""
    grid, columns = form.grid, head.columns
    points = any(isinstance(points_of(grid.own(row, columns[n])), int | float) for n in ("weight", "score") if n in columns)
    if not points or _is_total(form, head, row):
        return points
    return grid.own(row, columns["level3"]) is not None and any(grid.own(row, columns[n]) is not None for n in ("target", "actual") if n in columns)


def _first_text(form: Form, row: int) -> tuple[Area, str] | None:
    return next(((a, v) for a, v in form.grid.row(row, form.left, form.right) if a[0] == row and isinstance(v, str)), None)


def _ends(form: Form, head: Head, row: int, found: Indicators) -> bool:
    """Whether the block is over: a label of what stands below, or a line over the width, where no indicator stands."""
    first = _first_text(form, row)
    if first is None:
        return False
    area, text = first
    label = head_text(text)
    if label in words.TOTALS or _is_total(form, head, row):
        return False
    level1 = head.columns.get("level1", head.columns["level3"])
    starts_left = area[1] <= level1
    named = any(label.startswith(word) for word in words.AFTER) or FACTS.field(text) is not None
    wide = area[3] >= head.columns.get("actual", head.columns["level3"]) and area[1] <= level1
    numbered = found.total is not None and starts_left
    if named and found.total is not None and found.total.score is not None:
        return starts_left
    return starts_left and area[2] == area[0] and (named or wide or numbered) and not _filled(form, head, row)


def _filled(form: Form, head: Head, row: int) -> bool:
    """Whether anything stands in the row's own value, points or score cells."""
    values = [
        form.grid.own(row, head.columns[n]) for n in ("target", "adjusted_target", "actual", "weight", "score", "part_score") if n in head.columns
    ]
    return any(v is not None and not (isinstance(v, str) and FACTS.field(re.split("[:：]", v)[0])) for v in values)


def _is_total(form: Form, head: Head, row: int) -> bool:
    levels = [head.columns[n] for n in ("level1", "level2", "level3") if n in head.columns]
    return any(
        isinstance(v, str) and plain(head_text(v)) in words.TOTALS and a[1] <= max(levels)
        for a, v in form.grid.row(row, form.left, form.right)
        if a[0] == row
    )


def has_total(form: Form) -> bool:
    """Whether the total row of a form stands in it."""
    head = form.heads[-1]
    return any(_is_total(form, head, row) for row in range(head.last + 1, form.last + 1))


_FILLED = ("target", "adjusted_target", "actual", "weight", "claimed_score", "tier")


def _row(form: Form, head: Head, row: int, found: Indicators) -> None:
    grid, columns = form.grid, head.columns
    if _is_total(form, head, row):
        _total(form, head, row, found)
        return
    values = _values(form, head, row)
    filled = [n for n in _FILLED if plain(text_of(values.get(n))) not in words.PLACEHOLDERS]
    name = re.sub(r"^[★☆*\s]+", "", text_of(values.get("level3")))
    area3 = grid.area(row, columns["level3"])
    if not filled and _says_nothing(name, row, found):
        return
    of_levels = {grid.area(row, columns[n]) for n in ("level1", "level2") if n in columns}
    is_level = (not name or area3 in of_levels) and not any(values.get(n) is not None for n in ("target", "adjusted_target", "actual"))
    is_level = is_level or (bool(_SUBTOTAL.search(plain(name))) and all(values.get(n) is None for n in ("target", "adjusted_target", "actual")))
    if is_level and filled:
        found.subtotals.append(row)
        found.band = {n: str(values[n]) for n in ("level1", "level2") if values.get(n)}
        return
    if area3[0] < row and not filled:
        return
    if "adjusted_target" in columns and _void(values):
        found.leftovers.append(row)
        return
    if values.get("level1"):
        found.band = {}
    made = SheetRow(row, {**found.band, **values})
    _sharing(form, head, row, made, found)
    found.rows.append(made)


def _values(form: Form, head: Head, row: int) -> dict[str, object]:
    """The cells of a row by intake column."""
    columns = head.columns
    levels = {n: _level(form, head, row, n) for n in ("level1", "level2", "level3") if n in columns}
    values: dict[str, object] = {name: text for name, text in levels.items() if text}
    values.update({column: _own(form, head, row, name) for name, column in FIELDS.items() if name in columns})
    _unmark(values)
    if values.get("claimed_score") is None and "part_score" in columns:
        values["claimed_score"] = points_of(form.grid.own(row, columns["part_score"]))
    for name in ("weight", "claimed_score"):
        values[name] = points_of(values.get(name))
    if "weight" not in columns and (said := _POINTS_IN_NAME.search(plain(text_of(values.get("level3"))))):
        values["weight"] = float(said[1])
    if plain(text_of(values.get("reason"))) in words.PLACEHOLDERS | {"0"}:
        values["reason"] = None
    return values


def _says_nothing(name: str, row: int, found: Indicators) -> bool:
    """Whether a row with nothing but a name is none: a printed leftover, or a note on the row above."""
    bare = _BEFORE_NAME.sub("", plain(name))
    if not bare or LEFTOVER.match(bare) or _FILLER.fullmatch(bare) or bare in words.PLACEHOLDERS | words.OPEN:
        found.leftovers.extend([row] * bool(name))
        return True
    return bool(found.rows) and _note(name, found.rows[-1])


def _note(text: str, above: SheetRow) -> bool:
    """`偏差原因：…` on a line of its own below an indicator: its reason."""
    label, colon, said = text.replace(":", "：").partition("：")
    if colon and plain(label) in words.AFTER and INDICATORS.field(label) is None:
        return True
    if not colon or INDICATORS.field(label) not in ("reason", "remark"):
        return False
    if above.values.get("reason") is None and plain(said) not in words.PLACEHOLDERS:
        above.values["reason"] = said.strip()
    return True


def _unmark(values: dict[str, object]) -> None:
    """The marks behind target and actual as the fields they say, where no column says them; `待补` is no actual."""
    for name in ("target", "adjusted_target", "actual"):
        if isinstance(text := values.get(name), str):
            bare, said = split_marks(text)
            if said:
                values[name] = bare or None
                values.update({field: typed for field, typed in said.items() if values.get(field) is None})
            elif name == "actual" and plain(text) in words.OPEN - {NOT_APPLICABLE}:
                values[name] = None


def _void(values: dict[str, object]) -> bool:
    """An initial target whose adjusted one is blank, with nothing else on the row: given up in the year."""
    return values.get("target") is not None and all(values.get(n) is None for n in ("adjusted_target", "actual", "weight", "claimed_score"))


def _level(form: Form, head: Head, row: int, name: str) -> str:
    """The words of a level: those of the merged area, without the line breaks of a narrow column."""
    value = form.grid.value(row, head.columns[name])
    if name == "level3" and head.ends.get(name, 0) > form.grid.area(row, head.columns[name])[3]:
        value = _across(form, head, row, name)
    text = re.sub(r"\s*[\r\n]+\s*", "", text_of(value)).strip()
    if name == "level3":
        return "" if LEFTOVER.match(plain(text)) and not plain(text).startswith("指标") else text
    bare = _NUMBERED.sub("", said := plain(text))
    return bare if bare != said and plain_level(bare) in _LEVELS[name] else text


def _across(form: Form, head: Head, row: int, name: str) -> object:
    """What stands in a row under a head merged over several columns (三级指标: number and name; 指标值: sign, number and unit)."""
    column, last = head.columns[name], head.ends.get(name, 0)
    parts = [v for _, v in form.grid.row(row, column, last)] if last > column else []
    if len(parts) < 2:
        return parts[0] if parts and form.grid.own(row, column) is None and name not in _ONCE else form.grid.own(row, column)
    if name == "level3":
        return "：".join(t for v in parts if not LEFTOVER.match(plain(t := text_of(v).strip())) and not t.isdigit())
    return "".join(text_of(v).strip() for v in parts)


def _own(form: Form, head: Head, row: int, name: str) -> object:
    value = _across(form, head, row, name)
    if isinstance(value, str):
        value = value.strip(" \t\r\n\u3000\xa0")
        if name in ("unit", "operator", "tier", "core"):
            value = re.sub(r"\s+", "", value)
            value = None if value in words.PLACEHOLDERS else value
    return None if value == "" else value


def _sharing(form: Form, head: Head, row: int, made: SheetRow, found: Indicators) -> None:
    """A 分值 or 得分 merged over several rows counts once: on its first row."""
    grid, columns = form.grid, head.columns
    if "weight" in columns:
        area = grid.area(row, columns["weight"])
        if area[0] < row and grid.cells.get(area[:2]) is not None:
            made.shares_weight = True
        elif area[2] > area[0] and made.values.get("weight") is not None:
            found.shared_weights.append(area)
    if (column := columns.get("score")) is not None:
        area = grid.area(row, column)
        if area[0] == row and area[2] > area[0] and made.values.get("claimed_score") is not None:
            found.shared_scores.append(area)
            own_weights = [grid.own(r, columns["weight"]) for r in range(area[0], area[2] + 1)] if "weight" in columns else []
            if sum(1 for w in own_weights if points_of(w) is not None) > 1:
                made.values["claimed_score"] = None


def _total(form: Form, head: Head, row: int, found: Indicators) -> None:
    grid, columns = form.grid, head.columns
    total = Total(row)
    if "weight" in columns:
        total.weight = points_of(grid.own(row, columns["weight"]))
    for name in ("score", "part_score"):
        if name in columns and total.score is None:
            total.score = points_of(grid.own(row, columns[name]))
            total.score_at = (row, columns[name]) if total.score is not None else None
    for _, value in grid.row(row, form.left, form.right):
        if isinstance(value, str) and plain(value) in words.GRADES:
            total.grade = words.GRADES[plain(value)]
        elif isinstance(value, str) and (said := _GRADE_SAID.match(plain(value))):
            total.grade = words.GRADES.get(said[1], total.grade)
    if total.score is None and total.weight is None and not total.grade:
        return
    found.totals.append(total)
    if found.total is None or total.score is not None:
        found.total = total


def _unnamed_columns(form: Form, found: Indicators) -> None:
    """Columns inside the table whose head is no field's and that hold something beside an indicator."""
    numbers = {row.number for row in found.rows}
    for head in form.heads:
        taken = {c for name, first in head.columns.items() for c in range(first, head.ends.get(name, first) + 1)}
        for column in range(head.left, head.right + 1):
            if (
                column in taken
                or form.grid.area(head.last, column)[1] != column
                or (head.unknown.get(column, "") and head_text(head.unknown[column]) in words.BLOCK_LABELS)
            ):
                continue
            inside = [(r, column) for r in numbers if (a := form.grid.area(r, column))[:2] == (r, column) and form.grid.cells.get(a[:2]) is not None]
            if inside:
                found.unnamed.append((column, head.unknown.get(column, "")))
                found.unread.extend(sorted(inside))
