"""The 自评表 of as many drawn intakes as asked, read back alone: `python tests/long/own_form.py [--files 300] [--first N]`.

Prints every intake whose form says something else; exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from own_forms import differences  # noqa: E402
from scored_cases import management_submission, random_submission  # noqa: E402

from perfxl.schemes import load_scheme  # noqa: E402

DRAWN = ("national-2020", "jiangxi", "hubei", "national-2021", "department-2013", "yueyang")


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--first", type=int, default=10_000)
    options = parser.parse_args()
    wrong = 0
    for number in range(options.first, options.first + options.files):
        scheme = load_scheme(DRAWN[number % len(DRAWN)])
        made = management_submission(number, 99, scheme) if scheme.management else random_submission(number, 99)
        if found := differences(made, scheme):
            wrong += 1
            print(number, scheme.id, found, flush=True)
    print(f"{options.files} intakes, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
