from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from office import office, pages, to_pdf
from report_samples import FIELDS, SEED_INDICATORS, SEED_REPORT, intake, scored

from perfxl.cli import run
from perfxl.model import PerfxlError
from perfxl.model.columns import REPORT_SECTIONS
from perfxl.word.crosscheck.engine import crosscheck_text
from perfxl.word.crosscheck.findings import Verdict
from perfxl.word.documents import docx_blocks
from perfxl.word.phrases import clause, pronoun
from perfxl.word.report.facts import report_context
from perfxl.word.report.word_template import TEMPLATE_NAME, template_bytes
from perfxl.word.report.writing import report_bytes, shipped_template

ROOT = Path(__file__).parents[1]

SEED_FIGURES = (
    "2020年", "8个部门", "26人", "3人", "640.84万元", "555.83万元", "86.73%", "0.92万元", "100%", "641.76万元", "556.75万元", "86.75%",
    "40万人次", "270场", "红色文献主题馆1个", "平台1个", "2020—2021年", "第四批", "水、电消耗1%", "高达100%", "95%以上", "小于1%", "结果为优",
)  # fmt: skip


def text_of(document: bytes) -> str:
    return "\n".join(block.text for block in docx_blocks(document))


def written(**parts) -> str:
    return text_of(report_bytes(report_context(scored(**parts), 0)))


# what it says


def test_report_of_the_seed_carries_every_figure_of_the_seed_report():
    said = written()
    seed = SEED_REPORT.read_text("utf-8")
    assert [figure for figure in SEED_FIGURES if figure not in said] == []
    assert [figure for figure in SEED_FIGURES if figure.removesuffix("个部门") not in seed and figure != "8个部门"] == []


def test_execution_paragraph_has_the_three_rates_and_reads_as_the_seed_does():
    paragraphs = report_context(scored(), 0)["sections"]["budget"]["paragraphs"]
    (said,) = paragraphs
    assert said == (
        "我馆2020年财政拨款全年预算数为640.84万元，全年执行数为555.83万元，执行率达86.73%；其他资金全年预算数为0.92万元，全年执行数为0.92万元，"
        "执行率达100%；基本支出的全年预算数为641.76万元，全年执行数为556.75万元，执行率达86.75%。"
    )
    assert said in SEED_REPORT.read_text("utf-8")


def test_outline_is_the_seeds():
    said = written()
    headings = [
        "一、部门概况",
        *(f"（{n}）{t}" for n, t in zip("一二三四五", REPORT_SECTIONS[:5], strict=True)),
        "二、部门整体支出绩效实现情况",
        *(f"（{n}）{t}" for n, t in zip("一二三", REPORT_SECTIONS[5:8], strict=True)),
        "三、部门整体支出绩效中存在问题及改进措施",
        "四、绩效自评结果拟应用和公开情况",
        "附件1",
        "附件2",
    ]
    places = [said.index(heading) for heading in headings]
    assert places == sorted(places)


def test_own_words_of_the_unit_win_over_the_generated_section():
    own = "本馆按期完成全部任务。\n另有说明。"
    section = report_context(scored(texts={"履职完成情况": own}), 0)["sections"]["outputs"]
    assert section["paragraphs"] == ["本馆按期完成全部任务。", "另有说明。"]


def test_blank_workbook_says_nothing_and_lists_what_is_missing():
    context = report_context(scored(fields=dict.fromkeys(FIELDS) | {"单位名称": "某某局", "预算年度": "2020"}, budget=[], goals=[], indicators=[]), 0)
    assert {key: section["paragraphs"] for key, section in context["sections"].items()} == {key: [] for key in context["sections"]}
    assert [m["kind"] for m in context["missing"]].count("需要补写") == 10
    assert "【待补充】" in text_of(report_bytes(context))
    assert "为，" not in text_of(report_bytes(context))


def test_missing_actual_has_no_sentence_but_an_entry_with_its_cell():
    context = report_context(scored(), 0)
    assert "读者人次" not in "".join(context["sections"]["outputs"]["paragraphs"])
    entry = context["missing"][0]
    assert (entry["kind"], entry["place"]) == ("必须改正", "绩效指标!G2")
    assert "40万人次" in entry["what"]


def test_total_is_said_where_no_line_equals_it():
    lines = [("按来源", "当年财政拨款", 600, 640.84, 555.83), ("按来源", "其他资金", None, 0.92, 0.92)]
    said = report_context(scored(budget=lines), 0)["sections"]["budget"]["paragraphs"][0]
    assert "年初预算数为600万元，全年预算数为640.84万元" in said
    assert said.endswith("年度资金总额年初预算数为600万元，全年预算数为641.76万元，全年执行数为556.75万元，执行率达86.75%。")


def test_amounts_stand_as_typed():
    lines = [("按来源", "当年财政拨款", None, "640.80万元", "1,234.50"), ("按来源", "其他资金", None, 9200, 9200)]
    said = report_context(scored(budget=lines, fields={"金额单位": "元"}), 0)["sections"]["budget"]["paragraphs"][0]
    assert "全年预算数为640.80万元，全年执行数为1,234.50元" in said
    assert "其他资金全年预算数为9,200元" in said


