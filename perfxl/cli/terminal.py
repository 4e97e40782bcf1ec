"""What a person sees after a run: short lines, aligned by display width, no colour unless it is a terminal.

Renders the documents of `perfxl.scoring.document`, so the terminal and `--json` can never disagree.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from perfxl.catalogue import SEVERITY_WORDS, SEVERITY_WORDS_EN
from perfxl.model import Severity
from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Document = Mapping[str, Any]
    Say = Callable[[str, str], str]

BAR_WIDTH = 20
MANY = 12
"""From this many issues of one gravity on, equal codes are grouped."""


def width(text: str) -> int:
    """Columns a text takes on a terminal: wide characters count two, combining marks none.

    >>> width("得分8.68")
    8
    """
    return sum(0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """A text filled with blanks to a display width."""
    blanks = " " * max(0, columns - width(text))
    return blanks + text if right else text + blanks


def number(value: object, decimals: int = 2) -> str:
    """Points or money as printed; a dash for null."""
    if value is None:
        return "—"
    return f"{float(value):,.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{float(value):,.0f}"  # type: ignore[arg-type]  # JSON numbers


_PIECE = LazyPattern(r"(?:[!-~]+|[（“《【‘]*.)[，。；：！？、）》”】’]*|\s")
_HANG = re.compile(r"  (?:\S+ +| +(?:→ )?)")


def folded(line: str, columns: int) -> list[str]:
    """A line as lines of at most `columns`, those after the first under the text of the first.

    >>> folded("  绩效指标!G4  没有填写实际完成值。", 30)
    ['  绩效指标!G4  没有填写实际完', '               成值。']
    """
    found = _HANG.match(line)
    hang = min(width(found[0]) if found else 2, columns // 2)
    lines, used = [""], 0
    for piece in _PIECE.findall(line):
        if used + width(piece) > columns and lines[-1].strip():
            lines[-1] = lines[-1].rstrip()
            lines.append(" " * hang)
            used = hang
        if not piece.strip() and len(lines) > 1 and not lines[-1].strip():
            continue
        lines[-1] += piece
        used += width(piece)
    return lines


def bar(share: float, columns: int = BAR_WIDTH) -> str:
    """A small bar, of characters that every Chinese code page has.

    >>> bar(0.87, 10)
    '■■■■■■■■■□'
    """
    filled = round(min(max(share, 0.0), 1.0) * columns)
    return "■" * filled + "□" * (columns - filled)


def visible(text: str) -> str:
    """A text from a workbook on one line, control characters and direction marks shown instead of obeyed."""
    return "".join(ch if ch.isprintable() else " " if ch in "\r\n\t" else f"\\x{ord(ch):02x}" for ch in text)


def score_lines(document: Document, say: Say, *, detail: bool = True, bars: int = BAR_WIDTH) -> list[str]:
    """The summary of one scored submission: who, total and grade, execution, points by level, issues with cell and fix.

    `bars` is the length of the bars, 0 where nobody looks at a terminal.
    """
    unit = document["unit"]
    name = visible(unit["name"] or document["source"]["file"])
    year = f"{unit['fiscal_year']}" if unit["fiscal_year"] else say("年度未填", "year missing")
    project = f"{visible(unit['project'])}  " if unit["project"] else ""
    lines = [f"{name}  {project}{year}  {say('评分方案：', 'scheme: ')}{document['scheme']['title']}", _verdict(document, say)]
    lines.extend(_points(document, say, bars))
    lines.extend(_adjustments(document, say))
    if detail:
        lines.extend(issue_lines(document["issues"], say))
        lines.extend(_raising(document, say))
    return lines


def _verdict(document: Document, say: Say) -> str:
    total, full = number(document["total"]), number(document["full"])
    low, high = (number(v) for v in document["possible"])
    if not document["provisional"]:
        return say(f"总分 {total}／{full}　等级 {document['grade'] or '—'}", f"Total {total} of {full}, grade {document['grade'] or '-'}")
    open_items = sum(1 for issue in document["issues"] if issue["severity"] == "error")
    zh = f"暂定（缺{open_items}项）：已得 {total}／{full}，可能在 {low}～{high} 之间，"
    en = f"Provisional ({open_items} open): {total} of {full} so far, possible {low} to {high}, "
    if document["total"] is None:
        return say(
            f"没有评分（缺{open_items}项）：满分 {full}，没有给本表计分的方案",
            f"Not scored ({open_items} open): no scheme for this form, {full} in all",
        )
    if document["grade_span"] is None:
        return say(f"{zh}等级未定（分值合计不对）", f"{en}no grade while the weights do not add up")
    span = document["grade"] or "～".join(str(grade) for grade in document["grade_span"])
    return say(f"{zh}等级 {span}", f"{en}grade {span}")


def _points(document: Document, say: Say, bars: int) -> list[str]:
    from perfxl.model.rounding import round_one  # numpy waits until something is scored

    budget = document["budget"]
    amounts = [number(budget[name]) for name in ("executed", "full_year")]
    any_amount = amounts != ["—", "—"]
    rate = "—" if budget["rate"] is None else f"{round_one(budget['rate'] * 100):.2f}%"
    rows = [
        (
            say("预算执行", "Execution"),
            budget["score"],
            budget["weight"],
            say(
                f"执行率 {rate}{f'（{amounts[0]}÷{amounts[1]} 万元）' if any_amount else ''}",
                f"rate {rate}{f' ({amounts[0]} / {amounts[1]} x10,000 yuan)' if any_amount else ''}",
            ),
        )
    ]
    rows += [(level["level1"], level["score"], level["weight"], "") for level in document["levels"]]
    columns = max(width(row[0]) for row in rows)
    lines = []
    for label, score, weight, note in rows:
        if not weight:
            lines.append(f"  {pad(label, columns)} {pad(say('不单独计分', 'not scored by itself'), bars + 12 + bool(bars))}  {note}".rstrip())
            continue
        share = (score or 0) / weight
        shown = pad(f"{number(score)}{say('／', ' / ')}{number(weight)}", 12, right=True)
        drawn = f"{bar(share, bars)} " if bars else ""
        lines.append(f"  {pad(label, columns)} {drawn}{shown}  {note}".rstrip())
    return lines


def _adjustments(document: Document, say: Say) -> list[str]:
    """What stands between the sum of the lines and the total: 不适用 rescaled, or a cap of the scheme."""
    items = (document["budget"]["score"] or 0) + sum(level["score"] or 0 for level in document["levels"])
    rescaled = items * document["rescale"]
    lines = []
    if document["rescale"] != 1:
        factor = number(document["rescale"], 6)
        lines.append(
            say(
                f"  各部分合计 {number(items)}，不适用的指标不参评，×{factor} 折算为 {number(rescaled)}",
                f"  parts add up to {number(items)}; rows not applicable are left out, x{factor} makes {number(rescaled)}",
            )
        )
    if document["total"] is not None and document["total"] < rescaled - 0.005:
        lines.append(
            say(
                f"  按方案，执行率低的总分不超过 {number(document['total'])}",
                f"  the scheme caps the total at {number(document['total'])} for a low execution rate",
            )
        )
    return lines


def shortened(text: str, columns: int) -> str:
    """A name cut with … where it would take more than `columns`; its end, which tells files apart, stays.

    >>> shortened("一个很长的文件名_第二次报送.xlsx", 20)
    '一…_第二次报送.xlsx'
    """
    if width(text) <= columns:
        return text
    tail, used = "", 0
    for ch in reversed(text):
        if used + width(ch) > columns * 3 // 4 + 2:
            break
        tail, used = ch + tail, used + width(ch)
    head, left = "", columns - used - 1
    for ch in text:
        if width(head + ch) > left:
            break
        head += ch
    return f"{head}…{tail}"


def issue_lines(issues: Sequence[Document], say: Say, *, whole: bool = False) -> list[str]:
    """Errors and warnings with cell and fix; many of one code are grouped, infos counted; `whole` names every one of them."""
    words = SEVERITY_WORDS if say("zh", "en") == "zh" else SEVERITY_WORDS_EN
    lines: list[str] = []
    for severity in (Severity.ERROR, Severity.WARNING):
        chosen = [issue for issue in issues if issue["severity"] == severity]
        if chosen:
            lines.append(say(f"{words[severity]}（{len(chosen)}）", f"{words[severity]} ({len(chosen)})"))
            lines.extend(_grouped(chosen, say) if len(chosen) > MANY and not whole else _each(chosen))
    noted = [issue for issue in issues if issue["severity"] == Severity.INFO]
    if noted and whole:
        return [*lines, say(f"{words[Severity.INFO]}（{len(noted)}）", f"{words[Severity.INFO]} ({len(noted)})"), *_each(noted)]
    notes = len(noted)
    if notes:
        lines.append(say(f"{words[Severity.INFO]} {notes} 条（见“问题清单”）", f"{notes} reading notes (see the sheet 问题清单)"))
    return lines


def place(issue: Document) -> str:
    """Where an issue is: 绩效指标!G8."""
    if issue["sheet"] and issue["cell"]:
        return f"{visible(issue['sheet'])}!{issue['cell']}"
    return visible(issue["sheet"] or "")


def _each(issues: Iterable[Document]) -> list[str]:
    lines = []
    for issue in issues:
        lines.append(f"  {pad(place(issue), 14)} {visible(issue['message'])}  [{issue['code']}]")
        lines.append(f"  {' ' * 14} → {visible(issue['fix'])}")
    return lines


def _grouped(issues: Sequence[Document], say: Say) -> list[str]:
    by_code: dict[str, list[Document]] = {}
    for issue in issues:
        by_code.setdefault(issue["code"], []).append(issue)
    lines = []
    for code, members in by_code.items():
        if len(members) == 1:
            lines.extend(_each(members))
            continue
        cells = say("、", ", ").join(place(m) for m in members[:8])
        more = say(f" 等{len(members)}处", f" and more, {len(members)} in all") if len(members) > 8 else ""
        lines.append(f"  [{code}] × {len(members)}  {cells}{more}")
        lines.append(f"  {' ' * 14} {visible(members[0]['message'])}")
        lines.append(f"  {' ' * 14} → {visible(members[0]['fix'])}")
    return lines


def _raising(document: Document, say: Say) -> list[str]:
    gap = document.get("next_grade")
    losses = document.get("losses") or []
    if not losses:
        return []
    lines = []
    if gap:
        lines.append(
            say(
                f"距“{gap['grade']}”还差 {number(gap['points'])} 分（仅为算术差额）。",
                f"{number(gap['points'])} points below {gap['grade']} (arithmetic only).",
            )
        )
    for title, chosen in (
        (say("待补分最多的：", "Most points still open:"), [x for x in losses if x["open"]]),
        (say("失分最多的：", "Largest losses:"), [x for x in losses if not x["open"]]),
    ):
        if chosen:
            lines.append(title)
            lines.extend(f"  {pad(number(x['lost']), 7, right=True)}  {visible(x['name'])}" for x in chosen[:3])
    return lines
