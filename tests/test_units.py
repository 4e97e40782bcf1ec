"""Who is whose (contract §5), sentence by sentence."""

from __future__ import annotations

import random
from itertools import permutations
from pathlib import Path

import pytest
from settling import codes, fates, sent, settled, units

from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.items import Matter, matter_of
from perfxl.consolidation.names import Names, name_key, stem_and_folders
from perfxl.consolidation.submissions import code_typed, times_of
from perfxl.values.vocabulary import EVALUATION_WORDS

LIBRARY, CULTURE = {"name": "市图书馆", "code": "010001"}, {"name": "市文化馆", "code": "010002"}
BOTH = [LIBRARY, CULTURE]


# codes


@pytest.mark.parametrize("typed", ["010001", "０１０００１", " 010 001 ", "010001\u200b"])
def test_a_code_is_a_text_after_nfkc_and_blanks(typed):
    assert units(settled(sent("市图书馆", code=typed), listed=BOTH)) == ["010001"]


def test_lost_zeros_are_put_back_where_the_name_agrees_or_is_blank():
    s = settled(sent("市图书馆", code=10001), sent("", code=10002), sent("别的馆", code=10001), listed=BOTH)
    assert units(s) == ["010001", "010002", "10001"]
    assert [s.owners[n].noted for n in range(3)] == ["code-zeros-lost", "code-zeros-lost", ""]


def test_where_both_codes_exist_the_exact_one_stays_exact():
    listed = [{"name": "市图书馆", "code": "010001"}, {"name": "县图书馆", "code": "10001"}]
    assert units(settled(sent("", code="10001"), sent("", code="010001"), sent("县图书馆", code=10001), listed=listed)) == [
        "10001",
        "010001",
        "10001",
    ]
    assert units(settled(sent("甲", code="10001"), sent("乙", code="010001"))) == ["10001", "010001"]


@pytest.mark.parametrize("typed", [360100000000000001, 3.601e17, "3.60100E+17"])
def test_a_number_of_sixteen_digits_or_more_is_never_a_key(typed):
    assert code_typed(typed) == ""
    s = settled(sent("甲馆", code=typed), sent("乙馆", code=typed))
    assert (units(s), codes(s)) == (["甲馆", "乙馆"], ["accepted", "accepted"])


def test_an_eighteen_digit_code_typed_as_text_is_a_code_like_any_other():
    assert units(settled(sent("甲", code="360100000000000001"), sent("乙", code="360100000000000002"))) == [
        "360100000000000001",
        "360100000000000002",
    ]


# names


@pytest.mark.parametrize("typed", ["市 图书馆（总馆）", "市图书馆(总馆)", "市图书馆【总馆】", "市图书\u200b馆（总馆）", "市圖書館"])
def test_names_are_compared_without_blanks_invisible_characters_and_kinds_of_brackets(typed):
    listed = [{"name": "市图书馆（总馆）"}, {"name": "市图书馆"}]
    assert units(settled(sent(typed), listed=listed)) == (["市图书馆(总馆)"] if typed != "市圖書館" else ["市圖書館"])


@pytest.mark.parametrize("typed", ["市第一图书馆", "市老图书馆", "市图"])
def test_former_and_short_names_are_names_of_the_unit(typed):
    assert units(settled(sent(typed), listed=[{**LIBRARY, "former": "市第一图书馆、市老图书馆", "short": "市图"}])) == ["010001"]


def test_a_name_of_today_beats_another_units_former_name():
    listed = [{"name": "新馆", "code": "1", "former": "老馆"}, {"name": "老馆", "code": "2"}]
    assert units(settled(sent("老馆"), listed=listed)) == ["2"]


def test_the_office_itself_is_a_unit_of_its_own_where_both_are_listed():
    both = [{"name": "市教育局", "code": "1"}, {"name": "市教育局本级", "code": "2"}]
    assert units(settled(sent("市教育局"), sent("市教育局（本级）"), sent("市教育局本级"), listed=[both[0]])) == ["1", "1", "1"]
    assert units(settled(sent("市教育局"), sent("市教育局本级"), listed=both)) == ["1", "2"]
    for typed, name in (("市教育局（本级）", "市教育局本级"), ("市教育局本级", "市教育局【本级】")):
        assert units(settled(sent("市教育局"), sent(typed), listed=[both[0], {"name": name, "code": "2"}])) == ["1", "2"]


