from __future__ import annotations

import json
import os
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


def test_a_result_is_replaced_while_untouched_and_an_edited_one_is_kept(capsys, intake):
    result = intake.with_name("intake_评分结果.xlsx")
    assert run(["score", str(intake)]) == 0
    first = result.read_bytes()
    assert run(["score", str(intake)]) == 0
    assert result.read_bytes() == first
    book = openpyxl.load_workbook(result)
    book["评分汇总"]["A1"] = "改动"
    book.save(result)
    edited = result.read_bytes()
    lines(capsys)
    for _ in range(2):
        assert run(["score", str(intake)]) == 0
        assert result.read_bytes() == edited
        assert "intake_评分结果_2.xlsx" in lines(capsys)[1]
    assert sorted(path.name for path in intake.parent.iterdir()) == ["intake.xlsx", "intake_评分结果.xlsx", "intake_评分结果_2.xlsx"]
    assert intake.with_name("intake_评分结果_2.xlsx").read_bytes() == first
    assert run(["score", str(intake), "-o", str(result)]) == 2
    assert "--force" in lines(capsys)[1]
    assert run(["score", str(intake), "--force"]) == 0
    assert result.read_bytes() == first


def test_an_input_is_never_written_not_even_by_force(capsys, intake):
    before = intake.read_bytes()
    assert run(["score", str(intake), "-o", str(intake), "--force"]) == 2
    assert intake.read_bytes() == before


def test_check_exits_one_on_an_error_and_zero_without(capsys, intake, tmp_path):
    assert run(["check", str(intake)]) == 1
    out, err = lines(capsys)
    assert "actual-missing" in out
    assert err == ""
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
        (["scor"], "没有命令“scor”，也没有这个名称的文件。", "No such command 'scor'."),  # newer versions of click also say what was meant
        (["score", "{intake}", "--scheme", "nope"], "没有名为“nope”的评分方案。", "No scheme “nope”. There are department-2013"),
        (["score", "{intake}", "--scheme", "no.toml"], "no.toml：读不到这个文件，它不存在。请检查路径。", "Cannot find no.toml. Check the path."),
        (["score", "{intake}", "-o", "{folder}/a.txt"], "结果文件要以 .xlsx 结尾", "a result ends in .xlsx"),
        (
            ["score", "{folder}/b.pdf"],
            "b.pdf：能读的是 .xlsx、.xlsm、.xls、.et、有自评表的 .docx 和 .zip，这个文件的扩展名是.pdf。报告和扫描件不能评分；",
            "b.pdf: What is read is .xlsx, .xlsm, .xls, .et, a .docx with a form, and .zip; the extension of this file is .pdf. Reports and scans",
        ),
        (["crosscheck", "{intake}", "no.docx"], "找不到报告“no.docx”。请检查路径。", "Cannot find no.docx. Check the path."),
        (
            ["template", "--roster", "no.xlsx"],
            "应报单位名单“no.xlsx”：这个文件打不开（文件不存在）。",
            "Roster no.xlsx: The file cannot be opened (no such file).",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_the_language_of_the_terminal(intake, capsys, arguments, zh, en):
    (intake.parent / "a.txt").write_text("x", "utf-8")
    (intake.parent / "b.pdf").write_bytes(b"x")
    arguments = [a.format(intake=intake, folder=intake.parent) for a in arguments]
    assert run(arguments) == 2
    assert zh in capsys.readouterr().err
    done = subprocess.run([sys.executable, "-m", "perfxl", *arguments, "--lang", "en"], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, en in done.stderr) == (2, True), done.stderr


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
    assert [d["source"]["file"] for d in documents] == ["b.xlsx", "notes.txt", "old.xls", "乙/a.xlsx"]
    assert [d.get("rejected") for d in documents] == [None, "file-extension", "file-not-xlsx", None]
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


def test_a_run_in_which_nothing_changed_does_not_import_pandas(tmp_path):
    line = ["consolidate", str(SAMPLE), "-o", str(tmp_path / "o.xlsx"), "--ledger", str(tmp_path / "l.sqlite"), "--json"]
    code = f"import sys; from perfxl.cli import run; run({line!r}); print('pandas' in sys.modules)"
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.splitlines() for _ in range(2)]
    assert [lines[-1] for lines in said] == ["True", "False"]
    assert said[0][:-1] == said[1][:-1]


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
    assert issue["cell"] is not None


