"""人工复核 as it is printed: 复核结果, 复核明细, 扣分不一, 复核台账; each only where there is something to say.

最终得分 is live: a 复核得分 changed in 复核明细 moves the total and the grade in 复核结果; the sheets that do not follow say so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from perfxl.consolidation.reviews import ReviewState
from perfxl.consolidation.reviews.unequal import unequal_shares
from perfxl.model.columns import BUDGET, UNIT
from perfxl.model.digits import plain
from perfxl.model.rounding import snap
from perfxl.rules.expression import C, Min, Rounded
from perfxl.rules.frames import records
from perfxl.rules.totals import grade, grade_of
from perfxl.workbook.consolidated.table import FIRST_ROW, Field, Moved, PrintedTable, capacity, numbers, texts
from perfxl.workbook.consolidated.view import NOT_COUNTED, authorities, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from perfxl.consolidation.records import Consolidation
    from perfxl.rules.expression import Expression
    from perfxl.schemes import Scheme

RESULTS, ROWS, UNEQUAL, LEDGER = "复核结果", "复核明细", "扣分不一", "复核台账"

NOT_FOLLOWED = "“复核明细”里改过分数，本表没有跟着变。请把改动填进复核表，用 --review 再汇总。"
_FOLLOWED = "“复核明细”里改过分数：本表已经跟着变，排名和汇总没有。请把改动填进复核表，用 --review 再汇总。"


def checked_rows(units: pd.DataFrame) -> list[str]:
    """已核/应核 of each submission."""
    return [f"{done}/{due}" for done, due in zip(units["reviewed"].tolist(), units["reviewable"].tolist(), strict=True)]


def computed_grades(units: pd.DataFrame) -> list[str]:
    """等级 by 规则测算得分: one, or the span of what is open."""
    return [low if low == high else f"{low}～{high}" for low, high in zip(units["grade_low"], units["grade_high"], strict=True)]


def final_grades(units: pd.DataFrame, schemes: Mapping[str, Scheme]) -> list[str]:
    """等级 by 最终得分: one, or the span of what is open; "" where the computed one says nothing either."""

    @cache
    def of(total: float, scheme: str) -> str:
        return grade_of(total, schemes[scheme]) or ""

    found = []
    computed = computed_grades(units)
    columns = ("reviewed", "final_provisional", "final_grade", "final_low", "final_high", "scheme")
    for own, (reviewed, open_, final, low, high, scheme) in zip(computed, zip(*(units[name].tolist() for name in columns), strict=True), strict=True):
        if not reviewed or (open_ and not own):
            found.append(own)
        else:
            ends = (of(low, scheme), of(high, scheme)) if open_ else (final or "",) * 2
            found.append(ends[0] if ends[0] == ends[1] else f"{ends[0]}～{ends[1]}")
    return found


Said: TypeAlias = "Mapping[int, Mapping[tuple[str, int], str]]"
"""By submission, then by sheet and row, what a review made of the row."""


def said_of_rows(c: Consolidation) -> Said | None:
    """What 复核差异 and 退回修改清单 say of rows on which a review stands, and of reviewed totals; None where nobody has reviewed anything."""
    if not len(c.reviewed):
        return None
    said: dict[int, dict[tuple[str, int], str]] = {}
    names = ("submission", "sheet", "sheet_row", "state", "final")
    for number, sheet, row, state, final in zip(*(c.reviewed[name].tolist() for name in names), strict=True):
        if number >= 0:
            place = (sheet, row) if row else (BUDGET.sheet, 0)
            said.setdefault(number, {})[place] = f"复核得{plain(final)}分" if state == ReviewState.COUNTS else str(state)
    totals = c.units[(c.units["reviewed"] > 0) & c.units["final_total"].notna()]
    for number, total in zip(totals["submission"].tolist(), totals["final_total"].tolist(), strict=True):
        said.setdefault(number, {})[UNIT.sheet, 0] = f"最终{plain(total)}分"
    return said


# 最终得分 as a formula


@dataclass(frozen=True, slots=True)
class _Sum:
    """How the 最终得分 of a submission comes about: (`rest` + its rows of 复核明细) × `rescale`, at most `cap`."""

    rest: float
    rescale: float
    cap: float | None

    @property
    def total(self) -> Expression:
        """Over `reviewed`, `rest`, `rescale` and `cap`."""
        found = Rounded(Rounded(C("rest") + C("reviewed")) * C("rescale"))
        return found if self.cap is None else Min(found, C("cap"))


def sums(c: Consolidation) -> dict[int, _Sum]:
    """Per submission with reviews that count how its 最终得分 adds up; without those of which this way gives another number."""
    counted = c.reviewed[(c.reviewed["state"] == ReviewState.COUNTS) & (c.reviewed["submission"] >= 0)]
    items = c.levels.groupby("submission")["score"].sum().to_dict()
    rows: dict[int, list[tuple[float, float, float]]] = {}
    for number, *points in zip(*(counted[name].tolist() for name in ("submission", "weight", "score", "final")), strict=True):
        rows.setdefault(number, []).append((points[0], points[1], points[2]))
    found = {}
    for unit in records(c.units[c.units["submission"].isin(list(rows))]):
        own = rows[int(unit["submission"])]
        computed, final = (sum(_or(row[i], 0.0) for row in own) for i in (1, 2))
        cap = _cap(c.schemes[unit["scheme"]], unit["execution_rate"])
        for rescale in _rescales(_or(unit.get("rescale", 1.0), 1.0), unit["full"], [weight for weight, score, _ in own if score != score]):
            if rescale == 1 and cap is None:
                rest = unit["final_total"] - final
            else:
                rest = items.get(int(unit["submission"]), 0.0) + _or(unit["execution_score"], 0.0) - computed
            made = _Sum(float(snap(rest)), rescale, cap)
            known = {"rest": made.rest, "reviewed": final, "rescale": rescale, "cap": cap or 0.0}
            if math.isclose(made.total.number(**known), unit["final_total"], abs_tol=1e-9):
                found[int(unit["submission"])] = made
                break
    return found


def _rescales(rescale: float, full: float, settled: Sequence[float]) -> Iterator[float]:
    """What points may be multiplied by: as before the review, or with rows that did not apply before and have points now (some of `settled`)."""
    yield rescale
    if rescale != 1:
        applicable = full / rescale
        more = {sum(some) for size in range(1, len(settled) + 1) for some in combinations(settled[:MOST_SETTLED], size)}
        yield from (1.0 if math.isclose(applicable + weight, full) else full / (applicable + weight) for weight in sorted(more, reverse=True))


MOST_SETTLED = 8
"""Rows without computed points whose combinations are tried; with more the total stays a number."""


def _or(value: float, otherwise: float) -> float:
    return value if value == value else otherwise


def _cap(scheme: Scheme, rate: float) -> float | None:
    """The highest total the execution rate allows, None where it does not matter."""
    steps = sorted(scheme.total_caps.caps, key=lambda step: step.rate_below)
    return next((step.at_most for step in steps if snap(rate) < step.rate_below), None)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The sheets of a consolidation that somebody has reviewed, and how the others know that a number was changed by hand."""

    sheets: list[PrintedTable]
    moved: str = ""
    """A formula that is true once a live total is not what was computed."""


