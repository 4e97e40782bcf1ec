"""Word letters of the finance office: what a unit must correct or send again, and whom a 主管部门 still has to remind.

`主管部门/单位_退回修改通知.docx` for each unit, with all its submissions, and `主管部门/催报通知.docx` for its units that sent
nothing. Equal input gives equal bytes. A letter that cannot be written costs itself.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd

from perfxl.catalogue import CATALOGUE, SEVERITY_WORDS, fix, message
from perfxl.consolidation import shelf
from perfxl.consolidation.decisions import Reason
from perfxl.consolidation.facts import by_gravity, goes_back
from perfxl.consolidation.roster import PROJECT
from perfxl.consolidation.status import State
from perfxl.intake.submission import shown_part
from perfxl.model import FileFate, Issue, PerfxlError
from perfxl.model.addresses import split
from perfxl.model.digits import plain
from perfxl.model.system import reason_of
from perfxl.model.version import __version__
from perfxl.output import file_name, read_seal, safe_name, seal, sealed_state
from perfxl.rules.frames import each_record, records
from perfxl.word.material import deadline_words, material_of, matter_of
from perfxl.word.official import Letter, one_line
from perfxl.word.opinion import opinion_annex, opinion_items, opinion_letter, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from perfxl.consolidation.records import Consolidation, Map
    from perfxl.output import OutputPlan

RETURN_TAIL, REVIEW_TAIL, REMINDER = "_退回修改通知", "_复核意见通知", "催报通知"
NO_AUTHORITY = "未填主管部门"
BATCH = 50
"""Letters that a worker makes at a time."""


@dataclass(slots=True)
class Written:
    """What became of the letters: those that stand as this run wants them, and those that failed, with why."""

    paths: list[Path] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Folder and name of the letter, and why it is not there or still there."""
    left: list[str] = field(default_factory=list)
    """Letters that somebody edited and that there is no reason for any more."""


def write_letters(folder: Path, c: Consolidation, plan: OutputPlan, run: Map = map) -> Written:
    """Write every letter, each whole or not at all, and remove those of ours that there is no reason for any more.

    A letter that somebody edited is kept: as it is where the new one would say the same, else with the new one beside it.
    """
    written = Written()
    wanted: set[Path] = set()
    for place, content in chain(return_letters(c, run), reminder_letters(c)):
        path = folder.joinpath(*map(file_name, place))
        wanted.add(path)
        try:
            if isinstance(content, str):
                written.failed.append(("/".join(place), content))
            else:
                written.paths.append(_put(path, content, plan))
        except (PerfxlError, OSError) as error:
            written.failed.append(("/".join(place), str(error)))
    gone, edited = _left_over(folder, wanted.union(written.paths), plan)
    written.left = [f"{path.parent.name}/{path.name}" for path in edited]
    for path in gone:
        try:
            path.unlink()
        except OSError as error:
            written.failed.append((f"{path.parent.name}/{path.name}", reason_of(error)))
    for emptied in {path.parent for path in gone} - {folder}:
        with suppress(OSError):
            emptied.rmdir()  # where nothing else lies
    return written


def _put(path: Path, content: bytes, plan: OutputPlan) -> Path:
    """Write one letter; where it stands in the end."""
    says = hashlib.sha256(content).hexdigest()
    standing = read_seal(path)
    if standing is not None and standing.source == says and not plan.force and sealed_state(path) == "ours-edited":
        return path
    target = plan.replace_or_lay_beside(path, "letter")
    plan.write(target, seal(content, "letter", __version__, says))
    return plan.went(target)


def _left_over(folder: Path, wanted: set[Path], plan: OutputPlan) -> tuple[list[Path], list[Path]]:
    """Letters of ours that this run has no reason for: as we wrote them, and edited ones; what killed runs left goes too."""
    found = []
    for place in (folder, *sorted(path for path in folder.glob("*") if path.is_dir() and not path.is_symlink())):
        plan.sweep(place)
        found += [path for path in sorted(place.glob("*.docx")) if path not in wanted and path.is_file() and not path.is_symlink()]
    sealed = [path for path in found if (seal_of := read_seal(path)) is not None and seal_of.kind == "letter"]
    untouched = [path for path in sealed if sealed_state(path) == "ours-untouched"]
    return untouched, [path for path in sealed if path not in set(untouched)]


