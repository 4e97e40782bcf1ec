"""Results are whole or absent, recognised again, and named so that any system accepts them."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
import unicodedata
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from often import often

from perfxl import output
from perfxl.model import PerfxlError
from perfxl.output import OutputError, Seal, whole
from perfxl.output.oslock import Held

ROOT = Path(__file__).parent.parent
NOBODY = 65534


def result(text: str = "甲") -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        workbook.add_worksheet().write_string(0, 0, text)
        workbook.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        workbook.set_custom_property("perfxl", "-")
    return target.getvalue()


def sealed(text: str = "甲") -> bytes:
    return output.seal(result(text), "scored", "0.1.0", "ab" * 32)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def error(action, *args, **options) -> OutputError:
    with pytest.raises(OutputError) as caught:
        action(*args, **options)
    return caught.value


# ── whole files ──


def test_a_file_is_written_whole_with_the_mode_of_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        output.write_whole(tmp_path / "结果.xlsx", b"new")
    finally:
        os.umask(old)
    assert (tmp_path / "结果.xlsx").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "结果.xlsx").stat().st_mode) == 0o640
    assert left(tmp_path) == ["结果.xlsx"]


def test_an_error_while_writing_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), output.whole_file(path) as target:  # noqa: PT012 - the block is what fails
        target.write(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert left(tmp_path) == ["a.xlsx"]


def test_a_streamed_file_has_a_path_a_writer_can_use(tmp_path):
    path = tmp_path / "a.xlsx"
    with output.whole_file(path) as target:
        workbook = xlsxwriter.Workbook(target, {"constant_memory": True})
        workbook.add_worksheet().write_string(0, 0, "甲")
        workbook.close()
    assert openpyxl.load_workbook(path).worksheets[0]["A1"].value == "甲"
    assert left(tmp_path) == ["a.xlsx"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "output-disk-full"),
        (errno.EDQUOT, "output-disk-full"),
        (errno.EACCES, "output-no-permission"),
        (errno.EROFS, "output-no-permission"),
        (errno.EBUSY, "output-open-elsewhere"),
        (errno.ENAMETOOLONG, "output-path-too-long"),
        (errno.EIO, "output-failed"),
    ],
)
@pytest.mark.parametrize("call", ["open", "fsync", "replace", "write"])
def test_each_failing_call_gets_its_code_and_changes_nothing(tmp_path, monkeypatch, call, number, code):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")

    def fail(*_args, **_options):
        raise OSError(number, os.strerror(number))

    if call == "open":
        monkeypatch.setattr(whole, "_opened", fail)
    elif call == "fsync":
        monkeypatch.setattr(whole.os, "fsync", fail)
    elif call == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError) as caught, output.whole_file(path) as target:  # noqa: PT012 - one of its calls fails
        target.write(b"new")
        if call == "write":
            fail()
    assert caught.value.code == code
    assert path.read_bytes() == b"old"
    assert left(tmp_path) == ["a.xlsx"]


def test_a_missing_folder_and_a_long_name_are_explained(tmp_path):
    assert error(output.write_whole, tmp_path / "没有" / "a.xlsx", b"").code == "output-folder-missing"
    assert error(output.write_whole, tmp_path / ("馆" * 90 + ".xlsx"), b"").code == "output-path-too-long"
    (tmp_path / "file").write_bytes(b"")
    assert error(output.write_whole, tmp_path / "file" / "a.xlsx", b"").code == "output-not-a-folder"
    assert error(output.make_folder, tmp_path / "file").code == "output-not-a-folder"


def test_every_message_is_bilingual_and_names_a_fix():
    for code, (chinese, english) in output.MESSAGES.items():
        assert code.startswith("output-")
        assert "请" in chinese
        assert english.isascii()
    shown = OutputError("output-exists", file="/x/坏\udcff\n名.xlsx")
    assert shown.message("zh").isprintable()
    assert "Output exists" in shown.message("en")


def test_leftovers_are_swept_and_what_is_being_written_is_kept(tmp_path):
    for name in (".perfxl-old.tmp", "other.tmp", ".perfxl-old.xlsx"):
        (tmp_path / name).write_bytes(b"")
    with output.whole_file(tmp_path / "a.xlsx") as target:
        output.sweep(tmp_path)
        assert left(tmp_path) == sorted([Path(target.name).name, ".perfxl-old.xlsx", "other.tmp"])
    assert left(tmp_path) == [".perfxl-old.xlsx", "a.xlsx", "other.tmp"]


def test_where_nothing_can_be_held_only_old_leftovers_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "hold", lambda _handle: Held.UNKNOWN)
    for name, age in ((".perfxl-old.tmp", 90_000), (".perfxl-new.tmp", 60)):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    output.sweep(tmp_path)
    assert left(tmp_path) == [".perfxl-new.tmp"]


def test_a_file_swept_away_between_its_making_and_its_holding_is_made_again(tmp_path, monkeypatch):
    """The window is a few microseconds wide; here it is opened."""
    real, swept = whole.hold, []

    def swept_first(handle):
        if not swept:
            swept.append(handle)
            output.sweep(tmp_path)
        return real(handle)

    monkeypatch.setattr(whole, "hold", swept_first)
    output.write_whole(tmp_path / "a.xlsx", b"new")
    assert swept
    assert (tmp_path / "a.xlsx").read_bytes() == b"new"
    assert left(tmp_path) == ["a.xlsx"]


def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"a" * 300_000)
    moments, hit = random.Random(7), 0
    for _ in range(50):
        child = os.fork()
        if child == 0:
            try:
                while True:
                    for letter in b"ab":
                        output.write_whole(path, bytes([letter]) * 300_000)
            finally:
                os._exit(1)
        time.sleep(moments.random() * 0.03)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)
        hit += len(left(tmp_path)) > 1
    assert hit, "no kill hit a write"
    output.write_whole(path, b"a")
    assert left(tmp_path) == ["a.xlsx"]


def test_a_full_disk_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    script = (
        "import signal, sys; sys.path.insert(0, '.')\nfrom pathlib import Path\n"
        "from perfxl.output import OutputError, write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: write_whole(Path(sys.argv[1]), bytes(int(sys.argv[2])))\n"
        "except OutputError as error: print(error.code)\n"
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    for size in (50_001, 80_000, 1_000_000):
        run = subprocess.run(
            [sys.executable, "-c", script, str(path), str(size)], cwd=ROOT, preexec_fn=limited, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == "output-disk-full"
        assert path.read_bytes() == b"old"
        assert left(tmp_path) == ["a.xlsx"]


@pytest.fixture
def nobodys_folder():
    """A folder that an unprivileged user may enter, outside the private folders of the test run."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_read_only_folder_is_named(nobodys_folder):
    """Root passes every permission check, so the attempt is made by an unprivileged user."""
    (nobodys_folder / "a.xlsx").write_bytes(b"old")
    if os.geteuid() != 0:
        nobodys_folder.chmod(0o555)
        assert error(output.write_whole, nobodys_folder / "a.xlsx", b"new").code == "output-no-permission"
        assert error(output.probe, nobodys_folder).code == "output-no-permission"
    else:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
                codes = []
                for action in (lambda: output.write_whole(nobodys_folder / "a.xlsx", b"new"), lambda: output.probe(nobodys_folder)):
                    try:
                        action()
                    except OutputError as caught:
                        codes.append(caught.code)
                os.write(writer, json.dumps(codes).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            said = told.read()
        os.waitpid(child, 0)
        if not said:
            pytest.skip("this machine lets no process change its user")
        assert json.loads(said) == ["output-no-permission"] * 2
    assert (nobodys_folder / "a.xlsx").read_bytes() == b"old"
    assert left(nobodys_folder) == ["a.xlsx"]


def test_a_probe_leaves_nothing(tmp_path):
    output.probe(tmp_path)
    assert left(tmp_path) == []


# ── may this file be replaced? ──


def test_a_seal_says_what_made_the_file():
    assert output.read_seal(sealed()) == Seal("scored", "0.1.0", "ab" * 32, output.read_seal(sealed()).fingerprint)
    assert output.read_seal(output.seal(result(), "template", "0.1.0")).source == ""
    assert output.sealed_state(sealed()) == "ours-untouched"
    assert output.seal(result(), "scored", "0.1.0") == output.seal(result(), "scored", "0.1.0")


def test_a_sealed_file_opens_and_keeps_its_cells():
    assert openpyxl.load_workbook(BytesIO(sealed("乙"))).worksheets[0]["A1"].value == "乙"


@pytest.mark.parametrize("content", [b"", b"PK", result(), b"\xd0\xcf\x11\xe0", sealed()[:-30]])
def test_what_perfxl_did_not_write_is_foreign(content):
    assert output.sealed_state(content) == "foreign"


def test_a_changed_part_counts_as_edited():
    edited = BytesIO()
    with ZipFile(BytesIO(sealed())) as old, ZipFile(edited, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, content.replace("甲".encode(), "乙".encode()))
    assert output.sealed_state(edited.getvalue()) == "ours-edited"


def test_a_file_saved_by_another_program_counts_as_edited(tmp_path):
    workbook = openpyxl.load_workbook(BytesIO(sealed()))
    workbook.save(tmp_path / "a.xlsx")
    assert output.sealed_state(tmp_path / "a.xlsx") in ("ours-edited", "foreign")
    assert error(output.may_replace, tmp_path / "a.xlsx").code == "output-exists"


def test_a_part_added_or_removed_counts_as_edited():
    added = BytesIO(sealed())
    with ZipFile(added, "a") as package:
        package.writestr("xl/comments1.xml", b"<x/>")
    assert output.sealed_state(added.getvalue()) == "ours-edited"


def test_a_large_workbook_is_sealed_as_a_stream(tmp_path):
    plain, target = tmp_path / "plain.xlsx", tmp_path / "a.xlsx"
    plain.write_bytes(result())
    with plain.open("rb") as source, output.whole_file(target) as stream:
        output.seal_into(source, stream, "consolidated", "0.1.0")
    assert output.sealed_state(target) == "ours-untouched"
    assert target.read_bytes() == output.seal(result(), "consolidated", "0.1.0")


def test_a_workbook_without_the_property_cannot_be_sealed():
    target = BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        workbook.add_worksheet()
    with pytest.raises(PerfxlError):
        output.seal(target.getvalue(), "scored", "0.1.0")


def test_only_untouched_results_are_replaced(tmp_path):
    own, foreign, folder = tmp_path / "own.xlsx", tmp_path / "foreign.xlsx", tmp_path / "folder.xlsx"
    own.write_bytes(sealed())
    foreign.write_bytes(result())
    folder.mkdir()
    output.may_replace(tmp_path / "new.xlsx")
    output.may_replace(own)
    assert error(output.may_replace, foreign).code == "output-exists"
    output.may_replace(foreign, force=True)
    assert error(output.may_replace, folder, force=True).code == "output-exists"


def test_an_input_is_never_replaced_whatever_its_name(tmp_path):
    intake = tmp_path / "intake.xlsx"
    intake.write_bytes(sealed())
    (tmp_path / "link.xlsx").symlink_to(intake)
    for path in (intake, tmp_path / "link.xlsx", tmp_path / "." / "intake.xlsx"):
        assert error(output.may_replace, path, inputs=[intake], force=True).code == "output-is-input"


def test_a_link_to_a_result_needs_force(tmp_path):
    (tmp_path / "own.xlsx").write_bytes(sealed())
    (tmp_path / "link.xlsx").symlink_to("own.xlsx")
    assert error(output.may_replace, tmp_path / "link.xlsx").code == "output-exists"


# ── text on its way out ──

ANY_TEXT = st.text(st.characters(codec=None), max_size=80) | st.text(
    st.sampled_from("甲 ./\\:*?\"<>|~$-_'[]\n\t\r\0\x07\x85\ud800\udfff\ufffe\uffff\u200f\u202e\ufeffé́馆😀CONcom1"), max_size=60
)


@given(ANY_TEXT)
@often(200)
def test_clean_text_can_be_written_and_is_stable(text):
    cleaned = output.clean(text)
    cleaned.encode()
    assert output.clean(cleaned) == cleaned
    assert not any(unicodedata.category(c) == "Cc" and c not in "\t\n" for c in cleaned)
    assert "\ufffe" not in cleaned
    assert "\uffff" not in cleaned


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=80))
@often(100)
def test_clean_leaves_ordinary_text_alone(text):
    assert output.clean(text) == text


