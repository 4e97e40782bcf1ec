"""What a row is: an indicator, a detail of one, execution, a sum, a footer; which line of money; and its levels in standard words."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.intake.submission import folded, text_of
from perfxl.model import columns
from perfxl.model.columns import BUDGET
from perfxl.model.levels import LEVEL1_OF_LEVEL2, LEVEL1_WORDS, LEVEL2_WORDS
from perfxl.rules.typed import money_of
from perfxl.values.execution import is_execution
from perfxl.values.vocabulary import PLACEHOLDERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perfxl.intake.submission import SheetRow


INDICATOR = "indicator"
DETAIL = "detail"
TOTAL = "total"
SUBTOTAL = "subtotal"
EXECUTION = "execution"
_PRINTED_KIND = {folded(item): kind for kind, item in BUDGET.rows}
_KIND_WORDS = {folded(kind): kind for kind in columns.BUDGET_KINDS} | {"年度资金总额": columns.TOTAL_KIND, "其中": columns.OF_WHICH_KIND}


def budget_row(row: SheetRow) -> dict[str, object]:
    """资金类别 as one of the known kinds; a blank one follows from the printed 资金项目, an unknown one is "", its amounts unread."""
    kind = folded(text_of(row.values.get("kind"))).rstrip(":")
    typed = folded(text_of(row.values.get("item")))
    item = re.sub(r"^其中:?", "", typed)
    if kind and kind not in PLACEHOLDERS:
        known = _KIND_WORDS.get(kind, "")
    else:
        known = _PRINTED_KIND.get(item, columns.OF_WHICH_KIND if item != typed else "")
    amounts = [value for name in ("full_year", "executed") if (value := row.values.get(name)) is not None]
    unread = row.unread or any(isnan(money_of(value, 1)) != (known == "") for value in amounts)
    return {"line": known, "computed": row.computed, "unread": unread}


_LEFTOVER = re.compile(r"^[★☆*\s]*(?:指标\s*\d+\s*[:：.、]?)?\s*")
_ONLY_LEFTOVER = re.compile(r"^(?:指标\d+:?|[.…·]+|\d+[.、]?)?$")
_TOTAL_WORDS = frozenset({"合计", "总分", "总计", "总得分", "得分合计", "分值合计"})
_SUBTOTALS = ("小计", "指标合计", "本页合计")
_FOOTER = re.compile(
    r"^(?:注\d*[:：、.]|注$|备注[:：]|说明[:：]|填表说明|填报说明|编制说明|指标说明|[（(]\d+[）)]|[①-⑳]|"
    r"填[表报]人|制表|经办|审核|复核|负责人|(?:单位|项目|财务|部门|科室|分管|主要)\S{0,2}负责|主管|联系|电话|填[表报](?:日期|时间|单位)|日期[:：]|[（(]?盖章|单位[（(]|签[字章]|年月日)"
)
"""How a line below the table begins: a note, a signature."""
_DATED = re.compile(r"(?:日期|时间|电话)\S{0,2}:$")
_FILLED = ("target", "adjusted_target", "actual", "weight", "tier", "claimed_score")
"""Columns of which one is filled where a printed leftover is used as an indicator."""


def indicator_name(typed: str) -> str:
    """A 三级指标 without the leftovers of forms.

    >>> indicator_name("★指标1：开展活动场数")
    '开展活动场数'
    """
    return _LEFTOVER.sub("", typed, count=1).strip()


def indicator_row(row: SheetRow) -> dict[str, object]:
    """Name, role and target in force of a row of 绩效指标."""
    values = row.values
    typed = text_of(values.get("level3"))
    name = indicator_name(typed)
    adjusted = text_of(values.get("adjusted_target"))
    return {
        "name": name,
        "role": _role(values, name, shares_weight=row.shares_weight),
        "target_text": adjusted or text_of(values.get("target")),
        "target_column": "adjusted_target" if adjusted else "target",
    }


def _role(values: dict[str, object], name: str, *, shares_weight: bool) -> str:
    level1, level2, level3 = (folded(text_of(values.get(c))) for c in ("level1", "level2", "level3"))
    words = {level1, level2, level3}
    if any(word.endswith(_SUBTOTALS) for word in words):
        return SUBTOTAL
    if not words.isdisjoint(_TOTAL_WORDS):
        return TOTAL
    if text_of(values.get("weight")) == "" and _is_footer(level1 or level2 or level3, text_of(values.get("actual"))):
        return ""
    short = folded(name)
    if _ONLY_LEFTOVER.match(short) and not any(text_of(values.get(c)) for c in _FILLED):
        return ""
    if is_execution(name) if short else any(map(is_execution, words)):
        return EXECUTION
    if (shares_weight or level3.startswith("其中")) and not text_of(values.get("weight")):
        return DETAIL
    return INDICATOR


def _is_footer(label: str, beside: str) -> bool:
    """A note or a signature; beside one that asks for it (单位负责人：) a name may stand in the column of the actual values, or a day."""
    if not _FOOTER.match(label):
        return False
    return not beside or (label.endswith(":") and (not re.search(r"\d", beside) or bool(_DATED.search(label))))


def _below(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows below the last indicator with points, a name or an actual: footers, whatever their cells hold; totals stay."""
    sums = frame["role"].isin((TOTAL, SUBTOTAL)).to_numpy(dtype=bool)
    filled = ((frame["weight_text"] != "") | (frame["name"] != "") | (frame["actual"] != "")).to_numpy(dtype=bool) & ~sums
    last = frame["submission"].map(frame["sheet_row"].where(filled).groupby(frame["submission"]).max()).to_numpy()
    below: NDArray[np.bool_] = (frame["sheet_row"].to_numpy() > last) & ~sums
    return below


