"""Every live formula of a result gives the engine's number when another spreadsheet program computes it anew."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from zipfile import ZipFile

import openpyxl
import pytest
from office import office, recalculate
from scored_cases import management_submission, random_submission, scheme_variants, seed_library

from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.score import score
from perfxl.workbook.scored import SourceInfo, scored_bytes

FILES = 300
"""Generated submissions, shared out evenly among the scheme variants; management schemes come on top."""
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
            for cell in ET.fromstring(package.read(f"xl/{part}")).iter(f"{_NS}c"):
                value = cell.find(f"{_NS}v")
                text = "" if value is None else value.text or ""
                kind = cell.get("t", "n")
                if kind == "s" and value is not None:
                    text = strings[int(text)]
                elif kind == "inlineStr":
                    text = "".join(t.text or "" for t in cell.iter(f"{_NS}t"))
                read = float(text) if kind == "n" and text else text
                found[sheet.get("name"), cell.get("r")] = (cell.find(f"{_NS}f") is not None, read)
    return found


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


@pytest.fixture(scope="session")
def scored_files(tmp_path_factory):
    """Path -> (results, submission) of the sample and of the generated submissions under every scheme variant."""
    folder = tmp_path_factory.mktemp("scored")
    variants = list(scheme_variants().values())
    made = {}
    per_scheme = FILES // len(variants)
    number = 0
    for scheme in variants:
        batch = [random_submission(number + i, "recalculation") for i in range(per_scheme)]
        number += per_scheme
        results = score(build_frames(batch), scheme)
        for one in batch:
            path = folder / f"r{one.number}.xlsx"
            path.write_bytes(scored_bytes(results, one.number, source=SourceInfo(one.source, one.sha256)))
            made[path] = (results, one.number)
    for name in ("yueyang", "department-2013"):
        scheme = load_scheme(name)
        batch = [management_submission(number + i, "recalculation", scheme) for i in range(10)]
        number += len(batch)
        results = score(build_frames(batch), scheme)
        for one in batch:
            path = folder / f"r{one.number}.xlsx"
            path.write_bytes(scored_bytes(results, one.number, source=SourceInfo(one.source, one.sha256)))
            made[path] = (results, one.number)
    results = score(build_frames([seed_library(0)]), load_scheme("national-2020"))
    path = folder / "sample.xlsx"
    path.write_bytes(scored_bytes(results, 0, source=SourceInfo("sample.xlsx", "0" * 64)))
    made[path] = (results, 0)
    return made


def recalculated(files, out):
    done = []
    for start in range(0, len(files), CHUNK):
        done.extend(recalculate(files[start : start + CHUNK], out))
    return done


@office
def test_every_formula_recalculated_gives_the_engines_value(scored_files, tmp_path):
    files = list(scored_files)
    wrong, compared, kinds = [], 0, Counter()
    for path, again in zip(files, recalculated(files, tmp_path), strict=True):
        before, after = cells_of(path), cells_of(again)
        compared += sum(1 for is_formula, _ in before.values() if is_formula)
        found = differences(before, after)
        wrong.extend((path.name, *difference) for difference in found)
        results, submission = scored_files[path]
        statuses = results.frames.indicators
        kinds.update(statuses[statuses["submission"] == submission]["rule"])
    print(f"{len(files)} files, {compared} formula cells, {len(wrong)} differences, rules {dict(kinds)}")
    assert wrong[:20] == []
    assert compared > 50_000
    assert min(kinds[rule] for rule in ("higher-is-better", "lower-is-better", "equal", "range", "qualitative", "deadline", "ratio-of-data")) > 20


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

    changes = (weight, actual_number, actual_text, money, money_missing, tier_score, money_text)
    assert openpyxl.load_workbook(path)["绩效指标"]["V3"].value == "完成值（读数）"
    files = recalculate([edited(path, tmp_path, change) for change in changes], tmp_path / "out")
    after = {change.__name__: cells_of(file) for change, file in zip(changes, files, strict=True)}

    def value(name, sheet, cell):
        return after[name][sheet, cell][1]

    assert (value("weight", "绩效指标", "O5"), value("weight", "评分汇总", "A6")) == (6, 94.68)
    form = {cell: read for (sheet, cell), (_, read) in after["weight"].items() if sheet == "自评表"}
    total = next(cell[1:] for cell, read in form.items() if read == "总分")
    assert (form[f"F{total}"], form[f"G{total}"], form[f"H{total}"]) == (96, 94.68, "等级：优")
    assert (value("actual_number", "绩效指标", "N5"), value("actual_number", "绩效指标", "O5")) == (0.5, 5)
    assert value("actual_number", "评分汇总", "A6") == 93.68
    assert (value("actual_text", "绩效指标", "O5"), value("actual_text", "绩效指标", "O6")) == (CHANGED, 5)
    assert (value("actual_text", "评分汇总", "A6"), value("actual_text", "评分汇总", "E6")) == (88.68, "良")
    assert value("money", "预算执行", "F4") == pytest.approx((320.42 + 0.92) / 641.76)
    assert value("money", "评分汇总", "A6") == 95.01
    assert (value("money_missing", "预算执行", "K4"), value("money_missing", "评分汇总", "A6")) == ("", 90)
    assert (value("money_text", "预算执行", "K4"), value("money_text", "评分汇总", "A6")) == (CHANGED, 90)
    assert value("tier_score", "绩效指标", "O8") == 4.2
