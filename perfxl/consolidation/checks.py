"""Checks across units: what only shows when submissions lie side by side (contract §4, 6xx).

They see the stacked frames of a `Consolidation`, thresholds come from each submission's own scheme. What they need of
the sheets beyond those frames — cells to point at, long sentences to compare — is taken per chunk by `anchors` and
`passages`, both keyed by `submission` and stacked like every other frame.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.consolidation.facts import SUMS
from perfxl.consolidation.items import UNDECIDED
from perfxl.consolidation.roster import budget_differences, suspected_factor
from perfxl.consolidation.status import State, deadline_day
from perfxl.intake.submission import folded
from perfxl.model import Issue
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, REPORT, REPORT_SECTIONS, SOURCE_KIND, TABLES, TOTAL_KIND, TYPE_KIND, UNIT
from perfxl.rules.frames import records
from perfxl.rules.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from perfxl.consolidation.records import Consolidation
    from perfxl.rules.frames import Frames
    from perfxl.schemes import Scheme

NO_SUBMISSION = -1
"""The submission of an issue about a unit or file that has none; its details name `unit` and `file`."""

ANCHORS = ("submission", "unit_sheet", "name_cell", "code_cell", "year_cell", "filled_on_cell", "budget_sheet", "budget_cell", "indicators_sheet")
PASSAGES = ("submission", "sheet", "cell", "column", "hash", "length", "text")


def consolidation_issues(c: Consolidation, anchors: pd.DataFrame | None = None, passages: pd.DataFrame | None = None) -> list[Issue]:
    """Every issue between units, sorted by submission, code and place; those without a submission come last."""
    at = _Anchors(anchors)
    found = [
        *_undecided(c),
        *_not_submitted(c),
        *_unexpected(c, at),
        *_other_year(c, at),
        *_late(c, at),
        *_doubts(c, at),
        *_budgets(c, at),
        *_equal_reports(c, at),
        *(_copied(c, passages) if passages is not None else ()),
    ]
    last = len(c.units)
    return sorted(
        found,
        key=lambda i: (
            last if i.submission < 0 else i.submission,
            i.code,
            i.sheet or "",
            i.cell or "",
            str(i.details.get("unit", "")),
            str(i.details.get("file", "")),
        ),
    )


# what is taken of each chunk


def anchors(frames: Frames) -> pd.DataFrame:
    """Per submission the sheets and cells that issues between units point at; "" where the form lacks them."""
    rows = []
    totals = frames.budget[frames.budget["line"] == TOTAL_KIND].drop_duplicates("submission")
    total_row = dict(zip(totals["submission"], totals["sheet_row"], strict=True))
    for submission in frames.unit["submission"]:
        places = frames.places.get(submission, {})
        unit, budget, listed = places.get(UNIT.name), places.get(BUDGET.name), places.get(INDICATORS.name)
        row = total_row.get(submission)
        rows.append(
            (
                submission,
                unit.sheet if unit else UNIT.sheet,
                (unit and unit.cell("name")) or "",
                (unit and unit.cell("code")) or "",
                (unit and unit.cell("fiscal_year")) or "",
                (unit and unit.cell("filled_on")) or "",
                budget.sheet if budget else BUDGET.sheet,
                (budget and row is not None and budget.cell("full_year", int(row))) or "",
                listed.sheet if listed else INDICATORS.sheet,
            )
        )
    return pd.DataFrame(rows, columns=list(ANCHORS), dtype=object).astype({"submission": "int64"})


_TEXTS = ((GOALS, "achieved"), (INDICATORS, "actual"), (INDICATORS, "reason"), (REPORT, "text"))
_GIVEN = ((GOALS, "expected"), (INDICATORS, "target_text"))
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+")


def passages(frames: Frames, scheme: Scheme) -> pd.DataFrame:
    """The long sentences a unit wrote itself, by hash: what was achieved, actuals, reasons, the report.

    Compared are sentences of at least `checks.copied_sentence` characters, without blanks and with the unit's own name
    taken out. Sentences of the form, and those that repeat the unit's own goals and targets, are not its own words.
    """
    least = int(scheme.checks.copied_sentence)
    names = {s: folded(n) for s, n in zip(frames.unit["submission"], frames.unit["name"], strict=True)}
    given = {
        (s, sentence)
        for table, column in _GIVEN
        for s, _, text in _long(frames.table(table.name), column, least)
        for sentence in _sentences(text, least)
    }
    rows = []
    for table, column in _TEXTS:
        for submission, sheet_row, text in _long(frames.table(table.name), column, least):
            place = frames.places.get(submission, {}).get(table.name)
            cell = (place and place.cell(column, int(sheet_row))) or ""
            sheet = place.sheet if place else table.sheet
            for sentence in _sentences(text, least):
                own = sentence.replace(names[submission], "") if names.get(submission) else sentence
                if len(own) >= least and own not in _form_sentences() and (submission, sentence) not in given:
                    rows.append((submission, sheet, cell, table.title(column), _hash(own), len(own), own[:60]))
    return pd.DataFrame(rows, columns=list(PASSAGES), dtype=object).astype({"submission": "int64", "hash": "int64", "length": "int64"})


def _long(frame: pd.DataFrame, column: str, least: int) -> list[tuple[int, int, str]]:
    """Submission, row and text where a column says as much as that."""
    rows = zip(*(frame[name].tolist() for name in ("submission", "sheet_row", column)), strict=True)
    return [row for row in rows if len(row[2]) >= least]


@lru_cache(maxsize=65536)
def _sentences(text: str, least: int) -> tuple[str, ...]:
    return tuple(s for part in _SENTENCE_END.split(text) if len(s := folded(part)) >= least)


@lru_cache(maxsize=1)
def _form_sentences() -> frozenset[str]:
    printed = [*REPORT_SECTIONS, *(c.help for t in TABLES for c in t.columns)]
    return frozenset(s for text in printed for s in _sentences(text, 1))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


class _Anchors:
    """Cells by submission; without anchors the sheet's own title and no cell."""

    def __init__(self, frame: pd.DataFrame | None) -> None:
        self._rows: Mapping[int, dict[str, str]] = {} if frame is None else {int(row["submission"]): row for row in records(frame)}

    def unit(self, submission: int, field: str) -> tuple[str, str | None]:
        row = self._rows.get(submission, {})
        return row.get("unit_sheet", UNIT.sheet), row.get(f"{field}_cell") or None

    def budget(self, submission: int) -> tuple[str, str | None]:
        row = self._rows.get(submission, {})
        return row.get("budget_sheet", BUDGET.sheet), row.get("budget_cell") or None

    def indicators(self, submission: int) -> str:
        return self._rows.get(submission, {}).get("indicators_sheet", INDICATORS.sheet)


