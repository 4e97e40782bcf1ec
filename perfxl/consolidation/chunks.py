"""What a worker does with a chunk of one or two hundred files: read, stack, score, send back compressed frames.

The same function serves this process, a pool of processes and a cluster: bytes in, bytes out, no path, no ledger.
"""

from __future__ import annotations

import signal
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perfxl.consolidation import shelf
from perfxl.consolidation.packing import pack, unpack
from perfxl.consolidation.submissions import Header, header_of
from perfxl.intake.guard import DEFAULT_LIMITS, Limits
from perfxl.intake.reading import Refused, read_workbook
from perfxl.intake.submission import Submission, file_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from types import FrameType

    import pandas as pd

    from perfxl.intake.readers import Reader
    from perfxl.schemes import Scheme


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a chunk: `data` as received, or `packed` as it was read in an earlier run."""

    index: int
    shown: str
    data: bytes = b""
    packed: bytes = b""


@dataclass(frozen=True, slots=True)
class Job:
    """What holds for every chunk of a run."""

    scheme: Scheme | None = None
    reader: Reader = "auto"
    limits: Limits = DEFAULT_LIMITS
    today: date | None = None


@dataclass(slots=True)
class NotTaken:
    """Why one file of a chunk was not taken; `trace` is for the log, never for the workbook."""

    code: str
    details: Mapping[str, str | float] = field(default_factory=dict)
    trace: str = ""


@dataclass(slots=True)
class ChunkResult:
    """What came of a chunk: headers by the number of the submission; refusals and what the ledger keeps by that of the file.

    `rows` holds the tables of `compact`, packed by submission; `passing` the files that another day may score otherwise.
    """

    headers: dict[int, Header] = field(default_factory=dict)
    refused: dict[int, NotTaken] = field(default_factory=dict)
    packed: dict[int, bytes] = field(default_factory=dict)
    rows: dict[int, bytes] = field(default_factory=dict)
    passing: set[int] = field(default_factory=set)


class TooSlow(BaseException):
    """The processor time for one file is over; not an Exception, so that no parser takes it for a broken file."""


@contextmanager
def _seconds(limit: float) -> Iterator[None]:
    """Raise `TooSlow` when the block takes more processor time, where the system has such an alarm.

    Time spent waiting counts nothing: a busy machine or a slow disk changes no file's fate.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run_chunk(items: Sequence[Item], job: Job) -> ChunkResult:
    """Read and score one chunk. No file of it can stop it, short of ending the process."""
    from perfxl.scoring import batch

    result = ChunkResult()
    submissions: list[Submission] = []
    for item in items:
        read = _read(item, job, result)
        if isinstance(read, Refused):
            result.refused[item.index] = NotTaken(read.code, read.details)
            continue
        for submission in read:
            result.headers[submission.number] = header_of(submission)
            batch.tell_of_scored_workbook(submission)
        submissions += read
    if frames := _scored(submissions, job, result):
        result.rows = shelf.packed(frames)
    return result


def _read(item: Item, job: Job, result: ChunkResult) -> list[Submission] | Refused:
    """The submissions of one file; what it was packed as goes into the result unless it came packed."""
    if item.packed:
        return unpack(item.packed, item.index, item.shown)
    try:
        with _seconds(job.limits.seconds):
            read = read_workbook(item.data, number=item.index, source=item.shown, limits=job.limits, reader=job.reader)
            packed = pack(read)
    except TooSlow:
        result.refused[item.index] = NotTaken("file-too-slow", {"s": job.limits.seconds})
        return []
    except MemoryError:
        result.refused[item.index] = NotTaken("file-out-of-memory")
        return []
    except Exception:  # noqa: BLE001  # a bug around one file of a batch is that file's code (house style 8)
        result.refused[item.index] = NotTaken("file-unreadable", trace=traceback.format_exc())
        return []
    result.packed[item.index] = packed
    return read


def _scored(submissions: Sequence[Submission], job: Job, result: ChunkResult) -> dict[str, pd.DataFrame]:
    """The frames of what was read; a file of which something cannot be scored is refused alone.

    Texts stay Python's own: where pyarrow is installed, pandas would keep them as Arrow's, and scoring take a quarter longer.
    """
    import pandas as pd

    from perfxl.checks.unit import of_today
    from perfxl.consolidation.compact import compact
    from perfxl.scoring import batch

    @pd.option_context("mode.string_storage", "python")
    def work(some: Sequence[Submission]) -> dict[str, pd.DataFrame]:
        scored = batch.score_submissions(some, [job.scheme] if job.scheme else [], job.today)
        batches = {id(results): results for listed in scored.values() for results in listed}
        for results in batches.values():
            result.passing.update(map(file_of, results.frames.unit["submission"][of_today(results)].tolist()))
        return _stacked([compact(results) for results in batches.values()])

    def failed(submission: Submission, trace: str) -> None:
        file = file_of(submission.number)
        result.refused[file] = NotTaken("file-unreadable", trace=trace)
        result.headers = {number: header for number, header in result.headers.items() if file_of(number) != file}

    return _stacked(batch.in_halves(submissions, work, failed))


def _stacked(parts: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The tables of several batches below each other, whole submissions in ascending order."""
    if len(parts) == 1:
        return dict(parts[0])
    return {
        name: stack([part[name] for part in parts]).sort_values("submission", kind="stable", ignore_index=True)
        for name in (parts[0] if parts else ())
    }


def stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames below each other; an empty one says nothing about the kinds of its columns."""
    import pandas as pd

    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled or frames[:1], ignore_index=True)
