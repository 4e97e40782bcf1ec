"""One submission as a few bytes and back: what the ledger keeps and what is sent between processes.

MessagePack, not pickle: a ledger may come from another machine, and reading it must not be able to run code.
"""

from __future__ import annotations

import re
import zlib
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from perfxl.intake.readers import PercentNumber, ShownText
from perfxl.intake.reading import Refused
from perfxl.intake.tables import Place, SheetRow, Submission
from perfxl.model import Issue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SURROGATE = re.compile("[\ud800-\udfff]")
_PERCENT, _DATETIME, _DATE, _TIME, _SPAN, _INTEGER, _SHOWN = 1, 2, 3, 4, 5, 6, 7


def _extended(value: object) -> msgspec.msgpack.Ext:
    if isinstance(value, datetime):
        return msgspec.msgpack.Ext(_DATETIME, value.isoformat().encode())
    if isinstance(value, date):
        return msgspec.msgpack.Ext(_DATE, value.isoformat().encode())
    if isinstance(value, time):
        return msgspec.msgpack.Ext(_TIME, value.isoformat().encode())
    if isinstance(value, timedelta):
        return msgspec.msgpack.Ext(_SPAN, repr(value.total_seconds()).encode())
    raise TypeError(f"cannot keep a {type(value).__name__}")


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


_AS_THEY_ARE = frozenset({float, bool, type(None)})
_COMMON = _AS_THEY_ARE | {str, int}
"""What msgspec keeps as it is, or refuses."""

_ENCODER = msgspec.msgpack.Encoder(enc_hook=_extended)
_DECODER = msgspec.msgpack.Decoder(ext_hook=_restored)


def _plain(value: object) -> object:
    """A value msgspec keeps as it is; dates and percentages, which it would turn into text or numbers, as extensions."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else msgspec.msgpack.Ext(_INTEGER, str(value).encode())
    if isinstance(value, ShownText):
        return msgspec.msgpack.Ext(_SHOWN, _SURROGATE.sub("\ufffd", value).encode())
    if isinstance(value, str):
        return value if value.isascii() or not _SURROGATE.search(value) else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, PercentNumber):
        return msgspec.msgpack.Ext(_PERCENT, repr(float(value)).encode())
    if isinstance(value, date | time | timedelta):
        return _extended(value)
    return value


def _plain_values(values: Mapping[str, object]) -> dict[str, object]:
    """The filled cells of a row; the common kinds are seen at a glance."""
    if _COMMON.issuperset(map(type, values.values())):
        return {k: v for k, v in values.items() if v is not None}
    return {k: _plain(v) for k, v in values.items() if v is not None}


def _every_value(values: Mapping[str, object]) -> dict[str, object]:
    """The same, each looked at: there is a text that is no Unicode, or a whole number beyond 64 bits."""
    return {k: _plain(v) for k, v in values.items() if v is not None}


def _encoded(read: Submission, kept: Callable[[Mapping[str, object]], dict[str, object]]) -> bytes:
    return _ENCODER.encode(
        [
            "read",
            read.sha256,
            {k: _plain(v) for k, v in read.fields.items()},
            {table: [[r.number, kept(r.values), r.shares_weight, r.computed, r.unread] for r in rows] for table, rows in read.rows.items()},
            {table: [p.sheet, p.header_row, p.cells, p.shown] for table, p in read.places.items()},
            {
                table: {title: [[n, _plain(t)] for n, t in texts.items()] for title, texts in titles.items()}
                for table, titles in read.own_columns.items()
            },
            [[i.code, i.sheet, i.row, i.column, _plain(i.value), {k: _plain(v) for k, v in i.details.items()}] for i in read.issues],
            read.origin,
            read.template_version,
        ]
    )


def pack(read: Submission | Refused) -> bytes:
    """A submission or a refusal as compressed bytes, without its number and its shown path."""
    if isinstance(read, Refused):
        return zlib.compress(_ENCODER.encode(["refused", read.code, dict(read.details), read.sha256]), 1)
    try:
        encoded = _encoded(read, _plain_values)
    except (UnicodeEncodeError, OverflowError):
        encoded = _encoded(read, _every_value)
    return zlib.compress(encoded, 1)


def unpack(packed: bytes, number: int, source: str) -> Submission | Refused:
    """What was packed, as submission `number` shown as `source`.

    Raises:
        ValueError: the bytes are not of `pack`.
    """
    try:
        kind, *rest = _DECODER.decode(zlib.decompress(packed))
        if kind == "refused":
            code, details, sha256 = rest
            return Refused(source, code, details, sha256)
        sha256, fields, rows, places, own, issues, origin, version = rest
        return Submission(
            number,
            source,
            sha256,
            fields,
            {
                table: [SheetRow(n, values, shares, computed, unread) for n, values, shares, computed, unread in listed]
                for table, listed in rows.items()
            },
            {table: Place(sheet, header, cells, shown) for table, (sheet, header, cells, shown) in places.items()},
            {table: {title: dict(texts) for title, texts in titles.items()} for table, titles in own.items()},
            [Issue(number, code, sheet, row, column, value, details) for code, sheet, row, column, value, details in issues],
            origin,
            version,
        )
    except (zlib.error, msgspec.DecodeError, TypeError, KeyError, ValueError) as error:
        raise ValueError("not a packed submission") from error
