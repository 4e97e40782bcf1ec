"""The zip package: which entries it has, and their bytes, counted while they inflate."""

from __future__ import annotations

import re
import struct
import zlib
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from .limits import Limits, RefusalError, too_large, too_many_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCAL = struct.Struct("<4s2xHH16xHH")
_END = struct.Struct("<4s16xH")
_TELLING: Final = 1 << 16
"""Bytes from which on the ratio of a part says something."""
_SMALL: Final = 1 << 15
"""Bytes up to which a part is remembered."""
_UNICODE_NAME: Final = 0x7075
_ILLEGAL = re.compile(r"[\x00-\x1f\x7f]|^/|^[A-Za-z]:|(?:^|/)\.{1,2}(?:/|$)|//")


class Package:
    """The entries of a workbook by name; nothing is inflated until asked for, and never more than the limits allow."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._inflated = 0
        self.ratio = 0
        self._starts: dict[int, int] = {}
        self._by_lower_name: dict[str, ZipInfo] = {}
        self.entries: Mapping[str, ZipInfo] = self._directory()

    def __contains__(self, part: str) -> bool:
        return self._find(part) is not None

    def _find(self, part: str) -> ZipInfo | None:
        """The entry called `part`, by Excel's rule that case does not matter."""
        entry = self.entries.get(part)
        if entry is None:
            entry = self._by_lower_name.get(part.lower())
        return entry

    def _directory(self) -> dict[str, ZipInfo]:
        data = self._data
        try:
            with ZipFile(BytesIO(data)) as archive:
                found, directory = archive.infolist(), archive.start_dir
        except (BadZipFile, ValueError, NotImplementedError, struct.error, EOFError, OSError):
            raise RefusalError("file-damaged") from None
        end = data.rfind(b"PK\x05\x06")
        if end < 0 or len(data) < end + 22 or end + 22 + _END.unpack_from(data, end)[1] != len(data):
            raise RefusalError("file-damaged")
        if len(found) > self._limits.parts:
            raise too_large("parts", len(found), self._limits.parts)
        names = [self._name(entry) for entry in found]
        self._by_lower_name = {name.lower(): entry for name, entry in zip(names, found, strict=True)}
        if len(self._by_lower_name) != len(names):
            raise RefusalError("file-duplicate-parts")
        limit = directory
        for entry in sorted(found, key=lambda entry: entry.header_offset, reverse=True):
            start = self._start(entry)
            if start + entry.compress_size > limit:
                raise RefusalError("file-overlapping-parts")
            limit = entry.header_offset
            self._starts[limit] = start
        if limit:
            raise RefusalError("file-damaged")
        return dict(zip(names, found, strict=True))

    def _name(self, entry: ZipInfo) -> str:
        name = entry.orig_filename.replace("\\", "/")
        if not name or _ILLEGAL.search(name) or _other_name(entry.extra):
            raise RefusalError("file-illegal-part-name")
        if entry.flag_bits & 0x41:
            raise RefusalError("file-encrypted")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise RefusalError("file-damaged")
        return name

    def _start(self, entry: ZipInfo) -> int:
        """Where the compressed bytes begin; the local header must name the same entry as the directory."""
        at = entry.header_offset
        if at < 0 or at + _LOCAL.size > len(self._data):
            raise RefusalError("file-damaged")
        magic, flags, method, name, extra = _LOCAL.unpack_from(self._data, at)
        start: int = at + _LOCAL.size + name + extra
        told = entry.orig_filename
        raw = told.encode("utf-8" if entry.flag_bits & 0x800 or told.isascii() else "cp437", "replace")
        named = self._data[at + _LOCAL.size : at + _LOCAL.size + name]
        if magic != b"PK\x03\x04" or method != entry.compress_type or named != raw:
            raise RefusalError("file-damaged")
        if flags & 0x41:
            raise RefusalError("file-encrypted")
        return start

    def read(self, part: str) -> bytes:
        """The inflated bytes of `part`; `file-part-missing` where there is none."""
        entry = self._find(part)
        if entry is None:
            raise RefusalError("file-part-missing", part=part)
        start = self._starts[entry.header_offset]
        packed = self._data[start : start + entry.compress_size]
        budget = min(self._limits.part_bytes, self._limits.book_bytes - self._inflated)
        content = packed if entry.compress_type == ZIP_STORED else _inflated(packed, entry.file_size, budget)
        if len(content) > budget:
            raise self._too_many_bytes(budget)
        self._inflated += len(content)
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise RefusalError("file-damaged")
        if len(content) > _TELLING:
            self.ratio = max(self.ratio, len(content) // max(1, entry.compress_size))
        return content

    def start_of(self, part: str, size: int) -> bytes:
        """The first `size` inflated bytes of a part that nobody reads; empty where that cannot be."""
        entry = self._find(part)
        if entry is None:
            return b""
        start = self._starts[entry.header_offset]
        packed = self._data[start : start + min(entry.compress_size, size)]
        if entry.compress_type == ZIP_STORED:
            return packed
        try:
            return zlib.decompressobj(-15).decompress(packed, size)
        except zlib.error:
            return b""

    def _too_many_bytes(self, budget: int) -> RefusalError:
        if budget >= self._limits.part_bytes:
            return too_many_bytes("part", self._limits.part_bytes)
        return too_many_bytes("book", self._limits.book_bytes)


def _inflated(packed: bytes, declared: int, most: int) -> bytes:
    """What `packed` holds, up to one byte more than `most`; small parts are remembered, for files made from one template share them."""
    if max(len(packed), declared) <= _SMALL <= most and len(content := _remembered(packed, _SMALL)) <= _SMALL:
        return content
    return _inflate(packed, most)


def _inflate(packed: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(-15)
    try:
        content = inflater.decompress(packed, most + 1)
    except zlib.error:
        raise RefusalError("file-damaged") from None
    if len(content) <= most and not inflater.eof:
        raise RefusalError("file-damaged")
    return content


_remembered = lru_cache(maxsize=64)(_inflate)


def _other_name(extra: bytes) -> bool:
    """Whether an extra field gives the entry a second name (0x7075), which only some programs go by."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == _UNICODE_NAME:
            return True
        at += 4 + size
    return False


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A plain package of `parts` with ASCII names, stored, with a fixed date: the same parts give the same bytes."""
    local: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for name, content in parts.items():
        title = name.encode("ascii")
        sizes = struct.pack("<III", zlib.crc32(content), len(content), len(content))
        common = b"\x14\0\0\0\0\0\0\0\x21\0" + sizes + struct.pack("<HH", len(title), 0)
        directory.append(b"PK\x01\x02\x14\0" + common + bytes(10) + struct.pack("<I", offset) + title)
        local += (b"PK\x03\x04" + common + title, content)
        offset += 30 + len(title) + len(content)
    listed = b"".join(directory)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(parts), len(parts), len(listed), offset, 0)
    return b"".join((*local, listed, end))