def test_equal_inputs_give_equal_bytes(capsys, intake, tmp_path):
    assert run(["score", str(intake), "-o", str(tmp_path / "a.xlsx")]) == 0
    assert run(["score", str(intake), "-o", str(tmp_path / "b.xlsx")]) == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_today_is_an_input_that_is_printed_and_decides_what_lies_in_the_future(capsys, intake, tmp_path):
    code, document = score_json(capsys, intake, "--today", "2019-03-01", "-o", tmp_path / "a.xlsx")
    assert (code, "year-implausible" in [i["code"] for i in document["issues"]]) == (0, True)
    basis = openpyxl.load_workbook(tmp_path / "a.xlsx")["评分依据"]
    assert any(str(cell.value).startswith("2019年3月1日") for row in basis.iter_rows() for cell in row)
    for name in ("b", "c"):
        assert run(["score", str(intake), "--today", "2021-03-01", "-o", str(tmp_path / f"{name}.xlsx")]) == 0
    assert (tmp_path / "b.xlsx").read_bytes() == (tmp_path / "c.xlsx").read_bytes()
    assert run(["check", str(intake), "--today", "gestern"]) == 2


@pytest.mark.parametrize(("code", "weighs"), [("formula-without-value", "以外：需要说明"), ("indicators-outrun-execution", "汇总多份时：需要说明")])
def test_checks_show_prints_what_a_code_weighs_in_either_place(capsys, code, weighs):
    assert run(["checks", "show", code]) == 0
    assert weighs in lines(capsys)[0]


def test_limits_of_reading_are_changed_by_name(capsys, intake):
    assert run(["score", str(intake), "--no-workbook", "--limit", "file_bytes=1000"]) == 2
    assert "file-too-large" in capsys.readouterr().err
    assert run(["check", str(intake), "--limit", "cells=10"]) == 2
    assert "file-too-large" in capsys.readouterr().out
    assert run(["score", str(intake), "--no-workbook", "--limit", "file_bytes=100000000", "--limit", "seconds=60"]) == 0
    for setting, said in (("bytes=1", "file_bytes"), ("cells=-1", "正整数"), ("cells", "正整数")):
        assert run(["score", str(intake), "--limit", setting]) == 2
        assert said in capsys.readouterr().err


