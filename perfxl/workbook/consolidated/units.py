"""The sheets about units: 单位得分, 主管部门汇总, 报送情况."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from perfxl.catalogue import CATALOGUE
from perfxl.consolidation.counting import waiting
from perfxl.consolidation.decisions import Reason
from perfxl.consolidation.items import Matter
from perfxl.consolidation.records import Missing
from perfxl.consolidation.roster import PROJECT
from perfxl.model.columns import UNIT
from perfxl.workbook.consolidated.reviews import checked_rows, computed_grades, final_grades
from perfxl.workbook.consolidated.table import Field, PrintedTable, numbers, texts
from perfxl.workbook.consolidated.view import (
    ABOVE,
    BY_FINAL,
    EXCLUDED,
    MATTERS,
    NO_AUTHORITY,
    NOT_COUNTED,
    OFF_ROSTER,
    PROVISIONAL,
    SUMMED,
    Figures,
    SummedUp,
    authorities,
    bands,
    is_reviewed,
    of_matter,
    standing,
)

if TYPE_CHECKING:
    from perfxl.consolidation.records import Consolidation

SCORES, AUTHORITIES, STATUS = "单位得分", "主管部门汇总", "报送情况"

RANKED_BY_FINAL = "排名按最终得分（复核过的行用复核得分，其余用规则测算得分），测算排名按规则测算得分。"
OWN_INDICATORS = "指标由各单位自行设定，得分反映的是完成自定目标的程度；规则测算得分不是复核结论。"


def score_order(c: Consolidation) -> list[int]:
    """Positions of the submissions as 单位得分 lists them: wholes, then projects; each by rank, then 暂定, 不参评, 未计入, by unit key."""
    units = c.units.reset_index(drop=True)
    state = standing(units).map({PROVISIONAL: 1, EXCLUDED: 2, NOT_COUNTED: 3}).fillna(0)
    matter = units["matter"].map({str(Matter.WHOLE): 0, str(Matter.PROJECT): 1}).fillna(2)
    order = pd.DataFrame({"matter": matter, "state": state, "rank": units["rank"].astype("float64")})
    return [int(i) for i in order.sort_values(["matter", "state", "rank"], kind="stable").index]


def level_names(c: Consolidation) -> list[str]:
    """The first-level blocks of all schemes, in their order; blocks no scheme knows come last."""
    known = dict.fromkeys(level.name for scheme in c.schemes.values() for level in scheme.levels)
    return list(dict.fromkeys([*known, *sorted(set(c.levels["level1"]) - set(known) - {""})]))


def level_scores(c: Consolidation) -> pd.DataFrame:
    """Points by first level: one row per submission in the order of `units`, NaN where a form lacks the block."""
    table = c.levels.pivot_table(index="submission", columns="level1", values="score", aggfunc="sum", dropna=False)
    return table.reindex(index=c.units["submission"], columns=level_names(c)).reset_index(drop=True)


def scores(c: Consolidation, links: dict[str, list[str]]) -> PrintedTable:
    """单位得分. `links` holds, per submission, where its rows begin in 指标明细 and 问题清单."""
    at = score_order(c)
    units = c.units.reset_index(drop=True).iloc[at]
    reviewed = is_reviewed(c)
    said = [
        f"{s}（缺{n}项）" if s == PROVISIONAL else f"{s}（{why}）" if s == NOT_COUNTED else s
        for s, n, why in zip(standing(units), units["errors"], units["not_counted"], strict=True)
    ]
    span = computed_grades(units)
    fields = [
        Field("排名", "centered_count", numbers(units["rank"]), 6),
        *([Field("测算排名", "centered_count", numbers(units["computed_rank"]), 6)] if reviewed else []),
        Field("部门内排名", "centered_count", numbers(units["authority_rank"]), 7),
        Field("单位名称", "text", texts(units["name"]), 26),
        Field("主管部门", "text", texts(authorities(c).reset_index(drop=True).iloc[at]), 23),
        Field("自评类型", "centered", texts(units["evaluation"]), 9),
        Field("项目名称", "text", texts(units["project"]), 16),
        *([Field("最终得分", "score", numbers(units["final_total"]), 9)] if reviewed else []),
        Field("规则测算得分", "points" if reviewed else "score", numbers(units["total"]), 11),
        *([Field("最终等级", "centered", texts(final_grades(units, c.schemes)), 6)] if reviewed else []),
        Field("测算等级" if reviewed else "等级", "centered", texts(span), 8),
        Field("状态", "centered", said, 14),
        *([Field("已核/应核", "centered", checked_rows(units), 8)] if reviewed else []),
        Field("最低", "points", numbers(units["final_low"]), 8),
        Field("最高", "points", numbers(units["final_high"]), 8),
        Field("自评总分", "points", numbers(units["claimed_total"]), 8),
        Field("自评等级", "centered", texts(units["claimed_grade"]), 6),
        Field("自评−测算", "difference", numbers((units["claimed_total"] - units["total"]).where(~units["provisional"].astype(bool)).round(6)), 8),
        Field("全年预算数（万元）", "total", numbers(units["full_year"]), 16.5),
        Field("全年执行数（万元）", "total", numbers(units["executed"]), 16.5),
        Field("执行率", "rate", numbers(units["execution_rate"]), 9),
        Field("预算执行得分", "points", numbers(units["execution_score"]), 9.5),
    ]
    by_level = level_scores(c).iloc[at]
    fields += [Field(name, "points", numbers(by_level[name]), 9) for name in by_level.columns]
    printed = len(fields)
    fields += [
        Field("必须改正", "count", [int(n) for n in units["errors"]], 7),
        Field("需要说明", "count", [int(n) for n in units["warnings"]], 7),
        Field("指标", "centered", ["查看"] * len(at), 6, [links["indicators"][i] for i in at]),
        Field("问题", "centered", ["查看"] * len(at), 6, [links["issues"][i] for i in at]),
        Field("预算单位编码", "centered", texts(units["code"]), 13),
        Field("所在地区", "centered", texts(units["region"]), 10),
        Field("预算年度", "year", numbers(units["year"]), 7),
        Field("评分方案", "text", texts(units["scheme_title"]), 16),
        Field("文件", "text", texts(units["source"]), 30),
    ]
    fields += [Field(column.title, "text", texts(units[column.name]), column.width) for column in UNIT.columns if column.name not in _SAID]
    hint = "部门（单位）整体和项目分开排名；暂定和未计入的列在后面，不排名。" if c.missing is Missing.PROVISIONAL else _CLOSED[c.missing]
    if reviewed:
        return PrintedTable(SCORES, fields, hint=f"{RANKED_BY_FINAL}{hint}{OWN_INDICATORS}", frozen=4, printed=printed)
    return PrintedTable(SCORES, fields, hint=f"{hint}{OWN_INDICATORS}", frozen=3, printed=printed)


_SAID = frozenset(
    {"name", "code", "authority", "region", "fiscal_year", "evaluation", "project", "scheme", "claimed_total", "claimed_grade", "money_unit"}
)
"""Fields of 基本信息 that stand among the columns before; the others follow as typed. Amounts of every sheet are in 万元."""

_CLOSED = {Missing.ZERO: "按截止规则，未报数的指标计0分，得分为最终得分。", Missing.EXCLUDE: "按截止规则，有未报数的单位列在后面，不参评、不排名。"}


def authority_table(c: Consolidation) -> pd.DataFrame:
    """One row per 主管部门, sorted by name, blank after them, 名单外 last: the figures of 主管部门汇总.

    Columns: `authority`, `units`, then for wholes (plain) and projects (`项目` before the name) what `_BLOCK_TITLES`
    names, the grades, `above`, `left_out`. Without a roster `due` and `share` are NaN.
    """
    units = c.units[list(SUMMED)].assign(group=authorities(c)).reset_index(drop=True)
    undecided = _waiting(c)
    figures = Figures(c)
    due = figures.due.assign(group=figures.due["authority"].where(figures.due["authority"] != "", NO_AUTHORITY))
    if len(c.roster):
        units.loc[units["listed"] < 0, "group"] = OFF_ROSTER
    names = sorted({*units["group"], *due["group"], *undecided["group"]} - {NOBODY}, key=lambda n: (n == OFF_ROSTER, n == NO_AUTHORITY, n))
    of_units = {str(name): rows for name, rows in units.groupby("group", sort=False)}
    of_due = {str(name): rows for name, rows in due.groupby("group", sort=False)}
    of_undecided = {str(name): rows for name, rows in undecided.groupby("group", sort=False)}
    none = (units.iloc[:0], due.iloc[:0], undecided.iloc[:0])
    groups = (of_units, of_due, of_undecided)
    rows = [_authority(c, name, *(own.get(name, blank) for own, blank in zip(groups, none, strict=True))) for name in names]
    return pd.DataFrame(rows, columns=list(_authority(c, "", *none)))


NOBODY = ""
"""Of units of the roster that a submission was sent by it is not known which one: it waits under no 主管部门, only in the total."""


def _waiting(c: Consolidation) -> pd.DataFrame:
    """The submissions that wait for a decision, and the `group` in whose line they are told."""
    sent = waiting(c)
    group = sent["authority"].where(sent["authority"] != "", NO_AUTHORITY)
    if len(c.roster):
        group = group.mask(sent["listed"] < 0, OFF_ROSTER).mask((sent["listed"] < 0) & (sent["why"] == Reason.CONFLICT), NOBODY)
    return sent.assign(group=group)


def _authority(c: Consolidation, name: str, units: pd.DataFrame, due: pd.DataFrame, undecided: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {"authority": name}
    outside = name == OFF_ROSTER
    if outside:
        units = units.assign(counted=units["counted"].astype(bool) | (units["not_counted"] == OFF_ROSTER))
    row["units"] = int(units.loc[units["counted"].astype(bool), "unit"].nunique())
    for prefix, matter in zip(("", PROJECT), MATTERS, strict=True):
        group = SummedUp(of_matter(units, matter), of_matter(due, matter), bands(c), len(of_matter(undecided, matter)))
        with_roster = len(c.roster) > 0 and not outside
        figures = {
            "due": float(len(group.due)) if with_roster else float("nan"),
            "reported": float(group.reported) if not outside else float("nan"),
            "share": group.share if with_roster else float("nan"),
            "full_year": group.money.full_year,
            "executed": group.money.executed,
            "rate": group.money.rate,
            "mean": group.mean,
            "computed_mean": group.computed.mean,
            "weighted": group.weighted,
            "computed_weighted": group.computed.weighted,
            "submissions": len(group.units),
            "reviewed": group.reviewed,
            **group.grades,
            "computed_grades": "、".join(f"{grade}{n}" for grade, n in group.computed.grades.items() if n),
            "above": group.above,
            "left_out": group.left_out,
        }
        row |= {f"{prefix}{key}": value for key, value in figures.items()}
    return row


_BLOCK_TITLES = {
    "due": ("应报", "count", 6.5),
    "reported": ("已报", "count", 6.5),
    "share": ("报送率", "rate", 8.5),
    "full_year": ("全年预算数", "total", 15),
    "executed": ("全年执行数", "total", 15),
    "rate": ("执行率", "rate", 8.5),
    "mean": ("平均得分", "points", 7.5),
    "weighted": ("按预算加权平均得分", "points", 9.5),
    "submissions": ("份数", "count", 6),
}
_REVIEWED_TITLES = {
    **{key: said for key, said in _BLOCK_TITLES.items() if key not in ("mean", "weighted", "submissions")},
    "mean": ("最终平均得分", "points", 7.5),
    "computed_mean": ("测算平均得分", "points", 7.5),
    "weighted": ("按预算加权最终平均", "points", 9.5),
    "computed_weighted": ("按预算加权测算平均", "points", 9.5),
    "submissions": ("份数", "count", 6),
    "reviewed": ("已复核份数", "count", 7),
}
"""The same where somebody has reviewed anything, 最终 and 测算 side by side."""


def authority_sheet(c: Consolidation, table: pd.DataFrame) -> PrintedTable:
    """主管部门汇总: wholes first, then the same for projects; 名单外 in a line of its own that no total holds."""
    reviewed = is_reviewed(c)
    columns = [("authority", "主管部门", "text", 24.0), ("units", "单位数", "count", 7.0)]
    for prefix in ("", PROJECT):
        block = [(key, *said) for key, said in (_REVIEWED_TITLES if reviewed else _BLOCK_TITLES).items()]
        block += [(grade, grade, "count", 5.5) for grade in bands(c)]
        block += [("computed_grades", "测算等级", "text", 10.0)] if reviewed else []
        block += [("above", "自评高于测算", "count", 8.0), ("left_out", "未计入", "text", 16.0)]
        columns += [(f"{prefix}{key}", f"{prefix}{title}", look, width) for key, title, look, width in block]
    fields = [Field(title, look, texts(table[key]) if look == "text" else numbers(table[key]), width) for key, title, look, width in columns]
    listed = c.units[c.units["listed"] >= 0] if len(c.roster) else c.units
    undecided = _waiting(c)
    whole = _authority(c, "合计", listed, Figures(c).due, undecided[undecided["group"] != OFF_ROSTER])
    total = [None if whole[key] == "" or whole[key] != whole[key] else whole[key] for key, *_ in columns]
    off = "名单外的单位另列一行，不在合计里。" if len(c.roster) else ""
    hint = f"金额单位：万元。部门（单位）整体在前，项目在后，两边不能相加。{off}平均得分只算正式得分；执行率只算预算数和执行数都有的。{ABOVE}"
    if not reviewed:
        return PrintedTable(AUTHORITIES, fields, hint=hint, total=total)
    projects = [key for key, *_ in columns].index(f"{PROJECT}due")
    return PrintedTable(AUTHORITIES, fields, hint=f"{BY_FINAL}{hint}", total=total, second_page=projects)


def status_sheet(c: Consolidation) -> PrintedTable:
    """报送情况, in the order of the frame: 待确认 first, then within each 主管部门 those still to be reminded."""
    s = c.status
    has_count = s["submission"] >= 0
    state = [f"{state}（{note}）" if note else state for state, note in zip(s["state"], s["note"], strict=True)]
    late = ["未填日期" if undated else int(days) if days == days else None for days, undated in zip(s["late_days"], s["undated"], strict=True)]
    fields = [
        Field("单位名称", "text", texts(s["name"]), 28),
        Field("预算单位编码", "centered", texts(s["code"]), 13),
        Field("主管部门", "text", texts(s["authority"]), 20),
        Field("应报事项", "centered", texts(s["due"]), 10),
        Field("项目名称", "text", texts(s["project"]), 20),
        Field("报送情况", "state", state, 11),
        Field("迟报天数", "centered_count", late, 9),
        Field("采用的文件", "text", texts(s["file"].where(has_count, "")), 34),
        Field("填报日期", "centered", texts(s["filled_on"]), 12),
        Field("报送次数", "count", numbers(s["submission_count"].where(has_count)), 8),
        Field("必须改正", "count", numbers(s["errors"].astype("float64").where(has_count)), 8),
        Field("疑似文件", "text", texts(s["suspects"]), 30),
        Field("联系人", "centered", texts(s["contact"]), 10),
        Field("联系电话", "centered", texts(s["phone"]), 15),
    ]
    hint = "待确认的先由汇总人员看；未报的就是催报名单。" if len(c.roster) else "没有给应报单位名单（--roster），这里只列收到的单位，未报的看不出来。"
    kinds = [CATALOGUE[issue.code].kind for issue in c.roster_issues]
    if kinds:
        said = "、".join(f"{kind}（{kinds.count(kind)}处）" for kind in dict.fromkeys(kinds))
        hint = f"名单先要改正：{said}（见问题清单）。{hint}"
    return PrintedTable(STATUS, fields, hint=hint)
