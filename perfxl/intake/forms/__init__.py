"""Official one-table forms (绩效自评表) as units send them: one table with merged cells becomes a submission.

A `Grid` is a sheet or a Word table: cells and merged areas. `find_forms` finds every form of a grid by its words, never by
position; `submission_of` lays one out as the rows and fields of an intake, each with the cell it stands in. What was read by
assumption, what is not there and what cannot be told is an issue, never a guess.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form, find_forms
    from perfxl.intake.forms.grid import Grid
    from perfxl.intake.forms.laying import submission_of

_HOME = {"Form": "blocks", "find_forms": "blocks", "Grid": "grid", "submission_of": "laying"}

__all__ = ["Form", "Grid", "find_forms", "submission_of"]


def __getattr__(name: str) -> Any:
    """An intake is no form: what reads forms is loaded with the first one."""
    if name in _HOME:
        return getattr(import_module(f"perfxl.intake.forms.{_HOME[name]}"), name)
    raise AttributeError(f"module 'perfxl.intake.forms' has no attribute {name!r}")
