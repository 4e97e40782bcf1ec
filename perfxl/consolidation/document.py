"""A consolidation as the JSON document of the contract (§2), and as entries of the ledger's history."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from perfxl.catalogue import message
from perfxl.consolidation.decisions import TITLES
from perfxl.consolidation.ledger import HistoryEntry
from perfxl.consolidation.questions import question_rows
from perfxl.consolidation.reviews import FINAL, REVIEWED, ReviewState
from perfxl.model import Issue
from perfxl.rules.frames import each_record, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from perfxl.consolidation.records import Consolidation

FATES = ("accepted", "rejected", "superseded", "ignored")


def consolidation_document(c: Consolidation) -> dict[str, Any]:
    """What `consolidate --json` prints: counts that add up, every unit, every file, what is due, what is asked, issues by code."""
    return {name: list(value) if isinstance(value, Iterator) else value for name, value in _said(c).items()}


def packed_document(c: Consolidation) -> bytes:
    """The same as compressed JSON, made line by line: of twenty thousand units nothing is held whole."""
    packer = zlib.compressobj()

    def pieces() -> Iterator[bytes]:
        for at, (name, value) in enumerate(_said(c).items()):
            yield b'%s"%s":' % (b"," if at else b"{", name.encode())
            if not isinstance(value, Iterator):
                yield msgspec.json.encode(value)
                continue
            yield b"["
            for number, line in enumerate(value):
                yield b"," * bool(number) + msgspec.json.encode(line)
            yield b"]"
        yield b"}"

    return b"".join(map(packer.compress, pieces())) + packer.flush()


def _said(c: Consolidation) -> dict[str, Any]:
    """The parts of the document; the long lists are made while they are gone through."""
    from perfxl.scoring.document import number, version

    fates, sent = c.files["fate"].value_counts(), c.sent["fate"]
    issues = c.tally.groupby("code")["count"].sum()
    parts: dict[str, list[tuple[str, ...]]] = {}
    for shown, *part in zip(*(c.sent[name].tolist() for name in ("shown", "part", "fate", "name", "why")), strict=True):
        parts.setdefault(shown, []).append(tuple(part))
    return {
        "perfxl": version(),
        "year": c.year or None,
        "found": len(c.files),
        **{fate: int(fates.get(fate, 0)) for fate in FATES},
        "undecided": int(c.files["undecided"].sum()),
        "submissions": {
            "found": len(sent),
            "accepted": len(c.units),
            "superseded": int((sent == "superseded").sum()),
            "undecided": int((sent == "rejected").sum()),
        },
        "missing": str(c.missing),
        "units": (_unit(row, number) for row in each_record(c.units[list(_SHOWN)])),
        "files": (_file(row, parts.get(row["shown"], ())) for row in each_record(c.files)),
        "due": (_due(row, number) for row in each_record(c.status)),
        "reviews": [_review(row, number) for row in records(c.reviewed)],
        "open_questions": len(c.questions),
        "questions": [dict(zip(TITLES, row, strict=True)) for row in question_rows(c)],
        "issues": {str(code): int(count) for code, count in sorted(issues.items())},
        "roster_issues": dict(sorted(Counter(issue.code for issue in c.roster_issues).items())),
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
    "counted",
    "not_counted",
    "rank",
    "authority_rank",
    "computed_rank",
    "excluded",
    "full_year",
    "executed",
    "execution_rate",
    "claimed_total",
    "claimed_grade",
    "errors",
    "warnings",
    *FINAL,
)


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
        "counted": bool(row["counted"]),
        "not_counted": row["not_counted"] or None,
        "rank": number(row["rank"]),
        "authority_rank": number(row["authority_rank"]),
        "computed_rank": number(row["computed_rank"]),
        "excluded": bool(row["excluded"]),
        "full_year": number(row["full_year"], 6),
        "executed": number(row["executed"], 6),
        "execution_rate": number(row["execution_rate"], 6),
        "claimed": {"total": number(row["claimed_total"]), "grade": row["claimed_grade"] or None},
        "reviewed_total": number(row["final_total"]) if row["reviewed"] else None,
        "final": {
            "total": number(row["final_total"]),
            "possible": [number(row["final_low"]), number(row["final_high"])],
            "grade": row["final_grade"] or None,
            "provisional": bool(row["final_provisional"]),
        },
        "reviewed": int(row["reviewed"]),
        "reviewable": int(row["reviewable"]),
        "deductions": row["deductions"] or None,
        "errors": int(row["errors"]),
        "warnings": int(row["warnings"]),
    }


def _review(row: Mapping[str, Any], number: Any) -> dict[str, Any]:  # as above
    points = {name: number(row[name]) for name in ("weight", "claimed", "score", "review_score", "final")}
    texts = {name: row[name] or None for name, kind in REVIEWED.items() if isinstance(kind, str) and name not in _REVIEW_OWN}
    return {
        "name": row["unit_name"] or None,
        "project": row["project"] or None,
        "state": _REVIEW_STATES[row["state"]],
        "sheet": row["sheet"] or None,
        "row": int(row["sheet_row"]) or None,
        **texts,
        **points,
        "share": number(row["share"], 6),
    }


_REVIEW_OWN = frozenset({"item", "unit_name", "project", "state", "sheet"})
_REVIEW_STATES = {str(state): state.name.lower() for state in ReviewState}


def _file(row: Mapping[str, Any], parts: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    words = message(Issue(-1, row["code"], details=row["details"])) if row["code"] else None
    return {
        "file": row["shown"],
        "sha256": row["sha256"] or None,
        "fate": str(row["fate"]),
        "code": row["code"] or None,
        "message": words,
        "unit": row["unit_name"] or None,
        "replaced_by": row["replaced_by"] or None,
        "undecided": bool(row["undecided"]),
        "paper": row["paper"] or None,
        "container": row["container"] or None,
        "parts": [{"part": part, "fate": fate, "unit": name or None, "code": why or None} for part, fate, name, why in parts],
    }


def _due(row: Mapping[str, Any], number: Any) -> dict[str, Any]:  # as above
    return {
        "name": row["name"] or None,
        "code": row["code"] or None,
        "authority": row["authority"] or None,
        "due": row["due"],
        "project": row["project"] or None,
        "expected": bool(row["expected"]),
        "state": row["state"],
        "late_days": number(row["late_days"]),
        "file": (row["file"] or None) if row["submission"] >= 0 else None,
        "filled_on": row["filled_on"] or None,
        "submission_count": number(row["submission_count"]),
        "errors": int(row["errors"]),
        "suspects": row["suspects"] or None,
        "note": row["note"] or None,
        "contact": row["contact"] or None,
        "phone": row["phone"] or None,
    }


_REMEMBERED = (
    "submission",
    "scheme",
    "scheme_title",
    "total",
    "low",
    "high",
    "grade",
    "provisional",
    "errors",
    "final_total",
    "final_grade",
    "final_provisional",
    "full_year",
    "executed",
    "initial",
    "execution_weight",
    "execution_score",
    "rank",
    "counted",
)


@dataclass(frozen=True, slots=True)
class History:
    """Every submission that was read, with the score, the levels and the money of those that count; it can be gone through again."""

    c: Consolidation

    def __iter__(self) -> Iterator[HistoryEntry]:
        for first in range(0, len(self.c.sent), _PIECE):
            sent = self.c.sent.iloc[first : first + _PIECE]
            units, levels = (frame[frame["submission"].isin(sent["submission"])] for frame in (self.c.units[list(_REMEMBERED)], self.c.levels))
            scored = {row["submission"]: row for row in records(units)}
            by_level: dict[int, dict[str, list[float | None]]] = {}
            for row in records(levels[["submission", "level1", "weight", "score"]]):
                by_level.setdefault(row["submission"], {})[row["level1"]] = [_real(row["weight"]), _real(row["score"])]
            for row in records(sent):
                result = scored.get(row["submission"])
                yield _entry(row, {} if result is None else _result(result, by_level.get(row["submission"], {})))


def _entry(row: Mapping[str, Any], result: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        unit_key=row["item"],
        unit=row["unit"],
        unit_name=row["name"],
        code=row["typed_code"],
        name=row["typed_name"],
        year=row["typed_year"] or None,
        fate="undecided" if row["fate"] == "rejected" else row["fate"],
        submission_count=row["count"],
        **{name: row[name] for name in ("evaluation", "project", "sha256", "part", "source", "filled_on")},
        **result,
    )


_PIECE = 1_000
"""Submissions remembered at a time."""


def _result(row: Mapping[str, Any], levels: dict[str, list[float | None]]) -> dict[str, Any]:
    return {
        "scheme": row["scheme"],
        "scheme_title": row["scheme_title"],
        "total": _real(row["total"]),
        "low": _real(row["low"]),
        "high": _real(row["high"]),
        "grade": row["grade"] or None,
        "provisional": bool(row["provisional"]),
        "errors": int(row["errors"]),
        "final_total": _real(row["final_total"]),
        "final_grade": row["final_grade"] or None,
        "final_provisional": bool(row["final_provisional"]),
        "rank": _real(row["rank"]),
        "counted": bool(row["counted"]),
        "initial": _real(row["initial"]),
        "full_year": _real(row["full_year"]),
        "executed": _real(row["executed"]),
        "execution_weight": _real(row["execution_weight"]),
        "execution_score": _real(row["execution_score"]),
        "levels": levels,
    }


def _real(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
