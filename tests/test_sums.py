"""Every number a director may quote, computed again with plain pandas from the intakes of a messy inbox (contract §5)."""

from __future__ import annotations

import json
import math
import random
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
import pytest
from inbox import folder, intake
from openpyxl import Workbook, load_workbook

from perfxl.cli import run
from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.workbook.consolidated import write_consolidated

UNITS, AUTHORITIES, YEAR = 120, 7, 2023
DEADLINE = "2024-02-20"


def roster_rows() -> list[list[object]]:
    """120 units of seven departments; every third owes a project, the first of each department a second one."""
    rows: list[list[object]] = []
    for i in range(UNITS):
        unit, call = [f"示例市第{i}馆", f"{i + 1:06}", f"示例{i % AUTHORITIES}局"], [f"联系人{i}", f"0555-{i:07}"]
        rows.append([*unit, None, None, None, 100 + i, *call])
        if i % 3 == 0:
            rows.append([*unit, "项目", f"项目{i}甲", f"P{i}", None, *call])
        if i < AUTHORITIES:
            rows.append([*unit, "项目", f"项目{i}乙", None, None, *call])
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
        given.setdefault("filled_on", rng.choice([None, "2024-01-31", "2024-02-20", "2024-02-21", "2024年3月5日"]))
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
    files["外/坏.et"] = b"no workbook"
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
    book.active.append(["单位名称", "预算单位编码", "主管部门", "应报事项", "项目名称", "项目编码", "全年预算数", "联系人", "联系电话"])
    for row in roster_rows():
        book.active.append(row)
    book.save(root / "名单.xlsx")
    return root


@pytest.fixture(scope="module")
def sheets(inbox: Path) -> dict[str, pd.DataFrame]:
    c = consolidate([inbox / "收件"], ConsolidateOptions(roster=inbox / "名单.xlsx", deadline=DEADLINE))
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
    day = unit["填报日期"]
    return {
        "points": points,
        "high": round(sum(points), 2) + (50 if counted is None else 0),
        "short": counted is not None and counted < 1,
        "day": pd.NaT if pd.isna(day) else pd.Timestamp(str(day).replace("年", "-").replace("月", "-").rstrip("日")),
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
        "actual": actual,
        "bytes": path.read_bytes(),
    }


def filled(value: object) -> str:
    """A cell as text, "" for an empty one."""
    return "" if value is None or value != value else str(value)


def half_up(value: float) -> float:
    return math.floor(round(value, 9) * 100 + 0.5) / 100


@pytest.fixture(scope="module")
def checked(inbox: Path) -> dict[str, list[tuple[str, str]]]:
    """Severity and code of every issue that `check` finds in each file by itself."""
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(StringIO()):
        assert run(["check", str(inbox / "收件"), "--json"]) == 1
    return {file["source"]["file"]: [(issue["severity"], issue["code"]) for issue in file["issues"]] for file in json.loads(printed.getvalue())}


AMONG = "indicators-outrun-execution"
"""A hint in one submission, to be explained among many."""


def explained_by(truth: dict[str, pd.DataFrame], checked: dict[str, list[tuple[str, str]]]) -> pd.Series:
    """What each accepted submission must explain, by file: found in it alone, between units, or against the roster."""
    sent = truth["sent"][truth["sent"]["accepted"]]
    alone = sent["file"].map(lambda file: sum(severity == "warning" or code == AMONG for severity, code in checked[file]))
    equal = sent.assign(points=sent["points"].map(str), actual=sent["actual"].map(str)).groupby(["actual", "full_year", "executed", "year"])
    alike = equal["name"].transform("nunique") > 1
    everything = truth["sent"][~truth["sent"]["conflict"]]
    item = ["name", "year", "matter", "project"]
    first = sent.set_index(item).index.map(everything.groupby(item)["day"].min())
    late = pd.Series(first > pd.Timestamp(DEADLINE), index=sent.index) & sent["listed"] & (sent["year"] == YEAR)
    counts = alone + alike.astype(int) + late.astype(int) + sent["doubted"].astype(int) + (~sent["listed"]).astype(int)
    return pd.Series(counts.to_numpy(), index=sent["file"])


