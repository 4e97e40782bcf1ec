from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from often import TIMES
from openpyxl import load_workbook
from own_words import speaking
from papers import read_file, read_workbook
from people_write import report as people_report
from published_cases import case, intake_of, published_cases, scheme_of
from report_samples import SEED_REPORT, intake, scored
from scored_cases import random_submission

from perfxl.cli import run
from perfxl.intake.guard.limits import Limits, RefusalError
from perfxl.model import PerfxlError
from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.batch import score_submissions
from perfxl.scoring.score import score
from perfxl.word.crosscheck.engine import crosscheck_text
from perfxl.word.crosscheck.findings import Verdict, crosscheck_document
from perfxl.word.crosscheck.mentions import mentions, sentence_mentions
from perfxl.word.documents import Block, decoded, docx_blocks, read_document, text_blocks
from perfxl.word.report.facts import report_context
from perfxl.word.report.writing import report_bytes
from perfxl.workbook.crosscheck import clauses_with

SAMPLE = Path(__file__).parents[1] / "samples" / "pingxiang_library_2020.xlsx"
SEED_TEXT = SEED_REPORT.read_text("utf-8")
SEED = scored()

AGREES, CONTRADICTS, UNREPORTED, ABSENT = Verdict.AGREES, Verdict.CONTRADICTS, Verdict.UNREPORTED, Verdict.NOT_IN_TABLE


def findings(text, results=SEED):
    return crosscheck_text(results, 0, text_blocks(text))


# the seed report against its own workbook


def test_seed_report_has_no_contradiction_and_no_number_without_a_cell():
    found = findings(SEED_TEXT)
    assert [f.message for f in found if f.verdict in (CONTRADICTS, ABSENT)] == []
    assert sum(f.verdict is AGREES for f in found) == 32


def test_seed_report_fits_the_committed_sample():
    submission = read_file(SAMPLE)
    found = findings(SEED_TEXT, score_submissions([submission])[0][0])
    assert [f.message for f in found if f.verdict in (CONTRADICTS, ABSENT)] == []
    assert [(f.text, f.sheet) for f in found if f.verdict is UNREPORTED] == [("40万人次", "绩效指标")]


def test_seed_report_never_gives_the_result_of_the_readers_served():
    (open_item,) = [f for f in findings(SEED_TEXT) if f.verdict is UNREPORTED]
    assert (open_item.text, open_item.sheet, open_item.cell) == ("40万人次", "绩效指标", "G2")
    assert "免费服务读者人次" in open_item.sentence


PLANTED = [
    # a digit changed
    ("640.84万元", "604.84万元", "预算执行", "D2"), ("555.83万元", "565.83万元", "预算执行", "E2"), ("641.76万元", "641.67万元", "预算执行", "D4"),
    ("26人", "62人", "基本信息", "B9"), ("人员3人", "人员8人", "基本信息", "B10"), ("8大部门", "9大部门", "基本信息", "B11"),
    ("40万人次", "4万人次", "绩效指标", "E2"), ("推广活动270场", "推广活动207场", "绩效指标", "G3"), ("场数270场", "场数271场", "绩效指标", "E3"),
    ("主题馆1个", "主题馆2个", "绩效指标", "G4"), ("平台1个", "平台3个", "绩效指标", "G5"), ("消耗1%", "消耗10%", "绩效指标", "G12"),
    ("高达100%", "高达90%", "绩效指标", "G13"), ("95%以上", "85%以上", "绩效指标", "G15"), ("小于1%", "小于10%", "绩效指标", "G16"),
    # 万 dropped, or a magnitude too many
    ("640.84万元", "640.84元", "预算执行", "D2"), ("0.92万元", "0.92元", "预算执行", "D3"), ("40万人次", "40人次", "绩效指标", "E2"),
    ("556.75万元", "556.75亿元", "预算执行", "E4"),
    # a rate that does not match its amounts, even where it is the rate of another line
    ("86.73%", "96.73%", "预算执行", "F2"), ("86.73%", "86.75%", "预算执行", "F2"), ("86.75%", "87.65%", "预算执行", "F4"), ("达100%", "达90%", "预算执行", "F3"),
    # the grade against the claim and the points, the year against the form
    ("结果为优", "结果为良", "基本信息", "B12"), ("结果为优", "等级为“差”", "基本信息", "B12"), ("（2020年度）", "（2021年度）", "基本信息", "B5"),
    # other ways of writing
    ("推广活动270场", "推广活动二百七十五场", "绩效指标", "G3"), ("40万人次", "４１万人次", "绩效指标", "E2"), ("26人", "36名", "基本信息", "B9"),
    ("高达100%", "为百分之九十", "绩效指标", "G13"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "sheet", "cell"), PLANTED)
