"""The arithmetic of a rule, said once: a tree with two renderings, arrays over columns and the text of an Excel formula.

NaN is "not scored" in arrays and `NA()` inside a formula; a whole cell shows it as an empty text (`formula`). A comparison
with something unknown is False in arrays and an error in Excel, so a tree asks `Known` first. A number or a text enters
a formula through `literal` alone.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from msgspec import Struct

from perfxl.model.rounding import SNAP_DECIMALS, round_points, rounded_formula, snap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from perfxl.schemes import Scheme

    Array = NDArray[Any]
    Operand: TypeAlias = "Expression | float"

_LARGEST, _SMALLEST = 1e16, 1e-15


def literal(value: float | str) -> str:
    """A number or text inside a formula: every digit of a number, a negative one in brackets, quotes doubled.

    Raises:
        ValueError: NaN and infinity, which no formula can hold.

    >>> literal(0.6666666), literal(-2.5), literal(100.0), literal(0.00001), literal('a"b')
    ('0.6666666', '(-2.5)', '100', '0.00001', '"a""b"')
    """
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"no formula can hold {number}")
    digits = repr(abs(number)).upper() if number and not _SMALLEST <= abs(number) < _LARGEST else f"{Decimal(repr(abs(number))):f}"
    plain = digits.removesuffix(".0")
    return f"({'-' + plain})" if number < 0 else plain


class Columns(Protocol):
    """Arrays by name: a frame, or a mapping."""

    def __getitem__(self, name: str, /) -> Any:
        """One column."""


class Rows(Struct, frozen=True):
    """Rows that aggregates add up: their columns, and for each row the place of its group among `count` groups."""

    columns: Columns
    at: NDArray[np.intp]
    count: int


class Expression(Struct, frozen=True, eq=False):
    """A node: its kind, the nodes below it, and what a leaf holds (a name, a number, a text, decimals)."""

    kind: str
    parts: tuple[Expression, ...] = ()
    held: Any = None

    def __add__(self, other: Operand) -> Expression:
        """The sum."""
        return _binary("+", self, other)

    def __radd__(self, other: float) -> Expression:
        """The sum."""
        return _binary("+", other, self)

    def __sub__(self, other: Operand) -> Expression:
        """The difference."""
        return _binary("-", self, other)

    def __rsub__(self, other: float) -> Expression:
        """The difference."""
        return _binary("-", other, self)

    def __mul__(self, other: Operand) -> Expression:
        """The product."""
        return _binary("*", self, other)

    def __truediv__(self, other: Operand) -> Expression:
        """The quotient; a tree asks first whether the divisor is 0."""
        return _binary("/", self, other)

    def __rtruediv__(self, other: float) -> Expression:
        """The quotient."""
        return _binary("/", other, self)

    def __lt__(self, other: Operand) -> Expression:
        """Less."""
        return _binary("<", self, other)

    def __le__(self, other: Operand) -> Expression:
        """Less or equal."""
        return _binary("<=", self, other)

    def __gt__(self, other: Operand) -> Expression:
        """More."""
        return _binary(">", self, other)

    def __ge__(self, other: Operand) -> Expression:
        """More or equal."""
        return _binary(">=", self, other)

    def equals(self, other: Operand | str) -> Expression:
        """Equality; texts are compared too."""
        return _binary("=", self, other)

    def differs(self, other: Operand | str) -> Expression:
        """Inequality."""
        return _binary("<>", self, other)

    def then(self, other: Expression) -> Expression:
        """Two texts, one behind the other."""
        return _binary("&", self, other)

    def values(self, columns: Columns, rows: Rows | None = None) -> Array:
        """The values over a frame or mapping of arrays; `rows` holds the columns that aggregates add up."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return _values(self, columns, rows, {})

    def number(self, **known: object) -> float:
        """The value for single numbers (or texts), by column name."""
        return float(self.values(known))

    def excel(self, cells: Mapping[str, str]) -> str:
        """Excel of the tree over cells (or bracketed formula texts) by column name, without "="."""
        return _excel(self, cells)[0]

    def formula(self, cells: Mapping[str, str]) -> str:
        """A whole cell: `excel`, with an empty text where there is no value."""
        text = _edge(self, cells)
        return f'IFERROR({text},"")' if "NA()" in text else text

    def given(self, facts: Mapping[str, object]) -> Expression:
        """The tree with some columns known, branches that cannot be taken left out."""
        return _given(self, facts, {})


def C(name: str) -> Expression:  # noqa: N802  # short names, as formulas read
    """A column of the frame, a cell of the sheet."""
    return Expression("column", held=name)


def N(value: float) -> Expression:  # noqa: N802  # the same
    """A number of the scheme."""
    return Expression("constant", held=float(value))