def test_what_one_limit_refused_another_reads(capsys, intake, tmp_path):
    command = ["consolidate", str(intake), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--json"]
    for limits, accepted in ((["--limit", "cells=10"], 0), ([], 1), (["--limit", "cells=10"], 0), (["--limit", "cells=100000"], 1)):
        run([*command, *limits])
        assert json.loads(capsys.readouterr().out)["accepted"] == accepted


@pytest.mark.parametrize("where", ["perfxl.scoring.batch.read_found_file", "perfxl.scoring.batch.score", "perfxl.jobs.scoring.write_scored_workbook"])
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
    assert run(["score", str(tmp_path), "--json"]) == 1
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
    if hasattr(value, "shown"):
        return str(value.shown)
    return str(value) if isinstance(value, Path | str) else str(getattr(value, "source", ""))


# what a person means by a line


@pytest.mark.parametrize(
    "line", [["{file}"], ["--json", "{file}"], ["'{file}'"], ['"{file}"'], ["“{file}”"], ["{folder}"], ["score", "~/intake.xlsx"]]
)
def test_a_file_or_folder_alone_is_scored_whatever_stands_around_its_name(capsys, intake, monkeypatch, line):
    monkeypatch.setenv("HOME", str(intake.parent))
    monkeypatch.setenv("USERPROFILE", str(intake.parent))
    assert run([part.format(file=intake, folder=intake.parent) for part in line]) == 0
    assert intake.with_name("intake_评分结果.xlsx").exists()


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (["a.xlsx"], ["score", "a.xlsx"]),
        (["nowhere.xlsx"], ["score", "nowhere.xlsx"]),
        (["check", "a.xlsx"], ["check", "a.xlsx"]),
        (["scor"], ["scor"]),
        (["--help"], ["--help"]),
        (["help"], ["--help"]),
        (["/?"], ["--help"]),
        (["help", "check"], ["check", "--help"]),
        (["Score", "a.xlsx"], ["score", "a.xlsx"]),
        (["c", "d.xls"], ["score", "c d.xls"]),
        (["check", "c", "d.xls", "--strict"], ["check", "c d.xls", "--strict"]),
        (["check", "a.xlsx", "d.xls"], ["check", "a.xlsx", "d.xls"]),
        (["score", "-e.xls"], ["score", f".{os.sep}-e.xls"]),
        (["score", "-f.xls"], ["score", "-f.xls"]),
        (["--strict", "a.xlsx"], ["score", "--strict", "a.xlsx"]),
        (["score", "*.xlsx"], ["score", "a.xlsx", "b.xlsx"]),
        (["score", "*.csv"], ["score", "*.csv"]),
        (["consolidate", "--roster=~/名单.xlsx"], ["consolidate", "--roster={home}/名单.xlsx"]),
        (["score", "~$a.xlsx"], ["score", "~$a.xlsx"]),
        (['"a.xlsx'], ["score", "a.xlsx"]),
        (["a.xlsx'"], ["score", "a.xlsx"]),
        (["a.xlsx "], ["score", "a.xlsx"]),
        (["　a.xlsx\t"], ["score", "a.xlsx"]),
        (["\u202aa.xlsx"], ["score", "a.xlsx"]),
        ([' "a.xlsx" '], ["score", "a.xlsx"]),
        (["「a.xlsx」"], ["score", "a.xlsx"]),
        (["“ a.xlsx"], ["score", "a.xlsx"]),
        (["《b》.xlsx"], ["score", "《b》.xlsx"]),
        (["check", '--roster="a.xlsx'], ["check", "--roster=a.xlsx"]),
        (["check", "--roster=“a.xlsx”"], ["check", "--roster=a.xlsx"]),
        (["file:{here}/c%20d.xls"], ["score", "{here}/c d.xls"]),
        (["file://{here}/a.xlsx"], ["score", "{here}/a.xlsx"]),
        (["FILE://localhost{here}/a.xlsx"], ["score", "{here}/a.xlsx"]),
        (["file:///D:/%E7%94%B2/a.xlsx"], ["score", "D:/甲/a.xlsx"]),
        (["file://server/a.xlsx"], ["score", "//server/a.xlsx"]),
        (["nowhere/甲"], ["score", "nowhere/甲"]),
        (["D:\\nowhere\\甲"], ["score", "D:\\nowhere\\甲"]),
        (['"nowhere.xlsx'], ["score", '"nowhere.xlsx']),
        (["history", "萍乡 ", "--ledger", "a.xlsx "], ["history", "萍乡", "--ledger", "a.xlsx"]),
    ],
)
def test_the_line_as_the_commands_take_it(tmp_path, monkeypatch, line, meant):
    from perfxl.cli import COMMANDS
    from perfxl.cli.arguments import understood

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/heim")
    monkeypatch.setenv("USERPROFILE", "/heim")
    for name in ("a.xlsx", "b.xlsx", "c d.xls", "-e.xls"):
        (tmp_path / name).write_bytes(b"x")
    line = [word.replace("{here}", str(tmp_path)) for word in line]
    assert understood(line, COMMANDS, wildcards=True) == [word.format(home="/heim", here=tmp_path) for word in meant]


@pytest.mark.parametrize("line", [["score", ""], [""], ["check", "a.xlsx", "-o", " "], ["consolidate", "x", "-o", "y.xlsx", "--deadline", ""]])
def test_an_empty_argument_is_refused(capsys, line):
    assert run(line) == 2
    assert "空的" in lines(capsys)[1]


def test_a_deadline_that_is_no_date_is_refused(capsys, intake, tmp_path):
    line = ["consolidate", str(intake), "-o", str(tmp_path / "o.xlsx"), "--workers", "1", "--deadline"]
    assert run([*line, "月底前"]) == 2
    assert "日期" in lines(capsys)[1]
    assert run([*line, "2021年4月30日"]) == 0


