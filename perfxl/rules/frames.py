"""Submissions to frames: one DataFrame per sheet, any number of submissions stacked.

Every frame starts with `submission` (the submission's number) and `sheet_row` (the row Excel shows), then the declared
columns. Texts are str, blank is ""; money is float64 in 万元, points and numbers float64, blank is NaN. A column that
holds a number keeps what was typed in `<name>_text`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.intake.readers import PercentNumber, ShownText
from perfxl.intake.submission import FormRead, Place, SheetRow, Submission, folded, text_of
from perfxl.model import Column, Issue, Kind, Table, columns
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, UNIT
from perfxl.model.levels import LEVEL1_OF_LEVEL2, LEVEL1_WORDS, LEVEL2_WORDS
from perfxl.rules.deadline import day_number
from perfxl.values.dates import in_digits, read_period
from perfxl.values.execution import is_execution
from perfxl.values.numerals import chinese_number, normalised, with_digits
from perfxl.values.vocabulary import EVALUATION_WORDS, MONEY_UNIT_NOISE, MONEY_UNITS, PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

NAN = float("nan")

INDICATOR = "indicator"
DETAIL = "detail"
TOTAL = "total"
SUBTOTAL = "subtotal"
EXECUTION = "execution"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain mappings, an index by submission included."""
    names = [str(name) for name in frame.columns]
    columns = [frame[name].tolist() for name in frame.columns]
    if frame.index.name == "submission":
        names, columns = ["submission", *names], [frame.index.tolist(), *columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def record(frame: pd.DataFrame, submission: int) -> dict[str, Any]:
    """One submission's row of a frame indexed by submission."""
    return {str(name): value for name, value in frame.loc[submission].items()}


@dataclass(slots=True)
class Frames:
    """The sheets of a batch of submissions, stacked.

    `unit` has one row per submission: the fields of 基本信息 as text, `source`, `part`, `sha256`, `amounts_unknown` (no
    基本信息 or no 金额单位 that is understood: its amounts belong in no sum), `is_form`, `lacks` (a form's own system of points),
    `money_factor` (1 for 万元, 0.0001 for 元), `year`,
    `filled_day` (Excel's day number) and `claimed_total_value` as numbers (NaN: blank or none).
    `indicators` adds `role` (indicator, detail, total, subtotal, execution; `interpret` says whether execution is scored by
    itself), `name` (三级指标 without leftovers of forms), `target_text` (调整后指标值 where filled, else 年度指标值) and
    `target_column` (which of the two it was).
    """

    unit: pd.DataFrame
    budget: pd.DataFrame
    goals: pd.DataFrame
    indicators: pd.DataFrame
    management: pd.DataFrame
    report: pd.DataFrame
    places: dict[int, dict[str, Place]] = field(default_factory=dict)
    own_columns: dict[int, dict[str, dict[str, dict[int, str]]]] = field(default_factory=dict)
    forms: dict[int, FormRead] = field(default_factory=dict)
    """How each official form was read."""
    issues: list[Issue] = field(default_factory=list)

    def table(self, name: str) -> pd.DataFrame:
        """The frame of a table of `perfxl.model.columns` by its name."""
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def select(self, submissions: Sequence[int]) -> Frames:
        """The same frames for some of the submissions; rows keep their index labels."""
        wanted = set(submissions)
        parts = {t.name: f[f["submission"].isin(wanted)] for t in columns.TABLES for f in (self.table(t.name),)}
        return Frames(
            **parts,
            places={n: p for n, p in self.places.items() if n in wanted},
            own_columns={n: p for n, p in self.own_columns.items() if n in wanted},
            forms={n: form for n, form in self.forms.items() if n in wanted},
            issues=[issue for issue in self.issues if issue.submission in wanted],
        )


def build_frames(submissions: Sequence[Submission]) -> Frames:
    """Stack submissions into frames. Numbers are unique; order of rows is that of the submissions and their sheets."""
    issues = [issue for submission in submissions for issue in submission.issues]
    factors = {s.number: _money_factor(s, issues) for s in submissions}
    frames = Frames(
        unit=_unit_frame(submissions, factors),
        budget=_frame(BUDGET, submissions, issues, factors, _budget_row),
        goals=_frame(GOALS, submissions, issues, factors, None),
        indicators=_frame(INDICATORS, submissions, issues, factors, _indicator_row),
        management=_frame(MANAGEMENT, submissions, issues, factors, None),
        report=_frame(REPORT, submissions, issues, factors, None),
        places={s.number: s.places for s in submissions},
        own_columns={s.number: s.own_columns for s in submissions},
        forms={s.number: s.form for s in submissions if s.form is not None},
        issues=issues,
    )
    frames.indicators = _fill_levels(frames.indicators)
    return frames


_BESIDE_MONEY = re.compile("|".join(map(re.escape, MONEY_UNIT_NOISE)) + r"|[()\[\]{}<>《》【】:、,，/。.]|整$")


@lru_cache(maxsize=1024)
def money_unit(typed: str) -> float | None:
    """How many 万元 one unit of 金额单位 is; None where it names none.

    >>> money_unit("单位：元"), money_unit("人民币（元）"), money_unit("元整"), money_unit("千元"), money_unit("美元")
    (0.0001, 0.0001, 0.0001, 0.1, None)
    """
    return MONEY_UNITS.get(_BESIDE_MONEY.sub("", folded(typed)))


def _money_factor(submission: Submission, issues: list[Issue]) -> float:
    """The factor that makes amounts 万元; what is not understood is `choice-unknown`, and the amounts belong in no sum."""
    typed = text_of(submission.fields.get("money_unit"))
    if typed:
        return money_unit(typed) or 1.0
    place = submission.places.get("unit")
    issues.append(
        Issue.at(submission.number, "money-unit-assumed", place.sheet if place else UNIT.sheet, place.cell("money_unit") if place else None)
    )
    return 1.0


def _amounts_unknown(submission: Submission) -> bool:
    """Without 基本信息, or with a 金额单位 that is not understood, nobody knows how much the amounts are."""
    typed = text_of(submission.fields.get("money_unit"))
    return submission.without_unit or bool(typed and money_unit(typed) is None)


_YEAR = re.compile(r"(?:fy|(?:预算|评价|自评|会计|财政)?年?度?:?)?([12]\d{3})(?:年度?|财年|财政年度|预算年度|会计年度)?")


def _unit_frame(submissions: Sequence[Submission], factors: dict[int, float]) -> pd.DataFrame:
    texts: dict[str, list[object]] = {name: [getattr(s, name) for s in submissions] for name in ("source", "part", "sha256", "origin", "lacks")}
    for column in UNIT.columns:
        texts[column.name] = [text_of(s.fields.get(column.name)) for s in submissions]
    numbers: dict[str, list[object]] = {
        "money_factor": [factors[s.number] for s in submissions],
        "year": [fiscal_year(s.fields.get("fiscal_year")) for s in submissions],
        "filled_day": [day_of(s.fields.get("filled_on")) for s in submissions],
    }
    for column in UNIT.columns:
        if column.kind in (Kind.NUMBER, Kind.POINTS):
            read_number = times_of if column.name == "submission_count" else points_of if column.kind is Kind.POINTS else number_of
            numbers[f"{column.name}_value"] = [read_number(s.fields.get(column.name)) for s in submissions]
    return pd.DataFrame(
        {
            "submission": np.array([s.number for s in submissions], dtype="int64"),
            **{name: _array(values, number=False) for name, values in texts.items()},
            **{name: _array(values, number=True) for name, values in numbers.items()},
            "is_form": np.array([s.form is not None for s in submissions], dtype=bool),
            "amounts_unknown": np.array([_amounts_unknown(s) for s in submissions], dtype=bool),
        }
    )


def fiscal_year(value: object) -> float:
    """A fiscal year as typed (2020, 2020年度, 二〇二〇年, a day or months of one year); NaN when blank or not one plausible year.

    >>> fiscal_year("2022年度"), fiscal_year("2022-2023"), fiscal_year("二〇二二年")
    (2022.0, nan, 2022.0)
    """
    if isinstance(value, datetime | date):
        year = value.year
    else:
        text = in_digits(folded(text_of(value)))
        match = _YEAR.fullmatch(text)
        period = None if match else read_period(text, None)
        start, end = (period.start, period.end) if period else (None, None)
        year = int(match[1]) if match else end.year if start and end and start.year == end.year else 0
    return float(year) if 1990 <= year <= 2100 else NAN


_TIMES = re.compile(r"第?(?:报送)?(.+?)(?:次|版|稿)?(?:报送|上报)?")


def times_of(value: object) -> float:
    """报送次数 as a number; NaN for a blank and for what is no count.

    >>> times_of("第2次"), times_of("二"), times_of(2), times_of("终稿")
    (2.0, 2.0, 2.0, nan)
    """
    found = _TIMES.fullmatch(folded(text_of(value)))
    typed = found[1] if found else ""
    digits = typed if typed.isdecimal() else chinese_number(typed) or ""
    return float(int(digits)) if digits.isdecimal() and len(digits) < 5 else NAN


def evaluation_of(typed: str) -> str:
    """自评类型 as one of its choices; "" where it is none (or blank)."""
    return EVALUATION_WORDS.get(folded(typed).removesuffix("评价").removesuffix("表"), "")


_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:(?<=\d)\.\d*|\.\d+)?(?:(?<=[\d.])e[+-]?\d{1,3})?", re.ASCII)
_MONEY_TAIL = re.compile(r"^(?P<number>[^万元亿]*)(?P<unit>万元|亿元|元|万|亿)?$")
_IN_WAN = {"万元": Decimal(1), "万": Decimal(1), "亿元": Decimal(10000), "亿": Decimal(10000), "元": Decimal("0.0001")}

