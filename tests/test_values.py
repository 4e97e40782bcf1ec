import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from often import often

from perfxl.values import PercentNumber, ReadingKind, cell_text, converted, read_unit_column, read_value, render, same_dimension
from perfxl.values.numerals import chinese_number, exact, normalised, with_digits

YEAR = 2020
DAY = date.fromisoformat


def q(value, unit=None, operator=None, **more):
    """What a quantity must read as: (kind, operator, low, high, unit, extras)."""
    low = value if operator in {None, "≥", ">", "="} else None
    high = value if operator in {None, "≤", "<", "="} else None
    return ("quantity", operator, low, high, unit, more)


def between(low, high, unit=None, **more):
    return ("range", None, low, high, unit, more)


def days(start, end):
    return ("date", None, None, None, None, {"start": start and DAY(start), "end": end and DAY(end)})


WORDS = ("qualitative", None, None, None, None, {})
BLANK = ("blank", None, None, None, None, {})
UNSURE = ("ambiguous", None, None, None, None, {})
NOT_APPLICABLE = ("blank", None, None, None, None, {"not_applicable": True})

# rules.md §7.2, by its row number: (row, text, unit column, reading)
SECTION_7 = [
    (1, "40万人次", None, q(400000, "人次")),
    (2, "270场", None, q(270, "场")),
    (3, "1个", None, q(1, "个")),
    (4, "95%以上", None, q(95, "%", "≥")),
    (5, "小于1%", None, q(1, "%", "<", high_open=True)),
    (6, "降低水、电消耗1%", None, q(1, "%", direction="down", change=-1)),
    (7, "高达100%", None, q(100, "%", "=")),
    (8, "2020—2021年", None, days("2020-01-01", "2021-12-31")),
    (9, "按期完成", None, WORDS),
    (10, "符合国家质量体系要求", None, WORDS),
    (11, "640.84万元", None, q(6408400, "元")),
    (12, "86.73%", None, q(86.73, "%")),
    (13, "26人", None, q(26, "人")),
    (14, "优", None, WORDS),
    (15, "25TB", None, q(25, "TB")),
    (16, "100%覆盖", None, q(100, "%")),
    (17, "≥360天", None, q(360, "天", "≥")),
    (18, "全天候可用", None, WORDS),
    (18, "全天候", None, WORDS),
    (19, "资源采购期以当年为主", None, WORDS),
    (20, "5万", None, q(50000)),
    (21, "公益性事业", None, WORDS),
    (22, "良好", None, WORDS),
    (23, "2022年全年", None, days("2022-01-01", "2022-12-31")),
    (24, "☑", None, WORDS),
    (24, "□", None, WORDS),
    (25, "100", "%", q(100, "%")),
    (26, "95", "%", q(95, "%")),
    (27, "好坏", None, WORDS),
    (28, "30", "万元", q(300000, "元")),
    (28, "完成", None, (*WORDS[:5], {"tier": "达成"})),
    (29, "足额保障率=100%", None, q(100, "%", "=")),
    (30, "科目调整次数≤10次", None, q(10, "次", "≤")),
    (31, "结余率(计算方法为:结余数/预算数)≤5%", None, q(5, "%", "≤")),
    (32, "22.5", None, q(22.5)),
    (33, "72890", "元", q(72890, "元")),
    (34, "10.00", None, q(10)),
    (34, "19", None, q(19)),
    (34, "27.00", None, q(27)),
    (35, "≥50个", None, q(50, "个", "≥")),
    (36, "≥100百分比", None, q(100, "%", "≥")),
    (37, "≤90万元", None, q(900000, "元", "≤")),
    (38, "89.974", None, q(89.974)),
    (39, "严格执行相关制度规定", None, WORDS),
    (40, "在项目计划完成时间内完成", None, WORDS),
    (41, "符合相关规定", None, WORDS),
    (42, "效果明显", None, WORDS),
    (43, "达成预期指标", None, (*WORDS[:5], {"tier": "达成"})),
    (44, "45万", None, q(450000)),
    (45, "100%", None, q(100, "%")),
    (46, "43.2", None, q(43.2)),
    (46, "37.24", None, q(37.24)),
    (47, "100", None, q(100)),
    (48, "86%", None, q(86, "%")),
    (49, "0", None, q(0)),
    (50, "指标2", None, UNSURE),
    (50, "……", None, BLANK),
    (51, "50件", None, q(50, "件")),
    (51, "100件", None, q(100, "件")),
    (52, "合格", None, WORDS),
    (53, "2万元", None, q(20000, "元")),
    (54, "360天", None, q(360, "天")),
    (55, "25万人次", None, q(250000, "人次")),
    (56, "有效提高", None, WORDS),
    (57, "90%，完成率99.14%", None, UNSURE),
    (58, "逐年提升", None, WORDS),
    (59, "稳步提升", None, WORDS),
    (60, "50000册", None, q(50000, "册")),
    (61, "4次", None, q(4, "次")),
    (62, "80%", None, q(80, "%")),
    (63, "1000册", None, q(1000, "册")),
    (63, "120种", None, q(120, "种")),
    (63, "10000人次", None, q(10000, "人次")),
    (64, "读者满意率达90%", None, q(90, "%", "≥")),
    (65, "8.6万余册", None, q(86000, "册", ">", low_open=True)),
    (66, "21322人次", None, q(21322, "人次")),
    (67, "99.7%", None, q(99.7, "%")),
    (68, "107.76%", None, q(107.76, "%")),
    (69, "/", None, BLANK),
    (70, "完工14个", None, q(14, "个")),
    (71, "10万", None, q(100000)),
    (72, "98%", None, q(98, "%")),
    (73, "≥17.4万元", None, q(174000, "元", "≥")),
    (74, "400㎡", None, q(400, "㎡")),
    (74, "2000㎡", None, q(2000, "㎡")),
    (75, "222%", None, q(222, "%")),
    (75, "289%", None, q(289, "%")),
    (76, "1.3", None, q(1.3)),
    (77, "≦100%", None, q(100, "%", "≤")),
    (78, ">0", None, q(0, None, ">", low_open=True)),
    (78, "每超过一个百分点扣0.5分", None, UNSURE),
    (79, "80%(含)-90%", None, between(80, 90, "%", high_open=True)),
    (80, "0-10%(含)", None, between(0, 10, "%", low_open=True)),
    (81, "不少于50场", None, q(50, "场", "≥")),
    (82, "不少于42小时(每周)", None, q(42, "小时/周", "≥")),
    (82, "不少于42小时", "小时", q(42, "小时", "≥")),
    (83, "2690人", None, q(2690, "人")),
    (83, "6768册次", None, q(6768, "册次")),
    (83, "1428人次", None, q(1428, "人次")),
    (84, "400", "元/人天", q(400, "元/人·天")),
    (85, "3000", "元/台、件、辆、套", q(3000, "元/台·件·辆·套")),
    (86, "**月**日前", None, BLANK),
    (87, "86.75%=556.75/641.76", None, UNSURE),
    (88, "0.92万元", None, q(9200, "元")),
    (89, "次 26次 12次", None, UNSURE),
    (90, "高", None, WORDS),
    (90, "好", None, WORDS),
    (91, "1个百分点", None, q(1, "百分点")),
    (91, "超出1个百分点", None, q(1, "百分点", ">", low_open=True)),
    (92, "10分", None, q(10, "分")),
    (92, "5分", None, q(5, "分")),
    (93, "≥95%", None, q(95, "%", "≥")),
    (94, "≤1%", None, q(1, "%", "≤")),
    (95, "1%以下", None, q(1, "%", "≤")),
    (96, "≥40万人次", None, q(400000, "人次", "≥")),
    (97, "９５％", None, q(95, "%")),
    (98, "2020年12月底前", None, days(None, "2020-12-31")),
    (99, "2020年12月31日", None, days("2020-12-31", "2020-12-31")),
    (100, "2020年第四季度", None, days("2020-10-01", "2020-12-31")),
    (101, "全年", None, days("2020-01-01", "2020-12-31")),
    (102, "逐步提高", None, WORDS),
    (103, "达到预期目标", None, (*WORDS[:5], {"tier": "达成"})),
    (103, "达到预期", None, (*WORDS[:5], {"tier": "达成"})),
    (104, "优良中低差", None, WORDS),
    (105, "优、良", None, WORDS),
    (105, "基本满意", None, WORDS),
    (105, "较好", None, WORDS),
    (106, "60次以上", None, q(60, "次", "≥")),
    (106, "60余次", None, q(60, "次", ">", low_open=True)),
    (106, "约60次", None, q(60, "次", approximate=True)),
    (107, "1-2次", None, between(1, 2, "次")),
    (107, "90%~95%", None, between(90, 95, "%")),
    (108, "3／5", None, UNSURE),
    (108, "二十场", None, q(20, "场")),
    (108, "十二万", None, q(120000)),
    (109, "1.2亿元", None, q(120_000_000, "元")),
    (109, "5千册", None, q(5000, "册")),
    (109, "3百人", None, q(300, "人")),
    (110, "1,234.50", None, q(1234.5)),
    (110, "１２３４", None, q(1234)),
    (111, "100.00%", None, q(100, "%")),
    (111, PercentNumber(1.0), None, q(100, "%")),
    (112, "无", None, BLANK),
    (112, "不涉及", None, BLANK),
    (112, "不适用", None, NOT_APPLICABLE),
    (112, "—", None, BLANK),
    (112, "*", None, BLANK),
    (113, "2020.12.31", None, days("2020-12-31", "2020-12-31")),
    (113, 44196, None, q(44196)),
    (114, "≥95%（读者）", None, q(95, "%", "≥")),
    (114, "95%(≥90%)", None, q(95, "%")),
]

