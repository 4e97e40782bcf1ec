"""完成等级 against what stands beside it: what denies it is never silent, what goes with it is never asked (contract §3.5)."""

from __future__ import annotations

from typing import Any

import pytest
from test_checks import DUE, WORDS, codes

from perfxl.values.beside import result_in_note, target_in_name
from perfxl.values.outcome import outcome

DENIED = {
    "完善管理制度": "制度未完善 已取消 下一年开展 效果较差 不健全 制度未健全 仍需改进 不理想 有待提高 因故推迟 完成50% 进度滞后 正在修订 尚未完成 没有完善 计划明年修订 基本完善 "
    "部分完善 修订中 待完善 在办 进展缓慢 制度流于形式 初步建立 完成八成 改为2023年实施 结转下年 项目烂尾",
    "健全": "比较健全 较健全 较为健全 大体健全 相对健全",
    "制度健全": "制度比较健全 制度较健全",
    "群众满意": "群众基本满意 群众比较满意 较满意",
    "非常满意": "满意 比较满意",
    "满意度高": "满意度较高",
    "优秀": "良好 良 合格 评定为良",
    "运行稳定": "运行较稳定",
    "显著提升": "提升 明显提升",
    "逐年下降": "逐年上升 增长",
    "缩小": "扩大",
    "一等奖": "二等奖",
    "通过验收": "申请验收 组织验收",
    "提升服务": "另行报送 负面影响较大",
    "不低于上年": "低于上年 较上年下降",
    "明显提升": "效果不明显 下降 提升有限 下降5% 没有明显提升 略有下降 无明显变化 有所下降 有待提升 有所提升 服务态度差 群众意见较大 满意度偏低 未达预期",
    "有效减少污染": "污染加重 污染增加 发生污染3起 污染反弹 完成80%",
    "零事故": "发生1起 发生一般事故1起",
    "无投诉": "收到投诉3件 投诉3件",
    "应保尽保": "漏保3户 10户中8户 部分保障",
    "全覆盖": "覆盖80% 覆盖八成 除2户外均完成 50个村中48个",
    "不超预算": "超支3% 超出预算2万元 超概算",
    "按时完成": "超时3天完成 晚于计划10天 比计划晚了",
    "保障运行": "系统多次中断 出现故障5次 不正常",
    "无违规支出": "存在违规支出 违规支出2笔 审计发现问题3个",
    "减少安全事故": "事故增多 事故上升 无明显减少",
    "提升服务水平": "未完成投诉处理 未解决停车困难 人手不足 宣传力度不足 验收未通过 达到预期的80% 完成10项中的6项 完成3/5 较上年下降",
}
UNSAID = "0 零 200场 200 见总结 详见附件 × 否 已申报 已启动 已立项 施工"
GOES_WITH = {
    "健全": "健全 已健全 十分健全",
    "效果良好": "效果较好 效果好 效果很好",
    "满意度较高": "满意度较高 满意度高",
    "比较完善": "比较完善 完善",
    "与上年相比提高": "较上年提高",
    "优秀": "优秀 优",
    "满意": "满意 非常满意 总体满意",
    "完善管理制度": "制度已完善 已出台管理办法 制度健全 修订制度3项 完善 已全面健全，效果显著 各项制度不断完善 制度体系日趋完善 是 已修订管理制度12项并严格执行 按计划推进，均已完成",
    "无投诉": "未收到投诉 无投诉 零投诉 0 没有投诉 全年未接到群众投诉 投诉0件 无有效投诉 投诉全部办结",
    "无重大安全事故": "未发生安全事故 无安全事故 未发生重大安全责任事故 全年安全无事故 零事故 没有发生安全生产事故",
    "有效提升": "有效提升 提升明显 投诉率下降 服务水平不断提高 群众获得感增强 解决了资金不足的问题 读者人数增加了，影响扩大 丰富了未成年人文化生活 消除安全隐患30处 查处违法案件30起 "
    "有效遏制水质恶化 发现隐患5处，已整改 满意度不断提升，投诉处理满意率提高 反响热烈",
    "减少排放": "排放量下降5% 排放减少",
    "控制在预算内": "未超预算 100% 控制在预算内",
    "与上年相比显著提高": "显著提高",
    "企业把握正确政治导向": "企业较好把握正确政治导向和文化方向情况的评价",
    "全天候可用": "全天候",
    "无违规支出": "未发现违规 未违规 支出合规",
    "不低于上年": "高于上年 与上年持平 不低于上年",
    "推动产业发展": "新增企业12家",
    "保障贫困学生入学": "无一名学生因贫失学",
    "做好图书馆免费开放": "全年免费开放，接待读者41万人次",
    "降低行政成本": "行政成本同比下降5%",
    "减少安全事故": "事故下降 事故起数减少20% 全年零事故",
}

