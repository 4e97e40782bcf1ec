"""CPU of whole processes against importing pandas, openpyxl and xlsxwriter alone: `perfxl score` of the sample, `perfxl --help`.

Run: python tests/benchmarks/score_speed.py [rounds]. Ratios of medians, measured alternately in one run.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "pingxiang_library_2020.xlsx"
COMMANDS = {
    "import pandas, openpyxl, xlsxwriter": [sys.executable, "-c", "import pandas, openpyxl, xlsxwriter"],
    "perfxl score sample": [sys.executable, "-m", "perfxl", "score", str(SAMPLE), "-o", "out/benchmark.xlsx"],
    "perfxl --help": [sys.executable, "-m", "perfxl", "--help"],
}
# As installed: with compiled modules beside the sources.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
BARS = {"perfxl score sample": 1.2, "perfxl --help": 0.09}


def cpu(command: list[str]) -> float:
    """User and system seconds of one child."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=ENVIRONMENT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    for command in COMMANDS.values():
        cpu(command)
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            seconds[name].append(cpu(command))
    floor = statistics.median(seconds["import pandas, openpyxl, xlsxwriter"])
    print(f"{'':38} median CPU s   ratio   bar   ({rounds} rounds)")
    for name, values in seconds.items():
        ratio = statistics.median(values) / floor
        print(f"{name:38} {statistics.median(values):10.3f}   {ratio:6.2f}   {BARS.get(name, '')}")


if __name__ == "__main__":
    main()
