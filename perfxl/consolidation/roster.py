"""应报单位名单: who was to send in what, who did, and whose budget differs from the office's own figures.

The roster is a workbook of the office: one row per unit, found by header text on any sheet. It is as untrusted as any
other workbook and goes through the guard.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from perfxl.intake.guard import Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.heading import HEADER_WINDOW
from perfxl.intake.readers import CellError, Sheet
from perfxl.intake.readers.openpyxl_reader import read_sheets
from perfxl.intake.submission import folded, text_of
from perfxl.intake.tables import MAX_COLUMN
from perfxl.model import Column, Issue, Kind, PerfxlError, Table
from perfxl.model.addresses import letters
from perfxl.model.rounding import snap
from perfxl.rules.frames import NAN, money_of, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
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
    ),
)

ROSTER_MAX_ROW = 500_000

MEMBER_COLUMNS = ("sheet_row", *(c.name for c in ROSTER.columns))


@dataclass(slots=True)
class Roster:
    """The units of a roster, one row each, blanks "" or NaN, money in 万元; and what could not be taken, with its cell."""

    frame: pd.DataFrame
    issues: list[Issue] = field(default_factory=list)
    source: str = ""
    sha256: str = ""


def empty_roster() -> pd.DataFrame:
    """The frame of no roster at all."""
    return _frame([])


def read_roster(path: Path, limits: Limits | None = None) -> Roster:
    """Read a roster: the first sheet with a header that names 单位名称, columns in any order.

    Money headers may carry their unit, `全年预算数（元）`; without one amounts are 万元. A unit listed twice counts once.

    Raises:
        PerfxlError: the file is refused by the guard, or no sheet has a column 单位名称.
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
    for sheet in sheets:
        header = _header(sheet)
        if header is not None:
            return _read(sheet, *header, path.name, opened.sha256)
    raise PerfxlError(f"应报单位名单“{path.name}”里找不到“单位名称”一列。请在第一行写列名：{'、'.join(c.title for c in ROSTER.columns)}。")


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
            plain = _UNIT_OF_MONEY.sub("", text)
            name, rank = (exact[plain], 0) if plain in exact else (alias.get(plain), 1)
            if name is not None and (name not in found or rank < found[name][0]):
                found[name] = (rank, i)
                factors[name] = _FACTORS[unit]
        if "name" in found and (len(found) > 1 or found["name"][0] == 0):
            return at, {name: i for name, (_, i) in found.items()}, factors
    return None


def _read(sheet: Sheet, at: int, named: Mapping[str, int], factors: Mapping[str, float], source: str, sha256: str) -> Roster:
    roster = Roster(_frame([]), source=source, sha256=sha256)
    rows: list[dict[str, object]] = []
    seen: dict[str, int] = {}
    for number, values in sheet.rows[at + 1 :]:
        row = _row(sheet, number, values, named, factors, roster.issues)
        if row is None:
            continue
        keys = [k for k in (f"#{folded(str(row['code']))}" if row["code"] else "", folded(str(row["name"]))) if k]
        first = next((seen[k] for k in keys if k in seen), None)
        if first is not None and not _told_apart(row, rows[first]):
            roster.issues.append(
                _issue(
                    "roster-unit-twice",
                    sheet,
                    f"{letters(named['name'])}{number}",
                    str(row["name"]),
                    {"unit": str(row["name"]), "row": str(rows[first]["sheet_row"])},
                )
            )
            continue
        for key in keys:
            seen.setdefault(key, len(rows))
        rows.append(row)
    roster.frame = _frame(rows)
    return roster