# Not in §7: what other forms and other libraries write
FURTHER = [
    ("全年接待读者42.3万人次", q(423000, "人次")),
    ("到馆读者达41.2万人次", q(412000, "人次", "≥")),
    ("免费开放天数≥360天", q(360, "天", "≥")),
    ("每周开放不少于56小时", q(56, "小时/周", "≥")),
    ("≥56小时/周", q(56, "小时/周", "≥")),
    ("5000种12000册", UNSURE),
    ("举办讲座24场", q(24, "场")),
    ("讲座24场，展览12场", UNSURE),
    ("开展阅读推广活动270余场", q(270, "场", ">")),
    ("近300场", q(300, "场", "<")),
    ("300场左右", q(300, "场", approximate=True)),
    ("上百场", UNSURE),
    ("十几场", UNSURE),
    ("三四场", UNSURE),
    ("二十余场", q(20, "场", ">")),
    ("一千二百册", q(1200, "册")),
    ("伍佰册", q(500, "册")),
    ("壹佰万元", q(1_000_000, "元")),
    ("一次性", WORDS),
    ("十分满意", WORDS),
    ("一站式服务", WORDS),
    ("第二批", WORDS),
    ("5个工作日内", q(5, "工作日", "≤")),
    ("365日", q(365, "天")),
    ("20日前", UNSURE),
    ("1季度", days("2020-01-01", "2020-03-31")),
    ("3个季度", q(3, "个季度")),
    ("年内", days("2020-01-01", "2020-12-31")),
    ("〇", UNSURE),
    ("三方", WORDS),
    ("仅完成20场", UNSURE),
    ("前10%", UNSURE),
    ("第1名", UNSURE),
    ("4星级", UNSURE),
    ("大于95%小于100%", UNSURE),
    ("1万零500", UNSURE),
    ("较2019年增长5%", UNSURE),
    ("2020年5场", q(5, "场")),
    ("6月和12月", UNSURE),
    ("5次及以上", q(5, "次", "≥")),
    ("5次（含）以上", q(5, "次", "≥")),
    ("约5次左右", q(5, "次", approximate=True)),
    ("5-6次左右", between(5, 6, "次", approximate=True)),
    ("不晚于2020年12月31日", days(None, "2020-12-31")),
    ("次年3月底前", days(None, "2021-03-31")),
    ("人均不超过3000元", q(3000, "元/人", "≤")),
    ("5万元每公里", q(50000, "元/公里")),
    ("≤35μg/m³", q(35, "μg/㎥", "≤")),
    ("7×24小时", UNSURE),
    ("百分之九十八", q(98, "%")),
    ("九成以上", q(90, "%", "≥")),
    ("百分之百", q(100, "%")),
    ("同比增长5%", q(5, "%", direction="up", change=5)),
    ("比上年下降3.5%", q(3.5, "%", direction="down")),
    ("降低至5%以内", q(5, "%", "≤")),
    ("控制在100万元以内", q(1_000_000, "元", "≤")),
    ("由90%提高到95%", UNSURE),
    ("不超过预算", WORDS),
    ("零投诉", WORDS),
    ("-3%", q(-3, "%")),
    ("-5%~5%", between(-5, 5, "%")),
    ("±5%", UNSURE),
    ("90%≤X≤100%", UNSURE),
    ("90～95分", between(90, 95, "分")),
    ("10-20万人次", between(100000, 200000, "人次")),
    ("5000-1万册", between(5000, 10000, "册")),
    ("2020-2021", UNSURE),
    ("5A", UNSURE),
    ("国家一级馆", WORDS),
    ("一次验收合格率100%", q(100, "%")),
    ("12（次）", q(12, "次")),
    ("5000（万元）", q(50_000_000, "元")),
    ("500万元（中央300万元，省级200万元）", q(5_000_000, "元")),
    ("1200m²", q(1200, "㎡")),
    ("3000立方米", q(3000, "㎥")),
    ("3600千克", q(3600, "公斤")),
    ("3.2千米", q(3.2, "公里")),
    ("100M", UNSURE),
    ("5T", UNSURE),
    ("每人每月800元", q(800, "元/人·月")),
    ("50元/人/天", q(50, "元/人·天")),
    ("每亩300", q(300)),
    ("人均1.2册", q(1.2, "册/人")),
    ("建设1个红色主题馆", q(1, "个")),
    ("建设红色文献主题馆1个", q(1, "个")),
    ("建设24小时自助图书馆2个", ("quantity", None, 2, 2, "个", {})),
    ("15分钟阅读圈", WORDS),
    ("2020年年底", days("2020-12-01", "2020-12-31")),
    ("9月前", days(None, "2020-09-30")),
    ("10月", days("2020-10-01", "2020-10-31")),
    ("12月底之前完成", days(None, "2020-12-31")),
    ("已于2020年12月20日完成", days("2020-12-20", "2020-12-20")),
    ("2020年1-12月", days("2020-01-01", "2020-12-31")),
    ("2020年1月1日—12月31日", days("2020-01-01", "2020-12-31")),
    ("上半年", days("2020-01-01", "2020-06-30")),
    ("2021年13月", UNSURE),
    ("2020年2月30日", UNSURE),
    ("二〇二〇年十二月", days("2020-12-01", "2020-12-31")),
    ("2020-12-31 00:00:00", days("2020-12-31", "2020-12-31")),
    ("20201231", UNSURE),
    ("13800138000", UNSURE),
    ("360301199001011234", UNSURE),
    ("0012", UNSURE),
    ("1:2", UNSURE),
    ("50/45", UNSURE),
    ("1,23", UNSURE),
    ("100 200", UNSURE),
    ("3577. 95万人次", q(35_779_500, "人次")),
    ("1万2千册", q(12000, "册")),
    ("3亿5千万元", q(350_000_000, "元")),
    ("12万3456元", q(123456, "元")),
    ("2万5", UNSURE),
    ("W90%", UNSURE),
    ("10W+", UNSURE),
    ("100%5个", UNSURE),
    ("11月底完成100%", UNSURE),
    ("10²册", UNSURE),
    ("①完成50场", UNSURE),
    ("¥5,000.00", q(5000, "元")),
    ("未完成50场", UNSURE),
    ("计划50场，实际48场", UNSURE),
    ("48（目标50）", UNSURE),
    ("20+28场", UNSURE),
    ("≥**%", BLANK),
    ("2020—2021年实现公共文化云建设与对接", WORDS),
    ("取得2018-2022监测资料", WORDS),
    ("270场(实际完成220场)", UNSURE),
    ("270场(含未办50场)", UNSURE),
    ("270场(含线上300场)", UNSURE),
    ("270场(含线上20场)", q(270, "场")),
    ("281场,其中线上62场,线下219场", q(281, "场")),
    ("270场(上半年120场,下半年150场)", q(270, "场")),
    ("270场(上半年)", UNSURE),
    ("上半年270场", UNSURE),
    ("270场(上半年120场,下半年160场)", UNSURE),
    ("100%(应办30件,已办30件)", q(100, "%")),
    ("90%(应办30件,已办27件)", q(90, "%")),
    ("100%(应办30件,已办27件)", UNSURE),
    ("应办30件,已办30件", q(30, "件")),
    ("应办30件,已办28件", UNSURE),
    ("98%(49/50)", q(98, "%")),
    ("98%(48/50)", UNSURE),
    ("95%(样本200份)", q(95, "%")),
    ("95%(样本20%)", UNSURE),
    ("24场,参与5000人次", q(24, "场")),
    ("24场,完成率80%", UNSURE),
    ("270场(2020年)", q(270, "场")),
    ("270场(2019年)", UNSURE),
    ("270场(1-6月)", UNSURE),
    ("270场(1-12月)", q(270, "场")),
    ("270场(截至6月)", UNSURE),
    ("270场(截至12月底)", q(270, "场")),
    ("95%(11月调查)", q(95, "%")),
    ("270场(2020-2022年)", UNSURE),
    ("2020年共举办270场", q(270, "场")),
    ("2019年共举办270场", UNSURE),
    ("截至12月底,累计完成270场", q(270, "场")),
    ("270场(详见附件1-3)", q(270, "场")),
    ("270场(与展览合计)", UNSURE),
    ("100万元(美元)", UNSURE),
    ("95%?", UNSURE),
    ("270场……", UNSURE),
    ("12场;……", UNSURE),
    ("预约借阅270人次", q(270, "人次")),
    ("服务未成年人270人次", q(270, "人次")),
    ("培训基本药物270种", q(270, "种")),
    ("新增图书270册（种）", q(270, "册")),
    ("二〇二四年三月二十五日", days("2024-03-25", "2024-03-25")),
    ("1.讲座12场；2.展览6场", UNSURE),
    ("<=5300元/户", q(5300, "元/户", "≤")),
    ("570元/人*月", q(570, "元/人·月")),
]  # fmt: skip


