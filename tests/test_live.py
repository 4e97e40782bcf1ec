"""还缺 and 参考得分: what they say is never more than what the program says, however the rows are written or moved."""

from __future__ import annotations

import itertools
import re
import zipfile
from io import BytesIO

import msgspec
import pytest
from filling import fill
from live_rows import FIRST_ROW, MISSING_COLUMN, MONEY, REFERENCE_COLUMN, UNIT, contradictions, drawn, filled, in_python, said
from office import edited, office, recalculate, to_pdf
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from papers import read_workbook

from perfxl.model.columns import INDICATORS
from perfxl.schemes import ShareStep, load_scheme
from perfxl.values.execution import BARE_HEADS, MONEY_HEADS, SIGNS, is_execution
from perfxl.values.execution import MONEY as MONEY_WORDS
from perfxl.workbook import live
from perfxl.workbook.prefill import Prefill
from perfxl.workbook.template import template_bytes

NATIONAL = load_scheme("national-2020")
STEPPED = msgspec.structs.replace(
    NATIONAL,
    quantitative=msgspec.structs.replace(
        NATIONAL.quantitative, shortfall="steps", steps=(ShareStep(at_least=0.8, share=0.6), ShareStep(above=0.5, share=0.3)), equal="manual"
    ),
    reverse=msgspec.structs.replace(NATIONAL.reverse, shortfall="linear"),
    rounding=msgspec.structs.replace(NATIONAL.rounding, mode="truncate", decimals=1),
    checks=msgspec.structs.replace(NATIONAL.checks, claim_tolerance=0.25),
)
ROW = {"level1": "产出指标", "level2": "数量指标", "level3": "活动", "operator": "≥", "target": "20场", "unit": "场", "actual": "15场", "weight": 10}


def one(**changes: object) -> tuple[str, float | str]:
    ((missing, reference),) = live.shown([{**ROW, **changes}], NATIONAL)
    return missing, reference


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, 7.5),
        ({"target": "20", "actual": "15"}, 7.5),
        ({"target": "95.50%", "actual": "95.5%", "unit": ""}, 10),
        ({"target": "4万人次", "actual": "3万人次", "unit": "万人次"}, 7.5),
        ({"operator": "≤", "target": "15", "actual": "20"}, 7.5),
        ({"operator": "=", "target": "20", "actual": "15"}, 7.5),
        ({"adjusted_target": "15"}, 10),
        ({"weight": 3.333, "target": "3", "actual": "1"}, 1.11),
        ({"operator": ""}, live.BY_PROGRAM),
        ({"operator": "=", "target": "15", "actual": "20", "level2": "成本指标"}, live.BY_PROGRAM),
        ({"target": "≥20场"}, live.BY_PROGRAM),
        ({"actual": "15场以上"}, live.BY_PROGRAM),
        ({"actual": "2020-12-31"}, live.BY_PROGRAM),
        ({"actual": "1,500"}, live.BY_PROGRAM),
        ({"actual": "1e1"}, live.BY_PROGRAM),
        ({"actual": "1人次"}, live.BY_PROGRAM),
        ({"actual": "-1"}, live.BY_PROGRAM),
        ({"target": "95%", "actual": "0.96", "unit": "%"}, live.BY_PROGRAM),
        ({"target": "20", "actual": "20000"}, live.BY_PROGRAM),
        ({"level3": "预算执行率"}, live.BY_PROGRAM),
        ({"tier": "不适用"}, live.BY_PROGRAM),
        ({"weight": "10"}, live.BY_PROGRAM),
        ({"weight": 0}, live.BY_PROGRAM),
        ({"level3": ""}, ""),
    ],
)
def test_points_are_shown_only_of_plain_numbers_in_one_unit(changes, points):
    assert one(**changes)[1] == points


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "缺偏差原因"),
        ({"reason": "疫情"}, ""),
        ({"actual": "20"}, ""),
        ({"actual": ""}, "缺完成值"),
        ({"target": ""}, "缺指标值"),
        ({"weight": ""}, "缺分值"),
        ({"target": "", "actual": "", "weight": 10}, "缺指标值"),
        ({"operator": "定性", "target": "服务明显改善", "actual": "覆盖12个社区"}, "缺完成等级"),
        ({"operator": "定性", "target": "服务明显改善", "actual": "覆盖12个社区", "tier": "达成"}, ""),
        ({"level3": ""}, ""),
        ({"level3": "合计", "actual": ""}, ""),
        ({"tier": "不适用", "actual": ""}, ""),
    ],
)
def test_what_a_row_lacks_is_said_in_words(changes, words):
    assert one(**changes)[0] == words


