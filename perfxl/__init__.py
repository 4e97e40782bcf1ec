"""Score, check and consolidate 绩效自评 workbooks: every point explained, every formula live.

The library offers what the command line does:

- `read_intake(path)` reads one workbook, `read_intakes(path)` one that holds several submissions; `build_frames(submissions)`
  stacks any number into DataFrames.
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

from perfxl.model.version import __version__

if TYPE_CHECKING:
    from perfxl.catalogue import fix, message, severity_of
    from perfxl.consolidation.assembly import consolidate
    from perfxl.consolidation.engine import ConsolidateOptions
    from perfxl.intake.reading import Refused
    from perfxl.intake.submission import Submission
    from perfxl.jobs.api import check, read_intake, read_intakes, score, write_scored
    from perfxl.model import Issue, PerfxlError, Severity
    from perfxl.rules.frames import Frames, build_frames
    from perfxl.rules.results import Results
    from perfxl.schemes import Scheme, SchemeError, load_scheme
    from perfxl.values import PercentNumber, Reading, read_value, render

_HOME = {
    "ConsolidateOptions": "consolidation.engine",
    "consolidate": "consolidation.assembly",
    "check": "jobs.api",
    "read_intake": "jobs.api",
    "read_intakes": "jobs.api",
    "score": "jobs.api",
    "write_scored": "jobs.api",
    "fix": "catalogue",
    "message": "catalogue",
    "severity_of": "catalogue",
    "Frames": "rules.frames",
    "build_frames": "rules.frames",
    "Submission": "intake.submission",
    "Issue": "model",
    "PerfxlError": "model",
    "Severity": "model",
    "Refused": "intake.reading",
    "Results": "rules.results",
    "Scheme": "schemes",
    "SchemeError": "schemes",
    "load_scheme": "schemes",
    "PercentNumber": "values",
    "Reading": "values",
    "read_value": "values",
    "render": "values",
}

__all__ = [
    "ConsolidateOptions",
    "Frames",
    "Issue",
    "PercentNumber",
    "PerfxlError",
    "Reading",
    "Refused",
    "Results",
    "Scheme",
    "SchemeError",
    "Severity",
    "Submission",
    "__version__",
    "build_frames",
    "check",
    "consolidate",
    "fix",
    "load_scheme",
    "message",
    "read_intake",
    "read_intakes",
    "read_value",
    "render",
    "score",
    "severity_of",
    "write_scored",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        # Not kept under the package's own name: `score` is a function here and a module beside it.
        return getattr(import_module(f"perfxl.{_HOME[name]}"), name)
    raise AttributeError(f"module 'perfxl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
