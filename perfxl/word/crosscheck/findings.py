"""The findings of a crosscheck: their record, their JSON document, their lines on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from perfxl.cli.terminal import pad, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from perfxl.intake.tables import Submission


class Verdict(StrEnum):
    """What became of one quantity."""

    AGREES = "一致"
    CONTRADICTS = "不一致"
    UNREPORTED = "文中未报告"
    NOT_IN_TABLE = "表中无此数"


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

VERDICTS_EN = {
    Verdict.AGREES: "agrees", Verdict.CONTRADICTS: "contradicts", Verdict.UNREPORTED: "unreported", Verdict.NOT_IN_TABLE: "not in table",
}  # fmt: skip
_LONGEST = 60


def crosscheck_document(findings: Sequence[Finding], submission: Submission, report: str) -> dict[str, Any]:
    """The findings as `perfxl crosscheck --json` prints them."""
    from perfxl.scoring.document import version

    return {
        "perfxl": version(),
        "source": {"file": submission.source, "sha256": submission.sha256},
        "report": report,
        "counts": {str(v): sum(f.verdict is v for f in findings) for v in ORDER},
        "findings": [
            {"verdict": str(f.verdict), "sentence": f.sentence, "text": f.text, "sheet": f.sheet, "cell": f.cell, "table_value": f.table_value or None,
             "message": f.message}
            for f in findings
        ],
    }


def finding_lines(findings: Sequence[Finding], say: Callable[[str, str], str]) -> list[str]:
    """The findings as a table: contradictions first, agreements on one line each; the counts last."""
    english = say("zh", "en") == "en"
    lines = []
    for verdict in ORDER:
        word = VERDICTS_EN[verdict] if english else str(verdict)
        for f in (f for f in findings if f.verdict is verdict):
            place = f"{visible(f.sheet)}!{f.cell}" if f.sheet and f.cell else visible(f.sheet or "")
            lines.append(f"{pad(word, 12)} {pad(visible(f.text) or '—', 14)} {pad(place, 16)} {visible(f.message)}")
            if verdict is not Verdict.AGREES and f.sentence:
                lines.append(f"{' ' * 13}「{_short(visible(f.sentence), f.text)}」")
    counted = say("，", ", ").join(
        f"{VERDICTS_EN[v] if english else v} {sum(f.verdict is v for f in findings)}" for v in (Verdict.AGREES, *ORDER[:3])
    )
    return [*lines, say(f"共核对 {len(findings)} 处：{counted}", f"{len(findings)} findings: {counted}")]


def _short(sentence: str, text: str) -> str:
    """The part of a long sentence around the number."""
    if len(sentence) <= _LONGEST:
        return sentence
    at = max(0, sentence.find(text))
    first = max(0, min(at - _LONGEST // 2, len(sentence) - _LONGEST))
    return f"{'…' if first else ''}{sentence[first : first + _LONGEST]}{'…' if first + _LONGEST < len(sentence) else ''}"
