"""From what the chunks brought back to the frames of a consolidation: renumbered by unit, ranked, accounted for."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

import pandas as pd

from perfxl.consolidation import shelf
from perfxl.consolidation.checks import shared_sentences
from perfxl.consolidation.chunks import stack
from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.decisions import Reason
from perfxl.consolidation.engine import ConsolidateOptions, Inbox, decisions, in_order, read_all, runner
from perfxl.consolidation.items import Matter
from perfxl.consolidation.records import PIECE, Consolidation
from perfxl.consolidation.reviews.reviewing import review
from perfxl.consolidation.roster import PROJECT, WHOLE, empty_roster
from perfxl.consolidation.shelf import LONG
from perfxl.consolidation.status import SENT, SUSPECTS, DueRows, framed
from perfxl.intake.discover import find_files, suffix_of
from perfxl.intake.submission import file_of
from perfxl.model import FileFate, PerfxlError
from perfxl.rules.deadline import day, day_number
from perfxl.schemes import DEFAULT_SCHEME, load_scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from perfxl.consolidation.items import ItemKey
    from perfxl.consolidation.settlement import Settlement, Suspect
    from perfxl.consolidation.shelf import Shelf
    from perfxl.consolidation.submissions import Header
    from perfxl.schemes import Scheme


def consolidate(
    paths: Sequence[Path], options: ConsolidateOptions | None = None, progress: Callable[[int, int], None] | None = None
) -> Consolidation:
    """Read, score and put side by side every workbook below `paths`.

    `progress` is told how many of how many files are done.

    Raises:
        PerfxlError: a path, a scheme, a roster or a cluster that is not there.
    """
    options = options or ConsolidateOptions()
    with runner(options) as workers:
        reading = read_all(Inbox.of(in_order(find_files(paths, options.limits), options)), options, workers, progress)
    return assemble(reading, decisions(reading, options), options)


def assemble(reading: Inbox, settled: Settlement, options: ConsolidateOptions) -> Consolidation:
    """The consolidation of a finished reading."""
    accepted = sorted((d.key, n) for n, d in settled.parts.items() if d.fate is FileFate.ACCEPTED)
    numbers = {number: at for at, (_, number) in enumerate(accepted)}
    order = [number for _, number in accepted]
    tables = _short_tables(reading.rows, order)
    units, anchors, sentences = (tables.pop(name) for name in ("units", "anchors", "sentences"))
    if len(units) != len(accepted):
        raise PerfxlError(f"内部错误：收下{len(accepted)}份，读出{len(units)}份。")
    roster = settled.roster.frame if settled.roster is not None else empty_roster()
    sent = sent_frame(settled, numbers, roster)
    units = _owned(units, settled, order, sent)
    consolidation = Consolidation(
        files=_files(reading, settled, numbers),
        units=units,
        rows=reading.rows,
        order=order,
        roster=roster,
        status=pd.DataFrame(),
        between=pd.DataFrame(),
        claims=pd.DataFrame(),
        schemes=_schemes(units, options.scheme),
        missing=options.missing,
        deadline=options.deadline,
        today=day(day_number(options.today)),
        levels=tables.pop("levels"),
        facts=tables.pop("facts"),
        tally=tables.pop("tally"),
        kinds=tables.pop("kinds"),
        short=tables,
        sent=sent,
        suspects=framed(SUSPECTS, ({**_plain(s), "matter": str(s.matter or "")} for s in settled.suspects)),
        unreadable=framed({"listed": -1, "shown": ""}, ({"listed": u, "shown": reading.files[i].found.shown} for u, i in settled.unreadable)),
        year=settled.year,
        amounts_right=frozenset(numbers[n] for n in settled.amounts_right if n in numbers),
        doubts=list(doubts(settled, numbers)),
        questions=list(settled.questions),
        unfit=list(settled.unfit),
        rulings=settled.used,
        earlier_rulings=settled.holding,
        returned=options.ledger.returned() if options.ledger is not None else frozenset(),
    )
    consolidation.reviews = review(consolidation, reading, settled, options, anchors)
    complete(consolidation, settled.roster, anchors, _passages(consolidation, sentences))
    return consolidation


def _short_tables(rows: Shelf, order: Sequence[int]) -> dict[str, pd.DataFrame]:
    """The short tables of `compact` under their names: those of the submissions in this order, numbered anew."""
    found: dict[str, list[pd.DataFrame]] = {}
    for first in range(0, len(order), BLOCK):
        numbers = range(first, min(first + BLOCK, len(order)))
        parts = [shelf.unpacked(rows.take(order[number]), shelf.SHORT) for number in numbers]
        for name in dict.fromkeys(chain.from_iterable(parts)):
            found.setdefault(name, []).append(shelf.table(name, numbers, parts))
    tables = {name: stack(found.pop(name)) for name in list(found)}
    if not tables or not all(map(len, tables.values())):
        empty = {name: frame for name, frame in nothing().items() if name not in LONG}
        return empty | {name: frame for name, frame in tables.items() if len(frame)}
    return tables


BLOCK = 500
"""Submissions whose short tables are held as plain lists at once."""


def _schemes(units: pd.DataFrame, given: str | Scheme | None) -> dict[str, Scheme]:
    """The schemes of the submissions that count, by id."""
    scheme = load_scheme(given) if isinstance(given, str) else given
    return {str(key): scheme or load_scheme(str(key)) for key in sorted(set(units["scheme"]))}


def _plain(suspect: Suspect) -> dict[str, object]:
    return {"listed": suspect.listed, "shown": suspect.shown, "why": str(suspect.why), "project": suspect.project}


def sent_frame(settled: Settlement, numbers: Mapping[int, int], roster: pd.DataFrame) -> pd.DataFrame:
    """Every submission that was read, with its unit, its item and what became of it."""
    return framed(SENT, _sent(settled, numbers, DueRows(roster)))


def _sent(settled: Settlement, numbers: Mapping[int, int], due: DueRows) -> Iterator[dict[str, object]]:
    for number in sorted(settled.parts):
        header, owner, key, decision = settled.headers[number], settled.owners[number], settled.keys[number], settled.parts[number]
        member = settled.directory.members[owner.listed] if owner.listed >= 0 else None
        yield {
            "number": number,
            "submission": numbers.get(number, -1),
            "listed": owner.listed,
            "due_row": due.of(owner.listed, key.matter, header.project, header.project_code or key.project),
            "unit": key.unit,
            "item": str(key),
            "in_year": key.year == settled.year,
            "matter": str(key.matter),
            "evaluation": header.evaluation,
            "project": header.project,
            "project_code": header.project_code,
            "name": member.name if member else header.name,
            "code": (member.code if member else "") or header.code,
            "authority": (member.authority if member else "") or header.authority,
            "fate": str(decision.fate),
            "why": decision.code,
            "filled_on": header.filled_on,
            "count": header.count,
            "part": header.part,
            "shown": settled.shown[settled.counts_as.get(number, file_of(number))],
            "sha256": header.sha256,
            "typed_year": header.year,
            "typed_code": header.code,
            "typed_name": header.name,
            "source": settled.shown[file_of(number)],
        }


def _owned(units: pd.DataFrame, settled: Settlement, order: Sequence[int], sent: pd.DataFrame) -> pd.DataFrame:
    """The frame of units with whose each row is, as the roster and the office have it."""
    own = sent.set_index("number").loc[list(order)]
    headers = [settled.headers[number] for number in order]
    units.insert(1, "unit_key", own["item"].to_numpy())
    for name in ("unit", "listed", "due_row", "matter", "in_year", "name", "code", "authority", "project", "project_code", "filled_on", "sha256"):
        units[name] = own[name].to_numpy()
    units["source"] = own["shown"].to_numpy()
    units["part"] = pd.Series([h.part for h in headers], index=units.index, dtype=object)
    units["year"] = [float(settled.headers[n].year) if settled.headers[n].year else math.nan for n in order]
    units["evaluation"] = pd.Series([_evaluation(h, settled.keys[n]) for n, h in zip(order, headers, strict=True)], index=units.index, dtype=object)
    units["submission_count"] = [h.count or 1 for h in headers]
    return units.copy()  # what was written over is held by nobody any more


def _evaluation(header: Header, key: ItemKey) -> str:
    """自评类型 in the word that counts; what is on no list stays as it was typed."""
    if key.matter is Matter.UNKNOWN:
        return header.evaluation
    return str(PROJECT) if key.matter is Matter.PROJECT else "单位整体" if header.evaluation.startswith("单位") else WHOLE


def doubts(settled: Settlement, numbers: Mapping[int, int]) -> Iterator[tuple[int, str, Mapping[str, str | float]]]:
    """What deciding found out about submissions that count, about copies, and about the office's own rows."""
    paths: dict[str, list[int]] = {}
    for number, index in settled.counts_as.items():
        paths.setdefault(settled.shown[index], []).append(number)
    for number, at in numbers.items():
        owner = settled.owners[number]
        if owner.code == Reason.SUSPECT:
            yield at, owner.code, owner.details
        if owner.noted:
            yield at, owner.noted, owner.details
    for suspect in settled.suspects:
        if suspect.why is Reason.SUSPECT:
            counted = [numbers[n] for n in paths.get(suspect.shown, ()) if n in numbers]
            unit = settled.directory.members[suspect.listed].name
            yield (counted or [-1])[0], "identity-suspect", {"unit": unit, "reason_text": f"文件名或文件夹是“{suspect.shown}”", "file": suspect.shown}
    for number, decision in settled.parts.items():
        winner = decision.winner
        if decision.code == "superseded" and winner in numbers and settled.headers[winner].paper != settled.headers[number].paper:
            yield numbers[winner], "paper-differs", {"file": settled.shown[settled.counts_as[number]]}
    for unfit in settled.unfit:
        code = "decision-unused" if unfit.unused else "decision-invalid"
        yield -1, code, {"row": str(unfit.ruling.row), "file": unfit.ruling.file, "word": unfit.ruling.word, "why_text": unfit.why}


