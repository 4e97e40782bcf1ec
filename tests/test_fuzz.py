"""Mutants of valid intakes, seeded: each ends as scored or as refused, and no wrong value passes in silence.

`tests/long/fuzz.py` runs as many more as there is time for.
"""

from __future__ import annotations

import math
import re
import warnings
from functools import lru_cache

import mutants
import pytest
import verdicts

from perfxl.catalogue import CATALOGUE
from perfxl.intake.reading import Refused
from perfxl.intake.submission import Submission
from perfxl.rules.typed import number_of
from perfxl.scoring.batch import score_submissions

COUNTS = {"bytes": 300, "parts": 60, "xml": 120, "cells": 100, "long": 24}


TOGETHER = 40


def scored(files):
    """Files read one by one and scored some at a time: (document, submission, results) or the refusal, in their order."""
    endings = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for first in range(0, len(files), TOGETHER):
            taken = [verdicts.read(data, number) for number, data in enumerate(files[first : first + TOGETHER])]
            results = score_submissions([t for t in taken if isinstance(t, Submission)])
            endings += [(verdicts.document(t, results[t.number]), t, results[t.number]) if isinstance(t, Submission) else t for t in taken]
    return endings


@pytest.mark.parametrize("kind", COUNTS)
def test_every_mutant_ends_as_scored_or_refused(kind):
    codes = set()
    for number, ending in enumerate(scored([mutants.mutant(kind, number) for number in range(COUNTS[kind])])):
        codes.add(ending.code if isinstance(ending, Refused) else "scored")
        if isinstance(ending, Refused):
            continue
        if number % 40 == 0:
            verdicts.workbook(*ending[1:])
        if kind == "bytes":  # every part has its checksum: a flipped byte is refused, or was in nothing that is read
            assert ending[0]["indicators"] in (base()["indicators"], of_the_sample()["indicators"])
    if kind == "long":
        assert codes == {"scored"}  # something that takes the square of a text's length would not come back
        return
    assert len(codes) > 1, f"only {codes}: the mutants do not reach far enough"


def test_every_reader_takes_the_same_cells_from_a_mutant():
    ways = [verdicts.same_by_every_reader(mutants.mutant(kind, number)) for kind in ("xml", "cells") for number in range(30)]
    assert max(ways) == 4
    assert sum(ways) > 80


# ── one cell, any value: no wrong silence ──

ROW = 2
BASE = {"score": 20.0, "status": "scored"}
TOTALS = {
    code
    for code in CATALOGUE
    if code.startswith(("weights-", "total-", "grade-", "claimed-sum", "all-full", "dimension-", "indicators-outrun", "benefit-"))
}
"""Issues about the form as a whole, which a change in any row may raise."""
COLUMNS = {
    "target": "E",
    "actual": "G",
    "unit": "F",
    "operator": "D",
    "tier": "H",
    "weight": "I",
    "claimed_score": "J",
    "reason": "K",
    "evidence": "L",
    "remark": "M",
}


@lru_cache(maxsize=1)
def base():
    (found,) = scored([mutants.intake()])
    return found[0]


@lru_cache(maxsize=1)
def of_the_sample():
    (found,) = scored([mutants.sample()])
    return found[0]


def ordinary(document):
    """All that one row may not change: the other rows, the budget, the issues of other cells."""
    issues = [
        (i["code"], i["sheet"], i["cell"])
        for i in document["issues"]
        if i["code"] not in TOTALS and not (i["sheet"] == "绩效指标" and re.sub(r"\D", "", i["cell"] or "") == str(ROW))
    ]
    return [row for row in document["indicators"] if row["row"] != ROW], document["budget"], issues, document["unit"]


@lru_cache(maxsize=16)
def with_column(column):
    ref = f"{COLUMNS[column]}{ROW}"
    values = mutants.cell_xml(ref)
    if column != "actual":
        values = values[:: 6 if column in ("reason", "evidence", "remark") else 2]
    return dict(zip(values, scored([mutants.intake({("绩效指标", ref): xml}) for xml in values]), strict=True))


def the_row(document):
    return next((row for row in document["indicators"] if row["row"] == ROW), None)


