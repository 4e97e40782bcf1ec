"""Cell text -> `Reading`. The whole text is read: where one word or bracket of it is not known, no number is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from perfxl.values.dates import DATE_IN_TEXT, Period, period_in_text, read_period
from perfxl.values.durations import in_one_unit
from perfxl.values.expressions import LazyPattern, OneOf, RarePattern
from perfxl.values.numerals import MAX_WHOLE_DIGITS, NUMBER, NUMERAL_CHARACTERS, POINTS, exact, normalised, spelled, with_digits
from perfxl.values.phrases import NOTHING, Around, joined_operator, not_understood, read_head, read_tail
from perfxl.values.record import Reading, ReadingKind, cell_text, with_unit
from perfxl.values.remarks import apart, remarked, unread_remark
from perfxl.values.units import KNOWN_UNITS, Unit, is_chinese, known_at, read_magnitude_unit, read_unit
from perfxl.values.vocabulary import NO_UNITS_AFTER_NUMERALS, NOT_APPLICABLE, NUMBERED, NUMBERED_BY, PLACEHOLDERS
from perfxl.values.zeros import is_zero_word

if TYPE_CHECKING:
    import re

CACHED_READINGS = 65_536


def read_value(text: object, *, unit: str | None = None, fiscal_year: int | None = None, name: str = "") -> Reading:
    """The meaning of one cell. Never raises; an uncertain text is AMBIGUOUS or QUALITATIVE, never a number.

    Args:
        text: What the cell holds: text, a number, a `PercentNumber`, a date, or None.
        unit: The unit column beside it. Taken only by a number without a unit of its own; a magnitude in the text
            (`40万`) keeps the column's magnitude (`万人次`) from being applied again.
        fiscal_year: The year that dates without a year belong to. None leaves them without one.
        name: The indicator. Its own words are known words in the cell; asked only where the cell holds a word on no list.

    >>> reading = read_value("不少于42小时")
    >>> reading.operator, reading.low, reading.high, reading.unit
    ('≥', 42.0, None, '小时')
    >>> read_value("40", unit="万人次").low
    400000.0
    >>> read_value("270场(取消)").kind, read_value("270场(取消)").unread
    (<ReadingKind.AMBIGUOUS: 'ambiguous'>, '(取消)')
    """
    shown, column = cell_text(text), unit.strip() if unit else ""
    reading = _read_with_unit(shown, column, fiscal_year)
    if name and (reading.unread is not None or "number-in-text" in reading.notes):
        return _read_under_name(shown, column, fiscal_year, spelled(name))
    return reading


@lru_cache(maxsize=CACHED_READINGS)
def _read_with_unit(text: str, unit: str, fiscal_year: int | None) -> Reading:
    return _in_column(_read(text, fiscal_year, ""), unit)


@lru_cache(maxsize=CACHED_READINGS)
def _read_under_name(text: str, unit: str, fiscal_year: int | None, name: str) -> Reading:
    """Only for texts with a word on no list: the others are known by their text alone, which names do not make distinct."""
    return _in_column(_read(text, fiscal_year, name), unit)


def _in_column(reading: Reading, unit: str) -> Reading:
    if not unit or reading.unit is not None or reading.kind not in {ReadingKind.QUANTITY, ReadingKind.RANGE}:
        return reading
    column = read_unit_column(unit)
    return reading if column is None else with_unit(reading, column, "unit-column")


@lru_cache(maxsize=4096)
def read_unit_column(text: str) -> Unit | None:
    """The unit in a unit column or in brackets of a name, with its magnitude; None if it holds none.

    >>> read_unit_column("（万元）")
    Unit(label='元', power=4, known=True)
    """
    word = normalised(text)
    if word.startswith("(") and word.endswith(")"):
        word = word[1:-1]
    return read_magnitude_unit(word.removeprefix("单位:")) if word else None


_ONE = LazyPattern(rf"(?P<head>[^\d]*?)(?P<sign>[-+])?(?P<number>{NUMBER})(?P<tail>[^\d]*)\Z")
_SEPARATOR = r"(?:-|~|至|到|--)"
_INCLUSION = r"(?:\((?P<{}>不?含|不?包含|不?包括)\))?"
_RANGE = LazyPattern(
    rf"(?P<head>[^\d]*?)(?P<sign>-)?(?P<number>{NUMBER})(?P<tail>[^\d~()至到-]*){_INCLUSION.format('low')}{_SEPARATOR}"
    rf"(?P<sign2>-)?(?P<number2>{NUMBER})(?P<tail2>[^\d()]*){_INCLUSION.format('high')}\Z"
)
_STEPS = LazyPattern(
    r"(?P<head>[^\d]*?)(?:(?P<yi>\d+)亿)?(?:(?P<wan>\d{1,4})万)?(?:(?P<qian>\d)千)?(?:(?P<bai>\d)百)?(?P<rest>\d*)(?P<tail>[^\d]*)\Z"
)
_INNER_INCLUSION = LazyPattern(r"\((?:含|包含|包括|含本数)\)(?=及?以[上下内])")
_YEAR_FIRST = LazyPattern(
    r"(?:截[至止]到?(?:(?P<end>\d{4})年)?(?:12月(?:31日|底|末)?|年?[底末])"
    r"|(?P<year>\d{4})年度?(?:全年)?(?:1月?[-~至到]12月份?|[底末])?|年[底末]|自?(?:全年)?1月?[-~至到]12月份?)[,:]?(?=[^\d]*\d)"
)
"""The year of the workbook before a verb and the number: 2022年共举办, 截至12月底完成."""
_UNFILLED = RarePattern(
    r"(?:[≥≤<>=]|不少于|不低于|达到)?(?:\*{1,}|[xX_]{2,}|…+|\.{3,})[%‰\u4e00-\u9fff/·]{0,6}\Z|[≥≤<>=]+[%‰]?\Z|[*xX_]*年?[*xX_]+月[*xX_]+日[前]?\Z",
    OneOf("* x X _ … . ≥ ≤ < > ="),
)
_SHARE_LAST = LazyPattern(r"(\d+(?:\.\d+)?[/÷]\d+(?:\.\d+)?(?:\*100%)?)[=,;](\d+(?:\.\d+)?%)\Z")
"""960/1000=96%: the number behind its proof."""
_ALL_IN_BRACKETS = LazyPattern(r"\(([^()]*)\)\Z")
_NUMBERED = RarePattern("|".join(NUMBERED), OneOf(NUMBERED_BY))
_CLOCK = LazyPattern(r"(?<=[-/]\d\d)[ T]\d{1,2}:\d\d(?::\d\d(?:\.0+)?)?\Z")
_HAS_DIGIT = LazyPattern(r"\d")
_NUMERALS = frozenset("零〇一二两三四五六七八九十百分壹贰叁肆伍陆柒捌玖拾佰")
_CODE = LazyPattern(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\Z|1[3-9]\d{9}\Z")
_PROSE = 4
"""Chinese signs in a row that are a sentence rather than a unit."""

_SIGNED = LazyPattern(r"[≥≤<>=]-?\d")
_LAST_DIGIT = LazyPattern(r"\d(?=\D)")
_BEHIND_UNIT = frozenset("以及,.;:、)(+余多0123456789")
_VAGUE = f"[{NUMERAL_CHARACTERS}几数]"
_VAGUE_CHARACTERS = frozenset(f"{NUMERAL_CHARACTERS}几数")
_VAGUE_AMOUNT = LazyPattern(rf"[^\d]{{0,6}}?[上数几好]?{_VAGUE}*[十百千万亿几数][几余多来]?[万亿]?\Z")
_SEVERAL_NUMERALS = LazyPattern(rf"{_VAGUE}{{2,}}\Z")
_BOUND = LazyPattern(r"以[上下内]\Z")


def _measured(text: str) -> bool:
    """Whether a number stands behind a sign, or has a unit at the end of a clause."""
    if _SIGNED.search(text):
        return True
    for found in _LAST_DIGIT.finditer(text):
        after = found.end()
        for at in (after, after + 1) if text[after] in "万亿千百" else (after,):
            if text[at : at + 1] in ("%", "‰") or any(end == len(text) or text[end] in _BEHIND_UNIT for end in known_at(text, at)):
                return True
    return False


def _is_vague(text: str) -> bool:
    """十几场, 数十次, 上百人以上, 三四场: an amount, but no number."""
    if _VAGUE_CHARACTERS.isdisjoint(text):
        return False
    bounded = _BOUND.search(text)
    for said, least in ((text, True), (text[: bounded.start()] if bounded else "", False)):
        for at in range(1, len(said)):
            if said[at:] in KNOWN_UNITS and (_VAGUE_AMOUNT.match(said[:at]) or (least and _SEVERAL_NUMERALS.match(said[:at]))):
                return True
    return False


def _read(text: str, fiscal_year: int | None, name: str) -> Reading:
    """`text` without its unit column."""
    plain_text = normalised(text)
    found = _ONE.match(plain_text)
    if found is not None and (reading := _quantity(text, found, name)) is not None:
        return reading
    lowered = plain_text.lower()
    if lowered in PLACEHOLDERS:
        return Reading(text, ReadingKind.BLANK)
    if lowered in NOT_APPLICABLE:
        return Reading(text, ReadingKind.BLANK, notes=("not-applicable",))
    if len(plain_text) > 400:  # a paragraph is no value, and no expression below should walk through it
        return _as_words(text, plain_text, fiscal_year, name)
    if not _HAS_DIGIT.search(plain_text):
        return _without_digits(text, plain_text, fiscal_year, name)
    return _with_digits(text, plain_text, fiscal_year, name) or _as_words(text, plain_text, fiscal_year, name)


def _with_digits(text: str, plain_text: str, fiscal_year: int | None, name: str) -> Reading | None:
    plain_text = in_one_unit(plain_text)
    if clock := _CLOCK.search(plain_text):  # a date cell that was pasted as text carries a time of day
        plain_text = plain_text[: clock.start()]
    if period := read_period(plain_text, fiscal_year):
        return _dated(text, ReadingKind.DATE, period)
    if inside := _ALL_IN_BRACKETS.match(plain_text):
        plain_text = inside[1]
    if share := _SHARE_LAST.match(plain_text):
        plain_text = f"{share[2]}({share[1]})"
    body = _INNER_INCLUSION.sub("", plain_text)
    if reading := _number_in(text, body, name):
        return reading
    body = _NUMBERED.sub("", _without_its_year(body, fiscal_year))
    divided = apart(body)
    if divided is None:
        return None
    main, remarks = divided
    period = read_period(main, fiscal_year) if remarks else None
    reading = _dated(text, ReadingKind.DATE, period) if period else _number_in(text, main, name)
    return None if reading is None else remarked(reading, remarks, fiscal_year, name)


def _without_its_year(body: str, fiscal_year: int | None) -> str:
    found = _YEAR_FIRST.match(body)
    if found is None:
        return body
    year = found["year"] or found["end"]
    return body[found.end() :] if year is None or int(year) == fiscal_year else body


def _number_in(text: str, body: str, name: str) -> Reading | None:
    if (found := _ONE.match(body)) and (reading := _quantity(text, found, name)):
        return reading
    return _range(text, body, name) or _stepped(text, body, name)


def _without_digits(text: str, plain_text: str, fiscal_year: int | None, name: str) -> Reading:
    if _UNFILLED.match(plain_text):
        return Reading(text, ReadingKind.BLANK, notes=("template",))
    if period := read_period(plain_text, fiscal_year):
        return _dated(text, ReadingKind.DATE, period)
    if is_zero_word(plain_text, name):
        return Reading(text, ReadingKind.QUALITATIVE, words=plain_text, notes=("zero",))
    if (timed := in_one_unit(plain_text)) != plain_text:  # 半小时
        return _with_digits(text, timed, fiscal_year, name) or _qualitative(text, plain_text, fiscal_year)
    if not _NUMERALS.isdisjoint(plain_text) and (digits := with_digits(plain_text)) and digits != plain_text:
        if plain_text in {"一", "〇", "两"}:  # a dash or a ring as often as a number
            return Reading(text, ReadingKind.AMBIGUOUS, words=plain_text)
        reading = _with_digits(text, digits, fiscal_year, name)
        if reading is not None and _is_numeral_reading(reading):
            return replace(reading, notes=(*reading.notes, "numeral"))
    if _is_vague(plain_text):
        return Reading(text, ReadingKind.AMBIGUOUS, words=plain_text)
    return _qualitative(text, plain_text, fiscal_year)


def _is_numeral_reading(reading: Reading) -> bool:
    """Words in numerals are names and idioms (一流, 三方, 十分满意) unless every sign around them is understood."""
    if reading.unit == "%":
        return True
    beside = {"unit-unknown", "name-prefix", "text-suffix", "word-after"} & set(reading.notes)
    return not beside and reading.written_unit not in NO_UNITS_AFTER_NUMERALS


def _quantity(text: str, found: re.Match[str], name: str) -> Reading | None:
    """One number with a head and a tail that are both understood."""
    head_text, sign, number, tail_text = found.groups()
    head = read_head(head_text, name) if head_text else NOTHING
    if head is None or head_text.endswith(POINTS):
        return None
    tail = read_tail(tail_text, name)
    if tail is None or not _measures(head, tail) or (sign and head_text and head_text[-1] not in "≥≤<>=:到至达"):
        return None
    if _is_code(number, tail_text, tail):
        return None
    value = exact(number, tail.power)
    if value is None or _names_a_date(value, tail.unit):
        return None
    return _built(text, -value if sign == "-" and value else value, head, tail)


def _names_a_date(value: float, unit: Unit | None) -> bool:
    """`2020年`, `10月`, `1季度`: not 2020 years, 10 months (those are 10个月) and one quarter."""
    label = unit.label if unit else None
    return label in {"月", "季度"} or (label == "年" and 1000 <= value < 10_000)


def _is_code(number: str, tail: str, meaning: Around) -> bool:
    """A day of a month without its month, a day written 20201231, a telephone number: digits that are no amount."""
    if tail in {"日", "号"}:
        return number.isdigit() and int(number) <= 31
    return meaning.unit is None and not meaning.power and len(number) in {8, 11} and _CODE.match(number) is not None


def _measures(head: Around, tail: Around) -> bool:
    """Beside what is counted a number needs a unit that is known: 图书馆2 may be a number or a name."""
    known = tail.unit is not None and tail.unit.known
    return known or not (head.strict or tail.strict)


def _built(text: str, value: float, head: Around, tail: Around) -> Reading | None:
    try:
        operator = joined_operator(head.operator, tail.operator)
    except ValueError:
        return None
    label, written, notes = _unit_of(head, tail)
    if tail.unit is not None and label is None:
        return None
    return Reading(
        text,
        ReadingKind.QUANTITY,
        operator,
        value if operator is None or operator in "≥>=" else None,
        value if operator is None or operator in "≤<=" else None,
        operator == ">",
        operator == "<",
        label,
        written,
        tail.power,
        head.direction,
        approximate=head.approximate or tail.approximate,
        notes=(head.notes if tail.operator is None else tuple(note for note in head.notes if note != "reached")) + tail.notes + notes,
        said=(head.said + tail.said,) if head.said or tail.said else (),
    )


def _unit_of(head: Around, tail: Around) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Label and writing of the unit, with 每周 before or behind; None as label where the two do not go together."""
    unit, per = tail.unit, head.per or tail.per
    label = unit.label if unit else None
    if label is None and "yuan" in head.notes:
        return "元", None, ()
    if per is None:
        return label, label, ()
    if label is None:
        return None, None, (f"per-{per}",)
    compound = read_unit(f"{label}/{per}") if "/" not in label else None
    return (compound.label if compound else None), label, ()


