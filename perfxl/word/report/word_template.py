"""The Word template of the report, drawn with python-docx: a Chinese official document (GB/T 9704) with docxtpl tags.

The result is committed in `workbook_templates/` and shipped beside this module; an office restyles a copy of it in Word.
Fonts are those every Windows and WPS has; the font table names substitutes for other machines.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from perfxl.model.columns import REPORT_SECTIONS
from perfxl.word.order import complete_settings, put_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATE_NAME = "自评报告模板.docx"

BODY, HEADING, SUBHEADING, TITLE, PLAIN = "仿宋", "黑体", "楷体", "方正小标宋简体", "宋体"
SUBSTITUTES = {
    BODY: "仿宋_GB2312,FangSong,STFangsong,华文仿宋,Noto Serif CJK SC",
    HEADING: "SimHei,STHeiti,华文黑体,Noto Sans CJK SC",
    SUBHEADING: "楷体_GB2312,KaiTi,STKaiti,华文楷体,Noto Serif CJK SC",
    TITLE: "FZXiaoBiaoSong-B05S,华文中宋,宋体,SimSun,Noto Serif CJK SC",
    PLAIN: "SimSun,STSong,华文宋体,Noto Serif CJK SC",
}
THREE, FOUR, FIVE, TWO = 16.0, 14.0, 10.5, 22.0
"""三号, 四号, 五号, 二号 in points."""
LINE = 28.0
"""Fixed line spacing of an official document, in points."""

_OUTLINE: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("一、部门概况", (
        ("（一）", REPORT_SECTIONS[0], "basics"), ("（二）", REPORT_SECTIONS[1], "tasks"), ("（三）", REPORT_SECTIONS[2], "goals"),
        ("（四）", REPORT_SECTIONS[3], "management"), ("（五）", REPORT_SECTIONS[4], "budget"),
    )),
    ("二、部门整体支出绩效实现情况", (
        ("（一）", REPORT_SECTIONS[5], "outputs"), ("（二）", REPORT_SECTIONS[6], "benefits"), ("（三）", REPORT_SECTIONS[7], "satisfaction"),
    )),
    ("三、部门整体支出绩效中存在问题及改进措施", (("", "", "problems"),)),
    ("四、绩效自评结果拟应用和公开情况", (("", "", "use"),)),
)  # fmt: skip

_SCORE_WIDTHS = (22, 25, 34, 24, 24, 12, 15)
_MISSING_WIDTHS = (11, 19, 28, 53, 45)


def template_bytes() -> bytes:
    """The template as a Word document; equal on every call."""
    import docx

    document = docx.Document()
    for element in list(document.element.body)[:-1]:
        document.element.body.remove(element)
    _page(document)
    _styles(document)
    _footers(document)
    _opening(document)
    for heading, sections in _OUTLINE:
        _paragraph(document, heading, "Heading 1")
        for number, title, key in sections:
            if title:
                _paragraph(document, f"{number}{title}", "Heading 2")
            _section(document, key)
    _closing(document)
    _score_annex(document)
    _missing_annex(document)
    _properties(document)
    _substitutes(document)
    in_order(document)
    target = BytesIO()
    document.save(target)
    return _plain(target.getvalue())


# the pieces


def _opening(document: Any) -> None:
    _paragraph(document, "{{ title }}", "Title")
    _paragraph(document, "{%p if year %}")
    _paragraph(document, "（{{ year }}年度）", "Subtitle")
    _paragraph(document, "{%p endif %}")
    _paragraph(document, "{%p if unit %}")
    _paragraph(document, "{{ unit }}", "Subtitle")
    _paragraph(document, "{%p endif %}")
    _paragraph(document, "{%p if project %}")
    _paragraph(document, "项目名称：{{ project }}", "Subtitle")
    _paragraph(document, "{%p endif %}")
    _paragraph(document, "")


def _section(document: Any, key: str) -> None:
    """The paragraphs of a section; a marked place where there are none."""
    _paragraph(document, f"{{%p for text in sections.{key}.paragraphs %}}")
    _paragraph(document, "{{ text }}")
    _paragraph(document, "{%p endfor %}")
    _paragraph(document, f"{{%p if sections.{key}.open %}}")
    _paragraph(document, "【待补充】").runs[0].font.highlight_color = 7
    _paragraph(document, "{%p endif %}")


def _closing(document: Any) -> None:
    """The list of annexes and the signature, on one page: a signature alone on a page is not signed."""
    before = len(document.paragraphs)
    _paragraph(document, "")
    _paragraph(document, "附件：1.绩效自评得分表")
    _paragraph(document, "{%p if missing %}")
    second = _paragraph(document, "2.待补充事项（补齐后删除）")
    second.paragraph_format.first_line_indent = _points(THREE * 5)
    _paragraph(document, "{%p endif %}")
    _paragraph(document, "")
    _paragraph(document, "{{ unit }}", "Signature")
    _paragraph(document, "{%p if date %}")
    _paragraph(document, "{{ date }}", "Signature")
    _paragraph(document, "{%p endif %}")
    for paragraph in document.paragraphs[before:-4]:
        paragraph.paragraph_format.keep_with_next = True


def _score_annex(document: Any) -> None:
    _paragraph(document, "附件1", "Annex")
    _paragraph(document, "绩效自评得分表", "Annex Title")
    _paragraph(document, "评分方案：{{ score.scheme }}　规则测算得分：{{ score.conclusion }}", "Table Note")
    table = _table(document, ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"), _SCORE_WIDTHS)
    own = (
        "预算执行",
        "预算执行",
        "{{ score.execution.name }}",
        "{{ score.execution.target }}",
        "{{ score.execution.actual }}",
        "{{ score.execution.weight }}",
        "{{ score.execution.score }}",
    )
    _row(table, own, centered=(0, 1, 5, 6))
    _merge(table.rows[-1], 2)
    _tag_row(table, "{%tr for level in score.levels %}")
    _tag_row(table, "{%tr for row in level.rows %}")
    _row(
        table,
        (
            "{% vm %}{{ level.name }}",
            "{{ row.level2 }}",
            "{{ row.name }}",
            "{{ row.target }}",
            "{{ row.actual }}",
            "{{ row.weight }}",
            "{{ row.score }}",
        ),
        centered=(0, 1, 5, 6),
    )
    _tag_row(table, "{%tr endfor %}")
    _tag_row(table, "{%tr endfor %}")
    _row(table, ("合计", "", "", "", "", "{{ score.weight }}", "{{ score.total }}"), centered=(0, 5, 6), font=HEADING)
    _merge(table.rows[-1], 5)


def _missing_annex(document: Any) -> None:
    _paragraph(document, "{%p if missing %}")
    _paragraph(document, "附件2", "Annex")
    _paragraph(document, "待补充事项", "Annex Title")
    _paragraph(document, "以下各项请补齐或说明后重新生成报告；正式报送前删除本附件。", "Table Note")
    table = _table(document, ("序号", "类别", "位置", "内容", "处理办法"), _MISSING_WIDTHS)
    _tag_row(table, "{%tr for entry in missing %}")
    _row(table, ("{{ entry.number }}", "{{ entry.kind }}", "{{ entry.place }}", "{{ entry.what }}", "{{ entry.how }}"), centered=(0, 1, 2))
    _tag_row(table, "{%tr endfor %}")
    _paragraph(document, "{%p endif %}", "Table Note")


# Word's own matters


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _paragraph(document: Any, text: str, style: str = "Normal") -> Any:
    return document.add_paragraph(text, style=style)


def _table(document: Any, titles: Sequence[str], widths: Sequence[int]) -> Any:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    table = document.add_table(rows=1, cols=len(titles), style="Table Grid")
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _narrow_margins(table)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    _fill(table.rows[0], titles, centered=range(len(titles)), font=HEADING, widths=widths)
    _flag(table.rows[0], "w:tblHeader")
    table._perfxl_widths = widths  # noqa: SLF001  # an attribute of ours on their object
    return table


def _narrow_margins(table: Any) -> None:
    """One millimetre at each side of a cell, so that 88.68 stays on one line."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn

    sides = "".join(f'<w:{side} w:w="57" w:type="dxa"/>' for side in ("left", "right"))
    properties = table._tbl.tblPr  # noqa: SLF001  # no other way
    margins = parse_xml(f"<w:tblCellMar {nsdecls('w')}>{sides}</w:tblCellMar>")
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def _row(table: Any, texts: Sequence[str], *, centered: Sequence[int], font: str = BODY) -> None:
    _fill(table.add_row(), texts, centered=centered, font=font, widths=table._perfxl_widths)  # noqa: SLF001  # the same


