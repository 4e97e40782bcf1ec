"""Runs of the command line in a child that tells which phase it is in and may be killed there, and what must stand afterwards."""

from __future__ import annotations

import importlib
import os
import random
import select
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paper_samples as samples
import small_forms
from inbox import intake

from perfxl.cli import run
from perfxl.output import sealed_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

KILLED = -signal.SIGKILL
AFTER = "after"
"""Where the run had ended before it was killed."""
PATIENCE = 120.0
"""Seconds after which a run that says nothing hangs."""
PHASES = {
    "reading": (("perfxl.scoring.batch", "read_found"), ("perfxl.jobs.consolidate", "read_all")),
    "deciding": (("perfxl.jobs.consolidate", "decisions"),),
    "writing": (("perfxl.jobs.scoring", "scored_bytes"), ("perfxl.workbook.consolidated", "write_consolidated")),
    "Parquet": (("perfxl.consolidation.parquet", "write_parquet"),),
    "review sheets": (("perfxl.workbook.reviews", "write_review_sheets"),),
    "letters": (("perfxl.word.letters", "write_letters"),),
    "remembering": (("perfxl.consolidation.kept", "keep_details"),),
}
"""What a run does one after another, and the function that begins it; each ends where the next begins, the last one with the run."""


def load(folder: Path) -> None:
    """Import what the commands import, once, before any of them is forked."""
    (folder / "a.xlsx").write_bytes(intake(actual=None))
    assert run(["score", str(folder / "a.xlsx"), "-o", str(folder / "s.xlsx")]) == 0
    more = [f"--{what}={folder / what}" for what in ("letters", "parquet", "review-sheets")]
    assert run(["consolidate", str(folder / "a.xlsx"), "-o", str(folder / "c.xlsx"), *more]) == 0


def start(arguments: Sequence[object], prepare: Callable[[], None] = lambda: None, said: Path = Path(os.devnull)) -> int:
    """The command line in a fork that talks to `said`; the modules are loaded, so it is at work at once."""
    child = os.fork()
    if child:
        return child
    try:
        sys.stdout = sys.stderr = said.open("w", encoding="utf-8")  # the process ends with it open
        prepare()
        code = run([str(argument) for argument in arguments])
        sys.stderr.flush()
        os._exit(code)
    finally:
        os._exit(99)


