from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from filling import fill
from openpyxl import Workbook

from perfxl.intake.submission import SheetRow, Submission
from perfxl.jobs.api import read_intake
from perfxl.jobs.templates import write_templates
from perfxl.model import PerfxlError
from perfxl.schemes import load_scheme
from perfxl.workbook.prefill import prefill_from
from perfxl.workbook.template import template_bytes
from samples import SAMPLE

HEADER = ["单位名称", "预算单位编码", "主管部门", "所在地区", "联系人", "电话", "全年预算数"]


def roster(tmp_path, *rows):
    book = Workbook()
    book.active.append(HEADER)
    for row in rows:
        book.active.append(list(row))
    path = tmp_path / "名单.xlsx"
    book.save(path)
    return path


def run(output=None, **given):
    return write_templates(output, **{"scheme": None, "roster": None, "last_year": None, "force": False, **given}).paths


def intake(path, **unit):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        fill(
            template_bytes(load_scheme("national-2020")),
            unit=unit,
            indicators=[{"level1": "产出指标", "level2": "数量指标", "level3": "活动场数", "target": "10场", "actual": "12场", "weight": 90}],
        )
    )
    return path


def test_a_blank_intake_goes_where_it_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [str(p) for p in run()] == ["绩效自评填报表_全国通用(2020).xlsx"]
    assert run(tmp_path / "a.xlsx", scheme="jiangxi") == [tmp_path / "a.xlsx"]
    assert run(tmp_path / "new" / "dir") == [tmp_path / "new" / "dir" / "绩效自评填报表_全国通用(2020).xlsx"]
    assert read_intake(tmp_path / "a.xlsx").fields["scheme"] == load_scheme("jiangxi").title


def test_last_years_number_leaves_the_names_that_are_carried_over():
    names = ("2023年购书量", "2023年度活动场数", "完成2022年结转项目", "2023年", "2023—2025年规划编制", "12023年会")
    rows = [SheetRow(4 + i, {"level3": name}) for i, name in enumerate(names)]
    made = prefill_from(Submission(0, "a.xlsx", "", fields={"fiscal_year": "2023"}, rows={"indicators": rows}))
    assert [line["level3"] for line in made.indicators] == ["购书量", "活动场数", "完成2022年结转项目", "2023年", "2023—2025年规划编制", "12023年会"]
    assert made.notes == ["三级指标名称里的“2023年”已去掉（2行），请核对。"]


def test_each_row_of_a_roster_gets_its_own(tmp_path):
    book = Workbook()
    for row in (["单位名称", "应报事项", "项目名称", "项目编码"], ["甲馆"], ["甲馆", "项目", "免费开放", "P1"], ["甲馆", "项目", None, "P2"]):
        book.active.append(row)
    book.save(tmp_path / "名单.xlsx")
    paths = run(tmp_path / "out", roster=tmp_path / "名单.xlsx")
    assert [path.name for path in paths] == ["甲馆.xlsx", "甲馆_免费开放.xlsx", "甲馆_P2.xlsx"]
    fields = [read_intake(path).fields for path in paths]
    assert [(f.get("evaluation"), f.get("project"), f.get("project_code")) for f in fields] == [
        ("部门整体", None, None),
        ("项目", "免费开放", "P1"),
        ("项目", None, "P2"),
    ]


def test_codes_that_look_wrong_are_printed_into_no_intake_unless_told(tmp_path):
    listed = roster(tmp_path, ["甲馆", "0012"], ["乙馆", "0013"], ["丙馆", 14])
    with pytest.raises(PerfxlError, match="B4“14”"):
        run(tmp_path / "out", roster=listed)
    assert not (tmp_path / "out").exists()
    assert len(run(tmp_path / "out", roster=listed, force=True)) == 3


def test_each_unit_of_a_roster_gets_its_own(tmp_path):
    paths = run(
        tmp_path / "out", roster=roster(tmp_path, ["甲馆", "0012", "局", "萍乡市", "张", "1", 100], ["乙/馆", None, None, None, None, None, None])
    )
    assert paths[0] == tmp_path / "out" / "甲馆.xlsx"
    assert len(paths) == 2
    fields = read_intake(paths[0]).fields
    assert {k: fields.get(k) for k in ("name", "code", "authority", "region", "phone")} == {
        "name": "甲馆",
        "code": "0012",
        "authority": "局",
        "region": "萍乡市",
        "phone": None,
    }
    assert read_intake(paths[1]).fields["name"] == "乙/馆"


