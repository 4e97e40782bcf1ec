"""2xx: 基本信息 and 年度目标."""

from __future__ import annotations

from perfxl.catalogue.entry import CHONGQING, DESIGN, ERROR, INFO, PINGXIANG, REVIEW, WARNING, Entry

_GRADES = "财政部关于绩效评价等级划分的规定：90(含)—100优、80(含)—90良、60(含)—80中、60以下差"

UNIT: tuple[Entry, ...] = (
    Entry("unit-name-missing", 201, ERROR, "缺单位名称", "财政部关于单位自评全覆盖的要求：每个单位都要能对上"),
    Entry("fiscal-year-missing", 202, ERROR, "缺预算年度", "财政部关于单位自评全覆盖的要求：按预算年度自评"),
    Entry("fiscal-year-invalid", 203, ERROR, "预算年度不对", "财政部关于单位自评全覆盖的要求：按预算年度自评"),
    Entry("scheme-unknown", 204, ERROR, "评分方案不明", "各地自评办法的分值和分档不同"),
    Entry("money-unit-assumed", 205, INFO, "金额单位按万元", "施甸县图书馆2023年公开表以元为单位，多数表以万元为单位"),
    Entry("grade-claimed-differs", 206, WARNING, "自评等级不符", f"{_GRADES}；{CHONGQING}：等级与得分不符扣0.3分"),
    Entry("grade-claimed-without-total", 207, INFO, "有等级没有总分", f"{PINGXIANG}：只写“优”，没有得分"),
    Entry("total-claimed-differs", 208, WARNING, "自评总分不符", "财政部：自评得分应当真实，不得虚报；多份公布的自评表总分与各项不符"),
    Entry("claimed-sum-differs", 209, WARNING, "总分与各项不符", f"{CHONGQING}：分项与总分不一致扣0.3分"),
    Entry(
        "goal-actual-missing",
        210,
        WARNING,
        "目标没写完成情况",
        f"自评表要求逐条填写年度目标的实际完成情况；{PINGXIANG}有目标未报告结果",
        hides=("goal-quantity-unreported",),
    ),
    Entry(
        "goal-quantity-unreported", 211, WARNING, "目标数量没报告", f"{PINGXIANG}：目标为40万人次，全文没有实际人次；{REVIEW}：报告与表内数字应对应"
    ),
    Entry("staff-inconsistent", 212, WARNING, "人数不一致", DESIGN),
    Entry("year-implausible", 213, ERROR, "预算年度可疑", DESIGN, clears=("target-beyond-year", "date-before-year")),
    Entry("date-in-future", 214, WARNING, "日期在将来", DESIGN),
    Entry("date-before-year", 215, WARNING, "日期早于年度", DESIGN),
    Entry("staff-over-posts", 216, WARNING, "在职多于编制", DESIGN),
    Entry("evaluation-assumed", 225, INFO, "按部门整体读", DESIGN),
    Entry("date-not-read", 226, WARNING, "日期看不出", DESIGN),
)
