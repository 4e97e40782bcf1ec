"""consolidate and history: what the finance office uses."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfxl.cli import DONE, FAILED, FOUND_ERRORS, cli, on_terminal, show
from perfxl.cli.intake_commands import EXISTING, FORCE, JSON, LIMIT, TODAY, print_json, tell, tell_of_a_bug
from perfxl.cli.language import LANG, say
from perfxl.cli.terminal import bar
from perfxl.model import FileFate
from perfxl.model.digits import plain

if TYPE_CHECKING:
    from perfxl.consolidation.ledger import HistoryEntry
    from perfxl.intake.guard import Limits
    from perfxl.jobs.consolidate import RunResult


@cli.command(
    help=say(
        "把一个文件夹里各单位的填报表评分、汇总成一个工作簿；每个文件都有交代。\n\n示例：perfxl consolidate 收件箱 -o 汇总.xlsx",
        "Score a folder of intakes and put them side by side in one workbook; every file is accounted for.\n\n"
        "Example: perfxl consolidate inbox -o summary.xlsx",
    )
)
@click.argument("paths", nargs=-1, required=True, type=EXISTING, metavar="DIR|FILE...")
@click.option("-o", "--output", type=EXISTING, required=True, metavar="OUT.xlsx", help=say("汇总工作簿。", "The consolidated workbook."))
@click.option(
    "--year", type=click.IntRange(1990, 2100), metavar="YEAR", help=say("预算年度；默认为多数表的年度。", "Fiscal year; by default that of most.")
)
@click.option(
    "--scheme",
    "schemes",
    multiple=True,
    metavar="ID|FILE.toml",
    help=say("评分方案，一次一个；默认按各表所选。", "Rule pack, one a run; by default each workbook's own."),
)
@click.option("--roster", type=EXISTING, metavar="ROSTER.xlsx", help=say("应报单位名单。", "Roster of the units expected."))
@click.option(
    "--decisions",
    type=EXISTING,
    metavar="FILE.xlsx",
    help=say("填好的“待裁定”（可以就是上次的汇总工作簿）。", "The sheet 待裁定, filled in (may be the last consolidated workbook)."),
)
@click.option(
    "--review",
    type=EXISTING,
    metavar="DIR|FILE",
    help=say("填好的复核表（文件夹或一个文件）；读入后记在台账里。", "Review sheets, filled in (a folder or one file); kept in the ledger."),
)
@click.option(
    "--review-sheets",
    type=EXISTING,
    metavar="DIR",
    help=say("为每个主管部门写一个复核表；可以和 --review 是同一个文件夹。", "Write a review sheet per 主管部门; may be the folder of --review."),
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help=say("读取进程数（1到256）；默认为处理器个数。", "Worker processes (1 to 256); by default one per processor."),
)
@click.option(
    "--reader",
    type=click.Choice(["auto", "openpyxl", "calamine"]),
    default="auto",
    show_default=True,
    help=say(
        "读取引擎；结果相同，auto 最快，其余供核对（calamine 需安装 perfxl[fast]）。",
        "Engine; equal results: auto is fastest, the others check it (calamine needs perfxl[fast]).",
    ),
)
@click.option(
    "--letters",
    type=EXISTING,
    metavar="DIR",
    help=say("为每个需要退回的单位写一份通知。", "Write a letter for every unit that must correct something."),
)
@TODAY
@click.option("--deadline", metavar="DATE", default="", help=say("报送或修改期限，写进通知和汇总。", "Deadline, printed in letters and workbook."))
@click.option(
    "--missing",
    type=click.Choice(["provisional", "zero", "exclude"]),
    default="provisional",
    show_default=True,
    help=say("未报内容怎样收口：暂定、计零、不参加排名。", "How open items are closed: provisional, zero, exclude."),
)
@click.option(
    "--ledger",
    type=EXISTING,
    metavar="FILE",
    help=say("台账；默认为 OUT.ledger.sqlite，可多年共用。", "Ledger; OUT.ledger.sqlite by default, may serve several years."),
)
@click.option("--no-ledger", is_flag=True, help=say("不记台账。", "Keep no ledger."))
@click.option(
    "--parquet",
    type=EXISTING,
    metavar="DIR",
    help=say("另存各表为 Parquet（需安装 perfxl[parquet]）。", "Write the tables as Parquet too (needs perfxl[parquet])."),
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    default="",
    help=say("在 Dask 集群上运行，如 tcp://10.0.0.5:8786（需安装 perfxl[cluster]）。", "Run on a Dask cluster (needs perfxl[cluster])."),
)
@LIMIT
@JSON
@click.option(
    "--strict", is_flag=True, help=say("有必须改正的问题或读不出的文件时，退出码为1。", "Exit 1 on an error-level issue or a rejected file.")
)
@FORCE
def consolidate(
    paths: tuple[Path, ...],
    output: Path,
    year: int | None,
    schemes: tuple[str, ...],
    roster: Path | None,
    decisions: Path | None,
    review: Path | None,
    review_sheets: Path | None,
    workers: int | None,
    reader: Any,  # click's choice
    letters: Path | None,
    deadline: str,
    today: datetime | None,
    missing: str,
    ledger: Path | None,
    parquet: Path | None,
    cluster: str,
    limits: Limits,
    *,
    no_ledger: bool,
    as_json: bool,
    strict: bool,
    force: bool,
) -> int:
    """Consolidate workbooks."""
    for name, value in (("OPENBLAS_NUM_THREADS", "1"), ("MALLOC_ARENA_MAX", "1")):
        os.environ.setdefault(name, value)  # threads of a worker would count as its memory
    from perfxl.consolidation.engine import ConsolidateOptions
    from perfxl.consolidation.records import Missing
    from perfxl.consolidation.submissions import day_of
    from perfxl.jobs.consolidate import Products, run

    if output.suffix.lower() != ".xlsx":
        raise click.BadParameter(say("要以 .xlsx 结尾。", "must end in .xlsx."), param_hint="-o")
    if deadline and not day_of(deadline):
        raise click.BadParameter(say("要写成日期，例如 2021-04-30。", "must be a date, such as 2021-04-30."), param_hint="--deadline")
    if ledger is not None and no_ledger:
        raise click.UsageError(say("--ledger 和 --no-ledger 只能用一个。", "Use --ledger or --no-ledger, not both."))
    if len(schemes) > 1:
        raise click.UsageError(
            say(
                "一次汇总只能用一个评分方案：请每个方案各汇总一次，记进同一个台账（--ledger），再用 compare --schemes 比较。",
                "One rule pack a run: consolidate once with each into one ledger (--ledger), then compare --schemes.",
            )
        )
    kept = None if no_ledger else ledger or output.with_suffix(".ledger.sqlite")
    options = ConsolidateOptions(
        scheme=schemes[0] if schemes else None,
        roster=roster,
        year=year or 0,
        decisions=decisions,
        review=review,
        deadline=deadline,
        missing=Missing(missing),
        reader=reader,
        workers=workers or os.cpu_count() or 1,
        cluster=cluster,
        limits=limits,
        today=(today or datetime.now()).date(),  # noqa: DTZ005  # the office's day
    )
    bars = [Progress(say("读取", "reading")), Progress(say("写表", "writing"))] if on_terminal() else [None, None]
    try:
        outcome = run(paths, Products(output, kept, letters, parquet, review_sheets, force=force), options, *bars)
    except KeyboardInterrupt:
        if kept is not None:
            tell(say(f"\n已读的部分记在 {kept}，再次运行从这里继续。", f"\nWhat was read is kept in {kept}; run again to go on from there."))
        raise
    finally:
        for bar in filter(None, bars):
            bar.end()
    _tell(outcome, output)
    if as_json:
        print_json(outcome.document)
    only_one = len(paths) == 1 and paths[0].is_file() and outcome.document["rejected"]
    if not outcome.document["found"] or only_one:
        return FAILED
    if outcome.failed or outcome.traces:
        return FOUND_ERRORS
    errors = outcome.document["rejected"] or any(unit["errors"] for unit in outcome.document["units"])
    return FOUND_ERRORS if strict and errors else DONE


_ROSTER_DEFECTS = (
    "roster-unit-twice", "roster-code-zeros", "roster-code-number", "roster-total-row", "roster-due-unknown", "roster-project-unnamed",
    "unit-name-missing", "roster-sheet-unread",
)  # fmt: skip
"""What is said first: as long as it stands, the counts of what is due are wrong."""


def _tell(outcome: RunResult, output: Path) -> None:
    """What an office wants to know first: how many, what did not come in, and why."""
    from perfxl.catalogue import entry
    from perfxl.model.columns import GRADES

    d = outcome.document
    if outcome.rebuilt:
        tell(say("台账是另一版本的 perfxl 写的，已重新读取全部文件。", "The ledger was another perfxl's; all files were read again."))
    defects = {code: d["roster_issues"][code] for code in _ROSTER_DEFECTS if code in d["roster_issues"]}
    if defects:
        said = "，".join(f"{entry(code).kind}（{n}处）" for code, n in defects.items())
        tell(say(f"应报单位名单先要改正：{said}（见问题清单）。", f"Correct the roster first: {said} (see 问题清单)."))
    tell(
        say(
            f"共{d['found']}个文件：采用{d['accepted']}，未采用{d['rejected']}（其中待裁定{d['undecided']}），已被替代{d['superseded']}，不计{d['ignored']}。",
            f"{d['found']} files: {d['accepted']} accepted, {d['rejected']} rejected ({d['undecided']} undecided), "
            f"{d['superseded']} superseded, {d['ignored']} ignored.",
        )
    )
    if waiting := d["open_questions"]:
        tell(say(f"待裁定{waiting}项，见“待裁定”表。", f"{waiting} questions for the office, see 待裁定."))
    refused, unused = (d["issues"].get(code, 0) for code in ("decision-invalid", "decision-unused"))
    if refused or unused:
        tell(
            say(
                f"裁定有{refused}行填得不能用，{unused}行没有对应的文件或问题，见“待裁定”和“问题清单”。",
                f"Of the decisions {refused} rows cannot be applied and {unused} fit nothing any more; see 待裁定 and 问题清单.",
            )
        )
    confirm = sum(row["state"] == "待确认" for row in d["due"])
    if confirm:
        tell(say(f"待确认{confirm}项（不催报），见“报送情况”。", f"{confirm} items to confirm (no reminder), see 报送情况."))
    wrong = sum(d["issues"].get(code, 0) for code in ("review-invalid", "review-conflict", "review-unread"))
    waiting = sum(d["issues"].get(code, 0) for code in ("review-stale", "review-lost"))
    if wrong or waiting:
        tell(
            say(
                f"复核有{wrong}处没有计入（填写有误或冲突），{waiting}处待确认或未归位，见“问题清单”。",
                f"{wrong} reviews do not count (invalid or in conflict), {waiting} wait for a word or have lost their row; see 问题清单.",
            )
        )
    rejected = [file for file in d["files"] if file["fate"] == "rejected"]
    for file in rejected[:10]:
        tell(f"  {file['file']}：{file['message']}  [{file['code']}]")
    if len(rejected) > 10:
        tell(say(f"  还有{len(rejected) - 10}个，见文件清单。", f"  and {len(rejected) - 10} more, see 文件清单."))
    provisional = sum(unit["final"]["provisional"] for unit in d["units"])
    final = Counter(unit["final"]["grade"] for unit in d["units"] if not unit["final"]["provisional"])
    if d["units"]:
        shown = "，".join(f"{grade}{final[grade]}" for grade in (*GRADES, *sorted(set(final) - {*GRADES})) if final[grade])
        tell(
            say(
                f"{len(d['units'])}份评分：{shown or '没有定等'}，暂定{provisional}。",
                f"{len(d['units'])} scored: {shown or 'no grades'}, {provisional} provisional.",
            )
        )
    _tell_reviews(d["reviews"])
    _tell_written(outcome, output)


def _tell_reviews(reviews: list[dict[str, Any]]) -> None:
    """How many reviews count, and that others do not."""
    if not reviews:
        return
    states = Counter(review["state"] for review in reviews)
    aside = len(reviews) - states["counts"]
    tell(
        say(
            f"复核{len(reviews)}条：计入{states['counts']}" + (f"，没有计入{aside}，原因见“复核明细”。" if aside else "。"),
            f"{len(reviews)} reviewed rows: {states['counts']} count" + (f", {aside} do not, see 复核明细." if aside else "."),
        )
    )


def _tell_written(outcome: RunResult, output: Path) -> None:
    """What went wrong on the way, and where the results are."""
    from perfxl.output import OutputError

    for shown_path, trace in outcome.traces:
        tell_of_a_bug(shown_path, trace)
    for note in outcome.notes:
        tell(note)
    if not outcome.document["found"]:
        tell(say("没有找到文件，什么也没有写。", "No file was found; nothing was written."))
        return
    for name, reason in outcome.failed[:10]:
        tell(OutputError("output-letter-failed", file=name, reason=reason).message(LANG))
    if len(outcome.failed) > 10:
        tell(say(f"  还有{len(outcome.failed) - 10}份没有写成。", f"  and {len(outcome.failed) - 10} more were not written."))
    for kept, new in outcome.kept[:10]:
        tell(
            say(
                f"{kept} 有人改过，没有动它；新的结果在 {new.name}。", f"{kept} was changed by somebody and left alone; the new result is {new.name}."
            )
        )
        output = new if kept == output else output
    if len(outcome.kept) > 10:
        tell(say(f"  还有{len(outcome.kept) - 10}份也是这样。", f"  and {len(outcome.kept) - 10} more like it."))
    tell(
        say(f"没有变化，仍是 {output}", f"Nothing has changed: {output}")
        if outcome.unchanged
        else say(f"汇总：{output}", f"Consolidated workbook: {output}")
    )


class Progress:
    """A line on a terminal: what is done, how many files, rate, time that remains."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = 0.0
        self._shown = 0.0
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """Draw the line, at most ten times a second."""
        now = time.monotonic()
        if self._first is None:
            self._first, self._began = done, now
        if now - self._shown < 0.1 and done < total:
            return
        self._shown = now
        rate = (done - self._first) / max(now - self._began, 0.001)
        left = f"{int((total - done) / rate) // 60}:{int((total - done) / rate) % 60:02}" if rate else "–"
        share = done / total if total else 1.0
        show(
            say(
                f"\r{self._what} {bar(share)} {done}/{total}，每秒{rate:.0f}份，剩余{left}  ",
                f"\r{self._what} {bar(share)} {done}/{total}, {rate:.0f}/s, {left} left  ",
            ),
            nl=False,
            err=True,
        )

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            show("", err=True)


