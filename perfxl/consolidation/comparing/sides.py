"""One side of a comparison: the submissions of one run, as the ledger has them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfxl.consolidation.items import Matter
from perfxl.consolidation.names import name_key, several
from perfxl.consolidation.submissions import code_key
from perfxl.model import FileFate, PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from perfxl.consolidation.ledger import Ledger

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Score:
    """What a run gave a submission; `final` is with the reviews, where the ledger has them, else what was computed."""

    total: float = NAN
    low: float = NAN
    high: float = NAN
    grade: str = ""
    provisional: bool = True
    final: float = NAN
    final_grade: str = ""
    rank: float = NAN
    counted: bool = False
    full_year: float = NAN
    executed: float = NAN
    execution_weight: float = NAN
    execution: float = NAN
    levels: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """全年执行数 ÷ 全年预算数."""
        return self.executed / self.full_year if self.full_year > 0 else NAN


@dataclass(frozen=True, slots=True)
class Entered:
    """A submission of a side: whose it is, for what, and its score."""

    unit: str
    name: str
    typed_name: str
    code: str
    matter: Matter
    project_key: str
    project: str
    sha256: str
    part: str
    scheme: str
    fate: str
    source: str
    score: Score

    @property
    def key(self) -> tuple[str, str, str]:
        """Under which its indicators are kept."""
        return self.sha256, self.part, self.scheme


@dataclass(slots=True)
class Side:
    """A run of one year. `sent` are its accepted submissions of that year, `others` what it did not accept, by unit."""

    run: str
    year: int
    output: str
    day: str
    sent: list[Entered] = field(default_factory=list)
    others: dict[str, list[Entered]] = field(default_factory=dict)
    members: dict[str, Mapping[str, str]] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    """Other outputs for which the year was run too."""
    foreign: int = 0
    """Accepted submissions of other years."""
    twice: int = 0
    """Submissions of an item that had one already."""
    lost: int = 0
    """Accepted submissions of which the ledger's rows are spoilt."""
    missing: str = ""


def side_of_year(ledger: Ledger, rounds: Iterable[Mapping[str, Any]], year: int) -> Side:
    """The last run of a year.

    Raises:
        PerfxlError: the year never ran.
    """
    known = list(rounds)
    own = [row for row in known if row["year"] == year]
    if not own:
        years = "、".join(str(y) for y in sorted({row["year"] for row in known if row["year"]}))
        raise PerfxlError(
            f"台账里没有{year}年度的汇总。{f'有的年度：{years}。' if years else '台账里还没有汇总过。'}"
            "请先用 perfxl consolidate 把这一年汇总进这个台账（--ledger）。",
            en=f"The ledger holds no run of {year}. {f'It has: {years}.' if years else 'It holds no run at all.'} "
            "Run perfxl consolidate for that year into this ledger (--ledger) first.",
        )
    return side(ledger, own[-1], own[:-1])


def side(ledger: Ledger, about: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]] = ()) -> Side:
    """The submissions of a run that are of its year; `earlier` are other runs of the year."""
    found = Side(about["run"], about["year"], _file(about["output"]), about["day"], missing=about["missing"])
    others = {row["output"]: row for row in earlier if row["output"] not in ("", about["output"])}
    found.elsewhere = [f"{_file(row['output'])}（{row['day']}，{row['accepted']}份）" for _, row in sorted(others.items())]
    found.members = {row["unit"]: row for row in ledger.members(about["run"])}
    seen: set[tuple[str, Matter, str]] = set()
    for row in ledger.results(about["run"]):
        year = _year_of(row)
        if year not in (str(about["year"]), ""):
            found.foreign += row["fate"] == FileFate.ACCEPTED and year is not None
            continue
        sent = _sent(row, found.members)
        if sent.fate != FileFate.ACCEPTED:
            found.others.setdefault(sent.unit, []).append(sent)
            continue
        item = (sent.unit, sent.matter, sent.project_key)
        found.twice += item in seen
        if item not in seen:
            found.sent.append(sent)
        seen.add(item)
    found.lost = about["accepted"] - len(found.sent) - found.twice - found.foreign
    return found


