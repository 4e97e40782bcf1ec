"""One run of `perfxl compare`: the ledger read, never changed; one workbook, whole and sealed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.consolidation.ledger import Ledger, is_ledger, not_there
from perfxl.model import PerfxlError
from perfxl.output import OutputPlan, make_folder, seal_into

if TYPE_CHECKING:
    from collections.abc import Callable

    from perfxl.consolidation.comparing import Comparison


@dataclass(slots=True)
class Compared:
    """What a run found out, and where it was written."""

    comparison: Comparison
    output: Path


def compare(
    ledger: Path,
    output: Path,
    *,
    years: tuple[int, int] | None = None,
    schemes: tuple[str, str] | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Compared:
    """Compare two years, or two rule packs, of a ledger, into a workbook.

    Raises:
        PerfxlError: no ledger, a year that never ran, no such pack, a target that may not be replaced; nothing was written.
    """
    from perfxl.model.version import __version__
    from perfxl.workbook.comparison import write_comparison_workbook

    if not ledger.is_file():
        raise not_there(ledger)
    if not is_ledger(ledger):
        raise PerfxlError(
            f"“{ledger}”不是 perfxl 的台账。请指定 perfxl consolidate 写的台账（….ledger.sqlite）。",
            en=f"{ledger} is no ledger of perfxl. Name one that perfxl consolidate wrote (….ledger.sqlite).",
        )
    packs = [Path(name) for name in schemes or () if Path(name).is_file()]
    plan = OutputPlan([ledger, *packs], force=force)
    plan.replace(output, "comparison")
    with Ledger(ledger, history_only=True) as book:
        found = _found(book, years, schemes, progress)
        found.notes[:0] = book.notes
    make_folder(output.parent)
    with plan.whole_file(output) as target, tempfile.TemporaryFile() as unsealed:
        write_comparison_workbook(unsealed, found)
        unsealed.seek(0)
        seal_into(unsealed, target, "comparison", __version__)
    return Compared(found, plan.went(output))


def _found(book: Ledger, years: tuple[int, int] | None, schemes: tuple[str, str] | None, progress: Callable[[int, int], None] | None) -> Comparison:
    if years is not None:
        from perfxl.consolidation.comparing.years import compare_years

        return compare_years(book, *years)
    if schemes is not None:
        from perfxl.consolidation.comparing.schemes import compare_schemes

        return compare_schemes(book, *schemes, progress)
    raise PerfxlError(
        "请指定比两个年度（--years）还是两个方案（--schemes）。", en="Say which two years (--years) or rule packs (--schemes) to compare."
    )
