"""Workbooks nobody should trust: one small builder per threat, with the code that must come back.

`CASES` maps a name to `Case(build, code)`; code None means that the file is odd but must be read. Bombs are cheap: what
inflates to hundreds of megabytes is compressed from a repeated block, never held in memory.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
TITLES = ("绩效指标", "预算执行", "年度目标")
"""Of the first sheets: those are read, others are nobody's."""
SHEET1 = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Case:
    build: Callable[[], bytes]
    code: str | None


def sheet(rows: str = '<row r="1"><c r="A1"><v>1</v></c></row>', before: str = "", after: str = "") -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{REL}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def cell(ref: str, value: object = 1, attributes: str = "") -> str:
    return f'<c r="{ref}"{attributes}><v>{escape(str(value))}</v></c>'


def row(number: object, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def strings(*texts: str, counts: str = "") -> str:
    return f'{HEAD}<sst xmlns="{MAIN}"{counts}>{"".join(f"<si><t>{escape(t)}</t></si>" for t in texts)}</sst>'


def raw_strings(*entries: str) -> str:
    return f'{HEAD}<sst xmlns="{MAIN}">{"".join(f"<si>{entry}</si>" for entry in entries)}</sst>'


def two_names() -> bytes:
    """The string table bears a second name in extra field 0x7075, which zip libraries prefer or ignore."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, part in parts(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=strings("甲")).items():
            entry = ZipInfo(name)
            if name.endswith("sharedStrings.xml"):
                other = b"xl/other.xml"
                entry.extra = struct.pack("<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(name.encode())) + other
            archive.writestr(entry, part)
    return target.getvalue()


def decoy() -> bytes:
    """The string table has another name, and beside it lies one under the usual name that nothing refers to."""
    content = parts(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=strings("假"))
    content["xl/_rels/workbook.xml.rels"] = relations([("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "texts/t.xml")])
    content["xl/texts/t.xml"] = strings("真")
    return pack(content)


def workbook_xml(names: Iterable[str], *, extra: str = "", states: Mapping[str, str] | None = None) -> str:
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"' + (f' state="{states[name]}"' if states and name in states else "") + "/>"
        for n, name in enumerate(names, 1)
    )
    return f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}">{extra}<sheets>{listed}</sheets></workbook>'


def parts(
    *sheets: str | bytes, sst: str | None = None, names: tuple[str, ...] | None = None, extra: str = "", **more: str | bytes
) -> dict[str, str | bytes]:
    """The parts of a minimal workbook with these sheets; `more` adds or replaces parts (`a__b_xml` is `a/b.xml`)."""
    sheets = sheets or (sheet(),)
    names = names or (*TITLES, *(f"表{n}" for n in range(4, len(sheets) + 1)))[: len(sheets)]
    overrides = [("xl/workbook.xml", "sheet.main")]
    links = []
    for n in range(1, len(sheets) + 1):
        overrides.append((f"xl/worksheets/sheet{n}.xml", "worksheet"))
        links.append((f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml"))
    if sst is not None:
        overrides.append(("xl/sharedStrings.xml", "sharedStrings"))
        links.append(("rId9001", "sharedStrings", "sharedStrings.xml"))
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="/{p}" ContentType="{SHEET_TYPE}{t}+xml"/>' for p, t in overrides)
        + "</Types>",
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": workbook_xml(names, extra=extra),
        "xl/_rels/workbook.xml.rels": relations(links),
    }
    for n, content in enumerate(sheets, 1):
        found[f"xl/worksheets/sheet{n}.xml"] = content
    if sst is not None:
        found["xl/sharedStrings.xml"] = sst
    for name, content in more.items():
        found[name.replace("__", "/").replace("_xml", ".xml")] = content
    return found


def relations(links: Iterable[tuple[str, str, str]]) -> str:
    listed = "".join(f'<Relationship Id="{i}" Type="{REL}/{kind}" Target="{target}"/>' for i, kind, target in links)
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def pack(content: Mapping[str, str | bytes], method: int = ZIP_DEFLATED, more: Iterable[tuple[str, bytes]] = ()) -> bytes:
    target = BytesIO()
    with warnings.catch_warnings(), ZipFile(target, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, part in (*content.items(), *more):
            archive.writestr(ZipInfo(name), part, method)
    return target.getvalue()


def book(*sheets: str | bytes, **options: object) -> bytes:
    return pack(parts(*sheets, **options))  # type: ignore[arg-type]


def bomb(part: str, block: bytes, times: int, head: bytes = b"", tail: bytes = b"") -> bytes:
    """A workbook where `part` inflates to head + block × times + tail, compressed without ever holding it."""
    target = BytesIO()
    whole = parts(sst=strings("x"))
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in whole.items():
            if name != part:
                archive.writestr(name, content)
        chunk = block * max(1, (1 << 20) // len(block))
        with archive.open(part, "w", force_zip64=True) as stream:
            stream.write(head)
            for _ in range(max(1, times * len(block) // len(chunk))):
                stream.write(chunk)
            stream.write(tail)
    return target.getvalue()


def patched(data: bytes, **fields: int) -> bytes:
    """`data` with the header of sheet1 changed in the directory: flag, method, crc, packed, size, offset."""
    layout = {"flag": (8, "<H"), "method": (10, "<H"), "crc": (16, "<I"), "packed": (20, "<I"), "size": (24, "<I"), "offset": (42, "<I")}
    result = bytearray(data)
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        if data[at + 46 :].startswith(SHEET1.encode()):
            for name, value in fields.items():
                struct.pack_into(layout[name][1], result, at + layout[name][0], value)
        at += 4
    return bytes(result)


def overlapping() -> bytes:
    """Two entries that share their bytes (the trick behind the small bombs of 2019)."""
    content = parts(sheet(), sheet())
    data = bytearray(pack(content, ZIP_STORED))
    first = data.find(b"PK\x03\x04", data.find(b"xl/_rels"))
    at = data.find(b"PK\x01\x02")
    while not data[at + 46 :].startswith(b"xl/worksheets/sheet2.xml"):
        at = data.find(b"PK\x01\x02", at + 4)
    struct.pack_into("<I", data, at + 42, first)
    data[at + 46 : at + 46 + 24] = b"xl/worksheets/sheet1.xml"
    # the directory now names sheet1 twice at one place; give the second another name in a copied local header
    return bytes(data)


def nested_overlap() -> bytes:
    """sheet2's local header lies inside the stored bytes of sheet1."""
    inner = b"x" + sheet().encode()
    name = b"xl/worksheets/sheet2.xml"
    header = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 33, zlib.crc32(inner), len(inner), len(inner), len(name), 0)
    whole = parts(header + name + inner, sheet())
    data = bytearray(pack(whole, ZIP_STORED))
    inside = data.find(header)
    at = data.find(b"PK\x01\x02")
    while not data[at + 46 :].startswith(name):
        at = data.find(b"PK\x01\x02", at + 4)
    struct.pack_into("<III", data, at + 16, zlib.crc32(inner), len(inner), len(inner))
    struct.pack_into("<I", data, at + 42, inside)
    return bytes(data)


