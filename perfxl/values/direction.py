"""What the names and columns beside the cells say: operator, unit, and whether more or less is better."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from perfxl.values import ReadingKind, Unit, read_unit_column, read_value
from perfxl.values.expressions import LazyPattern
from perfxl.values.heads import (
    BAD_BY_ITSELF,
    BAD_HEAD_ENDS,
    BAD_HEADS,
    CONTRARY_HEADS,
    DURATION_ENDS,
    MEASURES,
    NEGATIONS,
    RATE_ENDS,
    RESOLVES,
    TURNED_ROUND,
    WAITED_FOR,
)
from perfxl.values.lexicon import RESULTS, VERBS
from perfxl.values.nouns import COMPOUNDS
from perfxl.values.numerals import normalised, spelled
from perfxl.values.phrases import claim_at_end
from perfxl.values.result_words import LAST_ACTS
from perfxl.values.units import unit_at_start
from perfxl.values.vocabulary import (
    COST_NAMES,
    DOWN_NAMES,
    HANDLING_NAMES,
    HIGHER_CONTROL,
    HIGHER_RATES,
    LEVEL_DOUBTS,
    OPERATOR_BEFORE,
    OPERATOR_COLUMN,
    OPERATOR_COLUMN_SILENT,
    RATES_TO_100,
    REDUCTION_NAMES,
    SPENDING_CONTROL,
    TIME_NAMES,
    UP_NAMES,
)

Unwanted = tuple[str, ...] | frozenset[str]
unwanted = lru_cache(maxsize=16)(frozenset[str])
"""Words of something unwanted as a set, which keeps its hash: a tuple of eighty is hashed anew for each name that is asked about."""
UNKNOWN = "?"
"""An operator column that holds a word perfxl does not know."""

_FIRST_NUMBER = LazyPattern(r"\d+(?:\.\d+)?")
_ANY_BRACKET = LazyPattern(r"\([^()]*\)")
_UNDONE = LazyPattern(r"(?:未|没有?|不)(?:能|曾|有效|按时|按期|及时|如期|按要求|按规定|全部|完全|足额|按)*(?P<rate>[^未没不\d]{1,6}[率度])\Z")
_NEGATED = frozenset("未没不")
_NEGATED_COMPOUNDS = sorted((word for word in COMPOUNDS.split() if not _NEGATED.isdisjoint(word)), key=len, reverse=True)
_GOOD_RATES = (*HIGHER_RATES, *RATES_TO_100, *(f"{rate}率" for rate in RATES_TO_100 if not rate.endswith("率")))
_OPERATOR_WORDS = "|".join(sorted(OPERATOR_BEFORE, key=len, reverse=True))
_TEMPLATE = LazyPattern(rf"(?P<operator>[≥≤<>=]|{_OPERATOR_WORDS})(?:[*xX_]+|…+|\.\.+)?(?P<unit>[^\d*()≥≤<>=]{{0,8}})(?=\)|\Z|[-(])")
_IN_BRACKETS = LazyPattern(r"[(](?:单位:)?([^()\d]{1,8})[)]")


@lru_cache(maxsize=1024)
def column_operator(text: str) -> str | None:
    """What 指标性质 says: ≥ > ≤ < =, 定性, 期限, `UNKNOWN`, or None for nothing (also 定量).

    >>> column_operator("﹥="), column_operator("定性"), column_operator(""), column_operator("W")
    ('≥', '定性', None, '?')
    """
    if not text:
        return None
    word = normalised(text)
    if word in OPERATOR_COLUMN:
        return OPERATOR_COLUMN[word]
    if word in OPERATOR_COLUMN_SILENT or read_value(text).kind is ReadingKind.BLANK:
        return None
    if word.startswith("定性"):
        return "定性"
    return UNKNOWN


class Lean(StrEnum):
    """Which way a name leans when nobody wrote a direction."""

    LOWER = "lower"
    HIGHER = "higher"
    UNCLEAR = "unclear"
    """A word of something unwanted, and a head that is not about it."""
    SILENT = "silent"


class Sense(Struct, frozen=True):
    """How a name leans and what says so: the word that decided and, where signals disagree, the `head` against it."""

    lean: Lean
    word: str = ""
    head: str = ""
    by_end: bool = False
    """Whether no word of the scheme says so but how the name ends (错案率)."""


_BAD_HEADS = tuple(BAD_HEADS.split())
_ACTS = tuple(verb for verb in (*VERBS.split(), *RESULTS.split(), *LAST_ACTS.split()) if len(verb) > 1)
_SILENT = Sense(Lean.SILENT)


@lru_cache(maxsize=16_384)
def sense_of(name: str, lower_is_better: Unwanted) -> Sense:
    """Whether a name is of something better low, by what it ends in: 投诉率 is, 投诉办结率 is not, 投诉热线接听量 is unclear.

    >>> names = ("投诉", "违法")
    >>> [str(sense_of(name, names).lean) for name in ("投诉率", "投诉办结率", "投诉热线接听量", "查处违法案件数", "活动场数")]
    ['lower', 'higher', 'unclear', 'higher', 'silent']
    """
    name = spelled(name)
    return _sense_of_bare((_ANY_BRACKET.sub("", name).strip() or name) if "(" in name else name, lower_is_better)


@lru_cache(maxsize=16_384)
def _sense_of_bare(bare: str, lower_is_better: Unwanted) -> Sense:
    """Brackets make most names of a batch distinct and say nothing of this."""
    words, undone = _words_in(bare, lower_is_better), _undone(bare)
    if not words and not undone:
        return _by_end(bare)
    if undone and undone["rate"].endswith(_GOOD_RATES):
        return Sense(Lean.LOWER, undone[0])
    if undone and not words:
        return Sense(Lean.UNCLEAR, undone[0].removesuffix(undone["rate"]), undone["rate"])
    if not undone and bare.endswith(HIGHER_RATES):
        return Sense(Lean.HIGHER, next(end for end in HIGHER_RATES if bare.endswith(end)))
    if turned := next((word for word in REDUCTION_NAMES if word in bare), ""):
        return Sense(Lean.HIGHER, turned)
    start, word = words[-1]
    before, rest = bare[:start], bare[start + len(word) :]
    if word == "控制率" and before and not before.endswith(SPENDING_CONTROL):
        return Sense(Lean.UNCLEAR, word, before)
    if before.endswith(NEGATIONS):
        return Sense(Lean.UNCLEAR, word, next(end for end in NEGATIONS if before.endswith(end)) + word)
    if rest and rest not in MEASURES and not _only_measures().match(rest):
        return _against(word, rest)
    if word.endswith((*COST_NAMES, *TIME_NAMES)) or (rest or word).endswith(RATE_ENDS):
        return Sense(Lean.LOWER, word)
    return _handled_before(word, before)


def _by_end(bare: str) -> Sense:
    """Whether a name ends in something that nobody wants (辍学率) or in how long people wait; silent where something is done about it."""
    low = bare.lower()
    found = max(((low.rfind(word) + len(word), word) for word in _BAD_HEADS if word in low), default=None)
    if found is not None:
        end, word = found
        before, rest = low[: end - len(word)], low[end:]
        of_itself = (rest or word).endswith((*RATE_ENDS, *DURATION_ENDS))
        acted = () if of_itself else (*RESOLVES, *CONTRARY_HEADS, *HANDLING_NAMES, *(() if word in BAD_BY_ITSELF else _ACTS))
        if _only_measures(BAD_HEAD_ENDS).match(rest) and not before.endswith(NEGATIONS) and not any(verb in before for verb in acted):
            return (
                _SILENT
                if any(turn in low for turn in (*REDUCTION_NAMES, *UP_NAMES, *TURNED_ROUND))
                else Sense(Lean.LOWER, bare[end - len(word) : end], by_end=True)
            )
    duration = next((end for end in DURATION_ENDS if bare.endswith(end)), "")
    waited = next((verb for verb in WAITED_FOR if bare.removesuffix(duration).removesuffix("平均").endswith(verb)), "") if duration else ""
    return (
        Sense(Lean.LOWER, waited + duration, by_end=True)
        if waited and not any(turn in bare for turn in (*REDUCTION_NAMES, *TURNED_ROUND))
        else _SILENT
    )


def _words_in(name: str, lower_is_better: Unwanted) -> list[tuple[int, str]]:
    """The words of something unwanted in a name with their places, by where they end."""
    if not _any_of(lower_is_better).search(name):
        return []
    cured = any(word in name for word in HIGHER_CONTROL)
    found = [(name.rfind(word), word) for word in lower_is_better if word in name and not (cured and word.startswith("控制"))]
    return sorted(found, key=lambda at: (at[0] + len(at[1]), len(at[1])))


def _against(word: str, rest: str) -> Sense:
    """A word that something else than a measure follows: what is done about it, or nobody knows."""
    contrary = next((head for head in CONTRARY_HEADS if head in rest), "")
    handled = next((head for head in HANDLING_NAMES if head in rest), "")
    if handled and not contrary and not rest.endswith(DURATION_ENDS):
        return Sense(Lean.HIGHER, handled)
    return Sense(Lean.UNCLEAR, word, rest)


def _handled_before(word: str, before: str) -> Sense:
    """A count of something unwanted behind what is done about it: 查处违法案件数 is better high, 教育投诉件数 unclear."""
    if solved := next((verb for verb in RESOLVES if verb in before), ""):
        return Sense(Lean.HIGHER, solved)
    if done := next((verb for verb in (*CONTRARY_HEADS, *HANDLING_NAMES) if verb in before), ""):
        return Sense(Lean.UNCLEAR, word, done)
    return Sense(Lean.LOWER, word)


@lru_cache(maxsize=2)
def _only_measures(more: tuple[str, ...] = ()) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(sorted(map(re.escape, (*MEASURES, *more)), key=len, reverse=True)) + r")*\Z")


def is_lower(name: str, lower_is_better: Unwanted) -> bool:
    """Whether the name is of something better low (成本, 投诉), not what is done about it (投诉办结率)."""
    return sense_of(name, lower_is_better).lean is Lean.LOWER


def costs(name: str, sense: Sense) -> bool:
    """Whether a row under 成本 is better low: not a rate of success or a saving, nor one whose head is about something else."""
    if sense.lean is Lean.UNCLEAR:
        return not any(head in sense.head for head in (*CONTRARY_HEADS, *NEGATIONS))
    return not is_higher(name) and sense.word not in REDUCTION_NAMES


@lru_cache(maxsize=64)
def _any_of(words: Unwanted) -> re.Pattern[str]:
    """One of the words: most names hold none, and one search says so sooner than asking for each."""
    return re.compile("|".join(map(re.escape, words)))


def is_higher(name: str) -> bool:
    """Whether the name ends as a rate that is better high (完成率, 满意度), whatever else it holds."""
    bare = _ANY_BRACKET.sub("", name)
    return bare.endswith(HIGHER_RATES) and not _undone(bare)


def _undone(bare: str) -> re.Match[str] | None:
    """A rate of what was not done at the end of a name (未达标率, 未按时办结率); not of 未成年人, 不动产 and their like."""
    if _NEGATED.isdisjoint(bare):
        return None
    for compound in _NEGATED_COMPOUNDS:
        bare = bare.replace(compound, "·")
    return _UNDONE.search(bare)


def doubt_of_level(name: str) -> str:
    """What in a name under 成本指标 speaks for more being better (合规, 带动, a rate that no word decides); "" where nothing does."""
    return next((word for word in LEVEL_DOUBTS if word in name), "") or next((end for end in ("率", "性") if name.endswith(end)), "")


def named_direction(name: str) -> str | None:
    """`down` for 降低率, `up` for 增长率, None where the name says neither or both."""
    down, up = (_any_of(words).search(name) is not None for words in (DOWN_NAMES, UP_NAMES))
    return None if down == up else "down" if down else "up"


@lru_cache(maxsize=16_384)
def template_in_name(name: str) -> tuple[str | None, Unit | None]:
    """Operator and unit of `公猪舍(≥**平方米)`; of `兑付率(%)` only the unit.

    >>> template_in_name("排污沟(≥米)")
    ('≥', Unit(label='米', power=0, known=True))
    """
    for found in reversed(list(_TEMPLATE.finditer(name))):
        unit = read_unit_column(found["unit"]) if found["unit"] else None
        if unit is not None and unit.known:
            sign = found["operator"]
            return OPERATOR_BEFORE.get(sign, sign), unit
    for inside in reversed(_IN_BRACKETS.findall(name)):
        unit = read_unit_column(inside)
        if unit is not None and unit.known:
            return None, unit
    return None, None


def operator_in_name(name: str, number: str) -> str | None:
    """The operator of a template in the name, or the one beside the target's own number (收入达到5亿元)."""
    operator, _ = template_in_name(name)
    if operator is not None:
        return operator
    return next((claim for before, _ in _around(name, number) if (claim := claim_at_end(before))), None)


def unit_in_name(name: str, number: str) -> Unit | None:
    """The unit in the name's template or brackets, or behind the target's own number (38.75万元)."""
    _, unit = template_in_name(name)
    if unit is not None:
        return unit
    for before, after in _around(name, number):
        magnitude = after[: len(after) - len(after.lstrip("十百千万亿"))]
        known = unit_at_start(after[len(magnitude) :])
        if known and not before.endswith(".") and not known[1][:1].isalpha():
            return read_unit_column(magnitude + after[len(magnitude) : len(after) - len(known[1])])
    return None


@lru_cache(maxsize=16_384)
def written_number(text: str) -> str:
    """The first digits of a cell as they stand in it; empty if there are none."""
    found = _FIRST_NUMBER.search(normalised(text))
    return found[0] if found else ""


def _around(name: str, number: str) -> list[tuple[str, str]]:
    """What stands before and after each place where exactly `number` is written in the name."""
    if not number or number not in name:
        return []
    pieces = name.split(number)
    places = [(number.join(pieces[:place]), number.join(pieces[place:])) for place in range(1, len(pieces))]
    return [(before, after) for before, after in places if not (before[-1:].isdigit() or after[:1].isdigit())]
