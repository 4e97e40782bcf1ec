"""template, check, score: what the people who fill workbooks use."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfxl.cli import DONE, FAILED, FOUND_ERRORS, cli, on_terminal, show
from perfxl.cli.language import LANG, say
from perfxl.model import PerfxlError
from perfxl.output.text import shown_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from perfxl.intake.guard import Limits
    from perfxl.intake.reading import Refused
    from perfxl.scoring.batch import Outcome

EXISTING = click.Path(path_type=Path, readable=False)

SCHEME = click.option(
    "--scheme", "schemes", multiple=True, metavar="ID|FILE.toml", help=say("评分方案；可写多次并列比较。", "Rule pack; several are set side by side.")
)
JSON = click.option("--json", "as_json", is_flag=True, help=say("在标准输出打印一份 JSON。", "Print one JSON document on standard output."))


def _limits(_ctx: click.Context, _parameter: click.Parameter, settings: tuple[str, ...]) -> Limits:
    """Every `--limit` of the line as one set of limits."""
    from perfxl.intake.guard import LimitError, Limits

    try:
        return Limits.of(settings)
    except LimitError as error:
        if error.names:
            raise click.BadParameter(
                say(f"没有“{error.name}”这个上限，可用：{error.names}。", f"no limit “{error.name}”; there are: {error.names}.")
            ) from None
        raise click.BadParameter(
            say(
                f"“{error.name}”要写成正整数（{error.bounds[0]}到{error.bounds[1]}），不能是“{error.value}”。",
                f"“{error.name}” takes a whole number from {error.bounds[0]} to {error.bounds[1]}, not “{error.value}”.",
            )
        ) from None


LIMIT = click.option(
    "--limit",
    "limits",
    multiple=True,
    callback=_limits,
    metavar="NAME=VALUE",
    help=say(
        "放宽或收紧一个读取上限，如 file_bytes=100000000；可写多次，名称见 SECURITY.md。",
        "Change a limit of reading, such as file_bytes=100000000; may be repeated, names in SECURITY.md.",
    ),
)
TODAY = click.option(
    "--today",
    type=click.DateTime(("%Y-%m-%d",)),
    metavar="DATE",
    help=say(
        "当作今天的日期（2021-03-31）；默认取系统日期，只用来看年度和日期是否在将来。",
        "The day taken as today; it only decides what lies in the future.",
    ),
)
FORCE = click.option("--force", is_flag=True, help=say("覆盖已有的输出文件（不会覆盖输入文件）。", "Replace existing outputs (never an input)."))


def tell(text: str) -> None:
    """Progress, notes and complaints go to standard error. What could drive the terminal is shown as escapes."""
    _print(text, err=True)


def tell_of_a_bug(shown: str, trace: str) -> None:
    """What went wrong inside perfxl around one file of several: the others went on, and the run is not done as asked."""
    if trace:
        said = say(
            f"{shown}：这是程序的错误，不是填报的错误。请把下面几行和这个文件交给维护者。",
            f"{shown}: a bug of perfxl, nothing the unit did. Pass these lines and the file to the maintainers.",
        )
        tell(f"{said}\n{trace}")


def met_a_bug(outcomes: Sequence[Outcome]) -> bool:
    """Whether some file of the run met a bug of ours."""
    return any(outcome.trace for outcome in outcomes)


def answer(text: str, *, as_json: bool) -> None:
    """What a person asked for goes to standard output, unless a document stands there."""
    _print(text, err=as_json)


def _print(text: str, *, err: bool) -> None:
    from perfxl.output import printable

    lines = [printable(line) for line in text.split("\n")]
    if on_terminal(err=err):
        from perfxl.cli.terminal import folded

        columns = max(40, shutil.get_terminal_size().columns)
        lines = [part for line in lines for part in folded(line, columns)]
    show("\n".join(lines), err=err)


def _named(shown: str) -> str:
    """A file's name on a line of its own, cut where it is longer than the terminal is wide."""
    from perfxl.cli.terminal import shortened

    return shortened(shown, max(40, shutil.get_terminal_size().columns)) if on_terminal(err=False) else shown


