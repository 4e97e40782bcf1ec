"""Results as the JSON documents of the contract (§2): keys fixed, blanks null, indicator values in base magnitude."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from perfxl.catalogue import fix, message, severity_of
from perfxl.model import Issue, Kind, Status
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT
from perfxl.model.rounding import round_one
from perfxl.rules.frames import EXECUTION, INDICATOR, record, records
from perfxl.scoring.explain import execution_explanation, losses, next_grade, row_explanation, row_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perfxl.intake.reading import Refused
    from perfxl.intake.submission import FormRead
    from perfxl.model import Column, Table
    from perfxl.rules.results import Results
    from perfxl.scoring.batch import Outcome

Document = dict[str, Any]


def version() -> str:
    """The version of this perfxl."""
    from perfxl.model.version import __version__

    return __version__


def number(value: object, decimals: int | None = None) -> float | int | None:
    """A JSON number: NaN is null, whole numbers without a fraction.

    >>> number(2.0), number(2.675, 2), number(999999999999999.0), number(1e15), number(float("nan")), number(None)
    (2, 2.68, 999999999999999, 1000000000000000.0, None, None)
    """
    if value is None:
        return None
    read = float(value)  # type: ignore[arg-type]  # numpy and Python numbers alike
    if not math.isfinite(read):
        return None
    if decimals is not None:
        read = round_one(read, decimals)
    return int(read) if read.is_integer() and abs(read) < 1e15 else read


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None


def score_document(results: Results, submission: int, lang: str = "zh") -> Document:
    """One scored submission as the object `perfxl score --json` prints."""
    unit = record(results.frames.unit.set_index("submission"), submission)
    total = record(results.totals, submission)
    scheme = results.scheme
    foreign = bool(results.execution.at[submission, "foreign"])
    levels = results.levels[results.levels["submission"] == submission]
    rows = results.frames.indicators
    rows = rows[(rows["submission"] == submission) & rows["role"].isin((INDICATOR, EXECUTION))]
    sheet = results.frames.places[submission]["indicators"].sheet if "indicators" in results.frames.places[submission] else None
    return {
        "perfxl": version(),
        "source": _source(unit, results.frames.forms.get(submission)),
        "scheme": {"id": scheme.id, "title": scheme.title},
        "unit": {
            "name": _text(unit["name"]),
            "code": _text(unit["code"]),
            "authority": _text(unit["authority"]),
            "region": _text(unit["region"]),
            "fiscal_year": number(unit["year"]),
            "project": _text(unit["project"]),
            **_declared(UNIT, unit, said=("name", "code", "authority", "region", "fiscal_year", "project", "claimed_total", "claimed_grade")),
        },
        "total": None if foreign else number(total["total"]),
        "provisional": bool(total["provisional"]),
        "possible": [number(total["low"]), number(total["high"])],
        "full": number(scheme.full),
        "rescale": number(total["rescale"], 9),
        "inferred_points": number(total["inferred"]),
        "grade": None if foreign else total["grade"],
        "grade_span": [total["grade_low"], total["grade_high"]] if total["adds_up"] and not foreign else None,
        "claimed": {"total": number(unit["claimed_total_value"]), "grade": _text(unit["claimed_grade"])},
        "budget": _budget(results, submission),
        "levels": [{"level1": row["block"], "weight": number(row["weight"]), "score": number(row["score"])} for row in records(levels)],
        "indicators": [_indicator(row, results, sheet) for row in records(rows)],
        **{table.name: _rows(table, results, submission) for table in (GOALS, MANAGEMENT, REPORT)},
        "issues": [issue_document(issue, lang) for issue in results.issues if issue.submission == submission],
        "next_grade": _next_grade(results, submission),
        "losses": [{"name": name, "lost": lost, "open": is_open} for name, lost, is_open in losses(results, submission)],
    }


def _declared(table: Table, row: Mapping[str, Any], said: Sequence[str] = ()) -> Document:
    """The declared columns of a row by their names, but for those `said` already under a key of the contract."""
    return {column.name: _cell(table, column, row) for column in table.columns if column.name not in said and column.kind is not Kind.RATE}


def _cell(table: Table, column: Column, row: Mapping[str, Any]) -> str | float | None:
    if column.kind not in (Kind.MONEY, Kind.POINTS, Kind.NUMBER):
        return _text(row[column.name])
    return number(row[f"{column.name}_value" if table is UNIT else column.name])


def _rows(table: Table, results: Results, submission: int) -> list[Document]:
    """The rows of a table that carries no points, with the row of the sheet."""
    frame = results.frames.table(table.name)
    return [{"row": int(row["sheet_row"]), **_declared(table, row)} for row in records(frame[frame["submission"] == submission])]


def _source(unit: Mapping[str, Any], form: FormRead | None) -> Document:
    """The file, where it holds several submissions which of them, and of a form its title, its heads and what was assumed."""
    part = {"part": unit["part"]} if unit["part"] else {}
    read = {"form": {"title": _text(form.title), "layout": form.layout, "assumed": list(form.assumed)}} if form else {}
    return {"file": unit["source"], "sha256": unit["sha256"], **part, **read}


def _next_grade(results: Results, submission: int) -> Document | None:
    found = next_grade(results, submission)
    return None if found is None else {"grade": found[0], "points": found[1]}


def _budget(results: Results, submission: int) -> Document:
    row = record(results.execution, submission)
    lines = results.frames.budget
    lines = lines[(lines["submission"] == submission) & (lines["line"] != "合计")]
    return {
        "initial": number(row["initial"]),
        "full_year": number(row["full_year"]),
        "executed": number(row["executed"]),
        "rate": number(row["rate"], 6),
        "weight": number(row["weight"]),
        "score": number(row["score"]),
        "claimed_score": number(row["claimed"]),
        "basis": _text(row["basis"]),
        "explanation": execution_explanation(results, submission),
        "lines": [
            {
                "kind": line["line"] or line["kind"],
                "item": line["item"],
                "initial": number(line["initial"]),
                "full_year": number(line["full_year"]),
                "executed": number(line["executed"]),
                "rate": _rate(line["executed"], line["full_year"]),
                **_declared(BUDGET, line, said=("kind", "item", "initial", "full_year", "executed")),
            }
            for line in records(lines)
        ],
    }


def _rate(executed: float, full_year: float) -> float | int | None:
    return number(executed / full_year, 6) if full_year > 0 and math.isfinite(executed) else None


def _indicator(row: Mapping[str, Any], results: Results, sheet: str | None) -> Document:
    pair = row["pair"]
    date = pair.target_date
    return {
        "sheet": sheet,
        "row": int(row["sheet_row"]),
        "level1": row["block"],
        "level2": row["level2"],
        "level3": row["level3"],
        "operator": _operator(row),
        "target": {
            "text": row["target_text"],
            "low": number(row["t_low"]),
            "high": number(row["t_high"]),
            "low_open": bool(row["t_low_open"]),
            "high_open": bool(row["t_high_open"]),
            "unit": _text(row["t_unit"]),
            "date": date.isoformat() if date else None,
        },
        "actual": {
            "text": row["actual"],
            "low": number(row["a_low"]),
            "high": number(row["a_high"]),
            "low_open": bool(row["a_low_open"]),
            "high_open": bool(row["a_high_open"]),
            "unit": _text(row["a_unit"]),
            "date": pair.actual_end.isoformat() if pair.actual_end else None,
        },
        "tier": _text(row["tier_used"]),
        "tier_inferred": bool(row["tier_inferred"]),
        "completion": number(row["completion"], 6),
        "weight": number(row["weight"]),
        "score": number(row["score"]),
        "possible": [number(row["low"]), number(row["high"])],
        "claimed_score": number(row["claimed_score"]),
        "status": str(row["status"] or Status.UNSCORABLE),
        "rule": row["rule"],
        "explanation": row_explanation(row, results),
        "source": row_source(row, results),
        **_declared(INDICATORS, row, said=("level1", "level2", "level3", "operator", "target", "actual", "tier", "weight", "claimed_score")),
    }


def _operator(row: Mapping[str, Any]) -> str | None:
    if row["kind"] == "qualitative":
        return "定性"
    if row["kind"] == "deadline":
        return "期限"
    return _text("~" if row["op"] == "range" else row["op"])


def issue_document(issue: Issue, lang: str = "zh") -> Document:
    """One issue with its words looked up."""
    return {
        "code": issue.code,
        "severity": str(severity_of(issue)),
        "sheet": issue.sheet,
        "cell": issue.cell,
        "value": issue.value,
        "message": message(issue, lang),
        "fix": fix(issue, lang),
    }


def schemes_document(all_results: Sequence[Results], submission: int, lang: str = "zh") -> Document:
    """The first scheme's document with the others side by side under `schemes` when more than one was asked for."""
    document = score_document(all_results[0], submission, lang)
    if len(all_results) > 1:
        document["schemes"] = [score_document(results, submission, lang) for results in all_results]
    return document


