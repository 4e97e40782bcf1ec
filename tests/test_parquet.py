from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from inbox import MIXED, folder

from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.parquet import SCHEMAS, parquet_paths, write_parquet
from perfxl.jobs.consolidate import Products, run
from perfxl.output import OutputPlan

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")


def planned(target: Path) -> OutputPlan:
    plan = OutputPlan()
    for path in parquet_paths(target):
        plan.replace(path, "parquet")
    return plan


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("parquet")
    write_parquet(target, consolidate([folder(tmp_path_factory.mktemp("inbox"), MIXED)]), planned(target))
    return target


def test_every_table_has_its_declared_columns(tables: Path) -> None:
    kinds = {"text": "VARCHAR", "number": "DOUBLE", "whole": "BIGINT", "truth": "BOOLEAN"}
    for name, columns in SCHEMAS.items():
        described = duckdb.sql(f"DESCRIBE SELECT * FROM '{tables / name}.parquet'").fetchall()
        assert [(row[0], row[1]) for row in described] == [(column, kinds[kind]) for column, kind in columns.items()]


def test_duckdb_joins_units_and_indicators(tables: Path) -> None:
    rows = duckdb.sql(
        f"SELECT u.name, count(*), sum(i.score) FROM '{tables}/units.parquet' u JOIN '{tables}/indicators.parquet' i "
        "USING (submission) GROUP BY u.submission, u.name ORDER BY u.submission"
    ).fetchall()
    assert rows == [("甲馆", 3, 89.25), ("丁馆", 3, 89.25), ("丁馆", 3, 89.25), ("乙馆", 3, 89.25)]


def test_pandas_reads_what_the_consolidation_holds(tables: Path) -> None:
    import pandas as pd

    files = pd.read_parquet(tables / "files.parquet")
    assert sorted(files["shown"]) == sorted(MIXED)
    assert int(files["undecided"].sum()) == 2


def test_same_inputs_give_the_same_bytes_and_they_are_products_of_the_run(tmp_path: Path) -> None:
    inbox = folder(tmp_path / "inbox", MIXED)
    products = Products(tmp_path / "o.xlsx", tmp_path / "l.sqlite", parquet=tmp_path / "pq")
    run([inbox], products, ConsolidateOptions())
    before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (tmp_path / "pq").iterdir()}
    assert set(before) == {f"{name}.parquet" for name in SCHEMAS}
    assert run([inbox], products, ConsolidateOptions()).unchanged
    (tmp_path / "pq" / "units.parquet").unlink()
    assert not run([inbox], products, ConsolidateOptions()).unchanged
    assert {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (tmp_path / "pq").iterdir()} == before


def test_empty_folder_gives_empty_tables(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    write_parquet(tmp_path, consolidate([tmp_path / "inbox"]), planned(tmp_path))
    assert duckdb.sql(f"SELECT count(*) FROM '{tmp_path}/units.parquet'").fetchall() == [(0,)]
