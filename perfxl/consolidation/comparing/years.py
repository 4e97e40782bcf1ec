"""Two years of one ledger, item by item and indicator by indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perfxl.consolidation.comparing import CLAUSES, LEVELS, LONE, ROWS, UNITS, About, Comparison, ComparisonKind, Gathered, TargetVerdict, table
from perfxl.consolidation.comparing.pairs import paired
from perfxl.consolidation.comparing.rows import judged, matched, measure, moved, real, score, shown_measure, signed, status_word, target, title
from perfxl.consolidation.comparing.sides import NAN, rosters_of, side_of_year, units_of
from perfxl.consolidation.items import Matter
from perfxl.consolidation.names import name_key
from perfxl.model import Status
from perfxl.model.rounding import round_one
from perfxl.rules.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from perfxl.consolidation.comparing.pairs import ItemPair, Lone
    from perfxl.consolidation.comparing.rows import Row
    from perfxl.consolidation.comparing.sides import Entered, Score, Side
    from perfxl.consolidation.ledger import Ledger


def compare_years(ledger: Ledger, first: int, second: int) -> Comparison:
    """The last run of the earlier year against that of the later.

    Raises:
        PerfxlError: a year that never ran.
    """
    rounds = ledger.rounds()
    sides = tuple(side_of_year(ledger, rounds, year) for year in sorted((first, second)))
    before, after = sides
    rosters = rosters_of(ledger, rounds, (before.year, after.year))
    pairs, lone = paired(before, after, (units_of(before, rosters), units_of(after, rosters)), ledger.rulings())
    work = _Pairs(ledger, ledger.scheme_titles(), before, after)
    for one in lone:
        work.lone.add(_lone_item(one))
    units = [work.unit(at, pair) for at, pair in enumerate(pairs)]
    return Comparison(
        kind=ComparisonKind.YEARS,
        sides=(_about(before, work.titles), _about(after, work.titles)),
        units=table(UNITS, units),
        levels=table(LEVELS, (row for at, pair in enumerate(pairs) for row in _levels(at, pair))),
        rows=work.rows.frame(),
        lone=work.lone.frame(),
        clauses=table(CLAUSES, ()),
        bands=_bands([s.score for s in (*before.sent, *after.sent)]),
        notes=[note for found in sides for note in _notes(found)],
    )


def _about(found: Side, titles: Mapping[str, str]) -> About:
    schemes = "、".join(sorted({titles.get(sent.scheme, sent.scheme) for sent in found.sent}))
    return About(f"{found.year}年度", found.output, found.day, schemes, len(found.sent))


def _notes(found: Side) -> Iterator[str]:
    if found.elsewhere:
        yield f"台账里{found.year}年度还有别的汇总，没有比：{'、'.join(found.elsewhere)}。"
    if found.twice:
        yield f"{found.year}年度有{found.twice}份与另一份同属一个事项，没有比。"
    if not found.sent and not found.lost:
        yield f"{found.year}年度最后一次汇总没有采用的表。"
    if found.lost:
        yield f"{found.year}年度最后一次汇总有{found.lost}份在台账里读不出，没有比。"
    if found.missing in _CLOSED:
        yield f"{found.year}年度汇总时{_CLOSED[found.missing]}。"


_CLOSED = {"zero": "未报数的指标计0分", "exclude": "有未报数的单位不参评"}
_BANDS = ("优", "良", "中", "差")


def _bands(scores: Sequence[Score]) -> list[str]:
    """The grades that were given, the usual ones in their order, others behind them."""
    given = {grade for s in scores for grade in (s.grade, s.final_grade) if grade}
    return [*_BANDS, *sorted(given - {*_BANDS})]


class _Pairs:
    """The pairs of two years on their way into tables."""

    def __init__(self, ledger: Ledger, titles: Mapping[str, str], before: Side, after: Side) -> None:
        self._ledger = ledger
        self.titles = titles
        self._sides = before, after
        self.rows = Gathered(ROWS)
        self.lone = Gathered(LONE)

    def unit(self, at: int, pair: ItemPair) -> dict[str, Any]:
        """One compared item; its indicators go to `rows` and `lone`."""
        kept = {sent.key: self._ledger.details(*sent.key) for sent in (*pair.before, pair.after)}
        sides = (("上年", pair.before), ("本年", (pair.after,)))
        lacking = [word for word, sents in sides if any(sent.score.levels and not kept[sent.key] for sent in sents)]
        identity, schemes = _identity(pair, self._sides[1]), self._schemes(pair.before[0], pair.after)
        if lacking:
            noted = "；".join(filter(None, (pair.noted, f"台账里没有{'、'.join(lacking)}的指标明细，没有比指标")))
            return {**identity, **_parts(pair, None, (), schemes), "noted": noted}
        return {**identity, **_parts(pair, *self._indicators(at, pair, kept), schemes)}

    def _indicators(self, at: int, pair: ItemPair, kept: Mapping[tuple[str, str, str], Sequence[Row]]) -> tuple[list[Cause], list[Cause]]:
        """Put the indicators of an item into the tables: what moved those on both sides, and what came or went."""
        causes: list[Cause] = []
        left: list[tuple[Row, str]] = []
        added: list[tuple[Row, str]] = [(row, "") for row in kept[pair.after.key]]
        everything = {name_key(title(row)) for row, _ in added}
        before_all = sorted(pair.before, key=lambda one: one.unit != pair.after.unit)  # of merged units the one that goes on first
        taken = f"单位合并：同名指标已与{before_all[0].name}的配对" if pair.merged else ""
        for sent in before_all:
            found, old, added = matched(kept[sent.key], [row for row, _ in added])
            for before, after in found:
                row = self._row(at, pair, before, after, sent)
                self.rows.add(row)
                causes.append((self._closed(1, after) - self._closed(0, before), row["level3"], row["why"].partition("（上年第")[0]))
            left += old
            for row, why in old:
                there = taken and name_key(title(row)) in everything and "没有同名" in why
                self.lone.add(_lone_row("a", sent, row, taken if there else why))
        for row, why in added:
            self.lone.add(_lone_row("b", pair.after, row, why))
        others: list[Cause] = [(-self._closed(0, row), title(row), "上年有，没有配对") for row, _ in left]
        others += [(self._closed(1, row), title(row), "本年有，没有配对") for row, _ in added]
        return [cause for cause in causes if cause[0] == cause[0]], [cause for cause in others if cause[0] == cause[0]]

    def _closed(self, side: int, row: Row) -> float:
        """The points of a row; of one without an answer 0 where the run closed it so."""
        points = score(row)
        if points != points and self._sides[side].missing == "zero" and row["status"] in (Status.MISSING, Status.UNSCORABLE):
            return 0.0
        return points

    def _schemes(self, before: Entered, after: Entered) -> tuple[str, str]:
        return self.titles.get(before.scheme, before.scheme), self.titles.get(after.scheme, after.scheme)

    def _row(self, at: int, pair: ItemPair, before: Row, after: Row, owner: Entered) -> dict[str, Any]:
        verdict, why = (TargetVerdict.NONE, f"单位合并，上年只是{owner.name}的") if pair.merged else judged(before, after)
        return {
            "at": at,
            "unit_name": pair.after.name,
            "project": pair.after.project,
            "level1": after["block"] or "",
            "level2": after["level2"] or "",
            "level3": title(after),
            "measure": shown_measure(before, after),
            **_indicator("a", before),
            **_indicator("b", after),
            "verdict": str(verdict),
            "verdict_why": why,
            "why": moved(before, after, self._schemes(owner, pair.after)),
        }


def _indicator(side: str, row: Row) -> dict[str, Any]:
    return {
        f"weight_{side}": real(row["weight"]),
        f"target_{side}": target(row),
        f"actual_{side}": str(row["actual"] or ""),
        f"score_{side}": score(row),
        f"status_{side}": status_word(row),
        f"sheet_row_{side}": int(row["sheet_row"]),
    }


def _identity(pair: ItemPair, after: Side) -> dict[str, Any]:
    """Whose item it is, and what both sides gave it."""
    sent = pair.after
    member = after.members.get(sent.unit, {})
    one = pair.before[0]
    return {
        "unit": sent.name,
        "code": sent.code,
        "authority": member.get("authority", ""),
        "matter": str(sent.matter),
        "basis": pair.basis,
        "noted": pair.noted,
        "name_a": "、".join(dict.fromkeys(s.name for s in pair.before)),
        "name_b": sent.name,
        "project_a": one.project,
        "project_b": sent.project,
        "file_a": "、".join(s.source for s in pair.before if s.source),
        "file_b": sent.source,
        **(_several(pair) if pair.merged else _side("a", one.score)),
        **_side("b", sent.score),
    }


def _side(side: str, s: Score) -> dict[str, Any]:
    return {
        f"total_{side}": s.total,
        f"low_{side}": s.low,
        f"high_{side}": s.high,
        f"grade_{side}": s.grade,
        f"provisional_{side}": s.provisional,
        f"final_{side}": s.final,
        f"final_grade_{side}": s.final_grade,
        f"rank_{side}": s.rank if s.counted else NAN,
        f"counted_{side}": s.counted,
        f"not_counted_{side}": "" if s.counted else "未计入",
        f"rate_{side}": s.rate,
        f"execution_weight_{side}": s.execution_weight,
        f"execution_{side}": s.execution,
        f"full_year_{side}": s.full_year,
        f"executed_{side}": s.executed,
    }


def _several(pair: ItemPair) -> dict[str, Any]:
    """Units that were merged: their money is added, their points are not. Where one of them is lacking there is no sum."""
    scores = [sent.score for sent in pair.before]
    counted = all(s.counted for s in scores) and not pair.absent
    full_year, executed = (NAN if pair.absent else sum(getattr(s, name) for s in scores) for name in ("full_year", "executed"))
    return {
        "counted_a": counted,
        "not_counted_a": "" if counted else "未计入",
        "full_year_a": full_year,
        "executed_a": executed,
        "rate_a": executed / full_year if full_year > 0 else NAN,
        "grade_a": "合并",
        "final_grade_a": "合并",
    }


Cause = tuple[float, str, str]
"""Points won or lost, by what, and why."""


def _parts(pair: ItemPair, causes: Sequence[Cause] | None, others: Sequence[Cause], schemes: tuple[str, str]) -> dict[str, Any]:
    """What of the difference of 最终得分 comes from where; the largest of it in words. `causes` None: its indicators are not known."""
    old, new = pair.before[0].score, pair.after.score
    if pair.merged:
        return {"why": "单位合并，得分不相比：" + "、".join(f"{s.name}{_points(s.score)}" for s in pair.before)}
    if old.final != old.final or new.final != new.final:
        which = "、".join(word for word, s in (("上年", old), ("本年", new)) if s.final != s.final)
        return {"why": f"{which}暂定，得分不相比"}
    execution = new.execution - old.execution
    review = (new.final - _computed(new)) - (old.final - _computed(old))
    by_rows, by_others = (sum(cause[0] for cause in listed) if causes is not None else NAN for listed in (causes or (), others))
    rest = (new.final - old.final) - sum(part for part in (execution, by_rows, by_others, review) if part == part)
    all_parts: list[Cause] = [
        (execution, "预算执行", _execution_why(old, new, schemes)),
        *(causes or ()),
        *others,
        (review, "人工复核", ""),
        (rest, _rest(causes, execution), ""),
    ]
    return {
        "by_execution": _rounded(execution),
        "by_rows": _rounded(by_rows),
        "by_other_rows": _rounded(by_others),
        "by_review": _rounded(review),
        "by_rest": _rounded(rest),
        "why": in_words(all_parts),
    }


def _rest(causes: Sequence[Cause] | None, execution: float) -> str:
    if causes is None:
        return "指标、折算等（没有指标明细）"
    return "折算、上限等" if execution == execution else "预算执行、折算等"


def _execution_why(old: Score, new: Score, schemes: tuple[str, str]) -> str:
    """What differs of execution: its points, its rate, the rules."""
    cells = [
        ("分值", number(old.execution_weight), number(new.execution_weight)),
        ("执行率", _percent(old.rate), _percent(new.rate)),
        ("方案 ", *schemes),
    ]
    return "；".join(f"{word}{first}→{second}" for word, first, second in cells if first != second)


MOST_CAUSES = 3
LONGEST_NAME = 40
"""Characters of a name in such a sentence; whole it stands in its own row."""


def in_words(causes: Sequence[Cause]) -> str:
    """The largest causes of a difference, then how many there are more."""
    listed = sorted((cause for cause in causes if cause[0] == cause[0] and round_one(cause[0])), key=lambda cause: -abs(cause[0]))
    said = [f"{_short(what)}{signed(change)}{f'（{why}）' if why else ''}" for change, what, why in listed[:MOST_CAUSES]]
    return "；".join(said) + (f"；另有{len(listed) - MOST_CAUSES}项" if len(listed) > MOST_CAUSES else "")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _computed(s: Score) -> float:
    """The computed total; of one that only reviews have closed, its lowest."""
    return s.total if s.total == s.total else s.low


def _rounded(value: float) -> float:
    return round_one(value) if value == value else NAN


def _percent(rate: float) -> str:
    return f"{rate * 100:.2f}%" if rate == rate else "无"


def _points(s: Score) -> str:
    return f"（{s.final:.2f}分）" if s.final == s.final else "（暂定）"


def _levels(at: int, pair: ItemPair) -> Iterator[dict[str, Any]]:
    old: Mapping[str, tuple[float, float]] = {} if pair.merged else pair.before[0].score.levels
    new = pair.after.score.levels
    for name in dict.fromkeys((*old, *new)):
        a, b = old.get(name, (NAN, NAN)), new.get(name, (NAN, NAN))
        yield {"at": at, "level1": name, "weight_a": a[0], "score_a": a[1], "weight_b": b[0], "score_b": b[1]}


def _lone_item(one: Lone) -> dict[str, Any]:
    sent = one.sent
    return {
        "side": one.side,
        "what": "项目" if sent.matter is Matter.PROJECT else "单位",
        "unit": sent.name,
        "code": sent.code,
        "matter": str(sent.matter),
        "project": sent.project,
        "score": sent.score.final,
        "full_year": sent.score.full_year,
        "executed": sent.score.executed,
        "why": one.why,
    }


def _lone_row(side: str, sent: Entered, row: Row, why: str) -> dict[str, Any]:
    return {
        "side": side,
        "what": "指标",
        "unit": sent.name,
        "code": sent.code,
        "matter": str(sent.matter),
        "project": sent.project,
        "level3": title(row),
        "measure": str(row["unit"] or measure(row) or ""),
        "target": target(row),
        "actual": str(row["actual"] or ""),
        "weight": real(row["weight"]),
        "score": score(row),
        "why": why,
    }
