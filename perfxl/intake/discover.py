"""Which files a command line names: candidates, rejected and ignored ones, each accounted for."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
BINARY = frozenset({".xls", ".et"})
PAPERS = WORKBOOKS | BINARY | {".docx"}
"""What a unit's self-evaluation comes as."""
CONTAINERS = frozenset({".zip"})
NOT_READ = frozenset({".xlsb", ".ods", ".csv", ".xltx", ".rar", ".7z", ".pdf", ".doc", ".wps", ".ofd"})
"""Refused by name even where the file itself is named; any other named file is looked at."""

LEFTOVERS = ("~$", ".~", "._", ".perfxl")
"""How names begin of what programs leave beside a file while it is open or unpacked."""
SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized"})
SYSTEM_FOLDERS = frozenset({"__macosx", "$recycle.bin", "system volume information", ".trashes", ".spotlight-v100", ".fseventsd"})
PARTIAL = frozenset({".crdownload", ".part", ".partial", ".download", ".tmp", ".td", ".xltd", ".downloading", ".!ut"})
"""How downloads end that are not finished."""


class Fate(StrEnum):
    """What a name alone says about a file."""

    CANDIDATE = "candidate"
    REJECTED = "rejected"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Found:
    """One file: where it is, how it is shown (relative to the argument), and what its name says.

    `root` is the folder it was found in, None when the file itself was named.
    """

    path: Path
    shown: str
    fate: Fate
    code: str = ""
    root: Path | None = None
    details: Mapping[str, str | float] = field(default_factory=dict)


def find_files(arguments: Iterable[Path]) -> list[Found]:
    """Every file below the arguments, folders searched recursively and sorted by path; links to folders not followed.

    A file named twice counts once. A folder that cannot be listed, and a path that cannot be looked at, is an entry of its own.

    Raises:
        PerfxlError: an argument does not exist.
    """
    found: dict[str, Found] = {}
    for argument in arguments:
        if argument.is_dir():
            listed = list(_below(argument))
        elif os.path.lexists(argument):
            listed = [_named(argument)]
        else:
            raise PerfxlError(f"找不到“{shown_name(argument)}”。请检查路径。", en=f"Cannot find {shown_name(argument)}. Check the path.")
        for item in listed:
            found.setdefault(os.path.realpath(item.path) if item.fate is Fate.CANDIDATE else os.path.abspath(item.path), item)  # noqa: PTH100  # the link itself, not its target
    return list(found.values())


def suffix_of(name: str) -> str:
    """How a file's name ends, in small letters: `.xlsx`."""
    return Path(name).suffix.lower()


def _named(path: Path) -> Found:
    shown = shown_name(path, whole=False)
    if suffix_of(path.name) in NOT_READ:
        return Found(path, shown, Fate.REJECTED, "file-extension", details={"ext": path.suffix})
    return Found(path, shown, Fate.CANDIDATE)


def _below(root: Path) -> Iterator[Found]:
    entries: list[Found] = []
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                for entry in listing:
                    path = folder / entry.name
                    try:
                        below = entry.is_dir(follow_symlinks=False)
                    except OSError as error:
                        entries.append(_unreadable(path, root, error, "file-not-readable"))
                        continue
                    if below:
                        folders.append(path)
                    else:
                        entries.append(_classified(path, root, is_link=entry.is_symlink()))
        except OSError as error:
            entries.append(_unreadable(folder, root, error, "folder-unreadable"))
    yield from sorted(entries, key=lambda item: (os.fsencode(item.path.relative_to(root)), item.code))


def _unreadable(path: Path, root: Path, error: OSError, code: str) -> Found:
    shown = shown_name(path.relative_to(root)) if path != root else shown_name(path, whole=False) or "."
    return Found(path, shown, Fate.REJECTED, code, root, {"reason": _reason(error)})


def _reason(error: OSError) -> str:
    """Why the system refuses, in the words that messages use."""
    known = {errno.ENAMETOOLONG: "路径太长", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EIO: "磁盘或网络读写出错"}
    return known.get(error.errno or 0, error.strerror or type(error).__name__)


def _classified(path: Path, root: Path, *, is_link: bool) -> Found:
    relative = path.relative_to(root)
    shown, name, suffix = shown_name(relative), path.name.lower(), suffix_of(path.name)
    if name.startswith(("~$", ".~")):
        return Found(path, shown, Fate.IGNORED, "ignored-lock-file", root)
    system = name in SYSTEM_FILES or suffix in PARTIAL or name.startswith(LEFTOVERS)
    if system or not SYSTEM_FOLDERS.isdisjoint(part.lower() for part in relative.parts[:-1]):
        return Found(path, shown, Fate.IGNORED, "ignored-system-file", root)
    if is_link:
        return Found(path, shown, Fate.REJECTED, "file-not-regular", root)
    if suffix in PAPERS or suffix in CONTAINERS:
        return Found(path, shown, Fate.CANDIDATE, "", root)
    return Found(path, shown, Fate.REJECTED, "file-extension", root, {"ext": path.suffix or "（没有扩展名）"})


def shown_name(path: Path, *, whole: bool = True) -> str:
    """A path as people may read it: forward slashes, bytes that are no UTF-8 and control characters made visible."""
    text = path.as_posix() if whole else path.name
    readable = os.fsencode(text).decode("utf-8", "replace")
    return "".join(ch if ch.isprintable() else f"\\x{ord(ch):02x}" for ch in readable)
