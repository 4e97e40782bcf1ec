"""年度资金总额 with its 执行率, and 分值合计: what the template adds up by itself, shown only where nothing is left out.

Rows are taken in by what is understood (a known 资金类别, two numbers; a named row, points that are a number). Anything else that
holds something is named beside the sum, which then shows no number, or turns red. All is reached from the head row, which nobody
inserts above or deletes. Only functions that Excel 2007, WPS and LibreOffice share; `amounts` and `points` say the same in Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name

from perfxl.intake.footers import SUBTOTALS, TOTALS, is_subtotal, is_total
from perfxl.intake.submission import folded
from perfxl.model import columns
from perfxl.model.columns import BUDGET, INDICATORS
from perfxl.model.digits import plain
from perfxl.rules.budget import base_of
from perfxl.rules.expression import literal
from perfxl.rules.roles import KIND_WORDS
from perfxl.schemes import DEFAULT_SCHEME
from perfxl.values.execution import BARE_HEADS, PERIODS, is_execution
from perfxl.workbook.formulas import among, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perfxl.model import Table
    from perfxl.schemes import Scheme
    from perfxl.workbook.prefill import Line

HEAD = 3
"""The head row, as Excel counts."""
FURTHER = 2
"""So many times the rows that are read are looked through: rows without input stand between them. Further down nothing may stand."""
PENDING, APART = "没填全", "与明细不符"
"""What stands in place of 执行率."""
ROW_RATE = "_执行率"
"""The name that is 执行率 of its own row."""
OWN_SCHEME, IS_FULL, REMARKS = "_本方案", "_分值已满", "_提示"
"""Names that the two live columns and the line above them look at."""
NOTHING = ("", "/", "—", "——", "-", "无")
AMOUNTS = {"initial": "_年初和", "full_year": "_全年和", "executed": "_执行和"}
"""Names of the sums."""
_PRINTED = sum(kind == columns.SOURCE_KIND for kind, _ in BUDGET.rows)


def _column(table: Table, name: str) -> str:
    return xl_col_to_name(list(table.by_name).index(name))


# 预算执行


def budget_names(scheme: Scheme) -> dict[str, str]:
    """The names that the total row is made of, in the order in which they build on each other.

    Each holds a cell of the sheet itself: Excel gives a copied sheet names of its own only in place of such.
    """
    first, height = f"{BUDGET.sheet}!$A${HEAD}:$A${HEAD + 1}", BUDGET.max_rows * FURTHER

    def lines(name: str) -> str:
        """The cells below the total row, also of a line inserted directly below it; and no reference of a cell to itself."""
        return f"OFFSET({BUDGET.sheet}!${_column(BUDGET, name)}${HEAD},ROWS({first}),0,{height},1)"

    kinds, planned, spent, initial = (lines(name) for name in ("kind", "full_year", "executed", "initial"))
    words = {name: tuple(word for word, kind in KIND_WORDS.items() if kind == name) for name in columns.BUDGET_KINDS}
    source, by_type = words[columns.SOURCE_KIND], words[columns.TYPE_KIND]
    aside = (*words[columns.OF_WHICH_KIND], *words[columns.TOTAL_KIND])

    def last(rows: str) -> str:
        """The last of the rows that are marked; 0 where none is."""
        return f"SUMPRODUCT(MAX({rows}*ROW({kinds})))"

    def of(kind: tuple[str, ...]) -> str:
        return among(f"TRIM({kinds})", kind)

    def both(kind: tuple[str, ...]) -> str:
        return f"SUMPRODUCT({of(kind)}*ISNUMBER({planned})*ISNUMBER({spent}))>0"

    something = f"(1-{_nothing(planned)}*{_nothing(spent)})"
    unclear = f"(1-{of(aside)})*{something}*(1-{of((*source, *by_type))}*{_given(planned)}*{_given(spent)})"
    one = f"(ISNUMBER({planned})<>ISNUMBER({spent}))"
    top = f"{BUDGET.sheet}!$A$1"
    further = f"COUNTA({BUDGET.sheet}!$A:$B)>COUNTA(OFFSET({top},0,0,ROWS({top}:$A${HEAD + 1})+{height},COLUMNS({BUDGET.sheet}!$A:$B)))"
    adopted = f'ISNUMBER(FIND("|"&TRIM({kinds})&"|",_采用))'
    without = f"OR(SUMPRODUCT({adopted}*ISNUMBER({initial}))=0,SUMPRODUCT({adopted}*(1-{_given(initial)}))>0)"
    sums = {name: f"SUMPRODUCT({adopted}*1,{lines(name)})" for name in AMOUNTS}
    sums["initial"] = f'IF({without},"",{sums["initial"]})'
    base, executed = (f"{BUDGET.sheet}!${_column(BUDGET, name)}1" for name in (base_of(scheme), "executed"))
    return {
        ROW_RATE: f'IF(AND(ISNUMBER({base}),ISNUMBER({executed})),IF({base}>0,{executed}/{base},""),"")',
        "_看不懂": last(unclear),
        "_来源缺": last(f"{of(source)}*{one}"),
        "_类型缺": last(f"{of(by_type)}*{one}"),
        "_没填全": f"IF({further},{height + HEAD},IF(_看不懂>0,_看不懂,IF({both(source)},_来源缺,IF({both(by_type)},_类型缺,MAX(_来源缺,_类型缺)))))",
        "_采用": f'IF(_没填全>0,"",IF({both(source)},{literal(listed(source))},IF({both(by_type)},{literal(listed(by_type))},"")))',
        **{AMOUNTS[name]: f'IF(_采用="","",{summed})' for name, summed in sums.items()},
    }


def _nothing(cells: str) -> str:
    return among(f"TRIM({cells})", NOTHING)


def _given(cells: str) -> str:
    """1 where a cell is a number or nothing, and not a text."""
    return f"(ISNUMBER({cells})+{_nothing(cells)})"


def total_rate(scheme: Scheme, cells: Mapping[str, str]) -> str:
    """执行率 of the total row, whose amounts may be typed over: a rate, or what is in its way. `cells` are the amounts of the row."""
    allowed = literal(scheme.budget.tolerance * _PRINTED)
    apart = ",".join(f"ROUND(ABS(N({cells[name]})-N({AMOUNTS[name]})),9)>{allowed}" for name in ("full_year", "executed"))
    return f"=IF(_没填全>0,{literal(PENDING)},IF(AND(LEN(_采用)>0,OR({apart})),{literal(APART)},{ROW_RATE}))"


def hint(money_unit: str) -> str:
    """The line above the table: the unit, and what is missing. `money_unit` is the cell that holds it."""
    unit = f'IF({money_unit}="","万元",{money_unit})'
    return f'="金额单位："&{unit}&"　　"&IF(_没填全>0,"第"&_没填全&{literal(_PENDING_SAID)},{literal(TOLD)})'


TOLD = "年度资金总额和执行率自动计算；“其中”各行不再加进合计。"
_PENDING_SAID = f"行{PENDING}：资金类别从下拉列表选，全年预算数和全年执行数都填数字，不写单位。"


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the total row shows of lines that are written filled: the sums, or the row that is in their way (0: none)."""

    sums: Mapping[str, float]
    pending: int

    def told(self, money_unit: str) -> str:
        """The line above the table."""
        return f"金额单位：{money_unit}　　{f'第{self.pending}{_PENDING_SAID}' if self.pending else TOLD}"


