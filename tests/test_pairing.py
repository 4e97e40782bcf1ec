from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from often import often

from perfxl.values.direction import column_operator, is_lower
from perfxl.values.pair import ActualKind, PairKind
from perfxl.values.pairing import read_pair
from perfxl.values.phrases import read_head, read_tail, understood
from perfxl.values.vocabulary import DEFAULT_LOWER_NAMES


def codes(pair):
    return [problem.code for problem in pair.problems]


# target, actual, beside, operator, met, codes
NUMBERS = [
    ("≥90%", "95%以上", {}, "≥", True, []),
    ("≥98%", "95%以上", {}, "≥", None, ["actual-bound-unproven"]),
    ("≥360天", "≥360天", {}, "≥", True, []),
    ("=230亩", "=230亩", {}, "=", True, []),
    ("1%", "小于1%", {"operator": "<"}, "<", True, []),
    ("≤50万元", "近50万元", {}, "≤", True, []),
    ("≥300场", "近300场", {}, "≥", False, ["actual-bound-unproven"]),
    ("≥300场", "300余场", {}, "≥", True, []),
    ("≥300场", "约300场", {}, "≥", None, ["actual-bound-unproven"]),
    ("≥300场", "280-320场", {}, "≥", None, ["actual-bound-unproven"]),
    (">95%", "95%以上", {}, ">", None, ["actual-bound-unproven"]),
    (">95%", "超过95%", {}, ">", True, []),
    ("98%", "达到98.5%", {}, "≥", True, []),
    ("99%", "达到98.5%", {}, "≥", False, []),
    ("100%", "高达100%", {"operator": "="}, "=", True, []),
    ("=100%", "100%", {"operator": "≥"}, "=", True, ["operator-conflict"]),
    ("≤1%", "0.5%", {"operator": "≥"}, "≤", None, ["operator-conflict"]),
    ("3", "3", {"operator": "W"}, None, None, ["operator-unknown"]),
    ("95", "0.98", {"operator": "≥", "unit": "%"}, "≥", None, ["actual-ambiguous"]),
    ("≤1%", "0.5", {"unit": "%"}, "≤", True, []),
    ("40万人次", "412000", {}, "≥", True, ["magnitude-taken"]),
    ("40万人次", "412000人次", {}, "≥", True, []),
    ("40", "412000", {"unit": "万人次"}, "≥", True, ["magnitude-taken"]),
    ("40万人次", "120000", {}, "≥", None, ["actual-ambiguous"]),
    ("40万人次", "1200001", {}, "≥", None, ["actual-ambiguous"]),
    ("≤90万元", "850000", {}, "≤", True, ["magnitude-taken"]),
    ("40万人次", "41.2", {}, "≥", True, []),
    ("40万人次", "41", {"unit": "人次"}, "≥", None, ["actual-ambiguous"]),
    ("50万元", "500000元", {"name": "项目成本"}, "≤", True, []),
    ("5000册", "5000册次", {}, "≥", None, ["unit-conflict"]),
    ("每亩300", "每户300", {}, "≥", None, ["unit-conflict"]),
    ("270场", "270", {"unit": "场次"}, "≥", True, []),
    ("≤30万元", "完成", {}, "≤", None, ["actual-not-a-number"]),
    ("100场", "计划90场", {}, "≥", None, ["actual-not-understood"]),
    ("计划100场", "100场", {}, "≥", True, []),
    ("≥270场", "270场(取消)", {}, "≥", None, ["actual-not-understood"]),
    ("≥95%", "95%(目标值)", {}, "≥", None, ["actual-not-understood"]),
    ("≥270场", "270取消", {}, "≥", None, ["actual-not-understood"]),
    ("270", "270咕噜", {}, "≥", None, ["actual-not-understood"]),
    ("270咕噜", "270", {}, None, None, ["target-not-understood"]),
    ("4栏", "4", {"name": "保育栏(≥套)"}, "≥", True, []),
    ("270场(年中调整为200场)", "200场", {}, None, None, ["target-not-understood"]),
    ("18场", "1.讲座12场；2.展览6场", {}, "≥", None, ["actual-not-understood"]),
    ("97.5分", "97.5分分", {}, "≥", None, ["actual-not-understood"]),
    # a divisor that only the target writes
    ("不低于60元/月", "60元", {}, "≥", True, ["divisor-assumed"]),
    ("不低于60元/月", "60", {"unit": "元"}, "≥", True, ["divisor-assumed"]),
    ("不低于60元/月", "60", {}, "≥", True, []),
    ("不低于60元/月", "720元", {}, "≥", None, ["actual-ambiguous"]),
    ("≥42小时/周", "45小时", {}, "≥", True, ["divisor-assumed"]),
    ("4次/个", "4次", {}, "≥", True, ["divisor-assumed"]),
    ("≤20元/平方米", "18元", {}, "≤", True, ["divisor-assumed"]),
    ("≤20元/平方米", "18元/户", {}, "≤", None, ["unit-conflict"]),
    ("60元", "60元/月", {}, "≥", None, ["unit-conflict"]),
    ("每亩300", "300", {}, "≥", True, []),
    # verb, number, unit, noun
    ("打造60条敬老爱老服务公交线路", "61", {}, "≥", True, []),
    ("靓化60条敬老爱老服务公交线路", "61", {}, "≥", True, []),
    ("靓化60条公交线路", "靓化61条公交线路", {}, "≥", True, []),
    ("60条公交线路", "靓化61条公交线路", {}, "≥", None, ["actual-not-understood"]),
    ("取消60条公交线路", "61", {}, None, None, []),
    ("靓化60条咕噜", "61", {}, None, None, ["target-not-understood"]),
    # zeros in words
    ("零投诉", "0", {}, "≤", True, []),
    ("零投诉", "1起", {}, "≤", False, []),
    ("0起", "零投诉", {}, "≤", True, []),
    ("0起", "未发生", {}, "≤", None, ["actual-not-a-number"]),
    # counting words of column and text
    ("5", "5套", {"unit": "台"}, "≥", True, []),
    ("20", "20篇", {"unit": "份"}, "≥", True, []),
    ("20场", "20", {"unit": "次"}, "≥", True, []),
    ("5台", "5套", {}, "≥", None, ["unit-conflict"]),
    # bare numbers under one unit %
    ("2", "0.8", {"unit": "%"}, "≥", False, []),
    ("5", "0.8", {"unit": "%"}, "≥", False, []),
    ("6", "0.8", {"unit": "%"}, "≥", None, ["actual-ambiguous"]),
    ("2%", "0.8", {"unit": "%"}, "≥", None, ["actual-ambiguous"]),
    ("≥90%", "100%5个", {}, "≥", None, ["actual-ambiguous"]),
    ("100%", "2020-12-31", {}, "≥", None, ["actual-not-a-number"]),
    ("≥40万人次", "", {}, "≥", None, ["actual-missing"]),
    ("0", "无", {"name": "投诉"}, "≤", None, ["actual-missing"]),
    ("100", "不适用", {}, "≥", None, []),
    ("1%", "降低水、电消耗1%", {"operator": "≥", "name": "水、电消耗降低率"}, "≥", True, []),
    ("降低5%", "降低6%", {"name": "能耗"}, "≥", True, []),
    ("降低5%", "降低6%", {"name": "能耗", "operator": "≤"}, None, None, ["target-not-a-number"]),
    ("5%", "下降2%", {"name": "读者增长率"}, "≥", False, []),
    ("5%", "降低6%", {"name": "能耗"}, "≤", None, ["actual-ambiguous"]),
    ("≤5300元/户", "5830元/户", {"name": "救助标准(<**元/户·年)"}, "≤", False, []),
    ("10‰", "0.8%", {"operator": "≤"}, "≤", True, []),
    ("1-2次", "2次", {}, None, True, []),
    ("1-2次", "3次", {}, None, False, []),
    ("290%", "100%", {"name": "市民满意度"}, None, None, ["target-not-a-number"]),
    ("0.95", "96%", {}, None, None, ["target-not-a-number"]),
    ("400000", "41万人次", {}, None, None, ["target-not-a-number"]),
    ("100%5个", "达成预期指标", {}, None, None, ["target-not-a-number"]),
]


