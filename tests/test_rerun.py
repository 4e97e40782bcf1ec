"""A second run costs what changed, and writes what a run from scratch would write."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from inbox import folder, intake
from openpyxl import Workbook, load_workbook
from reviewing import typed

import perfxl.consolidation.chunks as chunks_module
import perfxl.jobs.consolidate as job_module
import perfxl.scoring.batch as batch_module
from perfxl.consolidation.chunks import Item, Job, run_chunk
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.ledger import Ledger
from perfxl.intake.guard import Limits
from perfxl.jobs.consolidate import Products, RunResult, run
from perfxl.schemes import load_scheme
from perfxl.workbook.consolidated import long
from perfxl.workbook.consolidated.table import FIRST_ROW

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 26)
UNITS = {f"{n:02}.xlsx": intake(f"{n:02}馆", actual="9场" if n % 5 == 0 else "21场", code=f"1{n:02}") for n in range(16)}
OTHERS = {"坏.xlsx": b"not a workbook", "note.txt": b"x", "将来.xlsx": intake("将来馆", filled_on="2026-12-01", code="200")}


def products(place: Path, *, ledger: bool = True) -> Products:
    place.mkdir(exist_ok=True)
    return Products(place / "汇总.xlsx", place / "l.sqlite" if ledger else None, letters=place / "letters", parquet=place / "parquet")


def once(inbox: Path, out: Products, **options: Any) -> RunResult:
    return run([inbox], out, ConsolidateOptions(**{"today": DAY, **options}))


def written(place: Path) -> dict[str, bytes]:
    """Everything a run has written but its ledger and its lock."""
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*") if p.is_file() and p.suffix not in (".sqlite", ".lock")}


def change(inbox: Path) -> None:
    """What a round of corrections brings: another content, another version, a new unit, one gone, one renamed."""
    (inbox / "05.xlsx").write_bytes(intake("05馆", actual="22场", code="105"))
    (inbox / "03-2.xlsx").write_bytes(intake("03馆", actual=None, code="103", submission_count=2))
    (inbox / "03a.xlsx").write_bytes(intake("新馆", actual="约20场", code="1035"))
    (inbox / "07.xlsx").unlink()
    (inbox / "11.xlsx").rename(inbox / "z.xlsx")


@dataclass
class Rounds:
    place: Path
    inbox: Path
    first: RunResult
    second: RunResult
    scratch: RunResult
    after: dict[str, bytes]
    from_scratch: dict[str, bytes]


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    place = tmp_path_factory.mktemp("rounds")
    inbox = folder(place / "in", UNITS | OTHERS)
    first = once(inbox, products(place / "a"))
    change(inbox)
    second = once(inbox, products(place / "a"))
    scratch = once(inbox, products(place / "b", ledger=False))
    return Rounds(place, inbox, first, second, scratch, written(place / "a"), written(place / "b"))


def said(place: Path, inbox: Path) -> dict[str, dict[str, Any]]:
    """What an office says after a first run, one thing after the other: a roster, a decision on the doubled unit, a review."""
    roster, sheets, decided = place / "名单.xlsx", place / "复核", place / "裁定.xlsx"
    once(inbox, Products(place / "首次.xlsx", review_sheets=sheets))
    book = Workbook()
    for row in (("单位名称", "预算单位编码"), ("01馆", "101"), ("没有报的馆", "999"), ("05馆", "105")):
        book.active.append(row)
    book.save(roster)
    book = load_workbook(place / "首次.xlsx")
    asked = list(book["待裁定"].iter_rows(min_row=FIRST_ROW))
    titles = [cell.value for cell in asked[0]]
    next(row for row in asked[1:] if row[titles.index("文件")].value == "双2.xlsx")[titles.index("裁定")].value = "采用"
    book.save(decided)
    typed(
        next(sheets.glob("*.xlsx")),
        {("05馆", "开展活动场数"): {"复核得分": 40, "扣分理由": "佐证材料不足", "依据条款": "评价标准"}},
        place / "复核单.xlsx",
    )
    asked_for: dict[str, Any] = {"roster": roster}
    found = {"roster": dict(asked_for)}
    for name, path in (("decisions", decided), ("review", place / "复核单.xlsx")):
        asked_for[name] = path
        found[name] = dict(asked_for)
    return found


def test_what_the_office_says_gives_what_a_run_from_scratch_gives(tmp_path: Path) -> None:
    doubled = {"双1.xlsx": intake("双馆", code="300"), "双2.xlsx": intake("双馆", actual="19场", code="300")}
    inbox = folder(tmp_path / "in", dict(list(UNITS.items())[:7]) | doubled)
    once(inbox, products(tmp_path / "a"))
    seen = []
    for name, options in said(tmp_path, inbox).items():
        again = once(inbox, products(tmp_path / "a"), **options)
        scratch = once(inbox, products(tmp_path / name, ledger=False), **options)
        assert (again.read, again.document) == (0, scratch.document)
        assert {n for n, data in written(tmp_path / name).items() if written(tmp_path / "a").get(n) != data} == set()
        seen.append(again.document["accepted"])
    assert seen == [7, 8, 8]


def test_a_file_that_changes_between_two_looks_counts_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, out = folder(tmp_path / "in", dict(list(UNITS.items())[:4])), Products(tmp_path / "o.xlsx", tmp_path / "l.sqlite")
    once(inbox, out)
    (inbox / "01.xlsx").write_bytes(intake("01馆", actual="24场", code="101"))
    fingerprint = job_module._of_folder

    def late(work: Any) -> str:
        found = fingerprint(work)
        (inbox / "02.xlsx").write_bytes(intake("02馆", actual="25场", code="102"))
        return found

    monkeypatch.setattr(job_module, "_of_folder", late)
    assert once(inbox, out).read == 2
    once(inbox, Products(tmp_path / "p.xlsx"))
    assert out.output.read_bytes() == (tmp_path / "p.xlsx").read_bytes()


class Counted:
    """What was read, scored and made into rows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        self.scored: list[str] = []
        self.made = 0
        read, score, fields = chunks_module.read_workbook, batch_module.score_submissions, long._fields

        def reading(data: bytes, **rest: Any) -> Any:
            self.read.append(rest["source"])
            return read(data, **rest)

        def scoring(submissions: Any, *rest: Any) -> Any:
            self.scored += [s.source for s in submissions]
            return score(submissions, *rest)

        def making(piece: Any, *rest: Any) -> Any:
            self.made += len(piece.rows)
            return fields(piece, *rest)

        monkeypatch.setattr(chunks_module, "read_workbook", reading)
        monkeypatch.setattr(batch_module, "score_submissions", scoring)
        monkeypatch.setattr(long, "_fields", making)


