"""File to submissions: guard, reader, parser, with every refusal as a code."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec import Struct, field, structs

from perfxl.intake import sheets
from perfxl.intake.containers.biff import is_biff, open_biff
from perfxl.intake.discover import BINARY, CONTAINERS, Found, content_of, suffix_of
from perfxl.intake.glimpse import Choice
from perfxl.intake.guard import Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.guard.limits import MIB, RefusalError, too_large
from perfxl.intake.readers import Reader, Sheet, read_sheets, without_own_words
from perfxl.intake.stored import say_what_is_stored
from perfxl.intake.submission import FURTHER, Submission, folded
from perfxl.model import Issue, PerfxlError, columns
from perfxl.output import PROPERTY, parse_seal, read_seal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from perfxl.intake.forms import Grid
    from perfxl.intake.guard import Opened
    from perfxl.intake.sheets import SortedSheets
    from perfxl.output import Seal


class Refused(Struct, frozen=True):
    """A file that was not taken, with the code of the catalogue that says why."""

    source: str
    code: str
    details: Mapping[str, str | float] = field(default_factory=dict)
    sha256: str | None = None


IGNORED = "ignored-"
"""How the code of a file begins that needs no answer."""


def read_file(path: Path, *, number: int = 0, source: str | None = None, limits: Limits | None = None) -> list[Submission] | Refused:
    """One file as typed; nothing is judged yet. `source` is the name shown, by default the file's own.

    Its first submission has the number given; further ones are numbered as `FURTHER` says.
    """
    limits = limits or Limits()
    shown = source if source is not None else path.name
    data = read_bytes(path, limits)
    if isinstance(data, Refusal):
        return Refused(shown, data.code, data.details)
    return read_workbook(data, number=number, source=shown, limits=limits)


def read_found_file(found: Found, *, number: int = 0, limits: Limits | None = None) -> list[Submission] | Refused:
    """The same for a file that was found, in a folder or in a zip."""
    limits = limits or Limits()
    data = content_of(found, limits)
    if isinstance(data, Refusal):
        return Refused(found.shown, data.code, data.details)
    return read_workbook(data, number=number, source=found.shown, limits=limits)


def read_workbook(
    data: bytes, *, number: int = 0, source: str = "", limits: Limits | None = None, reader: Reader = "openpyxl"
) -> list[Submission] | Refused:
    """The same from bytes already in memory; every `reader` gives equal submissions.

    Raises:
        MemoryError: the workbook needs more memory than the process may have.
    """
    limits = limits or Limits()
    suffix = suffix_of(PurePath(source).name)
    if suffix in CONTAINERS:
        return Refused(source, "zip-in-zip")
    try:
        if len(data) > limits.file_bytes:
            raise too_large("file", f"{len(data) / MIB:.1f} MiB", f"{limits.file_bytes / MIB:.1f} MiB")
        if suffix in BINARY and is_biff(data):
            return _from_biff(data, number, source, limits)
        if suffix == ".docx":
            from perfxl.intake.containers.word import is_word  # the readers of forms are loaded with the first one

            if is_word(data):
                return _from_word(data, number, source, limits)
        return _from_package(data, number, source, limits, reader)
    except RefusalError as refused:
        return Refused(source, refused.refusal.code, refused.refusal.details, hashlib.sha256(data).hexdigest())


def _from_package(data: bytes, number: int, source: str, limits: Limits, reader: Reader) -> list[Submission] | Refused:
    """A workbook of Excel 2007 and later: as an intake, else, with all its sheets, as a paper that holds forms."""
    choice = Choice()
    opened = _opened(data, limits, choice)
    sealed = parse_seal(opened.properties.get(PROPERTY, ""))
    if sealed is not None and not _is_paper(sealed):
        return Refused(source, "ignored-own-result", {}, opened.sha256)
    scored = sealed is not None and sealed.kind == "scored"
    if choice.results and not scored and not sheets.surely_scored(choice.results):
        choice = Choice(scored=False)
        opened = _opened(data, limits, choice)
    found = _intakes(_sheets(opened, limits, reader), opened, source, number, choice.foreign)
    if not found:
        whole = _opened(data, limits, None) if opened.unread else opened
        read = _sheets(whole, limits, reader)
        found = _forms(read, whole, source, number)
        if not found:
            return Refused(source, "not-an-intake", {"saw": _seen(opened, choice.foreign), "words": _first_words(read)}, opened.sha256)
        opened = whole
    for submission in found:
        say_what_is_stored(submission, opened)
        if sealed is not None and scored:
            submission.origin = sealed.source
    return found


def _from_biff(data: bytes, number: int, source: str, limits: Limits) -> list[Submission] | Refused:
    """A workbook of Excel 97 or WPS: an intake of ours saved as one, else forms."""
    opened, read = open_biff(data, limits)
    _refuse_much_text(read, limits)
    read = without_own_words(read)
    scored = sheets.surely_scored(sheet.title for sheet in read)
    kept = [sheet for sheet in read if folded(sheet.title) != folded(columns.OPTIONS_SHEET) and not (scored and sheets.is_result(sheet.title))]
    found = _intakes(kept, opened, source, number)
    found = found or _forms(read, opened, source, number)
    if not found:
        return Refused(source, "not-an-intake", {"saw": _seen(opened, ())}, opened.sha256)
    for submission in found:
        say_what_is_stored(submission, opened)
    return found


def _from_word(data: bytes, number: int, source: str, limits: Limits) -> list[Submission] | Refused:
    """The forms among the tables of a Word document; one without any is a document like others."""
    from perfxl.intake.containers.word import has_macros, word_grids
    from perfxl.intake.papers import joined_tables, read_forms

    sha256 = hashlib.sha256(data).hexdigest()
    if read_seal(data) is not None:
        return Refused(source, "ignored-own-result", {}, sha256)
    grids = word_grids(data, limits)
    characters = sum(len(value) for grid in grids for value in grid.cells.values() if isinstance(value, str))
    if characters > limits.total_text:
        raise RefusalError("file-too-large", what="texts", n=characters, max=limits.total_text)
    papers = read_forms(joined_tables(grids), source, sha256, number)
    if papers.submissions:
        report = _is_report(grids)
        for submission in papers.submissions:
            submission.form = structs.replace(submission.form, in_report=report) if submission.form else None
        if has_macros(data):
            papers.submissions[0].issues.append(Issue(number, "file-has-macros"))
        return papers.submissions
    if papers.others:
        raise RefusalError("form-other-kind", **papers.other_kind)
    return Refused(source, "file-extension", {"ext": suffix_of(PurePath(source).name)}, sha256)


PROSE = 400
"""Characters of text beside the tables from which on a document is a report that holds a form, not a form."""


def _is_report(grids: Sequence[Grid]) -> bool:
    """Whether the text around the tables of a document is a report: so much of it, or a title that says so."""
    from perfxl.intake.forms.blocks import LONGEST_TITLE

    lines = [line.strip() for grid in grids for line in grid.before]
    return sum(map(len, lines)) >= PROSE or any(line.endswith("报告") and len(line) <= LONGEST_TITLE for line in lines)


def _opened(data: bytes, limits: Limits, wanted: Choice | None) -> Opened:
    opened = open_bytes(data, limits, wanted)
    if isinstance(opened, Refusal):
        raise RefusalError(opened.code, **opened.details)
    return opened


def _sheets(opened: Opened, limits: Limits, reader: Reader) -> list[Sheet]:
    try:
        read = read_sheets(opened, is_read, max_row=limits.window_rows, max_column=limits.window_columns, reader=reader)
    except MemoryError:
        raise
    except PerfxlError:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl refuses honest oddities with any exception; one file must not stop a batch
        raise RefusalError("file-unreadable", what=type(error).__name__) from None
    if opened.most_text > limits.total_text:
        _refuse_much_text(read, limits)
    return without_own_words(read)


def _refuse_much_text(read: Sequence[Sheet], limits: Limits) -> None:
    texts = [value for sheet in read for _, values in sheet.rows for value in values if isinstance(value, str)]
    characters = sum(map(len, texts))
    if characters > limits.total_text:
        raise RefusalError("file-too-large", what="texts", n=characters, max=limits.total_text)


def _intakes(read: Sequence[Sheet], opened: Opened, source: str, number: int, foreign: Sequence[str] = ()) -> list[Submission]:
    """The submissions of a workbook that holds sheets of ours."""
    book = sheets.sort_sheets(read, opened, foreign)
    if len(book.sets) > sheets.MOST_PARTS:
        raise RefusalError("file-too-large", what="submissions", n=len(book.sets), max=sheets.MOST_PARTS)
    return _submissions(book, opened, source, number)


def _forms(read: Sequence[Sheet], opened: Opened, source: str, number: int) -> list[Submission]:
    """The forms on the sheets of a workbook; none where no sheet has one, refused where all are of another kind."""
    from perfxl.intake.forms.grid import Grid
    from perfxl.intake.papers import read_forms

    facts = {sheet.name: sheet for sheet in opened.sheets}
    papers = read_forms((Grid.of_sheet(sheet, facts.get(sheet.title)) for sheet in read), source, opened.sha256, number)
    if papers.others and not papers.submissions:
        raise RefusalError("form-other-kind", **papers.other_kind)
    if papers.submissions:
        first = papers.submissions[0]
        first.issues.extend(Issue(number, code, details=dict(details)) for code, details in opened.warnings)
    return papers.submissions


def only(read: list[Submission] | Refused, name: str = "") -> Submission | Refused:
    """The submission of a file that holds one, or its refusal.

    Raises:
        PerfxlError: the file holds several.
    """
    if isinstance(read, Refused):
        return read
    if len(read) > 1:
        parts = "、".join(submission.part for submission in read)
        raise PerfxlError(
            f"“{name or read[0].source}”里有{len(read)}份填报（{parts}）；这里只能用一份一个的文件，请分开保存。",
            en=f"{name or read[0].source} holds {len(read)} submissions ({parts}); one file with one of them is needed here.",
        )
    return read[0]


def _is_paper(seal: Seal) -> bool:
    """Whether what perfxl itself wrote can be a unit's submission: a template, or a scored workbook."""
    return seal.kind in ("scored", "template")