@pytest.mark.parametrize("other", ["第一小学分校", "第一小学附属幼儿园", "县第一小学", "第一小学（东区）"])
def test_a_longer_name_is_another_unit(other):
    s = settled(sent("第一小学"), sent(other), listed=[{"name": "第一小学"}])
    assert codes(s) == ["accepted", "accepted"]
    assert [s.owners[n].listed for n in range(2)] == [0, -1]
    assert s.suspects == []


def test_one_code_of_several_units_of_the_roster_is_decided_by_the_name():
    listed = [{"name": "甲馆", "code": "9"}, {"name": "乙馆", "code": "9"}]
    s = settled(sent("甲馆", code="9"), sent("乙馆", code="9"), sent("", code="9"), listed=listed)
    assert codes(s) == ["identity-conflict"] * 3
    assert codes(settled(sent("甲馆", code="9"), sent("乙馆", code="9"), listed=listed)) == ["accepted", "accepted"]
    assert units(settled(sent("甲馆", code="9"), sent("乙馆", code="9"), listed=listed)) == ["9·甲馆", "9·乙馆"]


def test_two_units_of_one_name_are_told_apart_by_code():
    listed = [{"name": "中心小学", "code": "1"}, {"name": "中心小学", "code": "2"}]
    assert codes(settled(sent("中心小学", code="1"), sent("中心小学", code="2"), listed=listed)) == ["accepted", "accepted"]
    s = settled(sent("中心小学"), listed=listed)
    assert codes(s) == ["identity-conflict"]
    assert {x.listed for x in s.suspects} == {0, 1}


# code and name must agree


def test_code_and_name_of_two_units_are_a_conflict_and_everything_concerned_waits():
    s = settled(sent("市图书馆", code="010001"), sent("市文化馆", code="010001", count=2), listed=BOTH)
    assert codes(s) == ["identity-conflict", "identity-conflict"]
    assert {(x.listed, str(x.why)) for x in s.suspects} == {(0, "identity-conflict"), (1, "identity-conflict")}
    assert [str(q.reason) for q in s.questions] == ["identity-conflict"] * 2


def test_of_a_conflict_both_files_are_told_which_one_is_to_be_corrected():
    s = settled(sent("市图书馆", code="010001", file="甲.xlsx"), sent("市文化馆", code="010001", file="乙.xlsx"), listed=BOTH)
    said = {"typed_code": "010001", "typed_name": "市文化馆", "asked": "乙.xlsx"}
    assert [{name: part.details[name] for name in said} for part in s.files] == [said, said]
    why = {question.file: question.why for question in s.questions}
    assert ("牵涉到它的是“乙.xlsx”" in why["甲.xlsx"], "牵涉" in why["乙.xlsx"]) == (True, False)


def test_a_conflict_leaves_other_items_and_other_units_alone():
    listed = [*BOTH, {"name": "丙馆"}]
    s = settled(sent("市图书馆", code="010001", evaluation="项目", project="一"), sent("市文化馆", code="010001"), sent("丙馆"), listed=listed)
    assert codes(s) == ["accepted", "identity-conflict", "accepted"]


def test_without_a_roster_one_code_under_two_names_is_a_conflict():
    s = settled(sent("甲馆", code="0012"), sent("戊馆", code="0012", count=2), sent("丙馆", code="0013"))
    assert codes(s) == ["identity-conflict", "identity-conflict", "accepted"]
    assert s.suspects == []


def test_two_real_workbooks_under_one_code_both_wait():
    c = consolidate([Path(__file__).parent / "data" / "cells" / "R12_same_code"])
    assert c.files[["fate", "code", "undecided"]].values.tolist() == [["rejected", "identity-conflict", True]] * 2
    assert not c.status["state"].str.startswith("已报").any()
    assert len(c.questions) == 2


def test_without_a_roster_one_name_with_a_code_and_without_is_one_unit():
    s = settled(sent("市图书馆"), sent("市图书馆", code="010001", count=2), sent("市图书馆", code=10001, count=3))
    assert (units(s), codes(s)) == (["010001"] * 3, ["superseded", "superseded", "accepted"])


