from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from inbox import INDICATORS, folder, intake
from office import office, recalculate
from openpyxl import Workbook, load_workbook

from perfxl import schemes as perfxl_schemes
from perfxl.cli import run as perfxl
from perfxl.consolidation.comparing import Comparison, TargetVerdict
from perfxl.consolidation.comparing.pairs import paired, successors
from perfxl.consolidation.comparing.rows import judged, matched, moved
from perfxl.consolidation.comparing.scaling import in_hundredths, points_of, scaled
from perfxl.consolidation.comparing.schemes import compare_schemes, told_apart
from perfxl.consolidation.comparing.sides import Entered, Rosters, Score, Side, UnitSeen, side_of_year, units_of
from perfxl.consolidation.comparing.years import _execution_why, compare_years, in_words
from perfxl.consolidation.decisions import Ruling
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.items import Matter
from perfxl.consolidation.ledger import Ledger, Run
from perfxl.consolidation.records import Missing
from perfxl.intake.reading import read_workbook
from perfxl.jobs.compare import compare
from perfxl.jobs.consolidate import Products, run
from perfxl.model import PerfxlError
from perfxl.output import sealed_state
from perfxl.rules.frames import build_frames
from perfxl.rules.readings import blocks, interpret
from perfxl.schemes import load_scheme
from perfxl.scoring.score import score
from perfxl.workbook.comparison import write_comparison_workbook
from perfxl.workbook.comparison.tables import _open
from perfxl.workbook.consolidated import books

# which unit is which


def seen(name: str, code: str = "", *, former: str = "", merged: str = "") -> UnitSeen:
    return UnitSeen(code or name, name, code, {name}, set(former.split()), merged.split())


def sides(*units: UnitSeen) -> dict[str, UnitSeen]:
    return {unit.key: unit for unit in units}


UNITS = {
    "code and name": ([seen("甲", "1")], [seen("甲", "1")], {"1": "1 编码和名称"}),
    "code, renamed": ([seen("甲", "1")], [seen("新甲", "1")], {"1": "1 编码"}),
    "name, no code": ([seen("甲")], [seen("甲", "1")], {"甲": "1 名称"}),
    "name, another code": ([seen("甲", "1")], [seen("甲", "9")], {"1": "9 名称"}),
    "former name": ([seen("旧甲", "1")], [seen("甲", "9", former="旧甲")], {"1": "9 曾用名"}),
    "named as before": ([seen("新甲", former="甲")], [seen("甲")], {"新甲": "甲 曾用名"}),
    "nobody": ([seen("甲", "1")], [seen("乙", "2")], {"1": ""}),
    "merged": ([seen("甲", "1"), seen("乙", "2")], [seen("甲", "1", merged="乙")], {"1": "1 编码和名称", "2": "1 并入"}),
    "merged by code": ([seen("甲", "1"), seen("乙", "2")], [seen("甲", "1", merged="2")], {"1": "1 编码和名称", "2": "1 并入"}),
    "merged into, in its own row": ([seen("乙", "2", merged="甲")], [seen("甲", "1")], {"2": "1 并入"}),
    "both still there": (
        [seen("甲", "1"), seen("乙", "2")],
        [seen("甲", "1", merged="乙"), seen("乙", "2")],
        {"1": "1 编码和名称", "2": "2 编码和名称"},
    ),
    "merged into two": (
        [seen("丙", "3")],
        [seen("甲", "1", merged="丙"), seen("乙", "2", merged="丙")],
        {"3": "名单“并入”写了2个单位（甲、乙），分不清"},
    ),
    "code another's now": ([seen("甲", "1")], [seen("乙", "1"), seen("甲", "9")], {"1": "编码1是“乙”的，编码和名称不一致，不配对"}),
    "its code by another's name": (
        [seen("甲", "1"), seen("乙", "2")],
        [seen("甲", "2")],
        {"1": "编码2是“乙”的，编码和名称不一致，不配对", "2": "名称“甲”是另一个单位的，编码和名称不一致，不配对"},
    ),
    "two of one name": ([seen("一小", "1"), seen("一小", "2")], [seen("一小", "3")], {"1": "前一年2个单位（一小、一小）按名称都对上“一小”，分不清"}),
    "one of two of a name": ([seen("一小", "1")], [seen("一小", "3"), seen("一小", "4")], {"1": "按名称对上2个单位（一小、一小），分不清"}),
    "former name of one that is there": (
        [seen("甲", "1"), seen("旧甲", "2")],
        [seen("甲", "1", former="旧甲")],
        {"2": "“甲”已与同名或同编码的单位配对；合并的请在名单“并入”一栏写明"},
    ),
    "one code, two units, names tell": (
        [UnitSeen("1·甲", "甲", "1", {"甲"}), UnitSeen("1·乙", "乙", "1", {"乙"})],
        [UnitSeen("1·乙", "乙", "1", {"乙"}), UnitSeen("1·甲", "甲", "1", {"甲"})],
        {"1·甲": "1·甲 编码和名称", "1·乙": "1·乙 编码和名称"},
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), UNITS.values(), ids=UNITS)
def test_units_are_found_again(before: list[UnitSeen], after: list[UnitSeen], expected: dict[str, str]) -> None:
    found = successors(sides(*before), sides(*after))
    assert {key: f"{found[key].unit} {found[key].basis}".strip() or found[key].why for key in expected} == expected


def entered(name: str, code: str, year: int, *, project: str = "", **points: float) -> Entered:
    matter = Matter.PROJECT if project else Matter.WHOLE
    known = {"total": 90.0, "final": 90.0, "provisional": False, "counted": True, "full_year": 100.0, "executed": 90.0, **points}
    return Entered(code, name, name, code, matter, project, project, f"{code}{year}{project}", "", "national-2020", "accepted", "", Score(**known))


def member(name: str, code: str, merged: str = "", former: str = "") -> dict[str, str]:
    return {"unit": code, "name": name, "code": code, "authority": "", "former": former, "short": "", "merged": merged}


def year_of(year: int, members: list[dict[str, str]], *sent: Entered) -> Side:
    return Side(str(year), year, "", "", list(sent), members={row["unit"]: row for row in members})


ONE, TWO, THREE = member("甲", "1"), member("乙", "2"), member("丙", "3")
MERGED = {
    "all of them": ([ONE, TWO], [member("甲", "1", "乙")], "甲1 乙2", "甲1", True, ()),
    "one lacking": ([ONE, TWO], [member("甲", "1", "乙")], "甲1", "甲1", True, ("乙",)),
    "the one that goes on lacking": ([ONE, TWO], [member("甲", "1", "乙")], "乙2", "甲1", True, ("甲",)),
    "into a new one": ([TWO], [member("甲", "1", "乙")], "乙2", "甲1", True, ()),
    "long ago": ([ONE], [member("甲", "1", "乙")], "甲1", "甲1", False, ()),
    "a year before": ([member("甲", "1", "乙"), TWO], [member("甲", "1", "乙")], "甲1", "甲1", False, ()),
    "still there": ([ONE, TWO], [member("甲", "1", "乙"), TWO], "甲1", "甲1 乙2", False, ()),
    "one after another": ([ONE, TWO, THREE], [member("丙", "3", "乙"), member("乙", "2", "甲")], "甲1 乙2 丙3", "丙3", True, ()),
    "nothing merged": ([ONE, TWO], [ONE], "甲1", "甲1", False, ()),
}


