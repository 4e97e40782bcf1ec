from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from frames_of import NAN, consolidation, files, indicators, issues, roster, units
from inbox import folder, intake
from office import office, pages, to_pdf

import perfxl.word.letters as letters_module
from perfxl.catalogue import CATALOGUE
from perfxl.cli import run
from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.roster import Roster
from perfxl.output import OutputError, OutputPlan, read_seal, sealed_state
from perfxl.word.letters import addressees, deadline_words, reminder_letters, return_letters, write_letters


def completed(**parts):
    c = consolidation(**parts)
    complete(c, Roster(c.roster) if len(c.roster) else None)
    return c


def returned(**parts) -> dict[str, bytes]:
    return {"/".join(place): data for place, data in return_letters(completed(**parts))}


def paragraphs(data: bytes) -> list[str]:
    return [p.text for p in Document(BytesIO(data)).paragraphs if p.text.strip()]


def annex(data: bytes) -> list[list[str]]:
    (table,) = Document(BytesIO(data)).tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def one(**parts) -> bytes:
    (data,) = returned(**parts).values()
    return data


def test_a_unit_with_something_to_correct_gets_a_letter_with_its_rows_in_an_annex():
    data = one(
        units=units({"name": "甲馆", "source": "甲.xlsx", "submission_count": 2, "claimed_total": 99.0}),
        indicators=indicators({"claimed_score": 9.5, "score": 8.0}),
        issues=issues(
            {"value": "原来的", "message": "没有填写实际完成值。", "fix": "请填写全年实际完成的数量。"},
            {"cell": "H5", "code": "tier-missing", "level3": "另一个"},
            {"severity": "warning", "code": "total-claimed-differs", "sheet": "基本信息", "cell": "B16", "level3": ""},
            {"severity": "info", "code": "operator-assumed"},
        ),
    )
    said = paragraphs(data)
    assert said[0] == "〔    〕    号"
    assert said[1] == "关于退回修改2020年度部门整体支出绩效自评材料的通知"
    assert said[2] == "甲馆："
    assert "1．2020年度部门整体支出绩效自评材料（甲.xlsx）：按“全国通用(2020)”评分方案核对，有2处必须改正，1处需要说明，见附件。" in said
    assert "“报送次数”填3" in "".join(said)
    assert annex(data) == [
        ["序号", "编号", "级别", "位置", "指标", "原填内容", "问题", "修改要求", "自评得分", "测算得分"],
        ["1", "401", "必须改正", "绩效指标 G4", "活动场数", "原来的", "没有填写实际完成值。", "请填写全年实际完成的数量。", "9.5", "8"],
        ["2", str(CATALOGUE["tier-missing"].number), "必须改正", "绩效指标 H5", "另一个", "", "没有填写实际完成值。", "请填写。", "", ""],
        ["3", str(CATALOGUE["total-claimed-differs"].number), "需要说明", "基本信息 B16", "", "", "没有填写实际完成值。", "请填写。", "99", "90"],
    ]


def test_units_with_nothing_to_correct_get_no_letter():
    assert (
        returned(
            units=units({"name": "甲"}, {"name": "乙"}),
            issues=issues(
                {"severity": "warning", "code": "deviation-unexplained"}, {"submission": 1, "severity": "info", "code": "operator-assumed"}
            ),
        )
        == {}
    )


def test_all_submissions_of_a_unit_stand_in_one_letter():
    data = one(
        units=units(
            {"name": "甲", "code": "001", "source": "1.xlsx"},
            {"name": "甲", "code": "001", "evaluation": "项目", "project": "免费开放", "source": "2.xlsx"},
            {"name": "甲", "code": "001", "evaluation": "项目", "project": "没有问题"},
        ),
        issues=issues({}, {"submission": 1, "severity": "warning", "code": "deviation-unexplained"}),
    )
    said = "\n".join(paragraphs(data))
    assert "关于退回修改绩效自评材料的通知" in said
    assert "1．2020年度部门整体支出绩效自评材料（1.xlsx）：按“全国通用(2020)”评分方案核对，有1处必须改正，见附件。" in said
    assert "2．2020年度“免费开放”项目支出绩效自评材料（2.xlsx）：按“全国通用(2020)”评分方案核对，没有必须改正的，1处需要说明，见附件。" in said
    assert [row[0] for row in annex(data)] == [
        "序号",
        "2020年度部门整体支出绩效自评材料（1.xlsx）",
        "1",
        "2020年度“免费开放”项目支出绩效自评材料（2.xlsx）",
        "1",
    ]


