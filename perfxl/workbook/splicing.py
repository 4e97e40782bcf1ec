"""SpooledRows that were packed elsewhere, put into a workbook where its sheets have left room; nothing is packed twice."""

from __future__ import annotations

import tempfile
import zlib
from typing import IO, TYPE_CHECKING, Self
from zipfile import ZIP_DEFLATED, ZipFile

from perfxl.output.packed import add_packed, copy_packed
from perfxl.workbook.crc import crc_of_both, shift_of
from perfxl.workbook.rows import PACKING, ROOM
from perfxl.workbook.writing import WritingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType
    from zipfile import ZipInfo

    from perfxl.workbook.rows import PackedRows

_CHUNK = 1 << 20


class SpooledRows:
    """The packed rows of one sheet in a temporary file, piece behind piece; a context manager."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self.rows = self.size = self.packed = self.crc = self.content = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.file.close()

    def add(self, piece: PackedRows) -> None:
        """Put a piece behind the others."""
        self.crc = crc_of_both(self.crc, piece.crc, piece.shift)
        self.rows += piece.rows
        self.content += piece.content
        self.size += piece.size
        self.packed += len(piece.packed)
        self.file.write(piece.packed)


def splice(skeleton: IO[bytes], target: IO[bytes], rows: Mapping[str, SpooledRows]) -> None:
    """Copy the package `skeleton` to `target`, with `rows` (by the name of the part) where the sheets have left room.

    Raises:
        WritingError: a sheet has left no room.
    """
    with ZipFile(skeleton) as package, ZipFile(target, "w", ZIP_DEFLATED) as whole:
        for entry in package.infolist():
            if entry.filename in rows:
                _add_sheet(whole, entry, package.read(entry), rows[entry.filename])
            else:
                copy_packed(package, entry, whole)


def _add_sheet(whole: ZipFile, entry: ZipInfo, sheet: bytes, rows: SpooledRows) -> None:
    above, mark, below = sheet.partition(ROOM.encode())
    if not mark:
        raise WritingError(f"{entry.filename}：没有留出放行的位置。")
    packer = zlib.compressobj(PACKING, zlib.DEFLATED, -zlib.MAX_WBITS)
    head, tail = packer.compress(above) + packer.flush(zlib.Z_FULL_FLUSH), packer.compress(below) + packer.flush()
    crc = crc_of_both(crc_of_both(zlib.crc32(above), rows.crc, shift_of(rows.size)), zlib.crc32(below), shift_of(len(below)))

    def content() -> Iterator[bytes]:
        yield head
        rows.file.seek(0)
        while chunk := rows.file.read(_CHUNK):
            yield chunk
        yield tail

    add_packed(whole, entry.filename, content(), crc=crc, size=len(above) + rows.size + len(below), packed=len(head) + rows.packed + len(tail))
