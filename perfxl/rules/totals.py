"""From rows to a total: points of blocks, 折算, caps, the span of what is open, and grades (contract §3.8, §3.9, §3.12).

Each figure is an expression over the rows of a submission (`weight`, `score`, `low`, `high` and the marks
`not_applicable`, `open`, `inferred`), over its execution (`execution_…`) and over earlier figures, by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.rules.expression import BLANK, Abs, And, C, Count, If, Known, Max, Min, N, Not, Or, Rounded, Snap, Sum, T, choose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from perfxl.rules.expression import Expression, Rows
    from perfxl.schemes import Scheme

NO_GRADE = "不评等级"
OPEN_GRADE = "未定（分值合计不对）"
"""While 分值 do not add up to the full total."""
ENDS = ("total", "low", "high")
_OWN = {"total": "score", "low": "low", "high": "high"}
_WEIGHT = C("weight")


def add_up(scheme: Scheme) -> Expression:
    """Whether 分值 of indicators and execution are the full total, within the scheme's tolerance."""
    return Abs(C("gap")) <= N(scheme.checks.claim_tolerance)


def points_steps(scheme: Scheme) -> dict[str, Expression]:
    """What the 分值 say: sums, what is missing from the full total (`gap`) and who may carry it.

    `left` is what each open row without 分值 can be worth at most; `short` what no row carries; `over` what is too much.
    """
    gap, whole = C("gap"), add_up(scheme)
    return {
        "weights": Sum(_WEIGHT, _WEIGHT > 0),
        "dropped": Sum(_WEIGHT, C("not_applicable"), _WEIGHT > 0),
        "unweighted": Count(C("open"), Not(Known(_WEIGHT))),
        "gap": Snap(N(scheme.full) - C("weights") - C("execution_weight")),
        "left": If(C("unweighted") > 0, Max(0, gap) / C("unweighted"), 0),
        "short": If(Or(whole, C("unweighted") > 0), 0, Max(0, gap)),
        "over": If(whole, 0, Max(0, 0 - gap)),
    }


def total_steps(scheme: Scheme) -> dict[str, Expression]:
    """From 分值 and points to total, lowest and highest possible, and the grade of each.

    不适用: total = Σ items × full / points that apply; what the full total needs beyond them counts as applying.
    """
    steps = {"applicable": Snap(N(scheme.full) - C("dropped"))}
    rescales = And(C("dropped") > 0, C("applicable") > 0)
    steps["rescale"] = If(rescales, N(scheme.full) / C("applicable"), 1) if scheme.not_applicable.policy == "rescale" else N(1)
    caps = dict(zip(ENDS, _caps(scheme), strict=True)) if scheme.total_caps.caps else {}
    steps |= {f"{end}_cap": cap for end, cap in caps.items()}
    for end in ENDS:
        own = C(f"execution_{_OWN[end]}")
        steps[f"{end}_items"] = Rounded(Sum(C(_OWN[end])) + If(Known(own), own, 0))
    for end in ENDS:
        items = {"total": C("total_items"), "low": Max(0, C("low_items") - C("over")), "high": C("high_items") + C("short")}[end]
        reach = Rounded(items * C("rescale"))
        reach = reach if end == "total" else Min(reach, N(scheme.full))
        steps[end] = If(Known(C(f"{end}_cap")), Min(reach, C(f"{end}_cap")), reach) if caps else reach
    steps |= {f"{end}_grade": If(add_up(scheme), grade(C(end), scheme), T(OPEN_GRADE)) for end in ENDS}
    low, high = C("low_grade"), C("high_grade")
    steps["grade_words"] = If(low.equals(high), low, low.then(T("～")).then(high))
    return steps


def _caps(scheme: Scheme) -> tuple[Expression, Expression, Expression]:
    """The highest total the execution rate allows; at the ends by the lower and the higher of two rates that disagree.

    Where neither the rate nor the points of execution are known, the lowest cap may turn out to be the one.
    """
    rate, other = C("execution_rate"), C("execution_other_rate")
    steps = sorted(scheme.total_caps.caps, key=lambda cap: cap.rate_below)

    def cap(reached: Expression, unknown: Expression) -> Expression:
        allowed = choose(((Snap(reached) < N(step.rate_below), N(step.at_most)) for step in steps), BLANK)
        return If(Known(rate), allowed, unknown)

    lower, higher = (If(Known(other), pick(rate, other), rate) for pick in (Min, Max))
    open_end = If(Known(C("execution_score")), BLANK, N(min(step.at_most for step in steps)))
    return cap(rate, BLANK), cap(lower, open_end), cap(higher, BLANK)


def grade(total: Expression, scheme: Scheme) -> Expression:
    """The grade of a rounded total."""
    inclusive = scheme.grades.lower_bound == "inclusive"
    bands = ((total >= N(b.at_least) if inclusive else total > N(b.at_least), T(b.name)) for b in scheme.grades.bands)
    return choose(bands, T(NO_GRADE))


INFERRED = Rounded(Sum(C("score"), C("inferred")))
"""The points that stand on a tier the unit did not choose itself."""


def grade_of(total: float, scheme: Scheme) -> str | None:
    """The grade of one total already rounded; None where no band holds it."""
    found = str(grade(C("total"), scheme).values({"total": total}).item())
    return None if found == NO_GRADE else found


def block_steps() -> dict[str, Expression]:
    """The points of one first level (rows with the mark `in_block`): `weight` = `score` + `lost` + `open_points`."""
    mine = C("in_block")
    steps = {"weight": Sum(_WEIGHT, mine)} | {name: Rounded(Sum(C(name), mine)) for name in ("score", "low", "high")}
    return steps | PARTS


PARTS = {"lost": Rounded(C("block_weight") - C("block_high")), "open_points": Rounded(C("block_high") - C("block_score"))}
"""What cannot come back, and what waits for an answer."""


def followed(steps: Mapping[str, Expression], known: Mapping[str, Any], rows: Rows, prefix: str = "") -> dict[str, NDArray[Any]]:
    """Each step in turn, seeing the ones before it under its name with `prefix`."""
    found: dict[str, NDArray[Any]] = {}
    seen = dict(known)
    for name, step in steps.items():
        found[name] = seen[f"{prefix}{name}"] = np.broadcast_to(step.values(seen, rows), rows.count)
    return found
