from __future__ import annotations

import pytest
from building import BUDGET_ROWS, indicator, scored, variant

from perfxl.cli.terminal import folded, issue_lines, score_lines, width
from perfxl.model import Issue
from perfxl.schemes import Cap
from perfxl.scoring.document import score_document
from perfxl.scoring.explain import first_line


def zh(text: str, _en: str) -> str:
    return text


def en(_zh: str, text: str) -> str:
    return text


def test_open_points_are_told_apart_from_lost_ones():
    results = scored([indicator(level3="讲座", target="10场", actual="8场"), indicator(level3="展览", target="10场", actual="")])
    shown = score_lines(score_document(results, 0, lang="zh"), zh)
    at = shown.index("待补分最多的：")
    waiting = ["       70  没有指标承担的分值", "       10  展览"]
    assert shown[at:] == ["待补分最多的：", *waiting, "失分最多的：", "        2  讲座", "      0.5  预算执行率"]


def test_execution_without_points_has_no_empty_bar():
    document = score_document(scored([], "department-2013", budget=BUDGET_ROWS[1:]), 0, lang="zh")
    assert [line.split() for line in score_lines(document, zh) if "执行率" in line] == [
        ["预算执行", "不单独计分", "执行率", "95.00%（95÷100", "万元）"]
    ]


def test_execution_without_amounts_shows_no_division_of_nothing():
    document = score_document(scored([], budget=[]), 0, lang="zh")
    assert next(line for line in score_lines(document, zh) if "预算执行" in line).endswith("执行率 —")


def test_what_stands_between_the_parts_and_the_total_is_said():
    rows = [indicator(target="10场", actual="8场", weight=80), indicator(level3="展览", tier="不适用", reason="疫情取消", target="1场", weight=10)]
    lines = [line for line in score_lines(score_document(scored(rows), 0, lang="zh"), zh) if line.startswith(("总分", "  各部分", "  按方案"))]
    assert lines == ["总分 81.67／100　等级 良", "  各部分合计 73.5，不适用的指标不参评，×1.111111 折算为 81.67"]
    capped = variant(total_caps={"caps": (Cap(rate_below=0.96, at_most=69),)})
    lines = score_lines(score_document(scored([indicator(target="10场", actual="8场", weight=90)], capped), 0, lang="zh"), zh)
    assert "  按方案，执行率低的总分不超过 69" in lines


def test_english_lines_have_no_full_width_marks():
    document = score_document(scored([indicator(target="10场", actual="8场")]), 0, lang="en")
    shown = [line for line in score_lines(document, en) if not any(width(ch) == 2 and ch.isalpha() for ch in line)]
    assert shown
    assert [line for line in shown if any(ch in line for ch in "：（），／")] == []


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
def test_folded_lines_fit_and_lose_nothing(columns):
    document = score_document(scored([indicator(target="2020—2021年实现公共文化云建设与对接", operator="定性", actual="")]), 0, lang="zh")
    for line in issue_lines(document["issues"], zh):
        parts = folded(line, columns)
        assert all(width(part) <= columns + 2 for part in parts)
        assert "".join(part.strip() for part in parts).replace(" ", "") == line.replace(" ", "")
        assert all(part.lstrip()[0] not in "，。；：！？、）》”" for part in parts)


def test_first_line_counts_what_it_does_not_name_once():
    codes = ("actual-missing", "target-missing", "weight-missing", "tier-missing", "level-unknown", "budget-zero", "budget-negative")
    line = first_line([Issue.at(0, code, "绩效指标", "G5") for code in codes])
    assert line.endswith("，另有2项。")
    assert "等，" not in line
