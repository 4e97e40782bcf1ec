"""What an actual in words says became of the work: done, not done, or nothing that shows it. Asked where a tier was chosen beside it.

The tier decides the points (contract §3.5); this only judges whether the words go with it. Allow-list: a text that says neither what the
target asks for nor a word of achievement proves nothing, and one negating sign outside a known compound denies.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache

from perfxl.values import outcome_words as lists
from perfxl.values.expressions import LazyPattern, OneOf, RarePattern
from perfxl.values.nouns import COMPOUNDS
from perfxl.values.numerals import normalised
from perfxl.values.stages import Short, is_change, short_of
from perfxl.values.vocabulary import TIER_WORDS


class Gist(StrEnum):
    """What the words say."""

    DONE = "done"
    """So, and strongly: a phrase of 达成, or the target's own words."""
    LIKELY = "likely"
    """A word of achievement, or of the target; nothing against it."""
    UNSAID = "unsaid"
    """Nothing that shows it."""
    DENIED = "denied"
    """Not, or not wholly."""
    NOTHING = "nothing"
    """Nothing of it was even begun."""


_DENIES = OneOf(lists.DENIES)
_NOTHING, _STRONG = OneOf(lists.NOTHING_DONE), OneOf(lists.STRONG)
_FLAWS, _RESOLVED, _RELIEVES, _HAPPENED = (OneOf(words) for words in (lists.FLAWS, lists.RESOLVED, lists.RELIEVES, lists.HAPPENED))
_GOVERNED = OneOf(lists.GOVERNED)
_SIGNS = frozenset("不未无没")
_NEGATES = OneOf("未 无 没 零 不 杜绝 防止 避免")
_RISES, _FALLS, _MORE, _LESS = (OneOf(words) for words in (lists.RISES, lists.FALLS, lists.WANTS_MORE, lists.WANTS_LESS))
_FINISHED, _ACHIEVED = OneOf(lists.FINISHED), OneOf(lists.FINISHED, lists.ACHIEVED, lists.RESOLVED)
_NONE_OF_IT = RarePattern(
    rf"(?:未|无|没有?|零|不)(?:(?!{OneOf(lists.RESOLVED, lists.FINISHED).pattern})[^,;.。]){{0,8}}?(?:{_FLAWS.pattern}|{_GOVERNED.pattern})",
    OneOf("未 无 没 零 不"),
)
_PREVENTED = RarePattern(rf"(?:{_RESOLVED.pattern}|防止|避免|杜绝|防范|减少|降低)了?[^,;.。不未没无]{{0,8}}(?:{_GOVERNED.pattern})", _GOVERNED)
_RISEN = RarePattern(rf"(?<![未无不没零])(?<!没有)(?:{_RISES.pattern})", _RISES)
_WORK = OneOf(lists.SHARES_OF_WORK).pattern
_SHARE = RarePattern(rf"(?:{_WORK})[^,;。\d]{{0,4}}(?P<behind>\d+(?:\.\d+)?)%|(?P<before>\d+(?:\.\d+)?)%(?:的?(?:{_WORK}))", OneOf("%"))
_CLAUSES = str.maketrans(dict.fromkeys(";.。:!?()", ","))
_COUNTED = LazyPattern(r"(?<![\d.])0*[1-9]\d*[起件例次宗人户处个]")
_WORDS = LazyPattern(r"[\u4e00-\u9fff]{2,}")
_DATES = LazyPattern(r"\d+[年月日号]?")
_DONE_PHRASES, _OTHER_TIERS = frozenset(TIER_WORDS["达成"].split()), frozenset(f"{TIER_WORDS['部分达成']} {TIER_WORDS['未达成']}".split())
_HAPPENED_TIMES = RarePattern(r"(?:\A|[,;。])(?:发生|出现|收到|接到|存在)了?[1-9]\d*[起件例次宗]\Z", OneOf("发生 出现 收到 接到 存在"))
_WORSE = LazyPattern(
    rf"(?:{_FLAWS.pattern})(?:量|率|数|件数|起数|情况|程度|现象)?(?:有所|略有|明显|持续|不断|同比|较上年|大幅|逐年|进一步)*(?:{_RISES.pattern})(?!.{{0,4}}(?:{_RELIEVES.pattern}))"
)
_SAYS_ALL = frozenset(lists.SAYS_ALL.split())
_ROMAN = {sign: unicodedata.normalize("NFKC", chr(sign)) for sign in range(0x2160, 0x217C)}
_POOR = tuple(lists.POOR.split())
_LESS_AT_END = tuple(lists.LESS_AT_END.split())
_FAINT, _BOLD = OneOf(lists.FAINT), OneOf(lists.BOLD)
_HEDGES = OneOf(lists.HEDGES)
_HEDGED = RarePattern(rf"(?:{_HEDGES.pattern})(?P<word>{OneOf(lists.GRADES).pattern})", _HEDGES)
_PLAIN = {word: LazyPattern(rf"(?<![提最更较增拔升良优友美]){word}(?=\Z|[,;。、()])") for word in lists.GRADES.split() if len(word) == 1}
_RANKS = [{word: rank for rank, words in enumerate(line.split(" > ")) for word in words.split()} for line in lists.SCALES.strip().splitlines()]
_SCALES = [dict(sorted(ranks.items(), key=lambda found: -len(found[0]))) for ranks in _RANKS]
_BARE = 6
"""Signs of a text that says the direction and hardly more (逐年上升)."""
_NONE = frozenset({"0", "零", "无"})
_EXCEPT = RarePattern(r"除[^,;。]{1,10}外,?(?:均|都|全部|其[余他])", OneOf("除"))
_MOVED = RarePattern(
    r"(?:改为|调整为|改到|调整到|调到|移到|移至|转到|转至|放到|放在|列入|纳入|推到|拖到|延到)(?:了)?(?:20\d\d|明|下|次|来)年", OneOf("年")
)
_OF_ALL = RarePattern(
    r"(?P<all>\d+)[^\d,;。]{0,4}(?:中的?|,?实际?)[^\d,;。]{0,5}(?P<few>\d+)(?![\d%年月])|完成(?:了)?(?P<few2>\d+)/(?P<all2>\d+)", OneOf("中 实 /")
)
_LOWER = OneOf("率 成本 费 能耗 消耗 排放 时间 时限 支出 负担 压力 风险 污染 投诉 事故 量")


