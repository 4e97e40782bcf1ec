"""schemes and checks: the rules and the issue codes, as people look them up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfxl.cli import DONE, cli, show
from perfxl.cli.language import LANG, say

if TYPE_CHECKING:
    from perfxl.catalogue import Entry


@cli.group(
    invoke_without_command=True,
    help=say(
        "评分方案：列出、查看、新建。\n\n示例：perfxl schemes show national-2020",
        "Rule packs: list, show, start a new one.\n\nExample: perfxl schemes show national-2020",
    ),
)
@click.pass_context
def schemes(ctx: click.Context) -> None:
    """Rule packs; lists them when no sub-command is named."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(schemes_list)


@schemes.command(
    "list", help=say("列出内置的评分方案。\n\n示例：perfxl schemes list", "List the built-in rule packs.\n\nExample: perfxl schemes list")
)
def schemes_list() -> int:
    """List the schemes."""
    from perfxl.cli.terminal import pad
    from perfxl.schemes import load_scheme, scheme_files

    for scheme_id in scheme_files():
        scheme = load_scheme(scheme_id)
        show(f"{pad(scheme_id, 18)}{pad(scheme.title, 32)}{scheme.note}")
    return DONE


@schemes.command(
    "show",
    help=say(
        "逐项显示一个方案的分值、档次和依据。\n\n示例：perfxl schemes show jiangxi",
        "Show every value of a rule pack with its source.\n\nExample: perfxl schemes show jiangxi",
    ),
)
@click.argument("name", metavar="ID|标题|FILE.toml")
def schemes_show(name: str) -> int:
    """Show one scheme."""
    from perfxl.schemes import load_scheme
    from perfxl.schemes.shown import scheme_lines

    for line in scheme_lines(load_scheme(name)):
        show(line)
    return DONE


@schemes.command(
    "new",
    help=say(
        "写出一份带注释的方案文件，从它开始修改。\n\n示例：perfxl schemes new 本地方案.toml",
        "Write a commented scheme to start from.\n\nExample: perfxl schemes new ours.toml",
    ),
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.toml")
def schemes_new(file: Path) -> int:
    """Start a scheme."""
    from perfxl.schemes.shown import write_new_scheme

    write_new_scheme(file)
    show(say(f"已写出 {file}。修改后用 perfxl schemes show {file} 检查。", f"Wrote {file}. Check it with: perfxl schemes show {file}"), err=True)
    return DONE


@cli.group(
    invoke_without_command=True,
    help=say(
        "问题代码：含义、原因和改法。\n\n示例：perfxl checks show actual-missing",
        "Issue codes: meaning, reason, fix.\n\nExample: perfxl checks show actual-missing",
    ),
)
@click.pass_context
def checks(ctx: click.Context) -> None:
    """Issue codes; lists them when no sub-command is named."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(checks_list)


@checks.command("list", help=say("列出全部问题代码。\n\n示例：perfxl checks list", "List every issue code.\n\nExample: perfxl checks list"))
def checks_list() -> int:
    """List the codes."""
    from perfxl.catalogue import CATALOGUE, SEVERITY_WORDS, SEVERITY_WORDS_EN
    from perfxl.cli.terminal import pad

    words = SEVERITY_WORDS_EN if LANG == "en" else SEVERITY_WORDS
    for found in sorted(CATALOGUE.values(), key=lambda e: e.number):
        show(f"{found.number}  {pad(found.code, 32)}{pad(words[found.severity], 24 if LANG == 'en' else 10)}{found.kind}")
    return DONE


@checks.command(
    "show",
    help=say(
        "说明一个问题代码。\n\n示例：perfxl checks show actual-missing", "Explain one issue code.\n\nExample: perfxl checks show actual-missing"
    ),
)
@click.argument("code", metavar="CODE|编号|问题类型")
def checks_show(code: str) -> int:
    """Explain a code, by its word, its number or its 问题类型."""
    from difflib import get_close_matches

    from perfxl.catalogue import CATALOGUE, named
    from perfxl.model import PerfxlError

    entries = named(code)
    if not entries:
        near = get_close_matches(code, [*CATALOGUE, *dict.fromkeys(found.kind for found in CATALOGUE.values())], n=3)
        hint = say(f"是不是 {'、'.join(near)}？", f"Did you mean {', '.join(near)}? ") if near else ""
        raise PerfxlError(
            say(f"没有问题代码“{code}”。{hint}全部代码请看 perfxl checks list。", f"No issue code “{code}”. {hint}All of them: perfxl checks list.")
        )
    for at, found in enumerate(entries):
        if at:
            show("")
        _show_entry(found)
    return DONE


def _show_entry(found: Entry) -> None:
    from perfxl.catalogue import SEVERITY_WORDS, SEVERITY_WORDS_EN, template

    words, said = SEVERITY_WORDS_EN if LANG == "en" else SEVERITY_WORDS, found.words
    show(f"{found.number} {found.code}  {words[found.severity]}  {found.kind}")
    if found.elsewhere:
        show(say(f"{found.elsewhere.zh}：{words[found.elsewhere.severity]}", f"{found.elsewhere.en}: {words[found.elsewhere.severity]}"))
    if found.folder:
        show(say(f"汇总多份时：{words[found.folder]}", f"among several submissions: {words[found.folder]}"))
    show(say(f"问题：{template(said.zh)}\n改法：{template(said.fix_zh)}", f"What: {template(said.en)}\nFix: {template(said.fix_en)}"))
    show(say(f"为什么：{said.why}\n依据：{found.evidence}", f"Why: {said.why}\nEvidence: {found.evidence}"))
