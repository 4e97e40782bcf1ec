"""A scored workbook as named quantities: what a report may say a number about, and where the table holds it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perfxl.model.columns import TOTAL_KIND
from perfxl.rules.frames import INDICATOR, record, records
from perfxl.rules.wording import number, percent, points
from perfxl.word.crosscheck.mentions import RESULT, TARGET, flat, sentence_mentions
from perfxl.word.phrases import with_unit_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from perfxl.rules.results import Results

BUDGET, INITIAL, EXECUTED, RATE, REST = "全年预算数", "年初预算数", "全年执行数", "执行率", "结余"
ACTUAL, WANTED, COMPLETION = "实际完成值", "年度指标值", "完成率"


@dataclass(frozen=True, slots=True)
class Named:
    """One quantity of the table: what it is called, its value in base magnitude, and its cell.

    `keys` are the wordings a text may use, `group` ties target, actual and completion of one row together. `shown` is
    the cell as a person sees it; `derived` values (rates, counts) have the cell they are computed beside.
    """

    name: str
    role: str
    keys: tuple[str, ...]
    low: float | None
    high: float | None
    unit: str | None
    sheet: str
    cell: str | None
    shown: str
    group: tuple[str, int]
    derived: bool = False
    step: float = 0.0
    """One unit in the last place written, where the cell is prose that may round (41.2万人次)."""
    direction: str = ""
    """Words of change in its name or cell (降低, 增长): only such a quantity is what a 同比增长5% speaks of."""

    @property
    def side(self) -> str:
        """Whether it is a target or a result."""
        return TARGET if self.role in (WANTED, BUDGET, INITIAL) else RESULT


def named_quantities(results: Results, submission: int) -> list[Named]:
    """Every quantity of one submission: money lines, indicators, goals, people, scores."""
    return [*_money(results, submission), *_indicators(results, submission), *_goals(results, submission), *_unit(results, submission)]


def _cell(results: Results, submission: int, table: str, column: str, row: int | None = None) -> tuple[str, str | None]:
    from perfxl.model.columns import BY_NAME

    place = results.frames.places.get(submission, {}).get(table)
    return (place.sheet, place.cell(column, row)) if place else (BY_NAME[table].sheet, None)


def _rows(results: Results, submission: int, table: str) -> list[dict[str, Any]]:
    frame = results.frames.table(table)
    return records(frame[frame["submission"] == submission])


@dataclass(frozen=True, slots=True)
class Prose:
    """A cell of words, without blanks, and where it stands."""

    text: str
    sheet: str
    cell: str | None

    def says(self, clause: str) -> bool:
        """Whether one of its own clauses begins so."""
        return any(at == 0 or self.text[at - 1] in _CLAUSE_ENDS for at in (m.start() for m in re.finditer(re.escape(clause), self.text)))


_CLAUSE_ENDS = "，,。；;：:！!？?、(（)）.．"
_PROSE = (
    ("budget", ("adjust_reason", "reason", "item")),
    ("goals", ("expected", "achieved")),
    ("indicators", ("level3", "target", "adjusted_target", "actual", "reason", "evidence", "note")),
    ("unit", ("duties", "departments")),
)


def prose(results: Results, submission: int) -> list[Prose]:
    """What the workbook itself says in words; 报告文字 is left out: it is the report."""
    found = []
    for table, columns in _PROSE:
        for row in _rows(results, submission, table):
            for column in columns:
                text = re.sub(r"\s+", "", flat(str(row.get(column) or "")))
                if text:
                    at = int(row["sheet_row"]) if table != "unit" else None
                    found.append(Prose(text, *_cell(results, submission, table, column, at)))
    return found


# money

FUND_WORDS = {
    "当年财政拨款": ("当年财政拨款", "财政拨款", "财政资金", "本年财政拨款"),
    "一般公共预算拨款": ("一般公共预算财政拨款", "一般公共预算拨款", "一般公共预算"),
    "政府性基金预算拨款": ("政府性基金预算财政拨款", "政府性基金预算拨款", "政府性基金"),
    "国有资本经营预算拨款": ("国有资本经营预算财政拨款", "国有资本经营预算拨款", "国有资本经营预算"),
    "上年结转资金": ("上年结转资金", "上年结转", "结转资金"),
    "财政专户管理资金": ("财政专户管理资金", "财政专户资金", "财政专户"),
}
TOTAL_WORDS = (
    "年度资金总额",
    "资金总额",
    "预算总额",
    "总预算",
    "部门预算",
    "整体支出",
    "总支出",
    "支出总额",
    "支出合计",
    "资金合计",
    "合计",
    "总计",
    "总额",
)


def _money(results: Results, submission: int) -> Iterator[Named]:
    unit = record(results.frames.unit.set_index("submission"), submission)
    money = "元" if unit["money_factor"] == 0.0001 else "万元"
    lines = _rows(results, submission, "budget")
    total_row = next((r for r in lines if r["line"] == TOTAL_KIND), None)
    for row in lines:
        if row["line"] == TOTAL_KIND:
            continue
        item = re.sub(r"^其中[:：]?", "", re.sub(r"\s+", "", str(row["item"])))
        keys = FUND_WORDS.get(item, (item,))
        yield from _line(results, submission, row, item, keys, int(row["sheet_row"]), money)
    total = record(results.execution, submission)
    if total["basis"]:
        at = int(total_row["sheet_row"]) if total_row is not None else None
        yield from _line(results, submission, total, "年度资金总额", TOTAL_WORDS, at, money)


def _line(results: Results, submission: int, row: Mapping[str, Any], item: str, keys: tuple[str, ...], at: int | None, money: str) -> Iterator[Named]:
    group = ("budget", at if at is not None else -1)
    for column, role in (("initial", INITIAL), ("full_year", BUDGET), ("executed", EXECUTED)):
        value = float(row[column])
        if not math.isnan(value):
            sheet, cell = _cell(results, submission, "budget", column, at) if at is not None else ("预算执行", None)
            yuan = round(value * 10_000, 4)
            shown = f"{number(value if money == '万元' else yuan)}{money}"
            yield Named(item, role, keys, yuan, yuan, "元", sheet, cell, shown, group, derived=at is None)
    if row["full_year"] > 0 and not math.isnan(row["executed"]):
        sheet, cell = _cell(results, submission, "budget", "rate", at) if at is not None else ("预算执行", None)
        share = row["executed"] / row["full_year"]
        yield Named(item, RATE, keys, share * 100, share * 100, "%", sheet, cell, percent(share), group, derived=True)
        sheet, cell = _cell(results, submission, "budget", "executed", at) if at is not None else ("预算执行", None)
        rest = round((row["full_year"] - row["executed"]) * 10_000, 4)
        yield Named(item, REST, keys, rest, rest, "元", sheet, cell, f"{number(round(rest / 10_000, 6))}万元", group, derived=True)


# indicators and goals

_GENERIC = re.compile(r"(?:数量|数目|个数|场数|次数|人数|册数|件数|天数|台数|套数|种数|篇数|期数|户数|数|情况)$")
_TIME_WORDS = re.compile(r"^(?:(?:全年|本年度?|当年|年内|累计|共计?|总计)+)")
_VERBS = re.compile(r"^(?:开展|举办|建设|构建|组织|完成|新增|购置|采购|提供|实现|打造|推进|加强)(?:各类|各种|各项)?")
_DIRECTIONS = re.compile(r"降低|下降|减少|节约|压减|压缩|增长|提高|提升|上升|增加|增幅|降幅")


def name_keys(*names: str) -> tuple[str, ...]:
    """The wordings of a name: whole, without its counting word, without its verb."""
    keys: list[str] = []
    for name in names:
        whole = re.sub(r"[(（].*?[)）]|[\s\d%％.≥≤<>=]+", "", name)
        whole = _TIME_WORDS.sub("", whole)
        stem = _GENERIC.sub("", whole)
        bare = _VERBS.sub("", stem)
        keys.extend(k for k in (whole, stem, bare if len(bare) >= 2 else "") if len(k) >= 2)
    return tuple(dict.fromkeys(keys))


def _indicators(results: Results, submission: int) -> Iterator[Named]:
    for row in _rows(results, submission, "indicators"):
        if row["role"] != INDICATOR:
            continue
        at, name, pair = int(row["sheet_row"]), str(row["name"]), row["pair"]
        group = ("indicators", at)
        said = _words_of(str(row["actual"]))
        keys = name_keys(name, *([said] if said else []))
        direction = "".join(_DIRECTIONS.findall(name + str(row["actual"])))
        sides: tuple[tuple[str, str, str, float | None, float | None, str | None], ...] = (
            (WANTED, row["target_column"], row["target_text"], pair.target_low, pair.target_high, pair.unit or pair.target.unit),
            (ACTUAL, "actual", row["actual"], pair.actual_low, pair.actual_high, pair.actual_unit or pair.actual.unit or pair.unit),
        )
        for role, column, text, low, high, unit in sides:
            if low is None and high is None and pair.kind != "deadline":
                yield from _in_words(results, submission, "indicators", column, at, with_unit_column(str(text), row), name, role)
            elif low is not None or high is not None:
                sheet, cell = _cell(results, submission, "indicators", column, at)
                shown = with_unit_column(str(text), row)
                yield Named(name, role, keys, low, high, unit, sheet, cell, shown, group, direction=direction)
        if row["completion"] == row["completion"]:
            sheet, cell = _cell(results, submission, "indicators", "actual", at)
            share = float(row["completion"])
            yield Named(name, COMPLETION, keys, share * 100, share * 100, "%", sheet, cell, percent(share), group, derived=True)


def _words_of(actual: str) -> str:
    """What an actual value says before its number: 降低水、电消耗."""
    found = re.match(r"[^\d０-９]{4,30}(?=[\d０-９])", actual)
    return found[0] if found else ""


def _goals(results: Results, submission: int) -> Iterator[Named]:
    for row in _rows(results, submission, "goals"):
        for column, role in (("expected", WANTED), ("achieved", ACTUAL)):
            yield from _in_words(results, submission, "goals", column, int(row["sheet_row"]), str(row[column]), "", role)


def _in_words(results: Results, submission: int, table: str, column: str, at: int, text: str, name: str, role: str) -> Iterator[Named]:
    """Quantities inside a cell of prose, named by the words around them."""
    sheet, cell = _cell(results, submission, table, column, at)
    for found in sentence_mentions(text):
        said = name or found.before.strip("，,；;：:、 ") or found.after
        keys = name_keys(found.before, found.after, name)
        if keys:
            yield Named(
                said,
                role,
                keys,
                found.low,
                found.high,
                found.unit,
                sheet,
                cell,
                text if len(text) <= 60 else found.text,
                (table, at),
                step=found.step,
                direction="".join(_DIRECTIONS.findall(text)),
            )


# people, scores

PEOPLE = (
    ("new_staff", "其中:本年新增人数", re.compile(r"新增|新进|新招|招录|调入")),
    ("contract_staff", "编外人员数", re.compile(r"编外|聘用|合同制|劳务派遣|临聘|临时工|外聘")),
    ("posts", "编制人数", re.compile(r"编制(?:人数|数|总数|为)?|核定|核编")),
    ("staff", "年末在职人数", re.compile(r"在编|在职|在岗|实有|现有人员|干部职工|工作人员")),
)


def _unit(results: Results, submission: int) -> Iterator[Named]:
    unit = record(results.frames.unit.set_index("submission"), submission)
    for column, title, _ in PEOPLE:
        value = float(unit[f"{column}_value"])
        if not math.isnan(value):
            sheet, cell = _cell(results, submission, "unit", column)
            yield Named(title, column, (), value, value, "人", sheet, cell, f"{number(value)}人", ("unit", 0))
    listed = [d for d in re.split(r"[、，,；;\n]", str(unit["departments"])) if d.strip()]
    if len(listed) > 1:
        sheet, cell = _cell(results, submission, "unit", "departments")
        yield Named(
            "内设机构",
            "departments",
            (),
            float(len(listed)),
            float(len(listed)),
            "个",
            sheet,
            cell,
            f"列出{len(listed)}个",
            ("unit", 1),
            derived=True,
        )
    yield from _scores(results, submission, unit)


def _scores(results: Results, submission: int, unit: Mapping[str, Any]) -> Iterator[Named]:
    total = record(results.totals, submission)
    claimed = float(unit["claimed_total_value"])
    sheet, cell = _cell(results, submission, "unit", "claimed_total")
    if not math.isnan(claimed):
        yield Named("自评总分", "claimed", (), claimed, claimed, "分", sheet, cell, f"{points(claimed)}分", ("score", 0))
    low, high = float(total["low"]), float(total["high"])
    shown = f"{points(low)}分" if low == high else f"{points(low)}～{points(high)}分"
    yield Named("规则测算得分", "total", (), low, high, "分", sheet, cell, shown, ("score", 0), derived=True)
    got = float(total["total"])
    yield Named("规则测算得分", "got", (), got, got, "分", sheet, cell, f"{points(got)}分", ("score", 0), derived=True)
    own = record(results.execution, submission)
    if not math.isnan(own["score"]):
        sheet, cell = _cell(results, submission, "budget", "claimed_score")
        yield Named(
            "预算执行",
            "level",
            ("预算执行",),
            float(own["score"]),
            float(own["score"]),
            "分",
            sheet,
            None,
            f"{points(own['score'])}分",
            ("score", 1),
            derived=True,
        )
    for row in records(results.levels[results.levels["submission"] == submission]):
        name = str(row["block"])
        if not name:
            continue
        keys = (name, name.removesuffix("指标"))
        sheet, _ = _cell(results, submission, "indicators", "weight")
        yield Named(
            name, "level", keys, float(row["low"]), float(row["high"]), "分", sheet, None, f"{points(row['score'])}分", ("score", 2), derived=True
        )


def plain_name(text: str) -> str:
    """A name for comparing: flat, without marks and figures."""
    return re.sub(r"[\W\d_]+", "", flat(text))
