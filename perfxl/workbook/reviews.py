"""The review sheets: one workbook per 主管部门, a line per indicator and one for 预算执行, yellow where a reviewer types.

Every cell of a line is unlocked, because Excel sorts no protected range with a locked cell in it; what is not yellow refuses typing by
a validation. The hidden key travels with its line and says which row it is about.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name

from perfxl.consolidation.reviews import REVIEW, ReviewState
from perfxl.consolidation.reviews.merging import ASKED
from perfxl.consolidation.reviews.record import CLAUSES, EVIDENCE, HINT, NUMBERS, TITLES, TYPED, YES, Key, shown_digests, typed_digest
from perfxl.consolidation.reviews.rows import number, rows_of
from perfxl.model import PerfxlError
from perfxl.model.rounding import rounded_formula
from perfxl.model.version import __version__
from perfxl.output import file_name, safe_name, seal
from perfxl.rules.typed import points_of
from perfxl.values.vocabulary import PLACEHOLDERS
from perfxl.workbook.consolidated.table import FIRST_ROW, HEADER_ROW
from perfxl.workbook.style import AUTO_FILL, GREY, INPUT_FILL, RED, TEXT_FORMAT
from perfxl.workbook.writing import SheetWriter, checked, new_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format

    from perfxl.consolidation.records import Consolidation
    from perfxl.consolidation.reviews.applying import Applied
    from perfxl.consolidation.reviews.record import Review
    from perfxl.consolidation.reviews.rows import Reviewable
    from perfxl.output import OutputPlan
    from perfxl.schemes import Scheme
    from perfxl.workbook.style import Style

NO_AUTHORITY = "未填主管部门"
WIDTHS = {
    "unit_name": 15, "project": 12, "level1": 9, "level2": 9, "level3": 18, "operator": 8, "target_text": 12, "unit": 6.5, "weight": 6, "actual": 12,
    "claimed": 7, "score": 9, "review_actual": 11, "review_score": 8, "reason": 20, "clause": 17, "evidence": 9, "by": 8, "day": 11, "confirm": 6,
    "answer": 18, "final": 12, "key": 10,
}  # fmt: skip
INPUTS = (*TYPED[:-1], "confirm", "answer")
WRAPPED = ("unit_name", "project", "level1", "level2", "level3", "target_text", "actual", "review_actual", "reason", "clause", "answer")
_AT = {name: at for at, name in enumerate(TITLES)}
_LETTER = {name: xl_col_to_name(at) for name, at in _AT.items()}
NO_CONTENT = sorted({*PLACEHOLDERS, "0", "—"} - {""})
"""Reasons that say nothing, beside the clauses."""
_LONGEST_LITERAL = 200
"""Characters of a text that may stand within a formula (Excel takes 255)."""


@dataclass(slots=True)
class ReviewLine:
    """One line: the row, what is filled in already, and what has become of it."""

    row: Reviewable
    review: Review | None = None
    applied: Applied | None = None
    stale: bool = False
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def conflict(self) -> bool:
        """Two sheets contradict each other: the numbers are asked for again."""
        return self.review is not None and bool(self.review.conflict)

    def key(self, book: str) -> Key:
        """What binds the line to its row."""
        row = self.row
        origin = f"{self.review.identity}.{self.review.nth}" if self.stale and self.review is not None else ""
        base = ASKED if self.conflict else typed_digest(self.typed)
        return Key(row.item, row.content, row.identity, row.nth, row.of, origin, base, shown_digests(row.cells | row.points), book)


def write_review_sheets(folder: Path, c: Consolidation, plan: OutputPlan, *, kept: bool) -> tuple[list[Path], list[tuple[str, str]]]:
    """Write one workbook per 主管部门; those that stand in the end, and those that could not be written, with why.

    One that somebody filled in is replaced where all of it was read in this run and is `kept` in the ledger; else the new one is laid beside.
    """
    written: list[Path] = []
    failed: list[tuple[str, str]] = []
    read = {path.resolve(): sha256 for path, sha256 in c.reviews.files.items()} if kept else {}
    for authority, numbers in _departments(c):
        name = f"{REVIEW}_{safe_name(authority)}.xlsx"
        path = folder / file_name(name)
        try:
            content = seal(review_workbook(c, authority, numbers), "review", __version__)
            target = plan.replace_read(path, "review", read.get(path.resolve(), ""))
            plan.write(target, content)
            written.append(plan.went(target))
        except (PerfxlError, OSError) as error:
            failed.append((name, str(error)))
    return written, failed


def _departments(c: Consolidation) -> Iterator[tuple[str, list[int]]]:
    units = c.units[c.units["in_year"].astype(bool)]
    names = [authority or NO_AUTHORITY for authority in units["authority"].tolist()]
    ordered = sorted(zip(names, units["submission"].tolist(), strict=True))
    for authority, pairs in groupby(ordered, key=lambda pair: pair[0]):
        yield authority, [number for _, number in pairs]


def review_workbook(c: Consolidation, authority: str, numbers: Sequence[int]) -> bytes:
    """The workbook of one 主管部门. The same rows and reviews give the same bytes."""
    entries = list(_entries(c, numbers))
    items = {entry.row.item for entry in entries}
    changes = sum(change.item in items for change in c.reviews.held.log)
    book = hashlib.sha256("\n".join([str(changes), *(str(entry.key("")) for entry in entries)]).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    target = BytesIO()
    workbook, style = new_workbook(target)
    page = SheetWriter(workbook, REVIEW, style)
    schemes = [c.schemes[scheme] for scheme in sorted({entry.row.scheme for entry in entries})]
    offered = list(dict.fromkeys(clause.offered for scheme in schemes for clause in scheme.review.clauses))
    _head(page, style, f"{authority}　绩效自评复核（{c.year}年度）" if c.year else f"{authority}　绩效自评复核", len(entries))
    looks = _looks(style)
    for at, entry in enumerate(entries, FIRST_ROW):
        _line(page, at, entry, book, c.schemes[entry.row.scheme], looks)
    if entries:
        _guard(page, entries, offered)
    if entries:
        listed = SheetWriter(workbook, CLAUSES, style)
        for column, texts in enumerate((offered, NO_CONTENT)):
            for at, text in enumerate(texts):
                listed.text(at, column, text)
        listed.worksheet.hide()
        listed.worksheet.protect("")
    workbook.close()
    return target.getvalue()


def _entries(c: Consolidation, numbers: Sequence[int]) -> Iterator[ReviewLine]:
    judged = {(a.row.submission, a.row.place): a for a in c.reviews.applied if a.row is not None}
    for at, rows in rows_of(c, numbers, c.reviews.sheets):
        standing = {p.row.place: p for p in c.reviews.places.get(at, ()) if p.row is not None}
        for row in rows:
            placing = standing.get(row.place)
            if placing is None:
                yield ReviewLine(row)
                continue
            typed = {name: getattr(placing.review, name) for name in TYPED}
            if placing.review.conflict:
                typed |= dict.fromkeys(NUMBERS, "")
            yield ReviewLine(row, placing.review, judged.get((at, row.place)), bool(placing.changed), typed)


# the page


def _head(page: SheetWriter, style: Style, title: str, lines: int) -> None:
    sheet = page.worksheet
    for name, width in WIDTHS.items():
        sheet.set_column(_AT[name], _AT[name], width, None, {"hidden": name == "key"})
    sheet.set_row(0, 24)
    sheet.set_row(HEADER_ROW, 32)
    page.text(0, 0, title, style.title)
    page.text(0, _AT["actual"], HINT, style.subtitle)
    for name, column in _AT.items():
        page.text(HEADER_ROW, column, TITLES[name], style.header)
    sheet.freeze_panes(FIRST_ROW, _AT["level3"] + 1)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(lines, 1), _AT["key"])
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEADER_ROW)
    checked(sheet.print_area(0, 0, HEADER_ROW + max(lines, 1), _AT["final"]), REVIEW)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    checked(sheet.set_footer("&L&A&R第 &P 页 共 &N 页"), REVIEW)
    sheet.hide_gridlines(2)
    sheet.protect(
        "",
        {
            "sort": True,
            "autofilter": True,
            "format_cells": True,
            "format_rows": True,
            "format_columns": True,
            "select_locked_cells": True,
            "select_unlocked_cells": True,
        },
    )
    sheet.ignore_errors({"number_stored_as_text": f"A1:{_LETTER['key']}{FIRST_ROW + max(lines, 1)}"})


def _looks(style: Style) -> dict[tuple[str, bool], Format]:
    """The format of each column, as it is and where the row has changed."""
    found = {}
    for name in TITLES:
        for stale in (False, True):
            look: dict[str, Any] = {"border": 1, "border_color": "#808080", "locked": False, "text_wrap": name in WRAPPED}
            if name in INPUTS:
                look["bg_color"] = AUTO_FILL if stale and name not in ("confirm", "answer") else INPUT_FILL
            if name in INPUTS and name != "review_score":
                look["num_format"] = TEXT_FORMAT
            if stale:
                look |= {"border": 5, "border_color": RED} if name == "confirm" else {"font_color": GREY}
            if name in ("operator", "unit", "weight", "claimed", "score", "review_score", "evidence", "confirm", "final"):
                look["align"] = "center"
            if name == "final":
                look["bold"] = True
            found[name, stale] = style.made(**look)
    return found


def _line(page: SheetWriter, at: int, entry: ReviewLine, book: str, scheme: Scheme, looks: Mapping[tuple[str, bool], Format]) -> None:
    row = entry.row
    for name, text in row.cells.items():
        look = looks[name, entry.stale]
        if name == "weight":
            page.value(at, _AT[name], None if row.weight != row.weight else row.weight, look)
        else:
            page.text(at, _AT[name], text, look)
    for name, points in (("claimed", row.claimed), ("score", row.score)):
        page.value(at, _AT[name], None if points != points else points, looks[name, entry.stale])
    for name in TYPED:
        text = entry.typed.get(name, "")
        look = looks[name, entry.stale]
        if name == "review_score" and text and number(_float(text)) == text:
            page.number(at, _AT[name], _float(text), look)
        else:
            page.text(at, _AT[name], text, look)
    page.blank(at, _AT["confirm"], looks["confirm", entry.stale])
    formula, value = final_cell(entry, at + 1, scheme)
    page.formula(at, _AT["final"], formula, looks["final", entry.stale], value=value)
    page.text(at, _AT["key"], str(entry.key(book)), looks["key", False])
    texts = [(entry.typed.get(name) or row.cells.get(name, ""), WIDTHS[name]) for name in WRAPPED]
    page.fit(at, texts, at_least=19.5)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


OPEN, WRONG, AGAIN, NO_REASON = "待核", "复核得分有误", "重新汇总后得出", "缺扣分理由"


def final_cell(entry: ReviewLine, line: int, scheme: Scheme) -> tuple[str, float | str]:
    """The live formula of 最终得分, and its value: 复核 where it counts, else 规则测算得分."""
    cell = {name: f"{letter}{line}" for name, letter in _LETTER.items()}
    computed = f'IF({cell["score"]}="","{OPEN}",{cell["score"]})'
    points = rounded_formula(cell["review_score"], scheme.rounding.decimals, scheme.rounding.mode)
    in_bounds = f"AND(ISNUMBER({cell['review_score']}),{cell['review_score']}>=0,{cell['review_score']}<={cell['weight']})"
    reason = f"TRIM({cell['reason']})"
    no_reason = f'OR({reason}="",ISNUMBER(MATCH({reason},{CLAUSES}!$B$1:$B${len(NO_CONTENT)},0)))'
    cut = f"AND(ISNUMBER({cell['score']}),{cell['score']}-{points}>{number(scheme.checks.claim_tolerance)}+1E-9,{no_reason})"
    text = entry.typed.get("review_actual", "")
    known = entry.applied is not None and entry.applied.counts and not entry.typed.get("review_score") and len(text) <= _LONGEST_LITERAL
    anew = f'"{AGAIN}"'
    if known and entry.applied is not None:
        quoted = text.replace('"', '""')
        anew = f'IF(EXACT({cell["review_actual"]}&"","{quoted}"),{number(entry.applied.points)},"{AGAIN}")'
    scored = f'IF({in_bounds},IF({cut},"{NO_REASON}",{points}),"{WRONG}")'
    formula = f'IF({cell["review_score"]}<>"",{scored},IF({cell["review_actual"]}<>"",{anew},{computed}))'
    if entry.stale:
        formula = f'IF(TRIM({cell["confirm"]})="{YES}",{formula},{computed})'
    return formula, _value(entry, known=known)


def _value(entry: ReviewLine, *, known: bool) -> float | str:
    """What the formula gives for what is filled in."""
    row, typed = entry.row, entry.typed
    computed: float | str = OPEN if row.score != row.score else row.score
    if entry.stale:
        return computed
    if typed.get("review_score"):
        if entry.applied is not None and entry.applied.counts:
            return entry.applied.points
        points = points_of(typed["review_score"]) if number(_float(typed["review_score"])) == typed["review_score"] else float("nan")
        return NO_REASON if entry.applied is not None and entry.applied.column == "reason" and 0 <= points <= row.weight else WRONG
    if typed.get("review_actual"):
        return entry.applied.points if known and entry.applied is not None else AGAIN
    return computed


# what refuses and what offers


def _guard(page: SheetWriter, entries: Sequence[ReviewLine], offered: Sequence[str]) -> None:
    sheet, first, last = page.worksheet, FIRST_ROW, FIRST_ROW + len(entries) - 1

    def rule(name: str, options: dict[str, Any], start: int = first, end: int = last) -> None:
        checked(sheet.data_validation(start, _AT[name], end, _AT[name], options), f"“{TITLES[name]}”的数据有效性")

    refused = {"validate": "custom", "value": "=FALSE", "error_title": "不用填", "error_message": "这一格由程序填写；请只填黄色的格。"}
    for name in TITLES:
        if name not in INPUTS:
            rule(name, refused)
    score, weight = f"{_LETTER['review_score']}{first + 1}", f"{_LETTER['weight']}{first + 1}"
    rule(
        "review_score",
        {
            "validate": "custom",
            "value": f"=AND(ISNUMBER({score}),{score}>=0,{score}<={weight})",
            "input_title": "复核得分",
            "input_message": "空白是未复核，0是0分。填0到分值之间的数，不写“分”；比规则测算得分少的，要写扣分理由。",
            "error_title": "复核得分",
            "error_message": "请填0到分值之间的数，不写“分”和比例。",
        },
    )
    rule(
        "review_actual",
        {
            "validate": "any",
            "input_title": "复核完成值",
            "input_message": "只填完成值、不填复核得分的，重新汇总时按评分规则另算。预算执行填全年执行数（万元）。",
        },
    )
    rule("evidence", {"validate": "list", "source": list(EVIDENCE), "error_title": "佐证材料核对", "error_message": "请选有、无或不符。"})
    if offered:
        message = "请从下拉的条款里选；另写条款也可以，会提示。"
        listed = {"validate": "list", "source": f"={CLAUSES}!$A$1:$A${len(offered)}", "error_type": "warning"}
        rule("clause", {**listed, "error_title": "依据条款", "error_message": message, "input_title": "依据条款", "input_message": message})
    for stale, group in groupby(enumerate(entries, FIRST_ROW), key=lambda pair: _said(pair[1])):
        lines = [at for at, _ in group]
        told = {"input_title": stale[0], "input_message": stale[1]} if stale[1] else {}
        options = {"validate": "list", "source": [YES], "error_title": "确认", "error_message": "只填“是”；不确认的留空。", **told}
        rule("confirm", options, lines[0], lines[-1])


def _said(entry: ReviewLine) -> tuple[str, str]:
    """Title and text beside the cell 确认: why the review does not count."""
    a = entry.applied
    if a is None or a.counts:
        return ("", "")
    what = a.state if a.state is not ReviewState.INVALID else "没有计入"
    tail = "仍然有效的，请填“是”。" if a.state is ReviewState.STALE else ""
    return (str(what)[:32], f"{a.why[:220]}。{tail}"[:255])
