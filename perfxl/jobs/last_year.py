"""What each unit sent last year, for its next template: of a folder settled as `consolidate` settles it, or of a ledger's last run."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.consolidation.engine import ConsolidateOptions, Inbox, decisions, in_order, read_all, runner
from perfxl.consolidation.items import Matter
from perfxl.consolidation.ledger import Ledger
from perfxl.consolidation.memory import known_as
from perfxl.consolidation.names import name_key
from perfxl.consolidation.packing import unpack
from perfxl.consolidation.roster import PROJECT, empty_roster
from perfxl.consolidation.status import DueRows
from perfxl.consolidation.submissions import Header
from perfxl.consolidation.units import Directory, Whose, whose
from perfxl.intake.discover import find_files
from perfxl.intake.guard import DEFAULT_LIMITS
from perfxl.intake.reading import Refused
from perfxl.intake.submission import SheetRow, Submission
from perfxl.model import FileFate
from perfxl.model.columns import INDICATORS
from perfxl.workbook.prefill import Prefill, prefill_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    import pandas as pd

    from perfxl.consolidation.roster import Roster

Note = tuple[str, str]
"""A line for the terminal, in Chinese and in English."""
SHOWN = 30
"""Units named in a line; of more the number is said."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A submission of last year: whose it is on the roster (−1: nobody's), for which of its rows, and whether it counted."""

    name: str
    """The unit as last year's run knew it."""
    typed: str
    """And as the submission names it."""
    code: str
    evaluation: str
    project: str
    project_code: str
    listed: int
    due_row: int
    fate: str
    in_year: bool
    concerned: tuple[str, ...]
    """Keys of the units it may be of, where code and name are two units'."""
    load: Callable[[], Submission]


@dataclass(slots=True)
class LastYear:
    """Last year's submissions, each the one that counted for its item; nothing is chosen between two."""

    year: int
    sent: list[Filed]
    source: Note
    directory: Directory
    """The roster, as it is searched."""
    notes: list[Note] = field(default_factory=list)

    def of_rows(self) -> dict[int, Filed]:
        """The submission of each row of the roster that one counted for, and for which only one did."""
        counted = [sent for sent in self.sent if sent.due_row >= 0 and self._counted(sent)]
        times = Counter(sent.due_row for sent in counted)
        return {sent.due_row: sent for sent in counted if times[sent.due_row] == 1}

    def units(self) -> list[Filed]:
        """Where there is no roster: every item that counted."""
        return [sent for sent in self.sent if self._counted(sent)]

    @staticmethod
    def _counted(sent: Filed) -> bool:
        return sent.in_year and sent.fate == FileFate.ACCEPTED

    def prefill(self, sent: Filed | None) -> Prefill:
        """What a template starts from; the year is known also where nothing is carried over."""
        following = {"fiscal_year": str(self.year + 1)} if self.year else {}
        return prefill_from(sent.load(), self.year + 1 if self.year else None) if sent is not None else Prefill(unit=following)

    def said(self, rows: Iterable[Mapping[str, object]], bare: Collection[int] = ()) -> list[Note]:
        """How many rows of the roster found their last year, and which did not, and why; what nobody on the roster sent.

        `bare` are rows of the roster whose submission gave no indicator.
        """
        rows = list(rows)
        found = {at: sent for at, sent in self.of_rows().items() if at not in bare}
        notes = [self.source, (f"带入上年内容{len(found)}份，共{len(rows)}份。", f"{len(found)} of {len(rows)} intakes carry over last year's rows.")]
        why: dict[Note, list[str]] = {}
        for at, row in enumerate(rows):
            if at not in found:
                reason = _BARE if at in bare else self._why(at, int(str(row["unit"])))
                why.setdefault(reason, []).append(_shown(row["name"], row["project"] or row["project_code"]))
        left = [_shown(sent.name or sent.code, sent.project) for sent in self.units() if sent.due_row < 0 and not sent.concerned]
        renamed = [
            f"{sent.typed}→{rows[at]['name']}"
            for at, sent in sorted(found.items())
            if sent.typed and sent.listed not in self.directory.named(name_key(sent.typed))
        ]
        for (zh, en), names in (
            *why.items(),
            (("上年采用了、名单上没有对应单位或事项，没有带入", "accepted last year, not on the roster, carried nowhere"), left),
            (
                ("填报的名称不在名单上，按编码或裁定对上，请核对（或在名单上填曾用名）", "matched under a name the roster lacks, please check"),
                renamed,
            ),
        ):
            if names:
                more = f"……（共{len(names)}份）" if len(names) > SHOWN else ""
                listed = "、".join(names[:SHOWN]) + more
                notes.append((f"{zh}：{len(names)}份：{listed}", f"{len(names)} {en}: {listed}"))
        return [*notes, *self.notes]

    def _why(self, at: int, unit: int) -> Note:
        """Why a row of the roster got nothing."""
        own = [sent for sent in self.sent if sent.due_row == at]
        if sum(map(self._counted, own)) > 1:
            return "没有带入（上年采用的不止一份，分不清是哪一份）", "without last year's rows: several counted"
        if any(sent.in_year for sent in own):
            return _WAITING
        if own:
            return f"没有带入（只有其他年度的，不是{self.year}年度）", f"without last year's rows: none of {self.year}"
        if any(self.directory.members[unit].key in sent.concerned for sent in self.sent):
            return "没有带入（上年有一份的编码和名称指向不止一个单位）", "without last year's rows: a code and a name of more than one unit"
        theirs = [sent for sent in self.sent if sent.listed == unit]
        if any(map(self._counted, theirs)):
            return "没有带入（上年没有报这一事项）", "without last year's rows: nothing was sent for this item"
        if theirs:
            return _WAITING
        return "没有带入（上年没有这个单位的填报）", "without last year's rows: the unit sent nothing"


