"""The tables of a consolidation: kept by submission, outside of memory, and taken out again in any order.

Ten thousand submissions have four hundred thousand indicator rows, and which of them count, and in which order they are
written, is only known when all are read. So each submission's rows lie packed in a temporary file until then; the ledger
keeps them as they lie there. MessagePack, not pickle: a ledger may come from another machine, and reading it must not be
able to run code.
"""

from __future__ import annotations

import tempfile
import zlib
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import msgspec

from perfxl.model import Kind, Table
from perfxl.model.columns import BUDGET, INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

Columns = dict[str, list[Any]]
"""The columns of a table as plain lists."""


def _declared(table: Table) -> dict[str, str]:
    return {c.name: "text" if c.kind in (Kind.TEXT, Kind.CHOICE) else "number" for c in table.columns if c.kind is not Kind.RATE}


LONG: Mapping[str, Mapping[str, str]] = {
    "budget": {"submission": "whole", "sheet_row": "whole", "line": "text", **_declared(BUDGET), "rate": "number"},
    "indicators": {
        "submission": "whole",
        "sheet_row": "whole",
        **_declared(INDICATORS),
        "rule": "text",
        "completion": "number",
        "score": "number",
        "low": "number",
        "high": "number",
        "status": "text",
        "op": "text",
        "kind": "text",
        "block": "text",
        "t_low": "number",
        "t_high": "number",
        "t_unit": "text",
        "a_low": "number",
        "a_high": "number",
        "a_unit": "text",
        "tier_used": "text",
        "tier_inferred": "truth",
        "explanation": "text",
    },
    "issues": {
        "submission": "whole",
        "code": "text",
        "severity": "text",
        "kind": "text",
        "sheet": "text",
        "cell": "text",
        "value": "text",
        "message": "text",
        "fix": "text",
        "level3": "text",
        "unit": "text",
        "file": "text",
    },
    "review": {
        "submission": "whole",
        "what": "text",
        "sheet": "text",
        "sheet_row": "whole",
        "level1": "text",
        "level2": "text",
        "level3": "text",
        "target_text": "text",
        "actual": "text",
        "weight": "number",
        "claimed": "number",
        "score": "number",
        "low": "number",
        "high": "number",
        "difference": "number",
        "category": "text",
    },
    "passages": {"submission": "whole", "sheet": "text", "cell": "text", "column": "text", "hash": "whole", "length": "whole", "text": "text"},
}
"""The long tables: columns in order and their kinds, text (""), number (NaN), whole (int64) or truth (bool)."""

_KINDS: Mapping[str, Any] = {"text": object, "number": "float64", "whole": "int64", "truth": "bool"}
DETAIL_COLUMNS = (
    "sheet_row", "block", "level2", "level3", "operator", "target", "adjusted_target", "unit", "actual", "tier", "weight", "claimed_score",
    "score", "low", "high", "completion", "status", "rule", "op", "t_low", "t_high", "t_unit", "a_low", "a_high", "a_unit",
)  # fmt: skip
"""What the ledger keeps of an indicator for good, in this order; a further column goes to the end."""

SHORT, DETAILS, _REST = "short", "details", "long"
"""What lies packed together: all short tables, row by row; of the indicators `DETAIL_COLUMNS`; `passages`; and the rest of `LONG`."""
_SMALL = 8 << 20
"""Bytes kept in memory before anything goes to disk: a folder of ordinary size never does."""


def packed(tables: Mapping[str, pd.DataFrame]) -> dict[int, bytes]:
    """The rows of each submission in long and short tables, as a few bytes; they keep their order, and lose their number."""
    import numpy as np

    split: dict[int, dict[str, Any]] = {}
    nothing: dict[str, dict[str, Any]] = {}
    for name in tables:
        nothing.setdefault(_group(name), {})[name] = {} if name in LONG else ((), ())
    for name, rows in tables.items():
        frame = rows if rows["submission"].is_monotonic_increasing else rows.sort_values("submission", kind="stable")
        submissions = frame["submission"].to_numpy()
        titles = [column for column in LONG.get(name, frame.columns) if column != "submission"]
        columns = [frame[column].tolist() for column in titles]
        stacked = list(zip(*columns, strict=True)) if name not in LONG else []
        starts = np.flatnonzero(np.r_[True, submissions[1:] != submissions[:-1]]) if len(frame) else np.array([], dtype="int64")
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(frame)], strict=False):
            own = split.setdefault(int(submissions[start]), {group: dict(parts) for group, parts in nothing.items()})
            if name not in LONG:
                own[SHORT][name] = (titles, stacked[start:end])
                continue
            cut = {title: values[start:end] for title, values in zip(titles, columns, strict=True)}
            if name == "indicators":
                own[DETAILS] = [cut.pop(title) for title in DETAIL_COLUMNS]
            own[_group(name)][name] = cut
    return {n: msgspec.msgpack.encode({group: _compressed(parts) for group, parts in own.items()}) for n, own in split.items()}


