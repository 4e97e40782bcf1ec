from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from frames_of import NAN, consolidation, files, indicators, issues, roster, units
from office import office, pages, to_pdf

from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.roster import Roster
from perfxl.output import OutputError, read_seal
from perfxl.word.letters import deadline_words, reminder_letters, return_letters, write_letters


def completed(**parts):
    c = consolidation(**parts)
    complete(c, Roster(c.roster) if len(c.roster) else None)
    return c


def paragraphs(data: bytes) -> list[str]:
    return [p.text for p in Document(BytesIO(data)).paragraphs if p.text.strip()]


def one(**parts) -> list[str]:
    return paragraphs(dict(return_letters(completed(**parts))).popitem()[1])


def test_a_unit_with_something_to_correct_gets_a_numbered_letter():
    said = one(
        units=units({"name": "甲馆", "source": "甲.xlsx", "submission_count": 2}),
        issues=issues(
            {"message": "没有填写实际完成值。", "fix": "请填写全年实际完成的数量。"},
            {"cell": "H5", "code": "tier-missing"},
            {"severity": "warning", "code": "deviation-unexplained", "cell": "K5"},
        ),
    )
    assert said[0] == "〔    〕    号"
    assert said[1] == "关于退回修改2020年度部门整体支出绩效自评材料的通知"
    assert said[2] == "甲馆："
    assert "有2处必须改正，1处需要说明" in said[3]
    assert "一、必须改正" in said
    assert "1．绩效指标 G4（活动场数）：没有填写实际完成值。请填写全年实际完成的数量。［401］" in said
    assert any(line.startswith("2．绩效指标 H5") for line in said)
    assert "“报送次数”填3" in "".join(said)


def test_units_with_nothing_to_correct_get_no_letter():
    c = completed(
        units=units({"name": "甲"}, {"name": "乙"}),
        issues=issues({"severity": "warning", "code": "deviation-unexplained"}, {"submission": 1, "severity": "info", "code": "operator-assumed"}),
    )
    assert dict(return_letters(c)) == {}


def test_many_warnings_of_one_kind_share_a_line():
    said = one(
        units=units({"name": "甲"}),
        issues=issues({}, *({"severity": "warning", "code": "deviation-unexplained", "cell": f"K{n}", "fix": "请说明原因。"} for n in range(4, 9))),
    )
    assert [line for line in said if "K4" in line] == ["1．偏差未说明（5处）：绩效指标 K4、K5、K6、K7、K8。请说明原因。［436］"]


def test_a_project_is_named_in_its_letter():
    said = one(units=units({"name": "甲", "evaluation": "项目", "project": "免费\n开放", "year": NAN}), issues=issues({}))
    assert said[1] == "关于退回修改“免费 开放”项目支出绩效自评材料的通知"


@pytest.mark.parametrize(
    ("deadline", "said"), [("2021-03-31", "2021年3月31日"), ("2021年3月31日", "2021年3月31日"), ("三月底", "三月底"), ("", "    年  月  日")]
)
def test_a_deadline_is_written_as_letters_write_it(deadline, said):
    assert deadline_words(deadline) == said
    c = completed(units=units({"name": "甲"}), issues=issues({}))
    c.deadline = deadline
    assert f"请于{said}前" in "".join(paragraphs(dict(return_letters(c)).popitem()[1]))


def test_one_reminder_for_each_authority_with_units_still_to_report():
    c = completed(
        roster=roster(
            {"name": "甲", "authority": "局"},
            {"name": "乙", "authority": "局", "code": "002", "contact": "张", "phone": "0799-1"},
            {"name": "丙馆", "authority": "局"},
            {"name": "丁"},
            {"name": "戊", "authority": "委"},
        ),
        units=units({"name": "甲"}, {"name": "戊"}),
        files=files({"shown": "丙馆.pdf", "fate": "rejected", "code": "file-extension"}),
    )
    letters = dict(reminder_letters(c))
    assert list(letters) == ["催报通知_未填主管部门.docx", "催报通知_局.docx"]
    letter = Document(BytesIO(letters["催报通知_局.docx"]))
    rows = [[cell.text for cell in row.cells] for row in letter.tables[0].rows]
    assert rows == [["序号", "单位名称", "预算单位编码", "情况", "联系人", "电话"], ["1", "乙", "002", "未收到", "张", "0799-1"]]


