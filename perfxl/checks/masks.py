"""How checks look at a batch: columns as arrays, rows that count, sums and answers per submission.

Arrays, not Series: a batch of one file runs every check, and there the cost of a check is the cost of its calls.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from perfxl.rules.frames import INDICATOR
from perfxl.rules.results import Results, Status
from perfxl.values.blanks import says_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from perfxl.checks.engine import Tell

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Texts = NDArray[Any]

T = TypeVar("T")

_taken: ContextVar[dict[tuple[int, str], Any] | None] = ContextVar("taken", default=None)


@contextmanager
def columns_kept() -> Iterator[None]:
    """Keep the arrays of columns while all checks run over frames that nobody changes: taking one costs more than a check."""
    token = _taken.set({})
    try:
        yield
    finally:
        _taken.reset(token)


def kept(owner: object, name: str, take: Callable[[], T]) -> T:
    """What `take` gives, taken once for an owner (a frame, or the results) and a name while `columns_kept` lasts."""
    taken = _taken.get()
    if taken is None:
        return take()
    key = (id(owner), name)
    if key not in taken:
        taken[key] = take()
    found: T = taken[key]
    return found


def texts(frame: pd.DataFrame, name: str) -> Texts:
    """A text column; blank is ""."""
    return kept(frame, name, lambda: np.asarray(frame[name], dtype=object))


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """A number column; blank is NaN."""
    return kept(frame, name, lambda: np.asarray(frame[name], dtype="float64"))


def flags(frame: pd.DataFrame, name: str) -> Bools:
    """A column of truth values."""
    return kept(frame, name, lambda: np.asarray(frame[name], dtype=bool))


def is_(column: Texts, *words: str) -> Bools:
    """Cells that are one of the words."""
    result: Bools = np.zeros(len(column), dtype=bool)
    for word in words:
        result |= np.asarray(column == word, dtype=bool)
    return result


def where(candidates: Bools, judge: Callable[..., object], *columns: Texts) -> Bools:
    """The candidates for which a judgement on their texts says anything but False or nothing; the others are not looked at."""
    result: Bools = np.zeros(len(candidates), dtype=bool)
    chosen = np.flatnonzero(candidates)
    if len(chosen):
        result[chosen] = list(map(bool, map(judge, *(column[chosen] for column in columns))))
    return result


def unanswered(candidates: Bools, column: Texts) -> Bools:
    """The candidates whose text says nothing (blank, 无, /, 0)."""
    return where(candidates, says_nothing, column)


def counted(results: Results) -> Bools:
    """Indicator rows that take part: no details, totals or execution rows, not 不适用."""
    frame = results.frames.indicators
    return kept(frame, "", lambda: is_(texts(frame, "role"), INDICATOR) & ~is_(texts(frame, "status"), Status.NOT_APPLICABLE))


def name_alone(results: Results) -> Bools:
    """Rows of which only the name, or a level, is filled: what they lack is said once."""
    frame = results.frames.indicators
    bare: Bools = np.logical_and.reduce([is_(texts(frame, name), "") for name in ("target_text", "actual", "tier", "weight_text")])
    return bare


def position(results: Results, frame: pd.DataFrame) -> NDArray[np.intp]:
    """For each row of a frame, the place of its submission among the rows of `unit`, `execution` and `totals`."""

    def take() -> NDArray[np.intp]:
        return np.asarray(results.totals.index.get_indexer(pd.Index(frame["submission"])), dtype=np.intp)

    return kept(frame, "@", take)


def place(results: Results, row: Mapping[str, Any]) -> int:
    """The place of a row's submission among the rows of `unit`, `execution` and `totals`."""
    return int(results.totals.index.get_loc(row["submission"]))  # type: ignore[arg-type]  # submissions are unique


def per_submission(results: Results, frame: pd.DataFrame, values: Floats | Bools) -> Floats:
    """The sum of a column (or the count of a mask) for each submission; NaN counts as 0."""
    size = len(results.totals)
    if not len(frame):
        return np.zeros(size)
    weights = np.nan_to_num(np.asarray(values, dtype="float64"))
    return np.asarray(np.bincount(position(results, frame), weights, minlength=size), dtype="float64")


def each(describe: Callable[[Mapping[str, Any], Results], Mapping[str, str]]) -> Tell:
    """A `Check.tell` that needs nothing but the row and the scheme."""
    return lambda results: lambda row: describe(row, results)


def any_answer(results: Results, frame: pd.DataFrame, name: str) -> Bools:
    """Submissions in which at least one row of a table says something in a column."""
    column = texts(frame, name)
    said = np.asarray(column != "", dtype=bool)
    answered: Bools = per_submission(results, frame, said & ~unanswered(said, column)) > 0
    return answered


def of_kind(results: Results, *kinds: str) -> Bools:
    """Indicator rows of these kinds of comparison."""
    frame = results.frames.indicators
    return kept(frame, " ".join(("kind", *kinds)), lambda: is_(texts(frame, "kind"), *kinds))


def silent(results: Results, candidates: Bools, name: str) -> Bools:
    """The candidates among the indicator rows whose cell says nothing: blank, 无, /, 0."""
    return unanswered(candidates, texts(results.frames.indicators, name))


def compared(results: Results) -> Bools:
    """Rows that compare one exact number with a bound."""
    return counted(results) & of_kind(results, "quantity", "range") & flags(results.frames.indicators, "exact")


def whole_sheet(_: Mapping[str, Any]) -> str:
    """A `Check.alike` of one cause for all rows of a submission."""
    return "sheet"
