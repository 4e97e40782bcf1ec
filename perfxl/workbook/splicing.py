"""SpooledRows that were packed elsewhere, put into a workbook where its sheets have left room; nothing is packed twice."""

from __future__ import annotations

import tempfile
import zlib
from functools import cache
from typing import IO, TYPE_CHECKING, Self
from zipfile import ZIP_DEFLATED, ZipFile

from perfxl.output.packed import add_packed, copy_packed
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
        self.crc = crc_of_both(self.crc, piece.crc, piece.size)
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
    crc = crc_of_both(crc_of_both(zlib.crc32(above), rows.crc, rows.size), zlib.crc32(below), len(below))

    def content() -> Iterator[bytes]:
        yield head
        rows.file.seek(0)
        while chunk := rows.file.read(_CHUNK):
            yield chunk
        yield tail

    add_packed(whole, entry.filename, content(), crc=crc, size=len(above) + rows.size + len(below), packed=len(head) + rows.packed + len(tail))


# CRC-32 of two texts behind each other, from those of each (as zlib's crc32_combine, which Python does not offer)

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31
"""The polynomial 1: the highest bit is the lowest power."""


def crc_of_both(first: int, second: int, size: int) -> int:
    """The CRC-32 of a text and `size` bytes behind it.

    >>> crc_of_both(zlib.crc32(b"perf"), zlib.crc32(b"xl"), 2) == zlib.crc32(b"perfxl")
    True
    """
    return _times(_power_of_x(8 * size), first) ^ second


def _times(a: int, b: int) -> int:
    """The product of two polynomials modulo that of CRC-32."""
    product, bit = 0, _ONE
    while bit:
        if a & bit:
            product ^= b
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
        bit >>= 1
    return product


_SQUARES = [_ONE >> 1]
"""x, x², x⁴, x⁸ …, as far as they were needed."""


def _power_of_x(n: int) -> int:
    """X to the power of n."""
    power, at = _ONE, 0
    while n:
        power = _times(_power_of_digit(n & 255, at), power)
        n >>= 8
        at += 8
    return power


@cache
def _power_of_digit(digit: int, at: int) -> int:
    """X to the power of a number of 8 bits, shifted by `at`."""
    power = _ONE
    for bit in range(8):
        while at + bit >= len(_SQUARES):
            _SQUARES.append(_times(_SQUARES[-1], _SQUARES[-1]))
        if digit >> bit & 1:
            power = _times(_SQUARES[at + bit], power)
    return power
