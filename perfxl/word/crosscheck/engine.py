"""A report's text against its workbook: every quantity agrees, contradicts, is unreported, or is in no cell.

A contradiction needs a quantity that is named by the same words and measured in the same unit; a number whose name is not
clear is 表中无此数, never 不一致. What the table holds and the text never says is 文中未报告.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from perfxl.model import PerfxlError, Verdict
from perfxl.model.digits import plain
from perfxl.rules.frames import INDICATOR, record, records
from perfxl.values import same_dimension
from perfxl.word.crosscheck.findings import Finding
from perfxl.word.crosscheck.grades import grade_findings, year_findings
from perfxl.word.crosscheck.matching import MARGIN, STRONG, WEAK, agrees, comparable, in_wan, likeness, likeness_by_context, role
from perfxl.word.crosscheck.mentions import RESULT, TARGET, Mention, flat, mentions, without_list_number
from perfxl.word.crosscheck.named import (
    ACTUAL,
    BUDGET,
    COMPLETION,
    EXECUTED,
    INITIAL,
    PEOPLE,
    RATE,
    REST,
    WANTED,
    Named,
    named_quantities,
    plain_name,
    prose,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfxl.rules.results import Results
    from perfxl.word.documents import Block

_LEAST_QUOTED, _LEAST_NAME = 6, 4
"""Letters of a clause that is a quotation, of a name that is surely one."""

MOST_NUMBERS = 20_000
"""Of one report; the seed's has 32."""


def crosscheck_text(results: Results, submission: int, blocks: Sequence[Block]) -> list[Finding]:
    """Every finding: quantities in the order of the text, then the grade, then what the text never reports."""
    checker = _Checker(results, submission)
    findings: list[Finding] = []
    for count, mention in enumerate(mentions(blocks)):
        if count >= MOST_NUMBERS:
            raise PerfxlError(f"报告里的数字超过 {MOST_NUMBERS} 个，不像一份自评报告。请核对是不是拿错了文件。")
        if (finding := checker.judged(mention)) is not None:
            findings.append(finding)
    findings.extend(year_findings(blocks, results, submission))
    findings.extend(grade_findings(blocks, results, submission))
    findings.extend(checker.unreported(findings))
    return findings


# one quantity


