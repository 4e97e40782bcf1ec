"""3xx: 预算执行."""

from __future__ import annotations

from perfxl.catalogue.entry import AUDITOR, DESIGN, ERROR, LANGFANG, MOF10, PINGXIANG, QINGSHEN, SYSTEM, WARNING, Entry

_TOTALS = "山西的系统核对：按来源和按支出类型的合计必须一致"

BUDGET: tuple[Entry, ...] = (
    Entry(
        "budget-missing", 301, ERROR, "缺预算执行数",
        zh="“{column}”没有填写，执行率算不出来。", fix_zh="请填写金额；确实没有支出的，“全年执行数”填0。",
        en="“{column}” is not filled in, so the execution rate cannot be computed.", fix_en="Enter the amount; where nothing was spent, enter 0 as 全年执行数.",
        why="空白不等于0；缺一个数，执行率就没有依据。", evidence=f"{SYSTEM}：全年预算数和执行数必填",
    ),
    Entry(
        "budget-not-a-number", 302, ERROR, "金额不是数字",
        zh="“{column}”填的是“{v}”，读不出金额。", fix_zh="请只填数字，例如：640.84。",
        en="“{column}” says “{v}”, which is not an amount.", fix_en="Enter digits only, for example 640.84.",
        why="读不出的金额不能按0算。", evidence=f"{AUDITOR}：金额必须为数字",
        hides=("date-for-number", "budget-missing"),
    ),
    Entry(
        "budget-zero", 303, ERROR, "预算为0",
        zh="“全年预算数”合计是0，执行率没有意义。", fix_zh="请核对全年预算数；确无预算的，不用这张表评分。",
        en="The full-year budget (全年预算数) adds up to 0, so there is no execution rate.", fix_en="Check the amounts; a unit without a budget is not scored with this form.",
        why="除数为0；各地处理不一，不能替单位选。", evidence=f"{AUDITOR}：预算为0报错；各地系统有按0、按满分、按预警三种做法",
    ),
    Entry(
        "budget-negative", 304, ERROR, "金额为负",
        zh="“{column}”是负数{v}。", fix_zh="请核对金额；冲减的支出并入相应的行，填净额。",
        en="“{column}” is negative: {v}.", fix_en="Check the amount; net refunds against the line they belong to.",
        why="预算数和执行数不应为负，负数会抵减别的行。", evidence=DESIGN,
    ),
    Entry(
        "budget-total-mismatch", 305, ERROR, "合计不符",
        zh="合计行的{column}是{typed}万元，各行相加是{sum}万元，相差{gap}万元。", fix_zh="请核对各行和合计，改正填错的一处。",
        en="The total row's {column} is {typed} 万元, but the lines add up to {sum} 万元, {gap} 万元 apart.", fix_en="Check lines and total and correct the one that is wrong.",
        why="合计与明细不一致，不知道以哪个为准。", evidence="池州市贵池区2022年自评表：合计为0，财政拨款为90万元",
    ),
    Entry(
        "budget-source-type-mismatch", 306, ERROR, "来源与支出不符",
        zh="按来源和按支出类型的{column}合计不一致，相差{gap}万元（{sum}对{typed}）。", fix_zh="请核对两组金额，改正填错的一处。",
        en="The totals of {column} by source and by type differ by {gap} 万元 ({sum} against {typed}).", fix_en="Check both groups and correct the one that is wrong.",
        why="钱从哪里来和用到哪里去，总数应当相同。", evidence=_TOTALS,
    ),
    Entry(
        "execution-over-100", 307, WARNING, "超预算执行",
        zh="执行率是{rate}，超过100%。", fix_zh="请核对全年预算数是否含追加和结转；确实超支的，说明原因。",
        en="The execution rate is {rate}, above 100%.", fix_en="Check that the full-year budget includes supplements and carry-over; explain real overspending.",
        why="支出一般不能超过调整后的预算，多半是预算数没有更新。", evidence=f"{SYSTEM}：预算执行率不能超过100%",
    ),
    Entry(
        "budget-line-unknown", 308, ERROR, "资金类别不明",
        zh="这一行填了金额，但“资金类别”是“{kind}”，不知道该不该加进合计。", fix_zh="请从下拉列表选择资金类别。",
        en="This line has amounts, but its kind (资金类别) is “{kind}”, so it is unclear whether it counts.", fix_en="Choose the kind from the list.",
        why="加不加这一行，执行率会不同。", evidence=_TOTALS,
    ),
    Entry(
        "execution-low-unexplained", 309, WARNING, "执行率低未说明",
        zh="执行率是{rate}，低于{threshold}，但没有填写偏差原因及改进措施。", fix_zh="请在“偏差原因及改进措施”里说明原因和措施。",
        en="The execution rate is {rate}, below {threshold}, and no reason (偏差原因及改进措施) is given.", fix_en="State the reason and the measures taken.",
        why="执行率低的，主管部门会要求说明。", evidence=f"{QINGSHEN}：执行率低于90%须说明原因；{PINGXIANG}：86.75%没有说明",
    ),
    Entry(
        "budget-adjusted-unexplained", 310, WARNING, "预算调整未说明",
        zh="全年预算数与年初预算数不同，但没有填写预算调整原因。", fix_zh="请在“预算调整原因”里说明追加或调减的依据。",
        en="The full-year budget differs from the initial one, and no reason (预算调整原因) is given.", fix_en="State why the budget was raised or cut.",
        why="预算有调整的要说明依据。", evidence=f"{QINGSHEN}：预算有调整须说明原因",
    ),
    Entry(
        "budget-unit-suspect", 311, WARNING, "金额单位可疑",
        zh="同一行里的金额相差上千倍：{amounts}（万元）。", fix_zh="请核对有没有把元和万元混填。",
        en="Amounts on one line differ a thousandfold: {amounts} (万元).", fix_en="Check whether 元 and 万元 were mixed.",
        why="元和万元混填，执行率会错一万倍。", evidence=f"{LANGFANG}等公布的表中元和万元混用",
        hides=("execution-low-unexplained", "execution-over-100", "budget-adjusted-unexplained"),
    ),
    Entry(
        "budget-total-only", 312, WARNING, "只有合计",
        zh="只填了合计行，没有按来源或按支出类型的明细。", fix_zh="请补填按来源的各行；确无明细的，说明原因。",
        en="Only the total row is filled; there are no lines by source or type.", fix_en="Fill in the lines by source, or say why there are none.",
        why="没有明细，合计无法核对。", evidence=f"{MOF10}附表：资金总额按来源分列",
    ),
)
