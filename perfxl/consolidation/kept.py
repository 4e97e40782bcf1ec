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
from perfxl.consolidation.shelf import DETAIL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.consolidation.ledger import Ledger
    from perfxl.consolidation.records import Consolidation


def unpacked_rows(packed: bytes) -> list[dict[str, Any]]:
    """The rows again; a number that is not there is None."""
    columns = msgspec.msgpack.decode(zlib.decompress(packed))
    return [{name: None if value != value else value for name, value in zip(DETAIL_COLUMNS, row, strict=False)} for row in zip(*columns, strict=True)]


def keep_details(ledger: Ledger, c: Consolidation) -> None:
    """Put into the ledger the indicators of those accepted submissions it does not know yet."""
    made = {key: hashlib.sha256(code_fingerprint().encode() + msgspec.msgpack.encode(scheme)).hexdigest() for key, scheme in c.schemes.items()}
    rows = zip(c.units["sha256"].tolist(), c.units["part"].tolist(), c.units["scheme"].tolist(), strict=True)
    keys = [(sha256, part, scheme, made[scheme]) for sha256, part, scheme in rows]
    missing = ledger.without_details(keys)
    wanted = [at for at, key in enumerate(keys) if key in missing]
    for first in range(0, len(wanted), PIECE):
        ledger.keep_details((*keys[at], shelf.details(c.rows.take(c.order[at]))) for at in wanted[first : first + PIECE])


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
