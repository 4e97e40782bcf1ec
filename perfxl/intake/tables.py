"""One sheet to the rows of one table: columns by their titles, what was typed, and a name for what cannot be taken.

Tolerant, never guessing in silence: everything that could not be read as expected becomes an issue with its cell.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from perfxl.intake import heading
from perfxl.intake.footers import is_beside, is_subtotal, is_total
from perfxl.intake.readers import CellError, PaddedNumber, Sheet, YuanNumber
from perfxl.intake.submission import Place, SheetRow, Submission, folded, text_of
from perfxl.model import Issue, Kind, Table, columns
from perfxl.model.addresses import letters
from perfxl.model.columns import BUDGET, INDICATORS, REPORT, UNIT
from perfxl.model.invisible import visible
from perfxl.values.blanks import is_blank
from perfxl.values.expressions import OneOf, RarePattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perfxl.intake.guard import SheetFacts
    from perfxl.intake.heading import Heading

MAX_COLUMN = 512

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANKS = " \t\r\n\u3000\xa0"
_CAPTION = RarePattern(r"单位:?(?:人民币)?((?:[十百千万亿]{0,2}|[美欧港日])元)(?![\u4e00-\u9fff])", OneOf("元"))
"""单位：万元 above a table; not the unit that reports (填报单位：元氏县…)."""
_TITLE = 40
_HEAD = 4
"""Titles of a row that make it a header."""
_SHOWN = 8
"""Rows or columns that an issue names one by one."""


def read_table(found: Submission, table: Table, sheet: Sheet, facts: SheetFacts | None) -> None:
    """Read one sheet as a table into a submission."""
    reader = _TableReader(found, table, sheet, facts)
    if table is UNIT:
        reader.read_fields()
    else:
        reader.read_rows()


@lru_cache(maxsize=1)
def _labels() -> tuple[dict[str, str], dict[str, str]]:
    """Folded title to field, and folded alias to field."""
    return {folded(c.title): c.name for c in UNIT.columns}, {folded(a): c.name for c in UNIT.columns for a in c.aliases}


@lru_cache(maxsize=1024)
def _field(label: str) -> tuple[str | None, int]:
    """The field of 基本信息 that a label names, and 0 where it is the title, 1 where it is an alias."""
    exact, alias = _labels()
    text = folded(label).rstrip(":")
    plain = text if text in exact or text in alias else heading.core(text, Kind.TEXT)
    return (exact[plain], 0) if plain in exact else (alias.get(plain), 1)


def has_content(found: Submission, table: Table) -> bool:
    """Whether somebody filled in a table; labels that the template prints are no content."""
    if table is UNIT:
        return any(value is not None for value in found.fields.values())
    printed = {"kind", "item"} if table is BUDGET else {"section"} if table is REPORT else {"number"}
    return any(not printed.issuperset(row.values) for row in found.rows.get(table.name, ()))


class _TableReader:
    """Reads one table of one workbook into its submission."""

    def __init__(self, found: Submission, table: Table, sheet: Sheet, facts: SheetFacts | None) -> None:
        self.found = found
        self.table = table
        self.sheet = sheet
        self.facts = facts
        self.place = Place(sheet.title)
        self.rates = frozenset(column.name for column in table.columns if column.kind is Kind.RATE)
        """Columns that are calculated: filled or not, they do not make a row."""
        self.total_row = -1
        self.merged: list[tuple[int, int]] | None = None
        """First and last row of the merged areas that cover 分值 in more than one row."""
        self.hollow = facts is not None and not all(facts.formulas.values())
        found.places[table.name] = self.place
        if facts is not None and facts.hidden:
            self.issue("sheet-hidden", None, details={"sheet": sheet.title})
        if facts is not None and facts.outside:
            self.issue("cells-outside-form", None, details={"n": facts.outside})

    def issue(self, code: str, cell: str | None, value: object = None, details: Mapping[str, str | float] | None = None) -> None:
        shown = None if value is None else str(value)[:200]
        self.found.issues.append(Issue.at(self.found.number, code, self.sheet.title, cell, shown, details or {}))

    # 基本信息: one labelled row per field

    def read_fields(self) -> None:
        labels: dict[str, tuple[int, str]] = {}
        """Rank and cell of the label that each field was taken from."""
        unknown: list[tuple[str, str]] = []
        asked, answers = self._field_columns()
        for number, values in self.sheet.rows:
            past = -1
            for i, label in enumerate(values):
                if i <= past or not isinstance(label, str):
                    continue
                name, rank = _field(label)
                past = answers if i == asked else self._right_edge(i, number) + 1
                if name is None:
                    if past < len(values) and values[past] is not None and folded(label).rstrip(":") not in _FIELD_TITLES:
                        unknown.append((f"{letters(i)}{number}", label))
                    past = i
                    continue
                self._take_field(
                    name, rank, values[past] if past < len(values) else None, f"{letters(i)}{number}", f"{letters(past)}{number}", labels
                )
        self._name_unknown_labels(unknown, labels)

    def _field_columns(self) -> tuple[int, int]:
        """Where 项目 and 填写内容 stand in a row of titles, if there is one; without one an answer stands behind its label."""
        for _, values in self.sheet.rows[: heading.HEADER_WINDOW]:
            titles = [folded(v) if isinstance(v, str) else "" for v in values]
            if _ASKED in titles and _ANSWERS in titles[titles.index(_ASKED) :]:
                return titles.index(_ASKED), titles.index(_ANSWERS)
        return -1, -1

    def _take_field(self, name: str, rank: int, value: object, label: str, cell: str, labels: dict[str, tuple[int, str]]) -> None:
        before = labels.get(name)
        if before is not None and before[0] < rank:
            return
        taken = self.take(name, value, cell)
        if isinstance(taken, str) and is_blank(taken):
            taken = None
        if before is not None and before[0] == rank:
            known = self.found.fields.get(name)
            if taken is None or taken == known:
                return
            if known is not None:
                self._say_repeated(self.table.title(name), (before[1], label), cell)
                return
        labels[name] = (rank, label)
        self.place.cells[name] = cell
        self.found.fields[name] = taken

    def _name_unknown_labels(self, unknown: Sequence[tuple[str, str]], labels: Mapping[str, tuple[int, str]]) -> None:
        """A label that was typed over stands among the labels, while one of the template's is gone."""
        missing = [c.title for c in self.table.columns if c.name not in labels]
        among = {cell.rstrip("0123456789") for _, cell in labels.values()}
        if missing and among:
            for cell, label in unknown:
                if cell.rstrip("0123456789") in among:
                    self.issue("column-unnamed", cell, label, {"what": label, "missing": "、".join(missing)})

    def _right_edge(self, at: int, row: int) -> int:
        """The last column of the merged area that a label stands in."""
        if self.facts is None or not self.facts.merges:
            return at
        spans = map(_corners, self.facts.merges)
        return max((c2 for c1, r1, c2, r2 in spans if c1 <= at <= c2 and r1 <= row <= r2), default=at)

    # tables: one header row, then rows

    def read_rows(self) -> None:
        rows: list[SheetRow] = []
        self.found.rows[self.table.name] = rows
        at = heading.find(self.table.name, self.sheet)
        if at is None:
            self.issue(
                "column-missing", None, details={"column": "、".join(c.title for c in self.table.columns if c.required), "seen": "", "seen_en": ""}
            )
            return
        header = heading.match(self.table.name, self._of_this_year(self.sheet.rows[at][1]))
        self.place.header_row = self.sheet.rows[at][0]
        below = self.sheet.rows[at + 1 :]
        self.place.money = self._money(header, at)
        named, repeated = self._columns(header, below)
        self.place.cells = {name: letters(i) for name, i in named.items()}
        for number, values in below:
            if self._is_other_head(number, values, header):
                break
            row = self._row(number, values, named)
            if row is None:
                continue
            if len(rows) >= self.table.max_rows:
                self.issue("cells-outside-form", f"A{number}", details={"n": self.table.max_rows})
                break
            rows.append(self._completed(row, values, named, repeated))
            for title, index in header.own.items():
                text = text_of(values[index]) if index < len(values) else ""
                if text:
                    self.found.own_columns.setdefault(self.table.name, {}).setdefault(title, {})[number] = text
        self._name_missing(header, named)
        self._name_untitled(header, {row.number for row in rows}, below)
        self._name_hidden(header, rows)
        self._name_shared(rows)

    def _of_this_year(self, titles: tuple[object, ...]) -> tuple[object, ...]:
        """2022年实际完成值 in a submission of 2022 is 实际完成值."""
        year = re.match(r"\d{4}(?=年?$)", text_of(self.found.fields.get("fiscal_year")))
        if year is None:
            return titles
        return tuple(re.sub(rf"^\s*{year[0]}年度?(?=.)", "", title) if isinstance(title, str) and year[0] in title else title for title in titles)

    def _money(self, header: Heading, at: int) -> tuple[str, str]:
        """The unit that titles and lines above the table name, all where they differ, and the first cell that does.

        A line that is computed says nothing of its own: the template's follows 基本信息.
        """
        said = {f"{letters(header.named[name])}{self.place.header_row}": unit for name, unit in header.money.items()}
        for number, values in self.sheet.rows[:at] if self.table is BUDGET else ():
            for i, value in enumerate(values):
                cell = f"{letters(i)}{number}"
                if isinstance(value, str) and (found := _CAPTION.search(folded(value))) and (self.facts is None or cell not in self.facts.formulas):
                    said[cell] = found[1]
        return "、".join(dict.fromkeys(said.values())), next(iter(said), "")

    def _completed(self, row: SheetRow, values: tuple[object, ...], named: Mapping[str, int], repeated: Mapping[str, tuple[int, ...]]) -> SheetRow:
        """A row with what its place says; a value that two columns of one title give differently is none."""
        if "weight" in named and "weight" not in row.values:
            row.shares_weight = self._merged_from_above(named["weight"], row.number)
        row.unread = self._unread(row.number)
        if self.facts is not None and self.table is BUDGET:
            row.computed = any(self.place.cell(c, row.number) in self.facts.formulas for c in ("full_year", "executed"))
            if self.place.cell("rate", row.number) in self.facts.formulas:  # nobody typed it
                row.values.pop("rate", None)
        for name, places in repeated.items():
            if len({text_of(values[i]).strip() if i < len(values) else "" for i in places}) > 1:
                row.values.pop(name, None)
        return row

    def _columns(self, header: Heading, below: Sequence[tuple[int, tuple[object, ...]]]) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
        """Where each declared column is read, from the left; a title over several filled columns is told, and these are compared row by row."""
        named, repeated = dict(header.named), {}
        for name, places in header.repeated.items():
            filled = tuple(i for i in places if any(i < len(values) and values[i] is not None for _, values in below))
            if filled:
                named[name] = filled[0]
            if len(filled) > 1:
                repeated[name] = filled
                self._say_repeated(self.table.title(name), [f"{letters(i)}{self.place.header_row}" for i in filled], None)
        return dict(sorted(named.items(), key=itemgetter(1))), repeated

    def _say_repeated(self, title: str, cells: Sequence[str], at: str | None) -> None:
        hidden = [cell for cell in cells if self._is_hidden_column(cell)]
        self.issue(
            "column-repeated", at, details={"column": title, "cells": "、".join(cells), "hidden": f"（{'、'.join(hidden)}被隐藏）" if hidden else ""}
        )

    def _is_hidden_column(self, cell: str) -> bool:
        return self.facts is not None and _corners(cell)[0] + 1 in self.facts.hidden_columns

    def _row(self, number: int, values: tuple[object, ...], named: Mapping[str, int]) -> SheetRow | None:
        taken: dict[str, object] = {}
        if self.table is BUDGET and not _TOTAL_LINE.isdisjoint([folded(v).rstrip(":") for v in values if isinstance(v, str)]):
            self.total_row = number
        width, cells = len(values), self.place.cells
        hollow = self.hollow and not (self.table is INDICATORS and any(isinstance(v, str) and _is_sum(folded(v)) for v in values))
        for name, index in named.items():
            value = values[index] if index < width else None
            if value is None:
                if hollow:
                    self.take(name, None, f"{cells[name]}{number}")
                continue
            if type(value) is str and value.isprintable() and "DISPIMG(" not in value:
                value = value.strip() or None
            elif type(value) is not float and type(value) is not int:
                value = self.take(name, value, f"{cells[name]}{number}")
            if value is not None:
                taken[name] = value
        if (self.rates.issuperset(taken) or (self.table is BUDGET and self._is_printed_only(taken))) and not self._unread(number):
            return None
        if self._is_header(taken) or (self.table in (INDICATORS, BUDGET) and is_beside(taken)):
            return None
        return SheetRow(number, taken)

    def _unread(self, number: int) -> bool:
        """Whether a budget line has an amount that is there and says nothing: a formula without a result, an error, a picture."""
        facts = self.facts
        if facts is None or self.table is not BUDGET or number == self.total_row or not (self.hollow or facts.errors or facts.pictures):
            return False
        cells = [cell for name in ("full_year", "executed") if (cell := self.place.cell(name, number))]
        return any(facts.formulas.get(cell) is False or cell in facts.errors or cell in facts.pictures for cell in cells)

    def _is_printed_only(self, taken: Mapping[str, object]) -> bool:
        """A budget line with its label and nothing else carries nothing (but the total row keeps its place)."""
        return self.rates.issuperset(taken.keys() - {"kind", "item"}) and taken.get("kind") != columns.TOTAL_KIND

    def _is_header(self, taken: Mapping[str, object]) -> bool:
        """The header once more, as on every page of a printed table: each of its texts is a title."""
        known = heading.titles(self.table.name)
        for value in taken.values():  # of most rows the first
            if not isinstance(value, str) or len(value) >= _TITLE or folded(value) not in known:
                return False
        return len(taken) > 2

    def _is_other_head(self, number: int, values: tuple[object, ...], header: Heading) -> bool:
        """A second header with the columns elsewhere: the rows below it belong to another table, and are not read by this one's."""
        if not _WORDS_ONLY.issuperset(map(type, values)):  # most rows have points
            return False
        known = heading.titles(self.table.name)
        if sum(folded(value) in known for value in values if value and len(value) < _TITLE) < _HEAD:  # type: ignore[arg-type]  # text or blank
            return False
        again = heading.match(self.table.name, values).named
        if len(again) < _HEAD or all(header.named.get(name) == at for name, at in again.items()):
            return False
        self.issue("header-again", f"{letters(min(again.values()))}{number}", details={"row": number, "head": self.place.header_row})
        return True

    def _merged_from_above(self, column: int, row: int) -> bool:
        if self.facts is None:
            return False
        if self.merged is None:
            self.merged = [(r1, r2) for c1, r1, c2, r2 in map(_corners, self.facts.merges) if c1 <= column <= c2 and r1 < r2]
        return any(r1 < row <= r2 for r1, r2 in self.merged)

    # what stands beside the columns that are known

    def _name_missing(self, header: Heading, named: Mapping[str, int]) -> None:
        """Each required column that is not there, at the title that stands in its place."""
        instead = {column: title for title, column in heading.misplaced(self.table.name, header)}
        for column in self.table.columns:
            if column.required and column.name not in named:
                title = instead.get(column.title, "")
                cell = f"{letters(header.own[title])}{self.place.header_row}" if title else None
                seen = (f"；{cell}的标题是“{title}”", f"; {cell} is titled “{title}”") if title else ("", "")
                self.issue("column-missing", cell, title or None, {"column": column.title, "seen": seen[0], "seen_en": seen[1]})

    def _name_untitled(self, header: Heading, rows: set[int], below: Sequence[tuple[int, tuple[object, ...]]]) -> None:
        """Content without a title, and a column that stands where the template has another: its title may be typed over."""
        missing = "、".join(c.title for c in self.table.columns if not c.optional and c.name not in header.named) or "—"
        untitled = (*header.blank, *range(header.titled, max((len(values) for _, values in below), default=0)))
        for number, values in below if untitled else ():
            if number in rows:
                for i in untitled:
                    if i < len(values) and values[i] is not None and text_of(values[i]).strip():
                        self.issue("column-unnamed", f"{letters(i)}{number}", text_of(values[i]), {"what": f"{letters(i)}列", "missing": missing})
                        return
        filled = self.found.own_columns.get(self.table.name, {})
        lacking = {c.title for c in self.table.columns if c.required}
        for title, instead in heading.misplaced(self.table.name, header):
            if title in filled and instead not in lacking:
                cell = f"{letters(header.own[title])}{self.place.header_row}"
                self.issue("column-unnamed", cell, title, {"what": title, "missing": instead})
        scored = {folded(c.title) for c in self.table.columns if c.required and c.name in header.named}
        for title, at in header.own.items():
            if title in filled and folded(title).partition("(")[0] in scored:  # 实际完成值(修改后) beside 实际完成值
                self.issue("column-unnamed", f"{letters(at)}{self.place.header_row}", title, {"what": title, "missing": "—"})

    def _name_hidden(self, header: Heading, rows: Sequence[SheetRow]) -> None:
        """Hidden rows and columns of the table that hold something: read like the others, and named once."""
        if self.facts is None or not (self.facts.hidden_rows or self.facts.hidden_columns):
            return
        numbers = [str(row.number) for row in rows if row.number in self.facts.hidden_rows]
        filled = {name for row in rows for name in row.values}
        own = self.found.own_columns.get(self.table.name, {})
        indexes = [*(i for name, i in header.named.items() if name in filled), *(i for title, i in header.own.items() if title in own)]
        letters_of = [letters(i) for i in sorted(indexes) if i + 1 in self.facts.hidden_columns]
        told = [f"第{_listed(numbers)}行"] * bool(numbers) + [f"{_listed(letters_of)}列"] * bool(letters_of)
        if told:
            self.issue("rows-hidden", f"A{numbers[0]}" if numbers else f"{letters_of[0]}{self.place.header_row}", details={"what": "、".join(told)})

    def _name_shared(self, rows: Sequence[SheetRow]) -> None:
        """Indicators whose 分值 is merged with that of the row above: they have no points of their own."""
        shared = [r.number for r in rows if r.shares_weight and "target" in r.values and not text_of(r.values.get("level3")).startswith("其中")]
        if shared:
            self.issue("weight-shared", self.place.cell("weight", shared[0]), details={"rows": _listed([str(number) for number in shared])})

    # one cell

    def take(self, name: str, value: object, cell: str) -> object:
        """A cell's value as the frame keeps it: text cleaned, blanks as None, errors named and taken as not filled."""
        if isinstance(value, CellError):
            self.issue(
                "cell-error" if self.table.title(name) in columns.DECIDING else "cell-error-unscored",
                cell,
                value.text,
                {"v": value.text, "column": self.table.title(name)},
            )
            return None
        if value is None:
            if self.facts is not None and self.facts.formulas.get(cell) is False and not self._recomputed(name, cell):
                self.issue("formula-without-value", cell, details={"column": self.table.title(name)})
            return None
        if isinstance(value, str):
            return None if self._own_formula(name, value, cell) else self._take_text(name, value, cell)
        if isinstance(value, PaddedNumber):
            return value.text if self.table is UNIT and self.table.by_name[name].kind is Kind.TEXT else int(value)
        if isinstance(value, YuanNumber):
            return value.text if self.table is INDICATORS and self.table.by_name[name].kind is Kind.TEXT else float(value)
        return value

    def _recomputed(self, name: str, cell: str) -> bool:
        """Rates, and the template's own totals: what stands there does not matter."""
        kind = self.table.by_name[name].kind
        return kind is Kind.RATE or (self.table is BUDGET and kind is Kind.MONEY and cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(self.total_row))

    def _own_formula(self, name: str, value: str, cell: str) -> bool:
        """Whether a word without a digit is the result of a formula where sums are computed: a word of ours, not an amount."""
        return self.facts is not None and cell in self.facts.formulas and not any(map(str.isdigit, value)) and self._recomputed(name, cell)

    def _take_text(self, name: str, value: str, cell: str) -> str | None:
        text = visible(value)
        if _CONTROL.search(text):
            text = _CONTROL.sub("", text)
            self.issue("control-characters", cell, details={"column": self.table.title(name)})
        text = text.strip(_BLANKS)
        if text.startswith("=DISPIMG("):
            self.issue("cell-is-picture", cell, details={"column": self.table.title(name)})
            return None
        return text or None


_WORDS_ONLY = frozenset((str, type(None)))
_TOTAL_LINE = {columns.TOTAL_KIND, *(folded(item) for kind, item in BUDGET.rows if kind == columns.TOTAL_KIND)}
_FIELD_TITLES = frozenset(map(folded, columns.FIELD_TITLES))
_ASKED, _ANSWERS = (folded(title) for title in columns.FIELD_TITLES[:2])


def _is_sum(word: str) -> bool:
    """Sums are computed: a formula of one that holds no result lacks nothing."""
    return is_total(word) or is_subtotal(word)


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:_SHOWN]) + ("等" if len(names) > _SHOWN else "")


@lru_cache(maxsize=4096)
def _corners(span: str) -> tuple[int, int, int, int]:
    """A range such as B2:C5 as first and last column (from 0) and row."""
    first, _, last = span.partition(":")
    (c1, r1), (c2, r2) = (_position(ref) for ref in (first, last or first))
    return c1, r1, c2, r2


def _position(ref: str) -> tuple[int, int]:
    column = ref.rstrip("0123456789")
    index = 0
    for letter in column:
        index = index * 26 + ord(letter) - 64
    return index - 1, int(ref[len(column) :])