def test_every_name_of_execution_holds_the_signs_by_which_the_template_knows_it():
    names = [*BARE_HEADS, *(money + head for money in MONEY_WORDS for head in MONEY_HEADS)]
    executions = [name for name in names if is_execution(name)]
    assert len(executions) > 100
    assert [name for name in executions if not any(all(sign in name for sign in signs) for signs in SIGNS)] == []


FORMS = {"a": (NATIONAL, drawn(1, 80)), "b": (STEPPED, drawn(2, 80)), "c": (load_scheme("national-2021"), drawn(3, 80))}
"""Scheme and rows of the forms compared; `tests/long/live.py` draws as many as asked."""
CLAIMS = [(10, False), (7.5, False), (7.51, False), (7.53, True), (7.6, True), (7.4, True), (8, True), (10.5, True), ("无", False), (None, False)]


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """Name -> (as filled, as LibreOffice computes it) of every form of these tests; one start for all."""
    folder = tmp_path_factory.mktemp("live")
    forms = {name: filled(rows, scheme) for name, (scheme, rows) in FORMS.items()}
    forms |= {"moved": moved(), "claims": claims(), "long": fill(template_bytes(NATIONAL), indicators=[ROW] * 41)}
    forms["short"] = fill(template_bytes(NATIONAL), indicators=[ROW] * 40)
    for name, form in forms.items():
        (folder / f"{name}.xlsx").write_bytes(form)
    return {path.stem: (folder / path.name, path) for path in recalculate(sorted(folder.glob("*.xlsx")), folder / "out")}


@office
@pytest.mark.parametrize("name", FORMS)
def test_columns_never_contradict_the_program(computed, name):
    (scheme, rows), (form, anew) = FORMS[name], computed[name]
    shown = said(anew.read_bytes())
    assert contradictions(form.read_bytes(), shown, scheme) == []
    assert {row: shown[row] for row in range(FIRST_ROW, FIRST_ROW + len(rows))} == in_python(rows, scheme)
    assert sum(isinstance(reference, int | float) for _, reference in shown.values()) > 12


def moved():
    """What Excel does to cells: they move with their formulas; an inserted row has none; names keep their columns."""
    rows = drawn(4, 60)
    book = load_workbook(BytesIO(filled(rows, NATIONAL)))
    sheet = book[INDICATORS.sheet]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW, max_row=FIRST_ROW + 59, max_col=REFERENCE_COLUMN)]
    formulas = {(line[MISSING_COLUMN - 1], line[REFERENCE_COLUMN - 1]) for line in lines}
    assert formulas == {("=_还缺", "=_参考得分")}
    order = sorted(lines, key=lambda line: str(line[2]))[5:]
    order[10:10] = [[*order[3][: MISSING_COLUMN - 1], None, None]]
    for number in range(60):
        line = order[number] if number < len(order) else [None] * (MISSING_COLUMN - 1) + ["=_还缺", "=_参考得分"]
        for column, value in enumerate(line, 1):
            sheet.cell(FIRST_ROW + number, column).value = value
    target = BytesIO()
    book.save(target)
    return target.getvalue()


@office
def test_rows_that_are_sorted_inserted_and_deleted_show_no_wrong_number(computed):
    form, path = computed["moved"]
    shown = said(path.read_bytes())
    assert contradictions(form.read_bytes(), shown, NATIONAL) == []
    assert shown[FIRST_ROW + 10] == ("", "")
    assert load_workbook(path).defined_names["_参考得分"].attr_text.startswith("IF(LEN(绩效指标!$C1)=0")


