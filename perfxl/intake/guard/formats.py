"""What a number format makes of a stored number: scale, words, date, sign. It never rounds, and a stored 0 is 0.

`number_format` takes a format apart once; `NumberFormat.say` answers for one stored number what the cell says, what it
shows, and whether that is certain. Most formats are `silent`: the stored number is what the cell says.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from msgspec import Struct

from perfxl.values import PercentNumber


class ShownText(str):
    """What a number's format adds to it: 40 shown as `40万人次`. It is no number that somebody typed as text."""

    __slots__ = ()


class PaddedNumber(int):
    """A whole number shown with leading zeros; `text` is what a code says, the number what an amount says."""

    text: str


class YuanNumber(float):
    """A number shown behind the sign of the own currency: an amount says the number, a quantity `text`."""

    __slots__ = ()

    @property
    def text(self) -> ShownText:
        """The number with its sign, as somebody would have typed it."""
        return ShownText(f"{YUAN[0]}{plain(exact(repr(float(self))))}")


class CellError(Struct, frozen=True):
    """An Excel error value (`#DIV/0!`) found in a cell: its own kind, never text, never 0."""

    text: str


class Said(Struct, frozen=True):
    """What one cell says."""

    value: object
    """None: exactly the stored number."""
    shown: str
    doubt: str = ""
    """Why that is not certain: `hidden`, `sign`, `worded`, `size`, `year`."""

    def differs(self, stored: str) -> bool:
        """Whether a person who sees the cell sees another number than is stored; a percentage or a date is none."""
        if isinstance(self.value, datetime | time | PaddedNumber):
            return False
        shown = self.shown.replace(",", "").replace(" ", "")
        if isinstance(self.value, PercentNumber):
            return not same(shown.removesuffix("%"), exact(stored).scaleb(2))
        return not same(shown, exact(stored))


EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # Excel's dates have no zone
EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001  # as above
LAST_SERIAL: Final = 2_958_466
"""The day after 9999-12-31."""
YUAN: Final = ("¥", "￥", "CNY", "RMB", "CN¥")
"""Signs of the own currency: they say nothing about the size."""
MAGNITUDES: Final = {"千万": 7, "百万": 6, "十万": 5, "亿": 8, "万": 4, "千": 3}
"""Words behind a number that multiply it, longest first, as powers of ten."""
BUILT_IN: Final = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0", 6: "#,##0", 7: "#,##0.00", 8: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"', 37: "#,##0",
    38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"',
    55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""The formats that a file names by number alone, as a Chinese Excel shows them."""

_TOKEN = re.compile(
    r"""(?P<skip>_.|\*.|\[(?:[A-Za-z]{3,9}|(?-i:[一-鿿]{1,4})色?\s*\d{0,2}|Color\s*\d+|DBNum\d|\$-[^\]]*)\])
      | (?P<quoted>"[^"]*"?) | [\\!](?P<escaped>.)
      | \[(?P<condition><=|>=|<>|<|>|=)(?P<bound>\s*-?\d+(?:\.\d+)?)\] | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
      | \[(?P<elapsed>h+|m+|s+)\]
      | (?P<general>General|G/通用格式|常规) | (?P<noon>AM/PM|A/P|上午/下午)
      | (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%) | (?P<exponent>E[+-]) | (?P<at>@)
      | (?P<date>y+|m+|d+|h+|s+|e+|g+|b+|a{3,4}) | (?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COLOURS: Final = frozenset(("black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"))
_DISPLAYED = Context(prec=400, rounding=ROUND_HALF_UP)

Token = tuple[str, str]


class Section(Struct, frozen=True):
    """One part of a format between semicolons."""

    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None = None

    def has(self, *kinds: str) -> bool:
        """Whether a token of one of these kinds is in it."""
        return any(kind in kinds for kind, _ in self.tokens)

    @property
    def is_date(self) -> bool:
        """Days or hours, not an amount."""
        at = next((i for i, (kind, _) in enumerate(self.tokens) if kind in ("date", "elapsed", "digit")), None)
        return at is not None and self.tokens[at][0] != "digit"

    def words(self) -> str:
        """All its literal text."""
        return "".join(text for kind, text in self.tokens if kind == "word")


class Shape(Struct, frozen=True):
    """How a section writes a number."""

    before: str
    after: str
    whole: str
    """Placeholders before the point."""
    decimals: str
    percent: int
    power: int
    """The number is shown divided by 10 to this power."""
    grouped: bool
    masked: bool
    """Words stand between the digits."""

    @property
    def optional(self) -> bool:
        """A zero leaves no digit."""
        return "0" not in self.whole + self.decimals


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat:
    """A format taken apart; whatever is no format says the stored number."""
    return NumberFormat(code)


class NumberFormat:
    """A number format and what it does to a stored number or text."""

    def __init__(self, code: str) -> None:
        self.code = code
        sections = [_section(part) for part in _parts(code or "General")]
        self.text: Section | None = None
        if len(sections) > 3 or (len(sections) > 1 and sections[-1].has("at")):
            self.text = sections.pop()
            del sections[3:]
        elif len(sections) == 1 and sections[0].has("at"):
            self.text = sections[0]
        self.sections = tuple(sections)
        self.conditional = any(section.condition for section in sections)
        harmless = all(self._harmless(i) for i in range(len(sections)))
        self.yuan = any(sign in section.words() for section in sections for sign in YUAN)
        """Numbers stand behind the sign of the own currency, which says nothing about their size."""
        self.silent = harmless and not self.yuan
        """A number under it says the number; only its display may be rounded."""
        self.text_silent = self.text is None or (self.text.has("at") and not self.text.words().strip())
        first = None if sections[0].is_date or sections[0].has("general", "at") else _shape(sections[0].tokens)
        self.decimals = len(first.decimals) if harmless and first is not None and not sections[0].has("exponent", "slash") else None
        """Digits behind the point that are shown; None where all are."""
        self.percent_only = len(sections) == 1 and first is not None and _is_percent(first)
        """Nothing but a percentage, which is known without a look at the digits."""

    def _harmless(self, index: int) -> bool:
        section = self.sections[index]
        if section.is_date or not section.tokens:
            return False
        if section.has("general", "at"):
            return not _bare(section.words(), negative=self._drops_sign(index))[0] and not self._drops_sign(index)
        shape = _shape(section.tokens)
        if index == 2 and not self.conditional:
            return bool(section.words().strip()) or (shape is not None and not shape.optional)
        if shape is None or shape.percent or shape.power or shape.masked or shape.optional or shape.whole.count("0") > 1:
            return False
        words, signed = _bare(shape.before + "\0" + shape.after, negative=self._drops_sign(index))
        return not words and (signed or not self._drops_sign(index))

    def _drops_sign(self, index: int) -> bool:
        """The section for negative numbers writes its own minus."""
        return index == 1 and not self.conditional

    def _chosen(self, number: Decimal) -> int:
        if self.conditional:
            for index, section in enumerate(self.sections):
                if section.condition is None or _holds(number, *section.condition):
                    return index
            return -1
        if len(self.sections) == 1 or number > 0:
            return 0
        return (2 if len(self.sections) > 2 else 0) if number == 0 else 1

    def say(self, stored: str, *, date1904: bool = False) -> Said:
        """What a cell with the stored number says."""
        number = exact(stored)
        index = self._chosen(number)
        if index < 0:
            return Said(None, plain(number))
        section = self.sections[index]
        if section.is_date:
            return _date(section, number, EPOCH_1904 if date1904 else EPOCH)
        if not section.has("digit", "general", "at"):
            return _words_only(section.words().strip(), number)
        said = _amount(section, number, own_sign=self._drops_sign(index) and number < 0)
        if number == 0 and index == 2 and said.doubt != "hidden":
            return Said(None, said.shown)
        if self.yuan and (said.value is None or type(said.value) in (int, float)):
            return Said(YuanNumber(stored if said.value is None else said.value), said.shown, said.doubt)  # type: ignore[arg-type]  # a number
        return said

    def say_text(self, text: str) -> Said:
        """What a cell with a text says."""
        if self.text is None:
            return Said(text, text)
        if not self.text.has("at"):
            words = self.text.words().strip()
            return Said(text, words, "worded" if words else "hidden")
        shown = "".join(text if kind == "at" else part for kind, part in self.text.tokens if kind in ("at", "word"))
        return Said(shown.strip(), shown.strip())


def _parts(code: str) -> list[str]:
    """The sections of a format, as text."""
    parts, now, quoted, i = [], "", False, 0
    while i < len(code):
        char = code[i]
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "\\!_*" and i + 1 < len(code):
            now += code[i : i + 2]
            i += 2
            continue
        elif char == ";" and not quoted:
            parts.append(now)
            now = ""
            i += 1
            continue
        now += char
        i += 1
    return [*parts, now]


def _section(text: str) -> Section:
    tokens: list[Token] = []
    condition = None
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup or "other", match[0]
        if kind == "bound":
            condition = (match["condition"], Decimal(match["bound"].strip()))
        elif kind == "skip" and piece[0] == "[" and not _passes(piece[1:-1]):
            tokens.append(("word", piece))
        elif kind == "quoted":
            tokens.append(("word", piece.strip('"')))
        elif kind in ("escaped", "currency"):
            tokens.append(("word", match[kind]))
        elif kind == "other":
            tokens.append(("slash" if piece == "/" else "word", piece))
        elif kind != "skip":
            tokens.append((kind, match[kind]))
    if any(kind == "digit" for kind, _ in tokens) and not Section(tuple(tokens)).is_date:
        tokens = [("word", piece) if kind in ("date", "noon") else (kind, piece) for kind, piece in tokens]
    return Section(tuple(tokens), condition)


def _passes(inside: str) -> bool:
    """A colour, a locale or a kind of digits in brackets: it changes nothing that counts."""
    return inside.lower() in _COLOURS or not inside.isascii() or inside.lower().startswith(("color", "dbnum", "$-"))


@lru_cache(maxsize=4096)
def _shape(tokens: tuple[Token, ...]) -> Shape | None:
    """How a section writes numbers; None where it holds no digit."""
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    if not places:
        return None
    first, last = places[0], places[-1]
    before = "".join(text for kind, text in tokens[:first] if kind == "word")
    after = "".join(text for kind, text in tokens[last + 1 :] if kind in ("word", "slash"))
    inner = tokens[first : last + 1]
    point = next((i for i, (kind, _) in enumerate(inner) if kind == "point"), None)
    fraction = any(kind == "slash" for kind, _ in inner)
    words = [(i, text) for i, (kind, text) in enumerate(inner) if kind == "word" and text.strip() and not fraction]
    if point is None and [text for _, text in words] == ["."]:  # 0!.0000: the last digits stand behind a point of its own
        point, words = words[0][0], []
        power = sum(kind == "digit" for kind, _ in inner[point:])
    else:
        power = 0
    whole = inner if point is None else inner[:point]
    commas = _leading_commas(tokens[last + 1 :]) + (_leading_commas(whole[::-1]) if point is not None else 0)
    return Shape(
        before,
        after,
        "".join(text for kind, text in whole if kind == "digit"),
        "" if point is None else "".join(text for kind, text in inner[point:] if kind == "digit"),
        sum(kind == "percent" for kind, _ in tokens),
        power + 3 * commas,
        any(kind == "comma" for kind, _ in whole),
        bool(words),
    )


def _is_percent(shape: Shape) -> bool:
    """One percent sign, and nothing else that changes or hides a number."""
    words, _ = _bare(f"{shape.before}\0{shape.after}")
    return shape.percent == 1 and not (words or shape.power or shape.masked or shape.optional or shape.whole.count("0") > 1)


def _leading_commas(tokens: tuple[Token, ...]) -> int:
    return next((i for i, (kind, _) in enumerate(tokens) if kind != "comma"), len(tokens))


def _bare(words: str, *, negative: bool = False) -> tuple[str, bool]:
    """The words around a number that say something beside it, and whether a minus or brackets stand among them."""
    for sign in YUAN:
        words = words.replace(sign, "")
    words = "".join(words.split())
    if negative:
        left, _, right = words.partition("\0")
        if left in ("-", "−", "－"):
            return right, True
        if left in ("(", "（", "-(") and right in (")", "）"):
            return "", True
    return words.replace("\0", "").removeprefix("+"), False


def _amount(section: Section, number: Decimal, *, own_sign: bool) -> Said:
    """A number with what stands around it."""
    shape = _shape(section.tokens)
    if shape is None:  # General
        before, _, after = "".join(
            "\0" if kind in ("general", "at") else text for kind, text in section.tokens if kind in ("general", "at", "word")
        ).partition("\0")
        shape = Shape(before, after, "0", "", 0, 0, grouped=False, masked=False)
    if shape.masked:
        return _masked(section, shape, number)
    scaled = (number.scaleb(2 * shape.percent - shape.power, _DISPLAYED)) if shape.percent or shape.power else number
    size = abs(scaled)
    exact, percent = plain(size).rjust(shape.whole.count("0"), "0"), "%" * shape.percent
    general = not section.has("digit") or section.has("slash", "exponent")
    shown_digits = exact if general else _displayed(size, shape)
    minus = "-" if number < 0 and not own_sign else ""
    shown = f"{minus}{shape.before}{shown_digits}{percent}{shape.after}".strip()
    words, signed = _bare(f"{shape.before}\0{shape.after}", negative=own_sign)
    doubt = "sign" if own_sign and not signed else ""
    if not shown_digits and not words:
        return Said(None, shown, "hidden")
    if words:
        left, right = shape.before.strip(), shape.after.strip()
        if own_sign and signed:
            left, right = "", "" if right in (")", "）") else right
        if left[-1:].isdigit() or left.endswith((".", ",")) or right[:1].isdigit() or right.startswith((".", ",")) or _disagree(shape, right):
            doubt = "size"
        sign = "-" if number < 0 else ""
        return Said(ShownText(f"{left}{sign}{exact}{percent}{right}"), shown, doubt)
    if shape.percent == 1:
        return Said(PercentNumber(scaled.scaleb(-2, _DISPLAYED)), shown, doubt)
    if shape.percent:
        return Said(ShownText(f"{'-' if number < 0 else ''}{exact}{percent}"), shown, doubt)
    if shape.power:
        return Said(stored_number(plain(scaled)), shown, doubt)
    if exact != plain(size) and exact.isdigit():
        padded = PaddedNumber(int(number))
        padded.text = ("-" if number < 0 else "") + exact
        return Said(padded, shown, doubt)
    return Said(None, shown, doubt)


def _disagree(shape: Shape, after: str) -> bool:
    """The number is shown divided, and the word behind it multiplies by something else."""
    power = next((power for word, power in MAGNITUDES.items() if after.startswith(word)), None)
    return bool(shape.power) and power is not None and power != shape.power


def _masked(section: Section, shape: Shape, number: Decimal) -> Said:
    """Digits filled from the right into places with words between them: 0000-00-00."""
    if number != number.to_integral_value() or number < 0 or shape.percent or shape.power or section.has("point"):
        return Said(None, plain(number), "worded")
    digits, places = plain(number), [i for i, (kind, _) in enumerate(section.tokens) if kind == "digit"]
    written = dict(zip(reversed(places), reversed(digits.rjust(len(places), "0")), strict=False))
    rest = digits[: -len(places)] if len(digits) > len(places) else ""
    text = ""
    for i, (kind, piece) in enumerate(section.tokens):
        if kind == "digit":
            text += (rest if i == places[0] else "") + written[i]
        elif kind in ("word", "slash"):
            text += piece
    return Said(ShownText(text.strip()), text.strip())


def _words_only(words: str, number: Decimal) -> Said:
    """A section without a digit: the number is not to be seen."""
    if not words:
        return Said(None, "", "hidden")
    if number == 0:
        return Said(None, words)
    read = re.search(r"\d+(?:\.\d+)?", words)
    size = read is not None and not Decimal("0.1") < abs(Decimal(read[0]) / number) < 10
    return Said(ShownText(words), words, "size" if size else "worded")


def _displayed(size: Decimal, shape: Shape) -> str:
    """The digits as the screen shows them, rounded."""
    text = format(_DISPLAYED.quantize(size, Decimal(1).scaleb(-len(shape.decimals))), "f")
    whole, _, decimals = text.partition(".")
    kept = len(shape.decimals.rstrip("#?"))
    decimals = decimals[:kept] + decimals[kept:].rstrip("0")
    whole = whole.rjust(shape.whole.count("0"), "0")
    if not whole.strip("0") and "0" not in shape.whole:
        whole = ""
    if shape.grouped:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole)
    return f"{whole}.{decimals}" if decimals else whole


