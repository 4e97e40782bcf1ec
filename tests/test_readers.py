from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import hostile
import pytest
import xlsxwriter
from hostile import CASES
from inbox import INDICATORS, intake
from papers import read_workbook

from perfxl.intake.guard import Limits, Opened, Refusal, open_bytes
from perfxl.intake.guard.scan import without_live_cells
from perfxl.intake.readers import Sheet, calamine_reader, openpyxl_reader, read_sheets
from perfxl.intake.sheets import is_intake_sheet
from perfxl.intake.tables import MAX_COLUMN
from perfxl.model import PerfxlError
from perfxl.rules.frames import build_frames
from samples import ROOT

WINDOW = {"max_row": Limits().window_rows, "max_column": MAX_COLUMN}


def everything(_: str) -> bool:
    return True


def as_scanned(book: Opened, wanted: Callable[[str], bool] = everything) -> list[Sheet]:
    return read_sheets(book, wanted, **WINDOW, reader="auto")


def opened(data: bytes) -> Opened:
    found = open_bytes(data)
    assert isinstance(found, Opened)
    return found


def exactly(sheets: list[Sheet]) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """Rows with the kind of each value: 1, 1.0 and True are equal and not the same."""
    return [(sheet.title, [(row, [f"{type(value).__name__} {value!r}" for value in values]) for row, values in sheet.rows]) for sheet in sheets]


def generated() -> list[bytes]:
    import intakes

    return [intakes.intake(number, seed=7) for number in range(12)]


def samples() -> list[bytes]:
    return [path.read_bytes() for folder in ("samples", "workbook_templates") for path in sorted((ROOT / folder).rglob("*.xlsx"))]


