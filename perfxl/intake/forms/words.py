"""The words of official forms, from `words.toml`, and the few patterns and sizes beside them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from perfxl.values.expressions import LazyPattern

_DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def _table(name: str) -> dict[str, tuple[str, ...]]:
    return {field: tuple(words) for field, words in _DATA[name].items()}


INDICATOR_HEADS, FUNDS_HEADS, GOAL_HEADS, FACTS = (_table(name) for name in ("indicator_heads", "funds_heads", "goal_heads", "facts"))
MANAGEMENT_HEADS = _table("management_heads")
GRADES: dict[str, str] = _DATA["grades"]
BLOCK_LABELS, TOTALS, PLACEHOLDERS = (frozenset(_DATA[name]) for name in ("block_labels", "totals", "placeholders"))
MARKS: dict[str, str] = _DATA["marks"]
OPEN: frozenset[str] = frozenset(_DATA["open"])
NO_GRADE: tuple[str, ...] = tuple(_DATA["no_grade"])
AFTER: tuple[str, ...] = tuple(_DATA["after"])
FUND_TOTALS, FUND_TYPES, FUND_APPROPRIATIONS = (frozenset(_DATA[name]) for name in ("fund_totals", "fund_types", "fund_appropriations"))
FUND_OF_WHICH, FUND_SOURCES, FUND_GROUPS = (frozenset(_DATA[name]) for name in ("fund_of_which", "fund_sources", "fund_groups"))

TITLE = LazyPattern(r"(绩效|自评|评分)?(目标)?(自评(情况|得分|报告)?表|自评表|得分表|评分表|绩效评价表)")
"""What a title of a self-evaluation form holds; a year or a unit may stand before or behind."""
MONITORING = LazyPattern(r"(?:监控|跟踪|监测)(?:情况)?(?:分析)?表|监控")
NOT_A_SELF_EVALUATION = LazyPattern(rf"申报表|目标表|目标批复|目标调整|{MONITORING.pattern}")
SYSTEMS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"投入", "过程", "产出", "效果"}), "部门整体（财预〔2013〕53号）"),
    (frozenset({"资金管理"}), "转移支付"),
)
"""First levels of other systems of points, and the scheme that scores them."""
EXECUTION_POINTS = {20.0: "湖北"}
"""Points of execution that tell a scheme."""
COST_PACK = "全国通用(2021)"
SMALLEST_IN_YUAN = 10_000
"""From here on a bare number under 万元 is held against the amounts said in 万元 elsewhere in the form."""
BEYOND_IN_WAN = 3_000_000
"""万元 (300 亿元): beyond the money of any unit or project that files such a form; asked about without further evidence."""
MOST_FORMS = 300
"""Forms of one file; a department's workbook holds some dozens."""

_ENDS = """
整治 建设 改造 工程 补助 补贴 奖补 资助 救助 购置 采购 维修 维护 修缮 运维 培训 经费 资金 下乡 开放 保护 治理 服务 监测 宣传 推广 普查 振兴 扶贫
帮扶 供养 配套 保障 运行 防治 防控 升级 提升 创建 演出 展览 活动 行动 计划 试点 示范 普及 体检 义诊 免疫 接种 征集 编纂 出版 数字化 信息化 租赁 搬迁
安置 整修 绿化 亮化 养护 巡查 检测 检验 评估 审计 规划 编制 设计 勘察 修复 抢救 挖掘 传承 研究 研发 引进 招商 培育 奖励 贴息 保险 抚恤 优抚 慰问
值守 演练 储备 供水 供电 供暖 环卫 保洁 清运 处置 处理
"""
PROJECT_ENDS = tuple(_ENDS.split())
"""How names of projects end: what stands so in a title or a sheet's name without quotation marks is read as one, and told."""
