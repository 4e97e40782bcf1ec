"""How names of indicators are built, as far as it tells a direction: what may follow a word, what turns it round.

A Chinese name ends in its head: 投诉率 is about 投诉, 投诉热线接听量 about 接听. A word of something unwanted decides only where
nothing but a measure of it follows.
"""

from __future__ import annotations

MEASURES = (
    "率", "比", "比率", "比例", "占比", "比重", "度", "指数", "系数", "数", "数量", "总数", "次数", "起数", "件数", "例数", "人数", "户数",
    "家数", "个数", "处数", "天数", "日数", "条数", "宗数", "篇数", "台数", "量", "总量", "数值", "额", "总额", "金额", "值", "均值", "均数",
    "水平", "情况", "程度", "强度", "浓度", "标准", "支出", "支出数", "支出额", "开支", "控制", "控制数", "控制率", "控制额", "上限", "限额",
    "规模", "面积", "时间", "时长", "时数", "发生", "次", "起", "件", "例", "宗", "人", "人次", "的", "总", "年度", "全年", "平均", "人均", "每",
    "万", "占", "超", "单位", "企业", "案件", "案", "事件", "事故", "问题", "事项", "行为", "现象", "工单", "举报", "人员", "项目", "资金", "款",
    "款项", "贷款", "物", "物品", "产品", "商品", "药品", "食品", "设备", "设施", "停机", "停运", "损失", "经济", "财产", "直接", "犯罪", "土地",
    "用地", "资产", "房屋", "用房", "宿舍", "床位", "指标", "数据", "记录", "信息", "和", "与", "及", "、", "或", "/", "-", "·", ":", "元",
    "万元", "%", "个", "户", "家", "台", "套", "辆", "所", "平方米", "公里", "亩", "有效", "重复", "越级", "学生", "群众", "患者", "客户", "游客",
    "读者", "职工", "旅客", "用户", "业主", "家长", "社会", "重大", "较大", "一般", "率数", "日", "月", "年", "天",
)  # fmt: skip
"""What may follow a word without changing what is counted; the rest of the name is read whole as a row of these."""

RATE_ENDS = ("率", "比", "比率", "比例", "占比", "比重", "指数", "系数", "浓度", "强度")
"""Ends of shares and densities: whatever stands before the word, they are of the word itself (教育投诉率)."""

CONTRARY_HEADS = (
    "公开", "公示", "普查", "拆除", "接听", "清单", "召回", "上缴", "完成额", "完成量", "完成数", "完成投资", "到位", "缴库", "收回", "回访",
    "曝光", "销毁", "取缔", "关停", "淘汰", "封堵", "报废处置", "更换", "采集", "登记", "建档", "报警", "预警", "核查", "督办", "通报",
)  # fmt: skip
"""What is done about, with or against the thing: more of it may be better, whatever word stands before."""

RESOLVES = (
    "查办", "查处", "处理", "办结", "办理", "解决", "处置", "整改", "治理", "受理", "调解", "化解", "排查", "处罚", "追回", "清理", "扑救",
    "责停", "盘活", "排除", "修复", "挽回", "清退", "消除", "整治", "打击", "侦破", "破获",
)  # fmt: skip
"""Verbs in front of something unwanted that count what was dealt with (查处违法案件数)."""

NEGATIONS = ("无", "零", "未", "不", "免", "没有", "非", "未发生", "不发生", "达标", "杜绝")
"""In front of the word they turn it round (无事故运行天数, 达标排放率)."""

DURATIONS_HIGHER = (
    "开放时间", "开放天数", "开放时长", "服务时长", "服务时间", "优良天数", "达标天数", "学时", "培训天数", "播出时长", "运行天数",
)  # fmt: skip
"""Times that are the better the longer."""

DURATION_ENDS = ("时间", "时长", "时限", "耗时", "用时", "时效", "周期", "天数", "工时")
"""Ends of how long something takes: better short, also where something is handled."""

NOT_COSTS = (
    "合规率", "合规性", "节支", "到位", "带动", "产出比", "有效性",
    "合理性", "规范性", "准确性", "发放额", "发放量", "发放数", "增值", "增收", "盈利", "利润", "收益", "回报", "效益",
)  # fmt: skip
"""Heads that a row under 成本 may have without being a cost: more of it is mostly better, so the level alone decides nothing."""

CONTROLLED = (
    "流失",
    "辍学",
    "污染",
    "失业",
    "返贫",
    "感染",
    "事故",
    "投诉",
    "风险",
    "隐患",
    "犯罪",
    "发案",
    "疫情",
    "火灾",
    "扬尘",
    "噪声",
    "违规",
    "浪费",
    "欠薪",
    "舆情",
)
"""In front of 控制率: how well something unwanted is kept down, or how much of it there is."""

UNSURE_RATES = ("使用率",)
"""Rates that are better high for a hall and better low for antibiotics."""

HURRIED_UNITS = frozenset({"秒", "分钟", "小时", "天", "工作日"})
"""Units of a target that are mostly better short: an assumed ≥ that is missed on them is doubted (contract §3.10)."""

SMALL_SHARE = 50
"""Percent below which an assumed ≥ that is missed is doubted (contract §3.10)."""