def test_without_a_roster_one_name_under_two_codes_are_two_units():
    assert codes(settled(sent("中心小学", code="1"), sent("中心小学", code="2"))) == ["accepted", "accepted"]


def test_a_code_of_the_roster_under_an_unknown_name_is_accepted_by_the_code():
    s = settled(sent("市少儿图书馆", code="010001"), listed=BOTH)
    assert (codes(s), units(s)) == (["accepted"], ["010001"])
    assert s.owners[0].code == "identity-suspect"
    assert "建议曾用名：市少儿图书馆" in s.questions[0].why
    assert s.questions[0].suggested == "市图书馆"


def test_a_name_of_the_roster_under_an_unknown_code_is_found_by_its_name():
    s = settled(sent("市图书馆", code="990001"), listed=BOTH)
    assert (units(s), s.owners[0].noted) == (["010001"], "code-differs")


def test_two_workbooks_without_name_and_code_are_two_units():
    assert codes(settled(sent(""), sent(""))) == ["accepted", "accepted"]


# witnesses


@pytest.mark.parametrize(
    "file", ["市文化馆.xlsx", "市文化馆2020年自评表.xlsx", "市文化馆/自评表.xlsx", "收件/市文化馆/2020/表.xlsx", "市文化馆.zip › 表.xlsx"]
)
def test_stem_and_folder_are_witnesses_never_judges(file):
    s = settled(sent("某某单位", file=file), listed=BOTH)
    assert (codes(s), s.owners[0].listed) == (["accepted"], -1)
    assert [(x.listed, str(x.why)) for x in s.suspects] == [(1, "identity-suspect")]
    assert s.questions[0].suggested == "市文化馆"


@pytest.mark.parametrize("file", ["自评表.xlsx", "市图书馆/表.xlsx", "市图书馆.xlsx", "市文化馆下属_市图书馆.xlsx"])
def test_a_path_that_speaks_of_the_unit_itself_or_of_nobody_is_no_witness(file):
    assert settled(sent("市图书馆", code="010001", file=file), listed=BOTH).suspects == []


def test_the_folder_of_a_department_speaks_of_nobody():
    listed = [{"name": "市教育局", "authority": "市教育局"}, {"name": "第一小学", "authority": "市教育局"}]
    s = settled(sent("第一小学", file="市教育局/第一小学.xlsx"), sent("第二小学", file="市教育局/表.xlsx"), listed=listed)
    assert s.suspects == []


@pytest.mark.parametrize(("file", "found"), [("010002.xlsx", [1]), ("2020年.xlsx", []), ("1010002号.xlsx", [])])
def test_a_code_in_a_path_is_a_witness_where_it_is_the_whole_number_and_no_year(file, found):
    listed = [*BOTH, {"name": "丙馆", "code": "2020"}]
    assert [x.listed for x in settled(sent("某某单位", file=file), listed=listed).suspects] == found


def test_a_scan_in_a_departments_folder_speaks_of_nobody():
    listed = [{"name": "市教育局", "authority": "市教育局"}, {"name": "第一小学", "authority": "市教育局"}]
    s = settled(listed=listed, unread={"市教育局/IMG.jpg": "file-extension", "第一小学/IMG.jpg": "file-extension"})
    assert [unit for unit, _ in s.unreadable] == [1]


def test_another_units_file_name_makes_that_unit_suspect():
    s = settled(sent("市图书馆", code="010001", file="市文化馆.xlsx"), listed=BOTH)
    assert codes(s) == ["accepted"]
    assert [x.listed for x in s.suspects] == [1]


def test_a_file_named_after_another_unit_does_not_take_a_place_by_itself():
    s = settled(sent("市图书馆", file="a.xlsx"), sent("市图书馆", file="市文化馆.xlsx", count=2), listed=BOTH)
    assert codes(s) == ["duplicate-submission"] * 2


def test_the_longest_name_in_a_stem_counts():
    names = Names([(name_key(n), i) for i, n in enumerate(("图书馆", "市图书馆", "市图书馆少儿馆"))])
    assert [names.spoken_of(t) for t in ("市图书馆少儿馆表", "市图书馆", "市图书馆分馆", "图书馆和市图书馆少儿馆", "馆")] == [2, 1, -1, 2, -1]


