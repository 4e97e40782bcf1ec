"""Management indicators: values computed from 管理指标数据, points by the scheme's own table (财预〔2013〕53号)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perfxl.model.rounding import snap
from perfxl.rules.rule import Rule
from perfxl.rules.wording import cited, number, percent, points
from perfxl.schemes import Management, data_items, parsed_expression
from perfxl.schemes.expression import GROWN_FROM_NOTHING, of_last_year
from perfxl.schemes.shown import worded_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.schemes import Scheme

    Floats = NDArray[np.float64]

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
    """The computed value of every management row (a share, not a percentage); NaN where an item is blank or divides by 0.

    0 ÷ 0 is 0: nothing planned and nothing spent is no deviation. Anything over a last year of 0 is beyond every bound.
    """
    result = pd.Series(np.nan, index=frame.index)
    computed = [m for m in scheme.management if m.mode != "checklist"]
    if not computed or data.empty:
        return result
    items = data.drop_duplicates(["submission", "item_key"])
    tables = {c: items.pivot_table(index="submission", columns="item_key", values=c, aggfunc="first") for c in COLUMN_WORDS}

    for indicator in computed:
        rows = rows_of(indicator, frame)
        if rows.any():
            result[rows] = _evaluated(parsed_expression(indicator.value), _Lookup(tables, frame.loc[rows, "submission"]))
    return result


def rows_of(indicator: Management, frame: pd.DataFrame) -> pd.Series:
    """The rows of one management indicator."""
    return pd.Series([found is indicator for found in frame["management"]], index=frame.index, dtype=bool)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The values of a data item for some submissions, one table per column of the sheet."""

    tables: Mapping[str, pd.DataFrame]
    submissions: pd.Series

    def __call__(self, item: str, column: str) -> Floats:
        table = self.tables[column]
        if item not in table.columns:
            return np.full(len(self.submissions), np.nan)
        return np.asarray(self.submissions.map(table[item]), dtype="float64")


def _evaluated(node: ast.expr, lookup: _Lookup) -> Floats:
    match node:
        case ast.Constant(value=value):
            return np.asarray(float(value))  # type: ignore[arg-type]  # the parser admits numbers only
        case ast.Attribute(value=ast.Name(id=item), attr=column):
            return lookup(item, column)
        case ast.UnaryOp(operand=operand):
            return -_evaluated(operand, lookup)
        case ast.Call(args=[argument]):
            return np.abs(_evaluated(argument, lookup))
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _evaluated(left, lookup), _evaluated(right, lookup)
            if isinstance(op, ast.Div):
                with np.errstate(divide="ignore", invalid="ignore"):
                    over_nothing = np.sign(a) * GROWN_FROM_NOTHING if of_last_year(right) else np.nan
                    quotient = np.where(b == 0, np.where(a == 0, 0.0, over_nothing), a / b)
                return np.where(np.isnan(a) | np.isnan(b), np.nan, quotient)
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
    raise AssertionError(ast.dump(node))


def excel_value(text: str, cells: Mapping[str, str]) -> str:
    """The expression over cells: `cells["data:在职人员数.actual"]` is the address of an item's cell."""
    return _excel(parsed_expression(text), cells)


def _excel(node: ast.expr, cells: Mapping[str, str]) -> str:
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.Attribute(value=ast.Name(id=item), attr=column):
            return cells[f"data:{item}.{column}"]
        case ast.UnaryOp(operand=operand):
            return f"(-{_excel(operand, cells)})"
        case ast.Call(args=[argument]):
            return f"ABS({_excel(argument, cells)})"
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _excel(left, cells), _excel(right, cells)
            if isinstance(op, ast.Div):
                over_nothing = f"SIGN({a})*{GROWN_FROM_NOTHING:.0f}" if of_last_year(right) else "NA()"
                return f"IF({b}=0,IF({a}=0,0,{over_nothing}),{a}/{b})"
            sign = "+" if isinstance(op, ast.Add) else "-" if isinstance(op, ast.Sub) else "*"
            return f"({a}{sign}{b})"
    raise AssertionError(ast.dump(node))