@cache
def _harmless() -> OneOf:
    return OneOf(lists.HARMLESS, *(word for word in COMPOUNDS.split() if _DENIES.search(word)))


@lru_cache(maxsize=16_384)
def outcome(text: str, target: str, name: str, *, dated: bool = False) -> Gist:
    """What an actual says of its target. `dated`: the target is a deadline, which only a word of completion keeps.

    >>> [str(outcome(text, "完善管理制度", "制度建设")) for text in ("制度已完善", "制度未完善", "已取消", "全新面貌")]
    ['likely', 'denied', 'nothing', 'unsaid']
    """
    said, goal = (normalised(words.translate(_ROMAN)).lower() for words in (text, target))
    if said in _OTHER_TIERS:
        return Gist.NOTHING if _NOTHING.search(said) else Gist.DENIED
    if said in (goal, *_DONE_PHRASES):
        return Gist.DONE
    rest = said.replace(goal, "达成") if len(goal) > 1 else said
    bare = _harmless().sub("·", _PREVENTED.sub("·", _NONE_OF_IT.sub("·", rest)))
    asked = f"{goal} {normalised(name).lower()}"
    if _denied(bare, asked) or _poor(bare, goal):
        return Gist.NOTHING if _NOTHING.search(bare) else Gist.DENIED
    short = short_of(said, goal, asked)
    share = _partly(said if is_change(goal) else rest, goal)
    if short is Short.BELOW or share or _flawed(rest) or _turned(rest, goal) or (short is not Short.REACHED and _weaker(said, goal)):
        return Gist.DENIED
    if short is Short.OPEN or (said in _NONE and not (_NEGATES.search(asked) or _FLAWS.search(asked) or _LESS.search(asked))):
        return Gist.UNSAID
    if _STRONG.search(rest):
        return Gist.DONE
    if short is Short.REACHED or (_FINISHED if dated else _ACHIEVED).search(rest) or (not dated and (said in _SAYS_ALL or _repeats(said, asked))):
        return Gist.LIKELY
    return Gist.UNSAID