BEYOND = 10**15
"""From here on a number is a code or a slip: no count, amount or points, and a float could not hold its cents."""


@lru_cache(maxsize=65536)
def _decimal(text: str) -> Decimal | None:
    """A number as typed; digits that only stand side by side (`100 200`, `5*3`, `10²`) are none."""
    plain = normalised(text).lower()
    if not plain or not _AMOUNT.fullmatch(plain) or len(plain) > 60:
        return None
    try:
        return Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None


def _within(number: Decimal | float) -> float:
    return float(number) if -BEYOND < number < BEYOND else NAN


def number_of(value: object) -> float:
    """A plain number as typed or stored; NaN for blanks, words, dates, truth values and what is `BEYOND`.

    >>> number_of("1,234.5"), number_of("95%"), number_of("5*3"), number_of(1e308)
    (1234.5, 0.95, nan, nan)
    """
    if isinstance(value, bool) or value is None:
        return NAN
    if isinstance(value, int | float):
        return _within(value)
    if isinstance(value, str):
        if value.endswith(("%", "％")):
            share = _decimal(value[:-1])
            return NAN if share is None else _within(share / 100)
        number = _decimal(value.removesuffix("分").removesuffix("人").removesuffix("次"))
        return NAN if number is None else _within(number)
    return NAN


