"""5xx: the table of indicators as a whole."""

from __future__ import annotations

from perfxl.catalogue.entry import DAYING, ERROR, FORM_NOTE, INFO, MOF10, REVIEW, SYSTEM, WARNING, Entry

_WEIGHTS = f"{SYSTEM}：三级、二级、一级分值逐级核对；{MOF10}：预算执行10、产出50、效益30、满意度10"

SHEET: tuple[Entry, ...] = (
    Entry("weights-not-full", 501, ERROR, "分值不满", _WEIGHTS, clears=("weights-block-differs",)),
    Entry("weights-block-differs", 502, WARNING, "分值结构不同", _WEIGHTS),
    Entry("dimension-missing", 503, INFO, "缺一级指标", f"{MOF10}：指标应包括产出、效益、满意度；{DAYING}：一行指标占90分"),
    Entry("all-full-marks", 504, INFO, "自评全是满分", f"{REVIEW}：10个项目全部为满分；财政部：自评得分应当真实"),
    Entry(
        "indicators-outrun-execution",
        505,
        INFO,
        "指标得分高于执行",
        "省级预算绩效管理系统的自评预警：指标得分率超出执行得分率5%以上时预警",
        folder=WARNING,
    ),
    Entry("not-applicable-too-much", 506, ERROR, "不适用过多", f"{FORM_NOTE}：不适用的指标不参评；上限由评分方案规定"),
    Entry("total-row-weight-differs", 507, WARNING, "合计行分值不符", "重庆2017年评价报告质量评分标准：分项与总分不一致扣0.3分"),
    Entry("total-row-score-differs", 508, WARNING, "合计行得分不符", "重庆2017年评价报告质量评分标准：分项与总分不一致扣0.3分"),
)
