"""Which files a command line names: candidates, rejected and ignored ones, each accounted for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from perfxl.intake.containers.archive import Archive
from perfxl.intake.guard import DEFAULT_LIMITS, Limits, Refusal, read_bytes
from perfxl.intake.guard.limits import RefusalError
from perfxl.model import PerfxlError
from perfxl.model.system import said_by
from perfxl.output.text import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
BINARY = frozenset({".xls", ".et"})
PAPERS = WORKBOOKS | BINARY | {".docx"}
"""What a unit's self-evaluation comes as."""
CONTAINERS = frozenset({".zip"})
NOT_READ = frozenset({".xlsb", ".ods", ".csv", ".xltx", ".rar", ".7z", ".pdf", ".doc", ".wps", ".ofd"})
"""Refused by name even where the file itself is named; any other named file is looked at."""

LOCK_SIZE = 1024
"""Bytes of what Excel, WPS and LibreOffice leave beside an open file; they take 165 and fewer."""
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


class Found(Struct, frozen=True):
    """One file: where it is, how it is shown (relative to the argument), and what its name says.

    `root` is the folder it was found in, None when the file itself was named.
    """

    path: Path
    shown: str
    fate: Fate
    code: str = ""
    root: Path | None = None
    details: Mapping[str, str | float] = field(default_factory=dict)
    inside: str = ""
    """The name of an entry, where `path` is the zip that holds it."""
    entry: int = -1
    """Its place in the zip."""

    @property
    def stem(self) -> str:
        """The name without its ending; of an entry behind that of its zip."""
        return f"{self.path.stem}_{Path(self.inside).stem}" if self.inside else self.path.stem


INSIDE = " › "
"""Between a zip and its entry."""


