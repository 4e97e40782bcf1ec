"""The ledger as one workbook and back: every table that cannot be had again, row by row, without loss.

The tables and their columns are the database's own, so that a new table follows from its declaration; here are only the
Chinese titles. Blobs are base64. A text that no cell can hold whole goes on in the sheet `长文字`; a character that none can
hold is written as `_x000D_`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from perfxl.intake.guard import CellError, Limits, Refusal, open_bytes, read_bytes
from perfxl.intake.guard.limits import MIB
from perfxl.intake.heading import HEADER_WINDOW
from perfxl.intake.readers.openpyxl_reader import read_sheets
from perfxl.intake.submission import folded, text_of
from perfxl.intake.tables import MAX_COLUMN
from perfxl.model import FileFate, Issue, PerfxlError
from perfxl.model.addresses import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from perfxl.consolidation.ledger import KeptColumn
    from perfxl.intake.readers import Sheet

SHEETS: Mapping[str, str] = {
    "history": "历次报送",
    "results": "各次汇总得分",
    "details": "指标明细（压缩）",
    "rulings": "裁定",
    "remarks": "回复和办理",
    "reviews": "复核记录",
    "review_log": "复核台账",
    "rounds": "各次汇总",
    "members": "名单单位",
}
"""Table to the title of its sheet."""
LONG = "长文字"
LONG_COLUMNS = ("表", "行", "栏目", "序号", "文字")

TITLES: Mapping[str, str] = {
    "sha256": "文件SHA-256",
    "part": "部分",
    "scheme": "方案编号",
    "scheme_title": "评分方案",
    "unit": "单位键",
    "unit_name": "单位名称",
    "unit_key": "事项键",
    "code": "填报的编码",
    "name": "填报的名称",
    "year": "预算年度",
    "evaluation": "自评类型",
    "project": "项目名称",
    "source": "文件",
    "fate": "处理",
    "submission_count": "报送次数",
    "filled_on": "填报日期",
    "total": "总分",
    "low": "最低",
    "high": "最高",
    "grade": "等级",
    "provisional": "暂定",
    "errors": "必须改正",
    "perfxl": "perfxl版本",
    "recorded": "记录时间",
    "run": "汇总时间",
    "rank": "排名",
    "counted": "计入合计",
    "initial": "年初预算数（万元）",
    "full_year": "全年预算数（万元）",
    "executed": "全年执行数（万元）",
    "levels": "一级指标得分",
    "made": "生成标识",
    "packed": "内容（压缩）",
    "reason": "事由代码",
    "word": "裁定",
    "by": "裁定人",
    "day": "日期",
    "note": "备注",
    "file": "文件",
    "key": "事项键",
    "number": "编号",
    "sheet": "工作表",
    "cell": "单元格",
    "level3": "三级指标",
    "value": "原填内容",
    "problem": "问题",
    "reply": "单位回复",
    "result": "办理结果",
    "item": "事项键",
    "identity": "行标识",
    "nth": "第几行",
    "of": "相同行数",
    "content": "表标识",
    "level1": "一级指标",
    "level2": "二级指标",
    "operator": "指标性质",
    "target_text": "指标值",
    "weight": "分值",
    "actual": "自评完成值",
    "review_actual": "复核完成值",
    "review_score": "复核得分",
    "clause": "依据条款",
    "evidence": "佐证材料核对",
    "answer": "单位意见",
    "conflict": "复核冲突",
    "book": "复核表标识",
    "line": "行号",
    "columns": "栏目位置",
    "said": "出处",
    "before": "原",
    "after": "新",
    "state": "状态",
    "final_total": "最终得分",
    "final_grade": "最终等级",
    "final_provisional": "最终暂定",
    "execution_weight": "预算执行分值",
    "execution_score": "预算执行得分",
    "output": "汇总工作簿",
    "missing": "收口方式",
    "authority": "主管部门",
    "former": "曾用名",
    "short": "简称",
    "merged": "并入",
}
"""Column to its title, in every table; one without a title keeps its name."""
_OWN: Mapping[str, Mapping[str, str]] = {"rulings": {"unit": "属于的单位", "day": "裁定日期"}, "remarks": {"unit": "单位名称"}}
"""Columns that are called otherwise in one table."""
_WORDS: Mapping[str, Mapping[object, str]] = {
    "fate": {**{str(fate): fate.zh for fate in FileFate}, "undecided": "待裁定"},
    "provisional": {1: "是", 0: "否"},
    "final_provisional": {1: "是", 0: "否"},
    "counted": {1: "是", 0: "否"},
}
"""Values that stand as words."""
_MEANT = {column: {word: value for value, word in words.items()} for column, words in _WORDS.items()}

ROOM = Limits(file_bytes=256 * MIB, part_bytes=1024 * MIB, book_bytes=2048 * MIB, cells=20_000_000, window_rows=1_048_576, shared_strings=20_000_000)
"""What a ledger's workbook may cost to read: the office's own file, larger than any intake."""
LARGEST = 64 * MIB
"""Bytes that the indicators of one submission may unpack to."""


def title_of(table: str, column: str) -> str:
    """The title of a column."""
    return _OWN.get(table, {}).get(column) or TITLES.get(column, column)


# out


_CODED = re.compile("_(?=x[0-9a-fA-F]{4}_)")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cell_of(column: str, value: object) -> str | float | None:
    """A value as its cell holds it: a number only where all its digits survive."""
    if value is None or value == "":
        return None
    if (word := _WORDS.get(column, {}).get(value)) is not None:
        return word
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, int | float):
        return value if math.isfinite(value) and float(f"{value:.16G}") == value else repr(value)
    text = _CODED.sub("_x005F_", str(value))
    return _ODD.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def digest_of(cells: Sequence[object]) -> str:
    """What a row is called in 长文字: its key, as the cells hold it."""
    return hashlib.sha256(json.dumps([str(cell or "") for cell in cells]).encode("utf-8", "surrogatepass")).hexdigest()


# in


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that says nothing that can be kept; its row is left out."""

    sheet: str
    cell: str
    why: str


