"""The findings of a crosscheck: their record, their JSON document, their lines on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perfxl.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.intake.submission import Submission


@dataclass(frozen=True, slots=True)
class Finding:
    """One quantity of the text, or of the table, with the verdict and where to look."""

    verdict: Verdict
    sentence: str
    text: str
    sheet: str | None
    cell: str | None
    table_value: str
    message: str
    at: tuple[str, int] = ("", 0)
    side: str = ""


ORDER = (Verdict.CONTRADICTS, Verdict.UNREPORTED, Verdict.NOT_IN_TABLE, Verdict.AGREES)
"""What a person looks at first."""


def crosscheck_document(findings: Sequence[Finding], submission: Submission, report: str) -> dict[str, Any]:
    """The findings as `perfxl crosscheck --json` prints them."""
    from perfxl.scoring.document import version

    return {
        "perfxl": version(),
        "source": {"file": submission.source, "sha256": submission.sha256},
        "report": report,
        "counts": {str(v): sum(f.verdict is v for f in findings) for v in ORDER},
        "findings": [
            {
                "verdict": str(f.verdict),
                "sentence": f.sentence,
                "text": f.text,
                "sheet": f.sheet,
                "cell": f.cell,
                "table_value": f.table_value or None,
                "message": f.message,
            }
            for f in findings
        ],
    }
