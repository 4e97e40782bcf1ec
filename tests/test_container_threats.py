"""Each container with each threat: the code that must come back, or what is read all the same. `hostile` holds those of .xlsx."""

from __future__ import annotations

import re
import struct
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import paper_samples as papers
import pytest
from small_forms import in_memory, small

from perfxl.catalogue import fix, message
from perfxl.intake.discover import content_of, find_files
from perfxl.intake.guard import Limits, Refusal
from perfxl.intake.reading import Refused, read_file, read_workbook
from perfxl.model import Issue

if TYPE_CHECKING:
    from collections.abc import Callable

XLSX, XLS, DOCX = in_memory(small()), papers.HUANGSHI_XLS.read_bytes(), papers.WORD.read_bytes()
SMALL = Limits(cells=40)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HTML = "<html><table><tr><td>三级指标</td></tr></table></html>".encode()


# packages


def repacked(data: bytes, changed: dict[str, bytes], *, flags: int = 0) -> bytes:
    """A package with some parts replaced or added."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()} | changed
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    made = bytearray(target.getvalue())
    if flags:
        for found in re.finditer(b"PK\3\4|PK\1\2", bytes(made)):
            made[found.start() + (6 if made[found.start() + 2] == 3 else 8)] |= flags
    return bytes(made)


def edited(data: bytes, part: str, edit: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return repacked(data, {part: edit(archive.read(part))})


def with_dtd(xml: bytes) -> bytes:
    return re.sub(rb"(<\?xml[^>]*\?>)?", rb'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', xml, count=1)


def deep(xml: bytes) -> bytes:
    return xml.replace(b"<w:body>", b"<w:body>" + b"<w:sdt><w:sdtContent>" * 200 + b"</w:sdtContent></w:sdt>" * 200)


BODY = "word/document.xml"
LINK = (b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" TargetMode="External" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="https://example.org/x.dotm"/></Relationships>')  # fmt: skip


# compound files


def table_sector(data: bytes) -> int:
    """Where the first sector of the allocation table begins."""
    (sector,) = struct.unpack_from("<I", data, 76)
    return (sector + 1) << 9


def chained(data: bytes, links: dict[int, int]) -> bytes:
    """A compound file some of whose sectors lead elsewhere."""
    made = bytearray(data)
    for sector, following in links.items():
        struct.pack_into("<I", made, table_sector(data) + 4 * sector, following)
    return bytes(made)


def entry_at(data: bytes, name: str) -> int:
    return data.index(name.encode("utf-16-le") + b"\0\0")


def first_sector(data: bytes) -> int:
    return struct.unpack_from("<I", data, entry_at(data, "Workbook") + 116)[0]


def set_at(data: bytes, at: int, content: bytes) -> bytes:
    return data[:at] + content + data[at + len(content) :]


def stream_at(data: bytes) -> int:
    return (first_sector(data) + 1) << 9


def with_password(data: bytes) -> bytes:
    """The second record of the workbook's stream is FILEPASS."""
    at = stream_at(data)
    (size,) = struct.unpack_from("<H", data, at + 2)
    return set_at(data, at + 4 + size, struct.pack("<H", 0x2F))


def with_macros(data: bytes) -> bytes:
    return data + "_VBA_PROJECT_CUR".encode("utf-16-le")


def another_document(name: str) -> bytes:
    return OLE + bytes(512) + name.encode("utf-16-le") + bytes(512)


READ = None


def merged_beyond(data: bytes) -> bytes:
    """The first merged area of a sheet, in a column that no sheet has."""
    for found in re.finditer(rb"\xe5\x00(..)(..)", data, re.DOTALL):
        length, areas = struct.unpack("<HH", found[1] + found[2])
        if areas and length == 2 + 8 * areas:
            return set_at(data, found.end() + 4, b"\xff\xff\xff\xff")
    raise LookupError


