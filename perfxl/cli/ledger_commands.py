"""ledger export, ledger import: what a ledger keeps as one workbook, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfxl.cli import DONE, FOUND_ERRORS, cli
from perfxl.cli.intake_commands import EXISTING, FORCE, tell
from perfxl.cli.language import say

if TYPE_CHECKING:
    from perfxl.jobs.ledgers import Imported

SHOWN = 20
"""Cells that are named one by one."""


@cli.group(
    help=say(
        "台账的导出和导入：历次报送、各次汇总、裁定、回复办理和复核，一个 .xlsx 带走，再读进别的台账。\n\n"
        "示例：perfxl ledger export 汇总.ledger.sqlite -o 台账.xlsx",
        "A ledger as one workbook, and back.\n\nExample: perfxl ledger export summary.ledger.sqlite -o ledger.xlsx",
    )
)
def ledger() -> None:
    """Collect what is done with a ledger as a whole."""


@ledger.command(
    "export",
    help=say(
        "把台账里不能重新得到的内容（读取缓存除外）导出成一个 .xlsx，台账不变。\n\n示例：perfxl ledger export 汇总.ledger.sqlite -o 台账.xlsx",
        "Write all that a ledger keeps (its cache excepted) as one .xlsx.\n\nExample: perfxl ledger export summary.ledger.sqlite -o ledger.xlsx",
    ),
)
@click.argument("book", type=EXISTING, metavar="LEDGER")
@click.option("-o", "--output", type=EXISTING, metavar="FILE.xlsx", help=say("默认在台账旁边：名称_台账.xlsx。", "Beside the ledger by default."))
@FORCE
def ledger_export(book: Path, output: Path | None, *, force: bool) -> int:
    """Export."""
    from perfxl.jobs.ledgers import export_ledger

    exported = export_ledger(book, output, force=force)
    for note in exported.notes:
        tell(note)
    rows = "、".join(f"{title}{count}行" for title, count in exported.rows.items())
    tell(say(f"已导出 {exported.path}：{rows}", f"Wrote {exported.path}: {rows}"))
    return DONE


@ledger.command(
    "import",
    help=say(
        "把导出的 .xlsx 并进一个台账（没有就新建）：只增加，不删除；同一条以记录时间晚的为准。\n\n"
        "示例：perfxl ledger import 台账.xlsx --ledger 新台账.sqlite",
        "Put an exported .xlsx into a ledger, a new one or another: nothing is taken away, of two rows for one key the later counts.\n\n"
        "Example: perfxl ledger import ledger.xlsx --ledger new.sqlite",
    ),
)
@click.argument("file", type=EXISTING, metavar="FILE.xlsx")
@click.option("--ledger", "book", type=EXISTING, required=True, metavar="LEDGER", help=say("并进哪个台账。", "The ledger to put it into."))
def ledger_import(file: Path, book: Path) -> int:
    """Import; 1 where a cell could not be taken."""
    from perfxl.jobs.ledgers import import_ledger

    done = import_ledger(file, book)
    _tell(done)
    tell(say(f"已并入 {book}", f"Put into {book}"))
    return FOUND_ERRORS if done.wrong else DONE


def _tell(done: Imported) -> None:
    for note in done.notes:
        tell(note)
    for title, joined in done.joined.items():
        tell(
            say(
                f"{title}：新增{joined.new}，更新{joined.replaced}，相同{joined.same}，与台账不同而不更晚、保留台账的{len(joined.kept)}。",
                f"{title}: {joined.new} new, {joined.replaced} replaced, {joined.same} the same, {len(joined.kept)} differ and are no later.",
            )
        )
        for about in joined.kept[:SHOWN]:
            tell(f"  {about}")
        if len(joined.kept) > SHOWN:
            tell(say(f"  还有{len(joined.kept) - SHOWN}行。", f"  and {len(joined.kept) - SHOWN} more."))
    for wrong in done.wrong[:SHOWN]:
        tell(f"  {wrong.sheet}{' ' if wrong.cell else ''}{wrong.cell}：{wrong.why}")
    if len(done.wrong) > SHOWN:
        tell(say(f"  还有{len(done.wrong) - SHOWN}处。", f"  and {len(done.wrong) - SHOWN} more."))
    if done.wrong:
        tell(say(f"有{len(done.wrong)}处没有读，所在的行没有并入。", f"{len(done.wrong)} places were not read; their rows are left out."))
