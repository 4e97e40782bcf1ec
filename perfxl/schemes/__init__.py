"""Rule packs: every weight, band, tier and threshold of a place, as data with its source.

A scheme is a TOML file. One may extend another, so a county writes only what differs. Loading refuses unknown keys,
wrong sums, overlapping bands and numbers without a source, naming file and key.

In: TOML. Out: a frozen `Scheme`. Touch without asking: a value, with its source. Ask first: a key (every key has a reader).
Held by: test_scheme, test_recalculation.
"""

from __future__ import annotations

from perfxl.schemes.expression import DATA_COLUMNS, data_items, parsed_expression
from perfxl.schemes.loading import DEFAULT_SCHEME, SCHEME_FOLDER, load_scheme, scheme_files, scheme_titles
from perfxl.schemes.records import (
    Band,
    Cap,
    Clause,
    Grade,
    Management,
    QualitativeTier,
    Scheme,
    SchemeError,
    ShareStep,
    Source,
    Sourced,
    Tier,
    TotalCaps,
)

__all__ = [
    "DATA_COLUMNS",
    "DEFAULT_SCHEME",
    "SCHEME_FOLDER",
    "Band",
    "Cap",
    "Clause",
    "Grade",
    "Management",
    "QualitativeTier",
    "Scheme",
    "SchemeError",
    "ShareStep",
    "Source",
    "Sourced",
    "Tier",
    "TotalCaps",
    "data_items",
    "load_scheme",
    "parsed_expression",
    "scheme_files",
    "scheme_titles",
]
