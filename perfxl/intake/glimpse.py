"""Whether a sheet of another title could hold something of ours, told by the texts of its first rows."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.intake.sheets import is_helper, is_intake_sheet, is_result
from perfxl.intake.submission import folded
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT

if TYPE_CHECKING:
    from perfxl.intake.guard import Glance

ROWS = 60
"""A form's head row of indicators stands below its funds and goals."""
_LONGEST = 40
_TELLING = {
    INDICATORS: ("level3", "target", "actual"),
    BUDGET: ("full_year", "executed"),
    GOALS: ("expected", "actual"),
    MANAGEMENT: ("budgeted", "actual"),
    REPORT: ("section",),
}
_LABELS = 3
"""Labels of 基本信息 that make a sheet one to look at."""


@lru_cache(maxsize=1)
def _words() -> tuple[frozenset[str], frozenset[str]]:
    """Titles that only an intake or a form has, and the labels of 基本信息."""
    declared = (table.by_name[name] for table, names in _TELLING.items() for name in names if name in table.by_name)
    titles = {folded(text) for column in declared for text in (column.title, *column.aliases)}
    labels = {folded(text) for column in UNIT.columns for text in (column.title, *column.aliases)}
    return frozenset(title for title in titles if len(title) > 3), frozenset(labels)  # 指标值 stands in any table


def to_be_read(title: str, glance: Glance) -> bool:
    """Whether the guard should open a sheet: by its title, else by a word of its first rows that only our tables have."""
    if is_intake_sheet(title):
        return True
    titles, labels = _words()
    texts = {folded(text).rstrip(":") for _, row in glance(ROWS) for text in row if len(text) <= _LONGEST}
    return len(texts & labels) >= _LABELS or any(word in text for text in texts for word in titles)


class Choice:
    """Which sheets of one workbook the guard opens; the titles of the others that hold anything are kept."""

    def __init__(self, *, scored: bool = True) -> None:
        self._scored = scored
        self.foreign: list[str] = []
        self.results: list[str] = []
        """Sheets left closed because a scored workbook has them."""

    def __call__(self, title: str, glance: Glance) -> bool:
        """Whether to open a sheet; what templates and, where it may be one, results bring along is never read."""
        if is_helper(title):
            return False
        if self._scored and is_result(title):
            self.results.append(title)
            return False
        if to_be_read(title, glance):
            return True
        if glance(1) or glance(ROWS):
            self.foreign.append(title)
        return False