def test_a_project_is_named_in_its_letter():
    said = paragraphs(one(units=units({"name": "甲", "evaluation": "项目", "project": "免费\n开放", "year": NAN}), issues=issues({})))
    assert said[1] == "关于退回修改“免费 开放”项目支出绩效自评材料的通知"


def test_files_that_cannot_be_read_or_told_apart_are_asked_for():
    letters = returned(
        roster=roster({"name": "甲市图书馆", "authority": "局"}, {"name": "乙馆", "code": "002"}),
        files=files(
            {"shown": "甲市图书馆.pdf", "fate": "rejected", "code": "file-extension", "details": {"ext": ".pdf"}},
            {"shown": "1.xlsx", "fate": "rejected", "code": "duplicate-submission", "undecided": True, "unit_key": "002|2020||", "unit_name": "乙馆"},
            {"shown": "2.xlsx", "fate": "rejected", "code": "duplicate-submission", "undecided": True, "unit_key": "002|2020||", "unit_name": "乙馆"},
        ),
    )
    assert sorted(letters) == ["局/甲市图书馆_退回修改通知.docx", "未填主管部门/乙馆_退回修改通知.docx"]
    unread, undecided = (paragraphs(letters[name]) for name in sorted(letters))
    assert unread[1] == undecided[1] == "关于重新报送绩效自评材料的通知"
    assert any(line.startswith("1．甲市图书馆.pdf：") and ".pdf" in line and "请" in line for line in unread)
    assert [line for line in undecided if line.endswith(".xlsx")] == ["1．1.xlsx", "2．2.xlsx"]


@pytest.mark.parametrize(("in_year", "letters"), [(True, 0), (False, 1)])
def test_a_unit_the_office_must_decide_about_first_gets_no_letter_but_for_another_year(in_year, letters):
    c = completed(units=units({"name": "甲", "in_year": in_year}), issues=issues({}))
    c.status["state"] = "待确认"
    assert len([unit for unit in addressees(c) if unit.returned]) == letters


@pytest.mark.parametrize(
    ("deadline", "said"), [("2021-03-31", "2021年3月31日"), ("2021年3月31日", "2021年3月31日"), ("三月底", "三月底"), ("", "    年  月  日")]
)
def test_a_deadline_is_written_as_letters_write_it(deadline, said):
    assert deadline_words(deadline) == said
    assert f"请于{said}前" in "".join(paragraphs(one(units=units({"name": "甲"}), issues=issues({}), deadline=deadline)))


def test_one_reminder_for_each_authority_with_units_that_sent_nothing():
    c = completed(
        roster=roster(
            {"name": "甲", "authority": "局"},
            {"name": "乙", "authority": "局", "code": "002", "contact": "张", "phone": "0799-1"},
            {"name": "丙市图书馆", "authority": "局"},
            {"name": "丁"},
            {"name": "戊", "authority": "委"},
        ),
        units=units({"name": "甲"}, {"name": "戊"}),
        files=files({"shown": "丙市图书馆.pdf", "fate": "rejected", "code": "file-extension"}),
    )
    letters = dict(reminder_letters(c))
    assert list(letters) == [("未填主管部门", "催报通知.docx"), ("局", "催报通知.docx")]
    assert annex(letters["局", "催报通知.docx"]) == [["序号", "单位名称", "预算单位编码", "联系人", "电话"], ["1", "乙", "002", "张", "0799-1"]]
    assert any("应报单位3个，截至目前还有1个" in line for line in paragraphs(letters["局", "催报通知.docx"]))


def test_without_a_roster_nobody_is_reminded():
    assert dict(reminder_letters(completed(units=units({"name": "甲"})))) == {}


@pytest.mark.parametrize("text", ["<w:p/>&]]>", "一\x00二\x07", "{{ jinja }}", "第一行\n第二行", "𠮷" * 10, "a" * 5000, "\"'<"])
def test_text_cannot_break_the_document(text):
    data = one(units=units({"name": text, "source": text}), issues=issues({"message": text, "level3": text, "value": text}))
    assert len(paragraphs(data)) > 5
    assert len(annex(data)) == 2


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"name": "甲"}, {"name": "甲", "code": "2"}], ["甲_退回修改通知.docx", "甲_2_退回修改通知.docx"]),
        ([{"name": "A馆"}, {"name": "a馆"}, {"name": "ａ馆"}], ["A馆_退回修改通知.docx", "a馆(2)_退回修改通知.docx", "ａ馆_退回修改通知.docx"]),
        ([{"name": "甲", "authority": "局"}, {"name": "甲", "code": "2", "authority": "委"}], ["甲_退回修改通知.docx"] * 2),
    ],
)
def test_letters_of_two_units_never_share_a_name(rows, expected):
    c = completed(
        units=units(*({**row, "unit_key": f"{i}|2020||"} for i, row in enumerate(rows))),
        issues=issues(*({"submission": n} for n in range(len(rows)))),
    )
    places = [place for place, _ in return_letters(c)]
    assert len({"/".join(place).casefold() for place in places}) == len(places)
    assert sorted(name for _, name in places) == sorted(expected)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "CON", "", "甲" * 300, ".", ".."])
