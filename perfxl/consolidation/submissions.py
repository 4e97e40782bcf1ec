"""What decides about a submission: whose it is, for what, and which of several is the later one (contract §5)."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from functools import lru_cache

from perfxl.intake.submission import Submission, folded, text_of
from perfxl.model.columns import BUDGET, BY_NAME, GOALS, INDICATORS, MANAGEMENT, REPORT, SOURCE_KIND, TOTAL_KIND
from perfxl.model.invisible import compatible, visible
from perfxl.values.dates import read_period
from perfxl.values.numerals import chinese_number


class Paper(IntEnum):
    """The kinds of paper a submission comes on; of several for one item the first counts."""

    INTAKE = 0
    SCORED = 1
    FORM = 2
    REPORT = 3

    @property
    def zh(self) -> str:
        """The kind as workbooks say it."""
        return ("填报表", "评分结果", "官方表格", "报告中的表格")[self]


@dataclass(frozen=True, slots=True)
class Header:
    """What decides about one submission: who sent it, for what, and which of several is the later one."""

    sha256: str
    code: str
    """预算单位编码 as compared; "" when blank, or a number too long for Excel to have kept."""
    name: str
    year: int
    evaluation: str
    project: str
    count: int
    """报送次数; a blank is the first time, 0 is one that is not understood."""
    filled_on: str
    """填报日期 as an ISO day, "" when blank or no day."""
    content: str
    """SHA-256 over everything typed: equal for a copy saved by another program; "" where nothing is filled."""
    origin: str = ""
    """SHA-256 of the intake a scored workbook was made from."""
    part: str = ""
    project_code: str = ""
    paper: Paper = Paper.INTAKE
    figures: str = ""
    """SHA-256 over targets, actuals and amounts in any order: equal where two kinds of paper say the same."""
    authority: str = ""

    @property
    def says(self) -> tuple[object, ...]:
        """Whose it is, for what, and its numbers: what a result has in common with its intake."""
        whose = self.name, self.code, self.year, self.evaluation, self.project, self.project_code
        return *whose, self.count, self.figures


def _paper(submission: Submission) -> Paper:
    if submission.form is not None:
        return Paper.REPORT if submission.form.in_report else Paper.FORM
    return Paper.SCORED if submission.origin else Paper.INTAKE


def header_of(submission: Submission) -> Header:
    """The deciding fields of a workbook as read."""
    from perfxl.rules.typed import fiscal_year

    fields = submission.fields
    year = fiscal_year(fields.get("fiscal_year"))
    return Header(
        submission.sha256,
        code_typed(fields.get("code")),
        _one_line(fields.get("name")),
        0 if math.isnan(year) else int(year),
        folded(text_of(fields.get("evaluation"))),
        _one_line(fields.get("project")),
        times_of(fields.get("submission_count")),
        day_of(fields.get("filled_on")),
        _digest(submission) if _filled(submission) else "",
        submission.origin,
        submission.part,
        code_typed(fields.get("project_code")),
        _paper(submission),
        _figures(submission),
        _one_line(fields.get("authority")),
    )


def _one_line(value: object) -> str:
    return " ".join(text_of(value).split())


LONGEST_NUMBER = 10**15
"""Excel keeps 15 digits: a longer code typed as a number has lost its last ones and is nobody's."""
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?E[+]?\d+")


def code_key(text: str) -> str:
    """A code as it is compared: a text after NFKC, without blanks and what nobody sees.

    >>> code_key("０１０ ００１"), code_key("36010000000000000１")
    ('010001', '360100000000000001')
    """
    plain = visible(compatible(text))
    return "".join(plain.split()).casefold()


def code_typed(value: object) -> str:
    """A code as it was typed; "" for a number that Excel has not kept whole.

    >>> code_typed("360100000000000001"), code_typed(360100000000000001), code_typed("3.60301E+17"), code_typed(10001)
    ('360100000000000001', '', '', '10001')
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) < LONGEST_NUMBER:
        return ""
    typed = "".join(visible(compatible(text_of(value))).split())
    return "" if _SCIENTIFIC.fullmatch(typed.upper()) else typed


_TIMES = re.compile(r"第?(?:报送)?(.+?)(?:次|版|稿)?(?:报送|上报)?")


def times_of(value: object) -> int:
    """报送次数: 1 for a blank, 0 for what is no count.

    >>> times_of("第2次"), times_of("二"), times_of(2), times_of(None), times_of("终稿")
    (2, 2, 2, 1, 0)
    """
    text = folded(text_of(value))
    if not text:
        return 1
    found = _TIMES.fullmatch(text)
    typed = found[1] if found else text
    digits = typed if typed.isdecimal() else chinese_number(typed) or ""
    return int(digits) if digits.isdecimal() and len(digits) < 5 else 0


_SAYS = {
    BUDGET.name: ("initial", "full_year", "executed", "claimed_score", "reason"),
    INDICATORS.name: ("target", "adjusted_target", "actual", "claimed_score", "reason"),
    GOALS.name: ("expected", "achieved"),
    MANAGEMENT.name: ("last_year", "budgeted", "actual"),
    REPORT.name: ("text",),
}
"""The columns that are a unit's own words and numbers; the others may be printed on a blank form."""


def _filled(submission: Submission) -> bool:
    return any(text_of(row.values.get(column)) for table, columns in _SAYS.items() for row in submission.rows.get(table, ()) for column in columns)


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


_NUMBERS = ((INDICATORS.name, ("target", "actual")), (BUDGET.name, ("full_year", "executed")))


def _figures(submission: Submission) -> str:
    filled = [
        (table, row.values.get("kind"), [text_of(row.values.get(column)).strip() for column in columns])
        for table, columns in _NUMBERS
        for row in submission.rows.get(table, ())
        if any(row.values.get(column) is not None for column in columns)
    ]
    sourced = any(kind == SOURCE_KIND for _, kind, _ in filled)  # then the total is theirs, typed or not
    pairs = ["\0".join([table, *numbers]) for table, kind, numbers in filled if not (sourced and kind == TOTAL_KIND)]
    return hashlib.sha256("\n".join(sorted(pairs)).encode("utf-8", "surrogatepass")).hexdigest() if pairs else ""


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
