"""What the official form has no column for, printed beside the value it belongs to: `效果明显⏎指标性质：定性`, `〔按支出类型〕公用经费`.

perfxl's own 自评表 says it so, and a form on which a person wrote it is read the same way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms import words
from perfxl.intake.forms.grid import plain

if TYPE_CHECKING:
    from perfxl.intake.forms.grid import Grid

_MARK = re.compile(rf"(?:^|\s*\n)\s*({'|'.join(words.MARKS)})\s*[:：]\s*(\S.*?)\s*$")
_KIND = re.compile(r"^\s*〔(.+?)〕\s*(.*)$", re.DOTALL)
_ORIGIN = re.compile(r"^perfxl 来源 ([0-9a-f]{64})$")
_CLAIM = re.compile(rf"^(?:{'|'.join(words.OPEN)})\((?:自评)(.+?)\)$")


def mark(name: str) -> str:
    """How a mark begins: a line of its own behind the value, `指标性质：`."""
    return f"{next(word for word, field in words.MARKS.items() if field == name)}："


def split_marks(text: str) -> tuple[str, dict[str, str]]:
    r"""A value without its marks, and the fields they say.

    >>> split_marks("效果明显\n指标性质：定性"), split_marks("完成等级：达成"), split_marks("270场")
    (('效果明显', {'operator': '定性'}), ('', {'tier': '达成'}), ('270场', {}))
    """
    found: dict[str, str] = {}
    while match := _MARK.search(text):
        found[words.MARKS[match[1]]] = match[2]
        text = text[: match.start()]
    return text, found


def marked_kind(item: str, kind: str) -> str:
    """A line of the funds whose 资金类别 its own words would not tell."""
    return f"〔{kind}〕{item}"


def split_kind(label: str) -> tuple[str, str | None]:
    """A line of the funds and the 资金类别 said before it; None where none is said.

    >>> split_kind("〔按支出类型〕公用经费"), split_kind("其中：公用经费")
    (('公用经费', '按支出类型'), ('其中：公用经费', None))
    """
    match = _KIND.match(label)
    return (match[2], match[1]) if match else (label, None)


def open_claim(text: str) -> tuple[bool, str]:
    """Whether a score says that the row is open, and the unit's own score beside it.

    >>> open_claim("待补"), open_claim("待补（自评4分）"), open_claim("8")
    ((True, ''), (True, '4分'), (False, ''))
    """
    said = plain(text)
    match = _CLAIM.match(said)
    return (True, match[1]) if match else (said in words.OPEN, "")


def origin_mark(sha256: str) -> str:
    """What perfxl's own form says, beside what is printed, of the intake it was made from."""
    return f"perfxl 来源 {sha256}"


def origin_of(grid: Grid) -> str:
    """SHA-256 of the intake that a form of perfxl's own was made from; empty for any other."""
    return next((found[1] for value in grid.cells.values() if isinstance(value, str) and (found := _ORIGIN.match(value))), "")