def test_a_second_run_writes_what_a_run_from_scratch_writes(rounds: Rounds) -> None:
    assert (rounds.first.read, rounds.second.read, rounds.scratch.read) == (18, 3, 19)
    assert sorted(rounds.after) == sorted(rounds.from_scratch)
    assert {name for name in rounds.after if rounds.after[name] != rounds.from_scratch[name]} == set()
    assert rounds.second.document == rounds.scratch.document
    assert rounds.second.document["accepted"] == 17


def test_only_what_changed_is_read_scored_and_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, out = folder(tmp_path / "in", UNITS | OTHERS), Products(tmp_path / "o.xlsx", tmp_path / "l.sqlite")
    once(inbox, out)
    (inbox / "09.xlsx").write_bytes(intake("09馆", actual="23场", code="109"))
    counted = Counted(monkeypatch)
    once(inbox, out)
    assert counted.read == ["09.xlsx"]
    assert sorted(counted.scored) == ["09.xlsx", "将来.xlsx"]  # what lies in the future may not do so tomorrow
    assert 0 < counted.made < 12


def test_rows_of_a_ledger_that_came_from_elsewhere_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, out = folder(tmp_path / "in", {"1.xlsx": UNITS["01.xlsx"]}), Products(tmp_path / "o.xlsx", tmp_path / "l.sqlite")
    once(inbox, out)
    good = out.output.read_bytes()
    shutil.copy(tmp_path / "l.sqlite", tmp_path / "copy.sqlite")
    counted = Counted(monkeypatch)
    for ledger, made in (("l.sqlite", 0), ("copy.sqlite", 1)):
        out.output.unlink()
        once(inbox, Products(out.output, tmp_path / ledger))
        assert (out.output.read_bytes(), counted.made) == (good, made)


