"""Papers of every container, made from the handed forms: zips with names in UTF-8 or GBK, mixed inboxes, documents in pieces."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as DocumentObject

from perfxl.intake.forms import Grid
from perfxl.intake.submission import text_of

FORMS = Path(__file__).parent / "data" / "forms"
LANGFANG = FORMS / "01_全国10号_廊坊食品工程学校_2019.xlsx"
HUANGSHI_XLS = FORMS / "06_湖北黄石图书馆_共享工程_2022.xls"
XINZHOU = FORMS / "17_湖北新洲_每个项目一个工作表_2020.xlsx"
YINCHUAN = FORMS / "14_宁夏银川_初中公用经费_2021.xlsx"
WORD = FORMS / "D1_廊坊食品工程学校_项目自评表.docx"


def gbk_zip(files: dict[str, bytes], *, flags: int = 0) -> bytes:
    """A stored zip as Windows and WPS write it: names in GBK, no flag that says so. `flags` are those of every entry."""
    local, directory = [], []
    offset = 0
    for name, content in files.items():
        raw = name.encode("gbk")
        common = struct.pack("<HHHHHIIIHH", 20, flags, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(raw), 0)
        local.append(b"PK\x03\x04" + common + raw + content)
        directory.append(b"PK\x01\x02\x14\0" + common + bytes(10) + struct.pack("<I", offset) + raw)
        offset += len(local[-1])
    listed = b"".join(directory)
    return b"".join((*local, listed, struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(files), len(files), len(listed), offset, 0)))


def utf8_zip(files: dict[str, bytes]) -> bytes:
    """The same as most programs write it."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2021, 3, 1, 0, 0, 0)), content)
    return target.getvalue()


def document(*tables: list[list[str]], lines: tuple[str, ...] = (), between: str = "") -> bytes:
    """A Word document of plain tables below some lines."""
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    for at, rows in enumerate(tables):
        if at and between:
            made.add_paragraph(between)
        table = made.add_table(len(rows), max(map(len, rows)))
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                table.cell(i, j).text = text
    return saved(made)


def saved(made: DocumentObject) -> bytes:
    """The bytes of a document."""
    target = BytesIO()
    made.save(target)
    return target.getvalue()


FACTS = [
    ["项目名称", "免费开放", "实施单位", "示例市图书馆"],
    ["资金（万元）", "全年预算数", "全年执行数", "分值"],
    ["年度资金总额", "50", "50", "10"],
]
HEAD = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"]
ROWS = [
    ["产出指标", "数量指标", "开放天数", "≥270天", "300天", "50", "50", ""],
    ["效益指标", "社会效益", "到馆人次", "≥40万人次", "41万人次", "30", "30", ""],
    ["满意度指标", "服务对象满意度", "读者满意度", "≥90%", "95%", "10", "10", ""],
]
TOTAL = ["总分", "", "", "", "", "100", "100", ""]


def laid_in(made: DocumentObject, grid: Grid) -> None:
    """A grid as a table at the end of a document, its merged areas merged; hidden columns of perfxl's own left out."""
    right = max(area[3] for area in grid.areas.values())
    table = made.add_table(grid.last_row, right)
    for (row, column), value in grid.cells.items():
        if column <= right:
            _, _, last_row, last_column = grid.area(row, column)
            cell = table.cell(row - 1, column - 1)
            if (last_row, last_column) != (row, column):
                cell = cell.merge(table.cell(last_row - 1, last_column - 1))
            cell.text = text_of(value)
