"""Worker processes, each with a pipe of its own: what becomes of one never touches another.

A pool whose workers share one pipe and its locks (pebble) ends as a whole when an idle worker is killed, and hangs when
one is killed while it answers. Here a death is the end of one pipe; the worker is replaced and its task comes back.
"""

from __future__ import annotations

import gc
import math
import signal
import threading
import time
import traceback
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess


class WorkerDied(Exception):  # noqa: N818  # it says what happened to the worker
    """A worker ended before it answered; `overtime` if the system ended it because its processor time was over."""

    def __init__(self, exit_code: int | None = None) -> None:
        self.overtime = exit_code is not None and exit_code == -getattr(signal, "SIGXCPU", 0)
        super().__init__(exit_code)


class WorkerFailed(Exception):  # noqa: N818  # as above
    """What a task raised, as the text of its traceback: an exception itself may not be able to travel."""


@dataclass(slots=True)
class _Task:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    seconds: float
    future: Future[Any]


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: _Task | None = None
    until: float = math.inf
    overdue: bool = False


class Crew:
    """So many workers of this machine. `start` is what each does first. Used from one thread; `close` leaves none behind."""

    def __init__(self, count: int, context: BaseContext, start: Callable[..., None], *arguments: object) -> None:
        self._count = count
        self._context = context
        self._start = (start, arguments)
        self._workers: list[_Worker] = []
        self._queue: deque[_Task] = deque()
        self._lock = threading.Lock()
        self._watched = threading.Event()
        self._closed = False
        self._watchdog: threading.Thread | None = None

    def submit(self, function: Callable[..., Any], *arguments: object, seconds: float = math.inf) -> Future[Any]:
        """What `function` makes of `arguments` in a worker. Raised are `WorkerDied`, `WorkerFailed`, MemoryError, TimeoutError."""
        future: Future[Any] = Future()
        self._queue.append(_Task(function, arguments, seconds, future))
        self._hand_out()
        return future

    def wait(self, futures: Collection[Future[Any]]) -> set[Future[Any]]:
        """Those of `futures` that are done, once at least one is."""
        while not (done := {future for future in futures if future.done()}):
            busy = {worker.pipe: worker for worker in self._workers if worker.task is not None}
            for pipe in connection.wait(list(busy)):
                self._take_answer(busy[pipe])  # type: ignore[index]  # only pipes were given
            self._hand_out()
        return done

    def close(self) -> None:
        """End the workers at once; what they were doing is given up."""
        with self._lock:
            self._closed = True
        self._watched.set()
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()

    def _hand_out(self) -> None:
        """Give what waits to who is free."""
        while self._queue:
            worker = self._free()
            if worker is None:
                return
            task = self._queue.popleft()
            with self._lock:
                worker.task, worker.until = task, time.monotonic() + task.seconds
            if task.seconds < math.inf:
                self._watch()
            try:
                worker.pipe.send((task.function, task.arguments))
            except OSError:
                self._over(worker)
            except Exception as error:  # noqa: BLE001  # what cannot be pickled may raise anything
                with self._lock:
                    worker.task, worker.until = None, math.inf
                task.future.set_exception(error)

    def _free(self) -> _Worker | None:
        """A living worker without a task, started where there are not enough; those that have died are seen off."""
        for worker in [w for w in self._workers if w.task is None and (w.overdue or not w.process.is_alive())]:
            self._see_off(worker)
        for worker in self._workers:
            if worker.task is None:
                return worker
        return self._started() if len(self._workers) < self._count else None

    def _started(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process: BaseProcess = self._context.Process(target=_serve, args=(theirs, *self._start), daemon=True)  # type: ignore[attr-defined]  # each context has its own
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _take_answer(self, worker: _Worker) -> None:
        try:
            kind, value = worker.pipe.recv()
        except Exception:  # noqa: BLE001  # the pipe has ended, perhaps in the middle of an answer
            self._over(worker)
            return
        task = worker.task
        assert task is not None  # noqa: S101  # only busy workers answer
        with self._lock:
            worker.task, worker.until = None, math.inf
        match kind:
            case "done":
                task.future.set_result(value)
            case "memory":
                task.future.set_exception(MemoryError())
            case _:
                task.future.set_exception(WorkerFailed(value))

    def _over(self, worker: _Worker) -> None:
        """The worker is gone and its task comes back."""
        task = worker.task
        self._see_off(worker)
        if task is not None:
            task.future.set_exception(TimeoutError() if worker.overdue else WorkerDied(worker.process.exitcode))

    def _see_off(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.remove(worker)
        worker.process.join(0.2)  # one whose pipe has ended is ending; its code says of what
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()

    def _watch(self) -> None:
        """A thread that kills who is overdue, also one that has stopped in the middle of its answer."""
        if self._watchdog is None:
            self._watchdog = threading.Thread(target=self._watching, daemon=True)
            self._watchdog.start()
        self._watched.set()

    def _watching(self) -> None:
        while True:
            with self._lock:
                if self._closed:
                    return
                now = time.monotonic()
                for worker in self._workers:
                    if worker.until <= now and not worker.overdue:
                        worker.overdue = True
                        worker.process.kill()
                following = min((w.until for w in self._workers if not w.overdue), default=math.inf)
            self._watched.wait(None if following == math.inf else max(0.0, following - now))
            self._watched.clear()


def _serve(pipe: Connection, start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """The life of a worker: tasks from the pipe until it ends, each answered by a value or by what kept it from one."""
    start(*arguments)
    while True:
        function = value = None
        try:
            function, given = pipe.recv()
            answer: tuple[str, Any] = ("done", function(*given))
            del given
        except EOFError:
            return
        except MemoryError:
            answer = ("memory", "")
        except BaseException:  # noqa: BLE001  # whatever a parser raises is told, and the worker goes on
            answer = ("failed", traceback.format_exc())
        try:
            pipe.send(answer)
        except OSError:
            return
        except BaseException as error:  # noqa: BLE001  # pickling comes before writing: nothing is sent yet
            text = traceback.format_exc()
            with suppress(OSError):
                pipe.send(("memory", "") if isinstance(error, MemoryError) else ("failed", text))
        answer = ("", None)
        del value
        gc.collect()
        gc.freeze()  # what is left are words and readings that are kept: no need to look through them after each task