def compound_file(*names: str) -> bytes:
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + directory + bytes(512)


def with_dtd(body: str, declaration: str) -> str:
    return body.replace(HEAD, f"{HEAD}{declaration}")


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + "]>"


def strict(content: str) -> str:
    return (
        content.replace("http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/")
        .replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        .replace("<workbook ", '<workbook conformance="strict" ')
    )


def one_cell(ref: str, value: object, attributes: str = "") -> Callable[[], bytes]:
    return lambda: book(sheet(row(1, cell(ref, value, attributes))), sst=strings("甲", "乙"))


def rows_of(*rows: str) -> Callable[[], bytes]:
    return lambda: book(sheet("".join(rows)), sst=strings("甲"))


def without(part: str) -> Callable[[], bytes]:
    def build() -> bytes:
        content = parts(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=strings("甲"))
        del content[part]
        return pack(content)

    return build


def dtd_in(part: str, declaration: str = '<!DOCTYPE x SYSTEM "file:///etc/passwd">') -> Callable[[], bytes]:
    def build() -> bytes:
        content = parts(
            sst=strings("甲"),
            xl__styles_xml=f'{HEAD}<styleSheet xmlns="{MAIN}"/>',
            docProps__custom_xml=f"{HEAD}<Properties/>",
            docProps__core_xml=f"{HEAD}<coreProperties/>",
        )
        content["xl/worksheets/_rels/sheet1.xml.rels"] = relations([])
        content[part] = with_dtd(str(content[part]), declaration)
        return pack(content)

    return build


