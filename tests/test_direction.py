"""Names without a written direction: what decides, what is asked, and that nothing decides in silence (contract §3.10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_checks import CLEAN, submission

from perfxl.catalogue import message
from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.score import score

NAMES = Path(__file__).parent / "data" / "names"


def names(file: str) -> list[str]:
    return (NAMES / f"{file}.txt").read_text("utf-8").split()


def asked(listed: list[str], target: str, actual: str) -> dict[str, tuple[str, str, str]]:
    """For each name in a row without 指标性质: the operator, what became of the row, and the codes about its direction."""
    row = {**CLEAN["indicators"][0], "operator": "", "target": target, "actual": actual, "reason": "已说明"}
    made = [submission({"row": {**row, "level3": name}}, number) for number, name in enumerate(listed)]
    results = score(build_frames(made), load_scheme("national-2020"))
    first = results.frames.indicators.drop_duplicates("submission")
    codes: dict[int, list[str]] = {}
    for issue in results.issues:
        if issue.code in ("direction-assumed", "direction-unclear", "operator-assumed") and issue.cell == "D4":
            codes.setdefault(issue.submission, []).append(issue.code)
    rows = zip(first["op"], first["status"], first["submission"], strict=True)
    return {listed[n]: (op, str(status), " ".join(codes.get(n, []))) for op, status, n in rows}


@pytest.mark.parametrize(("target", "actual"), [("100%", "80%"), ("300个", "270个"), ("60万元", "45万元")])
def test_a_shortfall_behind_a_listed_word_never_earns_full_marks_in_silence(target: str, actual: str) -> None:
    found = asked(names("listed_word_but_higher"), target, actual)
    wrong = {name: row for name, row in found.items() if row not in {("≥", "scored", "direction-assumed"), ("≥", "unscorable", "direction-unclear")}}
    assert wrong == {}


def test_a_listed_word_that_is_the_head_decides_and_says_so() -> None:
    found = asked(names("listed_word_lower"), "10%", "8%")
    assert {name: row for name, row in found.items() if row != ("≤", "scored", "direction-assumed")} == {}


KNOWN_BY_NOTHING = """
证照办理工作日 报废率 退费率 相对贫困率 城乡收入比 生师比 药费占比 患者次均门诊自付额 次均住院药费 结核发病人数 疟疾病例数
臭氧浓度 二氧化氮浓度 噪声平均值 噪音分贝 建筑垃圾外运量 生活垃圾清运量 万元工业增加值用水 吸毒人员新增数
"""
TURNED_ROUND = """
感染科病床数 近视筛查人数 辍学学生劝返人数 债务化解金额 化解债务余额 超限车辆查处数 治理超限超载次数 查处酒驾案件数 破获诈骗案件数 诈骗宣传场次 水土流失治理面积 黑臭水体整治数 撂荒地复耕面积 排队叫号系统数
审批事项数 配送里程 救助走失人员数 寻回走失人数 打击盗窃案件数 帮教再犯人数 追回欠薪金额 清理占道经营数 盘活烂尾楼数量 处置积压物资数 消除大班额数 拥堵治理处数 违约金收缴额 修补坑槽数 停机坪数量
病死畜禽处理头数 处置泄漏次数 停电抢修次数 PM2.5达标天数 化肥施用量减少 感染率下降 近视率下降幅度 缩短审批时限 审批时限压缩率 办理时限压缩天数 停电检修次数
"""
"""Of something unwanted, and of what is done about it: not known to be better low."""


@pytest.mark.parametrize(("target", "actual"), [("5%", "8%"), ("30分钟", "45分钟"), ("12起", "15起")])
def test_more_of_what_nobody_wants_is_no_success_where_its_name_ends_in_it(target: str, actual: str) -> None:
    ended = "错案率 辍学率 漏损率 冤假错案数 误诊率 院内感染率 宕机次数 断保率 返贫人数 平均等候时间 审批时限 网络中断时长 PM2.5浓度 黑臭水体数量 药占比 退保率 电信诈骗发案数 坏账率 供水中断次数 夜间施工扰民次数 超时办件数 烂尾楼数量 家暴警情数 病死率"
    found = asked(ended.split(), target, actual)
    assert {name: row for name, row in found.items() if row != ("≤", "scored", "direction-assumed")} == {}
    turned = asked(TURNED_ROUND.split(), target, actual)
    assert {name: row for name, row in turned.items() if row[0] != "≥"} == {}


@pytest.mark.parametrize(
    ("target", "actual", "status"), [("30分钟", "20分钟", "unscorable"), ("5%", "3%", "unscorable"), ("60%", "55%", "scored"), ("35", "30", "scored")]
)
def test_a_name_nobody_listed_is_asked_about_or_warned_of(target: str, actual: str, status: str) -> None:
    code = "direction-unclear" if status == "unscorable" else "direction-assumed"
    found = asked(names("unlisted_lower"), target, actual)
    negated = {"不良贷款率", "不良率"}  # what is turned round is asked about, whatever the numbers
    assert {found.pop(name)[1:] for name in negated} == {("unscorable", "direction-unclear")}
    assert {name: row for name, row in found.items() if row != ("≥", status, code) and row != ("≤", "scored", "direction-assumed")} == {}
    assert {name for name, row in found.items() if row[0] == "≥"} == set(KNOWN_BY_NOTHING.split())


@pytest.mark.parametrize(("target", "actual"), [("80%", "85%"), ("300人次", "280人次"), ("12个", "14个")])
def test_a_plain_name_is_better_high_and_says_that_it_was_assumed(target: str, actual: str) -> None:
    found = asked(names("plain_higher"), target, actual)
    assert {name: row for name, row in found.items() if row != ("≥", "scored", "direction-assumed")} == {}


@pytest.mark.parametrize("file", ["listed_word_but_higher", "listed_word_lower", "unlisted_lower", "plain_higher"])
def test_where_the_direction_could_not_matter_nobody_is_asked(file: str) -> None:
    found = asked(names(file), "80%", "80%")
    assert len(found) >= 80
    assert {row[1:] for row in found.values()} <= {("scored", "operator-assumed"), ("scored", "")}


ASSUMED, UNCLEAR = "direction-assumed", "direction-unclear"


@pytest.mark.parametrize(
    ("listed", "op", "code"),
    [
        (
            "未达标率 未完成率 未办结率 未及时率 未覆盖率 未满意率 未回复率 未通过率 未按时办结率 投诉未办结率 未签约率 未就业率 不合格率 没有完成率",
            "≤",
            ASSUMED,
        ),
        ("不良贷款率 事故未发生率 未逾期率 未完成任务率", "≥", UNCLEAR),
        ("未成年人服务覆盖率 不动产登记办结率 无障碍设施覆盖率 达标率", "≥", ASSUMED),
    ],
)
@pytest.mark.parametrize(("target", "actual"), [("5%", "3%"), ("5%", "8%")])
def test_a_rate_of_what_was_not_done_is_better_low(listed: str, op: str, code: str, target: str, actual: str) -> None:
    found = asked(listed.split(), target, actual)
    assert {name: row for name, row in found.items() if row != (op, "scored" if code == ASSUMED else "unscorable", code)} == {}


@pytest.mark.parametrize(
    ("listed", "op", "code"),
    [
        ("公用经费控制率 “三公经费”控制率 预算控制率 人员编制控制率 财政供养人员控制率 控制率 支出总额控制率", "≤", ASSUMED),
        ("参保人员流失控制率 辍学控制率 污染控制率 火灾控制率 森林火灾受害控制率 物价控制率", "≥", UNCLEAR),
        ("血压控制率 病虫害控制率 水土流失控制率", "≥", ASSUMED),
    ],
)
def test_a_rate_of_control_is_a_limit_where_money_or_posts_are_controlled(listed: str, op: str, code: str) -> None:
    found = asked(listed.split(), "95%", "80%")
    assert {name: row for name, row in found.items() if row != (op, "scored" if code == ASSUMED else "unscorable", code)} == {}


@pytest.mark.parametrize(
    ("listed", "target", "row"),
    [
        ("资金使用合规率 节支率 成本控制有效性", "100%", ("≤", "unscorable", UNCLEAR)),
        ("配套资金到位额 带动社会投资 工资发放额 投入产出比 补助标准 低保标准", "600万元", ("≤", "unscorable", UNCLEAR)),
        ("项目总投资 采购成本 项目资金 运行经费 单价 人均培训费 补助资金 总支出 工程造价", "600万元", ("≤", "scored", ASSUMED)),
        ("成本核算准确率 资金到位率 招标节约率 成本节约率", "100%", ("≥", "scored", ASSUMED)),
    ],
)
def test_under_cost_the_level_alone_does_not_turn_a_name_that_speaks_for_more(
    listed: str, target: str, row: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CLEAN["indicators"][0], "level2", "成本指标")
    found = asked(listed.split(), target, "80%" if "%" in target else "500万元")
    assert {name: found[name] for name in found if found[name] != row} == {}


def test_each_row_that_one_message_stands_for_is_named() -> None:
    more = [{**CLEAN["indicators"][0], "operator": "", "target": "9场", "actual": "8场", "level3": f"活动{n}", "weight": 1} for n in range(40)]
    apart = [{**row, "operator": "≥" if n % 2 else ""} for n, row in enumerate(more)]
    for rows, listed in ((more, "8-47"), (apart, "、".join(map(str, range(8, 47, 2))))):
        issues = score(build_frames([submission({"more": rows})]), load_scheme("national-2020")).issues
        assert [message(issue)[:9] + message(issue).split("行")[0].split("，")[1] for issue in issues if issue.code == ASSUMED] == [
            f"没有写明指标性质，第{listed}"
        ]