def check(reading, expected):
    kind, operator, low, high, unit, more = expected
    assert (reading.kind.value, reading.operator, reading.low, reading.high, reading.unit) == (kind, operator, low, high, unit)
    for name, value in more.items():
        assert getattr(reading, name) == value, name


@pytest.mark.parametrize(("row", "text", "unit", "expected"), SECTION_7)
def test_every_row_of_section_7_has_its_reading(row, text, unit, expected):
    check(read_value(text, unit=unit, fiscal_year=YEAR), expected)


def test_section_7_is_covered_row_by_row():
    assert {row for row, *_ in SECTION_7} == set(range(1, 115))


@pytest.mark.parametrize(("text", "expected"), FURTHER)
def test_other_ways_of_writing(text, expected):
    check(read_value(text, fiscal_year=YEAR), expected)


def test_a_bare_number_takes_the_unit_column_and_a_magnitude_is_not_applied_twice():
    assert read_value("40", unit="万人次").low == 400000
    assert read_value("40万", unit="万人次").low == 400000
    assert read_value("40万人次", unit="万人次").low == 400000
    assert read_value("40人次", unit="万人次").low == 40
    assert read_value("5", unit="不是单位的很长的话").unit is None


def test_floats_are_exact_decimals():
    assert read_value("3577.95万").low == 35779500.0
    assert read_value("0.57", unit="万元").low == 5700.0
    assert read_value(PercentNumber(0.57)).low == 57.0
    assert read_value(0.1 + 0.2).low == 0.1 + 0.2
    assert exact("8.6", 4) == 86000.0


