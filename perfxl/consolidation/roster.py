"""应报单位名单: who was to send in what, who did, and whose budget differs from the office's own figures.

The roster is a workbook of the office: one row per unit, found by header text on any sheet. It is as untrusted as any
other workbook and goes through the guard.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.consolidation.names import name_key
from perfxl.consolidation.submissions import code_key, code_typed
from perfxl.intake.guard import Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.heading import HEADER_WINDOW
from perfxl.intake.readers import CellError, PaddedNumber, Sheet
from perfxl.intake.readers.openpyxl_reader import read_sheets
from perfxl.intake.submission import folded, text_of
from perfxl.intake.tables import MAX_COLUMN
from perfxl.model import Column, Issue, Kind, PerfxlError, Table
from perfxl.model.addresses import column_number, letters, split
from perfxl.model.columns import UNIT
from perfxl.model.rounding import snap
from perfxl.rules.typed import evaluation_of, money_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from perfxl.schemes import Scheme

ROSTER = Table(
    name="roster",
    sheet="应报单位名单",
    max_rows=500_000,
    columns=(
        Column("name", "单位名称", required=True, width=32, aliases=("部门名称", "预算单位", "预算单位名称", "单位", "名称", "单位全称")),
        Column("code", "预算单位编码", aliases=("单位编码", "预算编码", "编码", "单位代码", "预算单位代码"), width=14),
        Column("authority", "主管部门", aliases=("主管单位", "上级主管部门", "一级预算单位", "归口部门"), width=20),
        Column("region", "所在地区", aliases=("地区", "行政区划", "区县", "县区"), width=12),
        Column("contact", "联系人", aliases=("填报人", "经办人", "联络人"), width=10),
        Column("phone", "电话", aliases=("联系电话", "手机", "联系方式", "办公电话"), width=16),
        Column("full_year", "全年预算数", Kind.MONEY, aliases=("预算数", "调整后预算数", "全年(调整)预算数", "批复预算数"), width=14),
        Column("executed", "全年执行数", Kind.MONEY, aliases=("执行数", "决算数", "预算执行数", "全年支出数"), width=14),
        Column("former", "曾用名", aliases=("原名", "原名称", "原单位名称", "更名前名称"), width=24),
        Column("short", "简称", aliases=("单位简称",), width=14),
        Column("merged", "并入", aliases=("并入单位", "合并单位", "并入的单位", "被并入单位"), width=24),
        Column("due", "应报事项", aliases=("应报类型", "报送事项", "自评类型"), width=12),
        Column("project", "项目名称", width=24),
        Column("project_code", "项目编码", aliases=("项目代码",), width=14),
    ),
)

ROSTER_MAX_ROW = 500_000

MEMBER_COLUMNS = ("sheet_row", "unit", *(c.name for c in ROSTER.columns))
"""`unit` numbers the units: a unit has one row for each item that is due."""


@dataclass(slots=True)
class Roster:
    """What is due, one row per unit and item, blanks "" or NaN, money in 万元; and what could not be taken, with its cell."""

    frame: pd.DataFrame
    issues: list[Issue] = field(default_factory=list)
    source: str = ""
    sha256: str = ""


def empty_roster() -> pd.DataFrame:
    """The frame of no roster at all."""
    return _frame([])


def read_roster(path: Path, limits: Limits | None = None) -> Roster:
    """Read a roster: the first sheet with units below a header that names 单位名称, columns in any order.

    Money headers may carry their unit, `全年预算数（元）`; without one amounts are 万元. An item listed twice counts once.

    Raises:
        PerfxlError: the file is refused by the guard, or no sheet has a column 单位名称 and a unit.
    """
    from perfxl.catalogue import fix, message

    limits = limits or Limits()
    data = read_bytes(path, limits)
    opened = data if isinstance(data, Refusal) else open_bytes(data, limits)
    if isinstance(opened, Refusal):
        issue = Issue(0, opened.code, details=opened.details)
        raise PerfxlError(
            f"应报单位名单“{path.name}”：{message(issue)}{fix(issue)}", en=f"Roster {path.name}: {message(issue, 'en')} {fix(issue, 'en')}"
        )
    try:
        sheets = read_sheets(opened, lambda _: True, max_row=ROSTER_MAX_ROW, max_column=MAX_COLUMN)
    except Exception as error:  # openpyxl refuses honest oddities with any exception
        raise PerfxlError(f"应报单位名单“{path.name}”读不出来（{type(error).__name__}）。请用 Excel 或 WPS 打开后另存为 .xlsx。") from error
    merges = {facts.name: facts.merges for facts in opened.sheets}
    headed = [(sheet, header) for sheet in sheets if (header := _header(sheet)) is not None]
    read = [_read(_unmerged(sheet, header, merges[sheet.title]), *header, path.name, opened.sha256) for sheet, header in headed]
    filled = [(sheet, roster) for (sheet, _), roster in zip(headed, read, strict=True) if len(roster.frame)]
    if filled:
        (first, roster), *others = filled
        roster.issues.extend(_not_read(first, roster, others))
        return roster
    if headed:
        raise PerfxlError(f"应报单位名单“{path.name}”的“{headed[0][0].title}”表里没有一个单位。请在列名下面逐行填写应报单位。")
    raise PerfxlError(f"应报单位名单“{path.name}”里找不到“单位名称”一列。请在第一行写列名：{'、'.join(c.title for c in ROSTER.columns)}。")


def _not_read(first: Sheet, roster: Roster, others: Sequence[tuple[Sheet, Roster]]) -> Iterator[Issue]:
    """Further sheets that name units which the first one does not name."""
    known = set(roster.frame["name"].map(name_key))
    for sheet, other in others:
        more = [name for name in dict.fromkeys(other.frame["name"]) if name_key(name) not in known]
        if more:
            yield _issue(
                "roster-sheet-unread", sheet, None, more[0], {"other": sheet.title, "n": str(len(more)), "unit": more[0], "first": first.title}
            )


def _unmerged(sheet: Sheet, header: tuple[int, dict[str, int], dict[str, float]], merges: Sequence[str]) -> Sheet:
    """A sheet with what is merged down in a column of texts in each of its rows; amounts count once."""
    at, named, _ = header
    texts = {i for name, i in named.items() if ROSTER.by_name[name].kind is not Kind.MONEY}
    below = {number: list(values) for number, values in sheet.rows[at + 1 :]}
    for area in merges:
        first, _, last = area.partition(":")
        (top, left), (bottom, _) = split(first), split(last or first)
        column = column_number(left or "A") - 1
        if column in texts and top in below and column < len(below[top]):
            for number in range(top + 1, (bottom or top) + 1):
                if number in below and column < len(below[number]) and below[number][column] is None:
                    below[number][column] = below[top][column]
    return Sheet(sheet.title, [*sheet.rows[: at + 1], *((number, tuple(values)) for number, values in below.items())])


_ASIDE = re.compile(r"[(（](盖章|公章|加盖公章|全称|必填|选填|文本|文本格式|规范名称)[)）]$")
"""What a title may say behind its name without being another one."""
_UNIT_OF_MONEY = re.compile(r"[(（](万元|元|亿元)[)）]$")
_FACTORS = {"万元": 1.0, "元": 0.0001, "亿元": 10000.0, "": 1.0}


def _header(sheet: Sheet) -> tuple[int, dict[str, int], dict[str, float]] | None:
    """Where the header stands, which column is which, and the unit of each amount (a factor to 万元)."""
    exact = {folded(c.title): c.name for c in ROSTER.columns}
    alias = {folded(a): c.name for c in ROSTER.columns for a in c.aliases}
    for at, (number, values) in enumerate(sheet.rows):
        if number > HEADER_WINDOW:
            return None
        found: dict[str, tuple[int, int]] = {}
        factors: dict[str, float] = {}
        for i, value in enumerate(values):
            if not isinstance(value, str):
                continue
            text = folded(value)
            unit = match[1] if (match := _UNIT_OF_MONEY.search(text)) else ""
            plain = _ASIDE.sub("", _UNIT_OF_MONEY.sub("", text))
            name, rank = (exact[plain], 0) if plain in exact else (alias.get(plain), 1)
            if name is not None and (name not in found or rank < found[name][0]):
                found[name] = (rank, i)
                factors[name] = _FACTORS[unit]
        if "name" in found and (len(found) > 1 or found["name"][0] == 0):
            below = sheet.rows[at + 1][1] if at + 1 < len(sheet.rows) else ()
            i = found["name"][1]
            if i < len(below) and folded(text_of(below[i])) in {folded(c.title) for c in UNIT.columns}:
                return None  # a list of labels with what is filled in beside them: an intake, no roster
            return at, {name: i for name, (_, i) in found.items()}, factors
    return None


def _read(sheet: Sheet, at: int, named: Mapping[str, int], factors: Mapping[str, float], source: str, sha256: str) -> Roster:
    roster = Roster(_frame([]), source=source, sha256=sha256)
    rows: list[dict[str, object]] = []
    seen: dict[tuple[object, ...], object] = {}
    units = _Numbers()
    for number, values in sheet.rows[at + 1 :]:
        row = _row(sheet, number, values, named, factors, roster.issues)
        if row is None:
            continue
        row["unit"] = units.of(str(row["code"]), str(row["name"]))
        item = (row["unit"], row["due"] == PROJECT, *project_of(str(row["project_code"]), str(row["project"])))
        if item in seen:
            details: dict[str, str | float] = {"unit": str(row["name"]), "row": str(seen[item])}
            roster.issues.append(_issue("roster-unit-twice", sheet, f"{letters(named['name'])}{number}", str(row["name"]), details))
            continue
        seen[item] = number
        rows.append(row)
    roster.frame = _frame(rows)
    roster.issues.extend(_lost_zeros(sheet, rows, named))
    return roster


def project_of(code: str, name: str) -> tuple[str, str]:
    """A project as an item is told from others: its code, else its name."""
    return (code_key(code), "") if code else ("", name_key(name))


class _Numbers:
    """The units of a roster in their order: one name with a code and without is one unit; one code may be several units'."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int] = {}
        self._named: dict[str, list[int]] = {}
        self._coded: set[int] = set()
        self._count = 0

    def of(self, code: str, name: str) -> int:
        key = code_key(code), name_key(name)
        found = self._known.get(key)
        if found is None:
            alike = self._named.setdefault(key[1], [])
            free = [unit for unit in alike if not key[0] or unit not in self._coded]
            found = free[0] if len(free) == 1 and len(alike) == 1 else self._count
            if found == self._count:
                self._count += 1
                alike.append(found)
            self._known[key] = found
        if code:
            self._coded.add(found)
        return found


