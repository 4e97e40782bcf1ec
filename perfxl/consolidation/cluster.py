"""Chunks through a Dask cluster: the same chunk function, bytes shipped instead of paths; no scheduler of our own.

Every Dask worker does its chunks in a child process with the limits of the local pool, so a hostile file ends that child
and not the worker. A worker that is lost has its chunk done again by another one.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from perfxl.consolidation.ledger import code_fingerprint
from perfxl.consolidation.pool import Answer, Chunk, Pool, drive
from perfxl.consolidation.records import R, T
from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from types import TracebackType

    from perfxl.consolidation.chunks import Job
    from perfxl.intake.guard import Limits


CONNECT_SECONDS = 20.0


class Cluster:
    """A connection to a scheduler at `tcp://…`; a context manager."""

    def __init__(self, address: str, limits: Limits) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise PerfxlError("没有安装 Dask。请运行 pip install 'perfxl[cluster]'，或去掉 --cluster 在本机运行。") from None
        self.limits = limits
        try:
            self._client: Any = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # distributed has no types
        except (OSError, TimeoutError, ValueError) as error:
            raise PerfxlError(f"连不上集群“{address}”（{error}）。请检查地址，或去掉 --cluster 在本机运行。") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def run(self, chunks: Iterator[Chunk], job: Job) -> Iterator[Answer]:
        """The results of all chunks as they come."""
        self._client.wait_for_workers(1, timeout=60)
        ahead = 2 * max(1, sum(self._client.nthreads().values()))
        wanted = code_fingerprint()

        def submit(chunk: Chunk) -> Any:  # a future as concurrent.futures has them
            return executor.submit(isolated, chunk, job, wanted)

        with self._client.get_executor(pure=False, retries=2) as executor:
            yield from drive(chunks, ahead, submit, _first_done, job)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Here: what is written is written on this machine, and sending it about costs more than making it."""
        return map(function, items)


def _first_done(futures: Collection[Future[list[Answer]]]) -> set[Future[list[Answer]]]:
    return wait(futures, return_when=FIRST_COMPLETED).done


_pools: list[Pool] = []


def isolated(chunk: Chunk, job: Job, wanted: str) -> list[Answer]:
    """One chunk in a child process of this Dask worker; a file that kills the child is refused, the rest is done.

    Raises:
        PerfxlError: the worker runs another perfxl than the client, whose scores might differ.
    """
    if code_fingerprint() != wanted:
        raise PerfxlError("集群上的 perfxl 与本机的版本不同，不能保证得分一致。请在集群上安装同一版本。")
    if not _pools:
        with _children_allowed():
            _pools.append(Pool(1, job.limits, "spawn"))
    with _children_allowed():
        return list(_pools[0].run(iter([chunk]), job))


@contextmanager
def _children_allowed() -> Iterator[None]:
    """Dask's nanny starts workers as daemons, which Python forbids children; the pool ends its own."""
    config: dict[str, Any] = multiprocessing.current_process()._config  # type: ignore[attr-defined]  # noqa: SLF001  # no public switch
    before = config.get("daemon")
    config["daemon"] = False
    try:
        yield
    finally:
        config["daemon"] = before
