"""报送情况: for every item that is due or came in, who did send, from which file, how late, and who is to be reminded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from perfxl.consolidation.items import UNDECIDED, UNNAMED, Matter
from perfxl.consolidation.names import name_key
from perfxl.consolidation.roster import PROJECT, project_of
from perfxl.consolidation.shelf import once_each
from perfxl.consolidation.submissions import code_key
from perfxl.consolidation.units import bare_code
from perfxl.rules.frames import each_record, records
from perfxl.rules.typed import NAN
from perfxl.values.dates import read_period

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class State:
    """What became of an item that is due."""

    SUBMITTED = "已报"
    TO_CORRECT = "已报(待改)"
    TO_CONFIRM = "待确认"
    UNDECIDED = "重复待定"
    UNREADABLE = "读不出"
    MISSING = "未报"


STATES = (State.TO_CONFIRM, State.MISSING, State.UNREADABLE, State.UNDECIDED, State.TO_CORRECT, State.SUBMITTED)
"""In the order of the sheet: first what the office itself must look at, then who is to be reminded."""
REPORTED = (State.SUBMITTED, State.TO_CORRECT)
NOT_USED = "裁定不采用"

SENT = {
    "number": 0,
    "submission": -1,
    "listed": -1,
    "due_row": -1,
    "unit": "",
    "item": "",
    "in_year": True,
    "matter": "",
    "evaluation": "",
    "project": "",
    "project_code": "",
    "name": "",
    "code": "",
    "authority": "",
    "fate": "",
    "why": "",
    "filled_on": "",
    "count": 1,
    "part": "",
    "shown": "",
    "sha256": "",
    "typed_year": 0,
    "typed_code": "",
    "typed_name": "",
    "source": "",
}
"""Every submission that was read, whatever became of it; the columns of `Consolidation.sent` with what a blank is.

`name` and `code` are the roster's where it has the unit; `shown` is the path that counts among identical copies, `source` its own.
"""
SUSPECTS = {"listed": -1, "shown": "", "why": "", "matter": "", "project": ""}

STATUS_COLUMNS = {
    **dict.fromkeys(("name", "code", "authority", "region", "due", "project", "state"), ""),
    "expected": True,
    "listed": -1,
    "unit": "",
    "in_year": True,
    "other": False,
    "submission": -1,
    "late_days": NAN,
    "undated": False,
    "first_day": "",
    "file": "",
    "filled_on": "",
    "submission_count": NAN,
    "errors": 0,
    "warnings": 0,
    **dict.fromkeys(("suspects", "contact", "phone", "note"), ""),
}
"""The columns of `Consolidation.status` with what a blank is."""


def framed(columns: Mapping[str, object], rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a frame with these columns, kinds as their blanks have them, also where there are none."""
    found: dict[str, list[object]] = {name: [] for name in columns}
    for row in rows:
        for name, values in found.items():
            values.append(row[name])
    kinds = {bool: "bool", int: "int64", float: "float64", str: "object"}
    return pd.DataFrame({name: pd.Series(once_each(found.pop(name)), dtype=kinds[type(blank)]) for name, blank in columns.items()})


class DueRows:
    """The rows of a roster by unit and item."""

    def __init__(self, roster: pd.DataFrame) -> None:
        self._rows: dict[tuple[int, bool, str, str], int] = {}
        names = ("unit", "due", "project", "project_code")
        for at, (unit, due, project, code) in enumerate(zip(*(roster[name].tolist() for name in names), strict=True)):
            whole = due != PROJECT
            for key in (("", "") if whole else project_of(code, project), ("", "") if whole else ("", name_key(project))):
                self._rows.setdefault((unit, whole, *key), at)
        self._named = {key for key in self._rows if key[3]}
        self._coded = {at: code_key(code) for at, code in enumerate(roster["project_code"].tolist())}

    def of(self, listed: int, matter: str, project: str, code: str) -> int:
        """The row of a submission's item, −1 where it is not due. A project is found by its code, else by its name."""
        if listed < 0 or matter == Matter.UNKNOWN:
            return -1
        if matter == Matter.WHOLE:
            return self._rows.get((listed, True, "", ""), -1)
        own = code_key(code)
        at = self._rows.get((listed, False, own, ""), -1) if own else -1
        if at < 0 and project:
            at = self._rows.get((listed, False, "", name_key(project)), -1)
            typed = "" if own == code_key(name_key(project)) else own  # where no code is typed, the name stands for it
            if at >= 0 and typed and self._coded[at] and bare_code(typed) != bare_code(self._coded[at]):
                return -1
        return at


