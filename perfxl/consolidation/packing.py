"""The submissions of one file as a few bytes and back: what the ledger keeps and what is sent between processes.

MessagePack, not pickle: a ledger may come from another machine, and reading it must not be able to run code.
"""

from __future__ import annotations

import re
import zlib
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from perfxl.intake.readers import ShownText
from perfxl.intake.reading import Refused
from perfxl.intake.submission import FURTHER, Submission
from perfxl.model import Issue
from perfxl.values import PercentNumber

if TYPE_CHECKING:
    from collections.abc import Mapping

_SURROGATE = re.compile("[\ud800-\udfff]")
_PERCENT, _DATETIME, _DATE, _TIME, _SPAN, _INTEGER, _SHOWN = 1, 2, 3, 4, 5, 6, 7


class Packed(msgspec.Struct, array_like=True):
    """A file as it was read: its submissions, or the code that refuses it."""

    submissions: list[Submission] = []
    code: str = ""
    details: dict[str, str | int | float] = {}
    sha256: str | None = None


def _restored(code: int, packed: memoryview) -> object:
    text = bytes(packed).decode()
    match code:
        case 1:
            return PercentNumber(float(text))
        case 2:
            return datetime.fromisoformat(text)
        case 3:
            return date.fromisoformat(text)
        case 4:
            return time.fromisoformat(text)
        case 5:
            return timedelta(seconds=float(text))
        case 6:
            return int(text)
        case 7:
            return ShownText(text)
    raise ValueError(f"unknown value kind {code}")


_COMMON = {float, bool, str, int}
"""What msgspec keeps as it is, or refuses."""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Packed, ext_hook=_restored)


def _plain(value: object) -> object:
    """A value msgspec keeps as it is; dates and percentages, which it would turn into text or numbers, as extensions."""
    extended = msgspec.msgpack.Ext
    match value:
        case bool() | None:
            return value
        case int():
            return value if -(2**63) <= value < 2**63 else extended(_INTEGER, str(value).encode())
        case ShownText():
            return extended(_SHOWN, _SURROGATE.sub("\ufffd", value).encode())
        case str():
            return value if value.isascii() or not _SURROGATE.search(value) else _SURROGATE.sub("\ufffd", value)
        case PercentNumber():
            return extended(_PERCENT, repr(float(value)).encode())
        case datetime():
            return extended(_DATETIME, value.isoformat().encode())
        case date():
            return extended(_DATE, value.isoformat().encode())
        case time():
            return extended(_TIME, value.isoformat().encode())
        case timedelta():
            return extended(_SPAN, repr(value.total_seconds()).encode())
    return value


def _every(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _portable(read: Submission) -> Submission:
    """A submission whose dates and percentages are extensions; rows of the common kinds are seen at a glance."""
    rows = {
        table: [row if _COMMON.issuperset(map(type, row.values.values())) else structs.replace(row, values=_every(row.values)) for row in listed]
        for table, listed in read.rows.items()
    }
    return structs.replace(read, number=0, source="", fields=_every(read.fields), rows=rows)


def _scrubbed(read: Submission) -> Submission:
    """The same, each text and number looked at: one is no Unicode, or a whole number beyond 64 bits."""
    return structs.replace(
        read,
        number=0,
        source="",
        fields=_every(read.fields),
        rows={table: [structs.replace(row, values=_every(row.values)) for row in listed] for table, listed in read.rows.items()},
        own_columns={
            table: {str(_plain(title)): {n: str(_plain(text)) for n, text in texts.items()} for title, texts in titles.items()}
            for table, titles in read.own_columns.items()
        },
        issues=[Issue(0, i.code, i.sheet, i.row, i.column, _text(i.value), _every(i.details)) for i in read.issues],
    )


def _text(value: str | None) -> str | None:
    return None if value is None else str(_plain(value))


def pack(read: list[Submission] | Refused) -> bytes:
    """What a file gave as compressed bytes, without numbers and its shown path."""
    if isinstance(read, Refused):
        return zlib.compress(_ENCODER.encode(Packed([], read.code, dict(read.details), read.sha256)), 1)
    try:
        encoded = _ENCODER.encode(Packed([_portable(submission) for submission in read]))
    except (UnicodeEncodeError, OverflowError):
        encoded = _ENCODER.encode(Packed([_scrubbed(submission) for submission in read]))
    return zlib.compress(encoded, 1)


def unpack(packed: bytes, number: int, source: str) -> list[Submission] | Refused:
    """What was packed, as the submissions of file `number`, shown as `source`.

    Raises:
        ValueError: the bytes are not of `pack`.
    """
    try:
        found = _DECODER.decode(zlib.decompress(packed))
    except (zlib.error, msgspec.DecodeError, TypeError, KeyError, ValueError) as error:
        raise ValueError("not a packed file") from error
    if found.code:
        return Refused(source, found.code, found.details, found.sha256)
    for i, read in enumerate(found.submissions):
        n = number + i * FURTHER
        read.number, read.source = n, source
        read.issues = [Issue(n, i.code, i.sheet, i.row, i.column, i.value, i.details) for i in read.issues]
    return found.submissions