def test_planted_contradiction_is_found_and_nothing_else(old, new, sheet, cell):
    assert old in SEED_TEXT
    bad = [f for f in findings(SEED_TEXT.replace(old, new, 1)) if f.verdict is CONTRADICTS]
    assert [(f.sheet, f.cell) for f in bad] == [(sheet, cell)]
    assert bad[0].sentence
    assert bad[0].table_value


def test_ten_contradictions_at_once_are_all_found():
    text, chosen = SEED_TEXT, [PLANTED[i] for i in (0, 3, 5, 6, 7, 10, 13, 16, 21, 23)]
    for old, new, _, _ in chosen:
        text = text.replace(old, new, 1)
    bad = {(f.sheet, f.cell) for f in findings(text) if f.verdict is CONTRADICTS}
    assert bad == {(sheet, cell) for _, _, sheet, cell in chosen}


def test_grade_against_the_points_is_a_contradiction_though_the_unit_claims_it():
    weak = scored(changes=[("免费服务读者人次", "actual", "1万人次"), ("开展各类阅读推广活动场数", "actual", "10场")])
    found = [f for f in findings("四、绩效自评结果拟应用和公开情况\n本年度绩效自评结果为优。", weak) if f.text == "优"]
    assert [(f.verdict, f.sheet, f.cell) for f in found] == [(CONTRADICTS, "基本信息", "B12")]


@pytest.mark.parametrize(
    ("sentence", "graded"),
    [
        ("举办活动12场，群众评价良好。", False),
        ("读者普遍评价优秀。", False),
        ("2020年度绩效评价良好。", True),
        ("经综合评价优秀。", True),
        ("评价结果为良。", True),
        ("自评等级为“优”。", True),
    ],
)
def test_what_people_think_of_the_library_is_no_grade(sentence, graded):
    said = [f for f in findings(sentence) if f.verdict is not Verdict.UNREPORTED and f.text in ("优", "良", "优秀", "良好")]
    assert bool(said) is graded


def test_grade_that_does_not_fit_the_points_in_the_same_sentence_contradicts():
    found = findings("自评得分85分，等级为优。", scored(fields={"自评总分": "85"}))
    assert [f.text for f in found if f.verdict is CONTRADICTS] == ["优"]


# other libraries, other styles

OTHER = scored(
    indicators=[
        ("产出指标", "数量指标", "到馆读者人次", "≥", "40万人次", "人次", "412356人次", None, 10),
        ("产出指标", "数量指标", "举办讲座", "≥", "50场", "场", "52场", None, 10),
        ("产出指标", "数量指标", "举办展览", "≥", "30", "场", "28", None, 10),
        ("产出指标", "数量指标", "新增藏书", "≥", "3.5万册", "册", "36012册", None, 10),
        ("产出指标", "数量指标", "免费开放天数", "≥", "360天", "天", "361天", None, 5),
        ("产出指标", "质量指标", "图书验收合格率", "≥", "98%", "%", "99.5%", None, 5),
        ("产出指标", "成本指标", "购书经费", "≤", "120万元", "万元", "118.6万元", None, 10),
        ("效益指标", "社会效益指标", "国民综合阅读率", "≥", "80%", "%", "81.3%", None, 10),
        ("效益指标", "生态效益指标", "办公用电量下降率", "≥", "3%", "%", "下降3.2%", None, 10),
        ("满意度指标", "服务对象满意度指标", "读者满意度", "≥", "95%", "%", "96.4%", None, 5),
        ("满意度指标", "服务对象满意度指标", "职工满意度", "≥", "90%", "%", "93%", None, 5),
    ],
    budget=[("按来源", "当年财政拨款", 600, 640.84, 555.83), ("其中", "一般公共预算拨款", None, 600.84, 525.83), ("按来源", "其他资金", None, 0.92, 0.92),
            ("按支出类型", "基本支出", None, 341.76, 340), ("按支出类型", "项目支出", None, 300, 216.75)],
    goals=[("全年接待读者40万人次以上。", "接待读者41.2万人次")],
    fields={"自评总分": "96.5", "编制人数": "30", "编外人员数": "12"},
)  # fmt: skip

