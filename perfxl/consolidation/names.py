"""Names of units as they are compared, and where a path speaks of one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from perfxl.model.invisible import compatible, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_BRACKETS = str.maketrans("【】〔〕［］[]〈〉《》｛｝{}「」『』〖〗", "()" * 11)
OFFICE = "本级"
_LISTED = re.compile(r"[、,，;；/\n]+")


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """A unit's name as it is compared: NFKC, nothing invisible, no blanks, one kind of brackets, none around 本级.

    >>> name_key("萍乡市 图书馆【总馆】") == name_key("萍乡市图书馆(总馆)"), name_key("卫健局（本级）") == name_key("卫健局本级")
    (True, True)
    """
    plain = visible(compatible(text))
    return "".join(plain.translate(_BRACKETS).split()).casefold().replace("|", "¦").replace(f"({OFFICE})", OFFICE)


def several(text: str) -> list[str]:
    """The names of a cell that holds several."""
    return [part for part in (p.strip() for p in _LISTED.split(text)) if part]


def without_office(key: str) -> str:
    """A compared name without its 本级."""
    return key.removesuffix(OFFICE)


LONGER = re.compile(r"^\(?(?:分[校馆院局所站园店社队部厂中]|附属|附设|附小|附中|第[一二三四五六七八九十\d]|少[儿年]|直属|下属|所属|本级)")
"""What behind a name makes it the beginning of another unit's: 第一小学 is not spoken of by 第一小学分校.pdf."""
SHORTEST = 2


class Names:
    """Names (and codes) to look for inside of texts: the longest one found at any place of a text counts."""

    def __init__(self, names: Iterable[tuple[str, int]]) -> None:
        """`names`: compared names or codes with the number of their unit; one that stands for several units says nothing."""
        self._units: dict[str, int] = {}
        for name, unit in names:
            if len(name) >= SHORTEST:
                self._units[name] = unit if self._units.get(name, unit) == unit else AMBIGUOUS
        lengths: dict[str, set[int]] = {}
        for name in self._units:
            lengths.setdefault(name[:SHORTEST], set()).add(len(name))
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def within(self, text: str) -> dict[int, int]:
        """The units whose names stand in a text, each with the length of its longest; no name inside of a longer one."""
        found: dict[int, int] = {}
        covered = 0
        for at in range(len(text) - SHORTEST + 1):
            for length in self._lengths.get(text[at : at + SHORTEST], ()):
                unit = self._units.get(text[at : at + length])
                if unit is None or LONGER.match(text[at + length :]) or (text[at : at + length].isdecimal() and _digit_around(text, at, length)):
                    continue
                if at + length > covered:
                    found[unit] = max(found.get(unit, 0), length)
                    covered = at + length
                break
        return found

    def spoken_of(self, text: str) -> int:
        """The unit of the longest name in a text; −1 for none, or for two of one length."""
        found = self.within(text)
        most = max(found.values(), default=0)
        longest = [unit for unit, length in found.items() if length == most]
        return longest[0] if len(longest) == 1 and longest[0] >= 0 else NOBODY


NOBODY, AMBIGUOUS = -1, -2
SHORTEST_CODE = 4
"""Shorter codes are found by chance in any name that carries a number."""


def _digit_around(text: str, at: int, length: int) -> bool:
    """A code is the whole number, not a part of a longer one."""
    return text[at - 1 : at].isdecimal() or text[at + length : at + length + 1].isdecimal()


_STEPS = re.compile(r"/| › ")


def stem_and_folders(shown: str) -> tuple[str, list[str]]:
    """A path's own name without its ending, and its folders from the nearest on; a container counts as a folder."""
    *folders, name = _STEPS.split(shown)
    stem, dot, ending = name.rpartition(".")
    return (stem if dot and len(ending) <= LONGEST_ENDING else name), folders[::-1]


LONGEST_ENDING = 5
