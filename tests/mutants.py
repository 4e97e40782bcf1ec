"""Mutants of valid intakes, seeded: bytes flipped, parts dropped, XML edited, cells replaced by anything.

`mutant(number, seed)` is a name and the bytes of a workbook; the same number and seed give the same bytes, always.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Parts = dict[str, bytes]

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "pingxiang_library_2020.xlsx"

UNIT = (
    ("单位名称", "示例图书馆"),
    ("预算单位编码", "00123"),
    ("主管部门", "示例文旅局"),
    ("预算年度", "2020"),
    ("自评类型", "部门整体"),
    ("金额单位", "万元"),
    ("编制人数", 30),
    ("年末在职人数", 26),
    ("自评总分", 95),
    ("自评等级", "优"),
    ("报送次数", 1),
    ("填报日期", "2021-03-01"),
)
BUDGET = (
    ("资金类别", "资金项目", "年初预算数", "全年预算数", "全年执行数", "执行率", "分值", "自评得分", "偏差原因及改进措施"),
    ("合计", "年度资金总额", 110, 110, 104.5, None, 10, 9.5, "项目结余"),
    ("按来源", "当年财政拨款", 100, 100, 95, None, None, None, "项目结余"),
    ("按来源", "其他资金", 10, 10, 9.5, None, None, None, None),
)
GOALS = (("序号", "预期目标", "实际完成情况"), (1, "举办展览50场", "举办展览52场"), (2, "完成文献数字化", "已完成"))
INDICATORS = (
    (
        "一级指标",
        "二级指标",
        "三级指标",
        "指标性质",
        "年度指标值",
        "计量单位",
        "实际完成值",
        "完成等级",
        "分值",
        "自评得分",
        "偏差原因分析及改进措施",
        "佐证材料",
        "备注",
    ),
    ("产出指标", "数量指标", "举办展览场数", "≥", "50场", "场", "52场", None, 20, 20, None, "台账", None),
    ("产出指标", "质量指标", "图书验收合格率", "≥", "95%", "%", "90%", None, 10, 9.47, "供货延期", None, "甲"),
    ("产出指标", "时效指标", "采购完成时间", "期限", "2020年12月底前", None, "2020年11月", None, 10, 10, None, None, None),
    ("产出指标", "成本指标", "人均培训成本", "≤", "300元", "元", 280, None, 10, 10, None, None, None),
    ("效益指标", "社会效益指标", "阅读氛围", "定性", "明显提升", None, "明显提升", "达成", 20, 20, None, None, None),
    ("效益指标", "可持续影响指标", "志愿者人数", "=", "100~120", "人", 110, None, 10, 10, None, None, None),
    ("满意度指标", "服务对象满意度指标", "读者满意度", "≥", "90%", "%", "96%", None, 10, 10, None, "问卷", None),
)
SHEETS = {"基本信息": (("项目", "填写内容"), *UNIT), "预算执行": BUDGET, "年度目标": GOALS, "绩效指标": INDICATORS}
FORM = {name: f"xl/worksheets/sheet{n}.xml" for n, name in enumerate(SHEETS, 1)}
"""The part of each sheet of `intake`."""


def stored(ref: str, value: object) -> str:
    """One cell, as a writer without a string table would store it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{ref}"><v>{value}</v></c>'


def letters(index: int) -> str:
    """The column of an index from 0."""
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index]


@lru_cache(maxsize=1)
def intake_parts() -> Parts:
    """The parts of a small complete intake in which every indicator is scored; do not change."""
    sheets = [
        "".join(f'<row r="{n}">{"".join(stored(f"{letters(i)}{n}", value) for i, value in enumerate(row))}</row>' for n, row in enumerate(rows, 1))
        for rows in SHEETS.values()
    ]
    return as_bytes(hostile.parts(*map(hostile.sheet, sheets), names=tuple(SHEETS)))


