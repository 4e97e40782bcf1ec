"""What every exit shows of the columns whose names begin with `added_`; run by test_declared in a package that declares some.

Prints one JSON object: exit to what it has of each new column.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
from filling import fill
from openpyxl import load_workbook
from papers import read_workbook

from perfxl.consolidation.assembly import consolidate
from perfxl.intake.submission import Submission
from perfxl.jobs.api import score, write_scored
from perfxl.jobs.consolidate import Products, run
from perfxl.model.columns import BUDGET, GOALS, INDICATORS, TABLES, UNIT
from perfxl.rules.frames import build_frames
from perfxl.schemes import load_scheme
from perfxl.scoring.document import score_document
from perfxl.workbook.guide import columns_page
from perfxl.workbook.prefill import prefill_from
from perfxl.workbook.template import template_bytes

NEW = {table.name: [column for column in table.columns if column.name.startswith("added_")] for table in TABLES}


def filled() -> bytes:
    """The template of this package, filled, with a word or a number in every new column."""
    new = {name: {column.name: 12.5 if column.kind == "money" else f"新{column.title}" for column in columns} for name, columns in NEW.items()}
    return fill(
        template_bytes(load_scheme("national-2020")),
        unit={"name": "甲馆", "fiscal_year": "2020", **new[UNIT.name]},
        budget=[{"kind": "按来源", "item": "当年财政拨款", "full_year": 100, "executed": 95, **new[BUDGET.name]}],
        goals=[{"expected": "目标", "achieved": "完成", **new[GOALS.name]}],
        indicators=[
            {
                "level1": "产出指标",
                "level2": "数量指标",
                "level3": "活动",
                "operator": "≥",
                "target": "20场",
                "unit": "场",
                "actual": "21场",
                "weight": 90,
            }
            | new[INDICATORS.name]
        ],
    )


def cells(workbook: bytes | Path, sheet: str, title: str) -> list[object]:
    """The cell with a title and what stands below it (in 基本信息: right of it), and the width of its column."""
    found = load_workbook(BytesIO(workbook) if isinstance(workbook, bytes) else workbook)[sheet]
    at = next((c for row in found.iter_rows() for c in row if str(c.value or "").partition("（")[0].rstrip("*") == title), None)
    if at is None:
        return []
    beside = found.cell(at.row, at.column + 1) if sheet == UNIT.sheet else found.cell(at.row + 1, at.column)
    below = [beside.value, *(found.cell(at.row + n, at.column).value for n in range(2, 6))]
    value = next((v for v in below if v is not None), None)
    return [value, int(found.column_dimensions[at.column_letter].width)] if sheet != UNIT.sheet else [beside.value]


def under_aliases(data: bytes) -> bytes:
    """The same workbook with the new columns under their first other title."""
    book = load_workbook(BytesIO(data))
    titles = {column.title: column.aliases[0] for columns in NEW.values() for column in columns}
    for sheet in book:
        for row in sheet.iter_rows(max_row=60):
            for cell in row:
                if cell.value in titles:
                    cell.value = titles[cell.value]
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def walk(folder: Path) -> dict[str, object]:
    """Every exit of one filled workbook."""
    blank, data = template_bytes(load_scheme("national-2020")), filled()
    inbox = folder / "收件"
    inbox.mkdir()
    (inbox / "甲.xlsx").write_bytes(data)
    read = read_workbook(data, number=0, source="甲.xlsx")
    assert isinstance(read, Submission), read
    other = read_workbook(under_aliases(data), number=0, source="甲.xlsx")
    assert isinstance(other, Submission), other
    again = build_frames([other])
    frames, results = build_frames([read]), score([read], "national-2020")
    write_scored(results, read, folder / "结果.xlsx")
    document = score_document(results, 0)
    lines = {
        "unit": [document["unit"]],
        "budget": [line for line in document["budget"]["lines"] if line["full_year"]],
        "goals": document["goals"],
        "indicators": document["indicators"],
    }
    run([inbox], Products(output=folder / "汇总.xlsx", parquet=folder / "parquet"), options())
    sheets = {"unit": "单位得分", "budget": "预算执行", "indicators": "指标明细"}
    parquet = {"unit": "units", "budget": "budget", "indicators": "indicators"}
    consolidated = consolidate([inbox])
    next_year = prefill_from(read)
    found: dict[str, object] = {}
    for table in TABLES:
        for column in NEW[table.name]:
            frame = frames.table(table.name)
            pages = pq.read_table(folder / "parquet" / f"{parquet[table.name]}.parquet") if table.name in parquet else None
            found[f"{table.name}.{column.name}"] = {
                "template": cells(blank, table.sheet, column.title),
                "frame": frame[column.name].dropna().tolist()[-1],
                "by alias": again.table(table.name)[column.name].dropna().tolist()[-1],
                "scored": cells(folder / "结果.xlsx", table.sheet, column.title),
                "json": lines[table.name][0][column.name],
                "consolidated": cells(folder / "汇总.xlsx", sheets[table.name], column.title) if table.name in sheets else table.apart,
                "held": (consolidated.units if table is UNIT else getattr(consolidated, table.name))[column.name].dropna().tolist()[-1]
                if table.name in sheets
                else table.apart,
                "parquet": [str(pages.schema.field(column.name).type), pages[column.name].drop_null().to_pylist()[-1]] if pages else table.apart,
                "docs": f"`{column.name}`" in columns_page(),
                "next year": [line[column.name] for line in (next_year.indicators or [])] if table is INDICATORS and column.kept else None,
            }
    return found


def options() -> object:
    """The plainest consolidation."""
    from perfxl.consolidation.engine import ConsolidateOptions

    return ConsolidateOptions(workers=1)


if __name__ == "__main__":
    print(json.dumps(walk(Path(sys.argv[1])), ensure_ascii=False))
