"""A review as it is kept, what a sheet says of one, and the hidden key that binds a line of a sheet to the row it was written for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfxl.model.digits import plain
from perfxl.model.invisible import compatible, visible
from perfxl.output import clean
from perfxl.rules.typed import points_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Place = tuple[str, str, int]
"""What a review is bound to: the item, the row's identity, and which of several equal rows it is."""

TYPED = ("review_actual", "review_score", "reason", "clause", "evidence", "by", "day", "answer")
"""What a reviewer fills in, and what the unit answers."""
NUMBERS = ("review_actual", "review_score")
"""Of these one makes a review."""
SHOWN = ("unit_name", "project", "level3", "target_text", "unit", "weight", "actual")
"""The printed cells that tell which row a line is about; the key holds a digest of each."""

COMPUTED = ("claimed", "score")
"""The printed points; the key holds a digest of each behind those of `SHOWN`."""

CELLS = ("unit_name", "project", "level1", "level2", "level3", "operator", "target_text", "unit", "weight", "actual")
"""The printed cells that are kept with a review."""

TITLES: Mapping[str, str] = {
    "unit_name": "单位",
    "project": "项目",
    "level1": "一级",
    "level2": "二级",
    "level3": "三级指标",
    "operator": "指标性质",
    "target_text": "指标值",
    "unit": "计量单位",
    "weight": "分值",
    "actual": "自评完成值",
    "claimed": "自评得分",
    "score": "规则测算得分",
    "review_actual": "复核完成值",
    "review_score": "复核得分",
    "reason": "扣分理由",
    "clause": "依据条款",
    "evidence": "佐证材料核对",
    "by": "复核人",
    "day": "复核日期",
    "confirm": "确认",
    "answer": "单位意见",
    "final": "最终得分",
    "key": "键",
}
"""The columns of a review sheet in order; the last one is hidden."""
HEADLINE = re.compile(r".*　绩效自评复核(?:（\d{4}年度）)?")
"""The title above the columns."""
HINT = "只填黄色的格：空白是未复核，0是0分；比规则测算得分少的要写扣分理由；灰色的行复核后有改动，仍然有效的在“确认”填“是”。"
CLAUSES = "条款"
"""The hidden sheet of the clauses offered."""
EVIDENCE = ("有", "无", "不符")
"""Words of 佐证材料核对."""
YES, NO = "是", "否"
"""The words of 确认."""


def same(text: str) -> str:
    """A text as it is compared: blanks, widths and what nobody sees make no difference.

    >>> same(" ７ 分"), same("*")
    ('7分', '*')
    """
    text = clean(text)
    return "".join(visible(compatible(text)).split())


def figure(text: str) -> str:
    """A number as it is compared, 7.0 as 7; other texts as they are.

    >>> figure("7.0"), figure("扣2分"), figure("")
    ('7', '扣2分', '')
    """
    points = points_of(text)
    return same(text) if points != points else plain(points)


def short(*texts: str, size: int = 16) -> str:
    """A digest of texts as they are compared."""
    return hashlib.sha256("\x1f".join(map(same, texts)).encode("utf-8", "surrogatepass")).hexdigest()[:size]


