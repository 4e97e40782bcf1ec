"""What the field of a key says of itself: title, bounds, unit, words of its values; for loading, refusals and showing alike."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Struct

from perfxl.model.digits import plain
from perfxl.schemes.records import Scheme, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWN = frozenset({"file", "fingerprint"})
"""What loading adds to a scheme; no keys of a file."""
SOURCES = frozenset({"source", "sources"})


class SchemeKey(Struct, frozen=True):
    """One key of a table."""

    name: str
    title: str
    unit: str
    words: Mapping[str, str]
    when: tuple[str, ...]
    unused: float | None
    record: type[msgspec.Struct] | None
    """The record of its rows or of its table, None for a plain value."""

    def in_use(self, table: msgspec.Struct) -> bool:
        """Whether the key says anything of this table."""
        value = getattr(table, self.name)
        return value not in ("", (), {}, None, self.unused) and (not self.when or getattr(table, self.when[0]) in self.when[1:])

    def shown(self, value: object) -> str:
        """A value in Chinese."""
        if isinstance(value, str):
            return self.words.get(value, value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _listed(value)
        return percent(value) if self.unit == "%" else f"{plain(value)}{self.unit}"


def _listed(value: Any) -> str:
    if isinstance(value, dict):
        return "、".join(f"{name} {plain(points)}分" for name, points in value.items())
    rows = [row.shown() for row in value if hasattr(row, "shown")]
    return "；".join(rows) if rows else "、".join(map(str, value))


@cache
def keys_of(record: type[msgspec.Struct]) -> dict[str, SchemeKey]:
    """The keys of a record by name, in the order they are declared."""
    return {field.name: _declared(field.name, field.type) for field in msgspec.structs.fields(record) if field.name not in OWN}


def _declared(name: str, kind: Any) -> SchemeKey:
    metas = list(_metas(kind))
    extra: dict[str, Any] = {}
    for meta in reversed(metas):
        extra |= {k: v for k, v in (meta.extra or {}).items() if v or k == "unused"}
    title = next((meta.title for meta in metas if meta.title), name)
    return SchemeKey(name, title, extra.get("unit", ""), extra.get("words", {}), extra.get("when", ()), extra.get("unused"), _record(kind))


def _metas(kind: Any) -> Iterator[msgspec.Meta]:
    """The declarations on a type, the outermost first; those within lists belong to the rows."""
    if get_origin(kind) is Annotated:
        inner, *own = get_args(kind)
        yield from (meta for meta in own if isinstance(meta, msgspec.Meta))
        yield from _metas(inner)
    elif type(None) in get_args(kind):
        for one in get_args(kind):
            yield from _metas(one)


def _record(kind: Any) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for one in get_args(kind) if not isinstance(one, msgspec.Meta) and (found := _record(one))), None)


def at(path: str) -> tuple[type[msgspec.Struct] | None, SchemeKey | None]:
    """The record a dotted path such as `budget.tiers[0].points` ends in, and the key it names there."""
    record: type[msgspec.Struct] | None = Scheme
    found: SchemeKey | None = None
    for part in re.findall(r"[^.\[\]]+|\[[^\]]*\]", path):
        if part == "[...]" and found is not None and found.record is None:
            return record, found
        if part.startswith("["):
            continue
        record = found.record if found is not None else record
        if record is None or part not in keys_of(record):
            return record, None
        found = keys_of(record)[part]
    return record, found
