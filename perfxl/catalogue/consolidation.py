"""6xx: submissions of many units side by side."""

from __future__ import annotations

from perfxl.catalogue.entry import DESIGN, ERROR, REVIEW, WARNING, Entry

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
        zh="全年预算数是{full_year}万元，名单上是{expected}万元。", fix_zh="请与预算批复核对。",
        en="The full-year budget is {full_year} 万元; the roster says {expected} 万元.", fix_en="Check it against the approved budget.",
        why="预算数改变，执行率就会改变。", evidence=DESIGN,
    ),
    Entry(
        "unit-magnitude-suspect", 606, WARNING, "金额量级可疑",
        zh="全年预算数{full_year}万元与同类单位相差上千倍。", fix_zh="请核对金额单位是元还是万元。",
        en="The full-year budget of {full_year} 万元 is a thousandfold apart from similar units.", fix_en="Check whether amounts are in 元 or 万元.",
        why="元填成万元，汇总金额会错一万倍。", evidence="施甸县图书馆2023年公开表以元为单位，多数表以万元为单位",
    ),
    Entry(
        "text-copied", 607, WARNING, "文字雷同",
        zh="{column}的文字与“{unit}”的相同。", fix_zh="请核对是不是照抄了别的单位。",
        en="The text of {column} is the same as that of “{unit}”.", fix_en="Check whether it was copied.",
        why="照抄的文字常带着别的单位的对象和数量。", evidence=f"{REVIEW}：民族项目里写着老年人，17写成70",
    ),
)