@cli.command(
    help=say(
        "从台账里查一个单位历年、历次的报送和得分；UNIT 为单位名称（可写一部分）或编码。\n\n"
        "示例：perfxl history 萍乡市图书馆 --ledger 汇总.ledger.sqlite",
        "Show a unit's submissions and scores over the years; UNIT is its name (or part of it) or code.\n\n"
        "Example: perfxl history 萍乡市图书馆 --ledger summary.ledger.sqlite",
    )
)
@click.argument("unit")
@click.option("--ledger", type=EXISTING, required=True, metavar="FILE", help=say("台账文件。", "The ledger."))
@JSON
def history(unit: str, ledger: Path, *, as_json: bool) -> int:
    """Look up a unit."""
    from dataclasses import asdict

    from perfxl.cli.terminal import pad
    from perfxl.consolidation.ledger import Ledger, not_there

    if not ledger.exists():
        raise not_there(ledger)
    with Ledger(ledger, history_only=True) as book:
        entries = book.history(unit)
        notes = book.notes
    for note in notes:
        tell(note)
    if as_json:
        print_json([asdict(entry) for entry in entries])
    if not entries:
        tell(
            say(
                f"台账里没有“{unit}”。请写单位名称的一部分，或预算单位编码；也请看看是不是这本台账。",
                f"The ledger does not know “{unit}”. Give a part of the name or the code, or another ledger.",
            )
        )
        return FAILED
    if not as_json:
        for entry in entries:
            show(" ".join(pad(text, width) for text, width in zip(_line(entry), (28, 6, 10, 6, 12, 16, 14, 11, 12, 0), strict=True)).rstrip())
    return DONE