def as_bytes(parts: Mapping[str, str | bytes]) -> Parts:
    return {name: part.encode() if isinstance(part, str) else part for name, part in parts.items()}


def intake(cells: Mapping[tuple[str, str], str] | None = None) -> bytes:
    """The small intake with some cells (sheet, address) replaced by XML; "" leaves the cell out."""
    parts = dict(intake_parts())
    for (sheet, ref), xml in (cells or {}).items():
        parts[FORM[sheet]] = with_cell(parts[FORM[sheet]], ref, xml)
    return pack(parts)


def pack(parts: Mapping[str, bytes], method: int = ZIP_STORED) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), content, method)
    return target.getvalue()


def unpack(data: bytes) -> Parts:
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_cell(sheet: bytes, ref: str, xml: str) -> bytes:
    """A worksheet with one cell replaced, or put in its place where it was blank."""
    cell = re.compile(rf'<c r="{ref}"[^>]*?(?:/>|>.*?</c>)'.encode(), re.DOTALL)
    if cell.search(sheet):
        return cell.sub(lambda _: xml.encode("utf-8", "surrogatepass"), sheet, count=1)
    row = ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    column = ref.removesuffix(row)
    head = re.search(rf'<row r="{row}"[^>]*>'.encode(), sheet)
    assert head, ref
    end = at = head.end()
    for other in re.finditer(rf'<c r="([A-Z]+){row}"[^>]*?(?:/>|>.*?</c>)'.encode(), sheet[at:], re.DOTALL):
        name = other[1].decode()
        if (len(name), name) > (len(column), column):
            break
        end = at + other.end()
    return sheet[:end] + xml.encode("utf-8", "surrogatepass") + sheet[end:]


# ── what a cell can hold ──

