"""Every sheet and column of the intake, declared once.

Template, reader, checks of presence, result sheets and documentation derive from these tables; nobody else spells a
column title. Aliases are titles met on published 自评表 forms; an exact title always beats an alias.
"""

from __future__ import annotations

from perfxl.model import Column, Kind, Table

TEMPLATE_ID = "perfxl-intake"
TEMPLATE_VERSION = "1"

GUIDE_SHEET = "填报说明"
OPTIONS_SHEET = "选项"

OPERATORS = ("≥", "≤", "=", ">", "<", "定性", "期限")
TIERS = ("达成", "部分达成", "未达成", "不适用")
NOT_APPLICABLE = "不适用"
MONEY_UNITS = ("万元", "元")
EVALUATIONS = ("部门整体", "单位整体", "项目")
GRADES = ("优", "良", "中", "差")
YES_NO = ("是", "否")

TOTAL_KIND = "合计"
SOURCE_KIND = "按来源"
OF_WHICH_KIND = "其中"
TYPE_KIND = "按支出类型"
BUDGET_KINDS = (TOTAL_KIND, SOURCE_KIND, OF_WHICH_KIND, TYPE_KIND)

REPORT_SECTIONS = (
    "部门主要职责职能，组织架构、人员及资产等基本情况",
    "当年部门履职总体目标、工作任务",
    "当年部门年度整体支出绩效目标",
    "部门预算绩效管理开展情况",
    "当年部门预算及执行情况",
    "履职完成情况",
    "履职效果情况",
    "社会满意度及可持续性影响",
    "存在问题及改进措施",
    "绩效自评结果拟应用和公开情况",
)

UNIT = Table(
    name="unit",
    sheet="基本信息",
    aliases=("单位基本信息", "单位信息", "基本情况"),
    required=True,
    columns=(
        Column(
            "name",
            "单位名称",
            required=True,
            width=40,
            aliases=("部门名称", "预算单位", "实施单位", "部门(单位)名称", "填报单位", "单位全称"),
            help="填写单位全称，与公章一致。",
            kept=True,
        ),
        Column("code", "预算单位编码", aliases=("单位编码", "预算编码"), help="财政部门分配的预算单位编码，按文字填写，保留前面的0。", kept=True),
        Column("authority", "主管部门", aliases=("主管单位", "上级主管部门"), help="一级预算部门的名称；本单位就是主管部门的，填本单位。", kept=True),
        Column("region", "所在地区", aliases=("地区", "行政区划"), help="例如：萍乡市。", kept=True),
        Column("fiscal_year", "预算年度", required=True, aliases=("年度", "评价年度", "自评年度"), help="四位数字，例如：2020。"),
        Column(
            "evaluation",
            "自评类型",
            Kind.CHOICE,
            choices=EVALUATIONS,
            aliases=("评价类型",),
            help="部门整体：含下属单位的部门；单位整体：只评本单位；项目：评一个项目。",
            kept=True,
        ),
        Column("project", "项目名称", help="自评类型为“项目”时填写；整体支出自评留空。", kept=True),
        Column("project_code", "项目编码", help="自评类型为“项目”时填写。", kept=True),
        Column("scheme", "评分方案", Kind.CHOICE, aliases=("评分办法",), help="从下拉列表选择；留空按全国通用(2020)评分。"),
        Column("money_unit", "金额单位", Kind.CHOICE, choices=MONEY_UNITS, help="本工作簿里所有金额的单位；留空按万元。", kept=True),
        Column("posts", "编制人数", Kind.NUMBER, aliases=("编制数", "核定编制数"), help="机构编制部门核定的编制数，不是在岗人数。", kept=True),
        Column(
            "staff", "年末在职人数", Kind.NUMBER, aliases=("在职人数", "在职人员数", "在编人数"), help="年末实有在编人数。“在编人员26人”填在这里。"
        ),
        Column("new_staff", "其中:本年新增人数", Kind.NUMBER, aliases=("本年新增人数", "新增在编人员"), help="年末在职人数中本年新增的人数。"),
        Column("contract_staff", "编外人员数", Kind.NUMBER, aliases=("编外人数",), help="年末编外聘用人员数。"),
        Column("departments", "内设机构", width=40, help="用顿号隔开，例如：办公室、采编部、流通部。", kept=True),
        Column("claimed_total", "自评总分", Kind.POINTS, aliases=("总分", "自评得分"), help="本单位自评的总分，没有评出总分的留空。"),
        Column("claimed_grade", "自评等级", Kind.CHOICE, choices=GRADES, aliases=("等级", "自评结论"), help="本单位自评的等级。"),
        Column("submission_count", "报送次数", Kind.NUMBER, help="第一次报送填1，退回修改后再报填2，依次类推。"),
        Column("filled_by", "填报人", help="填表人姓名。", kept=True),
        Column("phone", "联系电话", aliases=("电话",), help="按文字填写，例如：0799-1234567。", kept=True),
        Column("finance_head", "财务负责人", help="财务负责人姓名。", kept=True),
        Column("head", "单位负责人", help="单位负责人姓名。", kept=True),
        Column("filled_on", "填报日期", aliases=("填表日期",), help="例如：2021年3月15日。"),
    ),
)

