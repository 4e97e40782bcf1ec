"""Mutants of forms: `python tests/long/paper_fuzz.py [--count 2000] [--seed N] [--kind docx]`.

Prints how many of each container ended how, the slowest, and every finding; exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import paper_mutants  # noqa: E402

from perfxl.catalogue import CATALOGUE  # noqa: E402

SLOW = 5.0


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=tuple(paper_mutants.SAMPLES), action="append")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    findings: dict[str, str] = {}
    for kind in options.kind or paper_mutants.SAMPLES:
        endings: Counter[str] = Counter()
        slowest = 0.0
        for number in range(options.count):
            began = time.process_time()
            data = paper_mutants.mutant(kind, number, options.seed)
            try:
                ended = paper_mutants.ending(kind, data)
                if ended not in CATALOGUE and ended not in ("scored", "empty"):
                    findings.setdefault(ended, f"{kind} {number}: no such code")
            except Exception as error:  # every exception is a finding
                ended = "FINDING"
                place = traceback.extract_tb(error.__traceback__)[-1]
                findings.setdefault(
                    f"{type(error).__name__} {Path(place.filename).name}:{place.lineno}", f"{kind} {number}\n{traceback.format_exc()[-1800:]}"
                )
            endings[ended] += 1
            taken = time.process_time() - began
            slowest = max(slowest, taken)
            if taken > SLOW:
                findings.setdefault(f"slow {kind} {number}", f"{taken:.1f} s")
        print(kind, options.count, f"slowest {slowest:.2f} s", dict(endings.most_common()), flush=True)
    for name, text in findings.items():
        print(f"--- {name}\n{text}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