def _passages(c: Consolidation, sentences: pd.DataFrame) -> pd.DataFrame:
    """The passages whose sentence several units have, taken from the shelf a few submissions at a time."""
    shared = shared_sentences(c, sentences)
    wanted, hashes = shared["submission"].unique().tolist(), shared["hash"].unique()
    found = []
    for first in range(0, max(len(wanted), 1), PIECE):
        some = wanted[first : first + PIECE]
        rows = shelf.table("passages", some, [shelf.unpacked(c.rows.take(c.order[number]), "passages") for number in some])
        found.append(rows[rows["hash"].isin(hashes)])
    return stack(found)


def nothing() -> dict[str, pd.DataFrame]:
    """The frames of a folder in which nothing could be read: their columns, no rows."""
    from perfxl.consolidation.compact import compact
    from perfxl.rules.frames import build_frames
    from perfxl.scoring.score import score

    return compact(score(build_frames([]), load_scheme(DEFAULT_SCHEME)))


_FILE: Mapping[str, object] = {
    "shown": "",
    "sha256": "",
    "size": 0,
    "fate": "",
    "code": "",
    "details": "",
    "undecided": False,
    "unit_key": "",
    "unit_name": "",
    "submission": -1,
    "replaced_by": "",
    "submission_count": 0,
    "filled_on": "",
    "paper": "",
    "container": "",
}