def review_sheets(c: Consolidation, order: Sequence[int]) -> Reviewed:
    """复核结果, 复核明细, 扣分不一 and 复核台账, as far as there is something in them; submissions in `order`."""
    log = [log_sheet(c.review_log)] if len(c.review_log) else []
    if not len(c.reviewed):
        return Reviewed(log)
    adding = sums(c)
    rows = row_sheet(c, adding)
    results = result_sheet(c, adding, rows, order)
    unequal = unequal_shares(c.reviewed, min((scheme.review.share_tolerance for scheme in c.schemes.values()), default=0.0))
    return Reviewed([results, rows, *([unequal_sheet(unequal)] if len(unequal) else []), *log], results.moved.when if results.moved else "")


def _letters(fields: Sequence[Field]) -> dict[str, str]:
    """The letter of each column by its title."""
    return {field.title: xl_col_to_name(i) for i, field in enumerate(fields)}


def _row_number(position: int) -> int:
    """The number of a row of a table on its sheet."""
    return FIRST_ROW + position % capacity() + 1


_FINAL, _OWN, _NUMBER, _KEPT = "最终得分", "复核得分", "序号", "汇总时得分"


def row_sheet(c: Consolidation, adding: Mapping[int, _Sum]) -> PrintedTable:
    """复核明细: every row on which a review stands, and what became of it; a 复核得分 that counts can be changed there."""
    r = c.reviewed
    counting = r["state"] == ReviewState.COUNTS
    live = [counts and number in adding for counts, number in zip(counting.tolist(), r["submission"].tolist(), strict=True)]
    fields = [
        Field(_NUMBER, "count", [n + 1 if n >= 0 else None for n in r["submission"].tolist()], 5.5),
        Field("单位", "text", texts(r["unit_name"]), 22),
        Field("项目", "text", texts(r["project"]), 12),
        Field("一级指标", "centered", texts(r["level1"]), 9),
        Field("三级指标", "text", texts(r["level3"]), 18),
        Field("指标值", "text", texts(r["target_text"]), 11),
        Field("自评完成值", "text", texts(r["actual"]), 11),
        Field("复核完成值", "text", texts(r["review_actual"]), 11),
        Field("分值", "number", numbers(r["weight"]), 6),
        Field("自评得分", "points", numbers(r["claimed"]), 7.5),
        Field("测算得分", "points", numbers(r["score"]), 7.5),
        Field(_OWN, "points", numbers(r["review_score"]), 7.5),
        Field(_FINAL, "score", numbers(r["final"].where(counting)), 7.5),
        Field("扣减比例", "rate", numbers(r["share"].where(r["score"].notna())), 8.5),
        Field("扣分理由", "text", texts(r["reason"]), 24),
        Field("依据条款", "text", texts(r["clause"]), 14),
        Field("佐证材料核对", "centered", texts(r["evidence"]), 7),
        Field("复核人", "centered", texts(r["by"]), 8),
        Field("复核日期", "centered", texts(r["day"]), 11),
        Field("单位意见", "text", texts(r["answer"]), 18),
        Field("状态", "centered", texts(r["state"]), 12),
        Field("没有计入的原因", "text", texts(r["why"]), 24),
    ]
    printed = len(fields)
    fields += [
        Field("二级指标", "centered", texts(r["level2"]), 10),
        Field("指标性质", "centered", texts(r["operator"]), 7),
        Field("计量单位", "centered", texts(r["unit"]), 7),
        Field("工作表", "centered", texts(r["sheet"]), 10),
        Field("行", "count", numbers(r["sheet_row"].astype("float64").where(r["sheet_row"] > 0)), 5),
        Field("确认", "centered", texts(r["confirm"]), 6),
        Field("复核表", "text", texts(r["file"]), 24),
        Field("文件SHA", "centered", texts(r["sha256"].str[:8]), 10),
        Field("试算", "centered", ["可以" if one else None for one in live], 6),
        Field("键", "text", texts(r["item"]), 8, hidden=True),
    ]
    at = _letters(fields)
    finals, shares = (next(i for i, field in enumerate(fields) if field.title == title) for title in (_FINAL, "扣减比例"))
    lines = list(zip(live, *(fields[i].values for i in (finals - 2, finals - 1, finals, shares)), strict=True))
    fields[finals] = _with(fields[finals], [_final_formula(at, i, *line[:4]) for i, line in enumerate(lines)])
    fields[shares] = _with(fields[shares], [_share_formula(at, i, *line) for i, line in enumerate(lines)])
    first, own = FIRST_ROW + 1, at[_OWN]
    state = f'${at["状态"]}{first}="{ReviewState.COUNTS}"'
    trial = f'${at["试算"]}{first}="可以"'
    guard = f"AND({trial},ISNUMBER({own}{first}),{own}{first}>=0,{own}{first}<=${at['分值']}{first})"
    return PrintedTable(
        ROWS,
        fields,
        hint="每条复核一行。黄色的复核得分可以试改，最终得分和“复核结果”跟着变；灰色的没有计入，原因在后面。要算数的改动，请填进复核表再汇总。",
        frozen=3,
        printed=printed,
        conditions=[(finals - 1, trial, "when_input"), (-1, f"NOT({state})", "when_left_out")],
        guards=[(finals - 1, guard, "请填0到分值之间的数；不是黄色的，请在复核表里改。")],
    )