@office
def test_rows_that_a_spreadsheet_program_moves_show_no_wrong_number(tmp_path):
    """Sorted by two columns, rows inserted, deleted, copied and moved in LibreOffice itself, on the protected sheet unlocked."""
    (tmp_path / "in.xlsx").write_bytes(filled(drawn(5, 60), NATIONAL))
    last = f"A{FIRST_ROW}:{get_column_letter(REFERENCE_COLUMN)}{FIRST_ROW + 59}"
    title = INDICATORS.sheet
    edits = {
        "by name": [["sort", title, last, 2, True]],
        "by points, down": [["sort", title, last, 8, False]],
        "inserted": [["insert", title, FIRST_ROW + 10, 2]],
        "deleted": [["delete", title, FIRST_ROW + 3, 4], ["delete", title, FIRST_ROW, 1]],
        "copied": [["insert", title, FIRST_ROW + 20, 1], ["copy", title, FIRST_ROW + 5, FIRST_ROW + 20]],
        "moved": [["insert", title, FIRST_ROW + 30, 1], ["move", title, FIRST_ROW + 2, FIRST_ROW + 30]],
    }
    jobs = [(tmp_path / "in.xlsx", tmp_path / f"{name}.xlsx", steps) for name, steps in edits.items()]
    edited(jobs, tmp_path)
    for _, path, _ in jobs:
        shown = said(path.read_bytes())
        assert contradictions(path.read_bytes(), shown, NATIONAL) == [], path.stem
        assert sum(isinstance(reference, int | float) for _, reference in shown.values()) >= 8, path.stem


def claims():
    """The condition of each claim, computed in cells of its own."""
    rows = [{**ROW, "claimed_score": claim, "actual": "20场" if claim == 10 else "15场"} for claim, _ in CLAIMS]
    book = load_workbook(BytesIO(fill(template_bytes(NATIONAL), unit=UNIT, budget=MONEY, indicators=rows)))
    sheet = book[INDICATORS.sheet]
    for number in range(len(CLAIMS)):
        sheet.cell(FIRST_ROW + number, 30).value = live.claim_is_wrong(NATIONAL, FIRST_ROW + number)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


@office
def test_a_claim_above_its_points_or_off_the_reference_is_red(computed):
    form, path = computed["claims"]
    anew, sheet = load_workbook(path, data_only=True)[INDICATORS.sheet], load_workbook(form)[INDICATORS.sheet]
    assert [(claim, bool(anew.cell(FIRST_ROW + n, 30).value)) for n, (claim, _) in enumerate(CLAIMS)] == CLAIMS
    red = [a for a in sheet.conditional_formatting if "J3:J303" in str(a.sqref)]
    assert [rule.formula[0] for area in red for rule in area.rules] == [live.claim_is_wrong(NATIONAL, FIRST_ROW - 1)[1:]]


def test_cells_are_grey_unlocked_refuse_typing_and_are_not_read():
    book = load_workbook(BytesIO(template_bytes(NATIONAL)))
    sheet = book[INDICATORS.sheet]
    assert [sheet.cell(3, c).value for c in (MISSING_COLUMN, REFERENCE_COLUMN)] == ["还缺", "参考得分"]
    for column in (MISSING_COLUMN, REFERENCE_COLUMN):
        cells = [sheet.cell(row, column) for row in range(FIRST_ROW, FIRST_ROW + INDICATORS.max_rows)]
        assert {(c.protection.locked, c.fill.fgColor.rgb) for c in cells} == {(False, "FFF2F2F2")}
        (rule,) = [r for r in sheet.data_validations.dataValidation if cells[0].coordinate in r.sqref and cells[-1].coordinate in r.sqref]
        assert (rule.type, rule.formula1, rule.allow_blank) == ("custom", "FALSE", False)
    found = read_workbook(fill(template_bytes(NATIONAL), indicators=[ROW]))
    assert (found.own_columns, [issue.code for issue in found.issues if "formula" in issue.code]) == ({}, [])
    assert [row.number for row in found.rows["indicators"]] == [FIRST_ROW]


