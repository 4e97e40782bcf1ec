"""Whether the words beside a number tell of what its row's name asks to have come out: not of a step before, the trouble itself, the level.

建设10个 is no answer to 竣工项目数, 受理320件 none to 受理办结件数, 火灾120起 none to 火灾扑救起数, 合格率98% none to 不合格率.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.values import lexicon
from perfxl.values import result_words as lists
from perfxl.values.expressions import LazyPattern, OneOf
from perfxl.values.numerals import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perfxl.values.record import Reading

    Words = tuple[tuple[str, str], ...]


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words), key=len, reverse=True))


_SAME = [frozenset(line.partition(" | ")[0].split()) for line in lexicon.RESULTS.strip().split("\n")]
_OUTCOMES = {
    word: frozenset(line.replace("|", "").split()) for line in lists.OUTCOMES.strip().splitlines() for word in line.partition(" | ")[0].split()
}
"""An outcome in a name, and the words that prove it."""
_LAST = {word: frozenset({word}).union(*(group for group in _SAME if word in group)) for word in lists.LAST_ACTS.split()}
"""The last of several acts in a name, and those that are the same."""
_STAGES, _FLAWS = _longest_first(lists.STAGES.split()), _longest_first(lists.FLAWS.split())
_REACHED, _GAINS, _STOCK = frozenset(lists.REACHED.split()), tuple(lists.GAINS.split()), tuple(lists.STOCK.split())
_NO_MORE = OneOf(lists.NO_MORE)
_REDUCTIONS, _ADDITIONS = tuple(lists.REDUCTIONS.split()), tuple(lists.ADDITIONS.split())
_ACTS = _longest_first([
    *(word for word in lexicon.VERBS.split() if len(word) > 1), *(word for group in _SAME for word in group if len(word) > 1), *_LAST
])  # fmt: skip
_ALL_ACTS = (*_ACTS, *_OUTCOMES, *(word for word in lexicon.GENERIC.split() if len(word) > 1))
_ELSEWHERE = frozenset(lists.ELSEWHERE.split())
_CHANGES, _GROWTH, _ENDS = tuple(lists.CHANGES.split()), tuple(lists.GROWTH.split()), tuple(lists.ENDS.split())
_SHORT_PERIODS, _WHOLE_YEAR = tuple(lists.SHORT_PERIODS.split()), tuple(lists.WHOLE_YEAR.split())
_FOR_EACH, _IN_ALL = tuple(lists.FOR_EACH.split()), tuple(lists.IN_ALL.split())
_IN_WHOLE = OneOf(lists.WHOLE_YEAR, lists.IN_ALL, "发生")
_HAPPENED, _EXTENTS = frozenset(lists.HAPPENED.split()), ("面积", "长度", "里程")
_FOREIGN = tuple(word for word in _ELSEWHERE if len(word) > 2)
_DONE = "完成"
_UN = frozenset("不未无非免")
_LESS, _GROUPS, _SHARES = tuple(lists.LESS.split()), _longest_first(lists.GROUPS.split()), frozenset({"%", "‰", "分"})
_FAR = 3
"""Times the target: a stock, not what was added to it."""


def short_of_result(words: Words, told: str, name: str) -> str:
    """A word that tells of a step before what the name asks to have come out, or of the trouble it wants ended; empty if none does."""
    outcome, last = asked_for(name), _last_of(name)
    proofs = outcome | last
    if not proofs:
        return ""
    stage = next((text for _, text in words if any(stage in text and (outcome or stage in name) for stage in _STAGES)), "")
    if any(proof in told for proof in proofs if not (stage and proof == _DONE)):
        return ""
    acts = (text for kind, text in words if (text not in _REACHED if kind == "lead" else text.startswith(_ACTS) and text not in name))
    other = next(acts, "") if outcome else ""
    return other or stage


def _trouble(words: Words, told: str, name: str) -> str:
    """What a name wants ended, where the cell says nothing of what was done about it: 火灾120起 of 火灾扑救起数."""
    for kind_of, text in words:
        flaw = next((flaw for flaw in _FLAWS if flaw in text and flaw in name), "贫困" if "贫困" in text and "脱贫" in name else "")
        if not flaw or kind_of == "lead":
            continue
        acts = _acts_beside(name, flaw)
        if acts and not any(act in told for act in acts) and all(kind != "lead" or verb in _HAPPENED for kind, verb in words):
            return text
    return ""


@lru_cache(maxsize=16384)
def asked_for(name: str) -> frozenset[str]:
    """The words that prove the outcome a name asks for; empty where another act follows it (获奖作品展览)."""
    return _behind_which_nothing(name, _OUTCOMES)


@lru_cache(maxsize=16384)
def _last_of(name: str) -> frozenset[str]:
    """The words that say the last act of a name."""
    return _behind_which_nothing(name, _LAST)


def _behind_which_nothing(name: str, known: dict[str, frozenset[str]]) -> frozenset[str]:
    found = [(name.rfind(word), len(word)) for word in known if word in name]
    if not found:
        return frozenset()
    at, length = max(found)
    if name[at - 1 : at] in _UN or any(act in name[at + length :] for act in _ACTS):
        return frozenset()
    return known[name[at : at + length]]


def another_measure(done: Reading, name: str, target: str, wanted: float | None, *, ceiling: bool) -> str:
    """The words of a cell that tell less than the name asks, or the level where it asks for the change, or the very opposite."""
    told, row = normalised(done.text), f"{name};{target}"
    if period := _of_another_period(told, row):
        return period
    if not done.said:
        return "发生" if "发生" in told and target.startswith(_REDUCTIONS) else ""
    around = [(kind, text) for kind, text in done.said[0] if kind in {"lead", "noun"}]
    words = done.said[0]
    if stock := _all_there_are(around, told, name):
        return stock
    short = short_of_result(words, told, name) or short_of_result(words, told, target) or _trouble(words, told, name)
    other = (text for _, text in words if (text in _ELSEWHERE and text not in row) or _opposite(text, name))
    if (
        short
        or (short := next(other, ""))
        or (short := next((word for word in _FOREIGN if word in told and word not in row), ""))
        or (short := _member(told, name) if around else "")
    ):
        return short
    down = name.startswith(_REDUCTIONS) or _at_the_end(name, _CHANGES) or target.startswith(_REDUCTIONS)
    if not ceiling and down and not any(word in told for word in _LESS):
        return next((text for _, text in around), "")
    if _at_the_end(name, _GROWTH) and not any(sign in told for sign in lists.MORE):
        return next((text for _, text in around), "")
    if name.startswith(_ADDITIONS) or "新增" in row:
        return _stock(around, told, row, done.low, wanted)
    return next((group for group in _GROUPS if done.unit in _SHARES and group in told and group not in name), "") if _of_somebody(name) else ""


@lru_cache(maxsize=16384)
def _acts_beside(name: str, word: str = "") -> frozenset[str]:
    """The acts of a name without `word`, and those that are the same."""
    acts = {act for act in (_ALL_ACTS if word else _ACTS) for piece in name.split(word or ";") if act in piece}
    return frozenset(acts).union(*(group for group in _SAME if not acts.isdisjoint(group)))


def own_act_at_the_end(text: str, name: str) -> str:
    """The act of its own name that a text ends with: 报送 of 2022年12月10日报送."""
    return max((act for act in _acts_beside(name) if act in name and text.endswith(act)), key=len, default="")


def _all_there_are(around: list[tuple[str, str]], told: str, name: str) -> str:
    """湿地面积220亩, 危桥总数9座: how much there is, where the name has an act and the cell none."""
    measure = next((text for kind, text in around if kind == "noun" and text.endswith(_EXTENTS) and name.endswith(text[-2:])), "")
    measure = measure or next((word for word in _STOCK if word in told and word not in name), "")
    acts = _acts_beside(name) if measure else frozenset()
    return measure if acts and not any(act in told for act in acts) and all(kind == "noun" for kind, _ in around) else ""


def _of_somebody(name: str) -> bool:
    return "群众" in name or any(group in name for group in _GROUPS)


def tells_the_whole(text: str) -> bool:
    """Whether a cell says that its number is of a whole year, of all, or of what happened: without known words the only other measure."""
    return not text.isascii() and _IN_WHOLE.search(normalised(text)) is not None


def _of_another_period(told: str, row: str) -> str:
    """全年860人次 where the name asks for a day's, 总计620元 where it asks for each."""
    for asked, said in ((_SHORT_PERIODS, _WHOLE_YEAR), (_FOR_EACH, _IN_ALL)):
        if any(word in row for word in asked) and not any(word in told for word in asked) and (word := next((w for w in said if w in told), "")):
            return word
    return ""