@pytest.fixture(scope="module")
def truth(inbox: Path) -> dict[str, pd.DataFrame]:
    sent = (
        pd.DataFrame([read(path) for path in sorted((inbox / "收件").rglob("*.xlsx"), key=lambda p: (len(str(p)), str(p)))])
        .drop_duplicates("bytes")
        .drop(columns="bytes")
    )
    titles = ["name", "code", "authority", "due", "project", "project_code", "budget", "contact", "phone"]
    due = pd.DataFrame(roster_rows(), columns=titles, dtype=object)
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
    top = sent[(sent["times"] == sent.groupby(item)["times"].transform("max")) & ~sent["waits"]].groupby(item)
    latest = top["day"].transform("max")
    dated = top["day"].transform("count") == top["day"].transform("size")
    best = (dated & (latest == top.obj["day"])) | ~dated
    alone = best.groupby([top.obj[name] for name in item]).transform("sum") == 1
    sent["accepted"] = (best & alone).reindex(sent.index, fill_value=False)
    sent["undecided"] = (best & ~alone).reindex(sent.index, fill_value=False)
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


def same(shown: pd.Series | list[object], expected: pd.Series | list[object], what: object) -> None:
    assert numbers(pd.Series(list(shown), dtype=object)) == numbers(pd.Series(list(expected), dtype=object)), what


def test_the_inbox_is_messy_enough(inbox: Path, truth: dict[str, pd.DataFrame]) -> None:
    sent = truth["sent"]
    assert 250 < sum(1 for path in (inbox / "收件").rglob("*") if path.is_file()) < 350
    for what in ("conflict", "waits", "undecided", "doubted", "open"):
        assert sent[what].sum() > 2, what


def numeric(frame: pd.DataFrame) -> set[str]:
    """The columns that hold a number."""
    return {str(title) for title in frame if any(isinstance(value, int | float) and value == value for value in frame[title])}


def test_every_state_and_number_of_what_is_due(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> None:
    due, sent = truth["due"], truth["sent"]
    sheet = sheets["报送情况"]
    shown = {(r["单位名称"], r["应报事项"], filled(r["项目名称"])): r for _, r in sheet.iterrows()}
    assert len(shown) == len(sheet)
    assert numeric(sheet) == {"迟报天数", "报送次数", "必须改正"}
    for row in due.itertuples():
        line = shown[row.name, "项目" if row.matter == "项目" else "部门整体", row.project]
        own = sent[(sent["name"] == row.name) & (sent["matter"] == row.matter) & (sent["project"] == row.project) & (sent["year"] == YEAR)]
        used = own[own["accepted"]].to_dict("records")
        own = own[~own["conflict"]]
        days = own["day"].dropna()
        late = None if not len(own) else "未填日期" if days.empty else max(0, (days.min() - pd.Timestamp(DEADLINE)).days)
        expected = {
            "预算单位编码": row.code,
            "主管部门": row.authority,
            "报送情况": row.state + ("(待改)" if used and used[0]["open"] else ""),
            "迟报天数": late,
            "报送次数": used[0]["times"] if used else None,
            "必须改正": int(used[0]["open"]) if used else None,
            "联系人": row.contact,
            "联系电话": row.phone,
        }
        assert {title: None if line[title] != line[title] else line[title] for title in expected} == expected, (row.name, row.project)
        if used:
            assert line["采用的文件"] == used[0]["file"]
            assert filled(line["填报日期"]) == ("" if pd.isna(used[0]["day"]) else f"{used[0]['day']:%Y-%m-%d}")
    now = sent[sent["accepted"] & (sent["year"] == YEAR)]
    assert {r["采用的文件"] for _, r in sheet.iterrows() if r["报送次数"] == r["报送次数"]} == set(now["file"])


def test_every_score_rank_and_amount_of_a_submission(
    sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame], checked: dict[str, list[tuple[str, str]]]
) -> None:
    sent = truth["sent"][truth["sent"]["accepted"]].set_index("file")
    final = sent["total"].where(sent["final"])
    sent["rank"] = final.groupby(sent["matter"]).rank(method="min", ascending=False)
    sent["own_rank"] = final.groupby([sent["matter"], sent["authority"]]).rank(method="min", ascending=False)
    shown = sheets["单位得分"].set_index("文件")
    assert sorted(shown.index) == sorted(sent.index)
    own = sent.loc[shown.index]
    claimed = pd.to_numeric(own["claimed"])
    expected = {
        "排名": own["rank"],
        "部门内排名": own["own_rank"],
        "规则测算得分": own["total"],
        "最低": own["total"],
        "最高": own["high"],
        "自评总分": claimed,
        "自评−测算": (claimed - own["total"]).where(~own["open"] & (own["year"] == YEAR)),
        "全年预算数（万元）": own["full_year"],
        "全年执行数（万元）": own["executed"],
        "执行率": own["executed"] / own["full_year"],
        **{title: [points[n] for points in own["points"]] for n, title in enumerate(("预算执行得分", "产出指标", "效益指标", "满意度指标"))},
        "必须改正": own["open"].astype(int) + (own["year"] != YEAR).astype(int),
        "需要说明": explained_by(truth, checked)[shown.index],
        "预算年度": own["year"],
    }
    assert numeric(shown) == set(expected)
    for title, values in expected.items():
        same(shown[title], values, title)
    grades = [
        grade_of(total) if low == high else f"{grade_of(total)}～{grade_of(high)}"
        for total, low, high in zip(own["total"], own["total"], own["high"], strict=True)
    ]
    assert [str(grade).replace("–", "～") for grade in shown["等级"]] == grades
    assert [str(word).startswith("未计入") for word in shown["状态"]] == (~own["counted"]).tolist()


