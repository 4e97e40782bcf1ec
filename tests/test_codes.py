"""Each code about files, cells and results is produced by a test, and has its words in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import hostile
import mutants
import pytest
from papers import read_workbook

from perfxl.catalogue import CATALOGUE, fix, message
from perfxl.intake.reading import Refused
from perfxl.intake.submission import Submission
from perfxl.model import Issue
from perfxl.scoring.batch import score_submissions
from perfxl.scoring.document import refusal_document

HERE = Path(__file__).parent
SHEET = "绩效指标"


def cell(ref: str, rest: str, sheet: str = SHEET) -> bytes:
    return mutants.intake({(sheet, ref): f'<c r="{ref}"{rest}</c>'})


def changed(part: str, old: bytes, new: bytes) -> bytes:
    parts = dict(mutants.intake_parts())
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    return mutants.pack(parts)


FORM, BOOK = mutants.FORM[SHEET], "xl/workbook.xml"


def merged(area: str, *cells: tuple[str, str]) -> bytes:
    parts = mutants.unpack(mutants.intake({(SHEET, ref): xml for ref, xml in cells}))
    parts[FORM] = parts[FORM].replace(b"</sheetData>", f'</sheetData><mergeCells><mergeCell ref="{area}"/></mergeCells>'.encode())
    return mutants.pack(parts)


def calculated_later() -> bytes:
    parts = mutants.unpack(cell("G2", "><f>26*2</f><v>52</v>"))
    parts[BOOK] = parts[BOOK].replace(b"</workbook>", b'<calcPr fullCalcOnLoad="1"/></workbook>')
    return mutants.pack(parts)


ISSUES = {
    "sheet-missing": (
        lambda: mutants.pack(
            {
                **mutants.unpack(mutants.intake({("预算执行", "D1"): ""})),
                BOOK: mutants.intake_parts()[BOOK].replace("预算执行".encode(), "另一张".encode()),
            }
        ),
        None,
    ),
    "column-missing": (lambda: cell("G1", ' t="inlineStr"><is><t>别的</t></is>'), None),
    "sheet-hidden": (lambda: changed(BOOK, f'name="{SHEET}"'.encode(), f'state="hidden" name="{SHEET}"'.encode()), None),
    "cells-outside-form": (lambda: changed(FORM, b"</sheetData>", b'<row r="20001"><c r="A20001"><v>1</v></c></row></sheetData>'), None),
    "merged-extra-content": (lambda: merged("I2:I3", ("I3", '<c r="I3"><v>10</v></c>')), "I2"),
    "formula-without-value": (lambda: cell("G2", "><f>1+1</f>"), "G2"),
    "formula-may-be-stale": (calculated_later, "G2"),
    "refers-to-other-file": (lambda: cell("G2", "><f>[1]Sheet1!A1</f><v>52</v>"), "G2"),
    "cell-error": (lambda: cell("G2", ' t="e"><v>#REF!</v>'), "G2"),
    "cell-error-unscored": (lambda: cell("M2", ' t="e"><v>#REF!</v>'), "M2"),
    "number-as-text": (lambda: cell("J2", ' t="inlineStr"><is><t>20</t></is>'), "J2"),
    "number-expected": (lambda: cell("J2", ' t="inlineStr"><is><t>满分</t></is>'), "J2"),
    "control-characters": (lambda: cell("M2", ' t="str"><v>a&#x85;&#x9f;b</v>'), "M2"),
    "cell-is-picture": (lambda: cell("G2", ' t="str"><v>=DISPIMG("ID_1",1)</v>'), "G2"),
    "text-looks-like-formula": (lambda: cell("M2", " t=\"inlineStr\"><is><t>=cmd|' /C calc'!A0</t></is>"), "M2"),
    "cell-type-unknown": (lambda: cell("G2", ' t="zzz"><v>52</v>'), "G2"),
    "template-version-unknown": (mutants.intake, None),
    "file-has-macros": (lambda: mutants.pack({**mutants.intake_parts(), "xl/vbaProject.bin": b"code"}), None),
    "compression-unusual": (lambda: mutants.pack({**mutants.intake_parts(), FORM: mutants.intake_parts()[FORM] + b" " * 3_000_000}, 8), None),
}
"""Code to a workbook that is read and has it, and the cell it names."""

ELSEWHERE = {
    "header-again": "test_everyday_sheets",
    "file-not-regular": "test_names",
    "file-not-readable": "test_kills",
    "file-too-slow": "test_consolidate_engine",
    "file-stalled": "test_consolidate_engine",
    "cell-content-illegal": "test_guard",
    "shown-differs": "test_cells",
    "text-struck": "test_cells",
    "file-reader-died": "test_consolidate_engine",
    "file-out-of-memory": "test_consolidate_engine",
    "file-unreadable": "test_consolidate_engine",
    "ignored-lock-file": "inbox",
    "not-an-intake": "test_sheets",
    "folder-unreadable": "test_names",
    "sheet-repeated": "test_sheets",
    "sheet-by-header": "test_sheets",
    "sheet-unread": "test_sheets",
    "sheet-foreign": "test_sheets",
    "rows-hidden": "test_sheets",
    "column-repeated": "test_sheets",
    "column-unnamed": "test_sheets",
    "choice-unknown": "test_checks",
    "ignored-system-file": "test_names",
    "ignored-not-a-spreadsheet": "test_units",
    "ignored-own-result": "test_office_cli",
    "ignored-identical": "inbox",
    "scored-workbook-submitted": "test_cli",
    "output-exists": "test_output",
    "output-no-permission": "test_output",
    "output-disk-full": "test_output",
    "output-open-elsewhere": "test_output",
    "output-path-too-long": "test_output",
    "output-locked": "test_output",
    "output-is-input": "test_plan",
    "output-twice": "test_plan",
    "output-above-input": "test_plan",
    "output-folder-foreign": "test_plan",
    "output-name": "test_plan",
    "output-letter-failed": "test_letters",
    "file-changing": "test_consolidate_engine",
}
"""Code to the file of tests that produces it."""
NEVER = {"internal-error", "date-for-number", "ignored-not-a-spreadsheet"}
"""A bug in perfxl ends the run; around one file of a folder it is `file-unreadable`. Of a date where a number belongs a
narrower code always speaks in its place. Ledgers of earlier versions know the third."""


def in_words(issue: Issue) -> None:
    """Words and fix in both languages, filled in, without the language of programmers."""
    for lang in ("zh", "en"):
        for text in (message(issue, lang), fix(issue, lang)):
            assert text
            assert not re.search(r"[{}]|Traceback|Exception|\bNone\b|\bnan\b", text), (issue.code, text)
    assert message(issue, "zh") != message(issue, "en")


@pytest.mark.parametrize("code", ISSUES)
def test_what_is_read_with_a_reservation_says_so(code):
    build, ref = ISSUES[code]
    read = read_workbook(build(), source="甲.xlsx")
    assert isinstance(read, Submission), read
    found = [issue for issue in score_submissions([read])[0][0].issues if issue.code == code]
    assert [issue.cell for issue in found] == [ref] if ref else found
    in_words(found[0])


@pytest.mark.parametrize(
    ("sheet", "ref", "code"), [(SHEET, "I2", "weight-not-a-number"), (SHEET, "J2", "number-expected"), ("预算执行", "D3", "budget-not-a-number")]
)
def test_a_date_where_a_number_belongs_is_said_once_by_the_narrower_code(sheet, ref, code):
    read = read_workbook(cell(ref, ' t="d"><v>2020-12-31</v>', sheet))
    found = [issue for issue in score_submissions([read])[0][0].issues if issue.cell == ref]
    assert [issue.code for issue in found] == [code]
    assert "2020-12-31" in message(found[0])


def test_every_refusal_of_the_hostile_files_is_in_words():
    seen = set()
    for case in hostile.CASES.values():
        if case.code in (None, *seen) or case.code == "file-too-large":
            continue
        read = read_workbook(case.build(), source="甲.xlsx")
        assert isinstance(read, Refused)
        in_words(Issue(0, read.code, details=read.details))
        assert refusal_document(read, "en")["message"] != refusal_document(read, "zh")["message"]
        seen.add(read.code)
    assert len(seen) > 20


def test_every_code_about_files_cells_and_results_is_produced_somewhere():
    about = {entry.code for entry in CATALOGUE.values() if entry.number // 100 in (1, 9)}
    refused = {case.code for case in hostile.CASES.values()} - {None}
    assert about <= refused | set(ISSUES) | set(ELSEWHERE) | NEVER, about - refused - set(ISSUES) - set(ELSEWHERE) - NEVER
    for code, file in ELSEWHERE.items():
        assert code in (HERE / f"{file}.py").read_text("utf-8"), (code, file)


# ── what stands under a merged area ──


def test_points_hidden_under_a_merged_cell_do_not_count_twice():
    open_points = read_workbook(merged("I2:I3", ("I3", "")))
    hidden = read_workbook(merged("I2:I3", ("I3", '<c r="I3"><v>10</v></c>')))
    assert [row.values.get("weight") for row in hidden.rows["indicators"][:2]] == [20, None]
    assert hidden.rows["indicators"][1].shares_weight
    assert hidden.rows == open_points.rows
    assert "merged-extra-content" not in [issue.code for issue in open_points.issues]


def test_an_indicator_without_points_of_its_own_is_told():
    told = [(issue.cell, issue.details) for issue in read_workbook(merged("I2:I4", ("I3", ""), ("I4", ""))).issues if issue.code == "weight-shared"]
    assert told == [("I3", {"rows": "3、4"})]


def test_a_repeated_level_under_a_merged_cell_is_taken_from_the_first_and_not_worth_a_word():
    plain = score_submissions([read_workbook(mutants.intake())])[0][0]
    read = read_workbook(merged("A2:A5"))
    results = score_submissions([read])[0][0]
    assert "merged-extra-content" not in [issue.code for issue in results.issues]
    assert results.levels["score"].tolist() == plain.levels["score"].tolist()
