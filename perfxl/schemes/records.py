"""The tables of a scheme file as frozen records: what can be set, within which bounds, and in which words it is shown.

A key is declared once, on its field: its type and bounds refuse a file, its title and the words of its values are what
`schemes show`, 评分依据 and refusals print, and `when` says beside which other value it is in use at all.
"""

# Annotations are no texts here: msgspec would compile each of the 255 again.

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from perfxl.model import PerfxlError
from perfxl.model.digits import plain


class SchemeError(PerfxlError):
    """A scheme that cannot be used, with the file and the key that must change."""


def key(title: str, unit: str = "", *, when: tuple[str, ...] = (), unused: float | None = None, **bounds: Any) -> Meta:
    """The declaration of a key: its title, the unit of its number, its bounds.

    `unit` `%` is a share (0.95 is shown as 95%). `when` names another key of the table and the values beside which
    this one is in use; `unused` the number that means it is not. What is not in use is not shown.
    """
    return Meta(title=title, extra={"unit": unit, "when": when, "unused": unused}, **bounds)


def fraction(title: str, **more: Any) -> Meta:
    """A share between 0 and 1."""
    return key(title, "%", ge=0, le=1, **more)


def choice(title: str, words: dict[str, str], when: tuple[str, ...] = ()) -> Meta:
    """A word of a short list, with what each is called."""
    return Meta(title=title, extra={"words": words, "when": when})


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a scheme file: unknown keys are refused."""


class Source(_Strict, frozen=True, kw_only=True):
    """Where a number comes from: title and place of the text, the evidence mark, and how a sentence quotes it."""

    title: Annotated[str, key("标题", min_length=1)]
    place: Annotated[str, key("位置", min_length=1)]
    mark: Annotated[
        Literal["C", "C-impl", "C-form", "U", "D"],
        choice(
            "把握程度",
            {
                "C": "已在公布的文本或表格中核实",
                "C-form": "见于公布的填报表",
                "C-impl": "见于已使用的系统",
                "U": "未见原文，只作可修改的默认值",
                "D": "本方案默认值，可按本地要求修改",
            },
        ),
    ]
    cite: Annotated[str, key("引用", min_length=1)]
    url: Annotated[str, key("网址")] = ""


class Sourced(_Strict, frozen=True, kw_only=True):
    """A table with numbers: `source` stands for all of them, `sources` for single keys."""

    source: str = ""
    sources: dict[str, str] = {}

    def source_of(self, key: str) -> str:
        """The source id of one key: its own, else the table's."""
        return self.sources.get(key, self.source)


class _Edge(_Strict, frozen=True, kw_only=True):
    """Where a tier or step begins, as a share: `at_least` is included, `above` is not; one of the two."""

    at_least: Annotated[float, key("及以上", "%", ge=0, le=100)] | None = None
    above: Annotated[float, key("以上（不含）", "%", ge=0, le=100)] | None = None

    @property
    def edge(self) -> tuple[float, bool]:
        """The bound and whether it is left out; of two equal bounds the one left out is the higher."""
        return (self.above, True) if self.above is not None else (self.at_least or 0.0, False)

    def _from(self) -> str:
        bound, left_out = self.edge
        return f"{percent(bound)}{'以上（不含）' if left_out else '及以上'}"


class Tier(_Edge, frozen=True, kw_only=True):
    """From its edge upward: `points` of the budget weight's own scale."""

    points: Annotated[float, key("得分", "分", ge=0)]

    def shown(self) -> str:
        """The row as people read it."""
        return f"{self._from()}得{plain(self.points)}分"