def test_formulas_use_only_what_excel_2007_knows_and_stay_within_its_limits():
    known = {"IF", "IFERROR", "AND", "OR", "NOT", "LEN", "LEFT", "MID", "RIGHT", "TRIM", "LOWER", "EXACT", "FIND", "COUNT", "SUBSTITUTE", "TEXT", "VALUE",
             "REPT", "MIN", "MAX", "ROUND", "N", "NA", "ISNUMBER", "ISTEXT", "SUMPRODUCT", "ABS", "TRUNC"}  # fmt: skip
    import re

    for name in ("national-2020", "department-2013", "yueyang"):
        for formula in live.needed_names(load_scheme(name)).values():
            bare = re.sub(r'"(?:[^"]|"")*"', '""', formula)
            assert set(re.findall(r"([A-Z]+)\(", bare)) <= known
            assert len(formula) < 8192
            assert max(map(len, re.findall(r'"(?:[^"]|"")*"', formula)), default=0) <= 257


@office
def test_a_form_with_more_rows_than_are_printed_says_so_and_the_columns_are_not_printed(computed, tmp_path):
    told = [load_workbook(computed[name][1], data_only=True)[INDICATORS.sheet]["D2"].value for name in ("long", "short")]
    assert told == ["第44行起不打印，打印前请重设打印区域。", "应为100：预算执行10、产出指标50、效益指标30、满意度指标10"]
    pdf = to_pdf([computed["short"][0]], tmp_path / "pdf")[0]
    import subprocess

    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert text.count("15场") >= 40
    assert "参考得分" not in text.split("绩效指标　")[-1].partition("报告文字")[0].replace("“参考得分”", "")


def test_stored_values_are_those_of_the_rows_the_workbook_is_written_with():
    workbook = template_bytes(NATIONAL, Prefill(indicators=[ROW, {**ROW, "actual": ""}]))
    sheet = load_workbook(BytesIO(workbook), data_only=True)[INDICATORS.sheet]
    assert [(sheet.cell(r, MISSING_COLUMN).value or "", sheet.cell(r, REFERENCE_COLUMN).value or "") for r in (4, 5, 6)] == [
        ("缺偏差原因", 7.5), ("缺完成值", live.BY_PROGRAM), ("", ""),
    ]  # fmt: skip
    with zipfile.ZipFile(BytesIO(workbook)) as package:
        assert b"INDIRECT" not in package.read("xl/workbook.xml")


def as_programs_write(workbook: bytes, empty: str, *, numbers: bool) -> bytes:
    """No value spelt as `empty`; Chinese in the XML as letters, or by numbers as programs write it that put nothing else there."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as package, zipfile.ZipFile(target, "w") as anew:
        for name in package.namelist():
            part = package.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(r"&#(\d{3,});", lambda found: chr(int(found[1])), part.decode())
                text = re.sub(r"<v></v>|<v ?/>", empty, text)
                part = text.encode("ascii", "xmlcharrefreplace") if numbers else text.encode()
            anew.writestr(name, part)
    return target.getvalue()


def test_only_the_pair_at_the_end_of_a_row_is_left_out_of_reading():
    """A clerk who writes =_参考得分 into 自评得分 has a claim; a row that was typed over in the live columns keeps its input."""
    book = load_workbook(BytesIO(template_bytes(NATIONAL, Prefill(indicators=[ROW, ROW]))))
    sheet = book[INDICATORS.sheet]
    sheet.cell(FIRST_ROW, 10).value = "=_参考得分"
    sheet.cell(FIRST_ROW + 1, REFERENCE_COLUMN).value = 7.5
    sheet.cell(FIRST_ROW + 50, 3).value = "后加的"
    target = BytesIO()
    book.save(target)
    for numbers, empty, reader in itertools.product((False, True), ("<v></v>", "<v/>", "<v />"), ("auto", "openpyxl", "calamine")):
        found = read_workbook(as_programs_write(target.getvalue(), empty, numbers=numbers), reader=reader)
        assert [(row.number, row.values.get("level3")) for row in found.rows["indicators"]] == [(4, "活动"), (5, "活动"), (54, "后加的")]
        assert [(issue.code, issue.cell) for issue in found.issues if issue.code == "formula-without-value"] == [("formula-without-value", "J4")]