def T(text: str) -> Expression:  # noqa: N802  # the same
    """A text."""
    return Expression("constant", held=text)


BLANK = Expression("constant", held=math.nan)
"""Not scored."""


def If(condition: Expression, then: Operand, otherwise: Operand) -> Expression:  # noqa: N802  # named as in Excel
    """One of two values; only the one taken is looked at in Excel."""
    return Expression("if", (condition, _node(then), _node(otherwise)))


def Known(value: Expression) -> Expression:  # noqa: N802  # the same
    """Whether there is a number."""
    return Expression("known", (value,))


def And(*conditions: Expression) -> Expression:  # noqa: N802  # the same
    """All of them."""
    return Expression("and", conditions)


def Or(*conditions: Expression) -> Expression:  # noqa: N802  # the same
    """At least one of them."""
    return Expression("or", conditions)


def Not(condition: Expression) -> Expression:  # noqa: N802  # the same
    """The contrary."""
    return Expression("not", (condition,))


def Min(*values: Operand) -> Expression:  # noqa: N802  # the same
    """The least; unknown where one is unknown."""
    return Expression("min", tuple(map(_node, values)))


def Max(*values: Operand) -> Expression:  # noqa: N802  # the same
    """The largest; unknown where one is unknown."""
    return Expression("max", tuple(map(_node, values)))


def Clip(value: Operand) -> Expression:  # noqa: N802  # the same
    """A share kept between 0 and 1."""
    return Min(1, Max(0, value))


def Abs(value: Expression) -> Expression:  # noqa: N802  # the same
    """Without its sign."""
    return Expression("abs", (value,))


def Trunc(value: Expression) -> Expression:  # noqa: N802  # the same
    """The whole part of a snapped value: whole steps."""
    return Expression("trunc", (Snap(value),))


def Snap(value: Operand) -> Expression:  # noqa: N802  # the same
    """Without the dust of binary arithmetic: what a threshold compares."""
    return Expression("snap", (_node(value),))


def Rounded(value: Expression, decimals: int = 2, mode: str = "half-up") -> Expression:  # noqa: N802  # the same
    """As printed: snapped, then half away from zero (or cut)."""
    return Expression("rounded", (value,), (decimals, mode))


def as_scored(value: Expression, scheme: Scheme) -> Expression:
    """Points of an item, rounded as the scheme rounds."""
    return Rounded(value, scheme.rounding.decimals, scheme.rounding.mode)


def Sum(value: Expression, *conditions: Expression) -> Expression:  # noqa: N802  # the same
    """The sum over the rows of a group that meet every condition; what is no number adds nothing."""
    return Expression("sum", (value, *conditions))


def Count(*conditions: Expression) -> Expression:  # noqa: N802  # the same
    """The number of rows of a group that meet every condition."""
    return Expression("count", conditions)


def choose(branches: Iterable[tuple[Expression, Operand]], otherwise: Operand) -> Expression:
    """The value of the first condition that holds."""
    return reduce(lambda rest, branch: If(branch[0], branch[1], rest), reversed(list(branches)), _node(otherwise))


def _node(value: Operand | str) -> Expression:
    if isinstance(value, Expression):
        return value
    return T(value) if isinstance(value, str) else N(value)


def _binary(kind: str, left: Operand | str, right: Operand | str) -> Expression:
    return Expression(kind, (_node(left), _node(right)))


# arrays

