"""Every hostile file the tests make, mixed with good ones: the good results are the same as without them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import hostile
import mutants
import openpyxl
import pytest
from hostile import CASES
from inbox import intake
from mutants import FORM, as_bytes, pack, stored
from openpyxl.utils import get_column_letter

from perfxl.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
GOOD = {f"好{n}.xlsx": intake(f"{n}馆", actual=f"{15 + n}场") for n in range(8)}
GIB = 1 << 30
NOT_OURS = frozenset({"sheet name repeated by case", "sheet name empty"})
"""What is wrong stands on sheets that nobody reads: the guard alone would refuse it, an intake is read."""


def consolidate(inbox: Path, output: Path) -> tuple[dict, float, int]:
    """The document of a run in a process of its own, its wall time, and the most memory one of its processes held."""
    command = [sys.executable, "-m", "perfxl", "consolidate", str(inbox), "-o", str(output), "--workers", "2", "--json", "--no-ledger"]
    began = time.perf_counter()
    said, complaint = output.with_suffix(".json"), output.with_suffix(".txt")
    with said.open("wb") as out, complaint.open("wb") as err:
        code, most = measured(command, out, err)
    assert code == 0, complaint.read_text()
    assert "Traceback" not in complaint.read_text()
    return json.loads(said.read_bytes()), time.perf_counter() - began, most


MEASURE = """
import os, subprocess, sys
_, status, used = os.wait4(subprocess.Popen(sys.argv[2:]).pid, 0)
open(sys.argv[1], "w").write(f"{os.waitstatus_to_exitcode(status)} {used.ru_maxrss * 1024}")
"""


def measured(command: list[str], out: IO[bytes], err: IO[bytes]) -> tuple[int, int]:
    """Exit code of a process, and the most memory that it or one of its children held at a time, in bytes.

    It is begun by a small process: what the one that begins it held would count as its own.
    """
    with tempfile.NamedTemporaryFile("r") as said:
        subprocess.run([sys.executable, "-c", MEASURE, said.name, *command], cwd=ROOT, stdout=out, stderr=err, check=True)
        code, most = said.read().split()
    return int(code), int(most)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for name in ("good", "mixed"):
        (folder / name).mkdir()
        for file, data in GOOD.items():
            (folder / name / file).write_bytes(data)
    codes = {}
    for number, (name, case) in enumerate(CASES.items()):
        file = f"{'az'[number % 2]}{number:03}.xlsx"
        codes[file] = (name, case.code)
        (folder / "mixed" / file).write_bytes(case.build())
    good = consolidate(folder / "good", folder / "good.xlsx")
    mixed = consolidate(folder / "mixed", folder / "mixed.xlsx")
    return folder, codes, good, mixed


def test_the_good_units_have_the_same_results(runs):
    folder, _, (good, *_), (mixed, *_) = runs
    names = {unit["name"] for unit in good["units"]}
    assert len(names) == len(GOOD)
    assert [unit for unit in mixed["units"] if unit["name"] in names] == good["units"]
    rows = [
        [row for row in openpyxl.load_workbook(folder / name, read_only=True)["单位得分"].iter_rows(values_only=True) if set(row) & names]
        for name in ("good.xlsx", "mixed.xlsx")
    ]
    assert len(rows[0]) == len(GOOD)
    assert rows[0] == rows[1]


def test_every_hostile_file_is_accounted_for_with_its_code(runs):
    _, codes, _, (mixed, *_) = runs
    assert mixed["found"] == len(GOOD) + len(CASES) == mixed["accepted"] + mixed["rejected"] + mixed["superseded"] + mixed["ignored"]
    files = {file["file"]: file for file in mixed["files"]}
    for file, (name, code) in codes.items():
        found = files[file]
        if code is None or name in NOT_OURS:
            assert found["fate"] != "rejected" or found["code"] in ("duplicate-submission", "file-unreadable", "not-an-intake", code), (name, found)
        elif found["code"] != "ignored-identical":
            assert (found["fate"], found["code"]) == ("rejected", code), name
            assert found["message"]
            assert "{" not in found["message"]
            assert CATALOGUE[code].words.fix_zh


def test_the_batch_stays_within_memory(runs):
    _, _, (_, quick, _), (_, seconds, most) = runs
    tell(f"{len(CASES)} hostile files beside {len(GOOD)} good ones: {seconds:.1f} s (good alone {quick:.1f} s), {most >> 20} MB in one process")
    assert most < GIB


def tell(text: str) -> None:
    """Figures for a person who asks, with PERFXL_TELL=1 and -s."""
    if os.environ.get("PERFXL_TELL"):
        print(text)


EACH_IN_A_FORK = """
import os, sys, time
sys.path[:0] = ["tests", "."]
import hostile, perfxl.scoring.batch, openpyxl.reader.excel
from perfxl.intake.reading import read_workbook
for name in sys.argv[1:]:
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            read_workbook(hostile.CASES[name].build())
            code = 0
        finally:
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    print(name, os.waitstatus_to_exitcode(status), used.ru_maxrss, time.perf_counter() - began, flush=True)
"""
"""What is imported is imported once: each line says a name, how its process ended, the most KiB it held, the seconds it took."""


def test_each_hostile_file_alone_stays_within_memory():
    """One process per heavy file, as `perfxl check` reads it: under 1 GB."""
    heavy = [
        name
        for name in CASES
        if name.startswith(
            (
                "bomb",
                "1,000,001",
                "5,001",
                "depth 200",
                "257",
                "billion",
                "65,537",
                "262,145",
                "number format",
                "formula of",
                "20,001 merges",
                "text of 32,767",
                "dimension of",
                "value in the last",
            )
        )
    ]
    assert len(heavy) > 12
    run = subprocess.run([sys.executable, "-c", EACH_IN_A_FORK, *heavy], cwd=ROOT, capture_output=True, text=True, check=False)
    ended = [line.rsplit(" ", 3) for line in run.stdout.splitlines()]
    assert [(name, code) for name, code, _, _ in ended] == [(name, "0") for name in heavy], run.stderr
    for name, _, kib, seconds in ended:
        tell(f"{name:40} {float(seconds):6.2f} s {int(kib) >> 10:5} MB")
        assert int(kib) << 10 < GIB, name


# ── just below the limits ──


def repeated_text() -> bytes:
    """15 KB in which one text of 32,700 characters stands in thousands of cells."""
    parts = as_bytes(
        hostile.parts(*(mutants.intake_parts()[part].decode() for part in FORM.values()), names=tuple(FORM), sst=hostile.strings("字" * 32_700))
    )
    rows = "".join(f'<row r="{r}">' + "".join(f'<c r="{c}{r}" t="s"><v>0</v></c>' for c in "CEGKLMNOPQRSTUVWXYZ") + "</row>" for r in range(9, 300))
    return pack({**parts, FORM["绩效指标"]: parts[FORM["绩效指标"]].replace(b"</sheetData>", rows.encode() + b"</sheetData>")})


def merged_everywhere() -> bytes:
    """As many merged areas as are allowed, and rows that ask whether one covers them."""
    parts = dict(mutants.intake_parts())
    rows = "".join(f'<row r="{r}">{stored(f"C{r}", "甲")}{stored(f"E{r}", "5场")}</row>' for r in range(9, 300))
    content = parts[FORM["绩效指标"]].replace(b"</sheetData>", rows.encode() + b"</sheetData>" + hostile.merges(20_000).encode())
    return pack({**parts, FORM["绩效指标"]: content})


def wide_form() -> bytes:
    """A clerk's own columns up to the edge of the window, filled in every row."""
    parts = dict(mutants.intake_parts())
    columns = [get_column_letter(n) for n in range(14, 300)]
    sheet = parts[FORM["绩效指标"]].decode()
    sheet = sheet.replace("</row>", "".join(stored(f"{c}1", f"列{c}") for c in columns) + "</row>", 1)
    rows = "".join(
        f'<row r="{r}">{stored(f"C{r}", "甲")}' + "".join(f'<c r="{c}{r}"><v>{r}</v></c>' for c in columns) + "</row>" for r in range(9, 200)
    )
    return pack({**parts, FORM["绩效指标"]: sheet.replace("</sheetData>", rows + "</sheetData>").encode()})


@pytest.mark.parametrize(("build", "code"), [(repeated_text, 2), (merged_everywhere, 0), (wide_form, 0)])
def test_what_the_limits_let_through_is_scored_within_memory(tmp_path, build, code):
    source = tmp_path / "a.xlsx"
    source.write_bytes(build())
    began = time.perf_counter()
    with (tmp_path / "said").open("wb") as said:
        ended, most = measured([sys.executable, "-m", "perfxl", "score", str(source)], said, said)
    seconds = time.perf_counter() - began
    tell(f"{build.__name__:20} {source.stat().st_size >> 10:6} KB {seconds:6.2f} s {most >> 20:5} MB")
    assert ended == code
    assert b"Traceback" not in (tmp_path / "said").read_bytes()
    assert most < GIB
