"""The ledger: what was read, by content, so that nothing is read twice; and who sent what, scored how, over the years.

One SQLite file. The parse cache is disposable: another perfxl's is thrown away with a word. Everything else is kept.

The schema is versioned by `PRAGMA user_version`; `application_id` says that the file is ours. Version 3:

- `meta` name, value: `parser`, the fingerprint of the perfxl whose cache this is; `schema`, the version once more.
- `parsed` sha256, packed: a file as it was read, behind a checksum (cache). `runs` output, fingerprint, products, document: the last run (cache).
- `history` one row per submission (sha256, part) and scheme: whose it is (`unit` as found, `unit_name`; `code`, `name` as
  typed), for what, its fate and score in the last run that saw it, and when that was (`recorded`); `final_…` is 最终得分.
- `results` the same of every run: `run` (its time), totals, money in 万元, `levels` (JSON: first level to weight and score).
- `rounds` one row per run: its output, 预算年度, day, `--missing`. `members` the units of the roster it was given (`unit` as in
  `results`), of the last run of each output and year.
- `details` the indicator rows of a submission under a scheme, packed (MessagePack, zlib): `DETAIL_COLUMNS` in order;
  `made` is a fingerprint of the program and the scheme that scored them.
- `reviews` what stands of 人工复核 on which row, `review_log` every change of it (see `reviews.record`).
- `rulings` the office's decisions, by sha256, part and reason. `remarks` what it typed into 退回修改清单, by item, cell and code.

Version 2 had no `rounds`, no `members`, no reviews and no points of execution.
Version 1 (perfxl 0.1.0) had `meta`, `parsed`, `runs` and a `history` keyed by unit, file and scheme; its history is taken over.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import zlib
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from perfxl.consolidation.joining import join
from perfxl.consolidation.salvage import APPLICATION, ASIDE, BROKEN, Damaged, check_header, is_blank, is_damage, is_ledger, salvaged, set_aside
from perfxl.model import PerfxlError
from perfxl.output import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from perfxl.consolidation.decisions import Ruling
    from perfxl.consolidation.joining import Joined
    from perfxl.consolidation.remarks import Remark
    from perfxl.consolidation.reviews.record import Change, Review

SCHEMA = 3
CACHE = frozenset({"meta", "parsed", "runs"})
"""The tables that can be had again."""

T = TypeVar("T")

__all__ = ["APPLICATION", "ASIDE", "CACHE", "SCHEMA", "HistoryEntry", "KeptColumn", "Ledger", "Run", "code_fingerprint", "is_ledger", "kept_tables"]

_WHOLE = frozenset({"nth", "of", "line", "number"})
"""Columns of the reviews that are whole numbers; the others are texts."""


def _made_of(table: str, names: Sequence[str], key: str) -> str:
    columns = ", ".join(f'"{name}" {"INTEGER" if name in _WHOLE else "TEXT"} NOT NULL' for name in names)
    return f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"


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
  final_total REAL, final_grade TEXT,
  perfxl TEXT NOT NULL, recorded TEXT NOT NULL,
  PRIMARY KEY (sha256, part, scheme)
) WITHOUT ROWID;
CREATE INDEX history_names ON history (name);
CREATE INDEX history_codes ON history (code);
CREATE INDEX history_units ON history (unit);
CREATE TABLE results (
  run TEXT NOT NULL, sha256 TEXT NOT NULL, part TEXT NOT NULL, scheme TEXT NOT NULL, unit TEXT NOT NULL, unit_name TEXT NOT NULL,
  unit_key TEXT NOT NULL, year INTEGER, evaluation TEXT NOT NULL, project TEXT NOT NULL, fate TEXT NOT NULL,
  total REAL, low REAL, high REAL, grade TEXT, provisional INTEGER, final_total REAL, final_grade TEXT, final_provisional INTEGER,
  rank REAL, counted INTEGER, initial REAL, full_year REAL, executed REAL, execution_weight REAL, execution_score REAL,
  levels TEXT NOT NULL,
  PRIMARY KEY (run, sha256, part, scheme)
) WITHOUT ROWID;
CREATE TABLE rounds (run TEXT PRIMARY KEY, output TEXT NOT NULL, year INTEGER, day TEXT NOT NULL, missing TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE members (
  run TEXT NOT NULL, unit TEXT NOT NULL, name TEXT NOT NULL, code TEXT NOT NULL, authority TEXT NOT NULL,
  former TEXT NOT NULL, short TEXT NOT NULL, merged TEXT NOT NULL, PRIMARY KEY (run, unit)
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
_REVIEWS = (
    "item", "identity", "nth", "of", "content", "unit_name", "project", "level1", "level2", "level3", "operator", "target_text", "unit",
    "weight", "actual", "review_actual", "review_score", "reason", "clause", "evidence", "by", "day", "answer", "conflict", "book", "file",
    "line", "columns",
)  # fmt: skip
_REVIEW_LOG = (
    "number", "item", "identity", "nth", "said", "day", "sha256", "unit_name", "project", "level3", "before", "after", "reason", "by", "state",
)  # fmt: skip
_TABLES = f"{_CACHE};{_KEPT};{_made_of('reviews', _REVIEWS, 'item, identity, nth')};{_made_of('review_log', _REVIEW_LOG, 'number')}"


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
    final_total: float | None = None
    """With reviews in the place of computed points; without any the same as `total`."""
    final_grade: str | None = None
    final_provisional: bool | None = None
    rank: float | None = None
    counted: bool | None = None
    initial: float | None = None
    full_year: float | None = None
    executed: float | None = None
    execution_weight: float | None = None
    execution_score: float | None = None
    levels: dict[str, Any] = field(default_factory=dict)
    perfxl: str = ""
    recorded: str = ""

    @property
    def former_name(self) -> str:
        """The name it came under, where its unit has another one now."""
        return self.name if self.unit_name and self.name and self.name != self.unit_name else ""


_HISTORY = (
    "sha256", "part", "scheme", "scheme_title", "unit", "unit_name", "unit_key", "code", "name", "year", "evaluation", "project", "source",
    "fate", "submission_count", "filled_on", "total", "low", "high", "grade", "provisional", "errors", "final_total", "final_grade", "perfxl",
    "recorded",
)  # fmt: skip
_RESULTS = (
    "sha256", "part", "scheme", "unit", "unit_name", "unit_key", "year", "evaluation", "project", "fate", "total", "low", "high", "grade",
    "provisional", "final_total", "final_grade", "final_provisional", "rank", "counted", "initial", "full_year", "executed",
    "execution_weight", "execution_score",
)  # fmt: skip
_SCORES = ("scheme", "scheme_title", "total", "low", "high", "grade", "provisional", "errors", "final_total", "final_grade")
_DETAILS = ("sha256", "part", "scheme", "made", "packed")
_RULINGS = ("sha256", "part", "reason", "word", "unit", "year", "evaluation", "project", "by", "day", "note", "file", "name", "code")
_ROUNDS = ("run", "output", "year", "day", "missing")
_MEMBERS = ("run", "unit", "name", "code", "authority", "former", "short", "merged")
_REMARKS = ("key", "number", "sheet", "cell", "level3", "value", "problem", "unit", "evaluation", "project", "reply", "result")


_OTHERS = {
    "results": ("run", *_RESULTS, "levels"),
    "rounds": _ROUNDS,
    "members": _MEMBERS,
    "details": _DETAILS,
    "rulings": _RULINGS,
    "remarks": _REMARKS,
    "reviews": _REVIEWS,
    "review_log": _REVIEW_LOG,
}
"""The tables that are kept beside the history, with their columns."""


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column of a table that is kept: name, kind (TEXT, INTEGER, REAL, BLOB), never NULL, place in the key (0: none)."""

    name: str
    kind: str
    filled: bool
    key: int