_FATES = {**{str(fate): (fate.zh, fate.en) for fate in FileFate}, "undecided": ("重复待定", "undecided")}


def _line(entry: HistoryEntry) -> tuple[str, ...]:
    """One submission in columns."""
    if entry.total is None:
        score = ""
    elif entry.provisional:
        low, high = plain(entry.low or 0), plain(entry.high or 0)
        score = say(f"暂定{low}～{high}", f"{low}–{high}")
    else:
        score = f"{plain(entry.total)} {entry.grade or ''}"
    if entry.final_total is not None and entry.final_total != entry.total:
        final = f"{plain(entry.final_total)} {entry.final_grade}" if entry.final_grade else say(f"暂定{plain(entry.final_total)}", "open")
        score = say(f"最终{final}（测算{score.rstrip()}）", f"final {final} (computed {score.rstrip()})")
    name = entry.unit_name or entry.name or entry.code
    return (
        f"{name}（曾用名：{entry.former_name}）" if entry.former_name else name,
        str(entry.year or ""),
        entry.project or entry.evaluation,
        say(f"第{entry.submission_count}次", f"no. {entry.submission_count}"),
        entry.filled_on,
        score,
        entry.scheme_title or entry.scheme,
        entry.recorded[:10],
        say(*_FATES.get(entry.fate, (entry.fate, entry.fate))),
        entry.source,
    )
