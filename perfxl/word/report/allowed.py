"""What a tag of a report template may do: name the report's contents, choose and repeat them. Anything that could grow is refused.

An allow-list: a tag that multiplies texts, calls methods or builds texts from themselves could ask for gigabytes in ten letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Iterator

_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.NSRef, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Const, nodes.For,
    nodes.If, nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Filter, nodes.Test, nodes.List, nodes.Tuple,
    nodes.Assign, nodes.Add, nodes.Sub, nodes.Div, nodes.Neg, nodes.Keyword,
)  # fmt: skip
FILTERS = frozenset(
    ("join", "length", "count", "default", "d", "trim", "first", "last", "upper", "lower", "e", "escape", "safe", "string", "int", "float", "round")
)
DEEPEST = 3
"""Loops inside loops: sections, their levels, their rows."""
_SIMPLE = (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const)


class RefusedTagError(SecurityError):
    """A tag that does what no report needs."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Tags(ImmutableSandboxedEnvironment):
    """An environment whose templates are looked through before they are compiled."""

    intercepted_binops = frozenset(("+", "-", "/"))

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _look_through(tree, 0)
        return tree

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Sums of numbers only: texts added to themselves double with every tag."""
        if not all(isinstance(side, int | float) for side in (left, right)):
            raise TypeError("只能对数做加减")
        return super().call_binop(context, operator, left, right)


def _look_through(node: nodes.Node, loops: int) -> None:
    for child, inside in _children(node, loops):
        line = getattr(child, "lineno", 0) or 0
        refused = not isinstance(child, _NODES) or (isinstance(child, nodes.Filter) and child.name not in FILTERS)
        grows = isinstance(child, nodes.Assign) and not isinstance(child.node, _SIMPLE)
        endless = isinstance(child, nodes.For) and (child.recursive or inside > DEEPEST or not isinstance(child.iter, _SIMPLE[:3]))
        if refused or grows or endless:
            raise RefusedTagError("只能引用、选择和重复报告的内容", line)
        _look_through(child, inside)


def _children(node: nodes.Node, loops: int) -> Iterator[tuple[nodes.Node, int]]:
    for child in node.iter_child_nodes():
        yield child, loops + isinstance(child, nodes.For)
