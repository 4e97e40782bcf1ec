"""Rows of 绩效指标 that are budget execution under another name, and those that only look like it."""

from __future__ import annotations

import pytest
from test_checks import results_of

from perfxl.scoring.document import score_document
from perfxl.values.execution import is_execution

EXECUTION = """
执行率 全年执行率 年度执行率 本年执行率 2022年执行率 年度预算执行率 预算执行率 部门预算执行率 单位预算执行率 项目预算执行率 全年预算执行率 预算资金执行率 资金执行率
财政资金执行率 项目资金执行率 专项资金执行率 中央资金执行率 省级资金执行率 上级补助资金执行率 财政拨款执行率 财政拨款支出执行率 一般公共预算执行率
一般公共预算支出执行率 政府性基金预算执行率 项目支出预算执行率 基本支出执行率 公用经费执行率 项目经费执行率 年初预算执行率 调整后预算执行率 预算支出执行率
项目资金支付率 资金支付率 预算资金支付率 资金支付进度 项目资金支付进度 支出进度 预算支出进度 资金支出进度 支出进度率 财政支出进度 项目支出进度 资金支出率
预算执行进度 预算执行情况 资金执行情况 预算完成率 支出预算完成率 项目预算完成率 预算执行率(%) 预算执行率（10分） 1.预算执行率 预算执行率≥95% 预算执行率达到100%
★预算执行率 预算执行率： 预算执行率指标 本部门预算执行率 年度部门预算执行率 整体预算执行率 预算资金支出执行率 转移支付资金执行率 衔接资金执行率 中央财政资金执行率
""".split()
OTHERS = """
会议费公开率 计划执行率 政策执行率 标准执行率 制度执行率 合同执行率 任务执行率 方案执行率 决议执行率 法规执行率 政府采购执行率 采购计划执行率 三公经费控制率
预算调整率 预算公开率 预算编制完整率 预算绩效目标公开率 预算执行监督次数 预算执行分析报告数 预算执行审计项目数 预算执行偏差率 资金到位率 资金到位及时率 资金使用合规率
资金使用率 专款专用率 资金拨付及时率 补贴发放率 补助资金发放率 工资发放率 补助资金支付率 工程款支付率 农民工工资支付率 医保基金支付率 项目完成率 工程完成率 任务完成率
工作完成率 项目验收完成率 建设任务完成率 投资完成率 年度投资完成率 固定资产投资完成率 税收完成率 财政收入完成率 财政支出完成率 收费标准执行率 价格政策执行率 节能标准执行率
法律文书执行率 案件执行率 判决执行率 执行到位率 刑罚执行率 社保基金支出增长率 项目支出比例 结转结余率 执行率提升幅度 公务卡支付率 电子支付率 移动支付覆盖率 执法执行率
""".split()


@pytest.mark.parametrize("name", EXECUTION)
def test_execution_under_any_name_is_listed_and_not_scored_twice(name: str) -> None:
    results = results_of({"more": [{"level1": "产出指标", "level3": name, "operator": "≥", "target": "90%", "actual": "60%", "weight": 10}]})
    row = score_document(results, 0)["indicators"][-1]
    assert [(i.code, i.cell) for i in results.issues] == [("execution-among-indicators", "C8")]
    assert (row["row"], row["status"], row["rule"], row["score"]) == (8, "unscorable", "none", None)
    assert results.totals["weights"].item() == 90


@pytest.mark.parametrize("name", OTHERS)
def test_a_look_alike_stays_an_indicator(name: str) -> None:
    assert not is_execution(name)


MORE = {"more": [{"level1": "产出指标", "level3": "项目资金执行率", "operator": "≥", "target": "90%", "actual": "60%", "weight": 10}]}


@pytest.mark.parametrize(
    ("change", "scored"),
    [
        ({}, False),
        ({"budget": [{"kind": "合计"}]}, True),  # no rate: the row is all there is
        ({"scheme": "department-2013"}, True),  # execution has no points of its own
    ],
)
def test_execution_is_an_indicator_where_nothing_else_scores_it(change: dict, scored: bool) -> None:  # noqa: FBT001  # a parameter of the test
    results = results_of({**MORE, **change})
    assert score_document(results, 0)["indicators"][-1]["status"] == ("scored" if scored else "unscorable")
    assert ("execution-among-indicators" in [i.code for i in results.issues]) is not scored
