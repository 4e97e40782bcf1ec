"""Live formulas against the engine for as many drawn schemes and intakes as asked: `python tests/long/recalculation.py --files 300 [--first N]`.

Every number of every scheme is drawn; LibreOffice computes each result anew. Prints how many formula cells were compared and
every difference; exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from test_recalculation import CHUNK, cells_of, differences, drawn, recalculate, written  # noqa: E402


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--first", type=int, default=10_000)
    options = parser.parse_args()
    compared, wrong = 0, 0
    for first in range(options.first, options.first + options.files, CHUNK):
        with tempfile.TemporaryDirectory() as folder:
            files = written(Path(folder), drawn(first, min(first + CHUNK, options.first + options.files)))
            for path, again in zip(files, recalculate(list(files), Path(folder) / "out"), strict=True):
                before = cells_of(path)
                compared += sum(1 for is_formula, _ in before.values() if is_formula)
                for difference in differences(before, cells_of(again)):
                    wrong += 1
                    print(path.name, *difference, flush=True)
    print(f"{options.files} files, {compared} formula cells, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
