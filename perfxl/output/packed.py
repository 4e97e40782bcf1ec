"""Parts of a package as they are packed: copied, and added, without inflating and packing them again."""

from __future__ import annotations

import os
from struct import Struct
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK: Final = 1 << 20
MODE: Final = 0o600 << 16
DATE: Final = (1980, 1, 1, 0, 0, 0)
"""No clock in a package: equal input gives equal bytes."""
_LOCAL_NAMES: Final = Struct("<26xHH")


def copy_packed(package: ZipFile, entry: ZipInfo, target: ZipFile) -> None:
    """Copy a part as it is packed: packing a consolidated workbook a second time would take a tenth of the whole run."""
    add_packed(
        target,
        entry.filename,
        packed_bytes(package, entry),
        crc=entry.CRC,
        size=entry.file_size,
        packed=entry.compress_size,
        method=entry.compress_type,
    )


def add_packed(target: ZipFile, name: str, content: Iterable[bytes], *, crc: int, size: int, packed: int, method: int = ZIP_DEFLATED) -> None:
    """Add a part that is packed already by `method`; `size` and `crc` are of what it inflates to, `packed` is its length."""
    file = target.fp
    assert file is not None  # noqa: S101  # it is open for writing
    entry = ZipInfo(name, DATE)
    entry.compress_type, entry.CRC, entry.file_size, entry.compress_size = method, crc, size, packed
    entry.external_attr, entry.header_offset = MODE, file.tell()
    file.write(entry.FileHeader())
    if sum(map(file.write, content)) != packed:
        raise BadZipFile(name)
    target.filelist.append(entry)
    target.NameToInfo[name] = entry
    target.start_dir = file.tell()
    target._didModify = True  # type: ignore[attr-defined]  # noqa: SLF001  # zipfile has no way to add what is packed already


def packed_bytes(package: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    """A part as it is packed, a chunk at a time."""
    source = package.fp
    assert source is not None  # noqa: S101  # it is open for reading
    source.seek(entry.header_offset)
    name, extra = _LOCAL_NAMES.unpack(source.read(_LOCAL_NAMES.size))
    source.seek(name + extra, os.SEEK_CUR)
    left = entry.compress_size
    while left and (chunk := source.read(min(left, CHUNK))):
        yield chunk
        left -= len(chunk)