@pytest.mark.parametrize(("name", "operator", "target", "unit", "actual", "said"), [
    ("免费服务读者人次", "≥", "40万人次", "人次", "41万人次", "免费服务读者41万人次"),
    ("开展各类阅读推广活动场数", "≥", "270", "场", "270", "开展各类阅读推广活动270场"),
    ("免费开放天数", "≥", "360天", "天", "361天", "免费开放361天"),
    ("新增藏书量", "≥", "3万册", "册", "3.6万册", "新增藏书量3.6万册"),
    ("图书验收合格率", "≥", "98%", "%", "99.5", "图书验收合格率达到99.5%"),
    ("读者投诉率", "≤", "1%", "%", "0.3%", "读者投诉率为0.3%"),
    ("读者投诉率", "<", "1%", "%", "小于1%", "读者投诉率小于1%"),
    ("办公用电量下降率", "≥", "3%", "%", "下降3.2%", "办公用电量下降3.2%"),
    ("购书经费", "≤", "120万元", "万元", "118.6", "购书经费为118.6万元"),
    ("服务外包离岸(万美元)", "≥", "4500", "", "4557.51", "服务外包离岸4557.51万美元"),
    ("项目完成及时性", "定性", "按期完成", "", "按期完成", "项目按期完成"),
    ("馆舍安全", "定性", "无事故", "", "良好", "馆舍安全良好"),
    ("新馆开放时间", "期限", "2020年12月底前", "", "2020年11月", "新馆开放于2020年11月完成"),
])  # fmt: skip
def test_clause_of_an_indicator_reads_as_a_person_would_write_it(name, operator, target, unit, actual, said):
    results = scored(indicators=[("产出指标", "数量指标", name, operator, target, unit, actual, None, 90)])
    row = results.frames.indicators.iloc[0].to_dict()
    assert clause(row) == said


def test_unit_speaks_of_itself_by_its_kind():
    assert [pronoun(n) for n in ("萍乡图书馆", "某市财政局", "某县人民医院", "某某有限公司", "")] == ["我馆", "我局", "我院", "我单位", "我单位"]


def test_report_of_a_workbook_never_contradicts_it():
    changed = [("免费服务读者人次", "actual", "41.2万人次"), ("读者投诉率", "actual", "0.35%"), ("读者使用满意度", "actual", "96.4%")]
    for results in (scored(), scored(changes=changed), scored(fields={"自评总分": "93.5", "编制人数": "30"})):
        findings = crosscheck_text(results, 0, docx_blocks(report_bytes(report_context(results, 0))))
        assert [f.message for f in findings if f.verdict in (Verdict.CONTRADICTS, Verdict.NOT_IN_TABLE)] == []


# the document


def test_committed_templates_are_what_the_function_draws():
    drawn = template_bytes()
    assert shipped_template() == drawn
    assert (ROOT / "workbook_templates" / TEMPLATE_NAME).read_bytes() == drawn


def test_same_workbook_gives_the_same_bytes():
    assert report_bytes(report_context(scored(), 0)) == report_bytes(report_context(scored(), 0))


def test_document_carries_no_clock_and_no_stranger():
    document = docx.Document(BytesIO(report_bytes(report_context(scored(), 0))))
    own = document.core_properties
    assert (own.author, own.last_modified_by, own.created.year, own.comments) == ("", "perfxl", 2021, "")
    assert own.title == "部门整体支出绩效自评报告"


def test_the_signature_is_never_alone_on_a_page():
    closing = [
        p for p in docx.Document(BytesIO(report_bytes(report_context(scored(), 0)))).paragraphs if p.text.startswith(("附件：", "2.待补充事项"))
    ]
    assert len(closing) == 2
    assert all(p.paragraph_format.keep_with_next for p in closing)


def test_page_is_that_of_an_official_document():
    document = docx.Document(BytesIO(report_bytes(report_context(scored(), 0))))
    section = document.sections[0]
    assert [round(m.mm) for m in (section.page_width, section.page_height, section.top_margin, section.left_margin)] == [210, 297, 37, 28]
    assert "PAGE" in section.footer._element.xml
    assert "PAGE" in section.even_page_footer._element.xml
    fonts = {n: document.styles[n].element.rPr.rFonts.get(docx.oxml.ns.qn("w:eastAsia")) for n in ("Normal", "Heading 1", "Heading 2")}
    assert fonts == {"Normal": "仿宋", "Heading 1": "黑体", "Heading 2": "楷体"}
    assert "FangSong" in zipfile.ZipFile(BytesIO(shipped_template())).read("word/fontTable.xml").decode()


@office
def test_report_opens_and_prints_in_libreoffice(tmp_path):
    path = tmp_path / "report.docx"
    path.write_bytes(report_bytes(report_context(scored(), 0)))
    assert 4 <= pages(to_pdf([path], tmp_path / "out")[0]) <= 9


# text stays text

