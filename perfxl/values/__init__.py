"""Reading what people type into value cells: targets, actuals, units, dates."""

from perfxl.values.reading import read_unit_column, read_value
from perfxl.values.record import PercentNumber, Reading, ReadingKind, cell_text, render, with_unit
from perfxl.values.units import Unit, converted, same_dimension

__all__ = [
    "PercentNumber",
    "Reading",
    "ReadingKind",
    "Unit",
    "cell_text",
    "converted",
    "read_unit_column",
    "read_value",
    "render",
    "same_dimension",
    "with_unit",
]
