"""What one cell of a row tells about the other: zeros in words, the target's own words and number, the measure the target asks for."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING

from msgspec.structs import replace

from perfxl.values.expressions import LazyPattern
from perfxl.values.lexicon import PERIODS
from perfxl.values.numerals import MAX_WHOLE_DIGITS, NUMBER, normalised
from perfxl.values.pair import NUMERIC
from perfxl.values.reading import read_value
from perfxl.values.record import Reading, ReadingKind
from perfxl.values.sentences import verb_first
from perfxl.values.units import KNOWN_UNITS, MAGNITUDE, converted, dimension_of, same_dimension, unit_at_start
from perfxl.values.vocabulary import ADMITTED_BEFORE, ADMITTED_BEHIND, BESIDE_TARGET, NO_MEASURES, SAMPLED, SPANS, TARGET_FIRST, TOTAL, WHOLE_RATES
from perfxl.values.zeros import is_zero_word

if TYPE_CHECKING:
    from perfxl.values.pair import RowWords


_MEASURABLE = NUMERIC | {ReadingKind.DATE}


def by_their_partner(row: RowWords, goal: Reading, done: Reading) -> tuple[Reading, Reading]:
    """Texts that are a number only because a number stands on the other side: 零投诉, 打造60条公交线路, 36批260人次 of a target in 人次."""
    if row.column in {"定性", "期限"} and goal.kind is not ReadingKind.DATE:
        return goal, done
    nothing = _says_zero(done, row.name)
    if _says_zero(goal, row.name) and (done.kind in NUMERIC or nothing):
        goal = _zero(goal)
    if goal.unread is not None and (shaped := verb_first(goal.text, row.name)) is not None:
        verb, number = shaped
        if done.unread == verb and (same := verb_first(done.text, row.name)) is not None:
            goal, done = number, same[1]
        elif done.kind in NUMERIC:
            goal = number
    if nothing and goal.kind in NUMERIC:
        done = _zero(done)
    if goal.kind not in _MEASURABLE or not _is_open(row, goal, done):
        return goal, done
    name = f"{row.name};{normalised(goal.text)}"
    lent = done if done.unread is None else read_value(done.text, fiscal_year=row.fiscal_year, name=name)
    if goal.kind is not ReadingKind.QUANTITY or not _is_open(row, goal, lent):
        return goal, lent
    found = _said_of_the_target(goal, done, name) or _admitted(row, goal, done, name) or _total_of_parts(done, name) or _parts_of(goal, done, name)
    return goal, found or _rate_of_counts(_unit_of(row, goal), done, name) or _measure_asked_for(_unit_of(row, goal), done, name) or lent


def _says_zero(reading: Reading, name: str) -> bool:
    return reading.kind is ReadingKind.QUALITATIVE and ("zero" in reading.notes or is_zero_word(reading.words or "", name))


def _zero(reading: Reading) -> Reading:
    return Reading(reading.text, ReadingKind.QUANTITY, low=0.0, high=0.0, notes=reading.notes)


def _unit_of(row: RowWords, goal: Reading) -> str | None:
    return goal.unit or (row.unit.label if row.unit else None)


def _is_open(row: RowWords, goal: Reading, done: Reading) -> bool:
    """Whether the actual is not read, or read as the one of its measures that the target does not ask for."""
    if done.unread is not None or done.kind is ReadingKind.AMBIGUOUS:
        return True
    return "bracket" in done.notes and done.kind is ReadingKind.QUANTITY and not same_dimension(_unit_of(row, goal), done.unit)


# --- the target's number beside the actual's -----------------------------------------------------------------------------

_MEASURED = rf"{NUMBER}(?:{MAGNITUDE})?(?:{'|'.join(sorted(map(re.escape, KNOWN_UNITS), key=len, reverse=True))})?"
_SAID = {kind: LazyPattern(rf"(?:{pattern.replace('__', _MEASURED)})\Z") for kind, pattern in BESIDE_TARGET.items()}
_TARGET_FIRST = LazyPattern(rf"(?:{TARGET_FIRST.replace('__', _MEASURED)})\Z")
_REMARK = LazyPattern(r"\(([^()]*)\)|[,;]([^,;()]*)\Z")
_CLOSE_ENOUGH = 1e-9


def _said_of_the_target(goal: Reading, done: Reading, name: str) -> Reading | None:
    """281场(目标270场), 281场,超额完成11场, 281场(完成率104%): the rest, where the target makes each of them true."""
    text = normalised(done.text)
    if first := _TARGET_FIRST.match(text):
        said = read_value(first["number"])
        return _again(done, first["done"], name) if said.exact == _number(goal) and _alike(goal, said) else None
    found = next((piece for piece in _REMARK.finditer(text) if any(_kinds_of(piece[1] or piece[2] or ""))), None)
    if found is None:
        return None
    rest = _again(done, text[: found.start()] + text[found.end() :], name)
    if rest is None or rest.exact is None:
        return None
    true = (_is_true(kind, number, goal, rest) for kind, number in _kinds_of(found[1] or found[2] or ""))
    return rest if any(true) else None


def _again(done: Reading, text: str, name: str) -> Reading | None:
    found = read_value(text, name=name)
    readable = found.kind is ReadingKind.QUANTITY and "planned" not in found.notes
    return replace(found, text=done.text, notes=(*found.notes, "bracket")) if readable else None


@lru_cache(maxsize=4096)
def _kinds_of(remark: str) -> tuple[tuple[str, str], ...]:
    found = ((kind, pattern.match(remark)) for kind, pattern in _SAID.items())
    return tuple((kind, match.groupdict().get("number") or "") for kind, match in found if match)


def _number(reading: Reading) -> float | None:
    return reading.low if reading.low is not None else reading.high


def _alike(goal: Reading, other: Reading) -> bool:
    return other.unit is None or goal.unit is None or same_dimension(goal.unit, other.unit)


def _is_true(kind: str, number: str, goal: Reading, done: Reading) -> bool:
    """Whether a remark about the target agrees with both numbers."""
    target, reached = _number(goal), done.exact
    if target is None or reached is None or not _alike(goal, done):
        return False
    if goal.unit is not None and done.unit is not None:
        reached = converted(reached, done.unit, goal.unit)
    if kind in {"same", "above"}:
        return reached == target if kind == "same" else reached > target
    said = read_value(number)
    value = said.exact
    if value is None:
        return False
    if kind == "beyond":
        return value == target and reached > target and (said.unit is None or _alike(goal, said))
    if kind == "bare" and (said.unit != "%" or goal.unit == "%"):
        return False
    if kind in {"bare", "share"} or (said.unit == "%" and goal.unit != "%"):
        share = {"more": (reached - target) / target, "less": (target - reached) / target}.get(kind, reached / target) if target else 0.0
        decimals = len(number.partition(".")[2].rstrip("%"))
        return said.unit == "%" and kind != "goal" and abs(share * 100 - value) <= 0.5 * 10.0**-decimals + _CLOSE_ENOUGH
    if not _alike(goal, said):
        return False
    if goal.unit is not None and said.unit is not None:
        value = converted(value, said.unit, goal.unit)
    expected = {"more": reached - target, "less": target - reached, "goal": target}[kind]
    return abs(expected - value) <= _CLOSE_ENOUGH * max(1.0, abs(target)) and (kind == "goal" or expected > 0)


_ADMITTED = (LazyPattern(rf"{ADMITTED_BEFORE}(?P<rest>.*\d.*)\Z"), LazyPattern(rf"(?P<rest>.*\d[^(,;]*){ADMITTED_BEHIND}\Z"))


def _admitted(row: RowWords, goal: Reading, done: Reading, name: str) -> Reading | None:
    """仅完成135场, 135场(受疫情影响): the number, where it misses the target indeed."""
    found = next((match for pattern in _ADMITTED if (match := pattern.match(normalised(done.text)))), None)
    target = _number(goal)
    if found is None or target is None or (goal.operator or row.column or "≥") not in "≥>=":
        return None
    rest = _again(done, found["rest"], name)
    missed = rest is not None and rest.exact is not None and _alike(goal, rest) and rest.unit != "元" and rest.exact < target
    return rest if missed else None


_TOTAL = LazyPattern(rf"{TOTAL}\Z")
_ADDED = LazyPattern(r"[,;、+]")


def _parts_of(goal: Reading, done: Reading, name: str) -> Reading | None:
    """36台、12台 of a target of 48台: what they make, where it is the target."""
    pieces = _ADDED.split(normalised(done.text))
    parts = [read_value(piece, name=name) for piece in pieces] if 2 <= len(pieces) <= _MOST else []
    if not parts or any(
        part.exact is None or part.unit is None or part.unit != parts[0].unit or part.said or part.notes or part.direction for part in parts
    ):
        return None
    made = fsum(part.exact or 0.0 for part in parts)
    alike = parts[0].unit not in {"%", "‰"} and made == _number(goal) and _alike(goal, parts[0])
    return replace(parts[0], text=done.text, low=made, high=made, notes=("bracket",)) if alike else None


_OF_ALL = LazyPattern(r"\A(?:应|实际|其中|共)(?=[\u4e00-\u9fff])")
_PART_OF_YEAR = LazyPattern("|".join(sorted(map(re.escape, (*PERIODS.split(), "春季学期", "秋季学期", "春季", "秋季")), key=len, reverse=True)))


def _total_of_parts(done: Reading, name: str) -> Reading | None:
    """线上60场、线下210场,共270场: the total, where the parts make it."""
    found = _TOTAL.match(normalised(done.text))
    if found is None:
        return None
    total = _again(done, found["total"], name)
    parts = [read_value(_PART_OF_YEAR.sub("", piece), name=name) for piece in _ADDED.split(found["parts"]) if piece]
    if total is None or total.exact is None or len(parts) < 2 or any(part.exact is None or "planned" in part.notes for part in parts):
        return None
    if any(not same_dimension(part.unit, total.unit) for part in parts):
        return None
    made = fsum(converted(part.exact or 0.0, part.unit, total.unit) for part in parts)
    return total if abs(made - total.exact) <= _CLOSE_ENOUGH * max(1.0, made) else None


_SURVEYED = LazyPattern(r"问卷.*[,;](?:共|实际|有效)?(?:回收|收回)")


def _rate_of_counts(unit: str | None, done: Reading, name: str) -> Reading | None:
    """验收40个,合格39个,合格率97.5%: the rate, where the counts make it; of questionnaires sent and returned whatever it is."""
    pieces = _CLAUSE.split(normalised(done.text)) if unit == "%" and len(done.text) <= 10 * MAX_WHOLE_DIGITS else []
    if len(pieces) != 3:
        return None
    whole, part, rate = (read_value(_OF_ALL.sub("", piece), name=name) for piece in pieces)
    if rate.unit != "%" or rate.exact is None or not whole.exact or part.exact is None or whole.unit != part.unit or part.exact > whole.exact:
        return None
    decimals = len(pieces[2].partition(".")[2].rstrip("%"))
    agrees = abs(part.exact / whole.exact * 100 - rate.exact) <= 0.5 * 10.0**-decimals + _CLOSE_ENOUGH
    return _again(done, pieces[2], name) if agrees or _SURVEYED.search(normalised(done.text)) else None


# --- several measures in one cell ------------------------------------------------------------------------------------------

_CLAUSE = LazyPattern(r"(?<!\d)[,;、]|[,;、](?!\d{3}(?!\d))")
_ONE_NUMBER = LazyPattern(rf"(?<![\d.])(?:{NUMBER})(?:{MAGNITUDE})?")
_MOST = 4


def _measure_asked_for(unit: str | None, done: Reading, name: str) -> Reading | None:
    """Of 发放补贴3批270人 or 检查126次,查企业860家 the measure in the target's unit, if each is understood and only one is in it."""
    pieces = _pieces(normalised(done.text)) if unit is not None and len(done.text) <= 10 * MAX_WHOLE_DIGITS else ()
    if not 2 <= len(pieces) <= _MOST:
        return None
    readings = [read_value(piece, name=name) for piece in pieces]
    if any(_is_no_measure(reading) for reading in readings):
        return None
    if sum(reading.unit in SPANS for reading in readings) > 1:  # 2天6小时 is one time
        return None
    wanted = [reading for reading in readings if same_dimension(unit, reading.unit)]
    if len(wanted) != 1 or len({dimension_of((reading.unit or "").partition("/")[0]) for reading in readings}) != len(readings):
        return None
    if not all(reading is wanted[0] or _is_no_doubt(reading, pieces[0]) for reading in readings):
        return None
    return replace(wanted[0], text=done.text, notes=(*wanted[0].notes, "bracket"))


