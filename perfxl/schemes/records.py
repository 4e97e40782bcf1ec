"""The tables of a scheme file as frozen records: what can be set, in which unit, and what it means."""

from __future__ import annotations

from typing import Literal

import msgspec

from perfxl.model import PerfxlError


class SchemeError(PerfxlError):
    """A scheme that cannot be used, with the file and the key that must change."""


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a scheme file: unknown keys are refused."""


class Source(_Strict, frozen=True, kw_only=True):
    """Where a number comes from: title and place of the text, the evidence mark, and how a sentence quotes it."""

    title: str
    place: str
    mark: Literal["C", "C-impl", "C-form", "U", "D"]
    cite: str
    url: str = ""


class Sourced(_Strict, frozen=True, kw_only=True):
    """A table with numbers: `source` stands for all of them, `sources` for single keys."""

    source: str = ""
    sources: dict[str, str] = {}

    def source_of(self, key: str) -> str:
        """The source id of one key: its own, else the table's."""
        return self.sources.get(key, self.source)


class _Edge(_Strict, frozen=True, kw_only=True):
    """Where a tier or step begins, as a share: `at_least` is included, `above` is not; one of the two."""

    at_least: float | None = None
    above: float | None = None

    @property
    def edge(self) -> tuple[float, bool]:
        """The bound and whether it is left out; of two equal bounds the one left out is the higher."""
        return (self.above, True) if self.above is not None else (self.at_least or 0.0, False)


class Tier(_Edge, frozen=True, kw_only=True):
    """From its edge upward: `points` of the budget weight's own scale."""

    points: float


class Budget(Sourced, frozen=True, kw_only=True):
    """How budget execution is scored (axes of rules §5.1).

    Rates and bounds are shares (1 = 100 %). `rate_decimals` rounds the rate, in decimals of a percent, before a tier
    is looked up. `over_full`: what a rate above 100 % is worth (`cap`: full points; `zero`: none; `refuse`: not
    scorable). `zero_budget`: what a budget of 0 is worth (`unscorable`; `zero`: 0 points; `full-if-unspent`: all
    points when nothing was spent either). `deduct_per_point`: points lost per percentage point below 100 %.
    `deduct_per_step`: `deduct_points` lost per whole `deduct_step` (a share) below 100 %, not below 0.
    """

    weight: float
    mode: Literal["linear", "tiers", "deduct", "deduct_per_step"] = "linear"
    base: Literal["full_year", "initial"] = "full_year"
    tiers: tuple[Tier, ...] = ()
    rate_decimals: int | None = None
    over_full: Literal["cap", "zero", "refuse"] = "cap"
    zero_budget: Literal["unscorable", "zero", "full-if-unspent"] = "unscorable"
    deduct_per_point: float = 0
    tolerance: float = 0.01
    deduct_step: float | None = None
    deduct_points: float | None = None


class Level(Sourced, frozen=True, kw_only=True):
    """A first-level block and its points."""

    name: str
    weight: float
    level2: tuple[str, ...] = ()
    gives_to: dict[str, float] = {}
    """Where the points go when a form has no indicator of this block; a block that gives is optional."""


class Step(_Edge, frozen=True, kw_only=True):
    """From its edge (completion as a share) upward an indicator keeps `share` of its points."""

    share: float


class Quantitative(Sourced, frozen=True, kw_only=True):
    """≥ > = and ranges: what a shortfall and an over-completion are worth.

    `shortfall`: `ratio` (points × actual/target), `steps` (points × the share of `steps`), `deduct_per_step`
    (`deduct_points` less per whole `deduct_step`, a share of the target, that the actual is short; not below 0). `pass_threshold`: a
    completion below it earns nothing. `equal`: what = is worth off the target (`ratio`: as ≥, mirrored for
    lower-is-better; `manual`: a person decides). `missing_actual`: a blank actual stays `open` or earns `zero`. `not_positive_target`: a target ≤ 0
    that is not met is worth `zero`, or
    `linear` over |target|. `over_completion` from `over_at` on: `none`, `flag` (always said), `reason` (said when no
    reason is given), `ladder` (`over_steps`), `minus` (`over_minus` points less).
    """

    shortfall: Literal["ratio", "steps", "deduct_per_step"] = "ratio"
    steps: tuple[Step, ...] = ()
    pass_threshold: float = 0
    equal: Literal["ratio", "manual"] = "ratio"
    missing_actual: Literal["open", "zero"] = "open"
    not_positive_target: Literal["zero", "linear"] = "zero"
    over_completion: Literal["none", "flag", "reason", "ladder", "minus"] = "reason"
    over_at: float = 1.3
    over_steps: tuple[Step, ...] = ()
    over_minus: float = 0
    deduct_step: float | None = None
    deduct_points: float | None = None


class Reverse(Sourced, frozen=True, kw_only=True):
    """≤ and <: `ratio` is points × target/actual, `linear` is points × (1 − (actual − target)/target), not below 0.

    `manual`: beyond the limit a person decides; the row stays open. `deduct_per_step`: as for ≥, per whole step beyond.

    `names` and `level2` say which indicators are lower-is-better when nothing else does.
    """

    shortfall: Literal["ratio", "linear", "manual", "deduct_per_step"] = "ratio"
    names: tuple[str, ...] = ()
    level2: tuple[str, ...] = ("成本指标",)
    deduct_step: float | None = None
    deduct_points: float | None = None


