"""No worker ends a run: dead, stopped, out of memory, or with something to say that cannot travel."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading

import pytest

from perfxl.consolidation.pool import Pool
from perfxl.consolidation.workers import Crew, WorkerDied, WorkerFailed
from perfxl.intake.guard import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forked workers know this module by its name")
PARENT = os.getpid()


class StubbornError(Exception):
    """An exception that cannot be pickled."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        super().__init__("XMLSyntaxError: unknown error")


def nothing() -> None:
    """What these workers do first."""


def task(what: str) -> object:
    """In a worker what is asked for; in the process of the tests the answer."""
    if what == "fine" or os.getpid() == PARENT:
        return what
    match what:
        case "raises":
            raise StubbornError
        case "exits":
            raise SystemExit(3)
        case "memory":
            raise MemoryError
        case "answers what cannot travel":
            return threading.Lock()
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "dies answering":
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGKILL)).start()
            return bytes(1 << 28)
    raise AssertionError(what)


CASES = {"raises": WorkerFailed, "exits": WorkerFailed, "memory": MemoryError, "answers what cannot travel": WorkerFailed, "dies": WorkerDied}


@pytest.mark.parametrize("what", CASES)
def test_what_keeps_a_worker_from_its_answer_is_told_and_the_crew_goes_on(what: str) -> None:
    crew = Crew(1, multiprocessing.get_context("fork"), nothing)
    try:
        bad, good = crew.submit(task, what), crew.submit(task, "fine")
        crew.wait([good])
        assert type(bad.exception()) is CASES[what]
        assert good.result() == "fine"
    finally:
        crew.close()


def test_a_task_that_cannot_travel_is_its_own_failure() -> None:
    crew = Crew(1, multiprocessing.get_context("fork"), nothing)
    try:
        bad, good = crew.submit(task, threading.Lock()), crew.submit(task, "fine")
        crew.wait([good])
        assert isinstance(bad.exception(), TypeError)
    finally:
        crew.close()


def test_a_stopped_worker_is_overdue() -> None:
    crew = Crew(1, multiprocessing.get_context("fork"), nothing)
    try:
        stopped, good = crew.submit(_stop_itself, seconds=0.5), crew.submit(task, "fine")
        crew.wait([good])
        assert isinstance(stopped.exception(), TimeoutError)
        assert good.result() == "fine"
    finally:
        crew.close()


def _stop_itself() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


@pytest.mark.parametrize("what", [*CASES, "dies answering"])
@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_worker_could_not_do_is_done_here(what: str, workers: int) -> None:
    with Pool(workers, Limits()) as pool:
        items = ["fine", what, "fine", what, "fine"]
        answers = pool.map(task, items)
        assert [answer if isinstance(answer, str) else what for answer in answers] == items


@pytest.mark.parametrize("when", ["idle", "before the first"])
def test_an_idle_worker_that_was_killed_is_replaced(when: str) -> None:
    with Pool(2, Limits()) as pool:
        if when == "idle":
            assert list(pool.map(task, ["fine"] * 3)) == ["fine"] * 3
        for worker in pool._crew._workers:
            os.kill(worker.process.pid or 0, signal.SIGKILL)
        assert list(pool.map(task, ["fine"] * 3)) == ["fine"] * 3
    assert multiprocessing.active_children() == []
