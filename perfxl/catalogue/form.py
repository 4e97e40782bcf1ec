"""7xx: official one-table forms, how they were read and what of them cannot be told."""

from __future__ import annotations

from perfxl.catalogue.entry import DAYING, DESIGN, ERROR, FORM_NOTE, HUANGSHI, INFO, QINGSHEN, WARNING, Entry
from perfxl.model.parts import ACTUAL_PART, FUNDS_PART, POINTS_PART, RATE_PART, TARGET_PART

_FORMS = "公布的十六种绩效自评表式（国家、安徽、湖南、湖北、重庆、宁夏、四川等）"
LACKING = (
    "level-unknown", "level2-mismatch", "weights-block-differs", "dimension-missing", "weights-not-full", "target-missing", "target-not-a-number",
    "target-not-understood", "target-not-positive", "actual-missing", "actual-not-a-number", "actual-not-understood", "actual-ambiguous",
    "actual-bound-unproven", "tier-missing", "tier-unknown", "tier-inferred", "deadline-without-date",
    "operator-assumed", "operator-unknown", "operator-conflict",
    "direction-assumed", "direction-unclear", "unit-conflict", "benefit-not-assessable", "score-claimed-differs", "total-claimed-differs",
    "execution-among-indicators", "row-not-scorable", "all-full-marks", "indicators-outrun-execution", "grade-claimed-differs",
)  # fmt: skip
"""What a scheme asks for that does not score the form at all."""

_VALUES = ("target-missing", "actual-missing", "operator-assumed", "row-not-scorable")
WITHOUT = {
    FUNDS_PART: ("budget-missing", "money-unit-assumed"),
    POINTS_PART: ("weight-missing", "weights-not-full"),
    TARGET_PART: _VALUES,
    ACTUAL_PART: _VALUES,
    RATE_PART: _VALUES,
}
"""What only follows from a part that is not there."""

FORM: tuple[Entry, ...] = (
    Entry("form-read", 701, INFO, "自评表读取", _FORMS),
    Entry("form-several", 702, INFO, "一份文件多张表", _FORMS),
    Entry("form-part-missing", 703, ERROR, "表中缺一部分", HUANGSHI, clears_of=WITHOUT),
    Entry("form-points-in-values", 704, ERROR, "分数填在指标值里", f"{_FORMS}中有一例"),
    Entry("form-score-shared", 705, INFO, "得分合并", HUANGSHI),
    Entry("form-column-unnamed", 706, ERROR, "栏目没有名称", "公布的自评表中得分栏的表头是一个数"),
    Entry(
        "form-unit-suspect", 707, ERROR, "金额单位存疑", f"{_FORMS}中有一例表头万元、数按元", hides=("budget-unit-suspect", "unit-magnitude-suspect")
    ),
    Entry("form-year-assumed", 708, WARNING, "年度由推断得来", _FORMS),
    Entry("form-total-differs", 709, WARNING, "总分不一致", f"{QINGSHEN}等公布的表", hides=("total-claimed-differs",)),
    Entry("form-scheme-suggested", 710, WARNING, "计分办法不同", f"{HUANGSHI}；{DAYING}；{FORM_NOTE}"),
    Entry("form-other-kind", 711, WARNING, "不是自评表", "甘肃、湖北、福建等地公布的绩效目标表和监控表"),
    Entry(
        "form-execution-row",
        712,
        INFO,
        "执行率列在指标里",
        "银川市公布的项目支出绩效自评表",
        hides=("execution-among-indicators", "operator-assumed", "target-missing", "target-not-a-number"),
    ),
    Entry("form-nested-table", 713, ERROR, "格子里还有表", _FORMS),
    Entry("zip-damaged", 714, ERROR, "压缩包损坏", DESIGN),
    Entry("zip-in-zip", 715, ERROR, "压缩包套压缩包", DESIGN),
    Entry("ignored-archive", 716, INFO, "压缩包", DESIGN),
    Entry("ignored-empty-folder", 717, INFO, "空文件夹", DESIGN),
    Entry(
        "form-levels-missing",
        718,
        INFO,
        "没有一级指标",
        "重庆市公布的部门整体绩效自评表",
        clears=("level-unknown", "level2-mismatch", "weights-block-differs", "dimension-missing"),
    ),
    Entry("form-scheme-lacking", 719, ERROR, "缺评分方案", "银川市、达州市等地公布的自评表", clears=LACKING),
    Entry("form-unit-assumed", 720, WARNING, "单位由推断得来", "濉溪县2019年绩效目标自评表"),
    Entry("form-project-assumed", 721, WARNING, "项目由推断得来", _FORMS),
    Entry("form-initial-as-budget", 722, WARNING, "没有全年预算数", "济南市历城区公布的项目支出绩效自评表"),
    Entry("form-points-percent", 723, INFO, "分值写成百分数", _FORMS),
)
