"""表格识别: which block was found where in a form, which column was read as what and why, and what was not read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.intake.forms.rows import FIELDS
from perfxl.intake.submission import Recognised, text_of
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from perfxl.intake.forms.blocks import Form, Head
    from perfxl.intake.forms.facts import Facts
    from perfxl.intake.forms.lines import Funds
    from perfxl.intake.forms.rows import Indicators
    from perfxl.intake.submission import SheetRow

_TABLES = {"资金": BUDGET, "年度目标": GOALS, "绩效指标": INDICATORS}
_OWN_TITLES = {
    "explanation": "指标解释（不计分）",
    "standard": "评分标准（不计分）",
    "factor": "得分系数（不计分）",
    "completion": "完成率（不计分）",
    "part_score": "得分",
    "office_score": "财政评分（财政部门填）",
    "received": "到位数（不计分）",
    "rate": "执行率（重新计算）",
    "adjusted": "预期目标（调整后）",
}


def recognised(form: Form, facts: Facts, funds: Funds, goals: Sequence[SheetRow], found: Indicators) -> tuple[Recognised, ...]:
    """The rows of the sheet, block by block from the top."""
    grid, total = form.grid, found.total
    title = form.title.strip()
    rows = [Recognised("标题", grid.address(*form.title_at) if form.title_at else "", "", title, "标题", "标题用字" if title else "没有标题", 1, "")]
    rows.extend(_facts(form, facts))
    rows.extend(_block(form, "资金", form.funds, funds.rows, funds.unread))
    rows.extend(_block(form, "年度目标", form.goals, goals, []))
    rows.extend(_block(form, "绩效指标", form.heads[0], found.rows, found.unread))
    if total is None:
        return (*rows, Recognised("总分", "", "", "", "没有找到", "没有总分、合计行", 0, ""))
    said = f"分值 {text_of(total.weight) or '—'}，得分 {text_of(total.score) or '—'}{'，' + total.grade if total.grade else ''}"
    return (*rows, Recognised("总分", grid.address(total.row, form.left), "", "", said, "总分、合计行", 1, ""))


def _facts(form: Form, facts: Facts) -> Iterator[Recognised]:
    assumed = {name: source for name, _, source in facts.assumed}
    for name, value in facts.values.items():
        if name in UNIT.by_name:
            at, label = facts.cells.get(name), re.sub(r"\s+", "", facts.labels.get(name, ""))
            why = f"推断：{assumed[name]}" if name in assumed else "标签" if label else "标题、年度行或表头"
            yield Recognised("基本信息", form.grid.address(*at) if at else "", UNIT.title(name), label, text_of(value), why, 1, "")


def _block(form: Form, block: str, head: Head | None, lines: Sequence[SheetRow], unread: Sequence[tuple[int, int]]) -> Iterator[Recognised]:
    grid = form.grid
    if head is None:
        yield Recognised(block, "", "", "", "没有找到", "没有这一块的表头", 0, "")
        return
    last = max((r.number for r in lines), default=head.last)
    area = grid.span((head.first, head.left, last, head.right))
    taken = set(head.columns.values())
    for name, column in head.columns.items():
        field = "claimed_score" if name == "score" else FIELDS.get(name, name)
        read_as = _OWN_TITLES.get(name) or _TABLES[block].title(field)
        filled = sum(1 for r in lines if r.values.get(field) is not None)
        yield Recognised(block, area, grid.column_name(column), _bare(head.titles.get(name, "")), read_as, "表头文字", filled, "")
    for column, said in head.unknown.items():
        if column not in taken:
            mine = "、".join(grid.address(*at) for at in sorted(unread) if at[1] == column)
            why = "这一块的名称" if grid.area(head.first, column)[2] > head.last else "表头不在已知的字样里"
            yield Recognised(block, area, grid.column_name(column), _bare(said), "没有读" if mine else "", why, 0, mine)
    if rest := [at for at in sorted(unread) if at[1] not in head.unknown]:
        cells = "、".join(grid.address(*at) for at in rest)
        yield Recognised(block, area, "", "", "没有读", "金额写在标签里，没有说明是预算数还是执行数", 0, cells)


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)