# who gets a letter


@dataclass(slots=True)
class Addressee:
    """A unit and what it has to settle: submissions to correct, files that cannot be read, files of which one must be named."""

    name: str
    code: str
    authority: str
    returned: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Shown path, and what to do about it."""
    undecided: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    """Projects without a name."""
    reviewed: list[dict[str, Any]] = field(default_factory=list)
    """Submissions that a review has taken points from, or given points that could not be computed."""

    @property
    def only_reviewed(self) -> bool:
        """Nothing to send again: the letter only tells what the review found."""
        return not (self.returned or self.unreadable or self.undecided or self.unnamed)


def addressees(c: Consolidation) -> list[Addressee]:
    """The units that get a letter, in the order of 报送情况; none where the office itself must decide first."""
    returned, reviewed = _returned(c), _by_unit(c.units.loc[c.units["submission"].isin(told(c.reviewed)["submission"]), list(_TOLD)])
    codes = {str(row["shown"]): row for row in records(c.files.loc[c.files["code"] != "", ["shown", "code", "details"]])}
    unread, waiting = _by_unit(c.unreadable), _by_unit(c.sent[c.sent["fate"] == str(FileFate.REJECTED)])
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in each_record(c.status[["listed", "unit", "name", "code", "authority", "state"]]):
        rows.setdefault(_key(row), []).append(row)
    found = []
    for key, own in rows.items():
        unit = _addressee(own[0], returned.pop(key, []))
        states = {row["state"] for row in own}
        if State.UNREADABLE in states:
            unit.unreadable = [(row["shown"], _why(codes.get(row["shown"]))) for row in unread.get(key, ())]
        if State.UNDECIDED in states:
            unit.undecided = [shown_part(row["shown"], row["part"]) for row in waiting.get(key, ()) if row["why"] == Reason.DUPLICATE]
            unit.unnamed = [shown_part(row["shown"], row["part"]) for row in waiting.get(key, ()) if row["why"] == Reason.UNNAMED]
        unit.reviewed = reviewed.pop(key, [])
        if states == {State.TO_CONFIRM}:
            unit.returned, unit.reviewed = ([s for s in those if not s["in_year"]] for those in (unit.returned, unit.reviewed))
        if unit.reviewed or not unit.only_reviewed:
            found.append(unit)
    left = {**reviewed, **returned}
    return found + [replace(_addressee(units[0], returned.get(key, [])), reviewed=reviewed.get(key, [])) for key, units in left.items()]


def _addressee(row: Mapping[str, Any], returned: list[dict[str, Any]]) -> Addressee:
    return Addressee(str(row["name"]), str(row["code"]), str(row["authority"]), returned)


def _returned(c: Consolidation) -> dict[str, list[dict[str, Any]]]:
    """Unit to its submissions with something to correct or explain, where at least one must correct something that no review has settled."""
    asked = c.tally[goes_back(c.tally)]
    settled = c.units[(c.units["reviewed"] > 0) & c.units["provisional"].astype(bool) & ~c.units["final_provisional"].astype(bool)]
    wrong = set(asked.loc[asked["severity"] == "error", "submission"]) - set(settled["submission"])
    found = _by_unit(c.units.loc[c.units["submission"].isin(asked["submission"]), list(_TOLD)])
    return {key: units for key, units in found.items() if any(unit["submission"] in wrong for unit in units)}


_TOLD = (
    "submission", "listed", "unit", "name", "code", "authority", "matter", "project", "year", "evaluation", "source", "part", "in_year",
    "scheme_title", "submission_count", "claimed_total", "total", "low", "high", "provisional", "final_total", "final_low", "final_high",
    "final_provisional",
)  # fmt: skip
"""What letters say of a submission: of twenty thousand nothing else need be held."""


def _by_unit(rows: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in each_record(rows):
        found.setdefault(_key(row), []).append(row)
    return found


def _key(row: Mapping[str, Any]) -> str:
    """The unit of a row of any of these frames: its number on the roster, else its own key."""
    return f"#{row['listed']}" if row["listed"] >= 0 else str(row["unit"])


def _why(file: Mapping[str, Any] | None) -> str:
    if file is None:
        return ""
    issue = Issue(-1, str(file["code"]), details=file["details"] if isinstance(file["details"], Mapping) else {})
    return f"{message(issue)}{fix(issue)}"


# what a unit is told


Place = tuple[str, str]
"""Folder and file name of a letter, in words; `file_name` makes them fit this system."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Letters to make; can be sent to another process."""

    letters: list[tuple[Place, Addressee]]
    rows: dict[int, bytes]
    """The long rows of the submissions they speak of, as they are packed."""
    between: pd.DataFrame
    reviewed: pd.DataFrame
    deadline: str


