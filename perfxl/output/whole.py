"""Whole files: written to a temporary name beside the target, and renamed when whole."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from perfxl.output.errors import OutputError, explained
from perfxl.output.oslock import Held, hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MARK: Final = ".perfxl-"
"""How temporary files begin; they end with `.tmp`."""
STALE: Final = 24 * 3600.0
"""Seconds after which what a killed run left may be removed where the file system knows no locks."""


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`, or leave what was there; the folder must exist. Raises `OutputError`."""
    with whole_file(path) as target:
        target.write(content)


@contextmanager
def whole_file(path: Path, place: Callable[[Path], Path] | None = None) -> Iterator[IO[bytes]]:
    """A binary file, open for writing and reading, that takes the place of `path` when the block ends without an error.

    `target.name` is its path for a writer that wants one. An error inside removes it; `OSError` becomes `OutputError`.
    `place` is asked right before the file is renamed where it goes (`perfxl.output.plan`).
    """
    folder = path.parent
    if place is None:
        sweep(folder)
    temporary: Path | None = None
    try:
        _check_length(path)
        temporary = folder / f"{MARK}{os.urandom(6).hex()}.tmp"
        while (target := _opened(temporary)) is None:
            temporary = folder / f"{MARK}{os.urandom(6).hex()}.tmp"
        with target:
            yield target
            target.flush()
            os.fsync(target.fileno())
            if sys.platform != "win32":  # still held, so that nobody sweeps it away; Windows renames no open file
                temporary.replace(place(path) if place else path)
        if sys.platform == "win32":
            _replace_closed(temporary, place(path) if place else path)
        _sync_folder(folder)
    except OSError as error:
        raise explained(error, path) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def _opened(path: Path) -> IO[bytes] | None:
    """A new file with the mode that the umask gives every other file (mkstemp would hide it from colleagues), held.

    None where somebody has swept it away between the two.
    """
    target = path.open("x+b")
    if hold(target.fileno()) is not Held.THEIRS and path.exists():
        return target
    target.close()
    return None


def _replace_closed(temporary: Path, path: Path) -> None:
    """On Windows nothing replaces a file that a program holds open: the new result is kept beside it."""
    try:
        temporary.replace(path)
    except PermissionError:
        if not path.exists():
            raise
        kept = beside(path)
        temporary.rename(kept)
        raise OutputError("output-open-elsewhere", file=str(path), kept=str(kept)) from None


def beside(path: Path, usable: Callable[[Path], bool] | None = None) -> Path:
    """The next name after that of `path` that is free, or `usable`: `汇总_2.xlsx`."""
    for number in count(2):
        stem, tail = path.stem, f"_{number}{path.suffix}"
        while len(os.fsencode(stem + tail)) > 255:
            stem = stem[:-1]
        candidate = path.with_name(stem + tail)
        if usable(candidate) if usable else not os.path.lexists(candidate):
            break
    return candidate


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system lets a folder be synced."""
    if sys.platform != "win32":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _check_length(path: Path) -> None:
    if sys.platform == "win32" and len(str(path.absolute())) > 259:
        raise OutputError("output-path-too-long", path=str(path))
    if len(os.fsencode(path.name)) > 255:
        raise OutputError("output-path-too-long", path=str(path))


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it where they are not there yet. Raises `OutputError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError("output-not-a-folder", dir=str(folder)) from None
    except OSError as error:
        raise explained(error, folder) from error


def sweep(folder: Path) -> None:
    """Remove what killed runs left in `folder`: temporary files that nobody holds any more."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(MARK) and entry.name.endswith(".tmp") and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    if sys.platform == "win32" or _abandoned(Path(entry.path)):  # Windows itself removes no open one
                        Path(entry.path).unlink()


def _abandoned(path: Path) -> bool:
    """Whether no process writes this temporary file."""
    handle = os.open(path, os.O_RDWR)
    try:
        held = hold(handle)
        if held is Held.UNKNOWN:
            return path.stat().st_mtime < time.time() - STALE
        return held is Held.OURS
    finally:
        os.close(handle)


def probe(folder: Path) -> None:
    """Raise `OutputError` now rather than after all the work if nothing can be written in `folder`."""
    path = folder / f"{MARK}{os.urandom(6).hex()}.tmp"
    write_whole(path, b"perfxl")
    with suppress(OSError):
        path.unlink()
