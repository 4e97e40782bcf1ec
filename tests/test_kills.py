"""Writes are whole or not at all: kills, a full disk, a closed folder, a file open elsewhere, two runs at once.

`tests/long/kills.py` kills as often as there is time for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import pytest
from inbox import intake
from killing import AFTER, Consolidate, Everything, Papers, Score, ended, kill_at_work, kill_workers, load, start, stop_twice, whole
from trouble import NoDisk, full_disk, moving_inbox, need_of, two_at_once, two_into_one_ledger

from perfxl import output
from perfxl.cli import run
from perfxl.output import sealed_state

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are forked and killed the way Linux does it")
NOBODY = 65534


@pytest.fixture(scope="module", autouse=True)
def _loaded(tmp_path_factory):
    """What the commands import is imported once, before any of them is forked, or run by a user who may not see it."""
    folder = tmp_path_factory.mktemp("loaded")
    load(folder)
    assert run(["report", "-o", str(folder / "b.docx"), str(folder / "a.xlsx")]) == 0
    assert run(["template", "-o", str(folder / "t.xlsx"), "--from", str(folder / "a.xlsx")]) == 0


@pytest.fixture(scope="module")
def score(tmp_path_factory):
    """One score whose two whole results are known; every test leaves it whole."""
    return Score(tmp_path_factory.mktemp("score"))


@pytest.fixture(scope="module")
def consolidate(tmp_path_factory):
    """The same of a consolidation."""
    return Consolidate(tmp_path_factory.mktemp("consolidate"))


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The same with workers, letters and Parquet."""
    return Everything(tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """The same of forms in every container."""
    return Papers(tmp_path_factory.mktemp("papers"))


@pytest.mark.parametrize(("kind", "times"), [("score", 8), ("consolidate", 4), ("everything", 7), ("papers", 4)])
def test_a_kill_at_work_leaves_the_old_result_or_the_new_one_and_the_next_run_repairs(request, kind, times):
    job = request.getfixturevalue(kind)
    hit = kill_at_work(job, times, seed=7, every=times)
    assert sum(hit.values()) - hit[AFTER] > times // 3
    job.repair(0)


@pytest.mark.parametrize("kind", ["everything", "papers"])
def test_a_worker_killed_in_any_phase_ends_no_run(request, kind):
    hit = kill_workers(request.getfixturevalue(kind), 4, seed=7)
    assert hit[AFTER] < 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_given_twice_ends_a_run_with_its_own_code_and_nothing_is_left(consolidate, number):
    hit = stop_twice(consolidate, number, 3, seed=7)
    assert hit[AFTER] < 3
    consolidate.repair(0)


def test_a_signal_that_is_ignored_stays_so(score):
    """`nohup perfxl …` goes on when its terminal is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        child = start(score.arguments)
        os.kill(child, signal.SIGHUP)
        assert ended(child) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_of_two_runs_on_one_ledger_both_end_well(tmp_path):
    assert two_into_one_ledger(tmp_path, 2, seed=7) == 2


def test_files_that_move_while_they_are_read_are_whole_or_named(tmp_path):
    fates, moves = moving_inbox(tmp_path, 1, seed=7)
    assert fates["accepted"] > 0
    assert set(fates) <= {"accepted", "file-damaged", "file-changing", "file-not-readable", "file-empty", "folder-unreadable"}
    assert moves.total() > 0


@pytest.mark.parametrize("name", ["汇总".encode(), "汇总".encode("gb18030"), b"\xff \n"], ids=["utf-8", "gbk", "bytes"])
def test_any_path_and_any_locale_take_every_output(tmp_path, name):
    place = os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(place + b"/in")).mkdir(parents=True)
    Path(os.fsdecode(place + b"/in/" + name + b".xlsx")).write_bytes(intake("甲馆", actual=None, authority="局"))
    output, letters = place + b"/" + name + b".xlsx", place + b"/" + name
    command = [sys.executable, "-m", "perfxl", "consolidate", place + b"/in", "-o", output, "--letters", letters, "--parquet", place + b"/p"]
    for setting in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {}):
        done = subprocess.run([*command, "--workers", "1"], env={**os.environ, **setting}, capture_output=True, check=False)
        assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert Path(os.fsdecode(output)).exists()
    assert [path for _, _, paths in os.walk(letters) for path in paths] == ["甲馆_退回修改通知.docx".encode()]


def test_two_scores_into_one_file_leave_one_of_them_whole(score):
    other = score.folder / "b.xlsx"
    other.write_bytes(intake("甲馆", actual="19场"))
    for _ in range(2):
        score.feed(0)
        children = [start(score.arguments), start(["score", other, *score.arguments[2:]])]
        assert {ended(child) for child in children} <= {0, 2}
        assert {sealed_state(path) for path in score.output.parent.iterdir()} == {"ours-untouched"}  # the later one may have gone beside
    for path in score.output.parent.glob("结果_*"):
        path.unlink()
    score.repair(0)


def test_of_two_consolidations_into_one_folder_one_waits(consolidate):
    assert two_at_once(consolidate, 2, seed=7).total() == 2


def test_a_held_folder_is_named_with_the_process_that_holds_it(consolidate, capsys):
    with output.folder_lock(consolidate.output.parent):
        assert run([str(a) for a in consolidate.arguments]) == 2
    assert str(os.getpid()) in capsys.readouterr().err


# ── a full disk ──


@pytest.mark.parametrize(
    ("kind", "product", "share", "anew", "code"),
    [
        ("score", "汇总", 0, False, 2),
        ("score", "汇总", 4, False, 0),
        ("consolidate", "汇总", 0.5, False, 2),
        ("everything", "letters", 0, False, 1),
        ("everything", "Parquet", 0, False, 1),
        ("everything", "review sheets", 0, False, 1),
        ("everything", "ledger", 0, False, 2),
        ("everything", "ledger", 0.1, True, 2),
    ],
)
def test_a_full_disk_is_said_the_old_result_stays_and_the_next_run_repairs(request, kind, product, share, anew, code):
    job = request.getfixturevalue(kind)
    try:
        assert full_disk(job, product, round(share * need_of(job, product)), anew=anew) == code
    except NoDisk:
        pytest.skip("this machine lets no small disk be mounted")


# ── a folder that cannot be written, a file open elsewhere ──


@pytest.fixture
def open_folder():
    """A folder that an unprivileged user may enter, outside the private folders of the test run."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "in/a.xlsx"],
        ["score", "in", "-o", "out/sub/folder"],
        ["score", "in", "-o", "out"],
        ["consolidate", "in", "-o", "out/b.xlsx", "--workers", "1"],
        ["template", "-o", "out/t.xlsx"],
        ["report", "in/a.xlsx", "-o", "out/r.docx"],
    ],
)
def test_a_closed_folder_is_named_and_nothing_is_left(open_folder, arguments):
    """Root passes every permission check, so the attempt is made by an unprivileged user."""
    (open_folder / "in").mkdir()
    (open_folder / "out").mkdir()
    (open_folder / "in" / "a.xlsx").write_bytes(intake())
    for path in (open_folder / "in", open_folder / "out"):
        path.chmod(0o555)
    code, told = as_nobody(open_folder, arguments)
    assert (code, "没有写入权限" in told, "Traceback" in told) == (2, True, False), told
    assert sorted(path.name for path in open_folder.rglob("*.*")) == ["a.xlsx"]


