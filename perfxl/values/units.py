"""Units: what is written after a number, the label it is compared under, and what may be compared with what."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

from perfxl.values.expressions import LazyPattern
from perfxl.values.vocabulary import COUNT_UNITS, COUNT_UNITS_SET, ORDINAL_UNITS, OTHER_UNITS, SAME_DIMENSION, UNIT_LABELS

_HUNDREDS = r"百(?!分)|千(?![克米瓦伏卡帕焦分])"
MAGNITUDE = rf"(?:十|{_HUNDREDS})?万亿?|(?:十|{_HUNDREDS})?亿|{_HUNDREDS}"
"""百 and 千 multiply, except where they begin a unit: 百分比, 千米."""
_POWER = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}


class Unit(Struct, frozen=True):
    """A unit as compared: `label` (None: only a magnitude) and the power of ten its writing carries (万元: 4)."""

    label: str | None
    power: int = 0
    known: bool = True


KNOWN_UNITS: dict[str, tuple[str, int]] = {
    **{word: (word, 0) for word in (*COUNT_UNITS, *OTHER_UNITS) if word not in ORDINAL_UNITS},
    **{word.lower(): (word, 0) for word in OTHER_UNITS},
    **UNIT_LABELS,
}
"""What is written -> its label and the power of ten on top of it."""
_LONGEST = max(map(len, KNOWN_UNITS))


def is_chinese(text: str, most: int) -> bool:
    """Whether a text is Chinese characters alone, one to `most` of them."""
    return 0 < len(text) <= most and all("\u4e00" <= sign <= "\u9fff" for sign in text)


def known_at(text: str, at: int = 0) -> list[int]:
    """Where the known units that begin at a place of `text` end, the longest first; slices in a dict, as an expression of them all is costly."""
    return [end for end in range(min(at + _LONGEST, len(text)), at, -1) if text[at:end] in KNOWN_UNITS]


_SEPARATORS = LazyPattern(r"[·*、.×/]|(?<=\d)x")
_NO_UNIT = frozenset(
    "的了未不较好优良中差高低是有无完成合格满意达标以左右余多几约上下内外前后年月日号级等第开放成分率度"
    "零〇一二两三四五六七八九十百千万亿至到约近每超过降增减占比共计总仅只差剩从由于对和与及为在按各该此其们"
)
_MAGNITUDE_START = LazyPattern(rf"(?P<magnitude>{MAGNITUDE})(?P<unit>.*)\Z")
_BASES: dict[str, tuple[str, Fraction]] = {
    label: (dimension, Fraction(over, under)) for dimension, labels in SAME_DIMENSION for label, over, under in labels
}


def power_of(magnitude: str) -> int:
    """The power of ten of 万, 千万, 万亿 …"""
    return sum(_POWER[sign] for sign in magnitude)


def _known(word: str) -> tuple[str, int] | None:
    """A single Latin letter counts only as it is: m is 米, M is anything from MB to Mbps."""
    return KNOWN_UNITS.get(word) or (KNOWN_UNITS.get(word.lower()) if len(word) > 1 else None)


@lru_cache(maxsize=8192)
def read_unit(text: str) -> Unit | None:
    """A whole unit as written, without magnitude: `人次`, `元/人*月`, `㎡`. None if it is none.

    Unknown counting words of up to two characters are units of their own kind (`known` is False): they agree only
    with themselves.

    >>> read_unit("元/人*月"), read_unit("百分比").label
    (Unit(label='元/人·月', power=0, known=True), '%')
    """
    if known := _known(text):
        return Unit(*known)
    if "/" in text:
        return _compound(text)
    if text.endswith("次") and text[:-1] in COUNT_UNITS_SET:
        return Unit(text)  # 处次, 项次: times that each was dealt with
    over, each, under = text.partition("每")
    if over and each and under:
        return _compound(f"{over}/{under.replace('每', '·')}")
    if is_chinese(text, 2) and text not in ORDINAL_UNITS and _NO_UNIT.isdisjoint(text):
        return Unit(text, known=False)
    return None


def _compound(text: str) -> Unit | None:
    numerator, _, denominator = text.partition("/")
    over = read_magnitude_unit(numerator) if numerator else None
    if over is None or over.label is None or "/" in over.label:
        return None
    under = _denominator(denominator)
    return None if under is None else Unit(f"{over.label}/{under}", over.power, over.known)


def _denominator(text: str) -> str | None:
    parts = []
    for part in _SEPARATORS.split(text):
        word = _known(part)
        if word is not None and not word[1]:
            parts.append(word[0])
        elif is_chinese(part, 2) and part not in ORDINAL_UNITS and (_NO_UNIT.isdisjoint(part) or part in {"日", "年", "月"}):
            parts.append(part)
        else:
            return None
    return "·".join(parts)


@lru_cache(maxsize=8192)
def read_magnitude_unit(text: str) -> Unit | None:
    """A unit with its magnitude, as a unit column carries it: `万人次` is 人次 with power 4. None if it is none.

    >>> read_magnitude_unit("万元"), read_magnitude_unit("千米").label
    (Unit(label='元', power=4, known=True), '公里')
    """
    if text[:1] in _POWER and (found := _MAGNITUDE_START.match(text)):
        power = power_of(found["magnitude"])
        if not found["unit"]:
            return Unit(None, power)
        unit = read_unit(found["unit"])
        return None if unit is None else Unit(unit.label, power + unit.power, unit.known)
    return read_unit(text)


def unit_at_start(text: str) -> tuple[Unit, str] | None:
    """The longest known unit `text` begins with, and the rest; None if there is none. For `个平台`, `场活动`."""
    for length in range(min(_LONGEST, len(text)), 0, -1):
        if known := KNOWN_UNITS.get(text[:length]):
            return Unit(*known), text[length:]
    return None


def is_counting_word(unit: Unit) -> bool:
    """Whether the thing counted may follow the unit: 1个平台, but not 15分钟阅读圈."""
    return unit.label in COUNT_UNITS_SET or ((unit.label or "").endswith("次") and (unit.label or "")[:-1] in COUNT_UNITS_SET)


@lru_cache(maxsize=8192)
def _dimension(label: str | None) -> tuple[str | None, Fraction]:
    if label is None or "/" not in label:
        return _BASES.get(label or "", (label, Fraction(1)))
    over, _, under = label.partition("/")
    # per year adds nothing: every value of the form is the year's
    parts = sorted(_same_word(part) for part in under.split("·") if part != "年")
    dimension, factor = _BASES.get(over, (over, Fraction(1)))
    return ("/".join([dimension, "·".join(parts)]) if parts else dimension), factor


def _same_word(label: str) -> str:
    """The base label of a mere synonym (名 → 人); a label with a factor (吨) stays itself below a stroke."""
    base, factor = _BASES.get(label, (label, Fraction(1)))
    return base if factor == 1 else label


def same_dimension(one: str | None, other: str | None) -> bool:
    """Whether values with these unit labels may be compared. None (no unit) goes only with None.

    >>> same_dimension("场", "场次"), same_dimension("册", "册次"), same_dimension("元/人·月", "元/月·人")
    (True, False, True)
    """
    return one == other or _dimension(one)[0] == _dimension(other)[0]


def dimension_of(label: str | None) -> str | None:
    """What labels that may be compared have in common.

    >>> dimension_of("公里") == dimension_of("米"), dimension_of("册"), dimension_of(None)
    (True, '册', None)
    """
    return _dimension(label)[0]


def converted(value: float, unit: str | None, to: str | None) -> float:
    """`value` of `unit` in the unit `to` of the same dimension (`same_dimension` must hold).

    >>> converted(9.0, "‰", "%"), converted(2.0, "TB", "GB")
    (0.9, 2048.0)
    """
    if unit == to:
        return value
    factor = _dimension(unit)[1] / _dimension(to)[1]
    return value if factor == 1 else float(Fraction(repr(value)) * factor)
