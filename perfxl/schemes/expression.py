"""The little arithmetic of management indicators: `在职人员数.actual / 编制数.actual`."""

from __future__ import annotations

import ast

DATA_COLUMNS = ("last_year", "budgeted", "actual")
_OPERATIONS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def parsed_expression(text: str) -> ast.expr:
    """The expression of a management indicator as a syntax tree of + - * / abs() numbers and `item.column`.

    Raises:
        ValueError: anything else, in words for the person who wrote the scheme.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"算式“{text}”写法不对。例：在职人员数.actual / 编制数.actual") from error
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(), attr=attr) if attr in DATA_COLUMNS:
                continue
            case ast.Call(func=ast.Name(id="abs"), args=[_], keywords=[]) | ast.BinOp() | ast.Name() | ast.Load():
                continue
            case ast.UnaryOp(op=ast.USub()) | ast.USub() | ast.Add() | ast.Sub() | ast.Mult() | ast.Div():
                continue
            case ast.Constant(value=int() | float()):
                continue
        raise ValueError(f"算式“{text}”里只能用数据项.{'、.'.join(DATA_COLUMNS)}、数字、+ - * / 和 abs()。")
    if any(isinstance(node, ast.BinOp) and not isinstance(node.op, _OPERATIONS) for node in ast.walk(tree)):
        raise ValueError(f"算式“{text}”里只能用 + - * /。")
    return tree


def data_items(text: str) -> tuple[tuple[str, str], ...]:
    """The (item, column) pairs an expression uses, in order of appearance.

    >>> data_items("abs(预算调整数.actual) / 支出预算.budgeted")
    (('预算调整数', 'actual'), ('支出预算', 'budgeted'))
    """
    found = [
        (node.value.id, node.attr)
        for node in ast.walk(parsed_expression(text))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda pair: text.find(f"{pair[0]}.{pair[1]}")))


GROWN_FROM_NOTHING = 1e9
"""What anything over a last year of 0 is worth: beyond every bound, and still a number in a cell."""


def of_last_year(node: ast.expr) -> bool:
    """Whether a divisor is made of last year's numbers alone, so that 0 in it says that there was nothing to grow from."""
    columns = [found.attr for found in ast.walk(node) if isinstance(found, ast.Attribute)]
    return bool(columns) and set(columns) == {"last_year"}
