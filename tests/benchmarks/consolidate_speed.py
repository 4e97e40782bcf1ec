"""How fast and how large a consolidation is, as ratios in one run: `python tests/benchmarks/consolidate_speed.py 2000`.

Measured against what an office does today, a pandas loop over the same files (read every sheet, stack, write one
workbook), a polars loop where polars and fastexcel are installed, and against the bare engines. Every measurement is a process of its own, start-up included; wall time, user
and system time of it and its workers, and the largest resident memory of either.

`ratio` is of wall time. On a machine that others use too, `quiet` is the better one: processor time of the parent plus
that of the workers divided by their number, against the loop's; it is what the wall would be with nobody else there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

PANDAS_LOOP = """
import glob, sys, pandas as pd
sheets = {}
for path in sorted(glob.glob(sys.argv[1] + "/**/*.xlsx", recursive=True)):
    for title, frame in pd.read_excel(path, sheet_name=None).items():
        frame.insert(0, "file", path)
        sheets.setdefault(title, []).append(frame)
with pd.ExcelWriter(sys.argv[2]) as writer:
    for title, frames in sheets.items():
        pd.concat(frames).to_excel(writer, sheet_name=title, index=False)
"""
POLARS_LOOP = """
import glob, sys, polars as pl, xlsxwriter
sheets = {}
for path in sorted(glob.glob(sys.argv[1] + "/**/*.xlsx", recursive=True)):
    for title, frame in pl.read_excel(path, sheet_id=0, engine="calamine", infer_schema_length=0, raise_if_empty=False).items():
        sheets.setdefault(title, []).append(frame.with_columns(file=pl.lit(path)))
with xlsxwriter.Workbook(sys.argv[2], {"constant_memory": True}) as book:
    for title, frames in sheets.items():
        whole = pl.concat(frames, how="diagonal")
        sheet = book.add_worksheet(title)
        for row, values in enumerate([whole.columns, *whole.iter_rows()]):
            sheet.write_row(row, 0, ["" if value is None else value for value in values])
"""
OPENPYXL_FLOOR = """
import glob, sys
from openpyxl import load_workbook
for path in sorted(glob.glob(sys.argv[1] + "/**/*.xlsx", recursive=True)):
    book = load_workbook(path, read_only=True, data_only=True)
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            pass
    book.close()
"""
CALAMINE_FLOOR = """
import glob, sys
from python_calamine import CalamineWorkbook
for path in sorted(glob.glob(sys.argv[1] + "/**/*.xlsx", recursive=True)):
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()
"""
PERFXL = "import gc, sys\ngc.set_threshold(500_000, 20, 20)\nfrom perfxl.cli import run\ncode = run(sys.argv[3:])\n"
"""As `perfxl.__main__` does it, which ends the process before anything can be measured."""
MEASURE = """
import json, resource
mine, workers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
print("\\n@" + json.dumps({"wall": time.perf_counter() - began, "cpu": mine.ru_utime + mine.ru_stime, "workers_cpu": workers.ru_utime + workers.ru_stime,
      "parent_mb": mine.ru_maxrss / 1024, "worker_mb": workers.ru_maxrss / 1024}))
"""


def measured(code: str, *arguments: str) -> dict[str, float]:
    """One measurement in a process of its own."""
    program = f"import time\nbegan = time.perf_counter()\n{code}\n{MEASURE}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", program, *arguments], env=environment, capture_output=True, check=False, text=True)
    if "\n@" not in done.stdout:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.rpartition("\n@")[2]))


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=int)
    parser.add_argument("--folder", type=Path, help="where the intakes are kept between runs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--inline", action="store_true", help="intakes with inline texts instead of shared ones")
    parser.add_argument("--only", nargs="*", help="names of the measurements to take")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    sys.path.insert(0, str(ROOT))
    import intakes

    with tempfile.TemporaryDirectory() as scratch:
        inbox = str(intakes.folder(options.folder or Path(scratch) / "inbox", options.files, inline=options.inline))
        out = f"{scratch}/out.xlsx"

        def consolidate(reader: str, *more: str) -> tuple[str, ...]:
            return (
                PERFXL,
                inbox,
                out,
                "consolidate",
                inbox,
                "-o",
                f"{scratch}/{reader}.xlsx",
                "--reader",
                reader,
                "--workers",
                str(options.workers),
                *more,
            )

        measurements: dict[str, tuple[str, ...]] = {
            "pandas loop": (PANDAS_LOOP, inbox, out),
            "polars loop": (POLARS_LOOP, inbox, out),
            "openpyxl floor": (OPENPYXL_FLOOR, inbox),
            "calamine floor": (CALAMINE_FLOOR, inbox),
            "perfxl openpyxl": consolidate("openpyxl"),
            "perfxl calamine": consolidate("calamine"),
            "perfxl auto": consolidate("auto"),
            "perfxl auto again": consolidate("auto"),
            "perfxl auto 1 % changed": consolidate("auto"),
            "perfxl auto no ledger": consolidate("auto", "--no-ledger", "--force"),
        }
        base = quiet = 0.0
        print(f"{'':28}{'wall s':>9}{'ratio':>8}{'quiet':>8}{'parent ms/file':>16}{'workers ms/file':>17}{'parent MB':>11}{'worker MB':>11}")
        for name, call in measurements.items():
            if options.only and name not in options.only:
                continue
            intakes.correct(Path(inbox), options.files, corrected="changed" in name, inline=options.inline)
            try:
                m = measured(*call)
            except RuntimeError as error:
                print(f"{name:28}{str(error).strip().splitlines()[-1][:120]}")
                continue
            alone = m["cpu"] + m["workers_cpu"] / options.workers
            base, quiet = base or m["wall"], quiet or alone
            each = 1000 / options.files
            print(
                f"{name:28}{m['wall']:9.2f}{m['wall'] / base:8.3f}{alone / quiet:8.3f}{m['cpu'] * each:16.2f}{m['workers_cpu'] * each:17.2f}"
                f"{m['parent_mb']:11.0f}{m['worker_mb']:11.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