def asks_for_a_change(name: str) -> bool:
    """Whether a name ends in how much less or more: 漏损下降率."""
    return _at_the_end(name, _CHANGES) or _at_the_end(name, _GROWTH)


@lru_cache(maxsize=16384)
def _at_the_end(name: str, changes: tuple[str, ...]) -> bool:
    """Whether a name ends in one of these words, or in one and a word of measure."""
    bare = name.partition("(")[0]
    for end in _ENDS:
        if bare.removesuffix(end).endswith(changes):
            return True
    return bare.endswith(changes)


_JOINED = LazyPattern(r"(?P<left>[\u4e00-\u9fff]{2})(?:、|和|与|及|以及)(?P<right>[\u4e00-\u9fff]{2})")
_JOINTS = OneOf("、 和 与 及")


def _member(told: str, name: str) -> str:
    """The one that a cell names of several that a name lists (图书 of 图书、报刊购置册数)."""
    for found in _JOINED.finditer(name) if _JOINTS.search(name[2:-2]) else ():
        left, right = found["left"] in told, found["right"] in told
        if left != right:
            return found["left"] if left else found["right"]
    return ""


def _stock(around: list[tuple[str, str]], told: str, name: str, value: float | None, wanted: float | None) -> str:
    """What tells how many there are, or of something that adds none, where the name asks how many more."""
    if any(sign in _NO_MORE.sub("", told) for sign in lists.MORE):
        return ""
    verb = next((text for kind, text in around if kind == "lead" and text not in _REACHED and text not in name), "")
    if verb:
        return verb if "新增" in name and not any(gain in _NO_MORE.sub("", verb) for gain in _GAINS) else ""
    far = value is not None and wanted is not None and value >= _FAR * wanted > 0
    return next((text for _, text in around), "") if far or any(word in told for word in _STOCK) else ""


@lru_cache(maxsize=16384)
def _opposite(text: str, name: str) -> bool:
    """Whether a word stands in a name only behind 不, 未, 无, 非: 合格率 of 不合格率; or says 有 where the name says 无."""
    if any(name[at - 1] == "无" and f"有{name[at]}" in text for at in range(1, len(name))):
        return True
    begun, places = text[:2], []
    at = name.find(begun)
    while at >= 0:
        places.append(at)
        at = name.find(begun, at + 1)
    return bool(places) and all(at and name[at - 1] in _UN for at in places) and not any(sign + begun in text for sign in _UN)