class Budget(Sourced, frozen=True, kw_only=True):
    """How budget execution is scored (axes of rules §5.1).

    `rate_decimals` rounds the rate, in decimals of a percent, before a tier is looked up. `deduct_per_point`: points lost
    per percentage point below 100 %. `deduct_per_step`: `deduct_points` lost per whole `deduct_step` below 100 %, not below 0.
    """

    weight: Annotated[float, key("分值", "分", ge=0)]
    mode: Annotated[
        Literal["linear", "tiers", "deduct", "deduct_per_step"],
        choice("计分方式", {"linear": "按比例", "tiers": "按档", "deduct": "按百分点扣分", "deduct_per_step": "按整档扣分"}),
    ] = "linear"
    base: Annotated[Literal["full_year", "initial"], choice("分母", {"full_year": "全年预算数", "initial": "年初预算数"})] = "full_year"
    tiers: Annotated[tuple[Tier, ...], key("档次", when=("mode", "tiers"))] = ()
    rate_decimals: Annotated[Annotated[int, Meta(ge=0, le=6)] | None, key("执行率保留小数", "位")] = None
    over_full: Annotated[Literal["cap", "zero", "refuse"], choice("执行率超过100%", {"cap": "得满分", "zero": "得0分", "refuse": "不评分"})] = "cap"
    zero_budget: Annotated[
        Literal["unscorable", "zero", "full-if-unspent"],
        choice("预算为0", {"unscorable": "不评分", "zero": "得0分", "full-if-unspent": "未支出得满分"}),
    ] = "unscorable"
    deduct_per_point: Annotated[float, key("每百分点扣分", "分", ge=0, when=("mode", "deduct"))] = 0
    tolerance: Annotated[float, key("每一行金额允许的尾差", "万元", ge=0, le=1)] = 0.01
    deduct_step: Annotated[Annotated[float, Meta(gt=0, le=1)] | None, key("扣分的一档", "%", when=("mode", "deduct_per_step"))] = None
    deduct_points: Annotated[Annotated[float, Meta(gt=0)] | None, key("每整档扣分", "分", when=("mode", "deduct_per_step"))] = None


class Level(Sourced, frozen=True, kw_only=True):
    """A first-level block and its points."""

    name: Annotated[str, key("名称", min_length=1)]
    weight: Annotated[float, key("分值", "分", gt=0)]
    level2: Annotated[tuple[str, ...], key("二级指标")] = ()
    gives_to: Annotated[dict[str, Annotated[float, Meta(gt=0)]], key("没有本类指标时分值归入", "分")] = {}
    """Where the points go when a form has no indicator of this block; a block that gives is optional."""


class ShareStep(_Edge, frozen=True, kw_only=True):
    """From its edge (completion as a share) upward an indicator keeps `share` of its points."""

    share: Annotated[float, fraction("得分值的比例")]

    def shown(self) -> str:
        """The row as people read it."""
        return f"{self._from()}得分值的{percent(self.share)}"


class Quantitative(Sourced, frozen=True, kw_only=True):
    """≥ > = and ranges: what a shortfall and an over-completion are worth.

    `shortfall`: `ratio` (points × actual/target), `steps` (points × the share of `steps`), `deduct_per_step`
    (`deduct_points` less per whole `deduct_step`, a share of the target, that the actual is short; not below 0).
    `pass_threshold`: a completion below it earns nothing. `equal` `ratio`: as ≥, mirrored for lower-is-better.
    `over_completion` from `over_at` on: `flag` is always said, `reason` when no reason is given.
    """

    shortfall: Annotated[
        Literal["ratio", "steps", "deduct_per_step"], choice("未完成", {"ratio": "按完成比例", "steps": "按档", "deduct_per_step": "按整档扣分"})
    ] = "ratio"
    steps: Annotated[tuple[ShareStep, ...], key("未完成档次", when=("shortfall", "steps"))] = ()
    pass_threshold: Annotated[float, fraction("及格门槛", unused=0)] = 0
    equal: Annotated[Literal["ratio", "manual"], choice("“=”不相等时", {"ratio": "按比例", "manual": "由人确定"})] = "ratio"
    missing_actual: Annotated[Literal["open", "zero"], choice("缺完成值", {"open": "暂不计分", "zero": "计0分"})] = "open"
    not_positive_target: Annotated[Literal["zero", "linear"], choice("指标值不是正数且未达到", {"zero": "得0分", "linear": "按偏离指标值的程度"})] = (
        "zero"
    )
    over_completion: Annotated[
        Literal["none", "flag", "reason", "ladder", "minus"],
        choice("超额完成", {"none": "不处理", "flag": "一律提示", "reason": "没有说明原因的提示", "ladder": "按档", "minus": "扣分"}),
    ] = "reason"
    over_at: Annotated[float, key("超额起点", "%", gt=1, le=100, when=("over_completion", "flag", "reason", "ladder", "minus"))] = 1.3
    over_steps: Annotated[tuple[ShareStep, ...], key("超额档次", when=("over_completion", "ladder"))] = ()
    over_minus: Annotated[float, key("超额扣分", "分", ge=0, when=("over_completion", "minus"))] = 0
    deduct_step: Annotated[Annotated[float, Meta(gt=0, le=1)] | None, key("扣分的一档", "%", when=("shortfall", "deduct_per_step"))] = None
    deduct_points: Annotated[Annotated[float, Meta(gt=0)] | None, key("每整档扣分", "分", when=("shortfall", "deduct_per_step"))] = None


