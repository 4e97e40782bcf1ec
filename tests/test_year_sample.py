"""The office's year, step by step as `一年.sh` has it; every number is computed here from the tables of the sample, not by perfxl."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import year_samples as year
from openpyxl import load_workbook

from perfxl.cli import run
from perfxl.jobs.api import read_intake

ROUND_1, DECIDED, ROUND_2, FINAL, TEMPLATES, NEXT = range(6)
"""The steps."""


def points(sent: year.Sent) -> dict[str, float | None]:
    """The points of each row by plain arithmetic; None where there is no actual."""
    full, executed = sent.money
    found: dict[str, float | None] = {"execution": 10 * min(executed / full, 1)}
    for name, *_, operator, _, weight in year.ROWS:
        if name in sent.left_out:
            continue
        target = sent.targets.get(name, year.TARGETS.get(name))
        actual = sent.actuals.get(name, "达成" if operator == "定性" else target)
        if operator == "定性":
            found[name] = weight * {"达成": 1, "部分达成": 0.6}[actual]
        else:
            found[name] = None if actual is None else weight * min(actual / target, 1)
    return found


def total(sent: year.Sent, **reviewed: float) -> float:
    """The sum of what is scored, with the reviewer's points where a row has them."""
    return round(sum(value for value in ({**points(sent), **reviewed}).values() if value is not None), 2)


