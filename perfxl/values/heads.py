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

UNSURE_RATES = ("使用率",)
"""Rates that are better high for a hall and better low for antibiotics."""

HURRIED_UNITS = frozenset({"秒", "分钟", "小时", "天", "工作日"})
"""Units of a target that are mostly better short: an assumed ≥ that is missed on them is doubted (contract §3.10)."""

SMALL_SHARE = 50
"""Percent below which an assumed ≥ that is missed is doubted (contract §3.10)."""

BAD_HEADS = """
辍学 返贫 贫困发生 漏损 线损 产销差 损耗 跑冒滴漏 负债率 债务率 债务余额 杠杆率 坏账 挂账 赤字 不良率 违约 代偿 退保 退单 退票 退件 拒付 爽约 弃考
挂科 留级 旷课 迟到 缺勤 旷工 离职 辞职 空编 缺编 超编 超期 超时 超载 超限率 超限超载 超标 超采 错案 冤假错案 改判 撤诉 败诉 发回重审 再犯 犯罪
发案 盗窃 诈骗 酒驾 诈骗案 家暴 欺凌 溺水 失踪 走失 失访 脱落 脱保 断保 漏保 错保 弃保 误诊 漏诊 漏检 感染 复发 致残 剖宫产 剖腹产 早产 低出生体重
近视 肥胖 龋齿 药占比 耗材占比 平均住院日 次品 瑕疵 废品 返修 报损 丢包 死机 宕机 断网 中断 停机 停电 停水 断水 泄漏 出错 补正 跑动次数 审批环节
积压 滞留 晚点 延迟 拥堵指数 空驶 烂尾 欠薪 撂荒 成灾 暴发 疫情发生 病虫害发生 水土流失 黑臭水体 劣v类 劣五类 pm2.5 pm10 扰民 坑槽 失亮 井盖缺失
占道经营 流动摊贩 卫生死角 病假 化肥施用 化肥使用 农药使用 农药施用 抗生素使用 抗菌药物使用 碳强度 能源强度 水耗 电耗 煤耗 油耗 大班额 恩格尔 基尼
病死 疫情波及 网络攻击成功
"""
"""What no office wants, known by the end of a name alone (错案率): only measures may follow, nothing may be done about it.

Unlike the scheme's words they decide nothing but a direction that nobody wrote."""
BAD_HEAD_ENDS = (
    "办件",
    "楼",
    "警情",
    "人口",
    "余额",
    "里程",
    "笔数",
    "栋数",
    "点数",
    "点",
    "栋",
    "断面",
    "成功",
    "年均",
    "施用",
    "使用",
    "类",
    "水体",
    "案件",
    "现象",
    "处",
    "幅度",
)
"""What may follow one of these beside the measures."""
BAD_BY_ITSELF = frozenset({"中断", "扰民", "超时", "停电", "停水", "断水", "宕机", "死机", "泄漏", "丢包", "误诊", "漏诊", "漏检"})
"""Of these the ones that an act before them causes or is cut off by (供水中断, 施工扰民); only where it is dealt with are they of that."""
TURNED_ROUND = ("缩短", "减轻", "遏制", "控制", "压降", "消除", "化解")
"""Anywhere in such a name: it is of what is done about it."""

WAITED_FOR = (
    "等候", "等待", "排队", "候诊", "审批", "停机", "停电", "停水", "断水", "断网", "中断", "宕机", "通勤", "拥堵", "反应", "出警", "响应",
    "办证", "超时", "办理", "办结", "答复", "修复", "配送",
)  # fmt: skip
"""Before `DURATION_ENDS`: the shorter, the better."""
