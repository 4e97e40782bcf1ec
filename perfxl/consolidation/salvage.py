"""What is left of a damaged ledger: told from a foreign file, set aside, and walked row by row.

A flipped bit must cost no more than reading everything once more: what was read is read again, what cannot be had again
(history, decisions) is taken out of the damaged file as far as SQLite can still read it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from perfxl.output import file_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

APPLICATION = 0x70667831
ASIDE = ".坏"
"""What a damaged ledger is called from then on."""

_MAGIC = b"SQLite format 3\0"
_IDENTITY = (*enumerate(_MAGIC), *enumerate(APPLICATION.to_bytes(4, "big"), 68))
"""Place and value of the bytes that tell a ledger of ours."""
_ENVIRONMENT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""Primary codes of what is the machine's fault, not the file's."""


class Damaged(sqlite3.DatabaseError):
    """A ledger of ours does not hold together."""


def is_ledger(path: Path) -> bool:
    """Whether a file is a ledger of perfxl, at most one byte of what tells it spoilt; an empty one is none yet."""
    header = _header(path)
    return len(header) == 100 and sum(header[at] != value for at, value in _IDENTITY) <= 1


def is_blank(path: Path) -> bool:
    """Whether a file holds nothing: a new one, or what a power cut leaves."""
    return not any(_header(path))


def check_header(path: Path) -> None:
    """Raise `Damaged` where SQLite would take a spoilt header for a wish: another format, a file that may not be written."""
    header = _header(path)
    if any(header[at] != value for at, value in _IDENTITY) or header[18:20] not in (b"\1\1", b"\2\2"):
        raise Damaged("header")


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


BROKEN: Final = (sqlite3.Error, UnicodeDecodeError, MemoryError, OverflowError)
"""What SQLite and Python's module raise over a spoilt file: some bits ask for terabytes, some make a message no text."""


def is_damage(error: Exception) -> bool:
    """Whether the file itself is at fault."""
    if not isinstance(error, sqlite3.Error):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # said by Python's module: a text that is no text, a row that does not fit
        return isinstance(error, sqlite3.DatabaseError)
    return code == sqlite3.SQLITE_IOERR_SHORT_READ or code & 0xFF not in _ENVIRONMENT


def set_aside(path: Path) -> Path:
    """Give a damaged ledger a second name and take its journal away, so that a new one can be put in its place."""
    number = 1
    while os.path.lexists(aside := path.with_name(file_name(f"{path.name}{f'.{number}' if number > 1 else ''}{ASIDE}"))):
        number += 1
    try:
        os.link(path, aside)
    except OSError:
        shutil.copy2(path, aside)
    with suppress(FileNotFoundError):
        Path(f"{path}-journal").rename(f"{aside}-journal")
    return aside


@dataclass(slots=True)
class Saved:
    """Rows by table as mappings; `whole` if no table broke off."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    whole: bool = True

    @property
    def count(self) -> int:
        """How many rows."""
        return sum(map(len, self.rows.values()))


def salvaged(damaged: Path, without: Collection[str], create: Callable[[sqlite3.Connection], None]) -> Saved:
    """Every row that can still be read of every table but those in `without`.

    Where the pages that name the tables are spoilt, those of a new ledger (`create`) are put in their place: tables made in
    one order begin on the same pages.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "ledger"
        shutil.copyfile(damaged, copy)
        saved = _read(copy, without)
        if not saved.rows:
            _with_new_schema(copy, Path(folder) / "new", create)
            saved = _read(copy, without)
            saved.whole = False
        return saved


def _read(copy: Path, without: Collection[str]) -> Saved:
    saved = Saved()
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as base:
            base.text_factory = lambda text: text.decode("utf-8", "replace")
            for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                if table not in without and not table.startswith("sqlite_"):
                    _walk(base, table, saved)
    except BROKEN:
        saved.whole = False
    return saved


def _walk(base: sqlite3.Connection, table: str, saved: Saved) -> None:
    """The rows of a table from its beginning and, where it breaks off, from its end."""
    key = [row[1] for row in sorted(base.execute(f'PRAGMA table_info("{table}")'), key=lambda row: row[5]) if row[5]] or ["rowid"]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for direction in ("ASC", "DESC"):
        order = ", ".join(f'"{column}" {direction}' for column in key)
        try:
            rows = base.execute(f'SELECT * FROM "{table}" ORDER BY {order}')  # noqa: S608  # names the file itself gives
            names = [column[0] for column in rows.description]
            for row in rows:
                found.setdefault(row, dict(zip(names, row, strict=True)))
        except BROKEN:
            saved.whole = False
        else:
            break
    saved.rows[table] = list(found.values())


def _with_new_schema(copy: Path, new: Path, create: Callable[[sqlite3.Connection], None]) -> None:
    """The pages of a new ledger that name the tables: all that begin none."""
    with closing(sqlite3.connect(new, isolation_level=None)) as base:
        create(base)
        (size,) = base.execute("PRAGMA page_size").fetchone()
        begun = {page for (page,) in base.execute("SELECT rootpage FROM sqlite_master")}
    pages = new.read_bytes()
    with copy.open("r+b") as file:
        count = file.seek(0, os.SEEK_END) // size
        for number in range(1, len(pages) // size + 1):
            if number not in begun:
                page = bytearray(pages[(number - 1) * size : number * size])
                if number == 1:
                    page[28:32] = count.to_bytes(4, "big")
                file.seek((number - 1) * size)
                file.write(page)
