"""`score` where there is no process, no hard link, no alarm: a browser's Python, a small Windows."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from inbox import intake

from samples import ROOT

BARE = """
import os, signal, sys
for name in ("link", "symlink", "fork", "forkpty", "posix_spawn"):
    if hasattr(os, name): delattr(os, name)
for name in ("setitimer", "SIGPROF", "SIGALRM", "pthread_sigmask"):
    if hasattr(signal, name): delattr(signal, name)
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("resource", "fcntl", "pebble"):
            raise ImportError(name)
sys.meta_path.insert(0, Gone())
sys.argv = ["perfxl", "score", *sys.argv[1:]]
from perfxl.__main__ import main
main()
"""


def test_score_needs_no_process_hard_link_or_alarm(tmp_path):
    told = []
    for name, start in (("bare", ["-c", BARE]), ("whole", ["-m", "perfxl", "score"])):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "甲.xlsx").write_bytes(intake())
        env = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        run = subprocess.run([sys.executable, *start, "甲.xlsx", "--json"], cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        told.append((json.loads(run.stdout), (folder / "甲_评分结果.xlsx").read_bytes()))
    assert told[0] == told[1]


def test_positions_have_the_width_of_the_machine():
    sources = [path.read_text("utf-8") for room in ("rules", "checks", "scoring") for path in (ROOT / "perfxl" / room).glob("*.py")]
    lines = [line.strip() for text in sources for line in text.splitlines() if "int64" in line]
    assert [line for line in lines if not re.search(r"submission|sheet_row|counts", line)] == []
