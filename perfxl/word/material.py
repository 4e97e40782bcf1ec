"""What a letter calls the material a unit sent, and the day it must be back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perfxl.consolidation.items import Matter
from perfxl.intake.submission import shown_part
from perfxl.values.dates import read_period
from perfxl.word.official import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_DEADLINE = "    年  月  日"


def deadline_words(deadline: str) -> str:
    """A date as letters write it, 2021年3月31日; blanks to fill in where there is none; other words as they are.

    >>> deadline_words("2021-03-31"), deadline_words("三月底")
    ('2021年3月31日', '三月底')
    """
    if not deadline.strip():
        return NO_DEADLINE
    period = read_period(deadline, None)
    if period is None or period.end is None or period.start != period.end:
        return deadline.strip()
    return f"{period.end.year}年{period.end.month}月{period.end.day}日"


def _year(year: float) -> str:
    return f"{int(year)}年度" if year == year else ""


def matter_of(unit: Mapping[str, Any]) -> str:
    """What was sent in: 2020年度部门整体支出绩效自评材料; a project by its name."""
    if unit["matter"] == Matter.PROJECT:
        project = f"“{one_line(unit['project'])}”" if unit["project"] else ""
        return f"{_year(unit['year'])}{project}项目支出绩效自评材料"
    kind = "单位整体支出" if unit["evaluation"] == "单位整体" else "部门整体支出"
    return f"{_year(unit['year'])}{kind}绩效自评材料"


def material_of(unit: Mapping[str, Any]) -> str:
    """The same with its file: 2020年度部门整体支出绩效自评材料（甲馆.xlsx）."""
    return f"{matter_of(unit)}（{one_line(shown_part(unit['source'], unit['part']))}）"
