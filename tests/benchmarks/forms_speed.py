"""A folder of official forms against one of intakes with as many indicators: `python tests/benchmarks/forms_speed.py 1000`.

Each a process of its own, `perfxl consolidate` with the default reader; `ratio` is of wall time, `quiet` as in `consolidate_speed.py`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import intakes  # noqa: E402
import small_forms  # noqa: E402
from consolidate_speed import PERFXL, measured  # noqa: E402


def form(number: int) -> bytes:
    """An official form of a project with the rows of an intake."""
    rows = [[*row[:3], row[4], row[6], row[8], None, row[10]] for row in intakes._indicators(random.Random(number))]
    facts = [["项目名称", f"项目{number}", None, None, "实施单位", f"示例第{number}馆"]]
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:  # as the intakes are written
        sheet = book.add_worksheet()
        for (row, column), value in small_forms.small(facts=facts, rows=rows).cells.items():
            sheet.write(row - 1, column - 1, value)
    return target.getvalue()


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=int)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folders = {"intakes": intakes.folder(Path(scratch) / "intakes", options.files), "forms": Path(scratch) / "forms"}
        folders["forms"].mkdir()
        for number in range(options.files):
            (folders["forms"] / f"{number:05}.xlsx").write_bytes(form(number))
        base = quiet = 0.0
        for name, inbox in folders.items():
            target = f"{scratch}/{name}.xlsx"
            m = measured(PERFXL, str(inbox), target, "consolidate", str(inbox), "-o", target, "--workers", str(options.workers), "--year", "2023")
            alone = m["cpu"] + m["workers_cpu"] / options.workers
            base, quiet = base or m["wall"], quiet or alone
            print(f"{name:10}{m['wall']:9.2f} s  ratio {m['wall'] / base:.2f}  quiet {alone / quiet:.2f}", flush=True)


if __name__ == "__main__":
    main()