class QualitativeTier(_Strict, frozen=True, kw_only=True):
    """One tier of 定性 scoring: the window [low, high] as shares of the weight and the share a blank score gets.

    The window includes `low`; it includes `high` only where no better tier begins there.
    """

    name: Literal["达成", "部分达成", "未达成"]
    low: float
    high: float
    default: float


class Qualitative(Sourced, frozen=True, kw_only=True):
    """The tiers of qualitative indicators, best first.

    `score`: `claimed` counts the unit's own 自评得分 when it lies in the window; `default` always takes the default.
    """

    tiers: tuple[QualitativeTier, ...]
    score: Literal["claimed", "default"] = "claimed"


class NotApplicable(Sourced, frozen=True, kw_only=True):
    """不适用: `rescale` brings the rest back to the full total, `exclude` leaves it, `zero` counts it as 0 points."""

    policy: Literal["rescale", "exclude", "zero"] = "rescale"
    max_points: float = 20


class Grade(_Strict, frozen=True, kw_only=True):
    """A grade and the total (inclusive) from which it is given."""

    name: str
    at_least: float


class Grades(Sourced, frozen=True, kw_only=True):
    """Grade bands, best first. `exclusive` bounds (`> 90`) are met in one configuration."""

    bands: tuple[Grade, ...]
    lower_bound: Literal["inclusive", "exclusive"] = "inclusive"


class Cap(_Strict, frozen=True, kw_only=True):
    """Where the execution rate is below `rate_below`, the total is at most `at_most`."""

    rate_below: float
    at_most: float


class TotalCaps(Sourced, frozen=True, kw_only=True):
    """Caps of the total by the execution rate; none by default."""

    caps: tuple[Cap, ...] = ()


class Checks(Sourced, frozen=True, kw_only=True):
    """Thresholds of the checks; a finance office may move each of them."""

    claim_tolerance: float = 0.01
    execution_reason_below: float = 0.9
    adjustment_reason: Literal["required", "optional"] = "required"
    deviation_reason_below_full: float = 0.0
    """A reason is due when the score is below the weight by more than this."""
    outrun_share: float = 0.05
    evidence_points: float = 10
    """Rows with at least this weight need evidence."""
    magnitude_factor: float = 50
    budget_unit_factor: float = 1000
    """A line or total this many times the unit's other amounts is suspected of being in 元."""
    roster_tolerance: float = 0.01
    """万元 by which an amount may differ from the office's own before it is said."""
    usual_share: float = 0.5
    """A year that more than this share of a batch reports is the expected one."""
    peer_factor: float = 1000
    """A budget this many times the median of similar units (or this small a part of it) is out of proportion."""
    peer_count: float = 5
    """Similar units are compared only where there are more than this many."""
    copied_sentence: float = 30
    """Characters from which a sentence that two units share counts as copied."""
    copied_units: float = 10
    """A sentence of more units than this is circulated wording."""


class Rounding(Sourced, frozen=True, kw_only=True):
    """How an item's points are rounded: `half-up` (half away from zero) or `truncate`, to `decimals`."""

    mode: Literal["half-up", "truncate"] = "half-up"
    decimals: int = 2


class Band(_Strict, frozen=True, kw_only=True):
    """A value up to (lower is better) or from (higher is better) `bound`, inclusive, earns `points`."""

    bound: float
    points: float


class Management(Sourced, frozen=True, kw_only=True):
    """One indicator computed from 管理指标数据 (财预〔2013〕53号).

    `value` is an expression over data items, e.g. `在职人员数.actual / 编制数.actual`; items are rows of the sheet,
    `.actual .budgeted .last_year` its columns. `mode`: `deduct` (weight − per_point × percentage points beyond `line`),
    `deduct_per_step` (`deduct_points` per whole `deduct_step` beyond `line`),
    `bands` (points by `bands`), `ratio` (weight × value/line, for lower × line/value, capped), `checklist` (a tier
    chosen by the unit). `asks` is what a checklist looks at.
    """

    name: str
    level1: str
    level2: str
    weight: float
    value: str = ""
    mode: Literal["deduct", "bands", "ratio", "checklist", "deduct_per_step"] = "ratio"
    direction: Literal["higher", "lower"] = "higher"
    line: float = 1
    per_point: float = 0
    bands: tuple[Band, ...] = ()
    asks: str = ""
    deduct_step: float | None = None
    deduct_points: float | None = None


class Scheme(_Strict, frozen=True, kw_only=True):
    """One rule pack, checked and complete. See `perfxl/schemes/national-2020.toml` for every key in use."""

    id: str
    title: str
    note: str
    full: float
    sources: dict[str, Source]
    budget: Budget
    levels: tuple[Level, ...]
    quantitative: Quantitative
    reverse: Reverse
    qualitative: Qualitative
    not_applicable: NotApplicable
    grades: Grades
    checks: Checks
    rounding: Rounding
    total_caps: TotalCaps = TotalCaps()
    management: tuple[Management, ...] = ()
    aliases: tuple[str, ...] = ()
    """Other titles by which a workbook may name this scheme."""
    extends: str = ""
    file: str = ""
    fingerprint: str = ""

    def cite(self, source_id: str) -> str:
        """How a sentence quotes a source: `参照财预〔2020〕10号`."""
        return self.sources[source_id].cite if source_id in self.sources else ""

    def level(self, name: str) -> Level | None:
        """The first-level block called `name`."""
        return next((level for level in self.levels if level.name == name), None)
