"""Which column of a sheet is which: by its title, wherever it stands."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from perfxl.intake.submission import folded
from perfxl.model import Kind, columns
from perfxl.model.addresses import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.intake.readers import Sheet
    from perfxl.model import Column

HEADER_WINDOW = 20
_LONGEST_TITLE = 40
"""Characters of a cell that can be a column's title, required marks and spaces included."""
_RESULT_SIGNS = frozenset(folded(c.title) for c in (columns.RATE, columns.STATUS, columns.EXPLANATION, columns.BALANCE))
"""Titles that only a result of perfxl has: beside two of them 得分 is the computed score, never 自评得分."""


_CORE = re.compile(r"(?:\(\d{1,2}\)|\d{1,2}[.、]|[一二三四五六七八九十]{1,2}、)?(?P<core>[^():]+(?:\([ab]\))?)(?:\((?P<aside>[^()]+)\))?:?")
MONEY_WORDS = re.compile(r"(?:金额单位|单位)?:?(?:人民币)?((?:十|百|千|万|十万|百万|千万|亿)?元)\)?$")
_ASIDES = {None: re.compile(r"必填|选填|可选"), Kind.MONEY: MONEY_WORDS, Kind.POINTS: re.compile(r"(?:共|满分|合计)?\d+分|分|单位:分")}
"""What may stand in brackets behind a title and changes nothing, by kind of column."""


@lru_cache(maxsize=4096)
def core(title: str, kind: Kind) -> str:
    """A folded title without its number, a closing colon and a harmless bracket; "" where it holds anything else.

    >>> core("2.全年预算数(万元):", Kind.MONEY), core("分值(90分)", Kind.POINTS), core("实际完成值(万)", Kind.TEXT)
    ('全年预算数', '分值', '')
    """
    found = _CORE.fullmatch(title)
    if found is None:
        return ""
    aside = found["aside"]
    harmless = aside is None or any(_ASIDES[k].fullmatch(aside) for k in (None, kind) if k in _ASIDES)
    return found["core"] if harmless else ""


class Heading(NamedTuple):
    """The columns of one header row, by index from 0."""

    named: dict[str, int]
    """Declared columns; of one whose title stands several times the first."""
    repeated: dict[str, tuple[int, ...]]
    """Every place of a declared column whose title stands several times."""
    own: dict[str, int]
    """The clerk's own columns by title."""
    titled: int
    """How many columns from the left have a title, or lie before one that has."""
    blank: tuple[int, ...]
    """Columns without a title before the last that has one."""
    money: dict[str, str]
    """What a title says its amounts are in: 全年预算数（元）."""


@lru_cache(maxsize=16)
def titles(table: str) -> frozenset[str]:
    """Every folded title and alias of a table's columns."""
    return frozenset(folded(text) for c in columns.BY_NAME[table].columns for text in (c.title, *c.aliases))


@lru_cache(maxsize=16)
def required(table: str) -> tuple[str, ...]:
    """The columns a table is not readable without."""
    return tuple(column.name for column in columns.BY_NAME[table].columns if column.required)


@lru_cache(maxsize=512)
def match(table: str, values: tuple[object, ...]) -> Heading:
    """The columns of a row of titles; the headers of a batch are mostly the same. An exact title beats an alias."""
    declared = columns.BY_NAME[table].columns
    texts = {i: text for i, v in enumerate(values) if isinstance(v, str) and (text := folded(v))}
    results = {folded(c.title) for c in (*columns.RESULT_COLUMNS, *columns.LIVE_COLUMNS)}
    barred = results if len(_RESULT_SIGNS.intersection(texts.values())) > 1 else frozenset()
    named: dict[str, int] = {}
    repeated: dict[str, tuple[int, ...]] = {}
    money: dict[str, str] = {}
    for whole, exact in ((True, True), (True, False), (False, True), (False, False)):
        for column in declared:
            if column.name in named:
                continue
            wanted = {folded(column.title)} if exact else {folded(a) for a in column.aliases} - barred
            at = tuple(i for i, text in texts.items() if (text if whole else core(text, column.kind)) in wanted)
            if at:
                named[column.name] = at[0]
                if len(at) > 1:
                    repeated[column.name] = at
                for i in at:
                    if column.kind is Kind.MONEY and (unit := MONEY_WORDS.search(texts[i])):
                        money[column.name] = unit[1]
                    del texts[i]
    own: dict[str, int] = {}
    for i, text in texts.items():
        if text not in results:
            title = str(values[i]).strip()
            own[title if title not in own else f"{title}（{letters(i)}列）"] = i
    filled = [i for i, v in enumerate(values) if v is not None]
    titled = filled[-1] + 1 if filled else 0
    seen = {i for i, v in enumerate(values) if isinstance(v, str) and folded(v)}
    return Heading(named, repeated, own, titled, tuple(i for i in range(titled) if i not in seen), money)


def find(table: str, sheet: Sheet) -> int | None:
    """The index of the row of `sheet` that is the header of a table: the one with most of the required titles."""
    wanted = required(table)
    enough = min(2, len(wanted))
    known = titles(table)
    kinds = {column.kind for column in columns.BY_NAME[table].columns}
    best: tuple[int, int] | None = None
    for i, (number, values) in enumerate(sheet.rows):
        if number > HEADER_WINDOW:
            break
        texts = [folded(v) for v in values if isinstance(v, str) and len(v) <= _LONGEST_TITLE]
        if sum(1 for text in texts if text in known or any(core(text, kind) in known for kind in kinds)) < enough:
            continue
        named = match(table, values).named
        hits = sum(1 for name in wanted if name in named)
        if hits >= enough and (best is None or hits > best[1]):
            best = (i, hits)
        if hits == len(wanted):
            break
    return None if best is None else best[0]


def share_found(table: str, sheet: Sheet) -> float:
    """How many of the required titles a sheet has in its best row, as a share."""
    at = find(table, sheet)
    if at is None:
        return 0.0
    named = match(table, sheet.rows[at][1]).named
    wanted = required(table)
    return sum(1 for name in wanted if name in named) / len(wanted)


def misplaced(table: str, heading: Heading) -> list[tuple[str, str]]:
    """Own columns that stand where a column of the template is missing: their title, and the missing one's.

    A title that was typed over leaves its column between the neighbours it has in the template.
    """
    order = [c for c in columns.BY_NAME[table].columns if not c.optional]
    found: list[tuple[str, str]] = []
    for title, index in heading.own.items():
        for before, column, after in _missing(order, heading.named):
            if (
                column not in dict(found).values()
                and (before is None or heading.named[before] < index)
                and (after is None or index < heading.named[after])
            ):
                found.append((title, column))
                break
    return found


def _missing(order: Sequence[Column], named: dict[str, int]) -> list[tuple[str | None, str, str | None]]:
    """Each missing column between the neighbours that are there; the last of the template has none behind it."""
    rows: list[tuple[str | None, str, str | None]] = []
    for i, column in enumerate(order):
        if column.name in named:
            continue
        before = next((c.name for c in reversed(order[:i]) if c.name in named), None)
        after = next((c.name for c in order[i + 1 :] if c.name in named), None)
        if after is not None:
            rows.append((before, column.title, after))
    return rows