def points_of(value: object) -> float:
    """Points as typed; a percentage is none (8% is not 0.08 of a point).

    >>> points_of("8分"), points_of("8%"), points_of(PercentNumber(0.08))
    (8.0, nan, nan)
    """
    percent = isinstance(value, PercentNumber) or (isinstance(value, str) and "%" in unicodedata.normalize("NFKC", value))
    return NAN if percent else number_of(value)


@lru_cache(maxsize=4096)
def _day_in(text: str) -> float:
    digits = with_digits(text)
    compact = _COMPACT_DAY.fullmatch(digits or "")
    period = read_period("-".join(compact.groups()) if compact else digits or "", None)
    return day_number(period.end) if period and period.end and period.start == period.end else NAN


def day_of(value: object) -> float:
    """填报日期 as Excel's day number, also in Chinese numerals; NaN when blank, a period or no date.

    >>> day_of("2021年3月15日"), day_of("二〇二一年三月十五日"), day_of("2021年3月")
    (44270.0, 44270.0, nan)
    """
    if isinstance(value, datetime):
        return day_number(value.date())
    if isinstance(value, date):
        return day_number(value)
    return _day_in(folded(text_of(value)))


_COMPACT_DAY = re.compile(r"(20\d\d)(\d\d)(\d\d)", re.ASCII)


