"""Milliseconds the guard takes per intake, beside what the same bytes cost elsewhere.

Run `python tests/benchmarks/guard_speed.py`.

`cold` forgets the parts that files of one template share before every round; `warm` is the second file of a folder.
"""

from __future__ import annotations

import gc
import sys
import warnings
from functools import _lru_cache_wrapper
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from xml.parsers import expat
from zipfile import ZipFile

sys.path.insert(0, str(Path(__file__).parents[2]))

import openpyxl
import xlsxwriter

from perfxl.intake import guard

if TYPE_CHECKING:
    from collections.abc import Callable

SHEETS = (
    ("填报说明", 25, 2),
    ("基本信息", 23, 3),
    ("预算执行", 11, 10),
    ("年度目标", 6, 3),
    ("绩效指标", 26, 13),
    ("管理指标数据", 10, 5),
    ("报告文字", 14, 2),
)


def intake() -> bytes:
    """A filled workbook of the shape of an intake: 7 sheets, about 430 cells, 15 KB."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        text, head = workbook.add_format({"num_format": "@"}), workbook.add_format({"bold": True, "border": 1})
        rate = workbook.add_format({"num_format": "0.00%"})
        for name, rows, columns in SHEETS:
            sheet = workbook.add_worksheet(name)
            sheet.set_column(0, columns, 14, text)
            for column in range(columns):
                sheet.write_string(0, column, f"{name}标题{column}", head)
            for row in range(1, rows):
                for column in range(columns):
                    if name == "预算执行" and column == 5:
                        sheet.write_formula(row, column, f'=IF(D{row + 1}=0,"",E{row + 1}/D{row + 1})', rate, 0.87)
                    elif column in (8, 9) or (name == "预算执行" and column in (2, 3, 4)):
                        sheet.write_number(row, column, 100.5 + row)
                    elif row * column % 3 == 0:
                        sheet.write_string(row, column, f"{name}内容{row}-{column} 公共图书馆服务人次")
            sheet.freeze_panes(1, 0)
            sheet.protect()
    return target.getvalue()


def best(action: Callable[[], object], rounds: int = 300, before: Callable[[], object] = lambda: None) -> float:
    fastest = 1e9
    for _ in range(rounds):
        before()
        start = perf_counter()
        action()
        fastest = min(fastest, perf_counter() - start)
    return fastest * 1e3


def walk(data: bytes, *, handlers: bool) -> None:
    with ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            parser = expat.ParserCreate(namespace_separator="}")
            if handlers:
                parser.StartElementHandler = lambda _name, _attributes: None
                parser.EndElementHandler = lambda _name: None
            parser.Parse(package.read(name), True)  # noqa: FBT003 - the signature of expat


def main() -> None:
    warnings.simplefilter("ignore")
    made = intake()
    again = BytesIO()
    openpyxl.load_workbook(BytesIO(made)).save(again)
    caches = [item for item in gc.get_objects() if isinstance(item, _lru_cache_wrapper)]
    own = [cache for cache in caches if (cache.__module__ or "").startswith("perfxl.intake.guard")]

    def clear() -> None:
        for cache in own:
            cache.cache_clear()

    for writer, data in (("xlsxwriter", made), ("openpyxl", again.getvalue())):
        opened = guard.open_bytes(data)
        assert isinstance(opened, guard.Opened)
        assert all(sheet.plain for sheet in opened.sheets)
        print(f"{writer}, {len(data) / 1024:.1f} KB, {sum(sheet.cells for sheet in opened.sheets)} cells")
        print(f"  guard, warm                  {best(lambda d=data: guard.open_bytes(d)):6.2f} ms")
        print(f"  guard, cold                  {best(lambda d=data: guard.open_bytes(d), before=clear):6.2f} ms")
        print(f"  unzip + expat, no handlers   {best(lambda d=data: walk(d, handlers=False)):6.2f} ms")
        print(f"  unzip + expat, two handlers  {best(lambda d=data: walk(d, handlers=True)):6.2f} ms")
        print(f"  openpyxl read_only           {best(lambda d=data: read(d), 20):6.2f} ms")


def read(data: bytes) -> None:
    for sheet in openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False).worksheets:
        sheet.reset_dimensions()
        list(sheet.iter_rows(values_only=True))


if __name__ == "__main__":
    main()
