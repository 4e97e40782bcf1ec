"""A look at the first texts of a sheet that nobody asked for by its title: cheap, and never a reason to refuse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .texts import unescaped
from .xml import normalised

if TYPE_CHECKING:
    from .package import Package
    from .sheet import BookFacts

GLANCE_BYTES: Final = 1 << 17
"""Of a sheet, inflated: what a glance goes through at most."""
_CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']([^<>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_SHARED = re.compile(rb"\bt\s*=\s*[\"']s[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v[^<>]*>([^<]*)<")
_TEXT = re.compile(rb"<(?:\w+:)?[tv](?:\s[^<>]*)?>([^<]*)<")


class Glance:
    """The texts of the first rows of one sheet, when called."""

    def __init__(self, package: Package, part: str, book: BookFacts) -> None:
        self._package, self._part, self._book = package, part, book

    def __call__(self, rows: int = 20) -> list[tuple[int, tuple[str, ...]]]:
        """Row number and texts of the first rows; what cannot be read is left out. Numbers come as they are stored."""
        content = normalised_start(self._package.start_of(self._part, GLANCE_BYTES), self._part)
        found: dict[int, list[str]] = {}
        for match in _CELL.finditer(content):
            row = int(match[2])
            if row > rows:
                break
            text = self._text(match[3], match[4] or b"")
            if text:
                found.setdefault(row, []).append(text)
        return [(row, tuple(texts)) for row, texts in sorted(found.items())]

    def _text(self, attributes: bytes, content: bytes) -> str:
        value = _VALUE.search(content)
        strings = self._book.strings
        if _SHARED.search(attributes):
            if value is None or strings is None or not value[1].isdigit() or len(value[1]) > 8 or int(value[1]) >= strings.count:
                return ""
            return unescaped(strings.texts[int(value[1])])
        from html import unescape

        text = b"".join(_TEXT.findall(content)).decode("utf-8", "replace")
        return unescaped(unescape(text))


def normalised_start(content: bytes, part: str) -> bytes:
    """The beginning of a part in UTF-8; one in another encoding says nothing here."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4]:
        return b""
    return normalised(content, part)
