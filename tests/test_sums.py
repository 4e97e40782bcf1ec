"""Every number a director may quote, computed again with plain pandas from the intakes of a messy inbox (contract §5)."""

from __future__ import annotations

import math
import random
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from inbox import folder, intake
from openpyxl import Workbook, load_workbook

from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.workbook.consolidated import write_consolidated

UNITS, AUTHORITIES, YEAR = 120, 7, 2023


def roster_rows() -> list[list[object]]:
    """120 units of seven departments; every third owes a project, the first of each department a second one."""
    rows: list[list[object]] = []
    for i in range(UNITS):
        unit = [f"示例市第{i}馆", f"{i + 1:06}", f"示例{i % AUTHORITIES}局"]
        rows.append([*unit, None, None, None, 100 + i])
        if i % 3 == 0:
            rows.append([*unit, "项目", f"项目{i}甲", f"P{i}", None])
        if i < AUTHORITIES:
            rows.append([*unit, "项目", f"项目{i}乙", None, None])
    return rows


ODD: dict[int, list[tuple[str, dict[str, object]]]] = {
    1: [],
    2: [],
    3: [("重a", {}), ("重b", {"actual": "9场"})],
    4: [("他年", {"year": YEAR - 1})],
    5: [("冲突", {"code": lambda i: f"{i + 2:06}"})],
    7: [("元", {"money": lambda i: ((100 + i) * 10_000, (100 + i) * 9_000)})],
    8: [("暂定", {"actual": None})],
    9: [("缺零", {"code": lambda i: i + 1}), ("第二次", {"code": None, "submission_count": "第2次"})],
    10: [("单位", {"evaluation": "单位整体", "submission_count": 1}), ("部门", {"evaluation": None, "submission_count": 2})],
}
"""What every twentieth unit sends instead of one whole submission: further words in the file's name, fields that differ."""


def messy(rng: random.Random) -> dict[str, bytes]:
    """Some 300 files: first and further submissions, duplicates, copies, other years, conflicts, strangers, doubted amounts, scans."""
    files: dict[str, bytes] = {}

    def put(i: int, what: str, **fields: object) -> None:
        given = {"name": f"示例市第{i}馆", "code": f"{i + 1:06}", "evaluation": "部门整体", "authority": f"自填{i % 2}", "year": YEAR, **fields}
        given.setdefault("money", (100 + i, round((100 + i) * rng.uniform(0.5, 1), 2)))
        given.setdefault("actual", f"{rng.randrange(10, 24)}场")
        given.setdefault("claimed_total", rng.choice([None, 95, 100]))
        files[f"{i % AUTHORITIES}/{i:03}{what}.xlsx"] = intake(**given)

    for i in range(UNITS):
        for what, fields in ODD.get(i % 20, [("", {})]):
            put(i, what, **{key: value(i) if callable(value) else value for key, value in fields.items()})
        if i % 20 == 2:
            files[f"{i % AUTHORITIES}/示例市第{i}馆.pdf"] = b"%PDF-1.4"
        if i % 6 == 0:
            put(i, "项", evaluation="项目", project=f"项目{i}甲", project_code=f"P{i}", money=(10, 9))
        if i % 4 == 0:
            put(i, "外项", evaluation="项目", project=f"临时{i}", money=(5, 4))
        if i % 20 == 15:
            files[f"{i % AUTHORITIES}/{i:03} - 副本.xlsx"] = files[f"{i % AUTHORITIES}/{i:03}.xlsx"]
    for i in range(30):
        files[f"外/{i}.xlsx"] = intake(f"外来{i}馆", YEAR, f"{10 + i}场", (50, 40), evaluation="部门整体", code=f"9{i:05}")
    for i in range(60):
        files[f"外/项目{i}.xlsx"] = intake(f"外来{i % 30}馆", YEAR, "20场", (1, 1), evaluation="项目", project=f"外{i}", code=f"9{i % 30:05}")
    return files


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("messy")
    folder(root / "收件", messy(random.Random(3)))
    book = Workbook()
    book.active.append(["单位名称", "预算单位编码", "主管部门", "应报事项", "项目名称", "项目编码", "全年预算数"])
    for row in roster_rows():
        book.active.append(row)
    book.save(root / "名单.xlsx")
    return root


