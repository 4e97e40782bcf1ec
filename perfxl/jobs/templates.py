"""The job behind `perfxl template`: a blank intake, last year's carried over, or one prefilled per unit of a roster."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.catalogue import fix, message
from perfxl.consolidation.ledger import is_ledger
from perfxl.consolidation.roster import PROJECT, WRONG_CODES, read_roster
from perfxl.intake.discover import find_files
from perfxl.intake.reading import Refused, only, read_file
from perfxl.jobs.last_year import of_folder, of_ledger
from perfxl.model import Issue, PerfxlError
from perfxl.output import OutputPlan, safe_name
from perfxl.rules.frames import records
from perfxl.schemes import DEFAULT_SCHEME, load_scheme
from perfxl.workbook.prefill import Prefill, prefill_from
from perfxl.workbook.template import template_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from perfxl.consolidation.roster import Roster
    from perfxl.intake.submission import Submission
    from perfxl.jobs.last_year import Note
    from perfxl.schemes import Scheme

NAME = "绩效自评填报表"
FROM_ROSTER = ("name", "code", "authority", "region", "project", "project_code")
"""What a roster knows of a unit and the intake asks for; amounts stay the unit's own to fill in."""


@dataclass(slots=True)
class Handouts:
    """The intakes written, and what is said about last year's rows in them."""

    paths: list[Path]
    notes: list[Note] = field(default_factory=list)


def write_templates(
    output: Path | None, *, scheme: str | None, roster: Path | None, last_year: Path | None, force: bool = False, workers: int = 0
) -> Handouts:
    """Write blank or prefilled intakes.

    Without a roster one file: `output`, or `绩效自评填报表_<方案>.xlsx` in the folder `output` (the current one by default).
    With a roster one file per row, named after unit and project, in the folder `output` (`绩效自评填报表` by default). `last_year` is
    last year's workbook, whose rows everybody gets, or a folder of workbooks or a ledger, where each unit gets its own: what
    counted for its item, its unit found as `consolidate` finds it. Without a roster a folder and a ledger give one file for
    every item that counted.

    Raises:
        PerfxlError: an unreadable scheme, roster or workbook of last year, or a file that would be overwritten without
            `force`. Nothing is written then.
    """
    loaded = load_scheme(scheme or DEFAULT_SCHEME)
    each = last_year is not None and (last_year.is_dir() or (last_year.is_file() and is_ledger(last_year)))
    notes: list[Note] = []
    if roster is not None or each:
        folder = _folder(output)
        listed = _roster(roster, force=force) if roster is not None else None
        if last_year is not None and each:
            wanted, notes = _own(folder, loaded, listed, roster, last_year, workers)
        else:
            wanted = _for_units(folder, loaded, _rows(listed), _lent(last_year))
    else:
        wanted = _for_one(output, loaded, last_year)
    read = [path for path in (roster, last_year) if path is not None]
    plan = OutputPlan([found.path for found in find_files(read)], force=force)
    if last_year is not None and last_year.is_dir():
        OutputPlan(folders=[last_year]).folder(_folder(output))
    changed = {path: content for path, content in wanted.items() if not _stands(path, content)}
    for path in changed:
        plan.replace(path, "template")
    for path, content in changed.items():
        plan.write(path, content)
    return Handouts([plan.went(path) for path in wanted], notes)