def test_clean_keeps_line_ends():
    assert output.clean("a\r\nb\rc\n\td\x00") == "a\nb\nc\n\td"


def test_cleaned_text_survives_a_workbook():
    text = output.clean("坏\ud800名\x07\x0b\ufffe\uffff好\U0001f600")
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        workbook.add_worksheet().write_string(0, 0, text)
    assert openpyxl.load_workbook(BytesIO(target.getvalue())).worksheets[0]["A1"].value == "坏名好\U0001f600"


@given(ANY_TEXT)
@often(200)
def test_safe_names_are_accepted_by_every_system(text):
    name = output.safe_name(text)
    assert name
    assert len(name.encode()) <= 120
    assert not set(name) & set('<>:"/\\|?*\n\t\r\0')
    assert name not in (".", "..")
    assert name == name.strip(" .")
    assert not name.startswith(("-", "~", "."))
    assert unicodedata.normalize("NFC", name) == name
    assert name.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert Path("/out", name).resolve().parent == Path("/out")


@given(ANY_TEXT, ANY_TEXT)
@often(300)
def test_different_texts_get_different_names(one, other):
    if unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other):
        assert output.safe_name(one) != output.safe_name(other)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("萍乡市图书馆", "萍乡市图书馆"),
        ("市图书馆 (总馆)", "市图书馆 (总馆)"),
        ("CON", "_CON-"),
        ("com1.xlsx", "_com1.xlsx-"),
        ("../../etc/passwd", "etc_passwd-"),
        ("馆" * 90, "馆" * 30 + "-"),
        ("a/b:c", "a_b_c-"),
        ("\u202e甲", "甲-"),
    ],
)
def test_safe_names_stay_readable(text, start):
    assert output.safe_name(text).startswith(start)


