"""What the office decides: the questions of a run, the sheet 待裁定 they stand on, and the answers read back (contract §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from perfxl.catalogue import CATALOGUE
from perfxl.consolidation.items import Matter, matter_of
from perfxl.consolidation.names import name_key
from perfxl.intake.guard import Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.heading import HEADER_WINDOW
from perfxl.intake.readers.openpyxl_reader import read_sheets
from perfxl.intake.submission import folded, text_of
from perfxl.intake.tables import MAX_COLUMN
from perfxl.model import Issue, PerfxlError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from perfxl.intake.readers import Sheet

QUESTIONS = "待裁定"


class Reason(StrEnum):
    """Why the office is asked: codes of the catalogue; the sheet shows their 问题类型."""

    CONFLICT = "identity-conflict"
    SUSPECT = "identity-suspect"
    OTHER_YEAR = "other-year"
    UNNAMED = "project-unnamed"
    DUPLICATE = "duplicate-submission"
    UNREAD = "file-unreadable"
    AMOUNT = "unit-magnitude-suspect"

    @property
    def word(self) -> str:
        """As 待裁定 shows it."""
        return _SHOWN.get(self) or CATALOGUE[self].kind


_SHOWN = {Reason.DUPLICATE: "重复待定", Reason.UNREAD: "读不出", Reason.AMOUNT: "金额存疑"}


class Answer(StrEnum):
    """The answers."""

    BELONGS = "属于"
    USE = "采用"
    DROP = "不采用"
    NO_FORM = "非填报表"
    RIGHT = "金额无误"


_BELONGING = (Answer.BELONGS, Answer.DROP)
WORDS: Mapping[Reason, tuple[Answer, ...]] = {
    Reason.CONFLICT: _BELONGING,
    Reason.SUSPECT: _BELONGING,
    Reason.OTHER_YEAR: _BELONGING,
    Reason.UNNAMED: _BELONGING,
    Reason.DUPLICATE: (Answer.USE, Answer.DROP),
    Reason.UNREAD: (Answer.BELONGS, Answer.NO_FORM),
    Reason.AMOUNT: (Answer.RIGHT, Answer.DROP),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the office can say, about one submission (or one file nobody could read)."""

    reason: Reason
    sha256: str
    part: str
    file: str
    name: str
    code: str
    why: str
    suggested: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What an answer is bound to: the content that was looked at, and the question."""
        return self.sha256, self.part, str(self.reason)


@dataclass(frozen=True, slots=True)
class Ruling:
    """An answer of the office. A blank `word` takes an earlier one back."""

    sha256: str
    part: str
    reason: str
    word: str
    unit: str = ""
    year: str = ""
    evaluation: str = ""
    project: str = ""
    by: str = ""
    day: str = ""
    note: str = ""
    file: str = ""
    name: str = ""
    code: str = ""
    row: int = 0
    """Row of the sheet it was read from; 0 for one the ledger kept."""

    @property
    def key(self) -> tuple[str, str, str]:
        """As of `Question`."""
        return self.sha256, self.part, self.reason


TITLES = {
    "number": "序号",
    "file": "文件",
    "part": "部分",
    "name": "填报的单位",
    "code": "填报的编码",
    "suggested": "建议的单位",
    "why": "原因",
    "word": "裁定",
    "unit": "属于的单位",
    "year": "预算年度",
    "evaluation": "自评类型",
    "project": "项目",
    "by": "裁定人",
    "day": "裁定日期",
    "note": "备注",
    "sha256": "SHA-256",
}
"""The columns of 待裁定 in order; the last one is hidden."""

_NEEDED = ("file", "why", "word", "sha256")
SEPARATOR = "："


def why_shown(question: Question) -> str:
    """The cell 原因: the word of the reason, then what is behind it."""
    return f"{question.reason.word}{SEPARATOR}{question.why}" if question.why else question.reason.word


def read_rulings(path: Path, limits: Limits | None = None) -> list[Ruling]:
    """The rows of the sheet 待裁定 of any workbook, as they stand there.

    Raises:
        PerfxlError: the file cannot be read, or has no such sheet, or the sheet lacks a column that binds an answer.
    """
    from perfxl.catalogue import fix, message

    limits = limits or Limits()
    data = read_bytes(path, limits)
    opened = data if isinstance(data, Refusal) else open_bytes(data, limits)
    if isinstance(opened, Refusal):
        issue = Issue(0, opened.code, details=opened.details)
        raise PerfxlError(f"裁定文件“{path.name}”：{message(issue)}{fix(issue)}", en=f"{path.name}: {message(issue, 'en')} {fix(issue, 'en')}")
    try:
        sheets = read_sheets(opened, lambda name: folded(name).startswith(QUESTIONS), max_row=limits.window_rows, max_column=MAX_COLUMN)
    except Exception as error:  # openpyxl refuses honest oddities with any exception
        raise PerfxlError(f"裁定文件“{path.name}”读不出来（{type(error).__name__}）。请用 Excel 或 WPS 打开后另存为 .xlsx。") from error
    if not sheets:
        raise PerfxlError(f"裁定文件“{path.name}”里没有“{QUESTIONS}”表。请用汇总工作簿里的“{QUESTIONS}”填写。")
    return [ruling for sheet in sheets for ruling in _rows(sheet, path.name)]


def _rows(sheet: Sheet, source: str) -> Iterator[Ruling]:
    titles = {folded(title): name for name, title in TITLES.items()}
    most: dict[str, int] = {}
    for at, (number, values) in enumerate(sheet.rows):
        columns: dict[str, int] = {}
        for i, value in enumerate(values):
            if isinstance(value, str) and folded(value) in titles:
                columns.setdefault(titles[folded(value)], i)
        if columns.keys() >= set(_NEEDED):
            break
        most = max(most, columns, key=len)
        if number > HEADER_WINDOW:
            at = len(sheet.rows)  # noqa: PLW2901  # nothing is left to look at
            break
    else:
        columns, at = {}, len(sheet.rows)
    if not columns.keys() >= set(_NEEDED):
        missing = "、".join(TITLES[name] for name in _NEEDED if name not in most)
        raise PerfxlError(
            f"裁定文件“{source}”的“{sheet.title}”表缺少这些列：{missing}（{TITLES['sha256']}是隐藏的一列）。请用汇总工作簿里原来的表填写。"
        )
    for number, values in sheet.rows[at + 1 :]:
        cells = {name: " ".join(text_of(values[i] if i < len(values) else None).split()) for name, i in columns.items()}
        if any(cells[name] for name in _NEEDED):
            known = {name: cells.get(name, "") for name in ("unit", "year", "evaluation", "project", "by", "day", "note", "file", "name", "code")}
            reason = _reason(cells["why"])
            yield Ruling(cells["sha256"].lower(), cells.get("part", ""), str(reason or cells["why"]), cells["word"], row=number, **known)


def _reason(shown: str) -> Reason | None:
    word = shown.partition(SEPARATOR)[0].strip()
    return next((reason for reason in Reason if reason.word == word), None)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A ruling that could not be applied, or that fits nothing any more."""

    ruling: Ruling
    why: str
    unused: bool = False


