"""Rule packs: every weight, band, tier and threshold of a place, as data with its source.

A scheme is a TOML file. One may extend another, so a county writes only what differs. Loading refuses unknown keys,
wrong sums, overlapping bands and numbers without a source, naming file and key.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEME_FOLDER = Path(__file__).parent / "schemes"
DEFAULT_SCHEME = "national-2020"
EPSILON = 1e-9


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


class Tier(_Strict, frozen=True, kw_only=True):
    """From `at_least` (a share, inclusive) upward: `points` of the budget weight's own scale."""

    at_least: float
    points: float


class Budget(Sourced, frozen=True, kw_only=True):
    """How budget execution is scored (axes of rules §5.1).

    Rates and bounds are shares (1 = 100 %). `rate_decimals` rounds the rate, in decimals of a percent, before a tier
    is looked up. `over_full`: what a rate above 100 % is worth (`cap`: full points; `zero`: none; `refuse`: not
    scorable). `zero_budget`: what a budget of 0 is worth (`unscorable`; `zero`: 0 points; `full-if-unspent`: all
    points when nothing was spent either). `deduct_per_point`: points lost per percentage point below 100 %.
    """

    weight: float
    mode: Literal["linear", "tiers", "deduct"] = "linear"
    base: Literal["full_year", "initial"] = "full_year"
    tiers: tuple[Tier, ...] = ()
    rate_decimals: int | None = None
    over_full: Literal["cap", "zero", "refuse"] = "cap"
    zero_budget: Literal["unscorable", "zero", "full-if-unspent"] = "unscorable"
    deduct_per_point: float = 0
    tolerance: float = 0.01


class Level(Sourced, frozen=True, kw_only=True):
    """A first-level block and its points."""

    name: str
    weight: float
    level2: tuple[str, ...] = ()
    gives_to: dict[str, float] = {}
    """Where the points go when a form has no indicator of this block; a block that gives is optional."""


class Step(_Strict, frozen=True, kw_only=True):
    """From `at_least` (completion as a share, inclusive) upward an indicator keeps `share` of its points."""

    at_least: float
    share: float


class Quantitative(Sourced, frozen=True, kw_only=True):
    """≥ > = and ranges: what a shortfall and an over-completion are worth.

    `shortfall`: `ratio` (points × actual/target), `steps` (points × the share of `steps`). `pass_threshold`: a
    completion below it earns nothing. `equal`: what = is worth off the target (`ratio`: as ≥, mirrored for
    lower-is-better; `manual`: a person decides). `missing_actual`: a blank actual stays `open` or earns `zero`. `not_positive_target`: a target ≤ 0 that is not met is worth `zero`, or
    `linear` over |target|. `over_completion` from `over_at` on: `none`, `flag` (always said), `reason` (said when no
    reason is given), `ladder` (`over_steps`), `minus` (`over_minus` points less).
    """

    shortfall: Literal["ratio", "steps"] = "ratio"
    steps: tuple[Step, ...] = ()
    pass_threshold: float = 0
    equal: Literal["ratio", "manual"] = "ratio"
    missing_actual: Literal["open", "zero"] = "open"
    not_positive_target: Literal["zero", "linear"] = "zero"
    over_completion: Literal["none", "flag", "reason", "ladder", "minus"] = "reason"
    over_at: float = 1.3
    over_steps: tuple[Step, ...] = ()
    over_minus: float = 0


