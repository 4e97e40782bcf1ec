"""Checks of 预算执行."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from perfxl.checks.engine import Check
from perfxl.checks.masks import any_answer, each, is_, numbers, per_submission, place, position, texts, unanswered, where
from perfxl.checks.unit import written
from perfxl.model.columns import BUDGET, MONEY_UNITS, SOURCE_KIND, TOTAL_KIND, TYPE_KIND
from perfxl.model.rounding import snap
from perfxl.rules.budget import sums_by_kind
from perfxl.rules.typed import evaluation_of
from perfxl.rules.wording import number, percent, thousands

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perfxl.checks.engine import Tell
    from perfxl.checks.masks import Bools, Floats, Texts
    from perfxl.rules.results import Results

    Row = Mapping[str, Any]

AMOUNTS = ("full_year", "executed")


def _scored_lines(results: Results) -> Bools:
    """Lines whose amounts count: by source, by type, and the typed total where it is all there is. 其中 lines never do."""
    lines = results.frames.budget
    line = texts(lines, "line")
    total_counts = is_(texts(results.execution, "basis"), TOTAL_KIND)[position(results, lines)]
    return is_(line, SOURCE_KIND, TYPE_KIND) | (is_(line, TOTAL_KIND) & total_counts)


def _computed_total(results: Results) -> Bools:
    """The total row where its amounts are formulas: what is wrong with them stands on the lines they add up."""
    lines = results.frames.budget
    computed: Bools = is_(texts(lines, "line"), TOTAL_KIND) & texts(lines, "computed").astype(bool)
    return computed


def _empty(results: Results, name: str) -> Bools:
    """Cells with nothing in them; a placeholder is nothing, a word is something."""
    typed = texts(results.frames.budget, f"{name}_text")
    return is_(typed, "") | unanswered(np.isnan(numbers(results.frames.budget, name)), typed)


def _half(name: str, other: str) -> Check:
    def run(results: Results) -> Bools:
        """A line that counts needs both amounts; a line with neither is not used."""
        if not len(results.frames.budget):
            return np.zeros(0, dtype=bool)
        given = ~np.isnan(numbers(results.frames.budget, other))
        return _scored_lines(results) & given & _empty(results, name)

    return Check("budget-missing", "budget", name, (name, other, "line"), run, tell=each(lambda *_: {"column": BUDGET.title(name)}))


def nothing_given(results: Results) -> Bools:
    """Some line needs 全年预算数 and 全年执行数; blanks everywhere are what it looks for."""
    lines = results.frames.budget
    if not len(lines):
        return np.ones(len(results.totals), dtype=bool)
    filled = ~_empty(results, "full_year") | ~_empty(results, "executed")
    usable = filled & (texts(lines, "line") != "")
    nothing: Bools = (per_submission(results, lines, usable) == 0) | _only_of_which(results, filled)
    return nothing


def _only_of_which(results: Results, filled: Bools) -> Bools:
    lines = results.frames.budget
    useful = filled & ~is_(texts(lines, "line"), "其中")
    nothing: Bools = (per_submission(results, lines, filled) > 0) & (per_submission(results, lines, useful) == 0)
    return nothing


def _no_number(name: str, code: str) -> Check:
    def run(results: Results) -> Bools:
        """An amount must be a number; a blank or a placeholder is none of its business."""
        lines = results.frames.budget
        if name == "initial" and (results.scheme.budget.base == "initial") != (code == "budget-not-a-number"):
            return np.zeros(len(lines), dtype=bool)
        unread = np.isnan(numbers(lines, name)) & ~is_(texts(lines, f"{name}_text"), "")
        return unread & ~unanswered(unread, texts(lines, f"{name}_text"))

    return Check(
        code, "budget", name, (name, f"{name}_text"), run, tell=each(lambda row, _: {"column": BUDGET.title(name), "v": str(row[f"{name}_text"])})
    )


def budget_zero(results: Results) -> Bools:
    """The budget that is divided by must not be 0, unless the scheme says what 0 is worth; a blank is `budget-missing`."""
    base = numbers(results.execution, "initial" if results.scheme.budget.base == "initial" else "full_year")
    zero: Bools = (base == 0) & np.isnan(numbers(results.execution, "score"))
    return zero


def _negative(name: str) -> Check:
    def run(results: Results) -> Bools:
        """An amount must not be negative; a blank is not."""
        below: Bools = numbers(results.frames.budget, name) < 0
        return below & ~_computed_total(results) if below.any() else below

    return Check("budget-negative", "budget", name, (name,), run, tell=each(lambda row, _: {"column": BUDGET.title(name), "v": number(row[name])}))


def total_mismatch(results: Results) -> Bools:
    """A typed total must be the sum of its lines within the scheme's tolerance; a blank or computed total is skipped."""
    return ~np.isnan(numbers(results.execution, "total_gap"))


