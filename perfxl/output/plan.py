"""All that a run writes, checked against all it reads and against itself before work begins, and again at each rename.

An input is never replaced. What somebody changed while the run was on is kept, and the new result is laid beside it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct, field

from perfxl.output.errors import OutputError, explained
from perfxl.output.lock import LOCK
from perfxl.output.seals import read_seal, sealed_state
from perfxl.output.whole import MARK, beside, make_folder, sweep, whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from perfxl.output.seals import Kind, Seal

NEVER_INPUT: Final = frozenset({"consolidated", "report", "letter", "parquet", "review", "comparison", "ledger"})
"""Kinds of results that are ignored where they lie among inputs; a scored workbook or a template may have been sent in."""

Seen = tuple[int, int, int, int] | None
"""A file as it stood: device, inode, size, time of change; None where there was none."""


class OutputPlan(Struct):
    """What a run may write. `inputs` are files, `folders` the folders that were named as inputs.

    `force` replaces foreign and edited files, never an input.
    """

    inputs: Iterable[Path] = ()
    folders: Iterable[Path] = ()
    force: bool = False
    kept: list[tuple[Path, Path]] = field(default_factory=list)
    """What was left as it was, and the file laid beside it."""
    _known: set[tuple[int, int]] | None = None
    _apart: list[Path] | None = None
    """The inputs that lie in none of `folders`."""
    _targets: dict[str, Seen] = field(default_factory=dict)
    _swept: set[Path] = field(default_factory=set)

    def replace(self, path: Path, kind: Kind | None = None, *, taken: bool = False) -> Path:
        """Take `path` into the plan: a new file, or one of ours of this `kind` as perfxl wrote it; others only by force.

        `taken`: what somebody has typed into it is read elsewhere.

        Raises:
            OutputError: it is an input, a target already, a folder, edited, or foreign.
        """
        key = self._new_target(path)
        seen = _seen(path)
        if seen is not None:
            self._check_input(path, kind)
            self._check_regular(path)
            if not self.force and not taken and sealed_state(path) != "ours-untouched":
                raise OutputError("output-exists", file=str(path))
        self._targets[key] = seen
        return path

    def replace_or_lay_beside(self, path: Path, kind: Kind, taken: Callable[[Path, Seal], bool] | None = None) -> Path:
        """The same; one of ours that somebody edited is kept, and the result goes to the next free name, unless all edits are `taken`."""
        with suppress(OSError):
            sealed = read_seal(path)
            if not self.force and sealed is not None and sealed.kind == kind and sealed_state(path) == "ours-edited":
                if taken is not None and taken(path, sealed):
                    return self.replace(path, kind, taken=True)
                self._new_target(path)
                free = self._free(path, kind)
                self.kept.append((path, free))
                return self.replace(free, kind)
        return self.replace(path, kind)

    def replace_read(self, path: Path, kind: Kind, sha256: str) -> Path:
        """As `replace_or_lay_beside`; but one of ours whose content this very run has taken in (`sha256`) is replaced, edited or not."""
        with suppress(OSError):
            sealed = read_seal(path)
            if sha256 and sealed is not None and sealed.kind == kind and path.is_file() and not path.is_symlink():
                seen = _seen(path)
                with path.open("rb") as file:
                    unchanged = hashlib.file_digest(file, "sha256").hexdigest() == sha256
                if unchanged and seen == _seen(path):
                    self._targets[self._new_target(path)] = seen
                    return path
        return self.replace_or_lay_beside(path, kind)

    def opened(self, path: Path, ours: Callable[[Path], bool]) -> None:
        """Take a file into the plan that is changed in place; one that is not `ours` and an input is never opened."""
        key = self._new_target(path)
        seen = _seen(path)
        if seen is not None:
            self._check_regular(path)
            if self._is_input(path) and not ours(path):
                raise OutputError("output-is-input", file=str(path))
        self._targets[key] = seen

    def folder(self, folder: Path) -> None:
        """Take a folder into the plan: never an input or above one; inside one only if it is new, empty or perfxl's own.

        Raises:
            OutputError: it would take inputs for outputs, or is no folder.
        """
        real = Path(os.path.realpath(folder))
        if _seen(folder) is not None and not folder.is_dir():
            raise OutputError("output-not-a-folder", dir=str(folder))
        if _key(folder) in self._targets:
            raise OutputError("output-twice", file=str(folder))
        roots = [Path(os.path.realpath(path)) for path in self.folders]
        if self._apart is None:
            reals = (Path(os.path.realpath(path)) for path in self.inputs)
            self._apart = [path for path in reals if not any(root in path.parents for root in roots)]
        for path in (*roots, *self._apart):
            if path == real or real in path.parents:
                raise OutputError("output-above-input", dir=str(folder), file=str(path))
        if any(root in real.parents for root in roots):
            foreign = _first_foreign(real)
            if foreign is not None:
                raise OutputError("output-folder-foreign", dir=str(folder), file=str(foreign))

    @contextmanager
    def whole_file(self, path: Path) -> Iterator[IO[bytes]]:
        """`whole_file` for a target of the plan; see `kept` for where it went when it did not go to `path`."""
        self.sweep(path.parent)
        with whole_file(path, self._place) as target:
            yield target

    def write(self, path: Path, content: bytes) -> None:
        """`write_whole` for a target of the plan, in a folder that may have to be made."""
        make_folder(path.parent)
        with self.whole_file(path) as target:
            target.write(content)

    def sweep(self, folder: Path) -> None:
        """Remove once what killed runs left in `folder`."""
        if folder not in self._swept:
            self._swept.add(folder)
            sweep(folder)

    def went(self, path: Path) -> Path:
        """Where a target was written."""
        return next((new for old, new in reversed(self.kept) if old == path), path)

    def _place(self, path: Path) -> Path:
        """Where a finished file goes: not over what has changed since the plan was made."""
        if _seen(path) == self._targets[_key(path)]:
            return path
        free = self._free(path, None)
        self.kept.append((path, free))
        return free

    def _free(self, path: Path, kind: Kind | None) -> Path:
        """The next name that is free, or holds an untouched result of this kind: an earlier run had to go there too."""

        def usable(candidate: Path) -> bool:
            if _key(candidate) in self._targets:
                return False
            if not os.path.lexists(candidate):
                return True
            sealed = read_seal(candidate)
            own = kind is not None and sealed is not None and sealed.kind == kind and sealed_state(candidate) == "ours-untouched"
            return own and not candidate.is_symlink()

        return beside(path, usable)

    def _new_target(self, path: Path) -> str:
        key = _key(path)
        if key in self._targets:
            raise OutputError("output-twice", file=str(path))
        return key

    def _check_input(self, path: Path, kind: Kind | None) -> None:
        if self._is_input(path):
            sealed = read_seal(path)
            if kind not in NEVER_INPUT or sealed is None or sealed.kind != kind:
                raise OutputError("output-is-input", file=str(path))

    def _check_regular(self, path: Path) -> None:
        try:
            mode = path.lstat().st_mode
        except OSError as error:
            raise explained(error, path) from error
        if stat.S_ISDIR(mode) or (not stat.S_ISREG(mode) and not self.force):
            raise OutputError("output-exists", file=str(path))

    def _is_input(self, path: Path) -> bool:
        if self._known is None:
            self.inputs = list(self.inputs)
            self._known = {(found.st_dev, found.st_ino) for found in map(_stat, self.inputs) if found is not None}
        found = _stat(path)
        return found is not None and (found.st_dev, found.st_ino) in self._known


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _seen(path: Path) -> Seen:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explained(error, path) from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _key(path: Path) -> str:
    """A path as two targets are compared; a link itself is the target."""
    return os.path.normcase(os.path.join(os.path.realpath(path.parent), path.name))  # noqa: PTH118  # texts, not files


def _first_foreign(folder: Path) -> Path | None:
    """A file below `folder` that perfxl did not write."""
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(place) / name
            own = name == LOCK or (name.startswith(MARK) and name.endswith(".tmp"))
            if not own and (path.is_symlink() or not path.is_file() or read_seal(path) is None):
                return path
    return None


def may_replace(path: Path, *, inputs: Iterable[Path] = (), force: bool = False) -> None:
    """Return if `path` alone may be written, else raise `OutputError`; a run with several targets makes a `OutputPlan`."""
    OutputPlan(inputs, force=force).replace(path)
