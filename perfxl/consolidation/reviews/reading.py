"""Review sheets as they come back: any order of rows and columns, hidden, filtered, sorted; a line is known by its hidden key."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from msgspec import structs

from perfxl.consolidation.reviews import REVIEW
from perfxl.consolidation.reviews.record import (
    CLAUSES,
    COMPUTED,
    HEADLINE,
    HINT,
    HOME,
    NUMBERS,
    SHOWN,
    TITLES,
    TYPED,
    Doubt,
    Key,
    Line,
    Read,
    same,
    short,
)
from perfxl.consolidation.reviews.rows import number
from perfxl.intake.discover import BINARY, CONTAINERS, WORKBOOKS, left_behind, suffix_of
from perfxl.intake.guard import CellError, Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.heading import HEADER_WINDOW
from perfxl.intake.readers.openpyxl_reader import read_sheets
from perfxl.intake.submission import folded, text_of
from perfxl.intake.tables import MAX_COLUMN
from perfxl.model import Issue, PerfxlError
from perfxl.model.addresses import letters
from perfxl.output import read_seal
from perfxl.rules.typed import points_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from perfxl.intake.guard import Opened, SheetFacts
    from perfxl.intake.readers import Sheet

_ROOM = {"file_bytes": 1 << 30, "part_bytes": 1 << 30, "book_bytes": 4 << 30, "cells": 100_000_000, "window_rows": 1_048_576, "total_text": 1 << 30}
"""Limits for the bureau's own workbook, which is larger than any intake."""
_NEEDED = ("key", *NUMBERS)
_PERHAPS = BINARY | CONTAINERS | {".xlsb", ".ods", ".csv", ".xltx", ".xltm", ".rar", ".7z"}
"""How files end that may hold a review and are not read."""
REVIEW_LOG, _LOG_HEAD = "复核台账", 2
"""The sheet of a consolidated workbook that lists each change of a review, and the row of its titles."""
_CENT = 0.011
"""最终得分 is rounded to two decimals."""


