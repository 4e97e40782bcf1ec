"""2xx: 基本信息 and 年度目标."""

from __future__ import annotations

from perfxl.catalogue.entry import CHONGQING, DESIGN, ERROR, INFO, PINGXIANG, REVIEW, WARNING, Entry

_GRADES = "财政部关于绩效评价等级划分的规定：90(含)—100优、80(含)—90良、60(含)—80中、60以下差"

UNIT: tuple[Entry, ...] = (
    Entry(
        "unit-name-missing", 201, ERROR, "缺单位名称",
        zh="“单位名称”没有填写。", fix_zh="请填写单位全称，与公章一致。",
        en="The unit's name (单位名称) is not filled in.", fix_en="Enter the full name as on the official seal.",
        why="没有单位名称，得分不知道算给谁。", evidence="财政部关于单位自评全覆盖的要求：每个单位都要能对上",
    ),
    Entry(
        "fiscal-year-missing", 202, ERROR, "缺预算年度",
        zh="“预算年度”没有填写。", fix_zh="请填写四位数字的年度，例如：2020。",
        en="The fiscal year (预算年度) is not filled in.", fix_en="Enter the year in four digits, for example 2020.",
        why="期限指标和同期比较都要用到年度。", evidence="财政部关于单位自评全覆盖的要求：按预算年度自评",
    ),
    Entry(
        "fiscal-year-invalid", 203, ERROR, "预算年度不对",
        zh="“预算年度”填的是“{fiscal_year}”，看不出是哪一年。", fix_zh="请填写四位数字的年度，例如：2020。",
        en="The fiscal year (预算年度) says “{fiscal_year}”, which names no year.", fix_en="Enter the year in four digits, for example 2020.",
        why="年度不对，期限指标会评错。", evidence="财政部关于单位自评全覆盖的要求：按预算年度自评",
    ),
    Entry(
        "scheme-unknown", 204, ERROR, "评分方案不明",
        zh="“评分方案”填的是“{v}”，没有这个方案。", fix_zh="请从下拉列表选择，可选：{schemes}。",
        en="The scheme (评分方案) says “{v}”; there is no such scheme.", fix_en="Choose one of the list: {schemes}.",
        why="方案不同，分值和算法就不同；不能替单位选。", evidence="各地自评办法的分值和分档不同",
    ),
    Entry(
        "money-unit-assumed", 205, INFO, "金额单位按万元",
        zh="“金额单位”没有填写，金额都按万元读取。", fix_zh="金额确是万元的不必修改；是元的请选“元”。",
        en="The money unit (金额单位) is blank; amounts were read as 万元.", fix_en="Nothing needs to be done if they are 万元; choose 元 if they are not.",
        why="元和万元相差一万倍，执行率不变但金额会错。", evidence="施甸县图书馆2023年公开表以元为单位，多数表以万元为单位",
    ),
    Entry(
        "grade-claimed-differs", 206, WARNING, "自评等级不符",
        zh="“自评等级”是“{claimed_grade}”，按{basis}应为“{expected}”。", fix_zh="请核对自评总分和等级，不一致的改正或说明。",
        en="The claimed grade (自评等级) is “{claimed_grade}”; {basis_en} it would be “{expected}”.", fix_en="Check total and grade; correct or explain the difference.",
        why="等级由总分决定，两者不一致的报告会被扣分。", evidence=f"{_GRADES}；{CHONGQING}：等级与得分不符扣0.3分",
    ),
    Entry(
        "grade-claimed-without-total", 207, INFO, "有等级没有总分",
        zh="“自评等级”是“{claimed_grade}”，但“自评总分”没有填写。", fix_zh="有自评总分的请填上，没有的不必填写。",
        en="A grade is claimed (自评等级 “{claimed_grade}”) but no total (自评总分).", fix_en="Enter the total if there is one.",
        why="没有总分的等级无法核对。", evidence=f"{PINGXIANG}：只写“优”，没有得分",
    ),
    Entry(
        "total-claimed-differs", 208, WARNING, "自评总分不符",
        zh="“自评总分”是{claimed_total}分，规则测算为{computed}分。", fix_zh="请逐项核对自评得分与评分说明，不一致的改正或说明。",
        en="The claimed total (自评总分) is {claimed_total}; the rules give {computed}.", fix_en="Compare row by row with the explanations; correct or explain the difference.",
        why="自评总分应能由各项数据算出来。", evidence="财政部：自评得分应当真实，不得虚报；多份公布的自评表总分与各项不符",
    ),
    Entry(
        "claimed-sum-differs", 209, WARNING, "总分与各项不符",
        zh="“自评总分”是{claimed_total}分，各项自评得分之和是{sum}分。", fix_zh="请核对各项自评得分和总分，改正加错的一处。",
        en="The claimed total (自评总分) is {claimed_total}, but the claimed scores add up to {sum}.", fix_en="Check scores and total and correct the one that is wrong.",
        why="总分与各项之和不一致，说明有一处填错。", evidence=f"{CHONGQING}：分项与总分不一致扣0.3分",
    ),
    Entry(
        "goal-actual-missing", 210, WARNING, "目标没写完成情况",
        zh="预期目标已填写，但这一条的“实际完成情况”是空的。", fix_zh="请写明这一条目标完成得怎样，有数量的写出实际数量。",
        en="A goal is stated but what was achieved (实际完成情况) is blank.", fix_en="Say how far this goal was reached, with the actual numbers.",
        why="目标要逐条对应完成情况，没写不等于完成。", evidence=f"自评表要求逐条填写年度目标的实际完成情况；{PINGXIANG}有目标未报告结果",
        hides=("goal-quantity-unreported",),
    ),
    Entry(
        "goal-quantity-unreported", 211, WARNING, "目标数量没报告",
        zh="预期目标里有“{quantities}”，实际完成情况和绩效指标里都没有对应的实际数量。", fix_zh="请在“实际完成情况”里补上实际数量。",
        en="The goal names “{quantities}”, but neither 实际完成情况 nor the indicators give the actual number.", fix_en="Add the actual number to 实际完成情况.",
        why="目标写了数量，完成情况也要有数量，才看得出完成了没有。", evidence=f"{PINGXIANG}：目标为40万人次，全文没有实际人次；{REVIEW}：报告与表内数字应对应",
    ),
    Entry(
        "staff-inconsistent", 212, WARNING, "人数不一致",
        zh="“其中:本年新增人数”是{new_staff}人，多于“年末在职人数”{staff}人。", fix_zh="请核对两个人数。",
        en="Staff newly added ({new_staff}) exceeds staff at year end ({staff}).", fix_en="Check both numbers.",
        why="新增人数是在职人数的一部分。", evidence=DESIGN,
    ),
)