@pytest.mark.parametrize(("old", "new", "sent", "later", "merged", "absent"), MERGED.values(), ids=MERGED)
def test_merged_units_are_summed_only_where_all_of_them_are_there(
    old: Any, new: Any, sent: str, later: str, merged: object, absent: tuple[str, ...]
) -> None:
    before = year_of(2020, old, *(entered(word[0], word[1], 2020) for word in sent.split()))
    after = year_of(2021, new, *(entered(word[0], word[1], 2021) for word in later.split()))
    rosters = Rosters([*old, *new])
    pairs, _ = paired(before, after, (units_of(before, rosters), units_of(after, rosters)), ())
    assert (pairs[0].merged, pairs[0].absent) == (merged, absent)
    assert len(pairs[0].before) == (len(sent.split()) if merged else 1)


def test_a_project_that_went_along_is_still_compared() -> None:
    before = year_of(2020, [ONE, TWO], entered("乙", "2", 2020, project="桥"))
    after = year_of(2021, [member("甲", "1", "乙")], entered("甲", "1", 2021, project="桥"))
    ((pair,), _) = paired(before, after, (units_of(before, Rosters([])), units_of(after, Rosters([]))), ())
    assert (pair.merged, pair.noted) == (False, "合并：乙；编码2→1")


def test_a_project_under_another_code_says_so() -> None:
    before, after = (
        year_of(year, [ONE], replace(entered("甲", "1", year, project="桥"), project_key=key)) for year, key in ((2020, "P1"), (2021, "P2"))
    )
    assert [pair.noted for pair in paired(before, after, (units_of(before, Rosters([])), units_of(after, Rosters([]))), ())[0]] == ["项目编码P1→P2"]


def test_names_of_the_years_between_lead_on() -> None:
    rosters = Rosters([member("乙", "2", former="甲", merged="丁"), member("丙", "3", former="乙、丙", merged="乙")])
    assert rosters.chained("former", ["乙"]) == ["乙", "甲"]
    assert rosters.chained("merged", ["2"]) == ["2", "丁"]
    assert rosters.chained("merged", []) == []


def test_a_decision_says_whose_a_name_is() -> None:
    ruling = Ruling("s", "", "identity-suspect", "属于", unit="甲馆", name="甲图书馆分部")
    assert successors(sides(seen("甲图书馆分部")), sides(seen("甲馆", "1")), [ruling])["甲图书馆分部"].basis == "裁定"
    dropped = Ruling("s", "", "identity-suspect", "不采用", unit="甲馆", name="甲图书馆分部")
    assert successors(sides(seen("甲图书馆分部")), sides(seen("甲馆", "1")), [dropped])["甲图书馆分部"].unit == ""


def test_no_unit_of_the_second_year_is_given_away_twice() -> None:
    rng = random.Random(15)
    for _ in range(300):
        names, codes = "甲乙丙丁戊", ["", "1", "2", "3"]
        before, after = (
            {
                f"{i}": UnitSeen(
                    f"{i}",
                    name := rng.choice(names),
                    rng.choice(codes),
                    {name},
                    set(rng.sample(names, rng.randint(0, 1))) - {name},
                    rng.sample(names, rng.randint(0, 1)),
                )
                for i in range(rng.randint(0, 5))
            }
            for _ in range(2)
        )
        found = successors(before, after)
        certain = [partner.unit for partner in found.values() if partner.unit and partner.basis != "并入"]
        assert len(set(certain)) == len(certain)
        assert all(bool(partner.unit) == bool(partner.basis) for partner in found.values())
        for key, partner in found.items():
            if partner.basis == "编码":
                assert before[key].code == after[partner.unit].code != ""


# which indicator is which


def row(name: str = "读者人次", **values: Any) -> dict[str, Any]:
    return {
        "sheet_row": 5, "block": "产出指标", "level2": "数量指标", "level3": name, "operator": "", "target": "100", "adjusted_target": "",
        "unit": "人次", "actual": "90", "tier": "", "weight": 10.0, "claimed_score": None, "score": 9.0, "low": 9.0, "high": 9.0,
        "completion": 0.9, "status": "scored", "rule": "higher-is-better", "op": "≥", "t_low": 100.0, "t_high": None, "t_unit": "人次",
        "a_low": 90.0, "a_high": 90.0, "a_unit": "人次", **values,
    }  # fmt: skip


WORDS = {"t_unit": None, "a_unit": None, "unit": "", "op": "", "rule": "qualitative", "t_low": None, "a_low": None, "a_high": None}
MATCHES = {
    "name and unit": ([row()], [row()], ["读者人次"], [], []),
    "leftovers, brackets and blanks": ([row("指标1：读者 人次【线下】")], [row("★读者人次（线下）")], ["★读者人次（线下）"], [], []),
    "unit words": ([row(unit="万人次")], [row(unit="人次")], ["读者人次"], [], []),
    "units of one kind": ([row(t_unit="公里")], [row(t_unit="米")], ["读者人次"], [], []),
    "units of two kinds": ([row()], [row(t_unit="场")], [], ["计量单位不同（后一年是场）"], ["计量单位不同（前一年是人次）"]),
    "words against a number": ([row(**WORDS)], [row()], ["读者人次"], [], []),
    "another name": ([row("甲")], [row("乙")], [], ["后一年没有同名指标"], ["前一年没有同名指标"]),
    "second level tells": (
        [row(level2="数量指标"), row(level2="社会效益")],
        [row(level2="社会效益"), row(level2="数量指标")],
        ["读者人次", "读者人次"],
        [],
        [],
    ),
    "nothing tells": ([row(), row()], [row()], [], ["同名指标有2行，后一年1行，分不清"] * 2, ["同名指标有1行，前一年2行，分不清"]),
    "what stands before the name tells": (
        [row("指标1号楼"), row("指标2号楼")],
        [row("指标2号楼"), row("指标1号楼")],
        ["指标2号楼", "指标1号楼"],
        [],
        [],
    ),
    "no name": ([row("")], [row("")], [], ["没有三级指标名称"], ["没有三级指标名称"]),
}


@pytest.mark.parametrize(("before", "after", "names", "left", "added"), MATCHES.values(), ids=MATCHES)
def test_indicators_are_found_again(before: Any, after: Any, names: list[str], left: list[str], added: list[str]) -> None:
    pairs, old, new = matched(before, after)
    assert [b["level3"] for _, b in pairs] == names
    assert [why for _, why in old] == left
    assert [why for _, why in new] == added


def test_every_indicator_stands_once_matched_or_alone() -> None:
    rng = random.Random(3)
    for _ in range(200):
        before, after = (
            [row(rng.choice("甲乙丙"), level2=rng.choice("ab"), t_unit=rng.choice(["人次", "场", None])) for _ in range(rng.randint(0, 7))]
            for _ in range(2)
        )
        pairs, old, new = matched(before, after)
        assert sorted(map(id, [*(a for a, _ in pairs), *(r for r, _ in old)])) == sorted(map(id, before))
        assert sorted(map(id, [*(b for _, b in pairs), *(r for r, _ in new)])) == sorted(map(id, after))