_ELEMENTWISE: Mapping[str, Callable[..., Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": lambda a, b: np.asarray(a == b, dtype=bool),
    "<>": lambda a, b: np.asarray(a != b, dtype=bool),
    "&": np.add,
    "if": lambda condition, then, otherwise: np.asarray(np.where(condition, then, otherwise)),
    "known": lambda a: ~np.isnan(np.asarray(a, dtype="float64")),
    "and": lambda *parts: reduce(np.logical_and, parts),
    "or": lambda *parts: reduce(np.logical_or, parts),
    "not": np.logical_not,
    "min": lambda *parts: reduce(np.minimum, parts),
    "max": lambda *parts: reduce(np.maximum, parts),
    "abs": np.abs,
    "trunc": np.trunc,
    "snap": snap,
}


def _values(node: Expression, columns: Columns, rows: Rows | None, done: dict[int, Array]) -> Array:
    """Each node once: trees share branches."""
    key = id(node)
    if key in done:
        return done[key]
    if node.kind == "column":
        found = np.asarray(columns[node.held])
    elif node.kind == "constant":
        found = np.asarray(node.held, dtype=object if isinstance(node.held, str) else None)
    elif node.kind in ("sum", "count"):
        found = _added_up(node, rows)
    else:
        parts = [_values(part, columns, rows, done) for part in node.parts]
        found = round_points(parts[0], *node.held) if node.kind == "rounded" else np.asarray(_ELEMENTWISE[node.kind](*parts))
    done[key] = found
    return found


def _added_up(node: Expression, rows: Rows | None) -> Array:
    assert rows is not None, node  # noqa: S101  # aggregates are evaluated with their rows
    parts = [_values(part, rows.columns, None, {}) for part in node.parts]
    size = len(rows.at)
    chosen = reduce(np.logical_and, parts if node.kind == "count" else parts[1:], np.ones(size, dtype=bool))
    if node.kind == "count":
        return np.bincount(rows.at, chosen, minlength=rows.count)
    value = np.asarray(parts[0], dtype="float64")
    return np.bincount(rows.at, np.where(chosen & ~np.isnan(value), value, 0.0), minlength=rows.count)


# Excel

_LEVELS = {"=": 1, "<>": 1, "<": 1, "<=": 1, ">": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4}
_ATOM = 9
_FUNCTIONS = {"if": "IF", "known": "ISNUMBER", "and": "AND", "or": "OR", "not": "NOT", "min": "MIN", "max": "MAX", "abs": "ABS", "trunc": "TRUNC"}


def _excel(node: Expression, cells: Mapping[str, str]) -> tuple[str, int]:
    """The text and how tightly it binds."""
    if node.kind == "column":
        return cells[node.held], _ATOM
    if node.kind == "constant":
        return "NA()" if node.held != node.held else literal(node.held), _ATOM
    if node.kind in _LEVELS:
        level = _LEVELS[node.kind]
        (left, tight), (right, tighter) = (_excel(part, cells) for part in node.parts)
        # The right side keeps its brackets on its own level, so that both renderings add in the same order.
        left = f"({left})" if tight < level or level == tight == 1 else left
        right = f"({right})" if tighter <= level else right
        return f"{left}{node.kind}{right}", level
    texts = [_excel(part, cells)[0] for part in node.parts]
    if node.kind == "snap":
        return f"ROUND({texts[0]},{SNAP_DECIMALS})", _ATOM
    if node.kind == "rounded":
        return rounded_formula(texts[0], *node.held), _ATOM
    if node.kind == "sum" and len(texts) == 1:
        return f"SUM({texts[0]})", _ATOM
    if node.kind in ("sum", "count"):
        return _conditional(node, texts, cells), _ATOM
    return f"{_FUNCTIONS[node.kind]}({','.join(texts)})", _ATOM


def _conditional(node: Expression, texts: Sequence[str], cells: Mapping[str, str]) -> str:
    """SUMPRODUCT over spans: conditions multiplied to 1 and 0, texts in the summed span count as 0."""
    conditions = node.parts if node.kind == "count" else node.parts[1:]
    factors = "*".join(f"({text})" if tight < _ATOM else text for text, tight in (_excel(c, cells) for c in conditions))
    factors += "*1" if len(conditions) == 1 else ""
    return f"SUMPRODUCT({factors})" if node.kind == "count" else f"SUMPRODUCT({factors},{texts[0]})"


def _edge(node: Expression, cells: Mapping[str, str]) -> str:
    """Excel of a whole cell: what is not scored is an empty text where nothing is computed with it."""
    if node.kind == "constant" and node.held != node.held:
        return '""'
    if node.kind == "if":
        return f"IF({_excel(node.parts[0], cells)[0]},{_edge(node.parts[1], cells)},{_edge(node.parts[2], cells)})"
    return _excel(node, cells)[0]


# known columns


def _given(node: Expression, facts: Mapping[str, object], done: dict[int, Expression]) -> Expression:
    key = id(node)
    if key not in done:
        done[key] = _folded(node, facts, done)
    return done[key]


def _folded(node: Expression, facts: Mapping[str, object], done: dict[int, Expression]) -> Expression:
    if node.kind == "column":
        return Expression("constant", held=facts[node.held]) if node.held in facts else node
    if not node.parts:
        return node
    if node.kind == "if":
        condition = _given(node.parts[0], facts, done)
        if condition.kind == "constant":
            return _given(node.parts[1 if condition.held else 2], facts, done)
    parts = tuple(_given(part, facts, done) for part in node.parts)
    if node.kind in ("and", "or"):
        decides = node.kind == "or"
        if any(part.kind == "constant" and bool(part.held) is decides for part in parts):
            return Expression("constant", held=decides)
        parts = tuple(part for part in parts if part.kind != "constant")
        if len(parts) < 2:
            return parts[0] if parts else Expression("constant", held=not decides)
    whole = Expression(node.kind, parts, node.held)
    if node.kind in ("sum", "count") or any(part.kind != "constant" for part in parts):
        return whole
    return Expression("constant", held=whole.values({}).item())
