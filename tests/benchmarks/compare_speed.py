"""How long a comparison takes, how much memory, how large its workbook: `python tests/benchmarks/compare_speed.py 3000`.

A ledger of so many units × three years is made of a handful of scored intakes, rows straight into it; each comparison is a
process of its own, start-up included. `--schemes` scores what the ledger holds anew, under both packs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/benchmarks")]

from intakes import intake  # noqa: E402
from msgspec import structs  # noqa: E402

from perfxl.consolidation.compact import compact  # noqa: E402
from perfxl.consolidation.ledger import HistoryEntry, Ledger, Run  # noqa: E402
from perfxl.consolidation.packing import pack  # noqa: E402
from perfxl.consolidation.shelf import LONG, details, packed  # noqa: E402
from perfxl.intake.reading import read_workbook  # noqa: E402
from perfxl.rules.frames import build_frames, records  # noqa: E402
from perfxl.schemes import load_scheme  # noqa: E402
from perfxl.scoring.score import score  # noqa: E402

SHAPES = 40
"""Different submissions; every unit has one of them, each year the next."""


def make_ledger(path: Path, units: int, years: tuple[int, ...]) -> None:
    """So many units, each with a whole of every year."""
    read = [read_workbook(intake(i), number=i, source=f"{i}.xlsx") for i in range(SHAPES)]
    submissions = [one[0] for one in read]  # type: ignore[index]  # none is refused
    scheme = load_scheme("national-2020")
    frames = compact(score(build_frames(submissions), scheme))
    indicators = {n: details(rows) for n, rows in packed({name: frames[name] for name in LONG}).items()}
    scored = {int(row["submission"]): row for row in records(frames["units"])}
    levels = {n: {row["level1"]: [row["weight"], row["score"]] for row in records(frames["levels"]) if row["submission"] == n} for n in scored}
    with Ledger(path) as ledger:
        for year in years:
            entries, kept, cache = [], [], {}
            for unit in range(units):
                shape = (unit * 7 + year) % SHAPES
                sha256 = hashlib.sha256(f"{unit} {year}".encode()).hexdigest()
                code, row = f"{unit:06d}", scored[shape]
                entries.append(
                    HistoryEntry(
                        unit_key=f"{code}|{year}|整体|",
                        unit=code,
                        unit_name=f"第{unit}馆",
                        code=code,
                        name=f"第{unit}馆",
                        year=year,
                        evaluation="部门整体",
                        project="",
                        sha256=sha256,
                        source=f"{unit}.xlsx",
                        fate="accepted",
                        submission_count=1,
                        filled_on="",
                        scheme=scheme.id,
                        scheme_title=scheme.title,
                        grade=row["grade"],
                        provisional=bool(row["provisional"]),
                        errors=0,
                        counted=True,
                        levels=levels[shape],
                        **{name: float(row[name]) for name in ("total", "low", "high", "full_year", "executed")},
                        execution_weight=float(row["execution_weight"]),
                        execution_score=float(row["execution_score"]),
                    )
                )
                kept.append((sha256, "", scheme.id, "x", indicators[shape]))
                cache[sha256] = pack([structs.replace(submissions[shape], sha256=sha256)])
            ledger.keep(cache)
            ledger.keep_details(kept)
            ledger.finish(f"{year}.xlsx", Run("", day=f"{year + 1}-03-01"), entries, year)


MEASURED = """
import json, resource, sys
from perfxl.cli import run
code = run(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print("@" + json.dumps([code, used.ru_maxrss / 1024, used.ru_utime]))
"""


def main() -> None:
    """Measure both comparisons."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("units", type=int, nargs="?", default=3000)
    units = arguments.parse_args().units
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "l.sqlite"
        began = time.perf_counter()
        make_ledger(ledger, units, (2019, 2020, 2021))
        print(f"ledger of {units} × 3: {ledger.stat().st_size / 2**20:.0f} MB, made in {time.perf_counter() - began:.0f} s")
        for name, what in (("years", ["--years", "2020", "2021"]), ("schemes", ["--schemes", "national-2020", "hubei"])):
            output = Path(folder) / f"{name}.xlsx"
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", MEASURED, "compare", str(ledger), *what, "-o", str(output)],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=True,
            )
            code, memory, cpu = json.loads(done.stdout.rpartition("@")[2])
            wall = time.perf_counter() - began
            print(f"{name}: exit {code}, {wall:.0f} s wall, {cpu:.0f} s user, {memory:.0f} MB, {output.stat().st_size / 2**20:.1f} MB workbook")
        print(f"made with {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
