"""What stands in brackets and behind commas: known to change nothing, known to change something, or not understood.

A second number is never dropped. It is a part of the first (其中线上20场), adds up to it, proves it (应办30件,已办30件), counts the sample or the
audience, or the cell is a question.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from perfxl.values import lexicon
from perfxl.values.dates import read_period
from perfxl.values.expressions import LazyPattern
from perfxl.values.numerals import NUMBER, exact
from perfxl.values.phrases import read_bracket, read_clause, read_tail, understood
from perfxl.values.record import Reading, ReadingKind, with_unit
from perfxl.values.units import Unit, converted, is_counting_word, read_unit, same_dimension
from perfxl.values.vocabulary import COMPARED_REMARK, COUNT_UNITS_SET

if TYPE_CHECKING:
    from collections.abc import Sequence

_BRACKET = LazyPattern(r"\(([^()]*)\)")
_CLAUSE = LazyPattern(r"(?<!\d),|,(?!\d{3}(?!\d))|;|(?<!\d)\.|\.(?!\d)")
_BARE_DECIMAL = LazyPattern(r"(?<!\d)[.·]\d")
_HAS_DIGIT = LazyPattern(r"\d")
_ATTACHMENT = LazyPattern(
    rf"(?:{'|'.join(sorted(lexicon.ATTACHMENTS.split(), key=len, reverse=True))})(?:第?[\d一二三四五六七八九十]{{1,3}}[-—、至号项页]?)+\Z"
)
_ITEM = LazyPattern(rf"(?P<label>[^\d≥≤<>=]*)(?P<sign>[≥≤<>=])?(?P<number>{NUMBER})(?P<tail>[^\d]*)\Z")
_FRACTION = LazyPattern(rf"=?({NUMBER})[/÷]({NUMBER})(?:\*100%)?\Z")
_COMPARED = LazyPattern(COMPARED_REMARK)
_ITEMS = LazyPattern(r"(?<!\d)[,;、+]|[,;、+](?!\d{3}(?!\d))|/(?=[已实])")


def _longest_first(words: str) -> tuple[str, ...]:
    return tuple(sorted(words.split(), key=len, reverse=True))


_PART, _DONE = _longest_first(lexicon.PART_WORDS), _longest_first(lexicon.DONE_LABELS)
_DUE = _longest_first(f"{lexicon.DUE_LABELS} {lexicon.SAMPLE_LABELS}")
_SAMPLE, _AUDIENCE = frozenset(lexicon.SAMPLE_LABELS.split()), frozenset(lexicon.AUDIENCE_LABELS.split())
_UNDONE, _REALLY = frozenset(lexicon.UNDONE), frozenset(lexicon.REALLY)
_SHARES = frozenset({"%", "分"})
_DOUBTED = frozenset({"planned", "about", "lead"})
_STAGES = tuple(word for word in (*lexicon.GENERIC.split(), *lexicon.RESULTS.split(), *lexicon.VERBS.split(), "实际") if len(word) > 1)
_SHORT_COUNTS = frozenset(word for word in COUNT_UNITS_SET if len(word) == 1)
_DATED_BY = _longest_first(lexicon.DATED_BY)


class _Item(NamedTuple):
    label: str
    sign: str
    value: float
    unit: Unit | None


@lru_cache(maxsize=16384)
def apart(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The clause with the first number, and what stands beside it: each bracket, each clause.

    None where brackets do not match, it trails off (…), or a number begins with its point (.95).

    A clause begins with a comma. Those with numbers stay together, because they may have to add up.

    >>> apart("281场(见附件1),其中线上62场")
    ('281场', ('见附件1', ',其中线上62场'))
    """
    brackets = _BRACKET.findall(text)
    bare = _BRACKET.sub("", text)
    if "(" in bare or ")" in bare or ".." in bare or _BARE_DECIMAL.search(text):
        return None
    clauses = [clause for clause in _CLAUSE.split(bare) if clause]
    at = next((at for at, clause in enumerate(clauses) if _HAS_DIGIT.search(clause)), 0)
    others = clauses[:at] + clauses[at + 1 :]
    numbered = ",".join(clause for clause in others if _HAS_DIGIT.search(clause))
    worded = [clause for clause in others if not _HAS_DIGIT.search(clause)]
    return (clauses[at] if clauses else ""), (*brackets, *(f",{clause}" for clause in worded), *([f",{numbered}"] if numbered else []))


def remarked(reading: Reading, remarks: Sequence[str], fiscal_year: int | None, name: str) -> Reading | None:
    """`reading` with all that is said beside it; None if any of it is not understood."""
    found: Reading | None = reading
    for remark in remarks:
        if found is None:
            return None
        found = _with_remark(found, remark, fiscal_year, name)
    return found