def errors_of_row(document):
    return [
        i["code"]
        for i in document["issues"]
        if i["severity"] == "error" and i["sheet"] == "绩效指标" and re.sub(r"\D", "", i["cell"] or "") == str(ROW)
    ]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_bad_cell_changes_nothing_but_its_row(column):
    endings = with_column(column)
    assert len(endings) > 25
    for xml, ending in endings.items():
        if isinstance(ending, Refused):
            assert ending.code in ("file-too-large", "cell-number-illegal"), xml[:80]
            continue
        document = ending[0]
        assert ordinary(document) == ordinary(base()), xml[:80]
        row = the_row(document)
        if row is not None and row["status"] in ("missing", "unscorable"):
            assert errors_of_row(document), f"nothing says why row {ROW} is not scored: {xml[:80]}"
            assert document["provisional"]


def test_an_actual_without_a_number_is_never_scored():
    """The row asks for 50场; what names no number, or cannot be read, leaves it open and says so."""
    seen = 0
    for xml, ending in with_column("actual").items():
        if isinstance(ending, Refused):
            continue
        text = ending[1].rows["indicators"][0].values.get("actual")
        shown = "" if text is None else str(text)
        if re.search(r"[\d０-９一二三四五六七八九十百千万亿零〇①-⑳㊿½壹贰叁肆伍陆柒捌玖拾Ⅳ]", shown) and "#" not in xml:
            continue
        seen += 1
        row = the_row(ending[0])
        assert row["status"] in ("missing", "unscorable"), xml[:80]
        assert row["score"] is None
        assert ending[0]["possible"] == [base()["total"] - 20, base()["total"]], xml[:80]
    assert seen > 60


def test_a_plain_number_scores_by_the_rule_or_is_asked_about():
    for number in mutants.NUMBERS:
        value = float(number)
        row = the_row(with_column("actual")[f'<c r="G{ROW}"><v>{number}</v></c>'][0])
        if row["status"] == "scored":
            assert math.isclose(row["score"], round(20 * min(1, max(0, value / 50)), 2), abs_tol=0.011), number
            assert math.isclose(row["actual"]["low"], value, rel_tol=1e-9), number
        else:
            assert not 2 <= abs(value) <= 2000, number


def test_points_that_are_no_points_are_an_error():
    for xml, ending in with_column("weight").items():
        if isinstance(ending, Refused):
            continue
        weight = number_of(ending[1].rows["indicators"][0].values.get("weight"))
        if weight != 20:
            codes = {i["code"] for i in ending[0]["issues"] if i["severity"] == "error"}
            assert codes & {
                "weight-missing",
                "weight-not-positive",
                "weight-not-a-number",
                "weights-not-full",
                "cell-error",
                "cell-is-picture",
                "formula-without-value",
                "execution-among-indicators",
            }, (xml[:80], codes)


@pytest.mark.parametrize("ref", ["D3", "E3"])
def test_an_amount_that_is_none_leaves_the_budget_open(ref):
    values = mutants.cell_xml(ref)[ref == "D3" :: 2]
    endings = scored([mutants.intake({("预算执行", ref): xml}) for xml in values])
    told = 0
    for xml, ending in zip(values, endings, strict=True):
        if isinstance(ending, Refused):
            continue
        document = ending[0]
        assert document["indicators"] == base()["indicators"], xml[:80]
        line = next((line for line in document["budget"]["lines"] if line["item"] == "当年财政拨款"), None)
        read = line and line["full_year" if ref == "D3" else "executed"]
        if read is None:
            told += 1
            assert document["provisional"], xml[:80]
            assert any(i["severity"] == "error" and i["sheet"] == "预算执行" for i in document["issues"]), xml[:80]
    assert told > 50


def test_a_field_of_the_unit_never_reaches_a_score():
    for number, (label, _) in enumerate(mutants.UNIT, 2):
        if label in ("预算年度", "金额单位"):
            continue
        values = mutants.cell_xml(f"B{number}")[number::40]
        endings = scored([mutants.intake({("基本信息", f"B{number}"): xml}) for xml in values])
        for xml, ending in zip(values, endings, strict=True):
            if not isinstance(ending, Refused):
                assert ending[0]["total"] == base()["total"], (label, xml[:80])
                assert ending[0]["indicators"] == base()["indicators"], (label, xml[:80])