class Reverse(Sourced, frozen=True, kw_only=True):
    """≤ and <: `ratio` is points × target/actual, `linear` is points × (1 − (actual − target)/target), not below 0.

    `manual`: beyond the limit a person decides; the row stays open.

    `names` and `level2` say which indicators are lower-is-better when nothing else does.
    """

    shortfall: Literal["ratio", "linear", "manual"] = "ratio"
    names: tuple[str, ...] = ()
    level2: tuple[str, ...] = ("成本指标",)


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
    `bands` (points by `bands`), `ratio` (weight × value/line, for lower × line/value, capped), `checklist` (a tier
    chosen by the unit). `asks` is what a checklist looks at.
    """

    name: str
    level1: str
    level2: str
    weight: float
    value: str = ""
    mode: Literal["deduct", "bands", "ratio", "checklist"] = "ratio"
    direction: Literal["higher", "lower"] = "higher"
    line: float = 1
    per_point: float = 0
    bands: tuple[Band, ...] = ()
    asks: str = ""


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

    def grade(self, total: float) -> str | None:
        """The grade of a total already rounded to 2 decimals; None where no band holds it."""
        for band in self.grades.bands:
            if total >= band.at_least if self.grades.lower_bound == "inclusive" else total > band.at_least:
                return band.name
        return None


def scheme_files() -> dict[str, Path]:
    """The built-in schemes, id to file, sorted by id."""
    return {path.stem: path for path in sorted(SCHEME_FOLDER.glob("*.toml"))}


@lru_cache(maxsize=64)
def load_scheme(name: str) -> Scheme:
    """The scheme with this id, or the one in this file (`ours.toml`, `./ours.toml`).

    Raises:
        SchemeError: no such scheme, or a file that cannot be used; the message names file and key.
    """
    built_in = scheme_files()
    path = built_in.get(name) or Path(name)
    if name not in built_in and path.suffix != ".toml":
        raise SchemeError(f"没有名为“{name}”的评分方案。可用：{'、'.join(built_in)}，或一个 .toml 文件。",
                          en=f"No scheme “{name}”. There are {', '.join(built_in)}, or a .toml file.")
    scheme = _validated(_read_merged(path, ()), path)
    written = _read_toml(path)
    if "extends" in written:
        for key, message in _credited_to_the_base(written):
            raise SchemeError(f"{path.name}：{key}：{message}")
    return scheme


@lru_cache(maxsize=1)
def scheme_titles() -> dict[str, str]:
    """Chinese title (and alias) to id, for every built-in scheme, without validating them."""
    titles: dict[str, str] = {}
    for scheme_id, path in scheme_files().items():
        # The keys before the first table: a whole scheme takes a hundred times as long to parse.
        head = tomllib.loads(path.read_text("utf-8").partition("\n[")[0])
        for title in (head["title"], *head.get("aliases", ())):
            titles[title] = scheme_id
    return titles


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        # Notepad puts a byte order mark before the text.
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SchemeError(f"{path.name}：读不到这个文件，它不存在。请检查路径。", en=f"Cannot find {path.name}. Check the path.") from error
    except OSError as error:
        raise SchemeError(f"{path.name}：读不到这个文件（{error.strerror}）。", en=f"Cannot read {path.name} ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise SchemeError(f"{path.name}：不是 UTF-8 编码的文本，请另存为 UTF-8。", en=f"{path.name} is not UTF-8 text; save it as UTF-8.") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SchemeError(f"{path.name}：{_toml_words(str(error), text)}", en=f"{path.name} is not TOML: {error}.") from error


_FULL_WIDTH = re.compile(r"[“”‘’＝，｛｝［］＃０-９．：]")
_PLACE = re.compile(r"at line (\d+)")


def _toml_words(message: str, text: str) -> str:
    """Where a file stops being TOML, the line itself and what is usually wrong with it."""
    if "Cannot overwrite" in message or "Cannot declare" in message:
        why = "同一个键或同一个表写了两次"
    elif "Cannot mutate" in message or "already exists" in message:
        why = "同一个名称既作键又作表"
    else:
        why = "常见原因：引号、括号没有成对，漏了逗号或等号"
    lines = text.splitlines() or [""]
    found = _PLACE.search(message)
    at = int(found[1]) if found else len(lines)
    line = lines[at - 1].strip()
    bare = re.sub(r'"[^"]*"', "", line.partition("#")[0])
    if odd := "".join(dict.fromkeys(_FULL_WIDTH.findall(bare))):
        why = f"用了全角符号 {odd}，请改成半角"
    return f"第{at}行不是正确的 TOML：{line}　{why}。"


def _read_merged(path: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    """The file's tables over those of the scheme it extends; arrays are replaced whole.

    Identity is never inherited: a file without id or title goes by its own name, not by that of its base.
    """
    raw = _read_toml(path)
    base_name = raw.get("extends", "")
    if not base_name:
        return raw
    if not isinstance(base_name, str) or base_name in seen:
        raise SchemeError(f"{path.name}：extends 不能是“{base_name}”（循环或不是文字）。")
    built_in = scheme_files()
    base_path = built_in.get(base_name) or path.parent / base_name
    if base_name not in built_in and not base_path.is_file():
        raise SchemeError(f"{path.name}：extends：没有名为“{base_name}”的评分方案。可用：{'、'.join(built_in)}，或旁边的一个 .toml 文件。")
    base = _read_merged(base_path, (*seen, base_name))
    own = {"id": path.stem, "title": path.stem, "note": f"在“{base.get('title', base_name)}”的基础上修改。", "aliases": []}
    return _merge(base, {**own, **raw})


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merge key by key, `sources` of a table with its keys; anything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        inherited = merged.get(key)
        if isinstance(inherited, dict) and isinstance(value, dict):
            inherited = dict(inherited)
            if "source" in value and "sources" in inherited and "sources" not in value:
                # A table that names a new source for its own numbers keeps the old one for the numbers it inherits.
                inherited["sources"] = {k: v for k, v in inherited["sources"].items() if k not in value}
            if "source" in value and "source" in inherited:
                kept = {k: inherited["source"] for k in inherited if k not in value and k not in ("source", "sources")}
                inherited["sources"] = {**kept, **inherited.get("sources", {})}
            merged[key] = _merge(inherited, value if key == "sources" else _with_sources_of_words(value))
        else:
            merged[key] = value
    return merged


def _with_sources_of_words(table: Mapping[str, Any]) -> dict[str, Any]:
    """A changed word (`mode = "tiers"`) has the source of the numbers changed with it, never the one of the base."""
    named = table.get("sources", {})
    if "source" in table or not isinstance(named, dict):
        return dict(table)
    own = set(named.values())
    numeric = set(_numeric_keys(table))
    words = [k for k in table if k not in ("source", "sources") and k not in named and k not in numeric]
    if not words:
        return dict(table)
    return {**table, "sources": {**named, **dict.fromkeys(words, own.pop() if len(own) == 1 else "")}}


def _credited_to_the_base(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Numbers a file changes without a source of its own: they would stand under the source of the number they replace."""
    for name, table in raw.items():
        if not isinstance(table, dict) or name == "sources" or "source" in table:
            continue
        for key in _numeric_keys(table):
            if key not in table.get("sources", {}):
                yield f"{name}.{key}", f"改了这个数，但没有写依据。请在 [{name}] 里加 sources = {{ {key} = \"…\" }}，写 [sources] 里的名称。"