def review_files(path: Path) -> list[Path]:
    """The workbooks of a folder, or the one that is named.

    Raises:
        PerfxlError: there is no such file or folder.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise PerfxlError(f"找不到复核表“{path}”。请检查路径。", en=f"No review sheets at {path}.")
    return sorted(p for p in _all_files(path) if suffix_of(p.name) in WORKBOOKS)


def _of_another_kind(file: Path) -> bool:
    """Whether perfxl wrote it, and as something else than a review sheet."""
    sealed = read_seal(file)
    return sealed is not None and sealed.kind != "review"


def holds_reviews(consolidated: Path, limits: Limits | None = None) -> bool:
    """Whether a consolidated workbook prints reviews: its 复核台账 has a row."""
    data = read_bytes(consolidated, structs.replace(limits or Limits(), **_ROOM))
    opened = (
        data if isinstance(data, Refusal) else open_bytes(data, structs.replace(limits or Limits(), **_ROOM), lambda title, _: title == REVIEW_LOG)
    )
    return not isinstance(opened, Refusal) and any(facts.last_row > _LOG_HEAD for facts in opened.sheets)


def other_files(path: Path) -> list[Path]:
    """What else lies in the folder: nothing of it is read."""
    return sorted(p for p in _all_files(path) if suffix_of(p.name) not in WORKBOOKS) if path.is_dir() else []


def _all_files(folder: Path) -> Iterator[Path]:
    return (p for p in folder.rglob("*") if p.is_file() and not left_behind(p.relative_to(folder)))


def read_reviews(path: Path, limits: Limits | None = None) -> Read:
    """Every line of every review sheet at `path`; what cannot be read is a problem, and the rest goes on.

    Raises:
        PerfxlError: there is no such file or folder; the one file that is named cannot be read or holds no review sheet.
    """
    read = Read()
    files, others = review_files(path), [file.relative_to(path).as_posix() for file in other_files(path)]
    for shown in others:
        if suffix_of(shown) in _PERHAPS:
            read.problems.append(Doubt("review-unread", shown, details={"why_text": "只读 .xlsx 和 .xlsm；表格请另存为 .xlsx，压缩包请先解压"}))
    beside = [shown for shown in others if suffix_of(shown) not in _PERHAPS]
    if beside:
        read.notes.append(f"复核文件夹里有{len(beside)}个文件不是工作簿，没有读：{'、'.join(beside[:3])}{' 等' * (len(beside) > 3)}。")
    if path.is_dir():
        files = [file for file in files if not _of_another_kind(file)]
    if not files:
        read.notes.append(f"“{path.name}”里没有复核表（.xlsx），没有读入新的复核。")
    for file in files:
        shown = file.relative_to(path).as_posix() if path.is_dir() else file.name
        why = _book(file, shown, structs.replace(limits or Limits(), **_ROOM), read)
        if why and path.is_file():
            raise PerfxlError(f"复核表“{shown}”：{why}")
        if why:
            read.problems.append(Doubt("review-unread", shown, details={"why_text": why.rstrip("。")}))
    return read


def _book(file: Path, shown: str, limits: Limits, read: Read) -> str:
    """Take in one workbook; why it cannot be taken, "" where it can."""
    from perfxl.catalogue import fix, message

    if _of_another_kind(file):
        return f"这是 perfxl 写的另一种文件，不是复核表。请用 --review-sheets 写出的“{REVIEW}_….xlsx”。"
    data = read_bytes(file, limits)
    opened = data if isinstance(data, Refusal) else open_bytes(data, limits)
    if isinstance(opened, Refusal):
        issue = Issue(0, opened.code, details=opened.details)
        return f"{message(issue)}{fix(issue)}"
    assert isinstance(data, bytes)  # noqa: S101  # the refusal was looked at
    try:
        sheets = read_sheets(opened, lambda _: True, max_row=limits.window_rows, max_column=MAX_COLUMN)
    except Exception as error:  # noqa: BLE001  # openpyxl refuses honest oddities with any exception
        return f"读不出来（{type(error).__name__}）。请用 Excel 或 WPS 打开后另存为 .xlsx。"
    whole, found = _plain(data, opened), False
    for sheet in sheets:
        head = _head(sheet)
        if head is None:
            whole &= sheet.title == CLAUSES or not any(value is not None for _, values in sheet.rows for value in values)
            continue
        found = True
        facts = next(f for f in opened.sheets if f.name == sheet.title)
        first = len(read.lines)
        whole &= _sheet(sheet, *head, shown, read, facts)
        home = f" {HOME}={short(str(file.absolute()), size=8)}"
        read.lines[first:] = [replace(line, columns=line.columns + home) for line in read.lines[first:]]
    if not found:
        return f"里面没有复核表（“{REVIEW}”表，有“{TITLES['review_score']}”和隐藏的“{TITLES['key']}”一列）。请用 --review-sheets 写出的表填写。"
    if whole:
        read.files[file] = hashlib.sha256(data).hexdigest()
    return ""


_DRAWN = re.compile(r"xl/(?:media/|embeddings/|threadedcomments|comments|drawings/vml)", re.IGNORECASE)
_DRAWING = re.compile(r"xl/drawings/[^/]+\.xml", re.IGNORECASE)


def _plain(data: bytes, opened: Opened) -> bool:
    """Whether a workbook holds nothing but cells: no comment, picture or sheet that was not looked at; LibreOffice adds a blank drawing."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            drawings = [archive.open(name).read(1 << 16) for name in names if _DRAWING.fullmatch(name)]
    except Exception:  # noqa: BLE001  # nobody has looked at these parts: damaged, encrypted, packed in some other way
        return False
    return not (opened.unread or any(map(_DRAWN.match, names)) or any(b"Anchor" in drawing for drawing in drawings))


def _odd(facts: SheetFacts) -> dict[str, str]:
    """Cells that hold something and say nothing certain: what stands for it."""
    found = dict.fromkeys(facts.struck, "（划了删除线）")
    found |= dict.fromkeys(facts.doubts, "（格式改变了这个数）") | dict.fromkeys(facts.pictures, "（图片）")
    return found | dict.fromkeys((cell for cell, stored in facts.formulas.items() if not stored), "（公式没有值）")


ODD = ("（格式改变了这个数）", "（图片）", "（公式没有值）", "（划了删除线）", "#")
"""How what is typed begins where nothing can be read of it."""


def _head(sheet: Sheet) -> tuple[int, dict[str, list[int]]] | None:
    """Where the header stands, and the columns of each title; None where the sheet is no review sheet."""
    titles = {folded(title): name for name, title in TITLES.items()}
    for at, (row, values) in enumerate(sheet.rows):
        if row > HEADER_WINDOW:
            break
        columns: dict[str, list[int]] = {}
        for i, value in enumerate(values):
            if isinstance(value, str) and folded(value) in titles:
                columns.setdefault(titles[folded(value)], []).append(i)
        if len(columns) >= 4 and not columns.keys().isdisjoint(_NEEDED):
            return at, columns
    return None