# identical bytes


def test_of_identical_bytes_the_path_that_bears_the_name_counts():
    s = settled(sent("市图书馆", file="a.xlsx", copies=("收件/市图书馆.xlsx", "表 - 副本.xlsx")), listed=BOTH)
    assert fates(s) == {
        "a.xlsx": ("ignored", "ignored-identical"),
        "收件/市图书馆.xlsx": ("accepted", ""),
        "表 - 副本.xlsx": ("ignored", "ignored-identical"),
    }
    s = settled(sent("市图书馆", file="表 - 副本.xlsx", copies=("表.xlsx",)))
    assert fates(s)["表.xlsx"] == ("accepted", "")


def test_each_copy_keeps_its_own_witness():
    s = settled(sent("市图书馆", code="010001", file="市图书馆.xlsx", copies=("市文化馆.xlsx",)), listed=BOTH)
    assert fates(s)["市文化馆.xlsx"] == ("ignored", "ignored-identical")
    assert [(x.listed, x.shown) for x in s.suspects] == [(1, "市文化馆.xlsx")]
    assert [(q.file, q.suggested) for q in s.questions] == [("市文化馆.xlsx", "市文化馆")]


def test_equal_content_counts_once_only_where_there_is_content():
    assert codes(settled(sent(content="x"), sent(content="x"))) == ["accepted", "ignored-identical"]
    assert codes(settled(sent(content=""), sent(content=""))) == ["duplicate-submission"] * 2
    assert codes(settled(sent("甲", content=""), sent("乙", content=""))) == ["accepted", "accepted"]


# the item


@pytest.mark.parametrize(("one", "other"), [("", "部门整体"), ("单位整体", "部门整体"), ("部门整体支出", "单位整体"), ("部门整体", "部门整体")])
def test_wholes_of_one_unit_are_one_item(one, other):
    assert codes(settled(sent(evaluation=one), sent(evaluation=other, count=2))) == ["superseded", "accepted"]


@pytest.mark.parametrize(("word", "kind"), EVALUATION_WORDS.items())
def test_a_type_the_checks_understand_is_understood_here(word, kind):
    assert matter_of(word, "") is (Matter.PROJECT if kind == "项目" else Matter.WHOLE)


def test_a_blank_type_beside_a_project_is_never_the_whole():
    assert codes(settled(sent(evaluation="", project="一"), sent(evaluation="部门整体"))) == ["accepted", "accepted"]


def test_a_project_is_its_code_else_its_name():
    def of(project="", project_code="", **rest):
        return sent(evaluation="项目", project=project, project_code=project_code, **rest)

    assert codes(settled(of("旧名", "P1"), of("新名", "P1", count=2))) == ["superseded", "accepted"]
    assert codes(settled(of("同名", "P1"), of("同名", "P2"))) == ["accepted", "accepted"]
    assert codes(settled(of("同名"), of("同名", "P1", count=2))) == ["superseded", "accepted"]
    assert codes(settled(of("同 名"), of("同名", count=2))) == ["superseded", "accepted"]
    assert codes(settled(of("一", 123456789012345678), of("二", 123456789012345678))) == ["accepted", "accepted"]
    assert codes(settled(of("一", 101), of("一", "0101", count=2))) == ["superseded", "accepted"]


def test_projects_without_a_name_wait_and_supersede_nobody():
    s = settled(sent(evaluation="项目"), sent(evaluation="项目", count=2), sent(evaluation="项目", project="一"))
    assert codes(s) == ["project-unnamed", "project-unnamed", "accepted"]
    assert [str(q.reason) for q in s.questions] == ["project-unnamed"] * 2


def test_the_year_of_a_run_is_the_one_asked_for_else_that_of_most_else_the_later():
    rows = [sent("甲", year=2020), sent("乙", year=2021), sent("丙", year=2021), sent("丁", year=0)]
    assert settled(*rows).year == 2021
    assert settled(*rows, year=2020).year == 2020
    assert settled(*rows[:2]).year == 2021
    assert settled().year == 0