def test_printable_text_stays_on_one_line():
    assert output.printable("表\nERROR: \x1b[31m\u202e\ud800　甲") == "表\\nERROR: \\x1b[31m\\u202e\\ud800　甲"


# ── one writer per folder ──


def test_a_folder_is_held_once_and_released(tmp_path):
    with output.folder_lock(tmp_path):
        held = error(output.folder_lock(tmp_path).__enter__)
        assert held.code == "output-locked"
        assert str(os.getpid()) in held.message("en")
    assert left(tmp_path) == []
    with output.folder_lock(tmp_path):
        pass


HOLDER = {"pid": 4711, "user": "张三", "host": "pc7", "since": "2024-03-01 09:30"}


@pytest.mark.parametrize("content", [json.dumps(HOLDER).encode(), b"half writ", b"", b"\xff\xfe"])
@pytest.mark.parametrize("age", [0, 10 * 24 * 3600])
def test_a_file_that_a_dead_run_left_never_blocks(tmp_path, content, age):
    lock = tmp_path / ".perfxl.lock"
    lock.write_bytes(content)
    os.utime(lock, (time.time() - age,) * 2)
    with output.folder_lock(tmp_path):
        assert json.loads(lock.read_text())["pid"] == os.getpid()
    assert left(tmp_path) == []


