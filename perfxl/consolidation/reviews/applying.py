"""Whether a review counts, for how many points, and why not: against the rules of the row as it is now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from perfxl.consolidation.reviews import ReviewState
from perfxl.consolidation.reviews.reading import ODD
from perfxl.consolidation.reviews.record import EVIDENCE, TITLES, TYPED, Doubt, same
from perfxl.consolidation.reviews.rows import number
from perfxl.consolidation.submissions import day_of
from perfxl.model import Status
from perfxl.model.columns import INDICATORS
from perfxl.model.rounding import round_one, snap
from perfxl.rules import budget
from perfxl.rules.frames import build_frames
from perfxl.rules.management import MANAGEMENT_RULE
from perfxl.rules.qualitative import QUALITATIVE
from perfxl.rules.typed import money_of, points_of
from perfxl.scoring.score import score
from perfxl.values.blanks import says_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from perfxl.consolidation.reviews.placing import Placed
    from perfxl.consolidation.reviews.record import Review
    from perfxl.consolidation.reviews.rows import Reviewable
    from perfxl.intake.submission import Submission
    from perfxl.schemes import Clause, Scheme


@dataclass(slots=True)
class Applied:
    """A review with what became of it. `points` is what the reviewer's numbers give, `share` the part of the computed points taken away."""

    review: Review
    row: Reviewable | None
    state: ReviewState
    why: str = ""
    column: str = "review_score"
    points: float = math.nan
    share: float = math.nan

    @property
    def counts(self) -> bool:
        """Whether it enters a final score."""
        return self.state is ReviewState.COUNTS


def applied(placings: Sequence[Placed], schemes: Mapping[str, Scheme], rescored: Mapping[tuple[int, int], tuple[float, str]]) -> list[Applied]:
    """Every review that says something about points. `rescored`: points and explanation of rows whose actual a reviewer replaced."""
    found = []
    for placing in placings:
        review, row = placing.review, placing.row
        if not review.reviewed:
            continue
        if row is None:
            found.append(Applied(review, None, ReviewState.LOST, "这一行已经没有了"))
        elif review.conflict:
            found.append(Applied(review, row, ReviewState.CONFLICT, review.conflict))
        elif placing.changed:
            found.append(Applied(review, row, ReviewState.STALE, placing.changed, points=_score_of(review, schemes[row.scheme])))
        else:
            found.append(_judged(review, row, schemes[row.scheme], rescored))
    return found


def _score_of(review: Review, scheme: Scheme) -> float:
    points = points_of(review.review_score)
    return points if math.isnan(points) else round_one(points, scheme.rounding.decimals, scheme.rounding.mode)


def _judged(review: Review, row: Reviewable, scheme: Scheme, rescored: Mapping[tuple[int, int], tuple[float, str]]) -> Applied:
    """A review of a row that is as the reviewer saw it."""
    result = Applied(review, row, ReviewState.INVALID)
    odd = next((name for name in TYPED if getattr(review, name).startswith(ODD)), "")
    typed = same(review.review_score)
    if odd:
        result.column, result.why = odd, f"“{TITLES[odd]}”一格读不出内容：{getattr(review, odd)}"
        return result
    if math.isnan(row.weight) or row.weight < 0:
        result.why = "这一行没有分值，不能核定得分；请让单位先补分值"
        return result
    if typed:
        result.points = _score_of(review, scheme)
        if math.isnan(result.points):
            result.why = f"“{review.review_score}”不是得分；请填数字（0到{number(row.weight)}），扣分或比例请折成得分"
        elif not 0 <= snap(points_of(review.review_score)) <= row.weight:
            result.why, result.points = f"复核得分{review.review_score}不在0到分值{number(row.weight)}之间", math.nan
    else:
        result.column = "review_actual"
        result.points, why = rescored.get((row.submission, row.sheet_row), (math.nan, ""))
        if math.isnan(result.points):
            result.why = f"按复核完成值“{review.review_actual}”算不出得分{f'（{why}）' if why else ''}；请填复核得分"
    if math.isnan(result.points):
        return result
    lost = round(row.score - result.points, 9) if row.score == row.score else 0.0
    result.share = lost / row.score if lost > 0 else 0.0
    if typed and lost > scheme.checks.claim_tolerance and says_nothing(review.reason):
        result.column, result.why = "reason", f"比规则测算得分{number(row.score)}少{number(round(lost, 9))}分，没有写扣分理由"
        return result
    result.state = ReviewState.COUNTS
    return result