def _sheet(sheet: Sheet, at: int, columns: dict[str, list[int]], shown: str, read: Read, facts: SheetFacts) -> bool:
    """The lines below a header. Whether nothing a person typed there is left unread."""
    header, odd = sheet.rows[at][0], _odd(facts)
    twice = [name for name, places in columns.items() if len(places) > 1]
    missing = [name for name in _NEEDED if name not in columns]
    if twice or missing:
        what = f"有两列“{TITLES[twice[0]]}”" if twice else f"缺少“{TITLES[missing[0]]}”一列"
        cell = f"{letters(columns[twice[0]][1])}{header}" if twice else f"A{header}"
        read.problems.append(Doubt("review-unread", shown, cell, details={"why_text": what}))
        return False
    single = {name: places[0] for name, places in columns.items()}
    own = set(single.values())
    further = sorted({i for _, values in sheet.rows[at:] for i, value in enumerate(values) if value is not None and i not in own})
    whole = not further and all(value in (None, HINT) or HEADLINE.fullmatch(str(value)) for _, values in sheet.rows[:at] for value in values)
    lacking = [TITLES[name] for name in TYPED if name not in single]
    if lacking and further:
        found = "、".join(f"{letters(i)}列" for i in further[:8])
        read.notes.append(f"复核表“{shown}”没有“{'”“'.join(lacking)}”一列，{found}不认识，没有读。表头改了名的，请改回来。")
    for number_, values in sheet.rows[at + 1 :]:
        cells = {name: values[i] if i < len(values) else None for name, i in single.items()}
        if odd:
            cells |= {name: odd[cell] for name in TYPED if name in single and (cell := f"{letters(single[name])}{number_}") in odd}
        if "final" in single and f"{letters(single['final'])}{number_}" in facts.formulas:
            cells["final"] = None
        line = _line(cells, single, number_, shown)
        if isinstance(line, Doubt):
            read.problems.append(line)
            whole = False
        elif line is not None:
            read.lines.append(line)
        else:
            whole &= all(value is None for value in cells.values())
    return whole


def _line(cells: dict[str, object], columns: dict[str, int], number_: int, shown: str) -> Line | Doubt | None:
    """One line; None where nothing stands in it that a reviewer typed and no key."""
    texts = {name: typed(value) if name in TYPED or name == "confirm" else _printed(value) for name, value in cells.items()}
    key = Key.read(texts["key"])
    said = next((name for name in TYPED if texts.get(name)), "")
    where = f"{letters(columns[said or 'key'])}{number_}"
    unit = texts.get("unit_name", "")
    if key is None:
        if not said:
            return None
        return Doubt(
            "review-invalid",
            shown,
            where,
            texts[said],
            unit,
            {"level3": texts.get("level3", ""), "why_text": "这一行隐藏的键被清空或改动，不知道复核的是哪一行"},
        )
    for at, name in enumerate(SHOWN):
        if name in texts and short(texts[name], size=4) != key.shown[4 * at : 4 * at + 4]:
            if not said and not texts.get("confirm"):
                return None
            why = f"这一行的“{TITLES[name]}”与隐藏的键对不上（改动过，或只排序了一部分列）"
            return Doubt("review-invalid", shown, where, texts.get(said, ""), unit, {"level3": texts.get("level3", ""), "why_text": why})
    misplaced = _misplaced(texts, key)
    if misplaced:
        why = f"“{TITLES[misplaced]}”是程序填写的，改成的“{texts[misplaced]}”不算数；要核定得分，请填在“{TITLES['review_score']}”"
        where = f"{letters(columns[misplaced])}{number_}"
        return Doubt("review-invalid", shown, where, texts[misplaced], unit, {"level3": texts.get("level3", ""), "why_text": why})
    own = {name: texts[name] for name in TYPED if name in texts}
    placed = " ".join(f"{name}={letters(columns[name])}" for name in (*own, "confirm") if name in columns)
    return Line(key, texts, own, texts.get("confirm", ""), shown, number_, placed)


def _misplaced(texts: dict[str, str], key: Key) -> str:
    """A computed cell that somebody typed over: 最终得分 that is no longer a formula and says something else than the line, or printed points."""
    for name, digest in zip(COMPUTED, key.computed, strict=False):
        if name in texts and short(texts[name], size=4) != digest:
            return name
    final = points_of(texts.get("final", ""))
    if math.isnan(final) or texts.get("review_actual"):
        return ""
    said = [points_of(texts.get(name, "")) for name in ("review_score", "score")]
    return "" if any(abs(final - points) < _CENT for points in said) else "final"


def typed(value: object) -> str:
    """A cell as text, on one line unless it was typed on several; an error or a formula without a value says so."""
    if isinstance(value, CellError):
        return value.text or "#N/A"
    text = text_of(value)
    return "\n".join(" ".join(part.split(" ")).strip() for part in text.strip().splitlines()) if same(text) else ""


def _printed(value: object) -> str:
    return number(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else text_of(value)
