from __future__ import annotations

import ast
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from building import scored

from perfxl.schemes import Scheme, SchemeError, Source, Sourced, data_items, load_scheme, scheme_files, scheme_titles
from perfxl.schemes.keys import keys_of
from perfxl.schemes.loading import scheme_named
from perfxl.schemes.shown import basis_rows, scheme_lines, write_new_scheme
from perfxl.values.vocabulary import DEFAULT_LOWER_NAMES

GAP_BETWEEN_TIERS = """[qualitative]
tiers = [
  { name = "达成", low = 0.8, high = 1, default = 1 },
  { name = "部分达成", low = 0.5, high = 0.7, default = 0.6 },
  { name = "未达成", low = 0, high = 0.5, default = 0 },
]"""
BUILT_IN = sorted(scheme_files())


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "ours.toml"
    path.write_text('id = "ours"\nextends = "national-2020"\n' + text, "utf-8")
    return str(path)


def test_the_built_in_schemes_are_the_ones_the_readme_names():
    assert BUILT_IN == ["department-2013", "hubei", "jiangxi", "national-2020", "national-2021", "transfer-payment", "yueyang"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_number_of_a_built_in_scheme_has_title_place_and_mark(name):
    scheme = load_scheme(name)
    rows = list(basis_rows(scheme))
    assert len(rows) > 30
    assert [row for row in rows if any(ch.isdigit() for ch in row[2]) and not (row[3] and row[4])] == []
    assert all(s.title and s.place and s.mark and s.cite for s in scheme.sources.values())


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_scheme_is_shown_in_chinese_without_keys_or_identifiers(name):
    shown = "\n".join(f"{group} {key} {value}" for group, key, value, _, _ in basis_rows(load_scheme(name)))
    assert re.findall(r"[A-Za-z_]{2,}", shown.replace("perfxl", "")) == []
    assert next(scheme_lines(load_scheme(name))).endswith(f"[{name}]")


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("wieght = 3", "wieght", "可用的键"),
        ("[budget]\nwieght = 3", "budget.wieght", "weight"),
        ('[budget]\nmode = "stairs"', "budget.mode", "linear、tiers、deduct"),
        ('[budget]\nweight = "ten"', "budget.weight", "数"),
        ('[budget]\nweight = 20\nsource = "linear"', "levels", "110"),
        ('[[levels]]\nname = "产出指标"\nweight = 90', "levels[0].weight", "依据"),
        ('[budget]\nsources = { weight = "nowhere" }', "budget.weight", "nowhere"),
        ('[grades]\nbands = [{ name = "优", at_least = 60 }, { name = "良", at_least = 80 }]', "grades.bands", "从高到低"),
        ('[grades]\nbands = [{ name = "优", at_least = 80 }, { name = "良", at_least = 80 }]', "grades.bands", "从高到低"),
        ('[budget]\nmode = "tiers"\nsources = { tiers = "design" }\ntiers = [{ at_least = 0.5, points = 5 }]', "budget.tiers", "从 0 开始"),
        ('[budget]\nmode = "tiers"\nsources = { tiers = "design" }\ntiers = [{ at_least = 0, points = 50 }]', "budget.tiers", "不能超过"),
        ("[budget]\ntiers = [{ at_leas = 0, points = 5 }]", "budget.tiers[0].at_leas", "at_least"),
        ('[budget]\nsource = "design"\nmode = "deduct_per_step"\ndeduct_step = 0.05', "budget.deduct_step", "deduct_points"),
        ('[quantitative]\nsource = "design"\nshortfall = "deduct_per_step"\ndeduct_points = 2', "quantitative.deduct_step", "大于 0"),
        ('[reverse]\nsource = "design"\nshortfall = "deduct_per_step"', "reverse.deduct_step", "大于 0"),
        ('[quantitative]\nsource = "design"\nsteps = [{ at_least = 0.9, above = 0.8, share = 0.8 }]', "quantitative.steps", "中的一个"),
        ('[quantitative]\nsource = "design"\nover_steps = [{ share = 0.8 }]', "quantitative.over_steps", "中的一个"),
        (
            '[quantitative]\nsource = "design"\nsteps = [{ at_least = 0.9, share = 0.9 }, { above = 0.9, share = 0.8 }]',
            "quantitative.steps",
            "从高到低",
        ),
        (GAP_BETWEEN_TIERS, "qualitative.tiers", "首尾相接"),
        ('[quantitative]\nover_completion = "minus"', "quantitative.over_minus", "大于 0"),
        ("title = 3", "title", "文字"),
        ('[budget]\nmode = "按档"', "budget.mode", "“按档”"),
        (
            '[budget]\nmode = "tiers"\nsource = "design"\ntiers = [{ at_least = 95, points = 10 }, { at_least = 0, points = 0 }]',
            "budget.tiers",
            "0.95",
        ),
        ('[total_caps]\nsource = "design"\ncaps = [{ rate_below = 60, at_most = 69 }]', "total_caps.caps", "0.95"),
        ('[checks]\nsource = "design"\nexecution_reason_below = 90', "checks.execution_reason_below", "0.95"),
        ('[grades]\nsource = "design"\nbands = [{ name = "优", at_least = 90 }, { name = "良", at_least = 75 }]', "grades.bands", "从 0 开始"),
        ('[rounding]\nsource = "design"\ndecimals = -1', "rounding.decimals", "小于 0"),
        ('[budget]\nmode = "tiers"\ntiers = [{ at_least = 0.95, points = 10 }, { at_least = 0, points = 0 }]', "budget.tiers", "依据"),
        ("[checks]\nevidence_points = 20", "checks.evidence_points", "sources = { evidence_points"),
        ("[budget]\nmode = “tiers”", "第4行", "全角符号 “”"),
        ("[budget]\nweight = １０", "第4行", "全角符号 １０"),
        ("[budget]\ntiers = [{ at_least = 0.95 points = 20 }]", "第4行", "漏了逗号"),
        ('[budget]\nmode = "linear"\nmode = "tiers"', "第5行", "写了两次"),
    ],
)
def test_a_wrong_scheme_names_file_key_and_what_is_allowed(tmp_path, text, key, hint):
    with pytest.raises(SchemeError) as caught:
        load_scheme(written(tmp_path, text))
    message = str(caught.value)
    assert message.startswith("ours.toml：")
    assert key in message
    assert hint in message