def _lost_zeros(sheet: Sheet, rows: Sequence[Mapping[str, object]], named: Mapping[str, int]) -> Iterator[Issue]:
    """Codes shorter than most, where codes of the common length begin with 0."""
    codes = [(row, code_key(str(row["code"]))) for row in rows]
    lengths = Counter(len(code) for _, code in codes if code.isdecimal())
    usual = max(lengths, key=lambda n: (lengths[n], n), default=0)
    if not any(code.startswith("0") and len(code) == usual for _, code in codes):
        return
    for row, code in codes:
        if code.isdecimal() and len(code) < usual and not code.startswith("0"):
            details: dict[str, str | float] = {"unit": str(row["name"]), "code": str(row["code"]), "n": str(len(code)), "expected": str(usual)}
            yield _issue("roster-code-zeros", sheet, f"{letters(named['code'])}{row['sheet_row']}", str(row["code"]), details)


def _row(
    sheet: Sheet, number: int, values: tuple[object, ...], named: Mapping[str, int], factors: Mapping[str, float], issues: list[Issue]
) -> dict[str, object] | None:
    row: dict[str, object] = {"sheet_row": number}
    for column in ROSTER.columns:
        i = named.get(column.name)
        value = values[i] if i is not None and i < len(values) else None
        cell = f"{letters(i)}{number}" if i is not None else None
        if isinstance(value, CellError):
            issues.append(_issue("cell-error-unscored", sheet, cell, value.text, {"v": value.text, "column": column.title}))
            value = None
        if column.kind is Kind.MONEY:
            row[column.name] = money_of(value, factors.get(column.name, 1.0))
            if text_of(value) and row[column.name] != row[column.name]:
                issues.append(_issue("budget-not-a-number", sheet, cell, text_of(value), {"v": text_of(value), "column": column.title}))
        elif column.name in ("code", "project_code"):
            row[column.name] = code_typed(value.text if isinstance(value, PaddedNumber) else value)
        else:
            row[column.name] = " ".join(text_of(value).split())
    filled = any(row[c.name] == row[c.name] and row[c.name] != "" for c in ROSTER.columns)
    if not filled or name_key(str(row["name"])) in _TOTAL_WORDS:
        return None
    cell = f"{letters(named['name'])}{number}"
    alone = sum(bool(text_of(value)) for value in values) == 1 and _FOOTER.fullmatch(folded(str(row["name"])).rstrip("。."))
    if alone or any(isinstance(value, str) and name_key(value) in _TOTAL_WORDS for value in values):
        if row["name"]:
            issues.append(_issue("roster-total-row", sheet, cell, str(row["name"]), {"unit": str(row["name"]), "row": str(number)}))
        return None
    if not row["name"]:
        issues.append(_issue("unit-name-missing", sheet, cell, None, {"column": "单位名称"}))
        return None
    code = values[named["code"]] if "code" in named and named["code"] < len(values) else None
    if text_of(code) and not row["code"]:
        issues.append(_issue("roster-code-number", sheet, f"{letters(named['code'])}{number}", text_of(code), {"unit": str(row["name"])}))
    _due(sheet, row, named, issues)
    return row