def test_cells_that_are_no_text():
    assert read_value(None).kind is ReadingKind.BLANK
    assert read_value(float("nan")).kind is ReadingKind.BLANK
    assert read_value(270).low == read_value(270.0).low == 270
    assert read_value(date(2020, 12, 31)).end == read_value(datetime(2020, 12, 31)).end == date(2020, 12, 31)
    assert read_value(Decimal("1.50")).low == 1.5
    assert read_value(True).kind is ReadingKind.QUALITATIVE  # noqa: FBT003
    assert cell_text(10**5000) == "inf"


def test_a_date_without_a_year_stays_without_one():
    reading = read_value("12月底前")
    assert (reading.kind, reading.start, reading.end, reading.notes) == (ReadingKind.DATE, None, None, ("year-missing",))


def test_a_sentence_carries_the_one_period_it_mentions():
    reading = read_value("2020—2021年实现公共文化云建设与对接")
    assert (reading.kind, reading.start, reading.end) == (ReadingKind.QUALITATIVE, date(2020, 1, 1), date(2021, 12, 31))


def test_units_that_count_the_same_thing():
    assert same_dimension("场", "场次")
    assert same_dimension("人", "名")
    assert same_dimension("个", "家")
    assert not same_dimension("册", "册次")
    assert not same_dimension("人", "人次")
    assert not same_dimension("元/吨", "元/公斤")
    assert not same_dimension(None, "个")
    assert converted(9.0, "‰", "%") == 0.9
    assert read_unit_column("见备注说明") is None


