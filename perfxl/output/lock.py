"""One writer per folder: a lock of the operating system on a file that says who holds it."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from perfxl.output.errors import OutputError, explained
from perfxl.output.oslock import Held, close, hold, keep_from_children

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK: Final = ".perfxl.lock"


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold `folder` for one perfxl; raises `OutputError` `output-locked`, with the holder's name, while another one does.

    The system lets go of the lock when its holder ends, killed or not: a file that is left behind never blocks anybody.
    """
    path = folder / LOCK
    try:
        handle = _taken(path)
    except OSError as error:
        raise explained(error, path) from error
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # still held: who opens it from now on makes a new one
        close(handle)
        with suppress(OSError):
            path.unlink()  # Windows removes no open file


def _taken(path: Path) -> int:
    while True:
        handle = _opened(path)
        keep_from_children(handle)
        if hold(handle) is Held.THEIRS:
            close(handle)
            raise OutputError("output-locked", holder=_holder(path))
        # Whoever held it before may have removed the file that was opened here.
        with suppress(OSError):
            if os.path.samestat(os.fstat(handle), path.stat()):
                _sign(handle)
                return handle
        close(handle)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        if not path.exists():
            raise
        return os.open(path, os.O_RDONLY)  # a colleague's; it can be held all the same


def _sign(handle: int) -> None:
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a number without a name
        user = "?"
    signed = {"pid": os.getpid(), "user": user, "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M")}
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps(signed).encode())


def _holder(path: Path) -> str:
    """Who says it holds the lock: `张三@pc7，进程 4711，2024-03-01 09:30`."""
    try:
        signed = json.loads(path.read_text("utf-8", "replace"))
        return f"{signed['user']}@{signed['host']}, {signed['pid']}, {signed['since']}"
    except (OSError, ValueError, TypeError, KeyError):
        return "?"