def test_a_file_where_a_folder_should_be_is_named(tmp_path, capsys):
    (tmp_path / "a.xlsx").write_bytes(intake())
    (tmp_path / "file").write_bytes(b"")
    for arguments in (
        ["score", "a.xlsx", "-o", "file/out/b.xlsx"],
        ["template", "-o", "file/b.xlsx"],
        ["report", "a.xlsx", "-o", "file/b.docx"],
        ["consolidate", "a.xlsx", "-o", "file/b.xlsx", "--workers", "1"],
    ):
        assert (
            run([a if a.startswith("-") or a in ("score", "1", "template", "report", "consolidate") else str(tmp_path / a) for a in arguments]) == 2
        )
        assert f"{tmp_path / 'file'} 已经有了，但不是文件夹" in capsys.readouterr().err, arguments
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "file"]


def test_an_intake_that_may_not_be_read_is_refused_and_the_rest_is_scored(open_folder):
    for name in ("a.xlsx", "b.xlsx"):
        (open_folder / name).write_bytes(intake(name))
    (open_folder / "a.xlsx").chmod(0)
    code, told = as_nobody(open_folder, ["score", ".", "--no-workbook", "--strict"])
    assert (code, "file-not-readable" in told, "Traceback" in told) == (1, True, False), told
    assert "b.xlsx" in told


def as_nobody(folder: Path, arguments: list[str]) -> tuple[int, str]:
    """Exit code and words of a command line run in `folder` by an unprivileged user."""
    said, read = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            sys.stdout = sys.stderr = os.fdopen(read, "w", encoding="utf-8")
            if os.geteuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            code = run(arguments)
            sys.stderr.flush()
            os._exit(code)
        except BaseException:  # told to the test, which fails on it
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(99)
    os.close(read)
    with os.fdopen(said, encoding="utf-8") as words:
        told = words.read()
    return ended(child), told


def test_a_result_open_in_excel_is_named_and_the_new_one_is_kept(tmp_path, monkeypatch, capsys):
    """Windows lets no file be replaced that a program holds open."""
    job = Score(tmp_path)
    job.feed(1)

    def held(_path: Path, _target: Path) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(sys, "platform", "win32")
    code = run([str(argument) for argument in job.arguments])
    monkeypatch.undo()
    assert code == 2
    assert "正被 Excel/WPS 打开" in capsys.readouterr().err
    assert job.output.read_bytes() == job.results[0][job.output.name]
    assert {path.name for path in job.output.parent.iterdir()} == {"结果.xlsx", "结果_2.xlsx"}
    assert sealed_state(job.output.with_name("结果_2.xlsx")) == "ours-untouched"


def test_the_forks_of_these_tests_work(tmp_path):
    assert whole(["schemes", "list"]) == 0
    assert whole(["score", tmp_path / "没有.xlsx"]) == 2