STYLES = [
    ("全年到馆读者41.24万人次，完成年度目标的103.09%，同比增长5%。", [("41.24万人次", AGREES, "G2"), ("103.09%", AGREES, "G2"), ("5%", ABSENT, None)]),
    ("全年到馆读者41.24万人次，完成年度目标的130.09%。", [("41.24万人次", AGREES, "G2"), ("130.09%", CONTRADICTS, "G2")]),
    ("全年共接待到馆读者412356人次，超额完成年度目标40万人次。", [("412356人次", AGREES, "G2"), ("40万人次", AGREES, "E2")]),
    ("到馆读者突破41万人次，举办讲座52场、展览28场。", [("突破41万人次", AGREES, "G2"), ("52场", AGREES, "G3"), ("28场", AGREES, "G4")]),
    ("全年实际举办各类讲座（62场）、展览（28场）。", [("62场", CONTRADICTS, "G3"), ("28场", AGREES, "G4")]),
    ("（2）新增藏书３６，０１２册，图书验收合格率９９.５％。", [("３６，０１２册", AGREES, "G5"), ("９９.５％", AGREES, "G7")]),
    ("新增藏书3.6万册，较上年增长12%。", [("3.6万册", AGREES, "G5"), ("12%", ABSENT, None)]),
    ("新增藏书3.6册。", [("3.6册", CONTRADICTS, "G5")]),
    ("免费开放361天，每周开放64小时。", [("361天", AGREES, "G6"), ("64小时", ABSENT, None)]),
    ("2020年年初预算600万元，调整后预算为640.84万元，实际支出555.83万元，预算执行率86.73%。",
     [("600万元", AGREES, "C2"), ("640.84万元", AGREES, "D2"), ("555.83万元", AGREES, "E2"), ("86.73%", AGREES, "F2")]),
    ("财政拨款年初预算数、全年预算数分别为600万元、640.48万元。", [("600万元", AGREES, "C2"), ("640.48万元", CONTRADICTS, "D2")]),
    ("其中：一般公共预算财政拨款全年预算600.84万元，执行525.83万元，执行率87.25%。",
     [("600.84万元", AGREES, "D3"), ("525.83万元", AGREES, "E3"), ("87.25%", CONTRADICTS, "F3")]),
    ("部门整体支出全年预算数641.76万元，全年执行数556.75万元，执行率约86.8%，结余85.01万元。",
     [("641.76万元", AGREES, None), ("556.75万元", AGREES, None), ("约86.8%", AGREES, None), ("85.01万元", AGREES, None)]),
    ("基本支出341.76万元，实际支出340万元；项目支出预算300万元，执行216.75万元，执行率72.25%。",
     [("341.76万元", AGREES, "D5"), ("340万元", AGREES, "E5"), ("300万元", AGREES, "D6"), ("216.75万元", AGREES, "E6"), ("72.25%", AGREES, "F6")]),
    ("核定编制30人，年末实有在编人员27人，编外聘用十二人。", [("30人", AGREES, "B14"), ("27人", CONTRADICTS, "B9"), ("十二人", AGREES, "B15")]),
    ("购书经费支出118.6万元，控制在120万元以内。", [("118.6万元", AGREES, "G8"), ("控制在120万元以内", AGREES, "E8")]),
    ("2019年读者满意度为94%，2020年提高到96.4%。", [("94%", ABSENT, None), ("96.4%", AGREES, "G11")]),
    ("读者满意度达96.4%，职工满意度为96.4%。", [("96.4%", AGREES, "G11"), ("96.4%", CONTRADICTS, "G12")]),
    ("办公用电量较上年下降3.2%。", [("3.2%", AGREES, "G10")]),
    ("本年度自评得分96.5分，自评等级为“优”。", [("96.5分", AGREES, "B13"), ("优", AGREES, "B12")]),
    ("满分100分，本单位自评得95.6分。", [("95.6分", CONTRADICTS, "B13")]),
    ("国民综合阅读率百分之八十一点三，超过80%的目标。", [("百分之八十一点三", AGREES, "G9"), ("超过80%", AGREES, "E9")]),
    ("投入专项资金50万元，政府性基金预算财政拨款100万元。", [("50万元", ABSENT, None), ("100万元", ABSENT, None)]),
    ("到馆读者412356，方案为20/40/30/10。", [("412356", AGREES, "G2")]),
    ("坚持一个中心、两个基本点，召开三次会议。", []),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), STYLES)
