"""perfxl's own 自评表, sent alone, gives the result it was printed from."""

from __future__ import annotations

import json

import published_cases
import pytest
from office import office, to_xls
from own_forms import alone, differences, grid_of, outcome, scored
from papers import read_workbook
from scored_cases import indicator, management_submission, random_submission, seed_library, submission

from perfxl.cli import run
from perfxl.intake.reading import read_file
from perfxl.jobs.api import score
from perfxl.schemes import load_scheme

NATIONAL = load_scheme("national-2020")
SCHEMES = ("national-2020", "jiangxi", "hubei", "national-2021")
MONEY = [{"kind": "合计", "item": "年度资金总额"}, {"kind": "按来源", "item": "当年财政拨款", "full_year": 50.5, "executed": 40.25}]
UNIT = {"name": "示例馆", "fiscal_year": "2022", "evaluation": "部门整体", "money_unit": "万元"}
OUT, PLEASED = ("产出指标", "数量指标"), ("满意度指标", "服务对象满意度")


def rows(*more):
    return [indicator(*OUT, "开放天数", "≥", "270", "天", "269", 60.0), *more, indicator(*PLEASED, "读者满意度", "≥", "90%", "%", "95%", 10.0)]


def made(*more, budget=MONEY, **unit):
    return submission(1, UNIT | unit, budget=budget, indicators=rows(*more))


ODD = {
    "an execution row": made(indicator(*OUT, "预算执行率", "≥", "100%", "%", "98%", 10.0)),
    "another unit in the column": made(indicator(*OUT, "培训", "≥", "12人", "场", "12人", 10.0)),
    "a deadline that is a number": made(indicator(*OUT, "按期完成", "期限", "12", None, "11", 10.0, "达成")),
    "words beside a number": made(indicator(*OUT, "效果", "定性", "提升10%", None, "有所提升", 10.0, "部分达成", 7.0)),
    "a claim outside its tier": made(indicator(*OUT, "效果", "定性", "效果好", None, "效果好", 10.0, "达成", 3.0)),
    "equal": made(indicator(*OUT, "差错率", "=", "0", "%", "0", 10.0)),
    "an adjusted target": made(indicator(*OUT, "培训", "≥", "12场", "场", "8", 10.0, adjusted_target="8场")),
    "不适用": made(indicator(*OUT, "演出", "≥", "12场", "场", None, 10.0, "不适用", reason="场馆大修")),
    "a detail row": made(indicator(*OUT, "其中：夜间", "≥", "12天", "天", "12", None)),
    "an unknown level": made(indicator("其他指标", "其他", "制度", "定性", "健全", None, "健全", 10.0, "达成")),
    "no level": submission(1, UNIT, budget=MONEY, indicators=[indicator(None, None, "制度", "定性", "健全", None, "健全", 90.0, "达成")]),
    "千元": made(money_unit="千元"),
    "元": made(money_unit="元"),
    "money of no unit": made(money_unit="美元"),
    "自评类型 of no kind": made(evaluation="综合"),
    "an unknown fund": made(budget=[*MONEY, {"kind": "补助类", "item": "专项资金", "full_year": 1.0, "executed": 1.0}]),
    "其中 without its whole": made(budget=[MONEY[0], {"kind": "其中", "item": "一般公共预算拨款", "full_year": 9.0, "executed": 8.0}]),
    "types of other names": made(budget=[MONEY[0], {"kind": "按支出类型", "item": "专项资金", "full_year": 9.0, "executed": 8.0}]),
    "an amount in words": made(budget=[MONEY[0], MONEY[1] | {"executed": "未知"}]),
    "reasons with numbers": made(budget=[MONEY[0], MONEY[1] | {"reason": "2个项目12月才下达50万元"}]),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_row_survives_the_form(name):
    assert differences(ODD[name], NATIONAL) == {}


@pytest.mark.parametrize("unit", ["万元", "元", "千元", "百万元"])
def test_the_total_stands_in_the_unit_of_its_lines(unit):
    _, data = scored(made(money_unit=unit), NATIONAL)
    grid = grid_of(data)
    assert [grid.value(row, column) for row in (6, 7) for column in (5, 6)] == [50.5, 40.25] * 2
    assert grid.value(5, 1) == f"年度资金（{unit}）"


@pytest.mark.parametrize("name", published_cases.CASES)
def test_a_published_case_survives_the_form(name):
    case = published_cases.case(name)
    intake = read_workbook(published_cases.intake_of(case), source=f"{name}.xlsx")
    assert differences(intake, load_scheme(published_cases.scheme_of(case))) == {}


@pytest.mark.parametrize("number", range(16))
def test_a_drawn_intake_survives_the_form(number):
    """`python tests/long/own_form.py` draws as many as asked."""
    assert differences(random_submission(number, 99), load_scheme(SCHEMES[number % 4])) == {}


@pytest.mark.parametrize("name", ["department-2013", "yueyang"])
def test_management_data_survive_the_form(name):
    scheme = load_scheme(name)
    assert differences(management_submission(3, 5, scheme), scheme) == {}


def test_the_sheet_alone_is_a_submission_and_beside_its_intake_a_result(capsys, tmp_path):
    first, data = scored(seed_library(), NATIONAL)
    (tmp_path / "自评表.xlsx").write_bytes(alone(data))
    (read,) = read_file(tmp_path / "自评表.xlsx")
    assert outcome(score(read, NATIONAL), read.number) == first
    assert first["total"] == 88.68
    assert read.origin == seed_library().sha256
    assert run(["score", str(tmp_path / "自评表.xlsx"), "--json", "--no-workbook"]) == 0
    document = json.loads(capsys.readouterr().out)
    codes = {issue["code"] for issue in document["issues"]}
    assert "scored-workbook-submitted" in codes
    assert not codes & {
        "choice-unknown",
        "date-not-read",
        "score-claimed-differs",
        "total-claimed-differs",
        "form-total-differs",
        "form-scheme-suggested",
    }


@office
def test_a_result_saved_as_excel_97_gives_the_same(tmp_path):
    files, first = [], {}
    for name, one in (("种子", seed_library()), ("随机", random_submission(7, 99, rows=12))):
        first[name], data = scored(one, NATIONAL)
        for stem, content in ((name, data), (f"{name}自评表", alone(data))):
            files.append(tmp_path / f"{stem}.xlsx")
            files[-1].write_bytes(content)
    for path in to_xls(files, tmp_path / "xls"):
        (read,) = read_file(path)
        assert outcome(score(read, NATIONAL), read.number) == first[path.stem.removesuffix("自评表")], path.stem