@pytest.fixture(scope="module")
def sheets(inbox: Path) -> dict[str, pd.DataFrame]:
    c = consolidate([inbox / "收件"], ConsolidateOptions(roster=inbox / "名单.xlsx"))
    target = BytesIO()
    write_consolidated(target, c)
    book = load_workbook(target)
    tables = {s.title: pd.DataFrame(list(s.values)[2:], columns=[c.value for c in s[2]]) for s in book.worksheets[1:]}
    return tables | {"总览": pd.DataFrame(list(book["总览"].values))}


# the same again, from the files


def read(path: Path) -> dict[str, object]:
    """What one intake says: fields, money, points by the national rule."""
    book = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="openpyxl")
    unit = dict(zip(book["基本信息"][0], book["基本信息"][1], strict=True))
    line = book["预算执行"].iloc[2]
    actual = book["绩效指标"].iloc[1, 6]
    rate = line[4] / line[3]
    counted = None if pd.isna(actual) else min(1.0, float(str(actual).rstrip("场")) / 20)
    points = [half_up(min(rate, 1) * 10), 0 if counted is None else half_up(50 * counted), half_up(30 * 39000 / 40000), 10]
    return {
        "file": f"{path.parent.name}/{path.name}",
        "name": unit["单位名称"],
        "code": "" if pd.isna(unit["预算单位编码"]) else str(unit["预算单位编码"]),
        "matter": "项目" if unit["自评类型"] == "项目" else "整体",
        "project": "" if pd.isna(unit["项目名称"]) else unit["项目名称"],
        "year": unit["预算年度"],
        "times": 1 if pd.isna(unit["报送次数"]) else int(str(unit["报送次数"]).strip("第次")),
        "claimed": unit["自评总分"],
        "full_year": float(line[3]),
        "executed": float(line[4]),
        "total": round(sum(points), 2),
        "open": counted is None,
        "bytes": path.read_bytes(),
    }


def filled(value: object) -> str:
    """A cell as text, "" for an empty one."""
    return "" if value is None or value != value else str(value)


def half_up(value: float) -> float:
    return math.floor(round(value, 9) * 100 + 0.5) / 100


@pytest.fixture(scope="module")
def truth(inbox: Path) -> dict[str, pd.DataFrame]:
    sent = (
        pd.DataFrame([read(path) for path in sorted((inbox / "收件").rglob("*.xlsx"), key=lambda p: (len(str(p)), str(p)))])
        .drop_duplicates("bytes")
        .drop(columns="bytes")
    )
    due = pd.DataFrame(roster_rows(), columns=["name", "code", "authority", "due", "project", "project_code", "budget"], dtype=object)
    due = due.where(due.notna(), "")
    due["matter"] = due["due"].where(due["due"] == "项目", "整体")
    listed = due.drop_duplicates("name").set_index("name")
    own = sent["name"].map(listed["code"])
    sent["listed"] = own.notna()
    sent["authority"] = sent["name"].map(listed["authority"])
    sent["conflict"] = sent["listed"] & (sent["code"] != "") & (sent["code"].str.lstrip("0") != own.fillna("").str.lstrip("0"))
    by_code = due.drop_duplicates("code").set_index("code")["name"]
    concerned = {*sent.loc[sent["conflict"], "name"], *sent.loc[sent["conflict"], "code"].map(by_code)}
    sent["waits"] = sent["conflict"] | ((sent["matter"] == "整体") & sent["name"].isin(concerned) & (sent["year"] == YEAR))
    item = ["name", "year", "matter", "project"]
    top = sent["times"] == sent.groupby(item)["times"].transform("max")
    alone = sent[top & ~sent["waits"]].groupby(item)["file"].transform("size").reindex(sent.index) == 1
    sent["accepted"] = top & ~sent["waits"] & alone.fillna(value=False)
    sent["undecided"] = ~sent["waits"] & top & ~sent["accepted"]
    budget = sent["name"].map(due[due["matter"] == "整体"].set_index("name")["budget"])
    sent["doubted"] = (sent["matter"] == "整体") & (sent["full_year"] / pd.to_numeric(budget) > 1000)
    sent["counted"] = sent["accepted"] & sent["listed"] & (sent["year"] == YEAR) & ~sent["doubted"]
    sent["final"] = sent["counted"] & ~sent["open"]
    due["state"] = [state_of(row, sent, concerned) for row in due.to_dict("records")]
    return {"sent": sent, "due": due}