def money_of(value: object, factor: float) -> float:
    """An amount in 万元: a unit in the cell beats the sheet's unit; NaN when blank or no amount.

    >>> money_of("640.84万元", 0.0001), money_of(6408400, 0.0001), money_of("1,234.50", 1)
    (640.84, 640.84, 1234.5)
    """
    if isinstance(value, bool) or value is None or isinstance(value, PercentNumber):
        return NAN
    if isinstance(value, int | float):
        return _within(value) if factor == 1 or not abs(value) < BEYOND else float(Decimal(repr(value)) * Decimal(repr(factor)))
    if isinstance(value, str):
        match = _MONEY_TAIL.match(normalised(value))
        number = _decimal(match["number"]) if match else None
        if match is None or number is None:
            return NAN
        return _within(number * (_IN_WAN[match["unit"]] if match["unit"] else Decimal(repr(factor))))
    return NAN


def _frame(
    table: Table,
    submissions: Sequence[Submission],
    issues: list[Issue],
    factors: dict[int, float],
    derive: Callable[[SheetRow], dict[str, object]] | None,
) -> pd.DataFrame:
    """One table of all submissions as a frame, built column by column from plain lists."""
    owners = [s for s in submissions for _ in s.rows.get(table.name, ())]
    rows = [row for s in submissions for row in s.rows.get(table.name, ())]
    fields: dict[str, NDArray[Any]] = {
        "submission": np.array([s.number for s in owners], dtype="int64"),
        "sheet_row": np.array([row.number for row in rows], dtype="int64"),
    }
    for column in table.columns:
        name = column.name
        if column.kind is Kind.RATE:
            continue
        typed = [row.values.get(name) for row in rows]
        texts: list[object] = [v if type(v) is str else "" if v is None else text_of(v) for v in typed]
        if column.kind in (Kind.TEXT, Kind.CHOICE):
            fields[name] = _array(texts, number=False)
            continue
        if column.kind is Kind.MONEY:
            read: list[object] = [NAN if v is None else money_of(v, factors[s.number]) for v, s in zip(typed, owners, strict=True)]
        else:
            read_number = points_of if column.kind is Kind.POINTS else number_of
            read = [NAN if v is None else read_number(v) for v in typed]
        fields[name] = _array(read, number=True)
        fields[f"{name}_text"] = _array(texts, number=False)
        issues.extend(_odd_numbers(table, column, zip(typed, read, rows, owners, strict=True)))
    if derive is not None:
        derived = [derive(row) for row in rows]
        for name in derive(SheetRow(0, {})):
            fields[name] = _array([values[name] for values in derived], number=False)
    return pd.DataFrame(fields)


def _odd_numbers(table: Table, column: Column, cells: Iterable[tuple[object, object, SheetRow, Submission]]) -> Iterator[Issue]:
    """Numbers stored as text, and dates where a number belongs."""
    for typed, read, row, submission in cells:
        if isinstance(typed, str | date) and not isinstance(typed, ShownText):
            code = "number-as-text" if isinstance(typed, str) else "date-for-number"
            place = submission.places.get(table.name)
            if place is not None and (code == "date-for-number" or read == read):
                yield Issue.at(
                    submission.number,
                    code,
                    place.sheet,
                    place.cell(column.name, row.number),
                    text_of(typed),
                    {"v": text_of(typed), "column": column.title},
                )