_DAYS = re.compile(r"[0-9a-f]{64}")


def sound(rulings: Iterable[Ruling]) -> tuple[dict[tuple[str, str, str], Ruling], list[Unfit]]:
    """The rulings that say something we understand, by what they are bound to; and the others, with the reason.

    Two rows with different answers to one question are both no answer.
    """
    kept: dict[tuple[str, str, str], Ruling] = {}
    unfit: list[Unfit] = []
    twice: set[tuple[str, str, str]] = set()
    for ruling in rulings:
        why = _unsound(ruling)
        if why:
            if ruling.word:
                unfit.append(Unfit(ruling, why))
            continue
        before = kept.get(ruling.key)
        if before is not None and _answer(before) != _answer(ruling):
            unfit.append(Unfit(ruling, f"与第{before.row}行对同一份文件的裁定不同"))
            twice.add(ruling.key)
            continue
        kept[ruling.key] = ruling
    for key in twice:
        unfit.append(Unfit(kept[key], "同一份文件有两种不同的裁定"))
        kept[key] = replace(kept[key], word="")
    return kept, unfit


def _answer(ruling: Ruling) -> tuple[str, ...]:
    return ruling.word, ruling.unit, ruling.year, ruling.evaluation, ruling.project


def _unsound(ruling: Ruling) -> str:
    if not _DAYS.fullmatch(ruling.sha256):
        return "隐藏的SHA-256一列被清空或改动，不知道裁定的是哪一份文件"
    if ruling.reason not in set(Reason):
        return "“原因”一列被改动，看不出裁定的是什么"
    if not ruling.word:
        return ""
    allowed = WORDS[Reason(ruling.reason)]
    if ruling.word not in allowed:
        return f"这种情况的裁定只能填{'、'.join(allowed)}"
    if ruling.year and not re.fullmatch(r"(?:19|20)\d\d", year_typed(ruling.year)):
        return f"预算年度“{ruling.year}”不是年份"
    if ruling.evaluation and matter_of(ruling.evaluation, "") is Matter.UNKNOWN:
        return f"自评类型“{ruling.evaluation}”不是部门整体、单位整体或项目"
    return ""


def year_typed(text: str) -> str:
    """A year as the office types it, without 年 or 年度."""
    return re.sub(r"年度?$", "", name_key(text))


def merged(stored: Iterable[Ruling], given: Iterable[Ruling]) -> tuple[list[Ruling], list[Unfit]]:
    """What holds in a run: a file given replaces what it names; a row that comes back with a blank 裁定 revokes."""
    holding = {ruling.key: ruling for ruling in stored if not _unsound(ruling)}
    fresh, unfit = sound(given)
    for key, ruling in fresh.items():
        if ruling.word:
            holding[key] = ruling
        elif key not in holding and any(_answer(ruling)):
            unfit.append(Unfit(ruling, "填了别的栏，没有填裁定"))
        else:
            holding.pop(key, None)
    return sorted(holding.values(), key=lambda r: (r.file, r.part, r.reason, r.sha256)), unfit


def earlier(question: Question, rulings: Sequence[Ruling], asked: Container[tuple[str, str]] = ()) -> Ruling | None:
    """The answer to the same question about an earlier content of the same file, or of the same unit's only other one.

    `asked` are the files and parts that are asked about now: what was said of one of them was not said of another.
    """
    same = [r for r in rulings if r.reason == question.reason and r.sha256 != question.sha256]
    by_path = [r for r in same if r.file == question.file and r.part == question.part]
    by_unit = [r for r in same if (r.name, r.code) == (question.name, question.code) and (r.name or r.code) and (r.file, r.part) not in asked]
    found = by_path or (by_unit if len(by_unit) == 1 else [])
    return found[-1] if found else None
