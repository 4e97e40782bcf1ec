"""A run of everything over thousands of hostile and odd files: `python tests/long/corpus.py [--count 3000] [--seed N] [--batch 500]`.

Each batch goes through consolidate with every reader and with letters, Parquet, review sheets and a ledger, then again from that ledger: no
traceback, every file told of, and the same document each time. Prints how the files ended; exit code 1 if anything was found.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import get_args

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from inbox import folder  # noqa: E402
from odd_inbox import odd_inbox  # noqa: E402

from perfxl.catalogue import CATALOGUE  # noqa: E402
from perfxl.intake.readers import Reader  # noqa: E402

ROOT = Path(__file__).parents[2]
READERS = get_args(Reader)


def ran(arguments: list[object]) -> tuple[int, str, str]:
    """Exit code, standard output and error of a command line."""
    command = [sys.executable, "-m", "perfxl", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stdout, done.stderr


def findings(place: Path, reader: str, *, again: bool) -> tuple[dict, list[str]]:
    """The document of one run and what is wrong with it."""
    products = [f"--{name}={place / reader / name}" for name in ("letters", "parquet", "review-sheets")]
    code, out, err = ran(["consolidate", place / "in", "-o", place / reader / "汇总.xlsx", "--reader", reader, *products, "--json", "--workers", 2])
    found = [f"{reader}: exit code {code}\n{err[-1500:]}"] if code not in (0, 1) or (again and code) else []
    if "Traceback" in out + err:
        found.append(f"{reader}: {err[-3000:]}")
    if code == 2:
        return {}, found
    document = json.loads(out)
    if document["found"] != len(document["files"]) or document["found"] != sum(
        document[f] for f in ("accepted", "rejected", "superseded", "ignored")
    ):
        found.append(f"{reader}: the files do not add up")
    odd = [file for file in document["files"] if file["code"] and (file["code"] not in CATALOGUE or file["code"] == "file-unreadable")]
    found += [f"{reader}: {file['file']!r} {file['code']} {file['message']}" for file in odd]
    return document, found


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    endings: Counter[str] = Counter()
    found: list[str] = []
    for first in range(0, options.count, options.batch):
        with tempfile.TemporaryDirectory() as name:
            place = Path(name)
            folder(place / "in", dict(odd_inbox(min(options.batch, options.count - first), options.seed + first)))
            documents = []
            for reader in READERS:
                (place / reader).mkdir()
                document, wrong = findings(place, reader, again=False)
                documents.append(document)
                found += wrong
            found += findings(place, READERS[0], again=True)[1]
            found += [f"{reader} differs from {READERS[0]}" for reader, one in zip(READERS, documents, strict=True) if one != documents[0]]
            endings += Counter(file["code"] or file["fate"] for file in documents[0].get("files", ()))
        print(f"{time.strftime('%H:%M')} seed {options.seed}: {sum(endings.values())} files, {len(found)} findings", flush=True)
    for code, count in endings.most_common():
        print(f"{count:8} {code}")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