class Reverse(Sourced, frozen=True, kw_only=True):
    """≤ and <: `ratio` is points × target/actual, `linear` is points × (1 − (actual − target)/target), not below 0.

    `manual`: beyond the limit a person decides; the row stays open. `deduct_per_step`: as for ≥, per whole step beyond.
    `names` and `level2` say which indicators are lower-is-better when nothing else does.
    """

    shortfall: Annotated[
        Literal["ratio", "linear", "manual", "deduct_per_step"],
        choice(
            "超过指标值", {"ratio": "按指标值÷完成值", "linear": "按1－超出比例，超一倍得0分", "manual": "由人确定", "deduct_per_step": "按整档扣分"}
        ),
    ] = "ratio"
    names: Annotated[tuple[str, ...], key("越少越好的名称")] = ()
    level2: Annotated[tuple[str, ...], key("越少越好的二级指标")] = ("成本指标",)
    deduct_step: Annotated[Annotated[float, Meta(gt=0, le=1)] | None, key("扣分的一档", "%", when=("shortfall", "deduct_per_step"))] = None
    deduct_points: Annotated[Annotated[float, Meta(gt=0)] | None, key("每整档扣分", "分", when=("shortfall", "deduct_per_step"))] = None


class QualitativeTier(_Strict, frozen=True, kw_only=True):
    """One tier of 定性 scoring: the window [low, high] as shares of the weight and the share a blank score gets.

    The window includes `low`; it includes `high` only where no better tier begins there.
    """

    name: Literal["达成", "部分达成", "未达成"]
    low: Annotated[float, fraction("下限")]
    high: Annotated[float, fraction("上限")]
    default: Annotated[float, fraction("没有自评得分的按")]

    def shown(self) -> str:
        """The row as people read it."""
        return f"{self.name} {percent(self.low)}~{percent(self.high)}（没有自评得分的按{percent(self.default)}）"


class Qualitative(Sourced, frozen=True, kw_only=True):
    """The tiers of qualitative indicators, best first.

    `score`: `claimed` counts the unit's own 自评得分 when it lies in the window; `default` always takes the default.
    """

    tiers: Annotated[tuple[QualitativeTier, ...], key("档次")]
    score: Annotated[Literal["claimed", "default"], choice("得分取自", {"claimed": "单位自评得分（在本档之内）", "default": "本档默认比例"})] = (
        "claimed"
    )


class NotApplicable(Sourced, frozen=True, kw_only=True):
    """不适用: `rescale` brings the rest back to the full total, `exclude` leaves it, `zero` counts it as 0 points."""

    policy: Annotated[
        Literal["rescale", "exclude", "zero"], choice("处理", {"rescale": "其余指标折算为满分", "exclude": "不折算", "zero": "计0分"})
    ] = "rescale"
    max_points: Annotated[float, key("最多不适用的分值", "分", ge=0)] = 20


class Grade(_Strict, frozen=True, kw_only=True):
    """A grade and the total (inclusive) from which it is given."""

    name: Annotated[str, key("名称", min_length=1)]
    at_least: Annotated[float, key("下限", "分", ge=0)]

    def shown(self) -> str:
        """The row as people read it."""
        return f"{self.name} {plain(self.at_least)}"


class Grades(Sourced, frozen=True, kw_only=True):
    """Grade bands, best first. `exclusive` bounds (`> 90`) are met in one configuration."""

    bands: Annotated[tuple[Grade, ...], key("等级")]
    lower_bound: Annotated[Literal["inclusive", "exclusive"], choice("下限", {"inclusive": "含本数", "exclusive": "不含本数"})] = "inclusive"


class Cap(_Strict, frozen=True, kw_only=True):
    """Where the execution rate is below `rate_below`, the total is at most `at_most`."""

    rate_below: Annotated[float, fraction("执行率低于")]
    at_most: Annotated[float, key("总分不超过", "分", ge=0)]

    def shown(self) -> str:
        """The row as people read it."""
        return f"执行率低于{percent(self.rate_below)}的总分不超过{plain(self.at_most)}"


class TotalCaps(Sourced, frozen=True, kw_only=True):
    """Caps of the total by the execution rate; none by default."""

    caps: Annotated[tuple[Cap, ...], key("总分上限")] = ()