@dataclass(slots=True)
class Exchange:
    """What a workbook gives back: rows by table, and what could not be taken."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)


def read_exchange(path: Path, kept: Mapping[str, Sequence[KeptColumn]], limits: Limits = ROOM) -> Exchange:
    """The rows of a workbook that `export` wrote; sheets may be sorted, filtered or left out.

    Raises:
        PerfxlError: the file is refused by the guard, or holds no table of a ledger.
    """
    from perfxl.catalogue import fix, message

    data = read_bytes(path, limits)
    opened = data if isinstance(data, Refusal) else open_bytes(data, limits)
    if isinstance(opened, Refusal):
        issue = Issue(0, opened.code, details=opened.details)
        do, to_do = fix(issue), fix(issue, "en")
        if opened.code == "file-too-large":
            do, to_do = "台账这么大时，请直接复制台账文件（.sqlite）。", "Copy the ledger itself (.sqlite) instead."
        raise PerfxlError(f"“{path.name}”：{message(issue)}{do}", en=f"{path.name}: {message(issue, 'en')} {to_do}")
    titles = {SHEETS.get(table, table): table for table in kept}
    try:
        sheets = read_sheets(opened, lambda _: True, max_row=limits.window_rows, max_column=MAX_COLUMN)
    except Exception as error:  # openpyxl refuses honest oddities with any exception
        raise PerfxlError(f"“{path.name}”读不出来（{type(error).__name__}）。请用 Excel 或 WPS 打开后另存为 .xlsx。") from error
    found = Exchange()
    further = _further([sheet for sheet in sheets if _plain(sheet.title) == LONG])
    for sheet in sheets:
        table = titles.get(_plain(sheet.title))
        if table is not None:
            found.tables.setdefault(table, []).extend(_rows(sheet, table, kept[table], further, found.wrong))
        elif _plain(sheet.title) != LONG and sheet.rows:
            found.wrong.append(Wrong(sheet.title, "", "不是台账的表，没有读"))
    if not found.tables:
        raise PerfxlError(
            f"“{path.name}”里没有台账的表（{'、'.join(titles)}）。请用 perfxl ledger export 导出的工作簿。",
            en=f"{path.name} holds no table of a ledger. Give a workbook that `perfxl ledger export` wrote.",
        )
    for (table, _, column), pieces in further.items():
        if pieces:
            found.wrong.append(Wrong(LONG, "", f"“{table}”的“{column}”有一段续文找不到它的行"))
    return found


def _plain(title: str) -> str:
    return re.sub(r"\(\d+\)$", "", title)


def _header(sheet: Sheet, wanted: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Where the rows begin, and which column has which title; every title is folded."""
    known = {folded(title): title for title in wanted}
    for at, (number, values) in enumerate(sheet.rows):
        columns = {known[folded(v)]: i for i, v in reversed(list(enumerate(values))) if isinstance(v, str) and folded(v) in known}
        if len(columns) * 2 > len(wanted):
            return at + 1, columns
        if number > HEADER_WINDOW:
            break
    return len(sheet.rows), {}


