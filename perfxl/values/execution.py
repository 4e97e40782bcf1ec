"""Names of indicator rows that are budget execution itself (contract §3.13): read whole, by what they are made of."""

from __future__ import annotations

from functools import lru_cache

from perfxl.values.expressions import LazyPattern
from perfxl.values.numerals import spelled

PERIODS = (
    "年度", "全年", "本年度", "本年", "当年度", "当年", "年末", "年终", "年底", "截至年底", "截至年末", "年初", "总", "总体", "整体",
    r"\d{4}年度?", r"截[至止](?:\d{4}年)?12月(?:31日|底|末)",
)  # fmt: skip
OWNERS = (
    "部门", "单位", "本单位", "本部门", "项目", "本项目", "专项", "政府", "中央", "省级", "市级", "县级", "区级", "省", "市", "县", "区", "本级",
    "各级", "上级", "地方", "配套", "基本", "一般公共", "政府性基金", "国有资本经营", "补助", "转移支付", "建设", "工程", "公用", "扶贫", "衔接",
    "奖补", "业务", "工作", "财政性", "自筹", "下达", "批复", "安排", "调整后", "的", "预算内", "债券", "专项债", "专项债券", "统筹", "整合", "涉农",
    "帮扶", "运转", "活动", "研究", "课题", "科研", "办公", "日常", "运行", "工会", "党建", "培训", "会议", "实际", "累计", "可用", "到位", "拨付",
)  # fmt: skip
MONEY = ("预算", "预算数", "资金", "经费", "财政", "拨款", "支出", "款项")
BARE_HEADS = (
    "执行率", "执行进度", "执行情况", "执行比例", "执行比率", "执行完成率", "执行进度率", "执行程度", "支出进度", "支出进度率", "支出执行率",
    "支付进度", "支付进度率", "支付率", "支出率", "支用率", "支用进度",
)  # fmt: skip
"""Heads that need no word for money before them, only a period: 执行率, 全年执行率, 支出进度."""
MONEY_HEADS = (
    *BARE_HEADS, "支付比例", "支付执行率", "支付完成率", "支出比例", "支出完成率", "完成率", "完成进度", "完成比例", "执行", "使用率",
    "使用进度", "使用进度率", "使用完成率", "使用执行率",
)  # fmt: skip
"""Heads that are execution only behind a word for money: 资金支付率, 预算完成率."""

SIGNS = (("执", "行"), ("支",), ("使", "用", "率"), ("使", "用", "进"), *(("完", "成", money[0]) for money in MONEY))
"""Characters of which every name of execution holds one set, whatever stands between them: for a place that cannot read it whole."""

LOOK_ALIKES = frozenset({
    "补助资金支付率", "奖补资金支付率", "补助资金支付进度", "财政支出完成率", "地方财政支出完成率", "一般公共预算支出完成率",
    "政府性基金支出完成率", "公用经费支出比例", "项目支出比例", "基本支出比例", "业务经费支出比例",
})  # fmt: skip
"""Made of the same words, and none: what reached the people helped, the budget of a whole place, the share of a kind of spending."""

_AROUND = LazyPattern(r"\([^()]*\)|^[★☆*\s]*(?:\d+[.、])*|[:;。,、]+\Z|(?:[≥>=]|不低于|不少于|达到|达|大于等于|大于)*\d+(?:\.\d+)?%?(?:以上)?\Z")
_BEFORE = "|".join(sorted((*PERIODS, *OWNERS, *MONEY), key=len, reverse=True))
_BARE = LazyPattern(rf"(?:(?:{'|'.join(PERIODS)})*(?:{'|'.join(BARE_HEADS)})|(?:{_BEFORE})*支出(?:进度率?|执行率))(?:指标)?\Z")
_WHOLE = LazyPattern(rf"(?:{_BEFORE})*(?:{'|'.join(MONEY)})(?:{_BEFORE})*(?:{'|'.join(MONEY_HEADS)})(?:指标)?\Z")


@lru_cache(maxsize=16_384)
def is_execution(name: str) -> bool:
    """Whether a name is budget execution and nothing else; a word on no list makes it an indicator of its own.

    >>> [is_execution(name) for name in ("项目资金执行率", "支出进度", "计划执行率", "会议费公开率", "政府采购执行率")]
    [True, True, False, False, False]
    """
    name = spelled(name)
    if not ("执行" in name or "支" in name or "完成" in name or "使用" in name):
        return False
    bare = _AROUND.sub("", _AROUND.sub("", name))
    head = bare.removesuffix("指标")
    if not head.endswith(MONEY_HEADS) or bare in LOOK_ALIKES:
        return False
    return bool((head.endswith(BARE_HEADS) and _BARE.match(bare)) or (any(word in bare for word in MONEY) and _WHOLE.match(bare)))
