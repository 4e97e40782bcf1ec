"""The look of an official document (GB/T 9704) as a Word package, part by part in the order the schema wants.

Written as text, not built of objects: a letter costs a millisecond, holds no memory, and the same words give the same
bytes. What a program cannot know — number of the document, sender, date — stays blank for the office.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from perfxl.output import PROPERTY, clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TITLE, BODY, HEADING, PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"
FALLBACKS: Final[Mapping[str, str]] = {TITLE: "华文中宋", BODY: "仿宋", HEADING: "SimHei", PLAIN: "SimSun"}
"""What Word takes where a font is not installed (`w:altName` in the font table)."""
_TWO, _THREE, _FOUR, _FIVE = 44, 32, 28, 21
"""二号, 三号, 四号 and 五号 in half points."""
_LINE, _INDENT = 560, 640
"""Fixed line height and indent of two characters, in twentieths of a point."""
_CM = 567
_PORTRAIT = (21.0, 29.7, 3.7, 3.5, 2.8, 2.6)
_LANDSCAPE = (29.7, 21.0, 2.4, 2.0, 2.2, 2.2)
"""Width, height, and the margins above, below, left and right, in centimetres."""


def one_line(text: object) -> str:
    """`text` without its line ends and repeated blanks."""
    return " ".join(str(text).split())


@dataclass(slots=True)
class Letter:
    """A letter on its way: paragraphs and tables in the order in which they are called for."""

    title: str
    _body: list[str] = field(default_factory=list)
    _landscape: bool = False

    def head(self, addressee: str) -> None:
        """The blank line for the number, the title, and whom it is for."""
        self._add(_run("〔    〕    号", BODY), align="center", indent=0)
        self._add("")
        self._add(_run(self.title, TITLE, _TWO), align="center", indent=0, line=680)
        self._add("")
        self._add(_run(f"{one_line(addressee)}：", BODY), indent=0)

    def text(self, text: str) -> None:
        """A paragraph."""
        self._add(_run(text, BODY))

    def heading(self, text: str) -> None:
        """A heading of the first level, kept with what follows."""
        self._add(_run(text, HEADING), keep=True)

    def item(self, number: int, head: str, text: str) -> None:
        """A numbered paragraph with a bold beginning."""
        self._add(_run(f"{number}．", BODY) + (_run(head, BODY, bold=True) if head else "") + _run(text, BODY))

    def signature(self) -> None:
        """Room for the sender's name, seal and date."""
        self._add("", keep=True)
        self._add(_run("（发文单位盖章）", BODY), align="right", right=1280, keep=True)
        self._add(_run("年    月    日", BODY), align="right", right=1280)

    def annex(self, title: str, note: str = "", *, number: str = "附件") -> None:
        """A page of its own, lying on its side, for a wide table."""
        if not self._landscape:
            self._end_section(_PORTRAIT)
        self._add(_run(number, HEADING), indent=0, new_page=self._landscape)
        self._landscape = True
        self._add(_run(title, TITLE, 36), align="center", indent=0)
        if note:
            self._add(_run(note, BODY, _FIVE), indent=0, line=0)

    def annex_upright(self, title: str) -> None:
        """The same for a narrow table, upright."""
        self._add(_run("附件", HEADING), indent=0, new_page=True)
        self._add(_run(title, TITLE, 36), align="center", indent=0)

    def table(self, titles: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]], centered: Sequence[int] = ()) -> None:
        """A table with a repeated header row; a row of one text spans all columns. Widths in centimetres."""
        grid = [round(width * _CM) for width in widths]
        xml = [
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(grid)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>',
            *(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")),
            '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>',
            *(f'<w:{side} w:w="57" w:type="dxa"/>' for side in ("left", "right")),
            "</w:tblCellMar></w:tblPr><w:tblGrid>",
            *(f'<w:gridCol w:w="{width}"/>' for width in grid),
            "</w:tblGrid>",
            _row(titles, grid, range(len(titles)), HEADING, "<w:cantSplit/><w:tblHeader/>"),
            *(_row(row, grid, centered, BODY, "<w:cantSplit/>") for row in rows),
            "</w:tbl>",
        ]
        self._body.append("".join(xml))
        self._add("", line=20)  # a document may not end with a table

    def finished(self) -> bytes:
        """The package, with an empty property for the seal."""
        section = _section(_LANDSCAPE if self._landscape else _PORTRAIT)
        document = f"{_XML}<w:document {_SPACES}><w:body>{''.join(self._body)}{section}</w:body></w:document>"
        target = BytesIO()
        with ZipFile(target, "w", ZIP_DEFLATED) as package:
            for name, content in (*_fixed(), ("docProps/core.xml", _core(self.title)), ("word/document.xml", document)):
                entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
                package.writestr(entry, content)
        return target.getvalue()

    def _add(
        self, runs: str, *, align: str = "both", indent: int = _INDENT, right: int = 0, line: int = _LINE, keep: bool = False, new_page: bool = False
    ) -> None:
        self._body.append(f"<w:p>{_shape(align, indent, right, line, keep=keep, new_page=new_page)}{runs}</w:p>")

    def _end_section(self, page: tuple[float, ...]) -> None:
        self._body.append(f'<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/>{_section(page)}</w:pPr></w:p>')


def _shape(align: str, indent: int, right: int, line: int, *, keep: bool = False, new_page: bool = False) -> str:
    before = ("<w:keepNext/>" if keep else "") + ("<w:pageBreakBefore/>" if new_page else "")
    spacing = f'<w:spacing w:before="0" w:after="0" w:line="{line}" w:lineRule="exact"/>' if line else '<w:spacing w:before="0" w:after="0"/>'
    ends = f' w:right="{right}"' if right else ""
    return f'<w:pPr>{before}{spacing}<w:ind{ends} w:firstLine="{indent}"/><w:jc w:val="{align}"/></w:pPr>'


def _run(text: str, font: str, size: int = _THREE, *, bold: bool = False) -> str:
    words = escape(clean(text).replace("\n", " ").replace("\t", " "))
    fonts = f'<w:rFonts w:ascii="{font}" w:eastAsia="{font}" w:hAnsi="{font}"/>'
    return (
        f'<w:r><w:rPr>{fonts}{"<w:b/>" if bold else ""}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{words}</w:t></w:r>'
    )


def _row(texts: Sequence[str], grid: Sequence[int], centered: Sequence[int], font: str, flags: str) -> str:
    """A row; one text alone spans the table."""
    cells = []
    for at, text in enumerate(texts):
        alone = len(texts) == 1
        width, span = (sum(grid), f'<w:gridSpan w:val="{len(grid)}"/>') if alone else (grid[at], "")
        shape = _shape("center" if at in centered and not alone else "left", 0, 0, 0, keep=alone)
        runs = _run(text, HEADING if alone else font, _FIVE) if text else ""
        cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}<w:vAlign w:val="center"/></w:tcPr><w:p>{shape}{runs}</w:p></w:tc>')
    return f"<w:tr><w:trPr>{flags}</w:trPr>{''.join(cells)}</w:tr>"


