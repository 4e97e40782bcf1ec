"""Words that say a thing was not done, or not wholly: what cannot stand beside 达成."""

from __future__ import annotations

import re
from functools import lru_cache

from perfxl.values.expressions import Expression
from perfxl.values.numerals import normalised
from perfxl.values.pairing import read_pair
from perfxl.values.vocabulary import DENIALS, DENIALS_NOT, DOWN_NAMES, NOT_WHOLE, UP_NAMES

_DENIES = Expression("|".join(sorted(DENIALS.split(), key=len, reverse=True)))
_KNOWN = Expression("|".join(sorted(map(re.escape, DENIALS_NOT.split()), key=len, reverse=True)))
_SHARE = Expression(r"(?<![\d.])(\d+(?:\.\d+)?)%")
_COUNTED = Expression(r"[1-9]\d*(?:起|件|例|次|人|宗|处|户|个)")
_DONE_SHARE = Expression(r"完成(?:率|了|进度)?(?:为|达到?|至)?(\d+(?:\.\d+)?)%")
_NOTHING = Expression(r"(?:无|零|没有|不发生|未发生|杜绝|应\w尽)")


@lru_cache(maxsize=4096)
def denies(actual: str, target: str) -> bool:
    """Whether an actual says that its target was not reached: in words (制度未完善, 效果不明显), or by the numbers of both.

    The target's own words deny nothing, nor do names that hold such a word (未成年人).

    >>> denies("制度未完善", "完善管理制度"), denies("关爱未成年人", "关爱工作有序"), denies("80%", "≥95%"), denies("已完成", "完成")
    (True, False, True, False)
    """
    said, asked = normalised(actual), normalised(target)
    if said == asked:
        return False
    bare = _KNOWN.sub(";", said)
    if bare.startswith(NOT_WHOLE) or any(found[0] not in asked for found in _DENIES.finditer(bare)):
        return True
    if any(char.isdigit() for char in said):
        if _NOTHING.match(asked) and _COUNTED.search(said):
            return True
        shares = (_SHARE if "全" in asked else _DONE_SHARE).findall(said)
        if not any(char.isdigit() for char in asked) and any(float(share) < 100 for share in shares):
            return True
        if read_pair(target, actual, fiscal_year=None).met is False:
            return True
    return _turned(asked, bare)


def _turned(asked: str, said: str) -> bool:
    """显著提高 answered with 下降5%, or the other way round."""
    up, down = (any(word in asked for word in words) for words in (UP_NAMES, DOWN_NAMES))
    if up == down:
        return False
    against, along = (DOWN_NAMES, UP_NAMES) if up else (UP_NAMES, DOWN_NAMES)
    return any(word in said for word in against) and not any(word in said for word in along)
