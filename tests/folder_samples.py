"""The sample folder to consolidate, and the command that writes it: `python tests/folder_samples.py`.

Names, figures and texts are those of published 自评表 and of the seed library's report; each workbook is the real template
filled by header. What the sources do not say (主管部门, contacts, dates of filling) is invented and marked 示例, and so are the
units called 示例市…. A form that prints no 分值 comes back after its letter with what `ANSWERED` adds.
"""

from __future__ import annotations

import json
import re
import shutil
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from papers import read_workbook
from published_cases import case, intake_of, scheme_of

from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.roster import ROSTER
from perfxl.intake.submission import Submission
from perfxl.jobs.api import score
from perfxl.model.addresses import letters
from perfxl.model.version import __version__
from perfxl.output import seal
from perfxl.workbook.scored import SourceInfo, scored_bytes
from samples import SAMPLE

FOLDER = Path(__file__).parent.parent / "samples" / "folder_2020"
INBOX, ROSTER_FILE, EXPECTED = FOLDER / "收件", FOLDER / "应报单位名单.xlsx", FOLDER / "expected.json"

LIBRARY = "萍乡图书馆"
INSTITUTE = "黄冈市水土保持与农田水利科研所"
OFFICE = "湖北某区农业工作科(区市场监督管理局)"
COMMERCE = "区商务局(项目实施单位:投资促进中心)"
OPERA = "武汉市新洲区楚剧团"
FORESTRY = "永州市零陵区林业局"
HUANGSHI = "黄石市图书馆"
CULTURE = "六安市裕安区文化和旅游局"
FIRST, SECOND = "示例主管部门（文化）", "示例主管部门（农业和商务）"
MADE = {"示例市文化馆": "made-arts-centre-2020", "示例市博物馆": "made-museum-2020", "示例市美术馆": "made-gallery-2020"}

ANSWERED: dict[str, dict[str, dict]] = {
    "huanggang-shuitu-jiance-2020": {
        "监测数据必须合格": {"weight": 10},
        "取得2018-2022监测资料": {"weight": 10},
        "整编资料审核": {"weight": 20},
        "监测数据资料整编": {"weight": 20},
        "完成年度资料上报": {"weight": 20},
    },
    "qu-shangwuju-fuwu-maoyi-2020": {
        "服务外包在岸(万美元)": {"weight": 10},
        "服务外包离岸(万美元)": {"weight": 10},
        "支持服务贸易、服务外包企业数量": {"weight": 10},
        "企业国际质量提升": {"weight": 5, "score": 5, "tier": "达成"},
        "资金拨付及时性": {"weight": 5, "score": 5},
        "企业把握政治导向和文化方向情况": {"weight": 20, "tier": "达成"},
        "推动企业走出去方面发挥的作用": {"weight": 20, "tier": "达成"},
    },
}
"""分值 and tiers by 三级指标, 80 points beside 20 for execution; a row not named (执行率 as an indicator) is left out."""

ROSTER_ROWS = (
    (LIBRARY, FIRST, 641.76, 556.75),
    ("示例市文化馆", FIRST, 318, 309.1),
    ("示例市博物馆", FIRST, 486, 388.8),
    ("示例市美术馆", FIRST, 150, 97.5),
    (OPERA, FIRST, None, 30, "演出设备更新专项经费"),
    (HUANGSHI, FIRST, 5, 5),
    (CULTURE, FIRST, 29, 27.8),
    (INSTITUTE, SECOND, 10, 10, "2020年度水土保持监测项目绩效自评表"),
    (OFFICE, SECOND, 1.56, 1.56, "2020年度长江禁捕项目自评表:渔业成品油价格改革补贴"),
    (COMMERCE, SECOND, 285.84, 285.84, "2020年市级服务贸易发展资金项目自评表"),
)
"""永州市零陵区林业局 is left out: a unit that nobody expected."""


