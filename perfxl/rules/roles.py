"""What a row is: an indicator, a detail of one, execution, a sum, a footer; which line of money; and its levels in standard words."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.intake.footers import is_footer, is_subtotal, is_total
from perfxl.intake.levels import standard_level
from perfxl.intake.submission import folded, text_of
from perfxl.model import columns
from perfxl.model.columns import BUDGET
from perfxl.model.levels import LEVEL1_OF_LEVEL2, LEVEL1_WORDS, LEVEL2_WORDS
from perfxl.rules.typed import money_of, number_of
from perfxl.values.blanks import is_blank, says_nothing
from perfxl.values.execution import is_execution
from perfxl.values.vocabulary import NOT_ADJUSTED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perfxl.intake.submission import SheetRow

INDICATOR = "indicator"
DETAIL = "detail"
TOTAL = "total"
SUBTOTAL = "subtotal"
EXECUTION = "execution"
_PRINTED_KIND = {folded(item): kind for kind, item in BUDGET.rows}
KIND_WORDS = {folded(kind): kind for kind in columns.BUDGET_KINDS} | {
    "年度资金总额": columns.TOTAL_KIND,
    "按资金来源": columns.SOURCE_KIND,
    "按支出功能": columns.TYPE_KIND,
    "按类型": columns.TYPE_KIND,
    "按支出类别": columns.TYPE_KIND,
    "小计": columns.OF_WHICH_KIND,
}


def budget_row(row: SheetRow) -> dict[str, object]:
    """资金类别 as one of the known kinds; a blank one follows from the printed 资金项目, an unknown one is "", its amounts unread."""
    known = _line(text_of(row.values.get("kind")), text_of(row.values.get("item")))
    amounts = [value for name in ("full_year", "executed") if type(value := row.values.get(name)) is float or not is_blank(text_of(value))]
    unread = row.unread or any(isnan(money_of(value, 1)) != (known == "") for value in amounts)
    return {"line": known, "computed": row.computed, "unread": unread, "rate_typed": number_of(row.values.get("rate"))}


@lru_cache(maxsize=4096)
def _line(kind: str, item: str) -> str:
    kind, typed = folded(kind).rstrip(":"), folded(item)
    item = re.sub(r"^其中:?", "", typed)
    printed = _PRINTED_KIND.get(item, columns.OF_WHICH_KIND if item != typed else "")
    return printed if is_blank(kind) else KIND_WORDS.get(kind, "")


_LEFTOVER = re.compile(r"[★☆*\s]*(?:指标\s*\d+\s*[:：.、]?)?\s*")
_ONLY_LEFTOVER = re.compile(r"^(?:指标\d+:?|[.…·]+|\d+[.、]?)?$")
_FILLED = ("weight", "target", "adjusted_target", "actual", "tier", "claimed_score")
"""Columns of which one is filled where a printed leftover is used as an indicator."""
_BESIDE = ("target", "actual", "tier", "unit")
"""Columns before the points in which 合计 stands where the cells were merged."""


def indicator_name(typed: str) -> str:
    """A 三级指标 without the leftovers of forms.

    >>> indicator_name("★指标1：开展活动场数")
    '开展活动场数'
    """
    leftover = _LEFTOVER.match(typed)
    return typed[leftover.end() if leftover else 0 :].strip()


def indicator_row(row: SheetRow) -> dict[str, object]:
    """Name, role and target in force of a row of 绩效指标."""
    values = row.values
    typed = text_of(values.get("level3"))
    name = indicator_name(typed)
    adjusted = text_of(values.get("adjusted_target"))
    if is_blank(adjusted) or adjusted in NOT_ADJUSTED:
        adjusted = ""
    return {
        "name": name,
        "role": _role(values, name, shares_weight=row.shares_weight),
        "target_text": adjusted or text_of(values.get("target")),
        "target_column": "adjusted_target" if adjusted else "target",
    }


def _role(values: dict[str, object], name: str, *, shares_weight: bool) -> str:
    words = [folded(text_of(values.get(level))) for level in ("level1", "level2", "level3")]
    sums = {*map(_sum, words)}
    if SUBTOTAL in sums:
        return SUBTOTAL
    if TOTAL in sums or (not any(words) and any(is_total(folded(text_of(values.get(c)))) for c in _BESIDE)):
        return TOTAL
    short, weight = folded(name), values.get("weight")
    if not (type(weight) is float and weight) and (is_footer(values) or _is_leftover(values, short)):
        return ""
    if is_execution(name) if short else any(map(is_execution, words)):
        return EXECUTION
    if (shares_weight or words[-1].startswith("其中")) and is_blank(text_of(values.get("weight"))):
        return DETAIL
    return INDICATOR


def _is_leftover(values: dict[str, object], short: str) -> bool:
    return all(says_nothing(text_of(values.get(c))) for c in _FILLED) and bool(_ONLY_LEFTOVER.match(short) or is_blank(short))


@lru_cache(maxsize=16_384)
def _sum(word: str) -> str:
    """Which sum a folded word names; "" for none."""
    return SUBTOTAL if is_subtotal(word) else TOTAL if is_total(word) else ""


def _below(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows below the last indicator with points, a name or an actual: footers, whatever their cells hold; totals stay."""
    role, rows = frame["role"].to_numpy(), frame["sheet_row"].to_numpy()
    sums = np.asarray((role == TOTAL) | (role == SUBTOTAL), dtype=bool)
    filled = (_filled(frame, "weight_text") | _filled(frame, "name") | _filled(frame, "actual")) & ~sums
    owners, at = np.unique(frame["submission"].to_numpy(), return_inverse=True)
    last = np.full(len(owners), np.nan)
    np.fmax.at(last, at[filled], rows[filled])
    below: NDArray[np.bool_] = (rows > last[at]) & ~sums
    return below