def _is_no_measure(reading: Reading) -> bool:
    doubted = {"planned", "unit-unknown", "per-"} & set(reading.notes)
    known = reading.kind is ReadingKind.QUANTITY and reading.exact is not None and reading.unit is not None and reading.direction is None
    return not known or bool(doubted) or reading.unit in NO_MEASURES


def _is_no_doubt(reading: Reading, first: str) -> bool:
    """A share beside a number says nothing against it where it is whole, or of what was looked at (抽检2600批次,合格率98.6%)."""
    if reading.unit not in {"%", "‰"}:
        return bool(reading.exact)
    words = normalised(reading.text)
    return reading.exact == 100 or words.startswith(WHOLE_RATES) or any(sign in first for sign in SAMPLED)


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str, ...]:
    """A text cut at its clauses and behind each unit that another number follows; empty if a bracket stands in it."""
    if "(" in text or ")" in text:
        return ()
    cut = []
    for clause in _CLAUSE.split(text):
        start = 0
        numbers = list(_ONE_NUMBER.finditer(clause))
        for number, following in pairwise(numbers):
            between = clause[number.end() : following.start()]
            unit = unit_at_start(between)
            if unit is None or unit[0].label in {"%", "‰"}:
                return ()
            end = number.end() + len(between) - len(unit[1])
            cut.append(clause[start:end])
            start = end
        cut.append(clause[start:])
    return tuple(cut)