def _told_apart(row: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Two units of one name are two units where both have a code and the codes differ."""
    return bool(row["code"] and other["code"] and folded(str(row["code"])) != folded(str(other["code"])))


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
        else:
            row[column.name] = " ".join(text_of(value).split())
    filled = any(row[c.name] == row[c.name] and row[c.name] != "" for c in ROSTER.columns)
    if not filled or folded(str(row["name"])) in _TOTAL_WORDS:
        return None
    if not row["name"]:
        issues.append(_issue("unit-name-missing", sheet, f"{letters(named['name'])}{number}", None, {"column": "单位名称"}))
        return None
    return row


_TOTAL_WORDS = frozenset({"合计", "总计", "小计", "单位名称"})


def _issue(code: str, sheet: Sheet, cell: str | None, value: str | None, details: Mapping[str, str | float]) -> Issue:
    return Issue.at(-1, code, sheet.title, cell, value, details)


def _frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    money = {c.name for c in ROSTER.columns if c.kind is Kind.MONEY}
    columns = {
        name: pd.Series([row[name] for row in rows], dtype="int64" if name == "sheet_row" else "float64" if name in money else "object")
        for name in MEMBER_COLUMNS
    }
    return pd.DataFrame(columns)


# who did send


class State:
    """What became of a unit that was to report."""

    SUBMITTED = "已报"
    UNDECIDED = "重复待定"
    UNREADABLE = "读不出"
    MISSING = "未报"


STATES = (State.MISSING, State.UNREADABLE, State.UNDECIDED, State.SUBMITTED)
"""From who is to be reminded to who is done with."""

STATUS_COLUMNS = (
    "name",
    "code",
    "authority",
    "region",
    "state",
    "expected",
    "submission",
    "submissions",
    "file",
    "filled_on",
    "submission_count",
    "errors",
    "warnings",
    "contact",
    "phone",
    "note",
)


def unit_names(name: str) -> str:
    """A unit's name as it is compared: NFKC, no blanks, half-width brackets.

    >>> unit_names("萍乡市 图书馆（总馆）") == unit_names("萍乡市图书馆(总馆)")
    True
    """
    return folded(name)


def unit_of_key(keys: pd.Series) -> pd.Series:
    """The unit a submission belongs to: the head of its key, 单位编码, else 名称 (as compared)."""
    return pd.Series([str(key).partition("|")[0] for key in keys], index=keys.index, dtype=object)


def roster_rows(roster: pd.DataFrame, codes: Iterable[str], names: Iterable[str]) -> list[int]:
    """For each unit its row of the roster, by code, else by name; −1 where it is not on it.

    A code that the roster does not know falls back to the name: clerks mistype codes more often than names. A name that
    stands on the roster twice matches only by code.
    """
    by_code = {folded(c): i for i, c in enumerate(roster["code"]) if c}
    counts = Counter(unit_names(n) for n in roster["name"])
    by_name = {unit_names(n): i for i, n in enumerate(roster["name"]) if counts[unit_names(n)] == 1}
    return [
        by_code.get(folded(code), -1) if code and folded(code) in by_code else by_name.get(unit_names(name), -1)
        for code, name in zip(codes, names, strict=True)
    ]


def status_frame(roster: pd.DataFrame, units: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """报送情况: one row per unit of the roster or seen, by 主管部门, those still to be reminded first, then code and name.

    `state` is 已报 (a submission counts), 重复待定 (only submissions that cannot be told apart), 读不出 (only a file that
    was refused and whose name holds the unit's name or code), 未报. `expected` says whether the unit is on the roster
    (every unit is when there is none). `submission` is the first of the unit's submissions, −1 without one.
    """
    members = _Members(roster)
    for row, at in zip(records(units[list(_SENT)]), roster_rows(roster, units["code"], units["name"]), strict=True):
        members.of(at, row["code"], row["name"], row).take(row)
    undecided = files["undecided"].astype(bool)
    # A name at the head of a key is no code of the roster, and falls back to the name.
    codes = list(unit_of_key(files.loc[undecided, "unit_key"]))
    rows = roster_rows(roster, codes, files.loc[undecided, "unit_name"])
    for row, code, at in zip(records(files.loc[undecided, ["unit_name", "shown"]]), codes, rows, strict=True):
        members.of(at, code, row["unit_name"], row).undecided.append(str(row["shown"]))
    rejected = files.loc[(files["fate"] == "rejected") & ~undecided, "shown"]
    for shown, at in zip(rejected, matched_by_name(roster, rejected), strict=True):
        if at >= 0:
            members.listed[at].unreadable.append(str(shown))
    table = pd.DataFrame([member.row() for member in members.all()], columns=list(STATUS_COLUMNS), dtype=object)
    table["without"] = (table["authority"] == "").astype("int64")
    table["other"] = (~table["expected"].astype(bool)).astype("int64")
    table["done"] = table["state"].map(STATES.index)
    order = ["without", "authority", "other", "done", "code", "name"]
    table = table.sort_values(order, kind="stable").drop(columns=["without", "other", "done"])
    kinds = dict.fromkeys(("submission", "submissions", "errors", "warnings"), "int64")
    return table.reset_index(drop=True).astype({**kinds, "expected": "bool", "submission_count": "float64"})


_SENT = ("submission", "name", "code", "authority", "region", "source", "filled_on", "submission_count", "errors", "warnings", "filled_by", "phone")
"""What 报送情况 says of a submission."""


@dataclass(slots=True)
class _Member:
    """A unit and everything that came in under its name."""

    name: str
    code: str
    authority: str
    region: str
    contact: str
    phone: str
    expected: bool
    taken: list[Mapping[str, Any]] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def take(self, row: Mapping[str, Any]) -> None:
        """Count a submission; where the roster names nobody to call, the person who filled it in is named."""
        self.taken.append(row)
        self.contact = self.contact or str(row.get("filled_by") or "")
        self.phone = self.phone or str(row.get("phone") or "")
        self.authority = self.authority or str(row.get("authority") or "")
        self.region = self.region or str(row.get("region") or "")

    def state(self) -> str:
        """The best that came in."""
        if self.taken:
            return State.SUBMITTED
        return State.UNDECIDED if self.undecided else State.UNREADABLE if self.unreadable else State.MISSING

    def row(self) -> dict[str, object]:
        """The row of 报送情况."""
        first = self.taken[0] if self.taken else {}
        file = first.get("source") or "；".join(self.undecided or self.unreadable)
        return {
            "name": self.name,
            "code": self.code,
            "authority": self.authority,
            "region": self.region,
            "state": self.state(),
            "expected": self.expected,
            "submission": int(first.get("submission", -1)),
            "submissions": len(self.taken),
            "file": str(file),
            "filled_on": str(first.get("filled_on") or ""),
            "submission_count": first.get("submission_count", NAN),
            "errors": sum(int(row["errors"]) for row in self.taken),
            "warnings": sum(int(row["warnings"]) for row in self.taken),
            "contact": self.contact,
            "phone": self.phone,
            "note": self._note(),
        }

    def _note(self) -> str:
        said = []
        if not self.expected:
            said.append("不在应报单位名单")
        if len(self.taken) > 1:
            said.append(f"共{len(self.taken)}份")
        if self.taken and self.undecided:
            said.append(f"另有重复待定：{'；'.join(self.undecided)}")
        if self.unreadable and (self.taken or self.undecided):
            said.append(f"另有读不出：{'；'.join(self.unreadable)}")
        return "；".join(said)


class _Members:
    """The units of the roster in its order, and the others in the order in which they turn up."""

    def __init__(self, roster: pd.DataFrame) -> None:
        self.listed = [_Member(r["name"], r["code"], r["authority"], r["region"], r["contact"], r["phone"], expected=True) for r in records(roster)]
        self.others: dict[str, _Member] = {}
        self.without_roster = len(roster) == 0

    def of(self, at: int, code: str, name: str, row: Mapping[str, Any]) -> _Member:
        """The unit of a submission: its row of the roster, else one of its own by code, else by name."""
        if at >= 0:
            return self.listed[at]
        key = folded(code) or unit_names(name)
        if key not in self.others:
            shown = "" if code == unit_names(name) else code
            self.others[key] = _Member(
                name, shown, str(row.get("authority") or ""), str(row.get("region") or ""), "", "", expected=self.without_roster
            )
        return self.others[key]

    def all(self) -> list[_Member]:
        """Every unit."""
        return [*self.listed, *self.others.values()]


def matched_by_name(roster: pd.DataFrame, shown: Iterable[str]) -> list[int]:
    """For each path the roster row whose name (the longest) or code it holds; −1 for none or for two names of one length.

    A file nobody could open is known by its name alone; the unit that sent it must not be told that it sent nothing.
    Folders count, the file's own name first.
    """
    names: dict[str, int] = {}
    for i, (name, code) in enumerate(zip(roster["name"], roster["code"], strict=True)):
        for key in (unit_names(name), folded(code) if len(folded(code)) >= SHORTEST_CODE else ""):
            if key:
                names[key] = AMBIGUOUS if key in names else i
    longest = max(map(len, names), default=0)
    return [next((at for text in reversed(path.split("/")) if (at := _longest_inside(unit_names(text), names, longest)) >= 0), -1) for path in shown]


SHORTEST_CODE = 4
"""Shorter codes are found by chance in any name that carries a number."""
AMBIGUOUS = -2


def _longest_inside(text: str, names: Mapping[str, int], longest: int) -> int:
    for length in range(min(len(text), longest), 0, -1):
        found = {names[text[i : i + length]] for i in range(len(text) - length + 1) if text[i : i + length] in names}
        if found:
            return found.pop() if len(found) == 1 else AMBIGUOUS
    return -1


# whose budget differs


DIFFERENCE_COLUMNS = ("submission", "name", "code", "authority", "item", "roster", "reported", "difference", "factor")


def budget_differences(roster: pd.DataFrame, units: pd.DataFrame, schemes: Mapping[str, Scheme]) -> pd.DataFrame:
    """Units whose 全年预算数 or 全年执行数 is not what the roster says: one row per figure, amounts in 万元.

    `difference` is reported − roster. `factor` is the power of ten that explains it (10 000 where 元 stand in a 万元
    column, 0.0001 the other way round), NaN where none does. Only submissions on a whole department or unit are compared.
    """
    at = np.array(roster_rows(roster, units["code"], units["name"]), dtype="int64")
    whole = (units["evaluation"] != "项目").to_numpy() & (at >= 0)
    rows = units[whole]
    tolerances = {key: scheme.checks.roster_tolerance for key, scheme in schemes.items()}
    parts = []
    for name in ("full_year", "executed"):
        official = pd.Series(roster[name].to_numpy()[at[whole]], index=rows.index, dtype="float64")
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
