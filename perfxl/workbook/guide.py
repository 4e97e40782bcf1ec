"""填报说明: what to fill, in what order, with an example; the first thing a clerk sees and the only sheet to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.model import Kind, columns
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT, TABLES, UNIT
from perfxl.model.digits import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.schemes import Scheme
    from perfxl.workbook.writing import SheetWriter

WIDTHS = (15, 27, 27, 27)
ROW_HEIGHT = 19.5

RULES = (
    ("黄色格子", "由单位填写；灰色格子自动计算。工作表没有密码，可以在两行之间插入行、调整行高列宽；绩效指标的行可以排序和删除。"),
    ("空着和填0", "没有发生的填0；还不知道的留空，不要写“完成”“达标”。留空会提示补填，不会当成0分。"),
    ("指标值", "原样写数字和单位：40万人次、95%、270场。实际完成值写实际数量，不要写“95%以上”这样的范围。"),
    ("指标性质", "≥ 越多越好；≤ 越少越好；= 应当相等；定性 用文字评价，必须选完成等级；期限 按时间完成，写到日。"),
    (
        "完成等级",
        ("达成：达成年度指标；部分达成：部分达成年度指标并具有一定效果；未达成：未达成年度指标且效果较差；不适用：须在偏差原因栏写明理由。"),
    ),
    (
        "还缺和参考得分",
        "绩效指标表右边两栏自动提示，不用填、不打印；只试算写明方向的简单数字，看不出删除线、合并格和改过的格式，以程序评分为准。自评得分变红的，请核对。",
    ),
    ("偏差原因", "没有完成、执行率偏低或超额较多的，写清楚原因和改进措施；预算有调整的，写预算调整原因。"),
)

EXAMPLE = (
    ("level1", "产出指标", "效益指标", "产出指标"),
    ("level2", "数量指标", "社会效益", "时效指标"),
    ("level3", "免费服务读者人次", "群众文化生活丰富程度", "新馆搬迁完成时间"),
    ("operator", "≥", "定性", "期限"),
    ("target", "40万人次", "明显改善", "2020年12月31日前"),
    ("unit", "人次", "", ""),
    ("actual", "38.5万人次", "举办活动覆盖12个社区，群众评价良好", "2020年11月20日"),
    ("tier", "", "达成", ""),
    ("weight", "10", "10", "5"),
    ("claimed_score", "9.63", "10", "5"),
    ("reason", "疫情闭馆两个月；下年增加线上服务", "", ""),
    ("evidence", "门禁系统年度统计", "社区活动记录", "搬迁验收单"),
)


def _steps(scheme: Scheme) -> list[tuple[str, str]]:
    shares = "、".join(f"{level.name}{plain(level.weight)}分" for level in scheme.levels)
    steps = [
        (UNIT.sheet, "先填单位名称、预算年度、金额单位。其余各表都用到它们。"),
        (BUDGET.sheet, f"按资金来源填全年预算数和全年执行数，或者按支出类型填；合计自动算出。预算执行{plain(scheme.budget.weight)}分。"),
        (GOALS.sheet, "一行一条年度目标，右边对应写实际完成情况。"),
        (INDICATORS.sheet, f"一行一个三级指标。{shares}；表头上方的分值合计应为{plain(scheme.full)}，不对时变红。"),
    ]
    if scheme.management:
        steps.append((MANAGEMENT.sheet, "填写计算管理指标需要的数据；管理指标已列在“绩效指标”里，由这些数据计算，检查类的选完成等级。"))
    return [
        *steps,
        (REPORT.sheet, "需要生成自评报告时填写，可以留空。"),
        ("保存和检查", "存成 .xlsx 文件报送；可先用 perfxl check 检查、perfxl score 试算，按提示改正后再报。"),
    ]


def write_guide(page: SheetWriter, scheme: Scheme, notes: Sequence[str] = ()) -> None:
    """Write 填报说明: version and scheme, steps, rules, one worked example, then the notes of a prefilled workbook."""
    sheet, style = page.worksheet, page.style
    for index, width in enumerate(WIDTHS):
        sheet.set_column(index, index, width)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.set_footer('&C&"宋体"&10第 &P 页，共 &N 页')
    sheet.set_row(0, 30)
    page.text(0, 0, "部门整体支出绩效自评填报表", style.title)
    for row in (1, 2):
        sheet.set_row(row, ROW_HEIGHT)
    page.text(1, 0, "评分方案", style.label)
    page.text(1, 1, scheme.title, style.text)
    page.text(2, 0, "模板版本", style.label)
    page.text(2, 1, f"{columns.TEMPLATE_ID} {columns.TEMPLATE_VERSION}", style.text)
    row = 4
    row = _pairs(page, row, "一、按这个顺序填", [(f"{i}. {name}", said) for i, (name, said) in enumerate(_steps(scheme), 1)])
    row = _pairs(page, row, "二、填写要求", RULES)
    row = _example(page, row)
    if notes:
        _pairs(page, row, "四、本表的说明", [(f"（{i}）", note) for i, note in enumerate(notes, 1)])


def _pairs(page: SheetWriter, row: int, heading: str, pairs: Sequence[tuple[str, str]]) -> int:
    """A heading and its lines: a label, and a text over the other columns. The row after, with one left free."""
    row = _heading(page, row, heading)
    for label, said in pairs:
        page.text(row, 0, label, page.style.label)
        page.worksheet.merge_range(row, 1, row, len(WIDTHS) - 1, "", page.style.text)
        page.text(row, 1, said, page.style.text)
        page.fit(row, [(said, sum(WIDTHS[1:]))], at_least=ROW_HEIGHT)
        row += 1
    return row + 1


def _heading(page: SheetWriter, row: int, heading: str) -> int:
    page.worksheet.set_row(row, 24)
    page.text(row, 0, heading, page.style.on(page.style.section, bottom=0))
    return row + 1


def _example(page: SheetWriter, row: int) -> int:
    row = _heading(page, row, "三、填写示例（绩效指标表的三行，竖着看）")
    for index, title in enumerate(("栏目", "定量指标", "定性指标", "期限指标")):
        page.text(row, index, title, page.style.header)
    page.worksheet.set_row(row, 21)
    for name, *shown in EXAMPLE:
        row += 1
        page.text(row, 0, INDICATORS.title(name), page.style.label)
        for index, text in enumerate(shown, 1):
            page.text(row, index, text or "（空）", page.style.text)
        titled = (INDICATORS.title(name), WIDTHS[0])
        page.fit(row, [titled, *zip(shown, WIDTHS[1:], strict=True)], at_least=ROW_HEIGHT)
    return row + 2


_KIND_WORDS = {Kind.TEXT: "文字", Kind.MONEY: "金额", Kind.POINTS: "分数", Kind.NUMBER: "数", Kind.CHOICE: "选择", Kind.RATE: "自动计算"}


def columns_page() -> str:
    """Every sheet and column of the intake as a page of the documentation (Markdown)."""
    lines = ["# 填报表的工作表和栏目", "", "由栏目的声明生成（`python tests/samples.py`），不要手改。汇总和 Parquet 里的金额一律为万元。"]
    for table in TABLES:
        lines += ["", f"## {table.sheet}", ""]
        if table.aliases:
            lines += [f"工作表也可以叫：{'、'.join(table.aliases)}。", ""]
        if table.apart:
            lines += [f"汇总工作簿和 Parquet 里没有这张表：{table.apart}", ""]
        lines += ["| 栏目 | 字段 | 填什么 | 也认的名称 | 说明 |", "|---|---|---|---|---|"]
        for column in table.columns:
            kind = "、".join(column.choices) if column.choices else _KIND_WORDS[column.kind]
            marks = f"{column.title}{'*' if column.required else ''}{'（可选）' if column.optional else ''}"
            lines.append(f"| {marks} | `{column.name}` | {kind} | {'、'.join(column.aliases)} | {column.help} |")
    return "\n".join(lines) + "\n"
