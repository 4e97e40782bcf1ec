"""The closed sets, each member with its Chinese and its English word: one status, one word, on every sheet and in every sentence.

The value is what frames and JSON hold; the words are what a person reads.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Worded(StrEnum):
    """A member is `value, zh, en`."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str = "", en: str = "") -> Self:
        """A member equal to its value, with its words beside it."""
        member = str.__new__(cls, value)
        member._value_, member.zh, member.en = value, zh, en
        return member

    def word(self, lang: str) -> str:
        """The word of a language, `zh` or `en`."""
        return self.en if lang == "en" else self.zh


class Severity(Worded):
    """How much an issue weighs: 必须改正 (no official score), 需要说明, 读数提示."""

    ERROR = "error", "必须改正", "must be corrected"
    WARNING = "warning", "需要说明", "needs an explanation"
    INFO = "info", "读数提示", "reading note"


GRAVITY = {severity: order for order, severity in enumerate(Severity)}
"""The order a person works through issues."""


class Status(Worded):
    """What became of a row."""

    SCORED = "scored", "已评分", "scored"
    MISSING = "missing", "缺完成值", "no actual value"
    UNSCORABLE = "unscorable", "无法评分", "cannot be scored"
    NOT_APPLICABLE = "not_applicable", "不适用", "not applicable"


class FileFate(Worded):
    """What became of a file; accepted + rejected + superseded + ignored = files found, always."""

    ACCEPTED = "accepted", "采用", "accepted"
    REJECTED = "rejected", "读不出", "rejected"
    SUPERSEDED = "superseded", "已被替代", "superseded"
    IGNORED = "ignored", "不计", "ignored"


class Verdict(Worded):
    """What became of one quantity of a report held against its table."""

    AGREES = "一致", "一致", "agrees"
    CONTRADICTS = "不一致", "不一致", "contradicts"
    UNREPORTED = "文中未报告", "文中未报告", "unreported"
    NOT_IN_TABLE = "表中无此数", "表中无此数", "not in table"