def test_an_unreadable_scheme_says_why(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("id = ", "utf-8")
    latin = tmp_path / "latin.toml"
    latin.write_bytes("id = '评分'".encode("gbk"))
    for path, word in ((broken, "TOML"), (latin, "UTF-8"), (tmp_path / "none.toml", "读不到")):
        with pytest.raises(SchemeError, match=word):
            load_scheme(str(path))
    with pytest.raises(SchemeError, match="national-2020"):
        load_scheme("nowhere")


def test_a_scheme_that_extends_inherits_what_it_does_not_change():
    base, local = load_scheme("national-2020"), load_scheme("jiangxi")
    assert (local.levels, local.reverse, local.grades) == (base.levels, base.reverse, base.grades)
    assert (base.budget.mode, local.budget.mode) == ("linear", "tiers")
    assert local.budget.source_of("tiers") == "jiangxi"
    assert local.budget.source_of("weight") == "weights"


def test_a_changed_word_has_the_source_of_the_numbers_changed_with_it_not_that_of_the_base(tmp_path):
    text = (
        '[budget]\nsources = { tiers = "design" }\nmode = "tiers"\ntiers = [{ at_least = 0, points = 0 }]\n[quantitative]\nover_completion = "none"'
    )
    scheme = load_scheme(written(tmp_path, text))
    assert (scheme.budget.source_of("mode"), scheme.budget.source_of("base")) == ("design", "base")
    assert scheme.quantitative.source_of("over_completion") == ""


def test_a_scheme_without_id_and_title_goes_by_its_file_and_not_by_its_base(tmp_path):
    path = tmp_path / "示例县.toml"
    path.write_text('extends = "jiangxi"\n', "utf-8")
    scheme = load_scheme(str(path))
    assert (scheme.id, scheme.title, scheme.aliases) == ("示例县", "示例县", ())
    assert scheme.note == "在“江西（预算执行按档）”的基础上修改。"


def test_a_scheme_saved_by_notepad_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + b'id = "bom"\nextends = "national-2020"\n')
    assert load_scheme(str(path)).id == "bom"


