from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sys
import weakref
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from inbox import FATES, MIXED, folder, intake
from often import often
from openpyxl import Workbook

import perfxl.consolidation.chunks as chunks_module
import perfxl.consolidation.document as document_module
import perfxl.consolidation.engine as engine_module
from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.chunks import Item, Job, run_chunk
from perfxl.consolidation.document import History, consolidation_document, packed_document
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.ledger import unpacked_document
from perfxl.consolidation.memory import Memory
from perfxl.consolidation.pool import Here, Pool
from perfxl.consolidation.records import Consolidation, Missing
from perfxl.consolidation.shelf import once_each
from perfxl.intake.discover import Found, find_files
from perfxl.intake.guard import Limits
from perfxl.model import PerfxlError
from perfxl.rules.frames import each_record, records

FRAMES = ("files", "units", "budget", "indicators", "levels", "issues", "status", "review")


def digest(c: Consolidation) -> str:
    """SHA-256 over every frame: values, kinds and order."""
    found = hashlib.sha256()
    for name in FRAMES:
        frame = getattr(c, name)
        found.update(f"{name}\n{frame.to_csv()}\n{frame.dtypes.to_string()}\n".encode())
    return found.hexdigest()


def fates(c: Consolidation) -> dict[str, tuple[str, str]]:
    return {row["shown"]: (str(row["fate"]), row["code"]) for row in c.files.to_dict("records")}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return folder(tmp_path / "inbox", MIXED)


def test_every_file_has_one_fate_and_a_reason(inbox: Path) -> None:
    c = consolidate([inbox])
    assert fates(c) == FATES
    assert len(c.files) == len(MIXED) == sum(c.files["fate"].value_counts())


def test_units_are_numbered_by_key_and_frames_speak_only_of_them(inbox: Path) -> None:
    c = consolidate([inbox])
    assert c.units["submission"].tolist() == list(range(4))
    assert c.units["name"].tolist() == ["甲馆", "丁馆", "丁馆", "乙馆"]
    assert c.units["unit_key"].tolist() == ["001|2020|整体|", "丁馆|2020|项目|项目一", "丁馆|2020|项目|项目二", "乙馆|2020|整体|"]
    assert c.units["unit_key"].is_monotonic_increasing
    for name in ("budget", "indicators", "levels"):
        assert set(getattr(c, name)["submission"]) == set(range(4))
    accepted = c.files[c.files["fate"] == "accepted"].set_index("submission")["shown"]
    assert accepted.to_dict() == c.units.set_index("submission")["source"].to_dict()


def test_superseded_file_names_the_one_that_counts(inbox: Path) -> None:
    files = consolidate([inbox]).files.set_index("shown")
    assert files.loc["b1.xlsx", "replaced_by"] == "b2.xlsx"
    assert files.loc["a 副本.xlsx", "replaced_by"] == "a.xlsx"
    assert files["undecided"].sum() == 2


def test_removing_one_of_two_undecided_settles_it(inbox: Path) -> None:
    (inbox / "c1.xlsx").unlink()
    assert fates(consolidate([inbox]))["c2.xlsx"] == ("accepted", "")


def test_copy_saved_by_another_program_counts_once(tmp_path: Path) -> None:
    import zipfile
    from io import BytesIO

    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(intake("甲馆"))) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
    found = fates(consolidate([folder(tmp_path / "i", {"1.xlsx": intake("甲馆"), "2.xlsx": packed.getvalue()})]))
    assert found == {"1.xlsx": ("accepted", ""), "2.xlsx": ("ignored", "ignored-identical")}


@pytest.mark.parametrize(
    "options", [{"workers": 1}, {"workers": 2}, {"workers": 2, "reader": "openpyxl"}, {"workers": 2, "reader": "calamine"}], ids=str
)
def test_result_does_not_depend_on_workers_or_reader(inbox: Path, options: dict[str, object]) -> None:
    assert digest(consolidate([inbox], ConsolidateOptions(**options))) == digest(consolidate([inbox]))  # type: ignore[arg-type]


