"""What the template adds up by itself: a number only where nothing is left out, after any edit a clerk makes."""

from __future__ import annotations

from itertools import product

import pytest
from filling import fill
from live_rows import UNIT
from office import edited, office
from openpyxl import load_workbook
from papers import read_workbook
from test_template import without_live_columns

from perfxl.checks.engine import run_checks
from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.score import score
from perfxl.values.execution import is_execution
from perfxl.workbook import sums
from perfxl.workbook.template import template_bytes

NATIONAL = load_scheme("national-2020")
MONEY, POINTS, WHO = "预算执行", "绩效指标", "基本信息"
ROWS = [
    ("产出指标", "数量指标", "讲座场次", 20),
    ("产出指标", "质量指标", "完好率", 30),
    ("效益指标", "社会效益", "读者人次", 30),
    ("满意度指标", "服务对象满意度", "读者满意度", 10),
]
INDICATORS = [
    {"level1": one, "level2": two, "level3": name, "operator": "≥", "target": "90", "actual": "95", "weight": weight}
    for one, two, name, weight in ROWS
]
LINE = {"kind": "按来源", "item": "当年财政拨款", "full_year": 100, "executed": 95}


def put(sheet, **cells):
    return [["set", sheet, address, what] for address, what in cells.items()]


def money(**cells):
    return put(MONEY, **cells)


def points(**cells):
    return put(POINTS, **cells)


TOTALS = {
    "as filled": ([], (100, 95, 0.95)),
    "a second line": (money(D9=50, E9=50), (150, 145, 145 / 150)),
    "half a line": (money(D9=50), ("", "", sums.PENDING)),
    "half, the other way": (money(E9=50), ("", "", sums.PENDING)),
    "text": (money(E5="95"), ("", "", sums.PENDING)),
    "text beside a good line": (money(E5="95", D9=50, E9=50), ("", "", sums.PENDING)),
    "unit in the cell": (money(D5="640.84万元", E5="555.83万元", D9=50, E9=50), ("", "", sums.PENDING)),
    "text, and types that are whole": (money(E5="95", D13=80, E13=60), ("", "", sums.PENDING)),
    "half a source, types that are whole": (money(E5="", D13=80, E13=60), (80, 60, 0.75)),
    "half a type beside sources": (money(D13=80), (100, 95, 0.95)),
    "marks that say nothing": (money(D9="—", E9="无"), (100, 95, 0.95)),
    "blank behind the kind": (money(A9="按来源 ", D9=50, E9=0), (150, 95, 95 / 150)),
    "kind in other words": (money(A9="按资金来源", D9=50, E9=0), (150, 95, 95 / 150)),
    "unknown kind": (money(A9="来源", D9=50, E9=50), ("", "", sums.PENDING)),
    "no kind": (money(B15="捐赠", D15=50, E15=50), ("", "", sums.PENDING)),
    "a note without amounts": (money(B15="说明"), (100, 95, 0.95)),
    "of which": (money(D6="八十", E6=80), (100, 95, 0.95)),
    "subtotal": (money(A15="小计", B15="小计", D15=100, E15=95), (100, 95, 0.95)),
    "far below": (money(A110="按来源", B110="捐赠", D110=50, E110=10), (150, 105, 0.7)),
    "too far below": (money(A900="按来源", B900="捐赠", D900=50, E900=10), ("", "", sums.PENDING)),
    "directly below the total": ([["insert", MONEY, 5, 1], *money(A5="按来源", B5="捐赠", D5=50, E5=10)], (150, 105, 0.7)),
    "first line deleted": ([["delete", MONEY, 5, 1], *money(D8=50, E8=50)], (50, 50, 1)),
    "error value": ([["formula", MONEY, "D9", "=1/0"], *money(E9=5)], ("", "", sums.PENDING)),
    "nothing": (money(D5="", E5=""), ("", "", "")),
    "typed total": (money(D5="", E5="", D4=200, E4=150), (200, 150, 0.75)),
    "typed total that agrees": (money(D4=100, E4=95), (100, 95, 0.95)),
    "typed total that differs": (money(D4=120, E4=100), (120, 100, sums.APART)),
}


@pytest.fixture(scope="module")
def template() -> bytes:
    return without_live_columns(fill(template_bytes(NATIONAL), unit=UNIT, budget=[LINE], indicators=INDICATORS))


def full(indicators, execution=10, rest=""):
    return f"分值合计：指标{indicators}+执行{execution}={indicators + execution:g}{rest}"