def test_file_names_stay_in_the_folder(tmp_path, name):
    place = tmp_path / "letters"
    written = write_letters(place, completed(units=units({"name": name, "authority": name}), issues=issues({})), OutputPlan())
    assert [p.parent.parent for p in written.paths] == [place]
    assert [path for path in place.rglob("*") if path.is_file()] == written.paths
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


def test_the_same_consolidation_gives_the_same_bytes():
    c = completed(units=units({"name": "甲"}), issues=issues({}))
    assert dict(return_letters(c)) == dict(return_letters(c))


def edit(path: Path) -> bytes:
    letter = Document(path)
    letter.paragraphs[0].add_run("2021")
    letter.save(path)
    return path.read_bytes()


def test_an_untouched_letter_is_replaced_and_an_edited_one_kept(tmp_path):
    c = completed(units=units({"name": "甲"}), issues=issues({}))
    (path,) = write_letters(tmp_path, c, OutputPlan()).paths
    assert read_seal(path).kind == "letter"
    c.deadline = "2021-03-31"
    assert write_letters(tmp_path, c, OutputPlan()).paths == [path]
    edited = edit(path)
    assert write_letters(tmp_path, c, OutputPlan()).paths == [path], "the number of the document was typed in: the letter says the same"
    assert path.read_bytes() == edited
    c.deadline = "2021-04-30"
    plan = OutputPlan()
    for plan in (OutputPlan(), OutputPlan()):
        assert write_letters(tmp_path, c, plan).paths == [path.with_stem(f"{path.stem}_2")]
    assert plan.kept == [(path, path.with_stem(f"{path.stem}_2"))]
    assert path.read_bytes() == edited
    assert write_letters(tmp_path, c, OutputPlan(force=True)).paths == [path]


def test_a_letter_nobody_needs_any_more_is_removed_unless_it_was_edited(tmp_path):
    before = completed(units=units({"name": "甲"}, {"name": "乙"}), issues=issues({}, {"submission": 1}))
    first, second = sorted(write_letters(tmp_path, before, OutputPlan()).paths)
    (tmp_path / "别的.docx").write_bytes(b"PK")
    (tmp_path / ".perfxl-0123.tmp").write_bytes(b"left by a killed run")
    (first.parent / ".perfxl-0123.tmp").write_bytes(b"left by a killed run")
    old = tmp_path / "甲_退回修改通知.docx"  # where 0.1.0 put it
    old.write_bytes(first.read_bytes())
    after = completed(units=units({"name": "甲"}, {"name": "乙"}), issues=issues({"submission": ("乙", "甲").index(first.name[0])}))
    (kept,) = write_letters(tmp_path, after, OutputPlan()).paths
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == sorted([kept.name, "别的.docx"])
    edit(kept)
    left = write_letters(tmp_path, completed(units=units({"name": "丙"}), issues=issues({})), OutputPlan()).left
    assert (kept.exists(), left) == (True, [f"{kept.parent.name}/{kept.name}"])
    assert second.parent == first.parent


def test_a_department_without_letters_keeps_no_folder(tmp_path):
    before = completed(units=units({"name": "甲", "authority": "一局"}, {"name": "乙", "authority": "二局"}), issues=issues({}, {"submission": 1}))
    folders = {path.parent.name for path in write_letters(tmp_path, before, OutputPlan()).paths}
    (tmp_path / "二局" / "说明.txt").write_text("留", "utf-8")
    write_letters(tmp_path, completed(units=units({"name": "丙"})), OutputPlan())
    assert (folders, [path.name for path in sorted(tmp_path.rglob("*"))]) == ({"一局", "二局"}, ["二局", "说明.txt"])


# a letter that fails costs itself


def test_a_letter_that_cannot_be_made_is_named_and_the_others_are_written(tmp_path, monkeypatch):
    c = completed(units=units({"name": "甲"}, {"name": "乙"}, {"name": "丙"}), issues=issues({}, {"submission": 1}, {"submission": 2}))
    real = letters_module._return_letter

    def failing(unit, *rest):
        if unit.name == "乙":
            raise MemoryError
        return real(unit, *rest)

    monkeypatch.setattr(letters_module, "_return_letter", failing)
    written = write_letters(tmp_path, c, OutputPlan())
    assert sorted(path.name[0] for path in written.paths) == ["丙", "甲"]
    assert written.failed == [("未填主管部门/乙_退回修改通知.docx", "MemoryError")]


