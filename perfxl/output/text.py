"""Text on its way out: into cells and documents, onto a terminal, into names of files and sheets."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from perfxl.model.invisible import visible
from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    from pathlib import Path

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_RESERVED = LazyPattern(r"(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]+')
_BLANKS = re.compile(r"\s+")
_EDGES: Final = "._- ~$"


def clean(text: str) -> str:
    r"""`text` as any workbook or document can hold it: no lone surrogates, no control characters but tab and newline.

    >>> clean("第一行\r\n第二行\x07\ud800")
    '第一行\n第二行'
    """
    if _UNSAFE.search(text):
        text = _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # xlsxwriter takes a text from <r> to </r> for formatted runs of its own and writes it as markup; a blank behind it does not show.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def printable(text: str) -> str:
    """`text` on one line for a terminal or a log: controls, line ends and direction marks are shown as escapes."""
    return "".join(c if c.isprintable() or c == "\u3000" else c.encode("unicode_escape").decode() for c in text)


def safe_name(text: str, *, characters: int = 30) -> str:
    r"""A file name without extension for any system, from text such as a unit's name.

    NFC, without `<>:"/\|?*`, controls and direction marks, not a device of Windows, at most 120 bytes. Where anything
    had to be dropped or cut, 8 digits of the text's SHA-256 keep two texts apart.

    >>> safe_name("萍乡市图书馆"), safe_name("../x")
    ('萍乡市图书馆', 'x-d6b96a97')
    """
    name = unicodedata.normalize("NFC", text)
    safe = unicodedata.normalize("NFC", visible(clean(name)))
    safe = _BLANKS.sub(" ", _NOT_IN_NAMES.sub("_", safe)).strip(_EDGES)[:characters]
    safe = safe.encode()[:108].decode("utf-8", "ignore").rstrip(_EDGES)
    if _RESERVED.match(safe):
        safe = f"_{safe}"
    if safe and safe == name:
        return safe
    suffix = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe}-{suffix}" if safe else suffix


def file_name(text: str) -> str:
    """A file name as this system can take it: where its encoding has no such characters, as their UTF-8 bytes."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return os.fsdecode(text.encode("utf-8", "surrogatepass"))
    return text


def shown_name(path: Path, *, whole: bool = True) -> str:
    """A path as people may read it: forward slashes, bytes that are no UTF-8 and control characters made visible."""
    text = path.as_posix() if whole else path.name
    readable = os.fsencode(text).decode("utf-8", "replace")
    return "".join(ch if ch.isprintable() else f"\\x{ord(ch):02x}" for ch in readable)