@pytest.mark.parametrize(
    ("options", "again"),
    [
        ({}, 1),
        ({"today": date(2026, 11, 30)}, 1),
        ({"today": date(2026, 11, 25)}, 18),
        ({"today": date(2027, 1, 2)}, 18),
        ({"scheme": "hubei"}, 18),
        ({"scheme": load_scheme("national-2020")}, 18),
        ({"limits": Limits(seconds=19)}, 18),
    ],
    ids=["same", "later", "earlier", "next year", "scheme", "given", "limits"],
)
def test_what_was_asked_otherwise_is_scored_again(
    rounds: Rounds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], again: int
) -> None:
    shutil.copy(rounds.place / "a" / "l.sqlite", tmp_path / "l.sqlite")
    counted = Counted(monkeypatch)
    once(rounds.inbox, Products(tmp_path / "o.xlsx", tmp_path / "l.sqlite"), **options)
    assert len(counted.scored) == again
    once(rounds.inbox, Products(tmp_path / "p.xlsx"), **options)
    assert (tmp_path / "o.xlsx").read_bytes() == (tmp_path / "p.xlsx").read_bytes()


@pytest.mark.parametrize("kind", ["scored", "rows", ""])
def test_what_is_spoilt_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    inbox, out = folder(tmp_path / "in", dict(list(UNITS.items())[:5])), Products(tmp_path / "o.xlsx", tmp_path / "l.sqlite")
    once(inbox, out)
    good = out.output.read_bytes()
    out.output.unlink()
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as base:
        for name, packed in base.execute("SELECT sha256, packed FROM parsed").fetchall():
            if name.startswith(kind):
                spoilt = bytearray(packed)
                spoilt[len(name) * 7 % len(spoilt)] ^= 0x10
                base.execute("UPDATE parsed SET packed = ? WHERE sha256 = ?", (bytes(spoilt), name))
        base.commit()
    counted = Counted(monkeypatch)
    assert once(inbox, out).notes == []
    assert out.output.read_bytes() == good
    assert (len(counted.read), len(counted.scored), counted.made) == {"scored": (0, 5, 0), "rows": (0, 0, 5), "": (5, 5, 5)}[kind]


def test_what_no_run_uses_any_more_goes(tmp_path: Path) -> None:
    out = Products(tmp_path / "o.xlsx", tmp_path / "l.sqlite")
    sizes = []
    for turn in range(4):
        inbox = folder(tmp_path / "in", {f"{n}.xlsx": intake(f"{n}馆", actual=f"{turn}{n}场") for n in range(4)})
        once(inbox, out)
        with closing(sqlite3.connect(tmp_path / "l.sqlite")) as base:
            sizes.append(base.execute("SELECT sum(length(packed)) FROM parsed WHERE instr(sha256, ' ')").fetchone()[0])
    assert sizes[0] < sizes[1] <= 2.1 * sizes[0]
    assert max(sizes[2:]) <= 2.1 * sizes[0]


def test_a_name_that_is_no_unicode_is_not_kept_and_harms_nobody(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        from perfxl.consolidation.memory import Memory

        job = Job(today=DAY)
        memory, result = Memory(ledger, job), run_chunk([Item(0, "a", intake("甲馆")), Item(1, "b", intake("乙馆"))], job)
        object.__setattr__(result.headers[0], "name", "\ud800")
        memory.keep({0: "a" * 64, 1: "b" * 64}, result)
        assert memory.scored("a" * 64, 5) is None
        found = memory.scored("b" * 64, 5)
        assert found is not None
        assert (found.headers, found.rows) == ({5: result.headers[1]}, {5: result.rows[1]})
