"""The ledger: what was read, by content, so that nothing is read twice; and who sent what, scored how, over the years.

One SQLite file. The parse cache is disposable: another perfxl's is thrown away with a word. The history is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from perfxl.consolidation.salvage import APPLICATION, ASIDE, BROKEN, Damaged, check_header, is_blank, is_damage, is_ledger, salvaged, set_aside
from perfxl.model import PerfxlError
from perfxl.output import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

SCHEMA = 1
CACHE = frozenset({"meta", "parsed", "runs"})
"""The tables that can be had again."""

T = TypeVar("T")

__all__ = ["APPLICATION", "ASIDE", "CACHE", "SCHEMA", "HistoryEntry", "Ledger", "Run", "code_fingerprint", "is_ledger"]

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
    """An open ledger; a context manager. `rebuilt` says that all must be read again, `notes` what became of a damaged one.

    Damage means do it again: a ledger that does not hold together is set aside, what cannot be had again is taken out of
    it, and the run goes on with a new one. `history_only` changes no file: what is damaged is read as far as it goes, and
    the cache of another perfxl is left alone. What the machine refuses (a full disk) is a `PerfxlError`.
    """

    def __init__(self, path: Path, *, history_only: bool = False) -> None:
        self.path = path
        self.rebuilt = False
        self.notes: list[str] = []
        self._history_only = history_only
        self._mode = 0o600
        self._which: tuple[int, int] | None = None
        self._mended = False
        self._do(lambda: None if self._mended else self._open())

    def _open(self) -> None:
        """Connect, and see that all is well; a new ledger is for its owner's eyes: it holds phone numbers."""
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, self._mode))
        found = self.path.stat()
        self._mode, self._which = stat.S_IMODE(found.st_mode), (found.st_dev, found.st_ino)
        if found.st_size and is_blank(self.path):
            raise Damaged("blank")
        if found.st_size and not is_ledger(self.path):
            raise PerfxlError(f"“{self.path}”不是 perfxl 的台账。请移走它，或用 --ledger 指定别的文件。")
        if found.st_size:
            check_header(self.path)
        self._base = _connected(self.path)
        try:
            if found.st_size:
                self._check()
            else:
                _create(self._base)
        except BaseException:
            self._base.close()
            raise

    def _do(self, action: Callable[[], T]) -> T:
        """What `action` gives; after damage once more, with a new ledger. What was not committed is not in the ledger."""
        try:
            return action()
        except (*BROKEN, OSError) as error:
            if isinstance(error, OSError) or not is_damage(error):
                raise self._refused(error) from error
        try:
            self._mend()
            return action()
        except (*BROKEN, OSError) as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> PerfxlError:
        said = error.strerror if isinstance(error, OSError) else error
        return PerfxlError(f"台账“{self.path}”读写不了（{said}）。请检查磁盘空间和文件夹是否可写，或加 --no-ledger。")

    def _mend(self) -> None:
        """Go on with a new ledger that holds what could be taken out of the damaged one."""
        with suppress(AttributeError, sqlite3.Error):
            self._base.close()
        self._mended = True
        found = self.path.stat()
        if not self._history_only and (found.st_dev, found.st_ino) != self._which:
            self._open()  # another run has mended it
            return
        saved = salvaged(self.path, CACHE, _create)
        said = f"取回{saved.count}条记录{'' if saved.whole else '，其余读不出'}"
        if self._history_only:
            self._base = sqlite3.connect(":memory:", isolation_level=None)
            _create(self._base)
            _refill(self._base, saved.rows)
            self.notes.append(f"台账“{self.path}”有损坏：{said}。")
            return
        with whole_file(self.path, self._keep_damaged) as target:
            Path(target.name).chmod(self._mode)
            with closing(sqlite3.connect(target.name, isolation_level=None)) as base:
                base.execute("PRAGMA journal_mode = MEMORY")
                _create(base)
                _refill(base, saved.rows)
        self.notes[-1] += f"{said}；全部文件重新读取。"
        self.rebuilt = True
        self._open()

    def _keep_damaged(self, path: Path) -> Path:
        self.notes.append(f"台账有损坏，已另存为“{set_aside(path).name}”，")
        return path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._base.close()

    def _check(self) -> None:
        """Ours, whole, of a schema we know; the cache of another perfxl is emptied."""
        self._base.execute("BEGIN IMMEDIATE" if not self._history_only else "BEGIN")
        (version,) = self._base.execute("PRAGMA user_version").fetchone()
        known = dict(self._base.execute("SELECT name, value FROM meta"))
        if known.get("schema", str(version)) != str(version) or (version > SCHEMA and "schema" not in known):
            raise Damaged("version")
        if version > SCHEMA:
            raise PerfxlError(f"台账“{self.path}”是更新版本的 perfxl 写的。请升级 perfxl，或用 --ledger 指定别的文件。")
        if self._base.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Damaged("pages")
        if version < SCHEMA:
            self._rebuild()
        elif not self._history_only and known.get("parser") != code_fingerprint():
            self._base.execute("DELETE FROM parsed")
            self._base.execute("DELETE FROM runs")
            self._base.execute("INSERT OR REPLACE INTO meta VALUES ('parser', ?)", (code_fingerprint(),))
            self.rebuilt = True
        self._base.execute("COMMIT")

    def _rebuild(self) -> None:
        """The tables of this schema, with those columns of an older history that still have their name."""
        tables = [row[0] for row in self._base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        old: dict[str, list[dict[str, Any]]] = {}
        for table in tables:
            if table not in CACHE:
                rows = self._base.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # names of our own tables
                names = [column[0] for column in rows.description]
                old[table] = [dict(zip(names, row, strict=True)) for row in rows]
            self._base.execute(f'DROP TABLE "{table}"')
        _make_tables(self._base)
        _refill(self._base, old)
        self.rebuilt = True

    # what was read

    def known(self, sha256: str) -> bytes | None:
        """A file as it was packed when it was read, None if this content is new, or what was kept of it is spoilt."""
        row = self._do(lambda: self._base.execute("SELECT packed FROM parsed WHERE sha256 = ?", (sha256,)).fetchone())
        kept = b"" if row is None or not isinstance(row[0], bytes) else row[0]
        return kept[_CHECK:] if kept and kept[:_CHECK] == _check(sha256, kept[_CHECK:]) else None

    def keep(self, packed: Mapping[str, bytes]) -> None:
        """Commit what was read, by the SHA-256 of the file, each with a checksum of its own."""
        if packed:
            rows = [(sha256, _check(sha256, data) + data) for sha256, data in packed.items()]
            self._do(lambda: self._commit(lambda: self._base.executemany("INSERT OR REPLACE INTO parsed VALUES (?, ?)", rows)))

    # runs

    def last_run(self, output: str) -> Run | None:
        """The last run that wrote `output`, None where what was kept of it is spoilt."""
        row = self._do(lambda: self._base.execute("SELECT fingerprint, products, document FROM runs WHERE output = ?", (output,)).fetchone())
        try:
            return None if row is None else Run(row[0], dict(json.loads(row[1])), dict(msgspec.json.decode(zlib.decompress(row[2]))))
        except (ValueError, TypeError, zlib.error, msgspec.DecodeError):
            return None

    def finish(self, output: str, run: Run, entries: Iterable[HistoryEntry]) -> None:
        """Commit a finished run and its history at once."""
        from perfxl.model.version import __version__

        now = datetime.now(UTC).isoformat(timespec="seconds")
        document = zlib.compress(msgspec.json.encode(run.document))
        names = [f.name for f in fields(HistoryEntry)]
        rows = [tuple({**{n: getattr(e, n) for n in names}, "perfxl": __version__, "recorded": now}[n] for n in names) for e in entries]

        def write() -> None:
            self._base.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (output, run.fingerprint, json.dumps(dict(run.products)), document))
            _insert(self._base, rows)

        self._do(lambda: self._commit(write))

    def _commit(self, action: Callable[[], object]) -> None:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            action()
            self._base.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._base.execute("ROLLBACK")
            raise

    def history(self, unit: str) -> list[HistoryEntry]:
        """Every submission of a unit by name, code or part of the name, by year and the order of submission."""
        names = [f.name for f in fields(HistoryEntry)]
        order = "ORDER BY year, unit_key, submission_count, filled_on, sha256, scheme"
        for where, value in (("code = ?1 OR name = ?1", unit), ("instr(name, ?1) > 0", unit)):
            query = f"SELECT {', '.join(names)} FROM history WHERE {where} {order}"  # noqa: S608  # fixed words
            rows = self._do(lambda query=query, value=value: self._base.execute(query, (value,)).fetchall())  # type: ignore[misc]  # bound in the loop
            if rows:
                return [entry for row in rows if (entry := _entry(dict(zip(names, row, strict=True)))) is not None]
        return []


