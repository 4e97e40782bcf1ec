"""One run of `perfxl consolidate`: lock, ledger, consolidation, every product whole, and the document that is printed."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from perfxl.consolidation.engine import ConsolidateOptions, Inbox, decisions, fingerprint_line, in_order, read_all, runner, take_given
from perfxl.consolidation.ledger import Ledger, Run, code_fingerprint, is_ledger, unpacked_document
from perfxl.intake.discover import find_files
from perfxl.model import PerfxlError
from perfxl.model.system import give_memory_back, reason_of
from perfxl.output import OutputPlan, folder_lock, probe, seal_into, sealed_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from perfxl.consolidation.pool import Runner
    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.remarks import Remark
    from perfxl.output import Seal

    Progress: TypeAlias = Callable[[int, int], None]

Document = dict[str, Any]
NOT_KEPT = frozenset({"file-too-slow", "file-stalled", "file-out-of-memory", "file-reader-died", "file-not-readable", "file-changing"})
"""Refusals that may be the machine's fault: another run tries again."""


@dataclass(frozen=True, slots=True)
class Products:
    """What a run writes. `ledger` None: nothing is remembered."""

    output: Path
    ledger: Path | None = None
    letters: Path | None = None
    parquet: Path | None = None
    review_sheets: Path | None = None
    """The folder for one review workbook per 主管部门."""
    force: bool = False