def return_letters(c: Consolidation, run: Map = map) -> Iterator[tuple[Place, bytes | str]]:
    """Place and content of each 退回修改 letter, or in words why there is none.

    `run` may share them out; what was not made there is made here.
    """
    batches: deque[_Batch] = deque()

    def handed_out() -> Iterator[_Batch]:
        for batch in _batches(c):
            batches.append(batch)
            yield batch

    for made in run(_letters_of_batch, handed_out()):
        batch = batches.popleft()
        for letter, content in zip(batch.letters, made, strict=True):
            yield letter[0], _letters_of_batch(replace(batch, letters=[letter]))[0] if isinstance(content, str) else content


def _batches(c: Consolidation) -> Iterator[_Batch]:
    names = _Names()
    letters = [
        (names.free(unit.authority, _subject(unit), unit.code, REVIEW_TAIL if unit.only_reviewed else RETURN_TAIL), unit) for unit in addressees(c)
    ]
    reviewed = told(c.reviewed)
    for first in range(0, len(letters), BATCH):
        some = letters[first : first + BATCH]
        numbers = [int(submission["submission"]) for _, unit in some for submission in unit.returned]
        rows = {number: c.rows.take(c.order[number]) for number in numbers}
        own = {int(submission["submission"]) for _, unit in some for submission in unit.reviewed}
        quoted = reviewed[reviewed["submission"].isin(own)]
        yield _Batch(some, rows, c.between[c.between["submission"].isin(numbers)], quoted, c.deadline)


class _Names:
    """Names of letters, each its own in its folder whatever the case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, authority: str, subject: str, code: str, tail: str) -> Place:
        """The unit's name; its code behind it where another unit has the same name, then a number."""
        folder = safe_name(authority) if authority else NO_AUTHORITY
        tries = chain((subject,), (f"{subject}_{code}",) if code else (), (f"{subject}({n})" for n in range(2, len(self._taken) + 3)))
        for name in (f"{safe_name(each)}{tail}.docx" for each in tries):
            if (key := f"{folder}/{name}".casefold()) not in self._taken:
                self._taken.add(key)
                break
        return folder, name


def _subject(unit: Addressee) -> str:
    return unit.name or str(next((s["source"] for s in (*unit.returned, *unit.reviewed)), "")) or unit.code


def _letters_of_batch(batch: _Batch) -> list[bytes | str]:
    """The letters of a batch; one that fails is the name of its error, and costs itself."""
    numbers, parts = list(batch.rows), [shelf.unpacked(rows, "issues", "indicators") for rows in batch.rows.values()]
    issues = pd.concat([part for part in (shelf.table("issues", numbers, parts), batch.between) if len(part)] or [batch.between], ignore_index=True)
    asked = by_gravity(issues[goes_back(issues)]) if len(issues) else issues
    points = shelf.table("indicators", numbers, parts)
    made: list[bytes | str] = []
    for _, unit in batch.letters:
        try:
            own = batch.reviewed[batch.reviewed["submission"].isin([submission["submission"] for submission in unit.reviewed])]
            if unit.only_reviewed:
                made.append(opinion_letter(unit.name, unit.reviewed, own, batch.deadline))
            else:
                made.append(_return_letter(unit, asked, points, own, batch.deadline))
        except Exception as error:  # noqa: BLE001  # not the others, not the run
            made.append(type(error).__name__)
    return made