def _section(page: tuple[float, ...]) -> str:
    width, height, top, bottom, left, right = (round(cm * _CM) for cm in page)
    side = ' w:orient="landscape"' if width > height else ""
    return (
        f'<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="{width}" w:h="{height}"{side}/>'
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" w:header="851" w:footer="{min(1417, bottom - 284)}" '
        'w:gutter="0"/>'
        "<w:cols/></w:sectPr>"
    )


# the parts that are the same in every letter

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_WORD = f"{_OPEN}/wordprocessingml/2006/main"
_SPACES = f'xmlns:w="{_WORD}" xmlns:r="{_OPEN}/officeDocument/2006/relationships"'
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def _core(title: str) -> str:
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_OPEN}/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(clean(one_line(title)))}</dc:title><dc:creator>perfxl</dc:creator><dc:language>zh-CN</dc:language></cp:coreProperties>"
    )


@lru_cache(maxsize=1)
def _fixed() -> tuple[tuple[str, str], ...]:
    """Name and content of each."""
    package, office = f"{_OPEN}/package/2006", f"{_OPEN}/officeDocument/2006"
    parts = {"document": "document.main", "styles": "styles", "settings": "settings", "fontTable": "fontTable", "footer1": "footer"}
    types = "".join(f'<Override PartName="/word/{part}.xml" ContentType="{_KIND}.{kind}+xml"/>' for part, kind in parts.items())
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{office}/relationships/{kind}" Target="{part}.xml"/>'
        for n, (kind, part) in enumerate((("styles", "styles"), ("settings", "settings"), ("fontTable", "fontTable"), ("footer", "footer1")), 1)
    )
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    base = f'<w:rFonts w:ascii="{BODY}" w:eastAsia="{BODY}" w:hAnsi="{BODY}"/><w:sz w:val="{_THREE}"/><w:szCs w:val="{_THREE}"/>'
    page = (
        f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{_run("— ", PLAIN, _FOUR)}<w:fldSimple w:instr="PAGE">{_run("1", PLAIN, _FOUR)}</w:fldSimple>'
        f"{_run(' —', PLAIN, _FOUR)}</w:p>"
    )
    return (
        (
            "[Content_Types].xml",
            (
                f'{_XML}<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/'
                "vnd.openxmlformats-package.relationships"
                f'+xml"/><Default Extension="xml" ContentType="application/xml"/>{types}'
                '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
                '<Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/>'
                "</Types>"
            ),
        ),
        (
            "_rels/.rels",
            (
                f'{_XML}<Relationships xmlns="{package}/relationships">'
                f'<Relationship Id="rId1" Type="{office}/relationships/officeDocument" Target="word/document.xml"/>'
                f'<Relationship Id="rId2" Type="{package}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
                f'<Relationship Id="rId3" Type="{office}/relationships/custom-properties" Target="docProps/custom.xml"/></Relationships>'
            ),
        ),
        ("word/_rels/document.xml.rels", f'{_XML}<Relationships xmlns="{package}/relationships">{links}</Relationships>'),
        (
            "word/styles.xml",
            (
                f"{_XML}<w:styles {_SPACES}><w:docDefaults><w:rPrDefault><w:rPr>{base}"
                '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
                '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style></w:styles>'
            ),
        ),
        (
            "word/settings.xml",
            (
                f'{_XML}<w:settings {_SPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
                '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
                f'<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
            ),
        ),
        ("word/fontTable.xml", f"{_XML}<w:fonts {_SPACES}>{fonts}</w:fonts>"),
        ("word/footer1.xml", f"{_XML}<w:ftr {_SPACES}>{page}</w:ftr>"),
        (
            "docProps/custom.xml",
            (
                f'{_XML}<Properties xmlns="{office}/custom-properties" xmlns:vt="{office}/docPropsVTypes">'
                f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{PROPERTY}"><vt:lpwstr>letter</vt:lpwstr>'
                "</property></Properties>"
            ),
        ),
    )