def _with_parents(frame: pd.DataFrame, role: NDArray[Any]) -> NDArray[Any]:
    """Rows without points below one that has points and no value of its own are its details: the values stand one level down."""
    indicator = role == INDICATOR
    weighted = (frame["weight_text"] != "").to_numpy(dtype=bool)
    valued = ((frame["target_text"] != "") | (frame["actual"] != "")).to_numpy(dtype=bool)
    parent, child = indicator & weighted & ~valued, indicator & ~weighted & valued
    if not (parent[:-1] & child[1:]).any():
        return role
    role, owner = role.copy(), frame["submission"].to_numpy()
    under: object = None
    for at in range(len(role)):
        if parent[at]:
            under = owner[at]
        elif not child[at] or owner[at] != under:
            under = None
        else:
            role[at] = DETAIL
    return role


def with_levels(frame: pd.DataFrame) -> pd.DataFrame:
    """Blank 一级/二级指标: from the other of the two, else from the row above; both in the form's standard words.

    Adds `level1_typed` and `level2_typed`; `level1` is "" where nothing is known. Rows of leftovers are dropped.
    """
    frame["role"] = _with_parents(frame, np.where(_below(frame), "", frame["role"]))
    frame = frame[frame["role"] != ""].reset_index(drop=True)
    frame["level1_typed"], frame["level2_typed"] = frame["level1"], frame["level2"]
    ones, twos = [], []
    last_submission, one, two = None, "", ""
    for submission, typed_one, typed_two, role in zip(frame["submission"], frame["level1"], frame["level2"], frame["role"], strict=True):
        if submission != last_submission:
            last_submission, one, two = submission, "", ""
        if role in (TOTAL, SUBTOTAL):
            ones.append(typed_one)
            twos.append(typed_two)
            continue
        new_one, new_two = _standard(typed_one, LEVEL1_WORDS), _standard(typed_two, LEVEL2_WORDS)
        if new_two and not new_one:
            new_one = LEVEL1_OF_LEVEL2.get(new_two, one)
        if new_one and new_one != one:
            two = ""
        one, two = new_one or one, new_two or two
        ones.append(one)
        twos.append(two)
    frame["level1"] = pd.Series(ones, dtype="object", index=frame.index)
    frame["level2"] = pd.Series(twos, dtype="object", index=frame.index)
    return frame


@lru_cache(maxsize=4096)
def _cut_points(text: str) -> str:
    """A level's words without the points a form prints behind them: 产出指标(50分)."""
    return re.sub(r"\(\d+(\.\d+)?分?\)$", "", folded(text))


def _standard(typed: str, words: dict[str, str]) -> str:
    if not typed or typed in PLACEHOLDERS:
        return ""
    return words.get(_cut_points(typed), typed)
