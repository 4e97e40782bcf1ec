"""Whether an actual in words says less than its target in words: a lower rank, an earlier stage, the other direction, fewer times.

Only where both are on one scale of `stage_words`; whatever else they say is `outcome`'s to judge.
"""

from __future__ import annotations

import re
from enum import StrEnum

from perfxl.values import stage_words as lists
from perfxl.values.expressions import LazyPattern, OneOf, RarePattern
from perfxl.values.units import is_chinese


class Short(StrEnum):
    """How an actual falls short of what its target says."""

    NOT = "not"
    BELOW = "below"
    """Another rank, stage or direction than the target's."""
    OPEN = "open"
    """A part of the target's words is left open."""
    REACHED = "reached"
    """The target's rank or a better one, the stage it asks for."""


def _longest_first(words: str) -> tuple[str, ...]:
    return tuple(sorted(words.split(), key=len, reverse=True))


_SCALES = [[frozenset(step.split()) for step in line.split("|")] for line in lists.GRADES.strip().splitlines()]
_ALONE = frozenset(lists.ONLY_ALONE.split())
_RANK = LazyPattern(rf"(?:{OneOf(lists.RANK_HEADS).pattern})?(?P<rank>.+?)(?:{OneOf(lists.RANK_ENDS).pattern})*\Z")
_STAGES = [tuple(map(OneOf, line.split("|"))) for line in lists.STAGES.strip().splitlines()]
_BETTER_HIGH = OneOf(lists.BETTER_HIGH)
_TRULY, _DONE_WITH, _EVERY, _NEVER = (_longest_first(words) for words in (lists.TRULY, lists.DONE_WITH, lists.EVERY, lists.NEVER))
_BARE = OneOf("已 均 都 全部 了")
_ONLY_BEGUN = tuple(lists.ONLY_BEGUN.split())
_LONGEST_NOUN = 6
_WHOLE = OneOf(lists.WHOLE)
_TIMES = RarePattern(
    rf"(?P<each>[{''.join(lists.EVERY_SO_MANY)}])(?:个)?(?P<span>{OneOf(*lists.TIMES_A_YEAR).pattern})[^\d,;。一两二三四五]{{0,6}}(?P<times>[\d一两二三四五])次",
    OneOf("次"),
)
_HOURS = RarePattern(r"(?P<hours>\d+)小时(?:服务|开放|值班|值守|运行|在线|营业|供应|供水|供电)?\Z", OneOf("小时"))
_WAYS = OneOf(lists.WAYS)
_UP, _DOWN = (
    RarePattern(rf"(?:{words.pattern})(?:了?\d+(?:\.\d+)?(?:%|‰|个百分点|[\u4e00-\u9fff])?)?\Z", words)
    for words in map(OneOf, (lists.UP, lists.DOWN))
)
_AMOUNT = LazyPattern(r"(?!0(?![\d.]))\d+(?:\.\d+)?(?:%|[\u4e00-\u9fff])?\Z")
_HAVING = OneOf(lists.HAVING)
_OFF = RarePattern(rf"(?<![不未无没有])(?:{OneOf(lists.OFF).pattern})", OneOf(lists.OFF))
_PLACE = RarePattern(rf"[前第](?P<place>\d+|[{''.join(lists.NUMERALS)}])(?:名|位|强)", OneOf("前 第"))
_DAY = 24


def short_of(said: str, goal: str, name: str) -> Short:
    """How `said` falls short of `goal`, both in one spelling.

    >>> [str(short_of(said, goal, "")) for said, goal in (("ii类", "iii类"), ("iv类", "ii类水质"), ("申请验收", "通过验收"), ("发放", "足额发放"))]
    ['reached', 'below', 'below', 'open']
    """
    rank, stage = _rank(said, goal, name), _stage(said, goal)
    if Short.BELOW in (rank, stage) or _other_way(said, goal) or _rarer(said, goal) or _OFF.search(said):
        return Short.BELOW
    return Short.OPEN if _left_open(said, goal) else Short.REACHED if Short.REACHED in (rank, stage) else Short.NOT


