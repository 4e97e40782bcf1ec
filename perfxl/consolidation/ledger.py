"""The ledger: what was read, by content, so that nothing is read twice; and who sent what, scored how, over the years.

One SQLite file (`ledger_tables`). The parse cache is disposable: another perfxl's is thrown away with a word. Everything else is kept.
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
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from perfxl.consolidation.joining import join
from perfxl.consolidation.ledger_tables import (
    CACHE,
    DETAILS,
    HISTORY,
    MEMBERS,
    REMARKS,
    RESULTS,
    REVIEW_LOG,
    REVIEWS,
    ROUNDS,
    RULINGS,
    SCHEMA,
    KeptColumn,
    code_fingerprint,
    create,
    in_memory,
    kept_tables,
    make_tables,
    put_rows,
    refill,
    remember,
    remember_again,
    said_digest,
    seal_said,
    seal_seen,
    seen_digest,
)
from perfxl.consolidation.renamed import one_and_the_same
from perfxl.consolidation.salvage import APPLICATION, ASIDE, BROKEN, Damaged, check_header, is_blank, is_damage, is_ledger, salvaged, set_aside
from perfxl.model import PerfxlError
from perfxl.model.system import reason_of
from perfxl.output import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from perfxl.consolidation.decisions import Ruling
    from perfxl.consolidation.joining import Joined
    from perfxl.consolidation.remarks import Remark
    from perfxl.consolidation.reviews.record import Change, Review

T = TypeVar("T")

__all__ = ["APPLICATION", "ASIDE", "CACHE", "SCHEMA", "HistoryEntry", "KeptColumn", "Ledger", "Run", "code_fingerprint", "is_ledger", "kept_tables"]


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


@dataclass(frozen=True, slots=True)
class Run:
    """The last run that wrote an output: what went in, what came out, and the document it printed."""

    fingerprint: str
    products: Mapping[str, str] = field(default_factory=dict)
    """Path to SHA-256 of every file written."""
    document: bytes = b""
    """What it printed (`document.packed_document`)."""
    day: str = ""
    """The day it says it was run on."""
    missing: str = ""
    """How what was not reported was closed."""


def unpacked_document(packed: bytes) -> dict[str, Any]:
    """A packed document again; here, so that a run in which nothing changed needs no frames."""
    return dict(msgspec.json.decode(zlib.decompress(packed)))


class Ledger:
    """An open ledger; a context manager. `rebuilt` says that all must be read again, `mended` that it was damaged, `notes` what became of it.

    Damage means do it again: a ledger that does not hold together is set aside, what cannot be had again is taken out of
    it, and the run goes on with a new one. `history_only` changes no file: what is damaged is read as far as it goes, and
    the cache of another perfxl is left alone. What the machine refuses (a full disk) is a `PerfxlError`.
    """

    def __init__(self, path: Path, *, history_only: bool = False) -> None:
        self.path = path
        self.rebuilt = False
        self.notes: list[str] = []
        self._history_only = history_only
        self._used: set[str] = set()
        self._mode = 0o600
        self._which: tuple[int, int] | None = None
        self.mended = self._made = False
        self._doubted = ""
        self._do(lambda: None if self.mended else self._open())

    def _open(self) -> None:
        """Connect, and see that all is well; a new ledger is for its owner's eyes: it holds phone numbers."""
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, self._mode))
            self._made = True
        try:
            self._connect()
        except BaseException:
            with suppress(AttributeError, sqlite3.Error):
                self._base.close()
            with suppress(OSError):
                if self._made and not self.path.stat().st_size:  # what could not be begun is not left behind
                    self.path.unlink()
            raise

    def _connect(self) -> None:
        found = self.path.stat()
        self._mode, self._which = stat.S_IMODE(found.st_mode), (found.st_dev, found.st_ino)
        if found.st_size and is_blank(self.path):
            raise Damaged("blank")
        if found.st_size and not is_ledger(self.path):
            raise PerfxlError(f"“{self.path}”不是 perfxl 的台账。请移走它，或用 --ledger 指定别的文件。")
        if found.st_size:
            check_header(self.path)
        self._base = _connected(self.path)
        if found.st_size:
            self._check()
        else:
            create(self._base)

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
        said = reason_of(error) if isinstance(error, OSError) else error
        return PerfxlError(f"台账“{self.path}”读写不了（{said}）。请检查磁盘空间和文件夹是否可写，或加 --no-ledger。")

    def _mend(self) -> None:
        """Go on with a new ledger that holds what could be taken out of the damaged one."""
        with suppress(AttributeError, sqlite3.Error):
            self._base.close()
        self.mended = True
        found = self.path.stat()
        if not self._history_only and (found.st_dev, found.st_ino) != self._which:
            self._open()  # another run has mended it
            return
        saved = salvaged(self.path, CACHE, create)
        said = f"取回{saved.count}条记录{'' if saved.whole else '，其余读不出'}"
        said += f"；{self._doubted}里有一处与写入时不同，请核对" if self._doubted else ""
        if self._history_only:
            self._base = in_memory(saved.rows)
            self.notes.append(f"台账“{self.path}”有损坏：{said}。")
            return
        with whole_file(self.path, self._keep_damaged) as target:
            Path(target.name).chmod(self._mode)
            with closing(sqlite3.connect(target.name, isolation_level=None)) as base:
                base.execute("PRAGMA journal_mode = MEMORY")
                create(base)
                refill(base, saved.rows)
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
        for name, digest, what in (("said", said_digest, "裁定、办理结果或复核"), ("seen", seen_digest, "历次汇总的记录")):
            if name in known and known[name] != digest(self._base):
                self._doubted = what
                raise Damaged(name)
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
            self._base = in_memory(old)
            self._base.execute("BEGIN")
            return
        for table in tables:
            self._base.execute(f'DROP TABLE "{table}"')
        make_tables(self._base)
        refill(self._base, old)

    def _fetched(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._do(lambda: self._base.execute(query, values).fetchall())

    # what was read

    @property
    def place(self) -> str:
        """Which file of which disk this is: what goes into a workbook as it lies in a ledger must be of this very file, not one sent by others."""
        return str(self._which)

    def names(self) -> frozenset[str]:
        """The names under which something is kept."""
        return frozenset(name for (name,) in self._fetched("SELECT sha256 FROM parsed"))

    def known(self, sha256: str) -> bytes | None:
        """What was kept under this name, None if there is nothing, or it is spoilt."""
        self._use(sha256)
        row = self._do(lambda: self._base.execute("SELECT packed FROM parsed WHERE sha256 = ?", (sha256,)).fetchone())
        kept = b"" if row is None or not isinstance(row[0], bytes) else row[0]
        return kept[_CHECK:] if kept and kept[:_CHECK] == _check(sha256, kept[_CHECK:]) else None

    def keep(self, packed: Mapping[str, bytes]) -> None:
        """Commit what was read or made, by the SHA-256 of the file or another name, each with a checksum of its own."""
        for name in packed:
            self._use(name)
        if packed:
            rows = [(sha256, _check(sha256, data) + data) for sha256, data in packed.items()]
            self._do(lambda: self._commit(lambda: self._base.executemany("INSERT OR REPLACE INTO parsed VALUES (?, ?)", rows)))

    def _use(self, name: str) -> None:
        """Note that this run uses what is kept under a name, if it is of what may be forgotten."""
        if " " in name:
            self._used.add(name)

    # runs

    def last_run(self, output: str) -> Run | None:
        """The last run that wrote `output`, None where what was kept of it is spoilt."""
        row = self._do(lambda: self._base.execute("SELECT fingerprint, products, document FROM runs WHERE output = ?", (output,)).fetchone())
        try:
            return None if row is None else Run(row[0], dict(json.loads(row[1])), bytes(row[2]))
        except (ValueError, TypeError):
            return None

    def finish(self, output: str, run: Run, entries: Iterable[HistoryEntry], year: int = 0, members: Iterable[Mapping[str, str]] = ()) -> None:
        """Commit a finished run of `year`, its history and the units of its roster at once; damage has `entries` gone through again."""
        from perfxl.model.version import __version__

        now = datetime.now(UTC).isoformat(timespec="microseconds")
        written = {"perfxl": __version__, "recorded": f"{now[:19]}{now[26:]}"}
        known = [(now, *(member[name] for name in MEMBERS[1:])) for member in members]
        about = (now, output, year or None, run.day, run.missing)

        def results(entry: HistoryEntry) -> tuple[object, ...]:
            return now, *(getattr(entry, name) for name in RESULTS), json.dumps(dict(entry.levels), ensure_ascii=False)

        def write() -> None:
            products = json.dumps(dict(run.products))
            self._base.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (output, run.fingerprint, products, run.document))
            following = iter(entries)
            while some := list(islice(following, _ENTRIES)):
                remember(self._base, [{name: getattr(entry, name) for name in HISTORY} | written for entry in some])
                put_rows(self._base, "results", ("run", *RESULTS, "levels"), map(results, some))
            earlier = "SELECT run FROM rounds WHERE output = ? AND year IS ?"
            self._base.execute(f"DELETE FROM members WHERE run IN ({earlier})", about[1:3])  # noqa: S608  # fixed words
            put_rows(self._base, "rounds", ROUNDS, [about])
            put_rows(self._base, "members", MEMBERS, known)
            seal_seen(self._base)
            self._forget()

        self._do(lambda: self._commit(write))

    def _forget(self) -> None:
        """Of what was made of files leave what this run used, and of the rest no more than takes the same space."""
        sizes = dict(self._base.execute("SELECT sha256, length(packed) FROM parsed WHERE instr(sha256, ' ') > 0"))
        room = sum(size for name, size in sizes.items() if name in self._used)
        for name in sorted(sizes.keys() - self._used):
            room -= sizes[name]
            if room < 0:
                self._base.execute("DELETE FROM parsed WHERE sha256 = ?", (name,))

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
        names = ", ".join(HISTORY)
        known = self._fetched("SELECT DISTINCT unit, unit_name FROM history UNION SELECT DISTINCT unit, name FROM history")
        for where in ("code = ?1 OR name = ?1 OR unit = ?1 OR unit_name = ?1", "instr(name, ?1) > 0 OR instr(unit_name, ?1) > 0"):
            asked = [found for (found,) in self._fetched(f"SELECT DISTINCT unit FROM history WHERE {where}", (unit,))]  # noqa: S608  # fixed words
            if asked:
                wanted = json.dumps(sorted(one_and_the_same(asked, self._rows("members", MEMBERS), known)))
                query = f"SELECT {names} FROM history WHERE unit IN (SELECT value FROM json_each(?)) {order}"  # noqa: S608  # fixed words
                rows = self._fetched(query, (wanted,))
                return _whole((dict(zip(HISTORY, row, strict=True)) for row in rows), HistoryEntry)
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
        self._do(lambda: self._commit(lambda: put_rows(self._base, "details", DETAILS, rows)))

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
        names = ("run", *RESULTS, "levels")
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
        about = {row["run"]: row for row in self._rows("rounds", ROUNDS)}
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
        return [row for row in self._rows("members", MEMBERS) if row["run"] == run]

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

        return _whole(self._rows("rulings", RULINGS), Ruling)

    def remarks(self) -> list[Remark]:
        """What was typed into 退回修改清单."""
        from perfxl.consolidation.remarks import Remark

        return _whole(self._rows("remarks", REMARKS), Remark)

    def reviews(self) -> list[Review]:
        """What the bureau made of rows, withdrawn ones too."""
        from perfxl.consolidation.reviews.record import Review

        return _whole(self._rows("reviews", REVIEWS), Review)

    def review_log(self) -> list[Change]:
        """Every change of a review, in order."""
        from perfxl.consolidation.reviews.record import Change

        return _whole(self._rows("review_log", REVIEW_LOG), Change)

    def _rows(self, table: str, names: Sequence[str]) -> list[dict[str, Any]]:
        quoted = ", ".join(f'"{name}"' for name in names)
        rows = self._fetched(f"SELECT {quoted} FROM {table} ORDER BY {quoted}")  # noqa: S608  # fixed words
        return [dict(zip(names, row, strict=True)) for row in rows]

    def keep_said(self, rulings: Iterable[Ruling], remarks: Iterable[Remark]) -> None:
        """Commit what the office decided and typed, as it holds after this run."""
        self._replace(("rulings", RULINGS, rulings), ("remarks", REMARKS, remarks))

    def keep_reviews(self, reviews: Iterable[Review], log: Iterable[Change]) -> None:
        """Commit what the bureau made of rows, as it holds after this run, with every change so far."""
        self._replace(("reviews", REVIEWS, reviews), ("review_log", REVIEW_LOG, log))

    def _replace(self, *said: tuple[str, Sequence[str], Iterable[object]]) -> None:
        tables = [(table, names, [[getattr(row, name) for name in names] for row in rows]) for table, names, rows in said]

        def write() -> None:
            for table, names, rows in tables:
                self._base.execute(f"DELETE FROM {table}")  # noqa: S608  # fixed words
                put_rows(self._base, table, names, rows)
            seal_said(self._base)

        self._do(lambda: self._commit(write))

    def said(self) -> str:
        """A fingerprint of what the office decided, typed and reviewed: a run depends on it."""
        return self._do(lambda: said_digest(self._base))

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
                        remember_again(self._base, row)
                    else:
                        put_rows(self._base, table, names, [[row[name] for name in names]])

                done[table] = join(self._base, table, key, rows, insert)
            seal_said(self._base)
            seal_seen(self._base)
            return done

        return self._do(lambda: self._commit(write))


_ENTRIES = 1_000
"""Submissions remembered at a time."""
_CHECK = 8
"""Bytes of the checksum before what is kept of a file."""


def not_there(path: Path) -> PerfxlError:
    """What is said where a ledger is named that does not exist."""
    return PerfxlError(
        f"找不到台账“{path}”。请检查路径；还没有台账的，先用 perfxl consolidate 汇总，台账写在汇总旁边（….ledger.sqlite）。",
        en=f"No such ledger: {path}. Check the path; perfxl consolidate writes one beside its workbook (….ledger.sqlite).",
    )


def _check(sha256: str, packed: bytes) -> bytes:
    return hashlib.sha256(sha256.encode() + packed).digest()[:_CHECK]


def _connected(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=30, isolation_level=None)
    base.text_factory = lambda text: text.decode("utf-8", "replace")
    base.execute("PRAGMA synchronous = NORMAL")
    return base


def _whole(rows: Iterable[Mapping[str, Any]], kind: type[T]) -> list[T]:
    """Rows as they are meant, without those in which a flipped bit has made a text a number or the other way round."""
    found = []
    for row in rows:
        with suppress(msgspec.ValidationError):
            found.append(msgspec.convert(row, kind, strict=False))
    return found
