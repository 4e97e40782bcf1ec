"""Words for what the operating system refuses."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import Final

_SAID: Final = {
    errno.ENAMETOOLONG: ("路径太长", "the path is too long"),
    errno.EACCES: ("没有权限", "permission denied"),
    errno.EPERM: ("没有权限", "permission denied"),
    errno.EROFS: ("只能读，不能写", "read-only"),
    errno.EIO: ("磁盘或网络读写出错", "the disk or the network failed"),
    errno.ETIMEDOUT: ("网络盘没有回应", "the network disk does not answer"),
    errno.ENOTCONN: ("网络盘断开了", "the network disk is gone"),
    errno.EBUSY: ("正被别的程序占用", "in use by another program"),
    errno.ENOENT: ("文件不存在", "no such file"),
    errno.ENOTDIR: ("文件不存在", "no such file"),
    errno.ELOOP: ("链接绕成了圈", "links in a circle"),
    errno.EISDIR: ("它是文件夹", "it is a folder"),
    errno.ENOSPC: ("磁盘空间不足", "disk full"),
    errno.EMFILE: ("打开的文件太多", "too many open files"),
    errno.ENFILE: ("打开的文件太多", "too many open files"),
}
SYSTEM_WORDS: Final = {os.strerror(number): words for number, words in _SAID.items()}
"""What the system says, in Chinese and in English."""


def said_by(error: OSError) -> str:
    """What the system said, as `SYSTEM_WORDS` knows it: how a refusal keeps its reason."""
    return os.strerror(error.errno) if error.errno in _SAID else error.strerror or type(error).__name__


def reason_of(error: OSError) -> str:
    """Why the system refuses, in Chinese; in its own words where it says something rarer.

    >>> reason_of(PermissionError(13, "Permission denied"))
    '没有权限'
    """
    said = said_by(error)
    return SYSTEM_WORDS[said][0] if said in SYSTEM_WORDS else said


def give_memory_back() -> None:
    """What is free goes back to the system, and from now on a large piece of memory does as soon as it is free.

    By itself the C library of Linux keeps more of it with each piece it sees, and a process that was once large stays so.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError, OSError):
            library = ctypes.CDLL(None)
            for parameter in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
                library.mallopt(parameter, _LARGE)
            library.malloc_trim(0)


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGE = 128 << 10
"""What the C library begins with."""