def _range(text: str, body: str, name: str) -> Reading | None:
    found = _RANGE.match(body)
    if found is None or (found["sign"] and found["head"]):
        return None
    head = read_head(found["head"], name) if found["head"] else NOTHING
    first, second = read_tail(found["tail"], name), read_tail(found["tail2"], name)
    if head is None or first is None or second is None or first.operator or second.operator or not _measures(head, second):
        return None
    if head.operator not in {None, "≤"} and "reached" not in head.notes:
        return None  # ≥1-2次 says two things; 控制在1%-2% says one
    if head.direction or first.strict or first.approximate or (first.unit and second.unit and first.unit.label != second.unit.label):
        return None
    if _two_years(found, second):
        return None
    low, high = exact(found["number"], first.power), exact(found["number2"], second.power)
    unit = second.unit or first.unit
    if low is None or high is None or _names_a_date(low, unit) or _names_a_date(high, unit):
        return None
    if not first.power and first.unit is None and second.power:
        shared = exact(found["number"], second.power)  # 10-20万 counts both in 万, 5000-1万 does not
        low = shared if shared is not None and shared <= high else low
    low = -low if found["sign"] else low
    high = -high if found["sign2"] else high
    built = _built(text, low, Around(per=head.per, approximate=head.approximate, notes=head.notes, said=head.said), replace(second, unit=unit))
    if built is None or low > high:
        return None
    open_ends = _open_ends(found["low"], found["high"])
    return (
        replace(built, kind=ReadingKind.RANGE, high=high, low_open=open_ends[0], high_open=open_ends[1]) if low < high or not any(open_ends) else None
    )