BANDS = ((90, "优"), (80, "良"), (60, "中"), (-1, "差"))


def grade_of(total: float) -> str:
    return next(grade for low, grade in BANDS if total >= low)


def expected_block(sent: pd.DataFrame, due: pd.DataFrame) -> dict[str, float | None]:
    counted, final = sent[sent["counted"]], sent[sent["final"]]
    weighted = (final["total"] * final["full_year"]).sum() / final["full_year"].sum() if len(final) else None
    grades = final["total"].map(grade_of).value_counts()
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


def left_out(sent: pd.DataFrame) -> str:
    """另有N份未计入, recomputed for these submissions."""
    waiting = sent["waits"] | sent["undecided"]
    accepted = sent[sent["accepted"]]
    reasons = {
        "名单外": int((~accepted["listed"]).sum()),
        "待裁定": int(waiting.sum()),
        "其他年度": int((accepted["listed"] & (accepted["year"] != YEAR)).sum()),
        "金额存疑": int((accepted["listed"] & (accepted["year"] == YEAR) & accepted["doubted"]).sum()),
    }
    listed = sorted(((word, n) for word, n in reasons.items() if n), key=lambda item: (-item[1], item[0]))
    return f"另有{sum(n for _, n in listed)}份未计入（{'、'.join(f'{word}{n}' for word, n in listed)}）" if listed else ""


