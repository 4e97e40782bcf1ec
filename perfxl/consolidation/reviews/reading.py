"""Review sheets as they come back: any order of rows and columns, hidden, filtered, sorted; a line is known by its hidden key."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from perfxl.consolidation.reviews import REVIEW
from perfxl.consolidation.reviews.record import HOME, NUMBERS, SHOWN, TITLES, TYPED, Doubt, Key, Line, Read, same, short
from perfxl.consolidation.reviews.rows import number
from perfxl.intake.discover import LEFTOVERS, WORKBOOKS
from perfxl.intake.guard import CellError, Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.heading import HEADER_WINDOW
from perfxl.intake.readers.openpyxl_reader import read_sheets
from perfxl.intake.submission import folded, text_of
from perfxl.intake.tables import MAX_COLUMN
from perfxl.model import Issue, PerfxlError
from perfxl.model.addresses import letters

if TYPE_CHECKING:
    from pathlib import Path

    from perfxl.intake.guard import SheetFacts
    from perfxl.intake.readers import Sheet

_ROOM = {"file_bytes": 1 << 30, "part_bytes": 1 << 30, "book_bytes": 4 << 30, "cells": 100_000_000, "window_rows": 1_048_576, "total_text": 1 << 30}
"""Limits for the bureau's own workbook, which is larger than any intake."""
_NEEDED = ("key", *NUMBERS)


def review_files(path: Path) -> list[Path]:
    """The workbooks of a folder, or the one that is named.

    Raises:
        PerfxlError: there is no such file or folder.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise PerfxlError(f"找不到复核表“{path}”。请检查路径。", en=f"No review sheets at {path}.")
    found = (p for p in path.rglob("*") if p.suffix.lower() in WORKBOOKS and not p.name.startswith(LEFTOVERS))
    return sorted(p for p in found if p.is_file())


def read_reviews(path: Path, limits: Limits | None = None) -> Read:
    """Every line of every review sheet at `path`; what cannot be read is a problem, and the rest goes on.

    Raises:
        PerfxlError: there is no such file or folder; the one file that is named cannot be read or holds no review sheet.
    """
    read = Read()
    for file in review_files(path):
        shown = file.relative_to(path).as_posix() if path.is_dir() else file.name
        why = _book(file, shown, replace(limits or Limits(), **_ROOM), read)
        if why and path.is_file():
            raise PerfxlError(f"复核表“{shown}”：{why}")
        if why:
            read.problems.append(Doubt("review-unread", shown, details={"why_text": why.rstrip("。")}))
    return read


def _book(file: Path, shown: str, limits: Limits, read: Read) -> str:
    """Take in one workbook; why it cannot be taken, "" where it can."""
    from perfxl.catalogue import fix, message

    data = read_bytes(file, limits)
    opened = data if isinstance(data, Refusal) else open_bytes(data, limits)
    if isinstance(opened, Refusal):
        issue = Issue(0, opened.code, details=opened.details)
        return f"{message(issue)}{fix(issue)}"
    assert isinstance(data, bytes)  # noqa: S101  # the refusal was looked at
    try:
        sheets = read_sheets(opened, lambda name: folded(name).startswith(REVIEW), max_row=limits.window_rows, max_column=MAX_COLUMN)
    except Exception as error:  # noqa: BLE001  # openpyxl refuses honest oddities with any exception
        return f"读不出来（{type(error).__name__}）。请用 Excel 或 WPS 打开后另存为 .xlsx。"
    whole, found = True, False
    for sheet in sheets:
        head = _head(sheet)
        if head is None:
            continue
        found = True
        facts = next(f for f in opened.sheets if f.name == sheet.title)
        first = len(read.lines)
        whole &= _sheet(sheet, *head, shown, read, _odd(facts))
        home = f" {HOME}={short(str(file.absolute()), size=8)}"
        read.lines[first:] = [replace(line, columns=line.columns + home) for line in read.lines[first:]]
    if not found:
        return f"里面没有复核表（表名“{REVIEW}”，有“{TITLES['review_score']}”和隐藏的“{TITLES['key']}”一列）。"
    if whole:
        read.files[file] = hashlib.sha256(data).hexdigest()
    return ""


def _odd(facts: SheetFacts) -> dict[str, str]:
    """Cells that hold something and say nothing certain: what stands for it."""
    found = dict.fromkeys(facts.doubts, "（格式改变了这个数）") | dict.fromkeys(facts.pictures, "（图片）")
    return found | dict.fromkeys((cell for cell, stored in facts.formulas.items() if not stored), "（公式没有值）")


ODD = ("（格式改变了这个数）", "（图片）", "（公式没有值）", "#")
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


def _sheet(sheet: Sheet, at: int, columns: dict[str, list[int]], shown: str, read: Read, odd: dict[str, str]) -> bool:
    """The lines below a header. Whether nothing a person typed there is left unread."""
    header = sheet.rows[at][0]
    twice = [name for name, places in columns.items() if len(places) > 1]
    missing = [name for name in _NEEDED if name not in columns]
    if twice or missing:
        what = f"有两列“{TITLES[twice[0]]}”" if twice else f"缺少“{TITLES[missing[0]]}”一列"
        cell = f"{letters(columns[twice[0]][1])}{header}" if twice else f"A{header}"
        read.problems.append(Doubt("review-unread", shown, cell, details={"why_text": what}))
        return False
    single = {name: places[0] for name, places in columns.items()}
    own = set(single.values())
    whole = not any(value is not None for _, values in sheet.rows[at:] for i, value in enumerate(values) if i not in own)
    for number_, values in sheet.rows[at + 1 :]:
        cells = {name: values[i] if i < len(values) else None for name, i in single.items()}
        if odd:
            cells |= {name: odd[cell] for name in TYPED if name in single and (cell := f"{letters(single[name])}{number_}") in odd}
        line = _line(cells, single, number_, shown)
        if isinstance(line, Doubt):
            read.problems.append(line)
            whole = False
        elif line is not None:
            read.lines.append(line)
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
    own = {name: texts[name] for name in TYPED if name in texts}
    placed = " ".join(f"{name}={letters(columns[name])}" for name in own)
    return Line(key, texts, own, texts.get("confirm", ""), shown, number_, placed)


def typed(value: object) -> str:
    """A cell as text, on one line unless it was typed on several; an error or a formula without a value says so."""
    if isinstance(value, CellError):
        return value.text or "#N/A"
    text = text_of(value)
    return "\n".join(" ".join(part.split(" ")).strip() for part in text.strip().splitlines()) if same(text) else ""


def _printed(value: object) -> str:
    return number(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else text_of(value)
