"""A text becomes a number, a bound, a range, a date or words; target and actual become a pair in one unit.

In: cells as typed. Out: `Reading`, `Pair`, each with what was assumed and what is not understood.
Touch without asking: a word in `vocabulary` (lists that allow, never lists that forbid). Ask first: the grammar.
Held by: test_values, test_pairing, test_published_values, test_numbers.
"""

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
