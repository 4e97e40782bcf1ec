"""The ledger: what was read, by content, so that nothing is read twice; and who sent what, scored how, over the years.

One SQLite file. The parse cache is disposable: another perfxl's is thrown away with a word. Everything else is kept.

The schema is versioned by `PRAGMA user_version`; `application_id` says that the file is ours. Version 2:

- `meta` name, value: `parser`, the fingerprint of the perfxl whose cache this is.
- `parsed` sha256, packed: a file as it was read (cache). `runs` output, fingerprint, products, document: the last run (cache).
- `history` one row per submission (sha256, part) and scheme: whose it is (`unit` as found, `unit_name`; `code`, `name` as
  typed), for what, its fate and score in the last run that saw it, and when that was (`recorded`).
- `results` the same of every run: `run` (its time), totals, money in 万元, `levels` (JSON: first level to weight and score).
- `details` the indicator rows of a submission under a scheme, packed (MessagePack, zlib): `DETAIL_COLUMNS` in order;
  `made` is a fingerprint of the program and the scheme that scored them.
- `rulings` the office's decisions, by sha256, part and reason. `remarks` what it typed into 退回修改清单, by item, cell and code.

Version 1 (perfxl 0.1.0) had `meta`, `parsed`, `runs` and a `history` keyed by unit, file and scheme; its history is taken over.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from perfxl.consolidation.decisions import Ruling
    from perfxl.consolidation.remarks import Remark

APPLICATION = 0x70667831
SCHEMA = 2

_CACHE = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE parsed (sha256 TEXT PRIMARY KEY, packed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (output TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, products TEXT NOT NULL, document BLOB NOT NULL)
"""
_KEPT = """
CREATE TABLE history (
  sha256 TEXT NOT NULL, part TEXT NOT NULL, scheme TEXT NOT NULL, scheme_title TEXT NOT NULL,
  unit TEXT NOT NULL, unit_name TEXT NOT NULL, unit_key TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, year INTEGER,
  evaluation TEXT NOT NULL, project TEXT NOT NULL, source TEXT NOT NULL, fate TEXT NOT NULL, submission_count INTEGER NOT NULL,
  filled_on TEXT NOT NULL, total REAL, low REAL, high REAL, grade TEXT, provisional INTEGER, errors INTEGER,
  perfxl TEXT NOT NULL, recorded TEXT NOT NULL,
  PRIMARY KEY (sha256, part, scheme)
) WITHOUT ROWID;
CREATE INDEX history_names ON history (name);
CREATE INDEX history_codes ON history (code);
CREATE INDEX history_units ON history (unit);
CREATE TABLE results (
  run TEXT NOT NULL, sha256 TEXT NOT NULL, part TEXT NOT NULL, scheme TEXT NOT NULL, unit TEXT NOT NULL, unit_name TEXT NOT NULL,
  unit_key TEXT NOT NULL, year INTEGER, evaluation TEXT NOT NULL, project TEXT NOT NULL, fate TEXT NOT NULL,
  total REAL, low REAL, high REAL, grade TEXT, provisional INTEGER, rank REAL, counted INTEGER,
  initial REAL, full_year REAL, executed REAL, levels TEXT NOT NULL,
  PRIMARY KEY (run, sha256, part, scheme)
) WITHOUT ROWID;
CREATE TABLE details (
  sha256 TEXT NOT NULL, part TEXT NOT NULL, scheme TEXT NOT NULL, made TEXT NOT NULL, packed BLOB NOT NULL,
  PRIMARY KEY (sha256, part, scheme)
) WITHOUT ROWID;
CREATE TABLE rulings (
  sha256 TEXT NOT NULL, part TEXT NOT NULL, reason TEXT NOT NULL, word TEXT NOT NULL, unit TEXT NOT NULL, year TEXT NOT NULL,
  evaluation TEXT NOT NULL, project TEXT NOT NULL, "by" TEXT NOT NULL, day TEXT NOT NULL, note TEXT NOT NULL, file TEXT NOT NULL,
  name TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (sha256, part, reason)
) WITHOUT ROWID;
CREATE TABLE remarks (
  key TEXT NOT NULL, number TEXT NOT NULL, sheet TEXT NOT NULL, cell TEXT NOT NULL, level3 TEXT NOT NULL, value TEXT NOT NULL,
  problem TEXT NOT NULL, unit TEXT NOT NULL, evaluation TEXT NOT NULL, project TEXT NOT NULL, reply TEXT NOT NULL, result TEXT NOT NULL,
  PRIMARY KEY (key, number, sheet, cell, level3, problem)
) WITHOUT ROWID
"""
_TABLES = f"{_CACHE};{_KEPT}"


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
    part: str = ""
    unit: str = ""
    unit_name: str = ""
    scheme: str = ""
    scheme_title: str = ""
    total: float | None = None
    low: float | None = None
    high: float | None = None
    grade: str | None = None
    provisional: bool | None = None
    errors: int | None = None
    rank: float | None = None
    counted: bool | None = None
    initial: float | None = None
    full_year: float | None = None
    executed: float | None = None
    levels: Mapping[str, Any] = field(default_factory=dict)
    perfxl: str = ""
    recorded: str = ""

    @property
    def former_name(self) -> str:
        """The name it came under, where its unit has another one now."""
        return self.name if self.unit_name and self.name and self.name != self.unit_name else ""