@dataclass(slots=True)
class RunResult:
    """What a run did. `unchanged`: everything is as the last run left it, and nothing was written."""

    packed: bytes
    """The document that is printed, as the ledger keeps it."""
    unchanged: bool = False
    rebuilt: bool = False
    read: int = 0
    """Files read from scratch; the others were known to the ledger."""
    traces: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Products that could not be written, and why; the others stand."""
    kept: list[tuple[Path, Path]] = field(default_factory=list)
    """Files that somebody had changed and that were left alone, and what was laid beside them."""
    _document: Document | None = None

    @property
    def document(self) -> Document:
        """What is printed; of twenty thousand units it takes as much memory as all else, and is made when it is asked for."""
        if self._document is None:
            self._document = unpacked_document(self.packed)
        return self._document


@dataclass(slots=True)
class _Work:
    """A run under way: what it was asked, what it found, where it may write."""

    products: Products
    options: ConsolidateOptions
    inbox: Inbox
    plan: OutputPlan
    output: Path


def run(
    paths: Sequence[Path], products: Products, options: ConsolidateOptions, progress: Progress | None = None, writing: Progress | None = None
) -> RunResult:
    """Consolidate `paths` into `products`. `progress` is told how many of how many files are read, `writing` how many are written.

    A run that found no file writes nothing.

    Raises:
        PerfxlError: a wrong path, scheme, roster or target; nothing was written.
    """
    work = _planned(paths, products, options)
    if not work.inbox.files:
        return RunResult(_nothing(work.options))
    with ExitStack() as held:
        held.enter_context(folder_lock(products.output.parent))
        work.plan.sweep(products.output.parent)
        probe(products.output.parent)
        if products.ledger is not None and products.ledger.exists() and products.ledger.stat().st_size:
            ledger = held.enter_context(Ledger(products.ledger))
            work.options = replace(work.options, ledger=ledger)
            if (same := _unchanged(work, ledger)) is not None:
                return same
        workers = held.enter_context(runner(work.options))
        take_given(work.inbox, work.options)
        if products.ledger is not None and work.options.ledger is None:  # made when nothing is refused any more
            work.options = replace(work.options, ledger=held.enter_context(Ledger(products.ledger)))
        done = _fresh(work, workers, progress, writing)
    del work, workers
    give_memory_back()
    return done


def _unchanged(work: _Work, ledger: Ledger) -> RunResult | None:
    """What the last run printed, where everything is as it left it."""
    last = ledger.last_run(_key(work.products))
    if last is not None and _intact(last) and last.fingerprint == _of_folder(work):
        same = RunResult(last.document, unchanged=True, notes=ledger.notes)
        with suppress(ValueError, zlib.error, msgspec.DecodeError):
            if same.document:
                return same
    return None


def _planned(paths: Sequence[Path], products: Products, options: ConsolidateOptions) -> _Work:
    """Every target checked against every input found and against each other, before anything is touched."""
    found = find_files(paths, options.limits)
    given = [Path(options.scheme)] if isinstance(options.scheme, str) and Path(options.scheme).is_file() else []
    inputs = [*(item.path for item in found), *given, *(path for path in (options.roster, options.decisions) if path is not None)]
    inputs += [
        path for path in _review_files(options) if products.review_sheets is None or products.review_sheets.resolve() not in path.resolve().parents
    ]
    plan = OutputPlan(inputs, [path for path in paths if path.is_dir()], force=products.force)
    output = plan.replace_or_lay_beside(products.output, "consolidated", partial(_only_answers, options))
    if products.ledger is not None:
        plan.opened(products.ledger, is_ledger)
    if products.letters is not None:
        plan.folder(products.letters)
    if products.parquet is not None:
        from perfxl.consolidation.parquet import arrow, parquet_paths

        arrow()
        plan.folder(products.parquet)
        for path in parquet_paths(products.parquet):
            plan.replace(path, "parquet")
    if products.review_sheets is not None:
        plan.folder(products.review_sheets)
    targets = (products.output, output, products.ledger, products.letters, products.parquet, products.review_sheets)
    own = tuple(path for path in targets if path is not None)
    options = replace(options, own=(*options.own, *own))
    return _Work(products, options, Inbox.of(in_order(found, options)), plan, output)


def _review_files(options: ConsolidateOptions) -> list[Path]:
    """The review sheets that are handed in."""
    if options.review is None:
        return []
    from perfxl.consolidation.reviews.reading import review_files

    return review_files(options.review)


def _other_files(options: ConsolidateOptions) -> list[Path]:
    """What lies beside the review sheets and is none."""
    if options.review is None:
        return []
    from perfxl.consolidation.reviews.reading import other_files

    return other_files(options.review)


def _only_answers(options: ConsolidateOptions, path: Path, seal: Seal) -> bool:
    """Whether all that somebody typed into the last result is read in this run."""
    from perfxl.workbook.consolidated.contents import only_answers

    return only_answers(path, seal, options.limits, decided=options.decisions is not None and path.samefile(options.decisions))


def _nothing(options: ConsolidateOptions) -> bytes:
    from perfxl.consolidation.assembly import assemble
    from perfxl.consolidation.document import packed_document

    empty = Inbox.of([])
    return packed_document(assemble(empty, decisions(empty, options), options))


def _fresh(work: _Work, workers: Runner, progress: Progress | None, writing: Progress | None) -> RunResult:
    """Read, decide, write, remember. Texts stay Python's own, as they do in `chunks`."""
    import pandas as pd

    from perfxl.consolidation.assembly import assemble
    from perfxl.consolidation.document import History, packed_document
    from perfxl.consolidation.kept import keep_details, members

    options = work.options
    with pd.option_context("mode.string_storage", "python"):
        _take_back(work)
        reading = read_all(work.inbox, options, workers, progress)
        give_memory_back()
        decided = decisions(reading, options)
        consolidation = assemble(reading, decided, options)
        holding, refused = decided.holding, {file.refusal.code for file in reading.files if file.refusal}
        lines = _digest(map(fingerprint_line, reading.files))
        del decided
        reading.files.clear()
        reading.headers.clear()
        consolidation.remarks = _remarks(work.products, options, consolidation.notes)
        if not len(consolidation.reviewed) and _forgotten(work):
            name, why = work.products.output.name, "没有用台账" if options.ledger is None else "台账是新的"
            consolidation.notes.append(f"原来的“{name}”有人工复核，这次没有：{why}。请用 --review 再交一次复核表。")
        if options.ledger is not None:
            # What was typed is kept before a sheet it was typed into is written anew.
            held = consolidation.reviews.held
            options.ledger.keep_reviews(held.reviews.values(), held.log)
            options.ledger.keep_said(holding, consolidation.remarks)
        written, failed = _write(consolidation, work, workers, writing)
        if options.ledger is not None:
            keep_details(options.ledger, consolidation)
    document = packed_document(consolidation)
    if options.ledger is not None:
        whole = not (refused & NOT_KEPT or failed or work.plan.kept)
        fingerprint = _fingerprint(lines, work.products, options) if whole else ""
        products = {os.path.abspath(p): _sha256(p) for p in written}  # noqa: PTH100  # links are kept
        last = Run(fingerprint, products, document, options.today.isoformat(), str(consolidation.missing))
        entries = History(consolidation)
        options.ledger.finish(_key(work.products), last, entries, consolidation.year, members(consolidation))
    return RunResult(
        document,
        rebuilt=options.ledger is not None and options.ledger.rebuilt and not options.ledger.mended,
        read=reading.fresh,
        traces=reading.traces,
        notes=[*consolidation.notes, *(options.ledger.notes if options.ledger else ())],
        failed=failed,
        kept=work.plan.kept,
    )


def _take_back(work: _Work) -> None:
    """Of decisions that a damaged ledger has lost, those the last workbook prints."""
    from perfxl.consolidation.decisions import read_rulings, sound

    ledger, output = work.options.ledger, work.products.output
    if ledger is None or not ledger.notes or not output.is_file() or sealed_state(output) == "foreign":
        return
    with suppress(PerfxlError):
        held = {ruling.key: ruling for ruling in ledger.rulings()}
        more = [ruling for key, ruling in sound(read_rulings(output, work.options.limits))[0].items() if ruling.word and key not in held]
        if more:
            ledger.keep_said([*held.values(), *more], ledger.remarks())
            ledger.notes[-1] += f"从“{output.name}”的“待裁定”取回{len(more)}条裁定。"