@pytest.mark.parametrize(
    ("numeral", "digits"),
    [
        *{"十": "10", "二十": "20", "一百零五": "105", "十二万": "120000", "两千": "2000", "零": "0"}.items(),
        ("九点五", "9.5"),
        *dict.fromkeys(("一百二", "三四", "百", "一二", "三万五")).items(),
        ("一亿二千万", "120000000"),
    ],
)  # fmt: skip
def test_chinese_numerals(numeral, digits):
    assert chinese_number(numeral) == digits


# --- the whole text ------------------------------------------------------------------------------------------------------

DATA = Path(__file__).parent / "data"
EVERYDAY = (DATA / "everyday_values.txt").read_text("utf-8").split("\n")[:-1]
CHANGING = (DATA / "changing_words.txt").read_text("utf-8").split()
FIRST_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def test_there_are_enough_compounds_and_enough_words_that_change_the_sense():
    assert len(EVERYDAY) >= 300
    assert len(set(CHANGING)) >= 200


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_compounds_are_read_with_their_first_number(text):
    reading = read_value(text, fiscal_year=2022)
    written = float(FIRST_NUMBER.search(text)[0])
    powers = [Decimal(10) ** power for power in (0, 4, 8)]
    assert (reading.kind, reading.unread) == (ReadingKind.QUANTITY, None)
    assert "planned" not in reading.notes
    assert (reading.low if reading.low is not None else reading.high) in [float(Decimal(str(written)) * power) for power in powers]