def ended(child: int) -> int:
    """Its exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def whole(arguments: Sequence[object]) -> int:
    return ended(start(arguments))


class Watched:
    """A run that says when it enters a phase."""

    def __init__(self, arguments: Sequence[object]) -> None:
        self._heard, told = os.pipe()
        self.entered: dict[str, float] = {}
        self.child = start(arguments, lambda: _tell(told))
        os.close(told)

    def reached(self, phase: str) -> None:
        """Wait until it enters this phase."""
        while phase not in self.entered:
            assert self._hear(PATIENCE), f"{phase} does not begin"

    def phase(self) -> str:
        """The last phase it has entered so far."""
        while self._hear(0):
            pass
        return next(reversed(self.entered), "starting")

    def ended(self) -> int:
        """Its exit code, or minus the signal; its workers end with it."""
        while self._hear(PATIENCE):
            pass
        assert not select.select([self._heard], [], [], 0)[0] or not os.read(self._heard, 1)
        return ended(self.child)

    def _hear(self, seconds: float) -> bool:
        """Take in what it says within so many seconds; False where it says nothing or has ended."""
        if not select.select([self._heard], [], [], seconds)[0]:
            return False
        said = os.read(self._heard, 1)
        if said:
            self.entered.setdefault([*PHASES][said[0]], time.monotonic())
        return bool(said)


def _tell(told: int) -> None:
    """Let this process tell when it enters a phase."""
    for number, places in enumerate(PHASES.values()):
        for module, name in places:
            _wrap(importlib.import_module(module), name, lambda number=number: os.write(told, bytes([number])))


def _wrap(module: Any, name: str, before: Callable[[], object]) -> None:
    real = getattr(module, name)

    def told(*arguments: Any, **options: Any) -> Any:
        before()
        return real(*arguments, **options)

    setattr(module, name, told)


class Job:
    """A command that turns one of two inputs into one output; its two whole results are known."""

    ledger: Path | None = None
    phases: Sequence[str] = ("reading", "writing")
    arguments: Sequence[object]

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.source, self.output = self.folder / "in", self.folder / "out" / "结果.xlsx"
        self.source.mkdir(parents=True)
        self.output.parent.mkdir(exist_ok=True)
        self.results: list[dict[str, bytes]] = []
        """Every file of the two results but the ledger, by its path below the folder."""
        self.spans: dict[str, float] = {}
        """How long each phase takes."""
        self.strays = 0
        """Temporary files that killed runs have left so far."""
        for which in (0, 1, 0):
            self.feed(which)
            watched = Watched(self.arguments)
            assert watched.ended() == 0
            entered = [*watched.entered.values(), time.monotonic()]
            for phase, since, until in zip(watched.entered, entered, entered[1:], strict=False):
                self.spans.setdefault(phase, until - since)  # of the first run, which has everything to read
            (self.ledger,) = [*self.output.parent.rglob("*.sqlite")] or [None]
            assert sealed_state(self.output) == "ours-untouched"
            self.results.append(self.found())
        assert self.results.pop() == self.results[0]
        assert self.results[0][self.output.name] != self.results[1][self.output.name]
        assert set(self.phases) <= set(self.spans)

    def feed(self, which: int) -> None:
        raise NotImplementedError

    def found(self) -> dict[str, bytes]:
        """Every file it has written but the ledger, by its path."""
        top = self.output.parent
        return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file() and path != self.ledger}

    def other(self, *, anew: bool) -> int:
        """Feed the input whose result does not stand there already; `anew`: no ledger has read any of it before."""
        if anew and self.ledger is not None:
            self.ledger.unlink()
        which = int(self.output.read_bytes() == self.results[0][self.output.name])
        self.feed(which)
        return which

    def look(self, *, ledger: bool = True) -> None:
        """Every output is one of its two whole results, and the ledger, if any, is sound."""
        for name, content in self.found().items():
            base = name.rpartition("/")[2]
            if base.startswith(".perfxl-") and base.endswith(".tmp"):
                self.strays += 1
            elif base != ".perfxl.lock" and not (self.ledger and base.startswith(f"{self.ledger.name}-")):
                assert content in [result.get(name) for result in self.results], name
        assert self.output.exists()
        if ledger and self.ledger is not None:
            base = sqlite3.connect(self.ledger)
            try:
                assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert base.execute("SELECT count(*) FROM meta").fetchone()[0] in (2, 3, 4)
            finally:
                base.close()

    def repair(self, which: int) -> None:
        """The next run puts everything right and leaves nothing stray."""
        self.feed(which)
        assert whole(self.arguments) == 0
        self.stands(which)

    def stands(self, which: int) -> None:
        """This result stands there, all of it, and nothing else."""
        found = self.found()
        assert sorted(found) == sorted(self.results[which])
        assert found == self.results[which]


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
    phases = ("reading", "deciding", "writing", "remembering")
    more: Sequence[object] = ("--workers", 1)

    def __init__(self, folder: Path, files: int = 6) -> None:
        place = folder / self.name
        self.files = files
        more = [place / str(a) if str(a).startswith("out/") else a for a in self.more]
        self.arguments = ["consolidate", place / "in", "-o", place / "out/结果.xlsx", *more]
        super().__init__(folder, self.name)

    def feed(self, which: int) -> None:
        for n in range(self.files):
            (self.source / f"{n}.xlsx").write_bytes(intake(f"{n}馆", actual=("21场", "19场")[which] if n % 2 else "20场"))


class Everything(Consolidate):
    """The same with two workers, Parquet, review sheets, and letters to all units but one, each time another."""

    name = "everything"
    phases = tuple(PHASES)
    more = ("--workers", 2, "--letters", "out/通知", "--parquet", "out/表", "--review-sheets", "out/复核", "--ledger", "out/账/台账.sqlite")

    def __init__(self, folder: Path, files: int = 6) -> None:
        (folder / self.name / "out/账").mkdir(parents=True)
        super().__init__(folder, files)

    def feed(self, which: int) -> None:
        for n in range(self.files):
            content = intake(f"{n}馆", actual="21场" if n == which else None, code=f"{which}{n}", authority=f"{n % 2}局")
            (self.source / f"{n}.xlsx").write_bytes(content)


def moments(job: Job, times: int, seed: int, *, anew: bool = False) -> Iterator[tuple[int, Watched]]:
    """So many runs of `job`, each at work: in each phase as often as in the others, at a moment drawn evenly from its span.

    Yielded with the input that it was given.
    """
    drawn = random.Random(seed)
    for number in range(times):
        phase = job.phases[number % len(job.phases)]
        which = job.other(anew=anew or phase == "reading")
        watched = Watched(job.arguments)
        watched.reached(phase)
        time.sleep(drawn.random() * job.spans[phase])
        yield which, watched


def kill_at_work(job: Job, times: int, seed: int, *, every: int = 1) -> Counter[str]:
    """Kill `job` so often, look after each, let it repair after every so many; in which phase so many were killed."""
    hit: Counter[str] = Counter()
    for number, (which, watched) in enumerate(moments(job, times, seed), 1):
        os.kill(watched.child, signal.SIGKILL)
        code = watched.ended()
        hit[watched.phase() if code == KILLED else AFTER] += 1
        assert code in (0, KILLED)
        job.look()
        if number % every == 0:
            job.repair(which)
    return hit


def kill_workers(job: Job, times: int, seed: int) -> Counter[str]:
    """Kill a worker of `job` so often; the run must not notice. In which phase so many were killed."""
    hit: Counter[str] = Counter()
    for which, watched in moments(job, times, seed, anew=True):
        phase, worker = watched.phase(), worker_of(watched.child)
        if worker is None:
            phase = AFTER
        else:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        hit[phase] += 1
        assert watched.ended() == 0
        assert job.found() == job.results[which]
        job.look()
    return hit


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


def stop_twice(job: Job, number: signal.Signals, times: int, seed: int) -> Counter[str]:
    """Send a signal twice: the run ends with its code, tidies up, and leaves an old result or a new one. In which phase it came."""
    hit: Counter[str] = Counter()
    # Who runs the tests in the background lets signals be ignored, and so would the runs.
    before = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:
        for _, watched in moments(job, times, seed):
            for _ in range(2):
                os.kill(watched.child, number)
            code = watched.ended()
            # After its last line a process dies of the signal itself.
            assert code in (0, 128 + number, -number), code
            hit[watched.phase() if code == 128 + number else AFTER] += 1
            job.look()
            assert code != 128 + number or not [name for name in job.found() if "/.perfxl" in f"/{name}"]
    finally:
        signal.signal(number, before)
    return hit