def unread_remark(remarks: Sequence[str], fiscal_year: int | None, name: str) -> str | None:
    """The first remark that would not be understood beside any number; None if none is found."""
    for piece in remarks:
        remark = piece.removeprefix(",")
        shown = remark if piece != remark else f"({remark})"
        if _HAS_DIGIT.search(remark):
            items = [_item(item, name) for item in _ITEMS.split(remark)]
            strange = any(item is None or (item.label and understood(item.label, name) is None) for item in items)
            if strange and not _harmless_digits(remark, fiscal_year):
                return shown
        elif (read_clause if piece != remark else read_bracket)(remark, name) is None:
            return shown
    return None


def _with_remark(reading: Reading, remark: str, fiscal_year: int | None, name: str) -> Reading | None:
    if not _HAS_DIGIT.search(remark):
        return _worded(reading, remark, name)
    remark = remark.removeprefix(",")
    if _harmless_digits(remark, fiscal_year if reading.kind is not ReadingKind.DATE else None):
        return reading
    if reading.kind is not ReadingKind.QUANTITY:
        return None
    return _numbered(reading, remark, name)


def _worded(reading: Reading, remark: str, name: str) -> Reading | None:
    clause = remark.startswith(",")
    meaning = read_clause(remark[1:], name) if clause else read_bracket(remark, name)
    if meaning is None:
        return None
    notes = (*reading.notes, "bracket", *meaning.notes)
    if meaning.per is not None:
        unit = read_unit(f"{reading.unit}/{meaning.per}") if reading.unit and "/" not in reading.unit else None
        return None if unit is None else replace(reading, unit=unit.label, notes=notes)
    if meaning.unit is not None:
        if reading.kind is ReadingKind.DATE:
            return None
        if reading.unit is None:
            return with_unit(replace(reading, notes=notes), meaning.unit, "unit-bracket")
        counted = remark in _SHORT_COUNTS and is_counting_word(Unit(reading.unit))  # 3.6万卷(件), not 270场(分馆)
        alike = counted or (meaning.unit.label is not None and same_dimension(reading.unit, meaning.unit.label))
        return replace(reading, notes=notes) if alike else None
    said = (*(reading.said or ((),)), meaning.said) if meaning.said else reading.said
    return replace(reading, approximate=reading.approximate or meaning.approximate, notes=notes, said=said)


def _harmless_digits(remark: str, fiscal_year: int | None) -> bool:
    """附件3; the whole year (2022年, 截至12月底); a day of the year on which something was done (11月调查)."""
    if _ATTACHMENT.match(remark) or _COMPARED.match(remark):
        return True
    ending = next((word for word in _DATED_BY if remark.endswith(word)), "")
    period = read_period(remark.removesuffix(ending), fiscal_year)
    if period is None or period.end is None or fiscal_year is None or "planned" in period.notes:
        return False
    first, last = date(fiscal_year, 1, 1), date(fiscal_year, 12, 31)
    if ending:
        return first <= (period.start or period.end) and period.end <= last
    return period.end == last and (period.start == first or remark.startswith("截") or remark.endswith(("年底", "年末")))


def _item(text: str, name: str) -> _Item | None:
    found = _ITEM.match(text)
    if found is None:
        return None
    tail = read_tail(found["tail"], name)
    if tail is None or tail.operator or tail.approximate or "planned" in tail.notes or "unit-unknown" in tail.notes:
        return None
    value = exact(found["number"], tail.power)
    return None if value is None else _Item(found["label"].rstrip(":为是"), found["sign"] or "", value, tail.unit)


def _numbered(reading: Reading, remark: str, name: str) -> Reading | None:
    value = reading.low if reading.low is not None else reading.high
    if value is None:
        return None
    noted = replace(reading, notes=(*reading.notes, "bracket"))
    if (fraction := _FRACTION.match(remark)) and reading.unit == "%":
        return noted if _agrees(value, exact(fraction[1]), exact(fraction[2])) else None
    items = [_item(piece, name) for piece in _ITEMS.split(remark)]
    if not items or any(item is None for item in items):
        return None
    known = [item for item in items if item is not None]
    if "planned" in reading.notes:
        done = len(known) == 1 and _labelled(known[0].label, _DONE, name) and known[0].value == value and _alike(reading, known[0])
        return replace(noted, notes=tuple(note for note in noted.notes if note != "planned")) if done else None
    ways = (_restates, _proves, _parts, _adds_up, _beside)
    way = next((way for way in ways if way(reading, value, known, name)), None)
    if way is None:
        return None
    company = way is _beside and reading.unit not in _SHARES
    return replace(noted, notes=(*noted.notes, "company")) if company else noted


def _alike(reading: Reading, item: _Item) -> bool:
    label = item.unit.label if item.unit else None
    return same_dimension(reading.unit, label)