def source_type_mismatch(results: Results) -> Bools:
    """Σ 按来源 must equal Σ 按支出类型 within the scheme's tolerance; skipped unless both are given."""
    return ~np.isnan(numbers(results.execution, "source_type_gap"))


def _sums_apart(results: Results, kind: str) -> Callable[[Row], tuple[str, float, float]]:
    """The column in which the execution line and the sum of another kind differ most, with both amounts (万元)."""
    sums = sums_by_kind(results.frames.budget, results.totals.index, kind)

    def apart(row: Row) -> tuple[str, float, float]:
        at = place(results, row)
        name = max(AMOUNTS, key=lambda n: float(np.nan_to_num(abs(row[n] - sums[n][at]))))
        return name, float(row[name]), float(sums[name][at])

    return apart


def _mismatch_facts(kind: str) -> Tell:
    def tell(results: Results) -> Callable[[Row], dict[str, str]]:
        apart = _sums_apart(results, kind)

        def facts(row: Row) -> dict[str, str]:
            name, summed, typed = apart(row)
            return {"column": BUDGET.title(name), "sum": number(summed), "typed": number(typed), "gap": number(snap(abs(summed - typed)))}

        return facts

    return tell


def _mismatch_at(kind: str) -> Callable[[Results], Callable[[Row], str]]:
    def at_of(results: Results) -> Callable[[Row], str]:
        apart = _sums_apart(results, kind)
        return lambda row: apart(row)[0]

    return at_of


def execution_over_100(results: Results) -> Bools:
    """Spending is not above the adjusted budget; a blank rate is not."""
    over: Bools = snap(numbers(results.execution, "rate")) > 1
    return over


def line_unknown(results: Results) -> Bools:
    """A line with amounts needs a known 资金类别; one without amounts is a note."""
    lines = results.frames.budget
    if not len(lines):
        return np.zeros(0, dtype=bool)
    amounts = ~(np.isnan(numbers(lines, "full_year")) & np.isnan(numbers(lines, "executed")) & np.isnan(numbers(lines, "initial")))
    return is_(texts(lines, "line"), "") & amounts


def _kind_said(row: Row, _: Results) -> dict[str, str]:
    kind = str(row["kind"])
    return {"kind_said": f"是“{kind}”", "kind_said_en": f"is “{kind}”"} if kind else {"kind_said": "没有填写", "kind_said_en": "is blank"}


def execution_low(results: Results) -> Bools:
    """A rate below the scheme's threshold needs a reason somewhere on the sheet; a blank rate needs none."""
    low = snap(numbers(results.execution, "rate")) < results.scheme.checks.execution_reason_below
    return low & ~any_answer(results, results.frames.budget, "reason") if low.any() else low


def adjusted(results: Results) -> Bools:
    """A changed budget needs 预算调整原因 somewhere on the sheet; a blank 年初预算数 and carried-over money say nothing."""
    lines = results.frames.budget
    if results.scheme.checks.adjustment_reason != "required" or not len(lines):
        return np.zeros(len(results.totals), dtype=bool)
    initial, now = numbers(lines, "initial"), numbers(lines, "full_year")
    moved = (snap(np.abs(now - initial)) > results.scheme.budget.tolerance) & _scored_lines(results)
    moved &= np.array(["结转" not in item for item in texts(lines, "item")], dtype=bool)
    changed: Bools = per_submission(results, lines, moved) > 0
    return changed & ~any_answer(results, lines, "adjust_reason") if changed.any() else changed


