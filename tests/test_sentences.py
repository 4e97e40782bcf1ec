"""Sentences of the contract (§5 "Who is whose", "Due and late") that take a folder to show: times of files, what is blank, who is listed first."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from docx import Document
from inbox import folder, intake
from openpyxl import Workbook, load_workbook

from perfxl.cli import run
from perfxl.workbook.consolidated.table import FIRST_ROW

if TYPE_CHECKING:
    from pathlib import Path

ROSTER = [
    ["甲馆", "010001", "甲局", None, None, 100],
    ["甲馆", "010001", "甲局", "项目", "讲座", 10],
    ["乙馆", "010002", "甲局", None, None, 200],
    ["丙馆", "010003", "乙局", None, None, 300],
    ["丁馆", "010004", "乙局", None, None, 400],
    ["戊馆", "010005", "乙局", None, None, 500],
]
INBOX = {
    "甲1.xlsx": intake("甲馆", code="010001", money=(100, 95), filled_on="2021-03-01"),
    "甲2.xlsx": intake("甲馆", code="010001", money=(100, 96), filled_on="2021-05-01", submission_count=2),
    "甲项.xlsx": intake("甲馆", code="010001", evaluation="项目", project="讲座", money=(12, 9), filled_on="2021-04-11"),
    "乙.xlsx": intake("乙新馆", code="010002", money=(200, 190)),
    "丙.xlsx": intake("丙馆", code="010003", evaluation=None, project="临展", money=(300, 290), filled_on="2021-04-01"),
    "丁.xlsx": intake("丁馆", code="010004", evaluation="项目", money=(400, 390)),
    "外.xlsx": intake("外馆", code="90", evaluation=None, money=(50, 40), filled_on="2021-03-01"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("office")
    folder(place / "in", INBOX)
    book = Workbook()
    for row in (["单位名称", "预算单位编码", "主管部门", "应报事项", "项目名称", "全年预算数"], *ROSTER):
        book.active.append(row)
    book.save(place / "r.xlsx")
    return place


def consolidated(office: Path, *more: str) -> dict:
    """The document of a run without a ledger."""
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(StringIO()):
        assert (
            run(["consolidate", str(office / "in"), "-o", str(office / "o.xlsx"), "--no-ledger", "--workers", "1", "--json", "--force", *more]) == 0
        )
    return json.loads(printed.getvalue())


@pytest.fixture(scope="module")
def with_roster(office: Path) -> dict:
    return consolidated(office, "--roster", str(office / "r.xlsx"), "--deadline", "2021-04-10", "--letters", str(office / "通知"))


def lines(office: Path, sheet: str) -> list[dict[str, object]]:
    rows = list(load_workbook(office / "o.xlsx")[sheet].iter_rows(min_row=FIRST_ROW, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_a_row_per_item_that_is_due_whoever_waits_first(office: Path, with_roster: dict) -> None:
    """A unit that sent a project owes the whole; what may be the whole is asked about; 迟报 goes by the first day, superseded ones too."""
    wanted = ("单位名称", "应报事项", "项目名称", "报送情况", "迟报天数", "采用的文件", "疑似文件")
    assert [tuple(line[title] for title in wanted) for line in lines(office, "报送情况")] == [
        ("丙馆", "部门整体", None, "待确认", None, None, "丙.xlsx"),
        ("丁馆", "部门整体", None, "未报", None, None, None),
        ("戊馆", "部门整体", None, "未报", None, None, None),
        ("丁馆", "项目", None, "重复待定", "未填日期", None, "丁.xlsx"),
        ("丙馆", "项目", "临展", "已报(待改)", 0, "丙.xlsx", None),
        ("甲馆", "部门整体", None, "已报", 0, "甲2.xlsx", None),
        ("甲馆", "项目", "讲座", "已报", 1, "甲项.xlsx", None),
        ("乙馆", "部门整体", None, "已报", "未填日期", "乙.xlsx", None),
        ("外馆", "部门整体", None, "已报", 0, "外.xlsx", None),
    ]
    assert [path.name for path in (office / "通知").rglob("催报通知.docx")] == ["催报通知.docx"]
    told = "".join(cell.text for table in Document(next((office / "通知").rglob("催报通知.docx"))).tables for cell in table._cells)
    assert ("丁馆" in told, "戊馆" in told, "丙馆" in told) == (True, True, False)


def test_what_is_asked_and_what_each_submission_must_correct(office: Path, with_roster: dict) -> None:
    assert [(line["文件"], line["建议的单位"], line["原因"]) for line in lines(office, "待裁定")] == [
        ("乙.xlsx", "乙馆", "疑似同一单位：编码是它的，名称“乙新馆”不是（建议曾用名：乙新馆）"),
        ("丁.xlsx", "丁馆", "项目未命名：自评类型是项目，没有项目名称和编码"),
    ]
    listed = lines(office, "问题清单")
    assert {(line["单位名称"], line["主管部门"]) for line in listed if line["问题类型"] in ("未报", "缺报事项")} == {
        ("丁馆", "乙局"),
        ("戊馆", "乙局"),
    }
    said = {(line["单位名称"], line["级别"], line["问题类型"]) for line in listed}
    assert {
        ("丙馆", "必须改正", "选项不明"),
        ("外馆", "读数提示", "按部门整体读"),
        ("丁馆", "必须改正", "项目未命名"),
        ("甲馆", "需要说明", "预算数与名单不符"),
        ("甲馆", "需要说明", "迟报"),
    } <= said
    assert ("乙馆", "需要说明", "预算数与名单不符") not in said


def test_alone_a_project_without_a_name_is_to_be_explained(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(office / "in" / "丁.xlsx"), "--json"]) == 0
    assert "warning" in [issue["severity"] for issue in json.loads(capsys.readouterr().out)["issues"] if issue["code"] == "project-unnamed"]


def test_times_of_files_decide_nothing(tmp_path: Path) -> None:
    """Of two that nothing tells apart none counts, whichever was copied last; of two that differ the later one."""
    counting = {"1.xlsx": intake("甲馆", money=(100, 95)), "2.xlsx": intake("甲馆", money=(100, 96))}
    later = {"3.xlsx": intake("乙馆", money=(100, 95), submission_count=2), "4.xlsx": intake("乙馆", money=(100, 96))}
    inbox = folder(tmp_path / "in", counting | later)
    fates = []
    for order in ((1, 2, 3, 4), (4, 3, 2, 1)):
        for n, day in zip(order, range(4), strict=True):
            os.utime(inbox / f"{n}.xlsx", (10**9 + 86_400 * day,) * 2)
        document = consolidated(tmp_path)
        fates.append([(file["fate"], file["code"]) for file in document["files"]])
    waits = ("rejected", "duplicate-submission")
    assert fates == [[waits, waits, ("accepted", None), ("superseded", "superseded")]] * 2


def test_without_a_roster_nobody_is_missing_or_to_be_confirmed(tmp_path: Path) -> None:
    files = {
        "1.xlsx": intake("甲馆", code=10001, money=(100, 95)),
        "2.xlsx": intake("甲馆", code="010001", money=(100, 96), submission_count=2),
        "3.xlsx": intake("乙馆", code="20", money=(1, 1)),
        "4.xlsx": intake("丙馆", code="20", money=(2, 2)),
        "丁馆.pdf": b"%PDF",
    }
    folder(tmp_path / "in", files)
    document = consolidated(tmp_path)
    assert [(file["fate"], file["code"]) for file in document["files"][:4]] == [
        ("superseded", "superseded"),
        ("accepted", None),
        ("rejected", "identity-conflict"),
        ("rejected", "identity-conflict"),
    ]
    assert {row["name"]: row["state"] for row in document["due"]} == {"甲馆": "已报", "乙馆": "重复待定", "丙馆": "重复待定"}
