"""Engines that turn an opened workbook into plain rows; every engine gives equal rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from perfxl.values import PercentNumber

__all__ = ["CellError", "PercentNumber", "Sheet"]


@dataclass(frozen=True, slots=True)
class CellError:
    """An Excel error value (`#DIV/0!`) found in a cell: its own kind, never text, never 0."""

    text: str


@dataclass(slots=True)
class Sheet:
    """One worksheet: its title and its non-empty rows as (Excel row number, values from column A on).

    A value is None, str, float, int, bool, a date or datetime, `PercentNumber` (shown as a percentage) or `CellError`.
    """

    title: str
    rows: list[tuple[int, tuple[object, ...]]] = field(default_factory=list)
