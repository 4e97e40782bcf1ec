"""The jobs behind `perfxl ledger`: what a ledger keeps as one workbook, and such a workbook put into a ledger."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perfxl.consolidation.exchange import ROOM, read_exchange, sheet_title
from perfxl.consolidation.ledger import Ledger, is_ledger, kept_tables, not_there
from perfxl.model import PerfxlError
from perfxl.model.version import __version__
from perfxl.output import OutputPlan, folder_lock, make_folder, probe, seal_into

if TYPE_CHECKING:
    from pathlib import Path

    from perfxl.consolidation.exchange import Wrong
    from perfxl.consolidation.joining import Joined
    from perfxl.intake.guard import Limits


@dataclass(slots=True)
class Exported:
    """Where a ledger was written, how many rows each sheet has, and what was said of a damaged one."""

    path: Path
    rows: dict[str, int]
    notes: list[str]


def export_ledger(ledger: Path, output: Path | None, *, force: bool = False) -> Exported:
    """Write what a ledger keeps; by default beside it as `<name>_台账.xlsx`. The ledger is not changed.

    Raises:
        PerfxlError: no ledger, or a file that would be overwritten without `force`.
    """
    from perfxl.workbook.kept import write_kept

    if not ledger.is_file():
        raise not_there(ledger)
    path = output or ledger.with_name(f"{ledger.name.removesuffix('.sqlite').removesuffix('.ledger')}_台账.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise PerfxlError(
            f"“{path.name}”：台账只能导出成 .xlsx，请换一个名称。", en=f"{path.name}: a ledger is exported as .xlsx; choose another name."
        )
    plan = OutputPlan([ledger], force=force)
    plan.replace(path, "ledger")
    make_folder(path.parent)
    with Ledger(ledger, history_only=True) as book, plan.whole_file(path) as target, tempfile.TemporaryFile() as unsealed:
        rows = write_kept(unsealed, book)
        unsealed.seek(0)
        seal_into(unsealed, target, "ledger", __version__)
        notes = list(book.notes)
    return Exported(plan.went(path), rows, notes)


@dataclass(slots=True)
class Imported:
    """What became of the rows, by sheet; the cells that could not be taken; what was said of a damaged ledger."""

    joined: dict[str, Joined]
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_ledger(source: Path, ledger: Path, limits: Limits = ROOM) -> Imported:
    """Put the rows of an exported workbook into a ledger, a new one or one that holds others: nothing in it is taken away.

    Raises:
        PerfxlError: the workbook cannot be read or holds no table of a ledger; the ledger is as it was.
    """
    if not source.is_file():
        raise PerfxlError(
            f"找不到“{source}”。请检查路径；要用 perfxl ledger export 导出的工作簿。", en=f"No such file: {source}. Name what ledger export wrote."
        )
    OutputPlan([source]).opened(ledger, is_ledger)
    found = read_exchange(source, kept_tables(), limits)
    make_folder(ledger.parent)
    with folder_lock(ledger.parent):
        probe(ledger.parent)
        with Ledger(ledger) as book:
            joined = book.join(found.tables)
            return Imported({sheet_title(table): done for table, done in joined.items()}, found.wrong, list(book.notes))