def _forgotten(work: _Work) -> bool:
    """Whether the workbook about to be replaced prints reviews that neither a ledger nor a sheet has brought."""
    ledger, output = work.options.ledger, work.products.output
    from perfxl.consolidation.reviews.reading import holds_reviews

    known = ledger is not None and not ledger.rebuilt and ledger.last_run(_key(work.products)) is not None
    return not known and output.is_file() and sealed_state(output) != "foreign" and holds_reviews(output, work.options.limits)


def _remarks(products: Products, options: ConsolidateOptions, notes: list[str]) -> list[Remark]:
    """What was typed into 退回修改清单: as the ledger has it, then as the workbooks that somebody saved have it."""
    from perfxl.consolidation.remarks import merged, read_remarks

    typed: list[Remark] = []
    ledger = options.ledger
    laid_beside = takewhile(Path.is_file, (products.output.with_stem(f"{products.output.stem}_{number}") for number in count(2)))
    for path in dict.fromkeys(path for path in (products.output, *laid_beside, options.decisions) if path is not None):
        lost = ledger is not None and ledger.mended and path == products.output
        if not path.is_file() or (sealed_state(path) == "ours-untouched" and not lost):
            continue
        if path not in (products.output, options.decisions) and sealed_state(path) == "foreign":
            continue
        found = read_remarks(path, options.limits)
        if found is None:
            notes.append(f"“{path.name}”里填写的单位回复和办理结果没有读出来。")
        typed.extend(found or ())
    return merged(options.ledger.remarks() if options.ledger is not None else [], typed)


def _write(consolidation: Consolidation, work: _Work, workers: Runner, writing: Progress | None) -> tuple[list[Path], list[tuple[str, str]]]:
    """Every product, each whole or not at all: the workbook first; what fails after it costs itself."""
    from perfxl.model.version import __version__
    from perfxl.workbook.consolidated import write_consolidated

    products, plan = work.products, work.plan
    with plan.whole_file(work.output) as target, tempfile.TemporaryFile() as unsealed:
        contents = write_consolidated(unsealed, consolidation, workers.map, writing, work.options.ledger)
        unsealed.seek(0)
        seal_into(unsealed, target, "consolidated", __version__, contents=contents.words)
    written = [plan.went(work.output)]
    failed: list[tuple[str, str]] = []
    if products.parquet is not None:
        from perfxl.consolidation.parquet import write_parquet

        try:
            written += write_parquet(products.parquet, consolidation, plan)
        except (PerfxlError, OSError) as error:
            failed.append((products.parquet.name, str(error)))
    if products.review_sheets is not None:
        from perfxl.workbook.reviews import write_review_sheets

        sheets, unwritten = write_review_sheets(products.review_sheets, consolidation, plan, kept=products.ledger is not None)
        written += sheets
        failed += unwritten
    if products.letters is not None:
        from perfxl.word.letters import write_letters

        letters = write_letters(products.letters, consolidation, plan, workers.map)
        written += letters.paths
        failed += letters.failed
        if letters.left:
            named = "、".join(letters.left[:3]) + " 等" * (len(letters.left) > 3)
            consolidation.notes.append(f"{len(letters.left)}份通知（{named}）有人改过，这次没有理由再发，没有动它；请不要再寄出。")
    return written, failed


# unchanged?


def _key(products: Products) -> str:
    """The output as the ledger can hold it: a path may be no Unicode."""
    return os.path.abspath(products.output).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")  # noqa: PTH100  # a link is an output of its own


def _intact(last: Run) -> bool:
    """Every file of the last run is there as it was written."""
    return bool(last.products) and all(Path(p).is_file() and _sha256(Path(p)) == digest for p, digest in last.products.items())


def _of_folder(work: _Work) -> str:
    """The fingerprint of a folder as it is now."""
    return _fingerprint(_digest(fingerprint_line(file, work.options.limits) for file in work.inbox.files), work.products, work.options)


def _digest(lines: Iterable[str]) -> str:
    """SHA-256 over lines."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _fingerprint(files: str, products: Products, options: ConsolidateOptions) -> str:
    """SHA-256 over everything that decides what is written, and where; `files` is that of the files."""
    scheme = options.scheme
    if isinstance(scheme, str) and Path(scheme).is_file():
        scheme = _sha256(Path(scheme))
    asked = (
        code_fingerprint(),
        str(scheme),
        _sha256(options.roster) if options.roster else "",
        options.deadline,
        options.today.isoformat(),
        str(options.year),
        _sha256(options.decisions) if options.decisions else "",
        *(f"{path}\0{_sha256(path)}" for path in _review_files(options)),
        *map(str, _other_files(options)),
        options.ledger.said() if options.ledger is not None else "",
        str(options.missing),
        str(products.letters),
        str(products.parquet),
        str(products.review_sheets),
        str(options.limits),
    )
    return _digest((*asked, files))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PerfxlError(f"读不出“{path}”（{reason_of(error)}）。请检查它还在不在、有没有读取权限，再运行一次。") from error
