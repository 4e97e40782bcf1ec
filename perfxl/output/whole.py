"""Whole files: written to a temporary name beside the target, and renamed when whole."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from perfxl.output.errors import OutputError, explained

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK: Final = ".perfxl-"
"""How temporary files begin; they end with `.tmp`."""
STALE: Final = 24 * 3600.0
"""Seconds after which what a killed run left may be removed."""


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`, or leave what was there; the folder must exist. Raises `OutputError`."""
    with whole_file(path) as target:
        target.write(content)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file, open for writing and reading, that takes the place of `path` when the block ends without an error.

    `target.name` is its path for a writer that wants one. An error inside removes it; `OSError` becomes `OutputError`.
    """
    folder = path.parent
    temporary: Path | None = None
    try:
        _check_length(path)
        sweep(folder)
        temporary, target = _temporary(folder)
        with target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        _replace(temporary, path)
        temporary = None
        _sync_folder(folder)
    except OSError as error:
        raise explained(error, path) from error
    except OutputError as error:
        if error.code == "output-open-elsewhere":
            temporary = None
        raise
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def _temporary(folder: Path) -> tuple[Path, IO[bytes]]:
    """A new file with the mode that the umask gives every other file (mkstemp would hide it from colleagues)."""
    while True:
        path = folder / f"{MARK}{os.urandom(6).hex()}.tmp"
        with suppress(FileExistsError):
            return path, path.open("x+b")


def _replace(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except PermissionError:
        if sys.platform == "win32" and path.exists():
            raise OutputError("output-open-elsewhere", file=str(path), kept=temporary.name) from None
        raise


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
    """Remove what killed runs left in `folder` more than a day ago; a younger one may still be written."""
    before = time.time() - STALE
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(MARK) and entry.name.endswith(".tmp"):
                with suppress(OSError):
                    if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < before:
                        Path(entry.path).unlink()


def probe(folder: Path) -> None:
    """Raise `OutputError` now rather than after all the work if nothing can be written in `folder`."""
    path = folder / f"{MARK}{os.urandom(6).hex()}.tmp"
    write_whole(path, b"perfxl")
    with suppress(OSError):
        path.unlink()