def find_files(arguments: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> list[Found]:
    """Every file below the arguments, folders searched recursively and sorted by path; links to folders not followed.

    A zip is an entry of its own, and so is each of its files.

    A file named twice counts once. A folder that cannot be listed, and a path that cannot be looked at, is an entry of its own.

    Raises:
        PerfxlError: an argument does not exist.
    """
    found: dict[tuple[str, int], Found] = {}
    real_folder = cache(os.path.realpath)
    for argument in arguments:
        if argument.is_dir():
            listed = list(_below(argument))
        elif os.path.lexists(argument):
            listed = [_named(argument)]
        else:
            raise PerfxlError(f"找不到“{shown_name(argument)}”。请检查路径。", en=f"Cannot find {shown_name(argument)}. Check the path.")
        for each in chain.from_iterable(_opened(item, limits) for item in listed):
            if each.fate is not Fate.CANDIDATE:
                at = os.path.abspath(each.path)  # noqa: PTH100  # the link itself, not its target
            elif each.root is None:
                at = os.path.realpath(each.path)
            else:  # no link, or it were rejected
                folder, name = os.path.split(each.path)
                at = os.path.join(real_folder(folder), name)  # noqa: PTH118  # texts, not files
            found.setdefault((at, each.entry), each)
    return list(found.values())


def content_of(found: Found, limits: Limits = DEFAULT_LIMITS) -> bytes | Refusal:
    """The bytes of a file, or of an entry of a zip, or why there are none."""
    if found.entry < 0:
        return read_bytes(found.path, limits)
    try:
        archive = _archive(found.path, limits)
        return archive if isinstance(archive, Refusal) else archive.read(found.entry)
    except RefusalError as refused:
        return refused.refusal
    except OSError as error:
        return Refusal("file-not-readable", {"reason": said_by(error)})


_last: dict[tuple[object, ...], Archive] = {}
"""The zip that was read last: its entries are asked for one after the other."""


def _archive(path: Path, limits: Limits) -> Archive | Refusal:
    stamp = path.stat()
    key = (path, stamp.st_mtime_ns, stamp.st_size, limits)
    if key not in _last:
        data = read_bytes(path, limits)
        if isinstance(data, Refusal):
            return data
        _last.clear()
        _last[key] = Archive(data, limits)
    return _last[key]


def _opened(item: Found, limits: Limits) -> list[Found]:
    """A file, or a zip and what it holds."""
    if item.fate is not Fate.CANDIDATE or suffix_of(item.path.name) not in CONTAINERS:
        return [item]
    try:
        archive = _archive(item.path, limits)
        refused = archive if isinstance(archive, Refusal) else None
        entries = [] if isinstance(archive, Refusal) else archive.entries()
    except RefusalError as error:
        refused, entries = error.refusal, []
    except OSError as error:
        refused, entries = Refusal("file-not-readable", {"reason": said_by(error)}), []
    if refused is not None:
        return [replace(item, fate=Fate.REJECTED, code=refused.code, details=refused.details)]
    inside = [_inside(item, entry.at, entry.name, entry.code) for entry in entries]
    if not inside:
        return [replace(item, fate=Fate.REJECTED, code="file-empty")]
    return [replace(item, fate=Fate.IGNORED, code="ignored-archive", details={"n": len(inside)}), *inside]


def _inside(item: Found, at: int, name: str, trouble: str) -> Found:
    """What the name of an entry says about it."""
    shown = f"{item.shown}{INSIDE}{shown_name(Path(name))}{'/' if name.endswith('/') else ''}"
    entry = Found(item.path, shown, Fate.CANDIDATE, "", item.root, {}, name, at)
    if name.endswith("/"):
        return replace(entry, fate=Fate.IGNORED, code="ignored-empty-folder")
    suffix = suffix_of(name)
    code = left_behind(Path(name))
    if code:
        return replace(entry, fate=Fate.IGNORED, code=code)
    if suffix in CONTAINERS:
        return replace(entry, fate=Fate.REJECTED, code="zip-in-zip")
    if trouble:
        return replace(entry, fate=Fate.REJECTED, code=trouble)
    if suffix not in PAPERS:
        return replace(entry, fate=Fate.REJECTED, code="file-extension", details={"ext": Path(name).suffix or "（没有扩展名）"})
    return entry


def left_behind(relative: Path) -> str:
    """The code of what programs and systems leave behind; "" for any other file."""
    name, suffix = relative.name.lower(), suffix_of(relative.name)
    if name.startswith(("~$", ".~")):
        return "ignored-lock-file"
    system = name in SYSTEM_FILES or suffix in PARTIAL or name.startswith(LEFTOVERS)
    return "ignored-system-file" if system or not SYSTEM_FOLDERS.isdisjoint(part.lower() for part in relative.parts[:-1]) else ""


def suffix_of(name: str) -> str:
    """How a file's name ends, in small letters: `.xlsx`."""
    return Path(name).suffix.lower()


def _named(path: Path) -> Found:
    shown = shown_name(path, whole=False)
    if suffix_of(path.name) in NOT_READ:
        return Found(path, shown, Fate.REJECTED, "file-extension", details={"ext": path.suffix})
    if left_behind(Path(path.name)) == "ignored-lock-file" and path.stat().st_size <= LOCK_SIZE:
        return Found(path, shown, Fate.REJECTED, "ignored-lock-file")
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
    return Found(path, shown, Fate.REJECTED, code, root, {"reason": said_by(error)})


def _classified(path: Path, root: Path, *, is_link: bool) -> Found:
    relative = path.relative_to(root)
    shown, suffix = shown_name(relative), suffix_of(path.name)
    if code := left_behind(relative):
        return Found(path, shown, Fate.IGNORED, code, root)
    if is_link:
        return Found(path, shown, Fate.REJECTED, "file-not-regular", root)
    if suffix in PAPERS or suffix in CONTAINERS:
        return Found(path, shown, Fate.CANDIDATE, "", root)
    return Found(path, shown, Fate.REJECTED, "file-extension", root, {"ext": path.suffix or "（没有扩展名）"})
