"""Rows of another ledger put into this one: what is new is added, of two for one key the later counts, nothing is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    Insert: TypeAlias = Callable[[Mapping[str, Any]], None]

WHEN = ("recorded", "day")
"""Columns that say when a row was written; of two rows for one key the later one counts, of two alike the one that is there."""


@dataclass(slots=True)
class Joined:
    """What became of the rows of a table."""

    new: int = 0
    replaced: int = 0
    same: int = 0
    kept: int = 0
    """Rows that differ from what is there, which is no older and stays."""


def join(
    base: sqlite3.Connection, table: str, key: Sequence[str], rows: Iterable[Mapping[str, Any]], insert: Callable[[Mapping[str, Any]], None]
) -> Joined:
    """Put rows into a table by its key."""
    done = Joined()
    where = " AND ".join(f'"{name}" = ?' for name in key)
    query = f'SELECT * FROM "{table}" WHERE {where}'  # noqa: S608  # names of our own tables
    for row in rows:
        found = base.execute(query, [row[name] for name in key])
        names = [column[0] for column in found.description]
        there = found.fetchone()
        before = dict(zip(names, there, strict=True)) if there else None
        if before is None:
            done.new += 1
        elif all(before.get(name) == value for name, value in row.items()):
            done.same += 1
            continue
        elif _when(row) <= _when(before):
            done.kept += 1
            continue
        else:
            done.replaced += 1
        insert(row)
    return done


def _when(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in WHEN if name in row)