BUDGET = Table(
    name="budget",
    sheet="预算执行",
    aliases=("预算执行情况", "资金情况", "项目资金"),
    required=True,
    max_rows=100,
    columns=(
        Column(
            "kind",
            "资金类别",
            Kind.CHOICE,
            choices=BUDGET_KINDS,
            required=True,
            width=11,
            help="合计、按来源、其中、按支出类型之一。“其中”行不再加进合计。",
        ),
        Column(
            "item",
            "资金项目",
            required=True,
            width=24,
            aliases=("资金来源", "项目资金(万元)", "项目"),
            help="资金的名称；自己加行时写清楚来源。",
            in_result=22,
        ),
        Column(
            "initial", "年初预算数", Kind.MONEY, aliases=("年初预算数(A)", "年初预算"), help="年初批复的预算数；没有的留空，不要填0。", in_result=13
        ),
        Column(
            "full_year",
            "全年预算数",
            Kind.MONEY,
            required=True,
            aliases=("全年预算数(A)", "预算数(A)", "预算数", "调整后预算数", "全年(调整)预算数", "全年预算", "年度预算数"),
            help="年初预算加减全年调整后的预算数。",
            in_result=13,
        ),
        Column(
            "executed",
            "全年执行数",
            Kind.MONEY,
            required=True,
            aliases=("全年执行数(B)", "执行数(B)", "执行数", "预算执行数", "全年执行", "全年支出数"),
            help="全年实际支出数；没有支出的填0，不知道的留空。",
            in_result=13,
        ),
        Column("rate", "执行率", Kind.RATE, aliases=("预算执行率", "执行率(B/A)"), width=10, help="自动计算：全年执行数÷全年预算数。", in_result=9),
        Column("weight", "分值", Kind.POINTS, aliases=("权重",), width=8, help="预算执行的分值，只填在合计行。", in_result=6),
        Column(
            "claimed_score",
            "自评得分",
            Kind.POINTS,
            aliases=("得分",),
            width=10,
            help="本单位自评的预算执行得分，只填在合计行，可留空。",
            in_result=8,
        ),
        Column(
            "reason",
            "偏差原因及改进措施",
            width=32,
            aliases=("偏差原因", "未完成原因", "偏差原因分析及改进措施"),
            help="执行率低于规定或超过100%时说明原因和措施。",
            in_result=22,
        ),
        Column("adjust_reason", "预算调整原因", width=24, aliases=("调整原因",), help="全年预算数与年初预算数不同的，说明原因。", in_result=16),
    ),
    rows=(
        (TOTAL_KIND, "年度资金总额"),
        (SOURCE_KIND, "当年财政拨款"),
        (OF_WHICH_KIND, "一般公共预算拨款"),
        (OF_WHICH_KIND, "政府性基金预算拨款"),
        (OF_WHICH_KIND, "国有资本经营预算拨款"),
        (SOURCE_KIND, "上年结转资金"),
        (SOURCE_KIND, "财政专户管理资金"),
        (SOURCE_KIND, "单位资金"),
        (SOURCE_KIND, "其他资金"),
        (TYPE_KIND, "基本支出"),
        (TYPE_KIND, "项目支出"),
    ),
)

GOALS = Table(
    name="goals",
    sheet="年度目标",
    apart="文字逐份看；汇总只比较各单位相同的句子。",
    aliases=("年度总体目标", "总体目标"),
    max_rows=100,
    blank_rows=8,
    columns=(
        Column("number", "序号", width=6),
        Column("expected", "预期目标", required=True, width=56, aliases=("年初设定目标", "预期目标(年初设定)"), help="批复的年度目标，一行一条。"),
        Column(
            "achieved",
            "实际完成情况",
            required=True,
            width=56,
            aliases=("实际完成目标", "目标完成情况", "全年完成情况"),
            help="逐条对应写完成情况；目标里有数量的，写出实际数量。",
        ),
    ),
)