@dataclass(frozen=True, slots=True)
class Run:
    """The last run that wrote an output: what went in, what came out, and the document it printed."""

    fingerprint: str
    products: Mapping[str, str] = field(default_factory=dict)
    """Path to SHA-256 of every file written."""
    document: Mapping[str, Any] = field(default_factory=dict)
    day: str = ""
    """The day it says it was run on."""


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
            self._base = _in_memory(saved.rows)
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
        """The tables of this schema, with those columns of an older ledger's rows that still have their name."""
        tables = [row[0] for row in self._base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        old: dict[str, list[dict[str, Any]]] = {}
        for table in tables:
            if table not in CACHE:
                rows = self._base.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # names of our own tables
                names = [column[0] for column in rows.description]
                old[table] = [dict(zip(names, row, strict=True)) for row in rows]
        self.rebuilt = True
        if self._history_only:
            self._base.close()
            self._base = _in_memory(old)
            self._base.execute("BEGIN")
            return
        for table in tables:
            self._base.execute(f'DROP TABLE "{table}"')
        _make_tables(self._base)
        _refill(self._base, old)

    def _fetched(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._do(lambda: self._base.execute(query, values).fetchall())

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

    def finish(self, output: str, run: Run, entries: Iterable[HistoryEntry], year: int = 0, members: Iterable[Mapping[str, str]] = ()) -> None:
        """Commit a finished run of `year`, its history and the units of its roster at once."""
        from perfxl.model.version import __version__

        entries = list(entries)
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        document = zlib.compress(msgspec.json.encode(run.document))
        results = [(now, *(getattr(e, name) for name in _RESULTS), json.dumps(dict(e.levels), ensure_ascii=False)) for e in entries]
        rows = [{name: getattr(e, name) for name in _HISTORY} | {"perfxl": __version__, "recorded": f"{now[:19]}{now[26:]}"} for e in entries]
        known = [(now, *(member[name] for name in _MEMBERS[1:])) for member in members]
        about = (now, output, year or None, run.day, str(run.document.get("missing", "")))

        def write() -> None:
            self._base.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (output, run.fingerprint, json.dumps(dict(run.products)), document))
            for row in rows:
                _remember(self._base, row)
            _insert(self._base, "results", ("run", *_RESULTS, "levels"), results)
            earlier = "SELECT run FROM rounds WHERE output = ? AND year IS ?"
            self._base.execute(f"DELETE FROM members WHERE run IN ({earlier})", about[1:3])  # noqa: S608  # fixed words
            _insert(self._base, "rounds", _ROUNDS, [about])
            _insert(self._base, "members", _MEMBERS, known)

        self._do(lambda: self._commit(write))

    def _commit(self, action: Callable[[], T]) -> T:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            done = action()
            self._base.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._base.execute("ROLLBACK")
            raise
        return done

    def history(self, unit: str) -> list[HistoryEntry]:
        """Every submission of a unit by name, code or part of the name, also under its former names; by year and order of submission."""
        order = "ORDER BY year, unit_key, submission_count, filled_on, sha256, scheme"
        names = ", ".join(_HISTORY)
        for where in ("code = ?1 OR name = ?1 OR unit = ?1 OR unit_name = ?1", "instr(name, ?1) > 0 OR instr(unit_name, ?1) > 0"):
            query = f"SELECT {names} FROM history WHERE unit IN (SELECT DISTINCT unit FROM history WHERE {where}) {order}"  # noqa: S608  # fixed words
            rows = self._fetched(query, (unit,))
            if rows:
                return _whole((dict(zip(_HISTORY, row, strict=True)) for row in rows), HistoryEntry)
        return []

    def returned(self) -> frozenset[str]:
        """The SHA-256 of every file that an earlier run took and sent back: scored, with something that must be corrected."""
        return frozenset(row[0] for row in self._fetched("SELECT sha256 FROM history WHERE errors > 0"))

    # indicators

    def without_details(self, wanted: Iterable[tuple[str, str, str, str]]) -> set[tuple[str, str, str, str]]:
        """Those of (sha256, part, scheme, what made them) whose indicators are not kept yet."""
        return set(wanted) - set(self._fetched("SELECT sha256, part, scheme, made FROM details"))

    def keep_details(self, packed: Iterable[tuple[str, str, str, str, bytes]]) -> None:
        """Commit the indicators of submissions."""
        rows = list(packed)
        self._do(lambda: self._commit(lambda: _insert(self._base, "details", _DETAILS, rows)))

    def details(self, sha256: str, part: str, scheme: str) -> list[dict[str, Any]]:
        """The indicator rows of a submission as they were scored; [] where none are kept, or what was kept is spoilt."""
        from perfxl.consolidation.kept import unpacked_rows

        rows = self._fetched("SELECT packed FROM details WHERE sha256 = ? AND part = ? AND scheme = ?", (sha256, part, scheme))
        try:
            return unpacked_rows(rows[0][0]) if rows else []
        except (ValueError, TypeError, zlib.error, msgspec.DecodeError):
            return []

    def results(self, run: str = "") -> list[dict[str, Any]]:
        """What every run gave (or one), oldest first: `run`, the columns of the table, `levels` read; without rows that are spoilt.

        `typed_code`, `typed_name` and `source` are those of the submission, "" where its history does not tell.
        """
        names = ("run", *_RESULTS, "levels")
        typed = {"typed_code": "h.code", "typed_name": "h.name", "source": "h.source"}
        own = ", ".join(f"r.{name}" for name in names)
        query = f"SELECT {own}, {', '.join(typed.values())} FROM results r LEFT JOIN history h USING (sha256, part, scheme)"  # noqa: S608  # fixed words
        order = "ORDER BY r.run, r.unit_key, r.sha256, r.part, r.scheme"
        found = []
        for row in self._fetched(f"{query} {'WHERE r.run = ?' if run else ''} {order}", (run,) if run else ()):
            with suppress(ValueError, TypeError):
                read = dict(zip((*names, *typed), row, strict=True))
                found.append({**read, "levels": json.loads(read["levels"]), **{name: read[name] or "" for name in typed}})
        return found

    def rounds(self) -> list[dict[str, Any]]:
        """Every run, oldest first, with its output, year, day and how many submissions it accepted.

        The year of a run of an older perfxl is that of most of its submissions, the later of two.
        """
        about = {row["run"]: row for row in self._rows("rounds", _ROUNDS)}
        accepted = dict.fromkeys(about, 0) | dict(self._fetched("SELECT run, sum(fate = 'accepted') FROM results GROUP BY run"))
        years: dict[str, Counter[int]] = {}
        for run, key in self._fetched("SELECT run, unit_key FROM results WHERE counted AND run NOT IN (SELECT run FROM rounds)"):
            year = str(key).split("|", 2)[1:2]
            if year and year[0].isdecimal():
                years.setdefault(run, Counter())[int(year[0])] += 1
        return [
            {
                "run": run,
                "output": (known := about.get(run, {})).get("output", ""),
                "year": known.get("year") or max(years.get(run, {0: 0}).items(), key=lambda found: (found[1], found[0]))[0],
                "day": known.get("day") or run[:10],
                "missing": known.get("missing", ""),
                "accepted": accepted[run],
            }
            for run in sorted(accepted)
        ]

    def members(self, run: str) -> list[dict[str, str]]:
        """The units of the roster of a run; [] where it had none, or a later run has replaced them."""
        return [row for row in self._rows("members", _MEMBERS) if row["run"] == run]

    def scheme_titles(self) -> dict[str, str]:
        """Schemes to their titles, as they were last used."""
        return dict(self._fetched("SELECT scheme, scheme_title FROM history WHERE scheme <> '' GROUP BY scheme, scheme_title ORDER BY max(recorded)"))

    def holds_parsed(self) -> bool:
        """Whether what is kept of files was read by this perfxl."""
        return dict(self._fetched("SELECT name, value FROM meta")).get("parser") == code_fingerprint()

    # what the office says

    def rulings(self) -> list[Ruling]:
        """The office's decisions."""
        from perfxl.consolidation.decisions import Ruling

        return _whole(self._rows("rulings", _RULINGS), Ruling)

    def remarks(self) -> list[Remark]:
        """What was typed into 退回修改清单."""
        from perfxl.consolidation.remarks import Remark

        return _whole(self._rows("remarks", _REMARKS), Remark)

    def reviews(self) -> list[Review]:
        """What the bureau made of rows, withdrawn ones too."""
        from perfxl.consolidation.reviews.record import Review

        return _whole(self._rows("reviews", _REVIEWS), Review)

    def review_log(self) -> list[Change]:
        """Every change of a review, in order."""
        from perfxl.consolidation.reviews.record import Change

        return _whole(self._rows("review_log", _REVIEW_LOG), Change)

    def _rows(self, table: str, names: Sequence[str]) -> list[dict[str, Any]]:
        quoted = ", ".join(f'"{name}"' for name in names)
        rows = self._fetched(f"SELECT {quoted} FROM {table} ORDER BY {quoted}")  # noqa: S608  # fixed words
        return [dict(zip(names, row, strict=True)) for row in rows]

    def keep_said(self, rulings: Iterable[Ruling], remarks: Iterable[Remark]) -> None:
        """Commit what the office decided and typed, as it holds after this run."""
        self._replace(("rulings", _RULINGS, rulings), ("remarks", _REMARKS, remarks))

    def keep_reviews(self, reviews: Iterable[Review], log: Iterable[Change]) -> None:
        """Commit what the bureau made of rows, as it holds after this run, with every change so far."""
        self._replace(("reviews", _REVIEWS, reviews), ("review_log", _REVIEW_LOG, log))

    def _replace(self, *said: tuple[str, Sequence[str], Iterable[object]]) -> None:
        tables = [(table, names, [[getattr(row, name) for name in names] for row in rows]) for table, names, rows in said]

        def write() -> None:
            for table, names, rows in tables:
                self._base.execute(f"DELETE FROM {table}")  # noqa: S608  # fixed words
                _insert(self._base, table, names, rows)

        self._do(lambda: self._commit(write))

    def said(self) -> str:
        """A fingerprint of what the office decided, typed and reviewed: a run depends on it."""
        tables = ("rulings", _RULINGS), ("remarks", _REMARKS), ("reviews", _REVIEWS), ("review_log", _REVIEW_LOG)
        return hashlib.sha256(repr([self._rows(*table) for table in tables]).encode("utf-8", "surrogatepass")).hexdigest()

    # out and in

    def kept_rows(self, table: str, columns: Sequence[KeptColumn]) -> list[tuple[Any, ...]]:
        """All rows of such a table in the order of its key."""
        names = ", ".join(f'"{column.name}"' for column in columns)
        key = ", ".join(f'"{column.name}"' for column in sorted(columns, key=lambda column: column.key) if column.key)
        return self._fetched(f'SELECT {names} FROM "{table}" ORDER BY {key}')  # noqa: S608  # names of our own tables

    def join(self, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Joined]:
        """Commit rows of another ledger at once; see `joining`."""
        kept = kept_tables()

        def write() -> dict[str, Joined]:
            done = {}
            for table, rows in tables.items():
                key = [column.name for column in sorted(kept[table], key=lambda column: column.key) if column.key]
                names = [column.name for column in kept[table]]

                def insert(row: Mapping[str, Any], table: str = table, names: list[str] = names) -> None:
                    if table == "history":
                        _remember_again(self._base, row)
                    else:
                        _insert(self._base, table, names, [[row[name] for name in names]])

                done[table] = join(self._base, table, key, rows, insert)
            return done

        return self._do(lambda: self._commit(write))


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


def _in_memory(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> sqlite3.Connection:
    """A ledger that is no file, of rows of an older or a damaged one."""
    base = sqlite3.connect(":memory:", isolation_level=None)
    _create(base)
    _refill(base, rows)
    return base


@lru_cache(maxsize=1)
def kept_tables() -> Mapping[str, Sequence[KeptColumn]]:
    """Every table that cannot be had again, with its columns, as it is declared."""
    with closing(_in_memory({})) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
        return {
            table: [KeptColumn(name, kind, bool(filled), key) for _, name, kind, filled, _, key in base.execute(f'PRAGMA table_info("{table}")')]
            for table in tables
            if table not in CACHE
        }


def _refill(base: sqlite3.Connection, old: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Put the rows of an older or a damaged ledger into this one, column by name; what does not fit is left out."""
    base.execute("SAVEPOINT refill")
    # A file was once kept under each fate it had; the one with a score says most.
    for row in sorted(old.get("history", ()), key=lambda r: (r.get("total") is not None, str(r.get("recorded") or ""))):
        kept = _in_columns(_HISTORY, row) | {"submission_count": row.get("submission_count") or 1}
        head = str(kept["unit_key"]).partition("|")[0]
        with suppress(sqlite3.Error):
            _remember(base, {**kept, "unit": kept["unit"] or head, "unit_name": kept["unit_name"] or kept["name"]})
    for table, names in _OTHERS.items():
        for row in old.get(table, ()):
            with suppress(sqlite3.Error):
                _insert(base, table, names, [list(_in_columns(names, row).values())])
    base.execute("RELEASE refill")


_NUMBERS = frozenset(
    {"year", "total", "low", "high", "grade", "provisional", "errors", "final_total", "final_grade", "rank", "counted"}
    | {"final_provisional"}
    | {"initial", "full_year", "executed", "execution_weight", "execution_score", "packed"}
)
"""Columns in which NULL says that there is none; the others are texts."""


def _in_columns(names: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] if row.get(name) is not None else None if name in _NUMBERS else "" for name in names}


def _remember(base: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """A submission as the last run saw it: once, and under each scheme that scored it. What does not count now keeps its score."""
    same = (row["sha256"], row["part"])
    if row["scheme"]:
        base.execute("DELETE FROM history WHERE sha256 = ? AND part = ? AND scheme = ''", same)
    else:
        kept = [name for name in _HISTORY if name not in _SCORES]
        changes = ", ".join(f"{name} = ?" for name in kept)
        values = [row[name] for name in kept]
        changed = base.execute(f"UPDATE history SET {changes} WHERE sha256 = ? AND part = ?", (*values, *same))  # noqa: S608  # fixed words
        if changed.rowcount:
            return
    _insert(base, "history", _HISTORY, [[row[name] for name in _HISTORY]])


def _remember_again(base: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """A submission as another ledger remembers it, and what this one has seen of it since."""
    query = f"SELECT {', '.join(_HISTORY)} FROM history WHERE sha256 = ? AND part = ? AND scheme <> ? AND recorded >= ?"  # noqa: S608  # fixed words
    since = base.execute(query, [row[name] for name in ("sha256", "part", "scheme", "recorded")]).fetchall()
    _remember(base, row)
    for later in sorted((dict(zip(_HISTORY, values, strict=True)) for values in since), key=lambda later: str(later["recorded"])):
        _remember(base, later)


def _insert(base: sqlite3.Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    quoted, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    base.executemany(f"INSERT OR REPLACE INTO {table} ({quoted}) VALUES ({marks})", rows)  # noqa: S608  # fixed words


def _whole(rows: Iterable[Mapping[str, Any]], kind: type[T]) -> list[T]:
    """Rows as they are meant, without those in which a flipped bit has made a text a number or the other way round."""
    found = []
    for row in rows:
        with suppress(msgspec.ValidationError):
            found.append(msgspec.convert(row, kind, strict=False))
    return found