def _tag_row(table: Any, tag: str) -> None:
    """A row that only carries a tag of docxtpl and disappears when the report is written."""
    texts = [tag] + [""] * (len(table.columns) - 1)
    _row(table, texts, centered=())


def _fill(row: Any, texts: Sequence[str], *, centered: Sequence[int], font: str, widths: Sequence[int]) -> None:
    from docx.enum.table import WD_ALIGN_VERTICAL
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    _flag(row, "w:cantSplit")
    for i, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = Mm(widths[i])
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.style = "Table Text"
        run = paragraph.add_run(text)
        if font != BODY:
            _set_fonts(run._element.get_or_add_rPr(), font)  # noqa: SLF001  # the only way to a run's East Asian font
        if i in centered:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _merge(row: Any, count: int) -> None:
    """The first cells of a row as one; what stood in the others is dropped."""
    cells = row.cells
    for cell in cells[1:count]:
        for run in cell.paragraphs[0].runs:
            run.text = ""
    whole = cells[0].merge(cells[count - 1])
    for paragraph in whole.paragraphs[1:]:
        paragraph._element.getparent().remove(paragraph._element)  # noqa: SLF001  # merging keeps empty paragraphs


def _flag(row: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001  # python-docx has no name for it


def _page(document: Any) -> None:
    """A4 with the margins of GB/T 9704: top 37, left 28, right 26, bottom 35 mm."""
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)