def plain(number: Decimal) -> str:
    """All digits of a number, without an exponent or a needless zero."""
    text = format(number, "f") if -40 < number.adjusted() < 40 else str(number)
    return text.rstrip("0").rstrip(".") if "." in text and "E" not in text else text


def stored_number(text: str) -> int | float:
    """A stored number as every engine gives it."""
    return float(text) if "." in text or "e" in text or "E" in text else int(text)


def exact(stored: str) -> Decimal:
    """The number that is stored, as the shortest decimal that means the same double."""
    number = stored_number(stored.strip())
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def same(shown: str, number: Decimal) -> bool:
    """Whether a text is that number."""
    for sign in YUAN:
        shown = shown.replace(sign, "")
    if shown.startswith("(") and shown.endswith(")"):
        shown = f"-{shown[1:-1]}"
    try:
        return Decimal(shown) == number
    except InvalidOperation:
        return False


def _holds(number: Decimal, sign: str, bound: Decimal) -> bool:
    if sign == "=":
        return number == bound
    if sign == "<>":
        return number != bound
    return {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}[sign]


# ── dates ──


def _date(section: Section, number: Decimal, epoch: datetime) -> Said:
    """A day, a month, a time of day or a span of hours."""
    if not 0 <= number < LAST_SERIAL:
        return Said(CellError("########"), "########", "hidden")
    if section.has("elapsed"):
        shown = _span(section, number)
        return Said(ShownText(shown), shown)
    moment = moment_of(number, epoch)
    on = moment if isinstance(moment, datetime) else datetime.combine(epoch, moment)
    tokens = [(kind, text.lower()) if kind == "date" else (kind, text) for kind, text in section.tokens]
    shown = _written(tokens, on)
    letters = {text[0] for kind, text in _without_minutes(tokens) if kind == "date"}
    year, month, day = bool(letters & {"y", "e"}), "m" in letters, bool(letters & {"d", "a"})
    if not isinstance(moment, datetime) or not letters & {"y", "e", "m", "d", "a"}:
        return Said(moment, shown)
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    if year and not day and midnight and moment.day == 1 and (month or moment.month == 1):
        return Said(ShownText(f"{moment.year}年{moment.month}月" if month else f"{moment.year}年"), shown)
    return Said(moment, shown, "" if year else "year")