def threshold(c: Consolidation, name: str) -> pd.Series:
    """A value of `scheme.checks` for each row of `units`, from the submission's own scheme."""
    values: dict[str, float] = {key: float(getattr(scheme.checks, name)) for key, scheme in c.schemes.items()}
    return c.units["scheme"].map(values).astype("float64")


# who sent what


def _undecided(c: Consolidation) -> Iterator[Issue]:
    """重复待定, 身份冲突, 项目未命名: workbooks of which only the office can say whether they count."""
    for row in records(c.files[c.files["undecided"].astype(bool)]):
        code = row["code"] if row["code"] in UNDECIDED else "duplicate-submission"
        details = {"unit": str(row["unit_name"]), "file": str(row["shown"]), **(row["details"] or {})}
        yield Issue(NO_SUBMISSION, code, details=details)


def _not_submitted(c: Consolidation) -> Iterator[Issue]:
    """Due and nothing came in: of a unit that sent nothing, or something else; a file that could not be read is its own code."""
    missing = c.status[c.status["state"].eq(State.MISSING) & c.status["expected"]]
    for row in records(missing):
        if row["other"]:
            item = f"{row['due']}“{row['project']}”" if row["project"] else row["due"]
            yield Issue(NO_SUBMISSION, "due-missing", details={"unit": row["name"], "item": item})
        else:
            yield Issue(NO_SUBMISSION, "not-submitted", details={"unit": row["name"], "authority": row["authority"]})


def unexpected_unit(c: Consolidation) -> pd.Series:
    """Units that are not on the roster. Without a roster every unit is expected."""
    return (c.units["listed"] < 0) & bool(len(c.roster))


def _unexpected(c: Consolidation, at: _Anchors) -> Iterator[Issue]:
    for row in records(c.units[unexpected_unit(c)]):
        sheet, cell = at.unit(row["submission"], "name")
        yield Issue.at(row["submission"], "unexpected-unit", sheet, cell, row["name"] or None, {"unit": row["name"]})


def other_year(c: Consolidation) -> pd.Series:
    """Submissions of another year than the run's. A blank year is an issue of its own."""
    return c.units["year"].notna() & (c.units["year"] != c.year)


def _other_year(c: Consolidation, at: _Anchors) -> Iterator[Issue]:
    for row in records(c.units[other_year(c)]):
        sheet, cell = at.unit(row["submission"], "year")
        details: dict[str, str | float] = {"year": number(row["year"]), "expected": str(c.year)}
        yield Issue.at(row["submission"], "other-year", sheet, cell, number(row["year"]), details)


