"""Mutants for as long as there is time: `python tests/long/fuzz.py --seconds 600 [--seed N] [--first N]`.

Each goes alone through what `perfxl score` does: guard, reader, parser, rules, checks, document, scored workbook. Every tenth also
through every reader. Prints how many ended how, and every finding with its kind, number and seed; exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import resource
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import mutants  # noqa: E402
import verdicts  # noqa: E402

from perfxl.intake.reading import Refused  # noqa: E402

SLOW = 5.0


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--log", type=Path, default=Path(os.devnull), help="the mutant under way, should the interpreter itself die of it")
    options = parser.parse_args()
    warnings.simplefilter("error")
    faulthandler.enable()
    until = time.monotonic() + options.seconds
    endings: Counter[str] = Counter()
    findings: dict[str, str] = {}
    number, slowest = options.first, 0.0
    while time.monotonic() < until:
        for kind in mutants.KINDS:
            began = time.process_time()  # on a busy machine the clock on the wall tells nothing of a mutant
            options.log.write_text(f"{kind} {number} seed {options.seed}\n")
            data = mutants.mutant(kind, number, options.seed)
            try:
                ending = verdicts.scored_alone(data)
                endings[ending.code if isinstance(ending, Refused) else "scored"] += 1
                if number % 10 == 0:
                    verdicts.same_by_every_reader(data)
            except Exception as error:  # every exception is a finding
                endings["FINDING"] += 1
                place = traceback.extract_tb(error.__traceback__)[-1]
                findings.setdefault(
                    f"{type(error).__name__} {Path(place.filename).name}:{place.lineno}",
                    f"{kind} {number} seed {options.seed}\n{traceback.format_exc()[-1500:]}",
                )
            took = time.process_time() - began
            slowest = max(slowest, took)
            if took > SLOW:
                findings.setdefault(f"slow {kind} {number}", f"{took:.1f} s, seed {options.seed}")
        number += 1
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"seed {options.seed}: {sum(endings.values())} mutants, slowest {slowest:.2f} s of processor time, {most} MB at most")
    for code, count in endings.most_common():
        print(f"{count:8} {code}")
    for name, told in findings.items():
        print(f"== {name}\n{told}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
