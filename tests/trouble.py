"""What befalls a run from outside: a disk that fills under one of its products, another run at the same time, files that move."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from inbox import intake
from killing import ended, start

from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.ledger import Ledger
from perfxl.jobs.consolidate import Products, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from killing import Job

PRODUCTS = {"汇总": "", "letters": "通知", "Parquet": "表", "review sheets": "复核", "ledger": "账"}
"""What a full disk may lie under, and its folder below that of the output."""
ROOM = "64m"
FOLDERS = ("分局", "分局（旧）")
"""The two names of a folder that is moved while it is read."""
MOVES = ("growing", "replaced", "written anew", "cut", "deleted", "folder moved")
"""What befalls a file while it is read."""


class NoDisk(Exception):  # noqa: N818  # it says what this machine does not do
    """This machine lets no small disk be mounted."""


@contextmanager
def small_disk(place: Path, held: Path) -> Iterator[None]:
    """A disk of its own under `place`, with what lies there; it is kept in `held` meanwhile."""
    shutil.copytree(place, held)
    if (
        shutil.which("mount") is None
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)], capture_output=True, check=False).returncode
    ):
        shutil.rmtree(held)
        raise NoDisk
    try:
        shutil.copytree(held, place, dirs_exist_ok=True)
        yield
    finally:
        shutil.rmtree(held)
        shutil.copytree(place, held)
        subprocess.run(["umount", str(place)], check=True)
        shutil.rmtree(place)
        held.rename(place)


def sized(place: Path, size: str) -> None:
    """Give the disk under `place` this size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


def room_left(place: Path, kib: int) -> None:
    """Let the disk under `place` have so many KiB left."""
    facts = os.statvfs(place)
    sized(place, f"{(facts.f_blocks - facts.f_bfree) * facts.f_frsize // 1024 + kib}k")


def full_disk(job: Job, product: str, kib: int, *, anew: bool = False) -> int:
    """Run `job` with so many KiB left for one of its products: its exit code. The next run, with room, puts all right."""
    place = job.output.parent / PRODUCTS[product]
    which = job.other(anew=anew)
    said = job.folder / "said.txt"
    with small_disk(place, job.folder / "held"):
        room_left(place, kib)
        code = ended(start(job.arguments, said=said))
        told = said.read_text("utf-8")
        assert code in (0, 1, 2), told
        assert "Traceback" not in told
        assert (code == 0) or "磁盘" in told or "台账" in told, told
        job.look(ledger=not anew)
        assert not list(job.output.parent.rglob(".perfxl-*"))
        assert code == 2 or job.found()[job.output.name] == job.results[which][job.output.name]
        sized(place, ROOM)
        job.repair(which)
    return code


def need_of(job: Job, product: str) -> int:
    """KiB that one of its products takes."""
    if product == "ledger" and job.ledger is not None:
        return job.ledger.stat().st_size // 1024
    top = f"{PRODUCTS[product]}/" if PRODUCTS[product] else ""
    return sum(len(content) for name, content in job.results[0].items() if name.startswith(top)) // 1024


def two_at_once(job: Job, times: int, seed: int) -> Counter[str]:
    """Twice the same run, the second a while after the first: one does the work, the other is told that the folder is taken, or comes after."""
    drawn = random.Random(seed)
    endings: Counter[str] = Counter()
    for _ in range(times):
        which = job.other(anew=drawn.random() < 0.5)
        first = start(job.arguments)
        time.sleep(drawn.random() * sum(job.spans.values()))
        second = start(job.arguments)
        codes = ended(first), ended(second)
        assert codes in ((0, 0), (0, 2), (2, 0)), codes
        endings["one was told to wait" if 2 in codes else "one after the other"] += 1
        job.stands(which)
    return endings