def _late(c: Consolidation, at: _Anchors) -> Iterator[Issue]:
    last = deadline_day(c.deadline)
    if last is None:
        return
    for row in records(c.status[(c.status["late_days"] > 0) & (c.status["submission"] >= 0)]):
        sheet, cell = at.unit(row["submission"], "filled_on")
        details: dict[str, str | float] = {"day": row["first_day"], "deadline": last.isoformat(), "n": number(row["late_days"])}
        yield Issue.at(row["submission"], "late", sheet, cell, row["first_day"] or None, details)


_FIELDS = {"code-differs": "code", "code-zeros-lost": "code", "identity-suspect": "name"}


def _doubts(c: Consolidation, at: _Anchors) -> Iterator[Issue]:
    """What deciding who is whose has found out."""
    for submission, code, details in c.doubts:
        if submission < 0:
            yield Issue(NO_SUBMISSION, code, details=details)
            continue
        sheet, cell = at.unit(submission, _FIELDS.get(code, "name"))
        yield Issue.at(submission, code, sheet, cell, str(details.get("typed_code") or "") or None, details)


# whose amounts look wrong


def peer_factor(c: Consolidation) -> pd.DataFrame:
    """How many times the median of its peers a unit's 全年预算数 is: `expected` (the median) and `factor`, NaN if usual.

    Peers are the submissions of the run's year of the same 主管部门 where there are more than `checks.peer_count`, else of
    the whole batch; wholes and projects are no peers. From `checks.peer_factor` on (or below its inverse) a unit is out of
    proportion; the factor is the power of ten next to the ratio, 10 000 at most.
    """
    units = c.units
    amounts = units["full_year"].astype("float64").where((units["full_year"] > 0) & ~other_year(c))
    group = [units["matter"], units["authority"].where(units["authority"] != "")]
    count = amounts.groupby(group).transform("count")
    median = amounts.groupby(group).transform("median")
    least, limit = threshold(c, "peer_count"), threshold(c, "peer_factor")
    kind = amounts.groupby(units["matter"])
    overall = kind.transform("median").where(kind.transform("count") > least)
    expected = median.where(count > least, overall)
    ratio = amounts / expected
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.round(np.log10(ratio.to_numpy())).clip(-4, 4)
    odd = (ratio >= limit) | (ratio <= 1 / limit)
    return pd.DataFrame({"expected": expected, "factor": pd.Series(10.0**power, index=units.index).where(odd)})


def sum_factor(c: Consolidation) -> pd.DataFrame:
    """Where a unit's own totals are a power of ten apart: 合计 against the lines, or one kind of lines against the other."""
    sources, types, totals = (c.facts[SUMS[kind]] for kind in (SOURCE_KIND, TYPE_KIND, TOTAL_KIND))
    lines = sources.fillna(types)
    expected = totals.where(sources.isna() | types.isna(), types).fillna(totals)
    return pd.DataFrame({"expected": expected.to_numpy(), "factor": suspected_factor(lines, expected).to_numpy()}, index=c.units.index)


def _budgets(c: Consolidation, at: _Anchors) -> Iterator[Issue]:
    """`unit-magnitude-suspect` by the best evidence there is (名单, 合计, 同类单位), else `budget-differs-from-roster`."""
    differences = (
        budget_differences(c.roster, c.units, c.schemes)
        if len(c.roster)
        else pd.DataFrame(columns=["submission", "item", "roster", "reported", "difference", "factor"])
    )
    suspected: set[int] = set()
    by_roster = differences[differences["factor"].notna()].drop_duplicates("submission")
    sources = [(by_roster.rename(columns={"roster": "expected"}), "应报单位名单上的数")]
    for basis, table in (("本表的另一个合计", sum_factor(c)), ("同类单位的中位数", peer_factor(c))):
        sources.append((table.assign(submission=c.units["submission"], reported=c.units["full_year"]).dropna(subset=["factor"]), basis))
    for table, basis in sources:
        for row in records(table):
            submission = int(row["submission"])
            if submission in suspected:
                continue
            suspected.add(submission)
            yield _magnitude(submission, row, basis, at)
    for row in records(differences[differences["factor"].isna()]):
        sheet, cell = at.budget(int(row["submission"]))
        yield Issue.at(
            int(row["submission"]),
            "budget-differs-from-roster",
            sheet,
            cell,
            number(row["reported"]),
            {"item": row["item"], "full_year": number(row["reported"]), "expected": number(row["roster"]), "gap": number(row["difference"])},
        )


def _magnitude(submission: int, row: Mapping[str, float], basis: str, at: _Anchors) -> Issue:
    sheet, cell = at.budget(submission)
    factor = row["factor"]
    said = f"{number(factor)}倍" if factor >= 1 else f"{number(round(1 / factor))}分之一"
    return Issue.at(
        submission,
        "unit-magnitude-suspect",
        sheet,
        cell,
        number(row["reported"]),
        {"full_year": number(row["reported"]), "expected": number(round(row["expected"], 2)), "factor": said, "basis": basis},
    )