@pytest.mark.parametrize(("target", "actual", "beside", "operator", "met", "problems"), NUMBERS)
def test_rows_with_numbers(target, actual, beside, operator, met, problems):
    pair = read_pair(target, actual, fiscal_year=2020, **beside)
    assert (pair.operator, pair.met, codes(pair)) == (operator, met, problems)


def test_a_doubted_actual_gives_no_number():
    pair = read_pair("40万人次", "120000")
    assert (pair.actual_kind, pair.actual_low, pair.actual_value) == (ActualKind.AMBIGUOUS, None, None)


def test_both_sides_are_in_one_unit():
    pair = read_pair("≤90万元", "90")
    assert (pair.target_high, pair.actual_low, pair.unit, pair.actual_unit) == (900000, 900000, "元", "元")


def test_a_conflict_says_whether_it_is_mild():
    assert read_pair("=100%", "100%", operator="≥").problems[0].mild
    assert not read_pair("≤1%", "1%", operator="≥").problems[0].mild


# name, operator column, level2, operator, where it comes from
OPERATORS = [
    ("公猪舍(≥**平方米)", "", "", "≥", "name"),
    ("违法案件查办率", "", "", "≥", "assumed"),
    ("项目成本", "", "", "≤", "name"),
    ("培训成本", "", "", "≤", "name"),
    ("成本节约率", "", "成本指标", "≥", "assumed"),
    ("补助标准", "", "成本指标", "≤", "level2"),
    ("投诉率", "", "", "≤", "name"),
    ("投诉办结率", "", "", "≥", "assumed"),
    ("安全事故应急演练次数", "", "", "≥", "assumed"),
    ("高血压随访控制数", "", "", "≥", "assumed"),
    ("公用经费控制率", "", "", "≤", "name"),
    ("水、电消耗降低率", "", "", "≥", "assumed"),
    ("结余率", "≥", "", "≥", "column"),
    ("任意", "﹥=", "", "≥", "column"),
    ("任意", "═", "", "=", "column"),
    ("任意", "定量", "", "≥", "assumed"),
]


