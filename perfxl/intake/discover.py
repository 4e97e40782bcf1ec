"""Which files a command line names: candidates, rejected and ignored ones, each accounted for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

READ = frozenset({".xlsx", ".xlsm"})
REJECTED = frozenset({".xls", ".et", ".xlsb", ".ods", ".csv", ".xltx", ".zip", ".rar", ".7z", ".pdf", ".doc", ".docx"})


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


def find_files(arguments: Iterable[Path]) -> list[Found]:
    """Every file below the arguments, folders searched recursively and sorted by path; links to folders not followed.

    A file named twice counts once.

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


def _named(path: Path) -> Found:
    suffix = path.suffix.lower()
    if suffix in REJECTED:
        return Found(path, shown_name(path, whole=False), Fate.REJECTED, "file-extension")
    return Found(path, shown_name(path, whole=False), Fate.CANDIDATE)


def _below(root: Path) -> Iterator[Found]:
    paths: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders.sort()
        paths.extend(Path(folder) / name for name in files)
        paths.extend(Path(folder) / name for name in folders if (Path(folder) / name).is_symlink())
    for path in sorted(paths, key=lambda p: os.fsencode(p.relative_to(root))):
        yield _classified(path, root)


def _classified(path: Path, root: Path) -> Found:
    shown = shown_name(path.relative_to(root))
    suffix = path.suffix.lower()
    if path.name.startswith(("~$", ".~")):
        return Found(path, shown, Fate.IGNORED, "ignored-lock-file", root)
    if suffix in REJECTED:
        return Found(path, shown, Fate.REJECTED, "file-extension", root)
    if suffix not in READ:
        return Found(path, shown, Fate.IGNORED, "ignored-not-a-spreadsheet", root)
    if path.is_symlink():
        return Found(path, shown, Fate.REJECTED, "file-not-regular", root)
    return Found(path, shown, Fate.CANDIDATE, "", root)


def shown_name(path: Path, *, whole: bool = True) -> str:
    """A path as people may read it: forward slashes, bytes that are no UTF-8 and control characters made visible."""
    text = path.as_posix() if whole else path.name
    readable = os.fsencode(text).decode("utf-8", "replace")
    return "".join(ch if ch.isprintable() else f"\\x{ord(ch):02x}" for ch in readable)