def _in_unit(reading: Reading, item: _Item) -> float:
    return converted(item.value, item.unit.label if item.unit else None, reading.unit)


def _restates(reading: Reading, value: float, items: list[_Item], _name: str) -> bool:
    """95%(≥90%): the target beside the number, which keeps it. A second bound beside a bound (≥95%,≤98%) is none."""
    if len(items) != 1 or items[0].label or not items[0].sign or not _alike(reading, items[0]):
        return False
    bound = _in_unit(reading, items[0])
    if reading.operator is not None:
        return (reading.operator, value) == (items[0].sign, bound)
    return {"≥": value >= bound, ">": value > bound, "≤": value <= bound, "<": value < bound, "=": value == bound}[items[0].sign]


def _proves(reading: Reading, value: float, items: list[_Item], name: str) -> bool:
    """应办30件,已办30件 of 100 %, or of 30件; 抽查500株,成活440株 of 88 % of 成活率."""
    if len(items) != 2 or not (_labelled(items[1].label, _DONE, name) or (reading.unit == "%" and _answers(items[1].label, items[0].label, name))):
        return False
    if not (_labelled(items[0].label, _DUE, name) or (not items[0].label and reading.unit == "%" and items[0].unit)):
        return False
    due, done = items
    if due.sign or done.sign or not same_dimension(due.unit.label if due.unit else None, done.unit.label if done.unit else None):
        return False
    if reading.unit == "%":
        return (due.unit is None or due.unit.label != "%") and _agrees(value, done.value, due.value)
    return _alike(reading, done) and _in_unit(reading, done) == value


def _answers(done: str, due: str, name: str) -> bool:
    """Whether a label says in the name's own words what came of it (按期归还 of 图书按期归还率), or in those of what was due (应种, 实种)."""
    if not _UNDONE.isdisjoint(done):
        return False
    return (len(done) > 1 and done in name) or (due.startswith("应") and len(due) > 1 and done[:1] in _REALLY and done[1:] == due[1:])


def _labelled(label: str, words: tuple[str, ...], name: str) -> bool:
    for word in words:
        if label.startswith(word):
            rest = label[len(word) :]
            return not rest or understood(rest, name) is not None
    return False


def _agrees(percent: float, done: float | None, due: float | None) -> bool:
    """Whether done/due is the percentage, as finely as it is written (at most four decimals)."""
    if not due or done is None:
        return False
    share = done / due * 100
    decimals = next((places for places in range(5) if round(percent, places) == percent), None)
    return decimals is not None and abs(share - percent) <= 0.5 * 10**-decimals + 1e-9


def _plain_label(label: str, name: str) -> bool:
    """Kinds of a whole add up (线上, 女性, 农村); a stage of it (其中完成20个) is the result itself, and so is a question."""
    kinds = understood(label, name, "part") if label else None
    return kinds is not None and not _DOUBTED & set(kinds) and not label.endswith(_STAGES)


def _parts(reading: Reading, value: float, items: list[_Item], name: str) -> bool:
    """含线上20场; 其中线上62场,线下219场: parts, together never more than the whole."""
    lead = next((word for word in _PART if items[0].label.startswith(word)), None)
    if lead is None or reading.unit in {"%", "‰"}:
        return False
    parts = [items[0]._replace(label=items[0].label[len(lead) :]), *items[1:]]
    parts = [part._replace(label=part.label[len(lead) :]) if part.label.startswith(lead) else part for part in parts]
    alike = [part for part in parts if _alike(reading, part)]
    if any(part.sign or not _plain_label(part.label, name) for part in parts) or not alike:
        return False
    return fsum(_in_unit(reading, part) for part in alike) <= value and all(_is_beside(reading, part) for part in parts if part not in alike)


def _adds_up(reading: Reading, value: float, items: list[_Item], name: str) -> bool:
    """中央300万元,省级200万元: named parts that make the number."""
    if len(items) < 2 or any(item.sign or not _plain_label(item.label, name) or not _alike(reading, item) for item in items):
        return False
    return abs(fsum(_in_unit(reading, item) for item in items) - value) < 1e-9 * max(1.0, value)


def _beside(reading: Reading, _value: float, items: list[_Item], name: str) -> bool:
    """样本200份; 参与5000人次: numbers of another kind, with a word that says what they are."""
    return all(not item.sign and _is_beside(reading, item) for item in items) and understood(items[0].label, name) is not None


def _is_beside(reading: Reading, item: _Item) -> bool:
    unit = item.unit
    if unit is None or unit.label is None or unit.label in {"%", "‰"} or _alike(reading, item) or reading.unit is None or item.value <= 0:
        return False
    return item.label in (_SAMPLE if reading.unit in _SHARES else _AUDIENCE)