def moment_of(number: Decimal, epoch: datetime) -> datetime | time:
    """The day and time of a serial number, to the microsecond; before the first day a time of day."""
    day, part = int(number), number % 1
    moment = timedelta(microseconds=int((part * 86_400_000_000).to_integral_value(ROUND_HALF_UP)))
    if part and abs(moment.microseconds - 500_000) > 499_000:  # a float cannot hold the second
        moment = timedelta(seconds=round(moment.total_seconds()))
    if not day and epoch == EPOCH and moment < timedelta(days=1):
        return (epoch + moment).time()
    if day < 60 and epoch == EPOCH:  # Excel has a 29 February 1900
        day += 1
    return epoch + timedelta(days=day) + moment


def _without_minutes(tokens: list[Token]) -> list[Token]:
    """Date letters, `m` beside hours or seconds taken out: it means minutes there."""
    letters = [i for i, (kind, _) in enumerate(tokens) if kind in ("date", "elapsed")]
    minutes = set()
    for at, i in enumerate(letters):
        if tokens[i][1][0] == "m":
            left = tokens[letters[at - 1]][1][0] if at else ""
            right = tokens[letters[at + 1]][1][0] if at + 1 < len(letters) else ""
            if left == "h" or right == "s":
                minutes.add(i)
    return [("minute", text) if i in minutes else (kind, text) for i, (kind, text) in enumerate(tokens)]