def status_frame(
    roster: pd.DataFrame, sent: pd.DataFrame, units: pd.DataFrame, suspects: pd.DataFrame, unreadable: pd.DataFrame, deadline: str = ""
) -> pd.DataFrame:
    """One row per item of the roster and per further item that came in; the order is that of the sheet.

    `expected`: the item is due (everything is where there is no roster). `listed` is the unit's number on the roster, `unit`
    its key where it is not on it. `file` is the one that counts (`submission`), else those nobody can read or tell apart.
    `other`: its unit sent something else that can be used. `late_days` is NaN without a deadline or a day; `undated`: there
    is a deadline, and no submission has a day.
    """
    last = deadline_day(deadline)
    rows = [_DueItem.listed_on(row) for row in records(roster)]
    others: dict[str, _DueItem] = {}
    counted = {int(row["submission"]): row for row in records(units[list(_COUNTED)])}
    for row in each_record(sent):
        if row["fate"] == "ignored" and row["why"] != "ignored-by-decision":
            continue
        if row["due_row"] >= 0 and row["in_year"]:
            rows[row["due_row"]].take(row, counted.get(row["submission"]))
        elif row["listed"] < 0 and row["why"] == "identity-conflict" and len(roster):
            continue
        elif row["in_year"] or row["listed"] < 0:
            others.setdefault(row["item"], _DueItem.seen(row, expected=not len(roster))).take(row, counted.get(row["submission"]))
    if len(roster):
        others = _used(rows, others)
    _spread(rows, others, suspects, unreadable)
    table = framed(STATUS_COLUMNS, (row.shown(last, with_roster=bool(len(roster))) for row in (*rows, *others.values())))
    order = pd.DataFrame(
        {
            "confirm": table["state"] != State.TO_CONFIRM,
            "without": table["authority"] == "",
            "authority": table["authority"],
            "other": ~table["expected"],
            "state": table["state"].map(STATES.index),
            "code": table["code"],
            "name": table["name"],
            "project": table["project"],
        }
    )
    return table.loc[order.sort_values([str(name) for name in order], kind="stable").index].reset_index(drop=True)


def _used(rows: Sequence[_DueItem], others: Mapping[str, _DueItem]) -> dict[str, _DueItem]:
    """What nobody expected, without that of which nothing is used; the item of the unit that it names is told."""
    named: dict[str, list[_DueItem]] = {}
    for row in rows:
        named.setdefault(name_key(row.name), []).append(row)
    for item in others.values():
        if not item.came_as:
            for row in named.get(name_key(item.name), ()):
                row.dropped += item.dropped if row.may_be(item.kind, item.project) else ()
    return {key: item for key, item in others.items() if item.came_as}


_COUNTED = ("submission", "source", "errors", "warnings", "region", "filled_by", "phone", "authority")


def _spread(rows: list[_DueItem], others: Mapping[str, _DueItem], suspects: pd.DataFrame, unreadable: pd.DataFrame) -> None:
    """Tell every row of a unit what else there is of it: files that may be its own, files nobody could read, other items."""
    by_unit: dict[int, list[_DueItem]] = {}
    for row in rows:
        by_unit.setdefault(row.listed, []).append(row)
    usable = {unit for unit, own in by_unit.items() if any(row.usable for row in own)}
    usable |= {row.listed for row in others.values() if row.listed >= 0 and row.usable}
    for unit, shown, matter, project in zip(*(suspects[name].tolist() for name in ("listed", "shown", "matter", "project")), strict=True):
        for row in by_unit.get(unit, ()):
            if unit not in usable or row.may_be(matter, project):
                row.suspects.append(shown)
    for item in others.values():
        for row in by_unit.get(item.listed, ()) if item.in_year else ():
            if not row.usable and (item.kind == Matter.UNKNOWN or (item.kind == Matter.PROJECT and row.unnamed)):
                row.suspects.extend(item.came_as)
    for unit, shown in zip(unreadable["listed"].tolist(), unreadable["shown"].tolist(), strict=True):
        for row in by_unit.get(unit, ()):
            row.unreadable.append(shown)
    for unit, own in by_unit.items():
        for row in own:
            row.other = unit in usable and not row.usable