def state_of(row: dict[str, object], sent: pd.DataFrame, concerned: set[str]) -> str:
    """What 报送情况 must say of an item that is due."""
    unit = sent[sent["name"] == row["name"]]
    now = unit[unit["year"] == YEAR]
    own = now[(now["matter"] == row["matter"]) & (now["project"] == row["project"])]
    usable = now["accepted"].any() or now["undecided"].any()
    whole = row["matter"] == "整体"
    if own["accepted"].any():
        return "已报"
    if row["name"] in concerned and (whole or not usable):
        return "待确认"
    if own["undecided"].any():
        return "重复待定"
    if (unit["year"] != YEAR).any() and (whole or not usable):
        return "待确认"
    return "读不出" if not len(unit) and int(str(row["code"])) % 20 == 3 else "未报"


def numbers(series: pd.Series) -> list[float | None]:
    return [None if value is None or value != value else round(float(value), 4) for value in series]


def test_the_inbox_is_messy_enough(inbox: Path, truth: dict[str, pd.DataFrame]) -> None:
    sent = truth["sent"]
    assert 250 < sum(1 for path in (inbox / "收件").rglob("*") if path.is_file()) < 350
    for what in ("conflict", "waits", "undecided", "doubted", "open"):
        assert sent[what].sum() > 2, what


