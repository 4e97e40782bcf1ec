"""Writes are whole or not at all: kills, a full disk, a closed folder, a file open elsewhere, two runs at once.

`tests/long/kills.py` kills as often as there is time for.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import pytest
from inbox import intake
from killing import Consolidate, Everything, Papers, Score, ended, kill_at_random, kill_workers, start, stop_twice, whole

from perfxl import output
from perfxl.cli import run
from perfxl.consolidation.ledger import Ledger
from perfxl.output import sealed_state

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are forked and killed the way Linux does it")
NOBODY = 65534


@pytest.fixture(scope="module", autouse=True)
def _loaded(tmp_path_factory):
    """What the commands import is imported once, before any of them is forked, or run by a user who may not see it."""
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "a.xlsx").write_bytes(intake())
    for command in (["score", "-o"], ["consolidate", "--workers", "1", "-o"], ["report", "-o"], ["template", "--from"]):
        target = folder / ("b.docx" if command[0] == "report" else f"{command[0]}.xlsx")
        arguments = (
            ["template", "-o", str(target), "--from", str(folder / "a.xlsx")]
            if command[0] == "template"
            else [*command, str(target), str(folder / "a.xlsx")]
        )
        assert run(arguments) == 0


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


@pytest.mark.parametrize(("kind", "times"), [("score", 10), ("consolidate", 6), ("everything", 5), ("papers", 5)])
def test_a_kill_leaves_the_old_result_or_the_new_one_and_the_next_run_repairs(request, kind, times):
    job = request.getfixturevalue(kind)
    assert kill_at_random(job, times, seed=7, every=times) > times // 3
    job.repair(0)


@pytest.mark.parametrize("kind", ["everything", "papers"])
def test_a_worker_killed_in_any_phase_ends_no_run(request, kind):
    assert kill_workers(request.getfixturevalue(kind), 3, seed=7) > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_given_twice_ends_a_run_with_its_own_code_and_nothing_is_left(consolidate, number):
    assert stop_twice(consolidate, number, 3, seed=7) > 0
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
    folders = [tmp_path / name for name in ("一", "二")]
    for folder in folders:
        (folder / "in").mkdir(parents=True)
        for n in range(4):
            (folder / "in" / f"{n}.xlsx").write_bytes(intake(f"{folder.name}{n}馆"))
    ledger = tmp_path / "共用.sqlite"
    for _ in range(2):
        children = [start(["consolidate", f / "in", "-o", f / "o.xlsx", "--ledger", ledger, "--workers", 1, "--force"]) for f in folders]
        assert [ended(child) for child in children] == [0, 0]
    assert len(Ledger(ledger).history("馆")) == 8


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
        assert sealed_state(score.output) == "ours-untouched"


def test_of_two_consolidations_into_one_folder_one_waits(consolidate):
    job = consolidate
    for number in range(2):
        job.feed(number % 2)
        codes = sorted(ended(child) for child in [start(job.arguments), start(job.arguments)])
        assert codes in ([0, 2], [0, 0])  # the second may come after the first has gone
        assert job.output.read_bytes() == job.results[number % 2]
        job.look()


def test_a_held_folder_is_named_with_the_process_that_holds_it(consolidate, capsys):
    with output.folder_lock(consolidate.output.parent):
        assert run([str(a) for a in consolidate.arguments]) == 2
    assert str(os.getpid()) in capsys.readouterr().err


# ── a full disk ──


@pytest.fixture
def small_disk(tmp_path):
    """Makes folders of so many KiB."""
    mounted = []

    def mount(kib: int) -> Path:
        folder = tmp_path / f"disk{kib}"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("this machine lets no small disk be mounted")
        mounted.append(folder)
        return folder

    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")
    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("command", ["score", "consolidate"])
def test_a_full_disk_is_said_and_the_old_result_stays(request, small_disk, capsys, command):
    job = request.getfixturevalue(command)
    job.feed(1)
    need = len(job.results[0]) // 1024
    endings = []
    for kib in (need + 8, need + need // 2, 2 * need, 4 * need + 300):
        disk = small_disk(kib)
        target = disk / job.output.name
        target.write_bytes(job.results[0])
        more = ["--workers", "1"] if command == "consolidate" else []
        code = run([str(job.arguments[0]), str(job.arguments[1]), "-o", str(target), *more])
        said = capsys.readouterr().err
        endings.append(code)
        assert code in (0, 2)
        assert target.read_bytes() == job.results[1 if code == 0 else 0]
        assert "Traceback" not in said
        if code:
            assert "磁盘" in said or "台账" in said, said
            assert not [path for path in disk.iterdir() if path.name.startswith(".perfxl-")]
    assert endings[0] == 2
    assert endings[-1] == 0


def test_a_disk_that_fills_under_the_ledger_is_said_and_the_next_run_repairs(tmp_path, small_disk, capsys):
    inbox = tmp_path / "in"
    inbox.mkdir()
    for n in range(6):
        (inbox / f"{n}.xlsx").write_bytes(intake(f"{n}馆"))
    told = set()
    for kib in (48, 64, 104):
        target = small_disk(kib) / "汇总.xlsx"
        code = run(["consolidate", str(inbox), "-o", str(target), "--workers", "1"])
        said = capsys.readouterr().err
        assert code in (0, 2)
        told.add("台账" in said and "读写不了" in said)
        assert not target.exists() or sealed_state(target) == "ours-untouched"
        subprocess.run(["mount", "-o", "remount,size=1m", str(target.parent)], check=True)
        assert run(["consolidate", str(inbox), "-o", str(target), "--workers", "1"]) == 0
        assert {path.name for path in target.parent.iterdir()} == {"汇总.xlsx", "汇总.ledger.sqlite"}
    assert True in told


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
    assert job.output.read_bytes() == job.results[0]
    assert {path.name for path in job.output.parent.iterdir()} == {"结果.xlsx", "结果_2.xlsx"}
    assert sealed_state(job.output.with_name("结果_2.xlsx")) == "ours-untouched"


def test_the_forks_of_these_tests_work(tmp_path):
    assert whole(["schemes", "list"]) == 0
    assert whole(["score", tmp_path / "没有.xlsx"]) == 2