def test_another_year_is_accepted_asked_about_and_competes_with_nobody():
    s = settled(sent("市图书馆", year=2021), sent("市图书馆", year=2020, count=9), sent("市文化馆", year=2021), listed=BOTH)
    assert codes(s) == ["accepted"] * 3
    assert [(str(q.reason), q.file) for q in s.questions] == [("other-year", "1.xlsx")]
    assert [(x.listed, str(x.why)) for x in s.suspects] == [(0, "other-year")]


# which of several


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([sent()], ["accepted"], id="one"),
        pytest.param([sent(count=1), sent(count=2)], ["superseded", "accepted"], id="higher 报送次数"),
        pytest.param([sent(count=10), sent(count=9)], ["accepted", "superseded"], id="报送次数 is a number"),
        pytest.param([sent(count=None), sent(count="第2次")], ["superseded", "accepted"], id="blank is the first time"),
        pytest.param([sent(count="二"), sent(count="第2次")], ["duplicate-submission"] * 2, id="二 and 第2次 alike"),
        pytest.param([sent(count="终稿"), sent(count=2)], ["duplicate-submission"] * 2, id="a count nobody understands"),
        pytest.param([sent(filled_on="2021-03-02"), sent(filled_on="2021-03-01")], ["accepted", "superseded"], id="later 填报日期"),
        pytest.param([sent(count=2, filled_on="2021-03-01"), sent(filled_on="2021-04-01")], ["accepted", "superseded"], id="次数 before 日期"),
        pytest.param([sent(), sent()], ["duplicate-submission"] * 2, id="neither decides"),
        pytest.param([sent(filled_on="2021-03-01"), sent(filled_on="2021-03-01")], ["duplicate-submission"] * 2, id="same day"),
        pytest.param([sent(filled_on="2021-03-01"), sent()], ["duplicate-submission"] * 2, id="no date does not lose to one with"),
        pytest.param([sent(filled_on="2099-03-01"), sent(filled_on="2021-03-01")], ["duplicate-submission"] * 2, id="a date far ahead never wins"),
        pytest.param([sent(filled_on="2021-12-31"), sent(filled_on="2021-03-01")], ["accepted", "superseded"], id="the last day that may win"),
        pytest.param([sent(count=2), sent(count=2), sent()], ["duplicate-submission"] * 3, id="a tie at the top: none counts"),
    ],
)
def test_of_several_for_one_item(rows, expected):
    assert codes(settled(*rows)) == expected


def test_of_several_papers_the_strongest_counts():
    from perfxl.consolidation.submissions import Paper

    rows = [sent(paper=Paper.FORM, figures="f", count=9), sent(figures="f"), sent(paper=Paper.SCORED, figures="other")]
    assert codes(settled(*rows)) == ["ignored-weaker-paper", "accepted", "superseded"]
    assert codes(settled(rows[0], rows[2])) == ["superseded", "accepted"]


@pytest.mark.parametrize(
    ("typed", "times"),
    [(None, 1), ("", 1), (2, 2), (2.0, 2), ("2", 2), ("第2次", 2), ("第二次", 2), ("二", 2), ("２", 2), ("终稿", 0), ("-1", 0), ("2.5", 0)],
)
def test_times_read(typed, times):
    assert times_of(typed) == times


def test_settling_does_not_depend_on_the_order_of_files():
    rows = [sent("甲", code="1", file="a.xlsx"), sent("甲", count=2, file="b.xlsx"), sent("乙", code="1", file="c.xlsx"), sent("丙", file="d.xlsx")]
    rows = [{**row, "sha256": f"{i:064x}"} for i, row in enumerate(rows)]
    results = {tuple(sorted(fates(settled(*order)).items())) for order in permutations(rows)}
    assert len(results) == 1


# files nobody reads


@pytest.mark.parametrize(
    "file", ["市文化馆.ofd", "市文化馆.wps", "市文化馆.jpg", "市文化馆.htm", "市文化馆", "市文化馆/扫描件.pdf", "市文化馆（盖章）.pdf"]
)
def test_a_unit_that_sent_only_what_nobody_reads_is_not_chased(file):
    s = settled(sent("市图书馆"), listed=BOTH, unread={file: "file-extension"})
    assert fates(s)[file] == ("rejected", "file-extension")
    assert [unit for unit, _ in s.unreadable] == [1]
    assert [(str(q.reason), q.suggested) for q in s.questions] == [("file-unreadable", "市文化馆")]


