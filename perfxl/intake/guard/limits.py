"""What an opened file may cost, and the words with which it is refused."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MIB: Final = 1 << 20

WHAT: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "file": ("文件大小", "the file size"),
        "part": ("内部文件大小", "the size of one part"),
        "book": ("解压后大小", "the inflated size"),
        "parts": ("内部文件个数", "the number of parts"),
        "sheets": ("工作表个数", "the number of sheets"),
        "cells": ("单元格个数", "the number of cells"),
        "styles": ("样式个数", "the number of styles"),
        "merges": ("合并区域个数", "the number of merged areas"),
        "strings": ("文字条数", "the number of shared strings"),
        "text": ("单个单元格的字数", "the length of one cell's text"),
        "elements": ("文档正文的元素个数", "the number of elements of the document"),
        "texts": ("全部文字的字数", "the length of all texts"),
        "submissions": ("一个文件里的填报份数", "the number of submissions in one file"),
    }
)
"""The word `what` of `file-too-large` in Chinese and in English."""


class Limits(Struct, frozen=True):
    """Upper bounds, inclusive, each far above what 2,219 honest workbooks needed; a refusal names limit and finding.

    Sizes are in bytes. `window_rows` and `window_columns` refuse nothing: what lies outside is counted. `seconds` and
    `worker_bytes` hold in worker processes only; a file read in this process is bounded by the other limits, which keep
    the worst workbook they let through near 3 s and 300 MB. On the command line: `--limit NAME=VALUE`.
    """

    file_bytes: int = 50 * MIB
    """The file as received. Largest honest one: 2.7 MB; the room is for pictures pasted as evidence."""
    part_bytes: int = 64 * MIB
    """One part, counted while it inflates, never as declared. Largest honest one: 7.3 MB."""
    book_bytes: int = 128 * MIB
    """All parts that are read. 17 times the largest honest workbook."""
    archive_bytes: int = 1024 * MIB
    """All entries of a .zip of papers, as declared; an entry that holds more than it declares is damaged."""
    unusual_ratio: int = 200
    """Inflated : compressed above which `compression-unusual` is noted, not refused. Honest ≤ 97, bombs ≥ 397."""
    parts: int = 5_000
    """Entries of the package. Largest honest one: 340."""
    sheets: int = 256
    """Sheets of the workbook. Largest honest one: 30."""
    cells: int = 1_000_000
    """`<c>` elements of the sheets that are read; where formatted empty ones are many, they are left out. Largest honest one:
    175,095; bounds reading near 3 s."""
    window_rows: int = 20_000
    """Rows that are read; further cells are counted as `cells-outside-form`."""
    window_columns: int = 512
    """Columns that are read; further cells are counted as `cells-outside-form`."""
    shared_strings: int = 1_000_000
    """Entries of the string table, counted, never as declared."""
    text_length: int = 32_767
    """UTF-16 units in one cell: Excel's own limit."""
    total_text: int = 2_000_000
    """Characters in the cells of our sheets, a shared text as often as it is used: a 15 KB file can repeat one text into
    gigabytes. Largest of the samples: 5,215."""
    styles: int = 65_536
    """Cell formats, and 16 times as many elements in the whole style sheet: a million are looked through in a second. Excel
    itself keeps at most 65,490 cell formats; files with 60,000 named styles are met."""
    merges: int = 20_000
    """Merged areas of the workbook. Largest honest one: 1,654."""
    elements: int = 1_000_000
    """XML elements of the text of a Word document, counted before any tree is made of them: near 250 MB and 3 s. A report of 300 pages
    has some 200,000."""
    depth: int = 64
    """Nested XML elements. No honest file exceeded it."""
    attributes: int = 256
    """Attributes of one XML element. No honest file exceeded it."""
    seconds: float = 20.0
    """Processor time of one file in a worker: a busy machine changes no file's fate. Slowest honest file: 1.05 s."""
    worker_bytes: int = 512 * MIB
    """Memory of a worker above what it holds after its imports, enforced by the pool. Largest honest file: 41 MB."""

    @classmethod
    def of(cls, settings: Iterable[str]) -> Self:
        """The limits with some replaced, each as `name=value` in digits; the last of one name counts.

        >>> Limits.of(["file_bytes=100000000", "seconds=60"]).seconds
        60.0

        Raises:
            LimitError: no such limit, or a value that is no whole number between its bounds.
        """
        changed: dict[str, float] = {}
        usual = {name: getattr(DEFAULT_LIMITS, name) for name in cls.__struct_fields__}
        for setting in settings:
            name, _, value = setting.partition("=")
            name = name.strip()
            if name not in usual:
                raise LimitError(name, "", ", ".join(usual))
            low, high = BOUNDS.get(name, (1, HIGHEST))
            if not re.fullmatch(r"[0-9]{1,15}", value.strip()) or not low <= int(value) <= high:
                raise LimitError(name, value, "", (low, high))
            changed[name] = type(usual[name])(int(value))
        return replace(cls(), **changed)


HIGHEST: Final = 10**9
BOUNDS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "file_bytes": (1, 2 << 30),
        "part_bytes": (1, 4 << 30),
        "book_bytes": (1, 8 << 30),
        "archive_bytes": (1, 64 << 30),
        "window_rows": (1, 1_048_576),
        "window_columns": (1, 16_384),
        "depth": (1, 1_000),
        "attributes": (1, 10_000),
        "seconds": (1, 86_400),
        "worker_bytes": (64 * MIB, 1 << 40),
    }
)
"""Least and most of the limits where fewer would read nothing, or more would bound nothing; the others go up to `HIGHEST`."""


class LimitError(ValueError):
    """A limit that cannot be set: `names` lists those there are, and is empty where only the value is wrong."""

    def __init__(self, name: str, value: str, names: str, bounds: tuple[int, int] = (1, HIGHEST)) -> None:
        super().__init__(name)
        self.name, self.value, self.names, self.bounds = name, value, names, bounds


DEFAULT_LIMITS: Final = Limits()


class Refusal(Struct, frozen=True):
    """Why a file is not read: a code of the catalogue, and what fills the placeholders of its message."""

    code: str
    details: Mapping[str, str | float] = {}


class RefusalError(Exception):
    """Carries a refusal from the depth of a parser to `open_bytes`."""

    def __init__(self, code: str, **details: str | float) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, details)


def too_large(what: str, found: int | str, limit: int | str) -> RefusalError:
    """`file-too-large`, with `what` a word of `WHAT`."""
    return RefusalError("file-too-large", what=what, n=found, max=limit)


def too_many_bytes(what: str, limit: int) -> RefusalError:
    """`file-too-large` where counting stopped at the limit."""
    shown = f"{limit // MIB} MiB" if limit >= MIB else f"{limit} B"
    return too_large(what, f">{shown}", shown)