def test_result_does_not_depend_on_chunks_or_the_order_they_come_back(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = digest(consolidate([inbox]))

    def shuffled(self: Here, chunks: object, job: Job) -> object:
        done = [(chunk, run_chunk(chunk, job)) for chunk in chunks]  # type: ignore[attr-defined]
        random.Random(4).shuffle(done)
        return iter(done)

    monkeypatch.setattr("perfxl.consolidation.engine.CHUNK_FILES", 2)
    monkeypatch.setattr(Here, "run", shuffled)
    assert digest(consolidate([inbox])) == expected


def test_result_does_not_depend_on_the_order_of_arguments(tmp_path: Path) -> None:
    one = folder(tmp_path / "1", {"x.xlsx": intake("甲馆"), "y.xlsx": intake("乙馆")})
    two = folder(tmp_path / "2", {"x.xlsx": intake("丙馆"), "z.xlsx": b""})
    assert digest(consolidate([one, two])) == digest(consolidate([two, one]))


def test_bytes_do_not_depend_on_hash_seed_time_zone_or_locale(inbox: Path, tmp_path: Path) -> None:
    import subprocess

    found = set()
    for number, environment in enumerate(
        ({"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"}, {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C"})
    ):
        out = tmp_path / f"out{number}" / "汇总.xlsx"
        out.parent.mkdir()
        command = [
            sys.executable,
            "-m",
            "perfxl",
            "consolidate",
            str(inbox),
            "-o",
            str(out),
            "--workers",
            str(number + 1),
            "--no-ledger",
            "--today",
            "2021-05-01",
        ]
        subprocess.run(command, env={**os.environ, **environment, "PYTHONUTF8": "1"}, check=True, capture_output=True)
        found.add(hashlib.sha256(out.read_bytes()).hexdigest())
    assert len(found) == 1


def test_own_files_in_the_input_folder_are_not_inputs(inbox: Path) -> None:
    for name in ("汇总.xlsx", "汇总.ledger.sqlite", "汇总.ledger.sqlite-journal", ".perfxl.lock", "letters/甲馆.docx"):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(b"ours")
    own = (inbox / "汇总.xlsx", inbox / "汇总.ledger.sqlite", inbox / "letters")
    assert fates(consolidate([inbox], ConsolidateOptions(own=own))) == FATES


def test_missing_zero_closes_open_totals_and_exclude_lists_them_apart(tmp_path: Path) -> None:
    inbox = folder(tmp_path / "i", {"open.xlsx": intake("甲馆", actual=None), "done.xlsx": intake("乙馆")})
    shown = {}
    for missing in Missing:
        units = consolidate([inbox], ConsolidateOptions(missing=missing)).units.set_index("name")
        shown[missing] = [(bool(units.loc[n, "provisional"]), bool(units.loc[n, "excluded"]), units.loc[n, "rank"]) for n in ("甲馆", "乙馆")]
    assert shown[Missing.ZERO] == [(False, False, 2), (False, False, 1)]
    assert shown[Missing.PROVISIONAL][0][:2] == (True, False)
    assert shown[Missing.PROVISIONAL][1] == (False, False, 1)
    assert shown[Missing.EXCLUDE][0][:2] == (True, True)


def test_scheme_given_beats_the_workbooks(inbox: Path) -> None:
    assert set(consolidate([inbox], ConsolidateOptions(scheme="jiangxi")).units["scheme"]) == {"jiangxi"}


def test_what_is_made_a_piece_at_a_time_is_what_is_made_at_once(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    c, none = consolidate([inbox]), consolidate([])
    assert [unpacked_document(packed_document(each)) for each in (c, none)] == [consolidation_document(c), consolidation_document(none)]
    entries = History(c)
    once, again = list(entries), list(entries)
    monkeypatch.setattr(document_module, "_PIECE", 1)
    assert list(entries) == again == once
    assert [(entry.fate, entry.total is None) for entry in once].count(("accepted", True)) == int(c.units["total"].isna().sum())
    long = pd.DataFrame({"submission": range(2_001), "name": [str(n) for n in range(2_001)]})
    assert list(each_record(long)) == records(long)


def test_equal_texts_are_one_and_all_else_stays_as_it_is() -> None:
    made = ["宜春馆".removesuffix("馆"), 1, True, 1.0, None, "宜春馆".removesuffix("馆"), "1", ""]
    once = once_each(made)
    assert [(type(value), value) for value in once] == [(type(value), value) for value in made]
    assert once[0] is once[5]


def test_missing_folder_is_said() -> None:
    with pytest.raises(PerfxlError, match="找不到"):
        consolidate([Path("nowhere")])


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
def test_files_that_cannot_be_read_are_refused_and_the_batch_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = folder(tmp_path / "i", {"a.xlsx": intake("甲馆"), "gone.xlsx": intake("乙馆")})
    os.mkfifo(inbox / "pipe.xlsx")
    (inbox / "link.xlsx").symlink_to(inbox / "a.xlsx")
    real = engine_module.content_of

    def read(found: Found, limits: Limits) -> object:
        if found.path.name == "gone.xlsx":
            raise PermissionError(13, "Permission denied")
        return real(found, limits)

    monkeypatch.setattr(engine_module, "content_of", read)
    assert fates(consolidate([inbox])) == {
        "a.xlsx": ("accepted", ""),
        "gone.xlsx": ("rejected", "file-not-readable"),
        "link.xlsx": ("rejected", "file-not-regular"),
        "pipe.xlsx": ("rejected", "file-not-regular"),
    }


@pytest.mark.parametrize(
    ("what", "times", "fate"),
    [
        ("grows", 1, ("accepted", "")),
        ("grows", 99, ("rejected", "file-changing")),
        ("is replaced", 1, ("accepted", "")),
        ("is replaced", 99, ("rejected", "file-changing")),
        ("goes", 1, ("rejected", "file-not-readable")),
        ("breaks", 1, ("rejected", "file-not-readable")),
    ],
)
def test_a_file_that_changes_while_it_is_read_is_read_again_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, times: int, fate: tuple[str, str]
) -> None:
    inbox = folder(tmp_path / "i", {"a.xlsx": intake("甲馆")[:-100], "b.xlsx": intake("乙馆")})
    path, real, done = inbox / "a.xlsx", Path.open, []

    def open_and_change(self: Path, *mode: str, **more: str) -> object:
        if self != path or len(done) >= times or more or mode != ("rb",):
            return real(self, *mode, **more)
        done.append(what)
        if what == "breaks":
            raise OSError(5, "Input/output error")
        file = real(self, *mode)
        match what:
            case "grows":
                with real(self, "ab") as end:
                    end.write(intake("甲馆")[-100:] if len(done) == 1 else b" ")
            case "is replaced":
                path.rename(inbox / ".was")
                path.write_bytes(intake("甲馆"))
                (inbox / ".was").unlink()
            case "goes":
                path.unlink()
        return file

    monkeypatch.setattr(Path, "open", open_and_change)
    assert fates(consolidate([inbox])) == {"a.xlsx": fate, "b.xlsx": ("accepted", "")}


def test_empty_and_unreadable_files_of_two_units_are_not_copies(tmp_path: Path) -> None:
    inbox = folder(tmp_path / "i", {"甲.xlsx": b"", "乙.xlsx": b"", "丙馆.xlsx": b"no", "丁馆.xlsx": b"no"})
    assert sorted(fates(consolidate([inbox])).values()) == [("rejected", "file-empty")] * 2 + [("rejected", "file-not-xlsx")] * 2
    book = Workbook()
    for row in (["单位名称"], ["丙馆"], ["丁馆"]):
        book.active.append(row)
    book.save(tmp_path / "名单.xlsx")
    c = consolidate([inbox], ConsolidateOptions(roster=tmp_path / "名单.xlsx"))
    assert c.status["state"].tolist() == ["读不出", "读不出"]
    assert sorted((q.file, q.part, q.suggested) for q in c.questions) == [
        ("丁馆.xlsx", "副本 丁馆.xlsx", "丁馆"),
        ("丙馆.xlsx", "副本 丙馆.xlsx", "丙馆"),
    ]


def test_progress_ends_at_the_number_of_files(inbox: Path) -> None:
    seen: list[tuple[int, int]] = []
    consolidate([inbox], progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(MIXED), len(MIXED))


@often(10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(MIXED)), unique=True), st.lists(st.sampled_from(sorted(MIXED)), max_size=3))
def test_accounting_holds_for_any_folder(tmp_path: Path, names: list[str], copied: list[str]) -> None:
    inbox = tmp_path / "any"
    shutil.rmtree(inbox, ignore_errors=True)
    inbox.mkdir()
    files = {name: MIXED[name] for name in names} | {f"copies/{i} {Path(name).name}": MIXED[name] for i, name in enumerate(copied)}
    folder(inbox, files)
    c = consolidate([inbox])
    assert sorted(c.files["shown"]) == sorted(files)
    assert sum(c.files["fate"].value_counts()) == len(files)
    assert (c.files["fate"] == "accepted").sum() == len(c.units)


# hostile files in worker processes: the reader is replaced by one that misbehaves on a mark in the file's name

GUILTY = Limits(seconds=1, worker_bytes=96 << 20)
REAL = chunks_module.read_workbook


def misbehaving(data: bytes, *, number: int, source: str, limits: Limits, reader: str) -> object:
    if "die" in source:
        os.kill(os.getpid(), 9)
    if "stop" in source:
        os.kill(os.getpid(), signal.SIGSTOP)
    if "print" in source:
        print("a parser that talks", file=sys.__stdout__, flush=True)
        os.write(1, b"and one that does not ask Python\n")
    if "slow" in source:
        while True:
            pass
    if "hang" in source:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
        while True:
            pass
    if "eat" in source:
        return [bytearray(1 << 20) for _ in range(4096)]
    if "bug" in source:
        raise KeyError("bug")
    return REAL(data, number=number, source=source, limits=limits, reader=reader)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform != "linux", reason="forked workers inherit the replaced reader; memory is limited by the kernel")
