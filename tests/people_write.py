"""Reports the way people write them, made from what a workbook holds: every number in them is true, rounded or scaled as people do."""

from __future__ import annotations

import math
import random

from perfxl.rules.frames import INDICATOR, record, records
from perfxl.word.documents import Block
from perfxl.word.phrases import with_unit_column


def _money(rng, wan):
    yuan = wan * 10_000
    written = [f"{wan:,.2f}万元", f"{wan:.2f}万元", f"{yuan:,.2f}元", f"约{wan:.0f}万元" if wan >= 100 else f"{wan:.2f}万元"]
    if wan >= 10_000:
        written.append(f"{wan / 10_000:.2f}亿元")
    return rng.choice(written)


def _lines(results, number):
    frame = results.frames.budget
    rows = [
        r
        for r in records(frame[frame["submission"] == number])
        if r["line"] not in ("合计", "") and r["full_year"] > 0 and not math.isnan(r["executed"])
    ]
    total = record(results.execution, number)
    return [*rows, total | {"item": "部门整体支出"}] if total["basis"] and total["full_year"] > 0 and not math.isnan(total["executed"]) else rows


def _rows(results, number):
    frame = results.frames.indicators
    rows = [r for r in records(frame[frame["submission"] == number]) if r["role"] == INDICATOR and r["name"] and r["actual"]]
    return [(r, with_unit_column(str(r["target_text"]), r), with_unit_column(str(r["actual"]), r)) for r in rows]


def report(results, number, seed):
    """Blocks of one report; `seed` draws order and manner."""
    rng = random.Random(seed)  # repeatable draws, no secret
    unit = record(results.frames.unit.set_index("submission"), number)
    paragraphs = [
        f"{unit['name']}{int(unit['year']) if unit['year'] == unit['year'] else ''}年度绩效自评报告",
        "一、基本情况",
        "根据财预〔2020〕10号文件要求，我单位于2021年3月15日前完成自评工作，评价满分100分。",
    ]
    for line in _lines(results, number):
        full, done = line["full_year"], line["executed"]
        rate = f"{done / full * 100:.{rng.choice([0, 1, 2])}f}%"
        manners = (
            "{item}全年预算数{a}，实际支出{b}，执行率{r}。", "{item}预算安排{a}，截至12月31日，已支出{b}，预算执行率为{r}。", "全年{item}实际执行{b}，占全年预算{a}的{r}。", "{item}全年预算、执行数分别为{a}、{b}，执行率{r}。",
        )  # fmt: skip
        paragraphs.append(rng.choice(manners).format(item=line["item"], a=_money(rng, full), b=_money(rng, done), r=rate))
    paragraphs.append(rng.choice(["二、绩效目标完成情况", "（一）产出指标完成情况", "二、主要做法和成效"]))
    rows = _rows(results, number)
    rng.shuffle(rows)
    for row, target, actual in rows:
        manners = (
            "{name}：目标值{t}，实际完成{a}。", "{name}完成{a}，达到年度指标值{t}的要求。", "在{level}方面，{name}{a}。", "{name}计划{t}，全年实际{a}，较好地完成了任务。", "年初设定{name}{t}，年末{name}{a}；共开展督导3次。",
            "我单位克服困难，{name}达{a}，比上年增长5%。", "{name}（{t}）全部完成，实际完成值为{a}。",
        )  # fmt: skip
        paragraphs.append(rng.choice(manners).format(name=row["name"], t=target, a=actual, level=row["level2"]))
    if unit["claimed_total"]:
        paragraphs.append(f"三、自评结论\n经综合评价，本项目自评得分{str(unit['claimed_total']).removesuffix('分')}分。")
    blocks = [Block(text) for paragraph in paragraphs for text in paragraph.split("\n")]
    if rng.random() < 0.5:
        header = ("三级指标", "年度指标值", "实际完成值", "分值")
        blocks += [Block(" | ".join(header), header, header)]
        blocks += [Block("", (row["name"], target, actual, str(row["weight"])), header) for row, target, actual in rows]
    return blocks
