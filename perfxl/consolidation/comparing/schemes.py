"""Two rule packs over the accepted submissions of the last run: a rehearsal of new rules on everybody."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from msgspec import structs

from perfxl.consolidation.comparing import CLAUSES, LEVELS, LONE, ROWS, UNITS, About, Comparison, ComparisonKind, Gathered, table
from perfxl.consolidation.comparing.rows import signed
from perfxl.consolidation.comparing.scaling import scaled
from perfxl.consolidation.comparing.sides import NAN, side
from perfxl.consolidation.comparing.years import Cause, in_words
from perfxl.consolidation.items import Matter
from perfxl.consolidation.packing import unpack
from perfxl.intake.reading import Refused
from perfxl.model import PerfxlError, Status
from perfxl.model.rounding import round_one
from perfxl.rules.frames import INDICATOR, build_frames, record, records
from perfxl.rules.wording import number
from perfxl.schemes import load_scheme
from perfxl.schemes.shown import basis_rows
from perfxl.scoring.batch import scheme_of
from perfxl.scoring.explain import execution_explanation, row_explanation
from perfxl.scoring.score import score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from perfxl.consolidation.comparing.scaling import Scaled
    from perfxl.consolidation.comparing.sides import Entered, Side
    from perfxl.consolidation.ledger import Ledger
    from perfxl.intake.submission import Submission
    from perfxl.rules.results import Results
    from perfxl.schemes import Scheme

PIECE = 100
"""Submissions scored at once."""


def compare_schemes(ledger: Ledger, first: str, second: str, progress: Callable[[int, int], None] | None = None) -> Comparison:
    """Score what the ledger holds of the last run's accepted submissions under both packs.

    Raises:
        PerfxlError: no such pack, nothing was ever run, or the ledger holds nothing of it any more.
    """
    packs = load_scheme(first), load_scheme(second)
    if packs[0].fingerprint == packs[1].fingerprint:
        raise PerfxlError(
            f"两个方案是同一个：{packs[0].title}。请指定两个不同的方案。", en=f"Both rule packs are the same: {packs[0].title}. Name two."
        )
    packs = told_apart(*packs)
    rounds = ledger.rounds()
    if not rounds:
        raise PerfxlError("台账里还没有汇总过。请先用 perfxl consolidate 汇总。", en="The ledger holds no run. Run perfxl consolidate first.")
    last = rounds[-1]
    found = side(ledger, last, [row for row in rounds[:-1] if row["year"] == last["year"]])
    gone: list[Entered] = []
    rehearsal = _Rehearsal(packs, found, _day(found))
    for start in range(0, len(found.sent), PIECE):
        held, lost = _held(ledger, found, start)
        gone += lost
        if held:
            rehearsal.take(held)
        if progress:
            progress(min(start + PIECE, len(found.sent)), len(found.sent))
    if not rehearsal.units:
        why = "" if ledger.holds_parsed() else "：是另一版本的 perfxl 读的"
        raise PerfxlError(
            f"台账里没有最后一次汇总（{found.year}年度）各表的内容{why}。请先再运行一次 perfxl consolidate。",
            en=f"The ledger does not hold the workbooks of the last run ({found.year}){': another perfxl read them' if why else ''}. "
            "Run perfxl consolidate once more first.",
        )
    units = _ranked(rehearsal.units)
    return Comparison(
        kind=ComparisonKind.SCHEMES,
        sides=(_about(packs[0], found, len(units)), _about(packs[1], found, len(units))),
        units=table(UNITS, units),
        levels=rehearsal.levels.frame(),
        rows=rehearsal.rows.frame(),
        lone=table(LONE, map(_lone, gone)),
        clauses=table(CLAUSES, _clauses(*packs)),
        bands=list(dict.fromkeys(band.name for pack in packs for band in pack.grades.bands)),
        notes=list(_notes(found, rehearsal, len(gone))),
    )


def told_apart(first: Scheme, second: Scheme) -> tuple[Scheme, Scheme]:
    """Both packs under titles that differ: one copied and changed often keeps its title, and is then known by its file."""
    if first.title != second.title:
        return first, second
    names = (first.file, second.file) if first.file != second.file else ("A", "B")
    a, b = (structs.replace(pack, title=f"{pack.title}（{name}）") for pack, name in zip((first, second), names, strict=True))
    return a, b


def _about(pack: Scheme, found: Side, count: int) -> About:
    return About(pack.title, found.output, found.day, pack.title, count)


def _day(found: Side) -> date | None:
    """The day of the run: what lies in the future is decided by it, not by today."""
    for text in (found.day, found.run[:10]):
        with suppress(ValueError):
            return date.fromisoformat(text)
    return None


def _held(ledger: Ledger, found: Side, start: int) -> tuple[list[tuple[Entered, Submission]], list[Entered]]:
    """Of some submissions those the ledger holds as they were read, and those it does not any more."""
    held: list[tuple[Entered, Submission]] = []
    gone: list[Entered] = []
    usable = ledger.holds_parsed()
    for at, sent in enumerate(found.sent[start : start + PIECE], start):
        packed = ledger.known(sent.sha256) if usable else None
        read: list[Submission] | Refused = []
        if packed is not None:
            with suppress(ValueError):
                read = unpack(packed, at, sent.source)
        own = [] if isinstance(read, Refused) else [submission for submission in read if submission.part == sent.part]
        if own:
            held.append((sent, own[0]))
        else:
            gone.append(sent)
    return held, gone


def _notes(found: Side, rehearsal: _Rehearsal, gone: int) -> Iterator[str]:
    changed = [len({at for at, texts in enumerate(rehearsal.changed) if texts[i]}) for i in (0, 1)]
    yield (
        f"分值按比例折算：填报的分值不是本方案的，按一级指标逐块折算到方案的分值（{rehearsal.packs[0].title}{changed[0]}份，"
        f"{rehearsal.packs[1].title}{changed[1]}份），保留两位小数，尾差补给舍去最多的行；自评得分同比例折算，预算执行按方案的分值和档次。"
        "perfxl score 仍按填报的分值计分。"
    )
    yield "演练不含人工复核，也不按收口规则把未报数的计零：缺数的一律暂定。"
    if rehearsal.refused:
        yield f"有{len(rehearsal.refused)}份没有折算，按填报的分值计分（原因见“单位对比”的“分值折算”）。"
    if gone:
        yield f"有{gone}份台账里已没有内容，不在对比里，列在“未配对”。"
    if found.lost:
        yield f"最后一次汇总有{found.lost}份在台账里读不出，不在对比里。"
    if found.foreign:
        yield f"最后一次汇总里有{found.foreign}份是其他年度的，不在对比里。"
    if found.elsewhere:
        yield f"台账里{found.year}年度还有别的汇总，没有比：{'、'.join(found.elsewhere)}。"


class _Rehearsal:
    """Submissions on their way through both packs."""

    def __init__(self, packs: tuple[Scheme, Scheme], found: Side, today: date | None) -> None:
        self.packs = packs
        self._found = found
        self._today = today
        self._own: dict[str, Scheme | None] = {}
        self.units: list[dict[str, Any]] = []
        self.rows = Gathered(ROWS)
        self.levels = Gathered(LEVELS)
        self.changed: list[tuple[str, str]] = []
        self.refused: set[int] = set()

    def take(self, held: Sequence[tuple[Entered, Submission]]) -> None:
        """Score some submissions under both packs."""
        frames = build_frames([submission for _, submission in held])
        used = [self._scheme(name) for sent, submission in held for name in (sent.scheme, scheme_of(submission)[0])]
        weights = {pack.budget.weight for pack in (*self.packs, *used) if pack is not None}
        points = tuple(scaled(frames, pack, weights) for pack in self.packs)
        results = tuple(score(made.frames, pack, self._today) for made, pack in zip(points, self.packs, strict=True))
        crosswise = self._crosswise(held, results)
        rows = [_rows_of(one) for one in results]
        levels = [_levels_of(one) for one in results]
        for sent, submission in held:
            n = submission.number
            at = len(self.units)
            self.changed.append((points[0].changed.get(n, ""), points[1].changed.get(n, "")))
            if n in points[0].refused or n in points[1].refused:
                self.refused.add(at)
            a, b = (found.get(n, {}) for found in rows)
            made = [_row(at, sent, a.get(place), b.get(place), results) for place in sorted({*a, *b})]
            for row in made:
                self.rows.add(row)
            for row in _level_rows(at, levels[0].get(n, {}), levels[1].get(n, {})):
                self.levels.add(row)
            unit = self._unit(sent, n, results, crosswise=n in crosswise) | {"noted": _noted(points, n, crosswise=n in crosswise)}
            self.units.append(unit | _parts(unit, made, [found.get(n, {}) for found in levels], results, n))

    def _scheme(self, name: str) -> Scheme | None:
        """The pack a submission was scored under; None where it is not there any more."""
        if name not in self._own:
            self._own[name] = next((pack for pack in self.packs if pack.id == name), None)
            with suppress(PerfxlError):  # one of ours before a changed copy that kept its id
                self._own[name] = load_scheme(name)
        return self._own[name]

    def _crosswise(self, held: Sequence[tuple[Entered, Submission]], results: Sequence[Results]) -> set[int]:
        """Submissions that the run left 暂定 although nothing in them is open: something stands between units."""
        open_now = {int(n) for one in results for n in one.totals.index[one.totals["provisional"]]}
        asked = [(sent, s) for sent, s in held if sent.score.provisional and s.number not in open_now]
        found: set[int] = set()
        for name in dict.fromkeys(sent.scheme for sent, _ in asked):
            own = [submission for sent, submission in asked if sent.scheme == name]
            pack = self._scheme(name)
            totals = score(build_frames(own), pack, self._today).totals if pack is not None else None
            found |= {s.number for s in own if totals is None or not totals.at[s.number, "provisional"]}
        return found

    def _unit(self, sent: Entered, n: int, results: Sequence[Results], *, crosswise: bool) -> dict[str, Any]:
        member = self._found.members.get(sent.unit, {})
        unit: dict[str, Any] = {
            "unit": sent.name,
            "code": sent.code,
            "authority": member.get("authority", ""),
            "matter": str(sent.matter),
            "basis": "同一份表",
        }
        for which, one in zip("ab", results, strict=True):
            totals, spent = record(one.totals, n), record(one.execution, n)
            is_open = bool(totals["provisional"]) or crosswise
            total = NAN if is_open else float(totals["total"])
            grade = "" if is_open else totals["grade"] or ""
            unit |= {
                f"name_{which}": sent.name,
                f"project_{which}": sent.project,
                f"file_{which}": sent.source,
                f"total_{which}": total,
                f"final_{which}": total,
                f"low_{which}": float(totals["low"]),
                f"high_{which}": float(totals["high"]),
                f"grade_{which}": grade,
                f"final_grade_{which}": grade,
                f"provisional_{which}": is_open,
                f"counted_{which}": sent.score.counted,
                f"not_counted_{which}": "" if sent.score.counted else "未计入",
                f"rate_{which}": float(spent["rate"]),
                f"execution_weight_{which}": float(spent["weight"]),
                f"execution_{which}": float(spent["score"]),
                f"full_year_{which}": float(spent["full_year"]),
                f"executed_{which}": float(spent["executed"]),
            }
        return unit


def _noted(points: tuple[Scaled, ...], n: int, *, crosswise: bool) -> str:
    said = [f"{which}：{text}" for which, made in zip("AB", points, strict=True) if (text := made.refused.get(n) or made.changed.get(n))]
    return "；".join([*said, *(["汇总时因单位之间的问题暂定"] if crosswise else [])])


def _rows_of(results: Results) -> dict[int, dict[int, dict[str, Any]]]:
    """The indicators of each submission by their rows."""
    frame = results.frames.indicators
    found: dict[int, dict[int, dict[str, Any]]] = {}
    for row in records(frame[frame["role"].to_numpy() == INDICATOR]):
        found.setdefault(int(row["submission"]), {})[int(row["sheet_row"])] = row
    return found


def _levels_of(results: Results) -> dict[int, dict[str, tuple[float, float]]]:
    found: dict[int, dict[str, tuple[float, float]]] = {}
    for row in records(results.levels[["submission", "block", "weight", "score"]]):
        found.setdefault(int(row["submission"]), {})[str(row["block"])] = (float(row["weight"]), float(row["score"]))
    return found


def _level_rows(at: int, a: Mapping[str, tuple[float, float]], b: Mapping[str, tuple[float, float]]) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys((*a, *b)):
        (weight_a, score_a), (weight_b, score_b) = a.get(name, (NAN, NAN)), b.get(name, (NAN, NAN))
        yield {"at": at, "level1": name, "weight_a": weight_a, "score_a": score_a, "weight_b": weight_b, "score_b": score_b}


def _row(at: int, sent: Entered, a: Mapping[str, Any] | None, b: Mapping[str, Any] | None, results: Sequence[Results]) -> dict[str, Any]:
    """A row under both packs; None where a pack scores it as budget execution, and not as an indicator."""
    typed = b or a or {}
    made: dict[str, Any] = {
        "at": at,
        "unit_name": sent.name,
        "project": sent.project,
        "level1": "→".join(dict.fromkeys(row["block"] for row in (a, b) if row)),
        "level2": typed["level2"],
        "level3": typed["name"],
        "measure": typed["unit"],
    }
    for which, row in (("a", a), ("b", b)):
        made |= {f"target_{which}": typed["target_text"], f"actual_{which}": typed["actual"], f"sheet_row_{which}": int(typed["sheet_row"])}
        if row:
            made |= {f"weight_{which}": float(row["weight"]), f"score_{which}": float(row["score"])}
        made[f"status_{which}"] = NOT_HERE if not row else Status(row["status"]).zh if row["status"] else ""
    return made | {"why": _why(a, b, results)}


NOT_HERE = "按预算执行"


def _why(a: Mapping[str, Any] | None, b: Mapping[str, Any] | None, results: Sequence[Results]) -> str:
    """What makes the points of a row differ: its 分值 alone, or the clauses that scored it."""
    if not a or not b:
        return f"这一行是预算执行，{results[1 if a else 0].scheme.title}不再作为指标计分"
    first, second = float(a["score"]), float(b["score"])
    if first == second or (first != first and second != second):
        return ""
    shares = [s / w if w and w > 0 else NAN for s, w in ((first, float(a["weight"])), (second, float(b["weight"])))]
    if abs(shares[0] - shares[1]) * max(float(a["weight"]), float(b["weight"])) <= HUNDREDTHS:
        return f"分值{number(a['weight'])}→{number(b['weight'])}，按比例折算"
    said = (f"{one.scheme.title}：{row_explanation(row, one)}" for row, one in zip((a, b), results, strict=True))
    return "\n".join(said)


HUNDREDTHS = 0.0151
"""Two roundings of one share may lie this far apart."""


def _parts(
    unit: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    levels: Sequence[Mapping[str, tuple[float, float]]],
    results: Sequence[Results],
    n: int,
) -> dict[str, Any]:
    """What of the difference comes from execution, from which first level, from clauses that score otherwise."""
    if unit["final_a"] != unit["final_a"] or unit["final_b"] != unit["final_b"]:
        which = "、".join(one.scheme.title for key, one in zip(("final_a", "final_b"), results, strict=True) if unit[key] != unit[key])
        return {"why": f"{which}下暂定，得分不相比"}
    by_execution = unit["execution_b"] - unit["execution_a"]
    by_rows = sum(row["score_b"] - row["score_a"] for row in _scored(rows))
    rest = unit["final_b"] - unit["final_a"] - by_rows - (by_execution if by_execution == by_execution else 0.0)
    spent = [number(record(one.execution, n)["weight"]) for one in results]
    causes: list[Cause] = [(by_execution, "预算执行", f"分值{spent[0]}→{spent[1]}" if spent[0] != spent[1] else "")]
    for row in _level_rows(0, *levels):
        a, b = number(row["weight_a"]) or "0", number(row["weight_b"]) or "0"
        change = np.nan_to_num(row["score_b"]) - np.nan_to_num(row["score_a"])
        causes.append((float(change), row["level1"], f"分值{a}→{b}" if a != b else ""))
    causes.append((rest, "折算、上限等", ""))
    ruled = [row for row in _scored(rows) if "\n" in row["why"]]
    ruled_rows = [f"{row['level3']}{signed(row['score_b'] - row['score_a'])}" for row in ruled[:MOST_RULED]]
    more = f"等{len(ruled)}行" if len(ruled) > MOST_RULED else ""
    return {
        "by_execution": round_one(by_execution) if by_execution == by_execution else NAN,
        "by_rows": round_one(by_rows),
        "by_rest": round_one(rest),
        "why": "；".join(
            filter(None, (in_words(causes), f"计分规则不同的指标：{'、'.join(ruled_rows)}{more}" if ruled_rows else "", *_spent(results, n)))
        ),
    }


MOST_RULED = 3


def _scored(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows with points under both packs."""
    return [row for row in rows if all(row.get(name, NAN) == row.get(name, NAN) for name in ("score_a", "score_b"))]


