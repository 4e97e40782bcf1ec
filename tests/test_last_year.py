"""A messy inbox of sixty units: who was accepted gets its own last year's rows in its next template, nobody another's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from inbox import folder, intake
from openpyxl import Workbook
from paper_samples import XINZHOU, utf8_zip

from perfxl.cli import run as command
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.ledger import HistoryEntry, Ledger, Run
from perfxl.consolidation.roster import read_roster
from perfxl.jobs.api import read_intake
from perfxl.jobs.consolidate import Products, run
from perfxl.jobs.last_year import LastYear, of_folder, of_ledger
from perfxl.rules.frames import records
from perfxl.workbook.prefill import Prefill

HEADER = ("单位名称", "预算单位编码", "主管部门", "曾用名", "简称", "应报事项", "项目名称", "项目编码")
PLACES = ("东河", "西山", "南湖", "北岭")
FORM_UNIT = "武汉市新洲区楚剧团"


class Messy:
    """The roster, the inbox and, for each row of the roster, the actual that must stand in its template (None: nothing)."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        self.files: dict[str, bytes] = {}
        self.expected: list[str | None] = []
        self.spoken = 100

    def due(self, name: str, code: str, expected: str | None, former: str = "", short: str = "", project: tuple[str, str] = ("", "")) -> None:
        """A row of the roster."""
        self.rows.append((name, code, "示例局", former, short, "项目" if any(project) else "部门整体", *project))
        self.expected.append(expected)

    def sent(self, path: str, name: str | None, code: object = None, **fields: Any) -> str:
        """A file with an actual of its own."""
        self.spoken += 1
        actual = f"{self.spoken}场"
        self.files[path] = intake(name or "", actual=actual, **{"code": code, "evaluation": "部门整体", **fields})
        return actual


def messy() -> Messy:
    made = Messy()
    for n, place in enumerate(PLACES):
        units = [f"{place}示例{kind}" for kind in ("图书馆", "文化馆", "博物馆", "学校", "医院", "林业局", "水务局", "剧团", "档案馆", "美术馆")]
        codes = [f"0{n + 1}0{at:02}" for at in range(20)]
        library, culture, museum, school, hospital, forest, water, opera, archive, art = units
        made.due(library, codes[0], made.sent(f"{n}/附件1.xlsx", library))
        made.due(culture, codes[1], made.sent(f"{n}/旧表.xlsx", f"{place}群众艺术馆"), former=f"{place}群众艺术馆、{place}老艺术馆")
        made.due(museum, codes[2], made.sent(f"{n}/m.xlsx", f"{place}博"), short=f"{place}博")
        made.due(school, codes[3], made.sent(f"{n}/s.xlsx", None, codes[3]))
        made.due(hospital, codes[4], made.sent(f"{n}/h.xlsx", hospital, int(codes[4])))
        made.due(forest, codes[5], made.sent(f"{n}/f.xlsx", forest, "99999"))
        made.sent(f"{n}/水务局.xlsx", water)
        made.due(water, codes[6], made.sent(f"{n}/水务局（改）.xlsx", water, submission_count=2))
        made.due(opera, codes[7], made.sent(f"{n}/o.xlsx", opera))
        show = made.sent(f"{n}/o1.xlsx", opera, evaluation="项目", project="送戏下乡", project_code="P1")
        made.due(opera, codes[7], show, project=("送戏下乡", "P1"))
        tour = made.sent(f"{n}/o2.xlsx", None, codes[7], evaluation="项目", project="巡演 ")
        made.due(opera, codes[7], tour, project=("巡演", ""))
        made.due(opera, codes[7], None, project=("新项目", "P3"))
        made.sent(f"{n}/o3.xlsx", opera, evaluation="项目", project="名单上没有的项目")
        made.due(archive, codes[8], made.sent(f"{n}/{art}.xlsx", archive))
        made.due(art, codes[9], None)
        # only another year; two that nothing tells apart; code and name of two units; renamed without 曾用名; one name within another
        made.due(f"{place}气象台", codes[10], None)
        made.sent(f"{n}/q.xlsx", f"{place}气象台", year=2019)
        made.due(f"{place}体育馆", codes[11], None)
        made.sent(f"{n}/t1.xlsx", f"{place}体育馆")
        made.sent(f"{n}/t2.xlsx", f"{place}体育馆")
        made.due(f"{place}科技馆", codes[12], None)
        made.due(f"{place}青少年宫", codes[13], None)
        made.sent(f"{n}/k.xlsx", f"{place}科技馆", codes[13])
        made.due(f"{place}融媒体中心", codes[14], made.sent(f"{n}/r.xlsx", f"{place}广播站", codes[14]))
        made.due(f"{place}中学", "", made.sent(f"{n}/a.xlsx", f"{place}中学"))
        made.due(f"{place}中学分校", "", made.sent(f"{n}/b.xlsx", f"{place}中学分校"))
        made.sent(f"{n}/外单位.xlsx", f"{place}不在名单上的单位")
    packed = made.sent("x.xlsx", "示例区教育局（本级）", "07001")
    made.files["示例区教育局.zip"] = utf8_zip({"表.xlsx": made.files.pop("x.xlsx")})
    made.due("示例区教育局", "07001", packed)
    made.files["新洲.xlsx"] = XINZHOU.read_bytes()
    return made


