"""What each submission is for (unit, 预算年度, 自评类型, project), and which of several for one item counts (contract §5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from perfxl.consolidation.names import name_key
from perfxl.consolidation.records import FileFate
from perfxl.consolidation.submissions import Header, code_key
from perfxl.model.columns import EVALUATIONS
from perfxl.rules.typed import evaluation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from perfxl.consolidation.units import Whose


class Matter(StrEnum):
    """What is evaluated; a whole and its projects are never added up."""

    WHOLE = "整体"
    PROJECT = "项目"
    UNKNOWN = "未明"
    """自评类型 holds words of no list."""


def matter_of(evaluation: str, project: str) -> Matter:
    """自评类型 as compared; a blank one is the whole, with a project beside it the project."""
    if not evaluation:
        return Matter.PROJECT if project else Matter.WHOLE
    known = evaluation_of(evaluation)
    return Matter.UNKNOWN if not known else Matter.PROJECT if known == EVALUATIONS[-1] else Matter.WHOLE


@dataclass(frozen=True, slots=True)
class ItemKey:
    """What a submission is for. `project` is its code, else its name, as compared; "" for a whole."""

    unit: str
    year: int
    matter: Matter
    project: str = ""

    def __str__(self) -> str:
        return "|".join((self.unit, str(self.year or ""), self.matter, self.project))


UNNAMED = "?"


def items(headers: Mapping[int, Header], owners: Mapping[int, Whose], year: int) -> dict[int, ItemKey]:
    """The item of every submission. A blank 预算年度 is the run's; its own issue says that it is missing."""
    codes: dict[tuple[str, str], set[str]] = {}
    for number, header in headers.items():
        if header.project_code and header.project:
            codes.setdefault((owners[number].key, name_key(header.project)), set()).add(code_key(header.project_code))
    found = {}
    for number, header in headers.items():
        unit = owners[number].key
        matter = matter_of(header.evaluation, header.project or header.project_code)
        project = "" if matter is Matter.WHOLE else project_key(header, codes.get((unit, name_key(header.project)), set()))
        found[number] = ItemKey(unit, header.year or year, matter, project or (UNNAMED if matter is Matter.PROJECT else ""))
    return found


def project_key(header: Header, known: set[str]) -> str:
    """项目编码, else the only one that comes with the same name, else the name; a code is kept with its zeros where another has them."""
    code, name = code_key(header.project_code), name_key(header.project)
    if code:
        longer = [other for other in known if other.isdecimal() and code.isdecimal() and other.lstrip("0") == code.lstrip("0")]
        return max((code, *longer), key=len)
    bare = {other.lstrip("0") if other.isdecimal() else other for other in known}
    return max(known, key=lambda c: (len(c), c)) if len(bare) == 1 else name


def run_year(headers: Iterable[Header], wished: int = 0) -> int:
    """The year of a run: the one asked for, else the one most submissions name, at a tie the later; 0 where none names one."""
    counted = Counter(header.year for header in headers if header.year)
    return wished or max(counted, key=lambda year: (counted[year], year), default=0)


@dataclass(slots=True)
class Decision:
    """What became of one submission, or of one file. `winner` is the submission that counts in its place, -1 where none does."""

    fate: FileFate
    code: str = ""
    winner: int = -1
    key: str = ""
    details: Mapping[str, str | float] = field(default_factory=dict)

    @property
    def undecided(self) -> bool:
        """It may count, when the office says so."""
        return self.fate is FileFate.REJECTED and self.code in UNDECIDED


UNDECIDED = frozenset({"duplicate-submission", "identity-conflict", "project-unnamed"})


@dataclass(frozen=True, slots=True)
class Rival:
    """One of several submissions for one item, as far as it decides which counts."""

    number: int
    header: Header
    shown: str
    doubted: bool = False
    """Its file's name speaks of another unit of the roster: it does not take another's place by itself."""
    chosen: bool = False
    """The office said 采用."""


def of_one_item(key: ItemKey, rivals: Sequence[Rival]) -> Iterator[tuple[int, Decision]]:
    """The fate of each submission for one item, `rivals` in the order of their shown paths.

    The office's choice counts; else the strongest paper; of it equal content once, then the higher 报送次数, else the later
    填报日期; where neither decides none counts: `duplicate-submission`.
    """
    name = str(key)
    chosen = [rival for rival in rivals if rival.chosen]
    if len(chosen) == 1:
        yield from _won(name, chosen[0], rivals)
        return
    strongest = min(rival.header.paper for rival in rivals)
    contenders = [rival for rival in rivals if rival.header.paper == strongest]
    others: list[Rival] = []
    first: dict[str, Rival] = {}
    for rival in contenders:
        kept = first.setdefault(rival.header.content or f"#{rival.number}", rival)
        if kept is rival:
            others.append(rival)
        else:
            yield rival.number, Decision(FileFate.IGNORED, "ignored-identical", kept.number, name, {"file": kept.shown})
    weaker = [rival for rival in rivals if rival.header.paper != strongest]
    top = latest(others, key.year)
    if len(top) == 1 and not (len(others) > 1 and top[0].doubted):
        yield from _won(name, top[0], [*others, *weaker])
        return
    standing = [*others, *weaker]
    files = "、".join(rival.shown for rival in standing)
    for rival in standing:
        yield rival.number, Decision(FileFate.REJECTED, "duplicate-submission", -1, name, {"n": len(standing), "files": files})


def _won(key: str, winner: Rival, rivals: Iterable[Rival]) -> Iterator[tuple[int, Decision]]:
    for rival in rivals:
        if rival is winner:
            yield rival.number, Decision(FileFate.ACCEPTED, key=key)
        elif rival.header.paper != winner.header.paper and rival.header.figures and rival.header.figures == winner.header.figures:
            yield rival.number, Decision(FileFate.IGNORED, "ignored-weaker-paper", winner.number, key, {"file": winner.shown})
        else:
            yield rival.number, Decision(FileFate.SUPERSEDED, "superseded", winner.number, key, {"file": winner.shown})


def latest(rivals: Sequence[Rival], year: int) -> list[Rival]:
    """Those of which none is known to be later than another; one alone is the later one."""
    if len(rivals) == 1 or any(rival.header.count == 0 for rival in rivals):
        return list(rivals)
    most = max(rival.header.count for rival in rivals)
    top = [rival for rival in rivals if rival.header.count == most]
    days = [believable(rival.header.filled_on, year) for rival in top]
    if len(top) > 1 and all(days):
        return [rival for rival, day in zip(top, days, strict=True) if day == max(days)]
    return top


def believable(day: str, year: int) -> str:
    """A 填报日期 that may decide: not after the year that follows 预算年度."""
    return day if not year or day <= f"{year + 1}-12-31" else ""
