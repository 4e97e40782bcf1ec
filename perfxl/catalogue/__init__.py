"""Every issue code: how serious, what it says in Chinese and English, how to fix it, why it matters, on what evidence.

Codes are words and stable; `number` is what a letter quotes (1xx file, 2xx unit, 3xx budget, 4xx indicator, 5xx the
table of indicators, 6xx consolidation, 7xx official forms, 8xx reviews, 9xx output). `file.py` says what each code of its group is, a line
a code, and `file.json` beside it what it says. A message says what is there and what is expected; the fix says what to do.
Placeholders name columns of the frame the check looks at, or details the reader gave.

In: nothing. Out: `message`, `fix`, `severity_of`. Touch without asking: the wording (*.json). Ask first: a code, its number, its severity.
Held by: test_catalogue, test_codes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.catalogue.budget import BUDGET
from perfxl.catalogue.consolidation import CONSOLIDATION
from perfxl.catalogue.entry import Entry
from perfxl.catalogue.file import FILE
from perfxl.catalogue.form import FORM
from perfxl.catalogue.indicator import INDICATOR
from perfxl.catalogue.output import OUTPUT
from perfxl.catalogue.review import REVIEWS
from perfxl.catalogue.sheet import SHEET
from perfxl.catalogue.unit import UNIT
from perfxl.model import Issue, Severity
from perfxl.model.digits import plain
from perfxl.model.system import SYSTEM_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CATALOGUE", "REASONS", "SEVERITY_WORDS", "SEVERITY_WORDS_EN", "Entry", "entry", "fix", "message", "named", "severity_of", "template"]

SEVERITY_WORDS = {severity: severity.zh for severity in Severity}
SEVERITY_WORDS_EN = {severity: severity.en for severity in Severity}

CATALOGUE: dict[str, Entry] = {
    entry.code: entry for group in (FILE, UNIT, BUDGET, INDICATOR, SHEET, CONSOLIDATION, FORM, REVIEWS, OUTPUT) for entry in group
}

REASONS = {
    "words": ("不是数字", "is not a number"),
    "date": ("不是完成日期", "is not a date of completion"),
    "target-date": ("看不出期限", "names no deadline"),
    "ambiguous": ("看不出是哪一个数", "names no single number"),
    "unclear": ("看不出确定的数", "names no certain number"),
    "rate-over-100": ("超过了100%", "exceeds 100%"),
    "magnitude": ("大小相差过多，可能漏写或多写了“万”", "is far out of proportion; a 万 may be missing or too many"),
    "share": ("可能把百分数写成了小数", "may be a percentage written as a decimal"),
    "change": ("是增减的数，看不出完成了多少", "is a change and does not say how much was reached"),
    "direction": ("看不出是增加还是减少", "does not say whether it rose or fell"),
    "hidden": ("格式不显示这个数", "the format hides it"),
    "sign": ("格式不显示正负号", "the format drops the sign"),
    "worded": ("格式用文字代替了这个数", "the format shows words instead"),
    "size": ("两者大小相差10倍以上，无法确定以哪个为准", "they differ in size, and it is not certain which one holds"),
    "year": (
        "格式不显示年份，存的年份又不是预算年度，无法确定是哪一年",
        "the year is hidden and is not the fiscal year, so it is not certain which one holds",
    ),
    "serial": ("年份填在了日期格式的单元格里，按存的数读取", "a year was typed into a cell formatted as a date; the number stored was taken"),
    "planned": ("写的是计划数，不是实际完成的数", "is a plan, not a result"),
    "unread": ("里有看不懂的字：", "holds words that are not understood: "),
    "amended": ("写的是增减的数，不是调整后的指标值", "says by how much it changed, not the target that holds now"),
    "several": ("一格里写了几项", "holds several items"),
    "nothing": ("没有写数", "is no number"),
    "fraction": ("带小数，而所数的东西都是整数，小数点可能点错了", "has a fraction though such things come whole"),
    "divisor": ("没有写分母，数的大小又相差较多，可能不是同一口径", "lacks the divisor and differs in size; it may be measured otherwise"),
    **SYSTEM_WORDS,
}
"""The placeholder `reason` of messages about values: Chinese and English words by the reader's word."""

_SHOWN = 60
"""Characters of a quoted text; the whole text stands in the cell."""
_WHOLE = frozenset({"which", "which_en"})
"""Rows that one message stands for: each is named, however many they are."""


def entry(code: str) -> Entry:
    """The entry of a code.

    Raises:
        KeyError: no such code; `perfxl checks list` shows them all.
    """
    return CATALOGUE[code]


def named(word: str) -> list[Entry]:
    """The entries a person means by a code, its number, or a 问题类型 (which several codes may share)."""
    wanted = word.strip().lower()
    return [found for found in CATALOGUE.values() if wanted in (found.code, str(found.number), found.kind)]


def severity_of(of: Issue | str, *, folder: bool = False) -> Severity:
    """How serious an issue is in its place, alone or among the submissions of a folder; of a bare code what it is meant to be."""
    found = CATALOGUE[of if isinstance(of, str) else of.code]
    if folder and found.folder is not None:
        return found.folder
    place = found.elsewhere
    if place is not None and isinstance(of, Issue) and of.details.get(place.detail) not in place.values:
        return place.severity
    return found.severity


def message(issue: Issue, lang: str = "zh") -> str:
    """What is wrong, in one or two sentences, without the location."""
    words = CATALOGUE[issue.code].words
    return _filled(words.zh if lang == "zh" else words.en, issue, lang)


def fix(issue: Issue, lang: str = "zh") -> str:
    """What to do about it."""
    words = CATALOGUE[issue.code].words
    return _filled(words.fix_zh if lang == "zh" else words.fix_en, issue, lang)


def template(text: str) -> str:
    """A message or fix as a text of its own, without a case: placeholders become ….

    >>> template("年度指标值为“{target_text}”，但没有填写实际完成值。")
    '年度指标值为“…”，但没有填写实际完成值。'
    """
    return re.sub(r"\{\w+\}", "…", text)


@lru_cache(maxsize=1024)
def _placeholders(text: str) -> tuple[str, ...]:
    """The details a text shows: one or two of the five an issue carries."""
    return tuple(dict.fromkeys(re.findall(r"\{(\w+)\}", text)))


def _filled(text: str, issue: Issue, lang: str) -> str:
    if "{" not in text:
        return text
    details: Mapping[str, str | float] = {"cell": issue.cell or "", "value": issue.value or "", **issue.details}
    shown = {key: _shown(details.get(key, "")) if key not in _WHOLE else str(details.get(key, "")) for key in _placeholders(text)}
    if shown.get("name") == "":
        shown["name"] = "（未写名称）" if lang == "zh" else "(no name)"
    if shown.get("reason"):
        shown["reason"] = _either(REASONS.get(shown["reason"]), lang) or shown["reason"]
    if issue.code == "file-too-large":
        from perfxl.intake.guard.limits import WHAT

        shown["what"] = _either(WHAT.get(shown.get("what", "")), lang) or shown.get("what", "")
    return text.format_map(shown)


def _either(pair: tuple[str, str] | None, lang: str) -> str:
    return "" if pair is None else pair[0 if lang == "zh" else 1]


def _shown(value: str | float) -> str:
    if isinstance(value, float):
        return plain(value)
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
