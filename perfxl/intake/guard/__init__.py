"""Is this file safe to open, and what do its cells say?

`read_bytes` takes a path, `open_bytes` the bytes; both answer with a `Refusal` instead of raising. Nothing is written
or executed; only the parts that are read are inflated, by counted bytes, and of the sheets only those that are wanted.

`Opened.data` is the one package that every engine gets, written anew from what was approved: rows, texts, one plain
style. What the cells store stands in `SheetFacts.rows`, found on the way: the default reader takes it from there. What
formats, fonts and escapes make of a cell stands in `SheetFacts.said`, and beats what is stored, whoever reads.
"""

from __future__ import annotations

from .formats import CellError, PaddedNumber, ShownText, YuanNumber
from .glance import Glance
from .limits import DEFAULT_LIMITS, WHAT, LimitError, Limits, Refusal
from .opening import STRINGS, Opened, open_bytes, part_of
from .sheet import SheetFacts
from .sniff import OTHER_FORMATS, read_bytes, sniff

__all__ = [
    "DEFAULT_LIMITS",
    "OTHER_FORMATS",
    "STRINGS",
    "WHAT",
    "CellError",
    "Glance",
    "LimitError",
    "Limits",
    "Opened",
    "PaddedNumber",
    "Refusal",
    "SheetFacts",
    "ShownText",
    "YuanNumber",
    "open_bytes",
    "part_of",
    "read_bytes",
    "sniff",
]