def unit_suspect(results: Results) -> Bools:
    """Two amounts of one line do not differ by the scheme's factor; blanks and zeros say nothing."""
    lines = results.frames.budget
    amounts = np.stack([numbers(lines, name) for name in ("initial", *AMOUNTS)]) if len(lines) else np.zeros((3, 0))
    amounts = np.where(amounts > 0, amounts, np.nan)
    low, high = np.fmin.reduce(amounts), np.fmax.reduce(amounts)
    with np.errstate(over="ignore"):
        ratio = snap(high / low)
    far: Bools = ratio >= results.scheme.checks.budget_unit_factor
    return far & ~_computed_total(results) if far.any() else far


def _amounts(row: Row, _: Results) -> dict[str, str]:
    shown = [f"{BUDGET.title(name)}{number(row[name])}" for name in ("initial", *AMOUNTS) if row[name] > 0]
    return {"amounts": "、".join(shown)}


def money_unit_implausible(results: Results) -> Bools:
    """A whole workbook in 元 under 万元 is told by its own evidence: heads, 分, or an indicator that names the amount; no evidence says nothing.

    The amounts per head of a unit's staff (else posts), amounts of that size that are written to the 分, and a money indicator
    whose target or actual is a ten-thousandth of the budget or of what was spent. The other way round, 万元 under 元, by heads alone
    and not for a project.
    """
    unit, execution, checks = results.frames.unit, results.execution, results.scheme.checks
    in_wan = numbers(unit, "money_factor") == 1
    amounts = np.fmax(numbers(execution, "full_year"), numbers(execution, "executed"))
    heads = np.where(numbers(unit, "staff_value") > 0, numbers(unit, "staff_value"), numbers(unit, "posts_value"))
    with np.errstate(divide="ignore", invalid="ignore"):
        per_head = np.where(heads > 0, amounts / heads, np.nan)
    whole = where(numbers(unit, "money_factor") == 0.0001, lambda typed: evaluation_of(typed) != "项目", texts(unit, "evaluation"))
    small: Bools = whole & (amounts > 0) & (per_head < checks.money_per_head / 10_000)
    suspect: Bools = in_wan & (amounts >= checks.money_per_head)
    if not suspect.any():
        return small
    lines = results.frames.budget
    to_the_fen = np.zeros(len(lines), dtype=bool)
    for name in AMOUNTS:
        large = numbers(lines, name) >= checks.money_fen_from
        to_the_fen |= where(large, lambda text: bool(_FEN.search(text)), texts(lines, f"{name}_text"))
    named = per_submission(results, results.frames.indicators, _names_the_amount(results)) > 0
    told: Bools = small | suspect & ((per_head >= checks.money_per_head) | (per_submission(results, lines, to_the_fen) > 0) | named)
    return told


_FEN = re.compile(r"\.\d\d\Z", re.ASCII)
TEN_THOUSANDTH = (9_900, 10_100)
"""元 to 万元, within a hundredth."""


def _names_the_amount(results: Results) -> Bools:
    """Indicator rows in money that are a ten-thousandth of the budget or of what was spent."""
    frame = results.frames.indicators
    money, at = is_(texts(frame, "t_unit"), "元"), position(results, frame)
    result: Bools = np.zeros(len(frame), dtype=bool)
    for own in ("t_low", "t_high", "a_low"):
        for name in AMOUNTS:
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = numbers(results.execution, name)[at] * 10_000 / numbers(frame, own)
            result |= money & (ratio >= TEN_THOUSANDTH[0]) & (ratio <= TEN_THOUSANDTH[1])
    return result


def _sized(row: Row, results: Results) -> dict[str, str]:
    at = place(results, row)
    heads = next((number(n) for n in (numbers(results.frames.unit, f"{x}_value")[at] for x in ("staff", "posts")) if n > 0), "")
    amount = thousands(float(np.fmax(row["full_year"], row["executed"])))
    read, other = MONEY_UNITS if numbers(results.frames.unit, "money_factor")[at] == 1 else MONEY_UNITS[::-1]
    told = {"amount": amount, "heads": f"，在职{heads}人" if heads else "", "heads_en": f" for {heads} people" if heads else ""}
    return told | {"read": read, "other": other}


