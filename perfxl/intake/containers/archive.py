"""A .zip of papers, one level deep: its entries by the names a person reads, and their bytes, counted while they inflate."""

from __future__ import annotations

import os
import re
import struct
import zlib
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from msgspec import Struct

from perfxl.intake.guard.limits import DEFAULT_LIMITS, MIB, Limits, RefusalError, too_large

_STEP: Final = 1 << 16
_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x41
_UNICODE_NAME: Final = 0x7075
_END_MARK: Final = b"PK\5\6"
_END_SIZE: Final = 22
_BROKEN: Final = (BadZipFile, ValueError, NotImplementedError, struct.error, EOFError, OSError, RuntimeError, zlib.error)
_PLACES = re.compile(r"^(?:[A-Za-z]:)?/+|(?:^|/)\.{1,2}(?=/|$)")


class ArchiveEntry(Struct, frozen=True):
    """One entry of a zip: where it stands in the directory, its name as people read it, and why it is not read, if so."""

    at: int
    name: str
    code: str = ""
    """`file-encrypted` or `file-damaged`, where its bytes will not be asked for."""


class Archive:
    """A zip in memory, its directory proved sound; nothing is inflated until asked for.

    Raises:
        RefusalError: no zip, too many entries, more bytes declared than `archive_bytes`, entries that share their bytes.
    """

    def __init__(self, data: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        if not _whole(data):
            raise RefusalError("zip-damaged")
        try:
            self._zip = ZipFile(BytesIO(data))
        except _BROKEN:
            raise RefusalError("zip-damaged") from None
        self._found = self._zip.infolist()
        if len(self._found) > limits.parts:
            raise too_large("parts", len(self._found), limits.parts)
        if sum(info.compress_size for info in self._found) > len(data):
            raise RefusalError("file-overlapping-parts")
        declared = sum(info.file_size for info in self._found)
        if declared > limits.archive_bytes:
            raise too_large("book", f"{declared // MIB} MiB", f"{limits.archive_bytes // MIB} MiB")

    def entries(self) -> list[ArchiveEntry]:
        """The files in the order of their names, and folders that hold nothing."""
        names = [_name(info) for info in self._found]
        holding = {name[: at + 1] for name in names for at, ch in enumerate(name[:-1]) if ch == "/"}
        listed = [
            ArchiveEntry(at, name, _trouble(info))
            for at, (name, info) in enumerate(zip(names, self._found, strict=True))
            if not (name.endswith("/") and name in holding)
        ]
        return sorted(listed, key=lambda entry: (os.fsencode(entry.name), entry.at))

    def read(self, at: int) -> bytes:
        """The bytes of one entry, never more than a file may have.

        Raises:
            RefusalError: encrypted, damaged, or larger than `file_bytes`.
        """
        if at >= len(self._found):
            raise RefusalError("file-damaged")
        info, most = self._found[at], self._limits.file_bytes
        if code := _trouble(info):
            raise RefusalError(code)
        pieces, size = [], 0
        try:
            with self._zip.open(info) as source:
                while piece := source.read(_STEP):
                    size += len(piece)
                    if size > most:
                        raise too_large("file", f">{most / MIB:.1f} MiB", f"{most / MIB:.1f} MiB")
                    pieces.append(piece)
        except _BROKEN:
            raise RefusalError("file-damaged") from None
        if size != info.file_size:
            raise RefusalError("file-damaged")
        return b"".join(pieces)


def _whole(data: bytes) -> bool:
    """Whether the end record stands at the very end: of a cut zip that of a workbook inside would be taken for its own."""
    end = data.rfind(_END_MARK)
    return end >= 0 and len(data) >= end + _END_SIZE and end + _END_SIZE + int.from_bytes(data[end + 20 : end + 22], "little") == len(data)


def _trouble(info: ZipInfo) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "file-encrypted"
    return "" if info.compress_type in (ZIP_STORED, ZIP_DEFLATED) else "file-damaged"


def _name(info: ZipInfo) -> str:
    """The name in UTF-8 where the zip says so or its bytes are, else in GBK as Windows and WPS write it; never a place on the disk."""
    raw = info.orig_filename
    text = raw
    if not info.flag_bits & _UTF8 and not raw.isascii():
        text = _second_name(info.extra) or _decoded(raw.encode("cp437", "replace"))
    text = text.replace("\\", "/").split("\0")[0]
    while (cut := _PLACES.sub("", text)) != text:
        text = cut
    return re.sub(r"/{2,}", "/", text).removeprefix("/") or "（没有名称）"


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("gb18030", "replace")


def _second_name(extra: bytes) -> str:
    """The UTF-8 name that some programs lay beside one in the old code page."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == _UNICODE_NAME and size > 5:
            try:
                return extra[at + 9 : at + 4 + size].decode("utf-8")
            except UnicodeDecodeError:
                return ""
        at += 4 + size
    return ""
