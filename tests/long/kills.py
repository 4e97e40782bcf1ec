"""Kills and other trouble for as many times as asked: `python tests/long/kills.py [--times 100] [--disks 20] [--pairs 20] [--flips 0] [--seed N]`.

A run with everything is killed at work until every phase was hit as often as asked for, a consolidation and a score beside it; their
workers are killed, and each is told twice to stop; disks fill under each product; two runs meet on one output and on one ledger; the files
move while they are read; bits of a ledger are flipped. After each the output must be the old result or the new one, the ledger sound, and
the next run must put all right and leave nothing stray.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from itertools import cycle
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from damage import Damaged  # noqa: E402
from killing import Consolidate, Everything, Papers, Score, kill_at_work, kill_workers, load, stop_twice  # noqa: E402
from trouble import PRODUCTS, NoDisk, full_disk, moving_inbox, need_of, two_at_once, two_into_one_ledger  # noqa: E402

PHASES = ("reading", "writing", "letters", "Parquet")
FILES = 16


def say(what: str, count: object) -> None:
    """Tell one line."""
    print(f"{time.strftime('%H:%M')} {what}: {dict(count) if isinstance(count, Counter) else count}", flush=True)


def kill_everything(place: Path, times: int, seed: int) -> None:
    """Kill a run with everything until so many kills met it at work, as often in each of the four phases."""
    job = Everything(place, FILES)
    job.phases = PHASES
    hit: Counter[str] = Counter()
    while min(hit[phase] for phase in PHASES) < times / len(PHASES):
        hit += kill_at_work(job, 4, seed, every=4)
        seed += 1
    job.repair(0)
    say(f"everything killed ({job.strays} temporary files left and swept)", hit)


def fill_disks(place: Path, times: int, seed: int) -> None:
    """Go on until so many disks were full at work, in turn under each product and under a score; a new ledger among them."""
    drawn = random.Random(seed)
    everything = Everything(place)
    under = {**{product: (everything, product) for product in PRODUCTS}, "score": (Score(place), "汇总")}
    endings: Counter[str] = Counter()
    for name, (job, product) in cycle(under.items()):
        if sum(n for ending, n in endings.items() if not ending.endswith(" 0")) >= times:
            break
        code = full_disk(job, product, round(drawn.uniform(0, 0.6) * need_of(job, product)), anew=product == "ledger")
        endings[f"{name} {code}"] += 1
    say("disks filled (product, exit code)", endings)


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--disks", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--flips", type=int, default=0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    times, seed = options.times, options.seed
    say("seed", seed)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for part in ("papers", "loaded", "killed", "beside", "disks", "ledger", "moving", "bits"):
            (place / part).mkdir()
        load(place / "loaded")
        kill_everything(place / "killed", times, seed)
        some = max(1, times // 4)
        for kind in (Score, Consolidate, Papers):
            job = kind(place / "beside")
            say(f"{kind.__name__} killed", kill_at_work(job, some, seed, every=5))
            job.repair(0)
        job = Everything(place / "beside")
        say("workers killed", kill_workers(job, some, seed))
        say("workers killed over papers", kill_workers(Papers(place / "papers"), some, seed))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            say(f"{number.name} twice", stop_twice(job, number, some, seed))
            job.repair(0)
        say("two runs on one output", two_at_once(job, options.pairs, seed))
        say("two runs on one ledger", two_into_one_ledger(place / "ledger", options.pairs, seed))
        fates, moves = moving_inbox(place / "moving", options.pairs, seed)
        say("a folder in motion, files ended", fates)
        say("moves made meanwhile", moves)
        try:
            fill_disks(place / "disks", options.disks, seed)
        except NoDisk:
            say("no small disk can be mounted here", 0)
        damaged = Damaged(place / "bits")
        say("bits flipped", Counter("mended" if outcome.notes else "read on" for _, outcome in damaged.with_flips(options.flips, seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
