"""The live columns of the template against the program for as many drawn rows as asked: `python tests/long/live.py --rows 2030 [--first SEED]`.

LibreOffice computes 还缺 and 参考得分; prints every row that says what `score` and `check` do not; exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from live_rows import contradictions, drawn, filled, said  # noqa: E402
from office import recalculate  # noqa: E402

from perfxl.schemes import load_scheme  # noqa: E402

PER_FORM = 290


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2030)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--scheme", default="national-2020")
    options = parser.parse_args()
    scheme, numbers, wrong = load_scheme(options.scheme), 0, 0
    seeds = range(options.first, options.first + -(-options.rows // PER_FORM))
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            (Path(folder) / f"{seed}.xlsx").write_bytes(filled(drawn(seed, PER_FORM), scheme))
        for path in recalculate(sorted(Path(folder).glob("*.xlsx")), Path(folder) / "out"):
            shown = said(path.read_bytes())
            numbers += sum(isinstance(reference, int | float) for _, reference in shown.values())
            for line in contradictions((Path(folder) / path.name).read_bytes(), shown, scheme):
                wrong += 1
                print(path.name, line, flush=True)
    print(f"{len(seeds) * PER_FORM} rows, {numbers} numbers, {wrong} contradictions")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
