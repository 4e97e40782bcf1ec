"""From what was read to what counts: every file and every submission gets its fate, every doubt its question (contract §5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from perfxl.consolidation.decisions import Answer, Question, Reason, Ruling, Unfit, year_typed
from perfxl.consolidation.items import UNNAMED, Decision, ItemKey, Matter, Rival, items, of_one_item, run_year
from perfxl.consolidation.names import NOBODY, name_key, stem_and_folders
from perfxl.consolidation.records import FileFate
from perfxl.consolidation.submissions import Header, code_key
from perfxl.consolidation.units import Directory, Whose, whose
from perfxl.intake.submission import file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from perfxl.consolidation.names import Names
    from perfxl.consolidation.roster import Roster

UNREAD_KINDS = frozenset({"file-extension", "not-an-intake", "form-other-kind", "ignored-not-a-spreadsheet"})
"""Files of kinds that are not read: an attachment where their unit has sent something readable."""
DROPPED = "ignored-by-decision"


@dataclass(frozen=True, slots=True)
class FileSeen:
    """One file found, as far as it decides: read as `copy_of` (−1: by itself), refused (as its original is) or ignored with a code."""

    shown: str
    sha256: str = ""
    copy_of: int = -1
    refused: str = ""
    ignored: str = ""
    details: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A file that may be a unit's, so that the unit is 待确认, not 未报. `matter` None: it may be for any item."""

    listed: int
    shown: str
    why: Reason
    matter: Matter | None = None
    project: str = ""
    asked: bool = True


def copy_part(shown: str) -> str:
    """What 待裁定 shows as the part of a file that is a copy of another: an answer about it is about this path alone."""
    return f"副本 {shown}"


@dataclass(slots=True)
class Settlement:
    """What became of everything. Submissions by number, files in order."""

    year: int
    directory: Directory
    shown: list[str]
    """The files' paths, as they are shown."""
    headers: dict[int, Header]
    """As the office corrected them."""
    owners: dict[int, Whose]
    keys: dict[int, ItemKey]
    parts: dict[int, Decision]
    files: list[Decision] = field(default_factory=list)
    counts_as: dict[int, int] = field(default_factory=dict)
    """Submission to the file whose path counts among its identical copies."""
    suspects: list[Suspect] = field(default_factory=list)
    unreadable: list[tuple[int, int]] = field(default_factory=list)
    """Unit of the roster and file, where the unit has nothing that can be read."""
    questions: list[Question] = field(default_factory=list)
    used: list[Ruling] = field(default_factory=list)
    unfit: list[Unfit] = field(default_factory=list)
    amounts_right: set[int] = field(default_factory=set)
    dropped: list[int] = field(default_factory=list)
    """Submissions the office does not use."""
    roster: Roster | None = None
    holding: list[Ruling] = field(default_factory=list)
    """Every answer that holds, also those on files that are not here now; the ledger keeps them."""


def settle(
    files: Sequence[FileSeen],
    headers: Mapping[int, Header],
    directory: Directory,
    *,
    year: int = 0,
    rulings: Iterable[Ruling] = (),
    hashed: Callable[[int], str] = lambda _: "",
) -> Settlement:
    """Decide about everything. `hashed` gives the SHA-256 of a file that was not read, when it is asked about."""
    return _Settling(files, headers, directory, list(rulings), hashed).done(year)