@pytest.mark.parametrize(("name", "column", "level2", "operator", "source"), OPERATORS)
def test_operator_and_its_source(name, column, level2, operator, source):
    pair = read_pair("5", "5", name=name, operator=column, level2=level2)
    assert (pair.operator, pair.operator_from) == (operator, source)


def test_a_target_of_zero_is_assumed_to_be_a_ceiling():
    pair = read_pair("0起", "1起", name="重大情况")
    assert (pair.operator, pair.operator_from, pair.met) == ("≤", "assumed", False)


def test_a_scheme_may_bring_its_own_names():
    assert is_lower("等候人数", ("等候",))
    assert not is_lower("等候人数", DEFAULT_LOWER_NAMES)


@pytest.mark.parametrize(("text", "operator"), [("≧", "≥"), ("≦", "≤"), ("⩾", "≥"), (">=", "≥"), ("﹦", "="), ("定性指标", "定性"), ("/", None)])
def test_variants_of_the_operator_column(text, operator):
    assert column_operator(text) == operator


# target, actual, beside, last day in time, met, codes
DEADLINES = [
    ("2020年12月底前", "2020年11月完成", {}, "2020-12-31", True, []),
    ("2020年12月底前", "2021年1月", {}, "2020-12-31", False, []),
    ("12月15日前", "12月", {"operator": "期限"}, "2020-12-15", None, ["actual-bound-unproven"]),
    ("9月前", "7月", {}, "2020-09-30", True, []),
    ("9月前", "9月", {}, "2020-09-30", True, []),
    ("第四季度", "11月", {"operator": "期限"}, "2020-12-31", True, []),
    ("2020-12-31", "44196", {"operator": "期限"}, "2020-12-31", True, []),
    ("2020-12-31", "12-20", {"operator": "期限"}, "2020-12-31", True, []),
    ("2020-12-31", "44197", {"operator": "期限"}, "2020-12-31", False, []),
    ("2020年12月31日前完成馆舍改造", "已于2020年12月20日完成改造", {"operator": "期限"}, "2020-12-31", True, []),
    ("2020年12月31日前完成馆舍改造", "已于2020年11月20日正式启动改造", {"operator": "期限"}, "2020-12-31", None, []),
    ("2020年12月31日前完成咕噜改造", "2020年12月20日", {"operator": "期限"}, None, None, ["target-not-understood"]),
    ("2020年12月", "2020年11月(计划)", {}, "2020-12-31", None, ["actual-not-understood"]),
    ("2020年12月", "2020年11月(未验收)", {}, "2020-12-31", None, ["actual-not-understood"]),
    ("2020年12月", "预计2020年11月完成", {}, "2020-12-31", None, ["actual-not-understood"]),
    ("2020年12月", "2020年11月计划完成", {}, "2020-12-31", None, ["actual-not-understood"]),
    ("2020年12月", "累计270场(2020-2022年)", {"operator": "期限"}, "2020-12-31", None, ["actual-not-understood"]),
    ("2020年12月", "2020年11月(见附件3)", {}, "2020-12-31", True, []),
    ("预计2020年12月", "2020年11月", {}, "2020-12-31", True, []),
    ("2020年12月", "二〇二〇年十一月", {}, "2020-12-31", True, []),
    ("2020年12月", "100%", {}, "2020-12-31", None, ["actual-not-a-number"]),
    ("2020年12月", "", {}, "2020-12-31", None, ["actual-missing"]),
    ("2020年", "2020年", {}, "2020-12-31", True, []),
    ("按期完成", "按期完成", {"operator": "期限"}, None, None, []),
    ("50场", "50场", {"operator": "期限"}, None, None, ["target-not-a-number", "actual-not-a-number"]),
]