@pytest.mark.parametrize(
    ("text", "unread"),
    [("270场(取消)", "(取消)"), ("取消270场", "取消"), ("270场,含未办50场", "含未办50场"), ("270场(未办,见附件1)", "(未办,见附件1)"), ("95%?", "?")],
)
def test_a_cell_that_is_not_understood_names_the_part(text, unread):
    assert read_value(text).unread == unread


@pytest.mark.parametrize("text", [".95", "·95", "。95", "完成.95", "95(.5)", ".5%"])
def test_a_number_that_begins_with_its_point_is_a_question(text):
    assert read_value(text, unit="%").kind is ReadingKind.AMBIGUOUS


@pytest.mark.parametrize("text", ["≥95%，≤98%", "≥95%（≤98%）", "≥270场，≥20场"])
def test_a_second_bound_is_not_dropped(text):
    assert read_value(text).kind is ReadingKind.AMBIGUOUS
    assert read_value("95%(≥90%)").low == read_value("≥95%(≥95%)").low == 95


@pytest.mark.parametrize("text", ["各150场", "线上线下各150场", "馆均150场", "线上线下均150场"])
def test_one_of_several_amounts_is_not_the_sum(text):
    assert read_value(text).kind is ReadingKind.AMBIGUOUS
    assert read_value("各类活动150场").low == read_value("均为150场").low == 150


@pytest.mark.parametrize("sign", ["的", "已", "(", "1场,", "≥", "取消"])
def test_a_paragraph_is_no_number_and_does_not_raise(sign):
    for text in (sign * 5000 + "270场", "270场" + sign * 5000, sign * 250 + "270场" + sign * 250):
        assert read_value(text, name=sign * 300).kind is not ReadingKind.QUANTITY


