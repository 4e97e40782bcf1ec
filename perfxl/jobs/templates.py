"""The job behind `perfxl template`: a blank intake, last year's carried over, or one prefilled per unit of a roster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.catalogue import fix, message
from perfxl.consolidation.names import name_key
from perfxl.consolidation.roster import PROJECT, WRONG_CODES, read_roster
from perfxl.intake.discover import Fate, find_files
from perfxl.intake.reading import Refused, only, read_file, read_found_file
from perfxl.intake.submission import folded, text_of
from perfxl.model import Issue, PerfxlError
from perfxl.output import OutputPlan, safe_name
from perfxl.rules.frames import records
from perfxl.schemes import DEFAULT_SCHEME, load_scheme
from perfxl.workbook.prefill import Prefill, prefill_from
from perfxl.workbook.template import template_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perfxl.intake.submission import Submission
    from perfxl.schemes import Scheme

NAME = "绩效自评填报表"
FROM_ROSTER = ("name", "code", "authority", "region", "project", "project_code")
"""What a roster knows of a unit and the intake asks for; amounts stay the unit's own to fill in."""


def write_templates(output: Path | None, *, scheme: str | None, roster: Path | None, last_year: Path | None, force: bool = False) -> list[Path]:
    """Write blank or prefilled intakes; the paths written.

    Without a roster one file: `output`, or `绩效自评填报表_<方案>.xlsx` in the folder `output` (the current one by default).
    With a roster one file per row, named after unit and project, in the folder `output` (`绩效自评填报表` by default). `last_year` is last
    year's workbook; with a roster it may be a folder of them, where each unit gets its own by code, else by name.

    Raises:
        PerfxlError: an unreadable scheme, roster or workbook of last year, or a file that would be overwritten without
            `force`. Nothing is written then.
    """
    loaded = load_scheme(scheme or DEFAULT_SCHEME)
    wanted = _for_units(output, loaded, roster, last_year, force=force) if roster is not None else _for_one(output, loaded, last_year)
    read = [path for path in (roster, last_year) if path is not None]
    plan = OutputPlan([found.path for found in find_files(read)], force=force)
    changed = {path: content for path, content in wanted.items() if not _stands(path, content)}
    for path in changed:
        plan.replace(path, "template")
    for path, content in changed.items():
        plan.write(path, content)
    return [plan.went(path) for path in wanted]


def _stands(path: Path, content: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content


def _for_one(output: Path | None, scheme: Scheme, last_year: Path | None) -> dict[Path, bytes]:
    if last_year is not None and last_year.is_dir():
        raise PerfxlError(
            f"“{last_year}”是文件夹；不带 --roster 时，--from 只接一个上年的填报表。",
            en=f"{last_year} is a folder; without --roster, --from takes one of last year's intakes.",
        )
    prefill = prefill_from(_read(last_year)) if last_year is not None else Prefill()
    name = f"{NAME}_{safe_name(scheme.title)}.xlsx"
    path = Path(name) if output is None else output / name if output.is_dir() or not output.suffix else output
    if path.suffix.lower() != ".xlsx":
        raise PerfxlError(f"“{path.name}”：填报表只能写成 .xlsx。", en=f"{path.name}: an intake is written as .xlsx.")
    return {path: template_bytes(scheme, _under(prefill, scheme))}


def _for_units(output: Path | None, scheme: Scheme, roster: Path, last_year: Path | None, *, force: bool) -> dict[Path, bytes]:
    folder = output if output is not None else Path(NAME)
    if folder.suffix.lower() == ".xlsx" or folder.is_file():
        raise PerfxlError(
            f"“{folder}”：带 --roster 时，-o 应是一个文件夹，每个单位一份。",
            en=f"{folder}: with --roster, -o names a folder, one intake for each unit.",
        )
    read = read_roster(roster)
    wrong = [issue for issue in read.issues if issue.code in WRONG_CODES]
    if wrong and not force:
        cells = "、".join(f"{issue.cell}“{issue.value}”" for issue in wrong[:10])
        raise PerfxlError(
            f"应报单位名单“{roster.name}”里有{len(wrong)}个编码看来不对（{cells}{'……' if len(wrong) > 10 else ''}），没有写填报表："
            f"{message(wrong[0])}{fix(wrong[0])}确实无误的，加 --force。",
            en=f"{len(wrong)} codes of the roster {roster.name} look wrong ({cells}); nothing was written. "
            f"{message(wrong[0], 'en')} {fix(wrong[0], 'en')} If they are right, use --force.",
        )
    units = read.frame
    if units.empty:
        raise PerfxlError(f"应报单位名单“{roster.name}”里没有单位。", en=f"The roster {roster.name} lists no unit.")
    before = _LastYear(last_year)
    wanted: dict[Path, bytes] = {}
    taken: set[str] = set()
    for unit in records(units):
        known = {name: str(unit[name]) for name in FROM_ROSTER if unit[name]} | {"evaluation": str(unit["due"])}
        carried = before.of(unit)
        prefill = replace(carried, unit={**carried.unit, **known})
        wanted[folder / _file_name(unit, taken)] = template_bytes(scheme, _under(prefill, scheme))
    return wanted


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


class _LastYear:
    """Last year's rows for each unit: of its own workbook in a folder, or of the one workbook given for all."""

    def __init__(self, path: Path | None) -> None:
        self.everybody = Prefill()
        self.by_unit: dict[str, Prefill] = {}
        if path is None:
            return
        if path.is_dir():
            for found in find_files([path]):
                read = read_found_file(found) if found.fate is Fate.CANDIDATE else []
                for submission in [] if isinstance(read, Refused) else read:
                    prefill = prefill_from(submission)
                    for key in (folded(text_of(submission.fields.get("code"))), name_key(text_of(submission.fields.get("name")))):
                        if key:
                            self.by_unit.setdefault(key, prefill)
            return
        given = prefill_from(_read(path))
        # One workbook for many units lends its rows and its year, not its name, staff or officials.
        self.everybody = replace(given, unit={k: v for k, v in given.unit.items() if k in ("fiscal_year", "evaluation", "money_unit")})

    def of(self, unit: Mapping[str, object]) -> Prefill:
        """What the unit starts from."""
        own = self.by_unit.get(folded(str(unit["code"]))) if unit["code"] else None
        return own or self.by_unit.get(name_key(str(unit["name"])), self.everybody)