def total_only(results: Results) -> Bools:
    """The typed total stands alone, where the form asks for lines by source or type; a blank total is `budget-missing`."""
    if results.scheme.checks.budget_lines != "required":
        return np.zeros(len(results.execution), dtype=bool)
    given = ~np.isnan(numbers(results.execution, "full_year")) | ~np.isnan(numbers(results.execution, "executed"))
    return is_(texts(results.execution, "basis"), TOTAL_KIND) & given


def _rate(row: Row, results: Results) -> dict[str, str]:
    return {"rate": percent(row["rate"]), "threshold": percent(results.scheme.checks.execution_reason_below)}


# points of the total row


def weight_not_positive(results: Results) -> Bools:
    """The points of the total row must be above 0, or the 0 a scheme gives execution; blank takes the scheme's."""
    lines, given = results.frames.budget, numbers(results.frames.budget, "weight")
    low: Bools = is_(texts(lines, "line"), TOTAL_KIND) & (given <= 0) & (given != results.scheme.budget.weight)
    return low


def weight_not_a_number(results: Results) -> Bools:
    """The points of the total row must be a number; blank takes the scheme's."""
    lines = results.frames.budget
    unread: Bools = is_(texts(lines, "line"), TOTAL_KIND) & np.isnan(numbers(lines, "weight")) & ~is_(texts(lines, "weight_text"), "")
    return unread & ~unanswered(unread, texts(lines, "weight_text"))


def weight_differs(results: Results) -> Bools:
    """The points typed for execution are the scheme's; blank takes the scheme's."""
    typed = numbers(results.execution, "typed_weight")
    differs: Bools = (typed > 0) & (snap(np.abs(typed - results.scheme.budget.weight)) > results.scheme.checks.claim_tolerance)
    return differs


def claim_differs(results: Results) -> Bools:
    """The claimed execution score is the computed one within the scheme's tolerance; blank claims nothing."""
    claimed, score = numbers(results.execution, "claimed"), numbers(results.execution, "score")
    differs: Bools = snap(np.abs(claimed - score)) > written(_claims(results), results.scheme.checks.claim_tolerance)
    return differs


def _claims(results: Results) -> Texts:
    """The claimed execution score as typed, by submission; "" where none is."""
    lines = results.frames.budget
    typed = np.full(len(results.totals), "", dtype=object)
    total = np.flatnonzero(is_(texts(lines, "line"), TOTAL_KIND))[::-1]
    typed[position(results, lines)[total]] = texts(lines, "claimed_score_text")[total]
    return typed


def claim_over_weight(results: Results) -> Bools:
    """The claimed execution score is at most the points; blank claims nothing."""
    over: Bools = snap(numbers(results.execution, "claimed") - numbers(results.execution, "weight")) > results.scheme.checks.claim_tolerance
    return over


def _claim(row: Row, _: Results) -> dict[str, str]:
    return {"claimed": number(row["claimed"]), "computed": number(row["score"]), "weight": number(row["weight"])}


def _line_rates(results: Results) -> Floats:
    """The rate of each line by its own amounts; of a total row without amounts, that of the whole."""
    lines = results.frames.budget
    base = numbers(lines, "initial" if results.scheme.budget.base == "initial" else "full_year")
    with np.errstate(over="ignore"):  # an amount over next to nothing is no rate
        own = np.where(base > 0, numbers(lines, "executed") / np.where(base > 0, base, np.nan), np.nan)
    whole = numbers(results.execution, "rate")[position(results, lines)] if len(lines) else own
    rates: Floats = np.where(np.isnan(own) & is_(texts(lines, "line"), TOTAL_KIND), whole, own)
    return rates


def rate_differs(results: Results) -> Bools:
    """A typed 执行率 is the amounts' within rounding, as a share or in percent; a blank claims nothing."""
    typed, rates = numbers(results.frames.budget, "rate_typed"), _line_rates(results)
    differs: Bools = (snap(np.abs(typed - rates)) > _RATE_ROUNDED) & (snap(np.abs(typed / 100 - rates)) > _RATE_ROUNDED)
    return differs


