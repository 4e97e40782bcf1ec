"""The Windows folder: what of it can be held here. The batch file itself runs on Windows only; its text is read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from zipfile import ZipFile

import pytest

from perfxl.cli import run
from perfxl.jobs import bundle
from perfxl.model import PerfxlError

WHEELS = {"numpy-1.0-cp312-cp312-win_amd64.whl": b"n", "perfxl-0.1.0-py3-none-any.whl": b"p"}


def wheel(folder, name, requires=(), tag="py3-none-any"):
    path = folder / f"{name.replace('-', '_')}-1.0-{tag}.whl"
    with ZipFile(path, "w") as archive:
        lines = [f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {r}" for r in requires)]
        archive.writestr(f"{name.replace('-', '_')}-1.0.dist-info/METADATA", "\n".join(lines))
    return path


def test_the_batch_file_is_gbk_with_windows_line_ends_and_names_the_file_to_add():
    content = bundle.batch_file(WHEELS)
    assert content.count(b"\r\n") == content.count(b"\n")
    text = content.decode("gbk")
    assert text.encode("gbk") == content
    assert bundle.EMBEDDED in text
    assert "{" not in text
    labels = set(re.findall(r"^:(\w+)", text, re.MULTILINE))
    assert set(re.findall(r"goto (\w+)", text)) <= labels
    assert text.rstrip().endswith("pause")


def test_the_note_opens_in_every_notepad_and_lists_the_wheels():
    text = bundle.note(["a-1-py3-none-any.whl"]).decode("utf-8-sig")
    assert text.count("\r\n") == text.count("\n")
    assert bundle.EMBEDDED in text
    assert "a-1-py3-none-any.whl" in text


def test_a_wheel_that_another_asks_for_on_windows_is_missed(tmp_path):
    wheels = [
        wheel(tmp_path, "one", ["two; platform_system == 'Windows'", "three; sys_platform == 'linux'", "Four_x>=1", "five; extra == 'x'"]),
        wheel(tmp_path, "four-x"),
    ]
    assert bundle.missing_from(wheels) == ["two"]
    assert bundle.missing_from([*wheels, wheel(tmp_path, "two")]) == []


def test_a_wheel_of_another_platform_is_named(tmp_path):
    assert bundle.missing_from([wheel(tmp_path, "one", tag="cp312-cp312-manylinux_2_28_x86_64")])[0].startswith("one-1.0-cp312-cp312-manylinux")
    assert bundle.missing_from([wheel(tmp_path, "one", tag="cp312-cp312-win_amd64"), wheel(tmp_path, "two", tag="cp311-abi3-win_amd64")]) == []


def test_our_own_wheel_runs_from_where_the_batch_file_unpacks_it(tmp_path):
    made = tmp_path / bundle.own_wheel_name()
    made.write_bytes(bundle.own_wheel())
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(made), str(tmp_path / "site")], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "perfxl", "schemes", "list"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "national-2020" in done.stdout
    assert bundle.own_wheel() == bundle.own_wheel()


def test_every_library_perfxl_imports_is_required():
    needed = {bundle.canonical(re.match(r"[A-Za-z0-9._-]+", r)[0]) for r in bundle.requirements()}
    named = {"docx": "python-docx", "python_calamine": "python-calamine"}
    assert {bundle.canonical(named.get(module, module)) for module in bundle.imported()} <= needed
    assert {"xlrd", "docx", "numpy", "openpyxl", "python_calamine"} <= bundle.imported()
    assert {"lxml", "colorama", "tzdata"} <= needed
    assert bundle.imported().isdisjoint({"pyarrow", "distributed", "dask", "perfxl", "os"})


def test_an_import_that_no_wheel_gives_is_missed(tmp_path):
    path = wheel(tmp_path, "python-docx")
    with ZipFile(path, "a") as archive:
        archive.writestr("docx/__init__.py", "")
        archive.writestr("single.py", "")
        archive.writestr("_fast.cp312-win_amd64.pyd", "")
    assert bundle.provided([path]) == {"docx", "single", "_fast"}


@pytest.mark.parametrize(
    ("tag", "fits"), [("cp311-abi3-win_amd64", True), ("cp312-abi3-win_amd64", True), ("cp313-abi3-win_amd64", False), ("cp312-cp312-win32", False)]
)
def test_only_wheels_of_the_pinned_python_fit(tmp_path, tag, fits):
    assert (bundle.missing_from([wheel(tmp_path, "one", tag=tag)]) == []) is fits


def test_the_batch_file_is_ready_only_when_everything_is_unpacked_and_quotes_every_path():
    lines = bundle.batch_file(WHEELS).decode("gbk").splitlines()
    unpacked = next(i for i, line in enumerate(lines) if "zipfile -e" in line)
    emptied = next(i for i, line in enumerate(lines) if "rmdir" in line and "site" in line)
    marked = next(i for i, line in enumerate(lines) if line.startswith('> "%READY%"'))
    assert emptied < unpacked < marked < lines.index(":ready")
    assert f"({' '.join(WHEELS)})" in lines[unpacked]
    assert f'set "READY=%HERE%site\\{bundle.ready_name(WHEELS)}"' in lines
    for line in lines:
        bare = re.sub(r'"[^"]*"', "", line)
        assert re.findall("%HERE%|%PY%|%PYDIR%|%READY%|%ZIP%", bare) == [], line
    assert "EnableDelayedExpansion" not in "".join(lines)
    assert not any(re.search(r"'%HERE%", line) for line in lines)


@pytest.mark.parametrize(
    ("other", "again"),
    [
        (WHEELS, False),
        (dict(reversed(WHEELS.items())), False),
        ({**WHEELS, "perfxl-0.1.0-py3-none-any.whl": b"of another day"}, True),
        ({"numpy-1.0-cp312-cp312-win_amd64.whl": b"n", "perfxl-0.2.0-py3-none-any.whl": b"p"}, True),
        ({**WHEELS, "more-1.0-py3-none-any.whl": b"m"}, True),
    ],
    ids=["the same", "in another order", "built again", "another version", "one more"],
)
def test_what_an_older_folder_unpacked_is_not_ready_for_other_wheels(other, again):
    assert (bundle.ready_name(other) != bundle.ready_name(WHEELS)) is again


def test_a_bundle_made_again_keeps_what_was_added_and_drops_old_wheels(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "_fetch", lambda folder: wheel(folder, "one"))
    monkeypatch.setattr(bundle, "missing_from", lambda _wheels: [])
    monkeypatch.setattr(bundle, "imported", set)
    there = ["site", "python", bundle.WHEELS, bundle.UNPACKED, bundle.EMBEDDED, f"{bundle.UNPACKED} (1).zip"]
    for name in there:
        (tmp_path / name).mkdir()
    wheel(tmp_path / bundle.WHEELS, "old")
    made = bundle.bundle_windows(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*there, bundle.BATCH, bundle.NOTE])
    assert sorted(p.name for p in (tmp_path / bundle.WHEELS).iterdir()) == sorted(made.wheels)
    assert made.wheels == ("one-1.0-py3-none-any.whl", bundle.own_wheel_name())


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / "重要.txt").write_text("x")
    with pytest.raises(PerfxlError):
        bundle.bundle_windows(tmp_path)
    assert run(["bundle", "--windows", str(tmp_path)]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["重要.txt"]


def test_a_failed_download_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "requirements", lambda: ["perfxl-no-such-distribution==0"])
    with pytest.raises(PerfxlError, match=r"下载组件失败：没有[^a-zA-Z]*pip[^a-zA-Z]*再运行一次。$"):
        bundle.bundle_windows(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("inside", [[], ["评分工具"]], ids=["the file", "below it"])
def test_a_file_is_no_folder_for_a_bundle(tmp_path, inside):
    file = tmp_path / "空白.xlsx"
    file.write_bytes(b"x")
    with pytest.raises(PerfxlError, match=r"空白\.xlsx”是一个文件，不是文件夹。请指定一个新的文件夹"):
        bundle.bundle_windows(file.joinpath(*inside))


def test_a_python_without_pip_is_told_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(PerfxlError, match="python -m ensurepip"):
        bundle.bundle_windows(tmp_path / "new")
