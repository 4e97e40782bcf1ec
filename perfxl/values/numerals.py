"""Characters and numbers: one spelling of every sign, and exact reading of digits and Chinese numerals."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from perfxl.model.invisible import compatible, visible
from perfxl.values.expressions import LazyPattern

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?"
"""An unsigned number as typed: thousands separators only where they separate thousands."""

POINTS = (".", "·")
"""Right before a number they may be its decimal point: .95 is not 95."""

MAX_WHOLE_DIGITS = 15
"""A longer run of digits is a code or an identity number, and a float could not hold it anyway."""

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―─━−﹣ー", "-"),
        **dict.fromkeys("〜∼˜", "~"),
        **dict.fromkeys("【[〔〖{", "("),
        **dict.fromkeys("】]〕〗}", ")"),
        **dict.fromkeys("·・•‧∙⋅", "·"),
        **dict.fromkeys("“”„\"'‘’「」『』《》", ""),
        "。": ".",
        "；": ";",
        "≧": "≥",
        "⩾": "≥",
        "≽": "≥",
        "≦": "≤",
        "⩽": "≤",
        "≼": "≤",
        "═": "=",
        "￥": "¥",
        "×": "*",
        "✕": "*",
    }
)
_ANY_SIGN = frozenset(map(chr, _SIGNS))
"""Looked for before `str.translate`, which asks its mapping for every character and takes twelve times as long."""
_SQUARES = str.maketrans({"㎡": "平方米", "㎥": "立方米", "㎢": "平方千米"})
_POWERS_OF_METRE = {"m2": "平方米", "m3": "立方米", "km2": "平方千米", "hm2": "公顷"}
_POWER_OF_METRE = LazyPattern(r"(?<![A-Za-z])(?:[kh]?m2|m3)(?![A-Za-z0-9])")
_UNIT_POWER = LazyPattern(r"(?<=[mM米])([²³])")
_NUMBER_LIKE = LazyPattern(
    r"[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u218b\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3192-\u319f\u3220-\u3229\u3280-\u3289]"
)
_ANY_SPECIAL = LazyPattern(f"[㎡㎥㎢]|{_NUMBER_LIKE.pattern}")
_SPACES = LazyPattern(r"\s+")
_SPACE_IN_DECIMAL = LazyPattern(r"(?<=\d\d\d\.)\s+(?=\d)")
_DIGIT_GAP = LazyPattern(r"(?<=[0-9.,])\s+(?=[0-9])")
_TRAILING = ".,;:、"
"""Not among them: a question mark and an exclamation mark, which say that the number is not certain or a surprise."""
_ANY_COMPARISON = LazyPattern("[<>=≯≮]")
_ANY_ODD = LazyPattern(rf"[{re.escape(''.join(map(chr, _SIGNS)))}\s<>=≯≮]|m[23]")
"""Most texts hold nothing of all this, and one look says so."""
_TWO_SIGNS = LazyPattern(r">=|=>|<=|=<|≥=|≤=|==|>>=|≯|≮")
_SIGN_OF = {">=": "≥", "=>": "≥", "≥=": "≥", ">>=": "≥", "<=": "≤", "=<": "≤", "≤=": "≤", "==": "=", "≯": "≤", "≮": "≥"}


def normalised(text: str) -> str:
    """`text` in one spelling: NFKC, no spaces, one kind of dash, bracket and operator, no quotes, no closing 。

    A space between digits stays (as one space): gluing `100 200` into 100200 would invent a number. The one exception
    is a blank after a decimal point that follows three digits (`3577. 95`), which no list number can be.
    Raised and circled digits become `¿`, because NFKC would turn 10² into 102.
    """
    if text.isascii():
        if text.isdigit():
            return text
    else:
        text = visible(text)
    if not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        if _ANY_SPECIAL.search(text):
            text = _UNIT_POWER.sub(lambda power: "2" if power[1] == "²" else "3", text.translate(_SQUARES))
            text = _NUMBER_LIKE.sub("¿", text)
        text = compatible(text)
    if _ANY_ODD.search(text):
        text = _respelled(text)
    if len(text) > 1 and text[-1] in _TRAILING and text[-2:] != "..":
        text = text.rstrip(_TRAILING) or text
    return text


def as_typed(part: str, text: str) -> str:
    """`part` of a normalised `text` with the raised and circled digits that stand there.

    >>> as_typed("270¿", "270①场")
    '270①'
    """
    digits = iter(_UNCERTAIN.findall(text))
    return re.sub("¿", lambda sign: next(digits, sign[0]), part)


spelled = lru_cache(maxsize=16_384)(normalised)
"""The same, remembered: for names and levels, which several rules ask for. Values are remembered as they were read."""


_APOSTROPHE = r"(?<=\d)['’‘](?=\d)(?!\d{3}(?!\d))"
_NO_THOUSAND, _UNCERTAIN = LazyPattern(_APOSTROPHE), LazyPattern(f"{_NUMBER_LIKE.pattern}|{_APOSTROPHE}")
"""An apostrophe among digits that parts no thousands (50’5%): the number is not certain."""


def _respelled(text: str) -> str:
    if not _ANY_SIGN.isdisjoint(text):
        text = _NO_THOUSAND.sub("¿", text).translate(_SIGNS)
    if "m2" in text or "m3" in text:
        text = _POWER_OF_METRE.sub(lambda metre: _POWERS_OF_METRE[metre[0]], text)
    if _SPACES.search(text):
        text = _SPACE_IN_DECIMAL.sub("", text)
        text = _DIGIT_GAP.sub("\0", text)
        text = _SPACES.sub("", text).replace("\0", " ")
    if _ANY_COMPARISON.search(text):
        text = _TWO_SIGNS.sub(lambda sign: _SIGN_OF[sign[0]], text)
    return text


def exact(digits: str, power: int = 0) -> float | None:
    """The float nearest to `digits` × 10^`power`, or None for what no count or amount is.

    The float of the decimal that is meant: 3577.95万 is 35779500.0 and 0.57 stays 0.57. None means more than 15
    digits before the point (a code, not an amount), or a code by its leading zero (`0012`).

    >>> exact("3577.95", 4), exact("1,234.50"), exact("0012")
    (35779500.0, 1234.5, None)
    """
    digits = digits.replace(",", "")
    whole, _, decimals = digits.partition(".")
    if len(whole) + power > MAX_WHOLE_DIGITS or len(decimals) > 40 or (len(whole) > 1 and whole[0] == "0"):
        return None
    return float(f"{digits}e{power}" if power else digits)


def times_ten_to(value: float, power: int) -> float:
    """`value` × 10^`power` as if `value` were the decimal it prints as: 0.57 × 100 is 57.0.

    >>> times_ten_to(0.57, 2)
    57.0
    """
    if power == 0:
        return value
    if 1e-4 <= abs(value) < 1e16:  # which `repr` writes without an exponent
        return float(f"{value!r}e{power}")
    return float(Decimal(repr(value)).scaleb(power))


def plain(value: float) -> str:
    """`value` in digits, without an exponent and without a needless `.0`.

    >>> plain(400000.0), plain(1e-07)
    ('400000', '0.0000001')
    """
    if value.is_integer() and math.fabs(value) < 1e15:
        return str(int(value))
    return format(Decimal(repr(value)), "f")


# --- Chinese numerals -------------------------------------------------------------------------------------------------

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_STEPS = {"十": 10, "百": 100, "千": 1000}
NUMERAL_CHARACTERS = "零〇一二两三四五六七八九十百千万亿"
_NUMERALS = frozenset(NUMERAL_CHARACTERS)
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億弍參", "一二三四五六七八九十百千万亿二三")
_POSITIONAL = LazyPattern(r"[〇零一二三四五六七八九]{4}(?=年)")
_FRACTION_OF = LazyPattern(rf"(百|千)分之([{NUMERAL_CHARACTERS}]+(?:点[一二三四五六七八九零〇]+)?|\d+(?:\.\d+)?)")
_RUN = LazyPattern(rf"[{NUMERAL_CHARACTERS}]+(?:点[一二三四五六七八九零〇]+)?")


@lru_cache(maxsize=4096)
def chinese_number(numeral: str) -> str | None:
    """The digits of a Chinese numeral, or None if it is not one well-formed number.

    `三四` (three or four), `百` and `一二` are not numbers.

    >>> chinese_number("十二万"), chinese_number("二十"), chinese_number("三四")
    ('120000', '20', None)
    """
    whole, _, decimals = numeral.partition("点")
    total = 0
    for word, worth in (("亿", 10**8), ("万", 10**4)):
        head, found, rest = whole.rpartition(word)
        if found:
            part = chinese_number(head) if word == "亿" else _below_ten_thousand(head)
            if part is None or "." in str(part) or (len(rest) == 1 and rest not in "零〇"):
                return None  # 三万五 may be 35,000: only a numeral that names its places is read
            total += int(part) * worth
            whole = rest.removeprefix("零").removeprefix("〇")
            if not whole:
                break
    else:
        last = _below_ten_thousand(whole)
        if last is None:
            return None
        total += last
    return f"{total}.{''.join(str(_DIGITS[sign]) for sign in decimals)}" if decimals else str(total)


def _below_ten_thousand(numeral: str) -> int | None:
    """The value of a numeral without 万 and 亿; None unless its places go down and every digit has one."""
    if numeral in {"零", "〇"}:
        return 0
    total, digit, last_step, after_zero = 0, None, 10_000, False
    for index, sign in enumerate(numeral):
        if sign in _STEPS:
            step = _STEPS[sign]
            if step >= last_step or (digit is None and not (sign == "十" and index == 0)):
                return None
            total += (1 if digit is None else digit) * step
            digit, last_step, after_zero = None, step, False
        elif _DIGITS.get(sign) == 0:
            if digit is not None or index == 0:
                return None
            after_zero = True
        elif sign not in _DIGITS or digit is not None:
            return None
        else:
            digit = _DIGITS[sign]
    if digit is not None and last_step > 10 and last_step < 10_000 and not after_zero:
        return None  # 一百二 is 120 in speech, 102 by its places
    return total + (digit or 0) if numeral else None


def with_digits(text: str) -> str | None:
    """`text` with its Chinese numerals in digits; None if a numeral in it is not one number.

    >>> with_digits("二十场"), with_digits("百分之九十五"), with_digits("二〇二〇年")
    ('20场', '95%', '2020年')
    """
    text = text.translate(_FORMAL)
    if _NUMERALS.isdisjoint(text):
        return text
    text = _POSITIONAL.sub(lambda year: "".join(str(_DIGITS[sign]) for sign in year[0]), text)
    text = text.replace("百分百", "100%").replace("百分之百", "100%")
    text = _FRACTION_OF.sub(_percent, text)
    out, position = [], 0
    for run in _RUN.finditer(text):
        if run.start() and text[run.start() - 1].isdigit() and run[0] in {"万", "亿", "千", "百", "十万", "百万", "千万", "万亿"}:
            continue
        digits = chinese_number(run[0])
        if digits is None:
            return None
        out += [text[position : run.start()], digits]
        position = run.end()
    return "".join([*out, text[position:]])


def _percent(found: re.Match[str]) -> str:
    digits = found[2] if found[2][0].isdigit() else chinese_number(found[2])
    return found[0] if digits is None else digits + ("%" if found[1] == "百" else "‰")
