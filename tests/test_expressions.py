"""What is looked for without a pattern is what the pattern would find: words by slices, gates before a pattern that few texts can match."""

from __future__ import annotations

import random
import re
from types import ModuleType

import pytest

from perfxl.intake import levels, tables
from perfxl.intake.submission import folded
from perfxl.values import dates, execution, outcome, outcome_words, reading, stage_words, stages, vocabulary
from perfxl.values.expressions import LazyPattern, OneOf, RarePattern
from perfxl.values.numerals import spelled

SIGNS = "的了,;.:()不未无没零一二三四十百0123456789%年月日起件次人个前第外除中实/·-~至元单位"
LISTS = (
    outcome_words.DENIES,
    outcome_words.FLAWS,
    outcome_words.ACHIEVED,
    outcome_words.HEDGES,
    outcome_words.GRADES,
    stage_words.UP,
    stage_words.DOWN,
)


def texts(words: list[str], rounds: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choice(words if rng.random() < 0.6 else SIGNS) for _ in range(rng.randint(0, 7))) for _ in range(rounds)]


@pytest.mark.parametrize("listed", LISTS)
def test_words_are_found_where_their_alternation_finds_them(listed):
    words, pattern = OneOf(listed), re.compile(OneOf(listed).pattern)
    for text in texts(listed.split(), 400, seed=1):
        assert list(words.finditer(text)) == [(found.start(), found[0]) for found in pattern.finditer(text)]
        assert words.sub("·", text) == pattern.sub("·", text)
        assert bool(words.search(text)) == bool(pattern.search(text))


def test_the_longest_word_of_a_place_is_found_and_none_within_it():
    words = OneOf("未 未发生 发生", "零")
    assert [found.word for found in words.finditer("未发生投诉,未零发生")] == ["未发生", "未", "零", "发生"]
    assert words.search("完成") is None
    assert words.sub("·", "完成") == "完成"


def gated(module: ModuleType) -> list[tuple[str, RarePattern]]:
    named = [(name, value if isinstance(value, tuple) else (value,)) for name, value in vars(module).items()]
    return [(f"{module.__name__}.{name}", each) for name, values in named for each in values if isinstance(each, RarePattern)]


GATED = [each for module in (dates, outcome, reading, stages, tables) for each in gated(module)]


@pytest.mark.parametrize("pattern", [pattern for _, pattern in GATED], ids=[name for name, _ in GATED])
def test_a_text_that_a_rare_pattern_matches_holds_what_it_needs(pattern):
    bare = pattern._pattern
    words = [word for text in LISTS for word in text.split()] + re.findall(r"[\u4e00-\u9fff]+|[*xX_…≥=]+", bare.pattern)
    for text in texts(words, 1500, seed=2):
        assert pattern.sub("·", text) == bare.sub("·", text)
        assert bool(pattern.match(text)) == bool(bare.match(text))
        assert bool(pattern.search(text)) == bool(bare.search(text))
        assert [found.span() for found in pattern.finditer(text)] == [found.span() for found in bare.finditer(text)]


def test_there_are_rare_patterns_to_try():
    assert len(GATED) >= 15


NUMBERED = """
24小时自助图书馆 7*24小时服务 15分钟阅读圈 65岁以上老年人 60-80岁老人 省级以上重点 12345热线 110接警 5G网络 3A级景区 第3届读书节 PM2.5浓度 PM10浓度
3.15宣传 12·4宣传 1+X证书 3类5场 12345政务平台 12315投诉 122报警
"""


@pytest.mark.parametrize("text", NUMBERED.split())
def test_a_number_that_is_a_name_is_taken_away_whatever_it_looks_like(text):
    assert reading._NUMBERED.sub("", text) == LazyPattern("|".join(vocabulary.NUMBERED)).sub("", text) != text


def test_a_level_of_words_alone_is_what_the_pattern_leaves_of_it():
    words = [
        "产出",
        "效益",
        "满意度",
        "指标",
        "类",
        "年度",
        "一、",
        "（1）",
        "★",
        "①",
        "(50分)",
        "【30】",
        ":",
        "分",
        "10",
        "%",
        "共",
        "权重",
        "二级",
    ]
    for text in texts(words, 1500, seed=3):
        found = levels._LEVEL.fullmatch(folded(text))
        assert levels.plain_level(text) == (found["word"] if found else folded(text)).replace("类指标", "指标")


def test_a_name_is_execution_where_the_whole_patterns_say_so():
    words = [
        word for word in (*execution.PERIODS, *execution.OWNERS, *execution.MONEY, *execution.MONEY_HEADS, "指标", "会议", "设备") if "\\" not in word
    ]
    names = texts([*words, *execution.MONEY, *execution.MONEY_HEADS], 3000, seed=4)
    found = [execution.is_execution(name) for name in names]
    for name, said in zip(names, found, strict=True):
        bare = execution._AROUND.sub("", execution._AROUND.sub("", spelled(name)))
        whole = bool(execution._BARE.match(bare) or execution._WHOLE.match(bare)) and bare not in execution.LOOK_ALIKES
        assert said == (whole and any(word in spelled(name) for word in ("执行", "支", "完成", "使用")))
    assert any(found)