@dataclass(slots=True)
class _DueItem:
    """An item and everything that came in for it."""

    name: str
    code: str
    authority: str
    region: str
    due: str
    project: str
    project_code: str
    contact: str
    phone: str
    expected: bool
    listed: int = -1
    unit: str = ""
    in_year: bool = True
    other: bool = False
    taken: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    in_conflict: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    suspects: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    kind: str = ""
    """Of an item that nobody expected: what it is on (`Matter`)."""
    came_as: list[str] = field(default_factory=list)

    @classmethod
    def listed_on(cls, row: Mapping[str, Any]) -> _DueItem:
        """A row of the roster."""
        names = ("name", "code", "authority", "region", "due", "project", "project_code", "contact", "phone")
        name, code, authority, region, due, project, project_code, contact, phone = (str(row[column]) for column in names)
        return cls(name, code, authority, region, due, project, project_code, contact, phone, expected=True, listed=int(row["unit"]))

    @classmethod
    def seen(cls, row: Mapping[str, Any], *, expected: bool) -> _DueItem:
        """An item that nobody expected."""
        due = PROJECT if row["matter"] == Matter.PROJECT else str(row["evaluation"] or "部门整体")
        untyped = row["matter"] == Matter.PROJECT and not row["evaluation"]  # it may as well be the whole
        kind = Matter.UNKNOWN if untyped else row["matter"]
        texts = (str(row["name"]), str(row["code"]), str(row["authority"]), "", due, str(row["project"]), str(row["project_code"]))
        return cls(*texts, "", "", expected=expected, listed=int(row["listed"]), unit=str(row["unit"]), in_year=bool(row["in_year"]), kind=kind)

    @property
    def usable(self) -> bool:
        """Something came in that counts, or may."""
        return bool(self.taken or self.undecided)

    @property
    def unnamed(self) -> bool:
        """A project of which the roster says neither name nor code."""
        return self.due == PROJECT and not self.project and not self.project_code

    def may_be(self, matter: str, project: str) -> bool:
        """Whether a file on this matter may be this item."""
        if not matter:
            return True
        if (self.due == PROJECT) != (matter == Matter.PROJECT) and matter != Matter.UNKNOWN:
            return False
        return self.due != PROJECT or project in ("", UNNAMED, code_key(self.project_code), name_key(self.project))

    def take(self, row: Mapping[str, Any], counted: Mapping[str, Any] | None) -> None:
        """A submission for this item; where the roster names nobody to call, the person who filled it in is named."""
        if row["why"] == "ignored-by-decision":
            self.dropped.append(str(row["shown"]))
            return
        self.came_as.append(str(row["shown"]))
        self.days += [str(row["filled_on"])] if row["filled_on"] else []
        if counted is not None:
            self.taken.append(({name: row[name] for name in ("submission", "filled_on", "count")}, counted))
            self.contact = self.contact or str(counted["filled_by"] or "")
            self.phone = self.phone or str(counted["phone"] or "")
            self.region = self.region or str(counted["region"] or "")
            self.authority = self.authority or str(counted["authority"] or "")
        elif row["why"] == "identity-conflict":
            self.in_conflict.append(str(row["shown"]))
        elif row["why"] in UNDECIDED:
            self.undecided.append(str(row["shown"]))

    def state(self, *, with_roster: bool) -> str:
        """The best that came in; without a roster nobody is 未报 or 待确认."""
        if self.taken:
            return State.TO_CORRECT if any(c["errors"] for _, c in self.taken) else State.SUBMITTED
        if with_roster and (self.in_conflict or (self.suspects and not self.undecided)):
            return State.TO_CONFIRM
        if self.undecided or self.in_conflict:
            return State.UNDECIDED
        return State.UNREADABLE if self.unreadable else State.MISSING

    def shown(self, last: date | None, *, with_roster: bool) -> dict[str, object]:
        """The row of 报送情况."""
        row, counted = self.taken[0] if self.taken else ({}, {})
        state = self.state(with_roster=with_roster)
        first = min(self.days, default="")
        late = NAN if last is None or not first else float(max(0, (date.fromisoformat(first) - last).days))
        standing = {State.UNREADABLE: self.unreadable, State.UNDECIDED: self.undecided or self.in_conflict}.get(state, [])
        doubts = [*self.in_conflict, *self.suspects, *self.undecided, *self.unreadable]
        return {
            "name": self.name,
            "code": self.code,
            "authority": self.authority,
            "region": self.region,
            "due": self.due,
            "project": self.project or self.project_code,
            "state": state,
            "expected": self.expected,
            "listed": self.listed,
            "unit": self.unit,
            "in_year": self.in_year,
            "other": self.other,
            "submission": int(row.get("submission", -1)),
            "late_days": late,
            "undated": last is not None and bool(self.came_as) and not first,
            "first_day": first,
            "file": str(counted.get("source") or "；".join(standing)),
            "filled_on": str(row.get("filled_on") or ""),
            "submission_count": float(row["count"] or NAN) if row else NAN,
            "errors": sum(int(c["errors"]) for _, c in self.taken),
            "warnings": sum(int(c["warnings"]) for _, c in self.taken),
            "suspects": "；".join(dict.fromkeys(doubts)),
            "contact": self.contact,
            "phone": self.phone,
            "note": NOT_USED if state == State.MISSING and self.dropped else "",
        }


def deadline_day(deadline: str) -> date | None:
    """The day of `--deadline`; None for words that are no day."""
    period = read_period(deadline.strip(), None) if deadline.strip() else None
    return period.end if period and period.end and period.start == period.end else None