def amounts(lines: Sequence[Line]) -> Amounts:
    """The total row's values; `lines` stand below it."""
    kinds = [KIND_WORDS.get(str(line.get("kind", "")), "") for line in lines]
    cells = [[line.get(name) for name in AMOUNTS] for line in lines]
    numbers = [[isinstance(value, int | float) for value in row] for row in cells]
    empty = [
        [str(value or "").strip() in NOTHING and not number for value, number in zip(*row, strict=True)] for row in zip(cells, numbers, strict=True)
    ]
    rows: dict[str, list[int]] = {"unclear": []}
    for row, (kind, number, nothing) in enumerate(zip(kinds, numbers, empty, strict=True), HEAD + 2):
        if kind in (columns.OF_WHICH_KIND, columns.TOTAL_KIND) or all(nothing[1:]):
            continue
        clean = kind and all(a or b for a, b in zip(number[1:], nothing[1:], strict=True))
        rows.setdefault("unclear" if not clean else f"{kind}{'' if all(number[1:]) else '缺'}", []).append(row)
    adopted = next((kind for kind in (columns.SOURCE_KIND, columns.TYPE_KIND) if kind in rows), None)
    half = [rows.get(f"{kind}缺", []) for kind in (columns.SOURCE_KIND, columns.TYPE_KIND) if adopted in (kind, None)]
    pending = max(rows["unclear"] or [0]) or max((row for found in half for row in found), default=0)
    if pending or adopted is None:
        return Amounts({}, pending)
    sums: dict[str, float] = {}
    for at, name in enumerate(AMOUNTS):
        mine = [i for i, kind in enumerate(kinds) if kind == adopted]
        values = [cells[i][at] for i in mine if numbers[i][at]]
        if values and all(numbers[i][at] or empty[i][at] for i in mine):
            sums[name] = round(sum(values), 9)  # type: ignore[arg-type]  # numbers only
    return Amounts(sums, 0)


