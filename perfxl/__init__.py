"""Score, check and consolidate 绩效自评 workbooks: every point explained, every formula live.

The library offers what the command line does:

- `read_intake(path)` reads one workbook; `build_frames(submissions)` stacks any number into DataFrames.
- `score(submissions, scheme)` gives `Results`: frames with readings, points and what is still open, and the issues.
- `check(submissions, scheme)` gives the issues alone; `message(issue)` and `fix(issue)` their words.
- `write_scored(results, submission, path)` writes the scored workbook.
- `consolidate(paths, options)` gives a `Consolidation`: one picture of any number of files, each accounted for.
- `read_value("不少于42小时")` reads one cell's text; `load_scheme("national-2020")` a rule pack.

Names are loaded when first used, so importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from perfxl.api import check, read_intake, score, write_scored
    from perfxl.catalogue import fix, message, severity_of
    from perfxl.consolidation.assembly import consolidate
    from perfxl.consolidation.engine import ConsolidateOptions
    from perfxl.frames import Frames, build_frames
    from perfxl.intake import Submission
    from perfxl.model import Issue, PerfxlError, Severity
    from perfxl.reading import Refused
    from perfxl.results import Results
    from perfxl.scheme import Scheme, SchemeError, load_scheme
    from perfxl.values import PercentNumber, Reading, read_value, render

_HOME = {
    "ConsolidateOptions": "consolidation.engine", "consolidate": "consolidation.assembly",
    "check": "api", "read_intake": "api", "score": "api", "write_scored": "api",
    "fix": "catalogue", "message": "catalogue", "severity_of": "catalogue",
    "Frames": "frames", "build_frames": "frames",
    "Submission": "intake",
    "Issue": "model", "PerfxlError": "model", "Severity": "model",
    "Refused": "reading",
    "Results": "results",
    "Scheme": "scheme", "SchemeError": "scheme", "load_scheme": "scheme",
    "PercentNumber": "values", "Reading": "values", "read_value": "values", "render": "values",
}

__all__ = [
    "ConsolidateOptions", "Frames", "Issue", "PercentNumber", "PerfxlError", "Reading", "Refused", "Results", "Scheme", "SchemeError", "Severity", "Submission",
    "__version__", "build_frames", "check", "consolidate", "fix", "load_scheme", "message", "read_intake", "read_value", "render", "score", "severity_of",
    "write_scored",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        # Not kept under the package's own name: `score` is a function here and a module beside it.
        return getattr(import_module(f"perfxl.{_HOME[name]}"), name)
    raise AttributeError(f"module 'perfxl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
