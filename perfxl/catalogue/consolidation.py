"""6xx: submissions of many units side by side."""

from __future__ import annotations

from perfxl.catalogue.entry import CORPUS, DESIGN, ERROR, INFO, REVIEW, WARNING, Entry

_COVERAGE = "财政部关于单位自评全覆盖的要求"

CONSOLIDATION: tuple[Entry, ...] = (
    Entry("duplicate-submission", 601, ERROR, "重复报送", DESIGN),
    Entry("not-submitted", 602, WARNING, "未报", _COVERAGE),
    Entry("unexpected-unit", 603, WARNING, "名单外单位", _COVERAGE),
    Entry("year-differs", 604, WARNING, "年度不同", _COVERAGE),
    Entry("budget-differs-from-roster", 605, WARNING, "预算数与名单不符", DESIGN),
    Entry("unit-magnitude-suspect", 606, WARNING, "金额量级可疑", "施甸县图书馆2023年公开表以元为单位，多数表以万元为单位"),
    Entry("text-copied", 607, WARNING, "文字雷同", f"{REVIEW}：民族项目里写着老年人，17写成70"),
    Entry("report-equal", 608, WARNING, "两单位内容相同", DESIGN),
    Entry("roster-unit-twice", 609, WARNING, "名单重复", DESIGN),
    Entry("superseded", 610, INFO, "已被替代", DESIGN),
    Entry("identity-conflict", 611, ERROR, "身份冲突", DESIGN),
    Entry("identity-suspect", 612, WARNING, "疑似同一单位", DESIGN),
    Entry("other-year", 613, ERROR, "其他年度", _COVERAGE),
    Entry("project-unnamed", 614, WARNING, "项目未命名", DESIGN, folder=ERROR),
    Entry("late", 615, WARNING, "迟报", _COVERAGE),
    Entry("due-missing", 616, WARNING, "缺报事项", _COVERAGE),
    Entry("decision-unused", 617, WARNING, "裁定没有用上", DESIGN),
    Entry("decision-invalid", 618, ERROR, "裁定无效", DESIGN),
    Entry("paper-differs", 619, WARNING, "两种表不一致", DESIGN),
    Entry("code-differs", 620, WARNING, "编码与名单不符", DESIGN),
    Entry("code-zeros-lost", 621, INFO, "编码缺前导0", CORPUS),
    Entry("ignored-attachment", 622, INFO, "附件（未读）", DESIGN),
    Entry("ignored-by-decision", 623, INFO, "裁定不采用", DESIGN),
    Entry("ignored-weaker-paper", 624, INFO, "同一事项的附件", DESIGN),
    Entry("roster-code-zeros", 625, WARNING, "名单编码缺0", DESIGN),
    Entry("roster-code-number", 626, WARNING, "名单编码不完整", CORPUS),
    Entry("roster-total-row", 627, WARNING, "名单合计行", DESIGN),
    Entry("roster-due-unknown", 628, WARNING, "应报事项看不懂", DESIGN),
    Entry("roster-project-unnamed", 660, WARNING, "名单项目无名称", DESIGN),
    Entry("ignored-given", 666, INFO, "本次用的名单", DESIGN),
    Entry("roster-sheet-unread", 665, WARNING, "名单有表没有读", DESIGN),
)
