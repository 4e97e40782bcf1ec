"""The findings of a crosscheck as lines on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.cli.terminal import pad, visible
from perfxl.model import Verdict
from perfxl.word.crosscheck.findings import ORDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from perfxl.model import Verdict
from perfxl.word.crosscheck.findings import Finding

_LONGEST = 60


def finding_lines(findings: Sequence[Finding], say: Callable[[str, str], str]) -> list[str]:
    """The findings as a table: contradictions first, agreements on one line each; the counts last."""
    lang = say("zh", "en")
    lines = []
    for verdict in ORDER:
        word = verdict.word(lang)
        for f in (f for f in findings if f.verdict is verdict):
            place = f"{visible(f.sheet)}!{f.cell}" if f.sheet and f.cell else visible(f.sheet or "")
            lines.append(f"{pad(word, 12)} {pad(visible(f.text) or '—', 14)} {pad(place, 16)} {visible(f.message)}")
            if verdict is not Verdict.AGREES and f.sentence:
                lines.append(f"{' ' * 13}「{_short(visible(f.sentence), f.text)}」")
    counted = say("，", ", ").join(f"{v.word(lang)} {sum(f.verdict is v for f in findings)}" for v in (Verdict.AGREES, *ORDER[:3]))
    return [*lines, say(f"共核对 {len(findings)} 处：{counted}", f"{len(findings)} findings: {counted}")]


def _short(sentence: str, text: str) -> str:
    """The part of a long sentence around the number."""
    if len(sentence) <= _LONGEST:
        return sentence
    at = max(0, sentence.find(text))
    first = max(0, min(at - _LONGEST // 2, len(sentence) - _LONGEST))
    return f"{'…' if first else ''}{sentence[first : first + _LONGEST]}{'…' if first + _LONGEST < len(sentence) else ''}"