def test_units_of_one_name_are_told_apart_by_code(tmp_path):
    paths = run(tmp_path / "out", roster=roster(tmp_path, ["甲", "1"], ["甲", "2"]))
    assert [p.name for p in paths] == ["甲.xlsx", "甲_2.xlsx"]


def test_last_years_workbook_lends_its_rows_to_every_unit_but_not_its_name(tmp_path):
    before = intake(tmp_path / "last.xlsx", name="老单位", fiscal_year="2020", head="王", staff="26")
    (path,) = run(tmp_path / "out", roster=roster(tmp_path, ["甲"]), last_year=before)
    read = read_intake(path)
    assert (read.fields["name"], read.fields.get("head"), str(read.fields["fiscal_year"])) == ("甲", None, "2021")
    assert read.rows["indicators"][0].values["level3"] == "活动场数"


def test_a_folder_of_last_year_gives_each_unit_its_own(tmp_path):
    intake(tmp_path / "last" / "x.xlsx", name="甲馆", code="0012", fiscal_year="2020", head="王")
    (tmp_path / "last" / "坏.xlsx").write_bytes(b"PK")
    first, second = run(tmp_path / "out", roster=roster(tmp_path, ["甲新馆", "0012"], ["乙"]), last_year=tmp_path / "last")
    assert read_intake(first).fields["head"] == "王"
    assert read_intake(first).fields["name"] == "甲新馆"
    assert not read_intake(second).rows.get("indicators")


def test_writing_again_changes_nothing_and_edited_files_are_kept(tmp_path):
    listed = roster(tmp_path, ["甲"], ["乙"])
    first = run(tmp_path / "out", roster=listed)
    assert run(tmp_path / "out", roster=listed) == first
    first[1].write_bytes(b"edited")
    first[0].unlink()
    with pytest.raises(PerfxlError):
        run(tmp_path / "out", roster=listed)
    assert not first[0].exists()
    assert first[1].read_bytes() == b"edited"
    assert run(tmp_path / "out", roster=listed, force=True) == first


@pytest.mark.parametrize("given", ["folder-without-roster", "file-with-roster", "broken-last-year", "empty-roster", "wrong-suffix"])
def test_wrong_calls_say_what_to_change(tmp_path, given):
    (tmp_path / "d").mkdir()
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04")
    calls = {
        "folder-without-roster": {"last_year": tmp_path / "d"},
        "file-with-roster": {"output": tmp_path / "x.xlsx", "roster": roster(tmp_path, ["甲"])},
        "broken-last-year": {"last_year": tmp_path / "bad.xlsx"},
        "empty-roster": {"roster": roster(tmp_path)},
        "wrong-suffix": {"output": tmp_path / "x.csv"},
    }
    with pytest.raises(PerfxlError):
        run(**{"output": tmp_path / "o", **calls[given]})


@pytest.mark.parametrize(
    ("name", "said"),
    [("空", "里没有采用过的填报"), (str(Path(__file__).parent / "data/ledger_0.1.0.sqlite"), "里没有采用过的填报"), ("名单.xlsx", "没有填报表")],
    ids=["a folder", "a ledger of no run", "a workbook"],
)
def test_where_nothing_can_be_carried_over_nothing_is_written(tmp_path, name, said):
    (tmp_path / "空").mkdir()
    with pytest.raises(PerfxlError, match=said):
        run(tmp_path / "o", roster=roster(tmp_path, ["甲", "1"]), last_year=tmp_path / name)
    assert not (tmp_path / "o").exists()


def test_the_roster_itself_is_never_overwritten(tmp_path):
    listed = roster(tmp_path, ["名单"])
    before = listed.read_bytes()
    with pytest.raises(PerfxlError):
        run(tmp_path, roster=listed, force=True)
    assert listed.read_bytes() == before


def test_the_seed_library_is_carried_into_the_next_year(tmp_path):
    (path,) = run(tmp_path / "next.xlsx", last_year=SAMPLE)
    read = read_intake(path)
    assert str(read.fields["fiscal_year"]) == "2021"
    assert len(read.rows["indicators"]) == 15
    assert BytesIO(path.read_bytes()).getbuffer().nbytes > 0