# 复核完成值: through the same rules


def rescored(
    placings: Iterable[Placed],
    submission_of: Callable[[int], Submission | None],
    schemes: Mapping[str, Scheme],
    base_of: Mapping[int, float],
    today: date,
) -> dict[tuple[int, int], tuple[float, str]]:
    """Points and explanation of each row for which a reviewer gave an actual and no points. `base_of`: what the execution rate divides by."""
    wanted: dict[int, dict[int, Placed]] = {}
    for placing in placings:
        review, row = placing.review, placing.row
        if row is not None and not placing.changed and not review.conflict and review.review_actual and not same(review.review_score):
            wanted.setdefault(row.submission, {})[row.sheet_row] = placing
    found: dict[tuple[int, int], tuple[float, str]] = {}
    batches: dict[str, list[Submission]] = {}
    for at, rows in wanted.items():
        some = next(iter(rows.values())).row
        assert some is not None  # noqa: S101  # looked at above
        if 0 in rows:
            found[at, 0] = _execution(rows.pop(0), schemes[some.scheme], base_of[at])
        submission = submission_of(at) if rows else None
        if submission is not None:
            batches.setdefault(some.scheme, []).append(_with_actuals(submission, at, rows, schemes[some.scheme]))
    for scheme, submissions in batches.items():
        results = score(build_frames(submissions), schemes[scheme], today)
        frame = results.frames.indicators
        columns = (frame[name].tolist() for name in ("submission", "sheet_row", "score", "status", "rule"))
        for at, row, points, status, rule in zip(*columns, strict=True):
            if row in wanted[at]:
                found[at, row] = _outcome(wanted[at][row], points if status == Status.SCORED else math.nan, rule, schemes[scheme])
    return found


def _outcome(placing: Placed, points: float, rule: str, scheme: Scheme) -> tuple[float, str]:
    if rule == MANAGEMENT_RULE.id:
        return math.nan, "这一行按管理指标数据计分"
    if rule == QUALITATIVE.id and same(placing.review.review_actual) not in _tiers(scheme):
        return math.nan, f"定性指标按完成等级计分，可填{'、'.join(_tiers(scheme))}"
    return points, "" if points == points else "读不成确定的数或单位不符"


def _tiers(scheme: Scheme) -> tuple[str, ...]:
    return tuple(tier.name for tier in scheme.qualitative.tiers)


def _with_actuals(submission: Submission, at: int, placings: Mapping[int, Placed], scheme: Scheme) -> Submission:
    """The submission with the reviewers' actuals in the place of its own; a tier for a row that is scored by tiers."""
    rows = []
    for row in submission.rows.get(INDICATORS.name, ()):
        placing = placings.get(row.number)
        if placing is not None and placing.row is not None:
            typed = placing.review.review_actual
            tiered = placing.row.rule == QUALITATIVE.id and same(typed) in _tiers(scheme)
            new = {"tier": same(typed), "claimed_score": None} if tiered else {"actual": typed}
            row = structs.replace(row, values={**row.values, **new})  # noqa: PLW2901  # the row in its new form
        rows.append(row)
    return structs.replace(submission, number=at, rows={**submission.rows, INDICATORS.name: rows}, issues=[])


def _execution(placing: Placed, scheme: Scheme, base: float) -> tuple[float, str]:
    """复核完成值 of the execution is an amount in 万元 (or with its unit)."""
    assert placing.row is not None  # noqa: S101  # looked at by the caller
    executed = money_of(placing.review.review_actual, 1)
    if math.isnan(executed):
        return math.nan, "应填全年执行数，单位万元"
    values = {"base": base, "executed": executed, "half": 0.0, "weight": placing.row.weight}
    return float(budget.score(scheme).values(values).item()), "没有可用的预算数"


# what else is said


def without_points(reviews: Iterable[Review]) -> Iterator[Doubt]:
    """Reasons without points: perhaps a number was forgotten."""
    for r in reviews:
        column = "reason" if not says_nothing(r.reason) else "clause"
        if not r.reviewed and not says_nothing(getattr(r, column)):
            yield Doubt("review-without-score", r.file, r.cell(column), getattr(r, column), r.unit_name, {"level3": r.level3})