def _styles(document: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.enum.text import WD_LINE_SPACING

    _defaults(document)
    two = 2 * THREE
    plan: tuple[tuple[str, str, float, Any, float, float, float], ...] = (
        # style, font, size, alignment, first-line indent, space before, space after
        ("Normal", BODY, THREE, ALIGN.JUSTIFY, two, 0, 0),
        ("Title", TITLE, TWO, ALIGN.CENTER, 0, 0, 0),
        ("Subtitle", SUBHEADING, THREE, ALIGN.CENTER, 0, 0, 0),
        ("Heading 1", HEADING, THREE, ALIGN.LEFT, two, 0, 0),
        ("Heading 2", SUBHEADING, THREE, ALIGN.LEFT, two, 0, 0),
        ("Signature", BODY, THREE, ALIGN.RIGHT, 0, 0, 0),
        ("Annex", HEADING, THREE, ALIGN.LEFT, 0, 0, 0),
        ("Annex Title", TITLE, 18.0, ALIGN.CENTER, 0, 6, 6),
        ("Table Note", BODY, 12.0, ALIGN.LEFT, 0, 0, 4),
        ("Table Text", BODY, FIVE, ALIGN.LEFT, 0, 2, 2),
        ("Footer", PLAIN, FOUR, ALIGN.LEFT, 0, 0, 0),
    )
    for name, font, size, align, indent, before, after in plan:
        style = _style(document, name)
        _set_fonts(style.element.get_or_add_rPr(), font)
        style.font.size, style.font.bold, style.font.italic = _points(size), False, False
        style.font.color.rgb = _black()
        layout = style.paragraph_format
        layout.alignment, layout.first_line_indent = align, _points(indent)
        layout.space_before, layout.space_after = _points(before), _points(after)
        layout.left_indent = _points(0)
        if name in ("Table Text", "Table Note", "Footer"):
            layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
        else:
            layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
            layout.line_spacing = _points(36 if name == "Title" else LINE)
        layout.widow_control = True
        for border in style.element.findall(".//{*}pBdr"):
            border.getparent().remove(border)
        for spacing in style.element.rPr.findall("{*}spacing") + style.element.rPr.findall("{*}kern"):
            style.element.rPr.remove(spacing)
    document.styles["Annex"].paragraph_format.page_break_before = True
    document.styles["Signature"].paragraph_format.right_indent = _points(two)


def _style(document: Any, name: str) -> Any:
    from docx.enum.style import WD_STYLE_TYPE

    if name in [s.name for s in document.styles]:
        return document.styles[name]
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    return style


def _black() -> Any:
    from docx.shared import RGBColor

    return RGBColor(0, 0, 0)


def _defaults(document: Any) -> None:
    """The document's language and fonts, in place of the theme's."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    _set_fonts(properties, BODY)
    for language in properties.findall(qn("w:lang")):
        properties.remove(language)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)


def _set_fonts(properties: Any, font: str) -> None:
    """One font for Chinese and Latin text, so that “ ” and figures keep the width of an official document."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{name}"), font)
    fonts.set(qn("w:hint"), "eastAsia")
    properties.insert(0, fonts)


