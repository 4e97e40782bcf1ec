"""复核意见 in letters: which unit is told what, and where it answers."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document
from frames_of import NAN, consolidation, indicators, issues, reviewed, units

from perfxl.consolidation.crosswise import complete
from perfxl.consolidation.records import Missing
from perfxl.output import OutputPlan
from perfxl.word.letters import return_letters, write_letters

CUT = {
    "level3": "场次",
    "claimed": 10.0,
    "score": 10.0,
    "review_score": 7.0,
    "final": 7.0,
    "reason": "只有268场",
    "clause": "佐证不足",
    "evidence": "不符",
}


def written(u, rows, **parts):
    c = consolidation(units=u, reviewed=rows, **parts)
    complete(c)
    c.units.loc[0, "final_total"] = 87.0
    return {"/".join(place): data for place, data in return_letters(c)}


def said(data: bytes) -> str:
    return "\n".join(p.text for p in Document(BytesIO(data)).paragraphs)


def tables(data: bytes) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in Document(BytesIO(data)).tables]


HEAD = ["序号", "指标", "分值", "自评得分", "测算得分", "复核得分", "扣分理由", "依据条款", "佐证材料", "单位意见"]


def test_a_unit_with_nothing_to_correct_is_told_what_the_review_took_and_why():
    ((place, data),) = written(units({"name": "甲馆", "source": "甲.xlsx"}), reviewed(CUT), deadline="2021-05-31").items()
    assert place == "未填主管部门/甲馆_复核意见通知.docx"
    words = said(data)
    assert "关于反馈2020年度部门整体支出绩效自评材料复核意见的通知" in words
    assert "复核了1行，其中1行比规则测算少，规则测算得分90分，复核后得分87分，逐行理由见附件。" in words
    assert "请在附件的“单位意见”栏写明理由，附上佐证材料，于2021年5月31日前反馈；没有意见的，不必回复。" in words
    assert "上一轮" not in words.split("附件\n")[0]
    assert tables(data) == [[HEAD, ["1", "场次", "10", "10", "10", "7", "只有268场", "佐证不足", "不符", ""]]]


def test_a_unit_that_must_correct_something_finds_both_in_one_letter():
    ((place, data),) = written(
        units({"name": "甲馆"}), reviewed({**CUT, "answer": "场次已补证"}), issues=issues({}), indicators=indicators({"claimed_score": 9.0})
    ).items()
    assert place == "未填主管部门/甲馆_退回修改通知.docx"
    words = said(data)
    assert "见附件1。" in words
    assert "二、复核意见" in words
    assert "三、重新报送的要求" in words
    assert "逐行理由见附件2。你单位上一轮的意见已附在后面。" in words
    first, second = tables(data)
    assert first[0][0] == "序号"
    assert first[1][2] == "必须改正"
    assert second == [HEAD, ["1", "场次", "10", "10", "10", "7", "只有268场", "佐证不足", "不符", "场次已补证"]]


def test_an_open_row_that_the_review_settled_is_quoted_without_computed_points():
    (data,) = written(
        units({"name": "甲馆"}), reviewed({"level3": "造林", "review_score": 8.5, "final": 8.5, "reason": "按验收单", "score": NAN})
    ).values()
    assert tables(data)[0][1] == ["1", "造林", "10", "", "", "8.5", "按验收单", "", "", ""]
    assert "复核了1行，规则测算得分90分" in said(data)


@pytest.mark.parametrize(
    "row",
    [
        {"score": 10.0, "review_score": 10.0, "final": 10.0},
        {**CUT, "state": "复核后有改动"},
        {**CUT, "state": "复核冲突"},
        {**CUT, "state": "填写有误"},
        {**CUT, "state": "未归位", "submission": -1},
    ],
)
def test_nobody_is_told_of_a_review_that_takes_nothing_or_does_not_count(row):
    assert written(units({"name": "甲馆"}), reviewed(row)) == {}


def test_rows_that_were_confirmed_are_listed_beside_those_that_lost_points():
    full = {"level3": "满意度", "score": 10.0, "review_score": 10.0, "final": 10.0, "sheet_row": 9}
    (data,) = written(units({"name": "甲馆"}), reviewed(CUT, full)).values()
    assert [row[1] for row in tables(data)[0][1:]] == ["场次", "满意度"]
    assert "复核了2行，其中1行比规则测算少" in said(data)


def test_two_submissions_of_a_unit_stand_in_one_letter_each_under_its_name():
    (data,) = written(
        units(
            {"name": "甲馆", "code": "001", "source": "1.xlsx"},
            {"name": "甲馆", "code": "001", "evaluation": "项目", "project": "免费开放", "source": "2.xlsx"},
        ),
        reviewed(CUT, {**CUT, "submission": 1}),
    ).values()
    assert [row[0] for row in tables(data)[0]] == [
        "序号",
        "2020年度部门整体支出绩效自评材料（1.xlsx）",
        "1",
        "2020年度“免费开放”项目支出绩效自评材料（2.xlsx）",
        "1",
    ]
    assert "关于反馈绩效自评材料复核意见的通知" in said(data)


def test_words_with_line_ends_and_marks_of_a_formula_stay_words_of_a_cell():
    (data,) = written(units({"name": "甲馆"}), reviewed({**CUT, "reason": "=1+1\n<b>&", "answer": "“不\t同意”"})).values()
    assert tables(data)[0][1][6:] == ["=1+1 <b>&", "佐证不足", "不符", "“不 同意”"]


def test_a_letter_whose_reviews_are_withdrawn_is_removed(tmp_path):
    def run(rows):
        c = consolidation(units=units({"name": "甲馆", "source": "1.xlsx"}, {"name": "乙馆", "source": "2.xlsx"}), reviewed=rows)
        complete(c)
        return sorted(path.name for path in write_letters(tmp_path, c, OutputPlan()).paths)

    both = ["乙馆_复核意见通知.docx", "甲馆_复核意见通知.docx"]
    assert run(reviewed(CUT, {**CUT, "submission": 1})) == both
    assert sorted(path.name for path in tmp_path.rglob("*.docx")) == both
    assert run(reviewed(CUT)) == ["甲馆_复核意见通知.docx"]
    assert [path.name for path in tmp_path.rglob("*.docx")] == ["甲馆_复核意见通知.docx"]


@pytest.mark.parametrize(("still_open", "place"), [(False, "甲馆_复核意见通知.docx"), (True, "甲馆_退回修改通知.docx")])
def test_what_a_review_has_settled_is_not_sent_back(still_open, place):
    c = consolidation(units=units({"name": "甲馆", "provisional": True}), reviewed=reviewed(CUT), issues=issues({}))
    complete(c)
    c.units["reviewed"], c.units["final_provisional"] = 1, still_open
    assert [name for (_, name), _ in return_letters(c)] == [place]


def test_under_a_closing_rule_that_counts_zero_an_open_row_is_still_sent_back():
    c = consolidation(units=units({"name": "甲馆", "provisional": True}), reviewed=reviewed(CUT), issues=issues({}), missing=Missing.ZERO)
    complete(c)
    c.units["reviewed"] = 1
    assert [name for (_, name), _ in return_letters(c)] == ["甲馆_退回修改通知.docx"]
