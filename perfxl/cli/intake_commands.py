"""template, check, score: what the people who fill workbooks use."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfxl.cli import DONE, FAILED, FOUND_ERRORS, cli, on_terminal, show
from perfxl.cli.language import LANG, say
from perfxl.intake.discover import shown_name

if TYPE_CHECKING:
    from perfxl.intake.guard import Limits
    from perfxl.intake.reading import Refused
    from perfxl.scoring.batch import Outcome

EXISTING = click.Path(path_type=Path)

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
            say(f"“{error.name}”要写成正整数，不能是“{error.value}”。", f"“{error.name}” takes a whole number above 0, not “{error.value}”.")
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
FORCE = click.option("--force", is_flag=True, help=say("覆盖已有的输出文件（不会覆盖输入文件）。", "Replace existing outputs (never an input)."))


def tell(text: str) -> None:
    """Talk goes to standard error; standard output is for documents. What could drive the terminal is shown as escapes."""
    from perfxl.output import printable

    lines = [printable(line) for line in text.split("\n")]
    if on_terminal():
        from perfxl.cli.terminal import folded

        columns = max(40, shutil.get_terminal_size().columns)
        lines = [part for line in lines for part in folded(line, columns)]
    show("\n".join(lines), err=True)


@cli.command(
    help=say(
        "生成空白填报表；--from 带入上年的指标、单位和分值，--roster 为名单上每个单位各生成一份。\n\n示例：perfxl template -o 填报表.xlsx",
        "Write a blank intake; --from carries over last year's rows, --roster writes one per unit.\n\nExample: perfxl template -o intake.xlsx",
    ),
    short_help=say("生成空白填报表。", "Write a blank intake."),
)
@click.option("-o", "--output", type=EXISTING, metavar="FILE|DIR", help=say("输出文件或文件夹。", "Output file or folder."))
@click.option("--scheme", "scheme", metavar="ID|FILE.toml", help=say("评分方案。", "Rule pack."))
@click.option("--roster", type=EXISTING, metavar="ROSTER.xlsx", help=say("应报单位名单。", "Roster of units."))
@click.option("--from", "last_year", type=EXISTING, metavar="LAST_YEAR.xlsx", help=say("上年的填报表。", "Last year's intake."))
@FORCE
def template(output: Path | None, scheme: str | None, roster: Path | None, last_year: Path | None, *, force: bool) -> int:
    """Write blank intakes."""
    from perfxl.jobs.templates import write_templates

    for path in write_templates(output, scheme=scheme, roster=roster, last_year=last_year, force=force):
        tell(say(f"已生成 {shown_name(path)}", f"Wrote {shown_name(path)}"))
    return DONE


@cli.command(
    help=say(
        "只检查，不评分：列出每个问题所在的单元格和改法。\n\n示例：perfxl check 填报表.xlsx",
        "List issues only, each with its cell and what to do.\n\nExample: perfxl check intake.xlsx",
    ),
    short_help=say("列出问题和所在单元格。", "List issues with their cells."),
)
@click.argument("paths", nargs=-1, required=True, type=EXISTING, metavar="FILE|DIR...")
@SCHEME
@LIMIT
@JSON
def check(paths: tuple[Path, ...], schemes: tuple[str, ...], limits: Limits, *, as_json: bool) -> int:
    """Check workbooks."""
    from perfxl.cli.terminal import issue_lines
    from perfxl.scoring.document import check_document

    outcomes, single = _read_and_score(paths, schemes[:1], limits)
    documents = []
    for outcome in outcomes:
        document = check_document(outcome, LANG)
        documents.append(document)
        if outcome.ignored:
            continue
        tell(outcome.found.shown)
        lines = issue_lines(document["issues"], say)
        for line in lines or [say("  没有发现问题。", "  No issues.")]:
            tell(line)
    if as_json:
        print_json(documents[0] if single and documents else documents)
    if single and outcomes[0].refused:
        return FAILED
    errors = any(issue["severity"] == "error" for document in documents for issue in document["issues"])
    return FOUND_ERRORS if errors else DONE


@cli.command(
    help=say(
        "评分：写出“…_评分结果.xlsx”，并在终端显示总分、等级、问题和改法。\n\n示例：perfxl score 填报表.xlsx",
        "Score workbooks: write “…_评分结果.xlsx” and show total, grade, issues and fixes.\n\nExample: perfxl score intake.xlsx",
    ),
    short_help=say("评分并写出评分结果。", "Score and write the scored workbook."),
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
@LIMIT
@JSON
@click.option("--no-workbook", is_flag=True, help=say("不写评分结果工作簿。", "Do not write the scored workbook."))
@click.option(
    "--strict", is_flag=True, help=say("有必须改正的问题或读不出的文件时，退出码为1。", "Exit 1 on an error-level issue or a rejected file.")
)
@FORCE
def score(
    paths: tuple[Path, ...],
    output: Path | None,
    schemes: tuple[str, ...],
    limits: Limits,
    *,
    as_json: bool,
    no_workbook: bool,
    strict: bool,
    force: bool,
) -> int:
    """Score workbooks."""
    from perfxl.cli.terminal import score_lines
    from perfxl.scoring.document import outcome_document

    outcomes, single = _read_and_score(paths, schemes, limits)
    written = {} if no_workbook else _write_all(outcomes, output, single=single, force=force)
    documents = []
    for outcome in outcomes:
        if outcome.ignored:
            continue
        document = outcome_document(outcome, LANG)
        documents.append(document)
        if outcome.refused:
            tell(refusal_line(outcome.refused))
            if outcome.trace:
                tell(outcome.trace)
            continue
        for line in score_lines(document, say, detail=len(outcomes) <= 20):
            tell(line)
        if id(outcome) in written:
            place = shown_name(written[id(outcome)])
            tell(say(f"评分结果：{place}", f"Scored workbook: {place}"))
    if as_json:
        print_json(documents[0] if single and documents else documents)
    rejected = [o for o in outcomes if o.refused]
    scored = [o for o in outcomes if o.submission]
    if not scored:
        if not rejected:
            tell(say("没有找到可以评分的工作簿（.xlsx、.xlsm）。", "No workbook (.xlsx, .xlsm) to score."))
        return FAILED
    errors = any(issue["severity"] == "error" for d in documents for issue in d.get("issues", ()))
    return FOUND_ERRORS if strict and (errors or rejected) else DONE


def refusal_line(refused: Refused) -> str:
    """One refused file in a line."""
    from perfxl.scoring.document import refusal_document

    document = refusal_document(refused, LANG)
    return f"{refused.source}{say('：', ': ')}{document['message']}{say('', ' ')}{document['fix']}  [{refused.code}]"


def _read_and_score(paths: tuple[Path, ...], schemes: tuple[str, ...], limits: Limits) -> tuple[list[Outcome], bool]:
    from perfxl.intake.discover import find_files
    from perfxl.schemes import load_scheme
    from perfxl.scoring.batch import read_found, score_outcomes

    loaded = [load_scheme(name) for name in schemes]
    outcomes = read_found(find_files(paths), limits)
    score_outcomes(outcomes, loaded)
    single = len(paths) == 1 and not paths[0].is_dir()
    return outcomes, single


def _write_all(outcomes: list[Outcome], output: Path | None, *, single: bool, force: bool) -> dict[int, Path]:
    """Write the scored workbooks; outputs are decided and allowed before the first is written."""
    from perfxl.jobs.scoring import planned, write_scored_workbook
    from perfxl.model import PerfxlError

    plan, targets = planned(outcomes, output, single=single, force=force)
    written = {}
    for outcome, target in targets:
        assert outcome.submission is not None  # noqa: S101  # only scored outcomes are planned
        try:
            written[id(outcome)] = write_scored_workbook(outcome.results, outcome.submission, target, plan)
        except PerfxlError:
            raise
        except Exception:  # one file of a batch; alone, a bug may crash
            if len(outcomes) == 1:
                raise
            outcome.give_up()
    for kept, new in plan.kept:
        tell(
            say(
                f"{shown_name(kept)} 有人改过，没有动它；新的结果在 {new.name}。",
                f"{shown_name(kept)} was changed and left alone; the new result is {new.name}.",
            )
        )
    return written


def print_json(value: Any) -> None:  # whatever JSON can hold
    """Print the document of a run. Where standard output is not in UTF-8 it is in ASCII, which every reader takes alike."""
    unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    show(json.dumps(value, ensure_ascii=not unicode, indent=1, allow_nan=False))
