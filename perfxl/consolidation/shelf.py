"""The long tables of a consolidation: kept by submission, outside of memory, and taken out again in any order.

Ten thousand submissions have four hundred thousand indicator rows, and which of them count, and in which order they are
written, is only known when all are read. So each submission's rows lie packed in a temporary file until then.
"""

from __future__ import annotations

import pickle
import tempfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.model import Kind, Table
from perfxl.model.columns import BUDGET, INDICATORS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Columns = list[list[Any]]
"""The columns of a table as plain lists, in the order of `LONG`."""


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
_SMALL = 8 << 20
"""Bytes kept in memory before anything goes to disk: a folder of ordinary size never does."""


def packed(tables: Mapping[str, pd.DataFrame]) -> dict[int, bytes]:
    """The rows of each submission in the long tables, as a few bytes; they keep their order."""
    split: dict[int, dict[str, Columns]] = {}
    for name, rows in tables.items():
        frame = rows if rows["submission"].is_monotonic_increasing else rows.sort_values("submission", kind="stable")
        submissions = frame["submission"].to_numpy()
        columns = [frame[column].tolist() for column in LONG[name]]
        starts = np.flatnonzero(np.r_[True, submissions[1:] != submissions[:-1]]) if len(frame) else np.array([], dtype="int64")
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(frame)], strict=False):
            split.setdefault(int(submissions[start]), {})[name] = [column[start:end] for column in columns]
    return {submission: zlib.compress(pickle.dumps(parts, pickle.HIGHEST_PROTOCOL), 1) for submission, parts in split.items()}


def unpacked(rows: bytes) -> dict[str, Columns]:
    """What was packed: tables without rows are missing."""
    found: dict[str, Columns] = pickle.loads(zlib.decompress(rows))  # noqa: S301  # written by this run, kept in a file without a name
    return found


def table(name: str, numbers: Sequence[int], parts: Sequence[Mapping[str, Columns]]) -> pd.DataFrame:
    """One long table of some submissions, stacked, each under its number in `numbers`."""
    columns: dict[str, list[Any]] = {column: [] for column in LONG[name]}
    for number, part in zip(numbers, parts, strict=True):
        if name not in part:
            continue
        for column, values in zip(columns.values(), part[name], strict=True):
            column.extend(values)
        length = len(part[name][0])
        columns["submission"][-length:] = [number] * length
    return pd.DataFrame({column: _array(values, LONG[name][column]) for column, values in columns.items()})


def _array(values: list[Any], kind: str) -> pd.Series:
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


_NOTHING = zlib.compress(pickle.dumps({}), 1)