def test_every_state_of_what_is_due(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> None:
    due = truth["due"]
    sheet = sheets["报送情况"]
    shown = {(r["单位名称"], r["应报事项"], filled(r["项目名称"])): r["报送情况"].removesuffix("(待改)") for _, r in sheet.iterrows()}
    expected = {(r.name, "项目" if r.matter == "项目" else "部门整体", r.project): r.state for r in due.itertuples()}
    assert {key: shown[key] for key in expected} == expected
    accepted = truth["sent"][truth["sent"]["accepted"] & (truth["sent"]["year"] == YEAR)]
    files = {r["采用的文件"] for _, r in sheet.iterrows() if filled(r["采用的文件"])}
    assert files == set(accepted["file"])


def test_every_score_rank_and_amount_of_a_submission(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> None:
    sent = truth["sent"][truth["sent"]["accepted"]].set_index("file")
    final = sent["total"].where(sent["final"])
    sent["rank"] = final.groupby(sent["matter"]).rank(method="min", ascending=False)
    sent["own_rank"] = final.groupby([sent["matter"], sent["authority"]]).rank(method="min", ascending=False)
    shown = sheets["单位得分"].set_index("文件")
    assert sorted(shown.index) == sorted(sent.index)
    own = sent.loc[shown.index]
    for title, column in (("规则测算得分", "total"), ("排名", "rank"), ("部门内排名", "own_rank"), ("全年预算数（万元）", "full_year"), ("全年执行数（万元）", "executed"), ("自评总分", "claimed")):  # fmt: skip
        assert numbers(shown[title]) == numbers(own[column]), title
    assert [str(word).startswith("未计入") for word in shown["状态"]] == (~own["counted"]).tolist()


BANDS = ((90, "优"), (80, "良"), (60, "中"), (-1, "差"))


def expected_block(sent: pd.DataFrame, due: pd.DataFrame) -> dict[str, float | None]:
    counted, final = sent[sent["counted"]], sent[sent["final"]]
    weighted = (final["total"] * final["full_year"]).sum() / final["full_year"].sum() if len(final) else None
    grades = final["total"].map(lambda total: next(grade for low, grade in BANDS if total >= low)).value_counts()
    reported = int((due["state"] == "已报").sum())
    return {
        "应报": len(due),
        "已报": reported,
        "报送率": reported / len(due) if len(due) else None,
        "全年预算数": counted["full_year"].sum(),
        "全年执行数": counted["executed"].sum(),
        "执行率": counted["executed"].sum() / counted["full_year"].sum() if len(counted) else None,
        "平均得分": final["total"].mean() if len(final) else None,
        "按预算加权平均得分": weighted,
        "份数": len(counted),
        **{grade: int(grades.get(grade, 0)) for _, grade in BANDS},
        "暂定": len(counted) - len(final),
        "自评高于测算": int((pd.to_numeric(final["claimed"]) > final["total"] + 0.005).sum()),
    }


def test_every_number_of_every_department_and_of_the_total(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> None:
    sent, due = truth["sent"], truth["due"]
    table = sheets["主管部门汇总"].set_index("主管部门")
    groups = {name: (sent[sent["authority"] == name], due[due["authority"] == name]) for name in sorted(set(due["authority"]))}
    groups["合计"] = (sent[sent["listed"]], due)
    for name, (own, owed) in groups.items():
        assert table.loc[name, "单位数"] == own.loc[own["counted"], "name"].nunique()
        for prefix, matter in (("", "整体"), ("项目", "项目")):
            expected = expected_block(own[own["matter"] == matter], owed[owed["matter"] == matter])
            shown = {title: table.loc[name, f"{prefix}{title}"] for title in expected}
            assert numbers(pd.Series(shown)) == numbers(pd.Series(expected)), (name, prefix)
    outside = sent[~sent["listed"] & sent["accepted"]]
    assert table.loc["名单外", ["份数", "项目份数"]].tolist() == outside["matter"].value_counts()[["整体", "项目"]].tolist()
    assert table.loc["名单外", "全年预算数"] == outside.loc[outside["matter"] == "整体", "full_year"].sum()
    assert list(table.index) == [*sorted(set(due["authority"])), "名单外", "合计"]


def test_every_figure_of_the_first_page(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame], inbox: Path) -> None:
    sent, due = truth["sent"], truth["due"]
    page = sheets["总览"]
    blocks = [{page.iat[r, 2 * b]: page.iat[r, 2 * b + 1] for r in range(4, 13) if filled(page.iat[r, 2 * b])} for b in range(4)]
    states = due["state"].value_counts()
    assert {k: v for k, v in blocks[0].items() if k != "报送率"} == {
        "应报单位": UNITS,
        "应报事项": len(due),
        **{state: int(states.get(state, 0)) for state in ("已报", "待确认", "未报", "读不出", "重复待定")},
    }
    assert blocks[0]["报送率"] == pytest.approx(states["已报"] / len(due))
    files = [path for path in (inbox / "收件").rglob("*") if path.is_file()]
    assert blocks[1]["找到"] == len(files) == sum(blocks[1][word] for word in ("采用", "未采用", "已被替代", "不计"))
    assert blocks[1]["采用"] == int(sent["accepted"].sum())
    assert blocks[1]["名单外单位"] == sent.loc[~sent["listed"], "name"].nunique()
    for block, matter in ((blocks[2], "整体"), (blocks[3], "项目")):
        own = sent[(sent["matter"] == matter) & sent["listed"]]
        expected = expected_block(own, due[due["matter"] == matter])
        named = {"平均得分": "平均得分", "按预算加权": "按预算加权平均得分", "自评高于测算": "自评高于测算", "全年预算数": "全年预算数", "全年执行数": "全年执行数", "执行率": "执行率", "份数": "份数", "暂定": "暂定"}  # fmt: skip
        assert numbers(pd.Series({k: block[k] for k in named})) == numbers(pd.Series({k: expected[v] for k, v in named.items()}))
        assert block["正式得分"] == int(own["final"].sum())
    said = " ".join(str(value) for value in page[0] if filled(value))
    left = sent[sent["accepted"] & ~sent["counted"] & (sent["matter"] == "整体")]
    assert f"另有{len(left)}份未计入" in said