def test_sentence_of_another_style(sentence, expected):
    found = [f for f in findings(sentence, OTHER) if f.verdict is not UNREPORTED]
    assert [(f.text, f.verdict, f.cell) for f in found] == expected


def test_readers_satisfaction_survey_is_not_the_satisfaction():
    found = [f for f in findings("读者满意度调查问卷回收率为88%。", OTHER) if f.verdict is not UNREPORTED]
    assert [f.verdict for f in found] == [ABSENT]


def test_indicator_the_text_never_mentions_is_unreported_with_its_cell():
    cells = {f.cell for f in findings("举办讲座52场。", OTHER) if f.verdict is UNREPORTED and f.sheet == "绩效指标"}
    assert cells == {f"G{row}" for row in range(2, 13)} - {"G3"}


def test_amount_the_text_never_mentions_is_unreported():
    unsaid = {f.cell for f in findings("我馆2020年财政拨款全年预算数为640.84万元。") if f.verdict is UNREPORTED and f.sheet == "预算执行"}
    assert {"E2", "D3", "E4"} <= unsaid
    assert "D2" not in unsaid


# numbers and what are none


@pytest.mark.parametrize("sentence", [
    "2020年度，财预〔2020〕10号，第四批，第3次，“4·23”世界读书日。", "党的十九大和十九届二中、三中、四中全会精神。", "电话0799-1234567，服务热线12345。",
    "2020年1月至12月，2020-2021年，3月1日至5日，1-12月。", "1.努力做好工作；2.全力搬迁。", "（2）进一步完善", "5A级景区，2.0版，A4纸，“十四五”规划。", "附件1，表2，一是统一思想，二是加强管理。",
    "详见4.1.2条，2020.12.31前。",
])  # fmt: skip
def test_years_ordinals_codes_and_list_numbers_are_no_quantities(sentence):
    assert [m.text for m in sentence_mentions(sentence) if not m.spelled] == []


@pytest.mark.parametrize(("written", "low", "high", "unit"), [
    ("４０万人次", 400000, 400000, "人次"), ("1,234.5万元", 12345000, 12345000, "元"), ("95%以上", 95, None, "%"), ("小于1%", None, 1, "%"), ("1-2次", 1, 2, "次"),
    ("90%~95%", 90, 95, "%"), ("近50场", 50, 50, "场"), ("3.5万余册", 35000, None, "册"), ("百分之九十五", 95, 95, "%"), ("二百七十场", 270, 270, "场"),
    ("不低于360天", 360, None, "天"), ("≥95%", 95, None, "%"), ("10-20万元", 100000, 200000, "元"), ("2亿元", 200000000, 200000000, "元"),
])  # fmt: skip
def test_quantity_is_read_with_its_unit_and_bound(written, low, high, unit):
    (found,) = sentence_mentions(f"实际为{written}。")
    assert (found.low, found.high, found.unit) == (low, high, unit)


def test_headings_tell_targets_from_results():
    sides = [m.side for m in mentions(text_blocks("（3）当年部门年度整体支出绩效目标\n活动270场。\n（一）履职完成情况：\n活动271场。"))]
    assert sides == ["target", "result"]


def test_table_rows_are_read_with_their_column_titles():
    header = ("三级指标", "年度指标值", "实际完成值", "分值")
    row = Block("", ("开展各类阅读推广活动场数", "270场", "207场", "10"), header)
    found = crosscheck_text(SEED, 0, [Block("", header, header), row])
    assert [(f.text, f.verdict, f.cell) for f in found if f.verdict is not UNREPORTED] == [("270场", AGREES, "E3"), ("207场", CONTRADICTS, "G3")]


# the documents