def is_read(_title: str) -> bool:
    """Every sheet that the guard was asked for is read."""
    return True


def _submissions(book: SortedSheets, opened: Opened, source: str, number: int) -> list[Submission]:
    """What the sets of a workbook say, each a submission of its own; none where nothing in them is known."""
    chosen = book.sets
    found = [sheets.read_set(each, opened, source, number + i * FURTHER) for i, each in enumerate(chosen)]
    if not any(place.cells for submission in found for place in submission.places.values()):
        return []
    if len(found) > 1:
        for submission, each in zip(found, chosen, strict=True):
            submission.part = each.part
    _say_of_the_file(book, opened, found)
    return found


def _say_of_the_file(book: SortedSheets, opened: Opened, found: list[Submission]) -> None:
    """What concerns the file or its sheets as a whole, said once: of a sheet with the submission that has it, else with the first."""
    first = found[0]
    homes = {place.sheet: submission for submission in found for place in submission.places.values()}
    for code, details in opened.warnings:
        first.issues.append(Issue(first.number, code, details=dict(details)))
    for title, table in book.by_header:
        home = homes.get(title)
        if home is not None:
            home.issues.append(Issue(home.number, "sheet-by-header", title, details={"sheet": title, "table": table.sheet}))
    for title in book.unread:
        first.issues.append(Issue(first.number, "sheet-unread", title, details={"sheet": title}))
    if book.foreign:
        first.issues.append(Issue(first.number, "sheet-foreign", details={"sheets": "、".join(book.foreign)}))
    version = _version(book, opened)
    wanted = f"{columns.TEMPLATE_ID} {columns.TEMPLATE_VERSION}"
    for submission in found:
        submission.template_version = version
    if version != wanted:
        shown = version or "未注明"
        first.issues.append(Issue(first.number, "template-version-unknown", value=version or None, details={"got": shown, "want": wanted}))


