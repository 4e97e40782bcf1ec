"""The grade and the year a report states, against the unit's own claim and the points."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perfxl.model import Verdict
from perfxl.rules.frames import record
from perfxl.rules.totals import grade_of
from perfxl.rules.wording import points
from perfxl.word.crosscheck.findings import Finding
from perfxl.word.crosscheck.mentions import RESULT, flat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from perfxl.rules.results import Results
    from perfxl.word.documents import Block

_GRADE_WORDS = {"优": "优", "优秀": "优", "良": "良", "良好": "良", "中": "中", "中等": "中", "合格": "中", "差": "差", "较差": "差"}
_GRADE = re.compile(
    r"(?P<text>(?:结果|等级|等次|档次|结论|评级|评定|评价|评为|定为|自评)(?:等级|等次|结果|级别)?(?:综合)?(?:评定|评级)?(?:为|是|属于|达到|:|：|被评为)*[“\"'《]?"
    r"(?P<grade>优秀|优|良好|良|中等|中|较差|差)[”\"'》]?(?:等级|等次|等|级|档)?)(?=$|[，。、；！,;.)）\s|])"
)
_YEAR_LINE = re.compile(r"[(（]? ?(\d{4}) ?年度? ?(?:[)）]|.{0,30}(?:自评报告|评价报告))$")
_LONGEST_TITLE = 80
_POINTS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,2})?) ?分(?!值|钟|之|别)")


def grade_findings(blocks: Sequence[Block], results: Results, submission: int) -> Iterator[Finding]:
    """Every grade the text states: against 自评等级, against the grade of the points, and against points the text itself gives."""
    unit = record(results.frames.unit.set_index("submission"), submission)
    total = record(results.totals, submission)
    place = results.frames.places.get(submission, {}).get("unit")
    sheet, cell = (place.sheet, place.cell("claimed_grade")) if place else ("基本信息", None)
    claimed = _GRADE_WORDS.get(str(unit["claimed_grade"]).strip(), str(unit["claimed_grade"]).strip())
    order = [band.name for band in results.scheme.grades.bands]
    possible = _between(str(total["grade_low"]), str(total["grade_high"]), order)
    span = str(total["grade_words"])
    for block in blocks:
        for sentence in re.findall(r"[^。！？\n]+[。！？]?", block.text):
            plain = flat(sentence)
            for found in _GRADE.finditer(plain):
                if not re.search(r"自评|绩效|评价|等级|总分|得分|综合", plain[: found.end()]) or _opinion(plain, found):
                    continue
                said = _GRADE_WORDS[found["grade"]]
                text = sentence[found.start("grade") : found.end("grade")]
                shown = "，".join(filter(None, (f"自评等级{claimed}" if claimed else "", f"规则测算得分{_span(total)}，等级{span}")))
                own = [float(p) for p in _POINTS.findall(plain[: found.start()])]
                by_own = (grade_of(own[-1], results.scheme) or "") if own and own[-1] <= results.scheme.full else ""
                wrong = _why(said, claimed, possible, by_own, own, span, total)
                verdict = Verdict.CONTRADICTS if wrong else Verdict.AGREES
                message = wrong or (f"与“自评等级”一致，规则测算等级{span}。" if claimed else f"与规则测算等级（{span}）不矛盾。")
                yield Finding(verdict, sentence.strip(), text, sheet, cell, shown, message, ("unit", 2), RESULT)


def _opinion(plain: str, found: re.Match[str]) -> bool:
    """群众评价良好 is what people think of the library, 绩效评价良好 is a grade."""
    bare = found["text"].startswith(f"评价{found['grade']}")
    return bare and not plain[: found.start()].endswith(("绩效", "综合", "自我", "整体", "总体"))


def _why(said: str, claimed: str, possible: Sequence[str], by_own: str, own: Sequence[float], span: str, total: dict[str, object]) -> str:
    """Why a grade contradicts; empty where it does not."""
    if claimed and said != claimed:
        return f"文中等级为“{said}”，“自评等级”为“{claimed}”。"
    if by_own and by_own != said:
        return f"文中等级为“{said}”，但文中得分{points(own[-1])}分应为“{by_own}”。"
    if said not in possible:
        return f"文中等级为“{said}”，规则测算得分{_span(total)}，等级为“{span}”。"
    return ""


def _span(total: dict[str, object]) -> str:
    low, high = points(total["low"]), points(total["high"])
    return f"{low}分" if low == high else f"{low}～{high}分"


def _between(worst: str, best: str, order: Sequence[str]) -> list[str]:
    """The grades from one to the other, whichever way the scheme lists them."""
    if worst not in order or best not in order:
        return list(order)
    first, last = sorted((order.index(worst), order.index(best)))
    return list(order[first : last + 1])


def year_findings(blocks: Sequence[Block], results: Results, submission: int) -> Iterator[Finding]:
    """The year in the title against 预算年度."""
    unit = record(results.frames.unit.set_index("submission"), submission)
    place = results.frames.places.get(submission, {}).get("unit")
    if unit["year"] != unit["year"]:
        return
    year = int(unit["year"])
    sheet, cell = (place.sheet, place.cell("fiscal_year")) if place else ("基本信息", None)
    for block in list(blocks)[:8]:
        line = flat(block.text.strip())
        if len(line) <= _LONGEST_TITLE and (found := _YEAR_LINE.match(line)):
            agrees = int(found[1]) == year
            message = "与“预算年度”一致。" if agrees else f"文中为{found[1]}年度，“预算年度”为{year}。"
            yield Finding(
                Verdict.AGREES if agrees else Verdict.CONTRADICTS, block.text.strip(), found[1], sheet, cell, str(year), message, ("unit", 3), RESULT
            )
