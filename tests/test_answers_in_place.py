"""A 汇总 in which somebody only answered is replaced by the next run; one in which anything else changed is kept, the new one laid beside."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from inbox import folder, intake
from office import edited, office
from openpyxl import load_workbook

from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.jobs.consolidate import Products, run
from perfxl.output import read_seal, sealed_state

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "甲.xlsx": intake("甲馆", actual="12场"),
    "乙.xlsx": intake("乙馆<&>_x0041_", actual=None),
    "丙一.xlsx": intake("丙馆", actual="21场"),
    "丙二.xlsx": intake("丙馆", actual="22场"),
}
ROUND = {"甲.xlsx": intake("甲馆", actual="13场")}


def place(sheet: Any, title: str) -> int:
    return next(cell.column for row in sheet.iter_rows(max_row=3) for cell in row if cell.value == title)


def addresses(path: Path) -> dict[str, str]:
    """The cells of the first rows that are filled in below."""
    book = load_workbook(path)
    back, asked = book["退回修改清单"], book["待裁定"]
    found = {title: back.cell(3, place(back, title)).coordinate for title in ("单位回复", "办理结果", "修改要求")}
    return found | {title: asked.cell(3, place(asked, title)).coordinate for title in ("裁定", "裁定人")}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("first")
    run([folder(base / "收件", FILES)], Products(base / "汇总.xlsx", base / "l.sqlite"), ConsolidateOptions())
    return base


CASES: dict[str, tuple[list[list[object]], bool, bool]] = {
    "only opened": ([], False, True),
    "answered": ([["set", "退回修改清单", "单位回复", "已补"], ["set", "退回修改清单", "办理结果", "=收到"]], False, True),
    "sorted": ([["sort", "问题清单", "A3:M5", 4, False]], False, True),
    "decided": ([["set", "待裁定", "裁定", "采用"], ["set", "待裁定", "裁定人", "示例"]], True, True),
    "decided, not handed in": ([["set", "待裁定", "裁定", "采用"]], False, False),
    "another column": ([["set", "退回修改清单", "修改要求", "不用改"]], False, False),
    "a number": ([["set", "单位得分", "E3", 99]], False, False),
    "a note on the first page": ([["set", "总览", "H40", "请领导阅"]], False, False),
    "a head": ([["set", "指标明细", "B2", "单位"], ["set", "指标明细", "C2", "我的一列"]], False, False),
    "a cell cleared": ([["clear", "文件清单", "A3"]], False, False),
}


@office
def test_what_is_only_answered_is_replaced(first: Path, tmp_path: Path) -> None:
    at = addresses(first / "汇总.xlsx")
    jobs = []
    for name, (steps, _, _) in CASES.items():
        base = tmp_path / name
        shutil.copytree(first, base)
        named = [[kind, title, at.get(str(cell), cell), *rest] for kind, title, cell, *rest in steps]
        jobs.append((first / "汇总.xlsx", base / "汇总.xlsx", named))
    edited(jobs, tmp_path)
    seen = {}
    for name, (_, decided, _) in CASES.items():
        base = tmp_path / name
        assert sealed_state(base / "汇总.xlsx") == "ours-edited"
        folder(base / "收件", ROUND)
        done = run(
            [base / "收件"], Products(base / "汇总.xlsx", base / "l.sqlite"), ConsolidateOptions(decisions=base / "汇总.xlsx" if decided else None)
        )
        seen[name] = not done.kept
        assert (sealed_state(base / "汇总.xlsx") == "ours-untouched") is (not done.kept)
        assert (base / "汇总_2.xlsx").exists() is bool(done.kept)
    assert seen == {name: replaced for name, (_, _, replaced) in CASES.items()}
    back = load_workbook(tmp_path / "answered" / "汇总.xlsx")["退回修改清单"]
    said = {(row[place(back, "单位回复") - 1].value, row[place(back, "办理结果") - 1].value) for row in back.iter_rows(min_row=3)}
    assert ("已补", "=收到") in said


def test_a_comment_and_a_sheet_more_are_more_than_answers(first: Path, tmp_path: Path) -> None:
    from openpyxl.comments import Comment

    for name, change in {
        "comment": lambda book: setattr(book["退回修改清单"]["A3"], "comment", Comment("看一下", "示例")),
        "sheet": lambda book: book.create_sheet("我的笔记"),
    }.items():
        base = tmp_path / name
        shutil.copytree(first, base)
        book = load_workbook(base / "汇总.xlsx")
        change(book)
        book.save(base / "汇总.xlsx")
        assert run([base / "收件"], Products(base / "汇总.xlsx", base / "l.sqlite"), ConsolidateOptions()).kept != []


def test_the_contents_are_the_same_whoever_made_the_rows(first: Path, tmp_path: Path) -> None:
    """Rows taken over from the ledger, rows moved, and rows made anew say the same."""
    inbox = folder(tmp_path / "收件", FILES | {"0.xlsx": intake("〇馆")})
    shutil.copy(first / "l.sqlite", tmp_path / "l.sqlite")
    run([inbox], Products(tmp_path / "again.xlsx", tmp_path / "l.sqlite"), ConsolidateOptions())
    run([inbox], Products(tmp_path / "anew.xlsx"), ConsolidateOptions())
    again, anew = (read_seal(tmp_path / f"{name}.xlsx") for name in ("again", "anew"))
    assert again is not None
    assert anew is not None
    assert again.contents == anew.contents != ""
