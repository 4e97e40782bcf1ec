"""How perfxl knows its own results again, and whether somebody has edited one since: a custom document property."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from struct import error as struct_error
from typing import IO, Final, Literal, get_args
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from msgspec import Struct

from perfxl.model import PerfxlError
from perfxl.output.packed import CHUNK, DATE, MODE, copy_packed, packed_bytes

Kind = Literal["scored", "consolidated", "template", "report", "letter", "parquet", "review", "comparison", "ledger"]
State = Literal["ours-untouched", "ours-edited", "foreign"]

PROPERTY: Final = "perfxl"
"""The custom document property: `kind version source-sha256 fingerprint contents`, one blank between, `-` for none, the last one optional."""

_CUSTOM: Final = "docProps/custom.xml"


class Seal(Struct, frozen=True):
    """What the property of a result says about it."""

    kind: str
    version: str
    source: str
    """SHA-256 of the intake the result was made from; empty for a template or a consolidated workbook."""
    fingerprint: str
    """SHA-256 over all parts, as they are packed, but the one that holds the property."""
    contents: str = ""
    """What its cells say, in a form of its own; empty where nobody asks."""


def seal(workbook: bytes, kind: Kind, version: str, source: str = "") -> bytes:
    """`workbook` with the property that names it a result of perfxl; the same bytes give the same bytes."""
    target = BytesIO()
    seal_into(BytesIO(workbook), target, kind, version, source)
    return target.getvalue()


def seal_into(workbook: IO[bytes], target: IO[bytes], kind: Kind, version: str, source: str = "", contents: str = "") -> None:
    """Copy the package `workbook` to `target` with its seal; never more than a chunk of a part in memory.

    The package must hold a custom text property called `perfxl` (any value), so that manifest and relations name the
    part; `PerfxlError` if not.
    """
    digest = hashlib.sha256()
    with ZipFile(workbook) as package, ZipFile(target, "w", ZIP_DEFLATED) as sealed:
        if _CUSTOM not in package.namelist():
            raise PerfxlError(f"{_CUSTOM}: a workbook to be sealed needs a text property called {PROPERTY}")
        for name in sorted(set(package.namelist()) - {_CUSTOM}):
            _absorb(digest, package, name)
        written = Seal(kind, version, source, digest.hexdigest(), contents)
        for entry in package.infolist():
            if entry.filename == _CUSTOM:
                fresh = ZipInfo(entry.filename, DATE)
                fresh.compress_type = ZIP_DEFLATED
                fresh.external_attr = MODE
                sealed.writestr(fresh, _with_seal(package.read(entry), written))
            else:
                copy_packed(package, entry, sealed)


def _package(workbook: Path | bytes) -> ZipFile:
    return ZipFile(workbook if isinstance(workbook, Path) else BytesIO(workbook))


_UNREADABLE = (OSError, BadZipFile, KeyError, ValueError, zlib.error, struct_error, EOFError, NotImplementedError, RuntimeError)
"""What `ZipFile` raises on files that are none, or are damaged."""


def _absorb(digest: hashlib._Hash, package: ZipFile, name: str) -> None:
    """Add one part to the fingerprint: its name, its length, its bytes as they are packed.

    What was packed anew has other bytes, whoever did it; nothing needs to be inflated to see that.
    """
    entry = package.getinfo(name)
    digest.update(f"{name}\0{entry.file_size}\0{entry.CRC}\0{entry.compress_size}\0".encode())
    for chunk in packed_bytes(package, entry):
        digest.update(chunk)


_VALUE = re.compile(rb'(<property\b[^>]*\bname="' + PROPERTY.encode() + rb'"[^>]*>\s*<(?:\w+:)?lpwstr\b[^>]*>)([^<]*)(</(?:\w+:)?lpwstr>)')


def _with_seal(custom: bytes, written: Seal) -> bytes:
    words = (written.kind, written.version, written.source or "-", written.fingerprint, written.contents)
    value = " ".join(filter(None, words)).encode()
    sealed, count = _VALUE.subn(lambda match: match[1] + value + match[3], custom)
    if count != 1:
        raise PerfxlError(f"{_CUSTOM}: one text property called {PROPERTY} is expected, {count} found")
    return sealed


def parse_seal(value: str) -> Seal | None:
    """The seal written in a property value, None if it is not one."""
    words = value.split(" ")
    if len(words) not in (4, 5) or words[0] not in get_args(Kind) or len(words[3]) != 64:
        return None
    return Seal(words[0], words[1], "" if words[2] == "-" else words[2], *words[3:])


def read_seal(workbook: Path | bytes) -> Seal | None:
    """The seal of a result, None for any other file; reads one small part."""
    with suppress(*_UNREADABLE):
        with _package(workbook) as package, package.open(_CUSTOM) as part:
            match = _VALUE.search(part.read(CHUNK))
        return parse_seal(match[2].decode()) if match else None
    with suppress(*_UNREADABLE), _opened(workbook) as file:
        return _parquet_seal(file)[0]
    return None


def sealed_state(workbook: Path | bytes) -> State:
    """Whether a file is a result of perfxl, and whether its content is still as perfxl wrote it.

    Excel and WPS write every part anew when they save, so a saved file counts as edited even if no cell was changed.
    """
    found = read_seal(workbook)
    if found is None:
        return "foreign"
    digest = hashlib.sha256()
    with suppress(*_UNREADABLE), _package(workbook) as package:
        names = package.namelist()
        if len(set(names)) == len(names):
            for name in sorted(set(names) - {_CUSTOM}):
                _absorb(digest, package, name)
            if digest.hexdigest() == found.fingerprint:
                return "ours-untouched"
    with suppress(*_UNREADABLE), _opened(workbook) as file:
        end = _parquet_seal(file)[1]
        file.seek(0)
        if end and hashlib.sha256(file.read(end)).hexdigest() == found.fingerprint:
            return "ours-untouched"
    return "ours-edited"


# Parquet: the property is a key of the footer, the fingerprint is over all that stands before it

_PARQUET = b"PAR1"
_IN_FOOTER = re.compile(PROPERTY.encode() + rb".{1,3}(parquet \S+ \S+ [0-9a-f]{64})", re.DOTALL)


def parquet_property(file: IO[bytes], version: str) -> dict[str, str]:
    """The metadata that names a Parquet file a result of perfxl; in `file` stands all that is written before the footer, which goes behind it."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # a file opened for reading as well
    return {PROPERTY: f"parquet {version} - {digest.hexdigest()}"}


def _opened(file: Path | bytes) -> IO[bytes]:
    return file.open("rb") if isinstance(file, Path) else BytesIO(file)


def _parquet_seal(file: IO[bytes]) -> tuple[Seal | None, int]:
    """The seal of a Parquet file and where its footer begins; None and 0 for any other."""
    if file.read(4) != _PARQUET:
        return None, 0
    size = file.seek(-8, os.SEEK_END)
    length = int.from_bytes(file.read(4), "little")
    if file.read(4) != _PARQUET or not 0 < length <= size - 4:
        return None, 0
    file.seek(size - length)
    match = _IN_FOOTER.search(file.read(length))
    return (parse_seal(match[1].decode()), size - length) if match else (None, 0)
