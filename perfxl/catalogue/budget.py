"""3xx: 预算执行."""

from __future__ import annotations

from perfxl.catalogue.entry import AUDITOR, DESIGN, ERROR, LANGFANG, MOF10, PINGXIANG, QINGSHEN, SYSTEM, WARNING, Entry

_TOTALS = "山西的系统核对：按来源和按支出类型的合计必须一致"

BUDGET: tuple[Entry, ...] = (
    Entry(
        "budget-missing",
        301,
        ERROR,
        "缺预算执行数",
        f"{SYSTEM}：全年预算数和执行数必填",
        clears=("budget-total-mismatch", "budget-source-type-mismatch"),
    ),
    Entry(
        "budget-not-a-number",
        302,
        ERROR,
        "金额不是数字",
        f"{AUDITOR}：金额必须为数字",
        hides=("date-for-number",),
        clears=("budget-total-mismatch", "budget-source-type-mismatch", "budget-missing"),
    ),
    Entry("budget-zero", 303, ERROR, "预算为0", f"{AUDITOR}：预算为0报错；各地系统有按0、按满分、按预警三种做法"),
    Entry("budget-negative", 304, ERROR, "金额为负", DESIGN),
    Entry("budget-total-mismatch", 305, ERROR, "合计不符", "池州市贵池区2022年自评表：合计为0，财政拨款为90万元"),
    Entry("budget-source-type-mismatch", 306, ERROR, "来源与支出不符", _TOTALS),
    Entry("execution-over-100", 307, WARNING, "超预算执行", f"{SYSTEM}：预算执行率不能超过100%"),
    Entry("budget-line-unknown", 308, ERROR, "资金类别不明", _TOTALS),
    Entry("execution-low-unexplained", 309, WARNING, "执行率低未说明", f"{QINGSHEN}：执行率低于90%须说明原因；{PINGXIANG}：86.75%没有说明"),
    Entry("budget-adjusted-unexplained", 310, WARNING, "预算调整未说明", f"{QINGSHEN}：预算有调整须说明原因"),
    Entry(
        "budget-unit-suspect",
        311,
        WARNING,
        "金额单位可疑",
        f"{LANGFANG}等公布的表中元和万元混用",
        hides=("execution-low-unexplained", "execution-over-100", "budget-adjusted-unexplained"),
    ),
    Entry("budget-total-only", 312, WARNING, "只有合计", f"{MOF10}附表：资金总额按来源分列"),
    Entry("money-unit-implausible", 313, ERROR, "金额单位不可信", DESIGN, clears=("money-unit-assumed",)),
    Entry("money-unit-differs", 314, ERROR, "金额单位两样", DESIGN, clears=("money-unit-implausible",)),
)
