"""One run of `perfxl consolidate`: lock, ledger, consolidation, every product whole, and the document that is printed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfxl.consolidation.engine import ConsolidateOptions, Inbox, decisions, fingerprint_line, in_order, read_all, runner
from perfxl.consolidation.ledger import Ledger, Run, code_fingerprint
from perfxl.intake.discover import find_files
from perfxl.model import PerfxlError
from perfxl.output import folder_lock, may_replace, probe, seal_into, sealed_state, whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from perfxl.consolidation.pool import Runner
    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.remarks import Remark

    Progress: TypeAlias = Callable[[int, int], None]

Document = dict[str, Any]
NOT_KEPT = frozenset({"file-too-slow", "file-stalled", "file-out-of-memory", "file-reader-died", "file-not-readable"})
"""Refusals that may be the machine's fault: another run tries again."""


@dataclass(frozen=True, slots=True)
class Products:
    """What a run writes. `ledger` None: nothing is remembered."""

    output: Path
    ledger: Path | None = None
    letters: Path | None = None
    parquet: Path | None = None
    force: bool = False


@dataclass(slots=True)
class RunResult:
    """What a run did. `unchanged`: everything is as the last run left it, and nothing was written."""

    document: Document
    unchanged: bool = False
    rebuilt: bool = False
    read: int = 0
    """Files read from scratch; the others were known to the ledger."""
    traces: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run(
    paths: Sequence[Path], products: Products, options: ConsolidateOptions, progress: Progress | None = None, writing: Progress | None = None
) -> RunResult:
    """Consolidate `paths` into `products`. `progress` is told how many of how many files are read, `writing` how many are written.

    Raises:
        PerfxlError: a wrong path, scheme, roster or target; nothing was written.
    """
    own = tuple(path for path in (products.output, products.ledger, products.letters, products.parquet) if path is not None)
    with ExitStack() as held:
        held.enter_context(folder_lock(products.output.parent))
        probe(products.output.parent)
        ledger = held.enter_context(Ledger(products.ledger)) if products.ledger else None
        options = replace(options, own=(*options.own, *own), ledger=ledger)
        last = ledger.last_run(_key(products)) if ledger else None
        if last is not None and _intact(last) and last.fingerprint == _of_folder(paths, products, options):
            return RunResult(dict(last.document), unchanged=True)
        may_replace(products.output, inputs=[path for path in paths if path.is_file()], force=products.force)
        return _fresh(paths, products, options, progress, writing)


def _fresh(paths: Sequence[Path], products: Products, options: ConsolidateOptions, progress: Progress | None, writing: Progress | None) -> RunResult:
    """Read, decide, write, remember."""
    from perfxl.consolidation.assembly import assemble
    from perfxl.consolidation.document import consolidation_document, history
    from perfxl.consolidation.kept import keep_details

    with runner(options) as workers:
        reading = read_all(paths, options, workers, progress)
        decided = decisions(reading, options)
        consolidation = assemble(reading, decided, options)
        consolidation.remarks = _remarks(products, options, consolidation.notes)
        written = _write(consolidation, products, workers, writing)
        if options.ledger is not None:
            keep_details(options.ledger, consolidation, workers.map)
    document = consolidation_document(consolidation)
    if options.ledger is not None:
        codes = {file.refusal.code for file in reading.files if file.refusal}
        fingerprint = _fingerprint([fingerprint_line(file) for file in reading.files], products, options)
        last = Run("" if codes & NOT_KEPT else fingerprint, {os.path.abspath(p): _sha256(p) for p in written}, document)  # noqa: PTH100  # links are kept
        options.ledger.finish(_key(products), last, history(consolidation, reading, decided))
        options.ledger.keep_said(decided.holding, consolidation.remarks)
    return RunResult(
        document,
        rebuilt=options.ledger is not None and options.ledger.rebuilt,
        read=reading.fresh,
        traces=reading.traces,
        notes=list(consolidation.notes),
    )


def _remarks(products: Products, options: ConsolidateOptions, notes: list[str]) -> list[Remark]:
    """What was typed into 退回修改清单: as the ledger has it, then as the workbooks that somebody saved have it."""
    from perfxl.consolidation.remarks import merged, read_remarks

    typed: list[Remark] = []
    for path in dict.fromkeys(path for path in (products.output, options.decisions) if path is not None):
        if not path.is_file() or sealed_state(path) == "ours-untouched":
            continue
        found = read_remarks(path, options.limits)
        if found is None:
            notes.append(f"“{path.name}”里填写的单位回复和办理结果没有读出来。")
        typed.extend(found or ())
    return merged(options.ledger.remarks() if options.ledger is not None else [], typed)


def _write(consolidation: Consolidation, products: Products, workers: Runner, writing: Progress | None) -> list[Path]:
    """Every product, each whole or not at all; the workbook last, so that it never speaks of letters that are not there."""
    from perfxl.model.version import __version__
    from perfxl.workbook.consolidated import write_consolidated

    written: list[Path] = []
    if products.letters is not None:
        from perfxl.word.letters import write_letters

        written.extend(write_letters(products.letters, consolidation, workers.map, force=products.force))
    if products.parquet is not None:
        from perfxl.consolidation.parquet import write_parquet

        written.extend(write_parquet(products.parquet, consolidation))
    with whole_file(products.output) as target, tempfile.TemporaryFile() as unsealed:
        write_consolidated(unsealed, consolidation, workers.map, writing)
        unsealed.seek(0)
        seal_into(unsealed, target, "consolidated", __version__)
    return [*written, products.output]


# unchanged?


def _key(products: Products) -> str:
    return os.path.abspath(products.output)  # noqa: PTH100  # a link is an output of its own


def _intact(last: Run) -> bool:
    """Every file of the last run is there as it was written."""
    return bool(last.products) and all(Path(p).is_file() and _sha256(Path(p)) == digest for p, digest in last.products.items())


def _of_folder(paths: Sequence[Path], products: Products, options: ConsolidateOptions) -> str:
    """The fingerprint of a folder as it is now."""
    reading = Inbox.of(in_order(find_files(paths, options.limits), options))
    return _fingerprint([fingerprint_line(file, options.limits) for file in reading.files], products, options)


def _fingerprint(lines: Sequence[str], products: Products, options: ConsolidateOptions) -> str:
    """SHA-256 over everything that decides what is written, and where."""
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
        options.ledger.said() if options.ledger is not None else "",
        str(options.missing),
        str(products.letters),
        str(products.parquet),
        str(options.limits),
    )
    return hashlib.sha256("\n".join((*asked, *lines)).encode("utf-8", "surrogatepass")).hexdigest()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PerfxlError(f"读不出“{path}”（{error.strerror}）。") from error
