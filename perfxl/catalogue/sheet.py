"""5xx: the table of indicators as a whole."""

from __future__ import annotations

from perfxl.catalogue.entry import DAYING, ERROR, FORM_NOTE, INFO, MOF10, REVIEW, SYSTEM, WARNING, Entry

_WEIGHTS = f"{SYSTEM}：三级、二级、一级分值逐级核对；{MOF10}：预算执行10、产出50、效益30、满意度10"

SHEET: tuple[Entry, ...] = (
    Entry(
        "weights-not-full", 501, ERROR, "分值不满",
        zh="指标分值{indicators}分加预算执行{execution}分等于{sum}分，应为{full}分。", fix_zh="请调整分值，使合计为{full}分。",
        en="Indicators ({indicators}) and execution ({execution}) add up to {sum} points instead of {full}.", fix_en="Adjust the points so that they add up to {full}.",
        why="分值不是满分，总分和等级都没有意义。", evidence=_WEIGHTS,
    ),
    Entry(
        "weights-block-differs", 502, WARNING, "分值结构不同",
        zh="{block}的分值合计是{sum}分，评分方案为{expected}分。", fix_zh="请核对分值；本地另有规定的，请换用相应的评分方案。",
        en="{block} has {sum} points; the scheme gives it {expected}.", fix_en="Check the points, or use the scheme of your place.",
        why="各一级指标的分值有统一规定，随意调整会影响可比性。", evidence=_WEIGHTS,
    ),
    Entry(
        "dimension-missing", 503, INFO, "缺一级指标",
        zh="绩效指标里没有{missing}。", fix_zh="确实不涉及的不必修改，否则请补上。",
        en="There is no {missing} among the indicators.", fix_en="Nothing needs to be done if it does not apply; otherwise add it.",
        why="缺了一个方面，自评不完整。", evidence=f"{MOF10}：指标应包括产出、效益、满意度；{DAYING}：一行指标占90分",
    ),
    Entry(
        "all-full-marks", 504, INFO, "自评全是满分",
        zh="各项自评得分全是满分。", fix_zh="请核对是否都有依据；确实全部完成的不必修改。",
        en="Every claimed score is full marks.", fix_en="Check that each is backed by evidence; nothing needs to be done if it is.",
        why="全是满分的自评常是没有逐项核对。", evidence=f"{REVIEW}：10个项目全部为满分；财政部：自评得分应当真实",
    ),
    Entry(
        "indicators-outrun-execution", 505, INFO, "指标得分高于执行",
        zh="指标得分率是{indicators}，预算执行得分率是{execution}，高出较多。", fix_zh="请核对：钱没有花完，任务是否确实都完成了。",
        en="Indicators earn {indicators} of their points, execution only {execution}.", fix_en="Check whether the work was really done with the money left over.",
        why="支出进度慢而指标全部完成，可能是预算编多了，或完成情况写高了。", evidence="省级预算绩效管理系统的自评预警：指标得分率超出执行得分率5%以上时预警",
    ),
    Entry(
        "not-applicable-too-much", 506, ERROR, "不适用过多",
        zh="{what}填为不适用，超出了允许的范围。", fix_zh="请补充能够考核的指标，或填写实际完成值。",
        en="{what_en} marked as not applicable, which is more than allowed.", fix_en="Add indicators that can be judged, or enter the actual values.",
        why="大部分都不评，折算出来的总分不可信。", evidence=f"{FORM_NOTE}：不适用的指标不参评；上限由评分方案规定",
    ),
    Entry(
        "total-row-weight-differs", 507, WARNING, "合计行分值不符",
        zh="合计行的分值是{typed}分，各行相加是{sum}分。", fix_zh="请改正合计行，或核对各行的分值。",
        en="The total row says {typed} points; the rows add up to {sum}.", fix_en="Correct the total row or the rows.",
        why="合计行只用来核对，不参加评分。", evidence="重庆2017年评价报告质量评分标准：分项与总分不一致扣0.3分",
    ),
    Entry(
        "total-row-score-differs", 508, WARNING, "合计行得分不符",
        zh="合计行的自评得分是{typed}分，各行相加是{sum}分。", fix_zh="请改正合计行，或核对各行的自评得分。",
        en="The total row claims {typed} points; the rows add up to {sum}.", fix_en="Correct the total row or the rows.",
        why="合计行只用来核对，不参加评分。", evidence="重庆2017年评价报告质量评分标准：分项与总分不一致扣0.3分",
    ),
)