class _Settling:
    """One pass over an inbox; every step looks things up, none compares all with all."""

    def __init__(
        self, files: Sequence[FileSeen], headers: Mapping[int, Header], directory: Directory, rulings: list[Ruling], hashed: Callable[[int], str]
    ) -> None:
        self.files = files
        self.original = dict(headers)
        self.directory = directory
        self.rulings = rulings
        self.hashed = hashed
        self.names = directory.witnesses()
        self.by_content: dict[tuple[str, str], dict[str, Ruling]] = {}
        for ruling in rulings:
            self.by_content.setdefault((ruling.sha256, ruling.part), {})[ruling.reason] = ruling
        self.paths: dict[int, list[int]] = {}
        for index, file in enumerate(files):
            self.paths.setdefault(file.copy_of if file.copy_of >= 0 else index, []).append(index)
        self.departments = {name_key(m.authority) for m in directory.members if m.authority} | {
            name_key(h.authority) for h in headers.values() if h.authority
        }

    def rulings_on(self, number: int) -> dict[str, Ruling]:
        header = self.original[number]
        return self.by_content.get((header.sha256, header.part), {})

    def done(self, wished: int) -> Settlement:
        self.unfit: list[Unfit] = []
        self.used: set[tuple[str, str, str]] = set()
        forced, headers = self._belonging()
        owners = {**whose({n: h for n, h in headers.items() if n not in forced}, self.directory), **forced}
        dropped = self._dropped(headers)
        year = run_year((h for n, h in headers.items() if n not in dropped), wished)
        keys = items(headers, owners, year)
        s = Settlement(year, self.directory, [file.shown for file in self.files], headers, owners, keys, {}, dropped=sorted(dropped))
        s.counts_as = {number: self._best_path(file_of(number), s, number) for number in headers}
        s.suspects = list(self._witnesses(s, dropped))
        self._decide(s, dropped)
        self._copies(s)
        self._unread(s)
        self._questions(s)
        self._account(s)
        return s

    # what the office said

    def _belonging(self) -> tuple[dict[int, Whose], dict[int, Header]]:
        """The submissions whose unit the office named, and all headers with what it corrected."""
        forced: dict[int, Whose] = {}
        headers = dict(self.original)
        for number, header in self.original.items():
            for ruling in self.rulings_on(number).values():
                if ruling.word == Answer.BELONGS and ruling.reason != Reason.UNREAD:
                    if ruling.reason == Reason.OTHER_YEAR and not ruling.year:
                        self.unfit.append(Unfit(ruling, "没有写预算年度：哪一年的，写在“预算年度”里"))
                        continue
                    corrected = self._corrected(headers[number], ruling)
                    unit = self._unit(ruling, header)
                    if unit is None:
                        continue
                    self.used.add(ruling.key)
                    headers[number] = corrected if isinstance(unit, Whose) else replace(corrected, name=unit[0], code=unit[1])
                    if isinstance(unit, Whose) and unit.key:
                        forced[number] = unit
        return forced, headers

    @staticmethod
    def _corrected(header: Header, ruling: Ruling) -> Header:
        changes: dict[str, object] = {}
        if ruling.year:
            changes["year"] = int(year_typed(ruling.year))
        if ruling.evaluation:
            changes["evaluation"] = ruling.evaluation
        if ruling.project:
            changes.update(project=ruling.project, project_code="")
        return replace(header, **changes)  # type: ignore[arg-type]  # fields by name

    def _unit(self, ruling: Ruling, header: Header) -> Whose | tuple[str, str] | None:
        """The unit a ruling names: of the roster, or without one a name and code; an empty `Whose` where the unit stands."""
        members = self.directory.members
        if ruling.unit:
            if not members:
                known = {code_key(h.code): h for h in self.original.values() if h.code}
                found = known.get(code_key(ruling.unit))
                return (found.name, found.code) if found is not None else (ruling.unit, "")
            at = self.directory.looked_up(ruling.unit)
            if len(at) == 1:
                return Whose(members[at[0]].key, members[at[0]].number)
            self.unfit.append(Unfit(ruling, f"名单里{'没有' if not at else '不止一个'}“{ruling.unit}”"))
            return None
        stands = whose({0: header}, self.directory)[0]
        if ruling.reason == Reason.CONFLICT:
            self.unfit.append(Unfit(ruling, "没有写属于的单位"))
            return None
        return replace(stands, code="") if stands.listed >= 0 else Whose("")

    def _dropped(self, headers: Mapping[int, Header]) -> set[int]:
        dropped = set()
        for number in headers:
            for ruling in self.rulings_on(number).values():
                if ruling.word == Answer.DROP:
                    dropped.add(number)
                    self.used.add(ruling.key)
        return dropped

    # whose paths speak of others

    def _witnesses(self, s: Settlement, dropped: set[int]) -> Iterator[Suspect]:
        """Files whose own name or folder speaks of another unit of the roster than their content."""
        if not self.directory.members:
            return
        for number, owner in s.owners.items():
            if number in dropped or owner.code == Reason.CONFLICT:
                continue
            for index in self.paths.get(file_of(number), ()):
                ruling = self._ruling_on_witness(number, index, s)
                other = self._speaks_of(self.files[index].shown, owner.listed, s.headers[number].name)
                if other < 0 or (ruling is not None and not self._confirms(ruling, other, copy=index != s.counts_as[number])):
                    continue
                yield Suspect(other, self.files[index].shown, Reason.SUSPECT, s.keys[number].matter, s.keys[number].project, asked=ruling is None)

    def _ruling_on_witness(self, number: int, index: int, s: Settlement) -> Ruling | None:
        """What was said about a file's name: about the copy itself where another path of the same content counts."""
        if index == s.counts_as[number]:
            return self._fit(self.rulings_on(number).get(Reason.SUSPECT))
        ruling = self.by_content.get((self.original[number].sha256, copy_part(self.files[index].shown)), {}).get(Reason.SUSPECT)
        if ruling is not None:
            self.used.add(ruling.key)
        return ruling

    def _fit(self, ruling: Ruling | None) -> Ruling | None:
        """A ruling that could be applied so far."""
        return None if ruling is None or any(unfit.ruling is ruling for unfit in self.unfit) else ruling

    def _confirms(self, ruling: Ruling, other: int, *, copy: bool) -> bool:
        """A copy that is said to be the other unit's leaves that unit 待确认: what it sent is somebody else's."""
        return copy and ruling.word == Answer.BELONGS and other in self.directory.looked_up(ruling.unit)

    def _speaks_of(self, shown: str, listed: int, name: str) -> int:
        """The unit a path speaks of where it is not `listed`; a department's folder speaks of nobody."""
        stem, folders = stem_and_folders(shown)
        own = name_key(name)
        authority = name_key(self.directory.members[listed].authority) if listed >= 0 else ""
        text = name_key(stem).replace(own, " ") if own else name_key(stem)
        found = self.names.within(text)
        if listed in found or (listed >= 0 and listed in self.names.within(name_key(stem))):
            return NOBODY
        if found:
            other = self.names.spoken_of(text)
            return NOBODY if other >= 0 and self.directory.members[other].names[0] == authority else other
        for folder in folders:
            key = name_key(folder)
            if key in self.departments:
                continue
            within = self.names.within(key.replace(own, " ") if own else key)
            if within:
                other = self.names.spoken_of(key)
                department = other >= 0 and self.directory.members[other].names[0] in self.departments
                return NOBODY if listed in within or department else other
        return NOBODY

    # which counts

    def _decide(self, s: Settlement, dropped: set[int]) -> None:
        waiting: dict[int, Whose] = {n: o for n, o in s.owners.items() if o.code == Reason.CONFLICT and n not in dropped}
        doubted = {suspect.shown for suspect in s.suspects}
        groups: dict[ItemKey, list[int]] = {}
        for number in sorted(s.keys, key=lambda n: (self.files[file_of(n)].shown, n)):
            if number not in dropped:
                groups.setdefault(s.keys[number], []).append(number)
        involved = {replace(s.keys[number], unit=unit): number for number, owner in waiting.items() for unit in owner.concerned}
        for key, numbers in groups.items():
            s.parts.update(self._item(s, key, numbers, {n: n if n in waiting else involved.get(key) for n in numbers}, doubted))
        for number in dropped:
            word = next(r.word for r in self.rulings_on(number).values() if r.word == Answer.DROP)
            s.parts[number] = Decision(FileFate.IGNORED, DROPPED, -1, str(s.keys[number]), {"word": word})
        for number, owner in waiting.items():
            s.suspects.extend(self._concerned(s, number, owner))
        for number, key in s.keys.items():
            if key.year != s.year and s.owners[number].listed >= 0 and s.parts[number].fate is not FileFate.IGNORED:
                s.suspects.append(Suspect(s.owners[number].listed, self.files[file_of(number)].shown, Reason.OTHER_YEAR, key.matter, key.project))
            ruling = self.rulings_on(number).get(Reason.AMOUNT)
            if ruling is not None and ruling.word == Answer.RIGHT:
                s.amounts_right.add(number)
                self.used.add(ruling.key)

    def _item(
        self, s: Settlement, key: ItemKey, numbers: Sequence[int], conflicts: Mapping[int, int | None], doubted: set[str]
    ) -> Iterator[tuple[int, Decision]]:
        """The submissions for one item: those in a conflict wait, a project without a name waits, of the others one counts.

        `conflicts` has the submission whose code and name part, for what it says itself and for what it is about.
        """
        free = []
        for number in numbers:
            parting = conflicts[number]
            if parting is not None:
                details = {**s.owners[parting].details, "asked": self.files[s.counts_as[parting]].shown}
                yield number, Decision(FileFate.REJECTED, str(Reason.CONFLICT), -1, str(key), details)
            elif key.project == UNNAMED:
                yield number, Decision(FileFate.REJECTED, str(Reason.UNNAMED), -1, str(key))
            else:
                free.append(number)
        if free:
            yield from of_one_item(key, self._rivals(s, free, doubted))

    def _concerned(self, s: Settlement, number: int, owner: Whose) -> Iterator[Suspect]:
        by_key = {member.key: member.number for member in self.directory.members}
        key = s.keys[number]
        for unit in owner.concerned:
            if unit in by_key:
                yield Suspect(by_key[unit], self.files[file_of(number)].shown, Reason.CONFLICT, key.matter, key.project)

    def _rivals(self, s: Settlement, numbers: Sequence[int], doubted: set[str]) -> list[Rival]:
        rivals = []
        chosen = [self.rulings_on(n).get(Reason.DUPLICATE) for n in numbers]
        used = [ruling for ruling in chosen if ruling is not None and ruling.word == Answer.USE]
        if len(used) > 1:
            self.unfit.extend(Unfit(ruling, "同一事项有两份裁定为采用") for ruling in used)
        for number, ruling in zip(numbers, chosen, strict=True):
            use = ruling is not None and ruling.word == Answer.USE and len(used) == 1
            if use and ruling is not None:
                self.used.add(ruling.key)
            shown = self.files[file_of(number)].shown
            part = s.headers[number].part
            rivals.append(Rival(number, s.headers[number], f"{shown} › {part}" if part else shown, shown in doubted, use))
        return rivals

    # every file

    def _copies(self, s: Settlement) -> None:
        """The fate of every file: of the best of its submissions; of identical copies one path counts."""
        numbers: dict[int, list[int]] = {}
        for number in s.parts:
            numbers.setdefault(file_of(number), []).append(number)
        decided: dict[int, Decision] = {}
        for read, own in numbers.items():
            best = min((s.parts[n] for n in sorted(own)), key=lambda d: _ORDER[d.fate])
            counts = s.counts_as[own[0]]
            for index in self.paths.get(read, [read]):
                shown = self.files[counts].shown
                decided[index] = best if index == counts else Decision(FileFate.IGNORED, "ignored-identical", own[0], best.key, {"file": shown})
        for index, file in enumerate(self.files):
            if index not in decided:
                if file.refused:  # also a copy: it is what its own unit sent
                    decided[index] = Decision(FileFate.REJECTED, file.refused, details=file.details)
                elif file.copy_of >= 0 and file.copy_of not in numbers:
                    shown = self.files[file.copy_of].shown
                    decided[index] = Decision(FileFate.IGNORED, "ignored-identical", details={"file": shown})
                else:
                    decided[index] = Decision(FileFate.IGNORED, file.ignored, details=file.details)
        s.files = [decided[index] for index in range(len(self.files))]

    def _best_path(self, read: int, s: Settlement, number: int) -> int:
        """The path that bears the unit's name, else the shortest, else the first."""
        paths = self.paths.get(read, [read])
        if len(paths) == 1:
            return paths[0]
        owner = s.owners[number]
        listed = self.directory.members[owner.listed].names if owner.listed >= 0 else ()
        names = {name for name in (*listed, name_key(s.headers[number].name)) if name}

        def rank(index: int) -> tuple[bool, int, str]:
            shown = self.files[index].shown
            stem, _ = stem_and_folders(shown)
            return not any(name in name_key(stem) for name in names), len(shown), shown

        return min(paths, key=rank)

    # files nobody reads

    def _unread(self, s: Settlement) -> None:
        readable = {o.listed for n, o in s.owners.items() if o.listed >= 0 and n not in set(s.dropped)}
        strangers = {name_key(s.headers[n].name): s.headers[n].name for n, o in s.owners.items() if o.listed < 0 and s.headers[n].name}
        base, others = len(self.directory.members), list(strangers)
        looked = self.directory.witnesses(others)
        folders: dict[str, set[str]] = {}
        for number, owner in s.owners.items():
            folder = self.files[file_of(number)].shown.rpartition("/")[0]
            folders.setdefault(folder, set()).add(owner.key)
        for index, file in enumerate(self.files):
            code = file.refused or (file.ignored if file.ignored in UNREAD_KINDS else "")
            if not code:
                continue
            ruling = self._ruling_on_file(index)
            if ruling is not None and ruling.word == Answer.NO_FORM:
                s.files[index] = Decision(FileFate.IGNORED, DROPPED, details={"word": ruling.word})
                continue
            unit = self._sent_by(index, looked, ruling)
            if code in UNREAD_KINDS:
                readable_unit = unit in readable or unit >= base
                folder = file.shown.rpartition("/")[0]
                alone = unit < 0 and folder and len(folders.get(folder, ())) == 1
                if readable_unit or alone:
                    name = self._shown_name(unit, base, others, strangers) or next(iter(folders[folder])).partition("·")[-1] or "同一文件夹的单位"
                    s.files[index] = Decision(FileFate.IGNORED, "ignored-attachment", details={"unit": name})
                    continue
                ending = file.shown.rpartition("/")[2].rpartition(".")
                details = file.details if file.refused else {"ext": f".{ending[2]}" if ending[1] else ""}
                s.files[index] = Decision(FileFate.REJECTED, file.refused or "file-extension", details=details)
            if 0 <= unit < base:
                s.unreadable.append((unit, index))

    def _shown_name(self, unit: int, base: int, others: Sequence[str], names: Mapping[str, str]) -> str:
        if unit < 0:
            return ""
        return self.directory.members[unit].name if unit < base else names[others[unit - base]]

    def _ruling_on_file(self, index: int) -> Ruling | None:
        if not any(ruling.reason == Reason.UNREAD for ruling in self.rulings):
            return None
        sha256 = self.files[index].sha256 or self.hashed(index)
        parts = dict.fromkeys((copy_part(self.files[index].shown), self._part(index)))
        found = (self.by_content.get((sha256, part), {}).get(Reason.UNREAD) for part in parts if sha256)
        ruling = next(filter(None, found), None)
        if ruling is not None:
            self.used.add(ruling.key)
        return ruling

    def _part(self, index: int) -> str:
        """An unreadable file is asked about as a whole, each copy of it for itself."""
        return copy_part(self.files[index].shown) if self.files[index].copy_of >= 0 else ""

    def _sent_by(self, index: int, names: Names, ruling: Ruling | None) -> int:
        if ruling is not None and ruling.unit:
            at = self.directory.looked_up(ruling.unit)
            if len(at) == 1:
                return self.directory.members[at[0]].number
            self.unfit.append(Unfit(ruling, f"名单里{'没有' if not at else '不止一个'}“{ruling.unit}”"))
        said = self.directory.looked_up(str(self.files[index].details.get("unit", "")))
        if len(said) == 1:
            return self.directory.members[said[0]].number
        words = name_key(str(self.files[index].details.get("words", "")))
        if len(names.within(words)) == 1:
            return names.spoken_of(words)
        stem, folders = stem_and_folders(self.files[index].shown)
        for text in (stem, *(folder for folder in folders if name_key(folder) not in self.departments)):
            unit = names.spoken_of(name_key(text))
            if unit >= 0:
                return unit
        return NOBODY

    # what is asked

    def _questions(self, s: Settlement) -> None:
        asked: dict[tuple[str, str, str], Question] = {}
        order = sorted(s.parts, key=lambda n: (self.files[file_of(n)].shown, n))
        for question in (*(q for n in order for q in self._about(s, n)), *self._about_paths(s), *self._about_unread(s)):
            asked.setdefault(question.key, question)
        reasons = list(Reason)
        s.questions = sorted(asked.values(), key=lambda q: (reasons.index(q.reason), q.file, q.part))

    def _asked(self, s: Settlement, number: int, reason: Reason, why: str, suggested: str = "") -> Question:
        header, owner = self.original[number], s.owners[number]
        file = self.files[s.counts_as[number]].shown
        listed = self.directory.members[owner.listed].name if owner.listed >= 0 else ""
        return Question(reason, header.sha256, header.part, file, header.name, header.code, why, suggested or listed)

    def _about(self, s: Settlement, number: int) -> Iterator[Question]:
        """What is open about a submission itself."""
        decision, owner, key = s.parts[number], s.owners[number], s.keys[number]
        if decision.code == Reason.CONFLICT:
            said = decision.details
            own = owner.code == Reason.CONFLICT
            file = "" if own else f"这一份的编码和名称一致，牵涉到它的是“{said['asked']}”："
            yield self._asked(s, number, Reason.CONFLICT, f"{file}编码“{said['typed_code']}”、名称“{said['typed_name']}”；{said['units']}")
        elif decision.code == Reason.UNNAMED:
            yield self._asked(s, number, Reason.UNNAMED, "自评类型是项目，没有项目名称和编码")
        elif decision.code == Reason.DUPLICATE:
            yield self._asked(s, number, Reason.DUPLICATE, str(decision.details.get("files", "")))
        if decision.fate is FileFate.IGNORED:
            return
        if owner.code == Reason.SUSPECT:
            yield self._asked(s, number, Reason.SUSPECT, str(owner.details.get("reason_text", "")))
        if key.year != s.year and self._fit(self.rulings_on(number).get(Reason.OTHER_YEAR)) is None:
            yield self._asked(s, number, Reason.OTHER_YEAR, f"{key.year}年度，本次汇总{s.year}年度")

    def _about_paths(self, s: Settlement) -> Iterator[Question]:
        """Files whose name or folder speaks of another unit."""
        by_path = {file.shown: index for index, file in enumerate(self.files)}
        for suspect in s.suspects:
            if suspect.why is not Reason.SUSPECT or not suspect.asked:
                continue
            index = by_path[suspect.shown]
            file = self.files[index]
            read = file.copy_of if file.copy_of >= 0 else index
            name = self.directory.members[suspect.listed].name
            if index == s.counts_as.get(read):
                yield self._asked(s, read, Reason.SUSPECT, "文件名或文件夹像是它的", name)
            elif read in self.original:
                header = self.original[read]
                part, why = copy_part(file.shown), "与别的文件内容相同，文件名或文件夹像是它的"
                yield Question(Reason.SUSPECT, header.sha256, part, file.shown, header.name, header.code, why, name)

    def _about_unread(self, s: Settlement) -> Iterator[Question]:
        contents = [self.files[index].sha256 or self.hashed(index) for _, index in s.unreadable]
        often = Counter(contents)  # empty files of several units are each a question
        for (unit, index), sha256 in zip(s.unreadable, contents, strict=True):
            file = self.files[index]
            if sha256 and self._fit(self._ruling_on_file(index)) is None:
                part = copy_part(file.shown) if often[sha256] > 1 else self._part(index)
                yield Question(Reason.UNREAD, sha256, part, file.shown, "", "", "", self.directory.members[unit].name)

    def _account(self, s: Settlement) -> None:
        """Which rulings were used, which not, and why."""
        wrong = {unfit.ruling.key for unfit in self.unfit}
        present = {(h.sha256, h.part) for h in self.original.values()}
        for ruling in self.rulings:
            if ruling.key in self.used and ruling.key not in wrong:
                s.used.append(ruling)
            elif ruling.key not in wrong and ruling.row:
                gone = (ruling.sha256, ruling.part) not in present
                s.unfit.append(Unfit(ruling, "这份文件不在这次的输入里" if gone else "这份文件已没有这个问题", unused=True))
        s.unfit.extend(self.unfit)


_ORDER = {FileFate.ACCEPTED: 0, FileFate.REJECTED: 1, FileFate.SUPERSEDED: 2, FileFate.IGNORED: 3}
