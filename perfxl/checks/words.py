"""The words checks look for: what counts as a reason, vague targets, money, names and their proper second level."""

from __future__ import annotations

import re
from functools import lru_cache

from perfxl.model.invisible import compatible
from perfxl.values.expressions import LazyPattern

MONEY_UNITS = frozenset({"元", "万元", "亿元", "千元", "百万元", "千万元"})
"""Units of the unit's own money, as a unit column or a reading names them."""

MONEY_NAMES = ("资金", "经费", "金额", "支出", "支付", "补助款", "拨款", "投入额", "奖补")
"""Names ending so count money when no unit says otherwise."""

EARNINGS = ("产值", "收入", "销售", "交易", "贸易", "营业", "税", "出口", "进口", "融资", "募集", "捐", "收益", "增加值", "成交", "挽回")
"""Parts of names of money that is earned or moved, not spent: an output all the same."""

COST_LEVELS = frozenset({"成本指标", "经济成本", "社会成本", "生态环境成本"})

RATES_OF_A_WHOLE = (
    "满意度",
    "满意率",
    "合格率",
    "达标率",
    "优良率",
    "知晓率",
    "覆盖率",
    "完好率",
    "准确率",
    "及时率",
    "到位率",
    "通过率",
    "办结率",
    "公开率",
    "入学率",
    "成活率",
    "及格率",
)
"""Rates that are a part of a whole: never above 100 %, and the better the higher."""

MAY_BE_NEGATIVE = ("增长", "增幅", "增速", "增加", "变动", "变化", "升降", "降", "减", "涨", "差额", "盈余", "利润", "结余", "净", "偏差", "温")
"""Parts of names whose actual may honestly be negative."""

DIRECTION_BY = {
    "word": ("因名称里有“{}”", "because of “{}” in the name"),
    "level": ("因属于“{}”", "because of “{}”"),
    "zero": ("因指标值是{}", "because the target is {}"),
    "default": ("没有别的依据", "for want of anything else"),
}
"""What decided a direction that nobody wrote, in Chinese and English."""

VAGUE = (
    "明显",
    "显著",
    "良好",
    "较好",
    "优良",
    "更好",
    "提高",
    "提升",
    "促进",
    "改善",
    "增强",
    "加强",
    "丰富",
    "有效",
    "长期",
    "持续",
    "逐步",
    "逐年",
    "不断",
    "稳步",
    "稳定",
    "推动",
    "推进",
    "引领",
    "带动",
    "保障",
    "满足",
    "作用",
    "实惠",
    "影响",
    "公益",
    "效果",
    "有所",
    "进一步",
    "优化",
    "繁荣",
    "传承",
    "弘扬",
    "普及",
    "营造",
    "发挥",
    "较大",
    "较高",
    "大幅",
    "深远",
    "广泛",
    "积极",
    "健全",
    "完善",
    "可持续",
    "受益",
    "助力",
    "支持",
    "维护",
    "中长期",
    "减轻",
    "缓解",
)
"""Words that any outcome satisfies."""

VAGUE_CELLS = frozenset(
    {"好", "较好", "优", "良", "优良", "良好", "高", "较高", "强", "较强", "好坏", "优良中差", "优良中低差", "高中低", "是", "有", "达成", "完成"}
)
"""Whole cells that any outcome satisfies."""

MEASURABLE = (
    "标准",
    "验收",
    "合格",
    "达标",
    "等级",
    "评估",
    "规范",
    "无",
    "未发生",
    "不发生",
    "零",
    "全覆盖",
    "全部",
    "率先",
    "证书",
    "名单",
    "排名",
    "文件",
    "办法",
    "制度",
    "规程",
    "方案",
    "机制",
    "挂牌",
    "获奖",
    "通过",
    "入选",
    "一级",
    "二级",
    "三级",
    "国家级",
    "省级",
    "市级",
)
"""Words of a target that a fact can show to be met or not."""

LEVEL2_OF_NAME: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    # names ending so, second levels where they do not belong, where they do
    (("满意度", "满意率"), ("数量指标", "质量指标", "时效指标", "成本指标"), "服务对象满意度"),
    (
        ("及时率", "及时性", "按时完成率", "按期完成率", "完成时间", "完成时限", "完成期限", "完工时间"),
        ("数量指标", "质量指标", "成本指标"),
        "时效指标",
    ),
    (("合格率", "达标率", "优良率", "验收通过率", "准确率", "差错率"), ("数量指标", "时效指标", "成本指标"), "质量指标"),
    (("成本", "单价", "造价", "成本控制", "成本控制数"), ("数量指标", "质量指标", "时效指标"), "成本指标"),
)