_CHECK = 8
"""Bytes of the checksum before what is kept of a file."""


def _check(sha256: str, packed: bytes) -> bytes:
    return hashlib.sha256(sha256.encode() + packed).digest()[:_CHECK]


def _connected(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=30, isolation_level=None)
    base.text_factory = lambda text: text.decode("utf-8", "replace")
    base.execute("PRAGMA synchronous = NORMAL")
    return base


def _create(base: sqlite3.Connection) -> None:
    """The tables of a new ledger, unless another run has just made them."""
    base.execute("BEGIN IMMEDIATE")
    if not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        _make_tables(base)
        base.execute(f"PRAGMA application_id = {APPLICATION}")
    base.execute("COMMIT")


def _make_tables(base: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        base.execute(statement)
    base.execute(f"PRAGMA user_version = {SCHEMA}")
    base.executemany("INSERT INTO meta VALUES (?, ?)", (("parser", code_fingerprint()), ("schema", str(SCHEMA))))


def _refill(base: sqlite3.Connection, old: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Put the rows of an older or a damaged ledger into this one, column by name; what does not fit is left out."""
    known = [f.name for f in fields(HistoryEntry)]
    blank: dict[str, Any] = dict.fromkeys(known, "") | dict.fromkeys(("year", *_SCORES)) | {"submission_count": 1}
    base.execute("SAVEPOINT refill")
    for row in old.get("history", ()):
        with suppress(sqlite3.Error):
            _insert(base, [tuple({**blank, **{n: v for n, v in row.items() if n in known}}[n] for n in known)])
    base.execute("RELEASE refill")


def _insert(base: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(fields(HistoryEntry)))
    base.executemany(f"INSERT OR REPLACE INTO history VALUES ({marks})", rows)  # noqa: S608  # only question marks


def _entry(row: dict[str, Any]) -> HistoryEntry | None:
    """A row of the history, None where a flipped bit has made a number a text."""
    try:
        return msgspec.convert(row, HistoryEntry, strict=False)
    except msgspec.ValidationError:
        return None


_SCORES = ("total", "low", "high", "grade", "provisional", "errors")
