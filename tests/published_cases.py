"""Published 自评表 as intake workbooks, and what perfxl makes of their published scores.

Each case is typed into the real template by header, as it was printed: nothing is added, a cell that the source cuts off
or cannot be read stays blank. Points that a form does not print (湖北 prints no 分值) stay blank too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from filling import fill
from papers import read_workbook

from perfxl.catalogue import severity_of
from perfxl.intake.submission import Submission
from perfxl.jobs.api import score
from perfxl.model import Issue, Severity
from perfxl.schemes import load_scheme
from perfxl.schemes.loading import scheme_named
from perfxl.workbook.template import template_bytes

FOLDER = Path(__file__).parent / "data" / "cases"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))
"""Every scenario, also those somebody made up; CONTRIBUTING says what a file holds."""
BLANKS = {
    "table": {"published_total": None, "published_grade": None, "budget_unit": None, "budget": [], "indicators": [], "management": []},
    "budget": {"initial": None, "full_year": None, "executed": None, "weight": None, "score": None},
    "indicators": dict.fromkeys(
        ("level1", "level2", "level3", "operator", "target_text", "actual_text", "unit_text", "tier", "weight", "score", "deviation_note")
    ),
}
"""What a file may leave out."""

TOTALS = ("年度资金总额", "年度财政资金总额", "部门预算执行情况")
FUNDS = {"其中:当年财政拨款": "当年财政拨款", "其中:本年财政拨款": "当年财政拨款"}
HUBEI_POINTS = 20


@cache
def case(name: str) -> dict:
    table = {**BLANKS["table"], **json.loads((FOLDER / f"{name}.json").read_text("utf-8"))}
    return table | {part: [{**BLANKS[part], **row} for row in table[part]] for part in ("budget", "indicators")}


def published_cases() -> list[str]:
    """The cases that somebody published."""
    return [name for name in CASES if case(name)["source_url"]]


def scheme_of(published: dict) -> str:
    """The one it names; forms with 20 points for execution are 湖北's; the others are scored by the national rules."""
    if published.get("scheme"):
        return scheme_named(published["scheme"])
    return "hubei" if any(line["weight"] == HUBEI_POINTS for line in published["budget"]) else "national-2020"


def intake_of(published: dict, **unit: object) -> bytes:
    """The case typed into the template of its scheme; `unit` adds or replaces fields of 基本信息."""
    project = published["kind"] == "项目"
    facts = {
        "name": published["unit"],
        "fiscal_year": str(published["fiscal_year"]),
        "evaluation": "项目" if project else "部门整体",
        "project": published["title"] if project else None,
        "money_unit": published["budget_unit"],
        "claimed_total": published["published_total"],
        "claimed_grade": published["published_grade"],
        **unit,
    }
    budget = []
    for line in published["budget"]:
        total = line["item"] in TOTALS
        amounts = {"initial": line["initial"], "full_year": line["full_year"], "executed": line["executed"]}
        labels = ("合计", "年度资金总额") if total else ("按来源", FUNDS.get(line["item"], line["item"]))
        points = {"weight": line["weight"], "claimed_score": line["score"]} if total else {}
        budget.append({"kind": labels[0], "item": labels[1], **amounts, **points})
    rows = [
        {
            "level1": row["level1"],
            "level2": row["level2"],
            "level3": row["level3"],
            "operator": row["operator"],
            "target": row["target_text"],
            "unit": row["unit_text"],
            "actual": row["actual_text"],
            "tier": row["tier"],
            "weight": row["weight"],
            "claimed_score": row["score"],
            "reason": row["deviation_note"],
        }
        for row in published["indicators"]
    ]
    return fill(
        template_bytes(load_scheme(scheme_of(published))),
        unit={k: v for k, v in facts.items() if v is not None},
        budget=budget,
        indicators=[{k: v for k, v in row.items() if v is not None} for row in rows],
        management=published["management"],
    )


def outcome(name: str) -> dict:
    """What perfxl makes of a case, under the keys a file's `expected` may have."""
    submission = read_workbook(intake_of(case(name)), source=f"{name}.xlsx")
    assert isinstance(submission, Submission), submission
    results = score(submission, scheme_of(case(name)))
    total, rows = results.totals.iloc[0], results.frames.indicators
    scores = {row["level3"]: None if row["score"] != row["score"] else row["score"] for row in rows.to_dict("records")}
    return {
        "total": None if total["provisional"] else total["total"],
        "possible": [total["low"], total["high"]],
        "grade": total["grade"],
        "rows": scores,
        "codes": sorted({issue.code for issue in results.issues}),
    }


@dataclass
class Compared:
    """One published score: what was printed, what the rules give, and the codes that say why they part."""

    case: str
    what: str
    published: float
    recomputed: float | None
    codes: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return self.recomputed is not None and abs(self.published - self.recomputed) < 0.005

    @property
    def fate(self) -> str:
        return "equal" if self.equal else "open" if self.recomputed is None else "differs"


def issues_of(name: str) -> list[Issue]:
    """What is said about a case."""
    published = case(name)
    submission = read_workbook(intake_of(published), source=f"{name}.xlsx")
    assert isinstance(submission, Submission), submission
    return score(submission, scheme_of(published)).issues


def compared(name: str) -> list[Compared]:
    """Every published score of a case against the rules: rows, the execution line, the total."""
    published = case(name)
    submission = read_workbook(intake_of(published), source=f"{name}.xlsx")
    assert isinstance(submission, Submission), submission
    results = score(submission, scheme_of(published))
    frame = results.frames.indicators
    by_row = {}
    for issue in results.issues:
        for number in issue.rows:
            by_row.setdefault((issue.sheet, number), []).append(issue.code)
    first = submission.places["indicators"].header_row + 1
    found = []
    for at, printed in enumerate(published["indicators"]):
        if printed["score"] is None:
            continue
        row = frame[frame["sheet_row"] == first + at].iloc[0]
        value = None if row["score"] != row["score"] else float(row["score"])
        codes = by_row.get(("绩效指标", first + at), [])
        found.append(Compared(name, f"{at + 1}. {printed['level3'] or '（无名称）'}", printed["score"], value, codes))
    line = results.execution.iloc[0]
    claimed = next((b["score"] for b in published["budget"] if b["item"] in TOTALS), None)
    money = [i.code for i in results.issues if i.sheet == "预算执行"]
    if claimed is not None:
        found.append(Compared(name, "预算执行率", claimed, None if line["score"] != line["score"] else float(line["score"]), money))
    if published["published_total"] is not None:
        total = results.totals.iloc[0]
        final = None if total["provisional"] else float(total["total"])
        found.append(Compared(name, "总分", published["published_total"], final, sorted({i.code for i in results.issues if is_error(i.code)})))
    return found


def is_error(code: str) -> bool:
    """Whether a code keeps a score open."""
    return severity_of(code) is Severity.ERROR


def aggregate(rows: list[Compared]) -> dict[str, int]:
    counts = {"cases": len({row.case for row in rows}), "scores": len(rows), "equal": 0, "differs": 0, "open": 0}
    for row in rows:
        counts[row.fate] += 1
    return counts