def _spent(results: Sequence[Results], n: int) -> list[str]:
    """The clauses that score execution, where it is not its 分值 alone that differs."""
    spent = [record(one.execution, n) for one in results]
    shares = [row["score"] / row["weight"] if row["weight"] > 0 else NAN for row in spent]
    if not abs(shares[0] - shares[1]) * max(row["weight"] for row in spent) > HUNDREDTHS:
        return []
    return [f"预算执行按{one.scheme.title}：{execution_explanation(one, n)}" for one in results]


def _ranked(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """排名 under each pack among final totals that count, wholes and projects each among themselves."""
    for which in "ab":
        totals = pd.Series([unit[f"total_{which}"] if unit[f"counted_{which}"] else NAN for unit in units], dtype="float64")
        ranks = totals.groupby([unit["matter"] for unit in units]).rank(method="min", ascending=False)
        for unit, rank in zip(units, ranks.tolist(), strict=True):
            unit[f"rank_{which}"] = rank
    return units


def _lone(sent: Entered) -> dict[str, Any]:
    return {
        "side": "a",
        "what": "项目" if sent.matter is Matter.PROJECT else "单位",
        "unit": sent.name,
        "code": sent.code,
        "matter": str(sent.matter),
        "project": sent.project,
        "score": sent.score.total,
        "full_year": sent.score.full_year,
        "executed": sent.score.executed,
        "why": f"台账里已没有“{sent.source}”的内容，请再汇总一次",
    }


def _clauses(first: Scheme, second: Scheme) -> Iterator[dict[str, str]]:
    """Clauses whose values differ, in the order of the first pack, then what the second alone has."""
    a, b = ({(group, clause): (value, source) for group, clause, value, source, _ in basis_rows(pack)} for pack in (first, second))
    for group, clause in dict.fromkeys((*a, *b)):
        (old, old_source), (new, new_source) = a.get((group, clause), ("", "")), b.get((group, clause), ("", ""))
        if old != new:
            yield {"group": group, "clause": clause, "a": old or "（无）", "b": new or "（无）", "source_a": old_source, "source_b": new_source}