_PAPERS = {
    "ignored-archive": "压缩包",
    "zip-damaged": "压缩包",
    "zip-in-zip": "压缩包",
    "ignored-attachment": "附件",
    "ignored-own-result": "程序生成的文件",
    "ignored-given": "名单、裁定",
    "ignored-lock-file": "系统文件",
    "ignored-system-file": "系统文件",
}
"""What a file is that is no submission, by what was said of it."""


def _files(reading: Inbox, settled: Settlement, numbers: Mapping[int, int]) -> pd.DataFrame:
    """One row per file found; the four fates add up to all of them."""
    frame = framed(_FILE, _file_rows(reading, settled, numbers))
    if not frame["fate"].isin([str(fate) for fate in FileFate]).all():
        raise PerfxlError("内部错误：有文件没有交代去向。")
    return frame


def _file_rows(reading: Inbox, settled: Settlement, numbers: Mapping[int, int]) -> Iterator[dict[str, object]]:
    first: dict[int, int] = {}
    for number in sorted(settled.headers, reverse=True):
        first[file_of(number)] = number
    for number in sorted(numbers, reverse=True):
        first[settled.counts_as[number]] = number
    for index, (file, decision) in enumerate(zip(reading.files, settled.files, strict=True)):
        number = first.get(index, first.get(file.copy_of, -1))
        header = settled.headers.get(number)
        counts = decision.fate is FileFate.ACCEPTED
        yield {
            "shown": file.found.shown,
            "sha256": file.sha256,
            "size": file.size,
            "fate": str(decision.fate),
            "code": decision.code,
            "details": decision.details,
            "undecided": decision.undecided,
            "unit_key": decision.key,
            "unit_name": header.name if header else "",
            "submission": numbers.get(number, -1) if counts else -1,
            "replaced_by": settled.shown[settled.counts_as[decision.winner]] if decision.winner >= 0 else "",
            "submission_count": header.count if header else 0,
            "filled_on": header.filled_on if header else "",
            "paper": header.paper.zh if header else _PAPERS.get(decision.code, str(decision.details.get("kind", ""))),
            "container": suffix_of(file.found.shown),
        }