def _group(name: str) -> str:
    return SHORT if name not in LONG else name if name == "passages" else _REST


def _compressed(parts: Any) -> bytes:
    return zlib.compress(_encoded(parts), 1)


def _encoded(parts: Any) -> bytes:
    try:
        return msgspec.msgpack.encode(parts, enc_hook=_item)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(_unicode(parts), enc_hook=_item)


def _item(value: Any) -> object:
    """A number of numpy's as Python's own."""
    return value.item()


def _unicode(value: object) -> object:
    """The same without lone surrogates in its texts: no file holds them."""
    if isinstance(value, dict):
        return {name: _unicode(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_unicode(part) for part in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def unpacked(rows: bytes, *names: str) -> dict[str, Any]:
    """Those of the long tables, name to columns, none where there are no rows; `SHORT` for all short ones, name to titles and rows."""
    found: dict[str, Any] = {}
    groups = msgspec.msgpack.decode(rows)
    for group in dict.fromkeys(name if name == SHORT else _group(name) for name in names):
        if group in groups:
            found |= msgspec.msgpack.decode(zlib.decompress(groups[group]))
    if "indicators" in names and DETAILS in groups:
        found["indicators"] |= dict(zip(DETAIL_COLUMNS, msgspec.msgpack.decode(zlib.decompress(groups[DETAILS])), strict=True))
    return found


def details(rows: bytes) -> bytes:
    """The indicators of a submission as the ledger keeps them, column by column."""
    kept: bytes = msgspec.msgpack.decode(rows).get(DETAILS) or _compressed([[] for _ in DETAIL_COLUMNS])
    return kept


class Stacked(Columns):
    """A long table of some submissions, each under its number in `numbers`; a column is stacked when it is asked for."""

    def __init__(self, name: str, numbers: Sequence[int], parts: Sequence[Mapping[str, Any]]) -> None:
        self._parts = [own for part in parts if (own := part.get(name))]
        counts = [len(next(iter(part[name].values()))) if part.get(name) else 0 for part in parts]
        super().__init__(submission=list(chain.from_iterable(map(repeat, numbers, counts))))

    def __missing__(self, column: str) -> list[Any]:
        self[column] = list(chain.from_iterable([part[column] for part in self._parts]))
        return self[column]


def table(name: str, numbers: Sequence[int], parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One table of some submissions, stacked, each under its number in `numbers`."""
    if name in LONG:
        return framed(name, Stacked(name, numbers, parts))
    found: Columns = {"submission": []}
    if stacked := [(number, *row) for number, part in zip(numbers, parts, strict=True) for row in part[name][1]]:
        titles = next(part[name][0] for part in parts if part[name][0])
        found = dict(zip(("submission", *titles), map(once_each, zip(*stacked, strict=True)), strict=True))
    return framed(name, found)


def framed(name: str, columns: Columns) -> pd.DataFrame:
    """The columns of a table as a frame."""
    import pandas as pd

    kinds = LONG.get(name, {"submission": "whole"})
    listed = {column: columns[column] for column in dict.fromkeys((*kinds, *columns))}
    return pd.DataFrame({column: _array(values, kinds.get(column) or _kind(values)) for column, values in listed.items()})


def once_each(values: Iterable[object]) -> list[Any]:
    """The same with equal texts as one: most columns of many rows hold few."""
    known: dict[str, str] = {}
    return [known.setdefault(value, value) if type(value) is str else value for value in values]


def _kind(values: Sequence[object]) -> str:
    """What a column of a short table holds."""
    types = set(map(type, values))
    return "truth" if types == {bool} else "whole" if types == {int} else "number" if types <= {int, float} else "text"


def _array(values: list[Any], kind: str) -> pd.Series:
    import numpy as np
    import pandas as pd

    if kind != "text":
        return pd.Series(np.array(values, dtype=_KINDS[kind]))
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return pd.Series(array, dtype=object)


class Shelf:
    """Packed rows by any number; closed with the last reference to it."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_SMALL)  # noqa: SIM115  # lives as long as the shelf
        self._places: dict[int, tuple[int, int]] = {}
        self._end = 0

    def __del__(self) -> None:
        self._file.close()

    def put(self, number: int, rows: bytes) -> None:
        """Keep the packed rows of a submission."""
        self._file.seek(self._end)
        self._file.write(rows)
        self._places[number] = (self._end, len(rows))
        self._end += len(rows)

    def take(self, number: int) -> bytes:
        """The packed rows of a submission; of one that has none, those of no table."""
        place = self._places.get(number)
        if place is None:
            return _NOTHING
        self._file.seek(place[0])
        return self._file.read(place[1])


_NOTHING = msgspec.msgpack.encode({})
