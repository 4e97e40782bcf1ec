"""Runs of the command line in a child that may be killed at any moment, and what must stand afterwards."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import paper_samples as samples
import small_forms
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
        self.others: set[str] = set()
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
        left = {path.name for path in self.output.parent.rglob("*") if path.is_file()}
        assert left == {self.output.name, *([self.ledger.name] if self.ledger else []), *self.others}, left


class Score(Job):
    """`perfxl score`."""

    def __init__(self, folder: Path) -> None:
        self.arguments = ["score", folder / "score/in/a.xlsx", "-o", folder / "score/out/结果.xlsx"]
        super().__init__(folder, "score")

    def feed(self, which: int) -> None:
        (self.source / "a.xlsx").write_bytes(intake("甲馆", actual=("21场", "19场")[which]))


class Consolidate(Job):
    """`perfxl consolidate` with one worker and a ledger."""

    name = "consolidate"
    more: Sequence[object] = ()

    def __init__(self, folder: Path) -> None:
        place = folder / self.name
        more = [place / "out" / str(a).removeprefix("out/") if str(a).startswith("out/") else a for a in self.more]
        self.arguments = ["consolidate", place / "in", "-o", place / "out/结果.xlsx", "--workers", 1, *more]
        super().__init__(folder, self.name)
        (self.ledger,) = (path for path in self.output.parent.iterdir() if path.suffix == ".sqlite")
        self.others = {path.name for path in self.output.parent.rglob("*/*") if path.is_file()}

    def feed(self, which: int) -> None:
        for n in range(6):
            (self.source / f"{n}.xlsx").write_bytes(intake(f"{n}馆", actual=("21场", "19场")[which] if n % 2 else "20场"))


class Everything(Consolidate):
    """The same with two workers, letters to every unit, and Parquet."""

    name = "everything"
    more = ("--workers", 2, "--letters", "out/通知", "--parquet", "out/表")

    def feed(self, which: int) -> None:
        for n in range(6):
            (self.source / f"{n}.xlsx").write_bytes(intake(f"{n}馆", actual=None, code=f"{which}{n}", authority="局"))

    def look(self) -> None:
        """Every letter and table is whole, too."""
        super().look()
        for path in self.output.parent.rglob("*/*"):
            if path.is_file() and not path.name.startswith(".perfxl-"):
                assert sealed_state(path) == "ours-untouched", path


class Papers(Consolidate):
    """The same with two workers over forms as they come: .xls, .et, .docx, .zip and .xlsx."""

    name = "papers"
    more = ("--workers", 2)

    def __init__(self, folder: Path) -> None:
        self.papers = [papers_of(which) for which in (0, 1)]
        super().__init__(folder)

    def feed(self, which: int) -> None:
        for name, data in self.papers[which].items():
            (self.source / name).write_bytes(data)


def papers_of(which: int) -> dict[str, bytes]:
    """A form in each container; of some the score or the whole paper is another."""
    old = sorted(samples.FORMS.glob("*.xls"))
    word = samples.document(
        samples.FACTS, [samples.HEAD, *samples.ROWS[:2], samples.ROWS[which], samples.TOTAL], lines=("项目支出绩效自评表", "（2022年度）")
    )
    rows = [[*row[:4], ("300天", "200天")[which], *row[5:]] for row in small_forms.ROWS]
    return {
        "甲.xls": old[which].read_bytes(),
        "乙.et": old[2].read_bytes(),
        "丙.docx": word,
        "丁.zip": samples.gbk_zip({"戊/表.xlsx": samples.LANGFANG.read_bytes(), "己.docx": samples.WORD.read_bytes(), "调查.pdf": b"x"}),
        "庚.xlsx": small_forms.in_memory(small_forms.small(rows=rows)),
    }


def worker_of(child: int) -> int | None:
    """A worker process of a run, any of them."""
    try:
        workers = Path(f"/proc/{child}/task/{child}/children").read_text().split()
    except OSError:
        return None
    return int(random.choice(workers)) if workers else None  # which of them is all the same


def kill_workers(job: Job, times: int, seed: int) -> int:
    """Kill a worker of `job` so often, at any moment; the run must not notice. How many were killed at work."""
    moments = random.Random(seed)
    hit = 0
    for number in range(times):
        job.feed(number % 2)
        child = start(job.arguments)
        time.sleep(moments.random() * job.seconds)
        if (worker := worker_of(child)) is not None:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                hit += 1
        assert ended(child) == 0
        assert job.output.read_bytes() == job.results[number % 2]
        job.look()
    return hit


def stop_twice(job: Job, number: signal.Signals, times: int, seed: int) -> int:
    """Send a signal twice at any moment: the run ends with its code, tidies up, and leaves an old result or a new one."""
    moments = random.Random(seed)
    hit = 0
    # Who runs the tests in the background lets signals be ignored, and so would the runs.
    before = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    for turn in range(times):
        job.feed(turn % 2)
        child = start(job.arguments)
        time.sleep(moments.random() * job.seconds)
        for _ in range(2):
            os.kill(child, number)
        code = ended(child)
        # Before its first line or after its last a process dies of the signal itself.
        assert code in (0, 128 + number, -number), code
        hit += code == 128 + number
        job.look()
        if code == 128 + number:
            assert not list(job.output.parent.rglob(".perfxl*"))
    signal.signal(number, before)
    return hit


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
