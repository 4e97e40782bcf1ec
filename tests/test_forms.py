"""Official forms: every handed form equals its careful reading, in every container."""

from __future__ import annotations

import form_samples
import pytest
from forms_as_read import FIELDS, FOLDER, careful, differences, folded, submissions

from perfxl.intake.forms import Grid, find_forms, submission_of

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
EXPECTED: dict[str, list[tuple[object, ...]]] = {
    # The 其中 line repeats the points of the total line; they count once.
    "16_安徽濉溪_临时救助_2019": [("绩效目标自评表", 7, "funds weight", None, 10), ("绩效目标自评表", 7, "funds score", None, 10)],
    # 预算执行率 stands among the indicators, which are full with it: its points are those of 预算执行 (`form-execution-row`).
    "14_宁夏银川_初中公用经费_2021": [("部门项目支出绩效自评表", 6, "funds weight", 10, None), ("部门项目支出绩效自评表", 6, "funds score", 9, None)],
}
"""Every difference that remains, with its reason."""


@pytest.mark.parametrize("name", NAMES)
def test_a_form_is_read_as_a_careful_person_reads_it(name):
    path = next(p for p in FOLDER.glob(f"{name}.*") if p.suffix != ".json")
    true = careful(name)
    read = submissions(path)
    assert len(read) == len(true)
    for submission, form in zip(read, true, strict=True):
        offset = form["indicators"][0]["row"] - submission.rows["indicators"][0].number if path.suffix == ".docx" else 0
        found, cells = differences(submission, form, offset)
        assert found == EXPECTED.get(name, [])
        assert cells > 40


def shown(value: object) -> str:
    return folded(value).replace("★", "")


def misread(seed: int) -> list[tuple[object, ...]]:
    """What of a drawn form comes back otherwise than it was drawn."""
    sample = form_samples.form(seed)
    found = find_forms(sample.grid())
    if len(found) != 1:
        return [("forms", len(found))]
    read = submission_of(found[0], "示例.xlsx", "0" * 64)
    wrong: list[tuple[object, ...]] = [(n, read.fields.get(n), v) for n, v in sample.facts.items() if shown(read.fields.get(n)) != shown(v)]
    rows = {row.number: row.values for row in read.rows["indicators"]}
    for drawn in sample.rows:
        values = rows.pop(drawn["row"], None)
        if values is None:
            wrong.append((drawn["row"], "not read"))
            continue
        for name, value in drawn.items():
            if name != "row" and folded(values.get(FIELDS["note"] if name == "reason" else FIELDS.get(name, name)), name).replace("★", "") != folded(
                value if (name, value) != ("reason", 0) else None, name
            ).replace("★", ""):
                wrong.append((drawn["row"], name, values.get(FIELDS.get(name, name)), value))
    wrong.extend((number, "too many", values) for number, values in rows.items())
    lines = {row.number: row.values for row in read.rows.get("budget", ())}
    for line in sample.funds:
        values = lines.get(line["row"], {})
        wrong.extend(
            (line["row"], n, values.get(n), v)
            for n, v in line.items()
            if n in ("initial", "full_year", "executed", "weight") and float(shown(values.get(n)).removesuffix("万元") or "nan") != v
        )
    if [(shown(r.values["expected"]), shown(r.values["achieved"])) for r in read.rows.get("goals", ())] != [
        (shown(a), shown(b)) for a, b in sample.goals
    ]:
        wrong.append(("goals", read.rows.get("goals")))
    if read.fields.get("claimed_total") != sample.total:
        wrong.append(("total", read.fields.get("claimed_total")))
    return wrong


@pytest.mark.parametrize("block", range(20))
def test_drawn_forms_of_all_layouts_are_read_back_as_drawn(block):
    wrong = {seed: found for seed in range(block * 120, block * 120 + 120) if (found := misread(seed))}
    assert wrong == {}


def beside(first: Grid, second: Grid, down: int, right: int) -> Grid:
    """Two grids in one, the second moved."""
    cells = {(r + down, c + right): value for (r, c), value in second.cells.items()}
    areas = {(r + down, c + right): (a[0] + down, a[1] + right, a[2] + down, a[3] + right) for (r, c), a in second.areas.items()}
    last = max(first.last_row, second.last_row + down), max(first.last_column, second.last_column + right)
    return Grid(first.name, first.cells | cells, first.areas | areas, last_row=last[0], last_column=last[1])


def said(form: object, up: int = 0) -> tuple[object, ...]:
    read = submission_of(form, "示例.xlsx", "0" * 64)
    return read.fields, *([(row.number - up, row.values) for row in read.rows.get(table, ())] for table in ("indicators", "budget", "goals"))


