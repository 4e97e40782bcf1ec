"""Indicator rows with what their texts say: target and actual as numbers, dates or words, the tier, the block."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.intake.submission import folded
from perfxl.model.columns import NOT_APPLICABLE, TIERS
from perfxl.model.levels import COST, LEVEL2, OUTPUT
from perfxl.rules import management
from perfxl.rules.deadline import day_number
from perfxl.rules.frames import EXECUTION, INDICATOR
from perfxl.values.blanks import is_blank, says_nothing
from perfxl.values.direction import Lean, doubt_of_level, is_higher, operator_in_name, sense_of, unwanted, written_number
from perfxl.values.heads import DURATIONS_HIGHER, HURRIED_UNITS, SMALL_SHARE, UNSURE_RATES
from perfxl.values.numerals import spelled
from perfxl.values.pair import PairKind
from perfxl.values.pairing import read_pair
from perfxl.values.vocabulary import TIER_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from perfxl.rules.frames import Frames
    from perfxl.schemes import Scheme
    from perfxl.values.direction import Sense
    from perfxl.values.pair import Pair

    Columns = dict[str, NDArray[Any]]

NAN = float("nan")
_TIER_OF_WORD = {word: tier for tier, words in TIER_WORDS.items() for word in words.split()} | {NOT_APPLICABLE: NOT_APPLICABLE}
_DONE_PHRASES = frozenset(TIER_WORDS[TIERS[0]].split())
_HEDGES = ("未", "基本", "部分")
_COSTS = ("成本指标", *LEVEL2[COST])


def interpret(frames: Frames, scheme: Scheme, rates: pd.Series) -> pd.DataFrame:
    """The indicator frame with its readings, on the same index. `rates` are the execution rates by submission.

    A row that its name says is budget execution stays one only where execution is scored by itself (contract §3.13).

    Adds `pair` (the whole reading), `kind`, `op`, `op_from`, `t_low` … `a_high` (base magnitude), `t_end` and `a_end`
    (Excel day numbers), `t_unit`, `a_unit`, `met` (1, 0 or NaN), `exact` (the actual is one number), `tier_typed`,
    `tier_used`, `tier_inferred`, `mirrored` (lower is better), `direction` (what nobody wrote, see `_directions`) with
    `direction_by`, `direction_word` and `direction_head`, `block` (the first level under this scheme),
    `management`, `management_at`, `data_value`, `not_applicable`, `not_applicable_unexplained`.
    """
    frame = frames.indicators
    typed: Columns = {name: frame[name].to_numpy() for name in _READ}
    pairs = _pairs(typed, frames.unit, scheme)
    columns: Columns = {"pair": _objects(pairs), **_reading_columns(pairs)}
    columns["exact"] = (columns["a_low"] == columns["a_high"]) & ~np.isnan(columns["a_low"])
    columns.update(_tiers(typed, columns["kind"]))
    lower = unwanted(scheme.reverse.names)
    senses = [sense_of(name, lower) for name in typed["name"]]
    columns["mirrored"] = np.array([sense.lean is Lean.LOWER and not sense.by_end for sense in senses], dtype=bool) | _among(
        typed["level2"], scheme.reverse.level2
    )
    columns.update(_directions(typed, columns, senses))
    columns["met"] = np.where(columns["direction"] == Direction.UNCLEAR, NAN, columns["met"])
    columns["block"] = _block(typed, scheme)
    columns["management"] = _objects([None] * len(pairs))
    columns["management_at"], columns["data_value"] = np.full(len(pairs), NAN), np.full(len(pairs), NAN)
    claims_none = (columns["tier_typed"] == NOT_APPLICABLE) | (columns["a_not_applicable"] == 1)
    explained = np.array([not says_nothing(reason) for reason in typed["reason"]], dtype=bool)
    columns["not_applicable"], columns["not_applicable_unexplained"] = claims_none & explained, claims_none & ~explained
    read = pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
    if scheme.management and len(read):
        read = _with_management(read, frames.management, scheme)
    return _with_execution(read, scheme, rates)


def blocks(frames: Frames, scheme: Scheme, rates: pd.Series) -> pd.DataFrame:
    """What `interpret` says of rows without reading their values: `submission`, `weight`, `role` and `block`, on the same index."""
    frame = frames.indicators
    typed: Columns = {name: frame[name].to_numpy() for name in ("level1", "level1_typed", "level2", "name")}
    managed = [
        management.indicator_of(two, name, scheme) if scheme.management else None for two, name in zip(typed["level2"], typed["name"], strict=True)
    ]
    rows = frame[["submission", "weight", "role"]].assign(block=_block(typed, scheme), management=_objects(managed))
    return _with_execution(rows, scheme, rates)


def _with_execution(frame: pd.DataFrame, scheme: Scheme, rates: pd.Series) -> pd.DataFrame:
    """Execution rows are indicators where the scheme gives execution no points, scores the row itself, or no rate is known."""
    rows = (frame["role"] == EXECUTION).to_numpy()
    if not rows.any():
        return frame
    known = ~np.isnan(rates.reindex(frame["submission"]).to_numpy())
    twice = known & frame["management"].isna().to_numpy() & (scheme.budget.weight > 0)
    return frame.assign(role=np.where(rows & ~twice, INDICATOR, frame["role"]).astype(object))


_READ = (
    "submission",
    "level1",
    "level1_typed",
    "level2",
    "name",
    "operator",
    "target_text",
    "unit",
    "actual",
    "tier",
    "reason",
    "target",
    "target_column",
)
"""The columns that readings are made from."""


def _pairs(columns: Columns, unit: pd.DataFrame, scheme: Scheme) -> list[Pair]:
    year_of = {n: None if np.isnan(y) else int(y) for n, y in zip(unit["submission"].tolist(), unit["year"].tolist(), strict=True)}
    lower = unwanted(scheme.reverse.names)
    originals = np.where(columns["target_column"] == "adjusted_target", columns["target"], "")
    texts = [columns[name].tolist() for name in ("target_text", "actual", "operator", "unit", "name", "level2", "submission")]
    return [
        read_pair(
            target,
            actual,
            operator=operator,
            unit=measure,
            name=name,
            level2=level2,
            fiscal_year=year_of[submission],
            lower_is_better=lower,
            implausible=scheme.checks.magnitude_factor,
            original=original,
        )
        for target, actual, operator, measure, name, level2, submission, original in zip(*texts, originals.tolist(), strict=True)
    ]


class Direction(StrEnum):
    """What a direction that nobody wrote means for a row; "" where one is written, or where nothing is compared."""

    IDLE = "idle"
    """Turned round, the points would be the same."""
    ASSUMED = "assumed"
    """It decides the points."""
    UNCLEAR = "unclear"
    """It decides, and the signals disagree: the row is not scored."""


def _directions(typed: Columns, columns: Columns, senses: Sequence[Sense]) -> Columns:
    """Of each row whose direction nobody wrote: what it means, and what decided (contract §3.10).

    `direction_by` is word, level, zero (a target of 0) or default; `direction_word` and `direction_head` are the word and what
    speaks against it.
    """
    count = len(senses)
    found = {name: _objects([""] * count) for name in ("direction", "direction_by", "direction_word", "direction_head")}
    unwritten = (columns["kind"] == PairKind.QUANTITY) & _among(columns["op_from"], ("name", "level2", "assumed")) & ~np.isnan(columns["met"])
    target = np.where(np.isnan(columns["t_low"]), columns["t_high"], columns["t_low"])
    idle = (columns["a_low"] == target) & (columns["a_high"] == target)
    for at in np.flatnonzero(unwritten).tolist():
        by, word = _decided_by(typed, columns, senses[at], at, target[at])
        if not by:
            continue
        head = doubt_of_level(spelled(typed["name"][at])) if by == "level" else senses[at].head
        found["direction_by"][at], found["direction_word"][at], found["direction_head"][at] = by, word, head
        found["direction"][at] = Direction.IDLE if idle[at] else Direction.ASSUMED
        if not idle[at] and ((by == "level" and head) or _doubtful(typed, columns, senses[at], by, at, target[at])):
            found["direction"][at] = Direction.UNCLEAR
    return found


def _decided_by(typed: Columns, columns: Columns, sense: Sense, at: int, target: float) -> tuple[str, str]:
    """What decided a direction that does not stand in text or column, and its word; blank where the name or the target writes one."""
    source = columns["op_from"][at]
    written = source == "name" and operator_in_name(spelled(typed["name"][at]), written_number(typed["target_text"][at]))
    if written or columns["pair"][at].target.direction == "down":
        return "", ""
    if source == "level2":
        return "level", str(typed["level2"][at])
    if sense.lean in (Lean.LOWER, Lean.HIGHER):
        return "word", sense.word
    return ("zero", "0") if target == 0 else ("default", sense.word)


def _doubtful(typed: Columns, columns: Columns, sense: Sense, by: str, at: int, target: float) -> bool:
    """Whether the signals of a row disagree: a word against its head, or an assumed ≥ missed where less is mostly better."""
    if by != "default":
        return False
    if sense.lean is Lean.UNCLEAR:
        return True
    name = spelled(typed["name"][at])
    if columns["met"][at] != 0 or (is_higher(name) and not name.endswith(UNSURE_RATES)) or any(word in name for word in DURATIONS_HIGHER):
        return False
    unit = columns["t_unit"][at]
    return unit in HURRIED_UNITS or (unit == "%" and 0 < target < SMALL_SHARE)


def _objects(values: Sequence[object]) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _reals(values: Sequence[float | bool | None]) -> NDArray[np.float64]:
    return np.array([NAN if value is None else value for value in values], dtype="float64")


def _reading_columns(pairs: Sequence[Pair]) -> Columns:
    return {
        "kind": _objects([p.kind.value for p in pairs]),
        "op": _objects(["range" if p.kind is PairKind.RANGE else p.operator or "" for p in pairs]),
        "op_from": _objects([p.operator_from or "" for p in pairs]),
        "t_low": _reals([p.target_low for p in pairs]),
        "t_high": _reals([p.target_high for p in pairs]),
        "t_low_open": _reals([p.target_low_open for p in pairs]),
        "t_high_open": _reals([p.target_high_open for p in pairs]),
        "t_unit": _objects([p.unit or p.target.unit or "" for p in pairs]),
        "t_end": _reals([None if p.target_date is None else day_number(p.target_date) for p in pairs]),
        "a_kind": _objects([str(p.actual_kind) for p in pairs]),
        "a_low": _reals([p.actual_low for p in pairs]),
        "a_high": _reals([p.actual_high for p in pairs]),
        "a_low_open": _reals([p.actual_low_open for p in pairs]),
        "a_high_open": _reals([p.actual_high_open for p in pairs]),
        "a_unit": _objects([p.actual_unit or p.unit or "" for p in pairs]),
        "a_end": _reals([None if p.actual_end is None else day_number(p.actual_end) for p in pairs]),
        "met": _reals([p.met for p in pairs]),
        "a_not_applicable": _reals([p.actual.not_applicable for p in pairs]),
    }


@lru_cache(maxsize=4096)
def standard_tier(typed: str) -> str:
    """完成等级 in its standard word; "" when blank or not a tier."""
    return _TIER_OF_WORD.get(folded(typed), "") if typed else ""


def _tiers(columns: Columns, kinds: NDArray[Any]) -> Columns:
    typed = _objects([standard_tier(text) for text in columns["tier"]])
    inferred = np.array(
        [
            kind == "qualitative" and is_blank(tier) and _says_done(actual, target)
            for kind, tier, actual, target in zip(kinds, columns["tier"], columns["actual"], columns["target_text"], strict=True)
        ],
        dtype=bool,
    )
    used = np.where(inferred, TIERS[0], np.where(typed == NOT_APPLICABLE, "", typed)).astype(object)
    return {"tier_typed": typed, "tier_inferred": inferred, "tier_used": used}


def _says_done(actual: str, target: str) -> bool:
    """Whether an actual says 达成 in so many words: the target's own words, or a phrase of the list (contract §3.5).

    Never where the target holds a number or a date, or the actual hedges. A blank is False.
    """
    if not actual or (actual != target and actual not in _DONE_PHRASES):
        return False
    return not any(word in actual for word in _HEDGES) and not any(ch.isdigit() for ch in target)


def _among(values: NDArray[Any], wanted: Sequence[str]) -> NDArray[np.bool_]:
    chosen = frozenset(wanted)
    return np.array([value in chosen for value in values], dtype=bool)


def _block(columns: Columns, scheme: Scheme) -> NDArray[Any]:
    """The scheme's first-level block of each row: 成本 is a second level of 产出 in one scheme, a first level in another.

    A blank 一级指标 is the one under which the scheme lists the row's 二级指标.
    """
    one = columns["level1"]
    if scheme.level(COST) is None:
        one = np.where(one == COST, OUTPUT, one).astype(object)
    else:
        one = np.where((one == OUTPUT) & _among(columns["level2"], _COSTS), COST, one).astype(object)
    for at in np.flatnonzero(columns["level1_typed"] == "").tolist():
        one[at] = scheme.home_of(columns["level2"][at]) or one[at]
    return one


def _with_management(frame: pd.DataFrame, data: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Rows that name a management indicator of the scheme: computed from 管理指标数据, or a checklist scored by its tier.

    Fills `management` (the indicator, or None), `management_at` (its place in the scheme) and `data_value` (the computed share).
    """
    found = [management.indicator_of(two, name, scheme) for two, name in zip(frame["level2"], frame["name"], strict=True)]
    computed = np.array([m is not None and m.mode != "checklist" for m in found], dtype=bool)
    listed = np.array([m is not None and m.mode == "checklist" for m in found], dtype=bool)
    kind = np.where(computed, "management", np.where(listed, "qualitative", frame["kind"])).astype(object)
    taken = computed | listed
    place = {id(m): float(at) for at, m in enumerate(scheme.management)}
    frame = frame.assign(
        management=_objects(found),
        management_at=_reals([place.get(id(m)) for m in found]),
        kind=kind,
        op=np.where(taken, "", frame["op"]).astype(object),
        met=np.where(taken, NAN, frame["met"]),
    )
    items = data.assign(item_key=_objects([management.item_key(item) for item in data["item"]]))
    return frame.assign(data_value=management.data_values(frame, items, scheme))