_WEEK: Final = "一二三四五六日"


def _written(tokens: list[Token], on: datetime) -> str:
    """A moment in the words of its format."""
    noon = any(kind == "noon" for kind, _ in tokens)
    pieces = []
    for kind, text in _without_minutes(tokens):
        if kind == "date":
            pieces.append(_piece(text, on, half_day=noon))
        elif kind == "minute":
            pieces.append(f"{on.minute:02}" if len(text) > 1 else str(on.minute))
        elif kind == "noon":
            pieces.append(("上午" if on.hour < 12 else "下午") if "午" in text else ("AM" if on.hour < 12 else "PM"))
        elif kind in ("word", "slash", "point", "comma"):
            pieces.append("/" if kind == "slash" else text)
    return "".join(pieces).strip()


def _piece(text: str, on: datetime, *, half_day: bool) -> str:
    letter, long = text[0], len(text) > 1
    if letter in "ye":
        return f"{on.year:04}" if letter == "e" or len(text) > 2 else f"{on.year % 100:02}"
    if letter == "m":
        return on.strftime("%b" if len(text) == 3 else "%B") if len(text) > 2 else f"{on.month:02}" if long else str(on.month)
    if letter == "d":
        return on.strftime("%a" if len(text) == 3 else "%A") if len(text) > 2 else f"{on.day:02}" if long else str(on.day)
    if letter == "a":
        return ("周" if len(text) == 3 else "星期") + _WEEK[on.weekday()]
    if letter == "h":
        hour = (on.hour - 1) % 12 + 1 if half_day else on.hour
        return f"{hour:02}" if long else str(hour)
    return (f"{on.second:02}" if long else str(on.second)) if letter == "s" else ""


def _span(section: Section, number: Decimal) -> str:
    """Hours, minutes or seconds counted on beyond a day."""
    seconds = int((number * 86_400).to_integral_value(ROUND_HALF_UP))
    rest = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}
    within = {"h": seconds // 3600 % 24, "m": seconds // 60 % 60, "s": seconds % 60}
    pieces = []
    for kind, text in section.tokens:
        if kind in ("elapsed", "date"):
            amount = (rest if kind == "elapsed" else within).get(text[0].lower(), 0)
            pieces.append(str(amount).rjust(len(text), "0"))
        elif kind == "word":
            pieces.append(text)
    return "".join(pieces).strip()
