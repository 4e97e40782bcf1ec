"""Outputs never destroy: every target of a run against every input, against each other, and against what changed meanwhile."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from inbox import folder, intake

from perfxl import output
from perfxl.cli import run
from perfxl.consolidation.assembly import consolidate as api_consolidate
from perfxl.output import OutputError, OutputPlan, sealed_state

pytest.importorskip("pyarrow")


def state(path: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def edit(path: Path) -> bytes:
    """What a person does: open, type, save."""
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["Z99"] = "办公室的批注"
    book.save(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("office")
    folder(place / "in", {"甲.xlsx": intake("甲馆", actual=None), "sub/乙.xlsx": intake("乙馆")})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert consolidate("in", "--letters", "通知", "--parquet", "表") == 0
    return place


@pytest.fixture
def office(made, tmp_path, monkeypatch):
    """An inbox of two units, and a good 汇总.xlsx made from it with all products."""
    shutil.copytree(made, tmp_path / "office")
    monkeypatch.chdir(tmp_path / "office")
    return tmp_path / "office"


def consolidate(*arguments: str) -> int:
    more = [] if "-o" in arguments else ["-o", "汇总.xlsx"]
    return run(["consolidate", *arguments, *more, "--workers", "1"])


# what a clerk types at five o'clock


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["in", "--letters", "in"], "output-above-input"),
        (["in", "--parquet", "in"], "output-above-input"),
        (["in", "--letters", "."], "output-above-input"),
        (["in", "--parquet", "."], "output-above-input"),
        (["in", "--letters", "in/sub"], "output-folder-foreign"),
        (["in", "--letters", "in/../in/sub/"], "output-folder-foreign"),
        (["in", "--letters", "link"], "output-above-input"),
        (["in/甲.xlsx", "in/sub/乙.xlsx", "--letters", "in"], "output-above-input"),
        (["in/甲.xlsx", "--parquet", "in"], "output-above-input"),
        (["in", "-o", "in/甲.xlsx"], "output-is-input"),
        (["in", "-o", "hard.xlsx"], "output-is-input"),
        (["in", "-o", "soft.xlsx"], "output-is-input"),
        (["in", "-o", "x.xlsx", "--ledger", "x.xlsx"], "output-twice"),
        (["in", "-o", "x.xlsx", "--ledger", "./x.xlsx"], "output-twice"),
        (["in", "-o", "x.xlsx", "--letters", "x.xlsx"], "output-twice"),
        (["in", "-o", "表2/units.parquet.xlsx", "--ledger", "表2/units.parquet", "--parquet", "表2"], "output-twice"),
        (["in", "--ledger", "in/甲.xlsx"], "output-is-input"),
        (["in", "--roster", "名单.xlsx", "-o", "名单.xlsx"], "output-is-input"),
        (["in", "--letters", "a.txt"], "output-not-a-folder"),
        (["in", "-o", "in"], None),
        (["in", "-o", "a.xls"], None),
    ],
    ids=str,
)
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "force"])
def test_what_would_destroy_is_refused_before_anything_is_touched(office, capsys, arguments, code, force):
    (office / "link").symlink_to("in")
    (office / "soft.xlsx").symlink_to("in/甲.xlsx")
    (office / "hard.xlsx").hardlink_to(office / "in/甲.xlsx")
    (office / "a.txt").write_text("x")
    (office / "名单.xlsx").write_bytes(intake())
    (office / "表2").mkdir()
    before = state(office)
    capsys.readouterr()
    assert consolidate(*arguments, *force) == 2
    assert state(office) == before
    if code:
        said = output.MESSAGES[code][0].partition("{")[0].rstrip("：（ ")
        assert said in capsys.readouterr().err


def test_an_output_file_may_lie_among_the_inputs_and_is_none(office):
    for _ in range(2):
        assert consolidate("in", "-o", "in/汇总.xlsx", "--letters", "in/通知") == 0
    names = openpyxl.load_workbook(office / "in/汇总.xlsx")["文件清单"]
    assert [row[1].value for row in names.iter_rows() if str(row[1].value).endswith(".xlsx")] == ["sub/乙.xlsx", "甲.xlsx"]
    assert {path.name for path in (office / "in/通知").rglob("*.docx")} == {"甲馆_退回修改通知.docx"}
    (office / "in/通知/丙.xlsx").write_bytes(intake("丙馆"))
    before = state(office)
    assert consolidate("in", "-o", "in/汇总.xlsx", "--letters", "in/通知") == 2
    assert state(office) == before


def test_everything_perfxl_writes_is_ignored_in_an_inbox(office):
    assert run(["report", "in/甲.xlsx", "-o", "in/报告.docx"]) == 0
    (office / "a.txt").write_text("没有数字。")
    assert run(["crosscheck", "in/甲.xlsx", "a.txt", "-o", "in/核对.xlsx"]) == 0
    shutil.copytree(office / "通知", office / "in/旧通知")
    shutil.copytree(office / "表", office / "in/表")
    for name in ("汇总.xlsx", "汇总.ledger.sqlite"):
        shutil.copy(office / name, office / "in")
    found = {row["shown"]: (str(row["fate"]), row["code"]) for row in api_consolidate([office / "in"]).files.to_dict("records")}
    assert {name for name, fate in found.items() if fate == ("accepted", "")} == {"sub/乙.xlsx", "甲.xlsx"}
    assert {fate for fate, _ in found.values()} == {"accepted", "ignored"}
    assert {fate for fate in found.values() if fate[0] == "ignored"} == {("ignored", "ignored-own-result")}
    assert len(found) > 11


@pytest.mark.parametrize("inbox", [{}, {"sub/.keep": b""}])
def test_a_run_that_found_no_file_replaces_nothing(office, inbox):
    shutil.rmtree(office / "in")
    folder(office / "in", inbox)
    (office / "in").mkdir(exist_ok=True)
    if inbox:
        (office / "in/sub/.keep").unlink()
    before = state(office)
    assert consolidate("in", "--letters", "通知", "--parquet", "表", "--force") == 2
    assert state(office) == before


def test_a_foreign_parquet_file_needs_force(office):
    (office / "他人").mkdir()
    (office / "他人/units.parquet").write_bytes(b"PAR1 of somebody else PAR1")
    before = state(office)
    assert consolidate("in", "-o", "2.xlsx", "--parquet", "他人", "--no-ledger") == 2
    assert state(office) == before
    assert consolidate("in", "-o", "2.xlsx", "--parquet", "他人", "--no-ledger", "--force") == 0
    assert sealed_state(office / "他人/units.parquet") == "ours-untouched"


def test_a_parquet_file_bears_the_mark_and_shows_when_it_was_edited(office):
    import pandas as pd

    path = office / "表" / "units.parquet"
    assert output.read_seal(path).kind == "parquet"
    assert sealed_state(path) == "ours-untouched"
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    assert sealed_state(bytes(data)) == "ours-edited"
    assert sealed_state(bytes(data[:-9])) == "foreign"
    pd.read_parquet(path).to_parquet(path)
    assert sealed_state(path) != "ours-untouched"
    assert consolidate("in", "--parquet", "表") == 2


# an edit saved while the run was on


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "force"])
def test_an_edit_saved_while_the_run_was_on_is_kept_and_the_new_result_laid_beside(office, monkeypatch, capsys, force):
    (office / "in/甲.xlsx").write_bytes(intake("甲馆"))
    edited = []
    real = output.plan.whole_file

    def while_writing(path, place):
        if not edited:
            edited.append(edit(office / "汇总.xlsx"))
        return real(path, place)

    monkeypatch.setattr(output.plan, "whole_file", while_writing)
    assert consolidate("in", *force) == 0
    assert (office / "汇总.xlsx").read_bytes() == edited[0]
    assert sealed_state(office / "汇总_2.xlsx") == "ours-untouched"
    said = capsys.readouterr().err
    assert "有人改过" in said
    assert "汇总_2.xlsx" in said


@pytest.mark.parametrize("what", ["new", "gone", "link", "input"])
def test_a_target_that_changed_meanwhile_is_not_replaced(tmp_path, what):
    path, other = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    other.write_bytes(b"theirs")
    plan = OutputPlan([other])
    if what != "new":
        path.write_bytes(b"old")
    plan.force = True
    plan.replace(path)
    with plan.whole_file(path) as target:
        target.write(b"ours")
        path.unlink(missing_ok=True)
        if what == "new":
            path.write_bytes(b"theirs")
        elif what == "link":
            path.symlink_to(other)
        elif what == "input":
            path.hardlink_to(other)
    assert other.read_bytes() == b"theirs"
    assert plan.went(path).read_bytes() == b"ours"
    assert plan.went(path).name == "a_2.xlsx"
    assert [old for old, _ in plan.kept] == [path]


def test_an_edited_result_is_kept_and_the_next_run_goes_beside_it_again(office):
    edited = edit(office / "汇总.xlsx")
    for _ in range(2):
        assert consolidate("in") == 0
        assert (office / "汇总.xlsx").read_bytes() == edited
    assert sorted(path.name for path in office.glob("*.xlsx")) == ["汇总.xlsx", "汇总_2.xlsx"]
    assert consolidate("in", "--force") == 0
    assert sealed_state(office / "汇总.xlsx") == "ours-untouched"


def test_a_foreign_result_needs_force(office):
    shutil.copy(office / "in/甲.xlsx", office / "别的.xlsx")
    before = state(office)
    assert consolidate("in", "-o", "别的.xlsx", "--no-ledger") == 2
    assert state(office) == before


def test_a_name_that_ends_like_another_file_is_no_folder(office, capsys):
    assert run(["score", "in", "-o", "a.xls"]) == 2
    assert not (office / "a.xls").exists()
    assert run(["report", "in/甲.xlsx", "-o", "a.xls"]) == 2
    assert OutputError("output-name", file="a.xls", suffix=".docx").message("zh") in capsys.readouterr().err
    assert run(["score", "in", "-o", "2020.12"]) == 0
    assert (office / "2020.12" / "甲_评分结果.xlsx").exists()


# the other commands


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "in", "-o", "a.xls"],
        ["score", "in/甲.xlsx", "-o", "a.xls"],
        ["score", "in", "-o", "a.xlsx"],
        ["score", "in/甲.xlsx", "in/sub/乙.xlsx", "-o", "a.xlsx"],
        ["score", "in/甲.xlsx", "-o", "a.docx"],
        ["score", "in/甲.xlsx", "-o", "in/甲.xlsx", "--force"],
        ["score", "in/甲.xlsx", "in/sub/乙.xlsx", "-o", "in/sub/乙.xlsx", "--force"],
        ["report", "in/甲.xlsx", "-o", "in/甲.xlsx", "--force"],
        ["report", "in/甲.xlsx", "-o", "a.xlsx"],
        ["report", "in/甲.xlsx", "-o", "a"],
        ["template", "-o", "a.xls"],
        ["template", "--from", "in/甲.xlsx", "-o", "in/甲.xlsx", "--force"],
        ["crosscheck", "in/甲.xlsx", "a.txt", "-o", "in/甲.xlsx", "--force"],
        ["crosscheck", "in/甲.xlsx", "a.txt", "-o", "a.txt", "--force"],
    ],
    ids=" ".join,
)
def test_other_commands_destroy_nothing_either(office, arguments):
    (office / "a.txt").write_text("没有数字。")
    before = state(office)
    assert run(arguments) == 2
    assert state(office) == before
    assert not (office / "a.xls").exists()


def test_an_edited_score_is_kept_and_the_new_one_takes_the_next_free_name(office, capsys):
    source = office / "in/甲.xlsx"
    assert run(["score", str(source)]) == 0
    first = office / "in/甲_评分结果.xlsx"
    edited = edit(first)
    source.write_bytes(intake("甲馆", actual="30场"))
    os.chdir(office)
    assert run(["score", str(source)]) == 0
    assert first.read_bytes() == edited
    assert sealed_state(office / "in/甲_评分结果_2.xlsx") == "ours-untouched"
    assert "甲_评分结果_2.xlsx" in capsys.readouterr().err
    assert run(["score", str(source), "-o", str(first)]) == 2
    assert first.read_bytes() == edited


def test_a_scored_workbook_that_was_sent_in_is_an_input(office):
    source = office / "in/甲.xlsx"
    assert run(["score", str(source)]) == 0
    sent = office / "in/甲_评分结果.xlsx"
    source.write_bytes(intake("甲馆", actual="30场"))
    before = state(office)
    assert run(["score", str(office / "in")]) == 2
    assert state(office) == before
    assert sealed_state(sent) == "ours-untouched"


def test_two_names_that_differ_in_form_only_are_two_targets(tmp_path):
    plan = OutputPlan()
    for form in ("NFC", "NFD"):
        plan.replace(tmp_path / f"{unicodedata.normalize(form, 'é')}.xlsx")
    with pytest.raises(OutputError):
        plan.replace(tmp_path / "sub/.." / f"{unicodedata.normalize('NFC', 'é')}.xlsx")