INDICATORS = Table(
    name="indicators",
    sheet="绩效指标",
    aliases=("绩效指标表", "指标", "绩效指标完成情况", "指标完成情况"),
    required=True,
    blank_rows=40,
    max_rows=300,
    columns=(
        Column("level1", "一级指标", Kind.CHOICE, required=True, width=11, help="产出、效益、满意度（2021年以后还有成本）。", in_result=8, kept=True),
        Column("level2", "二级指标", Kind.CHOICE, required=True, width=15, help="从下拉列表选择。", in_result=9, kept=True),
        Column(
            "level3",
            "三级指标",
            required=True,
            width=22,
            aliases=("指标名称", "三级指标名称", "指标内容"),
            help="指标的具体名称。",
            in_result=19,
            kept=True,
        ),
        Column(
            "operator",
            "指标性质",
            Kind.CHOICE,
            choices=OPERATORS,
            width=9,
            aliases=("计算符号", "运算符号"),
            help="≥ 越多越好；≤ 越少越好；= 应当相等；定性 用文字评价；期限 按时间完成。",
            in_result=6,
            kept=True,
        ),
        Column(
            "target",
            "年度指标值",
            required=True,
            width=15,
            aliases=(
                "指标值",
                "年初目标值(A)",
                "预期指标值(A)",
                "年初目标值",
                "预期指标值",
                "年初指标值",
                "目标值",
                "年度目标值",
                "计划值",
                "预期值",
                "计划指标值",
                "年度计划值",
            ),
            help="写数字和单位，例如：40万人次、95%、270场；期限写到日，例如：2020年12月31日前。",
            in_result=13,
        ),
        Column("unit", "计量单位", width=9, aliases=("度量单位", "单位"), help="例如：人次、场、%、万元。", in_result=6, kept=True),
        Column(
            "actual",
            "实际完成值",
            required=True,
            width=15,
            aliases=(
                "全年完成值",
                "完成值",
                "实际完成指标值(B)",
                "实际完成值(B)",
                "实际完成指标值",
                "实际值",
                "实际完成情况",
                "完成情况",
                "全年完成情况",
                "年度完成值",
                "全年实际完成值",
                "年度实际完成值",
                "实际完成",
            ),
            help="写全年实际完成的数量；没有发生的填0，还不知道的留空，不要写“完成”。",
            in_result=13,
        ),
        Column(
            "tier",
            "完成等级",
            Kind.CHOICE,
            choices=TIERS,
            width=9,
            help="只有定性指标填写。达成：达成年度指标；部分达成：部分达成年度指标并具有一定效果；未达成：未达成年度指标且效果较差。",
            in_result=7,
        ),
        Column(
            "weight",
            "分值",
            Kind.POINTS,
            required=True,
            width=7,
            aliases=("权重", "指标权重(分)", "指标权重", "权重设定值"),
            help="三级指标的分值，各行合计加预算执行应为100。",
            in_result=6,
            kept=True,
        ),
        Column(
            "claimed_score",
            "自评得分",
            Kind.POINTS,
            width=9,
            aliases=("得分", "指标得分(分)", "指标得分"),
            help="本单位自评的得分，可留空。",
            in_result=7,
        ),
        Column(
            "reason",
            "偏差原因分析及改进措施",
            width=22,
            aliases=("未完成原因分析", "未完成原因", "扣分原因和其他说明", "偏差大或目标未完成原因分析", "偏差原因"),
            help="没有完成、得分低于分值或超额较多时说明原因和措施；不适用也在这里写理由。",
            in_result=18,
        ),
        Column("evidence", "佐证材料", width=13, help="材料的名称，例如：2020年读者满意度调查报告。", in_result=13),
        Column("remark", "备注", width=9, aliases=("说明",), in_result=10),
        Column(
            "adjusted_target",
            "调整后指标值",
            width=12,
            optional=True,
            aliases=("调整指标值",),
            help="年中经批准调整的指标值；填写后代替年度指标值。",
            in_result=11,
        ),
        Column(
            "last_actual", "上年实际完成值", width=12, optional=True, aliases=("上年完成值",), help="上一年度的实际完成值，供比较。", in_result=11
        ),
        Column("core", "是否核心指标", Kind.CHOICE, choices=YES_NO, width=9, optional=True, aliases=("核心指标",), in_result=7, kept=True),
    ),
)

MANAGEMENT = Table(
    name="management",
    sheet="管理指标数据",
    apart="只用来计算管理指标；算出的值和得分在指标明细里。",
    max_rows=100,
    columns=(
        Column("item", "数据项", required=True, width=28),
        Column("last_year", "上年数", Kind.NUMBER, width=14, help="上一年度决算数。"),
        Column("budgeted", "本年预算数", Kind.NUMBER, width=14, help="本年度预算数（含调整）。"),
        Column("actual", "本年实际数", Kind.NUMBER, required=True, width=14, help="本年度实际数；没有发生的填0。"),
        Column("note", "说明", width=40),
    ),
)

REPORT = Table(
    name="report",
    sheet="报告文字",
    apart="文字进入各单位自己的自评报告；汇总只比较各单位相同的句子。",
    max_rows=60,
    columns=(
        Column("section", "章节", required=True, width=30),
        Column("text", "内容", required=True, width=90, help="直接写成段落；留空的章节由表内数据生成。"),
    ),
    rows=tuple((section,) for section in REPORT_SECTIONS),
)