def _array(values: list[object], *, number: bool) -> NDArray[Any]:
    """A column from a plain list; texts stay Python objects."""
    if number:
        return np.array(values, dtype="float64")
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


_PRINTED_KIND = {folded(item): kind for kind, item in BUDGET.rows}
_KIND_WORDS = {folded(kind): kind for kind in columns.BUDGET_KINDS} | {"年度资金总额": columns.TOTAL_KIND, "其中": columns.OF_WHICH_KIND}


def _budget_row(row: SheetRow) -> dict[str, object]:
    """资金类别 as one of the known kinds; a blank one follows from the printed 资金项目, an unknown one is "", its amounts unread."""
    kind = folded(text_of(row.values.get("kind"))).rstrip(":")
    typed = folded(text_of(row.values.get("item")))
    item = re.sub(r"^其中:?", "", typed)
    if kind and kind not in PLACEHOLDERS:
        known = _KIND_WORDS.get(kind, "")
    else:
        known = _PRINTED_KIND.get(item, columns.OF_WHICH_KIND if item != typed else "")
    amounts = [value for name in ("full_year", "executed") if (value := row.values.get(name)) is not None]
    unread = row.unread or any(isnan(money_of(value, 1)) != (known == "") for value in amounts)
    return {"line": known, "computed": row.computed, "unread": unread}


_LEFTOVER = re.compile(r"^[★☆*\s]*(?:指标\s*\d+\s*[:：.、]?)?\s*")
_ONLY_LEFTOVER = re.compile(r"^(?:指标\d+:?|[.…·]+|\d+[.、]?)?$")
_TOTAL_WORDS = frozenset({"合计", "总分", "总计", "总得分", "得分合计", "分值合计"})
_SUBTOTALS = ("小计", "指标合计", "本页合计")
_FOOTER = re.compile(
    r"^(?:注\d*[:：、.]|注$|备注[:：]|说明[:：]|填表说明|填报说明|编制说明|指标说明|[（(]\d+[）)]|[①-⑳]|"
    r"填[表报]人|制表|经办|审核|复核|负责人|(?:单位|项目|财务|部门|科室|分管|主要)\S{0,2}负责|主管|联系|电话|填[表报](?:日期|时间|单位)|日期[:：]|[（(]?盖章|单位[（(]|签[字章]|年月日)"
)
"""How a line below the table begins: a note, a signature."""
_DATED = re.compile(r"(?:日期|时间|电话)\S{0,2}:$")
_FILLED = ("target", "adjusted_target", "actual", "weight", "tier", "claimed_score")
"""Columns of which one is filled where a printed leftover is used as an indicator."""


def indicator_name(typed: str) -> str:
    """A 三级指标 without the leftovers of forms.

    >>> indicator_name("★指标1：开展活动场数")
    '开展活动场数'
    """
    return _LEFTOVER.sub("", typed, count=1).strip()


def _indicator_row(row: SheetRow) -> dict[str, object]:
    values = row.values
    typed = text_of(values.get("level3"))
    name = indicator_name(typed)
    adjusted = text_of(values.get("adjusted_target"))
    return {
        "name": name,
        "role": _role(values, name, shares_weight=row.shares_weight),
        "target_text": adjusted or text_of(values.get("target")),
        "target_column": "adjusted_target" if adjusted else "target",
    }


def _role(values: dict[str, object], name: str, *, shares_weight: bool) -> str:
    level1, level2, level3 = (folded(text_of(values.get(c))) for c in ("level1", "level2", "level3"))
    words = {level1, level2, level3}
    if any(word.endswith(_SUBTOTALS) for word in words):
        return SUBTOTAL
    if not words.isdisjoint(_TOTAL_WORDS):
        return TOTAL
    if text_of(values.get("weight")) == "" and _is_footer(level1 or level2 or level3, text_of(values.get("actual"))):
        return ""
    short = folded(name)
    if _ONLY_LEFTOVER.match(short) and not any(text_of(values.get(c)) for c in _FILLED):
        return ""
    if is_execution(name) if short else any(map(is_execution, words)):
        return EXECUTION
    if (shares_weight or level3.startswith("其中")) and not text_of(values.get("weight")):
        return DETAIL
    return INDICATOR