FALLS_SHORT = """
优秀：良好 合格 评定为良好；良好以上：合格；优：良；一等奖：二等奖 获三等奖；全省第一：全省第二；前三名：第五名；五星级：四星级；5A级：4A级；Ⅱ类水质：Ⅳ类水质；Ⅲ类：Ⅳ类 劣Ⅴ类
二级标准：三级标准；三级医院：二级医院；省级示范：市级示范；国际先进：国内先进
通过验收：申请验收 组织验收 已申报验收；竣工验收：竣工 已完工；完成验收：完成建设 完成施工；投入使用：试运行 已建成；建成并投入使用：建成；正式运行：系统试运行
立项并开工：立项；制定方案并印发：制定方案；发布规划：编制规划；批复：上报 已报送；完成建设：完成招标 完成设计；完成招标：发布公告；完成整改：启动整改；销号：整改
出版：定稿；形成成果：形成初稿；建立制度：拟定制度；消除隐患：排查隐患；根治：缓解；杜绝：减少；脱贫：帮扶；全面覆盖：重点覆盖；全天候：工作日
下降：增长 上升3%；减少：增加；逐年下降：逐年上升；持续下降：同比上升；逐步降低：有所增加；缩小：扩大；有效遏制：上升；不发生：发生；零容忍：容忍；零增长：增长2%
不超过预算：超预算5万元；24小时：12小时 8小时；每年一次：两年一次；每季度一次：每年一次；每月2次：每月1次；完善管理制度：缺少制度 另行报送；社会影响：负面影响较大
"""
FALLS_SHORT += """
评为A级：评为B级；制定工作方案：起草方案；形成调研报告：完成调研报告初稿；每月巡查1次：每季度巡查1次；完成采购任务：采购公告已发布；上线运行：系统上线试运行
"""
LEFT_OPEN = "完成普查：开展普查 已启动普查；及时足额发放：发放；足额到位：已到位；所有乡镇：6个乡镇；安全生产：0 零"
GOES_AS_FAR = """
优秀：优秀等次 被评为优秀 优；良好以上：优秀 良好；合格：优秀 验收合格；Ⅲ类：Ⅱ类；Ⅲ类及以上：Ⅱ类水质 达到Ⅲ类；二级标准：一级标准；一等奖：获一等奖；前三名：第二名；前10名：第8名
三级医院：三级医院；三星级：四星级；省级以上：国家级；国内领先：国际先进；通过验收：已通过省级验收 已验收 组织专家验收，结论为合格；竣工验收：已竣工验收 完工并验收合格
投入使用：建成并投入使用 试运行后正式投入使用；立项并开工：已立项并开工建设；印发文件：出台并下发文件；批复：获省厅批复；完成建设：已建成 主要施工任务已完成
完成招标：已中标 招标完成，签订合同 已完成招标；完成整改：整改到位 已全部整改；销号：已整改销号；完成普查：已完成普查 开展普查并形成成果；消除隐患：排查隐患20处，全部整改
下降：下降5% 同比减少；减少：减少了；减少排放：减少 绿化面积增加，排放减少；缩小城乡差距：城乡差距缩小；不发生：未发生；不增加编制：未增加编制；不减少：增加；零容忍：零容忍；零增长：零增长
不超过预算：未超预算 控制在预算内；24小时：24小时；24小时内响应：2小时内响应；每年一次：每年两次；每季度一次：每月一次；所有乡镇：12个乡镇全覆盖；足额到位：已足额到位；无投诉：0 零
信用等级AA级以上：AAA级；各乡镇全覆盖：12个乡镇全覆盖；防止反弹：未反弹；每周一次：每周2次；市级以上表彰：省级表彰；设备到货验收：设备已到货并验收
通过培训提升能力：组织培训20次，能力提升；三类人员培训：三类人员已培训；解决设备缺乏问题：解决了设备缺乏的问题；消除负面影响：已消除负面影响
"""


def pairs(table: str) -> list[tuple[str, str]]:
    rows = (row.partition("：") for row in table.replace("\n", "；").split("；") if row)
    return [(target, actual) for target, _, actuals in rows for actual in actuals.split()]


def listed(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(target, actual) for target, actuals in table.items() for actual in actuals.split()]


def words(target: str, actual: str, tier: str = "达成", **more: Any) -> list[str]:
    found = codes({"row": {**WORDS, "target": target, "actual": actual, "tier": tier, **more}})
    return [code for code in found if code.startswith("tier-")]


def test_words_that_deny_are_never_silent_beside_achieved() -> None:
    assert {(target, actual) for target, actual in listed(DENIED) if outcome(actual, target, "").value not in ("denied", "nothing")} == set()
    assert words("完善管理制度", "制度未完善") == ["tier-contradicts-text"]


@pytest.mark.parametrize(("table", "gists"), [(FALLS_SHORT, {"denied"}), (LEFT_OPEN, {"unsaid"}), (GOES_AS_FAR, {"done", "likely"})])
def test_another_rank_stage_direction_or_frequency_than_the_target(table: str, gists: set[str]) -> None:
    assert {(target, actual) for target, actual in pairs(table) if outcome(actual, target, "").value not in gists} == set()


def test_words_that_show_nothing_done_are_asked_for_more() -> None:
    assert {actual for actual in UNSAID.split() if outcome(actual, "提升服务水平", "演出").value != "unsaid"} == set()
    assert words("有序开展", "200场") == ["tier-unproven"]