def _validated(raw: dict[str, Any], path: Path) -> Scheme:
    plain = {key: value for key, value in raw.items() if key not in ("file", "fingerprint")}
    fingerprint = hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()[:12]
    try:
        scheme = msgspec.convert({**plain, "file": path.name, "fingerprint": fingerprint}, Scheme)
    except msgspec.ValidationError as error:
        raise SchemeError(f"{path.name}：{_explain_structure(str(error))}") from error
    for key, message in _defects(scheme, plain):
        raise SchemeError(f"{path.name}：{key}：{message}")
    return scheme


_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_AT = re.compile(r" - at `\$\.?(?P<at>[^`]*)`")
_EXPECTED = {"float": "数", "int": "整数", "str": "文字", "array": "列表", "object": "表", "null": "空"}


def _explain_structure(message: str) -> str:
    """A structural error in a scheme file, in the words of the person who wrote the file."""
    if match := _UNKNOWN.search(message):
        at, key = match["at"] or "", match["field"]
        return f"{_dotted(at, key)}：没有这个键。{_allowed(at)}"
    if match := _MISSING.search(message):
        return f"{_dotted(match['at'] or '', match['field'])}：缺少这个键。"
    at_match = _AT.search(message)
    key = at_match["at"] if at_match else ""
    text = _AT.sub("", message)
    if "Invalid enum value" in text:
        value = text.removeprefix("Invalid enum value").strip().strip("'")
        return f"{key}：值“{value}”不在允许之列。{_allowed_values(key)}"
    for english, chinese in _EXPECTED.items():
        text = text.replace(f"`{english}`", chinese)
    text = text.replace("Expected ", "应为").replace(", got ", "，实为").replace(" | ", "或")
    return f"{key}：{text}。"


