"""The sentence behind every score, and the facts a person wants first: can it be sent, what is missing, what was lost.

One set of facts, rendered twice: by the terminal and on 评分汇总.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from perfxl.catalogue import entry, severity_of
from perfxl.model import Severity
from perfxl.model.columns import INDICATORS
from perfxl.model.rounding import round_one
from perfxl.rules import budget
from perfxl.rules.frames import DETAIL, EXECUTION, INDICATOR, TOTAL, record, records
from perfxl.rules.results import Status
from perfxl.rules.totals import PARTS
from perfxl.rules.wording import number, points
from perfxl.scoring.score import RULE_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from perfxl.model import Issue
    from perfxl.rules.results import Results
    from perfxl.schemes import Scheme

UNKNOWN_BLOCK = "（一级指标未识别）"
BUDGET_BLOCK = "预算执行"
UNCARRIED = "没有指标承担的分值"

EXPLAINED = (
    "submission",
    "sheet_row",
    "role",
    "status",
    "rule",
    "reason",
    "weight",
    "claimed_score",
    "score",
    "low",
    "high",
    "op",
    "mirrored",
    "t_low",
    "t_high",
    "t_unit",
    "t_end",
    "a_low",
    "a_low_open",
    "a_high",
    "a_high_open",
    "a_unit",
    "a_end",
    "tier_used",
    "tier_inferred",
    "management",
    "data_value",
)
"""What `row_explanation` and the rules' own sentences look at: half the columns of a row, at half the cost of its record."""

_ROLE_SENTENCES = {DETAIL: "明细行，分值在上一行，不单独评分", EXECUTION: "预算执行率已在“预算执行”中评分，本行不重复评分", TOTAL: "合计行，不评分"}


# one row


def row_explanation(row: Mapping[str, Any], results: Results, kinds: Iterable[str] = ()) -> str:
    """Why the row has the points it has, in one sentence.

    `row` is a record of `results.frames.indicators`, or of its columns `EXPLAINED`; `kinds` the 问题类型 of the errors standing on it (looked up when
    not given).
    """
    if row["role"] != INDICATOR:
        return _ROLE_SENTENCES.get(row["role"], "")
    if row["status"] == Status.SCORED:
        return RULE_OF[row["rule"]].explain(row, results.scheme)
    if row["status"] == Status.NOT_APPLICABLE:
        return _not_applicable(row, results.scheme)
    status = Status(row["status"]).zh
    named = [kind for kind in dict.fromkeys(list(kinds) or _kinds_of_row(row, results)) if kind != status]
    low, high = points(row["low"]), points(row["high"])
    return f"{status}{'：' if named else ''}{'、'.join(named)}；改正后可得{low}～{high}分"


def _not_applicable(row: Mapping[str, Any], scheme: Scheme) -> str:
    weight = number(row["weight"])
    then = {"rescale": f"，其余得分折算为{number(scheme.full)}分", "exclude": "，其余得分不折算", "zero": "，计0分"}
    return f"不适用（理由：{row['reason'][:200]}）；分值{weight}分不参评{then[scheme.not_applicable.policy]}"


def row_source(row: Mapping[str, Any], results: Results) -> str:
    """Title and place of the text the row's rule comes from; empty where no rule applied."""
    scheme = results.scheme
    if row["status"] == Status.NOT_APPLICABLE:
        key = scheme.not_applicable.source_of("policy")
    elif row["rule"] in RULE_OF:
        key = RULE_OF[row["rule"]].source(row, scheme)
    else:
        return ""
    source = scheme.sources.get(key)
    return f"{source.title}：{source.place}" if source else ""


def _kinds_of_row(row: Mapping[str, Any], results: Results) -> list[str]:
    return error_kinds(results, int(row["submission"])).get(int(row["sheet_row"]), [])


def _submission(issue: Issue) -> int:
    return issue.submission


def issues_of(results: Results, submission: int) -> list[Issue]:
    """The issues of one submission; those of a batch are sorted by submission."""
    first, last = (side(results.issues, submission, key=_submission) for side in (bisect_left, bisect_right))
    return results.issues[first:last]