def share(value: Floats, indicator: Management) -> Floats:
    """The share of the weight a value earns; NaN stays NaN.

    >>> from perfxl.schemes import load_scheme
    >>> rule = next(m for m in load_scheme("yueyang").management if m.name == "重点支出安排率")
    >>> (share(np.array([0.95, 0.9, 0.85, 0.5]), rule) * rule.weight).tolist()
    [5.0, 5.0, 4.0, 0.0]
    """
    snapped = snap(value)
    higher = indicator.direction == "higher"
    if indicator.mode == "bands":
        earned = np.zeros_like(snapped)
        for band in reversed(indicator.bands):
            reached = snapped >= band.bound if higher else snapped <= band.bound
            earned = np.where(reached, band.points / indicator.weight, earned)
    elif indicator.mode == "deduct":
        beyond = indicator.line - snapped if higher else snapped - indicator.line
        earned = np.clip(1 - np.maximum(0, np.round(beyond, 9)) * 100 * indicator.per_point / indicator.weight, 0, 1)
    elif indicator.mode == "deduct_per_step":
        beyond = indicator.line - snapped if higher else snapped - indicator.line
        whole = np.floor(np.round(np.maximum(0, np.round(beyond, 9)) / (indicator.deduct_step or 1), 9))
        earned = np.clip(1 - whole * (indicator.deduct_points or 0) / indicator.weight, 0, 1)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = value / indicator.line if higher else np.where(value <= 0, 1.0, indicator.line / value)
        earned = np.clip(ratio, 0, 1)
    return np.where(np.isnan(value), np.nan, earned)


def _share_formula(value: str, indicator: Management) -> str:
    snapped = f"ROUND({value},9)"
    higher = indicator.direction == "higher"
    if indicator.mode == "bands":
        text = "0"
        for band in reversed(indicator.bands):
            text = f"IF({snapped}{'>=' if higher else '<='}{band.bound:g},{band.points:g}/{indicator.weight:g},{text})"
        return text
    if indicator.mode == "deduct":
        beyond = f"{indicator.line:g}-{snapped}" if higher else f"{snapped}-{indicator.line:g}"
        return f"MIN(1,MAX(0,1-MAX(0,ROUND({beyond},9))*100*{indicator.per_point:g}/{indicator.weight:g}))"
    if indicator.mode == "deduct_per_step":
        beyond = f"{indicator.line!r}-{snapped}" if higher else f"{snapped}-{indicator.line!r}"
        whole = f"INT(ROUND(MAX(0,ROUND({beyond},9))/{indicator.deduct_step!r},9))"
        return f"MIN(1,MAX(0,1-{whole}*{indicator.deduct_points!r}/{indicator.weight!r}))"
    ratio = f"{value}/{indicator.line:g}" if higher else f"IF({value}<=0,1,{indicator.line:g}/{value})"
    return f"MIN(1,MAX(0,{ratio}))"


def _applies(frame: pd.DataFrame, _scheme: Scheme) -> pd.Series:
    return frame["kind"] == "management"


def _points(frame: pd.DataFrame, scheme: Scheme) -> pd.Series:
    """Points of management rows: weight × the share their value earns; NaN where the data are incomplete."""
    result = pd.Series(np.nan, index=frame.index)
    for indicator in scheme.management:
        rows = rows_of(indicator, frame)
        if rows.any():
            value = np.asarray(frame.loc[rows, "data_value"], dtype="float64")
            result[rows] = np.asarray(frame.loc[rows, "weight"], dtype="float64") * share(value, indicator)
    return result


def _formula(cells: Mapping[str, str], row: Mapping[str, object], _scheme: Scheme) -> str:
    indicator = row["management"]
    assert isinstance(indicator, Management)  # noqa: S101  # the rule applies to such rows only
    value = excel_value(indicator.value, cells)
    blank = ",".join(f'{cells[f"data:{item}.{column}"]}=""' for item, column in data_items(indicator.value))
    return f'IF(OR({blank}),"",IFERROR({cells["weight"]}*{_share_formula(value, indicator)},""))'


def shown_value(value: float) -> str:
    """A computed value as people read it."""
    return "上年为0，按超过计" if abs(value) >= GROWN_FROM_NOTHING else percent(value)


def _explain(row: Mapping[str, object], scheme: Scheme) -> str:
    indicator = row["management"]
    assert isinstance(indicator, Management)  # noqa: S101  # the same
    value = float(row["data_value"])  # type: ignore[arg-type]  # floats in an object mapping
    how = {
        "deduct": f"{'低于' if indicator.direction == 'higher' else '超过'}{percent(indicator.line)}的，每1个百分点扣{number(indicator.per_point)}分",
        "deduct_per_step": f"{'低于' if indicator.direction == 'higher' else '超过'}{percent(indicator.line)}的，"
        f"每{percent(indicator.deduct_step or 0)}扣{number(indicator.deduct_points or 0)}分（不满一档不扣）",
        "bands": "按所在档次计分",
        "ratio": f"标准为{percent(indicator.line)}，按比例计分",
    }.get(indicator.mode, "")
    formula = worded_expression(indicator.value)
    cite = cited(scheme.cite(indicator.source_of("weight")))
    return f"{indicator.name}={formula}={shown_value(value)}；{how}，得{points(row['score'])}分{cite}"


MANAGEMENT_RULE = Rule("ratio-of-data", "由管理指标数据计算", _applies, _points, _formula, _explain)