def last(number: float | None, **values: Any) -> dict[str, Any]:
    return row(**{"actual": "x" if number is not None else "", "a_low": number, "a_high": number, **values})


def now(op: str, bound: float | None, **values: Any) -> dict[str, Any]:
    ends = {"t_low": bound if op in "≥>=" else None, "t_high": bound if op in "≤<=" else None}
    return row(**{"op": op, **ends, **values})


JUDGED = {
    "higher, below": (last(110), now("≥", 100), "松于上年实际", ""),
    "higher, equal": (last(100), now("≥", 100), "与上年实际相同", ""),
    "higher, above": (last(90), now("≥", 100), "严于上年实际", ""),
    "above, the same number": (last(100), now(">", 100), "严于上年实际", ""),
    "lower, above": (last(90), now("≤", 100), "松于上年实际", ""),
    "lower, equal": (last(100), now("≤", 100), "与上年实际相同", ""),
    "lower, below": (last(110), now("≤", 100), "严于上年实际", ""),
    "below, the same number": (last(100), now("<", 100), "严于上年实际", ""),
    "equal, the same": (last(100), now("=", 100), "与上年实际相同", ""),
    "equal, another": (last(90), now("=", 100), "不可比", "指标性质是“=”，没有高低之分"),
    "at least so much, above": (last(None, actual="120以上", a_low=120.0), now("≥", 100), "松于上年实际", ""),
    "at least so much, unknown": (last(None, actual="80以上", a_low=80.0), now("≥", 100), "不可比", "上年实际“80以上”不是一个数"),
    "at most so much": (last(None, actual="80以下", a_high=80.0), now("≥", 100), "严于上年实际", ""),
    "about so much": (last(30, actual="约30场", status="unscorable"), now("≥", 20), "不可比", "上年实际“约30场”不是准数"),
    "not scored for another reason": (last(30, actual="30场", status="unscorable"), now("≥", 20), "松于上年实际", ""),
    "units converted": (last(2, t_unit="公里", a_unit="公里"), now("≥", 1500, t_unit="米", a_unit="米"), "松于上年实际", ""),
    "decimal dust": (last(0.1 + 0.2), now("≥", 0.3), "与上年实际相同", ""),
    "a share against a percentage": (
        last(0.95, actual="0.95", t_unit="%", a_unit="%"),
        now("≥", 96, target="96%", t_unit="%"),
        "不可比",
        "上年实际“0.95”和本年指标值“96%”大小写法不同，一个像小数，一个像百分数",
    ),
    "a percentage against a share": (
        last(95, actual="95%", t_unit="%", a_unit="%"),
        now("≥", 0.96, target="0.96", t_unit="%"),
        "不可比",
        "上年实际“95%”和本年指标值“0.96”大小写法不同，一个像小数，一个像百分数",
    ),
    "a small percentage": (last(0.5, actual="0.5", t_unit="%", a_unit="%"), now("≤", 2, target="2%", t_unit="%"), "松于上年实际", ""),
    "a percentage as it is written": (last(0.5, actual="0.5%", t_unit="%", a_unit="%"), now("≤", 50, target="50%", t_unit="%"), "松于上年实际", ""),
    "no actual": (last(None), now("≥", 100), "不可比", "上年没有完成值"),
    "no target": (last(90), now("≥", 100, target=""), "不可比", "本年没有指标值"),
    "words": (last(90), row(**WORDS), "不可比", "定性指标"),
    "a date": (last(90), row(**{**WORDS, "rule": "deadline"}), "不可比", "期限"),
    "a range": (last(90), row(rule="range", op="range", t_low=80.0, t_high=100.0), "不可比", "指标值是区间"),
    "not read": (last(90), now("≥", None), "不可比", "本年指标值不是一个数"),
    "another kind of unit": (last(90, t_unit="场"), now("≥", 100), "不可比", "计量单位不同（上年场，本年人次）"),
    "words last year": (
        last(None, actual="显著提升", **{k: v for k, v in WORDS.items() if k[0] != "a"}),
        now("≥", 100),
        "不可比",
        "上年实际“显著提升”不是一个数",
    ),
}


@pytest.mark.parametrize(("before", "after", "verdict", "why"), JUDGED.values(), ids=JUDGED)
def test_a_target_is_held_against_last_years_actual(before: Any, after: Any, verdict: str, why: str) -> None:
    assert judged(before, after) == (TargetVerdict(verdict), why)


MOVED = {
    "nothing": (row(), row(), ""),
    "the actual": (row(), row(actual="100", score=10.0), "实际完成值 90→100（上年第5行，本年第5行）"),
    "the target, adjusted": (row(), row(adjusted_target="120", score=7.5), "指标值 100→120（上年第5行，本年第5行）"),
    "the weight": (row(), row(weight=5.0, score=4.5), "分值 10→5（上年第5行，本年第5行）"),
    "open now": (row(), row(actual="", score=0.0, status="missing"), "本年：缺完成值；实际完成值 90→空（上年第5行，本年第5行）"),
    "open both times": (row(status="missing"), row(status="missing", actual="5"), ""),
    "the tier": (row(tier="达成"), row(tier="未达成", score=0.0), "完成等级 达成→未达成（上年第5行，本年第5行）"),
    "the rule alone": (row(), row(score=8.0), "计分规则变了（上年第5行，本年第5行）"),
}


@pytest.mark.parametrize(("before", "after", "expected"), MOVED.values(), ids=MOVED)
def test_what_moved_is_named_by_cell_or_rule(before: Any, after: Any, expected: str) -> None:
    assert moved(before, after, ("全国", "全国")) == expected


def test_another_scheme_is_named() -> None:
    assert moved(row(), row(score=8.0), ("全国", "湖北")) == "方案 全国→湖北（上年第5行，本年第5行）"


# a story of two years


def roster(path: Path, *rows: tuple[str, ...]) -> Path:
    book = Workbook()
    book.active.append(("单位名称", "预算单位编码", "主管部门", "曾用名", "并入"))
    for values in rows:
        book.active.append(values)
    book.save(path)
    return path


def project(name: str, year: int, title: str, code: str, **more: Any) -> bytes:
    return intake(name, year, code="001", evaluation="项目", project=title, project_code=code, **more)