Further = dict[tuple[str, str, str], list[tuple[float, str]]]


def _further(sheets: Sequence[Sheet]) -> Further:
    found: Further = {}
    for sheet in sheets:
        start, columns = _header(sheet, LONG_COLUMNS)
        if len(columns) < len(LONG_COLUMNS):
            continue
        for _, values in sheet.rows[start:]:
            table, row, column, number, text = (values[columns[title]] if columns[title] < len(values) else None for title in LONG_COLUMNS)
            if isinstance(number, int | float) and isinstance(text, str):
                found.setdefault((text_of(table), text_of(row), text_of(column)), []).append((float(number), text))
    return found


def _rows(sheet: Sheet, table: str, kept: Sequence[KeptColumn], further: Further, wrong: list[Wrong]) -> Iterator[dict[str, Any]]:
    titles = {title_of(table, column.name): column for column in kept}
    start, columns = _header(sheet, list(titles))
    missing = [title for title, column in titles.items() if column.key and title not in columns]
    if missing:
        wrong.append(Wrong(sheet.title, "", f"没有这些栏目，整张表没有读：{'、'.join(missing)}"))
        return
    keys = [columns[title_of(table, column.name)] for column in sorted((c for c in kept if c.key), key=lambda c: c.key)]
    long = any(key[0] == sheet_title(table) for key in further)
    for number, values in sheet.rows[start:]:
        if not any(value is not None and text_of(value) for value in values):
            continue
        digest = digest_of([values[i] if i < len(values) else None for i in keys]) if long else ""
        row: dict[str, Any] = {}
        bad = False
        for title, column in titles.items():
            at = columns.get(title, len(values))
            value = values[at] if at < len(values) else None
            if long and isinstance(value, str) and (pieces := further.pop((sheet_title(table), digest, title), None)):
                value = "".join((value, *(text for _, text in sorted(pieces))))
            try:
                row[column.name] = _value(column, value)
            except ValueError as error:
                wrong.append(Wrong(sheet.title, f"{letters(at)}{number}", str(error)))
                bad = True
        if not bad:
            yield row


def sheet_title(table: str) -> str:
    """The title of a table's first sheet."""
    return SHEETS.get(table, table)


_MARK = re.compile("_x([0-9a-fA-F]{4})_")
_HALF = re.compile("[\ud800-\udfff]")


def _value(column: KeptColumn, value: object) -> object:
    """What a cell says, of the kind its column has.

    Raises:
        ValueError: in words, what is wrong with it.
    """
    if isinstance(value, CellError):
        raise ValueError(f"是错误值“{value.text}”")  # noqa: TRY004  # a sheet's, not a caller's
    meant = _MEANT.get(column.name)
    if meant and isinstance(value, str) and value.strip() in meant:
        return meant[value.strip()]
    if value is None or value == "":
        if column.key == 1 or (column.kind == "BLOB" and column.filled):
            raise ValueError("是空的")
        return "" if column.filled else None
    if column.kind == "BLOB":
        return _blob(value)
    if column.kind == "TEXT":
        text = value if isinstance(value, str) else text_of(value)
        if "_x" in text:
            text = _MARK.sub(lambda found: chr(int(found[1], 16)), text)
            if _HALF.search(text):
                raise ValueError("有不成字的字符")
        if column.name == "levels":
            _levels(text)
        return text
    return _number(value, whole=column.kind == "INTEGER")


def _number(value: object, *, whole: bool) -> float:
    try:
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value.strip()):
            return int(value)
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or (whole and not (number.is_integer() and abs(number) < 2.0**63)):
        raise ValueError(f"“{text_of(value)[:30]}”不是{'整数' if whole else '数'}")
    return int(number) if whole else number


def _levels(text: str) -> None:
    try:
        sound = isinstance(json.loads(text), dict)
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("内容已损坏")


def _blob(value: object) -> bytes:
    """What was packed, if it unpacks to the columns of indicators within bounds."""
    try:
        packed = base64.b64decode(str(value), validate=True)
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, LARGEST)
        columns = msgspec.msgpack.decode(content, type=list[list[Any]]) if unpacking.eof else None
    except (binascii.Error, ValueError, zlib.error, msgspec.DecodeError):
        columns = None
    if columns is None or len({len(rows) for rows in columns}) > 1:
        raise ValueError("压缩的内容已损坏")
    return packed
