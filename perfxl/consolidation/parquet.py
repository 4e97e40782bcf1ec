"""The tidy frames of a consolidation as Parquet: one file a table, a fixed schema, the same bytes for the same inputs.

Read them with `duckdb.sql("SELECT * FROM 'DIR/indicators.parquet'")` or `pandas.read_parquet`. `submission` joins the
tables; it is -1 for a file that does not count. Money is in 万元, indicator values in base magnitude (人次, 元; percent
as 95). A blank text is "", a blank number null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.consolidation.reviews import LOG, REVIEWED
from perfxl.consolidation.shelf import LONG
from perfxl.model import PerfxlError
from perfxl.model.columns import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from perfxl.consolidation.records import Consolidation
    from perfxl.output import OutputPlan

_UNIT_NUMBERS = (
    "year",
    "claimed_total",
    "total",
    "low",
    "high",
    "full",
    "rescale",
    "inferred",
    "execution_rate",
    "full_year",
    "executed",
    "initial",
    "execution_score",
    "execution_weight",
    "execution_claimed",
    "rank",
    "authority_rank",
    "computed_rank",
    "final_total",
    "final_low",
    "final_high",
)
_UNIT_TEXTS = (
    "unit_key",
    *(c.name for c in UNIT.columns if c.name not in ("scheme", "fiscal_year", "claimed_total", "submission_count")),
    "source",
    "part",
    "sha256",
    "scheme",
    "scheme_title",
    "grade",
    "grade_low",
    "grade_high",
    "final_grade",
    "deductions",
)


def _kinds(columns: Mapping[str, object]) -> dict[str, str]:
    """The kinds of columns by what a blank one holds."""
    return {name: {str: "text", float: "number", int: "whole", bool: "truth"}[type(blank)] for name, blank in columns.items()}


SCHEMAS: dict[str, Mapping[str, str]] = {
    "files": {
        "shown": "text",
        "sha256": "text",
        "size": "whole",
        "fate": "text",
        "code": "text",
        "undecided": "truth",
        "unit_key": "text",
        "unit_name": "text",
        "submission": "whole",
        "replaced_by": "text",
        "submission_count": "whole",
        "filled_on": "text",
        "paper": "text",
        "container": "text",
    },
    "units": {
        "submission": "whole",
        **dict.fromkeys(_UNIT_TEXTS, "text"),
        **dict.fromkeys(_UNIT_NUMBERS, "number"),
        "provisional": "truth",
        "excluded": "truth",
        "errors": "whole",
        "warnings": "whole",
        "submission_count": "whole",
        "reviewable": "whole",
        "reviewed": "whole",
        "final_provisional": "truth",
    },
    "budget": LONG["budget"],
    "indicators": LONG["indicators"],
    "levels": {"submission": "whole", "level1": "text", "weight": "number", "score": "number", "low": "number", "high": "number"},
    "issues": LONG["issues"],
    "review": LONG["review"],
    "reviews": _kinds(REVIEWED),
    "review_log": _kinds(LOG),
}
"""Table to columns in order and their kinds: text (string), number (double), whole (int64), truth (bool).

`review` is 复核差异 (claims against computed points); `reviews` what people at the bureau made of rows, one row per reviewed
row, `submission` -1 where it is gone; `review_log` every change of a review. `final_…` of `units` counts the reviews in.
"""


def parquet_paths(folder: Path) -> list[Path]:
    """The files that `write_parquet` writes."""
    return [folder / f"{name}.parquet" for name in SCHEMAS]


def arrow() -> None:
    """Raise `PerfxlError` where Parquet cannot be written, before any work is done."""
    try:
        import pyarrow.parquet  # noqa: F401  # asked for, not used
    except ImportError:
        raise PerfxlError("没有安装 pyarrow。请运行 pip install 'perfxl[parquet]'，或去掉 --parquet。") from None


def write_parquet(folder: Path, consolidation: Consolidation, plan: OutputPlan) -> list[Path]:
    """Write one `NAME.parquet` per table of `SCHEMAS`, each whole or not at all; `plan` holds `parquet_paths(folder)`.

    Raises:
        PerfxlError: pyarrow is not installed, or the folder cannot be written.
    """
    arrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    from perfxl.model.version import __version__
    from perfxl.output import make_folder, parquet_property

    kinds = {"text": pa.string(), "number": pa.float64(), "whole": pa.int64(), "truth": pa.bool_()}
    make_folder(folder)
    for path, (name, columns) in zip(parquet_paths(folder), SCHEMAS.items(), strict=True):
        schema = pa.schema([(column, kinds[kind]) for column, kind in columns.items()])
        with plan.whole_file(path) as target, pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for part in _parts(consolidation, name):
                writer.write_table(_arrow(part, columns, schema))
            writer.add_key_value_metadata(parquet_property(target, __version__))
    return [plan.went(path) for path in parquet_paths(folder)]


_FRAMES = {"files": "files", "units": "units", "reviews": "reviewed", "review_log": "review_log"}
"""The tables that a consolidation holds whole, and where."""


def _parts(consolidation: Consolidation, name: str) -> Iterable[pd.DataFrame]:
    if name in _FRAMES:
        return [getattr(consolidation, _FRAMES[name])]
    return consolidation.parts(name)


def _arrow(frame: pd.DataFrame, columns: Mapping[str, str], schema: pa.Schema) -> pa.Table:
    """A frame in the declared columns and kinds; a column that a batch lacks is blank."""
    import pyarrow as pa

    arrays = []
    for column, kind in columns.items():
        values = frame[column].tolist() if column in frame else [None] * len(frame)
        match kind:
            case "text":
                values = ["" if v is None or v != v else str(v).encode("utf-8", "replace").decode() for v in values]
            case "whole":
                values = [None if v is None or v != v else int(v) for v in values]
            case "truth":
                values = [None if v is None or v != v else bool(v) for v in values]
            case _:
                values = [None if v is None or v != v else float(v) for v in values]
        arrays.append(pa.array(values, schema.field(column).type))
    return pa.Table.from_arrays(arrays, schema=schema)
