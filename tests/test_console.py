"""Terminals and pipes as people have them: other encodings, a reader that leaves, no output at all, a full disk behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from inbox import intake

from perfxl.output import sealed_state

ROOT = Path(__file__).parent.parent
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="pipes and descriptors as POSIX has them")
NAME = "é馆📚"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "甲📚.xlsx"
    path.write_bytes(intake(NAME, actual=None))
    return path


def perfxl(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([sys.executable, "-m", "perfxl", *map(str, arguments)], env=environment, check=False, **streams)


@pytest.mark.parametrize(
    ("env", "encoding"),
    [
        ({"PYTHONIOENCODING": "gbk"}, "gbk"),
        ({"PYTHONIOENCODING": "latin-1"}, "latin-1"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "utf-8"),
    ],
    ids=str,
)
def test_any_encoding_of_the_console_is_served_and_the_document_stays_json(source, env, encoding):
    done = perfxl("check", source, "--json", env=env)
    assert done.returncode == 1
    document = json.loads(done.stdout.decode("utf-8"))
    assert document["source"]["file"] == source.name
    assert "actual-missing" in [issue["code"] for issue in document["issues"]]
    said = done.stderr.decode(encoding)
    assert "actual-missing" in said
    assert "Traceback" not in said


@POSIX
@pytest.mark.parametrize(
    ("arguments", "code", "both"),
    [(["checks", "list"], 0, False), (["--help"], 0, False), (["check", "--json"], 1, False), (["check"], 1, True)],
    ids=str,
)
def test_a_reader_that_leaves_changes_no_exit_code(source, arguments, code, both):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = perfxl(*arguments, *([source] if "check" in arguments else []), stdout=writer, **({"stderr": writer} if both else {}))
    finally:
        os.close(writer)
    assert done.returncode == code
    assert b"Traceback" not in (done.stderr or b"")
    assert b"BrokenPipe" not in (done.stderr or b"")


@POSIX
def test_without_any_output_the_result_is_written_all_the_same(source):
    def closed() -> None:
        os.close(1)
        os.close(2)

    assert perfxl("score", source, "--json", stdout=None, stderr=None, preexec_fn=closed).returncode == 0
    assert sealed_state(source.with_name(f"{source.stem}_评分结果.xlsx")) == "ours-untouched"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_full_disk_behind_the_output_is_said(source):
    with Path("/dev/full").open("wb") as full:
        done = perfxl("check", source, "--json", stdout=full)
    assert done.returncode == 2
    assert "读写失败" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"ignored" not in done.stderr


@POSIX
def test_a_disk_that_fills_under_the_workbook_is_said_in_one_line(source):
    import resource

    done = perfxl(
        "consolidate",
        source,
        "-o",
        source.with_name("汇总.xlsx"),
        "--workers",
        "1",
        "--no-ledger",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000)),
    )
    assert done.returncode == 2
    assert done.stderr.decode() == "磁盘空间不足，原有文件未改动。请清理磁盘后重试。\n"
    assert [path.name for path in source.parent.iterdir()] == [source.name]


def test_what_cannot_be_written_is_said_in_the_language_asked_for(source):
    done = perfxl("score", source, "-o", source / "b.xlsx", "--lang", "en")
    assert done.returncode == 2
    assert f"{source} exists and is no folder".encode() in done.stderr