def test_a_scheme_that_extends_an_unknown_one_names_those_there_are(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text('id = "ours"\nextends = "natonal-2020"\n', "utf-8")
    with pytest.raises(SchemeError, match=r"ours\.toml：extends：没有名为“natonal-2020”的评分方案。可用：.*national-2020"):
        load_scheme(str(path))


def test_every_source_of_a_shown_scheme_is_printed_once_and_referred_to():
    lines = list(scheme_lines(load_scheme("department-2013")))
    at = lines.index("\n依据")
    numbers = re.findall(r"  \[(\d+)\]", "\n".join(lines[:at]))
    assert [line.split("]")[0].strip(" [") for line in lines[at + 1 :]] == list(dict.fromkeys(numbers))
    assert len(set(lines[at + 1 :])) == len(lines[at + 1 :]) < 20


def test_every_example_of_a_new_scheme_loads_once_uncommented(tmp_path):
    path = tmp_path / "new.toml"
    write_new_scheme(path)
    head = path.read_text("utf-8").partition("# ------")[0]
    examples = re.findall(r"的写法[^\n]*：\n((?:# [^\n]*\n)+)", head)
    assert len(examples) == 5
    path.write_text(head + "".join(re.sub(r"(?m)^# ", "", example) for example in examples), "utf-8")
    scheme = load_scheme(str(path))
    assert [band.name for band in scheme.grades.bands] == ["优秀", "良好", "中等", "合格", "不合格"]
    assert scheme.total_caps.source_of("caps") == scheme.budget.source_of("mode") == "local"


def test_scheme_titles_are_chinese_and_lead_to_their_scheme():
    assert scheme_titles()["全国通用(2020)"] == "national-2020"
    assert scheme_titles()["江西（预算执行按档）"] == "jiangxi"


def test_lower_is_better_names_of_the_national_scheme_are_the_readers_default():
    assert load_scheme("national-2020").reverse.names == DEFAULT_LOWER_NAMES


def test_a_new_scheme_loads_and_is_never_written_over_a_file(tmp_path):
    path = tmp_path / "本地.toml"
    write_new_scheme(path)
    assert load_scheme(str(path)).levels == load_scheme("national-2020").levels
    with pytest.raises(SchemeError, match="已存在"):
        write_new_scheme(path)
    with pytest.raises(SchemeError, match=r"\.toml"):
        write_new_scheme(tmp_path / "本地.txt")


def test_every_key_of_the_records_is_explained_in_the_new_scheme(tmp_path):
    path = tmp_path / "new.toml"
    write_new_scheme(path)
    text = path.read_text("utf-8")
    for table in (load_scheme("national-2020").budget, load_scheme("national-2020").quantitative):
        missing = [f.name for f in msgspec.structs.fields(table) if f.name not in text]
        assert missing == [n for n in missing if n in ("deduct_per_point", "steps", "over_steps", "over_minus", "pass_threshold")]


@pytest.mark.parametrize("text", ["__import__('os')", "甲.actual ** 2", "甲.other", "甲.actual / ", "'甲'", "甲.actual if 1 else 2"])
def test_a_management_expression_holds_arithmetic_over_data_items_only(text):
    with pytest.raises(ValueError, match="算式"):
        data_items(text)


# what the built-in packs say, and who said it

EVIDENCE = {
    ("mode", "linear"): "执行率×该指标分值",
    ("mode", "tiers"): "得7分",
    ("mode", "deduct"): "每超过一个百分点扣",
    ("mode", "deduct_per_step"): "每低于5%扣",
    ("mode", "bands"): "计2分",
    ("base", "full_year"): "÷全年预算数",
    ("over_full", "cap"): "最高不得超过分值上限",
    ("shortfall", "ratio"): "比例计分|指标值÷",
    ("over_completion", "reason"): "须填写原因",
    ("score", "claimed"): "自评得分应在",
    ("policy", "rescale"): "折算为100分",
    ("lower_bound", "inclusive"): "90.含.",
    ("adjustment_reason", "required"): "预算有调整须说明原因",
    ("budget_lines", "optional"): "资金只有.年度财政资金总额.一行",
    ("direction", "lower"): "超过",
    ("direction", "higher"): "≥|低于",
}
"""Key and word to what a source must say for it."""
SENTENCES = frozenset({"value", "asks"})
"""Longer than a place can repeat; each names a source of its own."""


def stands(table: msgspec.Struct, key: str, place: str) -> bool:
    """Whether a value stands in the words of a source."""
    value = getattr(table, key)
    if isinstance(value, str) and keys_of(type(table))[key].words:
        return bool(re.search(EVIDENCE.get((key, value), "(?!)"), place))
    text = f"{keys_of(type(table))[key].shown(value)} {'' if isinstance(value, str | tuple | dict) else value:}".replace(",", "")
    if isinstance(value, str) or (isinstance(value, tuple) and value and isinstance(value[0], str)):
        return all(word in place for word in ([value] if isinstance(value, str) else value))
    numbers = {n for n in re.findall(r"\d+(?:\.\d+)?", text if not isinstance(value, int | float) else text.split("%")[0].split()[0]) if n != "0"}
    return all(re.search(rf"(?<![\d.]){re.escape(n)}(?![\d.])", place) for n in numbers)


def unsaid(scheme: Scheme) -> Iterator[str]:
    """Keys whose value does not stand in the place of their source, unless the source says that nothing stands behind it."""
    for name in keys_of(Scheme):
        tables = getattr(scheme, name)
        for table in tables if isinstance(tables, tuple) else (tables,):
            if not isinstance(table, Sourced):
                continue
            for key in keys_of(type(table)).values():
                source = scheme.sources.get(table.source_of(key.name))
                if key.name in ("source", "sources", "name") or not key.in_use(table):
                    continue
                if source is None:
                    yield f"{name}.{key.name}: no source"
                elif (
                    source.mark not in ("D", "U")
                    and not (key.name in SENTENCES and key.name in table.sources)
                    and not stands(table, key.name, source.place)
                ):
                    yield f"{name}.{getattr(table, 'name', '')}.{key.name} = {key.shown(getattr(table, key.name))}：{source.place}"


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_value_stands_in_the_place_of_its_source_or_the_source_says_that_nothing_does(name):
    assert list(unsaid(load_scheme(name))) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_nobody_has_read_is_quoted_as_such(name):
    sources = load_scheme(name).sources.values()
    assert [s.cite for s in sources if s.mark == "U" and not ("未见原文" in s.cite and "未见原文" in s.place)] == []
    assert [s.cite for s in sources if s.mark == "D" and s.cite != "本方案默认值"] == []


def test_the_sources_that_were_wrong_stay_right():
    national, jiangxi = load_scheme("national-2020"), load_scheme("jiangxi")
    design = {
        ("budget", "zero_budget"), ("quantitative", "equal"), ("quantitative", "missing_actual"), ("quantitative", "not_positive_target"),
        ("reverse", "names"), ("reverse", "level2"),
    }  # fmt: skip
    assert {(table, key) for table, key in design if getattr(national, table).source_of(key) == "design"} == design
    assert "历城" not in national.sources[national.budget.source_of("base")].title
    assert "10号" not in national.sources[national.quantitative.source_of("over_completion")].title
    assert jiangxi.sources[jiangxi.budget.source_of("tiers")].cite == "江西系统的分档（未见原文）"


# Yueyang's table, as its finance bureau prints it


def yueyang(name: str, **item: dict[str, float]) -> dict[str, Any]:
    """One management indicator of the pack, scored from one data item; row and issues."""
    scheme = load_scheme("yueyang")
    indicator = next(m for m in scheme.management if m.name == name)
    row = {"level1": indicator.level1, "level2": indicator.level2, "level3": name, "weight": indicator.weight}
    data = [{"item": item_name, **values} for item_name, values in item.items()]
    results = scored([row], scheme, management=data)
    return results.frames.indicators.iloc[0].to_dict()


def test_the_second_levels_of_yueyang_carry_what_the_page_prints():
    sums: dict[str, float] = {}
    for m in load_scheme("yueyang").management:
        sums[m.level2] = sums.get(m.level2, 0) + m.weight
    assert sums == {"预算配置": 15, "预算执行": 15, "预算管理": 15, "预算完成": 5, "资产管理": 5}
    executed = [m.weight for m in load_scheme("yueyang").management if m.level2 == "预算执行"]
    assert executed == [3, 3, 3, 6]


@pytest.mark.parametrize(
    ("name", "item", "rate", "points"),
    [
        ("预算完成率", "支出预算", 0.928, 3),
        ("预算完成率", "支出预算", 0.9927, 5),
        ("预算完成率", "支出预算", 0.95, 3),
        ("预算完成率", "支出预算", 0.9501, 5),
        ("预算完成率", "支出预算", 0.9, 1),
        ("预算完成率", "支出预算", 0.85, 0),
        ("预算完成率", "支出预算", 1.2, 5),
        ("政府采购执行率", "政府采购", 0.9927, 6),
        ("政府采购执行率", "政府采购", 0.928, 4),
        ("政府采购执行率", "政府采购", 0, 0),
    ],
)
def test_yueyang_deducts_per_whole_five_percent(name, item, rate, points):
    assert yueyang(name, **{item: {"budgeted": 10000, "actual": 10000 * rate}})["score"] == points


@pytest.mark.parametrize(
    ("name", "item", "last_year", "actual", "points"),
    [
        ("资金结余", "结转结余总额", 0, 0, 3),
        ("资金结余", "结转结余总额", 0, 10, 0),
        ("资金结余", "结转结余总额", 10, 10, 2),
        ("资金结余", "结转结余总额", 10, 11, 0),
        ("“三公经费”变动率", "三公经费", 0, 5, 0),
        ("“三公经费”变动率", "三公经费", 0, 0, 5),
        ("“三公经费”变动率", "三公经费", 10, 10.2, 4),
    ],
)
def test_a_last_year_of_nothing_is_computed_and_not_missing(name, item, last_year, actual, points):
    row = yueyang(name, **{item: {"last_year": last_year, "actual": actual}})
    assert (row["score"], row["status"]) == (points, "scored")


def test_a_blank_last_year_and_a_budget_of_nothing_stay_open():
    assert yueyang("资金结余", 结转结余总额={"actual": 10})["status"] == "missing"
    assert yueyang("预算完成率", 支出预算={"budgeted": 0, "actual": 10})["status"] != "scored"


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_second_level_a_scheme_offers_leads_to_its_own_first_level_where_that_is_blank(name):
    scheme = load_scheme(name)
    offered = [(level.name, two) for level in scheme.levels for two in level.level2]
    rows = [{"level1": "", "level2": two, "level3": f"指标{i}", "target": "5场", "actual": "5场", "weight": 1} for i, (_, two) in enumerate(offered)]
    results = scored(rows, scheme)
    assert results.frames.indicators["block"].tolist() == [one for one, _ in offered]
    assert [issue.code for issue in results.issues if issue.code == "level-unknown"] == []


# who reads a key


def test_every_key_of_a_scheme_is_read_by_somebody_outside_the_schemes():
    read = set()
    for path in sorted((Path(__file__).parents[1] / "perfxl").rglob("*.py")):
        if path.parent.name != "schemes":
            nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
            read |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            read |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # threshold(c, "peer_factor")
    seen, unread, waiting = set(), [], [Scheme]
    while waiting:
        record = waiting.pop()
        seen.add(record)
        for key in keys_of(record).values():
            if key.record is not None and key.record not in seen:
                waiting.append(key.record)
            if record is not Source and key.name not in ("source", "sources", "extends", "aliases", "at_least", "above") and key.name not in read:
                unread.append(f"{record.__name__}.{key.name}")
    assert unread == []


def test_every_choice_has_a_word_for_each_of_its_values_and_every_key_a_title():
    records, waiting = set(), [Scheme]
    while waiting:
        record = waiting.pop()
        records.add(record)
        waiting += [key.record for key in keys_of(record).values() if key.record is not None and key.record not in records]
    for record in records:
        for field in msgspec.structs.fields(record):
            key = keys_of(record).get(field.name)
            if key is None or field.name in ("source", "sources", "note", "aliases", "extends"):
                continue
            kind = field.type.__origin__ if hasattr(field.type, "__metadata__") else field.type
            if typing.get_origin(kind) is typing.Literal and field.name != "name":
                assert set(key.words) == set(typing.get_args(kind)), f"{record.__name__}.{field.name}"
            assert field.name == "name" or key.title != field.name, f"{record.__name__}.{field.name}"


# how a scheme and a code are named


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("江西", "jiangxi"),
        ("江西（预算执行按档）", "jiangxi"),
        ("江西(预算执行按档)", "jiangxi"),
        (" 湖北 ", "hubei"),
        ("岳阳", "yueyang"),
        ("全国通用", "national-2020"),
        ("全国通用（２０２１）", "national-2021"),
        ("JiangXi", "jiangxi"),
        ("江苏", ""),
        ("", ""),
    ],
)
def test_a_scheme_goes_by_its_id_its_title_or_the_titles_short_form(name, found):
    assert scheme_named(name) == found


