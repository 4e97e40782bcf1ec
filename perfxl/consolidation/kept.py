"""The indicator rows of a submission as the ledger keeps them, so that years and schemes can be compared later.

MessagePack, not pickle: a ledger may come from another machine, and reading it must not be able to run code.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from perfxl.consolidation import shelf
from perfxl.consolidation.ledger import code_fingerprint
from perfxl.consolidation.names import several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from perfxl.consolidation.ledger import Ledger
    from perfxl.consolidation.records import Consolidation, Map

DETAIL_COLUMNS = (
    "sheet_row", "block", "level2", "level3", "operator", "target", "adjusted_target", "unit", "actual", "tier", "weight", "claimed_score",
    "score", "low", "high", "completion", "status", "rule", "op", "t_low", "t_high", "t_unit", "a_low", "a_high", "a_unit",
)  # fmt: skip
"""What is kept of an indicator, in this order; a further column goes to the end."""


def packed_rows(rows: bytes) -> bytes:
    """The indicators of a submission's packed long rows, column by column."""
    columns = shelf.unpacked(rows, "indicators").get("indicators", {})
    kept = [[None if value != value else value for value in columns.get(name, [])] for name in DETAIL_COLUMNS]
    try:
        encoded = msgspec.msgpack.encode(kept)
    except UnicodeEncodeError:
        encoded = msgspec.msgpack.encode([[_unicode(value) for value in column] for column in kept])
    return zlib.compress(encoded, 1)


def _unicode(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def unpacked_rows(packed: bytes) -> list[dict[str, Any]]:
    """The rows again; what an older perfxl did not keep is None."""
    columns = msgspec.msgpack.decode(zlib.decompress(packed))
    return [dict(zip(DETAIL_COLUMNS, row, strict=False)) for row in zip(*columns, strict=True)]


def keep_details(ledger: Ledger, c: Consolidation, run: Map) -> None:
    """Put into the ledger the indicators of those accepted submissions it does not know yet."""
    made = {key: hashlib.sha256(code_fingerprint().encode() + msgspec.msgpack.encode(scheme)).hexdigest() for key, scheme in c.schemes.items()}
    rows = zip(c.units["sha256"].tolist(), c.units["part"].tolist(), c.units["scheme"].tolist(), strict=True)
    keys = [(sha256, part, scheme, made[scheme]) for sha256, part, scheme in rows]
    missing = ledger.without_details(keys)
    wanted = [at for at, key in enumerate(keys) if key in missing]
    for first in range(0, len(wanted), PIECE):
        some = wanted[first : first + PIECE]
        ledger.keep_details((*keys[at], packed) for at, packed in zip(some, _packed(c, some, run), strict=True))


PIECE = 500


def members(c: Consolidation) -> Iterator[dict[str, str]]:
    """The units of the roster as the ledger keeps them, so that years can be compared: under the key their submissions have."""
    from perfxl.consolidation.units import Directory

    typed: dict[int, dict[str, dict[str, None]]] = {}
    for unit, *values in zip(*(c.roster[name].tolist() for name in ("unit", *_SEVERAL)), strict=True):
        kept = typed.setdefault(unit, {name: {} for name in _SEVERAL})
        for name, value in zip(_SEVERAL, values, strict=True):
            kept[name].update(dict.fromkeys(several(value)))
    for member in Directory(c.roster).members:
        names = {name: "、".join(found) for name, found in typed[member.number].items()}
        yield {"unit": member.key, "name": member.name, "code": member.code, "authority": member.authority, **names}


_SEVERAL = ("former", "short", "merged")


def _packed(c: Consolidation, some: Sequence[int], run: Map) -> Iterator[bytes]:
    pieces = [[c.rows.take(c.order[at]) for at in some[first : first + 50]] for first in range(0, len(some), 50)]
    for made in run(_pack_piece, pieces):
        yield from made


def _pack_piece(rows: list[bytes]) -> list[bytes]:
    return [packed_rows(row) for row in rows]