AT_LAST = {**year.ROUND_1, **year.ROUND_2}
SENT_2020 = {sent.unit: sent for sent in AT_LAST.values()}
SENT_2021 = {sent.unit: sent for sent in year.NEXT_YEAR.values()}
FINALS = {year.LIBRARY: {"visits": 10.5}, year.MUSEUM: {"events": 13.3}, year.FIRST: {"quality": 15 * 76 / 95}}
"""What the reviews that count in the end make of the rows."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("year")


@pytest.fixture(scope="module")
def runs(out: Path) -> list[dict[str, Any]]:
    """The document of each step, none of the templates; and the letters that lie there after it."""
    found = []
    for command in year.steps(out):
        printed = io.StringIO()
        more = ["--json", "--workers", "1"] if command[0] == "consolidate" else []
        with redirect_stdout(printed):
            assert run([*command, *more]) == 0
        letters = {path.relative_to(out / "通知").as_posix() for path in (out / "通知").rglob("*.docx")}
        found.append({**(json.loads(printed.getvalue()) if more else {}), "letters": letters})
    return found


def computed(document: dict[str, Any]) -> dict[str, float]:
    return {unit["name"]: unit["total"] for unit in document["units"]}


def final(document: dict[str, Any]) -> dict[str, float]:
    return {unit["name"]: unit["final"]["total"] for unit in document["units"]}


def reviews(document: dict[str, Any]) -> dict[str, str]:
    return {review["name"]: review["state"] for review in document["reviews"]}


def test_the_first_round_leaves_open_what_is_open(runs: list[dict[str, Any]]) -> None:
    first = runs[ROUND_1]
    assert (first["found"], first["accepted"], first["undecided"]) == (11, 9, 2)
    states = {row["name"]: row["state"] for row in first["due"]}
    assert {name: state for name, state in states.items() if state != "已报"} == {
        year.GALLERY: "待确认",
        year.HERITAGE: "待确认",
        year.PALACE: "未报",
        year.MUSEUM: "已报(待改)",
        year.SECOND: "已报(待改)",
    }
    assert {row["name"] for row in first["questions"]} == {year.GALLERY, year.HERITAGE}
    assert first["issues"]["actual-missing"] == 2
    assert first["letters"] == {
        f"{year.CULTURE}/{year.MUSEUM}_退回修改通知.docx",
        f"{year.EDUCATION}/{year.SECOND}_退回修改通知.docx",
        f"{year.EDUCATION}/催报通知.docx",
    }


def test_the_decision_gives_both_units_their_file(runs: list[dict[str, Any]]) -> None:
    decided = runs[DECIDED]
    assert (decided["accepted"], decided["undecided"], [row for row in decided["questions"] if not row["word"]]) == (11, 0, [])
    assert computed(decided) == {sent.unit: total(sent) for sent in year.ROUND_1.values()}


def test_corrections_close_an_error_and_open_another_and_reviews_know_their_rows(runs: list[dict[str, Any]]) -> None:
    second = runs[ROUND_2]
    assert (second["accepted"], second["superseded"]) == (12, 2)
    assert computed(second) == {name: total(sent) for name, sent in SENT_2020.items()}
    assert "actual-missing" not in second["issues"]
    assert [unit["name"] for unit in second["units"] if unit["errors"]] == [year.SECOND]
    assert second["issues"]["weights-not-full"] == 1
    assert f"{year.EDUCATION}/{year.SECOND}_退回修改通知.docx" in second["letters"]
    assert f"{year.EDUCATION}/催报通知.docx" not in second["letters"]
    assert reviews(second) == {year.LIBRARY: "counts", year.MUSEUM: "stale", year.FIRST: "counts", year.SECOND: "lost"}
    counted = {name: FINALS[name] for name in (year.LIBRARY, year.FIRST)}
    assert final(second) == {name: total(sent, **counted.get(name, {})) for name, sent in SENT_2020.items()}


def test_final_scores_rank_and_a_lost_review_is_still_listed(runs: list[dict[str, Any]]) -> None:
    last = runs[FINAL]
    expected = {name: total(sent, **FINALS.get(name, {})) for name, sent in SENT_2020.items()}
    assert final(last) == expected
    assert reviews(last) == {year.LIBRARY: "counts", year.MUSEUM: "counts", year.FIRST: "counts", year.SECOND: "lost"}
    ranked = {name: score for name, score in expected.items() if name != year.SECOND}
    ranks = {name: 1 + sum(other > score for other in ranked.values()) for name, score in ranked.items()}
    assert {unit["name"]: unit["rank"] for unit in last["units"]} == {**ranks, year.SECOND: None}
    (open_one,) = [unit for unit in last["units"] if unit["provisional"]]
    assert (open_one["name"], open_one["possible"]) == (year.SECOND, [expected[year.SECOND], expected[year.SECOND] + 10])


def test_next_years_intakes_carry_each_units_own_rows(runs: list[dict[str, Any]], out: Path) -> None:
    assert len(runs) == 6
    carried = {}
    for path in sorted((out / "2021填报表").iterdir()):
        rows = read_intake(path).rows.get("indicators", [])
        carried[path.stem] = next((row.values["last_actual"] for row in rows if row.values["level3"] == "开展活动场数"), None)
    before = {year.RENAMED if name == year.PEOPLE else name: sent for name, sent in SENT_2020.items() if name != year.TRADE}
    assert carried == {name: f"{sent.actuals.get('events', 20)}场" for name, sent in before.items()} | {year.NEW: None}


def test_the_next_year_is_scored_by_itself(runs: list[dict[str, Any]]) -> None:
    following = runs[NEXT]
    assert (following["year"], following["accepted"], following["undecided"]) == (2021, 12, 0)
    assert computed(following) == final(following) == {name: total(sent) for name, sent in SENT_2021.items()}


def test_a_ledger_that_went_through_a_workbook_knows_decisions_and_reviews(runs: list[dict[str, Any]], out: Path) -> None:
    """The final run again, with no decision and no review handed in, on what was exported and imported."""
    assert run(["ledger", "export", str(out / "台账.sqlite"), "-o", str(out / "台账.xlsx")]) == 0
    assert run(["ledger", "import", str(out / "台账.xlsx"), "--ledger", str(out / "新台账.sqlite")]) == 0
    command = year.steps(out)[FINAL]
    at = command.index("--review")
    command = [word.replace("台账.sqlite", "新台账.sqlite").replace("2020最终.xlsx", "再来.xlsx") for word in (*command[:at], *command[at + 2 :])]
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert run([*command, "--json", "--workers", "1"]) == 0
    again = json.loads(printed.getvalue())
    assert (final(again), reviews(again), again["undecided"]) == (final(runs[FINAL]), reviews(runs[FINAL]), 0)


def sheet(book: Path, title: str) -> list[dict[str, Any]]:
    """The rows of a sheet by its titles."""
    head, *rows = list(load_workbook(book, data_only=True)[title].iter_rows(min_row=2, values_only=True))
    return [dict(zip(head, row, strict=True)) for row in rows if row[0] is not None]


def test_both_years_are_compared_unit_by_unit(runs: list[dict[str, Any]], out: Path) -> None:
    assert len(runs) == 6
    assert run(["compare", str(out / "台账.sqlite"), "--years", "2020", "2021", "-o", str(out / "两年对比.xlsx")]) == 0
    rows = {row["单位名称"]: row for row in sheet(out / "两年对比.xlsx", "单位对比")}
    before = {year.RENAMED if name == year.PEOPLE else name: name for name in SENT_2020 if name != year.TRADE}
    assert set(rows) == set(before)
    for name, old in before.items():
        row = rows[name]
        if name in (year.SECOND, year.FIRST):  # open, and merged: their points are not compared
            assert row["最终差"] is None
            continue
        was, reviewed, now = total(SENT_2020[old]), total(SENT_2020[old], **FINALS.get(old, {})), total(SENT_2021[name])
        shown = [row[title] for title in ("上年测算得分", "本年测算得分", "测算差", "上年最终得分", "本年最终得分", "最终差")]
        assert shown == pytest.approx([was, now, now - was, reviewed, now, now - reviewed], abs=1e-9)
    merged = [sum(numbers) for numbers in zip(SENT_2020[year.FIRST].money, SENT_2020[year.TRADE].money, strict=True)]
    assert [rows[year.FIRST][title] for title in ("上年全年预算数", "上年全年执行数")] == merged
    assert [rows[name]["上年等级"] for name in (year.FIRST, year.SECOND)] == ["合并", "暂定 89.5～99.5"]
    assert rows[year.RENAMED]["配对依据"] == "曾用名"
    verdicts = {(row["单位名称"], row["三级指标"]): row["判断"] for row in sheet(out / "两年对比.xlsx", "指标对比")}
    assert verdicts[year.LIBRARY, "服务人次"] == "松于上年实际"
    assert verdicts[year.MUSEUM, "开展活动场数"] == "严于上年实际"
    alone = {(row["类别"], row["单位名称"], row["三级指标"]) for row in sheet(out / "两年对比.xlsx", "未配对")}
    assert {("单位", year.NEW, None), ("指标", year.SECOND, "志愿者人数")} <= alone


# what is committed


def cells(path: Path | bytes) -> list[list[tuple[object, ...]]]:
    book = load_workbook(io.BytesIO(path) if isinstance(path, bytes) else path)
    return [list(sheet.values) for sheet in book.worksheets]


def test_the_papers_are_what_the_generator_makes() -> None:
    made = year.papers()
    assert {name: cells(content) for name, content in made.items()} == {name: cells(year.HOME / name) for name in made}
    others = {path.relative_to(year.HOME).as_posix() for path in year.HOME.rglob("*") if path.is_file()} - set(made)
    assert others == {
        "一年.sh",
        "裁定2020.xlsx",
        "复核第二轮/复核_示例市文化局.xlsx",
        *(f"复核第一轮/复核_{name}.xlsx" for name in (year.CULTURE, year.EDUCATION)),
    }
    assert sum(path.stat().st_size for path in year.HOME.rglob("*") if path.is_file()) < 1_000_000


def test_what_people_typed_is_typed_into_what_these_runs_wrote(runs: list[dict[str, Any]], out: Path) -> None:
    assert len(runs) == 6
    assert cells(year.decided(out / "2020第一轮.xlsx")) == cells(year.HOME / "裁定2020.xlsx")
    for given, written, said, day in (("复核第一轮", "复核1", year.REVIEW_1, "2021-04-01"), ("复核第二轮", "复核2", year.REVIEW_2, "2021-04-25")):
        for path in (year.HOME / given).iterdir():
            assert cells(year.reviewed(out / written / path.name, said, day)) == cells(path)