class _Checker:
    def __init__(self, results: Results, submission: int) -> None:
        self.results, self.submission = results, submission
        self.named = named_quantities(results, submission)
        unit = record(results.frames.unit.set_index("submission"), submission)
        self.year = int(unit["year"]) if unit["year"] == unit["year"] else None
        self.money = [n for n in self.named if n.group[0] == "budget"]
        self.prose = prose(results, submission)
        self.fund_names = {plain_name(key) for n in self.money for key in n.keys} - {""}
        names = {plain_name(key) for n in self.named if n.group[0] == "indicators" for key in (n.name, *n.keys)}
        self.row_names = [name for name in names - self.fund_names if len(name) >= _LEAST_NAME]
        self.others = [n for n in self.named if n.group[0] in ("indicators", "goals")]

    def judged(self, mention: Mention) -> Finding | None:
        """The finding of one mention; None where the number is no claim (满分100分).

        What a cell of the workbook says in the same words is no contradiction of another cell.
        """
        finding = self._judged(mention)
        if finding is None or finding.verdict is not Verdict.CONTRADICTS:
            return finding
        clause = _plain_clause(mention)
        said = next((p for p in self.prose if p.says(clause)), None) if len(clause) >= _LEAST_QUOTED else None
        if said is None:
            return finding
        return Finding(
            Verdict.AGREES, mention.sentence, mention.text, said.sheet, said.cell, mention.text, "与表中的文字一致。", ("", 0), mention.side
        )

    def _judged(self, mention: Mention) -> Finding | None:
        if self._names_a_row(mention):
            return self._indicator(mention)
        if mention.unit == "分":
            return self._points(mention)
        if same_dimension(mention.unit, "人") and (finding := self._people(mention)) is not None:
            return finding
        if same_dimension(mention.unit, "个") and (finding := self._departments(mention)) is not None:
            return finding
        if mention.unit in ("元", "%", None) and (finding := self._budget(mention)) is not None:
            return finding
        finding = self._indicator(mention)
        return None if mention.spelled and finding.verdict is Verdict.NOT_IN_TABLE else finding

    def _names_a_row(self, mention: Mention) -> bool:
        """Whether the nearest name is that of an indicator: 基本支出公开率 speaks of no budget line, 在编人员培训率 of no staff."""
        for clause in mention.trail if mention.order else (mention.before, *mention.trail):
            words = plain_name(clause)
            if any(name in words for name in self.row_names):
                return True
            if any(name in words for name in self.fund_names):
                return False
        return False

    def _other_year(self, mention: Mention) -> bool:
        if mention.past:
            return True
        return bool(mention.years) and self.year is not None and self.year not in mention.years

    # money and its rates

    def _budget(self, mention: Mention) -> Finding | None:
        if not self.money:
            return None
        said = role(mention)
        fund = self._fund(mention)
        if said == RATE and mention.unit != "%":
            return None
        if mention.unit == "%" and said != RATE:
            return None
        if mention.unit is None and not (said and fund):
            return None
        if mention.unit == "元" and not said and not fund:
            return None
        if fund == "":
            return _nothing(mention, "文中这笔资金在“预算执行”里没有对应的行。")
        lines = [n for n in self.money if fund is None or n.name == fund]
        wanted = [n for n in lines if n.role == said] if said else [n for n in lines if n.role in (BUDGET, EXECUTED, INITIAL)]
        if mention.unit is None:
            wanted = [in_wan(n) for n in wanted]
        if equal := next((n for n in wanted if agrees(mention, n)), None):
            return _agree(mention, equal)
        if fund is None:
            wanted = [n for n in wanted if n.name == "年度资金总额"]
            if self._indicator_named(mention) or not said:
                return None
        if not wanted or said == REST or self._other_year(mention):
            return _nothing(mention, "表中没有这个数。")
        return _contradict(mention, min(wanted, key=lambda n: _distance(mention, n)))

    def _indicator_named(self, mention: Mention) -> bool:
        return any(likeness(n, mention) >= STRONG for n in self.others)

    def _fund(self, mention: Mention) -> str | None:
        """The budget line the words speak of: nearest first; None where they name none, "" where it is not in the table."""
        keys = {key: n.name for n in self.money for key in n.keys}
        for words in (mention.before, *mention.trail):
            best: tuple[int, int, str] | None = None
            for key, name in keys.items():
                at = words.rfind(key)
                if at >= 0 and (best is None or (at + len(key), len(key)) > best[:2]):
                    best = (at + len(key), len(key), name)
            if best is None:
                if re.search(r"(?:经费|专项|补助|资金|拨款|收入)(?:的)?(?:全年|年初|预算|执行|支出|为)", words):
                    return ""
                continue
            ahead = words[: best[0] - best[1]]
            if best[2] == "当年财政拨款" and re.search(r"(?:基金预算|经营预算|公共预算|专项|中央|省级|省|市级|县级|上级|上年|基金)$", ahead):
                return ""
            return best[2]
        return None

    # people, departments, points

    def _people(self, mention: Mention) -> Finding | None:
        for column, title, words in PEOPLE:
            if not words.search(mention.before):
                continue
            fact = next((n for n in self.named if n.role == column), None)
            if fact is None:
                return _nothing(mention, f"“基本信息”的“{title}”没有填写。") if column in ("staff", "posts") else None
            if self._other_year(mention):
                return None
            return _agree(mention, fact) if agrees(mention, fact) else _contradict(mention, fact)
        return None

    def _departments(self, mention: Mention) -> Finding | None:
        fact = next((n for n in self.named if n.role == "departments"), None)
        said = (
            re.match(r"(?:内设|职能)?(?:部门|科室|机构|处室|股室)", mention.after)
            or "大" in mention.text
            or re.search(r"内设(?:机构|科室|部门|处室|股室)$|(?:内设|下设)$", mention.before)
        )
        if fact is None or not said:
            return None
        return _agree(mention, fact) if agrees(mention, fact) else _contradict(mention, fact)

    def _points(self, mention: Mention) -> Finding | None:
        if re.search(r"满分|总分值|分值|权重|扣|减|每", mention.before[-8:]):
            return None
        level = next((n for n in self.named if n.role == "level" and any(k in mention.before for k in n.keys)), None)
        if level is not None and re.search(r"得分|得|评分|分数|为", mention.before):
            return _agree(mention, level) if agrees(mention, level) else _contradict(mention, level)
        if not re.search(r"得分|总分|评分|自评|综合|分数|评价|测算|得$", "，".join((*mention.trail[::-1], mention.before))):
            return _nothing(mention, "表中没有这个数。")
        computed = "测算" in "".join((mention.before, *mention.trail))
        if computed and re.search(r"已得$", mention.before):
            got = next(n for n in self.named if n.role == "got")
            return _agree(mention, got) if agrees(mention, got) else _contradict(mention, got)
        claimed = None if computed else next((n for n in self.named if n.role == "claimed"), None)
        total = next(n for n in self.named if n.role == "total")
        fact = claimed or total
        low, high = total.low or 0.0, total.high or 0.0
        inside = low - 0.005 <= (mention.low or 0.0) and (mention.high or mention.value) <= high + 0.005
        if (claimed is not None and agrees(mention, claimed)) or (claimed is None and inside):
            return _agree(mention, fact)
        return _contradict(mention, fact)

    # indicators and goals

    def _indicator(self, mention: Mention) -> Finding:
        completion = mention.unit == "%" and re.search(
            r"完成(?:了)?(?:年度|全年|年初|预期|既定)?(?:目标|指标|计划|任务)(?:值|数|任务)?的?|完成率(?:达到?|为)?$|完成进度", mention.before
        )
        if completion and (finding := self._completion(mention)) is not None:
            return finding
        if mention.unit is None:
            return self._bare(mention)
        change = re.search(
            r"(?:同比|环比|比上年|较上年|比去年|较去年|增长|下降|上升|减少|降低|提高|增加|节约|压减|提升)(?!到|至)(?:了|达)?[^到至]{0,9}$",
            mention.before,
        )
        measured = [n for n in self.others if n.role != COMPLETION and comparable(mention, n) and (not change or n.direction)]
        scored = _ranked(measured, mention)
        likely = [(s, n) for s, n in scored if s >= WEAK]
        best = likely[0][0] if likely else 0.0
        near = [n for s, n in likely if s >= best - MARGIN]
        if best >= STRONG:
            return self._named_row(mention, near)
        if equal := next((n for _, n in likely if agrees(mention, n)), None):
            return _agree(mention, equal)
        same = [
            n
            for n in self.named
            if n.role != COMPLETION
            and n.low is not None
            and n.unit not in ("分", None)
            and comparable(mention, n)
            and agrees(mention, n)
            and len(plain(mention.value).strip("0.").replace(".", "")) >= 3
        ]
        if same and not change and not self._other_year(mention):
            return _agree(mention, same[0], "按数值对应")
        return _nothing(mention, "表中没有这个数。")

    def _bare(self, mention: Mention) -> Finding:
        """A number without a unit agrees with a cell that shows this number; it contradicts none."""
        ranked = _ranked([n for n in self.others if n.role != COMPLETION], mention)
        near = [n for s, n in ranked if s >= STRONG and s >= ranked[0][0] - MARGIN]
        same = [n for n in near if (shown := re.search(r"\d+(?:\.\d+)?", flat(n.shown).replace(",", ""))) and float(shown[0]) == mention.value]
        same.sort(key=lambda n: bool(mention.side) and n.side != mention.side)
        return _agree(mention, same[0]) if same else _nothing(mention, "表中没有这个数。")

    def _named_row(self, mention: Mention, near: list[Named]) -> Finding:
        """The verdict where the words name a row: the side the sentence speaks of decides."""
        if mention.side == TARGET:
            ordered = [n for n in near if n.side == TARGET] or near
        elif mention.side == RESULT:
            groups = {n.group for n in near}
            results = [n for n in self.others if n.group in groups and n.role == ACTUAL and n in near]
            silent = [
                n
                for n in near
                if n.role == WANTED and n.group[0] == "indicators" and not any(o.group == n.group and o.role == ACTUAL for o in self.others)
            ]
            if silent and not any(agrees(mention, n) for n in results):
                return self._no_actual(mention, silent[0])
            ordered = results or near
        else:
            ordered = sorted(near, key=lambda n: n.role != ACTUAL)
        if equal := [n for n in ordered if agrees(mention, n)]:
            return _agree(mention, min(equal, key=lambda n: _distance(mention, n)))
        if mention.side and all(n.side != mention.side for n in ordered):
            return _nothing(mention, "表中没有这个数。")
        if self._other_year(mention) or "分别" in mention.before or any("分别" in t for t in mention.trail[:1]):
            return _nothing(mention, "表中没有这个数（文中说的可能是别的年度，或几项并列）。")
        return _contradict(mention, ordered[0])

    def _no_actual(self, mention: Mention, wanted: Named) -> Finding:
        sheet, cell = self._actual_cell(wanted)
        return Finding(
            Verdict.NOT_IN_TABLE,
            mention.sentence,
            mention.text,
            sheet,
            cell,
            "",
            f"文中给出“{wanted.name}”{mention.text}，表中的实际完成值没有填写。",
            wanted.group,
            RESULT,
        )

    def _completion(self, mention: Mention) -> Finding | None:
        ranked = _ranked([n for n in self.others if n.role == COMPLETION], mention)
        if not ranked or ranked[0][0] < STRONG:
            return None
        fact = ranked[0][1]
        return _agree(mention, fact) if agrees(mention, fact) else _contradict(mention, fact)

    # what the text never says

    def unreported(self, findings: Sequence[Finding]) -> list[Finding]:
        """Indicators with a number whose result no sentence gives, and money lines no sentence mentions."""
        reported = {f.at for f in findings if f.at[0] == "indicators" and f.side != TARGET and f.verdict is not Verdict.UNREPORTED}
        result = []
        for row in self._indicator_rows():
            group = ("indicators", int(row["sheet_row"]))
            wanted = next((n for n in self.others if n.group == group and n.role == WANTED), None)
            actual = next((n for n in self.others if n.group == group and n.role == ACTUAL), None)
            numeric = row["kind"] in ("quantity", "range")
            if group in reported or not numeric or (actual is None and row["actual"]) or (wanted is None and actual is None):
                continue
            said = next((f for f in findings if f.at == group and f.side == TARGET), None)
            sheet, cell = self._actual_cell(wanted or actual)
            target = wanted.shown if wanted else ""
            message = f"“{row['name']}”的年度指标值为{target}，文中没有报告实际完成数，" + (
                "表中的实际完成值也没有填写。" if actual is None else f"表中为{actual.shown}。"
            )
            result.append(
                Finding(
                    Verdict.UNREPORTED,
                    said.sentence if said else "",
                    said.text if said else "",
                    sheet,
                    cell,
                    actual.shown if actual else "",
                    message,
                    group,
                    RESULT,
                )
            )
        return [*result, *self._unreported_money(findings)]

    def _indicator_rows(self) -> list[dict[str, Any]]:
        frame = self.results.frames.indicators
        return [r for r in records(frame[frame["submission"] == self.submission]) if r["role"] == INDICATOR]

    def _actual_cell(self, named: Named | None) -> tuple[str | None, str | None]:
        place = self.results.frames.places.get(self.submission, {}).get("indicators")
        if named is None or place is None:
            return None, None
        return place.sheet, place.cell("actual", named.group[1])

    def _unreported_money(self, findings: Sequence[Finding]) -> list[Finding]:
        said = {(f.sheet, f.cell) for f in findings if f.cell}
        values = {f.table_value for f in findings if f.verdict is Verdict.AGREES}
        return [
            Finding(Verdict.UNREPORTED, "", "", n.sheet, n.cell, n.shown, f"文中没有报告“{n.name}”的{n.role}，表中为{n.shown}。", n.group, n.side)
            for n in self.money
            if n.role in (BUDGET, EXECUTED) and n.cell and (n.sheet, n.cell) not in said and n.name != "年度资金总额" and n.shown not in values
        ]


