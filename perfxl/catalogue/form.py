"""7xx: official one-table forms, how they were read and what of them cannot be told."""

from __future__ import annotations

from perfxl.catalogue.entry import DAYING, ERROR, FORM_NOTE, HUANGSHI, INFO, QINGSHEN, WARNING, Entry

_FORMS = "公布的十六种绩效自评表式（国家、安徽、湖南、湖北、重庆、宁夏、四川等）"

FORM: tuple[Entry, ...] = (
    Entry(
        "form-read", 701, INFO, "自评表读取",
        zh="这是一张自评表（{title}，{part}），共读到{rows}行指标；各栏怎样读的见“表格识别”。",
        fix_zh="请核对“表格识别”，不对的改用填报模板：perfxl template --from 原表。",
        en="An official form ({title}, {part}) was read, {rows} indicator rows; see 表格识别.",
        fix_en="Check 表格识别; if it is wrong, move the form into the template: perfxl template --from FORM.",
        why="自评表版式很多，读到了什么、没读到什么都要能核对。", evidence=_FORMS,
    ),
    Entry(
        "form-several", 702, INFO, "一份文件多张表",
        zh="这个文件里有{n}张自评表，每张单独计分。",
        fix_zh="一般不必修改；同一单位同一项目重复的，请只留一张。",
        en="The file holds {n} forms; each is scored by itself.",
        fix_en="Nothing to do, unless one project stands in it twice.",
        why="一个工作簿装几个项目的表很常见，漏一张就少一个项目。", evidence=_FORMS,
    ),
    Entry(
        "form-part-missing", 703, ERROR, "表中缺一部分",
        zh="自评表里没有找到：{part}。",
        fix_zh="请补上；确实没有这一部分的，请改用填报模板填报。",
        en="The form lacks: {part}.",
        fix_en="Add it, or move the form into the template.",
        why="缺了这一部分，得分不能算出，也不能当作0分。", evidence=HUANGSHI,
        hides=("weight-missing", "weights-not-full", "budget-missing", "sheet-missing", "column-missing"),
    ),
    Entry(
        "form-points-in-values", 704, ERROR, "分数填在指标值里",
        zh="各行指标值加起来是{sum}，实际完成值加起来是{actual}，像是把分值和得分填进了指标值和完成值两栏。",
        fix_zh="请在指标值、完成值里填数量，分值和得分填在各自的栏里。",
        en="The targets add up to {sum} and the actuals to {actual}: points seem to stand in the value columns.",
        fix_en="Put quantities into the value columns and points into theirs.",
        why="把分数当成完成值会算出没有意义的得分。", evidence=f"{_FORMS}中有一例",
    ),
    Entry(
        "form-score-shared", 705, INFO, "得分合并",
        zh="有{n}处得分由几行合并填写（{areas}），合计时各计一次。",
        fix_zh="一般不必修改；能分开的请逐行填写得分。",
        en="{n} scores are merged over several rows ({areas}); each counts once.",
        fix_en="Nothing to do; give each row its own score if you can.",
        why="合并的得分重复计算会超过总分。", evidence=HUANGSHI,
    ),
    Entry(
        "form-column-unnamed", 706, ERROR, "栏目没有名称",
        zh="这一栏有{n}个数，但表头是“{title}”，不能断定是分值还是得分。",
        fix_zh="请把表头写成“分值”或“得分”。",
        en="This column holds {n} numbers under the head “{title}”; it cannot be told whether they are points or scores.",
        fix_en="Name the column 分值 or 得分.",
        why="认错分值或得分，总分就错了。", evidence="公布的自评表中得分栏的表头是一个数",
    ),
    Entry(
        "form-unit-suspect", 707, ERROR, "金额单位存疑",
        zh="表头写的是万元，这里的数是{amount}，像是按元填写（{wan}万元）。",
        fix_zh="请核对金额单位：按万元填写的写{wan}，或把表头改为元。",
        en="The form says 万元 but the amount is {amount}, as if written in yuan ({wan} 万元).",
        fix_en="Write the amount in 万元, or change the unit of the head.",
        why="单位差一万倍，汇总数就全错了。", evidence=f"{_FORMS}中有一例表头万元、数按元",
        hides=("budget-unit-suspect", "unit-magnitude-suspect"),
    ),
    Entry(
        "form-year-assumed", 708, WARNING, "年度由推断得来",
        zh="表中没有写年度，按{where}读作{year}年度。",
        fix_zh="请在标题下写明年度，例如（{year}年度）。",
        en="The form names no year; {year} is taken from {where}.",
        fix_en="Write the year under the title.",
        why="年度错了，会并到另一年里去。", evidence=_FORMS,
    ),
    Entry(
        "form-total-differs", 709, WARNING, "总分不一致",
        zh="{what}不一致：{here}与{there}。",
        fix_zh="请核对各行得分和总分，改成一致。",
        en="{what} differ: {here} against {there}.",
        fix_en="Check the scores and make them agree.",
        why="同一张表里两个总分不同，公开后说不清。", evidence=f"{QINGSHEN}等公布的表",
        hides=("total-claimed-differs",),
    ),
    Entry(
        "form-scheme-suggested", 710, WARNING, "计分办法不同",
        zh="本表的分值是{shape}，与默认方案不同，对应的评分方案：{pack}。",
        fix_zh="请用 --scheme 指定评分方案；没有对应方案的，由财政部门按本地办法写一个（perfxl schemes new）。",
        en="The form's points are {shape}, not those of the default scheme; the scheme for them: {pack}.",
        fix_en="Name the scheme with --scheme; where there is none, the office writes one (perfxl schemes new).",
        why="用别的办法算分，分数没有意义；方案由人选定，不自动更换。", evidence=f"{HUANGSHI}；{DAYING}；{FORM_NOTE}",
    ),
    Entry(
        "form-other-kind", 711, WARNING, "不是自评表",
        zh="这是{kind}（{title}），没有实际完成值和得分，不能评分。",
        fix_zh="请报送自评表；绩效目标表可以用 perfxl template --from 转成填报模板。",
        en="This is a {kind} ({title}) without actual values and scores; there is nothing to score.",
        fix_en="Send the self-evaluation form; a goal form can be moved into the template.",
        why="目标表、监控表和自评表长得像，当成自评表会得出0分。", evidence="甘肃、湖北、福建等地公布的绩效目标表和监控表",
    ),
    Entry(
        "form-execution-row", 712, INFO, "执行率列在指标里",
        zh="“{value}”列在指标里（{points}分），加上它分值才满，按预算执行计一次分。",
        fix_zh="一般不必修改。",
        en="“{value}” stands among the indicators ({points} points); the points are full with it, so it counts once, as budget execution.",
        fix_en="Nothing to do.",
        why="执行率只应计一次分。", evidence="银川市公布的项目支出绩效自评表",
        hides=("execution-among-indicators", "operator-assumed", "target-missing", "target-not-a-number"),
    ),
)  # fmt: skip