def test_the_words_of_the_indicator_are_known_in_its_cells():
    assert read_value("收治鸵鸟27只").kind is ReadingKind.AMBIGUOUS
    assert read_value("收治鸵鸟27只", name="收治鸵鸟数量").low == 27
    assert read_value("取消27项", name="取消收费项目数").unread == "取消"
    assert read_value("取消收费项目27项", name="取消收费项目数").low == 27


# --- properties -------------------------------------------------------------------------------------------------------

CELL_CHARACTERS = (
    "0123456789.,%‰≥≤<>=-~—至到()（）万亿千百十一二三两零〇年月日前底季度以上内下不少于约近余多场人次个册元/·每达降低增长完成第号 \n²①½X*"
)
seeded = often(200)


@seeded
@given(st.text(), st.one_of(st.none(), st.text(max_size=6)), st.one_of(st.none(), st.integers(1990, 2050)))
def test_reading_any_text_never_raises(text, unit, year):
    read_value(text, unit=unit, fiscal_year=year)


@often(1000)
@given(st.text(alphabet=CELL_CHARACTERS, max_size=14), st.sampled_from([None, "万元", "%", "人次", "元/人·月"]))
def test_rendered_and_read_again_is_the_same(text, unit):
    reading = read_value(text, unit=unit, fiscal_year=YEAR)
    assert read_value(render(reading), fiscal_year=YEAR if reading.kind is not ReadingKind.DATE or reading.end else None) == reading


PIECES = [
    "≥", "不少于", "约", "近", "1", "2.5", "3,000", "40", "95", "2020", "12", "万", "千", "亿", "百", "十",
    "二", "三", "年", "月", "日", "前", "底", "%", "‰", "个", "场", "人次", "元", "/", "人", "·",
    "每", "余", "多", "以上", "以内", "左右", "(含)", "(", "）", "-", "~", "至", "降低", "增长", "完成", "第",
    "季度", "达到", "小时", "分", "、", "，", "读者", "新增图书", "满意度", "未", "覆盖", "成", "0", "00", ".", "+",
    "*",
]  # fmt: skip


@often(1000)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_words_and_numbers_in_any_order_are_rendered_and_read_again(text):
    reading = read_value(text, fiscal_year=YEAR)
    assert read_value(render(reading), fiscal_year=YEAR if reading.end or reading.kind is not ReadingKind.DATE else None) == reading


@seeded
@given(
    st.decimals(0, 9_999_999, places=3).map(lambda number: format(number.normalize(), "f")),
    st.sampled_from(["", "十", "百", "千", "万", "亿"]).filter(lambda word: word != "十"),
    st.sampled_from(["", "个", "人次", "元", "场", "册次"]),
    st.sampled_from(["", "≥", "不少于", "≤", "超过", "小于"]),
)
def test_magnitudes_scale_exactly(number, magnitude, unit, operator):
    power = {"": 0, "百": 2, "千": 3, "万": 4, "亿": 8}[magnitude]
    reading = read_value(f"{operator}{number}{magnitude}{unit}")
    value = reading.low if reading.low is not None else reading.high
    if reading.kind is ReadingKind.QUANTITY:
        assert value == float(Decimal(number).scaleb(power))
    else:
        pytest.fail(f"{reading.text} is not read")


@seeded
@given(st.integers(0, 99_999_999))
def test_chinese_numerals_agree_with_digits(number):
    assert with_digits(f"{chinese(number)}册") == f"{number}册"


def chinese(number: int) -> str:
    """The numeral as an accountant writes it: every place named."""
    if number == 0:
        return "零"
    parts = []
    if number >= 10_000:
        parts.append(chinese(number // 10_000) + "万")
        number %= 10_000
        if number and number < 1000:
            parts.append("零")
    gap = False
    for worth, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // worth % 10
        if digit:
            parts.append(("零" if gap else "") + "零一二三四五六七八九"[digit] + word)
            gap = False
        elif number > worth and number // worth >= 10:
            gap = True
    return "".join(parts)


@seeded
@given(st.text(alphabet=CELL_CHARACTERS, max_size=20))
def test_normalising_twice_changes_nothing_more(text):
    once = normalised(text)
    assert normalised(once) == once
