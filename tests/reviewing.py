"""An office that reviews: an inbox, runs of consolidate, review sheets filled in, sorted and handed in again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from inbox import folder, intake
from openpyxl import Workbook, load_workbook

from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.records import Consolidation
from perfxl.consolidation.reviews.record import TITLES
from perfxl.jobs import consolidate as job
from perfxl.workbook import consolidated
from perfxl.workbook.consolidated.contents import Contents
from perfxl.workbook.consolidated.table import FIRST_ROW
from perfxl.workbook.writing import new_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

HEAD = FIRST_ROW
"""The row of the titles, as Excel counts."""


@dataclass
class Bureau:
    """A folder with an inbox and a ledger; `ran` is the consolidation of the last run."""

    home: Path
    patch: pytest.MonkeyPatch
    roster: Path | None = None
    ran: list[Consolidation] = field(default_factory=list)

    def __post_init__(self) -> None:
        from perfxl.consolidation import assembly

        original = assembly.assemble

        def kept(*args: Any) -> Consolidation:
            self.ran.append(original(*args))
            return self.ran[-1]

        self.patch.setattr(assembly, "assemble", kept)
        self.patch.setattr(consolidated, "write_consolidated", _page)

    def sent(self, **files: bytes) -> None:
        """Put intakes into the inbox, by stem."""
        folder(self.home / "收件", {f"{stem}.xlsx": content for stem, content in files.items()})

    def listed(self, *rows: tuple[object, ...], head: tuple[str, ...] = ("单位名称", "预算单位编码", "主管部门", "曾用名")) -> None:
        """Write the roster."""
        book = Workbook()
        for row in (head, *rows):
            book.active.append(row)
        self.roster = self.home / "名单.xlsx"
        book.save(self.roster)

    def run(
        self, review: str | Path | None = None, sheets: str | None = None, *, ledger: bool = True, decisions: Path | None = None, **options: Any
    ) -> Consolidation:
        """One run; what it found is returned."""
        products = job.Products(
            self.home / "汇总.xlsx", self.home / "台账.sqlite" if ledger else None, review_sheets=self.home / sheets if sheets else None
        )
        asked = ConsolidateOptions(
            roster=self.roster, review=self.home / review if review else None, decisions=decisions, today=date(2021, 3, 1), **options
        )
        before = len(self.ran)
        self.result = job.run([self.home / "收件"], products, asked)
        assert len(self.ran) == before + 1, "the run took itself for unchanged"
        return self.ran[-1]

    def sheet(self, name: str = "复核/复核_未填主管部门.xlsx") -> Path:
        """A review sheet."""
        return self.home / name


def _page(target: IO[bytes], c: Consolidation, *_: object) -> Contents:
    """In the place of the consolidated workbook, which takes most of the time of a run and holds nothing of what is asked here."""
    book, _ = new_workbook(target)
    book.add_worksheet("总览").write_string(0, 0, str(len(c.units)))
    book.close()
    return Contents()


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a review sheet by their titles; `at` is the row."""
    sheet = load_workbook(path)["复核"]
    titles = [cell.value for cell in sheet[HEAD]]
    return [{"at": row[0].row, **dict(zip(titles, (cell.value for cell in row), strict=True))} for row in sheet.iter_rows(min_row=HEAD + 1)]


def typed(path: Path, answers: Mapping[tuple[str, str], Mapping[str, object]], target: Path | None = None) -> Path:
    """Type into the lines of (unit, 三级指标); unit "" is any."""
    book = load_workbook(path)
    sheet = book["复核"]
    titles = [cell.value for cell in sheet[HEAD]]
    unit, name = titles.index("单位"), titles.index("三级指标")
    hits = 0
    for row in sheet.iter_rows(min_row=HEAD + 1):
        for (wanted, level3), values in answers.items():
            if row[name].value == level3 and wanted in ("", row[unit].value):
                hits += 1
                for title, value in values.items():
                    row[titles.index(title)].value = value
    assert hits, f"no line of {list(answers)}"
    book.save(target or path)
    return target or path


def finals(c: Consolidation) -> dict[str, tuple[float, float, bool]]:
    """Computed total, final total, still provisional, by unit."""
    names = ("name", "total", "final_total", "final_provisional")
    return {name: (total, final, bool(open_)) for name, total, final, open_ in zip(*(c.units[n].tolist() for n in names), strict=True)}


def states(c: Consolidation) -> dict[tuple[str, str], str]:
    """State by unit and 三级指标."""
    return {(r.unit_name, r.level3): r.state for r in c.reviewed.itertuples()}


def codes(c: Consolidation) -> list[str]:
    """The codes about reviews."""
    return [code for code in c.between["code"] if code.startswith("review-")]


ALL = tuple(TITLES.values())
VISITS, READERS, RATE = "开展活动场数", "服务读者人次", "读者满意度"
__all__ = ["ALL", "HEAD", "RATE", "READERS", "VISITS", "Bureau", "codes", "finals", "intake", "lines", "states", "typed"]