def test_words_that_go_with_it_are_not_asked_about() -> None:
    assert {(target, actual) for target, actual in listed(GOES_WITH) if outcome(actual, target, "").value not in ("done", "likely")} == set()
    assert words("完善管理制度", "制度已完善") == []


@pytest.mark.parametrize(
    ("target", "actual", "tier", "found"),
    [
        ("≥95%", "80%", "达成", "tier-contradicts-text"),
        ("270场", "200场", "达成", "tier-contradicts-text"),
        ("270场", "280场", "达成", ""),
        ("270场", "280场", "未达成", "tier-contradicts-text"),
        ("2020年12月底前", "2021年2月", "达成", "tier-contradicts-text"),
        ("2020年12月底前", "2020年11月", "达成", ""),
        ("建成开放", "2021年2月建成", "达成", "tier-contradicts-text"),
        ("100%完成", "完成80%", "达成", "tier-contradicts-text"),
        ("零事故", "0起", "达成", ""),
        ("30分钟", "20分钟", "达成", ""),
        ("完善管理制度", "已全面健全，效果显著", "未达成", "tier-contradicts-text"),
        ("完善管理制度", "完善管理制度", "未达成", "tier-contradicts-text"),
        ("完善管理制度", "制度未完善", "未达成", ""),
        ("完善管理制度", "未开展", "部分达成", "tier-contradicts-text"),
        ("完善管理制度", "完善了3项，2项未完善", "部分达成", ""),
    ],
)
def test_numbers_dates_and_the_lower_tiers(target: str, actual: str, tier: str, found: str) -> None:
    assert words(target, actual, tier) == ([found] if found else [])


@pytest.mark.parametrize(
    ("actual", "found"),
    [
        *((text, "tier-contradicts-text") for text in ["未完工", "在建", "延期", "因故延至次年", "主体完工", "工程收尾"]),
        *((text, "tier-unproven") for text in ["施工", "工程建设阶段", "已开工", "推进有序"]),
        *((text, "") for text in ["已完成", "按期完成", "如期", "做好了", "已竣工验收"]),
    ],
)
def test_a_deadline_without_a_date(actual: str, found: str) -> None:
    due = {**DUE, "actual": actual, "tier": "达成"}
    assert [code for code in codes({"row": due}) if code.startswith("tier-")] == ([found] if found else [])


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"actual": "280场", "tier": "未达成"}, ["tier-differs"]),
        ({"actual": "280场", "tier": "部分达成"}, ["tier-differs"]),
        ({"actual": "200场", "tier": "达成", "reason": "闭馆"}, ["tier-differs"]),
        ({"actual": "200场", "tier": "未达成", "reason": "闭馆"}, []),
        ({"actual": "280场", "tier": "达成"}, []),
        ({"actual": "280场", "tier": ""}, []),
        ({"actual": "", "tier": "达成"}, []),
        ({**DUE, "tier": "未达成"}, ["tier-differs"]),
        ({**DUE, "tier": "达成"}, []),
    ],
)
def test_a_tier_beside_a_number_or_a_date_that_decides(row: dict[str, Any], found: list[str]) -> None:
    assert [code for code in codes({"row": row}) if code.startswith("tier-")] == found


@pytest.mark.parametrize(
    ("unit", "target", "differs", "agrees"),
    [
        (
            "场",
            270,
            "惠民演出场次≥300场 演出场次(不少于300场) 开展惠民演出300场 演出场次300场以上",
            "演出270场 300场以上活动的场次 每月演出不少于20场 2022年演出场次 第3场演出 10-20场演出 演出场次",
        ),
        ("%", 95, "满意度达到90%以上 满意度≥90%", "满意度≥95% 65岁以上老年人健康管理率 贫困发生率低于2%地区的满意度 15分钟响应率"),
        ("元", 5e8, "投入500万元", "收入达到5亿元 1000元以上设备购置"),
        ("年", 10, "使用年限≥20年", "2022年使用年限 使用年限10年"),
    ],
)
def test_a_target_inside_the_name_is_held_against_the_target(unit: str, target: float, differs: str, agrees: str) -> None:
    none = float("nan")
    assert [name for name in differs.split() if not target_in_name(name, unit, target, none)] == []
    assert [name for name in agrees.split() if target_in_name(name, unit, target, none)] == []


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("实际只演出200场", "200场"),
        ("因疫情仅完成200场", "200场"),
        ("未完成", "未完成"),
        ("因经费不足未完成目标", "因经费不足未完成目标"),
        ("填报数为预计数", "填报数为预计数"),
        ("未完成的部分已补齐", ""),
        ("实际举办200场次，其余取消", "200场次"),
        *(
            (note, "")
            for note in [
                "实际演出280场",
                "计划270场，实际完成280场，超额10场",
                "较上年增加30场",
                "因疫情取消70场",
                "其中线下只有80场",
                "只差10场",
                "去年实际200场",
                "无",
                "",
            ]
        ),
    ],
)
def test_a_result_in_a_note_is_held_against_the_actual(note: str, said: str) -> None:
    assert result_in_note(note, "场", 280, 270, float("nan")) == said
