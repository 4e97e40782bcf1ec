"""compare: two years, or two rule packs, out of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from perfxl.cli import DONE, cli, on_terminal
from perfxl.cli.intake_commands import EXISTING, FORCE, tell
from perfxl.cli.language import say
from perfxl.cli.office_commands import Progress

if TYPE_CHECKING:
    from pathlib import Path


@cli.command(
    help=say(
        "从台账里比两个年度（每年取最后一次汇总），或把最后一次汇总的表按两个方案各评一遍，写成一个工作簿：谁变了，变在哪个指标、哪一条。\n\n"
        "示例：perfxl compare 汇总.ledger.sqlite --years 2020 2021 -o 两年对比.xlsx",
        "Compare two years of a ledger (the last run of each), or score the last run's submissions under two rule packs: "
        "what moved, and by which indicator or clause.\n\n"
        "Example: perfxl compare summary.ledger.sqlite --years 2020 2021 -o years.xlsx",
    )
)
@click.argument("ledger", type=EXISTING, metavar="LEDGER")
@click.option(
    "--years",
    nargs=2,
    type=click.IntRange(1990, 2100),
    metavar="Y1 Y2",
    help=say("比两个预算年度，先后不论；每年取最后一次汇总。", "Two fiscal years, in any order; the last run of each."),
)
@click.option(
    "--schemes",
    nargs=2,
    metavar="A B",
    help=say(
        "把最后一次汇总采用的表按两个方案各评一遍；分值逐块按比例折算到各方案。",
        "Score the last run's accepted submissions under two rule packs; points are scaled block by block to each.",
    ),
)
@click.option("-o", "--output", type=EXISTING, required=True, metavar="FILE.xlsx", help=say("对比工作簿。", "The workbook of the comparison."))
@FORCE
def compare(ledger: Path, years: tuple[int, int] | None, schemes: tuple[str, str] | None, output: Path, *, force: bool) -> int:
    """Compare years or rule packs."""
    from perfxl.jobs.compare import compare as run_comparison

    if (years is None) == (schemes is None):
        raise click.UsageError(say("--years 和 --schemes 要给一个，也只能给一个。", "Give --years or --schemes, and not both."))
    if output.suffix.lower() != ".xlsx":
        raise click.BadParameter(say("要以 .xlsx 结尾。", "must end in .xlsx."), param_hint="-o")
    if years is not None and years[0] == years[1]:
        raise click.BadParameter(say("两个年度要不同。", "must be two different years."), param_hint="--years")
    bar = Progress(say("评分", "scoring")) if schemes is not None and on_terminal() else None
    try:
        done = run_comparison(ledger, output, years=years, schemes=schemes, force=force, progress=bar)
    finally:
        if bar is not None:
            bar.end()
    found = done.comparison
    for note in found.notes:
        tell(note)
    alone = int((found.lone["what"] != "指标").sum())
    tell(
        say(
            f"{found.sides[0].title} 与 {found.sides[1].title}：可比{len(found.units)}项，指标{len(found.rows)}行，没有配对的单位和项目{alone}项。",
            f"{found.sides[0].title} against {found.sides[1].title}: {len(found.units)} items, {len(found.rows)} indicators, "
            f"{alone} units and projects on one side alone.",
        )
    )
    if done.output != output:
        tell(say(f"{output} 刚才被别人改动，没有动它。", f"{output} was changed meanwhile and left alone."))
    tell(say(f"对比：{done.output}", f"Comparison: {done.output}"))
    return DONE
