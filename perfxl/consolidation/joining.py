"""Rows of another ledger put into this one: what is new is added, of two for one key the later counts, nothing is taken away."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfxl.consolidation.submissions import day_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    Row: TypeAlias = Mapping[str, Any]
    Insert: TypeAlias = Callable[[Row], None]

_TELLS = ("unit_name", "name", "unit", "project", "level3", "file", "cell", "problem", "run")
"""Columns by which a person knows a row again."""


@dataclass(slots=True)
class Joined:
    """What became of the rows of a table."""

    new: int = 0
    replaced: int = 0
    same: int = 0
    kept: list[str] = field(default_factory=list)
    """Rows that differ from what is there, which is no older and stays: what they are about."""


def join(base: sqlite3.Connection, table: str, key: Sequence[str], rows: Iterable[Row], insert: Insert) -> Joined:
    """Put rows into a table by its key; a table whose key is a running number is a log, in which every line is kept."""
    if key == ["number"]:
        return _continued(base, table, rows, insert)
    done = Joined()
    where = " AND ".join(f'"{name}" = ?' for name in key)
    query = f'SELECT * FROM "{table}" WHERE {where}'  # noqa: S608  # names of our own tables
    for row in rows:
        found = base.execute(query, [row[name] for name in key])
        there = found.fetchone()
        before = dict(zip((column[0] for column in found.description), there, strict=True)) if there else None
        if before is None:
            done.new += 1
        elif all(before.get(name) == value for name, value in row.items()):
            done.same += 1
            continue
        elif not _later(row, before):
            told = [name for name in _TELLS if row.get(name)] or key
            done.kept.append(" ".join(dict.fromkeys(str(row[name]) for name in told if row[name])))
            continue
        else:
            done.replaced += 1
        insert(row)
    return done


def _later(row: Row, before: Row) -> bool:
    """Whether a row was certainly written after what is there."""
    if "recorded" in row:
        return str(row["recorded"]) > str(before["recorded"])
    ours, theirs = day_of(before.get("day")), day_of(row.get("day"))
    return bool(ours and theirs and theirs > ours)


def _continued(base: sqlite3.Connection, table: str, rows: Iterable[Row], insert: Insert) -> Joined:
    """Lines that are not there yet go behind those that are; one that is there n times is there n times in the end."""
    done = Joined()
    found = base.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # as above
    names = [column[0] for column in found.description]
    there = [dict(zip(names, line, strict=True)) for line in found]
    known = Counter(map(_said, there))
    taken = {line["number"] for line in there}
    for row in sorted(rows, key=lambda row: row["number"]):
        if known[_said(row)]:
            known[_said(row)] -= 1
            done.same += 1
            continue
        number = row["number"] if row["number"] not in taken else max(taken) + 1
        taken.add(number)
        insert({**row, "number": number})
        done.new += 1
    return done


def _said(row: Row) -> tuple[tuple[str, object], ...]:
    return tuple(sorted((name, value) for name, value in row.items() if name != "number"))