def _dotted(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _struct_at(at: str) -> Any:
    """The record type at a dotted path such as `budget.tiers[0]`; None where the path leads nowhere."""
    current: Any = Scheme
    for part in re.findall(r"[^.\[\]]+|\[[^\]]*\]", at):
        if part.startswith("["):
            continue
        hints = {f.name: f.type for f in msgspec.structs.fields(current)} if isinstance(current, type) else {}
        kind = hints.get(part)
        if kind is None:
            return None
        arguments = getattr(kind, "__args__", ())
        current = next((a for a in (kind, *arguments) if isinstance(a, type) and issubclass(a, msgspec.Struct)), kind)
    return current


def _allowed(at: str) -> str:
    record = _struct_at(at)
    if not (isinstance(record, type) and issubclass(record, msgspec.Struct)):
        return ""
    names = [f.name for f in msgspec.structs.fields(record) if f.name not in ("file", "fingerprint")]
    return f"可用的键：{'、'.join(names)}。"


def _allowed_values(key: str) -> str:
    parent, _, name = key.rpartition(".")
    record = _struct_at(parent)
    if isinstance(record, type) and issubclass(record, msgspec.Struct):
        for f in msgspec.structs.fields(record):
            if f.name == name:
                return f"可用的值：{'、'.join(str(value) for value in getattr(f.type, '__args__', ()))}。"
    return ""


def _defects(scheme: Scheme, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is structurally right but cannot be meant: key and message, worst first."""
    yield from _unsourced(scheme, raw)
    yield from _wrong_sums(scheme)
    yield from _wrong_bands(scheme)
    yield from _wrong_values(scheme)


def _numeric_keys(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if key in ("source", "sources"):
            continue
        numbers = isinstance(value, int | float) and not isinstance(value, bool)
        if numbers or (isinstance(value, list) and any(isinstance(v, dict) for v in value)):
            yield key


def _unsourced(scheme: Scheme, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    tables: list[tuple[str, Any]] = []
    for key, value in raw.items():
        if isinstance(value, dict) and key != "sources":
            tables.append((key, value))
        elif isinstance(value, list) and all(isinstance(v, dict) for v in value):
            tables.extend((f"{key}[{i}]", v) for i, v in enumerate(value))
    for name, table in tables:
        for key in _numeric_keys(table):
            source = table.get("sources", {}).get(key) or table.get("source", "")
            if not source:
                yield f"{name}.{key}", "这个数没有写依据；请在本表加 source = \"…\"，或在 sources 里给这个键写依据。"
            elif source not in scheme.sources:
                yield f"{name}.{key}", f"依据“{source}”没有在 [sources] 里列出。可用：{'、'.join(scheme.sources)}。"


def _wrong_sums(scheme: Scheme) -> Iterator[tuple[str, str]]:
    parts = [level.weight for level in scheme.levels] + [scheme.budget.weight]
    if abs(sum(parts) - scheme.full) > EPSILON:
        shown = "+".join(f"{part:g}" for part in parts)
        yield "levels", f"各一级指标和预算执行的分值合计{shown}={sum(parts):g}，应等于 full={scheme.full:g}。写了 [[levels]] 的，要把各一级指标都写上。"
    if len({level.name for level in scheme.levels}) != len(scheme.levels):
        yield "levels", "一级指标重名。"
    for i, level in enumerate(scheme.levels):
        for name in level.gives_to:
            if scheme.level(name) is None:
                yield f"levels[{i}].gives_to", f"没有一级指标“{name}”。"
        if level.gives_to and abs(sum(level.gives_to.values()) - level.weight) > EPSILON:
            yield f"levels[{i}].gives_to", f"转出的分值合计应等于本指标的分值 {level.weight:g}。"


def _descending(values: list[float]) -> bool:
    return all(a > b for a, b in itertools.pairwise(values))


def _wrong_bands(scheme: Scheme) -> Iterator[tuple[str, str]]:
    bands = [band.at_least for band in scheme.grades.bands]
    if not bands or not _descending(bands):
        yield "grades.bands", "等级的下限应从高到低，不能相等或交叉。"
    elif bands[-1] > 0 or bands[0] > scheme.full:
        yield "grades.bands", f"等级的下限应在 0 到 {scheme.full:g} 之间，最低一等从 0 开始，否则有的得分评不出等级。"
    budget_tiers = [tier.at_least for tier in scheme.budget.tiers]
    if scheme.budget.mode == "tiers" and (not budget_tiers or not _descending(budget_tiers) or budget_tiers[-1] != 0):
        yield "budget.tiers", "档次的下限 at_least 应从高到低排列，不能相等或交叉，最低一档从 0 开始。"
    if any(tier.points > scheme.budget.weight for tier in scheme.budget.tiers):
        yield "budget.tiers", f"档次得分不能超过预算执行的分值 {scheme.budget.weight:g}。"
    for key, steps in (("quantitative.steps", scheme.quantitative.steps),
                       ("quantitative.over_steps", scheme.quantitative.over_steps)):
        if not _descending([step.at_least for step in steps]):
            yield key, "at_least 应从高到低排列，不能相等或交叉。"
    tiers = scheme.qualitative.tiers
    if [tier.name for tier in tiers] != ["达成", "部分达成", "未达成"]:
        yield "qualitative.tiers", "应依次为 达成、部分达成、未达成 三档。"
    elif tiers[0].high != 1 or tiers[2].low != 0 or any(a.low != b.high for a, b in itertools.pairwise(tiers)):
        yield "qualitative.tiers", "三档应首尾相接：达成到 1 为止，未达成从 0 开始，中间不留空、不重叠；80% 写作 0.8。"
    yield from _wrong_management(scheme)
    for i, tier in enumerate(tiers):
        if not tier.low <= tier.default <= tier.high:
            yield f"qualitative.tiers[{i}].default", f"默认比例 {tier.default:g} 不在本档 [{tier.low:g}, {tier.high:g}] 之内。"


def _wrong_management(scheme: Scheme) -> Iterator[tuple[str, str]]:
    sums: dict[str, float] = {}
    for i, indicator in enumerate(scheme.management):
        key = f"management[{i}]"
        sums[indicator.level1] = sums.get(indicator.level1, 0) + indicator.weight
        if scheme.level(indicator.level1) is None:
            yield f"{key}.level1", f"没有一级指标“{indicator.level1}”。"
        if indicator.mode == "checklist":
            continue
        try:
            data_items(indicator.value)
        except ValueError as error:
            yield f"{key}.value", str(error)
        bounds = [band.bound for band in indicator.bands]
        ordered = bounds if indicator.direction == "higher" else bounds[::-1]
        if indicator.mode == "bands" and (not bounds or not _descending(ordered)):
            yield f"{key}.bands", "各档的界限应从最好到最差排列，不能相等或交叉。"
        if indicator.mode == "deduct" and indicator.per_point <= 0:
            yield f"{key}.per_point", "按百分点扣分时应大于 0。"
    for name, total in sums.items():
        level = scheme.level(name)
        if level is not None and total > level.weight + EPSILON:
            yield "management", f"“{name}”下管理指标的分值合计 {total:g}，超过该一级指标的分值 {level.weight:g}。"


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
    found = [(node.value.id, node.attr) for node in ast.walk(parsed_expression(text))
             if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return tuple(sorted(dict.fromkeys(found), key=lambda pair: text.find(f"{pair[0]}.{pair[1]}")))


def _shares(scheme: Scheme) -> Iterator[tuple[str, float]]:
    """Every value that is a share of 1, with its key."""
    quantitative, checks = scheme.quantitative, scheme.checks
    yield from (("budget.tiers", tier.at_least) for tier in scheme.budget.tiers)
    for key, steps in (("quantitative.steps", quantitative.steps), ("quantitative.over_steps", quantitative.over_steps)):
        yield from ((key, step.share) for step in steps)
    yield from (("quantitative.steps", step.at_least) for step in quantitative.steps)
    yield from (("total_caps.caps", cap.rate_below) for cap in scheme.total_caps.caps)
    yield "quantitative.pass_threshold", quantitative.pass_threshold
    yield "checks.execution_reason_below", checks.execution_reason_below
    yield "checks.outrun_share", checks.outrun_share
    yield "checks.usual_share", checks.usual_share


def _wrong_values(scheme: Scheme) -> Iterator[tuple[str, str]]:
    for key, share in _shares(scheme):
        if not 0 <= share <= 1:
            yield key, f"{share:g} 应写成 0 到 1 之间的比例，例如 95% 写作 0.95。"
    for key, decimals in (("rounding.decimals", scheme.rounding.decimals), ("budget.rate_decimals", scheme.budget.rate_decimals or 0)):
        if decimals < 0:
            yield key, "保留小数的位数不能小于 0。"
    for i, level in enumerate(scheme.levels):
        if level.weight <= 0:
            yield f"levels[{i}].weight", "分值应大于 0。"
    if scheme.budget.weight < 0:
        yield "budget.weight", "分值不能小于 0。"
    if scheme.budget.mode == "deduct" and scheme.budget.deduct_per_point <= 0:
        yield "budget.deduct_per_point", "按百分点扣分时应大于 0。"
    if scheme.quantitative.over_completion == "ladder" and not scheme.quantitative.over_steps:
        yield "quantitative.over_steps", "over_completion = \"ladder\" 时应列出各档。"
    if scheme.quantitative.over_completion == "minus" and scheme.quantitative.over_minus <= 0:
        yield "quantitative.over_minus", "over_completion = \"minus\" 时应大于 0。"
    if scheme.quantitative.shortfall == "steps" and not scheme.quantitative.steps:
        yield "quantitative.steps", "shortfall = \"steps\" 时应列出各档。"
