"""LibreOffice as a second spreadsheet program: recalculate workbooks, print them to PDF, look at the pages.

Mark tests that use it with `@office`; they are skipped, with the reason, where soffice is not installed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PDFTOPPM = shutil.which("pdftoppm")
TIMEOUT = 1200
"""Seconds; a busy machine is no reason to fail."""


def office(test):
    """Mark a test that needs LibreOffice, and skip it where there is none."""
    return pytest.mark.office(pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")(test))


# 0 = always: stored values of formulas are thrown away and computed anew, as a person pressing Ctrl+Shift+F9 would.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""


def recalculate(files: Iterable[Path], out: Path) -> list[Path]:
    """Open each workbook, compute every formula anew, save as .xlsx under the same name in `out`. One start for all."""
    return _convert(list(files), out, "xlsx:Calc MS Excel 2007 XML", ".xlsx")


def to_pdf(files: Iterable[Path], out: Path) -> list[Path]:
    """Print each workbook or document to a PDF of the same name in `out`. One start for all."""
    return _convert(list(files), out, "pdf", ".pdf")


def to_xls(files: Iterable[Path], out: Path) -> list[Path]:
    """Save each workbook as Excel 97 under the same name in `out`. One start for all."""
    return _convert(list(files), out, "xls:MS Excel 97", ".xls")


def pictures(pdf: Path, out: Path, *, dpi: int = 80) -> list[Path]:
    """The pages of a PDF as PNG files, in page order."""
    assert PDFTOPPM is not None, "pdftoppm (poppler) is not installed"
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run([PDFTOPPM, "-r", str(dpi), "-png", str(pdf), str(out / pdf.stem)], check=True, timeout=TIMEOUT)
    return sorted(out.glob(f"{pdf.stem}-*.png"))


def pages(pdf: Path) -> int:
    """How many pages a PDF has."""
    listing = subprocess.run(["pdfinfo", str(pdf)], check=True, timeout=TIMEOUT, capture_output=True, text=True).stdout
    return next(int(line.split()[1]) for line in listing.splitlines() if line.startswith("Pages:"))


def smallest(pdf: Path) -> float:
    """The points of the smallest script on the pages of a PDF, to a third of a point."""
    told = subprocess.run(["pdftohtml", "-xml", "-i", "-stdout", "-zoom", "3", str(pdf)], check=True, timeout=TIMEOUT, capture_output=True, text=True)
    return min(int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', told.stdout)) / 3


def _convert(files: list[Path], out: Path, kind: str, suffix: str) -> list[Path]:
    """Convert with a profile of its own, so that an office that is already open, or another test, is left alone."""
    assert SOFFICE is not None, "LibreOffice (soffice) is not installed"
    names = [file.stem for file in files]
    assert len(set(names)) == len(names), f"files of one conversion need different names: {names}"
    out.mkdir(parents=True, exist_ok=True)
    assert all(file.resolve().parent != out.resolve() for file in files), "the output folder must not be the input's"
    with tempfile.TemporaryDirectory(prefix="perfxl-office-") as profile:
        settings = Path(profile) / "user" / "registrymodifications.xcu"
        settings.parent.mkdir()
        settings.write_text(_SETTINGS, "utf-8")
        command = [
            SOFFICE,
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            kind,
            "--outdir",
            str(out),
            *map(str, files),
        ]
        done = subprocess.run(command, check=False, timeout=TIMEOUT, capture_output=True, text=True)
    written = [out / f"{name}{suffix}" for name in names]
    absent = [path.name for path in written if not path.exists()]
    assert not absent, f"LibreOffice did not write {absent}: {done.stderr or done.stdout}"
    return written


_UNO = "/usr/bin/python3"
"""The interpreter LibreOffice brings its bridge for."""


def edited(jobs: Iterable[tuple[Path, Path, list[list[object]]]], folder: Path) -> None:
    """Open each (source, target, steps), make the steps of `uno_edits.py` as a person would, recalculate and save. One start for all."""
    assert SOFFICE is not None, "LibreOffice (soffice) is not installed"
    if subprocess.run([_UNO, "-c", "import uno"], check=False, capture_output=True).returncode:
        pytest.skip("LibreOffice's Python bridge (python3-uno) is not installed")
    with tempfile.TemporaryDirectory(prefix="perfxl-uno-") as profile:
        settings = Path(profile) / "user" / "registrymodifications.xcu"
        settings.parent.mkdir()
        settings.write_text(_SETTINGS, "utf-8")
        pipe = Path(profile).name
        command = [
            SOFFICE,
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            f"--accept=pipe,name={pipe};urp",
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
            jobs = list(jobs)
            work = json.dumps([[source.as_uri(), target.as_uri(), steps] for source, target, steps in jobs])
            script = str(Path(__file__).with_name("uno_edits.py"))
            done = subprocess.run([_UNO, script, pipe], input=work, text=True, check=False, capture_output=True, timeout=TIMEOUT)
            if done.returncode:
                started.kill()
        # LibreOffice's bridge may fall over when it is told to end, which is after everything was written.
        written = not done.stderr and all(target.is_file() for _, target, _ in jobs)
        assert not done.returncode or written, f"{done.returncode}: {done.stderr[-2000:]}"
