"""Whether words speak of a quantity, and whether two numbers say the same."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.values import converted, same_dimension
from perfxl.word.crosscheck.mentions import flat
from perfxl.word.crosscheck.named import BUDGET, EXECUTED, INITIAL, RATE, REST, plain_name

if TYPE_CHECKING:
    from perfxl.word.crosscheck.mentions import Mention
    from perfxl.word.crosscheck.named import Named

STRONG, WEAK, MARGIN = 0.6, 0.34, 0.12
"""Share of a name's character pairs a text must repeat to speak of it for certain, or perhaps; near ties are looked at together."""

_ROLES = (
    (INITIAL, re.compile(r"年初预算(?:数|安排|批复)?|年初批复|初始预算")),
    (RATE, re.compile(r"执行率|支出率|支付率|支出进度|执行进度|预算完成率")),
    (REST, re.compile(r"结余|结转|剩余|未执行")),
    (
        EXECUTED,
        re.compile(
            r"全年执行数?|执行数|实际支出|实际执行|支出数|决算数?|实际使用|实际拨付|实际完成支出|(?:预算)?执行(?!率|进度|情况|偏差)|已支出|共支出"
        ),
    ),
    (
        BUDGET,
        re.compile(
            r"全年预算数?|调整后?预算数?|预算调整(?:为|数)|预算数|预算安排|预算批复|预算总?额|预算为|(?<!年初)预算(?!执行|绩效|支出|单位|管理|完成率)"
        ),
    ),
)


def role(mention: Mention) -> str:
    """Which amount the words speak of: the last role word before the number, in 分别为 the one of its place."""
    words = mention.before
    spread = next((w for w in (mention.before, *mention.trail[:1]) if "分别" in w), "")
    found = sorted({(m.start(), role, m.end()) for role, pattern in _ROLES for m in pattern.finditer(spread or words)})
    kept = [f for f in found if not any(o is not f and o[0] <= f[0] and f[2] <= o[2] and (o[2] - o[0] > f[2] - f[0]) for o in found)]
    if spread and len(kept) > mention.order:
        return kept[mention.order][1]
    if kept:
        return kept[-1][1]
    after = next((role for role, pattern in _ROLES if pattern.match(mention.after.lstrip("(（"))), "")
    return after or next((role for role, pattern in _ROLES if mention.head and pattern.search(mention.head)), "")


@lru_cache(maxsize=8192)
def _pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, marks and figures left out."""
    bare = plain_name(text)
    return frozenset(bare[i : i + 2] for i in range(len(bare) - 1))


_ONLY_A_VERB = 2
"""能耗66达到0场: between the number in a name and its value stands no name of its own."""

_OTHER_HEAD = re.compile(r"率|(?<![年程制])度(?!达|为)|比例|比重|金额|数量|占比")


def likeness(named: Named, mention: Mention) -> float:
    """How surely the words of a number's own clause speak of this quantity, 0 to 1."""
    before = mention.before
    if mention.order and len(plain_name(before)) <= _ONLY_A_VERB:
        before = mention.trail[0] + before
    return max(_share(named, before), _share(named, before + mention.after) * 0.97)


def likeness_by_context(named: Named, mention: Mention) -> float:
    """The same with the clauses before, nearest first: 免费接待读者，全年达41万人次."""
    around = (t + mention.before + mention.after for t in mention.trail[:3])
    return max((_share(named, words, short=0.6) * (0.9 - 0.1 * i) for i, words in enumerate(around)), default=0.0)


def _share(named: Named, words: str, short: float = 1.0) -> float:
    """The largest share of a key's character pairs found in `words`; `short` lowers what a name of two characters proves."""
    said, best = _pairs(words), 0.0
    for key in named.keys:
        pairs = _pairs(key)
        share = len(pairs & said) / len(pairs) if pairs else 0.0
        if share >= WEAK:
            best = max(best, share * _another_head(key, words) * (short if len(pairs) == 1 else 1.0))
    return best


def _another_head(key: str, words: str) -> float:
    """Less where another measure stands between the name and the number: 满意度调查的回收率."""
    at = flat(words).rfind(key[-2:])
    tail = flat(words)[at + 2 :] if at >= 0 else ""
    return 0.5 if at >= 0 and _OTHER_HEAD.search(tail) else 1.0


_ALIKE = ({"场", "次", "场次", "期"}, {"人次", "次"}, {"种", "类"}, {"套", "台", "件"}, {"册", "件"})


def comparable(mention: Mention, named: Named) -> bool:
    """Whether the units may mean the same thing in running text; a bare number only goes with a bare one."""
    one, other = mention.unit, named.unit
    if one is None or other is None:
        return one == other
    return same_dimension(one, other) or any(one in alike and other in alike for alike in _ALIKE)


# numbers


def in_wan(named: Named) -> Named:
    """The same amount as a bare number in 万元, as a text without a unit would give it."""
    scale = 10_000 if named.unit == "元" else 1
    return replace(named, low=None if named.low is None else named.low / scale, high=None if named.high is None else named.high / scale, unit=None)


def agrees(mention: Mention, named: Named) -> bool:
    """Whether what is said is what the table holds, to the places written; a bound must bound closely."""
    low, high = _converted(named.low, named.unit, mention.unit), _converted(named.high, named.unit, mention.unit)
    if low is None and high is None:
        return False
    if mention.low is not None and mention.high is not None and mention.low < mention.high:
        return low is not None and high is not None and mention.low <= low + 1e-9 and high <= mention.high + 1e-9
    said = mention.value
    if named.step and low is not None and low == high and _rounds(low, said, named.step):
        return True
    if low is None or high is None:
        return _rounds(said, low if low is not None else high or 0.0, mention.step)
    if mention.bound:
        inside = (low >= said - 1e-9) if mention.high is None else (high <= said + 1e-9)
        close = abs((low if mention.high is None else high) - said) <= max(0.1 * abs(said), mention.step)
        return inside and close
    if mention.approximate:
        return abs(low - said) <= max(0.05 * abs(said), mention.step) or low <= said <= high
    return _rounds(said, low, mention.step) and (low == high or _rounds(said, high, mention.step) or low <= said <= high)


def _converted(value: float | None, unit: str | None, to: str | None) -> float | None:
    if value is None or unit is None or to is None or not same_dimension(unit, to):
        return value
    return converted(value, unit, to)


def _rounds(said: float, exact: float, step: float) -> bool:
    """Whether `said` is `exact` rounded or, with decimals, cut to the places written."""
    if math.isclose(said, exact, rel_tol=1e-9, abs_tol=1e-9):
        return True
    rounded = math.floor(exact / step + 0.5 + 1e-9) * step
    cut = math.floor(exact / step + 1e-9) * step
    return math.isclose(said, rounded, rel_tol=1e-9, abs_tol=step * 1e-6) or (step < 1 and math.isclose(said, cut, rel_tol=1e-9, abs_tol=step * 1e-6))
