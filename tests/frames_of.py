"""Small consolidations for tests: frames with every column a consolidation has, filled from a few named values."""

from __future__ import annotations

import pandas as pd

from perfxl.consolidation import shelf
from perfxl.consolidation.differences import indicator_differences
from perfxl.consolidation.facts import facts, kinds, tally
from perfxl.consolidation.names import name_key, stem_and_folders
from perfxl.consolidation.records import Consolidation
from perfxl.consolidation.reviews import LOG, REVIEWED
from perfxl.consolidation.roster import MEMBER_COLUMNS, ROSTER
from perfxl.consolidation.shelf import LONG, Shelf
from perfxl.consolidation.status import SENT, SUSPECTS, DueRows, framed
from perfxl.consolidation.units import Directory
from perfxl.model import Kind, columns
from perfxl.schemes import load_scheme

NAN = float("nan")
UNIT = {
    **{column.name: "" for column in columns.UNIT.columns},
    "unit_key": "",
    "unit": "",
    "listed": -1,
    "due_row": -1,
    "matter": "整体",
    "in_year": True,
    "counted": True,
    "not_counted": "",
    "project_code": "",
    "part": "",
    "name": "",
    "code": "",
    "authority": "",
    "region": "",
    "year": 2020.0,
    "evaluation": "部门整体",
    "project": "",
    "source": "",
    "sha256": "",
    "scheme": "national-2020",
    "scheme_title": "全国通用(2020)",
    "total": 90.0,
    "low": 90.0,
    "high": 90.0,
    "provisional": False,
    "grade": "优",
    "grade_low": "优",
    "grade_high": "优",
    "full": 100.0,
    "execution_rate": 1.0,
    "full_year": 100.0,
    "executed": 100.0,
    "initial": NAN,
    "execution_score": 10.0,
    "execution_weight": 10.0,
    "execution_claimed": NAN,
    "claimed_total": NAN,
    "claimed_grade": "",
    "errors": 0,
    "warnings": 0,
    "submission_count": 1,
    "filled_on": "",
    "rank": NAN,
    "authority_rank": NAN,
    "excluded": False,
    "filled_by": "",
    "phone": "",
}
INDICATOR = {
    **{column.name: "" for column in columns.INDICATORS.columns},
    "submission": 0,
    "sheet_row": 4,
    "level1": "产出指标",
    "level2": "数量指标",
    "level3": "活动场数",
    "operator": "≥",
    "target": "10场",
    "unit": "场",
    "actual": "10场",
    "tier": "",
    "weight": 10.0,
    "claimed_score": NAN,
    "reason": "",
    "evidence": "",
    "remark": "",
    "adjusted_target": "",
    "block": "产出指标",
    "score": 10.0,
    "low": 10.0,
    "high": 10.0,
    "status": "scored",
    "tier_used": "",
    "completion": 1.0,
    "explanation": "完成10场，得10分",
}
BUDGET = {
    "submission": 0,
    "sheet_row": 5,
    "line": "按来源",
    "kind": "按来源",
    "item": "当年财政拨款",
    "initial": NAN,
    "full_year": 100.0,
    "executed": 100.0,
    "rate": 1.0,
    "weight": NAN,
    "claimed_score": NAN,
    "reason": "",
    "adjust_reason": "",
}
ISSUE = {
    "submission": 0,
    "code": "actual-missing",
    "severity": "error",
    "kind": "缺完成值",
    "sheet": "绩效指标",
    "cell": "G4",
    "value": "",
    "message": "没有填写实际完成值。",
    "fix": "请填写。",
    "level3": "活动场数",
}
FILE = {
    "shown": "",
    "sha256": "",
    "size": 1,
    "fate": "accepted",
    "code": "",
    "details": {},
    "undecided": False,
    "unit_key": "",
    "unit_name": "",
    "submission": -1,
    "replaced_by": "",
    "submission_count": 1,
    "filled_on": "",
    "paper": "填报表",
    "container": ".xlsx",
}


def frame(default: dict, rows: list[dict]) -> pd.DataFrame:
    listed = [{**default, **row} for row in rows]
    columns = {}
    for name, value in default.items():
        kind = "bool" if isinstance(value, bool) else "int64" if isinstance(value, int) else "float64" if isinstance(value, float) else object
        columns[name] = pd.Series([row[name] for row in listed], dtype=kind)
    return pd.DataFrame(columns)


def units(*rows: dict) -> pd.DataFrame:
    matters = {"项目": "项目"}
    listed = [
        {
            "unit": row.get("code") or row.get("name", str(i)),
            "unit_key": f"{row.get('code') or row.get('name', i)}|2020|{matters.get(row.get('evaluation', ''), '整体')}|{row.get('project', '')}",
            "matter": matters.get(row.get("evaluation", ""), "整体"),
            "source": f"{i}.xlsx",
            **row,
        }
        for i, row in enumerate(rows)
    ]
    table = frame(UNIT, listed)
    table.insert(0, "submission", range(len(listed)))
    return table


BLANK = {"text": "", "number": NAN, "whole": 0, "truth": False}


def long(name: str, default: dict, rows: tuple[dict, ...]) -> pd.DataFrame:
    return frame({column: default.get(column, BLANK[kind]) for column, kind in LONG[name].items()}, list(rows))