def refusal_document(refused: Refused, lang: str = "zh") -> Document:
    """A file that was not taken: its code in words."""
    return issue_document(Issue(0, refused.code, details=refused.details), lang)


def outcome_document(outcome: Outcome, lang: str = "zh") -> Document:
    """What `score` says of one file: the scored document, or why it was not taken."""
    if outcome.refused is not None:
        return {
            "perfxl": version(),
            "source": {"file": outcome.refused.source, "sha256": outcome.refused.sha256},
            "rejected": outcome.refused.code,
            "issues": [refusal_document(outcome.refused, lang)],
        }
    assert outcome.submission is not None  # noqa: S101  # ignored files have no document
    return schemes_document(outcome.results, outcome.submission.number, lang)


def check_document(outcome: Outcome, lang: str = "zh") -> Document:
    """What `check` says of one file: its issues only."""
    issues: list[Document] = []
    if outcome.refused is not None:
        issues = [refusal_document(outcome.refused, lang)]
    elif outcome.submission is not None:
        number = outcome.submission.number
        issues = [issue_document(i, lang) for i in outcome.results[0].issues if i.submission == number]
    taken = outcome.submission
    part = {"part": taken.part} if taken and taken.part else {}
    document: Document = {
        "perfxl": version(),
        "source": {"file": outcome.found.shown, "sha256": taken.sha256 if taken else None, **part},
        "issues": issues,
    }
    if outcome.ignored:
        document["ignored"] = outcome.ignored
    if outcome.refused:
        document["rejected"] = outcome.refused.code
    return document