def two_into_one_ledger(place: Path, times: int, seed: int) -> int:
    """Two runs of two folders with one ledger: both end well, and it remembers both."""
    drawn = random.Random(seed)
    folders = [place / name for name in ("一", "二")]
    for folder in folders:
        (folder / "in").mkdir(parents=True)
        for n in range(4):
            (folder / "in" / f"{n}.xlsx").write_bytes(intake(f"{folder.name}{n}馆"))
    ledger = place / "共用.sqlite"
    runs = [["consolidate", f / "in", "-o", f / "o.xlsx", "--ledger", ledger, "--workers", 1, "--force"] for f in folders]
    for number in range(times):
        (folders[number % 2] / "in/0.xlsx").write_bytes(intake(f"{folders[number % 2].name}0馆", actual=f"{number % 20}场"))
        children = []
        for arguments in runs:
            children.append(start(arguments))
            time.sleep(drawn.random() * 0.3)
        assert [ended(child) for child in children] == [0, 0]
        with Ledger(ledger) as book:
            remembered = {entry.sha256 for entry in book.history("馆") if entry.fate == "accepted"}
        assert remembered >= {hashlib.sha256(path.read_bytes()).hexdigest() for folder in folders for path in (folder / "in").iterdir()}
        for folder in folders:
            assert sorted(path.name for path in folder.iterdir()) == ["in", "o.xlsx"]
    return times


def moving_inbox(place: Path, times: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Runs over a folder whose files grow, are replaced, cut, deleted and put back, and a folder of it moved, meanwhile.

    How many files ended how, and how often each of `MOVES` was made.

    No file counts with a content that nobody wrote, and a run over the folder at rest gives what it gives without a past.
    """
    inbox, output = place / "in", place / "out" / "汇总.xlsx"
    output.parent.mkdir(parents=True)
    versions = {
        f"{FOLDERS[0]}/{n}.xlsx" if n < 6 else f"{n}.xlsx": [intake(f"{n}馆", actual=f"{actual}场") for actual in (19, 20)] for n in range(12)
    }
    written = {hashlib.sha256(content).hexdigest() for contents in versions.values() for content in contents}
    options, products = ConsolidateOptions(workers=2), Products(output, output.with_suffix(".sqlite"))

    def at_rest() -> bytes:
        shutil.rmtree(inbox, ignore_errors=True)
        (inbox / FOLDERS[0]).mkdir(parents=True)
        for name, (_, content) in versions.items():
            (inbox / name).write_bytes(content)
        run([inbox], products, options)
        return output.read_bytes()

    good = at_rest()
    output.with_suffix(".sqlite").unlink()
    endings: Counter[str] = Counter()
    moves: Counter[str] = Counter()
    for number in range(times):
        heard, told = os.pipe()
        mover = os.fork()
        if not mover:
            _move_for_ever(inbox, versions, random.Random(seed + number), told)
        os.close(told)
        first = os.read(heard, 1)  # by now it is at work
        try:
            document = run([inbox], products, options).document
        finally:
            os.kill(mover, signal.SIGKILL)
            ended(mover)
        with os.fdopen(heard, "rb") as made:
            moves += Counter(MOVES[move] for move in first + made.read())
        files = document["files"]
        assert document["found"] == len(files) == sum(document[fate] for fate in ("accepted", "rejected", "superseded", "ignored"))
        for file in files:
            assert file["fate"] != "accepted" or file["sha256"] in written, file
            endings[file["code"] or file["fate"]] += 1
        assert at_rest() == good
    return endings, moves


def _move_for_ever(inbox: Path, versions: dict[str, list[bytes]], drawn: random.Random, told: int) -> None:
    """What people do to a shared folder, until this process is killed; each move is told."""
    while True:
        name, whole = drawn.choice(list(versions.items()))
        path, content = inbox / name, drawn.choice(whole)
        with suppress(FileNotFoundError):  # its folder has another name just now
            move = drawn.randrange(len(MOVES))
            _move(path, content, move, drawn)
            os.write(told, bytes([move]))
        time.sleep(drawn.random() * 0.01)


def _move(path: Path, content: bytes, move: int, drawn: random.Random) -> None:
    """Make one of `MOVES` with a file, or its folder."""
    match MOVES[move]:
        case "growing":  # copied over a slow line
            with path.open("wb", buffering=0) as file:
                for at in range(0, len(content), 1000):
                    file.write(content[at : at + 1000])
                    time.sleep(drawn.random() * 0.001)
        case "replaced":
            path.with_suffix(".part").write_bytes(content)
            path.with_suffix(".part").replace(path)
        case "written anew":
            path.write_bytes(content)
        case "cut":
            os.truncate(path, drawn.randrange(len(content)))
        case "deleted":
            path.unlink()
        case "folder moved":  # or moved back
            inbox = path.parent.parent if path.parent.name in FOLDERS else path.parent
            old, new = FOLDERS if (inbox / FOLDERS[0]).exists() else FOLDERS[::-1]
            (inbox / old).rename(inbox / new)