FIELD_TITLES = ("项目", "填写内容", "填写说明")
"""The header row of 基本信息, where each declared column is a row."""

TABLES = (UNIT, BUDGET, GOALS, INDICATORS, MANAGEMENT, REPORT)
BY_NAME = {table.name: table for table in TABLES}

_DECIDING = {
    "unit": ("name", "fiscal_year", "evaluation", "scheme", "money_unit"),
    "budget": ("kind", "item", "initial", "full_year", "executed", "weight", "claimed_score"),
    "indicators": ("level1", "level2", "level3", "operator", "target", "adjusted_target", "unit", "actual", "tier", "weight", "claimed_score"),
    "management": ("item", "last_year", "budgeted", "actual"),
}
DECIDING = frozenset(BY_NAME[table].title(name) for table, names in _DECIDING.items() for name in names)
"""Titles of the columns (and fields of 基本信息) that can decide a score or a sum."""

# What a result adds to the sheets of the intake. A result sent back is read as an intake: these columns are known
# and are neither the clerk's own columns nor aliases of anything.
RATE = Column("completion", "完成率", Kind.RATE, width=9, help="达到指标的比例；越少越好的指标为折算比率。")
SCORE = Column("score", "得分", Kind.POINTS, width=8)
STATUS = Column("status", "状态", width=8)
EXPLANATION = Column("explanation", "评分说明", width=38)
BLOCK_READ = Column("block_read", "一级指标（读数）", width=12)
WEIGHT_READ = Column("weight_read", "分值（读数）", Kind.POINTS, width=9)
TARGET_READ = Column("target_read", "指标值（读数）", Kind.NUMBER, width=12)
TARGET_READ_HIGH = Column("target_read_high", "指标值上限（读数）", Kind.NUMBER, width=12)
ACTUAL_READ = Column("actual_read", "完成值（读数）", Kind.NUMBER, width=12)
ACTUAL_READ_HIGH = Column("actual_read_high", "完成值上限（读数）", Kind.NUMBER, width=12)
LOW_POINTS = Column("low_points", "最低可得分", Kind.POINTS, width=9)
HIGH_POINTS = Column("high_points", "最高可得分", Kind.POINTS, width=9)
UNCHANGED = Column("unchanged", "原文核对", width=9, help="与“数值解读”中读到的原文一致时，得分才有效。")
KIND_READ = Column("kind_read", "资金类别（读数）", width=12)
INITIAL_READ = Column("initial_read", "年初预算数（读数，万元）", Kind.MONEY, width=14)
FULL_YEAR_READ = Column("full_year_read", "全年预算数（读数，万元）", Kind.MONEY, width=14)
EXECUTED_READ = Column("executed_read", "全年执行数（读数，万元）", Kind.MONEY, width=14)
BALANCE = Column("balance", "结余（万元）", Kind.MONEY, width=11)

RESULTS_OF_ROWS = (RATE, SCORE, STATUS, EXPLANATION)
INDICATOR_READINGS = (BLOCK_READ, WEIGHT_READ, TARGET_READ, TARGET_READ_HIGH, ACTUAL_READ, ACTUAL_READ_HIGH, LOW_POINTS, HIGH_POINTS, UNCHANGED)
RESULTS_OF_LINES = (SCORE, STATUS, BALANCE, EXPLANATION)
BUDGET_READINGS = (KIND_READ, INITIAL_READ, FULL_YEAR_READ, EXECUTED_READ)
RESULT_COLUMNS = tuple(dict.fromkeys((*RESULTS_OF_ROWS, *INDICATOR_READINGS, *RESULTS_OF_LINES, *BUDGET_READINGS)))

# What the intake itself shows beside 绩效指标 while it is filled; never read.
MISSING_NOW = Column("missing_now", "还缺", width=15, help="自动提示，不用填。")
REFERENCE_SCORE = Column("reference_score", "参考得分", Kind.POINTS, width=11, help="自动试算，不用填；以程序评分为准。")
LIVE_COLUMNS = (MISSING_NOW, REFERENCE_SCORE)
LIVE_NAMES = ("_还缺", "_参考得分")
"""Their formulas: names of the workbook, side by side in every row."""

SUMMARY_SHEET = "评分汇总"
STALE = "内容已改动，请重新运行 perfxl score"
STALE_TOTAL = "已改动，请重新评分"
"""What the live cells of a result say once somebody has changed what they were computed from; nobody types it."""
FORM_SHEET = "自评表"
ISSUES_SHEET = "问题清单"
READINGS_SHEET = "数值解读"
RECOGNISED_SHEET = "表格识别"
BASIS_SHEET = "评分依据"
COMPARISON_SHEET = "方案对比"
