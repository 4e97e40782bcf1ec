"""The ledger: what was read, by content, so that nothing is read twice; and who sent what, scored how, over the years.

One SQLite file. The parse cache is disposable: another perfxl's is thrown away with a word. The history is kept.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

APPLICATION = 0x70667831
SCHEMA = 1

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE parsed (sha256 TEXT PRIMARY KEY, packed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (output TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, products TEXT NOT NULL, document BLOB NOT NULL);
CREATE TABLE history (
  unit_key TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, year INTEGER, evaluation TEXT NOT NULL, project TEXT NOT NULL,
  sha256 TEXT NOT NULL, source TEXT NOT NULL, fate TEXT NOT NULL, submission_count INTEGER NOT NULL, filled_on TEXT NOT NULL,
  scheme TEXT NOT NULL, total REAL, low REAL, high REAL, grade TEXT, provisional INTEGER, errors INTEGER,
  perfxl TEXT NOT NULL, recorded TEXT NOT NULL,
  PRIMARY KEY (unit_key, sha256, scheme)
) WITHOUT ROWID;
CREATE INDEX history_names ON history (name);
CREATE INDEX history_codes ON history (code);
"""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One submission of a unit as a run saw it; the score of one that did not count is None."""

    unit_key: str
    code: str
    name: str
    year: int | None
    evaluation: str
    project: str
    sha256: str
    source: str
    fate: str
    submission_count: int
    filled_on: str
    scheme: str = ""
    total: float | None = None
    low: float | None = None
    high: float | None = None
    grade: str | None = None
    provisional: bool | None = None
    errors: int | None = None
    perfxl: str = ""
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The last run that wrote an output: what went in, what came out, and the document it printed."""

    fingerprint: str
    products: Mapping[str, str] = field(default_factory=dict)
    """Path to SHA-256 of every file written."""
    document: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """SHA-256 over the source of this perfxl: what another one read or scored may differ."""
    from perfxl.model.version import __version__

    digest = hashlib.sha256(__version__.encode())
    root = Path(__file__).parent.parent
    for path in sorted((*root.rglob("*.py"), *root.rglob("*.toml"))):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Ledger:
    """An open ledger; a context manager. `rebuilt` says that another perfxl's cache was thrown away.

    `history_only` leaves the cache of another perfxl alone. Whatever SQLite refuses becomes a `PerfxlError`.
    """

    def __init__(self, path: Path, *, history_only: bool = False) -> None:
        self.path = path
        self.rebuilt = False
        self._history_only = history_only
        fresh = not path.exists() or path.stat().st_size == 0
        with self._spoken():
            self._base = sqlite3.connect(path, timeout=30, isolation_level=None)
            try:
                self._base.execute("PRAGMA synchronous = NORMAL")
                if fresh:
                    self._create()
                else:
                    self._check()
            except BaseException:
                self._base.close()
                raise

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """What SQLite says, in the user's words; what was not committed is not in the ledger."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise PerfxlError(f"台账“{self.path}”读写不了（{error}）。请检查磁盘空间和文件夹是否可写，或加 --no-ledger。") from error
        except sqlite3.DatabaseError as error:
            raise PerfxlError(f"“{self.path}”不是 perfxl 的台账，或已损坏。请移走它，或用 --ledger 指定别的文件。") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._base.close()

    def _create(self) -> None:
        self._base.execute("BEGIN IMMEDIATE")
        if not self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in _TABLES.split(";"):
                self._base.execute(statement)
            self._base.execute(f"PRAGMA application_id = {APPLICATION}")
            self._base.execute(f"PRAGMA user_version = {SCHEMA}")
            self._base.execute("INSERT INTO meta VALUES ('parser', ?)", (code_fingerprint(),))
        self._base.execute("COMMIT")

    def _check(self) -> None:
        """Ours, of a schema we know; the cache of another perfxl is emptied."""
        application, version = (self._base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if application != APPLICATION:
            raise sqlite3.DatabaseError("foreign")
        if version > SCHEMA:
            raise PerfxlError(f"台账“{self.path}”是更新版本的 perfxl 写的。请升级 perfxl，或用 --ledger 指定别的文件。")
        if version < SCHEMA:
            self._rebuild()
            return
        parser = self._base.execute("SELECT value FROM meta WHERE name = 'parser'").fetchone()
        if not self._history_only and (parser is None or parser[0] != code_fingerprint()):
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute("DELETE FROM parsed")
            self._base.execute("DELETE FROM runs")
            self._base.execute("INSERT OR REPLACE INTO meta VALUES ('parser', ?)", (code_fingerprint(),))
            self._base.execute("COMMIT")
            self.rebuilt = True

    def _rebuild(self) -> None:
        """The tables of this schema, with those columns of an older history that still have their name."""
        self._base.execute("BEGIN IMMEDIATE")
        tables = [row[0] for row in self._base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        old: list[dict[str, Any]] = []
        if "history" in tables:
            rows = self._base.execute("SELECT * FROM history")
            names = [column[0] for column in rows.description]
            old = [dict(zip(names, row, strict=True)) for row in rows]
        for table in tables:
            self._base.execute(f'DROP TABLE "{table}"')
        for statement in _TABLES.split(";"):
            self._base.execute(statement)
        self._base.execute(f"PRAGMA user_version = {SCHEMA}")
        self._base.execute("INSERT INTO meta VALUES ('parser', ?)", (code_fingerprint(),))
        known = [f.name for f in fields(HistoryEntry)]
        blank: dict[str, Any] = dict.fromkeys(known, "") | dict.fromkeys(("year", *_SCORES)) | {"submission_count": 1}
        self._insert([tuple({**blank, **{n: v for n, v in row.items() if n in known}}[n] for n in known) for row in old])
        self._base.execute("COMMIT")
        self.rebuilt = True

    # what was read

    def known(self, sha256: str) -> bytes | None:
        """A file as it was packed when it was read, None if this content is new."""
        with self._spoken():
            row = self._base.execute("SELECT packed FROM parsed WHERE sha256 = ?", (sha256,)).fetchone()
        return None if row is None else bytes(row[0])

    def keep(self, packed: Mapping[str, bytes]) -> None:
        """Commit what was read, by the SHA-256 of the file."""
        if packed:
            with self._spoken():
                self._base.execute("BEGIN IMMEDIATE")
                self._base.executemany("INSERT OR REPLACE INTO parsed VALUES (?, ?)", packed.items())
                self._base.execute("COMMIT")

    # runs

    def last_run(self, output: str) -> Run | None:
        """The last run that wrote `output`."""
        with self._spoken():
            row = self._base.execute("SELECT fingerprint, products, document FROM runs WHERE output = ?", (output,)).fetchone()
        return None if row is None else Run(row[0], json.loads(row[1]), msgspec.json.decode(zlib.decompress(row[2])))

    def finish(self, output: str, run: Run, entries: Iterable[HistoryEntry]) -> None:
        """Commit a finished run and its history at once."""
        from perfxl.model.version import __version__

        now = datetime.now(UTC).isoformat(timespec="seconds")
        document = zlib.compress(msgspec.json.encode(run.document))
        names = [f.name for f in fields(HistoryEntry)]
        with self._spoken():
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (output, run.fingerprint, json.dumps(dict(run.products)), document))
            self._insert(tuple({**{n: getattr(e, n) for n in names}, "perfxl": __version__, "recorded": now}[n] for n in names) for e in entries)
            self._base.execute("COMMIT")

    def _insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(fields(HistoryEntry)))
        self._base.executemany(f"INSERT OR REPLACE INTO history VALUES ({marks})", rows)  # noqa: S608  # only question marks

    def history(self, unit: str) -> list[HistoryEntry]:
        """Every submission of a unit by name, code or part of the name, by year and the order of submission."""
        names = ", ".join(f.name for f in fields(HistoryEntry))
        order = "ORDER BY year, unit_key, submission_count, filled_on, sha256, scheme"
        for where, value in (("code = ?1 OR name = ?1", unit), ("instr(name, ?1) > 0", unit)):
            with self._spoken():
                rows = self._base.execute(f"SELECT {names} FROM history WHERE {where} {order}", (value,)).fetchall()  # noqa: S608  # fixed words
            if rows:
                return [HistoryEntry(*row) for row in rows]
        return []


_SCORES = ("total", "low", "high", "grade", "provisional", "errors")