TEXTS = (
    " ",
    "　",
    "-",
    "—",
    "/",
    "无",
    "不涉及",
    "……",
    "★",
    "0",
    "０",
    "９５％",
    "95%以上",
    "约50",
    "近50场",
    "50余场",
    "≥50",
    "小于50",
    "1/0",
    "50-60",
    "五十",
    "伍拾场",
    "1e308",
    "-1e308",
    "1e-308",
    "9" * 400,
    "0." + "3" * 400,
    "1" * 5000,
    "1,234,567,890.12",
    "1，234",
    "1.2.3",
    "--5",
    "+",
    "%",
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "None",
    "True",
    "#DIV/0!",
    "#REF!",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "{=1}",
    "@SUM(1)",
    "+1",
    "-1",
    "http://example.invalid/",
    "internal:绩效指标!A1",
    "external:\\\\host\\share",
    '=DISPIMG("ID_1",1)',
    "😀" * 20,
    "\U0001f468‍\U0001f469‍\U0001f467",
    "\u202e反向",
    "\u2066",
    "第一行\n第二行\n50场",
    "制表\t符",
    "_x0000_",
    "_x0007_x",
    "_xD800_",
    "_xFFFE_",
    "á̂́" * 60,
    "㍿㋿①Ⅳ㊿",
    "ﷺ" * 50,
    "字" * 32_767,
    "长文" * 5_000,
    "亿亿亿亿亿",
    "100亿亿",
    "5万万元",
    "1万亿次",
    "9999年13月45日",
    "2020年2月30日",
    "0000-00-00",
    "2020-12-31",
    "二〇二〇年十二月",
    "次年",
    "2020年底前到2019年",
    "<b>粗</b>",
    "&amp;",
    "]]>",
    "'",
    '"',
    "\\",
    "../../etc/passwd",
    "%s%n{0}{x}",
    "{",
    "}}",
    "指标1:",
    "其中：甲",
    "合计",
    "预算执行率",
    "调整",
    "达成",
    "不适用",
    "未达成",
    "优",
    "差",
    "元",
    "万元",
    "2020",
    "1899",
    "99999",
    "(50)",
    "50(含)",
    "[1,2]",
    "½",
    "50~",
    "~50",
    "10~1",
    "1~2~3",
    "3σ",
    "百分之九十五",
    "千分之五",
    "１：２",
    "90分",
    "10/0",
    "0/0",
    "1÷0",
    "2**999",
    "((((1))))",
    "1+" * 500 + "1",
    "(" * 300,
    "不低于" * 100,
    "至少至多5",
    "≥≤5",
    "≥" * 50 + "1",
)
NUMBERS = (
    "0",
    "-0",
    "1",
    "-1",
    "0.95",
    "1E308",
    "-1E+308",
    "1E-308",
    "4.9E-99",
    "1E15",
    "1E16",
    "12345678901234567890",
    "99999999999999999999999",
    "0.1",
    "100",
    "1000000",
    "44196",
    "2958465",
    "2958466",
    "-44196",
    "1E10",
)
OTHERS = (
    ' t="e"><v>#DIV/0!</v>',
    ' t="e"><v>#REF!</v>',
    ' t="e"><v>#N/A</v>',
    ' t="e"><v>#VALUE!</v>',
    ' t="e"><v>#GETTING_DATA</v>',
    ' t="b"><v>1</v>',
    ' t="b"><v>0</v>',
    ' t="d"><v>2020-12-31</v>',
    ' t="d"><v>2020-12-31T23:59:59</v>',
    ' t="d"><v>0001-01-01</v>',
    ' t="d"><v>9999-12-31</v>',
    "><f>1/0</f>",
    "><f>A1</f><v>5</v>",
    ' t="str"><f>""</f><v></v>',
    ' t="str"><f>"x"</f><v>x</v>',
    "><f>[1]S!A1</f><v>9</v>",
    ' t="inlineStr"><is><r><t>5</t></r><r><t>0场</t></r></is>',
    ' t="inlineStr"><is><t/></is>',
    ' t="inlineStr"><is/>',
    ">",
    "><v/>",
    ' t="str"><v>&#13;&#10;</v>',
    ' t="str"><v>&#x85;&#x9f;</v>',
    ' t="str"><v>a&#xD7FF;</v>',
    ' t="inlineStr"><is><t>甲</t><rPh sb="0" eb="1"><t>ㄐ</t></rPh></is>',
    ' t="zzz"><v>1</v>',
)
BROKEN = (
    ' t="s"><v>0</v>',
    ' t="s"><v>-1</v>',
    "><v>NaN</v>",
    "><v>1e999</v>",
    "><v>文</v>",
    ' t="b"><v>2</v>',
    ' t="str"><v>\x07</v>',
    ' t="str"><v>\ud800</v>',
    ' t="str"><v>&#0;</v>',
    ' t="str"><v>&#xD800;</v>',
    ' t="str"><v>&#xFFFF;</v>',
    ' t="d"><v>2020-13-01</v>',
    "><v>1</v",
    ' s="99999"><v>1</v>',
    ' t="str"><v>' + "字" * 32_768 + "</v>",
)
"""What no reader may let through unchanged; each must end as a refusal or as a cell with an issue."""


def cell_xml(ref: str) -> list[str]:
    """Every bad value as the XML of the cell `ref`, and the blank."""
    listed = [stored(ref, text) for text in TEXTS] + [f'<c r="{ref}"><v>{number}</v></c>' for number in NUMBERS]
    return ["", *listed, *(f'<c r="{ref}"{other}</c>' for other in OTHERS)]


# ── four kinds of mutation ──