def _two_years(found: re.Match[str], tail: Around) -> bool:
    """2020-2021 without a unit is more likely two years than an interval."""
    numbers = (found["number"], found["number2"])
    return tail.unit is None and not tail.power and all(len(number) == 4 and number[:2] in {"19", "20"} for number in numbers)


def _open_ends(low: str | None, high: str | None) -> tuple[bool, bool]:
    """80%(含)-90% is [80, 90): a bracket at one end says the other is not included. No bracket: both are."""
    included = [None if mark is None else not mark.startswith("不") for mark in (low, high)]
    if included == [None, None]:
        return False, False
    low_in = included[0] if included[0] is not None else not included[1]
    high_in = included[1] if included[1] is not None else not included[0]
    return not low_in, not high_in


def _stepped(text: str, body: str, name: str) -> Reading | None:
    """`1万2千册`, `3亿5千万元`, `12万3456元`: places that go down, the last one named or complete."""
    if body.count("亿") + body.count("万") + body.count("千") + body.count("百") == 0:
        return None
    found = _STEPS.match(body.replace(",", ""))
    if found is None:
        return None
    steps = [(found[name], power) for name, power in (("yi", 8), ("wan", 4), ("qian", 3), ("bai", 2)) if found[name]]
    rest = found["rest"]
    if not steps or len(steps) + bool(rest) < 2 or (rest and len(rest) != steps[-1][1]):
        return None
    tail = read_tail(found["tail"], name)
    head = read_head(found["head"], name) if found["head"] else NOTHING
    if head is None or tail is None or not _measures(head, tail):
        return None
    if tail.power and (tail.power != 4 or any(power == 4 for _, power in steps) or rest):
        return None  # 3亿5千万: the 万 behind 千 belongs to what follows 亿
    total = sum(int(digits) * 10**power for digits, power in steps if power == 8 or not tail.power)
    total += sum(int(digits) * 10 ** (power + tail.power) for digits, power in steps if power != 8 and tail.power)
    total += int(rest or 0)
    if len(str(total)) > MAX_WHOLE_DIGITS or _names_a_date(total, tail.unit):
        return None
    return _built(text, float(total), head, tail)


