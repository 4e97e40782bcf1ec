"""The built wheel, in an environment of its own and away from the checkout, does the whole main job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]


def test_the_wheel_scores_the_sample_outside_the_checkout(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv*", "out", "*.egg-info", "build", "__pycache__", ".*_cache"))
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path / "dist"), str(source)],
        check=True,
        capture_output=True,
        text=True,
    )
    wheel = next((tmp_path / "dist").glob("*.whl"))
    names = ZipFile(wheel).namelist()
    assert {"perfxl/py.typed", "perfxl/schemes/national-2020.toml", "perfxl/catalogue/file.json"} <= set(names)
    assert not [n for n in names if n.startswith(("tests", "samples"))]
    home = tmp_path / "elsewhere"
    venv.create(home / "env", with_pip=False, system_site_packages=False)
    python = home / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    # The libraries are those of this environment, on a line of a .pth, which starts no editable install.
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, text=True, cwd=home, env=environment)
    (place,) = (home / "env").rglob("site-packages")
    (place / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    shutil.copy(ROOT / "samples" / "pingxiang_library_2020.xlsx", home / "intake.xlsx")

    def perfxl(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(python), "-m", "perfxl", *arguments], capture_output=True, text=True, cwd=home, env=environment, check=False, encoding="utf-8"
        )

    where = subprocess.run(
        [str(python), "-c", "import perfxl; print(perfxl.__file__)"], check=True, capture_output=True, text=True, cwd=home, env=environment
    )
    assert Path(where.stdout).is_relative_to(home)
    scored = perfxl("score", "intake.xlsx", "--json")
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout)["total"] == 88.68
    assert (home / "intake_评分结果.xlsx").exists()
    for arguments in (["template", "-o", "blank.xlsx"], ["schemes", "show", "jiangxi"], ["checks", "list"], ["report", "intake.xlsx"]):
        done = perfxl(*arguments)
        assert done.returncode == 0, (arguments, done.stderr)
