"""One indicator as a clause of the report, in the unit's own figures: 建设红色文献主题馆1个."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.values import ReadingKind
from perfxl.values.numerals import normalised
from perfxl.values.pair import PairKind
from perfxl.values.units import read_magnitude_unit
from perfxl.values.vocabulary import CHANGE_DOWN, CHANGE_UP, LEADING_WORDS, NEAR_BEFORE, OPERATOR_BEFORE, PLACEHOLDERS, REACHED_BEFORE

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRONOUNS = (
    ("图书馆", "我馆"), ("办公室", "我办"), ("办事处", "我办事处"), ("管委会", "我委"), ("委员会", "我委"), ("中心", "我中心"),
    ("小学", "我校"), ("中学", "我校"), ("学校", "我校"), ("大学", "我校"), ("医院", "我院"), ("馆", "我馆"), ("局", "我局"), ("委", "我委"),
    ("厅", "我厅"), ("院", "我院"), ("校", "我校"), ("站", "我站"), ("所", "我所"), ("处", "我处"), ("部", "我部"), ("会", "我会"), ("队", "我队"),
    ("社", "我社"), ("台", "我台"), ("园", "我园"), ("团", "我团"), ("办", "我办"),
)  # fmt: skip


def pronoun(unit_name: str) -> str:
    """How a unit calls itself: 我馆, 我局, else 我单位.

    >>> pronoun("萍乡图书馆"), pronoun("某某市文化广电新闻出版旅游局"), pronoun("某某公司")
    ('我馆', '我局', '我单位')
    """
    bare = re.sub(r"[（(].*?[)）]$", "", unit_name.strip())
    return next((word for tail, word in _PRONOUNS if bare.endswith(tail)), "我单位")


_MEASURED = re.compile(r"(?:数量|数目|个数|场数|次数|人数|册数|件数|天数|台数|套数|种数|篇数|期数|户数|场次|数)$")
_BRACKET_UNIT = re.compile(r"[(（](?:单位[:：])?([^()（）\d]{1,6})[)）]$")
_TIMELINESS = re.compile(r"(?:工作|任务)?(?:的)?(?:完成)?(?:及时性|及时率|及时情况|时效性|时效|时间|时限|期限)$")
_OWN_WORDS = (*OPERATOR_BEFORE, *REACHED_BEFORE, *NEAR_BEFORE, *CHANGE_DOWN, *CHANGE_UP, "约", "大约", "为", "同比", "共", "共计", "累计")
_PREDICATES = (
    "符合", "达", "良好", "优良", "优秀", "合格", "明显", "显著", "较", "有效", "持续", "逐步", "稳步", "长期", "不断", "得到",
    "均", "都", "全部", "已", "按",
    "及时", "未", "没有", "基本", "部分", "提升", "提高", "增强", "改善", "降低", "减少", "增加", "满足",
    "优", "良", "高", "好", "无", "完成", "实现", "通过",
    "进一步", "有所", "大幅", "正常", "完整", "完善", "健全", "规范", "严格", "能够", "可", "不", "如期", "于", "在",
)  # fmt: skip
_ENDS = "。；;，,、 \u3000\n"


def clause(row: Mapping[str, object]) -> str:
    """What was achieved, as one clause without closing mark; empty where nothing was reported.

    The actual value stands as typed, with the unit column only where the cell has no unit of its own.
    """
    name, actual = str(row["name"]).strip(_ENDS), tidy(str(row["actual"]))
    if not actual or actual.lower() in PLACEHOLDERS or row["not_applicable"] or row["not_applicable_unexplained"]:
        return ""
    if not name and not re.search(r"[^\W\d_]{4}", actual):
        return ""
    pair = row["pair"]
    if pair.actual.kind in (ReadingKind.QUANTITY, ReadingKind.RANGE):  # type: ignore[attr-defined]  # a Pair in an object column
        return _measured(name, with_unit_column(actual, row), higher=row["op"] not in ("≤", "<"))
    if pair.kind is PairKind.DEADLINE and pair.actual.kind is ReadingKind.DATE:  # type: ignore[attr-defined]  # the same
        stem = _TIMELINESS.sub("", name)
        done = "" if re.search(r"[完到成工收用]", actual) else "完成"
        return f"{stem}于{actual.removeprefix('于')}{done}"
    return _worded(name, actual)


def with_unit_column(typed: str, row: Mapping[str, object]) -> str:
    """A typed value with the unit column where the cell holds a bare number: 270 and 场 give 270场.

    >>> with_unit_column("270", {"unit": "场"}), with_unit_column("95%", {"unit": "%"}), with_unit_column("0.5", {"unit": ""})
    ('270场', '95%', '0.5')
    """
    unit = str(row["unit"]).strip()
    return f"{typed}{unit}" if unit and re.search(r"[\d０-９]$", typed.rstrip()) else typed


def tidy(text: str) -> str:
    """A text on one line, without the marks that end it."""
    return re.sub(r"\s*\n\s*", "；", text.strip()).strip(_ENDS)


def _measured(name: str, value: str, *, higher: bool) -> str:
    if (bracket := _BRACKET_UNIT.search(name)) and read_magnitude_unit(normalised(bracket[1])):
        name = name[: bracket.start()]
        value = f"{value}{bracket[1]}" if re.fullmatch(r"[\d０-９.,]+", value) else value
    if not re.match(r"[\d０-９≥≤<>＜＞]", value):
        if value.startswith(_OWN_WORDS) and not _restates(name, value):
            change = next((w for w in (*CHANGE_DOWN, *CHANGE_UP) if value.startswith(w) and name.endswith(f"{w}率")), "")
            return f"{name.removesuffix(f'{change}率') if change else name}{value}"
        return value if _restates(name, value) else f"{name}：{value}"
    stem = _MEASURED.sub("", name)
    unit = re.sub(r"^[^\d０-９]*[\d０-９.,，．]+[十百千万亿余多]*|(?:以上|以下|左右)$", "", value)
    if stem == name and len(unit) > 1 and name.endswith(unit) and len(name) > len(unit) + 1:
        stem = name.removesuffix(unit)
    if re.match(r"[≥≤<>＜＞]", value):
        return f"{name}{value}"
    if re.search(r"[\d０-９.]$", stem) or re.search(r"[\d０-９.]$", name):
        return f"{name}{'达到' if higher else '为'}{value}"
    if "%" in value or "％" in value or "‰" in value:
        return f"{name}{'达到' if higher else '为'}{value}"
    if stem.startswith(LEADING_WORDS) or (stem != name and stem):
        return f"{stem}{value}"
    if name.endswith(tuple("率度比额量值本费")):
        return f"{name}为{value}"
    return f"{name}{value}"


def _worded(name: str, actual: str) -> str:
    if not name or _restates(name, actual) or len(actual) > 3 * max(8, len(name)) or re.search(r"[，。；]", actual):
        return actual
    stem = _TIMELINESS.sub("", name)
    if stem and stem != name and re.search(r"完成|到位|办结|竣工|按时|按期|及时|如期", actual):
        return f"{stem}{actual}"
    return f"{name}{actual}" if actual.startswith(_PREDICATES) else f"{name}：{actual}"


def _restates(name: str, actual: str) -> bool:
    """Whether an actual value already says what the indicator is about (most of the name's character pairs are in it)."""
    pairs = _pairs(name)
    return bool(pairs) and len(actual) > 4 and len(pairs & _pairs(actual)) / len(pairs) >= 0.5


def _pairs(text: str) -> set[str]:
    bare = re.sub(r"[\W\d_]+", "", text)
    return {bare[i : i + 2] for i in range(len(bare) - 1)}