def _dated(text: str, kind: ReadingKind, period: Period, *notes: str) -> Reading:
    return Reading(text, kind, start=period.start, end=period.end, notes=(*period.notes, *notes))


_SEVERAL = LazyPattern(r"(?:\A|[,;.、])\(?\d{1,2}[.、)](?=[^\d])")
"""1.讲座12场;2.展览6场: one cell for several indicators."""


def _as_words(text: str, plain_text: str, fiscal_year: int | None, name: str) -> Reading:
    """A text with digits that are not one value: words if it is prose, else AMBIGUOUS, with what was not understood."""
    divided = apart(plain_text) if len(plain_text) <= 400 else None
    core = divided[0] if divided else plain_text
    prose = any(is_chinese(core[at : at + _PROSE], _PROSE) for at in range(len(core) - _PROSE + 1))
    unread = _unread(divided, fiscal_year, name) if divided else plain_text
    if not _HAS_DIGIT.search(core) or (prose and not _measured(DATE_IN_TEXT.sub("日", plain_text))):
        reading = _qualitative(text, plain_text, fiscal_year, "number-in-text" if _HAS_DIGIT.search(plain_text) else None)
        return replace(reading, unread=unread)
    notes = ("several",) if len(_SEVERAL.findall(plain_text)) > 1 else ()
    return Reading(text, ReadingKind.AMBIGUOUS, words=plain_text, notes=notes, unread=unread)