def test_without_a_roster_nobody_is_reminded():
    assert dict(reminder_letters(completed(units=units({"name": "甲"})))) == {}


@pytest.mark.parametrize("text", ["<w:p/>&]]>", "一\x00二\x07", "{{ jinja }}", "第一行\n第二行", "𠮷" * 10, "a" * 5000])
def test_text_cannot_break_the_document(text):
    said = one(units=units({"name": text}), issues=issues({"message": text, "level3": text}))
    assert len(said) > 5


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["甲", "甲"], ["甲_退回修改通知.docx", "甲_退回修改通知(2).docx"]), (["A馆", "a馆"], ["A馆_退回修改通知.docx", "a馆_退回修改通知(2).docx"])],
)
def test_letters_of_two_units_never_share_a_name(names, expected):
    c = completed(units=units(*({"name": n, "unit_key": f"{i}|2020||"} for i, n in enumerate(names))), issues=issues({}, {"submission": 1}))
    assert list(dict(return_letters(c))) == expected


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "CON", "", "甲" * 300])
def test_file_names_stay_in_the_folder(tmp_path, name):
    folder = tmp_path / "letters"
    paths = write_letters(folder, completed(units=units({"name": name}), issues=issues({})))
    assert [p.parent for p in paths] == [folder]
    assert sorted(folder.iterdir()) == paths


def test_the_same_consolidation_gives_the_same_bytes():
    c = completed(units=units({"name": "甲"}), issues=issues({}))
    assert dict(return_letters(c)) == dict(return_letters(c))


def test_an_untouched_letter_is_replaced_and_an_edited_one_is_not(tmp_path):
    c = completed(units=units({"name": "甲"}), issues=issues({}))
    (path,) = write_letters(tmp_path, c)
    assert read_seal(path).kind == "letter"
    c.deadline = "2021-03-31"
    assert write_letters(tmp_path, c) == [path]
    letter = Document(path)
    letter.paragraphs[0].add_run("2021")
    letter.save(path)
    before = path.read_bytes()
    with pytest.raises(OutputError):
        write_letters(tmp_path, c)
    assert path.read_bytes() == before
    assert write_letters(tmp_path, c, force=True) == [path]


def test_a_letter_nobody_needs_any_more_is_removed_unless_it_was_edited(tmp_path):
    before = completed(units=units({"name": "甲"}, {"name": "乙"}), issues=issues({}, {"submission": 1}))
    first, second = write_letters(tmp_path, before)
    (tmp_path / "别的.docx").write_bytes(b"PK")
    after = completed(units=units({"name": "甲"}, {"name": "乙"}), issues=issues({"submission": 1}))
    assert write_letters(tmp_path, after) == [second]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["乙_退回修改通知.docx", "别的.docx"]
    letter = Document(second)
    letter.paragraphs[0].add_run("2021")
    letter.save(second)
    write_letters(tmp_path, completed(units=units({"name": "甲"}), issues=issues({})))
    assert second.exists()
    assert first.exists()


def test_a_letter_has_the_look_of_an_official_document():
    data = dict(return_letters(completed(units=units({"name": "甲"}), issues=issues({})))).popitem()[1]
    letter = Document(BytesIO(data))
    section = letter.sections[0]
    assert [round(x.cm, 1) for x in (section.page_width, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)] == [
        21.0,
        3.7,
        3.5,
        2.8,
        2.6,
    ]
    xml = ZipFile(BytesIO(data)).read("word/document.xml").decode()
    assert all(f'w:eastAsia="{font}"' in xml for font in ("方正小标宋简体", "仿宋_GB2312", "黑体"))
    assert "华文中宋" in ZipFile(BytesIO(data)).read("word/fontTable.xml").decode()
    assert not {i.date_time for i in ZipFile(BytesIO(data)).infolist()} - {(1980, 1, 1, 0, 0, 0)}


@office
def test_letters_open_in_an_office_suite(tmp_path):
    c = completed(units=units({"name": "甲"}), issues=issues({}), roster=roster({"name": "甲"}, {"name": "乙"}), indicators=indicators())
    printed = to_pdf(write_letters(tmp_path / "letters", c), tmp_path / "pdf")
    assert [pages(pdf) for pdf in printed] == [1, 1]