def test_one_bad_file_is_refused_and_the_rest_of_its_chunk_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks_module, "read_workbook", misbehaving)
    good = {f"good{i}.xlsx": intake(f"馆{i}") for i in range(4)}
    bad = {f"{name}.xlsx": intake(name) for name in ("die", "slow", "eat", "bug")}
    c = consolidate([folder(tmp_path / "i", good | bad)], ConsolidateOptions(workers=2, limits=GUILTY))
    assert fates(c) == {
        **dict.fromkeys(good, ("accepted", "")),
        "die.xlsx": ("rejected", "file-reader-died"),
        "slow.xlsx": ("rejected", "file-too-slow"),
        "eat.xlsx": ("rejected", "file-out-of-memory"),
        "bug.xlsx": ("rejected", "file-unreadable"),
    }
    assert len(c.units) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="as above")
@pytest.mark.parametrize(("how", "code"), [("hang", "file-too-slow"), ("stop", "file-stalled")])
def test_file_that_hangs_beyond_signals_or_stops_its_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, code: str) -> None:
    monkeypatch.setattr(chunks_module, "read_workbook", misbehaving)
    monkeypatch.setattr("perfxl.consolidation.pool.GRACE", 0.5)
    if how == "stop":
        monkeypatch.setattr("perfxl.consolidation.pool.STALLED", 10.0)
    c = consolidate(
        [folder(tmp_path / "i", {f"{how}.xlsx": intake("a"), "good.xlsx": intake("b")})], ConsolidateOptions(workers=1, limits=Limits(seconds=0.5))
    )
    assert fates(c) == {f"{how}.xlsx": ("rejected", code), "good.xlsx": ("accepted", "")}


