"""Rows that are no values: notes, signatures and days below a table, the numbers and asides of its columns, and sums."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from perfxl.intake.submission import folded, text_of
from perfxl.values.blanks import is_blank
from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NOTE = LazyPattern(
    r"注\d*[:：、.]|注$|备注[:：]|(?:其他)?(?:需要)?说明(?:的?(?:问题|事项|情况))?(?:[:：]|$)|填[表报]说明|编制说明|指标说明|※|"
    r"(?:自评|评价|绩效)(?:等级|结论|结果)(?:[:：]|$)|第\d+页"
)
"""How a line of words begins; whatever stands beside it belongs to it."""
_NUMBERED = LazyPattern(r"[（(]\d+[）)]|[①-⑳]")
"""How a line of a note of several begins; beside a value it is a row."""
_SIGNATURE = LazyPattern(
    r"填[表报]人|制[表单]|经办|审[核批]|复核|负责人|(?:单位|项目|财务|部门|科室|分管|主要)\S{0,2}(?:负责|领导)|主管|联系|(?:联系)?电话|手机|"
    r"填[表报](?:日期|时间|单位)|日期[:：]|[（(]?盖章|公章|单位[（(]|签[字章名]|年月日|会计|出纳"
)
_DAY = LazyPattern(r"(?:二[〇零○]\S{2}|\d{2,4})[年./-]\S{1,3}[月./-]\S{1,3}日?$|年月日$")
_PHONE = LazyPattern(r"(?:\d{3,4}-)?\d{7,11}$")
_VALUES = ("operator", "weight", "tier", "claimed_score")
"""Columns in which no note stands."""
_NUMBERS = {float, int}


def is_footer(values: Mapping[str, object]) -> bool:
    """Whether a row of a table, by its columns from the left, is a note, a signature or a day: each of its cells is one, or belongs to one.

    >>> is_footer({"level1": "填表人：示例", "level3": "审核人：", "target": "示例", "actual": "2023年3月15日"})
    True
    >>> is_footer({"level3": "联系群众次数", "target": "20次"})
    False
    """
    if type(values.get("weight")) in _NUMBERS or not _NUMBERS.isdisjoint(map(type, values.values())):  # most rows have points
        return False
    cells = [(name, value) for name, value in values.items() if not is_blank(text_of(value))]
    if not cells or any(name in _VALUES and not _is_signed(value) for name, value in cells):
        return False
    first = folded(text_of(cells[0][1]))
    if _NOTE.match(first):
        return True
    if _NUMBERED.match(first) and len(cells) == 1:
        return True
    if not _SIGNATURE.match(first):
        return False
    before = first
    for _, value in cells[1:]:
        text = folded(text_of(value))
        if not (_is_signed(value) or _PHONE.match(text) or _is_answer(before, text)):
            return False
        before = text
    return True


def _is_signed(value: object) -> bool:
    """A signature or a day, as they stand anywhere in the last line."""
    text = folded(text_of(value))
    return isinstance(value, date) or _SIGNATURE.match(text) is not None or _DAY.match(text) is not None


def _is_answer(label: str, text: str) -> bool:
    """A name behind a label that asks for one."""
    return label.endswith(":") and not re.search(r"\d", text)


_STEMS = "甲乙丙丁戊己庚辛壬癸"
_COLUMN_NUMBER = LazyPattern(rf"[（(]?(\d{{1,2}}|[a-z{_STEMS}])[）)]?栏?(?:=\S*)?$")
_LINE_WORDS = frozenset({"栏次", "行次", "序号", "列次"})


def is_column_numbers(values: Iterable[object]) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3) …, a b c …, 甲 乙 1 2 …, with 栏次 before them.

    >>> is_column_numbers(["栏次", "1", "2", "3=1/2"]), is_column_numbers(["产出指标", "1", "2"])
    (True, False)
    """
    marks = []
    for value in values:
        text = folded(text_of(value))
        if text and text not in _LINE_WORDS:
            match = _COLUMN_NUMBER.match(text)
            if match is None:  # of most rows the first cell
                return False
            mark = match[1]
            marks.append(int(mark) if mark.isdigit() else _STEMS.index(mark) - len(_STEMS) if mark in _STEMS else ord(mark))
    return len(marks) > 2 and all(b > a for a, b in pairwise(marks))


_ASIDE = LazyPattern(r"[（(][^（()）]*[）)]$")


def is_head_note(values: Iterable[object]) -> bool:
    """Whether a row only adds to the titles above it, each text in brackets: （批复数） and （截至12月31日）."""
    asides = 0
    for value in values:
        text = text_of(value)
        if not is_blank(text):
            if not _ASIDE.match(text):  # of most rows the first cell
                return False
            asides += 1
    return asides > 0


def is_beside(values: Mapping[str, object]) -> bool:
    """Whether a row is one of the three."""
    first = next(iter(values.values()), None)
    if type(first) is str and _begins_a_row(first):
        return False
    return is_footer(values) or is_column_numbers(values.values()) or is_head_note(values.values())


@lru_cache(maxsize=1024)
def _begins_a_row(text: str) -> bool:
    """Whether the first text of a row is none of those that notes, signatures, numbers of columns and asides begin with."""
    first = folded(text)
    others = _NOTE.match(first) or _NUMBERED.match(first) or _SIGNATURE.match(first) or _COLUMN_NUMBER.match(first) or _ASIDE.match(text)
    return not (others or first in _LINE_WORDS or is_blank(text))


TOTALS = frozenset({"合计", "总分", "总计", "总得分", "得分合计", "分值合计", "自评总分"})
SUBTOTALS = ("小计", "指标合计", "本页合计")
_POINTS = LazyPattern(r"\(\d+(?:\.\d+)?分?\)$")


def is_total(word: str) -> bool:
    """Whether a folded text names the sum of all points."""
    return _without_points(word) in TOTALS


def is_subtotal(word: str) -> bool:
    """Whether a folded text names the sum of some rows: 小计, 产出指标合计（50分）."""
    return _without_points(word).endswith(SUBTOTALS)


def _without_points(word: str) -> str:
    return _POINTS.sub("", word) if word.endswith(")") and (word[-2:-1] == "分" or word[-2:-1].isdecimal()) else word
