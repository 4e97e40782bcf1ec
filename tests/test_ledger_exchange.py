"""A ledger as one workbook and back: nothing is lost, nothing destroyed, damage is named cell by cell."""

from __future__ import annotations

import base64
import random
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from inbox import MIXED, folder
from openpyxl import load_workbook

from perfxl.cli import run as command
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.exchange import LARGEST, LONG, ROOM, SHEETS, TITLES, cell_of, title_of
from perfxl.consolidation.kept import DETAIL_COLUMNS
from perfxl.consolidation.ledger import Ledger, kept_tables
from perfxl.jobs.consolidate import Products, run
from perfxl.jobs.ledgers import export_ledger, import_ledger
from perfxl.model import PerfxlError
from perfxl.output import sealed_state
from perfxl.workbook.kept import sheet_of
from perfxl.workbook.style import A3, SIZE, SMALLEST, printed_scale

Rows = dict[str, list[tuple[Any, ...]]]


def everything(path: Path) -> Rows:
    """All rows of all tables that are kept."""
    with Ledger(path, history_only=True) as book:
        return {table: book.kept_rows(table, columns) for table, columns in kept_tables().items()}


def put(path: Path, table: str, *rows: dict[str, Any]) -> None:
    """Rows as they might stand in a ledger; what is not given is blank."""
    with Ledger(path):
        pass
    with closing(sqlite3.connect(path)) as base:
        for row in rows:
            whole = {
                c.name: row.get(c.name, b"" if c.kind == "BLOB" else "" if c.filled and c.kind == "TEXT" else 0 if c.filled else None)
                for c in kept_tables()[table]
            }
            names, marks = ", ".join(f'"{name}"' for name in whole), ", ".join("?" * len(whole))
            base.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", list(whole.values()))
        base.commit()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an office has after a run: history, results, details, and words of its own."""
    place = tmp_path_factory.mktemp("office")
    run([folder(place / "收件", MIXED)], Products(place / "汇总.xlsx", place / "汇总.ledger.sqlite"), ConsolidateOptions())
    path = place / "汇总.ledger.sqlite"
    put(path, "rulings", {"sha256": "ab" * 32, "part": "", "reason": "identity-conflict", "word": "属于", "unit": "甲馆", "note": "=1+1"})
    put(path, "remarks", {"key": "甲馆|2020|整体|", "number": "401", "cell": "G8", "problem": "没有完成值", "reply": "长" * 70_000})
    put(path, "members", {"run": "2021-03-01", "unit": "001", "name": "甲馆", "code": "001", "former": "甲老馆"})
    put(path, "reviews", {"item": "甲馆|2020|整体|", "identity": "ab", "nth": 0, "review_score": "0", "day": "2021-04-01", "reason": "没有佐证"})
    put(path, "members", {"run": "2021-03-01T00:00:00", "unit": "甲馆", "name": "甲馆", "former": "甲老馆", "short": "甲"})
    put(path, "review_log", *({"number": n, "item": "甲馆|2020|整体|", "identity": "ab", "after": "0分", "state": "新增"} for n in (1, 2, 4)))
    return path


def test_every_table_and_column_has_a_chinese_title_of_its_own() -> None:
    tables = kept_tables()
    assert set(tables) <= set(SHEETS)
    for table, columns in tables.items():
        assert {c.name for c in columns} - set(TITLES) == set(), table
        assert len({title_of(table, c.name) for c in columns}) == len(columns), table


def test_out_in_and_out_again_gives_the_same_bytes_and_the_same_ledger(ledger: Path, tmp_path: Path) -> None:
    before = ledger.read_bytes()
    first = export_ledger(ledger, None)
    assert first.path == ledger.with_name("汇总_台账.xlsx")
    assert sealed_state(first.path) == "ours-untouched"
    assert ledger.read_bytes() == before
    done = import_ledger(first.path, tmp_path / "new" / "l.sqlite")
    assert done.wrong == []
    assert {title: (j.new, j.replaced, j.same, len(j.kept)) for title, j in done.joined.items()} == {
        title: (count, 0, 0, 0) for title, count in first.rows.items()
    }
    assert everything(tmp_path / "new" / "l.sqlite") == everything(ledger)
    second = export_ledger(tmp_path / "new" / "l.sqlite", tmp_path / "台账.xlsx")
    assert second.path.read_bytes() == first.path.read_bytes()
    again = import_ledger(first.path, tmp_path / "new" / "l.sqlite")
    assert [(j.new, j.replaced, j.kept) for j in again.joined.values()] == [(0, 0, [])] * len(first.rows)
    assert all(first.rows.values())


def test_what_came_back_is_used_as_before(ledger: Path, tmp_path: Path) -> None:
    import_ledger(export_ledger(ledger, tmp_path / "台账.xlsx").path, tmp_path / "l.sqlite")
    with Ledger(ledger, history_only=True) as old, Ledger(tmp_path / "l.sqlite", history_only=True) as new:
        assert new.history("甲馆") == old.history("甲馆") != []
        assert new.said() == old.said()
        assert new.results() == old.results()
        entry = old.history("甲馆")[0]
        assert new.details(entry.sha256, entry.part, entry.scheme) == old.details(entry.sha256, entry.part, entry.scheme) != []


def test_texts_and_numbers_of_every_kind_come_back(tmp_path: Path) -> None:
    random.seed(15)
    odd = ["=1+1", "+1", "-1", "@x", "0012", "1e5", " 前后有空格 ", "两\n行", "回\r\n车", "_x000D_", "_x005F_x000D_", "\x07响\x1f", "😀" * 20_000, "<r>x</r>", "&amp;",
           "'", "是", "采用", "#DIV/0!", "\u200b零宽", "\ufeff", "\t", "2021-03-01", "TRUE", "x" * 32_767, "长" * 32_768, "\x85", "\ue000"]  # fmt: skip
    any_character = [*range(1, 0xD800), *range(0xE000, 0x11000)]
    odd += ["".join(map(chr, random.choices(any_character, k=20))) for _ in range(200)]
    numbers = [0.1 + 0.2, 1 / 3, 1e-300, -1e300, 0.0, 100, 5e-324, 2**53 + 2.0, 88.68, *(random.uniform(-1e6, 1e6) for _ in range(100))]
    put(tmp_path / "a.sqlite", "rulings", *({"sha256": f"{n:064x}", "note": text, "word": text, "part": text[:50]} for n, text in enumerate(odd)))
    put(
        tmp_path / "a.sqlite",
        "results",
        *({"run": "2021", "sha256": f"{n}", "levels": "{}", "total": x, "year": 2020 + n, "counted": n % 2} for n, x in enumerate(numbers)),
    )
    done = import_ledger(export_ledger(tmp_path / "a.sqlite", tmp_path / "x.xlsx").path, tmp_path / "b.sqlite")
    assert done.wrong == []
    assert everything(tmp_path / "b.sqlite") == everything(tmp_path / "a.sqlite")


def test_the_later_of_two_rows_counts_and_nothing_is_taken_away(tmp_path: Path) -> None:
    for name, when, grade in (("a", "2021-03-02T00:00:00", "优"), ("b", "2021-03-01T00:00:00", "良")):
        put(tmp_path / name, "history", {"sha256": "s", "scheme": "n", "name": "甲", "submission_count": 1, "recorded": when, "grade": grade})
        put(tmp_path / name, "history", {"sha256": name, "scheme": "n", "name": name, "submission_count": 1, "recorded": when})
        put(tmp_path / name, "remarks", {"key": "k", "reply": name})
    for source, target, expected in (("a", "b", (1, 1, 0, 0)), ("b", "a", (1, 0, 0, 1))):
        copy = tmp_path / f"{source}{target}"
        copy.write_bytes((tmp_path / target).read_bytes())
        joined = import_ledger(export_ledger(tmp_path / source, tmp_path / f"{source}.xlsx").path, copy).joined
        assert (joined["历次报送"].new, joined["历次报送"].replaced, joined["历次报送"].same, len(joined["历次报送"].kept)) == expected
        rows = everything(copy)
        assert sorted((row[0], row[2], row[19]) for row in rows["history"]) == [("a", "n", None), ("b", "n", None), ("s", "n", "优")]
        assert [row[10] for row in rows["remarks"]] == [target]


def test_of_two_reviews_the_one_with_the_later_day_counts_and_the_other_is_named(tmp_path: Path) -> None:
    place = {"item": "甲馆|2020|整体|", "identity": "ab", "nth": 0, "unit_name": "甲馆", "level3": "场数"}
    for day, other, expected in (
        ("2021年4月9日", "2021-04-10", "2"),
        ("2021-04-10", "2021年4月9日", "1"),
        ("", "2021-04-10", "1"),
        ("2021-04-10", "下周", "1"),
    ):
        for name, when, score in (("a", other, "2"), ("b", day, "1")):
            (tmp_path / name).unlink(missing_ok=True)
            put(tmp_path / name, "reviews", {**place, "day": when, "review_score": score})
        done = import_ledger(export_ledger(tmp_path / "a", tmp_path / "a.xlsx").path, tmp_path / "b").joined["复核记录"]
        assert [row[16] for row in everything(tmp_path / "b")["reviews"]] == [expected]
        assert (done.replaced, done.kept) == ((1, []) if expected == "2" else (0, ["甲馆 场数"]))


def test_a_log_keeps_the_lines_of_both_ledgers(tmp_path: Path) -> None:
    for name, lines in (("a", ("共同", "甲一", "甲二", "甲二")), ("b", ("共同", "乙一", "甲二"))):
        put(tmp_path / name, "review_log", *({"number": n, "after": line} for n, line in enumerate(lines, 1)))
    for _ in range(2):
        import_ledger(export_ledger(tmp_path / "a", tmp_path / "a.xlsx").path, tmp_path / "b")
        lines = [(row[0], row[11]) for row in everything(tmp_path / "b")["review_log"]]
        assert lines == [(1, "共同"), (2, "乙一"), (3, "甲二"), (4, "甲一"), (5, "甲二")]


def test_a_submission_is_remembered_once_whichever_ledger_saw_it_later(tmp_path: Path) -> None:
    """Scored in one ledger, undecided in the other: one row, with the score, and the fate of the later."""
    for name, row in (
        ("scored", {"scheme": "n", "fate": "accepted", "total": 90.0, "recorded": "2021-03-01"}),
        ("undecided", {"scheme": "", "fate": "undecided", "recorded": "2021-03-02"}),
    ):
        put(tmp_path / name, "history", {"sha256": "s", "name": "甲", "submission_count": 1, **row})
    for source, target in (("scored", "undecided"), ("undecided", "scored")):
        copy = tmp_path / f"{source} {target}"
        copy.write_bytes((tmp_path / target).read_bytes())
        import_ledger(export_ledger(tmp_path / source, tmp_path / f"{source}.xlsx", force=True).path, copy)
        with Ledger(copy, history_only=True) as book:
            assert [(e.scheme, e.fate, e.total) for e in book.history("甲")] == [("n", "undecided", 90.0)]


def changed(source: Path, target: Path, *changes: tuple[str, str, object]) -> Path:
    book = load_workbook(source)
    for sheet, cell, value in changes:
        book[sheet][cell] = value
    book.save(target)
    return target


def column(source: Path, sheet: str, title: str) -> str:
    return next(cell.column_letter for cell in load_workbook(source)[sheet][2] if cell.value == title)


def test_a_damaged_cell_is_named_its_row_left_out_and_the_rest_taken(ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = export_ledger(ledger, tmp_path / "台账.xlsx").path
    at = {
        title: column(source, sheet, title)
        for sheet, title in (("历次报送", "总分"), ("各次汇总得分", "一级指标得分"), ("指标明细（压缩）", "内容（压缩）"), ("裁定", "文件SHA-256"))
    }
    bomb = base64.b64encode(zlib.compress(msgspec.msgpack.encode([["\0" * (LARGEST + 1)]]))).decode()
    assert len(bomb) > 32_767
    broken = changed(
        source,
        tmp_path / "坏.xlsx",
        ("历次报送", f"{at['总分']}3", "很好"),
        ("历次报送", f"{at['总分']}4", "#DIV/0!"),
        ("各次汇总得分", f"{at['一级指标得分']}4", "{"),
        ("指标明细（压缩）", f"{at['内容（压缩）']}3", "AAAA"),
        ("指标明细（压缩）", f"{at['内容（压缩）']}4", base64.b64encode(zlib.compress(msgspec.msgpack.encode([[1], []]))).decode()),
        ("裁定", f"{at['文件SHA-256']}3", None),
        ("回复和办理", "A3", "_x005F_xD800_"),
    )
    load = load_workbook(broken)
    load.create_sheet("我的表")["A1"] = "自己的话"
    load.save(broken)
    assert command(["ledger", "import", str(broken), "--ledger", str(tmp_path / "l.sqlite")]) == 1
    said = capsys.readouterr().err
    named = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    assert sorted(named) == sorted(
        [
            f"历次报送 {at['总分']}3：“很好”不是数",
            f"历次报送 {at['总分']}4：是错误值“#DIV/0!”",
            f"各次汇总得分 {at['一级指标得分']}4：内容已损坏",
            f"指标明细（压缩） {at['内容（压缩）']}3：压缩的内容已损坏",
            f"指标明细（压缩） {at['内容（压缩）']}4：压缩的内容已损坏",
            f"裁定 {at['文件SHA-256']}3：是空的",
            "回复和办理 A3：有不成字的字符",
            "长文字：“回复和办理”的“单位回复”有一段续文找不到它的行",
            "我的表：不是台账的表，没有读",
        ]
    )
    assert "有9处没有读" in said
    whole, rest = everything(ledger), everything(tmp_path / "l.sqlite")
    assert {table: len(whole[table]) - len(rows) for table, rows in rest.items() if len(rows) != len(whole[table])} == {
        "history": 2,
        "results": 1,
        "details": 2,
        "rulings": 1,
        "remarks": 1,
    }


def test_what_unpacks_without_end_is_refused(ledger: Path, tmp_path: Path) -> None:
    bomb = zlib.compress(msgspec.msgpack.encode([[0] * (LARGEST + 1)]), 9)
    put(tmp_path / "a.sqlite", "details", {"sha256": "s", "packed": bomb})
    done = import_ledger(export_ledger(tmp_path / "a.sqlite", tmp_path / "x.xlsx").path, tmp_path / "b.sqlite")
    assert [wrong.why for wrong in done.wrong] == ["压缩的内容已损坏"]
    assert everything(tmp_path / "b.sqlite")["details"] == []


def test_sorted_filtered_and_widened_sheets_say_the_same(ledger: Path, tmp_path: Path) -> None:
    book = load_workbook(export_ledger(ledger, tmp_path / "台账.xlsx").path)
    for sheet in book:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        random.Random(3).shuffle(rows)
        for at, values in enumerate(rows, 3):
            for cell, value in zip(sheet[at], values, strict=True):
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
        sheet.insert_cols(2)
        sheet["B2"] = "我的备注"
        sheet.insert_rows(1)
        sheet.move_range(f"A3:A{sheet.max_row}", cols=1)
    book.save(tmp_path / "改.xlsx")
    done = import_ledger(tmp_path / "改.xlsx", tmp_path / "l.sqlite")
    assert done.wrong == []
    assert everything(tmp_path / "l.sqlite") == everything(ledger)


@pytest.mark.parametrize("limit", ["file_bytes", "part_bytes", "book_bytes", "cells"])
def test_a_workbook_beyond_its_limits_is_refused_before_a_ledger_is_touched(ledger: Path, tmp_path: Path, limit: str) -> None:
    source = export_ledger(ledger, tmp_path / "台账.xlsx").path
    with pytest.raises(PerfxlError, match=r"超过读取上限.*请直接复制台账文件"):
        import_ledger(source, tmp_path / "l.sqlite", msgspec.structs.replace(ROOM, **{limit: 20}))
    assert not (tmp_path / "l.sqlite").exists()


@pytest.mark.parametrize("what", ["no-file", "not-xlsx", "another-workbook", "foreign-ledger"])
def test_a_workbook_that_is_none_changes_no_ledger(ledger: Path, tmp_path: Path, what: str) -> None:
    target = tmp_path / "l.sqlite"
    source = tmp_path / "x.xlsx"
    if what == "not-xlsx":
        source.write_bytes(b"PK\x03\x04")
    elif what == "another-workbook":
        source.write_bytes(MIXED["a.xlsx"])
    elif what == "foreign-ledger":
        export_ledger(ledger, source)
        target.write_bytes(b"something else" * 20)
    before = target.read_bytes() if target.exists() else None
    with pytest.raises(PerfxlError):
        import_ledger(source, target)
    assert (target.read_bytes() if target.exists() else None) == before


def test_an_export_in_an_inbox_is_ignored_and_never_written_over_unasked(ledger: Path, tmp_path: Path) -> None:
    inbox = folder(tmp_path / "收件", {"a.xlsx": MIXED["a.xlsx"]})
    export_ledger(ledger, inbox / "台账.xlsx")
    export_ledger(ledger, inbox / "台账.xlsx")
    outcome = run([inbox], Products(tmp_path / "o.xlsx"), ConsolidateOptions())
    assert {f["file"]: f["code"] or "" for f in outcome.document["files"]} == {"a.xlsx": "", "台账.xlsx": "ignored-own-result"}
    changed(inbox / "台账.xlsx", inbox / "台账.xlsx", ("裁定", "A1", "改过"))
    with pytest.raises(PerfxlError):
        export_ledger(ledger, inbox / "台账.xlsx")
    with pytest.raises(PerfxlError):
        export_ledger(tmp_path / "没有.sqlite", None)


def test_the_columns_of_indicators_are_what_is_packed(ledger: Path) -> None:
    packed = everything(ledger)["details"][0][-1]
    assert len(msgspec.msgpack.decode(zlib.decompress(packed))) == len(DETAIL_COLUMNS)
    assert cell_of("packed", packed) == base64.b64encode(packed).decode()
    assert LONG not in SHEETS.values()


def test_every_sheet_can_be_read_on_paper(ledger: Path) -> None:
    with Ledger(ledger, history_only=True) as book:
        sheets = [sheet_of(table, columns, book, []) for table, columns in kept_tables().items()]
    assert [sheet.title for sheet in sheets if printed_scale([column.width for column in sheet.fields], A3) * SIZE < SMALLEST] == []