_HISTORY = (
    "sha256", "part", "scheme", "scheme_title", "unit", "unit_name", "unit_key", "code", "name", "year", "evaluation", "project", "source",
    "fate", "submission_count", "filled_on", "total", "low", "high", "grade", "provisional", "errors", "perfxl", "recorded",
)  # fmt: skip
_RESULTS = (
    "sha256", "part", "scheme", "unit", "unit_name", "unit_key", "year", "evaluation", "project", "fate", "total", "low", "high", "grade",
    "provisional", "rank", "counted", "initial", "full_year", "executed",
)  # fmt: skip
_SCORES = ("scheme", "scheme_title", "total", "low", "high", "grade", "provisional", "errors")
_RULINGS = ("sha256", "part", "reason", "word", "unit", "year", "evaluation", "project", "by", "day", "note", "file", "name", "code")
_REMARKS = ("key", "number", "sheet", "cell", "level3", "value", "problem", "unit", "evaluation", "project", "reply", "result")


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
        numbers = ("year", "total", "low", "high", "grade", "provisional", "errors")
        blank: dict[str, Any] = dict.fromkeys(_HISTORY, "") | dict.fromkeys(numbers) | {"submission_count": 1}
        # A file was once kept under each fate it had; the one with a score says most.
        for row in sorted(old, key=lambda r: (r.get("total") is not None, str(r.get("recorded") or ""))):
            kept = {**blank, **{n: v for n, v in row.items() if n in _HISTORY and v is not None}}
            head = str(kept["unit_key"]).partition("|")[0]
            self._remember({**kept, "unit": kept["unit"] or head, "unit_name": kept["unit_name"] or kept["name"]})
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
        with self._spoken():
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (output, run.fingerprint, json.dumps(dict(run.products)), document))
            marks = ", ".join("?" * (len(_RESULTS) + 2))
            for entry in entries:
                row = {name: getattr(entry, name) for name in _HISTORY} | {"perfxl": __version__, "recorded": now}
                self._remember(row)
                levels = json.dumps(dict(entry.levels), ensure_ascii=False)
                values = (now, *(getattr(entry, name) for name in _RESULTS), levels)
                self._base.execute(f"INSERT OR REPLACE INTO results VALUES ({marks})", values)  # noqa: S608  # only question marks
            self._base.execute("COMMIT")

    def _remember(self, row: Mapping[str, Any]) -> None:
        """A submission as the last run saw it: once, and under each scheme that scored it. What does not count now keeps its score."""
        same = (row["sha256"], row["part"])
        if row["scheme"]:
            self._base.execute("DELETE FROM history WHERE sha256 = ? AND part = ? AND scheme = ''", same)
        else:
            kept = [name for name in _HISTORY if name not in _SCORES]
            changes = ", ".join(f"{name} = ?" for name in kept)
            values = [row[name] for name in kept]
            changed = self._base.execute(f"UPDATE history SET {changes} WHERE sha256 = ? AND part = ?", (*values, *same))  # noqa: S608  # fixed words
            if changed.rowcount:
                return
        marks = ", ".join("?" * len(_HISTORY))
        self._base.execute(f"INSERT OR REPLACE INTO history VALUES ({marks})", [row[name] for name in _HISTORY])  # noqa: S608  # only question marks

    def history(self, unit: str) -> list[HistoryEntry]:
        """Every submission of a unit by name, code or part of the name, also under its former names; by year and order of submission."""
        names = ", ".join(_HISTORY)
        order = "ORDER BY year, unit_key, submission_count, filled_on, sha256, scheme"
        for where in ("code = ?1 OR name = ?1 OR unit = ?1 OR unit_name = ?1", "instr(name, ?1) > 0 OR instr(unit_name, ?1) > 0"):
            with self._spoken():
                found = f"SELECT DISTINCT unit FROM history WHERE {where}"  # noqa: S608  # fixed words
                rows = self._base.execute(f"SELECT {names} FROM history WHERE unit IN ({found}) {order}", (unit,)).fetchall()  # noqa: S608  # as above
            if rows:
                return [HistoryEntry(**dict(zip(_HISTORY, row, strict=True))) for row in rows]
        return []

    def returned(self) -> frozenset[str]:
        """The SHA-256 of every file that an earlier run took and sent back: scored, with something that must be corrected."""
        with self._spoken():
            return frozenset(row[0] for row in self._base.execute("SELECT sha256 FROM history WHERE errors > 0"))

    # indicators

    def without_details(self, wanted: Iterable[tuple[str, str, str, str]]) -> set[tuple[str, str, str, str]]:
        """Those of (sha256, part, scheme, what made them) whose indicators are not kept yet."""
        with self._spoken():
            known = set(self._base.execute("SELECT sha256, part, scheme, made FROM details").fetchall())
        return set(wanted) - known

    def keep_details(self, packed: Iterable[tuple[str, str, str, str, bytes]]) -> None:
        """Commit the indicators of submissions."""
        with self._spoken():
            self._base.execute("BEGIN IMMEDIATE")
            self._base.executemany("INSERT OR REPLACE INTO details VALUES (?, ?, ?, ?, ?)", packed)
            self._base.execute("COMMIT")

    def details(self, sha256: str, part: str, scheme: str) -> list[dict[str, Any]]:
        """The indicator rows of a submission as they were scored; [] where none are kept."""
        from perfxl.consolidation.kept import unpacked_rows

        with self._spoken():
            row = self._base.execute("SELECT packed FROM details WHERE sha256 = ? AND part = ? AND scheme = ?", (sha256, part, scheme)).fetchone()
        return [] if row is None else unpacked_rows(row[0])

    def results(self) -> list[dict[str, Any]]:
        """What every run gave, oldest first: `run`, the columns of the table, `levels` read."""
        names = ("run", *_RESULTS, "levels")
        with self._spoken():
            rows = self._base.execute(f"SELECT {', '.join(names)} FROM results ORDER BY run, unit_key, sha256, part, scheme").fetchall()  # noqa: S608  # fixed words
        return [{**dict(zip(names, row, strict=True)), "levels": json.loads(row[-1])} for row in rows]

    # what the office says

    def rulings(self) -> list[Ruling]:
        """The office's decisions."""
        from perfxl.consolidation.decisions import Ruling

        return [Ruling(**row) for row in self._rows("rulings", _RULINGS)]

    def remarks(self) -> list[Remark]:
        """What was typed into 退回修改清单."""
        from perfxl.consolidation.remarks import Remark

        return [Remark(**row) for row in self._rows("remarks", _REMARKS)]

    def _rows(self, table: str, names: Sequence[str]) -> list[dict[str, Any]]:
        quoted = ", ".join(f'"{name}"' for name in names)
        with self._spoken():
            rows = self._base.execute(f"SELECT {quoted} FROM {table} ORDER BY {quoted}").fetchall()  # noqa: S608  # fixed words
        return [dict(zip(names, row, strict=True)) for row in rows]

    def keep_said(self, rulings: Iterable[Ruling], remarks: Iterable[Remark]) -> None:
        """Commit what the office decided and typed, as it holds after this run."""
        with self._spoken():
            self._base.execute("BEGIN IMMEDIATE")
            for table, names, rows in (("rulings", _RULINGS, rulings), ("remarks", _REMARKS, remarks)):
                marks, quoted = ", ".join("?" * len(names)), ", ".join(f'"{name}"' for name in names)
                self._base.execute(f"DELETE FROM {table}")  # noqa: S608  # fixed words
                self._base.executemany(
                    f"INSERT OR REPLACE INTO {table} ({quoted}) VALUES ({marks})",  # noqa: S608  # as above
                    [[getattr(row, name) for name in names] for row in rows],
                )
            self._base.execute("COMMIT")

    def said(self) -> str:
        """A fingerprint of what the office decided and typed: a run depends on it."""
        return hashlib.sha256(repr((self._rows("rulings", _RULINGS), self._rows("remarks", _REMARKS))).encode("utf-8", "surrogatepass")).hexdigest()