def _version(book: SortedSheets, opened: Opened) -> str:
    """模板版本 from the file's properties, else from 填报说明; a form of our layout with another version is named."""
    version = opened.properties.get("perfxl-template", "")
    if not version:
        for _, values in book.guide.rows if book.guide else ():
            texts = [str(v) for v in values if v is not None]
            at = next((i for i, t in enumerate(texts) if folded(t).startswith("模板版本")), None)
            if at is not None:
                version = texts[at + 1] if at + 1 < len(texts) else ""
    return version


def _first_words(read: Sequence[Sheet]) -> str:
    """The titles of a workbook that is none of ours, which may speak of a unit; what stands in its lists speaks of many."""
    rows = ([value for value in values if value is not None] for sheet in read for _, values in sheet.rows[:_TOP])
    return " ".join(values[0].strip() for values in rows if len(values) == 1 and isinstance(values[0], str))[:_WORDS]


_TOP, _WORDS = 5, 400
"""Rows and characters."""


def _seen(opened: Opened, foreign: Sequence[str]) -> str:
    """The sheets of a workbook in a few words: those with content, else all."""
    names = [*(sheet.name for sheet in opened.sheets if sheet.last_row), *foreign] or [*(sheet.name for sheet in opened.sheets), *opened.unread]
    return "、".join(names[:6]) + (f"等{len(names)}张" if len(names) > 6 else "")