def indicators(*rows: dict) -> pd.DataFrame:
    return long("indicators", INDICATOR, rows)


def budget(*rows: dict) -> pd.DataFrame:
    return long("budget", BUDGET, rows)


def issues(*rows: dict) -> pd.DataFrame:
    return long("issues", ISSUE, rows)


def files(*rows: dict) -> pd.DataFrame:
    return frame(FILE, list(rows))


def reviewed(*rows: dict) -> pd.DataFrame:
    """Reviews that count unless they say otherwise; points blank unless given."""
    numbers = dict.fromkeys(("weight", "claimed", "score", "review_score", "share", "final"), NAN)
    named = {"submission": 0, "sheet": "绩效指标", "sheet_row": 4, "level1": "产出指标", "level3": "活动场数", "weight": 10.0, "state": "已计入"}
    return frame({**REVIEWED, **numbers, **named}, list(rows))


def review_log(*rows: dict) -> pd.DataFrame:
    return frame(dict(LOG), list(rows))


def roster(*rows: dict) -> pd.DataFrame:
    default = {c.name: NAN if c.kind is Kind.MONEY else "" for c in ROSTER.columns}
    table = frame({**default, "due": "部门整体"}, list(rows))
    table.insert(0, "sheet_row", range(2, len(rows) + 2))
    numbers: dict = {}
    table["unit"] = [numbers.setdefault((row.get("name"), row.get("code")), len(numbers)) for row in rows]
    return table[list(MEMBER_COLUMNS)].astype({"unit": "int64"})


def sent(table: pd.DataFrame, listed: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """What was sent, as the units and the undecided files have it; writes into the units which of the roster they are."""
    directory, due = Directory(listed), DueRows(listed)
    rows = []
    undecided = [
        {**SENT, "name": f["unit_name"], "shown": f["shown"], "fate": "rejected", "why": "duplicate-submission"}
        for f in found.to_dict("records")
        if f["undecided"]
    ]
    for row in [*table.to_dict("records"), *undecided]:
        at = directory.codes.get(row["code"]) or directory.named(name_key(row["name"]))
        unit = directory.members[at[0]].number if len(at) == 1 else -1
        own = {**SENT, **{k: v for k, v in row.items() if k in SENT}, "listed": unit, "matter": row["matter"] or "整体"}
        own["due_row"] = due.of(unit, own["matter"], row["project"], row["project_code"])
        own["item"] = row.get("unit_key") or f"{row['name']}|2020|整体|"
        own["shown"], own["fate"] = row.get("source") or row["shown"], row.get("fate") or "accepted"
        rows.append(own)
    for name in ("listed", "due_row"):
        table[name] = [row[name] for row in rows[: len(table)]]
    for at, unit in enumerate(table["listed"].tolist()):
        if unit >= 0 and directory.members[unit].authority:
            table.loc[table.index[at], "authority"] = directory.members[unit].authority
    return framed(SENT, rows)


def unreviewed(table: pd.DataFrame) -> None:
    """The columns of 最终得分 of units that nobody has reviewed: as they were computed."""
    for name in ("total", "low", "high", "grade", "provisional"):
        table[f"final_{name}"] = table[name]
    table["reviewable"] = table["reviewed"] = 0
    table["deductions"] = pd.Series("", index=table.index, dtype=object)


def consolidation(**parts: object) -> Consolidation:
    """A consolidation of the parts given; the others are empty frames with their columns."""
    schemes = {"national-2020": load_scheme("national-2020"), "hubei": load_scheme("hubei")}
    table = parts.pop("units", units())
    long = {name: parts.pop(name, make()) for name, make in (("budget", budget), ("indicators", indicators), ("issues", issues))}
    review = indicator_differences(long["indicators"], schemes["national-2020"])
    rows = Shelf()
    for number, packed in shelf.packed({**long, "review": review}).items():
        rows.put(number, packed)
    found = parts.pop("files", files())
    listed = parts.get("roster", roster())
    rejected = found[(found["fate"] == "rejected") & ~found["undecided"].astype(bool)]["shown"].tolist()
    spoken = [(Directory(listed).witnesses().spoken_of(name_key(stem_and_folders(shown)[0])), shown) for shown in rejected]
    given = {
        "files": found,
        "units": table,
        "sent": sent(table, listed, found),
        "suspects": framed(SUSPECTS, []),
        "unreadable": framed({"listed": -1, "shown": ""}, [{"listed": at, "shown": shown} for at, shown in spoken if at >= 0]),
        "year": 2020,
        "roster": roster(),
        "status": pd.DataFrame(),
        "between": issues(),
        "claims": review.iloc[:0],
        "levels": frame({"submission": 0, "level1": "", "weight": 0.0, "score": 0.0, "answered": 0.0}, []),
        "schemes": schemes,
        "facts": facts(table["submission"], long["budget"], long["indicators"], review),
        "tally": tally(long["issues"]),
        "kinds": kinds(review),
        "rows": rows,
        "order": range(len(table)),
    }
    counted = long["issues"].groupby(["submission", "severity"]).size()
    for name, severity in (("errors", "error"), ("warnings", "warning")):
        table[name] = [int(counted.get((n, severity), 0)) for n in table["submission"]]
    if "final_total" not in table:
        unreviewed(table)
    table["computed_rank"] = table["rank"]
    return Consolidation(**{**given, **parts})
