"""What the cells of a 汇总 say, as one number a sheet: whether somebody has changed more in it than the cells meant for answers.

The sum of a digest of each row, whatever the order of the rows, formats and charts: a program that saves the file keeps it.
"""

from __future__ import annotations

import re
from hashlib import blake2b, sha256
from html import unescape
from typing import TYPE_CHECKING
from zipfile import ZipFile

import numpy as np

from perfxl.consolidation.decisions import QUESTIONS
from perfxl.consolidation.remarks import RETURNED, TITLES, own_sheets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from perfxl.intake.guard import Limits
    from perfxl.intake.readers import Sheet
    from perfxl.output import Seal

ANSWERS = (TITLES["reply"], TITLES["result"])
"""Columns of 退回修改清单 that are read from a saved 汇总 before it is replaced."""
_ALL = 1 << 64


class Contents(dict[str, int]):
    """The sum of each sheet by its title."""

    def add(self, title: str, content: int) -> None:
        """Rows more on a sheet."""
        self[title] = (self.get(title, 0) + content) % _ALL

    @property
    def words(self) -> str:
        """As the seal keeps it: of 待裁定, and of all other sheets."""
        return ".".join(_of({t: n for t, n in self.items() if t.startswith(QUESTIONS) is asked}) for asked in (True, False))


def _of(sums: Mapping[str, int]) -> str:
    return sha256(repr(sorted(sums.items())).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def content_of(rows: Iterable[Sequence[str]]) -> int:
    """The sum over rows of what their cells say; a row that says nothing is none."""
    return sum_of(digests(["\x1f".join(row).encode("utf-8", "surrogatepass") for row in rows]))


def sum_of(contents: Iterable[int]) -> int:
    """The sum of `digests`."""
    return sum(contents) % _ALL


def digests(rows: Iterable[bytes]) -> list[int]:
    """Of what the cells of each row say, joined as in `content_of`; 0 where they say nothing."""
    found = [blake2b(row, digest_size=8).digest() if row else bytes(8) for row in [row.rstrip(b"\x1f") for row in rows]]
    numbers: list[int] = np.frombuffer(b"".join(found), ">u8").tolist()
    return numbers


_STORED = re.compile(rb'^<c s="\d+"( t="\w+")?>(?:<f>[^<]*</f>)?<(?:is><t[^>]*|v)>([^<]*)<')


class CellTexts(dict[bytes, bytes]):
    """What a cell of `workbook.rows` says, by its XML."""

    def __missing__(self, cell: bytes) -> bytes:
        stored = _STORED.match(cell)
        said = "" if stored is None else unescape(stored[2].decode()).replace("_x005F_", "_") if stored[1] else plain(float(stored[2]))
        self[cell] = said.encode()
        return self[cell]


def plain(value: object) -> str:
    """What a stored value says; numbers as far as every program keeps them."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.12G}"
    return "" if value is None else str(value)


def in_sheets(sheets: Iterable[Sheet]) -> Contents:
    """The contents of sheets as they were read, without the answers."""
    found = Contents()
    for sheet in sheets:
        found.add(sheet.title, 0)
        aside: set[int] = set()
        rows = []
        for _, values in sheet.rows:
            said = [plain(value) for value in values]
            if sheet.title.startswith(RETURNED) and not aside and set(ANSWERS) <= set(said):
                aside = {said.index(title) for title in ANSWERS}
                rows.append(said)
            else:
                rows.append(["" if at in aside else text for at, text in enumerate(said)])
        found.add(sheet.title, content_of(rows))
    return found


def only_answers(path: Path, seal: Seal, limits: Limits, *, decided: bool) -> bool:
    """Whether nothing else has changed in a 汇总 since it was `seal`ed: with `decided`, its 待裁定 is being read as well.

    What cannot be told is not so; comments and pictures are more than answers, too.
    """
    with ZipFile(path) as package:
        if any(name.lower().startswith(("xl/media/", "xl/comments", "xl/threadedcomments", "xl/persons")) for name in package.namelist()):
            return False
    sheets = own_sheets(path, limits)
    now, then = (in_sheets(sheets).words.split("."), seal.contents.split(".")) if sheets is not None else ([], [""])
    return now == then or (decided and now[1:] == then[1:])
