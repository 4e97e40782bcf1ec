"""What the official form shows of one indicator: texts that, read back from the form alone, say what the row of 绩效指标 says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from perfxl.intake.forms.marks import mark
from perfxl.model.columns import NOT_APPLICABLE
from perfxl.rules.expression import literal
from perfxl.rules.results import Status
from perfxl.values.pair import PairKind
from perfxl.values.pairing import read_pair

if TYPE_CHECKING:
    from perfxl.values import Reading
    from perfxl.values.pair import Pair
    from perfxl.workbook.scored.case import Case, Layout, Row

OPEN = "待补"
"""What an open row has instead of points."""
TWICE = "不重复计分"
"""What a row of budget execution has, whose points are those of the funds."""
_COMPARED = ("≥", "≤", ">", "<", "=")
_JUDGED = frozenset({PairKind.QUALITATIVE, PairKind.DEADLINE, PairKind.BLANK, PairKind.AMBIGUOUS})
"""Kinds of rows that 完成等级 or the unit's own score can decide."""


class Shown(Struct, frozen=True):
    """A text of the form: its formula over a row of 绩效指标, and what that comes to."""

    expression: str
    value: str

    @classmethod
    def of(cls, layout: Layout, own: int, column: str, value: object) -> Shown:
        """A cell as typed; nothing where the table has no such column."""
        return cls(layout.far(column, own), str(value)) if column in layout.columns else cls('""', "")

    def marked(self, name: str, said: Shown) -> Shown:
        """The same with a line behind it that says 指标性质, 计量单位 or 完成等级."""
        if not said.value:
            return self
        begin = mark(name)
        if not self.value:
            return Shown(f"{literal(begin)}&{said.expression}", f"{begin}{said.value}")
        return Shown(f"{self.expression}&CHAR(10)&{literal(begin)}&{said.expression}", f"{self.value}\n{begin}{said.value}")


class _Way(Struct, frozen=True):
    """One way to print target and actual: the texts, and what a reader of the form has to read them with."""

    target: Shown
    actual: Shown
    bare: str
    """The target without what is marked behind it."""
    operator: str = ""
    unit: str = ""


def texts_of(case: Case, row: Row, layout: Layout, own: int) -> tuple[Shown, Shown]:
    """年度指标值 and 实际完成值: the plainest texts that are read back as the row was.

    Numbers carry unit and sign; where that does not tell, 指标性质 stands behind; else all is as typed, with 计量单位 behind.
    """
    operator, unit, tier = (Shown.of(layout, own, name, row[name]) for name in ("operator", "unit", "tier"))
    target = Shown.of(layout, own, row["target_column"] or "target", row["target_text"])
    actual = Shown.of(layout, own, "actual", row["actual"])
    measured, done = _with_unit(target, row, row["pair"].target, layout, own), _with_unit(actual, row, row["pair"].actual, layout, own)
    signed = _signed(measured, row, layout, own)
    ways = (
        _Way(signed, done, signed.value),
        _Way(measured.marked("operator", operator), done, measured.value, operator.value),
        _Way(target.marked("operator", operator).marked("unit", unit), actual, target.value, operator.value, unit.value),
    )
    way = ways[0] if row["management"] is not None else next((way for way in ways if _same(case, row, way)), ways[-1])
    return way.target, _judged(way.actual, row, tier, layout, own)


def _same(case: Case, row: Row, way: _Way) -> bool:
    """Whether the row, read from these texts, is compared as it was."""
    year = case.unit["year"]
    again = read_pair(
        way.bare,
        way.actual.value,
        operator=way.operator,
        unit=way.unit,
        name=row["name"],
        level2=row["level2"],
        fiscal_year=None if year != year else int(year),
        lower_is_better=case.scheme.reverse.names,
        implausible=case.scheme.checks.magnitude_factor,
    )
    return _key(again) == _key(row["pair"])


def _key(pair: Pair) -> tuple[object, ...]:
    """What of a comparison decides points: everything but the texts, and whether the direction is written at all."""
    return (
        pair.kind, pair.actual_kind, pair.operator, pair.operator_from in ("text", "column"), pair.target_low, pair.target_high, pair.target_low_open,
        pair.target_high_open, pair.unit, pair.target_date, pair.actual_low, pair.actual_high, pair.actual_low_open, pair.actual_high_open,
        pair.actual_unit, pair.actual_end, pair.met, pair.target.direction, pair.actual.not_applicable, {p.code for p in pair.problems},
    )  # fmt: skip


def _signed(target: Shown, row: Row, layout: Layout, own: int) -> Shown:
    """The sign of 指标性质 before a number; "=" in full width, for a text that begins with the other becomes a formula when it is typed anew."""
    if row["operator"] in _COMPARED and row["op"] == row["operator"] and row["target_text"][:1].isdigit():
        sign = layout.far("operator", own)
        if row["operator"] == "=":
            return Shown(f'SUBSTITUTE({sign},"=","＝")&{target.expression}', f"＝{target.value}")
        return Shown(f"{sign}&{target.expression}", f"{row['operator']}{target.value}")
    return target


def _judged(actual: Shown, row: Row, tier: Shown, layout: Layout, own: int) -> Shown:
    """The actual with 完成等级 where it can decide; 待补 where nothing stands and something should."""
    if row["tier"] and (row["kind"] in _JUDGED or row["tier_typed"] in ("", NOT_APPLICABLE) or not row["actual"]):
        return actual.marked("tier", tier)
    if not row["actual"] and row["status"] == Status.MISSING:
        cell = layout.far("actual", own)
        return Shown(f'IF({cell}="",{literal(OPEN)},{cell})', OPEN)
    return actual


def open_words(row: Row) -> str:
    """What stands in 得分 of a row without points; the unit's own score with it where that could decide."""
    words = {Status.MISSING: OPEN, Status.UNSCORABLE: OPEN, Status.NOT_APPLICABLE: NOT_APPLICABLE}.get(row["status"], "")
    claimed = row["claimed_score_text"]
    return f"{words}（自评{claimed}）" if words == OPEN and claimed and row["kind"] in _JUDGED else words


_NUMBER = re.compile(r"\d[\d,，]*(?:\.\d+)?\s*[十百千万亿]*")
_MAGNITUDES = {0: "", 2: "百", 3: "千", 4: "万", 6: "百万", 7: "千万", 8: "亿"}


def _with_unit(shown: Shown, row: Row, reading: Reading, layout: Layout, own: int) -> Shown:
    """A number with the unit it was read in, where its own text has none: from 计量单位 if that says it, else from the reading."""
    numbers = list(_NUMBER.finditer(shown.value))
    if "unit-borrowed" not in reading.notes or not reading.unit or not numbers:
        return shown
    at = numbers[-1].end()
    magnitude = "" if shown.value[at - 1] in "十百千万亿" else _MAGNITUDES.get(reading.power, "")
    suffix = f"{magnitude}{reading.unit}"
    unit = layout.far("unit", own) if "unit" in layout.columns and row["unit"] == suffix else literal(suffix)
    value = f"{shown.value[:at]}{suffix}{shown.value[at:]}"
    if at == len(shown.value):
        return Shown(f"{shown.expression}&{unit}", value)
    return Shown(f"REPLACE({shown.expression},{at + 1},0,{unit})", value)