def styled(*, fonts: int = 1, formats: int = 1, code: str = "0%") -> Callable[[], bytes]:
    """A style sheet with so many fonts, and so many cell formats with the number format `code`."""
    style = '<xf numFmtId="170"/>'
    styles = (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="{code}"/></numFmts>'
        f"<fonts>{'<font/>' * fonts}</fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        f"<cellStyleXfs><xf/></cellStyleXfs><cellXfs>{style * formats}</cellXfs></styleSheet>"
    )
    return lambda: book(xl__styles_xml=styles)


def renamed_parts(rename: Callable[[str], str]) -> bytes:
    return pack({rename(name): content for name, content in parts(sst=strings("甲")).items()})


def content_types(part: str, kind: str) -> str:
    override = f'<Override PartName="/{part}" ContentType="{kind}"/>'
    return f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{override}</Types>'


def empty_docx() -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = content_types("word/document.xml", kind)
    return pack({"[Content_Types].xml": types, "word/document.xml": "<d/>"})


def empty_xlsb() -> bytes:
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    types = content_types("xl/workbook.bin", kind)
    return pack({"[Content_Types].xml": types, "xl/workbook.bin": b"\x83\x01\x00"})


def in_encoding(codec: str, declared: str) -> bytes:
    text = sheet(row(1, cell("A1", "文字", ' t="str"'))).replace('encoding="UTF-8"', f'encoding="{declared}"')
    return book(text.encode(codec))


def merges(count: int) -> str:
    return "<mergeCells>" + "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, count + 1)) + "</mergeCells>"


def chart_sheet(*, only: bool) -> bytes:
    content = parts(sheet(), sheet())
    links = [("rId1", "chartsheet" if only else "worksheet", "worksheets/sheet1.xml"), ("rId2", "chartsheet", "worksheets/sheet2.xml")]
    content["xl/_rels/workbook.xml.rels"] = relations(links)
    content["xl/worksheets/sheet2.xml"] = with_dtd(f'{HEAD}<chartsheet xmlns="{MAIN}"/>', '<!DOCTYPE x SYSTEM "y">')
    return pack(content)


def relation_to(target: str) -> Callable[[], bytes]:
    return lambda: book(**{"xl/_rels/workbook.xml.rels": relations([("rId1", "worksheet", target)])})


def deep(levels: int) -> str:
    return sheet(after="<extLst>" + "<a>" * levels + "</a>" * levels + "</extLst>")


GOOD = book