# whose words or rows are another unit's


EQUAL_ROWS = 3
"""Fewer rows than this say nothing: two small units may well report the same."""


def equal_reports(c: Consolidation) -> pd.Series:
    """A number for each group of submissions of different units whose indicators and amounts are the same; 0 for the rest.

    Only submissions with at least three filled actuals are compared: blank forms are all alike.
    """
    prints = pd.DataFrame(
        {"rows": c.facts["rows_print"].to_numpy(), "money": c.facts["money_print"].to_numpy(), "year": c.units["year"].to_numpy()},
        index=c.units.index,
    )
    comparable = pd.Series((c.facts["filled"] >= EQUAL_ROWS).to_numpy(), index=c.units.index)
    groups = prints[comparable].groupby(["rows", "money", "year"], dropna=False, sort=False)
    numbers = pd.Series(groups.ngroup() + 1, index=prints.index[comparable]).reindex(c.units.index).fillna(0).astype("int64")
    several = c.units["unit"].groupby(numbers).transform("nunique") > 1
    return numbers.where(several & (numbers > 0), 0)


def _equal_reports(c: Consolidation, at: _Anchors) -> Iterator[Issue]:
    groups = equal_reports(c)
    rows = c.units[groups > 0].assign(group=groups[groups > 0])
    for _, members in rows.groupby("group", sort=True):
        listed = records(members)
        for row in listed:
            other = next(m for m in listed if m["unit"] != row["unit"])
            yield Issue.at(
                row["submission"],
                "report-equal",
                at.indicators(row["submission"]),
                None,
                None,
                {"unit": other["name"], "file": other["source"], "n": str(len(listed))},
            )


def shared_sentences(c: Consolidation, sentences: pd.DataFrame) -> pd.DataFrame:
    """Those of `submission, hash` that one unit may have from another: of several units, but of no more than `checks.copied_units`."""
    units = pd.Series(pd.factorize(c.units["unit"])[0], index=c.units["submission"])
    table = sentences.assign(unit=sentences["submission"].map(units).to_numpy())
    counts = table[["hash", "unit"]].drop_duplicates()["hash"].value_counts()
    most = int(threshold(c, "copied_units").max()) if len(c.units) else 0
    return sentences[sentences["hash"].isin(counts.index[(counts > 1) & (counts <= most)])]


def copied_passages(c: Consolidation, passages: pd.DataFrame) -> pd.DataFrame:
    """Cells with sentences that another unit wrote too: `submission, sheet, cell, column, length, text, other, other_sheet, other_cell`.

    One row per cell, with the unit that shares most of it. A sentence of more than `checks.copied_units` units is
    circulated wording, not copied from one unit by another.
    """
    identity = dict(zip(c.units["submission"], c.units["unit"], strict=True))
    table = passages.assign(unit=passages["submission"].map(identity)).dropna(subset=["unit"])
    table = table.drop_duplicates(["submission", "sheet", "cell", "hash"])
    shared = table.groupby("hash")["unit"].transform("nunique")
    most = int(threshold(c, "copied_units").max()) if len(c.units) else 0
    table = table[(shared > 1) & (shared <= most)]
    pairs = table.merge(table, on="hash", suffixes=("", "_other"))
    pairs = pairs[pairs["unit"] != pairs["unit_other"]]
    pairs = pairs.sort_values(["submission", "sheet", "cell", "submission_other", "sheet_other", "cell_other", "hash"], kind="stable")
    place = ["submission", "sheet", "cell"]
    once = pairs.drop_duplicates([*place, "submission_other", "hash"])
    longest = once.sort_values("length", ascending=False, kind="stable").drop_duplicates([*place, "submission_other"])
    sums = once.groupby([*place, "submission_other"], sort=False)["length"].sum().rename("total").reset_index()
    merged = longest.merge(sums, on=[*place, "submission_other"])
    best = merged.sort_values(["total", "submission_other"], ascending=[False, True], kind="stable").drop_duplicates(place)
    return best.sort_values(place, kind="stable").reset_index(drop=True)


def _copied(c: Consolidation, passages: pd.DataFrame) -> Iterator[Issue]:
    names = dict(zip(c.units["submission"], c.units["name"], strict=True))
    for row in records(copied_passages(c, passages)):
        where = f"{row['sheet_other']}!{row['cell_other']}" if row["cell_other"] else row["sheet_other"]
        yield Issue.at(
            row["submission"],
            "text-copied",
            row["sheet"],
            row["cell"] or None,
            row["text"],
            {"column": row["column"], "unit": names[row["submission_other"]], "where": where, "n": str(row["total"]), "text": row["text"]},
        )