def _with(field: Field, formulas: Sequence[str]) -> Field:
    return Field(field.title, field.look, field.values, field.width, formulas=formulas)


def _final_formula(at: Mapping[str, str], position: int, live: object, score: Any, own: Any, final: Any) -> str:
    """What counts of a row: 复核得分 where there is one, else 规则测算得分; "" where this is not so."""
    if not live or final is None or final != (score if own is None else own):
        return ""
    typed, computed = (f"{at[title]}{_row_number(position)}" for title in (_OWN, "测算得分"))
    return f'IF({typed}="",{computed},{typed})'


def _share_formula(at: Mapping[str, str], position: int, live: object, score: Any, own: Any, final: Any, share: Any) -> str:
    """The part of 规则测算得分 that is deducted, where it follows from the points of the row."""
    if not _final_formula(at, position, live, score, own, final) or share is None or not score or abs((score - final) / score - share) > 1e-9:
        return ""
    computed, final_cell = (f"{at[title]}{_row_number(position)}" for title in ("测算得分", _FINAL))
    return f"({computed}-{final_cell})/{computed}"


def result_sheet(c: Consolidation, adding: Mapping[int, _Sum], rows: PrintedTable, order: Sequence[int]) -> PrintedTable:
    """复核结果: 自评, 测算 and 最终 of every submission, those with a review first."""
    known = set(c.reviewed["submission"].tolist())
    all_units = c.units.reset_index(drop=True)
    numbered = all_units["submission"].tolist()
    listed = sorted(order, key=lambda i: 0 if numbered[i] in adding else 1 if numbered[i] in known else 2)
    u = all_units.iloc[listed]
    live = [adding.get(n) for n in u["submission"].tolist()]
    difference = (u["final_total"] - u["claimed_total"]).round(6)
    fields = [
        Field(_NUMBER, "count", [n + 1 for n in u["submission"].tolist()], 5.5),
        Field("排名", "centered_count", numbers(u["rank"]), 6),
        Field("单位", "text", texts(u["name"]), 26),
        Field("主管部门", "text", texts(authorities(c).reset_index(drop=True).iloc[listed]), 18),
        Field("项目", "text", texts(u["project"]), 16),
        Field("自评得分", "points", numbers(u["claimed_total"]), 8),
        Field("测算得分", "points", numbers(u["total"]), 8),
        Field(_FINAL, "score", numbers(u["final_total"]), 8),
        Field("最终−自评", "difference", numbers(difference), 8),
        Field("自评等级", "centered", texts(u["claimed_grade"]), 8),
        Field("测算等级", "centered", texts(computed_grades(u)), 8),
        Field("最终等级", "centered", texts(final_grades(u, c.schemes)), 8),
        Field("状态", "centered", _states(u), 10),
        Field("已核/应核", "centered", checked_rows(u), 8),
        Field("主要扣分原因", "text", texts(u["deductions"]), 52),
    ]
    printed = len(fields)
    fields += [
        Field("其余各行得分", "points", [s and s.rest for s in live], 9),
        Field("折算系数", "number", [s and s.rescale for s in live], 9),
        Field("总分上限", "points", [s and s.cap for s in live], 8),
        Field(_KEPT, "points", numbers(u["final_total"]), 9),
    ]
    at = _letters(fields)
    where = {field.title: i for i, field in enumerate(fields)}
    own = _letters(rows.fields)
    totals = [_total_formula(s, at, rows.pages(), own, FIRST_ROW + min(rows.rows, capacity()), i) if s else "" for i, s in enumerate(live)]
    fields[where[_FINAL]] = _with(fields[where[_FINAL]], totals)
    fields[where["最终−自评"]] = _with(fields[where["最终−自评"]], _difference_formulas(at, totals, fields[where["自评得分"]].values))
    fields[where["最终等级"]] = _with(fields[where["最终等级"]], _grade_formulas(c, at, totals, u))
    hint = "最终得分＝复核过的行的复核得分＋其余各行的测算得分；排名按最终得分，没有复核的单位最终得分就是测算得分。"
    if not any(totals):
        return PrintedTable(RESULTS, fields, hint=hint, frozen=3, printed=printed)
    now, then = (f"'{RESULTS}'!${at[title]}${FIRST_ROW + 1}:${at[title]}${FIRST_ROW + min(len(u), capacity())}" for title in (_FINAL, _KEPT))
    when = f"SUMPRODUCT(--(ABS({now}-{then})>0.004))>0"
    return PrintedTable(RESULTS, fields, hint=hint, frozen=3, printed=printed, moved=Moved(when, _FOLLOWED))


