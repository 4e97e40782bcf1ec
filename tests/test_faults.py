"""The n-th call to the system that writes fails, for n = 1, 2, 3 … until a run succeeds: each time the old result is whole.

Of the later calls of a consolidation, all alike, only some unless PERFXL_LONG is set (a minute more).
What SQLite writes cannot be made to fail this way; `test_kills.py` fills a real disk under it.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from inbox import intake

from perfxl.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the calls are those of POSIX")

WORDS = {errno.ENOSPC: "磁盘空间不足", errno.EACCES: "没有写入权限", errno.EIO: "无法写入"}
FIRST, STEP = (10_000, 1) if os.environ.get("PERFXL_LONG") else (14, 17)
"""So many calls one after another, then every so many-th."""


class Faults:
    """Counts the calls that write below a folder, or into a file without a name, and fails one of them."""

    def __init__(self, folder: Path, nth: int, number: int) -> None:
        self.folder, self.nth, self.number = str(folder), nth, number
        self.calls = 0

    def call(self, path: object) -> None:
        if isinstance(path, int) or str(path).startswith(self.folder):
            self.calls += 1
            if self.calls == self.nth:
                raise OSError(self.number, os.strerror(self.number), str(path))

    def before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Any, *more: Any, **options: Any) -> Any:
            self.call(path)
            return real(path, *more, **options)

        return counted

    def open(self, file: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
        """Files for writing fail when they are opened, and at each write that reaches the system."""
        if not set(mode) & set("wxa+") or not (isinstance(file, int) or str(file).startswith(self.folder)):
            return REAL_OPEN(file, mode, *more, **options)
        self.call(file)
        raw = Failing(self, file, mode.replace("b", "").replace("t", ""))
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding=options.get("encoding") or "utf-8")

    def temporary(self, mode: str = "w+b", **options: Any) -> Any:
        self.call(0)
        handle, name = tempfile.mkstemp()
        Path(name).unlink()
        buffered = io.BufferedRandom(Failing(self, handle, "r+"))
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding=options.get("encoding"), newline=options.get("newline"))


class Failing(io.FileIO):
    """A file whose writes count."""

    def __init__(self, faults: Faults, file: Any, mode: str) -> None:
        super().__init__(file, mode)
        self.faults = faults

    def write(self, content: Any) -> int | None:
        self.faults.call(self.fileno())
        return super().write(content)


REAL_OPEN = io.open  # the very function that is replaced


def install(monkeypatch: pytest.MonkeyPatch, faults: Faults) -> None:
    for name in ("fsync", "replace", "rename", "link", "mkdir"):
        monkeypatch.setattr(os, name, faults.before(getattr(os, name)))
    monkeypatch.setattr(io, "open", faults.open)
    monkeypatch.setattr(tempfile, "TemporaryFile", faults.temporary)


@pytest.fixture
def unfinished(monkeypatch):
    """Files that a writer left open when it failed are closed here, whatever they say to it."""
    monkeypatch.setattr(sys, "unraisablehook", lambda _what: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
        gc.collect()


@pytest.mark.parametrize("command", ["score", "consolidate"])
def test_whichever_write_fails_the_old_result_stays_and_the_reason_is_said(tmp_path, monkeypatch, capsys, unfinished, command):
    inbox, out, target = tmp_path / "in", tmp_path / "out", tmp_path / "out" / "结果.xlsx"
    for folder in (inbox, out):
        folder.mkdir()
    more = ["--workers", "1", "--letters", str(out / "通知"), "--no-ledger"] if command == "consolidate" else []
    arguments = [command, str(inbox / "a.xlsx" if command == "score" else inbox), "-o", str(target), *more]
    (inbox / "a.xlsx").write_bytes(intake("甲馆", actual=None))
    assert run(arguments) == 0
    old, letters = target.read_bytes(), len(more) > 0 and {path.name for path in (out / "通知").rglob("*.docx")}
    (inbox / "a.xlsx").write_bytes(intake("甲馆", actual=None, code="7"))
    failed, n = 0, 0
    while True:
        n += 1 if n < FIRST else STEP
        number = [*WORDS][n % 3]
        faults = Faults(tmp_path, n, number)
        with monkeypatch.context() as patch:
            install(patch, faults)
            code = run(arguments)
        said = capsys.readouterr().err
        left = [path.name for path in out.iterdir()]
        assert not [name for name in left if name.startswith(".perfxl")], (n, left)
        if faults.calls < n:
            break
        assert "Traceback" not in said
        if code == 0:  # a folder that cannot be synced, a lock that is made another way
            assert target.read_bytes() != old
            target.write_bytes(old)
            continue
        failed += 1
        assert WORDS[number] in said, (n, said)
        if code == 1:  # a letter, which costs itself
            assert "结果.xlsx" in said
            assert target.read_bytes() != old
            target.write_bytes(old)
            continue
        assert code == 2
        assert target.read_bytes() == old
    assert code == 0
    assert failed >= {"score": 4, "consolidate": 12}[command]
    assert target.read_bytes() != old
    assert not more or {path.name for path in (out / "通知").rglob("*.docx")} == letters
