"""Every issue code: how serious, what it says in Chinese and English, how to fix it, why it matters, on what evidence.

Codes are words and stable; `number` is what a letter quotes. A message says what is there and what is expected; the
fix says what to do. Placeholders name columns of the frame the check looks at, or details the reader gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfxl.model import Issue, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

SEVERITY_WORDS = {Severity.ERROR: "必须改正", Severity.WARNING: "需要说明", Severity.INFO: "读数提示"}
SEVERITY_WORDS_EN = {Severity.ERROR: "must be corrected", Severity.WARNING: "needs an explanation", Severity.INFO: "reading note"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue.

    `kind` is the short 问题类型; `hides` names the codes that only follow from this one and are dropped where it stands
    on the same row (the same sheet when the issue has no row).
    """

    code: str
    number: int
    severity: Severity
    kind: str
    zh: str
    fix_zh: str
    en: str
    fix_en: str
    why: str
    evidence: str
    hides: tuple[str, ...] = ()


def entry(code: str) -> Entry:
    """The entry of a code.

    Raises:
        KeyError: no such code; `perfxl checks list` shows them all.
    """
    return CATALOGUE[code]


def severity_of(code: str) -> Severity:
    """How serious a code is."""
    return CATALOGUE[code].severity


def message(issue: Issue, lang: str = "zh") -> str:
    """What is wrong, in one or two sentences, without the location."""
    found = CATALOGUE[issue.code]
    return _filled(found.zh if lang == "zh" else found.en, issue)


def fix(issue: Issue, lang: str = "zh") -> str:
    """What to do about it."""
    found = CATALOGUE[issue.code]
    return _filled(found.fix_zh if lang == "zh" else found.fix_en, issue)


class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _filled(text: str, issue: Issue) -> str:
    details: Mapping[str, str | float] = {"cell": issue.cell or "", "value": issue.value or "", **issue.details}
    shown = {k: f"{v:g}" if isinstance(v, float) else str(v) for k, v in details.items()}
    return text.format_map(_Details(shown))


_ENTRIES: tuple[Entry, ...] = (
    Entry(
        "actual-missing", 401, Severity.ERROR, "缺实际完成值",
        zh="年度指标值为“{target_text}”，但没有填写实际完成值。", fix_zh="请填写全年实际完成的数量；若未发生请填0。",
        en="The target is “{target_text}” but no actual value is given.", fix_en="Enter what was achieved in the year; enter 0 if nothing happened.",
        why="没有实际完成值就不能评分；空白不等于0，也不等于完成。", evidence="rules §6.3 第8项；种子报告40万人次没有报告实际数",
        hides=("actual-not-a-number", "tier-missing"),
    ),
)

CATALOGUE: dict[str, Entry] = {e.code: e for e in _ENTRIES}
