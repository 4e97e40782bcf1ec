"""The tables of a ledger: what each holds, how they are made, and how those of an older or a damaged ledger are taken over.

The schema is versioned by `PRAGMA user_version`; `application_id` says that the file is ours. Version 3:

- `meta` name, value: `parser`, the fingerprint of the perfxl whose cache this is; `schema`, the version once more; `said`, a
  digest of what the office said (`SAID`), and `seen`, one of the runs so far (`SEEN`), by which a flipped bit in them is known.
- `parsed` sha256, packed: behind a checksum a file as it was read, and what was made of files: `scored …` (`memory`) and `rows …`
  (the long sheets), as much of it as two runs use (cache). `runs` output, fingerprint, products, document: the last run (cache).
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
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from perfxl.consolidation.salvage import APPLICATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SCHEMA = 3
CACHE = frozenset({"meta", "parsed", "runs"})
"""The tables that can be had again."""


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
REVIEWS = (
    "item", "identity", "nth", "of", "content", "unit_name", "project", "level1", "level2", "level3", "operator", "target_text", "unit",
    "weight", "actual", "review_actual", "review_score", "reason", "clause", "evidence", "by", "day", "answer", "conflict", "book", "file",
    "line", "columns",
)  # fmt: skip
REVIEW_LOG = (
    "number", "item", "identity", "nth", "said", "day", "sha256", "unit_name", "project", "level3", "before", "after", "reason", "by", "state",
)  # fmt: skip
_TABLES = f"{_CACHE};{_KEPT};{_made_of('reviews', REVIEWS, 'item, identity, nth')};{_made_of('review_log', REVIEW_LOG, 'number')}"


HISTORY = (
    "sha256", "part", "scheme", "scheme_title", "unit", "unit_name", "unit_key", "code", "name", "year", "evaluation", "project", "source",
    "fate", "submission_count", "filled_on", "total", "low", "high", "grade", "provisional", "errors", "final_total", "final_grade", "perfxl",
    "recorded",
)  # fmt: skip
RESULTS = (
    "sha256", "part", "scheme", "unit", "unit_name", "unit_key", "year", "evaluation", "project", "fate", "total", "low", "high", "grade",
    "provisional", "final_total", "final_grade", "final_provisional", "rank", "counted", "initial", "full_year", "executed",
    "execution_weight", "execution_score",
)  # fmt: skip
_SCORES = ("scheme", "scheme_title", "total", "low", "high", "grade", "provisional", "errors", "final_total", "final_grade")
DETAILS = ("sha256", "part", "scheme", "made", "packed")
RULINGS = ("sha256", "part", "reason", "word", "unit", "year", "evaluation", "project", "by", "day", "note", "file", "name", "code")
ROUNDS = ("run", "output", "year", "day", "missing")
MEMBERS = ("run", "unit", "name", "code", "authority", "former", "short", "merged")
REMARKS = ("key", "number", "sheet", "cell", "level3", "value", "problem", "unit", "evaluation", "project", "reply", "result")


_OTHERS = {
    "results": ("run", *RESULTS, "levels"),
    "rounds": ROUNDS,
    "members": MEMBERS,
    "details": DETAILS,
    "rulings": RULINGS,
    "remarks": REMARKS,
    "reviews": REVIEWS,
    "review_log": REVIEW_LOG,
}
"""The tables that are kept beside the history, with their columns."""
SAID = ("rulings", "remarks", "reviews", "review_log")
"""What the office decided, typed and reviewed."""


def said_digest(base: sqlite3.Connection) -> str:
    """A fingerprint of what the office said: a run depends on it."""
    found = []
    for table in SAID:
        names = ", ".join(f'"{name}"' for name in _OTHERS[table])
        found.append(base.execute(f"SELECT {names} FROM {table} ORDER BY {names}").fetchall())  # noqa: S608  # fixed words
    return hashlib.sha256(repr(found).encode("utf-8", "surrogatepass")).hexdigest()


SEEN: Mapping[str, Sequence[str]] = {"history": HISTORY, "results": _OTHERS["results"], "rounds": ROUNDS, "members": MEMBERS}
"""What the runs so far have seen, with its columns, those of the key first."""


def seen_digest(base: sqlite3.Connection) -> str:
    """A fingerprint of what the runs so far have seen, row by row: it may be much."""
    found = hashlib.sha256()
    for table, names in SEEN.items():
        rows = base.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(names[:4])}")  # noqa: S608  # fixed words
        while some := rows.fetchmany(1000):
            found.update(msgspec.msgpack.encode(some))
    return found.hexdigest()


def seal_said(base: sqlite3.Connection) -> None:
    """Note what the office said as it stands now."""
    base.execute("INSERT OR REPLACE INTO meta VALUES ('said', ?)", (said_digest(base),))


def seal_seen(base: sqlite3.Connection) -> None:
    """Note what the runs have seen as it stands now."""
    base.execute("INSERT OR REPLACE INTO meta VALUES ('seen', ?)", (seen_digest(base),))


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column of a table that is kept: name, kind (TEXT, INTEGER, REAL, BLOB), never NULL, place in the key (0: none)."""

    name: str
    kind: str
    filled: bool
    key: int


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """SHA-256 over the source of this perfxl: what another one read or scored may differ."""
    from perfxl.model.version import __version__

    digest = hashlib.sha256(__version__.encode())
    root = Path(__file__).parent.parent
    for path in sorted((*root.rglob("*.py"), *root.rglob("*.toml"), *root.rglob("*.json"))):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def create(base: sqlite3.Connection) -> None:
    """The tables of a new ledger, unless another run has just made them."""
    base.execute("BEGIN IMMEDIATE")
    if not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        make_tables(base)
        base.execute(f"PRAGMA application_id = {APPLICATION}")
    base.execute("COMMIT")