@pytest.mark.parametrize(("target", "actual", "beside", "day", "met", "problems"), DEADLINES)
def test_deadlines(target, actual, beside, day, met, problems):
    pair = read_pair(target, actual, fiscal_year=2020, **beside)
    assert (pair.target_date, pair.met, codes(pair)) == (day and date.fromisoformat(day), met, problems)


def test_two_dates_without_a_year_are_compared_within_one():
    assert read_pair("11月前", "10月").met is True
    assert read_pair("11月前", "12月").met is False


def test_words_are_never_numbers():
    pair = read_pair("效果明显", "95%")
    assert (pair.kind, pair.target_low, pair.target_high, pair.met) == (PairKind.QUALITATIVE, None, None, None)
    assert read_pair("高", "高", operator="≥").kind is PairKind.AMBIGUOUS
    assert read_pair("100%", "100%", operator="定性").kind is PairKind.QUALITATIVE


def test_blank_targets_and_actuals():
    assert codes(read_pair("—", "43次", unit="次")) == ["target-missing"]
    assert codes(read_pair("", "")) == ["target-missing", "actual-missing"]
    assert codes(read_pair("不适用", "")) == []
    assert codes(read_pair("按期完成", "")) == ["actual-missing"]


# --- a word on no list --------------------------------------------------------------------------------------------------