def content_of(sha256: str, part: str) -> str:
    """Which submission of which file."""
    return hashlib.sha256(f"{sha256}\x1f{part}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Review:
    """What a person at the bureau made of a row; `book`, `file`, `line` and `columns` say where that was typed.

    The cells of the row stand as the reviewer saw them. `of`: how many rows of its item were equal. `conflict` says which sheets
    contradict each other.
    """

    item: str
    identity: str
    nth: int
    of: int
    content: str
    unit_name: str
    project: str
    level1: str
    level2: str
    level3: str
    operator: str
    target_text: str
    unit: str
    weight: str
    actual: str
    review_actual: str = ""
    review_score: str = ""
    reason: str = ""
    clause: str = ""
    evidence: str = ""
    by: str = ""
    day: str = ""
    answer: str = ""
    conflict: str = ""
    book: str = ""
    file: str = ""
    line: int = 0
    columns: str = ""

    @property
    def place(self) -> Place:
        """What it is bound to."""
        return self.item, self.identity, self.nth

    @property
    def cells(self) -> dict[str, str]:
        """The printed cells of the row as the reviewer saw them."""
        return {name: getattr(self, name) for name in CELLS}

    @property
    def numbers(self) -> tuple[str, ...]:
        """The two numbers as compared."""
        return tuple(figure(getattr(self, name)) for name in NUMBERS)

    @property
    def reviewed(self) -> bool:
        """Whether it says anything about points; a blank is not reviewed, never 0."""
        return any(self.numbers) or bool(self.conflict)

    @property
    def blank(self) -> bool:
        """Nothing is typed: the review was withdrawn."""
        return not any(getattr(self, name) for name in TYPED)

    @property
    def digest(self) -> str:
        """Equal for equal contents."""
        return typed_digest({name: getattr(self, name) for name in TYPED})

    def cell(self, column: str) -> str:
        """The address of a typed cell in the sheet it came from."""
        return cell_of(self.columns, self.line, column)

    @property
    def home(self) -> str:
        """A digest of the path of the file it was typed into."""
        return _columns(self.columns).get(HOME, "")

    @property
    def words(self) -> str:
        """The numbers in words, for 复核台账."""
        said = [f"完成值{self.review_actual}"] if self.review_actual else []
        said += [f"{self.review_score}分" if same(self.review_score).replace(".", "").isdecimal() else self.review_score] if self.review_score else []
        return "，".join(said)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of 复核台账. `number` counts; `said` is the book and digest it came from, so that an old sheet is known again."""

    number: int
    item: str
    identity: str
    nth: int
    said: str
    day: str
    sha256: str
    unit_name: str
    project: str
    level3: str
    before: str
    after: str
    reason: str
    by: str
    state: str

    @property
    def place(self) -> Place:
        """The row."""
        return self.item, self.identity, self.nth


HOME = "home"
"""Beside the letters of the columns: which file it was, of several of one name."""


def _columns(columns: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in columns.split() if "=" in pair)


def cell_of(columns: str, line: int, column: str) -> str:
    """An address, of `review_score=N …`."""
    letters = _columns(columns).get(column, "")
    return f"{letters}{line}" if letters and line else ""


def typed_digest(values: Mapping[str, str]) -> str:
    """A digest of what is typed; "" where nothing is."""
    texts = [values.get(name, "") for name in TYPED]
    return short(*texts, size=8) if any(map(same, texts)) else "-"


@dataclass(frozen=True, slots=True)
class Key:
    """The hidden cell of a line: the row as it was when the sheet was written, and what was filled in then.

    `origin` is the row (`identity.nth`) of an earlier review that was filled in although the row has changed. `base` is the
    digest of what was filled in, `shown` a digest of each printed cell of `SHOWN`, `book` which workbook it is.
    """

    item: str
    content: str
    identity: str
    nth: int
    of: int
    origin: str
    base: str
    shown: str
    book: str

    def __str__(self) -> str:
        words = (self.item, self.content, self.identity, str(self.nth), str(self.of), self.origin or "-", self.base, self.shown, self.book)
        text = "#".join(words)
        return f"{text}#{_check(text)}"

    @classmethod
    def read(cls, text: str) -> Key | None:
        """The key, None where the cell was changed."""
        body, _, check = text.strip().rpartition("#")
        words = body.rsplit("#", 8)
        if len(words) != 9 or check != _check(body) or not (words[3].isdecimal() and words[4].isdecimal()):
            return None
        item, content, identity, nth, of, origin, base, shown, book = words
        return cls(item, content, identity, int(nth), int(of), "" if origin == "-" else origin, base, shown, book)

    @property
    def computed(self) -> list[str]:
        """The digests of `COMPUTED`; none in a sheet that was written before they stood there."""
        rest = self.shown[4 * len(SHOWN) :]
        return [rest[at : at + 4] for at in range(0, len(rest), 4)]

    @property
    def place(self) -> Place:
        """The row it was written for."""
        return self.item, self.identity, self.nth

    @property
    def origin_place(self) -> Place | None:
        """The row of the review that was filled in, where it is another."""
        identity, _, nth = self.origin.partition(".")
        return (self.item, identity, int(nth)) if nth.isdecimal() else None


def _check(text: str) -> str:
    return hashlib.sha256(f"perfxl{text}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


def shown_digests(cells: Mapping[str, str]) -> str:
    """Four digits for each printed cell that tells the row."""
    return "".join(short(cells[name], size=4) for name in (*SHOWN, *COMPUTED))


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of a sheet says. `typed` holds the columns that the sheet has; `columns` their letters."""

    key: Key
    cells: Mapping[str, str]
    typed: Mapping[str, str]
    confirm: str
    file: str
    number: int
    columns: str

    @property
    def home(self) -> str:
        """A digest of the path of its file."""
        return _columns(self.columns).get(HOME, "")

    def cell(self, column: str) -> str:
        """The address of a typed cell."""
        return cell_of(self.columns, self.number, column)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person must know about a review: a code of the catalogue, where, and its details."""

    code: str
    file: str
    cell: str = ""
    value: str = ""
    unit: str = ""
    details: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(slots=True)
class Read:
    """The review sheets that were handed in. `files` path to SHA-256 of every workbook of which nothing is left unread."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Doubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: dict[Any, str] = field(default_factory=dict)
