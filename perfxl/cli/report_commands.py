"""report and crosscheck: the self-evaluation report written from a workbook, and a report held against one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfxl.cli import DONE, FAILED, cli
from perfxl.cli.intake_commands import EXISTING, FORCE, JSON, answer, print_json, refusal_line, tell
from perfxl.cli.language import say

if TYPE_CHECKING:
    from perfxl.scoring.batch import Outcome


@cli.command(
    help=say(
        "由填报表写出自评报告（Word）。缺的内容列在文末“待补充事项”，不编造。--template 可换成本单位的 Word 模板。\n\n"
        "示例：perfxl report 填报表.xlsx",
        "Write the self-evaluation report (Word) from an intake; what is missing is listed, never made up. "
        "--template takes your own Word template.\n\n"
        "Example: perfxl report intake.xlsx",
    )
)
@click.argument("file", type=EXISTING, metavar="FILE")
@click.option(
    "-o", "--output", type=EXISTING, metavar="FILE.docx", help=say("报告文件；默认写在填报表旁边。", "Report file; beside the intake by default.")
)
@click.option("--template", "template", type=EXISTING, metavar="FILE.docx", help=say("自己的 Word 模板。", "Your own Word template."))
@click.option("--scheme", "scheme", metavar="ID|FILE.toml", help=say("评分方案。", "Rule pack."))
@FORCE
def report(file: Path, output: Path | None, template: Path | None, scheme: str | None, *, force: bool) -> int:
    """Write a report."""
    outcome = _scored(file, scheme)
    if outcome is None:
        return FAILED
    from perfxl.word.report.facts import report_context
    from perfxl.word.report.writing import REPORT_TAIL, write_report

    assert outcome.submission is not None  # noqa: S101  # _scored gives scored outcomes only
    context = report_context(outcome.results[0], outcome.submission.number)
    target = output if output is not None else file.with_name(f"{file.stem}{REPORT_TAIL}.docx")
    if target.is_dir():
        target = target / f"{file.stem}{REPORT_TAIL}.docx"
    written = write_report(context, target, source_sha256=outcome.submission.sha256, inputs=[file], template=template, force=force)
    tell(say(f"自评报告：{written}", f"Report: {written}"))
    if context["missing"]:
        tell(
            say(
                f"还有 {context['missing_count']} 项待补充，见报告附件2。",
                f"{context['missing_count']} points are still open; see annex 2 of the report.",
            )
        )
    return DONE


@cli.command(
    help=say(
        "拿报告的文字核对填报表：每个数字、比率和等级，一致、不一致、文中未报告或表中无此数。\n\n示例：perfxl crosscheck 填报表.xlsx 自评报告.docx",
        "Hold a report's text against the intake: every number, rate and grade agrees, contradicts, is unreported or is in no cell.\n\n"
        "Example: perfxl crosscheck intake.xlsx report.docx",
    )
)
@click.argument("file", type=EXISTING, metavar="FILE")
@click.argument("document", type=EXISTING, metavar="REPORT.docx|.txt")
@click.option("-o", "--output", type=EXISTING, metavar="FILE.xlsx", help=say("把核对结果另存为工作簿。", "Also write the findings as a workbook."))
@click.option("--scheme", "scheme", metavar="ID|FILE.toml", help=say("评分方案。", "Rule pack."))
@JSON
@FORCE
def crosscheck(file: Path, document: Path, output: Path | None, scheme: str | None, *, as_json: bool, force: bool) -> int:
    """Crosscheck a report."""
    from perfxl.cli.findings import finding_lines
    from perfxl.word.crosscheck.engine import crosscheck_text
    from perfxl.word.crosscheck.findings import crosscheck_document
    from perfxl.word.documents import read_document

    outcome = _scored(file, scheme)
    if outcome is None:
        return FAILED
    assert outcome.submission is not None  # noqa: S101  # the same
    blocks = read_document(document)
    findings = crosscheck_text(outcome.results[0], outcome.submission.number, blocks)
    for line in finding_lines(findings, say):
        answer(line, as_json=as_json)
    if output is not None:
        from perfxl.workbook.crosscheck import write_crosscheck

        write_crosscheck(findings, output, report=document.name, source=outcome.submission, inputs=[file, document], force=force)
        tell(say(f"核对表：{output}", f"Findings: {output}"))
    if as_json:
        print_json(crosscheck_document(findings, outcome.submission, document.name))
    return DONE


def _scored(file: Path, scheme: str | None) -> Outcome | None:
    """One workbook, read and scored; None (said on standard error) where it is refused."""
    from perfxl.intake.discover import find_files
    from perfxl.model import PerfxlError
    from perfxl.schemes import load_scheme
    from perfxl.scoring.batch import read_found, score_outcomes

    if file.is_dir():
        raise PerfxlError(say(f"“{file}”是文件夹；请指定一份填报表。", f"“{file}” is a folder; name one intake."))
    outcome, *others = read_found(find_files([file]))
    if others:
        parts = "、".join(o.submission.part for o in (outcome, *others) if o.submission)
        raise PerfxlError(
            f"“{file.name}”里有{len(others) + 1}份填报（{parts}）；请分开保存，一次用一份。",
            en=f"{file.name} holds {len(others) + 1} submissions ({parts}); save them apart and name one.",
        )
    if outcome.refused is not None:
        tell(refusal_line(outcome.refused))
        return None
    if outcome.submission is None:
        tell(say(f"“{file.name}”不是填报表（{outcome.ignored}）。", f"“{file.name}” is no intake ({outcome.ignored})."))
        return None
    score_outcomes([outcome], [load_scheme(scheme)] if scheme else [])
    return outcome
