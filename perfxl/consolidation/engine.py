"""Many workbooks to one consolidation: every file accounted for, the same result whatever the order, workers or reader."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.consolidation.chunks import Item, Job, NotTaken
from perfxl.consolidation.memory import Memory
from perfxl.consolidation.records import Missing
from perfxl.consolidation.salvage import ASIDE, is_ledger
from perfxl.consolidation.shelf import Shelf
from perfxl.consolidation.submissions import Header
from perfxl.intake.discover import Fate, content_of
from perfxl.intake.guard import DEFAULT_LIMITS, Limits, Refusal
from perfxl.intake.submission import file_of
from perfxl.model import PerfxlError
from perfxl.model.system import said_by
from perfxl.output import NEVER_INPUT, read_seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from perfxl.consolidation.chunks import ChunkResult
    from perfxl.consolidation.decisions import Ruling
    from perfxl.consolidation.ledger import Ledger
    from perfxl.consolidation.pool import Runner
    from perfxl.consolidation.reviews.record import Read
    from perfxl.consolidation.roster import Roster
    from perfxl.consolidation.settlement import Settlement
    from perfxl.intake.discover import Found
    from perfxl.intake.readers import Reader
    from perfxl.schemes import Scheme

CHUNK_FILES = 250
"""Files that a worker reads and scores at once: what a chunk costs before its first row is shared; 500 gain little more and take 55 MB."""
LEAST_FILES = 100
"""Of a small folder, so that every worker has something to do."""
CHUNK_BYTES = 32 << 20
FEWEST = 10
"""Files for which another worker is worth what a chunk costs before its first row."""


@dataclass(slots=True)
class ConsolidateOptions:
    """How a folder is consolidated. `scheme` None: each workbook's own 评分方案.

    `workers` 0 reads in this process, without the limits of time and memory that only a worker process can hold.
    """

    scheme: str | Scheme | None = None
    roster: Path | None = None
    deadline: str = ""
    missing: Missing = Missing.PROVISIONAL
    reader: Reader = "auto"
    workers: int = 0
    cluster: str = ""
    ledger: Ledger | None = None
    year: int = 0
    """The 预算年度 of the run; 0: the one most submissions name."""
    decisions: Path | None = None
    """A workbook with a sheet 待裁定 that the office filled in."""
    review: Path | None = None
    """The review sheet, or the folder of them, that the office hands in."""
    own: tuple[Path, ...] = ()
    """Files and folders this run writes; they are not inputs."""
    limits: Limits = DEFAULT_LIMITS
    today: date = field(default_factory=date.today)
    """Decides only whether a year or a date lies in the future."""


@dataclass(slots=True)
class _File:
    """One file found, on its way to its decision."""

    found: Found
    sha256: str = ""
    size: int = 0
    stand: tuple[int, int, int] | None = None
    """How it stood before it was read."""
    refusal: NotTaken | None = None
    ignored: str = ""
    copy_of: int = -1


@dataclass(slots=True)
class Inbox:
    """The files of a run in the order of their shown paths, and what the chunks brought back.

    A submission has the number of its file; further ones of one file see `intake.submission.FURTHER`.
    """

    files: list[_File]
    headers: dict[int, Header] = field(default_factory=dict)
    """What decides about each submission that was read, by its number."""
    rows: Shelf = field(default_factory=Shelf)
    """The tables of each submission, by its number."""
    traces: list[tuple[str, str]] = field(default_factory=list)
    """Shown path and traceback of files that met a bug of ours."""
    done: int = 0
    fresh: int = 0
    """Files that no ledger knew."""
    given: frozenset[str] | None = None
    """The SHA-256 of roster and decisions, once what was handed in beside the files is taken in: what follows."""
    scheme: Scheme | None = None
    roster: Roster | None = None
    rulings: list[Ruling] = field(default_factory=list)
    """What the office decided, as `--decisions` has it."""
    reviews: Read | None = None
    """What stands in the review sheets, where some were handed in."""

    @classmethod
    def of(cls, found: Sequence[Found]) -> Inbox:
        """A reading of which nothing is read yet."""
        return cls([_File(item) for item in found])

    def absorb(self, result: ChunkResult) -> None:
        """Take in what one chunk brought back."""
        for index, rows in result.rows.items():
            self.rows.put(index, rows)
        self.headers.update(result.headers)
        for index, refusal in result.refused.items():
            if refusal.code.startswith("ignored-"):
                self.files[index].ignored = refusal.code
            else:
                self.files[index].refusal = refusal
            if refusal.trace:
                self.traces.append((self.files[index].found.shown, refusal.trace))


def take_given(reading: Inbox, options: ConsolidateOptions) -> None:
    """Take in what is handed in beside the files: scheme, roster, decisions, review sheets.

    Raises:
        PerfxlError: one of them is not there or cannot be used.
    """
    from perfxl.consolidation.decisions import read_rulings
    from perfxl.consolidation.reviews.reading import read_reviews
    from perfxl.consolidation.roster import read_roster
    from perfxl.schemes import load_scheme

    reading.scheme = load_scheme(options.scheme) if isinstance(options.scheme, str) else options.scheme
    for path, what in ((options.roster, "应报单位名单"), (options.decisions, "裁定文件")):
        if path is not None and not path.is_file():
            raise PerfxlError(f"找不到{what}“{path}”。请检查路径。")
    reading.roster = read_roster(options.roster, options.limits) if options.roster else None
    reading.rulings = read_rulings(options.decisions, options.limits) if options.decisions else []
    reading.reviews = read_reviews(options.review, options.limits) if options.review else None
    reading.given = frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in (options.roster, options.decisions) if path is not None)


def read_all(reading: Inbox, options: ConsolidateOptions, workers: Runner, progress: Callable[[int, int], None] | None = None) -> Inbox:
    """Read and score every file of `reading`, which comes back; what the ledger knows is not done again, what is new is committed to it."""
    if reading.given is None:
        take_given(reading, options)
    job = Job(reading.scheme, options.reader, options.limits, options.today)
    memory = Memory(options.ledger, job)
    if progress:
        progress(0, len(reading.files))
    for chunk, result in workers.run(chunks(reading, options, memory), job):
        memory.keep({item.index: reading.files[item.index].sha256 for item in chunk}, result)
        reading.absorb(result)
        reading.done += len(chunk)
        if progress:
            progress(reading.done, len(reading.files))
    return reading


@contextmanager
def runner(options: ConsolidateOptions) -> Iterator[Runner]:
    """What does the chunks of a run: a cluster, worker processes, or this process."""
    if options.cluster:
        from perfxl.consolidation.cluster import Cluster

        with Cluster(options.cluster, options.limits) as cluster:
            yield cluster
    elif options.workers:
        from perfxl.consolidation.pool import Pool

        with Pool(options.workers, options.limits) as pool:
            yield pool
    else:
        from perfxl.consolidation.pool import Here

        yield Here()


def in_order(found: Iterable[Found], options: ConsolidateOptions) -> list[Found]:
    """Files by shown path; where two folders hold the same one, by content: the order of arguments must not show.

    What this run itself writes (`own`) is not among the files found, so that an output may lie in the input folder.
    """
    own = {os.path.abspath(path) for path in options.own}  # noqa: PTH100  # links are compared by name, not followed
    ordered: list[Found] = []
    theirs = sorted((item for item in found if not _is_own(item.path, own)), key=lambda item: item.shown)
    for _, group in groupby(theirs, key=lambda item: item.shown):
        same = list(group)
        ordered.extend(same if len(same) == 1 else sorted(same, key=lambda item: _content_order(item, options.limits)))
    return ordered


def _is_own(path: Path, own: set[str]) -> bool:
    """The output, the ledger and its journal, files below an output folder, and perfxl's own lock and temporary files."""
    name = path.name
    if name.startswith(".perfxl"):
        return True
    if not own:
        return False
    absolute = os.path.abspath(path)  # noqa: PTH100  # as above
    if name.removesuffix("-journal").endswith(ASIDE) and any(absolute.startswith(f"{ledger}.") for ledger in own):
        return True
    absolute = absolute.removesuffix("-journal")
    return absolute in own or any(absolute.startswith(f"{folder}{os.sep}") for folder in own)