def _rank(said: str, goal: str, name: str) -> Short:
    if (first := _place(goal)) and (place := _place(said)):
        return Short.BELOW if place > first else Short.REACHED
    for scale in _SCALES:
        wanted, got = _step(scale, goal), _step(scale, said)
        if wanted is not None and got is not None:
            turned = any("三级" in step for step in scale) and _BETTER_HIGH.search(goal + name + said)
            return Short.BELOW if (got < wanted if turned else got > wanted) else Short.REACHED
    return Short.NOT


def _place(text: str) -> int:
    """The place in an order that a text names (前三名, 第5名); 0 for none."""
    found = _PLACE.search(text)
    return int(lists.NUMERALS.get(found["place"], found["place"])) if found else 0


def _step(scale: list[frozenset[str]], text: str) -> int | None:
    """The one step of a scale that a text names; None for none and for several."""
    steps = [at for at, words in enumerate(scale) if any(word in text and _names(word, text) for word in words)]
    return steps[0] if len(steps) == 1 else None


def _names(word: str, text: str) -> bool:
    """Whether a rank stands in a text as such: alone (优, 评为优等), or not inside a longer one (ii类 in iii类, 二级 in 十二级)."""
    if word in _ALONE:
        alone = _RANK.match(text)
        return word in (text, alone and alone["rank"])
    return re.search(rf"(?<![a-z\d劣十第]){re.escape(word)}(?![a-z\d\-至到、十])", text) is not None


def _stage(said: str, goal: str) -> Short:
    """The last stage that a target asks for decides, so one that falls short outweighs one that was reached."""
    reached = Short.NOT
    for wanted, proofs, before in _STAGES:
        if not wanted.search(goal):
            continue
        done = before.sub("·", re.sub(rf"(?:{before.pattern})完成|完成了?(?=(?:{before.pattern}))", "", said))
        if proofs.search(done):
            reached = Short.REACHED
        elif before.search(said):
            return Short.BELOW
    return reached


def is_change(goal: str) -> bool:
    """Whether a target asks for a direction and nothing else (逐年下降)."""
    bare = _WAYS.sub("", goal)
    return bool(_DOWN.match(bare) or _UP.match(bare))


def _other_way(said: str, goal: str) -> bool:
    """增加 of 减少, 发生 of 不发生: the same thing with the opposite sign."""
    if _DOWN.match(_WAYS.sub("", goal)) and _UP.match(_WAYS.sub("", said)):
        return True
    never = _behind(_NEVER, goal)
    return never != "" and _AMOUNT.sub("", _HAVING.sub("", said)) in {never, _HAVING.sub("", never)} - {""}


def _rarer(said: str, goal: str) -> bool:
    wanted, got = _TIMES.search(goal), _TIMES.search(said)
    if wanted and got:
        return _a_year(got) < _a_year(wanted)
    asked, open_for = _HOURS.match(goal), _HOURS.match(said)
    return bool(asked and open_for and int(asked["hours"]) == _DAY and int(open_for["hours"]) < _DAY)


def _a_year(found: re.Match[str]) -> float:
    times = lists.EVERY_SO_MANY.get(found["times"]) or float(found["times"])
    return lists.TIMES_A_YEAR[found["span"]] / lists.EVERY_SO_MANY[found["each"]] * times


def _left_open(said: str, goal: str) -> bool:
    bare = _BARE.sub("", said)
    truly = next((word for word in _TRULY if goal.startswith(word) and len(goal) > len(word) + 1), "")
    if truly and bare == goal.removeprefix(truly):
        return True
    if (act := _behind(_DONE_WITH, goal)) and any(bare == begun + act for begun in _ONLY_BEGUN):
        return True
    noun = _behind(_EVERY, goal, _LONGEST_NOUN)
    return noun != "" and not _WHOLE.search(said) and re.fullmatch(rf"\d+个?{re.escape(noun)}", bare) is not None


def _behind(words: tuple[str, ...], text: str, most: int | None = None) -> str:
    """What stands behind the longest of some words that a text begins with: two or more Chinese signs, empty if there is nothing such."""
    begun = (text[len(word) :] for word in words if text.startswith(word))
    return next((rest for rest in begun if len(rest) > 1 and is_chinese(rest, most or len(rest))), "")