def _is_footer(label: str, beside: str) -> bool:
    """A note or a signature; beside one that asks for it (单位负责人：) a name may stand in the column of the actual values, or a day."""
    if not _FOOTER.match(label):
        return False
    return not beside or (label.endswith(":") and (not re.search(r"\d", beside) or bool(_DATED.search(label))))


def _below(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows below the last indicator with points, a name or an actual: footers, whatever their cells hold; totals stay."""
    sums = frame["role"].isin((TOTAL, SUBTOTAL)).to_numpy(dtype=bool)
    filled = ((frame["weight_text"] != "") | (frame["name"] != "") | (frame["actual"] != "")).to_numpy(dtype=bool) & ~sums
    last = frame["submission"].map(frame["sheet_row"].where(filled).groupby(frame["submission"]).max()).to_numpy()
    below: NDArray[np.bool_] = (frame["sheet_row"].to_numpy() > last) & ~sums
    return below


def _with_parents(frame: pd.DataFrame, role: NDArray[Any]) -> NDArray[Any]:
    """Rows without points below one that has points and no value of its own are its details: the values stand one level down."""
    indicator = role == INDICATOR
    weighted = (frame["weight_text"] != "").to_numpy(dtype=bool)
    valued = ((frame["target_text"] != "") | (frame["actual"] != "")).to_numpy(dtype=bool)
    parent, child = indicator & weighted & ~valued, indicator & ~weighted & valued
    if not (parent[:-1] & child[1:]).any():
        return role
    role, owner = role.copy(), frame["submission"].to_numpy()
    under: object = None
    for at in range(len(role)):
        if parent[at]:
            under = owner[at]
        elif not child[at] or owner[at] != under:
            under = None
        else:
            role[at] = DETAIL
    return role


def _fill_levels(frame: pd.DataFrame) -> pd.DataFrame:
    """Blank 一级/二级指标: from the other of the two, else from the row above; both in the form's standard words.

    Adds `level1_typed` and `level2_typed`; `level1` is "" where nothing is known. Rows of leftovers are dropped.
    """
    frame["role"] = _with_parents(frame, np.where(_below(frame), "", frame["role"]))
    frame = frame[frame["role"] != ""].reset_index(drop=True)
    frame["level1_typed"], frame["level2_typed"] = frame["level1"], frame["level2"]
    ones, twos = [], []
    last_submission, one, two = None, "", ""
    for submission, typed_one, typed_two, role in zip(frame["submission"], frame["level1"], frame["level2"], frame["role"], strict=True):
        if submission != last_submission:
            last_submission, one, two = submission, "", ""
        if role in (TOTAL, SUBTOTAL):
            ones.append(typed_one)
            twos.append(typed_two)
            continue
        new_one, new_two = _standard(typed_one, LEVEL1_WORDS), _standard(typed_two, LEVEL2_WORDS)
        if new_two and not new_one:
            new_one = LEVEL1_OF_LEVEL2.get(new_two, one)
        if new_one and new_one != one:
            two = ""
        one, two = new_one or one, new_two or two
        ones.append(one)
        twos.append(two)
    frame["level1"] = pd.Series(ones, dtype="object", index=frame.index)
    frame["level2"] = pd.Series(twos, dtype="object", index=frame.index)
    return frame


@lru_cache(maxsize=4096)
def _cut_points(text: str) -> str:
    """A level's words without the points a form prints behind them: 产出指标(50分)."""
    return re.sub(r"\(\d+(\.\d+)?分?\)$", "", folded(text))


def _standard(typed: str, words: dict[str, str]) -> str:
    if not typed or typed in PLACEHOLDERS:
        return ""
    return words.get(_cut_points(typed), typed)