@pytest.mark.parametrize("file", ["市图书馆.pdf", "市图书馆扫描.jpg", "市图书馆/扫描.pdf", "收件1/扫描.pdf"])
def test_beside_something_readable_it_is_an_attachment(file):
    s = settled(sent("市图书馆", file="收件1/表.xlsx"), listed=BOTH, unread={file: "file-extension"})
    assert fates(s)[file] == ("ignored", "ignored-attachment")
    assert s.unreadable == []


@pytest.mark.parametrize(("file", "code"), [("扫描.pdf", "file-extension"), ("部门/扫描.pdf", "file-extension"), ("市图书馆.xlsx", "file-damaged")])
def test_what_speaks_of_nobody_or_should_have_been_read_stays_rejected(file, code):
    s = settled(sent("市图书馆", file="部门/a.xlsx"), sent("市文化馆", file="部门/b.xlsx"), listed=BOTH, unread={file: code})
    assert fates(s)[file] == ("rejected", code)


def test_what_its_name_alone_left_aside_is_matched_like_the_rest():
    code = "ignored-not-a-spreadsheet"
    s = settled(sent("市图书馆"), listed=BOTH, left={"市图书馆.jpg": code, "市文化馆.jpg": code, "a.jpg": code, "~$a.xlsx": "ignored-lock-file"})
    assert fates(s) == {
        "0.xlsx": ("accepted", ""),
        "市图书馆.jpg": ("ignored", "ignored-attachment"),
        "市文化馆.jpg": ("rejected", "file-extension"),
        "a.jpg": ("rejected", "file-extension"),
        "~$a.xlsx": ("ignored", "ignored-lock-file"),
    }


def test_without_a_roster_an_attachment_is_known_by_the_units_that_came():
    s = settled(sent("甲图书馆"), unread={"甲图书馆盖章.pdf": "file-extension", "乙图书馆盖章.pdf": "file-extension"})
    assert fates(s)["甲图书馆盖章.pdf"] == ("ignored", "ignored-attachment")
    assert fates(s)["乙图书馆盖章.pdf"] == ("rejected", "file-extension")


@pytest.mark.parametrize(
    ("path", "parts"), [("a/b/c.xlsx", ("c", ["b", "a"])), ("包.zip › 表.xlsx", ("表", ["包.zip"])), ("甲馆2020.12", ("甲馆2020", []))]
)
def test_a_path_in_its_parts(path, parts):
    assert stem_and_folders(path) == parts


# any inbox


def test_any_inbox_is_accounted_for_and_no_item_counts_twice():
    rng = random.Random(7)
    names, numbers = ["甲馆", "乙馆", "丙馆", "丙馆分馆", ""], ["", "1", "01", "2", 1, 10**17]
    listed = [{"name": "甲馆", "code": "01"}, {"name": "乙馆", "code": "2"}, {"name": "丙馆"}, {"name": "丙馆分馆"}]
    for _ in range(300):
        rows = [
            sent(
                rng.choice(names),
                code=rng.choice(numbers),
                count=rng.choice([1, 2, "终稿"]),
                year=rng.choice([2020, 2020, 2021, 0]),
                evaluation=rng.choice(["", "部门整体", "项目", "别的"]),
                project=rng.choice(["", "一"]),
                file=f"{rng.choice(['甲馆', '乙馆', 'x'])}/{i}{rng.choice(names)}.xlsx",
                copies=(f"copy{i}.xlsx",) if rng.random() < 0.2 else (),
            )
            for i in range(rng.randrange(9))
        ]
        s = settled(*rows, listed=rng.choice([[], listed]), unread={"甲馆.pdf": "file-extension"})
        assert len(s.files) == len(s.shown)
        accepted = [d.key for d in s.parts.values() if d.fate == "accepted"]
        assert len(accepted) == len(set(accepted))
        assert all(s.parts[d.winner].fate == "accepted" for d in s.parts.values() if d.code == "superseded")
        for number, decision in s.parts.items():
            if decision.fate == "rejected":
                assert any(q.sha256 == s.headers[number].sha256 for q in s.questions)
