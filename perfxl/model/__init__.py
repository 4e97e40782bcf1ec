"""The records everything is made of, and the words of closed sets.

In: nothing. Out: columns and tables, issues, levels, rounding, the version.
Touch without asking: a column's title, help or width (`columns`). Ask first: a name, a severity, a rounding.
Held by: test_template, test_numbers, test_structure.
"""

from __future__ import annotations

from perfxl.model.records import Column, Issue, Kind, PerfxlError, Table
from perfxl.model.sets import GRAVITY, FileFate, Severity, Status, Verdict, Worded

__all__ = ["GRAVITY", "Column", "FileFate", "Issue", "Kind", "PerfxlError", "Severity", "Status", "Table", "Verdict", "Worded"]
