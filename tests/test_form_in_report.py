"""A report that carries its own 自评表: report and crosscheck take the form out of the Word file whose text they are held against."""

from __future__ import annotations

import json
from io import BytesIO

import docx
import pytest
from own_forms import grid_of, scored
from paper_samples import laid_in
from papers import read_workbook
from report_samples import SEED_REPORT, intake

from perfxl.cli import run
from perfxl.schemes import load_scheme


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The seed library's report with its form as a table at the end."""
    _, data = scored(read_workbook(intake(), source="萍乡图书馆.xlsx"), load_scheme("national-2020"))
    path = tmp_path_factory.mktemp("报告") / "自评报告.docx"
    made = docx.Document()
    for line in SEED_REPORT.read_text("utf-8").split("\n"):
        made.add_paragraph(line)
    laid_in(made, grid_of(data))
    target = BytesIO()
    made.save(target)
    path.write_bytes(target.getvalue())
    return path


def test_the_form_of_a_report_is_scored(report, capsys):
    assert run(["score", str(report), "--no-workbook", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["total"], document["possible"]) == (88.68, [88.68, 98.68])
    assert [(i["sheet"], i["cell"]) for i in document["issues"] if i["code"] == "actual-missing"] == [("表格1", "第17行第5列")]


def test_a_report_is_held_against_the_form_in_it(report, capsys):
    assert run(["crosscheck", str(report), str(report), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    verdicts = [finding["verdict"] for finding in found]
    assert {verdict: verdicts.count(verdict) for verdict in verdicts} == {"一致": 29, "文中未报告": 1, "表中无此数": 3}
    assert {f["text"] for f in found if f["verdict"] == "表中无此数"} == {"8大部门", "26人", "3人"}  # a form has no place for staff
    assert {f["sheet"] for f in found if f["verdict"] == "一致" and f["sheet"]} == {"表格1"}


def test_a_report_is_written_from_the_form_in_a_report(report, tmp_path):
    assert run(["report", str(report), "-o", str(tmp_path / "新报告.docx")]) == 0
    text = "\n".join(paragraph.text for paragraph in docx.Document(tmp_path / "新报告.docx").paragraphs)
    assert "640.84万元" in text
    assert "86.75%" in text