def test_every_number_of_every_department_and_of_the_total(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> None:
    sent, due = truth["sent"], truth["due"]
    table = sheets["主管部门汇总"].set_index("主管部门")
    groups = {name: (sent[(sent["authority"] == name) & ~sent["conflict"]], due[due["authority"] == name]) for name in sorted(set(due["authority"]))}
    groups["合计"] = (sent[sent["listed"]], due)
    checked = {"单位数"}
    for name, (own, owed) in groups.items():
        assert table.loc[name, "单位数"] == own.loc[own["counted"], "name"].nunique()
        for prefix, matter in (("", "整体"), ("项目", "项目")):
            expected = expected_block(own[own["matter"] == matter], owed[owed["matter"] == matter])
            same([table.loc[name, f"{prefix}{title}"] for title in expected], [*expected.values()], (name, prefix))
            assert filled(table.loc[name, f"{prefix}未计入"]) == left_out(own[own["matter"] == matter]), (name, prefix)
            checked |= {f"{prefix}{title}" for title in expected}
    outside = sent[~sent["listed"] & sent["accepted"]].assign(counted=True, final=lambda own: ~own["open"])
    for prefix, matter in (("", "整体"), ("项目", "项目")):
        expected = expected_block(outside[outside["matter"] == matter], due.iloc[:0]) | dict.fromkeys(("应报", "已报", "报送率"))
        same([table.loc["名单外", f"{prefix}{title}"] for title in expected], [*expected.values()], ("名单外", prefix))
    assert table.loc["名单外", "单位数"] == outside["name"].nunique()
    assert list(table.index) == [*sorted(set(due["authority"])), "名单外", "合计"]
    assert numeric(table) == checked


def test_every_figure_of_the_first_page(
    sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame], checked: dict[str, list[tuple[str, str]]], inbox: Path
) -> None:
    sent, due = truth["sent"], truth["due"]
    page = sheets["总览"]
    blocks = [{page.iat[r, 2 * b]: page.iat[r, 2 * b + 1] for r in range(4, 14) if filled(page.iat[r, 2 * b + 1])} for b in range(4)]
    states = due["state"].value_counts()
    assert {k: v for k, v in blocks[0].items() if k != "报送率"} == {
        "应报单位": UNITS,
        "应报事项": len(due),
        **{state: int(states.get(state, 0)) for state in ("已报", "待确认", "未报", "读不出", "重复待定")},
    }
    assert blocks[0]["报送率"] == pytest.approx(states["已报"] / len(due))
    files = [path for path in (inbox / "收件").rglob("*") if path.is_file()]
    problems, asked = sheets["问题清单"]["级别"].value_counts(), sent["accepted"] & (sent["open"] | (sent["year"] != YEAR))
    waiting = int((sent["waits"] | sent["undecided"]).sum())
    scans = [path for path in files if path.suffix == ".pdf" and not path.stem.endswith(("第42馆", "第102馆"))]  # those have sent a project
    unread = len(scans) + 1
    missing = int((due["state"] == "未报").sum())
    questions = sent["waits"] | sent["undecided"] | (sent["accepted"] & sent["listed"] & ((sent["year"] != YEAR) | sent["doubted"]))
    assert blocks[1] == {
        "找到": len(files),
        "采用": int(sent["accepted"].sum()),
        "未采用": waiting + unread,
        "已被替代": len(sent) - int(sent["accepted"].sum()) - waiting,
        "不计": len(files) - len(sent) - unread,
        "待裁定": int(questions.sum()) + len(scans),
        "名单外单位": sent.loc[~sent["listed"], "name"].nunique(),
        "必须改正": int(asked.sum()) + waiting,
        "需要说明": int(explained_by(truth, checked).sum()) + missing,
    }
    assert (problems["必须改正"], problems["需要说明"]) == (blocks[1]["必须改正"], blocks[1]["需要说明"])
    assert int((sheets["文件清单"]["去向"] == "读不出").sum()) == unread
    assert len(sheets["待裁定"]) == blocks[1]["待裁定"]
    said = [str(value) for value in page[0] if filled(value)]
    for block, matter, word in ((blocks[2], "整体", "部门（单位）整体"), (blocks[3], "项目", "项目")):
        own = sent[(sent["matter"] == matter) & sent["listed"]]
        expected = expected_block(own, due[due["matter"] == matter]) | {"正式得分": int(own["final"].sum())}
        same([*block.values()], [expected["按预算加权平均得分" if title == "按预算加权" else title] for title in block], word)
        assert len(block) == 9
        assert f"{word}的合计：{left_out(sent[sent['matter'] == matter])}。" in said
    assert f"另有{unread}个文件读不出，不在任何合计里。" in said


def table_below(page: pd.DataFrame, heading: str, column: int) -> pd.DataFrame:
    """A table of the second page by the beginning of its heading, up to its first empty row."""
    (top,) = (
        r
        for r in range(len(page))
        if filled(page.iat[r, column]).startswith(heading) and len(filled(page.iat[r, column])) < 50 and filled(page.iat[r + 1, column])
    )
    titles = [filled(value) for value in page.iloc[top + 1, column : column + (8 if not column else 4)]]
    rows = []
    for r in range(top + 2, len(page)):
        if not filled(page.iat[r, column]):
            break
        rows.append({title: page.iat[r, column + n] for n, title in enumerate(titles) if title})
    return pd.DataFrame(rows)