class Checks(Sourced, frozen=True, kw_only=True):
    """Thresholds of the checks; a finance office may move each of them."""

    claim_tolerance: Annotated[float, key("自评得分允许差", "分", ge=0)] = 0.01
    execution_reason_below: Annotated[float, fraction("执行率低于此须说明")] = 0.9
    adjustment_reason: Annotated[Literal["required", "optional"], choice("预算调整说明", {"required": "须说明", "optional": "不要求"})] = "required"
    budget_lines: Annotated[Literal["required", "optional"], choice("合计以外的明细", {"required": "须填写", "optional": "不要求"})] = "required"
    """Whether the form asks for lines by source or by type beside the total."""
    deviation_reason_below_full: Annotated[float, key("失分超过此须说明", "分", ge=0)] = 0.0
    outrun_share: Annotated[float, fraction("指标得分率超出执行得分率")] = 0.05
    evidence_points: Annotated[float, key("须有佐证材料的分值起点", "分", ge=0)] = 10
    magnitude_factor: Annotated[float, key("完成值与指标值的数量级可疑倍数", "倍", gt=1)] = 50
    budget_unit_factor: Annotated[float, key("金额单位可疑倍数", "倍", gt=1)] = 1000
    """A line or total this many times the unit's other amounts is suspected of being in 元."""
    roster_tolerance: Annotated[float, key("与名单金额允许差", "万元", ge=0)] = 0.01
    """A year that more than this share of a batch reports is the expected one."""
    peer_factor: Annotated[float, key("与同类单位相差倍数", "倍", gt=1)] = 1000
    """A budget this many times the median of similar units (or this small a part of it) is out of proportion."""
    peer_count: Annotated[float, key("同类单位至少多于", "个", ge=0)] = 5
    copied_sentence: Annotated[float, key("雷同句子的字数", "字", ge=1)] = 30
    copied_rows: Annotated[float, key("视为照抄指标值的行数", "行", ge=1)] = 5
    copied_units: Annotated[float, key("视为统一口径的单位数多于", "个", ge=1)] = 10
    years_back: Annotated[float, key("预算年度最早在几年前", "年", ge=1)] = 30
    staff_over_posts: Annotated[float, key("在职人数可疑的编制倍数", "倍", ge=1)] = 1.5
    money_per_head: Annotated[float, key("人均预算可疑起点", "万元", gt=0)] = 10_000
    money_fen_from: Annotated[float, key("写到分的可疑金额起点", "万元", gt=0)] = 1_000_000


class Rounding(Sourced, frozen=True, kw_only=True):
    """How an item's points are rounded: `half-up` (half away from zero) or `truncate`, to `decimals`."""

    mode: Annotated[Literal["half-up", "truncate"], choice("取舍", {"half-up": "四舍五入", "truncate": "截尾"})] = "half-up"
    decimals: Annotated[int, key("保留小数", "位", ge=0, le=6)] = 2


class Band(_Strict, frozen=True, kw_only=True):
    """A value up to (lower is better) or from (higher is better) `bound`, inclusive, earns `points`."""

    bound: Annotated[float, key("界限", "%", ge=-100, le=100)]
    points: Annotated[float, key("得分", "分", ge=0)]

    def shown(self) -> str:
        """The row as people read it."""
        return f"{percent(self.bound)}得{plain(self.points)}分"


_LINED = ("mode", "deduct", "ratio", "deduct_per_step")
_COMPUTED = (*_LINED, "bands")


