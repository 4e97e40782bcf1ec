"""Every live formula of a result gives the engine's number when another spreadsheet program computes it anew."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from zipfile import ZipFile

import msgspec
import openpyxl
import pytest
from office import office, recalculate
from openpyxl.utils import column_index_from_string, get_column_letter
from scored_cases import indicator, management_submission, random_scheme, random_submission, scheme_variants, seed_library, submission

from perfxl.rules.frames import build_frames
from perfxl.rules.totals import OPEN_GRADE
from perfxl.schemes import Management, ShareStep, load_scheme
from perfxl.scoring.score import score
from perfxl.workbook.scored import SourceInfo, scored_bytes

DRAWN = 12
"""Schemes whose every number is drawn, one submission each; `tests/long/recalculation.py` draws as many as asked."""
CHUNK = 50
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def cells_of(path):
    """(sheet, cell) -> (is a formula, value) of a workbook, without the cost of a full reader."""
    with ZipFile(path) as package:
        names = package.namelist()
        strings = []
        if "xl/sharedStrings.xml" in names:
            items = ET.fromstring(package.read("xl/sharedStrings.xml"))
            strings = ["".join(t.text or "" for t in item.iter(f"{_NS}t")) for item in items]
        targets = {r.get("Id"): r.get("Target") for r in ET.fromstring(package.read("xl/_rels/workbook.xml.rels"))}
        found = {}
        for sheet in ET.fromstring(package.read("xl/workbook.xml")).iter(f"{_NS}sheet"):
            part = targets[sheet.get(f"{_REL}id")].removeprefix("/xl/")
            for cell, place in _placed(ET.fromstring(package.read(f"xl/{part}"))):
                value = cell.find(f"{_NS}v")
                text = "" if value is None else value.text or ""
                kind = cell.get("t", "n")
                if kind == "s" and value is not None:
                    text = strings[int(text)]
                elif kind == "inlineStr":
                    text = "".join(t.text or "" for t in cell.iter(f"{_NS}t"))
                read = float(text) if kind == "n" and text else text
                found[sheet.get("name"), place] = (cell.find(f"{_NS}f") is not None, read)
    return found


def _placed(sheet):
    """Each cell with its address; what does not say where it stands comes behind the one before (ECMA-376 18.3.1.4)."""
    number = 0
    for row in sheet.iter(f"{_NS}row"):
        number, column = int(row.get("r", number + 1)), -1
        for cell in row.iter(f"{_NS}c"):
            said = cell.get("r", "").rstrip("0123456789")
            column = column_index_from_string(said) - 1 if said else column + 1
            yield cell, f"{get_column_letter(column + 1)}{number}"


def same(before, after):
    if isinstance(before, float) and isinstance(after, float):
        return abs(before - after) < 1e-9 * max(1.0, abs(before))
    return before == after


def differences(before, after):
    """Formula cells whose stored value is not what the other program computes."""
    return [
        (*place, value, after.get(place, (False, None))[1])
        for place, (is_formula, value) in before.items()
        if is_formula and not same(value, after.get(place, (False, ""))[1])
    ]


def written(folder, pairs):
    """Path -> (results, submission) of each submission scored under its scheme and written."""
    made = {}
    for scheme, one in pairs:
        results = score(build_frames([one]), scheme)
        path = folder / f"r{one.number}.xlsx"
        path.write_bytes(scored_bytes(results, one.number, source=SourceInfo(one.source, one.sha256)))
        made[path] = (results, one.number)
    return made


def drawn(first, last):
    """(scheme, submission) with drawn numbers; every fourth scheme has management indicators."""
    for number in range(first, last):
        base = ("national-2020", "national-2020", "national-2020", ("yueyang", "department-2013")[number // 4 % 2])[number % 4]
        scheme = random_scheme(number, base)
        yield scheme, management_submission(number, "drawn", scheme) if scheme.management else random_submission(number, "drawn")


STEPPED, BLANK = 1300, 1301
SHORT_OF_A_STEP = indicator("产出指标", "数量指标", "举办活动场数", "≥", "300场", "场", "200场", 40.0)


def stepped():
    """A scheme whose first step is a number of many digits, which 200 of 300 just reach."""
    steps = (ShareStep(at_least=0.6666666, share=0.8), ShareStep(at_least=0, share=0))
    scheme = load_scheme("national-2020")
    return msgspec.structs.replace(scheme, quantitative=msgspec.structs.replace(scheme.quantitative, shortfall="steps", steps=steps))


@pytest.fixture(scope="module")
def scored_files(tmp_path_factory):
    """The sample, generated submissions under every scheme variant, under the management schemes and under drawn schemes."""
    pairs = [(scheme, random_submission(1000 + i, "recalculation")) for i, scheme in enumerate(scheme_variants().values())]
    for i, name in enumerate(("yueyang", "department-2013")):
        scheme = load_scheme(name)
        pairs.extend((scheme, management_submission(1100 + 4 * i + j, "recalculation", scheme)) for j in range(4))
    pairs.append((load_scheme("national-2020"), seed_library(1200)))
    pairs.append((stepped(), submission(STEPPED, {"name": "示例图书馆", "fiscal_year": "2020"}, indicators=[SHORT_OF_A_STEP])))
    pairs.append((load_scheme("national-2020"), submission(BLANK, {"name": "空白图书馆", "fiscal_year": "2020"})))
    return written(tmp_path_factory.mktemp("scored"), [*drawn(0, DRAWN), *pairs])


def recalculated(files, out):
    done = []
    for start in range(0, len(files), CHUNK):
        done.extend(recalculate(files[start : start + CHUNK], out))
    return done


@pytest.fixture(scope="module")
def cells_by_both(scored_files, tmp_path_factory):
    """Path -> the cells as written and as computed anew; LibreOffice is started once for all."""
    files = list(scored_files)
    again = recalculated(files, tmp_path_factory.mktemp("recalculated"))
    return {path: (cells_of(path), cells_of(computed)) for path, computed in zip(files, again, strict=True)}


@office
def test_every_formula_recalculated_gives_the_engines_value(scored_files, cells_by_both):
    wrong, compared, kinds = [], 0, Counter()
    for path, (before, after) in cells_by_both.items():
        compared += sum(1 for is_formula, _ in before.values() if is_formula)
        found = differences(before, after)
        wrong.extend((path.name, *difference) for difference in found)
        results, submission = scored_files[path]
        statuses = results.frames.indicators
        kinds.update(statuses[statuses["submission"] == submission]["rule"])
    print(f"{len(cells_by_both)} files, {compared} formula cells, {len(wrong)} differences, rules {dict(kinds)}")
    assert wrong[:20] == []
    assert compared > 8_000
    assert min(kinds[rule] for rule in ("higher-is-better", "lower-is-better", "equal", "range", "qualitative", "deadline", "ratio-of-data")) > 3


NUMERIC_TABLES = ("budget", "quantitative", "reverse", "qualitative", "not_applicable", "rounding", "grades", "total_caps", "management")
"""The tables of a scheme that scoring reads."""
_WHOLE = {"rounding.decimals", "budget.rate_decimals"}


def numbers_of(scheme):
    """Every number of those tables, by key."""
    found = {}

    def walk(key, value):
        if isinstance(value, msgspec.Struct):
            for field in msgspec.structs.fields(value):
                walk(f"{key}.{field.name}", getattr(value, field.name))
        elif isinstance(value, tuple):
            for item in value:
                walk(key, item)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.setdefault(key, set()).add(float(value))

    for table in NUMERIC_TABLES:
        walk(table, getattr(scheme, table))
    return found


def test_every_number_that_scoring_reads_is_drawn_with_many_digits():
    schemes = [scheme for scheme, _ in drawn(0, DRAWN)]
    declared = {}
    for scheme in schemes:
        for key, values in numbers_of(scheme).items():
            declared.setdefault(key, set()).update(values)
    records = {table: type(getattr(schemes[3], table)) for table in NUMERIC_TABLES if table != "management"} | {"management": Management}
    numeric = {f"{t}.{f.name}" for t, record in records.items() for f in msgspec.structs.fields(record) if "float" in str(f.type) or f.type is int}
    assert numeric - set(declared) == set()
    short = [key for key, values in declared.items() if key not in _WHOLE and max(len(f"{v:.9f}".rstrip("0")) for v in values) < 6]
    assert short == []


@office
def test_a_bound_with_many_digits_gives_the_same_points_in_both_programs(scored_files, cells_by_both):
    path = next(path for path, (_, number) in scored_files.items() if number == STEPPED)
    assert (scored_files[path][0].frames.indicators.loc[0, "score"], cells_by_both[path][1]["绩效指标", "O4"][1]) == (32, 32)


@office
def test_points_that_no_row_carries_leave_the_grade_open_in_both_programs(scored_files, cells_by_both):
    path = next(path for path, (_, number) in scored_files.items() if number == BLANK)
    for shown in cells_by_both[path]:
        assert [shown["评分汇总", cell][1] for cell in ("A6", "E6", "G6", "H6")] == [0, OPEN_GRADE, 0, 100]


CHANGED = "已改动，请重新评分"


def edited(path, out, change):
    """A copy of a result with cells changed the way a person does; formulas lose their stored values."""
    book = openpyxl.load_workbook(path)
    change(book)
    target = out / f"{path.stem}-{change.__name__}.xlsx"
    book.save(target)
    return target


@office
def test_a_changed_result_follows_its_numbers_and_refuses_changed_texts(tmp_path):
    intake = seed_library(0, visitors="41万人次")
    intake.rows["budget"][2].values["full_year"] = "0.92万元"
    results = score(build_frames([intake]), load_scheme("national-2020"))
    path = tmp_path / "sample.xlsx"
    path.write_bytes(scored_bytes(results, 0, source=SourceInfo("sample.xlsx", "0" * 64)))

    def weight(book):
        book["绩效指标"]["I5"] = 6

    def weight_moved(book):
        book["绩效指标"]["I5"] = 6
        book["绩效指标"]["I4"] = 14

    def actual_number(book):
        book["绩效指标"]["V5"] = 135

    def actual_text(book):
        book["绩效指标"]["G5"] = "135场"

    def money(book):
        book["预算执行"]["E5"] = 320.42

    def money_missing(book):
        book["预算执行"]["E5"] = None

    def tier_score(book):
        book["绩效指标"]["J8"] = 4.2

    def money_text(book):
        book["预算执行"]["D12"] = "1.92万元"

    changes = (weight, weight_moved, actual_number, actual_text, money, money_missing, tier_score, money_text)
    assert openpyxl.load_workbook(path)["绩效指标"]["V3"].value == "完成值（读数）"
    files = recalculate([edited(path, tmp_path, change) for change in changes], tmp_path / "out")
    after = {change.__name__: cells_of(file) for change, file in zip(changes, files, strict=True)}

    def value(name, sheet, cell):
        return after[name][sheet, cell][1]

    assert (value("weight", "绩效指标", "O5"), value("weight", "评分汇总", "A6")) == (6, 94.68)
    form = {cell: read for (sheet, cell), (_, read) in after["weight"].items() if sheet == "自评表"}
    total = next(cell[1:] for cell, read in form.items() if read == "总分")
    assert (form[f"F{total}"], form[f"G{total}"], form[f"H{total}"]) == (96, 94.68, f"等级：{OPEN_GRADE}")
    assert (value("weight_moved", "评分汇总", "A6"), value("weight_moved", "评分汇总", "E6")) == (98.68, "优")
    assert (value("actual_number", "绩效指标", "N5"), value("actual_number", "绩效指标", "O5")) == (0.5, 5)
    assert value("actual_number", "评分汇总", "A6") == 93.68
    assert (value("actual_text", "绩效指标", "O5"), value("actual_text", "绩效指标", "O6")) == (CHANGED, 5)
    assert (value("actual_text", "评分汇总", "A6"), value("actual_text", "评分汇总", "E6")) == (CHANGED, CHANGED)
    assert value("money", "预算执行", "F4") == pytest.approx((320.42 + 0.92) / 641.76)
    assert value("money", "评分汇总", "A6") == 95.01
    assert (value("money_missing", "预算执行", "K4"), value("money_missing", "评分汇总", "A6")) == ("", 90)
    assert (value("money_text", "预算执行", "K4"), value("money_text", "评分汇总", "A6")) == (CHANGED, CHANGED)
    assert value("tier_score", "绩效指标", "O8") == 4.2
