"""4xx: rows of 绩效指标."""

from __future__ import annotations

from perfxl.catalogue.entry import (
    AUDITOR,
    DAYING,
    DESIGN,
    ERROR,
    FORM_NOTE,
    GUANGXI,
    HUANGSHI,
    INFO,
    LANGFANG,
    MOF10,
    PINGXIANG,
    REVIEW,
    SYSTEM,
    WARNING,
    XINZHOU,
    Entry,
)  # fmt: skip

_TIERS = f"{MOF10}：定性指标分三档；{SYSTEM}：得分须在所选档次之内"
_REASON = f"{SYSTEM}：得分低于分值须填原因；{XINZHOU}：20分得18分没有原因"
_ACTUAL_FOLLOWERS = (
    "actual-not-a-number", "actual-text-missing", "tier-missing", "tier-unknown", "deadline-without-date", "evidence-missing",
    "benefit-not-assessable",
)  # fmt: skip

_SUMS_OF_WEIGHTS = ("weights-not-full", "weights-block-differs")

INDICATOR: tuple[Entry, ...] = (
    Entry("actual-missing", 401, ERROR, "缺完成值", f"{SYSTEM}：实际完成值必填；{PINGXIANG}：目标40万人次没有实际数", hides=_ACTUAL_FOLLOWERS),
    Entry("actual-not-a-number", 402, ERROR, "完成值不是数字", f"{DAYING}：指标值≤30万元，完成值写“完成”"),
    Entry(
        "actual-bound-unproven",
        403,
        ERROR,
        "完成值不能证明",
        f"{HUANGSHI}：完成值写“≥360天”；{PINGXIANG}：完成值写“95%以上”",
        hides=("tier-missing",),
    ),
    Entry(
        "actual-ambiguous",
        404,
        ERROR,
        "完成值看不准",
        f"{LANGFANG}：合格率写100，没有百分号；{HUANGSHI}：写“5万”，没有单位",
        hides=("deadline-without-date",),
    ),
    Entry("unit-conflict", 405, ERROR, "单位不一致", "黄山“15分钟阅读圈”进度表：人、册次、人次分别统计"),
    Entry("actual-text-missing", 406, WARNING, "缺完成情况", f"{REVIEW}：没有支撑材料的指标得0分"),
    Entry("target-missing", 411, ERROR, "缺年度指标值", f"{SYSTEM}：有效指标的指标值必填", hides=("target-not-a-number", "actual-missing")),
    Entry(
        "target-not-a-number",
        412,
        ERROR,
        "指标值看不准",
        f"{AUDITOR}：定量指标的指标值必须是数；公布的表中有“290%”之类的笔误",
        hides=("actual-not-a-number", "actual-ambiguous", "actual-bound-unproven"),
    ),
    Entry("target-beyond-year", 413, WARNING, "指标值跨年度", f"{PINGXIANG}：“2020—2021年实现公共文化云建设与对接”"),
    Entry("target-not-positive", 414, WARNING, "指标值不是正数", "各地系统对指标值为0的处理：达到得满分，否则得0分"),
    Entry("operator-assumed", 415, INFO, "按越多越好读取", f"{DAYING}、{HUANGSHI}：多数指标值不写符号"),
    Entry("operator-unknown", 416, ERROR, "指标性质不明", f"{SYSTEM}：计算符号从字典选取"),
    Entry(
        "operator-conflict", 417, ERROR, "方向矛盾", f"{REVIEW}：成本指标写成“≥17.4万元”属方向错误", hides=("operator-direction", "operator-differs")
    ),
    Entry("operator-differs", 418, WARNING, "符号不一致", f"{AUDITOR}：符号与指标值应一致"),
    Entry("operator-direction", 419, WARNING, "方向可疑", f"{REVIEW}：成本指标写成“≥17.4万元”"),
    Entry("strict-bound-touched", 420, INFO, "正好等于界限", DESIGN),
    Entry(
        "level-unknown", 421, ERROR, "一级指标不明", f"{MOF10}：一级指标为产出、效益、满意度", clears=("weights-block-differs",), hides_written=("*",)
    ),
    Entry(
        "indicator-name-missing",
        422,
        ERROR,
        "缺三级指标",
        f"{SYSTEM}：三级指标名称必填",
        hides=("target-missing", "weight-missing", "evidence-missing"),
    ),
    Entry("level2-mismatch", 423, WARNING, "二级指标不对应", f"{REVIEW}：三级指标与二级指标不符的得0分"),
    Entry("levels-disagree", 428, WARNING, "一二级指标不对应", f"{MOF10}附表：产出、效益、满意度各有二级指标", clears=("weights-block-differs",)),
    Entry("indicator-duplicated", 424, WARNING, "指标重复", f"{REVIEW}：产出与效益重复的只计一个"),
    Entry("money-as-quantity", 425, WARNING, "金额作数量指标", f"{REVIEW}：数量指标写资金支付的得0分；{LANGFANG}：数量指标为工程资金金额43.2"),
    Entry(
        "benefit-not-assessable",
        426,
        WARNING,
        "效益指标不可考核",
        f"{REVIEW}：不具考核性的扣30%—100%，10个项目有9个存在；{HUANGSHI}：效益写“公益性事业”",
        hides=("evidence-missing",),
    ),
    Entry("execution-among-indicators", 427, ERROR, "预算执行率重复", "部分公布的自评表把预算执行率印在指标之中", hides=("*",)),
    Entry("weight-missing", 431, ERROR, "缺分值", f"{SYSTEM}：三级指标分值必填", hides=("score-claimed-over-weight",), clears=_SUMS_OF_WEIGHTS),
    Entry(
        "weight-not-a-number",
        432,
        ERROR,
        "分值不是数字",
        f"{AUDITOR}：分值必须为数字",
        hides=("date-for-number", "weight-missing"),
        clears=_SUMS_OF_WEIGHTS,
    ),
    Entry("weight-not-positive", 433, ERROR, "分值不大于0", f"{SYSTEM}：分值须大于0", clears=_SUMS_OF_WEIGHTS),
    Entry("score-claimed-differs", 434, WARNING, "自评得分不符", f"{LANGFANG}：执行率86.2%得9分；{XINZHOU}：完成了却扣分"),
    Entry(
        "score-claimed-over-weight", 435, ERROR, "得分超过分值", f"{SYSTEM}：得分不能大于分值", hides=("score-claimed-differs", "tier-score-outside")
    ),
    Entry("deviation-unexplained", 436, WARNING, "偏差未说明", _REASON),
    Entry(
        "over-completion-unexplained",
        437,
        WARNING,
        "超额较多未说明",
        f"{GUANGXI}：达到130%及以上须填原因；{REVIEW}：超130%不扣分但须注明",
        hides=("equal-exceeded",),
    ),
    Entry("equal-exceeded", 438, WARNING, "与应等值不同", "天津的系统：“=”而实际值不等的转人工判断"),
    Entry("tier-missing", 441, ERROR, "缺完成等级", _TIERS),
    Entry("tier-unknown", 442, ERROR, "完成等级不明", _TIERS, hides=("tier-missing", "deadline-without-date", "tier-inferred")),
    Entry("tier-inferred", 443, WARNING, "推定为达成", _TIERS),
    Entry("tier-score-outside", 444, ERROR, "得分不在档内", _TIERS),
    Entry("tier-contradicts-date", 445, ERROR, "逾期却填达成", _TIERS, hides=("tier-score-outside",)),
    Entry(
        "deadline-without-date", 446, ERROR, "缺完成日期", f"{DAYING}、{HUANGSHI}：时效指标只写“按期完成”", hides=("tier-missing", "tier-inferred")
    ),
    Entry("evidence-missing", 451, WARNING, "缺佐证材料", f"{REVIEW}：没有支撑材料或没有调查数据的得0分"),
    Entry("negative-actual", 452, WARNING, "完成值为负", f"{SYSTEM}：实际完成值为负按0处理"),
    Entry("rate-over-100", 453, WARNING, "比率超过100%", "公布的自评表中有“290%”之类的笔误"),
    Entry("not-applicable", 454, WARNING, "不适用", f"{FORM_NOTE}：不适用的指标不参评，其余折算为100分"),
    Entry(
        "not-applicable-unexplained",
        455,
        ERROR,
        "不适用没有理由",
        f"{FORM_NOTE}：不适用的指标不参评，须说明",
        hides=("actual-missing", *_ACTUAL_FOLLOWERS),
    ),
    Entry("row-not-scorable", 456, ERROR, "不能评分", DESIGN),
    Entry("management-data-missing", 457, ERROR, "缺管理指标数据", "财预〔2013〕53号《预算绩效评价共性指标体系框架》的指标解释"),
    Entry("actual-not-understood", 460, ERROR, "完成值看不懂", DESIGN, hides=("tier-missing", "tier-inferred", "deadline-without-date")),
    Entry(
        "target-not-understood",
        461,
        ERROR,
        "指标值看不懂",
        DESIGN,
        hides=("actual-not-a-number", "actual-ambiguous", "actual-bound-unproven", "actual-not-understood", "tier-missing", "deadline-without-date"),
    ),
    Entry("divisor-assumed", 462, INFO, "单位少写了分母", DESIGN),
    Entry("magnitude-taken", 463, WARNING, "按没有“万”读取", DESIGN),
    Entry("direction-assumed", 470, WARNING, "方向是推定的", f"{DESIGN}；{DAYING}、{HUANGSHI}：多数指标值不写符号"),
    Entry("direction-unclear", 471, ERROR, "方向不明", f"{DESIGN}；会议费公开率、污染源普查数量之类的名称含越少越好的词，实为越多越好"),
    Entry(
        "points-on-parent",
        472,
        ERROR,
        "分值在上一级",
        "公布的自评表里有“★”上级指标带分值、下级指标带数值的写法",
        hides=("*",),
        clears=("dimension-missing",),
    ),
    Entry("cost-unspent", 473, WARNING, "没花钱算达成", DESIGN),
    Entry("actual-copied", 474, WARNING, "完成情况照抄", f"{HUANGSHI}：各行实际完成值与年初目标值相同"),
    Entry("tier-contradicts-text", 475, WARNING, "等级与文字不符", DESIGN),
    Entry("tier-unproven", 476, WARNING, "等级没有依据", DESIGN),
    Entry("tier-differs", 477, WARNING, "等级与数值不符", DESIGN),
    Entry("target-differs-in-name", 478, WARNING, "名称与指标值不符", DESIGN),
    Entry("note-contradicts-actual", 479, WARNING, "说明与完成值不符", DESIGN),
    Entry("weight-shared", 490, WARNING, "分值合用", HUANGSHI),
)