def _plain_clause(mention: Mention) -> str:
    before = mention.trail[0] if mention.order else mention.before
    return re.sub(r"\s+", "", flat(without_list_number(before) + mention.text + mention.after))


def _ranked(measured: Sequence[Named], mention: Mention) -> list[tuple[float, Named]]:
    """Quantities by how surely the words speak of them; the clauses before count only where the clause itself names none."""
    own = [(likeness(n, mention), n) for n in measured]
    if max((s for s, _ in own), default=0.0) < STRONG:
        own = [(max(s, likeness_by_context(n, mention)), n) for s, n in own]
    return sorted(own, key=lambda pair: -pair[0])


def _distance(mention: Mention, named: Named) -> float:
    return abs((named.low if named.low is not None else named.high or 0.0) - mention.value)


# findings


def _agree(mention: Mention, named: Named, note: str = "") -> Finding:
    side = mention.side or (TARGET if named.role == WANTED else RESULT)
    message = f"与“{_title(named)}”一致{f'（{note}）' if note else ''}。"
    return Finding(Verdict.AGREES, mention.sentence, mention.text, named.sheet, named.cell, named.shown, message, named.group, side)


def _contradict(mention: Mention, named: Named) -> Finding:
    message = f"文中为{mention.text}，“{_title(named)}”为{named.shown}。"
    base = named.low if named.low is not None else named.high
    if base and mention.value:
        ratio = base / mention.value
        if any(math.isclose(ratio, r, rel_tol=1e-6) for r in (1e4, 1e-4)):
            message += "相差一万倍，文中可能漏写或多写了“万”。"
        elif named.role == RATE:
            message += "按表中的预算数和执行数计算。"
    return Finding(
        Verdict.CONTRADICTS, mention.sentence, mention.text, named.sheet, named.cell, named.shown, message, named.group, mention.side or RESULT
    )


def _nothing(mention: Mention, why: str) -> Finding:
    return Finding(Verdict.NOT_IN_TABLE, mention.sentence, mention.text, None, None, "", why, ("", 0), mention.side)


def _title(named: Named) -> str:
    return (
        named.name
        if named.name in (named.role, "") or named.role in ("claimed", "total", "level", "departments", *(c for c, _, _ in PEOPLE))
        else f"{named.name}”的“{named.role}"
    )
