"""The sheets about units: 单位得分, 主管部门汇总, 报送情况."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from perfxl.consolidation.records import Missing
from perfxl.consolidation.roster import State, unit_of_key
from perfxl.model.columns import UNIT
from perfxl.workbook.consolidated.table import Field, PrintedTable, numbers, texts
from perfxl.workbook.consolidated.view import EXCLUDED, NO_AUTHORITY, PROVISIONAL, Figures, authorities, grade_counts, means, money, standing

if TYPE_CHECKING:
    from perfxl.consolidation.records import Consolidation

SCORES, AUTHORITIES, STATUS = "单位得分", "主管部门汇总", "报送情况"

OWN_INDICATORS = "指标由各单位自行设定，得分反映的是完成自定目标的程度；规则测算得分不是复核结论。"


def score_order(c: Consolidation) -> list[int]:
    """Positions of the submissions as 单位得分 lists them: by rank, then 暂定, then 不参评, each by unit key."""
    state = standing(c).map({PROVISIONAL: 1, EXCLUDED: 2}).fillna(0)
    order = pd.DataFrame({"state": state, "rank": c.units["rank"].astype("float64")})
    return [int(i) for i in order.reset_index(drop=True).sort_values(["state", "rank"], kind="stable").index]


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
    state = standing(c).reset_index(drop=True).iloc[at]
    said = [f"{s}（缺{n}项）" if s == PROVISIONAL else s for s, n in zip(state, units["errors"], strict=True)]
    span = [low if low == high else f"{low}～{high}" for low, high in zip(units["grade_low"], units["grade_high"], strict=True)]
    fields = [
        Field("排名", "centered_count", numbers(units["rank"]), 6),
        Field("部门内排名", "centered_count", numbers(units["authority_rank"]), 7),
        Field("单位名称", "text", texts(units["name"]), 26),
        Field("主管部门", "text", texts(authorities(c).reset_index(drop=True).iloc[at]), 23),
        Field("规则测算得分", "score", numbers(units["total"]), 11),
        Field("等级", "centered", texts(span), 8),
        Field("状态", "centered", said, 13),
        Field("最低", "points", numbers(units["low"]), 8),
        Field("最高", "points", numbers(units["high"]), 8),
        Field("自评总分", "points", numbers(units["claimed_total"]), 8),
        Field("自评等级", "centered", texts(units["claimed_grade"]), 6),
        Field("自评−测算", "difference", numbers((units["claimed_total"] - units["total"]).round(6)), 8),
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
        Field("自评类型", "centered", texts(units["evaluation"]), 9),
        Field("项目名称", "text", texts(units["project"]), 20),
        Field("评分方案", "text", texts(units["scheme_title"]), 16),
        Field("文件", "text", texts(units["source"]), 30),
    ]
    fields += [Field(column.title, "text", texts(units[column.name]), column.width) for column in UNIT.columns if column.name not in _SAID]
    hint = "暂定的列在后面，不排名；未报数按缺项不计分。" if c.missing is Missing.PROVISIONAL else _CLOSED[c.missing]
    return PrintedTable(SCORES, fields, hint=f"{hint}{OWN_INDICATORS}", frozen=3, printed=printed)


_SAID = frozenset(
    {"name", "code", "authority", "region", "fiscal_year", "evaluation", "project", "scheme", "claimed_total", "claimed_grade", "money_unit"}
)
"""Fields of 基本信息 that stand among the columns before; the others follow as typed. Amounts of every sheet are in 万元."""

_CLOSED = {Missing.ZERO: "按截止规则，未报数的指标计0分，得分为最终得分。", Missing.EXCLUDE: "按截止规则，有未报数的单位列在后面，不参评、不排名。"}


def authority_table(c: Consolidation) -> pd.DataFrame:
    """One row per 主管部门, sorted by name, blank last: the figures of 主管部门汇总. Without a roster `due` is NaN."""
    group = authorities(c).reset_index(drop=True)
    units = c.units.reset_index(drop=True)
    summary = Figures(c)
    final = summary.final.reset_index(drop=True)
    grades = grade_counts(c, authorities(c))
    above = (units["claimed_total"] > units["high"] + 0.005).groupby(group).sum()
    status = c.status.assign(authority=c.status["authority"].where(c.status["authority"] != "", NO_AUTHORITY))
    listed = status[status["expected"]] if len(c.roster) else status.iloc[:0]
    due = listed.groupby("authority").size()
    reported = (listed["state"] == State.SUBMITTED).groupby(listed["authority"]).sum()
    names = sorted(set(group) | set(due.index), key=lambda n: (n == NO_AUTHORITY, n))
    rows = []
    members = {str(name): list(index) for name, index in units.groupby(group).groups.items()}
    for name in names:
        own = units.loc[members.get(name, [])]
        spent, (mean, weighted) = money(own), means(own, final.loc[own.index])
        rows.append(
            {
                "authority": name,
                "due": float(due.get(name, 0)) if len(c.roster) else float("nan"),
                "reported": float(reported.get(name, 0)) if len(c.roster) else float(unit_of_key(own["unit_key"]).nunique()),
                "submissions": len(own),
                "full_year": spent.full_year,
                "executed": spent.executed,
                "rate": spent.rate,
                "mean": mean,
                "weighted": weighted,
                "above": int(above.get(name, 0)),
                **{str(g): int(grades[g].get(name, 0)) for g in grades.columns},
            }
        )
    columns = ["authority", "due", "reported", "submissions", "full_year", "executed", "rate", "mean", "weighted", "above", *grades.columns]
    return pd.DataFrame(rows, columns=columns)


def authority_sheet(c: Consolidation, table: pd.DataFrame) -> PrintedTable:
    """主管部门汇总."""
    grades = list(table.columns[10:])
    share = (table["reported"] / table["due"]).where(table["due"] > 0)
    fields = [
        Field("主管部门", "text", texts(table["authority"]), 28),
        Field("应报单位", "count", numbers(table["due"]), 8),
        Field("已报单位", "count", numbers(table["reported"]), 8),
        Field("报送率", "rate", numbers(share), 9),
        Field("采用份数", "count", numbers(table["submissions"]), 8),
        Field("全年预算数（万元）", "total", numbers(table["full_year"]), 16.5),
        Field("全年执行数（万元）", "total", numbers(table["executed"]), 16.5),
        Field("执行率", "rate", numbers(table["rate"]), 9),
        Field("平均得分", "points", numbers(table["mean"]), 9),
        Field("按预算加权平均得分", "points", numbers(table["weighted"]), 11),
        *(Field(str(g), "count", numbers(table[g]), 6) for g in grades),
        Field("自评高于测算", "count", numbers(table["above"]), 9),
    ]
    summary, whole = Figures(c), money(c.units)
    mean, weighted = means(c.units, summary.final)
    due, reported = float(table["due"].sum()), float(table["reported"].sum())
    total: list[object] = [
        "合计",
        due if len(c.roster) else None,
        reported,
        reported / due if len(c.roster) and due else None,
        len(c.units),
        whole.full_year,
        whole.executed,
        whole.rate,
        mean,
        weighted,
        *(int(table[g].sum()) for g in grades),
        int(table["above"].sum()),
    ]
    finite = [v if not isinstance(v, float) or v == v else None for v in total]
    return PrintedTable(AUTHORITIES, fields, hint="平均得分只算正式得分；执行率只算预算数和执行数都有的单位。", total=finite)


def status_sheet(c: Consolidation) -> PrintedTable:
    """报送情况, in the order of the frame: within each 主管部门 those still to be reminded first."""
    s = c.status
    has_count = s["submission"] >= 0
    fields = [
        Field("单位名称", "text", texts(s["name"]), 28),
        Field("预算单位编码", "centered", texts(s["code"]), 13),
        Field("主管部门", "text", texts(s["authority"]), 20),
        Field("所在地区", "centered", texts(s["region"]), 10),
        Field("报送情况", "state", texts(s["state"]), 10),
        Field("采用的文件", "text", texts(s["file"]), 36),
        Field("填报日期", "centered", texts(s["filled_on"]), 12),
        Field("报送次数", "count", numbers(s["submission_count"].where(has_count)), 8),
        Field("必须改正", "count", numbers(s["errors"].astype("float64").where(has_count)), 8),
        Field("需要说明", "count", numbers(s["warnings"].astype("float64").where(has_count)), 8),
        Field("联系人", "centered", texts(s["contact"]), 10),
        Field("电话", "centered", texts(s["phone"]), 15),
        Field("备注", "text", texts(s["note"]), 24),
    ]
    hint = (
        "各主管部门内，未报、读不出、重复待定的排在前面，就是催报名单。"
        if len(c.roster)
        else "没有给应报单位名单（--roster），这里只列收到的单位，未报的看不出来。"
    )
    return PrintedTable(STATUS, fields, hint=hint)
