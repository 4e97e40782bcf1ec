"""Every Word file perfxl writes keeps the order of the schema, and bears perfxl's mark."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from inbox import folder, intake
from lxml import etree

from perfxl.cli import run
from perfxl.output import read_seal
from perfxl.word.order import ORDER, put_in_order
from perfxl.word.report.word_template import template_bytes

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def disorder(data: bytes) -> list[str]:
    """Where properties stand in another order than the schema's, or twice, or are none."""
    found = []
    with ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            if not name.startswith("word/") or not name.endswith(".xml") or "theme" in name:
                continue
            for element in etree.fromstring(package.read(name)).iter():
                local = str(element.tag).removeprefix(W)
                if local in ORDER:
                    places = [ORDER[local].index(str(child.tag).removeprefix(W)) for child in element if str(child.tag).startswith(W)]
                    if places != sorted(places) or (len(places) != len(set(places)) and local != "sectPr"):
                        found.append(f"{name}: {local} {[str(child.tag).removeprefix(W) for child in element]}")
                if local == "zoom" and not element.get(f"{W}percent"):
                    found.append(f"{name}: zoom")
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    place = tmp_path_factory.mktemp("word")
    folder(place / "in", {"甲.xlsx": intake("甲馆", actual=None), "乙.xlsx": intake("甲馆", actual="x", evaluation="项目", project="一")})
    folder(place, {"名单.xlsx": intake()})
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["单位名称", "主管部门"], ["甲馆", "局"], ["丙馆", "局"]):
        book.active.append(row)
    book.save(place / "名单.xlsx")
    arguments = ["-o", str(place / "o.xlsx"), "--letters", str(place / "通知"), "--roster", str(place / "名单.xlsx"), "--workers", "1", "--no-ledger"]
    assert run(["consolidate", str(place / "in"), *arguments]) == 0
    assert run(["report", str(place / "in/甲.xlsx"), "-o", str(place / "报告.docx")]) == 0
    return {path.name: path.read_bytes() for path in place.rglob("*.docx")}


@pytest.mark.parametrize("name", ["甲馆_退回修改通知.docx", "催报通知.docx", "报告.docx"])
def test_properties_stand_in_the_order_of_the_schema_and_the_mark_is_there(written, name):
    assert disorder(written[name]) == []
    assert read_seal(written[name]).kind == ("report" if name == "报告.docx" else "letter")


def test_the_template_of_the_report_keeps_the_order_too():
    assert disorder(template_bytes()) == []


def test_what_stands_in_a_wrong_order_is_sorted_and_what_is_unknown_comes_last():
    root = etree.fromstring(f'<w:tcPr xmlns:w="{W[1:-1]}"><w:vAlign/><w:own/><w:vMerge/><w:tcW/></w:tcPr>')
    put_in_order(root)
    assert [child.tag.removeprefix(W) for child in root] == ["tcW", "vMerge", "vAlign", "own"]
