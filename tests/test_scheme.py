from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from perfxl.schemes import SchemeError, data_items, load_scheme, scheme_files, scheme_titles
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
    assert BUILT_IN == ["department-2013", "hubei", "jiangxi", "national-2020", "national-2021", "yueyang"]


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
    assert (scheme.budget.source_of("mode"), scheme.budget.source_of("base")) == ("design", "linear")
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