def make_tables(base: sqlite3.Connection) -> None:
    """All tables, empty."""
    for statement in _TABLES.split(";"):
        base.execute(statement)
    base.execute(f"PRAGMA user_version = {SCHEMA}")
    base.executemany("INSERT INTO meta VALUES (?, ?)", (("parser", code_fingerprint()), ("schema", str(SCHEMA))))


def in_memory(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> sqlite3.Connection:
    """A ledger that is no file, of rows of an older or a damaged one."""
    base = sqlite3.connect(":memory:", isolation_level=None)
    create(base)
    refill(base, rows)
    return base


@lru_cache(maxsize=1)
def kept_tables() -> Mapping[str, Sequence[KeptColumn]]:
    """Every table that cannot be had again, with its columns, as it is declared."""
    with closing(in_memory({})) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
        return {
            table: [KeptColumn(name, kind, bool(filled), key) for _, name, kind, filled, _, key in base.execute(f'PRAGMA table_info("{table}")')]
            for table in tables
            if table not in CACHE
        }


def refill(base: sqlite3.Connection, old: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Put the rows of an older or a damaged ledger into this one, column by name; what does not fit is left out."""
    base.execute("SAVEPOINT refill")
    # A file was once kept under each fate it had; the one with a score says most.
    for row in sorted(old.get("history", ()), key=lambda r: (r.get("total") is not None, str(r.get("recorded") or ""))):
        kept = _in_columns(HISTORY, row) | {"submission_count": row.get("submission_count") or 1}
        head = str(kept["unit_key"]).partition("|")[0]
        with suppress(sqlite3.Error):
            remember(base, [{**kept, "unit": kept["unit"] or head, "unit_name": kept["unit_name"] or kept["name"]}])
    for table, names in _OTHERS.items():
        for row in old.get(table, ()):
            with suppress(sqlite3.Error):
                put_rows(base, table, names, [list(_in_columns(names, row).values())])
    seal_said(base)
    seal_seen(base)
    base.execute("RELEASE refill")


_NUMBERS = frozenset(
    {"year", "total", "low", "high", "grade", "provisional", "errors", "final_total", "final_grade", "rank", "counted"}
    | {"final_provisional"}
    | {"initial", "full_year", "executed", "execution_weight", "execution_score", "packed"}
)
"""Columns in which NULL says that there is none; the others are texts."""


def _in_columns(names: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] if row.get(name) is not None else None if name in _NUMBERS else "" for name in names}


def remember(base: sqlite3.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Submissions as the last run saw them: once, and under each scheme that scored them. What does not count now keeps its score."""
    kept = [name for name in HISTORY if name not in _SCORES]
    changes = f"UPDATE history SET {', '.join(f'{name} = ?' for name in kept)} WHERE sha256 = ? AND part = ?"  # noqa: S608  # fixed words
    scored, new = [], []
    for row in rows:
        same = (row["sha256"], row["part"])
        if row["scheme"]:
            scored.append(same)
        elif base.execute(changes, (*(row[name] for name in kept), *same)).rowcount:
            continue
        new.append([row[name] for name in HISTORY])
    base.executemany("DELETE FROM history WHERE sha256 = ? AND part = ? AND scheme = ''", scored)
    put_rows(base, "history", HISTORY, new)


def remember_again(base: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """A submission as another ledger remembers it, and what this one has seen of it since."""
    query = f"SELECT {', '.join(HISTORY)} FROM history WHERE sha256 = ? AND part = ? AND scheme <> ? AND recorded >= ?"  # noqa: S608  # fixed words
    since = base.execute(query, [row[name] for name in ("sha256", "part", "scheme", "recorded")]).fetchall()
    remember(base, [row])
    for later in sorted((dict(zip(HISTORY, values, strict=True)) for values in since), key=lambda later: str(later["recorded"])):
        remember(base, [later])


def put_rows(base: sqlite3.Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows in the order of `names`; one of the same key is replaced."""
    quoted, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    base.executemany(f"INSERT OR REPLACE INTO {table} ({quoted}) VALUES ({marks})", rows)  # noqa: S608  # fixed words