CHANGING = (Path(__file__).parent / "data" / "changing_words.txt").read_text("utf-8").split()
SCORED = [
    ("≥270场", "270场"), ("≥95%", "95%"), ("≥270", "270"), ("≥270场", "举办讲座270场"), ("270场", "270场讲座"), ("≥270场", "270场(含线上20场)"),
    ("≥40万人次", "41.2万人次"), ("≤90万元", "支出89.5万元"),
]  # fmt: skip
PLACES = [
    "{word}{cell}",
    "{cell}{word}",
    "{cell}({word})",
    "({word}){cell}",
    "{cell},{word}",
    "{word}:{cell}",
    "{cell},其中{word}50场",
    "{cell} {word}",
]
SIGNS = "?@#&^$|;…±→☆★△●◎■√※§†_\\"
unknown_words = st.one_of(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4).filter(
        lambda word: understood(word) is None and not parts_known(word)
    ),
    st.sampled_from(["quxiao", "weiban", "jihua", "abc", "TBD", "Q3", "foo"]),
    st.text(SIGNS, min_size=1, max_size=2).filter(lambda word: word.strip(";")),
)


def parts_known(word):
    return read_head(word) is not None or read_tail(word) is not None or read_tail(f"场{word}") is not None


@pytest.mark.parametrize(("target", "cell"), SCORED)
@pytest.mark.parametrize("place", PLACES)
def test_a_word_that_changes_the_sense_turns_a_scored_cell_into_a_question(target, cell, place):
    assert read_pair(target, cell, name="举办讲座场次", fiscal_year=2022).met is True
    scored = [
        word for word in CHANGING if read_pair(target, place.format(word=word, cell=cell), name="举办讲座场次", fiscal_year=2022).met is not None
    ]
    assert scored == []


@often(250)
@given(unknown_words, st.sampled_from(SCORED), st.sampled_from(PLACES))
def test_a_word_on_no_list_turns_a_scored_cell_into_a_question(word, scored, place):
    target, cell = scored
    pair = read_pair(target, place.format(word=word, cell=cell), name="举办讲座场次", fiscal_year=2022)
    assert pair.met is None
    assert codes(pair)


@often(200)
@given(unknown_words, st.sampled_from(["{word}{cell}", "{cell}({word})", "{cell},{word}"]))
def test_a_word_on_no_list_in_a_target_is_a_question(word, place):
    pair = read_pair(place.format(word=word, cell="≥270场"), "270场", operator="≥", fiscal_year=2022)
    assert (pair.kind, pair.met) == (PairKind.AMBIGUOUS, None)


# --- properties -------------------------------------------------------------------------------------------------------

cells = st.text(alphabet="0123456789.%‰≥≤<>=-~()万亿千年月日前以上不少于约近余场人次个元/每达降低增长完成 ", max_size=10)


@often(500)
@given(cells, cells, st.sampled_from(["", "≥", "≤", "=", "定性", "期限", "?"]), st.sampled_from(["", "%", "万元", "场"]), cells)
def test_pairing_never_raises_and_met_needs_two_sides(target, actual, operator, unit, name):
    pair = read_pair(target, actual, operator=operator, unit=unit, name=name, fiscal_year=2020)
    if pair.met is not None:
        assert pair.kind in {PairKind.QUANTITY, PairKind.RANGE, PairKind.DEADLINE}
        assert pair.actual_kind in {ActualKind.QUANTITY, ActualKind.BOUND, ActualKind.RANGE, ActualKind.DATE}
    if pair.kind is PairKind.AMBIGUOUS or pair.actual_kind is ActualKind.AMBIGUOUS:
        assert pair.met is None


@often(300)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["≥", ">", "≤", "<", "="]))
def test_exact_numbers_compare_as_numbers(target, actual, operator):
    expected = {"≥": actual >= target, ">": actual > target, "≤": actual <= target, "<": actual < target, "=": actual == target}
    assert read_pair(f"{operator}{target}个", f"{actual}个").met is expected[operator]
