"""Locks of the operating system: they end with the process that holds them, however it ends."""

from __future__ import annotations

import errno
import os
import sys
from enum import Enum
from typing import Final


class Held(Enum):
    """What came of trying to hold a file."""

    OURS = "ours"
    THEIRS = "theirs"
    UNKNOWN = "unknown"
    """This file system knows no locks."""


if sys.platform == "win32":
    import msvcrt

    _FAR: Final = 1 << 30
    """The byte Windows locks: what is locked there cannot be read, and the holder's name stands at the beginning."""

    def _lock(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

elif sys.platform == "emscripten":  # a browser has nobody to share files with

    def _lock(handle: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), handle)

else:

    def _lock(handle: int) -> None:
        try:
            import fcntl
        except ImportError:  # a system without it: nobody to share files with
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), handle) from None
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold(handle: int) -> Held:
    """Try to hold an open file for this process, without waiting; closing the handle lets it go."""
    try:
        _lock(handle)
    except OSError as error:
        taken = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
        return Held.THEIRS if error.errno in taken else Held.UNKNOWN
    return Held.OURS


_not_for_children: set[int] = set()
"""Handles that a forked worker closes: a lock must not outlive the process that took it."""


def _let_go() -> None:
    for handle in _not_for_children:
        os.close(handle)
    _not_for_children.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def keep_from_children(handle: int) -> None:
    """Close `handle` in every process forked from now on."""
    _not_for_children.add(handle)


def close(handle: int) -> None:
    """Close a handle kept from children, and let go of its lock."""
    _not_for_children.discard(handle)
    os.close(handle)