_RATE_ROUNDED = 0.005
"""A rate may be rounded to a whole percent."""


def _two_rates(results: Results) -> Callable[[Row], dict[str, str]]:
    lines = results.frames.budget
    rates = dict(zip(zip(lines["submission"], lines["sheet_row"], strict=True), _line_rates(results).tolist(), strict=True))

    def facts(row: Row) -> dict[str, str]:
        typed = float(row["rate_typed"])
        return {"typed": percent(typed / 100 if abs(typed) > _PERCENT_ABOVE else typed), "rate": percent(rates[row["submission"], row["sheet_row"]])}

    return facts


_PERCENT_ABOVE = 2
"""A bare rate above it is in percent: 98.4, not 9840 %."""

CHECKS: tuple[Check, ...] = (
    _half("full_year", "executed"),
    _half("executed", "full_year"),
    Check("budget-missing", "execution", "full_year", ("basis",), nothing_given, tell=each(lambda *_: {"column": "全年预算数、全年执行数"})),
    _no_number("full_year", "budget-not-a-number"),
    _no_number("executed", "budget-not-a-number"),
    _no_number("initial", "budget-not-a-number"),
    _no_number("initial", "number-expected"),
    _no_number("claimed_score", "number-expected"),
    Check("budget-zero", "execution", "full_year", ("full_year", "score"), budget_zero),
    _negative("full_year"),
    _negative("executed"),
    Check(
        "budget-total-mismatch",
        "execution",
        "full_year",
        ("total_gap",),
        total_mismatch,
        tell=_mismatch_facts(TOTAL_KIND),
        at_of=_mismatch_at(TOTAL_KIND),
    ),
    Check(
        "budget-source-type-mismatch",
        "execution",
        "full_year",
        ("source_type_gap",),
        source_type_mismatch,
        tell=_mismatch_facts(TYPE_KIND),
        at_of=_mismatch_at(TYPE_KIND),
    ),
    Check("execution-over-100", "execution", "executed", ("rate",), execution_over_100, tell=each(_rate)),
    Check("budget-line-unknown", "budget", "kind", ("line", "full_year", "executed", "initial"), line_unknown, ("kind",), tell=each(_kind_said)),
    Check("execution-low-unexplained", "execution", "reason", ("rate",), execution_low, tell=each(_rate)),
    Check("budget-adjusted-unexplained", "execution", "adjust_reason", ("initial", "full_year"), adjusted),
    Check("budget-unit-suspect", "budget", "full_year", ("initial", "full_year", "executed"), unit_suspect, tell=each(_amounts)),
    Check("money-unit-implausible", "execution", "money_unit", ("full_year", "executed"), money_unit_implausible, tell=each(_sized), table="unit"),
    Check("budget-total-only", "execution", "full_year", ("basis",), total_only),
    Check("weight-not-positive", "budget", "weight", ("line", "weight"), weight_not_positive, tell=each(lambda row, _: {"v": number(row["weight"])})),
    Check(
        "weight-not-a-number", "budget", "weight", ("line", "weight"), weight_not_a_number, tell=each(lambda row, _: {"v": str(row["weight_text"])})
    ),
    Check(
        "weights-block-differs",
        "execution",
        "weight",
        ("typed_weight",),
        weight_differs,
        tell=each(
            lambda row, results: {
                "block": "预算执行",
                "sum": number(row["typed_weight"]),
                "expected": number(results.scheme.budget.weight),
                "moved": "",
                "moved_en": "",
            }
        ),
    ),
    Check("score-claimed-differs", "execution", "claimed_score", ("claimed", "score"), claim_differs, tell=each(_claim)),
    Check("score-claimed-over-weight", "execution", "claimed_score", ("claimed", "weight"), claim_over_weight, tell=each(_claim)),
    Check("execution-rate-differs", "budget", "rate", ("rate_typed", "full_year", "executed"), rate_differs, tell=_two_rates),
)
