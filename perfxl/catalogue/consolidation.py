"""6xx: submissions of many units side by side."""

from __future__ import annotations

from perfxl.catalogue.entry import DESIGN, ERROR, INFO, REVIEW, WARNING, Entry

_COVERAGE = "财政部关于单位自评全覆盖的要求"

CONSOLIDATION: tuple[Entry, ...] = (
    Entry(
        "duplicate-submission", 601, ERROR, "重复报送",
        zh="同一单位报来{n}份内容不同的工作簿，报送次数和填报日期分不出先后：{files}。", fix_zh="请保留要用的一份，移走其余的。",
        en="This unit sent {n} different workbooks, and neither 报送次数 nor 填报日期 says which is later: {files}.", fix_en="Keep the one that counts and remove the others.",
        why="两份不同的数，不能替单位选。", evidence=DESIGN,
    ),
    Entry(
        "not-submitted", 602, WARNING, "未报",
        zh="应报单位名单里有“{unit}”，没有收到它的工作簿。", fix_zh="请催报；已报的，核对单位名称和编码。",
        en="“{unit}” is on the roster but no workbook came in.", fix_en="Ask for it; if it was sent, check name and code.",
        why="自评要覆盖全部单位。", evidence=_COVERAGE,
    ),
    Entry(
        "unexpected-unit", 603, WARNING, "名单外单位",
        zh="“{unit}”不在应报单位名单里。", fix_zh="请核对单位名称和编码，或补充名单。",
        en="“{unit}” is not on the roster.", fix_en="Check name and code, or add it to the roster.",
        why="名称写法不同会被当成两个单位。", evidence=_COVERAGE,
    ),
    Entry(
        "year-differs", 604, WARNING, "年度不同",
        zh="这份的预算年度是{year}，其余单位多为{expected}。", fix_zh="请核对是不是报错了年度。",
        en="The fiscal year is {year}; most others say {expected}.", fix_en="Check whether the wrong year was sent.",
        why="不同年度的得分不能放在一起排名。", evidence=_COVERAGE,
    ),
    Entry(
        "budget-differs-from-roster", 605, WARNING, "预算数与名单不符",
        zh="{item}是{full_year}万元，应报单位名单上是{expected}万元，相差{gap}万元。", fix_zh="请与预算批复和决算核对，改正填错的一处。",
        en="{item} is {full_year} 万元; the roster says {expected} 万元 ({gap} apart).", fix_en="Check it against the approved budget and the accounts.",
        why="预算数改变，执行率就会改变。", evidence=DESIGN,
    ),
    Entry(
        "unit-magnitude-suspect", 606, WARNING, "金额量级可疑",
        zh="金额是{full_year}万元，约为{basis}（{expected}万元）的{factor}。", fix_zh="请核对金额单位是元还是万元，再核对小数点。",
        en="The amount is {full_year} 万元, about {factor} of {expected} 万元 ({basis}).", fix_en="Check whether amounts are in 元 or 万元, then the decimal point.",
        why="元填成万元，汇总金额会错一万倍。", evidence="施甸县图书馆2023年公开表以元为单位，多数表以万元为单位",
    ),
    Entry(
        "text-copied", 607, WARNING, "文字雷同",
        zh="“{column}”里有{n}字与“{unit}”的{where}相同：“{text}”。", fix_zh="请核对是不是照抄了别的单位，按本单位的实际情况改写。",
        en="{n} characters of “{column}” are the same as in {where} of “{unit}”: “{text}”.", fix_en="Check whether they were copied, and describe what this unit did.",
        why="照抄的文字常带着别的单位的对象和数量。", evidence=f"{REVIEW}：民族项目里写着老年人，17写成70",
    ),
    Entry(
        "report-equal", 608, WARNING, "两单位内容相同",
        zh="全部指标和金额与“{unit}”（{file}）的完全相同。", fix_zh="请核对是不是拿错了文件，或把别的单位的表改了名字报来。",
        en="All indicators and amounts are the same as those of “{unit}” ({file}).", fix_en="Check whether the wrong file was sent, or another unit's form under a new name.",
        why="两个单位一年里的每一个数都相同，总有一份不是自己的。", evidence=DESIGN,
    ),
    Entry(
        "roster-unit-twice", 609, WARNING, "名单重复",
        zh="应报单位名单里“{unit}”出现了两次（第{row}行已有）。", fix_zh="请删去重复的一行，或补上各自的预算单位编码。",
        en="“{unit}” is on the roster twice (first in row {row}).", fix_en="Delete one row, or give each its code.",
        why="一个单位算两次，报送率就不对。", evidence=DESIGN,
    ),
    Entry(
        "superseded", 610, INFO, "已被替代",
        zh="同一单位又报来了更晚的一份：{file}。", fix_zh="不用处理；要用这一份的，请把更晚的移走。",
        en="The same unit sent a later one: {file}.", fix_en="Nothing to do; to use this one, remove the later one.",
        why="一个单位只算一份，报送次数大的、填报日期晚的算数。", evidence=DESIGN,
    ),
)
