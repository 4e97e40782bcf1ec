from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from inbox import FATES, MIXED, folder, intake
from openpyxl import Workbook, load_workbook

from perfxl.cli import run
from perfxl.output import folder_lock, sealed_state


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return folder(tmp_path / "inbox", MIXED)


def test_consolidate_writes_a_sealed_workbook_with_every_sheet(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = inbox.parent / "汇总.xlsx"
    assert run(["consolidate", str(inbox), "-o", str(output), "--workers", "1"]) == 0
    assert sealed_state(output) == "ours-untouched"
    assert load_workbook(output, read_only=True).sheetnames == [
        "总览",
        "单位得分",
        "主管部门汇总",
        "报送情况",
        "预算执行",
        "指标明细",
        "复核差异",
        "问题清单",
        "退回修改清单",
        "文件清单",
        "待裁定",
    ]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "共13个文件：采用4，未采用6（其中待裁定2），已被替代1，不计2。" in printed.err
    assert "\x1b" not in printed.err
    assert "\r" not in printed.err
    assert not [p.name for p in inbox.parent.iterdir() if p.name.startswith(".perfxl")]


def test_json_has_the_keys_of_the_contract(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["consolidate", str(inbox), "-o", str(inbox / "o.xlsx"), "--workers", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"found", "accepted", "rejected", "superseded", "ignored", "undecided", "units", "files", "issues"} <= document.keys()
    assert document["found"] == document["accepted"] + document["rejected"] + document["superseded"] + document["ignored"] == len(MIXED)
    assert {f["file"]: (f["fate"], f["code"] or "") for f in document["files"]} == FATES
    assert all(f["message"] for f in document["files"] if f["fate"] != "accepted")
    assert {"name", "total", "possible", "grade", "rank"} <= document["units"][0].keys()


def test_second_run_with_the_output_in_the_inbox_says_the_same(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["consolidate", str(inbox), "-o", str(inbox / "o.xlsx"), "--workers", "1", "--json"]
    assert run(command) == 0
    first = json.loads(capsys.readouterr().out)
    before = (inbox / "o.xlsx").read_bytes()
    assert run(command) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == first
    assert "没有变化" in printed.err
    (inbox / "o.xlsx").unlink()
    assert run(command) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert (inbox / "o.xlsx").read_bytes() == before


def test_another_consolidated_workbook_in_the_inbox_is_ignored_and_listed(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["consolidate", str(inbox), "-o", str(inbox / "旧汇总.xlsx"), "--workers", "1", "--no-ledger"]) == 0
    assert run(["consolidate", str(inbox), "-o", str(inbox / "汇总.xlsx"), "--workers", "1", "--no-ledger", "--json"]) == 0
    files = {f["file"]: f["code"] for f in json.loads(capsys.readouterr().out)["files"]}
    assert files["旧汇总.xlsx"] == "ignored-own-result"
    assert "汇总.xlsx" not in files


@pytest.mark.parametrize(
    ("files", "expected"), [({"a.xlsx": intake("甲馆")}, 0), ({"a.xlsx": intake("甲馆"), "b.xlsx": b"x"}, 1)], ids=["clean", "rejected"]
)
def test_strict_exits_1_on_a_rejected_file(tmp_path: Path, files: dict[str, bytes], expected: int) -> None:
    inbox = folder(tmp_path / "i", files)
    assert run(["consolidate", str(inbox), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--no-ledger", "--strict"]) == expected


def test_file_of_the_user_is_not_replaced_without_force(inbox: Path) -> None:
    output = inbox.parent / "o.xlsx"
    output.write_bytes(b"mine")
    command = ["consolidate", str(inbox), "-o", str(output), "--workers", "1", "--no-ledger"]
    assert run(command) == 2
    assert output.read_bytes() == b"mine"
    assert run([*command, "--force"]) == 0


def test_second_perfxl_on_one_folder_is_told(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import os
    import subprocess
    import sys

    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        with folder_lock(inbox.parent):
            lock = inbox.parent / ".perfxl.lock"
            lock.write_text(lock.read_text().replace(str(os.getpid()), str(sleeper.pid)))
            assert run(["consolidate", str(inbox), "-o", str(inbox.parent / "o.xlsx"), "--workers", "1"]) == 2
            assert "另一个 perfxl" in capsys.readouterr().err
            lock.unlink()
    finally:
        sleeper.kill()
        sleeper.wait()
    assert not (inbox.parent / "o.xlsx").exists()


# what is refused leaves nothing behind

REFUSED = {
    "output without .xlsx": "-o o.csv",
    "no such folder": "-o nowhere/o.xlsx",
    "output of somebody else": "-o mine.xlsx",
    "output is an input": "-o inbox/a.xlsx",
    "output is an input, forced": "-o inbox/a.xlsx --force",
    "output is a folder": "-o inbox",
    "output twice": "-o o.xlsx --ledger o.xlsx",
    "no output": "--force",
    "two wishes": "--ledger l --no-ledger",
    "ledger of somebody else": "--ledger mine.xlsx",
    "ledger is a folder": "--ledger inbox",
    "ledger nowhere": "--ledger nowhere/l.sqlite",
    "scheme unknown": "--scheme none-such",
    "scheme blank": "--scheme=",
    "scheme file missing": "--scheme none.toml",
    "scheme file no toml": "--scheme bad.toml",
    "scheme file a folder": "--scheme inbox",
    "two schemes": "--scheme hubei --scheme jiangxi",
    "roster missing": "--roster none.xlsx",
    "roster blank": "--roster=",
    "roster a folder": "--roster inbox",
    "roster no workbook": "--roster mine.xlsx",
    "roster empty": "--roster empty.xlsx",
    "roster without names": "--roster other.xlsx",
    "roster without units": "--roster nobody.xlsx",
    "decisions missing": "--decisions none.xlsx",
    "decisions a folder": "--decisions inbox",
    "decisions no workbook": "--decisions mine.xlsx",
    "decisions without the sheet": "--decisions other.xlsx",
    "decisions without its columns": "--decisions questions.xlsx",
    "review missing": "--review none",
    "review no workbook": "--review mine.xlsx",
    "review without the sheet": "--review other.xlsx",
    "year no number": "--year x",
    "year too early": "--year 1066",
    "year blank": "--year=",
    "deadline no date": "--deadline soon",
    "today no date": "--today soon",
    "no such reader": "--reader pandas",
    "no such rule": "--missing guess",
    "workers 0": "--workers 0",
    "letters over the inbox": "--letters inbox",
    "letters above the inbox": "--letters .",
    "letters a file": "--letters mine.xlsx",
    "letters among foreign files": "--letters inbox/sub",
    "Parquet over the inbox": "--parquet inbox",
    "review sheets over the inbox": "--review-sheets inbox",
    "letters and Parquet in one": "--letters l --parquet l --review-sheets o.xlsx",
    "no such option": "--colour red",
    "no such input": "none.xlsx",
    "blank input": "''",
}


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Not the first time, and not where an earlier run has left its results."""
    folder(tmp_path / "inbox", {"a.xlsx": intake("甲馆", actual=None)})
    folder(tmp_path / "inbox" / "sub", {"b.xlsx": intake("乙馆")})
    folder(tmp_path, {"mine.xlsx": b"mine", "empty.xlsx": b"", "bad.toml": b"= ="})
    for name, title, heads in (
        ("other.xlsx", "别的", ["序号", "备注"]),
        ("questions.xlsx", "待裁定", ["序号", "备注"]),
        ("nobody.xlsx", "名单", ["单位名称", "主管部门"]),
    ):
        book = Workbook()
        book.active.title = title
        book.active.append(heads)
        book.save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    done = "consolidate inbox -o o.xlsx --workers 1 --letters 通知 --parquet 表 --review-sheets 复核"

    def standing() -> dict[str, bytes]:
        return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(tmp_path.rglob("*"))}

    for _ in range(2):
        before = standing()
        for what, asked in REFUSED.items():
            command = f"{done} {asked}" if "-o" not in asked.split() and what != "no output" else f"consolidate inbox --workers 1 {asked}"
            assert (what, run(shlex.split(command))) == (what, 2)
            said = capsys.readouterr()
            assert (what, bool(said.err.strip()), "Traceback" in said.err, standing() == before) == (what, True, False, True)
        assert run(shlex.split(done)) == 0


def test_empty_folder_exits_2(tmp_path: Path) -> None:
    (tmp_path / "i").mkdir()
    assert run(["consolidate", str(tmp_path / "i"), "-o", str(tmp_path / "o.xlsx"), "--workers", "1"]) == 2


def test_the_one_file_that_is_rejected_exits_2(tmp_path: Path) -> None:
    folder(tmp_path, {"a.xlsx": b"no workbook"})
    assert run(["consolidate", str(tmp_path / "a.xlsx"), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--no-ledger"]) == 2


def test_the_year_asked_for_is_the_years_sums(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = folder(tmp_path / "i", {"a.xlsx": intake("甲馆", 2019), "b.xlsx": intake("乙馆", 2020), "c.xlsx": intake("丙馆", 2020)})
    command = ["consolidate", str(inbox), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--json"]
    for more, year, counted in (([], 2020, {"乙馆", "丙馆"}), (["--year", "2019"], 2019, {"甲馆"})):
        assert run([*command, *more]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["year"] == year
        assert {unit["name"] for unit in document["units"] if unit["counted"]} == counted
        assert {unit["name"] for unit in document["units"] if unit["rank"]} == counted
        assert document["issues"]["other-year"] == 3 - len(counted)


def test_missing_rule_is_recorded(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["consolidate", str(inbox), "-o", str(inbox.parent / "o.xlsx"), "--workers", "1", "--missing", "zero", "--json", "--no-ledger"]) == 0
    assert json.loads(capsys.readouterr().out)["missing"] == "zero"


def test_history_shows_a_unit_and_says_when_it_knows_none(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = inbox.parent / "台账.sqlite"
    assert run(["consolidate", str(inbox), "-o", str(inbox.parent / "o.xlsx"), "--workers", "1", "--ledger", str(ledger)]) == 0
    capsys.readouterr()
    assert run(["history", "乙馆", "--ledger", str(ledger)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "被替代" in lines[0]
    assert "第2次" in lines[1]
    assert run(["history", "乙馆", "--ledger", str(ledger), "--json"]) == 0
    assert [e["fate"] for e in json.loads(capsys.readouterr().out)] == ["superseded", "accepted"]
    assert run(["history", "戊馆", "--ledger", str(ledger)]) == 2
    assert run(["history", "戊馆", "--ledger", str(inbox.parent / "none.sqlite")]) == 2


def test_progress_draws_rate_and_remaining_time(capsys: pytest.CaptureFixture[str]) -> None:
    from perfxl.cli.office_commands import Progress

    progress = Progress("读取")
    progress(0, 10)
    progress(10, 10)
    progress.end()
    shown = capsys.readouterr().err
    assert "读取 " in shown
    assert "10/10" in shown
    assert "剩余0:00" in shown


@pytest.mark.parametrize(
    "command", [["score", "--no-workbook"], ["check"], ["consolidate", "--no-ledger", "--workers", "1", "-o", "o.xlsx"]], ids=lambda c: c[0]
)
def test_a_bug_around_one_file_of_a_folder_is_named_and_the_run_is_not_done_as_asked(tmp_path, monkeypatch, capsys, command):
    import perfxl.scoring.batch

    real = perfxl.scoring.batch.score_submissions

    def breaking(submissions, *asked):
        if any(one.fields["name"] == "乙馆" for one in submissions):
            raise KeyError("none")
        return real(submissions, *asked)

    files = {"甲.xlsx": intake("甲馆"), "乙.xlsx": intake("乙馆")}
    folder(tmp_path / "i", {"甲.xlsx": files["甲.xlsx"], "丙.xlsx": intake("丙馆")})
    monkeypatch.chdir(tmp_path)
    whole = run([command[0], "i", *command[1:]])
    capsys.readouterr()
    folder(tmp_path / "i2", files)
    monkeypatch.setattr(perfxl.scoring.batch, "score_submissions", breaking)
    code = run([command[0], "i2", *command[1:], "--force"])
    said = capsys.readouterr()
    clean = run(["check", "i"])
    assert (whole, code) == (clean if command[0] == "check" else 0, 1)
    assert [word in said.err for word in ("乙.xlsx：这是程序的错误", "KeyError: 'none'", "甲.xlsx：这是")] == [True, True, False]
