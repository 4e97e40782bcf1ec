"""Kills for as many times as asked: `python tests/long/kills.py --times 100 [--seed N]`, of score and of consolidate each.

After each kill the output must be the old result or the new one, the ledger sound, and the next run must put all right.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from killing import Consolidate, Score, kill_at_random  # noqa: E402


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    for kind in (Score, Consolidate):
        with tempfile.TemporaryDirectory() as folder:
            hit = kill_at_random(kind(Path(folder)), options.times, options.seed)
            print(
                f"{kind.__name__}: {options.times} kills, {hit} of them at work; every output whole, every ledger sound, every next run right",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
