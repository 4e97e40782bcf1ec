"""Is this file safe to open, and what does its raw XML know that a reader hides?

`read_bytes` takes a path, `open_bytes` the bytes; both answer with a `Refusal` instead of raising. Nothing is written
or executed, and only the parts that a reader in `read_only` mode needs are inflated, by counted bytes.

`Opened.data` is what a reader may open: `load_workbook(..., read_only=True, data_only=True, keep_links=False)` with
`reset_dimensions()` on every sheet; another engine only where `calamine_ok`. The full mode of openpyxl parses parts
that nobody has looked at here.
"""

from __future__ import annotations

from .limits import DEFAULT_LIMITS, WHAT, LimitError, Limits, Refusal
from .opening import Opened, open_bytes
from .sheet import SheetFacts
from .sniff import OTHER_FORMATS, read_bytes, sniff

__all__ = ["DEFAULT_LIMITS", "OTHER_FORMATS", "WHAT", "LimitError", "Limits", "Opened", "Refusal", "SheetFacts", "open_bytes", "read_bytes", "sniff"]