@cli.command(
    help=say(
        "生成空白填报表；--from 带入上年的指标、单位和分值，--roster 为名单上每个单位各生成一份"
        "（--from 是台账或文件夹时，各带自己上年的）。\n\n示例：perfxl template -o 填报表.xlsx",
        "Write a blank intake; --from carries over last year's rows, --roster writes one per unit "
        "(each its own where --from is a ledger or a folder).\n\nExample: perfxl template -o intake.xlsx",
    )
)
@click.option("-o", "--output", type=EXISTING, metavar="FILE|DIR", help=say("输出文件或文件夹。", "Output file or folder."))
@click.option("--scheme", "scheme", metavar="ID|FILE.toml", help=say("评分方案。", "Rule pack."))
@click.option("--roster", type=EXISTING, metavar="ROSTER.xlsx", help=say("应报单位名单。", "Roster of units."))
@click.option(
    "--from",
    "last_year",
    type=EXISTING,
    metavar="LAST_YEAR.xlsx|DIR|LEDGER",
    help=say(
        "上年的填报表；也可以是上年的收件箱文件夹或台账，各单位各带自己的。", "Last year's intake, or an inbox or a ledger: each unit gets its own."
    ),
)
@FORCE
def template(output: Path | None, scheme: str | None, roster: Path | None, last_year: Path | None, *, force: bool) -> int:
    """Write blank intakes."""
    from perfxl.jobs.templates import write_templates

    written = write_templates(output, scheme=scheme, roster=roster, last_year=last_year, force=force, workers=os.cpu_count() or 1)
    for path in written.paths:
        tell(say(f"已生成 {shown_name(path)}", f"Wrote {shown_name(path)}"))
    for note in written.notes:
        tell(say(*note))
    return DONE


@cli.command(
    help=say(
        "只检查，不评分：列出每个问题所在的单元格和改法。\n\n示例：perfxl check 填报表.xlsx",
        "List issues only, each with its cell and what to do.\n\nExample: perfxl check intake.xlsx",
    )
)
@click.argument("paths", nargs=-1, required=True, type=EXISTING, metavar="FILE|DIR...")
@SCHEME
@TODAY
@click.option(
    "-o",
    "--output",
    type=EXISTING,
    metavar="FILE.txt|.xlsx",
    help=say("把问题另存为文本或工作簿。", "Also write the issues as a text or a workbook."),
)
@LIMIT
@JSON
@FORCE
def check(
    paths: tuple[Path, ...], schemes: tuple[str, ...], output: Path | None, today: datetime | None, limits: Limits, *, as_json: bool, force: bool
) -> int:
    """Check workbooks."""
    from perfxl.cli.terminal import issue_lines
    from perfxl.scoring.document import check_document

    if output is not None and output.suffix.lower() not in (".txt", ".xlsx"):
        raise click.BadParameter(say("要以 .txt 或 .xlsx 结尾。", "must end in .txt or .xlsx."), param_hint="-o")
    outcomes, single = _read_and_score(paths, schemes[:1], limits, today)
    documents, lines = [], []
    for outcome in outcomes:
        document = check_document(outcome, LANG)
        documents.append(document)
        if not outcome.ignored:
            lines.append(_named(shown_outcome(outcome)))
            lines += issue_lines(document["issues"], say, whole=True) or [say("  没有发现问题。", "  No issues.")]
        tell_of_a_bug(shown_outcome(outcome), outcome.trace)
    for line in lines:
        answer(line, as_json=as_json)
    if output is not None:
        inputs = [outcome.found.path for outcome in outcomes if not outcome.ignored]
        tell(say(f"问题清单：{_write_issues(output, documents, lines, inputs, force=force)}", f"Issues: {output}"))
    if as_json:
        print_json(documents[0] if single and len(documents) == 1 else documents)
    if single and all(outcome.refused for outcome in outcomes):
        return FAILED
    errors = any(issue["severity"] == "error" for document in documents for issue in document["issues"])
    return FOUND_ERRORS if errors or met_a_bug(outcomes) else DONE


def _write_issues(output: Path, documents: list[dict[str, Any]], lines: list[str], inputs: list[Path], *, force: bool) -> Path:
    from perfxl.model.version import __version__
    from perfxl.output import make_folder, may_replace, printable, seal, write_whole

    may_replace(output, inputs=inputs, force=force)
    if output.suffix.lower() == ".xlsx":
        from perfxl.workbook.issues import issues_workbook

        data = seal(issues_workbook(documents), "report", __version__)
    else:
        data = "".join(f"{printable(line)}\n" for line in lines).encode("utf-8-sig", "replace")
    make_folder(output.parent)
    write_whole(output, data)
    return output


