"""Management indicators: values computed from 管理指标数据, points by the scheme's own table (财预〔2013〕53号)."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from msgspec import Struct

from perfxl.rules.expression import BLANK, Abs, C, Clip, If, Known, Max, N, Snap, choose
from perfxl.rules.quantitative import whole_steps
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number, percent, threshold
from perfxl.schemes import Management, parsed_expression
from perfxl.schemes.expression import GROWN_FROM_NOTHING, of_last_year
from perfxl.schemes.shown import worded_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.rules.expression import Expression
    from perfxl.schemes import Scheme

    Row = Mapping[str, Any]

COLUMN_WORDS = {"last_year": "上年数", "budgeted": "本年预算数", "actual": "本年实际数"}


def indicator_of(level2: str, name: str, scheme: Scheme) -> Management | None:
    """The management indicator a row names: same name, same second level where the scheme has the name twice."""
    named = [m for m in scheme.management if _bare(m.name) == _bare(name)]
    return next((m for m in named if m.level2 == level2), named[0] if len(named) == 1 else None)


def item_key(name: str) -> str:
    """A data item's name as expressions write it: no quotes, no blanks, no note in brackets.

    >>> item_key("“三公经费”总额（万元）")
    '三公经费'
    """
    bare = re.sub(r"[(（].*$", "", _bare(name))
    return bare if bare in ("固定资产总额", "结转结余总额") else bare.removesuffix("总额")


def _bare(name: str) -> str:
    return name.translate(str.maketrans("", "", "“”\"' 　"))


def data_values(frame: pd.DataFrame, data: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """The computed value of every management row (a share, not a percentage); NaN where an item is blank or divides by 0."""
    result = pd.Series(np.nan, index=frame.index)
    computed = [(at, m) for at, m in enumerate(scheme.management) if m.mode != "checklist"]
    if not computed or data.empty:
        return result
    items = data.drop_duplicates(["submission", "item_key"])
    tables = {c: items.pivot_table(index="submission", columns="item_key", values=c, aggfunc="first") for c in COLUMN_WORDS}
    for at, indicator in computed:
        rows = frame["management_at"] == at
        if rows.any():
            result[rows] = value_of(indicator.value).values(_Lookup(tables, frame.loc[rows, "submission"]))
    return result


class _Lookup(Struct, frozen=True):
    """The values of `item.column` for some submissions, one table per column of the sheet."""

    tables: Mapping[str, pd.DataFrame]
    submissions: pd.Series

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        item, _, column = name.rpartition(".")
        table = self.tables[column]
        if item not in table.columns:
            return np.full(len(self.submissions), np.nan)
        return np.asarray(self.submissions.map(table[item]), dtype="float64")


@lru_cache(maxsize=256)
def value_of(text: str) -> Expression:
    """A scheme's expression over data items as a tree over the columns `在职人员数.actual`; NaN where an item is blank."""
    return _tree(parsed_expression(text))


def _tree(node: ast.expr) -> Expression:
    """0 ÷ 0 is 0: nothing planned and nothing spent is no deviation. Anything over a last year of 0 is beyond every bound."""
    match node:
        case ast.Constant(value=value):
            return N(float(value))  # type: ignore[arg-type]  # the parser admits numbers only
        case ast.Attribute(value=ast.Name(id=item), attr=column):
            item_cell = C(f"{item}.{column}")
            return If(Known(item_cell), item_cell, BLANK)
        case ast.UnaryOp(operand=operand):
            return 0 - _tree(operand)
        case ast.Call(args=[argument]):
            return Abs(_tree(argument))
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _tree(left), _tree(right)
            if isinstance(op, ast.Div):
                over_nothing = If(a > 0, N(GROWN_FROM_NOTHING), N(-GROWN_FROM_NOTHING)) if of_last_year(right) else BLANK
                return If(b.equals(0), If(a.equals(0), 0, over_nothing), a / b)
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
    raise AssertionError(ast.dump(node))


def share(value: Expression, indicator: Management) -> Expression:
    """The share of the weight a value earns.

    >>> from perfxl.schemes import load_scheme
    >>> rule = next(m for m in load_scheme("yueyang").management if m.name == "重点支出安排率")
    >>> (share(C("x"), rule) * rule.weight).values({"x": np.array([0.95, 0.9, 0.85, 0.5])}).tolist()
    [5.0, 5.0, 4.0, 0.0]
    """
    higher, line, weight = indicator.direction == "higher", N(indicator.line), N(indicator.weight)
    snapped = Snap(value)
    if indicator.mode == "bands":
        bands = ((snapped >= N(band.bound) if higher else snapped <= N(band.bound), N(band.points) / weight) for band in indicator.bands)
        return choose(bands, 0)
    beyond = Max(0, Snap(line - snapped if higher else snapped - line))
    if indicator.mode == "deduct":
        return Clip(1 - beyond * N(100) * N(indicator.per_point) / weight)
    if indicator.mode == "deduct_per_step":
        return whole_steps(beyond, indicator.deduct_step, indicator.deduct_points, weight)
    return Clip(value / line if higher else If(value <= 0, 1, line / value))


def _applies(frame: pd.DataFrame) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = frame["kind"].to_numpy() == "management"
    return found


def _points(scheme: Scheme) -> Expression:
    """Points of management rows: weight × the share their value earns; NaN where the data are incomplete."""
    value = C("data_value")
    shares = ((C("management_at").equals(at), share(value, m)) for at, m in enumerate(scheme.management) if m.mode != "checklist")
    return If(Known(value), C("weight") * choose(shares, BLANK), BLANK)


def _source(row: Row, _scheme: Scheme) -> str:
    indicator: Management = row["management"]
    return indicator.source_of("weight")


def shown_value(value: float) -> str:
    """A computed value as people read it."""
    return "上年为0，按超过计" if abs(value) >= GROWN_FROM_NOTHING else percent(value)


def _explain(row: Row, scheme: Scheme) -> str:
    indicator: Management = row["management"]
    beyond = f"{'低于' if indicator.direction == 'higher' else '超过'}{threshold(indicator.line)}的"
    how = {
        "deduct": f"{beyond}，每1个百分点扣{number(indicator.per_point)}分",
        "deduct_per_step": f"{beyond}，每{threshold(indicator.deduct_step or 0)}扣{number(indicator.deduct_points)}分（不满一档不扣）",
        "bands": "按所在档次计分",
        "ratio": f"标准为{threshold(indicator.line)}，按比例计分",
    }.get(indicator.mode, "")
    formula = worded_expression(indicator.value)
    cite = cited(scheme.cite(_source(row, scheme)))
    return f"{indicator.name}={formula}={shown_value(row['data_value'])}；{how}，得{number(row['score'])}分{cite}"


MANAGEMENT_RULE = Rule("ratio-of-data", "由管理指标数据计算", _applies, _points, _explain, _source)