def _return_letter(unit: Addressee, asked: pd.DataFrame, points: pd.DataFrame, reviewed: pd.DataFrame, deadline: str) -> bytes:
    own = {int(s["submission"]): asked[asked["submission"] == s["submission"]] for s in unit.returned}
    matter = matter_of(unit.returned[0]) if len(unit.returned) == 1 else "绩效自评材料"
    title = f"关于退回修改{matter}的通知" if unit.returned else f"关于重新报送{matter}的通知"
    letter = Letter(title)
    letter.head(unit.name or "（未填单位名称）")
    letter.text(f"你单位报送的{matter}收悉。{_asked_for(unit)}请于{deadline_words(deadline)}前办理并重新报送。")
    sections = iter("一二三四五六")
    if unit.returned:
        letter.heading(f"{next(sections)}、退回修改的材料")
        _returned_items(letter, unit, own)
    if unit.unreadable:
        letter.heading(f"{next(sections)}、读不出的文件")
        for number, (name, why) in enumerate(unit.unreadable, 1):
            letter.item(number, f"{one_line(name)}：", one_line(why) or "请用 Excel 或 WPS 打开后另存为 .xlsx 再报。")
    if unit.undecided:
        letter.heading(f"{next(sections)}、分不出以哪份为准的文件")
        for number, name in enumerate(unit.undecided, 1):
            letter.item(number, "", one_line(name))
        letter.text("以上几份内容不同，报送次数和填报日期也分不出先后。请告知以哪一份为准，或改好“报送次数”和“填报日期”后只报一份。")
    if unit.unnamed:
        letter.heading(f"{next(sections)}、没有项目名称的文件")
        for number, name in enumerate(unit.unnamed, 1):
            letter.item(number, "", one_line(name))
        letter.text("以上材料的自评类型是项目，没有项目名称和项目编码，不知道是哪个项目。请填写项目名称（有编码的一并填写）后重新报送。")
    if unit.reviewed:
        letter.heading(f"{next(sections)}、复核意见")
        opinion_items(letter, unit.reviewed, reviewed, "附件2" if unit.returned else "附件", "一并反馈")
    if unit.returned:
        letter.heading(f"{next(sections)}、重新报送的要求")
        letter.text(
            f"请在原工作簿上直接修改，不要另建表格；{_next_count(unit)}填报日期填重新报送的日期；实际完成值没有发生的填0，"
            "还没有数的不要用“完成”等文字代替；保存为 .xlsx 报送。"
        )
    letter.signature()
    if unit.returned:
        _annex(letter, unit, own, points)
    if unit.reviewed:
        opinion_annex(letter, unit.reviewed, reviewed, "附件2" if unit.returned else "附件")
    return letter.finished()


def _returned_items(letter: Letter, unit: Addressee, own: Mapping[int, pd.DataFrame]) -> None:
    for number, submission in enumerate(unit.returned, 1):
        counts = own[int(submission["submission"])]["severity"].value_counts()
        also = f"，{counts['warning']}处需要说明" if counts.get("warning") else ""
        must = f"有{counts.get('error', 0)}处必须改正" if counts.get("error") else "没有必须改正的"
        said = f"按“{submission['scheme_title']}”评分方案核对，{must}{also}，见附件{'1' if unit.reviewed else ''}。"
        letter.item(number, f"{material_of(submission)}：", said)


def _asked_for(unit: Addressee) -> str:
    said = [
        *(["经核对，有的内容必须改正，现予退回。"] if unit.returned else []),
        *(["有的文件读不出。"] if unit.unreadable else []),
        *(["有几份内容不同的材料，分不出以哪一份为准。"] if unit.undecided else []),
        *(["有的项目材料没有填写项目名称。"] if unit.unnamed else []),
    ]
    return "".join(said)


def _next_count(unit: Addressee) -> str:
    counts = [int(s["submission_count"]) if s["submission_count"] == s["submission_count"] else 1 for s in unit.returned]
    return f"“报送次数”填{counts[0] + 1}，" if len(counts) == 1 else "“报送次数”比上次多填1，"


_ANNEX = {
    "序号": 1.1,
    "编号": 1.2,
    "级别": 1.7,
    "位置": 2.4,
    "指标": 3.6,
    "原填内容": 2.8,
    "问题": 5.4,
    "修改要求": 4.5,
    "自评得分": 1.3,
    "测算得分": 1.3,
}  # fmt: skip
"""The columns of the annex, in centimetres: the rows of 退回修改清单 with both scores."""


