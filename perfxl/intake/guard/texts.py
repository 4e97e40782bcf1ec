"""A text as it stands in the XML, and what it says: runs, struck or raised, and escapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""A character as Excel writes it where XML could not hold it, or where the text itself looks like that."""
SPECIAL = re.compile("DISPIMG|_x[0-9A-Fa-f]{4}_")
"""What makes a text say something else than its characters."""
PICTURE_FORMULA: Final = "DISPIMG("
PICTURE: Final = '=DISPIMG("",1)'
"""What a cell with a picture in it says, whoever put it there."""
_RAISED = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")
_NOT_XML = LazyPattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DELETED: Final = "\x7f"
"""Stands for a character that no XML can hold: it is taken out as a control character, and said."""


class TextRun(Struct, frozen=True):
    """A piece of a text in one font. `own`: the font is given here, not by the cell."""

    text: str
    struck: bool = False
    raised: bool = False
    own: bool = False


class Spoken(Struct, frozen=True):
    """What a text says: struck pieces left out, raised digits as such, escapes resolved once."""

    text: str
    struck: bool


def spoken(runs: Iterable[TextRun], *, struck_cell: bool = False) -> Spoken:
    """What runs say in a cell whose own font is or is not struck through."""
    runs = tuple(runs)
    kept = [run for run in runs if not (run.struck if run.own else struck_cell)]
    text = "".join(raised(run.text) if run.raised else run.text for run in kept)
    return Spoken(unescaped(text), len(kept) < len(runs))


def is_special(text: str) -> bool:
    """Whether a text, or one of many joined, perhaps says something else than its characters."""
    return ("_x" in text or "DISPIMG" in text) and SPECIAL.search(text) is not None


def raised(text: str) -> str:
    """Raised digits as the characters that are: they are none of the number before them."""
    return text.translate(_RAISED)


def unescaped(text: str) -> str:
    r"""`_x000D_` as the character, once.

    >>> unescaped("270_x000D_"), unescaped("_x005F_x0041_")
    ('270\r', '_x0041_')
    """
    if "_x" not in text:
        return text
    text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")  # two halves are one character
    return _NOT_XML.sub(_DELETED, text)


def is_on(attributes: Mapping[str, str]) -> bool:
    """Whether a switch of a font is on: it is unless it says otherwise."""
    return attributes.get("val", "1").lower() in ("1", "true", "on")


class RichText:
    """Collects the runs of one `<si>` or `<is>`; depths count from it, its children have 1."""

    __slots__ = ("own", "path", "plain", "raised", "runs", "sound", "struck", "taking", "texts_of_run")

    def __init__(self) -> None:
        self.runs: list[TextRun] = []
        self.sound = True
        self.path: list[str] = []
        self.plain = self.struck = self.raised = self.own = False
        self.taking: list[str] | None = None
        self.texts_of_run = 0

    def start(self, local: str, attributes: Mapping[str, str], depth: int) -> None:
        """An element begins."""
        del self.path[depth - 1 :]
        self.path.append(local)
        if self.taking is not None:
            self.sound = False
        elif self.path == ["r"]:
            self.struck = self.raised = self.own = False
            self.sound = self.sound and not self.plain
            self.texts_of_run = 0
        elif self.path == ["t"]:
            self.sound = self.sound and not self.plain and not self.runs
            self.plain = True
            self.taking = []
        elif self.path == ["r", "t"]:
            self.texts_of_run += 1
            self.sound = self.sound and self.texts_of_run == 1
            self.taking = []
        elif self.path[:2] == ["r", "rPr"]:
            self.own = True
            if local == "strike":
                self.struck = is_on(attributes)
            elif local == "vertAlign":
                self.raised = attributes.get("val") == "superscript"

    def text(self, characters: str) -> None:
        """Characters of the element that was begun last."""
        if self.taking is not None:
            self.taking.append(characters)

    def end(self, local: str, depth: int) -> None:
        """An element ends."""
        if local == "t" and self.taking is not None and self.path[depth - 1 :] == ["t"]:
            self.runs.append(TextRun("".join(self.taking), self.struck, self.raised, self.own))
            self.taking = None

    def finished(self) -> tuple[TextRun, ...] | None:
        """The runs; None where the schema forbids what stands there, and two programs could read it differently."""
        return tuple(self.runs) if self.sound else None
