"""Words for what the operating system refuses."""

from __future__ import annotations

import errno
from typing import Final

_REASONS: Final = {
    errno.ENAMETOOLONG: "路径太长",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只能读，不能写",
    errno.EIO: "磁盘或网络读写出错",
    errno.ESTALE: "网络盘断开了",
    errno.ENOTCONN: "网络盘断开了",
    errno.ETIMEDOUT: "网络盘没有回应",
    errno.EBUSY: "正被别的程序占用",
    errno.ENOENT: "找不到",
    errno.ENOTDIR: "找不到",
    errno.ELOOP: "链接绕成了圈",
    errno.EISDIR: "是一个文件夹",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "磁盘空间不足",
    errno.EMFILE: "打开的文件太多",
    errno.ENFILE: "打开的文件太多",
}


def reason_of(error: OSError) -> str:
    """Why the system refuses, in the words that messages use; its own where it says something rarer.

    >>> reason_of(PermissionError(13, "Permission denied"))
    '没有权限'
    """
    return _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
