"""What every command writes, as one list of digests: `python tests/long/outputs.py INTAKES > list.txt`.

Run before and after a change that must not move a byte, with the package under test first on PYTHONPATH, and compare the
lists. INTAKES is any folder of intakes (`tests/benchmarks/intakes.py` writes them); the samples are added.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SEED = str(SAMPLES / "pingxiang_library_2020.xlsx")
INBOX = str(SAMPLES / "folder_2020" / "收件")
ROSTER = str(SAMPLES / "folder_2020" / "应报单位名单.xlsx")


def commands(intakes: str) -> list[list[str]]:
    """Every command that writes something, over the samples and the intakes."""
    office = ["--roster", ROSTER, "--deadline", "2021-04-30"]
    return [
        ["template", "-o", "blank/"],
        ["template", "--from", SEED, "-o", "prefilled.xlsx"],
        ["template", "--roster", ROSTER, "-o", "roster/"],
        ["score", SEED, "-o", "seed.xlsx"],
        ["score", SEED, "-o", "compared.xlsx", "--scheme", "national-2020", "--scheme", "hubei", "--scheme", "jiangxi"],
        ["score", SEED, "--json", "--no-workbook"],
        ["check", SEED, "--json"],
        ["check", INBOX],
        ["score", intakes, "-o", "scored"],
        ["score", intakes, "--json", "--no-workbook"],
        ["consolidate", INBOX, "-o", "folder.xlsx", *office, "--letters", "letters", "--parquet", "parquet", "--json"],
        ["consolidate", intakes, "-o", "all.xlsx", "--no-ledger", "--json"],
        ["report", SEED, "-o", "report.docx"],
        ["crosscheck", SEED, "report.docx", "-o", "crosscheck.xlsx"],
        ["schemes", "list"],
        *(["schemes", "show", s] for s in ("national-2020", "jiangxi", "hubei", "national-2021", "department-2013", "yueyang")),
        ["schemes", "new", "ours.toml"],
        ["checks", "list"],
    ]


def main() -> int:
    """Print a line a file, and one for what each command said."""
    intakes = str(Path(sys.argv[1]).resolve())
    environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "120"}
    with tempfile.TemporaryDirectory() as folder:
        for command in commands(intakes):
            done = subprocess.run([sys.executable, "-m", "perfxl", *command], cwd=folder, env=environment, capture_output=True, check=False)
            said = hashlib.sha256(done.stdout + done.stderr.replace(folder.encode(), b"")).hexdigest()
            print(said, done.returncode, " ".join(Path(word).name or word for word in command))
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and ".ledger." not in path.name:
                print(hashlib.sha256(path.read_bytes()).hexdigest(), path.relative_to(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
