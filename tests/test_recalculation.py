"""Every live formula of a result gives the engine's number when another spreadsheet program computes it anew."""

from __future__ import annotations

import re
from collections import Counter
from zipfile import ZipFile
import xml.etree.ElementTree as ElementTree

import openpyxl
import pytest
from office import office, recalculate
from scored_cases import random_submission, scheme_variants, seed_library

from perfxl.frames import build_frames
from perfxl.scheme import load_scheme
from perfxl.scoring import score
from perfxl.workbook.scored import SourceInfo, scored_bytes

FILES = 300
CHUNK = 75
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def cells_of(path):
    """(sheet, cell) -> (is a formula, value) of a workbook, without the cost of a full reader."""
    with ZipFile(path) as package:
        names = package.namelist()
        strings = []
        if "xl/sharedStrings.xml" in names:
            for item in ElementTree.fromstring(package.read("xl/sharedStrings.xml")):
                strings.append("".join(t.text or "" for t in item.iter(f"{_NS}t")))
        targets = {r.get("Id"): r.get("Target") for r in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))}
        found = {}
        for sheet in ElementTree.fromstring(package.read("xl/workbook.xml")).iter(f"{_NS}sheet"):
            part = targets[sheet.get(f"{_REL}id")].removeprefix("/xl/")
            for cell in ElementTree.fromstring(package.read(f"xl/{part}")).iter(f"{_NS}c"):
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
    return [(*place, value, after.get(place, (False, None))[1]) for place, (is_formula, value) in before.items()
            if is_formula and not same(value, after.get(place, (False, ""))[1])]


@pytest.fixture(scope="session")
def scored_files(tmp_path_factory):
    """Path -> (results, submission) of the sample and of the generated submissions under every scheme variant."""
    folder = tmp_path_factory.mktemp("scored")
    variants = list(scheme_variants().values())
    made = {}
    per_scheme = -(-FILES // len(variants))
    number = 0
    for scheme in variants:
        batch = [random_submission(number + i, "recalculation") for i in range(per_scheme)]
        number += per_scheme
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
        done.extend(recalculate(files[start:start + CHUNK], out))
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
    assert min(kinds[rule] for rule in ("higher-is-better", "lower-is-better", "equal", "range", "qualitative", "deadline")) > 20