_DIGITS = LazyPattern(rf"[-+]?{NUMBER}[{NUMERAL_CHARACTERS}]*")


def _unread(divided: tuple[str, tuple[str, ...]], fiscal_year: int | None, name: str) -> str | None:
    """The first part of the text that no list knows; None where each part is known and only the numbers are too many."""
    main, remarks = divided
    planned = _number_in(main, main, name) if remarks else None
    if planned is not None and "planned" in planned.notes:  # 计划12场,实际8场: what is done is not what is strange
        return main
    if found := unread_remark(remarks, fiscal_year, name):
        return found
    first, *others = _DIGITS.split(DATE_IN_TEXT.sub(" ", main))
    for piece in (first, *(other[max(known_at(other), default=0) :] for other in others)):
        if piece.strip() and (unknown := not_understood(piece.strip(), name)):
            return unknown
    if not remarks:
        return None
    return remarks[-1][1:] if remarks[-1].startswith(",") else f"({remarks[-1]})"


def _qualitative(text: str, plain_text: str, fiscal_year: int | None, note: str | None = None) -> Reading:
    notes = (note,) if note else ()
    period = period_in_text(plain_text, fiscal_year) if len(plain_text) <= 400 else None
    if period is not None:
        return replace(_dated(text, ReadingKind.QUALITATIVE, period, *notes, "period-in-text"), words=plain_text)
    return Reading(text, ReadingKind.QUALITATIVE, words=plain_text, notes=notes)
