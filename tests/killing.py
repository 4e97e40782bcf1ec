"""Runs of the command line in a child that may be killed at any moment, and what must stand afterwards."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from inbox import intake

from perfxl.cli import run
from perfxl.output import sealed_state

if TYPE_CHECKING:
    from collections.abc import Sequence

KILLED = -signal.SIGKILL


def start(arguments: Sequence[object]) -> int:
    """The command line in a fork that talks to nobody; the modules are loaded, so it is at work at once."""
    child = os.fork()
    if child:
        return child
    try:
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  # the process ends with it open
        os._exit(run([str(argument) for argument in arguments]))
    finally:
        os._exit(99)


def ended(child: int) -> int:
    """Its exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def whole(arguments: Sequence[object]) -> int:
    return ended(start(arguments))


def killed(arguments: Sequence[object], after: float) -> int:
    child = start(arguments)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return ended(child)


class Job:
    """A command that turns one of two inputs into one output; its two whole results are known."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.source, self.output = self.folder / "in", self.folder / "out" / "结果.xlsx"
        self.source.mkdir(parents=True)
        self.output.parent.mkdir()
        self.ledger: Path | None = None
        self.results: list[bytes] = []
        took = []
        for which in (0, 1, 0):
            self.feed(which)
            began = time.perf_counter()
            assert whole(self.arguments) == 0
            took.append(time.perf_counter() - began)
            assert sealed_state(self.output) == "ours-untouched"
            self.results.append(self.output.read_bytes())
        assert self.results.pop() == self.results[0] != self.results[1]
        self.seconds = sorted(took)[1]

    arguments: Sequence[object]

    def feed(self, which: int) -> None:
        raise NotImplementedError

    def look(self) -> None:
        """The output is one of its two whole results, and the ledger, if any, is sound."""
        assert self.output.read_bytes() in self.results
        if self.ledger is not None:
            base = sqlite3.connect(self.ledger)
            try:
                assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert base.execute("SELECT count(*) FROM meta").fetchone() == (2,)
            finally:
                base.close()

    def repair(self, which: int) -> None:
        """The next run puts everything right."""
        self.feed(which)
        assert whole(self.arguments) == 0
        assert self.output.read_bytes() == self.results[which]
        left = {path.name for path in self.output.parent.iterdir() if not path.name.startswith(".perfxl-")}
        assert left <= {self.output.name, self.ledger.name if self.ledger else ""}, left


class Score(Job):
    """`perfxl score`."""

    def __init__(self, folder: Path) -> None:
        self.arguments = ["score", folder / "score/in/a.xlsx", "-o", folder / "score/out/结果.xlsx"]
        super().__init__(folder, "score")

    def feed(self, which: int) -> None:
        (self.source / "a.xlsx").write_bytes(intake("甲馆", actual=("21场", "19场")[which]))


class Consolidate(Job):
    """`perfxl consolidate` with one worker and a ledger."""

    def __init__(self, folder: Path) -> None:
        self.arguments = ["consolidate", folder / "consolidate/in", "-o", folder / "consolidate/out/结果.xlsx", "--workers", 1]
        super().__init__(folder, "consolidate")
        (self.ledger,) = (path for path in self.output.parent.iterdir() if path.suffix == ".sqlite")

    def feed(self, which: int) -> None:
        for n in range(6):
            (self.source / f"{n}.xlsx").write_bytes(intake(f"{n}馆", actual=("21场", "19场")[which] if n % 2 else "20场"))


def kill_at_random(job: Job, times: int, seed: int, *, every: int = 1) -> int:
    """Kill `job` so often, look after each, let it repair after every so many; how many were killed at work."""
    moments = random.Random(seed)
    hit = 0
    for number in range(times):
        job.feed(number % 2)
        hit += killed(job.arguments, moments.random() * job.seconds) == KILLED
        job.look()
        if number % every == every - 1:
            job.repair(number % 2)
    return hit
