from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import openpyxl
import pytest
from filling import fill
from inbox import intake as small_intake

from perfxl.cli import run
from perfxl.output import sealed_state
from perfxl.schemes import load_scheme, scheme_files
from perfxl.workbook.template import template_bytes

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "pingxiang_library_2020.xlsx"


@pytest.fixture
def intake(tmp_path):
    return Path(shutil.copy(SAMPLE, tmp_path / "intake.xlsx"))


def lines(capsys):
    out, err = capsys.readouterr()
    return out, err


def score_json(capsys, *arguments):
    code = run(["score", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def with_visits(tmp_path: Path) -> Path:
    """The sample with the forgotten figure filled in."""
    book = openpyxl.load_workbook(SAMPLE)
    sheet = book["绩效指标"]
    header = next(r for r in sheet.iter_rows(max_row=20) if any(c.value == "实际完成值" for c in r))
    column = next(c.column for c in header if c.value == "实际完成值")
    sheet.cell(header[0].row + 1, column, "41万人次")
    path = tmp_path / "filled.xlsx"
    book.save(path)
    return path


def test_the_seed_library_scores_as_the_reference_says(capsys, intake):
    code, document = score_json(capsys, intake)
    assert code == 0
    assert [document[k] for k in ("total", "provisional", "possible", "grade", "grade_span")] == [88.68, True, [88.68, 98.68], None, ["良", "优"]]
    budget = document["budget"]
    assert [budget[k] for k in ("full_year", "executed", "rate", "weight", "score")] == [641.76, 556.75, 0.867536, 10, 8.68]
    assert [line["rate"] for line in budget["lines"]] == [0.867346, 1, 0.867536]
    assert [level["score"] for level in document["levels"]] == [40, 30, 10]
    by_code = {}
    for issue in document["issues"]:
        by_code.setdefault(issue["code"], []).append(f"{issue['sheet']}!{issue['cell']}")
    assert by_code == {
        "actual-missing": ["绩效指标!G4"],
        "execution-low-unexplained": ["预算执行!I4"],
        "goal-actual-missing": ["年度目标!C5"],
        "goal-quantity-unreported": ["年度目标!C7"],
        "target-beyond-year": ["绩效指标!E11"],
        "benefit-not-assessable": ["绩效指标!E12", "绩效指标!E13", "绩效指标!E16"],
        "evidence-missing": ["绩效指标!L17"],
        "grade-claimed-without-total": ["基本信息!B20"],
    }


def test_the_forgotten_figure_makes_the_total_final_and_the_grade_excellent(capsys, tmp_path):
    code, document = score_json(capsys, with_visits(tmp_path), "--no-workbook")
    assert (code, document["total"], document["provisional"], document["grade"]) == (0, 98.68, False, "优")


def test_under_jiangxi_execution_scores_seven(capsys, intake):
    _, document = score_json(capsys, intake, "--scheme", "jiangxi", "--no-workbook")
    assert (document["budget"]["score"], document["possible"]) == (7, [87, 97])


def test_several_schemes_stand_side_by_side(capsys, intake, tmp_path):
    _, document = score_json(capsys, intake, "--scheme", "national-2020", "--scheme", "hubei", "-o", tmp_path / "out.xlsx")
    assert [d["scheme"]["id"] for d in document["schemes"]] == ["national-2020", "hubei"]
    assert "方案对比" in openpyxl.load_workbook(tmp_path / "out.xlsx", read_only=True).sheetnames


def test_the_document_has_every_key_of_the_contract(capsys, intake):
    _, document = score_json(capsys, intake, "--no-workbook")
    assert set(document) >= {
        "perfxl",
        "source",
        "scheme",
        "unit",
        "total",
        "provisional",
        "possible",
        "full",
        "rescale",
        "inferred_points",
        "grade",
        "grade_span",
        "claimed",
        "budget",
        "levels",
        "indicators",
        "issues",
    }
    row = document["indicators"][0]
    assert set(row) >= {
        "sheet",
        "row",
        "level1",
        "level2",
        "level3",
        "operator",
        "target",
        "actual",
        "completion",
        "weight",
        "score",
        "claimed_score",
        "status",
        "rule",
        "explanation",
        "source",
    }
    assert row["target"] == {"text": "40万人次", "low": 400000, "high": None, "low_open": False, "high_open": False, "unit": "人次", "date": None}
    assert (row["status"], row["score"], row["rule"]) == ("missing", None, "none")
    bound = document["indicators"][13]
    assert (bound["actual"]["low"], bound["actual"]["high"], bound["score"], bound["rule"]) == (95, None, 5, "higher-is-better")
    assert (document["indicators"][14]["actual"]["high"], document["indicators"][14]["operator"]) == (1, "<")


def test_talk_goes_to_standard_error_and_json_alone_to_standard_output(capsys, intake):
    assert run(["score", str(intake), "--json", "--no-workbook"]) == 0
    out, err = lines(capsys)
    assert json.loads(out)["total"] == 88.68
    assert "88.68" in err
    assert "绩效指标!G4" in err
    assert "\x1b" not in out + err


def test_the_result_lies_beside_the_intake_and_scored_again_gets_a_number(capsys, intake):
    assert run(["score", str(intake)]) == 0
    first = intake.with_name("intake_评分结果.xlsx")
    assert first.exists()
    intake.unlink()
    assert run(["score", str(first)]) == 0
    assert intake.with_name("intake_评分结果_2.xlsx").exists()


def test_scoring_a_scored_workbook_again_gives_the_same(capsys, intake):
    _, original = score_json(capsys, intake)
    intake.unlink()
    _, again = score_json(capsys, intake.with_name("intake_评分结果.xlsx"))
    for key in ("total", "possible", "grade_span", "levels"):
        assert again[key] == original[key]
    assert {i["code"] for i in again["issues"]} == {i["code"] for i in original["issues"]} | {"scored-workbook-submitted"}
    strip = ("row", "sheet")
    assert [{k: v for k, v in r.items() if k not in strip} for r in again["indicators"]] == [
        {k: v for k, v in r.items() if k not in strip} for r in original["indicators"]
    ]


def test_a_result_is_replaced_while_untouched_and_only_by_force_after_an_edit(intake):
    result = intake.with_name("intake_评分结果.xlsx")
    assert run(["score", str(intake)]) == 0
    first = result.read_bytes()
    assert run(["score", str(intake)]) == 0
    assert result.read_bytes() == first
    book = openpyxl.load_workbook(result)
    book["评分汇总"]["A1"] = "改动"
    book.save(result)
    edited = result.read_bytes()
    assert run(["score", str(intake)]) == 0
    assert result.read_bytes() == edited
    assert sealed_state(intake.with_name("intake_评分结果_2.xlsx")) == "ours-untouched"
    assert run(["score", str(intake), "--force"]) == 0
    assert result.read_bytes() == first


def test_an_input_is_never_written_not_even_by_force(capsys, intake):
    before = intake.read_bytes()
    assert run(["score", str(intake), "-o", str(intake), "--force"]) == 2
    assert intake.read_bytes() == before


def test_check_exits_one_on_an_error_and_zero_without(capsys, intake, tmp_path):
    assert run(["check", str(intake)]) == 1
    assert "actual-missing" in lines(capsys)[1]
    assert run(["check", str(with_visits(tmp_path))]) == 0


def test_strict_turns_errors_into_exit_code_one(capsys, intake, tmp_path):
    assert run(["score", str(intake), "--no-workbook", "--strict"]) == 1
    assert run(["score", str(with_visits(tmp_path)), "--no-workbook", "--strict"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["score"],
        ["score", "nowhere.xlsx"],
        ["scor"],
        ["score", "--nope", "x"],
        ["check"],
        ["schemes", "show", "nowhere"],
        ["checks", "show", "nothing"],
    ],
)
def test_wrong_use_exits_two_with_a_message_and_no_traceback(capsys, arguments):
    assert run(arguments) == 2
    out, err = lines(capsys)
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["score", "no.xlsx"], "找不到“no.xlsx”。请检查路径。", "Cannot find no.xlsx. Check the path."),
        (["scor"], "没有命令“scor”。", "No such command 'scor'."),  # newer versions of click also say what was meant
        (["score", "{intake}", "--scheme", "nope"], "没有名为“nope”的评分方案。", "No scheme “nope”. There are department-2013"),
        (["score", "{intake}", "--scheme", "no.toml"], "no.toml：读不到这个文件，它不存在。请检查路径。", "Cannot find no.toml. Check the path."),
        (
            ["score", "{intake}", "-o", "{folder}/a.txt"],
            "不能作为结果的名称：结果只能写成 .xlsx。",
            "is no name for a result: it is written as .xlsx.",
        ),
        (
            ["score", "{folder}/b.docx"],
            "b.docx：只收 .xlsx 和 .xlsm 文件，这个文件的扩展名是.docx。报告、扫描件和压缩包不能评分；",
            "b.docx: Only .xlsx and .xlsm are taken; the extension of this file is .docx. Reports, scans and archives cannot be scored.",
        ),
        (["crosscheck", "{intake}", "no.docx"], "找不到报告“no.docx”。请检查路径。", "Cannot find no.docx. Check the path."),
        (
            ["template", "--roster", "no.xlsx"],
            "应报单位名单“no.xlsx”：这个文件打不开（文件不存在）。",
            "Roster no.xlsx: The file cannot be opened (no such file).",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_the_language_of_the_terminal(intake, arguments, zh, en):
    (intake.parent / "a.txt").write_text("x", "utf-8")
    (intake.parent / "b.docx").write_bytes(b"x")
    arguments = [a.format(intake=intake, folder=intake.parent) for a in arguments]
    for lang, expected in (("zh", zh), ("en", en)):
        done = subprocess.run([sys.executable, "-m", "perfxl", *arguments, "--lang", lang], capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 2
        assert expected in done.stderr


def test_help_is_in_one_language(capsys):
    run(["score", "--help"])
    text = capsys.readouterr().out
    assert "显示这份用法。" in text
    assert "Show this message" not in text


def test_a_broken_scheme_exits_two_and_names_file_and_key(capsys, intake, tmp_path):
    (tmp_path / "ours.toml").write_text('id="a"\nextends="national-2020"\n[budget]\nwieght = 3\n', "utf-8")
    assert run(["score", str(intake), "--scheme", str(tmp_path / "ours.toml")]) == 2
    assert "ours.toml：budget.wieght" in lines(capsys)[1]


def test_the_one_file_named_being_rejected_exits_two(capsys, tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    code, document = score_json(capsys, broken)
    assert (code, document["rejected"]) == (2, "file-damaged")
    assert run(["check", str(broken)]) == 2


def test_a_folder_gives_a_list_in_order_of_path_and_keeps_sub_folders(capsys, tmp_path):
    inbox = tmp_path / "inbox"
    (inbox / "乙").mkdir(parents=True)
    shutil.copy(SAMPLE, inbox / "b.xlsx")
    (inbox / "乙" / "a.xlsx").write_bytes(fill(template_bytes(load_scheme("national-2020")), unit={"单位名称": "示例图书馆", "预算年度": "2020"}))
    (inbox / "~$b.xlsx").write_bytes(b"lock")
    (inbox / "notes.txt").write_text("x")
    (inbox / "old.xls").write_bytes(b"x")
    code, documents = score_json(capsys, inbox, "-o", tmp_path / "out")
    assert code == 0
    assert [d["source"]["file"] for d in documents] == ["b.xlsx", "old.xls", "乙/a.xlsx"]
    assert documents[1]["rejected"] == "file-extension"
    assert sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.xlsx")) == ["b_评分结果.xlsx", "乙/a_评分结果.xlsx"]


def test_results_beside_their_intakes_are_not_scored_again(capsys, intake):
    assert run(["score", str(intake)]) == 0
    lines(capsys)
    _, documents = score_json(capsys, intake.parent)
    assert [d["source"]["file"] for d in documents] == ["intake.xlsx"]


def test_help_ends_with_an_example_in_both_languages():
    for command in ([], ["template"], ["check"], ["score"], ["schemes"], ["checks"]):
        for lang, word in (("zh", "示例：perfxl"), ("en", "Example: perfxl")):
            done = subprocess.run(
                [sys.executable, "-m", "perfxl", "--lang", lang, *command, "--help"],
                capture_output=True,
                text=True,
                check=False,
                cwd=ROOT,
                encoding="utf-8",
            )
            assert done.returncode == 0
            assert word in done.stdout
            assert ("用法：" in done.stdout) == (lang == "zh")


def test_help_does_not_import_pandas():
    code = (
        "import sys; from perfxl.cli import run; run(['--help']); print('pandas' in sys.modules, 'openpyxl' in sys.modules, 'msgspec' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "False False False"


def test_schemes_and_checks_are_shown(capsys):
    assert run(["schemes", "list"]) == 0
    listed = lines(capsys)[0].splitlines()
    assert [line.split()[0] for line in listed] == sorted(scheme_files())
    assert all(line.split()[1] == load_scheme(line.split()[0]).title for line in listed)
    assert run(["schemes", "show", "jiangxi"]) == 0
    assert "80%及以上得7分" in lines(capsys)[0]
    assert run(["checks", "list"]) == 0
    assert "actual-missing" in lines(capsys)[0]
    assert run(["checks", "show", "actual-missing"]) == 0
    shown = lines(capsys)[0]
    assert "改法" in shown
    assert "{" not in shown


def test_an_unknown_scheme_in_the_workbook_is_an_issue_with_its_cell(capsys, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(fill(template_bytes(load_scheme("national-2020")), unit={"单位名称": "示例馆", "预算年度": "2020", "评分方案": "火星方案"}))
    _, document = score_json(capsys, path, "--no-workbook")
    issue = next(i for i in document["issues"] if i["code"] == "scheme-unknown")
    assert (issue["severity"], issue["sheet"], issue["value"]) == ("error", "基本信息", "火星方案")


def test_equal_inputs_give_equal_bytes(capsys, intake, tmp_path):
    assert run(["score", str(intake), "-o", str(tmp_path / "a.xlsx")]) == 0
    assert run(["score", str(intake), "-o", str(tmp_path / "b.xlsx")]) == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_limits_of_reading_are_changed_by_name(capsys, intake):
    assert run(["score", str(intake), "--no-workbook", "--limit", "file_bytes=1000"]) == 2
    assert "file-too-large" in capsys.readouterr().err
    assert run(["check", str(intake), "--limit", "cells=10"]) == 2
    assert "file-too-large" in capsys.readouterr().err
    assert run(["score", str(intake), "--no-workbook", "--limit", "file_bytes=100000000", "--limit", "seconds=60"]) == 0
    for setting, said in (("bytes=1", "file_bytes"), ("cells=-1", "正整数"), ("cells", "正整数")):
        assert run(["score", str(intake), "--limit", setting]) == 2
        assert said in capsys.readouterr().err


def test_what_one_limit_refused_another_reads(capsys, intake, tmp_path):
    command = ["consolidate", str(intake), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--json"]
    for limits, accepted in ((["--limit", "cells=10"], 0), ([], 1), (["--limit", "cells=10"], 0), (["--limit", "cells=100000"], 1)):
        run([*command, *limits])
        assert json.loads(capsys.readouterr().out)["accepted"] == accepted


@pytest.mark.parametrize("where", ["perfxl.scoring.batch.read_file", "perfxl.scoring.batch.score", "perfxl.jobs.scoring.write_scored_workbook"])
def test_a_bug_around_one_file_of_a_folder_is_that_files_code(tmp_path, monkeypatch, capsys, where):
    for name in ("好1", "坏", "好2"):
        (tmp_path / f"{name}.xlsx").write_bytes(small_intake(name))
    module, _, name = where.rpartition(".")
    real = getattr(import_module(module), name)

    def breaking(*arguments, **options):
        if "坏" in " ".join(_told(value) for value in (*arguments, *options.values())):
            raise KeyError("bug")
        return real(*arguments, **options)

    monkeypatch.setattr(where, breaking)
    assert run(["score", str(tmp_path), "--json"]) == 0
    said = capsys.readouterr()
    found = {Path(d["source"]["file"]).name: d["issues"][0]["code"] if d.get("total") is None else "scored" for d in json.loads(said.out)}
    assert found == {"坏.xlsx": "file-unreadable", "好1.xlsx": "scored", "好2.xlsx": "scored"}
    assert "KeyError: 'bug'" in said.err
    with pytest.raises(KeyError):
        run(["score", str(tmp_path / "坏.xlsx"), "--json"])


def _told(value):
    """The files that an argument speaks of."""
    if hasattr(value, "unit"):
        return " ".join(value.unit["source"])
    return str(value) if isinstance(value, Path | str) else str(getattr(value, "source", ""))
