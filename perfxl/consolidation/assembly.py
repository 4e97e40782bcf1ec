"""From what the chunks brought back to the frames of a consolidation: renumbered by unit, ranked, accounted for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from perfxl.consolidation import shelf
from perfxl.consolidation.checks import shared_sentences
from perfxl.consolidation.chunks import frame_of, stack
from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.engine import ConsolidateOptions, decisions, in_order, read_all, runner
from perfxl.consolidation.records import PIECE, Consolidation, FileFate, Missing
from perfxl.consolidation.roster import read_roster
from perfxl.consolidation.shelf import LONG
from perfxl.intake.discover import find_files
from perfxl.intake.submission import file_of
from perfxl.model import PerfxlError
from perfxl.rules.deadline import day, day_number
from perfxl.rules.totals import grade_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from perfxl.consolidation.engine import Decided, Inbox
    from perfxl.consolidation.submissions import Decision, Header
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
        reading = read_all(in_order(find_files(paths), options), options, workers, progress)
    return assemble(reading, decisions(reading), options)


def assemble(reading: Inbox, decided: Decided, options: ConsolidateOptions) -> Consolidation:
    """The consolidation of a finished reading."""
    accepted = sorted((d.key, i) for i, d in decided.parts.items() if d.fate is FileFate.ACCEPTED)
    numbers = {index: number for number, (_, index) in enumerate(accepted)}
    tables = {name: _table(name, reading, numbers) for name in _short_tables(reading)}
    units, anchors, sentences = (tables.pop(name) for name in ("units", "anchors", "sentences"))
    if len(units) != len(accepted):
        raise PerfxlError(f"内部错误：收下{len(accepted)}份，读出{len(units)}份。")
    units.insert(1, "unit_key", [key for key, _ in accepted])
    headers = [reading.headers[index] for _, index in accepted]
    units["submission_count"] = [header.count for header in headers]
    units["filled_on"] = [header.filled_on for header in headers]
    close(units, options.missing, reading.schemes)
    rank(units)
    consolidation = Consolidation(
        files=_files(reading, decided, numbers),
        units=units,
        rows=reading.rows,
        order=[index for _, index in accepted],
        roster=pd.DataFrame(),
        status=pd.DataFrame(),
        between=pd.DataFrame(),
        claims=pd.DataFrame(),
        schemes=dict(sorted(reading.schemes.items())),
        missing=options.missing,
        deadline=options.deadline,
        today=day(day_number(options.today)),
        levels=tables.pop("levels"),
        facts=tables.pop("facts"),
        tally=tables.pop("tally"),
        kinds=tables.pop("kinds"),
        short=tables,
    )
    complete(consolidation, read_roster(options.roster, options.limits) if options.roster else None, anchors, _passages(consolidation, sentences))
    return consolidation


def _short_tables(reading: Inbox) -> list[str]:
    """The names of the short tables, as the chunks brought them."""
    found = next((list(tables) for tables in reading.tables if tables), None)
    return found or [name for name in nothing() if name not in LONG]


def _table(name: str, reading: Inbox, numbers: dict[int, int]) -> pd.DataFrame:
    frames = []
    for tables in reading.tables:
        if name in tables:
            frame = frame_of(tables.pop(name))
            number = frame["submission"].map(numbers)
            frames.append(frame[number.notna()].assign(submission=number[number.notna()].astype("int64")))
    if not frames:
        return nothing()[name]
    return stack(frames).sort_values("submission", kind="stable", ignore_index=True)


def _passages(c: Consolidation, sentences: pd.DataFrame) -> pd.DataFrame:
    """The passages whose sentence several units have, taken from the shelf a few submissions at a time."""
    shared = shared_sentences(c, sentences)
    wanted, hashes = shared["submission"].unique().tolist(), shared["hash"].unique()
    found = []
    for first in range(0, max(len(wanted), 1), PIECE):
        some = wanted[first : first + PIECE]
        rows = shelf.table("passages", some, [shelf.unpacked(c.rows.take(c.order[number])) for number in some])
        found.append(rows[rows["hash"].isin(hashes)])
    return stack(found)


def nothing() -> dict[str, pd.DataFrame]:
    """The frames of a folder in which nothing could be read: their columns, no rows."""
    from perfxl.consolidation.compact import compact
    from perfxl.rules.frames import build_frames
    from perfxl.schemes import DEFAULT_SCHEME, load_scheme
    from perfxl.scoring.score import score

    return compact(score(build_frames([]), load_scheme(DEFAULT_SCHEME)))


def _files(reading: Inbox, decided: Decided, numbers: dict[int, int]) -> pd.DataFrame:
    """One row per file found; the four fates add up to all of them."""
    held: dict[int, list[int]] = {}
    for number in sorted(reading.headers):
        held.setdefault(file_of(number), []).append(number)
    rows = []
    for index, (file, decision) in enumerate(zip(reading.files, decided.files, strict=True)):
        parts = held.get(index, [])
        header = next((reading.headers[n] for n in parts if decided.parts[n] is decision), None)
        rows.append(
            {
                "shown": file.found.shown,
                "sha256": file.sha256,
                "size": file.size,
                "fate": str(decision.fate),
                "code": decision.code,
                "details": dict(decision.details),
                "undecided": decision.code == "duplicate-submission",
                "unit_key": decision.key,
                "unit_name": header.name if header else "",
                "submission": next((numbers[n] for n in parts if n in numbers), -1),
                "replaced_by": reading.files[file_of(decision.winner)].found.shown if decision.winner >= 0 else "",
                "submission_count": header.count if header else 0,
                "filled_on": header.filled_on if header else "",
                "parts": [_part(reading.headers[n], decided.parts[n]) for n in parts],
            }
        )
    names = (
        "shown",
        "sha256",
        "size",
        "fate",
        "code",
        "details",
        "undecided",
        "unit_key",
        "unit_name",
        "submission",
        "replaced_by",
        "submission_count",
        "filled_on",
        "parts",
    )
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=_FILE_KINDS.get(name, object)) for name in names})
    if not frame["fate"].isin([str(fate) for fate in FileFate]).all():
        raise PerfxlError("内部错误：有文件没有交代去向。")
    return frame


def _part(header: Header, decision: Decision) -> dict[str, object]:
    """One submission of a file, as `consolidate --json` prints it."""
    return {
        "part": header.part,
        "fate": str(decision.fate),
        "unit": header.name,
        "code": decision.code,
        "undecided": decision.code == "duplicate-submission",
    }


_FILE_KINDS = {"size": "int64", "undecided": "bool", "submission": "int64", "submission_count": "int64"}


def close(units: pd.DataFrame, missing: Missing, schemes: dict[str, Scheme]) -> None:
    """Apply the closing rule for what was not reported: leave it open, count it 0, or leave the unit out."""
    open_units = units["provisional"].astype(bool)
    units["excluded"] = open_units if missing is Missing.EXCLUDE else False
    if missing is Missing.ZERO:
        grades = [grade_of(t, schemes[s]) for s, t in zip(units["scheme"], units["total"], strict=True)]
        for name in ("low", "high"):
            units[name] = units["total"]
        for name in ("grade", "grade_low", "grade_high"):
            units[name] = pd.Series(grades, index=units.index, dtype=object)
        units["provisional"] = False


def rank(units: pd.DataFrame) -> None:
    """排名 and 部门内排名 among final scores only; equal totals share the better rank; NaN for 暂定."""
    final = ~units["provisional"].astype(bool) & ~units["excluded"].astype(bool)
    totals = units["total"].where(final, math.nan).astype("float64")
    units["rank"] = totals.rank(method="min", ascending=False)
    units["authority_rank"] = totals.groupby(units["authority"]).rank(method="min", ascending=False)
