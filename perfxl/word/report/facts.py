"""What the report says: a scored submission as plain texts for the Word template. Pure: no file, no Word, no clock.

The unit's own words in 报告文字 take the place of a generated section. A section without own words and without data says
nothing; what is missing is listed in `missing`, never paraphrased.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from perfxl.catalogue import fix, message, severity_of
from perfxl.intake.submission import folded
from perfxl.model import Severity
from perfxl.model.columns import GOALS, OF_WHICH_KIND, REPORT, REPORT_SECTIONS, SOURCE_KIND, TIERS, TOTAL_KIND, TYPE_KIND
from perfxl.rules.frames import INDICATOR, record, records
from perfxl.rules.results import Status
from perfxl.rules.totals import grade_of
from perfxl.rules.wording import number, percent, points, thousands
from perfxl.word.phrases import clause, pronoun, tidy, with_unit_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perfxl.rules.results import Results

Context = dict[str, Any]

BASICS, TASKS, GOAL_TEXT, MANAGEMENT_TEXT, BUDGET_TEXT, OUTPUT_TEXT, BENEFIT_TEXT, SATISFACTION_TEXT, PROBLEMS, USE = REPORT_SECTIONS
_KEYS = ("basics", "tasks", "goals", "management", "budget", "outputs", "benefits", "satisfaction", "problems", "use")

_OUTPUT_ASPECTS = (("数量指标", "从数量方面来说"), ("质量指标", "从质量方面来看"), ("时效指标", "从时效方面来看"), ("成本", "从成本方面来看"))
_BENEFIT_ASPECTS = (("社会效益", "从社会效益方面来看"), ("经济效益", "从经济效益方面来看"), ("生态效益", "从生态效益方面来看"))
_SATISFACTION_ASPECTS = (("满意度", "从社会满意度方面来看"), ("可持续影响", "从可持续影响方面来看"))
_REACHED = 0.8
"""From this execution rate on the sentence says 达, below it 为."""


def report_context(results: Results, submission: int) -> Context:
    """Everything the template can say of one submission; every leaf is a text, every list may be empty.

    `sections` maps a key to `{"title", "paragraphs", "open"}`; `open` is "是" where the section has nothing to say.
    """
    facts = _Facts(results, submission)
    sections = {key: _section(title, facts.paragraphs(key, title)) for key, title in zip(_KEYS, REPORT_SECTIONS, strict=True)}
    missing = facts.missing(sections)
    unit = facts.unit
    return {
        "title": _title(unit),
        "year": number(unit["year"]),
        "unit": str(unit["name"]),
        "project": str(unit["project"]),
        "authority": str(unit["authority"]),
        "sections": sections,
        "score": facts.score_table(),
        "missing": missing,
        "missing_count": str(len(missing)),
        "filled_by": str(unit["filled_by"]),
        "phone": str(unit["phone"]),
        "finance_head": str(unit["finance_head"]),
        "head": str(unit["head"]),
        "date": _chinese_date(str(unit["filled_on"])),
    }


def _title(unit: Mapping[str, Any]) -> str:
    kind = unit["evaluation"] if unit["evaluation"] in ("单位整体", "项目") else "部门整体"
    return f"{kind}支出绩效自评报告"


def _section(title: str, paragraphs: Sequence[str]) -> Context:
    return {"title": title, "paragraphs": list(paragraphs), "open": "" if paragraphs else "是"}


def _chinese_date(typed: str) -> str:
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", typed)
    return f"{found[1]}年{int(found[2])}月{int(found[3])}日" if found else typed


class _Facts:
    """The frames of one submission, asked section by section."""

    def __init__(self, results: Results, submission: int) -> None:
        self.results, self.submission = results, submission
        self.unit = record(results.frames.unit.set_index("submission"), submission)
        self.we = pronoun(str(self.unit["name"]))
        self.year = f"{number(self.unit['year'])}年" if self.unit["year"] == self.unit["year"] else ""
        self.money = "元" if folded(str(self.unit["money_unit"])) in ("元", "人民币元") else "万元"
        self.indicators = [r for r in self._rows("indicators") if r["role"] == INDICATOR]
        self.places = results.frames.places.get(submission, {})

    def _rows(self, table: str) -> list[dict[str, Any]]:
        frame = self.results.frames.table(table)
        return records(frame[frame["submission"] == self.submission])

    # sections

    def paragraphs(self, key: str, title: str) -> list[str]:
        """The unit's own words for a section, else what its data say."""
        own = self._own_words(title)
        if own:
            return own
        generated = {
            "basics": self._basics,
            "goals": self._goals,
            "budget": self._budget,
            "outputs": self._outputs,
            "benefits": self._benefits,
            "satisfaction": self._satisfaction,
            "problems": self._problems,
            "use": self._use,
        }.get(key)
        return generated() if generated else []

    def _own_words(self, title: str) -> list[str]:
        text = next((str(r["text"]) for r in self._rows("report") if _is_section(str(r["section"]), title) and r["text"]), "")
        return [line.strip(" \t\u3000\xa0") for line in text.splitlines() if line.strip(" \t\u3000\xa0")]

    def _basics(self) -> list[str]:
        unit, sentences = self.unit, []
        if unit["authority"] and unit["authority"] != unit["name"]:
            sentences.append(f"{self.we}主管部门为{tidy(str(unit['authority']))}。")
        departments = [d for d in re.split(r"[、，,；;\n]", tidy(str(unit["departments"]))) if d.strip()]
        if departments:
            subject = "" if sentences else self.we
            counted = f"{len(departments)}个部门" if len(departments) > 1 else ""
            sentences.append(f"{subject}内设{'、'.join(d.strip() for d in departments)}{counted}。")
        people = []
        if unit["posts"]:
            people.append(f"编制人数为{_people(unit['posts'])}")
        if unit["staff"]:
            new = f"，其中{self.year}新增在编人员{_people(unit['new_staff'])}" if unit["new_staff"] else ""
            people.append(f"总共在编人员为{_people(unit['staff'])}{new}")
        if unit["contract_staff"]:
            people.append(f"编外人员{_people(unit['contract_staff'])}")
        if people:
            sentences.append(f"{'' if sentences else self.we}{'；'.join(people)}。")
        return ["".join(sentences)] if sentences else []

    def _goals(self) -> list[str]:
        expected = [_without_number(tidy(str(r["expected"]))) for r in self._rows("goals") if r["expected"]]
        if len(expected) == 1:
            return [f"{expected[0]}。"]
        return [f"{i}.{text}。" for i, text in enumerate(expected, 1)]

    def _budget(self) -> list[str]:
        """The execution sentence: sources, types, and the total where no line equals it; then the reasons given."""
        lines = [r for r in self._rows("budget") if r["line"] in (SOURCE_KIND, OF_WHICH_KIND, TYPE_KIND)]
        clauses, first = [], True
        for row in lines:
            said = self._line(str(row["item"]), row, of_which=row["line"] == OF_WHICH_KIND, year=self.year if first else "")
            if said:
                clauses.append(said)
                first = False
        total = record(self.results.execution, self.submission)
        repeated = any(_same(row, total) for row in lines if row["line"] != OF_WHICH_KIND)
        if total["basis"] and not repeated and (said := self._line("年度资金总额", total, year=self.year if first else "")):
            clauses.append(said)
        paragraphs = [f"{self.we}{'；'.join(clauses)}。"] if clauses else []
        reasons = []
        for row in self._rows("budget"):
            item = "预算" if row["line"] == TOTAL_KIND else _fund(str(row["item"]))
            if row["adjust_reason"]:
                reasons.append(f"{item}调整的原因：{tidy(str(row['adjust_reason']))}。")
            if row["reason"]:
                reasons.append(f"{item}执行偏差的原因及改进措施：{tidy(str(row['reason']))}。")
        return [*paragraphs, *reasons]

    def _line(self, item: str, row: Mapping[str, Any], *, year: str = "", of_which: bool = False) -> str:
        parts = []
        if amount := self._amount(row, "initial"):
            parts.append(f"年初预算数为{amount}")
        if amount := self._amount(row, "full_year"):
            parts.append(f"全年预算数为{amount}")
        if amount := self._amount(row, "executed"):
            parts.append(f"全年执行数为{amount}")
        if not parts:
            return ""
        if row["full_year"] > 0 and not math.isnan(row["executed"]):
            share = row["executed"] / row["full_year"]
            parts.append(f"执行率{'达' if share >= _REACHED else '为'}{percent(share)}")
        return f"{'其中：' if of_which else ''}{year}{_fund(item)}{'，'.join(parts)}"

    def _amount(self, row: Mapping[str, Any], name: str) -> str:
        """An amount with its unit: as typed where it was typed, else in the sheet's unit."""
        value = row[name]
        if math.isnan(value):
            return ""
        typed = str(row.get(f"{name}_text", ""))
        if re.search(r"[元万亿]$", typed):
            return typed
        if re.fullmatch(r"[\d,，.]+", typed) and len(typed.partition(".")[2]) <= 6:
            whole, point, rest = typed.replace(",", "").replace("，", "").partition(".")
            return f"{int(whole or 0):,}{point}{rest}{self.money}"
        return f"{thousands(round(value * (10_000 if self.money == '元' else 1), 6))}{self.money}"

    def _outputs(self) -> list[str]:
        return self._aspects(_OUTPUT_ASPECTS)

    def _benefits(self) -> list[str]:
        return self._aspects(_BENEFIT_ASPECTS)

    def _satisfaction(self) -> list[str]:
        return self._aspects(_SATISFACTION_ASPECTS)

    def _aspects(self, aspects: Iterable[tuple[str, str]]) -> list[str]:
        paragraphs = []
        for word, opening in aspects:
            rows = [r for r in self.indicators if _is_aspect(r, word)]
            said = [f"{c}{self._shortfall(r)}" for r in rows if (c := clause(r))]
            if said:
                paragraphs.append(f"{opening}，{'；'.join(said)}。")
        return paragraphs

    def _shortfall(self, row: Mapping[str, Any]) -> str:
        """The target, where it was not met."""
        if row["status"] != Status.SCORED or row["met"] != 0 or not row["target_text"]:
            return ""
        return f"（年度指标值为{_target(row)}，未完成）"

    def _problems(self) -> list[str]:
        """What fell short, with the reasons and measures the unit gave."""
        found = []
        for row in self.indicators:
            short = row["status"] == Status.SCORED and row["score"] < row["weight"] - 0.004
            if short and row["reason"]:
                done = clause(row)
                state = f"，年度指标值为{_target(row)}，实际{done}" if done and row["target_text"] else ""
                words = "未达到年度指标" if row["met"] == 0 or row["tier_used"] not in ("", TIERS[0]) else "没有得满分"
                found.append(f"{row['name']}{words}{state}。原因分析及改进措施：{tidy(str(row['reason']))}。")
        return found if len(found) < 2 else [f"{i}.{text}" for i, text in enumerate(found, 1)]

    def _use(self) -> list[str]:
        total, grade = str(self.unit["claimed_total"]), str(self.unit["claimed_grade"])
        parts = []
        if total:
            parts.append(f"本年度绩效自评得分为{re.sub('分+$', '', total)}分")
        if grade:
            parts.append(f"{'自评等级' if total else '本年度绩效自评结果'}为{grade}{self._computed_otherwise(grade)}")
        return [f"{'，'.join(parts)}。"] if parts else []

    def _computed_otherwise(self, grade: str) -> str:
        """What the rules come to, where the grade a unit gives itself is not the one of its points."""
        total = record(self.results.totals, self.submission)
        claimed = self.unit["claimed_total_value"]
        own = grade_of(claimed, self.results.scheme) if claimed == claimed else grade
        if grade in (total["grade_low"], total["grade_high"]) and own == grade:
            return ""
        return f"（规则测算等级：{total['grade_words']}）"

    # the score table

    def score_table(self) -> Context:
        """规则测算得分: execution, the rows by 一级指标, the total; open rows show what is missing instead of points."""
        own, total = record(self.results.execution, self.submission), record(self.results.totals, self.submission)
        scheme = self.results.scheme
        levels: dict[str, list[Context]] = {}
        for row in self.indicators:
            levels.setdefault(str(row["block"]) or "（未填一级指标）", []).append(_score_row(row))
        rate = "" if math.isnan(own["rate"]) else percent(own["rate"])
        low, high = points(total["low"]), points(total["high"])
        span = str(total["grade_words"])
        return {
            "execution": {
                "name": "预算执行率",
                "target": "100%",
                "actual": rate or "未填",
                "weight": points(own["weight"]),
                "score": points(own["score"]) or Status.UNSCORABLE.zh,
            },
            "levels": [{"name": name, "rows": rows} for name, rows in levels.items()],
            "weight": points(total["weights"] + own["weight"]),
            "total": points(total["total"]),
            "full": points(scheme.full),
            "grade": span,
            "scheme": scheme.title,
            "conclusion": (
                f"暂定（缺{int(total['errors'])}项）：已得{points(total['total'])}分，可能在{low}～{high}分之间，等级{span}。"
                if total["provisional"]
                else f"总分{points(total['total'])}分，等级{span}。"
            ),
        }

    # what is missing

    def missing(self, sections: Mapping[str, Context]) -> list[Context]:
        """Sections nobody has written, then every issue that needs an answer: errors first, each with its place."""
        entries = [*self._issues(Severity.ERROR), *self._open_sections(sections), *self._issues(Severity.WARNING)]
        return [{"number": str(i), **entry} for i, entry in enumerate(entries, 1)]

    def _issues(self, severity: Severity) -> list[Context]:
        kind = "必须改正" if severity is Severity.ERROR else "需要说明"
        return [
            {"kind": kind, "place": f"{i.sheet}!{i.cell}" if i.sheet and i.cell else i.sheet or "", "what": self._named(i, message(i)), "how": fix(i)}
            for i in self.results.issues
            if i.submission == self.submission and severity_of(i) is severity
        ]

    def _named(self, issue: Any, text: str) -> str:
        """A message about an indicator row begins with the indicator's name."""
        place = self.places.get("indicators")
        if place is None or issue.sheet != place.sheet or len(issue.rows) != 1:
            return text
        name = next((str(r["name"]) for r in self.indicators if r["sheet_row"] == issue.row), "")
        return f"“{name}”{text}" if name and name not in text else text

    def _open_sections(self, sections: Mapping[str, Context]) -> list[Context]:
        wanted = {
            "basics": "没有填写部门主要职责职能、组织架构、人员及资产情况。",
            "tasks": "没有填写当年部门履职总体目标、工作任务。",
            "goals": f"没有填写年度整体支出绩效目标（“{GOALS.sheet}”也是空的）。",
            "management": "没有填写预算绩效管理开展情况。",
            "budget": "没有可用的预算数和执行数。",
            "outputs": "没有可写的产出指标完成值。",
            "benefits": "没有可写的效益指标完成值。",
            "satisfaction": "没有可写的满意度和可持续影响指标完成值。",
            "problems": "没有填写存在问题及改进措施。",
            "use": "没有填写绩效自评结果拟应用和公开情况。",
        }
        partly = {"basics": "只有机构和人员数据，没有填写主要职责职能和资产情况。", "use": "只有自评结果，没有填写结果应用和公开情况。"}
        entries = []
        for key, title in zip(_KEYS, REPORT_SECTIONS, strict=True):
            what = wanted[key] if sections[key]["open"] else partly.get(key, "")
            if what and not self._own_words(title):
                entries.append(
                    {"kind": "需要补写", "place": self._section_place(title), "what": what, "how": f"请在“{REPORT.sheet}”的这一章节补写。"}
                )
        return entries

    def _section_place(self, title: str) -> str:
        place = self.places.get("report")
        row = next((r["sheet_row"] for r in self._rows("report") if _is_section(str(r["section"]), title)), None)
        if place is None:
            return REPORT.sheet
        cell = place.cell("text", int(row)) if row is not None else None
        return f"{place.sheet}!{cell}" if cell else place.sheet