MADE = messy()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("last")
    folder(place / "收件", MADE.files)
    book = Workbook()
    for row in (HEADER, *MADE.rows):
        book.active.append(row)
    book.save(place / "名单.xlsx")
    return place


@pytest.fixture(scope="module")
def ledger(place: Path) -> Path:
    path = place / "台账.sqlite"
    run([place / "收件"], Products(place / "汇总.xlsx", path), ConsolidateOptions(roster=place / "名单.xlsx"))
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("SELECT count(DISTINCT unit) FROM results WHERE fate = 'accepted'").fetchone()[0] > 50
    return path


@pytest.fixture(scope="module", params=["folder", "ledger", "ledger of an older perfxl"])
def before(request: pytest.FixtureRequest, place: Path, ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if request.param == "folder":
        with of_folder(place / "收件", place / "名单.xlsx") as found:
            yield found
        return
    path = tmp_path_factory.mktemp("ledger") / "台账.sqlite"
    path.write_bytes(ledger.read_bytes())
    if request.param != "ledger":
        with closing(sqlite3.connect(path)) as base:
            base.execute("UPDATE meta SET value = 'another' WHERE name = 'parser'")
            base.execute("UPDATE parsed SET packed = x'00'")
            base.commit()
    bytes_before = path.read_bytes()
    with of_ledger(path, read_roster(place / "名单.xlsx")) as found:
        yield found
    assert path.read_bytes() == bytes_before


def carried(prefill: Prefill) -> str | None:
    return str(prefill.indicators[0]["last_actual"]) if prefill.indicators else None


def test_every_unit_that_was_accepted_gets_its_own_rows_and_nobody_another_s(before: LastYear) -> None:
    found = before.of_rows()
    made = [before.prefill(found.get(at)) for at in range(len(MADE.rows))]
    assert [(*row[:1], *row[6:], carried(p)) for row, p in zip(MADE.rows, made, strict=True)] == [
        (*row[:1], *row[6:], expected) for row, expected in zip(MADE.rows, MADE.expected, strict=True)
    ]
    assert {p.unit["fiscal_year"] for p in made} == {"2021"}


def test_a_carried_row_has_name_unit_and_points_and_no_target(before: LastYear) -> None:
    assert before.prefill(before.of_rows()[0]).indicators[1] == {
        "level1": "效益指标",
        "level2": "社会效益",
        "level3": "服务读者人次",
        "operator": "≥",
        "unit": "人次",
        "weight": 30,
        "last_actual": "39000",
    }


def test_what_found_nothing_is_said_with_its_reason_and_number(before: LastYear, place: Path) -> None:
    said = [zh for zh, _ in before.said(records(read_roster(place / "名单.xlsx").frame))]
    assert said[1] == f"带入上年内容{sum(e is not None for e in MADE.expected)}份，共{len(MADE.rows)}份。"
    assert {line.split("：")[0]: line.split("：")[1] for line in said[2:]} == {
        "没有带入（上年没有报这一事项）": "4份",
        "没有带入（上年没有这个单位的填报）": "4份",
        "没有带入（上年有一份的编码和名称指向不止一个单位）": "8份",
        "没有带入（只有其他年度的，不是2020年度）": "4份",
        "没有带入（上年没有采用，等待裁定或裁定不采用）": "4份",
        "上年采用了、名单上没有对应单位或事项，没有带入": "10份",
        "填报的名称不在名单上，按编码或裁定对上，请核对（或在名单上填曾用名）": "4份",
    }


def test_the_command_writes_them_and_says_what_found_nothing(place: Path, ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = Workbook()
    for row in (HEADER, MADE.rows[1], MADE.rows[8], (FORM_UNIT, "", "局", "", "", "项目", "演出设备更新专项经费", ""), ("没有报过的单位",)):
        book.active.append(row)
    book.save(tmp_path / "下年名单.xlsx")
    common = ["template", "--roster", str(tmp_path / "下年名单.xlsx"), "-o"]
    assert command([*common, str(tmp_path / "a"), "--from", str(ledger)]) == 0
    said = capsys.readouterr().err
    assert "带入上年内容3份，共4份。" in said
    assert "没有带入（上年没有这个单位的填报）：1份：没有报过的单位" in said
    assert command([*common, str(tmp_path / "b"), "--from", str(place / "收件")]) == 0
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    read = read_intake(tmp_path / "a" / f"{MADE.rows[1][0]}.xlsx")
    assert (read.fields["name"], read.fields["fiscal_year"], read.rows["indicators"][0].values["last_actual"]) == (
        MADE.rows[1][0],
        "2021",
        MADE.expected[1],
    )
    assert len(read_intake(tmp_path / "a" / f"{FORM_UNIT}_演出设备更新专项经费.xlsx").rows["indicators"]) > 3


@pytest.mark.parametrize("source", ["ledger", "folder"])
def test_without_a_roster_every_item_that_counted_gets_one(tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "a.xlsx": intake("甲馆", code="001", actual="31场"),
        "b.xlsx": intake("甲馆", code="001", actual="32场", evaluation="项目", project="免费开放"),
        "c1.xlsx": intake("乙馆", actual="33场"),
        "c2.xlsx": intake("乙馆", actual="34场"),
        "d.xlsx": intake("甲馆", code="001", actual="35场", year=2019),
    }
    inbox = folder(tmp_path / "收件", files)
    if source == "ledger":
        run([inbox], Products(tmp_path / "汇总.xlsx", tmp_path / "l.sqlite"), ConsolidateOptions())
        inbox = tmp_path / "l.sqlite"
    assert command(["template", "--from", str(inbox), "-o", str(tmp_path / "out")]) == 0
    made = {path.name: read_intake(path) for path in (tmp_path / "out").iterdir()}
    assert {name: (read.fields["code"], read.rows["indicators"][0].values["last_actual"]) for name, read in made.items()} == {
        "甲馆.xlsx": ("001", "31场"),
        "甲馆_免费开放.xlsx": ("001", "32场"),
    }
    assert "2020年度" in capsys.readouterr().err


def test_a_ledger_in_which_nothing_counted_is_said(tmp_path: Path) -> None:
    Ledger(tmp_path / "l.sqlite").__exit__(None, None, None)
    assert command(["template", "--from", str(tmp_path / "l.sqlite"), "-o", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_of_a_ledger_the_last_run_of_the_latest_year_counts(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as book:
        for sha256, year in (("a", 2020), ("b", 2020), ("c", 2019)):
            entry = HistoryEntry(
                f"甲馆|{year}|整体|", "001", "甲馆", year, "", "", sha256, "甲.xlsx", "accepted", 1, "", unit="甲馆", scheme="s", counted=True
            )
            book.finish("o", Run(""), [entry], year)
    with of_ledger(tmp_path / "l.sqlite", None) as found:
        assert (found.year, [sent.load().sha256 for sent in found.units()]) == (2020, ["b"])


def test_two_units_that_are_one_now_get_nothing_and_that_is_said(tmp_path: Path) -> None:
    inbox = folder(tmp_path / "收件", {"a.xlsx": intake("甲馆", actual="31场"), "b.xlsx": intake("甲老馆", actual="32场")})
    run([inbox], Products(tmp_path / "汇总.xlsx", tmp_path / "l.sqlite"), ConsolidateOptions())
    book = Workbook()
    for row in (("单位名称", "曾用名"), ("甲馆", "甲老馆")):
        book.active.append(row)
    book.save(tmp_path / "名单.xlsx")
    listed = read_roster(tmp_path / "名单.xlsx")
    with of_ledger(tmp_path / "l.sqlite", listed) as found:
        assert found.of_rows() == {}
        assert [zh for zh, _ in found.said(records(listed.frame))][2] == "没有带入（上年采用的不止一份，分不清是哪一份）：1份：甲馆"


def test_a_unit_whose_rows_cannot_be_had_again_counts_as_one_that_found_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = folder(tmp_path / "收件", {"a.xlsx": intake("甲馆", actual="31场"), "b.xlsx": intake("乙馆", actual="32场")})
    run([inbox], Products(tmp_path / "汇总.xlsx", tmp_path / "l.sqlite"), ConsolidateOptions())
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as base:
        base.execute("DELETE FROM parsed")
        base.execute("UPDATE details SET packed = x'00' WHERE sha256 = (SELECT sha256 FROM history WHERE name = '甲馆')")
        base.commit()
    book = Workbook()
    for row in (("单位名称", "预算单位编码"), ("甲馆", "01"), ("乙馆", "02")):
        book.active.append(row)
    book.save(tmp_path / "名单.xlsx")
    common = ["template", "--roster", str(tmp_path / "名单.xlsx"), "--from", str(tmp_path / "l.sqlite"), "-o"]
    assert command([*common, str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "带入上年内容1份，共2份。" in said
    assert "没有带入（上年采用的那份没有指标，或台账里的已读不出）：1份：甲馆" in said


def test_templates_go_into_no_folder_that_is_read(tmp_path: Path) -> None:
    inbox = folder(tmp_path / "收件", {"a.xlsx": intake("甲馆")})
    assert command(["template", "--from", str(inbox), "-o", str(inbox)]) == 2
    assert [path.name for path in inbox.iterdir()] == ["a.xlsx"]