CASES: dict[str, tuple[str, bytes, str | None, Limits]] = {
    name: (*case, *([Limits()] if len(case) == 3 else []))
    for name, case in {
        # sound ones
        "xlsx": ("表.xlsx", XLSX, READ), "xls": ("表.xls", XLS, READ), "et": ("表.et", XLS, READ), "docx": ("表.docx", DOCX, READ),
        "xls named xlsx": ("表.xlsx", XLS, "file-is-xls"), "xlsx named xls": ("表.xls", XLSX, READ), "xlsx named et": ("表.et", XLSX, READ), "xlsx named docx": ("表.docx", XLSX, READ),
        "docx named xls": ("表.xls", DOCX, "file-not-a-workbook"), "docx named xlsx": ("表.xlsx", DOCX, "file-not-a-workbook"), "xls named docx": ("表.docx", XLS, "file-is-xls"),
        # encrypted
        "xlsx encrypted": ("表.xlsx", another_document("EncryptedPackage"), "file-encrypted"), "docx encrypted": ("表.docx", another_document("EncryptedPackage"), "file-encrypted"),
        "xls with a password": ("表.xls", with_password(XLS), "file-encrypted"), "et with a password": ("表.et", with_password(XLS), "file-encrypted"),
        "xls encrypted as a package": ("表.xls", another_document("EncryptedPackage"), "file-encrypted"),
        "docx with encrypted parts": ("表.docx", repacked(DOCX, {}, flags=1), "file-encrypted"), "xlsx with encrypted parts": ("表.xlsx", repacked(XLSX, {}, flags=1), "file-encrypted"),
        # macros: never touched
        "xlsx with macros": ("表.xlsx", repacked(XLSX, {"xl/vbaProject.bin": b"x"}), READ), "xls with macros": ("表.xls", with_macros(XLS), READ),
        "docx with macros": ("表.docx", repacked(DOCX, {"word/vbaProject.bin": b"x"}), READ),
        # bombs
        "docx bomb": ("表.docx", edited(DOCX, BODY, lambda xml: xml + b" " * (65 << 20)), "file-too-large"), "docx with many cells": ("表.docx", DOCX, "file-too-large", SMALL), "docx with many elements": ("表.docx", DOCX, "file-too-large", Limits(elements=500)),
        "xls with many cells": ("表.xls", XLS, "file-too-large", SMALL), "xls with many merged areas": ("表.xls", XLS, "file-too-large", Limits(merges=3)),
        "xls with a long stream": ("表.xls", XLS, "file-too-large", Limits(part_bytes=1000)), "docx with much text": ("表.docx", DOCX, "file-too-large", Limits(total_text=50)),
        "xls with much text": ("表.xls", XLS, "file-too-large", Limits(total_text=50)), "docx with many parts": ("表.docx", DOCX, "file-too-large", Limits(parts=3)),
        "xls with many sheets": ("表.xls", papers.FORMS.joinpath("17_湖北新洲_每个项目一个工作表_2020.xls").read_bytes(), "file-too-large", Limits(sheets=1)),
        "docx as large as none": ("表.docx", DOCX, "file-too-large", Limits(file_bytes=100)), "xls as large as none": ("表.xls", XLS, "file-too-large", Limits(file_bytes=100)),
        "xls merged beyond the last column": ("表.xls", merged_beyond(XLS), "file-damaged"),
        # XML
        "docx with a DTD": ("表.docx", edited(DOCX, BODY, with_dtd), "file-has-dtd"), "docx nested deeply": ("表.docx", edited(DOCX, BODY, deep), "file-xml-too-deep"),
        "docx with a namespace that is no address": ("表.docx", edited(DOCX, BODY, lambda xml: xml.replace(b"<w:body>", '<w:body xmlns:x="http://≥95%.cn">'.encode(), 1)), "file-xml-broken"),
        "docx broken XML": ("表.docx", edited(DOCX, BODY, lambda xml: xml[:-30]), "file-xml-broken"), "docx in UTF-7": ("表.docx", edited(DOCX, BODY, lambda _: b'<?xml version="1.0" encoding="UTF-7"?><a/>'), "file-encoding"),
        "docx without its part": ("表.docx", papers.utf8_zip({"a.xml": b"x"}), "file-part-missing"), "docx without a body": ("表.docx", edited(DOCX, BODY, lambda _: b"<a/>"), "file-part-missing"),
        # allocation tables
        "xls, a sector that leads to itself": ("表.xls", chained(XLS, {first_sector(XLS): first_sector(XLS)}), "file-damaged"),
        "xls, two sectors in a ring": ("表.xls", chained(XLS, {first_sector(XLS): first_sector(XLS) + 1, first_sector(XLS) + 1: first_sector(XLS)}), "file-damaged"),
        "xls, a sector beyond the end": ("表.xls", chained(XLS, {first_sector(XLS): 0x7FFFFFF0}), "file-damaged"), "xls, a free sector in the chain": ("表.xls", chained(XLS, {first_sector(XLS): 0xFFFFFFFF}), "file-damaged"),
        "xls, the chain ends early": ("表.xls", chained(XLS, {first_sector(XLS): 0xFFFFFFFE}), "file-damaged"), "xls, no allocation table counted": ("表.xls", set_at(XLS, 44, b"\0\0\0\0"), READ),
        "xls, endless allocation tables": ("表.xls", set_at(XLS, 68, b"\0\0\0\0\xff\xff\xff\x7f"), "file-damaged"), "xls, tiny sectors": ("表.xls", set_at(XLS, 30, b"\0\0"), "file-damaged"),
        "xls, sectors of no such size": ("表.xls", set_at(XLS, 30, b"\x1f\0"), READ), "xls, the directory is nowhere": ("表.xls", set_at(XLS, 48, b"\xff\xff\xff\x7f"), "file-damaged"),
        "xls, a stream longer than the file": ("表.xls", set_at(XLS, entry_at(XLS, "Workbook") + 120, b"\xff\xff\xff\x7f"), "file-damaged"),
        "xls, cut in half": ("表.xls", XLS[: len(XLS) // 2], "file-damaged"), "xls, the head alone": ("表.xls", XLS[:512], "file-damaged"), "xls, eight bytes": ("表.xls", OLE, "file-damaged"),
        "xls without a workbook": ("表.xls", set_at(XLS, entry_at(XLS, "Workbook"), "Workbxxk".encode("utf-16-le")), "file-not-a-workbook"),
        "docx, cut in half": ("表.docx", DOCX[: len(DOCX) // 2], "file-damaged"), "docx, bytes behind": ("表.docx", DOCX + b"x", "file-damaged"), "docx, empty": ("表.docx", b"", "file-empty"), "xls, empty": ("表.xls", b"", "file-empty"),
        "docx, nameless entry": ("表.docx", repacked(DOCX, {"../a.xml": b""}), "file-illegal-part-name"),
        # links out: never followed
        "docx with a template elsewhere": ("表.docx", repacked(DOCX, {"word/_rels/settings.xml.rels": LINK, "word/_rels/document.xml.rels": LINK}), READ),
        "xlsx with a link elsewhere": ("表.xlsx", repacked(XLSX, {"xl/externalLinks/_rels/externalLink1.xml.rels": LINK}), READ),
        # what is no such paper
        "doc named xls": ("表.xls", another_document("WordDocument"), "file-not-a-workbook"),
        "ods named xlsx": ("表.xlsx", papers.utf8_zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}), "file-extension"),
        "html named xls": ("表.xls", HTML, "file-is-html"), "html named et": ("表.et", HTML, "file-is-html"), "html named docx": ("表.docx", HTML, "file-is-html"), "text named xls": ("表.xls", b"hello", "file-not-xlsx"), "rtf named docx": ("表.docx", rb"{\rtf1 hello}", "file-not-xlsx"),
        "zip in zip": ("内.zip", papers.utf8_zip({"表.xlsx": XLSX}), "zip-in-zip"),
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_threat_in_a_container_has_its_code(name):
    shown, data, code, limits = CASES[name]
    read = read_workbook(data, source=shown, limits=limits)
    if code is READ:
        assert not isinstance(read, Refused), read
        assert read[0].rows["indicators"]
        return
    assert isinstance(read, Refused)
    assert read.code == code
    issue = Issue(0, read.code, details=read.details)
    texts = [words(issue, lang) for words in (message, fix) for lang in ("zh", "en")]
    assert not [text for text in texts if not text or "{" in text]


@pytest.mark.parametrize("name", ["xlsx with macros", "xls with macros", "docx with macros"])
def test_macros_are_named_and_never_touched(name):
    shown, data, _, _ = CASES[name]
    (read,) = read_workbook(data, source=shown)
    assert "file-has-macros" in {issue.code for issue in read.issues}


@pytest.mark.parametrize("name", ["表.ods", "表.doc", "表.rar", "表.7z", "表.xlsb"])
def test_what_no_library_reads_is_refused_by_its_name(tmp_path, name):
    (tmp_path / name).write_bytes(another_document("WordDocument"))
    read = read_file(tmp_path / name)
    assert isinstance(read, Refused)
    assert (read.code, read.details["ext"]) == ("file-extension", name[1:])


def bomb(size: int) -> bytes:
    """A zip with an entry that inflates to so many bytes."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("表.xlsx", bytes(size))
    return target.getvalue()


def lying(data: bytes, entry: int, declared: int) -> bytes:
    """A zip whose directory declares another size of an entry."""
    at = [found.start() for found in re.finditer(b"PK\1\2", data)][entry]
    return set_at(data, at + 24, struct.pack("<I", declared))


@pytest.mark.parametrize(("data", "limits", "listed"), [
    (papers.utf8_zip({"表.xlsx": XLSX}), Limits(), {"包.zip": "ignored-archive", "包.zip › 表.xlsx": ""}),
    (papers.gbk_zip({"表.xlsx": XLSX}, flags=1), Limits(), {"包.zip": "ignored-archive", "包.zip › 表.xlsx": "file-encrypted"}),
    (papers.utf8_zip({"内.zip": papers.utf8_zip({"表.xlsx": XLSX}), "内.ZIP": b"x"}), Limits(), {"包.zip": "ignored-archive", "包.zip › 内.zip": "zip-in-zip", "包.zip › 内.ZIP": "zip-in-zip"}),
    (bomb(9000), Limits(archive_bytes=8000), {"包.zip": "file-too-large"}), (papers.utf8_zip({f"{n}.xlsx": b"x" for n in range(9)}), Limits(parts=8), {"包.zip": "file-too-large"}),
    (papers.utf8_zip({"表.xlsx": XLSX})[:-40], Limits(), {"包.zip": "zip-damaged"}), (b"PK\3\4" + bytes(100), Limits(), {"包.zip": "zip-damaged"}), (b"", Limits(), {"包.zip": "zip-damaged"}), (XLS, Limits(), {"包.zip": "zip-damaged"}),
    (b"Rar!\x1a\7\0" + bytes(60), Limits(), {"包.zip": "zip-damaged"}),
])  # fmt: skip
def test_a_threat_of_a_zip_has_its_code(tmp_path, data, limits, listed):
    (tmp_path / "包.zip").write_bytes(data)
    assert {found.shown: str(found.code) for found in find_files([tmp_path / "包.zip"], limits)} == listed


@pytest.mark.parametrize(("data", "limits", "code"), [
    (bomb(20 << 20), Limits(file_bytes=1 << 20), "file-too-large"), (lying(bomb(9000), 0, 10), Limits(), "file-damaged"), (lying(papers.gbk_zip({"表.xlsx": XLSX}), 0, 9), Limits(), "file-damaged"),
])  # fmt: skip
def test_an_entry_that_is_a_threat_has_its_code(tmp_path, data, limits, code):
    (tmp_path / "包.zip").write_bytes(data)
    (entry,) = [found for found in find_files([tmp_path / "包.zip"]) if found.inside]
    refused = content_of(entry, limits)
    assert isinstance(refused, Refusal)
    assert refused.code == code