def _is_section(typed: str, title: str) -> bool:
    """Whether a 章节 cell names this section; its number and a trailing （如有） do not matter."""
    bare = re.sub(r"^(?:[(（]?[一二三四五六七八九十\d]+[)）、.．]+)+|[(（]如有[)）]$", "", typed.strip())
    return bool(bare) and folded(bare).rstrip(":") == folded(title)


def _is_aspect(row: Mapping[str, Any], word: str) -> bool:
    """Whether a row belongs to an aspect, by its second level, or by its first level (成本, 满意度)."""
    level2 = str(row["level2"])
    return level2.startswith(word) or (word in ("成本", "满意度") and (word in level2 or str(row["block"]).startswith(word)))


def _people(typed: object) -> str:
    text = str(typed)
    return text if text.endswith(("人", "名")) else f"{text}人"


def _fund(item: str) -> str:
    """A budget line's name in running text: 财政拨款, 基本支出的."""
    name = re.sub(r"^(?:其中[:：]?|当年|本年)", "", re.sub(r"\s+", "", item))
    return f"{name}的" if name in ("基本支出", "项目支出") else name


def _same(row: Mapping[str, Any], total: Mapping[str, Any]) -> bool:
    return all(abs(row[name] - total[name]) < 0.000001 for name in ("full_year", "executed"))


def _without_number(text: str) -> str:
    return re.sub(r"^(?:[(（]?\d{1,2}[)）、.．]\s*(?!\d)|[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)", "", text)


def _target(row: Mapping[str, Any]) -> str:
    text = with_unit_column(tidy(str(row["target_text"])), row)
    signed = re.match(r"[≥≤><=＝≧≦＞＜]", text) or row["kind"] in ("qualitative", "deadline")
    return text if signed or row["op"] not in ("≤", "<", ">") else f"{row['op']}{text}"


def _score_row(row: Mapping[str, Any]) -> Context:
    actual = with_unit_column(tidy(str(row["actual"])), row)
    return {
        "level2": str(row["level2"]),
        "name": str(row["name"]),
        "target": _target(row),
        "actual": actual or "未填",
        "weight": points(row["weight"]),
        "score": points(row["score"]) if row["status"] == Status.SCORED else Status(row["status"]).zh,
    }


__all__ = ["Context", "report_context"]