def shown_outcome(outcome: Outcome) -> str:
    """A file, and which of its submissions."""
    return outcome.submission.shown if outcome.submission else outcome.found.shown


@cli.command(
    help=say(
        "评分：写出“…_评分结果.xlsx”，并在终端显示总分、等级、问题和改法。直接写文件名（perfxl 填报表.xlsx）也是评分。\n\n"
        "示例：perfxl score 填报表.xlsx",
        "Score workbooks: write “…_评分结果.xlsx” and show total, grade, issues and fixes. A file alone (perfxl intake.xlsx) is scored too.\n\n"
        "Example: perfxl score intake.xlsx",
    )
)
@click.argument("paths", nargs=-1, required=True, type=EXISTING, metavar="FILE|DIR...")
@click.option(
    "-o",
    "--output",
    type=EXISTING,
    metavar="FILE|DIR",
    help=say("结果文件或文件夹；默认写在填报表旁边。", "Result file or folder; beside the intake by default."),
)
@SCHEME
@TODAY
@LIMIT
@JSON
@click.option(
    "--open", "opened", is_flag=True, help=say("评完就打开结果（只有一份时；Windows）。", "Open the result when it is the only one (Windows).")
)
@click.option("--no-workbook", is_flag=True, help=say("不写评分结果工作簿。", "Do not write the scored workbook."))
@click.option(
    "--strict", is_flag=True, help=say("有必须改正的问题或读不出的文件时，退出码为1。", "Exit 1 on an error-level issue or a rejected file.")
)
@FORCE
def score(
    paths: tuple[Path, ...],
    output: Path | None,
    schemes: tuple[str, ...],
    today: datetime | None,
    limits: Limits,
    *,
    opened: bool,
    as_json: bool,
    no_workbook: bool,
    strict: bool,
    force: bool,
) -> int:
    """Score workbooks."""
    from perfxl.cli.terminal import BAR_WIDTH, score_lines
    from perfxl.scoring.document import outcome_document

    _refuse_one_file_for_several(paths, output)
    outcomes, single = _read_and_score(paths, schemes, limits, today)
    written = {} if no_workbook else _write_all(outcomes, output, force=force)
    documents = []
    for outcome in outcomes:
        if outcome.ignored:
            continue
        document = outcome_document(outcome, LANG)
        documents.append(document)
        if outcome.refused:
            tell(refusal_line(outcome.refused))
            tell_of_a_bug(outcome.found.shown, outcome.trace)
            continue
        bars = BAR_WIDTH if on_terminal(err=as_json) else 0
        for line in score_lines(document, say, detail=len(outcomes) <= 20, bars=bars):
            answer(line, as_json=as_json)
        if id(outcome) in written:
            place = shown_name(written[id(outcome)])
            answer(say(f"评分结果：{place}", f"Scored workbook: {place}"), as_json=as_json)
    if as_json:
        print_json(documents[0] if single and len(documents) == 1 else documents)
    if opened:
        _open_results(list(written.values()))
    rejected = [o for o in outcomes if o.refused]
    scored = [o for o in outcomes if o.submission]
    if not scored:
        if not rejected:
            tell(
                say(
                    "没有找到可以评分的文件（.xlsx、.xlsm、.xls、.et、有自评表的 .docx 和 .zip）。",
                    "No file (.xlsx, .xlsm, .xls, .et, .docx with a form, .zip) to score.",
                )
            )
        return FAILED
    errors = any(issue["severity"] == "error" for d in documents for issue in d.get("issues", ()))
    return FOUND_ERRORS if met_a_bug(outcomes) or (strict and (errors or rejected)) else DONE


def _open_results(written: list[Path]) -> None:
    """Show the one result in the program of its kind; of several, and where the system has no such call, say where they are."""
    start = getattr(os, "startfile", None)
    if len(written) > 1:
        tell(say(f"{len(written)}份结果都已写好，没有逐个打开。", f"{len(written)} results are written; none is opened."))
    elif written and start is not None:
        try:
            start(written[0])
        except OSError:
            tell(say("结果没有打开，请自己打开。", "The result could not be opened; please open it."))
    elif written:
        tell(say("这个系统不能自动打开结果，请自己打开。", "This system cannot open the result by itself; please open it."))


def refusal_line(refused: Refused) -> str:
    """One refused file in a line."""
    from perfxl.scoring.document import refusal_document

    document = refusal_document(refused, LANG)
    return f"{refused.source}{say('：', ': ')}{document['message']}{say('', ' ')}{document['fix']}  [{refused.code}]"