def files() -> dict[str, bytes]:
    """The inbox: path below it and content of each file."""
    opera = _intake("wuhan-xinzhou-chujutuan-2020", 1, "2021年3月2日", FIRST)
    commerce = _intake("qu-shangwuju-fuwu-maoyi-2020", 1, "2021年3月4日", SECOND, answered=True)
    institute = "huanggang-shuitu-jiance-2020"
    return {
        "文化/萍乡图书馆2020.xlsx": SAMPLE.read_bytes(),
        **{f"文化/{unit}.xlsx": _intake(made, 1, "2021年3月5日", FIRST) for unit, made in MADE.items()},
        f"文化/{OPERA}.xlsx": opera[: len(opera) * 3 // 5],
        f"文化/{HUANGSHI}绩效自评.pdf": b"%PDF-1.4\n% \xe7\xa4\xba\xe4\xbe\x8b\n%%EOF\n",
        f"农业和商务/{INSTITUTE}.xlsx": _intake(institute, 1, "2021年3月1日", SECOND),
        f"农业和商务/{INSTITUTE}_第二次报送.xlsx": _intake(institute, 2, "2021年3月20日", SECOND, answered=True),
        "农业和商务/长江禁捕.xlsx": _intake("hubei-changjiang-jinbu-2020", 1, "2021年3月3日", SECOND),
        "农业和商务/服务贸易_评分结果.xlsx": _result(commerce, "服务贸易.xlsx"),
        f"农业和商务/{FORESTRY}.xlsx": _intake("yongzhou-lingling-linye-2021", 1, "2022年3月1日", ""),
        "农业和商务/说明.txt": "示例：这个文件不是表格，不计。\n".encode(),
    }


def _intake(name: str, count: int, day: str, authority: str, *, answered: bool = False) -> bytes:
    published = case(name)
    if answered:
        added = ANSWERED[name]
        published = published | {"indicators": [row | added[row["level3"]] for row in published["indicators"] if row["level3"] in added]}
    return settled(intake_of(published, submission_count=str(count), filled_on=day, authority=authority or None, filled_by="示例填报人"))


def _result(intake: bytes, name: str) -> bytes:
    """The scored workbook of an intake, as `perfxl score` writes it."""
    submission = read_workbook(intake, source=name)
    assert isinstance(submission, Submission)
    results = score(submission, scheme_of(case("qu-shangwuju-fuwu-maoyi-2020")))
    return seal(scored_bytes(results, 0, source=SourceInfo(name, submission.sha256)), "scored", __version__, submission.sha256)


def settled(workbook: bytes) -> bytes:
    """A workbook without the time at which openpyxl saved it."""
    target = BytesIO()
    with ZipFile(BytesIO(workbook)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>2021-01-01T00:00:00Z", content)
            fresh = ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            fresh.compress_type = ZIP_DEFLATED
            new.writestr(fresh, content)
    return target.getvalue()


def roster() -> bytes:
    """The 应报单位名单 of the sample."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = ROSTER.sheet
    sheet.append([column.title for column in ROSTER.columns])
    for i, column in enumerate(ROSTER.columns):
        sheet.column_dimensions[letters(i)].width = column.width
    for name, authority, full_year, executed, *project in ROSTER_ROWS:
        due = ["项目", *project] if project else ["部门整体"]
        sheet.append([name, None, authority, None, "示例联系人", "000-0000000", full_year, executed, None, None, None, *due])
    target = BytesIO()
    workbook.save(target)
    return settled(target.getvalue())


def expected(folder: Path = FOLDER) -> dict:
    """What consolidating the folder must give: fates, scores, who reported, issues and differences by kind."""
    c = consolidate([folder / INBOX.name], ConsolidateOptions(roster=folder / ROSTER_FILE.name))
    number = {"accepted": 0, "rejected": 0, "superseded": 0, "ignored": 0}
    for fate in c.files["fate"]:
        number[str(fate)] += 1
    return {
        "found": len(c.files),
        **number,
        "files": {row["shown"]: " ".join(w for w in (str(row["fate"]), row["code"]) if w) for row in c.files.to_dict("records")},
        "units": [
            {
                "name": u["name"],
                "year": int(u["year"]),
                "total": u["total"],
                "possible": [u["low"], u["high"]],
                "provisional": bool(u["provisional"]),
                "grades": [u["grade_low"], u["grade_high"]],
                "rank": None if u["rank"] != u["rank"] else int(u["rank"]),
            }
            for u in c.units.to_dict("records")
        ],
        "status": {row["name"]: row["state"] for row in c.status.to_dict("records")},
        "issues": {code: int(n) for code, n in sorted(c.issues["code"].value_counts().items())},
        "review": {str(k): int(n) for k, n in sorted(c.review["category"].value_counts().items())},
    }


def write(folder: Path = FOLDER) -> None:
    """Write the folder anew with its expected result."""
    shutil.rmtree(folder / INBOX.name, ignore_errors=True)
    for name, content in files().items():
        path = folder / INBOX.name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / ROSTER_FILE.name).write_bytes(roster())
    (folder / EXPECTED.name).write_text(json.dumps(expected(folder), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write()
