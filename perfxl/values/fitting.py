"""Whether the known words of an actual are of its row's business: 拆除30座 answers no row of 新建公厕, 图纸30座 none of 公厕.

The lists say which words mean something; the name and the target say which of them mean the row's own number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.values import lexicon, nouns
from perfxl.values.dates import DATE_IN_TEXT
from perfxl.values.expressions import LazyPattern
from perfxl.values.instead import instead
from perfxl.values.numerals import normalised, spelled
from perfxl.values.operators import DOWN
from perfxl.values.pair import NUMERIC
from perfxl.values.record import Reading, ReadingKind
from perfxl.values.results import another_measure, asked_for, asks_for_a_change, short_of_result, tells_the_whole
from perfxl.values.vocabulary import DATE_COMPLETION

if TYPE_CHECKING:
    from perfxl.values.pair import RowWords

Said = tuple[tuple[str, str], ...]

_GENERIC, _LIGHT = frozenset(lexicon.GENERIC.split()), tuple(sorted(lexicon.LIGHT.split(), key=len, reverse=True))
_LIGHT_ONLY = frozenset(_LIGHT) | frozenset(["落实", "达成", "获得", "取得", "保障", "执行"])
"""Verbs of rates and of rows that stay below a limit: they say of nothing else."""
_LINES = [line.partition(" | ") for line in lexicon.RESULTS.split("\n")]
_GROUPS = [frozenset(words.split()) for words, _, _ in _LINES]
_GOES_WITH = {word: frozenset(units.split()) for words, _, units in _LINES if units for word in words.split()}
_SPENDING = frozenset(lexicon.SPENDING.split())
_COSTING = _SPENDING | frozenset(lexicon.COSTING.split())
_RESULTS = frozenset().union(*_GROUPS)
_NOUNS = frozenset(nouns.NOUNS.split())
_ACTS = sorted({word for word in (*lexicon.VERBS.split(), *_RESULTS, *_GENERIC) if len(word) > 1} - set(_LIGHT), key=len, reverse=True)
_RESULT_ENDS = tuple(word for word in _RESULTS | _GENERIC if len(word) > 1)
"""A noun that ends in a result is one: 应急演练."""
_SAMPLES = frozenset(word for word in lexicon.SAMPLE_LABELS.split() if not any(sign in word for sign in ("收", "有效", "发放")))
_RECEIVED, _RECEIVERS = frozenset(lexicon.RECEIVED.split()), frozenset(["人", "人次", "名", "位", "户", "户次", "家", "村", "元"])
_MEASURES = tuple(lexicon.MEASURE_ENDS.split())
_GENERAL = frozenset(lexicon.GENERAL_NOUNS.split())
_LIMITING = frozenset({"scope", "place", "sort"})
_SHARES = frozenset({"%", "‰", "分"})
_OWN_ONLY = frozenset({"元", "天", "工作日", "小时", "分钟"})
"""Units of rows that only their own act answers: what another cost, how long another step took."""
_WORK = frozenset({"建设", "施工", "实施"})
"""By themselves no completion."""
_JOINTS = LazyPattern(r"[,;.:()]")
_COMPLETION = LazyPattern("|".join(sorted(map(re.escape, DATE_COMPLETION), key=len, reverse=True)))

_CLOCK = LazyPattern(r"(?<=\d)[ tT]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\Z")
"""The time of a day, as a stored date shows it."""


def fitting(row: RowWords, goal: Reading, done: Reading) -> Reading:
    """`done`, or no number where a word beside it is known and not this row's; only where the row has a name.

    Under a ceiling a part of the count proves nothing (0起重大事故); above a floor it does.
    """
    if not row.name or done.kind not in NUMERIC or not (done.said or tells_the_whole(done.text)):
        return done
    name, column = row.name, row.unit.label or "" if row.unit else ""
    target, wanted = spelled(goal.text) + (column if "/" in column else ""), goal.low if goal.low is not None else goal.high
    ceiling = goal.exact == 0 or (goal.operator or row.column or "") in DOWN
    unit = (done.unit or "").partition("/")[0]
    strange = done.said and _strange(done.said, f"{name};{target}", unit, ceiling=ceiling)
    strange = strange or another_measure(done, name, target, wanted, ceiling=ceiling)
    strange = strange or (instead(done.said[0], normalised(done.text), name, unit) if done.said else "")
    if not strange:
        return done
    return Reading(done.text, ReadingKind.AMBIGUOUS, words=normalised(done.text), notes=done.notes, unread=strange)


def done_of_another(text: str, row: str) -> str:
    """What a dated text says was done, where it is neither plain completion nor named by the row (支付 of a row of 改造完成时间)."""
    for piece in _JOINTS.split(DATE_IN_TEXT.sub(",", _CLOCK.sub("", normalised(text)))):
        left = piece if piece in _WORK else _COMPLETION.sub("", piece)
        if len(left) > 1 and (not _overlaps(left, row) or short_of_result((("lead", left),), normalised(text), row.partition(";")[0])):
            return left
    return ""


@lru_cache(maxsize=16384)
def _strange(said: tuple[Said, ...], row: str, unit: str, *, ceiling: bool) -> str:
    """The first word that is not of the row's business; empty if none is."""
    name = row.partition(";")[0]
    acts = _acts_of(row) | asked_for(name)
    around, *asides = said
    part = _limiting(around, row, unit) if ceiling or unit in _SHARES or unit in _OWN_ONLY else ""
    strange = part or _around(around, row, acts, unit, ceiling=ceiling)
    return strange or next((word for aside in asides if (word := _aside(aside, row, acts))), "")