WHOLE, PROJECT = "部门整体", "项目"


def _due(sheet: Sheet, row: dict[str, object], named: Mapping[str, int], issues: list[Issue]) -> None:
    """应报事项 in its three words; blank is the whole, with a project beside it the project, which is said."""
    typed, about = str(row["due"]), bool(row["project"] or row["project_code"])
    known = evaluation_of(typed)
    if not known:
        known = PROJECT if about else WHOLE
        if typed or about:
            column = "due" if "due" in named else "name"
            details: dict[str, str | float] = {"unit": str(row["name"]), "value": typed or "（空）", "expected": known}
            issues.append(_issue("roster-due-unknown", sheet, f"{letters(named[column])}{row['sheet_row']}", typed or None, details))
    row["due"] = known
    if known == PROJECT and not about:
        cell = f"{letters(named['due'])}{row['sheet_row']}"
        issues.append(_issue("roster-project-unnamed", sheet, cell, typed, {"unit": str(row["name"]), "row": str(row["sheet_row"])}))


_FOOTER = re.compile(
    r"[共计合总小]{1,2}[\d一二三四五六七八九十百]+[个家户所]?(单位)?"
    r"|(注|备注|附注|说明|填表说明|制表|填表|填报|审核|复核|负责|经办|联系|电话|日期|截至|截止)(人|单位|部门|电话|方式|日期|时间)?:.*",
    re.DOTALL,
)
"""What stands below a table in the column of the units, where nothing else stands in its row."""
_TOTAL_WORDS = frozenset({"合计", "总计", "小计", "共计", "总合计", "单位名称"})
WRONG_CODES = ("roster-code-zeros", "roster-code-number")
"""Defects of a roster that would be printed into every intake."""


