from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from damage import Damaged
from inbox import MIXED, folder, intake
from test_consolidate_engine import digest

import perfxl.consolidation.chunks as chunks_module
from perfxl.consolidation import ledger as ledger_module
from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.decisions import Ruling, merged
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.ledger import Ledger
from perfxl.consolidation.packing import pack, unpack
from perfxl.consolidation.remarks import Remark
from perfxl.consolidation.reviews.record import Review
from perfxl.consolidation.submissions import header_of
from perfxl.intake.reading import Refused, read_workbook
from perfxl.jobs.consolidate import Products, RunResult, run
from perfxl.model import PerfxlError


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return folder(tmp_path / "inbox", MIXED)


def once(inbox: Path, **products: Any) -> RunResult:
    output = inbox.parent / "汇总.xlsx"
    return run([inbox], Products(output, products.pop("ledger", inbox.parent / "汇总.ledger.sqlite"), **products), ConsolidateOptions())


@pytest.mark.parametrize("data", [intake(), intake(actual=95.5), MIXED["e.xlsx"]], ids=["text", "number", "refused"])
def test_packed_submission_is_the_submission(data: bytes) -> None:
    read = read_workbook(data, number=3, source="x")
    assert unpack(pack(read), 3, "x") == read


@pytest.mark.parametrize("data", [intake(), intake(actual=95.5)], ids=["text", "number"])
def test_header_of_a_packed_submission_is_that_of_the_file(data: bytes) -> None:
    read = read_workbook(data, number=3, source="x")
    assert not isinstance(read, Refused)
    again = unpack(pack(read), 3, "x")
    assert not isinstance(again, Refused)
    assert list(map(header_of, again)) == list(map(header_of, read))


def test_value_in_a_column_blank_in_the_first_row_is_content() -> None:
    packed = pack(read_workbook(intake(), number=3, source="x"))
    (first,), (corrected,) = unpack(packed, 3, "x"), unpack(packed, 4, "y")
    assert "executed" not in first.rows["budget"][0].values
    corrected.rows["budget"][1].values["executed"] = 96
    assert header_of(first).content != header_of(corrected).content


def test_what_is_no_packed_submission_is_refused() -> None:
    with pytest.raises(ValueError, match="packed"):
        unpack(b"rubbish", 0, "x")
    assert isinstance(unpack(pack(Refused("x", "file-damaged", {"n": 1})), 0, "y"), Refused)


def test_consolidation_from_the_ledger_is_the_one_from_the_files(inbox: Path) -> None:
    expected = digest(consolidate([inbox]))
    for _ in range(2):
        with Ledger(inbox.parent / "l.sqlite") as ledger:
            assert digest(consolidate([inbox], ConsolidateOptions(ledger=ledger))) == expected