def with_cells(*cells: tuple[object, str | None]) -> bytes:
    """A workbook with one cell per row in column A, each value with its number format."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("绩效指标")
    for row, (value, shown) in enumerate(cells):
        style = book.add_format({"num_format": shown}) if shown else None
        if isinstance(value, datetime):
            sheet.write_datetime(row, 0, value, style)
        else:
            sheet.write(row, 0, value, style)
    book.close()
    return stream.getvalue()


CELLS = {
    "texts": with_cells(("  两边有空格  ", None), ("两\n行", None), ("", None), ("<&>\"'", None), ("\u3000全角", None)),
    "numbers": with_cells((1, None), (0.1, None), (-2.5e-7, None), (123456789012, None), (1e14, None), (100.0, "0.00")),
    "large number": with_cells((12345678901234567890.0, None)),
    "percentages": with_cells((0.95, "0%"), (0.8675, "0.00%"), (1, "0%")),
    "truth": with_cells((True, None), (False, None)),
    "dates": with_cells((datetime(2020, 12, 31), "yyyy-mm-dd"), (datetime(2020, 12, 31, 8, 30), "yyyy/m/d hh:mm")),  # Excel has no time zones
    "chinese date": with_cells((datetime(2020, 12, 31), 'yyyy"年"m"月"d"日"')),  # as above
    "number with letters in its format": with_cells((5, '0"days"'), (6, '0"册"'), (7, "[Red]0"), (8, "0\\h")),
    "time span": with_cells((1.5, "[h]:mm")),
    "escape in text": with_cells(("_x000D_", None), ("a_x0041_b", None)),
}


@pytest.mark.parametrize("name", CELLS)
def test_inner_parser_equals_the_public_interface_on_cells(name: str) -> None:
    book = opened(CELLS[name])
    assert openpyxl_reader._read_parts(book, everything, **WINDOW) == openpyxl_reader.read_public(book, everything, **WINDOW)


@pytest.mark.parametrize("name", CELLS)
def test_calamine_equals_openpyxl_on_cells_or_steps_aside(name: str) -> None:
    book = opened(CELLS[name])
    fast = calamine_reader.read_sheets(book, everything, **WINDOW)
    assert (fast is None) == (name == "large number")
    assert fast is None or fast == openpyxl_reader.read_public(book, everything, **WINDOW)


@pytest.mark.parametrize("name", CELLS)
def test_what_the_guard_read_equals_openpyxl_on_cells(name: str) -> None:
    book = opened(CELLS[name])
    assert exactly(as_scanned(book)) == exactly(openpyxl_reader.read_public(book, everything, **WINDOW))


@pytest.mark.parametrize("text", ["a_x0007_", "_x0041_b", "_x005F_x0041_"])
@pytest.mark.parametrize("shared", [True, False])
def test_an_escape_is_resolved_once_whoever_reads(text: str, shared: bool) -> None:  # noqa: FBT001  # both ways to store a text
    stored = '<c r="A1" t="s"><v>0</v></c>' if shared else f'<c r="A1" t="inlineStr"><is><t>{text}</t></is></c>'
    book = open_bytes(hostile.book(hostile.sheet(hostile.row(1, stored)), sst=hostile.strings(text) if shared else None))
    assert isinstance(book, Opened)
    read = [[((1, (said,)),) for _, (said,) in sheet.rows] for sheet in calamine_reader.read_sheets(book, everything, **WINDOW) or []]
    assert read == [[((1, ({"a_x0007_": "a\x7f", "_x0041_b": "Ab", "_x005F_x0041_": "_x0041_"}[text],)),)]]
    assert calamine_reader.read_sheets(book, everything, **WINDOW) == openpyxl_reader.read_sheets(book, everything, **WINDOW) == as_scanned(book)


@pytest.mark.parametrize("name", sorted(name for name, case in CASES.items() if case.code is None))
@pytest.mark.filterwarnings("ignore")
def test_readers_agree_on_odd_workbooks(name: str) -> None:
    book = open_bytes(CASES[name].build())
    if not isinstance(book, Opened):
        pytest.skip("the guard has limits of its own for this case")
    try:
        public = openpyxl_reader.read_public(book, everything, **WINDOW)
    except Exception:  # what openpyxl's public interface refuses, the inner parser may read
        assert exactly(as_scanned(book)) == exactly(openpyxl_reader.read_sheets(book, everything, **WINDOW))
        return
    assert openpyxl_reader.read_sheets(book, everything, **WINDOW) == public
    assert exactly(as_scanned(book)) == exactly(public)
    fast = calamine_reader.read_sheets(book, everything, **WINDOW)
    assert fast is None or fast == public


@pytest.mark.parametrize("source", [generated, samples])
def test_readers_agree_on_intakes(source: object) -> None:
    books = [book for data in source() if isinstance(book := open_bytes(data), Opened)]  # type: ignore[operator]
    assert books
    for book in books:
        public = openpyxl_reader.read_public(book, is_intake_sheet, **WINDOW)
        assert openpyxl_reader._read_parts(book, is_intake_sheet, **WINDOW) == public
        assert exactly(as_scanned(book, is_intake_sheet)) == exactly(public)
        fast = calamine_reader.read_sheets(book, is_intake_sheet, **WINDOW)
        assert fast is None or fast == public


def test_generated_intakes_are_plain_enough_for_calamine() -> None:
    assert all(calamine_reader.read_sheets(opened(data), is_intake_sheet, **WINDOW) is not None for data in generated())


def test_frames_do_not_depend_on_the_reader() -> None:
    frames = []
    for reader in ("openpyxl", "calamine", "auto"):
        read = [read_workbook(data, number=n, source="x.xlsx", reader=reader) for n, data in enumerate(generated())]
        frames.append(build_frames(read))
    for table in ("unit", "budget", "goals", "indicators", "management", "report"):
        assert frames[0].table(table).equals(frames[1].table(table))
        assert frames[0].table(table).equals(frames[2].table(table))


def test_public_interface_is_the_way_out_when_openpyxl_changes_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise ImportError

    book = opened(intake())
    expected = openpyxl_reader.read_public(book, everything, **WINDOW)
    monkeypatch.setattr(openpyxl_reader, "_parser_class", gone)
    assert openpyxl_reader.read_sheets(book, everything, **WINDOW) == expected
    assert any(INDICATORS[0][2] in values for sheet in expected for _, values in sheet.rows)


def test_large_sheets_are_read_row_by_row_with_equal_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    book = opened(intake())
    whole = openpyxl_reader._read_parts(book, everything, **WINDOW)
    monkeypatch.setattr(openpyxl_reader, "TREE_BYTES", 10)
    assert openpyxl_reader._read_parts(book, everything, **WINDOW) == whole


def test_calamine_asked_for_but_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calamine_reader, "installed", lambda: False)
    book = opened(intake())
    with pytest.raises(PerfxlError, match="calamine"):
        read_sheets(book, everything, **WINDOW, reader="calamine")
    assert read_sheets(book, everything, **WINDOW, reader="auto")


def test_wrong_dimension_loses_nothing() -> None:
    import zipfile

    source = zipfile.ZipFile(BytesIO(intake()))
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as changed:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet3.xml":
                content = content.replace(b'<dimension ref="A1:P4"/>', b'<dimension ref="A1"/>')
                assert b'ref="A1"/>' in content
            changed.writestr(entry.filename, content)
    book = opened(target.getvalue())
    rows = read_sheets(book, lambda title: title == "绩效指标", **WINDOW)[0].rows
    assert len(rows) == 4


def live(row: int, *before: str, name: str = "_还缺") -> str:
    cells = "".join(before) + f'<c r="Q{row}" s="1"><f>{name}</f><v></v></c><c r="R{row}"><f>_参考得分</f></c>'
    return f'<row r="{row}">{cells}</row>'


def grouped(row: int, *before: str, of: str = "") -> str:
    """The same as Excel writes formulas that were filled down: the first one holds the text of all rows `of` its group."""
    first, _, last = of.partition(":")
    formulas = [f't="shared" ref="{c}{first}:{c}{last}" si="{n}">{t}</f' if of else f't="shared" si="{n}"/' for n, (c, t) in enumerate(NAMES)]
    cells = "".join(before) + "".join(f'<c r="{c}{row}"><f {formula}><v></v></c>' for (c, _), formula in zip(NAMES, formulas, strict=True))
    return f'<row r="{row}">{cells}</row>'


NAMES = (("Q", "_还缺"), ("R", "_参考得分"))
ANOTHER = '<row r="2"><c r="B2"><f t="shared" ref="B2:B4" si="0">1+1</f></c><c r="C2"><f t="shared" ref="C2:C4" si="1">1+1</f></c></row>'
A3, A4, A5, A6 = (hostile.cell(f"A{row}") for row in range(3, 7))
END = '</sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells>'


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        (live(3, A3) + live(4) + live(5), hostile.row(3, A3)),
        (live(2) + live(3, A3) + live(4) + live(5) + hostile.row(6, A6) + live(7), hostile.row(3, A3) + hostile.row(6, A6)),
        (live(3) + hostile.row(4, hostile.cell("S4")) + live(5), hostile.row(4, hostile.cell("S4"))),
        (live(3, A3, name="_另缺") + live(4, name="_另缺"), live(3, A3, name="_另缺") + live(4, name="_另缺")),
        (live(3, A3) + '<row r="4"><c r="Q4"><f>_还缺</f></c></row>', hostile.row(3, A3) + '<row r="4"><c r="Q4"><f>_还缺</f></c></row>'),
        (live(3) + f"{END}<!-- </sheetData> -->", f"{END}<!-- </sheetData> -->"),
        ('<row r="3"><c r="Q3"><f>_还缺</f></c></row>' + live(4, A4) + live(5), '<row r="3"><c r="Q3"><f>_还缺</f></c></row>' + hostile.row(4, A4)),
        (grouped(3, A3, of="3:6") + grouped(4) + grouped(5, A5) + grouped(6), hostile.row(3, A3) + hostile.row(5, A5)),
        (grouped(3, A3, of="3:4") + grouped(4).replace("Q4", "P4"), hostile.row(3, A3) + grouped(4).replace("Q4", "P4")),
        (ANOTHER + grouped(3, of="3:4") + grouped(4), ANOTHER + grouped(4)),
    ],
)
def test_the_live_columns_are_left_out_and_nothing_else(rows: str, left: str) -> None:
    for _ in range(2):  # the rows at the end are remembered
        assert without_live_cells(hostile.sheet(rows).encode()).decode() == hostile.sheet(left)


def test_rows_that_end_like_live_ones_are_not_taken_for_them() -> None:
    rows = "".join(live(row) for row in range(10, 40))
    assert without_live_cells(hostile.sheet(rows).encode()).decode() == hostile.sheet("")
    more = live(9, hostile.cell("A9")) + live(10).replace("</row>", hostile.cell("S10") + "</row>") + "".join(live(row) for row in range(11, 40))
    left = hostile.row(9, hostile.cell("A9")) + hostile.row(10, hostile.cell("S10"))
    assert without_live_cells(hostile.sheet(more).encode()).decode() == hostile.sheet(left)


def test_a_part_that_was_sound_in_another_file_is_refused_where_it_says_otherwise() -> None:
    sound = hostile.book(hostile.sheet())
    for wrong in ({"crc": 1}, {"size": 10}, {"size": 99_999}):
        assert isinstance(open_bytes(sound), Opened)
        refused = open_bytes(hostile.patched(sound, **wrong))
        assert isinstance(refused, Refusal)
        assert refused.code == "file-damaged"