def word(*paragraphs: str, rows=()) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def test_word_gives_the_same_findings_as_plain_text(tmp_path):
    path = tmp_path / "报告.docx"
    path.write_bytes(word(*SEED_TEXT.splitlines()))
    from_word = [(f.verdict, f.text, f.cell) for f in crosscheck_text(SEED, 0, read_document(path))]
    assert from_word == [(f.verdict, f.text, f.cell) for f in findings(SEED_TEXT)]


def test_word_paragraphs_and_tables_come_in_reading_order():
    blocks = docx_blocks(word("一段\t二", rows=[("指标", "完成值"), ("活动", "270场")]))
    assert [b.text for b in blocks] == ["一段\t二", "指标 | 完成值", "活动 | 270场"]
    assert blocks[2].header == ("指标", "完成值")


def test_plain_text_is_read_in_the_codes_of_chinese_editors():
    assert [decoded("图书馆".encode(code), "x") for code in ("utf-8", "utf-8-sig", "gb18030", "utf-16")] == ["图书馆"] * 4


def changed_part(content: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(word("x"))) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == "word/document.xml" else old.read(name))
    return target.getvalue()


@pytest.mark.parametrize(("data", "code"), [
    (b"", "file-damaged"), (b"PK\x03\x04", "file-damaged"), (intake(), "file-part-missing"),
    (changed_part(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "file-has-dtd"), (changed_part(b"<a>"), "file-xml-broken"),
    (changed_part(b"<a>" * 100 + b"</a>" * 100), "file-xml-too-deep"),
])  # fmt: skip
def test_hostile_document_is_refused(data, code):
    with pytest.raises(RefusalError) as error:
        docx_blocks(data)
    assert error.value.refusal.code == code


def test_document_that_inflates_beyond_the_limit_is_refused():
    bomb = changed_part(b"<a>" + b" " * (4 << 20) + b"</a>")
    with pytest.raises(RefusalError) as error:
        docx_blocks(bomb, Limits(part_bytes=1 << 20))
    assert error.value.refusal.code == "file-too-large"


def test_other_kinds_of_file_are_refused_in_words(tmp_path):
    for name in ("报告.doc", "报告.pdf", "没有.docx"):
        if name.startswith("报告"):
            (tmp_path / name).write_bytes(b"x")
        with pytest.raises(PerfxlError, match=name):
            read_document(tmp_path / name)


# the command


@pytest.fixture
def files(tmp_path):
    (tmp_path / "填报表.xlsx").write_bytes(intake())
    (tmp_path / "报告.txt").write_text(SEED_TEXT.replace("86.73%", "68.73%", 1), "utf-8")
    return tmp_path / "填报表.xlsx", tmp_path / "报告.txt"


def test_json_has_the_fixed_keys_and_only_the_document_on_standard_output(files, capsys):
    assert run(["crosscheck", *map(str, files), "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert set(document["findings"][0]) == {"verdict", "sentence", "text", "sheet", "cell", "table_value", "message"}
    assert document["counts"] == {"一致": 31, "不一致": 1, "文中未报告": 1, "表中无此数": 0}
    assert "68.73%" in err
    assert err.index("不一致") < err.index("文中未报告") < err.index("\n一致 ")


def test_findings_as_a_workbook_are_text_and_the_same_every_time(files, tmp_path):
    out = tmp_path / "核对.xlsx"
    assert run(["crosscheck", *map(str, files), "-o", str(out)]) == 0
    first = out.read_bytes()
    assert run(["crosscheck", *map(str, files), "-o", str(out)]) == 0
    assert out.read_bytes() == first
    sheet = load_workbook(out)["文表核对"]
    assert [c.value for c in sheet[4]] == ["序号", "结论", "文中数", "文中原句", "工作表", "单元格", "表中数", "说明", "核对意见"]
    assert [c.value for c in sheet[5]][1:3] == ["不一致", "68.73%"]
    assert sheet.max_row == 4 + 33


def test_workbook_shows_the_clauses_of_a_long_sentence_that_hold_the_number():
    sentence = "；".join(f"第{i}笔资金预算{i}00万元" for i in range(1, 12)) + "；另有100万元，结余2100万元。"
    assert clauses_with("100万元", sentence) == "第1笔资金预算100万元；…另有100万元，结余2100万元。"
    assert clauses_with("500万元", sentence) == "…第5笔资金预算500万元；…"
    assert clauses_with("7777", sentence) == sentence
    assert clauses_with("1场", "开展活动1场；另2场。") == "开展活动1场；另2场。"


def test_workbook_never_replaces_an_input_or_a_foreign_file(files, tmp_path):
    foreign = tmp_path / "别的.xlsx"
    foreign.write_bytes(intake())
    for target in (files[0], foreign):
        before = target.read_bytes()
        assert run(["crosscheck", *map(str, files), "-o", str(target)]) == 2
        assert target.read_bytes() == before
    assert run(["crosscheck", *map(str, files), "-o", str(files[0]), "--force"]) == 2


def test_text_of_the_report_cannot_become_a_formula_or_break_a_line(files, tmp_path, capsys):
    evil = tmp_path / "恶.txt"
    evil.write_text("=cmd|'/c calc'!A1的满意度为12%\x1b[31m，读者使用满意度12%。", "utf-8")
    out = tmp_path / "核对.xlsx"
    assert run(["crosscheck", str(files[0]), str(evil), "-o", str(out), "--json"]) == 0
    printed = capsys.readouterr()
    assert "\x1b" not in printed.err
    assert all(c.data_type != "f" for row in load_workbook(out)["文表核对"].iter_rows() for c in row)


def test_document_of_the_findings_names_the_intake():
    from perfxl.intake.submission import Submission

    assert crosscheck_document([], Submission(0, "a.xlsx", "ff"), "b.docx")["source"] == {"file": "a.xlsx", "sha256": "ff"}


# perfxl's own reports, and reports that people write


def own_findings(results, number=0):
    return crosscheck_text(results, number, docx_blocks(report_bytes(report_context(results, number))))


def contradictions(found):
    return [(f.sentence[:80], f.text, f.message) for f in found if f.verdict is CONTRADICTS]


def cases_scored():
    """(results, submission) of every published case."""
    for name in published_cases():
        read = read_workbook(intake_of(case(name)), source=f"{name}.xlsx")
        yield score(build_frames([read]), load_scheme(scheme_of(case(name)))), read.number


def test_own_reports_of_sample_and_published_cases_have_no_contradiction():
    assert contradictions(own_findings(score_submissions([read_file(SAMPLE)])[0][0])) == []
    assert [found for results, number in cases_scored() for found in contradictions(own_findings(results, number))] == []


def test_own_reports_of_generated_intakes_have_no_contradiction():
    count = 15 * TIMES
    made = [random_submission(0, f"xc{i}", rows=10) for i in range(count)] + [speaking(i) for i in range(count)]
    assert [
        (one.source, found) for one in made for found in contradictions(own_findings(score(build_frames([one]), load_scheme("national-2020"))))
    ] == []


def test_true_reports_of_people_have_at_most_one_false_finding_in_forty():
    found = [
        f
        for results, number in cases_scored()
        for k in range(2)
        for f in crosscheck_text(results, number, people_report(results, number, f"{number}-{k}"))
    ]
    judged = [f for f in found if f.verdict in (AGREES, CONTRADICTS)]
    assert len(judged) > 400
    assert 40 * len(contradictions(judged)) <= len(judged), contradictions(judged)


@pytest.mark.parametrize(("written", "low"), [("：-3.5场", -3.5), ("为-12%", -12), ("10-20场", 10), ("2020-21年共5场", 5)])
def test_minus_is_a_sign_and_no_dash(written, low):
    (found,) = sentence_mentions(f"实际{written}。")
    assert found.low == low


def test_words_of_a_cell_are_no_contradiction_of_another_cell():
    lines = [
        ("按来源", "当年财政拨款", 600, 640.84, 555.83, "因调入3人，追加当年财政拨款预算12.5万元"),
        ("按支出类型", "基本支出", None, 640.84, 555.83),
    ]
    results = scored(budget=lines)
    said = [f for f in findings("执行偏差的原因：因调入3人，追加当年财政拨款预算12.5万元。", results) if f.text == "12.5万元"]
    assert [(f.verdict, f.cell) for f in said] == [(AGREES, "I2")]
    other = [f for f in findings("当年财政拨款预算12.5万元。", results) if f.text == "12.5万元"]
    assert [(f.verdict, f.cell) for f in other] == [(CONTRADICTS, "D2")]