@pytest.mark.parametrize("output", ["one.xlsx", "one.xls", "one.pdf", "there"])
def test_one_file_named_for_several_inputs_is_wrong_use(capsys, intake, tmp_path, output):
    (tmp_path / "there").write_bytes(b"x")
    other = Path(shutil.copy(intake, tmp_path / "other.xlsx"))
    before = sorted(tmp_path.iterdir())
    for inputs in ([intake, other], [tmp_path]):
        assert run(["score", *map(str, inputs), "-o", str(tmp_path / output)]) == 2
        assert "文件夹" in lines(capsys)[1]
    assert sorted(tmp_path.iterdir()) == before


def test_what_a_person_asked_for_goes_to_standard_output(capsys, intake, tmp_path):
    assert run(["score", str(intake)]) == 0
    out, err = lines(capsys)
    assert "暂定（缺1项）" in out
    assert "intake_评分结果.xlsx" in out
    assert err == ""
    report = tmp_path / "报告.txt"
    report.write_text("全年开展活动270场。", "utf-8")
    assert run(["crosscheck", str(intake), str(report)]) == 0
    out, err = lines(capsys)
    assert "270场" in out
    assert err == ""


def test_check_prints_every_cell_of_every_issue_and_writes_them(capsys, tmp_path):
    rows = [
        {"level1": "产出指标", "level2": "数量指标", "level3": f"活动{n}", "operator": "≥", "target": "5场", "actual": "", "weight": 2}
        for n in range(30)
    ]
    path = tmp_path / "a.xlsx"
    path.write_bytes(fill(template_bytes(load_scheme("national-2020")), unit={"单位名称": "示例馆", "预算年度": "2020"}, indicators=rows))
    assert run(["check", str(path), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    cells = [f"{issue['sheet']}!{issue['cell']}" for issue in document["issues"] if issue["cell"]]
    assert sum(cell.startswith("绩效指标!G") for cell in cells) == 30
    for output in ("问题.txt", "问题.xlsx"):
        assert run(["check", str(path), "-o", str(tmp_path / output)]) == 1
        printed = lines(capsys)[0]
        assert all(cell in printed for cell in cells)
    text = (tmp_path / "问题.txt").read_text("utf-8-sig")
    assert all(cell in text for cell in cells)
    sheet = openpyxl.load_workbook(tmp_path / "问题.xlsx").worksheets[0]
    listed = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [(row[5] or None, row[6] or None) for row in listed] == [(issue["sheet"], issue["cell"]) for issue in document["issues"]]
    assert run(["check", str(path), "-o", str(tmp_path / "问题.pdf")]) == 2
    assert run(["check", str(path), "-o", str(path), "--force"]) == 2


def test_long_names_are_cut_where_the_terminal_ends():
    from perfxl.cli.terminal import shortened, width

    name = "一个单位报送的名字非常非常非常长的填报工作簿_第二次报送.xlsx"
    for columns in range(12, 70):
        cut = shortened(name, columns)
        assert width(cut) <= columns
        assert cut == name or ("…" in cut and cut.endswith(".xlsx"))


def test_attachments_beside_an_intake_are_no_rejected_files(capsys, intake, tmp_path):
    inbox = tmp_path / "in"
    (inbox / "001").mkdir(parents=True)
    shutil.copy(intake, inbox / "001" / "a.xlsx")
    for name in ("001/佐证.pdf", "萍乡图书馆的报告.doc", "别的馆.pdf"):
        (inbox / name).write_bytes(b"x")
    code, documents = score_json(capsys, inbox, "--no-workbook")
    assert code == 0
    assert [(d["source"]["file"], d.get("rejected")) for d in documents] == [("001/a.xlsx", None), ("别的馆.pdf", "file-extension")]


def test_the_library_reads_one_submission_or_says_how_to_read_several(tmp_path):
    from sheets_of import unit, whole, workbook

    import perfxl

    (tmp_path / "一.xlsx").write_bytes(workbook(whole()))
    (tmp_path / "二.xlsx").write_bytes(workbook(whole(**{"基本信息 (2)": unit("乙馆")})))
    assert perfxl.read_intake(tmp_path / "一.xlsx").fields["name"] == "甲馆"
    assert [s.fields["name"] for s in perfxl.read_intakes(tmp_path / "二.xlsx")] == ["甲馆", "乙馆"]
    with pytest.raises(perfxl.PerfxlError, match="2份"):
        perfxl.read_intake(tmp_path / "二.xlsx")


def test_open_shows_the_one_result_where_the_system_can(capsys, intake, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(os, "startfile", opened.append, raising=False)
    assert run(["score", str(intake), "-o", str(tmp_path / "a"), "--open"]) == 0
    assert [path.name for path in opened] == [f"{intake.stem}_评分结果.xlsx"]
    (tmp_path / "two.xlsx").write_bytes(intake.read_bytes())
    assert run(["score", str(intake), str(tmp_path / "two.xlsx"), "-o", str(tmp_path / "b"), "--open"]) == 0
    assert len(opened) == 1
    monkeypatch.delattr(os, "startfile")
    capsys.readouterr()
    assert run(["score", str(intake), "-o", str(tmp_path / "c"), "--open"]) == 0
    assert "请自己打开" in lines(capsys)[1]


@pytest.mark.parametrize("typed", ["{file}", '"{file}"', "'{file}'", "“{file}”", "~/表.xlsx"])
def test_a_dropped_file_is_scored_however_its_path_is_written(capsys, intake, tmp_path, monkeypatch, typed):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    file = tmp_path / "表.xlsx"
    file.write_bytes(intake.read_bytes())
    assert run([typed.format(file=file)]) == 0
    assert (tmp_path / "表_评分结果.xlsx").exists()


def test_wildcards_find_files_where_no_shell_expands_them(tmp_path):
    from perfxl.cli import COMMANDS
    from perfxl.cli.arguments import understood

    for name in ("乙.xlsx", "甲.xlsx", "丙.TOML"):
        (tmp_path / name).write_bytes(b"")
    pattern = str(tmp_path / "*.xlsx")
    assert understood([pattern], COMMANDS, wildcards=True) == ["score", str(tmp_path / "乙.xlsx"), str(tmp_path / "甲.xlsx")]
    assert understood(["check", pattern], COMMANDS, wildcards=False) == ["check", pattern]
    assert understood([str(tmp_path)], COMMANDS) == ["score", str(tmp_path)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["history", "甲"], "缺少选项 --ledger FILE。"),
        (["consolidate", "."], "缺少选项 -o OUT.xlsx。"),
        (["score", "{file}", "--today", "2021/3/31"], "“2021/3/31”要写成 2021-03-31 这样的日期。"),
        (["nothing"], "没有命令“nothing”，也没有这个名称的文件。"),
        (["{lock}"], "要评分的是名称前不带“~$”的那个文件。"),
        (["{folder}"], "没有找到可以评分的文件"),
    ],
)
def test_a_wrong_line_is_told_what_to_type(tmp_path, capsys, line, said):
    lock, folder = tmp_path / "~$表.xlsx", tmp_path / "夹.xlsx"
    lock.write_bytes(b"\x05Admin" + bytes(159))
    folder.mkdir()
    assert run([word.format(file=lock, lock=lock, folder=folder) for word in line]) == 2
    assert said in capsys.readouterr().err


def test_a_workbook_named_like_a_lock_file_is_scored_when_it_is_named(tmp_path):
    named = tmp_path / "~$表.xlsx"
    named.write_bytes(SAMPLE.read_bytes())
    assert run(["score", str(named), "--no-workbook"]) == 0


def test_every_command_is_listed_where_it_stands():
    import click

    from perfxl.cli import COMMANDS, cli

    assert cli.get_command(click.Context(cli), "no such command") is None  # which loads them all
    homes = {name: command.callback.__module__.removeprefix("perfxl.cli.") for name, command in cli.commands.items()}
    assert homes == {name: home for name, (home, _) in COMMANDS.items()}