def _content_order(item: Found, limits: Limits) -> tuple[str, str]:
    data = _content(item, limits) if item.fate is Fate.CANDIDATE else b""
    return (item.fate, hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else data.code)


def _own_result(path: Path) -> bool:
    """A letter, a report, a table or a ledger of perfxl: nobody has sent that in."""
    if path.suffix.lower() not in (".docx", ".parquet", ".sqlite", ASIDE) or path.is_symlink() or not path.is_file():
        return False
    with suppress(OSError):
        sealed = read_seal(path)
        return is_ledger(path) if sealed is None else sealed.kind in NEVER_INPUT
    return False


TRIES = 3
"""So often a file that changes while it is read is read again: half a copy is not what a unit sent."""


def _content(found: Found, limits: Limits) -> bytes | Refusal:
    """The bytes of a file; one that has gone, may not be read or keeps changing is refused, it does not stop the batch."""
    try:
        for _ in range(TRIES):
            before = _stand(found.path)
            data = content_of(found, limits)
            if _stand(found.path) == before:  # nothing is not a copy of nothing: each unit hears of its own
                return data or Refusal("file-empty")
    except OSError as error:
        return Refusal("file-not-readable", {"reason": said_by(error)})
    return Refusal("file-changing")


def _stand(path: Path) -> tuple[int, int, int] | None:
    """Which file this is and how it stands; None where it has gone."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def look(file: _File, limits: Limits) -> bytes:
    """The bytes of a file that counts, its hash noted; none, and why, where it is refused."""
    file.stand = _stand(file.found.path)
    data = _content(file.found, limits)
    if isinstance(data, Refusal):
        file.sha256, file.size, file.refusal = "", 0, NotTaken(data.code, data.details)
        return b""
    file.sha256, file.size, file.refusal = hashlib.sha256(data).hexdigest(), len(data), None
    return data


def fingerprint_line(file: _File, limits: Limits | None = None) -> str:
    """A file as far as it decides about the result: its shown path and its content, or what its name alone decided.

    With `limits` a file that has not been read yet is read and hashed.
    """
    if limits and file.found.fate is Fate.CANDIDATE:
        look(file, limits)
    return f"{file.found.shown}\0{file.sha256 or (file.refusal.code if file.refusal else file.found.code)}"


def chunks(reading: Inbox, options: ConsolidateOptions, memory: Memory) -> Iterator[list[Item]]:
    """The files that count, one or two hundred at a time, each hashed here, and read from disk once if it must be read.

    What a file gave when it was scored before is taken over, last of all, when the others are under way; one that was only
    read before goes as it was packed then.
    """
    most = min(CHUNK_FILES, max(LEAST_FILES, len(reading.files) // (2 * max(1, options.workers))))
    known: list[int] = []
    for items in (_unknown(reading, options.limits, memory, known), _taken_over(reading, options.limits, memory, known)):
        yield from _in_chunks(items, most, options.workers)


def _in_chunks(items: Iterable[Item], most: int, workers: int) -> Iterator[list[Item]]:
    """Items in chunks of at most so many; the last ones shared out."""
    chunk: list[Item] = []
    held = 0
    for item in items:
        chunk.append(item)
        held += len(item.data) + len(item.packed)
        if len(chunk) >= most or held >= CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    parts = max(1, min(workers, len(chunk) // FEWEST))
    yield from filter(None, (chunk[part::parts] for part in range(parts)))


def _unknown(reading: Inbox, limits: Limits, memory: Memory, known: list[int]) -> Iterator[Item]:
    """The files that count and that the ledger has not scored; the others go into `known`."""
    first: dict[str, int] = {}
    for index, file in enumerate(reading.files):
        reading.done += 1
        if file.found.fate is Fate.IGNORED:
            file.ignored = file.found.code
        elif file.found.fate is Fate.REJECTED and _own_result(file.found.path):
            file.ignored = "ignored-own-result"
        elif file.found.fate is Fate.REJECTED:
            file.refusal = NotTaken(file.found.code, file.found.details)
        else:
            stands = file.stand is not None and file.stand == _stand(file.found.path)
            data = b"" if stands and memory.holds(file.sha256) else look(file, limits)
            file.stand = None
            if file.refusal:
                continue
            if reading.given and file.sha256 in reading.given:
                file.ignored = "ignored-given"
                continue
            original = first.setdefault(file.sha256, index)
            if original != index:
                file.copy_of = original
                continue
            reading.done -= 1
            if memory.holds(file.sha256):
                known.append(index)
            else:
                yield _item(reading, index, data, memory)


def _taken_over(reading: Inbox, limits: Limits, memory: Memory, known: Sequence[int]) -> Iterator[Item]:
    """Take over what the ledger knows of files; what is spoilt is to be done again."""
    for index in known:
        file = reading.files[index]
        if (scored := memory.scored(file.sha256, index)) is not None:
            reading.absorb(scored)
            reading.done += 1
            continue
        sha256, data = file.sha256, look(file, limits)
        if not file.refusal and file.sha256 != sha256:
            file.refusal = NotTaken("file-changing")
        if file.refusal:
            reading.done += 1
        else:
            yield _item(reading, index, data, memory)


def _item(reading: Inbox, index: int, data: bytes, memory: Memory) -> Item:
    file = reading.files[index]
    packed = memory.read(file.sha256)
    reading.fresh += packed is None
    return Item(index, file.found.shown, data) if packed is None else Item(index, file.found.shown, packed=packed)


def decisions(inbox: Inbox, options: ConsolidateOptions) -> Settlement:
    """What becomes of every file and submission, with the reasons, the open questions and the office's answers to earlier ones."""
    from perfxl.consolidation.decisions import merged
    from perfxl.consolidation.roster import empty_roster
    from perfxl.consolidation.settlement import FileSeen, settle
    from perfxl.consolidation.units import Directory

    present = {(header.sha256, header.says) for header in inbox.headers.values()}
    for number, header in inbox.headers.items():
        if (header.origin, header.says) in present:  # one that somebody has changed since is a paper like others
            inbox.files[file_of(number)].ignored = "ignored-own-result"
    for file in inbox.files:
        if file.ignored == "ignored-not-a-spreadsheet" and file.found.path.is_symlink():
            file.ignored, file.refusal = "", NotTaken("file-not-regular")
    headers = {n: h for n, h in sorted(inbox.headers.items()) if not inbox.files[file_of(n)].ignored}
    refusals = [(inbox.files[f.copy_of] if f.copy_of >= 0 else f).refusal for f in inbox.files]
    seen = [
        FileSeen(f.found.shown, f.sha256, f.copy_of, refusal.code if refusal else "", f.ignored, refusal.details if refusal else f.found.details)
        for f, refusal in zip(inbox.files, refusals, strict=True)
    ]
    directory = Directory(inbox.roster.frame if inbox.roster is not None else empty_roster())
    stored = options.ledger.rulings() if options.ledger is not None else []
    holding, unfit = merged(stored, inbox.rulings)
    settled = settle(seen, headers, directory, year=options.year, rulings=holding, hashed=lambda index: _hashed(inbox.files[index]))
    settled.unfit.extend(unfit)
    settled.roster = inbox.roster
    settled.holding = holding
    return settled


def _hashed(file: _File) -> str:
    """The SHA-256 of a file that was not read, as far as it can be read at all."""
    if file.found.entry >= 0:
        data = content_of(file.found)
        return hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else ""
    try:
        with file.found.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