def _file(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _year_of(row: Mapping[str, Any]) -> str | None:
    """The year of a row of the ledger's results, "" for one that names none; None where it is of no item that is understood."""
    parts = str(row["unit_key"]).split("|", 3)
    return parts[1] if len(parts) == 4 and parts[2] in _MATTERS else None  # unit, year, matter, project


def _sent(row: Mapping[str, Any], members: Mapping[str, Mapping[str, str]]) -> Entered:
    """A row of the ledger's results whose item is understood."""
    parts = str(row["unit_key"]).split("|", 3)
    member = members.get(row["unit"], {})
    return Entered(
        unit=row["unit"],
        name=member.get("name") or row["unit_name"] or row["typed_name"] or row["typed_code"] or f"（没有单位名称：{row['source']}）",
        typed_name=row["typed_name"],
        code=member.get("code") or row["typed_code"],
        matter=Matter(parts[2]),
        project_key=parts[3],
        project=row["project"],
        sha256=row["sha256"],
        part=row["part"],
        scheme=row["scheme"],
        fate=row["fate"],
        source=row["source"],
        score=_score(row),
    )


_MATTERS = frozenset(str(matter) for matter in Matter)


def _score(row: Mapping[str, Any]) -> Score:
    provisional = bool(row["provisional"])
    total = _real(row["total"])
    final, final_grade, open_still = total, row["grade"], provisional
    if row.get("final_total") is not None:
        final, final_grade = _real(row["final_total"]), row.get("final_grade")
        open_still = bool(provisional if row.get("final_provisional") is None else row["final_provisional"])
    return Score(
        total=NAN if provisional else total,
        low=_real(row["low"]),
        high=_real(row["high"]),
        grade=row["grade"] or "",
        provisional=provisional,
        final=NAN if open_still else final,
        final_grade="" if open_still else final_grade or "",
        rank=_real(row["rank"]),
        counted=bool(row["counted"]),
        full_year=_real(row["full_year"]),
        executed=_real(row["executed"]),
        execution_weight=_real(row["execution_weight"]),
        execution=_real(row["execution_score"]),
        levels={str(name): (_real(pair[0]), _real(pair[1])) for name, pair in row["levels"].items() if isinstance(pair, list) and len(pair) == 2},
    )


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return NAN
    return float(value)


@dataclass(slots=True)
class UnitSeen:
    """A unit of a side, with all its names; `merged` are the names (or codes) its roster gives under 并入."""

    key: str
    name: str
    code: str
    names: set[str] = field(default_factory=set)
    former: set[str] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)


class Rosters:
    """The names of the rosters of several years: what was called otherwise, or merged, in a year between counts as well."""

    def __init__(self, members: Iterable[Mapping[str, str]]) -> None:
        self._said: dict[str, dict[str, list[str]]] = {"former": {}, "merged": {}}
        for row in members:
            for column, said in self._said.items():
                for key in {code_key(row["code"]), name_key(row["name"])} - {""} if row[column] else ():
                    said.setdefault(key, []).extend(several(row[column]))

    def chained(self, column: str, texts: Iterable[str]) -> list[str]:
        """Names (or codes) that a roster gives a unit under 曾用名 or 并入, with what the rosters give these in turn."""
        found = dict.fromkeys(texts)
        waiting = list(found)
        while waiting:
            text = waiting.pop()
            further = [t for key in (code_key(text), name_key(text)) for t in self._said[column].get(key, ()) if t not in found]
            found |= dict.fromkeys(further)
            waiting += further
        return list(found)


def rosters_of(ledger: Ledger, rounds: Iterable[Mapping[str, Any]], years: tuple[int, int]) -> Rosters:
    """The rosters of the last runs from one year to another."""
    last = {row["year"]: row["run"] for row in rounds if years[0] <= row["year"] <= years[1]}
    return Rosters(member for run in last.values() for member in ledger.members(run))


def known_of(found: Side) -> dict[str, UnitSeen]:
    """Every unit that a year knew, by its roster or by what it sent, accepted or not."""
    known = {}
    for key, row in found.members.items():
        known[key] = UnitSeen(key, row["name"], row["code"], {name_key(row["name"])}, set(map(name_key, several(row["former"]))))
    for sent in (*found.sent, *(sent for listed in found.others.values() for sent in listed)):
        known.setdefault(sent.unit, UnitSeen(sent.unit, sent.name, sent.code, {name_key(sent.name)}))
    return known


def units_of(found: Side, rosters: Rosters) -> dict[str, UnitSeen]:
    """The units of a side that have an accepted submission."""
    units: dict[str, UnitSeen] = {}
    for sent in found.sent:
        unit = units.setdefault(sent.unit, UnitSeen(sent.unit, sent.name, sent.code))
        unit.code = unit.code or sent.code
        if not sent.unit.startswith("?"):  # that of a unit without code and name
            unit.names.add(name_key(sent.name))
        if sent.typed_name:  # one that its roster took under another name: by its code, or because the office decided so
            (unit.former if sent.unit in found.members else unit.names).add(name_key(sent.typed_name))
    for key, unit in units.items():
        member = found.members.get(key)
        if member is not None:
            former = rosters.chained("former", several(member["former"]))
            unit.former |= {name_key(name) for name in (*former, *several(member["short"]))}
            unit.merged = rosters.chained("merged", several(member["merged"]))
        unit.former -= unit.names
    return units