ITEMS = LazyPattern(r"\n|[2２二]\s*[.、．:：)）]|[(（][2二][)）]|②|目标[2二]|二是|其二")
"""A text that answers several goals at once."""

GRADES = {"优秀": "优", "良好": "良", "中等": "中", "合格": "中", "一般": "中", "差": "差", "较差": "差", "不合格": "差"}
"""Other words for a grade."""

GOAL_UNITS: dict[str, str] = {
    "人次": "人次",
    "人": "人",
    "名": "人",
    "位": "人",
    "户次": "户",
    "户": "户",
    "场次": "场",
    "场": "场",
    "批次": "批",
    "批": "批",
    "册次": "册",
    "册": "册",
    "本": "册",
    "种": "种",
    "期": "期",
    "次": "次",
    "个": "个",
    "家": "个",
    "处": "个",
    "项": "个",
    "所": "个",
    "座": "个",
    "件": "件",
    "套": "套",
    "台": "台",
    "篇": "篇",
    "份": "份",
    "部": "部",
    "条": "条",
    "幅": "幅",
    "平方米": "㎡",
    "㎡": "㎡",
    "%": "%",
}
"""Units of the numbers that goals name, and the family in which a report may answer them."""

_QUANTITY = re.compile(
    r"(?<![第\d.A-Za-z+\-—~])(?P<number>\d[\d,]{0,30}(?:\.\d+)?)(?P<power>[十百千万亿]{0,2})(?P<more>余|多)?(?P<unit>"
    + "|".join(sorted(map(re.escape, GOAL_UNITS), key=len, reverse=True))
    + r")(?!百分点|以内分钟)"
)
_POWERS = {"十": 10.0, "百": 100.0, "千": 1000.0, "万": 10_000.0, "亿": 100_000_000.0}


@lru_cache(maxsize=16_384)
def quantities(text: str) -> tuple[tuple[str, float, str], ...]:
    """Numbers with a counting unit in a sentence: the words, the value in base magnitude, the unit's family.

    >>> quantities("免费服务读者40万人次，2020年开展活动270场，建成第1个馆")
    (('40万人次', 400000.0, '人次'), ('270场', 270.0, '场'))
    """
    plain = compatible(text).replace(" ", "")
    found = []
    for match in _QUANTITY.finditer(plain):
        value = float(match["number"].replace(",", ""))
        for power in match["power"]:
            value *= _POWERS[power]
        found.append((match[0], value, GOAL_UNITS[match["unit"]]))
    return tuple(found)


@lru_cache(maxsize=16_384)
def not_assessable(target: str) -> bool:
    """Whether a target in words can be met by anything: a vague word, no number, nothing a fact could show.

    >>> not_assessable("效果明显"), not_assessable("通过省级验收"), not_assessable("提高10%")
    (True, False, False)
    """
    plain = compatible(target).strip().rstrip("。.;；")
    if plain in VAGUE_CELLS:
        return True
    if any(ch.isdigit() for ch in plain) or any(word in plain for word in MEASURABLE):
        return False
    return any(word in plain for word in VAGUE)


_IN_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")


def proper_level2(name: str, level2: str) -> str:
    """The second level where an indicator of this name belongs, or "" if it may stay where it is."""
    return _by_its_end(_IN_BRACKETS.sub("", name).strip(), level2)


@lru_cache(maxsize=16_384)
def _by_its_end(bare: str, level2: str) -> str:
    for endings, wrong, right in LEVEL2_OF_NAME:
        if level2 in wrong and bare.endswith(endings):
            return right
    return ""


_YEAR = re.compile(r"(?<!\d)(20\d\d)(?=年(?!度?(?:预算|计划|工作|目标|项目申报)))")
_YEARS = re.compile(r"(?<!\d)(20\d\d)年?[-—–~～至到]+(20\d\d)(?!\d)")


@lru_cache(maxsize=16_384)
def last_year(text: str) -> int:
    """The last year a target names as its time; 0 if none. 2021年预算 is a thing, not a time.

    >>> last_year("2020—2021年实现对接"), last_year("2020年12月底前"), last_year("编制2021年预算"), last_year("2050人次")
    (2021, 2020, 0, 0)
    """
    if "20" not in text:
        return 0
    years = [int(year) for year in _YEAR.findall(text)]
    years += [int(last) for first, last in _YEARS.findall(text) if int(first) <= int(last)]
    return max(years, default=0)