class Management(Sourced, frozen=True, kw_only=True):
    """One indicator computed from 管理指标数据 (财预〔2013〕53号).

    `value` is an expression over data items, e.g. `在职人员数.actual / 编制数.actual`; items are rows of the sheet,
    `.actual .budgeted .last_year` its columns. `mode`: `deduct` (weight − per_point × percentage points beyond `line`),
    `deduct_per_step` (`deduct_points` per whole `deduct_step` beyond `line`), `bands` (points by `bands`), `ratio`
    (weight × value/line, for lower × line/value, capped), `checklist` (a tier chosen by the unit).
    """

    name: Annotated[str, key("名称", min_length=1)]
    level1: Annotated[str, key("一级指标")]
    level2: Annotated[str, key("二级指标")]
    weight: Annotated[float, key("分值", "分", gt=0)]
    value: Annotated[str, key("算式")] = ""
    mode: Annotated[
        Literal["deduct", "bands", "ratio", "checklist", "deduct_per_step"],
        choice(
            "计分方式", {"deduct": "按百分点扣分", "bands": "按档", "ratio": "按比例", "checklist": "按完成等级", "deduct_per_step": "按整档扣分"}
        ),
    ] = "ratio"
    direction: Annotated[Literal["higher", "lower"], choice("方向", {"higher": "越高越好", "lower": "越低越好"}, when=_COMPUTED)] = "higher"
    line: Annotated[float, key("标准", "%", ge=-100, le=100, when=_LINED)] = 1
    per_point: Annotated[float, key("每百分点扣分", "分", ge=0, when=("mode", "deduct"))] = 0
    bands: Annotated[tuple[Band, ...], key("档次", when=("mode", "bands"))] = ()
    asks: Annotated[str, key("评价内容", when=("mode", "checklist"))] = ""
    deduct_step: Annotated[Annotated[float, Meta(gt=0, le=1)] | None, key("扣分的一档", "%", when=("mode", "deduct_per_step"))] = None
    deduct_points: Annotated[Annotated[float, Meta(gt=0)] | None, key("每整档扣分", "分", when=("mode", "deduct_per_step"))] = None


class Clause(_Strict, frozen=True, kw_only=True):
    """A reason for which a reviewer takes points away, or leaves them.

    `share` is the part of 规则测算得分 that is taken away; without it the reviewer says how much. `degree` tells apart the
    clauses of one title (严重, 中等, 轻微).
    """

    id: Annotated[str, key("标识", min_length=1)]
    title: Annotated[str, key("理由", min_length=1)]
    degree: Annotated[str, key("程度")] = ""
    share: Annotated[Annotated[float, Meta(ge=0, le=1)] | None, key("扣减比例", "%")] = None

    @property
    def offered(self) -> str:
        """As the drop-down of a review sheet offers it."""
        named = f"{self.title}（{self.degree}）" if self.degree else self.title
        if self.share is None:
            return named
        return f"{named}：扣{percent(self.share)}" if self.share else f"{named}：不扣分"

    def shown(self) -> str:
        """The row as people read it."""
        return self.offered


class ReviewRules(Sourced, frozen=True, kw_only=True):
    """人工复核: the reasons offered, and how far the share taken away may be from that of its clause."""

    clauses: Annotated[tuple[Clause, ...], key("扣分条款")] = ()
    share_tolerance: Annotated[float, key("扣减比例允许差", "%", ge=0, le=1)] = 0.01


class Scheme(_Strict, frozen=True, kw_only=True):
    """One rule pack, checked and complete. See `perfxl/schemes/national-2020.toml` for every key in use."""

    id: Annotated[str, key("标识", min_length=1)]
    title: Annotated[str, key("标题", min_length=1)]
    note: str
    full: Annotated[float, key("满分", "分", gt=0)]
    sources: dict[str, Source]
    budget: Annotated[Budget, key("预算执行")]
    levels: Annotated[tuple[Level, ...], key("一级指标")]
    quantitative: Annotated[Quantitative, key("定量指标")]
    reverse: Annotated[Reverse, key("越少越好的指标")]
    qualitative: Annotated[Qualitative, key("定性指标")]
    not_applicable: Annotated[NotApplicable, key("不适用")]
    grades: Annotated[Grades, key("等级")]
    checks: Annotated[Checks, key("检查")]
    rounding: Annotated[Rounding, key("四舍五入")]
    total_caps: Annotated[TotalCaps, key("总分上限")] = TotalCaps()
    management: Annotated[tuple[Management, ...], key("管理指标")] = ()
    review: Annotated[ReviewRules, key("人工复核")] = ReviewRules()
    aliases: tuple[str, ...] = ()
    """Other titles by which a workbook or a command may name this scheme."""
    extends: str = ""
    file: str = ""
    fingerprint: str = ""

    def cite(self, source_id: str) -> str:
        """How a sentence quotes a source: `参照财预〔2020〕10号`."""
        return self.sources[source_id].cite if source_id in self.sources else ""

    def level(self, name: str) -> Level | None:
        """The first-level block called `name`."""
        return next((level for level in self.levels if level.name == name), None)

    def home_of(self, level2: str) -> str:
        """The first-level block that lists a 二级指标; "" for one that none lists, or several."""
        homes = [level.name for level in self.levels if level2 in level.level2]
        return homes[0] if len(homes) == 1 else ""


def percent(value: float) -> str:
    """A share as people read it: 0.95 is 95%."""
    return f"{plain(value * 100)}%"