def test_known_files_are_not_read_again(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger(inbox.parent / "l.sqlite") as ledger:
        consolidate([inbox], ConsolidateOptions(ledger=ledger))
    (inbox / "new.xlsx").write_bytes(intake("新馆"))
    read = []
    real = chunks_module.read_workbook
    monkeypatch.setattr(chunks_module, "read_workbook", lambda data, **rest: (read.append(rest["source"]), real(data, **rest))[1])
    with Ledger(inbox.parent / "l.sqlite") as ledger:
        consolidate([inbox], ConsolidateOptions(ledger=ledger))
    assert read == ["new.xlsx"]


def test_nothing_changed_writes_nothing(inbox: Path) -> None:
    first = once(inbox)
    output = inbox.parent / "汇总.xlsx"
    before = output.read_bytes(), output.stat().st_mtime_ns
    second = once(inbox)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.document == first.document
    assert (output.read_bytes(), output.stat().st_mtime_ns) == before


@pytest.mark.parametrize("change", ["file", "new", "gone", "output", "renamed"])
def test_any_change_is_noticed(inbox: Path, change: str) -> None:
    once(inbox)
    match change:
        case "file":
            (inbox / "b2.xlsx").write_bytes(intake("乙馆", actual="26场", submission_count=2))
        case "new":
            (inbox / "note.txt").write_text("x")
        case "gone":
            (inbox / "b1.xlsx").unlink()
        case "output":
            (inbox.parent / "汇总.xlsx").unlink()
        case "renamed":
            (inbox / "b1.xlsx").rename(inbox / "b0.xlsx")
    assert not once(inbox).unchanged


def test_output_with_and_without_ledger_is_the_same(inbox: Path) -> None:
    once(inbox)
    first = (inbox.parent / "汇总.xlsx").read_bytes()
    (inbox.parent / "汇总.xlsx").unlink()
    once(inbox, ledger=None)
    assert (inbox.parent / "汇总.xlsx").read_bytes() == first


def test_ledger_of_another_perfxl_is_rebuilt_and_said(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    once(inbox)
    (inbox.parent / "汇总.xlsx").unlink()
    monkeypatch.setattr(ledger_module, "code_fingerprint", lambda: "another")
    monkeypatch.setattr("perfxl.jobs.consolidate.code_fingerprint", lambda: "another")
    outcome = once(inbox)
    assert outcome.rebuilt
    assert outcome.read == len({v for k, v in MIXED.items() if v and k.endswith((".xlsx", ".xls")) and not k.startswith("~")})
    with Ledger(inbox.parent / "汇总.ledger.sqlite") as ledger:
        assert [entry.total for entry in ledger.history("甲馆") if entry.fate == "accepted"]


def test_ledger_of_an_older_schema_keeps_its_history(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    base = sqlite3.connect(path)
    base.executescript(
        f"PRAGMA application_id = {ledger_module.APPLICATION}; PRAGMA user_version = 0;"
        "CREATE TABLE parsed (sha TEXT); INSERT INTO parsed VALUES ('x');"
        "CREATE TABLE history (unit_key TEXT, name TEXT, year INTEGER, sha256 TEXT, total REAL, forgotten TEXT);"
        "INSERT INTO history VALUES ('k', '甲馆', 2019, 's', 91.5, 'z');"
    )
    base.close()
    with Ledger(path) as ledger:
        assert ledger.rebuilt
        (entry,) = ledger.history("甲馆")
        assert (entry.year, entry.total, entry.grade) == (2019, 91.5, None)
        assert ledger.known("x") is None


def test_a_ledger_of_0_1_0_keeps_its_history_each_file_once(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    shutil.copy(Path(__file__).parent / "data" / "ledger_0.1.0.sqlite", path)
    with Ledger(path) as ledger:
        assert ledger.rebuilt
        entries = ledger.history("甲馆")
        assert [(e.year, e.submission_count, e.source, e.total is not None, e.perfxl) for e in entries] == [
            (2019, 1, "1.xlsx", True, "0.1.0"),
            (2019, 2, "2.xlsx", True, "0.1.0"),
            (2020, 1, "1.xlsx", True, "0.1.0"),
            (2020, 2, "2.xlsx", True, "0.1.0"),
        ]
        assert ledger.history("0012") == entries
        assert (ledger.rulings(), ledger.remarks(), ledger.results()) == ([], [], [])
    with Ledger(path) as ledger:
        assert not ledger.rebuilt


def test_the_ledger_keeps_levels_money_and_indicators_of_each_run(tmp_path: Path) -> None:
    ledger = tmp_path / "l.sqlite"
    inbox = folder(tmp_path / "i", {"1.xlsx": intake("甲馆", money=(100, 80))})
    run([inbox], Products(tmp_path / "o.xlsx", ledger), ConsolidateOptions())
    with Ledger(ledger) as book:
        (result,) = book.results()
        assert (result["full_year"], result["executed"], result["total"], result["counted"], result["rank"]) == (100, 80, 97.25, 1, 1)
        assert result["levels"] == {"产出指标": [50, 50], "效益指标": [30, 29.25], "满意度指标": [10, 10]}
        rows = book.details(result["sha256"], "", "national-2020")
        assert [(row["level3"], row["target"], row["actual"], row["score"]) for row in rows] == [
            ("开展活动场数", "20场", "21场", 50),
            ("服务读者人次", "4万人次", "39000", 29.25),
            ("读者满意度", "90%", "95%", 10),
        ]
        assert book.details("nobody", "", "national-2020") == []


def test_a_file_is_in_the_history_once_whatever_becomes_of_it(tmp_path: Path) -> None:
    ledger = tmp_path / "l.sqlite"
    inbox = folder(tmp_path / "i", {"1.xlsx": intake("甲馆")})
    run([inbox], Products(tmp_path / "o.xlsx", ledger), ConsolidateOptions())
    folder(inbox, {"2.xlsx": intake("甲馆", actual="22场", submission_count=2)})
    run([inbox], Products(tmp_path / "o.xlsx", ledger), ConsolidateOptions())
    with Ledger(ledger) as book:
        entries = book.history("甲馆")
    assert [(e.source, e.fate, e.scheme, e.total is not None) for e in entries] == [
        ("1.xlsx", "superseded", "national-2020", True),
        ("2.xlsx", "accepted", "national-2020", True),
    ]
    assert all(e.recorded for e in entries)


def test_a_renamed_unit_is_found_under_both_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from openpyxl import Workbook

    from perfxl.cli import run as perfxl

    book = Workbook()
    for row in (["单位名称", "预算单位编码", "曾用名"], ["新馆", "0012", "老馆"]):
        book.active.append(row)
    book.save(tmp_path / "名单.xlsx")
    ledger = tmp_path / "l.sqlite"
    for year, name in ((2019, "老馆"), (2020, "新馆")):
        inbox = folder(tmp_path / str(year), {"1.xlsx": intake(name, year, code="0012")})
        run([inbox], Products(tmp_path / f"{year}.xlsx", ledger), ConsolidateOptions(roster=tmp_path / "名单.xlsx"))
    for asked in ("老馆", "新馆", "0012"):
        assert perfxl(["history", asked, "--ledger", str(ledger)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 2
        assert "曾用名：老馆" in lines[0]
        assert "全国通用(2020)" in lines[0]


def test_ledger_of_a_newer_perfxl_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with Ledger(path) as ledger:
        ledger._base.execute("PRAGMA user_version = 99")
        ledger._base.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    before = path.read_bytes()
    with pytest.raises(PerfxlError, match="更新版本"):
        Ledger(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, but some text of a user", b"SQLite format 3\0" + b"\0" * 200])
def test_what_is_no_ledger_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.sqlite"
    path.write_bytes(content)
    with pytest.raises(PerfxlError, match="不是 perfxl 的台账"):
        Ledger(path)
    assert path.read_bytes() == content


def test_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE parsed (x)")
    base.close()
    before = path.read_bytes()
    with pytest.raises(PerfxlError, match="不是 perfxl 的台账"):
        Ledger(path)
    assert path.read_bytes() == before


# damage means do it again


@pytest.fixture(scope="module")
def one_damaged(tmp_path_factory: pytest.TempPathFactory) -> Damaged:
    return Damaged(tmp_path_factory.mktemp("damaged"))


@pytest.fixture
def damaged(one_damaged: Damaged) -> Damaged:
    """A result and its ledger, whole again before each test."""
    one_damaged.put(one_damaged.ledger)
    one_damaged.products.output.write_bytes(one_damaged.good)
    return one_damaged


def test_a_flipped_bit_costs_no_more_than_reading_again(damaged: Damaged) -> None:
    mended = 0
    for _, outcome in damaged.with_flips(10, seed=6):
        aside = list(damaged.path.parent.glob("*.坏"))
        assert len(aside) == len(outcome.notes) <= 1
        mended += len(aside)
        assert not damaged.path.with_name(f"{damaged.path.name}-journal").exists()
        assert damaged.run().unchanged
    assert 0 < mended < 10


@pytest.mark.parametrize(
    ("table", "column", "value"), [("history", "unit_name", "甲管"), ("results", "total", 98.24), ("rounds", "day", "2021-03-02")]
)
def test_a_flipped_bit_in_what_a_run_has_seen_is_said_once(damaged: Damaged, table: str, column: str, value: object) -> None:
    with closing(sqlite3.connect(damaged.path)) as base:
        base.execute(f"UPDATE {table} SET {column} = ?", (value,))
        base.commit()
    damaged.products.output.unlink()
    (note,) = damaged.run().notes
    assert "历次汇总的记录里有一处与写入时不同，请核对" in note
    assert damaged.run().notes == []


def test_a_ledger_without_that_seal_is_taken_as_it_is(damaged: Damaged) -> None:
    with closing(sqlite3.connect(damaged.path)) as base:
        base.execute("DELETE FROM meta WHERE name = 'seen'")
        base.execute("UPDATE history SET unit_name = '甲管'")
        base.commit()
    with Ledger(damaged.path) as ledger:
        assert ledger.notes == []


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, 0), (18, 3), (68, 0), (60, 9), (100, 0), (16, 0), (20, 255)],
    ids=["magic", "format", "application", "version", "first page", "page size", "reserved"],
)
def test_a_spoilt_first_page_is_mended_and_the_history_is_saved(damaged: Damaged, at: int, value: int) -> None:
    data = bytearray(damaged.ledger)
    data[at] = value
    damaged.put(bytes(data))
    damaged.products.output.unlink()
    (note,) = damaged.run().notes
    assert "汇总.ledger.sqlite.坏" in note
    assert damaged.path.with_name("汇总.ledger.sqlite.坏").read_bytes() == bytes(data)
    assert damaged.remembered() == damaged.history
    damaged.put(bytes(data))
    with Ledger(damaged.path, history_only=True) as ledger:
        assert [(entry.name, entry.total) for entry in ledger.history("馆")] == damaged.history
        assert len(ledger.notes) == 1
    assert damaged.path.read_bytes() == bytes(data)


def test_a_spoilt_page_of_the_names_of_the_tables_costs_no_history(damaged: Damaged) -> None:
    """They take more than the first page; the pages behind it begin no table."""
    with closing(sqlite3.connect(damaged.path)) as base:
        ((size,),) = base.execute("PRAGMA page_size")
        begun = {page for (page,) in base.execute("SELECT rootpage FROM sqlite_master")}
    pages = [damaged.ledger[at : at + size] for at in range(0, len(damaged.ledger), size)]
    named = [number for number, page in enumerate(pages) if number and number + 1 not in begun and b"CREATE TABLE" in page]
    assert named
    for at in (at for number in named for at in (number * size, number * size + pages[number].index(b"CREATE TABLE") + 6)):
        data = bytearray(damaged.ledger)
        data[at] ^= 1
        damaged.put(bytes(data))
        with Ledger(damaged.path) as ledger:
            assert len(ledger.notes) == 1
        assert damaged.remembered() == damaged.history


@pytest.mark.parametrize("left", [0.5, 0.9])
def test_a_ledger_that_was_cut_short_or_blanked_is_made_anew(damaged: Damaged, left: float) -> None:
    size = len(damaged.ledger)
    for data in (damaged.ledger[: int(size * left)], bytes(size), damaged.ledger[: int(size * left)] + bytes(size - int(size * left))):
        damaged.put(data)
        damaged.products.output.unlink(missing_ok=True)
        assert damaged.run().document["accepted"] == 3
        assert damaged.products.output.read_bytes() == damaged.good
        assert damaged.run().unchanged


@pytest.mark.parametrize("column", ["packed", "products", "document"])
def test_a_spoilt_blob_is_read_again_and_refuses_nobody(damaged: Damaged, column: str) -> None:
    base = sqlite3.connect(damaged.path)
    table = "parsed" if column == "packed" else "runs"
    for key, blob in base.execute(f"SELECT rowid, {column} FROM runs" if table == "runs" else "SELECT sha256, packed FROM parsed").fetchall():
        spoilt = bytearray(blob if isinstance(blob, bytes) else blob.encode())
        spoilt[len(spoilt) // 2] ^= 0x41
        base.execute(f"UPDATE {table} SET {column} = ? WHERE {'rowid' if table == 'runs' else 'sha256'} = ?", (bytes(spoilt), key))
    base.commit()
    base.close()
    damaged.products.output.unlink()
    outcome = damaged.run()
    assert (outcome.document["accepted"], outcome.notes) == (3, [])
    assert outcome.read == (4 if column == "packed" else 0)
    assert damaged.run().unchanged


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_a_ledger_is_for_its_owner_and_an_existing_mode_is_kept(tmp_path: Path) -> None:
    damaged = Damaged(tmp_path)
    assert stat.S_IMODE(damaged.path.stat().st_mode) == 0o600
    damaged.put(damaged.ledger[:5000])
    damaged.path.chmod(0o640)
    damaged.products.output.unlink()
    assert damaged.run().notes
    assert stat.S_IMODE(damaged.path.stat().st_mode) == 0o640


def test_what_may_not_be_written_is_no_damage(damaged: Damaged) -> None:
    with Ledger(damaged.path) as ledger:
        ledger._base.execute("PRAGMA query_only = 1")
        with pytest.raises(PerfxlError, match="读写不了"):
            ledger.keep({"a": b"b"})
    assert damaged.path.read_bytes() == damaged.ledger


def test_history_shows_a_unit_over_years_and_submissions(tmp_path: Path) -> None:
    ledger = tmp_path / "台账.sqlite"
    for year in (2019, 2020):
        inbox = folder(
            tmp_path / str(year),
            {
                "1.xlsx": intake("甲馆", year, actual="19场", submission_count=1),
                "2.xlsx": intake("甲馆", year, actual="21场", submission_count=2),
                "other.xlsx": intake("乙馆", year),
            },
        )
        run([inbox], Products(tmp_path / f"{year}.xlsx", ledger), ConsolidateOptions())
    with Ledger(ledger) as book:
        entries = book.history("甲馆")
        assert [(e.year, e.submission_count, e.fate) for e in entries] == [
            (2019, 1, "superseded"),
            (2019, 2, "accepted"),
            (2020, 1, "superseded"),
            (2020, 2, "accepted"),
        ]
        assert [e.total is None for e in entries] == [True, False, True, False]
        assert book.history("甲") == entries
        assert book.history("丙馆") == []


def test_a_damaged_ledger_gives_back_what_the_office_said(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    ruling = Ruling("a" * 64, "", "identity-suspect", "属于", "甲馆", by="张三", file="1.xlsx")
    remark = Remark("甲|2020|整体|", "401", "绩效指标", "G4", "活动场数", "", "没有填写", "甲馆", "部门整体", "", reply="已改")
    with Ledger(path) as ledger:
        ledger.keep_said([ruling], [remark])
        ledger.keep_details([("a" * 64, "", "national-2020", "m", b"x")])
        said = ledger.said()
    data = bytearray(path.read_bytes())
    data[60] ^= 1  # the version
    path.write_bytes(bytes(data))
    with Ledger(path, history_only=True) as ledger:
        assert (ledger.rulings(), ledger.remarks()) == ([ruling], [remark])
    assert path.read_bytes() == bytes(data)
    with Ledger(path) as ledger:
        assert (ledger.rulings(), ledger.remarks(), ledger.said(), len(ledger.notes)) == ([ruling], [remark], said, 1)
        assert ledger.without_details([("a" * 64, "", "national-2020", "m")]) == set()
        assert ledger.details("a" * 64, "", "national-2020") == []


@pytest.mark.parametrize("column", ["word", "year", "unit"])
def test_a_spoilt_decision_is_none(tmp_path: Path, column: str) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        ledger.keep_said([Ruling("a" * 64, "", "other-year", "属于", "甲馆", year="2020")], [])
        ledger._base.execute(f"UPDATE rulings SET {column} = x'00ff'")
        assert ledger.rulings() == []
        ledger._base.execute(f"UPDATE rulings SET {column} = '2:20'")
        assert (merged(ledger.rulings(), [])[0] == []) == (column != "unit")


def test_an_older_ledger_is_only_looked_into_by_history(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    shutil.copy(Path(__file__).parent / "data" / "ledger_0.1.0.sqlite", path)
    before = path.read_bytes()
    with Ledger(path, history_only=True) as ledger:
        assert len(ledger.history("甲馆")) == 4
    assert path.read_bytes() == before


# kill -9


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(ledger_module.__file__).parents[2])}


def test_killed_run_resumed_gives_the_same_bytes_and_reads_nothing_twice(tmp_path: Path) -> None:
    inbox = folder(tmp_path / "inbox", {f"{i:03}.xlsx": intake(f"馆{i}") for i in range(20)})
    reference = tmp_path / "reference.xlsx"
    run([inbox], Products(reference), ConsolidateOptions())
    rng = random.Random(9)
    ledger, output = tmp_path / "l.sqlite", tmp_path / "out.xlsx"
    runner = tmp_path / "run.py"
    runner.write_text(
        "import sys\nimport perfxl.consolidation.engine as e\ne.CHUNK_FILES = 4\nfrom perfxl.cli import run\nsys.exit(run(sys.argv[1:]))\n"
    )
    command = [sys.executable, str(runner), "consolidate", str(inbox), "-o", str(output), "--ledger", str(ledger), "--workers", "1"]
    known = 0
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < 300 and _count(ledger) <= known:
            time.sleep(0.01)
        time.sleep(rng.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kept = _count(ledger, "rw")
        assert kept >= known
        assert kept > known or output.exists()
        known = kept
        assert not output.exists() or output.read_bytes() == reference.read_bytes()
    with Ledger(ledger) as book:
        left = 20 - known
        outcome = run([inbox], Products(output, ledger), ConsolidateOptions()) if left or not output.exists() else None
        assert book is not None
    assert outcome is None or outcome.read == left
    assert output.read_bytes() == reference.read_bytes()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".perfxl.lock")]


def _count(ledger: Path, mode: str = "ro") -> int:
    """Files the ledger knows. After a kill "rw": a reader that may not write cannot roll back what was under way."""
    try:
        base = sqlite3.connect(f"file:{ledger}?mode={mode}", uri=True, timeout=5)
        try:
            return int(base.execute("SELECT count(*) FROM parsed WHERE length(sha256) = 64").fetchone()[0])
        finally:
            base.close()
    except sqlite3.Error:
        return 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_cleanly_and_keeps_what_was_read(tmp_path: Path) -> None:
    inbox = folder(tmp_path / "inbox", {f"{i:03}.xlsx": intake(f"馆{i}") for i in range(30)})
    runner = tmp_path / "run.py"
    runner.write_text(
        "import signal, sys, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nimport perfxl.consolidation.engine as e\nimport perfxl.consolidation.chunks as c\ne.CHUNK_FILES = 2\n"
        "real = c.read_workbook\n"
        "def held(*a, **k):\n    if int(k['source'][:3]) > 9:\n        time.sleep(600)\n    return real(*a, **k)\n"
        "c.read_workbook = held\nfrom perfxl.cli import run\nsys.exit(run(sys.argv[1:]))\n"
    )
    ledger = tmp_path / "l.sqlite"
    process = subprocess.Popen(
        [sys.executable, str(runner), "consolidate", str(inbox), "-o", str(tmp_path / "o.xlsx"), "--ledger", str(ledger), "--workers", "2"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=ENVIRONMENT,
    )
    began = time.monotonic()
    while _count(ledger) < 2 and time.monotonic() - began < 300:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 130
    assert b"Traceback" not in error
    assert 2 <= _count(ledger) < 30
    assert not (tmp_path / "o.xlsx").exists()
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".perfxl")]


def test_history_follows_a_unit_through_its_names_and_codes(tmp_path: Path) -> None:
    """A former name that is another unit's in the same roster leads nowhere."""
    from openpyxl import Workbook

    from perfxl.cli import run as perfxl

    rosters = {
        2021: [["甲馆", "0101", ""], ["丙馆", "0103", ""]],
        2022: [["甲新馆", "0901", "甲馆、老甲馆"], ["丙馆", "0103", ""], ["丁馆", "0104", "丙馆"]],
    }
    ledger = tmp_path / "l.sqlite"
    for year, rows in rosters.items():
        inbox = folder(tmp_path / str(year), {f"{name}.xlsx": intake(name, year, code=code) for name, code, _ in rows})
        book = Workbook()
        for row in (["单位名称", "预算单位编码", "曾用名"], *rows):
            book.active.append(row)
        book.save(tmp_path / "r.xlsx")
        command = ["consolidate", str(inbox), "-o", str(tmp_path / f"{year}.xlsx"), "--ledger", str(ledger), "--roster", str(tmp_path / "r.xlsx")]
        assert perfxl([*command, "--workers", "1"]) == 0
    with Ledger(ledger) as known:
        found = {asked: [(entry.name, entry.year) for entry in known.history(asked)] for asked in ("甲新馆", "0101", "丙馆", "丁馆")}
    assert found["甲新馆"] == found["0101"] == [("甲馆", 2021), ("甲新馆", 2022)]
    assert found["丙馆"] == [("丙馆", 2021), ("丙馆", 2022)]
    assert found["丁馆"] == [("丁馆", 2022)]


@pytest.mark.parametrize("table", ["rulings", "remarks", "reviews"])
def test_a_flipped_bit_in_what_the_office_said_is_never_taken_for_its_word(tmp_path: Path, table: str) -> None:
    """The rows themselves hold no checksum: one of them all does."""
    path = tmp_path / "l.sqlite"
    with Ledger(path) as ledger:
        ledger.keep_said([Ruling("a" * 64, "", "other-year", "属于", unit="0012", day="2021-03-01")], [Remark(*["0012"] * 10, reply="已改")])
        ledger.keep_reviews([Review(*["0012"] * 2, 1, 1, *["0012"] * 11, review_score="8")], [])
    with Ledger(path) as ledger:
        assert (ledger.notes, ledger.rulings()[0].unit) == ([], "0012")
    column = {"rulings": "unit", "remarks": "reply", "reviews": "review_score"}[table]
    with closing(sqlite3.connect(path)) as base:
        base.execute(f"UPDATE {table} SET {column} = '9'")
        base.commit()
    before = path.read_bytes()
    with Ledger(path, history_only=True) as ledger:
        assert "请核对" in ledger.notes[0]
    assert path.read_bytes() == before
    with Ledger(path) as ledger:
        (note,) = ledger.notes
        assert "请核对" in note
    with Ledger(path) as ledger:
        assert ledger.notes == []
