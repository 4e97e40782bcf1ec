"""How each file was read and scored in an earlier run, as the ledger remembers it: what did not change is not done again.

A file is known by its content, and how it was scored also by the scheme and the day. What is spoilt or missing is done again.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from perfxl.consolidation.chunks import ChunkResult
from perfxl.consolidation.submissions import Header
from perfxl.intake.guard import DEFAULT_LIMITS
from perfxl.intake.submission import file_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perfxl.consolidation.chunks import Job
    from perfxl.consolidation.ledger import Ledger
    from perfxl.intake.guard import Limits


class Scored(msgspec.Struct, array_like=True):
    """What scoring a file gave, each submission by its number less that of the file."""

    day: str
    headers: dict[int, Header]
    rows: dict[int, bytes]


def known_as(sha256: str, limits: Limits) -> str:
    """Under what the ledger keeps a file as it was read: what one set of limits refused, another may read."""
    return sha256 if limits == DEFAULT_LIMITS else hashlib.sha256(f"{sha256} {limits}".encode()).hexdigest()


class Memory:
    """What the ledger, if there is one, knows of the files of a run."""

    def __init__(self, ledger: Ledger | None, job: Job) -> None:
        self._ledger = ledger
        self._limits = job.limits
        self._day = job.today.isoformat() if job.today else ""
        scheme = hashlib.sha256(msgspec.msgpack.encode(job.scheme)).hexdigest() if job.scheme else ""
        self._names = ledger.names() if ledger is not None else frozenset()
        self._asked = f" {scheme} {self._day[:4]}{'' if job.limits == DEFAULT_LIMITS else f' {job.limits}'}"

    def _scored_as(self, sha256: str) -> str:
        return f"scored {hashlib.sha256((sha256 + self._asked).encode()).hexdigest()}"

    def read(self, sha256: str) -> bytes | None:
        """A file as it was packed when it was read."""
        return self._ledger.known(known_as(sha256, self._limits)) if self._ledger is not None else None

    def holds(self, sha256: str) -> bool:
        """Whether something is kept of how a file was scored; it may be spoilt, or of a later day."""
        return self._scored_as(sha256) in self._names

    def scored(self, sha256: str, number: int) -> ChunkResult | None:
        """What a file gave, as file `number`, if it was scored on this day or earlier in its year (`checks.unit.of_today`)."""
        packed = self._ledger.known(self._scored_as(sha256)) if self._ledger is not None else None
        with suppress(msgspec.DecodeError):
            found = msgspec.msgpack.decode(packed or b"", type=Scored)
            if found.day <= self._day:
                return ChunkResult(
                    {number + at: header for at, header in found.headers.items()}, rows={number + at: r for at, r in found.rows.items()}
                )
        return None

    def keep(self, sha256: Mapping[int, str], result: ChunkResult) -> None:
        """Commit what came of a chunk, `sha256` by the number of the file; but not what another day may score otherwise."""
        if self._ledger is None:
            return
        packed = {known_as(sha256[file], self._limits): data for file, data in result.packed.items()}
        scored: dict[int, Scored] = {}
        for number, header in result.headers.items():
            file = file_of(number)
            own = scored.setdefault(file, Scored(self._day, {}, {}))
            own.headers[number - file] = header
            if number in result.rows:
                own.rows[number - file] = result.rows[number]
        for file, own in scored.items():
            if file not in result.passing:
                with suppress(UnicodeEncodeError):  # a name that is no Unicode: done again each time
                    packed[self._scored_as(sha256[file])] = msgspec.msgpack.encode(own)
        self._ledger.keep(packed)