def test_a_letter_whose_place_is_taken_is_named_and_the_others_are_written(tmp_path):
    c = completed(units=units({"name": "甲"}, {"name": "乙", "authority": "局"}), issues=issues({}, {"submission": 1}))
    (tmp_path / "局").write_bytes(b"a file where a folder should be")
    (tmp_path / "未填主管部门").mkdir()
    (tmp_path / "未填主管部门" / "甲_退回修改通知.docx").write_bytes(b"somebody else's")
    written = write_letters(tmp_path, c, OutputPlan())
    assert written.paths == []
    assert sorted(name for name, _ in written.failed) == ["局/乙_退回修改通知.docx", "未填主管部门/甲_退回修改通知.docx"]
    assert (tmp_path / "局").read_bytes() == b"a file where a folder should be"


def test_what_a_worker_could_not_make_is_made_here():
    c = completed(units=units({"name": "甲"}, {"name": "乙"}), issues=issues({}, {"submission": 1}))
    expected = dict(return_letters(c))

    def broken(function, items):
        return ([f"{type(batch).__name__} failed"] * len(batch.letters) for batch in items)

    assert dict(return_letters(c, broken)) == expected


@pytest.mark.parametrize(("count", "more"), [(120, ["--workers", "2"]), (12, ["--workers", "1"]), (12, ["--workers", "1", "--reader", "openpyxl"])])
def test_as_many_letters_as_units(tmp_path, count, more):
    """120 units sent a letter each were more than a worker could hold."""
    folder(tmp_path / "in", {f"{n}.xlsx": intake(f"{n}馆", actual=None, authority=f"{n % 3}局", code=f"{n:04}") for n in range(count)})
    assert run(["consolidate", str(tmp_path / "in"), "-o", str(tmp_path / "o.xlsx"), "--letters", str(tmp_path / "通知"), "--no-ledger", *more]) == 0
    assert sealed_state(tmp_path / "o.xlsx") == "ours-untouched"
    assert len(list((tmp_path / "通知").glob("?局/*馆_退回修改通知.docx"))) == count


def test_a_failed_letter_ends_with_1_and_the_workbook_is_there(tmp_path, capsys):
    folder(tmp_path / "in", {"a.xlsx": intake("甲馆", actual=None), "b.xlsx": intake("乙馆", actual=None, authority="局")})
    folder(tmp_path / "通知", {"局": b"taken"})
    for _ in range(2):  # the second is no run in which nothing has changed
        assert run(["consolidate", str(tmp_path / "in"), "-o", str(tmp_path / "o.xlsx"), "--letters", str(tmp_path / "通知"), "--workers", "1"]) == 1
        said = OutputError("output-letter-failed", file="局/乙馆_退回修改通知.docx", reason="\0").message("zh").partition("\\x00")[0]
        assert said in capsys.readouterr().err
        assert (tmp_path / "通知/未填主管部门/甲馆_退回修改通知.docx").exists()
        assert sealed_state(tmp_path / "o.xlsx") == "ours-untouched"


# the look


def test_a_letter_has_the_look_of_an_official_document():
    data = one(units=units({"name": "甲"}), issues=issues({}))
    letter = Document(BytesIO(data))
    first, second = letter.sections
    assert [round(x.cm, 1) for x in (first.page_width, first.top_margin, first.bottom_margin, first.left_margin, first.right_margin)] == [
        21.0,
        3.7,
        3.5,
        2.8,
        2.6,
    ]
    assert (round(second.page_width.cm, 1), round(second.page_height.cm, 1)) == (29.7, 21.0)
    xml = ZipFile(BytesIO(data)).read("word/document.xml").decode()
    assert all(f'w:eastAsia="{font}"' in xml for font in ("方正小标宋简体", "仿宋_GB2312", "黑体"))
    assert "华文中宋" in ZipFile(BytesIO(data)).read("word/fontTable.xml").decode()
    assert not {i.date_time for i in ZipFile(BytesIO(data)).infolist()} - {(1980, 1, 1, 0, 0, 0)}


@office
def test_letters_open_in_an_office_suite(tmp_path):
    c = completed(units=units({"name": "甲"}), issues=issues({}), roster=roster({"name": "甲"}, {"name": "乙"}), indicators=indicators())
    printed = to_pdf(write_letters(tmp_path / "letters", c, OutputPlan()).paths, tmp_path / "pdf")
    assert [pages(pdf) for pdf in printed] == [2, 2]