def error_kinds(results: Results, submission: int) -> dict[int, list[str]]:
    """问题类型 of the errors on 绩效指标, by Excel row."""
    place = results.frames.places.get(submission, {}).get(INDICATORS.name)
    sheet = place.sheet if place else INDICATORS.sheet
    found: dict[int, list[str]] = {}
    for issue in issues_of(results, submission):
        if issue.sheet == sheet and severity_of(issue) is Severity.ERROR:
            for row in issue.rows:
                found.setdefault(row, []).append(entry(issue.code).kind)
    return found


def execution_explanation(results: Results, submission: int) -> str:
    """The sentence behind the points of 预算执行."""
    return budget.explain(record(results.execution, submission), results.scheme)


# what a person wants first


class LevelPoints(Struct, frozen=True):
    """预算执行 or one 一级指标: `weight` = `score` + `lost` + `open`. `lost` cannot come back, `open` waits for an answer."""

    name: str
    weight: float
    score: float
    lost: float
    open: float


class Loss(Struct, frozen=True):
    """Points one row did not get, where (`row` is None for 预算执行) and why."""

    level1: str
    name: str
    row: int | None
    lost: float
    open: float


class NextGrade(Struct, frozen=True):
    """The grade above the one the scored total has, and the difference; `grade` is "" at the top."""

    grade: str
    at_least: float
    gap: float


class Summary(Struct, frozen=True):
    """The facts of one submission that the terminal and 评分汇总 both show."""

    first_line: str
    total: float
    low: float
    high: float
    grade: str
    provisional: str
    """Empty, or 暂定（缺N项）."""
    levels: tuple[LevelPoints, ...]
    losses: tuple[Loss, ...]
    next_grade: NextGrade | None
    """None while 分值 do not add up."""
    counts: Mapping[Severity, int]
    assumed: int
    """Rows whose target or tier was read by assumption."""
    inferred_points: float


def summarize(results: Results, submission: int) -> Summary:
    """The facts of one submission."""
    totals = record(results.totals, submission)
    issues = issues_of(results, submission)
    counts = Counter(severity_of(issue) for issue in issues)
    provisional = f"暂定（缺{counts[Severity.ERROR]}项）" if counts[Severity.ERROR] else ""
    losses, gap = what_would_raise_the_grade(results, submission)
    rows = results.frames.indicators
    assumed = (rows["submission"] == submission) & (rows["status"] == Status.SCORED) & ((rows["direction_by"] == "default") | rows["tier_inferred"])
    return Summary(
        first_line=first_line(issues),
        total=float(totals["total"]),
        low=float(totals["low"]),
        high=float(totals["high"]),
        grade=str(totals["grade_words"]),
        provisional=provisional,
        levels=_levels(results, submission),
        losses=losses,
        next_grade=gap,
        counts={severity: counts[severity] for severity in Severity},
        assumed=int(assumed.sum()),
        inferred_points=float(totals["inferred"]),
    )


def first_line(issues: Iterable[Issue]) -> str:
    """Can this be sent? Errors and open questions counted by 问题类型.

    >>> from perfxl.model import Issue
    >>> first_line([Issue(0, "actual-missing", "绩效指标", "G5")])
    '暂不具备上报条件：缺1项完成值。'
    >>> first_line([])
    '具备上报条件：没有必须改正或需要说明的问题。'
    """
    kinds: dict[Severity, Counter[str]] = {severity: Counter() for severity in Severity}
    for issue in issues:
        kinds[severity_of(issue)][entry(issue.code).kind] += max(1, len(issue.rows))
    errors, warnings = (_counted(kinds[s]) for s in (Severity.ERROR, Severity.WARNING))
    if errors:
        return f"暂不具备上报条件：{errors}{'；另需说明：' + warnings if warnings else ''}。"
    if warnings:
        return f"具备上报条件，请先说明：{warnings}。"
    return "具备上报条件：没有必须改正或需要说明的问题。"