@pytest.mark.skipif(sys.platform != "linux", reason="as above")
def test_what_a_parser_prints_never_reaches_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chunks_module, "read_workbook", misbehaving)
    c = consolidate([folder(tmp_path / "i", {"print.xlsx": intake("a"), "good.xlsx": intake("b")})], ConsolidateOptions(workers=2))
    assert {fate for fate, _ in fates(c).values()} == {"accepted"}
    assert capfd.readouterr().out == ""


def test_file_that_breaks_scoring_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import perfxl.scoring.batch

    real = perfxl.scoring.batch.score_submissions

    def breaking(submissions: list[object], *asked: object) -> object:
        if any(s.source == "bad" for s in submissions):  # type: ignore[attr-defined]
            raise RuntimeError("bug")
        return real(submissions, *asked)  # type: ignore[arg-type]

    monkeypatch.setattr(perfxl.scoring.batch, "score_submissions", breaking)
    result = run_chunk([Item(i, "bad" if i == 2 else f"{i}", intake(f"馆{i}")) for i in range(5)], Job())
    assert sorted(result.headers) == [0, 1, 3, 4]
    assert result.refused[2].code == "file-unreadable"
    assert "RuntimeError" in result.refused[2].trace
    assert sorted(result.rows) == [0, 1, 3, 4]


class Knot:
    pass


_knots: list[weakref.ref[Knot]] = []


def knots_alive(_item: int) -> int:
    alive = sum(knot() is not None for knot in _knots)
    knot = Knot()
    knot.itself = knot  # type: ignore[attr-defined]
    _knots.append(weakref.ref(knot))
    return alive


@pytest.mark.skipif(sys.platform != "linux", reason="a forked worker knows this module by its name")
def test_a_worker_releases_what_it_made_before_it_makes_more() -> None:
    with Pool(1, Limits()) as pool:
        assert list(pool.map(knots_alive, range(4))) == [0, 0, 0, 0]


def test_pool_leaves_no_process_behind() -> None:
    import multiprocessing

    before = set(multiprocessing.active_children())
    with Pool(2, Limits()) as pool:
        assert len(list(pool.run(iter([[Item(0, "x", intake())]]), Job()))) == 1
    assert set(multiprocessing.active_children()) == before


@pytest.mark.parametrize(
    ("workers", "sizes"), [(1, [225, 225]), (2, [112, 112, 112, 112, 2]), (8, [100, 100, 100, 100, 10, 10, 10, 10, 10]), (0, [225, 225])]
)
def test_a_chunk_is_large_where_every_worker_has_another(tmp_path: Path, workers: int, sizes: list[int]) -> None:
    for number in range(450):
        (tmp_path / f"{number:03}.xlsx").write_text(str(number))
    inbox = engine_module.Inbox.of(find_files([tmp_path]))
    assert [len(chunk) for chunk in engine_module.chunks(inbox, ConsolidateOptions(workers=workers), Memory(None, Job()))] == sizes