# 绩效指标


LEFT_OUT, TWICE = "，有分值未计入", "，执行率未计入"
"""Behind the sum: points that are in none, and execution that stands among the indicators."""
_BLANKS = (" ", "　")
SURE_HEADS = (("执行率", "支付率", "支出率", "完成率", "使用率"), ("执行进度", "支出进度", "支付进度", "执行情况"))
"""The last words of most rows that are execution, those of one length together."""
ALIKE = ("执行率", "执行进度", "支出进度", "支付进度", "支付率", "预算完成率")
"""Words in a name that may be execution, and may be an indicator of its own."""
_OWNERS = ("", "项目", "部门", "单位", "财政", "专项", "年度", "全年")
_MONEY = ("预算", "资金", "经费", "支出", "预算资金")


@lru_cache(maxsize=1)
def sure_executions() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Last words of one length, and what may stand before them: each pair of them is the name of budget execution."""
    money = tuple(owner + word for owner, word in product(_OWNERS, _MONEY))
    found = []
    for heads in SURE_HEADS:
        for last, before in ((tuple(head for head in heads if head in BARE_HEADS), ("", *PERIODS[:6])), (heads, money)):
            found.append((last, tuple(words for words in before if all(is_execution(words + head) for head in last))))
    return tuple(found)


def points_names(scheme: Scheme, chosen: str, bottom: int) -> dict[str, str]:
    """The names that 分值合计 and the words beside it are made of, as `budget_names`.

    `chosen` is the cell of 评分方案; below row `bottom` nothing is printed.
    """
    last = HEAD + INDICATORS.max_rows * FURTHER

    def cells(name: str, first: int = HEAD) -> str:
        return f"{INDICATORS.sheet}!${_column(INDICATORS, name)}${first}:${_column(INDICATORS, name)}${last}"

    name, weight, whole = cells("level3"), cells("weight"), _column(INDICATORS, "weight")
    words = _stripped("&".join(f'"|"&{cells(level)}' for level in ("level1", "level2", "level3")) + '&"|"')
    for bracket in ("(", "（"):  # 合计（100分）
        words = f'SUBSTITUTE({words},"{bracket}","|")'
    sums = [f'"|{word}|"' for word in sorted(TOTALS)] + [f'"{word}|"' for word in SUBTOTALS]
    column = _column(BUDGET, "weight")
    execution = f'INDEX({BUDGET.sheet}!${column}:${column},MATCH("{columns.TOTAL_KIND}",{BUDGET.sheet}!$A:$A,0))'
    own = literal(scheme.budget.weight)
    counted, named = f"(_是合计=0)*({weight}>0)*ISNUMBER({weight})", f"(LEN(TRIM({name}))>0)"
    left_out = (
        f"SUMPRODUCT((_是合计=0)*(1-{_given(weight)}))>1",  # the head is a text
        f"SUMPRODUCT({counted}*(1-{named}))>0",
        f"COUNTA({INDICATORS.sheet}!${whole}:${whole})>COUNTA({cells('weight', 1)})",
        f"IFERROR(AND(ISTEXT({execution}),LEN(TRIM({execution}))>0),FALSE)",
    )
    alike = "+".join(f"ISNUMBER(FIND({literal(word)},{_stripped(name)}))" for word in ALIKE)
    bare = f"SUMPRODUCT((_是合计=0)*{named}*(LEN({cells('target')})+LEN({cells('actual')})>0)*(LEN({weight})=0))>0"
    below = f"{INDICATORS.sheet}!$A${bottom + 1}:$C${last}"
    full = literal(f"={plain(scheme.full)}")
    remarks = {
        f"NOT({OWN_SCHEME})": "评分方案改选了，本页仍按原方案提示，请换用所选方案的模板。",
        "_未计入": _UNREAD_SAID,
        **({f"SUMPRODUCT(({alike}>0)*{counted})>0": _EXECUTION_SAID} if scheme.budget.weight > 0 else {}),
        f"AND({IS_FULL},{bare})": _BARE_SAID,
        f"COUNTA({below})>0": f"第{bottom + 1}行起不在打印区域内，打印前请把打印区域设到最后一行。",
    }
    return {
        "_是合计": "+".join(f"ISNUMBER(FIND({word},{words}))" for word in sums),
        "_是执行率": _executions(scheme, _stripped(name), weight),
        "_执行分": f"IFERROR(IF(N({execution})>0,{execution},{own}),{own})",
        "_指标分": f"ROUND(SUMPRODUCT({counted}*(_是执行率=0)*{named},{weight}),4)",
        "_未计入": f"OR({','.join(left_out)})",
        "_重列": f"SUMPRODUCT({counted}*(_是执行率>0))>0",
        OWN_SCHEME: own_scheme(scheme, chosen),
        IS_FULL: f"RIGHT({INDICATORS.sheet}!$A${HEAD - 1},LEN({full}))={full}",
        REMARKS: "&".join(f'IF(IFERROR({test},FALSE),{literal(said)},"")' for test, said in remarks.items()),
    }


def _stripped(text: str) -> str:
    for blank in _BLANKS:
        text = f'SUBSTITUTE({text},"{blank}","")'
    return text


def _executions(scheme: Scheme, name: str, weight: str) -> str:
    """0 where a row is not surely budget execution, or is one the scheme scores by itself."""
    if scheme.budget.weight <= 0:
        return f"ISNUMBER({weight})*0"
    pairs = ((len(last[0]), last, before) for last, before in sure_executions())
    return "+".join(f"{among(f'RIGHT({name},{n})', last)}*{among(f'LEFT({name},LEN({name})-{n})', before)}" for n, last, before in pairs)


_UNREAD_SAID = "分值不是数字、没写三级指标的行未计入。"
_EXECUTION_SAID = "预算执行率不要再列为指标。"
_BARE_SAID = "没有分值的行不单独计分。"


def running() -> str:
    """分值合计 above the header: `指标90+执行10=100`, and what is in neither."""
    rest = f'IF(_未计入,{literal(LEFT_OUT)},IF(_重列,{literal(TWICE)},""))'
    return f'=IFERROR("分值合计：指标"&_指标分&"+执行"&_执行分&"="&ROUND(_指标分+_执行分,4)&{rest},"分值合计：有的格子是错误值")'


def running_is_wrong(scheme: Scheme, cell: str) -> str:
    """The condition under which 分值合计 is red: anything behind the sum, or a sum that `check` does not accept."""
    off = f'ROUND(ABS(VALUE(MID({cell},FIND("=",{cell})+1,99))-{literal(scheme.full)}),6)'
    return f"=IFERROR({off}>{literal(scheme.checks.claim_tolerance)},TRUE)"


def own_scheme(scheme: Scheme, cell: str) -> str:
    """Whether 评分方案 is the template's; a blank one is the scheme that scores without being named."""
    own = f"EXACT(TRIM({cell}),{literal(scheme.title)})"
    return f"OR({own},LEN(TRIM({cell}))=0)" if scheme.id == DEFAULT_SCHEME else own