def _stands(path: Path, content: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content


def _for_one(output: Path | None, scheme: Scheme, last_year: Path | None) -> dict[Path, bytes]:
    prefill = prefill_from(_read(last_year)) if last_year is not None else Prefill()
    name = f"{NAME}_{safe_name(scheme.title)}.xlsx"
    path = Path(name) if output is None else output / name if output.is_dir() or not output.suffix else output
    if path.suffix.lower() != ".xlsx":
        raise PerfxlError(
            f"“{path.name}”：填报表只能写成 .xlsx，请换一个名称。", en=f"{path.name}: an intake is written as .xlsx; choose another name."
        )
    return {path: template_bytes(scheme, _under(prefill, scheme))}


def _folder(output: Path | None) -> Path:
    folder = output if output is not None else Path(NAME)
    if folder.suffix.lower() == ".xlsx" or folder.is_file():
        raise PerfxlError(
            f"“{folder}”：每个单位一份时，-o 应是一个文件夹，请换一个名称。", en=f"{folder}: with an intake for each unit, -o names a folder."
        )
    return folder


def _roster(path: Path, *, force: bool) -> Roster:
    read = read_roster(path)
    wrong = [issue for issue in read.issues if issue.code in WRONG_CODES]
    if wrong and not force:
        cells = "、".join(f"{issue.cell}“{issue.value}”" for issue in wrong[:10])
        raise PerfxlError(
            f"应报单位名单“{path.name}”里有{len(wrong)}个编码看来不对（{cells}{'……' if len(wrong) > 10 else ''}），没有写填报表："
            f"{message(wrong[0])}{fix(wrong[0])}确实无误的，加 --force。",
            en=f"{len(wrong)} codes of the roster {path.name} look wrong ({cells}); nothing was written. "
            f"{message(wrong[0], 'en')} {fix(wrong[0], 'en')} If they are right, use --force.",
        )
    if read.frame.empty:
        raise PerfxlError(
            f"应报单位名单“{path.name}”里没有单位。请在列名下面逐行填写。", en=f"The roster {path.name} lists no unit. Fill in one a row."
        )
    return read


def _rows(roster: Roster | None) -> list[Mapping[str, object]]:
    return list(records(roster.frame)) if roster is not None else []


def _own(
    folder: Path, scheme: Scheme, listed: Roster | None, roster: Path | None, last_year: Path, workers: int
) -> tuple[dict[Path, bytes], list[Note]]:
    """For each unit what it sent last year itself; without a roster for every item that counted."""
    opened = of_folder(last_year, roster, workers) if last_year.is_dir() else of_ledger(last_year, listed)
    with opened as before:
        units = before.units()
        if not units:
            raise PerfxlError(
                f"“{last_year}”里没有采用过的填报，没有可以带入的内容。请核对路径，或不带 --from、用 --roster 按名单生成。",
                en=f"{last_year} holds no submission that counted. Check the path, or use --roster without --from.",
            )
        if listed is not None:
            rows, found = _rows(listed), before.of_rows()
            bare: set[int] = set()

            def carried(at: int) -> Prefill:
                prefill = before.prefill(found.get(at))
                if at in found and not prefill.indicators:
                    bare.add(at)
                return prefill

            return _for_units(folder, scheme, rows, carried), before.said(rows, bare)
        rows = [
            {**_NO_ROW, **{name: getattr(sent, name) for name in _SAID}, "due": sent.evaluation, "sheet_row": at} for at, sent in enumerate(units)
        ]
        return _for_units(folder, scheme, rows, lambda at: before.prefill(units[at])), [before.source, *before.notes]


_SAID = ("name", "code", "project", "project_code")
_NO_ROW: Mapping[str, object] = dict.fromkeys((*FROM_ROSTER, "due"), "")


def _for_units(folder: Path, scheme: Scheme, rows: Sequence[Mapping[str, object]], carried: Callable[[int], Prefill]) -> dict[Path, bytes]:
    wanted: dict[Path, bytes] = {}
    taken: set[str] = set()
    for at, unit in enumerate(rows):
        known = {name: str(unit[name]) for name in FROM_ROSTER if unit[name]} | ({"evaluation": str(unit["due"])} if unit["due"] else {})
        prefill = carried(at)
        prefill = replace(prefill, unit={**prefill.unit, **known})
        wanted[folder / _file_name(unit, taken)] = template_bytes(scheme, _under(prefill, scheme))
    return wanted


def _lent(path: Path | None) -> Callable[[int], Prefill]:
    """One workbook for many units lends its rows and its year, not its name, staff or officials."""
    given = prefill_from(_read(path)) if path is not None else Prefill()
    if path is not None and not given.indicators:
        raise PerfxlError(
            f"“{path.name}”里没有可以带给各单位的指标。请核对文件，或不带 --from。",
            en=f"{path.name} holds no indicator to lend to the units. Check the file, or leave out --from.",
        )
    lent = replace(given, unit={k: v for k, v in given.unit.items() if k in ("fiscal_year", "evaluation", "money_unit")})
    return lambda _: lent


def _under(prefill: Prefill, scheme: Scheme) -> Prefill:
    return replace(prefill, unit={**prefill.unit, "scheme": scheme.title})


def _file_name(unit: Mapping[str, object], taken: set[str]) -> str:
    """The unit's name, for a project with its name behind it; its code where another intake has the same name."""
    project = str(unit["project"] or unit["project_code"]) if unit["due"] == PROJECT else ""
    name = safe_name("_".join(part for part in (str(unit["name"]), project) if part), characters=60)
    if name.casefold() in taken:
        name = safe_name(f"{name}_{unit['project_code'] or unit['code'] or unit['sheet_row']}", characters=60)
    taken.add(name.casefold())
    return f"{name}.xlsx"


def _read(path: Path) -> Submission:
    read = only(read_file(path), path.name)
    if isinstance(read, Refused):
        issue = Issue(0, read.code, details=read.details)
        raise PerfxlError(
            f"上年的填报表“{path.name}”：{message(issue)}{fix(issue)}",
            en=f"Last year's intake {path.name}: {message(issue, 'en')} {fix(issue, 'en')}",
        )
    carried = prefill_from(read)
    if not carried.indicators and (read.form is not None or "name" not in carried.unit):
        raise PerfxlError(
            f"“{path.name}”里没有可以带入填报模板的内容（没有单位和指标）。请核对文件，或不带 --from 生成空白模板。",
            en=f"{path.name} holds nothing to carry into a template (no unit, no indicator). Check the file, or leave out --from.",
        )
    return read
