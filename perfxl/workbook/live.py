"""还缺 and 参考得分: two columns of 绩效指标 that help while a clerk fills, where no perfxl runs.

Each cell is only `=_还缺` or `=_参考得分`: names of the workbook whose columns are fixed and whose row is the cell's own, so that
sorting, inserting and deleting rows cannot leave a wrong number. The arithmetic is that of the scheme's own rules. A number is
shown only where both values are digits in one unit, of a direction that is written; what is less certain is left to the program.
Only functions that Excel 2007, WPS and LibreOffice share; `shown` says the same in Python, for the values that are stored.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name

from perfxl.model import columns
from perfxl.model.columns import INDICATORS, TIERS
from perfxl.model.levels import LEVEL2
from perfxl.model.rounding import round_one, snap
from perfxl.rules.expression import as_scored, literal
from perfxl.rules.quantitative import EQUAL, HIGHER, LOWER
from perfxl.values.execution import SIGNS
from perfxl.values.measures import ALIKE, BEYOND
from perfxl.values.pair import PairKind
from perfxl.values.pairing import read_pair
from perfxl.values.vocabulary import COUNT_UNITS, NOT_APPLICABLE, OTHER_UNITS, PLACEHOLDERS, TIER_WORDS
from perfxl.workbook.formulas import among as _among
from perfxl.workbook.sums import IS_FULL, OWN_SCHEME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perfxl.rules.expression import Expression
    from perfxl.schemes import Scheme
    from perfxl.workbook.prefill import Line

BY_PROGRAM = "由程序评分"
MISSING_NAME, REFERENCE_NAME = columns.LIVE_NAMES
WORDS = ("缺指标值", "缺完成值", "缺分值", "缺完成等级", "缺偏差原因")
"""What 还缺 says, in this order."""

TOO_LARGE = 10_000_000
"""From here on digits may be a day, or a code."""
SMALLEST_WEIGHT = 1
"""Fewer points may be a share in a format of per cent, which no formula sees."""
SHORTEST_WORDS = 4
"""Shorter words may say that nothing happened, or 达成 in so many words: the program judges them."""
_SUMS = (("合", "计"), ("小", "计"), ("总", "计"), ("总", "分"))
"""Characters of a name that may be a sum, not an indicator."""
_SHARE_SIGNS = ("%", "％", "‰", "百", "成")
"""Characters of a name that may give a bare number the unit %."""
_UP, _DOWN, _EQUAL = ("≥", ">"), ("≤", "<"), "="
_IN_WORDS, _IN_TIME = "定性", "期限"
_NO_NAMES = ("其中", "指标", "★", "☆", "*")
"""In names of details, and in what forms print where a name belongs."""
_END = "¦§"
"""Stands behind a text, so that what is cut off is cut off at its end."""
_DONE = tuple(TIER_WORDS[TIERS[0]].split())
_NOT_HERE = ("不适用", "不涉及")
_NO_WORDS = tuple(sorted((NOT_APPLICABLE | PLACEHOLDERS) - {""}))


@lru_cache(maxsize=1)
def sure_units() -> tuple[str, ...]:
    """Units in Chinese that mean the same behind a number and in the unit column, whatever the number."""
    words = (unit for unit in dict.fromkeys((*COUNT_UNITS, *OTHER_UNITS)) if re.fullmatch(r"[一-龥]{1,4}", unit))
    return tuple(unit for unit in words if all(map(_reads_alike, (unit, f"万{unit}"))))


@lru_cache(maxsize=1)
def _shared_units() -> tuple[str, ...]:
    """Of these the ones whose amounts have fractions."""
    return tuple(unit for unit in sure_units() if unit in OTHER_UNITS)


def _reads_alike(unit: str) -> bool:
    for number in ("5", "1.5", "12", "95", "2020", "202012"):
        pairs = [read_pair(f"{number}{unit}", done, operator="≥", unit=unit) for done in (number, f"{number}{unit}")]
        pairs += [read_pair(number, f"{number}{unit}", operator="≥", unit=unit)]
        if any(p.kind is not PairKind.QUANTITY or p.met is not True or p.problems or p.target_low != p.actual_low for p in pairs):
            return False
    return True


def needed_names(scheme: Scheme) -> dict[str, str]:
    """The names that the two columns are made of, with their formulas, in the order in which they build on each other."""
    at = {column.name: f"{INDICATORS.sheet}!${xl_col_to_name(index)}1" for index, column in enumerate(INDICATORS.columns)}
    words = f"{at['level1']}&{at['level2']}&{at['level3']}"
    return {
        "_指标文": f"IF(LEN(TRIM({at['adjusted_target']}))>0,{at['adjusted_target']},{at['target']})",
        "_完成文": f'{at["actual"]}&""',
        "_已知单位": _known_unit(at["unit"]),
        "_指标段": _number_part("_指标文", at["unit"]),
        "_完成段": _number_part("_完成文", at["unit"]),
        "_指标数": "VALUE(_指标段)",
        "_完成数": "VALUE(_完成段)",
        "_指标是数": _is_number("_指标段"),
        "_完成是数": _is_number("_完成段"),
        "_小": "MIN(_指标数,_完成数)",
        "_大": "MAX(_指标数,_完成数)",
        "_非指标": _or([*(_holds(signs, words) for signs in (*SIGNS, *_SUMS)), *_is_management(scheme, at["level3"])]),
        "_等级可用": _among(at["tier"], ("", *TIERS[:3])),
        "_可评": _comparable(scheme, at),
        REFERENCE_NAME: _reference(scheme, at),
        "_缺分值的行": _rows_with("weight", "=0"),
        "_只有分值的行": _rows_with("weight", ">0"),
        MISSING_NAME: _missing(scheme, at),
    }


def claim_is_wrong(scheme: Scheme, row: int) -> str:
    """The condition under which 自评得分 of a row (as Excel counts) is red: above 分值, or off 参考得分 by more than is allowed."""
    claimed, weight = (f"${xl_col_to_name(list(INDICATORS.by_name).index(name))}{row}" for name in ("claimed_score", "weight"))
    reference = f"${xl_col_to_name(len(INDICATORS.columns) + 1)}{row}"
    allowed = literal(scheme.checks.claim_tolerance)
    # A claim may be off by half of the last decimal it is written with.
    written = f"IF({claimed}=ROUND({claimed},1),0.05,IF({claimed}=ROUND({claimed},2),0.005,0))"
    off = f"ROUND(ABS({claimed}-{reference}),9)>IF({claimed}=INT({claimed}),{allowed},MAX({allowed},{written}))"
    over = f"AND(ISNUMBER({weight}),{weight}>0,ROUND({claimed}-N({weight}),9)>{allowed})"
    return f"=IF(ISNUMBER({claimed}),OR({over},IF(ISNUMBER({reference}),{off},FALSE)),FALSE)"


# formulas


def _or(parts: Iterable[str]) -> str:
    return f"OR({','.join(parts)})"


def _found(signs: Iterable[str], text: str) -> str:
    """How many of the signs stand in a text."""
    return f"COUNT({','.join(f'FIND({literal(sign)},{text})' for sign in signs)})"


def _holds(signs: tuple[str, ...], text: str) -> str:
    return f"{_found(signs, text)}={len(signs)}"


def _holds_one(signs: tuple[str, ...], text: str) -> str:
    return f"{_found(signs, text)}>0"


def _known_unit(unit: str) -> str:
    return _among(f'IF(LEFT({unit},1)="万",MID({unit},2,9),{unit})', sure_units())


def _number_part(text: str, unit: str) -> str:
    """A text without the unit of the unit column behind it, or without %."""
    behind = f'IF(_已知单位,{unit},"%")&{literal(_END)}'
    return f'SUBSTITUTE(SUBSTITUTE({text}&{literal(_END)},{behind},""),{literal(_END)},"")'


def _is_number(part: str) -> str:
    """Digits and at most one point, as the number itself is written: VALUE takes dates, currency, 1E3 and 1,234 too."""
    decimals = f'"0."&REPT("0",MAX(0,LEN({part})-FIND(".",{part}&".")))'
    again = f"SUBSTITUTE(TEXT(VALUE({part}),{decimals})&{literal(_END)},{literal('.' + _END)},{literal(_END)})"
    return f"IFERROR(EXACT({again},{part}&{literal(_END)}),FALSE)"


def _is_management(scheme: Scheme, name: str) -> list[str]:
    """Names the scheme computes from other data, whatever quotes stand around their words."""
    bare = name
    for mark in _MARKS:
        bare = f'SUBSTITUTE({bare},{literal(mark)},"")'
    return [_among(bare, dict.fromkeys(_unmarked(m.name) for m in scheme.management))] if scheme.management else []


_MARKS = ("“", "”", '"', "'", " ", "　")


def _unmarked(name: str) -> str:
    return name.translate(str.maketrans("", "", "".join(_MARKS)))


def _comparable(scheme: Scheme, at: Mapping[str, str]) -> str:
    unit, name = at["unit"], at["level3"]
    numbers = f"ISTEXT(_指标文),ISTEXT({at['actual']}),_指标是数,_完成是数,{OWN_SCHEME},N({at['weight']})>={SMALLEST_WEIGHT}"
    goal_share, done_share = ('RIGHT(_指标文,1)="%"', 'RIGHT(_完成文,1)="%"')
    one_form = f'OR({unit}="%",({goal_share})=({done_share}))'
    doubt = _or([goal_share, done_share, f'{unit}="%"', f"AND(LEN({unit})>0,NOT(_已知单位))", _holds_one(_SHARE_SIGNS, name)])
    share = f"AND({doubt},OR(_指标数>100,AND(_小>0,_小<=1,_大>1)))"
    far = f"AND(_小>0,_大>=_小*{literal(min(scheme.checks.magnitude_factor, BEYOND))})"
    whole = f'NOT(OR({unit}="%",{goal_share},LEFT({unit},1)="万",{_among(unit, _shared_units())}))'
    pieces = f"AND(_指标数=TRUNC(_指标数),_完成数>TRUNC(_完成数),_完成数*{literal(ALIKE)}<_指标数,{whole})"
    size = f"_小>=0,_大<{literal(TOO_LARGE)},NOT({share}),NOT({far}),NOT({pieces})"
    return f"IF(AND({numbers},_等级可用,NOT(_非指标),{one_form}),AND({size}),FALSE)"


def _points(expression: Expression, at: Mapping[str, str]) -> str:
    cells = {"weight": at["weight"], **dict.fromkeys(("t_low", "t_high"), "_指标数"), **dict.fromkeys(("a_low", "a_high"), "_完成数")}
    return expression.excel(cells)


def _reference(scheme: Scheme, at: Mapping[str, str]) -> str:
    op, name, level2 = at["operator"], at["level3"], at["level2"]
    higher, lower, equal = _expressions(scheme)
    plain = f"AND({_among(level2, _upward_levels(scheme))},NOT({_holds_one((' ', *scheme.reverse.names), name)}))"
    by = f"IF(OR(_指标数=_完成数,{plain}),{_points(equal, at)},NA())"
    chosen = f"IF({_among(op, _UP)},{_points(higher, at)},IF({_among(op, _DOWN)},{_points(lower, at)},IF(EXACT({op},{literal(_EQUAL)}),{by},NA())))"
    return f'IF(LEN({name})=0,"",IFERROR(IF(_可评,{chosen},{literal(BY_PROGRAM)}),{literal(BY_PROGRAM)}))'


def _expressions(scheme: Scheme) -> tuple[Expression, Expression, Expression]:
    """≥, ≤ and =, as the scheme scores and rounds them; = of rows where more is not worse."""
    higher, lower, equal = (as_scored(rule.expression(scheme), scheme) for rule in (HIGHER, LOWER, EQUAL))
    return higher, lower, equal.given({"mirrored": False})


def _upward_levels(scheme: Scheme) -> tuple[str, ...]:
    return tuple(level2 for names in LEVEL2.values() for level2 in names if level2 not in scheme.reverse.level2)


def _rows_with(name: str, sign: str) -> str:
    """How many rows have no points but a value, or points but no value: then one row may carry the points of others."""
    index = {column.name: xl_col_to_name(i) for i, column in enumerate(INDICATORS.columns)}
    first, last = 4, INDICATORS.max_rows + 3

    def length(column: str) -> str:
        return f"LEN({INDICATORS.sheet}!${index[column]}${first}:${index[column]}${last})"

    values = f"({length('target')}+{length('adjusted_target')}+{length('actual')}{'>0' if sign == '=0' else '=0'})"
    return f"SUMPRODUCT(({length(name)}{sign})*{values})>0"


def _missing(scheme: Scheme, at: Mapping[str, str]) -> str:
    def blank(text: str) -> str:
        return f"LEN(TRIM({text}))=0"

    level1, level2 = at["level1"], at["level2"]
    known = f"IF({blank(level1)},{_among(level2, _levels(scheme)[1])},{_among(level1, _levels(scheme)[0])})"
    filled = f"LEN(_指标文)+LEN({at['actual']})+LEN({at['weight']})>0"
    part = f"AND({blank(at['weight'])},LEN(_指标文)+LEN({at['actual']})>0,_只有分值的行)"
    name = f"LOWER(TRIM({at['level3']}))"
    ours = f"AND({filled},{OWN_SCHEME},NOT({part}),_等级可用,{known},NOT(_非指标),NOT({_holds_one(_NO_NAMES, at['level3'])}),NOT({_among(name, _NO_WORDS)}))"
    target = f"AND({blank('_指标文')},NOT(AND({blank(at['actual'])},_缺分值的行)))"
    untiered = f"OR({blank(at['tier'])},NOT(EXACT({at['operator']},{literal(_IN_WORDS)})))"
    counted = f"OR(_指标是数,NOT(EXACT(_指标段,_指标文)),{_among(at['operator'], (_IN_WORDS, _IN_TIME))})"
    actual = f"AND({blank(at['actual'])},LEN(TRIM(_指标文))>0,{counted},{untiered},{_applies('_指标文')})"
    weight = f"AND({blank(at['weight'])},NOT({IS_FULL}))"
    texts = (at["actual"], "_指标文")
    long_enough = ",".join(f"LEN(TRIM({text}))>={SHORTEST_WORDS},{_applies(text)}" for text in texts)
    done = _among(f"TRIM({at['actual']})", _DONE)
    unlike = f"NOT(EXACT(TRIM({at['actual']}),TRIM(_指标文))),NOT({done})"
    tier = f"AND(EXACT({at['operator']},{literal(_IN_WORDS)}),{blank(at['tier'])},{long_enough},{unlike})"
    score = f"{INDICATORS.sheet}!${xl_col_to_name(len(INDICATORS.columns) + 1)}1"
    lost = f"ROUND(ROUND(N({at['weight']}),2)-{score},9)>{literal(scheme.checks.deviation_reason_below_full)}"
    reason = f"IF(ISNUMBER({score}),AND({blank(at['reason'])},{lost}),FALSE)"
    parts = "&".join(f'IF({test},"、{word}","")' for word, test in zip(WORDS, (target, actual, weight, tier, reason), strict=True))
    return f'IF(LEN({at["level3"]})=0,"",IFERROR(IF({ours},MID({parts},2,60),""),""))'


def _applies(text: str) -> str:
    """Words that do not say 不适用."""
    return f"NOT({_holds_one(_NOT_HERE, text)}),NOT({_among(f'LOWER(TRIM({text}))', _NO_WORDS)})"


def _levels(scheme: Scheme) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(level.name for level in scheme.levels), tuple(two for level in scheme.levels for two in level.level2 or LEVEL2.get(level.name, ()))


# the same in Python


def shown(lines: Sequence[Line], scheme: Scheme, *, full: bool = False) -> list[tuple[str, float | str]]:
    """What the two columns show for rows that are written filled, "" where nothing is said; `full`: 分值合计 is the full total."""
    valued = [any(line.get(name) for name in ("target", "adjusted_target", "actual")) for line in lines]
    pointed = [line.get("weight") not in (None, "") for line in lines]
    without_points = any(has and not points for has, points in zip(valued, pointed, strict=True))
    only_points = any(points and not has for has, points in zip(valued, pointed, strict=True))
    found = []
    for line in lines:
        reference = _reference_of(line, scheme)
        found.append((_missing_of(line, reference, scheme, without_points=without_points, only_points=only_points, full=full), reference))
    return found


def _text(line: Line, name: str) -> str:
    value = line.get(name)
    return "" if value is None else str(value)


def _target(line: Line) -> str:
    return _text(line, "adjusted_target") if _text(line, "adjusted_target").strip() else _text(line, "target")


def _unit_known(unit: str) -> bool:
    return (unit.removeprefix("万")) in sure_units()


_NUMBER = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_DIGITS = 15
"""So many a spreadsheet keeps."""


def _number(text: str, unit: str) -> float | None:
    part = text.removesuffix(unit if _unit_known(unit) else "%")
    return float(part) if _NUMBER.fullmatch(part) and len(part) <= _DIGITS else None


def _is_other(line: Line, scheme: Scheme) -> bool:
    words = "".join(_text(line, name) for name in ("level1", "level2", "level3"))
    management = _unmarked(_text(line, "level3")) in {_unmarked(m.name) for m in scheme.management}
    return management or any(all(sign in words for sign in signs) for signs in (*SIGNS, *_SUMS))


def _reference_of(line: Line, scheme: Scheme) -> float | str:
    name, unit, op, weight = (_text(line, "level3"), _text(line, "unit"), _text(line, "operator"), line.get("weight"))
    if not name:
        return ""
    goal_text, done_text = _target(line), _text(line, "actual")
    goal, done = _number(goal_text, unit), _number(done_text, unit)
    if goal is None or done is None or not isinstance(weight, int | float) or weight < SMALLEST_WEIGHT or _text(line, "tier") not in ("", *TIERS[:3]):
        return BY_PROGRAM
    goal_share, done_share = goal_text.endswith("%"), done_text.endswith("%")
    small, large = min(goal, done), max(goal, done)
    doubt = goal_share or done_share or unit == "%" or (unit != "" and not _unit_known(unit)) or any(sign in name for sign in _SHARE_SIGNS)
    share = doubt and (goal > 100 or 0 < small <= 1 < large)
    far = large >= TOO_LARGE or 0 < small * min(scheme.checks.magnitude_factor, BEYOND) <= large
    whole = unit != "%" and not goal_share and not unit.startswith("万") and unit not in _shared_units()
    pieces = whole and goal.is_integer() and not done.is_integer() and done * ALIKE < goal
    if _is_other(line, scheme) or (unit != "%" and goal_share != done_share) or share or far or pieces:
        return BY_PROGRAM
    plain = _text(line, "level2") in _upward_levels(scheme) and not any(word in name for word in (" ", *scheme.reverse.names))
    higher, lower, equal = _expressions(scheme)
    by = higher if op in _UP else lower if op in _DOWN else equal if op == _EQUAL and (goal == done or plain) else None
    points = math.nan if by is None else by.number(weight=weight, t_low=goal, t_high=goal, a_low=done, a_high=done)
    return BY_PROGRAM if math.isnan(points) else points


def _missing_of(line: Line, reference: float | str, scheme: Scheme, *, without_points: bool, only_points: bool, full: bool) -> str:
    name, tier, op = _text(line, "level3"), _text(line, "tier"), _text(line, "operator")
    target, actual, weight = _target(line).strip(), _text(line, "actual").strip(), _text(line, "weight").strip()
    ones, twos = _levels(scheme)
    known = _text(line, "level1") in ones if _text(line, "level1").strip() else _text(line, "level2") in twos
    if (
        not (name and (target or actual or weight) and tier in ("", *TIERS[:3]) and known)
        or _is_other(line, scheme)
        or any(word in name for word in _NO_NAMES)
        or name.strip().lower() in _NO_WORDS
    ):
        return ""
    if not weight and (target or actual) and only_points:
        return ""
    unit = _text(line, "unit")
    counted = _number(_target(line), unit) is not None or _target(line).endswith(unit if _unit_known(unit) else "%") or op in (_IN_WORDS, _IN_TIME)
    worded = len(target) >= SHORTEST_WORDS <= len(actual) and target != actual and actual not in _DONE and _applies_to(target) and _applies_to(actual)
    lost = isinstance(reference, float) and snap(round_one(float(weight)) - reference) > scheme.checks.deviation_reason_below_full
    tests = (
        not target and (bool(actual) or not without_points),
        not actual and bool(target) and counted and (op != _IN_WORDS or not tier) and _applies_to(target),
        not weight and not full,
        op == _IN_WORDS and not tier.strip() and worded,
        lost and not _text(line, "reason").strip(),
    )
    return "、".join(word for word, test in zip(WORDS, tests, strict=True) if test)


def _applies_to(text: str) -> bool:
    return not any(word in text for word in _NOT_HERE) and text.lower() not in _NO_WORDS
