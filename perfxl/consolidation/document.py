"""A consolidation as the JSON document of the contract (§2), and as entries of the ledger's history."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from perfxl.catalogue import message
from perfxl.consolidation.ledger import HistoryEntry
from perfxl.intake.submission import file_of, shown_part
from perfxl.model import Issue
from perfxl.rules.frames import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from perfxl.consolidation.engine import Decided, Inbox
    from perfxl.consolidation.records import Consolidation

FATES = ("accepted", "rejected", "superseded", "ignored")


def consolidation_document(c: Consolidation) -> dict[str, Any]:
    """What `consolidate --json` prints: counts that add up, every unit, every file, issues by code."""
    from perfxl.scoring.document import number, version

    fates = c.files["fate"].value_counts()
    issues = c.tally.groupby("code")["count"].sum()
    return {
        "perfxl": version(),
        "found": len(c.files),
        **{fate: int(fates.get(fate, 0)) for fate in FATES},
        "undecided": int(c.files["undecided"].sum()),
        "missing": str(c.missing),
        "submissions": _submissions(c),
        "units": [_unit(row, number) for row in records(c.units[list(_SHOWN)])],
        "files": [_file(row) for row in records(c.files)],
        "issues": {str(code): int(count) for code, count in sorted(issues.items())},
    }


_SHOWN = (
    "name",
    "code",
    "authority",
    "region",
    "year",
    "evaluation",
    "project",
    "source",
    "part",
    "sha256",
    "scheme",
    "total",
    "provisional",
    "low",
    "high",
    "grade",
    "grade_low",
    "grade_high",
    "rank",
    "authority_rank",
    "excluded",
    "execution_rate",
    "claimed_total",
    "claimed_grade",
    "errors",
    "warnings",
)
_REMEMBERED = ("sha256", "part", "scheme", "total", "low", "high", "grade", "provisional", "errors")


def _unit(row: Mapping[str, Any], number: Any) -> dict[str, Any]:  # a function
    return {
        "name": row["name"] or None,
        "code": row["code"] or None,
        "authority": row["authority"] or None,
        "region": row["region"] or None,
        "fiscal_year": number(row["year"]),
        "evaluation": row["evaluation"] or None,
        "project": row["project"] or None,
        "file": row["source"],
        "part": row["part"],
        "sha256": row["sha256"],
        "scheme": row["scheme"],
        "total": number(row["total"]),
        "provisional": bool(row["provisional"]),
        "possible": [number(row["low"]), number(row["high"])],
        "grade": row["grade"] or None,
        "grade_span": [row["grade_low"], row["grade_high"]] if row["grade_low"] or row["grade_high"] else None,
        "rank": number(row["rank"]),
        "authority_rank": number(row["authority_rank"]),
        "excluded": bool(row["excluded"]),
        "execution_rate": number(row["execution_rate"], 6),
        "claimed": {"total": number(row["claimed_total"]), "grade": row["claimed_grade"] or None},
        "errors": int(row["errors"]),
        "warnings": int(row["warnings"]),
    }


def _file(row: Mapping[str, Any]) -> dict[str, Any]:
    words = message(Issue(-1, row["code"], details=row["details"])) if row["code"] else None
    return {
        "file": row["shown"],
        "sha256": row["sha256"] or None,
        "fate": str(row["fate"]),
        "code": row["code"] or None,
        "message": words,
        "replaced_by": row["replaced_by"] or None,
        "undecided": bool(row["undecided"]),
        "parts": [{"part": part["part"], "fate": part["fate"], "unit": part["unit"] or None, "code": part["code"] or None} for part in row["parts"]],
    }


def _submissions(c: Consolidation) -> dict[str, int]:
    """How many submissions the files hold, and what became of them; files are counted beside."""
    parts = [part for parts in c.files["parts"] for part in parts]
    fates = [part["fate"] for part in parts]
    return {
        "found": len(parts),
        "accepted": fates.count("accepted"),
        "superseded": fates.count("superseded"),
        "undecided": sum(part["undecided"] for part in parts),
    }


def history(c: Consolidation, reading: Inbox, decided: Decided) -> Iterator[HistoryEntry]:
    """Every submission that was read, with the score of those that count."""
    scored = {(row["sha256"], row["part"]): row for row in records(c.units[list(_REMEMBERED)])}
    for number, decision in sorted(decided.parts.items()):
        header = reading.headers[number]
        if not decision.key:
            continue
        entry = HistoryEntry(
            decision.key,
            header.code,
            header.name,
            header.year or None,
            header.evaluation,
            header.project,
            header.sha256,
            shown_part(reading.files[file_of(number)].found.shown, header.part),
            "undecided" if decision.code == "duplicate-submission" else str(decision.fate),
            header.count,
            header.filled_on,
        )
        row = scored.get((header.sha256, header.part)) if decision.fate == "accepted" else None
        if row is None:
            yield entry
            continue
        yield replace(
            entry,
            scheme=row["scheme"],
            total=_real(row["total"]),
            low=_real(row["low"]),
            high=_real(row["high"]),
            grade=row["grade"] or None,
            provisional=bool(row["provisional"]),
            errors=int(row["errors"]),
        )


def _real(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
