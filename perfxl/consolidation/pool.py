"""Chunks through worker processes, each with a limit of time and memory; one bad file is that file's code, nothing more.

A chunk whose worker dies, hangs or runs out of memory is done again file by file, so that only the guilty file is refused.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, Self

from perfxl.consolidation.chunks import ChunkResult, Item, Job, NotTaken, run_chunk
from perfxl.consolidation.records import R, T
from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import TracebackType

    from perfxl.intake.guard import Limits

GRACE = 5.0
"""Seconds of processor time a worker gets beyond its own alarm before the system ends it."""
STALLED = 1800.0
"""Seconds on the wall after which a worker waits for a disk or a share that does not answer: the file is not read, not damaged."""

Chunk = list[Item]
Answer = tuple[Chunk, ChunkResult]


class Runner(Protocol):
    """Something that does chunks: this process, a pool, a cluster."""

    def run(self, chunks: Iterator[Chunk], job: Job) -> Iterator[Answer]:
        """The results of all chunks, in any order; the files of a chunk may come back in several parts."""
        ...

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """What `function` makes of each item, in their order; both travel between processes."""
        ...


class Here:
    """Chunks one after another in this process: for one file, for tests, where no process may be started."""

    def run(self, chunks: Iterator[Chunk], job: Job) -> Iterator[Answer]:
        """The results in the order of the chunks."""
        for chunk in chunks:
            yield chunk, run_chunk(chunk, job)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """One after another."""
        return map(function, items)


class Pool:
    """Chunks through `workers` processes of this machine; a context manager that leaves none of them behind."""

    def __init__(self, workers: int, limits: Limits, context: str = "") -> None:
        from pebble import ProcessPool

        self.workers = max(1, workers)
        self.limits = limits
        start = context or ("fork" if sys.platform == "linux" else "spawn")
        if start == "fork":
            _import_early()
            # The threads of this process are the pool's own, and they hold nothing that a worker takes.
            warnings.filterwarnings("ignore", message=".*use of fork.*", category=DeprecationWarning)
        self._pool = ProcessPool(self.workers, initializer=start_worker, initargs=(limits,), context=multiprocessing.get_context(start))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close(wait_for_workers=kind is None)

    def close(self, *, wait_for_workers: bool = True) -> None:
        """End the workers: after what they are doing, or at once."""
        if wait_for_workers:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble's annotations stop here
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]  # as above
        self._pool.join()

    def run(self, chunks: Iterator[Chunk], job: Job) -> Iterator[Answer]:
        """The results of all chunks as they come."""
        yield from drive(chunks, self.workers * 2, lambda chunk: self._submit(chunk, job), job)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """In the order of the items, a few ahead of the one that is wanted; what a worker dies of is done here."""
        waiting: deque[tuple[T, Future[R]]] = deque()
        for item in items:
            waiting.append((item, self._pool.schedule(_collected, (function, item))))
            if len(waiting) > 2 * self.workers:
                yield _done(function, *waiting.popleft())
        while waiting:
            yield _done(function, *waiting.popleft())

    def _submit(self, chunk: Chunk, job: Job) -> Future[list[Answer]]:
        future: Future[list[Answer]] = self._pool.schedule(_answer, (chunk, job), timeout=STALLED)
        return future


def _collected(function: Callable[[T], R], item: T) -> R:
    """`function(item)` in a worker; what it held is released before the next: letters are full of cycles."""
    try:
        return function(item)
    finally:
        gc.collect()


def _done(function: Callable[[T], R], item: T, future: Future[R]) -> R:
    from pebble import ProcessExpired

    try:
        return future.result()
    except (ProcessExpired, MemoryError):
        return function(item)


def _answer(chunk: Chunk, job: Job) -> list[Answer]:
    """One chunk in a worker; what it held for is released before the next."""
    seconds = job.limits.seconds
    _limit_processor_time(seconds + GRACE if len(chunk) == 1 else 3 * seconds + GRACE + 0.5 * len(chunk))
    result = run_chunk(chunk, job)
    gc.collect()
    return [([Item(item.index, item.shown) for item in chunk], result)]


def drive(chunks: Iterator[Chunk], ahead: int, submit: Any, job: Job) -> Iterator[Answer]:  # any executor's submit
    """Keep `ahead` chunks under way; what fails as a chunk is done again file by file, and what fails alone is refused."""
    running: dict[Future[list[Answer]], Chunk] = {}
    again: deque[Chunk] = deque()
    more = True
    while more or running or again:
        while again and len(running) < ahead:
            chunk = again.popleft()
            running[submit(chunk)] = chunk
        while more and not again and len(running) < ahead:
            following = next(chunks, None)
            if following is None:
                more = False
            else:
                running[submit(following)] = following
        if not running:
            continue
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            chunk = running.pop(future)
            error = future.exception() if not future.cancelled() else CancelledError()
            if error is None:
                yield from future.result()
            elif isinstance(error, PerfxlError):
                raise error
            elif len(chunk) > 1:
                again.extend([item] for item in chunk)
            else:
                refused = ChunkResult(refused={chunk[0].index: _refusal(error, job)})
                yield chunk, refused


def _refusal(error: BaseException, job: Job) -> NotTaken:
    """The code of a file that ended its worker."""
    from pebble import ProcessExpired

    if isinstance(error, TimeoutError):
        return NotTaken("file-stalled", {"m": STALLED // 60})
    if isinstance(error, ProcessExpired) and error.exitcode == -getattr(signal, "SIGXCPU", 0):
        return NotTaken("file-too-slow", {"s": job.limits.seconds})
    if isinstance(error, MemoryError):
        return NotTaken("file-out-of-memory")
    if isinstance(error, ProcessExpired) or type(error).__name__ == "KilledWorker":
        return NotTaken("file-reader-died")
    return NotTaken("file-unreadable", trace="".join(traceback.format_exception(error)))


def start_worker(limits: Limits) -> None:
    """What every worker does first: leave Ctrl-C to the parent, end with it, and take no more memory than allowed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.dup2(2, 1)  # standard output is for the document: what a parser prints goes to standard error
    _import_early()
    _end_with_parent()
    _limit_memory(limits.worker_bytes)
    gc.collect()
    gc.freeze()
    gc.disable()


def _import_early() -> None:
    """Import what every chunk needs, once, before the workers part from the parent."""
    import openpyxl.reader.excel
    import openpyxl.worksheet._reader  # noqa: F401  # importing is what is wanted

    import perfxl.checks.engine
    import perfxl.consolidation.compact
    import perfxl.scoring.batch

    with suppress(ImportError):
        import python_calamine  # noqa: F401  # loaded before the limits are set

    perfxl.checks.engine.all_checks()


def _end_with_parent() -> None:
    """On Linux a worker is killed when the process that started it is (no orphans after `kill -9`)."""
    if sys.platform == "linux":
        import ctypes

        parent = os.getppid()
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _limit_processor_time(seconds: float) -> None:
    """What this process may take from now on before the system ends it: for a parser that never asks Python for signals."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        last = math.ceil(used.ru_utime + used.ru_stime + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (last, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _limit_memory(allowed: int) -> None:
    """Address space at most `allowed` bytes above what the worker holds now, where the system can say so."""
    if sys.platform != "linux":
        return
    import resource

    with open("/proc/self/statm", "rb") as facts:  # noqa: PTH123  # a file of the kernel
        held = int(facts.read().split()[0]) * resource.getpagesize()
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (held + allowed, resource.RLIM_INFINITY))