def _footers(document: Any) -> None:
    """Page numbers — 1 —: right on odd pages, left on even ones, one character from the edge."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.oxml.ns import qn

    document.settings.odd_and_even_pages_header_footer = True
    for zoom in document.settings.element.findall(qn("w:zoom")):
        zoom.set(qn("w:percent"), "100")
    section = document.sections[0]
    for footer, side in ((section.footer, ALIGN.RIGHT), (section.even_page_footer, ALIGN.LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["Footer"]
        paragraph.alignment = side
        if side == ALIGN.RIGHT:
            paragraph.paragraph_format.right_indent = _points(FOUR)
        else:
            paragraph.paragraph_format.left_indent = _points(FOUR)
        paragraph.add_run("— ")
        _page_number(paragraph)
        paragraph.add_run(" —")


def _page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run(text if kind == "text" else "")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)  # noqa: SLF001  # python-docx has no fields
        elif not kind:
            field = OxmlElement("w:instrText")
            field.set(qn("xml:space"), "preserve")
            field.text = f" {text} "
            run._element.append(field)  # noqa: SLF001  # the same


def _properties(document: Any) -> None:
    own = document.core_properties
    own.author = own.comments = own.keywords = own.subject = own.category = ""
    own.title, own.last_modified_by, own.revision, own.language = "部门整体支出绩效自评报告", "perfxl", 1, "zh-CN"
    own.created = own.modified = datetime(2021, 1, 1)  # noqa: DTZ001  # a fixed day, written as UTC by Word's rule


def in_order(document: Any) -> None:
    """Every part as the schema wants it, whatever python-docx and docxtpl appended where."""
    parts = [document.element, document.styles.element, document.settings.element]
    for section in document.sections:
        parts += [part._element for part in (section.footer, section.even_page_footer, section.header) if not part.is_linked_to_previous]  # noqa: SLF001  # no other way
    for part in parts:
        put_in_order(part)
    complete_settings(document.settings.element)


def _substitutes(document: Any) -> None:
    """The font table: what to take where a font is not installed."""
    part = next(p for p in document.part.package.iter_parts() if str(p.partname) == "/word/fontTable.xml")
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{"modern" if name == HEADING else "roman"}"/><w:pitch w:val="variable"/></w:font>'
        for name, others in SUBSTITUTES.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    part._blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts xmlns:w="{space}">{fonts}</w:fonts>'.encode()  # noqa: SLF001  # a part python-docx only carries


def _plain(document: bytes) -> bytes:
    """The same package without python-docx's preview picture, with fixed dates."""
    import re
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    target = BytesIO()
    with ZipFile(BytesIO(document)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/thumbnail.jpeg":
                continue
            if name == "_rels/.rels":
                content = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", content)
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, content)
    return target.getvalue()