def _states(units: pd.DataFrame) -> list[str]:
    left = zip(standing(units), units["not_counted"], strict=True)
    return [f"{state}（{why}）" if state == NOT_COUNTED else str(state) for state, why in left]


def _total_formula(s: _Sum, at: Mapping[str, str], titles: Iterable[str], own: Mapping[str, str], last: int, position: int) -> str:
    """Over 其余各行得分 and the rows of the submission in 复核明细, whose sheets are `titles`, columns `own` and last row `last`."""
    row = _row_number(position)
    pages = [
        f"SUMIFS('{page}'!${own[_FINAL]}${FIRST_ROW + 1}:${own[_FINAL]}${last},"
        f"'{page}'!${own[_NUMBER]}${FIRST_ROW + 1}:${own[_NUMBER]}${last},${at[_NUMBER]}{row})"
        for page in titles
    ]
    cells = {"rest": "其余各行得分", "rescale": "折算系数", "cap": "总分上限"}
    return s.total.excel({"reviewed": f"({'+'.join(pages)})", **{name: f"{at[title]}{row}" for name, title in cells.items()}})


def _difference_formulas(at: Mapping[str, str], totals: Sequence[str], claimed: Sequence[object]) -> list[str]:
    lines = enumerate(zip(totals, claimed, strict=True))
    return [f"ROUND({at[_FINAL]}{_row_number(i)}-{at['自评得分']}{_row_number(i)},6)" if t and own is not None else "" for i, (t, own) in lines]


