"""资金类别 of the lines of a funds block, by their words and their sums: of a form that is read, and of one that is printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms import words
from perfxl.intake.forms.grid import head_text, plain
from perfxl.intake.submission import text_of
from perfxl.model.columns import OF_WHICH_KIND, SOURCE_KIND, TOTAL_KIND, TYPE_KIND

if TYPE_CHECKING:
    from collections.abc import Collection

    from perfxl.intake.submission import SheetRow

LEAD = re.compile(r"^(?:其中[:：]?|[①②③④⑤⑥⑦⑧⑨]|\d+[.、])+")
"""What leads the name of a line."""
_ENDINGS = re.compile(r"(?:资金|拨款|补助|补助款|收入|经费|配套|结转|结余|贷款|债券)$")
"""How the name of a source ends; a line that ends otherwise and is on no list is asked about."""


def plain_item(row: SheetRow) -> str:
    """The words of a line without what leads it and what stands in brackets behind."""
    return head_text(LEAD.sub("", plain(text_of(row.values.get("item")))))


def fund_kind(item: str) -> str:
    """资金类别 of a line by its words; "" where they are on no list (the line is asked about).

    >>> fund_kind("年度资金总额："), fund_kind("其中：本年财政拨款"), fund_kind("基本支出"), fund_kind("某某款")
    ('合计', '按来源', '按支出类型', '')
    """
    said = plain(item)
    bare = head_text(LEAD.sub("", said))
    if not bare or bare in words.FUND_TOTALS:
        return TOTAL_KIND
    if bare in words.FUND_TYPES:
        return TYPE_KIND
    if bare in words.FUND_OF_WHICH:
        return OF_WHICH_KIND
    if _ENDINGS.search(bare) or bare in words.FUND_APPROPRIATIONS or bare in words.FUND_SOURCES or LEAD.sub("", said) in words.FUND_SOURCES:
        return SOURCE_KIND
    return ""


def size_of(value: object) -> float:
    """An amount as a bare number, for comparing lines of one block with each other; 0 where there is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    found = re.match(r"-?\d+(?:\.\d+)?", plain(text_of(value)).replace(",", ""))
    return float(found[0]) if found else 0.0


def settle_kinds(rows: list[SheetRow], total: SheetRow | None, marked: Collection[int] = ()) -> None:
    """其中 without an appropriation is a source; parts of the appropriation above, a second set of lines that is the structure of the same money.

    `marked` are rows whose 资金类别 is said: those stay.
    """
    if not any(plain_item(r) in words.FUND_APPROPRIATIONS for r in rows):
        for line in rows:
            if line.values.get("kind") == OF_WHICH_KIND and line.number not in marked:
                line.values["kind"] = SOURCE_KIND

    def amounts(lines: list[SheetRow]) -> tuple[float, float] | None:
        sums = tuple(round(sum(size_of(r.values.get(n)) for r in lines), 6) for n in ("full_year", "executed"))
        return (sums[0], sums[1]) if any(sums) else None

    lines = [r for r in rows if r is not total and r.number not in marked]
    for at, line in enumerate(lines):
        if plain_item(line) in words.FUND_APPROPRIATIONS and (whole := amounts([line])):
            parts = lines[at + 1 :]
            size = next(
                (n for n in range(2, len(parts) + 1) if amounts(parts[:n]) == whole and all(r.values["kind"] == SOURCE_KIND for r in parts[:n])), 0
            )
            for part in parts[:size]:
                part.values["kind"] = OF_WHICH_KIND
    sources = [r for r in lines if r.values["kind"] == SOURCE_KIND]
    if total is not None and (whole := amounts([total])) and amounts(sources) not in (None, whole):
        size = next((n for n in range(1, len(sources)) if amounts(sources[:n]) == whole == amounts(sources[n:])), 0)
        for line in sources[size:] if size else ():
            line.values["kind"] = TYPE_KIND