@pytest.mark.parametrize("block", range(4))
@pytest.mark.parametrize("below", [True, False], ids=["below", "beside"])
def test_two_forms_in_one_sheet_are_read_as_each_alone(block, below):
    for seed in range(block * 30, block * 30 + 30):
        first, second = (form_samples.form(n).grid() for n in (seed, seed + 7000))
        down, right = (first.last_row + 2, 0) if below else (0, first.last_column + 1)
        found = sorted(find_forms(beside(first, second, down, right)), key=lambda form: (form.first if below else 0, form.left))
        alone = [said(form) for grid in (first, second) for form in find_forms(grid)]
        assert [said(found[0]), said(found[1], down)] == alone, seed


def transfer_form() -> Grid:
    """A transfer-payment form in the national layout."""
    rows = [
        ["转移支付区域绩效自评表"], ["（2023年度）"], ["转移支付（项目）名称", None, "中央补助地方公共图书馆免费开放资金"],
        ["中央主管部门", None, "文化和旅游部", None, "地方主管部门", None, "示例市文化和旅游局"], ["资金使用单位", None, "示例市图书馆"],
        ["资金投入情况\n（万元）", None, None, "全年预算数（A）", "全年执行数（B）", "分值", "预算执行率（B/A×100%）", "得分"],
        [None, None, "年度资金总额：", 50, 50, 10, "100%", 10], [None, None, "其中：中央财政资金", 40, 40], [None, None, "地方资金", 10, 10],
        ["资金管理情况", None, "情况说明", None, None, "分值", "得分", "存在问题和改进措施"],
        [None, "分配科学性", "按因素法分配", None, None, 6, 6], [None, "下达及时性", "按时下达", None, None, 6, 5, "晚3日下达"],
        ["总体目标", "总体目标", None, None, "全年实际完成情况"], [None, "免费开放270天", None, None, "开放300天"],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值", "全年实际完成值", "分值", "得分", "未完成原因和改进措施"],
        [None, "产出指标", "数量指标", "开放天数", "≥270天", "300天", 50, 50],
        ["总分", None, None, None, None, None, 100, 99],
    ]  # fmt: skip
    merges = [
        (1, 1, 1, 9),
        (2, 1, 2, 9),
        (3, 1, 3, 2),
        (4, 1, 4, 2),
        (4, 3, 4, 4),
        (4, 5, 4, 6),
        (5, 1, 5, 2),
        (6, 1, 9, 2),
        (10, 1, 12, 1),
        (13, 1, 14, 1),
        (15, 1, 16, 1),
        (17, 1, 17, 6),
    ]
    return Grid.of("转移支付", [(i, tuple(r)) for i, r in enumerate(rows, 1)], merges)


def test_a_transfer_form_is_read_whole_with_its_management_block():
    (found,) = find_forms(transfer_form())
    read = submission_of(found, "示例.xlsx", "0" * 64)
    assert {n: read.fields[n] for n in ("name", "authority", "project", "fiscal_year", "evaluation", "claimed_total")} == {
        "name": "示例市图书馆", "authority": "示例市文化和旅游局", "project": "中央补助地方公共图书馆免费开放资金", "fiscal_year": 2023, "evaluation": "项目", "claimed_total": 99,
    }  # fmt: skip
    rows = read.rows["indicators"]
    assert [(r.number, r.values["level1"], r.values["level3"], r.values["actual"], r.values["weight"], r.values["claimed_score"]) for r in rows] == [
        (11, "资金管理", "分配科学性", "按因素法分配", 6, 6), (12, "资金管理", "下达及时性", "按时下达", 6, 5), (16, "产出指标", "开放天数", "300天", 50, 50),
    ]  # fmt: skip
    place = read.places["indicators"]
    assert (place.cell("actual", 11), place.cell("claimed_score", 12), place.cell("actual", 16)) == ("C11", "G12", "F16")
    assert [(r.values["kind"], r.values["item"], r.values["full_year"]) for r in read.rows["budget"]] == [
        ("合计", "年度资金总额", 50), ("按来源", "中央财政资金", 40), ("按来源", "地方资金", 10),
    ]  # fmt: skip
    suggested = next(i for i in read.issues if i.code == "form-scheme-suggested")
    assert suggested.details["pack"] == "转移支付"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xls")), ids=lambda p: p.stem)
def test_a_form_saved_as_excel_97_is_read_like_its_twin(path):
    twin = submissions(path.with_suffix(".xlsx"))
    read = submissions(path)
    assert [(s.part, s.fields, s.rows, s.places) for s in read] == [(s.part, s.fields, s.rows, s.places) for s in twin]