def _grade_formulas(c: Consolidation, at: Mapping[str, str], totals: Sequence[str], units: pd.DataFrame) -> list[str]:
    """The grade follows a final score; that of a 暂定 one is for the program to say."""
    expressions = {key: grade(C("total"), scheme) for key, scheme in c.schemes.items()}
    found = []
    columns = (units[name].tolist() for name in ("scheme", "final_grade", "final_provisional"))
    for i, (total, scheme, final, open_) in enumerate(zip(totals, *columns, strict=True)):
        live = total and final and not open_
        found.append(expressions[scheme].formula({"total": f"{at[_FINAL]}{_row_number(i)}"}) if live else "")
    return found


def unequal_sheet(rows: pd.DataFrame) -> PrintedTable:
    """扣分不一: one clause, different shares."""
    span = [f"{low:.0%}～{high:.0%}" for low, high in zip(rows["least"], rows["most"], strict=True)]
    fields = [
        Field("依据条款或理由", "text", texts(rows["fault"]), 24),
        Field("扣减比例从低到高", "centered", span, 12),
        Field("扣减比例", "rate", numbers(rows["share"]), 9),
        Field("单位", "text", texts(rows["unit_name"]), 26),
        Field("项目", "text", texts(rows["project"]), 16),
        Field("三级指标", "text", texts(rows["level3"]), 24),
        Field("分值", "number", numbers(rows["weight"]), 7),
        Field("测算得分", "points", numbers(rows["score"]), 8),
        Field("复核得分", "points", numbers(rows["review_score"]), 8),
        Field("扣分理由", "text", texts(rows["reason"]), 34),
        Field("复核人", "centered", texts(rows["by"]), 9),
        Field("复核日期", "centered", texts(rows["day"]), 12),
    ]
    hint = "同一条款（没有写条款的看理由），各单位扣减的比例不一样；不一定有错，请复核人员对照理由统一尺度。"
    return PrintedTable(UNEQUAL, fields, hint=hint)


def log_sheet(log: pd.DataFrame) -> PrintedTable:
    """复核台账: every change of a review, by 复核日期."""
    fields = [
        Field("复核日期", "centered", texts(log["day"]), 12),
        Field("文件SHA", "centered", texts(log["sha256"].str[:8]), 11),
        Field("单位", "text", texts(log["unit_name"]), 26),
        Field("项目", "text", texts(log["project"]), 16),
        Field("指标", "text", texts(log["level3"]), 24),
        Field("原", "text", texts(log["before"]), 16),
        Field("新", "text", texts(log["after"]), 16),
        Field("理由", "text", texts(log["reason"]), 34),
        Field("复核人", "centered", texts(log["by"]), 9),
        Field("状态", "centered", texts(log["state"]), 12),
    ]
    return PrintedTable(LEDGER, fields, hint="每次复核的改动一行，按复核日期；“文件SHA”是当时那份材料的内容指纹（前8位）。")