def test_a_scheme_file_may_end_in_capitals(tmp_path):
    path = tmp_path / "本地.TOML"
    path.write_text('extends = "national-2020"\n', "utf-8")
    assert load_scheme(str(path)).title == "本地"


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("[budget]\nsources = { tolerance = 'design' }\ntolerance = -1", "budget.tolerance", "“每一行金额允许的尾差”应不小于 0，写的是 -1"),
        ("[checks]\nsources = { outrun_share = 'design' }\noutrun_share = 1.5", "checks.outrun_share", "应不大于 1，写的是 1.5；比例写成小数"),
        ("[checks]\nsources = { peer_factor = 'design' }\npeer_factor = nan", "checks.peer_factor", "应大于 1，写的是 nan"),
        ("[rounding]\nsources = { decimals = 'design' }\ndecimals = 40", "rounding.decimals", "应不大于 6"),
        ("[[levels]]\nsource = 'design'\nname = ''\nweight = 90", "levels[0].name", "不能是空的"),
        ("[[levels]]\nsource = 'design'\nname = '产出指标'\nweight = 90\ngives_to = { '产出指标' = -90 }", "gives_to", "应大于 0"),
        ("[quantitative]\nsources = { over_at = 'design' }\nover_at = 130.5", "quantitative.over_at", "应不大于 100"),
        ("[quantitative]\nsource = 'design'\nshortfall = 'deduct_per_step'", "quantitative.deduct_step", "deduct_points"),
        (
            "[budget]\nsource = 'design'\nmode = 'tiers'\ntiers = [{ at_least = 1, above = 1, points = 10 }, { at_least = 0, points = 0 }]",
            "budget.tiers",
            "中的一个",
        ),
    ],
)
def test_a_bound_of_a_key_refuses_in_the_keys_own_words(tmp_path, text, key, hint):
    with pytest.raises(SchemeError) as caught:
        load_scheme(written(tmp_path, text))
    assert key in str(caught.value)
    assert hint in str(caught.value)