def _annex(letter: Letter, unit: Addressee, own: Mapping[int, pd.DataFrame], points: pd.DataFrame) -> None:
    rows: list[tuple[str, ...]] = []
    for submission in unit.returned:
        number = int(submission["submission"])
        if len(unit.returned) > 1:
            rows.append((f"{material_of(submission)}",))
        scores = _scores(points[points["submission"] == number])
        rows += [_annex_row(n, row, submission, scores) for n, row in enumerate(records(own[number]), 1)]
    note = "序号与汇总表“退回修改清单”一致；得分为空的，是还没有数或不按行计分。"
    letter.annex("退回修改清单", note, number="附件1" if unit.reviewed else "附件")
    letter.table(tuple(_ANNEX), tuple(_ANNEX.values()), rows, centered=(0, 1, 2, 8, 9))


def _annex_row(
    number: int, row: Mapping[str, Any], submission: Mapping[str, Any], scores: Mapping[tuple[int, str], tuple[float, float]]
) -> tuple[str, ...]:
    place = one_line(f"{row['sheet']} {row['cell']}")
    if row["code"] == "total-claimed-differs":
        claimed, score = submission["claimed_total"], submission["total"]
    else:
        claimed, score = scores.get((split(str(row["cell"]))[0] or 0, str(row["level3"])), (float("nan"),) * 2)
    return (
        str(number),
        str(CATALOGUE[row["code"]].number),
        SEVERITY_WORDS[row["severity"]],
        place,
        one_line(row["level3"]),
        one_line(row["value"]),
        one_line(row["message"]),
        one_line(row["fix"]),
        "" if claimed != claimed else plain(claimed),
        "" if score != score else plain(score),
    )


def _scores(points: pd.DataFrame) -> dict[tuple[int, str], tuple[float, float]]:
    """Claimed and computed points of each indicator row that has a name."""
    columns = zip(points["sheet_row"], points["level3"], points["claimed_score"], points["score"], strict=True)
    return {(int(row), name): (claimed, score) for row, name, claimed, score in columns if name}


# who has sent nothing


def reminder_letters(c: Consolidation) -> Iterator[tuple[Place, bytes]]:
    """Place and content of the reminder of each 主管部门. Without a roster nobody is known to be late."""
    if not len(c.roster):
        return
    due = c.status[c.status["expected"] & (c.status["state"] == State.MISSING)]
    taken: set[str] = set()
    for authority, units in due.groupby("authority", sort=True):
        folder, name, number = safe_name(str(authority)) if authority else NO_AUTHORITY, REMINDER, 1
        while f"{folder}/{name}".casefold() in taken:
            number += 1
            name = f"{REMINDER}({number})"
        taken.add(f"{folder}/{name}".casefold())
        yield (folder, f"{name}.docx"), _reminder(str(authority), units, c)


def _reminder(authority: str, units: pd.DataFrame, c: Consolidation) -> bytes:
    matter = f"{c.year}年度绩效自评材料" if c.year else "绩效自评材料"
    letter = Letter(f"关于催报{matter}的通知")
    letter.head(authority or "各有关单位")
    whole = c.status[c.status["expected"] & (c.status["authority"] == authority)]["listed"].nunique()
    titles = {"name": ("单位名称", 6.6), "code": ("预算单位编码", 3.1), "contact": ("联系人", 1.9), "phone": ("电话", 2.7)}
    rows = records(units.assign(item=[" ".join(filter(None, item)) for item in zip(units["due"], units["project"], strict=True)]))
    if (units["due"] == PROJECT).any():
        widths = {"name": ("单位名称", 4.4), "item": ("应报事项", 3.6), "code": ("预算单位编码", 2.6), "contact": ("联系人", 1.6)}
        titles = {**widths, "phone": ("电话", 2.5)}
    letter.text(
        f"你部门所属应报单位{whole}个，截至目前还有{units['listed'].nunique()}个没有报送{matter}（名单附后）。"
        f"请督促有关单位于{deadline_words(c.deadline)}前报送；已经报送的，请告知文件名称和报送时间。"
    )
    letter.signature()
    letter.annex_upright("未报送的单位")
    letter.table(
        ("序号", *(title for title, _ in titles.values())),
        (1.3, *(width for _, width in titles.values())),
        [(str(n), *(one_line(row[column]) for column in titles)) for n, row in enumerate(rows, 1)],
        centered=(0,),
    )
    return letter.finished()