def _issue(code: str, sheet: Sheet, cell: str | None, value: str | None, details: Mapping[str, str | float]) -> Issue:
    return Issue.at(-1, code, sheet.title, cell, value, details)


def _frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    money = {c.name for c in ROSTER.columns if c.kind is Kind.MONEY}
    columns = {
        name: pd.Series([row[name] for row in rows], dtype="int64" if name in ("sheet_row", "unit") else "float64" if name in money else "object")
        for name in MEMBER_COLUMNS
    }
    return pd.DataFrame(columns)


# whose budget differs


DIFFERENCE_COLUMNS = ("submission", "name", "code", "authority", "item", "roster", "reported", "difference", "factor")


def budget_differences(roster: pd.DataFrame, units: pd.DataFrame, schemes: Mapping[str, Scheme]) -> pd.DataFrame:
    """Submissions whose 全年预算数 or 全年执行数 is not what the roster says of their item: one row per figure, amounts in 万元.

    `difference` is reported − roster. `factor` is the power of ten that explains it (10 000 where 元 stand in a 万元
    column, 0.0001 the other way round), NaN where none does. `due_row` of a submission is the row of its item, −1 for none.
    """
    at = units["due_row"].to_numpy(dtype="int64")
    rows = units[at >= 0]
    tolerances = {key: scheme.checks.roster_tolerance for key, scheme in schemes.items()}
    parts = []
    for name in ("full_year", "executed"):
        official = pd.Series(roster[name].to_numpy()[at[at >= 0]], index=rows.index, dtype="float64")
        part = rows[["submission", "name", "code", "authority"]].assign(
            item=ROSTER.title(name),
            roster=official,
            reported=rows[name].astype("float64"),
            difference=np.round(rows[name].astype("float64") - official, 9),
            allowed=rows["scheme"].map(tolerances).astype("float64"),
        )
        part["factor"] = suspected_factor(part["reported"], part["roster"])
        parts.append(part[part["difference"].abs() > part["allowed"]])
    table = pd.concat(parts).sort_values(["submission", "item"], kind="stable", ascending=[True, False])
    return table[list(DIFFERENCE_COLUMNS)].reset_index(drop=True)


FACTORS = (1e4, 1e3, 1e2, 1e-2, 1e-3, 1e-4)
FACTOR_WITHIN = 0.02
"""A factor explains a difference when the rest is at most this share: two amounts of one unit, differently rounded."""


def suspected_factor(values: pd.Series, expected: pd.Series) -> pd.Series:
    """The power of ten by which values exceed what is expected, NaN where none fits within 2 %.

    >>> suspected_factor(pd.Series([6417600.0, 64.17, 700.0]), pd.Series([641.76, 641.76, 641.76])).tolist()
    [10000.0, nan, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (values / expected).where((values > 0) & (expected > 0))
    result = pd.Series(np.nan, index=values.index, dtype="float64")
    for factor in FACTORS:
        result = result.mask(snap((ratio / factor - 1).abs()) <= FACTOR_WITHIN, factor)
    return result
