"""From review sheets to every output: what is printed agrees with what was counted, in each of them, also after a correction."""

from __future__ import annotations

import pytest
from inbox import intake
from office import office, recalculate
from openpyxl import load_workbook
from reviewing import RATE, READERS, VISITS, Bureau, typed
from test_recalculation import cells_of, differences

from perfxl.cli import run as command
from perfxl.consolidation.document import consolidation_document
from perfxl.word.letters import return_letters
from perfxl.workbook import consolidated
from perfxl.workbook.consolidated import write_consolidated

BY = {"复核人": "王", "复核日期": "2021-05-02"}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Four units; two deductions, an open row settled, one review without a reason, then a unit corrects what was reviewed."""
    with pytest.MonkeyPatch.context() as patch:
        bureau = Bureau(tmp_path_factory.mktemp("story"), patch)
        patch.setattr(consolidated, "write_consolidated", write_consolidated)  # the whole workbook, which other tests of reviews do without
        bureau.sent(
            甲=intake("甲馆", claimed_total=100, claimed_grade="优"),
            乙=intake("乙馆", actual="若干"),
            丙=intake("丙馆", actual="15场"),
            丁=intake("丁馆", evaluation="项目", project="免费开放"),
        )
        bureau.run(sheets="复核")
        typed(
            bureau.sheet(),
            {
                ("甲馆", VISITS): {"复核得分": 20, "扣分理由": "15场没有记录", "依据条款": "没有佐证材料：扣100%", **BY},
                ("甲馆", RATE): {"复核得分": 0, "扣分理由": "没有问卷", "单位意见": "已补报", **BY},
                ("乙馆", VISITS): {"复核完成值": "18场", **BY},
                ("丙馆", READERS): {"复核得分": 3, **BY},
                ("丁馆", VISITS): {"复核得分": 10, "扣分理由": "没有记录", "依据条款": "没有佐证材料：扣100%", **BY},
            },
        )
        first = bureau.run(review="复核")
        (bureau.home / "第一轮.xlsx").write_bytes((bureau.home / "汇总.xlsx").read_bytes())
        bureau.sent(甲=intake("甲馆", actual="22场", claimed_total=100, claimed_grade="优", submission_count=2))
        second = bureau.run(review="复核")
        yield bureau, first, second


def table(path, sheet, *titles):
    found = load_workbook(path)[sheet]
    head = [cell.value for cell in found[2]]
    return [tuple(row[head.index(title)].value for title in titles) for row in found.iter_rows(min_row=3)]


def test_workbook_json_and_units_agree(story):
    bureau, first, _ = story
    stored = cells_of(bureau.home / "第一轮.xlsx")
    head = {stored["复核结果", f"{letter}2"][1]: letter for letter in "ABCDEFGHIJKLMNOPQRS"}
    printed = {stored["复核结果", f"{head['单位']}{n}"][1]: stored["复核结果", f"{head['最终得分']}{n}"] for n in range(3, 7)}
    document = {unit["name"]: unit["final"]["total"] for unit in consolidation_document(first)["units"]}
    assert {name: value for name, (_, value) in printed.items()} == document == {"甲馆": 58.75, "乙馆": 93.75, "丙馆": 86.25, "丁馆": 58.75}
    assert {name: live for name, (live, _) in printed.items()} == {"甲馆": True, "乙馆": True, "丙馆": False, "丁馆": True}


def test_a_correction_moves_back_what_was_reviewed_and_says_so(story):
    bureau, _, second = story
    assert [(u["name"], u["reviewed_total"], u["reviewed"], u["reviewable"]) for u in consolidation_document(second)["units"]] == [
        ("丁馆", 58.75, 1, 4),
        ("丙馆", None, 0, 4),
        ("乙馆", 93.75, 1, 4),
        ("甲馆", 88.75, 1, 4),
    ]
    rows = table(bureau.home / "汇总.xlsx", "复核明细", "单位", "三级指标", "状态")
    assert rows == [
        ("丁馆", VISITS, "已计入"),
        ("丙馆", READERS, "填写有误"),
        ("乙馆", VISITS, "已计入"),
        ("甲馆", VISITS, "复核后有改动"),
        ("甲馆", RATE, "已计入"),
    ]
    assert table(bureau.home / "第一轮.xlsx", "扣分不一", "单位", "扣减比例") == [("丁馆", 0.8), ("甲馆", 0.6)]
    assert "扣分不一" not in load_workbook(bureau.home / "汇总.xlsx").sheetnames
    assert len(table(bureau.home / "汇总.xlsx", "复核台账", "单位", "新")) >= 5


def test_letters_go_to_whom_a_review_took_points_from_and_whose_open_row_it_settled(story):
    _, first, second = story
    told = [sorted(place[1] for place, _ in return_letters(c)) for c in (first, second)]
    assert told == [["丁馆_复核意见通知.docx", "乙馆_复核意见通知.docx", "甲馆_复核意见通知.docx"]] * 2


def test_history_tells_the_final_score(story, capsys):
    bureau, _, _ = story
    assert command(["history", "甲馆", "--ledger", str(bureau.home / "台账.sqlite")]) == 0
    assert "最终88.75 良（测算98.75 优）" in capsys.readouterr().out


@office
def test_every_formula_of_both_rounds_recalculated_gives_the_stored_value(story, tmp_path):
    bureau, _, _ = story
    files = [bureau.home / name for name in ("第一轮.xlsx", "汇总.xlsx")]
    for before, after in zip(files, recalculate(files, tmp_path), strict=True):
        assert differences(cells_of(before), cells_of(after)) == []