def test_a_bound_that_excludes_is_shown_as_one_and_a_number_keeps_its_digits(tmp_path):
    text = (
        "[budget]\nsource = 'design'\nmode = 'tiers'\n"
        "tiers = [{ above = 0.9, points = 10 }, { at_least = 0.9, points = 8.3333333 }, { at_least = 0, points = 0 }]\n"
        "[checks]\nsources = { execution_reason_below = 'design' }\nexecution_reason_below = 0.6666666"
    )
    shown = {(group, key): value for group, key, value, _, _ in basis_rows(load_scheme(written(tmp_path, text)))}
    assert shown["预算执行", "档次"] == "90%以上（不含）得10分；90%及以上得8.3333333分；0%及以上得0分"
    assert shown["检查", "执行率低于此须说明"] == "66.66666%"


def test_a_scheme_may_deduct_per_whole_step_and_leave_a_bound_out(tmp_path):
    path = tmp_path / "本地.toml"
    path.write_text(
        'extends = "national-2020"\n[budget]\nsource = "design"\nmode = "tiers"\n'
        "tiers = [{ above = 0.9, points = 10 }, { at_least = 0.9, points = 8 }, { at_least = 0, points = 0 }]\n"
        '[quantitative]\nsource = "design"\nshortfall = "deduct_per_step"\ndeduct_step = 0.05\ndeduct_points = 2\n',
        "utf-8",
    )
    shown = "\n".join(scheme_lines(load_scheme(str(path))))
    assert "90%以上（不含）得10分；90%及以上得8分" in shown
    assert "未完成：按整档扣分" in shown
    assert "每整档扣分：2" in shown