def test_every_table_behind_the_charts(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> None:
    sent, page = truth["sent"], sheets["总览"]
    counted = sent[sent["counted"]]
    wholes, projects = (counted[counted["matter"] == matter] for matter in ("整体", "项目"))
    grades = table_below(page, "等级分布", 0)
    for title, own in (("整体份数", wholes), ("项目份数", projects)):
        block = expected_block(own, truth["due"].iloc[:0])
        assert dict(zip(grades["等级"], grades[title], strict=True)) == {name: block[name] for name in ("优", "良", "中", "差", "暂定")}
    rates = table_below(page, "各一级指标得分率", 4)
    assert list(rates["一级指标"]) == ["预算执行", "产出指标", "效益指标", "满意度指标"]
    for title, own in (("整体得分率", wholes), ("项目得分率", projects)):
        points = pd.DataFrame(own["points"].tolist())
        weights = [10 * len(own), 50 * int((~own["open"]).sum()), 30 * len(own), 10 * len(own)]
        same(rates[title], points.sum() / weights, title)
    spent = wholes.groupby("authority")[["full_year", "executed"]].sum().sort_values("full_year", ascending=False)
    largest = table_below(page, "预算最大的", 0)
    assert list(largest["主管部门"]) == list(spent.index)
    same(largest["预算（万元）"], spent["full_year"], "budget")
    same(largest["执行率"], spent["executed"] / spent["full_year"], "rate")
    kinds = table_below(page, "复核差异", 4).set_index("类别")
    for title, own in (("整体处数", wholes), ("项目处数", projects)):
        off = (pd.to_numeric(own["claimed"]) - own["total"]).where(own["final"]).abs()
        expected = {
            "未达标给满分": len(own) + int(own["short"].sum()),
            "取整": int(((off > 0.01) & (off <= 0.5)).sum()),
            "其他": int((off > 0.5).sum()),
        }
        assert {kind: n for kind, n in kinds[title].items() if n} == {kind: n for kind, n in expected.items() if n}, title


def test_the_kinds_of_problems_are_those_of_the_list(sheets: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> None:
    sent, page, problems = truth["sent"], sheets["总览"], sheets["问题清单"]
    shown = table_below(page, "问题分类", 0).set_index("问题类型")
    matters = problems["文件"].map(sent[sent["accepted"]].set_index("file")["matter"])
    hints = sheets["问题清单"]
    for kind, line in shown.iterrows():
        if line["级别"] == "读数提示":
            continue
        rows = hints["问题类型"] == kind
        expected = {"其他条数": int((rows & matters.isna()).sum())}
        for word in ("整体", "项目"):
            own = rows & (matters == word)
            expected |= {f"{word}条数": int(own.sum()), f"{word}份数": problems.loc[own, "文件"].nunique()}
        assert {title: line[title] for title in expected} == expected, kind
    accepted = sent[sent["accepted"]]
    for kind, own in (
        ("缺完成值", accepted[accepted["open"]]),
        ("其他年度", accepted[accepted["year"] != YEAR]),
        ("缺佐证材料", accepted),
        ("执行率低未说明", accepted[accepted["executed"] / accepted["full_year"] < 0.9]),
        ("名单外单位", accepted[~accepted["listed"]]),
        ("金额量级可疑", accepted[accepted["doubted"]]),
    ):
        by_matter = own["matter"].value_counts()
        for word in ("整体", "项目"):
            assert shown.loc[kind, f"{word}条数"] == shown.loc[kind, f"{word}份数"] == by_matter.get(word, 0), kind
    short = accepted["short"].astype(int) + 1
    for word in ("整体", "项目"):
        assert shown.loc["偏差未说明", f"{word}条数"] == short[accepted["matter"] == word].sum()


def test_the_directory_of_the_sheets_says_how_many_rows_each_has(sheets: dict[str, pd.DataFrame]) -> None:
    page = sheets["总览"]
    said = {}
    for r in range(len(page)):
        said |= {filled(page.iat[r, c]): filled(page.iat[r, c + 1]) for c in range(0, 8, 2) if filled(page.iat[r, c + 1]).endswith("行")}
    rows = {name: len(frame) for name, frame in sheets.items() if name != "总览"}
    rows["主管部门汇总"] -= 1  # the total is no row
    assert said == {name: f"{count}行" for name, count in rows.items()}