def test_the_holder_is_named(tmp_path):
    with output.folder_lock(tmp_path):
        (tmp_path / ".perfxl.lock").write_text(json.dumps(HOLDER), "utf-8")
        said = error(output.folder_lock(tmp_path).__enter__).message("zh")
    assert "张三@pc7, 4711, 2024-03-01 09:30" in said


def test_where_nothing_can_be_held_the_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("perfxl.output.lock.hold", lambda _handle: Held.UNKNOWN)
    with output.folder_lock(tmp_path), output.folder_lock(tmp_path):
        assert left(tmp_path) == [".perfxl.lock"]


def test_a_killed_holder_lets_go_although_its_children_live(tmp_path):
    script = (
        "import os, sys, time; sys.path.insert(0, '.')\nfrom pathlib import Path\n"
        "from perfxl.output import folder_lock\n"
        "with folder_lock(Path(sys.argv[1])):\n"
        "    child = os.fork()\n"
        "    if child == 0: print('held', flush=True); sys.stdin.readline(); os._exit(0)\n"
        "    time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout
    assert run.stdout.readline() == "held\n"
    run.kill()
    run.wait()
    with output.folder_lock(tmp_path):
        pass
    run.communicate()
    assert left(tmp_path) == []


def test_of_many_at_once_one_holds_a_folder(tmp_path):
    script = (
        "import sys; sys.path.insert(0, '.')\nfrom pathlib import Path\n"
        "from perfxl.output import OutputError, folder_lock\n"
        "sys.stdin.readline()\n"
        "try:\n    with folder_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.readline()\n"
        "except OutputError as error: print(error.code, flush=True)\n"
    )
    for _ in range(5):
        (tmp_path / ".perfxl.lock").write_text(json.dumps(HOLDER), "utf-8")
        runs = [
            subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for run in runs:
            assert run.stdin
            run.stdin.write("\n")
            run.stdin.flush()
        said = [run.stdout.readline().strip() for run in runs if run.stdout]
        for run in runs:
            run.communicate("\n")
        assert sorted(said) == ["held", "output-locked", "output-locked", "output-locked"]
        assert left(tmp_path) == []
