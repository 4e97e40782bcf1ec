"""Small intakes by the dozen for tests of consolidation: written once per process, renamed, resent, damaged."""

from __future__ import annotations

import sys
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter

from perfxl.model import columns

if TYPE_CHECKING:
    from collections.abc import Mapping

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

INDICATORS = (
    ("产出指标", "数量指标", "开展活动场数", "≥", "20场", "场", "21场", None, 50, 50),
    ("效益指标", "社会效益", "服务读者人次", "≥", "4万人次", "人次", "39000", None, 30, 30),
    ("满意度指标", "服务对象满意度", "读者满意度", "≥", "90%", "%", "95%", None, 10, 10),
)


def intake(
    name: str = "示例图书馆", year: object = 2020, actual: object = "21场", money: tuple[object, object] = (100, 95), **fields: object
) -> bytes:
    """A complete small intake; `fields` are other fields of 基本信息 by their names in `perfxl.model.columns`, `money` budget and spending."""
    return _written(tuple({"name": name, "fiscal_year": year, "evaluation": "单位整体", "money_unit": "万元", **fields}.items()), actual, money)


@lru_cache(maxsize=512)
def _written(fields: tuple[tuple[str, object], ...], actual: object, money: tuple[object, object]) -> bytes:
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2021, 3, 1)})  # xlsxwriter takes no time zone
    _sheet(book, columns.UNIT.sheet, [[c.title, dict(fields).get(c.name)] for c in columns.UNIT.columns])
    _sheet(
        book,
        columns.BUDGET.sheet,
        [[c.title for c in columns.BUDGET.columns], ["合计", "年度资金总额", None, None, None, None, 10], ["按来源", "当年财政拨款", None, *money]],
    )
    rows = [list(row) for row in INDICATORS]
    rows[0][6] = actual
    _sheet(book, columns.INDICATORS.sheet, [[c.title for c in columns.INDICATORS.columns], *rows])
    book.close()
    return stream.getvalue()


def _sheet(book: xlsxwriter.Workbook, title: str, rows: list[list[object]]) -> None:
    sheet = book.add_worksheet(title)
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                sheet.write(r, c, value)


def folder(target: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return target


MIXED: dict[str, bytes] = {
    "a.xlsx": intake("甲馆", code="001"),
    "a 副本.xlsx": intake("甲馆", code="001"),
    "b1.xlsx": intake("乙馆", submission_count=1),
    "b2.xlsx": intake("乙馆", actual="25场", submission_count=2),
    "c1.xlsx": intake("丙馆", actual="1场"),
    "c2.xlsx": intake("丙馆", actual="2场"),
    "sub/d 项目一.xlsx": intake("丁馆", evaluation="项目", project="项目一"),
    "sub/d 项目二.xlsx": intake("丁馆", evaluation="项目", project="项目二"),
    "e.xlsx": b"not a workbook",
    "f.xls": b"old",
    "~$a.xlsx": b"lock",
    "readme.txt": b"read me",
    "empty.xlsx": b"",
}
"""A folder with one of everything that can happen to a file."""

FATES = {
    "a.xlsx": ("accepted", ""),
    "a 副本.xlsx": ("ignored", "ignored-identical"),
    "b1.xlsx": ("superseded", "superseded"),
    "b2.xlsx": ("accepted", ""),
    "c1.xlsx": ("rejected", "duplicate-submission"),
    "c2.xlsx": ("rejected", "duplicate-submission"),
    "sub/d 项目一.xlsx": ("accepted", ""),
    "sub/d 项目二.xlsx": ("accepted", ""),
    "e.xlsx": ("rejected", "file-not-xlsx"),
    "f.xls": ("rejected", "file-not-xlsx"),
    "~$a.xlsx": ("ignored", "ignored-lock-file"),
    "readme.txt": ("rejected", "file-extension"),
    "empty.xlsx": ("rejected", "file-empty"),
}
