"""One inbox as it lies on an office's disk, through the command line: who is chased, who gets a letter, what the roster has wrong."""

from __future__ import annotations

import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from inbox import folder, intake
from openpyxl import Workbook, load_workbook

from perfxl.cli import run

ROSTER = (
    ("单位名称", "预算单位编码", "主管部门", "应报事项", "项目名称"),
    ("市图书馆", "010001", "文旅局", None, None),
    ("市文化馆", "010002", "文旅局", None, None),
    ("市文化馆", "010002", "文旅局", "项目", None),
    ("市美术馆", "010003", "文旅局", None, None),
    ("市博物馆", "010004", "文旅局", None, None),
    ("市档案馆", 10005, "档案局", None, None),
    ("共5家", None, None, None, None),
)


def book(*rows: tuple[object, ...]) -> bytes:
    target, made = BytesIO(), Workbook()
    for row in rows:
        made.active.append(row)
    made.save(target)
    return target.getvalue()


def sent(name: str | None, code: str | None, evaluation: str | None = "部门整体", **fields: object) -> bytes:
    return intake(name, 2023, fields.pop("actual", "21场"), code=code, evaluation=evaluation, **fields)


FILES = {
    "市图书馆.xlsx": sent("市图书馆", "010001", "整体和项目"),  # a type that nobody understands
    "市文化馆/表.xlsx": sent("市文化馆", "010002", None),
    "市文化馆/项目.xlsx": sent("市文化馆", "010002", "项目", project="免费开放"),
    "市美术馆.xlsx": sent(None, None),  # only the file's name says whose it is
    "通讯录.xlsx": book(("姓名", "单位", "电话"), ("张三", "市博物馆", "1")),
    "._市博物馆.xlsx": b"x",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, str]:
    """The folder, the document and what the terminal said."""
    place = folder(tmp_path_factory.mktemp("office"), {f"收件/{name}": content for name, content in FILES.items()} | {"名单.xlsx": book(*ROSTER)})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        code, document, said = talking(
            ["consolidate", "收件", "-o", "汇总.xlsx", "--roster", "名单.xlsx", "--letters", "通知", "--json", "--no-ledger"]
        )
        assert code == 0
    return place, document, said