def _denied(bare: str, asked: str) -> bool:
    """A word that denies and is not the target's or the name's own, with the two signs behind it (无违约 of 无违约行为)."""
    unwanted = _NEGATES.search(asked) is not None
    for start, word in _DENIES.finditer(bare):
        own = bare[start : start + len(word) + (2 if len(word) == 1 else 0)]
        asked_for = len(own) > 1 and any(asked.startswith(own, at) and asked[at - 1 : at] not in _SIGNS for at in range(len(asked)))
        kept = len(own) > 2 and own[0] in "未没无" and any(sign + own[1:] in asked for sign in "不无零")  # 未增加 of 不增加
        if not (asked_for or kept) or (unwanted and word in _GOVERNED.words):
            return True
    return False


def _poor(bare: str, goal: str) -> bool:
    """Whether the words say little: 服务态度差, 有所提升 of 显著提升, moved to another year, six of ten."""
    wanted = _LESS.search(goal)
    poor = (clause for clause in _clauses(bare) if clause.endswith(_POOR) and not (wanted and clause.endswith(_LESS_AT_END)))
    if any(not (_LOWER.search(clause) or _FLAWS.search(clause)) for clause in poor):
        return True
    faint = _BOLD.search(goal) and not _FAINT.search(goal) and _FAINT.search(bare) and not _BOLD.search(bare)
    return bool(faint or _MOVED.search(bare) or _EXCEPT.search(bare)) or any(_fewer(found) for found in _OF_ALL.finditer(bare))


def _weaker(said: str, goal: str) -> bool:
    """Whether the words say less than the target's: 比较健全 of 健全, 良好 of 优秀."""
    for found in _HEDGED.finditer(said):
        word = found["word"]
        asked = _PLAIN[word].search(goal) if len(word) == 1 else word in goal and found[0] not in goal
        if asked and not any(hedge + word in goal for hedge in _HEDGES.words):
            return True
    return any(
        wanted is not None and reached is not None and reached > wanted
        for scale in _SCALES
        for wanted in [_rank(goal, scale)]
        for reached in [_rank(said, scale)]
    )


def _rank(text: str, scale: dict[str, int]) -> int | None:
    """The strongest word of a scale at the end of a clause, 0 the top; one sign only where it stands alone (评定为优)."""
    found = [
        scale[word]
        for clause in _clauses(text)
        if (word := next((word for word in scale if clause.endswith(word)), "")) and (len(word) > 1 or clause == word or clause[-2] in "为是获评达")
    ]
    return min(found, default=None)


def _clauses(text: str) -> list[str]:
    return text.translate(_CLAUSES).split(",")


def _fewer(found: re.Match[str]) -> bool:
    few, whole = (found["few"], found["all"]) if found["all"] else (found["few2"], found["all2"])
    return int(few) < int(whole)


def _flawed(text: str) -> bool:
    """Whether something went wrong: it happened, a number of times or more often, and nothing was done about it."""
    if _HAPPENED_TIMES.search(text):
        return True
    if not _FLAWS.search(text):
        return False
    return _WORSE.search(text) is not None or (not _RESOLVED.search(text) and any(_happened(clause) for clause in _clauses(text)))


def _happened(clause: str) -> bool:
    flaw = _FLAWS.search(clause)
    if flaw is None or _RELIEVES.search(clause):
        return False
    return bool(_COUNTED.search(clause) or _HAPPENED.search(clause[: flaw.start]) or len(clause) <= len(flaw.word) + 2)


def _turned(text: str, goal: str) -> bool:
    """Whether the words go the other way than the target asks."""
    more, less = _MORE.search(goal), _LESS.search(goal)
    if more and not less:
        return any(
            _FALLS.search(clause) and not (_MORE.search(clause) or _FLAWS.search(clause) or _LOWER.search(clause)) for clause in _clauses(text)
        )
    rises = less and not more and _RISEN.search(text) and not _LESS.search(text) and not _FALLS.search(text)
    return bool(rises and (_LOWER.search(text) or len(text) <= _BARE))


def _partly(text: str, goal: str) -> bool:
    """Whether less than all was done by a share: 覆盖80%, 完成50%, unless the target names a share of its own below 100 %."""
    shares = [float(found["behind"] or found["before"]) for found in _SHARE.finditer(text)]
    own = [float(found) for found in re.findall(r"(\d+(?:\.\d+)?)%", goal)]
    return any(share < min(own, default=100) for share in shares)


def _repeats(said: str, asked: str) -> bool:
    """Whether two signs of the target or the name stand in the words; a date is no word."""
    words = _WORDS.findall(_DATES.sub(" ", said))
    return any(word[at : at + 2] in asked for word in words for at in range(len(word) - 1))