_WAITING = "没有带入（上年没有采用，等待裁定或裁定不采用）", "without last year's rows: none was accepted"
_BARE = "没有带入（上年采用的那份没有指标，或台账里的已读不出）", "without last year's rows: what counted holds no indicator, or cannot be read"


def _shown(name: object, project: object) -> str:
    return f"{name}（{project}）" if project else str(name)


@contextmanager
def of_folder(folder: Path, roster: Path | None, workers: int = 0) -> Iterator[LastYear]:
    """What counts of a folder, read and settled as `consolidate` does; what was read is kept aside as long as this lasts."""
    with tempfile.TemporaryDirectory() as place, Ledger(Path(place) / "read") as book:
        options = ConsolidateOptions(roster=roster, workers=workers, ledger=book)
        with runner(options) as pool:
            reading = read_all(Inbox.of(in_order(find_files([folder], options.limits), options)), options, pool)
        settled = decisions(reading, options)
        due = DueRows(settled.roster.frame if settled.roster is not None else empty_roster())

        def sent() -> Iterator[Filed]:
            for number, decision in sorted(settled.parts.items()):
                header, owner, key = settled.headers[number], settled.owners[number], settled.keys[number]
                row = due.of(owner.listed, key.matter, header.project, header.project_code or key.project)
                counts = str(decision.fate), key.year == settled.year
                yield _sent(header, owner, header.name, (key.matter, row), counts, partial(_as_read, book, header.sha256, header.part))

        source = f"上年内容取自文件夹“{folder}”（{settled.year}年度）。", f"Last year ({settled.year}): {folder}."
        yield LastYear(settled.year, list(sent()), source, settled.directory)


@contextmanager
def of_ledger(path: Path, roster: Roster | None) -> Iterator[LastYear]:
    """What counted in the last run of the latest year a ledger knows; units are matched to the roster as it is now."""
    with Ledger(path, history_only=True) as book:
        rounds = [(round_["year"], round_["run"]) for round_ in book.rounds() if round_["accepted"]]
        year, run = max(rounds, default=(0, ""))
        rows = book.results(run) if run else []
        headers = {at: _header(row) for at, row in enumerate(rows)}
        frame: pd.DataFrame = roster.frame if roster is not None else empty_roster()
        directory, due = Directory(frame), DueRows(frame)
        owners, readable = whose(headers, directory), book.holds_parsed()

        def sent() -> Iterator[Filed]:
            for at, row in enumerate(rows):
                _, matter, project = _item(row)
                due_row = due.of(owners[at].listed, matter, headers[at].project, project)
                counts = str(row["fate"]), row["year"] in (None, year)
                yield _sent(headers[at], owners[at], row["typed_name"], (matter, due_row), counts, partial(_as_kept, book, row, year, readable))

        when = run[:16].replace("T", " ")
        source = f"上年内容取自台账“{path}”（{year}年度，{when}的汇总）。", f"Last year ({year}): the run of {when} in {path}."
        yield LastYear(year, list(sent()), source, directory, [(note, note) for note in book.notes])


def _sent(header: Header, owner: Whose, typed: str, item: tuple[str, int], counts: tuple[str, bool], load: Callable[[], Submission]) -> Filed:
    evaluation = PROJECT if item[0] == Matter.PROJECT else header.evaluation
    about = header.project, header.project_code
    return Filed(header.name, typed, header.code, evaluation, *about, owner.listed, item[1], *counts, owner.concerned, load)


def _item(row: Mapping[str, object]) -> tuple[str, str, str]:
    """Year, matter and project of what a ledger's row was for."""
    year, matter, project = [*str(row["unit_key"]).removeprefix(f"{row['unit']}|").split("|", 2), "", "", ""][:3]
    return year, matter, project


def _header(row: Mapping[str, object]) -> Header:
    """Who sent what a ledger remembers: the unit as the run settled it, found again by its code and name."""
    name = str(row["unit_name"] or row["typed_name"])
    head = str(row["unit"]).partition("·")[0]
    code = "" if head.startswith("?") or head == name_key(name).replace("|", "¦") else head
    year, matter, project = _item(row)
    named = str(row["project"] or "")
    coded = project if matter == Matter.PROJECT and project not in ("?", name_key(named)) else ""
    return Header(
        str(row["sha256"]),
        code or str(row["typed_code"]),
        name,
        int(year) if year.isdecimal() else 0,
        str(row["evaluation"] or ""),
        named,
        1,
        "",
        "",
        part=str(row["part"]),
        project_code=coded,
    )


def _as_read(book: Ledger, sha256: str, part: str) -> Submission:
    """A submission as it was read, as the ledger keeps it."""
    packed = book.known(known_as(sha256, DEFAULT_LIMITS))
    read = unpack(packed, 0, "") if packed is not None else []
    return next(submission for submission in ([] if isinstance(read, Refused) else read) if submission.part == part)


def _as_kept(book: Ledger, row: Mapping[str, object], year: int, readable: bool) -> Submission:  # noqa: FBT001  # bound by partial
    """The same; where it would have to be read again (another perfxl has read it), what was kept of its indicators."""
    sha256, part, scheme = str(row["sha256"]), str(row["part"]), str(row["scheme"])
    if readable:
        with suppress(ValueError, StopIteration):
            return _as_read(book, sha256, part)
    rows = [
        SheetRow(int(detail["sheet_row"] or 0), {**{k: v for k, v in detail.items() if v not in (None, "")}, "level1": detail["block"] or ""})
        for detail in book.details(sha256, part, scheme)
    ]
    return Submission(0, "", sha256, {"fiscal_year": str(year)}, {INDICATORS.name: rows}, part=part)