def talking(arguments: list[str]) -> tuple[int, dict, str]:
    """Exit code, document and talk of a command line."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    return code, json.loads(out.getvalue()), err.getvalue()


def test_nobody_is_chased_who_may_have_sent_it(office: tuple[Path, dict, str]) -> None:
    place, _, _ = office
    sheet = load_workbook(place / "汇总.xlsx")["报送情况"]
    titles = [cell.value for cell in sheet[2]]
    rows = [dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert [(r["单位名称"], r["应报事项"], r["项目名称"], r["报送情况"], r["疑似文件"]) for r in rows if r["主管部门"]] == [
        ("市图书馆", "部门整体", None, "待确认", "市图书馆.xlsx"),
        ("市文化馆", "项目", None, "待确认", "市文化馆/项目.xlsx"),
        ("市美术馆", "部门整体", None, "待确认", "市美术馆.xlsx"),
        ("市博物馆", "部门整体", None, "未报", None),
        ("市文化馆", "部门整体", None, "已报", None),
        ("市图书馆", "整体和项目", None, "已报(待改)", None),
        ("市文化馆", "项目", "免费开放", "已报", None),
        ("市档案馆", "部门整体", None, "未报", None),
    ]


def test_letters_go_to_who_must_correct_and_about_who_sent_nothing(office: tuple[Path, dict, str]) -> None:
    place, _, _ = office
    letters = {str(path.relative_to(place / "通知")) for path in (place / "通知").rglob("*.docx")}
    assert {"文旅局/催报通知.docx", "档案局/催报通知.docx", "文旅局/市图书馆_退回修改通知.docx"} <= letters
    assert not [name for name in letters if "通讯录" in name or "市博物馆" in name]


def test_an_address_book_and_what_systems_leave_are_no_submissions(office: tuple[Path, dict, str]) -> None:
    _, document, _ = office
    fates = {file["file"]: (file["fate"], file["code"]) for file in document["files"]}
    assert fates["通讯录.xlsx"] == ("rejected", "not-an-intake")
    assert fates["._市博物馆.xlsx"] == ("ignored", "ignored-system-file")


def test_what_is_wrong_with_the_roster_is_said_first(office: tuple[Path, dict, str]) -> None:
    place, document, said = office
    defects = ("roster-code-zeros", "roster-total-row", "roster-project-unnamed")
    assert [document["issues"][code] for code in defects] == [1, 1, 1]
    assert document["roster_issues"] == dict.fromkeys(sorted(defects), 1)
    first = said.splitlines()[0]
    assert first == "应报单位名单先要改正：名单编码缺0（1处），名单合计行（1处），名单项目无名称（1处）（见问题清单）。"
    hint = load_workbook(place / "汇总.xlsx")["报送情况"]["C1"].value
    assert hint.startswith("名单先要改正：")
    assert all(word in hint for word in ("名单编码缺0", "名单合计行", "名单项目无名称"))


def test_files_of_the_office_are_nobodys_and_a_changed_result_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Roster and lists lie in the inbox; of two results sent along, one was changed."""
    names = ["甲馆", "乙馆", "戊馆"]
    inbox = folder(tmp_path / "in", {f"{name}.xlsx": intake(name, actual="27场", authority="局") for name in names[:2]})
    for name in names[:2]:
        assert run(["score", str(inbox / f"{name}.xlsx")]) == 0
    changed = load_workbook(inbox / "乙馆_评分结果.xlsx")
    assert changed["绩效指标"]["G2"].value == "27场"
    changed["绩效指标"]["G2"] = "13场"
    changed.save(inbox / "乙馆_评分结果.xlsx")
    other = load_workbook(inbox / "甲馆_评分结果.xlsx")
    (name,) = (row[1] for row in other["基本信息"] if row[0].value == "单位名称")
    name.value = "丁馆"
    other.save(inbox / "丁.xlsx")
    lists = {
        inbox / "名单.xlsx": [["单位名称", "预算单位编码", "主管部门"], *([name, "", "局"] for name in names)],
        inbox / "通讯录.xlsx": [["单位名称", "联系人", "预算单位编码", "主管部门", "联系电话"], *([name, "张", "1", "局", "2"] for name in names)],
    }
    for path, rows in lists.items():
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    about = Workbook()
    about.active.append(["戊馆2020年工作总结"])
    about.save(inbox / "总结.xlsx")
    with ZipFile(inbox / "打包.zip", "w") as archive:
        archive.writestr("丙馆.xlsx", intake("丙馆", authority="局"))
    shutil.copy(inbox / "名单.xlsx", tmp_path / "r.xlsx")
    capsys.readouterr()
    command = ["consolidate", str(inbox), "-o", str(tmp_path / "o.xlsx"), "--roster", str(tmp_path / "r.xlsx"), "--workers", "1", "--json"]
    assert run(command) == 0
    document = json.loads(capsys.readouterr().out)
    assert {file["file"]: (file["fate"], file["code"]) for file in document["files"]} == {
        "甲馆.xlsx": ("accepted", None),
        "乙馆.xlsx": ("accepted", None),
        "甲馆_评分结果.xlsx": ("ignored", "ignored-own-result"),
        "乙馆_评分结果.xlsx": ("superseded", "superseded"),
        "丁.xlsx": ("accepted", None),
        "名单.xlsx": ("ignored", "ignored-given"),
        "通讯录.xlsx": ("rejected", "not-an-intake"),
        "总结.xlsx": ("rejected", "not-an-intake"),
        "打包.zip": ("ignored", "ignored-archive"),
        "打包.zip › 丙馆.xlsx": ("accepted", None),
    }
    assert "这是压缩包，里面的1个文件已逐个列出。" in [file["message"] for file in document["files"]]
    assert document["issues"]["paper-differs"] == 1
    assert {row["name"]: row["state"] for row in document["due"] if row["expected"]} == {"甲馆": "已报", "乙馆": "已报", "戊馆": "读不出"}