def _counted(kinds: Counter[str], shown: int = 5) -> str:
    """`缺1项完成值、2项预算调整未说明`, the rest counted."""
    named = [f"缺{n}项{kind[1:]}" if kind.startswith("缺") else f"{n}项{kind}" for kind, n in kinds.most_common(shown)]
    rest = sum(kinds.values()) - sum(n for _, n in kinds.most_common(shown))
    return "、".join(named) + (f"，另有{rest}项" if rest else "")


def _levels(results: Results, submission: int) -> tuple[LevelPoints, ...]:
    execution = record(results.execution, submission)
    score = 0.0 if math.isnan(execution["score"]) else float(execution["score"])
    weight = float(execution["weight"])
    parts = [LevelPoints(BUDGET_BLOCK, weight, score, *_parts(weight, score, execution["high"]))] if weight else []
    mine = records(results.levels[results.levels["submission"] == submission])
    figures = ("weight", "score", "lost", "open_points")
    return (*parts, *(LevelPoints(row["block"] or UNKNOWN_BLOCK, *(float(row[name]) for name in figures)) for row in mine))


def _parts(weight: float, score: float, high: float) -> tuple[float, float]:
    """What cannot come back, and what waits for an answer."""
    lost, waits = (part.number(block_weight=weight, block_score=score, block_high=high) for part in PARTS.values())
    return lost, waits


def what_would_raise_the_grade(results: Results, submission: int) -> tuple[tuple[Loss, ...], NextGrade | None]:
    """Points lost or still open, largest first, and the distance to the next grade (None while 分值 do not add up)."""
    execution, totals = record(results.execution, submission), record(results.totals, submission)
    score = 0.0 if math.isnan(execution["score"]) else float(execution["score"])
    losses = [
        Loss(BUDGET_BLOCK, "预算执行率", None, *_parts(float(execution["weight"]), score, execution["high"])),
        Loss(UNKNOWN_BLOCK, UNCARRIED, None, 0.0, round_one(float(totals["short"]))),
    ]
    rows = results.frames.indicators
    rows = rows[(rows["submission"] == submission) & rows["role"].eq(INDICATOR) & rows["status"].ne(Status.NOT_APPLICABLE)]
    for row in records(rows[["block", "name", "sheet_row", "weight", "score", "high"]]):
        weight = 0.0 if math.isnan(row["weight"]) else max(0.0, row["weight"])
        got = 0.0 if math.isnan(row["score"]) else row["score"]
        lost = round_one(max(0.0, weight - row["high"]))
        losses.append(Loss(row["block"] or UNKNOWN_BLOCK, row["name"], int(row["sheet_row"]), lost, round_one(row["high"] - got)))
    listed = sorted((loss for loss in losses if loss.lost > 0 or loss.open > 0), key=lambda loss: -(loss.lost + loss.open))
    return tuple(listed), _next_grade(float(totals["total"]), results.scheme) if totals["adds_up"] else None


def _next_grade(total: float, scheme: Scheme) -> NextGrade:
    above = [band for band in scheme.grades.bands if not _reaches(total, band.at_least, scheme)]
    if not above:
        return NextGrade("", math.nan, 0.0)
    band = above[-1]
    return NextGrade(band.name, band.at_least, round_one(band.at_least - total))


def _reaches(total: float, bound: float, scheme: Scheme) -> bool:
    return total >= bound if scheme.grades.lower_bound == "inclusive" else total > bound


def losses(results: Results, submission: int) -> list[tuple[str, float, bool]]:
    """Where points are missing, most first: name, points, and whether they can still be earned by an answer."""
    listed, _ = what_would_raise_the_grade(results, submission)
    return [(loss.name, round_one(loss.lost + loss.open), loss.open > 0) for loss in listed]


def next_grade(results: Results, submission: int) -> tuple[str, float] | None:
    """The next better grade and the points to it, as arithmetic only; None at the best grade, and while 分值 do not add up."""
    _, above = what_would_raise_the_grade(results, submission)
    return (above.grade, above.gap) if above is not None and above.grade else None
