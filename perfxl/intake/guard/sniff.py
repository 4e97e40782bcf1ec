"""What the first bytes of a file say it is."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, Final

from perfxl.model.system import said_by

from .limits import DEFAULT_LIMITS, MIB, Limits, Refusal

if TYPE_CHECKING:
    from pathlib import Path

OTHER_FORMATS: Final = frozenset((".xlsb", ".ods", ".csv", ".xltx", ".rar", ".7z", ".pdf", ".doc"))
"""Extensions that a clerk sends by mistake: refused with `file-extension`, so that nobody is chased who did send."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|style|div)\b|^mime-version:", re.IGNORECASE)
_XML_2003 = re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet|progid=.Excel\.Sheet", re.IGNORECASE)


def read_bytes(path: Path, limits: Limits = DEFAULT_LIMITS, *, follow_links: bool = False) -> bytes | Refusal:
    """The content of `path`, read once, or why it is not read; never blocks on a pipe and never writes.

    A file that the system does not let be read, or that has gone since it was listed, is `file-not-readable`.
    """
    try:
        return _read_bytes(path, limits, follow_links=follow_links)
    except OSError as error:
        return Refusal("file-not-readable", {"reason": said_by(error)})


def _read_bytes(path: Path, limits: Limits, *, follow_links: bool) -> bytes | Refusal:
    found = path.stat() if follow_links else path.lstat()
    if not stat.S_ISREG(found.st_mode):
        return Refusal("file-not-regular")
    extension = path.suffix.lower()
    if extension in OTHER_FORMATS:
        return Refusal("file-extension", {"ext": extension})
    if found.st_size > limits.file_bytes:
        return _file_too_large(found.st_size, limits)
    with path.open("rb") as source:
        data = source.read(limits.file_bytes + 1)
    return data if len(data) <= limits.file_bytes else _file_too_large(len(data), limits)


def sniff(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Refusal | None:
    """None where `data` begins like a zip package, else the refusal that names what it is instead."""
    if data.startswith(_ZIP):
        return _file_too_large(len(data), limits) if len(data) > limits.file_bytes else None
    if not data:
        return Refusal("file-empty")
    if len(data) > limits.file_bytes:
        return _file_too_large(len(data), limits)
    if data.startswith(_OLE):
        return Refusal(_ole(data))
    start = data[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.decode("utf-16", "replace").encode()
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _XML_2003.search(start):
        return Refusal("file-is-xml-2003")
    if _HTML.search(start[:512]):
        return Refusal("file-is-html")
    damaged = not start.strip(b"\0") or b"PK\x01\x02" in data
    return Refusal("file-damaged" if damaged else "file-not-xlsx")


def _ole(data: bytes) -> str:
    """The code of a compound file, told by the names in its directory."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return "file-encrypted"
    return "file-not-a-workbook" if holds("WordDocument") or holds("PowerPoint Document") else "file-is-xls"


def _file_too_large(size: int, limits: Limits) -> Refusal:
    found, limit = (f"{n / MIB:.1f} MiB" for n in (size, limits.file_bytes))
    return Refusal("file-too-large", {"what": "file", "n": found, "max": limit})