CASES: dict[str, Case] = {
    # ── 1a the container ──
    "empty file": Case(lambda: b"", "file-empty"),
    "encrypted compound file": Case(lambda: compound_file("EncryptionInfo", "EncryptedPackage"), "file-encrypted"),
    "old xls": Case(lambda: compound_file("Workbook"), "file-is-xls"),
    "old doc renamed": Case(lambda: compound_file("WordDocument"), "file-not-a-workbook"),
    "html renamed": Case(lambda: b"\xef\xbb\xbf\r\n<html xmlns:x='urn'><table><tr><td>1</td></tr></table>", "file-is-html"),
    "html in utf-16": Case(lambda: "<!DOCTYPE html><html></html>".encode("utf-16"), "file-is-html"),
    "mhtml": Case(lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "file-is-html"),
    "xml spreadsheet 2003": Case(
        lambda: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "file-is-xml-2003",
    ),
    "csv renamed": Case(lambda: "单位,得分\n图书馆,90\n".encode("gbk"), "file-not-xlsx"),
    "pdf renamed": Case(lambda: b"%PDF-1.7\n%\xe2\xe3", "file-not-xlsx"),
    "rar renamed": Case(lambda: b"Rar!\x1a\x07\x01\x00" + bytes(20), "file-not-xlsx"),
    "nothing but zeros": Case(lambda: bytes(4096), "file-damaged"),
    "docx renamed": Case(empty_docx, "file-not-a-workbook"),
    "xlsb renamed": Case(empty_xlsb, "file-extension"),
    "ods renamed": Case(lambda: pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}), "file-extension"),
    "zip of anything": Case(lambda: pack({"照片.jpg": b"\xff\xd8"}), "file-not-a-workbook"),
    "empty zip": Case(lambda: pack({}), "file-not-xlsx"),
    "truncated in the middle": Case(lambda: GOOD()[: len(GOOD()) // 2], "file-damaged"),
    "truncated by one byte": Case(lambda: GOOD()[:-1], "file-damaged"),
    "only the first bytes": Case(lambda: GOOD()[:8], "file-damaged"),
    "junk before": Case(lambda: b"junk" + GOOD(), "file-damaged"),
    "junk after": Case(lambda: GOOD() + b"junk", "file-damaged"),
    "a second directory after": Case(lambda: GOOD() + GOOD(sheet(row(1, cell("A1", 2)))), "file-damaged"),
    "checksum wrong": Case(lambda: patched(GOOD(), crc=1), "file-damaged"),
    "declared size too small": Case(lambda: patched(GOOD(), size=10), "file-damaged"),
    "declared size too large": Case(lambda: patched(GOOD(), size=0x7FFFFFFF), "file-damaged"),
    "compressed bytes damaged": Case(
        lambda: (d := bytearray(GOOD()), d.__setitem__(slice(d.find(SHEET1.encode()) + 30, d.find(SHEET1.encode()) + 60), b"\xff" * 30), bytes(d))[2],
        "file-damaged",
    ),
    "offset beyond the end": Case(lambda: patched(GOOD(), offset=0x7FFFFFF0), "file-damaged"),
    "bzip2": Case(lambda: pack(parts(), ZIP_BZIP2), "file-damaged"),
    "lzma": Case(lambda: pack(parts(), ZIP_LZMA), "file-damaged"),
    "unknown method": Case(lambda: patched(GOOD(), method=99), "file-damaged"),
    "encrypted entry": Case(lambda: patched(GOOD(), flag=1), "file-encrypted"),
    "duplicate entry": Case(lambda: pack(parts(), more=[(SHEET1, sheet(row(1)).encode())]), "file-duplicate-parts"),
    "duplicate entry by case": Case(lambda: pack(parts(), more=[(SHEET1.upper(), sheet(row(1)).encode())]), "file-duplicate-parts"),
    "duplicate entry by backslash": Case(lambda: pack(parts(), more=[(SHEET1.replace("/", "\\"), sheet(row(1)).encode())]), "file-duplicate-parts"),
    "one entry inside another": Case(nested_overlap, "file-overlapping-parts"),
    "two entries on the same bytes": Case(overlapping, "file-duplicate-parts"),
    "path traversal": Case(lambda: pack(parts(), more=[("../../etc/cron.d/x", b"")]), "file-illegal-part-name"),
    "absolute name": Case(lambda: pack(parts(), more=[("/xl/x.xml", b"")]), "file-illegal-part-name"),
    "drive letter": Case(lambda: pack(parts(), more=[("C:\\x.xml", b"")]), "file-illegal-part-name"),
    "line end in a name": Case(lambda: pack(parts(), more=[("xl/a\nb", b"")]), "file-illegal-part-name"),
    "5,001 entries": Case(lambda: pack(parts(), ZIP_STORED, ((f"x/{n}", b"") for n in range(5001))), "file-too-large"),
    "bomb in a sheet": Case(
        lambda: bomb(SHEET1, b'<row r="1"><c r="A1"><v>1</v></c></row>', 4_000_000, sheet("").partition("</sheetData>")[0].encode()), "file-too-large"
    ),
    "bomb in one cell": Case(lambda: bomb(SHEET1, b"A" * 1024, 100_000, b"<worksheet>"), "file-too-large"),
    "bomb in the strings": Case(lambda: bomb("xl/sharedStrings.xml", b"<si><t/></si>", 8_000_000), "file-too-large"),
    "bomb in the theme, which nobody reads": Case(lambda: bomb("xl/theme/theme1.xml", b" " * 1024, 100_000), None),
    "bomb nobody reads": Case(lambda: bomb("xl/media/image1.png", b"\0" * 1024, 100_000), None),
    "stored, not compressed": Case(lambda: pack(parts(), ZIP_STORED), None),
    "backslash names": Case(lambda: renamed_parts(lambda name: name.replace("/", "\\")), None),
    "part names in other case": Case(lambda: renamed_parts(lambda name: name.replace("sheet1", "Sheet1")), None),
    "folders as entries": Case(lambda: pack(parts(), more=[("xl/", b""), ("docProps/", b"")]), None),
    "macros": Case(lambda: pack(parts(), more=[("xl/vbaProject.bin", b"code")]), None),
    # ── 1b XML ──
    "billion laughs in a sheet": Case(lambda: book(with_dtd(sheet(row(1, "<c r='A1'><v>&j;</v></c>")), LAUGHS)), "file-has-dtd"),
    "billion laughs in the strings": Case(lambda: book(sst=with_dtd(strings("x"), LAUGHS)), "file-has-dtd"),
    "external entity": Case(dtd_in(SHEET1, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "file-has-dtd"),
    **{
        f"doctype in {part}": Case(dtd_in(part), "file-has-dtd")
        for part in (
            "[Content_Types].xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            SHEET1,
            "xl/sharedStrings.xml",
            "xl/styles.xml",
            "docProps/custom.xml",
        )
    },
    **{f"doctype in {part}, which nobody reads": Case(dtd_in(part), None) for part in ("docProps/core.xml", "xl/worksheets/_rels/sheet1.xml.rels")},
    "doctype in utf-16": Case(lambda: book(with_dtd(sheet(), '<!DOCTYPE x SYSTEM "y">').replace("UTF-8", "UTF-16").encode("utf-16")), "file-has-dtd"),
    "doctype in utf-7": Case(
        lambda: book(f'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x>{sheet()[len(HEAD) :]}'.encode()), "file-encoding"
    ),
    "utf-16 sheet": Case(lambda: in_encoding("utf-16", "UTF-16"), None),
    "utf-16 big endian without a mark": Case(lambda: in_encoding("utf-16-be", "UTF-16"), None),
    "utf-16 that says utf-8": Case(lambda: in_encoding("utf-16", "UTF-8"), "file-encoding"),
    "utf-8 that says utf-16": Case(lambda: in_encoding("utf-8", "UTF-16"), "file-encoding"),
    "utf-8 with a mark": Case(lambda: in_encoding("utf-8-sig", "UTF-8"), None),
    "utf-32": Case(lambda: in_encoding("utf-32", "UTF-32"), "file-encoding"),
    "gbk": Case(lambda: in_encoding("gbk", "GBK"), "file-encoding"),
    "latin-1": Case(lambda: book(sheet().replace("UTF-8", "ISO-8859-1")), "file-encoding"),
    "unknown encoding": Case(lambda: book(sheet().replace("UTF-8", "x-none")), "file-encoding"),
    "gbk bytes that say utf-8": Case(lambda: in_encoding("gbk", "UTF-8"), "file-xml-broken"),
    "depth 65": Case(lambda: book(deep(65)), "file-xml-too-deep"),
    "depth 50": Case(lambda: book(deep(50)), None),
    "depth 200,000": Case(lambda: book(deep(200_000)), "file-xml-too-deep"),
    "depth inside a cell": Case(lambda: book(sheet(row(1, f'<c r="A1"><is>{"<r>" * 80}{"</r>" * 80}</is></c>'))), "file-xml-too-deep"),
    "depth in the strings": Case(lambda: book(sst=f'{HEAD}<sst xmlns="{MAIN}"><si>{"<r>" * 80}{"</r>" * 80}</si></sst>'), "file-xml-too-deep"),
    "300 attributes": Case(lambda: book(sheet("<row r='1' " + " ".join(f"a{n}='x'" for n in range(300)) + "/>")), "file-xml-too-deep"),
    "xml cut off": Case(lambda: book(sheet()[:-20]), "file-xml-broken"),
    "xml with a nul": Case(lambda: book(sheet(row(1, cell("A1", "a\0b", ' t="str"')))), "file-xml-broken"),
    "control character in a text": Case(lambda: book(sheet(row(1, cell("A1", "a\x01b", ' t="str"')))), "file-xml-broken"),
    "undefined entity": Case(lambda: book(sheet(row(1, '<c r="A1" t="str"><v>&x;</v></c>'))), "file-xml-broken"),
    "unbound prefix": Case(lambda: book(sheet(row(1, '<c r="A1"><v>1</v></c><q:c/>'))), "file-xml-broken"),
    "crossed tags": Case(lambda: book(sheet('<row r="1"><c r="A1"><v>1</c></v></row>')), "file-xml-broken"),
    "empty part": Case(lambda: book(b""), "file-xml-broken"),
    "not a worksheet": Case(lambda: book(f'{HEAD}<html xmlns="{MAIN}"/>'), "file-part-missing"),
    # ── 1c the grid ──
    "dimension of the whole sheet": Case(
        lambda: book(sheet(row(1, cell("A1")) + row(1048576, "<c r='A1048576'/>"), '<dimension ref="A1:XFD1048576"/>')), None
    ),
    "dimension is garbage": Case(lambda: book(sheet(before='<dimension ref="XFD9:A99999999999"/>')), None),
    "dimension is no area": Case(lambda: book(sheet(before='<dimension ref="abc"/>')), None),
    "dimension of 100 kB": Case(lambda: book(sheet(before=f'<dimension ref="{"A" * 100_000}"/>')), None),
    "merge from right to left": Case(lambda: book(sheet(after='<mergeCells><mergeCell ref="B9:A1"/></mergeCells>')), "cell-address-illegal"),
    "merge beyond the grid": Case(lambda: book(sheet(after='<mergeCells><mergeCell ref="A1:A1048577"/></mergeCells>')), "cell-address-illegal"),
    "foreign element in a row": Case(rows_of('<row r="1"><x r="4"/></row>'), "cells-out-of-order"),
    "spaces inside a number": Case(one_cell("A1", "1 5"), "cell-number-illegal"),
    "value in the last cell": Case(rows_of(row(1048576, cell("XFD1048576"))), None),
    "row beyond the grid": Case(rows_of(row(1048577, cell("A1048577"))), "cells-out-of-order"),
    "row 99999999999999": Case(rows_of(row("9" * 14, cell("A" + "9" * 14))), "cells-out-of-order"),
    "row zero": Case(rows_of(row(0, cell("A1"))), "cells-out-of-order"),
    "row minus one": Case(rows_of(row(-1, cell("A1"))), "cell-address-illegal"),
    "row in full-width digits": Case(rows_of(row("１", cell("A1"))), "cell-address-illegal"),
    "column beyond the grid": Case(rows_of(row(1, cell("XFE1"))), "cells-out-of-order"),
    "address of 100 kB": Case(rows_of(row(1, cell("A" * 100_000 + "1"))), "cell-address-illegal"),
    "address in lower case": Case(rows_of(row(1, cell("a1"))), None),
    "address repeated in lower case": Case(rows_of(row(1, cell("A1"), cell("a1", 2))), "cells-out-of-order"),
    "address without a row": Case(rows_of(row(1, cell("A"))), "cell-address-illegal"),
    "address empty": Case(rows_of(row(1, cell(""))), "cell-address-illegal"),
    "address of another row": Case(rows_of(row(1, cell("A2"))), "cells-out-of-order"),
    "address A11 in row 1": Case(rows_of(row(1, cell("A11"))), "cells-out-of-order"),
    "address A1 in row 11": Case(rows_of(row(11, cell("A1"))), "cells-out-of-order"),
    "rows out of order": Case(rows_of(row(2, cell("A2")), row(1, cell("A1"))), "cells-out-of-order"),
    "row repeated": Case(rows_of(row(1, cell("A1")), row(1, cell("B1"))), "cells-out-of-order"),
    "cells out of order": Case(rows_of(row(1, cell("B1"), cell("A1"))), "cells-out-of-order"),
    "cells out of order past Z": Case(rows_of(row(1, cell("AA1"), cell("B1"))), "cells-out-of-order"),
    "cell repeated": Case(rows_of(row(1, cell("A1", 1), cell("A1", 2))), "cells-out-of-order"),
    "cell outside a row": Case(rows_of(row(1), cell("A1")), "cells-out-of-order"),
    "cell inside a cell": Case(rows_of(row(1, f'<c r="A1">{cell("B1")}</c>')), "cells-out-of-order"),
    "row inside a row": Case(rows_of('<row r="1"><row r="2"/></row>'), "cells-out-of-order"),
    "cell behind a foreign element": Case(rows_of(f'<row r="1"><x>{cell("A1")}</x></row>'), "cells-out-of-order"),
    "two sets of rows": Case(lambda: book(sheet(after="<sheetData/>")), "cells-out-of-order"),
    "rows and cells without addresses": Case(rows_of("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"), None),
    "formula of 30,000 quotes and brackets": Case(rows_of(row(1, '<c r="A1"><f>' + "'[a]" + "''[a]" * 6000 + "</f><v>1</v></c>")), None),
    "65,537 cell formats": Case(styled(formats=65_537), "file-too-large"),
    "262,145 fonts": Case(styled(fonts=262_145), None),
    "1,048,577 fonts": Case(styled(fonts=1_048_577), "file-too-large"),
    "number format of 256 characters": Case(styled(code="[" * 256), None),
    "number format of 255 characters": Case(styled(code="[" * 255, formats=1000), None),
    "1,000,001 cells": Case(
        lambda: book(sheet("".join(f'<row r="{n}">{"<c/>" * 1000}</row>' for n in range(1, 1001)) + "<row><c/></row>")), "file-too-large"
    ),
    "merge of the whole sheet": Case(lambda: book(sheet(after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')), None),
    "20,001 merges": Case(lambda: book(sheet(after=merges(20_001))), "file-too-large"),
    "20,001 merges in two sheets": Case(lambda: book(sheet(after=merges(10_000)), sheet(after=merges(10_001))), "file-too-large"),
    "merge without an area": Case(lambda: book(sheet(after='<mergeCells><mergeCell ref="ZZZZ1"/></mergeCells>')), "cell-address-illegal"),
    "1,000,001 shared strings": Case(lambda: book(sst=f'{HEAD}<sst xmlns="{MAIN}">{"<si/>" * 1_000_001}</sst>'), "file-too-large"),
    "shared string count is a lie": Case(
        lambda: book(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=strings("甲", counts=' uniqueCount="4294967295"')), None
    ),
    "257 sheets": Case(lambda: book(*[sheet()] * 257), "file-too-large"),
    "string index -1": Case(one_cell("A1", -1, ' t="s"'), "string-index-illegal"),
    "string index out of range": Case(one_cell("A1", 2, ' t="s"'), "string-index-illegal"),
    "string index not a number": Case(one_cell("A1", "0x1", ' t="s"'), "string-index-illegal"),
    "string index in full-width digits": Case(one_cell("A1", "１", ' t="s"'), "string-index-illegal"),
    "string index of 5,000 digits": Case(one_cell("A1", "1" * 5000, ' t="s"'), "string-index-illegal"),
    "string table missing": Case(without("xl/sharedStrings.xml"), "file-part-missing"),
    "sheet part missing": Case(without(SHEET1), "file-part-missing"),
    "workbook part missing": Case(without("xl/workbook.xml"), "file-part-missing"),
    "relations missing": Case(without("xl/_rels/workbook.xml.rels"), "file-part-missing"),
    "manifest missing": Case(without("[Content_Types].xml"), "file-part-missing"),
    "relation outside the package": Case(relation_to("../../../etc/passwd"), "file-part-missing"),
    "relation to a web page": Case(relation_to("http://example.invalid/sheet.xml"), "file-part-missing"),
    "relation by absolute path": Case(relation_to("/xl/worksheets/sheet1.xml"), None),
    "relation by backslash": Case(relation_to("worksheets\\sheet1.xml"), None),
    "no sheet": Case(lambda: book(xl__workbook_xml=workbook_xml(())), "file-no-sheet"),
    "chart sheets only": Case(lambda: chart_sheet(only=True), "file-no-sheet"),
    "a chart sheet beside": Case(lambda: chart_sheet(only=False), None),
    "sheet name repeated": Case(lambda: book(sheet(), sheet(), names=("绩效指标", "绩效指标")), "sheet-name-repeated"),
    "sheet name repeated by case": Case(lambda: book(sheet(), sheet(), names=("Abc", "ABC")), "sheet-name-repeated"),
    "sheet names that differ in width": Case(lambda: book(sheet(), sheet(), names=("表1", "表１")), None),
    "sheet name empty": Case(lambda: book(names=("",), xl__workbook_xml=workbook_xml(("",))), "sheet-name-repeated"),
    "sheet name like a path": Case(lambda: book(names=("../../etc/passwd\u202e",)), None),
    "strict open xml": Case(lambda: pack({n: strict(str(c)) for n, c in parts(sst=strings("甲")).items()}), None),
    # ── 1d values ──
    **{
        f"number {value[:12]}": Case(one_cell("A1", value), "cell-number-illegal")
        for value in ("NaN", "nan", "INF", "-inf", "1e999", "１２", "1_000", "1" * 5000, "0x10", "1,5", "--1", "文字", "1e", "٣")
    },
    **{
        f"number {value} is fine": Case(one_cell("A1", value), None)
        for value in ("0", "-0.5", "1E5", "1e-300", "+5", ".5", "5.", " 7 ", "12345678901234567890", "1E+308")
    },
    "boolean 2": Case(one_cell("A1", 2, ' t="b"'), "cell-number-illegal"),
    "boolean true": Case(one_cell("A1", "true", ' t="b"'), "cell-number-illegal"),
    "date of month 13": Case(one_cell("A1", "2020-13-01", ' t="d"'), "cell-number-illegal"),
    "two values": Case(rows_of(row(1, '<c r="A1"><v>1</v><v>2</v></c>')), "cell-content-illegal"),
    "two formulas": Case(rows_of(row(1, '<c r="A1"><f>1</f><f>2</f><v>2</v></c>')), "cell-content-illegal"),
    "two inline texts": Case(rows_of(row(1, '<c r="A1" t="inlineStr"><is><t>接待27</t><t>0人次</t></is></c>')), "cell-content-illegal"),
    "inline text behind a run": Case(rows_of(row(1, '<c r="A1" t="inlineStr"><is><r><t>27</t></r><t>0</t></is></c>')), "cell-content-illegal"),
    "inline text and a value": Case(rows_of(row(1, '<c r="A1" t="inlineStr"><v>27</v><is><t>270</t></is></c>')), "cell-content-illegal"),
    "inline text of a number": Case(rows_of(row(1, '<c r="A1"><v>27</v><is><t>270</t></is></c>')), "cell-content-illegal"),
    "an element inside a value": Case(rows_of(row(1, '<c r="A1"><v>2<x/>7</v></c>')), "cell-content-illegal"),
    "two texts in an entry": Case(lambda: book(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=raw_strings("<t>27</t><t>0</t>")), "cell-content-illegal"),
    "two texts in a run": Case(
        lambda: book(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=raw_strings("<r><t>27</t><t>0</t></r>")), "cell-content-illegal"
    ),
    "text behind a run": Case(
        lambda: book(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=raw_strings("<r><t>27</t></r><t>0</t>")), "cell-content-illegal"
    ),
    "text before a run": Case(
        lambda: book(sheet(row(1, cell("A1", 0, ' t="s"'))), sst=raw_strings("<t>27</t><r><t>0</t></r>")), "cell-content-illegal"
    ),
    "two texts in an entry nobody uses": Case(lambda: book(sst=raw_strings("<t>27</t><t>0</t>")), None),
    "a relationship id given twice": Case(
        lambda: book(
            sheet(),
            **{
                "xl/_rels/workbook.xml.rels": relations(
                    [("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId1", "worksheet", "worksheets/sheet2.xml")]
                ),
                "xl/worksheets/sheet2.xml": sheet(row(1, cell("A1", 2))),
            },
        ),
        "file-duplicate-parts",
    ),
    "two string tables by relation": Case(
        lambda: book(
            sheet(),
            **{
                "xl/_rels/workbook.xml.rels": relations(
                    [("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "a.xml"), ("rId3", "sharedStrings", "b.xml")]
                )
            },
        ),
        "file-duplicate-parts",
    ),
    "an entry with two names": Case(lambda: two_names(), "file-illegal-part-name"),
    "a decoy string table": Case(lambda: decoy(), None),
    "styles under another name": Case(
        lambda: book(
            sheet(row(1, cell("A1", "0.5", ' s="1"'))),
            **{
                "xl/_rels/workbook.xml.rels": relations([("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "styles", "style/s.xml")]),
                "xl/style/s.xml": f'{HEAD}<styleSheet xmlns="{MAIN}"><cellXfs><xf/><xf numFmtId="9"/></cellXfs></styleSheet>',
            },
        ),
        None,
    ),
    "date with 23 decimals": Case(one_cell("A1", "2022-12-31T00:00:00." + "0" * 22 + "1", ' t="d"'), None),
    "date with a zone": Case(one_cell("A1", "2022-12-31T08:30:00+08:00", ' t="d"'), None),
    "duration": Case(one_cell("A1", "PT36H30M", ' t="d"'), None),
    "date": Case(one_cell("A1", "2020-12-31T00:00:00", ' t="d"'), None),
    "unknown type": Case(one_cell("A1", "x", ' t="zzz"'), None),
    "style that is no number": Case(one_cell("A1", 1, ' s="x"'), "file-xml-broken"),
    "text of 32,768 characters": Case(one_cell("A1", "字" * 32_768, ' t="str"'), "file-too-large"),
    "text of 32,767 characters": Case(one_cell("A1", "字" * 32_767, ' t="str"'), None),
    "shared text of 32,768 characters": Case(lambda: book(sst=strings("字" * 32_768)), "file-too-large"),
    "error value": Case(one_cell("A1", "#DIV/0!", ' t="e"'), None),
}