def bytes_changed(rng: random.Random, data: bytes) -> bytes:
    """Bytes flipped, cut, doubled, inserted, in the file as it lies on the disk."""
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        at = rng.randrange(len(result))
        size = rng.choice((1, 1, 2, 4, 30, 300))
        match rng.randrange(7):
            case 0 | 1:
                result[at] ^= 1 << rng.randrange(8)
            case 2:
                result[at : at + size] = rng.randbytes(min(size, len(result) - at))
            case 3:
                del result[at : at + size]
            case 4:
                result[at:at] = result[at : at + size]
            case 5:
                result[at : at + size] = rng.choice((b"\0", b"\xff", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"))
            case _:
                del result[at:]
        if len(result) < 8:
            break
    return bytes(result)


def parts_changed(rng: random.Random, parts: Parts) -> bytes:
    """Parts dropped, emptied, cut, exchanged, doubled, renamed."""
    result = dict(parts)
    name = rng.choice([*result])
    other = rng.choice([*result])
    match rng.randrange(10):
        case 0 | 1:
            del result[name]
        case 2:
            result[name] = b""
        case 3:
            result[name] = result[name][: rng.randrange(len(result[name]) + 1)]
        case 4:
            result[name], result[other] = result[other], result[name]
        case 5:
            result[name] = result[other]
        case 6:
            result[rng.choice((name.upper(), name.replace("/", "\\"), "/" + name, "../" + name, name + " ", "xl/" + name))] = result.pop(name)
        case 7:
            result[rng.choice(("xl/vbaProject.bin", "xl/media/image1.png", "customXml/item1.xml", "xl/externalLinks/externalLink1.xml"))] = (
                rng.randbytes(200)
            )
        case 8:
            result[name] = rng.randbytes(rng.randrange(400))
        case _:
            result[name] *= 2
    return pack(result, rng.choice((ZIP_STORED, ZIP_DEFLATED)))


NASTY = (
    "",
    "0",
    "-1",
    "1",
    "2147483648",
    "99999999999999999999",
    "1e999",
    "NaN",
    "true",
    "xml",
    "A1",
    "XFD1048576",
    "A0",
    "AAAA1",
    "A1:B2:C3",
    "rId1",
    "rId999",
    "../../x",
    "/etc/passwd",
    "http://example.invalid/",
    "\u202e",
    "😀",
    "字" * 300,
    "&#x41;",
    "&lt;",
    "&bogus;",
    "<",
    "s",
    "str",
    "inlineStr",
    "e",
    "b",
    "d",
    "n",
    "1904",
    "hidden",
    "worksheet",
)
_TAG = re.compile(rb"<[^<>?!]+>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_ELEMENT = re.compile(rb"<(\w+)\b[^<>]*/>|<(\w+)\b[^<>]*>[^<>]*</\2>|<(\w+)\b[^<>]*>(?:<(\w++)[^<>]*>[^<>]*</\4>|<\w++[^<>]*/>)+</\3>")
"""Names are taken whole (`++`): given back letter by letter, a row of many short elements would take years."""


def xml_changed(rng: random.Random, parts: Parts) -> bytes:
    """One to four edits in one part: elements deleted, doubled, moved, attributes and texts replaced, bytes flipped."""
    result = dict(parts)
    name = rng.choice([part for part in result if part.endswith((".xml", ".rels")) and "theme" not in part and "app.xml" not in part])
    content = result[name]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = _edited(rng, content)
    result[name] = content
    return pack(result)


def _edited(rng: random.Random, content: bytes) -> bytes:
    pattern: re.Pattern[bytes] = rng.choice((_TAG, _ATTRIBUTE, _ELEMENT, _ELEMENT))
    found = list(pattern.finditer(content))
    nasty = rng.choice(NASTY).encode()
    if not found:
        return content + nasty
    at = rng.choice(found)
    before, piece, after = content[: at.start()], at[0], content[at.end() :]
    kind = rng.randrange(9)
    if kind == 0:
        return before + after
    if kind == 1:
        return before + piece * rng.choice((2, 3, 70)) + after
    if kind == 2:
        other = rng.choice(found)
        return before + other[0] + after
    if kind == 3 and pattern is _ATTRIBUTE:
        return before + at[1] + b'="' + nasty + b'"' + after
    if kind == 3:
        return before + re.sub(rb">[^<>]*<", lambda _: b">" + nasty + b"<", piece, count=1) + after
    if kind == 4:
        return before + re.sub(rb"\d+", lambda _: nasty, piece, count=1) + after
    if kind == 5:
        spot = rng.randrange(len(content))
        return content[:spot] + bytes([content[spot] ^ (1 << rng.randrange(8))]) + content[spot + 1 :]
    if kind == 6:
        return before + b"<x " + nasty + b"/>" + piece + after
    if kind == 7:
        return (
            before
            + rng.choice((b"<!-- -->", b"<![CDATA[1]]>", b"<?pi?>", b"<!DOCTYPE x>", b"\0", b"\xff", b"&#10;", b"<x/>", b"<x><c/></x>"))
            + piece
            + after
        )
    return before + piece.replace(b'r="', b'q="', 1) + after


def cells_changed(rng: random.Random) -> bytes:
    """One to six cells of the small intake replaced by anything, broken ones included."""
    cells = {}
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        sheet = rng.choice([*SHEETS])
        ref = f"{letters(rng.randrange(13 if sheet == '绩效指标' else 3))}{rng.randint(1, len(SHEETS[sheet]))}"
        kind = rng.randrange(10)
        cells[sheet, ref] = (
            f'<c r="{ref}"{rng.choice(BROKEN)}</c>' if kind == 0 else random_text(rng, ref) if kind == 1 else rng.choice(cell_xml(ref))
        )
    return intake(cells)


PIECES = (
    "50",
    "95%",
    "万",
    "人次",
    "≥",
    "不少于",
    "～",
    "-",
    "年",
    "月",
    "2020",
    "12",
    "。",
    "，",
    "(",
    ")",
    "约",
    "以上",
    "每",
    "/",
    "场",
    "元",
    ".",
    "0",
    "完成",
    "未",
    "\n",
    "其中",
    "、",
    "亿",
    "第",
    "季度",
    "底前",
    "\u200b",
    "e",
    "①",
)


def random_text(rng: random.Random, ref: str) -> str:
    """A cell of random pieces of what people and programs write."""
    return stored(ref, "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 12))))


@lru_cache(maxsize=1)
def sample() -> bytes:
    return SAMPLE.read_bytes()


@lru_cache(maxsize=1)
def sample_parts() -> Parts:
    return unpack(sample())


def made_long(rng: random.Random) -> bytes:
    """One text of a few pieces over and over, as long as a cell may be, in a cell or its formula: nothing may take the square of it."""
    pieces = rng.sample((*PIECES, *TEXTS[:40], "[", "]", "'", "''", '"', "!", "$A$1", "1,", "1场,", "(1)", "2020-"), rng.randint(1, 3))
    text = "".join(pieces)
    text = (rng.choice(("", "目标1:", "1", "(", "'")) + text * (32_000 // len(text) + 1))[: rng.choice((1_000, 32_000, 32_000))]
    sheet = rng.choice([*SHEETS])
    ref = f"{letters(rng.randrange(13 if sheet == '绩效指标' else 3))}{rng.randint(1, len(SHEETS[sheet]))}"
    return intake({(sheet, ref): stored(ref, text) if rng.random() < 0.8 else f'<c r="{ref}"><f>{escape(text)}</f><v>5</v></c>'})


KINDS: dict[str, Callable[[random.Random], bytes]] = {
    "bytes": lambda rng: bytes_changed(rng, rng.choice((sample(), intake()))),
    "parts": lambda rng: parts_changed(rng, rng.choice((sample_parts(), intake_parts(), intake_parts()))),
    "xml": lambda rng: xml_changed(rng, intake_parts() if rng.random() < 0.9 else sample_parts()),
    "cells": cells_changed,
    "long": made_long,
}


def mutant(kind: str, number: int, seed: int = 2020) -> bytes:
    """The mutant of this kind and number."""
    return KINDS[kind](random.Random(f"{seed} {kind} {number}"))