def doubts(found: Sequence[Applied], schemes: Mapping[str, Scheme]) -> Iterator[Doubt]:
    """What stands in the way of a review, and what a reviewer should look at again."""
    for a in found:
        r = a.review
        value = getattr(r, a.column) or r.review_score or r.review_actual
        where = (r.file, r.cell(a.column), value, r.unit_name)
        details = {"level3": r.level3, "why_text": a.why}
        if a.state is not ReviewState.COUNTS:
            code = {
                ReviewState.INVALID: "review-invalid",
                ReviewState.CONFLICT: "review-conflict",
                ReviewState.STALE: "review-stale",
                ReviewState.LOST: "review-lost",
            }[a.state]
            yield Doubt(code, *where, {**details, "words": r.words})
            continue
        assert a.row is not None  # noqa: S101  # it counts
        scheme = schemes[a.row.scheme]
        if a.row.claimed == a.row.claimed and a.points > a.row.claimed + scheme.checks.claim_tolerance:
            yield Doubt(
                "review-above-claim", r.file, r.cell("review_score"), value, r.unit_name, {**details, "score": a.points, "claimed": a.row.claimed}
            )
        if not says_nothing(r.clause):
            yield from _about_clause(a, scheme)
        for name, words in _words_unknown(r):
            more = {**details, "column": TITLES[name], "words": words}
            yield Doubt("review-word-unknown", r.file, r.cell(name), getattr(r, name), r.unit_name, more)
    yield from _uneven(found, schemes)


def _words_unknown(r: Review) -> Iterator[tuple[str, str]]:
    """Columns that say something nobody can place, and what is understood there."""
    if same(r.evidence) and same(r.evidence) not in EVIDENCE:
        yield "evidence", "、".join(EVIDENCE)
    if same(r.day) and not day_of(r.day):
        yield "day", "写到日的日期（如2021-03-05）"


def clause_of(text: str, scheme: Scheme) -> Clause | None:
    """The clause of the scheme that a text names: as offered, or by a title that has no degrees."""
    wanted = same(text)
    for clause in scheme.review.clauses:
        if wanted in (same(clause.offered), clause.id) or (not clause.degree and wanted == same(clause.title)):
            return clause
    return None


def _about_clause(a: Applied, scheme: Scheme) -> Iterator[Doubt]:
    r, clause = a.review, clause_of(a.review.clause, scheme)
    where = (r.file, r.cell("clause"), r.clause, r.unit_name)
    if clause is None:
        yield Doubt("review-clause-unknown", *where, {"level3": r.level3})
    elif clause.share is not None and a.row is not None and a.row.score > 0 and abs(a.share - clause.share) > scheme.review.share_tolerance:
        yield Doubt("review-share-differs", *where, {"level3": r.level3, "share": _percent(a.share), "expected": _percent(clause.share)})


def _percent(share: float) -> str:
    return f"{number(round(share * 100, 2))}%"


def _uneven(found: Sequence[Applied], schemes: Mapping[str, Scheme]) -> Iterator[Doubt]:
    """The same fault with different shares in different units."""
    faults: dict[str, list[Applied]] = {}
    for a in found:
        if a.counts and a.row is not None and a.row.score > 0 and a.share > 0:
            named = clause_of(a.review.clause, schemes[a.row.scheme])
            fault = named.offered if named is not None else a.review.clause or a.review.reason
            if same(fault):
                faults.setdefault(same(fault), []).append(a)
    for same_fault in faults.values():
        shares = [a.share for a in same_fault]
        tolerance = schemes[same_fault[0].row.scheme].review.share_tolerance if same_fault[0].row is not None else 0.0
        if max(shares) - min(shares) > tolerance and len({a.review.item.partition("|")[0] for a in same_fault}) > 1:
            fault = same_fault[0].review.clause or same_fault[0].review.reason
            listed = "、".join(f"{a.review.unit_name}“{a.review.level3}”扣{_percent(a.share)}" for a in same_fault[:10])
            more = f"等{len(same_fault)}处" if len(same_fault) > 10 else ""
            yield Doubt("review-shares-differ", "", "", fault, "", {"fault": fault, "listed_text": f"{listed}{more}"})
