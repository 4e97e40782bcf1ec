"""One tree, two renderings: arrays over columns and Excel text; numbers enter a formula with all their digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from building import indicator, points, scored, variant

from perfxl.rules.expression import BLANK, Abs, And, C, Clip, Count, If, Known, Max, Min, Not, Or, Rounded, Rows, Snap, Sum, T, Trunc, choose, literal
from perfxl.rules.quantitative import HIGHER
from perfxl.schemes import ShareStep

NAN = math.nan
X, Y = C("x"), C("y")
CELLS = {"x": "A1", "y": "B1"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (100.0, "100"),
        (0.6666666, "0.6666666"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-7, "0.0000001"),
        (-2.5, "(-2.5)"),
        (123456789012.5, "123456789012.5"),
        (1e16, "1E+16"),
        (2.5e-20, "2.5E-20"),
        ("", '""'),
        ('说"好"', '"说""好"""'),
    ],
)
def test_a_number_enters_a_formula_with_all_its_digits_and_a_text_with_its_quotes_doubled(value, text):
    assert literal(value) == text


@pytest.mark.parametrize("value", [NAN, math.inf, -math.inf])
def test_what_no_formula_can_hold_is_refused(value):
    with pytest.raises(ValueError, match="no formula"):
        literal(value)


@pytest.mark.parametrize(
    ("tree", "x", "y", "value", "text"),
    [
        (X + Y * 2, 3, 4, 11, "A1+B1*2"),
        ((X + Y) * 2, 3, 4, 14, "(A1+B1)*2"),
        (X - (Y - 1), 3, 4, 0, "A1-(B1-1)"),
        (X / (Y * 2), 8, 2, 2, "A1/(B1*2)"),
        (1 - X, 3, 0, -2, "1-A1"),
        (1 + X, 3, 0, 4, "1+A1"),
        (6 / X, 3, 0, 2, "6/A1"),
        (Abs(X), -3, 0, 3, "ABS(A1)"),
        (Min(X, Y, 2), 3, 4, 2, "MIN(A1,B1,2)"),
        (Max(X, Y), 3, 4, 4, "MAX(A1,B1)"),
        (Clip(X), 1.5, 0, 1, "MIN(1,MAX(0,A1))"),
        (Trunc(X / Y), 0.6, 0.2, 3, "TRUNC(ROUND(A1/B1,9))"),
        (Snap(X), 0.57 * 100, 0, 57, "ROUND(A1,9)"),
        (Rounded(X), 1.005, 0, 1.01, "ROUND(ROUND(A1,9),2)"),
        (Rounded(X, 1, "truncate"), 1.19, 0, 1.1, "TRUNC(ROUND(A1,9),1)"),
        (If(X > Y, X, BLANK), 3, 2, 3, "IF(A1>B1,A1,NA())"),
        (If(And(Known(X), Or(X >= 1, X < 0), Not(X.equals(5))), 1, 0), 3, 0, 1, "IF(AND(ISNUMBER(A1),OR(A1>=1,A1<0),NOT(A1=5)),1,0)"),
        (If(X.differs(Y), 1, 0), 3, 3, 0, "IF(A1<>B1,1,0)"),
        (If((X <= 1).equals(Y <= 1), 1, 0), 0, 2, 0, "IF((A1<=1)=(B1<=1),1,0)"),
    ],
)
def test_both_renderings_of_a_node(tree, x, y, value, text):
    assert tree.number(x=x, y=y) == value
    assert tree.excel(CELLS) == text


def test_a_whole_cell_is_an_empty_text_where_nothing_is_scored():
    assert If(X > 0, X, BLANK).formula(CELLS) == 'IF(A1>0,A1,"")'
    assert Rounded(If(X > 0, X, BLANK)).formula(CELLS) == 'IFERROR(ROUND(ROUND(IF(A1>0,A1,NA()),9),2),"")'


def test_texts_are_compared_joined_and_chosen():
    tree = choose([(C("t").equals("甲"), T("一")), (C("t").equals("乙"), T("二"))], T("无"))
    assert tree.values({"t": np.array(["乙", "甲", "丙"], dtype=object)}).tolist() == ["二", "一", "无"]
    assert T("良").then(T("～")).then(C("t")).values({"t": np.array(["优"], dtype=object)}).tolist() == ["良～优"]
    assert tree.excel({"t": "A1"}) == 'IF(A1="甲","一",IF(A1="乙","二","无"))'


def test_known_columns_leave_only_the_branch_that_is_taken():
    tree = If(And(C("mirrored"), X > 1), X / Y, If(C("op").equals("≥"), Y, BLANK))
    assert tree.given({"mirrored": False, "op": "≥"}).excel(CELLS) == "B1"
    assert tree.given({"mirrored": True}).given({"op": ""}).formula(CELLS) == 'IF(A1>1,A1/B1,"")'
    assert Or(C("a"), C("b")).given({"a": False, "b": False}).held is False
    assert And(C("a"), C("b")).given({"a": True, "b": True}).held is True


def test_aggregates_add_up_the_rows_of_each_group():
    rows = Rows({"kind": np.array(["甲", "乙", "甲"], dtype=object), "money": np.array([1.5, 2, NAN])}, np.array([0, 1, 1]), 3)
    mine = C("kind").equals("甲")
    assert Sum(C("money")).values({}, rows).tolist() == [1.5, 2, 0]
    assert Sum(C("money"), mine).values({}, rows).tolist() == [1.5, 0, 0]
    assert Count(mine, Known(C("money"))).values({}, rows).tolist() == [1, 0, 0]
    spans = {"kind": "A1:A3", "money": "B1:B3"}
    assert Sum(C("money")).excel(spans) == "SUM(B1:B3)"
    assert Sum(C("money"), mine).excel(spans) == 'SUMPRODUCT((A1:A3="甲")*1,B1:B3)'
    assert Count(mine, Known(C("money"))).excel(spans) == 'SUMPRODUCT((A1:A3="甲")*ISNUMBER(B1:B3))'


def test_a_bound_of_a_scheme_keeps_its_digits_in_points_and_formula():
    steps = (ShareStep(at_least=0.6666666, share=0.8), ShareStep(at_least=0, share=0))
    scheme = variant(quantitative={"shortfall": "steps", "steps": steps})
    assert points(scored([indicator(target="300场", actual="200场", weight=40)], scheme)) == [32]
    assert "0.6666666" in HIGHER.expression(scheme).excel({name: name for name in ("weight", "a_low", "t_low")})