@lru_cache(maxsize=16384)
def _acts_of(row: str) -> frozenset[str]:
    """The verbs that are a row's own: the one its name begins with, else all that stand in name and target; 开展 and 完成 say nothing."""
    row = row.removeprefix(next((verb for verb in _LIGHT if row.startswith(verb)), ""))
    noun = next((length for length in range(8, 1, -1) if row[:length] in _NOUNS), 0)
    if leading := next((verb for verb in _ACTS if row.startswith(verb) and len(verb) >= noun), ""):
        return frozenset({leading})
    found: list[str] = []
    for verb in _ACTS:  # longest first: of 调解成功 the 调解 is no act of its own
        if verb in row and not any(verb in longer for longer in found):
            found.append(verb)
    return frozenset(found)


@lru_cache(maxsize=16384)
def _has_object(row: str) -> bool:
    """Whether a name says of what it counts: 卫生室 of 新建卫生室数, nothing of 培训人数."""
    name = row.partition(";")[0]
    for verb in (*_LIGHT, *_acts_of(row)):
        name = name.replace(verb, ";")
    if name.endswith(_MEASURES):
        measure = max((end for end in _MEASURES if name.endswith(end)), key=len)
        name = name[:-3] if measure in {"率", "度", "量", "额"} else name.removesuffix(measure)
    pieces = {name[at : at + length] for length in range(2, 7) for at in range(len(name) - length + 1)}
    return any(piece in _NOUNS and not piece.endswith(_MEASURES) and piece not in _GENERAL for piece in pieces)


def _around(words: Said, row: str, acts: frozenset[str], unit: str, *, ceiling: bool) -> str:
    told = [text for kind, text in words if kind == "lead" or text.endswith(_RESULT_ENDS)]
    things = [text for kind, text in words if kind != "lead" and not text.endswith(_RESULT_ENDS)]
    neutral = _LIGHT_ONLY if ceiling or unit in _SHARES else _GENERIC
    neutral -= frozenset() if things or unit in _RECEIVERS else _RECEIVED
    neutral |= _SAMPLES if unit in _SHARES else (_COSTING if ceiling else _SPENDING) if unit == "元" else frozenset()
    verbs = [text for text in told if text not in neutral]
    verbs += [] if told else [verb for thing in things if (verb := _begins(thing)) and thing not in row]
    measured = any(thing in row and thing.endswith(_MEASURES) for thing in things)
    verbs = [] if measured else verbs
    own = any(_is_own(verb, row, acts) for verb in verbs)
    named = any(_overlaps(thing, row) for thing in things)
    for verb in verbs:
        result = verb in _RESULTS or verb.endswith(_RESULT_ENDS)
        alone = result and unit in _GOES_WITH.get(verb, ())
        free = not (acts or ceiling or unit in _SHARES) and (named or (unit not in _OWN_ONLY and (alone or bool(things))))
        if not (_is_own(verb, row, acts) or (result and own) or free):
            return verb
    return _measure(things, row, unit) or _object(things, row, told=bool(told) or measured)


def _limiting(words: Said, row: str, unit: str) -> str:
    """A word that makes it a part of what the row counts (0起重大事故), or that turns a duration into a lead (提前2天)."""
    for (kind, text), (following, _) in zip(words, [*words[1:], ("", "")], strict=False):
        if (
            kind in _LIMITING
            and text not in row
            and text not in _GENERAL
            and (following == "noun" or following in _LIMITING or (unit in _OWN_ONLY and text == "提前"))
        ):
            return text
    return ""


def _measure(things: list[str], row: str, unit: str) -> str:
    """A rate with another name than the row's: 受理率 is no 办结率, 合格率 is 抽检合格率."""
    if unit not in _SHARES:
        return ""
    name = row.partition(";")[0]
    for thing in things:
        if thing[-1] in "率度" and (thing not in _GENERAL or "率" in name or "度" in name) and not _same_rate(thing, name):
            return thing
    return ""


def _same_rate(rate: str, name: str) -> bool:
    stem = rate[-3:-1]
    bare = "率" not in name and "度" not in name
    return any(f"{stem}{end}" in name for end in "率度") or (stem in name and (bare or asks_for_a_change(name)))


def _object(things: list[str], row: str, *, told: bool) -> str:
    """Something else than the row counts."""
    objects = [thing for thing in things if not (thing.endswith(_MEASURES) and (told or _overlaps(thing, row))) and thing not in _GENERAL]
    if not objects or any(_overlaps(thing, row) for thing in objects) or (told and not _has_object(row)):
        return ""
    return objects[-1]


def _begins(noun: str) -> str:
    """The result that a noun begins with: 培训 of 培训教师."""
    return next((noun[:length] for length in (4, 3, 2) if noun[:length] in _RESULTS and len(noun) > length), "")


def _aside(words: Said, row: str, acts: frozenset[str]) -> str:
    strange = (text for kind, text in words if not (_is_own(text, row, acts) if kind == "lead" else _overlaps(text, row)) and text not in _GENERIC)
    return next(strange, "")


def _is_own(verb: str, row: str, acts: frozenset[str]) -> bool:
    """A verb of the row or one of the same line, not one that a longer verb of the row holds (调解 in 调解成功)."""
    if any(act in verb for act in acts) or any(verb in group and not acts.isdisjoint(group) for group in _GROUPS):
        return True
    if any(verb in act for act in acts):
        return False
    return verb in row or (verb not in _RESULTS and _overlaps(verb, row))


def _overlaps(noun: str, row: str) -> bool:
    """Whether two signs in a row of a noun stand in the row's name or target."""
    return noun in row or any(noun[at : at + 2] in row for at in range(len(noun) - 1))