TOLD = "应为100：预算执行10、产出指标50、效益指标30、满意度指标10"
LEFT_OUT, TWICE = sums.LEFT_OUT, sums.TWICE
RUNNING = {
    "as filled": ([], full(90), False),
    "above the first": ([["insert", POINTS, 4, 1], *points(A4="产出指标", C4="新", I4=10)], full(100), True),
    "below the last": (points(C304="新", I304=10), full(100), True),
    "far below": (points(C700="新", I700=10), full(90, rest=LEFT_OUT), True),
    "first deleted": ([["delete", POINTS, 4, 1]], full(70), True),
    "last deleted": ([["delete", POINTS, 7, 1]], full(80), True),
    "sorted": ([["sort", POINTS, "A4:R303", 2, True]], full(90), False),
    **{f"sum: {word}": (points(**{cell: word, "I8": 90}), full(90), False) for cell, word in zip(
        ("A8", "B8", "C8", "A8", "A8", "A8", "C8", "A8", "A8", "A8"),
        ("合计", "合计", "合计", "小计", "总计", "合 计", "总  分", "产出指标小计", "合计（100分）", "指标合计(90分)"),
        strict=True)},
    "no sum": (points(C7="总分馆数量"), full(90), False),
    "no sum either": (points(C7="合计场次"), full(90), False),
    "text": (points(I4="20"), full(70, rest=LEFT_OUT), True),
    "no name": (points(C7=""), full(80, rest=LEFT_OUT), True),
    "mark": (points(C8="新", I8="/"), full(90), False),
    "execution": (points(C4="预算执行率"), full(70, rest=TWICE), True),
    "execution beside 100": (points(C8="项目资金 支付率", I8=10), full(90, rest=TWICE), True),
    "execution without points": (points(C8="预算执行率"), full(90), False),
    "execution by other words": (points(C7="捐赠执行率"), full(90), False),
    "execution's points blank": (money(G4=""), full(90), False),
    "execution's points 0": (money(G4=0), full(90), False),
    "execution's points with a word": (money(G4="10分"), full(90, rest=LEFT_OUT), True),
    "execution's points differ": (money(G4=20), full(90, 20), True),
    "a second total": (money(A15="合计", B15="合计", D15=100, E15=95, G15=10), full(90), False),
    "within the tolerance": (points(I4=19.99), full(89.99), False),
    "outside the tolerance": (points(I4=19.98), full(89.98), True),
    "share of the whole": (points(I4=0.2), full(70.2), True),
    "error value": ([["formula", POINTS, "I4", "=1/0"]], "分值合计：有的格子是错误值", True),
}  # fmt: skip
BESIDE = {
    "as filled": ([], TOLD),
    "no points": (points(C8="新", E8="5", G8="5"), "没有分值的行不单独计分。"),
    "text": (points(I4="20"), "分值不是数字、没写三级指标的行未计入。"),
    "execution": (points(C4="预算执行率"), "预算执行率不要再列为指标。"),
    "execution by other words": (points(C7="捐赠执行率"), "预算执行率不要再列为指标。"),
    "other scheme": (put(WHO, B12="江西（预算执行按档）"), "评分方案改选了，本页仍按原方案提示，请换用所选方案的模板。"),
    "no scheme": (put(WHO, B12=""), TOLD),
}


@pytest.fixture(scope="module")
def shown(template, tmp_path_factory):
    """Name -> (the workbook as the program reads it, its values) of every case of this page; one start for all."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "in.xlsx").write_bytes(template)
    cases = {
        f"{kind} {number}": case[0] for kind, table in (("t", TOTALS), ("r", RUNNING), ("b", BESIDE)) for number, case in enumerate(table.values())
    }
    red = sums.running_is_wrong(NATIONAL, f"{POINTS}!$A$2")
    jobs = [(folder / "in.xlsx", folder / f"{name}.xlsx", [*steps, ["formula", WHO, "Z1", red]]) for name, steps in cases.items()]
    edited(jobs, folder)
    return {path.stem: (path.read_bytes(), load_workbook(path, data_only=True)) for _, path, _ in jobs}


def near(values):
    return tuple(pytest.approx(value) if isinstance(value, float) else value for value in values)


@office
def test_total_and_rate_are_shown_only_of_lines_that_are_whole(shown):
    found = {name: tuple(shown[f"t {n}"][1][MONEY][cell].value or "" for cell in ("D4", "E4", "F4")) for n, name in enumerate(TOTALS)}
    assert found == {name: near(case[1]) for name, case in TOTALS.items()}


@office
def test_a_rate_that_is_shown_is_the_one_the_program_finds(shown):
    compared = 0
    for n, name in enumerate(TOTALS):
        workbook, values = shown[f"t {n}"]
        rate = values[MONEY]["F4"].value
        if isinstance(rate, float | int):
            execution = score(build_frames([read_workbook(workbook)]), NATIONAL).execution
            assert execution["rate"].tolist() == [pytest.approx(rate)], name
            compared += 1
    assert compared > 10


@office
def test_the_line_above_names_the_row_that_is_in_the_way(shown):
    said = [shown[f"t {list(TOTALS).index(name)}"][1][MONEY]["A2"].value for name in ("as filled", "half a line", "no kind")]
    assert said == [f"金额单位：万元　　{text}" for text in (
        sums.TOLD, *(f"第{row}行没填全：资金类别从下拉列表选，全年预算数和全年执行数都填数字，不写单位。" for row in (9, 15)))
    ]  # fmt: skip


@office
def test_points_add_up_wherever_their_rows_stand(shown):
    found = {name: (shown[f"r {n}"][1][POINTS]["A2"].value, bool(shown[f"r {n}"][1][WHO]["Z1"].value)) for n, name in enumerate(RUNNING)}
    assert found == {name: case[1:] for name, case in RUNNING.items()}


@office
def test_points_are_black_exactly_where_check_accepts_them(shown):
    strict = {"text", "execution's points with a word"}  # the program reads these, the sum asks for a number
    for n, name in enumerate(RUNNING):
        workbook, values = shown[f"r {n}"]
        codes = {issue.code for issue in run_checks(score(build_frames([read_workbook(workbook)]), NATIONAL))}
        told = bool({"weights-not-full", "execution-among-indicators", "indicator-name-missing", "cells-outside-form"} & codes)
        assert bool(values[WHO]["Z1"].value) == told or name in strict, (name, codes)


@office
def test_words_beside_the_points(shown):
    assert {name: shown[f"b {n}"][1][POINTS]["D2"].value for n, name in enumerate(BESIDE)} == {name: case[1] for name, case in BESIDE.items()}


def test_sure_names_of_execution_are_execution():
    names = [words + head for last, before in sums.sure_executions() for words, head in product(before, last)]
    assert len(names) > 300
    assert [name for name in names if not is_execution(name)] == []
