"""Kills for as many times as asked: `python tests/long/kills.py --times 100 [--flips 1000] [--seed N]`.

Score, consolidate with its ledger, and consolidate with letters and Parquet are killed at any moment, their workers are
killed, and each is told twice to stop; bits of a ledger are flipped. After each the output must be the old result or the
new one, the ledger sound, and the next run must put all right and leave nothing stray.
"""

from __future__ import annotations

import argparse
import collections
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from damage import Damaged  # noqa: E402
from killing import Consolidate, Everything, Papers, Score, kill_at_random, kill_workers, stop_twice  # noqa: E402

JOBS = {kind.__name__: kind for kind in (Score, Consolidate, Everything, Papers)}


def say(what: str, times: int, hit: int) -> None:
    """Tell one line."""
    print(f"{what}: {times} times, {hit} of them at work; every output whole, every ledger sound, every next run right", flush=True)


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--job", choices=tuple(JOBS), action="append", help="kill these alone")
    parser.add_argument("--flips", type=int, default=0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    times, seed = options.times, options.seed
    for kind in [JOBS[name] for name in options.job or JOBS]:
        with tempfile.TemporaryDirectory() as folder:
            job = kind(Path(folder))
            say(f"{kind.__name__} killed", times, kill_at_random(job, times, seed, every=5))
            job.repair(0)
    for kind in (Everything, Papers):
        if not options.job or kind.__name__ in options.job:
            with tempfile.TemporaryDirectory() as folder:
                say(f"workers of {kind.__name__} killed", times, kill_workers(kind(Path(folder)), times, seed))
    if options.job:
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with tempfile.TemporaryDirectory() as folder:
            job = Everything(Path(folder))
            say(f"{number.name} twice", times // 3, stop_twice(job, number, times // 3, seed))
            job.repair(0)
    with tempfile.TemporaryDirectory() as folder:
        damaged = Damaged(Path(folder))
        count = collections.Counter("mended" if outcome.notes else "read on" for _, outcome in damaged.with_flips(options.flips, seed))
        print(f"bits flipped: {dict(count)}; every run ended with the right result", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
