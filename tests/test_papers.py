"""The papers as they come: forms in every container are scored, checked, carried over and consolidated like intakes."""

from __future__ import annotations

import json
import shutil
from contextlib import redirect_stdout
from io import StringIO

import openpyxl
import paper_samples as papers
import pytest
from paper_samples import FACTS, HEAD, HUANGSHI_XLS, LANGFANG, ROWS, TOTAL, WORD, XINZHOU, YINCHUAN

from perfxl.cli import run
from perfxl.consolidation.packing import pack, unpack
from perfxl.consolidation.submissions import Paper, header_of
from perfxl.intake.discover import find_files
from perfxl.intake.reading import Refused, read_file, read_workbook


def scored(capsys, *arguments):
    code = run(["score", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def listed(path):
    return {found.shown: str(found.code) for found in find_files([path])}


# one file


@pytest.mark.parametrize(
    ("path", "total", "execution"), [(LANGFANG, 97.24, 8.62), (WORD, 97.24, 8.62), (HUANGSHI_XLS, 20, 20)], ids=["xlsx", "docx", "xls"]
)
def test_a_form_is_scored_as_an_intake_is(capsys, tmp_path, path, total, execution):
    shutil.copy(path, tmp_path / path.name)
    code, document = scored(capsys, tmp_path / path.name)
    assert (code, document["total"], document["budget"]["score"]) == (0, total, execution)
    assert document["source"]["form"]["layout"].startswith("一级指标、二级指标、三级指标")
    book = openpyxl.load_workbook(tmp_path / f"{path.stem}_评分结果.xlsx")
    assert [cell.value for cell in book["表格识别"][4]] == ["块", "区域", "栏目", "表头原文", "读作", "依据", "行数", "没有读的单元格"]
    assert {row[0].value for row in book["表格识别"].iter_rows(min_row=5)} >= {"标题", "基本信息", "资金", "年度目标", "绩效指标", "总分"}
    targets = [cell.hyperlink.location for row in book["问题清单"].iter_rows(min_row=4) for cell in row if cell.hyperlink]
    assert targets
    assert all(target.partition("!")[0].strip("'") in book.sheetnames for target in targets)


def test_issues_of_a_word_table_name_its_own_cells(capsys):
    _, document = scored(capsys, WORD, "--no-workbook")
    claims = [(issue["sheet"], issue["cell"]) for issue in document["issues"] if issue["code"] == "score-claimed-differs"]
    assert claims == [("表格1", "第4行第10列"), ("表格1", "第11行第8列")]
    assert "number-as-text" not in {issue["code"] for issue in document["issues"]}


def test_a_scored_form_scored_again_gives_the_same(capsys, tmp_path):
    shutil.copy(LANGFANG, tmp_path / "a.xlsx")
    _, first = scored(capsys, tmp_path / "a.xlsx")
    _, second = scored(capsys, tmp_path / "a_评分结果.xlsx", "--no-workbook")
    assert [second[key] for key in ("total", "grade", "levels")] == [first[key] for key in ("total", "grade", "levels")]


def test_several_forms_of_a_file_are_submissions_of_their_own(capsys, tmp_path):
    shutil.copy(XINZHOU, tmp_path / "局.xlsx")
    code, documents = scored(capsys, tmp_path / "局.xlsx")
    assert (code, [d["source"]["part"] for d in documents]) == (0, ["1演出设备!A1:J16", "2演员培训!A1:J16"])
    assert len(list(tmp_path.glob("局_*_评分结果.xlsx"))) == 2


def test_what_was_read_of_a_form_survives_the_way_between_processes():
    read = read_file(XINZHOU, number=7, source="a.xlsx")
    assert unpack(pack(read), 7, "a.xlsx") == read


# systems of points


def test_a_form_of_another_system_of_points_is_scored_by_no_other_pack(capsys):
    _, document = scored(capsys, YINCHUAN, "--no-workbook")
    assert (document["total"], document["possible"], document["grade"], document["budget"]["score"]) == (None, [0, 100], None, None)
    assert {row["status"] for row in document["indicators"]} == {"unscorable"}
    codes = [issue["code"] for issue in document["issues"] if issue["severity"] == "error"]
    assert codes == ["form-scheme-lacking"]


def test_a_form_of_other_kind_is_named(capsys, tmp_path):
    rows = [
        ["项目支出绩效目标申报表"],
        ["单位名称", "示例馆"],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "天数", "270天"],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "目标.xlsx")
    refused = read_file(tmp_path / "目标.xlsx")
    assert isinstance(refused, Refused)
    assert (refused.code, refused.details["kind"]) == ("form-other-kind", "绩效目标表")


# Word


def test_a_form_in_two_tables_is_one():
    title = ("项目支出绩效自评表", "（2022年度）")
    pieces = papers.document(FACTS, [HEAD, *ROWS, TOTAL], lines=title)
    (whole,) = read_workbook(pieces, source="a.docx")
    assert (whole.fields["name"], whole.fields["fiscal_year"], len(whole.rows["indicators"]), len(whole.rows["budget"])) == (
        "示例市图书馆",
        2022,
        3,
        1,
    )
    goes_on = papers.document([HEAD, *ROWS[:1]], [*ROWS[1:], TOTAL], lines=(*title, "项目单位：示例市图书馆"))
    (whole,) = read_workbook(goes_on, source="a.docx")
    assert [row.values["level3"] for row in whole.rows["indicators"]] == ["开放天数", "到馆人次", "读者满意度"]


def test_a_document_without_a_form_is_like_any_other():
    refused = read_workbook(papers.document([["姓名", "电话"]]), source="报告.docx")
    assert isinstance(refused, Refused)
    assert refused.code == "file-extension"


# zips


def test_every_entry_of_a_zip_is_listed(tmp_path):
    content = {
        "甲/表.xlsx": LANGFANG.read_bytes(), "甲/满意度调查.pdf": b"x", "内.zip": papers.utf8_zip({"a.xlsx": b""}), "~$表.xlsx": b"", "__MACOSX/._表.xlsx": b"",
        "空/": b"",
    }  # fmt: skip
    inbox = tmp_path / "收件"
    inbox.mkdir()
    (inbox / "包.zip").write_bytes(papers.gbk_zip(content))
    expected = {
        "包.zip": "ignored-archive", "包.zip › 甲/表.xlsx": "", "包.zip › 甲/满意度调查.pdf": "file-extension", "包.zip › 内.zip": "zip-in-zip",
        "包.zip › ~$表.xlsx": "ignored-lock-file", "包.zip › __MACOSX/._表.xlsx": "ignored-system-file", "包.zip › 空/": "ignored-empty-folder",
    }  # fmt: skip
    assert listed(inbox) == expected
    (inbox / "包.zip").write_bytes(papers.utf8_zip(content))
    assert listed(inbox) == expected
    (inbox / "包.zip").write_bytes(papers.gbk_zip({"表.xlsx": b"x"}, flags=1))
    assert listed(inbox) == {"包.zip": "ignored-archive", "包.zip › 表.xlsx": "file-encrypted"}
    (inbox / "包.zip").write_bytes(b"PK\x03\x04 no")
    assert listed(inbox) == {"包.zip": "zip-damaged"}


def test_names_of_entries_lead_nowhere(tmp_path):
    (tmp_path / "包.zip").write_bytes(papers.utf8_zip({"../../表.xlsx": b"x", "C:\\表2.xlsx": b"y", "/etc/表3.xlsx": b"z"}))
    assert set(listed(tmp_path / "包.zip")) == {"包.zip", "包.zip › 表.xlsx", "包.zip › 表2.xlsx", "包.zip › etc/表3.xlsx"}


def test_what_a_zip_holds_is_scored_beside_it(capsys, tmp_path):
    (tmp_path / "包.zip").write_bytes(papers.gbk_zip({"甲.xlsx": LANGFANG.read_bytes(), "乙.docx": WORD.read_bytes()}))
    code, documents = scored(capsys, tmp_path / "包.zip")
    assert code == 0
    assert [(d["source"]["file"], d["total"]) for d in documents] == [("包.zip › 乙.docx", 97.24), ("包.zip › 甲.xlsx", 97.24)]
    assert sorted(p.name for p in tmp_path.glob("*.xlsx")) == ["包_乙_评分结果.xlsx", "包_甲_评分结果.xlsx"]


# the folder


def mixed(folder):
    folder.mkdir(parents=True)
    for path in (XINZHOU, HUANGSHI_XLS, YINCHUAN):
        shutil.copy(path, folder / path.name)
    (folder / "廊坊.zip").write_bytes(papers.gbk_zip({"廊坊市食品工程学校.docx": WORD.read_bytes(), "廊坊市食品工程学校 台账.pdf": b"x"}))
    return folder


def consolidated(target, *arguments):
    with redirect_stdout(StringIO()) as out:
        assert run(["consolidate", *map(str, arguments), "-o", str(target), "--no-ledger", "--json"]) == 0
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """The folder, what was said of it, and the 汇总 as one process with calamine writes it."""
    folder = tmp_path_factory.mktemp("汇总")
    inbox = mixed(folder / "收件")
    document = consolidated(folder / "汇总.xlsx", inbox, "--workers", "1", "--reader", "calamine")
    return inbox, document, folder / "汇总.xlsx"


def test_an_inbox_of_every_kind_of_paper_is_consolidated(office):
    _, document, _ = office
    assert document["found"] == 6 == sum(document[key] for key in ("accepted", "rejected", "superseded", "ignored"))
    assert document["submissions"]["found"] == 5
    fates = {file["file"]: (file["fate"], file["code"]) for file in document["files"]}
    assert fates["廊坊.zip"] == ("ignored", "ignored-archive")
    assert fates["廊坊.zip › 廊坊市食品工程学校.docx"][0] == "accepted"
    assert fates["廊坊.zip › 廊坊市食品工程学校 台账.pdf"] == ("ignored", "ignored-attachment")


def test_the_list_of_files_says_what_paper_each_is(office):
    _, document, target = office
    sheet = openpyxl.load_workbook(target)["文件清单"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in rows if "表种" in row)
    told = {row[head.index("文件")]: (row[head.index("表种")], row[head.index("格式")]) for row in rows[rows.index(head) + 1 :]}
    assert told == {
        "14_宁夏银川_初中公用经费_2021.xlsx": ("官方表格", ".xlsx"),
        "06_湖北黄石图书馆_共享工程_2022.xls": ("官方表格", ".xls"),
        "17_湖北新洲_每个项目一个工作表_2020.xlsx": ("官方表格", ".xlsx"),
        "廊坊.zip": ("压缩包", ".zip"),
        "廊坊.zip › 廊坊市食品工程学校.docx": ("官方表格", ".docx"),
        "廊坊.zip › 廊坊市食品工程学校 台账.pdf": ("附件", ".pdf"),
    }
    assert {file["file"]: (file["paper"], file["container"]) for file in document["files"]} == told


@pytest.mark.parametrize("options", [("--workers", "2", "--reader", "openpyxl")], ids=" ".join)
def test_any_engine_and_number_of_workers_gives_the_same_bytes(office, tmp_path, options):
    inbox, _, target = office
    consolidated(tmp_path / "汇总.xlsx", inbox, *options)
    assert (tmp_path / "汇总.xlsx").read_bytes() == target.read_bytes()


def test_files_in_any_order_give_the_same_bytes(office, tmp_path):
    made = []
    files = sorted(office[0].iterdir())
    for name, order in (("a", files), ("b", files[::-1])):
        (tmp_path / name).mkdir()
        consolidated(tmp_path / name / "汇总.xlsx", *order, "--workers", "1")
        made.append((tmp_path / name / "汇总.xlsx").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("lines", "paper"), [(("项目支出绩效自评表",), Paper.FORM), (("2022年度项目支出绩效自评报告", "项目支出绩效自评表"), Paper.REPORT)]
)
def test_a_form_in_a_report_is_a_weaker_paper(lines, paper):
    (read,) = read_workbook(papers.document(FACTS, [HEAD, *ROWS, TOTAL], lines=lines), source="a.docx")
    assert header_of(read).paper is paper


# from a form to the template


@pytest.mark.parametrize("path", [LANGFANG, WORD], ids=lambda p: p.suffix)
def test_a_form_is_carried_into_the_template(tmp_path, path):
    target = tmp_path / "填报表.xlsx"
    assert run(["template", "--from", str(path), "-o", str(target)]) == 0
    (form,) = read_file(path)
    (carried,) = read_file(target)
    assert carried.fields["name"] == form.fields["name"]
    assert [row.values["level3"] for row in carried.rows["indicators"]] == [row.values["level3"] for row in form.rows["indicators"]]


def test_a_form_that_gives_nothing_is_refused_in_words(capsys, tmp_path):
    (tmp_path / "空.docx").write_bytes(papers.document([HEAD, ["指标1：", "", "", "", "", "", "", ""]], lines=("项目支出绩效自评表",)))
    assert run(["template", "--from", str(tmp_path / "空.docx"), "-o", str(tmp_path / "填报表.xlsx")]) == 2
    assert "没有" in capsys.readouterr().err
    assert not (tmp_path / "填报表.xlsx").exists()
