"""Results are whole or absent: how perfxl writes files, and how it knows its own again.

A result is written to a temporary name beside its target and renamed when whole: a kill at any moment leaves the
old file or the new one. A custom document property tells a result of perfxl, and whether it was edited since.

In: bytes and a target. Out: a whole file or none. Touch without asking: words of an error. Ask first: seals and locks.
Held by: test_output, test_plan, test_kills, test_faults, test_console.
"""

from __future__ import annotations

from perfxl.output.errors import MESSAGES, OutputError
from perfxl.output.lock import folder_lock
from perfxl.output.plan import NEVER_INPUT, OutputPlan, may_replace
from perfxl.output.seals import PROPERTY, Seal, parquet_property, parse_seal, read_seal, seal, seal_into, sealed_state
from perfxl.output.text import clean, file_name, printable, safe_name
from perfxl.output.whole import make_folder, probe, sweep, whole_file, write_whole

__all__ = [
    "MESSAGES",
    "NEVER_INPUT",
    "PROPERTY",
    "OutputError",
    "OutputPlan",
    "Seal",
    "clean",
    "file_name",
    "folder_lock",
    "make_folder",
    "may_replace",
    "parquet_property",
    "parse_seal",
    "printable",
    "probe",
    "read_seal",
    "safe_name",
    "seal",
    "seal_into",
    "sealed_state",
    "sweep",
    "whole_file",
    "write_whole",
]
