"""Whether the words beside a number tell of what its row's name asks to have come out: not of a step before, the trouble itself, the level.

建设10个 is no answer to 竣工项目数, 受理320件 none to 受理办结件数, 火灾120起 none to 火灾扑救起数, 合格率98% none to 不合格率.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.values import lexicon
from perfxl.values import result_words as lists
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
_REDUCTIONS, _ADDITIONS = tuple(lists.REDUCTIONS.split()), tuple(lists.ADDITIONS.split())
_ACTS = _longest_first([
    *(word for word in lexicon.VERBS.split() if len(word) > 1), *(word for group in _SAME for word in group if len(word) > 1), *_LAST
])  # fmt: skip
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
    return other or stage or next((text for kind, text in words if kind != "lead" and _is_trouble(text, name)), "")


def _is_trouble(text: str, name: str) -> bool:
    return any(flaw in text for flaw in _FLAWS) or ("贫困" in text and "脱贫" in name)


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


def another_measure(done: Reading, name: str, wanted: float | None, *, ceiling: bool) -> str:
    """The words of a cell that tell less than the name asks, or the level where it asks for the change, or the very opposite."""
    around = [(kind, text) for kind, text in done.said[0] if kind in {"lead", "noun"}]
    told = normalised(done.text)
    if short := short_of_result(done.said[0], told, name) or next((text for _, text in around if _opposite(text, name)), ""):
        return short
    if not ceiling and name.startswith(_REDUCTIONS) and not any(word in told for word in _LESS):
        return next((text for _, text in around), "")
    if name.startswith(_ADDITIONS) or "新增" in name:
        return _stock(around, told, name, done.low, wanted)
    return next((group for group in _GROUPS if done.unit in _SHARES and group in told and group not in name), "") if _of_somebody(name) else ""


def _of_somebody(name: str) -> bool:
    return "群众" in name or any(group in name for group in _GROUPS)


def _stock(around: list[tuple[str, str]], told: str, name: str, value: float | None, wanted: float | None) -> str:
    """What tells how many there are, or of something that adds none, where the name asks how many more."""
    if any(sign in told for sign in lists.MORE):
        return ""
    verb = next((text for kind, text in around if kind == "lead" and text not in _REACHED and text not in name), "")
    if verb:
        return verb if "新增" in name and not any(gain in verb for gain in _GAINS) else ""
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