PROBES = (
    "{{ 7*7 }}", "{% for x in y %}", "{%p if z %}", "{# 注 #}", "{_{ a }_} {_% b %_}", "<w:p/></w:t>", "&lt;b&gt; & \"x\"", "]]><!--", "{{ ''.__class__ }}",
    "${jndi}", "=cmd|'/c calc'!A1",
)  # fmt: skip


@pytest.mark.parametrize("probe", PROBES)
def test_text_of_the_workbook_is_shown_as_text(probe):
    context = report_context(scored(fields={"单位名称": probe}, texts={"履职完成情况": f"前{probe}后"}, goals=[(probe, None)]), 0)
    said = text_of(report_bytes(context))
    assert said.count(probe) >= 3
    assert f"前{probe}后" in said


def test_control_characters_do_not_reach_the_document():
    context = report_context(scored(), 0)
    context["unit"] = "甲\x07乙\x00\ud800丙\x0c丁￾"
    assert "甲乙丙丁" in text_of(report_bytes(context))


# templates of the office


def template_with(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def test_own_template_is_filled_in():
    own = template_with("{{ unit }}：{{ score.total }}", "{%p for text in sections.budget.paragraphs %}", "{{ text }}", "{%p endfor %}")
    said = text_of(report_bytes(report_context(scored(), 0), own, "own.docx"))
    assert said.startswith("萍乡图书馆：88.68\n我馆2020年财政拨款")


@pytest.mark.parametrize(("paragraphs", "named"), [
    (("{{ nothing }}",), "{{ nothing }}"),
    (("{{ unit }}", "{{ score.nothing }}"), "{{ score.nothing }}"),
    (("{{ unit",), "{{ unit"),
    (("{% for x in missing %}",), "{% for x in missing %}"),
    (("{%p if unit %}", "x"), "{%p if unit %}"),
    (("{% endfr %}",), "{% endfr %}"),
    (("{{ unit | nofilter }}",), "{{ unit | nofilter }}"),
    (("{{ unit.__class__.__mro__ }}",), "{{ unit.__class__.__mro__ }}"),
    (("{{ 1 / 0 }}",), "{{ 1 / 0 }}"),
    (("{{ unit }}{%tr for x in missing %}", "{{ x.what }}", "{%tr endfor %}"), "{%tr for x in missing %}"),
])  # fmt: skip
def test_broken_template_names_the_tag(paragraphs, named):
    with pytest.raises(PerfxlError) as error:
        report_bytes(report_context(scored(), 0), template_with(*paragraphs), "本局模板.docx")
    assert "本局模板.docx" in str(error.value)
    assert named in str(error.value)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04", intake()])
def test_template_that_is_no_word_document_is_refused(content):
    with pytest.raises(PerfxlError, match=r"own\.docx"):
        report_bytes(report_context(scored(), 0), content, "own.docx")


def test_template_with_a_dtd_or_macros_is_refused():
    for part, content in (("word/document.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), ("word/vbaProject.bin", b"x")):
        target = BytesIO()
        with zipfile.ZipFile(BytesIO(shipped_template())) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                if name != part:
                    new.writestr(name, old.read(name))
            new.writestr(part, content)
        with pytest.raises(PerfxlError, match=r"own\.docx"):
            report_bytes(report_context(scored(), 0), target.getvalue(), "own.docx")


# the command


@pytest.fixture
def seed(tmp_path):
    path = tmp_path / "填报表.xlsx"
    path.write_bytes(intake())
    return path


def test_report_is_written_beside_the_intake_and_again_while_untouched(seed):
    before = seed.read_bytes()
    target = seed.with_name("填报表_自评报告.docx")
    assert run(["report", str(seed)]) == 0
    first = target.read_bytes()
    assert run(["report", str(seed)]) == 0
    assert target.read_bytes() == first
    document = docx.Document(target)
    document.add_paragraph("人工补写")
    document.save(target)
    edited = target.read_bytes()
    assert run(["report", str(seed)]) == 2
    assert target.read_bytes() == edited
    assert run(["report", str(seed), "--force"]) == 0
    assert seed.read_bytes() == before


def test_report_never_replaces_an_input(seed, tmp_path):
    own = tmp_path / "模板.docx"
    own.write_bytes(shipped_template())
    assert run(["report", str(seed), "-o", str(seed), "--force"]) == 2
    assert run(["report", str(seed), "--template", str(own), "-o", str(own), "--force"]) == 2
    assert own.read_bytes() == shipped_template()


def test_report_of_a_file_that_is_refused_writes_nothing(tmp_path):
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"x")
    assert run(["report", str(path)]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["坏.xlsx"]


def test_word_libraries_are_not_loaded_before_the_report_is():
    script = "import sys, perfxl.cli.report_commands, perfxl.word.report.facts, perfxl.word.report.writing, perfxl.word.crosscheck.engine; print([m for m in ('docx', 'docxtpl', 'lxml', 'jinja2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_every_indicator_of_the_seed_is_in_the_score_table():
    said = written()
    assert [row[2] for row in SEED_INDICATORS if row[2] not in said] == []
    assert "88.68～98.68分" in said
