"""Word letters of the finance office: what a unit must correct, and whom a 主管部门 still has to remind.

The look of an official document (GB/T 9704): 方正小标宋 title, 仿宋_GB2312 text in 三号, 黑体 headings, its margins and its
fixed line height. 文号, sender and date stay blank: the office signs, not a program. Equal input gives equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from perfxl.catalogue import CATALOGUE
from perfxl.consolidation.facts import goes_back
from perfxl.consolidation.status import State
from perfxl.model.version import __version__
from perfxl.output import PROPERTY, clean, make_folder, may_replace, read_seal, safe_name, seal, sealed_state, write_whole
from perfxl.rules.frames import records
from perfxl.values.dates import read_period

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from docx.document import Document as Letter
    from docx.text.paragraph import Paragraph

    from perfxl.consolidation.records import Consolidation, Map, Piece

TITLE_FONT, BODY_FONT, HEADING_FONT, MINOR_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
FALLBACKS = {TITLE_FONT: "华文中宋", BODY_FONT: "仿宋", HEADING_FONT: "SimHei", MINOR_FONT: "楷体"}
"""What Word takes where a font is not installed (`w:altName` in the font table)."""
TITLE_SIZE, BODY_SIZE, TABLE_SIZE, PAGE_SIZE = Pt(22), Pt(16), Pt(12), Pt(14)
LINE = Pt(28)
INDENT = Pt(32)

NO_DEADLINE = "    年  月  日"
RETURN_TAIL, REMINDER_HEAD = "_退回修改通知", "催报通知_"


def write_letters(folder: Path, c: Consolidation, run: Map = map, *, force: bool = False) -> list[Path]:
    """One letter per submission that must correct something, one reminder per 主管部门 with units still to report.

    The paths written, returned letters first, in the order of the units. A letter of an earlier run is replaced unless
    somebody has edited it since, and removed when there is no reason for it any more: nobody should be sent yesterday's.

    Raises:
        OutputError: a letter was edited, or another file has its name, and `force` is off; nothing is written then.
    """
    names = [*(name for name, _ in returned_units(c)), *(name for name, _ in late_units(c))]
    for name in names:
        may_replace(folder / name, force=force)
    make_folder(folder)
    for name, content in chain(return_letters(c, run), reminder_letters(c)):
        write_whole(folder / name, content)
    for path in _left_over(folder, set(names)):
        path.unlink()
    return [folder / name for name in names]


def _left_over(folder: Path, wanted: set[str]) -> list[Path]:
    """Letters of ours, as we wrote them, that this run has no reason for."""
    ours = [path for path in folder.glob("*.docx") if path.name not in wanted and path.is_file() and not path.is_symlink()]
    sealed = [path for path in ours if (seal_of := read_seal(path)) is not None and seal_of.kind == "letter"]
    return [path for path in sealed if sealed_state(path) == "ours-untouched"]


def deadline_words(deadline: str) -> str:
    """A date as letters write it, 2021年3月31日; blanks to fill in where there is none; other words as they are.

    >>> deadline_words("2021-03-31"), deadline_words("三月底")
    ('2021年3月31日', '三月底')
    """
    if not deadline.strip():
        return NO_DEADLINE
    period = read_period(deadline, None)
    if period is None or period.end is None or period.start != period.end:
        return deadline.strip()
    return f"{period.end.year}年{period.end.month}月{period.end.day}日"


# what must be corrected


def returned_units(c: Consolidation) -> list[tuple[str, dict[str, Any]]]:
    """The submissions that must correct something, each with the name of its letter."""
    wrong = c.tally.loc[goes_back(c.tally) & (c.tally["severity"] == "error"), "submission"]
    taken: set[str] = set()
    return [(_free_name(f"{safe_name(_subject(unit))}{RETURN_TAIL}", taken), unit) for unit in records(c.units[c.units["submission"].isin(wrong)])]


def return_letters(c: Consolidation, run: Map = map) -> Iterator[tuple[str, bytes]]:
    """File name and content of each 退回修改 letter. They cost far more than scores, so `run` may share them out."""
    return chain.from_iterable(run(_letters_of_piece, _pieces(c)))


@dataclass(frozen=True, slots=True)
class _Letters:
    """The letters to write to the units of a piece; can be sent to another process."""

    piece: Piece
    units: list[tuple[str, dict[str, Any]]]
    deadline: str


def _pieces(c: Consolidation) -> Iterator[_Letters]:
    units = returned_units(c)
    first = 0
    for piece in c.pieces():
        last = first
        while last < len(units) and units[last][1]["submission"] < piece.first + len(piece.rows):
            last += 1
        if last > first:
            yield _Letters(piece, units[first:last], c.deadline)
        first = last


def _letters_of_piece(letters: _Letters) -> list[tuple[str, bytes]]:
    issues = letters.piece.table("issues")
    own = {int(rows["submission"].iloc[0]): rows for _, rows in issues[goes_back(issues)].groupby("submission")}
    return [(name, _return_letter(unit, own[unit["submission"]], letters.deadline)) for name, unit in letters.units]


def _subject(unit: dict[str, Any]) -> str:
    return "_".join(part for part in (str(unit["name"] or unit["source"]), str(unit["project"])) if part)


def _free_name(base: str, taken: set[str]) -> str:
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base}({number})"
    taken.add(name.casefold())
    return f"{name}.docx"


def _year(year: float) -> str:
    return f"{int(year)}年度" if year == year else ""


def _matter(unit: dict[str, Any]) -> str:
    """What was sent in: 2020年度部门整体支出绩效自评材料; a project by its name."""
    if unit["evaluation"] == "项目":
        project = f"“{_one_line(unit['project'])}”" if unit["project"] else ""
        return f"{_year(unit['year'])}{project}项目支出绩效自评材料"
    kind = "单位整体支出" if unit["evaluation"] == "单位整体" else "部门整体支出"
    return f"{_year(unit['year'])}{kind}绩效自评材料"


def _return_letter(unit: dict[str, Any], issues: pd.DataFrame, deadline: str) -> bytes:
    errors, warnings = issues[issues["severity"] == "error"], issues[issues["severity"] == "warning"]
    matter = _matter(unit)
    letter = _letter(f"关于退回修改{matter}的通知")
    _number_line(letter)
    _title(letter, f"关于退回修改{matter}的通知")
    _addressee(letter, unit["name"] or "（未填单位名称）")
    also = f"，{len(warnings)}处需要说明" if len(warnings) else ""
    _text(
        letter,
        f"你单位报送的{matter}（{_one_line(unit['source'])}）收悉。经按“{unit['scheme_title']}”评分方案核对，有{len(errors)}处必须改正{also}，"
        f"现予退回。请于{deadline_words(deadline)}前改正后重新报送。",
    )
    _heading(letter, "一、必须改正")
    _items(letter, errors)
    section = "二"
    if len(warnings):
        _heading(letter, "二、需要说明或核对")
        _gathered_items(letter, warnings)
        section = "三"
    _heading(letter, f"{section}、重新报送的要求")
    count = int(unit["submission_count"]) if unit["submission_count"] == unit["submission_count"] else 1
    _text(
        letter,
        f"请在原工作簿上直接修改，不要另建表格；“报送次数”填{count + 1}，填报日期填重新报送的日期；实际完成值没有发生的填0，"
        "还没有数的不要用“完成”等文字代替；保存为 .xlsx 报送。",
    )
    _signature(letter)
    return _finished(letter)


def _items(letter: Letter, issues: pd.DataFrame) -> None:
    """One numbered line per place."""
    for number, row in enumerate(records(issues), 1):
        place = f"{row['sheet']} {row['cell']}".strip()
        name = f"（{_one_line(row['level3'])}）" if row["level3"] else ""
        _item(letter, number, f"{place}{name}：" if place else "", f"{row['message']}{row['fix']}", row["code"])


MOST_ALIKE = 3
"""More warnings of one kind than this share a line: a letter of ten pages is not read."""


def _gathered_items(letter: Letter, issues: pd.DataFrame) -> None:
    """One numbered line per place; many of one kind in one line with all their cells."""
    number = 0
    for code, group in issues.groupby("code", sort=False):
        if len(group) <= MOST_ALIKE:
            for row in records(group):
                number += 1
                place = f"{row['sheet']} {row['cell']}".strip()
                _item(letter, number, f"{place}：" if place else "", f"{row['message']}{row['fix']}", str(code))
            continue
        number += 1
        places = "；".join(
            f"{sheet} {'、'.join(dict.fromkeys(part['cell'][part['cell'] != '']))}".strip() for sheet, part in group.groupby("sheet", sort=False)
        )
        fixes = list(dict.fromkeys(group["fix"]))
        text = f"{places}。{fixes[0] if len(fixes) == 1 else '每一处的问题和改法见退回修改清单。'}"
        _item(letter, number, f"{CATALOGUE[str(code)].kind}（{len(group)}处）：", text, str(code))


def _item(letter: Letter, number: int, place: str, text: str, code: str) -> None:
    paragraph = _paragraph(letter)
    _run(paragraph, f"{number}．", BODY_FONT)
    if place:
        _run(paragraph, place, BODY_FONT).bold = True
    _run(paragraph, f"{_one_line(text)}［{CATALOGUE[code].number}］", BODY_FONT)


# who has not reported


def late_units(c: Consolidation) -> list[tuple[str, pd.DataFrame]]:
    """The units still to report, by 主管部门, each group with the name of its letter. Without a roster nobody is known to be late."""
    if not len(c.roster):
        return []
    due = c.status[c.status["expected"] & (c.status["state"] == State.MISSING)]
    taken: set[str] = set()
    return [
        (_free_name(f"{REMINDER_HEAD}{safe_name(str(authority) or '未填主管部门')}", taken), units)
        for authority, units in due.groupby("authority", sort=True)
    ]


def reminder_letters(c: Consolidation) -> Iterator[tuple[str, bytes]]:
    """File name and content of each reminder."""
    for name, units in late_units(c):
        yield name, _reminder(str(units["authority"].iloc[0]), units, c)


_SAID = {State.MISSING: "未收到"}


def _reminder(authority: str, units: pd.DataFrame, c: Consolidation) -> bytes:
    matter = f"{c.year}年度绩效自评材料" if c.year else "绩效自评材料"
    letter = _letter(f"关于催报{matter}的通知")
    _number_line(letter)
    _title(letter, f"关于催报{matter}的通知")
    _addressee(letter, authority or "各有关单位")
    whole = len(c.status[c.status["expected"] & (c.status["authority"] == authority)])
    _text(
        letter,
        f"你部门所属应报单位{whole}个，截至目前还有{len(units)}个没有收到可以使用的{matter}（名单附后）。"
        f"请督促有关单位于{deadline_words(c.deadline)}前报送；读不出的，请用 Excel 或 WPS 打开后另存为 .xlsx 再报；有几份的，请告知以哪份为准。",
    )
    _signature(letter)
    _heading(letter, "附：未完成报送的单位")
    _table(
        letter,
        ("序号", "单位名称", "预算单位编码", "情况", "联系人", "电话"),
        (1.2, 5.2, 2.6, 3.4, 1.6, 2.6),
        [
            (str(n), row["name"], row["code"], _SAID[row["state"]] + (f"：{row['file']}" if row["file"] else ""), row["contact"], row["phone"])
            for n, row in enumerate(records(units), 1)
        ],
    )
    return _finished(letter)


# the look


def _letter(title: str) -> Letter:
    """An empty letter: A4, margins, base font, page number in the middle of the foot."""
    letter = Document()
    section = letter.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Cm(3.7), Cm(3.5), Cm(2.8), Cm(2.6)
    section.footer_distance = Cm(2.5)
    normal = letter.styles["Normal"]
    normal.font.name, normal.font.size = BODY_FONT, BODY_SIZE
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY_FONT)
    letter.core_properties.title = clean(title)
    letter.core_properties.author = "perfxl"
    letter.core_properties.language = "zh-CN"
    _fallback_fonts(letter)
    _page_number(section.footer.paragraphs[0])
    _custom_property(letter)
    return letter


def _run(paragraph: Paragraph, text: str, font: str, size: Any = BODY_SIZE) -> Any:  # python-docx has no types for runs' fonts
    run = paragraph.add_run(clean(text))
    run.font.name, run.font.size = font, size
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001  # python-docx has no call for East Asian fonts
    fonts.set(qn("w:eastAsia"), font)
    return run


def _paragraph(letter: Letter, *, indent: Any = INDENT, align: Any = WD_ALIGN_PARAGRAPH.JUSTIFY) -> Paragraph:  # lengths of python-docx
    paragraph = letter.add_paragraph()
    shape = paragraph.paragraph_format
    shape.first_line_indent, shape.alignment = indent, align
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    shape.space_before = shape.space_after = Pt(0)
    return paragraph


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _number_line(letter: Letter) -> None:
    _run(_paragraph(letter, indent=Pt(0), align=WD_ALIGN_PARAGRAPH.CENTER), "〔    〕    号", BODY_FONT)
    _paragraph(letter)


def _title(letter: Letter, text: str) -> None:
    paragraph = _paragraph(letter, indent=Pt(0), align=WD_ALIGN_PARAGRAPH.CENTER)
    paragraph.paragraph_format.line_spacing = Pt(34)
    _run(paragraph, _one_line(text), TITLE_FONT, TITLE_SIZE)
    _paragraph(letter)


def _addressee(letter: Letter, name: str) -> None:
    _run(_paragraph(letter, indent=Pt(0)), f"{_one_line(name)}：", BODY_FONT)


def _text(letter: Letter, text: str) -> None:
    _run(_paragraph(letter), text, BODY_FONT)


def _heading(letter: Letter, text: str) -> None:
    paragraph = _paragraph(letter)
    paragraph.paragraph_format.keep_with_next = True
    _run(paragraph, text, HEADING_FONT)


def _signature(letter: Letter) -> None:
    """Room for the sender's name, seal and date."""
    _paragraph(letter)
    for text in ("（发文单位盖章）", "年    月    日"):
        paragraph = _paragraph(letter, align=WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = Pt(64)
        paragraph.paragraph_format.keep_together = True
        _run(paragraph, text, BODY_FONT)


def _table(letter: Letter, titles: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
    table = letter.add_table(rows=1 + len(rows), cols=len(titles), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001  # python-docx has no call for repeated header rows
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for at, line in enumerate([titles, *rows]):
        for cell, text, width in zip(table.rows[at].cells, line, widths, strict=True):
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            _run(paragraph, _one_line(text), HEADING_FONT if at == 0 else BODY_FONT, TABLE_SIZE)


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", "宋体", PAGE_SIZE)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = OxmlElement("w:r")
    shown = OxmlElement("w:t")
    shown.text = "1"
    run.append(shown)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001  # python-docx has no call for fields
    _run(paragraph, " —", "宋体", PAGE_SIZE)


_FONT_TABLE = "/word/fontTable.xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _fallback_fonts(letter: Letter) -> None:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{_W}">{fonts}</w:fonts>'.encode()
    for relation in letter.part.rels.values():
        if not relation.is_external and str(relation.target_part.partname) == _FONT_TABLE:
            relation.target_part._blob = blob  # noqa: SLF001  # the part is opaque to python-docx


def _custom_property(letter: Letter) -> None:
    """The property that the seal of `perfxl.output` fills."""
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{PROPERTY}"><vt:lpwstr>letter</vt:lpwstr></property>'
        "</Properties>"
    )
    package = letter.part.package
    part = Part(PackURI("/docProps/custom.xml"), "application/vnd.openxmlformats-officedocument.custom-properties+xml", xml.encode(), package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def _finished(letter: Letter) -> bytes:
    """The letter's bytes, sealed; the seal writes every part with one fixed date."""
    target = BytesIO()
    letter.save(target)
    return seal(target.getvalue(), "letter", __version__)
