"""Which submission of a unit counts: keys, copies, resubmissions, 重复待定 (contract §5). File times never decide."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.consolidation.records import FileFate
from perfxl.intake.submission import Submission, folded, text_of
from perfxl.model.columns import BY_NAME
from perfxl.values.dates import read_period

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Header:
    """What decides about one submission that was read: who sent it, for what, and which of several is the later one."""

    sha256: str
    code: str
    name: str
    year: int
    evaluation: str
    project: str
    count: int
    """报送次数; a blank is the first time."""
    filled_on: str
    """填报日期 as an ISO day, "" when blank or no day."""
    content: str
    """SHA-256 over everything typed: equal for a copy saved by another program."""
    origin: str = ""
    """SHA-256 of the intake a scored workbook was made from."""
    part: str = ""
    """Which of several submissions of its file."""


@dataclass(slots=True)
class Decision:
    """What became of one submission, or of one file. `winner` is the number of the submission that counts in its place, -1 where none does."""

    fate: FileFate
    code: str = ""
    winner: int = -1
    key: str = ""
    details: Mapping[str, str | float] = field(default_factory=dict)


def header_of(submission: Submission) -> Header:
    """The deciding fields of a workbook as read."""
    from perfxl.rules.frames import fiscal_year, times_of

    fields = submission.fields
    year, count = fiscal_year(fields.get("fiscal_year")), times_of(fields.get("submission_count"))
    return Header(
        submission.sha256,
        folded(text_of(fields.get("code"))),
        folded(text_of(fields.get("name"))),
        0 if math.isnan(year) else int(year),
        folded(text_of(fields.get("evaluation"))),
        folded(text_of(fields.get("project"))),
        1 if math.isnan(count) else int(count),
        day_of(fields.get("filled_on")),
        _digest(submission),
        submission.origin,
        submission.part,
    )


def _digest(submission: Submission) -> str:
    """SHA-256 over fields and rows as typed, with row numbers left out.

    Every declared column has its place, blank or not: what the ledger gives back has no blanks, and counts as the same.
    """
    lines = [f"{name}\1{text_of(value)}" for name, value in sorted(submission.fields.items()) if value is not None]
    for table, rows in sorted(submission.rows.items()):
        names = tuple(BY_NAME[table].by_name)
        lines.append(table)
        lines.extend("\0".join(["" if v is None else v if type(v) is str else text_of(v) for v in map(row.values.get, names)]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def day_of(value: object) -> str:
    """填报日期 as an ISO day; "" when blank, a period or no date.

    >>> day_of("2021年3月15日"), day_of("2021-03"), day_of(None)
    ('2021-03-15', '', '')
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = folded(text_of(value))
    return _day(text) if text else ""


@lru_cache(maxsize=4096)
def _day(text: str) -> str:
    period = read_period(text, None)
    return period.end.isoformat() if period and period.end and period.start == period.end else ""


def unit_keys(headers: Sequence[Header]) -> list[str]:
    """The key of each submission: 单位编码 (else 名称), 预算年度, 自评类型, 项目名称.

    A workbook without a code takes the code that others give with the same name, if it is only one. A workbook without
    code and name is a unit of its own.
    """
    codes: dict[str, set[str]] = {}
    for header in headers:
        if header.name and header.code:
            codes.setdefault(header.name, set()).add(header.code)

    def identity(header: Header) -> str:
        if header.code:
            return header.code
        known = codes.get(header.name, set())
        if len(known) == 1:
            return next(iter(known))
        return header.name or f"?{header.content[:16]}"

    return ["|".join((identity(h), str(h.year or ""), h.evaluation, h.project)) for h in headers]


def decide(headers: Mapping[int, Header], shown: Mapping[int, str]) -> dict[int, Decision]:
    """The fate of every submission that was read. Numbers are those of the files in the order of their shown paths.

    Equal content counts once (the first path). Of different contents the higher 报送次数 wins, else the later 填报日期,
    and the others are superseded; where neither decides none counts: `duplicate-submission`.
    """
    order = sorted(headers)
    keys = dict(zip(order, unit_keys([headers[i] for i in order]), strict=True))
    by_key: dict[str, list[int]] = {}
    for index in order:
        by_key.setdefault(keys[index], []).append(index)
    decided: dict[int, Decision] = {}
    for key, members in by_key.items():
        first: dict[str, int] = {}
        for index in members:
            kept = first.setdefault(headers[index].content, index)
            if kept != index:
                decided[index] = Decision(FileFate.IGNORED, "ignored-identical", kept, key, {"file": shown[kept]})
        decided.update(_latest(key, list(first.values()), headers, shown))
    return decided


def _latest(key: str, members: Sequence[int], headers: Mapping[int, Header], shown: Mapping[int, str]) -> Iterable[tuple[int, Decision]]:
    """The one that counts among different contents of one key, or all as 重复待定."""
    top = [i for i in members if headers[i].count == max(headers[j].count for j in members)]
    if len(top) > 1 and all(headers[i].filled_on for i in top):
        latest = max(headers[i].filled_on for i in top)
        top = [i for i in top if headers[i].filled_on == latest]
    if len(top) == 1:
        winner = top[0]
        for index in members:
            if index == winner:
                yield index, Decision(FileFate.ACCEPTED, key=key)
            else:
                yield index, Decision(FileFate.SUPERSEDED, "superseded", winner, key, {"file": shown[winner]})
        return
    files = "、".join(shown[i] for i in members)
    for index in members:
        yield index, Decision(FileFate.REJECTED, "duplicate-submission", -1, key, {"n": len(members), "files": files})