def _read_and_score(paths: tuple[Path, ...], schemes: tuple[str, ...], limits: Limits, today: datetime | None) -> tuple[list[Outcome], bool]:
    """The outcomes of what a line names, and whether it names one file."""
    import pandas as pd

    from perfxl.intake.discover import find_files
    from perfxl.schemes import load_scheme
    from perfxl.scoring.batch import read_found, score_outcomes

    # As in a chunk of a folder, until the command ends: what pandas loads of pyarrow for names of columns costs a thirtieth of a score.
    click.get_current_context().with_resource(pd.option_context("mode.string_storage", "python"))
    loaded = [load_scheme(name) for name in schemes]
    outcomes = read_found(find_files(paths, limits), limits)
    score_outcomes(outcomes, loaded, today.date() if today else None)
    return outcomes, len(paths) == 1 and not paths[0].is_dir()


def _refuse_one_file_for_several(paths: tuple[Path, ...], output: Path | None) -> None:
    """`-o` names a file only for one input, and an .xlsx."""
    from perfxl.jobs.scoring import names_a_file

    if output is None or not names_a_file(output):
        return
    if len(paths) > 1 or paths[0].is_dir():
        raise click.UsageError(
            say(
                f"-o 指定的“{output.name}”是一个文件，放不下几份结果；请指定一个文件夹。",
                f"-o names one file, {output.name}, for several inputs; name a folder.",
            )
        )
    if output.suffix.lower() != ".xlsx":
        raise click.UsageError(
            say(
                f"“{output.name}”：结果文件要以 .xlsx 结尾；要写进文件夹，请换一个名称。",
                f"{output.name}: a result ends in .xlsx; for a folder, choose another name.",
            )
        )


def _write_all(outcomes: list[Outcome], output: Path | None, *, force: bool) -> dict[int, Path]:
    """Write the scored workbooks; outputs are decided and allowed before the first is written."""
    from perfxl.jobs.scoring import write_result

    targets = _targets(outcomes, output, force=force)
    inputs = [o.found.path for o in outcomes if not o.ignored]
    written = {}
    for outcome in [o for o in outcomes if o.submission]:
        try:
            written[id(outcome)] = write_result(outcome, targets[id(outcome)], inputs, force=force)
        except PerfxlError:
            raise
        except Exception:  # one file of a batch; alone, a bug may crash
            if len(outcomes) == 1:
                raise
            outcome.give_up()
    return written


def _targets(outcomes: list[Outcome], output: Path | None, *, force: bool) -> dict[int, Path]:
    """Where each result goes; what lies in the way of a name that nobody gave is kept, and said."""
    from perfxl.jobs.scoring import apart, free_path, names_a_file, result_path

    scored = [(o, o.submission) for o in outcomes if o.submission]
    named = output is not None and names_a_file(output)
    if named and len(scored) > 1:
        raise click.UsageError(
            say(
                f"这个文件里有{len(scored)}份填报，一份一个结果；-o 请指定一个文件夹。",
                f"The file holds {len(scored)} submissions with a result each; name a folder with -o.",
            )
        )
    inputs = [o.found.path for o in outcomes if not o.ignored]
    targets: dict[int, Path] = {}
    for outcome, submission in scored:
        target = result_path(outcome.found, submission, output)
        if target in targets.values() and submission.part:
            target = apart(target, submission.part)
        if target in targets.values():
            raise PerfxlError(
                say(
                    "几个填报表会写到同一个结果文件；请用 -o 指定一个文件夹，或分开评分。",
                    "Several intakes would write the same result; give a folder with -o.",
                )
            )
        if not named and not force:
            free = free_path(target, submission, inputs)
            if free != target:
                there, new = shown_name(target), shown_name(free, whole=False)
                tell(
                    say(
                        f"{there} 有人打开保存过，或不是评分结果，没有覆盖；这次的结果写到 {new}。",
                        f"{there} was edited or is no result; it is kept, the new one is {new}.",
                    )
                )
            target = free
        targets[id(outcome)] = target
    return targets


def print_json(value: Any) -> None:  # whatever JSON can hold
    """Print the document of a run. Where standard output is not in UTF-8 it is in ASCII, which every reader takes alike."""
    unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    show(json.dumps(value, ensure_ascii=not unicode, indent=1, allow_nan=False))
