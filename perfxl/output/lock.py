"""One writer per folder: a lock that says who holds it, and is taken over from the dead."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from perfxl.output.errors import OutputError, explained
from perfxl.output.whole import MARK, STALE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK: Final = ".perfxl.lock"


def _host() -> str:
    """This machine's name."""
    import socket  # brings ssl's neighbours along, and only a lock asks

    return socket.gethostname()


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold `folder` for one perfxl; raises `OutputError` `output-locked` while another one that is alive holds it.

    The lock of a process of this machine that has died is taken over; one of another machine after a day.
    """
    path = folder / _LOCK
    mine = json.dumps({"pid": os.getpid(), "host": _host(), "token": os.urandom(8).hex()})
    try:
        _take(path, mine)
    except OSError as error:
        raise explained(error, path) from error
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_text("utf-8") == mine:
                path.unlink()


def _take(path: Path, mine: str) -> None:
    for _ in range(50):
        try:
            _create_whole(path, mine)
        except FileExistsError:
            held = _holder(path)
            if held is None:
                continue
            if held.alive:
                raise OutputError("output-locked", pid=held.pid) from None
            _discard(path, held.text)
        else:
            return
    raise OutputError("output-locked", pid="?")


def _create_whole(path: Path, mine: str) -> None:
    """Create the lock with its content at once: a hard link is as exclusive as O_EXCL and never seen half written."""
    temporary = path.with_name(f"{MARK}{os.urandom(6).hex()}.tmp")
    try:
        temporary.write_text(mine, "utf-8")
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError, AttributeError):  # no link here, or no links at all
            _create_exclusively(path, mine)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _create_exclusively(path: Path, mine: str) -> None:
    """The same where no hard link can be made; one half written would hold the folder for a day, so it is taken away again."""
    with path.open("x", encoding="utf-8") as lock:
        try:
            lock.write(mine)
            lock.flush()
        except OSError:
            path.unlink()
            raise


def _discard(path: Path, text: str) -> None:
    """Remove a dead lock, but not the lock somebody else has put there since: rename first, then look."""
    aside = path.with_name(f"{MARK}{os.urandom(6).hex()}.tmp")
    with suppress(OSError):
        path.rename(aside)
        if aside.read_text("utf-8") != text:
            with suppress(FileExistsError, AttributeError):
                os.link(aside, path)
        aside.unlink()


@dataclass(frozen=True, slots=True)
class _Holder:
    pid: str
    alive: bool
    text: str


def _holder(path: Path) -> _Holder | None:
    """Who holds the lock; None if it has just been released."""
    try:
        text = path.read_text("utf-8", "replace")
        age = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return None
    try:
        held = json.loads(text)
        pid, host = int(held["pid"]), str(held["host"])
    except (ValueError, TypeError, KeyError):
        return _Holder("?", age < STALE, text)
    if host != _host():
        return _Holder(str(pid), age < STALE, text)
    return _Holder(str(pid), _runs(pid), text)


def _runs(pid: int) -> bool:
    """Whether a process of this machine is alive."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, 0, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