FIRST = {
    "甲馆.xlsx": intake("甲馆", 2020, code="001"),
    "乙馆.xlsx": intake("乙馆", 2020, code="002", actual="19场"),
    "丙馆.xlsx": intake("丙馆", 2020, code="003", money=(200, 100)),
    "丁馆.xlsx": intake("丁馆", 2020, code="004", money=(50, 40)),
    "己馆.xlsx": intake("己馆", 2020, code="006"),
    "项目.xlsx": project("甲馆", 2020, "项目一", "P1"),
    "老项目.xlsx": project("甲馆", 2020, "项目二", "P2"),
    "去年的.xlsx": intake("乙馆", 2019, code="002"),
}
SECOND = {
    "甲馆.xlsx": intake("甲馆", 2021, code="001", actual="15场"),
    "新乙馆.xlsx": intake("新乙馆", 2021, code="102", actual="22场", money=(120, 60)),
    "丙馆.xlsx": intake("丙馆", 2021, code="003", money=(260, 255)),
    "戊馆.xlsx": intake("戊馆", 2021, code="005"),
    "己馆1.xlsx": intake("己馆", 2021, code="006", actual="22场"),
    "己馆2.xlsx": intake("己馆", 2021, code="006", actual="23场"),
    "项目.xlsx": project("甲馆", 2021, "项目一期", "P1", actual=""),
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger of two years."""
    place = tmp_path_factory.mktemp("story")
    rosters = [
        roster(place / "r0.xlsx", *((name, code, "文化局") for name, code in zip("甲乙丙丁己", ("001", "002", "003", "004", "006"), strict=True))),
        roster(
            place / "r1.xlsx",
            ("甲馆", "001", "文化局"),
            ("新乙馆", "102", "文化局", "乙馆"),
            ("丙馆", "003", "文化局", "", "丁馆"),
            ("戊馆", "005", "教育局"),
            ("己馆", "006", "教育局"),
        ),
    ]
    names = load_workbook(rosters[0])
    for cells in names.active.iter_rows(min_row=2):
        cells[0].value += "馆"
    names.save(rosters[0])
    for year, files in ((2020, FIRST), (2021, SECOND)):
        inbox = folder(place / str(year), files)
        options = ConsolidateOptions(roster=rosters[year - 2020], today=date(year + 1, 3, 1))
        run([inbox], Products(place / f"汇总{year}.xlsx", place / "l.sqlite"), options)
    return place


@pytest.fixture(scope="module")
def years(story: Path) -> Comparison:
    with Ledger(story / "l.sqlite", history_only=True) as ledger:
        return compare_years(ledger, 2021, 2020)


def by_unit(found: Comparison, *names: str) -> dict[str, tuple[Any, ...]]:
    table = found.units.astype(object).where(found.units.notna(), None)
    keys = [f"{unit}/{project}".strip("/") for unit, project in zip(table["unit"], table["project_b"], strict=True)]
    return dict(zip(keys, table[list(names)].itertuples(index=False, name=None), strict=True))


def test_years_stand_in_their_order_with_their_runs(years: Comparison) -> None:
    assert [(side.title, side.output, side.day, side.submissions) for side in years.sides] == [
        ("2020年度", "汇总2020.xlsx", "2021-03-01", 7),
        ("2021年度", "汇总2021.xlsx", "2022-03-01", 5),
    ]


def test_items_are_paired_with_totals_grades_and_ranks(years: Comparison) -> None:
    assert by_unit(years, "basis", "noted", "total_a", "final_b", "grade_a", "grade_b", "rank_a", "rank_b") == {
        "甲馆": ("编码和名称", "", 98.75, 86.25, "优", "良", 1.0, 4.0),
        "丙馆": ("编码和名称、并入", "合并：丙馆、丁馆", None, 99.06, "合并", "优", None, 1.0),
        "新乙馆": ("曾用名", "改名：原乙馆；编码002→102", 96.25, 94.25, "优", "优", 4.0, 3.0),
        "甲馆/项目一期": ("编码和名称", "项目改名：原项目一", 98.75, None, "优", "", 1.0, None),
    }


def test_money_of_merged_units_is_added(years: Comparison) -> None:
    assert by_unit(years, "full_year_a", "executed_a", "rate_a", "full_year_b", "executed_b")["丙馆"] == (250.0, 140.0, 0.56, 260.0, 255.0)


def test_the_difference_is_told_apart_and_in_words(years: Comparison) -> None:
    found = by_unit(years, "by_execution", "by_rows", "by_other_rows", "by_review", "by_rest", "why")
    assert found == {
        "甲馆": (0.0, -12.5, 0.0, 0.0, 0.0, "开展活动场数−12.5（实际完成值 21场→15场）"),
        "丙馆": (None, None, None, None, None, "单位合并，得分不相比：丙馆（94.25分）、丁馆（97.25分）"),
        "新乙馆": (-4.5, 2.5, 0.0, 0.0, 0.0, "预算执行−4.5（执行率95.00%→50.00%）；开展活动场数+2.5（实际完成值 19场→22场）"),
        "甲馆/项目一期": (None, None, None, None, None, "本年暂定，得分不相比"),
    }


def test_what_has_no_partner_says_why(years: Comparison) -> None:
    lone = years.lone[years.lone["what"] != "指标"]
    assert list(lone[["side", "what", "unit", "project", "why"]].itertuples(index=False, name=None)) == [
        ("a", "单位", "己馆", "", "2021年度最后一次汇总没有采用它的表（待裁定）"),
        ("a", "项目", "甲馆", "项目二", "这个项目在后一年没有"),
        ("b", "单位", "戊馆", "", "2020年度没有采用它的表"),
    ]


def test_targets_are_judged_in_their_rows(years: Comparison) -> None:
    rows = years.rows[years.rows["unit_name"].isin(["甲馆", "丙馆"]) & (years.rows["project"] == "")]
    found = list(rows[["unit_name", "project", "level3", "target_b", "actual_a", "verdict"]].itertuples(index=False, name=None))
    assert found == [
        ("甲馆", "", "开展活动场数", "20场", "21场", "松于上年实际"),
        ("甲馆", "", "服务读者人次", "4万人次", "39000", "严于上年实际"),
        ("甲馆", "", "读者满意度", "90%", "95%", "松于上年实际"),
        ("丙馆", "", "开展活动场数", "20场", "21场", "不可比"),
        ("丙馆", "", "服务读者人次", "4万人次", "39000", "不可比"),
        ("丙馆", "", "读者满意度", "90%", "95%", "不可比"),
    ]


def test_what_a_run_counted_as_0_is_a_cause(tmp_path: Path) -> None:
    for year, actual in ((2020, "21场"), (2021, None)):
        inbox = folder(tmp_path / str(year), {"甲馆.xlsx": intake("甲馆", year, actual=actual), "无名.xlsx": intake("", year)})
        run([inbox], Products(tmp_path / f"{year}.xlsx", tmp_path / "l.sqlite"), ConsolidateOptions(missing=Missing.ZERO, today=date(2022, 3, 1)))
    with Ledger(tmp_path / "l.sqlite", history_only=True) as ledger:
        found = compare_years(ledger, 2020, 2021)
    assert by_unit(found, "final_a", "final_b", "by_rows", "by_rest", "why") == {
        "甲馆": (98.75, 48.75, -50.0, 0.0, "开展活动场数−50（本年：缺完成值；实际完成值 21场→空）")
    }
    assert found.lone["unit"].tolist() == ["（没有单位名称：无名.xlsx）"] * 2
    assert found.notes == ["2020年度汇总时未报数的指标计0分。", "2021年度汇总时未报数的指标计0分。"]


def test_a_year_that_never_ran_is_named_with_those_that_did(story: Path) -> None:
    with Ledger(story / "l.sqlite", history_only=True) as ledger, pytest.raises(PerfxlError, match="2018年度的汇总。有的年度：2020、2021"):
        compare_years(ledger, 2018, 2021)


def copied(story: Path, tmp_path: Path) -> Path:
    path = tmp_path / "l.sqlite"
    path.write_bytes((story / "l.sqlite").read_bytes())
    return path


def test_indicators_the_ledger_does_not_hold_are_no_difference(story: Path, tmp_path: Path) -> None:
    path = copied(story, tmp_path)
    with Ledger(path) as ledger:
        (sha256,) = [row["sha256"] for row in ledger.results() if row["unit_name"] == "新乙馆"]
        ledger._commit(lambda: ledger._base.execute("DELETE FROM details WHERE sha256 = ?", (sha256,)))
    with Ledger(path, history_only=True) as ledger:
        found = compare_years(ledger, 2020, 2021)
    assert by_unit(found, "by_execution", "by_rows", "by_other_rows", "why", "noted")["新乙馆"] == (
        -4.5,
        None,
        None,
        "预算执行−4.5（执行率95.00%→50.00%）；指标、折算等（没有指标明细）+2.5",
        "改名：原乙馆；编码002→102；台账里没有本年的指标明细，没有比指标",
    )
    assert "新乙馆" not in {*found.rows["unit_name"], *found.lone["unit"]}


def test_what_is_spoilt_in_the_ledger_is_said_and_no_other_year(story: Path, tmp_path: Path) -> None:
    path = copied(story, tmp_path)
    with Ledger(path) as ledger:
        ledger._commit(lambda: ledger._base.execute("UPDATE results SET unit_key = 'a|b' WHERE unit_name = '新乙馆'"))
        ledger._commit(lambda: ledger._base.execute("UPDATE results SET levels = '[' WHERE unit_name = '丁馆'"))
    with Ledger(path, history_only=True) as ledger:
        assert [note for note in compare_years(ledger, 2020, 2021).notes if "读不出" in note] == [
            "2020年度最后一次汇总有1份在台账里读不出，没有比。",
            "2021年度最后一次汇总有1份在台账里读不出，没有比。",
        ]


def test_a_damaged_ledger_is_named_in_the_workbook(story: Path, tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    content = (story / "l.sqlite").read_bytes()
    path.write_bytes(content[: len(content) // 2])
    found = compare(path, tmp_path / "c.xlsx", years=(2020, 2021)).comparison
    assert "有损坏" in found.notes[0]
    assert any("有损坏" in str(cell.value) for (cell,) in load_workbook(tmp_path / "c.xlsx")["总览对比"].iter_rows(max_col=1))


def test_execution_names_what_differs_of_it() -> None:
    old, new = (Score(full_year=100, executed=executed, execution_weight=weight) for executed, weight in ((95, 10), (90, 20)))
    assert _execution_why(old, new, ("甲", "乙")) == "分值10→20；执行率95.00%→90.00%；方案 甲→乙"
    assert _execution_why(old, old, ("甲", "甲")) == ""


def test_a_long_name_is_shortened_in_a_sentence() -> None:
    assert in_words([(1.0, "长" * 300, "")]) == f"{'长' * 39}…+1"


def test_the_last_run_of_a_year_counts_and_other_outputs_are_named(story: Path, tmp_path: Path) -> None:
    path = copied(story, tmp_path)
    inbox = folder(tmp_path / "more", {"甲馆.xlsx": intake("甲馆", 2020, code="001", actual="10场")})
    run([inbox], Products(tmp_path / "补.xlsx", path), ConsolidateOptions(year=2020, today=date(2021, 4, 1)))
    with Ledger(path, history_only=True) as ledger:
        found = compare_years(ledger, 2020, 2021)
    assert (found.sides[0].output, found.sides[0].submissions) == ("补.xlsx", 1)
    assert by_unit(found, "total_a")["甲馆"] == (73.75,)
    assert [note for note in found.notes if "别的汇总" in note] == ["台账里2020年度还有别的汇总，没有比：汇总2020.xlsx（2021-03-01，8份）。"]


def test_a_ledger_that_knows_nothing_of_rounds_is_read_by_the_years_of_its_rows(story: Path, tmp_path: Path, years: Comparison) -> None:
    path = copied(story, tmp_path)
    with Ledger(path) as ledger:
        ledger._commit(lambda: [ledger._base.execute(f"DELETE FROM {table}") for table in ("rounds", "members")])
    with Ledger(path, history_only=True) as ledger:
        found = compare_years(ledger, 2020, 2021)
    assert [side.submissions for side in found.sides] == [7, 5]
    assert by_unit(found, "total_a", "total_b")["甲馆"] == by_unit(years, "total_a", "total_b")["甲馆"]
    assert "新乙馆" not in by_unit(found, "total_a")


def test_reviews_count_where_the_ledger_has_them(story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Ledger.results

    def reviewed(self: Ledger, run: str = "") -> list[dict[str, Any]]:
        return [
            {**row, "final_total": row["total"] - 3, "final_grade": "良", "final_provisional": 0} if row["unit_name"] == "新乙馆" else row
            for row in real(self, run)
        ]

    monkeypatch.setattr(Ledger, "results", reviewed)
    with Ledger(story / "l.sqlite", history_only=True) as ledger:
        found = compare_years(ledger, 2020, 2021)
    assert by_unit(found, "total_b", "final_b", "grade_b", "final_grade_b", "by_review", "by_rest")["新乙馆"] == (94.25, 91.25, "优", "良", -3.0, 0.0)
    assert "人工复核−3" in by_unit(found, "why")["新乙馆"][0]


@pytest.mark.parametrize(
    ("kept", "final"), [({"final_provisional": 1, "final_grade": "优"}, None), ({}, 94.25)], ids=["still open", "an older ledger"]
)
def test_a_total_that_reviews_left_open_is_no_final_one(
    story: Path, monkeypatch: pytest.MonkeyPatch, kept: dict[str, Any], final: float | None
) -> None:
    real = Ledger.results
    own = ("final_total", "final_grade", "final_provisional")

    def reviewed(self: Ledger, run: str = "") -> list[dict[str, Any]]:
        return [
            {**{k: v for k, v in row.items() if k not in own}, **({"final_total": row["total"], **kept} if kept else {})} for row in real(self, run)
        ]

    monkeypatch.setattr(Ledger, "results", reviewed)
    with Ledger(story / "l.sqlite", history_only=True) as ledger:
        assert by_unit(compare_years(ledger, 2020, 2021), "total_b", "final_b")["新乙馆"] == (94.25, final)


def test_only_the_last_roster_of_an_output_and_year_is_kept(story: Path, tmp_path: Path) -> None:
    path = copied(story, tmp_path)
    names = ("unit", "name", "code", "authority", "former", "short", "merged")
    with Ledger(path) as ledger:
        runs = [row for row in ledger.rounds() if row["year"] == 2021]
        before = [member["name"] for member in ledger.members(runs[0]["run"])]
        ledger.finish(runs[0]["output"], Run("", {}), (), 2021, [dict.fromkeys(names, "子馆")])
        after = [[member["name"] for member in ledger.members(row["run"])] for row in ledger.rounds()]
    assert before == ["甲馆", "丙馆", "戊馆", "己馆", "新乙馆"]
    assert after == [["甲馆", "乙馆", "丙馆", "丁馆", "己馆"], [], ["子馆"]]


def test_rows_of_other_years_are_no_part_of_a_year(story: Path) -> None:
    with Ledger(story / "l.sqlite", history_only=True) as ledger:
        side = side_of_year(ledger, ledger.rounds(), 2020)
    assert (len(side.sent), side.foreign) == (7, 1)


# points of another pack


@pytest.mark.parametrize("seed", range(40))
def test_hundredths_add_up_and_stay_in_proportion(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = float(rng.integers(1, 100))
    weights = rng.integers(1, 30, rng.integers(1, 12)).astype(float)
    exact = weights * (whole / weights.sum())
    found = in_hundredths(exact, whole)
    assert round(found.sum(), 9) == whole
    assert np.abs(found - exact).max() <= 0.01
    assert (found == np.round(found, 2)).all()


def frames(*data: bytes):
    return build_frames([read_workbook(one, number=n, source="x")[0] for n, one in enumerate(data)])


def test_points_of_a_block_that_is_not_there_go_where_the_pack_gives_them() -> None:
    national, later = load_scheme("national-2020"), load_scheme("national-2021")
    assert points_of(national, {"产出指标": 50, "效益指标": 40}) == {"产出指标": 50, "效益指标": 40}
    assert points_of(later, {"产出指标": 50, "效益指标": 30, "满意度指标": 10}) == {"产出指标": 50, "效益指标": 30, "满意度指标": 10}
    assert points_of(load_scheme("hubei"), {"产出指标": 50, "效益指标": 40}) == {"产出指标": 40, "效益指标": 40}


@pytest.mark.parametrize("name", ["national-2020", "national-2021", "department-2013", "yueyang"])
def test_blocks_are_those_of_the_whole_reading(name: str) -> None:
    given, pack = frames(intake(), changed_points(44, None, 10)), load_scheme(name)
    rates = pd.Series([0.9, np.nan], index=[0, 1])
    found = blocks(given, pack, rates)
    names = ["submission", "weight", "role", "block"]
    pd.testing.assert_frame_equal(found[names], interpret(given, pack, rates)[names])


def test_points_typed_for_a_pack_stay_under_it_and_are_scaled_to_another() -> None:
    given = frames(intake())
    assert scaled(given, load_scheme("national-2020")).changed == {}
    found = scaled(given, load_scheme("hubei"), {10, 20})
    assert found.changed == {0: "预算执行10→20、产出指标50→40"}
    assert found.frames.indicators["weight"].tolist() == [40, 30, 10]
    assert found.frames.indicators["claimed_score"].tolist() == [40, 30, 10]
    assert given.indicators["weight"].tolist() == [50, 30, 10]


def changed_points(*points: object, execution: object = None) -> bytes:
    """The small intake with these points of its three indicators, and of execution."""
    book = load_workbook(BytesIO(intake(year=2021)))
    for at, value in enumerate(points, 2):
        book["绩效指标"].cell(at, 9).value = value
    book["预算执行"].cell(2, 7).value = execution
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


REFUSED = {
    "they add up to 94": (changed_points(44, 30, 10), "填报的分值合计不是100分"),
    "a row has none": (changed_points(None, 30, 10), "有的指标没有分值"),
    "blank, with one execution is worth": (changed_points(50, 30, 10), ""),
    "typed for another execution": (changed_points(40, 30, 10, execution=20), ""),
    "execution does not fit": (changed_points(50, 30, 10, execution=15), "填报的分值合计不是100分"),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED)
def test_points_that_are_no_whole_system_stay_as_typed(data: bytes, why: str) -> None:
    given = frames(data)
    found = scaled(given, load_scheme("national-2020"), {10, 20})
    assert found.refused == ({0: f"{why}，没有折算"} if why else {})
    if why:
        pd.testing.assert_frame_equal(found.frames.indicators, given.indicators)
        assert found.frames.budget["weight"].tolist() == pytest.approx(given.budget["weight"].tolist(), nan_ok=True)
    else:
        assert score(found.frames, load_scheme("national-2020")).totals["adds_up"].tolist() == [True]


def test_execution_typed_as_words_stays_the_error_it_is() -> None:
    book = load_workbook(BytesIO(intake()))
    book["预算执行"].cell(2, 7, "十来分")
    stream = BytesIO()
    book.save(stream)
    found = scaled(frames(stream.getvalue()), load_scheme("hubei"), {10, 20})
    assert "weight-not-a-number" in [issue.code for issue in score(found.frames, load_scheme("hubei")).issues]


# two packs


PACKS = ("national-2020", "hubei")
WORDED = {4: "定性", 5: "持续提升", 6: None, 7: "有所提升", 8: "部分达成", 10: None}
"""定性, partly reached, without 自评得分."""
REHEARSED = {
    f"{i}馆.xlsx": intake(f"{i}馆", 2021, actual=f"{activities}场", money=(100, spent))
    for i, (activities, spent) in enumerate([(21, 95), (15, 100), (20, 40), (8, 99), (19, 77.7), (20, 100), (3, 12)])
}


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("rehearsal")
    files = {
        **REHEARSED,
        "坏.xlsx": changed_points(44, 30, 10),
        "定性馆.xlsx": retyped("定性馆", 3, WORDED),
        "执行馆.xlsx": retyped("执行馆", 2, {3: "预算执行率"}),
    }
    run([folder(place / "in", files)], Products(place / "汇总.xlsx", place / "l.sqlite"), ConsolidateOptions(today=date(2022, 3, 1)))
    return place


def retyped(name: str, row: int, cells: dict[int, object]) -> bytes:
    """An intake with other cells in one of its indicators."""
    book = load_workbook(BytesIO(intake(name, 2021)))
    for column, value in cells.items():
        book["绩效指标"].cell(row, column).value = value
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def recomputed() -> pd.DataFrame:
    """Totals under both packs, from what was typed: points of a block in proportion, ratio below the target, half up."""
    cents = lambda values: np.floor(values * 100 + 0.5 + 1e-9) / 100  # noqa: E731
    lines = []
    for i, (activities, spent) in enumerate([(21, 95), (15, 100), (20, 40), (8, 99), (19, 77.7), (20, 100), (3, 12)]):
        ratios = pd.Series([min(activities / 20, 1), 39000 / 40000, 1.0], index=["产出指标", "效益指标", "满意度指标"])
        typed = pd.Series([r[8] for r in INDICATORS], index=ratios.index, dtype=float)
        totals = []
        for whole, execution in (([50, 30, 10], 10), ([40, 30, 10], 20)):
            weights = typed * (pd.Series(whole, index=ratios.index) / typed)
            totals.append(round(cents(weights * ratios).sum() + cents(spent / 100 * execution), 2))
        lines.append((f"{i}馆", *totals))
    lines.append(("定性馆", 50 + 30 * 0.6 + 10 + 9.5, 40 + 30 * 0.5 + 10 + 19))
    return pd.DataFrame(lines, columns=["unit", "a", "b"]).set_index("unit")


def test_differences_of_two_packs_equal_a_recomputation(rehearsal: Path) -> None:
    with Ledger(rehearsal / "l.sqlite", history_only=True) as ledger:
        found = compare_schemes(ledger, *PACKS)
    units = found.units[~found.units["unit"].isin(["示例图书馆", "执行馆"])].set_index("unit")
    expected = recomputed().reindex(units.index)
    assert units["total_a"].tolist() == expected["a"].tolist()
    assert units["total_b"].tolist() == expected["b"].tolist()
    assert (units["total_b"] - units["total_a"]).round(2).tolist() == (expected["b"] - expected["a"]).round(2).tolist()
    assert units["rank_b"].tolist() == expected["b"].rank(method="min", ascending=False).tolist()
    assert (units["total_a"] != units["total_b"]).sum() >= 5
    assert (units["by_execution"] + units["by_rows"] + units["by_rest"]).round(2).tolist() == (units["total_b"] - units["total_a"]).round(2).tolist()


def test_what_cannot_be_scaled_is_open_under_both_packs_and_says_so(rehearsal: Path) -> None:
    with Ledger(rehearsal / "l.sqlite", history_only=True) as ledger:
        found = compare_schemes(ledger, *PACKS)
    assert by_unit(found, "total_a", "total_b", "noted", "why")["示例图书馆"] == (
        None,
        None,
        "A：填报的分值合计不是100分，没有折算；B：填报的分值合计不是100分，没有折算",
        "全国通用(2020)、湖北（20/40/30/10）下暂定，得分不相比",
    )
    assert any("有2份没有折算" in note for note in found.notes)
    assert any("按比例折算" in note for note in found.notes)


def test_what_the_run_left_open_for_a_reason_between_units_stays_open(rehearsal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Ledger.results

    def doubted(self: Ledger, run: str = "") -> list[dict[str, Any]]:
        return [{**row, "provisional": 1} if row["unit_name"] == "0馆" else row for row in real(self, run)]

    monkeypatch.setattr(Ledger, "results", doubted)
    with Ledger(rehearsal / "l.sqlite", history_only=True) as ledger:
        found = by_unit(compare_schemes(ledger, *PACKS), "total_a", "total_b", "noted")
    assert found["0馆"] == (None, None, "B：预算执行10→20、产出指标50→40；汇总时因单位之间的问题暂定")
    assert found["1馆"][0] is not None


def test_a_changed_copy_that_kept_its_title_is_known_by_its_file(rehearsal: Path, tmp_path: Path) -> None:
    text = (Path(perfxl_schemes.__file__).parent / "national-2020.toml").read_text("utf-8")
    (tmp_path / "ours.toml").write_text(text.replace("weight = 50", "weight = 40", 1).replace("weight = 30", "weight = 40", 1), "utf-8")
    with Ledger(rehearsal / "l.sqlite", history_only=True) as ledger:
        found = compare_schemes(ledger, "national-2020", str(tmp_path / "ours.toml"))
    assert [side.title for side in found.sides] == ["全国通用(2020)（national-2020.toml）", "全国通用(2020)（ours.toml）"]
    pack = load_scheme("national-2020")
    assert [one.title for one in told_apart(pack, pack)] == ["全国通用(2020)（A）", "全国通用(2020)（B）"]


def test_clauses_that_differ_are_listed(rehearsal: Path) -> None:
    with Ledger(rehearsal / "l.sqlite", history_only=True) as ledger:
        found = compare_schemes(ledger, *PACKS)
    assert list(found.clauses[["group", "clause", "a", "b"]].itertuples(index=False, name=None))[:2] == [
        ("预算执行", "分值", "10分", "20分"),
        ("一级指标：产出指标", "分值", "50分", "40分"),
    ]


def test_a_rule_that_scores_otherwise_is_quoted_from_both_packs(rehearsal: Path) -> None:
    with Ledger(rehearsal / "l.sqlite", history_only=True) as ledger:
        found = compare_schemes(ledger, *PACKS)
        tiers = compare_schemes(ledger, "national-2020", "jiangxi")
    rows = found.rows[found.rows["unit_name"] == "定性馆"]
    assert rows["why"].iloc[0] == "分值50→40，按比例折算"
    assert [line.partition("：")[0] for line in rows["why"].iloc[1].split("\n")] == ["全国通用(2020)", "湖北（20/40/30/10）"]
    assert "60%" in rows["why"].iloc[1].split("\n")[0]
    assert "50%" in rows["why"].iloc[1].split("\n")[1]
    assert "计分规则不同的指标：服务读者人次−3" in by_unit(found, "why")["定性馆"][0]
    ruled = tiers.units[(tiers.units["execution_a"] != tiers.units["execution_b"]) & tiers.units["total_a"].notna()]
    assert ruled["unit"].tolist() == ["0馆", "2馆", "3馆", "4馆", "6馆", "定性馆"]
    assert "按执行率所在档次得" in ruled["why"].iloc[0]


def test_a_row_that_only_one_pack_scores_as_an_indicator_is_shown_once(rehearsal: Path) -> None:
    with Ledger(rehearsal / "l.sqlite", history_only=True) as ledger:
        found = compare_schemes(ledger, "national-2020", "yueyang")
    rows = found.rows[found.rows["unit_name"] == "执行馆"]
    assert rows[["level3", "status_a"]].to_numpy().tolist() == [["预算执行率", "按预算执行"], ["服务读者人次", "已评分"], ["读者满意度", "已评分"]]
    assert rows["why"].iloc[0] == "这一行是预算执行，全国通用(2020)不再作为指标计分"


def test_what_the_ledger_holds_no_longer_is_listed(rehearsal: Path, tmp_path: Path) -> None:
    path = copied(rehearsal, tmp_path)
    with Ledger(path) as ledger:
        (sha256,) = [row["sha256"] for row in ledger.results() if row["unit_name"] == "3馆"]
        ledger._commit(lambda: ledger._base.execute("DELETE FROM parsed WHERE sha256 = ?", (sha256,)))
    with Ledger(path, history_only=True) as ledger:
        found = compare_schemes(ledger, *PACKS)
    assert list(found.lone[["unit", "why"]].itertuples(index=False, name=None)) == [("3馆", "台账里已没有“3馆.xlsx”的内容，请再汇总一次")]
    assert "3馆" not in by_unit(found, "total_a")
    assert any("有1份台账里已没有内容" in note for note in found.notes)


def test_a_ledger_whose_cache_another_perfxl_made_asks_for_a_run(rehearsal: Path, tmp_path: Path) -> None:
    path = copied(rehearsal, tmp_path)
    with Ledger(path) as ledger:
        ledger._commit(lambda: ledger._base.execute("UPDATE meta SET value = 'x' WHERE name = 'parser'"))
    before = path.read_bytes()
    with Ledger(path, history_only=True) as ledger, pytest.raises(PerfxlError, match="另一版本的 perfxl 读的。请先再运行一次"):
        compare_schemes(ledger, *PACKS)
    assert path.read_bytes() == before


# the workbook and the command


@pytest.fixture(scope="module")
def written(story: Path, rehearsal: Path) -> dict[str, Path]:
    compare(story / "l.sqlite", story / "两年.xlsx", years=(2020, 2021))
    compare(rehearsal / "l.sqlite", rehearsal / "方案.xlsx", schemes=PACKS)
    return {"years": story / "两年.xlsx", "schemes": rehearsal / "方案.xlsx"}


SHEETS = {"years": ["总览对比", "单位对比", "指标对比", "未配对"], "schemes": ["总览对比", "单位对比", "指标对比", "未配对", "方案差别"]}


@pytest.mark.parametrize("kind", SHEETS)
def test_the_workbook_has_its_sheets_filters_and_a_chart(written: dict[str, Path], kind: str) -> None:
    book = load_workbook(written[kind])
    assert book.sheetnames == SHEETS[kind]
    assert len(book["总览对比"]._charts) == 1 + (kind == "years" and 0)
    for sheet in book.worksheets[1:]:
        assert sheet.auto_filter.ref.startswith("A2:")
        assert sheet.freeze_panes is not None
        assert sheet.page_setup.orientation == "landscape"
    assert sealed_state(written[kind]) == "ours-untouched"


def test_a_comparison_written_row_by_row_has_the_same_cells(years: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    spliced, called = BytesIO(), BytesIO()
    write_comparison_workbook(spliced, years)
    monkeypatch.setattr(books, "leaves_room", lambda: False)
    write_comparison_workbook(called, years)
    one, other = ([list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(written)] for written in (spliced, called))
    assert one == other


def cells(path: Path, title: str, *, values: bool) -> list[dict[str, Any]]:
    rows = list(load_workbook(path, data_only=values)[title].iter_rows(min_row=2, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_numbers_are_numbers_and_differences_live(written: dict[str, Path]) -> None:
    stored, live = (cells(written["years"], "单位对比", values=values) for values in (True, False))
    assert [(row["单位名称"], row["上年最终得分"], row["本年最终得分"], row["最终差"]) for row in stored] == [
        ("甲馆", 98.75, 86.25, -12.5),
        ("丙馆", None, 99.06, None),
        ("新乙馆", 96.25, 94.25, -2),
        ("甲馆", 98.75, None, None),
    ]
    assert [row["最终差"] for row in live] == ["=ROUND(H3-G3,2)", None, "=ROUND(H5-G5,2)", None]
    assert stored[3]["本年等级"] == "暂定 48.75～98.75"
    assert [row["预算单位编码"] for row in stored] == ["001", "003", "102", "001"]


def test_what_is_open_shows_its_span_and_one_number_once() -> None:
    assert [_open(low, high) for low, high in ((48.75, 98.5), (98.75, 98.75), (np.nan, np.nan))] == ["暂定 48.75～98.5", "暂定 98.75", "暂定"]


def test_every_column_is_readable_on_its_paper(years: Comparison) -> None:
    from perfxl.workbook.comparison.tables import tables
    from perfxl.workbook.consolidated.table import paper, printed_widths
    from perfxl.workbook.style import SIZE, SMALLEST, printed_scale

    assert [printed_scale(printed_widths(sheet), paper(sheet)) * SIZE >= SMALLEST for sheet in tables(years)] == [True] * 3


@office
def test_the_spreadsheet_program_computes_what_is_stored(written: dict[str, Path], tmp_path: Path) -> None:
    for path, again in zip(written.values(), recalculate(written.values(), tmp_path), strict=True):
        for sheet in load_workbook(path, data_only=True).worksheets:
            found = load_workbook(again, data_only=True)[sheet.title]
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, int | float):
                        assert found[cell.coordinate].value == pytest.approx(cell.value, abs=1e-9), f"{sheet.title}!{cell.coordinate}"


@pytest.mark.parametrize("what", [("--years", "2020", "2021"), ("--years", "2021", "2020")], ids=["in order", "turned round"])
def test_same_ledger_same_bytes_and_the_ledger_is_left_alone(story: Path, written: dict[str, Path], tmp_path: Path, what: tuple[str, ...]) -> None:
    before = (story / "l.sqlite").read_bytes()
    assert perfxl(["compare", str(story / "l.sqlite"), *what, "-o", str(tmp_path / "c.xlsx")]) == 0
    assert (tmp_path / "c.xlsx").read_bytes() == written["years"].read_bytes()
    assert (story / "l.sqlite").read_bytes() == before


WRONG = {
    "neither": [],
    "both": ["--years", "2020", "2021", "--schemes", *PACKS],
    "one year twice": ["--years", "2020", "2020"],
    "no year": ["--years", "20", "2021"],
    "a year in words": ["--years", "去年", "2021"],
    "one year": ["--years", "2020"],
    "a year that never ran": ["--years", "2020", "2030"],
    "no such pack": ["--schemes", "national-2020", "没有"],
    "one pack twice": ["--schemes", "national-2020", "全国通用(2020)"],
}


@pytest.mark.parametrize("asked", WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_said_and_nothing_written(story: Path, tmp_path: Path, asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert perfxl(["compare", str(story / "l.sqlite"), *asked, "-o", str(tmp_path / "c.xlsx")]) == 2
    said = capsys.readouterr().err
    assert said
    assert "valid" not in said
    assert list(tmp_path.iterdir()) == []


def test_no_ledger_and_no_xlsx_are_refused(story: Path, tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"not a ledger at all")
    asked = ["--years", "2020", "2021", "-o"]
    assert perfxl(["compare", str(tmp_path / "x.sqlite"), *asked, str(tmp_path / "c.xlsx")]) == 2
    assert perfxl(["compare", str(tmp_path / "none.sqlite"), *asked, str(tmp_path / "c.xlsx")]) == 2
    assert perfxl(["compare", str(story / "l.sqlite"), *asked, str(tmp_path / "c.pdf")]) == 2
    assert perfxl(["compare", str(story / "l.sqlite"), *asked, str(story / "l.sqlite")]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["x.sqlite"]


def test_files_of_others_and_edited_results_are_kept_without_force(story: Path, written: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "c.xlsx"
    asked = ["compare", str(story / "l.sqlite"), "--years", "2020", "2021", "-o", str(target)]
    target.write_bytes(b"mine")
    assert (perfxl(asked), target.read_bytes()) == (2, b"mine")
    assert perfxl([*asked, "--force"]) == 0
    assert target.read_bytes() == written["years"].read_bytes()
    assert perfxl(asked) == 0
    book = load_workbook(target)
    book.save(target)
    edited = target.read_bytes()
    assert (perfxl(asked), target.read_bytes()) == (2, edited)


def test_a_comparison_in_an_inbox_is_ignored(written: dict[str, Path], tmp_path: Path) -> None:
    inbox = folder(tmp_path / "in", {"两年.xlsx": written["years"].read_bytes(), "甲馆.xlsx": intake("甲馆")})
    document = run([inbox], Products(tmp_path / "o.xlsx"), ConsolidateOptions()).document
    assert {f["file"]: f["code"] for f in document["files"]} == {"两年.xlsx": "ignored-own-result", "甲馆.xlsx": None}
