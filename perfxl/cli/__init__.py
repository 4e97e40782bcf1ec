"""The command line: a command parses, calls one function, prints, exits. The only package that imports click.

In: words of a command line. Out: lines on a terminal, one JSON document, an exit code.
Touch without asking: help texts. Ask first: names of commands and options, exit codes (the contract).
Held by: test_cli, test_office_cli, test_terminal, test_console, test_readme.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

import click

from perfxl.cli.arguments import understood
from perfxl.cli.language import LANG, say
from perfxl.model import PerfxlError
from perfxl.model.system import reason_of
from perfxl.model.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DONE, FOUND_ERRORS, FAILED, INTERRUPTED = 0, 1, 2, 130


class _Worded:
    """Help headings in the reader's language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line that shows how to call."""
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]  # mixed into click.Command
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=say("用法：", "Usage: "))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The -h option, described in the reader's language."""
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]  # mixed into click.Command
        if option is not None:
            option.help = say("显示这份用法。", "Show this message and exit.")
        return option


class Command(_Worded, click.Command):
    """A command whose help speaks the chosen language."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their heading."""
        _write_options(self, ctx, formatter)


class Group(_Worded, click.Group):
    """A group of commands, in the order in which they are defined."""

    command_class = Command

    def shown_commands(self) -> list[tuple[str, str]]:
        """Each command and what it does in one line."""
        return [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        _write_options(self, ctx, formatter)
        with formatter.section(say("命令", "Commands")):
            formatter.write_dl(self.shown_commands())


class Program(Group):
    """perfxl itself: a command is loaded when it is called, all of them where a name is none of theirs."""

    group_class = Group

    def shown_commands(self) -> list[tuple[str, str]]:
        """Every command, in the order in which a person meets them."""
        return [(name, said) for name, (_, said) in COMMANDS.items()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        homes = {home for name, (home, _) in COMMANDS.items() if name == cmd_name or cmd_name not in COMMANDS}
        for home in homes:
            import_module(f"perfxl.cli.{home}")
        return super().get_command(ctx, cmd_name)


COMMANDS = {
    "template": ("intake_commands", say("生成空白填报表。", "Write a blank intake.")),
    "check": ("intake_commands", say("列出问题和所在单元格。", "List issues with their cells.")),
    "score": ("intake_commands", say("评分并写出评分结果。", "Score and write the scored workbook.")),
    "consolidate": ("office_commands", say("汇总一个文件夹的填报表。", "Consolidate a folder of intakes.")),
    "history": ("office_commands", say("一个单位历次报送和得分。", "A unit over submissions and years.")),
    "compare": ("compare_command", say("比两个年度，或两个评分方案。", "Compare two years, or two rule packs.")),
    "ledger": ("ledger_commands", say("台账：export 导出、import 导入。", "The ledger: export, import.")),
    "report": ("report_commands", say("写出自评报告（Word）。", "Write the self-evaluation report in Word.")),
    "crosscheck": ("report_commands", say("拿报告文字核对填报表。", "Hold a report's text against the intake.")),
    "schemes": ("reference_commands", say("评分方案：list、show、new。", "Rule packs: list, show, new.")),
    "checks": ("reference_commands", say("问题代码：list、show。", "Issue codes: list, show.")),
    "bundle": ("bundle_command", say("做成免安装的 Windows 文件夹。", "Make a Windows folder that needs no installation.")),
}
"""Every command: the module it stands in, and what it does in one line."""


def _write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    rows = [record for parameter in command.get_params(ctx) if (record := parameter.get_help_record(ctx)) is not None]
    if rows:
        with formatter.section(say("选项", "Options")):
            formatter.write_dl(rows)


CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(
    cls=Program,
    context_settings=CONTEXT,
    help=say(
        "评分、检查、汇总预算绩效自评工作簿：每一分都能解释，每个公式都能重算。\n\n示例：perfxl score 填报表.xlsx",
        "Score, check and consolidate budget-performance self-evaluations: every point explained, every formula live.\n\n"
        "Example: perfxl score intake.xlsx",
    ),
)
@click.version_option(__version__, prog_name="perfxl", help=say("显示版本。", "Show the version."))
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), expose_value=False, help=say("界面语言，默认中文。", "Language of the terminal; Chinese by default.")
)
def cli() -> None:
    """Call a command; the language option was read before."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and say its exit code.

    0 done, 1 errors found, 2 wrong use or nothing done, 130 interrupted, 143 and 129 ended by TERM or HUP.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with _stopping_cleanly() as stopped:
        return _run(arguments, stopped)


def _run(arguments: Sequence[str], stopped: Sequence[int]) -> int:
    try:
        arguments = understood(_without_language(arguments), COMMANDS)
        code = cli.main(args=arguments, prog_name="perfxl", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except click.UsageError as error:
        _complain(f"{_worded(error)}\n{say('看用法：', 'See: ')}{error.ctx.command_path if error.ctx else 'perfxl'} --help")
        return FAILED
    except click.ClickException as error:
        _complain(error.format_message())
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        show(say("已中断。", "Interrupted."), err=True)
        return 128 + stopped[0] if stopped else INTERRUPTED
    except PerfxlError as error:
        _complain(error.message(LANG))
        return FAILED
    except SystemExit:
        return DONE  # click ends so where the reader of its help (`| head`) has gone
    except OSError as error:
        _to_nobody(sys.stdout)  # what it still holds would fail again
        _complain(
            say(
                f"读写失败：{reason_of(error)}。请检查磁盘、网络和输出的去处后重试。",
                f"Reading or writing failed: {error.strerror}. Check the disk, the network and where the output goes.",
            )
        )
        return FAILED
    return int(code or DONE)


@contextmanager
def _stopping_cleanly() -> Iterator[list[int]]:
    """End on Ctrl-C, on TERM and on a closed terminal alike: once, with time to tidy up. The signal goes into the list.

    A signal that the caller lets be ignored (nohup) stays so, and one this process handles otherwise is left alone.
    """
    import signal

    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if not received:
            received.append(number)
            raise KeyboardInterrupt

    before = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            with suppress(ValueError):  # not the main thread
                before[number] = signal.signal(number, stop)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text; where its reader (`| head`) has gone, nobody is told any more, and the run goes on to its own end."""
    try:
        click.echo(text, err=err, nl=nl)
    except BrokenPipeError:
        _to_nobody(sys.stderr if err else sys.stdout)


