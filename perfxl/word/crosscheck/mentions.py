"""Quantities in running text: every number with its unit, its bound, and the words it is said about.

Years, dates, document numbers, list numbers, ordinals and codes are no quantities. Nothing here knows a table.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from perfxl.values.numerals import NUMBER, chinese_number, exact
from perfxl.values.units import KNOWN_UNITS, power_of
from perfxl.values.vocabulary import APPROXIMATELY, COUNT_UNITS, NEAR_BEFORE, OPERATOR_AFTER, OPERATOR_BEFORE, ORDINAL_UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from perfxl.word.documents import Block

TARGET, RESULT, UNKNOWN = "target", "result", ""


@dataclass(frozen=True, slots=True)
class Mention:
    """One quantity as said.

    `low` and `high` in base magnitude, as in a `Reading`; `step` is one unit in the last place written (0.01万元 is 100).
    `before` and `after` are the words of its clause up to its neighbours; `trail` the clauses of the sentence before it,
    nearest first. `side` is whether the words or the section speak of a target or of a result. `spelled`: 八个.
    """

    text: str
    sentence: str
    low: float | None
    high: float | None
    low_open: bool = False
    high_open: bool = False
    step: float = 1.0
    unit: str | None = None
    approximate: bool = False
    spelled: bool = False
    before: str = ""
    after: str = ""
    trail: tuple[str, ...] = ()
    side: str = UNKNOWN
    order: int = 0
    """Place among the quantities of its clause, from 0."""
    years: frozenset[int] = field(default_factory=frozenset)
    """Years its clause names."""
    past: bool = False
    """Said of another year: 上年, 去年, 下年度."""
    head: str = ""
    """In a table: the title of its column."""

    @property
    def value(self) -> float:
        """The number said, whichever side it bounds."""
        return self.low if self.low is not None else self.high if self.high is not None else 0.0

    @property
    def bound(self) -> bool:
        """95%以上, 小于1%, 近百: one side is open."""
        return self.low is None or self.high is None


# one spelling, every character in its place


def flat(text: str) -> str:
    """`text` with half-width letters, digits, brackets and percent signs; the same length, so that places agree."""
    out = []
    for ch in text:
        plain = unicodedata.normalize("NFKC", ch)
        out.append(plain if len(plain) == 1 and ch not in "，。；：！？" else ch)
    for found in _WIDE_THOUSANDS.finditer(text):
        out[found.start()] = ","
    return "".join(out).translate(_ONE_SIGN)


_WIDE_THOUSANDS = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_ONE_SIGN = str.maketrans(
    {"–": "-", "—": "-", "－": "-", "―": "-", "～": "~", "〜": "~", "∼": "~", "〔": "(", "〕": ")", "【": "(", "】": ")", "\u3000": " "}
)

_WORDS = sorted(
    {w for w in (*KNOWN_UNITS, *COUNT_UNITS) if w not in ORDINAL_UNITS and w not in ("", "级", "日", "时", "点", "字", "馆", "年")},
    key=len,
    reverse=True,
)
_UNIT = "|".join(re.escape(w) for w in _WORDS)
_MAGNITUDE = r"万亿|[十百千]?亿|[十百千]?万|千(?![米克瓦伏卡])|百(?!分)"
_NUMERAL = "零〇一二两三四五六七八九十百千万亿"
_LEADS = tuple(sorted({*OPERATOR_BEFORE, *NEAR_BEFORE, *APPROXIMATELY}, key=len, reverse=True))
_LEAD = re.compile(rf"(?:{'|'.join(map(re.escape, _LEADS))})[为了]?$")
_BEFORE_MINUS = " :：|(（,，、=≥≤<>≦≧为达到是了得约"
_TAILS = sorted((w for w in OPERATOR_AFTER if w not in ("+", "起", "内")), key=len, reverse=True)
_TAIL = "|".join(map(re.escape, (*_TAILS, "左右", "上下")))
_QUANTITY = re.compile(
    rf"(?P<sign>(?:>=|<=|[≥≤><=≧≦]) ?)?(?P<number>{NUMBER})(?P<more>余|多)? ?"
    rf"(?:(?P<mag1>{_MAGNITUDE})?(?P<unit1>%|‰|{_UNIT})? ?[-~至到] ?(?P<number2>{NUMBER}) ?)?"
    rf"(?P<magnitude>{_MAGNITUDE})?(?P<more2>余|多)? ?(?P<unit>%|‰|个百分点|大(?:部门|科室|板块)|{_UNIT})?(?P<tail>{_TAIL})?",
    re.IGNORECASE,
)
_PER_CENT = re.compile(rf"百分之(?P<n>[{_NUMERAL}]+(?:点[零〇一二三四五六七八九]+)?|\d+(?:\.\d+)?)(?P<tail>{_TAIL})?")
_SPELLED = re.compile(rf"(?<![{_NUMERAL}第初周])(?P<n>[{_NUMERAL}]+)(?P<more>余|多)?(?P<unit>{_UNIT}|大(?:部门|科室))(?P<tail>{_TAIL})?")

_NOT_QUANTITIES = re.compile(
    r"(?:19|20)\d\d ?年?(?:度)? ?[-~至到] ?(?:(?:19|20)?\d\d) ?年(?:度|底|末|初)?"
    r"|(?<!\d)(?:19|20)\d\d ?年(?:度|底|末|初)?(?: ?\d{1,2} ?月(?:份|底|末|初)?(?: ?\d{1,2} ?[日号])?)?"
    r"|(?<!\d)(?:19|20)\d\d[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?!\d)"
    r"|(?<!\d)\d{1,2} ?(?:[-~至到] ?\d{1,2} ?)?月(?:份|底|末|初)?(?: ?\d{1,2} ?[日号])?(?: ?[-~至到] ?(?:\d{1,2}月)?\d{1,2} ?[日号])?"
    r"|\((?:19|20)\d\d\)(?:第? ?\d+ ?号)?|(?:第|附件|附表|表|图) ?\d+(?: ?[-~至、] ?\d+)*|缺\d+项|\d+(?:/\d+){2,}|\d+ ?号(?!码)"
    r"|(?<!\d)0\d{2,3}-\d{7,8}|\d{3}-\d{4}-\d{4}|\d+(?=热线)|(?:热线|电话|邮编|编号|编码)[:：]? ?\d[\d-]*|\d+\.\d+版|7 ?[x×*X] ?24(?:小时)?"
    r"|(?<![\d.])\d{1,2}[.·•]\d{1,2}(?=世界|国际|读书|[”\"」]|公祭|地震)"
    r"|(?<![A-Za-z])[A-Za-z]+[-.]?\d[\d.]*|(?<![\d.])\d+(?:\.\d+)?(?=[A-Za-z])(?!(?:%|TB|GB|MB|KB|PB|km|kg|kw|m2|m3|mm|cm)(?![A-Za-z]))(?:[A-Za-z]+)?"
    r"|(?<![\d.])\d+(?:\.\d+){2,}|(?<![\d.,])\d{9,}(?![\d.]*[%万亿元人])|(?<=[(])\d{1,2}(?=[)])|\d{4}-\d{4}(?!\d)"
)
_LIST_NUMBER = re.compile(r"(?:^|(?<=[；;。：:\n]))\s*(?:\(?\d{1,2}(?:\.\d{1,2})*(?:[、．)]|\.(?!\d)|\s(?=\S))|[(][一二三四五六七八九十]+[)])")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)(?= ?(?:年|[-~至到]))")
_PAST = re.compile(r"上年|上一年|去年|往年|前年|历年|同期|下年|下一年|明年|次年|来年|“十[二三四五]五”")

# where a number stands

_CLAUSE_END = re.compile(r"[，：。；！？\n]|,(?!\d{3}(?!\d))|;")
_TRAIL = 6
"""Clauses before a number that may still name it."""
_SENTENCE = re.compile(r"[^。！？\n]{1,1500}[。！？]?")
_HEADING = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+、|[(][一二三四五六七八九十\d]+[)]|第[一二三四五六七八九十]+(?:部分|章))\s*(?P<title>[^0-9。]{2,45})[。：:]?\s*$"
)
_LONGEST_HEADING = 60
_OF_TARGET, _OF_RESULT = (
    re.compile(r"目标|任务|计划|预期"),
    re.compile(r"完成情况|实现情况|执行情况|开展情况|完成|实现|效果|满意|结果|成效|情况|影响|问题"),
)
_SAYS_TARGET = re.compile(r"目标值|指标值|目标(?!的)|计划(?!的)|拟|力争|预期|预计|年初设定|应达到|要求达到|确保")
_SAYS_RESULT = re.compile(r"实际|已经|已达|达到了|完成了|共完成|全年完成|累计|实现了|均已")


def mentions(blocks: Iterable[Block]) -> Iterator[Mention]:
    """Every quantity of a report in reading order."""
    side = UNKNOWN
    for block in blocks:
        if block.cells:
            yield from _row_mentions(block)
            continue
        plain = flat(block.text)
        line = plain.strip()
        if len(line) <= _LONGEST_HEADING and (heading := _HEADING.match(line)) and not re.search(r"\d", heading["title"]):
            side = _section_side(heading["title"])
            continue
        for found in _SENTENCE.finditer(plain):
            yield from sentence_mentions(block.text[found.start() : found.end()].strip(" \t\u3000"), side)


def _section_side(title: str) -> str:
    if _OF_TARGET.search(title) and not re.search(r"完成|实现|执行|开展", title):
        return TARGET
    return RESULT if _OF_RESULT.search(title) else UNKNOWN


def sentence_mentions(sentence: str, side: str = UNKNOWN) -> list[Mention]:
    """The quantities of one sentence.

    >>> [(m.text, m.low, m.unit) for m in sentence_mentions("2020年免费服务读者40万人次，开展活动270场。")]
    [('40万人次', 400000.0, '人次'), ('270场', 270.0, '场')]
    """
    said = flat(sentence)
    plain = _masked(said)
    spots = sorted(_spots(plain), key=lambda s: s[0])
    ends = [0, *(m.end() for m in _CLAUSE_END.finditer(plain)), len(plain)]
    clauses = [said[a:b] for a, b in pairwise(ends)]
    found: list[Mention] = []
    last_end, last_clause, order = 0, -1, 0
    for i, (start, end, mention) in enumerate(spots):
        clause = bisect_right(ends, start, hi=len(ends) - 1) - 1
        first, stop = ends[clause], ends[clause + 1]
        order = order + 1 if clause == last_clause else 0
        next_start = spots[i + 1][0] if i + 1 < len(spots) else stop
        whole = said[first:start]
        trail = tuple(c.strip("，,；;：: ") for c in clauses[max(0, clause - _TRAIL) : clause][::-1])
        found.append(
            replace(
                mention,
                text=sentence[start:end].strip(),
                sentence=sentence,
                before=said[last_end:start] if order else whole,
                after=_after(said[end : max(end, min(stop, next_start))]),
                trail=(*((whole,) if order else ()), *trail),
                side=_clause_side(whole, said[end:stop], side),
                order=order,
                years=frozenset(int(y) for y in _YEAR.findall(clauses[clause])),
                past=bool(_PAST.search(whole)),
            )
        )
        last_end, last_clause = end, clause
    return found


def _after(text: str) -> str:
    return re.split(r"[、，,；;。()]", text.lstrip())[0][:14]


def _clause_side(before: str, behind: str, section: str) -> str:
    """What the words of its clause say of a number, the nearest last; else what its section is about."""
    last = max((m.end() for m in _SAYS_TARGET.finditer(before)), default=-1), max((m.end() for m in _SAYS_RESULT.finditer(before)), default=-1)
    if re.match(r"的?(?:年度|全年|预期)?(?:目标|指标|任务)", behind) or last[0] > last[1]:
        return TARGET
    if last[1] >= 0:
        return RESULT
    bracketed = before.endswith("(") and behind.startswith(")")
    return UNKNOWN if bracketed else section


def without_list_number(clause: str) -> str:
    """A clause without the number of the list it stands in: 1.举办活动 is 举办活动."""
    return _LIST_NUMBER.sub("", clause)


def _masked(plain: str) -> str:
    """The sentence with everything that is a number but no quantity blanked out."""

    def blank(found: re.Match[str]) -> str:
        return "\0" * len(found[0])

    return _NOT_QUANTITIES.sub(blank, _LIST_NUMBER.sub(blank, plain))


def _spots(plain: str) -> Iterator[tuple[int, int, Mention]]:
    taken = bytearray(len(plain))
    for found in _PER_CENT.finditer(plain):
        digits = found["n"] if found["n"][0].isdigit() else chinese_number(found["n"])
        if digits is not None:
            taken[found.start() : found.end()] = b"\1" * len(found[0])
            yield (*_with_lead(plain, found), _built(plain, found, digits, 0, "%", found["tail"]))
    for found in _QUANTITY.finditer(plain):
        if any(taken[found.start() : found.end()]):
            continue
        mention = _read(plain, found)
        if mention is not None:
            taken[found.start() : found.end()] = b"\1" * len(found[0])
            yield (*_with_lead(plain, found), mention)
    for found in _SPELLED.finditer(plain):
        digits = chinese_number(found["n"])
        if digits is None or float(digits) < 2 or any(taken[found.start() : found.end()]):
            continue
        label, power = _label(found["unit"])
        yield (*_with_lead(plain, found), replace(_built(plain, found, digits, power, label, found["tail"] or found["more"]), spelled=True))


def _with_lead(plain: str, found: re.Match[str]) -> tuple[int, int]:
    start = found.start() - _below_zero(plain, found.start())
    lead = _LEAD.search(plain, 0, start)
    return (lead.start() if lead else start), found.end()


def _below_zero(plain: str, start: int) -> bool:
    """Whether the sign before a number is a minus: 为-3场, not 10-20场."""
    return plain[start - 1 : start] == "-" and (start == 1 or plain[start - 2] in _BEFORE_MINUS)


def _read(plain: str, found: re.Match[str]) -> Mention | None:
    power = power_of(found["magnitude"]) if found["magnitude"] else 0
    label, more = _label(found["unit"] or found["unit1"] or "")
    if found["number2"]:
        return _range(found, power + more, label, below_zero=_below_zero(plain, found.start()))
    return _built(plain, found, found["number"], power + more, label, found["tail"] or found["more"] or found["more2"])


def _range(found: re.Match[str], power: int, label: str | None, *, below_zero: bool) -> Mention | None:
    first_power = power_of(found["mag1"]) if found["mag1"] else power
    low, high = exact(found["number"], first_power), exact(found["number2"], power)
    if low is None or high is None:
        return None
    low = -low if below_zero else low
    return Mention("", "", low, high, unit=label, step=_step(found["number2"], power))


def _built(plain: str, found: re.Match[str], digits: str, power: int, label: str | None, tail: str | None) -> Mention:
    below = _below_zero(plain, found.start())
    value = (exact(digits, power) or 0.0) * (-1.0 if below else 1.0)
    lead = _LEAD.search(plain, 0, found.start() - below)
    word = re.sub(r"[为了]$", "", lead[0]) if lead and lead[0] not in OPERATOR_BEFORE else lead[0] if lead else ""
    sign = (found.groupdict().get("sign") or "").strip()
    operator = OPERATOR_BEFORE.get(word) or OPERATOR_AFTER.get(tail or "") or {">=": "≥", "≧": "≥", "<=": "≤", "≦": "≤"}.get(sign, sign)
    approximate = word in APPROXIMATELY or tail in ("左右", "上下") or word in NEAR_BEFORE
    low: float | None = value
    high: float | None = value
    low_open = high_open = False
    if not approximate and operator in ("≥", ">"):
        high, low_open = None, operator == ">"
    elif not approximate and operator in ("≤", "<"):
        low, high_open = None, operator == "<"
    return Mention("", "", low, high, low_open, high_open, _step(digits, power), label, approximate)


def _step(digits: str, power: int) -> float:
    decimals = len(digits.partition(".")[2])
    trailing = 0 if decimals else len(digits) - len(digits.rstrip("0")) if power else 0
    return float(10.0 ** (power - decimals)) if not trailing else float(10.0**power)


def _label(word: str) -> tuple[str | None, int]:
    if not word:
        return None, 0
    if word[0] == "大":
        return "个", 0
    known = KNOWN_UNITS.get(word) or KNOWN_UNITS.get(word.lower())
    return known or (word, 0)


# rows of a table

_SKIPPED_COLUMN = re.compile(r"序号|分值|权重|得分|评分|位置|备注|处理|内容|类别")


def _row_mentions(block: Block) -> Iterator[Mention]:
    """The quantities of a table row: named by the words in the cells before them, their side by the column's title."""
    if block.cells == block.header:
        return
    titles = [flat(t).replace("\n", "") for t in block.header] if len(block.header) == len(block.cells) else [""] * len(block.cells)
    names: list[str] = []
    for cell, title in zip(block.cells, titles, strict=True):
        text = cell.replace("\n", "")
        read = [m for m in sentence_mentions(text) if not m.past] if not _SKIPPED_COLUMN.search(title) else []
        side = TARGET if re.search(r"目标|指标值|预期|年初", title) else RESULT if re.search(r"实际|完成|执行", title) else UNKNOWN
        valued = side or re.search(r"预算|执行|金额|率", title)
        for mention in read if valued else []:
            unit = mention.unit
            power = 0
            if unit is None and (found := re.search(r"[(](万元|元|%)[)]", title)):
                unit, power = ("元", 4) if found[1] == "万元" else (found[1], 0)
            scale = 10.0**power
            yield replace(
                mention,
                unit=unit,
                low=None if mention.low is None else mention.low * scale,
                high=None if mention.high is None else mention.high * scale,
                step=mention.step * scale,
                before=f"{'，'.join(names)}，{mention.before}",
                sentence=block.text,
                side=side,
                head=title,
            )
        if not re.fullmatch(r"[\d.,%]*", flat(text)) and not valued:
            names.append(flat(text))