def points(lines: Sequence[Line], execution: float, scheme: Scheme) -> tuple[str, str]:
    """What 分值合计 and the words beside it say of rows that are written filled."""
    counted, said = 0.0, dict.fromkeys((_UNREAD_SAID, _EXECUTION_SAID, _BARE_SAID), False)
    bare = twice = False
    own = scheme.budget.weight > 0
    sure = {words + head for last, before in sure_executions() for words, head in product(before, last)} if own else ()
    for line in lines:
        weight, name = line.get("weight", ""), folded(str(line.get("level3", "")))
        if any(is_total(word) or is_subtotal(word) for word in (folded(str(line.get(level, ""))) for level in ("level1", "level2", "level3"))):
            continue
        if not isinstance(weight, int | float):
            said[_UNREAD_SAID] |= str(weight).strip() not in NOTHING
            bare |= weight == "" and bool(name and (line.get("target") or line.get("actual")))
        elif weight > 0:
            said[_UNREAD_SAID] |= not name
            said[_EXECUTION_SAID] |= own and any(word in name for word in ALIKE)
            twice |= name in sure
            counted += weight if name and name not in sure else 0
    counted = round(counted, 4)
    rest = LEFT_OUT if said[_UNREAD_SAID] else TWICE if twice else ""
    shown = f"分值合计：指标{plain(counted)}+执行{plain(execution)}={plain(round(counted + execution, 4))}{rest}"
    said[_BARE_SAID] = bare and shown.endswith(f"={plain(scheme.full)}")
    return shown, "".join(words for words, true in said.items() if true)