def on_terminal(*, err: bool = True) -> bool:
    """Whether a person reads standard error, or standard output, on a terminal; closed, it is None."""
    stream: TextIO | None = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty()


def _to_nobody(stream: TextIO | None) -> None:
    """Let what is written to a stream from now on go nowhere."""
    with suppress(OSError, AttributeError):
        number = stream.fileno()  # type: ignore[union-attr]  # None where it was closed from the start
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, number)
        os.close(nobody)


def _complain(text: str) -> None:
    """A last word on standard error; what could drive the terminal is shown as escapes."""
    from perfxl.output import printable

    show("\n".join(printable(line) for line in text.split("\n")), err=True)


def _without_language(arguments: Sequence[str]) -> list[str]:
    """`--lang` is welcome anywhere on the line."""
    kept: list[str] = []
    skip = False
    for i, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument == "--":
            return [*kept, *arguments[i:]]
        elif argument == "--lang" and i + 1 < len(arguments) and arguments[i + 1] in ("zh", "en"):
            skip = True
        elif argument not in ("--lang=zh", "--lang=en"):
            kept.append(argument)
    return kept


def _worded(error: click.UsageError) -> str:
    """A usage error in the reader's language."""
    if LANG == "en":
        return error.format_message()
    if isinstance(error, click.NoSuchOption):
        hint = f"是不是要用 {'、'.join(error.possibilities)}？" if error.possibilities else ""
        return f"没有选项 {error.option_name}。{hint}"
    if isinstance(error, click.MissingParameter):
        wanted = error.param.make_metavar(error.ctx) if error.param and error.ctx else error.param_hint or ""
        if isinstance(error.param, click.Option):
            return f"缺少选项 {error.param.opts[0]} {wanted}。"
        return f"缺少参数 {wanted}。"
    if isinstance(error, click.BadParameter):
        return f"参数 {error.param.opts[-1] if error.param else error.param_hint} 的值不对：{_said(error.message)}"
    if "No such command" in error.message:
        name, *near = re.findall(r"'([^']*)'", error.format_message())
        return f"没有命令“{name}”，也没有这个名称的文件。" + (f"是不是要用 {'、'.join(near)}？" if near else "")
    if "unexpected extra argument" in error.message:
        return f"多余的参数：{error.message.partition('(')[2].rstrip(')')}。"
    return _said(error.format_message())


_CLICK_SAYS = (
    (r"'(.*)' is not a valid integer(?: range)?\.", r"“\1”不是整数。"),
    (r"(\S+) is not in the range (.*)\.", r"\1不在范围内（\2）。"),
    (r"'(.*)' is not one of (.*)\.", r"“\1”不是可选的值（\2）。"),
    (r"'(.*)' does not match the formats? '%Y-%m-%d'\.", r"“\1”要写成 2021-03-31 这样的日期。"),
    (r"Option '(.*)' requires (\d+) arguments\.", r"选项 \1 要给\2个值。"),
    (r"Option '(.*)' requires an argument\.", r"选项 \1 要给一个值。"),
    (r"Option '(.*)' does not take a value\.", r"选项 \1 不带值。"),
)
"""What click says only in English, and the same in Chinese."""


def _said(message: str) -> str:
    for pattern, words in _CLICK_SAYS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return found.expand(words)
    return message