def _filled(frame: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """The rows with a text in a column; asked of plain texts, a frame's own take ten times as long."""
    return np.asarray(frame[name].to_numpy() != "", dtype=bool)


def _with_parents(frame: pd.DataFrame, role: NDArray[Any]) -> NDArray[Any]:
    """Rows without points below one that has points and no value of its own are its details: the values stand one level down."""
    indicator = role == INDICATOR
    weighted, valued = _filled(frame, "weight_text"), _filled(frame, "target_text") | _filled(frame, "actual")
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


def _with_blocks(frame: pd.DataFrame, role: NDArray[Any]) -> NDArray[Any]:
    """A row with points alone is a sum: with a level above rows whose points make just these, without one below all that do."""
    level = _filled(frame, "level1") | _filled(frame, "level2")
    weight = frame["weight"].to_numpy(dtype="float64")
    worded = _filled(frame, "name") | _filled(frame, "target_text") | _filled(frame, "actual")
    heads = np.flatnonzero(~worded & (weight > 0) & (role == INDICATOR))
    if not len(heads):
        return role
    role, owner = role.copy(), frame["submission"].to_numpy()
    for at in heads:
        if not level[at]:
            above = weight[:at][(owner[:at] == owner[at]) & (role[:at] == INDICATOR)]
            role[at] = TOTAL if abs(np.nansum(above) - weight[at]) < 1e-9 else role[at]
            continue
        total = 0.0
        for below in range(at + 1, len(role)):
            if owner[below] != owner[at] or below in heads or total >= weight[at]:
                break
            total += weight[below] if role[below] == INDICATOR and weight[below] > 0 else 0.0
        if abs(total - weight[at]) < 1e-9:
            role[at] = SUBTOTAL
    return role


def with_levels(frame: pd.DataFrame) -> pd.DataFrame:
    """Blank 一级/二级指标: from the other of the two, else from the row above; both in the form's standard words.

    Adds `level1_typed` and `level2_typed`; `level1` is "" where nothing is known. Rows of leftovers are dropped.
    """
    frame["role"] = _with_parents(frame, _with_blocks(frame, np.where(_below(frame), "", frame["role"])))
    if not (kept := _filled(frame, "role")).all():
        frame = frame[kept].reset_index(drop=True)
    frame["level1_typed"], frame["level2_typed"] = frame["level1"], frame["level2"]
    standard_ones, standard_twos = _standard(frame["level1"], LEVEL1_WORDS), _standard(frame["level2"], LEVEL2_WORDS)
    ones, twos = [], []
    last_submission, one, two = None, "", ""
    for submission, typed_one, typed_two, role in zip(*(frame[name].tolist() for name in ("submission", "level1", "level2", "role")), strict=True):
        if submission != last_submission:
            last_submission, one, two = submission, "", ""
        if role in (TOTAL, SUBTOTAL):
            ones.append(typed_one)
            twos.append(typed_two)
            continue
        new_one, new_two = standard_ones[typed_one], standard_twos[typed_two]
        if new_two and not new_one:
            new_one = LEVEL1_OF_LEVEL2.get(new_two, one)
        if new_one and new_one != one:
            two = ""
        one, two = new_one or one, new_two or two
        ones.append(one)
        twos.append(two)
    frame["level1"], frame["level2"] = pd.array(ones, dtype="str"), pd.array(twos, dtype="str")
    return frame


def _standard(levels: pd.Series, words: dict[str, str]) -> dict[str, str]:
    """The standard word of each level that is typed."""
    return {typed: "" if is_blank(typed) else standard_level(typed, words) for typed in set(levels)}
