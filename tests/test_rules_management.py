"""What a value computed from 管理指标数据 earns, by mode and direction, on both sides of each edge."""

from __future__ import annotations

import numpy as np
import pytest

from perfxl.rules.expression import C
from perfxl.rules.management import share
from perfxl.schemes import Band, Management

UP = (Band(bound=0.95, points=10), Band(bound=0.9, points=6))
DOWN = (Band(bound=0.0, points=10), Band(bound=0.1, points=6))


def points(values, **facts):
    rule = Management(name="某率", level1="投入", level2="预算配置", weight=10, value="甲.actual", **facts)
    return np.round((share(C("x"), rule) * rule.weight).values({"x": np.array(values, dtype=float)}), 9).tolist()


@pytest.mark.parametrize(
    ("facts", "values"),
    [
        ({"mode": "bands", "direction": "higher", "bands": UP}, {1: 10, 0.95: 10, 0.9499: 6, 0.9: 6, 0.8999: 0, -1: 0}),
        ({"mode": "bands", "direction": "lower", "bands": DOWN}, {-1: 10, 0: 10, 0.0001: 6, 0.1: 6, 0.1001: 0}),
        ({"mode": "deduct", "direction": "higher", "line": 1, "per_point": 2}, {1.2: 10, 1: 10, 0.99: 8, 0.975: 5, 0.95: 0, 0.5: 0}),
        ({"mode": "deduct", "direction": "lower", "line": 0, "per_point": 2}, {-1: 10, 0: 10, 0.01: 8, 0.025: 5, 0.05: 0, 1: 0}),
        ({"mode": "deduct_per_step", "direction": "higher", "line": 1, "deduct_step": 0.05, "deduct_points": 4},
         {1.5: 10, 1: 10, 0.9501: 10, 0.95: 6, 0.9: 2, 0.85: 0, 0: 0}),
        ({"mode": "deduct_per_step", "direction": "lower", "line": 1, "deduct_step": 0.05, "deduct_points": 4},
         {0.5: 10, 1: 10, 1.0499: 10, 1.05: 6, 1.1: 2, 1.15: 0, 9: 0}),
        ({"mode": "ratio", "direction": "higher", "line": 0.8}, {1: 10, 0.8: 10, 0.4: 5, 0: 0, -1: 0}),
        ({"mode": "ratio", "direction": "lower", "line": 0.8}, {0.5: 10, 0.8: 10, 1.6: 5, 0: 10, -1: 10}),
    ],
    ids=lambda facts: f"{facts['mode']} {facts['direction']}" if "mode" in facts else "",
)  # fmt: skip
def test_a_value_earns_its_share_on_both_sides_of_each_edge(facts, values):
    assert points(list(values), **facts) == list(values.values())
