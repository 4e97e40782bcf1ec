"""Names of files, units and sheets that nobody should trust: nothing is followed, nothing escapes, nothing breaks a line."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import mutants
import openpyxl
import pytest
from inbox import intake

from perfxl.cli import run
from perfxl.consolidation.names import name_key
from perfxl.intake import discover
from perfxl.intake.discover import Fate, find_files
from perfxl.output import sealed_state
from perfxl.values.vocabulary import PLACEHOLDERS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these names cannot be made there")

ODD = {
    "line end": os.fsencode("甲\n乙\r丙.xlsx"),
    "escape": b"a\x1b[31m\x07.xlsx",
    "not utf-8": b"\xcd\xbc\xca\xe9\xb9\xdd.xlsx",
    "right to left": "馆\u202exslx.xlsx".encode(),
    "255 bytes": ("馆" * 82 + ".xlsx").encode(),
    "emoji": "📚.xlsx".encode(),
    "dash": b"-o.xlsx",
    "quote": b"a\"b'c`$(x);&.xlsx",
    "device": b"CON.xlsx",
    "decomposed": "e\u0301.xlsx".encode(),
    "composed": "\u00e9.xlsx".encode(),
    "formula": b"=1+1.xlsx",
    "braces": b"{0}{name}%s%n.xlsx",
    "blank": "　 .xlsx".encode(),
    "upper": b"A.XLSX",
}
UNITS = (
    "../../etc/passwd",
    "CON",
    "lpt1.txt",
    "a\nb",
    "馆" * 200,
    "甲/乙\\丙:丁",
    "..",
    ".",
    "~$甲",
    "-rf",
    '<>|?*"',
    "=cmd|' /C calc'!A0",
    "\u202e甲",
    "📚",
    " 甲 ",
    "COM1",
    "nul.xlsx",
    "a" * 300,
    "%s{0}",
    "'",
    "[表]",
    "history",
)


def folder_of(path: Path, files: dict[bytes, bytes]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        Path(os.fsdecode(os.fsencode(path) + b"/" + name)).write_bytes(data)
    return path


@pytest.fixture
def odd(tmp_path):
    files = {name: intake(f"{key}馆") for key, name in ODD.items()}
    assert len(ODD["255 bytes"]) > 240
    return folder_of(tmp_path / "收件", files)


def lines_are_clean(text: str) -> bool:
    return all(c.isprintable() or c in "\n　" for c in text)


def test_odd_file_names_are_each_scored_beside_themselves(odd, capsys):
    assert run(["score", str(odd)]) == 0
    said = capsys.readouterr()
    assert lines_are_clean(said.err)
    results = [path for path in odd.iterdir() if sealed_state(path) == "ours-untouched"]
    assert len(results) == len(ODD)
    assert len(list(odd.iterdir())) == 2 * len(ODD)
    for path in results:
        assert len(os.fsencode(path.name)) <= 255
        openpyxl.load_workbook(path).close()


def test_odd_file_names_each_stand_once_in_the_consolidation(odd, tmp_path, capsys):
    target = tmp_path / "汇总.xlsx"
    assert run(["consolidate", str(odd), "-o", str(target), "--workers", "1", "--letters", str(tmp_path / "通知"), "--json"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert (document["found"], document["accepted"]) == (len(ODD), len(ODD))
    shown = [file["file"] for file in document["files"]]
    assert len(set(shown)) == len(ODD)
    assert lines_are_clean(said.err)
    assert lines_are_clean("".join(shown))
    assert sealed_state(target) == "ours-untouched"
    (ledger,) = tmp_path.glob("*.sqlite")
    base = sqlite3.connect(ledger)
    assert base.execute("SELECT count(*) FROM history").fetchone() == (len(ODD),)
    base.close()
    assert run(["consolidate", str(odd), "-o", str(target), "--workers", "1", "--letters", str(tmp_path / "通知")]) == 0
    assert "没有变化" in capsys.readouterr().err


def test_two_long_names_never_share_a_result(tmp_path):
    long = "馆" * 82
    inbox = folder_of(tmp_path / "in", {os.fsencode(f"{long}{end}.xlsx"): intake(f"{end}馆") for end in "甲乙"})
    assert run(["score", str(inbox), "-o", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 2
    assert all(name.endswith("_评分结果.xlsx") and name.startswith("馆" * 30) for name in names)


def test_units_with_odd_names_stay_inside_the_folder(tmp_path, capsys):
    inbox = folder_of(tmp_path / "deep" / "in", {f"{n}.xlsx".encode(): intake(name, actual="") for n, name in enumerate(UNITS)})
    out = tmp_path / "deep" / "out"
    out.mkdir()
    assert (
        run(
            [
                "consolidate",
                str(inbox),
                "-o",
                str(out / "汇总.xlsx"),
                "--workers",
                "1",
                "--letters",
                str(out / "通知"),
                "--parquet",
                str(out / "表"),
                "--json",
            ]
        )
        == 0
    )
    said = capsys.readouterr()
    document = json.loads(said.out)
    nameless = [name for name in UNITS if name in PLACEHOLDERS]  # each is a unit of its own
    assert document["accepted"] + document["undecided"] == len({name_key(name) for name in UNITS} - {name_key(name) for name in nameless}) + len(
        nameless
    )
    letters = [path for path in (out / "通知").rglob("*") if path.is_file()]
    assert len(letters) >= len({unit["name"] for unit in document["units"]})
    assert lines_are_clean(said.err)
    assert {path.name for path in tmp_path.iterdir()} == {"deep"}
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"in", "out"}
    for path in letters:
        assert path.resolve().is_relative_to(out / "通知")
        assert len(path.name.encode()) <= 255
        assert not set(path.name) & set('<>:"|?*\n\r\t\\')
        assert path.name.split(".")[0].upper() not in {"CON", "COM1", "LPT1", "NUL"}


def test_templates_of_a_roster_with_odd_names_stay_inside_the_folder(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["单位名称", "预算单位编码"])
    for n, name in enumerate(UNITS):
        sheet.append([None, f"{n:03}"])
        sheet.cell(n + 2, 1).value = name
        sheet.cell(n + 2, 1).data_type = "s"
    book.save(tmp_path / "名单.xlsx")
    out = tmp_path / "out"
    assert run(["template", "--roster", str(tmp_path / "名单.xlsx"), "-o", str(out)]) == 0
    written = [path for path in tmp_path.rglob("*.xlsx") if path.name != "名单.xlsx"]
    assert len(written) >= len(UNITS) - 1
    assert all(path.resolve().parent == out for path in written)
    assert {path.name for path in tmp_path.iterdir()} == {"名单.xlsx", "out"}


def test_links_pipes_sockets_and_folders_called_xlsx_are_listed_and_never_opened(tmp_path, monkeypatch, capsys):
    outside = folder_of(tmp_path / "outside", {b"secret.xlsx": intake("外面的馆")})
    inbox = folder_of(tmp_path / "in", {b"a.xlsx": intake("甲馆")})
    (inbox / "link.xlsx").symlink_to(outside / "secret.xlsx")
    (inbox / "up.xlsx").symlink_to("../outside/secret.xlsx")
    (inbox / "broken.xlsx").symlink_to("nowhere")
    (inbox / "loop.xlsx").symlink_to("loop.xlsx")
    (inbox / "folder").symlink_to(outside)
    (inbox / "round").symlink_to(inbox)
    (inbox / "passwd.xlsx").symlink_to("/etc/passwd")
    (inbox / "null.xlsx").symlink_to("/dev/zero")
    (inbox / "d.xlsx").mkdir()
    os.mkfifo(inbox / "pipe.xlsx")
    listening = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(inbox)  # a socket's path must be short
    listening.bind("socket.xlsx")
    listening.close()
    code = run(["consolidate", str(inbox), "-o", str(tmp_path / "汇总.xlsx"), "--workers", "1", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [unit["name"] for unit in document["units"]] == ["甲馆"]
    assert {f["file"]: f["code"] for f in document["files"] if f["fate"] == "rejected"} == dict.fromkeys(
        ("broken.xlsx", "folder", "link.xlsx", "loop.xlsx", "null.xlsx", "passwd.xlsx", "pipe.xlsx", "round", "socket.xlsx", "up.xlsx"),
        "file-not-regular",
    )
    assert run(["score", str(inbox), "-o", str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").rglob("*.xlsx")] == ["a_评分结果.xlsx"]
    assert run(["score", str(inbox / "pipe.xlsx")]) == 2
    assert run(["score", str(inbox / "link.xlsx")]) == 2
    assert run(["score", str(inbox / "socket.xlsx")]) == 2
    assert run(["score", "/dev/zero"]) == 2


def test_a_link_that_takes_the_place_of_a_result_is_not_written_through(tmp_path):
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    source = tmp_path / "a.xlsx"
    source.write_bytes(intake())
    (tmp_path / "a_评分结果.xlsx").symlink_to(precious)
    assert run(["score", str(source)]) == 2
    assert run(["score", str(source), "--force"]) == 0
    assert precious.read_bytes() == b"precious"
    assert not (tmp_path / "a_评分结果.xlsx").is_symlink()


def test_a_macro_workbook_is_read_and_its_macros_go_nowhere(tmp_path, capsys):
    parts = dict(mutants.intake_parts())
    parts["xl/vbaProject.bin"] = b"code" * 100
    source = tmp_path / "宏.xlsm"
    source.write_bytes(mutants.pack(parts))
    assert run(["score", str(source), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert "file-has-macros" in [issue["code"] for issue in document["issues"]]
    assert document["total"] == 98.97
    result = (tmp_path / "宏_评分结果.xlsx").read_bytes()
    assert b"vbaProject" not in result
    assert source.read_bytes() == mutants.pack(parts)


def test_names_in_sheets_and_columns_reach_the_result_as_text(tmp_path):
    parts = mutants.intake(
        {
            ("绩效指标", "N1"): mutants.stored("N1", '=HYPERLINK("http://x")\u202e\x85'),
            ("绩效指标", "N2"): mutants.stored("N2", "@SUM(1)"),
            ("绩效指标", "O1"): mutants.stored("O1", "]]>&lt;" + "长" * 300),
            ("绩效指标", "O2"): mutants.stored("O2", "internal:绩效指标!A1"),
        }
    )
    source = tmp_path / "a.xlsx"
    source.write_bytes(parts)
    assert run(["score", str(source)]) == 0
    book = openpyxl.load_workbook(tmp_path / "a_评分结果.xlsx")
    cells = {cell.value: cell for row in book["绩效指标"].iter_rows() for cell in row if isinstance(cell.value, str)}
    assert cells["@SUM(1)"].data_type == cells["internal:绩效指标!A1"].data_type == "s"
    assert not [value for value, cell in cells.items() if cell.data_type == "f" and "HYPERLINK" in value]
    assert not [link for sheet in book for link in sheet._hyperlinks if link.target]


def test_a_file_that_goes_between_listing_and_reading_is_refused(tmp_path, monkeypatch, capsys):
    inbox = folder_of(tmp_path / "in", {b"a.xlsx": intake("甲馆"), b"b.xlsx": intake("乙馆")})
    real = find_files

    def and_remove(*arguments):
        found = real(*arguments)
        (inbox / "a.xlsx").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(discover, "find_files", and_remove)
    monkeypatch.setattr("perfxl.jobs.consolidate.find_files", and_remove)
    assert run(["score", str(inbox), "--no-workbook", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert [issue["code"] for issue in first["issues"]] == ["file-not-readable"]
    assert second["unit"]["name"] == "乙馆"
    (inbox / "a.xlsx").write_bytes(intake("甲馆"))
    assert run(["consolidate", str(inbox), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--json", "--no-ledger"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["found"], document["accepted"], document["rejected"]) == (2, 1, 1)


def test_every_path_is_found_once(odd, tmp_path):
    shutil.copytree(odd, tmp_path / "again" / "收件")
    found = find_files([odd, odd, tmp_path / "again"])
    assert len(found) == 2 * len(ODD)
    assert all(item.fate is Fate.CANDIDATE for item in found)


def test_what_systems_leave_behind_is_ignored_and_everything_else_is_an_entry(tmp_path):
    names = {
        "a.xlsx": "", "b.XLS": "", "c.et": "", "d.docx": "", "e.zip": "zip-damaged", "~$a.xlsx": "ignored-lock-file", ".~a.xlsx": "ignored-lock-file",
        ".~lock.a.xlsx#": "ignored-lock-file", "._a.xlsx": "ignored-system-file", "__MACOSX/a.xlsx": "ignored-system-file",
        "乙/Thumbs.db": "ignored-system-file", "desktop.ini": "ignored-system-file", ".DS_Store": "ignored-system-file",
        "x.xlsx.crdownload": "ignored-system-file", "y.xlsx.part": "ignored-system-file", "无扩展名": "file-extension", "说明.txt": "file-extension",
        "扫描件.pdf": "file-extension", "表.ods": "file-extension", "表.csv": "file-extension", "图.JPG": "file-extension", "乙/表.wps": "file-extension",
    }  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert {item.shown: item.code for item in find_files([tmp_path])} == names
    assert all("ext" in item.details for item in find_files([tmp_path]) if item.code == "file-extension")


def test_a_folder_that_cannot_be_listed_is_an_entry_of_its_own(tmp_path, monkeypatch, capsys):
    inbox = folder_of(tmp_path / "in", {b"a.xlsx": intake("甲馆")})
    folder_of(inbox / "锁着", {b"b.xlsx": intake("乙馆")})
    folder_of(inbox / "半路", {b"c.xlsx": intake("丙馆"), b"d.xlsx": intake("丁馆")})
    real = os.scandir

    class Broken:
        def __init__(self, path):
            self.listing = real(path)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.listing.close()

        def __iter__(self):
            yield next(self.listing)
            raise OSError(5, "Input/output error")

    def scandir(path):
        if Path(path).name == "锁着":
            raise PermissionError(13, "Permission denied")
        return Broken(path) if Path(path).name == "半路" else real(path)

    monkeypatch.setattr(discover.os, "scandir", scandir)
    found = {item.shown: (item.fate, item.code, item.details.get("reason")) for item in find_files([inbox])}
    listed = [shown for shown in found if shown.startswith("半路/")]
    assert len(listed) == 1
    assert {shown: what for shown, what in found.items() if what[1]} == {
        "锁着": (Fate.REJECTED, "folder-unreadable", "Permission denied"),
        "半路": (Fate.REJECTED, "folder-unreadable", "Input/output error"),
    }
    assert run(["consolidate", str(inbox), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--json", "--no-ledger"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["found"], document["accepted"], document["rejected"]) == (4, 2, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="a path of 4,096 bytes is the limit of Linux; deeper ones are made step by step")
def test_a_path_too_long_is_an_entry_and_the_run_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folder_of(Path("in"), {b"a.xlsx": intake("甲馆"), f"{'长' * 83}.xlsx".encode(): intake("乙" * 120, actual=None, authority="局" * 120)})
    place = os.open("in", os.O_RDONLY)
    for depth in range(17):
        os.mkdir("深" * 80, dir_fd=place)
        place, above = os.open("深" * 80, os.O_RDONLY, dir_fd=place), place
        os.close(above)
        for name in ("b.xlsx", f"{'丙' * 83}.xlsx", f"{'丁' * 83}.zip", f"{'戊' * 83}.jpg") if depth == 15 else ():
            with os.fdopen(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=place), "wb") as file:
                file.write(intake("丙馆"))
    os.close(place)
    more = ("--letters", "通知", "--review-sheets", "复核")
    assert run(["consolidate", "in", "-o", "o.xlsx", "--workers", "1", "--json", "--no-ledger", *more]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    kinds = Counter((file["fate"], file["code"], file["file"].rpartition("/")[2][:1]) for file in files)
    assert kinds == {
        ("accepted", None, "a"): 1,
        ("accepted", None, "长"): 1,
        ("accepted", None, "b"): 1,
        ("ignored", "ignored-attachment", "戊"): 1,
        ("rejected", "file-not-readable", "丙"): 1,
        ("rejected", "file-not-readable", "丁"): 1,
        ("rejected", "folder-unreadable", "深"): 1,
    }
    assert {file["message"] for file in files if file["fate"] == "rejected"} == {
        "这个文件打不开（路径太长）。",
        "这个文件夹列不出内容（路径太长），里面的文件没有读取。",
    }
    (letter,) = Path("通知").rglob("*.docx")
    assert letter.name.startswith("乙乙")
    for command in (["score", "in", "-o", "out"], ["check", "in"]):
        assert run(command) == int(command[0] == "check")
        assert "路径太长" in "".join(capsys.readouterr())


def test_what_perfxl_itself_wrote_is_ignored_in_an_inbox(tmp_path, capsys):
    inbox = folder_of(tmp_path / "in", {b"a.xlsx": intake("甲馆", actual="")})
    assert run(["check", str(inbox / "a.xlsx"), "-o", str(inbox / "问题.xlsx")]) == 1
    assert run(["report", str(inbox / "a.xlsx")]) == 0
    assert run(["consolidate", str(inbox), "-o", str(inbox / "汇总.xlsx"), "--letters", str(tmp_path / "通知"), "--workers", "1", "--no-ledger"]) == 0
    shutil.copytree(tmp_path / "通知", inbox / "通知")
    capsys.readouterr()
    assert run(["score", str(inbox), "--no-workbook", "--json"]) == 0
    assert [d["source"]["file"] for d in json.loads(capsys.readouterr().out)] == ["a.xlsx"]
